"""What happens to the atoms that come to one place at a critical value: their masses, and their side of 0."""

from __future__ import annotations

import sympy as sp

from ..algebra.signs import Undecided
from .atom_masses import is_limit, mass_of
from .candidates import Curve
from .clusters import Cluster
from .curve_roots import Bounds
from .event import Event, Spot
from .spectrum_shapes import Place, Shape

_ONE_SIDED = {-1: "vanishes", 1: "appears"}  # towards the upper end of the domain, from the lower one


def atom_at_zero(cluster: Cluster, there: tuple[int, ...]) -> str:
    """The kind of event of an atom that is 0 at t_c alone; "" where there is none, or several."""
    if not cluster.low < 0 < cluster.high:
        return ""
    balls = [p.ball for side in there for p in cluster.met(side) if p.kind == "atom"]
    if len(balls) != len(there) or any(ball.is_zero() for ball in balls):
        return ""
    if len(there) == 1:
        return "atom leaves 0" if there == (1,) else "atom reaches 0"
    return "atom crosses 0" if (balls[0] < 0) != (balls[1] < 0) else "atom touches 0"


def passing_zero(
    kind: str,
    curve: Curve,
    cluster: Cluster,
    spot: Spot,
    shapes: dict[int, Shape],
    bounds: dict[int, Bounds],
) -> Event:
    """An atom that passes 0 takes its mass from one side of it to the other."""
    _, masses, there = _met(curve, cluster, shapes, bounds)
    atom = None if spot.law is None else spot.law.mass
    undecided = ("the mass as a function of the parameter",) if None in masses.values() else ()
    pair = (masses.get(-1), masses.get(1))
    return Event(kind, spot.place, atoms=there, atom=atom, masses=pair, undecided=undecided)


def mass_event(
    curve: Curve, cluster: Cluster, spot: Spot, shapes: dict[int, Shape], bounds: dict[int, Bounds]
) -> Event | None:
    """What happens to the masses of the atoms that come to one place; None if that is one analytic function.

    An end of the domain has one side; there the mass is compared with that at the end itself, as it is where
    both sides have the same function. Raises `Undecided` where a mass that decides is not derived.
    """
    met, masses, there = _met(curve, cluster, shapes, bounds)
    if not any(there):
        return None
    pair = (masses.get(-1), masses.get(1))
    unknown = None in masses.values()
    atom = None if spot.law is None else spot.law.mass
    if max(there) > 1:
        kind = "atoms meet"
    elif len(met) == 2 and not all(met.values()):
        kind = "atom appears" if met[1] else "atom vanishes"
    elif not unknown and len(set(masses.values())) == 2:
        kind = "kink of mass"
    else:  # one function, or one side: it ends here, jumps, or goes on
        (inside, *_) = masses.values()
        if spot.law is None or (unknown and (len(met) == 2 or atom is not None)):
            raise Undecided(f"whether the mass of the atom at x = {spot.place} has a kink or jumps")
        if atom is None:
            kind = "atom vanishes and appears" if len(met) == 2 else f"atom {_ONE_SIDED[(*met,)[0]]}"
        elif is_limit(inside, curve.parameter, spot.law):
            return None
        else:
            kind = "jump of mass"
    undecided = ("the mass as a function of the parameter",) if unknown else ()
    at_itself = atom if kind in ("atoms meet", "jump of mass") else None
    return Event(kind, spot.place, atoms=there, atom=at_itself, masses=pair, undecided=undecided)


def _met(
    curve: Curve, cluster: Cluster, shapes: dict[int, Shape], bounds: dict[int, Bounds]
) -> tuple[dict[int, list[Place]], dict[int, sp.Expr | None], tuple[int, int]]:
    """The atoms on the sides that there are, the sums of their masses, and how many below and above."""
    met = {side: [p for p in cluster.met(side) if p.kind == "atom"] for side in shapes}
    masses = {side: _total(curve, shapes[side], met[side], bounds[side]) for side in shapes}
    return met, masses, (len(met.get(-1, [])), len(met.get(1, [])))


def _total(curve: Curve, shape: Shape, atoms: list[Place], bounds: Bounds) -> sp.Expr | None:
    """The sum of the atoms' masses as functions of t; None where one is not derived."""
    masses = [mass_of(curve, shape, atom, bounds) for atom in atoms]
    return None if None in masses else sp.Add(*masses)
