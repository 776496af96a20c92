"""The Stieltjes transform of an algebraic law off the axis.

Beyond the support's hull the branch is continued from infinity. Close to a singular point it is read
from the Puiseux series there, improved by Newton's method and accepted where the start lies in the
root's isolating disc. In between it is continued from the nearest of a grid of anchors around the
singular point, which were continued from infinity once, and improved with residuals in double-double.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .branch import follow, isolated, newton
from .cells import SAFETY
from .charts import Chart
from .close_branches import polish
from .law import AlgebraicLaw
from .singular import Singular, puiseux

Array = np.ndarray[Any, Any]

RATIO = 1.5
SECTORS = 12
CLOSE = 1e-12  # relative error bounds of roots above which branches are too close for doubles


def above_axis(law: AlgebraicLaw, z: Array) -> Array:
    """G(z) for Im z > 0 (n,)."""
    result = np.full(z.shape, complex(np.nan, np.nan))
    left = np.ones(z.shape, dtype=bool)
    for point in law.points:
        s = (z - point.hi) - point.lo
        near = left & (np.abs(s) < 0.5 * point.chart.radius)
        if near.any():
            u, good = _expanded(point, s[near])
            index = np.flatnonzero(near)[good]
            result[index] = point.chart.to_g(u[good], s[near][good])
            left[index] = False
    far = np.flatnonzero(left & (np.abs(z - law.outside.centre) > 1.0 / law.outside.zeta))
    if far.size:
        result[far] = law.far.start(z[far])[0]
        left[far] = False
    rest = np.flatnonzero(left)
    if rest.size:
        nearest = np.argmin(np.abs(z[rest, None] - law.places[None, :]), axis=1)
        for k, point in enumerate(law.points):
            index = rest[nearest == k]
            if index.size:
                s = (z[index] - point.hi) - point.lo
                anchors = law.anchors(k, _anchors)
                u, start = anchors.nearest(s)
                u, _, _ = follow(point.chart.b, u, start, s, b_low=point.chart.b_low)
                result[index] = _polished(point.chart, point.chart.to_g(u, s), s)
    return result


def _expanded(point: Singular, s: Array) -> tuple[Array, Array]:
    """u at s near a singular point by its Puiseux series, and whether that is shown to be the branch."""
    chart, (start, spread) = point.chart, puiseux(point, s)
    u, error, good = isolated(chart.b, start, s, SAFETY * spread)
    good &= error < CLOSE * np.abs(u)
    tiny = np.abs(s) < 1e-20 * chart.radius  # its first terms are all there is
    u, good = np.where(tiny, start, u), good | tiny
    if (left := np.flatnonzero(~good)).size:
        b, b_low = (np.broadcast_to(table, (left.size, *table.shape)) for table in (chart.b, chart.b_low))
        u[left], _, good[left] = isolated(b, start[left], s[left], SAFETY * spread[left], b_low)
    return u, good


def _polished(chart: Chart, g: Array, s: Array) -> Array:
    """G to the last bits: as far from the chart's centre the coefficients in u cancel, and u + value can."""
    b, b_low = (np.broadcast_to(table, (g.size, *table.shape)) for table in (chart.plain, chart.plain_low))
    return polish(b, b_low, g, s)[0]


@dataclass(frozen=True)
class Anchors:
    """Known points of the branch, s = low * RATIO^i * exp(i pi (j + 1/2) / SECTORS)."""

    low: float
    s: Array
    u: Array

    def nearest(self, s: Array) -> tuple[Array, Array]:
        """u and s of the anchor in whose cell of the polar grid s lies."""
        ring = np.rint(np.log(np.abs(s) / self.low) / np.log(RATIO)).astype(int)
        sector = (np.angle(s) / np.pi * SECTORS).astype(int)
        cell = np.clip(ring, 0, len(self.s) - 1), np.clip(sector, 0, SECTORS - 1)
        return self.u[cell], self.s[cell]


def _anchors(law: AlgebraicLaw, k: int) -> Anchors:
    point = law.points[k]
    low, high = 0.5 * point.chart.radius, 2.0 / law.outside.zeta
    rings = low * RATIO ** np.arange(max(2, int(np.ceil(np.log(high / low) / np.log(RATIO))) + 1))
    s = rings[:, None] * np.exp(1j * np.pi * (np.arange(SECTORS) + 0.5) / SECTORS)
    top = 1j * 2.0 * high
    start = point.hi + s.real + top
    g, _, _ = law.far.start(start.ravel())
    u, _ = newton(point.chart.b, point.chart.to_u(g, (s.real + top).ravel()), (s.real + top).ravel())
    u, _, _ = follow(point.chart.b, u, (s.real + top).ravel(), s.ravel())
    return Anchors(low, s, u.reshape(s.shape))
