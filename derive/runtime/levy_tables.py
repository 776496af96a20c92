"""Density, distribution and survival function of one free Levy law in tables.

The pivots are the edges of the bands and the necks inside them, in double-double, and the atom, where the
distribution function jumps. In gaps and outside all three are constant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .arguments import FloatArray
from .curve import invert
from .density import on_curve
from .distribution import masses
from .tables import Axis, Table, tables

if TYPE_CHECKING:
    from .levy import Levy


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


def axis_of(law: Levy) -> Axis:
    """The axis cut at edges, necks and the atom."""
    k = law.poles.shape[0]
    at = law.centres
    # place, what comes behind it
    ends = [
        (float(hi), float(lo), "constant" if i % 2 else "smooth")
        for i, (hi, lo) in enumerate(zip(law.edges_hi[:, 0], law.edges_lo[:, 0], strict=True))
        if np.isfinite(hi)
    ]
    necks = [
        (float(at.x[i, 0]), float(at.x_lo[i, 0]), "smooth")
        for i in range(2 * k, 3 * k - 1)
        if at.slope[i, 0] <= 0
    ]
    atom = [(float(law.atom_hi[0]), 0.0, "constant")] if np.isfinite(law.atom_hi[0]) else []
    pivots = sorted(ends + necks + atom)
    return Axis.cut([pivot[:2] for pivot in pivots], ["constant", *(pivot[2] for pivot in pivots)])
