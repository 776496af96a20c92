"""The R-transform of a general algebraic law, continued from its mean at g = 0.

With z = R + 1/g the polynomial of the law becomes one in (R, g), of which R(g) is a branch; at g = 0 it is
the only one with the value of the mean. From there it is continued along the straight segment to g, every
step proved by Rouche's inequality (`branch.follow`): what is returned is R in the largest domain that is
star-shaped about 0, the interval of all G(x), x outside the support's hull, included. Where the segment
meets a pole of R, or another branch, the continuations around either side agree and are taken. Around one
branch point they do not, and R is NaN beyond, as it is at infinite g; around two of the same branches they
agree again, and beyond both, or a conjugate pair too close to the segment for the straight walk, the branch
around them is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from .branch import disc, follow, walk
from .close_branches import newton
from .power_series import moments_at_infinity

if TYPE_CHECKING:
    from .law import AlgebraicLaw

Array = np.ndarray[Any, Any]

AT_ONCE = 2048  # points, whose Taylor coefficients take some MiB
NEAR = 2  # widths of the support that its mean may be from 0
LAST = 2.0**-50  # of a value: what its last digits may be off
PASSED = 1 / 16  # of the distance from 0: a walk that ran out of steps after more is taken up again


@dataclass(frozen=True)
class Inverse:
    """The curve of R in the law's own units: g = s / unit, R = centre + unit u, b(u, s) = 0.

    start: u at s = 0. b_low: what rounding to doubles left over of b. plain, plain_low: the same with centre
    0, in which small R keep their digits.
    """

    unit: float
    centre: float
    start: float
    b: Array
    b_low: Array
    plain: Array
    plain_low: Array


def inverse_curve(law: AlgebraicLaw) -> Inverse:
    """The curve of R, its coefficients exact before they are rounded.

    The centre is the mean if the support is far from 0 beside its width, and 0 otherwise: R tends to the
    end of the support at a hard edge, which is most often 0, and the branches that come together there are
    told apart only if their distance from it is not a difference of larger numbers.
    """
    mean = moments_at_infinity(law.rows, 1, law.mean)[1]
    width = max(float(law.places[-1] - law.places[0]), 1e-300)
    unit = Fraction(2) ** int(np.rint(np.log2(width)))
    centre = Fraction(0) if abs(mean) <= NEAR * unit else Fraction(float(mean))
    plain = _rounded(_in_r(law.rows, Fraction(0), unit))
    own = _rounded(_in_r(law.rows, centre, unit)) if centre else plain
    return Inverse(float(unit), float(centre), float((mean - centre) / unit), *own, *plain)


def r_transform(law: AlgebraicLaw, g: Array) -> Array:
    """R(g) at real or complex g (n,), real or complex as g is."""
    curve = law.inverse
    result = np.full(g.shape, np.nan, dtype=complex)
    finite = np.flatnonzero(np.isfinite(g))
    for first in range(0, finite.size, AT_ONCE):
        some = finite[first : first + AT_ONCE]
        result[some] = _continued(curve, g[some])
    return result if np.iscomplexobj(g) else result.real


def _continued(curve: Inverse, g: Array) -> Array:
    with np.errstate(all="ignore"):
        target = (g * curve.unit).astype(complex)
        start = np.full(g.shape, curve.start, dtype=complex)
        u, _, error, lost = _straight(curve, start, np.zeros_like(start), target)
        if (k := np.flatnonzero(lost)).size:
            u[k], error[k], proved = _around(curve, start[k], target[k])
            error[k[~proved]] = np.inf
        return _settled(curve, u, error, target)


def _settled(curve: Inverse, u: Array, error: Array, target: Array) -> Array:
    """R from u and its error radius, to the last digits; NaN where they are not to be had.

    Newton's method on the plain curve may correct u by its error, and not by more: there is no other root
    within it.
    """
    shift = curve.centre / curve.unit
    near = shift + u
    wide = (len(u), *curve.plain.shape)
    plain, plain_low = (np.broadcast_to(table, wide) for table in (curve.plain, curve.plain_low))
    found, value, by_u = newton(plain, plain_low, near, target, 8)
    ulps = LAST * (np.abs(shift) + np.abs(near)) if shift else LAST * np.abs(near)
    by_s, _, _ = disc(curve.plain, found, target)
    last = LAST * (np.abs(found) + np.abs(np.nan_to_num(by_s * target, posinf=0.0, neginf=0.0)))
    good = (np.abs(found - near) <= 2 * error + ulps) & (np.abs(value / by_u) <= last)
    result = np.where(good, found, np.where(error <= LAST * np.abs(near), near, np.nan)) * curve.unit
    return np.where(np.isfinite(error) & np.isfinite(result), result, np.nan)


def _straight(curve: Inverse, u: Array, s: Array, target: Array) -> tuple[Array, Array, Array, Array]:
    """As `walk`, taken up again where the steps allowed were too few."""
    u, s, error, lost = walk(curve.b, u, s, target, b_low=curve.b_low)
    again = np.flatnonzero(lost)
    while again.size:
        old = s[again]
        u[again], s[again], error[again], lost[again] = walk(
            curve.b, u[again], old, target[again], b_low=curve.b_low
        )
        again = again[lost[again] & (np.abs(s[again] - old) > PASSED * np.abs(old))]
    return u, s, error, lost


def _around(curve: Inverse, start: Array, target: Array) -> tuple[Array, Array, Array]:
    """u at the target, its error radius, and whether it is the same around either side of the segment.

    Where another branch crosses ours, and at a pole, it is; at one branch point it is not, but around two of
    the same branches it is again.
    """
    found = []
    for side in (1 + 1j, 1 - 1j):
        way = side * target / 2
        u, _, first = follow(curve.b, start, np.zeros_like(start), way, b_low=curve.b_low)
        u, error, second = follow(curve.b, np.where(first, u, start), way, target, b_low=curve.b_low)
        found.append((u, error, first & second))
    (u, error, proved), (other, other_error, other_proved) = found
    _, room, _ = disc(curve.b, u, target)
    agree = np.abs(u - other) + error + other_error < room
    real = target.imag == 0  # the two are conjugates: equal is real
    return np.where(real, u.real, u), error, proved & other_proved & agree


def _in_r(rows: list[list[Fraction]], centre: Fraction, unit: Fraction) -> list[list[Fraction]]:
    """Coefficients of u^k s^l, from G = s / unit and z = centre + unit (u + 1/s), free of powers of s."""
    n, m = len(rows) - 1, len(rows[0]) - 1
    table = [[Fraction(0)] * (n + m + 1) for _ in range(m + 1)]
    for i, row in enumerate(rows):
        for j in range(m + 1):  # the coefficient of (z - centre)^j
            value = sum((row[e] * comb(e, j) * centre ** (e - j) for e in range(j, m + 1)), Fraction(0))
            for k in range(j + 1):  # (u + 1/s)^j
                table[k][i - j + k + m] += value * unit ** (j - i) * comb(j, k)
    low = next(e for e in range(n + m + 1) if any(line[e] for line in table))
    high = next(e for e in range(n + m, -1, -1) if any(line[e] for line in table))
    largest = max(abs(value) for line in table for value in line)
    return [[value / largest for value in line[low : high + 1]] for line in table]


def _rounded(table: list[list[Fraction]]) -> tuple[Array, Array]:
    """As doubles, and what rounding left over."""
    near = np.array([[float(value) for value in line] for line in table])
    left = [
        [float(value - Fraction(one)) for value, one in zip(line, rounded, strict=True)]
        for line, rounded in zip(table, near.tolist(), strict=True)
    ]
    return near, np.array(left)
