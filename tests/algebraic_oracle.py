"""An independent reading of algebraic laws: all roots at high precision, one followed by hand.

Nothing here is shared with the evaluators: roots come from mpmath's polynomial solver, the physical one
is followed from far up the imaginary axis by taking the nearest root, with steps so small that the
second nearest is ten times farther.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import mpmath as mp

Rows = list[list[Fraction]]


def product_of_wisharts(ratios: Sequence[Any], variance: Any = 0) -> Rows:
    """P(G, z) of a free product of Wisharts of mean 1 plus a Wigner part, by hand.

    S(t) = prod 1/(1 + a t) gives t = G prod (1 + a t) with t = z G - 1; the Wigner part moves z to z - v G.
    """
    t = {(0, 0): Fraction(-1), (1, 1): Fraction(1), (2, 0): -Fraction(variance)}
    right = {(1, 0): Fraction(1)}
    for ratio in ratios:
        factor = {key: Fraction(ratio) * value for key, value in t.items()}
        factor[0, 0] += 1
        right = times(right, factor)
    total = dict(t)
    for key, value in right.items():
        total[key] = total.get(key, Fraction(0)) - value
    return table(total)


def levy(mean: Any, jumps: Sequence[tuple[Any, Any]]) -> Rows:
    """P(G, z) of R(g) = mean + sum c g / (1 - p g): G z - 1 - G R(G), cleared of denominators."""
    whole = {(0, 0): Fraction(1)}
    for p, _ in jumps:
        whole = times(whole, {(0, 0): Fraction(1), (1, 0): -Fraction(p)})
    total = times(whole, {(1, 1): Fraction(1), (0, 0): Fraction(-1), (1, 0): -Fraction(mean)})
    for i, (_, c) in enumerate(jumps):
        part = {(2, 0): Fraction(c)}
        for j, (p, _) in enumerate(jumps):
            if j != i:
                part = times(part, {(0, 0): Fraction(1), (1, 0): -Fraction(p)})
        for key, value in part.items():
            total[key] = total.get(key, Fraction(0)) - value
    return table(total)


Terms = dict[tuple[int, int], Fraction]


def times(a: Terms, b: Terms) -> Terms:
    """Product of polynomials in (G, z)."""
    result: Terms = {}
    for (i, j), x in a.items():
        for (k, m), y in b.items():
            result[i + k, j + m] = result.get((i + k, j + m), Fraction(0)) + x * y
    return result


def table(terms: Terms) -> Rows:
    """Coefficients a[i][j] of G^i z^j."""
    terms = {key: value for key, value in terms.items() if value}
    n, m = max(i for i, _ in terms), max(j for _, j in terms)
    return [[terms.get((i, j), Fraction(0)) for j in range(m + 1)] for i in range(n + 1)]


def roots(rows: Rows, z: Any) -> list[Any]:
    """All G with P(G, z) = 0."""
    coefficients = [
        sum((mp.mpf(v.numerator) / v.denominator * z**j for j, v in enumerate(row)), mp.mpf(0))
        for row in rows
    ]
    while abs(coefficients[-1]) < mp.mpf(10) ** (5 - mp.mp.dps):
        coefficients.pop()
    return list(mp.polyroots(coefficients[::-1], maxsteps=300, extraprec=2 * mp.mp.prec))


def stieltjes(rows: Rows, z: complex, digits: int = 25) -> complex:
    """G(z), Im z >= 0, followed down from Im z = 100 in steps that keep neighbours apart."""
    with mp.workdps(digits):
        end = mp.mpc(z)
        height = mp.mpf(100)
        g = min(roots(rows, mp.mpc(end.real, height)), key=lambda r: abs(r - 1 / mp.mpc(end.real, height)))
        part = floor = mp.mpf("0.5")
        while height > end.imag:
            wanted = end.imag + (height - end.imag) * (1 - part)
            if wanted - end.imag < floor:
                wanted = end.imag
            found = sorted(roots(rows, mp.mpc(end.real, wanted)), key=lambda r: abs(r - g))
            if len(found) > 1 and abs(found[0] - g) > abs(found[1] - g) / 10:
                part, floor = part / 2, floor / 10
                if part < mp.mpf("1e-6"):
                    raise ArithmeticError(f"the oracle cannot follow the branch to {z}")
                continue
            g, height, part = found[0], wanted, min(mp.mpf("0.8"), part * 2)
        return complex(g)
