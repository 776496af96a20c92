"""Laws side by side, one for each point: density and masses straight from the coefficients.

Where every point has a law of its own, edges and centres would cost more than the points do. Nothing of the
law is needed but H: by the branch theorem a root of

    H(w) - x = w - y + sum_j c_j / (w - p_j),      y = x - m,

in the upper half-plane is the right one, and a real root with H' > 0 proves that x lies outside the bands.
Equal poles and vanishing weights are harmless in this form. Stages:

1. two or three poles: the formulas of `few_poles`, and a proof where the root is real (`_certainly_real`);
   one pole makes a quadratic equation. More poles, and points that this leaves unresolved: Halley's method
   from the root of w - y + C / (w - P) = 0, with C = sum c_j and P = sum c_j p_j / C, kept in the upper
   half-plane, until a root is close or a real one is proved;
2. Halley's method, the residual in more than a double: each fraction t = c / (w - p) is rounded, and
   c - t (w - p) gives what it lacks. Rounded to a grid of 2^-25 of the size of all terms, fractions are
   summed and multiplied exactly as they are; points next to an edge are difficult, and for them t is a
   double, and sums and products are in two parts;
3. an estimate of the relative error of Im w, from what is left of Halley's method, from the rounding
   errors of the residual and from those of the slope. It is no more than TOLERANCE, or the point is left
   unresolved: closer to an edge than about 1e-14 on the scale of the law, or next to a cusp. Such points
   are for prepared laws (`levy`, `curve`).

Every point is dealt with by itself: its result depends neither on its neighbours nor on its place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import double_double as dd
from . import few_poles
from .angles import angles, mass_below
from .arguments import FloatArray
from .double_double import DoubleDouble, two_product, two_sum

UNIT = 2.0**-53
# Accepted estimate of the relative error of Im w.
TOLERANCE = 2.0**-49
# The residual's rounding error in parts of the sum of its terms: in doubles, with half a double more, and
# in twice the precision.
PLAIN, MORE, TWICE = 2.0**-50, 2.0**-75, 2.0**-100
# The bits of a double's exponent.
EXPONENT = 0x7FF << 52
# Adding this times a power of two, and taking it away again, leaves multiples of 2^-25 of that power.
GRID = 1.5 * 2.0**27
# A root is close when a step is below this part of Im w: the error after it is below the cube.
CLOSE = 2.0**-6


class Patience(NamedTuple):
    """How to look for roots.

    formula: whether two or three poles are for `few_poles`. lift, shorten: the start's least Im w in parts
    of sqrt(C), and how far a step may shorten Im w. steps, repairs: how many of them. error: of the residual
    then, MORE or TWICE.
    """

    formula: bool
    lift: float
    shorten: float
    steps: int
    repairs: int
    error: float


# Nearly all points need little; of those left many have run into a real root of H' < 0.
QUICK, PATIENT = Patience(True, 0.3, 0.1, 4, 1, MORE), Patience(False, 1.0, 0.3, 40, 5, TWICE)
# Refinement and masses take more memory a point than the rest.
REFINED_AT_ONCE = 4096
# Outside these bounds products of distances may leave the range of doubles.
LEAST, LARGEST = 1e-70, 1e70
# Weights that vanish are to weigh so much where they divide.
LIGHTEST = 2.0**-1000


class Laws(NamedTuple):
    """n laws in double-double: mean (n,), poles and weights (k, n).

    place_is_zero: whether H(0) = 0, the place of an atom if there is one, where no weight vanishes.
    """

    mean: DoubleDouble
    poles: DoubleDouble
    weights: DoubleDouble
    place_is_zero: bool


class Roots(NamedTuple):
    """w = u + rest + i v at n points, one for each law.

    Outside the bands v = 0, and u has the right place among the poles and 0, but no digits. resolved: (n,).
    """

    u: FloatArray
    rest: FloatArray
    v: FloatArray
    resolved: Any

    def offsets(self, poles: DoubleDouble, index: Any) -> FloatArray:
        """u - p_j at some of the points, (k, n)."""
        apart = self.u[index] - _take(poles.hi, index)
        return np.asarray(apart + (self.rest[index] - _take(poles.lo, index)))


def density(law: Laws, x: FloatArray, patience: Patience) -> tuple[FloatArray, Any]:
    """The density at the point x of each law, (n,), and where it is resolved."""
    found = roots(law, x, patience)
    with np.errstate(all="ignore"):
        value = found.v / (np.pi * (found.u * found.u + found.v * found.v))
        finite = np.isfinite(x)
        # (`numpy.where` is slow where its condition varies)
        value[np.flatnonzero(~(value > 0) | ~finite)] = 0.0
        if not finite.all():
            value[np.isnan(x)] = np.nan
        return value, found.resolved | ~finite


def mass(
    law: Laws, rates: DoubleDouble, x: FloatArray, patience: Patience, reflected: bool
) -> tuple[FloatArray, Any]:
    """Mass on (-inf, x], or on (x, inf) if reflected, (n,), and where it is resolved.

    rates: weights / poles^2, (k, n), 0 of a Wigner part.
    """
    found = roots(law, x, patience)
    with np.errstate(all="ignore"):
        value = np.where(np.isnan(x), np.nan, np.where((x > 0) != reflected, 1.0, 0.0))
        outside = np.flatnonzero(found.resolved & (found.v == 0))
        value[outside] = _level(law, rates, found, outside, reflected)
        every = np.flatnonzero(found.resolved & (found.v > 0))
        for start in range(0, every.size, REFINED_AT_ONCE):
            inside = every[start : start + REFINED_AT_ONCE]
            value[inside] = _inside(law, rates, found, inside, reflected)
            # past the middle the other side has the smaller error
            most = inside[value[inside] > 0.75]
            value[most] = 1.0 - _inside(law, rates, found, most, not reflected)
        return value, found.resolved | ~np.isfinite(x)


def index(law: Laws, rates: DoubleDouble, x: FloatArray, patience: Patience) -> tuple[FloatArray, Any]:
    """Mass on the open negative axis, (n,), and where it is resolved; x is 0."""
    value, resolved = mass(law, rates, x, patience, reflected=False)
    if law.place_is_zero:
        # if the rates sum to 1 at most, w = 0 is the root: an atom or a singular density
        below = dd.total(dd.where(law.poles.hi < 0, rates, 0.0)).to_float()
        known = (dd.total(rates) <= 1.0) & (law.weights.hi > 0).all(axis=0)
        value, resolved = np.where(known, below, value), resolved | known
    return value, resolved


def _inside(law: Laws, rates: DoubleDouble, found: Roots, index: Any, reflected: bool) -> FloatArray:
    """The mass at points inside a band, by angles."""
    poles, weights, shares = (_take(rows, index) for rows in (law.poles.hi, law.weights.hi, rates.hi))
    offsets = found.offsets(law.poles, index)
    return mass_below(angles(found.u[index], found.v[index], offsets, poles, weights, shares, reflected))


def _level(law: Laws, rates: DoubleDouble, found: Roots, index: Any, reflected: bool) -> FloatArray:
    """The mass in a gap: sum_{p_j < w} lambda_j on its left if w < 0, sum_{p_j > w} on its right if w > 0."""
    rates = _take(rates, index)
    on_left = found.offsets(law.poles, index) > 0
    positive = found.u[index] > 0
    near = dd.total(dd.where(on_left != positive, rates, 0.0))
    far = (1.0 - near).snapped(1.0 + near.hi)
    return np.asarray(dd.where(positive != reflected, far, near).to_float())


def roots(law: Laws, x: FloatArray, patience: Patience) -> Roots:
    """w at the point x of each law, (n,)."""
    with np.errstate(all="ignore"):
        y = -law.mean + x
        p, c = law.poles.hi, law.weights.hi
        total = c.sum(axis=0)
        reach = np.sqrt(total)
        size = np.abs(x) + np.abs(law.mean.hi) + np.abs(p).sum(axis=0) + 2.0 * reach
        if p.shape[0] == 1:
            return _of_one_pole(law.poles[0], law.weights[0], y, size)
        points = _Points(p, c, y.hi, size)
        if patience.formula and len(p) in (2, 3):
            w, inside, outside = _by_formula(points)
        else:
            w = _start(points, total, patience.lift * reach)
            inside, outside = _near_root(points, w, patience)
        del total, reach
        u, v = w.real.copy(), np.zeros(w.shape)
        rest, resolved = np.zeros_like(u), outside & (size < LARGEST)
        todo = np.flatnonzero(inside & (size < LARGEST))
        v[todo] = w.imag.take(todo)
        del w, inside, outside
        for _ in range(patience.repairs):
            for start in range(0, todo.size, REFINED_AT_ONCE):
                some = todo[start : start + REFINED_AT_ONCE]
                found = _refined(law, y, u, v, size, some, patience.error)
                u[some], rest[some], v[some], resolved[some] = found
            todo = todo[~resolved[todo] & (v[todo] > 0)]
            if not todo.size:
                break
        return Roots(u, rest, v, resolved)


def _of_one_pole(p: DoubleDouble, c: DoubleDouble, y: DoubleDouble, size: FloatArray) -> Roots:
    """With one pole w - p = d / 2 + sqrt(d^2 / 4 - c), d = y - p."""
    half = 0.5 * (y - p)
    square = c - half * half
    root = np.sqrt(np.abs(square.hi))
    v = np.where(square.hi > 0, root, 0.0)
    real = square.hi < 0
    u = p + (half + np.where(real, np.copysign(root, half.hi), 0.0))
    resolved = np.abs(square.hi) * TOLERANCE > TWICE * c.hi
    resolved &= np.where(real, np.abs(u.hi) > PLAIN * size, v > LEAST)
    return Roots(u.hi, u.lo, v, resolved & (size < LARGEST))


def _take(value: Any, index: Any) -> Any:
    """Some of the points, of an array or a double-double (on one axis `take` is far faster than an index)."""
    if isinstance(value, DoubleDouble):
        return DoubleDouble(_take(value.hi, index), _take(value.lo, index))
    return value.take(index, axis=-1)


class _Points(NamedTuple):
    """Points and their laws in doubles: p and c (k, n), y and the size of the terms of H(w) - x (n,)."""

    p: FloatArray
    c: FloatArray
    y: FloatArray
    size: FloatArray

    def take(self, index: Any) -> _Points:
        """Some of the points."""
        return _Points(*(_take(value, index) for value in self))

    def at(self, w: Any) -> tuple[Any, Any, Any]:
        """F = H - x, D = H' and E = H'' / 2 at w."""
        f, d, e = w.copy(), np.ones_like(w), np.zeros_like(w)
        f.real -= self.y
        u, v = w.real.copy(), -w.imag
        vv = v * v
        for p, c in zip(self.p, self.c, strict=True):
            # complex division is slow
            a = u - p
            inverse = 1.0 / (a * a + vv)
            r, t = np.empty_like(w), np.empty_like(w)
            np.multiply(a, inverse, out=r.real)
            np.multiply(v, inverse, out=r.imag)
            np.multiply(c, r.real, out=t.real)
            np.multiply(c, r.imag, out=t.imag)
            f += t
            t *= r
            d -= t
            t *= r
            e += t
        return f, d, e


