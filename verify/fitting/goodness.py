"""How well the law fits: the distance that remains in statistics which neither parameters nor edges move.

Deviations of the statistics from the fitted law, whitened, are projected on what is orthogonal to their
derivatives by the parameters and to what pushes an edge (`edges`). The first makes the distance the same,
to first order, for every good estimate; the second takes out where corrections of order 1/N are. What is
left is chi-square, of as many degrees as there are dimensions, or Hotelling's with a calibration on
samples.

As many orders are taken as leave every edge that is pushed a skewness of at most LIMIT. Up to there
variances that remain are within about 5 % of what the limit says; the excess grows as the square of the
skewness (Marchenko-Pastur and semicircle laws, 30 to 150 rows). Edges with less than SLIGHT are not
taken out: those of large matrices, and hard ones in the making.

Next to a cusp, where two bands are about to merge, hardly more than one degree is left at 150 rows. Of 2300
matrices there (phi = 4) 1.1 % had p < 0.01 and 0.3 % p < 0.001; of 1500 of 300 rows 0.9 % and 0.07 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..chi_square import chi_square_tail, hotelling_tail
from .data import Spectrum
from .edges import Push
from .families import Family
from .minimal_distance import MOST_ORDERS, Estimate, Local, OfEnsemble, interval, observed, whitening
from .outliers import miscounted

Real = NDArray[np.float64]

LIMIT, SLIGHT = 1.5, 0.05  # skewness
ROUGH = 3.0
COLLINEAR = 1e-4
IMPOSSIBLE = 6.0  # standard deviations of a direction that hardly fluctuates
MISCOUNTED = 12.0  # eigenvalues: the variance of their number below a point is 2 log(N) / (beta pi^2) + O(1)


class Goodness(NamedTuple):
    """Squared distance, degrees of freedom, p-value (NaN where it cannot be given), and notes."""

    distance: float
    degrees: int
    p_value: float
    notes: list[str]


class Counted(NamedTuple):
    """What counts: combinations of the statistics, (degrees, K), independent and of variance 1.

    skewness: the most of an edge whose push is taken out.
    """

    rows: Real
    skewness: float

    def distance(self, deviation: Real) -> float:
        """The squared distance, of deviations of K or more statistics."""
        return float(np.sum((self.rows @ deviation[: self.rows.shape[1]]) ** 2))


def goodness(family: Family, spectrum: Spectrum, ensemble: OfEnsemble, found: Estimate) -> Goodness:
    """That of the law at the estimate."""
    exterior = interval(family, spectrum.without(found.outside), found.values, MOST_ORDERS)
    point = family.point(found.values)
    transform = family.transform(exterior.z, point)
    pushes = ensemble.pushes(exterior, transform, point, spectrum)
    if pushes:
        data = observed(spectrum, found.outside, exterior)
        local = Local(family, data, ensemble, found.values, transform)
        counts = counted(local, pushes, ~found.at_end)
        distance = counts.distance(local.deviation)
    else:  # the statistics of the estimate, whitened as they are
        counts = _without(np.eye(found.used.size), found.used, found.jacobian[:, ~found.at_end], [])
        distance = counts.distance(found.whitened)
    degrees, notes, p_value = counts.rows.shape[0], [], np.nan
    if degrees < 1:
        notes.append(
            "no p-value: as many parameters as statistics; hold some of them, or fit a larger spectrum"
        )
    elif found.fluctuations.samples is None:
        p_value = chi_square_tail(distance, degrees)
    else:
        p_value = hotelling_tail(distance, degrees, found.fluctuations.samples)
    if degrees > 0 and counts.skewness > ROUGH:
        notes.append("the p-value is rough: so few rows leave no statistic near its limit")
    if (np.abs(found.whitened[~found.used]) > IMPOSSIBLE).any():
        p_value, notes = 0.0, []
        notes.append(
            "the spectrum differs from the law in what hardly fluctuates in this ensemble, such as the "
            "symmetry of a symmetric law or the number of eigenvalues in a band"
        )
    elif pushes:
        bulk = spectrum.without(found.outside)
        amiss = min(miscounted(family, near, bulk) for near in nearby(family, found))
        if amiss > MISCOUNTED + found.outside.sum():
            p_value, notes = 0.0, []
            notes.append(
                f"up to some point there are {amiss:.0f} eigenvalues more or fewer than the law has; in "
                "matrices of this ensemble this number hardly fluctuates"
            )
    return Goodness(distance, degrees, p_value, notes)


def nearby(family: Family, found: Estimate) -> list[dict[str, float]]:
    """Parameters at the estimate, and one or two standard errors from it by each parameter, others following.

    Counts are no smooth functions of them: next to a cusp or to an atom a band may hold a third of the
    eigenvalues at an error's distance from an estimate that has none. What holds nearby is not excluded.
    """
    covariance = np.linalg.pinv(found.fisher, hermitian=True)
    ends = np.array([family.ends(name) for name in family.free])
    points = [family.point(found.values)]
    for direction, variance in zip(covariance, np.diag(covariance), strict=True):
        if variance > 0:
            for errors in (-2.0, -1.0, 1.0, 2.0):
                there = found.values + errors * direction / np.sqrt(variance)
                if ((there > ends[:, 0]) & (there < ends[:, 1])).all():
                    points.append(family.point(there))
    return points


def counted(local: Local, pushes: Sequence[Push], free: NDArray[np.bool_]) -> Counted:
    """Of the most orders that can be trusted, or of the fewest that leave a degree of freedom.

    free: which of the estimated parameters are not at an end of their domain.
    """
    slopes = local.slopes[:, free]
    best = None
    for orders in range(local.slopes.shape[1] + 1, local.exterior.orders + 1):
        whiten, used = whitening(local.fluctuations.covariance[:orders, :orders])
        pushed = [Push(whiten @ push.direction[:orders], push.factor) for push in pushes]
        here = _without(whiten, used, whiten @ slopes[:orders], pushed)
        if best is not None and best.rows.size and here.skewness > LIMIT:
            break
        best = here
    assert best is not None
    return best


def _without(whiten: Real, used: NDArray[np.bool_], slopes: Real, pushes: Sequence[Push]) -> Counted:
    """The used directions but for whitened derivatives, and pushes that are not slight."""
    taken, most = [slopes[used]], 0.0
    for push in pushes:
        direction = push.direction[used]
        skewness = push.factor * float(np.linalg.norm(direction)) ** 3
        if not skewness <= SLIGHT:
            taken.append(direction[:, None])
            most = max(most, skewness)
    columns = np.concatenate(taken, axis=1)
    lengths = np.linalg.norm(columns, axis=0)
    basis, s, _ = np.linalg.svd(columns[:, lengths > 0] / lengths[lengths > 0])
    many = int((s > COLLINEAR * s.max(initial=0.0)).sum())
    return Counted(basis[:, many:].T @ whiten[used], most)
