"""The paper's figure 1: spectra of Wishart plus Wigner at three ratios, as the energy grows."""

from __future__ import annotations

from matplotlib.figure import Figure as Canvas

from generated import wishart_wigner

from .figure import Figure
from .sampled import Sampled, panel, sampled
from .style import canvas

RATIOS = (0.25, 0.5, 0.75)
ENERGIES = (0.0, 0.02, 0.2, 1.0)
N = 1000


def data() -> dict[tuple[float, float], Sampled]:
    """One matrix for each (phi, eps) asked for; its own parameters are the realised ones."""
    return {
        (phi, eps): sampled("wishart_wigner", N, {"eps": eps, "phi": phi}, seed=17)
        for eps in ENERGIES
        for phi in RATIOS
    }


def plot(drawn: dict[tuple[float, float], Sampled]) -> Canvas:
    """A column a ratio, a row an energy."""
    figure, axes = canvas(7.2, len(ENERGIES), len(RATIOS), sharex="row")
    for i, eps in enumerate(ENERGIES):
        for j, phi in enumerate(RATIOS):
            axis, one = axes[i][j], drawn[phi, eps]
            panel(axis, one)
            axis.set_title(rf"$\phi = {phi:g},\ \epsilon = {eps:g} {_side(eps, phi)}$", fontsize=10)
            axis.locator_params(axis="y", nbins=4)
            if one.law.index() > 0:
                axis.text(
                    0.97, 0.9, rf"$\alpha = {one.law.index():.3f}$", transform=axis.transAxes, ha="right"
                )
    for row in axes:
        row[0].set_ylabel("density")
    for below in axes[-1]:
        below.set_xlabel("eigenvalue")
    return figure


def _side(eps: float, phi: float) -> str:
    return r"< \epsilon_c" if eps < wishart_wigner.critical_energy(phi) else r"> \epsilon_c"


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


FIGURE = Figure(
    name="figure-1",
    number=1,
    title="Spectra of Wishart plus Wigner for three ratios of parameters to data points",
    caption=rf"""
        Figure 1 of the paper, drawn anew. Eigenvalues of one real matrix each, with $N = {N}$ rows (grey),
        under the density generated from the derivation (blue); nothing is fitted. The paper's text does not
        give its values of $\phi$ and $\epsilon$: these are ours, $\phi = {_listed(RATIOS)}$ and
        $\epsilon = {_listed(ENERGIES)}$, on both sides of $\epsilon_c$. Ticks at the foot mark the edges.
        Below $\epsilon_c$ there is a gap above 0 (dashed); beyond it the red part of the density is the index
        $\alpha$, and with growing $\epsilon$ the spectrum becomes semicircular.
    """,
    data=data,
    plot=plot,
)
