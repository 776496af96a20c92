"""What the functions accept as points and parameters: every form gives the bits of plain float64 arrays."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import generated

MODULES = {name: importlib.import_module(f"generated.{name}") for name in generated.MODELS}
# exact in half precision, and none an integer that would be taken for another
TYPICAL: dict[str, tuple[float, ...]] = {
    "semicircle": (1.5,),
    "marchenko_pastur": (2.5, 0.75),
    "wishart_wigner": (0.125, 0.5),
    "relu_residual": (0.5, 2.0),
    "relu_hessian": (0.25, 1.75, 1.25),
}
OF_MODULES = ("density", "cdf", "sf", "quantile", "log_potential", "stieltjes", "r_transform")
OF_LAWS = ("pdf", "cdf", "sf", "ppf", "isf", "stieltjes", "log_potential")
# one of each kind, for what depends on arrays and not on the numbers in them
CHEAP = ("density", "stieltjes", "r_transform")

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(params=sorted(MODULES))
def module(request: pytest.FixtureRequest) -> ModuleType:
    """Each generated module in turn."""
    return MODULES[request.param]


def values_of(module: ModuleType) -> tuple[float, ...]:
    """Typical parameters."""
    return TYPICAL[module.__name__.split(".")[-1]]


def functions(module: ModuleType, names: tuple[str, ...] = OF_MODULES) -> list[Callable[..., Any]]:
    """Functions of the main argument and `out`: of the module with its parameters, and of a frozen law."""
    values = values_of(module)

    def of_module(name: str) -> Callable[..., Any]:
        return lambda points, **out: getattr(module, name)(points, *values, **out)

    law = module.law(*values)
    return [of_module(name) for name in names] + (
        [getattr(law, name) for name in OF_LAWS] if names is OF_MODULES else [law.pdf, law.stieltjes]
    )


class Wrapped:
    """Something that NumPy can make an array of, as a column of a data frame."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._array, dtype=dtype)


class Subclass(np.ndarray[Any, Any]):
    """An array that calls itself something else."""


def misaligned(array: Any) -> Any:
    """The array at an odd address."""
    room = np.empty(array.nbytes + 1, np.uint8)
    moved = room[1:].view(array.dtype).reshape(array.shape)
    moved[...] = array
    return moved


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "Fortran order": np.asfortranarray,
    "transposed": lambda a: a.T.copy().T,
    "negative strides": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "every other column": lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    "a field of records": lambda a: np.rec.fromarrays([a, a], names="x,y")["x"],
    "misaligned": misaligned,
    "big-endian": lambda a: a.astype(a.dtype.newbyteorder(">")),
    "half precision": lambda a: a.astype(np.float16),
    "single precision": lambda a: a.astype(np.float32),
    "single precision, transposed": lambda a: a.astype(np.float32).T.copy().T,
    "extended precision": lambda a: a.astype(np.longdouble),
    "nested lists": lambda a: a.tolist(),
    "tuple of arrays": tuple,
    "matrix": lambda a: a.view(np.matrix),
    "subclass": lambda a: a.view(Subclass),
    "__array__": Wrapped,
    "memoryview": lambda a: memoryview(a.copy()),
    "read-only": lambda a: np.broadcast_to(a, a.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_points_of_any_layout(module: ModuleType, layout: str) -> None:
    points = np.arange(1, 13).reshape(3, 4) / 16.0
    other = LAYOUTS[layout](points)
    for function in functions(module):
        wanted = function(points)
        found = function(other)
        assert type(found) is np.ndarray
        assert found.tobytes() == wanted.tobytes()
        assert found.shape == (3, 4)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_points_of_any_layout_beyond_one_chunk(module: ModuleType, layout: str) -> None:
    points = ((np.arange(40_000) * 7) % 1024).reshape(160, 250) / 1024.0
    other = LAYOUTS[layout](points)
    for function in functions(module, CHEAP):
        assert function(other).tobytes() == function(points).tobytes()


def test_broadcast_points(module: ModuleType) -> None:
    column = np.linspace(0.0, 1.0, 130)[:, None]
    for points in (np.broadcast_to(column, (130, 140)), np.broadcast_to(0.375, (20_000,))):
        for function in functions(module, CHEAP):
            assert function(points).tobytes() == function(points.copy()).tobytes()


def test_complex_points_of_any_layout(module: ModuleType) -> None:
    points = (np.arange(1, 13) / 8.0 + 0.25j).reshape(3, 4)
    others = [np.asfortranarray(points), points.astype(">c16"), points.astype(np.complex64), points.tolist()]
    others += [points.astype(np.clongdouble), misaligned(points), Wrapped(points), points[::-1].copy()[::-1]]
    for function in functions(module, ("stieltjes", "r_transform"))[:2]:
        for other in others:
            assert function(other).tobytes() == function(points).tobytes()


@pytest.mark.parametrize("dtype", ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4"])
def test_integer_points(module: ModuleType, dtype: str) -> None:
    points = np.array([0, 1, 1, 0]) if dtype == "b1" else np.arange(5)
    for function in functions(module):
        assert function(points.astype(dtype)).tobytes() == function(points.astype(float)).tobytes()


@pytest.mark.parametrize(
    "half",
    [Fraction(1, 2), np.float16(0.5), np.float32(0.5), np.float64(0.5), np.longdouble(0.5), np.array(0.5)],
)
def test_scalar_points(module: ModuleType, half: Any) -> None:
    for function in functions(module):
        found = function(half)
        assert type(found) in (np.float64, np.complex128)
        assert found.tobytes() == function(0.5).tobytes()


@pytest.mark.parametrize("one", [1, True, np.int8(1), np.uint64(1), np.True_, Fraction(1), 1.0])
def test_whole_scalar_points(module: ModuleType, one: Any) -> None:
    for function in functions(module):
        assert function(one).tobytes() == function(np.array([1.0]))[0].tobytes()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0, 4)])
