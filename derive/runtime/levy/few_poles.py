"""The root of H(w) = x of two or three poles by formula, in doubles: a start for `side_by_side`.

    H(w) - x = w - y + sum_j c_j / (w - p_j) = 0

is a cubic (Cardano) or a quartic equation (Ferrari) with k - 1 real roots at least, one between each pole and
the next. The other two are w and its conjugate inside a band, else real, and with the others they tell by
their places which has H' > 0. Cancellation costs digits next to edges, cusps and small poles: that a root is
good has to be seen from H. Real roots are few, and only their formulas need angles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arguments import FloatArray

Rows = Sequence[FloatArray]


def root(p: Rows, c: Rows, y: FloatArray) -> tuple[Any, Any]:
    """w for k poles p and weights c, k = 2 or 3, and y, each (n,), and whether it is real, (n,).

    NaN where the formula fails, as it may for vanishing weights and for coefficients out of range.
    """
    with np.errstate(all="ignore"):
        middle = y + p[0]
        for pole in p[1:]:
            middle += pole
        middle /= len(p) + 1.0
        w, real = (_of_two if len(p) == 2 else _of_three)([pole - middle for pole in p], c, y - middle)
        w.real += middle
        return w, real


def _of_two(p: Rows, c: Rows, y: FloatArray) -> tuple[Any, Any]:
    """The same for y + p_1 + p_2 = 0."""
    product = p[0] * p[1]
    g = (product - y * y + (c[0] + c[1])) / 3.0
    h = -0.5 * (product * y + c[0] * p[1] + c[1] * p[0])
    r, other, real = _cardano(g, h)
    w = np.empty(y.shape, dtype=np.complex128)
    np.multiply(0.5, r - other, out=w.real)
    np.multiply(0.75**0.5, np.abs(r + other), out=w.imag)
    few = np.flatnonzero(real)
    if few.size:
        highest, lowest = _extreme(g.take(few), h.take(few))
        w[few] = _physical([pole.take(few) for pole in p], [lowest, -lowest - highest, highest])
    return w, real


def _of_three(p: Rows, c: Rows, y: FloatArray) -> tuple[Any, Any]:
    """The same for y + p_1 + p_2 + p_3 = 0: t^4 + a t^2 + b t + d = 0."""
    first, second = p[0] * p[1], p[0] + p[1]
    pairs, triple = first + second * p[2], first * p[2]
    total = c[0] + c[1] + c[2]
    a = pairs - y * y + total
    b = total * y + (c[0] * p[0] + c[1] * p[1] + c[2] * p[2]) - triple - y * pairs
    d = y * triple + c[0] * (p[1] * p[2]) + c[1] * (p[0] * p[2]) + c[2] * first
    # (t^2 - s t + (a + s^2 + b / s) / 2) (t^2 + s t + (a + s^2 - b / s) / 2), s^2 = 2 m: m + a / 3 is a
    # root of t^3 + 3 g t + 2 h, and one factor alone may have roots that are not real
    aa = a * a
    g = aa / -36.0 - d / 3.0
    h = a * (d / 6.0 - aa / 216.0) - b * b / 16.0
    r, other, real = _cardano(g, h)
    w = np.empty(y.shape, dtype=np.complex128)
    s, square = _halves(a, b, other - r)
    np.multiply(0.5, np.copysign(s, b), out=w.real)
    np.sqrt(square, out=w.imag)
    few = np.flatnonzero(real)
    if few.size:
        a, b = a.take(few), b.take(few)
        s, square = _halves(a, b, _extreme(g.take(few), h.take(few))[0])
        near, far = np.sqrt(-square), np.sqrt(np.abs(b) / s - square)
        s = 0.5 * np.copysign(s, b)
        w[few] = _physical([pole.take(few) for pole in p], [s - near, s + near, -s - far, -s + far])
    return w, real


def _halves(a: FloatArray, b: FloatArray, cubic: FloatArray) -> tuple[FloatArray, FloatArray]:
    """s from m + a / 3, and v^2 of the factor (t - s sign(b) / 2)^2 + v^2; the other's is less by |b| / s."""
    m = np.maximum(cubic - a / 3.0, 0.0)
    s = np.sqrt(2.0 * m)
    return s, 0.5 * (m + a + np.abs(b) / s)


def _cardano(g: FloatArray, h: FloatArray) -> tuple[FloatArray, FloatArray, Any]:
    """Of t^3 + 3 g t + 2 h: r and g / r, the real root being g / r - r, and where there are three of them."""
    square = h * h + g * g * g
    r = np.cbrt(h + np.copysign(np.sqrt(np.maximum(square, 0.0)), h))
    return r, g / r, ~(square > 0)


def _extreme(g: FloatArray, h: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The highest and the lowest root of t^3 + 3 g t + 2 h where all are real."""
    size = np.sqrt(-g)
    angle = np.arccos(np.clip(h / (g * size), -1.0, 1.0)) / 3.0
    return 2.0 * size * np.cos(angle), -2.0 * size * np.cos(np.pi / 3 - angle)


def _physical(p: Rows, roots: Rows) -> FloatArray:
    """The one of k + 1 roots with H' > 0: beyond all poles, or the middle one of three in a gap."""
    p, roots = _ascending(p), _ascending(roots)
    found = roots[-2] if len(p) == 2 else np.where(roots[2] < p[1], roots[1], roots[2])
    found = np.where(roots[0] < p[0], roots[0], found)
    return np.where(roots[-1] > p[-1], roots[-1], found)


def _ascending(rows: Rows) -> list[FloatArray]:
    """Few rows sorted point by point: far faster than `numpy.sort` along the first axis."""
    rows = list(rows)
    for last in range(len(rows) - 1, 0, -1):
        for i in range(last):
            rows[i], rows[i + 1] = np.minimum(rows[i], rows[i + 1]), np.maximum(rows[i], rows[i + 1])
    return rows
