"""Figure 2: the spectrum of H0 + H1 of a trained network beside that of H0 + Q H1 Q'."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import ArrayLike, NDArray

from ...networks.turned_experiment import IMAGES, Stage, TrainedFigure, trained_figure
from ..figures.style import BARS, BLUE, GREEN, ORANGE, SOFT, canvas, headline
from .experiment import Experiment

Real = NDArray[np.floating]
BINS, POINTS = 50, 400
LINEAR = 0.03  # eigenvalues around which the axis changes from linear to logarithmic


def plot(found: TrainedFigure) -> Canvas:
    """Both spectra, on a logarithmic axis of density; differences of distribution functions."""
    figure, axes = canvas(3.3, 1, 2)
    left, right = axes[0]
    whole = found.whole
    edges = np.linspace(min(whole.spectrum[0], whole.turned.min()), whole.spectrum[-1] + 0.05, BINS + 1)
    heights = [np.histogram(row, edges, density=True)[0] for row in (whole.spectrum, *whole.turned)]
    left.stairs(heights[0], edges, fill=True, color=BARS, label="$H_0 + H_1$")
    left.stairs(np.mean(heights[1:], axis=0), edges, color=ORANGE, lw=1.2, label="$H_0 + Q H_1 Q^T$")
    left.set(yscale="log", xlabel=r"eigenvalue $\lambda$", ylabel="density")
    left.legend(loc="upper right")
    _difference(right, whole, BLUE, "all directions")
    _difference(right, found.bare, GREEN, "without rescalings")
    right.axhline(0, color=SOFT, lw=0.7)
    ticks = (-0.03, 0, 0.03, 0.1, 0.3, 1, 3, 10)
    right.set_xticks(_place(ticks), [f"{t:g}".replace("-", "−") for t in ticks])
    right.set(xlabel=r"$\lambda$", ylabel="difference", xlim=_place((-0.06, 1.2 * whole.spectrum[-1])))
    right.legend(loc="lower right")
    headline(left, f"after {whole.step} steps")
    headline(right, "distribution functions less those turned")
    return figure


def _difference(axes: Axes, found: Stage, colour: str, label: str) -> None:
    """The distribution function less its mean for the turned sums; their range around it in grey."""
    ends = _place((min(found.spectrum[0], found.turned.min()), max(found.spectrum[-1], found.turned.max())))
    at = LINEAR * np.sinh(np.linspace(ends[0], ends[1], POINTS))
    below = np.stack([_below(row, at) for row in found.turned])
    mean = below.mean(axis=0)
    spread = np.abs(below - mean).max(axis=0)
    axes.fill_between(_place(at), -spread, spread, step="post", color=BARS, lw=0)
    axes.step(_place(at), _below(found.spectrum, at) - mean, where="post", color=colour, lw=1.2, label=label)


def _place(values: ArrayLike) -> Real:
    """On the axis: linear around 0, then logarithmic."""
    return np.asarray(np.arcsinh(np.asarray(values) / LINEAR))


def _below(spectrum: Real, at: Real) -> Real:
    return np.searchsorted(spectrum, at, side="right") / len(spectrum)


def caption(found: TrainedFigure) -> str:
    """What was drawn and found."""
    whole, bare = found.whole, found.bare
    return rf"""
        Eigenvalues of the Hessian of one ReLU autoencoder of 16-20-16 units without biases, trained by
        descent on {IMAGES} whitened $4 \times 4$ images ({whole.source}) for {whole.step} steps, to
        $\epsilon = {whole.energy:.4f}$ and $|\nabla \mathcal{{L}}|^2 = {_power(whole.squared_gradient)}$,
        beside those of $H_0 + Q H_1 Q^T$ for {len(whole.turned)} random orthogonal $Q$. Right: the
        distribution function less its mean for the turned sums, whose range is grey. The distribution
        functions differ by at most {whole.kolmogorov[0]:.3f} on average over $Q$, those of two turned sums
        by {whole.kolmogorov[1]:.3f}; eigenvalues would have to move by {whole.wasserstein[0]:.4f} standard
        deviations on average, against {whole.wasserstein[1]:.4f}: small differences, but not noise. The
        largest, at 0, is that of the rescalings, one for each unit (incoming weights up, outgoing down),
        {whole.rescalings:.3f} of all directions: at a critical point both parts vanish along them, which
        turned parts do not. The
        share of negative eigenvalues is {whole.index[0]:.4f}, turned {whole.index[1]:.4f}. Without the
        rescalings it is {bare.index[0]:.4f} and {bare.index[1]:.4f}, and the distribution functions differ
        by {bare.kolmogorov[0]:.3f}, those of two turned sums by {bare.kolmogorov[1]:.3f}.
    """


def _power(value: float) -> str:
    digits, exponent = f"{value:.1e}".split("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}"


EXPERIMENT = Experiment(
    name="figure-2",
    title="The Hessian of a trained network and the sum of free parts",
    number=2,
    seed=2,
    run=trained_figure,
    caption=caption,
    plot=plot,
)
