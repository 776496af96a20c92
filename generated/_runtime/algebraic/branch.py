"""Continuation of one branch of an algebraic function along a path, with a proof at every step.

B[..., k, j] are the coefficients of a polynomial B(u, s) = sum B_kj u^k s^j. At a point (u, s) of its
curve let b_kj be its Taylor coefficients. If for some radius r and step d

    |b_10| r > |b_00| + sum_{k>=2} |b_k0| r^k + sum_{j>=1, k} |b_kj| r^k d^j,

then for every s' within d of s exactly one root lies in the disc of radius r around u (Rouche), so
the root in that disc at s' is the continuation of the branch along every path in the disc. The Taylor
coefficients are taken in the frame that moves with the branch, v = u' - u - (du/ds)(s' - s), where
b_01 = 0 and the discs stay wide although neighbouring branches run side by side. Where they run so close
that the branch bends by more than they are apart long before they do, the frame bends too: v = u' - u - c_1
(s' - s) - ... - c_ORDER (s' - s)^ORDER with the coefficients of its series. The next point is
found by Newton's method and accepted if its own disc n |f/f'|, which holds a root, lies inside.
|b_00| includes a bound of its rounding error, so the proof holds in double precision, up to the
rounding of the other terms.

Everything is vectorised over points; B may have a leading axis of points or be shared.
"""

from __future__ import annotations

from functools import cache
from math import comb
from typing import Any

import numpy as np

from . import close_branches

Array = np.ndarray[Any, Any]

_UNIT = 2.0**-53
_FINER = 2.0**-45  # rounding in double-double, as part of that in doubles: 8 bits to spare
HALVING = 30  # steps allowed for a distance from 0 to be halved or doubled: ramification 7 needs about 15
PATIENCE = 64  # steps after which a walk that cannot end in time is given up
ORDER = 6  # of a frame that bends
_BENT = 1 / 64  # of the distance from s = 0, where branches meet: for shorter steps the frame is bent
_HALF = 0.45  # part of the budget of Rouche's inequality that a step may use


@cache
def _binomials(degree: int) -> tuple[Array, Array]:
    """C(i, k) and the exponent i - k (0 where i < k), at [k, i]."""
    table = np.array([[comb(i, k) for i in range(degree + 1)] for k in range(degree + 1)], dtype=float)
    exponent = np.array([[max(i - k, 0) for i in range(degree + 1)] for k in range(degree + 1)])
    return table, exponent


def powers(x: Array, degree: int) -> Array:
    """x^0 ... x^degree, the exponent on a new last axis."""
    result = np.ones((*x.shape, degree + 1), dtype=x.dtype)
    for k in range(1, degree + 1):
        result[..., k] = result[..., k - 1] * x
    return result


def taylor(b: Array, u: Array, s: Array) -> Array:
    """Taylor coefficients of B at the points (u, s): shape (points, n+1, m+1)."""
    n, m = b.shape[-2] - 1, b.shape[-1] - 1
    rows, row_exponent = _binomials(n)
    columns, column_exponent = _binomials(m)
    left = rows * powers(u, n)[:, row_exponent]
    right = columns * powers(s, m)[:, column_exponent]
    return left @ b @ np.swapaxes(right, -1, -2)


def rounding(b: Array, u: Array, s: Array) -> Array:
    """Bound of the rounding error of B(u, s) evaluated from its terms."""
    n, m = b.shape[-2] - 1, b.shape[-1] - 1
    terms = (powers(np.abs(u), n)[:, None, :] @ np.abs(b) @ powers(np.abs(s), m)[:, :, None])[:, 0, 0]
    return (2.0 * (n + m) + 4.0) * _UNIT * terms


def newton(b: Array, u: Array, s: Array, iterations: int = 8) -> tuple[Array, Array]:
    """The root of B(., s) that Newton's method finds from u, and a radius n |f/f'| that holds a root.

    The radius includes the rounding error of f.
    """
    n, m = b.shape[-2] - 1, b.shape[-1] - 1
    in_u = (b @ powers(s, m)[:, :, None])[:, :, 0]
    with np.errstate(all="ignore"):
        for _ in range(iterations):
            f, slope = _horner(in_u, u)
            step = f / slope
            step = np.where(np.isfinite(step), step, 0.0)
            u = u - step
            if np.all(np.abs(step) <= 4 * _UNIT * np.abs(u)):
                break
        f, slope = _horner(in_u, u)
        radius = n * (np.abs(f) + rounding(b, u, s)) / np.abs(slope)
    return u, np.where(np.isfinite(radius), radius, np.inf)


def _horner(in_u: Array, u: Array) -> tuple[Array, Array]:
    f = in_u[:, -1].astype(complex)
    slope = np.zeros_like(f)
    for k in range(in_u.shape[1] - 2, -1, -1):
        slope = slope * u + f
        f = f * u + in_u[:, k]
    return f, slope


