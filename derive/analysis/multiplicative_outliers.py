"""Multiplicative spikes: outliers of (1 + theta v v')^(1/2) A (1 + theta v v')^(1/2) for a law on [0, oo).

They appear where T(z) = z G(z) - 1 = 1/theta outside the support, as in spiked covariance matrices.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..certificates import Identity, Together
from ..derivation import Section, Step
from ..language.bounds import is_nonnegative
from ..language.ensembles import Ensemble
from ..language.model import Model
from ..laws import G, Law, Levy, w, z
from ..transforms.curves import t
from .levy_curve import Curve
from .moment_map import moment_map
from .outliers import THETA

PLACE, OVERLAP = sp.Symbol("z_theta"), sp.Symbol("q_theta")
T = sp.Function("T")
NADAKUDITI = "Benaych-Georges & Nadakuditi (2011)"


def multiplicative_outliers(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Place, threshold and squared overlap of the outlier of a spike theta > -1.

    Closed forms: "multiplicative_outlier", the equation's left-hand side theta (z G - 1) - 1, for every
    ensemble that is certainly nonnegative; an empty section for others. Where z is a rational function of
    t = z G - 1 also "multiplicative_place" and "multiplicative_overlap", in `laws.w` standing for theta.
    """
    title = "Outliers of multiplicative spikes"
    if not isinstance(model.expression, Ensemble) or not is_nonnegative(model.expression):
        return Section(title, ()), {}
    forms: dict[str, Any] = {"multiplicative_outlier": THETA * (z * G - 1) - 1}
    curve = moment_map(equation)
    places: list[Any] = [sp.Eq(THETA * T(PLACE), 1, evaluate=False)]
    shares: list[Any] = [
        sp.Eq(
            OVERLAP,
            -(1 + THETA) / (THETA**2 * PLACE * sp.Derivative(T(PLACE), PLACE)),
            evaluate=False,
        )
    ]
    if curve is not None:
        place, overlap = _closed(curve)
        forms |= {
            "multiplicative_place": place.subs(THETA, w),
            "multiplicative_overlap": overlap.subs(THETA, w),
        }
        places.append(sp.Eq(PLACE, place, evaluate=False))
        shares.append(sp.Eq(OVERLAP, overlap, evaluate=False))
    return Section(title, (_place(places), _overlap(shares), *_additive(law, curve))), forms


def _closed(curve: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Place and overlap for z = curve(t), at t = 1/theta; 1/T' = dz/dt."""
    place = sp.factor(curve.subs(t, 1 / THETA))
    slope = sp.diff(curve, t).subs(t, 1 / THETA)
    return place, sp.factor(-(1 + THETA) / (THETA**2 * place) * slope)


def _place(displays: list[Any]) -> Step:
    strength = z * THETA / (1 + THETA)  # of z - z C^-1, C = 1 + theta v v'
    inside = G / (1 - strength * G) / (1 + THETA)
    return Step(
        "place of the outlier",
        "With C = 1 + theta v v' the resolvent is C^(-1/2) (z C^(-1) - A)^(-1) C^(-1/2), and z C^(-1) = z - "
        "z theta/(1 + theta) v v'. For a spike in generic position its value at v is G/(1 - theta T), T(z) = "
        "z G - 1: a pole where T = 1/theta.",
        tuple(displays),
        Identity(inside - G / (1 - THETA * (z * G - 1))),
        NADAKUDITI,
    )


def _overlap(displays: list[Any]) -> Step:
    derivative, at_place = sp.Symbol("T'"), (1 + THETA) / (THETA * z)  # G where T = 1/theta
    residue = -at_place / (THETA * derivative)
    return Step(
        "squared overlap and threshold",
        "The residue at the pole is -G/(theta T'), with z G = 1 + 1/theta there: the squared overlap of the "
        "outlier's eigenvector with v. T falls outside the support, so that it is positive; where it "
        "vanishes the outlier merges with an edge.",
        tuple(displays),
        Identity(
            (residue + (1 + THETA) / (THETA**2 * z * derivative), z * at_place - 1 - 1 / THETA),
        ),
        NADAKUDITI,
    )


def _additive(law: Law, curve: sp.Expr | None) -> tuple[Step, ...]:
    """The additive spike of equal place, where H is known."""
    if not isinstance(law, Levy) or curve is None:
        return ()
    h, phi = Curve(law).h, Curve(law).phi
    strength = sp.factor(curve.subs(t, 1 / THETA) * THETA / (1 + THETA))  # w = 1/G
    part = phi.subs(w, strength)
    return (
        Step(
            "the additive spike of equal place",
            "G = 1/w at the additive spike w = theta z/(1 + theta), which therefore has its outlier at the "
            "same place; its own overlap is 1 - Phi(w), and that of theta is (1 - Phi(w))/(1 + theta "
            "Phi(w)).",
            (
                sp.Eq(sp.Symbol("w_theta"), strength, evaluate=False),
                sp.Eq(
                    OVERLAP,
                    (1 - sp.Function(r"\Phi")(sp.Symbol("w_theta")))
                    / (1 + THETA * sp.Function(r"\Phi")(sp.Symbol("w_theta"))),
                    evaluate=False,
                ),
            ),
            Together(
                (
                    Identity(h.subs(w, strength) - curve.subs(t, 1 / THETA)),
                    Identity((1 - part) / (1 + THETA * part) - _closed(curve)[1]),
                )
            ),
        ),
    )
