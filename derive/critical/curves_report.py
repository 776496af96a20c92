"""Critical curves as a derivation: the curves, the points between which nothing changes, and each branch.

Every cell is decided a second time at another rational number: the same roots are critical, with events of
the same kinds and exponents, and closed forms have there the values that are found without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING

import sympy as sp

from ..certificates import Identity
from ..derivation import Asymptotic, CertificateError, Derivation, Section, Step
from .exact_numbers import Quantity
from .local_forms import Form, LocalForm
from .plane import WORDS as POINT_WORDS
from .report import LONGEST, WORDS, Measured, at_numbers, bands_text, displays, equal, letters, printed, shown

if TYPE_CHECKING:
    from .curves import Branch, Cell, CriticalCurves
    from .event import Event
    from .values import CriticalValue

Chain = tuple[tuple["Cell", "Branch"], ...]


@dataclass(frozen=True)
class OnCurves:
    """At a second number of every cell all critical values lie on the curves."""

    curves: CriticalCurves

    def check(self) -> None:
        if len(self.curves.again) != len(self.curves.cells):
            raise CertificateError("a cell was not decided again")

    @property
    def summary(self) -> str:
        count = len(self.curves.cells)
        return (
            f"all critical values at two numbers in each of {count} cell{'s' * (count != 1)}, found without "
            "the curves, lie on them"
        )


@dataclass(frozen=True)
class Agrees:
    """At a second number of each cell the same roots are critical, and the closed forms hold."""

    curves: CriticalCurves
    parts: tuple[tuple[Cell, Branch | None], ...]

    def check(self) -> None:
        for cell, branch in self.parts:
            self._check(cell, branch)

    def _check(self, cell: Cell, branch: Branch | None) -> None:
        another, found = self.curves.again[self.curves.cells.index(cell)]
        s = f"{self.curves.over.name} = {another}"
        if set(found) != {branch.key for branch in cell.branches}:
            raise CertificateError(f"other roots are critical at {s} than at {cell.sample}")
        if branch is None:
            return
        second = found[branch.key]
        if branch.value.told != second.told:
            raise CertificateError(f"what happens at {s} differs from that at {cell.sample}")
        self._masses(branch, second, another)
        if branch.closed is None:
            return
        Identity(branch.polynomial.subs(self.curves.parameter.symbol, branch.closed)).check()
        for value, number in ((branch.value, cell.sample), (second, another)):
            at = {self.curves.over.symbol: sp.Rational(number.numerator, number.denominator)}
            self._compare(branch, branch.closed, value, at)

    def _masses(self, branch: Branch, second: CriticalValue, number: Fraction) -> None:
        at = {self.curves.over.symbol: sp.Rational(number.numerator, number.denominator)}
        for ours, event in zip(branch.masses, second.events, strict=True):
            for mass, found in zip(ours or (), event.masses, strict=False):
                if mass is not None and (found is None or sp.cancel(mass.subs(at) - found) != 0):
                    raise CertificateError(f"the mass of the atom is not {mass} at {at}")

    def _compare(
        self, branch: Branch, closed: sp.Expr, value: CriticalValue, at: dict[sp.Symbol, sp.Rational]
    ) -> None:
        pairs: list[tuple[sp.Expr, Quantity | None]] = [(closed, value.value)]
        for form, event in zip(branch.forms, value.events, strict=True):
            if form is None:
                continue
            pairs.append((form.place, event.place))
            if form.density is not None:
                pairs += [(form.density.coefficient, d.coefficient) for d in (event.left, event.right) if d]
            pairs += [(form.width.coefficient, g.coefficient) for g in event.width if form.width]
            pairs += [(form.edge.coefficient * g.side, g.coefficient) for g in event.edge if form.edge]
            pairs += [(form.mass.coefficient, g.coefficient) for g in (event.mass,) if form.mass and g]
        for expression, quantity in pairs:
            if quantity is not None and not equal(expression.subs(at), quantity):
                raise CertificateError(f"{expression} is not {quantity} at {at}")

    @property
    def summary(self) -> str:
        closed = any(branch is not None and branch.closed is not None for _, branch in self.parts)
        proof = "the closed form solves f = 0, an identity; " if closed else ""
        same = "the same roots are critical" + (", and closed forms have the values found" if closed else "")
        again = [self.curves.again[self.curves.cells.index(cell)][0] for cell, _ in self.parts]
        numbers = _listed(list(map(str, again)))
        return f"{proof}decided again at ${self.curves.over.latex}$ = {numbers}: {same}"


def derivation(curves: CriticalCurves) -> Derivation:
    """The steps to all critical curves; every certificate is checked here."""
    t, s = curves.parameter, curves.over
    steps = [_projection(curves)]
    limits = []
    for cell in curves.cells:
        if not cell.branches:
            rule = f"For {_interval(curves, cell, cell)} no value of ${t.latex}$ is critical."
            steps.append(Step("no critical value", rule, (), Agrees(curves, ((cell, None),))))
        for chain in curves.chains:
            if chain[0][0] is cell:
                steps += [_branch(curves, chain), *_numbers(curves, *chain[0])]
        limits += [
            f"{_interval(curves, cell, cell)}: not decided at the sample: {why}"
            for _, why in cell.values.undecided
        ]
    fixed = at_numbers(curves.model, curves.fixed)
    heading = f"Critical values of ${t.latex}$ for every ${s.latex}${fixed}"
    limits.append(
        f"what happens towards ends of the domain {t.domain} of ${t.latex}$ that do not belong to it, and at "
        f"the ends of the domain {s.domain} of ${s.latex}$"
        + (" and its values between the cells" if curves.points else "")
        + ": give it as a number there"
    )
    section = Section(heading, tuple(steps))
    return Derivation(curves.model, curves.law, curves.law.polynomial, (section,), {}, tuple(limits))


def _projection(curves: CriticalCurves) -> Step:
    t, s = curves.parameter, curves.over
    count, left = curves.projected, len(curves.points)
    rule = (
        f"The values of ${t.latex}$ at which singular points can meet, reach 0 or escape are real roots of "
        f"{len(curves.plane.curves)} irreducible polynomials in ${t.latex}$ and ${s.latex}$ (the ends of the "
        "domain among them). These roots meet each other, turn back or leave the domain only where a "
        f"discriminant, a resultant or a leading coefficient vanishes: {count} value{'s' * (count != 1)} of "
        f"${s.latex}$, isolated exactly; "
        + (f"at all but {left} of them" if left else "at none of them")
        + f" {'no' if left else 'a'} critical root is disturbed. "
    )
    last = len(curves.polynomials)
    shown_here = []
    if last:
        some = "f_1, which has" if last == 1 else f"f_1 to f_{last}, which have"
        shown_here.append(f"{some} a root that is critical somewhere")
    if left:
        shown_here.append(f"the value{'s' * (left != 1)} of ${s.latex}$ between the cells")
    rule += f"Displayed: {'; '.join(shown_here)}." if shown_here else ""
    listed: list[sp.Basic] = []
    for k, polynomial in enumerate(curves.polynomials, 1):
        name = sp.Symbol(f"f_{k}")
        short = len(sp.Add.make_args(polynomial)) <= LONGEST
        listed.append(
            sp.Eq(name, polynomial if short else sp.Function("f")(t.symbol, s.symbol), evaluate=False)
        )
    for k, point in enumerate(curves.points):
        end = curves.cells[k].high
        assert end is not None
        listed.append(sp.Eq(sp.Symbol(f"{s.name}_{k + 1}"), printed(end), evaluate=False))
        rule += f" At ${s.latex}$ = {shown(end)} {' and '.join(POINT_WORDS[why] for why in point.reasons)}."
    return Step("curves", rule, tuple(listed), OnCurves(curves))


def _branch(curves: CriticalCurves, chain: Chain) -> Step:
    t, s = curves.parameter, curves.over
    cell, branch = chain[0]
    events = "; ".join(dict.fromkeys(WORDS[event.kind] for event in branch.value.events))
    if branch.value.is_end:
        root = f"the end {shown(branch.value.value)} of the domain"
    else:
        number = curves.polynomials.index(branch.polynomial) + 1
        root = f"the root number {branch.root} of f_{number} = 0 inside the domain, counted from below,"
    rule = f"For {_interval(curves, cell, chain[-1][0])}{_but(chain)} {root} is critical: {events}; "
    bands = [key for key, _ in groupby(b.value.bands for _, b in chain)]
    rule += ", then ".join(bands_text(pair) for pair in bands) + ". "
    if all(form is not None and form.everywhere for form in branch.forms):
        rule += f"The exponents and coefficients hold for all these ${s.latex}$."
    else:
        for sampled, b in chain:
            places = dict.fromkeys(_place(event) for event in b.value.events)
            rule += f"At the sample ${s.latex}$ = {sampled.sample} it is {shown(b.value.value)}, "
            rule += f"{_listed(list(places))}. "
        rule += _told(f"For all these ${s.latex}$", branch, density=not branch.at_sample, rest=True)
        rule += _told("At the sample", branch, density=branch.at_sample, rest=False)
        if any(form is not None for form in branch.forms):
            rule += "The coefficients displayed are not shown to be finite for all of the cell."
        else:
            rule += (
                "Coefficients as functions are not derived; numbers at a sample follow where there are any."
            )
    rule = rule.rstrip() + "".join(
        dict.fromkeys(
            letters(event)
            for form, event in zip(branch.forms, branch.value.events, strict=True)
            if form is not None
        )
    )
    critical = sp.Symbol(f"{t.name}_c")
    found: list[sp.Basic] = []
    if branch.closed is not None:
        found.append(sp.Eq(critical, branch.closed, evaluate=False))
    for form, event in zip(branch.forms, branch.value.events, strict=True):
        if form is not None:
            found += _displays(t.symbol, critical, form, event)
    for masses, event in zip(branch.masses, branch.value.events, strict=True):
        at_zero = event.place is not None and event.place.exact == 0
        mu = sp.Function("mu")(sp.S.Zero if at_zero else sp.Symbol("x_c"))
        found += [sp.Eq(mu, mass, evaluate=False) for mass in masses or () if mass is not None and mass != 0]
    return Step(branch.value.events[0].kind, rule, tuple(dict.fromkeys(found)), Agrees(curves, chain))


def _numbers(curves: CriticalCurves, cell: Cell, branch: Branch) -> list[Step]:
    """The coefficients at the sample of events that have none as functions: balls, held against the law."""
    found = []
    for form, event in zip(branch.forms, branch.value.events, strict=True):
        told = letters(event)
        if form is not None or not told:
            continue
        value = branch.value
        rule = (
            f"{WORDS[event.kind].capitalize()}, at the sample ${curves.over.latex}$ = {cell.sample}: the "
            f"coefficients there, numbers in certified balls.{told}"
        )
        check = Measured(cell.values.curve, value.candidate, value.sides, value.near, event)
        found.append(Step("numbers at a sample", rule, displays(value, event), check))
    return found


def _displays(t: sp.Symbol, critical: sp.Symbol, form: LocalForm, event: Event) -> list[sp.Basic]:
    x, found = sp.Symbol("x"), []
    place = sp.S.Zero
    if form.place != 0:
        place = sp.Symbol("x_c")
        found.append(sp.Eq(place, form.place, evaluate=False))
    for side, density in ((-1, event.left), (1, event.right)):
        if density is not None and form.density is not None:
            away = x - place if side > 0 else place - x
            found.append(Asymptotic(sp.Function("rho")(x), _power(form.density, away)))
    for g in event.width:
        if form.width is not None:
            found.append(Asymptotic(sp.Symbol("Delta"), _power(form.width, g.side * (t - critical))))
    if form.edge is not None:
        found.append(Asymptotic(sp.Symbol("x_*"), _power(form.edge, t - critical)))
    if form.mass is not None and event.mass is not None:
        found.append(Asymptotic(sp.Symbol("M"), _power(form.mass, event.mass.side * (t - critical))))
    return found


def _power(form: Form, away: sp.Expr) -> sp.Expr:
    coefficient = form.coefficient
    if form.exponent == 1 and coefficient.could_extract_minus_sign():
        coefficient, away = -coefficient, -away
    return sp.Mul(coefficient, sp.Pow(away, form.exponent, evaluate=form.exponent == 1), evaluate=False)


def _place(event: Event) -> str:
    if event.place is None:
        return "throughout a band" if event.kind == "band fades" else "at infinity"
    return f"at x = {shown(event.place)}"


def _told(where: str, branch: Branch, density: bool, rest: bool) -> str:
    """A sentence with the exponents of the density and of all else; nothing where there are none."""
    found: dict[str, dict[str, None]] = {}
    for event in branch.value.events:
        if density:
            powers = [str(d.exponent) for d in (event.left, event.right) if d is not None]
            found.setdefault("the density", {}).update(dict.fromkeys(powers))
        for name, growths in (
            ("the width", event.width),
            ("the edge", event.edge),
            ("the mass", (event.mass,)),
        ):
            powers = [str(g.exponent) for g in growths if g is not None and rest]
            found.setdefault(name, {}).update(dict.fromkeys(powers))
    told = [f"{name} has the exponent {_listed(list(powers))}" for name, powers in found.items() if powers]
    return f"{where} {_listed(told)}. " if told else ""


def _interval(curves: CriticalCurves, first: Cell, last: Cell) -> str:
    s, low, high = f"${curves.over.latex}$", first.low, last.high
    if low is None and high is None:
        return f"all {s}"
    below = "" if low is None else f"{shown(low)} < "
    above = "" if high is None else f" < {shown(high)}"
    return below + s + above if below else f"{s}{above}"


def _but(chain: Chain) -> str:
    """The points inside a chain of cells, of which nothing is said."""
    inside = [shown(cell.high) for cell, _ in chain[:-1] if cell.high is not None]
    return f" but for {_listed(inside)}" if inside else ""


def _listed(parts: Sequence[str]) -> str:
    """One part or more as one phrase."""
    return " and ".join(part for part in (", ".join(parts[:-1]), parts[-1]) if part)
