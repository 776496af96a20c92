"""Masses of a free Levy law in double-double, from a known point of the plane of w.

The antiderivative V of G dx in terms of w, V' = (1 - Phi(w)) / w, is rational but for logarithms. Between
an origin w_0, real or in the upper half-plane, and w = w_0 + d, with q_j = w_0 - p_j and the Wigner weight
c_0,

    Im V(w) - Im V(w_0) = (1 - sum_j lambda_j) arg(w / w_0)
        + sum_{p_j != 0} [lambda_j arg((q_j + d) / q_j) - (c_j / p_j) Im d / (q_j (q_j + d))]
        + (c_0 / 2) Im [w^-2 - w_0^-2],

and minus this over pi is the mass between the two. For small d around real w_0 the sum cancels to the order
d^3, at a cusp d^4; there the Taylor series of V', a rational function, is integrated instead.

V and H are analytic: from a point w next to the curve, with Im H(w) not quite 0, a point of the axis
follows to second order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic import double_double as dd
from ..arithmetic.arctangent import PI, arctan2
from ..arithmetic.double_double import DoubleDouble
from ..arithmetic.triple_double import TripleDouble
from . import exact_mass
from .curve import invert

if TYPE_CHECKING:
    from .law import Levy

# The series serves where |d| is at most this part of the distance of 0 and the poles; its length there.
SMALL = 2.0**-5
TERMS = 22
# Terms of this order are below 2^-55 of the sum, which is of the order d^4 at most: doubles suffice.
FULL = 15
# A pole is small beside w where |p| is at most this part of |w|; terms of its series, to below 2^-120.
FAR = 2.0**-10
FAR_TERMS = 13
RECIPROCALS = 1.0 / DoubleDouble(np.arange(1.0, TERMS + 1.0)[:, None, None])
# The quantile has been found when what a further step would add is below this part of x.
SETTLED = 2.0**-58
# So has w when a step is below this part of its height: the next would be below the square.
NEARLY = 2.0**-27
STEPS = 60
# Twice at most the moves, which are doubles, are made less than SMALL of x.
ROUNDED = 2


class Complex(NamedTuple):
    """re + i im."""

    re: DoubleDouble
    im: DoubleDouble

    def plus(self, other: Complex) -> Complex:
        """The sum."""
        return Complex(self.re + other.re, self.im + other.im)

    def minus(self, other: Complex) -> Complex:
        """The difference."""
        return Complex(self.re - other.re, self.im - other.im)

    def times(self, other: Complex) -> Complex:
        """The product."""
        return Complex(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)

    def scaled(self, factor: Any) -> Complex:
        """The product with a real number."""
        return Complex(self.re * factor, self.im * factor)

    def inverse(self) -> Complex:
        """1 over it."""
        part = 1.0 / (self.re * self.re + self.im * self.im)
        return Complex(self.re * part, -(self.im * part))

    def where(self, condition: Any, other: Complex) -> Complex:
        """This where the condition holds, the other elsewhere."""
        return Complex(self.re.where(condition, other.re), self.im.where(condition, other.im))

    def total(self) -> Complex:
        """The sum over the first axis."""
        return Complex(dd.total(self.re), dd.total(self.im))

    def rounded(self) -> Any:
        """As complex numbers."""
        return self.re.hi + 1j * self.im.hi

    def copy(self) -> Complex:
        """A copy."""
        return Complex(self.re.copy(), self.im.copy())

    def put(self, row: int, value: Complex) -> None:
        """Store values as a row."""
        self.re[row], self.im[row] = value

    def take(self, index: Any) -> Complex:
        """Some of the points."""
        return Complex(self.re[..., index], self.im[..., index])


class Origin(NamedTuple):
    """An origin w for each of n points: w, q_j = w - p_j (k, n), 1 - Phi(w), H(w), and the law there.

    rate_rest, defect_rest: third parts of the rates and of 1 less their sum.
    """

    w: Complex
    q: Complex
    slope: Complex
    x: Complex
    poles: DoubleDouble
    weights: DoubleDouble
    rates: DoubleDouble
    defect: DoubleDouble
    rate_rest: FloatArray
    defect_rest: FloatArray

    def take(self, index: Any) -> Origin:
        """Some of the points."""
        w, q, slope, x = (value.take(index) for value in self[:4])
        rows: tuple[Any, ...] = self[4:]
        return Origin(w, q, slope, x, *(value[..., index] for value in rows))


def _of_law(law: Levy, of: Any) -> tuple[Any, ...]:
    """The fields of `Origin` from `poles` on."""
    rates = DoubleDouble(law.rates[:, of], law.rate_lo[:, of])
    defect = DoubleDouble(law.defect[of], law.defect_lo[of])
    poles = DoubleDouble(law.poles[:, of], law.pole_lo[:, of])
    weights = DoubleDouble(law.weights[:, of], law.weight_lo[:, of])
    return poles, weights, rates, defect, law.rate_rest[:, of], law.defect_rest[of]


def at_centre(law: Levy, centre: Any, of: Any) -> Origin:
    """The given centres of the given laws, real points."""
    c = law.centres

    def real(hi: FloatArray, lo: FloatArray) -> Complex:
        return Complex(DoubleDouble(hi, lo), DoubleDouble(np.zeros(hi.shape)))

    return Origin(
        real(c.w[centre, of], c.w_lo[centre, of]),
        real(c.offset[:, centre, of], c.offset_lo[:, centre, of]),
        real(c.slope[centre, of], c.slope_lo[centre, of]),
        real(c.x[centre, of], c.x_lo[centre, of]),
        *_of_law(law, of),
    )


class AboveZero(NamedTuple):
    """Origins next to the curve over x = 0, and what makes the distribution function there, three parts."""

    origin: Origin
    level: tuple[FloatArray, FloatArray, FloatArray]


def above_zero(law: Levy, of: Any) -> AboveZero:
    """Of the given laws, 0 inside a band of each."""
    curve = invert(law if law.laws == 1 else law.take(of), np.zeros(len(of)))
    found = [
        exact_mass.above_zero(u, v, law.exact.at(i))
        for u, v, i in zip(curve.u.tolist(), curve.v.tolist(), of, strict=True)
    ]
    rows = _of_law(law, of)
    w = _complex([one.w for one in found])
    q = Complex(w.re - rows[0], w.im + np.zeros(rows[0].shape))
    first, middle, last = np.array([one.level for one in found]).T
    origin = Origin(w, q, _complex([one.slope for one in found]), _complex([one.x for one in found]), *rows)
    return AboveZero(origin, (first, middle, last))


def _complex(values: list[Any]) -> Complex:
    parts = np.array(values)
    return Complex(*(DoubleDouble(parts[:, i, 0], parts[:, i, 1]) for i in (0, 1)))


def along(at: Origin, d: Complex) -> tuple[Complex, DoubleDouble]:
    """H(w + d) - H(w) from an origin w, and the mass between, signed: minus Im V(w + d) - Im V(w) over pi."""
    size = np.hypot(at.w.re.hi, at.w.im.hi)
    scale = np.hypot(at.q.re.hi, at.q.im.hi).min(axis=0)
    scale = np.where(size == 0, scale, np.minimum(scale, size))
    scale = np.exp2(np.floor(np.log2(scale)))
    small = np.hypot(d.re.hi, d.im.hi) <= SMALL * scale
    real = at.w.im.hi == 0
    x, turn = d.copy(), d.im.copy()
    for kind, way in ((small & real, _series), (small & ~real, _series_above), (~small, _closed)):
        some = np.flatnonzero(kind)
        if some.size == kind.size:
            x, turn = way(at, d, scale)
        elif some.size:
            (x.re[some], x.im[some]), turn[some] = way(at.take(some), d.take(some), scale[some])
    return x, -turn / PI


def _slope(at: Origin, d: Complex) -> Any:
    """H' = 1 - Phi at w + d, without cancellation next to an origin where it is 0."""
    q, move = at.q.rounded(), d.rounded()
    far = at.q.plus(d).rounded()
    rise = at.weights.hi / (q * q) * (2.0 * q + move) / (far * far)
    return at.slope.rounded() + move * rise.sum(axis=0)


