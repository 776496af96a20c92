"""Figure 6 as an experiment: critical points of tanh networks, their index against their energy, and fits.

A real run is kept with the package, `RECORDED`: its rows, and in `run.json` beside them what made them. It is
remade by `python -m verify figure 6 --runs N`, where N is the number of its rows, on as many processes as
there are; `record` turns the folder that keeps those runs into the one that ships.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generated import wishart_wigner

from .collect import collect
from .critical_points import EXAMPLES, UNITS, find
from .data import Source
from .index_curve import (
    WINDOWS,
    Energies,
    PowerLaw,
    WholeCurve,
    Window,
    energies,
    power_law,
    whole_curve,
    window,
)
from .saddles import find_critical
from .shards import Shards, Table

Real = NDArray[np.float64]

SIZE = 2 * UNITS**2
RUNS = {"quick": 96, "paper": 50_000}
FOLLOWED, OTHERS = 64, 60
"""Besides, a run for each so many, six at least, is followed further; their seed is larger by `OTHERS`."""
RECORDED = Path(__file__).parent / "recorded" / "critical_points"
RECORDED_FOLLOWED = RECORDED.with_name("followed")
DOUBLE = ("energy", "squared_gradient")
"""Columns that are recorded in double precision."""
GROUPS = (1, 6, 16, 41, 81, 121, 513)
"""First indices of groups in which the law is asked for the index."""


@dataclass(frozen=True)
class Foretold:
    """The mean index of points of index `first` on, and what the law says at their own second moments.

    The law of mean s and second moment of the residual part v is that of energy v/2 s^2, phi as it is.
    ratio: tr H0^2 P/(tr H0)^2 - 1 on average, which is phi for a Wishart matrix.
    """

    first: int
    points: int
    index: float
    law: float
    ratio: float


@dataclass(frozen=True)
class Shape:
    """Networks of one phi. runs: all; reached: with J_g below the threshold, which the rest is about.

    free, three_halves: power laws up to each of `WINDOWS` that holds enough points, with the exponent fitted
    and with 3/2. curve: the law's, over all indices. window: where the law itself is near its 3/2 law.
    shallow: share of the negative eigenvalues of points of index up to the first of `WINDOWS` that are within
    1e-4 root mean squares of 0.
    """

    phi: float
    examples: int
    runs: int
    reached: int
    energies: Energies
    free: tuple[PowerLaw, ...]
    three_halves: tuple[PowerLaw, ...]
    curve: WholeCurve
    foretold: tuple[Foretold, ...]
    window: Window
    shallow: float


@dataclass(frozen=True)
class Followed:
    """What following to where the gradient vanishes led to, from points that a search had ended at.

    critical: how many got there. shift, farthest: mean and largest absolute change of their energy; changed:
    how many of them have another index than the point from which they were reached.
    """

    tried: int
    critical: int
    shift: float
    farthest: float
    changed: int


@dataclass(frozen=True)
class CriticalFigure:
    """Figure 6. flat: searches that ended where J_g is stationary above the threshold."""

    units: int
    seed: int
    runs: int
    reached: int
    flat: int
    shapes: tuple[Shape, ...]
    followed: Followed


def critical_figure(
    source: Source,
    *,
    scale: str = "quick",
    seed: int = 6,
    jobs: int = 1,
    quiet: bool = False,
    runs: int | None = None,
    folder: Path,
    dask: str | None = None,
) -> CriticalFigure:
    """Figure 6 from kept runs; the source has no part in it, for inputs and targets are normal numbers.

    Scale "quick" takes about a minute on two processors, "paper" four to five hours: a run costs 0.55 s.
    """
    if scale not in RUNS:
        raise ValueError(f"scale must be one of {', '.join(RUNS)}, got {scale!r}")
    how: dict[str, Any] = {"arguments": (EXAMPLES,), "jobs": jobs, "dask": dask, "quiet": quiet}
    count = runs or RUNS[scale]
    table = collect(find, count, seed=seed, folder=folder / "searched", title="figure 6", **how)
    few = max(6, count // FOLLOWED)
    title = "figure 6, followed"
    closer = collect(find_critical, few, seed=seed + OTHERS, folder=folder / "followed", title=title, **how)
    return figure_of(table, closer, seed)


def recorded() -> CriticalFigure:
    """Figure 6 from the run that ships."""
    seed = json.loads((RECORDED / "run.json").read_text(encoding="utf-8"))["seed"]
    return figure_of(Table(RECORDED), Table(RECORDED_FOLLOWED), int(seed))


def figure_of(table: Table, closer: Table, seed: int) -> CriticalFigure:
    """What figure 6 shows of rows of `find` and of `find_critical`."""
    verdicts = table["verdict"]
    return CriticalFigure(
        units=UNITS,
        seed=seed,
        runs=len(table),
        reached=int(np.sum(reached(table))),
        flat=int(np.sum(verdicts == "flat")),
        shapes=tuple(shape_of(table, examples) for examples in sorted(EXAMPLES, reverse=True)),
        followed=followed_of(closer),
    )


def reached(table: Table) -> NDArray[np.bool_]:
    """Which rows ended below the threshold."""
    found: NDArray[np.bool_] = np.isin(table["verdict"], ("small", "critical"))
    return found


def points(table: Table, examples: int) -> tuple[NDArray[np.intp], Real]:
    """Index and energy of the critical points of networks with that many examples."""
    here = reached(table) & (table["examples"] == examples)
    return table["negative"][here], table["energy"][here].astype(float)


def shape_of(table: Table, examples: int) -> Shape:
    """What figure 6 shows of the networks with that many examples."""
    phi = 2 * UNITS / examples
    index, energy = points(table, examples)
    of_examples = table["examples"] == examples
    here = of_examples & reached(table)
    held = [last for last in WINDOWS if enough(index, last)]
    few = (index >= 1) & (index <= WINDOWS[0])
    return Shape(
        phi=phi,
        examples=examples,
        runs=int(np.sum(of_examples)),
        reached=len(index),
        energies=energies(phi, SIZE, index, energy),
        free=tuple(power_law(SIZE, index, energy, last) for last in held),
        three_halves=tuple(power_law(SIZE, index, energy, last, exponent=1.5) for last in held),
        curve=whole_curve(phi, SIZE, index, energy, SIZE),
        foretold=foretold(table, here, phi),
        window=window(phi),
        shallow=float(np.sum(table["shallow"][here][few]) / max(1, np.sum(index[few]))),
    )


def enough(index: NDArray[np.intp], last: int) -> bool:
    """Whether points of index 1 to `last` determine a power law: twelve points of four indices."""
    inside = index[(index >= 1) & (index <= last)]
    return len(inside) >= 12 and len(np.unique(inside)) >= 4


def foretold(table: Table, here: NDArray[np.bool_], phi: float) -> tuple[Foretold, ...]:
    """The law's index at the measured moments of the parts, in groups of the index."""
    index, mean = table["negative"][here], table["first_mean"][here].astype(float)
    energy = table["residual_square"][here].astype(float) / (2 * mean**2)
    law = SIZE * np.asarray(wishart_wigner.index(eps=energy, phi=phi))
    ratio = table["first_square"][here].astype(float) / mean**2 - 1
    found = []
    for first, last in pairwise(GROUPS):
        inside = (index >= first) & (index < last)
        if inside.any():
            values = (float(np.mean(part[inside])) for part in (index, law, ratio))
            found.append(Foretold(first, int(inside.sum()), *values))
    return tuple(found)


def followed_of(table: Table) -> Followed:
    """What following led to."""
    tried, there = table["followed"] != "", table["followed"] == "critical"
    shift = np.abs(table["critical_energy"][there] - table["energy"][there])
    changed = table["critical_negative"][there] != table["negative"][there]
    return Followed(
        tried=int(tried.sum()),
        critical=int(there.sum()),
        shift=float(shift.mean()) if len(shift) else 0.0,
        farthest=float(shift.max(initial=0)),
        changed=int(changed.sum()),
    )


def record(folder: Path, target: Path, columns: Sequence[str] = DOUBLE) -> None:
    """The runs kept in a folder as one that ships: one file, all but these columns in single precision."""
    kept = Table(folder)
    what = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    rows = pa.concat_tables(
        [part for k in range(len(kept.lengths)) if (part := kept.shards.read(k)) is not None]
    )
    single = [
        field.with_type(pa.float32()) if field.type == pa.float64() and field.name not in columns else field
        for field in rows.schema.remove_metadata()
    ]
    Shards(target, what | {"per_shard": len(kept)}).extend(0, 0, rows.cast(pa.schema(single)))
