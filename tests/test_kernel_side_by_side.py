"""One law a point, straight from the coefficients: against certified values, and as a NumPy ufunc."""

from __future__ import annotations

import importlib
import tracemalloc
from typing import Any

import numpy as np
import pytest

import generated
from generated._runtime.arithmetic import double_double, expressions
from generated._runtime.arithmetic.double_double import DoubleDouble, sqrt
from generated._runtime.arithmetic.expressions import arguments, values
from generated._runtime.family import MANY
from generated._runtime.levy import side_by_side
from tests.levy_reference import Adversary, law_of
from verify.precise import Law

FUNCTIONS = ("density", "cdf", "sf")
ERROR = 4e-15


def module(name: str) -> Any:
    return importlib.import_module(f"generated.{name}")


def parameters(name: str, rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """Over the whole domain, eps in units of sigma^2."""
    values = {
        "eps": 10.0 ** rng.uniform(-12, 6, n),
        "phi": 10.0 ** rng.uniform(-6, 5, n),
        "sigma": 10.0 ** rng.uniform(-6, 6, n),
    }
    names = [parameter.name for parameter in module(name).PARAMETERS]
    if "sigma" in names:
        values["eps"] *= values["sigma"] ** 2
    return tuple(values[key] for key in names)


def common(name: str, rng: np.random.Generator, n: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Points of a heat map."""
    values = {"eps": rng.uniform(0, 2, n), "phi": rng.uniform(0.05, 3, n), "sigma": rng.uniform(0.5, 2, n)}
    return rng.uniform(-3, 8, n), tuple(values[parameter.name] for parameter in module(name).PARAMETERS)


def adversarial(name: str, seed: int, n: int) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Laws and points where something nearly happens."""
    adversary = Adversary(seed)
    points: list[float] = []
    laws: list[tuple[float, ...]] = []
    while len(points) < n:
        values = adversary.parameters(name)
        some = adversary.points(law_of(name, *values))
        points += some
        laws += [values] * len(some)
    return np.array(points), tuple(np.array(laws).T)


def direct(
    name: str, function: str, x: np.ndarray, values: tuple[np.ndarray, ...], patient: bool = True
) -> tuple[Any, Any]:
    """Values without prepared laws, and where they are resolved."""
    kernels = module(name)._FAMILY.kernels
    return kernels.direct(getattr(kernels, function))(np.stack(values), x, patient)


def worst(name: str, function: str, x: Any, values: tuple[np.ndarray, ...], found: Any) -> float:
    """The largest relative error, against certified values."""
    names = [parameter.name for parameter in module(name).PARAMETERS]
    error = 0.0
    for i in range(x.size):
        law = Law(name, **{key: float(value[i]) for key, value in zip(names, values, strict=True)})
        exact = getattr(law, function)(float(x[i]))
        if exact == 0 or not exact.is_finite():
            error = max(error, 0.0 if float(exact) == found[i] else np.inf)
        else:
            error = max(error, float(abs((exact - float(found[i])) / exact)))
    return error


@pytest.mark.parametrize("name", generated.MODELS)
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("patient", [False, True])
def test_what_is_resolved_is_right(name: str, function: str, patient: bool) -> None:
    x, values = adversarial(name, 11, 60)
    found, resolved = direct(name, function, x, values, patient)
    assert resolved.mean() > (0.5 if patient else 0.3)
    chosen = np.flatnonzero(resolved)
    assert worst(name, function, x[chosen], tuple(v[chosen] for v in values), found[chosen]) <= ERROR


@pytest.mark.parametrize("name", generated.MODELS)
@pytest.mark.parametrize("patient", [False, True])
def test_nearly_every_common_point_is_resolved(name: str, patient: bool) -> None:
    rng = np.random.default_rng(5)
    x, values = common(name, rng, 20000)
    for function in FUNCTIONS:
        found, resolved = direct(name, function, x, values, patient)
        assert resolved.mean() >= 0.9995
        few = np.arange(25)
        assert worst(name, function, x[few], tuple(v[few] for v in values), found[few]) <= ERROR


@pytest.mark.parametrize("patient", [False, True])
def test_the_estimate_of_the_error_is_needed(monkeypatch: pytest.MonkeyPatch, patient: bool) -> None:
    """Without it wrong values next to edges would pass."""
    x, values = adversarial("wishart_wigner", 11, 60)
    monkeypatch.setattr(side_by_side, "TOLERANCE", 1.0)
    found, resolved = direct("wishart_wigner", "density", x, values, patient)
    chosen = np.flatnonzero(resolved)
    some = tuple(v[chosen] for v in values)
    assert worst("wishart_wigner", "density", x[chosen], some, found[chosen]) > 1e-12


def test_the_proof_of_a_real_root_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    x, values = common("wishart_wigner", np.random.default_rng(6), 40)
    monkeypatch.setattr(side_by_side, "_certainly_real", lambda points, w, f, d: d.real > 0)
    found, resolved = direct("wishart_wigner", "density", x, values)
    chosen = np.flatnonzero(resolved)
    some = tuple(v[chosen] for v in values)
    assert worst("wishart_wigner", "density", x[chosen], some, found[chosen]) > 0.99


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arrays_of_parameters_agree_with_single_laws(function: str) -> None:
    for name in generated.MODELS:
        x, values = adversarial(name, 12, 40)
        found = getattr(module(name), function)(x, *values)
        for i in range(x.size):
            alone = getattr(module(name), function)(x[i], *(v[i] for v in values))
            np.testing.assert_allclose(found[i], alone, rtol=2e-14)


@pytest.mark.parametrize("name", generated.MODELS)
def test_index_of_arrays(name: str) -> None:
    """Against certified values, next to critical energies and with atoms at 0, too; alone the same."""
    _, values = adversarial(name, 14, 400)
    values = tuple(np.unique(np.array(values), axis=1))
    found = module(name).index(*values)
    names = [parameter.name for parameter in module(name).PARAMETERS]
    for i, value in enumerate(found):
        law = Law(name, **{key: float(v[i]) for key, v in zip(names, values, strict=True)})
        exact = law.index()
        error = float(abs(exact - float(value)))
        assert error <= ERROR * float(exact), (i, value, exact)
        np.testing.assert_allclose(module(name).index(*(v[i] for v in values)), value, rtol=ERROR)
    assert module(name).index(*(v[:0] for v in values)).shape == (0,)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_degenerate_laws(function: str) -> None:
    """Vanishing weights, equal poles, a hard edge, an atom, its place itself; infinite and NaN points."""
    eps = [0.0, 0.0, 2.0, 2.0, 2.0, 1e-12, 0.3, 0.0]
    phi = [0.5, 2.0, 0.7, 1.0, 3.0, 1.0, 2.0, 1.0]
    x = np.array([-np.inf, -1.0, 0.0, 1e-300, 0.3, 1.0, 3.0, np.inf, np.nan])
    for name in ("wishart_wigner", "relu_residual", "relu_hessian"):
        found = getattr(module(name), function)(x[:, None], eps, phi)
        assert np.isnan(found[-1]).all()
        for j in range(len(eps)):
            alone = getattr(module(name).law(eps[j], phi[j]), "pdf" if function == "density" else function)(x)
            np.testing.assert_allclose(found[:, j], alone, rtol=2e-14)


def test_exact_zeros_outside() -> None:
    """Next to an edge, too."""
    for name in generated.MODELS:
        rng = np.random.default_rng(8)
        values = parameters(name, rng, 200)
        bands = module(name).support(*values)
        low, high = (
            bands[..., 0].min(axis=-1, initial=np.inf, where=~np.isnan(bands[..., 0])),
            np.nanmax(bands[..., 1], axis=-1),
        )
        width = high - low
        for relative in (1e-13, 1e-6, 1.0, 1e6):
            left = module(name).density(low - relative * width - 4e-16 * np.abs(low), *values)
            right = module(name).density(high + relative * width + 4e-16 * np.abs(high), *values)
            assert not left.any()
            assert not right.any()


@pytest.mark.parametrize("name", generated.MODELS)
def test_results_depend_on_their_own_point_alone(name: str) -> None:
    """The same in another order and across the borders of chunks: bit for bit, masses to an ulp or two."""
    rng = np.random.default_rng(9)
    x, values = common(name, rng, 40000)
    hard, harder = adversarial(name, 13, 60)
    x = np.concatenate([x, hard])
    values = tuple(np.concatenate(pair) for pair in zip(values, harder, strict=True))
    for function in FUNCTIONS:
        evaluate = getattr(module(name), function)
        found = evaluate(x, *values)
        order = rng.permutation(x.size)
        for index in (order, slice(7, 20000)):
            again = evaluate(x[index], *(v[index] for v in values))
            if function == "density":
                np.testing.assert_array_equal(again, found[index])
            else:
                np.testing.assert_array_max_ulp(again, found[index], 2)


def test_shapes() -> None:
    evaluate = module("relu_hessian").density
    x, phi = np.linspace(-1, 4, 7), np.array([0.3, 1.0, 2.5])
    table = evaluate(x, 0.2, phi[:, None])
    assert table.shape == (3, 7)
    np.testing.assert_array_equal(evaluate(x[:, None], 0.2, phi).T, table)
    np.testing.assert_array_equal(evaluate(*np.broadcast_arrays(x, 0.2, phi[:, None])), table)
    assert evaluate(x[:0], 0.2, phi[:, None]).shape == (3, 0)
    assert evaluate(x, 0.2, np.empty((0, 1))).shape == (0, 7)
    with pytest.raises(ValueError, match="cannot be broadcast"):
        evaluate(x, 0.2, phi)


@pytest.mark.parametrize("function", ["density", "quantile", "stieltjes", "outliers"])
def test_laws_with_many_points_are_frozen(function: str) -> None:
    """Whichever axis the laws lie on, each is the frozen law, bit for bit."""
    points = np.linspace(0.01, 0.99, MANY)
    eps = np.array([0.1, 0.7])
    model = module("wishart_wigner")
    along = getattr(model, function)(points, eps[:, None], 0.5)
    across = getattr(model, function)(points[:, None], eps, 0.5)
    for i in range(2):
        alone = getattr(model, function)(points, eps[i], 0.5)
        if function == "outliers":
            for j in range(2):
                np.testing.assert_array_equal(along[j][i], alone[j])
                np.testing.assert_array_equal(across[j][:, i], alone[j])
        else:
            np.testing.assert_array_equal(along[i], alone)
            np.testing.assert_array_equal(across[:, i], alone)


def test_out_may_be_an_input() -> None:
    model, rng = module("wishart_wigner"), np.random.default_rng(3)
    table = rng.uniform(-1, 3, (2, MANY))
    eps = np.array([[0.2], [0.6]])
    wanted = model.density(table, eps, 0.4)
    assert model.density(table, eps, 0.4, out=table) is table
    np.testing.assert_allclose(table, wanted, rtol=2e-14)
    out = np.empty((2, MANY))
    assert model.density(np.linspace(0, 2, MANY), eps, 0.4, out=out) is out
    with pytest.raises(ValueError, match="broadcast shape"):
        model.density(np.linspace(0, 2, MANY), eps, 0.4, out=out[:, 1:])


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
def test_scratch_memory_is_bounded(name: str) -> None:
    x, values = common(name, np.random.default_rng(4), 100_000)
    out = np.empty_like(x)
    module(name).density(x[:100], *(v[:100] for v in values))
    for function in FUNCTIONS:
        tracemalloc.start()
        getattr(module(name), function)(x, *values, out=out)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak <= 4 << 20


@pytest.mark.parametrize("patience", [side_by_side.QUICK, side_by_side.PATIENT])
def test_laws_of_many_poles(patience: side_by_side.Patience) -> None:
    """There is no formula for five poles: against eigenvalues of companion matrices."""
    rng, k, n = np.random.default_rng(16), 5, 400
    p, c = rng.normal(size=(k, n)), 10.0 ** rng.uniform(-3, 0.5, (k, n))
    x, zero = rng.uniform(-4, 4, n), DoubleDouble(np.zeros(n))
    law = side_by_side.Laws(zero, list(map(DoubleDouble, p)), list(map(DoubleDouble, c)), False)
    found, resolved = side_by_side.density(law, x, patience)
    assert resolved.mean() > 0.98
    for i in np.flatnonzero(resolved):
        polynomial = np.poly([x[i], *p[:, i]])
        for j in range(k):
            polynomial = np.polyadd(polynomial, c[j, i] * np.poly(np.delete(p[:, i], j)))
        w = max(np.roots(polynomial), key=lambda root: root.imag)
        assert abs(found[i] - w.imag / (np.pi * abs(w) ** 2)) <= 1e-8 * max(1.0, found[i])


def test_what_is_a_factor_twice_is_split_once(monkeypatch: pytest.MonkeyPatch) -> None:
    split: list[Any] = []
    monkeypatch.setattr(expressions, "split", lambda a: split.append(a) or double_double.split(a))
    a, b = arguments(2)
    root = sqrt(2 * b)
    found = values([a * b, a**2, a * root, -a * root], [np.array([0.3]), np.array([0.7])])
    assert [x.item() for x in split] == [0.3, 0.7, np.sqrt(1.4)]
    np.testing.assert_array_equal(found[3].hi, -found[2].hi)


def test_common_parts_are_computed_once() -> None:
    """And what is not asked for is not computed at all."""
    eps, phi = arguments(2)
    one, two = phi * sqrt(2 * eps) / 2, phi * sqrt(2 * eps) / 2
    assert one is two
    assert one is not phi * sqrt(2.0 * phi) / 2
    calls: list[float] = []
    never = eps._of(lambda _, value: calls.append(1.0), eps)
    once = eps._of(lambda _, value: calls.append(2.0) or value, eps)
    assert never is not once
    values([once, once + 1, once * phi], [np.array([0.3]), np.array([0.7])])
    assert calls == [2.0]


def test_expressions_are_double_doubles() -> None:
    """Of arguments that are plain doubles, bit for bit."""
    rng = np.random.default_rng(15)
    numbers = [rng.uniform(0.1, 3.0, 50), 10.0 ** rng.uniform(-6, 6, 50)]

    def formulas(a: Any, b: Any) -> list[Any]:
        small = phi_like = a * sqrt(2 * b) / 2
        of_doubles = [
            a + b,
            a - b,
            1 - a,
            a + 3,
            -a,
            a * b,
            3 * a,
            a / 4,
            a * 0.5,
            a / b,
            3 / a,
            a / 3,
            a**2,
            a**3,
        ]
        return [*of_doubles, small, 1 - small, -(phi_like**2) + 3 / a, a * small, small / b, (2**60 + 1) * a]

    found = values(formulas(*arguments(2)), numbers)
    wanted = formulas(*map(DoubleDouble, numbers))
    for value, exact in zip(found, wanted, strict=True):
        value = DoubleDouble.of(value)
        np.testing.assert_array_equal(value.hi, exact.hi)
        np.testing.assert_array_equal(value.lo, exact.lo)
    assert values([2], numbers) == [2]