def _closed(at: Origin, d: Complex, _: FloatArray) -> tuple[Complex, DoubleDouble]:
    """H(w + d) - H(w) = d (A + d sum_j c_j / (q_j^2 (q_j + d))), and the sum above."""
    end = Complex(at.q.re + d.re, at.q.im + d.im)
    inverse = end.inverse()
    if at.w.im.hi.any():
        start = at.q.inverse()
        product = inverse.times(start)
        inner = product.times(start).scaled(at.weights).total()
    else:
        real = 1.0 / at.q.re
        product = inverse.scaled(real)
        inner = product.scaled(at.weights * real).total()
    x = d.times(at.slope.plus(d.times(inner)))

    wigner = at.poles.hi == 0
    jump = dd.where(wigner, 0.0, at.weights / dd.where(wigner, 1.0, at.poles))
    moved = d.re * product.im + d.im * product.re
    w = at.w.plus(d)
    terms, defect = at.rates * _turned(at.q, end, d) - jump * moved, at.defect
    small = _small_poles(at, w)
    has_small = small.any(axis=0)
    if has_small.any():
        terms = dd.where(small, 0.0, terms)
        defect = dd.where(has_small, _defect_without(at, small), defect)
    turn = dd.total(terms)
    zero = (at.w.re.hi == 0) & (at.w.im.hi == 0)
    turn = turn + dd.where(zero, 0.0, defect * _turned(at.w, w, d))
    if has_small.any():
        turn = turn + dd.where(has_small, _of_small_poles(at, w, small), 0.0)
    if wigner.any():
        gaussian = dd.total(dd.where(wigner, at.weights, 0.0))
        part = w.times(at.w).inverse()
        term = gaussian * d.times(at.w.plus(d.scaled(0.5))).times(part).times(part).im
        # another law beside these may have no Wigner part, and its origin at w = 0
        turn = turn - dd.where(gaussian.hi > 0, term, 0.0)
    return x, turn


