"""The factor of a polynomial P(G, z) that belongs to the law, where parameters make P reducible.

t^3 + x t of a semicircle has an equation of degree 8 for general x; at x = -3 it is a product, and the law's
factor has degree 2. The columns G^i z^j, as power series at infinity, are independent as long as no
polynomial of lower degree in G vanishes on the branch; that is seen modulo a prime, and only where it fails
is the factor computed, exactly. A relation of degrees (a, b) that holds to an order beyond a m + b n, the
degree of its resultant with P, holds identically.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any

from .power_series import moments_at_infinity

PRIME = 2**61 - 1
LARGEST = 100  # of the degrees in G and z multiplied: beyond, the series are too long to try


def own_factor(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The coefficients of the factor with G ~ 1/z at infinity; `rows` itself where P is not seen to split.

    One branch of sum rows[i][j] G^i z^j has G ~ 1/z, and there is no factor in z alone.
    """
    n, m = len(rows) - 1, len(rows[0]) - 1
    if n < 2 or n * m > LARGEST:
        return rows
    length = 2 * n * m + 2 * (n + m) + 4
    scale = lcm(*(value.denominator for row in rows for value in row))
    whole = [[int(value * scale) % PRIME for value in row] for row in rows]
    series = _moments(whole, length)
    if series is None:
        return rows
    count = _first_dependent(_columns(series, n, m, length))
    if count is None:
        return rows
    exact = moments_at_infinity(rows, length)
    relation = _relation(_columns(exact, n, m, length)[: count + 1])
    if relation is None:  # it holds modulo the prime alone
        return rows
    found = [[Fraction(0)] * (m + 1) for _ in range(count // (m + 1) + 1)]
    for place, value in enumerate(relation):
        found[place // (m + 1)][place % (m + 1)] = value
    while not any(row[-1] for row in found):
        found = [row[:-1] for row in found]
    return found


def _moments(rows: list[list[int]], n: int) -> list[int] | None:
    """m_0 ... m_n modulo the prime, as `moments_at_infinity`; None where the prime divides the slope."""
    top = max(j - i for i, row in enumerate(rows) for j, value in enumerate(row) if value)
    terms = [(i, i - j + top, v) for i, row in enumerate(rows) for j, v in enumerate(row) if v]
    slope = sum(i * v for i, shift, v in terms if shift == 0) % PRIME
    if not slope:
        return None
    inverse = pow(slope, -1, PRIME)
    powers = [[1] for _ in rows]
    for k in range(1, n + 1):
        for i, power in enumerate(powers):
            power.append(0)
            if i > 1:
                lower, g = powers[i - 1], powers[1]
                power[k] = (sum(g[j] * lower[k - j] for j in range(1, k)) + lower[k]) % PRIME
        rest = sum(v * powers[i][k - shift] for i, shift, v in terms if shift <= k)
        term = -rest * inverse % PRIME
        for i in range(1, len(rows)):
            powers[i][k] = (powers[i][k] + i * term) % PRIME
    return powers[1]


def _columns(series: Sequence[Any], n: int, m: int, length: int) -> list[list[Any]]:
    """G^i z^j t^m for i < n, j <= m, as series in t = 1/z, G = t M; the powers of z of each G^i together."""
    modular = isinstance(series[0], int)
    found, power = [], [1, *([0] * (length - 1))]
    for i in range(n):
        for j in range(m + 1):
            shift = i - j + m
            found.append([*([0] * shift), *power][:length])
        power = [sum(series[a] * power[k - a] for a in range(k + 1)) for k in range(length)]
        if modular:
            power = [value % PRIME for value in power]
    return found


def _first_dependent(columns: list[list[int]]) -> int | None:
    """The first column that is a combination of those before it, modulo the prime."""
    basis: list[tuple[int, list[int]]] = []
    for place, column in enumerate(columns):
        for pivot, other in basis:
            if head := column[pivot]:
                column = [(a - head * b) % PRIME for a, b in zip(column, other, strict=True)]
        lead = next((k for k, value in enumerate(column) if value), None)
        if lead is None:
            return place
        inverse = pow(column[lead], -1, PRIME)
        basis.append((lead, [value * inverse % PRIME for value in column]))
    return None


def _relation(columns: list[list[Any]]) -> list[Fraction] | None:
    """The coefficients, the last 1, with which the columns add to 0; None where they are independent."""
    size = len(columns)
    basis: list[tuple[int, list[Fraction], list[Fraction]]] = []
    for place, column in enumerate(columns):
        rest = [Fraction(value) for value in column]
        mix = [Fraction(k == place) for k in range(size)]
        for pivot, other, how in basis:
            if head := rest[pivot]:
                rest = [a - head * b for a, b in zip(rest, other, strict=True)]
                mix = [a - head * b for a, b in zip(mix, how, strict=True)]
        lead = next((k for k, value in enumerate(rest) if value), None)
        if lead is None:
            return mix if place == size - 1 else None
        first = rest[lead]
        basis.append((lead, [a / first for a in rest], [a / first for a in mix]))
    return None
