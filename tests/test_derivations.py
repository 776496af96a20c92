"""Derivations end to end: the five models, users' models, what is refused and what stays open."""

import dataclasses

import mpmath
import pytest
import sympy as sp

from derive import (
    Gaussian,
    Hermitised,
    Model,
    ModelError,
    Parameter,
    Stated,
    Wigner,
    Wishart,
    derive,
    load,
    names,
)
from derive.algebra.polynomials import canonical
from derive.algebra.radicals import vanishes
from derive.analysis.printed_densities import TITLE, Moment, printed_densities
from derive.analysis.recognition import NotLevy, partial_fractions, recognise
from derive.derivation import CertificateError, Definition
from derive.language.parameters import PB17, Source
from derive.laws import Algebraic, G, Levy, g, w, x, z
from derive.pipeline import domain_facts
from derive.transforms.curves import Setting
from derive.transforms.densities import marchenko_pastur, semicircle
from tests.derived import all_derivations

eps, phi, sigma = sp.symbols("eps phi sigma", positive=True)
half, third = sp.Rational(1, 2), sp.Rational(1, 3)
A, B = Parameter("a"), Parameter("b")
V = Parameter("v", domain="[0, oo)")
a, b, v = A.symbol, B.symbol, V.symbol
HERE = Source("a test", "here")


@pytest.fixture
def derivations():
    return all_derivations()


PRINTED = {
    "semicircle": (sigma**2 * g, G * z - sigma**2 * G**2 - 1),
    "marchenko_pastur": (
        sigma / (1 - sigma * phi * g),
        -sigma * phi * z * G**2 + (z + sigma * phi - sigma) * G - 1,
    ),
    "wishart_wigner": (
        1 / (1 - phi * g) + 2 * eps * g,
        2 * eps * phi * G**3 - (2 * eps + z * phi) * G**2 + (z + phi - 1) * G - 1,
    ),
    "relu_residual": (
        eps * phi * g / (2 - eps * phi**2 * g**2),
        -eps * phi**2 * z * G**3 + eps * phi * (phi - 1) * G**2 + 2 * z * G - 2,
    ),
    "relu_hessian": (
        sigma / (1 - sigma * phi * g) + eps * phi * g / (2 - eps * phi**2 * g**2),
        2 * (z - sigma * (1 - phi)) * G
        - phi * (2 * sigma * z + eps * (1 - phi)) * G**2
        - eps * phi**2 * (z + sigma * (phi - 2)) * G**3
        + z * eps * sigma * phi**3 * G**4
        - 2,
    ),
}


@pytest.mark.parametrize("name", PRINTED)
def test_transforms_and_equations(name, derivations):
    r_transform, equation = PRINTED[name]
    found = derivations[name]
    assert vanishes(found.closed_forms["r_transform"] - r_transform)
    assert sp.expand(found.equation - equation) == 0
    assert found.equation.subs(G, 0) in (-1, -2)
    assert isinstance(found.law, Levy)
    assert vanishes(found.law.r_transform() - r_transform)


def test_laws_of_the_models(derivations):
    jump = phi * sp.sqrt(eps / 2)
    expected = {
        "semicircle": {0: sigma**2},
        "marchenko_pastur": {sigma * phi: sigma**2 * phi},
        "wishart_wigner": {sp.S.Zero: 2 * eps, phi: phi},
        "relu_residual": {jump: eps * phi / 4, -jump: eps * phi / 4},
        "relu_hessian": {sigma * phi: sigma**2 * phi, jump: eps * phi / 4, -jump: eps * phi / 4},
    }
    for name, jumps in expected.items():
        law = derivations[name].law
        assert dict(zip(law.poles, law.weights, strict=True)) == jumps, name


@pytest.mark.parametrize("name", names())
def test_every_step_is_certified_and_only_definitions_claim_nothing(name, derivations):
    for step in derivations[name].steps:
        step.certificate.check()
        assert step.name
        assert step.certificate.summary
        assert isinstance(step.certificate, Definition) == (step.certificate.summary == "definition")
    titles = [section.title for section in derivations[name].sections]
    assert titles[:4] == ["Transforms", "Equation", "The law", "The branch"]


def test_stated_formulas_of_the_models_are_all_compared(derivations):
    for name, found in derivations.items():
        compared = [s for section in found.sections if section.title == "As printed" for s in section.steps]
        assert len(compared) == len(load(name).stated), name


def test_the_residual_passes_through_its_s_transforms(derivations):
    rules = [step.name for step in derivations["relu_residual"].steps]
    for word in ("S-transform", "Free product", "Transposition", "Squaring"):
        assert any(word in rule for rule in rules), word


