"""Degenerate parameters and the crossover at phi = 1, held against the law next to them."""

from functools import cache

import pytest
import sympy as sp
from test_analysis_edges import LAWS, eps, equation, phi, sigma
from test_analysis_index import density, index_of

from derive import load
from derive.algebra.radicals import vanishes
from derive.algebra.signs import Undecided
from derive.analysis.crossover import LeadingTerm, U, crossover
from derive.analysis.degenerate import degenerate
from derive.derivation import CertificateError
from derive.laws import G, Levy


@cache
def derived(name):
    return degenerate(load(name), LAWS[name], equation(LAWS[name]))


def test_energy_zero():
    _, cubic = derived("wishart_wigner")
    rest = cubic["at_zero"][eps]
    assert (rest.mean, rest.poles, rest.weights) == (1, (phi,), (phi,))
    _, residual = derived("relu_residual")
    assert residual["at_zero"][eps] is None


def test_index_jumps_at_energy_zero():
    for name, ratio in (("wishart_wigner", sp.S(3)), ("relu_hessian", sp.Rational(3, 2))):
        _, forms = derived(name)
        value = forms["index_at_zero_energy"][0][0].subs(phi, ratio)
        index = index_of(name)
        point = {phi: ratio, sigma: sp.S(2), eps: sp.Rational(1, 10**12)}
        near = sp.re(sp.N(index["index"].subs(point), 40))
        assert abs(near - value) < 1e-5
    _, forms = derived("relu_hessian")
    level, condition = forms["index_at_zero_energy"][1]
    assert vanishes(level - 1 / (2 * phi))
    assert vanishes(condition - 1 + 2 / phi)


def test_merging_poles():
    _, forms = derived("relu_hessian")
    ((symbol, value, merged),) = forms["merging_poles"]
    assert symbol == eps
    assert vanishes(value - 2 * sigma**2)
    assert len(merged.poles) == 2
    assert vanishes(sum(merged.weights) - 2 * phi * sigma**2)


@pytest.mark.parametrize(
    ("name", "ratio", "power"),
    [("marchenko_pastur", 1, 2), ("relu_residual", 1, 3), ("relu_hessian", 2, 2)],
)
def test_singular_density(name, ratio, power):
    section, forms = derived(name)
    symbol, value, exponent = forms["singular_place"]
    assert (symbol, value, exponent) == (phi, ratio, sp.Rational(-1, power))
    point = {phi: sp.S(ratio), eps: sp.Rational(3, 4), sigma: sp.Rational(5, 4)}
    shown = next(s for s in section.steps if s.name == "rates that sum to 1").equation[1].rhs
    place = 1e-9
    expected = float(shown.subs(point).subs({sp.Symbol("x"): place, sp.Symbol("x_0"): 0}))
    assert density(LAWS[name], point)(place) == pytest.approx(expected, rel=1e-2)


def test_wrong_equation_is_caught():
    law = LAWS["relu_hessian"]
    with pytest.raises(CertificateError):
        degenerate(load("relu_hessian"), law, equation(law) + eps * sigma * G**2)
    with pytest.raises(CertificateError):
        degenerate(load("relu_hessian"), law, equation(law) + sigma * G)


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
def test_crossover(name):
    law = LAWS[name]
    _, forms = crossover(load(name), law, equation(law))
    index = index_of(name)
    shape, solved = forms["crossover"]
    point = {sigma: sp.Rational(3, 2)}
    delta, y = sp.Rational(1, 10**6), sp.Rational(7, 2)
    near = sp.re(sp.N(index["index"].subs(point).subs({phi: 1 - delta, eps: delta**3 * y}), 60))
    roots = sp.Poly(sp.numer(sp.together(solved.subs(point) - y)), U).nroots(n=30)
    u = max(roots, key=sp.im)
    inner = shape.subs(point).subs(U, u).replace(sp.Function("Im"), sp.im)
    assert abs(sp.N(inner, 20) - near / delta) < 1e-4
    at_one = sp.re(sp.N(index["index"].subs(point).subs({phi: 1, eps: sp.Rational(1, 10**15)}), 60))
    assert (
        abs(at_one / sp.N(forms["index_at_one"].subs(point).subs(eps, sp.Rational(1, 10**15)), 30) - 1) < 1e-3
    )


def test_crossover_refusals():
    assert crossover(load("semicircle"), LAWS["semicircle"], equation(LAWS["semicircle"]))[1] == {}
    odd = Levy(sp.S.One, (sp.S.Zero, phi), (eps**2, phi))
    with pytest.raises(Undecided):
        crossover(load("wishart_wigner"), odd, equation(odd))
    with pytest.raises(CertificateError):
        LeadingTerm(sp.Symbol("delta", positive=True) ** 2 * U, 1, U).check()
