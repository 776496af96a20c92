"""The curve w(x) = 1 / G(x + i0) over the real axis.

Inside a band the root w = u + i v of H(w) = x with v > 0 is the only one in the upper half-plane; elsewhere w
is the only real root between the edges on both sides of x, and H increases there. Hence a result is right
as soon as it is a root where it should be. Stages, for points one law each or all of one law:

1. where x lies among the edges; the nearest centre, around which all else is done (`centres`);
2. in a band: Newton's method in the upper half-plane from the leading terms of the expansion; where that
   fails, over each u the height v with sum c_j / |w - p_j|^2 = 1 is unique, and Re H then increases
   with u from edge to edge: a bracketed solve in u; elsewhere: a bracketed solve on the real axis;
3. where the rounding error of this could be seen in v, w or w - p_j: Newton's method in double-double.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import DoubleDouble
from ..numerics.bracket import increasing_root
from .local_form import NOTHING, ExactForm, LocalForm

if TYPE_CHECKING:
    from .law import Levy

UNIT = 2.0**-53
# Estimated relative error beyond which a point is repaired.
TOLERANCE = 2.0**-47
# Newton's method in a band has found its root when a step is below this part of v: the next would be below
# its square. It is given so many steps.
SMALL_STEP = 2.0**-26
NEWTON_STEPS = 14
# An x this near an edge is the edge.
AT_EDGE = 2.0**-98


@dataclass(frozen=True)
class Curve:
    """w = u + i v at n points.

    u, v: (n,); v > 0 inside a band, 0 outside, at edges, and at a cusp.
    offsets: u - p_j, (k, n). band: (n,) number of the band that x lies inside, or -1. gap: (n,) how many
    bands lie wholly to the left of x.
    """

    u: FloatArray
    v: FloatArray
    offsets: FloatArray
    band: Any
    gap: Any


def invert(law: Levy, x_hi: FloatArray, x_lo: FloatArray | None = None) -> Curve:
    """w at real points x = x_hi + x_lo, (n,), of one law or of n laws.

    NaN gives NaN, infinite x infinite u.
    """
    x = np.asarray(x_hi, dtype=np.float64)
    low = np.zeros_like(x) if x_lo is None else np.asarray(x_lo, dtype=np.float64)
    with np.errstate(all="ignore"):
        finite = np.isfinite(x)
        if finite.all():
            return _finite(law, x, low)
        inner = _finite(law if law.laws == 1 else law.take(finite), x[finite], low[finite])
        k, n = law.poles.shape[0], x.size
        u, v, offsets = x.copy(), np.where(np.isnan(x), np.nan, 0.0), np.tile(x, (k, 1))
        band = np.full(n, -1)
        gap = np.where(x > 0, np.isfinite(law.edges_hi).sum(axis=0) // 2, 0)
        u[finite], v[finite], offsets[:, finite] = inner.u, inner.v, inner.offsets
        band[finite], gap[finite] = inner.band, inner.gap
        return Curve(u, v, offsets, band, gap)


def _finite(law: Levy, x: FloatArray, low: FloatArray) -> Curve:
    k, n = law.poles.shape[0], x.size
    centres = law.centres
    which = np.zeros(n, dtype=np.intp) if law.laws == 1 else np.arange(n)

    # 1. place among the edges, nearest centre
    distance = (x - centres.x) + (low - centres.x_lo)
    edges = distance[: 2 * k]
    edges[np.abs(edges) <= AT_EDGE * np.abs(centres.x[: 2 * k])] = 0.0
    at_edge = (edges == 0).any(axis=0)
    inside = ((edges > 0).sum(axis=0) % 2 == 1) & ~at_edge
    gap = (edges >= 0).sum(axis=0) // 2
    centre = np.argmin(np.where(np.isnan(distance), np.inf, np.abs(distance)), axis=0)

    y = distance[centre, np.arange(n)]
    form = LocalForm(
        y=y,
        c=law.weights[:, which],
        q=centres.offset[:, centre, which],
        a=centres.slope[centre, which],
        b=centres.bend[centre, which],
    )
    w, w_lo = centres.w[centre, which], centres.w_lo[centre, which]

    def from_centre(edge: Any) -> FloatArray:
        edge = np.clip(edge, 0, 2 * k - 1)
        return (law.edge_w[edge, which] - w) + (law.edge_w_lo[edge, which] - w_lo)

    # 2. d = w - centre
    d, v = np.zeros(n), np.zeros(n)
    moving = (y != 0) | (form.a < 0)  # the others are their centres: edges, cusps, the atom
    leading = inside & (np.abs(y) <= NOTHING) & (form.a == 0) & moving
    todo = np.flatnonzero(leading)
    if todo.size:
        start = form.take(todo).start()
        d[todo], v[todo] = start.real, start.imag
    todo = np.flatnonzero(inside & moving & ~leading)
    if todo.size:
        left, right = from_centre(2 * gap)[todo], from_centre(2 * gap + 1)[todo]
        d[todo], v[todo] = _in_band(form.take(todo), left, right)
    todo = np.flatnonzero(~inside & moving)
    if todo.size:
        direct = (x - law.mean[which]) - w
        bands = np.isfinite(law.edges_hi).sum(axis=0)[which] // 2
        # on the outer rays H(u) - u - m has the sign of u - p
        left = np.where(gap > 0, from_centre(2 * gap - 1), direct)[todo]
        right = np.where(gap < bands, from_centre(2 * gap), direct)[todo]
        d[todo] = _outside(form.take(todo), left, right)

    # 3. rounding errors that would be seen
    u = w + (d + w_lo)
    offsets = form.q + d
    delta = d + 1j * v
    value = form.at(delta)
    error = 4 * UNIT * value.size / np.abs(value.slope) + np.abs(value.residual / value.slope)
    seen = error / np.where(inside, v, np.abs(d))
    seen = np.maximum(seen, (UNIT * np.abs(w) + error) / np.hypot(u, v))
    seen = np.maximum(seen, ((UNIT * np.abs(form.q) + error) / np.hypot(offsets, v)).max(axis=0))
    bad = np.flatnonzero(~(seen <= TOLERANCE) & moving & ~leading)
    if bad.size:
        u[bad], v[bad], offsets[:, bad] = _repaired(law, x, low, centre, which, d, v, bad)
    return Curve(u, v, offsets, np.where(inside, gap, -1), gap)


def _in_band(form: LocalForm, left: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
    """d and v inside a band whose ends lie at d = left and right."""
    delta, done = _newton(form, form.start())
    rest = np.flatnonzero(~done)
    if rest.size:
        some = form.take(rest)
        delta[rest], _ = _newton(some, _bracketed(some, left[rest], right[rest]))
    return delta.real, delta.imag


def _newton(form: LocalForm, delta: Any) -> tuple[Any, Any]:
    """Newton's method in the upper half-plane; what converges there has found the root."""
    active = np.arange(delta.size)
    done = np.zeros(delta.size, dtype=bool)
    for _ in range(NEWTON_STEPS):
        now = delta[active]
        value = form.at(now)
        step = value.residual / value.slope
        small = np.abs(step) <= SMALL_STEP * now.imag
        following = now - step
        following.imag = np.maximum(following.imag, 0.1 * now.imag)
        delta[active] = following
        if small.any():
            done[active[small]] = True
            active = active[~small]
            if not active.size:
                break
            form = form.take(~small)
    return delta, done