@pytest.mark.parametrize("what", ["r_transform", "equation"])
def test_a_contradiction_refuses_the_model_and_names_both_formulas(what):
    model = load("wishart_wigner")
    wrong = tuple(
        dataclasses.replace(s, formula=s.formula.subs(eps, 3 * eps)) if s.what == what else s
        for s in model.stated
    )
    with pytest.raises(ModelError, match=r"contradicts the derivation: stated .*6\*eps.* derived .*2\*eps"):
        derive(dataclasses.replace(model, stated=wrong))


def test_a_wrong_critical_energy_refuses_the_model():
    model = load("wishart_wigner")
    wrong = tuple(
        dataclasses.replace(s, formula=s.formula + eps - eps + sp.Rational(1, 10**9))
        if s.what == "critical_energy"
        else s
        for s in model.stated
    )
    with pytest.raises(ModelError, match="critical_energy"):
        derive(dataclasses.replace(model, stated=wrong))


def test_a_misprint_is_shown_and_must_be_one():
    expression = Wishart(ratio=A)
    misprint = Stated("r_transform", 1 / (1 + a * g), HERE, agrees=False, remark="the sign is wrong")
    found = derive(Model("law", (A,), expression, (misprint,)))
    step = found.sections[-1].steps[0]
    assert step.rule == "the sign is wrong"
    assert len(step.equation) == 2
    right = dataclasses.replace(misprint, formula=1 / (1 - a * g))
    with pytest.raises(ModelError, match="declared a misprint"):
        derive(Model("law", (A,), expression, (right,)))


def test_the_stated_equation_may_carry_a_factor_without_g():
    stated = Stated("equation", 3 * (1 + z) * (a * z * G**2 - (z + a - 1) * G + 1), HERE)
    assert derive(Model("law", (A,), Wishart(ratio=A), (stated,))).sections


def test_a_stated_formula_with_a_foreign_symbol_is_refused():
    stated = Stated("r_transform", 1 / (1 - sp.Symbol("b") * g), HERE)
    with pytest.raises(ModelError, match=r"contains b, which is neither"):
        derive(Model("law", (A,), Wishart(ratio=A), (stated,)))


SEMICIRCLE = sp.sqrt(4 * v - x**2) / (2 * sp.pi * v)
LOW, HIGH = (1 - sp.sqrt(a)) ** 2, (1 + sp.sqrt(a)) ** 2
POISSON = sp.sqrt((x - LOW) * (HIGH - x)) / (2 * sp.pi * a * x)


@pytest.mark.parametrize(
    ("expression", "parameter", "what", "formula", "wrong"),
    [
        (Wigner(V), V, "density", SEMICIRCLE, 2 * SEMICIRCLE),
        (Wigner(V), V, "density", SEMICIRCLE, -SEMICIRCLE),
        (Wishart(A), A, "density", POISSON, POISSON.subs(x, x + 1)),
        (Wigner(V), V, "edge", (-2 * sp.sqrt(v), 2 * sp.sqrt(v)), (-2 * v, 2 * v)),
        (Wishart(A), A, "edge", (LOW, HIGH), (LOW, LOW + HIGH)),
    ],
)
def test_printed_densities_and_edges_are_compared(expression, parameter, what, formula, wrong):
    found = derive(Model("law", (parameter,), expression, (Stated(what, formula, HERE),)))
    assert found.sections[-1].steps[0].certificate.summary
    misprint = Stated(what, wrong, HERE, agrees=False)
    assert derive(Model("law", (parameter,), expression, (misprint,))).sections[-1].steps
    for stated in (Stated(what, wrong, HERE), Stated(what, formula, HERE, agrees=False)):
        with pytest.raises(ModelError, match=what):
            derive(Model("law", (parameter,), expression, (stated,)))


def test_an_unknown_kind_of_formula_is_refused():
    with pytest.raises(ModelError, match="the kinds are equation"):
        derive(Model("law", (A,), Wishart(A), (Stated("densty", POISSON, HERE),)))


def test_a_radical_r_transform_is_held_against_the_relation():
    """The free product of two unit Poisson laws: R solves g^2 R^3 ... = 0; a wrong radical is refused."""
    wrong = Stated("r_transform", 1 / sp.sqrt(1 - 4 * g), HERE)
    with pytest.raises(ModelError, match="contradicts"):
        derive(Model("law", (), Wishart(1) @ Wishart(1), (wrong,)))


# --- users' models -------------------------------------------------------------------------------


def law_of(expression, *parameters):
    return derive(Model("a user's model", parameters, expression))


