"""The report's figures, one file a figure: numbers from `derive` and `generated`, drawn as SVG.

`FIGURES` are those of the figures' page, in its order; `spectrum(name)` is the picture of a model, and
`find` looks up either kind by name, and a figure of Pennington & Bahri (2017) by its number too.
"""

from __future__ import annotations

from derive.language.model import names

from . import critical_energies, crossover, finite_size, index, paper_spectra, phases
from .figure import Figure
from .spectra import spectrum, spectrum_figure

__all__ = ["FIGURES", "Figure", "every", "find", "spectrum", "spectrum_figure"]

FIGURES: tuple[Figure, ...] = (
    paper_spectra.FIGURE,
    index.FIGURE,
    critical_energies.FIGURE,
    phases.FIGURE,
    crossover.FIGURE,
    finite_size.FIGURE,
)


def every() -> tuple[Figure, ...]:
    """`FIGURES` and the spectrum of every model of the explorer."""
    return (*FIGURES, *(spectrum_figure(name) for name in names()))


def find(name: str) -> Figure:
    """The figure of a name, such as "phases", or of a number in the paper, such as "1".

    Raises `KeyError`, with a message that lists the names, if there is none.
    """
    for figure in every():
        if name in (figure.name, str(figure.number)):
            return figure
    known = ", ".join(figure.name for figure in every())
    if name.isdigit():
        numbers = ", ".join(str(figure.number) for figure in every() if figure.number is not None)
        raise KeyError(f"the paper's figure {name} is not drawn; drawn are its {numbers}, and {known}")
    raise KeyError(f"no figure is called {name!r}; there are {known}, and the paper's by number, such as 1")
