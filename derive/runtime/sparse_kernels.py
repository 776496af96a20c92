"""Kernels of the cavity equation: what the weights of a sparse matrix come to.

    k(p) = E[w^2 J_1(2 sqrt(w^2 p)) / sqrt(w^2 p)] = sum_n (-p)^n E[w^(2n+2)] / (n! (n+1)!),  p >= 0

unit weights, w = 1:               k(p) = J_1(2 sqrt(p)) / sqrt(p)
standard Gaussian weights:         k(p) = exp(-p) (I_0(p) - I_1(p))

and their slopes (p k(p))', J_0(2 sqrt(p)) and exp(-p) ((1 - 2 p) I_0(p) + 2 p I_1(p)).

Below a threshold the Bessel functions are their integrals over a period, by the midpoint rule, which is
exact but for Bessel functions of an order beyond the argument; above it they are their asymptotic series.
Absolute errors are a few 1e-16.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TERMS = 16  # of the asymptotic series, beyond rounding from the thresholds on
OSCILLATING = 25.0  # J_63 is below 1e-18 up to here
DECAYING = 50.0  # exp(-p) I_64(p) is below 1e-17 up to here


def _asymptotic(order: int) -> list[float]:
    """a_0, a_1, ... of the asymptotic series of the Bessel functions of that order."""
    found = [1.0]
    for n in range(1, TERMS):
        found.append(found[-1] * (4 * order**2 - (2 * n - 1) ** 2) / (8 * n))
    return found


def unit(p: Array) -> Array:
    """J_1(2 sqrt(p)) / sqrt(p), the kernel of weights 1."""
    x = 2.0 * np.sqrt(p)
    result = np.empty_like(x)
    near = x < OSCILLATING
    small = x[near]
    total = np.zeros_like(small)
    for angle in (np.arange(16) + 0.5) * (math.pi / 32):
        sine = math.sin(angle)
        total += sine * sine * np.sinc(small * (sine / math.pi))
    result[near] = total / 8.0
    large = x[~near]
    a, square = _asymptotic(1), large**-2.0
    even = np.polyval([(-1) ** n * a[2 * n] for n in reversed(range(TERMS // 2))], square)
    odd = np.polyval([(-1) ** n * a[2 * n + 1] for n in reversed(range(TERMS // 2))], square) / large
    turned = large - 0.75 * math.pi
    result[~near] = np.sqrt(8.0 / (math.pi * large**3)) * (even * np.cos(turned) - odd * np.sin(turned))
    return result


def gaussian(p: Array) -> Array:
    """exp(-p) (I_0(p) - I_1(p)), the kernel of standard Gaussian weights."""
    result = np.empty_like(p)
    near = p < DECAYING
    small = p[near]
    total = np.zeros_like(small)
    for angle in (np.arange(32) + 0.5) * (math.pi / 32):
        versine = 1.0 - math.cos(angle)
        total += versine * np.exp(-versine * small)
    result[near] = total / 32.0
    large = p[~near]
    zero, one = _asymptotic(0), _asymptotic(1)
    series = [(-1) ** n * (zero[n] - one[n]) for n in reversed(range(TERMS))]
    result[~near] = np.polyval(series, 1.0 / large) / np.sqrt(2.0 * math.pi * large)
    return result


def unit_slope(p: Array) -> Array:
    """J_0(2 sqrt(p)), the derivative of p times the kernel of weights 1; also Hankel's own kernel."""
    x = 2.0 * np.sqrt(p)
    result = np.empty_like(x)
    near = x < OSCILLATING
    small = x[near]
    total = np.zeros_like(small)
    for angle in (np.arange(16) + 0.5) * (math.pi / 32):
        total += np.cos(small * math.sin(angle))
    result[near] = total / 16.0
    large = x[~near]
    a, square = _asymptotic(0), large**-2.0
    even = np.polyval([(-1) ** n * a[2 * n] for n in reversed(range(TERMS // 2))], square)
    odd = np.polyval([(-1) ** n * a[2 * n + 1] for n in reversed(range(TERMS // 2))], square) / large
    turned = large - 0.25 * math.pi
    result[~near] = np.sqrt(2.0 / (math.pi * large)) * (even * np.cos(turned) - odd * np.sin(turned))
    return result


def gaussian_slope(p: Array) -> Array:
    """The derivative of p times the kernel of standard Gaussian weights."""
    result = np.empty_like(p)
    near = p < DECAYING
    small = p[near]
    total = np.zeros_like(small)
    for angle in (np.arange(32) + 0.5) * (math.pi / 32):
        versine = 1.0 - math.cos(angle)
        total += versine * (1.0 - versine * small) * np.exp(-versine * small)
    result[near] = total / 32.0
    large = p[~near]
    zero, one = _asymptotic(0), _asymptotic(1)
    series = [(-1) ** n * (zero[n] - one[n]) * (0.5 - n) for n in reversed(range(TERMS))]
    result[~near] = np.polyval(series, 1.0 / large) / np.sqrt(2.0 * math.pi * large)
    return result


KERNELS = {"unit": unit, "gaussian": gaussian}
SLOPES = {"unit": unit_slope, "gaussian": gaussian_slope}


def even_moments(weights: str, count: int, square: float = 1.0) -> Array:
    """E[(square w^2)^i] for i = 0, ..., count."""
    factors = np.full(count + 1, square)
    factors[0] = 1.0
    if weights != "unit":
        factors[1:] *= 2.0 * np.arange(1, count + 1) - 1.0
    return np.asarray(np.cumprod(factors), dtype=np.float64)
