"""Arithmetic put off until it is asked for, and done once.

The coefficients of a law come as formulas with common parts, and not every caller wants all of them.
Evaluated at `expressions` of their arguments, they become graphs without repeated nodes.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, TypeAlias
from weakref import WeakValueDictionary

from .double_double import sqrt

Known: TypeAlias = "WeakValueDictionary[Any, Expression]"


def expressions(values: Iterable[Any]) -> list[Expression]:
    """Numbers, or arrays of numbers, as expressions that share what they have in common."""
    known: Known = WeakValueDictionary()
    return [Expression(known, lambda value=value: value) for value in values]


def value_of(number: Any) -> Any:
    """The value of an expression, or a number as it is."""
    return number.value if isinstance(number, Expression) else number


class Expression:
    """An operation on expressions and numbers."""

    __array_ufunc__ = None

    def __init__(self, known: Known, operation: Callable[..., Any], *operands: Any) -> None:
        self._known = known
        self._operation = operation
        self._operands = operands

    @cached_property
    def value(self) -> Any:
        """The result."""
        return self._operation(*map(value_of, self._operands))

    def _of(self, operation: Callable[..., Any], *operands: Any) -> Expression:
        # an expression keeps its operands alive: as long as it is known, their ids name them
        names = [(Expression, id(o)) if isinstance(o, Expression) else (type(o), o) for o in operands]
        key = (operation, *names)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Expression(self._known, operation, *operands)
        return found

    def __add__(self, other: Any) -> Expression:
        return self._of(operator.add, self, other)

    def __radd__(self, other: Any) -> Expression:
        return self._of(operator.add, other, self)

    def __sub__(self, other: Any) -> Expression:
        return self._of(operator.sub, self, other)

    def __rsub__(self, other: Any) -> Expression:
        return self._of(operator.sub, other, self)

    def __mul__(self, other: Any) -> Expression:
        return self._of(operator.mul, self, other)

    def __rmul__(self, other: Any) -> Expression:
        return self._of(operator.mul, other, self)

    def __truediv__(self, other: Any) -> Expression:
        return self._of(operator.truediv, self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return self._of(operator.truediv, other, self)

    def __pow__(self, exponent: int) -> Expression:
        return self._of(operator.pow, self, exponent)

    def __neg__(self) -> Expression:
        return self._of(operator.neg, self)

    def sqrt(self) -> Expression:
        """The square root."""
        return self._of(sqrt, self)
