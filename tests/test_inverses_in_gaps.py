"""Inverses and Moebius images of laws that have 0, or the pole, in a gap of the spectrum."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from flint import acb, ctx

from derive import Atoms, DirectSum, Model, ModelError, Parameter, Wigner, Wishart, critical_values, derive
from derive.derivation import CertificateError
from derive.language.ensembles import Ensemble
from derive.laws import Algebraic
from derive.pipeline import branch_of, law_of
from derive.transforms import read, setting_of
from derive.transforms.branch_at_infinity import coefficients_at
from derive.transforms.curves import BITS
from derive.transforms.sheets import Sheets, integral_rows
from derive.transforms.zero_outside import zero_outside
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic import means
from tests.test_irrational_means import coefficients
from tests.test_user_models import generated_module
from verify import sample

HALF = sp.Rational(1, 2)
SIGNS = Atoms((-1, 1), (HALF, HALF))
v = Parameter("v", domain="(0, 1)", typical=(0.2, 0.8))
INNER = {
    "symmetric": 2 * SIGNS + Wigner("1/10"),
    "an atom beyond the gap": Wishart(4) - "1/10",
    "blocks": DirectSum((Wigner(5) + 8, Wishart(1, 2) - 12), ("1/4", "3/4")),
    "three bands": Atoms((-2, 1, 5), ("1/4", "1/4", HALF)) + Wigner("1/20"),
}


def prepared(expression: Ensemble) -> algebraic.AlgebraicLaw:
    """The module's law of an expression without parameters, through the model's law as emitted."""
    law = branch_of(Model("t", (), expression))
    found = coefficients(law)
    return algebraic.prepare([list(row) for row in found.rows], mean=means.mean_of(found))


@pytest.mark.parametrize("name", INNER)
def test_the_law_of_the_inverse_is_the_image(name: str) -> None:
    """Against G of the inner law in balls, continued to 1/z on its own."""
    inner, law = INNER[name], prepared(INNER[name].inverse())
    before = prepared(inner)
    assert law.uncertified == ()
    np.testing.assert_allclose(np.sort(law.bands.ravel()), np.sort(1 / before.bands.ravel()), rtol=1e-15)
    np.testing.assert_allclose(
        np.sort(law.atom_rows, axis=0), np.sort(before.atom_rows ** [-1, 1], axis=0), rtol=1e-14
    )
    sheets = Sheets(integral_rows(coefficients_at(branch_of(Model("t", (), inner)).polynomial, {})))
    for low, high in law.bands:
        x = low + (high - low) * np.array([1e-6, 0.03, 0.5, 0.999])
        for place, density in zip(x, algebraic.density(law, x), strict=True):
            with ctx.workprec(BITS):
                g = sheets.physical(1 / acb(place))
                exact = float((-g.imag / acb.pi().real / acb(place).real ** 2).mid())
            assert density == pytest.approx(exact, rel=1e-13)
    x = np.linspace(1.3 * law.bands.min(), 1.3 * law.bands.max(), 40)
    negative = algebraic.cdf(before, np.zeros(1))
    image = np.where(x < 0, negative - algebraic.cdf(before, 1 / x), negative + algebraic.sf(before, 1 / x))
    np.testing.assert_allclose(algebraic.cdf(law, x), image, atol=1e-14)


def test_a_mean_of_0_is_exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The odd moments of a symmetric law are 0, and m_2 = E x^-2 = -G'(0) = 1/(1 - v) for +-1 plus noise."""
    body = (
        "v = Parameter('v', domain='(0, 1/2]', typical=(0.2, 0.4))\n"
        "MODEL = Model('t', (v,), expression=(Atoms((-1, 1), ('1/2', '1/2')) + Wigner(v)).inverse())"
    )
    module = generated_module(tmp_path, "gap", body, monkeypatch)
    for variance in (0.25, 0.5):
        np.testing.assert_allclose(module.moments(3, variance), [1, 0, 1 / (1 - variance), 0], rtol=1e-14)
        low, high = module.support(variance)[1]
        assert module.support(variance)[0] == pytest.approx([-high, -low], rel=1e-15)
        assert module.quantile(0.5, variance) == pytest.approx(-low, rel=1e-14)
        assert module.cdf(0.0, variance) == pytest.approx(0.5, abs=1e-15)
        matrix = sample(
            Model("t", (), (SIGNS + Wigner(sp.nsimplify(variance))).inverse()), 400, np.random.default_rng(1)
        )
        eigenvalues = np.linalg.eigvalsh(matrix)
        levels = module.cdf(eigenvalues, variance)
        assert np.max(np.abs(levels - (np.arange(400) + 0.5) / 400)) < 0.01


