"""The figures as a page: each drawing is a file of its own, shown with its caption.

Drawings are independent of each other, so each can be drawn in a process of its own (`drawn`). Those that are
measured on networks are measured here too, in quick mode (`measured`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from markupsafe import Markup

from derive.emission.page import prose_html

from .experiments import EXPERIMENTS, Options
from .figures import FIGURES, Figure, find, spectrum_figure
from .frame import render

FILE = "figures.html"
NAMES = tuple(figure.name for figure in FIGURES)
"""The figures that the page shows, in order."""
MEASURED = tuple(experiment.name for experiment in EXPERIMENTS)
"""The figures measured on networks, which follow."""


@dataclass(frozen=True)
class Drawn:
    """A figure as pages show it; the drawing is the text of an SVG file."""

    name: str
    title: Markup
    caption: Markup
    drawing: str

    @property
    def file(self) -> str:
        """Where the drawing is, from the pages."""
        return f"figures/{self.name}.svg"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the drawing; pages keep room for it."""
        width, height = ElementTree.fromstring(self.drawing).attrib["viewBox"].split()[2:]
        return round(float(width)), round(float(height))


def draw(figure: Figure) -> Drawn:
    """A figure, drawn."""
    return Drawn(
        figure.name,
        prose_html(figure.title),
        prose_html(figure.caption),
        figure.draw(),
    )


def drawn(name: str) -> Drawn:
    """The figure of that name, drawn; `KeyError` if there is none."""
    return draw(find(name))


def measured(name: str) -> Drawn:
    """The figure of that name, drawn: of a run that ships, or measured with scikit-learn's digits."""
    from ..networks.data import digits

    experiment = next(one for one in EXPERIMENTS if one.name == name)
    if experiment.recorded is not None:
        return draw(experiment.figure(experiment.recorded()))
    return draw(experiment.figure(experiment.data(Options(digits(), quiet=True))))


def spectrum(model: str) -> Drawn:
    """The spectrum of a shipped model beside sampled matrices."""
    return draw(spectrum_figure(model))


def page(figures: Sequence[Drawn], measured: Sequence[Drawn] = ()) -> str:
    """The page `figures.html`."""
    return render("figures.html.jinja", here=FILE, figures=figures, measured=measured)
