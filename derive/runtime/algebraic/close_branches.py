"""Taylor coefficients and Newton's method in double-double, for branches that doubles do not tell apart.

Where k branches lie within a part delta of their size, the value and the derivative of the polynomial on one
of them are of the order of delta^k and delta^(k-1) beside the terms that they are sums of: four blocks of one
matrix whose transforms share a pole differ by 1e-4 near it, and 1e-16 is rounding. Points and steps stay
doubles; what is summed is not. Complex arrays are double-doubles with real and imaginary part on a first
axis, so that a product of them is one product of stacked arrays.
"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from ..arithmetic.double_double import DoubleDouble

Array = np.ndarray[Any, Any]


def _complex(value: Array, low: Array | None = None) -> DoubleDouble:
    """A complex array, and what rounding it left over, with its parts on a first axis."""
    hi = np.stack([value.real, value.imag])
    return DoubleDouble(hi, 0.0 if low is None else np.stack([low.real, low.imag]))


def _times(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    """Product of complex arrays of equally many dimensions."""
    turned = DoubleDouble(np.stack([-b.hi[1], b.hi[0]]), np.stack([-b.lo[1], b.lo[0]]))
    return a[0] * b + a[1] * turned


def _rounded(a: DoubleDouble) -> Array:
    """The nearest complex doubles."""
    value: Array = a.hi[0] + 1j * a.hi[1]
    return value


def _powers(x: Array, degree: int) -> list[DoubleDouble]:
    """x^0 ... x^degree of doubles x, with two new last axes."""
    step = _complex(x[:, None, None])
    found = [_complex(np.ones((len(x), 1, 1), dtype=complex)), step]
    while len(found) <= degree:
        found.append(_times(found[-1], step))
    return found


def moving(b: Array, b_low: Array, u: Array, s: Array) -> tuple[Array, Array]:
    """du/ds, and the Taylor coefficients at (u, s) in the frame that moves with the branch.

    Coefficients of v^k (s' - s)^j, v = u' - u - (du/ds) (s' - s), as `branch.disc` takes them: (points, n+1,
    n+m+1).
    """
    points, n, m = len(u), b.shape[1] - 1, b.shape[2] - 1
    table = _complex(b, b_low)
    at_s = DoubleDouble(np.zeros((2, points, n + 1, m + 1)))
    for e, power in enumerate(_powers(s, m)):
        weight = np.array([float(comb(j + e, e)) for j in range(m + 1 - e)])
        columns = (..., slice(0, m + 1 - e))
        at_s[columns] = at_s[columns] + _times(power, table[..., e:] * weight)
    taylor = DoubleDouble(np.zeros((2, points, n + 1, m + 1)))
    weights = [np.array([[float(comb(k + e, e))] for k in range(n + 1 - e)]) for e in range(n + 1)]
    for e, power in enumerate(_powers(u, n)):
        rows = (..., slice(0, n + 1 - e), slice(None))
        taylor[rows] = taylor[rows] + _times(power, at_s[..., e:, :] * weights[e])
    with np.errstate(all="ignore"):
        slope = -_rounded(taylor[..., 0, 1]) / _rounded(taylor[..., 1, 0])
    finite = np.where(np.isfinite(slope), slope, 0.0)
    moved = DoubleDouble(np.zeros((2, points, n + 1, n + m + 1)))
    for e, power in enumerate(_powers(finite, n)):
        places = (..., slice(0, n + 1 - e), slice(e, e + m + 1))
        moved[places] = moved[places] + _times(power, taylor[..., e:, :] * weights[e])
    return slope, _rounded(moved)


def polish(b: Array, b_low: Array, u: Array, s: Array) -> tuple[Array, Array]:
    """Roots u that are good to doubles made good to an ulp in each part, and the last correction.

    Where branches lie close the rounding of the residual, not of the root, limits a root in doubles. A
    correction that is not small against u is not taken: the root was not isolated well enough, and its own
    error bound stands.
    """
    better, f, slope = newton(b, b_low, u, s.astype(complex), 3)
    with np.errstate(all="ignore"):
        kept = np.isfinite(better) & (np.abs(better - u) < 1e-3 * np.abs(u))
        step = f / slope
    return np.where(kept, better, u), np.where(kept & np.isfinite(step), step, 0.0)


def newton(b: Array, b_low: Array, u: Array, s: Array, iterations: int = 6) -> tuple[Array, Array, Array]:
    """The root that Newton's method finds from u, and the value and slope of the polynomial there."""
    in_u = _at(b, b_low, s)
    f = slope = u
    with np.errstate(all="ignore"):
        for k in range(iterations + 1):
            f, slope = _horner(in_u, u)
            step = f / slope
            step = np.where(np.isfinite(step), step, 0.0)
            if k == iterations or np.all(np.abs(step) <= 2.0**-52 * np.abs(u)):
                break
            u = u - step
    return u, f, slope


def _at(b: Array, b_low: Array, s: Array) -> DoubleDouble:
    """The coefficients in u at s, (2, points, n+1)."""
    table, place = _complex(b, b_low), _complex(s[:, None])
    total = table[..., -1]
    for j in range(b.shape[2] - 2, -1, -1):
        total = _times(total, place) + table[..., j]
    return total


def _horner(in_u: DoubleDouble, u: Array) -> tuple[Array, Array]:
    """f(u) and f'(u), summed in double-double and rounded."""
    x = _complex(u)
    f = in_u[..., -1]
    slope = DoubleDouble(np.zeros(f.shape))
    for k in range(in_u.shape[2] - 2, -1, -1):
        slope = _times(slope, x) + f
        f = _times(f, x) + in_u[..., k]
    return _rounded(f), _rounded(slope)
