"""The root w of H(w) = z for Im z > 0, next to an edge, a neck or 0 where need be.

    H(w) = w + m + sum_j c_j / (w - p_j),    Im H(w) = Im w (1 - sum_j c_j / |w - p_j|^2).

Exactly one root has Im w > 0: whatever Newton's method converges to in the upper half-plane is the physical
root. All is done around the centre of `centres` nearest to z, w = u + d, with

    H(u + d) - H(u) = d (A + d R(d)) = z - H(u)

as in `local_form`. Each point tries cheap starts of Newton's method in turn; what they leave is bracketed:
for given Re w the height v > 0 with Im H = Im z is unique, and along that line Re H increases. Where the
rounding error could be seen, in |w| or in Im w, Newton's method goes on in double-double.

A height Im z below 2^-40 of the distance of z from the support is lifted to that, and Im w, proportional to
it up to 2^-80, is scaled back. In a band one below 2^-70 of the distance from the centre makes no difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import ComplexArray, FloatArray
from ..arithmetic.double_double import DoubleDouble
from .local_form import ExactForm, LocalForm

if TYPE_CHECKING:
    from .law import Levy

UNIT = 2.0**-53
# Estimated relative error beyond which a point is repaired.
TOLERANCE = 2.0**-48
# Newton's method has found its root when a step is below this part of d and of Im d.
SMALL_STEP = 2.0**-26
STEPS = 16
# Heights are lifted to these parts of the distance from the centre, outside the bands and inside.
LIFT_OUTSIDE, LIFT_INSIDE = 2.0**-40, 2.0**-70
# The equation rounds like subnormal numbers: only its dominant term is left, for z raised by 2^RAISED.
SUBNORMAL = 1e-270
RAISED = 600


class Roots(NamedTuple):
    """d = w - u of n points, and the larger of the estimated relative errors of w and Im w."""

    d: ComplexArray
    error: FloatArray


class Root(NamedTuple):
    """w = u + i v at x + i height; Im w at x + i y is v / height * y."""

    u: FloatArray
    v: FloatArray
    height: FloatArray


def physical_root(law: Levy, x: FloatArray, y: FloatArray) -> Root:
    """The root with Im w > 0 at x + i y, y >= 0, (n,), of one law or of n laws; y = 0 is its limit."""
    k, n = law.poles.shape[0], x.size
    at = law.centres
    which = np.zeros(n, dtype=np.intp) if law.laws == 1 else np.arange(n)
    distances = (x - at.x) - at.x_lo
    outside = (distances[: 2 * k] > 0).sum(axis=0) % 2 == 0
    centre = np.argmin(np.where(np.isnan(distances), np.inf, np.abs(distances)), axis=0)
    distance = distances[centre, np.arange(n)]
    height = np.maximum(y, np.where(outside, LIFT_OUTSIDE, LIFT_INSIDE) * np.abs(distance))
    form = form_around(law, centre, which, distance + 1j * height)
    w, w_lo = at.w[centre, which], at.w_lo[centre, which]
    d, error = roots(form, w)
    u, v = w + (d.real + w_lo), d.imag.copy()
    bad = np.flatnonzero(~(error <= TOLERANCE))
    if bad.size:
        u[bad], v[bad] = _repaired(law, x[bad], height[bad], centre[bad], which[bad], d[bad])
    return Root(u, v, np.where(outside, height, y))


def form_around(law: Levy, centre: Any, which: Any, side: ComplexArray) -> LocalForm:
    """The expansions around the given centres of the given laws, at z = H(u) + side."""
    at = law.centres
    return LocalForm(
        y=side,
        c=law.weights[:, which],
        q=at.offset[:, centre, which],
        a=at.slope[centre, which],
        b=at.bend[centre, which],
    )


def roots(form: LocalForm, w: FloatArray) -> Roots:
    """d with Im d > 0, (n,), around the centres w."""
    d = _leading(form)
    tiny = (np.abs(form.y) <= SUBNORMAL) & (form.a >= 0)
    todo = np.flatnonzero(~tiny)
    if tiny.any():
        d[tiny] = _dominant(form.take(tiny))
    start, some = d[todo], form.take(todo) if tiny.any() else form
    for other in (_merged, _bracketed, None):
        d[todo], done = _newton(some, start)
        todo = todo[~done]
        if not todo.size or other is None:
            break
        some = form.take(todo)
        start = other(some)
    return Roots(d, np.where(tiny, 0.0, _error(form, d, w)))


def _newton(form: LocalForm, d: ComplexArray) -> tuple[ComplexArray, Any]:
    """Newton's method in the upper half-plane, where Im d >= Im side; and which points converged."""
    d, active = d.copy(), np.arange(d.size)
    done = np.zeros(d.size, dtype=bool)
    share = form.c / (form.q * form.q)
    room = 0.25 * np.square(form.q).min(axis=0)
    for _ in range(STEPS):
        now = d[active]
        # as in `LocalForm.at`, without moduli, which are slow
        inverse = 1.0 / (form.q + now)
        pulls = share * inverse
        near = now.real * now.real + now.imag * now.imag < room
        r = np.where(near, form.b - now * (pulls / form.q).sum(axis=0), pulls.sum(axis=0))
        slope = form.a + now * (2.0 * r - now * (pulls * inverse).sum(axis=0))
        step = (now * (form.a + now * r) - form.y) / slope
        following = now - step
        following.imag = np.maximum(following.imag, np.maximum(0.1 * now.imag, form.y.imag))
        d[active] = following
        width, height = np.abs(step.real), np.abs(step.imag)
        small = width + height <= SMALL_STEP * (np.abs(now.real) + now.imag)
        small &= height <= SMALL_STEP * now.imag
        if small.any():
            done[active[small]] = True
            active = active[~small]
            if not active.size:
                break
            form, share, room = form.take(~small), share[:, ~small], room[~small]
    return d, done


