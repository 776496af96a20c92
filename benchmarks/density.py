"""Density of the frozen cubic and quartic beside batched companion eigenvalues, in one run.

    python benchmarks/density.py [--points N] [--repeat R]

Prints nanoseconds a point (the median of interleaved repetitions), the ratio, and the largest
relative difference between the two away from the edges. Trust the ratios, not the times.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np

from generated import relu_hessian, wishart_wigner


def companion_density(coefficients: np.ndarray) -> np.ndarray:
    """Density from the eigenvalues of companion matrices of the polynomial in G, leading first (d + 1, n)."""
    degree, points = coefficients.shape[0] - 1, coefficients.shape[1]
    matrices = np.zeros((points, degree, degree))
    matrices[:, 0, :] = -(coefficients[1:] / coefficients[0]).T
    matrices[:, np.arange(1, degree), np.arange(degree - 1)] = 1.0
    return np.abs(np.linalg.eigvals(matrices).imag).max(axis=1) / np.pi


def cubic(x: np.ndarray, eps: float, phi: float) -> np.ndarray:
    """Coefficients of (18) in G at x, leading first."""
    one = np.ones_like(x)
    return np.stack([2 * eps * phi * one, -(2 * eps + x * phi), x + phi - 1, -one])


def quartic(x: np.ndarray, eps: float, phi: float) -> np.ndarray:
    """Coefficients of (30) in G at x with sigma = 1, leading first."""
    return np.stack(
        [
            x * eps * phi**3,
            -eps * phi**2 * (x + phi - 2),
            -phi * (2 * x + eps * (1 - phi)),
            2 * (x - (1 - phi)),
            -2 * np.ones_like(x),
        ]
    )


def interleaved(functions: dict[str, Callable[[], np.ndarray]], repeat: int) -> dict[str, float]:
    """Median seconds of each function, the repetitions interleaved."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(repeat):
        for name, function in functions.items():
            start = time.perf_counter()
            function()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    """Run the comparison for both models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    arguments = parser.parse_args()
    for name, law, coefficients in (
        ("cubic (wishart_wigner, eps=0.1, phi=0.5)", wishart_wigner.law(0.1, 0.5), cubic),
        ("quartic (relu_hessian, eps=0.1, phi=0.5)", relu_hessian.law(0.1, 0.5), quartic),
    ):
        low, high = law.support()
        # Off any grid that would hit z = 0, where the quartic loses its leading term.
        x = np.linspace(low - 0.1, high + 0.1, arguments.points) + 1e-9
        out = np.empty_like(x)

        def ours(law: object = law, x: np.ndarray = x, out: np.ndarray = out) -> np.ndarray:
            return law.pdf(x, out=out)  # type: ignore[attr-defined, no-any-return]

        def rival(x: np.ndarray = x, coefficients: Callable[..., np.ndarray] = coefficients) -> np.ndarray:
            return companion_density(coefficients(x, 0.1, 0.5))

        times = interleaved({"ours": ours, "companion eigenvalues": rival}, arguments.repeat)
        inside = (x > low + 0.01) & (x < high - 0.01)
        difference = np.max(np.abs(ours() / np.where(inside, rival(), 1) - 1), where=inside, initial=0)
        print(name)
        for rival_name, seconds in times.items():
            ratio = seconds / times["ours"]
            print(f"  {rival_name:24s} {seconds / x.size * 1e9:9.1f} ns a point   {ratio:7.1f} x")
        print(f"  largest relative difference away from the edges: {difference:.1e}")


if __name__ == "__main__":
    main()
