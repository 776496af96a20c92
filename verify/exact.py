"""Exact numbers: parameters as rationals, and SymPy numbers as balls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, fmpq, fmpz

from derive.parameters import Parameter


def rational(value: Any) -> fmpq:
    """The exact rational number that a double, int, Fraction, decimal string or exact ball is.

    Raises `TypeError` for anything else and `ValueError` for NaN, infinities and inexact balls.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, arb):
        if not (value.is_exact() and value.is_finite()):
            raise ValueError(f"the ball {value} is not one exact number; take its midpoint `.mid()`")
        mantissa, exponent = value.man_exp()
        power = fmpz(2) ** abs(int(exponent))
        return fmpq(mantissa * power) if exponent >= 0 else fmpq(mantissa, power)
    if isinstance(value, (bool, complex)):
        raise TypeError(f"a real number is wanted, got {value!r}")
    if isinstance(value, sp.Rational):
        return fmpq(int(value.p), int(value.q))
    if hasattr(value, "item") and not isinstance(value, sp.Basic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a finite number is wanted, got {value}")
    if isinstance(value, (int, float, Fraction, str)):
        exact = Fraction(value)
        return fmpq(exact.numerator, exact.denominator)
    raise TypeError(f"an int, float, Fraction or decimal string is wanted, got {value!r}")


def values_of(
    symbols: Iterable[sp.Symbol], declared: tuple[Parameter, ...] | None, given: Mapping[str, Any]
) -> dict[sp.Symbol, sp.Rational]:
    """Exact values of the symbols; defaults and domains come from the declared parameters, if any.

    Raises `TypeError` for a missing, unknown or non-numeric parameter, `ValueError` outside the domain.
    """
    if declared is not None:
        return exact_parameters(declared, given)
    by_name = {str(symbol): symbol for symbol in symbols}
    _check_names(tuple(by_name), given, {})
    return {symbol: _sympy(given[name]) for name, symbol in by_name.items()}


def exact_parameters(
    declared: tuple[Parameter, ...], given: Mapping[str, Any]
) -> dict[sp.Symbol, sp.Rational]:
    """Exact values of declared parameters, checked against their domains."""
    defaults = {p.name: p.default for p in declared if p.default is not None}
    _check_names(tuple(p.name for p in declared), given, defaults)
    values: dict[sp.Symbol, sp.Rational] = {}
    for parameter in declared:
        value = given.get(parameter.name, parameter.default)
        try:
            exact = _sympy(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{parameter.name}: {error}; its domain is {parameter.domain}") from None
        if exact not in parameter.interval:
            raise ValueError(f"{parameter.name} = {value} lies outside its domain {parameter.domain}")
        values[parameter.symbol] = exact
    return values


def _check_names(names: tuple[str, ...], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - set(names))
    missing = [name for name in names if name not in given and name not in defaults]
    if unknown:
        raise TypeError(
            f"no parameter is called {', '.join(unknown)}; the parameters are {', '.join(names) or 'none'}"
        )
    if missing:
        raise TypeError(f"{', '.join(missing)} is missing; give it by name")


def _sympy(value: Any) -> sp.Rational:
    exact = rational(value)
    return sp.Rational(int(exact.p), int(exact.q))


def substituted(expression: sp.Expr, values: Mapping[sp.Symbol, sp.Rational]) -> sp.Expr:
    """The exact number that the expression is; SymPy reduces roots of rationals as it goes."""
    number = sp.expand(sp.sympify(expression).subs(values))
    if number.free_symbols or not number.is_finite:
        raise ValueError(f"{expression} is no finite number at {dict(values)}")
    return number


def ball(number: sp.Expr) -> arb:
    """A ball at the working precision that contains the exact number (sums, products, rational powers)."""
    if isinstance(number, sp.Rational):
        return arb(fmpq(int(number.p), int(number.q)))
    if isinstance(number, sp.Add):
        return sum((ball(term) for term in number.args), arb(0))
    if isinstance(number, sp.Mul):
        product = arb(1)
        for factor in number.args:
            product *= ball(factor)
        return product
    if isinstance(number, sp.Pow) and isinstance(number.exp, sp.Rational):
        base, exponent = ball(number.base), number.exp
        if exponent.q == 1:
            return base ** int(exponent.p)
        if base > 0:
            return base.root(int(exponent.q)) ** int(exponent.p)
    raise TypeError(f"{number} is not made of rationals by sums, products and positive rational powers")
