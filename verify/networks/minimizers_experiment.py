"""The energy of minimizers against phi: tanh, ReLU and linear networks of growing size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .data import Source
from .estimates import mean_and_error
from .minimizers import Task, observe
from .reduced_rank import least_energy, limit
from .runs import each

Real = NDArray[np.float64]
RATIOS = (1 / 4, 1 / 2, 2 / 3, 1.0, 4 / 3)
STARTS: Mapping[str, int] = {"quick": 3, "paper": 4}
TASKS: Mapping[str, Mapping[int, int]] = {
    "quick": {4: 10, 8: 6, 16: 4},
    "paper": {4: 96, 8: 64, 16: 32, 32: 8},
}
"""Tasks for each number of units, at each phi."""
SHARES = (1.0, 1 / 2, 1 / 4)  # hidden units of linear networks over inputs
LINEAR_RATIOS = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0)
LINEAR_UNITS = (8, 32)  # inputs of linear networks
LINEAR_TASKS: Mapping[str, int] = {"quick": 40, "paper": 400}


@dataclass(frozen=True)
class Energies:
    """Minimizers of networks of n units, means over tasks at each phi with their standard errors.

    energies: of all minimizers of a task. best: of the lowest of each task. spread: mean standard deviation
    over the starts of one task. linear: exact least energies of linear networks on the same tasks. critical,
    unsettled, kinks, weight: see `minimizers.Task`; means at each phi, and the largest weight of all.
    """

    activation: str
    n: int
    tasks: int
    starts: int
    ratios: Real
    energies: Real
    errors: Real
    best: Real
    best_errors: Real
    spread: Real
    linear: Real
    linear_errors: Real
    critical: Real
    unsettled: Real
    weight: float
    kinks: Real


@dataclass(frozen=True)
class LinearEnergies:
    """Exact least energies of linear networks with n inputs and outputs and share * n hidden units.

    law: their limit as n grows at each phi.
    """

    share: float
    n: int
    tasks: int
    ratios: Real
    energies: Real
    errors: Real
    law: Real


@dataclass(frozen=True)
class MinimizersFigure:
    """All of it."""

    found: tuple[Energies, ...]
    linear: tuple[LinearEnergies, ...]


def minimizers_figure(
    source: Source, *, scale: str = "quick", seed: int = 64, jobs: int = 1, quiet: bool = False
) -> MinimizersFigure:
    """Scale "quick" takes about a hundred seconds on one processor, "paper" some two hours.

    source: not used, for the task is about random data.
    """
    if scale not in TASKS:
        raise ValueError(f"scale must be one of {', '.join(TASKS)}, got {scale!r}")
    counts, starts = TASKS[scale], STARTS[scale]
    settings = [(f, n, examples(n, phi)) for f in ("tanh", "relu") for n in counts for phi in RATIOS]
    calls = [(f, n, m, starts, one) for f, n, m in settings for one in seeds(seed, n, m, counts[n])]
    # the longest first, so that processes end together
    order = sorted(range(len(calls)), key=lambda k: -calls[k][1])
    ended = each(observe, [calls[k] for k in order], title="minimizers", jobs=jobs, quiet=quiet)
    found = iter([one for _, one in sorted(zip(order, ended, strict=True), key=lambda pair: pair[0])])
    rows = [[next(found) for _ in range(counts[n])] for _, n, _ in settings]
    size = len(RATIOS)
    return MinimizersFigure(
        tuple(
            summary(settings[k][0], settings[k][1], rows[k : k + size]) for k in range(0, len(settings), size)
        ),
        tuple(linear_energies(share, n, LINEAR_TASKS[scale], seed) for share in SHARES for n in LINEAR_UNITS),
    )


def examples(n: int, phi: float, share: float = 1.0) -> int:
    """m = 2 n1/phi for n1 = share * n hidden units; `ValueError` where either is no whole number."""
    units, m = share * n, 2 * share * n / phi
    if abs(units - round(units)) > 1e-9 or abs(m - round(m)) > 1e-9 * m:
        raise ValueError(f"{units:g} hidden units, 2 n1/phi = {m:g} examples: both must be whole numbers")
    return round(m)


def seeds(seed: int, n: int, m: int, tasks: int) -> list[np.random.SeedSequence]:
    """One seed a task, others for another n or m."""
    return np.random.SeedSequence([seed, n, m]).spawn(tasks)


def summary(activation: str, n: int, rows: Sequence[Sequence[Task]]) -> Energies:
    """Means over the tasks, a row for each phi of `RATIOS`."""

    def pair(values: Sequence[Sequence[float]]) -> tuple[Real, Real]:
        means = [mean_and_error(row) for row in values]
        return np.array([float(mean) for mean, _ in means]), np.array([float(error) for _, error in means])

    energies = pair([[float(one.energies.mean()) for one in row] for row in rows])
    best = pair([[float(one.energies.min()) for one in row] for row in rows])
    linear = pair([[one.linear for one in row] for row in rows])
    return Energies(
        activation,
        n,
        len(rows[0]),
        len(rows[0][0].energies),
        np.array(RATIOS),
        *energies,
        *best,
        np.array([np.mean([one.energies.std(ddof=1) for one in row]) for row in rows]),
        *linear,
        np.array([np.mean([one.critical for one in row]) for row in rows]),
        np.array([np.mean([one.unsettled for one in row]) for row in rows]),
        max(one.weight for row in rows for one in row),
        np.array([np.mean([one.kinks for one in row]) for row in rows]),
    )


def linear_energies(share: float, n: int, tasks: int, seed: int) -> LinearEnergies:
    """Networks of one width at each phi of `LINEAR_RATIOS`."""
    units = round(share * n)
    table = []
    for phi in LINEAR_RATIOS:
        m = examples(n, phi, share)
        found = []
        for one in np.random.SeedSequence([seed, n, m, units]).spawn(tasks):
            inputs, targets = np.random.default_rng(one).standard_normal((2, n, m))
            found.append(least_energy(inputs, targets, units))
        table.append(mean_and_error(found))
    means, errors = (np.array([float(pair[k]) for pair in table]) for k in (0, 1))
    ratios = np.array(LINEAR_RATIOS)
    return LinearEnergies(share, n, tasks, ratios, means, errors, limit(ratios, share))
