"""The addition of free rectangular matrices, held against the definition of freeness over rows and columns.

Rectangular a and b live in the corner p_1 . p_2 of an algebra over D = span(p_1, p_2), with traces on both
corners, columns phi_2(x y) = rows phi_1(y x). Freeness over D: an alternating product of elements of mean 0
has mean 0, where an element from p_i to p_j with i != j has mean 0 of itself. That gives every mixed moment
from shorter ones, and decides order by order that C(h) adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, product

import sympy as sp

from ..algebra.expansions import rectangular_from_moments
from ..algebra.rings import Fraction, Ring
from ..derivation import CertificateError, Step

ORDER = 4
_C = sp.Symbol("c")
_RING = Ring((_C, *(sp.Symbol(f"{letter}_{k}") for letter in "ab" for k in range(1, ORDER + 1))))
_ZERO, _ONE, _ASPECT = _RING.fraction(0), _RING.fraction(1), _RING.fraction(_C)

Letters = tuple[tuple[str, int], ...]
"""A word x_1 x_2' x_3 ...: runs (letter, length) of one letter; factors and their adjoints alternate."""


def _mean(letter: str, length: int, row: bool) -> Fraction:
    """phi of (x x')^k on rows, or (x' x)^k on columns, k = length/2; 0 for odd length."""
    if length % 2:
        return _ZERO
    moment = _RING.fraction(sp.Symbol(f"{letter}_{length // 2}"))
    return moment if row else moment * _ASPECT


def _merge(runs: list[tuple[str, int]]) -> Letters:
    merged: list[tuple[str, int]] = []
    for letter, length in runs:
        if merged and merged[-1][0] == letter:
            merged[-1] = (letter, merged[-1][1] + length)
        else:
            merged.append((letter, length))
    return tuple(merged)


@cache
def mixed_moment(word: Letters, row: bool = True) -> Fraction:
    """The mean of a word of even length that starts on rows (x x' ...) or on columns (x' x ...)."""
    if not word:
        return _ONE
    if len(word) == 1:
        return _mean(*word[0], row)
    starts, here = [], row
    for _, length in word:
        starts.append(here)
        here = here ^ bool(length % 2)
    places = [i for i, (_, length) in enumerate(word) if length % 2 == 0]  # the others have mean 0
    total = _ZERO
    for size in range(1, len(places) + 1):
        for chosen in combinations(places, size):
            term = mixed_moment(_merge([run for i, run in enumerate(word) if i not in chosen]), row)
            for i in chosen:
                term = term * _mean(*word[i], starts[i])
            total = total + term if size % 2 else total - term
    return total


@cache
def _addition_fails(order: int) -> int:
    moments = []
    for k in range(1, order + 1):
        total = _ZERO
        for word in product("ab", repeat=2 * k):
            total = total + mixed_moment(_merge([(letter, 1) for letter in word]))
        moments.append(total)
    single = [[_mean(letter, 2 * k, True) for k in range(1, order + 1)] for letter in "ab"]
    found = [rectangular_from_moments(m, _ASPECT, _ZERO, _ONE) for m in (moments, *single)]
    for k, (of_sum, of_a, of_b) in enumerate(zip(*found, strict=True), 1):
        if not (of_sum - of_a - of_b).numerator.is_zero():
            return k
    return 0


@dataclass(frozen=True)
class FromRectangularFreeness:
    """The addition of C, checked with indeterminate moments and aspect up to an order."""

    order: int

    def check(self) -> None:
        wrong = _addition_fails(self.order)
        if wrong:
            raise CertificateError(f"the addition of rectangular R-transforms fails at order {wrong}")

    @property
    def summary(self) -> str:
        return (
            f"theorem (Benaych-Georges); orders 1 to {self.order} decided exactly from the definition of "
            "freeness"
        )


def addition() -> Step:
    """The step that quotes the addition of rectangular R-transforms."""
    h = sp.Symbol("h")
    parts = [sp.Function(f"C_{name}")(h) for name in ("A+B", "A", "B")]
    return Step(
        "Addition of free rectangular matrices",
        "If A and B are free over rows and columns, the rectangular R-transforms of their Gram matrices add "
        "to that of the Gram matrix of A + B.",
        sp.Eq(parts[0], parts[1] + parts[2]),
        FromRectangularFreeness(ORDER),
        source="Benaych-Georges (2009), Rectangular random matrices, related convolution",
    )
