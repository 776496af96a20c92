"""A sparse matrix seen from one of its rows: a random tree, and what is exact about it.

A row has Poisson(degree) entries w / sqrt(degree); the row at the other end of each has further ones in
the same number (a symmetric matrix), or the column has Poisson(degree ratio) of them (a rectangular
one, N rows to N / ratio columns). Spectral measures are those of the Hermitian matrix ((0, X), (X', 0))
at a row, symmetric about 0.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels import even_moments

Array = NDArray[np.float64]

STEPS = 200  # of Newton's method; a triple root, where bands of solutions merge, gains 2/3 of an error a step


class Tree(NamedTuple):
    """The law of a row's tree: kind of weights, mean degree, and rows over columns (1: symmetric)."""

    weights: str
    degree: float
    ratio: float = 1.0

    @property
    def unit(self) -> float:
        """The length by which the spectrum is measured: the greatest norm of an entry, a row, a column."""
        return math.sqrt(max(1.0, 1.0 / self.degree, self.ratio))


@lru_cache(maxsize=64)
def even_spectral_moments(tree: Tree, count: int) -> Array:
    """m_0, m_2, ..., m_(2 count) of the row's spectral measure, lengths in `tree.unit`.

    Closed walks on the tree. With g the generating function of those from a row,
    E[g^r] = sum_j binom(r + j - 1, j) x^j E[S^j] with S = w_1^2 g_1 + w_2^2 g_2 + ..., w in `tree.unit`, and
    the moments of the compound Poisson sum S follow from its cumulants degree E[w^(2i)] E[g^i]. All terms are
    positive: no digit is lost. Every E[S^j] is part of a moment, so what overflows is the moment itself.
    """
    weights = even_moments(tree.weights, count, 1.0 / (tree.degree * tree.unit**2))
    reach = int(np.flatnonzero(weights)[-1])  # those of high order vanish in doubles where degrees are large
    weights = weights[: reach + 1]
    one_type = tree.ratio == 1.0
    rates = [tree.degree] if one_type else [tree.degree, tree.degree * tree.ratio]
    types = len(rates)
    walks = np.zeros((types, count + 1, count + 1))  # [type, r, n]: of total length 2n
    walks[:, :, 0] = 1.0
    sums = np.zeros((types, count + 1, count + 1))  # [type, j, n]: moments of the sum over its neighbours
    sums[:, 0, 0] = 1.0
    cumulants = np.zeros((types, reach, count + 1))  # [type, i - 1, n]: of the sum
    choose = np.array([[float(math.comb(n, k)) for k in range(count + 1)] for n in range(count + 1)])
    for n in range(count):
        for kind, rate in enumerate(rates):
            other = (kind + 1) % types
            cumulants[kind, :, n] = rate * weights[1:] * walks[other, 1 : reach + 1, n]
            for j in range(1, count - n + 1):
                # cumulants of order i = 1, ..., j at lengths 0, ..., n against moments of order j - i
                most = min(j, reach)
                before = sums[kind, j - most : j, : n + 1][::-1, ::-1]
                now = np.einsum("im,im->i", cumulants[kind, :most, : n + 1], before)
                sums[kind, j, n] = choose[j - 1, :most] @ now
        orders = np.arange(1, n + 2)
        powers = np.arange(1, max(count - n, 2))  # those that longer walks ask for, and the first
        back = choose[powers[:, None] + orders - 1, orders]
        for kind in range(types):
            walks[kind, powers, n + 1] = back @ sums[kind, orders, n + 1 - orders]
    return walks[0, 1].copy()


def mass_at_zero(tree: Tree) -> float:
    """Weight of the atom at 0 of the row's spectral measure.

    The greatest value, over x = exp(-d exp(-d r x)) with d the degree and r the ratio, of
    x - P(Poisson(d r x) >= 2) / r: rows that leaf removal isolates, less what their neighbours hold back.
    """
    return max(_unmatched(tree, _fixed_point(tree, start)) for start in (0.0, 1.0))


def _unmatched(tree: Tree, x: float) -> float:
    d, r = tree.degree, tree.ratio
    return math.exp(-d * math.exp(-d * r * x)) - two_or_more(d * r * x) / r


def two_or_more(u: float) -> float:
    """P(Poisson(u) >= 2) = 1 - (1 + u) exp(-u), without cancellation."""
    if u > 0.5:
        return -math.expm1(-u) - u * math.exp(-u)
    term, total = u * u / 2.0, 0.0
    for n in range(2, 24):
        total += term
        term *= u / (n + 1)
    return math.exp(-u) * total


def _fixed_point(tree: Tree, x: float) -> float:
    """The least (from x = 0) or the greatest (from 1) solution of x = exp(-d exp(-d r x)).

    The right-hand side is convex, then concave: Newton's method is monotone from either end.
    """
    d, r = tree.degree, tree.ratio
    for _ in range(STEPS):
        y = math.exp(-d * r * x)
        value = math.exp(-d * y)
        slope = 1.0 - d * d * r * y * value
        step = (value - x) / slope if slope > 0.0 else value - x
        following = min(max(x + step, 0.0), 1.0)
        if following == x:
            break
        x = following
    return x
