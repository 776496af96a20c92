"""The distribution function over the point x = 0 inside a band, in integers.

Where x is next to 0 inside a band, q differs from cdf(0) in its last digits only: their difference needs
cdf(0) to more than a double-double, and to all its digits where it is small. The point w of the curve over 0
is found here to nearly a double-double, and H(w), Phi(w) and Im V(w) (see `masses`) at that, in fixed point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..arithmetic.fixed_point import BITS, ONE, Fixed, doubles, fixed, over, times
from ..arithmetic.triple_double import TripleDouble
from ..coefficients import LevyCoefficients

HALVINGS = 12

Parts = tuple[float, ...]


class Exact(NamedTuple):
    """The coefficients of one law in fixed point."""

    mean: int
    poles: Sequence[int]
    weights: Sequence[int]


class Formulas(NamedTuple):
    """The coefficients of L laws as functions of parameters, (parameters, L): exact but for fixed point."""

    coefficients: Callable[..., LevyCoefficients]
    parameters: Any

    def take(self, index: Any) -> Formulas:
        """Those of some laws."""
        return self._replace(parameters=self.parameters[:, index])

    def at(self, law: int) -> Exact:
        """Those of one law."""
        found = self.coefficients(*(Fixed.of(value) for value in self.parameters[:, law].tolist()))
        poles, weights = ([Fixed.of(value).value for value in row] for row in (found.poles, found.weights))
        return Exact(Fixed.of(found.mean).value, poles, weights)


class Values(NamedTuple):
    """The coefficients of L laws as they are: mean (L,), poles and weights (k, L)."""

    mean: TripleDouble
    poles: TripleDouble
    weights: TripleDouble

    def take(self, index: Any) -> Values:
        """Those of some laws."""
        return Values(*(value[..., index] for value in self))

    def at(self, law: int) -> Exact:
        """Those of one law."""

        def number(value: TripleDouble) -> int:
            return fixed([float(value.hi), float(value.mid), float(value.lo)])

        poles, weights = ([number(value[j, law]) for j in range(value.shape[0])] for value in self[1:])
        return Exact(number(self.mean[law]), poles, weights)


class Found(NamedTuple):
    """w, H(w), 1 - Phi(w) and 1 - Im V(w) / pi.

    Real and imaginary parts are sums of two doubles, the last one is a sum of three.
    """

    w: tuple[Parts, Parts]
    x: tuple[Parts, Parts]
    slope: tuple[Parts, Parts]
    level: Parts


def above_zero(u: float, v: float, law: Exact) -> Found:
    """Next to the root w = u + i v, v > 0, of H(w) = 0, given in doubles. Poles of weight 0 are left out."""
    re, im = fixed([u]), fixed([v])
    # one step of Newton's method: H(w) is then nothing beside H at the points next to w
    x, slope = _value((re, im), law)
    size = times(slope[0], slope[0]) + times(slope[1], slope[1])
    re -= over(times(x[0], slope[0]) + times(x[1], slope[1]), size)
    im -= over(times(x[1], slope[0]) - times(x[0], slope[1]), size)
    return at_point(doubles(re, 2), doubles(im, 2), law)


def at_point(re: Parts, im: Parts, law: Exact) -> Found:
    """At w, its parts sums of doubles."""
    w = fixed(re), fixed(im)
    x, slope = _value(w, law)
    level = ONE - over(_turn(w, law), PI)
    return Found((re, im), _complex(x), _complex(slope), doubles(level, 3))


def _complex(value: tuple[int, int]) -> tuple[Parts, Parts]:
    return doubles(value[0], 2), doubles(value[1], 2)


def _value(w: tuple[int, int], law: Exact) -> tuple[tuple[int, int], tuple[int, int]]:
    """H(w) and 1 - Phi(w)."""
    re, im = w
    x_re, x_im, slope_re, slope_im = re + law.mean, im, ONE, 0
    for p, c in zip(law.poles, law.weights, strict=True):
        if c:
            a, b = _inverse(re - p, im)
            x_re, x_im = x_re + times(c, a), x_im + times(c, b)
            slope_re -= times(c, times(a, a) - times(b, b))
            slope_im -= 2 * times(c, times(a, b))
    return (x_re, x_im), (slope_re, slope_im)


def _turn(w: tuple[int, int], law: Exact) -> int:
    """Im V(w)."""
    re, im = w
    turn, logarithms = 0, ONE
    for p, c in zip(law.poles, law.weights, strict=True):
        if c and p:
            rate = over(over(c, p), p)
            logarithms -= rate
            turn += times(rate, angle(im, re - p)) + times(over(c, p), _inverse(re - p, im)[1])
        elif c:
            square = times(re, re) + times(im, im)
            turn -= over(over(times(c, times(re, im)), square), square)
    return turn + times(logarithms, angle(im, re))


def _inverse(re: int, im: int) -> tuple[int, int]:
    size = times(re, re) + times(im, im)
    return over(re, size), -over(im, size)


def angle(y: int, x: int) -> int:
    """The angle of x + i y for y > 0, in (0, pi)."""
    if x < 0:
        return PI - angle(y, -x)
    if y > x:
        return (PI >> 1) - _tangent(over(x, y))
    return _tangent(over(y, x))


def _tangent(t: int) -> int:
    """arctan t for 0 <= t <= 1: halved some times, t -> t / (1 + sqrt(1 + t^2)), and the series."""
    for _ in range(HALVINGS):
        t = over(t, ONE + math.isqrt((ONE + times(t, t)) << BITS))
    square, power, total, n = times(t, t), t, 0, 1
    while power:
        total += power // n if n % 4 == 1 else -(power // n)
        power, n = times(power, square), n + 2
    return total << HALVINGS


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
