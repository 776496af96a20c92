"""Triple-double arithmetic: the unevaluated sum of three doubles, about 47 digits.

For the coefficients of a law and the few sums in which all digits of a double-double can cancel: an edge
next to 0, 1 - (sum of rates) next to 0. Rounding errors are below 2^-150 of the largest term.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from .double_double import DoubleDouble, two_product, two_sum

# Values below this part of the terms they are the sum of are rounding.
ROUNDING = 2.0**-148


class TripleDouble:
    """Broadcasting arrays of unevaluated sums hi + mid + lo; the operations of `DoubleDouble`."""

    __slots__ = ("hi", "lo", "mid")
    __array_ufunc__ = None

    def __init__(self, hi: Any, mid: Any = 0.0, lo: Any = 0.0) -> None:
        self.hi = np.asarray(hi, dtype=np.float64)
        self.mid = np.asarray(mid, dtype=np.float64) + np.zeros(self.hi.shape)
        self.lo = np.asarray(lo, dtype=np.float64) + np.zeros(self.hi.shape)

    @classmethod
    def of(cls, value: Any) -> TripleDouble:
        """A number, an array, a double-double or a triple-double as a triple-double."""
        if isinstance(value, TripleDouble):
            return value
        rounded = DoubleDouble.of(value)
        return cls(rounded.hi, rounded.lo)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the broadcast array."""
        return tuple(self.hi.shape)

    def __getitem__(self, index: Any) -> TripleDouble:
        return _triple(self.hi[index], self.mid[index], self.lo[index])

    def __setitem__(self, index: Any, value: TripleDouble) -> None:
        self.hi[index], self.mid[index], self.lo[index] = value.hi, value.mid, value.lo

    def __repr__(self) -> str:
        return f"TripleDouble({self.hi!r}, {self.mid!r}, {self.lo!r})"

    def rounded(self) -> DoubleDouble:
        """The nearest double-double, nearly."""
        return DoubleDouble(*two_sum(self.hi, self.mid + self.lo))

    def to_float(self) -> Any:
        """The nearest doubles."""
        return self.hi + (self.mid + self.lo)

    def where(self, condition: Any, other: Any) -> TripleDouble:
        """This where the condition holds, the other elsewhere."""
        other = TripleDouble.of(other)
        return _triple(
            np.where(condition, self.hi, other.hi),
            np.where(condition, self.mid, other.mid),
            np.where(condition, self.lo, other.lo),
        )

    def snapped(self, size: Any) -> TripleDouble:
        """0 where this is rounding of terms of that size."""
        return self.where(np.abs(self.hi) > ROUNDING * size, 0.0)

    def __neg__(self) -> TripleDouble:
        return _triple(-self.hi, -self.mid, -self.lo)

    def __pos__(self) -> TripleDouble:
        return self

    def __add__(self, other: Any) -> TripleDouble:
        other = TripleDouble.of(other)
        return _distilled(self.hi, other.hi, self.mid, other.mid, self.lo + other.lo)

    __radd__ = __add__

    def __sub__(self, other: Any) -> TripleDouble:
        return self + (-TripleDouble.of(other))

    def __rsub__(self, other: Any) -> TripleDouble:
        return -self + other

    def __mul__(self, other: Any) -> TripleDouble:
        other = TripleDouble.of(other)
        high, high_error = two_product(self.hi, other.hi)
        left, left_error = two_product(self.hi, other.mid)
        right, right_error = two_product(self.mid, other.hi)
        rest = self.hi * other.lo + self.lo * other.hi + self.mid * other.mid
        return _distilled(high, left, right, high_error, rest + (left_error + right_error))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> TripleDouble:
        # long division, a double at a time
        other = TripleDouble.of(other)
        first = self.hi / other.hi
        rest = self - other * first
        second = rest.hi / other.hi
        rest = rest - other * second
        return _distilled(first, second, rest.hi / other.hi)

    def __rtruediv__(self, other: Any) -> TripleDouble:
        return TripleDouble.of(other) / self

    def __pow__(self, exponent: int) -> TripleDouble:
        if not isinstance(exponent, (int, np.integer)):
            raise TypeError(f"a triple-double is raised to integer powers only, got {exponent!r}; use sqrt")
        if exponent == 0:
            return TripleDouble(np.ones(self.shape))
        power = reduce(lambda product, factor: product * factor, [self] * abs(int(exponent)))
        return power if exponent > 0 else 1 / power

    def sqrt(self) -> TripleDouble:
        """Square root, 0 at 0, a double at a time."""
        first = np.sqrt(self.hi)
        twice = np.where(first > 0, 2.0 * first, 1.0)
        root = TripleDouble(first)
        for _ in range(2):
            root = root + (self - root * root).hi / twice
        return root


def stack(items: Sequence[Any], shape: tuple[int, ...]) -> TripleDouble:
    """Numbers of one broadcast shape along a new first axis."""
    triples = [TripleDouble.of(item) for item in items]
    rows = np.array([[np.broadcast_to(part, shape) for part in (t.hi, t.mid, t.lo)] for t in triples])
    return _triple(rows[:, 0], rows[:, 1], rows[:, 2])


def _triple(hi: Any, mid: Any, lo: Any) -> TripleDouble:
    """hi + mid + lo as they are: arrays of one shape."""
    result = TripleDouble.__new__(TripleDouble)
    result.hi, result.mid, result.lo = hi, mid, lo
    return result


def _distilled(*terms: Any) -> TripleDouble:
    """The sum of the terms: its rounded value, that of the errors made, and that of the errors of these."""
    parts = []
    for _ in range(2):
        total, errors = terms[-1], []
        for term in terms[-2::-1]:
            total, error = two_sum(term, total)
            errors.append(error)
        parts.append(total)
        terms = tuple(errors)
    first, second = two_sum(*parts)
    return _triple(first, *two_sum(second, sum(terms)))
