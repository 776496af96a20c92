"""Density of the absolutely continuous part of a free Levy law.

    density = Im w / (pi |w|^2),      w = 1 / G(x + i0)
"""

from __future__ import annotations

import numpy as np

from .arguments import FloatArray
from .curve import invert
from .levy import Levy


def density(law: Levy, x: FloatArray) -> FloatArray:
    """The density at x, (n,), of one law or of n laws; infinite where G is and there is no atom."""
    x = np.asarray(x, dtype=np.float64)
    curve = invert(law, x)
    with np.errstate(all="ignore"):
        size = np.hypot(curve.u, curve.v)
        value = (curve.v / size) / (np.pi * size)
        singular = (size == 0) & np.isnan(law.atom_mass)
        return np.where(curve.v == 0, np.where(singular, np.inf, 0.0), value)
