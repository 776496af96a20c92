"""Critical values with a second parameter left as a symbol: curves, and where their picture changes.

1. equation in G, z, t, s      -> curves f(t, s) = 0 and points of s between which nothing changes
                                                                              (derive.critical.plane)
2. one rational s in each cell -> the critical values there                   (derive.critical.values)
3. each of them                -> the curve and the root that it is, in closed form where there is one
                                                                              (derive.critical.local_forms)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import sympy as sp
from flint import arb

from ..algebra.algebraic_points import midpoint
from ..algebra.signs import Undecided
from ..derivation import CertificateError, Derivation
from ..language.model import Model, ModelError, wanted_model
from ..language.parameters import Parameter
from ..laws import Algebraic
from ..pipeline import branch_of
from .atom_masses import masses_over
from .candidates import DEGENERATE, Candidate, samples
from .curve_roots import Bound, Bounds, Place, at_number, place_of
from .curves_report import derivation
from .event import Event
from .exact_numbers import Quantity, expression
from .local_forms import LocalForm, crossing_form, merging_form, widening_form
from .plane import LOST, SIDES, Plane, Section
from .values import (
    MOST,
    CriticalValue,
    CriticalValues,
    analysed,
    distance,
    inserted,
    numbers_for,
    wanted_parameter,
)

Key = tuple[int, int]
Masses = tuple[sp.Expr | None, sp.Expr | None] | None
FIRST, SECOND = (7, 10), (14, 13, 3)  # how far through a cell numbers are looked for, in sixteenths


@dataclass(frozen=True)
class Branch:
    """One critical value for all s of a cell: a real root of one curve.

    polynomial: f(t, s), irreducible. root: which of its roots inside t's domain, from below, 1 first.
    key: (place of the curve among all, root).
    closed: the root as an expression in s, None where there is none.
    value: at the cell's sample. forms: the leading terms of its events in s, None where none is derived.
    masses: of the atoms in its events, below and above, in t and s for the whole cell; None where none is
        derived.
    at_sample: whether the density's exponents are shown at the sample alone: P degenerates on the curve.
    """

    polynomial: sp.Expr
    root: int
    key: Key
    closed: sp.Expr | None
    value: CriticalValue
    forms: tuple[LocalForm | None, ...]
    masses: tuple[Masses, ...]
    at_sample: bool

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its events."""
        return tuple(event.kind for event in self.value.events)


@dataclass(frozen=True)
class Cell:
    """An open interval of s in which the picture of the critical values does not change.

    low, high: None where it is unbounded. sample: a rational number in it; others: some more.
    values: the critical values at the sample, ascending, and branches: what they are for all s.
    """

    low: Quantity | None
    high: Quantity | None
    sample: Fraction
    others: tuple[Fraction, ...]
    values: CriticalValues
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class CriticalCurves:
    """All critical values of one parameter as functions of a second one, the others fixed.

    Proved for all s of a cell (derive.critical.plane): the branches are real, distinct and keep their order;
    between them the number of bands and of atoms, and which singular points the law has, do not change; the
    kinds of their events and the exponents do not either, but those of the density where a branch says that
    they are the sample's. Decided at the sample alone: that no atom's mass has a kink where none has there.
    points: between the cells, with the reasons.
    """

    model: Model
    parameter: Parameter
    over: Parameter
    fixed: Mapping[str, Fraction]
    plane: Plane
    points: tuple[Candidate, ...]
    cells: tuple[Cell, ...]
    law: Algebraic
    projected: int

    @property
    def chains(self) -> tuple[tuple[tuple[Cell, Branch], ...], ...]:
        """Branches of neighbouring cells that are one root of one curve, with events alike, together."""
        found: list[list[tuple[Cell, Branch]]] = []
        last: dict[Key, list[tuple[Cell, Branch]]] = {}
        for cell in self.cells:
            current = {}
            for branch in cell.branches:
                chain = last.get(branch.key, [])
                if not chain or not _alike(chain[-1][1], branch):
                    chain = []
                    found.append(chain)
                chain.append((cell, branch))
                current[branch.key] = chain
            last = current
        return tuple(map(tuple, found))

    @property
    def polynomials(self) -> tuple[sp.Expr, ...]:
        """The irreducible polynomials f(t, s) of which some root inside the domain is critical somewhere."""
        branches = [branch for cell in self.cells for branch in cell.branches if not branch.value.is_end]
        return tuple(dict.fromkeys(branch.polynomial for branch in branches))

    @cached_property
    def again(self) -> tuple[tuple[Fraction, dict[Key, CriticalValue]], ...]:
        """A second number in every cell and the critical values there, by the curve and the root of each."""
        found = []
        for cell in self.cells:
            s, values = _at(self.model, self.parameter, self.over, self.fixed, self.law, cell.others)
            found.append((s, _named(self.plane.sections(s), values)))
        return tuple(found)

    @cached_property
    def derivation(self) -> Derivation:
        """The steps, each with its display and a certificate that is checked now."""
        return derivation(self)

    def _repr_latex_(self) -> str:
        return self.derivation._repr_latex_()

    def _repr_markdown_(self) -> str:
        return self.derivation._repr_markdown_()


