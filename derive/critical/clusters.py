"""Roots x of polynomials in (t, x) that come together at a critical t, and which roots nearby go to them.

The real roots just below and above t_c are followed into small intervals around the roots at t_c: on the
intervals' ends no polynomial has a zero between.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import acb, arb, ctx, fmpz_mpoly, fmpz_poly

from ..algebra.algebraic_points import BITS, RING, START, midpoint
from ..algebra.signs import Undecided
from .candidates import Candidate
from .local_laws import T, X
from .spectrum_shapes import Place, at_parameter, isolated, real_roots


@dataclass
class Cluster:
    """Roots of E(., t_c) that the eye cannot tell apart: an interval, and what enters it from either side."""

    low: Fraction
    high: Fraction
    size: int
    centre: Any
    places: dict[int, list[tuple[int, Place]]] = field(default_factory=dict)

    def met(self, side: int) -> list[Place]:
        """The singular points of the law in it."""
        return [place for _, place in self.places.get(side, []) if place.kind]


def clusters_at(edges: Sequence[fmpz_mpoly], candidate: Candidate) -> tuple[list[Cluster], Fraction]:
    """The real clusters, ascending, and a bound of all finite roots."""
    point = candidate.point
    product = RING.constant(1)
    for f in edges:
        product *= point.trimmed(f, X)
    groups = point.clusters(product)
    with ctx.workprec(START + 64):
        centres = [(sum(group, acb(0)) / len(group)).mid() for group in groups]
        scale = max([abs(c).mid() for c in centres] + [arb(1)], key=float)
        tiny = scale * arb(2) ** (-START // 24)
        found = []
        for k, (centre, group) in enumerate(zip(centres, groups, strict=True)):
            if abs(centre.imag) > tiny:
                continue
            distances = [abs(centre - other).mid() for j, other in enumerate(centres) if j != k]
            reach = min([*distances, scale], key=float) / 4
            middle, size = midpoint(centre.real), midpoint(reach)
            found.append(Cluster(middle - size, middle + size, len(group), centre.real.mid()))
    return sorted(found, key=lambda c: c.low), midpoint(scale) * 4


def close(
    edges: Sequence[fmpz_mpoly],
    candidate: Candidate,
    side: int,
    clusters: list[Cluster],
    outer: Fraction,
    near: Fraction,
) -> Fraction:
    """A rational t so close to t_c that no root crosses the intervals' ends on the way."""
    ends = [y for c in clusters for y in (c.low, c.high)] + [-outer, outer]
    boundaries = [_in_parameter(f, y) for f in edges for y in ends]
    middle, step = midpoint(candidate.ball), near / 4
    for _ in range(300):
        t = Fraction(round((middle + side * step) / step * 64), 64) * step
        with ctx.workprec(BITS):
            times = candidate.ball.union(exact_ball(t))
            crossed = any(boundary(times).contains(0) for boundary in boundaries)
        if not crossed and _confined(edges, t, clusters, outer):
            return t
        step /= 8
    raise Undecided("the roots of the edge polynomial could not be followed into a candidate")


def _confined(edges: Sequence[fmpz_mpoly], t: Fraction, clusters: list[Cluster], outer: Fraction) -> bool:
    roots = real_roots(isolated([at_parameter(f, t) for f in edges]))
    return all(
        abs(midpoint(b)) > outer or any(c.low < midpoint(b) < c.high for c in clusters) for b, _ in roots
    )


def _in_parameter(polynomial: fmpz_mpoly, x: Fraction) -> fmpz_poly:
    """E(x, t) at a rational x, up to a positive factor, as a polynomial in t."""
    p, q = x.numerator, x.denominator
    degree = int(polynomial.degrees()[X])
    dense = [0] * (int(polynomial.degrees()[T]) + 1)
    for monomial, c in polynomial.terms():
        j = int(monomial[X])
        dense[int(monomial[T])] += int(c) * p**j * q ** (degree - j)
    return fmpz_poly(dense)


def exact_ball(value: Fraction) -> arb:
    """A rational number as a ball."""
    return arb(value.numerator) / value.denominator
