"""The laws that are timed, and the points they are timed at. Needs NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SEED = 20_240_601
# Points are drawn from the support's hull, widened by this part of its width: some lie outside.
BEYOND = 0.05


class Jump(NamedTuple):
    """A free Poisson part: the size of its jump and its rate."""

    size: float
    rate: float


@dataclass(frozen=True)
class Case:
    """One law of one module.

    shift, variance, jumps: its R-transform in the form shift + variance g + sum rate size / (1 - size g).
    """

    name: str
    module: str
    parameters: dict[str, float]
    shift: float
    variance: float
    jumps: tuple[Jump, ...]

    @property
    def functions(self) -> Any:
        """The generated module."""
        return import_module(f"generated.{self.module}")

    @property
    def law(self) -> Any:
        """The frozen law."""
        return self.functions.law(**self.parameters)

    @property
    def title(self) -> str:
        """The module and its parameters."""
        values = ", ".join(f"{name}={value:g}" for name, value in self.parameters.items())
        return f"{self.module}, {values}"

    def coefficients(self) -> tuple[FloatArray, FloatArray]:
        """a and b, leading first: the polynomial in G at z has the coefficients a + b z."""
        g = Polynomial([0.0, 1.0])
        at = [self.functions.equation(g, z, **self.parameters).coef[::-1] for z in (0.0, 1.0)]
        size = max(c.size for c in at)
        low, high = (np.concatenate([np.zeros(size - c.size), c]) for c in at)
        return low, high - low

    def points(self, n: int) -> FloatArray:
        """n points in random order."""
        low, high = self.law.support()
        beyond = BEYOND * (high - low)
        return np.random.default_rng(SEED).uniform(low - beyond, high + beyond, n)

    def laws(self, n: int) -> dict[str, FloatArray]:
        """The parameters of n different laws, each within a tenth of this one's."""
        rng = np.random.default_rng(SEED + 1)
        return {name: value * rng.uniform(0.9, 1.1, n) for name, value in self.parameters.items()}

    def test_points(self) -> FloatArray:
        """Some hundred points: across the bands, 1e-13 to 1 widths from each edge, and far out."""
        rng = np.random.default_rng(SEED + 2)
        bands = self.law.bands()
        low, high = bands[0, 0], bands[-1, 1]
        width = high - low
        inside = np.concatenate([rng.uniform(a, b, 120) for a, b in bands])
        steps = width * 10.0 ** np.arange(-13.0, 0.0, 0.5)
        near = (bands.ravel()[:, None, None] + np.array([-1.0, 1.0])[:, None] * steps).ravel()
        return np.concatenate([inside, near, [low - 100 * width, high + 100 * width]])


# Dyadic, so that the coefficients of the equations are exact doubles for everyone.
EPS, PHI = 7 / 64, 0.5
_B = PHI * (EPS / 2) ** 0.5

CASES = {
    case.name: case
    for case in (
        Case("cubic", "wishart_wigner", {"eps": EPS, "phi": PHI}, 0.0, 2 * EPS, (Jump(PHI, 1 / PHI),)),
        Case(
            "quartic",
            "relu_hessian",
            {"eps": EPS, "phi": PHI, "sigma": 1.0},
            0.0,
            0.0,
            (Jump(PHI, 1 / PHI), Jump(_B, 0.5 / PHI), Jump(-_B, 0.5 / PHI)),
        ),
    )
}
