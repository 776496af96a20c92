"""Scratch memory: at most 4 MiB beyond inputs and outputs, whatever the size, the first call included."""

from __future__ import annotations

import importlib
import tracemalloc
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import generated

MODULES = {name: importlib.import_module(f"generated.{name}") for name in generated.MODELS}
TYPICAL: dict[str, tuple[float, ...]] = {
    "semicircle": (1.5,),
    "marchenko_pastur": (2.5, 0.75),
    "wishart_wigner": (0.125, 0.5),
    "relu_residual": (0.5, 2.0),
    "relu_hessian": (0.25, 1.75, 1.25),
}
MIB = 2**20
LIMIT = 4 * MIB
SIZE = 100_000  # seven chunks
# a million points would tell the same, but for scratch that grows slowly with their number
MANY = 1_000_000
# more than is evaluated at a time with a law of its own each, and than is prepared at a time
FEWER, LAWS = 8_200, 700


@pytest.fixture(params=sorted(MODULES))
def module(request: pytest.FixtureRequest) -> ModuleType:
    """Each generated module in turn, as if no law of it had been asked for."""
    module = MODULES[request.param]
    _ = module._FAMILY.kernels  # imports are no scratch
    for cache in (module._FAMILY.prepared, module._FAMILY.frozen, module._FAMILY.of_numbers):
        cache.cache_clear()
    return module


def values_of(module: ModuleType) -> tuple[float, ...]:
    """Typical parameters."""
    return TYPICAL[module.__name__.split(".")[-1]]


def many_laws(module: ModuleType, size: int) -> tuple[Any, list[float]]:
    """So many values of the first parameter, and the others."""
    first, *rest = values_of(module)
    return first * (1.0 + np.arange(size) / size), rest


def peak(call: Callable[[], Any]) -> int:
    """The most memory, in bytes, that the call held at one time."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        call()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_the_measure_sees_temporaries() -> None:
    points = np.zeros(MANY)
    assert peak(lambda: points + 1.0) >= points.nbytes
    assert peak(lambda: np.add(points, 1.0, out=points)) < MIB


@pytest.mark.parametrize("size", [MANY, 10 * MANY])
def test_density_of_many_points(module: ModuleType, size: int) -> None:
    points, out = np.linspace(-1.0, 4.0, size), np.empty(size)
    assert peak(lambda: module.density(points, *values_of(module), out=out)) <= LIMIT
    assert peak(lambda: module.law(*values_of(module)).pdf(points, out=out)) <= LIMIT


def test_results_and_little_more(module: ModuleType) -> None:
    """Without `out` the results, and no more than scratch."""
    points = np.linspace(-1.0, 4.0, MANY)
    assert peak(lambda: module.density(points, *values_of(module))) <= points.nbytes + LIMIT


LAYOUTS: dict[str, Callable[[int], Any]] = {
    "single precision": lambda size: np.linspace(-1.0, 4.0, size, dtype=np.float32),
    "big-endian": lambda size: np.linspace(-1.0, 4.0, size).astype(">f8"),
    "every other": lambda size: np.linspace(-1.0, 4.0, 2 * size)[::2],
    "transposed": lambda size: np.linspace(-1.0, 4.0, size).reshape(1000, -1).T,
    "integers": lambda size: np.arange(size),
    "broadcast": lambda size: np.broadcast_to(np.linspace(-1.0, 4.0, 1000)[:, None], (1000, size // 1000)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_points_of_any_layout(module: ModuleType, layout: str) -> None:
    """They are converted a chunk at a time; so is what is written to `out`."""
    points = LAYOUTS[layout](MANY)
    for out in (np.empty(points.shape), np.empty((*points.shape, 2))[..., 0]):
        assert peak(lambda result=out: module.density(points, *values_of(module), out=result)) <= LIMIT


OTHERS = ("cdf", "sf", "stieltjes", "quantile", "log_potential")


@pytest.mark.parametrize("name", OTHERS)
def test_other_functions(module: ModuleType, name: str) -> None:
    points = np.linspace(-1.0, 4.0, SIZE) if name != "quantile" else np.linspace(0.0, 1.0, SIZE)
    out = np.empty(SIZE, np.complex128 if name == "stieltjes" else np.float64)
    assert peak(lambda: getattr(module, name)(points, *values_of(module), out=out)) <= LIMIT


def test_one_law_a_point(module: ModuleType) -> None:
    laws, rest = many_laws(module, SIZE)
    points, out = np.linspace(-1.0, 4.0, SIZE), np.empty(SIZE)
    assert peak(lambda: module.density(points, laws, *rest, out=out)) <= LIMIT


@pytest.mark.parametrize("name", ["cdf", "stieltjes", "quantile"])
def test_other_functions_with_one_law_a_point(module: ModuleType, name: str) -> None:
    laws, rest = many_laws(module, FEWER)
    points = np.linspace(-1.0, 4.0, FEWER) if name != "quantile" else np.linspace(0.0, 1.0, FEWER)
    out = np.empty(FEWER, np.complex128 if name == "stieltjes" else np.float64)
    assert peak(lambda: getattr(module, name)(points, laws, *rest, out=out)) <= LIMIT


def test_some_points_a_law(module: ModuleType) -> None:
    """Too few for the laws to be dealt with one by one."""
    laws, rest = many_laws(module, LAWS)
    points = np.linspace(0.1, 0.9, 8)[:, None]
    out = np.empty((8, LAWS))
    assert peak(lambda: module.quantile(points, laws, *rest, out=out)) <= LIMIT


def test_functions_of_many_laws(module: ModuleType) -> None:
    laws, rest = many_laws(module, LAWS)
    for function in (module.support, module.atoms):
        results: list[Any] = []
        found = peak(lambda f=function, r=results: r.append(f(laws, *rest)))
        assert found - results[0].nbytes <= LIMIT


def test_points_that_are_overwritten(module: ModuleType) -> None:
    points = np.linspace(-1.0, 4.0, MANY)
    assert peak(lambda: module.density(points, *values_of(module), out=points)) <= LIMIT


def test_r_transform(module: ModuleType) -> None:
    g = np.linspace(-1.0, 4.0, MANY)
    for points in (g, g + 1j):
        out = np.empty_like(points)
        assert peak(lambda p=points, o=out: module.r_transform(p, *values_of(module), out=o)) <= LIMIT


def test_parameters_that_are_checked(module: ModuleType) -> None:
    """A large array of parameters costs no masks."""
    parameter = module.PARAMETERS[0]
    for array in (np.full(MANY, 0.5), np.full(MANY, 0.5, np.float32), np.full(2 * MANY, 0.5)[::2]):
        assert peak(lambda a=array: parameter.values(a)) <= MIB
