"""The last digits of roots, laws side by side: a step with the residual in more than a double.

    F = w - y + sum_j c_j / (w - p_j) = 0,    D = 1 - sum_j c_j / (w - p_j)^2,    E = sum_j c_j / (w - p_j)^3

Each fraction t = c / (w - p) is rounded, and c - t (w - p) gives what it lacks.

`newton` is for points whose start has nearly all digits. Where t and the high parts of w, p and y are
multiples of 2^-25 of the size of all terms, with 26 bits, their products and sums are exact as they are.
`halley` is for difficult points, as those next to an edge: t is a double, sums and products are in two parts.

Both estimate the relative error of Im w after the step: what is left of the method, and the rounding errors
of the residual and of the slope. Newton's method leaves |E| s^2 / |D| of a step s. At the root, where
sum c_j / |w - p_j|^2 = 1, |E| is 1 / Im w at most, and |D| is 2 at most. Before the step |F| far below Im w
proves that this sum is close to 1, for Im F = (1 - sum) Im w.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import DoubleDouble, two_product, two_sum

Rows = Sequence[DoubleDouble]

UNIT = 2.0**-53
# The residual's rounding error in parts of the sum of its terms: with half a double more, and in twice the
# precision.
MORE, TWICE = 2.0**-75, 2.0**-100
# The bits of a double's exponent.
EXPONENT = 0x7FF << 52
# Adding this times a power of two, and taking it away again, leaves multiples of 2^-25 of that power.
GRID = 1.5 * 2.0**27
# Below this products of distances may leave the range of doubles.
LEAST = 1e-70


class Refined(NamedTuple):
    """w = u + rest + i v after a step, and whether its estimated error is small enough, (n,)."""

    u: FloatArray
    rest: FloatArray
    v: FloatArray
    good: Any


def newton(
    poles: Rows, weights: Rows, y: DoubleDouble, w: Any, size: FloatArray, tolerance: float
) -> Refined:
    """A step of Newton's method from w; k poles and weights, y, w and the size of the terms of F, each (n,).

    tolerance: of the relative error of Im w.
    """
    u, v = w.real, w.imag
    grid = _power_of_two(size)
    grid *= GRID
    both = np.empty_like(w)
    both.real, both.imag = grid, grid
    # conjugates, z = u - i v: the reciprocals of z - p need no change of sign
    low = np.conjugate(w)
    high = low + both
    high -= both
    low -= high
    u_high, u_low = high.real.copy(), low.real.copy()
    f, rest = high.copy(), low.copy()
    part = _high(y.hi, grid)
    f.real -= part
    np.subtract(y.hi, part, out=part)
    part += y.lo
    rest.real -= part
    d = np.ones_like(w)
    vv = v * v
    r, t, product = np.empty_like(w), np.empty_like(w), np.empty_like(w)
    for p, c in zip(poles, weights, strict=True):
        # z - p = high + low, and r its reciprocal, rounded
        p_high = _high(p.hi, grid)
        p_low = p.hi - p_high
        p_low += p.lo
        a = np.subtract(u_high, p_high, out=p_high)
        high.real = a
        low.real = np.subtract(u_low, p_low, out=p_low)
        a += p_low
        inverse = np.multiply(a, a, out=p_low)
        inverse += vv
        np.divide(1.0, inverse, out=inverse)
        np.multiply(a, inverse, out=r.real)
        np.multiply(v, inverse, out=r.imag)
        np.multiply(c.hi, r.real, out=t.real)
        np.multiply(c.hi, r.imag, out=t.imag)
        d -= np.multiply(t, r, out=product)
        t += both
        t -= both
        f += t
        # c / (z - p) = t - (t high - c + t low) r, where t high is exact
        np.multiply(t, high, out=product)
        product.real -= c.hi
        product.real -= c.lo
        t *= low
        product += t
        product *= r
        rest -= product
    f += rest
    left, slope = square(f), square(d)
    inverse = 1.0 / slope
    np.sqrt(slope, out=slope)
    np.minimum(slope, 2.0, out=slope)
    np.conjugate(d, out=d)
    d *= f
    moved = d.real * inverse
    inverse *= d.imag
    inverse += v
    height = inverse
    after = u - moved
    lacking = u - after
    lacking -= moved
    # at most 3/4 of the tolerance for the residual's error, 1/8 for the method's; then the slope's is below
    steep = height * slope
    good = MORE / (0.75 * tolerance) * size <= steep
    steep *= steep
    slope *= 0.125 * tolerance
    steep *= slope
    good &= left <= steep
    good &= height > LEAST
    return Refined(after, lacking, height, good)


def halley(
    poles: Rows, weights: Rows, y: DoubleDouble, w: Any, size: FloatArray, tolerance: float
) -> Refined:
    """The same with Halley's method, and F in twice the precision."""
    u, v = w.real.copy(), w.imag.copy()
    f, low = np.empty_like(w), np.zeros_like(w)
    f.real, low.real = two_sum(u, -y.hi)
    low.real -= y.lo
    f.imag = v
    d, e, spread = np.ones_like(w), np.zeros_like(w), np.zeros_like(u)
    vv = v * v
    for p, c in zip(poles, weights, strict=True):
        # w - p = (a + rest) + i v, exactly, and r its reciprocal, rounded
        a, rest = two_sum(u, -p.hi)
        rest -= p.lo
        inverse = 1.0 / (a * a + vv)
        r, t = np.empty_like(w), np.empty_like(w)
        np.multiply(a, inverse, out=r.real)
        np.multiply(-v, inverse, out=r.imag)
        np.multiply(c.hi, r.real, out=t.real)
        np.multiply(c.hi, r.imag, out=t.imag)
        s = t * r
        d -= s
        s *= r
        e += s
        inverse *= inverse
        inverse *= c.hi
        spread += inverse
        # c / (w - p) = t + (c - t (w - p)) r
        r *= _lack(c, t, a, rest, v)
        f, error = two_sum(f, t)
        low += error
        low += r
    f += low
    step = ratio(f * d, d * d - f * e)
    # what is left: Halley's error |E^2/D^2 - H'''/(6 D)| |F/D|^3, rounding errors of F and of D
    slope = np.sqrt(square(d))
    newton = np.sqrt(square(f)) / slope
    bend = (square(e) / slope + spread) / slope
    lost = newton * newton * newton * bend + (TWICE * size + 8.0 * UNIT * newton) / slope
    height = v - step.imag
    return Refined(*two_sum(u, -step.real), height, (lost <= tolerance * height) & (height > LEAST))


