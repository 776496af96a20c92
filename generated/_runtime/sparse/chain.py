"""A product of sparse matrices X_1 ... X_L seen from a row: a tree in layers, and what is exact about it.

A vertex of layer k - 1 has Poisson(degrees[k - 1]) neighbours in layer k, one of layer k has
Poisson(degrees[k - 1] ratios[k - 1]) in layer k - 1, through entries w / sqrt(degree) of X_k. Spectral
measures are those of ((0, P), (P', 0)), P the product, at a row: symmetric about 0.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels import even_moments
from .tree import two_or_more

Array = NDArray[np.float64]

STEPS = 20000  # the mass is stationary: it has a third of the digits more than its slowest approach leaves
SETTLED = 1e-13


class Chain(NamedTuple):
    """Kind of weights; mean number of entries of a row, and rows over columns, of every factor."""

    weights: str
    degrees: tuple[float, ...]
    ratios: tuple[float, ...]

    @property
    def units(self) -> tuple[float, ...]:
        """The squared length by which each factor is measured: the greatest of an entry, a row, a column."""
        return tuple(max(1.0, 1.0 / c, r) for c, r in zip(self.degrees, self.ratios, strict=True))

    @property
    def unit(self) -> float:
        """The length by which the spectrum is measured: the product of the factors'."""
        return math.sqrt(math.prod(self.units))


@lru_cache(maxsize=64)
def even_spectral_moments(chain: Chain, count: int) -> Array:
    """m_0, m_2, ..., m_(2 count) of the row's spectral measure, lengths in `chain.unit`.

    Walks through the layers. With x a round trip, T_k the sum of w^2 R_(k-1) over the left neighbours of a
    vertex of layer k and S_k that of w^2 L_k over the right ones of one of layer k - 1,

        R_k = T_k / (1 - x T_k S_(k+1)),   R_0 = 1 / (1 - x S_1)
        L_k = S_(k+1) / (1 - x T_k S_(k+1)),   L_L = 1 / (1 - x T_L)

    and powers of both follow order by order. All terms are positive: no digit is lost.
    """
    factors = len(chain.degrees)
    # of entries in their unit: those of Gaussian weights alone overflow, and of many small entries vanish
    weights = [
        even_moments(chain.weights, count + 1, 1.0 / (c * u))
        for c, u in zip(chain.degrees, chain.units, strict=True)
    ]
    choose = np.array([[float(math.comb(n, k)) for k in range(count + 2)] for n in range(count + 2)])
    # tables[power, order in x]; S_0, T_0, L_0 and R_L stay unused
    right, left, s, t = np.zeros((4, factors + 1, count + 2, count + 1))
    for table in (right, left, s, t):
        table[:, 0, 0] = 1.0

    def compound(sums: Array, of: Array, rate: float, sized: Array, m: int) -> None:
        reach = int(np.flatnonzero(sized)[-1])
        cumulants = rate * sized[1 : reach + 1, None] * of[1 : reach + 1, : m + 1]
        for j in range(1, count + 2 - m):
            most = min(j, reach)
            now = np.einsum("im,im->i", cumulants[:most], sums[j - most : j, : m + 1][::-1, ::-1])
            sums[j, m] = choose[j - 1, :most] @ now

    def message(out: Array, along: Array | None, across: Array, m: int) -> None:
        total = np.zeros(count + 1 - m)
        for j in range(m + 1):
            many = np.array([choose[p + j - 1, j] for p in range(1, count + 2 - m)])
            if along is None:
                total += many * across[j, m - j]
            else:
                total += many * (along[1 + j : count + 2 - m + j, : m - j + 1] @ across[j, m - j :: -1])
        out[1 : count + 2 - m, m] = total

    for m in range(count + 1):
        for k in range(factors):
            message(right[k], t[k] if k else None, s[k + 1], m)
            compound(t[k + 1], right[k], chain.degrees[k] * chain.ratios[k], weights[k], m)
        for k in reversed(range(1, factors + 1)):
            message(left[k], s[k + 1] if k < factors else None, t[k], m)
            compound(s[k], left[k], chain.degrees[k - 1], weights[k - 1], m)
    return right[0, 1].copy()


def mass_at_zero(chain: Chain) -> float:
    """Weight of the atom at 0 of the row's spectral measure: 1 - rank of the product over its rows.

    a_k is the chance that a vertex of layer k, its neighbour to the left removed, has a path to spare to
    layer L, b_k that one of layer k, its neighbour to the right removed, has one to layer 0:

        b_0 = exp(-S_1),   b_k = (1 - exp(-T_k)) exp(-S_(k+1)),    S_k = degree_k a_k
        a_L = exp(-T_L),   a_k = (1 - exp(-S_(k+1))) exp(-T_k),    T_k = degree_k ratio_k b_(k-1)

    The vertices with a path to the right and two or more to the left, with those of layer 0 that have one
    to the right, cut layer 0 from layer L. The mass is the greatest value, over the solutions, that the
    rest of layer 0 leaves. Each of the layers is tried as the cut from which the solution is approached.
    """
    return max(_left_over(chain, *_solution(chain, layer)) for layer in range(len(chain.degrees) + 1))


def _solution(chain: Chain, cut: int) -> tuple[list[float], list[float]]:
    """S_1, ..., S_L and T_1, ..., T_L of the solution that is approached from a cut at that layer."""
    degrees = chain.degrees
    back = [c * r for c, r in zip(degrees, chain.ratios, strict=True)]
    factors = len(degrees)
    s = [c if k >= cut else 0.0 for k, c in enumerate(degrees)]
    t = [d if k < cut else 0.0 for k, d in enumerate(back)]
    for _ in range(STEPS):
        before = [*s, *t]
        for k in range(factors):
            t[k] = back[k] * math.exp(-s[k]) * (-math.expm1(-t[k - 1]) if k else 1.0)
        for k in reversed(range(factors)):
            s[k] = degrees[k] * math.exp(-t[k]) * (-math.expm1(-s[k + 1]) if k + 1 < factors else 1.0)
        if all(abs(x - y) <= SETTLED * y for x, y in zip(before, (*s, *t), strict=True)):
            break
    return s, t


def _left_over(chain: Chain, s: list[float], t: list[float]) -> float:
    """Share of layer 0 beyond the size of the cut."""
    value, size = math.exp(-s[0]), 1.0
    for k, ratio in enumerate(chain.ratios):
        size /= ratio
        value -= size * two_or_more(t[k]) * (-math.expm1(-s[k + 1]) if k + 1 < len(s) else 1.0)
    return value
