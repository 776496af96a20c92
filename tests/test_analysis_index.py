"""The index in closed form and the 3/2 law against direct integration of the density."""

from functools import cache

import numpy as np
import pytest
import sympy as sp
from test_analysis_edges import LAWS, eps, equation, phi, sigma

from derive import Model, Parameter, Wigner, Wishart, derive, load
from derive.algebra.signs import Undecided
from derive.analysis.critical_energy import critical_energy
from derive.analysis.levy_curve import Curve
from derive.analysis.primitive import antiderivative, laisant
from derive.certificates import Identity
from derive.derivation import CertificateError
from derive.laws import Levy, g, w, x

POINTS = [
    (sp.Rational(1, 5), sp.Rational(1, 2)),
    (sp.Rational(3, 4), sp.Rational(3, 2)),
    (sp.Rational(1, 9), 1),
]


@cache
def critical_of(name):
    return critical_energy(load(name), LAWS[name], equation(LAWS[name]))[1]


@cache
def index_of(name):
    return laisant(load(name), LAWS[name], equation(LAWS[name]))[1]


def density(law, point):
    polynomial = sp.Poly(sp.expand(Curve(law).polynomial.subs(point)), w)
    rows = [sp.lambdify(x, c, "math") for c in polynomial.all_coeffs()]

    def value(at):
        root = max(np.roots([float(row(at)) for row in rows]), key=lambda r: r.imag)
        return root.imag / (np.pi * abs(root) ** 2)

    return value


def lowest_edge(law, point):
    roots = [r for r in sp.Poly(Curve(law).critical.subs(point), w).nroots(n=30) if abs(sp.im(r)) < 1e-20]
    return float(Curve(law).rational.subs(point).subs(w, min(sp.re(r) for r in roots)))


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
@pytest.mark.parametrize(("energy", "ratio"), POINTS)
def test_index_is_the_mass_below_zero(name, energy, ratio):
    law = LAWS[name]
    forms = index_of(name)
    point = {eps: energy, phi: ratio, sigma: sp.Rational(6, 5)}
    assert forms["index_discriminant"].subs(point) > 0
    low, rho = lowest_edge(law, point), density(law, point)
    nodes, weights = np.polynomial.legendre.leggauss(80)
    reach = np.sqrt(-low)
    places = reach * (nodes + 1) / 2  # x = low + t^2 makes the root of the edge analytic
    mass = sum(k * reach * t * rho(low + t * t) for t, k in zip(places, weights, strict=True))
    assert abs(mass - float(sp.re(sp.N(forms["index"].subs(point), 30)))) < 1e-9


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
def test_prefactor_and_exponent(name):
    LAWS[name]
    critical = critical_of(name)
    forms = index_of(name)
    point = {phi: sp.Rational(2, 5), sigma: sp.Rational(3, 4)}
    small = sp.Rational(1, 10**8)
    place = sp.N(critical["critical_energy"].subs(point), 80) * (1 + small)
    value = sp.N(forms["index"].subs(point).subs(eps, place), 60)
    expected = sp.N(critical["index_prefactor"].subs(point), 60) * small ** sp.Rational(3, 2)
    assert abs(value / expected - 1) < 1e-6


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
def test_series_at_one(name):
    LAWS[name]
    critical = critical_of(name)
    lead = {"wishart_wigner": sp.Rational(2, 27), "relu_hessian": sp.Rational(8, 27) * sigma**2}[name]
    t = sp.Symbol("t")
    series = sp.Poly(sp.expand(critical["series"].subs(phi, 1 - t)), t)
    assert series.degree() >= 8
    assert series.coeff_monomial(t**3) == lead
    difference = (critical["critical_energy"] - critical["series"]).subs(
        {phi: 1 - sp.Rational(1, 1000), sigma: 1}
    )
    assert abs(sp.N(difference, 60)) < 1e-32


def test_forms_without_cancellation():
    """The derived forms keep double precision next to phi = 1, where the printed ones have none."""
    for name in ("wishart_wigner", "relu_hessian"):
        LAWS[name]
        critical = critical_of(name)
        form = critical["critical_energy"].subs(sigma, 1)
        near = 1 - 2.0**-20
        exact = sp.N(form.subs(phi, sp.Rational(2**20 - 1, 2**20)), 40)
        assert abs(sp.lambdify(phi, form, "math")(near) / float(exact) - 1) < 2e-15
        stated = next(s.formula for s in load(name).stated if s.what == "critical_energy").subs(sigma, 1)
        assert abs(sp.lambdify(phi, stated, "math")(near) / float(exact) - 1) > 1e-2


def test_no_energy_no_section():
    section, forms = critical_energy(load("semicircle"), LAWS["semicircle"], equation(LAWS["semicircle"]))
    assert section.steps == ()
    assert forms == {}


def test_the_printed_bracket_must_be_the_primitive():
    """A law other than that of (S2) under its source is a contradiction."""
    law = LAWS["wishart_wigner"]
    wrong = Levy(law.mean, law.poles, (3 * eps, phi))
    with pytest.raises(CertificateError, match="printed"):
        laisant(load("wishart_wigner"), wrong, equation(wrong))


def test_a_wrong_primitive_is_caught():
    law = LAWS["wishart_wigner"]
    wrong = antiderivative(law) + g
    with pytest.raises(CertificateError):
        Identity(sp.diff(wrong, g) - law.r_transform() - 1 / g).check()


def test_symmetric_and_undecided():
    _, forms = laisant(load("relu_residual"), LAWS["relu_residual"], equation(LAWS["relu_residual"]))
    assert forms["index"].subs(phi, sp.Rational(1, 2)) == sp.Rational(1, 2)
    assert forms["index"].subs(phi, 4) == sp.Rational(1, 8)
    many = Levy(sp.S.One, (sp.S.Zero, phi, 2 * phi, 3 * phi), (eps, phi, phi, phi))
    with pytest.raises(Undecided):
        critical_energy(load("wishart_wigner"), many, equation(many))
    _, found = laisant(load("relu_hessian"), many, equation(many))
    assert "index" not in found
    assert found["primitive"] == antiderivative(many)


@pytest.mark.parametrize("name", ["r", "u", "d", "S", "T", "t"])
def test_the_index_does_not_depend_on_the_name_of_a_parameter(name: str) -> None:
    """Letters of the derivation's own are no parameters."""
    found = []
    for letter in ("phi", name):
        eps = Parameter("eps", domain="[0, oo)", role="energy")
        ratio = Parameter(letter, domain="(0, oo)", role="aspect ratio")
        model = Model("t", (eps, ratio), Wishart(ratio) + Wigner(2 * eps))
        index = derive(model).closed_forms["index"]
        found.append(sp.N(index.subs({eps.symbol: sp.Rational(1, 7), ratio.symbol: sp.Rational(1, 3)}), 30))
    assert abs(found[0] - found[1]) < sp.Float("1e-25", 30)
    assert 0 < found[0] < 1
