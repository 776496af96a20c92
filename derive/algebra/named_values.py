"""Arithmetic with the numbers G(0) that a law's mean is made of (`laws.ValueAtZero`): roots of polynomials.

An element is a polynomial of lowest degree in the number over one in the parameters; where the number is
quadratic that is p + q sqrt(d), with rational functions p, q, d of the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from flint import fmpz_mpoly

from ..laws import ValueAtZero
from .rings import Fraction, Ring

Coefficients = list[Fraction]


def reduced(ring: Ring, fraction: Fraction, values: Sequence[ValueAtZero]) -> Fraction:
    """The field element with the numbers in the numerator alone, of degrees below their own."""
    for value in values:
        if value.symbol not in ring.symbols:
            continue
        minimal = _coefficients(ring, ring.fraction(value.minimal).numerator, value.symbol)
        top, bottom = (
            _remainder(_coefficients(ring, part, value.symbol), minimal)
            for part in (fraction.numerator, fraction.denominator)
        )
        if len(bottom) > 1:
            top, bottom = _remainder(_product(top, _inverse(bottom, minimal)), minimal), [ring.fraction(1)]
        symbol, fraction = ring.fraction(value.symbol), ring.fraction(0)
        for c in reversed(top):
            fraction = fraction * symbol + c
        fraction = fraction / bottom[0]
    return fraction


def in_parameters(expression: sp.Expr, values: Sequence[ValueAtZero]) -> sp.Expr:
    """The expression in closed form, if there is one number in it, and that is quadratic."""
    found = [value for value in values if expression.has(value.symbol)]
    if len(found) != 1 or found[0].side is None:
        return expression
    (value,) = found
    ring = Ring.of(expression, value.minimal)
    c0, c1, c2 = _coefficients(ring, ring.fraction(value.minimal).numerator, value.symbol)
    element = reduced(ring, ring.fraction(expression), found)
    parts = _coefficients(ring, element.numerator, value.symbol) or [ring.fraction(0)]
    below = Fraction(element.denominator, ring.constant(1))
    q = parts[1] / below if len(parts) > 1 else ring.fraction(0)
    twice = ring.fraction(2) * c2
    square = c1 * c1 - ring.fraction(2) * twice * c0
    rest = _shown(ring, parts[0] / below - q * c1 / twice)
    return rest + value.side * _shown(ring, q / twice) * sp.sqrt(_shown(ring, square))


def _coefficients(ring: Ring, polynomial: fmpz_mpoly, symbol: sp.Symbol) -> Coefficients:
    """Ascending, the last one not 0."""
    parts, one = ring.coefficients(polynomial, symbol), ring.constant(1)
    return [Fraction(parts.get(k, ring.constant(0)), one) for k in range(max(parts, default=-1) + 1)]


def _stripped(p: Coefficients) -> Coefficients:
    p = list(p)
    while p and p[-1].numerator.is_zero():
        p.pop()
    return p


def _division(p: Coefficients, m: Coefficients) -> tuple[Coefficients, Coefficients]:
    """Quotient and remainder."""
    p = _stripped(p)
    zero = m[-1] - m[-1]
    quotient = [zero] * max(len(p) - len(m) + 1, 0)
    while len(p) >= len(m):
        factor, shift = p[-1] / m[-1], len(p) - len(m)
        quotient[shift] = factor
        for k, c in enumerate(m):
            p[shift + k] = p[shift + k] - factor * c
        p = _stripped(p)
    return quotient, p


def _remainder(p: Coefficients, m: Coefficients) -> Coefficients:
    return _division(p, m)[1]


def _product(p: Coefficients, q: Coefficients) -> Coefficients:
    if not p or not q:
        return []
    zero = p[0] - p[0]
    out = [zero] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            out[i + j] = out[i + j] + a * b
    return out


def _inverse(p: Coefficients, m: Coefficients) -> Coefficients:
    """The inverse of p modulo the irreducible m, by Euclid's algorithm."""
    one = p[-1] / p[-1]
    before, here = m, p
    old, new = list[Fraction](), [one]  # here = new p modulo m
    while len(here) > 1:
        quotient, left = _division(before, here)
        before, here = here, left
        turned = _product(quotient, new)
        padded = [part + [one - one] * (len(turned) - len(part)) for part in (old, turned)]
        old, new = new, [a - b for a, b in zip(*padded, strict=True)]
    if not here:
        raise ZeroDivisionError("a denominator vanishes at the number that it contains")
    return [c / here[0] for c in new]


def _shown(ring: Ring, fraction: Fraction) -> sp.Expr:
    return ring.factored(fraction.numerator) / ring.factored(fraction.denominator)
