"""The angle of a point in double-double.

The vector is turned by a multiple of 1/128 near its angle, and the rest is a short series:

    arctan t = t - t^3/3 + t^5/5 - ...,      |t| < 2^-8 (1 + 2^-15).

Cosines and sines of the multiples, and pi, come from integers of 200 bits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .double_double import DoubleDouble

BITS = 200
STEPS = 128  # a unit angle


def _fixed(numerator: int, denominator: int) -> int:
    return (numerator << BITS) // denominator


def _parts(value: int) -> tuple[float, float]:
    """A fixed-point integer as the sum of two doubles."""
    high = math.ldexp(float(value), -BITS)
    return high, math.ldexp(float(value - int(math.ldexp(high, BITS))), -BITS)


def _inverse_tangent(n: int) -> int:
    """arctan(1/n) = sum_k (-1)^k / ((2k + 1) n^(2k+1))."""
    total, power, k = 0, _fixed(1, n), 0
    while power:
        total += (-power if k % 2 else power) // (2 * k + 1)
        power //= n * n
        k += 1
    return total


def _table() -> Any:
    """Cosine and sine of i / STEPS with their low parts, (4, i), over half a turn and a little more."""
    cosine, sine, power = 0, 0, 1 << BITS
    for k in range(40):
        part = power if k % 4 < 2 else -power
        cosine, sine = (cosine, sine + part) if k % 2 else (cosine + part, sine)
        power //= STEPS * (k + 1)
    c, s, rows = 1 << BITS, 0, []
    for _ in range(int(math.pi * STEPS) + 3):
        rows.append((*_parts(c), *_parts(s)))
        c, s = (c * cosine - s * sine) >> BITS, (c * sine + s * cosine) >> BITS
    return np.ascontiguousarray(np.array(rows).T)


TABLE = _table()
PI = DoubleDouble(*_parts(4 * (4 * _inverse_tangent(5) - _inverse_tangent(239))))
THIRD, FIFTH, SEVENTH = (DoubleDouble(1.0) / n for n in (3, 5, 7))


def arctan2(y: DoubleDouble, x: DoubleDouble) -> DoubleDouble:
    """The angle of x + i y for y >= 0, in [0, pi]; relatively accurate next to 0, to about 2^-103."""
    near = np.fmax(np.rint(np.arctan2(y.hi, x.hi) * STEPS), 0.0)
    cosine_hi, cosine_lo, sine_hi, sine_lo = TABLE[:, near.astype(np.intp)]
    cosine, sine = DoubleDouble(cosine_hi, cosine_lo), DoubleDouble(sine_hi, sine_lo)
    t = (y * cosine - x * sine) / (x * cosine + y * sine)
    square = t * t
    s = square.hi
    tail = 1 / 9 - s * (1 / 11 - s * (1 / 13 - s / 15))
    rest = THIRD - square * (FIFTH - square * (SEVENTH - square * tail))
    return near / STEPS + (t - t * (square * rest))
