"""Wrong formulas made from right ones: each number changed, one at a time.

A check that accepts one of them does not look at that number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from numbers import Real
from typing import Any

import sympy as sp


def changed(formula: Any) -> Iterator[Any]:
    """The formula with each number in it increased by 1, once for each place where a number stands.

    Looks into SymPy expressions, tuples, lists and mappings; strings, symbols and functions stay.
    """
    if isinstance(formula, sp.Number) or (
        isinstance(formula, (Real, Fraction)) and not isinstance(formula, bool)
    ):
        yield formula + 1
    elif isinstance(formula, sp.Basic):
        for place, part in enumerate(formula.args):
            for other in changed(part):
                yield formula.func(*formula.args[:place], other, *formula.args[place + 1 :])
    elif isinstance(formula, (tuple, list)):
        for place, part in enumerate(formula):
            for other in changed(part):
                yield type(formula)((*formula[:place], other, *formula[place + 1 :]))
    elif isinstance(formula, Mapping):
        for name, part in formula.items():
            for other in changed(part):
                yield {**formula, name: other}