def _bracketed(form: LocalForm, left: FloatArray, right: FloatArray) -> Any:
    """d + i v to a few digits, by a bracketed solve in u with the height over it."""
    height = np.zeros_like(left)

    def real_part(d: FloatArray, index: Any) -> tuple[FloatArray, FloatArray, Any]:
        here = form.take(index)
        v = np.sqrt(here.height_squared(d))
        height[index] = v
        value = here.at(d + 1j * v)
        step = value.residual / value.slope
        return value.residual.real, 1.0 / (1.0 / value.slope).real, np.abs(step) <= 1e-3 * v

    d = increasing_root(real_part, left, right, left + 0.5 * (right - left))
    return d + 1j * height


def _outside(form: LocalForm, left: FloatArray, right: FloatArray) -> FloatArray:
    """Real d between two edges."""

    def real(d: FloatArray, index: Any) -> tuple[FloatArray, FloatArray, Any]:
        value = form.take(index).at(d)
        # to the last bit of d, or what rounding leaves of the residual
        least = UNIT * np.fmax(np.abs(value.slope * d), 2.0 * value.size)
        return value.residual, value.slope, np.abs(value.residual) <= least

    low, high = np.minimum(left, right), np.maximum(left, right)
    start = form.real_start()
    start = np.where((start > low) & (start < high), start, low + 0.5 * (high - low))
    return increasing_root(real, low, high, start)


def _repaired(
    law: Levy, x: FloatArray, low: FloatArray, centre: Any, which: Any, d: FloatArray, v: FloatArray, bad: Any
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """u, v and u - p_j at the points `bad`, by Newton's method in double-double."""
    at, of, centres = centre[bad], which[bad], law.centres
    exact = ExactForm(
        y=DoubleDouble(x[bad], low[bad]) - DoubleDouble(centres.x[at, of], centres.x_lo[at, of]),
        c=DoubleDouble(law.weights[:, of], law.weight_lo[:, of]),
        q=DoubleDouble(centres.offset[:, at, of], centres.offset_lo[:, at, of]),
        a=DoubleDouble(centres.slope[at, of], centres.slope_lo[at, of]),
    )
    form = LocalForm(exact.y.hi, exact.c.hi, exact.q.hi, exact.a.hi, centres.bend[at, of])
    re, im = DoubleDouble(d[bad]), DoubleDouble(v[bad])
    for _ in range(4):
        slope = form.at(re.hi + 1j * im.hi).slope
        residual_re, residual_im = exact.residual(re, im)
        step = (residual_re + 1j * residual_im) / slope
        step = np.where(np.isfinite(step), step, 0.0)
        re, im = re - step.real, im - step.imag
    u = DoubleDouble(centres.w[at, of], centres.w_lo[at, of]) + re
    return u.to_float(), im.to_float(), (exact.q + re).to_float()
