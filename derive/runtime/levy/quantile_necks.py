"""Quantiles next to a neck or a cusp inside a band of a free Levy law.

The distance r from the real point u_0 of the neck is solved for from the mass between the points of the
curve over u_0 and over u_0 +- r. As a difference of the level and the mass beyond the neck, in doubles, it
has no digits where the two are close; and there the whole neck may lie: over u_0 the curve is at the height
eta, and the mass of the neck is of the order eta^4. There both are taken in double-double, from u_0 itself.
At u_0 = 0, where Phi is not 1, the antiderivative keeps (1 - Phi(0)) arg w (see `masses`), which is not small
beside the rest: the density has a peak there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import DoubleDouble, where
from ..arithmetic.triple_double import TripleDouble
from .half_bands import Found, Half, around, by_angles, slopes, solved
from .masses import Complex, along, at_centre

if TYPE_CHECKING:
    from .law import Levy

# A neck with 1 - Phi above -NOTHING is a cusp.
NOTHING = 2.0**-88
# Masses in doubles serve where their difference is more than this part of them.
CANCELLED = 2.0**-30
# The mass is linear in the distance where it is below this part of that between u_0 and the curve over it.
LINEAR = 2.0**-20


def from_neck(
    law: Levy, q: DoubleDouble, of: Any, centre: Any, guess: FloatArray, reach: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The points of the curve of levels q, as w - u_0 = d + i v from their centres: d and v, (n,) each.

    guess: of |d|; reach: the distance from the edge on that side, where |d| is known to be less, or nearly.
    """
    # the smaller of the masses on both sides of the neck counts
    below, above = (_mass_at(law, centre, of, reflected) for reflected in (False, True))
    reflected = above < below
    level = np.where(reflected, above, below)
    rest = (where(reflected, 1.0 - q, q) - level).to_float()
    side = np.where((rest > 0) != reflected, 1.0, -1.0)
    neck = around(law, centre, of, reflected)._replace(side=side, level=level)
    r = np.where(rest == 0, 0.0, np.maximum(guess, 1e-3 * reach))
    width = reach + 2.0 * r
    solved(lambda some, now: by_angles(neck.take(some), now), np.abs(rest), r, width)
    d = side * r
    close = np.flatnonzero(np.abs(rest) < CANCELLED * level)
    if close.size:
        d[close] = _closely(law, q[close], of[close], centre[close], neck.take(close), r[close], width[close])
    return d, neck.height(d)


def counts(law: Levy, centre: Any, of: Any) -> Any:
    """Whether masses are counted from u_0 itself: where 0 is not there, or Phi is 1 there."""
    return (law.centres.w[centre, of] != 0) | (law.centres.slope[centre, of] == 0)


def beyond(law: Levy, q: DoubleDouble, of: Any, centre: Any) -> DoubleDouble:
    """Levels q less the one of u_0, which is the level of a gap."""
    return -less(level_at(law, law.centres.w[centre, of], of), q)


def _closely(
    law: Levy, q: DoubleDouble, of: Any, centre: Any, neck: Half, r: FloatArray, width: FloatArray
) -> FloatArray:
    """The distances d, signed, next to a neck, from masses in double-double."""
    origin = at_centre(law, centre, of)

    at_zero = origin.w.re.hi == 0

    def mass(some: Any, d: FloatArray, v: FloatArray) -> DoubleDouble:
        start = origin.take(some)
        found = along(start, Complex(DoubleDouble(d), DoubleDouble(v)))[1]
        turned = where(at_zero[some], start.defect * (0.5 + np.arctan2(d, v) / np.pi), 0.0)
        return found + turned

    nowhere = np.zeros(r.shape)
    eta = neck.height(nowhere)
    start = where(eta > 0, mass(np.arange(r.size), nowhere, eta), 0.0)
    target = beyond(law, q, of, centre) - start
    side, wanted = np.where(target.hi < 0, -1.0, 1.0), np.abs(target.to_float())
    density, pace = slopes(neck, nowhere, eta)
    linear = wanted <= LINEAR * np.abs(start.hi)
    r = np.where(linear, wanted / (density * pace), r)

    def curve(some: Any, now: FloatArray) -> Found:
        half = neck.take(some)
        d = side[some] * now
        v = half.height(d)
        return Found(side[some] * (mass(some, d, v) - start[some]).to_float(), *slopes(half, d, v))

    solved(curve, np.where(linear, 0.0, wanted), r, width)
    return side * r


def _mass_at(law: Levy, centre: Any, of: Any, reflected: bool) -> FloatArray:
    """Mass below the points of the curve over the given centres, above them if reflected."""
    neck = around(law, centre, of, np.full(centre.shape, reflected))
    there = by_angles(neck, np.zeros(centre.shape))
    # a cusp at w = 0, where the angle of w is undefined, has the rates on that side
    poles = -law.poles if reflected else law.poles
    rates = np.where(poles < 0, law.rates, 0.0).sum(axis=0)[of]
    at_zero = (neck.u == 0) & (neck.form.a >= -NOTHING)
    return np.where(at_zero, rates, np.abs(there.mass))


def level_at(law: Levy, u: FloatArray, of: Any) -> TripleDouble:
    """The distribution function of a gap at real points u of the curve's plane, also inside a band."""
    levels = law.gaps
    count = ((law.poles[:, of] < u) & law.active[:, of]).sum(axis=0)
    return levels.below_right[count, of].where(u > 0, levels.left[count, of])


def less(level: TripleDouble, q: Any) -> DoubleDouble:
    """level - q: where q is next to a level all digits of both are wanted."""
    return (DoubleDouble(level.hi, level.mid) - q) + level.lo
