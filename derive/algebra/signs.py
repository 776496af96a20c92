"""The sign of a polynomial on a box of parameters, decided exactly or not at all.

A box is one open interval for each symbol. It is mapped onto the positive orthant (s = a + t, or
s = (a + b t)/(1 + t)); a polynomial whose coefficients then share one sign has that sign
everywhere. What this leaves open is tried by counting real roots (one symbol), by the discriminant
(quadratics), and by exact values at rational points, which can only refute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction as Rational
from itertools import pairwise, product
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_poly, fmpz_mpoly

from .rings import NotRational, Ring, factors_of


class Undecided(ArithmeticError):
    """A question that the exact methods at hand leave open; never to be taken for a yes or a no."""


class EmptyDomain(Undecided, ValueError):
    """The facts contradict each other: nothing can be asked about an empty domain."""


_assumed: ContextVar[tuple[sp.Expr, ...]] = ContextVar("assumed", default=())


def assumed() -> tuple[sp.Expr, ...]:
    """The facts, expressions > 0, under which every question is asked at present."""
    return _assumed.get()


@contextmanager
def assuming(facts: Iterable[Any]) -> Iterator[None]:
    """Ask every question on the domain where these expressions are positive.

    Certificates made inside remember the facts, so that they can be checked again outside.
    """
    token = _assumed.set((*assumed(), *(sp.sympify(fact) for fact in facts)))
    try:
        yield
    finally:
        _assumed.reset(token)


Point = dict[sp.Symbol, Rational]

_STEPS = tuple(map(Rational, ("1", "1/3", "7/2", "1/29", "41", "4/5", "1/1000", "1500")))


@dataclass(frozen=True)
class Box:
    """An open interval (low, high) for each symbol, None for an infinite end."""

    intervals: dict[sp.Symbol, tuple[Rational | None, Rational | None]]

    @classmethod
    def of(cls, symbols: Iterable[sp.Symbol], where: Iterable[Any] = ()) -> tuple[Box, tuple[sp.Expr, ...]]:
        """The box of the symbols' own assumptions and of the facts linear in one symbol.

        where: expressions known to be positive. Those that are not linear in one symbol alone
        come back as the second value.
        """
        intervals: dict[sp.Symbol, tuple[Rational | None, Rational | None]] = {}
        facts = tuple(dict.fromkeys((*assumed(), *(sp.sympify(fact) for fact in where))))
        everything = set(symbols).union(*(fact.free_symbols for fact in facts))
        for symbol in sorted(everything, key=lambda s: s.name):
            low = Rational(0) if symbol.is_positive or symbol.is_nonnegative else None
            high = Rational(0) if symbol.is_negative or symbol.is_nonpositive else None
            intervals[symbol] = (low, high)
        rest = []
        for fact in facts:
            bound = _linear(fact)
            if bound is None:
                rest.append(fact)
                continue
            symbol, slope, value = bound
            low, high = intervals[symbol]
            if slope > 0:
                low = value if low is None else max(low, value)
            else:
                high = value if high is None else min(high, value)
            if low is not None and high is not None and low >= high:
                raise EmptyDomain(f"the facts leave no value for {symbol}: {', '.join(map(str, facts))}")
            intervals[symbol] = (low, high)
        return cls(intervals), tuple(rest)

    def split(self, symbols: Iterable[sp.Symbol]) -> Iterator[tuple[Box, Point]]:
        """Cut unbounded lines at 0, so that every piece maps onto an orthant; the cuts too."""
        lines = [s for s in symbols if self.intervals[s] == (None, None)]
        for choice in product((-1, 0, 1), repeat=len(lines)):
            intervals, fixed = dict(self.intervals), {}
            for symbol, side in zip(lines, choice, strict=True):
                if side == 0:
                    fixed[symbol] = Rational(0)
                else:
                    intervals[symbol] = (Rational(0), None) if side > 0 else (None, Rational(0))
            yield Box(intervals), fixed

    def points(self, symbols: tuple[sp.Symbol, ...]) -> Iterator[Point]:
        """Rational points of the box, always the same ones."""
        count = len(_STEPS)
        for shift in range(3 * count):
            point = {}
            for place, symbol in enumerate(symbols):
                low, high = self.intervals[symbol]
                step = _STEPS[(shift * (place + 1) + place * (shift // count)) % count]
                if low is None and high is None:
                    point[symbol] = step if (shift + place) % 2 else -step
                elif low is None:
                    assert high is not None
                    point[symbol] = high - step
                elif high is None:
                    point[symbol] = low + step
                else:
                    point[symbol] = (low + high * step) / (1 + step)
            yield point


def _linear(fact: sp.Expr) -> tuple[sp.Symbol, Rational, Rational] | None:
    """(symbol, slope, root) of a fact a s + b > 0 in one symbol."""
    symbols = tuple(fact.free_symbols)
    if len(symbols) != 1:
        return None
    ring = Ring(symbols)
    try:
        fraction = ring.fraction(fact)
    except NotRational:
        return None
    if not fraction.denominator.is_constant() or ring.degree(fraction.numerator, symbols[0]) != 1:
        return None
    terms, below = fraction.numerator.to_dict(), int(fraction.denominator.leading_coefficient())
    slope, rest = int(terms[1,]), int(terms.get((0,), 0))
    return symbols[0], Rational(slope, below), Rational(-rest, slope)


def value_at(ring: Ring, polynomial: fmpz_mpoly, point: Point) -> Rational:
    """The exact value at a rational point."""
    total = Rational(0)
    powers = [point.get(s, Rational(0)) for s in ring.symbols]
    for monomial, coefficient in polynomial.terms():
        term = Rational(int(coefficient))
        for base, exponent in zip(powers, monomial, strict=True):
            if exponent:
                term *= base ** int(exponent)
        total += term
    return total


def polynomial_sign(
    ring: Ring, polynomial: fmpz_mpoly, box: Box, facts: tuple[fmpz_mpoly, ...] = ()
) -> int | None:
    """1 or -1 if the polynomial is positive or negative on all of the box, 0 if it has no constant
    strict sign (it vanishes somewhere or takes both signs), None if that is undecided.

    facts: polynomials of the same ring that are positive on the domain; with them the domain is
    smaller than the box, and a refuting point must satisfy them all.
    """
    if polynomial.is_zero():
        return 0
    content, factors = factors_of(polynomial)
    total: int | None = 1 if content > 0 else -1
    for factor, exponent in factors:
        sign = _irreducible_sign(ring, factor, box, facts)
        if sign is None:
            total = None
            break
        total = total * sign ** int(exponent) if total is not None else None
        if total == 0:
            break
    if total is not None:
        return total
    seen = _signs_seen(ring, polynomial, box, facts)
    return 0 if 0 in seen or len(seen) == 2 else None


def _signs_seen(ring: Ring, polynomial: fmpz_mpoly, box: Box, facts: tuple[fmpz_mpoly, ...]) -> set[int]:
    symbols = tuple(s for s in ring.symbols if s in box.intervals)
    seen: set[int] = set()
    for point in box.points(symbols):
        if any(value_at(ring, fact, point) <= 0 for fact in facts):
            continue
        value = value_at(ring, polynomial, point)
        seen.add((value > 0) - (value < 0))
        if len(seen) > 1 or 0 in seen:
            break
    return seen


def _irreducible_sign(ring: Ring, factor: fmpz_mpoly, box: Box, facts: tuple[fmpz_mpoly, ...]) -> int | None:
    for fact in facts:
        _, parts = factors_of(fact)
        if len(parts) == 1 and (parts[0][0] == factor or parts[0][0] == -factor) and int(parts[0][1]) % 2:
            return 1 if (fact.leading_coefficient() > 0) == (factor.leading_coefficient() > 0) else -1
    used = [s for s, d in zip(ring.symbols, factor.degrees(), strict=True) if d]
    results = set()
    for piece, fixed in box.split(used):
        restricted = factor
        for symbol in fixed:
            restricted = restricted.subs({f"x{ring.index(symbol)}": 0})
        if restricted.is_zero():
            return None if facts else 0
        results.add(_orthant_sign(ring, _to_orthant(ring, restricted, piece)))
    if len(results) == 1:
        sign = results.pop()
        return None if sign == 0 and facts else sign
    if None in results or facts:
        seen = _signs_seen(ring, factor, box, facts)
        return 0 if 0 in seen or len(seen) == 2 else None
    return 0


def _to_orthant(ring: Ring, polynomial: fmpz_mpoly, box: Box) -> fmpz_mpoly:
    """A positive multiple of the polynomial, as a polynomial in t > 0 for every symbol."""
    for symbol, degree in zip(ring.symbols, polynomial.degrees(), strict=True):
        if not degree:
            continue
        low, high = box.intervals[symbol]
        t = ring.gen(symbol)
        if high is None:
            assert low is not None
            top, bottom = low.numerator + low.denominator * t, ring.constant(low.denominator)
        elif low is None:
            top, bottom = high.numerator - high.denominator * t, ring.constant(high.denominator)
        else:
            common = low.denominator * high.denominator
            top = low.numerator * high.denominator + high.numerator * low.denominator * t
            bottom = common * (1 + t)
        moved = ring.constant(0)
        for power, coefficient in ring.coefficients(polynomial, symbol).items():
            moved += coefficient * top**power * bottom ** (int(degree) - power)
        polynomial = moved
    return polynomial


def _orthant_sign(ring: Ring, polynomial: fmpz_mpoly, depth: int = 2) -> int | None:
    """The sign on the open positive orthant."""
    if polynomial.is_zero():
        return 0
    signs = {c > 0 for c in polynomial.coeffs()}
    if len(signs) == 1:
        return 1 if signs.pop() else -1
    content, factors = factors_of(polynomial)
    if len(factors) > 1 or int(factors[0][1]) > 1:
        total: int | None = 1 if content > 0 else -1
        for factor, exponent in factors:
            sign = _orthant_sign(ring, factor, depth)
            if sign is None:
                return None
            total = total * sign ** int(exponent)
        return total
    used = [s for s, d in zip(ring.symbols, polynomial.degrees(), strict=True) if d]
    if len(used) == 1:
        return _univariate_sign(ring, polynomial, used[0])
    orthant = Box({s: (Rational(0), None) for s in used})
    seen = _signs_seen(ring, polynomial, orthant, ())
    if 0 in seen or len(seen) == 2:
        return 0
    if depth:
        for symbol in used:
            if ring.degree(polynomial, symbol) == 2:
                discriminant = polynomial.discriminant(f"x{ring.index(symbol)}")
                if _orthant_sign(ring, -discriminant, depth - 1) == 1:
                    return seen.pop()
    return None


def univariate(ring: Ring, polynomial: fmpz_mpoly, symbol: sp.Symbol) -> fmpq_poly:
    """The polynomial in its only symbol as a dense one."""
    coefficients = ring.coefficients(polynomial, symbol)
    dense = [0] * (max(coefficients, default=0) + 1)
    for power, coefficient in coefficients.items():
        dense[power] = int(coefficient.leading_coefficient())
    return fmpq_poly(dense)


def positive_roots(polynomial: fmpq_poly) -> int:
    """The number of distinct roots in (0, oo), by Sturm's theorem."""
    while polynomial[0] == 0 and polynomial.degree() > 0:  # a root at 0 is not inside
        polynomial = fmpq_poly(list(polynomial.coeffs())[1:])
    chain = [polynomial, polynomial.derivative()]
    while chain[-1].degree() > 0:
        remainder = -(chain[-2] % chain[-1])
        if remainder == 0:
            break
        chain.append(remainder)

    def changes(values: list[fmpq]) -> int:
        kept = [v > 0 for v in values if v != 0]
        return sum(a != b for a, b in pairwise(kept))

    return changes([p[0] for p in chain]) - changes([p[p.degree()] for p in chain])


def _univariate_sign(ring: Ring, polynomial: fmpz_mpoly, symbol: sp.Symbol) -> int:
    dense = univariate(ring, polynomial, symbol)
    if positive_roots(dense):
        return 0
    return 1 if dense(fmpq(1)) > 0 else -1
