"""The law beyond its outermost singular points, tabulated in zeta = 1/(z - centre), where it is analytic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from .branch import follow
from .cells import NODES, X, clenshaw, fit
from .singular import FAR_STEPS, Infinity

Array = np.ndarray[Any, Any]


@dataclass
class Outer:
    """Both outer parts, |z - centre| >= 1 / zeta, in the variable zeta = 1/(z - centre)."""

    centre: float
    zeta: float
    real: Array
    potential: Array
    error: float

    def real_at(self, x: Array) -> Array:
        """G at real x outside."""
        with np.errstate(all="ignore"):
            zeta = 1.0 / (x - self.centre)
            return zeta * (1.0 + zeta * self._value(self.real, zeta))

    def over_zeta(self, zeta: Array) -> Array:
        """v / zeta of G = zeta (1 + v)."""
        return self._value(self.real, zeta)

    def moments_at(self, zeta: Array) -> tuple[Array, Array]:
        """T / zeta and dT/dzeta of T = z G - 1 at z = centre + 1/zeta, without cancellation for large z."""
        v = self._value(self.real, zeta)
        slope = self._value(chebyshev.chebder(self.real), zeta) / self.zeta
        moved = 1.0 + self.centre * zeta
        inner = self.centre + v * moved
        return inner, inner + zeta * (slope * moved + self.centre * v)

    def potential_at(self, x: Array) -> Array:
        """Logarithmic potential at real x outside, atoms included."""
        with np.errstate(all="ignore"):
            zeta = 1.0 / (x - self.centre)
            return -np.log(np.abs(zeta)) - self._value(self.potential, zeta)

    def _value(self, coefficients: Array, zeta: Array) -> Array:
        t = np.clip(zeta / self.zeta, -1.0, 1.0)
        return clenshaw(coefficients[None, :], np.zeros(zeta.shape, dtype=int), t)


def outer(far: Infinity, reach: float, doubts: list[str]) -> Outer:
    """Tabulate the outer parts; v(zeta)/zeta is analytic, G = zeta (1 + v)."""
    top = 1.0 / reach
    zeta = top * X
    zero = np.zeros(NODES, dtype=complex)
    u, error, proved = follow(far.b, zero, zero, zeta.astype(complex), FAR_STEPS, far.followed)
    lost = np.flatnonzero(~proved)
    if lost.size:  # another branch crosses ours on the axis: go around
        way = (1 - 1j) * zeta[lost] / 2
        u[lost], _, first = follow(far.b, zero[lost], zero[lost], way, FAR_STEPS, far.followed)
        u[lost], error[lost], second = follow(far.b, u[lost], way, zeta[lost].astype(complex), FAR_STEPS)
        proved[lost] = first & second
    if not np.all(proved):
        doubts.append("the branch could not be followed from infinity along the axis")
        u = np.zeros(NODES, dtype=complex)
    real = fit(far.over_zeta(far.polished(u, zeta), zeta).real)
    integral = chebyshev.chebint(real * top)
    integral[0] -= chebyshev.chebval(0.0, integral)
    return Outer(float(far.centre), top, real, integral[:NODES], float(np.max(error)))
