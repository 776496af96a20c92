"""The interface of generated modules: arguments, shapes, types, refusals, frozen laws."""

from __future__ import annotations

import importlib
import math
import pickle
import subprocess
import sys
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import generated

MODULES = {name: importlib.import_module(f"generated.{name}") for name in generated.MODELS}
TYPICAL: dict[str, dict[str, float]] = {
    "semicircle": {"sigma": 1.5},
    "marchenko_pastur": {"phi": 2.5, "sigma": 0.75},
    "wishart_wigner": {"eps": 0.125, "phi": 0.5},
    "relu_residual": {"eps": 0.5, "phi": 2.0},
    "relu_hessian": {"eps": 0.25, "phi": 1.75, "sigma": 1.25},
}
POINTWISE = ("density", "cdf", "sf", "quantile", "log_potential", "stieltjes", "r_transform")
BANDS = {"semicircle": 1, "marchenko_pastur": 1, "wishart_wigner": 2, "relu_residual": 2, "relu_hessian": 3}

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=sorted(MODULES))
def module(request: pytest.FixtureRequest) -> ModuleType:
    """Each generated module in turn."""
    return MODULES[request.param]


def parameters(module: ModuleType) -> dict[str, float]:
    """Typical parameters of a module."""
    return TYPICAL[module.__name__.split(".")[-1]]


def test_models_are_listed_sorted() -> None:
    assert tuple(sorted(TYPICAL)) == generated.MODELS


def test_parameters_in_the_stated_order() -> None:
    orders = {name: [p.name for p in module.PARAMETERS] for name, module in MODULES.items()}
    assert orders == {
        "semicircle": ["sigma"],
        "marchenko_pastur": ["phi", "sigma"],
        "wishart_wigner": ["eps", "phi"],
        "relu_residual": ["eps", "phi"],
        "relu_hessian": ["eps", "phi", "sigma"],
    }
    assert MODULES["relu_hessian"].PARAMETERS[2].default == 1.0
    assert MODULES["semicircle"].PARAMETERS[0]._fields == ("name", "latex", "domain", "default", "meaning")


def test_constants_are_text(module: ModuleType) -> None:
    for constant in (module.TITLE, module.SOURCE, module.LATEX):
        assert isinstance(constant, str)
        assert constant


@pytest.mark.parametrize("name", POINTWISE)
def test_scalars_give_scalars_and_arrays_arrays(module: ModuleType, name: str) -> None:
    function, p = getattr(module, name), parameters(module)
    scalar = function(0.25, **p)
    wanted = np.complex128 if name == "stieltjes" else np.float64
    assert type(scalar) is wanted
    grid = np.linspace(0.05, 0.95, 12).reshape(3, 4)
    values = function(grid, **p)
    assert values.shape == (3, 4)
    assert values.dtype == wanted
    flat = [function(point, **p) for point in grid.flat]
    # Not to the bit: NumPy's vector loops and their scalar remainders round differently.
    np.testing.assert_allclose(values.ravel(), flat, rtol=2e-14, atol=2e-15)


@pytest.mark.parametrize("name", POINTWISE)
def test_parameters_broadcast(module: ModuleType, name: str) -> None:
    """A column of laws against a row of points equals one law after another, to rounding."""
    function, p = getattr(module, name), parameters(module)
    first = next(iter(p))
    column = np.array([[0.3], [0.9], [1.7]]) * p[first]
    points = np.linspace(0.05, 0.9, 7)
    table = function(points, **(p | {first: column}))
    assert table.shape == (3, 7)
    for i in range(3):
        row = function(points, **(p | {first: column[i, 0]}))
        np.testing.assert_allclose(table[i], row, rtol=1e-12, atol=1e-15)


