"""Scratch memory of one call beyond its inputs and outputs, as `tracemalloc` sees NumPy allocate it."""

from __future__ import annotations

import threading
import tracemalloc

import numpy as np

from .cases import SEED, Case
from .own import fresh_laws

METHODS = {
    "density": "pdf",
    "cdf": "cdf",
    "sf": "sf",
    "log_potential": "log_potential",
    "quantile": "ppf",
    "stieltjes": "stieltjes",
}


def scratch(case: Case, function: str, points: int, *, with_out: bool) -> int:
    """Bytes at the peak of the first call of a law, its preparation and tables included.

    The call runs in a thread of its own, so that arrays kept for each thread are counted too. The numerics
    are loaded before.
    """
    x = case.points(points) if function != "quantile" else np.random.default_rng(SEED).random(points)
    inputs = x + 0.01j if function == "stieltjes" else x
    out = np.empty_like(inputs) if with_out else None
    laws = fresh_laws(case)
    getattr(next(laws), METHODS[function])(inputs[:10])
    peak: list[int] = []

    def measured() -> None:
        tracemalloc.start()
        try:
            result = getattr(next(laws), METHODS[function])(inputs, out=out)
            peak.append(tracemalloc.get_traced_memory()[1] - (0 if with_out else result.nbytes))
        finally:
            tracemalloc.stop()

    thread = threading.Thread(target=measured)
    thread.start()
    thread.join()
    if not peak:
        raise RuntimeError(f"{function} of {case.title} failed")
    return peak[0]
