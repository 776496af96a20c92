"""Pictures of laws without a density on the axis: complex eigenvalues, and sparse matrices at a distance."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from derive.language.model import Model, kind_of, load

from ...sampling import Sampler
from .figure import Figure
from .style import BARS, BLUE, DASHED, SOFT, canvas

Real = NDArray[np.float64]

SEED = 8
N = 1000
POINTS = 121


@dataclass(frozen=True)
class Disc:
    """Complex eigenvalues of one matrix, the radius of the rim, and masses of discs of those radii."""

    eigenvalues: NDArray[np.complex128]
    rim: float
    radii: Real
    masses: Real


@dataclass(frozen=True)
class Smoothed:
    """-Im / pi of a transform on a line at a distance from the axis: of the law, and of one matrix."""

    x: Real
    distance: float
    law: Real
    sampled: Real
    squared: bool


def figure(name: str, parameters: Mapping[str, float]) -> Figure:
    """The figure of a shipped model of one of these kinds, named "spectrum-NAME"."""
    radial = kind_of(name) == "radial"
    caption = (
        f"""
            Eigenvalues of one complex matrix with $N = {N}$ rows, with the derived rim, and the share of
            them up to a distance from 0 (grey) beside the generated distribution function (blue); nothing is
            fitted.
        """
        if radial
        else f"""
            $-\\mathrm{{Im}}\\, G / \\pi$ of one matrix with $N = {N}$ rows (grey) and of the law (blue), on
            the line nearest to the axis on which the module evaluates it: the density, smoothed on that
            scale. For a matrix $X X'$ it is that of $((0, X), (X', 0))$. Nothing is fitted.
        """
    )
    return Figure(
        name=f"spectrum-{name.replace('_', '-')}",
        title=f"{load(name).title}: law and a sampled matrix",
        caption=caption,
        data=partial(disc if radial else smoothed, load(name), f"generated.{name}", dict(parameters)),
        plot=plot_disc if radial else plot_smoothed,
    )


def disc(model: Model, module_name: str, parameters: dict[str, Any], n: int = N, seed: int = SEED) -> Disc:
    """Complex eigenvalues of one matrix, beside the law of the model's module."""
    module = importlib.import_module(module_name)
    sampler = Sampler(model, n, beta=2, **parameters)
    eigenvalues = sampler.spectra(np.random.default_rng(seed), 1)[0]
    rim = float(module.radius(**sampler.parameters))
    radii = np.linspace(0.0, 1.1 * rim, POINTS)
    return Disc(eigenvalues, rim, radii, module.cdf(radii, **sampler.parameters))


def smoothed(
    model: Model, module_name: str, parameters: dict[str, Any], n: int = N, seed: int = SEED
) -> Smoothed:
    """The smoothed density of one matrix, beside that of the model's module."""
    module = importlib.import_module(module_name)
    sampler = Sampler(model, n, **parameters)
    eigenvalues = sampler.spectra(np.random.default_rng(seed), 1)[0]
    squared = bool(np.min(eigenvalues) > -1e-9)
    values = np.sqrt(np.maximum(eigenvalues, 0.0)) if squared else eigenvalues
    end = 1.15 * float(np.max(np.abs(values)))
    distance = _least(module, sampler.parameters, squared)
    x = np.linspace(-end, end, POINTS)
    zeta = x + 1j * distance
    poles = np.concatenate([values, -values]) if squared else values
    of_matrix = np.mean(1.0 / (zeta[:, None] - poles), axis=1)
    place = zeta**2 if squared else zeta
    upper = place.imag > 0
    of_law = module.stieltjes(np.where(upper, place, place.conj()), **sampler.parameters)
    of_law = np.where(upper, of_law, of_law.conj()) * (zeta if squared else 1.0)
    return Smoothed(x, distance, -of_law.imag / np.pi, -of_matrix.imag / np.pi, squared)


def _least(module: Any, parameters: dict[str, float], squared: bool) -> float:
    """The least distance from the axis, to 1 %, at which the module evaluates its law."""
    distance = float(module.ETA)
    while True:
        point = 1j * distance
        try:
            module.stieltjes(point**2 if squared else point, **parameters)
        except ValueError:
            distance *= 1.01
        else:
            return distance


def plot_disc(drawn: Disc) -> Canvas:
    """The plane, and the share of the eigenvalues in discs."""
    figure, axes = canvas(2.9, 1, 2)
    plane, share = axes[0]
    plane.plot(drawn.eigenvalues.real, drawn.eigenvalues.imag, ".", color=SOFT, ms=2)
    angle = np.linspace(0.0, 2.0 * np.pi, 200)
    plane.plot(drawn.rim * np.cos(angle), drawn.rim * np.sin(angle), color=BLUE)
    plane.set_aspect("equal")
    plane.set_title("eigenvalues", fontsize=10)
    moduli = np.sort(np.abs(drawn.eigenvalues))
    share.step(moduli, np.arange(1, moduli.size + 1) / moduli.size, where="post", color=BARS, lw=4)
    share.plot(drawn.radii, drawn.masses, color=BLUE)
    share.set_ylim(0, 1.05)
    share.set_xlim(0, drawn.radii[-1])
    share.set_xlabel("distance from 0")
    share.set_title("mass of the disc", fontsize=10)
    return figure


def plot_smoothed(drawn: Smoothed) -> Canvas:
    """Both smoothed densities."""
    figure, axes = canvas(2.9, 1, 1)
    axis = axes[0][0]
    axis.plot(drawn.x, drawn.sampled, color=BARS, lw=4)
    axis.plot(drawn.x, drawn.law, color=BLUE)
    axis.set_ylim(0, None)
    axis.axvline(0, color=SOFT, lw=0.7, ls=DASHED, zorder=0)
    axis.set_xlabel("singular values, of both signs" if drawn.squared else "eigenvalue")
    axis.set_ylabel("smoothed density")
    axis.set_title(f"$\\mathrm{{Im}} = {drawn.distance:.3g}$", fontsize=10)
    return figure
