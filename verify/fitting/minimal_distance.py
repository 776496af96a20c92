"""Estimates by minimal distance: the parameters whose law lies nearest to the spectrum's statistics.

With S the Chebyshev statistics, C their covariance and M their mean (N times the law's, plus bias, plus
what outliers left out have done), the squared distance (S - M)' C^-1 (S - M) is minimised by Gauss and
Newton's steps, C taken at the parameters reached. The statistics are Gaussian in the limit, so that the
minimum is efficient among all functions of them: its covariance is (J' C^-1 J)^-1, J = dM/dp, of order
1/N^2. How well the law fits at it is another matter, of other statistics (`goodness`).

The orders K grow as N^(1/3), N without eigenvalues at atoms: next to an edge T_k varies over h / k^2, and
must do so over many eigenvalues, whose spacing there is of order h / N^(2/3). Estimates of a law of one
band lose about one part in a hundred by it; of one of three bands at 300 rows they lose a third or more,
until more rows allow more orders. A direction of the statistics whose variance is below FLOOR of the
largest is given that variance, and is of no use in judging the fit: corrections of order 1/N may dominate
it. (All odd statistics of a law that is symmetric as its matrices are do not fluctuate at all.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .data import Spectrum
from .edges import Push
from .ensembles import Fluctuations
from .exterior import Complex, Exterior
from .families import Family
from .outliers import hull, outside, too_many

Real = NDArray[np.float64]

FLOOR = 1e-2
MARGIN = 1.02  # of the interval about the hull
PER_ROOT, MOST_ORDERS = 0.8, 16
ROUNDS = 6
STEPS = 30
HALVINGS = 25
STILL = 0.01  # of a standard error
NEAR = 5.0  # standard errors from a closed end


class OfEnsemble(Protocol):
    """How the statistics of a spectrum fluctuate, and what of them pushes the law's edges.

    Both of an exterior, G at its points, all parameters, and the spectrum.
    """

    def __call__(
        self, exterior: Exterior, transform: Complex, point: Mapping[str, float], spectrum: Spectrum, /
    ) -> Fluctuations: ...

    def pushes(
        self, exterior: Exterior, transform: Complex, point: Mapping[str, float], spectrum: Spectrum, /
    ) -> list[Push]: ...


@dataclass(frozen=True)
class Estimate:
    """What the minimum is like.

    values: the free parameters. at_end: which of them are at an end of their domain.
    fisher: J' C^-1 J. whitened: the remaining deviations in units of their standard deviations; directions
    of these: used, whether they count as degrees of freedom. jacobian: that of the whitened deviations.
    fluctuations: of the ensemble there. outside: which points were left out. converged: whether steps
    ended.
    """

    values: Real
    at_end: NDArray[np.bool_]
    fisher: Real
    whitened: Real
    used: NDArray[np.bool_]
    jacobian: Real
    fluctuations: Fluctuations
    outside: NDArray[np.bool_]
    converged: bool


def estimate(family: Family, spectrum: Spectrum, ensemble: OfEnsemble, first: Real) -> Estimate:
    """From starting values near the best ones; outliers are found again until they stay the same.

    They may not: a law whose edge moves in when they are left out can leave more points outside. Then it is
    the estimate with the fewest points outside, said not to have converged.
    """
    values, left_out = first, _spikes(outside(family, family.point(first), spectrum))
    tried: list[tuple[int, Estimate]] = []
    for _ in range(ROUNDS):
        found = _minimum(family, spectrum, left_out, ensemble, values)
        beyond = outside(family, family.point(found.values), spectrum)
        again = _spikes(beyond)
        if (again == left_out).all():
            return found
        tried.append((int(beyond.sum()), found))
        values, left_out = found.values, again
    return replace(min(tried, key=lambda pair: pair[0])[1], converged=False)


def _spikes(beyond: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which points to leave out: outliers, unless they are too many."""
    return np.zeros_like(beyond) if too_many(beyond) else beyond


