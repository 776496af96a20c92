"""The field Q(parameters)[W] / (W^2 - D): exact arithmetic, square roots, and forms without cancellation.

An element a + b W that vanishes at some parameter value loses digits there, because a and b W cancel.
Over a value t0 of the leading parameter where D(t0) = w0^2, w0 > 0 rational, the field has two places,
W = w0 (the real one, W = sqrt(D) > 0) and W = -w0. Dividing out (t0 - t)^v and the right power of
(W + w0), which vanishes at the second place only, leaves an element that is finite and non-zero at both,
and its evaluation at W > 0 cancels no more. The orders come from the norm a^2 - b^2 D.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from flint import fmpz_mpoly

from .polynomials import factored
from .rings import Fraction, Ring, factors_of
from .signs import Undecided


@dataclass(frozen=True)
class Field:
    """Q(symbols)[W]; `symbols[0]` is the parameter in which places are looked for."""

    ring: Ring
    radicand: Fraction

    @classmethod
    def of(cls, radicand: sp.Expr, symbols: tuple[sp.Symbol, ...]) -> Field:
        """The field of sqrt(radicand) over the rational functions in the symbols."""
        ring = Ring(symbols)
        return cls(ring, ring.fraction(radicand))

    @property
    def root(self) -> sp.Expr:
        """sqrt(D), with D written as D(0) + t (...), which does not cancel for small t."""
        t = self.ring.symbols[0]
        radicand = self._expression(self.radicand)
        constant = radicand.subs(t, 0)
        sign, factors = 1, []
        for factor in sp.Mul.make_args(_factored(sp.expand(radicand - constant))):
            flip = factor.is_Add and factor.subs(t, 0).is_negative  # 8 t (2 - t), not -8 t (t - 2)
            sign = -sign if flip else sign
            factors.append(-factor if flip else factor)
        rest = sp.Mul(sign, *factors)
        return sp.sqrt(constant + rest)

    def element(self, rational: sp.Expr, linear: sp.Expr = sp.S.Zero) -> Surd:
        """rational + linear W."""
        return Surd(self, self.ring.fraction(rational), self.ring.fraction(linear))

    def evaluate(self, expression: sp.Expr, values: dict[sp.Symbol, Surd]) -> Surd:
        """A rational expression with elements put in for some symbols."""
        expression = sp.sympify(expression)
        if expression in values:
            return values[expression]
        if not expression.free_symbols & set(values):
            return self.element(expression)
        if isinstance(expression, sp.Add):
            total = self.element(sp.S.Zero)
            for term in expression.args:
                total = total + self.evaluate(term, values)
            return total
        if isinstance(expression, sp.Mul):
            product = self.element(sp.S.One)
            for factor in expression.args:
                product = product * self.evaluate(factor, values)
            return product
        if isinstance(expression, sp.Pow) and isinstance(expression.exp, sp.Integer):
            return self.evaluate(expression.base, values) ** int(expression.exp)
        raise Undecided(f"{expression} is no rational expression")

    def _expression(self, fraction: Fraction) -> sp.Expr:
        return self.ring.expression(fraction.numerator) / self.ring.expression(fraction.denominator)

    def constant(self, value: int) -> Fraction:
        """An integer as a fraction of the ring."""
        return Fraction(self.ring.constant(value), self.ring.constant(1))

    def order(self, fraction: Fraction, value: sp.Rational) -> int:
        """The order of vanishing at symbols[0] = value, negative at a pole; the fraction is not 0."""
        return self._count(fraction.numerator, value) - self._count(fraction.denominator, value)

    def _count(self, polynomial: fmpz_mpoly, value: sp.Rational) -> int:
        line = int(value.q) * self.ring.gen(self.ring.symbols[0]) - int(value.p)
        count = 0
        while True:
            quotient, remainder = divmod(polynomial, line)
            if not remainder.is_zero():
                return count
            polynomial, count = quotient, count + 1


@dataclass(frozen=True, eq=False)
class Surd:
    """rational + linear W in a field."""

    field: Field
    rational: Fraction
    linear: Fraction

    def __add__(self, other: Surd) -> Surd:
        return Surd(self.field, self.rational + other.rational, self.linear + other.linear)

    def __sub__(self, other: Surd) -> Surd:
        return Surd(self.field, self.rational - other.rational, self.linear - other.linear)

    def __mul__(self, other: Surd) -> Surd:
        rational = self.rational * other.rational + self.linear * other.linear * self.field.radicand
        return Surd(self.field, rational, self.rational * other.linear + self.linear * other.rational)

    def __truediv__(self, other: Surd) -> Surd:
        norm = other.norm
        product = self * other.conjugate
        return Surd(self.field, product.rational / norm, product.linear / norm)

    def __pow__(self, power: int) -> Surd:
        result = self.field.element(sp.S.One)
        for _ in range(abs(power)):
            result = result * self
        return result if power >= 0 else self.field.element(sp.S.One) / result

    @property
    def conjugate(self) -> Surd:
        """rational - linear W."""
        return Surd(self.field, self.rational, self.field.constant(0) - self.linear)

    @property
    def norm(self) -> Fraction:
        """rational^2 - linear^2 D."""
        return self.rational * self.rational - self.linear * self.linear * self.field.radicand

    @property
    def is_zero(self) -> bool:
        """Whether the element is 0."""
        return bool(self.rational.numerator.is_zero() and self.linear.numerator.is_zero())

    def expression(self) -> sp.Expr:
        """rational + linear sqrt(D), with their common factors outside."""
        return sp.Mul(*self._factors())

    def _factors(self) -> tuple[sp.Expr, ...]:
        field, ring = self.field, self.field.ring
        a, b = self.rational, self.linear
        bottom = a.denominator * (b.denominator / a.denominator.gcd(b.denominator))
        top_a = a.numerator * (bottom / a.denominator)
        top_b = b.numerator * (bottom / b.denominator)
        if top_b.is_zero() or top_a.is_zero():
            power = field.root if top_a.is_zero() else sp.S.One
            return (ring.factored(top_a + top_b), power, 1 / ring.factored(bottom))
        content = top_a.gcd(top_b)
        if top_b.leading_coefficient() < 0:
            content = -content
        inner = ring.expression(top_a / content) + ring.factored(top_b / content) * field.root
        return (ring.factored(content), inner, 1 / ring.factored(bottom))

    def without_cancellation(self, low: int = 0, high: int = 1) -> sp.Expr:
        """The element, W = sqrt(D) > 0, in a form that does not cancel at rational places of [low, high].

        Zeros and poles at values of the leading parameter inside the closed interval come out as
        explicit factors; other values are left as they are.
        """
        field, t = self.field, self.field.ring.symbols[0]
        rest, outside = self, sp.S.One
        for value in self._places(low, high):
            w0 = sp.sqrt(field._expression(field.radicand).subs(t, value))
            real, other = rest._orders(value, w0)
            bound = field.element(w0, sp.S.One)  # W + w0
            step = field.order(bound.norm, value)
            power, left = divmod(real - other, step)
            if left:
                continue
            line = field.element(t - value if value == low else value - t)
            rest = rest * bound**power / line**real
            outside *= (t - value if value == low else value - t) ** real * (w0 + field.root) ** (-power)
        return sp.Mul(outside, *rest._factors())  # in one product: a number times a sum would be spread out

    def _places(self, low: int, high: int) -> tuple[sp.Rational, ...]:
        """Rational values in [low, high] where the norm has a zero or a pole and D is a square."""
        field, t = self.field, self.field.ring.symbols[0]
        found: set[sp.Rational] = set()
        norm = self.norm
        parts = (norm.numerator, norm.denominator, self.rational.denominator, self.linear.denominator)
        for part in parts:
            for factor, _ in factors_of(part)[1]:
                expression = field.ring.expression(factor)
                if expression.free_symbols == {t} and sp.degree(expression, t) == 1:
                    found.add(-expression.coeff(t, 0) / expression.coeff(t, 1))
        radicand = field._expression(field.radicand)
        if radicand.free_symbols - {t}:
            return ()
        squares = (v for v in sorted(found) if low <= v <= high and sp.sqrt(radicand.subs(t, v)).is_Rational)
        return tuple(v for v in squares if radicand.subs(t, v) != 0)

    def _orders(self, value: sp.Rational, w0: sp.Expr) -> tuple[int, int]:
        """Orders of vanishing at the places W = w0 and W = -w0 over symbols[0] = value."""
        field = self.field
        parts = [p for p in (self.rational, self.linear) if not p.numerator.is_zero()]
        common = min(field.order(p, value) for p in parts)
        t = field.ring.symbols[0]
        line = field.element(t - value)
        primitive = self / line**common
        extra = field.order(primitive.norm, value)
        if extra == 0:
            return common, common
        a = field._expression(primitive.rational).subs(t, value)
        b = field._expression(primitive.linear).subs(t, value)
        return (common + extra, common) if sp.cancel(a + b * w0) == 0 else (common, common + extra)

    def square_root(self) -> tuple[sp.Rational, Surd] | None:
        """(q, s) with q s^2 equal to the element, q a squarefree rational; None if there is none."""
        field = self.field
        norm = _rational_root(field, self.norm)
        if norm is None or norm[0] != 1:
            return None
        for sign in (1, -1):
            half = (self.rational + field.constant(sign) * norm[1]) / field.constant(2)
            if half.numerator.is_zero():
                continue
            root = _rational_root(field, half)
            if root is None:
                continue
            content, alpha = root
            scaled = Surd(field, self.rational, self.linear) * field.element(1 / content)
            surd = Surd(field, alpha, scaled.linear / (field.constant(2) * alpha))
            if (surd * surd * field.element(content) - self).is_zero:
                return content, surd
        return None


def _rational_root(field: Field, fraction: Fraction) -> tuple[sp.Rational, Fraction] | None:
    """(q, f) with q f^2 equal to the fraction and q a squarefree rational number."""
    content, result = sp.S.One, field.constant(1)
    for part, direction in ((fraction.numerator, 1), (fraction.denominator, -1)):
        number, factors = factors_of(part)
        content *= sp.Integer(int(number)) ** direction
        for factor, exponent in factors:
            if int(exponent) % 2:
                return None
            result = result * Fraction(factor, field.ring.constant(1)) ** (direction * int(exponent) // 2)
    sign = -1 if content < 0 else 1
    square = sp.S.One
    free = sp.Integer(sign)
    for prime, exponent in sp.factorint(abs(content.p * content.q)).items():
        square *= sp.Integer(prime) ** (exponent // 2)
        free *= sp.Integer(prime) ** (exponent % 2)
    square = square / content.q  # p / q = p q / q^2
    return free, result * field.ring.fraction(square)


def _factored(expression: sp.Expr) -> sp.Expr:
    return factored(expression)
