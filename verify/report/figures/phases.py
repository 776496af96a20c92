"""The phase diagram in (phi, eps): how many bands there are, and where 0 lies among them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import sympy as sp
from flint import fmpz_poly
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from derive.analysis.levy_curve import Curve
from derive.analysis.transitions import band_count
from derive.laws import Levy

from ...papers.deciding import derivation
from .figure import Figure
from .index import MODELS
from .style import BLUE, DASHED, GREEN, RED, SOFT, canvas, headline

Real = NDArray[np.float64]

RATIOS = (0.1, 10.0)
ENERGIES = (1e-3, 1e3)
ROWS = 97


@dataclass(frozen=True)
class Wall:
    """A line in the diagram: ratios[i] at energies[i]."""

    ratios: Real
    energies: Real


@dataclass(frozen=True)
class Phases:
    """Where the spectrum changes its kind; sigma = 1.

    critical: eps_c, for phi < 1; the index is 0 at and below it.
    bands: the k-th wall has k + 1 bands on its left and k + 2 on its right, at every energy.
    gap: left end of the region in which 0 lies in a gap between bands, closed at phi = 2 (None: no such
        region).
    """

    critical: Wall
    bands: tuple[Wall, ...]
    gap: Wall | None


def data() -> dict[str, Phases]:
    """Both models, from their derivations: closed forms, and exact real roots of the cusp polynomial."""
    return {name: _phases(name) for name in MODELS}


def _phases(name: str) -> Phases:
    derived = derivation(name)
    forms, law = derived.closed_forms, derived.law
    assert isinstance(law, Levy)
    symbol = {p.name: p.symbol for p in derived.model.parameters}
    phi, eps = symbol["phi"], symbol["eps"]
    fixed = {symbol["sigma"]: sp.S.One} if "sigma" in symbol else {}
    # doubles are exact rationals; a rounded power of 10 has small ones
    energies = [sp.Rational(f"{value:.5e}") for value in np.geomspace(*ENERGIES, ROWS)]
    cusp = sp.Poly(forms["cusp_polynomial"].subs(fixed), phi, eps)
    curve = Curve(law)
    rows = [
        _walls(curve, sp.Poly(cusp.eval(eps, value), phi), phi, {**fixed, eps: value}) for value in energies
    ]
    heights = np.array([float(value) for value in energies])
    bands = tuple(Wall(np.array(column), heights) for column in zip(*rows, strict=True))
    below = 1 - np.geomspace(1 - RATIOS[0], 1e-3, 200)
    critical = Wall(below, sp.lambdify(phi, forms["critical_energy"].subs(fixed), "numpy")(below))
    gap = None
    if "gap_at_zero_energy" in forms:
        # towards 2, where the energy vanishes, and towards 1, where it diverges
        between = np.concatenate([1 + np.geomspace(1e-2, 0.5, 150), 2 - np.geomspace(0.49, 1e-9, 150)])
        gap = Wall(between, sp.lambdify(phi, forms["gap_at_zero_energy"].subs(fixed), "numpy")(between))
    return Phases(critical, bands, gap)


def _walls(curve: Curve, cusp: sp.Poly, phi: sp.Symbol, at: dict[sp.Symbol, sp.Expr]) -> list[float]:
    """The ratios at which one more band appears, in order; bands are counted exactly between them."""
    whole = cusp.clear_denoms(convert=True)[1]
    roots = fmpz_poly([int(c) for c in reversed(whole.all_coeffs())]).complex_roots()
    found = sorted(float(root.real) for root, _ in roots if root.imag == 0 and root.real > 0)
    between = [found[0] / 2, *((a + b) / 2 for a, b in pairwise(found)), 2 * found[-1]]
    counts = [band_count(curve, {**at, phi: sp.Rational(value)}) for value in between]
    if counts != list(range(1, len(found) + 2)):
        raise ValueError(f"at {at} the numbers of bands between {found} are {counts}, not 1, 2, ...")
    return found


def plot(found: dict[str, Phases]) -> Canvas:
    """A panel a model; darker blue the more bands there are."""
    figure, axes = canvas(4.2, 1, len(found), sharey=True)
    for axis, (name, phases) in zip(axes[0], found.items(), strict=True):
        _panel(axis, phases)
        headline(axis, MODELS[name])
    left, right = axes[0]
    left.set_ylabel(r"$\epsilon$")
    for axis in (left, right):
        _say(axis, "gap above 0,\n" r"$\alpha = 0$", 0.25, 6e-3)
        _say(axis, "1 band\n" r"$\alpha > 0$", 0.5, 5)
    _say(left, "2 bands", 4.4, 2e-2)
    for place in ((4, 2e-2), (4, 200)):
        _say(right, "3 bands", *place)
    _say(right, "2 bands", 4, 2)
    _say(right, "2 bands", 1.62, 5e-3, (0.8, 0.1))
    _say(right, "0 in a gap,\n" r"$\alpha = 1/(2\phi)$", 1.82, 25, (0.5, 150))
    return figure


def _panel(axes: Axes, phases: Phases) -> None:
    for wall in phases.bands:
        seen = wall.ratios < RATIOS[1]
        axes.fill_betweenx(wall.energies, wall.ratios, RATIOS[1], where=seen, color=BLUE, alpha=0.17, lw=0)
        axes.plot(wall.ratios, wall.energies, color=BLUE)
    critical = phases.critical
    axes.fill_between(critical.ratios, ENERGIES[0], critical.energies, color=GREEN, alpha=0.2, lw=0)
    axes.plot(critical.ratios, critical.energies, color=GREEN)
    if phases.gap is not None:
        _gap(axes, phases.gap)
    axes.set(xscale="log", yscale="log", xlim=RATIOS, ylim=ENERGIES, xlabel=r"$\phi$")
    axes.set_xticks([0.125, 0.25, 0.5, 1, 2, 4, 8], ["1/8", "1/4", "1/2", "1", "2", "4", "8"])
    axes.minorticks_off()


def _gap(axes: Axes, gap: Wall) -> None:
    ratios, energies = [*gap.ratios, 2, RATIOS[1]], [*gap.energies, ENERGIES[0], ENERGIES[0]]
    axes.fill_between(
        ratios, energies, ENERGIES[1], facecolor="none", edgecolor=RED, hatch="///", lw=0, alpha=0.45
    )
    axes.plot(ratios[:-1], energies[:-1], color=RED, ls=DASHED)


def _say(axes: Axes, text: str, phi: float, eps: float, where: tuple[float, float] | None = None) -> None:
    """A label at a place of the diagram, or elsewhere with a line to the place."""
    line = {"arrowstyle": "-", "color": SOFT, "lw": 0.8} if where else None
    axes.annotate(text, (phi, eps), where or (phi, eps), arrowprops=line, ha="center", va="center")


FIGURE = Figure(
    name="phases",
    title="Phase diagram of both models",
    caption=r"""
        Where the spectrum changes its kind ($\sigma = 1$). Green: for $\phi < 1$ and $\epsilon <
        \epsilon_c$ there is a gap above 0 and no negative eigenvalue. Blue lines: real roots of the
        derived cusp polynomial, isolated exactly, where a band splits; the bands between them are
        counted exactly. The residual model is re-entrant: with growing $\epsilon$ its bands merge
        and split again, at $\phi = 4$ from three to two and back to three. Hatched: 0 lies in a gap
        between bands, and $\alpha = 1/(2 \phi)$ whatever $\epsilon$ is; the region ends at a
        derived energy for $1 < \phi < 2$ and at $\phi = 2$. For Wigner 0 lies inside a band
        wherever $\alpha > 0$.
    """,
    data=data,
    plot=plot,
)
