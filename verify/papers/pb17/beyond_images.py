"""Sections 6.1 and 6.2 of Pennington & Bahri (2017): networks on images, digits in place of CIFAR-10.

Figures 3 to 5 and footnote 4 are about images of 4 x 4 pixels, grey and whitened. Scikit-learn's digits are
averaged and whitened alike; what is found of them is found of images, not of those of the paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive.language.model import load
from generated import relu_residual

from ...chi_square import student_quantile
from ...ledger import Finding, sampled
from ...networks import Network, digits, first_part_spectrum, initial_weights
from ...networks.data import Images
from ...networks.distance import quantiles, wasserstein
from ...networks.gap import lower_edge
from ...networks.hessian import mixed_blocks
from ...networks.residual_law import Residuals, Setting, observe, seeds
from ..deciding import FALSE_ALARM, every

Real = NDArray[np.float64]
UNITS = 16
RUNS = 40  # networks of each kind
RATIOS = (1 / 16, 1 / 4)  # of figure 3
CLOSE = 0.05  # a spectrum is near its law: mean distance over standard deviation
INVERSE = (2, 4, 8, 16, 32)  # 1/phi in place of those of figure 5, which are not printed
ROUGH = 1.3  # gaps are near a fit: at most this factor from it
LOW = 1 / 4  # the smallest eigenvalues of figure 4: below this part of lambda_-
STAND_IN = "scikit-learn's digits in place of the CIFAR-10 images"
phi = next(p.symbol for p in load("marchenko_pastur").parameters if p.name == "phi")


@cache
def images() -> Images:
    """The digits, read once a process."""
    return digits()


def enough(statistics: int) -> float:
    """Standard errors, themselves from `RUNS` networks, that so many means exceed at the false alarm."""
    return student_quantile(FALSE_ALARM / (2 * statistics), freedom=RUNS - 1)


def mean_error(values: Sequence[float] | Real) -> tuple[float, float]:
    """Mean and its standard error."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))


# --- H1, figure 3 and footnote 4 ------------------------------------------------------------------


@cache
def residual_spectra(ratio: float, kind: Residuals) -> Real:
    """Eigenvalues of H1 over sqrt(eps) of the networks of figure 3, a row for each."""
    setting = Setting(UNITS, ratio, kind, images())
    return np.stack([observe(setting, seed).eigenvalues for seed in seeds(61, setting, RUNS)])


def distances(ratio: float, kind: Residuals, energy: float, changed: float) -> tuple[float, float]:
    """Mean distance from the law at so many times the energy and the ratio, in standard deviations."""
    spectra = residual_spectra(ratio, kind)
    law = relu_residual.law(eps=energy, phi=changed * ratio)
    found = wasserstein(spectra, quantiles(law, spectra.shape[1]))
    return mean_error(found / float(law.std()))


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds with probability 99 % a mean distance of 0.07 standard deviations, an energy wrong by a "
    "quarter for one",
)
def residual_spectra_match(formula: Any) -> Finding:
    """(energy, ratio) of the law (28) over the networks' own: the mean distance is at most `CLOSE`."""
    energy, changed = map(float, formula)
    findings = []
    for ratio in RATIOS:
        mean, error = distances(ratio, "overwritten", energy, changed)
        text = f"{mean:.3f} +- {error:.3f} at phi = 1/{1 / ratio:g}"
        numbers = {f"distance at phi = 1/{1 / ratio:g}": mean, f"its error at phi = 1/{1 / ratio:g}": error}
        findings.append(Finding(mean - enough(len(RATIOS)) * error < CLOSE, text, numbers))
    whole = every(*findings)
    text = (
        f"{RUNS} networks of {UNITS} units on digits for each phi, nothing fitted: mean Wasserstein distance "
        f"of single spectra from the law, in its standard deviations, {whole.text}"
    )
    return Finding(whole.holds, text, whole.numbers)


@sampled(false_alarm=FALSE_ALARM, power="finds with probability 99 % a mean wrong by 0.06")
def own_residuals_on_images(formula: Any) -> Finding:
    """Means of e_b theta x_b over networks on digits: (overwritten, own residuals)."""
    findings = []
    kinds: tuple[Residuals, ...] = ("overwritten", "autoencoder")
    for stated, kind in zip(formula, kinds, strict=True):
        values = residual_means()[kind]
        mean, error = mean_error(values)
        names = {"overwritten": "overwritten", "autoencoder": "own"}
        text = f"{mean:.3f} +- {error:.3f} with {names[kind]} residuals"
        findings.append(Finding(abs(mean - float(stated)) < enough(2) * error, text, {names[kind]: mean}))
    whole = every(*findings)
    far = ", ".join(
        f"{distances(ratio, 'autoencoder', 1, 1)[0]:.2f} at phi = 1/{1 / ratio:g}" for ratio in RATIOS
    )
    text = (
        f"{RUNS} networks of {UNITS} units on 128 digits: the mean of e_b theta x_b is {whole.text}; with "
        f"their own residuals spectra are {far} standard deviations from the law"
    )
    return Finding(whole.holds, text, whole.numbers)


