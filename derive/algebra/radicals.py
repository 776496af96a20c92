"""Expressions with radicals, decided exactly: does one vanish, is one positive.

Every radical b^(1/q) becomes a new symbol r with r^q = b, after its radicand has been split into
irreducible factors of known sign (sqrt(2 eps) = sqrt(2) sqrt(eps) needs eps > 0). A normal form of
0 proves that an expression vanishes. That it does not vanish is concluded where the radicals are
independent square roots over the rational functions, or from a certified ball at a rational point.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction as Rational
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpq, fmpz_mpoly

from .rings import NotRational, Ring, factors_of, order
from .signs import Box, EmptyDomain, Point, Undecided, polynomial_sign

_PI = sp.Symbol("_pi", positive=True)


@dataclass
class Tower:
    """Radicals met in an expression, as symbols with r**degree = radicand (in earlier ones)."""

    box: Box
    facts: tuple[sp.Expr, ...]
    relations: list[tuple[sp.Symbol, int, sp.Expr]] = field(default_factory=list)
    known: dict[tuple[sp.Expr, int], sp.Expr] = field(default_factory=dict)

    def rational(self, expression: sp.Expr) -> sp.Expr:
        """The expression with radicals replaced by their symbols."""
        if isinstance(expression, (sp.Rational, sp.Symbol)):
            return expression
        if isinstance(expression, (sp.Add, sp.Mul)):
            return expression.func(*(self.rational(a) for a in expression.args))
        if expression is sp.pi:  # transcendental: one more free symbol
            self.box.intervals[_PI] = (Rational(3), Rational(4))
            return _PI
        if expression is sp.I:
            return self._symbol(sp.Integer(-1), 2)
        if isinstance(expression, sp.Pow) and isinstance(expression.exp, sp.Rational):
            base = self.rational(expression.base)
            if isinstance(expression.exp, sp.Integer):
                return base**expression.exp
            return self._root(base, int(expression.exp.q)) ** expression.exp.p
        if isinstance(expression, sp.Abs):
            return self._absolute(self.rational(expression.args[0]))
        raise Undecided(f"{expression} is not algebraic in its symbols")

    def _absolute(self, base: sp.Expr) -> sp.Expr:
        if base.free_symbols <= set(self.box.intervals):
            ring = Ring.of(base, *self.facts)
            fraction = ring.fraction(base)
            facts = tuple(ring.fraction(f).numerator for f in self.facts if f.is_polynomial())
            sign = polynomial_sign(ring, fraction.numerator * fraction.denominator, self.box, facts)
            if sign in (1, -1):
                return sign * base
        return self._symbol(sp.expand(base**2), 2)

    def _symbol(self, radicand: sp.Expr, degree: int) -> sp.Expr:
        if (radicand, degree) not in self.known:
            real = radicand is not sp.S.NegativeOne
            symbol = sp.Symbol(f"_root{len(self.relations)}", real=real)
            self.relations.append((symbol, degree, radicand))
            self.known[radicand, degree] = symbol
        return self.known[radicand, degree]

    def _root(self, base: sp.Expr, degree: int) -> sp.Expr:
        """The principal root, split over the factors of known sign."""
        if not base.free_symbols <= set(self.box.intervals):
            return self._symbol(sp.expand(base), degree)  # a nested radical: kept whole
        ring = Ring.of(base, *self.facts)
        facts = tuple(ring.fraction(f).numerator for f in self.facts if f.is_polynomial())
        fraction = ring.fraction(base)
        sign, product, loose = 1, sp.S.One, sp.S.One
        for part, direction in ((fraction.numerator, 1), (fraction.denominator, -1)):
            content, factors = factors_of(part)
            sign = -sign if content < 0 else sign
            primes = [(ring.constant(int(p)), e) for p, e in sp.factorint(abs(int(content))).items()]
            for factor, exponent in (*primes, *factors):
                power = direction * int(exponent)
                factor_sign = polynomial_sign(ring, factor, self.box, facts)
                if factor_sign not in (1, -1):
                    loose *= ring.expression(factor) ** power
                    continue
                sign *= factor_sign ** abs(power)
                whole, left = divmod(power, degree)
                positive_factor = ring.expression(factor_sign * factor)
                product *= positive_factor**whole
                if left:
                    product *= self._symbol(positive_factor, degree) ** left
        rest = sign * loose
        if rest == 1:
            return product
        return product * self._symbol(rest, degree)

    def independent(self) -> bool:
        """Whether the symbols generate a field of the product degree, so that a non-zero normal
        form means a non-zero expression: square roots of distinct irreducibles (and of -1)."""
        seen: set[sp.Expr] = set()
        for _, degree, radicand in self.relations:
            if degree != 2 or radicand in seen or sp.expand(-radicand) in seen:
                return False
            if not radicand.free_symbols <= set(self.box.intervals):
                return False
            seen.add(radicand)
            if radicand == -1 or (radicand.is_Integer and sp.isprime(radicand)):
                continue
            ring = Ring.of(radicand)
            try:
                content, factors = factors_of(ring.polynomial(radicand))
            except NotRational:
                return False
            if abs(int(content)) != 1 or len(factors) != 1 or int(factors[0][1]) != 1:
                return False
        return True

    def reduce(self, ring: Ring, polynomial: fmpz_mpoly) -> fmpz_mpoly:
        """A non-zero multiple of the normal form: every radical below its degree."""
        for symbol, degree, radicand in reversed(self.relations):
            if ring.degree(polynomial, symbol) < degree:
                continue
            base = ring.fraction(radicand)
            r = ring.gen(symbol)
            parts = ring.coefficients(polynomial, symbol)
            top = max(parts) // degree
            reduced = ring.constant(0)
            for power, coefficient in parts.items():
                whole, left = divmod(power, degree)
                reduced += coefficient * r**left * base.numerator**whole * base.denominator ** (top - whole)
            polynomial = reduced
        return polynomial

    def ring(self, expression: sp.Expr) -> Ring:
        """The ring of the expression's symbols and all radicals, the latest radical first."""
        radicals = tuple(symbol for symbol, _, _ in reversed(self.relations))
        return Ring.of(expression, *(radicand for _, _, radicand in self.relations), first=radicals)


