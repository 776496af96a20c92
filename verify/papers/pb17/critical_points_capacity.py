"""Section 6.4 of Pennington & Bahri (2017): the energy of minimizers of tanh and of linear networks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from ...ledger import Claim, Finding, Reading, exact, sampled
from ...networks import TANH, Network, first_part
from ..deciding import FALSE_ALARM, every, identical, on
from ..entries import Real
from ..small_networks import rational_network
from .assumptions_matrices import ENOUGH, half, phi
from .preliminaries_hessian import m
from .preliminaries_ratio import counts_of_square_network, n

TANH_CURVE = (1 - phi) ** 2 / 2
UNITS = 6
TOLERANCE = 0.03


# --- linear networks, exactly ---------------------------------------------------------------------


def least_energy(size: int, count: int) -> sp.Rational:
    """Mean over targets of variance 1 of the least energy of linear networks, for a rational x of full rank.

    W2 W1 can be any size x size matrix A. The least (1/2m) |A x - y|^2 is what y has outside the row space
    of x, so per output its mean is tr (1 - P)/2m with P = x'(x x')^-1 x.
    """
    inputs = rational_network(size, 1, 1, count).inputs
    projector = inputs.T * (inputs * inputs.T).inv() * inputs
    if projector * projector != projector:
        raise ArithmeticError("no projector: x has not full rank")
    return sp.Rational((sp.eye(count) - projector).trace(), 2 * count)


@exact
def energy_of_linear_networks(formula: Any) -> Finding:
    """(energy as a function of phi, phi as a function of n and m): the mean least energy for n < m."""
    energy, ratio = formula
    stated = sp.sympify(energy).subs(phi, ratio)
    sizes = ((1, 3), (2, 3), (2, 7), (3, 4), (3, 5))
    for size, count in sizes:
        found = least_energy(size, count)
        value = stated.subs({n: size, m: count})
        if value != found:
            return Finding(
                False, f"n = {size}, m = {count}: the mean least energy is {found}, the formula gives {value}"
            )
    return Finding(True, f"the mean over the targets is exact, for n, m = {', '.join(map(str, sizes))}")


@exact
def same_networks(formula: Any) -> Finding:
    """(ratio, ratio) as functions of n and m: of networks that differ in their activation function alone."""
    one, other = formula
    if sp.cancel(one - other) == 0:
        return Finding(True, "both curves are drawn for networks of the same n and m")
    return Finding(
        False,
        f"at the same phi a linear network with phi = {one} and a tanh network with phi = {other} do not "
        f"have the "
        "same n and m, so that they differ in more than the activation function",
    )


# --- tanh networks --------------------------------------------------------------------------------


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a curve that is off by 0.07 at one of the ratios with probability 99 %",
)
def energy_of_tanh_networks(formula: Any) -> Finding:
    """(energy as a function of phi, phi as a function of n and m): of minimizers, within 0.03."""
    energy, ratio = formula
    found = []
    for count in (48, 24, 16, 12):
        energies = minimizers(count)
        mean, error = float(energies.mean()), float(energies.std(ddof=1) / np.sqrt(len(energies)))
        value = float(sp.sympify(energy).subs(phi, ratio).subs({n: UNITS, m: count}))
        text = f"m = {count}: {mean:.3f} +- {error:.3f}, stated {value:.3f}"
        found.append(
            Finding(abs(mean - value) < TOLERANCE + ENOUGH * error, text, {f"energy at m = {count}": mean})
        )
    whole = every(*found)
    return Finding(
        whole.holds,
        f"40 tanh networks of n = {UNITS} units, normal data and targets, minimised from random weights, "
        f"mean energy for {whole.text}",
        whole.numbers,
    )


@cache
def minimizers(count: int) -> Real:
    """Energies of 40 square tanh networks after 100 steps of Levenberg and Marquardt's descent."""
    rng = np.random.default_rng((64, count))
    data, targets = rng.standard_normal((2, 40, UNITS, count))
    weights = rng.standard_normal((2, 40, UNITS, UNITS)) / np.sqrt(UNITS)
    network = Network(weights[0], weights[1], data, targets, TANH)
    damping = np.ones(network.batch)
    for _ in range(100):
        damped = first_part(network) + damping[:, None, None] * np.eye(network.parameter_count)
        step = np.linalg.solve(damped, -network.gradient()[..., None])[..., 0]
        tried = network.at(network.parameters + step)
        better = tried.loss < network.loss
        network = network.at(np.where(better[:, None], tried.parameters, network.parameters))
        damping = np.where(better, np.maximum(damping / 3, 1e-9), 4 * damping)
    return network.energy


