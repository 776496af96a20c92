"""The root t_c(s) of a critical curve f(t, s) = 0 in closed form, and numbers at one s in a cell.

Where f is of degree 1 or 2 in t, or factors that far after s = u^n, the root lies in a field Q(u)[W] with
W^2 = D(u).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpz_mpoly, fmpz_poly

from ..algebra.algebraic_points import BITS
from ..algebra.rings import Fraction as Quotient
from ..algebra.rings import Ring, factors_of
from ..algebra.surds import Field, Surd

ROOTS = (2, 3, 4)
_U = sp.Dummy("u", positive=True)  # a parameter may be named u


@dataclass(frozen=True)
class Bound:
    """An end of a cell: a root of its minimal polynomial in s."""

    ball: arb
    polynomial: fmpz_poly

    @classmethod
    def of(cls, end: Fraction | None) -> Bound | None:
        """A finite end of the domain; None for an infinite one."""
        if end is None:
            return None
        return cls(at_number(end), fmpz_poly([-end.numerator, end.denominator]))


Bounds = tuple[Bound | None, Bound | None]


@dataclass(frozen=True)
class Place:
    """The root t_c in a field, and s there: s = u^power."""

    root: Surd
    over: Surd
    power: int
    symbol: sp.Symbol

    @property
    def expression(self) -> sp.Expr:
        """t_c in the symbol s."""
        return self.printed(self.root)

    def printed(self, element: Surd) -> sp.Expr:
        """An element of the field in the symbol s."""
        rational = element.linear.numerator.is_zero()
        expression = element.expression() if rational else element.without_cancellation()
        (u,) = element.field.ring.symbols
        root = self.symbol ** sp.Rational(1, self.power)
        return expression if self.power == 1 else expression.subs(u, root)

    def number(self, element: Surd, s: arb) -> arb:
        """A ball around the value of an element at one s; not finite where a denominator may be 0."""
        u = s if self.power == 1 else s.root(self.power)
        w = _value(element.field.radicand, u).sqrt()
        return _value(element.rational, u) + _value(element.linear, u) * w

    def is_regular(self, element: Surd, bounds: Bounds, zero: bool = False) -> bool:
        """Whether the element is shown to be finite, and not 0 unless that is allowed, between two s."""
        parts = [element.rational.denominator, element.linear.denominator]
        parts += [] if zero else [element.norm.numerator, element.norm.denominator]
        with ctx.workprec(BITS):
            for part in parts:
                for factor, _ in _dense(part).factor()[1]:
                    for root, _ in factor.complex_roots():
                        if not root.imag.is_zero() or not self._between(root.real, factor, bounds):
                            continue
                        value = self.number(element, root.real**self.power)
                        if not value.is_finite() or (value.contains(0) and not zero):
                            return False
        return True

    def _between(self, u: arb, factor: fmpz_poly, bounds: Bounds) -> bool:
        """Whether s = u^power may lie between the bounds; at one of them it does not."""
        if self.power > 1 and not u > 0:
            return False
        s, minimal = u**self.power, factor
        if self.power > 1 and factor.degree() == 1:
            minimal = fmpz_poly([-((-factor[0]) ** self.power), factor[1] ** self.power])
        for bound, inward in zip(bounds, (1, -1), strict=True):
            if bound is None:
                continue
            away = (s - bound.ball) * inward
            if away < 0 or (away.contains(0) and minimal in (bound.polynomial, -bound.polynomial)):
                return False
        return True


def place_of(
    curve: sp.Expr, t: sp.Symbol, s: sp.Symbol, sample: arb, root: arb, bounds: Bounds
) -> Place | None:
    """The root t of a curve that is `root` at the sample, in closed form; None where its degree is too high.

    bounds: of s, between which the closed form is shown to be finite.
    """
    with ctx.workprec(BITS):
        for place in _places_of(curve, t, s):
            if place.number(place.root, sample).overlaps(root) and place.is_regular(place.root, bounds, True):
                return place
    return None


def _places_of(curve: sp.Expr, t: sp.Symbol, s: sp.Symbol) -> list[Place]:
    found: list[Place] = []
    for power in (1, *(ROOTS if s.is_positive else ())):
        u = s if power == 1 else _U
        ring = Ring((u, t))
        _, factors = factors_of(ring.polynomial(curve.subs(s, u**power)))
        for factor, _ in sorted(factors, key=lambda item: str(item[0])):
            coefficients = ring.coefficients(factor, t)
            if max(coefficients) not in (1, 2) or (power > 1 and max(coefficients) == 2):
                continue
            found += [
                Place(root, root.field.element(u**power), power, s)
                for root in _roots({k: ring.expression(c) for k, c in coefficients.items()}, u)
            ]
        if found:
            break
    return found


def _roots(coefficients: dict[int, sp.Expr], u: sp.Symbol) -> list[Surd]:
    c, b, a = (coefficients.get(k, sp.S.Zero) for k in range(3))
    if a == 0:
        return [Field.of(sp.S.One, (u,)).element(-c / b)]
    ring = Ring((u,))
    content, factors = factors_of(ring.polynomial(sp.expand(b**2 - 4 * a * c)))
    squares = sp.prod([p ** (e // 2) for p, e in sp.factorint(abs(content)).items()])
    outside = squares * sp.prod([ring.expression(f) ** (e // 2) for f, e in factors])
    left = sp.Integer(content) / squares**2 * sp.prod([ring.expression(f) ** (e % 2) for f, e in factors])
    field = Field.of(sp.expand(left), (u,))
    return [field.element(-b / (2 * a), sign * outside / (2 * a)) for sign in (1, -1)]


def _dense(polynomial: fmpz_mpoly) -> fmpz_poly:
    dense: dict[int, Any] = {int(m[0]): c for m, c in polynomial.terms()}
    return fmpz_poly([dense.get(k, 0) for k in range(max(dense, default=0) + 1)])


def _value(quotient: Quotient, u: arb) -> arb:
    return _dense(quotient.numerator)(u) / _dense(quotient.denominator)(u)


def at_number(value: Fraction) -> arb:
    """A rational number as a ball."""
    with ctx.workprec(BITS):
        return arb(value.numerator) / value.denominator
