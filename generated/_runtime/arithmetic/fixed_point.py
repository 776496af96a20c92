"""Fixed-point numbers in integers, for the few values of a law that want more digits than three doubles.

They have BITS bits after the point, enough for what cancels between numbers of 1e-70 to 1e70.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

BITS = 768
ONE = 1 << BITS


def times(a: int, b: int) -> int:
    """a b."""
    return (a * b) >> BITS


def over(a: int, b: int) -> int:
    """a / b."""
    return (a << BITS) // b


def fixed(parts: Sequence[float]) -> int:
    """A sum of doubles."""
    total = 0
    for part in parts:
        numerator, denominator = float(part).as_integer_ratio()
        total += (numerator << BITS) // denominator
    return total


def doubles(value: int, count: int) -> tuple[float, ...]:
    """The leading doubles of a number, whose sum it is nearly."""
    found = []
    for _ in range(count):
        beyond = max(value.bit_length() - 64, 0)
        part = math.ldexp(value >> beyond, beyond - BITS)
        value -= fixed([part])
        found.append(part)
    return tuple(found)


class Fixed:
    """A number in formulas that take any: with integers and its like it has + - * / **, and `sqrt`."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    @classmethod
    def of(cls, number: Any) -> Fixed:
        """An integer, a double or a fixed-point number as a fixed-point one."""
        return number if isinstance(number, Fixed) else cls(fixed([number]))

    def __add__(self, other: Any) -> Fixed:
        return Fixed(self.value + Fixed.of(other).value)

    __radd__ = __add__

    def __neg__(self) -> Fixed:
        return Fixed(-self.value)

    def __sub__(self, other: Any) -> Fixed:
        return Fixed(self.value - Fixed.of(other).value)

    def __rsub__(self, other: Any) -> Fixed:
        return Fixed.of(other) - self

    def __mul__(self, other: Any) -> Fixed:
        return Fixed(times(self.value, Fixed.of(other).value))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Fixed:
        """0 where the divisor is 0: such a coefficient belongs to a part that is absent."""
        divisor = Fixed.of(other).value
        return Fixed(over(self.value, divisor) if divisor else 0)

    def __rtruediv__(self, other: Any) -> Fixed:
        return Fixed.of(other) / self

    def __pow__(self, exponent: int) -> Fixed:
        power = Fixed(ONE)
        for _ in range(abs(exponent)):
            power = power * self
        return power if exponent >= 0 else 1 / power

    def sqrt(self) -> Fixed:
        """The square root."""
        return Fixed(math.isqrt(self.value << BITS))
