"""Newton's method with residuals in double-double: roots of tabulated polynomials to the last bit.

Where branches lie close the rounding of the residual, not of the root, limits a root in doubles. With
coefficients and residual in double-double real and imaginary part are each right to about an ulp.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .double_double import DoubleDouble

Array = np.ndarray[Any, Any]


def polish(b: Array, b_low: Array, u: Array, s: Array) -> tuple[Array, Array]:
    """Roots u of sum (b + b_low)[., k, j] u^k s^j, improved; and the last correction.

    b, b_low: (points, n+1, m+1). A correction that is not small against u is not taken: the caller's root
    was not isolated well enough, and its own error bound stands.
    """
    n = b.shape[1] - 1
    zero = DoubleDouble(np.zeros(s.shape))
    with np.errstate(all="ignore"):
        if np.iscomplexobj(s):
            in_u = [_at_complex(b[:, k], b_low[:, k], s) for k in range(n + 1)]
        elif np.iscomplexobj(b):
            in_u = [
                (_at(b[:, k].real, b_low[:, k].real, s), _at(b[:, k].imag, b_low[:, k].imag, s))
                for k in range(n + 1)
            ]
        else:
            in_u = [(_at(b[:, k], b_low[:, k], s), zero) for k in range(n + 1)]
        step = np.zeros_like(u)
        for _ in range(3):
            f, slope = _horner(in_u, u)
            step = f / slope
            taken = np.isfinite(step) & (np.abs(step) < 1e-3 * np.abs(u))
            step = np.where(taken, step, 0.0)
            u = u - step
    return u, step


def _at(b: Array, b_low: Array, s: Array) -> DoubleDouble:
    """sum_j (b + b_low)[., j] s^j."""
    total = DoubleDouble(b[:, -1], b_low[:, -1])
    for j in range(b.shape[1] - 2, -1, -1):
        total = total * s + DoubleDouble(b[:, j], b_low[:, j])
    return total


def _at_complex(b: Array, b_low: Array, s: Array) -> tuple[DoubleDouble, DoubleDouble]:
    """The same at complex s, real and imaginary part."""
    real, imaginary = (DoubleDouble(np.zeros(s.shape)) for _ in range(2))
    for j in range(b.shape[1] - 1, -1, -1):
        real, imaginary = (
            real * s.real - imaginary * s.imag + DoubleDouble(b[:, j].real, b_low[:, j].real),
            real * s.imag + imaginary * s.real + DoubleDouble(b[:, j].imag, b_low[:, j].imag),
        )
    return real, imaginary


def _horner(in_u: list[tuple[DoubleDouble, DoubleDouble]], u: Array) -> tuple[Array, Array]:
    """f(u), summed in double-double and rounded, and f'(u) in doubles; coefficients as (real, imaginary)."""
    real, imaginary = in_u[-1]
    slope = np.zeros_like(u)
    for a, b in reversed(in_u[:-1]):
        slope = slope * u + (real.to_float() + 1j * imaginary.to_float())
        real, imaginary = (real * u.real - imaginary * u.imag + a, real * u.imag + imaginary * u.real + b)
    return real.to_float() + 1j * imaginary.to_float(), slope
