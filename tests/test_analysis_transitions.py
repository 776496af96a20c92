"""Transitions: merging bands, zero in a gap, re-entrance; held against direct counting and the index."""

from functools import cache

import pytest
import sympy as sp
from test_analysis_edges import LAWS, eps, equation, phi, sigma

from derive import Model, Parameter, Wigner, Wishart, law_of, load
from derive.algebra.radicals import vanishes
from derive.algebra.signs import Undecided
from derive.analysis.levy_curve import Curve
from derive.analysis.transitions import BandCounts, CubedFactor, band_count, transitions
from derive.derivation import CertificateError
from derive.laws import Levy, w


@cache
def derived(name):
    return transitions(load(name), LAWS[name], equation(LAWS[name]))


def test_cubic_merging_energy():
    _, forms = derived("wishart_wigner")
    value = forms["merging_energy"]
    assert vanishes(value - phi * (sp.cbrt(phi) - 1) ** 3 / 2)
    at = value.subs(phi, 8)
    curve = Curve(LAWS["wishart_wigner"])
    assert at == 4
    assert band_count(curve, {phi: sp.S(8), eps: at - sp.Rational(1, 10**6)}) == 2
    assert band_count(curve, {phi: sp.S(8), eps: at + sp.Rational(1, 10**6)}) == 1
    assert band_count(curve, {phi: sp.S(8), eps: at}) == 1  # a cusp is no edge


def test_residual_condition():
    _, forms = derived("relu_residual")
    name, condition = forms["transitions"][0]
    assert name == "two bands"
    assert condition == sp.Gt(phi, 1, evaluate=False)


def test_quartic_zero_in_a_gap():
    section, forms = derived("relu_hessian")
    value = forms["gap_at_zero_energy"]
    point = {phi: sp.Rational(7, 4), sigma: sp.Rational(1, 2)}
    at = sp.N(value.subs(point), 40)
    curve = Curve(LAWS["relu_hessian"])
    cubic = sp.cancel(curve.polynomial.subs(sp.Symbol("x"), 0) / w)
    for factor, real in ((sp.Rational(999, 1000), 1), (sp.Rational(1001, 1000), 3)):
        energy = sp.nsimplify(at, rational=True, tolerance=1e-12) * factor
        roots = sp.Poly(cubic.subs(point).subs(eps, energy), w)
        assert roots.count_roots() == real
        if real == 3:
            slope = sp.diff(curve.rational, w).subs(point).subs(eps, energy)
            physical = [r for r in roots.nroots(n=30) if slope.subs(w, r) > 0]
            assert len(physical) == 1
            jump = point[phi] * sp.sqrt(energy / 2)
            assert -jump < physical[0] < 0
    assert ("index in the gap", sp.Eq(sp.Symbol("alpha"), 1 / (2 * phi), evaluate=False)) in forms[
        "transitions"
    ]
    assert any(step.name == "atom at 0" for step in section.steps)
    assert forms["index_levels"][1][1].subs(phi, 2)
    assert forms["index_levels"][1][1].subs(phi, 3)


def test_quartic_is_reentrant():
    section, _ = derived("relu_hessian")
    counts = next(step for step in section.steps if step.name == "number of bands").equation
    assert [tuple(item.rhs) for item in counts] == [(1, 1), (2, 1, 1, 2, 3), (3, 2, 2, 3)]


def test_planted_errors_are_caught():
    curve = Curve(LAWS["wishart_wigner"])
    with pytest.raises(CertificateError):
        BandCounts(curve, (({phi: sp.S(8), eps: sp.S(1)}, 1),)).check()
    _, forms = derived("wishart_wigner")
    from derive.analysis.edges import edges

    _, found = edges(load("wishart_wigner"), LAWS["wishart_wigner"], equation(LAWS["wishart_wigner"]))
    CubedFactor(found["edge_polynomial"], forms["cusp_polynomial"]).check()
    with pytest.raises(CertificateError):
        CubedFactor(found["edge_polynomial"], forms["cusp_polynomial"] + eps).check()


def test_limits():
    many = Levy(sp.S.One, (sp.S.Zero, phi, 2 * phi, 3 * phi), (eps, phi, phi, phi))
    with pytest.raises(Undecided, match="at most 3 poles"):
        transitions(load("wishart_wigner"), many, equation(many))
    section, forms = derived("semicircle")
    assert section.steps == ()
    assert forms == {"transitions": []}
    spread = Levy(sp.S.Zero, (-phi, sp.S.One), (eps, eps * phi))
    model = load("wishart_wigner")
    forms = transitions(model, spread, equation(spread))[1]
    assert "merging_energy" not in forms
    assert any("bands merge" in limit for limit in forms["limits"])


def test_a_discriminant_of_minutes_is_left_out_and_told():
    a, b, s, v = (Parameter(name) for name in ("a", "b", "s", "v"))
    model = Model("four parameters", (a, b, s, v), Wishart(a, s) + Wishart(b) + Wigner(v))
    law = law_of(model)
    section, forms = transitions(model, law, equation(law))
    assert "cusp_polynomial" not in forms
    assert "cusps" not in [step.name for step in section.steps]
    assert any("598 terms is too large; fix some" in limit for limit in forms["limits"])
