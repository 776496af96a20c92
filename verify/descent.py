"""The physical root w of H(w) = z found by descent and proved: no other root is looked at.

For H(w) = w + m + sum_j c_j / (w - p_j), j = 1 .. k, the root in the upper half-plane is the physical one if
there is one, for real z too; and a real root with H' > 0 exists for real z only if there is none, and is the
only such root. Either is the root of the polynomial f = (H - z) prod_j (w - p_j) of degree n = k + 1, and
is found in doubles first, then in balls. What proves it is

    that a disc of radius n |f / f'| around any point holds a root of f: it lies above the axis, or
    that X - F(x) / H'(X), F = H - z, lies in the real ball X around x, and H'(X) > 0.

None where nothing is proved: at edges and cusps, and next to them.
"""

from __future__ import annotations

import cmath
import math
from typing import NamedTuple

from flint import acb, arb, ctx

from .refinement import Undecided

# Steps in doubles and in balls; how far a step may shorten Im w.
STEPS, BALL_STEPS = 60, 60
SHORTEN = 0.1
# Steps that are cut so in a row lead to the axis.
CUT = 3
# In doubles a root has been found when a step is below this part of Im w.
NEAR = 2.0**-20
# Bits that balls lose to rounding, and that a settled point may still move by.
SPARE, SETTLED = 28, 8
# From here on w = z - m nearly, and squares of doubles overflow.
FAR = 1e120

Jumps = list[tuple[arb, arb]]


class Start(NamedTuple):
    """Where to look for a root, as doubles or exact balls; on the axis if `real`."""

    w: acb
    real: bool


def start(mean: arb, jumps: Jumps, x: arb, y: arb) -> Start | None:
    """Next to the root of H(w) = x + i y, y >= 0, in doubles; None if they do not lead there."""
    if abs(x) > FAR or y > FAR:
        return Start(acb((x - mean).mid(), y), bool(y == 0))
    try:
        return _start(float(mean.mid()), [(float(p), float(c)) for p, c in jumps], float(x), float(y))
    except (OverflowError, ZeroDivisionError):
        return None


def _start(mean: float, jumps: list[tuple[float, float]], x: float, y: float) -> Start | None:
    total = sum(c for _, c in jumps)
    if not total > 0:
        return None
    z, reach = complex(x, y), math.sqrt(total)
    # the root for one pole at the centre of gravity, lifted off the axis
    centre = sum(p * c for p, c in jumps) / total
    half = 0.5 * (z - mean - centre)
    root = cmath.sqrt(half - reach) * cmath.sqrt(half + reach)
    w = centre + half + root
    w = complex(w.real, max(abs(w.imag), 0.3 * reach))
    cut = 0
    for _ in range(STEPS):
        f, d, e = _at(mean, jumps, z, w)
        step = f * d / (d * d - e * f)
        if abs(step) <= NEAR * w.imag:
            w -= step
            return Start(acb(w.real, w.imag), False)
        height = w.imag - step.imag
        cut = cut + 1 if height < SHORTEN * w.imag else 0
        w = complex(w.real - step.real, max(height, SHORTEN * w.imag))
        if cut >= CUT and (found := _on_axis(mean, jumps, x, w.real)) is not None:
            u, slope = found
            return Start(acb(u, y / slope), y == 0)
    # next to an edge: to half of the digits
    return Start(acb(w.real, max(w.imag, NEAR * abs(w))), False)


def _at(
    mean: float, jumps: list[tuple[float, float]], z: complex, w: complex
) -> tuple[complex, complex, complex]:
    """H - z, H' and H'' / 2."""
    f, d, e = w + mean - z, 1.0 + 0j, 0j
    for p, c in jumps:
        r = 1.0 / (w - p)
        t = c * r
        f += t
        t *= r
        d -= t
        e += t * r
    return f, d, e


def _on_axis(mean: float, jumps: list[tuple[float, float]], x: float, u: float) -> tuple[float, float] | None:
    """The rising root of H = x next to u, and H' there, if a few steps of Newton's method lead to one."""
    for _ in range(8):
        f, d = u + mean - x, 1.0
        for p, c in jumps:
            pull = c / (u - p)
            f += pull
            d -= pull / (u - p)
        if not d > 0:
            return None
        step = f / d
        u -= step
        if abs(step) <= 1e-9 * abs(u):
            return u, d
    return None


def proved(mean: arb, jumps: Jumps, x: arb, y: arb, near: Start) -> Start | None:
    """The root next to a start as a ball at the working precision, or None; y >= 0."""
    if not near.real:
        return _above(mean, jumps, acb(x, y), near.w)
    w = _rising(mean, jumps, x, near.w.real)
    return None if w is None else Start(acb(w), True)


def _above(mean: arb, jumps: Jumps, z: acb, w: acb) -> Start | None:
    tolerance = arb(2) ** (SPARE - ctx.prec)
    settled = arb(2) ** (SETTLED - ctx.prec)
    # balls are no narrower than |w| allows
    if w.imag < 4 * tolerance * abs(w):
        raise Undecided
    shift, cut = mean - z, 0
    for _ in range(BALL_STEPS):
        f, d, e, inverses = w + shift, acb(1), acb(0), acb(0)
        for p, c in jumps:
            r = 1 / (w - p)
            inverses += r
            t = c * r
            f += t
            t *= r
            d -= t
            e += t * r
        radius = ((len(jumps) + 1) * f / (d + f * inverses)).abs_upper()
        step = (f * d / (d * d - e * f)).mid()
        if not step.is_finite():
            return None
        if f.contains(0) or radius < tolerance * w.imag or abs(step) < settled * abs(w):
            return Start(acb(arb(w.real, radius), arb(w.imag, radius)), False) if radius < w.imag else None
        following = w - step
        cut = 0 if following.imag > w.imag / 16 else cut + 1
        if cut > CUT:
            return None
        w = acb(following.real, w.imag / 16).mid() if cut else following.mid()
    return None


def _rising(mean: arb, jumps: Jumps, x: arb, w: arb) -> arb | None:
    for _ in range(BALL_STEPS):
        f, d = _real(mean, jumps, x, w)
        if not d > 0:
            return None
        if f.contains(0):
            break
        step = (f / d).mid()
        w = (w - step).mid()
        if abs(step) < abs(w) * arb(2) ** (SPARE - ctx.prec):
            f, d = _real(mean, jumps, x, w)
            break
    around = arb(w, (4 * f / d).abs_upper() + (w * arb(2) ** (SETTLED - ctx.prec)).abs_upper())
    _, slope = _real(mean, jumps, x, around)
    if not slope > 0:
        return None
    found = w - f / slope
    return found if around.contains(found) else None


def _real(mean: arb, jumps: Jumps, x: arb, w: arb) -> tuple[arb, arb]:
    """H - x and H'."""
    f, d = w + mean - x, arb(1)
    for p, c in jumps:
        r = 1 / (w - p)
        t = c * r
        f += t
        d -= t * r
    return f, d