def _lack(c: DoubleDouble, t: Any, a: FloatArray, rest: FloatArray, v: FloatArray) -> Any:
    """c - t f for f = a + rest + i v and t close to c / f, to TWICE."""
    lack = np.empty_like(t)
    product, error = two_product(t.real, a)
    high, low = two_sum(c.hi, -product)
    low += (c.lo - t.real * rest) - error
    product, error = two_product(t.imag, v)
    lack.real = (high + product) + (low + error)
    product, error = two_product(t.imag, a)
    other, low = two_product(t.real, v)
    lack.imag = -((product + other) + ((error + low) + t.imag * rest))
    return lack


def square(z: Any) -> FloatArray:
    """|z|^2."""
    found = z.real * z.real
    found += z.imag * z.imag
    return np.asarray(found)


def ratio(a: Any, b: Any) -> Any:
    """a / b where |b|^2 is a normal double: far faster than complex division. Writes to b."""
    inverse = 1.0 / square(b)
    b.real *= inverse
    inverse *= -1.0
    b.imag *= inverse
    b *= a
    return b


def _power_of_two(x: FloatArray) -> FloatArray:
    """The largest power of two that is no more than x > 0."""
    return np.bitwise_and(x.view(np.int64), EXPONENT).view(np.float64)


def _high(x: FloatArray, grid: FloatArray) -> FloatArray:
    """x rounded to multiples of the last digit of the grid, which is 3/2 of a power of two far above x."""
    high = x + grid
    high -= grid
    return high