# --- both ends ------------------------------------------------------------------------------------


@exact
def without_capacity(formula: Any) -> Finding:
    """The energy at phi = 0 for targets of variance 1: of the output 0, of linear networks, of the curve."""
    t, v = sp.Symbol("t", real=True), sp.Symbol("v", positive=True)
    normal = sp.exp(-(t**2) / (2 * v)) / sp.sqrt(2 * sp.pi * v)
    nothing = sp.integrate(t**2 / 2 * normal, (t, -sp.oo, sp.oo))
    return every(
        identical(formula * v, nothing, what="mean energy of the output 0 for targets of variance v"),
        identical(formula, sp.limit((m - n) / (2 * m), m, sp.oo), what="that of linear networks as m grows"),
        identical(formula, TANH_CURVE.subs(phi, 0), what="the curve of tanh networks at phi = 0"),
    )


@exact
def hidden_rank(formula: Any) -> Finding:
    """(phi, its definition in n and m): its value up to which the n x m matrix of hidden units has rank m."""
    value, ratio = formula
    for size in (2, 3, 4):
        square, longer = (_hidden(size, count).rank() for count in (size, size + 1))
        if (square, longer) != (size, size):
            return Finding(False, f"n = {size}: ranks {square} and {longer} for m = n and m = n + 1")
    there = sp.sympify(ratio).subs(m, n)
    return every(
        identical(value, there, what="phi for m = n, where the rank n of the n x m matrix is m"),
        Finding(True, "for m = n + 1 the rank n is less than m already"),
    )


def _hidden(size: int, count: int) -> sp.Matrix:
    network = rational_network(size, size, 1, count)
    return network.first * network.inputs


@exact
def larger_exponent(formula: Any) -> Finding:
    """(tanh, linear): the zero at phi = 1 is of higher order for tanh, and the energy lower between 0 and 1.

    Also lower than that of the same network without its nonlinearity, (1 - phi/2)/2.
    """
    orders = []
    delta = sp.Symbol("delta", positive=True)
    for curve in formula:
        orders.append(
            min(power for (power,) in sp.Poly(sp.expand(curve.subs(phi, 1 - delta)), delta).monoms())
        )
    gains = [
        sp.factor((other - formula[0]).subs(phi, 1 - delta)) for other in (formula[1], (1 - phi / 2) / 2)
    ]
    at = sp.Symbol("s", positive=True)  # delta = 1/(1 + s) runs over (0, 1)
    positive = all(
        all(c > 0 for c in sp.Poly(sp.numer(sp.factor(gain.subs(delta, 1 / (1 + at)))), at).coeffs())
        for gain in gains
    )
    holds = orders[0] > orders[1] and positive
    return Finding(
        holds,
        f"exponents {orders[0]} and {orders[1]}; with delta = 1 - phi the energy is lower by "
        f"{gains[0]}, and by {gains[1]} than without the nonlinearity",
    )


def _linear(formula: Any) -> Any:
    return formula[0], formula[1]


def _tanh(formula: Any) -> Any:
    return formula[2], formula[3]


def _tanh_ratio(formula: Any) -> Any:
    return 2 * n**2, n * m, formula[3]


TWO_LAYERS, ONE_MAP = 2 * n / m, n / m

