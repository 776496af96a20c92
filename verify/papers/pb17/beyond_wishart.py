"""Section 6.2 of Pennington & Bahri (2017): H0 of a ReLU network and the Wishart assumption."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive import load
from derive.typesetting.latex import latex, names_of

from ...chi_square import student_quantile
from ...ledger import Claim, Finding, Reading, exact, sampled
from ...networks import Network, first_part_spectrum, initial_weights
from ..deciding import FALSE_ALARM, derivation, every
from ..small_networks import evaluate, rank_modulo_prime
from .beyond_blocks import a, a_, b, b_, c, d, delta, entrywise, general, m, mu, theta, x
from .beyond_images import STAND_IN, gaps_against_fit, phi, spectrum_of_first_part

Real = NDArray[np.float64]
# standard errors, themselves from 20 networks or more; up to three statistics, two sides
ENOUGH = student_quantile(FALSE_ALARM / 6, freedom=19)
c_, d_ = sp.symbols("c' d'", integer=True, positive=True)
hidden, weight = sp.IndexedBase("f"), sp.IndexedBase("W")


# --- structure, exactly ---------------------------------------------------------------------------


@exact
def blocks_of_first_part(formula: Any) -> Finding:
    """(W1 W1 block, W2 W2 block) of H0 = J J'/m as formulas in W2, theta, x and f = [z]_+."""
    of_first, of_second = formula
    found = []
    for network in general():
        whole, size = network.hessian() - network.second_part, len(network.first)
        activity = sp.hadamard_product(sp.Matrix(network.mask), network.first * network.inputs).doit()
        tables = {"theta": network.mask, "x": network.inputs, "f": activity, "W": network.second}
        count = {m: network.examples, sp.Symbol("n2", integer=True, positive=True): network.second.rows}

        def first(i: int, j: int, p: int, q: int, tables: Any = tables, count: Any = count) -> sp.Expr:
            return evaluate(of_first, tables, {a: i, b: j, a_: p, b_: q, **count})

        def second(i: int, j: int, p: int, q: int, tables: Any = tables, count: Any = count) -> sp.Expr:
            return evaluate(of_second, tables, {c: i, d: j, c_: p, d_: q, **count})

        shape, other = network.first.shape, network.second.shape
        found.append(entrywise("the first diagonal block", whole[:size, :size], shape, shape, first))
        found.append(entrywise("the second diagonal block", whole[size:, size:], other, other, second))
    together = every(*found)
    return Finding(together.holds, f"the loss (2) differentiated in rational arithmetic: {together.text}")


