"""Section 6.1 of Pennington & Bahri (2017) from (27) on: the law of H1, and figure 3."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive.laws import G, g, z

from ...ledger import Claim, Finding, Reading, exact, sampled
from ...networks import Network, initial_weights, residual_spectrum
from ..deciding import FALSE_ALARM, derivation, every, identical
from ..small_networks import rational_network
from ..traces import Traces, extrapolated, satisfied
from ..wick import k, limit_of_large, mean_trace, over_random_columns
from ..wick import m as examples
from ..wick import n as width
from .beyond_blocks import NAME, eps, half, lam, phi
from .beyond_images import STAND_IN, own_residuals_on_images, residual_spectra_match

rho = sp.Function("rho_M")
PRINTED_TRANSFORM = eps * phi * g / (2 - eps * phi**2 * g**2)


@exact
def density_of_roots(formula: Any) -> Finding:
    """(density, atom): of +-sqrt(y), each sign with half the mass, in terms of the density and atom of y.

    For lambda > 0 the distribution function is 1/2 + F_M(lambda^2)/2. The mass at 0 stays there.
    """
    density, atom = formula
    F = sp.Function("F")
    slope = sp.diff(half + F(lam**2) / 2, lam).doit()
    value = sp.Symbol("F'")
    slope = slope.replace(lambda part: isinstance(part, (sp.Subs, sp.Derivative)), lambda part: value)
    printed = density.subs(rho(lam**2), value)
    if printed.has(rho):
        return Finding(False, f"{density} takes the density of M elsewhere than at lambda^2")
    network = rational_network(2, 2, 2, 2, shared=True)  # one survivor: half of the eigenvalues of M vanish
    block = network.off_diagonal
    shares = [
        sp.Rational(matrix.rows - matrix.rank(), matrix.rows)
        for matrix in (network.second_part, block * block.T)
    ]
    same = identical(printed, slope, what="density of the signed square roots")
    kept = Finding(
        shares[0] == atom * shares[1], f"shares of zero eigenvalues of H1 and M: {shares[0]}, {shares[1]}"
    )
    return every(same, kept)


# --- the law -------------------------------------------------------------------------------------


@exact
def moments_of_network(formula: Any) -> Finding:
    """(columns, variance of e times that of x, scale): moments of M from Wick's theorem against the model's.

    formula: columns in units of m, both variances, and the power of 1/m in front of the product.
    """
    columns, variance, power = formula
    moments = derivation(NAME).closed_forms["moments"](6)
    found = []
    for order in (1, 2, 3):
        mean = mean_trace(order).subs(k, columns * examples) * variance**order / examples ** (power * order)
        limit = limit_of_large(mean / width, phi / 2)
        found.append(identical(limit, moments[2 * order], what=f"moment {2 * order} of H1 in the limit"))
    return every(*found)


@exact
def transform_of_residual(formula: Any) -> Finding:
    """An R-transform against the one derived through the S-transforms of the factors."""
    return identical(formula, derivation(NAME).closed_forms["r_transform"], what="R of H1")


@exact
def cumulants_of_network(formula: Any) -> Finding:
    """An R-transform's moments to order 6 against those of networks whose units have masks of their own.

    Means over Gaussian weights, data and residuals, exact at every size, in the limit of large n = phi m/2.
    """
    t = sp.Symbol("t")
    series = sp.series(sp.sympify(formula), g, 0, 6).removeO()
    whole = sp.expand(1 + t * series.subs(g, t))
    found = []
    for order in (1, 2, 3):
        # Lagrange: m_k = [t^k] (1 + t R(t))^(k+1) / (k+1)
        stated = sp.expand(whole ** (2 * order + 1)).coeff(t, 2 * order) / (2 * order + 1)
        mean = over_random_columns(mean_trace(order), half) * (2 * eps) ** order / examples ** (2 * order)
        limit = limit_of_large(mean / width, phi / 2)
        found.append(identical(stated, limit, what=f"moment {2 * order} of H1 over networks"))
    return every(*found)


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a variance wrong by 7 %, or a factor wrong by 30 % in the denominator, with probability 99 "
    "%",
)
def networks_follow(formula: Any) -> Finding:
    """H1 of ReLU networks at initialisation, residuals overwritten, energy 50, phi = 1/4: figure 3."""
    at = {eps: 50, phi: sp.Rational(1, 4)}
    return satisfied((sp.sympify(formula).subs(g, G) + 1 / G - z).subs(at), network_traces())


@cache
def network_traces() -> Traces:
    """Traces of H1 of square networks of 16 and 32 units with Gaussian weights, data and residuals."""
    return extrapolated(
        spectrum_of_residual_part,
        (1 + 2.5j, 3 + 2.5j),
        size=16,
        pairs=200,
        seed=28,
        what="H1 of square ReLU networks of 16 and 32 units, Gaussian weights and data, residuals N(0, 100), "
        "phi = 1/4",
    )


def spectrum_of_residual_part(
    units: int, rng: np.random.Generator, ratio: float = 0.25, energy: float = 50.0
) -> NDArray[np.float64]:
    """All eigenvalues of H1 of a square network at initialisation, its residuals overwritten."""
    count = round(2 * units / ratio)
    weights = initial_weights(units, units, units, rng)
    data, residuals = rng.standard_normal((2, units, count))
    network = Network(*weights, data, data).with_residuals(np.sqrt(2 * energy) * residuals)
    return np.asarray(residual_spectrum(network), dtype=np.float64)


# --- figure 3 ------------------------------------------------------------------------------------


@exact
def energy_of_noise(formula: Any) -> Finding:
    """(variance, energy): N(0, 2 eps)."""
    variance, energy = formula
    return identical(variance, 2 * energy, what="the variance 2 eps")


@exact
def figure_three_is_realisable(formula: Any) -> Finding:
    """(side of the images, hidden units, ratios): a square network, and whole numbers of examples 2 n/phi."""
    side, hidden, ratios = formula
    counts = [2 * sp.Integer(hidden) / ratio for ratio in ratios]
    square = Finding(side**2 == hidden, f"{side} x {side} inputs and outputs, {hidden} hidden units")
    whole = Finding(
        all(count.is_Integer for count in counts),
        f"phi = {', '.join(map(str, ratios))} takes m = {', '.join(map(str, counts))} images",
    )
    return every(square, whole)


@exact
def mean_of_residual_block(formula: Any) -> Finding:
    """Means of e_c theta x_b at b = c over weights W2 of mean 0 and data: (overwritten, own residuals).

    An autoencoder's own residual is e = y_hat - x. The mean of y_hat over W2 is 0, and that of
    -x_b^2 theta(w.x) over x is -1/2, along w and across it.
    """
    overwritten, own = formula
    t = sp.Symbol("t", real=True)
    normal = sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi)
    along = sp.integrate(-(t**2) * normal, (t, 0, sp.oo))
    across = -sp.integrate(t**2 * normal, (t, -sp.oo, sp.oo)) * sp.integrate(normal, (t, 0, sp.oo))
    variance = derivation(NAME).closed_forms["moments"](2)[2]
    vanishing = identical(
        overwritten, sp.limit(variance, phi, 0), what="E e theta x, and the variance of (28) as phi -> 0"
    )
    kept = every(
        *(
            identical(own, value, what="E e_b theta x_b with the network's own residuals")
            for value in (along, across)
        )
    )
    return every(vanishing, kept)


CLAIMS = (
    Claim(
        id="pb17/eq-27",
        statement=r"$\rho_{H_1}(\lambda) = |\lambda| \rho_M(\lambda^2)$.",
        place="eq. 27",
        readings=(Reading("for the densities; an atom of $M$ at 0 keeps its mass", (lam * rho(lam**2), 1)),),
        checks=(density_of_roots,),
        conditions=r"$|\lambda| \delta(\lambda^2)$ means a unit mass at 0",
        uses=("pb17/sec-6.1-squares", "pb17/eq-26"),
        steps=((NAME, "Squaring: H = ((0, F), (F', 0))"),),
    ),
    Claim(
        id="pb17/sec-6.1-product",
        statement="$M$ is a Wishart matrix where each factor is itself a product of real Gaussian random "
        "matrices.",
        place="section 6.1",
        readings=(
            Reading(
                r"$\hat e$ and $\hat x$ are Gaussian with $m/2$ columns and variances $2\epsilon$ and 1, in "
                r"$M$ "
                "with $1/m^2$",
                (half, 2 * eps, sp.Integer(2)),
            ),
        ),
        checks=(moments_of_network,),
        conditions="moments to the order 6",
        uses=("pb17/eq-24", "pb17/eq-26", "pb17/sec-6.1-mask"),
        steps=((NAME, "M_1: the Gram matrix F_1' F_1 of a Gaussian factor"), (NAME, "Free product M_0")),
    ),
    Claim(
        id="pb17/eq-28",
        statement=r"$\mathcal{R}_{H_1}(z) = \frac{\epsilon \phi z}{2 - \epsilon \phi^2 z^2}$.",
        place="eq. 28",
        readings=(Reading("as printed", PRINTED_TRANSFORM),),
        checks=(transform_of_residual, cumulants_of_network, networks_follow),
        conditions="exactly for (26) with independent Gaussian factors; for networks, whose units have masks "
        "of their own, in moments to the order 6 and in matrices",
        uses=("pb17/eq-13", "pb17/eq-27", "pb17/sec-6.1-product"),
        steps=((NAME, "Multiplication of free variables"), (NAME, "Squaring: H = ((0, F), (F', 0))")),
    ),
    Claim(
        id="pb17/fig-3-energy",
        statement=r"Error signals distributed as $\mathcal{N}(0, 100)$, i.e. $\epsilon = 50$.",
        place="caption of figure 3",
        readings=(Reading(r"the variance is $2\epsilon$", (100, 50)),),
        checks=(energy_of_noise,),
        uses=("pb17/eq-24",),
    ),
    Claim(
        id="pb17/fig-3-ratios",
        statement=r"$4 \times 4$ images, 16 hidden units; left $\phi = 1/16$, right $\phi = 1/4$.",
        place="caption of figure 3",
        readings=(
            Reading(
                r"a square network, and $m = 2n/\phi$ is whole for both",
                (4, 16, (sp.Rational(1, 16), sp.Rational(1, 4))),
            ),
        ),
        checks=(figure_three_is_realisable,),
        conditions="the numbers of images are not printed",
    ),
    Claim(
        id="pb17/fig-3-match",
        statement="The theoretical prediction matches the spectrum of $H_1$ at initialisation well.",
        place="caption of figure 3",
        readings=(
            Reading(
                "the spectrum of one network is on average within 0.05 of the standard deviation "
                "(Wasserstein distance) of the law (28) at the network's own energy and ratio",
                (sp.Integer(1), sp.Integer(1)),
            ),
        ),
        checks=(residual_spectra_match,),
        conditions=f"{STAND_IN}; residuals overwritten, as in the figure; 16 units, both ratios",
        uses=("pb17/eq-28",),
        planted=tuple(
            form
            for wrong in (sp.Rational(4, 5), sp.Rational(5, 4))
            for form in ((wrong, sp.Integer(1)), (sp.Integer(1), wrong))
        ),
    ),
    Claim(
        id="pb17/fn-4",
        statement="The derivation requires that the error signals are random; in the simulations the "
        "network's "
        "error signals are overwritten with random noise.",
        place="footnote 4",
        readings=(
            Reading(
                r"the mean of $e_b \theta x_b$ is 0 for overwritten residuals, as (28) needs, and $-1/2$ for "
                r"an "
                r"autoencoder's own: $H_1$ does not vanish as $\phi \to 0$",
                (sp.Integer(0), -half),
            ),
        ),
        checks=(mean_of_residual_block, own_residuals_on_images),
        conditions="at initialisation, Gaussian data of variance 1, the mean over weights $W^{(2)}$ of mean "
        f"0; {STAND_IN}, whitened: the mean over all weights",
        uses=("pb17/eq-23", "pb17/eq-28"),
    ),
)
