"""Moments from the power series of an algebraic Stieltjes transform at infinity, and free cumulants.

In 1/z the series G = sum m_k z^(-k-1) is the root of a polynomial; Newton's method doubles the number of
correct terms. Exact rational numbers are kept as fixed-point integers with room for cancellation.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import comb, inf

from .at_infinity import blown_up, refined, rounded

Series = list[Fraction]


def to_float(x: Fraction) -> float:
    """x rounded to a double; beyond their range infinity of its sign."""
    try:
        return float(x)
    except OverflowError:
        return inf if x > 0 else -inf


def _product(a: Series, b: Series, size: int) -> Series:
    result = [Fraction(0)] * size
    for i, x in enumerate(a[:size]):
        if x:
            for j, y in enumerate(b[: size - i]):
                if y:
                    result[i + j] += x * y
    return result


def moments_at_infinity(rows: Sequence[Sequence[Fraction]], n: int, mean: Fraction | None = None) -> Series:
    """m_0 ... m_n of the branch G ~ 1/z of sum rows[i][j] G^i z^j, as exact fractions.

    Term by term: the coefficient of zeta^k in the polynomial in g = G z is linear in m_k, with the same
    factor for every k.

    mean: to some digits, where several branches have G ~ 1/z: then moments are rounded to
        `at_infinity.DIGITS` bits, for they may be irrational.
    """
    top = max(j - i for i, row in enumerate(rows) for j, value in enumerate(row) if value)
    terms = [
        (i, i - j + top, Fraction(value))
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if value
    ]
    slope = sum((i * value for i, shift, value in terms if shift == 0), Fraction(0))
    if slope:
        return _term_by_term(terms, Fraction(1), slope, len(rows) - 1, n, False)
    if mean is None:
        raise ValueError(
            "several branches have G ~ 1/z at infinity; divide the polynomial by its other factors"
        )
    table = [[Fraction(0)] * (max(shift for _, shift, _ in terms) + 1) for _ in rows]
    for i, shift, value in terms:
        for a in range(i + 1):
            table[a][shift] += comb(i, a) * value
    table = blown_up(table)
    first = refined([row[0] for row in table], mean, abs(mean) or Fraction(1))
    slope = sum((a * row[0] * first ** (a - 1) for a, row in enumerate(table) if a), Fraction(0))
    terms = [(a, k, value) for a, row in enumerate(table) for k, value in enumerate(row) if value]
    return [Fraction(1), *_term_by_term(terms, first, rounded(slope), len(rows) - 1, n - 1, True)][: n + 1]


def _term_by_term(
    terms: list[tuple[int, int, Fraction]],
    first: Fraction,
    slope: Fraction,
    degree: int,
    n: int,
    inexact: bool,
) -> Series:
    """The power series g = first + ... to order n that solves sum value g^i zeta^shift = 0."""
    powers: list[Series] = [[first**i] for i in range(degree + 1)]  # g^i, known to the same order
    for k in range(1, n + 1):
        for i, power in enumerate(powers):
            power.append(Fraction(0))
            if i > 1:  # with g_k = 0 for now
                lower, g = powers[i - 1], powers[1]
                power[k] = sum((g[j] * lower[k - j] for j in range(1, k)), Fraction(0)) + first * lower[k]
        rest = sum((value * powers[i][k - shift] for i, shift, value in terms if shift <= k), Fraction(0))
        term = -rest / slope
        for i in range(1, degree + 1):
            powers[i][k] += i * first ** (i - 1) * term
            if inexact:
                powers[i][k] = rounded(powers[i][k])
    return powers[1] if degree else [Fraction(1)]


def cumulants_from_moments(moments: Sequence[Fraction]) -> Series:
    """Free cumulants kappa_1 ... kappa_n: C(z M(z)) = M(z), M = sum m_k z^k, C = 1 + sum kappa_k z^k."""
    n = len(moments) - 1
    m = list(moments)
    power = [Fraction(1)]
    found: Series = []
    rest = [Fraction(-1) + m[0], *m[1:]]
    for k in range(1, n + 1):
        power = _product(power, m, n + 1)  # M^k
        kappa = rest[k]
        found.append(kappa)
        if kappa:
            for j in range(n + 1 - k):
                rest[k + j] -= kappa * power[j]
    return found