def _square(z: Any) -> FloatArray:
    """|z|^2."""
    return np.asarray(z.real * z.real + z.imag * z.imag)


def _ratio(a: Any, b: Any) -> Any:
    """a / b where |b|^2 is a normal double: far faster than complex division. Writes to b."""
    inverse = 1.0 / _square(b)
    b.real *= inverse
    inverse *= -1.0
    b.imag *= inverse
    b *= a
    return b


def _start(points: _Points, total: FloatArray, least: FloatArray) -> Any:
    """The root for one pole at the centre of gravity, lifted off the real axis."""
    centre = _centre(points.p, points.c, total)
    half = 0.5 * (points.y - centre)
    square = half * half - total
    w = np.empty(half.shape, dtype=np.complex128)
    np.add(centre + half, np.copysign(np.sqrt(np.maximum(square, 0.0)), half), out=w.real)
    np.maximum(np.sqrt(np.maximum(-square, 0.0)), least, out=w.imag)
    return w


def _centre(p: FloatArray, c: FloatArray, total: FloatArray) -> FloatArray:
    """The poles' centre of gravity, 0 where nothing weighs."""
    moment = p[0] * c[0]
    for j in range(1, p.shape[0]):
        moment += p[j] * c[j]
    moment /= np.maximum(total, LIGHTEST)
    return moment