def test_functions_of_the_law_broadcast(module: ModuleType) -> None:
    p = parameters(module)
    name = module.__name__.split(".")[-1]
    first = next(iter(p))
    many = p | {first: np.array([[0.4, 1.0, 2.0]]) * p[first]}
    assert module.support(**p).shape == (BANDS[name], 2)
    assert module.support(**many).shape == (1, 3, BANDS[name], 2)
    assert module.atoms(**many).shape[:2] == (1, 3)
    assert module.atoms(**many).shape[-1] == 2
    assert module.moments(4, **many).shape == (5, 1, 3)
    assert module.free_cumulants(4, **many).shape == (4, 1, 3)
    assert type(module.index(**p)) is np.float64
    assert module.index(**many).shape == (1, 3)
    assert type(module.mass_at_zero(**p)) is np.float64
    assert np.all(module.moments(0, **many) == 1)
    for i in range(3):
        one = p | {first: many[first][0, i]}
        np.testing.assert_allclose(module.support(**many)[0, i], module.support(**one), rtol=1e-13)
        np.testing.assert_allclose(module.moments(4, **many)[:, 0, i], module.moments(4, **one), rtol=1e-13)
    empty = p | {first: np.empty((0, 2))}
    assert module.support(**empty).shape == (0, 2, BANDS[name], 2)
    assert module.moments(3, **empty).shape == (4, 0, 2)
    assert module.index(**empty).shape == (0, 2)


def test_positional_and_named_parameters_agree(module: ModuleType) -> None:
    p = parameters(module)
    assert module.density(0.3, *p.values()) == module.density(0.3, **p)
    assert module.index(*p.values()) == module.index(**p)


@pytest.mark.parametrize("name", POINTWISE)
def test_out(module: ModuleType, name: str) -> None:
    function, p = getattr(module, name), parameters(module)
    points = np.linspace(0.05, 0.95, 40_000)
    dtype = np.complex128 if name == "stieltjes" else np.float64
    out = np.empty(points.shape, dtype)
    assert function(points, **p, out=out) is out
    assert np.array_equal(out, function(points, **p), equal_nan=True)
    with pytest.raises(ValueError, match="shape"):
        function(points, **p, out=np.empty(3, dtype))
    with pytest.raises(TypeError, match="dtype"):
        function(points, **p, out=np.empty(points.shape, np.float32))
    with pytest.raises(TypeError, match="NumPy array"):
        function(points, **p, out=[0.0])
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        function(points, **p, out=out)


def test_out_may_be_the_input(module: ModuleType) -> None:
    points = np.linspace(0.05, 0.95, 50_000)
    wanted = module.cdf(points, **parameters(module))
    assert module.cdf(points, **parameters(module), out=points) is points
    assert np.array_equal(points, wanted)
    shifted = np.linspace(0.05, 0.95, 50_001)
    wanted = module.cdf(shifted[:-1].copy(), **parameters(module))
    module.cdf(shifted[:-1], **parameters(module), out=shifted[1:])
    assert np.array_equal(shifted[1:], wanted)


def test_inputs_of_any_layout(module: ModuleType) -> None:
    p = parameters(module)
    points = np.linspace(0.0, 2.0, 24).reshape(4, 6)
    wanted = module.density(points, **p)
    for other in (points.T.copy().T, np.asfortranarray(points), points.astype(">f8"), points.tolist()):
        assert np.array_equal(module.density(other, **p), wanted)
    np.testing.assert_allclose(module.density(points[::2, ::-1], **p), wanted[::2, ::-1], rtol=2e-14)
    assert np.array_equal(
        module.density(points.astype(np.float32), **p),
        module.density(points.astype(np.float32).astype(float), **p),
    )
    assert module.density(1, **p) == module.density(1.0, **p) == module.density(np.array(1.0), **p)
    assert module.density(Fraction(1, 2), **p) == module.density(0.5, **p)
    assert module.density([], **p).shape == (0,)
    assert module.density(np.empty((0, 3)), **p).shape == (0, 3)


