"""What the functions refuse, one by one; each message says what came, what was wanted and what to do."""

from __future__ import annotations

import datetime
import importlib
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import generated
from generated import marchenko_pastur, relu_hessian

MODULES = {name: importlib.import_module(f"generated.{name}") for name in generated.MODELS}
REAL = ("density", "cdf", "sf", "quantile", "log_potential")
OF_LAWS = ("pdf", "cdf", "sf", "ppf", "isf", "log_potential", "stieltjes")

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=sorted(MODULES))
def module(request: pytest.FixtureRequest) -> ModuleType:
    """Each generated module in turn."""
    return MODULES[request.param]


def parameters(module: ModuleType) -> dict[str, Any]:
    """Parameters in the domain."""
    return {parameter.name: 0.5 for parameter in module.PARAMETERS}


def of_points(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """Functions of the main argument, by name."""
    p = parameters(module)

    def of_module(name: str) -> Callable[..., Any]:
        return lambda points, **out: getattr(module, name)(points, **p, **out)

    law = module.law(**p)
    found = {name: of_module(name) for name in (*REAL, "stieltjes", "r_transform", "outliers")}
    return found | {f"law.{name}": getattr(law, name) for name in OF_LAWS}


def of_parameters(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """Functions of the parameters, by name."""

    def of_main(name: str, main: Any) -> Callable[..., Any]:
        return lambda **p: getattr(module, name)(main, **p)

    found = {name: of_main(name, 0.5) for name in (*REAL, "stieltjes", "r_transform", "outliers")}
    found |= {name: of_main(name, 2) for name in ("moments", "free_cumulants")}
    names = ("support", "atoms", "mass_at_zero", "index", "law")
    return found | {name: getattr(module, name) for name in names}


NO_NUMBERS = [
    ("0.5", "float"),
    (b"0.5", "float"),
    (np.array(["0.5"]), "float"),
    (["0.5", 1.0], "float"),
    (None, "dtype=float"),
    ({"x": 0.5}, "dtype=float"),
    ({0.5}, "dtype=float"),
    ((0.5 for _ in range(2)), "dtype=float"),
    (object(), "dtype=float"),
    (Decimal("0.5"), "dtype=float"),
    (np.array([0.5, 0.25], dtype=object), "dtype=float"),
    ([10**400, 0.5], "dtype=float"),
    (np.array("2020-01-01", "datetime64[D]"), "unit of time"),
    (np.timedelta64(1, "s"), "unit of time"),
    (datetime.date(2020, 1, 1), "dtype=float"),
    (np.zeros(2, dtype=[("x", float)]), "fields"),
    ([[0.5, 0.25], [0.5]], "equal lengths"),
    (np.ma.masked_array([0.5, 0.25], [True, False]), "filled"),
]


@pytest.mark.parametrize(("wrong", "cure"), NO_NUMBERS, ids=lambda value: str(type(value).__name__))
def test_points_that_are_no_numbers(module: ModuleType, wrong: Any, cure: str) -> None:
    for name, function in of_points(module).items():
        with pytest.raises(TypeError, match=r"^(x|q|z|g|theta) must be a (real|complex) number") as caught:
            function(wrong)
        assert ", got " in str(caught.value), name
        assert cure in str(caught.value), name


@pytest.mark.parametrize("wrong", [1j, complex(1.0, 0.0), np.complex64(1), np.zeros(2, complex), [0.5, 1j]])
def test_complex_points(module: ModuleType, wrong: Any) -> None:
    for name, function in of_points(module).items():
        if "stieltjes" not in name and name != "r_transform":
            with pytest.raises(TypeError, match=r"real number.*, got complex.*; pass its real part"):
                function(wrong)


@pytest.mark.parametrize(("wrong", "cure"), NO_NUMBERS, ids=lambda value: str(type(value).__name__))
def test_parameters_that_are_no_numbers(module: ModuleType, wrong: Any, cure: str) -> None:
    for parameter in module.PARAMETERS:
        for function in of_parameters(module).values():
            with pytest.raises(TypeError) as caught:
                function(**(parameters(module) | {parameter.name: wrong}))
            message = str(caught.value)
            assert message.startswith(f"{parameter.name} must be a real number in {parameter.domain}")
            assert cure in message


@pytest.mark.parametrize("wrong", [1j, 0.5 + 0j, np.complex128(0.5), np.full(3, 0.5 + 0j)])
def test_complex_parameters(module: ModuleType, wrong: Any) -> None:
    """Also those equal to a number whose law is known."""
    for parameter in module.PARAMETERS:
        for function in of_parameters(module).values():
            function(**parameters(module))
            with pytest.raises(TypeError, match=f"{parameter.name} must be.*complex.*; pass its real part"):
                function(**(parameters(module) | {parameter.name: wrong}))


@pytest.mark.parametrize(
    "wrong", [-1.0, -1, np.nan, np.inf, -np.inf, 10**400, np.float32(-1), np.longdouble(-1)]
)
def test_parameters_outside_the_domain(module: ModuleType, wrong: Any) -> None:
    for parameter in module.PARAMETERS:
        for function in of_parameters(module).values():
            with pytest.raises(ValueError) as caught:
                function(**(parameters(module) | {parameter.name: wrong}))
            message = str(caught.value)
            assert message.startswith(f"{parameter.name} = ")
            assert f"outside its domain {parameter.domain}" in message
            assert parameter.meaning in message
            assert "pass values inside it" in message


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_one_parameter_of_many_outside_the_domain(module: ModuleType, wrong: float) -> None:
    """The message says which."""
    for parameter in module.PARAMETERS:
        many = np.full((2, 3), 0.5)
        many[1, 0] = wrong
        for name, function in of_parameters(module).items():
            if name != "law":
                with pytest.raises(ValueError, match=rf"^{parameter.name}\[1, 0\] = {wrong} is outside"):
                    function(**(parameters(module) | {parameter.name: many}))


def test_zero_where_the_domain_is_open(module: ModuleType) -> None:
    for parameter in module.PARAMETERS:
        if parameter.domain.startswith("("):
            for zero in (0, 0.0, -0.0, np.zeros(3)):
                with pytest.raises(ValueError, match=rf"^{parameter.name}.* is outside its domain"):
                    module.density(0.5, **(parameters(module) | {parameter.name: zero}))


def test_shapes_that_do_not_broadcast(module: ModuleType) -> None:
    names = [parameter.name for parameter in module.PARAMETERS]
    for name in (*REAL, "stieltjes", "r_transform", "outliers"):
        with pytest.raises(ValueError, match=r"shapes \(3,\).*\(2,\).* cannot be broadcast.*x\[:, None\]"):
            getattr(module, name)(np.zeros(3), **(parameters(module) | {names[0]: np.full(2, 0.5)}))
    if len(names) > 1:
        wrong = parameters(module) | {names[0]: np.full(2, 0.5), names[1]: np.full((1, 3), 0.5)[0]}
        for name in ("support", "atoms", "mass_at_zero", "index"):
            with pytest.raises(ValueError, match=r"\(2,\), \(3,\).* cannot be broadcast"):
                getattr(module, name)(**wrong)
        for name in ("moments", "free_cumulants"):
            with pytest.raises(ValueError, match=r"\(2,\), \(3,\).* cannot be broadcast"):
                getattr(module, name)(2, **wrong)


def test_out_that_does_not_fit(module: ModuleType) -> None:
    points = np.full(4, 0.5)
    for name, function in of_points(module).items():
        if name == "outliers":
            continue
        dtype = np.complex128 if "stieltjes" in name else np.float64
        for wrong in (np.empty(3, dtype), np.empty((1, 4), dtype), np.empty((), dtype)):
            with pytest.raises(ValueError, match=r"out must have the broadcast shape \(4,\), got .*; pass"):
                function(points, out=wrong)
        others = ("f4", "i8", "O", "c8", ">f8", "c16" if dtype == np.float64 else "f8")
        for other in others:
            with pytest.raises(TypeError, match=f"out must have dtype {dtype.__name__}, got .*; pass"):
                function(points, out=np.empty(4, other))
        for wrong in ([0.0] * 4, (np.empty(4),), 1.0, memoryview(np.empty(4))):
            with pytest.raises(TypeError, match=r"out must be a NumPy array, got .*; pass"):
                function(points, out=wrong)
        with pytest.raises(
            TypeError, match=r"out must be a plain NumPy array, got a masked one; pass its \.data"
        ):
            function(points, out=np.ma.zeros(4, dtype))
        fixed = np.empty(4, dtype)
        fixed.flags.writeable = False
        for wrong in (fixed, np.broadcast_to(np.zeros((), dtype), 4)):
            with pytest.raises(ValueError, match="out is read-only; pass"):
                function(points, out=wrong)


def test_out_of_a_refused_call_is_left_alone(module: ModuleType) -> None:
    out = np.full(2, 7.0)
    first = module.PARAMETERS[0].name
    with pytest.raises(ValueError, match="domain"):
        module.density(np.zeros(2), **(parameters(module) | {first: np.array([0.5, -1.0])}), out=out)
    assert out.tolist() == [7.0, 7.0]


@pytest.mark.parametrize("wrong", [2.0, "2", True, None, np.float64(2), np.array(2), [2], 1j])
def test_orders_that_are_no_integers(module: ModuleType, wrong: Any) -> None:
    law = module.law(**parameters(module))
    for call in (
        lambda: module.moments(wrong, **parameters(module)),
        lambda: module.free_cumulants(wrong, **parameters(module)),
        lambda: law.moment(wrong),
    ):
        with pytest.raises(TypeError, match=r"must be an integer >= 0, got .*; pass"):
            call()


def test_negative_orders(module: ModuleType) -> None:
    law = module.law(**parameters(module))
    for call in (
        lambda: module.moments(-1, **parameters(module)),
        lambda: module.free_cumulants(-1, **parameters(module)),
        lambda: law.moment(-1),
    ):
        with pytest.raises(ValueError, match="must be at least 0, got -1"):
            call()


def test_frozen_laws_of_arrays(module: ModuleType) -> None:
    for name in parameters(module):
        for wrong in (np.full(1, 0.5), np.full((2, 2), 0.5), [0.5]):
            with pytest.raises(
                TypeError, match=f"{name} of a frozen law must be a scalar, got shape .*arrays"
            ):
                module.law(**(parameters(module) | {name: wrong}))


def test_arguments_of_a_frozen_law(module: ModuleType) -> None:
    law = module.law(**parameters(module))
    for wrong in (-0.1, 1.1, np.nan, [0.5, 2.0]):
        with pytest.raises(ValueError, match=r"confidence.* is outside its domain \[0, 1\]"):
            law.interval(wrong)
    for wrong in ("0.5", None, 0.5j):
        with pytest.raises(TypeError, match=r"confidence must be a real number in \[0, 1\]"):
            law.interval(wrong)
    for name in ("lb", "ub"):
        for wrong in ("0", 1j, [0.0], object()):
            with pytest.raises(TypeError, match=f"{name} must be a real number"):
                law.expect(**{name: wrong})
        with pytest.raises(ValueError, match=f"{name} must be a real number, got nan"):
            law.expect(**{name: np.nan})
    for wrong in ("seed", 1.5, object()):
        with pytest.raises(TypeError, match="random_state must be"):
            law.rvs(3, wrong)
    for size in (-1, 2.5, "many", (2, -1)):
        with pytest.raises((TypeError, ValueError), match=r"size must be None, an integer >= 0 or a tuple"):
            law.rvs(size)
    with pytest.raises(TypeError, match="func must be a function of an array of points, or None, got 3"):
        law.expect(3)


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
@pytest.mark.parametrize("function", ["critical_energy", "index_prefactor"])
def test_parameters_of_critical_energies(name: str, function: str) -> None:
    call = getattr(MODULES[name], function)
    for wrong in (-0.5, 0.0, np.nan, np.inf, [0.5, -1.0]):
        with pytest.raises(ValueError, match=r"^phi.* is outside its domain \(0, oo\)"):
            call(wrong)
    for wrong in ("0.5", None, 0.5j, np.array([0.5], dtype=object)):
        with pytest.raises(TypeError, match=r"^phi must be a real number in \(0, oo\)"):
            call(wrong)
    if name == "relu_hessian":
        with pytest.raises(ValueError, match=r"\(2,\), \(3,\) cannot be broadcast"):
            call(np.full(2, 0.5), np.full(3, 0.5))


@pytest.mark.parametrize("sigma", [1e-300, 1e-80, 1e80, 1e140, 1e300])
def test_laws_whose_width_leaves_the_range(sigma: float) -> None:
    """Too wide or too narrow for products of distances: told, whatever is asked for."""
    for module in (marchenko_pastur, relu_hessian):
        values = {"phi": 0.5, "sigma": sigma}
        if module is relu_hessian:
            values = {"eps": 0.3} | values if sigma > 1 else {"eps": 0.0} | values
        for name in ("density", "cdf", "quantile", "log_potential", "stieltjes", "outliers"):
            with pytest.raises(ArithmeticError, match="wide can be evaluated, got one about"):
                getattr(module, name)(0.5, **values)
            with pytest.raises(ArithmeticError, match="other units"):
                getattr(module, name)(np.full(3, 0.5 * sigma), **(values | {"phi": np.full(3, 0.5)}))
        for name in ("support", "index", "atoms"):
            with pytest.raises(ArithmeticError, match="wide can be evaluated"):
                getattr(module, name)(**values)


def test_laws_of_the_widest_and_narrowest_range_are_evaluated() -> None:
    x = np.array([0.3, 0.5, 1.2])
    for scale in (2.0**-239, 2.0**238):
        for found, wanted in (
            (marchenko_pastur.density(x * scale, 0.5, scale) * scale, marchenko_pastur.density(x, 0.5)),
            (marchenko_pastur.cdf(x * scale, 0.5, scale), marchenko_pastur.cdf(x, 0.5)),
            (
                marchenko_pastur.quantile([0.1, 0.9], 0.5, scale) / scale,
                marchenko_pastur.quantile([0.1, 0.9], 0.5),
            ),
        ):
            np.testing.assert_allclose(found, wanted, rtol=1e-14)
