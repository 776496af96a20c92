"""Laws of complex eigenvalues that depend on the distance from 0 alone.

The disc of radius r holds the mass F with r^2 = scale * product of (size - 1 + F). With F_0 = 1 - least size,
the mass at 0, and y = F - F_0 every factor y + d, d = size - least size, is positive, and

    h(u) = sum log(exp(u) + d) + log(scale) - 2 log(r) = 0,    u = log(y)

is increasing and convex: Newton's method descends to the root from beyond it, where
exp(u) = (r^2 / scale)^(1 / number of sizes), and y keeps its relative accuracy next to 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import FloatArray, Parameter, as_type, common_shape, real
from .numerics.chunks import walk
from .numerics.quiet import quiet

Array = NDArray[np.float64]

# Why the modules have no other functions, for those who look for them.
ABSENT = (
    "its eigenvalues are complex and their law is one of the distance r from 0. There are cdf(r, ...), "
    "density(r, ...) per area of the plane, quantile(q, ...), radius and mass_at_zero; the squared singular "
    "values have a law on the axis, that of the model Gram(...) of the same product"
)

STEPS = 100  # quadratic convergence from a slope of at least 1: a dozen are taken


@quiet
class RadialFamily:
    """The laws of one model: every function of a generated module, parameters as a tuple."""

    def __init__(
        self, parameters: tuple[Parameter, ...], coefficients: Callable[..., tuple[tuple[Any, ...], Any]]
    ) -> None:
        """`coefficients` gives the sizes and the scale."""
        self.parameters = parameters
        self._coefficients = coefficients

    def cdf(self, r: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Mass of the closed disc."""

        def mass(at: Array, *rows: Array) -> Array:
            distances, least, log_scale = self._of(rows)
            y = np.minimum(_mass(at, distances, log_scale), least)
            return np.where(np.isnan(at), np.nan, np.where(at < 0.0, 0.0, np.minimum(1.0 - least + y, 1.0)))

        return self._elementwise(mass, "r", r, values, out)

    def density(self, r: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Density per area of the plane."""

        def evaluated(at: Array, *rows: Array) -> Array:
            distances, _, log_scale = self._of(rows)
            y = _mass(at, distances, log_scale)
            # y / r^2 from the product of the other factors, whatever the size of r
            whole = np.sum(y / (y + distances), axis=0)
            zeros = np.sum(distances == 0.0, axis=0)
            others = np.sum(np.where(distances == 0.0, 0.0, np.log(y + distances)), axis=0)
            ratio = np.exp(-others - log_scale + np.where(zeros > 1, (1 - zeros) * np.log(y), 0.0))
            found = ratio / (np.pi * np.where(y > 0.0, whole, zeros))
            inside = (at >= 0.0) & (at <= np.exp(0.5 * self._log_edge(rows)))
            return np.where(np.isnan(at), np.nan, np.where(inside, found, 0.0))

        return self._elementwise(evaluated, "r", r, values, out)

    def quantile(self, q: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Radius of the smallest disc that holds the mass."""

        def radius(mass: Array, *rows: Array) -> Array:
            distances, least, log_scale = self._of(rows)
            # either way one of the two differences is exact
            y = np.maximum(np.where(mass < 0.5, mass - (1.0 - least), least - (1.0 - mass)), 0.0)
            found = np.exp(0.5 * (log_scale + np.sum(np.log(y + distances), axis=0)))
            return np.where((mass >= 0.0) & (mass <= 1.0), found, np.nan)

        return self._elementwise(radius, "q", q, values, out)

    def mass_at_zero(self, values: Sequence[ArrayLike]) -> Any:
        """Weight of the atom at 0."""
        return self._a_law(lambda rows: 1.0 - self._of(rows)[1], values)

    def radius(self, values: Sequence[ArrayLike]) -> Any:
        """Radius of the disc that holds all."""
        return self._a_law(lambda rows: np.exp(0.5 * self._log_edge(rows)), values)

    def _elementwise(
        self,
        function: Callable[..., Array],
        name: str,
        points: ArrayLike,
        values: Sequence[ArrayLike],
        out: FloatArray | None,
    ) -> Any:
        if np.iscomplexobj(points):
            raise TypeError(
                f"{name} must be a real number or an array of them, got complex ones; the law is that of the "
                "distance from 0: pass abs(z)"
            )
        return walk(function, real(name, points), self._checked(values), np.float64, out)

    def _a_law(self, function: Callable[[Sequence[Array]], Array], values: Sequence[ArrayLike]) -> Any:
        arrays = [as_type(array, np.float64) for array in self._checked(values)]
        shape = common_shape(arrays)
        found = function([np.broadcast_to(array, shape) for array in arrays])
        return np.broadcast_to(found if shape else found.reshape(()), shape)[()]

    def _checked(self, values: Sequence[ArrayLike]) -> list[NDArray[Any]]:
        return [parameter.values(value) for parameter, value in zip(self.parameters, values, strict=True)]

    def _of(self, rows: Sequence[Array]) -> tuple[Array, Array, Array]:
        """Distances of the sizes from the least one, that one, and the logarithm of the scale."""
        sizes, scale = self._coefficients(*rows)
        # sizes in front of the points, also where they are numbers
        table = np.stack(np.broadcast_arrays(*(np.atleast_1d(np.float64(size)) for size in sizes)))
        least = np.min(table, axis=0)
        log_scale = np.log(np.asarray(scale, dtype=np.float64))
        if not np.isfinite(log_scale).all():
            raise ArithmeticError(
                "the square of the radius, or that over the ratios, is beyond doubles for these parameters; "
                "scale the matrix: r and the radius together"
            )
        return table - least, least, log_scale

    def _log_edge(self, rows: Sequence[Array]) -> Array:
        distances, least, log_scale = self._of(rows)
        return np.asarray(np.sum(np.log(distances + least), axis=0) + log_scale)


def _mass(r: Array, distances: Array, log_scale: Array) -> Array:
    """y(r) by Newton's method in u = log(y), beyond the rim too; 0 at r = 0."""
    target = 2.0 * np.log(r) - log_scale
    u = target / len(distances)
    for _ in range(STEPS):
        y = np.exp(u)
        value = np.sum(np.log(y + distances), axis=0) - target
        step = value / np.sum(y / (y + distances), axis=0)
        following = u - np.where(np.isfinite(step), step, 0.0)
        if np.all((following == u) | ~(np.abs(step) > 4e-16 * np.maximum(np.abs(u), 1.0))):
            break
        u = following
    return np.where(r > 0.0, np.exp(u), 0.0)