@exact
def null_directions(formula: Any) -> Finding:
    """(side, hidden units, images, null directions) of H0 of an autoencoder with integer weights and data.

    Scaling the incoming weights of a hidden unit up and its outgoing weights down changes no output:
    (W1_a., -W2_.a) is a null vector, one for each unit. That there are no others follows from the rank of
    J modulo a prime, which is at most its rank.
    """
    side, units, images, stated = formula
    inputs = side**2
    rng = np.random.default_rng(4)
    first, second = rng.integers(-99, 100, (units, inputs)), rng.integers(-99, 100, (inputs, units))
    data = rng.integers(-99, 100, (inputs, images))
    parameters = 2 * units * inputs
    few = min(images, parameters // inputs + 32)  # more images cannot lower the rank
    jacobian = integer_jacobian(first, second, data[:, :few])
    scalings = np.zeros((units, parameters), dtype=np.int64)
    for unit in range(units):
        scalings[unit, unit * inputs : (unit + 1) * inputs] = first[unit]
        scalings[unit, units * inputs + unit :: units] = -second[:, unit]
    if np.any(scalings @ integer_jacobian(first, second, data)):
        return Finding(False, "a rescaling changes an output")
    most = min(parameters - units, images * inputs)
    least = rank_modulo_prime(jacobian.tolist())
    text = (
        f"{units} units, {images} images of {side} x {side}: {parameters} parameters, {images * inputs} "
        f"outputs, {units} rescalings that change no output; rank of J between {least} (modulo 2^61 - 1) "
        f"and {most}"
    )
    numbers = {"parameters": parameters, "rank": least}
    return Finding(least == most and parameters - most == stated, text, numbers)


def integer_jacobian(first: Any, second: Any, data: Any) -> Any:
    """d y_hat_{i mu} / d theta, a row for each parameter (W1, then W2, row by row), columns (i, mu)."""
    before = first @ data
    mask = before > 0
    (units, inputs), outputs, count = first.shape, len(second), data.shape[1]
    of_first = np.einsum("ia,am,bm->abim", second, mask, data)
    of_second = np.einsum("ic,dm->cdim", np.eye(outputs, dtype=data.dtype), before * mask)
    flat = outputs * count
    return np.vstack([of_first.reshape(units * inputs, flat), of_second.reshape(outputs * units, flat)])


# --- H0 of networks at initialisation -------------------------------------------------------------


@cache
def nonzero_spectra(units: int, inverse_ratio: int, runs: int) -> Real:
    """Eigenvalues of H0 without the `units` zeros, a row for each square network with Gaussian data.

    Weights as in the supplement; m = 2 units/phi. H0 does not depend on the targets.
    """
    rng = np.random.default_rng((62, units, inverse_ratio))
    rows = []
    for _ in range(runs):
        weights = initial_weights(units, units, units, rng)
        data = rng.standard_normal((units, 2 * units * inverse_ratio))
        rows.append(first_part_spectrum(Network(*weights, data, np.zeros_like(data)))[units:])
    return np.stack(rows)


def _edges(ratio: float) -> tuple[float, float]:
    """The edges of the Marchenko-Pastur law of mean 1."""
    ends = derivation("marchenko_pastur").closed_forms["edges"]
    symbols = {p.name: p.symbol for p in derivation("marchenko_pastur").model.parameters}
    low, high = sorted(float(end.subs({symbols["sigma"]: 1, symbols["phi"]: ratio})) for end in ends)
    return low, high


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds with probability 99 % a wrong sign of a logarithm 11 standard errors from 0, which are "
    "given with the figures",
)
def against_marchenko_pastur(formula: Any) -> Finding:
    """Signs of log(largest / lambda_+), log(smallest nonzero / lambda_-), and a share beyond lambda_+.

    For spectra scaled to mean 1. A heavy tail is more than some outliers: at least this share of the nonzero
    eigenvalues must lie beyond the upper edge, where the law has none.
    """
    *stated, share = formula
    spectra = nonzero_spectra(16, 8, 20)
    scaled = spectra / spectra.mean(axis=1, keepdims=True)
    low, high = _edges(1 / 8)
    numbers: dict[str, Any] = {"networks": len(scaled)}
    signs = []
    for name, values, edge in (("largest", scaled[:, -1], high), ("smallest", scaled[:, 0], low)):
        logs = np.log(values / edge)
        error = float(logs.std(ddof=1) / np.sqrt(len(logs)))
        mean = float(logs.mean())
        signs.append(0 if abs(mean) < ENOUGH * error else 1 if mean > 0 else -1)
        numbers |= {f"{name} over edge": float(np.exp(mean)), f"error of its logarithm, {name}": error}
    text = (
        f"{len(scaled)} networks of 16 units with 256 Gaussian inputs at initialisation: the largest "
        "eigenvalue is "
        f"{numbers['largest over edge']:.3g} times lambda_+, the smallest nonzero one "
        f"{numbers['smallest over edge']:.3g} times lambda_- of the law of the same mean; "
    )
    beyond = np.mean(scaled > high, axis=1)
    mean, error = float(beyond.mean()), float(beyond.std(ddof=1) / np.sqrt(len(beyond)))
    numbers |= {"share beyond the edge": mean, "its error": error}
    return Finding(
        stated == signs and mean - ENOUGH * error > float(share),
        f"{text}the share {mean:.3f} +- {error:.3f} of the nonzero ones is larger than lambda_+",
        numbers,
    )


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a power of the printed lambda_- that is off by 0.5 with probability 99 %",
)
def gap_scales(formula: Any) -> Finding:
    """A function of phi: the power of it that fits the gap for 1/phi = 2, 8, 32 is 1 within 15 %."""
    ratios, runs = (2, 8, 32), 40
    logs = np.stack([np.log(nonzero_spectra(16, inverse, runs)[:, 0]) for inverse in ratios])
    stated = np.array([float(formula.subs(phi, sp.Rational(1, inverse))) for inverse in ratios])
    if np.any(stated <= 0) or np.ptp(stated) == 0:
        return Finding(False, f"{formula} is not positive or does not depend on phi")
    centred = np.log(stated) - np.log(stated).mean()
    power = float(centred @ logs.mean(axis=1) / (centred @ centred))
    errors = logs.std(axis=1, ddof=1) / np.sqrt(runs)
    error = float(np.sqrt((centred**2) @ errors**2) / (centred @ centred))
    scale = float(np.exp(np.mean(logs.mean(axis=1) - np.log(stated))))
    off = np.exp(logs.mean(axis=1)) / (scale * stated)
    stated_form = latex(formula, names_of(load("marchenko_pastur")))
    text = (
        f"{runs} networks of 16 units with Gaussian data for each of 1/phi = 2, 8, 32: the gap goes as the "
        f"power {power:.2f} +- {error:.2f} of ${stated_form}$; with one scale fitted, {scale:.2g}, gap over "
        "fit is " + ", ".join(f"{value:.2f}" for value in off)
    )
    numbers = {"power": power, "standard error": error, "scale": scale, "networks": runs * len(ratios)}
    enough = student_quantile(FALSE_ALARM / 2, freedom=runs - 1)  # one statistic, two sides
    return Finding(abs(power - 1) < 0.15 + enough * error, text, numbers)


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds a gap that falls to 0.45 of it from 8 to 16 units with probability 99 %",
)
def gap_persists(formula: Any) -> Finding:
    """The least ratio of the gap of networks of 16 units to that of 8 units, at phi = 1/8."""
    small, large = np.log(nonzero_spectra(8, 8, 100)[:, 0]), np.log(nonzero_spectra(16, 8, 20)[:, 0])
    difference = float(large.mean() - small.mean())
    error = float(np.hypot(small.std(ddof=1) / np.sqrt(len(small)), large.std(ddof=1) / np.sqrt(len(large))))
    text = (
        f"the smallest nonzero eigenvalue at phi = 1/8 with Gaussian data is {np.exp(small.mean()):.3g} for "
        "8 units "
        f"({len(small)} networks) and {np.exp(large.mean()):.3g} for 16 ({len(large)} networks)"
    )
    numbers = {"ratio": float(np.exp(difference)), "error of its logarithm": error}
    return Finding(difference > float(sp.log(formula)) - ENOUGH * error, text, numbers)


