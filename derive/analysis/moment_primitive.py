"""Distribution function and logarithmic potential in closed form where the S-transform is rational.

With t = z G - 1 the curve is z = z(t), rational, and G dz = (1 + t) d log z(t) has an elementary integral:

    Psi(t) = sum over factors (t - b)^e of z(t) of e [t + (1 + b) log(1 - t/b)], -log t for b = 0,
    cdf(x) = 1 - (1/pi) Im Psi, U(x) = log m_1 + Re Psi, at t = x G(x + i0) - 1.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.polynomials import factor_list
from ..certificates import Different, Identity, Positive, Together
from ..derivation import Section, Step
from ..language.bounds import is_nonnegative
from ..language.ensembles import Ensemble
from ..language.model import Model
from ..laws import Algebraic, G, Law, x, z
from ..transforms.curves import t
from .moment_map import moment_map
from .series import moments

PSI = sp.Function("Psi")
TITLE = "Distribution function"


def by_moments(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """The steps for an algebraic law on [0, oo) with z(t) in linear factors; nothing for others.

    Closed forms: "moment_primitive" (Psi in t) and "potential_constant" (log m_1).
    """
    nonnegative = isinstance(model.expression, Ensemble) and is_nonnegative(model.expression)
    curve = moment_map(equation) if isinstance(law, Algebraic) and nonnegative else None
    factors = None if curve is None else _linear_factors(curve)
    if curve is None or factors is None:
        return Section(TITLE, ()), {}
    places = [place for place, _ in factors if place != 0]
    primitive = _primitive(factors)
    mean = sp.cancel(t * curve).subs(t, 0)
    constant = sp.log(mean)
    at_x = sp.Eq(t, x * sp.Symbol("G") - 1, evaluate=False)
    regular = primitive + sp.log(t)
    steps = (
        Step(
            "primitive",
            "On the curve G = (1 + t)/z, so G dz = (1 + t) d log z(t): a sum over the factors of z(t).",
            (
                sp.Eq(z, curve, evaluate=False),
                sp.Eq(PSI(t), primitive, evaluate=False),
            ),
            Together(
                (
                    Identity(sp.numer(sp.together(equation.subs({G: (1 + t) / z}).subs(z, curve)))),
                    Identity(sp.diff(primitive, t) - (1 + t) * sp.diff(curve, t) / curve),
                )
            ),
        ),
        Step(
            "distribution function and potential",
            "The law lives on [0, oo), as the bounds of the model's construction show (not part of the "
            "certificate), so t is the integral of s/(z - s), and Im t < 0 for Im z > 0: log t "
            "and log(1 - t/b), b real, keep off the cut of the principal logarithm, and Psi is the integral "
            "of log(z - s) up to a constant. At infinity t = m_1/z + ..., so the constant is log m_1. The "
            "imaginary part of log(z - s) at z = x + i0 is pi for s > x and 0 for s < x: it counts the mass "
            "above x.",
            (
                at_x,
                sp.Eq(sp.Function("cdf")(x), 1 - sp.Function("Im")(PSI(t)) / sp.pi, evaluate=False),
                sp.Eq(sp.Symbol("U"), constant + sp.Function("Re")(PSI(t)), evaluate=False),
            ),
            Together(
                (
                    Identity((regular.subs(t, 0), mean - moments(law, 1)[1])),
                    Positive((mean,)),
                    *(Different(place) for place in places),
                )
            ),
        ),
    )
    return Section(TITLE, steps), {"moment_primitive": primitive, "potential_constant": constant}


def _linear_factors(curve: sp.Expr) -> list[tuple[sp.Expr, int]] | None:
    """[(b, e)] with z(t) a constant times the product of (t - b)^e; None where a factor is not linear."""
    found = []
    for side, sign in zip(sp.fraction(sp.together(curve)), (1, -1), strict=True):
        for factor, exponent in factor_list(side)[1]:
            if factor.has(t):
                polynomial = sp.Poly(factor, t)
                if polynomial.degree() != 1:
                    return None
                found.append((sp.cancel(-polynomial.nth(0) / polynomial.nth(1)), sign * exponent))
    return found


def _primitive(factors: list[tuple[sp.Expr, int]]) -> sp.Expr:
    total = sp.Add(*(exponent for _, exponent in factors)) * t
    for place, exponent in factors:
        logarithm = sp.log(t) if place == 0 else sp.log(1 - sp.cancel(t / place))
        total += exponent * sp.cancel(1 + place) * logarithm
    return total
