"""Density of the absolutely continuous part of a free Levy law.

density = Im w / (pi |w|^2),      w = 1 / G(x + i0)
"""

from __future__ import annotations

import numpy as np

from .arguments import FloatArray
from .cubic import CHUNK
from .curve import invert
from .levy import Levy

# From this many points on a closed form is worth its preparation.
MANY = 1


def density(law: Levy, x: FloatArray) -> FloatArray:
    """The density at x, (n,), of one law or of n laws; infinite where G is and there is no atom."""
    x = np.asarray(x, dtype=np.float64)
    solve = law.solver if law.laws == 1 and x.size >= MANY else None
    if solve is None:
        return _by_curve(law, x)
    result = np.empty_like(x)
    for start in range(0, x.size, CHUNK):
        some, out = x[start : start + CHUNK], result[start : start + CHUNK]
        lost = solve(some, out)
        if lost is not None:
            out[lost] = _by_curve(law, some[lost])
    return result


def _by_curve(law: Levy, x: FloatArray) -> FloatArray:
    curve = invert(law, x)
    with np.errstate(all="ignore"):
        size = np.hypot(curve.u, curve.v)
        value = (curve.v / size) / (np.pi * size)
        singular = (size == 0) & np.isnan(law.atom_mass)
        return np.where(curve.v == 0, np.where(singular, np.inf, 0.0), value)
