"""Matrices whose entries are not normal, for the claims of section 5.1 of Pennington & Bahri (2017)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive import load
from derive.laws import G, g, z

from ...ledger import Finding, sampled
from ..deciding import FALSE_ALARM, every
from ..entries import LAWS, Draw, Real, gram, student, wigner
from ..traces import Traces, extrapolated, satisfied

Spectrum = Callable[[int, np.random.Generator], Real]
eps, phi = (parameter.symbol for parameter in load("wishart_wigner").parameters)
half = sp.Rational(1, 2)
ENOUGH = 6.0  # standard errors, themselves from 40 matrices: one false alarm in 2 million


def of_laws(
    spectrum: Callable[[Draw], Spectrum],
    points: Sequence[complex],
    what: str,
    pairs: int = 200,
) -> Callable[[], tuple[Traces, ...]]:
    """Traces of matrices of 32 and 64 rows for each of the laws of entries, made once."""

    @cache
    def made() -> tuple[Traces, ...]:
        return tuple(
            extrapolated(spectrum(draw), points, size=32, pairs=pairs, seed=51, what=f"{what}, {name}")
            for name, draw in LAWS.items()
        )

    return made


def all_satisfy(transform: sp.Expr, at: dict[sp.Symbol, Any], traces: Sequence[Traces]) -> Finding:
    """Whether an R-transform fits all traces; the rate of false alarms is shared between them."""
    residual = (sp.sympify(transform).subs(g, G) + 1 / G - z).subs(at)
    found = [satisfied(residual, each, FALSE_ALARM / len(traces)) for each in traces]
    whole = every(*found)
    if not whole.holds:
        return whole
    worst = max(found, key=lambda finding: float(finding.numbers["distance"]))
    return Finding(True, f"{len(traces)} laws of entries; the farthest: {worst.text}", worst.numbers)


wishart_traces = of_laws(
    lambda draw: lambda size, rng: np.linalg.eigvalsh(gram(draw, size, 2 * size, rng)),
    (0.5 + 0.7j, 1.5 + 0.7j),
    "Wishart, phi = 1/2",
)
wigner_traces = of_laws(
    lambda draw: lambda size, rng: np.linalg.eigvalsh(wigner(draw, size, rng)),
    (0.5 + 0.7j, 1.5 + 0.7j),
    "Wigner",
)
sum_traces = of_laws(
    lambda draw: (
        lambda size, rng: np.linalg.eigvalsh(
            gram(draw, size, 2 * size, rng) + np.sqrt(0.4) * wigner(draw, size, rng)
        )
    ),
    (0.7j, 1.5 + 0.7j),
    "Wishart + Wigner, eps = 1/5, phi = 1/2",
    pairs=500,
)


@sampled(false_alarm=FALSE_ALARM, power="finds a ratio wrong by 6 % with probability 99 %")
def wishart_matrices(formula: Any) -> Finding:
    """An R-transform against x x'/m with entries of four laws."""
    return all_satisfy(formula, {phi: half}, wishart_traces())


@sampled(false_alarm=FALSE_ALARM, power="finds a variance wrong by 4 % with probability 99 %")
def wigner_matrices(formula: Any) -> Finding:
    """An R-transform against symmetric matrices with entries of four laws."""
    return all_satisfy(formula, {}, wigner_traces())


