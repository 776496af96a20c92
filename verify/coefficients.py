"""The exact coefficients of one law: mean, poles, weights and the polynomials made of them."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from flint import acb, acb_poly, arb, arb_poly, ctx, fmpq, fmpq_poly, fmpz_poly

from derive.laws import Levy

from .exact import ball, substituted
from .refinement import Undecided, refined

Jump = tuple[sp.Expr, sp.Expr]


class Coefficients:
    """R(g) = mean + sum c g / (1 - p g) at exact parameters, zero weights dropped and equal poles merged.

    With A(w) = prod (w - p) and N = A sum c / (w - p) the equation H(w) = x is (w + m - x) A + N = 0. All of
    these coefficients are rational for the models that ship: irrational poles come in conjugate pairs.
    """

    def __init__(self, levy: Levy, values: Mapping[sp.Symbol, sp.Rational]) -> None:
        self.mean = substituted(levy.mean, values)
        self.jumps = _merged(
            [
                (substituted(p, values), substituted(c, values))
                for p, c in zip(levy.poles, levy.weights, strict=True)
            ]
        )
        self.rates = [None if p == 0 else sp.expand(c / p**2) for p, c in self.jumps]
        self.rational = self._rational_polynomials()
        self._evaluated: dict[int, tuple[arb, list[tuple[arb, arb]]]] = {}

    def _rational_polynomials(self) -> tuple[fmpq_poly, fmpq_poly, fmpq] | None:
        w = sp.Dummy("w")
        product = sp.Poly(sp.expand(sp.prod([w - p for p, _ in self.jumps])), w)
        others = [
            c * sp.prod([w - q for i, (q, _) in enumerate(self.jumps) if i != j])
            for j, (_, c) in enumerate(self.jumps)
        ]
        numerator = sp.Poly(sp.expand(sum(others)), w)
        if not all(c.is_Rational for c in (*product.all_coeffs(), *numerator.all_coeffs(), self.mean)):
            return None
        a, n = (fmpq_poly([_fmpq(c) for c in reversed(q.all_coeffs())]) for q in (product, numerator))
        return a, n, _fmpq(self.mean)

    def balls(self) -> tuple[arb, list[tuple[arb, arb]]]:
        """The mean, and poles with their weights, at the working precision."""
        if ctx.prec not in self._evaluated:
            self._evaluated[ctx.prec] = ball(self.mean), [(ball(p), ball(c)) for p, c in self.jumps]
        return self._evaluated[ctx.prec]

    def ball_polynomials(self) -> tuple[arb_poly, arb_poly, arb]:
        """A, N and the mean at the working precision."""
        mean, jumps = self.balls()
        a, n = arb_poly([1]), arb_poly([0])
        for p, c in jumps:
            n = n * arb_poly([-p, 1]) + a * c
            a = a * arb_poly([-p, 1])
        return a, n, mean

    def roots(self, x: fmpq) -> list[tuple[acb, int]]:
        """All roots of H(w) = x with multiplicities; real roots have an imaginary part exactly 0."""
        if self.rational is not None:
            a, n, mean = self.rational
            return _integer_roots((fmpq_poly([mean - x, 1]) * a + n).numer())
        aa, nn, m = self.ball_polynomials()
        return _real_coefficient_roots(arb_poly([m - arb(x), 1]) * aa + nn)

    def upper_roots(self, x: fmpq, y: fmpq) -> list[acb]:
        """The roots of H(w) = x + i y that show Im w > 0 at the working precision."""
        a, n, mean = self.ball_polynomials()
        polynomial = acb_poly([acb(mean - arb(x), -arb(y)), 1]) * acb_poly(a) + acb_poly(n)
        try:
            return [w for w in polynomial.roots(_tolerance()) if w.imag > 0]
        except ValueError as error:
            raise Undecided from error

    def critical_points(self) -> list[arb]:
        """The real w at which H' changes sign, ascending; A^2 H' = A^2 - N A' + N' A."""
        if self.rational is not None:
            a, n, _ = self.rational
            roots = _integer_roots((a * a - n * a.derivative() + n.derivative() * a).numer())
        else:
            aa, nn, _ = self.ball_polynomials()
            roots = _real_coefficient_roots(aa * aa - nn * aa.derivative() + nn.derivative() * aa)
        return _ascending([w.real for w, multiplicity in roots if w.imag == 0 and multiplicity % 2])

    def h(self, w: arb) -> arb:
        """H(w)."""
        mean, jumps = self.balls()
        return w + mean + sum((c / (w - p) for p, c in jumps), arb(0))

    def slope(self, w: arb) -> arb:
        """H'(w) = 1 - sum c / (w - p)^2."""
        return 1 - sum((c / (w - p) ** 2 for p, c in self.balls()[1]), arb(0))

    def gap_level(self, w: arb) -> sp.Expr:
        """Exact mass left of a point whose physical root w is real and no pole; right-continuous at w = 0."""
        negative = bool(w < 0)
        if not negative and not w >= 0:
            raise Undecided
        total = sp.S.Zero
        for (place, _), rate in zip(self.balls()[1], self.rates, strict=True):
            if rate is None:
                continue
            if not (place < w or place > w):
                raise Undecided
            if negative == bool(place < w):
                total += rate
        return sp.expand(total if negative else 1 - total)

    @property
    def jump_mass(self) -> sp.Expr | None:
        """Sum of all rates, or None if there is a Wigner part."""
        rates = [rate for rate in self.rates if rate is not None]
        return sp.expand(sum(rates, sp.S.Zero)) if len(rates) == len(self.rates) else None

    def rational_cumulants(self, n: int) -> list[fmpq]:
        """kappa_1 ... kappa_n from the series of m + N(1/g) / A(1/g), which never sees an irrational pole."""
        assert self.rational is not None
        a, numerator, mean = self.rational
        degree = a.degree()
        top = [numerator[degree - 1 - k] for k in range(degree)]
        bottom = [a[degree - k] for k in range(degree + 1)]
        series: list[fmpq] = []
        for k in range(n):
            value = top[k] if k < degree else fmpq(0)
            value -= sum((bottom[i] * series[k - i] for i in range(1, min(k, degree) + 1)), fmpq(0))
            series.append(value)
        return [mean, *series][:n]


