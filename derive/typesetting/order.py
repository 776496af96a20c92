"""The order in which papers print sums and products, fixed here once.

SymPy's own order changes between releases, so nothing here asks for it: terms are compared by
degrees and names alone. In a product numbers come first, then parameters, roots, functions and
bracketed sums, and last the variables (z, x, g, w, G): `2 eps phi G^3`. A sum that is polynomial
in a variable is collected in it, highest power first; a sum of parameters starts with the term
that a reader expects, ascending where the constant is positive (`1 - 20 phi`), descending where
it is negative (`phi - 1`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import gcd

import sympy as sp
from sympy.core.function import AppliedUndef

VARIABLES = ("z", "x", "t", "g", "s", "u", "v", "w", "theta", "G")
"""Names of the variables that follow their coefficients, in printing order; the last found collects."""


LONG = 8
"""A sum of parameters with more terms than this is collected in the first of them."""


@dataclass(frozen=True)
class Factors:
    """A product: rational coefficient, factors above and factors below the fraction bar, in order."""

    coefficient: sp.Rational
    above: tuple[sp.Expr, ...]
    below: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Term:
    """sign * content * (sum of inner) * power; inner is empty where the coefficient is no sum."""

    sign: int
    content: sp.Expr
    inner: tuple[sp.Expr, ...] = ()
    power: sp.Expr = sp.S.One


def symbol_key(symbol: sp.Basic) -> tuple[int, int, str]:
    """Parameters by name, then the variables, then functions of them such as G(z)."""
    if isinstance(symbol, AppliedUndef):
        head = symbol.func.__name__.partition("_")[0]
        place = VARIABLES.index(head) if head in VARIABLES else 0
        return 1, len(VARIABLES) + place, spelled(symbol)
    name = str(symbol)
    return (1, VARIABLES.index(name), name) if name in VARIABLES else (0, 0, name)


def letter(expression: sp.Basic) -> bool:
    """Whether it is printed as one thing that can carry a power: a symbol, or a named function's value."""
    return isinstance(expression, sp.Symbol) or (
        isinstance(expression, AppliedUndef) and not remainder(expression)
    )


def remainder(expression: sp.Basic) -> bool:
    """Whether it is the O(...) that ends a series."""
    name = expression.func.__name__ if isinstance(expression, AppliedUndef) else str(expression)
    return isinstance(expression, (sp.Order, AppliedUndef, sp.Symbol)) and re.match(r"O\b", name) is not None


def factors(expression: sp.Expr) -> Factors:
    """Split a product at its fraction bar and order both sides."""
    coefficient, rest = expression.as_coeff_Mul(rational=True)
    above, below = [], []
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        if isinstance(exponent, sp.Rational) and exponent.is_negative:
            below.append(sp.Pow(base, -exponent))
        elif factor != 1:
            above.append(factor)
    return Factors(coefficient, tuple(sorted(above, key=_factor_key)), tuple(sorted(below, key=_factor_key)))


def arranged(terms: Sequence[sp.Expr]) -> tuple[Term, ...]:
    """The terms of a sum in printing order, collected in the leading variable where that is possible."""
    plain = [term for term in terms if not _opaque(term)]
    opaque = [term for term in terms if _opaque(term)]
    variable = _collecting(terms)
    if variable is not None:
        return _collected_sum(terms, variable)
    opaque.sort(key=_opaque_key)
    if opaque and _collecting(plain) is not None:
        first = list(arranged(plain))
    else:
        first = (
            [signed(term) for term in _by_degree(plain)] if len(plain) <= LONG else _by_first_symbol(plain)
        )
    last = [signed(term) for term in opaque]
    moving = {str(symbol) for term in opaque for symbol in term.free_symbols}
    order = last + first if "g" in moving else first + last
    # Roots and fractions have no natural place, so a positive one may open the sum; powers keep theirs.
    lead = next((i for i, term in enumerate(order) if term.sign > 0), 0) if opaque else 0
    return (order[lead], *order[:lead], *order[lead + 1 :])


