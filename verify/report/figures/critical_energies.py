"""The critical energy eps_c(phi) of both models, its series at phi = 1, and the printed forms in doubles."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from ...papers.deciding import derivation
from .figure import Figure
from .style import BLUE, DASHED, DOTTED, GREEN, ORANGE, RED, canvas, headline

Real = NDArray[np.float64]

DISTANCES = np.concatenate([np.geomspace(2.0**-26, 0.5, 260), 1 - np.geomspace(0.49, 2.0**-8, 80)])
SMALLEST = 1e-17
CURVES = {
    "Wigner": ("wishart_wigner", {}, BLUE),
    r"ReLU residual, $\sigma = 1$": ("relu_hessian", {"sigma": Fraction(1)}, GREEN),
    r"ReLU residual, $\sigma = 1/2$": ("relu_hessian", {"sigma": Fraction(1, 2)}, ORANGE),
}
"""Label of a curve: module, parameters beside phi, colour."""


@dataclass(frozen=True)
class CriticalEnergy:
    """One critical energy on phi = 1 - distance; both are exact doubles.

    energy: as generated, correct to the last digits. series: the derivation's expansion in 1 - phi, cut after
    `order`; leading: its first term; printed: the paper's formula, in double precision as it stands.
    """

    distance: Real
    energy: Real
    series: Real
    leading: Real
    printed: Real
    order: int

    def error(self, form: str) -> Real:
        """Relative error of a form, at least `SMALLEST`, that 0 has a place on logarithmic axes."""
        return np.maximum(np.abs(getattr(self, form) / self.energy - 1), SMALLEST)


def data() -> dict[str, CriticalEnergy]:
    """By label, as in `CURVES`."""
    return {label: _critical_energy(name, fixed) for label, (name, fixed, _) in CURVES.items()}


def _critical_energy(name: str, fixed: dict[str, Fraction]) -> CriticalEnergy:
    derived = derivation(name)
    symbols = {parameter.name: parameter.symbol for parameter in derived.model.parameters}
    phi = symbols["phi"]
    values = {symbols[key]: sp.Rational(value) for key, value in fixed.items()}
    series = sp.Poly(derived.closed_forms["series"].subs(values).subs(phi, 1 - _SMALL), _SMALL)
    printed = next(item.formula for item in derived.model.stated if item.what == "critical_energy")
    ratios = 1 - DISTANCES
    distance = 1 - ratios  # exact
    module = importlib.import_module(f"generated.{name}")
    terms = sorted((m[0], float(c)) for m, c in series.terms())
    power, lead = terms[0]
    return CriticalEnergy(
        distance,
        module.critical_energy(ratios, **{key: float(value) for key, value in fixed.items()}),
        sum((c * distance**k for k, c in terms), np.zeros_like(distance)),
        lead * distance**power,
        sp.lambdify(phi, printed.subs(values), "numpy")(ratios),
        terms[-1][0],
    )


_SMALL = sp.Symbol("t")


def plot(found: dict[str, CriticalEnergy]) -> Canvas:
    """Above: the energies against phi and against 1 - phi. Below: relative errors of other forms."""
    figure, axes = canvas(6.4, 2, 2)
    _against_ratio(axes[0][0], found)
    _against_distance(axes[0][1], found)
    for panel, label in zip(axes[1], list(found)[:2], strict=True):
        _errors(panel, label, found[label])
    return figure


def _against_ratio(axes: Axes, found: dict[str, CriticalEnergy]) -> None:
    for label, curve in found.items():
        colour = CURVES[label][2]
        phi = 1 - curve.distance
        axes.plot(phi, curve.energy, color=colour, label=label)
        axes.plot(phi, curve.series, color=colour, ls=DOTTED)
    axes.set(xlabel=r"$\phi$", ylabel=r"$\epsilon_c$", yscale="log", xlim=(0, 1), ylim=(1e-7, 30))
    headline(axes, r"$\epsilon_c(\phi)$; dotted: series at $\phi = 1$")
    axes.legend(loc="lower left")


def _against_distance(axes: Axes, found: dict[str, CriticalEnergy]) -> None:
    for label, curve in found.items():
        colour = CURVES[label][2]
        axes.plot(curve.distance, curve.energy, color=colour, lw=2.4 if label == "Wigner" else 1.2)
        axes.plot(curve.distance, curve.leading, color=colour, ls=DOTTED)
    axes.set(xlabel=r"$1 - \phi$", ylabel=r"$\epsilon_c$", xscale="log", yscale="log", xlim=(1e-4, 1))
    axes.set_ylim(1e-14, 30)
    headline(axes, r"dotted: first term, $\propto (1 - \phi)^3$")


def _errors(axes: Axes, label: str, curve: CriticalEnergy) -> None:
    forms = {
        "leading": ("first term", DASHED, BLUE),
        "series": (f"series to order {curve.order}", "-", GREEN),
        "printed": ("as printed, in doubles", "-", RED),
    }
    for form, (text, line, colour) in forms.items():
        axes.plot(curve.distance, curve.error(form), color=colour, ls=line, lw=1.2, label=text)
    axes.set(xlabel=r"$1 - \phi$", ylabel=r"relative error of $\epsilon_c$", xscale="log", yscale="log")
    axes.set(xlim=(curve.distance[0], 1), ylim=(SMALLEST, 1e3))
    headline(axes, label)
    axes.legend(loc="lower left", bbox_to_anchor=(0.02, 0.11))


FIGURE = Figure(
    name="critical-energy",
    title="The critical energy and its series at phi = 1",
    caption=r"""
        Top: $\epsilon_c$ of Wishart plus Wigner and of Wishart plus ReLU residual, the latter for
        two $\sigma$, against $\phi$ and against $1 - \phi$; dotted are the derived series at $\phi
        = 1$ and its first term, which is $(2/27) (1 - \phi)^3$ for Wigner and $(8/27) \sigma^2 (1 -
        \phi)^3$ for the residual: the same for $\sigma = 1/2$. Bottom: relative errors of the first
        term, of the series, and of the formulas as the paper prints them, (21) and (32), evaluated
        in double precision, against the generated closed form. The printed formulas are right, but
        they subtract nearly equal numbers: next to $\phi = 1$ no digit is left.
    """,
    data=data,
    plot=plot,
)
