"""Inverses and Moebius images whose moments are algebraic numbers, no rational functions of parameters."""

from __future__ import annotations

import doctest
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq

from derive import (
    Atoms,
    DirectSum,
    Model,
    ModelError,
    Parameter,
    Wigner,
    Wishart,
    critical_curves,
    critical_values,
    derive,
)
from derive.analysis.series import moments
from derive.derivation import CertificateError
from derive.language.ensembles import Ensemble
from derive.laws import Algebraic
from derive.pipeline import law_of
from derive.transforms import read, setting_of
from derive.transforms.branch_at_infinity import OwnMean, branch_section, mean_at, value_of
from derive.transforms.curves import Setting
from derive.transforms.reading import moments_of
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic import means
from generated._runtime.algebraic.at_infinity import refined
from generated._runtime.coefficients import AlgebraicCoefficients
from tests.test_user_models import generated_module
from verify import sample

SHIFTED = (Wigner(1) + 3).inverse()
PARALLEL = ((Wishart("1/2") + 1).inverse() + Wishart(1)).inverse()
a = Parameter("a", domain="(0, 1)", typical=(0.2, 0.8))


def algebraic_law(expression: Ensemble, *parameters: Parameter) -> Algebraic:
    law = law_of(Model("t", parameters, expression))
    assert isinstance(law, Algebraic)
    return law


def coefficients(law: Algebraic) -> AlgebraicCoefficients:
    """What a module without parameters hands to its kernels."""
    from derive.laws import G, z

    def rows(polynomial: sp.Expr) -> list[list[Fraction]]:
        p = sp.Poly(polynomial, G, z)
        return [
            [Fraction(str(p.coeff_monomial(G**i * z**j))) for j in range(p.degree(z) + 1)]
            for i in range(p.degree(G) + 1)
        ]

    symbols = [value.symbol for value in law.values]

    def function(mean: sp.Expr | None, count: int) -> object:
        return None if mean is None else sp.lambdify(symbols[:count], mean)

    values = [(rows(v.polynomial), function(v.mean, k)) for k, v in enumerate(law.values)]
    return AlgebraicCoefficients(rows(law.polynomial), (), function(law.mean, len(symbols)), values)  # type: ignore[arg-type]


def test_the_mean_of_an_inverse_is_minus_g_at_0() -> None:
    law = algebraic_law(SHIFTED)
    (value,) = law.values
    wanted = (3 - sp.sqrt(5)) / 2
    assert law.mean == -value.symbol
    found = [m.subs(value.symbol, -wanted) for m in moments(law, 4)]
    x = sp.Symbol("x")
    density = sp.sqrt(4 - x**2) / (2 * sp.pi)
    for k, m in enumerate(found):
        assert float(m) == pytest.approx(
            float(sp.Integral(density / (x + 3) ** k, (x, -2, 2)).evalf(20)), rel=1e-14
        )


def test_the_density_is_the_image_of_the_semicircle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = generated_module(
        tmp_path, "shifted", "MODEL = Model('t', (), expression=(Wigner(1) + 3).inverse())", monkeypatch
    )
    law = module.law()
    x = np.linspace(0.2, 1, 402)[1:-1]
    wanted = np.sqrt((1 - 1 / x + 4) * (1 / x - 1)) / (2 * np.pi * x**2)
    np.testing.assert_allclose(law.pdf(x), wanted, rtol=1e-13)
    assert law.support() == (pytest.approx(0.2, rel=1e-15), 1.0)
    assert law.uncertified == ()
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(law.cdf(law.ppf([0.1, 0.5, 0.9])), [0.1, 0.5, 0.9], rtol=1e-13)
    z = np.array([2 + 1j, 0.5 + 0.01j, -3 + 0.5j, 40 - 30j, 1e8 + 1j])
    inner = (1 / z - 3 - np.sqrt(1 / z - 5) * np.sqrt(1 / z - 1)) / 2
    np.testing.assert_allclose(module.stieltjes(z[:4]), (1 / z - inner / z**2)[:4], rtol=1e-13)
    assert module.stieltjes(z[4]) == pytest.approx(1 / z[4], rel=1e-7)
    place, _ = module.outliers(3.0)
    assert module.stieltjes(place).real == pytest.approx(1 / 3, rel=1e-13)
    mean = (3 - 5**0.5) / 2
    np.testing.assert_allclose(module.moments(2), [1, mean, mean / 5**0.5], rtol=1e-15)
    np.testing.assert_allclose(module.free_cumulants(2), [mean, mean / 5**0.5 - mean**2], rtol=1e-14)


