"""What happens at one candidate: which singular points of the law meet there, and how they move away.

1. The real roots of the edge polynomial just below and above the candidate t_c are followed into small intervals
   around its roots at t_c: on the intervals' ends E(x, t) has no zero between.
2. Where no singular point of the law comes together with another root, and none is 0, nothing happens.
3. Else the place x_c is determined exactly, the roots next to it by the Puiseux expansion of E(x, t) at
   (x_c, t_c), and the law there by that of P(G, x, t_c) at x_c.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpz_mpoly, fmpz_poly

from .algebraic_points import (
    BITS,
    RING,
    START,
    S,
    U,
    Point,
    _approximate_roots,
    _clusters,
    coefficient,
)
from .candidates import Candidate, Curve, midpoint
from .exact_numbers import Quantity, quantity
from .local_laws import T, X, Density, local_law, sheets_at
from .puiseux import Branch, branches, shifted
from .signs import Undecided
from .spectrum_shapes import Place, Shape, at_parameter, isolated, real_roots

SIDES = (-1, 1)


@dataclass(frozen=True)
class Growth:
    """coefficient |t - t_c|^exponent, to leading order, on the side of t_c of that sign."""

    coefficient: Quantity
    exponent: sp.Rational
    side: int


@dataclass(frozen=True)
class Event:
    """What happens at one place of the spectrum.

    kind: "gap opens", "gap closes", "gap touches", "band appears", "band vanishes", "band touches",
        "edge crosses 0", "edge touches 0", "singularity", "escape to infinity".
    place: x, None for infinity.
    left, right: the density next to the place at t_c, None where it is 0.
    width: of the gap or band that closes or opens.
    edge: place of the edge that meets 0, signed: on either side of t_c.
    mass: between the edge and 0, beyond 0.
    undecided: what could not be derived, one sentence each.
    """

    kind: str
    place: Quantity | None
    left: Density | None = None
    right: Density | None = None
    width: tuple[Growth, ...] = ()
    edge: tuple[Growth, ...] = ()
    mass: Growth | None = None
    undecided: tuple[str, ...] = ()


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


def events(curve: Curve, candidate: Candidate, shapes: dict[int, Shape], near: dict[int, Fraction]) -> list[Event]:
    """The events at a candidate; none where the roots that meet are not the law's.

    shapes: in the cells below (-1) and above (1). near: how far the candidate's neighbours are.
    """
    clusters, outer = _clusters_at(curve, candidate)
    times = {side: _close(curve, candidate, side, clusters, outer, near[side]) for side in SIDES}
    escaped: dict[int, list[Place]] = {}
    for side in SIDES:
        roots = real_roots(isolated([at_parameter(f, times[side]) for f in curve.edges]))
        places = shapes[side].places
        if len(roots) != len(places):
            raise Undecided("the number of real roots of the edge polynomial is not constant in a cell")
        for index, (ball, _) in enumerate(roots):
            home = next((c for c in clusters if c.low < midpoint(ball) < c.high), None)
            if home is not None:
                home.places.setdefault(side, []).append((index, places[index]))
            elif places[index].kind:
                escaped.setdefault(side, []).append(places[index])
    found = []
    zero_is_root = any(candidate.point.vanishes(coefficient(f, X, 0)) for f in curve.edges)
    for cluster in clusters:
        at_zero = zero_is_root and cluster.low < 0 < cluster.high
        if not (cluster.met(-1) or cluster.met(1)) or (cluster.size == 1 and not at_zero):
            continue
        event = _event(curve, candidate, cluster, at_zero, near)
        if event is not None:
            found.append(event)
    if escaped:
        found.append(Event("escape to infinity", None))
    return found


def _clusters_at(curve: Curve, candidate: Candidate) -> tuple[list[Cluster], Fraction]:
    """The real clusters, ascending, and a bound of all finite roots."""
    point = candidate.point
    product = RING.constant(1)
    for f in curve.edges:
        product *= point._trimmed(f, X)
    with ctx.workprec(START + 64):
        exact = point._coefficients(product, X, point.values(START))
        groups = _clusters(_approximate_roots(exact, START), START)
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


def _close(
    curve: Curve, candidate: Candidate, side: int, clusters: list[Cluster], outer: Fraction, near: Fraction
) -> Fraction:
    """A rational t so close to t_c that no root crosses the intervals' ends on the way."""
    ends = [y for c in clusters for y in (c.low, c.high)] + [-outer, outer]
    boundaries = [_in_parameter(f, y) for f in curve.edges for y in ends]
    middle, step = midpoint(candidate.ball), near / 4
    for _ in range(300):
        t = Fraction(round((middle + side * step) / step * 64), 64) * step
        with ctx.workprec(BITS):
            times = candidate.ball.union(_exact(t))
            crossed = any(boundary(times).contains(0) for boundary in boundaries)
        if not crossed and _confined(curve, t, clusters, outer):
            return t
        step /= 8
    raise Undecided("the roots of the edge polynomial could not be followed into a candidate")


