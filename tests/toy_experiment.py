"""`python -m verify figure toy` for tests: a figure whose runs are kept."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from tests.toy_runs import toy
from verify.__main__ import main
from verify.networks.collect import collect
from verify.networks.data import Source
from verify.report import experiments
from verify.report.experiments import Experiment

RUNS = {"quick": 12, "paper": 1000}
DELAY = 0.03


@dataclass(frozen=True)
class Found:
    """What the runs give."""

    values: NDArray[np.float64]


def measured(
    source: Source,
    *,
    scale: str,
    seed: int,
    jobs: int,
    quiet: bool,
    runs: int | None,
    folder: Path,
    dask: str | None,
) -> Found:
    """The toy runs."""
    how = {"folder": folder, "jobs": jobs, "dask": dask, "quiet": quiet, "per_shard": 4}
    return Found(
        collect(toy, runs or RUNS[scale], seed=seed, title="toy", arguments=(2.0, DELAY), **how)["value"]
    )


EXPERIMENT = Experiment(
    name="figure-toy",
    title="Toy",
    number="toy",
    seed=7,
    run=measured,
    caption=lambda found: f"{len(found.values)} runs.",
    plot=lambda found: Canvas(),
    kept=True,
)


def command(arguments: list[str]) -> int:
    """`python -m verify` with the toy among the measured figures."""
    before = experiments.EXPERIMENTS
    experiments.EXPERIMENTS = (*before, EXPERIMENT)
    try:
        return main(arguments)
    finally:
        experiments.EXPERIMENTS = before


if __name__ == "__main__":
    sys.exit(command(sys.argv[1:]))
