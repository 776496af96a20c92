"""The report as a whole: which pages there are, and the folder they are written to.

1. `files` composes all pages from verdicts and `Parts`; nothing is written before all are there.
2. The stylesheet comes last: its font holds the characters that the pages show.
3. `write` puts the files into a folder beside the place wanted and renames it, so that a reader never meets
   half a report.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from derive.typesetting.mathml import characters

from ..ledger import Status, Verdict
from . import explorer, figures_page, graph, ledger_page, models_page
from .figures_page import Drawn
from .frame import STYLESHEET, environment, render, stylesheet
from .ledger_page import SIGNS, Ledger, Steps, row, tally
from .models_page import Content

HOLDS = (Status.PROVED, Status.SUPPORTED)
SCRIPTS = ("ledger.js", "graph.js")
MARK = '<meta name="generator" content="python -m verify report">'
"""Stands in every page; a folder whose `index.html` lacks it was not written here."""


@dataclass(frozen=True)
class Parts:
    """What takes time to make and does not depend on verdicts.

    spectra: the picture of each model, in the order of the models.
    explorer: the page `explorer.html`.
    measured: the figures measured on networks.
    """

    models: tuple[Content, ...]
    spectra: tuple[Drawn, ...]
    figures: tuple[Drawn, ...]
    explorer: str
    measured: tuple[Drawn, ...] = ()


def files(ledger: Ledger, parts: Parts) -> dict[str, str]:
    """All files of the report by name.

    Raises `LedgerError` for claims that use unknown ones, `KeyError` for a step that no derivation has.
    """
    steps = models_page.steps(parts.models)
    shown = list(zip(parts.models, parts.spectra, strict=True))
    pages = {
        "index.html": index(ledger, parts, steps),
        ledger_page.FILE: ledger_page.page(ledger, steps),
        graph.FILE: graph.page(ledger),
        models_page.FILE: models_page.index(shown),
        **{
            models_page.file_of(model.name): models_page.page(model, picture, ledger)
            for model, picture in shown
        },
        figures_page.FILE: figures_page.page(parts.figures, parts.measured),
        explorer.FILE: parts.explorer,
    }
    drawings = {figure.file: figure.drawing for figure in (*parts.spectra, *parts.figures, *parts.measured)}
    scripts = {name: environment().get_template(name).render() for name in SCRIPTS}
    letters = frozenset().union(*(characters(text) for text in pages.values()))
    return pages | drawings | scripts | {STYLESHEET: stylesheet(letters)}


def index(ledger: Ledger, parts: Parts, steps: Steps) -> str:
    """The page to begin with: the tally, the misprints found, and where to go."""
    return render(
        "index.html.jinja",
        here="index.html",
        ledger=ledger,
        papers=[(paper, tally(ledger.of(paper))) for paper in ledger.papers],
        counts=tally(ledger.verdicts),
        refuted=[row(v, ledger, steps) for v in ledger.verdicts if v.status is Status.REFUTED],
        ambiguous=_pairs(v for v in ledger.verdicts if v.status in HOLDS and _refused_reading(v)),
        left_open=_pairs(v for v in ledger.verdicts if v.status is Status.OPEN),
        models=[(models_page.file_of(model.name), model) for model in parts.models],
        figures=(*parts.figures, *parts.measured),
        meanings=ledger_page.MEANINGS,
        signs=SIGNS,
    )


def _refused_reading(verdict: Verdict) -> bool:
    return any(not item.finding.holds for item in verdict.evidence)


def _pairs(verdicts: Iterable[Verdict]) -> list[tuple[str, Status]]:
    return [(verdict.claim.id, verdict.status) for verdict in verdicts]


def write(texts: Mapping[str, str], folder: Path) -> None:
    """Make the folder hold these files and nothing else, all at once.

    Raises `ValueError` for a folder that holds something other than a report, which would be lost.
    """
    if not replaceable(folder):
        raise ValueError(refusal(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        new, old = beside / "new", beside / "old"
        for name, text in texts.items():
            target = new / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(beside)


def replaceable(folder: Path) -> bool:
    """Whether nothing but a report, or nothing at all, is at that place."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    first = folder / "index.html"
    written_here = first.is_file() and MARK in first.read_text(encoding="utf-8", errors="replace")
    return written_here or not any(folder.iterdir())


def refusal(folder: Path) -> str:
    """Why a folder is not replaced."""
    return f"{folder} exists and is no report; it would be lost. Name another folder, or remove it first"
