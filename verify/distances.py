"""How well quantiles given as the nearest edge and the distance from it meet their levels, certified."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq
from numpy.typing import NDArray

from .exact import ball, rational
from .precise import Law
from .quantiles import above

# A distance is 2^-700 of its edge or more before it is subnormal.
EDGE_BITS = 900
BITS = 120
LEAST, NORMAL = rational(math.ulp(0.0)), 2.0**-1022


def distance_errors(law: Law, q: NDArray[Any] | list[fmpq], got: NDArray[Any]) -> NDArray[Any]:
    """|cdf(x) - q| in parts of min(q, 1 - q), (n,): x is the exact edge at got["edge"] plus got["distance"].

    An atom is an edge, and so is 0, where the density may be infinite or have a peak. At an atom whose jump
    holds q the error is 0; so it is where the distance is subnormal and right to its last bit.
    """
    edges = _Edges(law)
    rows = zip(map(rational, q), got["edge"].tolist(), got["distance"].tolist(), strict=True)
    return np.array([edges.error(*row) for row in rows])


def upper_distance_errors(law: Law, q: NDArray[Any], got: NDArray[Any]) -> NDArray[Any]:
    """The same for the quantiles at 1 - q, which is not rounded."""
    return distance_errors(law, [1 - rational(level) for level in q.tolist()], got)


class _Edges:
    """The exact places from which one law's quantiles may be counted."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.places = [rational(end.mid()) for end in law.edges(EDGE_BITS)]
        self.places.append(fmpq(0))
        atom = law.atom()
        self.atom = None if atom is None else rational(ball(atom[0]).mid())
        self.mass = None if atom is None else atom[1]

    def error(self, q: fmpq, edge: float, distance: float) -> float:
        """The error of one quantile; of edges that the same double stands for the better counts."""
        if not (math.isfinite(edge) and math.isfinite(distance)):
            return math.inf
        if self.atom is not None and distance == 0 and float(arb(self.atom)) == edge:
            return 0.0 if self._jumps_over(q) else math.inf
        near = [place for place in self.places if abs(float(arb(place)) - edge) <= math.ulp(edge)]
        return min((self._miss(place + rational(distance), q, distance) for place in near), default=math.inf)

    def _miss(self, x: fmpq, q: fmpq, distance: float) -> float:
        if abs(distance) < NORMAL and above(self.law, x + LEAST, q) and not above(self.law, x - LEAST, q):
            return 0.0
        lower = q < fmpq(1, 2)
        mass = (self.law.cdf if lower else self.law.sf)(x, bits=BITS)
        return float(abs(mass / arb(q if lower else 1 - q) - 1).mid())

    def _jumps_over(self, q: fmpq) -> bool:
        """Whether the distribution function jumps at the atom from below q to q or more."""
        assert self.atom is not None
        level = self.law.cdf(self.atom, bits=EDGE_BITS)  # continuous from the right
        with ctx.workprec(EDGE_BITS):
            return not (arb(q) > level or arb(q) <= level - ball(self.mass))
