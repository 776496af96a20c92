"""The Stieltjes transform of a free Levy law in the whole complex plane, G(z) = 1 / w."""

from __future__ import annotations

import numpy as np

from ..arguments import ComplexArray
from .charts import CHUNK
from .law import Levy
from .upper_half_plane import physical_root

# From here on w = z - m to the last bit, and products of terms may overflow.
FAR = 1e100
# Keeps an Im z among the subnormal numbers from being rounded on the way, unless w is smaller than this.
GUARD, NEAR = 2.0**500, 1e-100


def stieltjes(law: Levy, z: ComplexArray, out: ComplexArray | None = None) -> ComplexArray:
    """G(z), (n,); 0 at infinity, inf+0j at an atom (at the double nearest to it).

    Real z, whatever the sign of a zero Im z, mean x + i0; Im z < 0 means the conjugate. A frozen law has its
    curve on cells of the upper half-plane; other points, and those that cells leave alone, are solved for.
    out: where to write, if given; it must not share memory with z.
    """
    z = np.ascontiguousarray(z, dtype=np.complex128)
    result = np.empty_like(z) if out is None else out
    if not (law.frozen and law.active.any()):
        result[:] = _solved(law, z)
        return result
    if 0 < z.size <= CHUNK:
        left = law.charts(z, result)
        if left is not None:
            result[left] = _solved(law, z[left])
        return result
    rest = [np.empty(0, dtype=np.intp)]
    for start in range(0, z.size, CHUNK):
        left = law.charts(z[start : start + CHUNK], result[start : start + CHUNK])
        if left is not None:
            rest.append(start + np.flatnonzero(left))
    index = np.concatenate(rest)
    if index.size:
        result[index] = _solved(law, z[index])
    return result


def _solved(law: Levy, z: ComplexArray) -> ComplexArray:
    """G(z) of one law or of n laws."""
    x, y = z.real, np.abs(z.imag)
    with np.errstate(all="ignore"):
        u, v, height = x - law.mean, y.copy(), y.copy()
        inner = np.flatnonzero(np.hypot(x, y) < FAR)
        for start in range(0, inner.size, CHUNK):
            near = inner[start : start + CHUNK]
            laws = law if law.laws == 1 else law.take(near)
            u[near], v[near], height[near] = physical_root(laws, x[near], y[near])
        # subnormal w may keep a height of rounding where the axis has none
        inside = (((x - law.edges_hi) - law.edges_lo) > 0).sum(axis=0) % 2 == 1
        v = np.where((y == 0) & ~inside, 0.0, v)
        size = np.hypot(u, v)
        result = np.empty(x.shape, dtype=np.complex128)
        result.real = np.where(np.isinf(size), 0.0, u / size / size)
        # the share of Im w that y has in the height, where that was lifted; in an order that stays in range
        guard = np.where(size < NEAR, 1.0, GUARD)
        fall = np.where(height > y, v / size / height * (y * guard) / size / guard, v / size / size)
        result.imag = np.where(np.isinf(size) | (fall == 0), 0.0, -fall)
        result[((y == 0) & (x == law.atom_hi)) | (size == 0)] = np.inf
        result.imag[z.imag < 0] *= -1.0
        result[np.isnan(x) | np.isnan(y)] = complex(np.nan, np.nan)
    return result
