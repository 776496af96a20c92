"""The kernels of a general algebraic law, gathered for `Family`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import FloatArray
from ..coefficients import AlgebraicCoefficients
from . import evaluators as algebraic
from .means import mean_of

# Bands and atoms that miss more than this of the mass belong to a law that was not resolved.
UNRESOLVED = 1e-9


class AlgebraicKernels:
    """Laws whose polynomial a model gives as a function of its parameters, one law at a time.

    bands, atoms: the largest numbers of bands and atoms that the polynomial admits.
    """

    def __init__(self, coefficients: Callable[..., AlgebraicCoefficients], bands: int, atoms: int) -> None:
        self._coefficients = coefficients
        self._bands = bands
        self._atoms = atoms

    def laws_at_once(self, parameters: int) -> int:
        """One law after another."""
        return 1

    def prepare(self, parameters: FloatArray) -> algebraic.AlgebraicLaw:
        """The law of parameters (parameters, 1), its coefficients exact rational numbers.

        Raises `ArithmeticError` for a law that could not be resolved, rather than evaluate it wrongly.
        """
        found = self._coefficients(*(Fraction(value) for value in parameters[:, 0].tolist()))
        rows = [[Fraction(value) for value in row] for row in found.rows]
        try:
            law = algebraic.prepare(rows, found.edges, mean_of(found))
        except algebraic.Unresolved as error:
            raise _unresolved(parameters, error.doubts) from error
        if law.edges_missing or not abs(float(law.upto[-1]) - 1.0) <= UNRESOLVED:
            raise _unresolved(parameters, law.uncertified)
        return law

    def far_r_transform(self, parameters: FloatArray, g: NDArray[Any]) -> NDArray[Any]:
        """NaN: beyond the range of its formula R(g) is not known."""
        return np.full(g.shape, np.nan, g.dtype)

    def freeze(self, law: algebraic.AlgebraicLaw) -> algebraic.AlgebraicLaw:
        """The law itself: it is prepared for many points as it is."""
        return law

    def direct(self, kernel: object) -> None:
        """No function is evaluated without preparing the law."""

    def take(self, law: algebraic.AlgebraicLaw, index: NDArray[np.intp]) -> algebraic.AlgebraicLaw:
        """There is only one."""
        return law

    in_place: Mapping[object, int] = {}

    stieltjes = staticmethod(algebraic.stieltjes)
    density = staticmethod(algebraic.density)
    density_beside = staticmethod(algebraic.density_beside)
    cdf = staticmethod(algebraic.cdf)
    sf = staticmethod(algebraic.sf)
    quantile = staticmethod(algebraic.quantile)

    upper_quantile = staticmethod(algebraic.upper_quantile)

    def quantile_from_edge(self, law: algebraic.AlgebraicLaw, q: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The singular point next to the quantile, and the distance from it."""
        which, distance = algebraic.from_point(law, q)
        return np.where(np.isnan(distance), np.nan, law.places[which]), distance

    def upper_quantile_from_edge(
        self, law: algebraic.AlgebraicLaw, q: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """The same at 1 - q."""
        which, distance = algebraic.from_upper_point(law, q)
        return np.where(np.isnan(distance), np.nan, law.places[which]), distance

    log_potential = staticmethod(algebraic.log_potential)
    r_transform = staticmethod(algebraic.r_transform)
    outliers = staticmethod(algebraic.outliers)
    multiplicative_outliers = staticmethod(algebraic.multiplicative_outliers)

    @property
    def outlier_places(self) -> int:
        """The largest number of outliers of one spike: of its sign is G at one end of the support's parts."""
        return self._bands + self._atoms

    def all_outliers(self, law: algebraic.AlgebraicLaw, theta: FloatArray) -> tuple[FloatArray, ...]:
        """Places, overlaps and both ends of the spikes' ranges, ascending by place, NaN last: (n,) each."""
        return self._sorted(algebraic.all_outliers(law, theta))

    def all_multiplicative_outliers(
        self, law: algebraic.AlgebraicLaw, theta: FloatArray
    ) -> tuple[FloatArray, ...]:
        """The same of multiplicative spikes."""
        return self._sorted(algebraic.all_multiplicative_outliers(law, theta))

    def _sorted(self, found: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
        order = np.argsort(found[0], axis=0)[: self.outlier_places]  # NaN last
        missing = self.outlier_places - len(order)
        rows = (np.take_along_axis(part, order, 0) for part in found)
        padded = [np.pad(part, ((0, missing), (0, 0)), constant_values=np.nan) for part in rows]
        return tuple(np.concatenate(padded))

    mass_at_zero = staticmethod(algebraic.mass_at_zero)
    index = staticmethod(algebraic.index)
    moments = staticmethod(algebraic.moments)
    free_cumulants = staticmethod(algebraic.free_cumulants)

    def peaks(self, law: algebraic.AlgebraicLaw) -> list[float]:
        """Where the density can be singular or change fast inside a band, ascending."""
        return [point.hi for point in law.points]

    def bands(self, law: algebraic.AlgebraicLaw) -> FloatArray:
        """(1, bands, 2), NaN rows last."""
        return _padded(law.bands, self._bands)

    def atoms(self, law: algebraic.AlgebraicLaw) -> FloatArray:
        """(1, atoms, 2), NaN rows last."""
        return _padded(law.atom_rows, self._atoms)


def _unresolved(parameters: FloatArray, doubts: tuple[str, ...]) -> ArithmeticError:
    return ArithmeticError(
        f"the law at the parameters {parameters[:, 0].tolist()} is not resolved in double precision: "
        f"{'; '.join(doubts)}. Move away from where singular points nearly meet"
    )


def _padded(rows: FloatArray, size: int) -> FloatArray:
    table = np.full((1, size, 2), np.nan)
    table[0, : len(rows)] = rows
    return table
