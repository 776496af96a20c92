"""Means with errors, and least squares through them: a factor of proportion, a power law.

Errors of a fit are those that the errors of the points imply, times sqrt(chi^2 / degrees) where that exceeds
1: a curve that does not fit does not pretend to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted number with its standard error.

    factor: what multiplies the fitted shape. chi_square, degrees: how far the points are from the fit, in
    units of their own errors.
    """

    value: float
    error: float
    factor: float
    chi_square: float
    degrees: int


def mean_and_error(values: ArrayLike) -> tuple[Real, Real]:
    """Mean along the first axis and its standard error, for at least two independent values."""
    table = np.asarray(values, dtype=float)
    if len(table) < 2:
        raise ValueError(f"a standard error takes at least two runs, got {len(table)}")
    return table.mean(axis=0), table.std(axis=0, ddof=1) / np.sqrt(len(table))


def proportion(shape: ArrayLike, values: ArrayLike, errors: ArrayLike) -> Fit:
    """The c for which c * shape is nearest to the values, in units of their errors."""
    x, y, e = _points(shape, values, errors, least=2)
    weight = 1 / e**2
    total = float(np.sum(weight * x**2))
    if total == 0:
        raise ValueError("the shape vanishes at all points: no factor can be fitted")
    c = float(np.sum(weight * x * y)) / total
    chi_square = float(np.sum(weight * (y - c * x) ** 2))
    degrees = len(x) - 1
    return Fit(c, float(np.sqrt(max(1.0, chi_square / degrees) / total)), c, chi_square, degrees)


def power_law(x: ArrayLike, values: ArrayLike, errors: ArrayLike) -> Fit:
    """The p for which c x^p is nearest to the values, on logarithmic scales; all must be positive."""
    at, y, e = _points(x, values, errors, least=3)
    if np.any(at <= 0) or np.any(y <= 0):
        raise ValueError(f"a power law takes positive numbers, got x = {at}, values = {y}")
    u, v, weight = np.log(at), np.log(y), (y / e) ** 2
    centre, height = np.average(u, weights=weight), np.average(v, weights=weight)
    spread = float(np.sum(weight * (u - centre) ** 2))
    if spread == 0:
        raise ValueError("a power law takes at least two different x")
    p = float(np.sum(weight * (u - centre) * (v - height))) / spread
    chi_square = float(np.sum(weight * (v - height - p * (u - centre)) ** 2))
    degrees = len(u) - 2
    error = float(np.sqrt(max(1.0, chi_square / degrees) / spread))
    return Fit(p, error, float(np.exp(height - p * centre)), chi_square, degrees)


def _points(x: ArrayLike, y: ArrayLike, errors: ArrayLike, least: int) -> tuple[Real, Real, Real]:
    at, values, sizes = (np.asarray(part, dtype=float) for part in (x, y, errors))
    if at.ndim != 1 or not at.shape == values.shape == sizes.shape:
        raise ValueError(
            f"points, values and errors must be vectors alike, got {at.shape}, {values.shape}, {sizes.shape}"
        )
    if len(at) < least or not np.all(sizes > 0):
        raise ValueError(f"a fit takes at least {least} points with positive errors, got errors {sizes}")
    return at, values, sizes