@pytest.mark.parametrize("name", POINTWISE)
def test_nan_stays_where_it_is(module: ModuleType, name: str) -> None:
    values = getattr(module, name)(np.array([0.25, math.nan, 0.5]), **parameters(module))
    assert np.isnan(values).tolist() == [False, True, False]


def test_infinite_points(module: ModuleType) -> None:
    p = parameters(module)
    ends = np.array([-math.inf, math.inf])
    assert module.density(ends, **p).tolist() == [0.0, 0.0]
    assert module.cdf(ends, **p).tolist() == [0.0, 1.0]
    assert module.sf(ends, **p).tolist() == [1.0, 0.0]
    assert module.log_potential(ends, **p).tolist() == [math.inf, math.inf]
    assert module.stieltjes(ends, **p).tolist() == [0, 0]


def test_quantile_outside_is_nan(module: ModuleType) -> None:
    values = module.quantile(np.array([-0.1, 0.0, 1.0, 1.1]), **parameters(module))
    assert np.isnan(values).tolist() == [True, False, False, True]


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf, np.array([1.0, -2.0])])
def test_parameters_outside_the_domain(module: ModuleType, wrong: Any) -> None:
    p = parameters(module)
    for name in p:
        domain = next(q.domain for q in module.PARAMETERS if q.name == name)
        for call in (
            lambda q: module.density(0.1, **q),
            lambda q: module.support(**q),
            lambda q: module.index(**q),
        ):
            with pytest.raises(ValueError) as caught:
                call(p | {name: wrong})
            assert name in str(caught.value)
            assert domain in str(caught.value)


@pytest.mark.parametrize("wrong", [1j, "one", None, np.array([object()]), {"a": 1}])
def test_parameters_of_wrong_type(module: ModuleType, wrong: Any) -> None:
    p = parameters(module)
    for name in p:
        with pytest.raises(TypeError, match=name):
            module.density(0.1, **(p | {name: wrong}))
        with pytest.raises(TypeError, match=name):
            module.law(**(p | {name: wrong}))


@pytest.mark.parametrize("wrong", [1j, "one", None, np.array([object()])])
def test_points_of_wrong_type(module: ModuleType, wrong: Any) -> None:
    for name in ("density", "cdf", "sf", "log_potential"):
        with pytest.raises(TypeError, match="x must be"):
            getattr(module, name)(wrong, **parameters(module))


def test_shapes_that_do_not_broadcast(module: ModuleType) -> None:
    p = parameters(module)
    first = next(iter(p))
    with pytest.raises(ValueError, match="broadcast"):
        module.density(np.zeros(3), **(p | {first: np.full(2, p[first])}))


@pytest.mark.parametrize("wrong", [-1, 2.0, "3", True])
def test_orders_of_moments(module: ModuleType, wrong: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="n must be"):
        module.moments(wrong, **parameters(module))


def test_frozen_law_speaks_scipy(module: ModuleType) -> None:
    p = parameters(module)
    law = module.law(**p)
    points = np.linspace(-1.0, 3.0, 9)
    assert np.array_equal(law.pdf(points), module.density(points, **p))
    assert np.array_equal(law.cdf(points), module.cdf(points, **p))
    assert np.array_equal(law.sf(points), module.sf(points, **p))
    assert np.array_equal(law.stieltjes(points + 0.1j), module.stieltjes(points + 0.1j, **p))
    q = np.array([0.0, 0.2, 0.7, 1.0])
    assert np.array_equal(law.ppf(q), module.quantile(q, **p))
    assert law.isf(0.25) == pytest.approx(law.ppf(0.75), rel=1e-14)
    np.testing.assert_allclose(law.sf(law.isf(1e-9)), 1e-9, rtol=1e-4)
    assert law.support() == (law.ppf(0.0), law.ppf(1.0))
    assert law.median() == law.ppf(0.5)
    assert law.interval(0.5) == (law.ppf(0.25), law.ppf(0.75))
    assert law.moment(3) == module.moments(3, **p)[3]
    assert law.mean() == law.moment(1)
    assert law.std() == pytest.approx(math.sqrt(law.var()))
    assert law.index() == module.index(**p)
    assert law.mass_at_zero() == module.mass_at_zero(**p)
    assert not np.isnan(law.bands()).any()
    assert not np.isnan(law.atoms()).any()
    assert law.expect(lambda x: np.ones_like(x)) == pytest.approx(1.0, abs=1e-10)
    assert law.expect() == pytest.approx(law.mean(), abs=1e-10)
    assert law.expect(lambda x: x**2) == pytest.approx(law.moment(2), rel=1e-10)
    assert law.expect(lambda x: np.ones_like(x), lb=0.3, ub=1.0) == pytest.approx(
        float(law.cdf(1.0) - law.cdf(0.3)), abs=1e-10
    )


