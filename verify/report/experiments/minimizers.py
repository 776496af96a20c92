"""The energy of minimizers against phi beside figure 6's curves; linear networks and their exact law."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from ...networks.minimizers_experiment import Energies, MinimizersFigure, minimizers_figure
from ...networks.reduced_rank import limit
from ..figures.style import BLUE, DASHED, DOTTED, GREEN, INK, ORANGE, RED, SOFT, canvas, headline
from .experiment import Experiment

Real = NDArray[np.float64]
COLOURS = (SOFT, GREEN, BLUE, RED)
MARKS = ("v", "s", "o", "D")
NAMES = {"tanh": "tanh", "relu": "ReLU"}


def printed(phi: Real | float) -> Real:
    """(1 - phi)^2/2 up to phi = 1, the paper's curve for tanh networks; 0 beyond."""
    return np.asarray(np.maximum(1 - np.asarray(phi), 0) ** 2 / 2)


def plot(found: MinimizersFigure) -> Canvas:
    """Energies of tanh and of ReLU networks against phi; the approach in n; linear networks."""
    figure, axes = canvas(6.2, 2, 2)
    for panel, (activation, name) in zip(axes[0], NAMES.items(), strict=True):
        _against_ratio(panel, [one for one in found.found if one.activation == activation], name)
    _against_units(axes[1][0], [one for one in found.found if one.activation == "tanh"])
    _linear(axes[1][1], found)
    return figure


def _against_ratio(axes: Axes, curves: list[Energies], name: str) -> None:
    x = np.linspace(0, max(1.4, 1.03 * float(curves[0].ratios[-1])), 200)
    axes.plot(x, limit(x), color=INK, lw=1.1, label=r"linear: $\frac{1}{2}(1 - \frac{\phi}{2})$")
    axes.plot(x, np.maximum(1 - x, 0) / 2, color=ORANGE, ls=DOTTED, label=r"$\frac{1}{2}(1 - \phi)$")
    axes.plot(x, printed(x), color=ORANGE, ls=DASHED, label=r"$\frac{1}{2}(1 - \phi)^2$")
    largest = curves[-1]
    axes.errorbar(
        largest.ratios,
        largest.linear,
        2 * largest.linear_errors,
        color=INK,
        marker="x",
        ms=4,
        ls="none",
        lw=1,
    )
    for one, colour, mark in zip(curves, COLOURS, MARKS, strict=False):
        axes.errorbar(
            one.ratios,
            one.energies,
            2 * one.errors,
            color=colour,
            marker=mark,
            ms=4,
            ls="none",
            lw=1.1,
            label=f"$n = {one.n}$",
        )
    axes.set(xlabel=r"$\phi$", ylabel=r"energy $\epsilon$", xlim=(0, x[-1]), ylim=(0, 0.7))
    axes.legend(loc="upper right", fontsize=9, ncols=2)
    headline(axes, f"{name} networks")


def _against_units(axes: Axes, curves: list[Energies]) -> None:
    n = np.array([one.n for one in curves], dtype=float)
    for k, (phi, colour, mark) in enumerate(zip(curves[0].ratios[:4], COLOURS, MARKS, strict=False)):
        means = np.array([one.energies[k] for one in curves])
        errors = np.array([one.errors[k] for one in curves])
        lowest = np.array([one.best[k] for one in curves])
        axes.errorbar(
            n, means, 2 * errors, color=colour, marker=mark, ms=4, lw=1, label=rf"$\phi = {_ratio(phi)}$"
        )
        axes.plot(n, lowest, color=colour, marker="_", ms=7, ls="none")
        axes.axhline(float(printed(phi)), color=colour, ls=DASHED, lw=0.9)
    axes.set(xscale="log", xlabel="units $n$", ylabel=r"energy $\epsilon$", ylim=(-0.01, 0.42))
    axes.set_xticks(n, [f"{value:g}" for value in n])
    axes.minorticks_off()
    axes.legend(loc="upper right", fontsize=9, ncols=2)
    headline(axes, r"tanh; dashed $\frac{1}{2}(1 - \phi)^2$")


