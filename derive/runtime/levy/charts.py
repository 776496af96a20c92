"""w(z) of one law in the upper half-plane from Taylor polynomials on cells, for many points.

Between any two of its singular points, the edges of the bands, w is analytic in the closed upper half-plane.
Vertical strips around the centres u_i of `centres` (edges, necks, 0), x nearest to H(u_i), are cut into cells
by the distance r from H(u_i), in half octaves, and by the direction. In a cell, with d = w - u_i,

    d = sum_n b_n (z - z_0)^n

by series reversal of H around d_0. One step of Chebyshev's method, of third order,

    d <- d - (s + s^2 H'' / (2 H')),    s = (H - z) / H',

with H - H(u_i) = d (A + B d - d^2 T) as in `local_form` then gives d to rounding. A point is done if the step
was small against d and against Im d: a root with Im w > 0 is the physical one. The others, and those of cells
where rounding could be seen, are left to `upper_half_plane`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import ComplexArray, FloatArray
from .local_form import LocalForm
from .upper_half_plane import LIFT_INSIDE, LIFT_OUTSIDE, TOLERANCE, form_around, roots

if TYPE_CHECKING:
    from .law import Levy

CHUNK = 2048
# Few points: new arrays cost less than places to write to.
FEW = 64
# Odd: even and odd powers are summed side by side.
DEGREE = 11
# The row of a table where the poles begin.
POLES = DEGREE + 2
# Directions between the vertical and the real axis, and half octaves by the top bits of a double. These are
# arrays of no dimension, since of a number NumPy makes one at each use.
SECTORS: Any = np.array(4)
HALF_OCTAVE = np.array(51)
BELOW_SECTORS = np.array(4 * (1 - 2.0**-52))
# A step leaves an error of about its cube.
SMALL_STEP = np.array(2.0**-17)
# Cells reach from this part of the distance to the next centre to so many diameters of all centres.
INNERMOST, OUTERMOST = 2.0**-14, 8.0
# Around a centre that is no edge w is analytic: its innermost cells, this part of that distance, are filled.
REGULAR = 2.0**-5


class Scratch(threading.local):
    """Arrays to work in, one set a thread."""

    def __init__(self) -> None:
        self.rows = np.empty((3, CHUNK), dtype=np.complex128)
        self.table = np.empty((0, CHUNK), dtype=np.complex128)
        self.powers = np.empty((3, 1, CHUNK), dtype=np.complex128)

    def room(self, rows: int, poles: int) -> tuple[ComplexArray, ComplexArray]:
        """For the rows of a table and for three rows a pole."""
        if self.table.shape[0] < rows:
            self.table = np.empty((rows, CHUNK), dtype=np.complex128)
            self.powers = np.empty((3, poles, CHUNK), dtype=np.complex128)
        return self.table[:rows], self.powers[:, :poles]


SCRATCH = Scratch()


class Charts:
    """The cells of a single law.

    starts: where each strip but the first begins. strips: H(u) with its low part and the lift of a strip; as
    the bits of integers, number of the cell of exponent 0 and sector 0, lowest and highest number. table, a
    column a cell: z_0 and b_0 ... b_n, NaN in cells to be left alone; then what `_rows` has of its centre, as
    complex numbers, for NumPy would convert it at each use.
    """

    def __init__(self, law: Levy) -> None:
        strips = _strips(law)
        self.starts = strips.starts
        lift = np.where(strips.outside, LIFT_OUTSIDE, LIFT_INSIDE)
        cells = _Cells(law, strips)
        self.strips = np.array([strips.place, strips.place_lo, lift, *cells.bounds.view(np.float64)])
        self.table = np.concatenate([cells.series, _rows(law)[:, cells.form]])
        self.poles = law.poles.shape[0]

    @np.errstate(all="ignore")
    def __call__(self, z: ComplexArray, out: ComplexArray) -> Any:
        """Write G(z) for at most CHUNK points; return the mask of the points left alone, or None."""
        if z.size > 1:
            return self._few(z, out) if z.size <= FEW else self._evaluate(z, out)
        # NumPy multiplies a single complex number in another loop, which rounds otherwise
        pair = np.empty(2, dtype=np.complex128)
        left = self._few(np.repeat(z, 2), pair)
        out[:] = pair[:1]
        return None if left is None else left[:1]

    def _cells(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
        """The points from H(u), lifted off the axis outside the bands, by how much, and in which cells."""
        strip = self.strips.take(self.starts.searchsorted(x, "right"), axis=1, mode="clip")
        numbers, lift = strip.view(np.int64), strip[2]
        distance = x - strip[0]
        distance -= strip[1]
        size = np.abs(distance)
        height = lift * size
        np.maximum(height, y, out=height)
        reach = size + height
        size /= reach
        size *= BELOW_SECTORS
        cell = reach.view(np.int64) >> HALF_OCTAVE
        cell *= SECTORS
        cell += numbers[3]
        cell += size.astype(np.int64)
        np.maximum(cell, numbers[4], out=cell)
        np.minimum(cell, numbers[5], out=cell)
        return distance, height, lift, cell

    def _few(self, z: ComplexArray, out: ComplexArray) -> Any:
        """The same operations as in `_evaluate`, in as little time as they take for few points."""
        k = self.poles
        x, imag = z.real, z.imag
        y = np.abs(imag)
        distance, height, lift, cell = self._cells(x, y)
        table = self.table.take(cell, axis=1, mode="clip")
        side = np.empty_like(z)
        side.real, side.imag = distance, height
        tau = side - table[0]
        pairs = table[1 : DEGREE + 2].reshape(-1, 2, z.size)
        value, square = pairs[-1], tau * tau
        for pair in pairs[-2::-1]:
            value *= square
            value += pair
        d = value[1] * tau
        d += value[0]
        u, linear, quadratic, a, b = table[-5:]
        inverse = table[POLES : POLES + k] + d
        np.reciprocal(inverse, out=inverse)
        parts = np.empty((3, k, z.size), dtype=np.complex128)
        np.multiply(table[POLES + k : -5], inverse, out=parts[0])
        np.multiply(parts[0], inverse, out=parts[1])
        np.multiply(parts[1], inverse, out=parts[2])
        s = parts[:, 0]
        for j in range(1, k):
            s += parts[:, j]
        turn = b * d
        h = turn + a
        h_1 = h + turn
        h *= d
        e = quadratic * d
        e += linear
        products = s * h
        e += products[0]
        change = s[:2] * h_1
        change -= products[1:]
        slope, bend = change[0], b * s[0]
        slope += quadratic
        bend -= change[1]
        bend *= d
        bend += slope
        slope *= d
        slope += e
        e *= d
        e -= side
        np.reciprocal(slope, out=slope)
        e *= slope
        bend *= slope
        bend *= e
        bend *= e
        e += bend
        d -= e
        np.reciprocal(d + u, out=out)
        return self._finished(e, d, out, imag, y, height, lift)

    def _evaluate(self, z: ComplexArray, out: ComplexArray) -> Any:
        n, k = z.size, self.poles
        x, imag = z.real, z.imag
        y = np.abs(imag)
        distance, height, lift, cell = self._cells(x, y)
        # Taylor's polynomial, even and odd powers side by side
        table, parts = SCRATCH.room(self.table.shape[0], k)
        series, parts = table[:, :n], parts[..., :n]
        self.table.take(cell, axis=1, mode="clip", out=series)
        side, d, square = SCRATCH.rows[:, :n]
        side.real, side.imag = distance, height
        np.subtract(side, series[0], out=d)
        np.multiply(d, d, out=square)
        value = series[DEGREE : DEGREE + 2]
        for i in range(DEGREE - 2, 0, -2):
            value *= square
            value += series[i : i + 2]
        np.multiply(value[1], d, out=d)  # in the order of `_few`: it matters to rounding
        d += value[0]
        # H - H(u) = d e with e = A + B d + h S_1, h = d (a + b d), S_n = sum_j c_j' / (q_j + d)^n
        u, linear, quadratic, a, b = series[-5:]
        inverse = series[POLES : POLES + k]
        inverse += d
        np.reciprocal(inverse, out=inverse)
        np.multiply(series[POLES + k : -5], inverse, out=parts[0])
        np.multiply(parts[0], inverse, out=parts[1])
        np.multiply(parts[1], inverse, out=parts[2])
        s = parts[:, 0]
        for j in range(1, k):
            s += parts[:, j]
        bend, h_1, h, e, work = series[:5]
        products, change = series[5:8], series[8:10]
        np.multiply(b, d, out=work)
        np.add(work, a, out=h)
        np.add(h, work, out=h_1)  # h'
        h *= d
        np.multiply(quadratic, d, out=e)
        e += linear
        # h S_1, h S_2 and h S_3; h' S_1 - h S_2 and h' S_2 - h S_3
        np.multiply(s, h, out=products)
        e += products[0]
        np.multiply(s[:2], h_1, out=change)
        change -= products[1:]
        # e' and e'' / 2
        slope = change[0]
        slope += quadratic
        np.multiply(b, s[0], out=bend)
        bend -= change[1]
        # H' and H'' / 2
        bend *= d
        bend += slope
        slope *= d
        slope += e
        # the step
        e *= d
        e -= side
        np.reciprocal(slope, out=slope)
        e *= slope
        bend *= slope
        bend *= e
        bend *= e
        e += bend
        d -= e
        np.add(d, u, out=work)
        np.reciprocal(work, out=out)
        return self._finished(e, d, out, imag, y, height, lift)

    def _finished(
        self,
        step: ComplexArray,
        d: ComplexArray,
        out: ComplexArray,
        imag: FloatArray,
        y: FloatArray,
        height: FloatArray,
        lift: FloatArray,
    ) -> Any:
        """Scale lifted values back and conjugate those below the axis; the mask of points to be left alone.

        Those whose step was not small against d and against Im d > 0.
        """
        if np.count_nonzero(height != imag):
            outside = np.flatnonzero((height > y) & (lift == LIFT_OUTSIDE))
            out.imag[outside] = out.imag[outside] / height[outside] * y[outside] + 0.0
            np.negative(out.imag, out=out.imag, where=imag < 0)
        limit = SMALL_STEP * d.imag
        done = np.abs(step) <= limit
        if np.count_nonzero(done) == done.size:
            return None
        # where |Re d| is the larger part, a step along the axis may be so too
        done = np.abs(step.imag) <= limit
        done &= np.abs(step.real) <= SMALL_STEP * np.abs(d.real) + limit
        return None if np.count_nonzero(done) == done.size else ~done


class _Strips(NamedTuple):
    """Both sides of the centres of a law, from left to right.

    starts: where each but the first begins. centre: its number, with the place H(u) and its low part.
    sign: -1 on the left of it. width: to the middle between it and the next one. gap: to the nearest other
    one. regular: whether w is analytic there. outside: whether there is no band.
    """

    starts: FloatArray
    centre: Any
    place: FloatArray
    place_lo: FloatArray
    sign: FloatArray
    width: FloatArray
    gap: FloatArray
    regular: Any
    outside: Any


def _strips(law: Levy) -> _Strips:
    at, edges = law.centres, law.edges_hi.shape[0]
    x, low = at.x[:, 0], at.x_lo[:, 0]
    finite = np.flatnonzero(np.isfinite(x))
    order = finite[np.lexsort((finite, low[finite], x[finite]))]
    apart = np.diff(x[order]) + np.diff(low[order])
    # of several centres in one place the edge, which comes first
    order = order[np.concatenate([[True], apart > 0])]
    apart = apart[apart > 0]
    place, place_lo = x[order], low[order]
    starts = np.empty(2 * order.size - 1)
    # the first double on the right of a centre
    starts[::2] = np.where(place_lo < 0, place, np.nextafter(place, np.inf))
    starts[1::2] = (place[:-1] + 0.5 * np.diff(place)) + 0.5 * (place_lo[:-1] + place_lo[1:])
    around = np.concatenate([[np.inf], apart, [np.inf]])
    is_edge = order < edges
    passed = np.cumsum(is_edge)
    return _Strips(
        starts=starts,
        centre=np.repeat(order, 2),
        place=np.repeat(place, 2),
        place_lo=np.repeat(place_lo, 2),
        sign=np.tile([-1.0, 1.0], order.size),
        width=0.5 * np.repeat(around, 2)[1:-1],
        gap=np.repeat(np.minimum(around[:-1], around[1:]), 2),
        regular=np.repeat(~is_edge & (at.slope[order, 0] != 0), 2),
        outside=np.stack([passed - is_edge, passed], axis=1).ravel() % 2 == 0,
    )


class _Cells:
    """What `Charts` holds of the cells."""

    def __init__(self, law: Levy, strips: _Strips) -> None:
        reach = max(float(np.ptp(strips.place)), 2.0 * float(np.sqrt(law.weights.sum())))
        highest = _level(OUTERMOST * reach)
        bounds, sides, centres = [], [], []
        count = 0
        for i, centre in enumerate(strips.centre):
            gap = min(float(strips.gap[i]), OUTERMOST * reach)
            regular = bool(strips.regular[i])
            lowest = _level(gap * (REGULAR if regular else INNERMOST))
            side = _cells_of_a_strip(lowest, highest, bool(strips.outside[i]), float(strips.width[i]))
            side.real *= strips.sign[i]
            # a blank cell on either side, where points go that are too near or too far
            bounds.append((count + 1 - SECTORS * lowest, count + regular, count + 1 + side.size))
            sides.append(np.pad(side, 1, constant_values=np.nan))
            centres.append(np.full(side.size + 2, centre))
            count += side.size + 2
        self.bounds = np.ascontiguousarray(np.array(bounds, dtype=np.int64).T)
        self.series = np.full((POLES, count), np.nan + 0j)
        self.form = np.zeros(count, dtype=np.intp)
        side, number = np.concatenate(sides), np.concatenate(centres)
        wanted = np.flatnonzero(~np.isnan(side))
        for start in range(0, wanted.size, CHUNK):
            index = wanted[start : start + CHUNK]
            self._fill(law, index, side[index], number[index])

    def _fill(self, law: Levy, index: Any, side: ComplexArray, centre: Any) -> None:
        on_axis = side.imag == 0
        lifted = side + 1j * np.where(on_axis, LIFT_OUTSIDE * np.abs(side.real), 0.0)
        form = form_around(law, centre, np.zeros(index.size, dtype=np.intp), lifted)
        d, error = roots(form, law.centres.w[centre, 0])
        d.imag[on_axis] = 0.0
        far = ~(np.abs(d) < 0.5 * np.abs(form.q).min(axis=0))
        self.form[index] = 2 * centre + far
        series = np.concatenate([side[None], d[None], _reversed(form, d)])
        self.series[:, index] = np.where(error <= TOLERANCE, series, np.nan)


def _cells_of_a_strip(lowest: int, highest: int, outside: bool, width: float) -> ComplexArray:
    """A point z_0 - H(u) of each cell on the right of a centre; NaN where it lies beyond the strip.

    Outside the bands it is real in cells at the real axis, and so are their coefficients: Im w is then
    as accurate, relative to itself, as w.
    """
    levels = np.arange(lowest, highest + 2) << HALF_OCTAVE
    ends = levels.view(np.float64)
    middle = 0.5 * (ends[:-1] + ends[1:])[:, None]
    t = (np.arange(SECTORS) + 0.5) / SECTORS
    side = middle * t + 1j * (middle * (1.0 - t))
    if outside:
        side[:, -1] = 0.86 * middle[:, 0]
    side[ends[:-1, None] * (t - 0.5 / SECTORS) > width] = np.nan
    return side.ravel()


def _level(size: float) -> int:
    return int(np.float64(size).view(np.int64) >> HALF_OCTAVE)


def _rows(law: Levy) -> FloatArray:
    """q_j, weights c_j', u, A, B, a and b of both forms of R around each centre (see `local_form`).

    B - d sum c_j / q_j^3 / (q_j + d), with a = 0 and b = -1, where d is small; elsewhere the sum of
    c_j / q_j^2 / (q_j + d) without B, with a = 1 and b = 0.
    """
    at, k = law.centres, law.poles.shape[0]
    q = at.offset[:, :, 0]
    part = law.weights / (q * q)
    count = at.w.shape[0]
    rows = np.empty((2 * k + 5, count, 2))
    rows[:k] = q[..., None]
    rows[k : 2 * k, :, 0], rows[k : 2 * k, :, 1] = part / q, part
    rows[2 * k :, :, 0] = at.w[:, 0], at.slope[:, 0], at.bend[:, 0], np.zeros(count), np.full(count, -1.0)
    rows[2 * k :, :, 1] = at.w[:, 0], at.slope[:, 0], np.zeros(count), np.ones(count), np.zeros(count)
    return rows.reshape(2 * k + 5, 2 * count)


def _reversed(form: LocalForm, d: ComplexArray) -> ComplexArray:
    """b_1 ... b_n of w(z) around w = u + d, (n, points).

    With the series r_j of 1 / (w - p_j): H(w) - z = 0 and r_j (w - p_j) = 1, order by order.
    """
    inverse = 1.0 / (form.q + d)
    ratio, rise = form.c * inverse, 1.0 / form.at(d).slope
    b = np.empty((DEGREE + 1, d.size), dtype=np.complex128)
    r = np.empty((DEGREE + 1, *inverse.shape), dtype=np.complex128)
    b[1] = rise
    r[1] = -inverse * (inverse * rise)
    for n in range(2, DEGREE + 1):
        mixed = (r[1:n] * b[n - 1 : 0 : -1, None]).sum(axis=0)
        b[n] = (ratio * mixed).sum(axis=0) * rise
        r[n] = -inverse * (inverse * b[n] + mixed)
    return b[1:]
