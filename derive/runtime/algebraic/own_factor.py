"""The factor of a polynomial P(G, z) that belongs to the law, where parameters make P reducible.

t^3 + x t of a semicircle has an equation of degree 8 for general x; at x = -3 it is a product, and the law's
factor has degree 2. The columns G^i z^j, as power series at infinity, are independent as long as no
polynomial of lower degree in G vanishes on the branch. That is seen modulo a small prime, in series hardly
longer than there are columns; where they are dependent the relation is found modulo a large one, its
coefficients are recognised as fractions, and it is kept if it divides P and has a branch with G ~ 1/z.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np

from ..arithmetic.exact_roots import MERSENNE, Integers, divides, quotient, recognised

Array = np.ndarray[Any, Any]

PRIME = 2**31 - 1  # products of two residues fit 64 bits
LARGEST = 400  # of the degrees in G and z multiplied: beyond, the series are too long to try
SPARE = 16  # terms beyond the number of columns


def own_factor(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The coefficients of the factor with G ~ 1/z at infinity; `rows` itself where P is not seen to split.

    One branch of sum rows[i][j] G^i z^j has G ~ 1/z, and there is no factor in z alone.
    """
    n, m = len(rows) - 1, len(rows[0]) - 1
    if n < 2 or n * m > LARGEST:
        return rows
    scale = lcm(*(value.denominator for row in rows for value in row))
    whole = [[int(value * scale) for value in row] for row in rows]
    for spare in (SPARE, n * m + 2 * n + m):  # with as many all relations hold identically
        columns = _columns(whole, n * (m + 1), spare, PRIME)
        count = None if columns is None else _first_dependent(np.array(columns, dtype=np.int64))
        if count is None:
            return rows
        found = _recognised_relation(whole, count + 1, spare)
        if found and _far(found) and _is_factor(found, whole):
            return [[Fraction(value) for value in row] for row in found]
    return rows


def _recognised_relation(rows: list[Integers], count: int, spare: int) -> list[Integers]:
    """The polynomial of the first relation between so many columns; [] if none is recognised."""
    for exponent in MERSENNE[1:-1]:
        prime = 2**exponent - 1
        columns = _columns(rows, count, spare, prime)
        relation = None if columns is None else _relation(columns, prime)
        if relation and (found := recognised(relation, prime)):
            return _table(found, len(rows[0]) - 1)
    return []


def _columns(rows: list[Integers], count: int, spare: int, prime: int) -> list[Integers] | None:
    """The first G^i z^j t^m, i < n, j <= m, the powers of z of each G^i together, as series in t = 1/z.

    spare: how many terms more than columns. None where the prime divides the slope of `_moments`.
    """
    m, length = len(rows[0]) - 1, count + spare
    series = _moments(rows, length, prime)
    if series is None:
        return None
    found: list[Integers] = []
    power = [1, *([0] * (length - 1))]
    for i in range(-(-count // (m + 1))):
        for j in range(m + 1):
            shift = i - j + m
            found.append([*([0] * shift), *power][:length])
        power = [sum(series[a] * power[k - a] for a in range(k + 1)) % prime for k in range(length)]
    return found[:count]


def _moments(rows: list[Integers], n: int, prime: int) -> Integers | None:
    """m_0 ... m_n modulo the prime, as `moments_at_infinity`; None where the prime divides the slope."""
    top = max(j - i for i, row in enumerate(rows) for j, value in enumerate(row) if value)
    terms = [(i, i - j + top, v % prime) for i, row in enumerate(rows) for j, v in enumerate(row) if v]
    slope = sum(i * v for i, shift, v in terms if shift == 0) % prime
    if not slope:
        return None
    inverse = pow(slope, -1, prime)
    powers = [[1] for _ in rows]
    for k in range(1, n + 1):
        for i, power in enumerate(powers):
            power.append(0)
            if i > 1:
                lower, g = powers[i - 1], powers[1]
                power[k] = (sum(g[j] * lower[k - j] for j in range(1, k)) + lower[k]) % prime
        rest = sum(v * powers[i][k - shift] for i, shift, v in terms if shift <= k)
        term = -rest * inverse % prime
        for i in range(1, len(rows)):
            powers[i][k] = (powers[i][k] + i * term) % prime
    return powers[1]


def _first_dependent(columns: Array) -> int | None:
    """The first column that is a combination of those before it, modulo PRIME."""
    for place, column in enumerate(columns):
        places = np.flatnonzero(column)
        if not places.size:
            return place
        lead = places[0]
        scaled = column * pow(int(column[lead]), -1, PRIME) % PRIME
        later = columns[place + 1 :]
        later -= later[:, lead : lead + 1] * scaled % PRIME
        later %= PRIME
    return None


def _relation(columns: list[Integers], prime: int) -> Integers | None:
    """Coefficients, the last 1, with which the columns add to 0; None if fewer do, or none."""
    size = len(columns)
    basis: list[tuple[int, Integers]] = []
    for place, column in enumerate(columns):
        rest = [*column, *(int(k == place) for k in range(size))]  # and how it is made
        for pivot, other in basis:
            if head := rest[pivot]:
                rest = [(a - head * b) % prime for a, b in zip(rest, other, strict=True)]
        lead = next((k for k, value in enumerate(rest[:-size]) if value), None)
        if lead is None:
            return rest[-size:] if place == size - 1 else None
        inverse = pow(rest[lead], -1, prime)
        basis.append((lead, [value * inverse % prime for value in rest]))
    return None


def _table(relation: Integers, m: int) -> list[Integers]:
    """Coefficients [i][j] of G^i z^j from those of the columns; [] if there are none."""
    found = [relation[k : k + m + 1] for k in range(0, len(relation), m + 1)]
    if found:
        found[-1] += [0] * (m + 1 - len(found[-1]))
    while found and not any(row[-1] for row in found):
        found = [row[:-1] for row in found]
    return found


def _far(rows: list[Integers]) -> bool:
    """Whether a branch has G ~ 1/z: the terms of the greatest j - i add to 0."""
    top = max(j - i for i, row in enumerate(rows) for j, value in enumerate(row) if value)
    return not sum(row[i + top] for i, row in enumerate(rows) if 0 <= i + top < len(row))


def _is_factor(rows: list[Integers], whole: list[Integers]) -> bool:
    """Whether the polynomial divides the other, both written in G alone with z = G^(n+1).

    A quotient whose powers of G are what is left of n is one of the polynomials in two variables too.
    """
    size = len(whole)

    def written(table: list[Integers]) -> Integers:
        flat = [0] * (size * len(table[0]))
        for i, row in enumerate(table):
            for j, value in enumerate(row):
                flat[size * j + i] = value
        while not flat[-1]:
            flat.pop()
        return flat

    divisor, product = written(rows), written(whole)
    if not divides(divisor, product):
        return False
    most = size - len(rows)
    return all(not value or k % size <= most for k, value in enumerate(quotient(product, divisor)))