def _tower(expression: sp.Expr, where: Iterable[Any]) -> tuple[Tower, sp.Expr]:
    box, facts = Box.of(expression.free_symbols, where)
    tower = Tower(box, facts)
    return tower, tower.rational(expression)


def vanishes(expression: Any, *, where: Iterable[Any] = ()) -> bool:
    """Whether an algebraic expression is identically 0, decided exactly.

    where: expressions known to be positive; with the symbols' own assumptions they settle how
    radicals split. Raises `Undecided` for what is not algebraic or cannot be decided.
    """
    expression = sp.sympify(expression)
    tower, rational = _tower(expression, tuple(where))
    ring = tower.ring(rational)
    fraction = ring.fraction(rational)
    if tower.reduce(ring, fraction.denominator).is_zero():
        raise ZeroDivisionError(f"a denominator of {expression} is identically 0")
    normal = tower.reduce(ring, fraction.numerator)
    if normal.is_zero():
        return True
    if not tower.relations or tower.independent():
        return False
    if any(ball_differs_from_zero(expression, point) for point in _sample(tower, expression)):
        return False
    raise Undecided(f"no way was found to decide whether {expression} is 0")


def _sample(tower: Tower, expression: sp.Expr) -> Iterable[Point]:
    symbols = order(expression.free_symbols)
    for point in tower.box.points(symbols):
        if all(_ball_sign(fact, point) == 1 for fact in tower.facts):
            yield point


def ball(expression: sp.Expr, point: Point) -> acb:
    """A ball that contains the value at a rational point, at python-flint's current precision."""
    if isinstance(expression, sp.Rational):
        return acb(arb(fmpq(int(expression.p), int(expression.q))))
    if isinstance(expression, sp.Symbol):
        value = point[expression]
        return acb(arb(fmpq(value.numerator, value.denominator)))
    if isinstance(expression, sp.Add):
        return sum((ball(a, point) for a in expression.args), acb(0))
    if isinstance(expression, sp.Mul):
        value = acb(1)
        for factor in expression.args:
            value *= ball(factor, point)
        return value
    if expression is sp.I:
        return acb(0, 1)
    if expression is sp.pi:
        return acb.pi()
    if isinstance(expression, sp.Abs):
        inner = ball(expression.args[0], point)
        return (inner * inner.conjugate()).sqrt()
    if isinstance(expression, sp.Pow) and isinstance(expression.exp, sp.Rational):
        base = ball(expression.base, point)
        p, q = int(expression.exp.p), int(expression.exp.q)
        return base**p if q == 1 else base.root(q) ** p
    raise Undecided(f"{expression} is not algebraic")


