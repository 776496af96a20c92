"""Outliers of planted spikes for an algebraic law: where G, or z G - 1, is 1/theta outside the support.

Both fall along every part of the axis between bands and atoms, so that each part has one place at most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .branch import disc
from .cells import Half
from .law import AlgebraicLaw

Array = np.ndarray[Any, Any]
Found = tuple[Array, Array, Array]  # place, overlap and threshold, (parts, n); NaN where there is none

_NEXT = 1e-300  # a distance from an edge at which G is as at the edge


def outliers(law: AlgebraicLaw, theta: Array) -> tuple[Array, Array]:
    """Place and squared overlap of a spike theta: G(place) = 1/theta outside the support, -1/(theta^2 G').

    Of several places the one farthest to the side of the spike's sign, beyond the support's hull or in the
    gap nearest to that end; NaN where there is none. theta = 0 and NaN give NaN.
    """
    return _outermost(theta, *all_outliers(law, theta)[:2])


def multiplicative_outliers(law: AlgebraicLaw, theta: Array) -> tuple[Array, Array]:
    """Place and squared overlap of the multiplicative spike theta of a law on [0, oo).

    T(place) = z G - 1 = 1/theta outside the support, overlap -(1 + theta) / (theta^2 z T'); T falls wherever
    it is real. Of several places the one as `outliers` chooses; NaN for theta <= -1 too.
    """
    return _outermost(theta, *all_multiplicative_outliers(law, theta)[:2])


def all_outliers(law: AlgebraicLaw, theta: Array) -> Found:
    """Place, squared overlap and threshold of a spike theta in each part of the axis outside the spectrum.

    threshold: the spike of the same sign at which this part's outlier leaves the spectrum, 0 if it has one
        for every small spike.
    """
    theta = np.asarray(theta, dtype=float)
    asked = np.isfinite(theta) & (theta != 0)

    def falling(half: Half, s: Array) -> Array:
        return half.real_at(s)

    parts = [_part(law, part, theta, asked, falling, _far_outliers, _half_outliers) for part in _parts(law)]
    return _stacked(parts)


def all_multiplicative_outliers(law: AlgebraicLaw, theta: Array) -> Found:
    """The same of a multiplicative spike theta > -1."""
    theta = np.asarray(theta, dtype=float)
    asked = np.isfinite(theta) & (theta != 0) & (theta > -1)
    found = _stacked(
        [_part(law, part, theta, asked, _moments_of, _far_moments, _half_moments) for part in _parts(law)]
    )
    merged = ~(found[1] > 0)  # at the threshold, as rounding has it
    return tuple(np.where(merged, np.nan, value) for value in found)  # type: ignore[return-value]


@dataclass(frozen=True)
class _Part:
    """A part of the axis without bands and atoms: halves, ascending, and whether it goes on to infinity."""

    halves: tuple[Half, ...]
    below: bool
    above: bool


def _parts(law: AlgebraicLaw) -> list[_Part]:
    """All parts, ascending: from the lower side of the support to the upper."""
    found: list[_Part] = []
    run: list[Half] = []
    below = True
    for (left, right), point in zip(law.halves, law.points, strict=True):
        run += [] if left.band else [left]
        if left.band or right.band or point.mass:
            if run:
                found.append(_Part(tuple(run), below, False))
            run, below = [], False
        run += [] if right.band else [right]
    found.append(_Part(tuple(run), below, True))
    return found


def _stacked(parts: list[Found]) -> Found:
    place, overlap, threshold = (np.stack(rows) for rows in zip(*parts, strict=True))
    return place, overlap, threshold


def _outermost(theta: Array, place: Array, overlap: Array) -> tuple[Array, Array]:
    """Of the places of each spike, ascending, the last one, or for theta < 0 the first."""
    known = ~np.isnan(place)
    last = len(place) - 1 - np.argmax(known[::-1], axis=0)
    row = np.where(np.asarray(theta) < 0, np.argmax(known, axis=0), last)[None]
    return np.take_along_axis(place, row, 0)[0], np.take_along_axis(overlap, row, 0)[0]


def _part(
    law: AlgebraicLaw,
    part: _Part,
    theta: Array,
    asked: Array,
    falling: Callable[[Half, Array], Array],
    far: Callable[..., None],
    near: Callable[..., None],
) -> Found:
    """The solutions in one part of `falling` = 1/theta, a function that falls along it."""
    place, overlap, threshold = (np.full(theta.shape, np.nan) for _ in range(3))
    end = np.array([_NEXT])
    high = np.zeros(1) if part.below else falling(part.halves[0], end)
    low = np.zeros(1) if part.above else falling(part.halves[-1], end)
    with np.errstate(all="ignore"):
        wanted = 1.0 / theta
        mine = np.flatnonzero(asked & (wanted > low) & (wanted < high))
        for goes_on, sign in ((part.below, -1.0), (part.above, 1.0)):
            if goes_on:
                far(law, sign, theta, mine[np.sign(theta[mine]) == sign], place, overlap)
        for half in part.halves:
            near(half, theta, mine[np.isnan(place[mine])], place, overlap)
        bound = np.where(theta > 0, 1.0 / high, 1.0 / low)
    threshold[mine] = np.where(np.isnan(place), np.nan, bound)[mine]
    return place, overlap, threshold


def _moments_of(half: Half, s: Array) -> Array:
    """z G - 1 at distance s from the point of the half, on its side."""
    point = half.point
    z = point.hi + (half.sign * s + point.lo)
    return np.asarray(z * half.real_at(s) - 1.0)


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
    value = _moments_of(half, np.array([_NEXT, half.edges[-1] ** half.p]))
    wanted = 1.0 / theta[mine]
    chosen = (wanted >= value.min()) & (wanted <= value.max())
    mine, wanted = mine[chosen], wanted[chosen]
    if not mine.size:
        return
    low, high = np.zeros(mine.size), np.full(mine.size, half.edges[-1])
    for _ in range(64):
        middle = (low + high) / 2
        beyond = half.sign * (_moments_of(half, middle**half.p) - wanted) < 0
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    s = half.sign * high**half.p
    z = point.hi + (s + point.lo)
    g = (1.0 + wanted) / z
    derivative = _derivative(half, s, g)
    place[mine] = z
    overlap[mine] = -(1.0 + wanted) * wanted / (z * (g + z * derivative))


def _far_outliers(
    law: AlgebraicLaw, sign: float, theta: Array, mine: Array, place: Array, overlap: Array
) -> None:
    """Solutions beyond the tables: zeta (1 + u(zeta)) = 1/theta by bisection in zeta."""
    end = law.middles[-1] if sign > 0 else law.middles[0]
    limit = law.outside.real_at(np.array([end]))[0]
    mine = mine[np.abs(1.0 / theta[mine]) < abs(limit)]
    if not mine.size:
        return
    wanted = 1.0 / theta[mine]
    low, high = np.zeros(mine.size), np.full(mine.size, sign * law.outside.zeta)
    for _ in range(80):
        middle = (low + high) / 2
        value = law.outside.real_at(law.outside.centre + 1.0 / middle)
        small = np.abs(value) < np.abs(wanted)
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    v, slope = law.far.refined(wanted.astype(complex), high.astype(complex))
    # G = zeta (1 + v) and dzeta/dz = -zeta^2, so -G^2 / (dG/dz) = (1 + v)^2 / (1 + v + zeta v').
    place[mine] = law.outside.centre + 1.0 / high
    overlap[mine] = ((1.0 + v) ** 2 / (1.0 + v + high * slope)).real


def _half_outliers(half: Half, theta: Array, mine: Array, place: Array, overlap: Array) -> None:
    point = half.point
    if not mine.size:
        return
    wanted = 1.0 / theta[mine]
    ends = half.real_at(np.array([_NEXT, half.reach]))
    chosen = (wanted >= ends.min()) & (wanted <= ends.max())
    mine, g = mine[chosen], wanted[chosen]
    if not mine.size:
        return
    s = half.sign * half.inverse("real", g)
    place[mine] = point.hi + (s + point.lo)
    overlap[mine] = -(g**2) / _derivative(half, s, g)


def _derivative(half: Half, s: Array, g: Array) -> Array:
    """dG/dz where G = g at s from the point."""
    chart = half.point.chart
    slope = disc(chart.b, chart.to_u(g.astype(complex), s), s.astype(complex))[0].real
    part = g - chart.residue / s if chart.residue else g
    found: Array = -slope * part**2 if chart.inverse else slope
    return found - chart.residue / s**2 if chart.residue else found
