"""The root w of H(w) = z for Im z > 0, certified.

    H(w) = w + m + sum_j c_j / (w - p_j),    w = u + i v,
    Im H(w) = v (1 - S),    S = sum_j c_j / |w - p_j|^2.

Exactly one root has Im w > 0. Hence the certificate: a point with v > 0 and Im H(w) > 0 *is* the physical
root at H(w), so that a result is right as soon as H(w) agrees with z, in both components. So is one
whose disc of radius (k + 1) |step of Newton's method|, which holds a root, lies in Im w > 0. Each point
tries cheap starts of Newton's method in turn; what they leave is bracketed: for given u the height v > 0
with Im H = Im z is unique, and along that line Re H increases with u. Ill-conditioned points, next to
edges and to real axis, are finished by Newton's method in double-double.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arguments import FloatArray
from .double_double import DoubleDouble, total
from .levy import Levy

EPS = 2.0**-52
# Newton's method stops when a step is below this part of w and of v, or after so many steps.
STEPS = 40


class Points(NamedTuple):
    """Points and the coefficients of their laws: x, y, mean (n,); poles, weights (k, n) or (k, 1)."""

    x: FloatArray
    y: FloatArray
    mean: FloatArray
    poles: FloatArray
    weights: FloatArray

    def take(self, index: Any) -> Points:
        """Some of the points."""

        def some(array: FloatArray) -> FloatArray:
            return array if array.shape[-1] == 1 and self.x.size != 1 else array[..., index]

        return Points(self.x[index], self.y[index], some(self.mean), some(self.poles), some(self.weights))


class Residual(NamedTuple):
    """H(w) - z in its components, H'(w), S, and the size of the terms of Re H - x."""

    re: FloatArray
    im: FloatArray
    slope: Any
    share: FloatArray
    size: FloatArray


def residual(points: Points, u: FloatArray, v: FloatArray) -> Residual:
    """H(w) - z at w = u + i v."""
    offsets = u - points.poles
    lengths = np.hypot(offsets, v)
    cosine, sine = offsets / lengths, v / lengths
    parts = np.square(np.sqrt(points.weights) / lengths)
    pulls = points.weights / lengths * cosine
    share = parts.sum(axis=0)
    re = (u + points.mean - points.x) + pulls.sum(axis=0)
    im = v * (1.0 - share) - points.y
    slope_re = 1.0 - (parts * (cosine - sine) * (cosine + sine)).sum(axis=0)
    slope_im = 2.0 * (parts * cosine * sine).sum(axis=0)
    size = np.abs(u) + np.abs(points.mean) + np.abs(points.x) + np.abs(pulls).sum(axis=0)
    return Residual(re, im, slope_re + 1j * slope_im, share, size)


