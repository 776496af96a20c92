"""What checks of claims share: exact comparison with a counterexample, and tests of spectra.

A finding that refuses names a point and both values there, so that a reader can redo it by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from typing import Any

import sympy as sp

from derive import derive, law_of, load
from derive.derivation import Derivation
from derive.laws import Law
from derive.radicals import vanishes

from ..ledger import Finding

POINTS = tuple(sp.Rational(n, d) for n, d in ((1, 2), (1, 3), (2, 1), (3, 5), (7, 4), (5, 1), (1, 20)))
DIGITS = 15


@cache
def derivation(name: str) -> Derivation:
    """The derivation of a shipped model, made once a process."""
    return derive(load(name))


@cache
def law(name: str) -> Law:
    """The law of a shipped model, through the same certified steps."""
    return law_of(load(name))


def identical(printed: Any, derived: Any, *, where: Iterable[Any] = (), what: str = "both sides") -> Finding:
    """Whether two algebraic expressions are the same, decided exactly.

    where: expressions that are positive where the statement is made. Where they differ, the finding holds a
    rational point and both values.
    """
    left, right, facts = sp.sympify(printed), sp.sympify(derived), tuple(where)
    if vanishes(left - right, where=facts):
        return Finding(True, f"{what}: the difference reduces exactly to 0")
    return Finding(False, f"{what}: {counterexample(left, right, facts)}")


def counterexample(left: sp.Expr, right: sp.Expr, where: Iterable[Any] = ()) -> str:
    """A rational point at which two expressions differ, with both values."""
    for point in _points((left - right).free_symbols, tuple(where)):
        values = [sp.N(side.subs(point), DIGITS) for side in (left, right)]
        if all(value.is_finite for value in values) and abs(values[0] - values[1]) > 1e-10:
            place = ", ".join(f"{symbol} = {value}" for symbol, value in point.items())
            return f"{f'at {place} ' if place else ''}stated {_short(values[0])}, derived {_short(values[1])}"
    return f"stated {left}, derived {right}, which are not the same expression"


def _points(symbols: Iterable[sp.Symbol], where: tuple[Any, ...]) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    ordered = sorted(symbols, key=lambda symbol: symbol.name)
    for values in product(POINTS, repeat=len(ordered)):
        point = dict(zip(ordered, values, strict=True))
        if all(sp.sympify(fact).subs(point) > 0 for fact in where):
            yield point


def _short(value: sp.Expr) -> str:
    return str(sp.N(value, 6))


def every(*findings: Finding) -> Finding:
    """Several findings as one: the first that refuses, or all their evidence."""
    for finding in findings:
        if not finding.holds:
            return finding
    numbers = {name: value for finding in findings for name, value in finding.numbers.items()}
    return Finding(True, "; ".join(finding.text for finding in findings), numbers)
