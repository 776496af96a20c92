"""One process that makes and calls what is asked for: a request a line on stdin, an answer a line on stdout.

Requests are JSON objects with "do" (`time`, `values`, `scratch`), "name", "case" and what the action needs;
answers are {"result": ...} or {"error": "..."}. Runs in the project's environment and in that of the rivals.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from .cases import CASES
from .memory import scratch
from .own import CALLS, Thunk
from .rivals import RIVALS

# "cpu" counts the thread's own time: for machines that others use too.
CLOCKS = {"wall": time.perf_counter, "cpu": time.thread_time}

BUILD = Path(__file__).resolve().parent.parent / "build" / "bench"


@lru_cache(maxsize=32)
def evaluator(name: str, case: str) -> Any:
    """A rival's evaluate(x, out)."""
    return RIVALS[name].make(CASES[case], BUILD / "kernel")


@lru_cache(maxsize=16)
def thunk(name: str, case: str, points: int) -> Thunk:
    """The call to be timed; a rival's name means its density."""
    if name in CALLS:
        return CALLS[name](CASES[case], points)
    evaluate, x = evaluator(name, case), CASES[case].points(points)
    out = np.empty_like(x)
    return lambda: evaluate(x, out)


def timed(name: str, case: str, points: int, loops: int, clock: str = "wall") -> float:
    """Seconds a call, the mean of so many calls in a row; the clock is one of CLOCKS."""
    call, now = thunk(name, case, points), CLOCKS[clock]
    start = now()
    for _ in range(loops):
        call()
    return (now() - start) / loops


def values(name: str, case: str, points: list[float]) -> list[float]:
    """A rival's density at the points."""
    x = np.array(points)
    return np.asarray(evaluator(name, case)(x, np.empty_like(x)), dtype=float).tolist()


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The answer to one request; a failure is an answer too."""
    do, name, case = request.pop("do"), request.pop("name"), request.pop("case")
    actions: dict[str, Callable[..., Any]] = {
        "time": timed,
        "values": values,
        "scratch": lambda name, case, **rest: scratch(CASES[case], name, **rest),
    }
    try:
        return {"result": actions[do](name, case, **request)}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}


def main() -> None:
    """Answer until the requests end; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        answers.write(json.dumps(answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
