"""Laws side by side, one for each point: density and masses straight from the coefficients.

Where every point has a law of its own, edges and centres would cost more than the points do. Nothing of the
law is needed but H: by the branch theorem a root of

    H(w) - x = w - y + sum_j c_j / (w - p_j),      y = x - m,

in the upper half-plane is the right one, and a real root with H' > 0 proves that x lies outside the bands.
Equal poles and vanishing weights are harmless in this form. Stages:

1. Halley's method from the root of w - y + C / (w - P) = 0, with C = sum c_j and P = sum c_j p_j / C, kept in
   the upper half-plane, until a root is close or a real one is proved (`_certainly_real`); one pole makes
   a quadratic equation;
2. Halley's method again, the residual in twice the precision: each fraction t = c / (w - p) is rounded, and
   c - t (w - p), free of rounding errors, gives what it lacks;
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
from .angles import angles, mass_below
from .arguments import FloatArray
from .double_double import DoubleDouble, two_product, two_sum

UNIT = 2.0**-53
# Accepted estimate of the relative error of Im w.
TOLERANCE = 2.0**-49
# The residual's rounding error in parts of the sum of its terms: in doubles, and in twice the precision.
PLAIN, TWICE = 2.0**-50, 2.0**-100
# A root is close when a step is below this part of Im w: the error after it is below the cube.
CLOSE = 2.0**-6


class Patience(NamedTuple):
    """The start's least Im w in parts of sqrt(C), how far a step may shorten Im w, and how many steps."""

    lift: float
    shorten: float
    steps: int
    repairs: int


# Nearly all points need little; of those left many have run into a real root of H' < 0.
QUICK, PATIENT = Patience(0.3, 0.1, 4, 1), Patience(1.0, 0.3, 40, 5)
# Outside these bounds products of distances may leave the range of doubles.
LEAST, LARGEST = 1e-70, 1e70


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


class _Values(NamedTuple):
    """F = H(w) - x, D = H'(w) and E = H''(w) / 2.

    nearest: the least of |w|^2 and |w - p_j|^2. pull: sum c_j / |w - p_j|^2.
    """

    f: Any
    d: Any
    e: Any
    nearest: FloatArray
    pull: FloatArray


def density(law: Laws, x: FloatArray, patience: Patience) -> tuple[FloatArray, Any]:
    """The density at the point x of each law, (n,), and where it is resolved."""
    found = roots(law, x, patience)
    with np.errstate(all="ignore"):
        value = found.v / (np.pi * (found.u * found.u + found.v * found.v))
        value = np.where(found.v > 0, value, np.where(np.isnan(x), np.nan, 0.0))
        return value, found.resolved | ~np.isfinite(x)


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
        for inside in np.array_split(np.flatnonzero(found.resolved & (found.v > 0)), 2):
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
        y = DoubleDouble(x) - law.mean
        p, c = law.poles.hi, law.weights.hi
        total = c.sum(axis=0)
        reach = np.sqrt(total)
        size = np.abs(x) + np.abs(law.mean.hi) + np.abs(p).sum(axis=0) + 2.0 * reach
        if p.shape[0] == 1:
            return _of_one_pole(law.poles[0], law.weights[0], y, size)
        points = _Points(p, c, y.hi, size)
        u, v = _start(points, total, patience.lift * reach)
        inside, outside = _near_root(points, u, v, patience)
        rest, resolved = np.zeros_like(u), outside & (size < LARGEST)
        v[~inside] = 0.0
        todo = np.flatnonzero(inside & (size < LARGEST))
        for _ in range(patience.repairs):
            if not todo.size:
                break
            here, low, height, good = _refined(law, y, u, v, size, todo)
            u[todo], rest[todo], v[todo], resolved[todo] = here, low, height, good
            todo = todo[~good & (height > 0)]
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
    return np.take(value, index, axis=-1)


class _Points(NamedTuple):
    """Points and their laws in doubles: p and c (k, n), y and the size of the terms of H(w) - x (n,)."""

    p: FloatArray
    c: FloatArray
    y: FloatArray
    size: FloatArray

    def take(self, index: Any) -> _Points:
        """Some of the points."""
        return _Points(*(_take(value, index) for value in self))

    def at(self, u: FloatArray, v: FloatArray) -> _Values:
        """H - x and its derivatives at w = u + i v."""
        f_re, f_im = u - self.y, v.copy()
        d_re, d_im = np.ones_like(u), np.zeros_like(u)
        e_re, e_im = np.zeros_like(u), np.zeros_like(u)
        pull = np.zeros_like(u)
        vv = v * v
        nearest = u * u + vv
        for p, c in zip(self.p, self.c, strict=True):
            a = u - p
            square = a * a
            square += vv
            nearest = np.minimum(nearest, square)
            # 1 / (w - p) = b - i g, and c times its powers
            inverse = 1.0 / square
            b, g = a * inverse, v * inverse
            inverse *= c
            pull += inverse
            t_re, t_im = b * c, g * c
            f_re += t_re
            f_im -= t_im
            s_re, s_im = t_re * b - t_im * g, (t_re + t_re) * g
            d_re -= s_re
            d_im += s_im
            e_re += s_re * b - s_im * g
            e_im -= s_im * b + s_re * g
        return _Values(_complex(f_re, f_im), _complex(d_re, d_im), _complex(e_re, e_im), nearest, pull)


def _complex(re: FloatArray, im: FloatArray) -> Any:
    z = np.empty(re.shape, dtype=np.complex128)
    z.real, z.imag = re, im
    return z


