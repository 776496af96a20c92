"""The root w of H(w) = z next to a critical point or to 0, where it is small against everything else.

For a double u0 with q_j = u0 - p_j, exactly and for every d = w - u0,

    H(w) - H(u0) = d (A0 + d (A1 - d T(d))),
    A0 = 1 - sum_j c_j / q_j^2,    A1 = sum_j c_j / q_j^3,    T(d) = sum_j c_j / (q_j^3 (q_j + d)).

With H(u0), A0 and A1 from double-double arithmetic, d is relatively accurate however small: at the
edges, where d is of the order of the root of z - H(u0), and at u0 = 0, where w itself is d.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arguments import ComplexArray, FloatArray
from .levy import Levy

# A slope A0 above minus this is that of a critical point, up to rounding in double-double.
NOTHING = 2.0**-88
# Roots within this part of the distance to the nearest pole are found here.
NEAR = 1e-3
STEPS = 60
SUBNORMAL = 1e-292


class Centre(NamedTuple):
    """Expansion about one point u0 of every law: all (L,), offsets q_j and weights (k, L)."""

    w_hi: FloatArray
    w_lo: FloatArray
    place_hi: FloatArray
    place_lo: FloatArray
    linear: FloatArray
    quadratic: FloatArray
    offsets: FloatArray
    weights: FloatArray
    usable: Any


def _centres(law: Levy) -> list[Centre]:
    """The edges, cusps, and 0 where w can get there: outside the bands or on their boundary, A0 >= 0."""
    c = law.centres
    offsets = np.where(law.active[:, None], c.offset, np.inf)
    weights = np.where(law.active, law.weights, 0.0)
    found = []
    for i in range(c.w.shape[0]):
        usable = np.isfinite(c.x[i]) & (c.slope[i] >= -NOTHING)
        if usable.any():
            row = (c.w[i], c.w_lo[i], c.x[i], c.x_lo[i], c.slope[i], c.bend[i])
            found.append(Centre(*row, offsets[:, i], weights, usable))
    return found


class Local(NamedTuple):
    """u and v of the roots that were found, (n,)."""

    u: FloatArray
    v: FloatArray
    found: Any


def local_roots(law: Levy, x: FloatArray, y: FloatArray) -> Local:
    """The physical root of H(w) = x + i y, y > 0, wherever it lies near one of the centres."""
    expansions = _centres(law)
    n = x.size
    best = np.full(n, np.inf)
    which = np.full(n, -1)
    for i, one in enumerate(expansions):
        distance = _relative_distance(one, x, y)
        closer = distance < best
        best = np.where(closer, distance, best)
        which = np.where(closer, i, which)
    u, v = np.zeros(n), np.zeros(n)
    found = np.zeros(n, dtype=bool)
    for i, one in enumerate(expansions):
        index = np.flatnonzero((which == i) & (best < NEAR))
        if index.size:
            at = _at(one, index, n)
            d, good = _newton(at, x[index], y[index])
            u[index], v[index], found[index] = at.w_hi + (at.w_lo + d.real), d.imag, good
    return Local(u, v, found)


def _at(one: Centre, index: Any, n: int) -> Centre:
    return Centre(*(part if part.shape[-1] == 1 and n != 1 else part[..., index] for part in one))


def _right_side(one: Centre, x: FloatArray, y: FloatArray) -> ComplexArray:
    return ((x - one.place_hi) - one.place_lo) + 1j * y


def _cubic(one: Centre) -> FloatArray:
    return (np.square(np.sqrt(one.weights) / one.offsets) / np.square(one.offsets)).sum(axis=0)


def _relative_distance(one: Centre, x: FloatArray, y: FloatArray) -> FloatArray:
    """|d| over the distance of the nearest pole, from the dominant term; inf where not usable."""
    side = np.abs(_right_side(one, x, y))
    linear, quadratic = np.abs(one.linear), np.abs(one.quadratic)
    size = np.minimum(np.minimum(side / linear, np.sqrt(side / quadratic)), np.cbrt(side / _cubic(one)))
    size = np.where(side == 0, 0.0, size)
    room = np.abs(one.offsets).min(axis=0, initial=np.inf)
    return np.where(one.usable & np.isfinite(size), size / room, np.inf)


def _start(one: Centre, side: ComplexArray) -> ComplexArray:
    """The root in the upper half-plane of the dominant term."""
    size = np.abs(side)
    bounds = [size / np.abs(one.linear), np.sqrt(size / np.abs(one.quadratic)), np.cbrt(size / _cubic(one))]
    dominant = np.argmin([np.where(np.isfinite(bound), bound, np.inf) for bound in bounds], axis=0)
    first = side / one.linear
    second = np.sqrt(side / one.quadratic)
    second = np.where(second.imag < 0, -second, second)
    angle = (np.pi + np.angle(side)) / 3
    third = np.cbrt(size / _cubic(one)) * (np.cos(angle) + 1j * np.sin(angle))
    start = np.choose(dominant, [first, second, third])
    height = np.where(start.imag > 0, start.imag, 0.0)
    return np.where(height > 0, start, start.real + 1j * np.maximum(side.imag, np.abs(start) * 1e-3))


def _newton(one: Centre, x: FloatArray, y: FloatArray) -> tuple[ComplexArray, Any]:
    side = _right_side(one, x, y)
    d = _start(one, side)
    linear, quadratic, q = one.linear, one.quadratic, one.offsets
    cubes = one.weights / q / q / q
    for _ in range(STEPS):
        ends = q + d
        t = (cubes / ends).sum(axis=0)
        slope_t = -(cubes / ends / ends).sum(axis=0)
        inner = quadratic - d * t
        outer = linear + d * inner
        slope = outer + d * (inner - d * (t + d * slope_t))
        step = (d * outer - side) / slope
        step = np.where(np.isfinite(step), step, 0.0)
        lowered = d.imag - step.imag
        height = np.where(lowered > 0.1 * d.imag, lowered, 0.1 * d.imag)
        d = (d.real - step.real) + 1j * height
        small = (np.abs(step) <= 4e-16 * np.abs(d)) & (np.abs(step.imag) <= 1e-15 * height)
        if small.all():
            break
    good = (np.abs(step) <= 1e-13 * np.abs(d)) & (np.abs(step.imag) <= 1e-12 * height) & (height > 0)
    # nothing but the dominant term is left of the equation, and its terms round like subnormal numbers
    tiny = np.abs(side) < SUBNORMAL
    d, good = np.where(tiny, _start(one, side), d), good | tiny
    # Im [d (A0 + d (A1 - d T))] > 0 at this d makes it the physical root of its own H
    return d, good & (((d * outer).imag > 0) | tiny)
