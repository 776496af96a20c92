"""Double-double arithmetic: the unevaluated sum of two doubles, about 32 digits.

The building blocks are exact: Knuth's sum and Dekker's product with Veltkamp's splitting,

    a + b = s + t,    a b = p + e    (s, p rounded; t, e the rounding errors, themselves doubles),

for magnitudes between 1e-145 and 1e145, so that no error term underflows and no split overflows.
The algorithms and their bounds are those of Joldes, Muller and Popescu (ACM TOMS 44, 2017): relative errors
below 3 * 2^-106 for sums whatever the signs, so that cancellation of exact operands loses nothing,
5 * 2^-106 for products, 10 * 2^-106 for quotients.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

SPLITTER = 134217729.0  # 2^27 + 1


class Pair(NamedTuple):
    """A rounded result and its rounding error."""

    rounded: Any
    error: Any


def two_sum(a: Any, b: Any) -> Pair:
    """a + b without error (Knuth)."""
    s = a + b
    t = s - a
    return Pair(s, (a - (s - t)) + (b - t))


def fast_two_sum(a: Any, b: Any) -> Pair:
    """a + b without error where |a| >= |b| or a = 0 (Dekker)."""
    s = a + b
    return Pair(s, b - (s - a))


def split(a: Any) -> Pair:
    """a as a sum of two numbers of 26 bits (Veltkamp)."""
    c = SPLITTER * a
    high = c - (c - a)
    return Pair(high, a - high)


def two_product(a: Any, b: Any) -> Pair:
    """a b without error (Dekker)."""
    p = a * b
    a_high, a_low = split(a)
    b_high, b_low = split(b)
    return Pair(p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low)


# Values below this part of the terms they are the sum of are rounding, in double-double.
ROUNDING = 2.0**-98


class DoubleDouble:
    """Broadcasting arrays of unevaluated sums hi + lo, |lo| at most half an ulp of hi.

    Mixes with Python numbers and float arrays, which are taken as exact. Integers beyond 2^53 are
    split. Comparisons are those of the real numbers hi + lo.
    """

    __slots__ = ("hi", "lo")
    __array_ufunc__ = None  # an array on the left must leave the operation to us

    hi: Any
    lo: Any

    def __init__(self, hi: Any, lo: Any = 0.0) -> None:
        self.hi = np.asarray(hi, dtype=np.float64)
        self.lo = np.asarray(lo, dtype=np.float64)
        if self.lo.shape != self.hi.shape:
            self.lo = np.zeros(self.hi.shape) + self.lo

    @classmethod
    def of(cls, value: Any) -> DoubleDouble:
        """A number, an array or a double-double as a double-double."""
        if isinstance(value, DoubleDouble):
            return value
        if isinstance(value, int):
            high = float(value)
            return cls(high, float(value - int(high)))
        return cls(value)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the broadcast array."""
        return tuple(self.hi.shape)

    def __getitem__(self, index: Any) -> DoubleDouble:
        return _pair(self.hi[index], self.lo[index])

    def __setitem__(self, index: Any, value: DoubleDouble) -> None:
        self.hi[index], self.lo[index] = value.hi, value.lo

    def copy(self) -> DoubleDouble:
        """A copy."""
        return _pair(self.hi.copy(), self.lo.copy())

    def __repr__(self) -> str:
        return f"DoubleDouble({self.hi!r}, {self.lo!r})"

    def to_float(self) -> Any:
        """The nearest doubles."""
        return self.hi + self.lo

    def where(self, condition: Any, other: Any) -> DoubleDouble:
        """This where the condition holds, the other elsewhere."""
        return where(condition, self, other)

    def snapped(self, size: Any) -> DoubleDouble:
        """0 where this is rounding of terms of that size."""
        return self.where(np.abs(self.hi) > ROUNDING * size, 0.0)

    def __neg__(self) -> DoubleDouble:
        return _pair(-self.hi, -self.lo)

    def __pos__(self) -> DoubleDouble:
        return self

    def __abs__(self) -> DoubleDouble:
        return where(self.hi < 0, -self, self)

    def __add__(self, other: Any) -> DoubleDouble:
        if is_double(other):
            s, e = two_sum(self.hi, other)
            return _pair(*fast_two_sum(s, e + self.lo))
        other = DoubleDouble.of(other)
        s, e = two_sum(self.hi, other.hi)
        t, f = two_sum(self.lo, other.lo)
        s, e = fast_two_sum(s, e + t)
        return _pair(*fast_two_sum(s, e + f))

    __radd__ = __add__

    def __sub__(self, other: Any) -> DoubleDouble:
        return self + (-other)

    def __rsub__(self, other: Any) -> DoubleDouble:
        return -self + other

    def __mul__(self, other: Any) -> DoubleDouble:
        if is_power_of_two(other):
            return _pair(self.hi * other, self.lo * other)
        if is_double(other):
            p, e = two_product(self.hi, other)
            return _pair(*fast_two_sum(p, e + self.lo * other))
        other = DoubleDouble.of(other)
        p, e = two_product(self.hi, other.hi)
        return _pair(*fast_two_sum(p, e + (self.hi * other.lo + self.lo * other.hi)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> DoubleDouble:
        if is_power_of_two(other):
            return _pair(self.hi / other, self.lo / other)
        # the quotient of the high parts, and what the exact remainder adds to it
        other = DoubleDouble.of(other)
        q = self.hi / other.hi
        product = other * q
        rest = (self.hi - product.hi) + (self.lo - product.lo)
        return _pair(*fast_two_sum(q, rest / other.hi))

    def __rtruediv__(self, other: Any) -> DoubleDouble:
        return DoubleDouble.of(other) / self

    def __pow__(self, exponent: int) -> DoubleDouble:
        if not isinstance(exponent, (int, np.integer)):
            raise TypeError(f"a double-double is raised to integer powers only, got {exponent!r}; use sqrt")
        if exponent < 0:
            return 1 / self ** (-exponent)
        power, square = None, self
        while exponent:
            if exponent & 1:
                power = square if power is None else power * square
            exponent >>= 1
            if exponent:
                square = square * square
        return DoubleDouble(np.ones_like(self.hi)) if power is None else power

    def __lt__(self, other: Any) -> Any:
        other = DoubleDouble.of(other)
        return (self.hi < other.hi) | ((self.hi == other.hi) & (self.lo < other.lo))

    def __le__(self, other: Any) -> Any:
        other = DoubleDouble.of(other)
        return (self.hi < other.hi) | ((self.hi == other.hi) & (self.lo <= other.lo))

    def __gt__(self, other: Any) -> Any:
        return DoubleDouble.of(other) < self

    def __ge__(self, other: Any) -> Any:
        return DoubleDouble.of(other) <= self

    def __eq__(self, other: Any) -> Any:
        other = DoubleDouble.of(other)
        return (self.hi == other.hi) & (self.lo == other.lo)

    def __ne__(self, other: Any) -> Any:
        return ~(self == other)

    __hash__ = None  # type: ignore[assignment]


def _pair(hi: Any, lo: Any) -> DoubleDouble:
    """hi + lo as they are: arrays of one shape."""
    result = DoubleDouble.__new__(DoubleDouble)
    result.hi, result.lo = hi, lo
    return result


def zeros(shape: tuple[int, ...]) -> DoubleDouble:
    """Zeros of that shape, to be written to."""
    return _pair(np.zeros(shape), np.zeros(shape))


def is_double(value: Any) -> bool:
    """Whether a number or an array of them is what it is as doubles."""
    if isinstance(value, int):
        return -(2**53) <= value <= 2**53
    return isinstance(value, (float, np.ndarray))


def is_power_of_two(value: Any) -> bool:
    """Whether multiplying by a Python number, or dividing by it, is exact."""
    return isinstance(value, (int, float)) and abs(math.frexp(value)[0]) == 0.5


def sqrt(x: Any) -> Any:
    """Square root, 0 at 0: one Newton step sqrt(x) = r + (x - r^2) / (2 r) from r = sqrt(hi).

    A number that brings its own `sqrt`, as a triple-double does, is asked for it.
    """
    if hasattr(x, "sqrt"):
        return x.sqrt()
    x = DoubleDouble.of(x)
    r = np.sqrt(x.hi)
    square, error = two_product(r, r)
    rest = ((x.hi - square) - error) + x.lo
    return _pair(*fast_two_sum(r, rest / np.where(r > 0, 2.0 * r, 1.0)))


def where(condition: Any, a: Any, b: Any) -> DoubleDouble:
    """`numpy.where` on both parts."""
    a, b = DoubleDouble.of(a), DoubleDouble.of(b)
    return _pair(np.where(condition, a.hi, b.hi), np.where(condition, a.lo, b.lo))


def stack(items: Any, shape: tuple[int, ...]) -> DoubleDouble:
    """Double-doubles of one broadcast shape along a new first axis."""
    hi, lo = np.empty((2, len(items), *shape))
    for i, item in enumerate(items):
        exact = isinstance(item, np.ndarray)
        hi[i], lo[i] = (item, 0.0) if exact else (DoubleDouble.of(item).hi, DoubleDouble.of(item).lo)
    return _pair(hi, lo)


def total(x: Any) -> Any:
    """Sum of a double-double or triple-double over its first axis, in order; of at least one term."""
    result = x[0]
    for term in range(1, x.shape[0]):
        result = result + x[term]
    return result


def take_along_axis(x: DoubleDouble, order: Any, axis: int) -> DoubleDouble:
    """`numpy.take_along_axis` on both parts."""
    return DoubleDouble(np.take_along_axis(x.hi, order, axis), np.take_along_axis(x.lo, order, axis))
