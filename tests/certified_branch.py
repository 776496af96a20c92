"""Certified values of an algebraic Stieltjes transform, by continuation from infinity in ball arithmetic.

Nothing here is shared with the evaluators. Rouche's inequality isolates the branch G ~ 1/z beyond some
height; from there z comes down a vertical line in steps. With b_kj the Taylor coefficients of P at (G, z), in
balls, exactly one root lies within r of G for all z' within d of z where

    |b_10| r > |b_00| + sum_{k>=2} |b_k0| r^k + sum_{j>=1} |b_kj| r^k d^j;

the next point is the one root at z', of all that flint isolates, whose ball meets that disc.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import Any

from flint import acb, acb_poly, arb, ctx, fmpq

Rows = Sequence[Sequence[Fraction]]

BITS = 200


class NotFollowed(ArithmeticError):
    """The line to a point could not be followed, where branches run close for long."""


def stieltjes(rows: Rows, z: complex, bits: int = BITS, mean: Fraction | None = None) -> Any:
    """G(z), Im z >= 0, as a ball; on the axis from above.

    rows: P as coefficients of G^i z^j, with one branch G ~ 1/z, or one with this mean to 60 digits.
    Raises `NotFollowed`, an `ArithmeticError`, where the line to z cannot be followed, as next to a branch
    point.
    """
    before, ctx.prec = ctx.prec, bits
    try:
        return _followed(rows, z, mean)
    finally:
        ctx.prec = before


def _followed(rows: Rows, z: complex, mean: Fraction | None) -> Any:
    polynomials = [acb_poly([_ball(value) for value in row]) for row in rows]
    real, target = arb(z.real), arb(z.imag)
    start, radius = _beyond(rows, abs(z), mean)
    height = arb(start)
    place = acb(real, height)
    centre, size = 1 / place, abs(1 / place)
    if mean is not None:
        centre, size = centre + _ball(mean) / place**2, size**2
    g = _only(polynomials, place, centre, radius * size)
    for _ in range(4000):
        if height == target:
            return g
        radius, step = _disc(polynomials, g, place)
        down = height - step
        height = target if down < target else down.mid()
        place = acb(real, height)
        g = _only(polynomials, place, g, radius)
    raise NotFollowed(f"the branch cannot be followed to {z}: it stops at height {height}")


def _ball(value: Fraction) -> Any:
    return arb(fmpq(value.numerator, value.denominator))


def _roots(polynomials: list[Any], z: Any) -> list[Any]:
    """Isolating balls of all G with P(G, z) = 0; raises `ArithmeticError` where they cannot be separated."""
    values = [p(z) for p in polynomials]
    while values[-1].contains(0):
        if values[-1] != 0:
            raise ArithmeticError(f"the leading coefficient nearly vanishes at {z}")
        values.pop()
    try:
        return list(acb_poly(values).complex_roots())
    except ValueError as error:
        raise ArithmeticError(f"two roots nearly meet at {z}") from error


def _only(polynomials: list[Any], z: Any, centre: Any, radius: Any) -> Any:
    """The one root at z in a disc, in a small ball; balls are made small before one is counted out."""
    inside = [root for root in _roots(polynomials, z) if not abs(root - centre) > radius]
    inside = [
        root
        for root in (_sharpened(polynomials, root, z) for root in inside)
        if not abs(root - centre) > radius
    ]
    if len(inside) != 1:
        raise ArithmeticError(f"{len(inside)} roots lie in a disc that holds one")
    return inside[0]


def _sharpened(polynomials: list[Any], g: Any, z: Any) -> Any:
    """The same root in a small ball: Newton's method from the middle, and n |f/f'|, which holds a root."""
    p = acb_poly([p(z) for p in polynomials])
    slope, middle = p.derivative(), g.mid()
    for _ in range(12):
        step = p(middle) / slope(middle)
        middle = (middle - step).mid()
    radius = (p.degree() * abs(p(middle) / slope(middle))).upper()
    better = acb(arb(middle.real, radius), arb(middle.imag, radius))
    return better if g.contains(better) else g


def _disc(polynomials: list[Any], g: Any, z: Any) -> tuple[Any, Any]:
    """r and d of the inequality at a point of the curve, both as large as is easily had."""
    moved = [p(acb_poly([z, 1])) for p in polynomials]
    n, m = len(moved) - 1, max(p.degree() for p in moved)
    size: list[list[float]] = [[0.0] * (m + 1) for _ in range(n + 1)]
    for j in range(m + 1):
        column = acb_poly([p[j] for p in moved])(acb_poly([g, 1]))
        for k in range(n + 1):
            size[k][j] = float(abs(column[k]).upper())
    steep = float(abs(acb_poly([p[0] for p in moved])(acb_poly([g, 1]))[1]).lower())
    r = 0.4 * min(
        ((steep / size[k][0]) ** (1 / (k - 1)) for k in range(2, n + 1) if size[k][0]),
        default=1 + 2 * float(abs(g).upper()),
    )

    def by_s() -> list[float]:
        sums = [sum(size[k][j] * r**k for k in range(n + 1)) for j in range(m + 1)]
        return [sums[0] - size[1][0] * r, *sums[1:]]

    while by_s()[0] > 0.7 * steep * r:
        r /= 2
        if r < 1e-60:
            raise ArithmeticError("a disc that holds one root alone is not found")
    sums, low, high = by_s(), 0.0, 2.0 * float(abs(z).upper()) + 1
    for _ in range(40):
        middle = (low + high) / 2
        fits = sum(value * middle**j for j, value in enumerate(sums)) < 0.99 * steep * r
        low, high = (middle, high) if fits else (low, middle)
    return arb(r), arb(low)


def _beyond(rows: Rows, least: float, mean: Fraction | None = None) -> tuple[float, Any]:
    """A height H and a radius r: for |z| >= H one root has |z G - 1| < r, or |z (z G - 1) - mean| < r."""
    top = max(j - i for i, row in enumerate(rows) for j, value in enumerate(row) if value)
    table: dict[tuple[int, int], Fraction] = {}  # of (z G - 1)^k z^-j
    for i, row in enumerate(rows):
        binomial = 1
        for k in range(i + 1):
            for j, value in enumerate(row):
                key = (k, i - j + top)
                table[key] = table.get(key, Fraction(0)) + value * binomial
            binomial = binomial * (i - k) // (k + 1)
    if mean is not None:
        table = _around_mean(table, mean)
    if abs(table.get((0, 0), 0)) > abs(table.get((1, 0), 0)) / 10**60 or not table.get((1, 0)):
        raise ValueError("not exactly one branch has G ~ 1/z")
    steep, best = abs(table[1, 0]), None
    for k in range(24):  # the lowest of some heights, for branches that meet at infinity are slow to follow
        r, height = Fraction(1, 4) / 2**k, Fraction(max(1.0, 2 * least))
        if sum(abs(v) * r ** (k - 1) for (k, j), v in table.items() if j == 0 and k > 1) > steep / 3:
            continue
        while sum(abs(v) * r**k / height**j for (k, j), v in table.items() if j > 0) > steep * r / 3:
            height *= Fraction(5, 4)
        if best is None or height < best[0]:
            best = height, r
        elif height > 4 * best[0]:
            break
    if best is None:
        raise ArithmeticError("no disc at infinity holds one root alone")
    return float(best[0]), arb(float(best[1]))


def _around_mean(table: dict[tuple[int, int], Fraction], mean: Fraction) -> dict[tuple[int, int], Fraction]:
    """Of (z (z G - 1) - mean)^k z^-j, without a common power of 1/z."""
    kept = {key: value for key, value in table.items() if value}
    order = min(k + j for k, j in kept)
    found: dict[tuple[int, int], Fraction] = {}
    for (k, j), value in kept.items():
        for i in range(k + 1):
            key = (i, k + j - order)
            found[key] = found.get(key, Fraction(0)) + value * comb(k, i) * mean ** (k - i)
    return found
