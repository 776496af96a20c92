"""The quantile function of a free Levy law.

In a band the mass f(d) between the nearer edge (nearer in mass) and the point at distance d from it is
inverted, log f against log d, by a bracketed Newton's method: log f is nearly linear in log d at an edge of
whatever exponent. Both d and f are relatively accurate at the edge, so the result is too.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .angles import angles, mass_above_level
from .arguments import FloatArray
from .curve import invert
from .distribution import gap_levels
from .double_double import DoubleDouble, where
from .levy import Levy

STEPS = 100


def quantile(law: Levy, q: FloatArray) -> FloatArray:
    """The smallest x with cdf(x) >= q, (n,); NaN outside [0, 1].

    q = 0 and q = 1 give the ends of the support's hull, atoms included. At the level of a gap the result is
    the upper edge of the band on its left, within the jump of the atom the atom.
    """
    q = np.asarray(q, dtype=np.float64)
    with np.errstate(all="ignore"):
        edges = _edges(law)
        pick = np.zeros(q.size, dtype=np.intp) if law.laws == 1 else np.arange(q.size)
        atom = (law.atom_hi + law.atom_lo)[pick]
        low = np.fmin(edges.places[0][pick], atom)
        high = np.fmax(np.fmax.reduce(edges.places, axis=0)[pick], atom)

        # how many edges have a level under q: odd inside a band, else in a jump or at an edge
        levels = edges.levels.to_float()[:, pick]
        count = (levels < q).sum(axis=0)
        before = np.maximum(count - 1, 0)
        at_edge = np.take_along_axis(np.vstack([edges.places, edges.places[-1:]])[:, pick], count[None], 0)[0]
        result = np.where(count % 2 == 1, np.nan, atom)
        # the level of the edge `count` is q itself: its right end, if the edge is one, comes first
        last = np.minimum(count, levels.shape[0] - 1)
        hit = np.take_along_axis(levels, last[None], 0)[0] == q
        result = np.where(hit & (count % 2 == 1), at_edge, result)
        inside = np.flatnonzero((count % 2 == 1) & ~hit & (q > 0) & (q < 1))
        if inside.size:
            laws = law if law.laws == 1 else law.take(inside)
            result[inside] = _in_band(laws, edges.take(pick[inside]), q[inside], before[inside] // 2)
        result = np.where(q == 0, low, np.where(q == 1, high, result))
        # an atom that rounding leaves no jump, or no band at all
        result = np.where(np.isnan(result), np.where(np.isnan(atom), at_edge, atom), result)
        return np.where((q >= 0) & (q <= 1), np.clip(result, low, high), np.nan)


class Edges(NamedTuple):
    """Of every edge: places (2k, L), hi and lo; the distribution function there; poles on the left of w."""

    places: FloatArray
    place_lo: FloatArray
    levels: DoubleDouble
    w: FloatArray

    def take(self, index: Any) -> Edges:
        """The edges of some laws."""
        return Edges(self.places[:, index], self.place_lo[:, index], self.levels[:, index], self.w[:, index])


def _edges(law: Levy) -> Edges:
    levels = gap_levels(law)
    w = law.edge_w
    count = ((law.poles[:, None] < w) & law.active[:, None]).sum(axis=0)
    # the gap beside an edge at w = 0 lies at w <= 0 for a left edge and at w >= 0 for a right one
    right_end = (np.arange(w.shape[0]) % 2 == 1)[:, None]
    positive = (w > 0) | ((w == 0) & right_end)
    which = np.arange(law.laws)
    level = where(positive, levels.below_right[count, which], levels.left[count, which])
    return Edges(law.edges_hi, law.edges_lo, where(np.isnan(w), np.inf, level), w)


def _in_band(law: Levy, edges: Edges, q: FloatArray, band: Any) -> FloatArray:
    """x in the given band, strictly between its levels; edges are those of every point."""
    points = np.arange(q.size)
    from_left = (q - edges.levels[2 * band, points]).to_float()
    from_right = (edges.levels[2 * band + 1, points] - q).to_float()
    right = from_right < from_left
    edge = 2 * band + right
    mass = np.where(right, from_right, from_left)
    hi, lo, w = edges.places[edge, points], edges.place_lo[edge, points], edges.w[edge, points]
    other = 4 * band + 1 - edge
    width = np.abs((edges.places[other, points] - hi) + (edges.place_lo[other, points] - lo))
    reflected = (w > 0) | ((w == 0) & right)
    side = np.where(right, -1.0, 1.0)

    low, high = np.zeros(q.size), width.copy()
    whole = from_left + from_right
    d = 0.5 * width * np.cbrt(np.square(np.clip(2.0 * mass / whole, 0.0, 1.0)))
    active = np.flatnonzero((mass > 0) & (d > 0))
    for _ in range(STEPS):
        if active.size == 0:
            break
        laws = law if law.laws == 1 else law.take(active)
        now = d[active]
        found, density = _mass_from_edge(
            laws, hi[active], lo[active], w[active], side[active] * now, reflected[active]
        )
        found = side[active] * found
        target = mass[active]
        under = found < target
        low[active] = np.where(under, now, low[active])
        high[active] = np.where(under, high[active], now)
        # Newton's method for log f as a function of log d
        step = -np.log(found / target) * found / (now * density)
        tried = now * np.exp(np.clip(step, -60.0, 60.0))
        a, b = low[active], high[active]
        middle = np.where(a > 0, np.sqrt(a) * np.sqrt(b), np.minimum(0.03 * b, 0.5 * now))
        tried = np.where((tried > a) & (tried < b), tried, middle)
        done = (np.abs(tried - now) <= 2.0**-54 * np.abs(hi[active] + side[active] * now)) | (
            np.abs(tried - now) <= 2.0**-51 * now
        )
        d[active] = tried
        active = active[~done]
    return hi + (lo + side * d)


def _mass_from_edge(
    law: Levy, hi: FloatArray, lo: FloatArray, w: FloatArray, d: FloatArray, reflected: Any
) -> tuple[FloatArray, FloatArray]:
    """Distribution function at edge + d less its level at the edge, and the density; (n,) each."""
    moved = hi + d
    curve = invert(law, moved, ((hi - moved) + d) + lo)
    mass = np.empty(d.shape)
    for flip in (False, True):
        index = np.flatnonzero(reflected == flip)
        if index.size == 0:
            continue
        some = law if law.laws == 1 else law.take(index)
        on_left = (some.poles < w[index]) & some.active
        u, v, offsets = curve.u[index], curve.v[index], curve.offsets[:, index]
        now = angles(u, v, offsets, some.poles, some.weights, some.rates, flip)
        above = mass_above_level(now, ~on_left if flip else on_left)
        mass[index] = -above if flip else above
    size = np.hypot(curve.u, curve.v)
    return mass, curve.v / size / size / np.pi