def test_a_moebius_image_with_a_parameter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """(W + 3)/(3 W + 7), the image of W + 1 for a Wishart matrix W: x = (7 y - 3)/(1 - 3 y)."""
    body = (
        "a = Parameter('a', domain='(0, 1)', typical=(0.2, 0.8))\n"
        "MODEL = Model('t', (a,), expression=(Wishart(a) + 1).moebius(1, 2, 3, 4))"
    )
    module = generated_module(tmp_path, "moebius", body, monkeypatch)
    for ratio in (0.3, 0.75):
        low, high = (1 - ratio**0.5) ** 2, (1 + ratio**0.5) ** 2
        x = np.linspace(low, high, 52)[1:-1]
        y = (x + 3) / (3 * x + 7)
        wanted = np.sqrt((high - x) * (x - low)) / (2 * np.pi * ratio * x) * (3 * x + 7) ** 2 / 2
        np.testing.assert_allclose(module.density(y, ratio), wanted, rtol=1e-10)
        edges = sorted((t + 3) / (3 * t + 7) for t in (low, high))
        np.testing.assert_allclose(module.support(ratio), [edges], rtol=1e-14)
    both = module.moments(1, [0.3, 0.75])
    assert both.shape == (2, 2)
    assert both[1, 0] == pytest.approx(module.moments(1, 0.3)[1], rel=1e-15)


def test_inverses_of_sums_of_inverses_are_those_of_matrices() -> None:
    law = algebraic_law(PARALLEL)
    assert [value.mean is None for value in law.values] == [True, False]
    found = coefficients(law)
    prepared = algebraic.prepare(found.rows, mean=means.mean_of(found))
    assert prepared.uncertified == ()
    wanted = algebraic.moments(prepared, 3)[1:, 0]
    n, rng = 100, np.random.default_rng(7)
    model = Model("t", (), PARALLEL)
    spectra = [np.linalg.eigvalsh(sample(model, n, rng, beta=2)) for _ in range(16)]
    for k in (1, 2, 3):
        traces = [np.mean(spectrum**k) for spectrum in spectra]
        assert abs(np.mean(traces) - wanted[k - 1]) < 6 * np.std(traces) / 4 + 20 / n**2


def test_the_mean_is_the_same_in_balls_and_in_the_evaluators() -> None:
    for expression in (SHIFTED, PARALLEL, SHIFTED @ Wishart(2), (SHIFTED - 1) ** 2):
        law = algebraic_law(expression)
        ball, number = mean_at(law, {}), means.mean_of(coefficients(law))
        assert number is not None
        assert abs(float(arb(fmpq(number.numerator, number.denominator)) - ball)) < 1e-15
        with ctx.workprec(300):
            assert arb(fmpq(number.numerator, number.denominator)).overlaps(ball)


def test_equal_laws_have_equal_means_and_their_difference_none() -> None:
    twins = (2 * (Wigner(1) + 3)).inverse() - (2 * (Wigner(1) + 3)).inverse()
    assert algebraic_law(twins).mean == 0
    reading = read(twins, "H", setting_of(twins))
    assert reading.cumulants(1, None)[0].numerator.is_zero()
    assert len(reading.setting.named) == 1


def test_an_inverse_twice_needs_no_name() -> None:
    twice = SHIFTED.inverse()
    reading = read(twice, "H", setting_of(twice))
    assert reading.setting.named == {}
    assert reading.relation == read(Wigner(1) + 3, "H", Setting(())).relation


def test_a_wrong_mean_is_caught() -> None:
    law = algebraic_law(SHIFTED)
    setting = setting_of(SHIFTED)
    branch_section(setting, law).steps[0].certificate.check()
    assert law.mean is not None
    with pytest.raises(CertificateError, match="no simple root"):
        OwnMean(replace(law, mean=law.mean + sp.Rational(1, 10**30)), ({},)).check()
    (value,) = law.values
    other = replace(value, side=-value.side if value.side else None)
    with pytest.raises(CertificateError, match="closed form"):
        OwnMean(replace(law, values=(other,)), ({},)).check()
    wrong = replace(value, minimal=value.minimal + 1)
    with pytest.raises(CertificateError, match="no root of"):
        OwnMean(replace(law, values=(wrong,)), ({},)).check()
    rows = coefficients(law).rows
    with pytest.raises(ValueError, match="several branches have G ~ 1/z"):
        algebraic.prepare(rows)
    with pytest.raises(ArithmeticError, match="no simple root"):
        algebraic.prepare(rows, mean=Fraction(2, 5))


