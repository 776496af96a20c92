"""Quantiles of one free Levy law in tables, to about an ulp.

The pivots are the levels at edges and cusps and the distribution function at 0, in double-double; and at
necks and beside complex branch points. The table made is that of |dx / dq| = 1 / density. In each cell it is
integrated from the middle, where x is a double-double: it comes from the samples on both sides, which are
found with masses in double-double, over a part of an octave. So rounding errors are those of small
differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import DoubleDouble, where
from ..numerics.axis import DEPTH, LONGEST, Axis
from ..numerics.chunks import SCRATCH
from ..numerics.tables import CELLS, DROPPED, FLOOR, HALF_CELL, LOW_BITS, ONE, Table, tables
from .curve import invert
from .distribution import masses
from .law_tables import axis_of
from .masses import Complex, along, at_centre
from .quantile import Point, edges_of, exact_quantile, in_bands
from .quantile_necks import NOTHING, level_at

if TYPE_CHECKING:
    from .law import Levy

# Integrals between samples miss their difference by less than this part.
CLOSED = 1e-13
# The bits of a double's sign and exponent.
EXPONENT = ~((1 << 52) - 1)


# Levels next to a pivot by less than this part of it are left alone.
RESOLVED = 2.0**-50
# Not even tabulated are, for their cost, those next by less than this part: they are few.
CLOSE = 2.0**-47
# So many points of a table are found at a time.
SAMPLES = 512


class Pivot(NamedTuple):
    """A level of q, and the exact places of x beside it: where q is lower and where it is higher."""

    hi: float
    lo: float
    lower: tuple[float, float]
    higher: tuple[float, float]


class QuantileTable(Table):
    """x = coefficients[0] + (rest + polynomial), with no rounding error of the distance from the pivot."""

    def __init__(self, axis: Axis, coefficients: FloatArray, base: Any) -> None:
        super().__init__(axis, coefficients, base)
        self.rest = np.zeros(coefficients.shape[1])

    @cached_property
    def grid(self) -> None:
        """None: its cells would lose digits."""

    def _few(self, x: FloatArray, out: FloatArray) -> Any:
        segment = self._ends.searchsorted(x, "right")
        hi, lo, scale, base = self._of_segments.take(segment, axis=1)
        t = x - hi
        low = x - t
        low = (low - hi) + (x - (t + low)) - lo
        distance = t + low
        low = ((t - distance) + low) * scale
        t = np.fmax(distance * scale, FLOOR)
        cell = t.view(np.int64)
        local = (cell & LOW_BITS | ONE).view(np.float64)
        local -= 1.0 + HALF_CELL
        local += low / (cell & EXPONENT).view(np.float64)
        cell >>= DROPPED
        cell += base.view(np.int64)
        powers = self.coefficients.take(cell, axis=1, mode="clip")
        value = powers[-1]
        for power in powers[-2:0:-1]:
            value *= local
            value += power
        value *= local
        value += self.rest.take(cell, mode="clip")
        value += powers[0]
        out[:] = value
        return np.isnan(value)

    def _many(self, x: FloatArray, out: FloatArray) -> None:
        n = x.size
        t, local, term = SCRATCH.rows[:, :n]
        cell, segment, mask = SCRATCH.cell[:n], SCRATCH.segment[:n], SCRATCH.mask[:n]
        count = SCRATCH.count[:n]
        np.less_equal(x, np.inf, out=count.view(bool))
        for start in self.axis.starts.tolist():
            np.greater(x, start, out=mask)
            count += mask.view(np.uint8)
        np.copyto(segment, count)
        hi, lo, scale, base = self._segments
        # x - hi with its rounding error in `out`, less lo
        hi.take(segment, out=term, mode="clip")
        np.subtract(x, term, out=t)
        np.subtract(x, t, out=local)
        np.subtract(local, term, out=out)
        local += t
        np.subtract(x, local, out=local)
        out += local
        out -= lo.take(segment, out=term, mode="clip")
        # t, and what rounding left of it
        np.add(t, out, out=local)
        t -= local
        out += t
        scale.take(segment, out=term, mode="clip")
        np.multiply(local, term, out=t)
        out *= term
        np.fmax(t, FLOOR, out=t)
        bits, place, power_of_two = t.view(np.int64), local.view(np.int64), term.view(np.int64)
        np.right_shift(bits, DROPPED, out=cell)
        cell += base.view(np.int64).take(segment, out=place, mode="clip")
        np.bitwise_and(bits, LOW_BITS, out=place)
        np.bitwise_or(place, ONE, out=place)
        local -= 1.0 + HALF_CELL
        np.bitwise_and(bits, EXPONENT, out=power_of_two)
        out /= term
        local += out
        self.coefficients[-1].take(cell, out=out, mode="clip")
        for power in self.coefficients[-2:0:-1]:
            out *= local
            out += power.take(cell, out=term, mode="clip")
        out *= local
        out += self.rest.take(cell, out=term, mode="clip")
        out += self.coefficients[0].take(cell, out=term, mode="clip")


class Samples:
    """Points of the curve of x over q, found once and for all."""

    def __init__(self, law: Levy, pivots: list[Pivot], upper: bool) -> None:
        self.law, self.upper = law, upper
        his = np.array([p.hi for p in pivots])
        self.middles = 0.5 * his[:-1] + 0.5 * his[1:]
        self.levels = DoubleDouble(his, np.array([p.lo for p in pivots]))
        self.lower = DoubleDouble(*np.array([p.lower for p in pivots]).T)
        self.higher = DoubleDouble(*np.array([p.higher for p in pivots]).T)
        self.found: list[tuple[FloatArray, ...]] = []

    def __call__(self, hi: FloatArray, lo: FloatArray) -> FloatArray:
        """|dx / dq| at q = hi + lo, (1, n)."""
        q = DoubleDouble(hi, lo)
        pivot = np.searchsorted(self.middles, hi, side="left")
        above = q > self.levels[pivot]
        base, distance, density = self._points(1.0 - q if self.upper else q)
        # from the pivot, the one way and the other
        offset = (q - self.levels[pivot]).to_float()
        away = (base - where(above, self.higher[pivot], self.lower[pivot])) + distance
        self.found.append((2 * pivot + above, offset, away.hi, away.lo))
        return (1.0 / density)[None]

    def _points(self, q: DoubleDouble) -> Point:
        """The points of levels q, some at a time: neighbours, which are found in the same way."""
        order = np.argsort(q.hi, kind="stable")
        pieces = [
            in_bands(self.law, q[order[start : start + SAMPLES]]) for start in range(0, q.hi.size, SAMPLES)
        ]
        base, distance, density = zip(*pieces, strict=True)
        back = np.argsort(order, kind="stable")
        return Point(joined(base)[back], joined(distance)[back], np.concatenate(density)[back])

    def half(self, pivot: int, above: bool) -> tuple[FloatArray, DoubleDouble]:
        """Of the samples on one side of a pivot: |q - pivot|, ascending, and x less the pivot's place."""
        half, offset, hi, lo = (np.concatenate(rows) for rows in zip(*self.found, strict=True))
        of = np.flatnonzero((half == 2 * pivot + above) & np.isfinite(hi))
        of = of[np.argsort(np.abs(offset[of]), kind="stable")]
        return np.abs(offset[of]), DoubleDouble(hi[of], lo[of])


