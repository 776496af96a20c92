"""The atom at 0 of a nonnegative law of rational S-transform, by the zeros of z(t) = (1 + t)/(t S(t))."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.polynomials import factor_list
from ..algebra.radicals import constant_sign
from ..certificates import Identity, Positive, Together
from ..derivation import Section, Step
from ..language.bounds import is_nonnegative
from ..language.ensembles import Ensemble
from ..language.model import Model
from ..laws import Algebraic, Law
from ..transforms.curves import t
from .moment_map import moment_map

MASS = sp.Symbol(r"\mu(\{0\})")


def atom_at_zero(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """The mass at 0; an empty section where z(t) has other than linear factors with negative zeros.

    Closed form: "mass_at_zero".
    """
    title = "The atom at 0"
    nonnegative = isinstance(model.expression, Ensemble) and is_nonnegative(model.expression)
    curve = moment_map(equation) if isinstance(law, Algebraic) and nonnegative else None
    zeros = [] if curve is None else _zeros(curve)
    if curve is None or not zeros or any(constant_sign(-zero) != 1 for zero in zeros):
        return Section(title, ()), {}
    mass = 1 - sp.Min(*(-zero for zero in zeros))
    step = Step(
        "the atom at 0",
        "As z rises to 0 on the negative axis, t = z G - 1, the integral of s/(z - s), falls from 0 to the "
        "mass at 0 minus 1, without meeting a zero of z(t) before: it ends at the greatest one.",
        (sp.Eq(sp.Symbol("z"), curve, evaluate=False), sp.Eq(MASS, mass, evaluate=False)),
        Together(
            (Identity(tuple(curve.subs(t, zero) for zero in zeros)), Positive(tuple(-v for v in zeros)))
        ),
    )
    return Section(title, (step,)), {"mass_at_zero": mass}


def _zeros(curve: sp.Expr) -> list[sp.Expr]:
    """The zeros of z(t); none where a factor is not linear."""
    _, factors = factor_list(sp.numer(sp.together(curve)))
    in_t = [sp.Poly(factor, t) for factor, _ in factors if factor.has(t)]
    if any(factor.degree() != 1 for factor in in_t):
        return []
    return [sp.cancel(-factor.nth(0) / factor.nth(1)) for factor in in_t]
