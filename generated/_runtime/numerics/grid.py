"""Functions of a real variable as polynomials on equal cells, for most points of a table.

The cells are of a width h that is a power of two, their middles the multiples of h. Where 1.5 2^52 h is added
to x, rounding leaves the nearest middle, its number in the last bits; and x less that middle is exact. So
neither a division nor a look-up is needed to find a cell, and no rounding error is seen next to a pivot.

The values come from the table that is to be made fast, in NODES points a cell. Cells on which a polynomial of
degree DEGREE does not suffice, and all that a segment of the axis begins in or next to, have no value: these
points are left to the table.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..arguments import FloatArray
from .axis import Axis
from .chunks import CHUNK, SCRATCH

# At most so many cells between the outermost pivots, and at least half as many.
CELLS = 4096
DEGREE = 5
NODES = DEGREE + 2
# Cells so far from 0 have too few doubles in them for nodes.
FARTHEST = 2.0**40
# Powers of other widths of cells, up to DEGREE, might not be doubles with all their digits.
NARROWEST, WIDEST = 1e-40, 1e40
# Cells left out on both sides of the beginning of a segment.
AROUND = 2
# Beyond the outermost pivots, where the function is not constant, cells go on for this part of the width.
MARGIN = 1.0 / 16.0
# The first coefficient left out, and the last one kept, are below these parts of the value: if one of them
# vanishes by chance, the other does not.
LEFT_OUT, LAST_KEPT = 2.0**-52, 2.0**-42
# Of the cells that are not constant at least so many have polynomials, or the grid is of no use.
USEFUL = 0.5
# Fewer points than this are dealt with in new arrays.
FEW = 1024


class Grid:
    """A function on equal cells; made by `grid`.

    coefficients: (DEGREE + 1, cells) of powers of the distance from the middle, NaN where there is no value;
    the first and the last cell reach to the infinities. shift: 1.5 2^52 h. lowest: the first middle.
    first: the bits of `shift + lowest`.
    """

    def __init__(self, coefficients: FloatArray, shift: float, lowest: float) -> None:
        self.coefficients = coefficients
        self.shift = shift
        self.lowest = lowest
        self.first = int(np.float64(shift + lowest).view(np.int64))

    def __call__(self, x: FloatArray, out: FloatArray) -> Any:
        """Write the values at x, (n,), NaN where there is none; the indices of NaNs.

        The bits of a value do not depend on the other points.
        """
        if x.size <= FEW:
            return self._few(x, out).nonzero()[0]
        left = [
            self._many(x[start : start + CHUNK], out[start : start + CHUNK]).nonzero()[0] + start
            for start in range(0, x.size, CHUNK)
        ]
        return left[0] if len(left) == 1 else np.concatenate(left)

    def _few(self, x: FloatArray, out: FloatArray) -> Any:
        """The mask of NaNs."""
        local = np.maximum(x, self.lowest)
        middle = local + self.shift
        powers = self.coefficients.take(middle.view(np.int64) - self.first, axis=1, mode="clip")
        middle -= self.shift
        local -= middle
        value = powers[-1]
        for power in powers[-2::-1]:
            value *= local
            value += power
        out[:] = value
        return np.isnan(value)

    def _many(self, x: FloatArray, out: FloatArray) -> Any:
        """The same in scratch arrays, that stay in the cache, for at most CHUNK points."""
        n = x.size
        local, middle, term = SCRATCH.rows[:, :n]
        cell, mask = SCRATCH.cell[:n], SCRATCH.mask[:n]
        # far below, the bits would be those of a negative number
        np.maximum(x, self.lowest, out=local)
        np.add(local, self.shift, out=middle)
        np.subtract(middle.view(np.int64), self.first, out=cell)
        middle -= self.shift
        local -= middle
        self.coefficients[-1].take(cell, out=out, mode="clip")
        for power in self.coefficients[-2::-1]:
            out *= local
            out += power.take(cell, out=term, mode="clip")
        return np.isnan(out, out=mask)


def grid(axis: Axis, values: Callable[[FloatArray, FloatArray], Any], least: float) -> Grid | None:
    """The grid of a function on an axis, or None if it would be of little use.

    values(x, out): writes those at x, NaN where there is none. least: errors are
    relative to this where values are smaller.
    """
    halves = axis.hi[axis.octaves > 0]
    if not halves.size:
        return None
    outside = ~np.isnan(axis.places[[0, -2]])
    margin = MARGIN * (halves.max() - halves.min())
    low = axis.starts[0] if outside[0] else halves.min() - margin
    high = axis.starts[-1] if outside[1] else halves.max() + margin
    h = 2.0 ** np.ceil(np.log2((high - low) / CELLS))
    if not (NARROWEST < h < WIDEST and max(-low, high) < FARTHEST * h):
        return None
    first, last = np.floor(low / h) - AROUND - 1, np.ceil(high / h) + AROUND + 1
    middles = np.arange(first, last + 1) * h
    coefficients = np.empty((DEGREE + 1, middles.size))
    step = CHUNK // NODES
    with np.errstate(all="ignore"):
        for start in range(0, middles.size, step):
            coefficients[:, start : start + step] = _fitted(middles[start : start + step], h, values, least)
    near = np.rint(axis.starts / h) - first + np.arange(-AROUND, AROUND + 1)[:, None]
    coefficients[:, np.clip(near, 0, middles.size - 1).astype(np.intp)] = np.nan
    coefficients[:, [0, -1]] = np.where(outside, coefficients[:, [0, -1]], np.nan)
    without = np.isnan(coefficients[0])
    if np.count_nonzero(coefficients[1]) * USEFUL < np.count_nonzero(without):
        return None
    return Grid(coefficients, 1.5 * 2.0**52 * h, middles[0])


def _fitted(
    middles: FloatArray, h: float, values: Callable[[FloatArray, FloatArray], Any], least: float
) -> FloatArray:
    """Coefficients of cells, (DEGREE + 1, n)."""
    x = (middles[:, None] + (0.5 * h) * PLACES).ravel()
    flat = np.empty_like(x)
    values(x, flat)
    found = flat.reshape(-1, NODES)
    # differences: what is nearly constant is not blurred by rounding
    middle = found[:, NODES // 2].copy()
    found -= middle[:, None]
    chebyshev = found @ TO_CHEBYSHEV
    size = np.fmax(np.abs(middle), least)
    good = np.abs(chebyshev[:, -1]) <= LEFT_OUT * size
    good &= np.abs(chebyshev[:, -2]) <= LAST_KEPT * size
    powers = (TO_POWERS / (0.5 * h) ** np.arange(DEGREE + 1)).T @ chebyshev[:, :-1].T
    powers[0] += middle
    powers[:, ~good] = np.nan
    return np.asarray(powers)


def _matrices() -> tuple[FloatArray, FloatArray, FloatArray]:
    """Places of the nodes in a cell from -1 to 1, and two matrices for rows of values there.

    The places are close to Chebyshev's and have few digits: so the nodes are doubles. The matrices lead from
    values to Chebyshev coefficients, and from all but the last of these to those of powers.
    """
    places: FloatArray = np.rint(64.0 * np.cos((np.arange(NODES) + 0.5) * (np.pi / NODES))) / 64.0
    at = np.empty((NODES, NODES))
    powers = np.eye(NODES)
    at[0], at[1] = 1.0, places
    for n in range(2, NODES):
        at[n] = 2.0 * places * at[n - 1] - at[n - 2]
        powers[n] = 2.0 * np.roll(powers[n - 1], 1) - powers[n - 2]
    return places, np.asarray(np.linalg.inv(at), np.float64), powers[:-1, :-1]


PLACES, TO_CHEBYSHEV, TO_POWERS = _matrices()
