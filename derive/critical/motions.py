"""How singular points leave the place where they meet: Puiseux expansions of the edge polynomial in t.

Every real root of E(x, t) next to (x_c, t_c) is matched with one branch of the expansion and one
determination of (t - t_c)^(1/p): its isolating ball, at a rational t close by, meets that branch's alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpq, fmpz_mpoly

from ..algebra.algebraic_points import BITS, RING, Point, S, U, midpoint
from ..algebra.puiseux import Branch, branches, shifted
from ..algebra.signs import Undecided
from .candidates import Candidate, Curve
from .clusters import Cluster, exact_ball
from .exact_numbers import Quantity, quantity, reduced
from .local_laws import Density, T, X
from .spectrum_shapes import Place, at_parameter, isolated, real_roots

SIDES = (-1, 1)


@dataclass(frozen=True)
class Growth:
    """coefficient |t - t_c|^exponent, to leading order, on the side of t_c of that sign."""

    coefficient: Quantity
    exponent: sp.Rational
    side: int


@dataclass(frozen=True)
class Motion:
    """How one real root of E moves away from x_c: a branch of E(x_c + u, t_c + s) = 0 and its determination.

    angle: of sigma = s^(1/p), in units of pi. physical: what the law has there.
    """

    branch: Branch
    angle: sp.Rational
    physical: Place

    def term(self, k: int) -> tuple[sp.Rational, arb] | None:
        """(exponent, signed coefficient) of the k-th term of the expansion in |t - t_c|."""
        if k >= len(self.branch.terms):
            return None
        term = self.branch.terms[k]
        with ctx.workprec(BITS):
            angle = self.angle * term.exponent
            turn = acb(arb.cos_pi_fmpq(_q(angle)), arb.sin_pi_fmpq(_q(angle)))
            value = acb(self.branch.coefficient(term)) * turn
            return sp.Rational(term.exponent, self.branch.ramification), value.real

    def size(self, k: int) -> Quantity:
        """|coefficient| of the k-th term, in closed form if there is one."""
        term = self.branch.terms[k]
        point = Point(self.branch.point.coordinates[: term.place + 1])
        power = quantity(point, RING.gen(term.place) ** term.root)
        with ctx.workprec(BITS):
            ball = abs(acb(self.branch.coefficient(term)))
        exact = None if power.exact is None else reduced(sp.Abs(power.exact) ** sp.Rational(1, term.root))
        return Quantity(ball, exact)


def _q(value: sp.Rational) -> Any:
    return fmpq(int(value.p), int(value.q))


def motions(
    curve: Curve,
    candidate: Candidate,
    cluster: Cluster,
    point: Point,
    product: fmpz_mpoly,
    near: dict[int, Fraction],
) -> dict[int, list[Motion]]:
    """The real roots of E in the cluster on either side of t_c, ascending, each with its expansion."""
    local = branches(point, shifted(shifted(product, X, U), T, S))
    return {side: _matched(curve, candidate, cluster, point, local, side, near[side]) for side in near}


def _matched(
    curve: Curve,
    candidate: Candidate,
    cluster: Cluster,
    point: Point,
    local: list[Branch],
    side: int,
    near: Fraction,
) -> list[Motion]:
    wanted = cluster.places.get(side, [])
    if not wanted:
        return []
    middle, step = midpoint(candidate.ball), near / 4
    for _ in range(200):
        step /= 8
        t = Fraction(round((middle + side * step) / step * 64), 64) * step
        with ctx.workprec(BITS):
            found = real_roots(isolated([at_parameter(f, t) for f in curve.edges]))
            inside = [ball for ball, _ in found if cluster.low < midpoint(ball) < cluster.high]
            if len(inside) != len(wanted):
                continue
            moved = abs(exact_ball(t) - candidate.ball)
            options = []
            for branch in local:
                p = branch.ramification
                for turn in range(p):
                    angle = sp.Rational(2 * turn + (0 if side > 0 else 1), p)
                    unit = acb(arb.cos_pi_fmpq(_q(angle)), arb.sin_pi_fmpq(_q(angle)))
                    value = branch.value(moved.root(p) * unit)
                    options.append((branch, angle, value))
            if any(value is None for _, _, value in options):
                continue
            x = acb(point.values(BITS)[X])
            matches = [[o for o in options if (x + o[2]).overlaps(acb(ball))] for ball in inside]
            if all(len(match) == 1 for match in matches):
                return [
                    Motion(match[0][0], match[0][1], place)
                    for match, (_, place) in zip(matches, wanted, strict=True)
                ]
    raise Undecided("the branches of the edge polynomial could not be told apart")


def gap_width(motion: list[Motion], side: int) -> Growth | None:
    """Of the gap or band between two edges of the cluster, to leading order."""
    edges = [m for m in motion if m.physical.kind == "edge"]
    if len(edges) != 2:
        return None
    low, high = edges
    for k in range(max(len(low.branch.terms), len(high.branch.terms))):
        a, b = low.term(k), high.term(k)
        if a is not None and b is not None and a[0] == b[0]:
            difference = b[1] - a[1]
            if difference.contains(0):
                continue
            if low.branch is high.branch:
                return Growth(high.size(k).times(Quantity(arb(1), sp.S.One), rational=sp.S(2)), a[0], side)
            first, second = (m.size(k).exact for m in edges)
            exact = None
            if first is not None and second is not None:
                exact = (1 if b[1] > 0 else -1) * second - (1 if a[1] > 0 else -1) * first
            return Growth(Quantity(difference, exact), a[0], side)
        moving = high if a is None or (b is not None and b[0] < a[0]) else low
        term = moving.term(k)
        assert term is not None
        return Growth(moving.size(k), term[0], side)
    return None


def edge_place(motion: list[Motion], side: int) -> Growth | None:
    """Where the edge that meets 0 is, signed."""
    edges = [m for m in motion if m.physical.kind == "edge"]
    if len(edges) != 1 or not edges[0].branch.terms:
        return None
    term = edges[0].term(0)
    assert term is not None
    size = edges[0].size(0)
    sign = 1 if term[1] > 0 else -1
    with ctx.workprec(BITS):
        exact = None if size.exact is None else sign * size.exact
        return Growth(Quantity(size.ball * sign, exact), term[0], side)


def mass_beyond(edge: tuple[Growth, ...], density: Density, inward: int) -> Growth | None:
    """The mass between the edge and 0 where the band has gone past 0: the integral of the density at t_c."""
    beyond = [g for g in edge if (g.coefficient.ball < 0) == (inward > 0)]
    if len(beyond) != 1 or len(edge) != 2:
        return None
    (growth,) = beyond
    power = 1 + density.exponent
    with ctx.workprec(BITS):
        place = Quantity(
            abs(growth.coefficient.ball),
            None if growth.coefficient.exact is None else abs(growth.coefficient.exact),
        )
    found = density.coefficient.times(place, power, 1 / power)
    return Growth(found, growth.exponent * power, growth.side)
