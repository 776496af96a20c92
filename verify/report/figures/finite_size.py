"""Matrices of finite size: how many negative eigenvalues there are beyond N alpha, on the average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from derive.language.model import load
from derive.laws import w
from generated import wishart_wigner

from ...papers.deciding import derivation
from ...sampling import Sampler
from .figure import Figure
from .style import BLUE, RED, SOFT, canvas

Real = NDArray[np.float64]

PHI = 0.5
ENERGIES = (0.03, 0.1, 0.3, 1.0, 3.0)
SIZES = {20: (3000, BLUE, "o"), 50: (800, RED, "s")}
"""N: how many matrices at each energy, colour and mark."""


@dataclass(frozen=True)
class Excess:
    """Mean number of negative eigenvalues less N alpha, for real matrices of Wishart plus Wigner.

    energies, predicted: the theorem's limit, on a fine grid. measured: by N, means and standard errors at
    `ENERGIES`.
    """

    energies: Real
    predicted: Real
    measured: dict[int, tuple[Real, Real]]


def data() -> Excess:
    """The prediction, and samples at two sizes."""
    critical = float(wishart_wigner.critical_energy(PHI))
    energies = critical * (1 + np.geomspace(1e-6, 1e3, 300))
    return Excess(energies, predicted(energies), {n: _measured(n) for n in SIZES})


def predicted(energies: Real) -> Real:
    """-arg H'(w(0)) / (2 pi), w(0) = 1/G(0): the real matrices' bias of traces, half d_z log H'(w(z)), as one
    of the count of negative eigenvalues. It needs mass on both sides of 0."""
    derived = derivation("wishart_wigner")
    eps, phi = (p.symbol for p in derived.model.parameters)
    slope = sp.lambdify((w, eps, phi), derived.closed_forms["outlier_overlap"], "numpy")  # H'(w)
    at_zero = 1 / wishart_wigner.stieltjes(0.0, energies, PHI)
    return -np.angle(slope(at_zero, energies, PHI)) / (2 * np.pi)


def _measured(n: int) -> tuple[Real, Real]:
    count = SIZES[n][0]
    rng = np.random.default_rng(n)
    means, errors = [], []
    for eps in ENERGIES:
        spectra = Sampler(load("wishart_wigner"), n, eps=eps, phi=PHI).spectra(rng, count)
        excess = np.sum(spectra < 0, axis=1) - n * wishart_wigner.index(eps, PHI)
        means.append(np.mean(excess))
        errors.append(np.std(excess, ddof=1) / np.sqrt(count))
    return np.array(means), np.array(errors)


def plot(found: Excess) -> Canvas:
    """One panel: the prediction as a line, means with two standard errors as marks."""
    figure, axes = canvas(3.2)
    axis = axes[0][0]
    axis.plot(found.energies, found.predicted, color=SOFT, lw=2.2, label="predicted for large $N$")
    for shift, (n, (means, errors)) in zip((0.97, 1.03), found.measured.items(), strict=True):
        count, colour, mark = SIZES[n]
        axis.errorbar(
            np.array(ENERGIES) * shift,
            means,
            2 * errors,
            color=colour,
            ls="none",
            marker=mark,
            ms=4,
            lw=1.2,
            label=f"$N = {n}$, {count} matrices",
        )
    axis.axhline(0, color=SOFT, lw=0.7)
    axis.set(
        xscale="log",
        xlabel=r"$\epsilon$",
        ylabel=r"mean count less $N \alpha$",
        xlim=(0.9e-2, 11),
        ylim=(-0.05, 0.27),
    )
    axis.legend(loc="upper right")
    return figure


_LISTED = " and ".join(f"{count} matrices of $N = {n}$" for n, (count, _, _) in SIZES.items())

FIGURE = Figure(
    name="finite-size",
    title="Negative eigenvalues of finite matrices",
    caption=rf"""
        Real matrices of Wishart plus Wigner at $\phi = {PHI:g}$ have more negative eigenvalues than
        $N \alpha$, on the average: the trace of their resolvent is biased by half the derivative of
        $\log H'(w(z))$, and the count by $-\arg H'(w(0))/(2 \pi)$ (line), whatever $N$ is. Marks: means over
        {_LISTED} at each $\epsilon$, with two standard errors. Just above $\epsilon_c$ the excess is a
        quarter of an eigenvalue.
    """,
    data=data,
    plot=plot,
)
