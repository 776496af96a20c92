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
2. a step of Newton's or of Halley's method, the residual in more than a double (`refinement`);
3. an estimate of the relative error of Im w after it. It is no more than TOLERANCE, or the point is left
   unresolved: closer to an edge than about 1e-14 on the scale of the law, or next to a cusp. Such points
   are for prepared laws (`law`, `curve`).

Every point is dealt with by itself: its result depends neither on its neighbours nor on its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic import double_double as dd
from ..arithmetic.double_double import DoubleDouble, two_sum
from . import few_poles
from .angles import angles, mass_below
from .refinement import LEAST, TWICE, Refined, halley, newton, ratio, square

# Accepted estimate of the relative error of Im w.
TOLERANCE = 2.0**-49
# Rounding error in doubles of H(w) - x, in parts of the sum of its terms.
PLAIN = 2.0**-50
# A root is close when a step is below this part of Im w: the error after it is below the cube.
CLOSE = 2.0**-6


class Patience(NamedTuple):
    """How to look for roots.

    formula: whether two or three poles are for `few_poles`. lift, shorten: the start's least Im w in parts
    of sqrt(C), and how far a step may shorten Im w. steps, repairs: how many of them. refined: the step of a
    repair.
    """

    formula: bool
    lift: float
    shorten: float
    steps: int
    repairs: int
    refined: Callable[..., Refined]


# Nearly all points need little; of those left many have run into a real root of H' < 0.
QUICK, PATIENT = Patience(True, 0.3, 0.1, 4, 2, newton), Patience(False, 1.0, 0.3, 40, 5, halley)
# Refinement and masses take more memory a point than the rest.
REFINED_AT_ONCE = 4096
# From this part of the points on that need a step all of them are given one.
MOST = 0.75
# Beyond this products of distances may leave the range of doubles.
LARGEST = 1e70
# Weights that vanish are to weigh so much where they divide.
LIGHTEST = 2.0**-1000


class Laws(NamedTuple):
    """n laws in double-double: mean, k poles and k weights, each (n,).

    place_is_zero: whether H(0) = 0, the place of an atom if there is one, where no weight vanishes.
    """

    mean: DoubleDouble
    poles: list[DoubleDouble]
    weights: list[DoubleDouble]
    place_is_zero: bool


class Roots(NamedTuple):
    """w = u + rest + i v at n points, one for each law.

    Outside the bands v = 0, and u has the right place among the poles and 0, but no digits. resolved: (n,).
    """

    u: FloatArray
    rest: FloatArray
    v: FloatArray
    resolved: Any

    def offsets(self, poles: list[DoubleDouble], index: Any) -> FloatArray:
        """u - p_j at some of the points, (k, n)."""
        u, rest = self.u.take(index), self.rest.take(index)
        return np.stack([(u - p.hi) + (rest - p.lo) for p in _take(poles, index)])


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
        below = dd.total(dd.where(np.stack(_high(law.poles)) < 0, rates, 0.0)).to_float()
        known = (dd.total(rates) <= 1.0) & (np.stack(_high(law.weights)) > 0).all(axis=0)
        value, resolved = np.where(known, below, value), resolved | known
    return value, resolved


def _inside(law: Laws, rates: DoubleDouble, found: Roots, index: Any, reflected: bool) -> FloatArray:
    """The mass at points inside a band, by angles."""
    poles, weights = (np.stack(_take(_high(rows), index)) for rows in (law.poles, law.weights))
    shares = _take(rates.hi, index)
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
        y = DoubleDouble(*two_sum(x, -law.mean.hi))
        y.lo -= law.mean.lo
        p, c = _high(law.poles), _high(law.weights)
        total = sum(c[1:], c[0])
        reach = np.sqrt(total)
        size = np.abs(x)
        for value in (law.mean.hi, *p):
            size += np.abs(value)
        size += 2.0 * reach
        if len(p) == 1:
            return _of_one_pole(law.poles[0], law.weights[0], y, size)
        points = _Points(p, c, y.hi, size)
        if patience.formula and len(p) in (2, 3):
            w, inside, outside = _by_formula(points)
        else:
            w = _start(points, total, patience.lift * reach)
            inside, outside = _near_root(points, w, patience)
        near = size < LARGEST
        inside &= near
        outside &= near
        return _refined(law, y, w, size, inside, outside, patience)


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
    """Some of the points, of an array, a double-double or rows (`take` is far faster than an index)."""
    if isinstance(value, list):
        return [_take(row, index) for row in value]
    if isinstance(value, DoubleDouble):
        return DoubleDouble(_take(value.hi, index), _take(value.lo, index))
    return value[..., index] if isinstance(index, slice) else value.take(index, axis=-1)


