"""A prepared algebraic law: its singular points, tables and what follows from them at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from .cells import Half, Outer
from .singular import Infinity, Singular

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class AlgebraicLaw:
    """One algebraic law, ready for evaluation.

    rows: the exact coefficients, rows[i][j] of G^i z^j.
    points: centres of the tables, ascending: edges, cusps, atoms, singularities and crossings inside a band,
        and necks.
    halves: the tables, two a point (left, right).
    bands: (k, 2), ascending; an atom is no band. atom_rows: (j, 2), place and weight.
    certificates, uncertified: sentences.
    """

    rows: list[list[Fraction]]
    points: tuple[Singular, ...]
    halves: tuple[tuple[Half, Half], ...]
    outside: Outer
    far: Infinity
    bands: Array
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
    def below(self) -> Array:
        """cdf just left of each singular point, summed from the left."""
        steps = [0.0]
        for k in range(1, len(self.points)):
            between = self.halves[k - 1][1].total + self.halves[k][0].total
            steps.append(steps[-1] + self.points[k - 1].mass + between)
        return np.array(steps)

    @cached_property
    def above(self) -> Array:
        """sf at each singular point, summed from the right."""
        steps = [0.0]
        for k in range(len(self.points) - 1, 0, -1):
            between = self.halves[k - 1][1].total + self.halves[k][0].total
            steps.append(steps[-1] + self.points[k].mass + between)
        return np.array(steps[::-1])

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
    def _anchors(self) -> dict[int, Any]:
        return {}

    def anchors(self, k: int, make: Callable[[AlgebraicLaw, int], Any]) -> Any:
        """What `make(self, k)` returns, made once: starting points around singular point k."""
        if k not in self._anchors:
            self._anchors[k] = make(self, k)
        return self._anchors[k]