def _confined(curve: Curve, t: Fraction, clusters: list[Cluster], outer: Fraction) -> bool:
    roots = real_roots(isolated([at_parameter(f, t) for f in curve.edges]))
    return all(
        abs(midpoint(b)) > outer or any(c.low < midpoint(b) < c.high for c in clusters) for b, _ in roots
    )


def _exact(value: Fraction) -> arb:
    return arb(value.numerator) / value.denominator


def _in_parameter(polynomial: fmpz_mpoly, x: Fraction) -> fmpz_poly:
    """E(x, t) at a rational x, up to a positive factor, as a polynomial in t."""
    p, q = x.numerator, x.denominator
    degree = int(polynomial.degrees()[X])
    dense = [0] * (int(polynomial.degrees()[T]) + 1)
    for monomial, c in polynomial.terms():
        j = int(monomial[X])
        dense[int(monomial[T])] += int(c) * p**j * q ** (degree - j)
    return fmpz_poly(dense)


def _event(
    curve: Curve, candidate: Candidate, cluster: Cluster, at_zero: bool, near: dict[int, Fraction]
) -> Event | None:
    """The event at a cluster that holds singular points of the law."""
    point, product = _place(curve, candidate, cluster, at_zero)
    undecided: list[str] = []
    law = left = right = None
    try:
        sheets = sheets_at(curve.polynomial, candidate.point)
        law = local_law(curve.polynomial, point, sheets, _exact(cluster.high - cluster.low).mid() / 2)
        left, right = law.density(-1), law.density(1)
    except Undecided as reason:
        undecided.append(f"the law at the place: {reason}")
    kind = _kind(cluster, at_zero)
    if kind == "singularity" and cluster.met(-1) and _same(cluster) and _ordinary(left, right):
        return None  # a root of another sheet passes below an ordinary edge
    moves: dict[int, list[Motion]] = {}
    try:
        moves = motions(curve, candidate, cluster, point, product, near)
    except Undecided as reason:
        undecided.append(f"how the roots move: {reason}")
    width = tuple(g for side in SIDES for g in [_width(cluster, moves.get(side), side)] if g is not None)
    edge: tuple[Growth, ...] = ()
    mass = None
    if at_zero and kind.startswith("edge") and moves:
        edge = tuple(g for side in SIDES for g in [_edge(cluster, moves[side], side)] if g is not None)
        density = left if left is not None else right
        if cluster.size == 1 and density is not None and (left is None or right is None):
            mass = _mass(edge, density, 1 if left is None else -1)
    place = quantity(point, RING.gen(X))
    return Event(kind, place, left, right, width, edge, mass, tuple(undecided))


