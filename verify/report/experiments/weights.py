"""Figure S1: histograms of the weights of a trained network, and how normal and independent they are."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from ...networks.weights_experiment import IMAGES, LEVEL, UNITS, Weights, WeightsFigure, weights_figure
from ..figures.style import BARS, BLUE, canvas, headline
from .experiment import Experiment


def plot(found: WeightsFigure) -> Canvas:
    """A histogram of each matrix with the normal density of its mean deviation."""
    figure, axes = canvas(3.1, 1, 2)
    for panel, weights, name in zip(
        axes[0], (found.first, found.second), ("$W^{(1)}$", "$W^{(2)}$"), strict=True
    ):
        _histogram(panel, weights, name)
    axes[0][0].set_ylabel("density")
    return figure


def _histogram(axes: Axes, weights: Weights, name: str) -> None:
    axes.stairs(weights.heights, weights.edges, fill=True, color=BARS)
    x = np.linspace(weights.edges[0], weights.edges[-1], 200)
    deviation = weights.after[0].deviation
    axes.plot(x, np.exp(-((x / deviation) ** 2) / 2) / (deviation * np.sqrt(2 * np.pi)), color=BLUE)
    mean, error = weights.after
    text = (
        f"skewness ${mean.skewness:.2f} \\pm {2 * error.skewness:.2f}$\n"
        f"excess kurtosis ${mean.kurtosis:.2f} \\pm {2 * error.kurtosis:.2f}$"
    )
    axes.annotate(text, (0.02, 0.97), xycoords="axes fraction", va="top", fontsize=9)
    axes.set(xlabel="weight", ylim=(0, 1.45 * float(weights.heights.max())))
    headline(axes, f"{name}, {weights.shape[0] * weights.shape[1]} entries")


def caption(found: WeightsFigure) -> str:
    """What was drawn and found."""
    first, second = found.first, found.second
    start, end = found.products
    return rf"""
        Weights of a ReLU network of {UNITS} hidden units after {found.steps} steps of descent on {IMAGES}
        images ({found.source}, full size, each pixel's mean taken off) with a unit vector for each class as
        target, and the normal density of the same deviation (line). Numbers are means over {found.runs}
        networks, which tell {_percent(found.told)} of their images, with two standard errors; for normal
        entries both are 0. Shapiro and Wilk's test at {_percent(LEVEL)} rejects {_percent(first.rejected[1])}
        of the $W^{{(1)}}$ and {_percent(second.rejected[1])} of the $W^{{(2)}}$, before training
        {_percent(first.rejected[0])} and {_percent(second.rejected[0])}. Entries have moved by
        {first.after[0].moved:.2f} and {second.after[0].moved:.2f} of their norm; {_percent(found.dark)} of
        the pixels are constant, and their weights stayed as they were drawn. The entries are not
        independent: $|W^{{(2)}} W^{{(1)}}|$ over that of the same entries in random order is
        ${end[0]:.3f} \pm {2 * end[1]:.3f}$, before training ${start[0]:.3f} \pm {2 * start[1]:.3f}$.
    """


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"  # two digits would make 100 a power of ten


EXPERIMENT = Experiment(
    name="figure-S1",
    title="Weights of trained networks",
    number="S1",
    seed=101,
    run=weights_figure,
    caption=caption,
    plot=plot,
    side=32,
)
