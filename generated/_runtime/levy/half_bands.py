"""Halves of bands: the curve of a law over the distance from an edge or a neck, and the inverse of its mass.

From an edge the logarithm of the mass is nearly linear in that of the distance, whatever the exponent; from
a neck it turns from one slope to another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from .angles import angles, mass_above_level
from .local_form import LocalForm

if TYPE_CHECKING:
    from .law import Levy

STEPS = 100
# The double-precision solution is within about the square of this, relative to the distance.
CLOSE = 1e-9


class Half(NamedTuple):
    """Points of a band on one side of a centre of expansion, which is one of its edges or a neck.

    form: the expansion of H. u, u_lo: w there, (n,). poles, rates: (k, n). side: 1 where the points lie on
    its right, -1 on its left. reflected: whether angles are taken with the axis reversed, such that w < 0
    in the gap beyond an edge; on_left: the poles on the left of that gap then. level: the mass that this
    gives at the centre, 0 for an edge.
    """

    form: LocalForm
    u: FloatArray
    u_lo: FloatArray
    poles: FloatArray
    rates: FloatArray
    on_left: Any
    reflected: Any
    side: FloatArray
    level: FloatArray

    def take(self, index: Any) -> Half:
        """Some of the points."""
        poles, rates, on_left = (row[:, index] for row in (self.poles, self.rates, self.on_left))
        u, u_lo, reflected, side, level = (
            row[index] for row in (self.u, self.u_lo, self.reflected, self.side, self.level)
        )
        return Half(self.form.take(index), u, u_lo, poles, rates, on_left, reflected, side, level)

    def height(self, d: FloatArray) -> FloatArray:
        """The height of the curve over the points at signed distances d from the centre."""
        return np.sqrt(self.form.height_squared(d))


def around(law: Levy, centre: Any, of: Any, reflected: Any) -> Half:
    """The right-hand sides of the given centres of the given laws, no pole on the left."""
    c = law.centres
    u, poles = c.w[centre, of], law.poles[:, of]
    form = LocalForm(
        y=np.zeros(u.shape),
        c=law.weights[:, of],
        q=c.offset[:, centre, of],
        a=c.slope[centre, of],
        b=c.bend[centre, of],
    )
    none, ones = np.zeros(poles.shape, dtype=bool), np.ones(u.shape)
    return Half(form, u, c.w_lo[centre, of], poles, law.rates[:, of], none, reflected, ones, 0.0 * ones)


def half_band(law: Levy, edge: Any, of: Any) -> Half:
    """The half bands of the given edges of the given laws; the edges are the first centres, in order."""
    w = law.edge_w[edge, of]
    right = edge % 2 == 1
    reflected = (w > 0) | ((w == 0) & right)
    on_left = ((law.poles[:, of] < w) != reflected) & law.active[:, of]
    side = np.where(right, -1.0, 1.0)
    return around(law, edge, of, reflected)._replace(on_left=on_left, side=side)


class Found(NamedTuple):
    """At a point of the curve: the mass from the centre to it, density, and |dx / dr|."""

    mass: FloatArray
    density: FloatArray
    pace: FloatArray


def by_angles(half: Half, r: FloatArray) -> Found:
    """The point of the curve over u at the distance r from the centre, its mass in doubles."""
    d = half.side * r
    v = half.height(d)
    u = half.u + (d + half.u_lo)
    offsets = half.form.q + d
    sign = np.where(half.reflected, -1.0, 1.0)
    now = angles(sign * u, v, sign * offsets, sign * half.poles, half.form.c, half.rates)
    mass = half.side * sign * (mass_above_level(now, half.on_left) - half.level)
    return Found(mass, *slopes(half, d, v))


def slopes(half: Half, d: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The density at points d + i v of the curve, from the centre, and |dx / dr|."""
    size = np.hypot(half.u + (d + half.u_lo), v)
    return v / size / size / np.pi, 1.0 / (1.0 / half.form.at(d + 1j * v).slope).real


def solved(
    curve: Callable[[Any, FloatArray], Found], target: FloatArray, r: FloatArray, width: FloatArray
) -> None:
    """Move r, the start, at most width, to where the mass from the centre is `target`, to nine digits.

    curve: what is found, of the points of an index, at distances from their centres.
    """
    low, high = np.zeros(r.size), width.copy()
    active = np.flatnonzero((target > 0) & (r > 0))
    for _ in range(STEPS):
        if active.size == 0:
            break
        now = r[active]
        found = curve(active, now)
        miss = np.log(found.mass / target[active])
        under = found.mass < target[active]
        low[active] = np.where(under, now, low[active])
        high[active] = np.where(under, high[active], now)
        # Newton's method for the logarithm of the mass as a function of the logarithm of r
        step = -miss * found.mass / (now * found.density * found.pace)
        tried = now * np.exp(np.clip(step, -60.0, 60.0))
        a, b = low[active], high[active]
        middle = np.where(a > 0, np.sqrt(a) * np.sqrt(b), np.minimum(0.03 * b, 0.5 * now))
        tried = np.where((tried >= a) & (tried <= b), tried, middle)
        tried = np.where(miss == 0, now, tried)
        r[active] = tried
        active = active[~((np.abs(tried - now) <= CLOSE * now) | (miss == 0) | (b - a <= 2.0**-53 * b))]
