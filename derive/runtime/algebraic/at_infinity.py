"""Several branches with G ~ 1/z: w in G = y (1 + y w), y = 1/z, tells them apart by their means w(0)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

DIGITS = 1200  # bits that a refined root keeps


def blown_up(table: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Coefficients of w^a y^k from those of v^a y^k, v = y w, free of powers of y.

    Branches on which v falls more slowly than y have no finite w(0).
    """
    order = min(a + k for a, row in enumerate(table) for k, value in enumerate(row) if value)
    return [[0] * max(a - order, 0) + list(row[max(order - a, 0) :]) for a, row in enumerate(table)]


def refined(p: Sequence[Fraction], guess: Fraction, size: Fraction) -> Fraction:
    """The simple real root of p, ascending, next to an approximation to ten digits or more of `size`.

    `size` may be 0 where the root is, exactly or to far more digits: then other roots tell the scale.
    Raises `ArithmeticError` where Newton's method leaves it: it is no simple root.
    """
    size = max(size, _largest(p) / 2**200)
    x = guess
    for _ in range(40):
        value, slope = Fraction(0), Fraction(0)
        for c in reversed(p):
            slope = rounded(slope * x + value)
            value = rounded(value * x) + c
        if not slope:
            break
        step = rounded(value / slope)
        x = rounded(x - step)
        if abs(step) <= size / 2 ** (DIGITS - 100):
            if abs(x - guess) <= size / 10**6:
                return x
            break
    raise ArithmeticError(f"no simple root of a polynomial was found next to {float(guess):.17g}")


def _largest(p: Sequence[Fraction]) -> Fraction:
    """A power of 2 that bounds all roots of p, ascending (Fujiwara)."""
    degree = max((k for k, c in enumerate(p) if c), default=0)
    sizes = [(degree - k, abs(c / p[degree])) for k, c in enumerate(p[:degree]) if c]
    bits = (-(-(x.numerator.bit_length() - x.denominator.bit_length() + 1) // k) for k, x in sizes)
    return Fraction(2) ** (max(bits) + 1) if sizes else Fraction(0)


def rounded(x: Fraction) -> Fraction:
    """The number to `DIGITS` significant bits."""
    shift = DIGITS - abs(x.numerator).bit_length() + x.denominator.bit_length()
    if shift < 0:
        return Fraction(round(x / 2**-shift) << -shift)
    return Fraction(round(x * 2**shift), 2**shift)
