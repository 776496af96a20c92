"""Functions of a real variable as polynomials on cells that shrink towards their singular points.

The axis is cut at *pivots* and half-way between neighbours (`axis`). On each half the distance from its
pivot is

    t = |x - pivot| / reach,    0 < t < 1,

taken without cancellation since pivots are known as double-doubles. Each octave of t is cut into CELLS equal
cells, on which the function is analytic with its singular points at least 2 CELLS half-widths away: a
polynomial of degree DEGREE or less suffices, whatever the exponent at the pivot. Which cell it is, and where
in it, is read from the bits of t.

Most points are nowhere near a pivot: for them a table has equal cells as well (`grid`).

Tables are made from few values: in panels of up to LONGEST octaves, log t the variable there, the function
divided by the power of t that joins its ends is interpolated in NODES points. Panels whose Chebyshev
coefficients do not decay to ROUNDING are halved, down to a cell; what is left then is marked.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from struct import pack, unpack
from typing import Any

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import fast_two_sum, two_sum
from .axis import DEPTH, LONGEST, Axis
from .chunks import CHUNK, SCRATCH
from .grid import Grid, grid

Function = Callable[[FloatArray, FloatArray], FloatArray]

# Cells an octave, as a power of two.
BITS = 4
CELLS = 1 << BITS
# Bits of a double to be dropped for its cell; its place within the cell is what they say.
DROPPED = 52 - BITS
LOW_BITS = (1 << DROPPED) - 1
ONE = 0x3FF0_0000_0000_0000
HALF_CELL = 0.5 / CELLS
# Anything below is taken for this, in the cell under the first.
FLOOR = 2.0**-DEPTH * (1.0 - HALF_CELL)

NODES = 24
DEGREE = 9
# Converged: the last coefficients of a panel, and those of its cells, are below this part of its values.
CONVERGED = 3e-15
# That is the least value, or this part of the largest if the function is small somewhere in the panel.
VARIATION = 0.25
# Coefficients of a cell below this part of its values are dropped.
ROUNDING = 2.0**-51
# A power of t is a multiple of 1/POWERS.
POWERS = 6
# Panels of so many cells in all, so many panels, and rows of a table are dealt with at a time: little memory,
# and too little work for BLAS to start threads.
CELLS_TOGETHER, TOGETHER = 1024, 8
BLOCK = 512
# Few points: one call for all their coefficients.
FEW = 1024
# Fewer still: one after another.
SINGLE = 4


class Table:
    """A function on an `Axis`; made by `tables`.

    coefficients: (degree + 1, rows) of powers of the place in the cell. base: of each segment, the row of a
    cell less the number of the cell.
    """

    def __init__(self, axis: Axis, coefficients: FloatArray, base: Any, least: float = 0.0) -> None:
        self.axis = axis
        self.least = least
        self.coefficients = coefficients
        self.base = base
        # of a segment: hi, lo, scale and base; the segment of NaNs first as well, for `_many`
        rows = np.stack([axis.hi, axis.lo, axis.scale, base.view(np.float64)])
        self._segments = np.ascontiguousarray(np.concatenate([rows[:, -1:], rows], axis=1))
        self._of_segments = self._segments[:, 1:]
        self._ends = np.append(np.nextafter(axis.starts, np.inf), np.nan)
        self._starts: list[float] = axis.starts.tolist()
        self._of_each = list(
            zip(*(row.tolist() for row in (axis.hi, axis.lo, axis.scale, base)), strict=True)
        )

    @np.errstate(all="ignore")
    def __call__(self, x: FloatArray, out: FloatArray) -> Any:
        """Write the values at x, (n,); the mask of points without one, or None.

        Those are NaNs, points below the last octave of a half, in an unknown piece, or where the function was
        not resolved: NaN is written there. The bits of a value do not depend on the other points.
        """
        if self.grid is None:
            unknown = self._by_octaves(x, out)
            return unknown if np.count_nonzero(unknown) else None
        left = self.grid(x, out)
        if not left.size:
            return None
        if left.size <= SINGLE:
            alone = [self._one(point) for point in x.take(left).tolist()]
            out[left] = alone
            return np.isnan(out) if any(map(math.isnan, alone)) else None
        values = np.empty(left.size)
        unknown = self._by_octaves(x.take(left), values)
        out[left] = values
        return np.isnan(out) if np.count_nonzero(unknown) else None

    @cached_property
    def grid(self) -> Grid | None:
        """Equal cells for most points, their values taken from the others."""
        return grid(self.axis, self._by_octaves, self.least)

    def _by_octaves(self, x: FloatArray, out: FloatArray) -> Any:
        """The same by the cells of the octaves; the mask of NaNs."""
        if x.size <= FEW:
            return self._few(x, out)
        for start in range(0, x.size, CHUNK):
            self._many(x[start : start + CHUNK], out[start : start + CHUNK])
        return np.isnan(out)

    def _one(self, x: float) -> float:
        """At one point by the same operations, the sooner for being Python's."""
        segment = bisect_left(self._starts, x) if x == x else -1
        hi, lo, scale, base = self._of_each[segment]
        (bits,) = unpack("<q", pack("<d", max(FLOOR, (x - hi - lo) * scale)))
        (local,) = unpack("<d", pack("<q", bits & LOW_BITS | ONE))
        local -= 1.0 + HALF_CELL
        cell = min(max((bits >> DROPPED) + base, 0), self.coefficients.shape[1] - 1)
        *powers, value = self.coefficients[:, cell].tolist()
        for power in reversed(powers):
            value *= local
            value += power
        return float(value)

    def _few(self, x: FloatArray, out: FloatArray) -> Any:
        """In as few calls as can be; the mask of NaNs."""
        segment = self._ends.searchsorted(x, "right")
        hi, lo, scale, base = self._of_segments.take(segment, axis=1)
        t = np.fmax((x - hi - lo) * scale, FLOOR).view(np.int64)
        local = (t & LOW_BITS | ONE).view(np.float64)
        local -= 1.0 + HALF_CELL
        t >>= DROPPED
        t += base.view(np.int64)
        powers = self.coefficients.take(t, axis=1, mode="clip")
        value = powers[-1]
        for power in powers[-2::-1]:
            value *= local
            value += power
        out[:] = value
        return np.isnan(value)

    def _many(self, x: FloatArray, out: FloatArray) -> None:
        """A chunk in scratch arrays, that stay in the cache."""
        n = x.size
        t, local, term = SCRATCH.rows[:, :n]
        cell, segment, mask = SCRATCH.cell[:n], SCRATCH.segment[:n], SCRATCH.mask[:n]
        count = SCRATCH.count[:n]
        np.less_equal(x, np.inf, out=count.view(bool))
        for start in self._starts:
            np.greater(x, start, out=mask)
            count += mask.view(np.uint8)
        np.copyto(segment, count)
        hi, lo, scale, base = self._segments
        np.subtract(x, hi.take(segment, out=term, mode="clip"), out=t)
        t -= lo.take(segment, out=term, mode="clip")
        t *= scale.take(segment, out=term, mode="clip")
        np.fmax(t, FLOOR, out=t)
        bits, place = t.view(np.int64), local.view(np.int64)
        np.right_shift(bits, DROPPED, out=cell)
        cell += base.view(np.int64).take(segment, out=place, mode="clip")
        np.bitwise_and(bits, LOW_BITS, out=place)
        np.bitwise_or(place, ONE, out=place)
        local -= 1.0 + HALF_CELL
        self.coefficients[-1].take(cell, out=out, mode="clip")
        for power in self.coefficients[-2::-1]:
            out *= local
            out += power.take(cell, out=term, mode="clip")


