"""Figure 3 as an experiment: spectra of H1 of 16 units, and distances from the law as networks grow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .data import Images, Source
from .estimates import Fit, mean_and_error, power_law
from .residual_law import KINDS, Observation, Residuals, Setting, distance_of, observe, observe_limit, seeds
from .runs import each

Real = NDArray[np.float64]
Result = TypeVar("Result")

UNITS = 16
RATIOS = (1 / 16, 1 / 4, 2.0)  # the figure's two, and one above 1
RUNS: Mapping[str, Mapping[int, int]] = {
    "quick": {16: 64, 32: 32, 64: 16, 128: 6},
    "paper": {16: 1024, 32: 512, 64: 256, 128: 128},
}
"""Networks for each number of units."""
BINS = 41
TAILS = 0.004


@dataclass(frozen=True)
class Histogram:
    """Mean densities of eigenvalues of H1 over sqrt(eps), with standard errors over networks.

    edges: of the bins, which hold all but a share `TAILS` of the eigenvalues. heights: shares of all
    eigenvalues over the widths of the bins; exact zeros are in no bin. zeros: the share of eigenvalues that
    are 0, its standard error. distance: mean Wasserstein distance of single networks from the law in its
    standard deviations, its standard error. energy: the mean one.
    """

    phi: float
    residuals: Residuals
    source: str
    runs: int
    edges: Real
    heights: Real
    errors: Real
    zeros: tuple[float, float]
    distance: tuple[float, float]
    energy: float


@dataclass(frozen=True)
class Approach:
    """Mean distances from the law for Gaussian inputs, and the power of n that they follow."""

    phi: float
    residuals: Residuals
    units: tuple[int, ...]
    runs: tuple[int, ...]
    distances: Real
    errors: Real
    rate: Fit


@dataclass(frozen=True)
class ResidualFigure:
    """All of figure 3, and footnote 4.

    limit: ends of bins, mean densities and standard errors of eigenvalues of H1 over sqrt(eps) as phi -> 0
    for autoencoders, exact at the weights, Gaussian inputs; the law (28) is then concentrated at 0.
    """

    histograms: tuple[Histogram, ...]
    limit: tuple[Real, Real, Real]
    approaches: tuple[Approach, ...]


def residual_figure(
    source: Source, *, scale: str = "quick", seed: int = 3, jobs: int = 1, quiet: bool = False
) -> ResidualFigure:
    """The experiment; scale "quick" takes about a minute on one processor, "paper" sixteen times as long.

    source: of the inputs of the spectra at 16 units; distances against n are those of Gaussian inputs, for
    images come in few sizes.
    """
    if scale not in RUNS:
        raise ValueError(f"scale must be one of {', '.join(RUNS)}, got {scale!r}")
    runs = RUNS[scale]

    def measured(run: Callable[..., Result], settings: Sequence[Setting], title: str) -> list[list[Result]]:
        calls = [(s, one) for s in settings for one in seeds(seed, s, runs[s.n])]
        found = iter(each(run, calls, title=title, jobs=jobs, quiet=quiet))
        return [[next(found) for _ in range(runs[s.n])] for s in settings]

    shown = [
        Setting(UNITS, phi, kind, _suited(source, phi))
        for phi in RATIOS
        for kind in ("overwritten", "autoencoder")
    ]
    grown = [[Setting(n, phi, kind) for n in runs] for phi in RATIOS for kind in KINDS]
    spectra = measured(observe, shown, "figure 3, spectra")
    distances = iter(measured(distance_of, [s for row in grown for s in row], "figure 3, distances"))
    ends = [(UNITS, one) for one in np.random.SeedSequence([seed, UNITS, 0]).spawn(runs[UNITS])]
    limits = each(observe_limit, ends, title="figure 3, phi -> 0", jobs=jobs, quiet=quiet)
    return ResidualFigure(
        histograms=tuple(map(histogram, shown, spectra)),
        limit=binned(limits),
        approaches=tuple(approach(row, [next(distances) for _ in row]) for row in grown),
    )


def histogram(setting: Setting, observations: Sequence[Observation]) -> Histogram:
    """The spectra of some networks of one setting, binned alike."""
    spectra = [np.where(one.null, np.nan, one.eigenvalues) for one in observations]
    edges, heights, errors = binned(spectra)
    return Histogram(
        setting.phi,
        setting.residuals,
        setting.source.name,
        len(observations),
        edges,
        heights,
        errors,
        _pair([float(np.mean(one.null)) for one in observations]),
        _pair([one.distance for one in observations]),
        float(np.mean([one.energy for one in observations])),
    )


def binned(spectra: Sequence[Real]) -> tuple[Real, Real, Real]:
    """Ends of bins that hold all but a share `TAILS` of the eigenvalues, mean densities, standard errors.

    NaN stands for eigenvalues that count but are in no bin.
    """
    reach = float(np.nanquantile(np.abs(spectra), 1 - TAILS))
    edges = np.linspace(-reach, reach, BINS + 1)
    rows = [np.histogram(one[~np.isnan(one)], edges)[0] / (len(one) * np.diff(edges)) for one in spectra]
    heights, errors = mean_and_error(rows)
    return edges, heights, errors


def approach(settings: Sequence[Setting], found: Sequence[Sequence[float]]) -> Approach:
    """Distances of growing networks, the same in all but n."""
    pairs = [_pair(row) for row in found]
    units = tuple(s.n for s in settings)
    distances, errors = (np.array([pair[k] for pair in pairs]) for k in (0, 1))
    rate = power_law(units, distances, errors)
    counts = tuple(map(len, found))
    return Approach(settings[0].phi, settings[0].residuals, units, counts, distances, errors, rate)


def _pair(values: Sequence[float]) -> tuple[float, float]:
    mean, error = mean_and_error(values)
    return float(mean), float(error)


def _suited(source: Source, phi: float) -> Source:
    """Images drawn are whitened by themselves where phi < 1; for m <= n, by all of the source."""
    return replace(source, whitening="drawn" if phi < 1 else "pool") if isinstance(source, Images) else source
