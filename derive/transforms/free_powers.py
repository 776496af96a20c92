"""Free powers and compressions: moves that multiply free cumulants by a power of a number."""

from __future__ import annotations

from typing import Any

from ..algebra.signs import Point
from ..derivation import Step
from ..language.operations import Compression, FreePower
from ..laws import g
from .curves import Setting, r
from .reading import Reading, below, displays, equal, field_of, number, polished, read, spoken, transported

SOURCE = "Nica & Speicher (1996), On the multiplication of free N-tuples of noncommutative random variables"


@read.register
def _(node: FreePower, label: str, setting: Setting) -> Reading:
    inner = read(node.ensemble, below(label, 0), setting)
    exponent = setting.fraction(node.exponent)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        times = number(setting, node.exponent, point)
        return [times * kappa for kappa in inner.cumulants(n, point)]

    moved = {r: setting.fraction(r) / exponent}
    reading = polished(setting, label, setting.substitute(inner.relation, moved), cumulants, inner.steps)
    reading.steps.append(
        lambda: Step(
            f"Free power: {spoken(label)} is {node.exponent} free copies of {spoken(inner.label)}",
            "Free cumulants add, so R of n copies is n R. For real t >= 1 the law with t R exists: it is "
            "that of t times the corner that keeps 1/t of the rows.",
            displays(reading, equal(reading.name, node.exponent * inner.name)),
            transported(setting, reading, inner, moved),
            source=SOURCE,
        )
    )
    return reading


@read.register
def _(node: Compression, label: str, setting: Setting) -> Reading:
    inner = read(node.ensemble, below(label, 0), setting)
    fraction = setting.fraction(node.fraction)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        _, power = field_of(setting, point)
        kept, found = number(setting, node.fraction, point), []
        for kappa in inner.cumulants(n, point):
            found.append(kappa * power)
            power = power * kept
        return found

    moved = {g: setting.fraction(g) * fraction}
    reading = polished(setting, label, setting.substitute(inner.relation, moved), cumulants, inner.steps)
    reading.steps.append(
        lambda: Step(
            f"Compression: {spoken(label)} keeps {node.fraction} of the rows of {spoken(inner.label)}",
            "In P A P with a free projection P of trace f, seen from its range, the free cumulant kappa_n is "
            "that of A times f^(n-1): R(g) becomes R(f g).",
            displays(reading, equal(reading.name, inner.name.subs(g, node.fraction * g))),
            transported(setting, reading, inner, moved),
            source=SOURCE,
        )
    )
    return reading
