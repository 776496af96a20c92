"""The index of critical points against their energy, beside the 3/2 law and the whole curve of the law.

Figure 6 takes, for each number k of negative eigenvalues, the mean energy of the critical points that have so
many, and fits alpha = alpha_0 (eps - eps_c)^p, p = 3/2, to those of small k. As a function of k this is

    eps = eps_c + b k^(1/p),

linear in eps_c and b, so that for each p there is one best fit, and the best p is found on a grid. All points
count alike: their energies at one k differ because each has its own data, far more than the curve bends
between neighbouring k. Standard errors are those of the bootstrap over runs. Whether a curve fits is judged
by chi^2: means at each k against the curve, in units of the scatter at one k.

The whole curve is alpha(eps) of Wishart plus Wigner at this phi with one fitted number, the scale of the
energy: eps = scale * eps(alpha). At finite size the mean index of such matrices is larger than N alpha by
1/(2 pi) times the angle of H'(w) below the axis, w = 1/G(0), H(w) = R(1/w) + w; at most by 1/4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from generated import wishart_wigner as law

Real = NDArray[np.float64]

EXPONENTS = np.geomspace(0.25, 6, 320)
RESAMPLES = 400
WINDOWS = (12, 25, 50, 100)
"""Largest k of fits."""


@dataclass(frozen=True)
class Energies:
    """Of critical points of networks of one shape, by their number of negative eigenvalues, from 1 on.

    size: eigenvalues of each, P. count, mean, error: for each index that occurs; the error of one
    point is the scatter. within: the scatter of energies at one index. minima: points without a
    negative eigenvalue, which are on no curve.
    """

    phi: float
    size: int
    index: NDArray[np.intp]
    count: NDArray[np.intp]
    mean: Real
    error: Real
    within: float
    minima: int


@dataclass(frozen=True)
class PowerLaw:
    """alpha = alpha_0 (eps - eps_c)^p up to an index; errors are the bootstrap's, 0 for what was given.

    p_value: of chi^2; how often so bad a fit would come about if the curve were right. points: how many.
    """

    largest: int
    points: int
    exponent: float
    exponent_error: float
    critical: float
    critical_error: float
    prefactor: float
    chi_square: float
    degrees: int
    p_value: float


@dataclass(frozen=True)
class WholeCurve:
    """eps = scale * eps(alpha) of the law up to an index; critical: scale times the law's critical energy."""

    size: int
    largest: int
    points: int
    scale: float
    scale_error: float
    critical: float
    chi_square: float
    degrees: int
    p_value: float


