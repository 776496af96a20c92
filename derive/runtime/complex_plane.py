"""The Stieltjes transform of a free Levy law in the whole complex plane, G(z) = 1 / w."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arguments import ComplexArray
from .charts import CHUNK
from .curve import invert
from .levy import Levy
from .upper_half_plane import physical_root

# From here on w = z - m to the last bit, and products of terms may overflow.
FAR = 1e100
# Keeps an Im z among the subnormal numbers from being rounded on the way, unless w is smaller than this.
GUARD, NEAR = 2.0**500, 1e-100


def stieltjes(law: Levy, z: ComplexArray) -> ComplexArray:
    """G(z), (n,); 0 at infinity, inf+0j at an atom (at the double nearest to it).

    Real z, whatever the sign of a zero Im z, mean x + i0; Im z < 0 means the conjugate.
    """
    z = np.asarray(z, dtype=np.complex128)
    if not (law.frozen and law.active.any()):
        return _directly(law, z)
    result = np.empty_like(z)
    for start in range(0, z.size, CHUNK):
        some, out = z[start : start + CHUNK], result[start : start + CHUNK]
        left = law.charts(some, out)
        if left is not None:
            out[left] = _directly(law, some[left])
    return result


def _directly(law: Levy, z: ComplexArray) -> ComplexArray:
    """G(z) of one law or of n laws, each point from its own start."""
    x, y = z.real, np.abs(z.imag)
    with np.errstate(all="ignore"):
        u, v, height = np.empty(x.shape), np.empty(x.shape), y.copy()
        far = ~(np.hypot(x, y) < FAR)
        real = (y == 0) & ~far
        for index in _groups(real):
            curve = invert(_laws(law, index), x[index])
            u[index], v[index] = curve.u, curve.v
        for index in _groups(~real & ~far):
            u[index], v[index], height[index] = physical_root(_laws(law, index), x[index], y[index])
        u, v = np.where(far, x - law.mean, u), np.where(far, y, v)
        size = np.hypot(u, v)
        result = np.empty(x.shape, dtype=np.complex128)
        result.real = np.where(np.isinf(size), 0.0, u / size / size)
        guard = np.where(size < NEAR, 1.0, GUARD)
        fall = np.where(height > y, v / size / height * (y * guard) / size / guard, v / size / size)
        result.imag = np.where(np.isinf(size) | (v == 0), 0.0, -fall)
        result[((y == 0) & (x == law.atom_hi)) | (size == 0)] = np.inf
        result.imag[z.imag < 0] *= -1.0
        result[np.isnan(x) | np.isnan(y)] = complex(np.nan, np.nan)
    return result


def _groups(mask: Any) -> list[Any]:
    index = np.flatnonzero(mask)
    return [index] if index.size else []


def _laws(law: Levy, index: Any) -> Levy:
    """The laws of some points: the one law, or one a point."""
    return law if law.laws == 1 else law.take(index)
