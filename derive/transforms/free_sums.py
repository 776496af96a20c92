"""Moves that act on the R-transform: scaling, shift, free sum."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import sympy as sp

from ..algebra.signs import Point
from ..certificates import Identity, Irreducible
from ..derivation import Step
from ..language.ensembles import FreeSum, Scaled, Shifted
from ..laws import g
from . import freeness
from .curves import Setting, choose, r
from .reading import (
    Later,
    Reading,
    below,
    displays,
    equal,
    field_of,
    number,
    polished,
    read,
    spoken,
    sum_relation,
    transported,
)


@read.register
def _(node: Scaled, label: str, setting: Setting) -> Reading:
    inner = read(node.ensemble, below(label, 0), setting)
    factor = setting.fraction(node.factor)
    small_g, small_r = setting.fraction(g), setting.fraction(r)
    relation = setting.substitute(inner.relation, {g: factor * small_g, r: small_r / factor})

    def cumulants(n: int, point: Point | None) -> list[Any]:
        _, one = field_of(setting, point)
        c, power, found = number(setting, node.factor, point), one, []
        for kappa in inner.cumulants(n, point):
            power = power * c
            found.append(kappa * power)
        return found

    reading = polished(setting, label, relation, cumulants, inner.steps)
    reading.steps.append(
        lambda: Step(
            f"Scaling: {spoken(label)} = {node.factor} times {spoken(inner.label)}",
            "G of c A at z is G of A at z/c, divided by c; hence R of c A is c R(c g).",
            displays(
                reading, equal(reading.name, node.factor * sp.Function(f"R_{inner.label}")(node.factor * g))
            ),
            transported(setting, reading, inner, {g: factor * small_g, r: small_r / factor}),
        )
    )
    return reading


@read.register
def _(node: Shifted, label: str, setting: Setting) -> Reading:
    inner = read(node.ensemble, below(label, 0), setting)
    offset = setting.fraction(node.offset)
    moved = {r: setting.fraction(r) - offset}
    relation = setting.substitute(inner.relation, moved)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        found = list(inner.cumulants(n, point))
        found[0] = found[0] + number(setting, node.offset, point)
        return found

    reading = polished(setting, label, relation, cumulants, inner.steps)
    reading.steps.append(
        lambda: Step(
            f"Shift: {spoken(label)} = {spoken(inner.label)} + {node.offset}",
            "G of A + a at z is G of A at z - a; hence R grows by a.",
            displays(reading, equal(reading.name, inner.name + node.offset)),
            transported(setting, reading, inner, moved),
        )
    )
    return reading


@read.register
def _(node: FreeSum, label: str, setting: Setting) -> Reading:
    parts = [read(part, below(label, i), setting) for i, part in enumerate(node.parts)]
    steps = [step for part in parts for step in part.steps]
    steps.append(freeness.addition)
    done = reduce(lambda a, b: _add(setting, label, a, b, steps), parts)
    steps.append(lambda: _sum_step(setting, label, done, parts))
    return done


def _sum_step(setting: Setting, label: str, done: Reading, parts: Sequence[Reading]) -> Step:
    values = [part.r_transform for part in parts]
    total = equal(done.name, sp.Add(*(part.name for part in parts)))
    if all(value is not None for value in values):
        # SymPy adds what flint added: two ways to one result
        shown = sp.Add(*(setting.show(value) for value in values if value is not None))
        certificate: Any = Identity(_shown(done) - shown)
        lines: tuple[Any, ...] = (total, equal(done.name, shown))
    else:
        lines = displays(done, total)
        certificate = Irreducible(setting.ring.expression(done.relation), (g, r))
    return Step(
        f"Free sum {spoken(label)}",
        "The parts are free: their R-transforms add.",
        lines,
        certificate,
        source="Pennington & Bahri (2017), eq. 14",
    )


def _add(setting: Setting, label: str, a: Reading, b: Reading, steps: list[Later]) -> Reading:
    def cumulants(n: int, point: Point | None) -> list[Any]:
        return [k + m for k, m in zip(a.cumulants(n, point), b.cumulants(n, point), strict=True)]

    relation = sum_relation(setting, a.relation, b.relation)
    if a.r_transform is None and b.r_transform is None:
        factor = choose(setting, relation, lambda n, p: cumulants(n, p))
        relation = factor.chosen
        steps.append(
            lambda: Step(
                f"Elimination for {spoken(label)}",
                "The resultant of the two relations eliminates one R-transform from the sum, and the factor "
                "that vanishes on the expansion R(g) = kappa_1 + kappa_2 g + ... is the law's.",
                equal(setting.ring.expression(relation), 0),
                factor,
            )
        )
    return Reading(setting, label, relation, cumulants, steps)


def _shown(reading: Reading) -> sp.Expr:
    value = reading.r_transform
    assert value is not None
    return reading.setting.show(value)
