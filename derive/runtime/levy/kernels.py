"""The kernels of a rational free Levy law, gathered for `Family`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arguments import FloatArray
from ..arithmetic import double_double as dd
from ..arithmetic.double_double import DoubleDouble
from ..arithmetic.expressions import arguments, values
from ..arithmetic.triple_double import TripleDouble, stack
from ..coefficients import LevyCoefficients
from ..family import Direct
from ..numerics.chunks import BLOCK, CHUNK
from . import complex_plane, distribution, r_transform
from . import density as densities
from . import law as levy
from . import moments as series
from . import outliers as spikes
from . import quantile as quantiles
from . import side_by_side as beside
from .exact_mass import Formulas

# Working arrays take about a KiB a law and squared number of poles, and a few KiB a law.
AT_ONCE = 2048


class LevyKernels:
    """Laws whose coefficients a model gives as functions of its parameters."""

    def __init__(self, coefficients: Callable[..., LevyCoefficients]) -> None:
        self._coefficients = coefficients
        self._formulas = lru_cache(maxsize=1)(lambda count: coefficients(*arguments(count)))

    def laws_at_once(self, parameters: int) -> int:
        """So many laws of so many parameters are prepared side by side in some 2 MiB."""
        return max(1, AT_ONCE // max(len(self._formulas(parameters).poles), 2) ** 2)

    def far_r_transform(self, parameters: FloatArray, g: NDArray[Any]) -> NDArray[Any]:
        """R(g), (n,), for |g| near infinity and parameters (parameters, n)."""
        with np.errstate(all="ignore"):
            found = self._coefficients(*(TripleDouble(row) for row in parameters))
            return r_transform.far_r_transform(
                stack([found.mean], g.shape)[0], stack(found.poles, g.shape), stack(found.weights, g.shape), g
            )

    def prepare(self, parameters: FloatArray) -> levy.Levy:
        """The laws of parameters (parameters, L), their coefficients in triple-double."""
        laws = parameters.shape[1]

        def spread(value: Any) -> TripleDouble:
            return value if isinstance(value, TripleDouble) else TripleDouble(np.full(laws, float(value)))

        def if_any(value: Any) -> TripleDouble | None:
            return None if value is None else spread(value)

        with np.errstate(all="ignore"):
            found = self._coefficients(*(TripleDouble(row) for row in parameters))
            return levy.prepare(
                spread(found.mean),
                [spread(pole) for pole in found.poles],
                [spread(weight) for weight in found.weights],
                [if_any(rate) for rate in found.rates],
                {which: (spread(place), spread(defect)) for which, (place, defect) in found.at_zero.items()},
                Formulas(self._coefficients, parameters),
            )

    def freeze(self, law: levy.Levy) -> levy.Levy:
        """The law, for many points."""
        return replace(law, frozen=True)

    def take(self, law: levy.Levy, index: NDArray[np.intp]) -> levy.Levy:
        """One law a point."""
        return law.take(index)

    def direct(self, kernel: object) -> Direct | None:
        """The same without prepared laws, or None if the kernel needs them."""
        if kernel is densities.density:
            return lambda parameters, x, patient: beside.density(
                self._laws(parameters)[0], x, beside.PATIENT if patient else beside.QUICK
            )
        if kernel in (distribution.cdf, distribution.sf):
            reflected = kernel is distribution.sf
            return lambda parameters, x, patient: beside.mass(
                *self._laws(parameters, True), x, beside.PATIENT if patient else beside.QUICK, reflected
            )
        if kernel is distribution.index:
            return lambda parameters, x, patient: beside.index(
                *self._laws(parameters, True), x, beside.PATIENT if patient else beside.QUICK
            )
        return None

    def _laws(self, parameters: FloatArray, with_rates: bool = False) -> tuple[beside.Laws, Any]:
        """The laws of parameters (parameters, n), and their rates if wanted, in double-double."""
        shape = parameters.shape[1:]
        with np.errstate(all="ignore"):
            found = self._formulas(parameters.shape[0])

            def spread(value: Any) -> DoubleDouble:
                value = DoubleDouble.of(value)
                return value if value.shape == shape else value + np.zeros(shape)

            k = len(found.poles)
            known = [
                spread(value) for value in values([found.mean, *found.poles, *found.weights], parameters)
            ]
            place, _ = found.at_zero.get(tuple(range(k)), (None, None))
            zero = isinstance(place, (int, float)) and place == 0
            law = beside.Laws(known[0], known[1 : 1 + k], known[1 + k :], zero)
            if not with_rates:
                return law, None
            rates = values([0.0 if rate is None else rate for rate in found.rates], parameters)
            heavy = np.stack([weight.hi for weight in law.weights]) > 0
            return law, dd.stack(rates, shape).where(heavy, 0.0)

    stieltjes = staticmethod(complex_plane.stieltjes)
    density = staticmethod(densities.density)
    cdf = staticmethod(distribution.cdf)
    sf = staticmethod(distribution.sf)
    quantile = staticmethod(quantiles.quantile)
    upper_quantile = staticmethod(quantiles.upper_quantile)
    quantile_from_edge = staticmethod(quantiles.quantile_from_edge)
    upper_quantile_from_edge = staticmethod(quantiles.upper_quantile_from_edge)
    log_potential = staticmethod(distribution.log_potential)
    outliers = staticmethod(spikes.outliers)
    multiplicative_outliers = staticmethod(spikes.multiplicative_outliers)
    mass_at_zero = staticmethod(distribution.mass_at_zero)
    index = staticmethod(distribution.index)
    moments = staticmethod(series.moments)
    free_cumulants = staticmethod(series.free_cumulants)

    in_place: Mapping[object, int] = {
        complex_plane.stieltjes: CHUNK,
        densities.density: BLOCK,
        distribution.cdf: BLOCK,
        distribution.sf: BLOCK,
        distribution.log_potential: BLOCK,
        quantiles.quantile: BLOCK,
        quantiles.upper_quantile: BLOCK,
    }

    def density_beside(self, law: levy.Levy, end: float, distance: FloatArray) -> FloatArray:
        """The density at signed distances from a place: it is infinite at 0 alone, which is exact."""
        return densities.density(law, end + distance)

    def peaks(self, law: levy.Levy) -> list[float]:
        """0, the only place where the density of such a law can be singular inside a band."""
        return [0.0]

    def bands(self, law: levy.Levy) -> FloatArray:
        """(L, k, 2)."""
        return law.bands

    def atoms(self, law: levy.Levy) -> FloatArray:
        """(L, 1, 2)."""
        return law.atom_rows
