"""Many independent runs, kept as they come: whatever stops them, the same call goes on where they stopped.

Run i is given child i of `SeedSequence(seed)`, so its row depends on neither the number of runs, nor that of
workers, nor on what happened before: rows collected with interruptions have the bits of rows collected
without, on machines of one kind. (Another processor rounds linear algebra differently, whoever calls it.)
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from . import provenance
from .runs import Incomplete, Makers, local
from .shards import Row, Shards, Table, agreed, table_of

GO_ON = "the same command goes on from there"


def collect(
    run: Callable[..., Row],
    count: int,
    *,
    seed: int,
    folder: Path,
    title: str,
    arguments: Sequence[Any] = (),
    per_shard: int = 64,
    jobs: int = 1,
    dask: str | None = None,
    quiet: bool = False,
) -> Table:
    """Rows `run(*arguments, child)` of runs 0, ..., count - 1, kept in a folder; those kept are not repeated.

    run: a function of a module, which other processes import; its row is a dictionary from names to floats,
    integers, truth values, words or one-dimensional arrays, with the same names and types in every run.
    child: the `SeedSequence` of the run, whose number is `child.spawn_key[-1]`. jobs: local processes, with
    one thread of linear algebra each; 1 computes in this one. dask: the address of a Dask scheduler, whose
    cluster makes the runs instead. per_shard: rows a file, which is what a sudden end may lose. More runs may
    be asked for later: those kept are the first of them.

    Raises `ValueError` if the folder keeps runs of another function, other arguments, seed, code or versions;
    `Incomplete` if processes or a cluster fail; and what a run raises, with a note on how to repeat that run.
    Whatever is raised, KeyboardInterrupt included, the rows before it are kept. Two calls at once on one
    folder do no harm: they make the same rows, and keep the longer file.
    """
    if count < 1 or per_shard < 1:
        raise ValueError(f"count and per_shard must be positive, got {count} and {per_shard}")
    shards = Shards(folder, described(run, arguments, seed, per_shard))
    kept, schema = _kept(shards, count)
    missing = [
        (shard, range(shard * per_shard + length, min((shard + 1) * per_shard, count)))
        for shard, length in enumerate(kept)
    ]
    missing = [(shard, runs) for shard, runs in missing if runs]
    done = count - sum(len(runs) for _, runs in missing)
    calls = ((_one, (run, number, seed, *arguments)) for _, runs in missing for number in runs)
    bar = {"total": count, "initial": done, "desc": title, "disable": quiet or None, "leave": False}
    try:
        with (
            _makers(run, jobs, dask) as values,
            closing(values(calls)) as found,
            tqdm(**bar) as progress,
        ):
            for shard, runs in missing:
                rows: list[Row] = []
                try:
                    for number in runs:
                        row = next(found)
                        schema = agreed(number, row, schema)
                        rows.append(row)
                        progress.update()
                finally:
                    if rows and schema is not None:
                        shards.extend(shard, kept[shard], table_of(rows, schema))
                        done += len(rows)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"interrupted: {_kept_so_far(done, count, folder)}; {GO_ON}") from None
    except BrokenExecutor as error:
        lost = "a process was lost (killed, or out of memory)"
        raise Incomplete(f"{lost}: {_kept_so_far(done, count, folder)}; {GO_ON}") from error
    except ConnectionError as error:
        raise Incomplete(f"{error}\n{_kept_so_far(done, count, folder)}; {GO_ON}") from error
    except Exception as error:
        error.add_note(_kept_so_far(done, count, folder))
        raise
    return Table(folder, count)


def _makers(run: Callable[..., Row], jobs: int, dask: str | None) -> AbstractContextManager[Makers]:
    if dask is None:
        return local(jobs)
    from .cluster import cluster  # Dask takes a second to load

    return cluster(dask, run)


def described(run: Callable[..., Row], arguments: Sequence[Any], seed: int, per_shard: int) -> dict[str, Any]:
    """All that the rows of runs rest on, as plain values; other arguments count by their contents."""
    return {
        "run": f"{run.__module__}.{run.__qualname__}",
        "arguments": [_plain(value) for value in arguments],
        "seed": seed,
        "per_shard": per_shard,
        **provenance.here(run),
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    import joblib

    return f"{type(value).__name__} {joblib.hash(value)}"


def _kept(shards: Shards, count: int) -> tuple[list[int], Any]:
    """How many rows each shard of the first `count` runs keeps, and their columns; damage is told."""
    lengths, schema = [], None
    for shard in range(-(-count // shards.per_shard)):
        table = shards.read(shard)
        if table is None and shards.path(shard).exists():
            print(f"{shards.path(shard)} is damaged: its runs are made again", file=sys.stderr)
        if table is not None:
            schema = table.schema.remove_metadata()
        lengths.append(0 if table is None else table.num_rows)
    return lengths, schema


def _one(run: Callable[..., Row], number: int, seed: int, *arguments: Any) -> Row:
    """The row of one run, in whatever process."""
    try:
        return run(*arguments, np.random.SeedSequence(seed, spawn_key=(number,)))
    except Exception as error:
        error.add_note(f"in run {number}: its seed is SeedSequence({seed}, spawn_key=({number},))")
        raise


def _kept_so_far(done: int, count: int, folder: Path) -> str:
    return f"{done} of {count} runs are kept in {folder}"
