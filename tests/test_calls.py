"""Calls that do not fit a signature, and functions that a kind of law does not have: errors that help."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

import generated
from generated import fuss_catalan_2, semicircle, sparse_wigner, wishart_wigner
from generated._runtime.calls import INTERFACE, absent, explained

KINDS = ("MODELS", "ALGEBRAIC", "FUNCTIONAL", "RADIAL")
NAMES = [name for kind in KINDS for name in getattr(generated, kind)]


def functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public functions that the module itself defines."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_function_of_every_module_says_what_it_takes(name: str) -> None:
    module = importlib.import_module(f"generated.{name}")
    found = functions(module)
    assert len(found) >= 4
    for label, function in found.items():
        takes = inspect.signature(function).parameters
        with pytest.raises(TypeError) as caught:
            function(**dict.fromkeys(takes, 0.5), no_such_argument=1)
        message = str(caught.value)
        assert message.startswith(f"{name}.{label}(")
        assert "has no argument 'no_such_argument'; leave it out" in message
        assert all(parameter in message for parameter in takes)
        assert caught.value.__cause__ is None
        needed = [key for key, p in takes.items() if p.default is inspect.Parameter.empty]
        if needed:
            with pytest.raises(
                TypeError, match=rf"{label}\(.*\) needs .*'{needed[-1]}'; pass (it|them) by pos"
            ):
                function()
        assert pickle.loads(pickle.dumps(function)) is function


def test_messages() -> None:
    wrong: list[tuple[Callable[[], Any], str]] = [
        (
            lambda: wishart_wigner.density(1.0, 0.1, phj=1),
            "has no argument 'phj'; pass 'phi' if that is meant",
        ),
        (lambda: wishart_wigner.density(1.0), "needs 'eps' and 'phi'; pass them by position or by name"),
        (lambda: wishart_wigner.density(1.0, 0.1), "needs 'phi'; pass it by position or by name"),
        (lambda: wishart_wigner.density(1.0, sigma=1), "no argument 'sigma'; it needs 'eps' and 'phi' too"),
        (
            lambda: wishart_wigner.density(1.0, 0.1, 1, 2),
            "takes 3 arguments by position, got 4; pass the others",
        ),
        (
            lambda: fuss_catalan_2.law(1.0),
            "fuss_catalan_2.law() takes no arguments by position, got 1; leave it",
        ),
        (
            lambda: fuss_catalan_2.law().outliers(1.0, 2.0),
            "takes 1 argument by position, got 2; leave the others out, or pass numbers",
        ),
        (
            lambda: semicircle.law(1).pdf(1.0, 2.0),
            "takes 1 argument by position, got 2; pass the others by name, and numbers",
        ),
        (lambda: wishart_wigner.density(1.0, 0.1, 1, x=2), "got 'x' twice, by position and by name; pass it"),
        (
            lambda: semicircle.law(1).pdf(x=1.0, q=2),
            "Law.pdf(x, *, out=None) has no argument 'q'; leave it out",
        ),
        (
            lambda: semicircle.law(1).cdf(),
            "Law.cdf(x, *, out=None) needs 'x'; pass it by position or by name",
        ),
        (
            lambda: semicircle.law(1).rvs(sise=3),
            "Law.rvs(size=None, random_state=None) has no argument 'sise'; pass",
        ),
        (
            lambda: semicircle.law(1).moment(),
            "Law.moment(order) needs 'order'; pass it by position or by name",
        ),
    ]
    for call, message in wrong:
        with pytest.raises(TypeError) as caught:
            call()
        assert message in str(caught.value)


def test_errors_inside_a_function_stay_what_they_are() -> None:
    with pytest.raises(TypeError, match="x must be a real number or an array of them, got 'a'"):
        semicircle.density("a", 1)
    with pytest.raises(TypeError, match="unsupported operand"):
        explained(lambda x: x + "a")(1)


def test_signatures_are_kept() -> None:
    assert str(inspect.signature(semicircle.moments)) == "(n: 'int', sigma: 'ArrayLike') -> 'Any'"
    assert semicircle.density.__doc__ is not None
    law = semicircle.law(2.0)
    assert list(inspect.signature(law.pdf).parameters) == ["x", "out"]
    assert pickle.loads(pickle.dumps(law)) == law


@pytest.mark.parametrize("name", [*generated.FUNCTIONAL, *generated.RADIAL])
def test_what_a_kind_of_law_does_not_have_is_explained(name: str) -> None:
    module = importlib.import_module(f"generated.{name}")
    lacking = [label for label in INTERFACE if label not in vars(module)]
    assert {"law", "sf"} <= set(lacking)
    for label in lacking:
        assert not hasattr(module, label)
        with pytest.raises(
            AttributeError, match=rf"has no attribute '{label}'; .* There are (stieltjes|cdf)\("
        ):
            getattr(module, label)
    with pytest.raises(AttributeError) as caught:
        _ = module.densities
    assert str(caught.value) == f"module 'generated.{name}' has no attribute 'densities'"
    assert caught.value.name == "densities"


def test_a_module_that_is_not_registered_explains_too() -> None:
    """One executed from a path is in no table of modules; the error is still an `AttributeError`."""
    assert sparse_wigner.__file__ is not None
    spec = importlib.util.spec_from_file_location("generated.not_registered", sparse_wigner.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert not hasattr(module, "density")
    error = absent("generated.not_registered", "density", "the reason")
    assert str(error) == "module 'generated.not_registered' has no attribute 'density'; the reason"


def test_the_interface_that_errors_know_is_that_of_the_modules() -> None:
    own = {
        name
        for kind in KINDS[:2]
        for m in getattr(generated, kind)
        for name in functions(importlib.import_module(f"generated.{m}"))
    }
    assert own == {*INTERFACE, "mass_at_zero"}
