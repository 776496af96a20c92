"""The explicit density of the supplement against roots of the derived equation."""

import numpy as np
import pytest
import sympy as sp
from test_analysis_edges import LAWS, b, eps, equation, phi
from test_analysis_index import density

from derive import load
from derive.analysis.residual_density import explicit_density
from derive.derivation import CertificateError
from derive.laws import G, Levy, x

LAW = LAWS["relu_residual"]


@pytest.mark.parametrize("ratio", [sp.Rational(1, 3), sp.S.One, sp.Rational(5, 2)])
def test_explicit_density(ratio):
    section, forms = explicit_density(load("relu_residual"), LAW, equation(LAW))
    point = {eps: sp.Rational(7, 5), phi: ratio}
    low, high = (float(e.subs(point) * (b**2).subs(point)) for e in forms["explicit_density_edges"])
    value = sp.lambdify(x, forms["explicit_density"].subs(point), "numpy")
    rho = density(LAW, point)
    left, right = np.sqrt(max(low, 0)), np.sqrt(high)
    for place in np.linspace(left, right, 9)[1:-1]:
        assert value(place) == pytest.approx(rho(place), rel=1e-9)
        assert value(-place) == pytest.approx(rho(place), rel=1e-9)
    nodes, weights = np.polynomial.legendre.leggauss(400)
    angle = (nodes + 1) * np.pi / 4
    places = left + (right - left) * np.sin(angle) ** 2
    if ratio != 1:
        mass = 2 * np.sum(weights * np.pi / 4 * (right - left) * np.sin(2 * angle) * value(places))
        assert mass == pytest.approx(min(1, 1 / float(ratio)), abs=1e-7)
    assert len(section.steps) >= 5


def test_other_laws_get_nothing():
    for name in ("semicircle", "wishart_wigner", "relu_hessian"):
        section, forms = explicit_density(load(name), LAWS[name], equation(LAWS[name]))
        assert section.steps == ()
        assert forms == {}
    shifted = Levy(sp.S.One, (b, -b), (eps, eps))
    assert explicit_density(load("relu_residual"), shifted, equation(shifted))[1] == {}


def test_a_wrong_equation_is_caught():
    with pytest.raises(CertificateError):
        explicit_density(load("relu_residual"), LAW, equation(LAW) + G**2)
