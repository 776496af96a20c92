"""The mass of an atom at a rational place, to the last digit: a root of a rational polynomial.

Next to a pole z_0 of order 1 the terms of lowest order of P(tau/s, z_0 + s) must cancel; that is a polynomial
in tau with the mass among its roots. Several branches may share the pole, so roots are made simple first.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ..arithmetic.exact_roots import evaluate, integers, quotient, squarefree
from .at_infinity import refined

PLACE = 2**100  # denominators up to which a place is recognised as rational, if the equation confirms it
CLOSE = Fraction(1, 10**9)  # of itself that the mass may be off beforehand


def exact_mass(rows: Sequence[Sequence[Fraction]], place: Fraction, known: float) -> float:
    """The mass of the atom at `place`, rounded once; `known` where the place is irrational, or no root is as
    near as that should be."""
    rational = place.limit_denominator(PLACE)
    lowest = [_lowest(row, rational) for row in rows]
    if lowest[-1] is None or not lowest[-1][0]:
        return known
    orders = [None if term is None else term[0] - i for i, term in enumerate(lowest)]
    least = min(order for order in orders if order is not None)
    terms = [
        term[1] if term is not None and order == least else Fraction(0)
        for term, order in zip(lowest, orders, strict=True)
    ]
    while terms and not terms[0]:
        terms = terms[1:]
    if len(terms) < 2:
        return known
    guess = Fraction(known)
    polynomial = [Fraction(c) for c in squarefree(integers(terms))]
    try:
        found = refined(polynomial, guess, guess)
    except ArithmeticError:
        return known
    return float(found) if abs(found - guess) <= CLOSE * guess else known


def _lowest(row: Sequence[Fraction], place: Fraction) -> tuple[int, Fraction] | None:
    """The order to which a polynomial vanishes at a place, and its first coefficient there; None for 0."""
    rest, order = list(row), 0
    while rest and not rest[-1]:
        rest.pop()
    while rest:
        value = evaluate(rest, place)
        if value:
            return order, value
        divided = quotient(rest, [-place.numerator, place.denominator])
        rest, order = [c * place.denominator for c in divided], order + 1
    return None
