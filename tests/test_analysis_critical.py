"""The quadratic field behind the critical energy, and what its certificates refuse."""

from dataclasses import replace

import pytest
import sympy as sp
from test_analysis_edges import LAWS, eps, equation, phi, sigma

from derive import ModelError, Parameter, derive, load
from derive.algebra.radicals import vanishes
from derive.algebra.signs import Undecided
from derive.algebra.surds import Field
from derive.analysis.critical_energy import Truncation, critical_energy
from derive.analysis.energy import setting_of, with_role
from derive.analysis.local_law import local_law
from derive.derivation import CertificateError
from derive.language.model import Model
from derive.laws import Levy

W = sp.sqrt(1 + 8 * phi)
FIELD = Field.of(1 + 8 * phi, (phi,))


def printed():
    return FIELD.element((1 - 20 * phi - 8 * phi**2) / 16, (1 + 8 * phi) / 16)


def test_form_without_cancellation_is_found():
    found = printed().without_cancellation()
    assert vanishes(found - 4 * (1 - phi) ** 3 * (1 + W) / (3 + W) ** 3)
    assert vanishes(found - printed().expression())


def test_field_arithmetic():
    a = FIELD.element(phi, 2 / phi)
    assert (a / a - FIELD.element(sp.S.One)).is_zero
    assert vanishes((a**3).expression() - (phi + 2 * W / phi) ** 3)
    assert vanishes((a**-1).expression() * (phi + 2 * W / phi) - 1)


def test_square_roots():
    a = FIELD.element(1 + phi, -3 * phi)
    content, root = (a * a * FIELD.element(sp.Rational(3, 4))).square_root()
    assert content == 3
    assert (root * root * FIELD.element(content) - a * a * FIELD.element(sp.Rational(3, 4))).is_zero
    assert FIELD.element(phi, sp.S.One).square_root() is None


def test_the_other_root_is_refused():
    """The negative root of the discriminant has no lowest edge at 0."""
    law = LAWS["wishart_wigner"]
    model = load("wishart_wigner")
    setting = setting_of(model, law, equation(law), with_role(model, "energy"))

    class Wrong:
        element = printed().conjugate
        expression = element.expression()

    with pytest.raises((CertificateError, Undecided)):
        local_law(setting, Wrong)


def test_a_root_that_is_no_root_is_refused():
    law = LAWS["wishart_wigner"]
    model = load("wishart_wigner")
    setting = setting_of(model, law, equation(law), with_role(model, "energy"))

    class Wrong:
        element = printed() + FIELD.element(sp.Rational(1, 10**6))
        expression = element.expression()

    with pytest.raises((CertificateError, Undecided, ZeroDivisionError)):
        local_law(setting, Wrong)


def test_a_wrong_printed_energy_is_refused():
    model = load("wishart_wigner")
    (stated,) = (item for item in model.stated if item.what == "critical_energy")
    wrong = replace(stated, formula=stated.formula + (1 - phi) ** 9)
    with pytest.raises(ModelError, match="stated critical_energy"):
        derive(replace(model, stated=(wrong,)))


def test_truncation_sees_a_wrong_coefficient():
    t = sp.Symbol("t", positive=True)
    e = sp.Symbol("e")
    Truncation(e**2 - 1 - t, e, 1 + t / 2 - t**2 / 8, t, 3).check()
    with pytest.raises(CertificateError):
        Truncation(e**2 - 1 - t, e, 1 + t / 2 + t**2 / 8, t, 3).check()


def test_a_law_without_a_gap_is_undecided():
    """Wigner energy on a Wishart shifted below 0: there is no gap to close."""
    law = LAWS["wishart_wigner"]
    shifted = Levy(law.mean - 5, law.poles, law.weights)
    with pytest.raises(Undecided):
        critical_energy(load("wishart_wigner"), shifted, equation(shifted))


def test_scale_beside_the_ratio():
    """A user's own model: the critical energy of sigma Wishart + Wigner follows sigma^2."""
    law = Levy(sigma, (sp.S.Zero, sigma * phi), (2 * eps, sigma**2 * phi))
    model = load("relu_hessian")
    parameters = (*model.parameters[:2], Parameter("sigma", role="scale", default=1))
    own = Model("own", parameters, model.expression, source=None)
    _, forms = critical_energy(own, law, equation(law))
    assert vanishes(forms["critical_energy"] - sigma**2 * printed().expression())
