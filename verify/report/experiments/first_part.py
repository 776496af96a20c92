"""Figure 4: the spectrum of H0 of networks at initialisation, its null directions and its smallest values."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from generated import marchenko_pastur

from ...networks.gap import lower_edge
from ...networks.gap_experiment import SpectrumFigure, spectrum_figure
from ..figures.style import BARS, BLUE, DASHED, GREEN, SOFT, canvas, headline
from .experiment import Experiment


def plot(found: SpectrumFigure) -> Canvas:
    """All nonzero eigenvalues on a logarithmic axis; the smallest ones."""
    figure, axes = canvas(3.4, 1, 2, width_ratios=(3, 2))
    whole, small = axes[0]
    middle = (found.edges[1:] + found.edges[:-1]) / 2
    whole.stairs(found.heights, found.edges, fill=True, color=BARS)
    whole.errorbar(middle, found.heights, 2 * found.errors, ls="none", color=SOFT, lw=0.8)
    top = float(found.heights.max())
    for sigma, colour, style, label in (
        (found.mean, BLUE, "-", "law of the\nsame mean"),
        (found.matched, GREEN, DASHED, "law of the\nsame gap"),
    ):
        low, high = marchenko_pastur.support(found.phi, sigma)[0]
        t = np.log10(low) + (np.log10(high) - np.log10(low)) * (1 - np.cos(np.linspace(0, np.pi, 200))) / 2
        x = 10**t
        density = marchenko_pastur.density(x, found.phi, sigma) * x * np.log(10)
        whole.plot(t, density, color=colour, ls=style)
        peak = int(np.argmax(density))
        whole.annotate(label, (t[peak], density[peak]), (8, -2), textcoords="offset points", color=colour)
        top = max(top, float(density[peak]))
    ticks = [-2, -1, 0, 1]
    whole.set_xticks(ticks, [f"$10^{{{k}}}$" for k in ticks])
    whole.set(
        xlim=(found.edges[0] - 0.15, found.edges[-1] + 0.1),
        ylim=(0, 1.15 * top),
        xlabel=r"eigenvalue $\lambda$ of $H_0$",
        ylabel=r"density of $\log_{10} \lambda$",
    )
    headline(whole, f"$\\phi = 1/{1 / found.phi:g}$, null directions left out")
    rank = np.arange(1, len(found.smallest) + 1)
    small.errorbar(
        rank, found.smallest, 2 * found.smallest_errors, color=BLUE, ls="none", marker="o", ms=3, lw=1
    )
    count = 2 * found.n**2 - found.explained.total
    law = marchenko_pastur.quantile((rank - 0.5) / count, found.phi, found.matched)
    small.plot(rank, law, color=GREEN, ls=DASHED)
    small.axhline(float(lower_edge(np.array(found.phi), found.matched)), color=SOFT, lw=0.7)
    small.set(xlabel="rank", ylim=(0, 1.1 * float(found.smallest[-1])), xlim=(0, len(rank) + 1))
    headline(small, f"the smallest {len(rank)}")
    return figure


def caption(found: SpectrumFigure) -> str:
    """What was drawn and found."""
    zeros = "; ".join(f"{count} networks have {number}" for number, count in found.zeros.items())
    reasons = found.explained
    edge = float(lower_edge(np.array(found.phi), found.mean))
    return rf"""
        Eigenvalues of $H_0$ of {found.runs} ReLU autoencoders of {found.n} units at initialisation, each on
        {found.m} whitened $4 \times 4$ images ({found.source}). Null directions are left out: {zeros}, of
        which {reasons.rescalings} are rescalings, one a hidden unit (incoming weights up, outgoing ones
        down), {reasons.unseen} are weights that no image reaches and {reasons.surplus} others; this count
        from ranks of small matrices is right for {found.runs - found.unexplained} networks. Left: mean
        density of $\log_{{10}} \lambda$ beside the Marchenko-Pastur law (8), with the mean of the spectrum,
        $\sigma = {found.mean:.2f}$, whose $\lambda_-$ is {edge:.2f}, and with the mean gap
        {found.smallest[0]:.3f} for $\lambda_-$, whose mean is $\sigma = {found.matched:.3f}$. Right: means
        of the smallest nonzero eigenvalues; dashed the quantiles of the second law, level line its
        $\lambda_-$. Bars are two standard errors.
    """


EXPERIMENT = Experiment(
    name="figure-4",
    title="The spectrum of the positive part of the Hessian at initialisation",
    number=4,
    seed=4,
    run=spectrum_figure,
    caption=caption,
    plot=plot,
)
