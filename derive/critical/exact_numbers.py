"""Closed forms of real algebraic numbers: rational numbers, square roots, roots of a minimal polynomial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpz_mat, fmpz_mpoly, fmpz_poly

from ..algebra.algebraic_points import RING, Point, log2_length, midpoint
from ..algebra.signs import Undecided
from ..derivation import CertificateError

MOST_DEGREE = 6


def minimal_polynomial(point: Point, element: fmpz_mpoly, most: int = MOST_DEGREE) -> fmpz_poly | None:
    """The minimal polynomial over Z of a polynomial in the coordinates, if its degree is at most `most`.

    A short integer relation between its powers is found by lattice reduction and proved by `vanishes`; None
    where there is none within reach, which says nothing.
    """
    for degree in range(1, most + 1):
        bits = 160 * (degree + 1)
        value = point.value(element, bits + 128)
        value = getattr(value, "real", value)  # where it is not real no relation will be proved
        with ctx.workprec(bits + 256):
            powers = [arb(1)]
            while len(powers) <= degree:
                powers.append(powers[-1] * value)
            scaled = [round(midpoint(power) * 2**bits) for power in powers]
        rows = [[int(i == j) for j in range(degree + 1)] + [scaled[i]] for i in range(degree + 1)]
        reduced = fmpz_mat(rows).lll()
        relation = [int(reduced[0, j]) for j in range(degree + 1)]
        if relation[-1] == 0 or log2_length(relation) > 0.6 * bits / (degree + 1):
            continue  # no shorter than chance makes it
        total, power = RING.constant(0), RING.constant(1)
        for c in relation:
            total += c * power
            power *= element
        try:
            if not point.vanishes(total):
                continue
        except Undecided:
            return None
        for factor, _ in fmpz_poly(relation).factor()[1]:
            with ctx.workprec(bits):
                if factor(value).contains(0):
                    return factor
    return None


def expression(polynomial: fmpz_poly, value: Any) -> sp.Expr:
    """The root of an irreducible polynomial in the ball `value`: in radicals up to degree 2."""
    x = sp.Dummy("x")
    terms = sp.Poly([int(c) for c in reversed(polynomial.coeffs())], x)
    if terms.degree() == 1:
        return sp.Rational(-int(polynomial[0]), int(polynomial[1]))
    if terms.degree() == 2:
        a, b, c = map(sp.Integer, terms.all_coeffs())
        root = sp.sqrt(b**2 - 4 * a * c)
        found = [(-b + sign * root) / (2 * a) for sign in (1, -1)]
        return sp.expand(min(found, key=lambda r: abs(float(value.mid()) - float(r))))
    count = len(sp.Poly(terms).intervals())
    near = [sp.CRootOf(terms.as_expr(), x, k) for k in range(count)]
    return min(near, key=lambda r: abs(sp.Float(value.mid().str(40, radius=False), 40) - r.evalf(40)))


def reduced(number: sp.Expr) -> sp.Expr:
    """A positive number made of square roots and pi, in a shorter form where there is one.

    The square is expanded, a + b sqrt(D) as a rule, and its root taken: in that field, or as it stands.
    """
    if not number.is_positive or number.has(sp.CRootOf):
        return number
    roots = [p for p in sp.preorder_traversal(number) if isinstance(p, sp.Pow) and not p.exp.is_Integer]
    if len(roots) < 2 and not any(root.base.is_Add for root in roots):
        return number
    without, pi = number.as_independent(sp.pi)
    content, square = sp.expand(sp.radsimp(sp.expand(without**2))).primitive()
    short = sp.sqrtdenest(sp.sqrt(content) * sp.sqrt(square)) * pi
    return min(number, short, key=lambda form: (sp.count_ops(form), str(form)))


@dataclass(frozen=True)
class Quantity:
    """A real number: a ball that is proved to hold it and, where it is found, a closed form."""

    ball: arb
    exact: sp.Expr | None = None

    def __post_init__(self) -> None:
        if self.exact is None:
            return
        with ctx.workprec(128):
            value = arb(str(sp.N(self.exact, 30)))
            if abs(value - self.ball.mid()) > self.ball.rad() + (1 + abs(value)) * arb(10) ** -25:
                raise CertificateError(f"{self.exact} is not the number in the ball {self.ball}")

    def __float__(self) -> float:
        return float(self.ball.mid())

    def __str__(self) -> str:
        shown = self.ball.str(12, radius=False)
        if self.exact is None or not self.short:
            return shown
        return str(self.exact) if self.exact.is_Integer else f"{self.exact} = {shown}"

    @property
    def short(self) -> bool:
        """Whether there is a closed form worth printing."""
        return self.exact is not None and not self.exact.has(sp.CRootOf)

    def times(
        self, factor: Quantity, power: sp.Rational = sp.S.One, rational: sp.Rational = sp.S.One
    ) -> Quantity:
        """rational * self * factor^power."""
        with ctx.workprec(256):
            raised = factor.ball ** (arb(int(power.p)) / int(power.q))
            ball = self.ball * raised * int(rational.p) / int(rational.q)
        exact = None
        if self.exact is not None and factor.exact is not None:
            exact = reduced(rational * self.exact * factor.exact**power)
        return Quantity(ball, exact)


def is_real(point: Point, element: fmpz_mpoly) -> bool:
    """Whether the value is proved to be real: of its minimal polynomial's roots a real one alone is near."""
    found = minimal_polynomial(point, element)
    if found is None:
        return False
    with ctx.workprec(256):
        value = acb(point.value(element))
        near = [root for root, _ in found.complex_roots() if root.overlaps(value)]
    return len(near) == 1 and bool(near[0].imag.is_zero())


def quantity(point: Point, element: fmpz_mpoly) -> Quantity:
    """The real value of a polynomial in the coordinates, with its closed form if its degree is small."""
    value = point.value(element)
    value = getattr(value, "real", value)
    found = minimal_polynomial(point, element)
    return Quantity(value, None if found is None else expression(found, value))
