"""Independent runs, in order, over any number of processes.

What a run gives depends on its arguments alone, seeds included, and linear algebra runs on one thread in each
process: results are the same for every number of processes.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from tqdm import tqdm

Result = TypeVar("Result")
Calls = Iterable[tuple[Callable[..., Any], tuple[Any, ...]]]
Makers = Callable[[Calls], Generator[Any, None, None]]


class Incomplete(RuntimeError):
    """Runs were stopped by the loss of a process or of a cluster; what is kept, and how to go on."""


def each(
    run: Callable[..., Result],
    arguments: Sequence[tuple[Any, ...]],
    *,
    title: str,
    jobs: int = 1,
    quiet: bool = False,
) -> list[Result]:
    """The values of `run(*a)` for each a, with a progress bar unless `quiet`.

    jobs: local processes; 1 computes in this one.
    """
    bar = {"total": len(arguments), "desc": title, "disable": quiet or None, "leave": False}
    with local(jobs) as values, closing(values((run, a) for a in arguments)) as found:
        return list(tqdm(found, **bar))


@contextmanager
def local(jobs: int) -> Iterator[Makers]:
    """A function from calls (f, arguments) to their values in order, made in this many local processes.

    Processes are reached through pipes: nothing listens. They end with this one, however it ends.
    """
    if jobs < 1:
        raise ValueError(f"jobs must be a positive number of processes, got {jobs}")
    try:
        import joblib
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise ImportError("runs go through joblib: pip install 'stieltjes[networks]'") from None
    how = {"inner_max_num_threads": 1, "initializer": _end_with, "initargs": (os.getpid(),)}
    with threadpool_limits(1), joblib.parallel_config("loky", n_jobs=jobs, **how):
        yield values


def _end_with(parent: int) -> None:
    """End this process soon after its parent; without that it would wait minutes for more work."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def values(calls: Calls) -> Generator[Any, None, None]:
    """Values of calls, in order, where joblib is configured to make them; to be closed if left early."""
    import joblib

    parallel = joblib.Parallel(return_as="generator")
    found = parallel(joblib.delayed(f)(*arguments) for f, arguments in calls)
    try:
        for value in found:  # noqa: UP028 (`yield from` would close it before warnings are off)
            yield value
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of calls made in vain: whoever stopped knows
            found.close()
