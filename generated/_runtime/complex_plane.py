"""The Stieltjes transform of a free Levy law in the whole complex plane, G(z) = 1 / w."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arguments import ComplexArray, FloatArray
from .curve import invert
from .levy import Levy
from .local_roots import local_roots
from .upper_half_plane import Points, averaged, bracketed, certified, doubtful, newton, polished

# From here on w = z - m to the last bit, and products of terms may overflow.
FAR = 1e100
# Below this part of w a shift of w is lost in rounding.
NEGLIGIBLE = 2.0**-60


def stieltjes(law: Levy, z: ComplexArray) -> ComplexArray:
    """G(z), (n,); 0 at infinity, inf+0j at an atom (at the double nearest to it).

    Real z, whatever the sign of a zero Im z, mean x + i0; Im z < 0 means the conjugate.
    """
    z = np.asarray(z, dtype=np.complex128)
    x, y = z.real, np.abs(z.imag)
    with np.errstate(all="ignore"):
        u, v = np.empty(x.shape), np.empty(x.shape)
        far = ~(np.hypot(x, y) < FAR)
        real = (y == 0) & ~far
        for index in _groups(real):
            curve = invert(_laws(law, index), x[index])
            u[index], v[index] = curve.u, curve.v
        for index in _groups(~real & ~far):
            u[index], v[index] = physical_root(_laws(law, index), x[index], y[index])
        u, v = np.where(far, x - law.mean, u), np.where(far, y, v)
        size = np.hypot(u, v)
        result = np.empty(x.shape, dtype=np.complex128)
        result.real = np.where(np.isinf(size), 0.0, u / size / size)
        result.imag = np.where(np.isinf(size) | (v == 0), 0.0, -v / size / size)
        result[((y == 0) & (x == law.atom_hi)) | (size == 0)] = np.inf
        result.imag[z.imag < 0] *= -1.0
        result[np.isnan(x) | np.isnan(y)] = complex(np.nan, np.nan)
    return result


def physical_root(law: Levy, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """u and v of the root with Im w > 0 at x + i y, y > 0; NaN where none could be certified."""
    shape = x.shape
    points = Points(x, y, np.broadcast_to(law.mean, shape), law.poles, np.where(law.active, law.weights, 0.0))
    u, v, found = local_roots(law, x, y)
    todo = np.flatnonzero(~found)
    for start in (_from_far, _from_real_axis, _bracketed):
        if todo.size == 0:
            break
        some = points.take(todo)
        begin = start(_laws(law, todo), some)
        tried_u, tried_v = newton(some, *begin)
        good = certified(some, tried_u, tried_v)
        ill = doubtful(some, tried_u, tried_v)
        # next to an edge rounding can drive Newton's method in doubles away from a good start
        for from_u, from_v in ((tried_u, tried_v), begin):
            if ill.any():
                index = np.flatnonzero(ill)
                tried_u[index], tried_v[index], good[index] = polished(
                    _laws(law, todo[index]), some.take(index), from_u[index], from_v[index]
                )
                ill &= ~good
        u[todo[good]], v[todo[good]] = tried_u[good], tried_v[good]
        todo = todo[~good]
    if todo.size:
        u[todo], v[todo] = _beside_the_axis(_laws(law, todo), points.take(todo))
    return u, v


def _beside_the_axis(law: Levy, points: Points) -> tuple[FloatArray, FloatArray]:
    """The root where y is too small to matter beside an edge: w(x) + i y / H'(w(x)), else NaN.

    The next term of the expansion in y, relative to the first, is y H'' / (2 H'^2).
    """
    curve = invert(law, points.x)
    inverse = 1.0 / (curve.offsets + 1j * curve.v)
    slope = 1.0 - (points.weights * inverse**2).sum(axis=0)
    bend = 2.0 * (points.weights * inverse**3).sum(axis=0)
    shift = 1j * points.y / slope
    small = np.abs(0.5 * points.y * bend / slope**2) < NEGLIGIBLE
    inside = curve.v > 0
    small &= np.where(inside, np.abs(shift) < NEGLIGIBLE * curve.v, shift.imag > 0)
    u = np.where(small, curve.u, np.nan)
    return u, np.where(small, np.where(inside, curve.v, shift.imag), np.nan)


def _from_far(law: Levy, points: Points) -> tuple[FloatArray, FloatArray]:
    return averaged(points, points.x - points.mean, points.y + np.sqrt(points.weights.sum(axis=0)))


def _from_real_axis(law: Levy, points: Points) -> tuple[FloatArray, FloatArray]:
    curve = invert(law, points.x)
    return curve.u, np.where(curve.v > 0, curve.v, points.y)


def _bracketed(law: Levy, points: Points) -> tuple[FloatArray, FloatArray]:
    return bracketed(points)


def _groups(mask: Any) -> list[Any]:
    index = np.flatnonzero(mask)
    return [index] if index.size else []


def _laws(law: Levy, index: Any) -> Levy:
    """The laws of some points: the one law, or one a point."""
    return law if law.laws == 1 else law.take(index)
