"""Abstract and section 1.2 of Pennington & Bahri (2017)."""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import arb

from derive import load
from derive.algebra.radicals import constant_sign

from ...exact import ball, rational
from ...ledger import Claim, Finding, Reading, certified, exact
from ...precise import Law
from ..deciding import critical_energy, derivation, every, identical
from .critical_points_capacity import NO_MORE, WRONG_CURVES, described, energy_of_tanh_networks
from .critical_points_fits import NO_EXPONENT
from .preliminaries_hessian import m
from .preliminaries_ratio import counts_of_square_network, n
from .warm_up_index import exponents_of_both
from .warm_up_law import BELOW_ONE, three_halves

NAME = "wishart_wigner"
MODELS = (NAME, "relu_hessian")
eps, phi = (parameter.symbol for parameter in load(NAME).parameters)


@certified
def grows_with_energy(formula: Any) -> Finding:
    """(power, origin): the index as this power of energy - origin * eps_c, while the index is small.

    The local power d log alpha / d log(energy - origin eps_c) at indices of 1e-9 and less, both models.
    """
    power, origin = formula
    worst = 0.0
    for name, ratio in ((NAME, "1/10"), (NAME, "1/2"), ("relu_hessian", "1/2"), ("relu_hessian", "9/10")):
        critical = critical_energy(name, ratio)
        near, far = (critical * (1 + sp.Rational(1, 10**j)) for j in (12, 10))
        first, last = (Law(name, eps=str(energy), phi=ratio).index() for energy in (near, far))
        steps = [
            ball(rational(str(sp.Rational(energy) - origin * sp.Rational(critical))))
            for energy in (near, far)
        ]
        if not all(step > 0 for step in steps):
            return Finding(False, f"{name}, phi = {ratio}: the energy does not reach {origin} eps_c")
        found = (last / first).log() / (steps[1] / steps[0]).log()
        worst = max(worst, abs(float(found - arb(power.p) / arb(power.q))))
    start = {0: "the energy", 1: "the energy beyond eps_c"}.get(
        int(origin), f"the energy beyond {origin} eps_c"
    )
    holds = worst < 1e-6
    text = f"the local power of the index in {start}, both models, differs from {power} by "
    return Finding(holds, text + (f"at most {worst:.1g}" if holds else f"up to {worst:.3g}"))


@exact
def power_beyond(formula: Any) -> Finding:
    """(power, origin): the index as this power of energy - origin * eps_c, by the local expansions.

    The index is 0 up to eps_c, which is positive: what is raised to a positive power must vanish there.
    """
    power, origin = formula
    for name in MODELS:
        form = derivation(name).closed_forms
        if constant_sign(form["critical_energy"], where=form["critical_condition"]) != 1:
            raise ArithmeticError(f"the critical energy of {name} is not positive")
    if origin != 1:
        start = "the energy" if origin == 0 else f"the energy less {origin} eps_c"
        return Finding(False, f"the index vanishes up to eps_c > 0, where {start} is not 0")
    return exponents_of_both(power)


@exact
def shape_depends(formula: Any) -> Finding:
    """(squared skewness, sign of its slope in eps, sign of its slope in phi) of the spectrum of H0 + H1.

    The skewness does not change when the spectrum is shifted or scaled: it belongs to the shape.
    """
    stated, *signs = formula
    _, second_one, third = derivation(NAME).closed_forms["free_cumulants"](3)
    square = third**2 / second_one**3
    slopes = [constant_sign(sp.cancel(sp.diff(sp.log(square), symbol))) for symbol in (eps, phi)]
    return every(
        identical(stated, square, what="the squared skewness"),
        Finding(signs == slopes, f"signs of its slopes in eps and phi: {slopes[0]} and {slopes[1]}"),
    )


CLAIMS = (
    Claim(
        id="pb17/abstract-shape",
        statement=r"The shape of the spectrum depends strongly on the energy and another key parameter, "
        r"$\phi$.",
        place="abstract",
        readings=(
            Reading(
                r"the skewness falls with $\epsilon$, from $\sqrt\phi$ to 0, and grows with $\phi$",
                (phi**4 / (phi + 2 * eps) ** 3, -1, 1),
            ),
        ),
        checks=(shape_depends,),
        conditions="Wishart plus Wigner",
        uses=("pb17/eq-17",),
        steps=(("wishart_wigner", "free cumulants"),),
    ),
    Claim(
        id="pb17/abstract-ratio",
        statement=r"$\phi$ measures the ratio of parameters to data points.",
        place="abstract",
        readings=(
            Reading(r"data points are the $m$ examples", (2 * n**2, m, 2 * n / m)),
            Reading(
                r"each of the $n$ targets of an example counts as a data point, footnote 2",
                (2 * n**2, m * n, 2 * n / m),
            ),
        ),
        checks=(counts_of_square_network,),
        conditions="square networks; counted at widths 2 and 3",
        uses=("pb17/sec-2-footnote-2",),
    ),
    Claim(
        id="pb17/abstract-three-halves",
        statement="For critical points of small index, the number of negative eigenvalues scales like the "
        "$3/2$ power of the energy.",
        place="abstract",
        readings=(
            Reading("of the energy itself", (three_halves, sp.Integer(0))),
            Reading(
                r"of the energy beyond the critical one, $\epsilon - \epsilon_c$",
                (three_halves, sp.Integer(1)),
            ),
        ),
        checks=(power_beyond, grows_with_energy),
        conditions=BELOW_ONE,
        uses=("pb17/eq-20", "pb17/eq-31"),
        steps=((NAME, "3/2 law"), ("relu_hessian", "3/2 law")),
    ),
    Claim(
        id="pb17/abstract-simulations",
        statement="Numerical simulations support the $3/2$ power.",
        place="abstract",
        open_because=NO_EXPONENT,
    ),
    Claim(
        id="pb17/abstract-minimizers",
        statement=r"In a certain memorization task the energy of minimizers is well-approximated by "
        r"$\frac{1}{2} (1 - \phi)^2$.",
        place="abstract",
        readings=described(r"tanh networks, normal data and targets, $\phi = 2n/m$"),
        checks=(energy_of_tanh_networks,),
        conditions=NO_MORE,
        uses=("pb17/sec-6.4-minimizers",),
        planted=WRONG_CURVES,
    ),
    Claim(
        id="pb17/sec-1.2-three-halves",
        statement="For critical points of small index, the index scales like the energy to the $3/2$ power.",
        place="section 1.2",
        readings=(
            Reading("the energy itself", (three_halves, sp.Integer(0))),
            Reading(
                r"the energy beyond the critical one, $\epsilon - \epsilon_c$", (three_halves, sp.Integer(1))
            ),
        ),
        checks=(power_beyond, grows_with_energy),
        conditions=BELOW_ONE,
        uses=("pb17/eq-20", "pb17/eq-31"),
        steps=((NAME, "3/2 law"), ("relu_hessian", "3/2 law")),
    ),
)