def signed(term: sp.Expr) -> Term:
    """A product with its sign in front: -(a - b) c, not (b - a) c, as the sums inside are printed."""
    number, rest = term.as_coeff_Mul(rational=True)
    sign, parts = (-1 if number.is_negative else 1), []
    for factor in sp.Mul.make_args(rest):
        base, exponent = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        if isinstance(base, sp.Add) and exponent.is_odd and arranged(base.args)[0].sign < 0:
            sign = -sign
            factor = sp.Pow(sp.Add(*(-t for t in base.args)), exponent)
        parts.append(factor)
    if number.is_negative:
        number = -number
    # Mul would distribute a number over a lone sum; a sum of several terms here is meant as a factor.
    content = parts[0] if number == 1 and len(parts) == 1 else sp.Mul(number, *parts, evaluate=len(parts) > 1)
    return Term(sign, content)


def common_denominator(terms: Sequence[sp.Expr]) -> int:
    """The denominator to put under a short sum as a whole: 16 for 1/16 - 5 phi/4; 1 for none."""
    if any(factors(term).below for term in terms):
        return 1
    denominators = [int(term.as_coeff_Mul(rational=True)[0].q) for term in terms]
    largest = max(denominators)
    shared = len(terms) <= 4 and sum(q > 1 for q in denominators) > 1 and largest <= 64
    return largest if shared and all(largest % q == 0 for q in denominators) else 1


def _collected_sum(terms: Sequence[sp.Expr], variable: sp.Expr) -> tuple[Term, ...]:
    groups: dict[sp.Expr, list[sp.Expr]] = {}
    for term in terms:
        found = _power_of(term, variable)
        assert found is not None, "the caller chose a variable in which every term is a monomial"
        groups.setdefault(found[1], []).append(found[0])
    powers = sorted(groups, key=sp.Rational, reverse=True)
    result = [_collected(groups[power], sp.Pow(variable, power)) for power in powers]
    if result[0].sign < 0 < result[-1].sign:
        result.reverse()
    constant = groups.get(sp.S.Zero, [])
    if len(constant) > 1 and _common(constant) == 1:
        # A constant that is a sum needs no brackets: z + phi - 1.
        place = next(i for i, term in enumerate(result) if term.power == 1)
        result[place : place + 1] = arranged(constant)
    return tuple(result)


def _factor_key(factor: sp.Expr) -> tuple[int, tuple[int, int, str], str]:
    base = factor.as_base_exp()[0] if isinstance(factor, sp.Pow) else factor
    if isinstance(base, sp.Derivative):
        kind = 8
    elif factor == sp.pi or base == sp.pi:
        kind = 0
    elif base.is_number and factor is not sp.I:
        kind = 1
    elif factor is sp.I:
        kind = 2
    elif letter(base):
        whole = factor == base or factor.exp.is_integer
        kind = 7 if symbol_key(base)[0] else 3 if whole else 4
    elif isinstance(base, sp.Add):
        kind = 6 if isinstance(factor, sp.Add) or factor.exp.is_integer else 4
    else:
        kind = 5
    position = symbol_key(base) if letter(base) else (0, 0, "")
    return kind, position, spelled(factor)


def _collecting(terms: Sequence[sp.Expr]) -> sp.Expr | None:
    symbols: set[sp.Basic] = set().union(*(term.free_symbols | term.atoms(AppliedUndef) for term in terms))
    for symbol in sorted(symbols, key=symbol_key, reverse=True):
        if (
            symbol_key(symbol)[0]
            and letter(symbol)
            and all(_power_of(term, symbol) is not None for term in terms)
        ):
            return symbol
    return None