@sampled(false_alarm=FALSE_ALARM, power="finds an energy or a ratio wrong by 8 % with probability 99 %")
def sums_of_matrices(formula: Any) -> Finding:
    """An R-transform against sums with entries of four laws."""
    return all_satisfy(formula, {phi: half, eps: sp.Rational(1, 5)}, sum_traces())


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds an R-transform that is wrong by 0.18 with probability 99 %",
)
def heavy_tails_approach(formula: Any) -> Finding:
    """Mean traces of x x'/m, entries without third moment: how far the equation is off falls with the size.

    With the tail s^-3 the law is reached as n^-1/2; a wrong equation stays wrong. The power of the size
    between 32 and 256 rows must be below -1/4.
    """
    residual = sp.lambdify((z, G), (sp.sympify(formula).subs(g, G) + 1 / G - z).subs(phi, half), "numpy")
    off: list[float] = []
    errors: list[float] = []
    for points, values in _without_third_moment():
        runs = len(values)
        off.append(float(np.linalg.norm(residual(points, values.mean(axis=0)))))
        others = (values.sum(axis=0) - values) / (runs - 1)  # jackknife
        logs = np.log(np.linalg.norm(residual(points, others), axis=1))
        errors.append(float(np.sqrt((runs - 1) * np.var(logs))))
    power = float(np.log(off[1] / off[0]) / np.log(8))
    error = float(np.hypot(errors[0], errors[1]) / np.log(8))
    text = (
        "Student's t with 3 degrees of freedom, 400 matrices of 32 rows and 40 of 256: the equation is off "
        f"by {off[0]:.3g} and {off[1]:.3g}, which falls as the power {power:.2f} +- {error:.2f} of the size"
    )
    return Finding(power < -0.25 - ENOUGH * error, text, {"power": power, "standard error": error})


@cache
def _without_third_moment() -> list[tuple[NDArray[np.complex128], NDArray[np.complex128]]]:
    points = np.array([0.5 + 0.7j, 1.5 + 0.7j])
    found = []
    for size, runs in ((32, 400), (256, 40)):
        rng = np.random.default_rng((51, size))
        spectra = [np.linalg.eigvalsh(gram(student(3), size, 2 * size, rng)) for _ in range(runs)]
        found.append((points, np.stack([np.mean(1 / (points[:, None] - each), axis=1) for each in spectra])))
    return found


# --- the matrices of the paper --------------------------------------------------------------------


def _residual_part(draw: Draw) -> Spectrum:
    """+- the singular values of e x'/m with m/2 = 2n columns: phi = 1/2, eps = 1."""

    def spectrum(size: int, rng: np.random.Generator) -> Real:
        errors, data = draw(rng, (size, 2 * size)), draw(rng, (size, 2 * size))
        singular = np.linalg.svd(np.sqrt(2) * errors @ data.T / (4 * size), compute_uv=False)
        return np.concatenate([singular, -singular])

    return spectrum


product_traces = of_laws(_residual_part, (0.2 + 0.4j, 0.8 + 0.4j), "e x'/m of (26), eps = 1, phi = 1/2")


def _network(weights: Draw, data: Draw, errors: Draw) -> Spectrum:
    """H1 of square ReLU networks, phi = 1/2, eps = 1: the blocks of H12 by (23), each unit with its mask."""

    def spectrum(units: int, rng: np.random.Generator) -> Real:
        examples = 4 * units
        inputs, residuals = data(rng, (units, examples)), errors(rng, (units, examples))
        mask = (weights(rng, (units, units)) @ inputs > 0).astype(float)
        blocks = (mask[:, None, :] * inputs) @ (np.sqrt(2) * residuals.T) / examples
        singular = np.linalg.svd(blocks, compute_uv=False).ravel()
        return np.concatenate([singular, -singular])

    return spectrum


@cache
def network_traces() -> tuple[Traces, ...]:
    """Weights, data and residuals of three networks take each of the three other laws once."""
    names = [name for name in LAWS if name != "normal"]
    found = []
    for turn in range(3):
        order = [names[(turn + k) % 3] for k in range(3)]
        what = f"H1 of ReLU networks, weights: {order[0]}, data: {order[1]}, residuals: {order[2]}"
        draws = (LAWS[name] for name in order)
        points = (0.2 + 0.4j, 0.8 + 0.4j)
        found.append(extrapolated(_network(*draws), points, size=16, pairs=150, seed=52, what=what))
    return tuple(found)


@sampled(false_alarm=FALSE_ALARM, power="finds an energy or a ratio wrong by 8 % with probability 99 %")
def products_of_matrices(formula: Any) -> Finding:
    """An R-transform against the product structure of (26) with entries of four laws."""
    return all_satisfy(formula, {phi: half, eps: 1}, product_traces())


@sampled(false_alarm=FALSE_ALARM, power="finds an energy or a ratio wrong by 10 % with probability 99 %")
def networks_of_other_laws(formula: Any) -> Finding:
    """An R-transform against H1 of networks without a normal variable."""
    return all_satisfy(formula, {phi: half, eps: 1}, network_traces())