def test_empty_points(module: ModuleType, shape: tuple[int, ...]) -> None:
    for function in functions(module):
        found = function(np.empty(shape))
        assert found.shape == shape
        assert found.dtype in (np.float64, np.complex128)
    assert module.outliers(np.empty(shape), *values_of(module)).place.shape == shape


@pytest.mark.parametrize(
    "huge", [10**400, Fraction(10**400), np.longdouble("1e400"), np.array(["1e400"], np.longdouble)]
)
def test_numbers_beyond_doubles_are_infinite(module: ModuleType, huge: Any) -> None:
    for function in functions(module):
        for sign in (1, -1):
            wanted = function(np.broadcast_to(sign * math.inf, np.shape(huge)))
            assert np.array_equal(function(sign * huge), wanted, equal_nan=True)
    name, first = module.PARAMETERS[0].name, values_of(module)[1:]
    with pytest.raises(ValueError, match=rf"{name}.* = inf is outside its domain"):
        module.density(0.5, huge, *first)


FORMS: dict[str, Callable[[float], Any]] = {
    "fraction": Fraction,
    "half precision": np.float16,
    "single precision": np.float32,
    "extended precision": np.longdouble,
    "numpy scalar": np.float64,
    "array": np.array,
    "big-endian array": lambda value: np.array(value, ">f8"),
    "__array__": lambda value: Wrapped(np.array(value)),
}


@pytest.mark.parametrize("form", FORMS)
def test_parameters_of_any_form(module: ModuleType, form: str) -> None:
    plain = values_of(module)
    other = tuple(FORMS[form](value) for value in plain)
    for name in OF_MODULES:
        function = getattr(module, name)
        assert function([0.25, 0.5], *other).tobytes() == function([0.25, 0.5], *plain).tobytes()
    for name in ("support", "atoms", "mass_at_zero", "index"):
        assert getattr(module, name)(*other).tobytes() == getattr(module, name)(*plain).tobytes()
    for name in ("moments", "free_cumulants"):
        assert getattr(module, name)(3, *other).tobytes() == getattr(module, name)(3, *plain).tobytes()
    assert module.law(*other) == module.law(*plain)
    assert repr(module.law(*other)) == repr(module.law(*plain))


@pytest.mark.parametrize("two", [2, np.int8(2), np.uint64(2), Fraction(2), np.array(2, np.int16)])
def test_whole_parameters(module: ModuleType, two: Any) -> None:
    count = len(module.PARAMETERS)
    wanted = module.density([0.25, 0.5], *[2.0] * count)
    assert module.density([0.25, 0.5], *[two] * count).tobytes() == wanted.tobytes()
    assert module.law(*[two] * count) == module.law(*[2.0] * count)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_parameter_arrays_of_any_layout(module: ModuleType, layout: str) -> None:
    """One law a point."""
    plain = [value * (1.0 + np.arange(6).reshape(2, 3) / 8.0) for value in values_of(module)]
    if "half" in layout:
        plain = [array.astype(np.float16).astype(np.float64) for array in plain]
    points = np.arange(1, 7).reshape(2, 3) / 8.0
    wanted = module.density(points, *plain)
    found = module.density(points, *(LAYOUTS[layout](array) for array in plain))
    assert found.tobytes() == wanted.tobytes()
    found = module.support(*(LAYOUTS[layout](array) for array in plain))
    assert found.tobytes() == module.support(*plain).tobytes()


def test_negative_zero_is_zero() -> None:
    for name in ("wishart_wigner", "relu_residual", "relu_hessian"):
        module, rest = MODULES[name], values_of(MODULES[name])[1:]
        points = np.linspace(0.25, 3.0, 9)
        wanted = [
            module.density(points, 0.0, *rest),
            module.stieltjes(points, 0.0, *rest),
            module.support(0.0, *rest),
        ]
        module._FAMILY.prepared.cache_clear()
        module._FAMILY.frozen.cache_clear()
        module._FAMILY.of_numbers.cache_clear()
        found = [
            module.density(points, -0.0, *rest),
            module.stieltjes(points, -0.0, *rest),
            module.support(-0.0, *rest),
        ]
        for one, other in zip(wanted, found, strict=True):
            assert one.tobytes() == other.tobytes()
        assert repr(module.law(-0.0, *rest)) == repr(module.law(0.0, *rest))


