"""Scratch memory of one call beyond its inputs and outputs, as `tracemalloc` sees NumPy allocate it."""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from .cases import SEED, Case
from .own import HEIGHT, LAW_A_POINT, fresh_laws

# Calls with one law a point are slower: so many points at most, and so many if laws have to be prepared.
FEWER, FEWEST = 100_000, 20_000

METHODS = {
    "density": "pdf",
    "cdf": "cdf",
    "sf": "sf",
    "log_potential": "log_potential",
    "quantile": "ppf",
    "stieltjes": "stieltjes",
}
# With one law a point, functions of a module.
OF_LAWS = {
    LAW_A_POINT: "density",
    "cdf, one law a point": "cdf",
    "quantile, one law a point": "quantile",
    "stieltjes, one law a point": "stieltjes",
    "support of many laws": "support",
}
DIRECT = ("density", "cdf")


def scratch(case: Case, function: str, points: int, *, with_out: bool) -> int:
    """Bytes at the peak of the first call of a law, its preparation and tables included.

    The call runs in a thread of its own, so that arrays kept for each thread are counted too. The numerics
    are loaded before, by a call of another law.
    """
    call, inputs = _call(case, function, points)
    call(inputs[:5000], None)
    out = np.empty_like(inputs) if with_out else None
    peak: list[int] = []

    def measured() -> None:
        tracemalloc.start()
        try:
            result = call(inputs, out)
            peak.append(tracemalloc.get_traced_memory()[1] - (0 if result is out else result.nbytes))
        finally:
            tracemalloc.stop()

    thread = threading.Thread(target=measured)
    thread.start()
    thread.join()
    if not peak:
        raise RuntimeError(f"{function} of {case.title} failed")
    return peak[0]


def _call(case: Case, function: str, points: int) -> tuple[Callable[[Any, Any], Any], Any]:
    """call(inputs, out), of a new law each time, and inputs."""
    if function in OF_LAWS:
        return _call_of_laws(case, OF_LAWS[function], points)
    laws = fresh_laws(case)
    x = case.points(points)
    if function == "quantile":
        x = np.random.default_rng(SEED).random(points)
    inputs = x + 1j * HEIGHT if function == "stieltjes" else x
    return lambda x, out: getattr(next(laws), METHODS[function])(x, out=out), inputs


def _call_of_laws(case: Case, function: str, points: int) -> tuple[Callable[[Any, Any], Any], Any]:
    """The same with one law a point."""
    points = min(points, FEWER if function in DIRECT else FEWEST)
    parameters = case.laws(points)

    def call(x: Any, out: Any) -> Any:
        laws = {name: row[: x.size] for name, row in parameters.items()}
        if function == "support":
            return case.functions.support(**laws)
        return getattr(case.functions, function)(x, **laws, out=out)

    x = case.points(points)
    if function == "quantile":
        x = np.random.default_rng(SEED).random(points)
    return call, x + 1j * HEIGHT if function == "stieltjes" else x