def test_draws(module: ModuleType) -> None:
    law = module.law(**parameters(module))
    draws = law.rvs(size=(200, 10), random_state=3)
    assert draws.shape == (200, 10)
    assert np.array_equal(draws, law.rvs((200, 10), np.random.default_rng(3)))
    assert isinstance(law.rvs(), float)
    low, high = law.support()
    assert low <= draws.min()
    assert draws.max() <= high
    # 2000 independent draws: the mean lies within six standard errors.
    assert abs(draws.mean() - law.mean()) < 6 * law.std() / math.sqrt(draws.size)
    with pytest.raises(TypeError, match="random_state"):
        law.rvs(3, "seed")


def test_frozen_law_takes_scalars_only(module: ModuleType) -> None:
    p = parameters(module)
    with pytest.raises(TypeError, match="scalar"):
        module.law(**(p | {next(iter(p)): np.array([1.0, 2.0])}))


def test_repr_builds_the_law_again(module: ModuleType) -> None:
    law = module.law(**parameters(module))
    name = module.__name__.split(".")[-1]
    again = eval(repr(law), {name: module})
    assert again == law
    assert hash(again) == hash(law)
    assert repr(again) == repr(law)


def test_frozen_law_can_be_pickled(module: ModuleType) -> None:
    law = module.law(**parameters(module))
    again = pickle.loads(pickle.dumps(law))
    assert again == law
    assert again.pdf(0.3) == law.pdf(0.3)


def forget(module: ModuleType) -> None:
    """Let the next evaluation prepare its laws anew, tables included."""
    for cache in (module._FAMILY.prepared, module._FAMILY.frozen, module._FAMILY.of_numbers):
        cache.cache_clear()


LAW_ALONE = ("support", "atoms", "index", "mass_at_zero")
POINTS = np.array([-1e300, -1.0, -1e-300, 0.0, 1e-300, 0.5, 1e5, 1e300, math.inf, math.nan])


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e12])
def test_no_warning_leaks(module: ModuleType, scale: float) -> None:
    """No function of a fresh law minds how its caller treats floating-point errors."""
    p = parameters(module)
    first = next(iter(p))
    p = p | {first: scale * p[first]}
    laws: list[dict[str, Any]] = [p, {key: np.array([value, 1.25 * value]) for key, value in p.items()}]
    with np.errstate(all="raise"):
        for name in (*POINTWISE, "quantile_from_edge", "outliers"):
            forget(module)
            for law in laws:
                getattr(module, name)(POINTS[:, None], **law)
        for law in laws:
            forget(module)
            for name in LAW_ALONE:
                getattr(module, name)(**law)
            for name in ("moments", "free_cumulants"):
                getattr(module, name)(40, **law)
        for name in ("critical_energy", "index_prefactor"):
            if hasattr(module, name):
                getattr(module, name)(np.array([5e-324, 1e-300, 0.5, 1.0 - 2.0**-53]))


