"""Moments from the power series of an algebraic Stieltjes transform at infinity, and free cumulants.

In 1/z the series G = sum m_k z^(-k-1) is the root of a polynomial; Newton's method doubles the number of
correct terms. Exact rational numbers are kept as fixed-point integers with room for cancellation.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Series = list[Fraction]


def _product(a: Series, b: Series, size: int) -> Series:
    result = [Fraction(0)] * size
    for i, x in enumerate(a[:size]):
        if x:
            for j, y in enumerate(b[: size - i]):
                if y:
                    result[i + j] += x * y
    return result


def moments_at_infinity(rows: Sequence[Sequence[Fraction]], n: int) -> Series:
    """m_0 ... m_n of the branch G ~ 1/z of sum rows[i][j] G^i z^j, as exact fractions.

    Term by term: the coefficient of zeta^k in the polynomial in g = G z is linear in m_k, with the same
    factor for every k.
    """
    top = max(j - i for i, row in enumerate(rows) for j, value in enumerate(row) if value)
    terms = [
        (i, i - j + top, Fraction(value))
        for i, row in enumerate(rows)
        for j, value in enumerate(row)
        if value
    ]
    degree = len(rows) - 1
    slope = sum((i * value for i, shift, value in terms if shift == 0), Fraction(0))
    if not slope:
        raise ValueError(
            "several branches have G ~ 1/z at infinity; divide the polynomial by its other factors"
        )
    powers: list[Series] = [[Fraction(1)] for _ in range(degree + 1)]  # g^i, known to the same order
    for k in range(1, n + 1):
        for i, power in enumerate(powers):
            power.append(Fraction(0))
            if i > 1:  # with g_k = 0 for now
                lower, g = powers[i - 1], powers[1]
                power[k] = sum((g[j] * lower[k - j] for j in range(1, k)), Fraction(0)) + lower[k]
        rest = sum((value * powers[i][k - shift] for i, shift, value in terms if shift <= k), Fraction(0))
        term = -rest / slope
        for i in range(1, degree + 1):
            powers[i][k] += i * term
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
