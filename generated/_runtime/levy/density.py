"""Density of the absolutely continuous part of a free Levy law.

density = Im w / (pi |w|^2),      w = 1 / G(x + i0)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..arguments import FloatArray
from ..numerics.tables import evaluate
from .curve import Curve, invert

if TYPE_CHECKING:
    from .law import Levy


def density(law: Levy, x: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """The density at x, (n,), of one law or of n laws; infinite where G is and there is no atom."""
    table = law.tables.density if law.frozen else None
    return evaluate(table, lambda some: on_curve(law, invert(law, some)), x, out)


def on_curve(law: Levy, curve: Curve) -> FloatArray:
    """The density at points of the curve."""
    with np.errstate(all="ignore"):
        size = np.hypot(curve.u, curve.v)
        value = (curve.v / size) / (np.pi * size)
        singular = (size == 0) & np.isnan(law.atom_mass)
        return np.where(curve.v == 0, np.where(singular, np.inf, 0.0), value)
