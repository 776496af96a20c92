"""How traces of resolvents fluctuate about N G(z): by theorem, or calibrated on small matrices.

The deviation D(z) = Tr (z - H)^-1 - N G(z) stays of order 1 as N grows. For a free sum of Gaussian Wigner and
Wishart matrices it tends to a Gaussian process with, w = 1/G and H the inverse function of w,

    cov(D(x), D(y)) = (2 / beta) d_x d_y log[(w(x) - w(y)) / (x - y)],
    E D(z)          = (2 / beta - 1) (1/2) d_z log H'(w(z)).

(All second-order free cumulants of these ensembles vanish for beta = 2, and beta = 1 doubles the covariance.)
Other ensembles have other fluctuations, so they are calibrated: the mean and covariance of D come from
matrices of a small size n0 of the same ensemble. They hardly depend on the size, whereas an error dG of
the law enters D as n dG: calibration absorbs n0 dG of it and leaves (n - n0) dG to be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.language.ensembles import Ensemble, FreeSum, Scaled, Shifted, Wigner, Wishart
from derive.language.model import Model

from .precise import Law
from .sampling import Sampler

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


@dataclass(frozen=True)
class Fluctuations:
    """Mean and covariance of (Re D, Im D) at the points, 2 K numbers.

    samples: how many matrices calibrated them; None where they come from the theorem.
    size: n0, the size of those matrices; 0 for the theorem.
    """

    points: Complex
    mean: Real
    covariance: Real
    samples: int | None
    size: int


def probes(law: Law, *, height: float = 0.5) -> Complex:
    """Points above every band: at -0.7, 0 and 0.7 of its half-width, `height` half-widths from the axis.

    `ValueError` if the law has no band.
    """
    bands = [(float(a.mid()), float(b.mid())) for a, b in law.bands()]
    if not bands:
        raise ValueError("a law without a continuous part does not fluctuate")
    points = [
        (a + b) / 2 + (b - a) / 2 * complex(place, height) for a, b in bands for place in (-0.7, 0.0, 0.7)
    ]
    return np.array(points)


def stieltjes(law: Law, points: Complex) -> Complex:
    """Certified G at the points, rounded to doubles."""
    return np.array([complex(law.stieltjes(complex(z), 60)) for z in points])


def deviations(eigenvalues: Real, points: Complex, transform: Complex) -> Real:
    """(Re D, Im D) for one spectrum, or for each row of a stack of spectra."""
    traces = np.sum(1 / (points - eigenvalues[..., :, None]), axis=-2)
    difference = traces - eigenvalues.shape[-1] * transform
    return np.concatenate([difference.real, difference.imag], axis=-1)


def theorem_holds(expression: Ensemble) -> bool:
    """Whether the expression is a free sum of Gaussian Wigner and Wishart matrices, scaled or shifted."""
    if isinstance(expression, FreeSum):
        return all(theorem_holds(part) for part in expression.parts)
    if isinstance(expression, (Scaled, Shifted)):
        inner = expression.ensemble
        return theorem_holds(inner)
    return isinstance(expression, (Wigner, Wishart))


def by_theorem(law: Law, points: Complex, beta: int) -> Fluctuations:
    """The theorem of the module's docstring at points in the upper half-plane."""
    w, first, second, third = _inverse_derivatives(law, points)
    bias = (2 / beta - 1) / 2 * _log_slope(law, w, first)
    straight = 2 / beta * _covariance(points, w, first, second, third, conjugate=False)
    crossed = 2 / beta * _covariance(points, w, first, second, third, conjugate=True)
    blocks = [
        [(straight + crossed).real, (straight - crossed).imag],
        [(straight + crossed).imag, (crossed - straight).real],
    ]
    return Fluctuations(
        points, np.concatenate([bias.real, bias.imag]), np.block(blocks) / 2, samples=None, size=0
    )


def calibrated(
    model: Model,
    law: Law,
    points: Complex,
    beta: int,
    *,
    n: int,
    samples: int,
    rng: np.random.Generator,
    **parameters: Any,
) -> Fluctuations:
    """Sample mean and covariance of D over matrices of n rows.

    law: at the parameters that are realised at n, which must also be those of the spectra to be tested;
    a `ValueError` says so if n cannot carry them.
    """
    sampler = Sampler(model, n, beta=beta, **parameters)
    exact = sampler.parameters
    moved = [
        k for k, v in exact.items() if k in parameters and abs(v - float(parameters[k])) > 1e-12 * abs(v)
    ]
    if moved:
        raise ValueError(
            f"{n} rows cannot carry {', '.join(moved)} = {[parameters[k] for k in moved]} exactly"
        )
    transform = stieltjes(law, points)
    found = deviations(sampler.spectra(rng, samples), points, transform)
    return Fluctuations(points, found.mean(axis=0), np.cov(found, rowvar=False), samples, n)


def _inverse_derivatives(law: Law, points: Complex) -> tuple[Complex, Complex, Complex, Complex]:
    """w(z) and its first three derivatives, from those of H."""
    w = np.array([complex(law.w(complex(z), 60)) for z in points])
    h1 = 1 - _pole_sum(law, w, 2)
    h2 = 2 * _pole_sum(law, w, 3)
    h3 = -6 * _pole_sum(law, w, 4)
    return w, 1 / h1, -h2 / h1**3, (3 * h2**2 - h1 * h3) / h1**5


def _log_slope(law: Law, w: Complex, first: Complex) -> Complex:
    """d_z log H'(w(z))."""
    return 2 * _pole_sum(law, w, 3) * first**2


def _pole_sum(law: Law, w: Complex, power: int) -> Complex:
    """sum_j c_j / (w - p_j)^power."""
    total = np.zeros_like(w)
    for p, c in law.coefficients.balls()[1]:
        total += float(c.mid()) / (w - float(p.mid())) ** power
    return total


def _covariance(
    points: Complex, w: Complex, first: Complex, second: Complex, third: Complex, *, conjugate: bool
) -> Complex:
    """d_x d_y log[(w(x) - w(y)) / (x - y)] for all pairs, y conjugated or not; Schwarzian / 6 on x = y."""
    other = np.conj if conjugate else np.array
    x, y = points[:, None], other(points)[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        table = (
            first[:, None] * other(first)[None, :] / (w[:, None] - other(w)[None, :]) ** 2 - 1 / (x - y) ** 2
        )
    if not conjugate:
        np.fill_diagonal(table, (third / first - 1.5 * (second / first) ** 2) / 6)
    return table
