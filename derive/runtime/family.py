"""A family of laws over its parameters: from callers' arguments to kernels on prepared laws.

A kernel takes a prepared law and a one-dimensional array of points. A prepared law holds either
one law for all points or one law a point (`take`). Which it is, `Family` settles: a law with many points is
frozen; where each point may have a law of its own, kernels that need no prepared law go first
(`Kernels.direct`), and for the rest equal parameters of a chunk are prepared once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import (
    ComplexArray,
    DType,
    FloatArray,
    Parameter,
    as_type,
    common_shape,
    real,
    real_or_complex,
    whole_number,
)
from .numerics.chunks import checked_out, elements, fill, walk
from .numerics.quiet import quiet
from .outliers import Spikes
from .results import FromEdge

if TYPE_CHECKING:
    from .frozen import Law

# Below this many points a law, prepared laws are evaluated side by side rather than one after another.
FEW_POINTS = 32
# From this many points of one law among several on it pays to freeze it.
MANY = 4096
# Numbers by which a law can be looked up at once: of equal hash and value only if they are the same double.
PLAIN = {float, int, np.float64}
# From here on the formula of an R-transform may overflow.
FAR = 1e100
# As many points with a law of their own are evaluated at a time: half a chunk, whose laws take room too.
POINTS_AT_ONCE = 8192

# The C library returns freed memory to the system above a threshold that rises to the largest block ever
# freed. Without this, temporaries of a chunk would be new pages at every evaluation, at twice its cost.
np.empty(4 << 17)


# A kernel without prepared laws, at one point each: parameters (parameters, n), points (n,), and whether to
# be patient with difficult ones -> values, and where they are resolved.
Direct = Callable[[FloatArray, Any, bool], tuple[Any, Any]]


class Kernels(Protocol):
    """The numerics behind a family: the same functions for every kind of law."""

    def prepare(self, parameters: FloatArray) -> Any: ...
    def laws_at_once(self, parameters: int) -> int: ...
    def freeze(self, law: Any) -> Any: ...
    def take(self, law: Any, index: NDArray[np.intp]) -> Any: ...
    def far_r_transform(self, parameters: FloatArray, g: NDArray[Any]) -> NDArray[Any]: ...
    def direct(self, kernel: object) -> Direct | None: ...

    @property
    def in_place(self) -> Mapping[object, int]:
        """Those of the functions below that take `out` to write to, and how many points at a time."""

    def stieltjes(self, law: Any, z: ComplexArray) -> ComplexArray: ...
    def density(self, law: Any, x: FloatArray) -> FloatArray: ...
    def density_beside(self, law: Any, end: float, distance: FloatArray) -> FloatArray: ...
    def cdf(self, law: Any, x: FloatArray) -> FloatArray: ...
    def sf(self, law: Any, x: FloatArray) -> FloatArray: ...
    def quantile(self, law: Any, q: FloatArray) -> FloatArray: ...
    def upper_quantile(self, law: Any, q: FloatArray) -> FloatArray: ...
    def quantile_from_edge(self, law: Any, q: FloatArray) -> tuple[FloatArray, FloatArray]: ...
    def upper_quantile_from_edge(self, law: Any, q: FloatArray) -> tuple[FloatArray, FloatArray]: ...
    def log_potential(self, law: Any, x: FloatArray) -> FloatArray: ...
    def outliers(self, law: Any, theta: FloatArray) -> tuple[FloatArray, FloatArray]: ...
    def multiplicative_outliers(self, law: Any, theta: FloatArray) -> tuple[FloatArray, FloatArray]: ...
    def bands(self, law: Any) -> FloatArray: ...
    def atoms(self, law: Any) -> FloatArray: ...
    def mass_at_zero(self, law: Any) -> FloatArray: ...
    def index(self, law: Any) -> FloatArray: ...
    def peaks(self, law: Any) -> list[float]: ...
    def moments(self, law: Any, n: int) -> FloatArray: ...
    def free_cumulants(self, law: Any, n: int) -> FloatArray: ...


@partial(quiet, leave={"of_one_law"})
class Family:
    """The laws of one model: every function of a generated module, parameters as a tuple."""

    def __init__(self, name: str, parameters: tuple[Parameter, ...], load: Callable[[], Kernels]) -> None:
        """`load` imports the numerics at the first evaluation: importing a module stays cheap."""
        self.name = name
        self.module = load.__module__
        self.parameters = parameters
        self.prepared = lru_cache(maxsize=64)(self._prepared)
        self.frozen = lru_cache(maxsize=64)(self._frozen)
        self.of_numbers = lru_cache(maxsize=64)(self._of_numbers)
        self._load = load

    @cached_property
    def kernels(self) -> Kernels:
        """The numerics of this kind of law."""
        return self._load()

    def _prepared(self, *values: float) -> Any:
        return self.kernels.prepare(np.array(values, dtype=np.float64).reshape(len(self.parameters), 1))

    def _frozen(self, *values: float) -> Any:
        return self.kernels.freeze(self.prepared(*values))

    def _of_numbers(self, *values: float) -> Any:
        """The frozen law of numbers of the types PLAIN, checked."""
        return self.frozen(*(float(array) for array in self.checked(values)))

    def checked(self, values: Sequence[ArrayLike]) -> list[NDArray[Any]]:
        """The parameters as arrays of real numbers inside their domains."""
        return [parameter.values(value) for parameter, value in zip(self.parameters, values, strict=True)]

    def law(self, values: Sequence[ArrayLike]) -> Law:
        """One law, its parameters fixed; raises `TypeError` unless they are scalars."""
        from .frozen import Law

        parameters = self.checked(values)
        for parameter, array in zip(self.parameters, parameters, strict=True):
            if array.ndim:
                raise TypeError(
                    f"{parameter.name} of a frozen law must be a scalar, got shape {array.shape}; "
                    "the module's functions take arrays of parameters"
                )
        return Law(self, tuple(float(array) + 0.0 for array in parameters))  # 0.0 for -0.0

    def stieltjes(self, z: ArrayLike, values: Sequence[ArrayLike], out: ComplexArray | None) -> Any:
        """G(z)."""
        return self._elementwise(self.kernels.stieltjes, real_or_complex("z", z), values, np.complex128, out)

    def density(self, x: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Density of the absolutely continuous part."""
        return self._elementwise(self.kernels.density, real("x", x), values, np.float64, out)

    def cdf(self, x: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Distribution function."""
        return self._elementwise(self.kernels.cdf, real("x", x), values, np.float64, out)

    def sf(self, x: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Survival function."""
        return self._elementwise(self.kernels.sf, real("x", x), values, np.float64, out)

    def quantile(self, q: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Quantile function."""
        return self._elementwise(self.kernels.quantile, real("q", q), values, np.float64, out)

    def quantile_from_edge(self, q: ArrayLike, values: Sequence[ArrayLike]) -> FromEdge:
        """Quantiles counted from the nearest edge."""
        points = real("q", q)
        kernel = self.kernels.quantile_from_edge
        return FromEdge(*self._elementwise(kernel, points, values, np.float64, None, outputs=2))

    def log_potential(self, x: ArrayLike, values: Sequence[ArrayLike], out: FloatArray | None) -> Any:
        """Logarithmic potential."""
        return self._elementwise(self.kernels.log_potential, real("x", x), values, np.float64, out)

    def spikes(self, values: Sequence[ArrayLike]) -> Spikes:
        """Spikes planted in the laws of these parameters."""

        def evaluated(kernel: Callable[..., Any], theta: NDArray[Any], outputs: int) -> Any:
            return self._elementwise(kernel, theta, values, np.float64, None, outputs)

        return Spikes(self.kernels, evaluated)

    def support(self, values: Sequence[ArrayLike]) -> Any:
        """Bands, (..., k, 2)."""
        return self._a_law(self.kernels.bands, values)

    def atoms(self, values: Sequence[ArrayLike]) -> Any:
        """Atoms, (..., j, 2)."""
        return self._a_law(self.kernels.atoms, values)

    def mass_at_zero(self, values: Sequence[ArrayLike]) -> Any:
        """Weight of the atom at 0."""
        return self._a_law(self.kernels.mass_at_zero, values)

    def index(self, values: Sequence[ArrayLike]) -> Any:
        """Mass on the open negative axis."""
        direct = self.kernels.direct(self.kernels.index)
        parameters = self.checked(values)
        if direct is None or len(common_shape(parameters)) == 0:
            return self._a_law(self.kernels.index, values)
        at_zero = np.zeros(())
        return self._directly(
            lambda law, _: self.kernels.index(law), direct, at_zero, parameters, np.float64, None
        )

    def moments(self, n: int, values: Sequence[ArrayLike]) -> Any:
        """Moments m_0 .. m_n, (n + 1, ...)."""
        order = whole_number("n", n, 0)
        return self._a_law(lambda law: np.moveaxis(self.kernels.moments(law, order), 0, -1), values, axis=0)

    def free_cumulants(self, n: int, values: Sequence[ArrayLike]) -> Any:
        """Free cumulants kappa_1 .. kappa_n, (n, ...)."""
        order = whole_number("n", n, 0)
        return self._a_law(
            lambda law: np.moveaxis(self.kernels.free_cumulants(law, order), 0, -1), values, axis=0
        )

    def r_transform(
        self,
        formula: Callable[..., Any],
        g: ArrayLike,
        values: Sequence[ArrayLike],
        out: NDArray[Any] | None,
    ) -> Any:
        """R(g) by its formula, near infinity by its expansion there; real or complex as g is."""
        points = real_or_complex("g", g)
        dtype: DType = np.complex128 if points.dtype.kind == "c" else np.float64
        parameters = self.checked(values)

        def evaluated(chunk: Any, *rows: Any) -> Any:
            with np.errstate(all="ignore"):
                result = formula(chunk, *rows)
                far = (np.abs(chunk) >= FAR) & ~np.isnan(chunk)
                if dtype is np.complex128:  # division by 0, at a pole
                    result = np.where(np.isfinite(chunk) & ~np.isfinite(result), np.inf, result)
            if far.any():
                result = np.array(np.broadcast_to(result, chunk.shape), dtype)
                laws = np.stack([np.broadcast_to(row, chunk.shape)[far] for row in rows])
                result[far] = self.kernels.far_r_transform(laws, chunk[far])
            return result

        if all(parameter.size == 1 for parameter in parameters):
            numbers = [as_type(parameter.reshape(1), np.float64) for parameter in parameters]
            points = _with_dimensions(points, parameters)
            return walk(lambda chunk: evaluated(chunk, *numbers), points, (), dtype, out)
        return walk(evaluated, points, parameters, dtype, out)

    def continued_r_transform(
        self, g: ArrayLike, values: Sequence[ArrayLike], out: NDArray[Any] | None
    ) -> Any:
        """R(g) of laws without a formula for it; real or complex as g is."""
        kernels: Any = self.kernels
        points = real_or_complex("g", g)
        dtype: DType = np.complex128 if points.dtype.kind == "c" else np.float64
        return self._elementwise(kernels.r_transform, points, values, dtype, out)

    def of_one_law(
        self,
        law: Any,
        kernel: Callable[..., Any],
        points: NDArray[Any],
        dtype: DType,
        out: NDArray[Any] | None,
        outputs: int = 1,
    ) -> Any:
        """A kernel at all points, under one law."""
        size = self.kernels.in_place.get(kernel)
        if size is None:
            return walk(partial(kernel, law), points, (), dtype, out, outputs)
        return fill(partial(kernel, law), points, dtype, out, size)

    def _elementwise(
        self,
        kernel: Callable[[Any, Any], Any],
        points: NDArray[Any],
        values: Sequence[ArrayLike],
        dtype: DType,
        out: NDArray[Any] | None,
        outputs: int = 1,
    ) -> Any:
        if PLAIN.issuperset(map(type, values)):
            numbers: Sequence[Any] = values
            return self.of_one_law(self.of_numbers(*numbers), kernel, points, dtype, out, outputs)

        parameters = self.checked(values)
        if all(parameter.size == 1 for parameter in parameters):
            law = self.frozen(*(float(parameter.item()) for parameter in parameters))
            points = _with_dimensions(points, parameters)
            return self.of_one_law(law, kernel, points, dtype, out, outputs)

        if self._many_a_law(points, parameters, out):
            return self._law_by_law(kernel, points, parameters, dtype, out, outputs)

        direct = self.kernels.direct(kernel)
        if direct is not None:
            return self._directly(kernel, direct, points, parameters, dtype, out)

        def laws_of_chunk(chunk: Any, *rows: FloatArray) -> Any:
            return self._grouped(kernel, chunk, np.stack(rows), dtype, outputs)

        return walk(laws_of_chunk, points, parameters, dtype, out, outputs, POINTS_AT_ONCE)

    def _directly(
        self,
        kernel: Callable[[Any, Any], Any],
        direct: Direct,
        points: NDArray[Any],
        parameters: list[NDArray[Any]],
        dtype: DType,
        out: NDArray[Any] | None,
    ) -> NDArray[Any]:
        """Each point under its own law, none prepared; what is not resolved is gathered and done later."""
        shape = common_shape([points, *parameters])
        result = np.empty(shape, dtype) if out is None else checked_out(out, shape, dtype)
        places: list[NDArray[np.intp]] = []
        left: list[FloatArray] = []  # points on top of their parameters
        walked = 0

        def settle() -> None:
            if places:
                rest = np.concatenate(left, axis=1)
                result.flat[np.concatenate(places)] = self._patiently(
                    kernel, direct, rest[0], rest[1:], dtype
                )
                places.clear()
                left.clear()

        def quickly(chunk: Any, *rows: FloatArray) -> Any:
            nonlocal walked
            if sum(some.size for some in places) >= POINTS_AT_ONCE:
                settle()
            if chunk.size >= MANY and all((row == row[0]).all() for row in rows):
                walked += chunk.size
                return kernel(self.frozen(*(float(row[0]) for row in rows)), chunk)
            table = np.stack(rows)
            values, resolved = direct(table, chunk, False)
            index = np.flatnonzero(~resolved)
            if index.size:
                places.append(walked + index)
                left.append(np.concatenate([chunk[None, index], table[:, index]]))
            walked += chunk.size
            return values

        walk(quickly, points, parameters, dtype, result, size=POINTS_AT_ONCE)
        settle()
        return result if out is None else out

    def _patiently(
        self,
        kernel: Callable[[Any, Any], Any],
        direct: Direct,
        points: Any,
        rows: FloatArray,
        dtype: DType,
    ) -> NDArray[Any]:
        """Points that are difficult; laws are prepared for those that are still not resolved."""
        result, resolved = np.empty(points.shape, dtype), np.empty(points.shape, dtype=bool)
        for start in range(0, points.size, POINTS_AT_ONCE):
            part = slice(start, start + POINTS_AT_ONCE)
            result[part], resolved[part] = direct(rows[:, part], points[part], True)
        left = np.flatnonzero(~resolved)
        if left.size:
            (result[left],) = self._grouped(kernel, points[left], rows[:, left], dtype, 1, together=True)
        return result

    def _many_a_law(self, points: NDArray[Any], parameters: list[NDArray[Any]], out: Any) -> bool:
        """Whether by their shapes there are so many points a law that each law is worth freezing."""
        try:
            size = np.broadcast(points, *parameters).size
        except ValueError:
            return False  # `walk` refuses them
        if not size or size < MANY * np.broadcast(*parameters).size:
            return False
        if not (out is None or isinstance(out, np.ndarray)):
            return False
        # results of one law must not overwrite what another is to read
        return out is None or not any(np.may_share_memory(out, array) for array in (points, *parameters))

    def _law_by_law(
        self,
        kernel: Callable[[Any, Any], Any],
        points: NDArray[Any],
        parameters: list[NDArray[Any]],
        dtype: DType,
        out: NDArray[Any] | None,
        outputs: int,
    ) -> Any:
        """Each law frozen, and evaluated at all its points."""
        *laws, spread = np.broadcast_arrays(*parameters, points)
        axes = np.broadcast(*parameters).shape
        varying = [axis - len(axes) for axis, size in enumerate(axes) if size > 1]
        results = [np.empty(spread.shape, dtype) for _ in range(outputs)]
        if out is not None:
            results = [checked_out(out, spread.shape, dtype)]
        for index in np.ndindex(*(spread.shape[axis] for axis in varying)):
            of_law: list[Any] = [slice(None)] * spread.ndim
            for axis, i in zip(varying, index, strict=True):
                of_law[axis] = i
            at = tuple(of_law)
            law = self.frozen(*(float(array[at].flat[0]) for array in laws))
            if outputs == 1:
                self.of_one_law(law, kernel, spread[at], dtype, results[0][at])
            else:
                found = self.of_one_law(law, kernel, spread[at], dtype, None, outputs)
                for result, values in zip(results, found, strict=True):
                    result[at] = values
        if out is not None:
            return out
        return tuple(results) if outputs > 1 else results[0]

    def _grouped(
        self,
        kernel: Callable[[Any, Any], Any],
        points: Any,
        rows: FloatArray,
        dtype: DType,
        outputs: int,
        together: bool = False,
    ) -> Any:
        """Evaluate points (n,) under parameters rows (parameters, n), preparing equal columns once.

        together: side by side, so that no result depends on how many points a law has.
        """
        if points.size == 0:
            return tuple(np.empty(0, dtype) for _ in range(outputs))
        laws, which = _distinct(rows)
        results = [np.empty(points.shape, dtype) for _ in range(outputs)]

        def store(index: Any, values: Any) -> None:
            for result, value in zip(
                results, values if isinstance(values, tuple) else (values,), strict=True
            ):
                result[index] = value

        order = np.argsort(which, kind="stable")
        starts = np.searchsorted(which[order], np.arange(laws.shape[1] + 1))
        step = self.kernels.laws_at_once(len(rows))
        few = points.size < FEW_POINTS * laws.shape[1]
        if step == 1 or not (few or together):
            for i in range(laws.shape[1]):
                index = order[starts[i] : starts[i + 1]]
                one = self.frozen if index.size >= MANY else self.prepared
                store(index, kernel(one(*laws[:, i].tolist()), points[index]))
        else:
            for first in range(0, laws.shape[1], step):
                last = min(first + step, laws.shape[1])
                law = self.kernels.prepare(np.ascontiguousarray(laws[:, first:last]))
                for start in range(starts[first], starts[last], step):
                    index = order[start : min(start + step, starts[last])]
                    if index.size == 1:
                        index = np.repeat(index, 2)  # one law with one point is one law for all
                    store(index, kernel(self.kernels.take(law, which[index] - first), points[index]))
        return tuple(results)

    def _a_law(self, read: Callable[[Any], Any], values: Sequence[ArrayLike], axis: int | None = None) -> Any:
        """Something of each law, `read(law) -> (laws, ...)`; `axis` moves its last axis there."""
        parameters = self.checked(values)
        shape = common_shape(parameters)
        laws, step = math.prod(shape), self.kernels.laws_at_once(len(parameters))
        if laws == 1:
            result = np.asarray(read(self.prepared(*(float(parameter.item()) for parameter in parameters))))
        elif not laws:  # one law tells the trailing shape
            result = read(self.prepared(*(parameter.inside for parameter in self.parameters)))[:0]
        else:
            arrays = [np.broadcast_to(parameter, shape) for parameter in parameters]
            for start in range(0, laws, step):
                stop = min(start + step, laws)
                rows = np.stack([elements(array, np.float64, start, stop) for array in arrays])
                piece = read(self.kernels.prepare(rows))
                if not start:
                    result = np.empty((laws, *piece.shape[1:]), piece.dtype)
                result[start:stop] = piece
        result = result.reshape((*shape, *result.shape[1:]))
        if axis is not None:
            result = np.moveaxis(result, -1, axis)
        return result[()]


def _with_dimensions(points: NDArray[Any], parameters: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The points with as many dimensions as parameters of one element have."""
    missing = max(parameter.ndim for parameter in parameters) - points.ndim
    return points.reshape((1,) * missing + points.shape) if missing > 0 else points


def _distinct(rows: FloatArray) -> tuple[FloatArray, NDArray[np.intp]]:
    """The distinct columns of rows (parameters, n), and which of them each column is, (n,)."""
    order = np.lexsort(rows)
    ordered = np.take(rows, order, axis=1)
    new = np.ones(order.size, dtype=bool)
    new[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    which = np.empty(order.size, dtype=np.intp)
    which[order] = np.cumsum(new) - 1
    return ordered[:, new], which