def disc(b: Array, u: Array, s: Array) -> tuple[Array, Array, Array]:
    """Slope du/ds of the branch, isolating radius r and step d of Rouche's inequality at (u, s).

    r = d = 0 where the inequality cannot be met: a multiple root within rounding.
    """
    t = taylor(b, u, s)
    with np.errstate(all="ignore"):
        slope = -t[:, 0, 1] / t[:, 1, 0]
        moved = _moving(t, np.where(np.isfinite(slope), slope, 0.0))
        moved[:, 0, 1] = 0.0
    return slope, *_room(moved, u, rounding(b, u, s))


def _room(moved: Array, u: Array, error: Array) -> tuple[Array, Array]:
    """r and d from the Taylor coefficients in the moving frame; error: of the value at (u, s)."""
    size, n = np.abs(moved), moved.shape[1] - 1
    with np.errstate(all="ignore"):
        first = size[:, 1, 0]
        k = np.arange(2, n + 1)
        bound = (first[:, None] / size[:, 2:, 0]) ** (1.0 / (k - 1))
        r = np.min(bound, axis=1, initial=np.inf) / 3
        r = np.where(np.isfinite(r), r, 1.0 + np.abs(u))
        budget = _HALF * first * r - size[:, 0, 0] - error
        proved = np.isfinite(first) & (budget > 0.5 * _HALF * first * r)
        by_s = (powers(r, n)[:, None, :] @ size[:, :, 1:])[:, 0, :]
        degree = by_s.shape[1]
        high = np.min((budget[:, None] / by_s) ** (1.0 / np.arange(1, degree + 1)), axis=1)
        high = np.where(np.isfinite(high), high, 1e300)
        low = high / 2
        for _ in range(4):
            d = (low + high) / 2
            fits = np.sum(by_s * powers(d, degree)[:, 1:], axis=1) <= budget
            low, high = np.where(fits, d, low), np.where(fits, high, d)
    return np.where(proved, r, 0.0), np.where(proved, low, 0.0)


def _moving(t: Array, c: Array, e: int = 1) -> Array:
    """Taylor coefficients in v = u - c s^e: sum_i C(k+i, i) c^i t[k+i, j-e i]."""
    points, n, m = t.shape[0], t.shape[1] - 1, t.shape[2] - 1
    table, _ = _binomials(n)
    factors = powers(c, n)
    moved = np.zeros((points, n + 1, e * n + m + 1), dtype=complex)
    for i in range(n + 1):
        factor = np.array([table[k, k + i] for k in range(n + 1 - i)])
        moved[:, : n + 1 - i, e * i : e * i + m + 1] += (factors[:, i, None] * factor)[:, :, None] * t[
            :, i:, :
        ]
    return moved


class _Doubles:
    """The inequality and Newton's method of polynomials B in doubles."""

    def __init__(self, b: Array) -> None:
        self._b = b

    def take(self, index: Array) -> _Doubles:
        """Those of some points."""
        return self if self._b.ndim == 2 else _Doubles(self._b[index])

    def disc(self, u: Array, s: Array) -> tuple[Array, Array, Array]:
        """Coefficients c_1 ... of the frame (points, ORDER), and r and d as of `branch.disc`."""
        t = taylor(self._b, u, s)
        with np.errstate(all="ignore"):
            slope = -t[:, 0, 1] / t[:, 1, 0]
        slope = np.where(np.isfinite(slope), slope, 0.0)
        moved = _moving(t, slope)
        moved[:, 0, 1] = 0.0
        return _frame(slope, moved, u, s, rounding(self._b, u, s))

    def newton(self, u: Array, s: Array) -> tuple[Array, Array]:
        """As `branch.newton`."""
        return newton(self._b, u, s)


class _Pairs:
    """The same in double-double."""

    def __init__(self, b: Array, b_low: Array) -> None:
        self._b, self._low = b, b_low

    def take(self, index: Array) -> _Pairs:
        """Those of some points."""
        return _Pairs(self._b[index], self._low[index])

    def disc(self, u: Array, s: Array) -> tuple[Array, Array, Array]:
        """As of `_Doubles`, in a frame that does not bend."""
        slope, moved = close_branches.moving(self._b, self._low, u, s)
        frame = np.zeros((len(u), ORDER), dtype=complex)
        frame[:, 0] = np.where(np.isfinite(slope), slope, 0.0)
        return frame, *_room(moved, u, _FINER * rounding(self._b, u, s))

    def newton(self, u: Array, s: Array) -> tuple[Array, Array]:
        """As `branch.newton`."""
        u, f, slope = close_branches.newton(self._b, self._low, u, s)
        with np.errstate(all="ignore"):
            error = np.abs(f) + _FINER * rounding(self._b, u, s)
            radius = (self._b.shape[1] - 1) * error / np.abs(slope)
        return u, np.where(np.isfinite(radius), radius, np.inf)


