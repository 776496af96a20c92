"""The real axis cut at pivots: places where a function is singular, or has a singular point close by.

That is one of the complex plane, beside the axis. Between neighbouring pivots the axis is cut half-way, so
that each half has one pivot, from which distances are taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..arguments import FloatArray

# Halves are tabulated from t = 2^-DEPTH on; LONGEST octaves are the longest panel.
DEPTH = 63
LONGEST = 8
# Outer pieces are tabulated to this many widths.
REACH = 16.0


@dataclass(frozen=True)
class Axis:
    """The real axis cut into segments: halves of pieces between pivots, constant pieces, the pivots' doubles.

    starts: x lies in segment i or later if x > starts[i - 1]; NaNs lie in a last one of their own.
    hi, lo, scale: t = ((x - hi) - lo) scale, scale = 0 where the function is constant.
    octaves: how deep the half is tabulated, 0 where constant. ends: the largest t of it, at least 1/2.
    places: a point of each segment that is constant, NaN elsewhere and where nothing is known.
    """

    starts: FloatArray
    hi: FloatArray
    lo: FloatArray
    scale: FloatArray
    octaves: Any
    ends: FloatArray
    places: FloatArray

    @classmethod
    def cut(cls, pivots: Sequence[tuple[float, float]], pieces: Sequence[str]) -> Axis:
        """From pivots hi + lo, ascending, and what lies before, between and behind them.

        pieces: one more than pivots; "constant", "unknown", or "smooth": to be tabulated, outside up to REACH
        times the distance of the outermost pivots (not at all if that is 0).
        """
        highs = [pivot[0] for pivot in pivots]
        reach = REACH * (highs[-1] - highs[0])
        starts: list[float] = []
        rows: list[tuple[float, float, float, int, float]] = []

        def constant(place: float) -> None:
            rows.append((0.0, 0.0, 0.0, 0, place))

        for i, kind in enumerate(pieces):
            # the doubles strictly between both pivots
            first = float(np.nextafter(highs[i - 1], np.inf)) if i else -np.inf
            last = float(np.nextafter(highs[i], -np.inf)) if i < len(highs) else np.inf
            if first <= last:
                if i:
                    starts.append(highs[i - 1])
                outer = i in (0, len(highs))
                if kind != "smooth" or (outer and reach == 0):
                    inner = 0.5 * first + 0.5 * last
                    constant(min(max(inner, first), last) if kind == "constant" else np.nan)
                elif i == 0:
                    constant(np.nan)
                    starts.append(highs[0] - reach)
                    rows.append(_half(pivots[0], last, highs[0] - reach, -1.0))
                elif i == len(highs):
                    rows.append(_half(pivots[-1], first, highs[-1] + reach, 1.0))
                    starts.append(highs[-1] + reach)
                    constant(np.nan)
                else:
                    middle = min(max(0.5 * highs[i - 1] + 0.5 * highs[i], first), last)
                    rows.append(_half(pivots[i - 1], first, middle, 1.0))
                    if middle < last:
                        starts.append(middle)
                        rows.append(_half(pivots[i], last, middle, -1.0))
            if i < len(highs) and not (i and highs[i] == highs[i - 1]):
                starts.append(last)
                constant(highs[i])
        constant(np.nan)
        hi, lo, scale, octaves, places = (np.array(column) for column in zip(*rows, strict=True))
        return cls(np.array(starts), hi, lo, scale, octaves, np.ones(len(rows)), places)


def _half(
    pivot: tuple[float, float], nearest: float, farthest: float, side: float
) -> tuple[float, float, float, int, float]:
    """A row of `Axis` for the doubles from the nearest to the pivot to the farthest."""
    hi, lo = pivot
    scale = side * (1.0 - 2.0**-30) / abs((farthest - hi) - lo)
    least = ((nearest - hi) - lo) * scale
    octaves = 1
    while octaves < DEPTH and 2.0**-octaves > least:
        octaves += min(octaves + 1, LONGEST)
    return hi, lo, scale, octaves, np.nan
