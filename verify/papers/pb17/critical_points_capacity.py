"""Section 6.4 of Pennington & Bahri (2017): the energy of minimizers of tanh and of linear networks."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from ...chi_square import student_quantile
from ...ledger import Claim, Finding, Reading, exact, sampled
from ...networks import TANH, Network, first_part
from ..deciding import FALSE_ALARM, every, identical, on
from ..entries import Real
from ..small_networks import rational_network
from .assumptions_matrices import half, phi
from .critical_points_fits import fitted_critical_energies
from .preliminaries_hessian import m
from .preliminaries_ratio import counts_of_square_network, n

TANH_CURVE = (1 - phi) ** 2 / 2
UNITS, NETWORKS, EXAMPLES = 6, 40, (48, 24, 16, 12)
WITHIN = sp.Rational(3, 100)
# standard errors, themselves from 40 networks; one statistic for each number of examples, two sides
ENOUGH = student_quantile(FALSE_ALARM / (2 * len(EXAMPLES)), freedom=NETWORKS - 1)


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


# --- tanh networks --------------------------------------------------------------------------------


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a curve that is off by 0.07 at one of the ratios with probability 99 %",
)
def energy_of_tanh_networks(formula: Any) -> Finding:
    """(energy as a function of phi, phi as a function of n and m, tolerance): of minimizers."""
    energy, ratio, within = formula
    found = []
    for count in EXAMPLES:
        mean, error = mean_minimum(count)
        value = float(sp.sympify(energy).subs(phi, ratio).subs({n: UNITS, m: count}))
        text = f"m = {count}: {mean:.3f} +- {error:.3f}, stated {value:.3f}"
        holds = abs(mean - value) < float(within) + ENOUGH * error
        found.append(Finding(holds, text, {f"energy at m = {count}": mean}))
    whole = every(*found)
    return Finding(whole.holds, f"{SETTING}, mean energy for {whole.text}", whole.numbers)


SETTING = (
    f"{NETWORKS} tanh networks of n = {UNITS} units, normal data and targets, minimised from random weights"
)


def mean_minimum(count: int) -> tuple[float, float]:
    """Mean energy of the minimizers for that many examples, and its standard error."""
    energies = minimizers(count)
    return float(energies.mean()), float(energies.std(ddof=1) / np.sqrt(len(energies)))


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a benefit that is off by 0.07 at one of the ratios with probability 99 %",
)
def benefit_of_nonlinearity(formula: Any) -> Finding:
    """(benefit as a function of phi, phi of linear networks, phi of tanh networks, tolerance).

    By how much the mean energy of the minimizers of tanh networks is below the exact mean least energy of
    linear networks of the same phi, (m - n)/2m for n < m examples.
    """
    benefit, linear, own, within = formula
    found = []
    for count in EXAMPLES:
        mean, error = mean_minimum(count)
        value = own.subs({n: UNITS, m: count})
        (others,) = sp.solve(linear.subs(n, UNITS) - value, m)
        if others < UNITS:
            return Finding(
                False, f"linear networks of phi = {value} have {others} examples for {UNITS} units"
            )
        least = float(least_energy(UNITS, int(others))) if others > UNITS else 0.0
        stated = float(benefit.subs(phi, value))
        text = f"phi = {value}: {least - mean:.3f} +- {error:.3f}, stated {stated:.3f}"
        holds = abs(least - mean - stated) < float(within) + ENOUGH * error
        found.append(Finding(holds, text, {f"benefit at phi = {value}": least - mean}))
    whole = every(*found)
    text = "exact mean least energy of linear networks less that of the tanh networks of the same phi"
    return Finding(whole.holds, f"{SETTING}; {text}: {whole.text}", whole.numbers)


@cache
def minimizers(count: int) -> Real:
    """Energies of square tanh networks after 100 steps of Levenberg and Marquardt's descent."""
    rng = np.random.default_rng((64, count))
    data, targets = rng.standard_normal((2, NETWORKS, UNITS, count))
    weights = rng.standard_normal((2, NETWORKS, UNITS, UNITS)) / np.sqrt(UNITS)
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

    Also lower than that of the same network without its nonlinearity, (1 - phi/2)/2. The linear curve must be
    the exact (m - n)/2m at phi = n/m, and the other start where it does.
    """
    linear = identical(formula[1].subs(phi, n / m), (m - n) / (2 * m), what="the linear curve")
    start = identical(formula[0].subs(phi, 0), formula[1].subs(phi, 0), what="both curves at phi = 0")
    if not (linear.holds and start.holds):
        return every(linear, start)
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


TWO_LAYERS, ONE_MAP = 2 * n / m, n / m
NO_MORE = (
    r"for $\phi$ = 1/4, 1/2, 3/4, 1 at $n = 6$, minimizers found by descent. No more than a description: the "
    r"energy is not the curve (at $\phi = 3/4$ it is nearly twice as large), and within 0.03 there are other "
    r"curves, $\frac{1}{2} (1 - \phi)^p$ for every $p$ from 1.5 to 2.5. Nor is it a limit: energies fall as "
    r"networks grow; at $\phi = 1/4$ and $n = 16$ they are below the curve (figure of minimizers)"
)


def described(what: str) -> tuple[Reading, Reading]:
    """The curve as an equation, and as a description of the energy of minimizers."""
    return (
        Reading(f"{what}; as an equation", (TANH_CURVE, TWO_LAYERS, sp.Integer(0))),
        Reading(f"{what}; within 0.03", (TANH_CURVE, TWO_LAYERS, WITHIN)),
    )


WRONG_CURVES = tuple(
    (curve, ratio, WITHIN)
    for curve, ratio in (
        (1 - phi, TWO_LAYERS),
        ((1 - phi) / 2, TWO_LAYERS),
        ((1 - phi) ** 3 / 2, TWO_LAYERS),
        ((1 - phi) ** 2, TWO_LAYERS),
        ((1 - phi**2) / 2, TWO_LAYERS),
        (TANH_CURVE, ONE_MAP),
        (TANH_CURVE, 3 * n / m),
    )
)

CLAIMS = (
    Claim(
        id="pb17/fig-6-fit",
        statement=r"A surprisingly good fit is obtained with $\epsilon_c = \frac{1}{2} (1 - \phi)^2$.",
        place="caption of figure 6",
        readings=described(r"of the energy of minimizers and of fits to $\alpha(\epsilon)$, $\phi = 2n/m$"),
        checks=(energy_of_tanh_networks, fitted_critical_energies),
        conditions=NO_MORE + r"; $\epsilon_c$ of the best 3/2 laws up to 25 negative eigenvalues at "
        r"$n = 16$, $\phi$ = 1/4, 1/2, 2/3 (figure 6 of the report); wider fits have lower $\epsilon_c$",
        planted=WRONG_CURVES,
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
        "Mean over the targets; all minima of linear networks are global (Kawaguchi, 2016)"
        "; decided for five pairs of $n$ and $m$",
        uses=("pb17/sec-6.4-linear",),
    ),
    Claim(
        id="pb17/fig-6-benefit",
        statement="The difference between the curves shows the benefit obtained from using a nonlinear "
        "activation function.",
        place="caption of figure 6",
        readings=(
            Reading(
                r"the same network with and without the activation function, $\phi = 2n/m$: the benefit is "
                r"$\frac{\phi}{2} (1 - \phi)$ within 0.03",
                (phi * (1 - phi) / 2, TWO_LAYERS, TWO_LAYERS, WITHIN),
            ),
            Reading(
                r"the energy of a linear map less that of a tanh network with as many parameters for each "
                r"effective example ($\phi = n/m$ and $\phi = 2n/m$) is $\frac{\phi}{2} (1 - \phi)$ within "
                "0.03",
                (phi * (1 - phi) / 2, ONE_MAP, TWO_LAYERS, WITHIN),
            ),
        ),
        checks=(benefit_of_nonlinearity,),
        conditions=r"for $\phi$ = 1/4, 1/2, 3/4, 1 at $n = 6$. The curves do not show the benefit of the "
        r"activation function alone: the same networks without it, two linear layers, have the energy "
        r"$\frac{1}{2} (1 - \frac{\phi}{2})$, and against it the benefit is $\frac{\phi}{4} (3 - 2 \phi)$, "
        "more than the difference of the printed curves",
        uses=("pb17/fig-6-fit", "pb17/fig-6-linear"),
        planted=(
            (phi * (1 - phi), ONE_MAP, TWO_LAYERS, WITHIN),
            (phi * (1 - phi) / 2, TWO_LAYERS, TWO_LAYERS, WITHIN),
            (phi * (2 - phi) / 2, ONE_MAP, TWO_LAYERS, WITHIN),
            (phi / 2, ONE_MAP, TWO_LAYERS, WITHIN),
            (phi * (1 - phi) / 2, ONE_MAP, ONE_MAP, WITHIN),
        ),
    ),
    Claim(
        id="pb17/sec-6.4-minimizers",
        statement=r"The energy of minimizers is well described by a simple function, $\epsilon_c = "
        r"\frac{1}{2} (1 - \phi)^2$.",
        place="section 6.4",
        readings=described(r"tanh networks, normal data and targets, $\phi = 2n/m$"),
        checks=(energy_of_tanh_networks,),
        conditions=NO_MORE,
        planted=WRONG_CURVES,
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
        r"networks are global"
        "; decided for five pairs of $n$ and $m$",
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
            on(hidden_rank, lambda formula: formula[:2]),
            on(counts_of_square_network, lambda formula: (2 * n**2, n * m, formula[3])),
            on(energy_of_tanh_networks, lambda formula: (*formula[2:], WITHIN)),
        ),
        conditions="ranks are decided for $n$ = 2, 3, 4; which of the ratios belongs to the curve is also "
        "measured, at $n = 6$",
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
