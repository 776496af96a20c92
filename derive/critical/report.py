"""Critical values as a derivation: steps with displays, and certificates that measure what was expanded.

An expansion is held against what it expands: widths and places of edges against roots of the edge polynomial
that are isolated at parameters close to t_c, densities against G on the physical sheet close to x_c.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp
from flint import acb, arb, ctx

from ..algebra.algebraic_points import BITS, midpoint
from ..derivation import Asymptotic, CertificateError, Derivation, Section, Step
from .candidates import Candidate, Curve, samples
from .clusters import exact_ball
from .exact_numbers import Quantity, expression
from .local_laws import Density
from .motions import Growth
from .spectrum_shapes import Shape, at_parameter, isolated, real_roots, shape

if TYPE_CHECKING:
    from ..language.model import Model
    from .event import Event
    from .values import CriticalValue, CriticalValues

CLOSE_EDGES = arb(10) ** -6
CLOSE_DENSITY = arb(1) / 20
LONGEST = 60
WORDS = {
    "gap opens": "a gap opens: the density vanishes at one point of a band",
    "gap closes": "a gap closes: two bands merge",
    "gap closes and opens": "a gap closes and opens again",
    "band appears": "a band appears",
    "band vanishes": "a band vanishes",
    "band vanishes and appears": "a band vanishes and appears again",
    "band fades": "the density of a band tends to 0",
    "edge crosses 0": "an edge of the spectrum crosses 0",
    "edge leaves 0": "an edge of the spectrum that was 0 leaves it",
    "edge reaches 0": "an edge of the spectrum reaches 0 and stays",
    "edge touches 0": "an edge of the spectrum reaches 0 and returns",
    "singularity": "singular points of the law meet, or change their exponents",
    "escape to infinity": "singular points of the law escape to infinity",
    "atom crosses 0": "an atom crosses 0",
    "atom touches 0": "an atom reaches 0 and returns",
    "atom leaves 0": "an atom that was at 0 leaves it",
    "atom reaches 0": "an atom reaches 0",
    "atom appears": "an atom appears",
    "atom vanishes": "an atom vanishes",
    "atom vanishes and appears": "an atom vanishes and appears again",
    "atoms meet": "atoms meet, and their masses add",
    "kink of mass": "the mass of an atom changes from one function to another",
    "jump of mass": "the mass of an atom is not the limit of that beside the value",
}


@dataclass(frozen=True)
class NoneMissed:
    """A second parameter in every cell, elsewhere than the first, has the same singular points."""

    curve: Curve
    domain: Any
    candidates: tuple[Candidate, ...]
    shapes: tuple[Shape, ...]

    def check(self) -> None:
        again = samples(self.candidates, self.domain, Fraction(7, 8))
        for first, t in zip(self.shapes, again, strict=True):
            second = shape(self.curve, t)
            if first.pattern != second.pattern:
                raise CertificateError(
                    f"the spectrum at {first.parameter} and at {t} differs, with no candidate between"
                )

    @property
    def summary(self) -> str:
        cells = len(self.shapes)
        return (
            f"bands, atoms and singular points decided at two parameters in each of {cells} cells; they agree"
        )


@dataclass(frozen=True)
class Unchanged:
    """On both sides of some candidates there are as many bands and atoms."""

    values: CriticalValues
    candidates: tuple[Candidate, ...]

    def check(self) -> None:
        for candidate in self.candidates:
            if candidate not in self.values.candidates:
                continue  # an end of the domain has one side
            k = self.values.candidates.index(candidate)
            below, above = self.values.shapes[k : k + 2]
            if (below.bands, below.atoms) != (above.bands, above.atoms):
                raise CertificateError(f"bands or atoms change at {candidate.ball}")

    @property
    def summary(self) -> str:
        return "as many bands and atoms on both sides, decided"


@dataclass(frozen=True)
class Measured:
    """Expansions in |t - t_c| and |x - x_c|, held against isolated roots and values of G close by."""

    curve: Curve
    candidate: Candidate
    shapes: dict[int, Shape]
    near: Mapping[int, Fraction]
    event: Event

    def check(self) -> None:
        event = self.event
        centre = arb(0) if event.place is None else event.place.ball
        for growth in event.width:
            self._edges(growth, lambda inside: inside[1] - inside[0], 2)
        for growth in event.edge:
            self._edges(growth, lambda inside: inside[0] - centre, 1)
        for side, density in ((-1, event.left), (1, event.right)):
            if density is not None:
                self._density(side, density)
        if event.mass is not None:
            self._mass(event.mass)
        for side, mass in zip((-1, 1), event.masses, strict=True):
            if mass is not None and side in self.shapes:
                self._atom(side, mass)

    def _atom(self, side: int, mass: sp.Expr) -> None:
        """At a parameter close to t_c the atoms that come to the place have that mass together, or there is
        none."""
        assert self.event.place is not None
        count, centre = self.event.atoms[0 if side < 0 else 1], midpoint(self.candidate.ball)
        away, expected = self.event.place.ball, mass
        for k in range(1, 9):
            step = self.near[side] / 8**k
            t = Fraction(round((centre + side * step) / step * 64), 64) * step
            atoms = [p for p in shape(self.curve, t).places if p.kind == "atom" and p.mass is not None]
            atoms.sort(key=lambda p: float(abs(p.ball - away).mid()))
            expected = mass.subs(self.curve.parameter, sp.Rational(t.numerator, t.denominator))
            if mass == 0 and not any(p.ball.overlaps(away) for p in atoms):
                return
            with ctx.workprec(BITS):
                total = sum((p.mass.ball for p in atoms[:count] if p.mass is not None), arb(0))
            if mass != 0 and len(atoms) >= count > 0 and equal(expected, Quantity(total)):
                return
        raise CertificateError(f"the atom's mass next to {self.candidate.ball} is not {expected}")

    def _edges(self, growth: Growth, measure: Any, count: int) -> None:
        """At some parameter close to t_c the measured length is the leading term to 1e-6."""
        assert self.event.place is not None
        side, places = growth.side, self.shapes[growth.side].places
        centre = midpoint(self.candidate.ball)
        for k in range(1, 26):
            step = self.near[side] / 8**k
            t = Fraction(round((centre + side * step) / step * 64), 64) * step
            with ctx.workprec(BITS):
                roots = [
                    ball for ball, _ in real_roots(isolated([at_parameter(f, t) for f in self.curve.edges]))
                ]
                edges = [r for r, place in zip(roots, places, strict=True) if place.kind == "edge"]
                away = self.event.place.ball
                inside = sorted(edges, key=lambda r: float(abs(r - away).mid()))[:count]
                length = measure(sorted(inside, key=midpoint))
                moved = abs(exact_ball(t) - self.candidate.ball)
                leading = growth.coefficient.ball * moved ** (
                    arb(int(growth.exponent.p)) / int(growth.exponent.q)
                )
                if abs(length / leading - 1) < CLOSE_EDGES:
                    return
        raise CertificateError(f"the edges do not move as {growth.coefficient} |t - t_c|^({growth.exponent})")

    def _density(self, side: int, density: Density) -> None:
        """At some point close to x_c the density is the leading term to 5 %."""
        assert self.event.place is not None
        sheets = self.curve.sheets(self.candidate.point, self.curve.at(self.candidate))
        power = arb(int(density.exponent.p)) / int(density.exponent.q)
        with ctx.workprec(BITS):
            x = self.event.place.ball
            distance = (1 + abs(x)).mid() / 16
            for _ in range(20):
                g = sheets.physical(acb(x.mid() + side * distance))
                ratio = -g.imag / arb.pi() / (density.coefficient.ball * distance**power)
                if abs(ratio - 1) < CLOSE_DENSITY:
                    return
                distance = (distance / 8).mid()
        raise CertificateError(f"the density is not {density.coefficient} |x - x_c|^({density.exponent})")

    def _mass(self, mass: Growth) -> None:
        """The integral of the density's leading term from the edge's to 0."""
        density = self.event.left or self.event.right
        edge = next((g for g in self.event.edge if g.side == mass.side), None)
        assert density is not None
        assert edge is not None
        power = 1 + density.exponent
        with ctx.workprec(BITS):
            raised = abs(edge.coefficient.ball) ** (arb(int(power.p)) / int(power.q))
            expected = density.coefficient.ball * raised * int(power.q) / int(power.p)
            if not expected.overlaps(mass.coefficient.ball) or mass.exponent != power * edge.exponent:
                raise CertificateError(
                    f"the mass beyond 0 is not {mass.coefficient} |t - t_c|^({mass.exponent})"
                )

    @property
    def summary(self) -> str:
        parts = []
        if self.event.width or self.event.edge:
            parts.append("lengths agree with isolated roots close by to a millionth")
        if self.event.left is not None or self.event.right is not None:
            parts.append("the density to 5 % with G on the physical sheet close by")
        if self.event.mass is not None:
            parts.append("the mass is the integral of the density")
        if any(mass is not None for mass in self.event.masses):
            parts.append("the mass of the atom agrees with that decided close by")
        return "certified balls: " + ("; ".join(parts) or "the spectrum differs in the cells on both sides")


def equal(closed: sp.Expr, quantity: Quantity) -> bool:
    """Whether a closed form has the value of a quantity, to 25 digits."""
    with ctx.workprec(192):
        value = arb(str(sp.N(closed, 40)))
        return bool(abs(value - quantity.ball) < arb(10) ** -25 * (1 + abs(value)))


def derivation(values: CriticalValues) -> Derivation:
    """The steps to all critical values; every certificate is checked here."""
    t = f"${values.parameter.latex}$"
    equation = values.equation
    steps = [_candidates(values)]
    steps += [_event(values, value, event) for value in values.values for event in value.events]
    steps += _rejected(values)
    heading = f"Critical values of {t}{at_numbers(values.model, values.fixed)}"
    limits = [
        f"{t} = {shown(value.value)}: {sentence}"
        for value in values.values
        for event in value.events
        for sentence in event.undecided
    ]
    limits += [f"{t} = {shown(Quantity(c.ball))}: not decided: {why}" for c, why in values.undecided]
    limits += [
        f"{t} = {end.polynomial.complex_roots()[0][0].real.str(8, radius=False)} is an end of the domain "
        f"{values.parameter.domain} that does not belong to it: what happens towards it is not derived"
        for end in values.excluded
    ]
    section = Section(heading, tuple(steps))
    return Derivation(values.model, values.curve.law, equation, (section,), {}, tuple(limits))


def at_numbers(model: Model, fixed: Mapping[str, Fraction]) -> str:
    """ " at phi = 1/2", with the letters of the parameters; nothing where there are none."""
    letters = {p.name: p.latex for p in model.parameters}
    listed = ", ".join(f"${letters[name]}$ = {number}" for name, number in fixed.items())
    return f" at {listed}" if listed else ""


def _rejected(values: CriticalValues) -> list[Step]:
    """One step for every reason why nothing happens at a candidate."""
    t, found = values.parameter.symbol, []
    for reason in dict.fromkeys(reason for _, reason in values.rejected):
        some = tuple(c for c, why in values.rejected if why == reason)
        exact = [Quantity(c.ball, expression(c.polynomial, c.ball)) for c in some]
        found.append(
            Step(
                "nothing happens",
                f"The law does not change at the value{'s' * (len(some) != 1)} displayed; {reason}.",
                tuple(sp.Eq(t, printed(q), evaluate=False) for q in exact),
                Unchanged(values, some),
            )
        )
    return found


def _candidates(values: CriticalValues) -> Step:
    t = f"${values.parameter.latex}$"
    places = [value.candidate for value in values.values]
    places += [candidate for candidate, _ in (*values.rejected, *values.undecided)]
    ends = len({id(place) for place in places} - {id(candidate) for candidate in values.candidates})
    count = len(values.candidates)
    bands = sp.Tuple(*(shape.bands for shape in values.shapes))
    closed = f", and {ends} at the domain's ends, which belong to it" if ends else ""
    rule = (
        "Singular points of the law are roots x of the edge polynomial, the discriminant of the equation in "
        "G times its leading coefficient. They can meet, reach 0 or escape only where its discriminant in x, "
        f"its value at x = 0 or its leading coefficient vanishes: {count} value{'s' * (count != 1)} of "
        f"{t} inside the domain, isolated exactly{closed}. Displayed is the number of bands in the cells "
        "between them, ascending; decimals are rounded."
    )
    equation = sp.Eq(sp.Symbol("bands"), bands, evaluate=False)
    check = NoneMissed(values.curve, values.parameter.interval, values.candidates, values.shapes)
    return Step("candidates", rule, equation, check)


def _event(values: CriticalValues, value: CriticalValue, event: Event) -> Step:
    t = f"${values.parameter.latex}$"
    rule = f"At {t} = {shown(value.value)} {WORDS[event.kind]}"
    rule += f", at x = {shown(event.place)}" if event.place is not None else ""
    rule += f"; {bands_text(value.bands)}."
    if any(event.atoms) and not all(event.atoms) and event.masses == (None, None):
        rule += " There is an atom at this place on one side, " + ("below." if event.atoms[0] else "above.")
    if event.atom is not None:
        rule += f" At the value itself the atom there has the mass {shown(event.atom)}."
    if event.masses != (None, None):
        sides = [name for name, mass in zip(("below", "above"), event.masses, strict=True) if mass]
        their = "Their masses' sum" if max(event.atoms) > 1 else "Its mass"
        rule += f" {their} mu {' and '.join(sides)} is displayed." if sides else ""
    rule += letters(event)
    check = Measured(values.curve, value.candidate, value.sides, value.near, event)
    return Step(event.kind, rule, displays(value, event), check)


def letters(event: Event) -> str:
    """What the letters of its displays mean; nothing where there are none."""
    told = []
    if event.left is not None or event.right is not None:
        told.append("rho is the density beside the place at the value itself")
    if event.width:
        told.append("Delta the width of the " + ("gap" if event.kind.startswith("gap") else "band"))
    if event.edge:
        told.append("$x_*$ the place of the edge that moves")
    if event.mass is not None:
        told.append("M the mass between that edge and 0, beyond 0")
    if not told:
        return ""
    first, *others = told
    first = first if first.startswith("rho") else first.replace(" the ", " is the ", 1)
    return f" To leading order {', '.join([first, *others])}."


def bands_text(bands: tuple[int | None, int | None]) -> str:
    """How many bands there are below and above; at an end of the domain there is one side."""
    below, above = bands
    if below is None or above is None:
        side, count = ("above", above) if below is None else ("below", below)
        return f"it is an end of the domain, bands {side}: {count}"
    return f"bands below and above: {below} and {above}"


def displays(value: CriticalValue, event: Event) -> tuple[sp.Basic, ...]:
    """The formulas of one event: t_c, its minimal polynomial, densities, widths, places and the mass."""
    t, x = value.parameter.symbol, sp.Symbol("x")
    critical = sp.Symbol(f"{t.name}_c")
    found: list[sp.Basic] = [sp.Eq(critical, printed(value.value), evaluate=False)]
    if not value.value.short and len(sp.Add.make_args(value.minimal_polynomial)) <= LONGEST:
        named = value.minimal_polynomial.subs(t, critical)
        found.append(sp.Eq(named, 0, evaluate=False))
    place = sp.S.Zero
    if event.place is not None and not event.place.ball.is_zero():
        place = sp.Symbol("x_c")
        found.append(sp.Eq(place, printed(event.place), evaluate=False))
    rho = sp.Function("rho")(x)
    for side, density in ((-1, event.left), (1, event.right)):
        if density is not None:
            away = (x - place) if side > 0 else (place - x)
            found.append(Asymptotic(rho, _power(density.coefficient, away, density.exponent)))
    for name, growths in (("Delta", event.width), ("x_*", event.edge), ("M", (event.mass,))):
        for growth in growths:
            if growth is not None:
                away = (t - critical) if growth.side > 0 else (critical - t)
                shown = sp.Symbol(name) - (place if name == "x_*" else 0)
                found.append(Asymptotic(shown, _power(growth.coefficient, away, growth.exponent)))
    for mass in event.masses:
        if mass is not None and mass != 0:
            found.append(sp.Eq(sp.Function("mu")(place), mass, evaluate=False))
    return tuple(dict.fromkeys(found))  # an edge that passes 0 has one expansion on both sides


def _power(coefficient: Quantity, away: sp.Expr, exponent: sp.Rational) -> sp.Expr:
    return sp.Mul(printed(coefficient), sp.Pow(away, exponent, evaluate=exponent in (0, 1)), evaluate=False)


def printed(quantity: Quantity) -> sp.Expr:
    """The closed form where it is short, else ten digits."""
    if quantity.short and quantity.exact is not None and sp.count_ops(quantity.exact) <= LONGEST:
        return quantity.exact
    return sp.Float(quantity.ball.str(12, radius=False), 10)


def shown(quantity: Quantity) -> str:
    """The closed form where it is short, else eight digits."""
    return quantity.ball.str(8, radius=False) if not quantity.short else str(quantity.exact)
