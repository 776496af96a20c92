"""Exact moments of products of sparse matrices: closed walks through the layers of a random tree.

A walk of tr((X_1 ... X_L X_L' ... X_1')^n) goes from layer 0 to layer L and back, n times over. On its way
out it uses R, on its way back L: the generating functions, in x a round trip, of walks that enter a vertex
of layer k from the left and leave it to the left (L_k), or from the right to the right (R_k), with the
other end taken away:

    R_0 = 1 / (1 - x S_1),   R_k = T_k / (1 - x T_k S_(k+1))
    L_L = 1 / (1 - x T_L),   L_k = S_(k+1) / (1 - x T_k S_(k+1))

with S_k the sum of w^2 L_k over the neighbours in layer k of a vertex of layer k - 1, and T_k that of w^2
R_(k-1) over those in layer k - 1 of a vertex of layer k.

As in `derive.sparse.tree_moments` powers are needed, E[R_k^n] = sum_j binom(n + j - 1, j) x^j E[T_k^(n+j)]
E[S_(k+1)^j], and the moments of the compound Poisson sums follow from their cumulants. `counted` lists the
walks one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb
from typing import Any

import sympy as sp
from sympy.polys.rings import ring

from .tree_moments import even_weight_moment

Table = list[list[Any]]  # [power][order in x]


def chain_moments(
    weights: str, degrees: tuple[sp.Expr, ...], ratios: tuple[sp.Expr, ...], n: int
) -> list[sp.Expr]:
    """[m_0, ..., m_n] of X_1 ... X_L X_L' ... X_1', entries w / sqrt(degree), n >= 0.

    degrees: mean number of entries of a row of each factor. ratios: rows over columns of each.
    """
    return [_shown(walks, k, degrees, ratios) for k, walks in enumerate(recurrence(weights, len(degrees), n))]


def counted(weights: str, degrees: tuple[sp.Expr, ...], ratios: tuple[sp.Expr, ...], n: int) -> list[sp.Expr]:
    """The same by enumeration of all walks that see a tree."""
    return [_shown(enumeration(weights, len(degrees), k), k, degrees, ratios) for k in range(n + 1)]


def _ring(factors: int) -> tuple[Any, list[Any], list[Any]]:
    """Z[d_1, ..., d_L, r_1, ..., r_L]: mean degrees to the right, and d_k r_k to the left."""
    names = [f"d{k + 1}" for k in range(factors)] + [f"r{k + 1}" for k in range(factors)]
    domain, *generators = ring(names, sp.ZZ)
    return domain, generators[:factors], generators[factors:]


def _shown(walks: Any, k: int, degrees: tuple[sp.Expr, ...], ratios: tuple[sp.Expr, ...]) -> sp.Expr:
    """A polynomial in (d, r) over the k-th powers of the degrees, with powers of the degrees apart."""
    count = len(degrees)
    terms = []
    for powers, number in sorted(walks.terms()):
        edges = (degree ** (power - k) for degree, power in zip(degrees, powers[:count], strict=True))
        shapes = (ratio**power for ratio, power in zip(ratios, powers[count:], strict=True))
        terms.append(number * sp.expand(sp.Mul(*shapes)) * sp.Mul(*edges))
    return sp.Add(*terms)


def star_moments(weights: str, factors: int, n: int) -> list[Any]:
    """Walks along one path from a vertex of layer 1 on, with all of its neighbours and all of the last one's.

    E[T_1^k S_L^k product of w^(2k) on the edges between], over the number of rows of X_1: what `PathsBelow`
    bounds the moments by; one star of all neighbours for one factor.
    """
    domain, degrees, ratios = _ring(factors)
    rows = _star(weights, degrees[0] * ratios[0], n, domain)
    if factors == 1:
        return _star(weights, degrees[0], n, domain)
    ends = _star(weights, degrees[-1], n, domain)
    found = [domain(1)]
    for k in range(1, n + 1):
        value = rows[k].exquo(ratios[0]) * ends[k]  # a vertex of layer 1 counts 1 / r_1 times
        for degree in degrees[1:-1]:
            value *= degree * even_weight_moment(weights, k)
        found.append(value)
    return found


def _star(weights: str, rate: Any, n: int, domain: Any) -> list[Any]:
    """Moments of the sum of squared weights over a Poisson number of that mean."""
    found = [domain(1)]
    for k in range(n):
        terms = (comb(k, i - 1) * even_weight_moment(weights, i) * found[k + 1 - i] for i in range(1, k + 2))
        found.append(rate * sum(terms, domain(0)))
    return found


@lru_cache(maxsize=8)
def recurrence(weights: str, factors: int, n: int) -> tuple[Any, ...]:
    """Expected numbers of closed walks of 0, ..., n round trips from layer 0, entries w unscaled."""
    _, degrees, ratios = _ring(factors)
    return round_trips(weights, degrees, ratios, n)


def round_trips(weights: str, degrees: Sequence[Any], ratios: Sequence[Any], n: int) -> tuple[Any, ...]:
    """The same for degrees and ratios of any one ring that holds the integers: polynomials, fractions."""
    factors = len(degrees)
    rates = [degree * ratio for degree, ratio in zip(degrees, ratios, strict=True)]

    def domain(number: int) -> Any:
        return number + 0 * degrees[0]

    def table() -> Table:
        """Powers 0 to n + 1, by orders in x; the power 0 is 1."""
        return [[domain(int(power == 0))] + [domain(0)] * n for power in range(n + 2)]

    # numbered as in the docstring; S[0], T[0], L[0] and R[L] stay unused
    right, left, s, t = ([table() for _ in range(factors + 1)] for _ in range(4))

    def compound(sums: Table, of: Table, rate: Any, m: int) -> None:
        for j in range(1, n + 2 - m):
            total = domain(0)
            for i in range(1, j + 1):
                factor = comb(j - 1, i - 1) * even_weight_moment(weights, i)
                total += factor * sum((of[i][a] * sums[j - i][m - a] for a in range(m + 1)), domain(0))
            sums[j][m] = rate * total

    def message(out: Table, along: Table | None, across: Table, m: int) -> None:
        """E[out^p] at order m; `along` is None at the two ends, where the numerator is 1."""
        for p in range(1, n + 2 - m):
            total = domain(0)
            for j in range(m + 1):
                if along is None:
                    part = across[j][m - j]
                else:
                    part = sum((along[p + j][a] * across[j][m - j - a] for a in range(m - j + 1)), domain(0))
                total += comb(p + j - 1, j) * part
            out[p][m] = total

    for m in range(n + 1):
        for k in range(factors):
            message(right[k], t[k] if k else None, s[k + 1], m)
            compound(t[k + 1], right[k], rates[k], m)
        for k in reversed(range(1, factors + 1)):
            message(left[k], s[k + 1] if k < factors else None, t[k], m)
            compound(s[k], left[k], degrees[k - 1], m)
    return tuple(right[0][1])


def enumeration(weights: str, factors: int, k: int) -> Any:
    """The expected number of closed walks of k round trips, listed; vertices in order of first visit."""
    domain, degrees, ratios = _ring(factors)
    found = domain(0)
    period = [*range(factors), *range(factors, 0, -1)]  # layers of one round trip

    def extend(
        step: int, path: list[int], tree: list[tuple[int, int]], crossed: list[int], rate: Any
    ) -> None:
        """tree: layer and parent of each vertex. crossed: how often the edge to the parent was."""
        nonlocal found
        here, left = path[-1], 2 * factors * k - step
        if left == 0:
            if here == 0:
                product = 1
                for times in crossed[1:]:
                    product *= even_weight_moment(weights, times // 2)
                found += product * rate
            return
        if _depth(tree, here) > left:
            return
        layer, parent = tree[here]
        following = period[(step + 1) % len(period)]
        for v, (its_layer, its_parent) in list(enumerate(tree)):
            if its_layer == following and (its_parent == here or v == parent):
                edge = v if its_parent == here else here
                crossed[edge] += 1
                extend(step + 1, [*path, v], tree, crossed, rate)
                crossed[edge] -= 1
        mean = degrees[layer] if following > layer else degrees[following] * ratios[following]
        extend(step + 1, [*path, len(tree)], [*tree, (following, here)], [*crossed, 1], rate * mean)

    extend(0, [0], [(0, -1)], [0], domain(1))
    return found


def _depth(tree: list[tuple[int, int]], v: int) -> int:
    """Distance of a vertex from the root."""
    steps = 0
    while v:
        v, steps = tree[v][1], steps + 1
    return steps