def critical_curves(model: Model, parameter: str, over: str, **fixed: Any) -> CriticalCurves:
    """Where bands merge or split, edges cross 0 or change their exponent, for every value of a second one.

    parameter, over: names. fixed: rational numbers for all other parameters, as for `critical_values`.
    Critical values inside the domain of `parameter` and at ends that belong to it, for `over` inside its own.
    Raises `ModelError` for names and numbers that do not fit, or a law without moments; `Undecided` where the
    law's degree is beyond 8, the equation has several factors or an algebraic number takes too many bits.
    """
    wanted_model(model)
    varied, other = wanted_parameter(model, parameter), wanted_parameter(model, over)
    if varied == other:
        raise ModelError(f"over={over!r} is the parameter that varies; name another one")
    numbers = numbers_for(model, (parameter, over), fixed)
    law = inserted(model, branch_of(model), numbers)
    plane = Plane.of(law, varied, other, MOST)
    points = plane.points()
    rational = samples(points, other.interval, Fraction(1, 2))
    sections = [plane.sections(s) for s in rational]
    links = {}
    for k, point in enumerate(points):
        near = {side: distance(points, k, side, rational) for side in SIDES}
        links[k] = _going_on(plane, point, near, sections[k], sections[k + 1])
    quiet = [_keys(s) for s in sections]
    groups = _joined(
        [[k] for k in range(len(rational))],
        lambda left, right: links[left[-1]] == quiet[left[-1]] == quiet[right[0]],
    )
    tries = [samples(points, other.interval, Fraction(share, 16)) for share in FIRST]
    pictures = []
    for members in groups:
        options = [some[_widest(members, points)] for some in (rational, *tries)]
        s, values = _at(model, varied, other, numbers, law, options)
        pictures.append(_Picture(members, s, values, _named(plane.sections(s), values)))
    joined = _joined(
        [[picture] for picture in pictures], lambda a, b: a[-1].like(b[0], links[a[-1].members[-1]])
    )
    chosen = [max(some, key=lambda p: _width(p.members, points)) for some in joined]
    last = [some[-1].members[-1] for some in joined]
    kept = tuple(points[k] for k in last[:-1])
    ends = [Bound.of(other.interval.low), *map(_bound, kept), Bound.of(other.interval.high)]
    second = [samples(points, other.interval, Fraction(share, 16)) for share in SECOND]
    cells = []
    for picture, k, (low, high) in zip(chosen, last, pairwise(ends), strict=True):
        ordered = sorted(picture.critical.items(), key=lambda item: float(item[1].value))
        branches = tuple(_branch(plane, key, value, picture.sample, (low, high)) for key, value in ordered)
        found = (picture.sample, tuple(some[k] for some in second), picture.values, branches)
        cells.append(Cell(_quantity(low), _quantity(high), *found))
    return CriticalCurves(model, varied, other, numbers, plane, kept, tuple(cells), law, len(points))


@dataclass(frozen=True)
class _Picture:
    """Neighbouring cells between which no root is disturbed, and the critical values at one s in them."""

    members: list[int]
    sample: Fraction
    values: CriticalValues
    critical: dict[Key, CriticalValue]

    def like(self, other: _Picture, link: frozenset[Key] | None) -> bool:
        """Whether all critical values go on to those of the other, with events of the same kinds."""
        if link is None or self.values.undecided or other.values.undecided:
            return False
        if not set(self.critical) == set(other.critical) <= link:
            return False
        return all(value.told == other.critical[key].told for key, value in self.critical.items())


def _going_on(
    plane: Plane,
    point: Candidate,
    near: dict[int, Fraction],
    below: Sequence[Section],
    above: Sequence[Section],
) -> frozenset[Key] | None:
    """The roots inside the domain that pass a point undisturbed, with one name on both sides.

    None where no statement is made.
    """
    if {DEGENERATE, LOST} & set(point.reasons):
        return None
    passing = plane.passing(point, near, {-1: below, 1: above})
    pairs = [(below[i], above[j]) for i, j in passing.items()]
    return frozenset((a.curve, a.rank) for a, b in pairs if a.rank and (a.curve, a.rank) == (b.curve, b.rank))


