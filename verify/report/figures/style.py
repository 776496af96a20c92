"""One style for every figure, and SVG that suits light and dark pages.

Colours are Okabe and Ito's, told apart with any colour vision, a little darker where thin lines on white
need it. A drawing holds the light ones; a rule in the drawing itself exchanges them where the reader
prefers dark, so that it looks right inside a page, as an image and in print. Text is drawn as
outlines in STIX, the letters of the pages' formulas, and needs no font.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

INK, SOFT, BARS = "#1c1d20", "#7d828a", "#c3c8cf"
BLUE, GREEN, ORANGE, RED, PURPLE = "#0072b2", "#00855f", "#b97800", "#d55e00", "#a8487f"

DARK = {
    INK: "#e4e4df",
    SOFT: "#8f949c",
    BARS: "#4c525a",
    BLUE: "#56b4e9",
    GREEN: "#2cc495",
    ORANGE: "#e9b13c",
    RED: "#ff8a47",
    PURPLE: "#e39ac4",
}
"""What each colour becomes on a dark page."""

DASHED, DOTTED = (0, (5, 3)), (0, (1, 2))

RC = {
    "svg.hashsalt": "stieltjes",
    "svg.fonttype": "path",
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 10.5,
    "axes.titlesize": 11,
    "axes.labelsize": 11,
    "legend.fontsize": 10,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.edgecolor": "none",
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "lines.linewidth": 1.6,
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": True,
}

WIDTH = 7.4
"""Inches of a figure that fills the page's column of text."""

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_HASHED = re.compile(r"\b[a-z][0-9a-f]{10}\b")
_STROKE = re.compile(r"stroke: #[0-9a-f]{6};? ?")


@contextmanager
def styled() -> Iterator[None]:
    """Matplotlib's own defaults and this style inside, whatever the user's settings are."""
    with matplotlib.style.context(["default", RC]):
        yield


def canvas(height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Canvas, Any]:
    """A figure of the page's width, that many inches high, and its array of axes (rows, columns)."""
    figure = Canvas(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def headline(axes: Axes, text: str) -> None:
    """A panel's title, flush left."""
    axes.set_title(text, loc="left")


def svg(figure: Canvas, name: str, title: str) -> str:
    """The drawing as one `svg` element: the same text for the same figure, nothing outside referred to.

    name: prefixes every id, so that several drawings stand in one page. title: read aloud in its place.
    """
    raw = io.StringIO()
    figure.savefig(raw, format="svg", metadata={"Date": None})
    root = ElementTree.fromstring(raw.getvalue())
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    # Matplotlib hashes exact coordinates into ids, and the layout's solver leaves their last bits to chance
    hashed = dict.fromkeys(_HASHED.findall(raw.getvalue()))
    short = {old: f"{old[0]}{i}" for i, old in enumerate(hashed, 1)}
    for element in root.iter():
        _plain(element, name, short)
    for mark in root.iterfind(f".//{{{_SVG}}}defs/{{{_SVG}}}path"):
        # a mark takes its colour from where it is used: rules for dark pages do not reach inside it
        mark.set("style", _STROKE.sub("", mark.get("style", "")))
    root.set("id", name)
    root.set("role", "img")
    root.set("aria-label", title)
    style = root.find(f".//{{{_SVG}}}style")
    if style is None:
        raise ValueError("the drawing has no style element to hold the colours of a dark page")
    style.text = _rules(name)
    ElementTree.register_namespace("", _SVG)
    text = ElementTree.tostring(root, encoding="unicode")
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def _plain(element: ElementTree.Element, name: str, short: dict[str, str]) -> None:
    """Prefix ids and references to them, hashes shortened; coordinates to a hundredth of a point."""
    for key, value in list(element.attrib.items()):
        if key == "id" or "#" in value:
            value = _HASHED.sub(lambda match: short[match[0]], value)
        if key == "id":
            element.set(key, f"{name}-{value}")
        elif key == f"{{{_XLINK}}}href":
            del element.attrib[key]
            element.set("href", value.replace("#", f"#{name}-", 1))
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{name}-"))
        elif key in ("d", "x", "y"):
            element.set(key, _NUMBER.sub(lambda match: f"{float(match[0]):.2f}", value))
        if key == "d":
            element.set(key, " ".join(element.get(key, "").split()))


def _rules(name: str) -> str:
    """Joins of lines, as Matplotlib draws them, and the exchange of colours, for this drawing alone."""
    exchanged = "".join(
        f'#{name} [style*="{what}: {light}"]{{{what}: {dark} !important}}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
    )
    return (
        f"#{name} *{{stroke-linejoin: round; stroke-linecap: butt}}"
        f"@media screen and (prefers-color-scheme: dark){{{exchanged}}}"
    )