def test_three_wisharts_and_a_wigner_symbolic():
    found = law_of(
        Wishart(ratio=A) + Wishart(ratio=B, scale=2) + Wishart(ratio=half) + Wigner(variance=V), A, B, V
    )
    jumps = dict(zip(found.law.poles, found.law.weights, strict=True))
    assert jumps == {sp.S.Zero: v, a: a, 2 * b: 4 * b, half: half}
    assert found.law.mean == 4
    assert sp.Poly(found.equation, G).degree() == 5
    meeting = next(step for step in found.steps if step.name == "The jumps are distinct")
    assert "merge" in meeting.rule


def test_three_wisharts_and_a_wigner_numeric():
    found = law_of(Wishart(ratio=half) + Wishart(ratio=third) + Wishart(ratio=2) + Wigner(variance=0.25))
    assert set(found.law.poles) == {0, half, third, 2}
    meeting = next(step for step in found.steps if step.name == "The jumps are distinct")
    assert "No two of them meet anywhere" in meeting.rule


def test_equal_jumps_merge_and_their_weights_add():
    found = law_of(Wishart(ratio=A) + Wishart(ratio=A) + Wishart(ratio=2 * A, scale=half), A)
    assert found.law == Levy(sp.Rational(5, 2), (a,), (2 * a + a / 2,)) or (
        found.law.poles == (a,) and sp.expand(found.law.weights[0] - sp.Rational(5, 2) * a) == 0
    )
    assert sp.Poly(found.equation, G).degree() == 2


def test_negative_scaling_and_shift():
    found = law_of(-2 * Wishart(ratio=A) + 3 + Wigner(variance=V) / 2, A, V)
    assert found.law.mean == 1
    assert dict(zip(found.law.poles, found.law.weights, strict=True)) == {0: v / 4, -2 * a: 4 * a}


def test_a_difference_of_wisharts_stays_in_the_class():
    found = law_of(Wishart(ratio=A) - Wishart(ratio=B), A, B)
    assert set(found.law.poles) == {a, -b}
    meeting = next(step for step in found.steps if step.name == "The jumps are distinct")
    assert "No two of them meet anywhere" in meeting.rule


@pytest.mark.parametrize(
    ("expression", "parameters", "degree"),
    [
        (Wishart(ratio=A) @ Wishart(ratio=B) + Wigner(variance=V), (A, B, V), 5),
        (Wishart(ratio=A) @ Wishart(ratio=half) @ Wishart(ratio=2), (A,), 4),
        (Hermitised(Gaussian(third, half) @ Gaussian(half, 2 * third)) + Wigner(1), (), 5),
    ],
)
def test_algebraic_laws(expression, parameters, degree):
    found = law_of(expression, *parameters)
    assert isinstance(found.law, Algebraic)
    assert sp.Poly(found.equation, G).degree() == degree
    assert found.limits


def test_a_rational_r_transform_outside_the_class_is_algebraic_and_says_why():
    found = law_of((Wigner(2) + 4) @ (Wigner(2) + 5))
    assert isinstance(found.law, Algebraic)
    assert found.law.r is not None
    assert any("double pole" in limit for limit in found.limits)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (g / (1 - a * g) - g / (1 + g), "negative"),
        ((a - 1) * g / (1 - g), "not positive on all"),
        (g**2, "faster"),
        (g / (1 - g) ** 2, "double pole"),
        (g / (1 + g**2), "discriminant"),
        (g / (1 - g - g**3), "degree 3"),
    ],
)
def test_what_leaves_the_class(value, reason):
    setting = Setting((a,))
    with pytest.raises(NotLevy, match=reason):
        partial_fractions(setting, setting.fraction(value))


def test_quadratic_jumps_with_different_weights():
    """1/(1 - g - g^2): the golden ratio and its conjugate, weights in their field."""
    setting = Setting(())
    value = 2 + (3 * g + g**2) / (1 - g - g**2)
    law = partial_fractions(setting, setting.fraction(value))
    assert vanishes(law.r_transform() - value)
    assert law.weights[0] != law.weights[1]
    planted = dataclasses.replace(law, weights=law.weights[::-1])
    assert not vanishes(planted.r_transform() - value)


def test_recognition_names_the_open_question():
    setting = Setting((a,))
    equation = canonical(G * z - 1 - (a - 1) * G**2)
    law, _, limits = recognise(setting, setting.fraction((a - 1) * g), equation)
    assert isinstance(law, Algebraic)
    assert "not positive on all of the domain" in limits[0]