def test_what_is_refused() -> None:
    with pytest.raises(ModelError, match="setting_of"):
        read(SHIFTED, "H", Setting(())).cumulants(1, None)
    with pytest.raises(ArithmeticError, match="no simple root"):
        refined([Fraction(1), Fraction(-2), Fraction(1)], Fraction(1001, 1000), Fraction(1))


def test_the_derivation_says_which_branch() -> None:
    derivation = derive(Model("t", (a,), (Wishart(a) + 1).inverse()))
    section = next(s for s in derivation.sections if s.title == "The branch at infinity")
    (step,) = section.steps
    assert "continued from infinity" in step.rule
    law = derivation.law
    assert isinstance(law, Algebraic)
    (value,) = law.values
    known = {a.symbol: fmpq(1, 2)}
    mean = mean_at(law, known)
    assert float(mean) == pytest.approx((17**0.5 - 3) / 2, rel=1e-15)  # G of Wishart(1/2) at -1
    assert mean is not None
    with ctx.workprec(200):
        balls = [value_of(m, {**known, value.symbol: -mean}) for m in moments(law, 3)]
    closed = derivation.closed_forms["moments"](3)
    assert all(m.free_symbols <= {a.symbol} for m in closed)
    found = [float(m.subs(a.symbol, sp.Rational(1, 2))) for m in closed]
    assert found == pytest.approx([float(arb(ball)) for ball in balls], rel=1e-15)


def test_moments_of_a_number_of_degree_3() -> None:
    """No closed form: polynomials of degree 2 in the number, of the values that the balls have."""
    expression = (Wishart(a) @ Wishart(a) + 1).inverse()
    setting = setting_of(expression, (a.symbol,), (a.symbol, 1 - a.symbol))
    reading = read(expression, "H", setting)
    law = algebraic_law(expression, a)
    (value,) = law.values
    assert value.side is None
    found = moments(law, 5)
    assert all(sp.degree(m, value.symbol) == 2 for m in found[2:])
    mean = mean_at(law, {a.symbol: fmpq(1, 3)})
    assert mean is not None
    with ctx.workprec(300):
        wanted = moments_of(reading, 5, {a.symbol: Fraction(1, 3)})
        for one, other in zip(found[1:], wanted, strict=True):
            assert arb(value_of(one, {a.symbol: fmpq(1, 3), value.symbol: -mean})).overlaps(arb(other))
            assert other.rad() < arb(10) ** -60


def test_critical_values_of_an_inverse_are_those_of_the_law_that_is_inverted() -> None:
    """rho(1/y)/y^2 with rho(x) ~ sqrt(3)/(2 pi) |x - 6|^(1/3): two bands meet at 1/6."""
    v, b = Parameter("v", domain="(0, 4)"), Parameter("b", domain="(5, 8)", typical=(5.5, 7.5))
    levels = Atoms((-1, 1), ("1/2", "1/2")) + Wigner(v)
    (value,) = critical_values(Model("t", (v,), (levels + 6).inverse()), "v").values
    assert value.value.exact == 1
    assert value.bands == (2, 1)
    (event,) = value.events
    assert event.place is not None
    assert event.place.exact == sp.Rational(1, 6)
    assert event.right is not None
    assert event.right.exponent == sp.Rational(1, 3)
    assert (
        sp.simplify(event.right.coefficient.exact - sp.sqrt(3) / (2 * sp.pi) * 36 ** sp.Rational(4, 3)) == 0
    )
    curves = critical_curves(Model("t", (v, b), (levels + b).inverse()), "v", over="b")
    assert len(curves.cells) == 1
    (branch,) = curves.cells[0].branches
    assert branch.closed == 1


def test_critical_values_where_a_block_touches_an_inverse() -> None:
    """A block of noise touches the block of the inverse where 2 sqrt(v) is the latter's lower edge."""
    v = Parameter("v", domain="(0, 1)", typical=(0.1, 0.5))
    shifted = (Wishart("1/4") + 1).inverse()
    found = critical_values(Model("t", (v,), DirectSum((shifted, Wigner(v)), ("1/2", "1/2"))), "v")
    law = law_of(Model("t", (v,), DirectSum((shifted, Wigner(v)), ("1/2", "1/2"))))
    assert isinstance(law, Algebraic)
    assert law.mean is not None
    low = 1 / (1 + sp.Rational(9, 4))  # the block's lower edge
    assert [value.value.exact for value in found.values if value.bands == (2, 1)] == [low**2 / 4]


def test_the_documentation_shows_it() -> None:
    page = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
    found = doctest.testfile(str(page), module_relative=False)
    assert found.attempted >= 3
    assert found.failed == 0
