"""Figure S2: both sums along training, their distances and indices."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from ...networks.training import RATE
from ...networks.turned_experiment import IMAGES, Evolution, Stage, evolution_figure
from ..figures.style import BARS, BLUE, DASHED, GREEN, ORANGE, SOFT, WIDTH, headline
from .experiment import Experiment

SHOWN = (0, 2, 8, 32, 128, 512, 2048, 8192)
BINS = 40


def plot(found: Evolution) -> Canvas:
    """Spectra of one network at eight steps; distances and indices, means over networks, against steps."""
    figure = Canvas(figsize=(WIDTH, 6.6), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=(1.5, 1))
    upper, lower = parts
    panels = upper.subplots(2, 4, sharex=True, sharey=True)
    stages = {stage.step: stage for stage in found.stages}
    shown = [stages[step] for step in SHOWN if step in stages]
    low = min(float(stage.turned.min()) for stage in shown)
    high = max(float(stage.spectrum[-1]) for stage in shown)
    edges = np.linspace(low, high, BINS + 1)
    for axes, stage in zip(panels.ravel(), shown, strict=False):
        _spectra(axes, stage, edges)
    panels[0][0].legend(loc="upper right", fontsize=8.5, handlelength=1)
    for row in panels:
        row[0].set_ylabel("density")
    for axes in panels[1]:
        axes.set_xlabel(r"$\lambda$")
    distances, indices = lower.subplots(1, 2)
    place = np.concatenate([[0], 1 + np.log2(np.array(found.steps[1:], dtype=float))])
    for pair, label, colour, mark in (
        (found.kolmogorov, "distribution functions", BLUE, "o"),
        (found.wasserstein, "mean way / deviation", GREEN, "s"),
    ):
        _line(distances, place, pair[0], color=colour, marker=mark, label=label)
        _line(distances, place, pair[1], color=colour, ls=DASHED)
    distances.set(yscale="log", ylabel="distance", ylim=(1e-3, 0.3))
    distances.legend(loc="upper right", fontsize=8.5)
    headline(distances, "from the turned sums; dashed: noise floor")
    _line(indices, place, found.index[0], color=BLUE, marker="o", label="$H_0 + H_1$")
    _line(indices, place, found.index[1], color=ORANGE, marker="^", label="$H_0 + Q H_1 Q^T$")
    indices.axhline(found.rescalings, color=SOFT, ls=DASHED, lw=1)
    indices.annotate(
        "rescalings", (0, found.rescalings), (0, 3), textcoords="offset points", color=SOFT, fontsize=9
    )
    indices.set(ylabel=r"index $\alpha$", ylim=(0, None))
    indices.legend(loc="upper right")
    ticks = [0, 1, 4, 7, 10, 14]
    for axes in (distances, indices):
        axes.set_xticks(ticks, [f"{0 if t == 0 else 2 ** (t - 1)}" for t in ticks])
        axes.set(xlabel="step")
    return figure


def _spectra(axes: Axes, stage: Stage, edges: Any) -> None:
    heights = [np.histogram(row, edges, density=True)[0] for row in (stage.spectrum, *stage.turned)]
    axes.stairs(heights[0], edges, fill=True, color=BARS, label="$H_0 + H_1$")
    axes.stairs(np.mean(heights[1:], axis=0), edges, color=ORANGE, lw=1, label="turned")
    axes.set(yscale="log", ylim=(1e-3, 20))
    headline(axes, f"step {stage.step}")


def _line(axes: Axes, place: Any, values: Any, **style: Any) -> None:
    axes.errorbar(place, values[0], 2 * values[1], ms=3.5, lw=1.1, **style)


def caption(found: Evolution) -> str:
    """What was drawn and found."""
    worst = int(np.argmax(found.kolmogorov[0][0]))
    ratio = found.kolmogorov[0][0] / found.kolmogorov[1][0]
    last = -1
    return rf"""
        ReLU autoencoders of 16-20-16 units without biases, trained by descent at the rate {RATE} on
        {IMAGES} whitened $4 \times 4$ images ({found.source}). Above: one network, its eigenvalues beside
        those of $H_0 + Q H_1 Q^T$ for {found.turns} random orthogonal $Q$. Below: means over {found.runs}
        networks with two standard errors. Left: the largest difference of the distribution functions, and
        the mean way of eigenvalues in standard deviations, from the turned sums; dashed the same between two
        turned sums. The former is {found.kolmogorov[0][0][0]:.3f} at the start, largest,
        {found.kolmogorov[0][0][worst]:.3f}, after {found.steps[worst]} steps, and
        {found.kolmogorov[0][0][last]:.3f} after {found.steps[last]}, between {ratio.min():.0f} and
        {ratio.max():.0f} times the noise floor: small, but seen at every step. Right: the share of negative
        eigenvalues; after {found.steps[last]} steps it is {_pm(found.index[0])} for $H_0 + H_1$ and
        {_pm(found.index[1])} for the turned sums, near the share of the rescalings,
        {found.rescalings:.4f}, one for each unit: along these both parts vanish at a critical point, which
        turned parts do not.
    """


def _pm(values: Any) -> str:
    return rf"${values[0][-1]:.4f} \pm {2 * values[1][-1]:.4f}$"


EXPERIMENT = Experiment(
    name="figure-S2",
    title="The Hessian along training and the sum of free parts",
    number="S2",
    seed=102,
    run=evolution_figure,
    caption=caption,
    plot=plot,
)