def _leading(form: LocalForm) -> ComplexArray:
    """The root in the upper half-plane of the dominant term of A d + B d^2 - T d^3 = side."""
    side, size = form.y, np.abs(form.y)
    square = form.q * form.q
    t = (form.c / square / square).sum(axis=0)
    first, root = np.abs(form.a), np.sqrt(np.abs(form.b))
    # where |d| is least: size = A |d|, B |d|^2 or T |d|^3
    start = np.sqrt(side * np.sign(form.b)) / root
    start = np.where(start.imag < 0, -start, start)
    least = np.sqrt(size) / root
    linear = np.flatnonzero(~(size >= first * least))
    start[linear] = side[linear] / form.a[linear]
    least[linear] = size[linear] / first[linear]
    cubic = np.flatnonzero(~(size >= t * least * least * least))
    if cubic.size:
        angle = (np.pi + np.angle(side[cubic])) / 3
        start[cubic] = np.cbrt(size[cubic]) / np.cbrt(t[cubic]) * (np.cos(angle) + 1j * np.sin(angle))
    # a band about to split: A d and T d^3 cancel at d^2 = A / T
    neck = np.flatnonzero(form.a < 0)
    if neck.size:
        a = form.a[neck]
        height = np.sqrt(-a / t[neck])
        split = np.abs(height * a) > size[neck]
        start[neck[split]] = (1j * height - 0.5 * side[neck] / a)[split]
    return _raised(start, side)


def _dominant(form: LocalForm) -> ComplexArray:
    """The root of the first term of A d + B d^2 - T d^3 that is not 0, where A >= 0 and the side is tiny."""
    side = form.y * 2.0**RAISED
    square = form.q * form.q
    t = (form.c / square / square).sum(axis=0)
    root = np.sqrt(np.where(form.b < 0, -side, side)) / np.sqrt(np.abs(form.b))
    root = np.where(np.signbit(root.imag), -root, root)
    angle = (np.pi + np.angle(side)) / 3
    cube_root = np.cbrt(np.abs(side) / t) * (np.cos(angle) + 1j * np.sin(angle))
    order = np.where(form.a != 0, 1, np.where(form.b != 0, 2, 3))
    return np.choose(order - 1, [side / form.a, root, cube_root]) * np.exp2(-RAISED / order)


def _merged(form: LocalForm) -> ComplexArray:
    """The root for a single pole of the same total weight, in the mean place."""
    weight = form.c.sum(axis=0)
    q = (form.c * form.q).sum(axis=0) / weight
    middle, reach = form.y + q + (form.c / form.q).sum(axis=0), 2.0 * np.sqrt(weight)
    return _raised(0.5 * (middle + np.sqrt(middle - reach) * np.sqrt(middle + reach)) - q, form.y)


