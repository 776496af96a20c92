"""Edges of the bands, and expansions of H around them that lose no digits.

For any centre u and w = u + d, with q_j = u - p_j,

    H(w) - H(u) = d (A + d (B - d T(d))),     A = 1 - Phi(u),  B = sum c_j / q_j^3,
    T(d) = sum_j c_j / (q_j^3 (q_j + d)),

exactly. At an edge A = 0, where Phi is stationary (a neck, closing in a cusp) B = 0: with A and B from
double-double both are as good as that says. Terms of poles far from 0 on the scale of w are written

    c_j / (w - p_j) = -c_j / p_j - lambda_j w + lambda_j t_j w,      c_j / (w - p_j)^2 = lambda_j (1 - t_j)^2,

with t_j = w / (w - p_j), and the sums m - sum c_j / p_j and 1 - sum lambda_j over them taken first. They
often vanish (an atom at 0, a hard edge), and then x, w and 1 - Phi keep their relative accuracy next to 0.

Edges are the simple real solutions of Phi(u) = 1. Phi(p_j +- r)^(-1/2) is concave in r between two poles
and on the outer rays (a mean of exponent -2 of linear functions), and at most 1 at r = sqrt(c_j):
Newton's method from there is monotone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from . import double_double as dd
from .arguments import FloatArray
from .bracket import increasing_root
from .double_double import DoubleDouble

# A neck with |1 - Phi| below this is a cusp: its gap would be narrower than double-double resolves.
CUSP = 2.0**-90
# A sum below this part of its terms is rounding.
ROUNDING = 2.0**-98
# Necks with Phi above this lie too deep in a band to be of use.
DEEP = 1.5


class Coefficients(NamedTuple):
    """The coefficients of L laws in double-double, poles in order (see `levy.Levy`).

    gaussian: (L,), whether there is a Wigner part; defect: 1 - sum of rates; place: H(0).
    """

    mean: DoubleDouble
    poles: DoubleDouble
    weights: DoubleDouble
    rates: DoubleDouble
    active: Any
    gaussian: Any
    defect: DoubleDouble
    place: DoubleDouble


@dataclass(frozen=True)
class Centres:
    """Expansions of H at C centres u of each of L laws; NaN in `x` where a law has fewer.

    w, x: u and H(u), (C, L). slope: 1 - Phi(u), (C, L). bend: sum c_j / q_j^3, (C, L). offset: q_j = u - p_j,
    (k, C, L). Each with its low part.
    """

    w: FloatArray
    w_lo: FloatArray
    x: FloatArray
    x_lo: FloatArray
    slope: FloatArray
    slope_lo: FloatArray
    bend: FloatArray
    bend_lo: FloatArray
    offset: FloatArray
    offset_lo: FloatArray

    def take(self, index: Any) -> Centres:
        """The centres of some laws."""
        return Centres(*(getattr(self, field.name)[..., index] for field in fields(self)))


def edges_and_centres(law: Coefficients) -> tuple[DoubleDouble, DoubleDouble, Centres]:
    """Edges (2k, L), ascending with NaN last; the points w there; all centres, edges first."""
    k, laws = law.poles.shape
    neck, neck_slope, spread = _necks(law)
    is_gap = law.active[1:] & (neck_slope.hi > CUSP)
    rows, missing = [], []
    for j in range(k):
        for sign in (-1, 1):
            i = j if sign > 0 else j - 1  # the interval between poles i and i + 1
            inner = 0 <= i < k - 1
            last = ~law.active[j + 1] if j + 1 < k else np.ones(laws, dtype=bool)
            exists = law.active[j] & (is_gap[i] if inner else True)
            start = law.poles[j] + sign * _edge_distance(law, j, sign, exists | (law.active[j] & last))
            if inner:
                # close to a cusp: Phi = 1 at h from the neck, 1 - Phi(u + d) = A - 3 sum c_j / q_j^4 d^2
                h = np.sqrt(neck_slope.hi[i] / (3.0 * spread.hi[i]))
                near_cusp = is_gap[i] & (h < 1e-3 * np.abs((neck[i] - law.poles[j]).hi))
                start = dd.where(near_cusp, neck[i] - sign * h, start)
                if sign > 0:
                    exists = exists | (law.active[j] & last)
            rows.append(start)
            missing.append(~exists)
    u = dd.stack(rows, (laws,))
    absent = np.array(missing)
    u = _polished(law, u)
    # a solution at 0 itself is known: there Phi = 1 exactly
    shortest = np.where(law.active, np.abs(law.poles.hi), np.inf).min(axis=0)
    at_zero = ~law.gaussian & (law.defect.hi == 0) & (np.abs(u.hi) <= CUSP * shortest)
    u = dd.where(at_zero, 0.0, u)
    u = dd.where(absent, np.nan, u)
    order = np.argsort(absent, axis=0, kind="stable")
    u = dd.take_along_axis(u, order, 0)

    used = law.active[1:] & (neck_slope.hi > 1.0 - DEEP)
    zero = dd.where(law.gaussian | (law.defect.hi < 0), np.nan, DoubleDouble(np.zeros(laws)))
    every = [u[i] for i in range(2 * k)]
    every += [dd.where(used[i], neck[i], np.nan) for i in range(k - 1)]
    every.append(zero)
    w = dd.stack(every, (laws,))
    q, x, slope = expansion(law, w)
    slope = dd.where(np.abs(slope.hi) <= CUSP, 0.0, slope)
    bend = dd.total(law.weights[:, None] / q**3)
    centres = Centres(w.hi, w.lo, x.hi, x.lo, slope.hi, slope.lo, bend.hi, bend.lo, q.hi, q.lo)
    return x[: 2 * k], u, centres


def expansion(law: Coefficients, u: DoubleDouble) -> tuple[DoubleDouble, DoubleDouble, DoubleDouble]:
    """u - p_j (k, C, L), H(u) and 1 - Phi(u) at points u (C, L)."""
    big = law.active[:, None] & (np.abs(law.poles.hi)[:, None] > 2.0 * np.abs(u.hi))
    place, defect = _around_zero(law, big)
    q = u - law.poles[:, None]
    pulls = law.weights[:, None] / q
    t = u / q
    rates = law.rates[:, None] * t
    x = place + u * defect + dd.total(dd.where(big, u * rates, pulls))
    slope = defect + dd.total(dd.where(big, rates * (2.0 - t), -(pulls / q)))
    return q, x, slope


def _around_zero(law: Coefficients, big: Any) -> tuple[DoubleDouble, DoubleDouble]:
    """m - sum c_j / p_j and 1 - sum lambda_j over the big poles, (C, L)."""
    whole = big.sum(axis=0) == law.active.sum(axis=0)
    terms = dd.where(law.poles.hi == 0, 0.0, -(law.weights / dd.where(law.poles.hi == 0, 1.0, law.poles)))
    place = law.mean + dd.total(dd.where(big, terms[:, None], 0.0))
    place = snapped(place, np.abs(law.mean.hi) + np.abs(np.where(big, terms.hi[:, None], 0.0)).sum(axis=0))
    rates = dd.where(big, law.rates[:, None], 0.0)
    defect = snapped(1.0 - dd.total(rates), 1.0 + rates.hi.sum(axis=0))
    return dd.where(whole, law.place, place), dd.where(whole, law.defect, defect)


def snapped(value: DoubleDouble, size: Any) -> DoubleDouble:
    """0 where the value is rounding of terms of that size."""
    return dd.where(np.abs(value.hi) <= ROUNDING * size, 0.0, value)


def _polished(law: Coefficients, u: DoubleDouble) -> DoubleDouble:
    """Solutions of Phi = 1, by Newton's method in double-double."""
    for _ in range(5):
        q, _, slope = expansion(law, u)
        u = u - slope / (2.0 * (law.weights.hi[:, None] / q.hi**3).sum(axis=0))
    return u