@pytest.mark.parametrize("name", names())
def test_the_branch_theorem_on_random_points(name, derivations):
    """For Im z > 0 exactly one root has Im w > 0; for real z there is at most one complex pair."""
    law = derivations[name].law
    h = sp.together(w + law.mean + sum(c / (w - p) for p, c in zip(law.poles, law.weights, strict=True)) - z)
    numerator = sp.Poly(sp.numer(h), w)
    for k, at in enumerate([sp.Rational(-7, 3), sp.Rational(1, 50), sp.Rational(9, 4), sp.Integer(40)]):
        values = {eps: sp.Rational(k + 1, 7), phi: sp.Rational(2 * k + 1, 3), sigma: sp.Rational(k + 2, 3)}
        for height, upper in ((sp.Rational(1, 1000), {1}), (0, {0, 1})):
            shifted = numerator.as_expr().subs(values).subs(z, at + sp.I * height)
            roots = mpmath.polyroots(
                [mpmath.mpmathify(c) for c in sp.Poly(shifted, w).all_coeffs()], maxsteps=300, extraprec=300
            )
            assert sum(mpmath.im(root) > mpmath.mpf(10) ** -12 for root in roots) in upper


# --- data that are refused ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "parameters", "message"),
    [
        (Wigner(variance=V - 1), (V,), "variance of Wigner is v - 1, which is not positive everywhere"),
        (Wishart(ratio=1 - A), (A,), "ratio of Wishart is 1 - a"),
        (Wigner(variance=sp.sqrt(a)), (A,), "rational functions"),
        ((A - 1) * Wishart(ratio=half), (A,), "vanishes somewhere"),
        (Wigner(1) @ Wigner(V), (V,), "not nonnegative"),
    ],
)
def test_wrong_data_are_refused(expression, parameters, message):
    with pytest.raises(ModelError, match=message):
        law_of(expression, *parameters)


def test_domains_count():
    unit = Parameter("u", domain="(0, 1)", typical=(0.1, 0.9))
    found = law_of(Wigner(variance=1 - unit), unit)
    assert found.law.weights == (1 - unit.symbol,)
    both = law_of(Wishart(ratio=unit, scale=1 - unit) + Wigner(unit), unit)
    assert len(both.law.poles) == 2
    facts = domain_facts((unit, Parameter("s", domain="(-1, oo)"), A))
    assert set(facts) == {1 - unit.symbol, sp.Symbol("s", real=True) + 1}


def test_a_multiple_of_the_identity_is_refused():
    with pytest.raises(ModelError, match="leave the term out"):
        law_of(Wigner(0) + 1)


# --- the densities, and what the paper prints -------------------------------------------------------


@pytest.mark.parametrize("ratio", [phi, half, sp.Integer(1), sp.Integer(3), 1 / phi])
def test_atoms_derive_from_their_densities(ratio):
    steps = marchenko_pastur(ratio, sp.S.One, "H")
    assert (
        vanishes(steps[-1].equation.rhs - 1 / (1 - ratio * g))
        if not isinstance(steps[-1].equation, tuple)
        else vanishes(steps[-1].equation[-1].rhs - 1 / (1 - ratio * g))
    )
    assert len(semicircle(eps * phi, "H")) > 4


def test_a_wrong_density_or_transform_fails(monkeypatch):
    """The printed density with its edges at sigma^2 but its prefactor at sigma has another jump."""
    import derive.transforms.densities as densities

    right = densities._explicit
    monkeypatch.setattr(densities, "_explicit", lambda q, c: right(q, c) * 2)
    with pytest.raises(CertificateError):
        densities._marchenko_pastur(phi, sigma, "H")


@pytest.mark.parametrize("name", ["semicircle", "marchenko_pastur"])
def test_eqs_6_to_8_are_held_against_their_matrices(name, derivations):
    assert TITLE in [section.title for section in derivations[name].sections]
    model = load(name)
    assert printed_densities(model)
    assert not printed_densities(dataclasses.replace(model, source=Source("another paper", "eq. 1")))


def test_moments_of_densities_are_certified():
    from derive.analysis.printed_densities import x

    density = sp.sqrt(4 - x**2) / (2 * sp.pi)
    antiderivative = x * density / 2 + sp.asin(x / 2) / sp.pi
    Moment(density, 0, (-2, 2), antiderivative, sp.S.One).check()
    for wrong in (
        Moment(density, 0, (-2, 2), antiderivative, sp.Integer(2)),
        Moment(density, 2, (-2, 2), antiderivative, sp.S.One),
        Moment(2 * density, 0, (-2, 2), antiderivative, sp.S.One),
    ):
        with pytest.raises(CertificateError):
            wrong.check()


def test_source_of_the_models_is_the_paper():
    assert {load(name).source.work for name in names()} == {PB17}


def test_decimals_mean_the_fractions_they_spell():
    found = law_of(Wishart(ratio=0.123456789012345) + Wigner(V * 0.1), V)
    assert found.law.poles == (0, sp.Rational(24691357802469, 200000000000000))
    assert found.law.weights[0] == v / 10