def joined(pieces: Sequence[DoubleDouble]) -> DoubleDouble:
    """One after another."""
    return DoubleDouble(
        *(np.concatenate(parts) for parts in zip(*((p.hi, p.lo) for p in pieces), strict=True))
    )


def quantile_table(law: Levy, upper: bool) -> QuantileTable | None:
    """The table of a single law of `quantile`, or of `upper_quantile`; None for a law without a band."""
    if not np.isfinite(law.edges_hi).any():
        return None
    with np.errstate(all="ignore"):
        pivots = _pivots(law, upper)
        axis = Axis.cut([(p.hi, p.lo) for p in pivots], ["unknown", *_pieces(law, pivots, upper), "unknown"])
        # scales that are powers of two, lower ones: no rounding, one more panel
        scale = np.copysign(np.exp2(np.floor(np.log2(np.abs(axis.scale)))), axis.scale)
        more = (axis.octaves > 0) & (axis.octaves < DEPTH)
        octaves = axis.octaves + np.where(more, np.minimum(axis.octaves + 1, LONGEST), 0)
        ends = np.where(axis.octaves > 0, scale / axis.scale, 1.0)
        axis = replace(axis, scale=scale, octaves=octaves, ends=ends)
        samples = Samples(law, pivots, upper)
        (paces,) = tables(axis, samples, closest=CLOSE)
        return _integrated(law, paces, pivots, samples)


