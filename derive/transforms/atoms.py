"""The atoms of an expression read into their transforms: Wigner, Wishart, finite spectra, free Poisson."""

from __future__ import annotations

from functools import partial
from typing import Any

import sympy as sp

from ..algebra.signs import Point
from ..derivation import Step
from ..language.ensembles import Wigner, Wishart
from ..language.model import ModelError
from ..language.operations import Atoms, FreePoisson
from ..laws import G, g, z
from . import densities
from .curves import Setting, r
from .reading import (
    Later,
    Reading,
    below,
    chosen,
    displays,
    equal,
    field_of,
    from_equation,
    moments_of,
    number,
    read,
    spoken,
    with_moments,
)


@read.register
def _(node: Wigner, label: str, setting: Setting) -> Reading:
    if node.variance == 0:
        raise ModelError("a Wigner part of variance 0 is no random matrix; leave the term out")
    variance = setting.fraction(node.variance)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, _ = field_of(setting, point)
        return [number(setting, node.variance, point) if k == 2 else zero for k in range(1, n + 1)]

    value = variance * setting.fraction(g)
    steps = partial(densities.semicircle, node.variance, label, setting.first("Wigner"))
    return Reading.rational(setting, label, value, cumulants, [steps])


@read.register
def _(node: Wishart, label: str, setting: Setting) -> Reading:
    return wishart(node.ratio, node.scale, label, setting)


def wishart(ratio: Any, scale: Any, label: str, setting: Setting, *steps: Later) -> Reading:
    """The Marchenko-Pastur law, after steps that say where it comes from."""

    def cumulants(n: int, point: Point | None) -> list[Any]:
        q, c = number(setting, ratio, point), number(setting, scale, point)
        found, value = [], c
        for _ in range(n):
            found.append(value)
            value = value * q * c
        return found

    q, c = setting.fraction(ratio), setting.fraction(scale)
    value = c / (setting.one - c * q * setting.fraction(g))
    first = setting.first("Wishart")
    from_density = partial(densities.marchenko_pastur, ratio, scale, label, setting.facts, first)
    return Reading.rational(setting, label, value, cumulants, [*steps, from_density])


@read.register
def _(node: Atoms, label: str, setting: Setting) -> Reading:
    pairs = [
        (setting.fraction(mass), setting.fraction(place))
        for mass, place in zip(node.masses, node.places, strict=True)
    ]
    value = setting.zero
    for mass, place in pairs:
        value = value + mass / (setting.fraction(z) - place)

    def moments(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        masses, places = ([number(setting, x, point) for x in side] for side in (node.masses, node.places))
        powers, found = [one] * len(places), []
        for _ in range(n):
            powers = [power * place for power, place in zip(powers, places, strict=True)]
            found.append(sum((m * p for m, p in zip(masses, powers, strict=True)), zero))
        return found

    # of degree 1 in G and in lowest terms
    relation = from_equation(setting, (setting.fraction(G) - value).numerator)
    reading, certificate = chosen(setting, label, relation, with_moments(setting, moments), [], True)
    reading.steps.append(
        lambda: Step(
            f"Finite spectrum of {spoken(label)}",
            "A mass m at x gives m/(z - x); r = R(g) satisfies the relation at g = G, z = r + 1/g.",
            (
                equal(
                    sp.Function(f"G_{label}")(z),
                    sp.Add(*(m / (z - x) for m, x in zip(node.masses, node.places, strict=True))),
                ),
                equal(setting.ring.expression(reading.relation), 0),
            ),
            certificate(),
        )
    )
    return reading


@read.register
def _(node: FreePoisson, label: str, setting: Setting) -> Reading:
    jump = read(node.jump, below(label, 0), setting)
    rate, small_g, small_r, one = (*map(setting.fraction, (node.rate, g, r)), setting.one)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        weight = number(setting, node.rate, point)
        return [weight * moment for moment in moments_of(jump, n, point)]

    # g R(g) = rate psi(g), psi(u) = sum m_n u^n = z G - 1 of the jump at z = 1/u
    moved = {z: one / small_g, G: small_g * (one + small_g * small_r / rate)}
    relation = setting.substitute(jump.equation, moved)  # a change of coordinates
    reading, certificate = chosen(setting, label, relation, cumulants, jump.steps, True)
    reading.steps.append(
        lambda: Step(
            f"Compound free Poisson law {spoken(label)}, jumps as {spoken(jump.label)}",
            "In the limit X J X' is a sum of independent x x' with x of variance 1/N: its free cumulants are "
            "the rate times the moments of the jump, so g R(g) = rate psi(g) with psi(u) = sum m_n u^n, "
            "which is z G - 1 at z = 1/u.",
            displays(reading, equal(reading.name, node.rate / g * sp.Function(f"psi_{jump.label}")(g))),
            certificate(),
        )
    )
    return reading