def _linear(axes: Axes, found: MinimizersFigure) -> None:
    shares = list(dict.fromkeys(one.share for one in found.linear))
    x = np.linspace(0, 2.1, 64)
    for share, colour in zip(shares, (INK, BLUE, GREEN), strict=False):
        axes.plot(
            x,
            limit(x, share),
            color=colour,
            lw=1.1,
            label=rf"$n_1 = {_part(share)}$",
        )
        alike = [one for one in found.linear if one.share == share]
        for one, mark in zip(alike, ("s", "o"), strict=False):
            axes.errorbar(
                one.ratios, one.energies, 2 * one.errors, color=colour, marker=mark, ms=4, ls="none", lw=1
            )
    axes.plot(x, np.maximum(1 - x, 0) / 2, color=ORANGE, ls=DOTTED, label=r"$\frac{1}{2}(1 - \phi)$")
    axes.set(xlabel=r"$\phi = 2 n_1/m$", ylabel=r"energy $\epsilon$", xlim=(0, 2.1), ylim=(0, 0.55))
    axes.legend(loc="upper right", fontsize=9)
    headline(axes, "linear networks of $n_1$ hidden units, exact")


def _ratio(value: float) -> str:
    part = Fraction(value).limit_denominator(100)
    return f"{part.numerator}" if part.denominator == 1 else f"{part.numerator}/{part.denominator}"


def _part(share: float) -> str:
    part = Fraction(share).limit_denominator(100)
    many = "n" if part.numerator == 1 else f"{part.numerator} n"
    return many if part.denominator == 1 else f"{many}/{part.denominator}"


def caption(found: MinimizersFigure) -> str:
    """What was drawn and found."""
    tanh = [one for one in found.found if one.activation == "tanh"]
    relu = [one for one in found.found if one.activation == "relu"]
    sizes = ", ".join(str(one.n) for one in tanh)
    tasks = ", ".join(str(one.tasks) for one in tanh)
    last, kinked = tanh[-1], relu[-1]
    small, large = found.linear[0].n, max(one.n for one in found.linear)
    off = max(
        abs(float(e - law)) / float(error)
        for one in found.linear
        for e, law, error in zip(one.energies, one.law, one.errors, strict=True)
        if error > 1e-12
    )
    return rf"""
        Above: mean energy of minimizers of networks of $n$ = {sizes} inputs, units and outputs on
        $m = 2n/\phi$ examples of normal data and targets, {tasks} tasks for each $\phi$ with {last.starts}
        descents each, beside the printed curve of tanh networks (dashed), the printed one of linear networks
        (dotted), and what these obey (line; crosses: exact optima on the tasks of $n$ = {last.n}). At $n$ =
        {last.n} tanh networks have the energies {_listed(last)}; the printed curve gives {_curve(last)}. The
        lowest of the {last.starts} minima of a task has {_numbers(last.best)}: those found are local ones,
        which differ by {_numbers(last.spread)} (standard deviation), and none is known to be global. ReLU
        networks: {_listed(kinked)}. Descent goes by Newton's method; of the tanh networks a share
        {_numbers(last.critical, 2)} ended at a critical point, the others had units that saturate as weights
        grow, up to {last.weight:.0f}, and energies fell by {_numbers(last.unsettled, 4)} on average in the
        second half of these steps. ReLU minima lie on kinks, {float(np.mean(kinked.kinks)):.1f} examples a
        unit. Below, left: tanh networks against $n$; short bars are the lowest minima. Below, right: exact
        least energies of linear networks of $n_1$ hidden units, means over {found.linear[0].tasks} tasks for
        {small} (squares) and {large} inputs (circles), and their limit (lines), in which the largest singular
        values of a normal matrix are kept; they are off by {off:.1f} standard errors at most. Bars, and what
        follows $\pm$, are two standard errors.
    """


def _listed(one: Energies) -> str:
    return ", ".join(
        rf"${e:.3f} \pm {2 * error:.3f}$ at $\phi = {_ratio(phi)}$"
        for phi, e, error in zip(one.ratios, one.energies, one.errors, strict=True)
    )


def _curve(one: Energies) -> str:
    return _numbers(printed(one.ratios))


def _numbers(values: Real, digits: int = 3) -> str:
    return ", ".join(f"{value:.{digits}f}" for value in values)


EXPERIMENT = Experiment(
    name="minimizers",
    title="The energy of minimizers",
    number=None,
    seed=64,
    run=minimizers_figure,
    caption=caption,
    plot=plot,
    kept=True,
)
