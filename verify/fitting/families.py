"""The laws that a fit chooses from: those of a generated module, moved and stretched, some parameters held.

An eigenvalue is loc + scale x with x from the module's law, so that its transform is G((z -
loc)/scale)/scale. How it moves with the parameters follows from the polynomial equation P(G, z, p) = 0
by implicit differentiation, dG/dp = -(dP/dp) / (dP/dG): no further root is computed.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

import generated

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

AFFINE = ("loc", "scale")
NEWTON = 8
SETTLED = 1e-9
STEP = 1e-5  # of central differences of polynomials, relative


@dataclass(frozen=True)
class Family:
    """A module, the values of what is held, and the names of what is estimated, in the module's order."""

    module: ModuleType
    held: Mapping[str, float]
    free: tuple[str, ...]

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the module's parameters."""
        return tuple(parameter.name for parameter in self.module.PARAMETERS)

    @property
    def name(self) -> str:
        """Last part of the module's name."""
        return self.module.__name__.rpartition(".")[2]

    @property
    def is_free_sum(self) -> bool:
        """Whether every law is that of a free sum of Wigner and Wishart matrices, R(g) = m + sum of c g / (1
        - p g).

        The kernels of a module tell, which may be of another package's runtime.
        """
        return type(self.module._FAMILY.kernels).__name__ == "LevyKernels"

    def ends(self, name: str) -> tuple[float, float]:
        """Ends of a parameter's domain; those of loc and scale are (-oo, oo) and (0, oo)."""
        if name in AFFINE:
            return (-np.inf if name == "loc" else 0.0), np.inf
        low, high = next(p.ends for p in self.module.PARAMETERS if p.name == name)
        return float(low), float(high)

    def closed(self, name: str) -> tuple[bool, bool]:
        """Whether the ends belong to the domain."""
        domain = "(," if name in AFFINE else next(p.domain for p in self.module.PARAMETERS if p.name == name)
        return domain[0] == "[", domain[-1] == "]"

    def point(self, values: Real) -> dict[str, float]:
        """All parameters, loc and scale included, the free ones at these values."""
        return {**self.held, **dict(zip(self.free, map(float, values), strict=True))}

    def own(self, point: Mapping[str, Any]) -> dict[str, Any]:
        """The module's parameters alone."""
        return {name: point[name] for name in self.parameters}

    def transform(self, z: Complex, point: Mapping[str, float], near: Complex | None = None) -> Complex:
        """G of the moved law at z in the upper half-plane.

        near: G of a law nearby, from which Newton's steps are taken. What they reach is kept if all of
        it is in the lower half-plane, where a free Levy law has one root alone; else the module's own
        function decides.
        """
        if near is not None:
            found = self.root(z, point, near)
            if not np.isnan(found).any():
                return found
        inside = (z - point["loc"]) / point["scale"]
        return np.asarray(self.module.stieltjes(inside, **self.own(point)) / point["scale"])

    def root(self, z: Complex, point: Mapping[str, Any], near: Complex) -> Complex:
        """What Newton's steps from `near` come to; NaN where nothing, or the upper half-plane.

        point: numbers, or arrays that broadcast with z.
        """
        own, scale = self.own(point), point["scale"]
        inside = (z - point["loc"]) / scale
        g = near * scale
        with np.errstate(all="ignore"):
            for _ in range(NEWTON):
                step = self.module.equation(g, inside, **own) / self.slope(g, inside, own)
                g = g - step
                if not (np.abs(step) > SETTLED * np.abs(g)).any():
                    break
            fine = (np.abs(step) <= SETTLED * np.abs(g)) & (g.imag < 0)
            return np.where(fine, g / scale, np.nan)

    def gradient(self, z: Complex, transform: Complex, point: Mapping[str, float]) -> Complex:
        """Derivatives of the moved law's G by the free parameters, (free, points); transform: G at z."""
        loc, scale = point["loc"], point["scale"]
        x, g, own = (z - loc) / scale, transform * scale, self.own(point)
        slope = self.slope(g, x, own)
        along = -self._difference(lambda d: self.module.equation(g, x + d, **own), STEP * np.abs(x)) / slope
        rows = []
        for name in self.free:
            if name == "loc":
                rows.append(-along / scale**2)
            elif name == "scale":
                rows.append(-(g + x * along) / scale**2)
            else:
                rows.append(-self._by_parameter(g, x, own, name) / slope / scale)
        return np.array(rows)

    def slope(self, g: Complex, x: Complex, own: Mapping[str, Any]) -> Complex:
        """dP/dG; own: the module's parameters, numbers or arrays."""
        return self._difference(lambda d: self.module.equation(g + d, x, **own), STEP * np.abs(g))

    def _by_parameter(self, g: Complex, x: Complex, own: dict[str, float], name: str) -> Complex:
        step = STEP * (abs(own[name]) or 1e-2 * min(1.0, float(np.median(np.abs(x))) ** 2))
        return self._difference(
            lambda d: self.module.equation(g, x, **{**own, name: own[name] + d}), np.array(step)
        )

    @staticmethod
    def _difference(of: Any, step: Any) -> Complex:
        return np.asarray((of(step) - of(-step)) / (2 * step))