def _power_of(term: sp.Expr, variable: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """(coefficient, power) of a monomial in the variable, or None if it is not one."""
    power, rest = sp.S.Zero, []
    for factor in sp.Mul.make_args(term):
        base, exponent = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        if base == variable and isinstance(exponent, sp.Rational) and exponent.is_positive:
            power += exponent
        elif factor.has(variable):
            return None
        else:
            rest.append(factor)
    return sp.Mul(*rest), power


def _collected(coefficients: list[sp.Expr], power: sp.Expr) -> Term:
    """One power with its coefficient: sign and common monomial in front, the rest bracketed."""
    if len(coefficients) == 1:
        alone = signed(coefficients[0])
        return Term(alone.sign, alone.content, (), power)
    content = _common(coefficients)
    inner = [sp.Mul(coefficient, 1 / content) for coefficient in coefficients]
    sign = arranged(inner)[0].sign
    inner = [sign * term for term in inner]
    product = _factored(inner)
    if product is not None:
        return Term(sign, sp.Mul(content, product), (), power)
    return Term(sign, content, tuple(inner), power)


def _factored(terms: Sequence[sp.Expr]) -> sp.Expr | None:
    """The product that a polynomial in parameters is, if it is one: (phi - 1)^3, (eps - 2 sigma^2)^2."""
    if not 3 <= len(terms) <= 12 or any(_opaque(term) for term in terms) or _collecting(terms) is not None:
        return None
    number, found = sp.factor_list(sp.Add(*terms))
    if abs(number) != 1 or (len(found) == 1 and found[0][1] == 1):
        return None
    if number == -1:
        turned = next((i for i, (_, exponent) in enumerate(found) if exponent % 2), None)
        if turned is None:
            return None
        found[turned] = (-found[turned][0], found[turned][1])
    return sp.Mul(*(sp.Pow(base, exponent) for base, exponent in found))


def _common(terms: Sequence[sp.Expr]) -> sp.Expr:
    """The largest monomial with an integer coefficient that divides every term."""
    split = [term.as_coeff_Mul(rational=True) for term in terms]
    number = reduce(gcd, (int(c.p) for c, _ in split)) if all(c.q == 1 for c, _ in split) else 1
    powers = []
    for _, rest in split:
        parts = (f.as_base_exp() for f in sp.Mul.make_args(rest))
        powers.append({b: e for b, e in parts if letter(b) and e.is_Integer and e > 0})
    shared = set(powers[0]).intersection(*powers[1:])
    return sp.Mul(number, *(sp.Pow(b, min(p[b] for p in powers)) for b in sorted(shared, key=symbol_key)))


def _by_degree(terms: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Parameters alone: ascending degree from a positive constant, descending otherwise."""
    symbols = set().union(*(term.free_symbols for term in terms)) if terms else set()
    if len(symbols) > 1 and len(terms) > 3:
        return sorted(terms, key=lambda term: _degree_key(term)[1])
    order = sorted(terms, key=_degree_key)
    if order and order[0].as_coeff_Mul(rational=True)[0].is_negative:
        order.reverse()
    return order


def _by_first_symbol(terms: Sequence[sp.Expr]) -> list[Term]:
    """A long sum of parameters, collected in the first of them."""
    first = min(set().union(*(term.free_symbols for term in terms)), key=symbol_key)
    if len(set().union(*(term.free_symbols for term in terms))) == 1:
        return [signed(term) for term in _by_degree(terms)]
    return list(_collected_sum(terms, first))


def _opaque_key(term: sp.Expr) -> tuple[bool, int, int, str]:
    """Series by the power of their bracket, the remainder last; otherwise short before long."""
    parts = [f.as_base_exp() for f in sp.Mul.make_args(term)]
    degree = sum(int(e) for b, e in parts if isinstance(b, sp.Add) and e.is_Integer and e > 0)
    return remainder(term), degree, len(spelled(term)), spelled(term)


def _opaque(term: sp.Expr) -> bool:
    """Whether the term is more than a monomial in symbols."""
    parts = (f.as_base_exp() for f in sp.Mul.make_args(term.as_coeff_Mul(rational=True)[1]))
    return any(not (b == 1 or (letter(b) and e.is_Integer and e > 0)) for b, e in parts)


def _degree_key(term: sp.Expr) -> tuple[int, list[tuple[tuple[int, int, str], int]]]:
    parts = [f.as_base_exp() for f in sp.Mul.make_args(term.as_coeff_Mul(rational=True)[1])]
    degrees = sorted((symbol_key(b), -int(e)) for b, e in parts if letter(b))
    return -sum(d for _, d in degrees), [*degrees, ((2, 0, ""), 0)]


def spelled(expression: sp.Basic) -> str:
    """A spelling that depends on the expression alone: not on the hash seed, nor on SymPy's printers."""
    if isinstance(expression, sp.Symbol):
        return expression.name
    if not expression.args:
        return str(expression)
    inner = [spelled(argument) for argument in expression.args]
    if isinstance(expression, (sp.Add, sp.Mul)):
        inner.sort()
    return f"{type(expression).__name__}({','.join(inner)})"
