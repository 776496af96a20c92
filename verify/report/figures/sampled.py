"""One sampled matrix beside its law: numbers, and the panel that shows them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from derive.language.model import load

from ...sampling import Sampler
from .style import BARS, BLUE, DASHED, INK, RED, SOFT

Real = NDArray[np.float64]

SEED = 7
BINS = 60
FEWEST = 6  # bins of a narrow band
AT_AN_ATOM = 1e-9


@dataclass(frozen=True)
class Sampled:
    """Eigenvalues of one real matrix and the frozen law, generated from the model, that they follow.

    eigenvalues: ascending, those at atoms included.
    """

    name: str
    parameters: dict[str, float]
    eigenvalues: Real
    law: Any

    @property
    def size(self) -> int:
        """The number of rows."""
        return len(self.eigenvalues)

    @property
    def continuous(self) -> Real:
        """The eigenvalues that are at no atom."""
        places = self.law.atoms()[:, 0]
        scale = np.max(np.abs(self.eigenvalues))
        distances = np.abs(self.eigenvalues[:, None] - places[None, :])
        return self.eigenvalues[np.all(distances > AT_AN_ATOM * scale, axis=1)]

    def curve(self, points: int = 200) -> tuple[Real, Real]:
        """The density along all bands, as one line with NaN in the gaps.

        Points crowd at edges, where the density has infinite slope.
        """
        steps = (1 - np.cos(np.linspace(0, np.pi, points))) / 2
        parts = [np.concatenate([low + (high - low) * steps, [np.nan]]) for low, high in self.law.bands()]
        x = np.concatenate(parts)
        return x, self.law.pdf(x)

    def histogram(self, bins: int = BINS) -> tuple[Real, Real]:
        """Heights and ends of bins; the area is the share of the eigenvalues that are at no atom.

        Bins end at the edges of the bands, so that none mixes a band with a gap.
        """
        bands = self.law.bands()
        width = (bands[-1, 1] - bands[0, 0]) / bins
        places = np.concatenate([[bands[0, 0] - width], bands.ravel(), [bands[-1, 1] + width]])
        parts = [
            np.linspace(low, high, max(round((high - low) / width), 1 if i % 2 == 0 else FEWEST) + 1)[:-1]
            for i, (low, high) in enumerate(pairwise(places))
        ]
        ends = np.append(np.concatenate(parts), places[-1])
        counts, _ = np.histogram(self.continuous, bins=ends)
        return counts / (self.size * np.diff(ends)), ends


@lru_cache(maxsize=64)
def _sampled(name: str, n: int, seed: int, parameters: tuple[tuple[str, float], ...]) -> Sampled:
    values: dict[str, Any] = dict(parameters)
    sampler = Sampler(load(name), n, **values)
    law = importlib.import_module(f"generated.{name}").law(**sampler.parameters)
    spectrum = np.linalg.eigvalsh(sampler(np.random.default_rng(seed)))
    spectrum.flags.writeable = False
    return Sampled(name, sampler.parameters, spectrum, law)


def sampled(name: str, n: int, parameters: Mapping[str, float], *, seed: int = SEED) -> Sampled:
    """One real n x n matrix of a shipped model; ratios are moved to what n rows can carry."""
    return _sampled(name, n, seed, tuple(sorted(parameters.items())))


def panel(axes: Axes, drawn: Sampled, *, bins: int = BINS) -> None:
    """Histogram, density, edges and atoms; what lies left of 0 is red."""
    heights, ends = drawn.histogram(bins)
    axes.stairs(heights, ends, fill=True, color=BARS)
    x, y = drawn.curve()
    axes.plot(x, y, color=BLUE)
    if drawn.law.bands()[0, 0] < 0:
        left = np.sort(np.append(x[x < 0], 0.0))
        axes.fill_between(left, drawn.law.pdf(left), color=RED, alpha=0.28, lw=0)
    atoms = drawn.law.atoms()
    # room for what is written about an atom
    top = (1.45 if len(atoms) else 1.12) * _height(heights, y)
    for edge in drawn.law.bands().ravel():
        axes.plot([edge, edge], [0, 0.07 * top], color=INK, lw=1)
    for place, weight in atoms:
        _atom(axes, drawn, place, weight, top)
    axes.set_ylim(0, top)
    places = [ends[0], ends[-1], *atoms[:, 0]]
    margin = 0.02 * (ends[-1] - ends[0])
    axes.set_xlim(min(places) - margin, max(places) + margin)
    axes.axvline(0, color=SOFT, lw=0.7, ls=DASHED, zorder=0)


def _height(heights: Real, y: Real) -> float:
    """The top of what is worth seeing: all of a bounded density, else the bars without the highest."""
    most = 2.5 * (np.sort(heights)[-2] if np.isinf(y).any() else np.max(heights))
    return float(min(np.max(y[np.isfinite(y)]), most or np.inf))


def _atom(axes: Axes, drawn: Sampled, place: float, weight: float, top: float) -> None:
    share = 1 - len(drawn.continuous) / drawn.size
    axes.annotate(
        "",
        (place, 0.98 * top),
        (place, 0),
        arrowprops={"arrowstyle": "-|>", "color": RED, "lw": 1.8, "shrinkA": 0, "shrinkB": 0},
    )
    axes.annotate(
        f"atom {weight:.4g}\nsampled {share:.4g}",
        (place, 0.97 * top),
        (5, 0),
        textcoords="offset points",
        va="top",
        color=RED,
    )
