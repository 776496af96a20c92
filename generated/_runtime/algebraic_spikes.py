"""Outliers of planted spikes for an algebraic law: where G(x) = 1/theta outside the support."""

from __future__ import annotations

from typing import Any

import numpy as np

from .algebraic_law import AlgebraicLaw
from .branch import disc, newton
from .cells import Half

Array = np.ndarray[Any, Any]


def outliers(law: AlgebraicLaw, theta: Array) -> tuple[Array, Array]:
    """Place and squared overlap of a spike theta: G(place) = 1/theta outside the support, -1/(theta^2 G').

    Beyond the support's hull if the threshold is passed there; else in the gap nearest to that end, if any
    has a solution; NaN otherwise. theta = 0 and NaN give NaN.
    """
    theta = np.asarray(theta, dtype=float)
    place, overlap = np.full(theta.shape, np.nan), np.full(theta.shape, np.nan)
    with np.errstate(all="ignore"):
        wanted = 1.0 / theta
    beyond = np.flatnonzero(np.isfinite(wanted) & (wanted != 0))
    if not beyond.size:
        return place, overlap
    for sign in (1.0, -1.0):
        mine = beyond[np.sign(theta[beyond]) == sign]
        _far_outliers(law, sign, wanted, mine, place, overlap)
        order = [(k, side) for k in range(len(law.points)) for side in (0, 1)]
        for k, side in order[::-1] if sign > 0 else order:
            half = law.halves[k][side]
            open_ = mine[np.isnan(place[mine])]
            if half.band or not open_.size:
                continue
            _half_outliers(half, wanted, open_, place, overlap)
    return place, overlap


def _far_outliers(
    law: AlgebraicLaw, sign: float, wanted: Array, mine: Array, place: Array, overlap: Array
) -> None:
    """Solutions beyond the tables: zeta (1 + u(zeta)) = 1/theta by bisection in zeta."""
    end = law.middles[-1] if sign > 0 else law.middles[0]
    limit = law.outside.real_at(np.array([end]))[0]
    mine = mine[np.abs(wanted[mine]) < abs(limit)]
    if not mine.size:
        return
    low, high = np.zeros(mine.size), np.full(mine.size, sign * law.outside.zeta)
    for _ in range(80):
        middle = (low + high) / 2
        value = law.outside.real_at(law.outside.centre + 1.0 / middle)
        small = np.abs(value) < np.abs(wanted[mine])
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    u, _ = newton(law.far.b, (wanted[mine] / high - 1.0).astype(complex), high.astype(complex))
    slope = disc(law.far.b, u, high.astype(complex))[0]
    # G = zeta (1 + u) and dzeta/dz = -zeta^2, so -G^2 / (dG/dz) = (1 + u)^2 / (1 + u + zeta u').
    place[mine] = law.outside.centre + 1.0 / high
    overlap[mine] = ((1.0 + u) ** 2 / (1.0 + u + high * slope)).real


def _half_outliers(half: Half, wanted: Array, mine: Array, place: Array, overlap: Array) -> None:
    point = half.point
    ends = half.real_at(np.array([1e-300, half.reach]))
    chosen = mine[(wanted[mine] > ends.min()) & (wanted[mine] < ends.max())]
    if not chosen.size:
        return
    s = half.sign * half.inverse("real", wanted[chosen])
    g = wanted[chosen]
    b = point.chart.b
    u = point.chart.to_u(g.astype(complex), s)
    slope = disc(b, u, s.astype(complex))[0]
    derivative = -slope * g**2 if point.chart.inverse else slope
    place[chosen] = point.hi + (s + point.lo)
    overlap[chosen] = -(g**2 / derivative).real