def _by_formula(points: _Points) -> tuple[Any, Any, Any]:
    """w by formula, where it is above the real axis (inside), and where it certainly is real (outside)."""
    w, real = few_poles.root(points.p, points.c, points.y)
    outside = np.zeros(w.shape, dtype=bool)
    some = np.flatnonzero(real)
    if some.size:
        points, here = points.take(some), w.take(some)
        f, d, _ = points.at(here)
        outside[some] = _certainly_real(points, here, f, d)
    return w, ~real, outside


def _near_root(points: _Points, w: Any, patience: Patience) -> tuple[Any, Any]:
    """Move w close to the root above the real axis (inside), or to where a root is real (outside)."""
    inside, outside = np.zeros(w.shape, dtype=bool), np.zeros(w.shape, dtype=bool)
    active: Any = slice(None)
    here = w
    for _ in range(patience.steps):
        here, close, real = _nearer(points, here, patience.shorten)
        w[active], inside[active], outside[active] = here, close, real
        going = np.flatnonzero(~(close | real) & np.isfinite(here))
        if not going.size:
            break
        if going.size < 0.75 * here.size:
            active = going if isinstance(active, slice) else active[going]
            points, here = points.take(going), here.take(going)
    return inside, outside


def _nearer(points: _Points, w: Any, shorten: float) -> tuple[Any, Any, Any]:
    """w after a step of Halley's method, and where the root above or on the real axis is close."""
    f, d, e = points.at(w)
    step = _step(f, d, e)
    height = w.imag
    close = _square(step) <= CLOSE * CLOSE * height * height
    real = np.zeros(close.shape, dtype=bool)
    # only a root on the axis, or below it, pulls so hard
    falling = np.flatnonzero(~close & (step.imag > 0.5 * height))
    if falling.size:
        some = points.take(falling), w.take(falling), f.take(falling), d.take(falling)
        real[falling] = _certainly_real(*some)
    return _moved(w, step, shorten), close, real