def _pivots(law: Levy, upper: bool) -> list[Pivot]:
    """All pivots, ascending."""
    edges = edges_of(law)
    nowhere = np.nan, np.nan
    found = {(q, 0.0): Pivot(q, 0.0, nowhere, nowhere) for q in (0.0, 1.0)}

    def add(level: DoubleDouble, lower: Any = None, higher: Any = None) -> None:
        key = float(level.hi), float(level.lo)
        old = found.get(key, Pivot(*key, nowhere, nowhere))
        found[key] = Pivot(*key, lower or old.lower, higher or old.higher)

    levels = edges.above if upper else edges.levels
    for i in np.flatnonzero(np.isfinite(edges.places[:, 0])).tolist():
        at = float(edges.places[i, 0]), float(edges.place_lo[i, 0])
        if (i % 2 == 1) != upper:
            add(levels[i, 0].rounded(), lower=at)
        else:
            add(levels[i, 0].rounded(), higher=at)
    ends = np.array([edges.places[::2, 0], edges.places[1::2, 0]])
    cusps = [i for i in range(edges.places.shape[0], law.centres.x.shape[0] - 1) if _is_cusp(law, i)]
    for i in cusps:
        at = float(law.centres.x[i, 0]), float(law.centres.x_lo[i, 0])
        level = level_at(law, law.centres.w[[i], 0], np.zeros(1, dtype=np.intp))[0].rounded()
        add(1.0 - level if upper else level, lower=at, higher=at)
    zero_known = any(law.centres.x[i, 0] == 0 for i in cusps)
    if ((ends[0] < 0) & (ends[1] > 0)).any() and not zero_known:
        origin, parts = law.zero
        rest = (origin.x.rounded() / origin.w.rounded()).imag / np.pi
        level = (((DoubleDouble(parts[0]) + parts[1]) + parts[2]) + rest)[0]
        add(1.0 - level if upper else level, lower=(0.0, 0.0), higher=(0.0, 0.0))
    for i in range(edges.places.shape[0], law.centres.x.shape[0] - 1):
        x = float(law.centres.x[i, 0]), float(law.centres.x_lo[i, 0])
        if (
            law.centres.slope[i, 0] < 0
            and law.centres.w[i, 0] != 0
            and ((ends[0] < x[0]) & (x[0] < ends[1])).any()
        ):
            level = _level_over(law, np.array([i]))
            add(1.0 - level if upper else level, lower=x, higher=x)
    # what else density and distribution function are cut at: there any level nearby will do
    known = sorted(found)
    for inner in axis_pivots(law):
        q = float(masses(law, invert(law, np.array([inner])), np.array([inner]))[int(upper)][0])
        near = min((abs(q - k[0]) for k in known), default=1.0)
        if near > 2.0**-40 * max(q, 2.0**-20) and 0 < q < 1:
            add(DoubleDouble(q), lower=(inner, 0.0), higher=(inner, 0.0))
    return [found[key] for key in sorted(found)]


def _level_over(law: Levy, neck: Any) -> DoubleDouble:
    """The distribution function at H(u) for the real point u of a neck."""
    first = np.zeros(1, dtype=np.intp)
    origin = at_centre(law, neck, first)
    curve = invert(law, origin.x.re.hi, origin.x.re.lo)
    re = (curve.u - law.centres.w[neck, 0]) - law.centres.w_lo[neck, 0]
    d = Complex(DoubleDouble(re), DoubleDouble(curve.v))
    y, mass = along(origin, d)
    rest = (y.rounded() / origin.w.plus(d).rounded()).imag / np.pi
    return (level_at(law, origin.w.re.hi, first).rounded() + mass + rest)[0]


def _is_cusp(law: Levy, centre: int) -> bool:
    slope, w = law.centres.slope[centre, 0], law.centres.w[centre, 0]
    return bool(np.isfinite(w) and abs(slope) <= NOTHING and not (law.edge_w[:, 0] == w).any())


def axis_pivots(law: Levy) -> list[float]:
    """Places inside bands at which the density's axis is cut."""
    axis = axis_of(law)
    places = sorted(set(axis.hi[axis.octaves > 0].tolist()))
    edges = law.edges_hi[:, 0]
    return [x for x in places if ((edges[::2] < x) & (x < edges[1::2])).any()]


def _pieces(law: Levy, pivots: list[Pivot], upper: bool) -> list[str]:
    """Whether x is smooth or constant between neighbouring pivots."""
    edges = edges_of(law)
    levels = (edges.above if upper else edges.levels).to_float()[:, 0]
    low, high = (levels[1::2], levels[::2]) if upper else (levels[::2], levels[1::2])
    middles = [0.5 * (a.hi + b.hi) for a, b in pairwise(pivots)]
    return ["smooth" if ((low < q) & (q < high)).any() else "constant" for q in middles]


