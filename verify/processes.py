"""Separate processes for work that an interruption is to end at once."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def processes(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh processes; where the block is left by an exception, what has not begun is dropped.

    Ctrl-C reaches the processes too and ends them: by Python's own rule a task would raise, be counted as
    failed, and its process would go on to the next one, through all that waits.
    """
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_ended_by_interruption
    )
    try:
        yield pool
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _ended_by_interruption() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
