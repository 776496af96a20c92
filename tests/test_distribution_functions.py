"""Distribution functions and potentials in closed form, against the modules' own by quadrature."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from derive import Atoms, Model, Parameter, Wigner, Wishart, derive, load
from derive.analysis import companion, moment_primitive
from derive.derivation import CertificateError
from derive.transforms.curves import g, t
from tests.derived import derivation_of
from tests.test_user_models import generated_module

SHIPPED = ("fuss_catalan_2", "fuss_catalan_3", "fuss_catalan_6", "wishart_product", "sample_covariance")


def closed_form_errors(forms: dict[str, Any], module: Any, values: dict[str, float]) -> tuple[float, float]:
    """Largest distances of cdf and potential by the closed form from those of a module."""

    def filled(expression: sp.Expr) -> sp.Expr:
        return expression.subs({s: values[s.name] for s in expression.free_symbols if s.name in values})

    law = module.law(**values)
    places = [low + (high - low) * np.linspace(0.01, 0.99, 25) for low, high in law.bands()]
    beyond = [law.bands()[0, 0] - 0.5, 1.5 * law.bands()[-1, 1]]
    x = np.array([beyond[0], *np.concatenate(places), beyond[1]])
    stieltjes = module.stieltjes(x, **values)
    if "companion" in forms:
        share, mass = float(filled(forms["companion"][0])), np.where(x >= 0, 1.0, 0.0)
        own = share * stieltjes + (1 - share) / x
        inside = sp.lambdify(g, filled(forms["companion_primitive"]), "numpy")(_below(own)) - x * own
        cdf = (1 + inside.imag / np.pi - (1 - share) * mass) / share
        potential = (-1 - inside.real - (1 - share) * np.log(abs(x))) / share
    else:
        psi = sp.lambdify(t, filled(forms["moment_primitive"]), "numpy")(_below(x * stieltjes - 1))
        cdf = 1 - psi.imag / np.pi
        potential = float(filled(forms["potential_constant"])) + psi.real
    return (
        float(abs(cdf - module.cdf(x, **values)).max()),
        float(abs(potential - module.log_potential(x, **values)).max()),
    )


def _below(values: Any) -> Any:
    """Complex numbers on or under the real axis, the imaginary part of real ones -0."""
    below = np.array(values, dtype=complex)
    below.imag[below.imag == 0] = -0.0
    return below


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_laws(name: str) -> None:
    module = import_module(f"generated.{name}")
    values = {p.name: value for p, value in zip(module.PARAMETERS, (0.6, 1.75, 0.8), strict=False)}
    errors = closed_form_errors(derivation_of(name).closed_forms, module, values)
    assert max(errors) < 1e-13


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("corner", "Projection(a / (1 + a)) @ Wishart(a / 2)"),
        ("inverse", "3 * Wishart(a / (1 + a)).inverse()"),
        (
            "signed",
            "Atoms((-a, 2, 5), (sp.Rational(1, 4), sp.Rational(1, 2), sp.Rational(1, 4))) @ Wishart(3)",
        ),
        ("three", "Wishart(2) @ Wishart(a) @ Wishart(3)"),
    ],
)
def test_other_laws(name: str, expression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = f'MODEL = Model(title="A law in closed form", parameters=(a,), expression={expression})'
    module = generated_module(tmp_path, f"closed_form_{name}", body, monkeypatch)
    forms = derive(load(str(tmp_path / f"closed_form_{name}.py"))).closed_forms
    assert max(closed_form_errors(forms, module, {"a": 0.4})) < 1e-12


def test_the_primitive_of_fuss_catalan_laws() -> None:
    for factors in (2, 3, 5):
        assert derivation_of(f"fuss_catalan_{factors}").closed_forms["moment_primitive"] == (
            factors * t - sp.log(t)
        )


def test_laws_without_such_a_form_say_so() -> None:
    c = Parameter("c")
    for expression in (Wigner(1) @ Wishart(c), Wishart(c) ** 2 + Wigner(1)):
        derivation = derive(Model("none", (c,), expression))
        assert "moment_primitive" not in derivation.closed_forms
        assert any("distribution function: no closed form" in limit for limit in derivation.limits)


def test_a_wrong_primitive_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    own = moment_primitive._primitive
    c = Parameter("c", domain="(0, 1)", typical=(0.1, 0.9))
    model = Model("product", (c,), Wishart(c) @ Wishart(2))
    assert "moment_primitive" in derive(model).closed_forms
    for wrong in (t, sp.log(1 + t / 2) * c.symbol, sp.Integer(1)):
        monkeypatch.setattr(moment_primitive, "_primitive", lambda factors, wrong=wrong: own(factors) + wrong)
        with pytest.raises(CertificateError):
            derive(model)


def test_the_companion_of_a_sample_covariance() -> None:
    share, law = derivation_of("sample_covariance").closed_forms["companion"]
    mass, place, phi = (parameter.symbol for parameter in load("sample_covariance").parameters)
    assert share == phi
    assert set(law.poles) == {1, place}
    assert sp.expand(law.mean - phi * (1 - mass + mass * place)) == 0


def test_a_wrong_companion_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    own = companion._rational_companions
    c = Parameter("c", domain="(0, 1)", typical=(0.1, 0.9))
    model = Model("two variances", (c,), Atoms((1, 3), (c, 1 - c)) @ Wishart(2))
    assert derive(model).closed_forms["companion"][0] == 2
    monkeypatch.setattr(
        companion, "_rational_companions", lambda *given: [(a + 1, r) for a, r in own(*given)]
    )
    with pytest.raises(CertificateError):
        derive(model)
