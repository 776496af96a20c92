"""Edges and atoms: derived closed forms against independent facts."""

import pytest
import sympy as sp

from derive import Parameter, load
from derive.algebra.polynomials import canonical
from derive.algebra.radicals import vanishes
from derive.analysis.edges import edges
from derive.analysis.levy_curve import Curve
from derive.derivation import CertificateError
from derive.laws import G, Levy, w, x, z

eps, phi, sigma = sp.symbols("eps phi sigma", positive=True)
b = phi * sp.sqrt(eps / 2)
LAWS = {
    "semicircle": Levy(sp.S.Zero, (sp.S.Zero,), (sigma**2,)),
    "marchenko_pastur": Levy(sigma, (sigma * phi,), (sigma**2 * phi,)),
    "wishart_wigner": Levy(sp.S.One, (sp.S.Zero, phi), (2 * eps, phi)),
    "relu_residual": Levy(sp.S.Zero, (b, -b), (eps * phi / 4, eps * phi / 4)),
    "relu_hessian": Levy(sigma, (sigma * phi, b, -b), (sigma**2 * phi, eps * phi / 4, eps * phi / 4)),
}


def equation(law):

    h = Curve(law).rational
    return canonical(sp.together(h.subs(w, 1 / G) - z))


@pytest.mark.parametrize("name", LAWS)
def test_edge_polynomial_vanishes_at_critical_values(name):
    law = LAWS[name]
    section, forms = edges(load(name), law, equation(law))
    degree = sp.Poly(forms["edge_polynomial"], x).degree()
    assert degree == 2 * len(law.poles)
    point = {eps: sp.Rational(3, 7), phi: sp.Rational(1, 3), sigma: sp.Rational(5, 4)}
    curve = Curve(law)
    roots = sp.Poly(curve.critical.subs(point), w).nroots(n=40, maxsteps=200)
    polynomial = sp.Poly(forms["edge_polynomial"].subs(point), x)
    scale = max(abs(c) for c in polynomial.all_coeffs())
    for root in roots:
        value = sp.N(curve.rational.subs(point).subs(w, root), 40)
        assert abs(polynomial.eval(value)) < 1e-25 * scale
    assert all(step.certificate.summary for step in section.steps)


def test_marchenko_pastur_edges():
    law = LAWS["marchenko_pastur"]
    _, forms = edges(load("marchenko_pastur"), law, equation(law))
    low, high = forms["edges"]
    assert vanishes(low - sigma * (1 - sp.sqrt(phi)) ** 2)
    assert vanishes(high - sigma * (1 + sp.sqrt(phi)) ** 2)
    assert forms["atom_place"] == 0
    assert vanishes(forms["atom_mass"] - 1 + 1 / phi)


def test_relu_hessian_atom_at_zero():
    law = LAWS["relu_hessian"]
    _, forms = edges(load("relu_hessian"), law, equation(law))
    assert forms["atom_place"] == 0
    assert vanishes(forms["atom_mass"] - 1 + 2 / phi)


def test_a_wrong_equation_is_caught():
    law = LAWS["wishart_wigner"]
    with pytest.raises(CertificateError):
        edges(load("wishart_wigner"), law, equation(law) + z * G**2)


def test_a_negative_weight_is_caught():
    law = Levy(sp.S.One, (sp.S.Zero, phi), (-2 * eps, phi))
    with pytest.raises(CertificateError):
        edges(load("wishart_wigner"), law, equation(law))


def test_equal_poles_are_caught():
    a = Parameter("a").symbol
    law = Levy(sp.S.One, (a, a), (a, a))
    with pytest.raises(CertificateError):
        edges(load("semicircle"), law, equation(law))
