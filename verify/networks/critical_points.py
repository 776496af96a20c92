"""Figure 6 of Pennington & Bahri: critical points of tanh networks that memorise, and their index.

Each run draws a square network of n units, m = 2n/phi normal inputs and as many normal targets; it descends
on the loss down to a random energy, as in section 6.4, and from there on J_g = |grad L|^2, which is attracted
to critical points of every index. Descent on J_g itself takes some 1e8 steps. Here J_g is the sum of squares
of the gradient, whose Jacobian is H, and Levenberg and Marquardt's step for it is

    d = -(H^2 + mu)^-1 H g = -Re (H + i sqrt(mu))^-1 g,    g = grad L.

The left form is solved by Cholesky's factors in single precision, which its condition |H|^2/mu allows for
large mu; the right one, whose condition is the square root of that, serves the rest. The gradient and J_g
themselves are of double precision, and only a step that lowers J_g is taken; mu follows Nielsen.

J_g is also stationary where H g = 0 with g not 0, and very many of its minima are such, so a small J_g says
little: `verify.networks.saddles` goes on to points where the gradient vanishes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize
from scipy.linalg import blas, lapack

from .activations import TANH
from .hessian import first_part, hessian, hessian_times, residual_part
from .network import Network, initial_weights
from .spectra import tolerance

Real = NDArray[np.floating]

UNITS = 16
EXAMPLES = (128, 64, 48)  # phi = 1/4, 1/2, 2/3
ENOUGH = 1e-6  # of J_g: the paper's threshold
CRITICAL = 1e-9  # |grad L| up to which a point counts as critical
LIMIT = 120  # steps of Levenberg and Marquardt, refused ones included
DESCENT = 1000  # iterations on the loss
FLAT = 1e-6  # |H g| / (|H| |g|) below which J_g counts as stationary
SINGLE = 1e-7  # mu / |H|^2 from which the normal equations are solved in single precision
FIRST_DAMPING = 1e-3  # mu / |H|^2
LEAST, MOST = 1e-14, 1e12  # mu
SHALLOW = 1e-4  # eigenvalues within so many root mean squares of 0 are counted apart


@dataclass(frozen=True)
class Search:
    """Where a search for critical points ended.

    verdict: "critical" where |grad L| is at most `CRITICAL`, "flat" where J_g is stationary and the gradient
    is not 0, "small" where J_g is as small as was asked for, "unfinished" otherwise.
    """

    network: Network
    iterations: int
    verdict: str


def descend_to(network: Network, energy: float, limit: int = DESCENT) -> Network:
    """Descent on the loss (L-BFGS) until the energy is at most this, or for so many iterations."""
    found = network.parameters
    outputs = network.sizes[2]

    def loss(at: Real) -> tuple[float, Real]:
        there = network.at(at)
        return float(there.loss), there.gradient()

    def stop(intermediate_result: Any) -> None:
        nonlocal found
        found = intermediate_result.x.copy()
        if intermediate_result.fun <= outputs * energy:
            raise StopIteration

    if float(network.energy) > energy:
        options = {"maxiter": limit, "maxcor": 20}
        optimize.minimize(loss, found, jac=True, method="L-BFGS-B", callback=stop, options=options)
    return network.at(found)


def search(network: Network, *, enough: float = ENOUGH, limit: int = LIMIT) -> Search:
    """Descent on J_g by Levenberg and Marquardt's steps, until it is below `enough` or stationary.

    enough: 0 to go on until the gradient is at most `CRITICAL`. For one network, not a stack.
    """
    single = np.float32
    inputs, targets = network.inputs.astype(single), network.targets.astype(single)

    def curvature(at: Network) -> Real:
        first, second = at.first.astype(single), at.second.astype(single)
        return hessian(Network(first, second, inputs, targets, at.activation))

    slope, matrix = network.gradient(), curvature(network)
    turned = hessian_times(network, slope)
    size = float(np.sqrt(np.max(np.sum(matrix**2, axis=0))))
    damping, growth = FIRST_DAMPING * size**2, 2.0
    solve = _solver(matrix, size)
    for iteration in range(limit + 1):
        verdict = _verdict(slope, turned, size, enough)
        if verdict or iteration == limit or damping > MOST:
            break
        step = -solve(slope, turned, damping)
        tried = network.at(network.parameters + step)
        there = tried.gradient()
        foreseen = step @ (damping * step - turned)  # by which the linear model lowers J_g
        gain = float((slope @ slope - there @ there) / foreseen) if foreseen > 0 else -1.0
        if gain > 0:
            network, slope, matrix = tried, there, curvature(tried)
            turned = hessian_times(network, slope)
            solve = _solver(matrix, size)
            damping, growth = damping * max(1 / 3, 1 - (2 * gain - 1) ** 3), 2.0
        else:
            damping, growth = damping * growth, 2 * growth
        damping = max(damping, LEAST)
    return Search(network, iteration, verdict or "unfinished")


def _verdict(slope: Real, turned: Real, size: float, enough: float) -> str:
    length = float(np.linalg.norm(slope))
    if length <= CRITICAL:
        return "critical"
    if length**2 < enough:
        return "small"
    return "flat" if float(np.linalg.norm(turned)) < FLAT * size * length else ""


def _solver(matrix: Real, size: float) -> Callable[[Real, Real, float], Real]:
    """(g, H g, mu) -> (H^2 + mu)^-1 H g for the single-precision H; H^2 is formed once."""
    square: Real | None = None

    def solve(slope: Real, turned: Real, damping: float) -> Real:
        nonlocal square
        if damping > SINGLE * size**2:
            if square is None:
                square = blas.ssyrk(1, matrix)
            damped = square.copy(order="K")
            np.einsum("ii->i", damped)[:] += np.float32(damping)
            factors, failed = lapack.spotrf(damped, clean=0, overwrite_a=1)
            if not failed:
                return np.ravel(lapack.spotrs(factors, turned.astype(np.float32))[0]).astype(float)
        shifted = matrix.astype(np.complex64)
        np.einsum("ii->i", shifted)[:] += np.complex64(1j * np.sqrt(damping))
        found = lapack.cgesv(shifted, slope.astype(np.complex64), overwrite_a=1)[2]
        return np.ravel(found).real.astype(float)

    return solve


def stopping_energy(phi: float, share: float) -> float:
    """Where descent on the loss stops, for a share drawn uniformly from [0, 1].

    From 9/10 of (1 - phi)^2/2, which few networks go below, to 1/2, that of the output 0 and near that of
    all critical points reached from above, with the density of share^2: low energies, where the index is
    small, are preferred.
    """
    floor = 0.9 * (1 - phi) ** 2 / 2
    return floor + (0.5 - floor) * share**2


def start(examples: int, rng: np.random.Generator, units: int = UNITS) -> Network:
    """A tanh network at its initial weights with normal inputs and targets."""
    weights = initial_weights(units, units, units, rng)
    inputs, targets = rng.standard_normal((2, units, examples))
    return Network(*weights, inputs, targets, TANH)


def find(choices: tuple[int, ...], child: np.random.SeedSequence) -> dict[str, Any]:
    """One run of figure 6 as a row: where J_g fell below the paper's threshold, and what was there.

    choices: numbers of examples, taken in turn by the number of the run, `child.spawn_key[-1]`. The columns
    are told by `reach` and `described`.
    """
    return reach(choices, child)[0]


def reach(choices: tuple[int, ...], child: np.random.SeedSequence) -> tuple[dict[str, Any], Network]:
    """The row of a run, and the network at its end.

    stopping_energy: asked of the descent on the loss; start_energy: where it ended. verdict, iterations: of
    the search from there.
    """
    rng = np.random.default_rng(child)
    network = start(choices[int(child.spawn_key[-1]) % len(choices)], rng)
    stop = stopping_energy(network.ratio, rng.uniform())
    below = descend_to(network, stop)
    found = search(below)
    row = {
        "examples": network.sizes[-1],
        "stopping_energy": stop,
        "start_energy": float(below.energy),
        "verdict": found.verdict,
        "iterations": found.iterations,
    }
    return row | described(found.network), found.network


def described(network: Network) -> dict[str, Any]:
    """Energy, gradient and Hessian of one network, as numbers of a row.

    energy: per output. squared_gradient, turned_gradient: J_g and |H g|. negative, zeros: eigenvalues of H
    beyond and within rounding; shallow: negative ones of less than `SHALLOW` root mean squares. least: the
    smallest absolute value. lowest, highest: the ends. first_mean, first_square, residual_mean,
    residual_square, cross: tr H0/P, tr H0^2/P, tr H1/P, tr H1^2/P, 2 tr H0 H1/P. largest_weight: of W1.
    """
    slope = network.gradient()
    first, residual = first_part(network), residual_part(network)
    count = network.parameter_count
    values = np.linalg.eigvalsh(first + residual)
    scale, rounding = float(np.sqrt(np.mean(values**2))), float(tolerance(values))
    return {
        "energy": float(network.energy),
        "squared_gradient": float(slope @ slope),
        "turned_gradient": float(np.linalg.norm(hessian_times(network, slope))),
        "negative": int(np.sum(values < -rounding)),
        "shallow": int(np.sum((values < -rounding) & (values > -SHALLOW * scale))),
        "zeros": int(np.sum(np.abs(values) <= rounding)),
        "least": float(np.min(np.abs(values))),
        "lowest": float(values[0]),
        "highest": float(values[-1]),
        "first_mean": float(np.trace(first)) / count,
        "first_square": float(np.sum(first**2)) / count,
        "residual_mean": float(np.trace(residual)) / count,
        "residual_square": float(np.sum(residual**2)) / count,
        "cross": 2 * float(np.sum(first * residual)) / count,
        "largest_weight": float(np.max(np.abs(network.first))),
    }