def _merged(jumps: list[Jump]) -> list[Jump]:
    """Without zero weights, equal poles merged: otherwise w = p would be a root of the polynomial."""
    found: list[Jump] = []
    for p, c in jumps:
        if c == 0:
            continue
        for i, (q, d) in enumerate(found):
            if _equal(p, q):
                found[i] = (q, sp.expand(c + d))
                break
        else:
            found.append((p, c))
    for p, c in found:
        if not ball(c) > 0:
            raise ValueError(f"the weight {c} of the pole {p} must be positive")
    return found


def _equal(p: sp.Expr, q: sp.Expr) -> bool:
    difference = sp.expand(p - q)
    if difference == 0:
        return True

    def value() -> bool:
        if ball(difference).contains(0):
            raise Undecided
        return False

    return refined(value, lambda _: True)


class _Ordered:
    """Orders balls, and gives up where they overlap."""

    def __init__(self, value: arb) -> None:
        self.value = value

    def __lt__(self, other: _Ordered) -> bool:
        if self.value < other.value:
            return True
        if self.value > other.value or self.value is other.value:
            return False
        raise Undecided


def _ascending(values: list[arb]) -> list[arb]:
    return sorted(values, key=_Ordered)


def _integer_roots(polynomial: fmpz_poly) -> list[tuple[acb, int]]:
    return polynomial.complex_roots() if polynomial.degree() > 0 else []


def _real_coefficient_roots(polynomial: arb_poly) -> list[tuple[acb, int]]:
    """Isolated roots of a polynomial with real coefficients.

    Conjugation permutes the roots; a ball that meets the axis and is disjoint from all others holds a root
    together with its conjugate, so that root is real.
    """
    try:
        roots = acb_poly(polynomial).roots(_tolerance())
    except ValueError as error:
        raise Undecided from error
    meeting = [w for w in roots if w.imag.contains(0)]
    if any(w.overlaps(v.conjugate()) for w in meeting for v in roots if v is not w):
        raise Undecided
    return [(acb(w.real) if w.imag.contains(0) else w, 1) for w in roots]


def _tolerance() -> arb:
    """How far root balls are narrowed: half of the working precision, the rest is for the coefficients."""
    return arb(2) ** -(ctx.prec // 2)


def _fmpq(value: sp.Expr) -> fmpq:
    return fmpq(int(value.p), int(value.q))
