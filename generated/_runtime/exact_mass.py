"""The distribution function over one point of the upper half-plane of w, in integers.

Where x is next to 0 inside a band, q differs from cdf(0) in its last digits only: their difference needs
cdf(0) to more than a double-double. H(w), Phi(w) and Im V(w) (see `masses`) are found here at any double
complex w, in fixed point, from coefficients in triple-double.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

BITS = 448
ONE = 1 << BITS
HALVINGS = 12

Parts = tuple[float, float, float]


class Found(NamedTuple):
    """H(w) and 1 - Phi(w), real and imaginary parts, and 1 - Im V(w) / pi, each a sum of three doubles."""

    x: tuple[Parts, Parts]
    slope: tuple[Parts, Parts]
    level: Parts


def at_point(
    u: float,
    v: float,
    mean: Sequence[float],
    poles: Sequence[Sequence[float]],
    weights: Sequence[Sequence[float]],
) -> Found:
    """At w = u + i v, v > 0. The coefficients are sums of doubles; weights of 0 are left out."""
    re, im = _fixed([u]), _fixed([v])
    x_re, x_im, slope_re, slope_im = re + _fixed(mean), im, ONE, 0
    turn, logarithms = 0, ONE
    square = _times(re, re) + _times(im, im)
    for pole, weight in zip(poles, weights, strict=True):
        p, c = _fixed(pole), _fixed(weight)
        if not c:
            continue
        q = re - p
        # 1 / (w - p) and its square
        size = _times(q, q) + _times(im, im)
        a, b = _over(q, size), -_over(im, size)
        x_re, x_im = x_re + _times(c, a), x_im + _times(c, b)
        slope_re -= _times(c, _times(a, a) - _times(b, b))
        slope_im -= 2 * _times(c, _times(a, b))
        if p:
            rate = _over(_over(c, p), p)
            logarithms -= rate
            turn += _times(rate, angle(im, q)) + _times(_over(c, p), b)
        else:
            turn -= _over(_over(_times(c, _times(re, im)), square), square)
    turn += _times(logarithms, angle(im, re))
    level = ONE - _over(turn, PI)
    return Found((_parts(x_re), _parts(x_im)), (_parts(slope_re), _parts(slope_im)), _parts(level))


def angle(y: int, x: int) -> int:
    """The angle of x + i y for y > 0, in (0, pi)."""
    if x < 0:
        return PI - angle(y, -x)
    if y > x:
        return (PI >> 1) - _tangent(_over(x, y))
    return _tangent(_over(y, x))


def _tangent(t: int) -> int:
    """arctan t for 0 <= t <= 1: halved some times, t -> t / (1 + sqrt(1 + t^2)), and the series."""
    for _ in range(HALVINGS):
        t = _over(t, ONE + math.isqrt((ONE + _times(t, t)) << BITS))
    square, power, total, n = _times(t, t), t, 0, 1
    while power:
        total += power // n if n % 4 == 1 else -(power // n)
        power, n = _times(power, square), n + 2
    return total << HALVINGS


def _times(a: int, b: int) -> int:
    return (a * b) >> BITS


def _over(a: int, b: int) -> int:
    return (a << BITS) // b


def _fixed(parts: Sequence[float]) -> int:
    total = 0
    for part in parts:
        numerator, denominator = float(part).as_integer_ratio()
        total += (numerator << BITS) // denominator
    return total


def _parts(value: int) -> Parts:
    found = []
    for _ in range(3):
        part = math.ldexp(float(value >> 200), 200 - BITS) if abs(value) >> 1000 else math.ldexp(value, -BITS)
        value -= _fixed([part])
        found.append(part)
    return found[0], found[1], found[2]


def _quarter() -> int:
    """arctan 1 = 4 arctan(1/5) - arctan(1/239)."""
    total = 0
    for n, factor in ((5, 4), (239, -1)):
        power, k = ONE // n, 1
        while power:
            total += factor * (power // k if k % 4 == 1 else -(power // k))
            power, k = power // (n * n), k + 2
    return total


PI = 4 * _quarter()
