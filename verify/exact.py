"""Exact numbers: parameters as rationals, and rationals and SymPy numbers as balls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

import sympy as sp
from flint import arb, fmpq, fmpz

from derive.language.parameters import Interval, Parameter

# An exact number: rational where it can be, so that no computer algebra runs per law or point.
Number: TypeAlias = Any  # fmpq | sp.Expr, both untyped


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
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"a finite number is wanted, got {value}")
        return fmpq(*value.as_integer_ratio())
    if isinstance(value, (int, Fraction, str)):
        exact = Fraction(value)
        return fmpq(exact.numerator, exact.denominator)
    raise TypeError(f"an int, float, Fraction or decimal string is wanted, got {value!r}")


def values_of(
    symbols: Iterable[sp.Symbol], declared: tuple[Parameter, ...] | None, given: Mapping[str, Any]
) -> dict[sp.Symbol, fmpq]:
    """Exact values of the symbols; defaults and domains come from the declared parameters, if any.

    Raises `TypeError` for a missing, unknown or non-numeric parameter, `ValueError` outside the domain.
    """
    if declared is None:
        by_name = {str(symbol): symbol for symbol in symbols}
        _check_names(tuple(by_name), given, {})
        return {symbol: rational(given[name]) for name, symbol in by_name.items()}
    defaults = {p.name: p.default for p in declared if p.default is not None}
    _check_names(tuple(p.name for p in declared), given, defaults)
    values: dict[sp.Symbol, fmpq] = {}
    for parameter in declared:
        value = given.get(parameter.name, parameter.default)
        try:
            exact = rational(value)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{parameter.name}: {error}; its domain is {parameter.domain}") from None
        if not _inside(exact, parameter.interval):
            raise ValueError(f"{parameter.name} = {value} lies outside its domain {parameter.domain}")
        values[parameter.symbol] = exact
    return values


def exact_parameters(
    declared: tuple[Parameter, ...], given: Mapping[str, Any]
) -> dict[sp.Symbol, sp.Rational]:
    """Exact values of declared parameters as SymPy numbers, checked against their domains."""
    return {symbol: symbolic(value) for symbol, value in values_of((), declared, given).items()}


def _inside(value: fmpq, interval: Interval) -> bool:
    """Whether a finite number lies in the interval; exact, and faster than by way of SymPy."""
    low, high = (None if end is None else rational(end) for end in (interval.low, interval.high))
    above = low is None or (value >= low if interval.closed_low else value > low)
    below = high is None or (value <= high if interval.closed_high else value < high)
    return above and below


def _check_names(names: tuple[str, ...], given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    unknown = sorted(set(given) - set(names))
    missing = [name for name in names if name not in given and name not in defaults]
    if unknown:
        raise TypeError(
            f"no parameter is called {', '.join(unknown)}; the parameters are {', '.join(names) or 'none'}"
        )
    if missing:
        several = len(missing) > 1
        raise TypeError(
            f"{', '.join(missing)} {'are' if several else 'is'} missing; "
            f"give {'them' if several else 'it'} by name"
        )


def symbolic(value: fmpq) -> sp.Rational:
    """The rational number as SymPy's."""
    return sp.Rational(int(value.p), int(value.q))


def total(numbers: Iterable[Number]) -> Number:
    """The exact sum, rational if every term is."""
    terms = list(numbers)
    if all(isinstance(term, fmpq) for term in terms):
        return sum(terms, fmpq(0))
    return sp.expand(sum((as_symbolic(term) for term in terms), sp.S.Zero))


def complement(number: Number) -> Number:
    """1 minus the number, exactly."""
    return 1 - number if isinstance(number, fmpq) else sp.expand(1 - number)


def as_symbolic(number: Number) -> sp.Expr:
    """The number as SymPy's."""
    return symbolic(number) if isinstance(number, fmpq) else number


def substituted(expression: sp.Expr, values: Mapping[sp.Symbol, fmpq]) -> sp.Expr:
    """The exact number that the expression is; SymPy reduces roots of rationals as it goes."""
    exact = {symbol: symbolic(value) for symbol, value in values.items()}
    number = sp.expand(sp.sympify(expression).subs(exact))
    if number.free_symbols or not number.is_finite:
        raise ValueError(f"{expression} is no finite number at {exact}")
    return number


def ball(number: Number) -> arb:
    """A ball at the working precision that contains the exact number (sums, products, rational powers)."""
    if isinstance(number, fmpq):
        return arb(number)
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
