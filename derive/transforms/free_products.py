"""Free products, through the S-transform and back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from typing import Any

import sympy as sp

from ..algebra.expansions import cumulants_of_product
from ..algebra.signs import Point
from ..certificates import Identity, Irreducible
from ..derivation import Step
from ..language.ensembles import FreeProduct
from ..language.model import ModelError
from ..laws import g
from . import freeness
from .curves import Setting, choose, r, s, t
from .reading import (
    Later,
    Reading,
    below,
    equal,
    field_of,
    from_s_to_r,
    is_zero,
    product_relation,
    read,
    spoken,
)
from .sides import OneSided, side, side_step


@read.register
def _(node: FreeProduct, label: str, setting: Setting) -> Reading:
    parts = [read(part, below(label, i), setting) for i, part in enumerate(node.parts)]
    steps = [step for part in parts for step in part.steps]
    signed = []
    for factor, part in zip(node.parts, parts, strict=True):
        found = side(factor, part)
        if found is None:
            signed.append(factor)
        elif isinstance(found, OneSided):
            steps.append(partial(side_step, part, found))
    if len(signed) > 1:
        raise ModelError(
            "a free product may have one factor that is not nonnegative, but "
            + " and ".join(type(part).__name__ for part in signed)
            + " are not (or could not be shown to be): A^(1/2) B A^(1/2) needs A >= 0 on all of the "
            "parameters' domain, or A <= 0, with (-A)^(1/2). Use Wishart or Gram factors, or shift a factor "
            "until it is nonnegative"
        )
    return free_product(setting, label, parts, steps)


def free_product(setting: Setting, label: str, parts: Sequence[Reading], steps: list[Later]) -> Reading:
    for part in parts:
        if part.relation == setting.ring.gen(r):
            raise ModelError(f"the factor {spoken(part.label)} of a free product is 0; leave the product out")
        steps.append(partial(_s_step, part))
    steps.append(freeness.multiplication)
    done = reduce(lambda a, b: _multiply(setting, label, a, b, steps), parts)
    steps.append(partial(_product_step, setting, label, done, parts))
    done.steps = steps
    if done.r_transform is not None and done.s_transform is not None:
        steps.append(partial(_back_step, done))
    return done


def _centred(reading: Reading) -> bool:
    return is_zero(reading.cumulants(1, None)[0])


def _multiply(setting: Setting, label: str, a: Reading, b: Reading, steps: list[Later]) -> Reading:
    first, second = (b, a) if _centred(b) else (a, b)
    if _centred(second):
        raise ModelError("a free product may have at most one factor of mean 0")

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        return cumulants_of_product(
            lambda k: first.cumulants(k, point), lambda k: second.cumulants(k, point), n, zero, one, is_zero
        )

    combined = product_relation(setting, a.s_relation, b.s_relation)
    relation = from_s_to_r(setting, combined)
    if a.s_transform is None and b.s_transform is None:
        factor = choose(setting, relation, lambda n, p: cumulants(n, p))
        relation = factor.chosen
        steps.append(
            lambda: Step(
                f"Elimination for {spoken(label)}",
                "The resultant of the two relations eliminates one S-transform from the product, and the "
                "factor that vanishes on the expansion at infinity is the law's.",
                equal(setting.ring.expression(relation), 0),
                factor,
            )
        )
    return Reading(setting, label, relation, cumulants, [])


def _s_step(part: Reading) -> Step:
    """R -> S for one factor."""
    setting = part.setting
    rational_r, rational_s = part.r_transform, part.s_transform
    centred = _centred(part)
    rule = "S is defined by R(t S(t)) = 1/S(t), for g = G, t = z G - 1 and S = G/t."
    if centred:
        rule += (
            " The mean is 0, so S has two branches +-(kappa_2 t)^(-1/2) at t = 0; the relation holds both."
        )
    if rational_s is not None and rational_r is not None:
        value = setting.show(rational_s)
        inserted = setting.value(rational_r, {g: setting.fraction(t) * rational_s})
        certificate: Any = Identity(setting.show(inserted * rational_s - setting.one))
        return Step(f"S-transform of {spoken(part.label)}", rule, equal(part.name_s, value), certificate)
    relation = setting.ring.expression(part.s_relation)
    back = from_s_to_r(setting, part.s_relation)
    certificate = Identity(setting.ring.expression(back) - setting.ring.expression(part.relation))
    if rational_s is not None:
        return Step(
            f"S-transform of {spoken(part.label)}",
            rule,
            equal(part.name_s, setting.show(rational_s)),
            certificate,
        )
    return Step(
        f"S-transform of {spoken(part.label)}, as a relation with s = S(t)",
        rule,
        equal(relation, 0),
        certificate,
    )


def _product_step(setting: Setting, label: str, done: Reading, parts: Sequence[Reading]) -> Step:
    product = sp.Mul(*(part.name_s for part in parts))
    transforms = [part.s_transform for part in parts]
    value = done.s_transform
    if value is not None and all(item is not None for item in transforms):
        shown = sp.Mul(*(setting.show(item) for item in transforms if item is not None))
        return Step(
            f"Free product {spoken(label)}",
            "The factors are free: their S-transforms multiply.",
            (equal(done.name_s, product), equal(done.name_s, setting.show(value))),
            Identity(setting.show(value) - shown),
        )
    relation = setting.ring.expression(done.s_relation)
    return Step(
        f"Free product {spoken(label)}",
        "The factors are free: their S-transforms multiply; the law's relation between t and s = S(t).",
        (equal(done.name_s, product), equal(relation, 0)),
        Irreducible(relation, (s, t)),
    )


def _back_step(reading: Reading) -> Step:
    """S -> R where both are rational."""
    setting = reading.setting
    value, s_value = reading.r_transform, reading.s_transform
    assert value is not None
    assert s_value is not None
    inserted = setting.value(s_value, {t: setting.fraction(g) * value})
    return Step(
        f"Back to R for {spoken(reading.label)}",
        "S(g R(g)) = 1/R(g), solved for R.",
        equal(reading.name, setting.show(value)),
        Identity(setting.show(inserted * value - setting.one)),
    )