def _small_poles(at: Origin, w: Complex) -> Any:
    """Which poles, none of them 0, are small beside the origin and beside w, (k, n)."""
    nearest = np.minimum(np.hypot(at.w.re.hi, at.w.im.hi), np.hypot(w.re.hi, w.im.hi))
    size = np.abs(at.poles.hi)
    return (size > 0) & (size <= FAR * nearest) & (at.weights.hi > 0)


def _defect_without(at: Origin, small: Any) -> DoubleDouble:
    """1 - (sum of the rates of the other poles): next to 0 where it is without a double-double's digits."""
    rates = TripleDouble(at.rates.hi, at.rates.lo, at.rate_rest).where(small, 0.0)
    return (TripleDouble(at.defect.hi, at.defect.lo, at.defect_rest) + dd.total(rates)).rounded()


def _of_small_poles(at: Origin, w: Complex, small: Any) -> DoubleDouble:
    """What small poles add to Im V between the origin and w, their rates taken to the pole 0.

    lambda log(1 - p / w) + c / (p (w - p)) = c sum_{k >= 2} (1 - 1/k) p^(k-2) w^-k: no sum of angles, which
    would cancel.
    """
    ends = [point.inverse() for point in (w, at.w)]
    sums, power = [], dd.where(small, at.weights, 0.0)
    for _ in range(FAR_TERMS):
        sums.append(dd.total(power))
        power = power * at.poles
    totals = [v.scaled(0.0) for v in ends]
    for i, v in enumerate(ends):
        for k in range(FAR_TERMS + 1, 1, -1):
            total = totals[i].times(v)
            totals[i] = Complex(total.re + sums[k - 2] * (1.0 - 1.0 / DoubleDouble(np.float64(k))), total.im)
        totals[i] = totals[i].times(v).times(v)
    return totals[0].im - totals[1].im


def _turned(start: Complex, end: Complex, d: Complex) -> DoubleDouble:
    """arg(end / start), end = start + d."""
    re, im = end.re * start.re, d.im * start.re
    if start.im.hi.any():
        re, im = re + end.im * start.im, im - d.re * start.im
    return arctan2(abs(im), re) * np.where(im.hi < 0, -1.0, 1.0)


def _series(at: Origin, d: Complex, scale: FloatArray) -> tuple[Complex, DoubleDouble]:
    """The same from 1 - Phi(w + s t) = sum_m a_m t^m and its quotient by (w + s t) / s, in t = d / s."""
    t = d.scaled(1.0 / scale)
    terms = _terms(t)
    ratio, u = -scale / at.q.re, at.w.re / scale
    part = at.weights / (at.q.re * at.q.re)
    slopes = dd.zeros((terms + 1, *scale.shape))
    slopes[0] = at.slope.re
    for m in range(1, terms + 1):
        if m < FULL:
            part = part * ratio
            slopes[m] = dd.total(part) * (-1.0 - m)
        else:
            part.hi = part.hi * ratio.hi
            slopes.hi[m] = part.hi.sum(axis=0) * (-1.0 - m)
    at_zero = u.hi == 0
    inverse = 1.0 / dd.where(at_zero, 1.0, u)
    quotients = dd.zeros((terms, *scale.shape))
    quotients[0] = slopes[0] * inverse
    for m in range(1, terms):
        if m < FULL:
            quotients[m] = (slopes[m] - quotients[m - 1]) * inverse
        else:
            quotients.hi[m] = (slopes.hi[m] - quotients.hi[m - 1]) * inverse.hi
    if at_zero.any():
        quotients = dd.where(at_zero, slopes[1:], quotients)
    return _integrals([(slopes, quotients)], t, scale)


