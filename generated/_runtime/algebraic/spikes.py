"""Outliers of planted spikes for an algebraic law: where G, or T = z G - 1, is 1/theta outside the support.

Both fall along every part of the axis between bands and atoms, so that each part has one place at most.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial.chebyshev import chebder

from .branch import disc
from .cells import Half, clenshaw
from .law import AlgebraicLaw

Array = np.ndarray[Any, Any]
Found = tuple[Array, Array, Array, Array]  # place, overlap, threshold and until, (parts, n), NaN for none

_CLOSE = 1e-3  # part of the first cell of sigma in which G' next to a pole comes from the table


def outliers(law: AlgebraicLaw, theta: Array) -> tuple[Array, Array]:
    """Place and squared overlap of a spike theta: G(place) = 1/theta outside the support, -1/(theta^2 G').

    Of several places the one farthest to the side of the spike's sign, beyond the support's hull or in the
    gap nearest to that end; NaN where there is none. NaN, and theta so small that its inverse is no double,
    give NaN.
    """
    return _outermost(theta, *all_outliers(law, theta)[:2])


def multiplicative_outliers(law: AlgebraicLaw, theta: Array) -> tuple[Array, Array]:
    """Place and squared overlap of the multiplicative spike theta of a law on [0, oo).

    T(place) = z G - 1 = 1/theta outside the support, overlap -(1 + theta) / (theta^2 z T'); T falls wherever
    it is real. Of several places the one as `outliers` chooses; NaN for theta <= -1 too.
    """
    return _outermost(theta, *all_multiplicative_outliers(law, theta)[:2])


def all_outliers(law: AlgebraicLaw, theta: Array) -> Found:
    """Place, squared overlap, threshold and end of a spike theta in each part of the axis off the spectrum.

    threshold: the spike of the same sign at which this part's outlier leaves the spectrum, 0 if it has one
        for every small spike.
    until: the spike of the same sign at which it enters the spectrum again, infinite if it never does.
    """
    theta = np.asarray(theta, dtype=float)
    parts = [_of_part(law, part, theta, np.isfinite(theta), _Additive()) for part in _parts(law)]
    return _stacked(parts)


def all_multiplicative_outliers(law: AlgebraicLaw, theta: Array) -> Found:
    """The same of a multiplicative spike theta > -1; until: -1 where it stays outside to there."""
    theta = np.asarray(theta, dtype=float)
    asked = np.isfinite(theta) & (theta > -1)
    found = _stacked([_of_part(law, part, theta, asked, _Multiplicative()) for part in _parts(law)])
    merged = ~(found[1] > 0)  # at the threshold, as rounding has it
    place, overlap, threshold, until = (np.where(merged, np.nan, value) for value in found)
    return place, overlap, threshold, np.maximum(until, -1.0)


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
    place, overlap, threshold, until = (np.stack(rows) for rows in zip(*parts, strict=True))
    return place, overlap, threshold, until


def _outermost(theta: Array, place: Array, overlap: Array) -> tuple[Array, Array]:
    """Of the places of each spike, ascending, the last one, or for theta < 0 the first."""
    known = ~np.isnan(place)
    last = len(place) - 1 - np.argmax(known[::-1], axis=0)
    row = np.where(np.asarray(theta) < 0, np.argmax(known, axis=0), last)[None]
    return np.take_along_axis(place, row, 0)[0], np.take_along_axis(overlap, row, 0)[0]


class _Kind(ABC):
    """A kind of spike: the function f that falls along each part, f(place) = 1/theta, and the overlap."""

    @abstractmethod
    def at(self, half: Half, sigma: Array) -> Array:
        """f at sigma of a half, 0 included."""

    @abstractmethod
    def overlap(self, half: Half, sigma: Array, z: Array, theta: Array) -> Array:
        """Squared overlap of theta, whose place z is at sigma of the half."""

    @abstractmethod
    def beyond(self, law: AlgebraicLaw, zeta: Array) -> Array:
        """f / zeta beyond the tables."""

    @abstractmethod
    def overlap_beyond(self, law: AlgebraicLaw, zeta: Array, theta: Array) -> Array:
        """Squared overlap of theta, whose place is at zeta."""


class _Additive(_Kind):
    """f = G."""

    def at(self, half: Half, sigma: Array) -> Array:
        return half.real_in(sigma)

    def overlap(self, half: Half, sigma: Array, z: Array, theta: Array) -> Array:
        return _residue(half, sigma, 1.0 / theta)

    def beyond(self, law: AlgebraicLaw, zeta: Array) -> Array:
        return 1.0 + zeta * law.outside.over_zeta(zeta)

    def overlap_beyond(self, law: AlgebraicLaw, zeta: Array, theta: Array) -> Array:
        v, slope = law.far.refined(law.outside.over_zeta(zeta).astype(complex), zeta.astype(complex))
        # G = zeta (1 + v) and dzeta/dz = -zeta^2, so -G^2 / (dG/dz) = (1 + v)^2 / (1 + v + zeta v').
        overlap: Array = ((1.0 + v) ** 2 / (1.0 + v + zeta * slope)).real
        return overlap


class _Multiplicative(_Kind):
    """f = T = z G - 1."""

    def at(self, half: Half, sigma: Array) -> Array:
        point = half.point
        z = point.hi + (half.sign * sigma**half.p + point.lo)
        with np.errstate(all="ignore"):
            moments = z * half.real_in(sigma) - 1.0
        return np.where(z == 0.0, point.mass - 1.0, moments)

    def overlap(self, half: Half, sigma: Array, z: Array, theta: Array) -> Array:
        # with a = -G^2/G' and z G = 1 + 1/theta
        a = _residue(half, sigma, (1.0 + 1.0 / theta) / z)
        return a / (1.0 + theta * (1.0 - a))

    def beyond(self, law: AlgebraicLaw, zeta: Array) -> Array:
        return law.outside.moments_at(zeta)[0]

    def overlap_beyond(self, law: AlgebraicLaw, zeta: Array, theta: Array) -> Array:
        # dT/dz = -zeta^2 dT/dzeta, and z zeta = 1 + centre zeta
        over, slope = law.outside.moments_at(zeta)
        return (1.0 + 1.0 / theta) * over / ((1.0 + law.outside.centre * zeta) * slope)


def _of_part(law: AlgebraicLaw, part: _Part, theta: Array, asked: Array, kind: _Kind) -> Found:
    """The solutions in one part of the axis, which ends at infinity, at an edge or at an atom."""
    place, overlap = np.full(theta.shape, np.nan), np.full(theta.shape, np.nan)
    # f at the lower end of the first half and at the upper ends of all, falling
    first, point = part.halves[0], np.zeros(1)
    joints = [kind.at(first, point if first.sign > 0 else first.edges[-1:])]
    joints += [kind.at(half, point if half.sign < 0 else half.edges[-1:]) for half in part.halves]
    high = np.zeros(1) if part.below else joints[0]
    low = np.zeros(1) if part.above else joints[-1]
    with np.errstate(all="ignore"):
        wanted = 1.0 / theta
        mine = asked & np.isfinite(wanted) & (wanted > low) & (wanted < high)
        piece = np.sum(np.concatenate(joints)[:, None] >= wanted, axis=0) - 1
        for k in np.unique(piece[mine]):
            here = mine & (piece == k)
            if 0 <= k < len(part.halves):
                place[here], overlap[here] = _in_half(part.halves[k], theta[here], kind)
            else:
                place[here], overlap[here] = _beyond(law, theta[here], kind)
        threshold = np.where(theta > 0, 1.0 / high, 1.0 / low + 0.0)  # 0.0 for -0.0
        until = np.where(theta > 0, 1.0 / np.maximum(low, 0.0), -1.0 / np.maximum(-high, 0.0))
    none = np.isnan(place)
    return place, overlap, np.where(none, np.nan, threshold), np.where(none, np.nan, until)


def _in_half(half: Half, theta: Array, kind: _Kind) -> tuple[Array, Array]:
    """Place and overlap of spikes whose places are in that half."""
    point = half.point
    sigma = half.solved(lambda sigma: kind.at(half, sigma), 1.0 / theta, half.sign < 0)
    z = point.hi + (half.sign * sigma**half.p + point.lo)
    return z, kind.overlap(half, sigma, z, theta)


def _beyond(law: AlgebraicLaw, theta: Array, kind: _Kind) -> tuple[Array, Array]:
    """The same beyond the tables, by bisection in zeta = 1/(z - centre).

    There z is at least three times as far from the centre as the support goes, so that f / zeta, a mean of
    1/(1 - t zeta) over the law, or of (centre + t)/(1 - t zeta), is between 3/4 and 3/2 of its value at 0.
    """
    wanted = 1.0 / theta
    start = wanted / kind.beyond(law, np.zeros(theta.shape))
    low, high = start / 2, np.copysign(np.minimum(2 * np.abs(start), law.outside.zeta), start)
    for _ in range(54):
        zeta = (low + high) / 2
        small = np.abs(zeta * kind.beyond(law, zeta)) < np.abs(wanted)
        low, high = np.where(small, zeta, low), np.where(small, high, zeta)
    # z - centre = 1/zeta = (f / zeta) theta, which keeps the digits of large theta
    return law.outside.centre + kind.beyond(law, high) * theta, kind.overlap_beyond(law, high, theta)


def _residue(half: Half, sigma: Array, g: Array) -> Array:
    """-G^2 / G' at sigma, where G = g.

    Next to a pole, of any order in sigma, from the table: the polynomial's terms there are below the range of
    doubles.
    """
    chart, order = half.point.chart, half.point.order
    s = half.sign * sigma**half.p
    slope = disc(chart.b, chart.to_u(g.astype(complex), s), s.astype(complex))[0].real
    if chart.residue:
        part = g * s - chart.residue
        value = (g * s) ** 2 / (chart.residue + slope * (part**2 if chart.inverse else -(s**2)))
    else:
        value = 1.0 / slope if chart.inverse else -(g**2) / slope
    if not order:
        return np.asarray(value)
    # G = f sigma^-order
    _, cell, t = half.placed(sigma)
    f = clenshaw(half.real, cell, t)
    bend = sigma * clenshaw(chebder(half.real[:1], axis=1), np.zeros_like(cell), t) * 2.0 / half.edges[1]
    table = half.sign * half.p * f**2 * sigma ** float(half.p - order) / (order * f - bend)
    return np.where(sigma < _CLOSE * half.edges[1], table, value)