def evaluate(
    table: Table | None,
    exact: Callable[[FloatArray], FloatArray],
    x: FloatArray,
    out: FloatArray | None = None,
) -> FloatArray:
    """A function at x, (n,), from its table, and by `exact` where that has no value (or there is none).

    out: where to write, if given; it must not share memory with x.
    """
    x = np.asarray(x, dtype=np.float64)
    result = np.empty_like(x) if out is None else out
    if table is None:
        result[:] = exact(x)
    elif (unknown := table(x, result)) is not None:
        left = np.flatnonzero(unknown)
        for start in range(0, left.size, CHUNK):
            some = left[start : start + CHUNK]
            result[some] = exact(x[some])
    return result


def tables(axis: Axis, function: Function, least: float = 0.0, closest: float = 0.0) -> list[Table]:
    """Tables of several functions on one axis.

    function(hi, lo): their values (functions, n) at points hi + lo, with the relative accuracy that the
    tables shall have (they add about 1e-15), NaN where there is none. It is called a few times, with some
    hundred points each. Where a function changes sign the error is relative to the largest value nearby.
    least: errors are relative to this where values are smaller. closest: points closer to their pivot than
    this part of it are left without a value.
    """
    known = np.flatnonzero(~np.isnan(axis.places))
    halves = np.flatnonzero(axis.octaves)
    # a row each for constants; in front of each half one for what is below it
    ends = np.cumsum(np.where(axis.octaves > 0, CELLS * axis.octaves + 1, 1))
    first = ends - CELLS * axis.octaves
    cells: list[FloatArray] = []
    constants = np.empty((0, 0))
    # segment and first cell, counted from the bottom, of panels of the same length in cells
    panels = _panels_at_first(axis, halves, closest)
    while panels or not cells:
        points = [(axis.places[known], np.zeros(known.size))] if not cells else []
        points += [_nodes(axis, length, group) for length, group in panels]
        hi, lo = (np.concatenate([point[part] for point in points]) for part in (0, 1))
        values = function(hi, lo)
        done = 0
        if not cells:
            cells = [np.full((int(ends[-1]), DEGREE + 1), np.nan) for _ in values]
            done = known.size
            constants = values[:, :done]
        halved: list[tuple[int, Any]] = []
        for length, group in panels:
            here = values[:, done : done + len(group) * NODES].reshape(-1, len(group), NODES)
            done += len(group) * NODES
            rows = first[group[:, 0]] + group[:, 1]
            rest = group[~_interpolated(length, rows, here, cells, least)]
            if rest.size and length > 1:
                half = length // 2
                halved.append((half, np.concatenate([rest, rest + np.array([0, half])])))
        panels = halved
    lowest = np.where(axis.octaves > 0, 2.0**-axis.octaves, FLOOR)
    base = np.where(axis.octaves > 0, first, ends - 1) - (lowest.view(np.int64) >> DROPPED)
    result = []
    for row in constants:
        coefficients = _in_powers(cells.pop(0))
        coefficients[:, ends[known] - 1] = 0.0
        coefficients[0, ends[known] - 1] = row
        result.append(Table(axis, coefficients, base, least))
    return result