def _square(z: Any) -> FloatArray:
    """|z|^2."""
    return np.asarray(z.real * z.real + z.imag * z.imag)


def _start(points: _Points, total: FloatArray, least: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The root for one pole at the centre of gravity, lifted off the real axis."""
    centre = np.where(total > 0, (points.p * points.c).sum(axis=0) / total, 0.0)
    half = 0.5 * (points.y - centre)
    square = half * half - total
    root = np.sqrt(np.abs(square))
    real = square > 0
    u = (centre + half) + np.where(real, np.copysign(root, half), 0.0)
    return u, np.maximum(np.where(real, 0.0, root), least)


def _near_root(points: _Points, u: FloatArray, v: FloatArray, patience: Patience) -> tuple[Any, Any]:
    """Move u + i v close to the root above the real axis (inside), or to where a root is real (outside)."""
    inside, outside = np.zeros(u.shape, dtype=bool), np.zeros(u.shape, dtype=bool)
    active: Any = slice(None)
    here, height = u, v
    for _ in range(patience.steps):
        value = points.at(here, height)
        step = value.f * value.d / (value.d * value.d - value.f * value.e)
        close = _square(step) <= CLOSE * CLOSE * height * height
        real = ~close & _certainly_real(value, height, points.size)
        here, height = here - step.real, np.maximum(height - step.imag, patience.shorten * height)
        u[active], v[active], inside[active], outside[active] = here, height, close, real
        going = np.flatnonzero(~(close | real) & np.isfinite(here))
        if not going.size:
            break
        if going.size < 0.75 * here.size:
            active = going if isinstance(active, slice) else active[going]
            points, here, height = points.take(going), here[going], height[going]
    return inside, outside


def _certainly_real(value: _Values, height: FloatArray, size: FloatArray) -> Any:
    """Whether the root nearest to w is real and H' > 0 there.

    With r = |F / D| + Im w, if r <= |w - p_j| / 8 and 38 r sum c_j / |w - p_j|^3 <= |D|, then H' differs from
    D by a quarter at most on the disc of radius 2 r around w. It contains exactly one root, and the conjugate
    of that root. On which side of 0 it lies is to be certain as well.
    """
    slope = _square(value.d)
    error = PLAIN * size
    reach = 3.0 * ((_square(value.f) + error * error) / slope + height * height)
    near = 64.0 * reach <= value.nearest
    return near & (38.0**2 * reach * value.pull * value.pull <= slope * value.nearest) & (value.d.real > 0)


def _refined(
    law: Laws, y: DoubleDouble, u: FloatArray, v: FloatArray, size: FloatArray, index: Any
) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
    """u, what it lacks, and v after a step from u + i v at the points of the index; whether they are good."""
    u, v = u[index], v[index]
    f_re, low_re = two_sum(u, -y.hi[index])
    low_re -= y.lo[index]
    f_im, low_im = v, np.zeros_like(v)
    d_re, d_im = np.ones_like(u), np.zeros_like(u)
    e_re, e_im = np.zeros_like(u), np.zeros_like(u)
    spread = np.zeros_like(u)
    vv = v * v
    for j in range(law.poles.shape[0]):
        # f = w - p = (a + rest) + i v, exactly; t = c / f, rounded; c - t f
        a, rest = two_sum(u, -law.poles.hi[j][index])
        rest -= law.poles.lo[j][index]
        c = DoubleDouble(law.weights.hi[j][index], law.weights.lo[j][index])
        inverse = 1.0 / (a * a + vv)
        b, g = a * inverse, v * inverse
        t_re, t_im = c.hi * b, c.hi * g
        lack_re, lack_im = _lack(c, t_re, t_im, a, rest, v)
        # t + (c - t f) / f
        f_re, error = two_sum(f_re, t_re)
        low_re += error + (lack_re * b + lack_im * g)
        f_im, error = two_sum(f_im, -t_im)
        low_im += error + (lack_im * b - lack_re * g)
        s_re, s_im = t_re * b - t_im * g, (t_re + t_re) * g
        d_re -= s_re
        d_im += s_im
        e_re += s_re * b - s_im * g
        e_im -= s_im * b + s_re * g
        spread += c.hi * (inverse * inverse)
    f, d, e = _complex(f_re + low_re, f_im + low_im), _complex(d_re, d_im), _complex(e_re, e_im)
    step = f * d / (d * d - f * e)
    # what is left: Halley's error |E^2/D^2 - H'''/(6 D)| |F/D|^3, rounding errors of F and of D
    slope = np.sqrt(_square(d))
    newton = np.sqrt(_square(f)) / slope
    bend = (_square(e) / slope + spread) / slope
    lost = newton * newton * newton * bend + (TWICE * size[index] + 8.0 * UNIT * newton) / slope
    height = v - step.imag
    return *two_sum(u, -step.real), height, (lost <= TOLERANCE * height) & (height > LEAST)


def _lack(
    c: DoubleDouble, t_re: FloatArray, t_im: FloatArray, a: FloatArray, rest: FloatArray, v: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """c - t f for t = t_re - i t_im, close to c / f, and f = a + rest + i v."""
    product, error = two_product(t_re, a)
    lack_re, low = two_sum(c.hi, -product)
    low += (c.lo - t_re * rest) - error
    product, error = two_product(t_im, v)
    lack_re = (lack_re - product) + (low - error)
    product, error = two_product(t_im, a)
    other, low = two_product(t_re, v)
    return lack_re, (product - other) + ((error - low) + t_im * rest)