def _place(
    curve: Curve, candidate: Candidate, cluster: Cluster, at_zero: bool
) -> tuple[Point, fmpz_mpoly]:
    """(t_c, x_c) and the product of the factors of E that vanish there."""
    point = candidate.point
    meeting = []
    for f in curve.edges:
        with ctx.workprec(START + 64):
            roots = [
                r
                for r in _approximate_roots(
                    point._coefficients(point._trimmed(f, X), X, point.values(START)), START
                )
                if cluster.low < midpoint(r.real) < cluster.high and abs(r.imag) < _exact(cluster.high - cluster.low)
            ]
        if roots:
            meeting.append(f)
    product = RING.constant(1)
    for f in meeting:
        product *= f
    if at_zero:
        return point.with_rational(Fraction(0)), product
    # one factor alone that has a multiple root, or two that share one: their product has it
    roots, _ = point.roots(product, meet=cluster.size == 2)
    for root in roots:
        ball = point.with_root(root.coordinate).values(BITS)[-1]
        if root.coordinate.real and cluster.low < midpoint(ball) < cluster.high:
            if root.multiplicity != cluster.size:
                raise Undecided("roots of the edge polynomial are close and not equal")
            return point.with_root(root.coordinate), product
    raise Undecided("the place of a candidate")


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
        exact = None if power.exact is None else sp.Abs(power.exact) ** sp.Rational(1, term.root)
        return Quantity(ball, exact)


def _q(value: sp.Rational) -> Any:
    from flint import fmpq

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
    return {side: _matched(curve, candidate, cluster, point, local, side, near[side]) for side in SIDES}


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
            moved = abs(_exact(t) - candidate.ball)
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


def _same(cluster: Cluster) -> bool:
    return [p.kind for p in cluster.met(-1)] == [p.kind for p in cluster.met(1)] == ["edge"]


def _ordinary(left: Density | None, right: Density | None) -> bool:
    """A square-root edge."""
    found = [d for d in (left, right) if d is not None]
    return len(found) == 1 and found[0].exponent == sp.Rational(1, 2)


def _kind(cluster: Cluster, at_zero: bool) -> str:
    """From the density outside the cluster and the edges in it on either side."""
    sides = {side: cluster.met(side) for side in SIDES}
    some = sides[1] or sides[-1]
    outside = (some[0].left, some[-1].right)
    inner = {side: sum(p.kind == "edge" for p in sides[side]) >= 2 for side in SIDES}
    names = {
        (True, True): ("gap opens", "gap closes", "gap touches"),
        (False, False): ("band appears", "band vanishes", "band touches"),
    }
    if outside in names and (inner[-1] or inner[1]):
        opens, closes, touches = names[outside]
        return touches if inner[-1] and inner[1] else (opens if inner[1] else closes)
    if at_zero and outside[0] != outside[1]:
        return "edge at 0"
    return "singularity"


def _width(cluster: Cluster, motion: list[Motion] | None, side: int) -> Growth | None:
    """Of the gap or band between two edges of the cluster, to leading order."""
    if not motion:
        return None
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
            both = [m.size(k) for m in edges]
            signs = [1 if m.term(k)[1] > 0 else -1 for m in edges]  # type: ignore[index]
            exact = None
            if all(q.exact is not None for q in both):
                exact = sp.simplify(signs[1] * both[1].exact - signs[0] * both[0].exact)
            return Growth(Quantity(difference, exact), a[0], side)
        first = min((t, m) for t, m in ((a, low), (b, high)) if t is not None)[1]
        other = a if first is high else b
        del other
        term = first.term(k)
        assert term is not None
        return Growth(first.size(k), term[0], side)
    return None


def _edge(cluster: Cluster, motion: list[Motion], side: int) -> Growth | None:
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
        return Growth(Quantity(sign * size.ball, exact), term[0], side)


def _mass(edge: tuple[Growth, ...], density: Density, inward: int) -> Growth | None:
    """The mass between the edge and 0 where the band has gone past 0: the integral of the density at t_c."""
    beyond = [g for g in edge if (g.coefficient.ball < 0) == (inward > 0)]
    if len(beyond) != 1 or len(edge) != 2:
        return None
    (growth,) = beyond
    power = 1 + density.exponent
    with ctx.workprec(BITS):
        place = Quantity(
            abs(growth.coefficient.ball), None if growth.coefficient.exact is None else abs(growth.coefficient.exact)
        )
    found = density.coefficient.times(place, power, 1 / power)
    return Growth(found, growth.exponent * power, growth.side)
