"""Formulas in double-double as graphs: traced once, evaluated for many arrays of arguments.

The coefficients of a law come as formulas with common parts, and not every caller wants all of them. Applied
to `arguments`, they become graphs without repeated nodes, of which `values` evaluates what is wanted.
Arguments are arrays of doubles and stay that as long as operations on them are exact: their low parts cost
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .arguments import FloatArray
from .double_double import DoubleDouble, is_double, is_power_of_two, sqrt, two_product, two_sum


def arguments(count: int) -> list[Expression]:
    """The arguments of formulas that share what they have in common."""
    known: dict[Any, Expression] = {}
    return [Expression(known, place) for place in range(count)]


def values(wanted: Iterable[Any], of_arguments: FloatArray | Sequence[FloatArray]) -> list[Any]:
    """The values of expressions, doubles or double-doubles; numbers as they are."""
    done: dict[Expression, Any] = {}
    return [_value(node, of_arguments, done) for node in wanted]


def _value(node: Any, of_arguments: Any, done: dict[Expression, Any]) -> Any:
    if not isinstance(node, Expression):
        return node
    if node not in done:
        if isinstance(node.operation, int):
            done[node] = of_arguments[node.operation]
        else:
            done[node] = node.operation(*[_value(operand, of_arguments, done) for operand in node.operands])
    return done[node]


class Expression:
    """An operation on expressions and numbers, or the number of an argument.

    known: all expressions of the graph, by operation and operands.
    """

    __array_ufunc__ = None

    def __init__(
        self, known: dict[Any, Expression], operation: Callable[..., Any] | int, *operands: Any
    ) -> None:
        self.known = known
        self.operation = operation
        self.operands = operands

    def _of(self, operation: Callable[..., Any], *operands: Any) -> Expression:
        key = (operation, *((type(operand), operand) for operand in operands))
        if key not in self.known:
            self.known[key] = Expression(self.known, operation, *operands)
        return self.known[key]

    def __add__(self, other: Any) -> Expression:
        return self._of(_sum, self, other)

    def __radd__(self, other: Any) -> Expression:
        return self._of(_sum, other, self)

    def __sub__(self, other: Any) -> Expression:
        return self._of(_difference, self, other)

    def __rsub__(self, other: Any) -> Expression:
        return self._of(_difference, other, self)

    def __mul__(self, other: Any) -> Expression:
        return self._of(_product, self, other)

    def __rmul__(self, other: Any) -> Expression:
        return self._of(_product, other, self)

    def __truediv__(self, other: Any) -> Expression:
        return self._of(_quotient, self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return self._of(_quotient, other, self)

    def __pow__(self, exponent: int) -> Expression:
        return self._of(_power, self, exponent)

    def __neg__(self) -> Expression:
        return self._of(_negative, self)

    def sqrt(self) -> Expression:
        """The square root."""
        return self._of(sqrt, self)


def _sum(a: Any, b: Any) -> Any:
    return DoubleDouble(*two_sum(a, b)) if is_double(a) and is_double(b) else a + b


def _difference(a: Any, b: Any) -> Any:
    return _sum(a, -b)


def _product(a: Any, b: Any) -> Any:
    if is_power_of_two(a) or is_power_of_two(b) or not (is_double(a) and is_double(b)):
        return a * b
    return DoubleDouble(*two_product(a, b))


def _quotient(a: Any, b: Any) -> Any:
    if is_power_of_two(b) or not (is_double(a) and is_double(b)):
        return a / b
    q = a / b
    product, error = two_product(q, b)
    return DoubleDouble(q) + ((a - product) - error) / b


def _power(a: Any, exponent: int) -> Any:
    return _product(a, a) if exponent == 2 else DoubleDouble.of(a) ** exponent


def _negative(a: Any) -> Any:
    return -a
