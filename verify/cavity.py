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
    if not zeta.imag > 0:
        raise ValueError(f"zeta must lie in the upper half-plane, got {zeta}")
    means = np.empty(populations, dtype=complex)
    for number in range(populations):
        fields = np.full((2, size), 1.0 / zeta, dtype=complex)
        total = 0j
        for sweep in range(sweeps + measured):
            fields[1] = _sweep(fields[0], weights, degree * ratio, degree, zeta, rng)
            fields[0] = _sweep(fields[1], weights, degree, degree, zeta, rng)
            if sweep >= sweeps:
                total += fields[0].mean()
        means[number] = total / measured
    spread = complex(means.real.std(ddof=1), means.imag.std(ddof=1)) / np.sqrt(populations)
    return Estimate(complex(means.mean()), spread)


def _sweep(
    others: NDArray[np.complex128],
    weights: str,
    mean: float,
    degree: float,
    zeta: complex,
    rng: np.random.Generator,
) -> NDArray[np.complex128]:
    """A population drawn anew: the mean number of neighbours, each entry of variance 1/degree."""
    size = others.size
    counts = rng.poisson(mean, size)
    chosen = others[rng.integers(size, size=int(counts.sum()))] / degree
    if weights == "gaussian":
        chosen *= rng.standard_normal(chosen.size) ** 2
    elif weights != "unit":
        raise ValueError(f"weights must be 'unit' or 'gaussian', got {weights!r}")
    owner = np.repeat(np.arange(size), counts)
    sums = np.bincount(owner, chosen.real, size) + 1j * np.bincount(owner, chosen.imag, size)
    return 1.0 / (zeta - sums)
