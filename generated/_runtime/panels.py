"""Density of one law of any number of poles from polynomials on panels, for many points.

On a band with edges a and b

    density(x) = sqrt((x - a) (b - x)) g(x),

where g is analytic next to soft edges. Each band is halved until the interpolant of g at Chebyshev nodes,
computed from `curve`, has converged. Panels that never do (they touch a cusp, or an edge with w = 0) are
left to `curve`; geometrically few points are on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .arguments import FloatArray
from .cubic import SCRATCH
from .curve import invert
from .double_double import two_sum

if TYPE_CHECKING:
    from .levy import Levy

# Interpolation in so many nodes has converged when the last two coefficients are this part of the first.
NODES = 12
CONVERGED = 4e-15
# g may vary by so much on a panel, or its relative accuracy is not that of the polynomial.
VARIATION = 8.0
# Panels are halved so often at most.
DEPTH = 48

ANGLES = (np.arange(NODES) + 0.5) * (np.pi / NODES)
POINTS = np.cos(ANGLES)
# Chebyshev coefficients from values at the nodes
COEFFICIENTS = np.cos(np.outer(np.arange(NODES), ANGLES)) * (2.0 / NODES)
COEFFICIENTS[0] *= 0.5
# powers from Chebyshev coefficients: T_{n+1} = 2 x T_n - T_{n-1}
POWERS = np.eye(NODES)
for _n in range(2, NODES):
    POWERS[_n] = 2.0 * np.roll(POWERS[_n - 1], 1) - POWERS[_n - 2]


class Panels:
    """The panels of a single law, in order, gaps between them included.

    starts: where each panel but the first begins. middle, scale: x -> (x - middle) scale maps a panel to
    [-1, 1]. low, low_rest, high, high_rest: the band's edges. powers: coefficients of g. slow: the panels
    left to `curve`.
    """

    def __init__(self, law: Levy) -> None:
        ends = np.isfinite(law.edges_hi[:, 0])
        edges = list(zip(law.edges_hi[ends, 0].tolist(), law.edges_lo[ends, 0].tolist(), strict=True))
        rows: list[tuple[float, ...]] = [_gap(edges[0][0] - 1.0)]
        starts: list[float] = []
        for low, high in zip(edges[::2], edges[1::2], strict=True):
            for left, right, powers in _band(law, low, high):
                starts.append(left)
                rows.append((0.5 * (left + right), 2.0 / (right - left), *low, *high, *powers))
            # the edge, rounded, may lie inside the band
            starts.append(float(np.nextafter(high[0], np.inf)))
            rows.append(_gap(high[0]))
        self.starts = np.array(starts)
        self.rows = np.ascontiguousarray(np.array(rows).T)
        self.slow = np.isnan(self.rows[-1])
        self.ends = edges[0][0] - 1.0, edges[-1][0] + 1.0

    def __call__(self, x: FloatArray, out: FloatArray) -> Any:
        """Write the density at x, at most CHUNK points; return the mask of points left alone, or None."""
        near, value, work, other = SCRATCH.rows[:4, : x.size]
        with np.errstate(all="ignore"):
            np.clip(x, *self.ends, out=near)  # infinite points
            panel = np.searchsorted(self.starts, near, side="right")
            middle, scale, low, low_rest, high, high_rest, *powers = self.rows

            def of_panel(row: FloatArray) -> FloatArray:
                return np.take(row, panel, out=other, mode="clip")

            # Horner's rule for g
            np.subtract(near, of_panel(middle), out=work)
            work *= of_panel(scale)
            np.take(powers[-1], panel, out=value, mode="clip")
            for power in powers[-2::-1]:
                value *= work
                value += of_panel(power)
            # (x - a) (b - x)
            np.subtract(near, of_panel(low), out=work)
            work -= of_panel(low_rest)
            np.subtract(of_panel(high), near, out=near)
            near += of_panel(high_rest)
            work *= near
            np.sqrt(np.maximum(work, 0.0, out=work), out=out)
            out *= value
        slow = self.slow[panel]
        return slow if slow.any() else None


def _gap(place: float) -> tuple[float, ...]:
    return (place, 0.0) + (0.0,) * (4 + NODES)


def _band(
    law: Levy, low: tuple[float, float], high: tuple[float, float]
) -> list[tuple[float, float, tuple[float, ...]]]:
    """Panels of one band: ends and coefficients, NaN where they do not converge."""
    found: list[tuple[float, float, tuple[float, ...]]] = []
    pending = [(low[0], high[0])]
    for depth in range(DEPTH + 1):
        if not pending:
            break
        left, right = np.array(pending).T
        middle, half = 0.5 * (left + right), 0.5 * (right - left)
        x, rest = two_sum(middle[:, None], half[:, None] * POINTS)
        curve = invert(law, x.ravel(), rest.ravel())
        product = ((x - low[0]) + (rest - low[1])) * ((high[0] - x) + (high[1] - rest))
        size = np.hypot(curve.u, curve.v).reshape(x.shape)
        with np.errstate(all="ignore"):
            g = (curve.v.reshape(x.shape) / size) / (np.pi * size) / np.sqrt(product)
            coefficients = g @ COEFFICIENTS.T
            tail = np.abs(coefficients[:, -2:]).sum(axis=1)
            good = tail <= CONVERGED * np.abs(coefficients[:, 0])
            good &= g.max(axis=1) <= VARIATION * g.min(axis=1)
        powers = coefficients @ POWERS
        whole = (middle > left) & (middle < right) & (depth < DEPTH)
        halves: list[tuple[float, float]] = []
        for i in range(left.size):
            if good[i]:
                found.append((left[i], right[i], tuple(powers[i])))
            elif whole[i]:
                halves += [(left[i], middle[i]), (middle[i], right[i])]
            else:
                found.append((left[i], right[i], (np.nan,) * NODES))
        pending = halves
    return sorted(found)
