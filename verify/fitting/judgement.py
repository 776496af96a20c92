"""From the minimum to what is said of it: errors, what is not identifiable, outliers.

Parameters are not determined if a change of several at once leaves the law as it is, so far as the
spectrum can see: their errors are far larger together than each alone would have if the others were
known (by INFLATED in variance), and reach the end of a domain. Then the combinations are given that are
determined: eigenvectors of the information about these parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import Spectrum
from .families import Family
from .goodness import goodness, nearby
from .minimal_distance import Estimate
from .outliers import beyond_doubt, named, outside, too_many
from .result import Combination, Fit

Real = NDArray[np.float64]

SINGULAR = 1e-8
INFLATED = 100.0
HOPELESS = 1e-6  # p-value below which points next to the bands show that the law is wrong, not spikes
REACH = 3.0  # standard errors
TIED = 0.95


def judged(family: Family, spectrum: Spectrum, ensemble: Any, found: Estimate) -> Fit:
    """The fit, in the caller's terms."""
    point = family.point(found.values)
    free = ~found.at_end
    covariance, unknown = _covariance(found.fisher, free)
    undetermined, determined = _told(family, found, covariance, unknown)
    errors = np.sqrt(np.diag(covariance))
    errors[unknown] = np.inf
    errors[found.at_end] = np.nan
    absolute = found.fluctuations.absolute
    distance, degrees, p_value, notes = goodness(family, spectrum, ensemble, found)
    beyond = outside(family, point, spectrum)
    if too_many(beyond) and all(too_many(outside(family, near, spectrum)) for near in nearby(family, found)):
        p_value = 0.0
        notes.append(
            f"{beyond.sum()} points are outside the law's bands: too many to be spikes, all were kept"
        )
    left_out = spectrum.points[found.outside]
    if p_value < HOPELESS and left_out.size:
        left_out = left_out[beyond_doubt(family, point, left_out)]
        notes.append(
            f"{found.outside.sum()} points are outside the bands of a law that does not fit: only those "
            f"farther from its hull than the hull is wide are named ({left_out.size or 'none'})"
        )
    outliers = named(family, point, left_out)
    if not absolute:
        errors[:], covariance, p_value, distance = np.nan, np.full_like(covariance, np.nan), np.nan, np.nan
        notes.append(
            "no errors: how far weights fluctuate depends on size= and probes=, which were not given"
        )
    for name in np.array(family.free)[found.at_end]:
        notes.append(f"{name} is at the end of its domain, where its error is not that of an interior point")
    if not found.converged:
        notes.append("the search did not settle; the estimates may be far from the best ones")
    rigid = "" if spectrum.weights is None else "random vectors, and "
    return Fit(
        model=family.name,
        parameters=point,
        estimated=family.free,
        standard_errors=dict(zip(family.free, map(float, errors), strict=True)),
        covariance=covariance,
        p_value=p_value,
        distance=distance,
        degrees=degrees,
        undetermined=undetermined,
        determined=determined if absolute else (),
        outliers=outliers,
        notes=tuple(notes),
        ensemble=rigid + ensemble.name,
        law=family.module.law(**family.own(point)),
        domains={name: family.ends(name) for name in family.free},
        spectrum=spectrum,
    )


def _covariance(fisher: Real, free: NDArray[np.bool_]) -> tuple[Real, NDArray[np.bool_]]:
    """The inverse information of the free parameters, 0 elsewhere, and which of them take part in a null
    direction."""
    covariance, unknown = np.zeros_like(fisher), np.zeros(free.size, dtype=bool)
    if free.any():
        inside = fisher[np.ix_(free, free)]
        lengths = np.sqrt(np.maximum(np.diag(inside), 1e-300))
        values, vectors = np.linalg.eigh(inside / np.outer(lengths, lengths))
        null = values < SINGULAR * values[-1]
        inverse = np.where(null, 0.0, 1 / np.where(null, 1.0, values))
        covariance[np.ix_(free, free)] = (vectors * inverse) @ vectors.T / np.outer(lengths, lengths)
        unknown[free] = (np.abs(vectors[:, null]) > 1e-3).any(axis=1)
    return covariance, unknown


def _told(
    family: Family, found: Estimate, covariance: Real, unknown: NDArray[np.bool_]
) -> tuple[tuple[str, ...], tuple[Combination, ...]]:
    """Parameters that are not determined by themselves, and what is determined of them."""
    errors = np.sqrt(np.diag(covariance))
    weak = unknown.copy()
    for i, name in enumerate(family.free):
        low, high = family.ends(name)
        reach = REACH * errors[i]
        at_an_end = found.values[i] - reach < low or found.values[i] + reach > high
        lost = at_an_end if np.isfinite([low, high]).any() else reach > abs(found.values[i])
        weak[i] |= lost and found.fisher[i, i] * covariance[i, i] > INFLATED
    if not weak.any():
        return (), ()
    scale = np.where(errors > 0, errors, 1.0)
    tied = np.abs(covariance / np.outer(scale, scale))[:, weak].max(axis=1) > TIED
    group = np.flatnonzero(weak | tied)
    rest = np.setdiff1d(np.flatnonzero(~found.at_end), group)
    information = found.fisher[np.ix_(group, group)]
    if rest.size:
        cross = found.fisher[np.ix_(group, rest)]
        information = information - cross @ np.linalg.pinv(found.fisher[np.ix_(rest, rest)]) @ cross.T
    at = found.values[group]
    product = bool(unknown[group].any() and (at > 0).all())  # a redundant unit, as sigma is beside scale
    if product:
        information = information * np.outer(at, at)  # about logarithms
    values, vectors = np.linalg.eigh(information)
    combinations: list[Combination] = []
    for value, vector in zip(values[::-1], vectors.T[::-1], strict=True):
        if value * INFLATED < values[-1] or value <= 0 or len(combinations) == group.size - 1:
            break
        kept = np.abs(vector) > 1e-3 * np.abs(vector).max()
        factor = np.where(kept, vector, 0.0) / vector[kept][np.argmin(np.abs(vector[kept]))]
        told = float(np.prod(at**factor) if product else factor @ at)
        error = float(np.linalg.norm(factor) / np.sqrt(value)) * (told if product else 1.0)
        names = {family.free[i]: float(f) for i, f, k in zip(group, factor, kept, strict=True) if k}
        combinations.append(Combination(names, told, error, product))
    return tuple(family.free[i] for i in group), tuple(combinations)
