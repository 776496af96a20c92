"""The numbers of a free Levy law at any precision, as balls that are proved to contain them.

A law R(g) = m + sum_j c_j g / (1 - p_j g) is evaluated from its derivation, never from the generated
modules, at parameters that are exact numbers (a double is the rational number that it is). With
w = 1/G the equation is

    H(w) = w + m + sum_j c_j / (w - p_j) = z.

Its branch: for Im z > 0 exactly one root has Im w > 0; for real z there is at most one complex pair,
whose upper member is the physical root, and without a pair the physical root is real, the one with
H'(w) > 0, or the multiple one at an edge or a cusp. (Between neighbouring poles H runs from +oo to -oo,
which accounts for all roots but two.) The roots are isolated by FLINT: exactly where the polynomial
has rational coefficients, multiple roots included, and otherwise by balls at growing precision.

Masses follow from Laisant's antiderivative of the inverse function, written in w:

    V(w) = sum_{p != 0} [c / (p (w - p)) + lambda log((w - p) / w)] + c_0 / (2 w^2) + log w,
    cdf(x) = 1 - Im V / pi,     integral of log|x - t| = Re V,     lambda = c / p^2,

and on a gap, where w is real, cdf = sum_{p < w} lambda for w < 0 and 1 - sum_{p > w} lambda for w > 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeVar

import sympy as sp
from flint import acb, acb_poly, arb, arb_poly, ctx, fmpq, fmpq_poly

from derive.laws import Levy
from derive.model import Model, load

from .exact import ball, rational, substituted, values_of

BITS = 80
LIMIT = 1 << 15

Value = TypeVar("Value")


class PrecisionError(ArithmeticError):
    """A value that stays undecided at the largest working precision."""


@dataclass(frozen=True)
class Root:
    """The physical root w at one point: a ball, and whether it is real.

    multiplicity: 1 for a simple root, 2 at an edge, 3 at a cusp; 0 stands for a real root exactly 0
        (G infinite).
    """

    w: acb
    is_real: bool
    multiplicity: int


@lru_cache(maxsize=64)
def _derived(name: str) -> tuple[Levy, Model]:
    model = load(name)
    return _levy(model), model


def _levy(model: Model) -> Levy:
    from derive import derive

    law = derive(model).law
    if not isinstance(law, Levy):
        raise TypeError(
            f"certified values exist for rational free Levy laws; {model.title!r} came to {type(law).__name__}"
        )
    return law


class Law:
    """One law at exact parameters.

    source: a model's name, a `derive.Model`, or a `derive.laws.Levy`.
    parameters: by name: int, float, Fraction, or a string such as "1/3"; a float means its exact value.
    Every number comes back as an `arb` or `acb` ball with at least `bits` correct bits, relative to the
    value (for complex values, to the modulus), unless said otherwise. Raises `ValueError` or `TypeError`
    for wrong parameters, `PrecisionError` where a sign cannot be decided with 2^15 bits, which happens only
    if a coefficient is irrational after all conjugates have been multiplied out.
    """

    def __init__(self, source: str | Model | Levy, **parameters: Any) -> None:
        declared = None
        if isinstance(source, Levy):
            levy = source
        elif isinstance(source, Model):
            levy, declared = _levy(source), source.parameters
        else:
            levy, model = _derived(source)
            declared = model.parameters
        symbols = set().union(*(e.free_symbols for e in (levy.mean, *levy.poles, *levy.weights)))
        values = values_of(symbols, declared, parameters)
        self._mean = substituted(levy.mean, values)
        self._jumps = _merged(
            [(substituted(p, values), substituted(c, values)) for p, c in zip(levy.poles, levy.weights, strict=True)]
        )
        self._rates = [None if p == 0 else sp.nsimplify(sp.expand(c / p**2)) for p, c in self._jumps]
        self._evaluated: dict[int, tuple[arb, list[tuple[arb, arb]]]] = {}
        self._rational = self._rational_polynomials()

    # ---- coefficients

    def _rational_polynomials(self) -> tuple[fmpq_poly, fmpq_poly, fmpq] | None:
        """A = prod (w - p_j), N = A sum c_j / (w - p_j) and m, if all their coefficients are rational."""
        w = sp.Dummy("w")
        product = sp.Poly(sp.expand(sp.prod([w - p for p, _ in self._jumps])), w)
        others = [
            c * sp.prod([w - q for i, (q, _) in enumerate(self._jumps) if i != j])
            for j, (_, c) in enumerate(self._jumps)
        ]
        numerator = sp.Poly(sp.expand(sum(others)), w)
        coefficients = [*product.all_coeffs(), *numerator.all_coeffs(), self._mean]
        if not all(c.is_Rational for c in coefficients):
            return None
        a, n = (fmpq_poly([_fmpq(c) for c in reversed(q.all_coeffs())]) for q in (product, numerator))
        return a, n, _fmpq(self._mean)

    def _balls(self) -> tuple[arb, list[tuple[arb, arb]]]:
        """The mean, and poles with their weights, at the working precision."""
        if ctx.prec not in self._evaluated:
            self._evaluated[ctx.prec] = ball(self._mean), [(ball(p), ball(c)) for p, c in self._jumps]
        return self._evaluated[ctx.prec]

    @property
    def _has_wigner(self) -> bool:
        return any(p == 0 for p, _ in self._jumps)

    # ---- roots

    def _polynomial_roots(self, x: fmpq) -> list[tuple[acb, int]]:
        """All roots of H(w) = x with multiplicities; real roots have an imaginary part exactly 0."""
        if self._rational is not None:
            a, n, mean = self._rational
            return (fmpq_poly([mean - x, 1]) * a + n).numer().complex_roots()
        a, n, mean = self._ball_polynomials()
        return _real_coefficient_roots(arb_poly([mean - arb(x), 1]) * a + n)

    def _ball_polynomials(self) -> tuple[arb_poly, arb_poly, arb]:
        mean, jumps = self._balls()
        a, n = arb_poly([1]), arb_poly([0])
        for p, c in jumps:
            n = n * arb_poly([-p, 1]) + a * c
            a = a * arb_poly([-p, 1])
        return a, n, mean

    def _slope(self, w: arb) -> arb:
        """H'(w) = 1 - sum c_j / (w - p_j)^2."""
        _, jumps = self._balls()
        return 1 - sum((c / (w - p) ** 2 for p, c in jumps), arb(0))

    def _root(self, x: fmpq) -> Root:
        """The physical root at real x, at the present working precision; `_Undecided` if it shows no sign."""
        real: list[tuple[arb, int]] = []
        for w, multiplicity in self._polynomial_roots(x):
            if w.imag == 0:
                real.append((w.real, multiplicity))
            elif w.imag > 0:
                return Root(w, False, multiplicity)
            elif not w.imag < 0:
                raise _Undecided
        multiple = [(w, k) for w, k in real if k > 1]
        if multiple:
            (w, k), *rest = multiple
            if rest:
                raise AssertionError("two multiple roots contradict the branch theorem")
            return Root(acb(w), True, k)
        if not self._jumps:
            return Root(acb(real[0][0]), True, 1)
        slopes = [(self._slope(w), w) for w, _ in real]
        if any(not (slope > 0 or slope < 0) for slope, _ in slopes):
            raise _Undecided
        rising = [w for slope, w in slopes if slope > 0]
        if len(rising) != 1:
            raise AssertionError(f"{len(rising)} rising real roots contradict the branch theorem")
        return Root(acb(rising[0]), True, 1)

    def root(self, x: Any, bits: int = BITS) -> Root:
        """The physical root w = 1/G at real x (approached from above), and its multiplicity."""
        point = rational(x)
        return _refined(lambda: self._root(point), lambda r: _good(r.w.real, bits) and _good(r.w.imag, bits))

    # ---- values

    def stieltjes(self, z: Any, bits: int = BITS) -> acb:
        """G(z); real z means x + i0, Im z < 0 gives the conjugate; `ZeroDivisionError` where G is infinite."""
        x, y = _parts(z)
        if y < 0:
            return self.stieltjes((x, -y), bits).conjugate()
        if y == 0:
            w = self.root(x, bits + 4).w
            if w == 0:
                raise ZeroDivisionError(f"G is infinite at {x}")
            return _refined(lambda: 1 / self._root(x).w, lambda g: _good_modulus(g, bits))
        return _refined(lambda: 1 / self._upper_root(x, y), lambda g: _good_modulus(g, bits) and _good(g.imag, bits))

    def w(self, z: Any, bits: int = BITS) -> acb:
        """w = 1/G(z) for Im z >= 0."""
        x, y = _parts(z)
        if y < 0:
            raise ValueError(f"w is asked for in the closed upper half-plane, got Im z = {y}")
        if y == 0:
            return self.root(x, bits).w
        return _refined(lambda: self._upper_root(x, y), lambda w: _good_modulus(w, bits) and _good(w.imag, bits))

    def _upper_root(self, x: fmpq, y: fmpq) -> acb:
        a, n, mean = self._ball_polynomials()
        polynomial = acb_poly([acb(mean - arb(x), -arb(y)), 1]) * acb_poly(a) + acb_poly(n)
        try:
            found = [w for w in polynomial.roots(_tolerance()) if w.imag > 0]
        except ValueError as error:
            raise _Undecided from error
        if len(found) > 1:
            raise AssertionError("two roots in the upper half-plane contradict the branch theorem")
        if not found:
            raise _Undecided
        return found[0]

    def density(self, x: Any, bits: int = BITS) -> arb:
        """Density of the absolutely continuous part; exactly 0 outside the bands, +inf where it is infinite."""
        point = rational(x)

        def value() -> arb:
            root = self._root(point)
            if not root.is_real:
                return root.w.imag / (arb.pi() * (root.w.real**2 + root.w.imag**2))
            return arb.pos_inf() if root.multiplicity > 1 and root.w == 0 else arb(0)

        return _refined(value, lambda v: _good(v, bits))

    def cdf(self, x: Any, bits: int = BITS) -> arb:
        """Mass of (-oo, x], atoms included; relative accuracy in the left tail."""
        point = rational(x)
        return _refined(lambda: self._mass(point, left=True), lambda v: _good(v, bits))

    def sf(self, x: Any, bits: int = BITS) -> arb:
        """Mass of (x, oo), with relative accuracy in the right tail."""
        point = rational(x)
        return _refined(lambda: self._mass(point, left=False), lambda v: _good(v, bits))

    def _mass(self, x: fmpq, *, left: bool) -> arb:
        root = self._root(x)
        if root.is_real:
            below = ball(self.gap_level(root.w.real))
            return below if left else 1 - below
        above = self._potential(root.w).imag / arb.pi()
        return 1 - above if left else above

    def gap_level(self, w: arb) -> sp.Expr:
        """Exact mass left of a point whose physical root w is real and no pole; right-continuous at w = 0."""
        negative = bool(w < 0)
        if not negative and not w >= 0:
            raise _Undecided
        total = sp.S.Zero
        for j, (p, _) in enumerate(self._jumps):
            rate = self._rates[j]
            if rate is None:
                continue
            place = self._balls()[1][j][0]
            if not (place < w or place > w):
                raise _Undecided
            if negative == bool(place < w):
                total += rate
        return sp.expand(total if negative else 1 - total)

    def _potential(self, w: acb) -> acb:
        """V(w) of the module's docstring."""
        _, jumps = self._balls()
        value = acb(0)
        logs = acb(1)
        for j, (p, c) in enumerate(jumps):
            rate = self._rates[j]
            if rate is None:
                value += c / (2 * w**2)
            else:
                value += c / (p * (w - p)) + ball(rate) * (w - p).log()
                logs -= ball(rate)
        return value + logs * w.log()

    def log_potential(self, x: Any, bits: int = BITS) -> arb:
        """Integral of log|x - t| over the law, to an absolute 2^-bits (or relative, if large); -inf at an atom."""
        point = rational(x)

        def value() -> arb:
            root = self._root(point)
            if not root.is_real:
                return self._potential(root.w).real
            if root.w == 0 and root.multiplicity == 1:
                return arb.neg_inf()
            return self._real_potential(root.w.real)

        return _refined(value, lambda v: not v.is_finite() or v.rad() < arb(2) ** -bits or _good(v, bits))

    def _real_potential(self, w: arb) -> arb:
        _, jumps = self._balls()
        value, logs = arb(0), sp.S.One
        for j, (p, c) in enumerate(jumps):
            rate = self._rates[j]
            if rate is None:
                value += c / (2 * w**2)
            else:
                value += c / (p * (w - p)) + ball(rate) * abs(w - p).log()
                logs -= rate
        logs = sp.expand(logs)
        return value if logs == 0 else value + ball(logs) * abs(w).log()

    # ---- the shape of the law

    def edge_roots(self, bits: int = BITS) -> list[arb]:
        """The real w where H' = 0 changes sign, ascending: two for every band."""
        return _refined(self._edge_roots, lambda ws: all(_good(w, bits) for w in ws))

    def _edge_roots(self) -> list[arb]:
        if self._rational is not None:
            a, n, _ = self._rational
            slope = (a * a - n * a.derivative() + n.derivative() * a).numer()
            roots = slope.complex_roots() if slope.degree() > 0 else []
        else:
            a, n, _ = self._ball_polynomials()
            roots = _real_coefficient_roots(a * a - n * a.derivative() + n.derivative() * a)
        return _ascending([w.real for w, multiplicity in roots if w.imag == 0 and multiplicity % 2])

    def edges(self, bits: int = BITS) -> list[arb]:
        """Ends of the bands of the continuous part, ascending; a cusp inside a band is no edge."""

        def value() -> list[arb]:
            mean, jumps = self._balls()
            return [w + mean + sum((c / (w - p) for p, c in jumps), arb(0)) for w in self._edge_roots()]

        # An edge at 0 has no relative accuracy; measured against the hull its absolute one is enough.
        def good(es: list[arb]) -> bool:
            reach = max((abs(e).abs_upper() for e in es), default=arb(1))
            return all(e.rad() <= reach * arb(2) ** -bits and (_good(e, bits) or e.contains(0)) for e in es)

        return _refined(value, good)

    def bands(self, bits: int = BITS) -> list[tuple[arb, arb]]:
        """The bands of the continuous part, ascending."""
        ends = self.edges(bits)
        return list(zip(ends[::2], ends[1::2], strict=True))

    def atom(self) -> tuple[sp.Expr, sp.Expr] | None:
        """Exact place and mass of the atom, or None: one exists iff there is no Wigner part and sum lambda < 1."""
        if self._has_wigner:
            return None
        mass = sp.expand(1 - sum((r for r in self._rates if r is not None), sp.S.Zero))
        if mass == 0 or ball(mass) < 0:
            return None
        place = sp.expand(self._mean - sum((sp.expand(c / p) for p, c in self._jumps), sp.S.Zero))
        return sp.nsimplify(place), mass

    def mass_at_zero(self, bits: int = BITS) -> arb:
        """Weight of the atom at 0, exactly 0 if there is none."""
        found = self.atom()
        if found is None or found[0] != 0:
            return arb(0)
        mass = found[1]
        return _refined(lambda: ball(mass), lambda v: _good(v, bits))

    def index(self, bits: int = BITS) -> arb:
        """Mass of the open negative axis."""
        zero = fmpq(0)

        def value() -> arb:
            root = self._root(zero)
            if root.is_real and root.w == 0:  # an atom at 0, or a hard edge: the level on the left
                negative = sum((r for (p, _), r in zip(self._jumps, self._rates, strict=True) if r and p < 0), sp.S.Zero)
                return ball(sp.expand(negative))
            return self._mass(zero, left=True)

        return _refined(value, lambda v: _good(v, bits))

    # ---- moments

    def free_cumulants(self, n: int, bits: int = BITS) -> list[arb]:
        """kappa_1 ... kappa_n: the mean, then sum_j c_j p_j^(k-2)."""
        return _refined(lambda: [k for k in self._cumulants(n)], lambda ks: all(_good(k, bits) for k in ks))

    def _cumulants(self, n: int) -> Sequence[arb]:
        if self._rational is not None:
            return [arb(k) for k in self._rational_cumulants(n)]
        mean, jumps = self._balls()
        return [mean, *(sum((c * p**k for p, c in jumps), arb(0)) for k in range(n - 1))][:n]

    def _rational_cumulants(self, n: int) -> list[fmpq]:
        """From the series of R(g) = m + N(1/g) / A(1/g), which never sees an irrational pole."""
        assert self._rational is not None
        a, numerator, mean = self._rational
        degree = a.degree()
        top = [numerator[degree - 1 - k] for k in range(degree)]
        bottom = [a[degree - k] for k in range(degree + 1)]
        series: list[fmpq] = []
        for k in range(n):
            value = top[k] if k < degree else fmpq(0)
            value -= sum((bottom[i] * series[k - i] for i in range(1, min(k, degree) + 1)), fmpq(0))
            series.append(value)
        return [mean, *series][:n]

    def moments(self, n: int, bits: int = BITS) -> list[arb]:
        """m_0 ... m_n, from m_k = [t^k] (1 + t R(t))^(k+1) / (k+1)."""
        if self._rational is not None:
            base = fmpq_poly([fmpq(1), *self._rational_cumulants(n)])
            moments: list[fmpq] = []
            power = base
            for k in range(n + 1):
                moments.append(power[k] / (k + 1))
                power = fmpq_poly((power * base).coeffs()[: n + 1])
            return _refined(lambda: [arb(m) for m in moments], lambda ms: all(_good(m, bits) for m in ms))

        def value() -> list[arb]:
            series = arb_poly([arb(1), *self._cumulants(n)])
            found, power = [], series
            for k in range(n + 1):
                found.append(power[k] / (k + 1))
                power = (power * series).truncate(n + 1)
            return found

        return _refined(value, lambda ms: all(m.rad() <= arb(2) ** -bits or _good(m, bits) for m in ms))

    # ---- quantiles

    def quantile(self, q: Any, bits: int = 60) -> arb:
        """Smallest x with cdf(x) >= q, for 0 < q < 1; see `verify.quantiles`."""
        from .quantiles import quantile

        return quantile(self, rational(q), bits)


