"""Figure 3: the spectrum of H1 of networks at initialisation and its law; what footnote 4 leaves out."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from generated import relu_residual

from ...networks.residual_experiment import Approach, Histogram, ResidualFigure, residual_figure
from ...networks.residual_law import Residuals
from ..figures.style import BARS, BLUE, DASHED, DOTTED, GREEN, ORANGE, RED, SOFT, canvas, headline
from .experiment import Experiment

KINDS: dict[Residuals, tuple[str, str, str]] = {
    "overwritten": ("overwritten", BLUE, "o"),
    "independent": (r"own, targets independent", GREEN, "s"),
    "autoencoder": (r"own, autoencoder", ORANGE, "^"),
}
"""Label, colour and mark of each kind of residuals."""


def plot(found: ResidualFigure) -> Canvas:
    """Spectra above, distances from the law below, a column for each phi."""
    ratios = sorted({one.phi for one in found.histograms})
    figure, axes = canvas(5.4, 2, len(ratios))
    for k, phi in enumerate(ratios):
        spectra = {one.residuals: one for one in found.histograms if one.phi == phi}
        _spectra(axes[0][k], spectra, phi, found.limit, legend=k == 0)
        curves = [one for one in found.approaches if one.phi == phi]
        _distances(axes[1][k], curves, spectra, legend=k == len(ratios) - 1)
    axes[0][0].set_ylabel("density")
    axes[1][0].set_ylabel("distance / standard deviation")
    return figure


def _spectra(
    axes: Axes, spectra: dict[Residuals, Histogram], phi: float, limit: tuple[Any, Any, Any], *, legend: bool
) -> None:
    noise, own = spectra["overwritten"], spectra["autoencoder"]
    middle = (noise.edges[1:] + noise.edges[:-1]) / 2
    axes.stairs(noise.heights, noise.edges, fill=True, color=BARS, label="overwritten")
    axes.errorbar(middle, noise.heights, 2 * noise.errors, ls="none", color=SOFT, lw=0.8)
    axes.stairs(own.heights, own.edges, color=ORANGE, lw=1.1, label="own")
    if phi < 1:
        axes.stairs(limit[1], limit[0], color=SOFT, ls=DOTTED, lw=1.4, label=r"own, $\phi \to 0$")
    law = relu_residual.law(eps=1.0, phi=phi)
    steps = (1 - np.cos(np.linspace(0, np.pi, 200))) / 2
    for low, high in law.bands():
        x = low + (high - low) * steps
        axes.plot(x, law.pdf(x), color=BLUE, label="law" if low == law.bands()[0, 0] else None)
    atoms = law.atoms()
    top = 1.15 * float(noise.heights.max())
    if len(atoms):
        share, error = noise.zeros
        text = f"zeros {share:.3f} ± {2 * error:.3f}\natom {atoms[0, 1]:.3g}"
        axes.annotate(text, (1, 0.98), xycoords="axes fraction", ha="right", va="top", color=RED, size=9)
        top *= 1.5
    reach = 1.03 * max(float(own.edges[-1]), float(law.bands()[-1, 1]))
    axes.set(xlim=(-reach, reach), ylim=(0, top), xlabel=r"$\lambda / \sqrt{\epsilon}$")
    headline(axes, rf"$\phi = {_ratio(phi)}$")
    if legend:
        axes.legend(loc="upper right", handlelength=1.2)


def _distances(
    axes: Axes, curves: list[Approach], spectra: dict[Residuals, Histogram], *, legend: bool
) -> None:
    for one in curves:
        label, colour, mark = KINDS[one.residuals]
        n = np.array(one.units, dtype=float)
        line = one.rate.factor * n**one.rate.value
        axes.errorbar(
            n, one.distances, 2 * one.errors, color=colour, ls="none", marker=mark, ms=4, lw=1.1, label=label
        )
        axes.plot(n, line, color=colour, ls=DASHED, lw=1)
        if one.residuals == "overwritten":
            text = rf"$n^{{{one.rate.value:.2f} \pm {2 * one.rate.error:.2f}}}$"
            axes.annotate(text, (n[1], line[1]), (6, 5), textcoords="offset points")
        if one.residuals in spectra:
            value, error = spectra[one.residuals].distance
            place = 0.9 * n[0]
            axes.errorbar(place, value, 2 * error, color=colour, marker=mark, ms=5, mfc="none", lw=1.1)
    axes.set(xscale="log", yscale="log", xlabel=r"units $n$")
    axes.set_xticks(curves[0].units, [str(n) for n in curves[0].units])
    axes.minorticks_off()
    if legend:
        axes.set_ylim(bottom=axes.get_ylim()[0] / 10)  # room for it
        axes.legend(loc="lower left", fontsize=8.5, title="residuals", title_fontsize=8.5)


def _ratio(phi: float) -> str:
    return f"{phi:g}" if phi >= 1 else f"1/{1 / phi:g}"


def caption(found: ResidualFigure) -> str:
    """What was drawn and found."""
    shown = found.histograms[0]
    rates = "; ".join(
        rf"$n^{{{one.rate.value:.2f} \pm {2 * one.rate.error:.2f}}}$ at $\phi = {_ratio(one.phi)}$"
        for one in found.approaches
        if one.residuals == "overwritten"
    )
    last = {(one.phi, one.residuals): one for one in found.approaches}
    ratios = sorted({one.phi for one in found.approaches})
    largest = found.approaches[0].units[-1]

    def values(kind: Any) -> str:
        return ", ".join(f"{last[phi, kind].distances[-1]:.2g}" for phi in ratios)

    counts = ", ".join(str(n) for n in found.approaches[0].runs)
    return rf"""
        Above: eigenvalues of $H_1$ over $\sqrt{{\epsilon}}$ for ReLU autoencoders of 16 units at
        initialisation on $4 \times 4$ whitened images ({shown.source}), {shown.runs} networks for each
        $\phi$; grey with the residuals overwritten by noise $N(0, 100)$, orange with the networks' own, and
        the law (28) at $\epsilon = 1$, nothing fitted. The excess at 0 is that of real matrices with as many
        rows as columns: it narrows as $1/n$. Dotted: own residuals as $\phi \to 0$ for Gaussian inputs,
        exact at the weights; more examples do not average them away. Below: Wasserstein distances of single
        networks from the law at their own energy, in its standard deviations, for Gaussian inputs ({counts}
        networks for each $n$; hollow marks: the images), and the powers of $n$ nearest to them. Bars are two
        standard errors.
        With overwritten residuals the distance falls as {rates}. With their own, which footnote 4 leaves out,
        at $n = {largest}$ and $\phi = {", ".join(map(_ratio, ratios))}$ it is still {values("autoencoder")}
        for autoencoders and {values("independent")} for targets independent of the inputs, against
        {values("overwritten")}.
    """


EXPERIMENT = Experiment(
    name="figure-3",
    title="The residual part of the Hessian at initialisation and its law",
    number=3,
    seed=3,
    run=residual_figure,
    caption=caption,
    plot=plot,
)
