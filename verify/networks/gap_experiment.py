"""Figures 4 and 5 as experiments: the spectrum of H0 at phi = 1/8; its gap against 1/phi; sigma against n."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .data import GAUSSIAN, Source
from .estimates import Fit, mean_and_error, power_law
from .gap import Gaps, Observation, fitted, lower_edge, observe, observe_limit, seeds
from .null_directions import NullDirections
from .runs import each

Real = NDArray[np.float64]

UNITS, IMAGES, SMALLEST = 16, 256, 35  # of figure 4
RATIOS = (2, 3, 4, 6, 8, 12, 16, 24, 32)  # 1/phi in figure 5; at 1 the law has no gap
FEW_RATIOS = (2, 4, 8, 16, 32)
BINS = 48
RUNS = {"quick": 30, "paper": 30}  # as in the paper
GROWTH: Mapping[str, Mapping[int, int]] = {
    "quick": {8: 60, 12: 40, 16: 30, 24: 12},
    "paper": {8: 240, 12: 160, 16: 120, 24: 60, 32: 40, 48: 20},
}
"""Networks with Gaussian inputs for each n and each of `FEW_RATIOS`, for sigma against n."""


@dataclass(frozen=True)
class SpectrumFigure:
    """Figure 4: H0 of networks of n units and m images.

    zeros: how many networks have how many zeros. explained: the reasons, alike in all networks that agree.
    unexplained: networks whose zeros are not as many as counted. edges, heights, errors: mean density of the
    logarithm (base 10) of nonzero eigenvalues, with standard errors over networks; the area is 1.
    smallest, smallest_errors: means of the smallest nonzero eigenvalues. mean: that of the nonzero ones.
    matched: the sigma at which lambda_- is the mean gap, against the sigma = mean of the spectrum.
    """

    n: int
    m: int
    phi: float
    source: str
    runs: int
    zeros: dict[int, int]
    explained: NullDirections
    unexplained: int
    edges: Real
    heights: Real
    errors: Real
    smallest: Real
    smallest_errors: Real
    mean: float
    matched: float


@dataclass(frozen=True)
class GapFigure:
    """Figure 5: gaps against 1/phi with the fitted sigma; sigma against n.

    of_source, of_gaussian: networks of 16 units with the source's inputs and with Gaussian ones. limit: mean
    gap of the latter as phi -> 0, with its standard error. grown: Gaussian inputs, growing n. growth: the
    power of n that sigma follows. limits, limit_errors, limit_growth: the same for the gaps as phi -> 0.
    """

    source: str
    of_source: Gaps
    of_gaussian: Gaps
    limit: tuple[float, float]
    grown: tuple[Gaps, ...]
    growth: Fit
    limits: Real
    limit_errors: Real
    limit_growth: Fit


def spectrum_figure(
    source: Source, *, scale: str = "quick", seed: int = 4, jobs: int = 1, quiet: bool = False
) -> SpectrumFigure:
    """Figure 4 from 30 networks; some seconds."""
    calls = [(UNITS, IMAGES, one, source) for one in seeds(seed, UNITS, IMAGES, _runs(scale))]
    found = each(observe, calls, title="figure 4", jobs=jobs, quiet=quiet)
    return spectrum_of(UNITS, IMAGES, source, found)


def spectrum_of(n: int, m: int, source: Source, found: list[Observation]) -> SpectrumFigure:
    """What figure 4 shows of some networks alike."""
    logs = [np.log10(one.nonzero) for one in found]
    edges = np.linspace(min(row[0] for row in logs), max(row[-1] for row in logs), BINS + 1)
    heights, errors = mean_and_error([np.histogram(row, edges, density=True)[0] for row in logs])
    smallest, smallest_errors = mean_and_error([one.nonzero[:SMALLEST] for one in found])
    phi = 2 * n / m
    return SpectrumFigure(
        n=n,
        m=m,
        phi=phi,
        source=source.name,
        runs=len(found),
        zeros=dict(sorted(Counter(one.zeros for one in found).items())),
        explained=Counter(one.explained for one in found).most_common(1)[0][0],
        unexplained=sum(one.zeros != one.explained.total for one in found),
        edges=edges,
        heights=heights,
        errors=errors,
        smallest=smallest,
        smallest_errors=smallest_errors,
        mean=float(np.mean([one.nonzero.mean() for one in found])),
        matched=float(smallest[0] / lower_edge(np.array(phi))),
    )


def gap_figure(
    source: Source, *, scale: str = "quick", seed: int = 5, jobs: int = 1, quiet: bool = False
) -> GapFigure:
    """Figure 5; scale "quick" takes about a minute on one processor, "paper" about an hour."""
    runs, growth = _runs(scale), GROWTH[scale]
    parts: list[tuple[int, tuple[int, ...], int, Source]] = [
        (UNITS, RATIOS, runs, source),
        (UNITS, RATIOS, runs, GAUSSIAN),
        *((n, FEW_RATIOS, count, GAUSSIAN) for n, count in growth.items()),
    ]
    calls = [
        (n, 2 * n * inverse, one, inputs)
        for n, ratios, count, inputs in parts
        for inverse in ratios
        for one in seeds(seed, n, 2 * n * inverse, count)
    ]
    counts = {UNITS: runs} | dict(growth)
    ends = [(n, one) for n, count in counts.items() for one in seeds(seed, n, 0, count)]
    found = iter(each(observe, calls, title="figure 5", jobs=jobs, quiet=quiet))
    limits = iter(each(observe_limit, ends, title="figure 5, phi -> 0", jobs=jobs, quiet=quiet))
    gaps = [
        fitted(n, ratios, [[next(found) for _ in range(count)] for _ in ratios])
        for n, ratios, count, _ in parts
    ]
    limit = {n: mean_and_error([next(limits) for _ in range(count)]) for n, count in counts.items()}
    grown, sizes = tuple(gaps[2:]), tuple(growth)
    means, errors = (np.array([float(limit[n][k]) for n in sizes]) for k in (0, 1))
    return GapFigure(
        source=source.name,
        of_source=gaps[0],
        of_gaussian=gaps[1],
        limit=(float(limit[UNITS][0]), float(limit[UNITS][1])),
        grown=grown,
        growth=power_law(sizes, [one.sigma.value for one in grown], [one.sigma.error for one in grown]),
        limits=means,
        limit_errors=errors,
        limit_growth=power_law(sizes, means, errors),
    )


def _runs(scale: str) -> int:
    if scale not in RUNS:
        raise ValueError(f"scale must be one of {', '.join(RUNS)}, got {scale!r}")
    return RUNS[scale]