class _Undecided(Exception):
    """The present working precision is too small."""


def _refined(value: Callable[[], Value], good: Callable[[Value], bool]) -> Value:
    """The value at the first working precision that satisfies `good`."""
    bits = 128
    while bits <= LIMIT:
        with ctx.workprec(bits):
            try:
                found = value()
                if good(found):
                    return found
            except (_Undecided, ZeroDivisionError):
                pass
        bits *= 2
    raise PrecisionError(f"undecided at {LIMIT} bits; an exact coincidence that irrational coefficients hide")


def _good(value: arb, bits: int) -> bool:
    return bool(value.is_exact() or value.rel_accuracy_bits() >= bits)


def _good_modulus(value: acb, bits: int) -> bool:
    return bool(value.is_finite() and value.rel_accuracy_bits() >= bits)


def _merged(jumps: list[tuple[sp.Expr, sp.Expr]]) -> list[tuple[sp.Expr, sp.Expr]]:
    """Without zero weights, equal poles merged: otherwise w = p would be a root of the polynomial."""
    found: list[tuple[sp.Expr, sp.Expr]] = []
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
            raise _Undecided
        return False

    return _refined(value, lambda v: True)


def _ascending(values: list[arb]) -> list[arb]:
    ordered = sorted(values, key=lambda v: float(v.mid()))
    ordered.sort(key=_Ordered)
    return ordered


