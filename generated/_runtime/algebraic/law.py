"""A prepared algebraic law: its singular points, tables and what follows from them at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from .cells import Half
from .outside import Outer
from .r_transform import Inverse, inverse_curve
from .singular import Infinity, Singular

Array = np.ndarray[Any, Any]

# The level of a gap, summed over the bands beside it, is off by a few units in the last place.
PLAIN, ROUNDING = 1000, 8.0


@dataclass(frozen=True, eq=False)
class AlgebraicLaw:
    """One algebraic law, ready for evaluation.

    rows: the exact coefficients, rows[i][j] of G^i z^j.
    mean: of the law, where several branches have G ~ 1/z.
    points: centres of the tables, ascending: edges, cusps, atoms, singularities and crossings inside a band,
        and necks.
    halves: the tables, two a point (left, right).
    bands: (k, 2), ascending; an atom is no band. atom_rows: (j, 2), place and weight.
    edges_missing: the density is positive on sides of points that `bands` cannot account for.
    certificates, uncertified: sentences.
    """

    rows: list[list[Fraction]]
    mean: Fraction | None
    points: tuple[Singular, ...]
    halves: tuple[tuple[Half, Half], ...]
    outside: Outer
    far: Infinity
    bands: Array
    edges_missing: bool
    atom_rows: Array
    certificates: tuple[str, ...]
    uncertified: tuple[str, ...]

    @cached_property
    def places(self) -> Array:
        """The singular points as doubles."""
        return np.array([point.hi for point in self.points])

    @cached_property
    def middles(self) -> Array:
        """Half-way between neighbouring singular points, and the two ends of the tables."""
        first, last = self.points[0], self.points[-1]
        inner = (self.places[1:] + self.places[:-1]) / 2
        return np.concatenate(
            [[first.hi - self.halves[0][0].reach], inner, [last.hi + self.halves[-1][1].reach]]
        )

    @cached_property
    def _from_left(self) -> Array:
        """cdf just left of each singular point and at it, (2, points), summed from the left."""
        level, steps = 0.0, []
        for (left, right), point in zip(self.halves, self.points, strict=True):
            below = level + left.total
            at = _plain(below + point.mass, right)
            steps.append((below if point.mass else at, at))
            level = at + right.total
        return np.array(steps).T

    @cached_property
    def _from_right(self) -> Array:
        """sf at each singular point and just left of it, (2, points), summed from the right."""
        level, steps = 0.0, []
        for (left, right), point in zip(self.halves[::-1], self.points[::-1], strict=True):
            at = level + right.total
            before = _plain(at + point.mass, left)
            steps.append((at if point.mass else before, before))
            level = before + left.total
        return np.array(steps[::-1]).T

    @property
    def below(self) -> Array:
        """cdf just left of each singular point."""
        return self._from_left[0]

    @property
    def upto(self) -> Array:
        """cdf at each singular point."""
        return self._from_left[1]

    @property
    def above(self) -> Array:
        """sf at each singular point."""
        return self._from_right[0]

    @property
    def onward(self) -> Array:
        """sf just left of each singular point."""
        return self._from_right[1]

    @cached_property
    def potential(self) -> Array:
        """Atom-free logarithmic potential at each singular point, from infinity on the right."""
        end = self.middles[-1:]
        value = (
            float((self.outside.potential_at(end) - self.atoms_potential(end))[0]) - self.halves[-1][1].rise
        )
        values = [value]
        for k in range(len(self.points) - 1, 0, -1):
            value += self.halves[k][0].rise - self.halves[k - 1][1].rise
            values.append(value)
        return np.array(values[::-1])

    def atoms_potential(self, x: Array) -> Array:
        """sum of mass log|x - place| over the atoms."""
        total = np.zeros_like(x)
        with np.errstate(all="ignore"):
            for place, mass in self.atom_rows:
                total = total + mass * np.log(np.abs(x - place))
        return total

    def parts(self, x: Array) -> list[tuple[Array, int, int, Array]]:
        """Points of the tables by half: index, singular point, side (0 left, 1 right), distance."""
        found = []
        where = np.searchsorted(self.middles, x, side="right") - 1
        where = np.where(x == self.middles[-1], len(self.points) - 1, where)
        for k, point in enumerate(self.points):
            here = np.flatnonzero(where == k)
            if not here.size:
                continue
            s = (x[here] - point.hi) - point.lo
            for side, mask in ((0, s < 0), (1, s >= 0)):
                if mask.any():
                    found.append((here[mask], k, side, np.abs(s[mask])))
        return found

    @cached_property
    def inverse(self) -> Inverse:
        """The curve of the R-transform."""
        return inverse_curve(self)

    @cached_property
    def _anchors(self) -> dict[int, Any]:
        return {}

    def anchors(self, k: int, make: Callable[[AlgebraicLaw, int], Any]) -> Any:
        """What `make(self, k)` returns, made once: starting points around singular point k."""
        if k not in self._anchors:
            self._anchors[k] = make(self, k)
        return self._anchors[k]


def _plain(level: float, side: Half) -> float:
    """The level of a gap on that side of a point: a rational number of small denominator if one is so near.

    As a rule it is one, and a quantile at it must not fall on the other side of the gap; if it is none, it
    moves by no more than it is off.
    """
    if side.band or not np.isfinite(level):
        return level
    near = float(Fraction(level).limit_denominator(PLAIN))
    return near if abs(near - level) <= ROUNDING * np.spacing(level) else level
