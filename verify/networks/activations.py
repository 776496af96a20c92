"""Activation functions with the two derivatives that a Hessian needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating]


@dataclass(frozen=True)
class Activation:
    """f with f' and f''.

    jet: z -> (f(z), f'(z), f''(z)); the last is None where f is piecewise linear, for f'' = 0 off the kinks.
    homogeneous: f(t z) = t f(z) for every t > 0; then incoming and outgoing weights of a unit can be
    rescaled against each other without changing an output.
    """

    name: str
    jet: Callable[[Real], tuple[Real, Real, Real | None]]
    homogeneous: bool


def _relu(z: Real) -> tuple[Real, Real, None]:
    slope = (z > 0).astype(z.dtype)
    return z * slope, slope, None


def _tanh(z: Real) -> tuple[Real, Real, Real]:
    value = np.tanh(z)
    slope = 1 - value**2
    return value, slope, -2 * value * slope


def _linear(z: Real) -> tuple[Real, Real, None]:
    return z, np.ones_like(z), None


def smooth_relu(width: float) -> Activation:
    """(z + sqrt(z^2 + width^2))/2, which differs from ReLU by at most width/2, and visibly at |z| ~ width."""

    def jet(z: Real) -> tuple[Real, Real, Real]:
        root = np.sqrt(z**2 + width**2)
        return (z + root) / 2, (1 + z / root) / 2, width**2 / (2 * root**3)

    return Activation(f"smooth relu of width {width:g}", jet, homogeneous=False)


RELU = Activation("relu", _relu, homogeneous=True)  # the slope at the kink is taken as 0
TANH = Activation("tanh", _tanh, homogeneous=False)
LINEAR = Activation("linear", _linear, homogeneous=True)
ACTIVATIONS = {activation.name: activation for activation in (RELU, TANH, LINEAR)}
