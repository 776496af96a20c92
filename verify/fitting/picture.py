"""The spectrum under the fitted law, edges and outliers marked, and what is left over.

Below, the residuals: counts of eigenvalues (or masses) below x less those that the law says. Rigid
eigenvalues stay within about one of the law everywhere; independent points would stray by sqrt(N)/2.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from derive.files import require_writable, write_text

from ..report.figures.style import BARS, BLUE, DASHED, INK, ORANGE, RED, SOFT, canvas, headline, styled, svg

if TYPE_CHECKING:
    from .result import Fit

BINS = 60
MARGIN = 0.06


def draw(fit: Fit, path: Path) -> Path:
    """Write the drawing; raises `OSError` where it cannot be written."""
    require_writable(path)
    write_text(path, drawing(fit))
    return path


def drawing(fit: Fit) -> str:
    """The drawing as SVG text."""
    spectrum, law = fit.spectrum, fit.law
    points = spectrum.points
    weights = np.full(points.size, 1 / points.size) if spectrum.weights is None else spectrum.weights
    bands = fit.loc + fit.scale * law.bands()
    atoms = law.atoms()
    places = np.array([outlier.place for outlier in fit.outliers])
    low, high = min(points[0], bands[0, 0]), max(points[-1], bands[-1, 1])
    margin = MARGIN * (high - low)
    bulk = ~np.isin(points, places)
    with styled():
        figure, axes = canvas(4.3, 2, 1, sharex=True, height_ratios=(3, 1))
        top, bottom = axes[:, 0]
        at_atoms = np.zeros(points.size, dtype=bool)
        for place, mass in atoms:
            x = fit.loc + fit.scale * place
            at_atoms |= np.abs(points - x) < 1e-9 * (high - low)
            top.axvline(x, color=BLUE, lw=1.6)
            top.annotate(f"mass {mass:.3g}", (x, 0.93), xycoords=("data", "axes fraction"), color=INK)
        shown = bulk & ~at_atoms
        ends = np.linspace(bands[0, 0], bands[-1, 1], BINS + 1)
        width = ends[1] - ends[0]
        ends = np.arange(ends[0] - width * np.ceil((ends[0] - low) / width), high + width, width)
        heights, _ = np.histogram(points[shown], bins=ends, weights=weights[shown])
        top.stairs(heights / width, ends, fill=True, color=BARS, label="eigenvalues")
        for i, (left, right) in enumerate(bands):
            x = left + (right - left) * (1 - np.cos(np.linspace(0, np.pi, 300))) / 2
            density = law.pdf((x - fit.loc) / fit.scale) / fit.scale
            top.plot(x, density, color=BLUE, label=None if i else "fitted law")
        for edge in bands.ravel():
            top.axvline(edge, color=SOFT, lw=0.8, ls=DASHED)
        if places.size:
            top.plot(places, np.zeros(places.size), "v", color=RED, ms=6, clip_on=False, label="outliers")
        top.set(ylabel="density", ylim=(0, _height(heights / width)))
        top.legend(loc="upper right")
        headline(top, _title(fit))
        below = np.cumsum(weights) - weights / 2
        beyond = np.zeros(points.size)
        for outlier in places:  # the law does not count outliers below a point
            beyond += weights[np.argmin(np.abs(points - outlier))] * (points > outlier)
        residual = (below - beyond - law.cdf((points - fit.loc) / fit.scale)) * spectrum.rows
        bottom.axhline(0, color=SOFT, lw=0.8)
        bottom.plot(points[shown], residual[shown], ".", color=ORANGE, ms=2.5)
        bottom.set(xlabel="eigenvalue", ylabel="counts\nless law", xlim=(low - margin, high + margin))
        return svg(figure, "fit", _title(fit))


def _height(heights: np.ndarray) -> float:
    return 1.15 * float(np.sort(heights)[-2:].mean())


def _title(fit: Fit) -> str:
    told = ", ".join(f"{name} = {fit.parameters[name]:.4g}" for name in fit.estimated)
    return f"{fit.model}: {told}" + (f", p = {fit.p_value:.2g}" if np.isfinite(fit.p_value) else "")
