"""Upper bounds of ranks, read from the tree: how few columns a matrix X with X X' = A may have.

A - x of N rows has at most the rank r N where the law of A has at least the mass 1 - r at x.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from itertools import product

import sympy as sp

from ..algebra.plain import cancelled, identical
from .bounds import not_negative
from .ensembles import (
    Ensemble,
    FreeProduct,
    FreeSum,
    Gaussian,
    Gram,
    Hermitised,
    Rectangular,
    RectangularProduct,
    Scaled,
    Shifted,
    Wishart,
)
from .operations import Atoms, Compression, DirectSum, FreePoisson, FreePower, Image
from .rectangles import Factor, RectangularSum, Transposed

Bounds = tuple[sp.Expr, ...]


def rank_at_most(node: Ensemble, share: sp.Expr, facts: tuple[sp.Expr, ...]) -> sp.Expr | None:
    """A bound of the rank, over the number of rows, that is certainly at most `share` on the parameters'
    domain; None where the tree shows none."""
    for bound in ranks(node, sp.S.Zero):
        if not_negative(cancelled(share - bound), facts):
            return bound
    return None


@singledispatch
def ranks(node: Ensemble, place: sp.Expr) -> Bounds:
    """Upper bounds of the rank of A - place, over the rows of A; the trivial one is among them."""
    return (sp.S.One,)


@ranks.register
def _(node: Wishart, place: sp.Expr) -> Bounds:
    return (sp.S.One, 1 / node.ratio) if place == 0 else (sp.S.One,)


@ranks.register
def _(node: Atoms, place: sp.Expr) -> Bounds:
    masses = (mass for x, mass in zip(node.places, node.masses, strict=True) if identical(x, place))
    return (sp.S.One, *(cancelled(1 - mass) for mass in masses))


@ranks.register
def _(node: FreePoisson, place: sp.Expr) -> Bounds:
    if place != 0:
        return (sp.S.One,)
    return (sp.S.One, *(node.rate * bound for bound in ranks(node.jump, place)))


@ranks.register
def _(node: Scaled, place: sp.Expr) -> Bounds:
    return ranks(node.ensemble, place / node.factor)


@ranks.register
def _(node: Shifted, place: sp.Expr) -> Bounds:
    return ranks(node.ensemble, place - node.offset)


@ranks.register
def _(node: FreeSum, place: sp.Expr) -> Bounds:
    if place != 0:
        return (sp.S.One,)
    return (sp.S.One, *_sums(ranks(part, place) for part in node.parts))


@ranks.register
def _(node: FreeProduct, place: sp.Expr) -> Bounds:
    return tuple(bound for part in node.parts for bound in ranks(part, place)) if place == 0 else (sp.S.One,)


@ranks.register
def _(node: DirectSum, place: sp.Expr) -> Bounds:
    weighted = zip(node.weights, node.parts, strict=True)
    return _sums(tuple(w * bound for bound in ranks(part, place)) for w, part in weighted)


@ranks.register
def _(node: Compression, place: sp.Expr) -> Bounds:
    return (sp.S.One, *(bound / node.fraction for bound in ranks(node.ensemble, place)))


@ranks.register
def _(node: FreePower, place: sp.Expr) -> Bounds:
    """A corner of `exponent` times the ensemble."""
    return (sp.S.One, *(bound * node.exponent for bound in ranks(node.ensemble, place / node.exponent)))


@ranks.register
def _(node: Image, place: sp.Expr) -> Bounds:
    return ranks(node.ensemble, sp.S.Zero) if identical(node.coefficients[0], place) else (sp.S.One,)


@ranks.register
def _(node: Gram, place: sp.Expr) -> Bounds:
    rows = node.factor.rows
    return tuple(bound / rows for bound in _of_rectangle(node.factor)) if place == 0 else (sp.S.One,)


@ranks.register
def _(node: Hermitised, place: sp.Expr) -> Bounds:
    doubled = (2 * bound for bound in _of_rectangle(node.factor))
    return (sp.S.One, *doubled) if place == 0 else (sp.S.One,)


def _of_rectangle(node: Rectangular) -> Bounds:
    """Upper bounds of its rank, in units of N; its rows are among them."""
    if isinstance(node, Transposed):
        return (node.rows, *_of_rectangle(node.factor))
    if isinstance(node, RectangularProduct):
        return tuple(bound for factor in node.factors for bound in _of_rectangle(factor))
    if isinstance(node, RectangularSum):
        return (node.rows, node.columns, *_sums(_of_rectangle(part) for part in node.parts))
    if isinstance(node, Factor):
        return (node.columns, *(node.rows * bound for bound in ranks(node.gram, sp.S.Zero)))
    assert isinstance(node, Gaussian)
    return (node.rows, node.columns)


def _sums(parts: Iterable[Bounds]) -> Bounds:
    return tuple(sp.Add(*bounds) for bounds in product(*parts))
