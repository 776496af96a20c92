"""The quantile function of a free Levy law.

In a band the curve w = u + i v of the law is a graph over u, and x = H(w) increases with u. The mass f(r)
between the nearer edge and the point over u at distance r from it is inverted, log f against log r, by a
bracketed Newton's method: log f is nearly linear in log r at an edge of whatever exponent. Next to a neck of
a band, or to a cusp, where the density may have a narrow peak or be infinite, distances are counted from
there (see `quantile_necks`). From that point, nine digits of the one wanted, a step with the mass in
double-double gives x; next to 0 inside a band it is counted from 0 (see `masses`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import DoubleDouble, where
from ..arithmetic.triple_double import ROUNDING, TripleDouble
from ..numerics.tables import evaluate
from .half_bands import by_angles, half_band, solved
from .masses import Complex, Origin, above_zero, at_centre, place
from .quantile_necks import NOTHING, beyond, counts, from_neck, less

if TYPE_CHECKING:
    from .law import Levy

# Masses below 2^TINY are inverted from larger ones.
TINY = -400
# A point is counted from 0 where that is nearer than its centre by this factor.
NEXT = 2.0**-20
# As many quantiles of one law are counted from edges at a time: working arrays stay below a MiB or two.
PIECE = 512
# What is left of two distances that cancel to this part, and masses this small, are rounding: x = 0.
LEAST = 2.0**-70
LAST = 2.0**-148
# Necks with |1 - Phi| below SHALLOW count as centres.
SHALLOW = 0.5


def quantile(law: Levy, q: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """The smallest x with cdf(x) >= q, (n,); NaN outside [0, 1].

    q = 0 and q = 1 give the ends of the support's hull, atoms included. At the level of a gap the result is
    the upper edge of the band on its left, within the jump of the atom the atom.
    """
    return _quantile(law, q, False, out)


def upper_quantile(law: Levy, q: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """The smallest x with sf(x) <= q, (n,): the quantile at 1 - q, without rounding 1 - q."""
    return _quantile(law, q, True, out)


def quantile_from_edge(law: Levy, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The quantile of q as the nearest edge and the signed distance from it, (n,) each; NaN outside [0, 1].

    An atom counts as an edge, and so do the ends q = 0 and q = 1: the distance is 0 there. So does a place
    inside a band where the density is infinite or has a peak.
    """
    return _from_edge(law, q, upper=False)