OUTS: dict[str, Callable[[Any], Any]] = {
    "Fortran order": lambda dtype: np.empty((160, 250), dtype, order="F"),
    "every other column": lambda dtype: np.empty((160, 500), dtype)[:, ::2],
    "negative strides": lambda dtype: np.empty((160, 250), dtype)[::-1, ::-1],
    "misaligned": lambda dtype: misaligned(np.zeros((160, 250), dtype)),
    "matrix": lambda dtype: np.empty((160, 250), dtype).view(np.matrix),
    "subclass": lambda dtype: np.empty((160, 250), dtype).view(Subclass),
}


@pytest.mark.parametrize("layout", OUTS)
def test_out_of_any_layout(module: ModuleType, layout: str) -> None:
    points = ((np.arange(40_000) * 7) % 1024).reshape(160, 250) / 1024.0
    for function in functions(module, CHEAP):
        wanted = function(points)
        out = OUTS[layout](wanted.dtype)
        assert function(points, out=out) is out
        assert np.array_equal(np.asarray(out), wanted, equal_nan=True)


def test_out_of_one_number_and_of_none(module: ModuleType) -> None:
    for function in functions(module):
        wanted = function(0.5)
        out = np.empty((), wanted.dtype)
        assert function(0.5, out=out) is out
        assert out[()] == wanted
        empty = np.empty((0, 2), wanted.dtype)
        assert function(np.empty((0, 2)), out=empty) is empty


def test_files_mapped_into_memory(module: ModuleType, tmp_path: Path) -> None:
    points = np.memmap(tmp_path / "points", np.float64, "w+", shape=(20_000,))
    points[:] = np.linspace(0.0, 1.0, 20_000)
    out = np.memmap(tmp_path / "values", np.float64, "w+", shape=(20_000,))
    assert module.density(points, *values_of(module), out=out) is out
    assert np.array_equal(out, module.density(np.array(points), *values_of(module)))


def test_out_that_overlaps_the_points(module: ModuleType) -> None:
    """Whatever of the points `out` covers, they are read before they are overwritten."""
    size = 40_000
    grid = ((np.arange(2 * size) * 7) % 1024) / 1024.0
    views: list[tuple[Callable[[Any], Any], Callable[[Any], Any]]] = [
        (lambda a: a[:size], lambda a: a[:size]),
        (lambda a: a[:size], lambda a: a[1 : size + 1]),
        (lambda a: a[1 : size + 1], lambda a: a[:size]),
        (lambda a: a[:size], lambda a: a[:size][::-1]),
        (lambda a: a[::2], lambda a: a[1::2]),
        (lambda a: a[::2], lambda a: a[:size]),
        (lambda a: np.broadcast_to(a[7], size), lambda a: a[:size]),
        (lambda a: a[:size].reshape(200, 200), lambda a: a[:size].reshape(200, 200).T),
        (lambda a: a.view(np.float32)[:size], lambda a: a[:size]),
    ]
    for read, written in views:
        with np.errstate(all="ignore"):
            wanted = module.density(read(grid).copy(), *values_of(module))
            memory = grid.copy()
            out = written(memory)
            module.density(read(memory), *values_of(module), out=out)
        assert np.array_equal(out, wanted, equal_nan=True)


def test_out_that_overlaps_a_parameter(module: ModuleType) -> None:
    first, *rest = values_of(module)
    laws = first * (1.0 + (np.arange(300) % 7) / 8.0)
    wanted = module.density(0.5, laws, *rest)
    for out, given in ((laws, laws), (laws[1:], laws[:-1])):
        before = first * (1.0 + (np.arange(300) % 7) / 8.0)
        laws[:] = before
        module.density(0.5, given, *rest, out=out)
        assert np.array_equal(out, wanted[: out.size])


def test_results_belong_to_the_caller(module: ModuleType) -> None:
    """No result shares memory with the points, or with what the law keeps."""
    points = np.linspace(0.0, 1.0, 9)
    for function in functions(module):
        first = function(points)
        kept = first.copy()
        first[...] = 7.0
        assert np.array_equal(points, np.linspace(0.0, 1.0, 9))
        assert np.array_equal(function(points), kept, equal_nan=True)
    law = module.law(*values_of(module))
    for read in (law.bands, law.atoms, lambda: module.support(*values_of(module))):
        table = read()
        kept = table.copy()
        table[...] = 7.0
        assert np.array_equal(read(), kept, equal_nan=True)


def test_intervals_of_many_confidences(module: ModuleType) -> None:
    law = module.law(*values_of(module))
    low, high = law.interval([0.5, 0.9])
    assert (low[0], high[0]) == law.interval(0.5)
    assert (low[1], high[1]) == law.interval(0.9)
