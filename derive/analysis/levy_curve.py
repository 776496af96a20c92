"""The curve of a rational free Levy law: H(w) = z with w = 1/G, as exact polynomials.

    H(w) = w + m + sum_j c_j / (w - p_j),    Phi(w) = sum_j c_j / (w - p_j)^2 = 1 - H'(w).

Poles may contain radicals of the parameters (+-phi sqrt(eps/2)); in the polynomials they cancel,
or the law is refused with `NotRational`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.polynomials import numerator
from ..algebra.rings import Ring, factors_of
from ..algebra.signs import Undecided
from ..laws import Levy, w, x


@dataclass(frozen=True)
class Curve:
    """H, Phi and their cleared polynomials for a Levy law; all in `w` and `x` of `derive.laws`."""

    law: Levy

    @cached_property
    def h(self) -> sp.Expr:
        """H(w), written with one simple fraction a pole."""
        parts = zip(self.law.poles, self.law.weights, strict=True)
        return w + self.law.mean + sum((c / (w - p) for p, c in parts), sp.S.Zero)

    @cached_property
    def phi(self) -> sp.Expr:
        """Phi(w) = 1 - H'(w)."""
        parts = zip(self.law.poles, self.law.weights, strict=True)
        return sum((c / (w - p) ** 2 for p, c in parts), sp.S.Zero)

    @cached_property
    def rational(self) -> sp.Expr:
        """H(w) as one quotient of polynomials in w whose coefficients are rational in the parameters."""
        return w + self.law.mean + self._cleared(1)

    @cached_property
    def rational_phi(self) -> sp.Expr:
        """Phi(w) as one quotient."""
        return self._cleared(2)

    def _cleared(self, power: int) -> sp.Expr:
        """sum_j c_j / (w - p_j)^power over one denominator, radicals cancelled."""
        poles = self.law.poles
        top = sp.S.Zero
        for j, weight in enumerate(self.law.weights):
            top += weight * sp.prod([(w - p) ** power for i, p in enumerate(poles) if i != j])
        return sp.expand(top) / sp.expand(sp.prod([(w - p) ** power for p in poles]))

    @cached_property
    def polynomial(self) -> sp.Expr:
        """Numerator of H(w) - x, of degree k + 1 in w for k poles; integer coefficients."""
        return numerator(self.rational - x)

    @cached_property
    def critical(self) -> sp.Expr:
        """Numerator of 1 - Phi(w), of degree 2 k in w: its real roots are the edges' places."""
        return numerator(1 - self.rational_phi)

    @cached_property
    def pole_polynomial(self) -> sp.Expr:
        """prod (w - p_j), expanded."""
        return sp.expand(sp.prod([w - p for p in self.law.poles]))

    @property
    def wigner(self) -> sp.Expr:
        """The weight of the pole 0, the Wigner part; 0 without one."""
        parts = zip(self.law.poles, self.law.weights, strict=True)
        return sum((c for p, c in parts if p == 0), sp.S.Zero)

    @property
    def total_rate(self) -> sp.Expr | None:
        """Phi(0), the sum of all rates; None with a Wigner part."""
        rates = self.law.rates
        return None if None in rates else sp.cancel(sum(rates))  # type: ignore[arg-type]


LARGEST = 8


def discriminant_of(equation: sp.Expr, symbol: sp.Symbol) -> tuple[Ring, fmpz_mpoly]:
    """The discriminant of a polynomial with integer coefficients, in the ring of its symbols.

    Raises `Undecided` where degree and number of parameters together make it too large to be of use.
    """
    ring = Ring.of(equation, first=(symbol,))
    polynomial = ring.polynomial(equation)
    degree, parameters = ring.degree(polynomial, symbol), len(ring.symbols) - 2
    if degree - 1 + parameters > LARGEST:
        raise Undecided(
            f"a discriminant of degree {degree} in {parameters} parameters is too large; fix some of them"
        )
    return ring, polynomial.discriminant(f"x{ring.index(symbol)}")


def ordered_factors(polynomial: fmpz_mpoly) -> tuple[int, list[tuple[fmpz_mpoly, int]]]:
    """(content, [(irreducible factor, exponent)]) in a fixed order."""
    content, factors = factors_of(polynomial)
    ordered = sorted(factors, key=lambda item: (int(item[0].total_degree()), str(item[0])))
    return int(content), [(factor, int(exponent)) for factor, exponent in ordered]