def _high(rows: list[DoubleDouble]) -> list[FloatArray]:
    """The high parts."""
    return [row.hi for row in rows]


class _Points(NamedTuple):
    """Points and their laws in doubles: k rows p and c, y and the size of the terms of H(w) - x, (n,)."""

    p: list[FloatArray]
    c: list[FloatArray]
    y: FloatArray
    size: FloatArray

    def take(self, index: Any) -> _Points:
        """Some of the points."""
        return _Points(*(_take(value, index) for value in self))

    def on_axis(self, u: FloatArray) -> tuple[Any, Any]:
        """F and D at real points u."""
        f, d = u - self.y, np.ones_like(u)
        for p, c in zip(self.p, self.c, strict=True):
            inverse = 1.0 / (u - p)
            t = c * inverse
            f += t
            t *= inverse
            d -= t
        return f, d

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


def _start(points: _Points, total: FloatArray, least: FloatArray) -> Any:
    """The root for one pole at the centre of gravity, lifted off the real axis."""
    centre = _centre(points.p, points.c, total)
    half = 0.5 * (points.y - centre)
    square = half * half - total
    w = np.empty(half.shape, dtype=np.complex128)
    np.add(centre + half, np.copysign(np.sqrt(np.maximum(square, 0.0)), half), out=w.real)
    np.maximum(np.sqrt(np.maximum(-square, 0.0)), least, out=w.imag)
    return w


def _centre(p: list[FloatArray], c: list[FloatArray], total: FloatArray) -> FloatArray:
    """The poles' centre of gravity, 0 where nothing weighs."""
    moment = p[0] * c[0]
    for pole, weight in zip(p[1:], c[1:], strict=True):
        moment += pole * weight
    moment /= np.maximum(total, LIGHTEST)
    return moment


def _by_formula(points: _Points) -> tuple[Any, Any, Any]:
    """w by formula, where it is above the real axis (inside), and where it certainly is real (outside)."""
    w, real = few_poles.root(points.p, points.c, points.y)
    outside = np.zeros(w.shape, dtype=bool)
    some = np.flatnonzero(real)
    if some.size:
        points, here = points.take(some), w.real.take(some)
        outside[some] = _certainly_real(points, here, *points.on_axis(here))
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
    close = square(step) <= CLOSE * CLOSE * height * height
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
    return ratio(f * d, e)


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
    nearest, pull = square(w), np.zeros(w.shape)
    for p, c in zip(points.p, points.c, strict=True):
        apart = np.square(w.real - p) + height
        np.minimum(nearest, apart, out=nearest)
        pull += c / apart
    slope = square(d)
    error = PLAIN * points.size
    reach = 3.0 * ((square(f) + error * error) / slope + height)
    near = 64.0 * reach <= nearest
    return near & (38.0**2 * reach * pull * pull <= slope * nearest) & (d.real > 0)


def _refined(
    law: Laws, y: DoubleDouble, w: Any, size: FloatArray, inside: Any, outside: Any, patience: Patience
) -> Roots:
    """w where it is above the real axis (inside) after steps that should leave it resolved."""
    rows = (law.poles, law.weights, y, w, size)
    u, rest, v, resolved = (np.empty(w.size, dtype) for dtype in (float, float, float, bool))

    def repair(points: Any) -> None:
        for start in range(0, len(points), REFINED_AT_ONCE):
            some = points[start : start + REFINED_AT_ONCE]
            if isinstance(some, range):
                some = slice(some.start, some.stop)
            found = patience.refined(*(_take(row, some) for row in rows), TOLERANCE)
            u[some], rest[some], v[some], resolved[some] = found

    todo, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    # some steps in vain cost less than gathering the other points
    repair(range(w.size) if todo.size > MOST * w.size else todo)
    u[others], rest[others], v[others] = w.real.take(others), 0.0, 0.0
    resolved[others] = outside.take(others)
    for _ in range(patience.repairs - 1):
        todo = np.flatnonzero(~resolved & (v > 0))
        if not todo.size:
            break
        w.real[todo], w.imag[todo] = u.take(todo), v.take(todo)
        repair(todo)
    return Roots(u, rest, v, resolved)
