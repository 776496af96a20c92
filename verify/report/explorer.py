"""The explorer: a page that evaluates the laws of the models in the browser.

1. the models' formulas, sliders and links become HTML here (`explorer.html.jinja`);
2. the numbers come from the script that the generator emits (`derive.emission.javascript`), inside the page;
3. `explorer_plot.js` draws, `explorer.js` joins sliders, fragment of the address, numbers and pictures.

The page needs no server and fetches nothing but the report's stylesheet beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp
from markupsafe import Markup

from derive import names
from derive.derivation import Derivation
from derive.emission.javascript import script
from derive.emission.page import display_html, prose_html
from derive.laws import Levy
from derive.typesetting.latex import latex, names_of
from derive.typesetting.mathml import mathml

from ..papers.deciding import derivation
from . import models_page
from .frame import environment, render

FILE = "explorer.html"

PLACES: dict[str, tuple[tuple[str, dict[str, float]], ...]] = {
    "wishart_wigner": (
        ("Below the critical energy", {"eps": 0.005, "phi": 0.5}),
        ("Above it", {"eps": 0.05, "phi": 0.5}),
        ("Two bands", {"eps": 0.05, "phi": 4}),
        ("No noise: a hard edge", {"eps": 0, "phi": 1}),
        ("No noise: an atom at $0$", {"eps": 0, "phi": 2}),
    ),
    "relu_hessian": (
        ("Below the critical energy", {"eps": 0.05, "phi": 0.5, "sigma": 1}),
        ("Above it", {"eps": 0.5, "phi": 0.5, "sigma": 1}),
        ("Three bands and an atom", {"eps": 100, "phi": 3, "sigma": 1}),
        (r"Poles merge at $\epsilon = 2 \sigma^2$", {"eps": 2, "phi": 0.8, "sigma": 1}),
        (r"The density diverges at $\phi = 2$", {"eps": 0.3, "phi": 2, "sigma": 1}),
    ),
    "relu_residual": (
        (r"$|x|^{-1/3}$ at $\phi = 1$", {"eps": 0.3, "phi": 1}),
        ("Two bands and an atom", {"eps": 0.3, "phi": 3}),
        ("Nearly a semicircle", {"eps": 0.3, "phi": 0.02}),
    ),
    "marchenko_pastur": (
        ("A hard edge", {"phi": 1, "sigma": 1}),
        ("An atom at $0$", {"phi": 3, "sigma": 1}),
        ("Nearly a semicircle", {"phi": 0.01, "sigma": 1}),
    ),
    "semicircle": (("Unit variance", {"sigma": 1}),),
}
"""Places worth a visit, by model: what is seen there, and the parameters."""

ORDER = ("wishart_wigner", "relu_hessian", "relu_residual", "marchenko_pastur", "semicircle")
"""The models as the page lists them, the one that it opens with first; others follow by name."""


@dataclass(frozen=True)
class _Slider:
    name: str
    symbol: Markup
    meaning: Markup


@dataclass(frozen=True)
class _Model:
    name: str
    title: Markup
    source: str
    page: str
    sliders: tuple[_Slider, ...]
    formulas: tuple[tuple[str, Markup], ...]
    places: tuple[tuple[Markup, str], ...]


def explorer_html() -> str:
    """The page of the models that ship as text, complete but for the report's stylesheet."""
    found = sorted(names(), key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))
    return page([derivation(name) for name in found])


def page(derivations: Sequence[Derivation]) -> str:
    """The page for these derivations; it opens with the first.

    Models whose law is no free Levy law are named as left out: there is no JavaScript for them.
    """
    shown = [found for found in derivations if isinstance(found.law, Levy)]
    left_out = [prose_html(found.model.title) for found in derivations if found not in shown]
    loader = environment().get_template  # scripts are no HTML: they are neither escaped nor templates
    return render(
        "explorer.html.jinja",
        here=FILE,
        models=[_model(found) for found in shown],
        left_out=left_out,
        scripts=[
            Markup(script(shown)),
            *(Markup(loader(name).render()) for name in ("explorer_plot.js", "explorer.js")),
        ],
        style=Markup(loader("explorer.css").render()),
        symbols={key: Markup(mathml(text)) for key, text in SYMBOLS.items()},
    )


SYMBOLS = {"index": r"\alpha", "energy": r"\epsilon", "critical": r"\epsilon_c", "point": "x"}


def _model(found: Derivation) -> _Model:
    model, forms = found.model, found.closed_forms
    letters = names_of(model)
    equation = display_html(sp.Eq(found.equation, 0, evaluate=False), letters)
    formulas = [
        ("Matrix", display_html("H = " + latex(model.expression, letters), letters)),
        ("Stieltjes transform", equation),
    ]
    for key, symbol, title in (
        ("critical_energy", "epsilon_c", "Critical energy"),
        ("index_prefactor", "alpha_0", "Prefactor of the 3/2 law"),
    ):
        if key in forms:
            shown = sp.Eq(sp.Symbol(symbol), forms[key], evaluate=False)
            formulas.append((title, display_html(shown, letters)))
    return _Model(
        name=model.name,
        title=prose_html(model.title),
        source=str(model.source or ""),
        page=models_page.file_of(model.name),
        sliders=tuple(
            _Slider(p.name, Markup(mathml(p.latex)), prose_html(p.meaning)) for p in model.parameters
        ),
        formulas=tuple(formulas),
        places=tuple(
            (prose_html(words), fragment(model.name, values)) for words, values in PLACES.get(model.name, ())
        ),
    )


def fragment(name: str, values: dict[str, float]) -> str:
    """The end of the page's address that opens a model at these parameters."""
    return f"#{name}?" + "&".join(f"{key}={value!r}" for key, value in values.items())
