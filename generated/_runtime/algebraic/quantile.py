"""Quantiles of an algebraic law, from the left and from the right, as distances from its singular points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from .law import AlgebraicLaw

Array = np.ndarray[Any, Any]


def quantile(law: AlgebraicLaw, q: Array) -> Array:
    """Smallest x with cdf(x) >= q for q (n,); the hull's ends at 0 and 1; NaN outside [0, 1]."""
    return _placed(law, *from_point(law, q))


def upper_quantile(law: AlgebraicLaw, q: Array) -> Array:
    """Smallest x with sf(x) <= q for q (n,), accurate next to the right end; NaN outside [0, 1]."""
    return _placed(law, *from_upper_point(law, q))


def _placed(law: AlgebraicLaw, which: Array, s: Array) -> Array:
    low = np.array([point.lo for point in law.points])
    return law.places[which] + (s + low[which])


def from_point(law: AlgebraicLaw, q: Array) -> tuple[Array, Array]:
    """The quantile as a singular point's index and the signed distance from it, NaN where there is none."""
    q = np.asarray(q, dtype=float)
    last = len(law.points) - 1
    # Levels where the piece changes: below e, at e (after its atom), half-way to the next point.
    levels: list[float] = []
    pieces: list[tuple[int, int]] = []
    for k in range(last + 1):
        levels += [law.below[k], law.upto[k]]
        pieces += [(k, 0), (k, 2)]
        if k < last:
            levels.append(law.upto[k] + law.halves[k][1].total)
            pieces.append((k, 1))

    def left(k: int, q: Array) -> Array:
        near = (1.0 - q) - law.onward[k]
        return np.where((q < 0.5) | (q == law.below[k]), law.below[k] - q, near)

    def right(k: int, q: Array) -> Array:
        return q - law.upto[k]

    which, s = _of_pieces(law, q, levels, pieces, "left", left, right)
    which[q == 0], which[q == 1] = 0, last
    s[(q == 0) | (q == 1)] = 0.0
    return which, s


def from_upper_point(law: AlgebraicLaw, q: Array) -> tuple[Array, Array]:
    """The same for the quantile of 1 - q, counted from the right."""
    q = np.asarray(q, dtype=float)
    last = len(law.points) - 1
    levels: list[float] = []
    pieces: list[tuple[int, int]] = []
    for k in range(last, -1, -1):
        if k < last:
            levels.append(law.above[k])
            pieces.append((k, 1))
        levels += [law.onward[k], law.onward[k] + law.halves[k][0].total]
        pieces += [(k, 2), (k, 0)]

    def left(k: int, q: Array) -> Array:
        return q - law.onward[k]

    def right(k: int, q: Array) -> Array:
        near = (1.0 - q) - law.upto[k]
        return np.where((q < 0.5) | (q == law.above[k]), law.above[k] - q, near)

    which, s = _of_pieces(law, q, levels, pieces, "right", left, right)
    which[q == 0], which[q == 1] = last, 0
    s[(q == 0) | (q == 1)] = 0.0
    return which, s


def _of_pieces(
    law: AlgebraicLaw,
    q: Array,
    levels: list[float],
    pieces: list[tuple[int, int]],
    side: Literal["left", "right"],
    left: Callable[[int, Array], Array],
    right: Callable[[int, Array], Array],
) -> tuple[Array, Array]:
    """Levels inside (0, 1): the piece (point, its left half, right half or atom) that holds each of them.

    left, right: the mass between the point and the quantile.
    """
    which, s = np.zeros(q.shape, dtype=int), np.full(q.shape, np.nan)
    if not np.all(np.isfinite(levels)):  # a table could not be filled, as `uncertified` says
        return which, s
    inner = (q > 0) & (q < 1)
    where = np.minimum(np.searchsorted(np.array(levels), q, side=side), len(levels) - 1)
    for i, (k, part) in enumerate(pieces):
        here = np.flatnonzero(inner & (where == i))
        if not here.size:
            continue
        which[here] = k
        if part == 2 or (part == 0 and not law.halves[k][0].band):
            s[here] = 0.0
        elif part == 1:
            s[here] = law.halves[k][1].distance_of_mass(np.maximum(right(k, q[here]), 0.0))
        else:
            s[here] = -law.halves[k][0].distance_of_mass(np.maximum(left(k, q[here]), 0.0))
    return which, s
