"""The cavity equation of a sparse matrix: its Stieltjes transform off the real axis.

1. With Y = i G of a row at zeta and U that of a neighbour with the row removed,
   chi(t) = degree E[1 - exp(-t w^2 U / degree)] satisfies

       chi_row(t)      =       int_0^oo t k(t s / degree) exp(i zeta s - chi_neighbour(s)) ds
       chi_neighbour(t) = ratio int_0^oo t k(t s / degree) exp(i zeta s - chi_row(s)) ds
       G(zeta)          =   -i int_0^oo exp(i zeta s - chi_row(s)) ds

   with k of `kernels`; both are one where the ratio is 1.
2. Integrands decay as exp(-Im(zeta) s); nodes are those of `nodes`. Points with similar needs share
   nodes and kernel.
3. The fixed point by `iteration`, to rounding.
4. Far out the moments decide: after 2k of them the rest of the series in 1/zeta is at most
   m_2k / (|zeta|^2k Im zeta).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .iteration import settled
from .kernels import KERNELS
from .nodes import HalfLine, times
from .tree import Tree, even_spectral_moments

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

ETA = 0.0625  # least imaginary part, in the tree's unit of length
DECAY = 34.0  # exp(-DECAY) of the integrand is left out
TOGETHER = 16  # points of one group iterated at a time
FAR_MOMENTS = 40
FAR_ERROR = 1e-12  # relative to 1 / |zeta|


def stieltjes(tree: Tree, zeta: Complex) -> Complex:
    """G of the row's spectral measure at points of Im zeta >= ETA * tree.unit; one dimension."""
    return evaluated(zeta, tree.unit, even_spectral_moments(tree, FAR_MOMENTS), partial(_Equation, tree))


class Equation(Protocol):
    """An equation discretised for points of similar imaginary and real parts."""

    def solve(self, zeta: Complex) -> Complex:
        """G at such points."""
        ...


def evaluated(
    zeta: Complex, unit: float, moments: Array, discretised: Callable[[Complex], Equation]
) -> Complex:
    """G at points of one dimension: by moments where they decide, else by the equation of groups of points.

    moments: m_0, m_2, ... of a symmetric measure, lengths in `unit`.
    """
    result = np.empty_like(zeta)
    left = _far(moments, unit, zeta, result)
    if not left.size:
        return result
    octave = np.floor(np.log2(zeta[left].imag / unit)).astype(int)
    stripe = np.ceil(np.abs(zeta[left].real) / (2.0 * unit)).astype(int)
    for key in sorted(set(zip(octave.tolist(), stripe.tolist(), strict=True))):
        group = left[(octave == key[0]) & (stripe == key[1])]
        equation = discretised(zeta[group])
        for start in range(0, group.size, TOGETHER):
            some = group[start : start + TOGETHER]
            result[some] = equation.solve(zeta[some])
    return result


def _far(moments: Array, unit: float, zeta: Complex, result: Complex) -> NDArray[np.intp]:
    """Fill in the points that the moments decide; return the others."""
    y = zeta / unit
    with np.errstate(all="ignore"):
        orders = np.arange(1, moments.size)
        bounds = np.exp(np.log(moments[1:]) - np.log(np.abs(y))[:, None] * (2 * orders - 1))
        bounds = np.nan_to_num(bounds, nan=np.inf) / y.imag[:, None]
    best = np.argmin(bounds, axis=1)
    far = np.flatnonzero(bounds[np.arange(y.size), best] < FAR_ERROR)
    for count in np.unique(best[far]):
        some = far[best[far] == count]
        inverse = 1.0 / y[some]
        result[some] = np.polyval(moments[count::-1], inverse**2) * inverse / unit
    return np.flatnonzero(bounds[np.arange(y.size), best] >= FAR_ERROR)


class _Equation:
    """The discretised equation for points of similar imaginary and real parts, in the tree's unit."""

    def __init__(self, tree: Tree, zeta: Complex) -> None:
        self.tree = tree
        y, size = zeta / tree.unit, 1.0 / (tree.degree * tree.unit**2)
        end = math.sqrt(DECAY / float(y.imag.min()))
        self.line = HalfLine(y, end, 2.0 * end * math.sqrt(size), matrices=1)
        self.matrix = self.line.matrix(KERNELS[tree.weights], size)
        self.matrix *= self.line.s[:, None] / tree.unit**2

    def solve(self, zeta: Complex) -> Complex:
        """G at the points, of which the nodes were chosen for."""
        y, s = zeta / self.tree.unit, self.line.s[:, None]
        wave = np.exp(1j * y * s)
        guess = _semicircle(zeta) * 1j / (self.tree.degree * self.tree.unit)
        start = np.asarray(-self.tree.degree * np.expm1(-guess * s), dtype=np.complex128)

        def advance(chi: Complex, active: NDArray[np.intp]) -> Complex:
            return self._map(chi, np.ascontiguousarray(wave[:, active]))

        chi = settled(advance, start, np.exp(-y.imag * s), str(self.tree))
        return -1j * (self.line.weight @ (wave * np.exp(-chi))) / self.tree.unit

    def _map(self, chi: Complex, wave: Complex) -> Complex:
        if self.tree.ratio != 1.0:
            chi = self.tree.ratio * times(self.matrix, wave * np.exp(-chi))
        return times(self.matrix, wave * np.exp(-chi))


def _semicircle(z: Complex) -> Complex:
    """G of the dense limit of a symmetric matrix, where the iteration begins."""
    root = np.sqrt(z - 2.0) * np.sqrt(z + 2.0)
    return 2.0 / (z + root)
