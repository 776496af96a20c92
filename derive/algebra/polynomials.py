"""Exact polynomials for derivations: SymPy expressions in and out, python-flint inside.

Resultants, discriminants, factors and the canonical form of an equation in (G, z).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..laws import G, z
from .rings import NotRational, Ring, factors_of, order


def resultant(first: Any, second: Any, symbol: sp.Symbol) -> sp.Expr:
    """The resultant in one symbol of two polynomials with rational coefficients, expanded."""
    ring = Ring.of(first, second, symbol)
    (p, p_scale), (q, q_scale) = _integral(ring, first), _integral(ring, second)
    scale = p_scale ** max(ring.degree(q, symbol), 0) * q_scale ** max(ring.degree(p, symbol), 0)
    return ring.expression(p.resultant(q, f"x{ring.index(symbol)}"), scale)


def discriminant(polynomial: Any, symbol: sp.Symbol) -> sp.Expr:
    """The discriminant in one symbol, expanded; its sign is never touched, for it means something."""
    ring = Ring.of(polynomial, symbol)
    p, scale = _integral(ring, polynomial)
    degree = ring.degree(p, symbol)
    if degree < 1:
        raise ValueError(f"{polynomial} does not contain {symbol}; a discriminant needs degree 1 or more")
    return ring.expression(p.discriminant(f"x{ring.index(symbol)}"), scale ** (2 * degree - 2))


def factor_list(polynomial: Any) -> tuple[sp.Rational, tuple[tuple[sp.Expr, int], ...]]:
    """(content, ((irreducible factor over the integers, exponent), ...)), in a fixed order."""
    ring = Ring.of(polynomial)
    p, scale = _integral(ring, polynomial)
    content, factors = factors_of(p)
    ordered = sorted(factors, key=lambda item: (int(item[0].total_degree()), str(item[0])))
    return sp.Rational(int(content), scale), tuple((ring.expression(f), int(e)) for f, e in ordered)


def factored(expression: Any) -> sp.Expr:
    """A rational function as quotient of products of irreducible factors over the integers."""
    ring = Ring.of(expression)
    fraction = ring.fraction(expression)
    return ring.factored(fraction.numerator) / ring.factored(fraction.denominator)


def numerator(expression: Any) -> sp.Expr:
    """The numerator of a rational function in lowest terms, integer coefficients, expanded."""
    ring = Ring.of(expression)
    return ring.expression(ring.fraction(expression).numerator)


def canonical(polynomial: Any, *symbols: sp.Symbol) -> sp.Expr:
    """An equation's left-hand side in canonical form.

    Primitive over the integers; factors free of the given symbols (default: G and z) are dropped,
    and so are denominators. The sign makes the constant term in the first symbol (G) negative, as
    (18) prints it: its leading coefficient in lexicographic order; without a constant term, the
    lowest coefficient that there is.
    """
    symbols = symbols or (G, z)
    ring = Ring((*symbols, *order_free(polynomial, symbols)))
    return canonical_of(ring, ring.fraction(polynomial).numerator, *symbols)


def canonical_of(ring: Ring, p: fmpz_mpoly, *symbols: sp.Symbol) -> sp.Expr:
    """The same for a polynomial of a ring; the symbols are the greatest of the ring that it is moved to."""
    symbols = symbols or (G, z)
    others = order(symbol for symbol in ring.symbols if symbol not in symbols and ring.degree(p, symbol) > 0)
    p, ring = ring.moved(p, (*symbols, *others))
    if p.is_zero():
        raise ValueError("0 = 0 is no equation")
    kept = p / ring.content(p, *symbols)
    lowest = kept / ring.gen(symbols[0]) ** ring.lowest(kept, symbols[0])
    leading = lowest.subs({f"x{ring.index(symbols[0])}": 0}).leading_coefficient()
    return ring.expression(-kept if leading > 0 else kept)


def order_free(expression: Any, symbols: Iterable[sp.Symbol]) -> tuple[sp.Symbol, ...]:
    """The other symbols of an expression, in the order of all rings."""
    return order(sp.sympify(expression).free_symbols - set(symbols))


def _integral(ring: Ring, polynomial: Any) -> tuple[Any, int]:
    fraction = ring.fraction(polynomial)
    if not fraction.denominator.is_constant():
        raise NotRational(f"{polynomial} is no polynomial: it has a denominator with symbols")
    return fraction.numerator, int(fraction.denominator.leading_coefficient())
