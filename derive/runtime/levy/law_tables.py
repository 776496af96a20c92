"""Density, distribution and survival function, and the potential, of one free Levy law in tables.

The pivots are the edges of the bands and the necks inside them, in double-double, the real parts of complex
branch points close to a band, and the atom, where the distribution function jumps. In gaps and outside the
first three are constant.
"""

from __future__ import annotations

from bisect import bisect
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..numerics.axis import Axis
from ..numerics.tables import Table, tables
from .curve import invert
from .density import on_curve
from .distribution import masses, potential

if TYPE_CHECKING:
    from .law import Levy


# A branch point whose height over the axis is below this part of its distance from the nearest pivot is one.
CLOSE = 1.0


class LevyTables(NamedTuple):
    """Tables of one law, all on one axis."""

    density: Table
    cdf: Table
    sf: Table


def levy_tables(law: Levy) -> LevyTables:
    """The tables of a single law."""

    def values(hi: FloatArray, lo: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            curve = invert(law, hi, lo)
            return np.stack([on_curve(law, curve), *masses(law, curve, hi)])

    return LevyTables(*tables(axis_of(law), values))


def potential_table(law: Levy) -> Table:
    """The logarithmic potential of a single law, in gaps and around the support too."""

    def values(hi: FloatArray, lo: FloatArray) -> FloatArray:
        return potential(law, invert(law, hi, lo), hi)[None]

    # it vanishes somewhere, as a sum of terms of order 1
    return tables(axis_of(law, outside="smooth"), values, least=1.0)[0]


def axis_of(law: Levy, outside: str = "constant") -> Axis:
    """The axis cut at the pivots. outside: what a function is in gaps and beyond the bands."""
    k = law.poles.shape[0]
    at = law.centres
    # place, what comes behind it
    pivots = [
        (float(hi), float(lo), outside if i % 2 else "smooth")
        for i, (hi, lo) in enumerate(zip(law.edges_hi[:, 0], law.edges_lo[:, 0], strict=True))
        if np.isfinite(hi)
    ]
    pivots += [
        (float(at.x[i, 0]), float(at.x_lo[i, 0]), "smooth")
        for i in range(2 * k, 3 * k - 1)
        if at.slope[i, 0] <= 0
    ]
    if np.isfinite(law.atom_hi[0]):
        pivots.append((float(law.atom_hi[0]), float(law.atom_lo[0]), outside))
    pivots.sort()
    for point in _branch_points(law):
        # the first to the right of it
        i = bisect(pivots, (point.real,))
        if 0 < i < len(pivots) and pivots[i - 1][2] == "smooth":
            near = min(point.real - pivots[i - 1][0], pivots[i][0] - point.real)
            if point.imag < CLOSE * near:
                pivots.insert(i, (point.real, 0.0, "smooth"))
    return Axis.cut([pivot[:2] for pivot in pivots], [outside, *(pivot[2] for pivot in pivots)])


def _branch_points(law: Levy) -> list[complex]:
    """H(w) at the complex solutions w of Phi(w) = 1, Im H >= 0, the closest to the axis first.

    To a few digits: they say where to cut, not what the function is.
    """
    active = law.active[:, 0]
    if np.isfinite(law.edges_hi[:, 0]).sum() == 2 * active.sum():
        return []  # all of them are edges, or there is none
    scale = max(np.abs(law.poles[active, 0]).max(), np.sqrt(law.weights[active, 0].max()))
    p, c = law.poles[active, 0] / scale, law.weights[active, 0] / scale**2
    equation = np.poly(np.repeat(p, 2))
    for i, weight in enumerate(c):
        equation[2:] -= weight * np.poly(np.repeat(np.delete(p, i), 2))
    w = np.roots(equation)
    w = w[w.imag > 0]
    for _ in range(3):
        q = w - p[:, None]
        pull = c[:, None] / (q * q)
        w = w + (pull.sum(axis=0) - 1.0) / (2.0 * (pull / q).sum(axis=0))
    x = law.mean[0] + scale * (w + (c[:, None] / (w - p[:, None])).sum(axis=0))
    found = [complex(point.real, abs(point.imag)) for point in x.tolist() if np.isfinite(point)]
    return sorted(found, key=lambda point: point.imag)