def test_a_moebius_image_with_its_pole_in_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (
        "inner = Atoms((-1, 4), ('1/3', '2/3')) + Wigner('1/4')\n"
        "MODEL = Model('t', (), expression=inner.moebius(1, 2, 1, -1))"
    )
    module = generated_module(tmp_path, "pole", body, monkeypatch)
    inner = Atoms((-1, 4), ("1/3", "2/3")) + Wigner("1/4")
    before, law = prepared(inner), module.law()
    x = np.concatenate([np.linspace(low, high, 42)[1:-1] for low, high in law.bands()])
    y = (x + 2) / (x - 1)  # its own inverse
    np.testing.assert_allclose(law.pdf(x), algebraic.density(before, y) * 3 / (x - 1) ** 2, rtol=1e-10)
    assert law.mean() == pytest.approx(law.expect(lambda x: x), rel=1e-12)
    eigenvalues = np.linalg.eigvalsh(
        sample(Model("t", (), inner.moebius(1, 2, 1, -1)), 600, np.random.default_rng(2))
    )
    assert np.max(np.abs(law.cdf(eigenvalues) - (np.arange(600) + 0.5) / 600)) < 0.01


def test_inverting_twice_gives_the_law_back() -> None:
    for inner in INNER.values():
        twice = inner.inverse().inverse()
        setting = setting_of(twice)
        assert read(twice, "H", setting).relation == read(inner, "H", setting_of(twice)).relation
    law = prepared(INNER["blocks"].inverse().inverse())
    np.testing.assert_allclose(law.bands, prepared(INNER["blocks"]).bands, rtol=1e-14)


def test_critical_values_are_those_of_the_inner_law() -> None:
    """The gap of 0 stays open, another one closes: at the same variance before and after."""
    v = Parameter("v", domain="(0, 1/2)", typical=(0.2, 0.4))
    inner = Atoms((-6, 1, 2), ("1/3", "1/3", "1/3")) + Wigner(v.symbol)
    models = (Model("t", (v,), inner), Model("t", (v,), inner.inverse()))
    before, after = (critical_values(model, "v") for model in models)
    assert before.undecided == after.undecided == ()
    assert [value.bands for value in before.values] == [value.bands for value in after.values] == [(3, 2)]
    assert before.values[0].minimal_polynomial == after.values[0].minimal_polynomial


e = Parameter("e", domain="(0, oo)", typical=(1, 3))
closed = Parameter("c", domain="[0, 1]", typical=(0.2, 0.8))
REFUSED = {
    "a density at 0": ((), Wishart(2) - 1, "there is a density at 0"),
    "an edge at 0": ((), Wigner(1) - 2, "no simple finite value at 0"),
    "a gap that closes": ((e,), SIGNS + Wigner(e.symbol), "at e = 1/3, but may come in where e - 1 = 0"),
    "a gap that closes at an end": ((closed,), SIGNS + Wigner(closed.symbol), "may come in where c - 1 = 0"),
    "branches that cross at 0": ((), DirectSum((Wigner(1) + 3, Wigner(1) - 3), (HALF, HALF)), "not decided"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_where_0_is_no_point_of_a_gap_the_reason_is_given(name: str) -> None:
    parameters, expression, reason = REFUSED[name]
    with pytest.raises(ModelError, match=reason):
        law_of(Model("t", parameters, expression.inverse()))


def test_the_same_gap_on_a_domain_that_leaves_it_open() -> None:
    for domain in ("(0, 1)", "[0, 1)", "(0, 1/2]"):
        v = Parameter("v", domain=domain, typical=(0.2, 0.4))
        law = law_of(Model("t", (v,), (SIGNS + Wigner(v + 0)).inverse()))
        assert isinstance(law, Algebraic)


def test_the_step_carries_a_proof_that_can_fail() -> None:
    derivation = derive(Model("t", (v,), (SIGNS + Wigner(v.symbol)).inverse()))
    summaries = [
        step.certificate.summary
        for section in derivation.sections
        for step in section.steps
        if step.certificate
    ]
    assert any("0 outside the spectrum" in summary for summary in summaries)
    setting = setting_of((SIGNS + Wigner(v.symbol)).inverse(), (v.symbol,), (v.symbol, 1 - v.symbol))
    proof = zero_outside(read(SIGNS + Wigner(v.symbol), "A", setting), "it")
    proof.check()
    assert proof.kept == (v.symbol - 1,)
    with pytest.raises(CertificateError, match="keep its sign"):
        replace(proof, kept=(2 * v.symbol - 1,)).check()
    with pytest.raises(CertificateError, match="no root"):
        replace(proof, own=proof.own + 1).check()
    with pytest.raises(CertificateError, match="not outside"):
        replace(proof, reading=read(Wigner(v.symbol), "A", setting)).check()