def _integrated(law: Levy, paces: Table, pivots: list[Pivot], samples: Samples) -> QuantileTable:
    """The table of x from that of |dx / dq|, by integration in each cell from the sample that is nearest."""
    axis, upper = paces.axis, samples.upper
    orders = np.arange(1.0, paces.coefficients.shape[0] + 1)
    coefficients = np.vstack([paces.coefficients[:1], paces.coefficients / orders[:, None]])
    result = QuantileTable(axis, coefficients, paces.base)
    ends = np.cumsum(np.where(axis.octaves > 0, CELLS * axis.octaves + 1, 1))
    known = np.flatnonzero(~np.isnan(axis.places))
    coefficients[:, ends[known] - 1] = 0.0
    coefficients[0, ends[known] - 1] = np.nan
    # inside a band the doubles of pivots are left alone
    known = known[~np.isin(axis.places[known], [p.hi for p in pivots if p.lower == p.higher])]
    coefficients[0, ends[known] - 1] = exact_quantile(law, axis.places[known], upper)
    which = {(p.hi, p.lo): i for i, p in enumerate(pivots)}
    for segment in np.flatnonzero(axis.octaves).tolist():
        scale, octaves = axis.scale[segment], int(axis.octaves[segment])
        i = which[axis.hi[segment], axis.lo[segment]]
        count = CELLS * octaves
        rows = np.arange(ends[segment] - count, ends[segment])
        octave = np.exp2(np.arange(count) // CELLS - float(octaves))
        coefficients[1:, rows] *= (-octave if upper else octave) / scale
        offset, away = samples.half(i, scale > 0)
        place = DoubleDouble(*(pivots[i].higher if scale > 0 else pivots[i].lower))
        x = place + _middles(coefficients[1:, rows], offset * abs(scale), away)
        coefficients[0, rows], result.rest[rows] = x.hi, x.lo
        # next to a level that is no double all its digits would count
        if axis.lo[segment]:
            close = octave < RESOLVED * abs(axis.hi[segment] * scale)
            coefficients[0, rows[close]] = np.nan
    return result


def _middles(slopes: FloatArray, t: FloatArray, known: DoubleDouble) -> DoubleDouble:
    """A function in the middle of the cells of a half, from its coefficients 1, 2, ... and values at t.

    Each comes from the nearest of these, over the integrals of the cells between, scaled so that they lead to
    the next one on the other side; NaN in cells without coefficients.
    """
    octaves = slopes.shape[1] // CELLS

    def beyond_middle(cell: Any, local: FloatArray) -> FloatArray:
        total = np.zeros(local.shape)
        for row in slopes[::-1]:
            total = (total + row[cell]) * local
        return total

    every = np.arange(slopes.shape[1])
    tabulated = np.flatnonzero(np.isfinite(slopes[0]))
    half = np.full(every.shape, HALF_CELL)
    # from the lower end of the first cell to the middle of each
    before, behind = -beyond_middle(every, -half), beyond_middle(every, half)
    cell = (t.view(np.int64) >> DROPPED) - (np.float64(2.0**-octaves).view(np.int64) >> DROPPED)
    cell = np.clip(cell, 0, every.size - 1)
    middle = (1.0 + (every % CELLS + 0.5) / CELLS) * np.exp2(every // CELLS - float(octaves))
    local = (t - middle[cell]) / np.exp2(cell // CELLS - float(octaves))
    own = known - beyond_middle(cell, local)
    # the samples whose cells are nearest to each on both sides
    result = DoubleDouble(np.full(every.shape, np.nan))
    right = np.clip(np.searchsorted(cell, tabulated), 1, max(cell.size - 1, 1))
    left, right = right - 1, np.minimum(right, cell.size - 1)
    near_left = tabulated - cell[left] <= cell[right] - tabulated
    nearest = np.where(near_left, left, right)
    whole = _between(before, behind, cell[left], cell[right])
    ratio = np.where(whole == 0, 1.0, (own[right] - own[left]).to_float() / whole)
    way = _between(before, behind, cell[nearest], tabulated)
    result[tabulated] = own[nearest] + way * np.where(np.abs(ratio - 1.0) < CLOSED, ratio, 1.0)
    return result


def _between(before: FloatArray, behind: FloatArray, start: Any, end: Any) -> FloatArray:
    """The integral from the middles of cells to those of others: sums of few terms, no differences."""
    total = np.zeros(start.shape)
    at = start.copy()
    for _ in range(before.size):
        up, down = at < end, at > end
        if not (up | down).any():
            break
        step = np.where(up, 1, np.where(down, -1, 0))
        following = at + step
        total += np.where(up, behind[at] + before[following], 0.0)
        total -= np.where(down, before[at] + behind[following], 0.0)
        at = following
    return total
