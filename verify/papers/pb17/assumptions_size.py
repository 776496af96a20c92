"""Section 5.1 of Pennington & Bahri (2017): how corrections of finite size depend on the size."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from ...ledger import Claim, Finding, Reading, exact, sampled
from ...precise import Law
from ..coincidences import moments_of
from ..deciding import FALSE_ALARM, derivation, every
from ..entries import LAWS, Real, gram, wigner
from ..walks import gaussian
from .assumptions_matrices import ENOUGH, Spectrum, eps, phi
from .assumptions_universality import mean_of_sum, n
from .beyond_product import spectrum_of_residual_part

u = sp.Symbol("u", positive=True)  # 1/n


def corrections(order: int) -> sp.Poly:
    """Mean moment of x x'/m + sqrt(2 eps/n) S, normal entries, minus its limit: a polynomial in 1/n."""
    limit = moments_of(derivation("wishart_wigner").closed_forms["r_transform"], order)[-1]
    found = mean_of_sum(order, {"x": gaussian(sp.S.One), "S": gaussian(sp.S.One)})
    return sp.Poly(sp.expand(found - limit).subs(n, 1 / u), u)


@exact
def corrections_fall(formula: Any) -> Finding:
    """The power of the size with which mean moments approach their limits, from above at every size.

    All coefficients are positive polynomials in eps and phi, so the corrections never vanish, are largest for
    the smallest matrices and fall strictly as these grow.
    """
    shown = []
    for order in (2, 3, 4):
        terms = {-power: value for (power,), value in corrections(order).terms()}
        positive = all(c > 0 for value in terms.values() for c in sp.Poly(value, eps, phi).coeffs())
        if max(terms) != formula or not positive:
            powers = ", ".join(map(str, sorted(terms)))
            return Finding(False, f"the corrections of moment {order} have the powers {powers} of the size")
        shown.append(str(sp.factor(terms[max(terms)])))
    text = (
        "real normal entries, moments 2, 3 and 4 of Wishart plus Wigner, exact at every size n: the "
        "corrections are polynomials in 1/n with positive coefficients, to leading order 1/n times "
        f"{', '.join(shown)}"
    )
    return Finding(True, text)


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a power that is off by 0.4 (that of independent eigenvalues is -1/2) with probability 99 %",
)
def distance_falls(formula: Any) -> Finding:
    """The power of the size with which resolvent traces of one matrix approach the law."""
    found = []
    for what, (sizes, logs, errors) in {
        "Wishart plus Wigner, normal entries": _distances("normal"),
        "Wishart plus Wigner, signs": _distances("signs"),
        "H1 of ReLU networks": _distances("networks"),
    }.items():
        weights = np.log(sizes) - np.log(sizes).mean()
        power = float(weights @ logs / (weights @ weights))
        error = float(np.sqrt(weights**2 @ errors**2) / (weights @ weights))
        text = f"{what} of {sizes[0]} to {sizes[-1]} rows or units: power {power:.2f} +- {error:.2f}"
        holds = abs(power - float(formula)) < 0.05 + ENOUGH * error
        found.append(Finding(holds, text, {f"power, {what}": power, f"error, {what}": error}))
    return every(*found)


@cache
def _distances(name: str) -> tuple[Real, Real, Real]:
    """Sizes, logarithms of the mean distance of the traces from the certified transform, and their errors."""
    law, points, spectrum, sizes = _case(name)
    transform = np.array([complex(law.stieltjes(point, 60)) for point in points])
    at = np.array(points)[:, None]
    runs, means, errors = 400, [], []
    for size in sizes:
        rng = np.random.default_rng((53, size))
        distances = np.array(
            [np.linalg.norm(np.mean(1 / (at - spectrum(size, rng)), axis=1) - transform) for _ in range(runs)]
        )
        means.append(distances.mean())
        errors.append(distances.std(ddof=1) / np.sqrt(runs) / distances.mean())
    return np.array(sizes), np.log(means), np.array(errors)


def _case(name: str) -> tuple[Law, tuple[complex, ...], Spectrum, tuple[int, ...]]:
    if name == "networks":
        law = Law("relu_residual", eps=50, phi="1/4")
        return law, (1 + 2.5j, 3 + 2.5j), spectrum_of_residual_part, (8, 16, 32)
    draw = LAWS[name]

    def spectrum(size: int, rng: np.random.Generator) -> Real:
        matrix = gram(draw, size, 2 * size, rng) + np.sqrt(0.4) * wigner(draw, size, rng)
        return np.linalg.eigvalsh(matrix)

    return Law("wishart_wigner", eps="1/5", phi="1/2"), (0.7j, 1.5 + 0.7j), spectrum, (16, 32, 64)


CLAIMS = (
    Claim(
        id="pb17/sec-5.1-finite-size",
        statement="Most universality results and the tools used are only exact in the limit of infinite "
        "matrix size; finite-size corrections are largest for small matrices.",
        place="section 5.1",
        readings=(
            Reading(
                "the mean moments of Wishart plus Wigner differ from their limits by the power $-1$ of the "
                "size, and by less the larger it is",
                sp.Integer(-1),
            ),
        ),
        checks=(corrections_fall,),
        conditions="real normal entries, moments to the order 4; other laws of entries change the "
        "coefficients and can change their sign",
        uses=("pb17/eq-17", "pb17/sec-5.1-universal"),
    ),
    Claim(
        id="pb17/sec-5.1-larger",
        statement="Agreement with theory is expected only to improve for larger systems.",
        place="section 5.1",
        readings=(
            Reading(
                "the spectrum of one matrix approaches the law as the power $-1$ of the size, also that of "
                "$H_1$ of networks",
                sp.Integer(-1),
            ),
        ),
        checks=(distance_falls,),
        conditions="what the assumptions themselves are off by does not fall with the size (see the row on "
        "alignment, section 5.2.1); entries without third moment approach more slowly (see the row on "
        "Wishart matrices)",
        uses=("pb17/sec-5.1-finite-size", "pb17/eq-17", "pb17/eq-28"),
    ),
)
