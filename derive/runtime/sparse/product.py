"""The cavity equations of a product of sparse matrices: its Stieltjes transform off the real axis.

1. On the tree of `chain` the diagonal entries of the resolvent, times i, have positive real parts: X_k
   of a vertex of layer k with its right neighbour removed, Y_k with its left one,

       X_0 = 1 / (-i zeta + S_1),   X_k = 1 / (1 / T_k + S_(k+1))
       Y_L = 1 / (-i zeta + T_L),   Y_k = 1 / (1 / S_(k+1) + T_k)

   with S_k = sum w^2 Y_k / degree_k over right, T_k = sum w^2 X_(k-1) / degree_k over left neighbours.
2. With exp(-chi_k(s)) = E exp(-s S_k), exp(-psi_k(s)) = E exp(-s T_k) and k of `kernels`,

       chi_k(t) =         int_0^oo t k(t s / degree_k) F_k(s) ds,   F_L = exp(i zeta s - psi_L(s)),
                                                                    F_k = H[chi_(k+1)](s) exp(-psi_k(s))
       psi_k(t) = ratio_k int_0^oo t k(t s / degree_k) B_k(s) ds,   B_1 = exp(i zeta s - chi_1(s)),
                                                                    B_k = H[psi_(k-1)](s) exp(-chi_k(s))
       H[chi](s) = E exp(-s / S) = int_0^oo J_0(2 sqrt(s u)) chi'(u) exp(-chi(u)) du
       G(zeta) = -i int_0^oo B_1(s) ds
3. Nodes are those of `nodes`. B and F decay; what H leaves out beyond the end oscillates faster than
   the kernels resolve and comes to nothing if neither integral ends abruptly: both are damped smoothly.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .cavity import evaluated
from .chain import Chain, even_spectral_moments
from .iteration import settled
from .kernels import KERNELS, SLOPES, unit_slope
from .nodes import HalfLine, times

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# sqrt(s) at the end, over that where exp(i zeta s) is 1 / e: for two factors, and what each further one adds,
# since fields through more layers have longer tails; and at least, for the kernels to oscillate in the window
REACH = {"unit": (7.0, 2.0), "gaussian": (16.0, 16.0)}
LEAST_END = 18.0
UNDAMPED = 0.8  # of the way to the end
FAR_MOMENTS = 40


def stieltjes(chain: Chain, zeta: Complex) -> Complex:
    """G of the row's spectral measure, one dimension; good to 1e-10 down to the ETA of the modules."""
    moments = even_spectral_moments(chain, FAR_MOMENTS)
    return evaluated(zeta, chain.unit, moments, partial(_Equation, chain))


class _Equation:
    """The discretised equations for points of similar imaginary and real parts, in the chain's unit."""

    def __init__(self, chain: Chain, zeta: Complex) -> None:
        self.chain = chain
        y = zeta / chain.unit
        fading = 1.0 / math.sqrt(float(y.imag.min()))  # of exp(i zeta s), in sqrt(s)
        two, further = REACH[chain.weights]
        end = max((two + further * max(len(chain.degrees) - 2, 0)) * fading, LEAST_END)
        sizes = [1.0 / (c * v) for c, v in self._factors()]
        # the kernels take up to 2 end radians a unit of u, but are damped there
        self.line = HalfLine(y, end, 1.5 * end, matrices=2 * len(set(sizes)) + 1)
        self.window = _window(self.line.u / end)[:, None]
        kernel, slope = KERNELS[chain.weights], SLOPES[chain.weights]
        made = {}
        for size in set(sizes):
            made[size] = self.line.matrix(kernel, size), self.line.matrix(slope, size)
            made[size][0][:] *= self.line.s[:, None]
        self.matrices = [made[size] for size in sizes]
        self.hankel = self.line.matrix(unit_slope, 1.0) * self.window[:, 0]

    def solve(self, zeta: Complex) -> Complex:
        """G at the points, of which the nodes were chosen for."""
        y = zeta / self.chain.unit
        s = self.line.s[:, None]
        wave = np.exp(1j * y * s)
        first = np.concatenate([c * -np.expm1(-0.5j / (y * c * v) * s) for c, v in self._factors()])
        damping = np.tile(np.exp(-y.imag * s), (len(self.chain.degrees), 1))

        def advance(chis: Complex, active: NDArray[np.intp]) -> Complex:
            return self._map(chis, np.ascontiguousarray(wave[:, active]))

        chis = settled(advance, np.asarray(first, dtype=np.complex128), damping, str(self.chain))
        return -1j * (self.line.weight @ (wave * np.exp(-chis[: s.size]))) / self.chain.unit

    def _factors(self) -> list[tuple[float, float]]:
        return list(zip(self.chain.degrees, self.chain.units, strict=True))

    def _map(self, chis: Complex, wave: Complex) -> Complex:
        """chi_1, ..., chi_L, one below the other, from the last ones: out to layer L, and back."""
        factors, units, ratios = len(self.chain.degrees), self.chain.units, self.chain.ratios
        chi = [np.exp(-part) for part in np.split(chis, factors)]
        psi: list[Complex] = []
        out: list[Complex] = []
        backward = wave * chi[0]
        for k in range(factors):
            if k:
                backward = self._inverse(k - 1, ratios[k - 1] / units[k - 1], backward, psi[-1]) * chi[k]
            psi.append(np.exp(-ratios[k] / units[k] * times(self.matrices[k][0], backward)))
        forward = wave * psi[-1]
        for k in reversed(range(factors)):
            if k + 1 < factors:
                forward = self._inverse(k + 1, 1.0 / units[k + 1], forward, np.exp(-out[-1])) * psi[k]
            out.append(times(self.matrices[k][0], forward) / units[k])
        return np.concatenate(out[::-1])

    def _inverse(self, k: int, factor: float, field: Complex, transform: Complex) -> Complex:
        """E exp(-s / S) from the field whose kernel gives S, and its transform E exp(-s S)."""
        slope = factor * times(self.matrices[k][1], field)
        return self.window * times(self.hankel, slope * transform)


def _window(x: Array) -> Array:
    """1 up to UNDAMPED, 0 at 1, and smooth to rounding between them."""
    y = np.clip((x - UNDAMPED) / (1.0 - UNDAMPED), 0.0, 1.0)
    return np.array([0.5 * math.erfc(5.5 * (2.0 * at - 1.0)) if at > 0.0 else 1.0 for at in y])
