"""Exact means of traces of products of matrices with independent entries of any law of mean 0.

A trace is a sum over indices of products of entries. The terms are sorted by which indices coincide:
a coincidence leaves so many different values to choose, and makes some entries the same one, whose moment of
that order enters. Nothing is assumed of the law of the entries beyond independence and these moments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import count as counting
from itertools import product
from typing import TypeAlias

import sympy as sp

from derive.laws import g

Index: TypeAlias = tuple[str, int]  # its kind, which has a dimension, and a number
Entry: TypeAlias = tuple[str, Index, Index]  # matrix, row, column
Moments: TypeAlias = Callable[[int], sp.Expr]  # E h^q of an entry h of mean 0

t = sp.Symbol("t")


def trace(word: str, shapes: Mapping[str, tuple[str, str]], *, start: int = 0) -> tuple[Entry, ...]:
    """The entries in a trace such as "x x' S": names with ' for a transpose, kinds of rows and columns.

    start: the first number of an index; several traces in one product need numbers of their own.
    """
    letters = word.split()
    numbers = counting(start)
    opening: Index = _ends(letters[0], shapes)[0], next(numbers)
    entries, here = [], opening
    for place, letter in enumerate(letters):
        kind = _ends(letter, shapes)[1]
        there = opening if place == len(letters) - 1 else (kind, next(numbers))
        entries.append((letter, here, there) if "'" not in letter else (letter[:-1], there, here))
        here = there
    return tuple(entries)


def _ends(letter: str, shapes: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    row, column = shapes[letter.rstrip("'")]
    return (column, row) if "'" in letter else (row, column)


def mean(
    entries: Sequence[Entry], dimensions: Mapping[str, sp.Expr], moments: Mapping[str, Moments]
) -> sp.Expr:
    """The mean of the sum of a product of entries over all values of its indices.

    A matrix whose name is a capital letter is symmetric, its diagonal independent with the same moments.
    """
    total = sp.S.Zero
    for (classes, powers), times in _patterns(tuple(entries)).items():
        ways = sp.prod(sp.expand(sp.ff(dimensions[kind], size), func=True) for kind, size in classes)
        total += times * ways * sp.prod(moments[name](power) for name, power in powers)
    return sp.expand(total)


@cache
def _patterns(entries: tuple[Entry, ...]) -> Counter[tuple[tuple[Index, ...], tuple[Index, ...]]]:
    """How many coincidences have these numbers of classes of each kind and these powers of entries."""
    kinds: dict[str, list[Index]] = {}
    for index in dict.fromkeys(index for _, row, column in entries for index in (row, column)):
        kinds.setdefault(index[0], []).append(index)
    found: Counter[tuple[tuple[Index, ...], tuple[Index, ...]]] = Counter()
    for chosen in product(*(_coincidences(len(indices)) for indices in kinds.values())):
        place = {
            index: label
            for indices, labels in zip(kinds.values(), chosen, strict=True)
            for index, label in zip(indices, labels, strict=True)
        }
        met = Counter(_identity(name, place[row], place[column]) for name, row, column in entries)
        if min(met.values()) > 1:
            sizes = tuple((kind, max(labels) + 1) for kind, labels in zip(kinds, chosen, strict=True))
            found[sizes, tuple(sorted((key[0], power) for key, power in met.items()))] += 1
    return found


def _identity(name: str, row: int, column: int) -> tuple[str, int, int]:
    return (name, min(row, column), max(row, column)) if name.isupper() else (name, row, column)


@cache
def _coincidences(size: int) -> tuple[tuple[int, ...], ...]:
    """All ways to sort that many indices into classes, numbered as they appear."""

    def grow(labels: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(labels) == size:
            yield labels
            return
        for label in range(max(labels, default=-1) + 2):
            yield from grow((*labels, label))

    return tuple(grow(()))


def moments_of(transform: sp.Expr, order: int) -> list[sp.Expr]:
    """Moments 1 to `order` of the law with this R-transform in g, by Lagrange's inversion."""
    series = sp.series(sp.sympify(transform), g, 0, order).removeO()
    whole = sp.expand(1 + t * series.subs(g, t))
    return [sp.expand(whole ** (k + 1)).coeff(t, k) / (k + 1) for k in range(1, order + 1)]