def newton(points: Points, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Newton's method in the upper half-plane, from u + i v with v > 0."""
    u, v = u.copy(), v.copy()
    active = np.arange(u.size)
    for _ in range(STEPS):
        if active.size == 0:
            break
        now = residual(points.take(active), u[active], v[active])
        step = (now.re + 1j * now.im) / now.slope
        step = np.where(np.isfinite(step), step, 0.0)
        lowered = v[active] - step.imag
        u[active] -= step.real
        # Im w >= Im z at the root
        floor = points.y[active]
        moved = np.where(lowered >= floor, lowered, np.maximum(0.1 * v[active], floor))
        done = (np.abs(step) <= 2 * EPS * np.hypot(u[active], v[active])) & (
            np.abs(step.imag) <= 4 * EPS * moved
        )
        v[active] = moved
        active = active[~done]
    return u, v


def certified(points: Points, u: FloatArray, v: FloatArray) -> Any:
    """Whether v > 0, Im H > 0 and H(w) agrees with z as far as rounding allows, in both components."""
    now = residual(points, u, v)
    rounding = 8 * EPS * v * (1.0 + now.share)
    close = (np.abs(now.re) <= 32 * EPS * now.size) & (np.abs(now.im) <= 32 * EPS * points.y + rounding)
    return close & (v > 0) & (now.im + points.y > -rounding) & np.isfinite(u)


def averaged(points: Points, u: FloatArray, v: FloatArray, rounds: int = 5) -> tuple[FloatArray, FloatArray]:
    """A few rounds of w <- (w + z - m - sum c_j / (w - p_j)) / 2, which never leave Im w >= Im z."""
    for _ in range(rounds):
        now = residual(points, u, v)
        u, v = u - 0.5 * now.re, v - 0.5 * now.im
    return u, v


def height(points: Points, u: FloatArray) -> FloatArray:
    """The v > 0 with v (1 - S(u, v)) = y: unique, bracketed between y and y + sqrt(sum c_j)."""
    offsets = u - points.poles
    low = points.y.copy()
    high = points.y + np.sqrt(points.weights.sum(axis=0))
    v = high
    for _ in range(80):
        lengths = np.hypot(offsets, v)
        parts = np.square(np.sqrt(points.weights) / lengths)
        share = parts.sum(axis=0)
        excess = v * (1.0 - share) - points.y
        slope = 1.0 - share + 2.0 * (parts * np.square(v / lengths)).sum(axis=0)
        low, high = np.where(excess < 0, v, low), np.where(excess < 0, high, v)
        tried = v - excess / slope
        # low may be many orders of magnitude under high: halve the exponent, not the value
        middle = np.where(low > 0, np.sqrt(low) * np.sqrt(high), 0.5 * high)
        tried = np.where((tried > low) & (tried < high), tried, middle)
        if np.all(np.abs(tried - v) <= EPS * v):
            break
        v = tried
    return v


def bracketed(points: Points) -> tuple[FloatArray, FloatArray]:
    """Bisection in u between x - m - sqrt(sum c) and x - m + sqrt(sum c); always succeeds."""
    middle = points.x - points.mean
    reach = np.sqrt(points.weights.sum(axis=0)) * (1 + 4 * EPS) + 4 * EPS * np.abs(middle)
    low, high = middle - reach, middle + reach
    for _ in range(70):
        u = 0.5 * (low + high)
        above = residual(points, u, height(points, u)).re > 0
        low, high = np.where(above, low, u), np.where(above, u, high)
    u = 0.5 * (low + high)
    return u, height(points, u)


def doubtful(points: Points, u: FloatArray, v: FloatArray) -> Any:
    """Whether rounding in `residual` may move w, or v alone, by more than a few units of the last place."""
    now = residual(points, u, v)
    slope = np.abs(now.slope)
    shift = EPS * now.size / slope
    offsets = u - points.poles
    lengths = np.hypot(offsets, v)
    parts = np.square(np.sqrt(points.weights) / lengths)
    # v = y / (1 - S), and d log v / du = (dS/du) / (1 - S) along the line of constant Im H
    bend = (2.0 * parts * np.abs(offsets) / lengths / lengths).sum(axis=0)
    spread = 1.0 - now.share + 2.0 * (parts * np.square(v / lengths)).sum(axis=0)
    height_error = EPS * (1.0 + now.share) / spread + shift * bend / spread
    return (shift > 8 * EPS * np.hypot(u, v)) | (height_error > 16 * EPS) | ~np.isfinite(slope)


def polished(law: Levy, points: Points, u: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray, Any]:
    """Newton's method with residuals in double-double; returns u, v and whether it converged.

    law: one law a point, or one for all. The slope too: beside a double root at w = 0 it is a difference
    of almost equal numbers.
    """
    mean = DoubleDouble(law.mean, law.mean_lo)
    poles, weights = DoubleDouble(law.poles, law.pole_lo), DoubleDouble(law.weights, law.weight_lo)
    re, im = DoubleDouble(u), DoubleDouble(v)
    good = np.zeros(u.shape, dtype=bool)
    for _ in range(8):
        offsets = re - poles
        lengths = offsets * offsets + im * im
        parts = weights / lengths
        above = im * (1.0 - total(parts)) - points.y
        beside = ((re - points.x) + mean) + total(parts * offsets)
        pulls = parts / lengths
        slope = (1.0 - total(pulls * (offsets - im) * (offsets + im))).to_float() + 2j * (
            total(pulls * offsets) * im
        ).to_float()
        step = (beside.to_float() + 1j * above.to_float()) / slope
        moves = np.isfinite(step)
        # what has converged stays: a root must not depend on its neighbours in the array
        step = np.where(moves & ~good, step, 0.0)
        lowered = np.minimum(step.imag, 0.9 * im.to_float())
        converged = (np.abs(step) <= 1e-15 * np.hypot(re.hi, im.hi)) & (np.abs(step.imag) <= 1e-14 * im.hi)
        re, im = re - step.real, im - lowered
        # physical: Im H > 0 here, or a disc that holds a root lies in the upper half-plane
        isolated = (poles.shape[0] + 1) * np.abs(step) < 0.1 * im.hi
        good |= moves & converged & (im.hi > 0) & (((above + points.y).hi > 0) | isolated)
        if good.all():
            break
    return re.to_float(), im.to_float(), good
