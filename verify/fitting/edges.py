"""What pushes a law's edges, and why the goodness of fit leaves it out.

Next to a soft edge G = G_a + s r + ..., r^2 the distance from it, and the density inside is (s / pi) r.
There the covariance of log det(z - H) with log det at such a point is C(z, a) + v(z) r + ..., with v = s
dC/dG at G_a: adding t S to the energy moves the edge by t v(S) / (s N). What is beyond the Gaussian limit
by order 1/N comes from the edges. The third cumulants of the statistics are

    sum over edges of +- (beta / 2) v_i v_j v_k / (2 s N)

(the residue at a simple branch point that topological recursion has for three points, times (2 /
beta)^2), and what real matrices have of order 1/N in their covariance is singular at the edges alone. So
statistics that push no edge, those orthogonal to every v in the metric of the covariance C, are closer to
Gaussian of that covariance. Samples confirm it: `tests/test_fitting.py`. With |v|^2 = v' C^-1 v,

    skewness = beta |v|^3 / (4 s N)

is that of the statistic which pushes the edge most. It grows as (number of orders)^3 / N and says how far
from their limit statistics of so many orders are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .families import Family
from .outliers import bands

Real = NDArray[np.float64]

STEP = 1e-4  # of G, for second differences of polynomials


class Edge(NamedTuple):
    """G at an edge, and s^2 there; both in the spectrum's units."""

    transform: float
    strength: float


class Push(NamedTuple):
    """v(S_k) / s at one edge, the sign left open, and beta s^2 / (4 N): times |v/s|^3 it is the skewness."""

    direction: Real
    factor: float


def edges(family: Family, point: Mapping[str, float]) -> list[Edge]:
    """The soft edges: ends of bands where G is finite.

    From P(G, z) = 0 next to a double root in G: (G - G_a)^2 = -2 (dP/dz) / (d^2P/dG^2) (z - a). Where two
    edges meet s is infinite.
    """
    own, scale = family.own(point), point["scale"]
    ends = bands(family, point).ravel()
    found = []
    with np.errstate(all="ignore"):
        transforms = family.module.stieltjes(ends, **own).real
        width = ends.max(initial=0.0) - ends.min(initial=0.0)
        for end, g in zip(ends, transforms, strict=True):
            if not np.isfinite(g):
                continue
            h, d = STEP * (abs(g) + 1 / width), STEP * width
            sides = family.module.equation(g + h * np.array([-1.0, 0.0, 1.0]), end, **own)
            bend = (sides[0] - 2 * sides[1] + sides[2]) / h**2
            above, below = (family.module.equation(g, end + step, **own) for step in (d, -d))
            strength = abs((above - below) / d / bend)
            found.append(Edge(g / scale, float(strength if np.isfinite(strength) else np.inf) / scale**3))
    return found