def _edge_distance(law: Coefficients, j: int, sign: int, wanted: Any) -> FloatArray:
    """r > 0 with Phi(p_j + sign r) = 1, the nearest to the pole, (L,); 0 where not wanted."""
    apart = (law.poles[j] - law.poles).hi
    c = law.weights.hi
    r = np.sqrt(c[j])
    active = np.flatnonzero(wanted)
    for _ in range(200):
        if active.size == 0:
            break
        q = apart[:, active] + sign * r[active]
        pull = c[:, active] / (q * q)
        phi = pull.sum(axis=0)
        step = phi * (np.sqrt(phi) - 1.0) / (sign * (pull / q).sum(axis=0))
        r[active] += step
        active = active[step > 4e-16 * r[active]]
    return np.where(wanted, r, 0.0)


def _necks(law: Coefficients) -> tuple[DoubleDouble, DoubleDouble, DoubleDouble]:
    """Where Phi is least between neighbouring poles, 1 - Phi and sum c_j / q_j^4 there, each (k - 1, L)."""
    k, laws = law.poles.shape
    found = []
    for i in range(k - 1):
        # sum c_j / (u - p_j)^3 = 0, in the distance r from the pole of smaller weight
        left = law.weights.hi[i] <= law.weights.hi[i + 1]
        sign = np.where(left, 1.0, -1.0)
        anchor = dd.where(left, law.poles[i], law.poles[i + 1])
        apart = (anchor - law.poles).hi
        width = (law.poles[i + 1] - law.poles[i]).hi
        c = law.weights.hi
        ratio = np.cbrt(np.minimum(c[i], c[i + 1]) / np.maximum(c[i], c[i + 1]))
        r = np.full(laws, np.nan)
        index = np.flatnonzero(law.active[i + 1])

        def falling(
            r: FloatArray, at: Any, apart: FloatArray = apart[:, index], sign: FloatArray = sign[index],
            c: FloatArray = c[:, index],
        ) -> tuple[FloatArray, FloatArray, Any]:  # fmt: skip
            q = apart[:, at] + sign[at] * r
            third = c[:, at] / q**3
            step_scale = 3.0 * (third / q).sum(axis=0)
            value = -sign[at] * third.sum(axis=0)
            return value, step_scale, np.abs(value) <= 1e-16 * r * step_scale

        start = (width * ratio / (1.0 + ratio))[index]
        r[index] = increasing_root(falling, np.zeros(index.size), width[index], start)
        u = anchor + sign * r
        q = u - law.poles
        third = law.weights / q**3
        found.append(u + dd.total(third) / (3.0 * dd.total(third / q)))
    if not found:
        empty = DoubleDouble(np.empty((0, laws)))
        return empty, empty, empty
    u = dd.stack(found, (laws,))
    # any point near the minimum serves; 0 itself, where H and Phi are known best, is preferred
    shortest = np.where(law.active, np.abs(law.poles.hi), np.inf).min(axis=0)
    u = dd.where(~law.gaussian & (np.abs(u.hi) <= CUSP * shortest), 0.0, u)
    q, _, slope = expansion(law, u)
    return u, slope, dd.total(law.weights[:, None] / q**4)
