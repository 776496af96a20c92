"""Exact means of traces of random matrices with independent entries of any law, by closed walks.

E tr M^k is a sum over closed walks of k steps between indices. Walks that meet equal and different
indices in the same pattern contribute the same: a pattern with b different indices occurs
n (n - 1) ... (n - b + 1) times, and contributes the product of E h^q over its entries, each used q times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache

import sympy as sp

Moments = Callable[[int], sp.Expr]
Pattern = tuple[int, int, tuple[int, ...]]


def gaussian(variance: sp.Expr) -> Moments:
    """E h^q of a centred normal entry of that variance."""
    return lambda q: sp.S.Zero if q % 2 else sp.factorial2(q - 1) * variance ** (q // 2)


def any_law(variance: sp.Expr) -> Moments:
    """E h^q of a centred entry of that variance, the standardised moments from the third on left open."""

    def moment(q: int) -> sp.Expr:
        if q <= 2:
            return variance if q == 2 else sp.S.Zero
        return sp.Symbol(f"mu{q}", real=True) * variance ** sp.Rational(q, 2)

    return moment


def wigner(power: int, entry: Moments, n: sp.Expr) -> sp.Expr:
    """E tr M^power / n for a symmetric n x n matrix, entries on and above the diagonal i.i.d."""
    return _mean(_symmetric_walks(power), entry, n, n) / n


def wishart(power: int, entry: Moments, n: sp.Expr, p: sp.Expr) -> sp.Expr:
    """E tr (X X')^power / n for an n x p matrix X of i.i.d. entries."""
    return _mean(_bipartite_walks(power), entry, n, p) / n


def limit_at_infinity(expression: sp.Expr, size: sp.Symbol) -> sp.Expr:
    """The limit of a rational expression as a size grows; infinity where it has none.

    Half-integer powers of the size, from odd moments of the entries, are taken into account.
    """
    root = sp.Symbol("root", positive=True)
    top, bottom = sp.fraction(sp.cancel(sp.expand(expression).subs(size, root**2)))
    above, below = sp.Poly(top, root), sp.Poly(bottom, root)
    if above.is_zero or above.degree() < below.degree():
        return sp.S.Zero
    if above.degree() > below.degree():
        return sp.oo
    return sp.cancel(above.LC() / below.LC())


def _mean(patterns: Counter[Pattern], entry: Moments, n: sp.Expr, p: sp.Expr) -> sp.Expr:
    total = sp.S.Zero
    for (rows, columns, uses), count in patterns.items():
        places = sp.expand(sp.ff(n, rows), func=True) * sp.expand(sp.ff(p, columns), func=True)
        total += count * places * sp.prod([entry(q) for q in uses])
    return sp.expand(total)


@cache
def _symmetric_walks(power: int) -> Counter[Pattern]:
    found: Counter[Pattern] = Counter()
    for walk in _patterns(power):
        steps = Counter((min(step), max(step)) for step in zip(walk, (*walk[1:], walk[0]), strict=True))
        _note(found, max(walk) + 1, 0, steps)
    return found


@cache
def _bipartite_walks(power: int) -> Counter[Pattern]:
    found: Counter[Pattern] = Counter()
    for rows in _patterns(power):
        for columns in _patterns(power):
            steps = Counter((rows[i], columns[i]) for i in range(power))
            steps.update((rows[(i + 1) % power], columns[i]) for i in range(power))
            _note(found, max(rows) + 1, max(columns) + 1, steps)
    return found


def _note(found: Counter[Pattern], rows: int, columns: int, steps: Counter[tuple[int, int]]) -> None:
    uses = tuple(sorted(steps.values()))
    if uses[0] > 1:  # an entry used once has mean 0
        found[rows, columns, uses] += 1


def _patterns(length: int) -> Iterator[tuple[int, ...]]:
    """Sequences that name indices 0, 1, ... in the order of their first appearance."""
    if length == 1:
        yield (0,)
        return
    for start in _patterns(length - 1):
        for index in range(max(start) + 2):
            yield (*start, index)
