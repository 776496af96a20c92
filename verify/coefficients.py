"""The exact coefficients of one law: mean, poles, weights and the polynomials made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import sympy as sp
from flint import acb, acb_poly, arb, arb_poly, ctx, fmpq, fmpq_poly, fmpz_poly

from derive.laws import Levy

from .compiled import Values, ball_function, rational_function
from .exact import Number, as_symbolic, ball, complement, substituted, total
from .refinement import Undecided, refined


class Coefficients:
    """R(g) = mean + sum c g / (1 - p g) at exact parameters, zero weights dropped and equal poles merged.

    With A(w) = prod (w - p) and N = A sum c / (w - p) the equation H(w) = x is (w + m - x) A + N = 0. All of
    these coefficients are rational for the models that ship: irrational poles come in conjugate pairs.
    N / A in lowest terms knows neither zero weights nor equal poles: its degree counts the poles left.

    weights, rates: one for each pole that is left; a rate c / p^2 is None for the pole 0.
    """

    def __init__(self, levy: Levy, values: Mapping[sp.Symbol, fmpq]) -> None:
        self._levy, self._values = levy, values
        self._form = form = _compiled(levy)
        self._arguments = [values[symbol] for symbol in form.symbols]
        self._evaluated: dict[int, tuple[arb, list[tuple[arb, arb]]]] = {}
        self.mean = self._number(levy.mean, form.mean)
        weights = [self._number(c, f) for c, f in zip(levy.weights, form.weights, strict=True)]
        for c, p in zip(weights, levy.poles, strict=True):
            if c != 0 and not ball(c) > 0:
                raise ValueError(f"the weight {c} of the pole {p} must be positive")
        active = [i for i, c in enumerate(weights) if c != 0]
        self.rational = self._rational_polynomials()
        poles = self.rational[0].degree() if self.rational else len(self._distinct(active))
        self._groups = refined(lambda: self._clusters(active), lambda found: len(found) == poles)
        self.weights = [total(weights[i] for i in group) for group in self._groups]
        self.rates = [self._rate(group) for group in self._groups]

    def _number(self, expression: sp.Expr, compiled: Callable[[Values], fmpq] | None) -> Number:
        return compiled(self._arguments) if compiled else substituted(expression, self._values)

    def _rational_polynomials(self) -> tuple[fmpq_poly, fmpq_poly, fmpq] | None:
        form = self._form
        if form.product is None or form.numerator is None or not isinstance(self.mean, fmpq):
            return None
        a, n = (fmpq_poly([f(self._arguments) for f in fs]) for fs in (form.product, form.numerator))
        common = a.gcd(n) if n != 0 else a
        return a // common, n // common, self.mean

    def _distinct(self, active: list[int]) -> list[sp.Expr]:
        found: list[sp.Expr] = []
        for i in active:
            p = substituted(self._levy.poles[i], self._values)
            if not any(_equal(p, q) for q in found):
                found.append(p)
        return found

    def _clusters(self, active: list[int]) -> list[list[int]]:
        """The poles grouped by overlapping balls; with as many groups as poles each group is one pole."""
        found: list[tuple[arb, list[int]]] = []
        for i in active:
            p = self._form.poles[i](self._arguments)
            for q, group in found:
                if p.overlaps(q):
                    group.append(i)
                    break
            else:
                found.append((p, [i]))
        return [group for _, group in found]

    def _rate(self, group: list[int]) -> Number | None:
        rates = [self._form.rates[i] for i in group]
        if None in rates:
            return None
        try:
            return total(self._number(*rate) for rate in rates if rate is not None)
        except ZeroDivisionError:  # a pole that is 0 at these parameters only
            return None

    def balls(self) -> tuple[arb, list[tuple[arb, arb]]]:
        """The mean, and poles with their weights, at the working precision."""
        if ctx.prec not in self._evaluated:
            poles = (self._form.poles[group[0]](self._arguments) for group in self._groups)
            jumps = [(p, ball(c)) for p, c in zip(poles, self.weights, strict=True)]
            self._evaluated[ctx.prec] = ball(self.mean), jumps
        return self._evaluated[ctx.prec]

    @cached_property
    def jumps(self) -> list[tuple[sp.Expr, sp.Expr]]:
        """The exact poles and weights."""
        return [
            (substituted(self._levy.poles[group[0]], self._values), as_symbolic(c))
            for group, c in zip(self._groups, self.weights, strict=True)
        ]

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
        except (
            ValueError
        ):  # two roots that nearly meet: z next to an edge, closer than FLINT's iteration goes
            return [self._descended(polynomial, acb(arb(x), arb(y)))]

    def _descended(self, polynomial: acb_poly, z: acb) -> acb:
        """The root in the upper half-plane by Newton's method from above, in a disc proved to hold it.

        A disc of radius n |f / f'| around any point holds a root of a polynomial f of degree n.
        """
        mean, jumps = self.balls()
        size = sum((abs(p) + c.sqrt() for p, c in jumps), abs(z.real - mean) + abs(z.imag))
        w = acb(z.real - mean, size).mid()
        for _ in range(4 * ctx.prec):
            pulls = [(c / (w - p), w - p) for p, c in jumps]
            residual = w + mean - z + sum((pull for pull, _ in pulls), acb(0))
            slope = 1 - sum((pull / q for pull, q in pulls), acb(0))
            step = (residual / slope).mid()
            following = w - step
            if not following.imag > w.imag / 16:
                following = acb(following.real, w.imag / 16)
            w = following.mid()
            if abs(step) < abs(w.imag) * _tolerance():
                break
        radius = (polynomial.degree() * abs(polynomial(w) / polynomial.derivative()(w))).abs_upper()
        if not w.imag > radius:
            raise Undecided
        return acb(arb(w.real, radius), arb(w.imag, radius))

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

    def gap_level(self, w: arb) -> Number:
        """Exact mass left of a point whose physical root w is real and no pole; right-continuous at w = 0."""
        negative = bool(w < 0)
        if not negative and not w >= 0:
            raise Undecided
        rates: list[Number] = []
        for (place, _), rate in zip(self.balls()[1], self.rates, strict=True):
            if rate is None:
                continue
            if not (place < w or place > w):
                raise Undecided
            if negative == bool(place < w):
                rates.append(rate)
        level = total(rates)
        return level if negative else complement(level)

    @property
    def jump_mass(self) -> Number | None:
        """Sum of all rates, or None if there is a Wigner part."""
        rates = [rate for rate in self.rates if rate is not None]
        return total(rates) if len(rates) == len(self.rates) else None

    @property
    def origin(self) -> Number:
        """H(0) = m - sum c / p."""
        if self.rational is not None:
            a, n, mean = self.rational
            return mean + n(fmpq(0)) / a(fmpq(0))
        return sp.expand(as_symbolic(self.mean) - sum((c / p for p, c in self.jumps), sp.S.Zero))

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


@dataclass(frozen=True)
class _Form:
    """A law's expressions as functions of its symbols; None where one is no rational function."""

    symbols: tuple[sp.Symbol, ...]
    mean: Callable[[Values], fmpq] | None
    poles: list[Callable[[Values], arb]]
    weights: list[Callable[[Values], fmpq] | None]
    rates: list[tuple[sp.Expr, Callable[[Values], fmpq] | None] | None]
    product: list[Callable[[Values], fmpq]] | None
    numerator: list[Callable[[Values], fmpq]] | None


