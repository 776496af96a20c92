"""Critical values of a parameter, for any algebraic law: where its bands, edges and atoms change.

1. model, numbers for the others  -> the curve P(G, x, t) = 0
2. curve                          -> candidates, none missed                  (derive.candidates)
3. one rational t in every cell   -> bands, edges, atoms                      (derive.spectrum_shapes)
4. every candidate                -> what meets there, and how it moves away  (derive.critical_events)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp

from .algebraic_points import midpoint
from .candidates import Candidate, Curve, samples
from .critical_events import Event, events
from .critical_report import derivation, displays
from .derivation import Derivation
from .exact_numbers import Quantity, expression
from .latex import latex
from .model import Model, ModelError, wanted_model
from .parameters import Parameter
from .pipeline import equation_of
from .signs import Undecided
from .spectrum_shapes import Shape, shape

MOST = 8


@dataclass(frozen=True)
class CriticalValue:
    """A value of the parameter at which the spectrum changes.

    value: a ball, and the closed form up to degree 2, a root of its minimal polynomial beyond.
    before, after: the spectrum at a rational value in the cell below and above.
    events: what happens, one at each place.
    candidate, near: where it was found, and how far the cells reach on its two sides.
    """

    parameter: Parameter
    value: Quantity
    minimal_polynomial: sp.Expr
    before: Shape
    after: Shape
    events: tuple[Event, ...]
    candidate: Candidate
    near: Mapping[int, Fraction]

    @property
    def sides(self) -> dict[int, Shape]:
        """The spectrum below (-1) and above (1)."""
        return {-1: self.before, 1: self.after}

    @property
    def latex(self) -> str:
        """The formulas of all events, one a line."""
        names = {self.parameter.name: self.parameter.latex}
        lines = [latex(shown, names) for event in self.events for shown in displays(self, event)]
        return "\n".join(dict.fromkeys(lines))

    @property
    def told(self) -> tuple[Any, ...]:
        """Kinds, exponents and counts: what two critical values on one curve must share."""
        counts = tuple((shape.bands, shape.atoms) for shape in (self.before, self.after))
        return (counts, *(event.told for event in self.events))

    @property
    def bands(self) -> tuple[int, int]:
        """The number of bands below and above."""
        return self.before.bands, self.after.bands


@dataclass(frozen=True)
class CriticalValues:
    """All critical values of one parameter in its domain, the other parameters fixed.

    fixed: numbers of the other parameters. shapes: one in every cell between the candidates.
    rejected: (candidate, reason) for candidates at which nothing happens.
    undecided: (candidate, reason) for those that stay open.
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

    parameter: a name. fixed: rational numbers for all other parameters, as 1, "1/3" or `Fraction`; those
        with a default may be left out.
    Raises `ModelError` for names and numbers that do not fit, or a law without moments; `Undecided` where the
    law's degree is beyond 8 or an algebraic number would take too many bits.
    """
    wanted_model(model)
    varied = wanted_parameter(model, parameter)
    numbers = numbers_for(model, (parameter,), fixed)
    return analysed(model, varied, numbers, inserted(model, equation_of(model), numbers))


def inserted(model: Model, equation: sp.Expr, numbers: Mapping[str, Fraction]) -> sp.Expr:
    """The equation with numbers for parameters."""
    named = {p.name: p.symbol for p in model.parameters}
    return equation.subs({named[name]: sp.Rational(str(number)) for name, number in numbers.items()})


def analysed(
    model: Model, symbol: Parameter, numbers: Mapping[str, Fraction], equation: sp.Expr
) -> CriticalValues:
    """The critical values from the equation, in which one parameter is left."""
    curve = Curve.of(equation, symbol.symbol)
    degree = int(curve.polynomial.degrees()[2])
    if degree > MOST:
        raise Undecided(f"the equation has degree {degree} in G; critical values are derived up to {MOST}")
    candidates = curve.candidates(symbol.interval)
    cells = samples(candidates, symbol.interval, Fraction(1, 2))
    shapes = tuple(shape(curve.polynomial, curve.edges, t) for t in cells)
    found: list[CriticalValue] = []
    rejected: list[tuple[Candidate, str]] = []
    undecided: list[tuple[Candidate, str]] = []
    for k, candidate in enumerate(candidates):
        near = {side: distance(candidates, k, side, cells) for side in (-1, 1)}
        try:
            happened = events(curve, candidate, {-1: shapes[k], 1: shapes[k + 1]}, near)
        except Undecided as reason:
            undecided.append((candidate, str(reason)))
            continue
        if happened:
            dense = [int(c) for c in reversed(candidate.polynomial.coeffs())]
            minimal = sp.Poly(dense, symbol.symbol).as_expr()
            value = Quantity(candidate.ball, expression(candidate.polynomial, candidate.ball))
            sides = (shapes[k], shapes[k + 1])
            found.append(CriticalValue(symbol, value, minimal, *sides, tuple(happened), candidate, near))
        elif (shapes[k].bands, shapes[k].atoms) != (shapes[k + 1].bands, shapes[k + 1].atoms):
            undecided.append((candidate, "the spectrum changes, but what happens was not found"))
        else:
            rejected.append((candidate, _why(candidate)))
    return CriticalValues(
        model,
        symbol,
        numbers,
        curve,
        candidates,
        shapes,
        tuple(found),
        tuple(rejected),
        tuple(undecided),
        equation,
    )


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
    """How far t may go from a candidate without leaving the cell, or passing its sample if unbounded."""
    here = midpoint(candidates[k].ball)
    if 0 <= k + side < len(candidates):
        return abs(midpoint(candidates[k + side].ball) - here) * Fraction(9, 10)
    return abs(cells[k if side < 0 else k + 1] - here)


def _why(candidate: Candidate) -> str:
    return "; ".join(candidate.reasons) + ": on other sheets than the law's, or off the real line"
