"""One picture for a model of any kind: its law at chosen parameters beside the spectrum of one matrix."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.mathtext import MathTextParser

from derive.language.model import Model
from derive.language.parameters import Parameter

from ...sampling import Sampler
from .other_spectra import disc, plot_disc, plot_smoothed, smoothed
from .sampled import Sampled, panel
from .style import canvas, styled, svg


def drawing(model: Model, module: ModuleType, parameters: Mapping[str, Any], n: int, seed: int) -> str:
    """The drawing as SVG text; module: the model's. Raises as `verify.sample` does."""
    exact = dict(parameters)
    realised = Sampler(model, n, **exact).parameters
    with styled():
        if hasattr(module, "radius"):
            figure = plot_disc(disc(model, module.__name__, exact, n, seed))
        elif hasattr(module, "ETA"):
            figure = plot_smoothed(smoothed(model, module.__name__, exact, n, seed))
        else:
            figure = _on_the_axis(model, module, exact, n, seed)
        figure.suptitle(_heading(model, realised, n), fontsize=11)
        return svg(figure, "plot", f"{model.title}: law and a sampled matrix")


def _on_the_axis(model: Model, module: ModuleType, parameters: dict[str, Any], n: int, seed: int) -> Canvas:
    sampler = Sampler(model, n, **parameters)
    law = module.law(**sampler.parameters)
    spectrum = sampler.spectra(np.random.default_rng(seed), 1)[0]
    figure, axes = canvas(3.6)
    panel(axes[0, 0], Sampled(model.name, sampler.parameters, spectrum, law))
    axes[0, 0].set(xlabel="eigenvalue", ylabel="density")
    return figure


def _heading(model: Model, parameters: Mapping[str, float], n: int) -> str:
    values = [f"{_letter(p)} = {parameters[p.name]:.6g}" for p in model.parameters]
    return "$" + r",\quad ".join([*values, f"N = {n}"]) + "$"


def _letter(parameter: Parameter) -> str:
    """Its LaTeX where Matplotlib can set it, else its name."""
    try:
        MathTextParser("path").parse(f"${parameter.latex}$")
    except ValueError:
        name = parameter.name.replace("_", r"\_")
        return rf"\mathrm{{{name}}}"
    return parameter.latex