def ball_differs_from_zero(expression: sp.Expr, point: Point, bits: int = 400) -> bool:
    """Whether a certified ball around the value at the point excludes 0."""
    before = ctx.prec
    try:
        ctx.prec = bits
        return not ball(expression, point).contains(0)
    finally:
        ctx.prec = before


def _ball_sign(expression: sp.Expr, point: Point, bits: int = 400) -> int | None:
    """The certified sign of a real expression at a point; None if the ball contains 0 or is not real."""
    before = ctx.prec
    try:
        ctx.prec = bits
        value = ball(expression, point)
        if not value.imag.contains(0):
            return None
        return 1 if value.real > 0 else -1 if value.real < 0 else None
    finally:
        ctx.prec = before


def positive(expression: Any, *, where: Iterable[Any] = ()) -> bool | None:
    """Whether an expression is > 0 on all of its symbols' domain; None if that stays undecided.

    where: further facts, expressions that are > 0 (`1 - phi`). False means that it is not positive
    somewhere, with certainty.
    """
    sign = constant_sign(expression, where=where)
    return None if sign is None else sign == 1


def constant_sign(expression: Any, *, where: Iterable[Any] = ()) -> int | None:
    """1 or -1 where the expression has one strict sign on the domain, 0 where it has not, else None."""
    expression = sp.sympify(expression)
    where = tuple(where)
    try:
        tower, rational = _tower(expression, where)
        if any(f.free_symbols and not f.is_rational_function() for f in tower.facts):
            tower.facts = tuple(f for f in tower.facts if f.is_rational_function())
        ring = tower.ring(rational)
        ring = Ring.of(*ring.symbols, *tower.facts, first=ring.symbols)
        fraction = ring.fraction(rational)
    except EmptyDomain:
        raise
    except Undecided:
        return None
    facts = tuple(ring.fraction(f).numerator * ring.fraction(f).denominator for f in tower.facts)
    signs = [_tower_sign(tower, ring, part, facts) for part in (fraction.numerator, fraction.denominator)]
    refuted = 0 in signs and rational.has(_PI)  # on the box around pi only
    if None not in signs and not refuted:
        return signs[0] * signs[1]  # type: ignore[operator]
    seen = set()
    for point in _sample(tower, expression):
        seen.add(_ball_sign(expression, point))
        if {1, -1} <= seen:
            return 0
    return None


def _is_real_root(tower: Tower, ring: Ring, radicand: sp.Expr, facts: tuple[fmpz_mpoly, ...]) -> bool:
    """Whether a square root is known to be of something positive."""
    fraction = ring.fraction(radicand)
    return _tower_sign(tower, ring, fraction.numerator * fraction.denominator, facts) == 1


def _tower_sign(
    tower: Tower, ring: Ring, polynomial: fmpz_mpoly, facts: tuple[fmpz_mpoly, ...]
) -> int | None:
    """The sign of a polynomial in parameters and positive square roots, taking the roots off in turn."""
    polynomial = tower.reduce(ring, polynomial)
    for symbol, degree, radicand in reversed(tower.relations):
        if ring.degree(polynomial, symbol) < 1:
            continue
        if degree != 2 or not _is_real_root(tower, ring, radicand, facts):
            return None
        parts = ring.coefficients(polynomial, symbol)
        zero = ring.constant(0)
        constant, linear = parts.get(0, zero), parts.get(1, zero)
        signs = [_tower_sign(tower, ring, part, facts) for part in (constant, linear)]
        if constant.is_zero() or (signs[0] is not None and signs[0] == signs[1]):
            return signs[1]
        # (A + B r)(A - B r) = A^2 - B^2 r^2: where it is positive A decides, where negative B
        norm = _tower_sign(tower, ring, constant**2 - linear**2 * ring.gen(symbol) ** 2, facts)
        if norm in (1, -1):
            return signs[0] if norm == 1 else signs[1]
        return None
    return polynomial_sign(ring, polynomial, tower.box, facts)
