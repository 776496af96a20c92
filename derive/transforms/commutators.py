"""Commutators i (A B - B A) and anticommutators A B + B A of free elements of symmetric law.

For free A and B of symmetric law c = A B is R-diagonal (Nica & Speicher 1998): its only free cumulants are
alpha_n = kappa_2n(c, c', c, c', ...), which turning c by a phase does not change. So c + c' and i (c - c')
have one law, of free cumulants kappa_2n = 2 alpha_n. The cumulants of M = c c', of the law of A^2 @ B^2, are
sums of products of alphas over noncrossing partitions: taken as moments, their free cumulants are the alphas.

With C(v) = v R_M(v) that is alpha = C(v) at w = v (1 + C(v)), and g R(g) = 2 alpha at w = g^2.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.expansions import cumulants_from_moments, cumulants_of_product
from ..algebra.signs import Point
from ..derivation import Step
from ..language.model import ModelError
from ..language.operations import Anticommutator, Commutator
from ..laws import g
from . import freeness
from .curves import Setting, choose, r, s, t
from .reading import (
    Cumulants,
    Reading,
    below,
    chosen,
    displays,
    equal,
    field_of,
    from_s_to_r,
    is_zero,
    moments_of,
    product_relation,
    read,
    spoken,
)


@read.register(Commutator)
@read.register(Anticommutator)
def _(node: Commutator | Anticommutator, label: str, setting: Setting) -> Reading:
    parts = [read(part, below(label, i), setting) for i, part in enumerate((node.first, node.second))]
    for part, child in zip(parts, node.children, strict=True):
        if not is_symmetric(part):
            raise ModelError(
                f"{type(node).__name__} needs two elements of symmetric law, and that of "
                f"{type(child).__name__} is not symmetric about 0"
            )
    steps = [step for part in parts for step in part.steps]
    square = _product_of_squares(setting, parts)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        alpha = cumulants_from_moments(square.cumulants(max(n // 2, 1), point), zero, one)
        return [alpha[k // 2 - 1] + alpha[k // 2 - 1] if k % 2 == 0 else zero for k in range(1, n + 1)]

    small_g, small_r, one = setting.fraction(g), setting.fraction(r), setting.one
    alpha = small_g * small_r / setting.fraction(2)
    place = small_g * small_g / (one + alpha)
    relation = setting.substitute(square.relation, {g: place, r: alpha / place})
    reading, certificate = chosen(setting, label, relation, cumulants, steps)
    steps.append(freeness.commutation)
    place = sp.Symbol("v")
    how = "i (A B - B A)" if isinstance(node, Commutator) else "A B + B A"
    steps.append(
        lambda: Step(
            f"{type(node).__name__} {spoken(label)}",
            f"{how} of free A and B of symmetric law, with M of the law of A^2 @ B^2: the alphas are the "
            "free cumulants of the sequence whose moments are those of M, and kappa_2n = 2 alpha_n; in "
            "transforms, g R(g) = 2 v R_M(v) at g^2 = v (1 + v R_M(v)).",
            displays(reading, equal(reading.name, 2 * place * sp.Function("R_M")(place) / g)),
            certificate(),
            source="Nica & Speicher (1998), Commutators of free random variables",
        )
    )
    return reading


def is_symmetric(reading: Reading) -> bool:
    """Whether the relation is the same at (-g, -r), so that the law is symmetric about 0."""
    setting = reading.setting
    minus = {symbol: setting.zero - setting.fraction(symbol) for symbol in (g, r)}
    turned = setting.substitute(reading.relation, minus)
    odd = is_zero(
        reading.cumulants(1, None)[0]
    )  # of two branches, one the other's mirror image, none is symmetric
    return odd and turned in (reading.relation, -reading.relation)


def _product_of_squares(setting: Setting, parts: list[Reading]) -> Reading:
    """A^2 @ B^2."""
    squares = [_square(setting, part) for part in parts]
    relation = product_relation(setting, *(square.s_relation for square in squares))

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        first, second = (square.cumulants for square in squares)
        return cumulants_of_product(
            lambda k: first(k, point), lambda k: second(k, point), n, zero, one, is_zero
        )

    factor = choose(setting, from_s_to_r(setting, relation), lambda n, p: cumulants(n, p))
    return Reading(setting, "M", factor.chosen, cumulants, [])


def _square(setting: Setting, part: Reading) -> Reading:
    """A^2 of a symmetric A: psi at u^2 is that of A at u = t s/(1 + t), so s^2 = s_2 (1 + t)/t."""
    small_s, small_t, one = setting.fraction(s), setting.fraction(t), setting.one
    parts = setting.ring.coefficients(part.s_relation, s)
    lowest, square = min(parts), small_s * (one + small_t) / small_t
    highest = max(parts)
    total = setting.ring.constant(0)
    for power, coefficient in parts.items():
        k = (power - lowest) // 2
        rest = (highest - lowest) // 2 - k
        total += coefficient * square.numerator**k * square.denominator**rest

    def moments(n: int, point: Point | None) -> list[Any]:
        return moments_of(part, 2 * n, point)[1::2]

    cumulants: Cumulants = lambda n, point: cumulants_from_moments(  # noqa: E731
        moments(n, point), *field_of(setting, point)
    )
    factor = choose(setting, from_s_to_r(setting, total), lambda n, p: cumulants(n, p))
    return Reading(setting, f"{part.label}2", factor.chosen, cumulants, [])