def orders(spectrum: Spectrum, parameters: int) -> int:
    """How many statistics are taken, if all of them fluctuate."""
    if spectrum.weights is None:
        most = round(PER_ROOT * spectrum.distinct ** (1 / 3))
    else:  # Gauss's quadrature is exact to this degree, and fluctuates more
        most = min(MOST_ORDERS, 2 * spectrum.points.size // (spectrum.probes or 1) - 1)
    return int(np.clip(most, parameters + 2, MOST_ORDERS))


def interval(family: Family, bulk: Spectrum, values: Real, orders: int) -> Exterior:
    """One that holds the law at these values, and the bulk of the spectrum."""
    low, high = hull(family, family.point(values))
    low, high = min(low, bulk.points[0]), max(high, bulk.points[-1])
    return Exterior((low + high) / 2, (high - low) / 2 * MARGIN, orders)


def _minimum(
    family: Family,
    spectrum: Spectrum,
    left_out: NDArray[np.bool_],
    ensemble: OfEnsemble,
    values: Real,
) -> Estimate:
    bulk = spectrum.without(left_out)
    exterior = interval(family, bulk, values, orders(spectrum, values.size))
    transform, converged = family.transform(exterior.z, family.point(values)), False
    while (
        exterior.orders < MOST_ORDERS
    ):  # only half of them fluctuate where the matrices are symmetric about 0
        covariance = ensemble(exterior, transform, family.point(values), spectrum).covariance
        if whitening(covariance)[1].sum() >= values.size + 2:
            break
        exterior = replace(exterior, orders=exterior.orders + 1)
    data = observed(spectrum, left_out, exterior)
    ends = np.array([family.ends(name) for name in family.free])
    for _ in range(STEPS):
        local = Local(family, data, ensemble, values, transform)
        step, errors, free = _step(local, values, ends)
        for halvings in range(HALVINGS):
            there = _kept_inside(family, values, step / 2**halvings, errors)
            near = family.transform(exterior.z, family.point(there), transform)
            if local.distance_with(near) <= local.distance * (1 + 1e-12):
                break
        else:  # nothing is nearer along this direction
            converged = bool((np.abs(step[free]) <= errors[free]).all())
            break
        moved = np.abs(there - values)
        values, transform = there, near
        if (moved[free] <= STILL * errors[free] + 1e-12 * np.abs(values[free])).all():
            converged = True
            break
    transform = family.transform(exterior.z, family.point(values))
    local = Local(family, data, ensemble, values, transform)
    _, _, free = _step(local, values, ends)
    fisher = local.jacobian.T @ local.jacobian
    return Estimate(
        values,
        ~free,
        fisher,
        local.whitened,
        local.used,
        local.jacobian,
        local.fluctuations,
        left_out,
        converged,
    )


class Observed(NamedTuple):
    """The statistics of a spectrum over an interval, the points marked left out."""

    spectrum: Spectrum
    left_out: NDArray[np.bool_]
    exterior: Exterior
    statistics: Real


def observed(spectrum: Spectrum, left_out: NDArray[np.bool_], exterior: Exterior) -> Observed:
    """Those of the points that are not marked."""
    bulk = spectrum.without(left_out)
    return Observed(spectrum, left_out, exterior, exterior.statistics(bulk.points, bulk.weights))


class Local:
    """The distance next to one choice of parameters: deviations, their whitening, their derivatives.

    deviation, slopes: of the statistics from their mean, and its derivatives, (K, free). whitened,
    jacobian: those in units of standard deviations.
    """

    def __init__(
        self, family: Family, data: Observed, ensemble: OfEnsemble, values: Real, transform: Complex
    ) -> None:
        spectrum, exterior, spikes = data.spectrum, data.exterior, data.spectrum.points[data.left_out]
        self.exterior, self.statistics = exterior, data.statistics
        point = family.point(values)
        self.fluctuations = ensemble(exterior, transform, point, spectrum)
        self.shift = self.fluctuations.shift
        self.count = self.fluctuations.count
        if spikes.size:
            rows = spectrum.size or np.inf
            moved = np.zeros(exterior.orders)
            for place in spikes:
                theta = 1 / float(np.real(family.transform(np.array([place]), point)[0]))
                moved += exterior.spike(1 / transform, theta, float(place))
            if spectrum.weights is None:
                self.shift = self.shift + moved
            elif spectrum.size is not None:
                self.shift = (rows * self.shift + moved) / (rows - spikes.size)
                self.count = rows / (rows - spikes.size)
        self.whiten, self.used = whitening(self.fluctuations.covariance)
        self.deviation = self._deviation(transform)
        self.whitened = self.whiten @ self.deviation
        self.distance = self.distance_with(transform)
        self.slopes = -self.count * exterior.means(family.gradient(exterior.z, transform, point)).T
        self.jacobian = self.whiten @ self.slopes

    def _deviation(self, transform: Complex) -> Real:
        return np.asarray(self.statistics - self.count * self.exterior.means(transform) - self.shift)

    def distance_with(self, transform: Complex) -> float:
        """The squared distance for another G, bias and covariance left as they are."""
        whitened = self.whiten @ self._deviation(transform)
        return float(whitened @ whitened)


def _step(local: Local, values: Real, ends: Real) -> tuple[Real, Real, NDArray[np.bool_]]:
    """Gauss and Newton's step, standard errors, and which parameters are free to move.

    A parameter at an end of its domain from which the step would lead out is held there.
    """
    free = np.ones(values.size, dtype=bool)
    step, errors = np.zeros(values.size), np.zeros(values.size)
    while free.any():
        jacobian = local.jacobian[:, free]
        lengths = np.sqrt(np.sum(jacobian**2, axis=0))
        lengths[lengths == 0] = 1.0
        u, s, v = np.linalg.svd(jacobian / lengths, full_matrices=False)
        inverse = np.where(s > 1e-9 * s[0], 1 / np.maximum(s, 1e-300), 0.0)
        step[:], errors[:] = 0.0, 0.0
        step[free] = -(v.T * inverse) @ (u.T @ local.whitened) / lengths
        errors[free] = np.sqrt(np.sum((v.T * inverse) ** 2, axis=1)) / lengths
        stuck = free & (((values <= ends[:, 0]) & (step < 0)) | ((values >= ends[:, 1]) & (step > 0)))
        if not stuck.any():
            break
        free &= ~stuck
    return step, errors, free


def _kept_inside(family: Family, values: Real, step: Real, errors: Real) -> Real:
    """The values after the step, or after the part of it that takes each 7/8 of the way to an end at most.

    Nor does it take any on a half-line beyond 8 times its distance from the end. A closed end is reached
    where it is within a few standard errors.
    """
    part = 1.0
    for i, name in enumerate(family.free):
        low, high = family.ends(name)
        for end, closed, other in zip((low, high), family.closed(name), (high, low), strict=True):
            away = values[i] - end
            if np.isfinite(end) and not (closed and abs(away) <= NEAR * errors[i]) and away != 0:
                if step[i] * away < 0:
                    part = min(part, 7 / 8 * abs(away / step[i]))
                elif np.isinf(other) and step[i] != 0:
                    part = min(part, 7 * abs(away / step[i]))
    there = values + part * step
    ends = np.array([family.ends(name) for name in family.free])
    return np.clip(there, ends[:, 0], ends[:, 1])


def whitening(covariance: Real) -> tuple[Real, NDArray[np.bool_]]:
    """Rows that make deviations independent, of variance 1 (less if weak), and which are not weak."""
    scale = np.sqrt(np.maximum(np.diag(covariance), 0))
    if not np.isfinite(covariance).all() or not scale.any():
        raise ArithmeticError(
            "the law nearest to these points does not fluctuate as one of large matrices does; it is of "
            "another kind than the spectrum, or single parameters must be held"
        )
    scale = np.maximum(scale, np.sqrt(FLOOR) * scale.max())
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    used = values > FLOOR * values[-1]
    return (vectors / np.sqrt(np.maximum(values, FLOOR * values[-1]))).T / scale, used
