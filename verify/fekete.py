"""Fekete points of the weight exp(-t x^(2 M)): n charges at rest, by Newton's method on their energy."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

ITERATIONS = 200
TOLERANCE = 1e-11


def fekete_points(n: int, half: int, radius: float) -> NDArray[np.float64]:
    """The minimum of sum_i n V(x_i) - 2 sum_(i < j) log|x_i - x_j|, V = t x^(2 half), in ascending order.

    radius: the end of the points' limiting support; it fixes t. The energy is convex where the order of the
    points is fixed, so there is one minimum. Raises `ArithmeticError` where Newton's method does not settle.
    """
    strength = 4.0**half / (half * comb(2 * half, half))  # for the radius 1
    x = np.cos(np.pi * (n - np.arange(n) - 0.5) / n)
    diagonal = np.arange(n)
    for _ in range(ITERATIONS):
        differences = x[:, None] - x
        differences[diagonal, diagonal] = np.inf
        inverse = 1 / differences
        gradient = 2 * half * strength * x ** (2 * half - 1) - 2 / n * inverse.sum(1)
        hessian = -2 / n * inverse**2
        hessian[diagonal, diagonal] = 2 * half * (2 * half - 1) * strength * x ** (
            2 * half - 2
        ) - hessian.sum(1)
        step = np.linalg.solve(hessian, gradient)
        # no point passes half of the way to its neighbour
        closing = np.diff(step) / np.diff(x)
        damping = min(1.0, 0.5 / max(closing.max(initial=0.0), 1e-300))
        x = x - damping * step
        if np.abs(step).max() < TOLERANCE:
            return radius * x
    raise ArithmeticError(f"{n} charges do not come to rest in {ITERATIONS} steps of Newton's method")
