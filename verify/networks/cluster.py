"""Runs made by the workers of the user's own Dask cluster, through joblib.

This process connects to the scheduler at the address it is given and listens nowhere. Workers must hold the
code and the versions of this process, or their rows would differ: each is asked, those that come later too.
"""

from __future__ import annotations

import functools
import logging
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

try:
    import joblib
    from distributed import Client, KilledWorker
    from distributed.client import FutureCancelledError
    from joblib._dask import DaskDistributedBackend
except ImportError:
    raise ImportError("runs on a cluster go through Dask: pip install 'stieltjes[cluster]'") from None

from . import provenance
from .runs import Makers, values

PATIENCE = 60
"""Seconds in which a first worker must answer; a cluster that grows with its work starts one for it."""


class Backend(DaskDistributedBackend):
    """joblib's backend for Dask, told of calls that Dask itself gives up, for which it would wait for ever.

    Such are calls whose workers are killed one after another, or that a worker cannot read.
    """

    def submit(self, func: Any, callback: Any = None) -> Any:
        """As joblib's; where Dask gives an error in place of a value, the callback is given the error."""
        future = super().submit(func, callback)
        future.add_done_callback(lambda done: done.exception() and callback(done.exception()))
        return future


@contextmanager
def cluster(address: str, run: Callable[..., Any]) -> Iterator[Makers]:
    """A function from calls (f, arguments) to their values in order, made by the workers of a Dask cluster.

    address: of its scheduler, such as tcp://10.0.0.5:8786. run: what calls rest on. Where a worker is killed,
    others take its calls. Raises `ConnectionError` where no scheduler or no worker answers, where one has
    other code of `run` or other versions, and where the cluster is lost, or loses worker after worker.
    """
    if not address:  # Dask would start a cluster of its own
        raise ConnectionError(
            "no Dask scheduler is at an empty address: give one such as tcp://10.0.0.5:8786"
        )
    try:
        client = Client(address, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ConnectionError(f"no Dask scheduler answers at {address!r}: {error}") from error
    with _quiet("distributed.client"), _quiet("tornado.application"), client:
        _require_alike(client, address, run)
        digest = _digest(run)
        try:
            with joblib.parallel_config(Backend(client=client)):
                yield lambda calls: values((_alike, (run, digest, f, *arguments)) for f, arguments in calls)
        except (FutureCancelledError, KilledWorker) as error:
            raise ConnectionError(f"the cluster at {address} could not go on: {error}") from error


@contextmanager
def _quiet(logger: str) -> Iterator[None]:
    """Keep a library from logging what is raised as well."""
    log = logging.getLogger(logger)
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


def _require_alike(client: Any, address: str, run: Callable[..., Any]) -> None:
    """Ask the scheduler, which must import `run` to pass it on, and all workers that are there."""
    try:
        client.submit(os.getpid, pure=False).result(timeout=PATIENCE)
    except TimeoutError:
        raise ConnectionError(
            f"the scheduler at {address} has had no worker for {PATIENCE} seconds"
        ) from None
    try:
        client.run_on_scheduler(provenance.here, run)
    except Exception as error:
        raise ConnectionError(_stranger(f"the scheduler at {address}", run, error)) from error
    here = provenance.here(run)
    for worker, there in sorted(client.run(provenance.here, run, on_error="return").items()):
        if isinstance(there, Exception):
            raise ConnectionError(_stranger(f"the worker at {worker}", run, there)) from there
        if there != here:
            lines = "\n".join(provenance.differences(there, here))
            raise ConnectionError(f"the worker at {worker} would make other rows:\n{lines}")


def _stranger(who: str, run: Callable[..., Any], error: Exception) -> str:
    return f"{who} cannot import {run.__module__} as it is here ({error}): install the same project there"


def _alike(run: Callable[..., Any], digest: str, f: Callable[..., Any], *arguments: Any) -> Any:
    """The value of f, by a worker that is like the process that asks, and on one thread of linear algebra."""
    from threadpoolctl import threadpool_limits

    if _digest(run) != digest:
        raise ConnectionError(
            f"a worker that came later, on {platform.node()}, has other code or versions than here"
        )
    threadpool_limits(1)  # for good: with several threads a worker, one would give back what another uses
    return f(*arguments)


@functools.cache
def _digest(run: Callable[..., Any]) -> str:
    return provenance.digest(provenance.here(run))