_W1 = sp.Sum(
    weight[c, a] * weight[c, a_] * theta[a, mu] * theta[a_, mu] * x[b, mu] * x[b_, mu],
    (mu, 1, m),
    (c, 1, sp.Symbol("n2", integer=True, positive=True)),
)
_W2 = delta(c, c_) * sp.Sum(hidden[d, mu] * hidden[d_, mu], (mu, 1, m))

CLAIMS = (
    Claim(
        id="pb17/sec-6.2-structure",
        statement="$H_0$ has both block structure and Kronecker structure, and there are nonlinear functions "
        "applied "
        "to the elements.",
        place="section 6.2",
        readings=(
            Reading(
                r"with $f = [z^{(1)}]_+$ the block of $W^{(2)}$ is $\frac{1}{m} I \otimes f f^T$, that of "
                r"$W^{(1)}$ is "
                r"$\frac{1}{m} \sum_{\mu} [W^{(2)T} W^{(2)}]_{aa'} \theta_{a\mu} \theta_{a'\mu} x_{b\mu} "
                r"x_{b'\mu}$",
                (_W1 / m, _W2 / m),
            ),
        ),
        checks=(blocks_of_first_part,),
        conditions="where no unit sits exactly on the kink of the ReLU; decided for two networks of unequal "
        "widths in rational arithmetic",
        uses=("pb17/eq-3",),
    ),
    Claim(
        id="pb17/sec-6.2-tail",
        statement="The distribution of eigenvalues of $H_0$ does not closely resemble the Marchenko-Pastur "
        "distribution owing to its heavy tail and small eigenvalue gap.",
        place="section 6.2",
        readings=(
            Reading(
                r"beside the law of the same mean and $\phi = 1/8$ the largest eigenvalue is larger (+1), "
                r"the smallest nonzero one smaller (-1), and more than a tenth of the nonzero ones exceed "
                r"$\lambda_+$",
                (1, -1, sp.Rational(1, 10)),
            ),
        ),
        checks=(against_marchenko_pastur,),
        conditions="Gaussian data in place of the images; 16 units, at initialisation",
        uses=("pb17/eq-8",),
    ),
    Claim(
        id="pb17/sec-6.2-gap",
        statement=r"Even though the gap is small, its scaling with $\phi$ appears to be well-approximated by "
        r"$\lambda_-$ from (8) for appropriate $\sigma$.",
        place="section 6.2",
        readings=(
            Reading(
                r"for $1/\phi$ from 2 to 32 the gap goes as a power of $(1 - \sqrt\phi)^2$ within 15 % of 1",
                (1 - sp.sqrt(phi)) ** 2,
            ),
        ),
        checks=(gap_scales,),
        conditions="Gaussian data in place of the images; 16 units, at initialisation",
        uses=("pb17/eq-8",),
    ),
    Claim(
        id="pb17/fig-4-spectrum",
        statement="The spectrum of $H_0$ at initialisation of a ReLU autoencoder with 16 hidden units and "
        "256 "
        r"$4 \times 4$ images; the smallest 35 nonzero eigenvalues.",
        place="figure 4",
        readings=(
            Reading(
                r"496 nonzero eigenvalues of mean $512/496$, the smallest 35 below a quarter of the "
                r"$\lambda_-$ that the law (8) of the same mean has",
                (496, sp.Rational(32, 31), 35),
            ),
        ),
        checks=(spectrum_of_first_part,),
        conditions=f"{STAND_IN}; means over networks; the print gives no numbers",
        uses=("pb17/eq-8", "pb17/fig-4-null-directions"),
        planted=(
            (497, sp.Rational(32, 31), 35),
            (496, sp.Rational(6, 5), 35),
            (496, sp.Rational(32, 31), 120),
        ),
    ),
    Claim(
        id="pb17/fig-4-null-directions",
        statement="There are 16 null directions.",
        place="caption of figure 4",
        readings=(
            Reading(
                "one for each of the 16 hidden units of the autoencoder with 256 images", (4, 16, 256, 16)
            ),
        ),
        checks=(null_directions,),
        conditions="weights and data in general position: the rank is largest outside the zeros of a "
        "polynomial",
        uses=("pb17/eq-3",),
        # a larger side or more images leave 16 null directions, one for each unit; too few images do not
        planted=((4, 16, 256, 17), (4, 17, 256, 16), (4, 16, 30, 16)),
    ),
    Claim(
        id="pb17/fig-4-gap",
        statement="The positive value of the first datapoint (the smallest nonzero eigenvalue) reflects the "
        "existence "
        "of a nonzero gap.",
        place="caption of figure 4",
        readings=(
            Reading(
                "in one network it is positive by definition; the gap is there if it does not shrink as "
                "networks "
                r"grow at $\phi = 1/8$",
                sp.Integer(1),
            ),
        ),
        checks=(gap_persists,),
        conditions="Gaussian data in place of the images; 8 and 16 units, at initialisation",
        uses=("pb17/fig-4-null-directions",),
        planted=(sp.Integer(3),),  # the gap grows by half from 8 to 16 units: 2 cannot be told from it
    ),
    Claim(
        id="pb17/fig-5-gap",
        statement=r"The gap of $H_0$ as a function of $1/\phi$ is compared with the Marchenko-Pastur gap, "
        r"with a "
        "single fit parameter.",
        place="figure 5",
        readings=(
            Reading(
                r"for $1/\phi$ from 2 to 32 mean gaps are within 30 % of $\sigma (1 - \sqrt\phi)^2$ with one "
                r"$\sigma$, though not within their errors",
                (1 - sp.sqrt(phi)) ** 2,
            ),
        ),
        checks=(gaps_against_fit,),
        conditions=f"{STAND_IN}; 16 units, at initialisation. The comparison does not single the printed "
        r"function out: $(1 - \phi)^2$ fits no worse",
        uses=("pb17/sec-6.2-gap",),
    ),
)
