"""A derivation's own letters are no parameters, and papers are named for their own models alone."""

from __future__ import annotations

from typing import Any

import sympy as sp
from test_user_models import HEADER

from derive import Model, Parameter, Wigner, Wishart, derive, load
from derive.analysis.cardano import complex_root
from derive.derivation import Derivation
from derive.language.parameters import PB17
from derive.language.symbols import unused
from derive.typesetting.text import derivation_text
from tests.derived import derivation_of

NUMBERS = (sp.Rational(1, 7), sp.Rational(1, 3), sp.Rational(5, 4))


def cubic(ratio: str, scale: str) -> Derivation:
    """Wishart plus Wigner, with a scale; parameters by these names."""
    eps = Parameter("eps", domain="[0, oo)", role="energy")
    first, second = Parameter(ratio, role="aspect ratio"), Parameter(scale, role="scale")
    return derive(Model("t", (eps, first, second), Wishart(first, second) + Wigner(2 * eps.symbol)))


def number(found: Derivation, name: str) -> Any:
    form = found.closed_forms[name]
    at = dict(zip((p.symbol for p in found.model.parameters), NUMBERS, strict=True))
    parts = form if isinstance(form, tuple) else (form,)
    values = [part.subs(at) for part in parts]
    return [sp.N(value.subs(dict.fromkeys(value.free_symbols, sp.Rational(2, 5))), 20) for value in values]


def test_closed_forms_do_not_depend_on_names() -> None:
    """phi called delta had no crossover, and a scale called t no critical energy."""
    usual, other = cubic("phi", "sigma"), cubic("delta", "t")
    assert len(usual.limits) == len(other.limits)
    for name in ("critical_energy", "series", "index_prefactor", "crossover", "index_at_one", "index"):
        for ours, theirs in zip(number(other, name), number(usual, name), strict=True):
            assert abs(ours - theirs) < sp.Float("1e-15")


def test_a_displayed_letter_is_not_a_parameters() -> None:
    s = sp.Symbol("S", positive=True)
    step = complex_root(sp.S.Zero, s, sp.S.One).step
    names = {symbol.name for shown in step.equation for symbol in shown.free_symbols}
    assert {"S", "S_1", "T"} <= names
    assert "S_1 and T are the real cube roots" in step.rule
    assert unused("S", sp.S.One).name == "S"
    assert unused("S", s * sp.Symbol("S_1")).name == "S_2"


def test_papers_are_named_for_their_own_models(tmp_path: Any) -> None:
    file = tmp_path / "mine.py"
    file.write_text(HEADER + 'MODEL = Model("Mine", (a, v), Wishart(a) + Wigner(v))\n', encoding="utf-8")
    mine = derive(load(file))
    assert PB17 not in derivation_text(mine)
    assert any(step.source.startswith(PB17) for step in derivation_of("wishart_wigner").steps)


def test_what_a_user_states_keeps_its_source(tmp_path: Any) -> None:
    file = tmp_path / "mine.py"
    stated = f'Stated("r_transform", 1 / (1 - a * g), Source("{PB17}", "eq. 29"))'
    body = f'g = sp.Symbol("g")\nMODEL = Model("Mine", (a,), Wishart(a), stated=({stated},))\n'
    file.write_text(HEADER + body, encoding="utf-8")
    named = [step.name for step in derive(load(file)).steps if step.source.startswith(PB17)]
    assert named == ["As printed: r transform"]
