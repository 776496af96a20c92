"""Moments and free cumulants: two routes, known numbers, speed."""

import time

import pytest
import sympy as sp
from test_analysis_edges import LAWS, eps, equation, phi, sigma

from derive import load
from derive.algebra.radicals import vanishes
from derive.algebra.signs import Undecided
from derive.analysis.series import TwoRoutes, free_cumulants, moments, moments_section
from derive.derivation import CertificateError
from derive.laws import Algebraic, G, Levy, z


def test_catalan_numbers():
    assert moments(Levy(sp.S.Zero, (sp.S.Zero,), (sp.S.One,)), 8) == [1, 0, 1, 0, 2, 0, 5, 0, 14]


def test_marchenko_pastur_is_narayana():
    narayana = lambda n, k: sp.binomial(n, k) * sp.binomial(n, k - 1) / n  # noqa: E731
    law = LAWS["marchenko_pastur"]
    for n, moment in enumerate(moments(law, 7)):
        expected = sum(narayana(n, k) * phi ** (n - k) for k in range(1, n + 1)) if n else 1
        assert vanishes(moment - sigma**n * expected)


@pytest.mark.parametrize("name", LAWS)
def test_moments_and_cumulants_to_order_twelve(name):
    values = moments(LAWS[name], 12)
    kappas = free_cumulants(LAWS[name], 12)
    assert len(values) == 13
    assert len(kappas) == 12
    assert values[0] == 1


@pytest.mark.parametrize("name", LAWS)
def test_the_equation_alone_gives_the_same(name):
    law = LAWS[name]
    other = Algebraic(equation(law))
    assert all(vanishes(a - b) for a, b in zip(moments(law, 7), moments(other, 7), strict=True))
    assert all(vanishes(a - b) for a, b in zip(free_cumulants(law, 7), free_cumulants(other, 7), strict=True))
    section, forms = moments_section(load(name), law, equation(law))
    assert len(section.steps) == 2
    assert len(forms["moments"](5)) == 6


def test_a_planted_error_is_caught():
    law = LAWS["wishart_wigner"]
    wrong = Levy(law.mean, law.poles, (2 * eps, phi * (1 + eps)))
    with pytest.raises(CertificateError):
        TwoRoutes(wrong, equation(law), 4).check()


def test_refusals():
    with pytest.raises(ValueError):
        moments(LAWS["semicircle"], -1)
    with pytest.raises(Undecided):
        moments(Algebraic(G**2 * z - 1), 3)
    with pytest.raises(Undecided):
        moments(Algebraic((G * z - 1) ** 2 - G**2 * (G + 1)), 3)


def test_small_orders():
    law = LAWS["wishart_wigner"]
    assert moments(law, 0) == [1]
    assert free_cumulants(law, 0) == []
    assert free_cumulants(law, 1) == [1]


def test_twelve_symbolic_moments_take_a_fraction_of_a_second():
    """On a quiet machine 10 to 30 ms, by either route; the bound leaves room for a busy one."""
    for law in (LAWS["relu_hessian"], Algebraic(equation(LAWS["wishart_wigner"]))):
        seconds = []
        for _ in range(5):
            before = time.process_time()
            moments(law, 12)
            seconds.append(time.process_time() - before)
        assert min(seconds) < 0.2


def test_denominators_that_are_no_monomials():
    """(1 + a)(z G - 1) = a G + a G (z G - 1): the slope at infinity depends on the parameter."""
    a, u = sp.Symbol("a", positive=True), sp.Symbol("u")
    law = Algebraic(sp.expand((1 + a) * (z * G - 1) - a * G - a * G * (z * G - 1)))
    series = sum(m * u ** (n + 1) for n, m in enumerate(moments(law, 4)))
    left = sp.expand(law.polynomial.subs({G: series, z: 1 / u}))
    assert all(sp.cancel(left.coeff(u, k)) == 0 for k in range(5))
    assert sp.cancel(moments(law, 1)[1] - a / (1 + a)) == 0
    TwoRoutes(law, law.polynomial, 6).check()


def test_an_equation_with_fractions_has_the_same_moments():
    law = Algebraic(equation(LAWS["wishart_wigner"]).subs({phi: sp.Rational(1, 2), eps: sp.Rational(1, 7)}))
    wanted = [
        m.subs({phi: sp.Rational(1, 2), eps: sp.Rational(1, 7)}) for m in moments(LAWS["wishart_wigner"], 8)
    ]
    assert moments(law, 8) == wanted
    assert moments(Algebraic(law.polynomial * sp.Rational(3, 5)), 8) == wanted
