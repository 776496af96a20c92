"""Roots of increasing functions between two bounds, many at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arguments import FloatArray

STEPS = 200


def increasing_root(
    function: Callable[[FloatArray, Any], tuple[FloatArray, FloatArray, Any]],
    low: FloatArray,
    high: FloatArray,
    start: FloatArray,
) -> FloatArray:
    """The root between low and high of an increasing function, element by element.

    function(x, index) returns value, slope and whether x is good enough, at x for the elements `index`.
    Newton's method; a step that leaves the bracket, or comes when the bracket has not halved for three
    steps, is replaced by the middle, so that it always ends.
    """
    low, high, x = low.copy(), high.copy(), start.copy()
    active = np.arange(x.size)
    width = high - low
    slow = np.zeros(x.size, dtype=np.int64)
    for _ in range(STEPS):
        if active.size == 0:
            break
        now = x[active]
        value, slope, good = function(now, active)
        below = value < 0
        low[active] = np.where(below, now, low[active])
        high[active] = np.where(value > 0, now, high[active])
        a, b = low[active], high[active]
        halved = b - a <= 0.5 * width[active]
        slow[active] = np.where(halved, 0, slow[active] + 1)
        width[active] = np.where(halved, b - a, width[active])
        middle = a + 0.5 * (b - a)
        tried = now - value / slope
        tried = np.where((tried > a) & (tried < b) & (slow[active] <= 3), tried, middle)
        slow[active] = np.where(slow[active] > 3, 0, slow[active])
        done = good | (value == 0) | (tried == now) | (middle <= a) | (middle >= b)
        x[active] = np.where(done, now, tried)
        active = active[~done]
    return x
