"""Figure 5: the gap of H0 against 1/phi beside Marchenko and Pastur's with one fitted sigma; sigma against
n."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure as Canvas

from ...networks.estimates import Fit
from ...networks.gap import Gaps, lower_edge
from ...networks.gap_experiment import GapFigure, gap_figure
from ..figures.style import BLUE, DASHED, DOTTED, GREEN, ORANGE, canvas, headline
from .experiment import Experiment


def plot(found: GapFigure) -> Canvas:
    """Gaps and fits; fitted sigma and the limit of many examples against n."""
    figure, axes = canvas(3.4, 1, 2, width_ratios=(3, 2))
    left, right = axes[0]
    inverse = np.geomspace(1, 1.15 * found.of_source.inverse_ratios[-1], 200)
    for gaps, name, colour, mark in (
        (found.of_gaussian, "Gaussian data", BLUE, "s"),
        (found.of_source, found.source, ORANGE, "o"),
    ):
        left.errorbar(
            gaps.inverse_ratios,
            gaps.gaps,
            2 * gaps.errors,
            color=colour,
            marker=mark,
            ms=4,
            ls="none",
            lw=1.1,
        )
        label = rf"{name}, $\sigma = {_pm(gaps.sigma)}$"
        left.plot(inverse, lower_edge(1 / inverse, gaps.sigma.value), color=colour, label=label)
    left.axhline(found.limit[0], color=BLUE, ls=DOTTED, label=r"Gaussian data, $\phi \to 0$")
    left.set(xscale="log", xlabel=r"$1/\phi$", ylabel="gap of $H_0$")
    left.set_ylim(0, 1.6 * float(max(found.of_gaussian.gaps.max(), found.limit[0])))
    ticks = [1, 2, 4, 8, 16, 32]
    left.set_xticks(ticks, list(map(str, ticks)))
    left.minorticks_off()
    left.legend(loc="upper left", fontsize=9)
    headline(left, f"{found.of_source.n} units")
    n = np.array([one.n for one in found.grown], dtype=float)
    sigma = np.array([[one.sigma.value, one.sigma.error] for one in found.grown]).T
    for values, errors, fit, colour, mark, label in (
        (sigma[0], sigma[1], found.growth, BLUE, "s", r"fitted $\sigma$"),
        (found.limits, found.limit_errors, found.limit_growth, GREEN, "D", r"gap, $\phi \to 0$"),
    ):
        right.errorbar(n, values, 2 * errors, color=colour, marker=mark, ms=4, ls="none", lw=1.1)
        power = rf"{label}: $n^{{{_pm(fit, 2)}}}$"
        right.plot(n, fit.factor * n**fit.value, color=colour, ls=DASHED, lw=1, label=power)
    right.set(xscale="log", yscale="log", xlabel=r"units $n$")
    right.set_xticks(n, [f"{value:g}" for value in n])
    values = [0.03, 0.05, 0.1, 0.2]
    right.set_yticks(values, [f"{value:g}" for value in values])
    right.minorticks_off()
    right.set_ylim(0.03, 0.25)
    right.legend(loc="upper left", fontsize=9)
    headline(right, "Gaussian data")
    return figure


def _pm(fit: Fit, digits: int = 3) -> str:
    return rf"{fit.value:.{digits}f} \pm {2 * fit.error:.{digits}f}"


def _misfit(gaps: Gaps) -> str:
    off = gaps.gaps / lower_edge(1 / gaps.inverse_ratios, gaps.sigma.value)
    return f"{off.min():.2f} to {off.max():.2f}"


def caption(found: GapFigure) -> str:
    """What was drawn and found."""
    ours, plain = found.of_source, found.of_gaussian
    sizes = ", ".join(str(one.n) for one in found.grown)
    runs = ", ".join(str(one.runs) for one in found.grown)
    strange = ours.unexplained + plain.unexplained + sum(one.unexplained for one in found.grown)
    zeros = f"not as many as counted in {strange}" if strange else "as many as counted in all"
    return rf"""
        Left: the smallest nonzero eigenvalue of $H_0$ of ReLU networks of {ours.n} units at initialisation,
        means over {ours.runs} networks for each $\phi$, whitened $4 \times 4$ images ({found.source}) and
        Gaussian data; lines: $\lambda_- = \sigma (1 - \sqrt{{\phi}})^2$ with one $\sigma$ fitted to each. It
        is ${_pm(ours.sigma)}$ and ${_pm(plain.sigma)}$, where the mean of the spectrum is 1; gap over fit
        goes from {_misfit(ours)} and from {_misfit(plain)} ($\chi^2 = {ours.sigma.chi_square:.0f}$ and
        ${plain.sigma.chi_square:.0f}$ for {ours.sigma.degrees} degrees of freedom). Dotted: the mean gap as
        $\phi \to 0$ for Gaussian data, exact at the weights, which the fit takes for $\sigma$:
        ${found.limit[0]:.3f} \pm {2 * found.limit[1]:.3f}$. Right: $\sigma$ and that limit for Gaussian data
        and $n$ = {sizes} ({runs} networks for each $\phi$) with the powers of $n$ nearest to them; the gap
        cannot go on so, for it is at most the mean. Bars, and what follows $\pm$, are two standard errors.
        Zeros are {zeros} networks.
    """


EXPERIMENT = Experiment(
    name="figure-5",
    title="The gap of the positive part of the Hessian",
    number=5,
    seed=5,
    run=gap_figure,
    caption=caption,
    plot=plot,
)
