"""The energy of minimizers against phi: tanh, ReLU and linear networks of growing size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

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
    source: Source,
    *,
    scale: str = "quick",
    seed: int = 64,
    jobs: int = 1,
    quiet: bool = False,
    runs: int | None = None,
    folder: Path | None = None,
    dask: str | None = None,
) -> MinimizersFigure:
    """Scale "quick" takes about a hundred seconds on one processor, "paper" some two hours.

    source: not used, for the task is about random data. runs: tasks for each n and phi, in place of those of
    the scale. folder: where tasks are kept as they come, in a folder for each n and phi, at scale "paper" or
    for given runs; those of "quick" are not worth it. Results do not depend on it.
    """
    if scale not in TASKS:
        raise ValueError(f"scale must be one of {', '.join(TASKS)}, got {scale!r}")
    if runs is not None and runs < 2:
        raise ValueError(f"standard errors take at least two runs, got {runs}")
    starts = STARTS[scale]
    keep = folder if scale == "paper" or runs is not None else None
    if dask is not None and keep is None:
        raise ValueError("a cluster makes tasks that are kept: take the scale 'paper', or say how many runs")

    def tasks(activation: str, n: int, phi: float, count: int) -> list[Task]:
        m = examples(n, phi)
        title = f"minimizers, {activation}, n = {n}, m = {m}"
        if keep is None:
            calls = [(activation, n, m, starts, one) for one in seeds(seed, n, m, count)]
            return each(observe, calls, title=title, jobs=jobs, quiet=quiet)
        from .collect import collect  # loads PyArrow

        table = collect(
            row,
            count,
            seed=seed,
            folder=keep / f"{activation}-{n}-{m}",
            title=title,
            arguments=(activation, n, m, starts),
            per_shard=4,
            jobs=jobs,
            dask=dask,
            quiet=quiet,
        )
        columns = [
            table.arrays(name) if name == "energies" else table[name].tolist() for name in task_names()
        ]
        return [Task(*values) for values in zip(*columns, strict=True)]

    counts = {n: runs or count for n, count in TASKS[scale].items()}
    return MinimizersFigure(
        tuple(
            summary(f, n, [tasks(f, n, phi, counts[n]) for phi in RATIOS])
            for f in ("tanh", "relu")
            for n in counts
        ),
        tuple(linear_energies(share, n, LINEAR_TASKS[scale], seed) for share in SHARES for n in LINEAR_UNITS),
    )


def task_names() -> tuple[str, ...]:
    """The columns of rows of tasks."""
    return tuple(field.name for field in fields(Task))


def row(activation: str, n: int, m: int, starts: int, child: np.random.SeedSequence) -> dict[str, Any]:
    """One task to be kept: that of the seed of the same number among `seeds`."""
    mixed = np.random.SeedSequence([cast(int, child.entropy), n, m], spawn_key=child.spawn_key)
    task = observe(activation, n, m, starts, mixed)
    return {name: getattr(task, name) for name in task_names()}


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