@lru_cache(maxsize=64)
def _compiled(levy: Levy) -> _Form:
    free = set().union(*(e.free_symbols for e in (levy.mean, *levy.poles, *levy.weights)))
    symbols = tuple(sorted(free, key=str))
    w = sp.Dummy("w")
    jumps = list(zip(levy.poles, levy.weights, strict=True))
    product = sp.prod([w - p for p, _ in jumps])
    others = [
        c * sp.prod([w - q for i, (q, _) in enumerate(jumps) if i != j]) for j, (_, c) in enumerate(jumps)
    ]

    def coefficients(polynomial: sp.Expr) -> list[Callable[[Values], fmpq]] | None:
        ascending = reversed(sp.Poly(sp.expand(polynomial), w).all_coeffs())
        found = [rational_function(c, symbols) for c in ascending]
        return None if None in found else [f for f in found if f]

    return _Form(
        symbols=symbols,
        mean=rational_function(levy.mean, symbols),
        poles=[ball_function(p, symbols) for p in levy.poles],
        weights=[rational_function(c, symbols) for c in levy.weights],
        rates=[None if rate is None else (rate, rational_function(rate, symbols)) for rate in levy.rates],
        product=coefficients(product),
        numerator=coefficients(sum(others, sp.S.Zero)),
    )


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
