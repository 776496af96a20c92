"""Puiseux expansions of a plane curve at a point with algebraic coordinates, by Newton's polygon.

    F(u, s) = 0,  F(0, 0) = 0:     u = c_1 s^(e_1) + c_2 s^(e_2) + ...,   0 < e_1 < e_2 < ...

with rational exponents of common denominator p, the number of branches that turn into each other around
s = 0. Which coefficients of F vanish is decided exactly (`algebraic_points`); an expansion goes on until its
last coefficient is a simple root, so that no other branch shares it. What is left out is enclosed by Newton's
interval method on a whole disc |s| <= r.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import comb, gcd
from typing import Any

from flint import acb, arb, ctx, fmpz_mpoly

from .algebraic_points import BITS, PLACE_S, PLACE_U, RING, Point, S, U, around
from .signs import Undecided

DEEPEST = 5


@dataclass(frozen=True)
class Term:
    """c sigma^exponent, sigma = s^(1/p); c is the coordinate of that place.

    root: beta where c^beta is rational in the earlier coordinates or a root of lower degree.
    real: whether c^beta is known to be real.
    """

    place: int
    exponent: int
    root: int
    real: bool


@dataclass(frozen=True)
class Branch:
    """p conjugate branches u = sum of terms + sigma^reach v, sigma^p = s, of a curve F(u, s) = 0.

    point: with the coefficients among its coordinates.
    rest: F as a polynomial in v (as `u`) and sigma (as `s`), v = 0 a simple root at sigma = 0; None where the
        expansion is finite.
    """

    point: Point
    terms: tuple[Term, ...]
    ramification: int
    reach: int
    rest: fmpz_mpoly | None

    def coefficient(self, term: Term) -> Any:
        """The coefficient as a ball."""
        return self.point.values(BITS)[term.place]

    @cached_property
    def _rows(self) -> list[list[Any]]:
        return [] if self.rest is None else _rows(self.point, self.rest)

    def remainder(self, size: Any) -> Any | None:
        """r such that for |sigma| <= size exactly one root v has |v| <= r; None if that is not shown."""
        if self.rest is None:
            return arb(0)
        with ctx.workprec(BITS):
            sigma = around(acb(0), size)
            columns = [_horner(row, sigma) for row in self._rows]
            slope = abs(columns[1]).lower()
            if not slope > 0:
                return None
            # not 0 where the expansion ends: a ball without radius contains no other
            r = 2 * (abs(columns[0]).upper() / slope).upper() + arb(2) ** (-BITS // 2)
            if not r < 1:
                return None
            ball = around(acb(0), r.upper())
            below = acb(0)
            for i in range(len(columns) - 1, 0, -1):
                below = below * ball + i * columns[i]
            inside = not below.contains(0) and ball.contains(-columns[0] / below)
            return r.upper() if inside else None

    def value(self, sigma: acb) -> acb | None:
        """A ball around u at sigma that no other branch enters on the way from 0 to sigma.

        None where |sigma| is too large for that.
        """
        with ctx.workprec(BITS):
            radius = self.remainder(abs(sigma).upper())
            if radius is None:
                return None
            total = acb(0)
            for term in self.terms:
                total += self.coefficient(term) * sigma**term.exponent
            return total + sigma**self.reach * around(acb(0), radius)


def branches(point: Point, curve: fmpz_mpoly, multiplicity: int = 1) -> list[Branch]:
    """All branches u(s) -> 0 of a curve in u and s over the point, one of each conjugate set.

    multiplicity: a known number of roots u = 0 at s = 0, at least 1.
    """
    return _branches(Branch(point, (), 1, 0, curve), multiplicity, 0)


def _branches(start: Branch, multiplicity: int, depth: int) -> list[Branch]:
    point, curve = start.point, start.rest
    assert curve is not None
    table = {key: a for key, a in _table(curve).items() if key[1] or key[0] >= multiplicity}
    corners, finite = _polygon(point, table)
    if corners[-1][0] - corners[0][0] == 1 and start.terms and not finite:
        return [start]
    if depth == DEEPEST:
        raise Undecided("an expansion needs too many terms")
    found = [Branch(point, start.terms, start.ramification, start.reach, None)] if finite else []
    for (i0, j0), (i1, j1) in pairwise(corners):
        fall, width = j0 - j1, i1 - i0
        common = gcd(fall, width)
        gamma, beta = fall // common, width // common
        weight = beta * j0 + gamma * i0
        on_edge = [(i, j) for i, j in table if beta * j + gamma * i == weight and i0 <= i <= i1]
        c = point.next
        edge = RING.constant(0)
        for i, j in on_edge:
            edge += table[i, j] * c ** (i - i0)
        roots, _ = point.roots(edge)
        chosen = _representatives(point, roots, beta)
        real = _real_powers(point, chosen, beta)
        for root, is_real in zip(chosen, real, strict=True):
            longer = point.with_root(root.coordinate)
            rest = _substituted(table, c, beta, gamma, weight)
            terms = tuple(replace(t, exponent=t.exponent * beta) for t in start.terms)
            reach = start.reach * beta + gamma
            term = Term(len(point.coordinates), reach, beta, is_real)
            branch = Branch(longer, (*terms, term), start.ramification * beta, reach, rest)
            if root.multiplicity == 1:
                found.append(branch)
            else:
                found += _branches(branch, root.multiplicity, depth + 1)
    return found


def _table(curve: fmpz_mpoly) -> dict[tuple[int, int], fmpz_mpoly]:
    """{(power of u, power of s): coefficient}."""
    parts: dict[tuple[int, int], dict[tuple[int, ...], Any]] = {}
    for monomial, c in curve.terms():
        exponents = tuple(map(int, monomial))
        key = (exponents[PLACE_U], exponents[PLACE_S])
        parts.setdefault(key, {})[(*exponents[:PLACE_U], 0, 0)] = c
    return {key: RING.from_dict(terms) for key, terms in sorted(parts.items())}


def _polygon(point: Point, table: dict[tuple[int, int], fmpz_mpoly]) -> tuple[list[tuple[int, int]], bool]:
    """The corners of Newton's polygon that belong to u -> 0, and whether u = 0 is a branch.

    Coefficients that vanish at the point are taken out of the table where they are met.
    """

    def lowest(i: int, below: int | None) -> int | None:
        for j in sorted(j for k, j in list(table) if k == i):
            if below is not None and j >= below:
                return None
            if not point.vanishes(table[i, j]):
                return j
            del table[i, j]
        return None

    columns: list[tuple[int, int]] = []
    most = max(i for i, _ in table)
    for i in range(most + 1):
        j = lowest(i, columns[-1][1] if columns else None)
        if j is not None:
            columns.append((i, j))
            if j == 0:
                break
    if not columns or columns[-1][1] != 0:
        raise Undecided("the curve contains a whole line s = 0 at a critical value")
    finite = columns[0][0] > 0
    if columns[0][0] > 1:
        raise Undecided("the curve has a multiple component at a critical value")
    corners = [columns[0]]
    while corners[-1][1] > 0:
        i0, j0 = corners[-1]
        later = [(i, j) for i, j in columns if i > i0]
        corners.append(min(later, key=lambda c: (Fraction(c[1] - j0, c[0] - i0), -c[0])))
    # what lies below the polygon has been met and taken out; the same for points between its corners
    for (i0, j0), (i1, j1) in pairwise(corners):
        for i, j in [key for key in table if i0 < key[0] < i1]:
            if (j - j0) * (i1 - i0) <= (j1 - j0) * (i - i0) and point.vanishes(table[i, j]):
                del table[i, j]
    for i, j in [key for key in table if key[0] < corners[0][0]]:
        del table[i, j]
    return corners, finite


def _representatives(point: Point, roots: list[Any], beta: int) -> list[Any]:
    """One of each set c, c zeta, ..., zeta^beta = 1; a real one where there is one."""
    if beta == 1:
        return roots
    left, kept = sorted(roots, key=lambda r: not r.coordinate.real), []
    with ctx.workprec(BITS):
        while left:
            first = left.pop(0)
            kept.append(first)
            power = acb(point.with_root(first.coordinate).values(BITS)[-1]) ** beta
            same = [
                r
                for r in left
                if (acb(point.with_root(r.coordinate).values(BITS)[-1]) ** beta).overlaps(power)
            ]
            if len(same) != beta - 1:
                raise Undecided("conjugate branches could not be told apart")
            left = [r for r in left if all(r is not other for other in same)]
    return kept


def _real_powers(point: Point, roots: list[Any], beta: int) -> list[bool]:
    """Whether c^beta is real: where all coefficients are, its conjugate is one of these powers, too."""
    if not all(c.real for c in point.coordinates):
        return [root.coordinate.real for root in roots]
    with ctx.workprec(BITS):
        powers = [acb(point.with_root(root.coordinate).values(BITS)[-1]) ** beta for root in roots]
        return [
            [other.overlaps(c.conjugate()) for other in powers].count(True) == 1 and c.overlaps(c.conjugate())
            for c in powers
        ]


def _substituted(
    table: dict[tuple[int, int], fmpz_mpoly], c: fmpz_mpoly, beta: int, gamma: int, weight: int
) -> fmpz_mpoly:
    """F(sigma^gamma (c + u), sigma^beta) / sigma^weight, terms below the polygon left out."""
    rows: dict[int, fmpz_mpoly] = {}
    for (i, j), a in table.items():
        power = beta * j + gamma * i - weight
        if power >= 0:
            rows[i] = rows.get(i, RING.constant(0)) + a * S**power
    total = RING.constant(0)
    for i, row in rows.items():
        total += row * (c + U) ** i
    # the root of the edge polynomial takes the constant term away
    constant = {m: k for m, k in total.terms() if int(m[PLACE_U]) == 0 and int(m[PLACE_S]) == 0}
    return total - RING.from_dict(constant)


def _rows(point: Point, curve: fmpz_mpoly) -> list[list[Any]]:
    """Balls: rows[i][j] of u^i s^j."""
    table = _table(curve)
    high = max(i for i, _ in table)
    rows: list[list[Any]] = [[] for _ in range(high + 1)]
    for (i, j), a in table.items():
        while len(rows[i]) <= j:
            rows[i].append(arb(0))
        rows[i][j] = point.value(a)
    return rows


def _horner(row: list[Any], s: acb) -> acb:
    total = acb(0)
    for c in reversed(row):
        total = total * s + c
    return total


def shifted(polynomial: fmpz_mpoly, place: int, moved: fmpz_mpoly) -> fmpz_mpoly:
    """The polynomial with a variable replaced by itself plus `moved`, by Taylor's formula."""
    powers: dict[int, dict[tuple[int, ...], Any]] = {}
    for monomial, c in polynomial.terms():
        rest = tuple(0 if i == place else int(e) for i, e in enumerate(monomial))
        powers.setdefault(int(monomial[place]), {})[rest] = c
    variable, total = RING.gen(place), RING.constant(0)
    for k, terms in powers.items():
        expanded = RING.constant(0)
        for m in range(k + 1):
            expanded += comb(k, m) * variable ** (k - m) * moved**m
        total += RING.from_dict(terms) * expanded
    return total
