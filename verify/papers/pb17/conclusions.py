"""Section 7 of Pennington & Bahri (2017)."""

from __future__ import annotations

from typing import Any

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, every, identical
from .assumptions_matrices import phi
from .critical_points_capacity import NO_MORE, WRONG_CURVES, described, energy_of_tanh_networks
from .critical_points_fits import NO_EXPONENT
from .warm_up_index import exponents_of_both, growth_of_both
from .warm_up_law import BELOW_ONE, three_halves

sigma = next(p.symbol for p in derivation("relu_hessian").model.parameters if p.name == "sigma")


@exact
def third_cumulants(formula: Any) -> Finding:
    """(Wishart plus Wigner, improved model): third free cumulants; 0 for a semicircle, shifted or not."""
    names = "wishart_wigner", "relu_hessian"
    pairs = [
        (stated, derivation(name).closed_forms["free_cumulants"](3)[2], name)
        for stated, name in zip(formula, names, strict=True)
    ]
    return every(*(identical(stated, own, what=f"kappa_3 of {name}") for stated, own, name in pairs))


CLAIMS = (
    Claim(
        id="pb17/sec-7-beyond-goe",
        statement="The approximations are on $H_0$ and $H_1$ separately, which enables the analysis to "
        "move beyond the representation of the Hessian as a member of the Gaussian Orthogonal Ensemble.",
        place="section 7",
        readings=(
            Reading(
                r"neither law of $H$ is a shifted semicircle: their third free cumulants are $\phi^2$ and "
                r"$\sigma^3 \phi^2$",
                (phi**2, sigma**3 * phi**2),
            ),
        ),
        checks=(third_cumulants,),
        uses=("pb17/eq-17", "pb17/eq-29"),
        steps=(
            ("wishart_wigner", "free cumulants"),
            ("relu_hessian", "free cumulants"),
        ),
    ),
    Claim(
        id="pb17/sec-7-prediction",
        statement=r"The prediction that for small $\alpha$, $\alpha \approx |\epsilon - \epsilon_c|^{3/2}$.",
        place="section 7",
        readings=(Reading("both models have the exponent 3/2", three_halves),),
        checks=(exponents_of_both, growth_of_both),
        conditions=BELOW_ONE + r", $\epsilon > \epsilon_c$",
        uses=("pb17/eq-20", "pb17/eq-31"),
        steps=(("wishart_wigner", "3/2 law"), ("relu_hessian", "3/2 law")),
    ),
    Claim(
        id="pb17/sec-7-evidence",
        statement="There is empirical evidence in support of this prediction.",
        place="section 7",
        open_because=NO_EXPONENT,
        uses=("pb17/sec-6.4-three-halves", "pb17/sec-7-prediction"),
    ),
    Claim(
        id="pb17/sec-7-minimizers",
        statement=r"The energy of minimizers of a memorization task appears to be well-approximated by a "
        r"simple function of $\phi$.",
        place="section 7",
        readings=described(r"by $\frac{1}{2} (1 - \phi)^2$, $\phi = 2n/m$"),
        checks=(energy_of_tanh_networks,),
        conditions=NO_MORE,
        planted=WRONG_CURVES,
        uses=("pb17/sec-6.4-minimizers",),
    ),
)
