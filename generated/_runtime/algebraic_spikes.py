"""Outliers of planted spikes for an algebraic law: where G, or z G - 1, is 1/theta outside the support."""

from __future__ import annotations

from typing import Any

import numpy as np

from .algebraic_law import AlgebraicLaw
from .branch import disc
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
        for half in _gaps(law, sign):
            _half_outliers(half, wanted, mine[np.isnan(place[mine])], place, overlap)
    return place, overlap


def multiplicative_outliers(law: AlgebraicLaw, theta: Array) -> tuple[Array, Array]:
    """Place and squared overlap of the multiplicative spike theta of a law on [0, oo).

    T(place) = z G - 1 = 1/theta outside the support, overlap -(1 + theta) / (theta^2 z T'); T falls wherever
    it is real. Of several places the one as `outliers` chooses; NaN for theta <= -1 too.
    """
    theta = np.asarray(theta, dtype=float)
    place, overlap = np.full(theta.shape, np.nan), np.full(theta.shape, np.nan)
    with np.errstate(all="ignore"):
        wanted = 1.0 / theta
    inside = np.flatnonzero((theta > -1) & np.isfinite(wanted) & (wanted != 0))
    for sign in (1.0, -1.0):
        mine = inside[np.sign(theta[inside]) == sign]
        _far_moments(law, sign, theta, mine, place, overlap)
        for half in _gaps(law, sign):
            _half_moments(half, theta, mine[np.isnan(place[mine])], place, overlap)
    merged = ~(overlap > 0)  # at the threshold, as rounding has it
    return np.where(merged, np.nan, place), np.where(merged, np.nan, overlap)


def _gaps(law: AlgebraicLaw, sign: float) -> list[Half]:
    """The halves outside the bands, from the end of the support on the side of the sign."""
    halves = [half for pair in law.halves for half in pair]
    return [half for half in (halves[::-1] if sign > 0 else halves) if not half.band]


def _far_moments(
    law: AlgebraicLaw, sign: float, theta: Array, mine: Array, place: Array, overlap: Array
) -> None:
    """Solutions beyond the tables, by bisection in zeta = 1/(z - centre)."""
    far = law.outside
    end = np.array([sign * far.zeta])
    mine = mine[np.abs(1.0 / theta[mine]) < np.abs(far.moments_at(end)[0][0])]
    if not mine.size:
        return
    wanted = 1.0 / theta[mine]
    low, high = np.zeros(mine.size), np.full(mine.size, sign * far.zeta)
    for _ in range(80):
        middle = (low + high) / 2
        small = np.abs(far.moments_at(middle)[0]) < np.abs(wanted)
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    value, slope = far.moments_at(high)
    zeta = high - (value - wanted) / slope
    place[mine] = far.centre + 1.0 / zeta
    # dT/dz = -zeta^2 dT/dzeta, and z zeta = 1 + centre zeta
    overlap[mine] = (1.0 + wanted) * wanted / (zeta * (1.0 + far.centre * zeta) * far.moments_at(zeta)[1])


def _half_moments(half: Half, theta: Array, mine: Array, place: Array, overlap: Array) -> None:
    point = half.point

    def moments(sigma: Array) -> tuple[Array, Array]:
        s = half.sign * sigma**half.p
        z = point.hi + (s + point.lo)
        return z * half.real_at(np.abs(s)) - 1.0, z

    value, _ = moments(np.array([1e-300 ** (1 / half.p), half.edges[-1]]))
    wanted = 1.0 / theta[mine]
    chosen = (wanted > value.min()) & (wanted < value.max())
    mine, wanted = mine[chosen], wanted[chosen]
    if not mine.size:
        return
    low, high = np.zeros(mine.size), np.full(mine.size, half.edges[-1])
    for _ in range(64):
        middle = (low + high) / 2
        beyond = half.sign * (moments(middle)[0] - wanted) < 0
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    z = moments(high)[1]
    s = half.sign * high**half.p
    g = (1.0 + wanted) / z
    derivative = _derivative(half, s, g)
    place[mine] = z
    overlap[mine] = -(1.0 + wanted) * wanted / (z * (g + z * derivative))


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
    v, slope = law.far.refined(wanted[mine].astype(complex), high.astype(complex))
    # G = zeta (1 + v) and dzeta/dz = -zeta^2, so -G^2 / (dG/dz) = (1 + v)^2 / (1 + v + zeta v').
    place[mine] = law.outside.centre + 1.0 / high
    overlap[mine] = ((1.0 + v) ** 2 / (1.0 + v + high * slope)).real


def _half_outliers(half: Half, wanted: Array, mine: Array, place: Array, overlap: Array) -> None:
    point = half.point
    if not mine.size:
        return
    ends = half.real_at(np.array([1e-300, half.reach]))
    chosen = mine[(wanted[mine] > ends.min()) & (wanted[mine] < ends.max())]
    if not chosen.size:
        return
    s = half.sign * half.inverse("real", wanted[chosen])
    g = wanted[chosen]
    place[chosen] = point.hi + (s + point.lo)
    overlap[chosen] = -(g**2) / _derivative(half, s, g)


def _derivative(half: Half, s: Array, g: Array) -> Array:
    """dG/dz where G = g at s from the point."""
    chart = half.point.chart
    slope = disc(chart.b, chart.to_u(g.astype(complex), s), s.astype(complex))[0].real
    part = g - chart.residue / s if chart.residue else g
    found: Array = -slope * part**2 if chart.inverse else slope
    return found - chart.residue / s**2 if chart.residue else found
