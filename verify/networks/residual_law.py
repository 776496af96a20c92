"""Figure 3 of Pennington & Bahri: the spectrum of H1 at initialisation beside its law, and footnote 4.

The law (28) takes the residuals as noise. Three kinds are compared, for square ReLU networks of n units with
m = 2n/phi examples and the same weights and inputs:

    overwritten    e is noise N(0, 2 eps), independent of all else, as in the figure
    independent    e = y_hat - y with targets y that are independent standard normal numbers
    autoencoder    e = y_hat - x, the network's own residuals

Each spectrum is held against the law at its own energy (2), so nothing is fitted. Distances are Wasserstein's
in units of the law's standard deviation sqrt(eps phi/2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from generated import relu_residual

from .data import GAUSSIAN, Source
from .distance import quantiles, wasserstein
from .network import Network, initial_weights
from .population import population_autoencoder
from .spectra import residual_spectrum, tolerance

Real = NDArray[np.float64]
Residuals = Literal["overwritten", "independent", "autoencoder"]
KINDS: tuple[Residuals, ...] = ("overwritten", "independent", "autoencoder")
ENERGY = 50.0  # of the figure: residuals N(0, 100)


@dataclass(frozen=True)
class Setting:
    """Square networks of n units with m = 2n/phi examples.

    `ValueError` where m is no whole number: the law to hold a network against is that of its true phi.
    """

    n: int
    phi: float
    residuals: Residuals = "overwritten"
    source: Source = GAUSSIAN

    def __post_init__(self) -> None:
        if self.n < 1 or not 0 < self.phi < np.inf:
            raise ValueError(f"n must be positive and phi in (0, oo), got n = {self.n}, phi = {self.phi}")
        if self.residuals not in KINDS:
            raise ValueError(f"residuals must be one of {', '.join(KINDS)}, got {self.residuals!r}")
        if self.examples < 1 or abs(self.examples * self.phi - 2 * self.n) > 1e-9 * self.n:
            raise ValueError(f"m = 2n/phi = {2 * self.n / self.phi:g} is no whole number of examples")

    @property
    def examples(self) -> int:
        """m."""
        return round(2 * self.n / self.phi)


@dataclass(frozen=True)
class Observation:
    """One network.

    eigenvalues: those of H1 over sqrt(eps), 2 n^2, ascending; by homogeneity their law is that of eps = 1.
    null: which of them are 0. energy: eps. distance: from the law, in its standard deviations.
    """

    eigenvalues: Real
    null: NDArray[np.bool_]
    energy: float
    distance: float


def observe(setting: Setting, seed: np.random.SeedSequence) -> Observation:
    """One network of the setting; weights and inputs depend on n, m, the source and the seed alone."""
    rng = np.random.default_rng(seed)
    n, m = setting.n, setting.examples
    weights = initial_weights(n, n, n, rng)
    inputs = setting.source.draw(n, m, rng)
    noise = rng.standard_normal((n, m))
    targets = inputs if setting.residuals == "autoencoder" else noise
    network = Network(*weights, inputs, targets)
    if setting.residuals == "overwritten":
        network = network.with_residuals(np.sqrt(2 * ENERGY) * noise)
    values = np.asarray(residual_spectrum(network), dtype=float)
    energy = float(network.energy)
    scaled = values / np.sqrt(energy)
    wanted, deviation = _law(setting.phi, len(values))
    distance = float(wasserstein(scaled, wanted)) / deviation
    return Observation(scaled, np.abs(values) <= tolerance(values), energy, distance)


def distance_of(setting: Setting, seed: np.random.SeedSequence) -> float:
    """The distance of one network from the law; its spectrum is not kept."""
    return observe(setting, seed).distance


def observe_limit(n: int, seed: np.random.SeedSequence) -> Real:
    """Eigenvalues of H1 over sqrt(eps) of one autoencoder of n units as phi -> 0, exact at its weights.

    Residuals are the network's own, inputs Gaussian. For overwritten residuals all would be 0.
    """
    blocks, energy = population_autoencoder(*initial_weights(n, n, n, np.random.default_rng(seed)))
    singular = np.linalg.svd(blocks, compute_uv=False).ravel()
    return np.sort(np.concatenate([-singular, singular])) / np.sqrt(energy)


def seeds(seed: int, setting: Setting, runs: int) -> list[np.random.SeedSequence]:
    """One seed a run: the same for all kinds of residuals, others for another n or m."""
    return np.random.SeedSequence([seed, setting.n, setting.examples]).spawn(runs)


@lru_cache(maxsize=32)
def _law(phi: float, count: int) -> tuple[Real, float]:
    """Quantiles and standard deviation of the law at eps = 1."""
    law = relu_residual.law(eps=1.0, phi=phi)
    return quantiles(law, count), float(law.std())