def _series_above(at: Origin, d: Complex, scale: FloatArray) -> tuple[Complex, DoubleDouble]:
    """The same around w in the upper half-plane."""
    t = d.scaled(1.0 / scale)
    terms = _terms(t)
    ratio, u = at.q.inverse().scaled(-scale), at.w.inverse().scaled(scale)
    part = ratio.times(ratio).scaled(at.weights / (scale * scale))
    slopes = Complex(*(dd.zeros((terms + 1, *scale.shape)) for _ in range(2)))
    quotients = Complex(*(dd.zeros((terms, *scale.shape)) for _ in range(2)))
    slopes.put(0, at.slope)
    quotient = at.slope.times(u)
    quotients.put(0, quotient)
    for m in range(1, min(terms + 1, FULL)):
        part = part.times(ratio)
        slope = part.total().scaled(-1.0 - m)
        slopes.put(m, slope)
        if m < terms:
            quotient = slope.minus(quotient).times(u)
            quotients.put(m, quotient)
    rest, last, in_part, in_quotient = part.rounded(), quotient.rounded(), ratio.rounded(), u.rounded()
    for m in range(FULL, terms + 1):
        rest = rest * in_part
        slope_hi = rest.sum(axis=0) * (-1.0 - m)
        slopes.re.hi[m], slopes.im.hi[m] = slope_hi.real, slope_hi.imag
        if m < terms:
            last = (slope_hi - last) * in_quotient
            quotients.re.hi[m], quotients.im.hi[m] = last.real, last.imag
    return _integrals(list(zip(slopes, quotients, strict=True)), t, scale)


def _integrals(
    series: list[tuple[DoubleDouble, DoubleDouble]], t: Complex, scale: FloatArray
) -> tuple[Complex, DoubleDouble]:
    """The integrals of two series, of the latter the imaginary part; from term FULL on in doubles.

    series: the real parts of their coefficients, (terms + 1, n) and (terms, n), and the imaginary if any.
    """
    terms = series[0][1].shape[0]
    parts = [
        DoubleDouble(np.stack([a.hi[:terms], b.hi], axis=1), np.stack([a.lo[:terms], b.lo], axis=1))
        * RECIPROCALS[:terms]
        for a, b in series
    ]
    t = Complex(*(DoubleDouble(np.tile(x.hi, (2, 1)), np.tile(x.lo, (2, 1))) for x in t))
    z, rest = t.rounded(), np.zeros(t.re.shape, dtype=np.complex128)
    for m in range(terms - 1, FULL - 1, -1):
        rest *= z
        rest.real += parts[0].hi[m]
        if len(parts) > 1:
            rest.imag += parts[1].hi[m]
    total = Complex(DoubleDouble(rest.real), DoubleDouble(rest.imag))
    for m in range(min(terms, FULL) - 1, -1, -1):
        total = total.times(t)
        total = Complex(total.re + parts[0][m], total.im + parts[1][m] if len(parts) > 1 else total.im)
    total = total.times(t)
    return Complex(total.re[0], total.im[0]).scaled(scale), total.im[1]


def _terms(t: Complex) -> int:
    """How many terms of series in t count."""
    size = max(float(np.hypot(t.re.hi, t.im.hi).max(initial=0.0)), 1e-30)
    return min(TERMS, int(np.ceil(np.log(2.0**-109) / np.log(size))) + 4)


def place(at: Origin, d: Complex, mass: DoubleDouble) -> tuple[DoubleDouble, Complex]:
    """x - Re H(w) where the mass between the origin w and the point of the curve is the given one, signed.

    d: a point next to the curve and the one wanted, from the origin; improved, the second result. From it,
    with y = H(w + d) - Re H(w),

        pi (mass - mass(d)) = -Im[(x - y) / (w + d)],

    which gives x, then d; again while the second order could be seen.
    """
    result = DoubleDouble(np.zeros(d.re.shape))
    d = d.copy()
    active = np.flatnonzero((mass.hi != 0) | (at.w.im.hi != 0))
    for attempt in range(STEPS):
        if active.size == 0:
            break
        here, now = at.take(active), d.take(active)
        y, found = along(here, now)
        height = (y.im + here.x.im).hi
        w = here.w.plus(now).rounded()
        missing = (mass[active] - found).to_float()
        # quotients first: next to a hard edge x is of the order w^2, and products of three are no doubles
        size = np.abs(w)
        by_mass = np.pi * missing * (size / w.imag) * size
        by_height = height * (w.real / w.imag)
        move = by_mass - by_height
        x = y.re + move
        result[active] = x
        step = (move - 1j * height) / _slope(here, now)
        # from a bad start, where the mass is a high power of d, no step far beyond
        capped = step * np.minimum(1.0, 2.0 * w.imag / np.abs(step))
        capped.imag = np.maximum(capped.imag, -0.9 * w.imag)
        d.re[active], d.im[active] = now.re + capped.real, now.im + capped.imag
        rest = np.hypot(move, height) * (np.abs(step) / w.imag)
        seen = rest > SETTLED * np.abs((here.x.re + x).hi)
        seen |= np.abs(step) > NEARLY * w.imag
        if attempt < ROUNDED:
            seen |= np.abs(by_mass) + np.abs(by_height) > SMALL * np.abs((here.x.re + x).hi)
        active = active[seen & np.isfinite(rest)]
    return result, d
