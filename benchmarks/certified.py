"""How long certified values (`verify.precise`) take at 53 bits, at points that were not asked for before."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from verify.precise import Law

from .cases import Case

BITS = 53
POINTS = 60
OF_LAWS = ("index", "edges")
CALLS = ("stieltjes", "density", "cdf", *OF_LAWS)


def certified_seconds(case: Case) -> dict[str, float]:
    """Medians of the time a call takes: at new points of a law that exists; index and edges of new laws."""
    points = case.points(len(CALLS) * POINTS).reshape(len(CALLS), POINTS).tolist()
    law = _law(case, 0)
    law.density(points[0][0])
    found = {}
    for name, places in zip(CALLS, points, strict=True):
        if name in OF_LAWS:
            calls = [partial(getattr(_law(case, i + 1), name), BITS) for i in range(POINTS)]
        else:
            calls = [partial(getattr(law, name), x, BITS) for x in places]
        found[name] = statistics.median(_seconds(call) for call in calls)
    return found


def _law(case: Case, number: int) -> Law:
    """A law next to the case's, made."""
    (name, value), *rest = case.parameters.items()
    return Law(case.module, **{name: value * (1 + number / 1024)}, **dict(rest))


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
