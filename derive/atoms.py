"""The atoms of an expression, Wigner and Wishart matrices, read into their transforms."""

from __future__ import annotations

from typing import Any

from . import densities
from .curves import Setting
from .derivation import Step
from .ensembles import Wigner, Wishart
from .laws import g
from .model import ModelError
from .reading import Reading, field_of, number, read
from .signs import Point


@read.register
def _(node: Wigner, label: str, setting: Setting) -> Reading:
    if node.variance == 0:
        raise ModelError("a Wigner part of variance 0 is no random matrix; leave the term out")
    variance = setting.fraction(node.variance)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, _ = field_of(setting, point)
        return [number(setting, node.variance, point) if k == 2 else zero for k in range(1, n + 1)]

    value = variance * setting.fraction(g)
    return Reading.rational(
        setting, label, value, cumulants, densities.semicircle(node.variance, label, setting.first("Wigner"))
    )


@read.register
def _(node: Wishart, label: str, setting: Setting) -> Reading:
    steps = densities.marchenko_pastur(node.ratio, node.scale, label, setting.facts, setting.first("Wishart"))
    return wishart(node.ratio, node.scale, label, setting, steps)


def wishart(ratio: Any, scale: Any, label: str, setting: Setting, steps: list[Step]) -> Reading:
    def cumulants(n: int, point: Point | None) -> list[Any]:
        q, c = number(setting, ratio, point), number(setting, scale, point)
        found, value = [], c
        for _ in range(n):
            found.append(value)
            value = value * q * c
        return found

    q, c = setting.fraction(ratio), setting.fraction(scale)
    value = c / (setting.one - c * q * setting.fraction(g))
    return Reading.rational(setting, label, value, cumulants, steps)