def test_no_warning_leaks_from_a_frozen_law(module: ModuleType) -> None:
    forget(module)
    with np.errstate(all="raise"):
        law = module.law(**parameters(module))
        for name in ("pdf", "cdf", "sf", "ppf", "isf", "ppf_from_edge", "isf_from_edge", "log_potential"):
            getattr(law, name)(POINTS)
        for name in ("stieltjes", "log_potential"):
            getattr(law, name)(POINTS)
        for name in ("mean", "var", "std", "median", "support", "bands", *LAW_ALONE[1:]):
            getattr(law, name)()
        law.rvs(100, random_state=0)
        law.moment(40)
        law.interval([0.0, 0.5, 1.0])
        assert law.expect(lambda x: x * 0.0 + 1.0) == pytest.approx(1.0, rel=1e-12)


def test_the_function_of_an_expectation_keeps_its_callers_treatment(module: ModuleType) -> None:
    law = module.law(**parameters(module))
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        law.expect(lambda x: x * 0.0 + np.exp(np.full(x.shape, 1e4)))


def test_numerics_are_loaded_whatever_their_first_caller_does(module: ModuleType) -> None:
    code = (
        "import importlib, numpy, warnings\n"
        "warnings.simplefilter('error')\n"
        "numpy.seterr(all='raise')\n"
        f"module = importlib.import_module({module.__name__!r})\n"
        f"print(module.density(0.25, **{parameters(module)!r}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert float(found.stdout) == module.density(0.25, **parameters(module))


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
def test_critical_energy_and_prefactor(name: str) -> None:
    module = MODULES[name]
    assert module.critical_energy(1.0) == module.critical_energy(7.5) == 0.0
    assert module.critical_energy(np.array([[0.5, 2.0]])).shape == (1, 2)
    assert type(module.critical_energy(0.5)) is np.float64
    assert module.critical_energy(0.5) > 0
    for wrong in (1.0, 2.0, np.array([0.5, 1.5])):
        with pytest.raises(ValueError, match="phi"):
            module.index_prefactor(wrong)
    assert module.index_prefactor(0.5) > 0
    with pytest.raises(ValueError, match="phi"):
        module.critical_energy(-0.5)
    if name == "relu_hessian":
        assert module.critical_energy(0.5, 2.0) == 4 * module.critical_energy(0.5)
        assert module.index_prefactor(0.5, sigma=3.0) == module.index_prefactor(0.5)


def test_r_transform_near_infinity(module: ModuleType) -> None:
    """Exact rational values of the formula where doubles overflow, limits at infinity, inf+0j at poles."""
    p = parameters(module)
    for g in (1e99, 1e101, -1e160, 1e300):
        exact = module._r_transform(Fraction(g), *(Fraction(value) for value in p.values()))
        assert module.r_transform(g, **p) == pytest.approx(float(exact), rel=1e-14)
        found = module.r_transform(complex(0.0, g), **p)
        square = Fraction(g) ** 2
        if module.__name__.endswith("relu_residual"):  # odd: R(ig) = i eps phi g / (2 + eps phi^2 g^2)
            eps, phi = (Fraction(value) for value in p.values())
            assert found == pytest.approx(1j * float(eps * phi * Fraction(g) / (2 + eps * phi**2 * square)))
    wigner = module.__name__.endswith(("semicircle", "wishart_wigner"))
    ends = module.r_transform(np.array([-math.inf, math.inf]), **p)
    assert ends.tolist() == ([-math.inf, math.inf] if wigner else [0.0, 0.0])
    ends = module.r_transform(np.array([complex(math.inf, 0), complex(0, -math.inf)]), **p)
    assert ends.tolist() == ([complex(math.inf, 0)] * 2 if wigner else [0j, 0j])
    if module.__name__.endswith(("marchenko_pastur", "wishart_wigner")):
        pole = 1 / (p["phi"] * p.get("sigma", 1.0))
        exact_pole = Fraction(pole) * Fraction(p["phi"]) * Fraction(p.get("sigma", 1.0)) == 1
        assert not exact_pole or module.r_transform(complex(pole, 0), **p) == complex(math.inf, 0)