def _step(f: Any, d: Any, e: Any) -> Any:
    """Halley's step from F, D and E, which is written to."""
    e *= f
    np.subtract(d * d, e, out=e)
    return _ratio(f * d, e)


def _moved(w: Any, step: Any, shorten: float) -> Any:
    """w after a step, above the real axis."""
    moved = w - step
    np.maximum(moved.imag, shorten * w.imag, out=moved.imag)
    return moved


def _certainly_real(points: _Points, w: Any, f: Any, d: Any) -> Any:
    """Whether the root nearest to w is real and H' > 0 there.

    With r = |F / D| + Im w, if r <= |w - p_j| / 8 and 38 r sum c_j / |w - p_j|^3 <= |D|, then H' differs from
    D by a quarter at most on the disc of radius 2 r around w. It contains exactly one root, and the conjugate
    of that root. On which side of 0 it lies is to be certain as well.
    """
    height = w.imag * w.imag
    apart = np.square(w.real - points.p) + height
    nearest = np.minimum(np.square(w.real) + height, apart.min(axis=0))
    pull = (points.c / apart).sum(axis=0)
    slope = _square(d)
    error = PLAIN * points.size
    reach = 3.0 * ((_square(f) + error * error) / slope + height)
    near = 64.0 * reach <= nearest
    return near & (38.0**2 * reach * pull * pull <= slope * nearest) & (d.real > 0)