def upper_quantile_from_edge(law: Levy, q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same for the quantile at 1 - q, without rounding 1 - q."""
    return _from_edge(law, q, upper=True)


def _from_edge(law: Levy, q: FloatArray, upper: bool) -> tuple[FloatArray, FloatArray]:
    q = np.asarray(q, dtype=np.float64)
    edge, distance = np.empty_like(q), np.empty_like(q)
    for start in range(0, q.size, PIECE):
        some = slice(start, start + PIECE)
        laws = law if law.laws == 1 else law.take(np.arange(q.size)[some])
        _, edge[some], distance[some] = _inverse(laws, q[some], upper)
    return edge, distance


def _quantile(law: Levy, q: FloatArray, upper: bool, out: FloatArray | None) -> FloatArray:
    q = np.asarray(q, dtype=np.float64)
    name = "upper_quantiles" if upper else "quantiles"
    # the ends of the support are no reason to make a table
    wanted = law.frozen and (name in vars(law) or bool(((q > 0) & (q < 1)).any()))
    table = getattr(law, name) if wanted else None
    return evaluate(table, lambda some: exact_quantile(law, some, upper), q, out)


def exact_quantile(law: Levy, q: FloatArray, upper: bool) -> FloatArray:
    """The quantile of q, or of 1 - q if upper, (n,), point by point."""
    if law.laws > 1 or q.size <= PIECE:
        return _inverse(law, q, upper)[0]
    pieces = (q[start : start + PIECE] for start in range(0, q.size, PIECE))
    return np.concatenate([_inverse(law, piece, upper)[0] for piece in pieces])


def _inverse(law: Levy, q: FloatArray, upper: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The quantile, the nearest edge, and how far the one is from the other, (n,) each."""
    with np.errstate(all="ignore"):
        edges = edges_of(law)
        pick = np.zeros(q.size, dtype=np.intp) if law.laws == 1 else np.arange(q.size)
        atom = (law.atom_hi + law.atom_lo)[pick]
        low = np.fmin(edges.places[0][pick], atom)
        high = np.fmax(np.fmax.reduce(edges.places, axis=0)[pick], atom)

        # how many edges have a level under q: odd inside a band, else in a jump or at an edge
        exact = 1.0 - DoubleDouble(q) if upper else DoubleDouble(q)
        levels = (edges.above if upper else edges.levels)[:, pick]
        rest = less(levels, q).hi
        rest = np.where(np.abs(rest) > ROUNDING * np.abs(levels.hi), rest, 0.0)
        count = ((rest > 0) if upper else (rest < 0)).sum(axis=0)
        at_edge = np.take_along_axis(np.vstack([edges.places, edges.places[-1:]])[:, pick], count[None], 0)[0]
        result = np.where(count % 2 == 1, np.nan, atom)
        # the level of the edge `count` is q itself: its right end, if the edge is one, comes first
        last = np.minimum(count, rest.shape[0] - 1)
        hit = np.take_along_axis(rest, last[None], 0)[0] == 0
        result = np.where(hit & (count % 2 == 1), at_edge, result)
        inside = np.flatnonzero((count % 2 == 1) & ~hit & (q > 0) & (q < 1))
        edge, distance = np.full(q.shape, np.nan), np.zeros(q.shape)
        if inside.size:
            of, wanted = pick[inside], exact[inside]
            band = (count[inside] - 1) // 2
            found = _in_band(law, edges, wanted, band, of)
            result[inside] = (found.base + found.distance).to_float()
            edge[inside], distance[inside] = _nearest_edge(law, edges, found, band, of)
        result = np.where(q == float(upper), low, np.where(q == float(not upper), high, result))
        # an atom that rounding leaves no jump, or no band at all
        result = np.where(np.isnan(result), np.where(np.isnan(atom), at_edge, atom), result)
        result = np.where((q >= 0) & (q <= 1), np.clip(result, low, high), np.nan)
        # outside the bands the quantile is an edge, an atom or NaN
        edge = np.where(np.isnan(edge) | np.isnan(result), result, edge)
        return result, edge, np.where(np.isnan(result), np.nan, distance)


def _nearest_edge(law: Levy, edges: Edges, point: Point, band: Any, of: Any) -> tuple[FloatArray, FloatArray]:
    """The edge of its band that a point is nearest to, rounded, and the signed distance from the exact one.

    A place inside the band where w = 0 on the curve, or is small, counts as an edge: the density is infinite
    or has a peak there.
    """
    peak = DoubleDouble(law.place[of], law.place_lo[of])
    left, right = (DoubleDouble(edges.places[i, of], edges.place_lo[i, of]) for i in (2 * band, 2 * band + 1))
    inside = (law.defect[of] <= 0) & (law.defect[of] >= -SHALLOW) & (left < peak) & (peak < right)
    peak = where(inside, peak, left)
    # the base is mostly one of these: that difference vanishes exactly
    places = [left, right, peak]
    away = [(point.base - end) + point.distance for end in places]
    nearest = np.argmin([np.abs(distance.hi) for distance in away], axis=0)
    edge, distance = (np.choose(nearest, [value.to_float() for value in row]) for row in (places, away))
    return edge, distance


class Edges(NamedTuple):
    """Of every edge, (2k, L): its place, with the low part; distribution and survival function there."""

    places: FloatArray
    place_lo: FloatArray
    levels: TripleDouble
    above: TripleDouble


def edges_of(law: Levy) -> Edges:
    """All edges of the laws."""
    levels = law.gaps
    w = law.edge_w
    count = ((law.poles[:, None] < w) & law.active[:, None]).sum(axis=0)
    # the gap beside an edge at w = 0 lies at w <= 0 for a left edge and at w >= 0 for a right one
    right_end = (np.arange(w.shape[0]) % 2 == 1)[:, None]
    positive = (w > 0) | ((w == 0) & right_end)
    which = np.arange(law.laws)
    level = levels.below_right[count, which].where(positive, levels.left[count, which])
    above = levels.right[count, which].where(positive, levels.above_left[count, which])
    exists = ~np.isnan(w)
    return Edges(law.edges_hi, law.edges_lo, level.where(exists, np.inf), above.where(exists, -np.inf))


class _Place(NamedTuple):
    """Points near those of the curve: the centre they are counted from, w - u there, and the mass between."""

    centre: Any
    re: DoubleDouble
    im: FloatArray
    mass: DoubleDouble


class Point(NamedTuple):
    """Points of the axis as exact sums, and the density there."""

    base: DoubleDouble
    distance: DoubleDouble
    density: FloatArray


def in_bands(law: Levy, q: DoubleDouble) -> Point:
    """The points at levels q, (n,), inside the bands of a single law."""
    edges = edges_of(law)
    left = edges.levels[::2, 0]
    band = sum((less(left[i], q).hi < 0).astype(np.intp) for i in range(1, left.hi.size))
    return _in_band(law, edges, q, band + np.zeros(q.shape, dtype=np.intp), np.zeros(q.shape, dtype=np.intp))


def _in_band(law: Levy, edges: Edges, q: DoubleDouble, band: Any, of: Any) -> Point:
    """The points in the given bands of the given laws, q between their levels, counted from a centre or 0.

    Tiny masses are inverted from larger ones: next to an edge the mass is a power of the distance.
    """
    left, right = edges.levels[2 * band, of], edges.levels[2 * band + 1, of]
    width = (law.edge_w[2 * band + 1, of] - law.edge_w[2 * band, of]) + (
        law.edge_w_lo[2 * band + 1, of] - law.edge_w_lo[2 * band, of]
    )
    whole = (right - left).to_float()
    # from the edge that is nearer in w
    from_left, from_right = -less(left, q), less(right, q)
    middle = by_angles(half_band(law, 2 * band, of), 0.5 * width)
    # at w = 0 on the axis the angle of w is undefined; that far in, any share of the band will do
    half_mass = np.where(np.isnan(middle.density), 0.5 * whole, middle.mass)
    beyond = from_left.to_float() > half_mass
    edge = 2 * band + beyond
    half = half_band(law, edge, of)
    target = where(beyond, from_right, from_left)
    scale = np.where(beyond, whole - half_mass, half_mass)

    hard = law.edge_w[edge, of] == 0
    raised = np.maximum((TINY - np.frexp(target.hi)[1]) // np.where(hard, 1, 3), 0)
    up = np.where(hard, 1, 3) * raised
    target = DoubleDouble(np.ldexp(target.hi, up), np.ldexp(target.lo, up))

    r = 0.5 * width * np.cbrt(np.square(np.clip(target.hi / scale, 0.0, 1.0)))
    solved(lambda some, now: by_angles(half.take(some), now), target.to_float(), r, width)
    v = np.sqrt(half.form.height_squared(half.side * r))
    found = _Place(edge, DoubleDouble(half.side * r), v, target * half.side)
    found = _next_to_necks(law, q, of, found, raised > 0)
    origin = at_centre(law, found.centre, of)
    distance, d = place(origin, Complex(found.re, DoubleDouble(found.im)), found.mass)
    point = counted_from_zero(law, q, of, band, origin, distance, d)
    down = -2 * raised
    parts = point.distance.hi, point.distance.lo
    return point._replace(distance=DoubleDouble(*(np.ldexp(part, down) for part in parts)))


def counted_from_zero(
    law: Levy, q: DoubleDouble, of: Any, band: Any, origin: Origin, distance: DoubleDouble, d: Complex
) -> Point:
    """Points at the distance from their origins, w at d from there: those next to 0 counted from 0."""
    base, density = origin.x.re.copy(), _density(origin, d)
    inside = (law.edges_hi[2 * band, of] < 0) & (law.edges_hi[2 * band + 1, of] > 0)
    some = np.flatnonzero(inside & (np.abs((base + distance).hi) < NEXT * np.abs(distance.hi)))
    if some.size:
        base[some] = DoubleDouble(np.zeros(some.size))
        distance = distance.copy()
        found = _next_to_zero(law, q[some], of[some], origin.take(some), d.take(some))
        distance[some], density[some] = found
    return Point(base, distance, density)


def _density(origin: Origin, d: Complex) -> FloatArray:
    w = origin.w.plus(d).rounded()
    return np.asarray(w.imag / np.abs(w) / np.abs(w) / np.pi)


def _next_to_zero(
    law: Levy, q: DoubleDouble, of: Any, origin: Origin, d: Complex
) -> tuple[DoubleDouble, FloatArray]:
    """x next to 0 inside a band; points next to it lie at d from their origins."""
    if law.laws == 1:
        zero, level = law.zero
        back = of
    else:
        laws, back = np.unique(of, return_inverse=True)
        zero, level = above_zero(law, laws)
    zero, parts = zero.take(back), [part[back] for part in level]
    mass = ((q - parts[0]) - parts[1]) - parts[2]
    x, d = place(zero, origin.w.plus(d).minus(zero.w), mass)
    total = zero.x.re + x
    w = zero.w.rounded()
    rounding = LEAST * np.abs(x.hi) + LAST * np.abs(parts[0]) * np.square(np.abs(w)) / w.imag
    return where(np.abs(total.hi) < rounding, 0.0, total), _density(zero, d)


def _next_to_necks(law: Levy, q: DoubleDouble, of: Any, found: _Place, raised: Any) -> _Place:
    """The same points, those better that lie nearer to a neck or cusp inside their band than to an edge."""
    centres, edges = law.centres, law.edge_w.shape[0]
    slope, w = centres.slope[edges:], centres.w[edges:]
    is_edge = (law.edge_w[:, None] == w).any(axis=0)
    usable = np.isfinite(w) & (slope <= NOTHING) & (slope >= -SHALLOW) & ~is_edge
    if not usable.any():
        return found
    away = np.abs(found.re.hi)
    u = centres.w[found.centre, of] + (found.re.hi + centres.w_lo[found.centre, of])
    apart = np.where(usable[:, of], np.abs(w[:, of] - u), np.inf)
    nearest = apart.argmin(axis=0)
    some = np.flatnonzero((apart[nearest, np.arange(nearest.size)] < away) & ~raised)
    if some.size == 0:
        return found
    q, of, centre, edge = q[some], of[some], edges + nearest[some], found.centre[some]
    re, v = from_neck(law, q, of, centre, np.abs(u[some] - centres.w[centre, of]), away[some])
    # masses are counted from the neck where they can be, else from the edge
    good = counts(law, centre, of)
    at = DoubleDouble(centres.w[centre, of], centres.w_lo[centre, of])
    shift = at - DoubleDouble(centres.w[edge, of], centres.w_lo[edge, of])
    result = _Place(found.centre.copy(), found.re.copy(), found.im.copy(), found.mass.copy())
    result.centre[some] = np.where(good, centre, edge)
    result.re[some] = where(good, re, shift + re)
    result.im[some] = v
    result.mass[some] = where(good, beyond(law, q, of, centre), found.mass[some])
    return result