def _frame(slope: Array, moved: Array, u: Array, s: Array, error: Array) -> tuple[Array, Array, Array]:
    """The frame in which the longer step is proved: its coefficients (points, ORDER), r and d.

    moved: Taylor coefficients in the moving frame.
    """
    frame = np.zeros((len(u), ORDER), dtype=complex)
    frame[:, 0] = slope
    r, d = _room(moved, u, error)
    k = np.flatnonzero((r > 0) & (d < _BENT * np.abs(s)))
    if k.size:
        moved = moved[k]
        with np.errstate(all="ignore"):
            for e in range(2, ORDER + 1):
                c = -moved[:, 0, e] / moved[:, 1, 0]
                frame[k, e - 1] = np.where(np.isfinite(c), c, 0.0)
                moved = _moving(moved, frame[k, e - 1], e)
                moved[:, 0, e] = 0.0
        wide, far = _room(moved, u[k], error[k])
        better = far > d[k]
        frame[k[~better], 1:] = 0.0
        r[k[better]], d[k[better]] = wide[better], far[better]
    return frame, r, d


def isolated(
    b: Array, guess: Array, s: Array, error: Array, b_low: Array | None = None
) -> tuple[Array, Array, Array]:
    """The roots next to `guess`, their error radius, and whether no other root lies within `error` of it.

    In double-double with b_low, what rounding left over of the coefficients.
    """
    tables = _Doubles(b) if b_low is None else _Pairs(b, b_low)
    u, radius = tables.newton(guess, s)
    _, r, _ = tables.disc(u, s)
    return u, radius, (r > 0) & (np.abs(guess - u) + radius + error < r)


def follow(
    b: Array, u: Array, s: Array, target: Array, max_steps: int = 400, b_low: Array | None = None
) -> tuple[Array, Array, Array]:
    """Continue the roots u of B(., s) along straight lines to `target`.

    Returns the roots there, an error radius, and whether every step was proved; where it was not, the
    root is NaN. For the rest see `walk`.
    """
    u, _, error, lost = walk(b, u, s, target, max_steps, b_low)
    return np.where(lost, np.nan, u), np.where(lost, np.inf, error), ~lost


def walk(
    b: Array, u: Array, s: Array, target: Array, max_steps: int = 400, b_low: Array | None = None
) -> tuple[Array, Array, Array, Array]:
    """The roots as far towards `target` as every step was proved.

    Steps change in proportion to s, so the closer a target to 0, or the farther, the more are allowed. With
    b_low, what rounding left over of the coefficients, points where doubles do not tell branches apart go on
    in double-double.

    Returns u, s, an error radius of u, and whether s is not the target.
    """
    u = np.array(u, dtype=complex)
    s = np.array(s, dtype=complex)
    target = np.broadcast_to(np.asarray(target, dtype=complex), s.shape)
    u, s, error, lost = _walk(_Doubles(b), u, s, target, max_steps)
    if b_low is not None and lost.any():
        k = np.flatnonzero(lost)
        wide = (s.size, *b.shape[-2:])
        finer = _Pairs(np.broadcast_to(b, wide)[k], np.broadcast_to(b_low, wide)[k])
        u[k], s[k], error[k], lost[k] = _walk(finer, u[k], s[k], target[k], max_steps)
    return u, s, error, lost


def _along(frame: Array, move: Array) -> Array:
    """c_1 + c_2 move + ... of each point."""
    total = frame[:, -1]
    for k in range(frame.shape[1] - 2, -1, -1):
        total = total * move + frame[:, k]
    return total


def _walk(
    tables: _Doubles | _Pairs, u: Array, s: Array, target: Array, max_steps: int
) -> tuple[Array, Array, Array, Array]:
    """u and s as far as they could be followed, error radius, and whether that is not to the end."""
    error = np.zeros(s.shape)
    active = np.flatnonzero(np.ones(s.shape, dtype=bool))
    shrink = np.ones(s.shape)
    lost = np.zeros(s.shape, dtype=bool)
    with np.errstate(all="ignore"):
        halvings = np.abs(np.log2(np.abs(s) / np.abs(target)))
    halvings = np.max(halvings, where=np.isfinite(halvings), initial=0.0)
    most = max_steps + int(HALVING * halvings)
    for count in range(most):
        if active.size == 0:
            break
        here = tables.take(active)
        uu, ss = u[active], s[active]
        frame, r, d = here.disc(uu, ss)
        d = d * shrink[active]
        way = target[active] - ss
        length = np.abs(way)
        with np.errstate(all="ignore"):
            part = np.where(length > 0, np.minimum(1.0, d / length), 1.0)
            last = part >= 1.0
            move = np.where(last, way, way * part)
            start = uu + move * _along(frame, move)
        start = np.where(np.isfinite(start), start, uu)
        there = np.where(last, target[active], ss + move)
        found, radius = here.newton(start, there)
        good = (r > 0) & (np.abs(found - start) + radius <= r) & ((there != ss) | (length == 0))
        u[active] = np.where(good, found, uu)
        s[active] = np.where(good, there, ss)
        error[active] = np.where(good, radius, error[active])
        shrink[active] = np.where(good, np.minimum(1.0, 1.5 * shrink[active]), shrink[active] / 3)
        lost[active] = (r == 0) | (shrink[active] < 1e-3)
        if count >= PATIENCE:  # at this pace s will not change by half, nor the target be reached
            lost[active] |= np.minimum(length, np.abs(ss) / 2) > most * d
        active = active[~(good & last) & ~lost[active]]
    lost[active] = True
    return u, s, error, lost
