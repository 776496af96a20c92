"""The models as pages: `models.html` lists them, `model-NAME.html` shows one in all its readings.

1. `content(name)` derives a model and prepares all that its page shows: the derivation as a chapter, the
   file that declares the model, the module generated from it, and key numbers at typical parameters. It is
   plain data, so that models of every kind of law can be prepared in separate processes.
2. `steps(contents)` tells where each step of each derivation is shown; claims link there.
3. `page` and `index` render.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
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
from derive.emission.page import Chapter, chapter, prose_html
from derive.language.model import Model, kind_of
from derive.typesetting.latex import title

from ..ledger import Status
from .figures_page import Drawn
from .frame import render
from .ledger_page import SIGNS, Ledger, Link

FILE = "models.html"
MOST_COMBINED = 3  # parameters whose ends are shown in all combinations


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
    combined: bool = True  # ends of the parameters' ranges in all combinations, else all low and all high


@dataclass(frozen=True)
class Content:
    """What the page of one model shows.

    kind: of the law, as in `derive.language.model.KINDS`; "" for those that the explorer shows.
    anchors: where each step is in the chapter, by the step's name as claims give it.
    """

    name: str
    kind: str
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
    kind = kind_of(name)
    declared = f"{kind}/{name}.py" if kind else f"{name}.py"
    return Content(
        name=name,
        kind=kind,
        chapter=shown,
        anchors=anchors,
        declared=_source(Path(models.__path__[0]) / declared, f"derive/models/{declared}"),
        generated=_source(Path(str(module.__file__)), f"generated/{name}.py"),
        numbers=(numbers if kind in ("", "algebraic") else other_numbers)(derivation.model, module),
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


COLUMNS: Mapping[str, Callable[..., float]] = {
    "radius": lambda module, p: module.radius(**p),
    "median distance": lambda module, p: module.quantile(0.5, **p),
    "mass at $0$": lambda module, p: module.mass_at_zero(**p),
    "index": lambda module, p: module.index(**p),
    "$m_2$": lambda module, p: module.moments(2, **p)[2],
    "$m_4$": lambda module, p: module.moments(4, **p)[4],
}
"""Key numbers of laws without edges, from the module and parameters, where it has such a function."""


def other_numbers(model: Model, module: Any) -> Numbers:
    """Key numbers of a law of complex eigenvalues or of a sparse matrix, likewise."""
    free = [p for p in model.parameters if p.default is None] or list(model.parameters)
    radial = hasattr(module, "radius")
    shown = [name for name in COLUMNS if radial == (name in ("radius", "median distance")) or "mass" in name]
    combined = len(free) <= MOST_COMBINED
    rows = []
    for values in (product if combined else zip)(*(p.typical for p in free)):
        chosen = {p.name: value for p, value in zip(free, values, strict=True)}
        found = (*values, *(COLUMNS[name](module, chosen) for name in shown))
        rows.append(tuple((figure(value),) for value in found))
    head = (*(f"${p.latex}$" for p in free), *shown)
    return Numbers(tuple(prose_html(cell) for cell in head), tuple(rows), combined)


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
