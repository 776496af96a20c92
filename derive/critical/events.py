"""What happens at one candidate: which singular points of the law meet there, and how they move away.

1. The real roots of the edge polynomial just below and above the candidate t_c are followed into those at
   t_c (derive.critical.clusters).
2. Where no singular point of the law comes together with another root, and none is 0, nothing happens.
3. Else the place x_c is determined exactly, the roots next to it by the Puiseux expansion of E(x, t) at
   (x_c, t_c), and the law there by that of P(G, x, t_c) at x_c.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import sympy as sp
from flint import acb, arb, ctx, fmpz_mpoly

from ..algebra.algebraic_points import BITS, RING, START, Point, midpoint
from ..algebra.signs import Undecided
from .atom_events import atom_at_zero, mass_event, passing_zero
from .candidates import DEGENERATE, ZERO, Candidate, Curve
from .clusters import Cluster, close, clusters_at, exact_ball
from .curve_roots import Bounds
from .event import Event, Spot
from .local_laws import LocalLaw, local_law
from .motions import SIDES, Motion, edge_place, gap_width, mass_beyond, motions
from .spectrum_shapes import Place, Shape, at_parameter, isolated, law_at_place, real_roots


def events(
    curve: Curve,
    candidate: Candidate,
    shapes: dict[int, Shape],
    near: dict[int, Fraction],
    bounds: dict[int, Bounds],
) -> tuple[list[Event], list[str]]:
    """The events at a candidate, none where the roots that meet are not the law's; and what stays open.

    shapes: in the cells below (-1) and above (1); one alone at an end of the domain. near: how far the
    candidate's neighbours are. bounds: the cells' ends.
    """
    clusters, outer = clusters_at(curve.edges, candidate)
    times = {side: close(curve.edges, candidate, side, clusters, outer, near[side]) for side in shapes}
    escaped: dict[int, list[Place]] = {}
    for side in shapes:
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
    found, still_open = [], []
    may_fade = DEGENERATE in candidate.reasons or len(shapes) == 1
    for cluster in clusters:
        at_zero = (
            ZERO in candidate.reasons
            and cluster.low < 0 < cluster.high
            and any(place.kind == "edge" for side in shapes for place in cluster.met(side))
        )
        alone = cluster.size == 1 and not at_zero
        atoms = any(place.kind == "atom" for side in shapes for place in cluster.met(side))
        passing = ZERO in candidate.reasons and atom_at_zero(cluster, tuple(shapes))
        watched = (atoms and may_fade) or passing
        if not (cluster.met(-1) or cluster.met(1)) or (alone and not watched):
            continue
        spot = _spot(curve, candidate, cluster, at_zero or bool(passing))
        event = None if alone else _event(curve, candidate, cluster, spot, at_zero, shapes, near)
        if event is not None:
            found.append(event)
        if passing:
            found.append(passing_zero(passing, curve, cluster, spot, shapes, bounds))
        try:
            mass = mass_event(curve, cluster, spot, shapes, bounds)
        except Undecided as reason:
            still_open.append(str(reason))
            continue
        if mass is not None:
            found.append(mass)
    if escaped:
        found.append(Event("escape to infinity", None))
    if DEGENERATE in candidate.reasons and _fades(curve, candidate, clusters):
        found.append(Event("band fades", None))
    return found, still_open


def _fades(curve: Curve, candidate: Candidate, clusters: list[Cluster]) -> bool:
    """Whether the density is positive between two clusters on a side of t_c, and 0 there at t_c itself."""
    sheets = curve.sheets(candidate.point, curve.at(candidate))
    with ctx.workprec(BITS):
        for low, high in pairwise(clusters):
            if any(low.places[side][-1][1].right for side in SIDES if low.places.get(side)):
                x = exact_ball((low.high + high.low) / 2).mid()
                if sheets.is_real(x, sheets.physical(acb(x))):
                    return True
    return False


def _spot(curve: Curve, candidate: Candidate, cluster: Cluster, at_zero: bool) -> Spot:
    point, product = _place(curve, candidate, cluster, at_zero)
    try:
        at = curve.at(candidate)
        sheets = curve.sheets(candidate.point, at)
        law = local_law(at, point, sheets, exact_ball(cluster.high - cluster.low).mid() / 2)
    except Undecided as reason:
        return Spot(point, product, None, str(reason))
    return Spot(point, product, law, "")


def _event(
    curve: Curve,
    candidate: Candidate,
    cluster: Cluster,
    spot: Spot,
    at_zero: bool,
    shapes: dict[int, Shape],
    near: dict[int, Fraction],
) -> Event | None:
    """The event at a cluster that holds singular points of the law; None if nothing changes."""
    undecided: list[str] = []
    law, reason, left, right = spot.law, spot.reason, None, None
    try:
        if law is not None:
            left, right = law.density(-1), law.density(1)
    except Undecided as trouble:
        law, reason, left, right = None, str(trouble), None, None
    if law is None:
        undecided.append(f"the law at the place: {reason}")
    kind = _kind(cluster, at_zero, tuple(shapes))
    if kind == "singularity" and law is not None and _unchanged(curve, cluster, shapes, law):
        return None
    moves: dict[int, list[Motion]] = {}
    try:
        moves = motions(curve, candidate, cluster, spot.point, spot.product, near)
    except Undecided as trouble:
        undecided.append(f"how the roots move: {trouble}")
    width = tuple(g for side in shapes for g in [gap_width(moves.get(side, []), side)] if g is not None)
    edge = tuple(g for side in shapes for g in [edge_place(moves.get(side, []), side)] if g is not None)
    mass = None
    if kind == "edge crosses 0":
        density = left if left is not None else right
        if law is not None and law.is_fold and density is not None:
            mass = mass_beyond(edge, density, 1 if left is None else -1)
    below, above = (sum(p.kind == "atom" for p in cluster.met(side)) for side in SIDES)
    atom = None if law is None else law.mass
    return Event(
        kind, spot.place, left, right, width, edge, mass, (below, above), atom, undecided=tuple(undecided)
    )


def _unchanged(curve: Curve, cluster: Cluster, shapes: dict[int, Shape], law: LocalLaw) -> bool:
    """Whether one singular point passes with the exponents that it has on both sides.

    Then the root that it meets belongs to another sheet.
    """
    for side in shapes:
        met = [(index, place) for index, place in cluster.places.get(side, []) if place.kind]
        if len(met) != 1:
            return False
        index, place = met[0]
        if place.kind == "atom":
            if law.mass is None or law.branch.ramification > 1:
                return False
            continue
        usual = law_at_place(curve, shapes[side].parameter, index)
        if law.mass is not None or any(_exponent(usual, s) != _exponent(law, s) for s in SIDES):
            return False
    return True


def _exponent(law: LocalLaw, side: int) -> sp.Rational | None:
    density = law.density(side)
    return None if density is None else density.exponent


def _place(curve: Curve, candidate: Candidate, cluster: Cluster, at_zero: bool) -> tuple[Point, fmpz_mpoly]:
    """(t_c, x_c) and the product of the factors of E that vanish there."""
    point = candidate.point
    meeting = []
    for f in curve.edges:
        with ctx.workprec(START + 64):
            near = [
                root
                for group in point.clusters(f)
                for root in group
                if cluster.low < midpoint(root.real) < cluster.high
                and abs(root.imag) < exact_ball(cluster.high - cluster.low)
            ]
        if near:
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


def _sign(ball: arb) -> int:
    return 0 if ball.is_zero() else (1 if ball > 0 else -1)


def _kind(cluster: Cluster, at_zero: bool, there: tuple[int, ...]) -> str:
    """From the density outside the cluster and the edges in it; there: the sides of t_c that exist."""
    sides = {side: cluster.met(side) for side in SIDES}
    some = sides[1] or sides[-1]
    outside = (some[0].left, some[-1].right)
    inner = {side: sum(p.kind == "edge" for p in sides[side]) >= 2 for side in SIDES}
    names = {
        (True, True): ("gap opens", "gap closes", "gap closes and opens"),
        (False, False): ("band appears", "band vanishes", "band vanishes and appears"),
    }
    if outside in names and (inner[-1] or inner[1]):
        opens, closes, touches = names[outside]
        return touches if inner[-1] and inner[1] else (opens if inner[1] else closes)
    if at_zero and outside[0] != outside[1]:
        signs = {side: [_sign(p.ball) for p in sides[side] if p.kind == "edge"] for side in SIDES}
        if len(there) == 1:
            stays = signs[there[0]] == [0]
            return "singularity" if stays else "edge leaves 0" if there == (1,) else "edge reaches 0"
        if signs[-1] == signs[1] == [0]:
            return "singularity"  # it stays at 0, and another root comes to it
        if signs[-1] == [0] or signs[1] == [0]:
            return "edge leaves 0" if signs[-1] == [0] else "edge reaches 0"
        return "edge crosses 0" if signs[-1] != signs[1] else "edge touches 0"
    return "singularity"
