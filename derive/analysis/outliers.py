"""Planted spikes: where an outlier of the spectrum appears, and how much of the spike it shows.

X + theta v v' for a free X has an eigenvalue outside the support where 1/theta = G(z), that is z = H(theta).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..certificates import Identity, Positive, Together
from ..derivation import Section, Step
from ..language.model import Model
from ..laws import Law, Levy, g, w
from .levy_curve import Curve

THETA = sp.Symbol("theta")


def outliers(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Place, threshold and squared overlap of the outlier of a spike theta, from the R-transform.

    Closed forms, in `laws.w` standing for theta: "outlier_place" H(theta) and "outlier_overlap"
    1 - Phi(theta), valid where the overlap is positive. A law without an R-transform in closed form gets
    an empty section.
    """
    title = "Outliers of planted spikes"
    r = law.r_transform() if isinstance(law, Levy) else law.r
    if r is None:
        return Section(title, ()), {}
    if isinstance(law, Levy):
        place, threshold = Curve(law).h, Curve(law).phi
    else:
        place = r.subs(g, 1 / w) + w
        threshold = 1 - sp.cancel(sp.diff(place, w))
    place_at, threshold_at = place.subs(w, THETA), threshold.subs(w, THETA)
    slope = sp.diff(place, w)
    derivative_of_g = -1 / (w**2 * slope)  # dG/dz = -w^-2 dw/dz
    steps = (
        Step(
            "place of the outlier",
            "The resolvent of X + theta v v' has a pole where 1 = theta v'(z - X)^(-1) v, and for a spike "
            "in generic position the right side is theta G(z): so G(z) = 1/theta, w = theta, and z = "
            "R(1/theta) + theta.",
            sp.Eq(sp.Symbol("z_theta"), place_at, evaluate=False),
            Identity(place - (r.subs(g, 1 / w) + w)),
        ),
        Step(
            "threshold",
            "Outside the support w is the real root with H'(w) = 1 - Phi(w) > 0, so the outlier exists "
            "exactly where Phi(theta) < 1; at Phi(theta) = 1 it merges with an edge.",
            sp.Lt(threshold_at, 1, evaluate=False),
            Identity(slope - 1 + threshold),
        ),
        Step(
            "squared overlap",
            "The residue of v'(z - X - theta v v')^(-1) v = G/(1 - theta G) at the outlier is -1/(theta^2 "
            "G'(z)) = H'(theta): the squared overlap of its eigenvector with v, between 0 and 1.",
            sp.Eq(sp.Symbol("q_theta"), 1 - threshold_at, evaluate=False),
            Together((Identity(-1 / (w**2 * derivative_of_g) - (1 - threshold)), *_below_one(law))),
        ),
    )
    return Section(title, steps), {"outlier_place": place, "outlier_overlap": 1 - threshold}


def _below_one(law: Law) -> tuple[Positive, ...]:
    """Phi is a sum of positive terms, so the overlap is below 1."""
    return (Positive(tuple(law.weights)),) if isinstance(law, Levy) else ()
