"""What a figure is: a name, words, numbers, and the drawing of the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure as Canvas

from .style import styled, svg


@dataclass(frozen=True)
class Figure:
    """A figure of the report.

    name: stem of its file and id of its drawing, such as "critical-energy".
    title: one line.
    caption: sentences with formulas between `$`: what is drawn, with which sizes and parameters, what to see.
        Line breaks are spaces.
    data: computes what is drawn; may be tested without drawing.
    plot: draws the data.
    number: the figure's number in Pennington & Bahri (2017) or its supplement, if it is one of theirs.
    """

    name: str
    title: str
    caption: str
    data: Callable[[], Any]
    plot: Callable[[Any], Canvas]
    number: int | str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "caption", " ".join(self.caption.split()))

    def draw(self) -> str:
        """The drawing as one `svg` element."""
        with styled():
            return svg(self.plot(self.data()), self.name, self.title)
