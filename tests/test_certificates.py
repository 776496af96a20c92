"""Wrong constants in displayed formulas are refused, and limits are not displayed as equalities."""

import re

import pytest
import sympy as sp

import derive
from derive.algebra.radicals import positive
from derive.analysis import cardano, local_law, primitive, residual_density, transitions
from derive.derivation import Asymptotic, CertificateError
from derive.typesetting import latex as typeset
from derive.typesetting.latex import latex
from derive.typesetting.text import derivation_text, text


def test_wrong_index_in_closed_form(monkeypatch):
    right = primitive._cdf_at_zero
    monkeypatch.setattr(
        primitive, "_cdf_at_zero", lambda law, u, v: right(law, u, v) + sp.atan2(v, u) / sp.pi
    )
    with pytest.raises(CertificateError, match="index in closed form"):
        derive.derive(derive.load("wishart_wigner"))


def test_wrong_constant_of_the_three_halves_law(monkeypatch):
    right = local_law._squared

    def doubled(move, bend, place):
        value = right(move, bend, place)
        return value + value

    monkeypatch.setattr(local_law, "_squared", doubled)
    with pytest.raises(CertificateError, match="3/2 law"):
        derive.derive(derive.load("wishart_wigner"))


def test_wrong_number_of_bands(monkeypatch):
    right = transitions.band_count
    monkeypatch.setattr(transitions, "band_count", lambda curve, point: right(curve, point) + 1)
    with pytest.raises(CertificateError, match="number of bands"):
        derive.derive(derive.load("wishart_wigner"))


def test_wrong_constant_of_the_potential(monkeypatch):
    right = primitive._at_infinity
    monkeypatch.setattr(primitive, "_at_infinity", lambda u, *rest: right(u + 1, *rest))
    with pytest.raises(CertificateError, match="logarithmic potential"):
        derive.derive(derive.load("semicircle"))


def test_swapped_cube_roots(monkeypatch):
    right = cardano._parts
    monkeypatch.setattr(cardano, "_parts", lambda a, big, small: right(a, small, big))
    with pytest.raises(CertificateError, match="Cardano's root"):
        derive.derive(derive.load("wishart_wigner"))


def test_swapped_radicals_of_the_density(monkeypatch):
    right = residual_density._radicals
    monkeypatch.setattr(
        residual_density,
        "_radicals",
        lambda: [(sign, cube) for (sign, _), (_, cube) in zip(right(), right()[::-1], strict=True)],
    )
    with pytest.raises(CertificateError, match="cube roots"):
        derive.derive(derive.load("relu_residual"))


def test_a_notebook_shows_mathematics_in_sentences():
    shown = typeset.derivation_markdown(derive.derive(derive.load("wishart_wigner")))
    words = re.sub(r"\$[^$]*\$", "", re.sub(r"\$\$.*?\$\$", "", shown, flags=re.DOTALL))
    assert re.search(r"\boo\b|Phi|alpha|\w_0", words) is None


def test_nothing_of_a_positive_law_lies_below_zero():
    found = derive.derive(derive.load("marchenko_pastur"))
    assert found.closed_forms["index"] == 0
    (step,) = [step for step in found.steps if step.name == "index"]
    phi, sigma = (parameter.symbol for parameter in found.model.parameters)
    assert sp.expand(step.equation[1].rhs - sigma**2 * (phi - 1) ** 2) == 0


def test_limits_are_written_as_limits():
    x = sp.Symbol("x")
    assert text(Asymptotic(x, 2 * x)) == "x ∼ 2 x"
    assert r"\sim" in latex(Asymptotic(x, 2 * x))
    steps = {step.name: step for step in derive.derive(derive.load("wishart_wigner")).steps}
    for name in ("index near phi = 1", "index at phi = 1"):
        assert isinstance(steps[name].equation, Asymptotic)


def test_no_spelling_of_the_source_in_the_text():
    shown = derivation_text(derive.derive(derive.load("semicircle")))
    assert "textstyle" not in shown
    assert "sqrt(" not in shown


def test_a_root_of_undecided_sign_decides_nothing() -> None:
    """sqrt(a - 1) is positive for a > 1 only; on a > 0 it must not pass as real."""
    a = sp.Symbol("a", positive=True)
    for expression in (sp.sqrt(a - 1), 2 + sp.sqrt(a - 1), sp.sqrt(a**2 - 3 * a + 1) + 1):
        assert positive(expression) is None
    assert positive(sp.sqrt(a - 1), where=(a - 1,)) is True
    assert positive(sp.sqrt(a + 1) - 1) is True
