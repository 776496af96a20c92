"""Distribution functions in closed form for laws of rational S-transform, against the modules' own."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from derive import Model, Parameter, Projection, Wigner, Wishart, derive, load, moment_primitive
from derive.curves import t
from derive.derivation import CertificateError
from tests.derived import derivation_of
from tests.test_user_models import generated_module

SHIPPED = ("fuss_catalan_2", "fuss_catalan_3", "fuss_catalan_6", "wishart_product")


def closed_form_errors(forms: dict[str, Any], module: Any, values: dict[str, float]) -> tuple[float, float]:
    """Largest distances of cdf and potential by the closed form from those of a module."""
    numbers = {sp.Symbol(name): value for name, value in values.items()}

    def filled(expression: sp.Expr) -> sp.Expr:
        return expression.subs({s: numbers[sp.Symbol(s.name)] for s in expression.free_symbols - {t}})

    psi = sp.lambdify(t, filled(forms["moment_primitive"]), "numpy")
    places = []
    for low, high in module.law(**values).bands():
        places.append(low + (high - low) * np.linspace(0.01, 0.99, 25))
    x = np.concatenate([*places, [places[-1][-1] * 1.5]])
    found = psi(x * module.stieltjes(x, **values) - 1 - 0j * x)
    outside = x > places[-1][-1]
    cdf = np.where(outside, 1.0, 1 - found.imag / np.pi)
    potential = float(filled(forms["potential_constant"])) + found.real
    return (
        float(abs(cdf - module.cdf(x, **values)).max()),
        float(abs(potential - module.log_potential(x, **values)).max()),
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_laws(name: str) -> None:
    module = import_module(f"generated.{name}")
    values = {p.name: value for p, value in zip(module.PARAMETERS, (0.6, 1.75), strict=False)}
    errors = closed_form_errors(derivation_of(name).closed_forms, module, values)
    assert max(errors) < 1e-13


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("corner", "Projection(a / (1 + a)) @ Wishart(a / 2)"),
        ("inverse", "3 * Wishart(a / (1 + a)).inverse()"),
        ("three", "Wishart(2) @ Wishart(a) @ Wishart(3)"),
    ],
)
def test_other_laws(name: str, expression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = f'MODEL = Model(title="A law of rational S-transform", parameters=(a,), expression={expression})'
    module = generated_module(tmp_path, f"rational_s_{name}", body, monkeypatch)
    forms = derive(load(str(tmp_path / f"rational_s_{name}.py"))).closed_forms
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
    model = Model("product", (c,), Projection(c) @ Wishart(2))
    assert "moment_primitive" in derive(model).closed_forms
    for wrong in (t, sp.log(1 + t / 2) * c.symbol, sp.Integer(1)):
        monkeypatch.setattr(moment_primitive, "_primitive", lambda factors, wrong=wrong: own(factors) + wrong)
        with pytest.raises(CertificateError):
            derive(model)