def _panels_at_first(axis: Axis, halves: Any, closest: float) -> list[tuple[int, Any]]:
    """Panels of 1, 2, 4, ... octaves from the top of each half down, in groups of at most TOGETHER.

    Where a half ends early, the topmost is shorter: not far behind its end the function may be singular.
    """
    of_length: dict[int, list[tuple[int, int]]] = {}
    for segment in halves.tolist():
        top, octaves = int(axis.octaves[segment]) - 1, 2
        nearest = min(max(closest * abs(axis.hi[segment] * axis.scale[segment]), FLOOR), 0.25)
        lowest = max(axis.octaves[segment] + int(np.log2(nearest)), 0)
        used = int(np.ceil((2.0 * axis.ends[segment] - 1.0) * CELLS))
        of_length.setdefault(1 << max(used - 1, 0).bit_length(), []).append((segment, top * CELLS))
        while top > lowest:
            of_length.setdefault(octaves * CELLS, []).append((segment, (top - octaves) * CELLS))
            top -= octaves
            octaves = min(2 * octaves, LONGEST)
    return [
        (length, np.array(group[start : start + step]))
        for length, group in of_length.items()
        for step in [min(CELLS_TOGETHER // length, TOGETHER)]
        for start in range(0, len(group), step)
    ]


def _nodes(axis: Axis, length: int, group: Any) -> tuple[FloatArray, FloatArray]:
    """The points hi + lo of panels, one after the other."""
    segment, start = group.T
    if length > CELLS:
        t = _shape(length).nodes + np.zeros((segment.size, 1))
    else:
        t = _shape(length).nodes + (start % CELLS / CELLS)[:, None]
    t *= np.exp2((start // CELLS - axis.octaves[segment]).astype(np.float64))[:, None]
    x, rest = two_sum(axis.hi[segment, None], t / axis.scale[segment, None])
    x, rest = fast_two_sum(x, rest + axis.lo[segment, None])
    return x.ravel(), rest.ravel()


def _interpolated(length: int, rows: Any, values: FloatArray, cells: list[FloatArray], least: float) -> Any:
    """Write the cells of panels whose interpolants have converged; which have, (panels,).

    rows: of their first cells. values: (functions, panels, NODES).
    """
    shape = _shape(length)
    with np.errstate(all="ignore"):
        exponent = _exponents(values, length)
        flat = values / _powers(length, exponent, at_nodes=True)
        # differences: what is nearly constant is not blurred by rounding
        middle = flat[..., NODES // 2, None]
        coefficients = (flat - middle) @ TO_COEFFICIENTS.T
        size = np.fmax(np.abs(flat).min(axis=-1), VARIATION * np.abs(flat).max(axis=-1))
        size = np.fmax(size, least)
        tail = np.abs(coefficients[..., -3:]).max(axis=-1)
        good = np.asarray((tail <= CONVERGED * size).all(axis=0))
    if not good.any():
        return good
    # octave by octave: small matrices, for which BLAS starts no threads
    functions, kept, octaves = len(cells), int(good.sum()), max(length // CELLS, 1)
    inner = (coefficients[:, good].reshape(-1, NODES) @ shape.inner) + middle[:, good].reshape(-1, 1)
    powers = _powers(length, exponent[:, good], at_nodes=False)
    inner *= powers.reshape(functions * kept, octaves, -1).transpose(1, 0, 2)
    inner = inner.reshape(octaves, -1, DEGREE + 1)
    middle = inner[..., DEGREE // 2, None].copy()
    inner = (inner - middle) @ TO_CELL_COEFFICIENTS.T
    inner[..., :1] += middle
    size = np.fmax(np.abs(inner[..., 0]) + np.abs(inner[..., 1]), least)
    resolved = np.abs(inner[..., -1]) <= CONVERGED * size
    resolved = resolved.reshape(octaves, functions, kept, -1).all(axis=(0, 1, 3))
    inner = inner.reshape(octaves, functions, kept, -1, DEGREE + 1)[:, :, resolved]
    good[good] = resolved
    for f, one in enumerate(cells):
        for i, row in enumerate(rows[good].tolist()):
            one[row : row + length] = inner[:, f, i].reshape(length, DEGREE + 1)
    return good


def _one_sign(values: FloatArray) -> Any:
    return (values.min(axis=-1) > 0) | (values.max(axis=-1) < 0)


def _exponents(values: FloatArray, length: int) -> FloatArray:
    """The power of t that joins the ends of panels longer than an octave, (functions, panels)."""
    if length <= CELLS:
        return np.zeros(values.shape[:-1])
    octaves = length / CELLS * POINTS[0]
    found = np.round(np.log2(np.abs(values[..., 0] / values[..., -1])) * (POWERS / octaves))
    usable = np.isfinite(found) & _one_sign(values) & (np.abs(found) < 4 * POWERS)
    return np.asarray(np.where(usable, found, 0.0))


def _powers(length: int, exponent: FloatArray, at_nodes: bool) -> FloatArray:
    """t to the powers exponent / POWERS, (functions, panels), at the nodes or in the cells."""
    found = [_power(length, power, at_nodes) for power in exponent.ravel().tolist()]
    return np.array(found).reshape(*exponent.shape, -1)


@lru_cache(maxsize=64)
def _power(length: int, power: float, at_nodes: bool) -> FloatArray:
    shape = _shape(length)
    return np.power(shape.nodes if at_nodes else shape.places, power / POWERS)


def _chebyshev(count: int) -> tuple[FloatArray, FloatArray]:
    """The zeros of T_count, and the matrix from values there to Chebyshev coefficients."""
    # cos(pi k / (2 count)), k reduced: a large angle would be rounded
    k = np.outer(np.arange(count), 2 * np.arange(count) + 1) % (4 * count)
    k = np.minimum(k, 4 * count - k)
    cosine = np.where(k <= count, np.sin((count - k) * (0.5 * np.pi / count)), 0.0)
    cosine = np.where(k > count, -np.sin((k - count) * (0.5 * np.pi / count)), cosine)
    matrix = cosine * (2.0 / count)
    matrix[0] *= 0.5
    return cosine[1], matrix


POINTS, TO_COEFFICIENTS = _chebyshev(NODES)
CELL_POINTS, TO_CELL_COEFFICIENTS = _chebyshev(DEGREE + 1)
# of the place in a cell, that goes from -HALF_CELL to HALF_CELL: T_{n+1} = 2 x T_n - T_{n-1}
TO_POWERS = np.eye(DEGREE + 1)
for _n in range(2, DEGREE + 1):
    TO_POWERS[_n] = 2.0 * np.roll(TO_POWERS[_n - 1], 1) - TO_POWERS[_n - 2]
TO_POWERS /= HALF_CELL ** np.arange(DEGREE + 1)


@dataclass(frozen=True)
class Shape:
    """A panel from t = 1 on.

    nodes: (NODES,). places: the points of its cells. inner: (octaves, NODES, points an octave), from the
    panel's Chebyshev coefficients to the values there.
    """

    nodes: FloatArray
    places: FloatArray
    inner: FloatArray


@lru_cache(maxsize=16)
def _shape(length: int) -> Shape:
    cell = np.arange(length)
    width = np.exp2(cell // CELLS) / CELLS
    places = ((CELLS + cell % CELLS) * width)[:, None] + width[:, None] * (0.5 + 0.5 * CELL_POINTS)
    if length > CELLS:
        # in the logarithm
        octaves = length / CELLS
        nodes = np.exp2(octaves * (0.5 + 0.5 * POINTS))
        at = 2.0 * np.log2(places) / octaves - 1.0
    else:
        size = length / CELLS
        nodes = 1.0 + size * (0.5 + 0.5 * POINTS)
        at = 2.0 * (places - 1.0) / size - 1.0
    at = at.reshape(max(length // CELLS, 1), -1)
    inner = np.empty((at.shape[0], NODES, at.shape[1]))
    inner[:, 0], inner[:, 1] = 1.0, at
    for n in range(2, NODES):
        inner[:, n] = 2.0 * at * inner[:, n - 1] - inner[:, n - 2]
    return Shape(nodes, places.ravel(), inner)


def _in_powers(cells: FloatArray) -> FloatArray:
    """Coefficients of powers of the place in the cell, (degree + 1, rows), from those of Chebyshev's."""
    degree = DEGREE
    size = ROUNDING * np.abs(cells[:, 0])
    while degree > 0 and not (np.abs(cells[:, degree]) > size).any():
        degree -= 1
    powers = TO_POWERS[: degree + 1, : degree + 1].T
    result = np.empty((degree + 1, cells.shape[0]))
    for start in range(0, cells.shape[0], BLOCK):
        result[:, start : start + BLOCK] = powers @ cells[start : start + BLOCK, : degree + 1].T
    return result
