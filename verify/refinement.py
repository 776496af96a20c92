"""Working precision raised until a ball is narrow enough, and the tests for that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flint import acb, arb, ctx

LIMIT = 1 << 15

Value = TypeVar("Value")


class PrecisionError(ArithmeticError):
    """A value that stays undecided at the largest working precision."""


class Undecided(Exception):
    """The present working precision is too small."""


def refined(value: Callable[[], Value], good: Callable[[Value], bool]) -> Value:
    """The value at the first working precision at which it is `good`; doubling from 128 bits."""
    bits = 128
    while bits <= LIMIT:
        with ctx.workprec(bits):
            try:
                found = value()
                if good(found):
                    return found
            except (Undecided, ZeroDivisionError):
                pass
        bits *= 2
    raise PrecisionError(f"undecided at {LIMIT} bits; an exact coincidence that irrational coefficients hide")


def narrow(value: arb, bits: int) -> bool:
    """Exact, or accurate to that many bits of its own size."""
    return bool(value.is_exact() or value.rel_accuracy_bits() >= bits)


def narrow_modulus(value: acb, bits: int) -> bool:
    """Accurate to that many bits of its modulus."""
    return bool(value.is_finite() and value.rel_accuracy_bits() >= bits)
