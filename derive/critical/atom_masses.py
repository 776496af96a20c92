"""The mass of an atom as a function of the parameter t: an algebraic function, analytic between candidates.

Next to an atom at x = a(t), 1/G ~ (z - a)/m. With 1/G = y (z - a) the lowest power of z - a in the equation
leaves a polynomial in y and t, of which 1/m is a root. Two of its roots meet only where other singular points
come to a.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import sympy as sp
from flint import arb, ctx, fmpz_mpoly

from ..algebra.algebraic_points import BITS, RING, S, U, coefficient
from ..algebra.rings import NotRational, Ring, factors_of
from ..algebra.signs import Undecided
from ..laws import G as G_SYMBOL
from ..laws import z
from .candidates import Curve
from .curve_roots import Bounds, at_number, place_of
from .local_laws import G, LocalLaw, T, X
from .spectrum_shapes import Place, Shape

if TYPE_CHECKING:
    from .event import Event
    from .plane import Plane
    from .values import CriticalValue

PLACE_U, PLACE_S = 9, 10
_M = sp.Dummy("m", positive=True)  # a parameter may be named m


def mass_of(curve: Curve, shape: Shape, atom: Place, bounds: Bounds) -> sp.Expr | None:
    """The mass in the symbol t of the parameter, for the cell that the shape is of.

    bounds: of the cell. None where the place is no rational function of t, or the mass of degree beyond 2.
    """
    if atom.mass is None:
        return None
    for f in curve.edges:
        if int(f.degrees()[X]) != 1 or not _is_at(f, shape.parameter, atom.ball):
            continue
        t = curve.parameter
        relation = _holding(_relation(curve.polynomial, f), shape.parameter, atom.mass.ball)
        if relation is None:
            return None
        found = sp.Add(
            *(
                int(c) * t ** int(m[T]) * _M ** (_height(relation) - int(m[PLACE_U]))
                for m, c in relation.terms()
            )
        )
        at = at_number(shape.parameter)
        place = place_of(found, _M, t, at, atom.mass.ball, bounds)
        return None if place is None else _spread(place.expression)
    return None


def is_limit(mass: sp.Expr, t: sp.Symbol, law: LocalLaw) -> bool:
    """Whether a mass, a function of the parameter next to t_c, tends to the law's own one at t_c.

    Raises `Undecided` where it is irrational and the two are close, or where it is not real at t_c in
    rounded numbers.
    """
    (slope,) = (RING.gen(term.place) for term in law.branch.terms[:1])  # 1/G ~ slope (z - x)
    point = law.branch.point
    try:
        quotient = Ring((t,)).fraction(mass)
    except NotRational:
        quotient = None
    if quotient is not None:
        above, below = (_in_ring(part) for part in (quotient.numerator, quotient.denominator))
        return not point.vanishes(below) and point.vanishes(slope * above - below)
    with ctx.workprec(BITS):
        number = sp.N(mass.subs(t, sp.Float(str(point.value(RING.gen(T)).mid()), 60)), 40)
        if not number.is_Float and not number.is_Rational:  # a root of what rounding made negative
            raise Undecided(f"the mass {mass} at a critical value, where it is {number}")
        value = arb(str(number))
        if abs(value * point.value(slope).real - 1) > arb(10) ** -30:
            return False
    raise Undecided(f"whether the mass {mass} is continuous")


def _in_ring(polynomial: fmpz_mpoly) -> fmpz_mpoly:
    """A polynomial in the parameter alone, in RING."""
    return RING.from_dict({(int(m[0]), *(0,) * PLACE_S): c for m, c in polynomial.terms()})


def _spread(mass: sp.Expr) -> sp.Expr:
    """1 - 1/phi for (phi - 1)/phi: term by term where the denominator is a monomial."""
    _, below = sp.fraction(mass)
    whole = mass.is_rational_function() and not any(part.is_Add for part in sp.preorder_traversal(below))
    return sp.expand(mass) if whole else mass


def _is_at(f: fmpz_mpoly, t: Fraction, ball: arb) -> bool:
    """Whether the root x of a polynomial of degree 1 in x is in the ball, which holds one root alone."""
    with ctx.workprec(BITS):
        value = {0: arb(0), 1: arb(0)}
        at = at_number(t)
        for m, c in f.terms():
            value[int(m[X])] += at ** int(m[T]) * int(c)
        return bool((value[1] * ball + value[0]).contains(0))


def _relation(polynomial: fmpz_mpoly, f: fmpz_mpoly) -> fmpz_mpoly:
    """The polynomial in y (as u) and t: x = a + s with a = -c0/c1, 1/G = u s, at the lowest power of s."""
    c0, c1 = coefficient(f, X, 0), coefficient(f, X, 1)
    n, m = int(polynomial.degrees()[G]), int(polynomial.degrees()[X])
    total = RING.constant(0)
    for i in range(n + 1):
        row = coefficient(polynomial, G, i)
        for j in range(m + 1):
            total += coefficient(row, X, j) * (c1 * S - c0) ** j * c1 ** (m - j) * (U * S) ** (n - i)
    lowest = min(int(k[PLACE_S]) for k in total.monoms())
    return coefficient(total, PLACE_S, lowest)


def _holding(relation: fmpz_mpoly, t: Fraction, mass: arb) -> fmpz_mpoly | None:
    """The one irreducible factor of which 1/mass is a root at t, a simple one; None where that is not shown.

    Then one t tells the function for the whole cell: two roots that agree at t alone are refused.
    """
    holding = []
    with ctx.workprec(BITS):
        at, y = at_number(t), 1 / mass
        for factor, _ in factors_of(relation)[1]:
            if _height(factor) > 0 and _at(factor, at, y).contains(0):
                holding.append(factor)
        if len(holding) != 1 or _at(holding[0].derivative(PLACE_U), at, y).contains(0):
            return None
    return holding[0]


def _at(relation: fmpz_mpoly, t: arb, y: arb) -> arb:
    return sum((t ** int(m[T]) * y ** int(m[PLACE_U]) * int(c) for m, c in relation.terms()), arb(0))


def _height(relation: fmpz_mpoly) -> int:
    return int(relation.degrees()[PLACE_U])


def masses_over(
    plane: Plane, event: Event, value: CriticalValue, sample: Fraction
) -> tuple[sp.Expr | None, sp.Expr | None] | None:
    """The masses of an event in both parameters; None where one is not derived, or is no rational function.

    They hold on either side of the curve for all of its cell: as for one parameter two roots y meet only
    where singular points do, so a simple root at one point of a side tells the factor for all of it.
    """
    if event.place is None or event.masses == (None, None):
        return None
    at = {plane.over.symbol: sp.Rational(sample.numerator, sample.denominator)}
    parts = [part for f in plane.edges for part in [plane.ring.coefficients(f, z)] if max(part) == 1]
    here = [part for part in parts if _meets(plane, part, at, value.value.ball, event.place.ball)]
    found: dict[int, sp.Expr] = {}
    for side, shape in value.sides.items():
        t = at_number(shape.parameter)
        masses = []
        for place in shape.places:
            if place.kind == "atom" and place.mass is not None:
                for part in here:
                    if _meets(plane, part, at, t, place.ball):
                        masses.append(_mass_over(plane, part, at, t, place.mass.ball))
        if None in masses or len(masses) != event.atoms[0 if side < 0 else 1]:
            return None
        found[side] = sp.Add(*masses)
    return found.get(-1), found.get(1)


def _mass_over(
    plane: Plane, parts: dict[int, fmpz_mpoly], at: dict[sp.Symbol, sp.Rational], t: arb, mass: arb
) -> sp.Expr | None:
    """The mass as a function of both parameters, from its ball at one point of them."""
    ring = plane.ring
    holding = []
    with ctx.workprec(BITS):
        for factor, _ in factors_of(_relation_over(ring, plane.polynomial, parts))[1]:
            by_power = ring.coefficients(factor, G_SYMBOL)
            values = {k: _number(plane, c, at, t) for k, c in by_power.items()}
            if max(values) > 0 and _sum(values, 1 / mass).contains(0):
                holding.append((by_power, values))
        if len(holding) != 1 or set(holding[0][0]) != {0, 1} or holding[0][1][1].contains(0):
            return None
    linear = holding[0][0]
    return _spread(ring.factored(-linear[1]) / ring.factored(linear[0]))


def _meets(
    plane: Plane, parts: dict[int, fmpz_mpoly], at: dict[sp.Symbol, sp.Rational], t: arb, place: arb
) -> bool:
    """Whether x = -c0/c1 may be the place at the sample and t."""
    with ctx.workprec(BITS):
        return bool(_sum({k: _number(plane, c, at, t) for k, c in parts.items()}, place).contains(0))


def _sum(values: dict[int, arb], y: arb) -> arb:
    return sum((c * y**k for k, c in values.items()), arb(0))


def _number(plane: Plane, polynomial: fmpz_mpoly, at: dict[sp.Symbol, sp.Rational], t: arb) -> arb:
    """The value of a polynomial in both parameters at the sample and t."""
    inserted = sp.Poly(plane.ring.expression(polynomial).subs(at), plane.parameter.symbol)
    total = arb(0)
    for (power,), c in inserted.terms():
        total += t**power * arb(int(c.p)) / int(c.q)
    return total


def _relation_over(ring: Ring, polynomial: fmpz_mpoly, parts: dict[int, fmpz_mpoly]) -> fmpz_mpoly:
    """As `_relation`, in the ring of both parameters: y in the place of G."""
    c0, c1 = parts.get(0, ring.constant(0)), parts[1]
    x, y = ring.gen(z), ring.gen(G_SYMBOL)
    n, m = ring.degree(polynomial, G_SYMBOL), ring.degree(polynomial, z)
    total = ring.constant(0)
    for i, row in ring.coefficients(polynomial, G_SYMBOL).items():
        for j, c in ring.coefficients(row, z).items():
            total += c * (c1 * x - c0) ** j * c1 ** (m - j) * (x * y) ** (n - i)
    return ring.coefficients(total, z)[ring.lowest(total, z)]
