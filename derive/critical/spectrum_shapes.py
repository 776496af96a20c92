"""The spectrum at a rational value of the parameter: bands, atoms and singular points, each decided.

The edge polynomial E(x), the discriminant of the equation in G times its leading coefficient, has every
singular point of the law among its real roots, which are isolated exactly. Between neighbouring roots the
density is positive or 0 throughout, and one value of G on the physical sheet tells which.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import log2
from typing import Any, Literal

from flint import acb, arb, ctx, fmpz_mpoly, fmpz_poly

from ..algebra.algebraic_points import BITS, PLACE_S, RING, Coordinate, Point, coefficient, midpoint
from ..transforms.sheets import Sheets
from .candidates import Curve
from .exact_numbers import Quantity
from .local_laws import G, LocalLaw, X, local_law

Kind = Literal["", "edge", "interior", "atom"]


@dataclass(frozen=True)
class Place:
    """A real root of the edge polynomial.

    left, right: whether the density is positive on that side.
    kind: what the law has there: nothing, an end of a band, a singularity inside one, or an atom.
    """

    ball: arb
    left: bool
    right: bool
    kind: Kind
    mass: Quantity | None = None


@dataclass(frozen=True)
class Shape:
    """All real roots of the edge polynomial at one rational value of the parameter, ascending."""

    parameter: Fraction
    places: tuple[Place, ...]

    @property
    def bands(self) -> int:
        """The number of intervals on which the density is positive, singularities inside not counted."""
        return sum(place.right and not place.left for place in self.places)

    @property
    def atoms(self) -> int:
        return sum(place.kind == "atom" for place in self.places)

    @property
    def pattern(self) -> tuple[tuple[Kind, bool, bool], ...]:
        """What does not change while no two roots meet."""
        return tuple((place.kind, place.left, place.right) for place in self.places)


def at_parameter(polynomial: fmpz_mpoly, value: Fraction) -> fmpz_poly:
    """A polynomial in (t, x) at a rational t, as a primitive one in x."""
    p, q = value.numerator, value.denominator
    degree = max(int(polynomial.degrees()[0]), 0)
    dense: dict[int, int] = {}
    for monomial, c in polynomial.terms():
        k = int(monomial[0])
        dense[int(monomial[X])] = dense.get(int(monomial[X]), 0) + int(c) * p**k * q ** (degree - k)
    found = fmpz_poly([dense.get(j, 0) for j in range(max(dense, default=0) + 1)])
    content = found.content()
    return fmpz_poly([c // content for c in found.coeffs()]) if content > 1 else found


def isolated(polynomials: list[fmpz_poly]) -> list[tuple[acb, fmpz_poly]]:
    """All complex roots with the irreducible factor that each belongs to; equal factors once."""
    factors: list[fmpz_poly] = []
    for polynomial in polynomials:
        for factor, _ in polynomial.factor()[1]:
            if all(factor != other for other in factors):
                factors.append(factor)
    with ctx.workprec(BITS):
        return [(root, factor) for factor in factors for root, _ in factor.complex_roots()]


def real_roots(roots: list[tuple[acb, fmpz_poly]]) -> list[tuple[arb, fmpz_poly]]:
    """The real ones among isolated roots, ascending."""
    found = [(root.real, factor) for root, factor in roots if root.imag.is_zero()]
    return sorted(found, key=lambda item: midpoint(item[0]))


def shape(curve: Curve, value: Fraction) -> Shape:
    """The shape at a rational parameter, at which no two roots of the edge polynomial are equal."""
    sheets = curve.sheets(Point().with_rational(value))
    everything = isolated([at_parameter(factor, value) for factor in curve.edges])
    roots = real_roots(everything)
    polynomial = curve.polynomial
    lead = at_parameter(coefficient(polynomial, G, int(polynomial.degrees()[G])), value)
    samples = _samples([ball for ball, _ in roots])
    with ctx.workprec(BITS):
        values = [sheets.physical(acb(x)) for x in samples]
        band = [not sheets.is_real(x, g) for x, g in zip(samples, values, strict=True)]
    places = []
    for k, (ball, factor) in enumerate(roots):
        kind: Kind = "edge" if band[k] != band[k + 1] else ""
        mass = None
        clear = _clearance(everything, ball)
        if lead.degree() >= factor.degree() and (lead % factor).is_zero():
            law = local_law(polynomial, _place(value, ball, factor), sheets, clear)
            mass = law.mass
            if mass is not None:
                kind = "atom"
            elif not kind and band[k] and not law.is_regular:
                kind = "interior"
        elif band[k] and band[k + 1] and not _passes(sheets, samples, values, k, ball, clear):
            kind = "interior"
        places.append(Place(ball, band[k], band[k + 1], kind, mass))
    return Shape(value, tuple(places))


def law_at_place(curve: Curve, value: Fraction, index: int) -> LocalLaw:
    """The law next to a real root of the edge polynomial at a rational parameter, by its rank."""
    everything = isolated([at_parameter(factor, value) for factor in curve.edges])
    ball, factor = real_roots(everything)[index]
    sheets = curve.sheets(Point().with_rational(value))
    return local_law(curve.polynomial, _place(value, ball, factor), sheets, _clearance(everything, ball))


def _place(value: Fraction, ball: arb, factor: fmpz_poly) -> Point:
    return Point().with_rational(value).with_root(_coordinate(ball, factor))


def _clearance(everything: list[tuple[acb, fmpz_poly]], ball: arb) -> arb:
    """A distance within which there is no other root."""
    with ctx.workprec(BITS):
        here = acb(ball)
        distances = [abs(here - other).lower() for other, _ in everything if not other.overlaps(here)]
        return min([*distances, 1 + abs(ball).upper()], key=float).mid()


def _samples(balls: list[arb]) -> list[arb]:
    """One exact number beyond the first root, between neighbours, and beyond the last."""
    with ctx.workprec(BITS):
        if not balls:
            return [arb(0)]
        width = 1 + abs(balls[0]).upper() + abs(balls[-1]).upper()
        inner = [((a + b) / 2).mid() for a, b in pairwise(balls)]
        return [(balls[0] - width).mid(), *inner, (balls[-1] + width).mid()]


def _passes(sheets: Sheets, samples: list[arb], values: list[acb], k: int, ball: arb, clear: Any) -> bool:
    """Whether G continues through the lower half-plane, next to the root, to itself."""
    with ctx.workprec(BITS):
        r = (min(clear, samples[k + 1] - ball, ball - samples[k], key=float) / 3).mid()
        centre = ball.mid()
        path = [acb(centre - r), acb(centre, -r), acb(centre + r), acb(samples[k + 1])]
        found = sheets.along(acb(samples[k]), values[k], *(p.mid() for p in path))
        return bool(found.overlaps(values[k + 1]))


def _coordinate(ball: arb, factor: fmpz_poly) -> Coordinate:
    lifted = RING.from_dict({(0, j, *(0,) * (PLACE_S - 1)): c for j, c in enumerate(factor.coeffs()) if c})
    height = log2(sum(int(c) ** 2 for c in factor.coeffs())) / (2 * factor.degree())
    return Coordinate(lifted, acb(ball), factor.degree(), max(height, 1e-9), True)
