"""Runs for the tests of what collects them."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np


def toy(scale: float, delay: float, child: np.random.SeedSequence) -> dict[str, Any]:
    """A row with a column of every kind; `delay` seconds, and linear algebra whose bits show its threads."""
    time.sleep(delay)
    rng = np.random.default_rng(child)
    matrix = rng.normal(size=(30, 30))
    value = scale * float(np.linalg.eigvalsh(matrix @ matrix.T)[-1])
    return {
        "run": int(child.spawn_key[-1]),
        "value": value,
        "single": np.float32(value),
        "above": value > 100 * scale,
        "word": "αβ"[: int(rng.integers(3))],
        "array": rng.normal(size=int(rng.integers(4))),
        "nothing": float("nan"),
    }


def failing(child: np.random.SeedSequence) -> dict[str, Any]:
    """Run 5 fails."""
    if child.spawn_key[-1] == 5:
        raise ArithmeticError("a descent diverged")
    return {"run": child.spawn_key[-1]}


def uneven(child: np.random.SeedSequence) -> dict[str, Any]:
    """From run 3 on the value is an integer."""
    return {"value": 1 if child.spawn_key[-1] > 2 else 1.0}


def process(child: np.random.SeedSequence) -> dict[str, Any]:
    """Who makes the run."""
    return {"process": os.getpid()}


def light(child: np.random.SeedSequence) -> dict[str, Any]:
    """A row of some columns at once."""
    number = child.spawn_key[-1]
    return {f"x{k}": float(number + k) for k in range(12)} | {
        "word": "flat",
        "array": np.arange(6.0) + number,
    }
