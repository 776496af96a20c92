"""The tanh-sinh rule: integrals over an interval with integrable singularities at its ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..arguments import FloatArray

# At |t| = 5 the nodes are within 1e-101 of the ends in units of the interval: about |x|^(-6/7) at an end 0
# the rest weighs 1e-14.
REACH = 5.0
LEVELS = 11


def integral(
    function: Callable[[float, FloatArray], FloatArray], a: float, b: float, tolerance: float = 1e-13
) -> float:
    """Integral over [a, b]; steps are halved until two results agree to `tolerance`.

    function: takes an end, a or b, and signed distances from it, which keep their digits where their sum
        does not: half the nodes belong to either end.
    The tolerance is relative to the integral of the absolute value. Values that are not finite (a
    singularity hit exactly) count as 0.
    """
    half = (b - a) / 2
    previous = np.inf
    result = 0.0
    for level in range(3, LEVELS):
        step = 2.0**-level
        with np.errstate(all="ignore"):
            t = np.arange(-round(REACH / step), round(REACH / step) + 1) * step
            s = 0.5 * np.pi * np.sinh(t)
            # The distance from the nearer end, without cancellation: 1 - |tanh s| = 2 / (e^(2|s|) + 1).
            distance = half * 2.0 / (np.exp(2.0 * np.abs(s)) + 1.0)
            weights = half * step * 0.5 * np.pi * np.cosh(t) / np.cosh(s) ** 2
        left = t < 0
        values = np.concatenate([function(a, distance[left]), function(b, -distance[~left])])
        with np.errstate(all="ignore"):
            values = np.where(np.isfinite(values), values, 0.0) * weights
            result, size = float(values.sum()), float(np.abs(values).sum())
        if abs(result - previous) <= tolerance * size:
            break
        previous = result
    return result
