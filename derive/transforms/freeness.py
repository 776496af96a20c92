"""The addition and multiplication of free variables, held against the definition of freeness.

Mixed moments of free a and b follow from (9)-(10) alone: the product of the centred alternating
factors has mean 0, which gives a longer moment from shorter ones. With indeterminate moments
a_1, a_2, ... and b_1, b_2, ... this decides, order by order and exactly, that free cumulants add,
that S-transforms multiply, and what commutators come to. The theorems for all orders (Voiculescu; Nica
and Speicher for commutators) are quoted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import combinations, groupby, product

import sympy as sp

from ..algebra.expansions import cumulants_from_moments, inverse
from ..algebra.expansions import product as series_product
from ..algebra.rings import Fraction, Ring
from ..derivation import CertificateError, Step
from ..laws import g

ORDER_SUM, ORDER_PRODUCT, ORDER_COMMUTATOR = 5, 4, 4
_RING = Ring(tuple(sp.Symbol(f"{letter}_{k}") for letter in "ab" for k in range(1, 6)))
_ZERO, _ONE = _RING.fraction(0), _RING.fraction(1)

Word = tuple[tuple[str, int], ...]


def _moment(letter: str, power: int) -> Fraction:
    return _RING.fraction(sp.Symbol(f"{letter}_{power}"))


def _merge(letters: tuple[tuple[str, int], ...]) -> Word:
    """Neighbouring powers of the same letter added up, around the cycle too (the state is tracial)."""
    merged = [(letter, sum(p for _, p in run)) for letter, run in groupby(letters, key=lambda item: item[0])]
    if len(merged) > 1 and merged[0][0] == merged[-1][0]:
        merged[0] = (merged[0][0], merged[0][1] + merged.pop()[1])
    return tuple(merged)


@cache
def mixed_moment(word: Word) -> Fraction:
    """The mean of an alternating word in free a and b, from the definition (9)-(10)."""
    if not word:
        return _ONE
    if len(word) == 1:
        return _moment(*word[0])
    total, places = _ZERO, range(len(word))
    for size in range(1, len(word) + 1):
        for chosen in combinations(places, size):
            term = mixed_moment(_merge(tuple(word[i] for i in places if i not in chosen)))
            for i in chosen:
                term = term * _moment(*word[i])
            total = total + term if size % 2 else total - term
    return total


@dataclass(frozen=True)
class FromFreeness:
    """A law of free variables, checked with indeterminate moments up to an order."""

    operation: str
    order: int

    def check(self) -> None:
        fails = {"sum": _sum_fails, "product": _product_fails, "commutator": _commutator_fails}
        wrong = fails[self.operation](self.order)
        if wrong:
            raise CertificateError(f"the law for a free {self.operation} fails at order {wrong}")

    @property
    def summary(self) -> str:
        whose = "Nica & Speicher" if self.operation == "commutator" else "Voiculescu"
        return f"theorem ({whose}); orders 1 to {self.order} decided exactly from the definition of freeness"


def _letters(letter: str, n: int) -> list[Fraction]:
    return [_moment(letter, k) for k in range(1, n + 1)]


@cache
def _sum_fails(n: int) -> int:
    moments = []
    for k in range(1, n + 1):
        total = _ZERO
        for word in product("ab", repeat=k):
            total = total + mixed_moment(_merge(tuple((letter, 1) for letter in word)))
        moments.append(total)
    kappa = [cumulants_from_moments(m, _ZERO, _ONE) for m in (moments, _letters("a", n), _letters("b", n))]
    for k, (of_sum, of_a, of_b) in enumerate(zip(*kappa, strict=True), 1):
        if not (of_sum - of_a - of_b).numerator.is_zero():
            return k
    return 0


@cache
def _product_fails(n: int) -> int:
    moments = [mixed_moment((("a", 1), ("b", 1)) * k) for k in range(1, n + 1)]
    # chi = t S/(1 + t) inverts psi; chi_ab (1 + t)/t = [chi_a (1 + t)/t] [chi_b (1 + t)/t]
    chi = [
        inverse([_ZERO, *m], n + 1, _ZERO, _ONE)[1:] for m in (moments, _letters("a", n), _letters("b", n))
    ]
    left = chi[0]
    right = series_product(series_product(chi[1], chi[2], n, _ZERO), [_ONE, _ONE], n, _ZERO)
    for k, (one, two) in enumerate(zip(left, right, strict=True), 1):
        if not (one - two).numerator.is_zero():
            return k
    return 0


@cache
def _commutator_fails(n: int) -> int:
    """A B + B A and i (A B - B A), the odd moments of A and B being 0, against R-diagonal cumulants."""
    words = ((("a", 1), ("b", 1)), (("b", 1), ("a", 1)))
    square = [_symmetric(mixed_moment((("a", 2), ("b", 2)) * k)) for k in range(1, n // 2 + 1)]
    alpha = cumulants_from_moments(cumulants_from_moments(square, _ZERO, _ONE), _ZERO, _ONE)
    for sign in (1, -1):
        moments = []
        for k in range(1, n + 1):
            total = _ZERO
            for choice in product((0, 1), repeat=k):
                word = tuple(letter for i in choice for letter in words[i])
                term = _symmetric(mixed_moment(_merge(word)))
                total = total + term if sign == 1 or sum(choice) % 2 == 0 else total - term
            if sign == -1 and k % 4 == 2:  # i^k; odd orders vanish
                total = _ZERO - total
            moments.append(total)
        for k, kappa in enumerate(cumulants_from_moments(moments, _ZERO, _ONE), 1):
            expected = alpha[k // 2 - 1] + alpha[k // 2 - 1] if k % 2 == 0 else _ZERO
            if not (kappa - expected).numerator.is_zero():
                return k
    return 0


def _symmetric(moment: Fraction) -> Fraction:
    """A mixed moment with the odd moments of both letters 0."""
    top = moment.numerator
    for letter in "ab":
        for k in (1, 3, 5):
            top = top.subs({f"x{_RING.index(sp.Symbol(f'{letter}_{k}'))}": 0})
    return Fraction(top, moment.denominator)


def commutation() -> Step:
    """The step that quotes the commutator of symmetric free variables."""
    v = sp.Symbol("v")
    alpha = sp.Function("alpha")
    cumulants = v * sp.Function("R_M")(v)
    return Step(
        "Commutators of free symmetric variables",
        "If A and B are free and of symmetric law, A B is R-diagonal: with M of the law of A^2 @ B^2 and "
        "alpha(w) = sum alpha_n w^n, the alphas are the free cumulants of the sequence whose moments are the "
        "free cumulants of M, and A B + B A and i (A B - B A) have the free cumulants kappa_2n = 2 alpha_n.",
        sp.Eq(alpha(v * (1 + cumulants)), cumulants, evaluate=False),
        FromFreeness("commutator", ORDER_COMMUTATOR),
        source="Nica & Speicher (1998), Commutators of free random variables",
    )


def addition() -> Step:
    """The step that quotes the addition of R-transforms."""
    parts = [sp.Function(f"R_{name}")(g) for name in ("A+B", "A", "B")]
    return Step(
        "Addition of free variables",
        "If A and B are free, the free cumulants of A + B are the sums, so R-transforms add.",
        sp.Eq(parts[0], parts[1] + parts[2]),
        FromFreeness("sum", ORDER_SUM),
        source="Pennington & Bahri (2017), eqs. 9-10 and 14",
    )


def multiplication() -> Step:
    """The step that quotes the multiplication of S-transforms."""
    t = sp.Symbol("t")
    parts = [sp.Function(f"S_{name}")(t) for name in ("AB", "A", "B")]
    return Step(
        "Multiplication of free variables",
        "If A and B are free and A is nonnegative, the S-transforms of A and B multiply to that of "
        "A^(1/2) B A^(1/2).",
        sp.Eq(parts[0], parts[1] * parts[2]),
        FromFreeness("product", ORDER_PRODUCT),
    )
