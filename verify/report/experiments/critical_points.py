"""Figure 6: the index of critical points of tanh networks against their energy, and what fits it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from ...networks.critical_experiment import CriticalFigure, Shape, critical_figure, recorded
from ...networks.index_curve import PowerLaw, mean_index
from ..figures.style import BLUE, DASHED, DOTTED, GREEN, INK, ORANGE, SOFT, canvas, headline
from .experiment import Experiment

COLOURS, MARKS = (BLUE, GREEN, ORANGE), ("o", "s", "D")
SMALL = 26  # indices below it in the panel of small ones


def plot(found: CriticalFigure) -> Canvas:
    """Index against energy, whole and small; the fitted exponent against the range; the critical energy."""
    figure, axes = canvas(6.6, 2, 2)
    for shape, colour, mark in zip(found.shapes, COLOURS, MARKS, strict=True):
        _points(axes[0][0], shape, colour, mark, 2 * found.units**2)
        _points(axes[0][1], shape, colour, mark, SMALL)
        _exponents(axes[1][0], shape, colour, mark)
        _critical(axes[1][1], shape, colour, mark)
    axes[0][0].set(xlabel=r"energy $\epsilon$", ylabel="negative eigenvalues", ylim=(0, None), xlim=(0, 0.52))
    axes[0][0].legend(loc="upper left", fontsize=9)
    axes[0][1].set(xlabel=r"$\epsilon$", ylim=(0, SMALL), xlim=(0, 0.36))
    axes[1][0].axhline(1.5, color=INK, lw=0.8, ls=DASHED)
    axes[1][0].set(
        xscale="log", xlabel="largest index in the fit", ylabel="exponent", ylim=(0, 3.2), xlim=(9, 160)
    )
    ticks = [one.largest for one in max((shape.free for shape in found.shapes), key=len)]
    axes[1][0].set_xticks(ticks, list(map(str, ticks)))
    axes[1][0].minorticks_off()
    phi = np.linspace(0, 1, 100)
    axes[1][1].plot(phi, (1 - phi) ** 2 / 2, color=INK, lw=1, label=r"$\frac{1}{2} (1 - \phi)^2$")
    axes[1][1].set(xlabel=r"$\phi$", ylabel=r"fitted $\epsilon_c$", ylim=(0, 0.5), xlim=(0, 1))
    axes[1][1].legend(loc="upper right", fontsize=9)
    for panel, text in zip(
        axes.ravel(),
        ("all indices", "small indices", "$\\alpha_0 (\\epsilon - \\epsilon_c)^p$", "critical energies"),
        strict=True,
    ):
        headline(panel, text)
    return figure


def _points(axes: Axes, shape: Shape, colour: str, mark: str, top: int) -> None:
    """Mean energies at each index with the best 3/2 law up to `SMALL` and the law's whole curve."""
    own = shape.energies
    seen = (own.count >= 3) & (own.index < top)
    axes.errorbar(
        own.mean[seen], own.index[seen], xerr=2 * own.error[seen], color=colour, marker=mark, ms=2.5,
        ls="none", lw=0.7, label=rf"$\phi = {_ratio(shape.phi)}$",
    )  # fmt: skip
    fit = _fit(shape.three_halves)
    if fit is not None and fit.prefactor > 0:
        index = np.linspace(0, min(top, 2 * fit.largest), 200)
        share = index / shape.curve.size
        axes.plot(fit.critical + (share / fit.prefactor) ** (1 / 1.5), index, color=colour, lw=1.1)
    eps = np.linspace(shape.curve.critical, 0.52, 400)[1:]
    below = mean_index(eps / shape.curve.scale, shape.phi, shape.curve.size)
    axes.plot(eps[below < top], below[below < top], color=colour, lw=1, ls=DOTTED)


def _exponents(axes: Axes, shape: Shape, colour: str, mark: str) -> None:
    shift = 1 + 0.05 * (MARKS.index(mark) - 1)
    axes.errorbar(
        [shift * one.largest for one in shape.free],
        [one.exponent for one in shape.free],
        [2 * one.exponent_error for one in shape.free],
        color=colour, marker=mark, ms=4, ls="none", lw=1.1,
    )  # fmt: skip


def _critical(axes: Axes, shape: Shape, colour: str, mark: str) -> None:
    for fits, filled, shift in ((shape.three_halves, colour, -0.008), (shape.free, "none", 0.008)):
        fit = _fit(fits)
        if fit is not None:
            axes.errorbar(
                shape.phi + shift, fit.critical, 2 * fit.critical_error, color=colour, marker=mark, ms=4,
                mfc=filled, ls="none", lw=1.1,
            )  # fmt: skip
    axes.plot(shape.phi, shape.curve.critical, color=SOFT, marker="x", ms=5, ls="none")


