"""Outliers: eigenvalues too far from every band to belong to the bulk.

At a soft edge the bulk's last eigenvalue is beyond the edge by some delta, the width next to the edge
that holds one eigenvalue of N; the Tracy-Widom laws allow three of it with probability about 1e-7 (beta
= 1). An eigenvalue at distance d is an outlier if N times the mass within d / FAR of the nearest edge
exceeds 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .data import Spectrum
from .families import Family

Real = NDArray[np.float64]

FAR = 3.0
MOST, SHARE = 5, 0.05  # outliers, or this share of the points, can be spikes
ROUNDING = 1e-9  # of the hull's width: an eigenvalue this near to an atom is at it


class Outlier(NamedTuple):
    """An eigenvalue outside the bulk, in the spectrum's units.

    theta: the rank-one spike that, added to the matrix, sends an eigenvalue there.
    overlap: squared overlap of that eigenvalue's vector with the spike's.
    """

    place: float
    theta: float
    overlap: float


def hull(family: Family, point: Mapping[str, float]) -> tuple[float, float]:
    """Ends of the law's support, atoms included, in the spectrum's units."""
    places = np.concatenate([bands(family, point).ravel(), _atoms(family, point)])
    return point["loc"] + point["scale"] * places.min(), point["loc"] + point["scale"] * places.max()


def outside(family: Family, point: Mapping[str, float], spectrum: Spectrum) -> NDArray[np.bool_]:
    """Which points are outliers of the law at these parameters."""
    x = (spectrum.points - point["loc"]) / point["scale"]
    rows, atoms = bands(family, point), _atoms(family, point)
    found = np.ones(x.size, dtype=bool)
    for low, high in rows:
        found &= (x < low) | (x > high)
    width = max(x.max(), *rows.ravel(), *atoms) - min(x.min(), *rows.ravel(), *atoms)
    for place in atoms:
        found &= np.abs(x - place) > ROUNDING * width
    if found.any() and rows.size:
        own, beyond, ends = family.own(point), x[found], rows.ravel()
        nearest = np.argmin(np.abs(beyond[:, None] - ends), axis=1)
        edge = ends[nearest]
        inward = np.where(nearest % 2 == 0, 1.0, -1.0) * np.abs(beyond - edge) / FAR
        mass = np.abs(family.module.cdf(edge + inward, **own) - family.module.cdf(edge, **own))
        found[found] = mass * spectrum.rows > 1
    return found


def too_many(outside: NDArray[np.bool_]) -> bool:
    """Whether so many points are outside that they are no spikes: then it is the law that is wrong."""
    return bool(outside.sum() > max(MOST, SHARE * outside.size))


def beyond_doubt(family: Family, point: Mapping[str, float], places: Real) -> NDArray[np.bool_]:
    """Which places are outliers even of a law that does not fit: beyond the hull by more than its width."""
    low, high = hull(family, point)
    return np.asarray(np.abs(places - (low + high) / 2) > 1.5 * (high - low))


def miscounted(family: Family, point: Mapping[str, float], bulk: Spectrum) -> float:
    """By how many eigenvalues the number below some point differs most from the law's."""
    x, own = (bulk.points - point["loc"]) / point["scale"], family.own(point)
    step = ROUNDING * (x[-1] - x[0])  # eigenvalues at an atom are next to it
    below = np.arange(x.size + 1.0)
    more = below[1:] - bulk.rows * family.module.cdf(x + step, **own)
    fewer = bulk.rows * family.module.cdf(x - step, **own) - below[:-1]
    return float(max(more.max(), fewer.max()))


def named(family: Family, point: Mapping[str, float], places: Real) -> tuple[Outlier, ...]:
    """Outliers at these places, with the spikes that make them."""
    loc, scale = point["loc"], point["scale"]
    own = family.own(point)
    found = []
    for place in places:
        theta = 1 / float(np.real(family.module.stieltjes((place - loc) / scale, **own)))
        overlap = float(family.module.outliers(theta, **own).overlap)
        found.append(Outlier(float(place), scale * theta, overlap))
    return tuple(found)


def bands(family: Family, point: Mapping[str, float]) -> Real:
    """The law's own bands, (bands, 2), in its own units."""
    rows = family.module.support(**family.own(point))
    return np.asarray(rows[~np.isnan(rows[:, 0])])


def _atoms(family: Family, point: Mapping[str, float]) -> Real:
    rows = family.module.atoms(**family.own(point))
    return np.asarray(rows[~np.isnan(rows[:, 0]), 0])
