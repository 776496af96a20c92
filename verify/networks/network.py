"""Single-hidden-layer networks without biases: outputs, loss, gradient, as Pennington & Bahri (1) and (2).

    y_hat = W2 f(W1 x),   e = y_hat - y,   loss = n2 eps = (1/2m) sum_{i mu} e_{i mu}^2

Columns of x and y are examples. Every array may have leading axes, which broadcast against each other: a
stack of networks is one `Network`. Parameters are flattened as W1 row by row, then W2 row by row; there are
P = n1 (n0 + n2) of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .activations import RELU, Activation

Real = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Network:
    """Weights W1 (..., n1, n0) and W2 (..., n2, n1), inputs x (..., n0, m) and targets y (..., n2, m).

    Arrays that are not of floating point become float64. Raises `TypeError` for complex or non-numeric
    ones and `ValueError` for shapes that do not fit together; NaN goes through to the results.
    """

    first: Real
    second: Real
    inputs: Real
    targets: Real
    activation: Activation = RELU

    def __post_init__(self) -> None:
        for name in ("first", "second", "inputs", "targets"):
            object.__setattr__(self, name, _matrix(name, getattr(self, name)))
        (n1, n0), (n2, hidden) = self.first.shape[-2:], self.second.shape[-2:]
        (pixels, m), (outputs, examples) = self.inputs.shape[-2:], self.targets.shape[-2:]
        shapes = ", ".join(f"{name} {array.shape}" for name, array in self._arrays().items())
        if (n1, n0, n2, m) != (hidden, pixels, outputs, examples):
            raise ValueError(
                "weights W1 (n1 x n0), W2 (n2 x n1), inputs (n0 x m) and targets (n2 x m) do not fit: "
                + shapes
            )
        if 0 in (n0, n1, n2, m):
            raise ValueError(f"n0, n1, n2 and m must be at least 1: {shapes}")
        try:
            self.batch  # noqa: B018
        except ValueError:
            raise ValueError(f"the leading axes do not broadcast: {shapes}") from None

    def _arrays(self) -> dict[str, Real]:
        return {"W1": self.first, "W2": self.second, "inputs": self.inputs, "targets": self.targets}

    @cached_property
    def batch(self) -> tuple[int, ...]:
        """The leading axes that all arrays broadcast to."""
        return np.broadcast_shapes(*(array.shape[:-2] for array in self._arrays().values()))

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """(n0, n1, n2, m)."""
        return self.first.shape[-1], self.first.shape[-2], self.second.shape[-2], self.inputs.shape[-1]

    @property
    def parameter_count(self) -> int:
        """P = n1 (n0 + n2)."""
        n0, n1, n2, _ = self.sizes
        return n1 * (n0 + n2)

    @property
    def ratio(self) -> float:
        """phi = P / (n2 m), parameters over effective examples; 2n/m in a square network."""
        _, _, n2, m = self.sizes
        return self.parameter_count / (n2 * m)

    @cached_property
    def jet(self) -> tuple[Real, Real, Real | None]:
        """f, f', f'' at the pre-activations W1 x, each (..., n1, m); f'' is None for piecewise linear f."""
        return self.activation.jet(self.first @ self.inputs)

    @cached_property
    def outputs(self) -> Real:
        """y_hat of (1), (..., n2, m)."""
        hidden: Real = self.jet[0]
        return self.second @ hidden

    @cached_property
    def residuals(self) -> Real:
        """e = y_hat - y, (..., n2, m)."""
        return self.outputs - self.targets

    @property
    def loss(self) -> Real:
        """(1/2m) sum e^2, which is n2 eps (2)."""
        total: Real = np.sum(self.residuals**2, axis=(-2, -1))
        return total / (2 * self.sizes[3])

    @property
    def energy(self) -> Real:
        """eps, the loss per output."""
        return self.loss / self.sizes[2]

    @property
    def parameters(self) -> Real:
        """theta, (..., P)."""
        return flat(*(np.broadcast_to(w, self.batch + w.shape[-2:]) for w in (self.first, self.second)))

    def gradient(self) -> Real:
        """d loss / d theta = J e / m, (..., P)."""
        hidden, slope, _ = self.jet
        m = self.sizes[3]
        back = (_transposed(self.second) @ self.residuals) * slope
        return flat(back @ _transposed(self.inputs) / m, self.residuals @ _transposed(hidden) / m)

    def squared_gradient(self) -> Real:
        """J_g = |grad loss|^2 of section 6.4, (...)."""
        total: Real = np.sum(self.gradient() ** 2, axis=-1)
        return total

    def at(self, parameters: Real) -> Network:
        """The same data and activation at other parameters, (..., P)."""
        first, second = self.split(parameters)
        return replace(self, first=first, second=second)

    def split(self, vector: Real) -> tuple[Real, Real]:
        """A vector over the parameters, (..., P), as matrices of the shapes of W1 and W2."""
        values = np.asarray(vector)
        n0, n1, n2, _ = self.sizes
        if values.shape[-1:] != (self.parameter_count,):
            raise ValueError(
                f"a vector over the parameters has {self.parameter_count} entries along its last axis, "
                f"got shape {values.shape}"
            )
        lead = values.shape[:-1]
        return values[..., : n1 * n0].reshape(*lead, n1, n0), values[..., n1 * n0 :].reshape(*lead, n2, n1)

    def with_residuals(self, residuals: Real) -> Network:
        """The same weights and inputs with targets that make the residuals these (to rounding).

        To overwrite the residuals, as footnote 4 does, is to choose the targets y = y_hat - e.
        """
        return replace(self, targets=self.outputs - residuals)


def flat(first: Real, second: Real) -> Real:
    """Matrices of the shapes of W1 and W2 as one vector over the parameters."""
    lead = np.broadcast_shapes(first.shape[:-2], second.shape[:-2])
    rows = [np.broadcast_to(w, lead + w.shape[-2:]).reshape(*lead, -1) for w in (first, second)]
    return np.concatenate(rows, axis=-1)


def initial_weights(
    n0: int, n1: int, n2: int, rng: np.random.Generator, batch: tuple[int, ...] = ()
) -> tuple[Real, Real]:
    """W1 and W2 of zero-mean Gaussians with variance 2 over the number of incoming units (supplement, 4)."""
    first = rng.standard_normal((*batch, n1, n0)) * np.sqrt(2 / n0)
    return first, rng.standard_normal((*batch, n2, n1)) * np.sqrt(2 / n1)


def _transposed(x: Real) -> Real:
    return np.swapaxes(x, -1, -2)


def _matrix(name: str, value: Any) -> Real:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be an array of real numbers, got dtype {array.dtype}")
    if array.ndim < 2:
        raise ValueError(f"{name} must be a matrix or a stack of matrices, got shape {array.shape}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)
