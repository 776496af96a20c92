"""A printed density, held exactly against the equation of the law.

On the support G = u - i s with s = pi rho, u and s real: real and imaginary part of the equation
vanish together, and eliminating u leaves a polynomial in (s, x) that pi rho must satisfy identically.
Its other branches are told apart by certified roots at a point of the support.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction as Rational

import sympy as sp
from flint import ctx, fmpz_poly

from ..algebra.radicals import ball, vanishes
from ..algebra.rings import Ring
from ..algebra.signs import Point, Undecided, value_at
from ..derivation import CertificateError
from ..laws import G, x, z
from ..transforms.curves import Setting

s, u = sp.symbols("s u")


def elimination(equation: sp.Expr) -> sp.Expr:
    """The polynomial in (s, x) that s = -Im G satisfies for real z = x."""
    ring = Ring.of(equation.subs(z, x), first=(u, s, x))
    own = Ring.of(equation.subs(z, x), first=(G, x))
    rows = own.coefficients(own.polynomial(equation.subs(z, x)), G)
    real, imaginary = ring.constant(0), ring.constant(0)
    power_real, power_imaginary = ring.constant(1), ring.constant(0)  # (u - i s)^k
    small_u, small_s = ring.gen(u), ring.gen(s)
    for k in range(max(rows) + 1):
        if k in rows:
            coefficient = ring.polynomial(own.expression(rows[k]))
            real += coefficient * power_real
            imaginary += coefficient * power_imaginary
        power_real, power_imaginary = (
            power_real * small_u + power_imaginary * small_s,
            power_imaginary * small_u - power_real * small_s,
        )
    return ring.expression(real.resultant(imaginary / small_s, f"x{ring.index(u)}"))


@dataclass(frozen=True)
class DensityAgrees:
    """pi density is minus the imaginary part of the physical root, or is certified not to be.

    agrees: the outcome to certify. Agreement takes the identity and the branch at one point; a
    failed identity or a wrong branch refutes.
    """

    setting: Setting
    equation: sp.Expr
    density: sp.Expr
    agrees: bool

    def check(self) -> None:
        found = self.decide()
        if found != self.agrees:
            outcome = "satisfies" if found else "does not satisfy"
            raise CertificateError(f"the density {self.density} {outcome} the equation of the law")

    def decide(self) -> bool:
        """Whether the density is that of the law; `Undecided` if no point of the support is found."""
        inserted = elimination(self.equation).subs(s, sp.pi * self.density)
        return vanishes(inserted, where=self.setting.facts) and self._right_branch()

    def _right_branch(self) -> bool:
        before = ctx.prec
        try:
            ctx.prec = 200
            for point in self.setting.points:
                for place in _places():
                    verdict = self._at(point, place)
                    if verdict is not None:
                        return verdict
        finally:
            ctx.prec = before
        raise Undecided("no rational point of the support was found where the printed density is real")

    def _at(self, point: Point, place: Rational) -> bool | None:
        """Whether the value at a point fits the unique root with Im G < 0; None outside the support."""
        try:
            value = ball(sp.pi * self.density, {**point, x: place})
        except (ZeroDivisionError, ValueError):
            return None
        if not value.is_finite() or not value.imag.contains(0):
            return None
        ring = Ring.of(self.equation.subs(z, x), first=(G, x))
        rows = ring.coefficients(ring.polynomial(self.equation.subs(z, x)), G)
        exact = [Rational(0)] * (max(rows) + 1)
        for power, row in rows.items():
            exact[power] = value_at(ring, row, {**point, x: place})
        common = 1
        for coefficient in exact:
            common = common * coefficient.denominator // _gcd(common, coefficient.denominator)
        roots = fmpz_poly([int(coefficient * common) for coefficient in exact]).complex_roots()
        lower = [root for root, _ in roots if root.imag < 0]
        if len(lower) != 1:
            return None  # outside the support, or a law whose physical root is not the only one
        return bool((value.real + lower[0].imag).contains(0))

    @property
    def summary(self) -> str:
        return "elimination of Re G, reduced exactly; branch by certified roots at a point of the support"


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _places() -> tuple[Rational, ...]:
    sizes = [
        Rational(1, 3),
        Rational(1),
        Rational(1, 20),
        Rational(3),
        Rational(9, 4),
        Rational(1, 400),
        Rational(12),
    ]
    return tuple(sign * size for size in sizes for sign in (1, -1))