class _Ordered:
    """Orders balls, and gives up where they overlap."""

    def __init__(self, value: arb) -> None:
        self.value = value

    def __lt__(self, other: _Ordered) -> bool:
        if self.value < other.value:
            return True
        if self.value > other.value or self.value is other.value:
            return False
        raise _Undecided


def _real_coefficient_roots(polynomial: arb_poly) -> list[tuple[acb, int]]:
    """Isolated roots of a polynomial with real balls; a ball that meets the axis alone holds a real root."""
    try:
        roots = acb_poly(polynomial).roots(_tolerance())
    except ValueError as error:
        raise _Undecided from error
    return [(acb(w.real) if w.imag.contains(0) else w, 1) for w in roots]


def _tolerance() -> arb:
    """How far root balls are narrowed: half of the working precision, the other half is for the coefficients."""
    return arb(2) ** -(ctx.prec // 2)


def _fmpq(value: sp.Expr) -> fmpq:
    return fmpq(int(value.p), int(value.q))


def _parts(z: Any) -> tuple[fmpq, fmpq]:
    if isinstance(z, tuple):
        return rational(z[0]), rational(z[1])
    if isinstance(z, (complex,)) or hasattr(z, "imag") and not isinstance(z, (int, float, Fraction, fmpq, arb)):
        return rational(z.real), rational(z.imag)
    return rational(z), fmpq(0)