def _refined(
    law: Laws, y: DoubleDouble, u: FloatArray, v: FloatArray, size: FloatArray, index: Any, precision: float
) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
    """u, what it lacks, and v after a step from u + i v at the points of the index; whether they are good."""
    u, v, y = _take(u, index), _take(v, index), _take(y, index)
    f, low = np.empty(u.shape, dtype=np.complex128), np.zeros(u.shape, dtype=np.complex128)
    f.real, low.real = two_sum(u, -y.hi)
    low.real -= y.lo
    f.imag = v
    d, e, spread = np.ones_like(f), np.zeros_like(f), np.zeros_like(u)
    vv, size = v * v, _take(size, index)
    if precision == MORE:
        # a sum of terms on a grid of 2^-25 of their size is exact
        grid = _power_of_two(size) * GRID
        sum_re, sum_im = _high(f.real, grid), _high(v, grid)
        v_low = v - sum_im
        v_high = sum_im.copy()
        low.real += f.real - sum_re
        low.imag = v_low
    for j in range(law.poles.shape[0]):
        # w - p = (a + rest) + i v, exactly, and r its reciprocal, rounded
        pole, c = _take(law.poles[j], index), _take(law.weights[j], index)
        a, rest = two_sum(u, -pole.hi)
        rest -= pole.lo
        inverse = 1.0 / (a * a + vv)
        r = np.empty_like(f)
        np.multiply(a, inverse, out=r.real)
        np.multiply(-v, inverse, out=r.imag)
        t = np.empty_like(f)
        t_re, t_im = c.hi * r.real, c.hi * r.imag
        t.real, t.imag = t_re, t_im
        s = t * r
        d -= s
        s *= r
        e += s
        inverse *= inverse
        inverse *= c.hi
        spread += inverse
        # c / (w - p) = t + (c - t (w - p)) r
        if precision == MORE:
            t_re, t_im, a_high = _high(t_re, grid), _high(t_im, grid), _high(a, grid)
            sum_re += t_re
            sum_im += t_im
            a -= a_high
            rest += a
            r *= _lack_in_halves(c, t_re, t_im, a_high, rest, v_high, v_low)
        else:
            r *= _lack(c, t, a, rest, v)
            f, error = two_sum(f, t)
            low += error
        low += r
    if precision == MORE:
        f.real, f.imag = sum_re, sum_im
    f += low
    step = _ratio(f * d, d * d - f * e)
    # what is left: Halley's error |E^2/D^2 - H'''/(6 D)| |F/D|^3, rounding errors of F and of D
    slope = np.sqrt(_square(d))
    newton = np.sqrt(_square(f)) / slope
    bend = (_square(e) / slope + spread) / slope
    lost = newton * newton * newton * bend + (precision * size + 8.0 * UNIT * newton) / slope
    height = v - step.imag
    return *two_sum(u, -step.real), height, (lost <= TOLERANCE * height) & (height > LEAST)


def _power_of_two(x: FloatArray) -> FloatArray:
    """The largest power of two that is no more than x > 0."""
    return np.bitwise_and(x.view(np.int64), EXPONENT).view(np.float64)


def _high(x: FloatArray, grid: FloatArray) -> FloatArray:
    """x rounded to multiples of the last digit of the grid, which is 3/2 of a power of two far above x."""
    high = x + grid
    high -= grid
    return high


def _lack(c: DoubleDouble, t: Any, a: FloatArray, rest: FloatArray, v: FloatArray) -> Any:
    """c - t f for f = a + rest + i v and t close to c / f, to TWICE."""
    lack = np.empty_like(t)
    product, error = two_product(t.real, a)
    high, low = two_sum(c.hi, -product)
    low += (c.lo - t.real * rest) - error
    product, error = two_product(t.imag, v)
    lack.real = (high + product) + (low + error)
    product, error = two_product(t.imag, a)
    other, low = two_product(t.real, v)
    lack.imag = -((product + other) + ((error + low) + t.imag * rest))
    return lack


def _lack_in_halves(
    c: DoubleDouble,
    t_re: FloatArray,
    t_im: FloatArray,
    a: FloatArray,
    a_low: FloatArray,
    v: FloatArray,
    v_low: FloatArray,
) -> Any:
    """The same for f = (a + a_low) + i (v + v_low), to MORE: t, a and v have 26 bits, exact products."""
    lack = np.empty(a.shape, dtype=np.complex128)
    high, error = two_sum(c.hi, -(t_re * a))
    low = (error + c.lo) - (t_re * a_low - t_im * v_low)
    np.add(high + t_im * v, low, out=lack.real)
    high = t_re * v + t_im * a
    np.subtract(-high, t_re * v_low + t_im * a_low, out=lack.imag)
    return lack