CLAIMS = (
    Claim(
        id="pb17/fig-6-fit",
        statement=r"A surprisingly good fit is obtained with $\epsilon_c = \frac{1}{2} (1 - \phi)^2$.",
        place="caption of figure 6",
        readings=(Reading(r"of the energy of minimizers, $\phi = 2n/m$", (TANH_CURVE, TWO_LAYERS)),),
        checks=(energy_of_tanh_networks,),
        conditions=r"within 0.03 for $\phi$ = 1/4, 1/2, 3/4, 1 at $n = 6$, minimizers found by descent; "
        r"$\epsilon_c$ of a fit to $\alpha(\epsilon)$ is not measured here",
    ),
    Claim(
        id="pb17/fig-6-linear",
        statement=r"Linear networks obey $\epsilon_c = \frac{1}{2} (1 - \phi)$.",
        place="caption of figure 6",
        readings=(
            Reading(
                r"two linear layers in place of the tanh network, $\phi = 2n/m$", ((1 - phi) / 2, TWO_LAYERS)
            ),
            Reading(
                r"one linear map, whose $n^2$ parameters for $n m$ effective examples make $\phi = n/m$",
                ((1 - phi) / 2, ONE_MAP),
            ),
        ),
        checks=(energy_of_linear_networks,),
        conditions=r"$\phi = n/m \leq 1$, the ratio for one linear map; two linear layers of the same $n$ "
        r"and $m$ as the tanh networks have $\phi = 2n/m$ and obey $\frac{1}{2} (1 - \frac{\phi}{2})$. "
        "Mean over the targets; all minima of linear networks are global (Kawaguchi, 2016)",
        uses=("pb17/sec-6.4-linear",),
    ),
    Claim(
        id="pb17/fig-6-benefit",
        statement="The difference between the curves shows the benefit obtained from using a nonlinear "
        "activation function.",
        place="caption of figure 6",
        readings=(
            Reading(
                r"both curves for the same networks, $\phi = 2n/m$",
                ((1 - phi) / 2, TWO_LAYERS, TANH_CURVE, TWO_LAYERS),
            ),
            Reading(
                r"both curves for the same networks, $\phi = n/m$ in this figure",
                ((1 - phi) / 2, ONE_MAP, TANH_CURVE, ONE_MAP),
            ),
            Reading(
                r"$\phi = n/m$ for one linear map, $\phi = 2n/m$ for tanh networks",
                ((1 - phi) / 2, ONE_MAP, TANH_CURVE, TWO_LAYERS),
            ),
        ),
        checks=(
            on(energy_of_linear_networks, _linear),
            on(energy_of_tanh_networks, _tanh),
            on(counts_of_square_network, _tanh_ratio),
            on(same_networks, lambda formula: (formula[1], formula[3])),
        ),
        correction=Reading(
            r"with the activation function alone removed the energy is $\frac{1}{2} (1 - \frac{\phi}{2})$, "
            r"$\phi = 2n/m$: the benefit is $\frac{\phi}{4} (3 - 2 \phi)$, more than the difference "
            r"$\frac{\phi}{2} (1 - \phi)$ of the printed curves",
            ((1 - phi / 2) / 2, TWO_LAYERS, TANH_CURVE, TWO_LAYERS),
        ),
        conditions=r"$0 < \phi \leq 1$",
        uses=("pb17/fig-6-fit", "pb17/fig-6-linear"),
    ),
    Claim(
        id="pb17/sec-6.4-minimizers",
        statement=r"The energy of minimizers is well described by a simple function, $\epsilon_c = "
        r"\frac{1}{2} (1 - \phi)^2$.",
        place="section 6.4",
        readings=(
            Reading(r"tanh networks, normal data and targets, $\phi = 2n/m$", (TANH_CURVE, TWO_LAYERS)),
        ),
        checks=(energy_of_tanh_networks,),
        conditions=r"within 0.03 for $\phi$ = 1/4, 1/2, 3/4, 1 at $n = 6$, minimizers found by descent; no "
        r"more than a "
        "description",
    ),
    Claim(
        id="pb17/sec-6.4-linear",
        statement=r"A similar functional form was derived for linear networks (Advani & Ganguli, 2016), "
        r"$\epsilon_c = \frac{1}{2} (1 - \phi)$.",
        place="section 6.4",
        readings=(
            Reading(
                r"networks of two linear layers, $\phi = 2n/m$ as in section 2", ((1 - phi) / 2, TWO_LAYERS)
            ),
            Reading(
                r"linear regression as in the work cited, $n^2$ parameters for $n m$ effective examples, "
                r"$\phi = n/m$",
                ((1 - phi) / 2, ONE_MAP),
            ),
        ),
        checks=(energy_of_linear_networks,),
        conditions=r"$\phi = n/m \leq 1$, the ratio for one linear map; with the $\phi = 2n/m$ of the tanh "
        r"networks it is $\frac{1}{2} (1 - \frac{\phi}{2})$. Mean over the targets; minima of linear "
        r"networks are global",
    ),
    Claim(
        id="pb17/sec-6.4-no-capacity",
        statement=r"At $\phi = 0$ the network has zero effective capacity and the variance of the target "
        r"distribution "
        "determines the loss.",
        place="section 6.4",
        readings=(Reading("the energy is half of the variance", half),),
        checks=(without_capacity,),
        conditions=r"$\phi \to 0$: $m$ grows at fixed $n$; for tanh networks it is the printed curve that "
        r"is checked",
        uses=("pb17/sec-6.4-linear", "pb17/sec-6.4-minimizers"),
    ),
    Claim(
        id="pb17/sec-6.4-rank",
        statement=r"At $\phi = 1$ the matrix of hidden units is no longer rank constrained and can store "
        r"the entire "
        "input-output map.",
        place="section 6.4",
        readings=(
            Reading(
                r"$\phi = 2n/m$, as in section 2",
                (sp.Integer(1), TWO_LAYERS, TANH_CURVE, TWO_LAYERS),
            ),
            Reading(
                r"$\phi = n/m$, also in $\frac{1}{2} (1 - \phi)^2$, which this explains",
                (sp.Integer(1), ONE_MAP, TANH_CURVE, ONE_MAP),
            ),
        ),
        checks=(
            on(hidden_rank, _linear),
            on(energy_of_tanh_networks, _tanh),
            on(counts_of_square_network, _tanh_ratio),
        ),
        correction=Reading(
            r"the $n \times m$ matrix of hidden units has rank $m$ for $n \geq m$ only, $\phi = 2n/m \geq "
            r"2$; at $\phi = 1$ its rank is $m/2$, and what holds there is that the parameters are as many "
            r"as the effective examples. (For one linear map, $\phi = n/m$, the explanation is right.)",
            (sp.Integer(2), TWO_LAYERS, TANH_CURVE, TWO_LAYERS),
        ),
        uses=("pb17/sec-6.4-minimizers",),
    ),
    Claim(
        id="pb17/sec-6.4-exponent",
        statement=r"For intermediate values of $\phi$ the fact that the exponent of $(1 - \phi)$ is larger "
        r"for tanh "
        "networks than for linear networks is the manifestation of the nonlinear network's better "
        "performance for the same number of parameters.",
        place="section 6.4",
        readings=(
            Reading(
                r"$\frac{1}{2} (1 - \phi)^2$ has the larger exponent and is below $\frac{1}{2} (1 - "
                r"\phi)$; it is also below $\frac{1}{2} (1 - \frac{\phi}{2})$, the energy of two linear "
                r"layers of as many parameters",
                (TANH_CURVE, (1 - phi) / 2),
            ),
        ),
        checks=(larger_exponent,),
        conditions=r"$0 < \phi < 1$, and as far as the two curves hold",
        uses=("pb17/sec-6.4-linear", "pb17/sec-6.4-minimizers"),
        planted=(((1 - phi) / 2, TANH_CURVE), (TANH_CURVE, TANH_CURVE), ((1 - phi / 2) / 2, (1 - phi) / 2)),
    ),
)
