"""Expressions in the parameters, compiled once to functions of exact rational numbers or balls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from flint import arb, fmpq

Values = Sequence[fmpq]


def rational_function(expression: sp.Expr, symbols: Sequence[sp.Symbol]) -> Callable[[Values], fmpq] | None:
    """The expression as a function of rational values of the symbols, or None where it is no rational one."""
    expression = sp.together(expression)
    constants = expression.atoms(sp.Number) | expression.atoms(sp.NumberSymbol)
    if not (expression.is_rational_function(*symbols) and all(c.is_Rational for c in constants)):
        return None
    if any(not power.exp.is_Integer for power in expression.atoms(sp.Pow)):
        return None
    return _compiled(expression, symbols, fmpq)


def ball_function(expression: sp.Expr, symbols: Sequence[sp.Symbol]) -> Callable[[Values], arb]:
    """The expression as a ball at the working precision (sums, products, rational powers)."""
    inner = _compiled(expression, symbols, arb)
    return lambda values: inner([arb(value) for value in values])


def _compiled(expression: sp.Expr, symbols: Sequence[sp.Symbol], number: Any) -> Callable[[Any], Any]:
    if isinstance(expression, sp.Rational):
        constant = fmpq(int(expression.p), int(expression.q))
        return lambda _: number(constant)
    if isinstance(expression, sp.Symbol):
        place = list(symbols).index(expression)
        return lambda values: values[place]
    if isinstance(expression, (sp.Add, sp.Mul)):
        first, *others = [_compiled(part, symbols, number) for part in expression.args]
        return _sum(first, others) if isinstance(expression, sp.Add) else _product(first, others)
    if isinstance(expression, sp.Pow) and isinstance(expression.exp, sp.Rational):
        base = _compiled(expression.base, symbols, number)
        up, root = int(expression.exp.p), int(expression.exp.q)
        if root == 1:
            return lambda values: base(values) ** up
        return lambda values: _root(base(values), root) ** up
    raise TypeError(
        f"{expression} is not made of rationals and symbols by sums, products and rational powers"
    )


def _sum(first: Callable[[Any], Any], others: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def value(values: Any) -> Any:
        total = first(values)
        for part in others:
            total += part(values)
        return total

    return value


def _product(first: Callable[[Any], Any], others: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def value(values: Any) -> Any:
        total = first(values)
        for part in others:
            total *= part(values)
        return total

    return value


def _root(base: arb, order: int) -> arb:
    return base if base == 0 else base.root(order)
