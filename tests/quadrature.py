"""Adaptive quadrature of a density between the ends of a band."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

COARSE = np.polynomial.legendre.leggauss(12)
FINE = np.polynomial.legendre.leggauss(20)


def integral(
    f: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    low: float,
    high: float,
    stop: float | None = None,
    tolerance: float = 1e-11,
) -> float:
    """Integral of f over [low, stop] (stop = high by default), f with singularities at low and high only.

    x = low + (high - low) sin(t / 2)^2 makes square-root ends smooth; panels are halved until two
    Gauss rules agree. `ArithmeticError` if 80 halvings are not enough.
    """
    width = high - low
    end = np.pi if stop is None else 2 * np.arcsin(np.sqrt((stop - low) / width))

    def transformed(t: NDArray[np.float64]) -> NDArray[np.float64]:
        near_low = t < np.pi / 2
        x = np.where(near_low, low + width * np.sin(t / 2) ** 2, high - width * np.cos(t / 2) ** 2)
        inner = np.clip(x, np.nextafter(low, high), np.nextafter(high, low))
        return f(inner) * width * np.sin(t) / 2

    def rule(left: NDArray[np.float64], right: NDArray[np.float64], order: int) -> NDArray[np.float64]:
        nodes, weights = (COARSE, FINE)[order]
        middle, half = (left + right) / 2, (right - left) / 2
        t = middle[:, None] + half[:, None] * nodes
        return half * (transformed(t.ravel()).reshape(t.shape) @ weights)

    left, right = np.array([0.0, end / 2]), np.array([end / 2, end])
    total = 0.0
    for _ in range(80):
        fine = rule(left, right, 1)
        wrong = np.abs(fine - rule(left, right, 0)) > tolerance * np.maximum(np.abs(fine), 1e-3)
        total += float(np.sum(fine[~wrong]))
        left, right = left[wrong], right[wrong]
        if left.size == 0:
            return total
        middle = (left + right) / 2
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
    raise ArithmeticError(f"{left.size} panels do not converge")
