"""Exact means of traces of products of real Gaussian matrices, by Wick's theorem.

The mean of a product of Gaussian entries is the sum over all ways to pair them; each pair forces its indices
to agree, so a pairing contributes one factor of a dimension for every index that is left free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import sympy as sp

n, k = sp.symbols("n k", positive=True)
m = sp.Symbol("m", positive=True)


@cache
def mean_trace(power: int) -> sp.Expr:
    """E tr (x e' e x')^power for independent n x k matrices x and e of standard normal entries.

    In the trace b1 x mu1 e c1 e mu2 x b2 x mu3 ... the b and c take n values, the mu take k.
    """
    turns = range(power)
    of_x = [pair for j in turns for pair in ((("b", j), ("mu", 2 * j)), (("b", j + 1), ("mu", 2 * j + 1)))]
    of_e = [pair for j in turns for pair in ((("c", j), ("mu", 2 * j)), (("c", j), ("mu", 2 * j + 1)))]
    closed = [tuple((kind, i % power if kind == "b" else i) for kind, i in pair) for pair in of_x]
    total = sp.S.Zero
    for first in _pairings(closed):
        for second in _pairings(of_e):
            total += _free_indices((*first, *second))
    return sp.expand(total)


def over_random_columns(polynomial: sp.Expr, fraction: sp.Expr) -> sp.Expr:
    """The mean of a polynomial in k over k ~ Binomial(m, fraction), exact in m.

    k^j is a sum of falling factorials k (k-1) ... (k-i+1), whose means are those of m times fraction^i.
    """
    total = sp.S.Zero
    for (j,), coefficient in sp.Poly(polynomial, k).terms():
        for i in range(j + 1):
            stirling = sp.functions.combinatorial.numbers.stirling(j, i)
            total += coefficient * stirling * sp.expand(sp.ff(m, i), func=True) * fraction**i
    return sp.expand(total)


def limit_of_large(expression: sp.Expr, ratio: sp.Expr) -> sp.Expr:
    """The limit m -> oo of an expression in n and m at n = ratio m; `ValueError` if it diverges."""
    along = sp.Poly(sp.expand(sp.cancel(expression.subs(n, ratio * m) * m**20)), m)
    if along.degree() > 20:
        raise ValueError(f"{expression} has no limit")
    return along.coeff_monomial(m**20)


Pair = tuple[tuple[str, int], ...]


def _pairings(entries: Sequence[Pair]) -> Iterator[tuple[tuple[Pair, Pair], ...]]:
    if not entries:
        yield ()
        return
    first, *rest = entries
    for j, other in enumerate(rest):
        for tail in _pairings([*rest[:j], *rest[j + 1 :]]):
            yield ((first, other), *tail)


def _free_indices(pairs: Sequence[tuple[Pair, Pair]]) -> sp.Expr:
    """n and k to the numbers of classes of indices that the pairs leave free."""
    leader = {index: index for pair in pairs for entry in pair for index in entry}

    def find(index: tuple[str, int]) -> tuple[str, int]:
        while leader[index] != index:
            index = leader[index]
        return index

    for one, other in pairs:
        for left, right in zip(one, other, strict=True):
            leader[find(left)] = find(right)
    roots = [index for index in leader if find(index) == index]
    return sp.prod([k if kind == "mu" else n for kind, _ in roots])
