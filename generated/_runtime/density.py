"""Density of the absolutely continuous part of a free Levy law.

density = Im w / (pi |w|^2),      w = 1 / G(x + i0)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .arguments import FloatArray
from .cubic import CHUNK
from .curve import invert
from .levy import Levy


def density(law: Levy, x: FloatArray) -> FloatArray:
    """The density at x, (n,), of one law or of n laws; infinite where G is and there is no atom.

    A single law of one or two poles has a closed form; for many points of any other there are polynomials
    on panels; all else, and the few points where those two would lose digits, are solved on the curve.
    """
    x = np.asarray(x, dtype=np.float64)
    solve: Callable[[FloatArray, FloatArray], Any] | None = None
    if law.laws == 1:
        solve = law.solver
        if solve is None and law.frozen:
            solve = law.panels
    if solve is None:
        return _by_curve(law, x)
    result = np.empty_like(x)
    for start in range(0, x.size, CHUNK):
        some, out = x[start : start + CHUNK], result[start : start + CHUNK]
        left = solve(some, out)
        if left is not None:
            out[left] = _by_curve(law, some[left])
    return result


def _by_curve(law: Levy, x: FloatArray) -> FloatArray:
    curve = invert(law, x)
    with np.errstate(all="ignore"):
        size = np.hypot(curve.u, curve.v)
        value = (curve.v / size) / (np.pi * size)
        singular = (size == 0) & np.isnan(law.atom_mass)
        return np.where(curve.v == 0, np.where(singular, np.inf, 0.0), value)
