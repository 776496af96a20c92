"""Bounds of an ensemble's spectrum, read from its tree: enough to tell nonnegative factors."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from typing import Any

import sympy as sp

from .ensembles import Ensemble, FreeProduct, FreeSum, Gram, Hermitised, Scaled, Shifted, Wigner, Wishart
from .radicals import constant_sign, vanishes
from .signs import Undecided


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
    return sp.S.Zero, node.scale * (1 + sp.sqrt(node.ratio)) ** 2


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


@interval.register(Gram)
@interval.register(FreeProduct)
def _(node: Gram | FreeProduct, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    nonnegative = isinstance(node, Gram) or all(is_nonnegative(part, facts) for part in node.parts)
    return (sp.S.Zero if nonnegative else -sp.oo), sp.oo


@interval.register
def _(node: Hermitised, facts: tuple[sp.Expr, ...] = ()) -> tuple[sp.Expr, sp.Expr]:
    return -sp.oo, sp.oo


def is_nonnegative(node: Ensemble, facts: Iterable[Any] = ()) -> bool:
    """Whether the spectrum is certainly nonnegative on all of the parameters' domain."""
    low, _ = interval(node, tuple(facts))
    if low.has(sp.oo, -sp.oo, sp.zoo, sp.nan):
        return False
    try:
        return vanishes(low, where=facts) or constant_sign(low, where=facts) == 1
    except Undecided:
        return False
