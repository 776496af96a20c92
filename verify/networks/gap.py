"""Figures 4 and 5 of Pennington & Bahri: null directions and the gap of H0 at initialisation.

Square ReLU networks of n units with m = 2n/phi examples. The gap is the smallest eigenvalue of H0 that is not
a null direction's. It is held against that of the Marchenko-Pastur law, lambda_- = sigma (1 - sqrt(phi))^2
(8), with one fitted number: sigma, the law's mean. The mean of H0's own eigenvalues is 1 at these weights and
whitened inputs, so sigma also says how far the law of the gap is from the law of the spectrum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generated import marchenko_pastur

from .data import GAUSSIAN, Source
from .estimates import Fit, mean_and_error, proportion
from .network import Network, initial_weights
from .null_directions import NullDirections, null_directions
from .population import population_gap
from .spectra import first_part_spectrum, nullity

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Observation:
    """H0 of one network: its nonzero eigenvalues, ascending, its zeros counted and explained."""

    nonzero: Real
    zeros: int
    explained: NullDirections

    @property
    def gap(self) -> float:
        """The smallest nonzero eigenvalue."""
        return float(self.nonzero[0])


def observe(n: int, m: int, seed: np.random.SeedSequence, source: Source = GAUSSIAN) -> Observation:
    """One network of n units at initialisation with m inputs of the source."""
    rng = np.random.default_rng(seed)
    weights = initial_weights(n, n, n, rng)
    inputs = source.draw(n, m, rng)
    network = Network(*weights, inputs, np.zeros_like(inputs))  # H0 does not depend on the targets
    spectrum = np.asarray(first_part_spectrum(network), dtype=float)
    zeros = int(nullity(spectrum))
    return Observation(spectrum[zeros:], zeros, null_directions(network))


def observe_limit(n: int, seed: np.random.SeedSequence) -> float:
    """The gap of one network of n units as phi -> 0 with Gaussian inputs, exact at its weights."""
    return population_gap(*initial_weights(n, n, n, np.random.default_rng(seed)))


def seeds(seed: int, n: int, m: int, runs: int) -> list[np.random.SeedSequence]:
    """One seed a run, others for another n or m; m = 0 for the limit of many examples."""
    return np.random.SeedSequence([seed, n, m]).spawn(runs)


@dataclass(frozen=True)
class Gaps:
    """Mean gaps of H0 with standard errors at some 1/phi, and the fitted sigma.

    unexplained: the networks whose zeros are not as many as `null_directions` counts.
    """

    n: int
    inverse_ratios: Real
    gaps: Real
    errors: Real
    runs: int
    unexplained: int
    sigma: Fit


def fitted(n: int, inverse_ratios: Sequence[float], observations: Sequence[Sequence[Observation]]) -> Gaps:
    """Gaps of the networks seen at each 1/phi, and the sigma of lambda_- that is nearest to them."""
    table = [mean_and_error([one.gap for one in row]) for row in observations]
    gaps, errors = (np.array([float(pair[k]) for pair in table]) for k in (0, 1))
    sigma = proportion(lower_edge(1 / np.asarray(inverse_ratios, dtype=float)), gaps, errors)
    strange = sum(one.zeros != one.explained.total for row in observations for one in row)
    inverse = np.asarray(inverse_ratios, dtype=float)
    return Gaps(n, inverse, gaps, errors, min(map(len, observations)), strange, sigma)


def lower_edge(phi: Real, sigma: float = 1.0) -> Real:
    """lambda_- of the generated Marchenko-Pastur law, the lower edge of its continuous part."""
    edge: Real = marchenko_pastur.support(phi, sigma)[..., 0, 0]
    return edge
