"""The kernels of a general algebraic law, gathered for `Family`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import algebraic
from .arguments import FloatArray


class Coefficients(NamedTuple):
    """P(G, z) = sum rows[i][j] G^i z^j, and the factors of its discriminant, ascending in z."""

    rows: Sequence[Sequence[Any]]
    edges: Sequence[Sequence[Any]]


class AlgebraicKernels:
    """Laws whose polynomial a model gives as a function of its parameters, one law at a time.

    bands, atoms: the largest numbers of bands and atoms that the polynomial admits.
    """

    side_by_side = False

    def __init__(self, coefficients: Callable[..., Coefficients], bands: int, atoms: int) -> None:
        self._coefficients = coefficients
        self._bands = bands
        self._atoms = atoms

    def prepare(self, parameters: FloatArray) -> algebraic.AlgebraicLaw:
        """The law of parameters (parameters, 1), its coefficients exact rational numbers."""
        rows, edges = self._coefficients(*(Fraction(value) for value in parameters[:, 0].tolist()))
        return algebraic.prepare([[Fraction(value) for value in row] for row in rows], edges)

    def take(self, law: algebraic.AlgebraicLaw, index: NDArray[np.intp]) -> algebraic.AlgebraicLaw:
        """There is only one."""
        return law

    stieltjes = staticmethod(algebraic.stieltjes)
    density = staticmethod(algebraic.density)
    cdf = staticmethod(algebraic.cdf)
    sf = staticmethod(algebraic.sf)
    quantile = staticmethod(algebraic.quantile)
    log_potential = staticmethod(algebraic.log_potential)
    outliers = staticmethod(algebraic.outliers)
    mass_at_zero = staticmethod(algebraic.mass_at_zero)
    index = staticmethod(algebraic.index)
    moments = staticmethod(algebraic.moments)
    free_cumulants = staticmethod(algebraic.free_cumulants)

    def bands(self, law: algebraic.AlgebraicLaw) -> FloatArray:
        """(1, bands, 2), NaN rows last."""
        return _padded(law.bands, self._bands)

    def atoms(self, law: algebraic.AlgebraicLaw) -> FloatArray:
        """(1, atoms, 2), NaN rows last."""
        return _padded(law.atom_rows, self._atoms)


def _padded(rows: FloatArray, size: int) -> FloatArray:
    table = np.full((1, size, 2), np.nan)
    table[0, : len(rows)] = rows
    return table
