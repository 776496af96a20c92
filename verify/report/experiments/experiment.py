"""What an experiment is: a run with a seed and a scale, words about what it found, and the drawing of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure as Canvas

from ...networks.data import Source, digits
from ..figures.figure import Figure

Scale = Literal["quick", "paper"]


@dataclass(frozen=True)
class Options:
    """How an experiment is run.

    source: of the inputs where images are used. scale: "quick" takes seconds to two minutes, "paper" as long
    as it takes. seed: None for the experiment's own. jobs: local processes; results do not depend on them.
    runs, folder, dask: of experiments whose runs are kept: how many (None: those of the scale), where (None:
    a folder of the experiment and the seed), and the address of the Dask cluster that makes them.
    """

    source: Source
    scale: Scale = "quick"
    seed: int | None = None
    jobs: int = 1
    quiet: bool = False
    runs: int | None = None
    folder: Path | None = None
    dask: str | None = None


@dataclass(frozen=True)
class Experiment:
    """A figure of Pennington & Bahri (2017), or of its supplement, whose data are measured on networks.

    name: stem of its files. title: one line of text. number: the figure's in the paper, None where it is none
    of the paper's. seed: the default one. run: (source, scale, seed, jobs, quiet) -> data, a data class of
    numbers and arrays. caption: sentences with formulas between `$` on what was found. plot: draws the data.
    side: pixels that images with a choice of sizes should have along a side. kept: whether `run` keeps its
    runs as they come; it then takes (runs, folder, dask) too. recorded: gives
    the data of a run that ships, which the report shows; None where the report measures itself.
    """

    name: str
    title: str
    number: int | str | None
    seed: int
    run: Callable[..., Any]
    caption: Callable[[Any], str]
    plot: Callable[[Any], Canvas]
    side: int = 4
    kept: bool = False
    recorded: Callable[[], Any] | None = None

    def data(self, given: Options | None = None) -> Any:
        """Run it; by default quickly, on the digits that scikit-learn brings, with a progress bar."""
        how = given or Options(digits())
        seed = self.seed if how.seed is None else how.seed
        options: dict[str, Any] = {"scale": how.scale, "seed": seed, "jobs": how.jobs, "quiet": how.quiet}
        if self.kept:
            folder = how.folder or Path("build/runs") / f"{self.name}-seed-{seed}"
            options |= {"runs": how.runs, "folder": folder, "dask": how.dask}
        return self.run(how.source, **options)

    def figure(self, data: Any) -> Figure:
        """The figure of these data."""
        return Figure(self.name, self.title, self.caption(data), lambda: data, self.plot, self.number)


def plain(value: Any) -> Any:
    """Data classes, arrays and tuples as dictionaries, lists and numbers, ready for JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return value
