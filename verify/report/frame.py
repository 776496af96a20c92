"""What all pages of the report share: the environment of their templates and one stylesheet.

A page is a template that extends `base.html.jinja`, which links the pages with each other; the stylesheet is
that of the derivations (`derive/templates/page.css`) with the report's own rules after it. The font of
formulas stands inside the stylesheet, since browsers differ in whether pages opened from disk may load
a file of fonts; it holds the characters of all pages, so a page is complete before the font is made.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from derive.emission.page import html_environment
from derive.typesetting.mathml import font

STYLESHEET = "report.css"
NAVIGATION = (
    ("index.html", "Report"),
    ("ledger.html", "Ledger"),
    ("graph.html", "Graph"),
    ("models.html", "Models"),
    ("figures.html", "Figures"),
    ("explorer.html", "Explorer"),
)
"""The pages that every page links to, as (file, name), in order."""


@cache
def environment() -> jinja2.Environment:
    """The environment of the report's templates."""
    found = html_environment("verify.report")
    found.globals |= {"navigation": NAVIGATION, "stylesheet": STYLESHEET}
    return found


def render(template: str, *, here: str, **values: Any) -> str:
    """A page as text: a template that extends `base.html.jinja`; `here` is the file it is written to."""
    return environment().get_template(template).render(here=here, **values)


def stylesheet(shown: frozenset[str]) -> str:
    """The stylesheet of all pages, with glyphs for the `characters` shown."""
    return environment().get_template("report.css.jinja").render(font=font(shown))
