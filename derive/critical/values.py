"""Critical values of a parameter, for any algebraic law: where its bands, edges and atoms change.

1. model, numbers for the others  -> the curve P(G, x, t) = 0
2. curve                          -> candidates, none missed                  (`candidates`)
3. one rational t in every cell   -> bands, edges, atoms                      (`spectrum_shapes`)
4. every candidate                -> what meets there, and how it moves away  (`events`)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import sympy as sp

from ..algebra.algebraic_points import midpoint
from ..algebra.signs import Undecided
from ..derivation import Derivation
from ..language.model import Model, ModelError, wanted_model
from ..language.parameters import Parameter
from ..laws import Algebraic
from ..pipeline import branch_of
from ..typesetting.latex import latex
from .candidates import Candidate, Curve, samples
from .curve_roots import Bound
from .event import Event
from .events import events
from .exact_numbers import Quantity, expression
from .report import derivation, displays
from .spectrum_shapes import Shape, shape

MOST = 8


@dataclass(frozen=True)
class CriticalValue:
    """A value of the parameter at which the spectrum changes.

    value: a ball, and the closed form up to degree 2, a root of its minimal polynomial beyond.
    before, after: the spectrum at a rational value in the cell below and above; None beyond the domain.
    events: what happens, at each place one for the density and one for an atom's mass.
    candidate, near: where it was found, and how far the cells reach on its two sides.
    """

    parameter: Parameter
    value: Quantity
    minimal_polynomial: sp.Expr
    before: Shape | None
    after: Shape | None
    events: tuple[Event, ...]
    candidate: Candidate
    near: Mapping[int, Fraction]

    @property
    def sides(self) -> dict[int, Shape]:
        """The spectrum below (-1) and above (1)."""
        both = {-1: self.before, 1: self.after}
        return {side: shape for side, shape in both.items() if shape is not None}

    @property
    def latex(self) -> str:
        """The formulas of all events, one a line."""
        names = {self.parameter.name: self.parameter.latex}
        lines = [latex(shown, names) for event in self.events for shown in displays(self, event)]
        return "\n".join(dict.fromkeys(lines))

    @property
    def is_end(self) -> bool:
        """Whether it is an end of the domain, with one side."""
        return len(self.sides) == 1

    @property
    def told(self) -> tuple[Any, ...]:
        """Kinds, exponents and counts: what two critical values on one curve must share."""
        counts = tuple((side, shape.bands, shape.atoms) for side, shape in self.sides.items())
        return (counts, *(event.told for event in self.events))

    @property
    def bands(self) -> tuple[int | None, int | None]:
        """The number of bands below and above; None beyond the domain."""
        below, above = (None if shape is None else shape.bands for shape in (self.before, self.after))
        return below, above


@dataclass(frozen=True)
class CriticalValues:
    """All critical values of one parameter in its domain, the other parameters fixed.

    fixed: numbers of the other parameters. shapes: one in every cell between the candidates.
    rejected: (candidate, reason) for candidates at which nothing happens.
    undecided: (candidate, reason) for those that stay open, or of which a part does.
    excluded: ends that do not belong to the domain, with the conditions that they solve.
    """

    model: Model
    parameter: Parameter
    fixed: Mapping[str, Fraction]
    curve: Curve
    candidates: tuple[Candidate, ...]
    shapes: tuple[Shape, ...]
    values: tuple[CriticalValue, ...]
    rejected: tuple[tuple[Candidate, str], ...]
    undecided: tuple[tuple[Candidate, str], ...]
    excluded: tuple[Candidate, ...]
    equation: sp.Expr

    @cached_property
    def derivation(self) -> Derivation:
        """The steps, each with its display and a certificate that is checked now."""
        return derivation(self)

    def _repr_latex_(self) -> str:
        return self.derivation._repr_latex_()

    def _repr_markdown_(self) -> str:
        return self.derivation._repr_markdown_()


def critical_values(model: Model, parameter: str, **fixed: Any) -> CriticalValues:
    """Where bands merge or split, edges cross 0 or change their exponent, as `parameter` varies.

    Inside the parameter's domain, and at ends that belong to it, which have events of one side.
    parameter: a name. fixed: rational numbers for all other parameters, as 1, "1/3" or `Fraction`; those
        with a default may be left out.
    Raises `ModelError` for names and numbers that do not fit, or a law without moments; `Undecided` where the
    law's degree is beyond 8 or an algebraic number would take too many bits.
    """
    wanted_model(model)
    varied = wanted_parameter(model, parameter)
    numbers = numbers_for(model, (parameter,), fixed)
    return analysed(model, varied, numbers, inserted(model, branch_of(model), numbers))


def inserted(model: Model, law: Algebraic, numbers: Mapping[str, Fraction]) -> Algebraic:
    """The law with numbers for parameters."""
    named = {p.name: p.symbol for p in model.parameters}
    given = {named[name]: sp.Rational(str(number)) for name, number in numbers.items()}
    return law.at(given)


def analysed(
    model: Model, symbol: Parameter, numbers: Mapping[str, Fraction], law: Algebraic
) -> CriticalValues:
    """The critical values of a law in which one parameter is left."""
    curve = Curve.of(law, symbol.symbol)
    degree = int(curve.polynomial.degrees()[2])
    if degree > MOST:
        raise Undecided(f"the equation has degree {degree} in G; critical values are derived up to {MOST}")
    domain = symbol.interval
    candidates = curve.candidates(domain)
    cells = samples(candidates, domain, Fraction(1, 2))
    shapes = tuple(shape(curve, t) for t in cells)
    ends = {s: curve.at_end(end) for s, end in ((-1, domain.low), (1, domain.high)) if end is not None}
    closed = {-1: domain.closed_low, 1: domain.closed_high}
    bounds = list(
        pairwise(
            [Bound.of(domain.low), *(Bound(c.ball, c.polynomial) for c in candidates), Bound.of(domain.high)]
        )
    )
    places = [(c, {-1: k, 1: k + 1}) for k, c in enumerate(candidates)]
    for side, k in ((-1, 0), (1, len(cells) - 1)):
        # an atom's mass may tend to 0 at an end where no singular points meet
        if side in ends and closed[side] and (ends[side].reasons or shapes[k].atoms):
            places.insert(0 if side < 0 else len(places), (ends[side], {-side: k}))
    found: list[CriticalValue] = []
    rejected: list[tuple[Candidate, str]] = []
    undecided: list[tuple[Candidate, str]] = []
    for candidate, around in places:
        sides = {side: shapes[k] for side, k in around.items()}
        near = {side: _reach(candidate, candidates, k, side, cells) for side, k in around.items()}
        try:
            happened, still_open = events(
                curve, candidate, sides, near, {side: bounds[k] for side, k in around.items()}
            )
        except Undecided as reason:
            undecided.append((candidate, str(reason)))
            continue
        undecided += [(candidate, sentence) for sentence in still_open]
        if happened:
            dense = [int(c) for c in reversed(candidate.polynomial.coeffs())]
            minimal = sp.Poly(dense, symbol.symbol).as_expr()
            value = Quantity(candidate.ball, expression(candidate.polynomial, candidate.ball))
            both = (sides.get(-1), sides.get(1))
            found.append(CriticalValue(symbol, value, minimal, *both, tuple(happened), candidate, near))
        elif len({(side.bands, side.atoms) for side in sides.values()}) > 1:
            undecided.append((candidate, "the spectrum changes, but what happens was not found"))
        elif candidate.reasons and not still_open:
            rejected.append((candidate, _why(candidate)))
    excluded = tuple(end for side, end in ends.items() if end.reasons and not closed[side])
    outcome = (tuple(found), tuple(rejected), tuple(undecided), excluded)
    return CriticalValues(model, symbol, numbers, curve, candidates, shapes, *outcome, law.polynomial)


def _reach(
    candidate: Candidate, candidates: Sequence[Candidate], cell: int, side: int, cells: Sequence[Fraction]
) -> Fraction:
    """How far t may go from a candidate into a cell, not beyond it, nor beyond the sample if unbounded."""
    beyond = cell if side > 0 else cell - 1
    here = midpoint(candidate.ball)
    if 0 <= beyond < len(candidates):
        return abs(midpoint(candidates[beyond].ball) - here) * Fraction(9, 10)
    return abs(cells[cell] - here)


def wanted_parameter(model: Model, name: str) -> Parameter:
    """The parameter of that name; raises `ModelError` if there is none."""
    names = [p.name for p in model.parameters]
    if name not in names:
        raise ModelError(f"{model.title!r} has no parameter {name!r}; it has {', '.join(names) or 'none'}")
    return next(p for p in model.parameters if p.name == name)


def numbers_for(model: Model, left: Sequence[str], fixed: Mapping[str, Any]) -> dict[str, Fraction]:
    """Numbers inside their domains for all parameters but those left; raises `ModelError` otherwise."""
    names = [p.name for p in model.parameters]
    unknown = sorted(set(fixed) - set(names) | (set(left) & set(fixed)))
    if unknown:
        raise ModelError(
            f"values are wanted for the parameters beside {' and '.join(left)}, got {', '.join(unknown)}; "
            f"{model.title!r} has {', '.join(names)}"
        )
    numbers: dict[str, Fraction] = {}
    for p in model.parameters:
        if p.name in left:
            continue
        given = fixed.get(p.name, p.default)
        if given is None:
            others = f"; critical curves leave it as a symbol: over={p.name}" if len(left) == 1 else ""
            others = others or f"; {' and '.join(left)} are left as symbols, and no more can be"
            raise ModelError(f"no value for {p.name}; give a rational number, as {p.name}=1/2{others}")
        try:
            numbers[p.name] = Fraction(str(given)) if not isinstance(given, float) else Fraction(given)
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise ModelError(f"{p.name} must be a rational number, as 1/2, got {given!r}") from error
        if numbers[p.name] not in p.interval:
            raise ModelError(f"{p.name} = {numbers[p.name]} is outside its domain {p.domain}")
    return numbers


def distance(candidates: Sequence[Candidate], k: int, side: int, cells: Sequence[Fraction]) -> Fraction:
    """How far t may go from the k-th candidate into the cell below or above."""
    return _reach(candidates[k], candidates, k if side < 0 else k + 1, side, cells)


def _why(candidate: Candidate) -> str:
    return (
        "; ".join(candidate.reasons) + ": on other sheets than the law's, off the real line, or inside a band"
    )
