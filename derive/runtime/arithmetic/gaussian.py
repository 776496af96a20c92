"""Complex numbers in fixed point, and the roots of real polynomials among them.

A polynomial is the list of its coefficients, ascending, as integers with BITS bits after the point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .exact_roots import derivative

BITS = 1024


@dataclass(frozen=True)
class Gaussian:
    """(re + i im) / 2^BITS."""

    re: int
    im: int

    @classmethod
    def of(cls, z: complex) -> Gaussian:
        """A complex number in doubles."""
        re, im = (Fraction(part) * (1 << BITS) for part in (z.real, z.imag))
        return cls(int(re), int(im))

    def __add__(self, other: Gaussian) -> Gaussian:
        return Gaussian(self.re + other.re, self.im + other.im)

    def __sub__(self, other: Gaussian) -> Gaussian:
        return Gaussian(self.re - other.re, self.im - other.im)

    def __mul__(self, other: Gaussian) -> Gaussian:
        return Gaussian(
            (self.re * other.re - self.im * other.im) >> BITS,
            (self.re * other.im + self.im * other.re) >> BITS,
        )

    def __truediv__(self, other: Gaussian) -> Gaussian:
        size = other.re**2 + other.im**2
        re, im = self.re * other.re + self.im * other.im, self.im * other.re - self.re * other.im
        return Gaussian((re << BITS) // size, (im << BITS) // size)

    def bound(self) -> int:
        """|re| + |im|, at least the absolute value and at most sqrt 2 times it."""
        return abs(self.re) + abs(self.im)

    def __complex__(self) -> complex:
        return complex(float(Fraction(self.re, 1 << BITS)), float(Fraction(self.im, 1 << BITS)))


def value(p: Sequence[int], x: Gaussian) -> Gaussian:
    """p(x)."""
    total = Gaussian(0, 0)
    for coefficient in reversed(p):
        total = total * x + Gaussian(coefficient, 0)
    return total


def taylor(p: Sequence[int], x: Gaussian) -> list[Gaussian]:
    """Taylor coefficients of p at x."""
    found = [Gaussian(coefficient, 0) for coefficient in p]
    for i in range(len(p) - 1):
        for j in range(len(p) - 2, i - 1, -1):
            found[j] += x * found[j + 1]
    return found


def vanishes(p: Sequence[int], x: Gaussian) -> bool:
    """Whether p(x) is 0 within the working precision."""
    size = value([abs(coefficient) for coefficient in p], Gaussian(x.bound(), 0)).re
    return value(p, x).bound() <= size >> 400


def sharpened(p: list[int], guess: complex) -> Gaussian | None:
    """The root of p that Newton's method finds from a guess; None where it does not settle."""
    x, slope = Gaussian.of(guess), derivative(p)
    for _ in range(14):
        steepness = value(slope, x)
        if not steepness.bound():
            return None
        step = value(p, x) / steepness
        x -= step
        if step.bound() <= x.bound() >> 560:
            return x
    return x if vanishes(p, x) else None
