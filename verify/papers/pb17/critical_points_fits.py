"""Section 6.4 of Pennington & Bahri (2017): what fits the index of critical points against their energy.

Judged on the recorded run of figure 6 (`verify.networks.critical_experiment`): n = 16, phi = 1/4, 1/2, 2/3.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from ...chi_square import normal_quantile
from ...ledger import Claim, Finding, sampled
from ..deciding import FALSE_ALARM, every
from .assumptions_matrices import phi
from .preliminaries_hessian import m
from .preliminaries_ratio import n

LARGEST = 25  # negative eigenvalues in the fits of the critical energy, of 512


@cache
def run() -> Any:
    """Figure 6 from the run that ships."""
    from ...networks.critical_experiment import recorded  # loads Arrow

    return recorded()


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a curve that is off by 0.07 at one of the ratios with probability 99 %",
)
def fitted_critical_energies(formula: Any) -> Finding:
    """(energy as a function of phi, phi as a function of n and m, tolerance): eps_c of the best 3/2 laws."""
    energy, ratio, within = formula
    found, figure = [], run()
    far = normal_quantile(FALSE_ALARM / (2 * len(figure.shapes)))
    for shape in figure.shapes:
        (fit,) = (one for one in shape.three_halves if one.largest == LARGEST)
        value = float(sp.sympify(energy).subs(phi, ratio).subs({n: figure.units, m: shape.examples}))
        holds = abs(fit.critical - value) < float(within) + far * fit.critical_error
        text = f"m = {shape.examples}: {fit.critical:.3f} +- {fit.critical_error:.3f}, stated {value:.3f}"
        found.append(Finding(holds, text, {f"eps_c at m = {shape.examples}": fit.critical}))
    whole = every(*found)
    return Finding(
        whole.holds,
        f"{figure.reached} points with J_g < 1e-6, 3/2 laws fitted to those of at most {LARGEST} negative "
        f"eigenvalues of 512: {whole.text}",
        whole.numbers,
    )


NO_EXPONENT = (
    "the project's own run (figure 6 of the report: 16 units, phi = 1/4, 1/2, 2/3, thousands of points with "
    "J_g < 1e-6) neither supports nor settles it. Up to 12 negative eigenvalues of 512 the power 3/2 fits, "
    "but so does every other from 1/2 to 3; up to 100 it is refused at every phi, with probabilities below "
    "1e-6, and the best exponents are below 1. The law itself is near its 3/2 law only up to 2, 1 and 0.6 "
    "negative eigenvalues at this size; a tenfold range of eps - eps_c in that regime takes 101, 139 and 181 "
    "units. Which range the authors fitted is not printed, nor are most of their settings"
)
"""Why the claims of the 3/2 law in trained networks are open; `tests/test_critical_experiment.py` holds it to
the run."""

CLAIMS = (
    Claim(
        id="pb17/fig-6-three-halves",
        statement=r"Best fit curves for small $\alpha \approx \alpha_0 |\epsilon - \epsilon_c|^{3/2}$ "
        r"agree well; "
        "this provides support for the prediction of the $3/2$ scaling.",
        place="caption of figure 6",
        open_because=NO_EXPONENT,
        uses=("pb17/eq-20",),
    ),
    Claim(
        id="pb17/sec-6.4-three-halves",
        statement=r"For small $\alpha$ the scaling $\alpha \approx |\epsilon - \epsilon_c|^{3/2}$ is a good "
        r"approximation, especially for smaller $\phi$.",
        place="section 6.4",
        open_because=NO_EXPONENT + r"; that it is better for smaller $\phi$ is not seen: up to 50 negative "
        r"eigenvalues it fits worst at $\phi = 1/4$ and $1/2$",
        uses=("pb17/eq-20", "pb17/eq-31"),
    ),
)
