"""Exact moments of sparse ensembles: closed walks on a random tree, as polynomials in 1 / degree.

With g the generating function, in x, of closed walks from a vertex on its tree, the walk returns between
excursions to its neighbours: g = 1 / (1 - x S), S = sum_k w_k^2 g_k / degree over Poisson many neighbours.
Powers are needed, since a neighbour visited r times carries r independent walks on one tree:

    E[g^r] = sum_j binom(r + j - 1, j) x^j E[S^j]

and the moments of the compound Poisson sum S follow from its cumulants degree E[w^(2i)] E[g^i] / degree^i.
`counted` finds the same numbers by writing down every walk.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import Any

import sympy as sp
from sympy.polys.rings import ring

_RING, _D, _R = ring("d, r", sp.ZZ)


def even_weight_moment(weights: str, i: int) -> int:
    """E[w^(2i)]: 1 for unit weights, 1 3 5 ... (2i - 1) for Gaussian ones."""
    return 1 if weights == "unit" else int(sp.factorial2(2 * i - 1)) if i else 1


def moments(weights: str, degree: sp.Expr, ratio: sp.Expr, n: int) -> list[sp.Expr]:
    """[m_0, m_2, ..., m_2n] of the spectral measure of a row, n >= 0.

    ratio: rows over columns, 1 for a symmetric matrix; for X X' these are its moments of order 0, ..., n.
    """
    return [_shown(walks, k, degree, ratio) for k, walks in enumerate(recurrence(weights, n))]


def counted(weights: str, degree: sp.Expr, ratio: sp.Expr, n: int) -> list[sp.Expr]:
    """The same by enumeration of all closed walks that see a tree; the work grows as 6^n."""
    return [_shown(enumeration(weights, k), k, degree, ratio) for k in range(n + 1)]


def _shown(walks: Any, k: int, degree: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    """A polynomial in (d, r) over degree^k, with sums of powers of the degree apart."""
    terms = (
        count * sp.expand(ratio**power) * degree ** (edges - k)
        for (edges, power), count in sorted(walks.terms())
    )
    return sp.Add(*terms)


def star_moments(weights: str, n: int) -> list[Any]:
    """E[S^k] for k = 0, ..., n, in Z[d, r]: S the compound Poisson sum of the squared weights of a row."""
    found = [_RING(1)]
    for k in range(n):
        terms = (comb(k, i - 1) * even_weight_moment(weights, i) * found[k + 1 - i] for i in range(1, k + 2))
        found.append(_D * sum(terms, _RING(0)))
    return found


@lru_cache(maxsize=8)
def recurrence(weights: str, n: int) -> tuple[Any, ...]:
    """Expected numbers of closed walks of lengths 0, 2, ..., 2n from a row, in Z[d, r], entries w unscaled.

    d is the mean degree of a row, d r that of a column.
    """
    rates = (_D, _D * _R)
    # walks[kind][r][k]: r walks in a row of total length 2k; sums[kind][j][k]: E[S^j] at that length
    walks = [[[_RING(1)] + [_RING(0)] * n for _ in range(n + 1)] for _ in rates]
    sums = [[[_RING(int(j == 0 and k == 0)) for k in range(n + 1)] for j in range(n + 1)] for _ in rates]
    for k in range(n):
        for kind, rate in enumerate(rates):
            other = walks[1 - kind]
            for j in range(1, n - k + 1):
                total = _RING(0)
                for i in range(1, j + 1):
                    factor = comb(j - 1, i - 1) * even_weight_moment(weights, i)
                    pairs = (other[i][m] * sums[kind][j - i][k - m] for m in range(k + 1))
                    total += factor * sum(pairs, _RING(0))
                sums[kind][j][k] = rate * total
        for kind in range(len(rates)):
            for r in range(1, n + 1):
                walks[kind][r][k + 1] = sum(
                    (comb(r + j - 1, j) * sums[kind][j][k + 1 - j] for j in range(1, k + 2)), _RING(0)
                )
    return tuple(walks[0][1]) if n else (_RING(1),)


def enumeration(weights: str, k: int) -> Any:
    """The expected number of closed walks of length 2k, by listing them; vertices in order of first visit."""
    found = _RING(0)
    rates = (_D, _D * _R)

    def extend(path: list[int], parents: list[int], crossings: list[int], weight: Any) -> None:
        """path: depths decide the kind of a vertex. crossings[v]: of the edge from v to its parent."""
        nonlocal found
        here, left = path[-1], 2 * k - len(path) + 1
        if left == 0:
            if here == 0:
                product = 1
                for crossed in crossings[1:]:
                    product *= even_weight_moment(weights, crossed // 2)
                found += product * weight
            return
        if depth(parents, here) > left:
            return
        known = [v for v in range(1, len(parents)) if parents[v] == here] + ([parents[here]] if here else [])
        for v in known:
            edge = v if parents[v] == here and v else here
            crossings[edge] += 1
            extend([*path, v], parents, crossings, weight)
            crossings[edge] -= 1
        rate = rates[depth(parents, here) % 2]
        extend([*path, len(parents)], [*parents, here], [*crossings, 1], weight * rate)

    extend([0], [-1], [0], _RING(1))
    return found


def depth(parents: list[int], v: int) -> int:
    """Distance of a vertex from the root."""
    steps = 0
    while v:
        v, steps = parents[v], steps + 1
    return steps
