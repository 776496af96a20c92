"""What a spectrum's Chebyshev statistics do about the mean of its law: bias and covariance, by ensemble.

The eigenvalues of one matrix are rigid; their sums S_k fluctuate by O(1), as the ensemble says:

    relu_residual, relu_hessian    products of Gaussian matrices (`products`)
    every other free Levy law      the free sum of Gaussian Wigner and Wishart matrices of this law
    (`exterior`) a function                     calibrated on the spectra that it gives (`calibration`)

For nodes and weights, sum_i weight_i T_k = v* T_k(H) v / |v|^2 averaged over random Gaussian vectors v:
given H it fluctuates by (1/n) times what the law says of independent points, of variance 2 / (beta N)
each for n vectors of N entries. That is far more than the matrix itself adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .data import Spectrum
from .edges import Push, edges
from .exterior import Exterior, free_sum, free_sum_push
from .families import Family
from .products import product, product_push

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

PRODUCTS = {"relu_residual": ("eps", "phi"), "relu_hessian": ("eps", "phi", "sigma")}
KINDS = {"real": 1, "complex": 2}


@dataclass(frozen=True)
class Fluctuations:
    """Of the statistics S_k, or of their weighted means: shift of their mean, covariance.

    count: what multiplies the law's m_k in their mean. absolute: whether the covariance is more than a
    shape. samples: how many matrices calibrated it; None where it is calculated.
    """

    count: float
    shift: Real
    covariance: Real
    absolute: bool = True
    samples: int | None = None


@dataclass(frozen=True)
class Ensemble:
    """Gaussian matrices of a model, real (beta = 1) or complex (beta = 2)."""

    family: Family
    beta: int

    @property
    def name(self) -> str:
        """What the errors are right for."""
        entries = "real" if self.beta == 1 else "complex"
        if self._is_product:
            return f"{entries} Gaussian matrices of {self.family.name}, products included"
        return f"free sums of {entries} Gaussian Wigner and Wishart matrices"

    @property
    def _is_product(self) -> bool:
        return PRODUCTS.get(self.family.name) == self.family.parameters

    def __call__(
        self, exterior: Exterior, transform: Complex, point: Mapping[str, float], spectrum: Spectrum
    ) -> Fluctuations:
        """Those of a spectrum; transform: G of the law at the exterior's points, in the spectrum's units."""
        covariance, bias = self.rigid(exterior, transform, point)
        if spectrum.weights is None:
            return Fluctuations(float(spectrum.rows), bias, covariance)
        return probed(exterior, transform, spectrum, self.beta, covariance, bias)

    def rigid(self, exterior: Exterior, transform: Complex, point: Mapping[str, float]) -> tuple[Real, Real]:
        """Covariance and bias of S_k. The ensembles are those of matrices loc + scale H."""
        if not self._is_product:
            return free_sum(exterior, 1 / transform, self.beta)
        inner = self._inner(exterior, point)
        return product(inner, transform * point["scale"], self.beta, **self.family.own(point))

    def pushes(
        self, exterior: Exterior, transform: Complex, point: Mapping[str, float], spectrum: Spectrum
    ) -> list[Push]:
        """What pushes the law's edges; none for nodes and weights, whose errors are the random vectors'."""
        if spectrum.weights is not None:
            return []
        found = []
        for edge in edges(self.family, point):
            if self._is_product:
                scale = point["scale"]
                push = scale * product_push(
                    self._inner(exterior, point),
                    transform * scale,
                    edge.transform * scale,
                    self.beta,
                    **self.family.own(point),
                )
            else:
                push = free_sum_push(exterior, 1 / transform, edge.transform, self.beta)
            found.append(Push(push, self.beta * edge.strength / (4 * spectrum.rows)))
        return found

    @staticmethod
    def _inner(exterior: Exterior, point: Mapping[str, float]) -> Exterior:
        """The same interval in the law's own units."""
        scale = point["scale"]
        return replace(exterior, centre=(exterior.centre - point["loc"]) / scale, half=exterior.half / scale)


def probed(
    exterior: Exterior, transform: Complex, spectrum: Spectrum, beta: int, covariance: Real, bias: Real
) -> Fluctuations:
    """Of weighted means: of independent vectors, plus the matrix's own where its size is known."""
    wide = replace(exterior, orders=2 * exterior.orders)
    m = np.concatenate([[1.0], wide.means(transform)])
    k = np.arange(1, exterior.orders + 1)
    law = (m[np.add.outer(k, k)] + m[np.abs(np.subtract.outer(k, k))]) / 2 - np.outer(m[k], m[k])
    if spectrum.size is None or spectrum.probes is None:
        shift = np.zeros(exterior.orders) if spectrum.size is None else bias / spectrum.size
        return Fluctuations(1.0, shift, law, absolute=False)
    n = spectrum.size
    each = 2 / (beta * (n + 2 / beta))  # v uniform on a sphere
    return Fluctuations(1.0, bias / n, each / spectrum.probes * law + covariance / n**2)