def family(model: Any, loc: Any, scale: Any, held: Mapping[str, Any]) -> Family:
    """The family of a model by name or module; errors say what came, what was wanted and what to do."""
    module = _module(model)
    names = tuple(p.name for p in module.PARAMETERS)
    unknown = sorted(set(held) - set(names))
    if unknown:
        raise TypeError(
            f"{module.__name__} has no parameter {', '.join(unknown)}; "
            f"it has {', '.join(names)}, loc and scale"
        )
    values = {p.name: float(p.values(held[p.name])) for p in module.PARAMETERS if p.name in held}
    free = [name for name in names if name not in held]
    for name, value in (("loc", loc), ("scale", scale)):
        if isinstance(value, str) and value == "fit":
            free.append(name)
            continue
        if isinstance(value, (str, bool, complex)) or value is None or not np.isfinite(value):
            raise ValueError(f'{name} must be a finite number, or "fit" to estimate it, got {value!r}')
        if name == "scale" and not value > 0:
            raise ValueError(f"scale must be positive, got {value!r}")
        values[name] = float(value)
    if not free and not names:
        raise ValueError(f'{module.__name__} has no parameters; pass scale="fit" or loc="fit"')
    if not free:
        raise ValueError(f"every parameter of {module.__name__} is held; leave out what is to be estimated")
    return Family(module, values, tuple(free))


def _module(model: Any) -> ModuleType:
    if isinstance(model, str):
        ship = (*generated.MODELS, *generated.ALGEBRAIC)
        if model not in (*ship, *generated.FUNCTIONAL, *generated.RADIAL):
            raise ValueError(
                f"there is no model {model!r}; those that ship are {', '.join(ship)}, and one "
                "generated from your own file is passed itself, as in: from mylaws import my_model"
            )
        model = importlib.import_module(f"generated.{model}")
    offers = set(dir(model)) if isinstance(model, ModuleType) else set()
    if offers >= {"PARAMETERS", "equation", "stieltjes", "support", "atoms", "cdf", "outliers", "law"}:
        return model
    if offers >= {"PARAMETERS", "cdf", "radius"}:
        raise ValueError(
            f"{model.__name__} is a law in the plane, of complex eigenvalues, and fit takes real ones; "
            f"compare their absolute values with {model.__name__}.cdf(r, ...)"
        )
    if offers >= {"PARAMETERS", "stieltjes"}:
        raise ValueError(
            f"{model.__name__} knows its law from a functional equation: there is no density, band or edge "
            f"to fit; compare the means of the eigenvalues' powers with {model.__name__}.moments(n, ...), or "
            f"those of 1 / (z - x), z off the axis, with {model.__name__}.stieltjes(z, ...)"
        )
    raise TypeError(
        f"model must be one of {', '.join(generated.MODELS)}, or a generated module with an equation of "
        f"its Stieltjes transform, got {model!r}"
    )