@cache
def residual_means() -> dict[Residuals, Real]:
    """The mean of e_b theta x_b of each network, over units, pixels b and 128 images."""
    rng = np.random.default_rng(62)
    found: dict[Residuals, list[float]] = {"overwritten": [], "autoencoder": []}
    for _ in range(RUNS):
        data = images().draw(UNITS, 128, rng)
        own = Network(*initial_weights(UNITS, UNITS, UNITS, rng), data, data)
        noise = own.with_residuals(rng.standard_normal(data.shape) * np.sqrt(2 * float(own.energy)))
        found["overwritten"].append(_diagonal_mean(noise))
        found["autoencoder"].append(_diagonal_mean(own))
    return {kind: np.array(values) for kind, values in found.items()}


def _diagonal_mean(network: Network) -> float:
    return float(np.einsum("abb->ab", mixed_blocks(network)).mean())


# --- H0, figures 4 and 5 --------------------------------------------------------------------------


@cache
def nonzero_spectra(inverse_ratio: int) -> Real:
    """Eigenvalues of H0 on digits without the zeros of the rescalings, a row for each network."""
    rng = np.random.default_rng((63, inverse_ratio))
    rows = []
    for _ in range(RUNS):
        weights = initial_weights(UNITS, UNITS, UNITS, rng)
        data = images().draw(UNITS, 2 * UNITS * inverse_ratio, rng)
        rows.append(first_part_spectrum(Network(*weights, data, np.zeros_like(data)))[UNITS:])
    return np.stack(rows)


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds with probability 99 % a mean wrong by 0.1, or a rank beyond 120 among the smallest",
)
def spectrum_of_first_part(formula: Any) -> Finding:
    """(nonzero eigenvalues, their mean, rank): the eigenvalue of this rank is on average at most the part
    `LOW` of lambda_- of the Marchenko-Pastur law of the same mean, phi = 1/8."""
    count, stated, rank = formula
    spectra = nonzero_spectra(8)
    mean, error = mean_error(spectra.mean(axis=1))
    edge = float(lower_edge(np.array(1 / 8)))
    places = np.log(spectra[:, [0, rank - 1]] / spectra.mean(axis=1, keepdims=True) / edge)
    (first, first_error), (last, last_error) = (mean_error(column) for column in places.T)
    holds = (
        spectra.shape[1] == count
        and bool(np.all(spectra > 0))
        and abs(mean - float(stated)) < enough(3) * error
        and last - enough(3) * last_error < float(np.log(LOW))
    )
    text = (
        f"{RUNS} networks on 256 digits: {spectra.shape[1]} nonzero eigenvalues of mean {mean:.3f} +- "
        f"{error:.3f}; the smallest is {np.exp(first):.3f}, that of rank {rank} {np.exp(last):.3f} of "
        "lambda_- of the law of the same mean"
    )
    numbers = {
        "networks": RUNS,
        "mean": mean,
        "error of the mean": error,
        "smallest over edge": float(np.exp(first)),
        "error of its logarithm": first_error,
    }
    return Finding(holds, text, numbers)


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds with probability 99 % a gap that is off from the fit by a factor 2 at one phi",
)
def gaps_against_fit(formula: Any) -> Finding:
    """A function of phi: with one factor fitted, mean gaps are within the factor `ROUGH` of it."""
    stated = np.array([float(formula.subs(phi, sp.Rational(1, inverse))) for inverse in INVERSE])
    if np.any(stated <= 0):
        return Finding(False, f"{formula} is not positive")
    scale, off, errors, chi_square = fitted(stated)
    holds = bool(np.all(np.abs(np.log(off)) - enough(len(INVERSE)) * errors < np.log(ROUGH)))
    rival = fitted((1 - 1 / np.array(INVERSE)) ** 2)
    text = (
        f"{RUNS} networks of {UNITS} units on digits for each of 1/phi = {', '.join(map(str, INVERSE))}: "
        rf"with $\sigma = {scale:.3f}$ fitted, gap over fit is {_list(off)}, each +- {np.max(errors):.0%} at "
        rf"most; $\chi^2 = {chi_square:.0f}$ for {len(INVERSE) - 1} degrees of freedom. For comparison "
        rf"$(1 - \phi)^2$, of which no theory speaks: {_list(rival[1])}, $\chi^2 = {rival[3]:.0f}$"
    )
    numbers = {"sigma": scale, "chi square": chi_square, "networks": RUNS * len(INVERSE)}
    return Finding(holds, text, numbers)


def fitted(shape: Real) -> tuple[float, Real, Real, float]:
    """The factor of a shape nearest to the logarithms of gaps, gap over fit, errors of its logarithm, chi^2.

    The errors are those of the gaps alone, a little larger than those of gap over fit.
    """
    logs = np.log([nonzero_spectra(inverse)[:, 0] for inverse in INVERSE])
    errors = logs.std(axis=1, ddof=1) / np.sqrt(RUNS)
    above = logs.mean(axis=1) - np.log(shape)
    centre = float(np.average(above, weights=errors**-2))
    chi_square = float(np.sum(((above - centre) / errors) ** 2))
    return float(np.exp(centre)), np.exp(above - centre), errors, chi_square


def _list(values: Real) -> str:
    return ", ".join(f"{value:.2f}" for value in values)
