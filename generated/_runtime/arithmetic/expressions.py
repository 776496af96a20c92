"""Formulas in double-double as graphs: traced once, evaluated for many arrays of arguments.

The coefficients of a law come as formulas with common parts, and not every caller wants all of them. Applied
to `arguments`, they become graphs without repeated nodes, of which `values` evaluates what is wanted.
Arguments are arrays of doubles and stay that as long as operations on them are exact: their low parts cost
nothing. Dekker's product splits its factors; what is a factor more than once is split once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..arguments import FloatArray
from .double_double import DoubleDouble, Pair, fast_two_sum, is_double, is_power_of_two, split, sqrt, two_sum


def arguments(count: int) -> list[Expression]:
    """The arguments of formulas that share what they have in common."""
    known: dict[Any, Expression] = {}
    return [Expression(known, place) for place in range(count)]


def values(wanted: Iterable[Any], of_arguments: FloatArray | Sequence[FloatArray]) -> list[Any]:
    """The values of expressions, doubles or double-doubles; numbers as they are."""
    evaluation = _Evaluation(of_arguments)
    return [evaluation.value(node) for node in wanted]


class _Evaluation:
    """The values of expressions for some arguments, as far as they are known."""

    def __init__(self, of_arguments: Any) -> None:
        self.of_arguments = of_arguments
        self.values: dict[Expression, Any] = {}
        self.halves: dict[int, tuple[Any, Pair]] = {}  # the factor is kept, so that its number stays its own

    def value(self, node: Any) -> Any:
        """The value of an expression or a number."""
        if not isinstance(node, Expression):
            return node
        if node not in self.values:
            if isinstance(node.operation, int):
                self.values[node] = self.of_arguments[node.operation]
            else:
                self.values[node] = node.operation(self, *map(self.value, node.operands))
        return self.values[node]

    def split(self, factor: Any) -> Pair:
        """Its halves."""
        if id(factor) not in self.halves:
            self.halves[id(factor)] = factor, split(factor)
        return self.halves[id(factor)][1]

    def two_product(self, a: Any, b: Any) -> Pair:
        """a b without error."""
        product = a * b
        a_high, a_low = self.split(a)
        b_high, b_low = self.split(b)
        error = a_high * b_high
        error -= product
        error += a_high * b_low
        error += a_low * b_high
        error += a_low * b_low
        return Pair(product, error)


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
        # the opposite of a product that may be known costs nearly nothing
        return -(-self * other) if self.operation is _negative else self._of(_product, self, other)

    def __rmul__(self, other: Any) -> Expression:
        return -(other * -self) if self.operation is _negative else self._of(_product, other, self)

    def __truediv__(self, other: Any) -> Expression:
        return -(-self / other) if self.operation is _negative else self._of(_quotient, self, other)

    def __rtruediv__(self, other: Any) -> Expression:
        return self._of(_quotient, other, self)

    def __pow__(self, exponent: int) -> Expression:
        return self._of(_power, self, exponent)

    def __neg__(self) -> Expression:
        return self.operands[0] if self.operation is _negative else self._of(_negative, self)

    def sqrt(self) -> Expression:
        """The square root."""
        return self._of(_sqrt, self)


def _sum(evaluation: _Evaluation, a: Any, b: Any) -> Any:
    return DoubleDouble(*two_sum(a, b)) if is_double(a) and is_double(b) else a + b


def _difference(evaluation: _Evaluation, a: Any, b: Any) -> Any:
    return _sum(evaluation, a, -b)


def _product(evaluation: _Evaluation, a: Any, b: Any) -> Any:
    if is_power_of_two(a) or is_power_of_two(b):
        return a * b
    if is_double(a) and is_double(b):
        return DoubleDouble(*evaluation.two_product(a, b))
    if is_double(a):
        a, b = b, a
    a, b = DoubleDouble.of(a), b if is_double(b) else DoubleDouble.of(b)
    if is_double(b):
        product, error = evaluation.two_product(a.hi, b)
        error += a.lo * b
    else:
        product, error = evaluation.two_product(a.hi, b.hi)
        error += a.hi * b.lo + a.lo * b.hi
    return DoubleDouble(*fast_two_sum(product, error))


def _quotient(evaluation: _Evaluation, a: Any, b: Any) -> Any:
    if is_power_of_two(b) or not (is_double(a) and is_double(b)):
        return a / b
    q = a / b
    product, error = evaluation.two_product(q, b)
    return DoubleDouble(q) + ((a - product) - error) / b


def _power(evaluation: _Evaluation, a: Any, exponent: int) -> Any:
    return _product(evaluation, a, a) if exponent == 2 else DoubleDouble.of(a) ** exponent


def _negative(evaluation: _Evaluation, a: Any) -> Any:
    return -a


def _sqrt(evaluation: _Evaluation, a: Any) -> Any:
    if not isinstance(a, np.ndarray):
        return sqrt(a)
    # r + (a - r^2) / (2 r), where r is the nearest double
    r = np.sqrt(a)
    square, error = evaluation.two_product(r, r)
    rest = a - square
    rest -= error
    square = r + r
    rest /= np.where(square > 0, square, 1.0)
    return DoubleDouble(r, rest)
