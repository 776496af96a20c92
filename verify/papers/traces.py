"""Equations in the Stieltjes transform, held against mean resolvent traces of random matrices.

Real matrices of N rows have traces g_N(z) = G(z) + b(z)/N + O(1/N^2), so pairs of matrices of N and 2N
rows give 2 g_2N - g_N, whose mean is G up to O(1/N^2). An equation F(z, G) = 0 is tested by Hotelling's T^2
on F(z, mean) with the errors of the mean carried through dF/dG: no law has to be known, only F.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive.laws import G, z

from ..chi_square import hotelling_quantile
from ..ledger import Finding

RATE = 1e-6


@dataclass(frozen=True)
class Traces:
    """Values of 2 g_2N - g_N, shape (pairs, points), at the points in the upper half-plane.

    what: the matrices in words, for the evidence.
    """

    points: NDArray[np.complex128]
    values: NDArray[np.complex128]
    what: str


def extrapolated(
    spectrum: Callable[[int, np.random.Generator], NDArray[np.floating[Any]]],
    points: Sequence[complex],
    *,
    size: int,
    pairs: int,
    seed: int,
    what: str,
) -> Traces:
    """Traces from that many pairs of spectra of `size` and 2 `size`; `spectrum(n, rng)` gives eigenvalues."""
    rng = np.random.default_rng(seed)
    at = np.array(points)

    def trace(n: int) -> NDArray[np.complex128]:
        mean: NDArray[np.complex128] = np.mean(1 / (at[:, None] - spectrum(n, rng)[None, :]), axis=1)
        return mean

    values = [2 * trace(2 * size) - trace(size) for _ in range(pairs)]
    return Traces(at, np.stack(values), what)


def satisfied(residual: sp.Expr, traces: Traces, rate: float = RATE) -> Finding:
    """Whether an expression in z and G, parameters put in, vanishes at the mean traces (false-alarm rate)."""
    value, slope = (sp.lambdify((z, G), part, "numpy") for part in (residual, sp.diff(residual, G)))
    mean = traces.values.mean(axis=0)
    shape = np.ones(len(mean), dtype=complex)
    off, factor = (np.asarray(f(traces.points, mean), dtype=complex) * shape for f in (value, slope))
    if not (np.isfinite(off).all() and np.isfinite(factor).all() and np.all(factor != 0)):
        return Finding(False, f"{residual} is singular at the mean traces")
    spread = _parts(factor * (traces.values - mean))
    count, degrees = spread.shape
    covariance = spread.T @ spread / (count - 1)
    centre = _parts(off)
    distance = float(count * centre @ np.linalg.solve(covariance, centre))
    threshold = hotelling_quantile(rate, degrees, count) * count / (count + 1)
    numbers: dict[str, Any] = {"pairs": count, "distance": distance, "threshold": threshold}
    text = (
        f"{traces.what}, {count} pairs of sizes: squared distance {distance:.3g} of the mean resolvent "
        "traces from "
        f"the equation, threshold {threshold:.3g}"
    )
    return Finding(distance <= threshold, text, numbers)


def _parts(values: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.concatenate([values.real, values.imag], axis=-1)
