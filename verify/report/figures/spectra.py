"""The spectrum of each shipped model: its density over one sampled matrix, with edges and atoms."""

from __future__ import annotations

import importlib
from functools import partial
from math import sqrt

from matplotlib.figure import Figure as Canvas

from derive.language.model import all_names, kind_of, load

from . import other_spectra
from .figure import Figure
from .sampled import Sampled, panel, sampled
from .style import canvas

N = 1000

SHOWN: dict[str, tuple[dict[str, float], ...]] = {
    "semicircle": ({"sigma": 1},),
    "marchenko_pastur": ({"phi": 0.5}, {"phi": 2}),
    "wishart_wigner": ({"eps": 0.005, "phi": 0.5}, {"eps": 0.2, "phi": 0.5}, {"eps": 0.2, "phi": 4}),
    "relu_residual": ({"eps": 1, "phi": 0.5}, {"eps": 1, "phi": 2}),
    "two_layer_residual": ({"eps": 1, "phi": 0.5}, {"eps": 1, "phi": 2, "kept": 1}),
    "relu_hessian": (
        {"eps": 0.04, "phi": 0.5},
        {"eps": 1, "phi": 0.5},
        {"eps": 30, "phi": 1.75},
        {"eps": 0.04, "phi": 4},
    ),
}
"""Parameters at which a model shows what it can do; others are drawn in the middle of their typical ones."""


def spectrum_figure(name: str) -> Figure:
    """The figure of a shipped model, named "spectrum-NAME"; `ValueError` for other names."""
    if name not in all_names():
        raise ValueError(f"no model is called {name!r}; those that ship are {', '.join(all_names())}")
    if kind_of(name) in ("functional", "radial"):
        return other_spectra.figure(name, chosen(name)[0])
    title = load(name).title
    return Figure(
        name=f"spectrum-{name.replace('_', '-')}",
        title=f"{title}: density and a sampled matrix",
        caption=f"""
            Eigenvalues of one real matrix with $N = {N}$ rows (grey) under the density generated from the
            derivation (blue); nothing is fitted. Ticks at the foot mark the derived edges, and red what lies
            left of 0. An arrow is an atom, with its weight and the share of sampled eigenvalues there.
        """,
        data=partial(_data, name),
        plot=_plot,
    )


def spectrum(name: str) -> str:
    """The drawing of a shipped model's spectrum as one `svg` element; errors as `spectrum_figure`."""
    return spectrum_figure(name).draw()


def chosen(name: str) -> tuple[dict[str, float], ...]:
    """The parameters of each panel, by name; parameters with a default may be missing."""
    if name in SHOWN:
        return SHOWN[name]
    middle = {
        p.name: sqrt(p.typical[0] * p.typical[1]) if p.typical[0] > 0 else sum(p.typical) / 2
        for p in load(name).parameters
        if p.default is None
    }
    return (middle,)


def _data(name: str) -> list[tuple[Sampled, str]]:
    return [(sampled(name, N, parameters), _heading(name, parameters)) for parameters in chosen(name)]


def _heading(name: str, parameters: dict[str, float]) -> str:
    if not parameters:
        return ""
    latex = {p.name: p.latex for p in load(name).parameters}
    values = r",\ ".join(f"{latex[key]} = {value:g}" for key, value in parameters.items())
    module = importlib.import_module(f"generated.{name}")
    side = ""
    if hasattr(module, "critical_energy") and parameters["phi"] < 1:
        critical = module.critical_energy(parameters["phi"])
        side = r" < \epsilon_c" if parameters["eps"] < critical else r" > \epsilon_c"
    return f"${values}$" if not side else f"${values}$   (${latex['eps']}{side}$)"


def _plot(drawn: list[tuple[Sampled, str]]) -> Canvas:
    columns = min(len(drawn), 3) if len(drawn) != 4 else 2
    rows = -(-len(drawn) // columns)
    figure, axes = canvas(2.5 * rows, rows, columns)
    for axis, (one, heading) in zip(axes.ravel(), drawn, strict=False):
        panel(axis, one)
        axis.set_title(heading, fontsize=10)
        axis.locator_params(axis="y", nbins=4)
    for row in axes:
        row[0].set_ylabel("density")
    for axis in axes[-1]:
        axis.set_xlabel("eigenvalue")
    return figure
