"""Means of words in free variables, and cumulants, from the definitions alone.

Two routes to the mean of a word such as A B A B that share nothing: the rule (9)-(10), which gives a
longer word from shorter ones, and sums over noncrossing partitions (Speicher), whose blocks hold powers
of one letter. Cumulants are those of the partitions: all of them (classical), or the noncrossing ones (free).
Moments are indeterminates or numbers, m[0] = 1 first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, groupby, product

import sympy as sp

Word = tuple[tuple[str, int], ...]
Blocks = tuple[tuple[int, ...], ...]


def indeterminates(letter: str, order: int) -> tuple[sp.Expr, ...]:
    """1, then a symbol for each moment up to the order."""
    return (sp.S.One, *(sp.Symbol(f"{letter}{k}") for k in range(1, order + 1)))


@cache
def noncrossing(size: int) -> tuple[Blocks, ...]:
    """The noncrossing partitions of 0 ... size - 1."""
    return tuple(blocks for blocks in partitions(size) if not _crosses(blocks))


@cache
def partitions(size: int) -> tuple[Blocks, ...]:
    """All partitions of 0 ... size - 1."""
    return tuple(_partitions(size))


def _partitions(size: int) -> Iterator[Blocks]:
    if size == 0:
        yield ()
        return
    for blocks in _partitions(size - 1):
        yield (*blocks, (size - 1,))
        for j, block in enumerate(blocks):
            yield (*blocks[:j], (*block, size - 1), *blocks[j + 1 :])


def _crosses(blocks: Blocks) -> bool:
    """Whether a < b < c < d exist with a, c in one block and b, d in another."""
    where = {place: j for j, block in enumerate(blocks) for place in block}
    return any(
        where[a] == where[c] and where[b] == where[d] and where[a] != where[b]
        for a, b, c, d in combinations(sorted(where), 4)
    )


def cumulants(moments: Sequence[sp.Expr], *, free: bool) -> list[sp.Expr]:
    """kappa_1 ... of moments m_0 = 1, m_1, ...: every moment is a sum over partitions."""
    found: list[sp.Expr] = []
    for n in range(1, len(moments)):
        rest = sp.S.Zero
        for blocks in noncrossing(n) if free else partitions(n):
            if len(blocks) > 1:
                rest += sp.prod([found[len(block) - 1] for block in blocks])
        found.append(sp.expand(moments[n] - rest))
    return found


def noncrossing_mean(letters: str, of: Mapping[str, Sequence[sp.Expr]]) -> sp.Expr:
    """The mean of a word in variables whose mixed free cumulants vanish, from the free cumulants of each."""
    total = sp.S.Zero
    for blocks in noncrossing(len(letters)):
        if all(len({letters[place] for place in block}) == 1 for block in blocks):
            total += sp.prod([of[letters[block[0]]][len(block) - 1] for block in blocks])
    return sp.expand(total)


class FreePair:
    """Two free variables, known by their moments, with means of words from (9)-(10) alone.

    moments: by letter, m_0 = 1 first. The mean is tracial: a word may be turned around.
    """

    def __init__(self, moments: Mapping[str, Sequence[sp.Expr]]) -> None:
        self.moments = moments
        self._known: dict[Word, sp.Expr] = {}

    def mean(self, letters: str) -> sp.Expr:
        """The mean of a word, spelt letter by letter."""
        return self._mean(_merged(tuple((letter, 1) for letter in letters)))

    def sum_moments(self, order: int) -> list[sp.Expr]:
        """Moments of the sum of the two, m_0 = 1 first."""
        a, b = self.moments
        return [
            sp.expand(sp.Add(*(self.mean("".join(word)) for word in product(a + b, repeat=k))))
            for k in range(order + 1)
        ]

    def _mean(self, word: Word) -> sp.Expr:
        if not word:
            return sp.S.One
        if len(word) == 1:
            return self.moments[word[0][0]][word[0][1]]
        if word not in self._known:
            self._known[word] = sp.expand(-self._shorter(word))
        return self._known[word]

    def _shorter(self, word: Word) -> sp.Expr:
        """What the product of the centred powers has beyond the word itself: means of shorter words."""
        total = sp.S.Zero
        for size in range(1, len(word) + 1):
            for chosen in combinations(range(len(word)), size):
                rest = _merged(tuple(power for i, power in enumerate(word) if i not in chosen))
                means = [-self.moments[letter][power] for letter, power in (word[i] for i in chosen)]
                total += sp.prod(means) * self._mean(rest)
        return total


def _merged(word: Word) -> Word:
    """Neighbouring powers of one letter as one power, around the cycle too."""
    runs = [
        (letter, sum(power for _, power in run)) for letter, run in groupby(word, key=lambda item: item[0])
    ]
    if len(runs) > 1 and runs[0][0] == runs[-1][0]:
        runs[0] = (runs[0][0], runs[0][1] + runs.pop()[1])
    return tuple(runs)
