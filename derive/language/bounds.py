"""Bounds of an ensemble's spectrum, read from its tree: enough to tell nonnegative factors."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from itertools import combinations
from typing import Any

import sympy as sp

from ..algebra.plain import is_positive
from ..algebra.radicals import constant_sign, vanishes
from ..algebra.signs import Undecided
from .ensembles import (
    Ensemble,
    FreeProduct,
    FreeSum,
    Gaussian,
    Gram,
    Hermitised,
    Scaled,
    Shifted,
    Wigner,
    Wishart,
)
from .operations import (
    Anticommutator,
    Atoms,
    Cauchy,
    Commutator,
    Compression,
    DirectSum,
    Equilibrium,
    FreePoisson,
    FreePower,
    Image,
    Inverse,
)


@singledispatch
def interval(node: Ensemble, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    """Expressions (low, high) that enclose the spectrum; -oo and oo where nothing better is known."""
    raise TypeError(f"no bounds of {type(node).__name__}")


@interval.register
def _(node: Wigner, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    radius = 2 * sp.sqrt(node.variance)
    return -radius, radius


@interval.register
def _(node: Wishart, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    return _marchenko_pastur(node.ratio, node.scale, facts)


def _marchenko_pastur(ratio: sp.Expr, scale: sp.Expr, facts: tuple[sp.Expr, ...]) -> tuple[sp.Expr, sp.Expr]:
    full = constant_sign(1 - ratio, where=facts) == 1  # else there is an atom at 0
    low = scale * (1 - sp.sqrt(ratio)) ** 2 if full else sp.S.Zero
    return low, scale * (1 + sp.sqrt(ratio)) ** 2


@interval.register
def _(node: FreeSum, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    parts = [interval(part, facts) for part in node.parts]
    return sp.Add(*(low for low, _ in parts)), sp.Add(*(high for _, high in parts))


@interval.register
def _(node: Shifted, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    low, high = interval(node.ensemble, facts)
    return low + node.offset, high + node.offset


@interval.register
def _(node: Scaled, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    sign = constant_sign(node.factor, where=facts)
    if sign not in (1, -1):
        return -sp.oo, sp.oo
    ends = [end * node.factor for end in interval(node.ensemble, facts)]
    return (ends[0], ends[1]) if sign == 1 else (ends[1], ends[0])


@interval.register
def _(node: FreeProduct, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    parts, sign = [], 1
    for low, high in (interval(part, facts) for part in node.parts):
        if not not_negative(low, facts):
            if not not_negative(-high, facts):
                return -sp.oo, sp.oo
            low, high, sign = -high, -low, -sign
        parts.append((low, high))
    high = sp.oo if any(high.has(sp.oo) for _, high in parts) else sp.Mul(*(high for _, high in parts))
    low = sp.Mul(*(low for low, _ in parts))
    return (low, high) if sign == 1 else (-high, -low)


@interval.register
def _(node: Gram, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    factor = node.factor
    if isinstance(factor, Gaussian):
        return _marchenko_pastur(factor.rows / factor.columns, factor.variance * factor.columns, facts)
    return sp.S.Zero, sp.oo


@interval.register
def _(node: Hermitised, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    return -sp.oo, sp.oo


@interval.register
def _(node: Atoms, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    return _lowest(node.places, facts), -_lowest(tuple(-x for x in node.places), facts)


@interval.register
def _(node: Equilibrium, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    return -node.radius, node.radius


@interval.register
def _(node: FreePoisson, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    low, high = interval(node.jump, facts)
    return (
        sp.S.Zero if not_negative(low, facts) else -sp.oo,
        sp.S.Zero if not_negative(-high, facts) else sp.oo,
    )


@interval.register
def _(node: Inverse, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    """0 is no point of the spectrum, so semidefinite is definite."""
    low, high = interval(node.ensemble, facts)
    if sign_of_bound(low, facts) == 1 or sign_of_bound(high, facts) == -1:
        return tuple(sp.S.Zero if end.has(sp.oo, -sp.oo) else 1 / end for end in (high, low))
    if not_negative(low, facts):
        return sp.S.Zero if high.has(sp.oo) else 1 / high, sp.oo
    if not_negative(-high, facts):
        return -sp.oo, sp.S.Zero if low.has(-sp.oo) else 1 / low
    return -sp.oo, sp.oo


@interval.register
def _(node: Image, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    """An even polynomial, and one of a nonnegative matrix, with positive coefficients is bounded below."""
    even = all(c == 0 for c in node.coefficients[1::2])
    signs = {constant_sign(c, where=facts) for c in node.coefficients[2::2] if c != 0}
    if even and signs == {1}:
        return node.coefficients[0], sp.oo
    low, _ = interval(node.ensemble, facts)
    rest = {constant_sign(c, where=facts) for c in node.coefficients[1:] if c != 0}
    if rest == {1} and not_negative(low, facts):
        return sp.Add(*(c * low**k for k, c in enumerate(node.coefficients))), sp.oo
    return -sp.oo, sp.oo


@interval.register
def _(node: DirectSum, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    parts = [interval(part, facts) for part in node.parts]
    return _lowest(tuple(low for low, _ in parts), facts), -_lowest(tuple(-high for _, high in parts), facts)


@interval.register
def _(node: FreePower, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    """It is a corner of the ensemble, times the exponent."""
    low, high = interval(node.ensemble, facts)
    return low * node.exponent, high * node.exponent


@interval.register
def _(node: Compression, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    return interval(node.ensemble, facts)


@interval.register(Commutator)
@interval.register(Anticommutator)
@interval.register(Cauchy)
def _(node: Commutator | Anticommutator | Cauchy, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    return -sp.oo, sp.oo


def _lowest(values: tuple[sp.Expr, ...], facts: tuple[sp.Expr, ...]) -> sp.Expr:
    """A lower bound of all the values: one of them, 0 where none is negative, or -oo."""
    if any(value == -sp.oo for value in values):
        return -sp.oo
    finite = [value for value in values if value != sp.oo]
    for candidate in finite:
        if all(other is candidate or not_negative(other - candidate, facts) for other in finite):
            return candidate
    return sp.S.Zero if all(not_negative(value, facts) for value in finite) else -sp.oo


def sign_of_bound(bound: sp.Expr, facts: tuple[sp.Expr, ...]) -> int | None:
    """The strict sign of a bound on all of the domain; None where infinite, not constant or undecided."""
    if bound.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
        return None
    try:
        sign = constant_sign(bound, where=facts)
    except Undecided:
        return None
    return sign if sign in (1, -1) else None


def not_negative(bound: sp.Expr, facts: tuple[sp.Expr, ...]) -> bool:
    """Whether an expression, oo included, is certainly 0 or more on all of the domain."""
    if bound.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
        return bool(bound == sp.oo)
    try:
        return bool(vanishes(bound, where=facts)) or constant_sign(bound, where=facts) == 1
    except Undecided:
        return False


def end_at_zero(
    node: Ensemble, ends: Iterable[tuple[sp.Symbol, sp.Rational]], facts: tuple[sp.Expr, ...]
) -> dict[sp.Symbol, sp.Rational] | None:
    """Ends of parameters at which the bounds no longer hold 0 outside the spectrum, as they do inside.

    None where there are none, and where the bounds do not on the interior either.
    """
    for bound, side in zip(interval(node, facts), (1, -1), strict=True):
        if sign_of_bound(bound, facts) == side:
            break
    else:
        return None
    ends = tuple(ends)
    for count in range(1, len(ends) + 1):
        for chosen in combinations(ends, count):
            values = dict(chosen)
            rest = tuple(fact for fact in facts if not fact.has(*values))
            if len(values) == count and sign_of_bound(bound.subs(values), rest) != side:
                return values
    return None


def is_nonnegative(node: Ensemble, facts: Iterable[Any] = ()) -> bool:
    """Whether the spectrum is certainly nonnegative on all of the parameters' domain."""
    return _plainly_nonnegative(node) or not_negative(interval(node, tuple(facts))[0], tuple(facts))


def is_nonpositive(node: Ensemble, facts: Iterable[Any] = ()) -> bool:
    """Whether the spectrum has certainly nothing above 0 on all of the parameters' domain."""
    return not_negative(-interval(node, tuple(facts))[1], tuple(facts))


def _plainly_nonnegative(node: Ensemble) -> bool:
    """Whether the tree alone shows it: X X' and what keeps it nonnegative need no bounds to be found."""
    if isinstance(node, (FreeSum, FreeProduct, DirectSum)):
        return all(_plainly_nonnegative(part) for part in node.parts)
    if isinstance(node, (Compression, FreePower)):
        return _plainly_nonnegative(node.ensemble)
    if isinstance(node, (Scaled, Shifted)):
        number = node.factor if isinstance(node, Scaled) else node.offset
        return is_positive(number) and _plainly_nonnegative(node.ensemble)
    if isinstance(node, Atoms):
        return all(place == 0 or is_positive(place) for place in node.places)
    return isinstance(node, (Wishart, Gram))
