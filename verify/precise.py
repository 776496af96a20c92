"""The numbers of a free Levy law at any precision, as balls that are proved to contain them.

    law = Law("wishart_wigner", eps="1/20", phi=0.6)
    law.density(0.3, bits=200)

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

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import acb, arb, arb_poly, ctx, fmpq, fmpq_poly

from derive import law_of
from derive.language.model import Model, load
from derive.laws import Levy

from .coefficients import Coefficients
from .descent import Start, proved, start
from .exact import as_symbolic, ball, complement, rational, total, values_of
from .refinement import PrecisionError, Undecided, narrow, narrow_modulus, refined

__all__ = ["Law", "PrecisionError", "Root"]

BITS = 80


@dataclass(frozen=True)
class Root:
    """The physical root w at one real point.

    is_real: whether w is real, that is, whether the point lies outside the open bands or on a cusp.
    multiplicity: 1, or 2 at an edge and 3 at a cusp.
    """

    w: acb
    is_real: bool
    multiplicity: int


@lru_cache(maxsize=64)
def _shipped(name: str) -> tuple[Levy, Model]:
    model = load(name)
    return _levy(model), model


def _levy(model: Model) -> Levy:
    law = law_of(model)
    if not isinstance(law, Levy):
        raise TypeError(
            f"certified values need a rational free Levy law; {model.title!r} came to {type(law).__name__}: "
            "evaluate its generated module; verify.fit with verify.bootstrap(model, n) takes its spectra"
        )
    return law


def _symbols(levy: Levy) -> set[sp.Symbol]:
    return set().union(*(e.free_symbols for e in (levy.mean, *levy.poles, *levy.weights)))


class Law:
    """One law at exact parameters.

    source: a model's name or file, a `derive.Model`, or a `derive.laws.Levy`.
    parameters: by name: int, float, Fraction, or a string such as "1/3"; a float means its exact value.

    Points are exact numbers too. Every result is an `arb` or `acb` ball with at least `bits` correct bits
    relative to the value (of complex values: the modulus), unless said otherwise. Raises `ValueError`
    or `TypeError` for wrong parameters, and `PrecisionError` where a sign stays undecided at 2^15 bits,
    which takes an exact coincidence between coefficients that are irrational, conjugates multiplied out.
    """

    def __init__(self, source: str | Model | Levy, **parameters: Any) -> None:
        declared = None
        if isinstance(source, Levy):
            levy = source
        elif isinstance(source, Model):
            levy, declared = _levy(source), source.parameters
        else:
            levy, model = _shipped(source)
            declared = model.parameters
        self.source, self.parameters = source, parameters
        symbols = () if declared is not None else _symbols(levy)
        self.coefficients = Coefficients(levy, values_of(symbols, declared, parameters))
        self._edges: dict[int, list[arb]] = {}
        self._last: tuple[tuple[fmpq, int], Root] | None = None
        self._start: tuple[tuple[fmpq, fmpq], Start | None] | None = None

    def __repr__(self) -> str:
        source = self.source if isinstance(self.source, str) else type(self.source).__name__
        return f"Law({', '.join([repr(source), *(f'{k}={v!r}' for k, v in self.parameters.items())])})"

    # ---- the physical root

    def _root(self, x: fmpq) -> Root:
        """The physical root at x at the working precision; the last one is kept for other values at x."""
        key, last = (x, ctx.prec), self._last
        if last is not None and last[0] == key:
            return last[1]
        found = self._isolated(x)
        self._last = key, found
        return found

    def _isolated(self, x: fmpq) -> Root:
        """The physical root, by descent or among all roots; `Undecided` if a sign does not show."""
        descended = self._descended(x, fmpq(0))
        if descended is not None and not descended.w.real.contains(0):  # a zero shows among all roots only
            return Root(descended.w, descended.real, 1)
        real: list[tuple[arb, int]] = []
        for w, multiplicity in self.coefficients.roots(x):
            if w.imag == 0:
                real.append((w.real, multiplicity))
            elif w.imag > 0:
                return Root(w, False, multiplicity)
            elif not w.imag < 0:
                raise Undecided
        multiple = [Root(acb(w), True, k) for w, k in real if k > 1]
        if len(multiple) > 1:
            raise AssertionError("two multiple roots contradict the branch theorem")
        if multiple:
            return multiple[0]
        slopes = [(self.coefficients.slope(w), w) for w, _ in real]
        if any(not (slope > 0 or slope < 0) for slope, _ in slopes):
            raise Undecided
        rising = [w for slope, w in slopes if slope > 0]
        if len(rising) != 1:
            raise AssertionError(f"{len(rising)} rising real roots contradict the branch theorem")
        return Root(acb(rising[0]), True, 1)

    def _descended(self, x: fmpq, y: fmpq) -> Start | None:
        """The root of H(w) = x + i y by descent, None where that proves nothing; starts are kept."""
        mean, jumps = self.coefficients.balls()
        if self._start is None or self._start[0] != (x, y):
            self._start = (x, y), start(mean, jumps, arb(x), arb(y))
        near = self._start[1]
        if near is None:
            return None
        found = proved(mean, jumps, arb(x), arb(y), near)
        self._start = (x, y), found and Start(found.w.mid(), found.real)
        return found

    def _upper_root(self, x: fmpq, y: fmpq) -> acb:
        descended = self._descended(x, y)
        if descended is not None:
            return descended.w
        found = self.coefficients.upper_roots(x, y)
        if len(found) > 1:
            raise AssertionError("two roots in the upper half-plane contradict the branch theorem")
        if not found:
            raise Undecided
        return found[0]

    def root(self, x: Any, bits: int = BITS) -> Root:
        """The physical root w = 1/G at real x (approached from above), and its multiplicity."""
        point = rational(x)
        return refined(lambda: self._root(point), lambda r: narrow(r.w.real, bits) and narrow(r.w.imag, bits))

    # ---- values

    def w(self, z: Any, bits: int = BITS) -> acb:
        """w = 1/G(z) for Im z >= 0, both the modulus and the imaginary part accurate."""
        x, y = _parts(z)
        if y < 0:
            raise ValueError(f"w is asked for in the closed upper half-plane, got Im z = {y}")
        if y == 0:
            return self.root(x, bits).w
        return refined(
            lambda: self._upper_root(x, y), lambda w: narrow_modulus(w, bits) and narrow(w.imag, bits)
        )

    def stieltjes(self, z: Any, bits: int = BITS) -> acb:
        """G(z), modulus and imaginary part accurate; real z means x + i0, Im z < 0 gives the conjugate.

        z: a number, or a pair (real, imaginary) of exact ones. `ZeroDivisionError` where G is infinite.
        """
        x, y = _parts(z)
        if y < 0:
            return self.stieltjes((x, -y), bits).conjugate()
        if y == 0 and self.root(x).w == 0:
            raise ZeroDivisionError(f"G is infinite at {x}")
        return refined(
            lambda: 1 / (self._upper_root(x, y) if y > 0 else self._root(x).w),
            lambda g: narrow_modulus(g, bits) and narrow(g.imag, bits),
        )

    def density(self, x: Any, bits: int = BITS) -> arb:
        """Density of the continuous part; exactly 0 outside the bands, +inf at |x|^(-1/2) and |x|^(-1/3)."""
        point = rational(x)

        def value() -> arb:
            root = self._root(point)
            if not root.is_real:
                return root.w.imag / (arb.pi() * (root.w.real**2 + root.w.imag**2))
            return arb.pos_inf() if root.multiplicity > 1 and root.w == 0 else arb(0)

        return refined(value, lambda v: narrow(v, bits))

    def cdf(self, x: Any, bits: int = BITS) -> arb:
        """Mass of (-oo, x], atoms included; relative accuracy in the left tail."""
        point = rational(x)
        return refined(lambda: self._mass(point, left=True), lambda v: narrow(v, bits))

    def sf(self, x: Any, bits: int = BITS) -> arb:
        """Mass of (x, oo), with relative accuracy in the right tail."""
        point = rational(x)
        return refined(lambda: self._mass(point, left=False), lambda v: narrow(v, bits))

    def _mass(self, x: fmpq, *, left: bool) -> arb:
        root = self._root(x)
        if root.is_real:
            level = self.coefficients.gap_level(root.w.real)
            return ball(level if left else complement(level))
        above = self._potential(root.w).imag / arb.pi()
        return 1 - above if left else above

    def _potential(self, w: acb) -> acb:
        """V(w) of the module's docstring."""
        value, logs = acb(0), acb(1)
        for (p, c), rate in zip(self.coefficients.balls()[1], self.coefficients.rates, strict=True):
            if rate is None:
                value += c / (2 * w**2)
            else:
                value += c / (p * (w - p)) + ball(rate) * (w - p).log()
                logs -= ball(rate)
        return value + logs * w.log()

    def log_potential(self, x: Any, bits: int = BITS) -> arb:
        """Integral of log|x - t|, to 2^-bits absolutely (relatively where it is large); -inf at an atom."""
        point = rational(x)

        def value() -> arb:
            root = self._root(point)
            if not root.is_real:
                return self._potential(root.w).real
            if root.w == 0 and root.multiplicity == 1:
                return arb.neg_inf()
            return self._real_potential(root.w.real)

        return refined(value, lambda v: not v.is_finite() or v.rad() < arb(2) ** -bits or narrow(v, bits))

    def _real_potential(self, w: arb) -> arb:
        """Re V(w) for real w; at w = 0 the logarithm drops out, since then the rates sum to 1."""
        value, rates = arb(0), self.coefficients.rates
        for (p, c), rate in zip(self.coefficients.balls()[1], rates, strict=True):
            if rate is None:
                value += c / (2 * w**2)
            else:
                value += c / (p * (w - p)) + ball(rate) * abs(w - p).log()
        logs = complement(total(rate for rate in rates if rate is not None))
        return value if logs == 0 else value + ball(logs) * abs(w).log()

    # ---- the shape of the law

    def edges(self, bits: int = BITS) -> list[arb]:
        """Ends of the bands of the continuous part, ascending; a cusp inside a band is no edge.

        Accurate to `bits` relative to themselves, or to the largest of them if they cannot be told from 0.
        """

        def value() -> list[arb]:
            return [self.coefficients.h(w) for w in self.coefficients.critical_points()]

        def good(ends: list[arb]) -> bool:
            reach = max((end.abs_upper() for end in ends), default=arb(1))
            narrow_enough = all(end.rad() <= reach * arb(2) ** -bits for end in ends)
            return narrow_enough and all(narrow(end, bits) or end.contains(0) for end in ends)

        if bits not in self._edges:
            self._edges[bits] = refined(value, good)
        return list(self._edges[bits])

    def bands(self, bits: int = BITS) -> list[tuple[arb, arb]]:
        """The bands of the continuous part, ascending."""
        ends = self.edges(bits)
        return list(zip(ends[::2], ends[1::2], strict=True))

    def levels(self) -> list[tuple[sp.Expr, sp.Expr]]:
        """Exact cdf at both ends of every band."""
        c = self.coefficients
        ends = refined(lambda: [c.gap_level(w) for w in c.critical_points()], lambda _: True)
        exact = [as_symbolic(end) for end in ends]
        return list(zip(exact[::2], exact[1::2], strict=True))

    def atom(self) -> tuple[sp.Expr, sp.Expr] | None:
        """Exact place and mass of the atom, or None: there is one iff no Wigner part and sum lambda < 1."""
        c = self.coefficients
        if c.jump_mass is None:
            return None
        mass = complement(c.jump_mass)
        if mass == 0 or ball(mass) < 0:
            return None
        return as_symbolic(c.origin), as_symbolic(mass)

    def mass_at_zero(self, bits: int = BITS) -> arb:
        """Weight of the atom at 0, exactly 0 if there is none."""
        found = self.atom()
        if found is None or found[0] != 0:
            return arb(0)
        return refined(lambda: ball(found[1]), lambda v: narrow(v, bits))

    def index(self, bits: int = BITS) -> arb:
        """Mass of the open negative axis."""
        zero = fmpq(0)

        def value() -> arb:
            root = self._root(zero)
            if not (root.is_real and root.w == 0):
                return self._mass(zero, left=True)
            # An atom at 0, or a singular density there: cdf(0) counts the atom, the index does not.
            jumps = zip(self.coefficients.balls()[1], self.coefficients.rates, strict=True)
            return ball(total(rate for (p, _), rate in jumps if rate is not None and p < 0))

        return refined(value, lambda v: narrow(v, bits))

    def quantile(self, q: Any, bits: int = 60) -> arb:
        """Smallest x with cdf(x) >= q for 0 < q < 1, to 2^-bits of |x|."""
        from .quantiles import quantile

        return quantile(self, rational(q), bits)

    # ---- moments

    def free_cumulants(self, n: int, bits: int = BITS) -> list[arb]:
        """kappa_1 ... kappa_n: the mean, then sum_j c_j p_j^(k-2)."""
        return refined(lambda: self._cumulants(n), lambda ks: all(narrow(k, bits) for k in ks))

    def _cumulants(self, n: int) -> list[arb]:
        if self.coefficients.rational is not None:
            return [arb(k) for k in self.coefficients.rational_cumulants(n)]
        mean, jumps = self.coefficients.balls()
        return [mean, *(sum((c * p**k for p, c in jumps), arb(0)) for k in range(n - 1))][:n]

    def moments(self, n: int, bits: int = BITS) -> list[arb]:
        """m_0 ... m_n, from m_k = [t^k] (1 + t R(t))^(k+1) / (k+1) (Lagrange inversion).

        With irrational coefficients to 2^-bits absolutely or relatively.
        """
        if self.coefficients.rational is not None:
            cumulants = self.coefficients.rational_cumulants(n)
            if any(k < 0 for k in cumulants):  # moments may cancel to an exact 0
                exact = _lagrange(fmpq_poly([fmpq(1), *cumulants]), n)
                return refined(lambda: [arb(m) for m in exact], lambda ms: all(narrow(m, bits) for m in ms))
            return refined(
                lambda: _lagrange(arb_poly([arb(1), *map(arb, cumulants)]), n),
                lambda ms: all(narrow(m, bits) for m in ms),
            )
        return refined(
            lambda: _lagrange(arb_poly([arb(1), *self._cumulants(n)]), n),
            lambda ms: all(m.rad() <= arb(2) ** -bits or narrow(m, bits) for m in ms),
        )


def _lagrange(series: Any, n: int) -> list[Any]:
    moments, power = [], series
    for k in range(n + 1):
        moments.append(power[k] / (k + 1))
        power = (power * series).truncate(n + 1)
    return moments


def _parts(z: Any) -> tuple[fmpq, fmpq]:
    if isinstance(z, tuple):
        return rational(z[0]), rational(z[1])
    if isinstance(z, (int, float, Fraction, str, fmpq, arb)):
        return rational(z), fmpq(0)
    return rational(z.real), rational(z.imag)