def energies(phi: float, size: int, index: ArrayLike, energy: ArrayLike) -> Energies:
    """Critical points, as figure 6 shows them."""
    k, eps = np.asarray(index, dtype=int), np.asarray(energy, dtype=float)
    below = eps[k == 0]
    k, eps = k[k > 0], eps[k > 0]
    if not len(k):
        raise ValueError(f"none of {len(below)} critical points has a negative eigenvalue: collect more")
    values, place, count = np.unique(k, return_inverse=True, return_counts=True)
    mean = np.bincount(place, eps) / count
    squares = np.bincount(place, (eps - mean[place]) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(squares / (count - 1.0) / count)
    spread = float(np.sqrt(squares.sum() / max(1, len(k) - len(values))))
    error[count == 1] = spread
    return Energies(phi, size, values, count, mean, error, spread, len(below))


def power_law(
    size: int,
    index: ArrayLike,
    energy: ArrayLike,
    largest: int,
    *,
    exponent: float | None = None,
    seed: int = 0,
) -> PowerLaw:
    """The best fit to points of index 1 to `largest`; the exponent is fitted too unless it is given."""
    k, eps = _window(index, energy, largest)
    grid = EXPONENTS if exponent is None else np.array([exponent])
    shapes = k[None, :] ** (1 / grid[:, None])
    weights = np.ones((1, len(k)))
    (best,), (critical,), (slope,) = _best(shapes, eps, weights)
    drawn = np.random.default_rng(seed).multinomial(len(k), np.full(len(k), 1 / len(k)), RESAMPLES)
    again, where, _ = _best(shapes, eps, drawn.astype(float))
    spread = np.std([grid[again], where], axis=1, ddof=1)
    chi_square, degrees, p_value = misfit(
        k, eps, critical + slope * shapes[best], 3 if exponent is None else 2
    )
    p = float(grid[best])
    return PowerLaw(
        largest=largest,
        points=len(k),
        exponent=p,
        exponent_error=float(spread[0]) if exponent is None else 0.0,
        critical=float(critical),
        critical_error=float(spread[1]),
        prefactor=float(slope**-p / size) if slope > 0 else 0.0,
        chi_square=chi_square,
        degrees=degrees,
        p_value=p_value,
    )


def whole_curve(phi: float, size: int, index: ArrayLike, energy: ArrayLike, largest: int) -> WholeCurve:
    """The best scale of the law's own energy, for points of index 1 to `largest`."""
    k, eps = _window(index, energy, largest)
    shape = energy_of(k / size, phi)
    scale = float(shape @ eps / (shape @ shape))
    error = float(np.sqrt(np.sum(shape**2 * (eps - scale * shape) ** 2)) / (shape @ shape))
    chi_square, degrees, p_value = misfit(k, eps, scale * shape, 1)
    critical = scale * float(law.critical_energy(phi))
    return WholeCurve(size, largest, len(k), scale, error, critical, chi_square, degrees, p_value)


def misfit(index: Real, energy: Real, curve: Real, fitted: int) -> tuple[float, int, float]:
    """chi^2 of the means at each index against a curve, its degrees of freedom, how often it is larger.

    The scatter is estimated from the points that share an index, hence F's distribution. Where none does,
    nothing can be judged: 0, 0, 1.
    """
    _, place, count = np.unique(index, return_inverse=True, return_counts=True)
    repeated = len(index) - len(count)
    if not repeated:
        return 0.0, 0, 1.0
    mean = np.bincount(place, energy) / count
    line = np.bincount(place, curve) / count
    inside = float(np.sum((energy - mean[place]) ** 2)) / repeated
    chi_square, degrees = float(np.sum(count * (mean - line) ** 2) / inside), max(1, len(count) - fitted)
    return chi_square, degrees, float(stats.f.sf(chi_square / degrees, degrees, repeated))


def _window(index: ArrayLike, energy: ArrayLike, largest: int) -> tuple[Real, Real]:
    k, eps = np.asarray(index, dtype=float), np.asarray(energy, dtype=float)
    inside = (k >= 1) & (k <= largest)
    if len(np.unique(k[inside])) < 4 or inside.sum() < 12:
        raise ValueError(
            f"{int(inside.sum())} critical points of index 1 to {largest} are too few for a fit: collect more"
        )
    return k[inside], eps[inside]


def _best(shapes: Real, energy: Real, weights: Real) -> tuple[NDArray[np.intp], Real, Real]:
    """For each row of weights: which shape fits best by least squares, its offset and its slope.

    shapes: (p, points), energy: (points,), weights: (w, points). Slopes are positive, or the fit is flat.
    """
    total = weights.sum(axis=1)[:, None]
    shape, height = weights @ shapes.T / total, (weights @ energy)[:, None] / total
    norm = weights @ (shapes**2).T / total - shape**2
    slope = np.maximum((weights @ (shapes * energy).T / total - shape * height) / norm, 0)
    best = np.argmax(slope**2 * norm, axis=1)
    rows = np.arange(len(weights))
    return best, (height - slope * shape)[rows, best], slope[rows, best]


# --- the law ------------------------------------------------------------------------------------------


@cache
def _table(phi: float) -> tuple[Real, Real]:
    """Indices and energies, ascending, densely enough for linear interpolation to 1e-5."""
    critical = float(law.critical_energy(phi))
    eps = critical * (1 + np.geomspace(1e-4, 1e5, 4000))
    return np.asarray(law.index(eps=eps, phi=phi)), eps


def energy_of(alpha: ArrayLike, phi: float) -> Real:
    """The energy at which a share alpha of the law's eigenvalues is negative, 0 < phi < 1."""
    index, eps = _table(phi)
    return np.interp(np.asarray(alpha, dtype=float), index, eps)


def mean_index(eps: ArrayLike, phi: float, size: int) -> Real:
    """The mean number of negative eigenvalues of real matrices of that size, to order 1."""
    energy = np.asarray(eps, dtype=float)
    w = 1 / np.asarray(law.stieltjes(0.0, eps=energy, phi=phi))
    slope = 1 - 2 * energy / w**2 - phi / (w - phi) ** 2
    return size * np.asarray(law.index(eps=energy, phi=phi)) - np.angle(slope) / (2 * np.pi)


@dataclass(frozen=True)
class Window:
    """Where the 3/2 law holds within a tolerance, and which networks could show it.

    excess: (eps - eps_c)/eps_c up to which alpha is alpha_0 ((eps - eps_c)/eps_c)^(3/2) within the tolerance;
    index: alpha there. units: the least n of square networks, P = 2 n^2, with a `decade` times smaller excess
    whose mean index differs from P alpha by the tolerance: between the two the law is a line on logarithmic
    axes.
    """

    phi: float
    tolerance: float
    excess: float
    index: float
    units: int


def window(phi: float, tolerance: float = 0.1, decade: float = 10.0) -> Window:
    """Derived from the law alone."""
    critical, prefactor = float(law.critical_energy(phi)), float(law.index_prefactor(phi))
    excess = np.geomspace(1e-3, 10, 2000)
    alpha = np.asarray(law.index(eps=critical * (1 + excess), phi=phi))
    off = np.abs(alpha / (prefactor * excess**1.5) - 1) > tolerance
    end = int(np.argmax(off))
    low = float(np.interp(excess[end] / decade, excess, alpha))
    units = int(np.ceil(np.sqrt(0.25 / (tolerance * low) / 2)))  # the angle adds at most 1/4
    return Window(phi, tolerance, float(excess[end]), float(alpha[end]), units)


def windows(ratios: Sequence[float]) -> tuple[Window, ...]:
    """One for each phi."""
    return tuple(window(phi) for phi in ratios)
