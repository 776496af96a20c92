"""The crossover at phi = 1: the index on the scale eps ~ (1 - phi)^3 is one function for all phi near 1."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from derive.analysis.crossover import U

from ...papers.deciding import derivation
from .figure import Figure
from .index import MODELS
from .style import BLUE, DASHED, DOTTED, GREEN, INK, ORANGE, SOFT, canvas, headline

Real = NDArray[np.float64]

DISTANCES = {0.3: ORANGE, 0.1: GREEN, 0.01: BLUE}
"""1 - phi, and its colour."""
BEYOND = np.geomspace(1e-3, 1e9, 361)
"""y/y_c - 1."""


@dataclass(frozen=True)
class Crossover:
    """The index of one model on y = eps/(1 - phi)^3.

    scaled: y, from just above its critical value. shape: F(y), the limit of alpha/(1 - phi). measured:
    alpha/(1 - phi) at 1 - phi, by that. at_one: the limit of F for large y, which is the law at phi = 1.
    critical: y_c, below which F is 0.
    """

    scaled: Real
    shape: Real
    measured: dict[float, Real]
    at_one: Real
    critical: float


def data() -> dict[str, Crossover]:
    """Both models: F from the derivation, the index from the generated modules; sigma = 1."""
    return {name: _crossover(name) for name in MODELS}


def _crossover(name: str) -> Crossover:
    derived = derivation(name)
    symbol = {p.name: p.symbol for p in derived.model.parameters}
    fixed = {symbol["sigma"]: sp.S.One} if "sigma" in symbol else {}
    shape, solved = (part.subs(fixed) for part in derived.closed_forms["crossover"])
    double = min(sp.solve(sp.diff(solved, U), U))  # the double root, where the pair becomes real
    critical = float(solved.subs(U, double))
    y = critical * (1 + BEYOND)
    module = importlib.import_module(f"generated.{name}")
    at_one = derived.closed_forms["index_at_one"].subs(fixed)
    return Crossover(
        y,
        scaling_function(shape, solved, y),
        {d: module.index(y * d**3, 1 - d) / d for d in DISTANCES},
        sp.lambdify(symbol["eps"], at_one, "numpy")(y),
        critical,
    )


def scaling_function(shape: sp.Expr, solved: sp.Expr, y: Real) -> Real:
    """F(y): the derived shape at the root u of y = solved(u) in the upper half-plane.

    shape: in `U`, with the function Im. Each y must have a complex pair of roots.
    """
    cubic = [float(c) for c in sp.Poly(solved, U).all_coeffs()]
    roots = np.array([np.roots([*cubic[:-1], cubic[-1] - value]) for value in y])
    upper = np.take_along_axis(roots, np.argmax(roots.imag, axis=1)[:, None], axis=1)[:, 0]
    return sp.lambdify(U, shape, [{"Im": np.imag}, "numpy"])(upper)


def plot(found: dict[str, Crossover]) -> Canvas:
    """A row a model: the indices as they are, and on the common scale."""
    figure, axes = canvas(6.2, len(found), 2)
    for (name, crossover), (left, right) in zip(found.items(), axes, strict=True):
        _unscaled(left, crossover)
        headline(left, MODELS[name])
        _scaled(right, crossover)
    return figure


def _unscaled(axes: Axes, found: Crossover) -> None:
    for distance, colour in DISTANCES.items():
        axes.plot(
            found.scaled * distance**3,
            found.measured[distance] * distance,
            color=colour,
            label=rf"$1 - \phi = {distance:g}$",
        )
    energies = np.geomspace(1e-9, 1e2, 2)
    # a cube root, straight on these axes
    slope = found.at_one[0] / np.cbrt(found.scaled[0])
    axes.plot(energies, slope * np.cbrt(energies), color=INK, ls=DASHED, lw=1, label=r"$\phi = 1$")
    axes.set(xscale="log", yscale="log", xlim=(1e-8, 10), ylim=(1e-5, 1))
    axes.set(xlabel=r"$\epsilon$", ylabel=r"index $\alpha$")
    axes.legend(loc="upper left")


def _scaled(axes: Axes, found: Crossover) -> None:
    axes.plot(found.scaled, found.shape, color=SOFT, lw=5, alpha=0.5, label=r"$F$, derived")
    for distance, colour in DISTANCES.items():
        axes.plot(found.scaled, found.measured[distance], color=colour, lw=1.3)
    axes.plot(found.scaled, found.at_one, color=INK, ls=DASHED, lw=1, label=r"$\propto y^{1/3}$")
    axes.axvline(found.critical, color=SOFT, lw=0.8, ls=DOTTED)
    axes.set(xscale="log", yscale="log", xlim=(0.5 * found.critical, 1e4), ylim=(1e-5, 20))
    axes.set(xlabel=r"$y = \epsilon/(1 - \phi)^3$", ylabel=r"$\alpha/(1 - \phi)$")
    axes.legend(loc="lower right")


FIGURE = Figure(
    name="crossover",
    title="Crossover at phi = 1",
    caption=r"""
        Next to $\phi = 1$ the index has one shape: $\alpha = (1 - \phi) F(\epsilon/(1 - \phi)^3)$.
        Left: the index at three $1 - \phi$, from the generated modules ($\sigma = 1$), and the
        derived cube root at $\phi = 1$. Right: the same curves on the common scale fall on the
        derived $F$ (grey), which starts at the critical $y$ (dotted) with the power 3/2 and goes
        over into $y^{1/3}$ (dashed). They leave it where $\epsilon$ is no longer small. As functions
        of $y$ over its critical value both models have the same $F$.
    """,
    data=data,
    plot=plot,
)