def _raised(d: ComplexArray, side: ComplexArray) -> ComplexArray:
    """A start in the upper half-plane."""
    d.imag = np.where(d.imag > 0, d.imag, np.maximum(side.imag, 1e-3 * np.abs(d)))
    return d


def _bracketed(form: LocalForm) -> ComplexArray:
    """Bisection in Re d, which is sqrt(sum c_j) at most from Re z - m - u; always succeeds."""
    reach = np.sqrt(form.c.sum(axis=0))
    middle = form.y.real + (form.c / form.q).sum(axis=0)
    low, high = middle - reach, middle + reach
    for _ in range(60):
        d = 0.5 * (low + high)
        above = form.at(d + 1j * _height(form, d)).residual.real > 0
        low, high = np.where(above, low, d), np.where(above, d, high)
    d = 0.5 * (low + high)
    return d + 1j * _height(form, d)


def _height(form: LocalForm, d: FloatArray) -> FloatArray:
    """The v > 0 with v (1 - S) = Im z over given Re d: unique, between Im z and Im z + sqrt(sum c_j)."""
    y = form.y.imag
    square = (form.q + d) ** 2
    low, high = y.copy(), y + np.sqrt(form.c.sum(axis=0))
    v = high
    for _ in range(80):
        parts = form.c / (square + v * v)
        excess = v * (1.0 - parts.sum(axis=0)) - y
        slope = 1.0 - (parts * (square - v * v) / (square + v * v)).sum(axis=0)
        low, high = np.where(excess < 0, v, low), np.where(excess < 0, high, v)
        tried = v - excess / slope
        # low may be many orders of magnitude under high: halve the exponent, not the value
        tried = np.where((tried > low) & (tried < high), tried, np.sqrt(low) * np.sqrt(high))
        if np.all(np.abs(tried - v) <= 1e-14 * v):
            break
        v = tried
    return v


def _error(form: LocalForm, d: ComplexArray, w: FloatArray) -> FloatArray:
    """The larger of the relative errors that rounding may cause in w and in Im w, and that are left."""
    value = form.at(d)
    slope, size, v = np.abs(value.slope), np.abs(d), np.abs(d.imag)
    left = value.residual / value.slope
    rounding = 4.0 * UNIT * (value.size + size * np.abs(value.slope)) / slope
    # next to the real axis the imaginary parts of all terms are small with Im d
    share = np.minimum(v / size, 1.0)
    tilt = (share * np.abs(value.slope.real) + np.abs(value.slope.imag)) / slope
    whole = (UNIT * np.abs(w) + rounding + np.abs(left)) / np.abs(w + d)
    return np.maximum(whole, (rounding * tilt + np.abs(left.imag)) / v)


def _repaired(
    law: Levy, x: FloatArray, height: FloatArray, centre: Any, which: Any, d: ComplexArray
) -> tuple[FloatArray, FloatArray]:
    """u and v by Newton's method in double-double from d."""
    at = law.centres
    side = x - DoubleDouble(at.x[centre, which], at.x_lo[centre, which])
    exact = ExactForm(
        y=side,
        c=DoubleDouble(law.weights[:, which], law.weight_lo[:, which]),
        q=DoubleDouble(at.offset[:, centre, which], at.offset_lo[:, centre, which]),
        a=DoubleDouble(at.slope[centre, which], at.slope_lo[centre, which]),
        height=height,
    )
    form = LocalForm(side.hi, exact.c.hi, exact.q.hi, exact.a.hi, at.bend[centre, which])
    re, im = DoubleDouble(d.real), DoubleDouble(d.imag)
    for _ in range(4):
        slope = form.at(re.hi + 1j * im.hi).slope
        residual_re, residual_im = exact.residual(re, im)
        step = (residual_re + 1j * residual_im) / slope
        step = np.where(np.isfinite(step), step, 0.0)
        re, im = re - step.real, im - np.minimum(step.imag, 0.9 * im.hi)
    u = DoubleDouble(at.w[centre, which], at.w_lo[centre, which]) + re
    return u.to_float(), im.to_float()
