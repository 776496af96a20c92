"""The models as pages: `models.html` lists them, `model-NAME.html` shows one in all its readings.

1. `content(name)` derives a model and prepares all that its page shows: the derivation as a chapter, the
   file that declares the model, the module generated from it, and key numbers at typical parameters. It is
   plain data, so that models can be prepared in separate processes.
2. `steps(contents)` tells where each step of each derivation is shown; claims link there.
3. `page` and `index` render.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import generated
from derive import derive, load, models
from derive.derivation import Derivation
from derive.latex import title
from derive.model import Model
from derive.page import Chapter, chapter, prose_html

from ..ledger import Status
from .figures_page import Drawn
from .frame import render
from .ledger_page import SIGNS, Ledger, Link

FILE = "models.html"


@dataclass(frozen=True)
class Source:
    """A Python file as it is shown."""

    name: str
    lines: int
    code: Markup


@dataclass(frozen=True)
class Numbers:
    """Key numbers of a model: a row for each choice of its parameters, whose cells have one or more lines."""

    head: tuple[Markup, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]


@dataclass(frozen=True)
class Content:
    """What the page of one model shows.

    anchors: where each step is in the chapter, by the step's name as claims give it.
    """

    name: str
    chapter: Chapter
    anchors: Mapping[str, tuple[str, Markup]]
    declared: Source
    generated: Source
    numbers: Numbers
    summary: str


def file_of(name: str) -> str:
    """The file of a model's page."""
    return f"model-{name}.html"


def content(name: str) -> Content:
    """The content of one shipped model's page."""
    return content_of(derive(load(name)))


def content_of(derivation: Derivation) -> Content:
    """The content of the page of a derivation's model, one that ships."""
    name = derivation.model.name
    shown = chapter(derivation)
    anchors: dict[str, tuple[str, Markup]] = {}
    for section, part in zip(derivation.sections, shown.sections, strict=True):
        for step, displayed in zip(section.steps, part.steps, strict=True):
            anchors.setdefault(step.name, (displayed.anchor, prose_html(title(step.name))))
    module = importlib.import_module(f"{generated.__name__}.{name}")
    return Content(
        name=name,
        chapter=shown,
        anchors=anchors,
        declared=_source(Path(models.__path__[0]) / f"{name}.py", f"derive/models/{name}.py"),
        generated=_source(Path(str(module.__file__)), f"generated/{name}.py"),
        numbers=numbers(derivation.model, module),
        summary=str(derivation.model.source or ""),
    )


def _source(path: Path, name: str) -> Source:
    text = path.read_text(encoding="utf-8")
    code = highlight(text, PythonLexer(), HtmlFormatter(nowrap=True))
    return Source(name, len(text.splitlines()), Markup(code))


def numbers(model: Model, module: Any) -> Numbers:
    """Key numbers at the ends of the parameters' typical ranges; a parameter with a default keeps it."""
    free = [p for p in model.parameters if p.default is None] or list(model.parameters)
    critical = getattr(module, "critical_energy", None)
    energy = [p.name for p in model.parameters if p.role == "energy"]
    head = [f"${p.latex}$" for p in free]
    head += ["bands", "atoms: weight", "index", "mean", "variance"]
    if critical:
        head.append(r"$\epsilon_c$")
    rows: list[tuple[tuple[str, ...], ...]] = []
    for values in product(*(p.typical for p in free)):
        chosen = {p.name: value for p, value in zip(free, values, strict=True)}
        law = module.law(**chosen)
        row: list[tuple[str, ...]] = [(figure(value),) for value in values]
        row.append(tuple(f"[{figure(low)}, {figure(high)}]" for low, high in law.bands()))
        row.append(tuple(f"{figure(place)}: {figure(weight)}" for place, weight in law.atoms()) or ("none",))
        row += [(figure(value),) for value in (law.index(), law.mean(), law.var())]
        if critical:
            row.append((figure(critical(**{k: v for k, v in chosen.items() if k not in energy})),))
        rows.append(tuple(row))
    return Numbers(tuple(prose_html(cell) for cell in head), tuple(rows))


def figure(value: float) -> str:
    """A number with six digits."""
    return f"{float(value):.6g}".replace("-", "−")


def steps(contents: Iterable[Content]) -> dict[tuple[str, str], Link]:
    """Where each step is shown, by (model, name of the step)."""
    return {
        (content.name, step): Link(f"{file_of(content.name)}#{anchor}", text, content.name)
        for content in contents
        for step, (anchor, text) in content.anchors.items()
    }


def claims_of(name: str, ledger: Ledger) -> tuple[tuple[str, Status], ...]:
    """The claims that rest on steps of a model's derivation."""
    return tuple(
        (v.claim.id, v.status) for v in ledger.verdicts if any(model == name for model, _ in v.claim.steps)
    )


def claims_at(content: Content, ledger: Ledger) -> dict[str, list[tuple[str, Status]]]:
    """The claims that rest on each step of a model's derivation, by the step's anchor."""
    found: dict[str, list[tuple[str, Status]]] = defaultdict(list)
    for verdict in ledger.verdicts:
        for model, step in verdict.claim.steps:
            if model == content.name:
                found[content.anchors[step][0]].append((verdict.claim.id, verdict.status))
    return found


def page(content: Content, spectrum: Drawn, ledger: Ledger) -> str:
    """The page of one model, with the picture of its spectrum."""
    return render(
        "model.html.jinja",
        here=file_of(content.name),
        content=content,
        spectrum=spectrum,
        chapter=content.chapter,
        claims=claims_of(content.name, ledger),
        claims_at=claims_at(content, ledger),
        signs=SIGNS,
    )


def index(models: Iterable[tuple[Content, Drawn]]) -> str:
    """The page that lists the models with the pictures of their spectra."""
    return render(
        "models.html.jinja",
        here=FILE,
        models=[(file_of(model.name), model, picture) for model, picture in models],
    )
