"""The law next to one point x of the line: G on the physical sheet as a Puiseux series, and its density.

The physical root is followed from infinity to x + i delta. There it lies in the ball of exactly one branch of
the curve P(G, z) = 0 at x, of which the remainder is bounded on the whole disc of radius delta; so the series
of that branch is the law's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import Any

import sympy as sp
from flint import acb, acb_poly, arb, ctx, fmpq, fmpz_mpoly

from ..algebra.algebraic_points import BITS, PLACE_S, RING, Point, Root, S, U, coefficient
from ..algebra.puiseux import Branch, Term, branches, shifted
from ..algebra.signs import Undecided
from ..transforms.sheets import Sheets
from .exact_numbers import Quantity, is_real, quantity, reduced

T, X, G = 0, 1, 2
NEAREST = 200


@dataclass(frozen=True)
class Density:
    """density ~ coefficient |s|^exponent on one side of the point."""

    exponent: sp.Rational
    coefficient: Quantity


@dataclass(frozen=True)
class LocalLaw:
    """The branch of the law at a point.

    value: G there, None where it is infinite; then `branch` expands 1/G, else G - value.
    turn: which of the branch's p determinations: sigma = s^(1/p) exp(2 pi i turn / p).
    """

    branch: Branch
    value: Any
    turn: int

    @property
    def is_regular(self) -> bool:
        """Whether G is analytic and finite."""
        return self.branch.ramification == 1 and self.value is not None

    @property
    def is_fold(self) -> bool:
        """Whether G - value ~ c s^(1/2) at a smooth point of the curve: such an edge stays one nearby."""
        terms = self.branch.terms
        return (
            self.value is not None
            and self.branch.ramification == 2
            and (terms[0].exponent, terms[0].root) == (1, 2)
        )

    @property
    def mass(self) -> Quantity | None:
        """The mass of the atom, None without one: 1/G ~ s / mass."""
        terms = self.branch.terms
        if self.value is not None or terms[0].exponent != self.branch.ramification:
            return None
        slope = quantity(Point(self.branch.point.coordinates[: terms[0].place + 1]), RING.gen(terms[0].place))
        with ctx.workprec(BITS):
            return Quantity(1 / slope.ball, None if slope.exact is None else sp.radsimp(1 / slope.exact))

    def density(self, side: int) -> Density | None:
        """The leading term of the density on the side of that sign; None where the series is real."""
        branch, p = self.branch, self.branch.ramification
        with ctx.workprec(BITS):
            if self.value is not None and not isinstance(self.value, arb) and not self.value.imag.contains(0):
                return Density(sp.S.Zero, Quantity(-acb(self.value).imag / arb.pi()))
            turned = sp.Rational(2 * self.turn + (0 if side > 0 else 1), p)  # arg sigma / pi
            for k, term in enumerate(branch.terms):
                c = acb(branch.coefficient(term))
                sine = self._sine(c, term, turned)
                if sine == 0:
                    continue
                exponent, size = term.exponent, Quantity(abs(c))
                if self.value is None and k == 0:
                    exponent, size = -exponent, Quantity(1 / abs(c))
                elif self.value is None:
                    first = branch.terms[0]
                    exponent -= 2 * first.exponent
                    size = Quantity(abs(c / acb(branch.coefficient(first)) ** 2))
                ball = abs(sine[0]) * size.ball / arb.pi()
                exact = None if sine[1] is None else self._exact(k, *sine[1:])
                return Density(sp.Rational(exponent, p), Quantity(ball, exact))
        return None

    def _sine(self, c: acb, term: Term, turned: sp.Rational) -> Any:
        """sin of arg(c sigma^exponent): 0, or its ball, closed form or None, and n with c^n real."""
        known = self._angle(c, term)
        if known is not None:
            angle = known[0] + turned * term.exponent
            exact = sp.sin(angle * sp.pi)
            ball = arb.sin_pi_fmpq(fmpq(int(angle.p), int(angle.q)))
            return 0 if exact == 0 else (ball, exact, known[1])
        turn = (acb(0, 1) * arb.pi() * arb(int(turned.p)) / int(turned.q) * term.exponent).exp()
        ball = (c * turn).imag / abs(c)
        if ball.contains(0):
            raise Undecided("whether a coefficient of the density is 0")
        return (ball, None, 0)

    def _angle(self, c: acb, term: Term) -> tuple[sp.Rational, int] | None:
        """(arg c / pi, n) where c^n is real, which is proved."""
        for more in (1, 2, 3, 4, 6):
            power = term.root * more
            if not (c**power).imag.contains(0) or (c**power).real.contains(0):
                continue
            if not (term.real and more == 1):
                point = Point(self.branch.point.coordinates[: term.place + 1])
                if not is_real(point, RING.gen(term.place) ** power):
                    return None
            flip = bool(c.real < 0)  # away from the cut of the argument
            steps = ((-c if flip else c).arg() / arb.pi() * power).mid()
            return sp.Rational(round(float(steps)), power) + (1 if flip else 0), power
        return None

    def _exact(self, k: int, sine: sp.Expr, n: int) -> sp.Expr | None:
        """The density's coefficient from the k-th term c, of which c^n is real; n = 0 where none is known.

        |c sin|/pi; where G is infinite, |sin|/(pi |c|) from the first term c_0, else |c sin|/(pi |c_0|^2).
        """
        terms = self.branch.terms
        size = self._modulus(terms[k], n)
        if self.value is None:
            first = size if k == 0 else self._modulus(terms[0], terms[0].root)
            if first is None or size is None:
                return None
            size = size / first**2
        return None if size is None else reduced(sp.Abs(sine) * size / sp.pi)

    def _modulus(self, term: Term, n: int) -> sp.Expr | None:
        """|c| of a term in closed form, from c^n."""
        point = Point(self.branch.point.coordinates[: term.place + 1])
        power = quantity(point, RING.gen(term.place) ** n)
        return None if power.exact is None else sp.Abs(power.exact) ** sp.Rational(1, n)


def sheets_at(curve: fmpz_mpoly, point: Point, mean: arb | None = None) -> Sheets:
    """The sheets P(G, z) = 0 at the parameter of a point (t,) or (t, x, ...).

    mean: of the law there, where several branches have G ~ 1/z.
    """
    at = Point(point.coordinates[:1])
    rows = []
    with ctx.workprec(BITS):
        for i in range(int(curve.degrees()[G]) + 1):
            row = coefficient(curve, G, i)
            degree = max(int(row.degrees()[X]), 0) if not row.is_zero() else -1
            parts = [coefficient(row, X, j) for j in range(degree + 1)]
            rows.append(acb_poly([acb(0) if at.vanishes(p) else acb(at.value(p)) for p in parts]))
    while len(rows) > 1 and rows[-1].degree() < 0:
        rows.pop()
    return Sheets(tuple(rows), mean, None if mean is None else _order_at_infinity(curve, at))


def _order_at_infinity(curve: fmpz_mpoly, at: Point) -> int:
    """The least a + k of a term (z G - 1)^a z^-k of the polynomial that does not vanish at the parameter."""
    parts: dict[tuple[int, int], fmpz_mpoly] = {}
    for monomial, c in curve.terms():
        place = int(monomial[G]), int(monomial[X])
        part = RING.from_dict({(int(monomial[T]), *(0,) * (len(monomial) - 1)): c})
        parts[place] = parts.get(place, RING.constant(0)) + part
    parts = {place: part for place, part in parts.items() if not at.vanishes(part)}
    top = max(j - i for i, j in parts)
    table: dict[tuple[int, int], fmpz_mpoly] = {}
    for (i, j), part in parts.items():
        for a in range(i + 1):
            table[a, i - j + top] = table.get((a, i - j + top), RING.constant(0)) + comb(i, a) * part
    return min(a + k for (a, k), part in table.items() if not at.vanishes(part))


def local_law(curve: fmpz_mpoly, point: Point, sheets: Sheets, clear: Any) -> LocalLaw:
    """The law next to the real point x of (t, x).

    clear: a distance within which no other branch point lies.
    """
    local = _without_line(point, shifted(curve, X, S))
    roots, degree = point.roots(coefficient(local, PLACE_S, 0))
    total = int(local.degrees()[G])
    x = point.values(BITS)[X]
    known: dict[int, list[Branch]] = {}
    with ctx.workprec(BITS):
        size = (arb(clear) / 4).mid()
        z = acb(x, size)
        g = sheets.physical(z)
        for _ in range(NEAREST // 3):
            for index in _nearest(point, roots, degree < total, g):
                if index not in known:
                    multiplicity = roots[index].multiplicity if index >= 0 else total - degree
                    known[index] = branches(*_curve_at(local, point, roots, index), multiplicity)
                found = _matching(point, roots, index, known[index], g, size)
                if found is not None:
                    return found
            size = (size / 8).mid()
            new = acb(x, size)
            z, g = new, sheets.along(z, g, new)
    raise Undecided(f"the branch of the law at {x.str(8, radius=False)} could not be told")


def _nearest(point: Point, roots: list[Root], has_infinity: bool, g: acb) -> list[int]:
    """The most likely values of G, -1 for infinity."""
    size = abs(g).mid()
    distance = {}
    for k, root in enumerate(roots):
        value = acb(point.with_root(root.coordinate).values(BITS)[-1])
        distance[k] = float((abs(g - value) / (1 + abs(value))).mid())
    if has_infinity:
        distance[-1] = float((1 / size).mid())
    first, *others = sorted(distance, key=lambda k: distance[k])
    return [first, *(k for k in others[:1] if distance[k] < 16 * distance[first])]


def _without_line(point: Point, local: fmpz_mpoly) -> fmpz_mpoly:
    """A curve in G and s = z - x without the powers of s that divide it at the point.

    Its equation may lose all its terms at one x, at single values of the parameter: z = 0 and v = 1 for
    Projection(f) @ Wishart(v).
    """
    by_power: dict[int, dict[tuple[int, ...], Any]] = {}
    for monomial, c in local.terms():
        exponents = tuple(map(int, monomial))
        by_power.setdefault(exponents[PLACE_S], {})[(*exponents[:PLACE_S], 0)] = c
    for power in sorted(by_power):
        row = RING.from_dict(by_power[power])
        if any(not point.vanishes(coefficient(row, G, k)) for k in range(int(row.degrees()[G]) + 1)):
            rest = {k: RING.from_dict(terms) for k, terms in by_power.items() if k >= power}
            return sum((part * S ** (k - power) for k, part in rest.items()), RING.constant(0))
    raise Undecided("the equation vanishes identically at a value of the parameter")


def _curve_at(local: fmpz_mpoly, point: Point, roots: list[Root], index: int) -> tuple[Point, fmpz_mpoly]:
    """The curve in local coordinates, u = G - value or 1/G and s = z - x."""
    if index >= 0:
        return point.with_root(roots[index].coordinate), shifted(local, G, U)
    total = RING.constant(0)
    n = int(local.degrees()[G])
    for i in range(n + 1):
        total += coefficient(local, G, i) * U ** (n - i)
    return point, total


def _matching(
    point: Point, roots: list[Root], index: int, found: list[Branch], g: acb, size: Any
) -> LocalLaw | None:
    value: Any = None
    u = 1 / g
    if index >= 0:
        value = point.with_root(roots[index].coordinate).values(BITS)[-1]
        u = g - value
    matches = []
    for branch in found:
        p = branch.ramification
        for turn in range(p):
            angle = arb(Fraction(4 * turn + 1, 2 * p).numerator) / Fraction(4 * turn + 1, 2 * p).denominator
            sigma = arb(size).root(p) * (acb(0, 1) * arb.pi() * angle).exp()
            ball = branch.value(sigma)
            if ball is None:
                return None
            if ball.contains(u):
                matches.append(LocalLaw(branch, value, turn))
            elif ball.overlaps(u):
                return None
    return matches[0] if len(matches) == 1 else None
