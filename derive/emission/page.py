"""Derivations as documents: a `.tex` file a model, and one HTML page for all.

1. `tex(derivation)` and `html(derivations)` compose texts; they read nothing but their arguments.
2. `write(derivations, folder)` writes `NAME.tex` and `index.html`, each complete or not at all.

The page is one file: mathematics as MathML with its font inside, no script, nothing fetched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from ..derivation import Definition, Derivation, Section, Step
from ..files import write_text
from ..language.symbols import Names
from ..typesetting.latex import LINE, derivation_latex, display_rows, equations_of, latex, names_of, title
from ..typesetting.mathml import characters, font, mathml
from ..typesetting.prose import marked, prose_latex

NARROW = 44.0
"""Characters of mathematics that fit on a telephone's screen."""


def write(derivations: Iterable[Derivation], folder: Path) -> tuple[Path, ...]:
    """Write a `.tex` file for each derivation and `index.html` for all; return the paths."""
    found = tuple(derivations)
    texts = {f"{derivation.model.name}.tex": tex(derivation) for derivation in found}
    texts["index.html"] = html(found)
    for name, text in texts.items():
        write_text(folder / name, text)
    return tuple(folder / name for name in texts)


def tex(derivation: Derivation) -> str:
    """A document that compiles with pdflatex and the packages every distribution has."""
    return _latex_environment().get_template("derivation.tex.jinja").render(
        model=derivation.model,
        body=derivation_latex(derivation),
        expression=latex(derivation.model.expression, names_of(derivation.model)),
    )  # fmt: skip


def html(derivations: Sequence[Derivation]) -> str:
    """The page as one self-contained document."""
    chapters = [chapter(derivation) for derivation in derivations]
    template = html_environment().get_template("page.html.jinja")
    shown = characters(template.render(chapters=chapters, font=""))
    return template.render(chapters=chapters, font=font(shown))


# --- what the template shows -------------------------------------------------------------------


@dataclass(frozen=True)
class Chapter:
    """One derivation as the template `chapter.html.jinja` shows it; its texts are HTML."""

    name: str
    title: Markup
    source: str
    expression: Markup
    equation: Markup
    parameters: tuple[tuple[Markup, str, str, Markup], ...]
    sections: tuple[_Part, ...]
    limits: tuple[Markup, ...]
    steps: int


@dataclass(frozen=True)
class _Part:
    anchor: str
    title: Markup
    steps: tuple[_Shown, ...]


@dataclass(frozen=True)
class _Shown:
    anchor: str
    name: Markup
    rule: Markup
    equations: tuple[Markup, ...]
    summary: Markup
    certified: bool
    source: str


def chapter(derivation: Derivation) -> Chapter:
    """A derivation prepared for a page; step k of section i has the anchor `NAME-i-k`."""
    model, names = derivation.model, names_of(derivation.model)
    sections = tuple(
        _part(section, f"{model.name}-{i}", names) for i, section in enumerate(derivation.sections, 1)
    )
    return Chapter(
        name=model.name,
        title=prose_html(model.title),
        source=str(model.source or ""),
        expression=display_html("H = " + latex(model.expression, names), names),
        equation=display_html(_zero(derivation), names),
        parameters=tuple(
            (Markup(mathml(p.latex)), p.name, p.domain.replace("oo", "∞"), prose_html(p.meaning))
            for p in model.parameters
        ),
        sections=sections,
        limits=tuple(prose_html(limit) for limit in derivation.limits),
        steps=sum(len(section.steps) for section in sections),
    )


def _zero(derivation: Derivation) -> Any:
    import sympy as sp

    return sp.Eq(derivation.equation, 0, evaluate=False)


def _part(section: Section, anchor: str, names: Names) -> _Part:
    steps = tuple(_shown(step, f"{anchor}-{i}", names) for i, step in enumerate(section.steps, 1))
    return _Part(anchor, prose_html(title(section.title)), steps)


def _shown(step: Step, anchor: str, names: Names) -> _Shown:
    return _Shown(
        anchor=anchor,
        name=prose_html(title(step.name)),
        rule=prose_html(step.rule),
        equations=tuple(display_html(equation, names) for equation in equations_of(step)),
        summary=prose_html(step.certificate.summary),
        certified=not isinstance(step.certificate, Definition),
        source=str(step.source),
    )


def prose_html(sentence: str) -> Markup:
    """A sentence as HTML: formulas become MathML, everything else is escaped."""
    parts, found = marked(sentence).split("$"), ""
    for i, part in enumerate(parts):
        if not i % 2:
            found += str(escape(part))
            continue
        # Punctuation stays on the line of the formula it follows.
        mark = parts[i + 1][:1] if parts[i + 1][:1] in set(".,:;)?") else ""
        parts[i + 1] = parts[i + 1][len(mark) :]
        found += f'<span class="whole">{mathml(part)}{mark}</span>' if mark else mathml(part)
    return Markup(found)


def display_html(equation: Any, names: Names | None = None) -> Markup:
    """A displayed equation, in rows; one too wide for a telephone is there in both widths."""
    wide = display_rows(equation, names, LINE)
    narrow = display_rows(equation, names, NARROW)
    if wide == narrow:
        return Markup(_rows_html(wide, ""))
    return Markup(_rows_html(wide, " wide") + _rows_html(narrow, " narrow"))


def _rows_html(found: Sequence[str], kind: str) -> str:
    many = " rows" if len(found) > 1 else ""
    inner = "\n".join(mathml(row, block=True, continued=i > 0) for i, row in enumerate(found))
    return f'<div class="equation{kind}{many}" tabindex="0">{inner}</div>'


# --- templates ----------------------------------------------------------------------------------


@cache
def html_environment(*packages: str) -> jinja2.Environment:
    """The environment of HTML pages: templates of these packages, then those here."""
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(name) for name in (*packages, "derive")]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _latex_environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("derive"),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters["prose"] = prose_latex
    return environment
