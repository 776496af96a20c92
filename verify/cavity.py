"""Population dynamics: the cavity equation of a sparse matrix solved by sampling, with standard errors.

    found = population_dynamics("unit", degree=3.0, zeta=0.5 + 0.1j, rng=np.random.default_rng(7))
    found.mean, found.error

A population stands for the law of the cavity field G. Each member is drawn anew from

    G = 1 / (zeta - sum_k (w_k^2 / degree) G_k),    k = 1, ..., K,  K of Poisson's law of the mean degree

with G_k from the population of the other end of an edge; for a rectangular matrix rows and columns take
turns. It shares nothing with the integral equation of the generated modules but the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SWEEPS = 80  # before the measurement: the memory of the start decays as exp(-Im zeta) or faster a sweep


@dataclass(frozen=True)
class Estimate:
    """A complex mean over independent populations, and the standard error of its real and imaginary part."""

    mean: complex
    error: complex

    def deviations(self, value: complex) -> float:
        """The greater of the two distances from a value, in standard errors."""
        difference = self.mean - value
        return max(abs(difference.real) / self.error.real, abs(difference.imag) / self.error.imag)


def population_dynamics(
    weights: str,
    degree: float,
    zeta: complex,
    rng: np.random.Generator,
    *,
    ratio: float = 1.0,
    size: int = 4000,
    populations: int = 16,
    sweeps: int = SWEEPS,
    measured: int = 40,
) -> Estimate:
    """E[G(zeta)] at a row, Im zeta > 0.

    weights: "unit" or "gaussian". degree: mean number of entries of a row, each of variance 1/degree.
    ratio: rows over columns, 1 for a symmetric matrix; otherwise zeta belongs to ((0, X), (X', 0)).
    A population of finite size has a bias of order 1/size, far below the standard error.
    """
    # rows and columns alike of one factor have the fields of a symmetric matrix
    return product_population_dynamics(
        weights,
        (degree,),
        (ratio,),
        zeta,
        rng,
        size=size,
        populations=populations,
        sweeps=sweeps,
        measured=measured,
    )


def product_population_dynamics(
    weights: str,
    degrees: tuple[float, ...],
    ratios: tuple[float, ...],
    zeta: complex,
    rng: np.random.Generator,
    *,
    size: int = 4000,
    populations: int = 16,
    sweeps: int = SWEEPS,
    measured: int = 40,
) -> Estimate:
    """E[zeta G(zeta^2)] at a row of X_1 ... X_L X_L' ... X_1', Im zeta > 0; one degree and ratio a factor.

    The fields are scalars: outward R_k of a vertex of layer k seen from the right, inward L_k from the left,

        R_0 = 1 / (zeta - S_1),   R_k = T_k / (1 - T_k S_(k+1))
        L_L = 1 / (zeta - T_L),   L_k = S_(k+1) / (1 - T_k S_(k+1))

    S_k the sum of w^2 L_k / degree over neighbours in layer k, T_k that of w^2 R_(k-1) / degree in layer
    k - 1.
    """
    if weights not in ("unit", "gaussian"):
        raise ValueError(f"weights must be 'unit' or 'gaussian', got {weights!r}")
    if not zeta.imag > 0:
        raise ValueError(f"zeta must lie in the upper half-plane, got {zeta}")

    def one() -> complex:
        """The mean field of one population, over the measured sweeps."""
        last, total = len(degrees), 0j
        outward = [np.full(size, 1.0 / zeta, dtype=complex) for _ in degrees]  # of layers 0, ..., last - 1
        inward = [np.full(size, 1.0 / zeta, dtype=complex) for _ in degrees]  # of layers 1, ..., last

        def right(k: int) -> NDArray[np.complex128]:
            return _sums(inward[k], weights, degrees[k], degrees[k], rng)

        def left(k: int) -> NDArray[np.complex128]:
            mean = degrees[k - 1] * ratios[k - 1]
            return _sums(outward[k - 1], weights, mean, degrees[k - 1], rng)

        for sweep in range(sweeps + measured):
            outward[0] = 1.0 / (zeta - right(0))
            for k in range(1, last):
                s, t = right(k), left(k)
                outward[k] = t / (1.0 - t * s)
            inward[last - 1] = 1.0 / (zeta - left(last))
            for k in reversed(range(1, last)):
                s, t = right(k), left(k)
                inward[k - 1] = s / (1.0 - t * s)
            if sweep >= sweeps:
                total += outward[0].mean()
        return total / measured

    means = np.array([one() for _ in range(populations)])
    spread = complex(means.real.std(ddof=1), means.imag.std(ddof=1)) / np.sqrt(populations)
    return Estimate(complex(means.mean()), spread)


def _sums(
    others: NDArray[np.complex128], weights: str, mean: float, degree: float, rng: np.random.Generator
) -> NDArray[np.complex128]:
    """Sums of w^2 / degree times a field over Poisson numbers of neighbours, as many as there are fields."""
    size = others.size
    counts = rng.poisson(mean, size)
    chosen = others[rng.integers(size, size=int(counts.sum()))] / degree
    if weights == "gaussian":
        chosen *= rng.standard_normal(chosen.size) ** 2
    owner = np.repeat(np.arange(size), counts)
    return np.bincount(owner, chosen.real, size) + 1j * np.bincount(owner, chosen.imag, size)
