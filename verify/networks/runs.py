"""Independent runs, in order, over any number of processes.

What a run gives depends on its arguments alone, seeds included, and linear algebra runs on one thread in each
process: results are the same for every number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tqdm import tqdm

Result = TypeVar("Result")


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
    if jobs < 1:
        raise ValueError(f"jobs must be a positive number of processes, got {jobs}")
    try:
        import joblib
        from threadpoolctl import threadpool_limits
    except ImportError:
        raise ImportError("runs go through joblib: pip install 'stieltjes[networks]'") from None
    calls = (joblib.delayed(run)(*a) for a in arguments)
    bar = {"total": len(arguments), "desc": title, "disable": quiet or None, "leave": False}
    with threadpool_limits(1), joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
        return list(tqdm(joblib.Parallel(return_as="generator")(calls), **bar))
