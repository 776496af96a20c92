"""Nodes on the half-line for the equations of sparse matrices, and the kernels between them.

All is entire in u = sqrt(s), s in the inverse unit of length. Integrands are products of

    kernels of s t, by `kernels`:      at most 2 sqrt(size) end radians a unit of u
    exp(i y s), until it has faded:           2 |Re y| u radians a unit of u
    E exp(-s S), Re S >= 0:                   Gaussians in u of every width, so as many nodes an octave

and panels of Gauss-Legendre nodes that hold equal shares of the radians converge exponentially.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

ORDER = 32  # nodes a panel
NODES_A_PERIOD = 4.0
FADED = 6.0  # sqrt(Im y) u from which on exp(i y s), below 2e-16, is not resolved
WIDTHS = 30.0  # radians that fields take in an e-fold of u
NARROWEST = 0.2  # the least width of fields in u, for Im y >= 1/16
MOST_BYTES = 4e9  # of all kernels between the nodes


class HalfLine:
    """Nodes s of integrals over the half-line and their weights, from 0 to end in sqrt(s)."""

    def __init__(self, y: Complex, end: float, kernel: float, matrices: int) -> None:
        """For points y of similar imaginary and real parts; kernel: radians of the kernels a unit of u.

        matrices: how many kernels will be tabulated. `ValueError` where they would take too much memory.
        """
        u = np.linspace(0.0, end, 4097)
        waving = np.minimum(u, FADED / math.sqrt(float(y.imag.min())))
        radians = kernel * u + float(np.abs(y.real).max()) * waving**2 + WIDTHS * np.log1p(u / NARROWEST)
        panels = math.ceil(radians[-1] * NODES_A_PERIOD / (2.0 * math.pi * ORDER))
        room = 8.0 * matrices * (panels * ORDER) ** 2
        if room > MOST_BYTES:
            raise ValueError(
                f"G would take {room / 1e9:.3g} GB of memory, more than the {MOST_BYTES / 1e9:.3g} allowed, "
                f"{np.abs(y.real).max():.3g} units of length along the axis and {y.imag.min():.3g} from it "
                "(in sqrt(z) for a matrix times its transpose), where the tail has to be resolved; "
                "pass points farther away from the axis, or nearer to 0"
            )
        edges = np.interp(np.linspace(0.0, radians[-1], panels + 1), radians, u)
        x, weight = np.polynomial.legendre.leggauss(ORDER)
        half = np.diff(edges)[:, None] / 2.0
        self.u: Array = (edges[:-1, None] + half * (1.0 + x)).ravel()
        self.s: Array = self.u * self.u
        self.weight: Array = (half * weight).ravel() * 2.0 * self.u

    def matrix(self, kernel: Callable[[Array], Array], size: float) -> Array:
        """A kernel of size s t, with the weights of an integral over s."""
        result = np.empty((self.s.size, self.s.size))
        for i, at in enumerate(self.s):  # symmetric in s and t
            result[i, i:] = result[i:, i] = kernel(self.s[i:] * (at * size))
        result *= self.weight
        return result


def times(matrix: Array, f: Complex) -> Complex:
    """The integrals for every column; real and imaginary parts apart, since the kernels are real."""
    return (matrix @ np.ascontiguousarray(f).view(np.float64)).view(np.complex128)
