"""Kernels of the cavity equation: what the weights of a sparse matrix come to.

    k(p) = E[w^2 J_1(2 sqrt(w^2 p)) / sqrt(w^2 p)] = sum_n (-p)^n E[w^(2n+2)] / (n! (n+1)!),  p >= 0

unit weights, w = 1:               k(p) = J_1(2 sqrt(p)) / sqrt(p)
standard Gaussian weights:         k(p) = exp(-p) (I_0(p) - I_1(p))

and their slopes (p k(p))', J_0(2 sqrt(p)) and exp(-p) ((1 - 2 p) I_0(p) + 2 p I_1(p)).

Below a threshold J are their Chebyshev series in p, of which they are entire, and I their integrals over a
period, by the midpoint rule, which is exact but for Bessel functions of an order beyond the argument; above
it both are their asymptotic series. Absolute errors are a few 1e-16.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial.chebyshev import chebder
from numpy.typing import NDArray

Array = NDArray[np.float64]

TERMS = 16  # of the asymptotic series, beyond rounding from the thresholds on
OSCILLATING = 25.0
DEGREE = 32  # of the Chebyshev series, beyond rounding
DECAYING = 50.0  # exp(-p) I_64(p) is below 1e-17 up to here


def _asymptotic(order: int) -> list[float]:
    """a_0, a_1, ... of the asymptotic series of the Bessel functions of that order."""
    found = [1.0]
    for n in range(1, TERMS):
        found.append(found[-1] * (4 * order**2 - (2 * n - 1) ** 2) / (8 * n))
    return found


def _neumann() -> Array:
    """The Chebyshev series of J_0(x) in p, up to x = 2 a = OSCILLATING, by Neumann's addition theorem:

    J_0(2 a cos(t)) = J_0(a)^2 + 2 sum_j (-1)^j J_j(a)^2 cos(2 j t), p proportional to cos(2 t) + 1.
    """
    a = 0.5 * OSCILLATING
    bessel = [0.0, 1e-30]  # J_61, J_60, ... up to a factor, downwards by their recurrence
    for order in range(60, 0, -1):
        bessel.append(2.0 * order / a * bessel[-1] - bessel[-2])
    down = np.array(bessel[::-1])
    squares = (down[: DEGREE + 1] / (down[0] + 2.0 * math.fsum(down[2::2]))) ** 2
    signs = np.where(np.arange(DEGREE + 1) % 2, -2.0, 2.0)
    signs[0] = 1.0
    return np.asarray(signs * squares)


PER_P = 8.0 / OSCILLATING**2  # the series' variable runs from -1 to 1
_UNIT_SLOPE = _neumann()
_UNIT = np.asarray(-PER_P * chebder(_UNIT_SLOPE))  # J_0' = -J_1


def unit(p: Array) -> Array:
    """J_1(2 sqrt(p)) / sqrt(p), the kernel of weights 1."""
    return _oscillating(p, _UNIT, 1)


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
    return _oscillating(p, _UNIT_SLOPE, 0)


def _oscillating(p: Array, series: Array, order: int) -> Array:
    """J_order(x) (2/x)^order at x = 2 sqrt(p), its Chebyshev series up to OSCILLATING given."""
    x = 2.0 * np.sqrt(p)
    result = np.empty_like(x)
    near = x < OSCILLATING
    result[near] = _sum(series, 2.0 * PER_P * p[near])
    large = x[~near]
    a, square = _asymptotic(order), large**-2.0
    even = np.polyval([(-1) ** n * a[2 * n] for n in reversed(range(TERMS // 2))], square)
    odd = np.polyval([(-1) ** n * a[2 * n + 1] for n in reversed(range(TERMS // 2))], square) / large
    turned = large - (0.25 + 0.5 * order) * math.pi
    wave = even * np.cos(turned) - odd * np.sin(turned)
    result[~near] = np.sqrt(2.0 / (math.pi * large)) * wave * (2.0 / large) ** order
    return result


def _sum(series: Array, double: Array) -> Array:
    """A Chebyshev series at y = double / 2 - 1; Reinsch's recurrence loses no digit next to y = -1."""
    value, pair = np.zeros((2, double.size))
    for coefficient in series[:0:-1]:
        pair = coefficient + double * value - pair
        value = pair - value
    return np.asarray(series[0] + 0.5 * double * value - pair)


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
