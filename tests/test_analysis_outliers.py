"""Outliers, flows and scalings against independent evaluations."""

import pytest
import sympy as sp
from test_analysis_edges import LAWS, eps, equation, phi, sigma

from derive import load
from derive.algebra.radicals import vanishes
from derive.analysis.outliers import outliers
from derive.analysis.symmetries import symmetries
from derive.derivation import CertificateError
from derive.laws import Algebraic, G, g, w, x, z


def test_spiked_semicircle():
    """The textbook case: theta + sigma^2/theta with overlap 1 - sigma^2/theta^2."""
    _, forms = outliers(load("semicircle"), LAWS["semicircle"], equation(LAWS["semicircle"]))
    assert vanishes(forms["outlier_place"] - w - sigma**2 / w)
    assert vanishes(forms["outlier_overlap"] - 1 + sigma**2 / w**2)


@pytest.mark.parametrize("name", LAWS)
def test_threshold_is_an_edge(name):
    """Where the overlap vanishes the place is a root of the edge polynomial."""
    from derive.analysis.edges import edges

    law = LAWS[name]
    _, forms = outliers(load(name), law, equation(law))
    _, found = edges(load(name), law, equation(law))
    point = {eps: sp.Rational(2, 7), phi: sp.Rational(4, 9), sigma: sp.Rational(3, 2)}
    overlap = sp.numer(sp.together(forms["outlier_overlap"].subs(point)))
    theta = max(sp.re(root) for root in sp.Poly(overlap, w).nroots(n=20) if abs(sp.im(root)) < 1e-12)
    place = forms["outlier_place"].subs(point).subs(w, theta)
    edge = sp.Poly(found["edge_polynomial"].subs(point), x)
    assert min(abs(place - root) for root in edge.nroots()) < 1e-6


def test_algebraic_with_r_transform():
    law = LAWS["marchenko_pastur"]
    algebraic = Algebraic(equation(law), law.r_transform())
    _, direct = outliers(load("marchenko_pastur"), law, equation(law))
    _, other = outliers(load("marchenko_pastur"), algebraic, equation(law))
    assert vanishes(direct["outlier_overlap"] - other["outlier_overlap"])
    section, forms = outliers(load("marchenko_pastur"), Algebraic(equation(law)), equation(law))
    assert section.steps == ()
    assert forms == {}


def test_burgers_and_scalings():
    expected = {
        "semicircle": {sigma: 1},
        "marchenko_pastur": {phi: 0, sigma: 1},
        "relu_residual": {eps: 2, phi: 0},
        "relu_hessian": {eps: 2, phi: 0, sigma: 1},
    }
    for name, law in LAWS.items():
        _, forms = symmetries(load(name), law, equation(law))
        assert forms.get("scaling") == expected.get(name)
        if name == "wishart_wigner":
            assert forms["flow"][eps] == 2 * G


def test_a_wrong_equation_breaks_the_flow():
    law = LAWS["wishart_wigner"]
    with pytest.raises(CertificateError):
        symmetries(load("wishart_wigner"), law, equation(law) + eps * G * z)
    assert g not in equation(law).free_symbols