def _fit(fits: tuple[PowerLaw, ...]) -> PowerLaw | None:
    """The fit that is drawn: up to the largest index below `SMALL`, or the smallest there is."""
    return max((one for one in fits if one.largest < SMALL), key=lambda one: one.largest, default=None) or (
        fits[0] if fits else None
    )


def _ratio(phi: float) -> str:
    return {0.25: "1/4", 0.5: "1/2"}.get(phi, "2/3")


def _exponent(one: PowerLaw) -> str:
    return rf"{one.exponent:.2f} \pm {2 * one.exponent_error:.2f}"


def _probability(one: PowerLaw) -> str:
    if one.p_value >= 1e-3:
        return f"{one.p_value:.2g}"
    return rf"10^{{{int(np.floor(np.log10(max(one.p_value, 1e-99))))}}}"


def _power(value: float) -> str:
    digits, exponent = f"{value:.0e}".split("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}"


def _moved(found: CriticalFigure) -> str:
    """How far the critical points are from where the searches had ended."""
    after = found.followed
    if not after.critical:
        return ""
    shift = f"at energies that differ by at most ${_power(after.farthest)}$"
    return f", {shift}, with another index in {after.changed}"


def _fits(shapes: tuple[Shape, ...], last: int) -> str:
    """The exponents fitted up to an index, and how likely 3/2 fits so badly."""
    free = ", ".join(_exponent(one) for shape in shapes for one in shape.free if one.largest == last)
    given = ", ".join(
        _probability(one) for shape in shapes for one in shape.three_halves if one.largest == last
    )
    return f"up to {last}, ${free}$ (3/2 at ${given}$)"


def _told(shapes: tuple[Shape, ...]) -> str:
    """What all shapes say of the exponent, if they agree."""
    ends = [(shape.three_halves[0], shape.three_halves[-1]) for shape in shapes if shape.free]
    small = all(one.p_value > 1e-3 for one, _ in ends)
    large = all(one.p_value < 1e-6 for _, one in ends)
    if len(ends) < len(shapes) or not (small and large):
        return ""
    return "Small indices leave it open (1/4 and 6 are the ends of the search), large ones exclude 3/2. "


def caption(found: CriticalFigure) -> str:
    """What was drawn and found."""
    shapes, after = found.shapes, found.followed

    def each(values: Iterable[str]) -> str:
        return ", ".join(values)

    ranges = dict.fromkeys(one.largest for shape in shapes for one in shape.free)
    fits = "; ".join(_fits(shapes, last) for last in ranges)
    size = shapes[0].energies.size
    middle = [min(shape.foretold, key=lambda one: abs(one.index - 60)) for shape in shapes]
    return rf"""
        Critical points of square tanh networks of {found.units} units, in the paper's sense, with normal inputs
        and targets: {found.runs} runs with a fresh network and data and a random stopping energy of the first
        descent, low ones preferred, of which {found.reached} ended with $J_g < 10^{{-6}}$
        ({each(str(shape.reached) for shape in shapes)} for $\phi$ = {each(_ratio(shape.phi) for shape in shapes)}).
        Above: mean energy at each number of negative eigenvalues that occurs three times or more; lines: 3/2
        laws of small index; dotted: Wishart plus Wigner with a fitted scale of the energy, corrected for finite
        size. Below: the exponent $p$ of $\alpha_0 (\epsilon - \epsilon_c)^p$ against the largest index in the fit;
        $\epsilon_c$ at small indices with $p = 3/2$ (filled) and $p$ fitted (hollow), and that of the law
        (crosses). Exponents {fits}; in brackets the probability of so bad a fit if 3/2 were right. {_told(shapes)}The law is within a tenth of its own 3/2 law
        only up to {each(f"{size * shape.window.index:.1f}" for shape in shapes)} negative eigenvalues of {size}; a
        tenfold range of $\epsilon - \epsilon_c$ inside it takes
        $n$ = {each(str(shape.window.units) for shape in shapes)}. Nor is the law that of these Hessians: at the
        measured moments of $H_0$ and $H_1$ it has {each(f"{one.law:.0f}" for one in middle)} negative eigenvalues
        where there are {each(f"{one.index:.0f}" for one in middle)}; the variance of $H_0$ over its squared mean
        is there {each(f"{one.ratio:.1f}" for one in middle)}, not $\phi$. At indices up to 12
        {each(f"{100 * shape.shallow:.0f}" for shape in shapes)} % of the negative eigenvalues are within $10^{{-4}}$
        root mean squares of 0. Of {after.tried} points
        followed further {after.critical} led to a gradient below $10^{{-9}}$ within 150 steps{_moved(found)}: the threshold does
        not make a point critical. Bars, and what follows $\pm$, are two standard errors.
    """  # noqa: E501


EXPERIMENT = Experiment(
    name="figure-6",
    title="The index of critical points of tanh networks against their energy",
    number=6,
    seed=6,
    run=critical_figure,
    caption=caption,
    plot=plot,
    kept=True,
    recorded=recorded,
)
