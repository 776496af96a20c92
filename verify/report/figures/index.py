"""The index alpha(eps, phi): as it grows with the energy, and its 3/2 law next to the critical one."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from .figure import Figure
from .style import BLUE, DASHED, GREEN, INK, ORANGE, PURPLE, RED, canvas, headline

Real = NDArray[np.float64]

MODELS = {"wishart_wigner": "Wishart plus Wigner", "relu_hessian": "Wishart plus ReLU residual"}
"""The models with a critical energy; sigma keeps its default, 1."""
RATIOS = {0.25: BLUE, 0.5: GREEN, 0.75: ORANGE, 1.0: RED, 1.5: PURPLE}
HIGHEST = 1.5
EXCESS = np.geomspace(1e-5, 1e3, 321)


@dataclass(frozen=True)
class Index:
    """The index of one model.

    energies, levels: alpha by ratio, on energies from 0 up. excess: t = (eps - eps_c)/eps_c, the same for all
    ratios below 1. near: alpha there; prefactors: alpha_0, of the law alpha_0 t^(3/2), by ratio.
    """

    energies: Real
    levels: dict[float, Real]
    excess: Real
    near: dict[float, Real]
    prefactors: dict[float, float]


def data() -> dict[str, Index]:
    """Both models, evaluated by their generated modules."""
    return {name: _index(name) for name in MODELS}


def _index(name: str) -> Index:
    module = importlib.import_module(f"generated.{name}")
    below = [phi for phi in RATIOS if phi < 1]
    # Squares crowd at 0, where the index of phi = 1 rises as a cube root and that of phi > 1 jumps.
    energies = HIGHEST * np.linspace(0, 1, 301) ** 2
    return Index(
        energies,
        {phi: module.index(energies, phi) for phi in RATIOS},
        EXCESS,
        {phi: module.index(module.critical_energy(phi) * (1 + EXCESS), phi) for phi in below},
        {phi: float(module.index_prefactor(phi)) for phi in below},
    )


def plot(found: dict[str, Index]) -> Canvas:
    """A row a model: linear axes, and logarithmic ones next to the critical energy."""
    figure, axes = canvas(6.6, len(found), 2)
    for (name, index), (left, right) in zip(found.items(), axes, strict=True):
        _linear(left, index)
        headline(left, MODELS[name])
        _logarithmic(right, index)
    return figure


def _linear(axes: Axes, index: Index) -> None:
    ends = [levels[-1] for levels in index.levels.values()]
    top = 1.09 * max(ends)
    for (phi, colour), label in zip(RATIOS.items(), _apart(ends, 0.065 * top), strict=True):
        levels = index.levels[phi].copy()
        if phi > 1:
            levels[0] = np.nan  # the law at eps = 0 keeps its atom at 0: the index jumps
        axes.plot(index.energies, levels, color=colour)
        axes.annotate(
            rf"$\phi = {phi:g}$",
            (HIGHEST, label),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )
    axes.set(xlabel=r"$\epsilon$", ylabel=r"index $\alpha$", xlim=(0, HIGHEST), ylim=(0, top))


def _apart(places: list[float], distance: float) -> list[float]:
    """Ascending places moved to that distance at least from each other, half up and half down."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + distance) if moved else place)
    return [place - (moved[-1] - places[-1]) / 2 for place in moved]


def _logarithmic(axes: Axes, index: Index) -> None:
    for phi, near in index.near.items():
        axes.plot(index.excess, near, color=RATIOS[phi], label=rf"$\phi = {phi:g}$, exact")
        law = index.prefactors[phi] * index.excess**1.5
        shown = law < 0.6
        axes.plot(
            index.excess[shown],
            law[shown],
            color=INK,
            lw=0.9,
            ls=DASHED,
            label=r"$\alpha_0\, t^{3/2}$" if phi == max(index.near) else None,
        )
    axes.set(xscale="log", yscale="log", xlim=(index.excess[0], index.excess[-1]))
    axes.set(xlabel=r"$t = (\epsilon - \epsilon_c)/\epsilon_c$", ylabel=r"index $\alpha$")
    axes.legend(loc="lower right")


FIGURE = Figure(
    name="index",
    title="The index and its 3/2 law",
    caption=r"""
        The index $\alpha(\epsilon, \phi)$, the share of negative eigenvalues, of both models
        ($\sigma = 1$), from the generated modules. Left: it is exactly 0 up to $\epsilon_c$ for
        $\phi < 1$, rises as a cube root at $\phi = 1$, and jumps at $\epsilon = 0$ for $\phi > 1$.
        Right: the same next to $\epsilon_c$ on logarithmic axes, as a function of $t = (\epsilon -
        \epsilon_c)/\epsilon_c$; the dashed lines are $\alpha_0 t^{3/2}$ with the derived prefactor
        $\alpha_0(\phi)$, which the paper leaves out. At $t = 0.1$ it is
        7 to 8 per cent above the index.
    """,
    data=data,
    plot=plot,
)