def _keys(sections: Sequence[Section]) -> frozenset[Key]:
    return frozenset((s.curve, s.rank) for s in sections if s.rank)


def _joined(items: list[list[Any]], same: Callable[[list[Any], list[Any]], bool]) -> list[list[Any]]:
    """Neighbours together where that holds of them."""
    found = [list(items[0])]
    for right in items[1:]:
        if same(found[-1], right):
            found[-1] += right
        else:
            found.append(list(right))
    return found


def _width(members: Sequence[int], points: Sequence[Candidate]) -> float:
    return max(_reach(k, points) for k in members)


def _widest(members: Sequence[int], points: Sequence[Candidate]) -> int:
    return max(members, key=lambda k: _reach(k, points))


def _reach(k: int, points: Sequence[Candidate]) -> float:
    """The length of the cell below the k-th point; those at the ends of the domain count as widest."""
    if not 0 < k < len(points):
        return float("inf")
    return float(midpoint(points[k].ball) - midpoint(points[k - 1].ball))


def _at(
    model: Model,
    varied: Parameter,
    other: Parameter,
    fixed: Mapping[str, Fraction],
    law: Algebraic,
    options: Sequence[Fraction],
) -> tuple[Fraction, CriticalValues]:
    """The first of some numbers s at which the law can be decided, and the critical values there."""
    trouble: Undecided | None = None
    for s in options:
        numbers = {**fixed, other.name: s}
        try:
            return s, analysed(model, varied, numbers, inserted(model, law, {other.name: s}))
        except Undecided as undecided:
            trouble = undecided
    raise Undecided(f"{trouble}, at {other.name} = {', '.join(map(str, options))}")


def _named(sections: Sequence[Section], values: CriticalValues) -> dict[Key, CriticalValue]:
    """The critical values by the root that each of them is; they are all among them."""
    found = {}
    for value in values.values:
        near = [s for s in sections if s.rank and s.ball.overlaps(value.candidate.ball)]
        if len(near) != 1:
            raise CertificateError(f"{value.value} is critical and on {len(near)} of the curves, not on one")
        found[near[0].curve, near[0].rank] = value
    return found


def _branch(plane: Plane, key: Key, value: CriticalValue, sample: Fraction, bounds: Bounds) -> Branch:
    polynomial, s = plane.expression(key[0]), at_number(sample)
    t, symbol = plane.parameter.symbol, plane.over.symbol
    place = place_of(polynomial, t, symbol, s, value.candidate.ball, bounds)
    forms = tuple(None if place is None else _form(plane, place, event, s, bounds) for event in value.events)
    masses = tuple(masses_over(plane, event, value, sample) for event in value.events)
    closed = None if place is None else place.expression
    return Branch(polynomial, key[1], key, closed, value, forms, masses, key[0] in plane.degenerate)


def _form(plane: Plane, place: Place, event: Event, s: arb, bounds: Bounds) -> LocalForm | None:
    """The event's leading terms, where its exponents at the sample are those of a form that is known."""
    exponents = [d.exponent for d in (event.left, event.right) if d is not None]
    try:
        if event.kind == "edge crosses 0" and exponents == [sp.Rational(1, 2)]:
            return crossing_form(plane.ring, plane.polynomial, place, bounds, s)
        if event.kind in ("gap opens", "gap closes") and exponents == [sp.Rational(1, 3)] * 2:
            return merging_form(plane.ring, plane.polynomial, plane.edges, place, bounds, s)
        at_zero = event.atom is not None and event.place is not None and event.place.exact == 0
        if event.kind in ("band appears", "band vanishes") and at_zero and len(event.width) == 1:
            return widening_form(plane.ring, plane.polynomial, place, bounds, s)
    except Undecided:
        return None
    return None


def _alike(first: Branch, second: Branch) -> bool:
    """Whether one sentence can tell of both; the number of bands may differ."""
    forms = [(form is not None and form.everywhere) for branch in (first, second) for form in branch.forms]
    return (
        first.value.told[1:] == second.value.told[1:]
        and first.closed == second.closed
        and len(set(forms)) < 2
    )


def _bound(point: Candidate) -> Bound:
    return Bound(point.ball, point.polynomial)


def _quantity(bound: Bound | None) -> Quantity | None:
    return None if bound is None else Quantity(bound.ball, expression(bound.polynomial, bound.ball))
