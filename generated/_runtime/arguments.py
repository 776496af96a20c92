"""What callers hand in: parameters and points, checked and walked through in chunks.

Everything broadcasts like a NumPy ufunc. Chunks of 16 384 points keep the working arrays of an
evaluation in the cache, whatever the size of the input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

DType = type[np.float64] | type[np.complex128]

CHUNK = 16384


class Parameter(NamedTuple):
    """A parameter of a law: its name, LaTeX, domain as an interval, default (or None), meaning."""

    name: str
    latex: str
    domain: str
    default: float | None
    meaning: str

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the domain."""
        low, high = (_end(end) for end in self.domain[1:-1].split(","))
        return low, high

    @property
    def inside(self) -> float:
        """Some number inside the domain."""
        low, high = self.ends
        if math.isinf(high):
            return 1.0 if math.isinf(low) else low + 1.0
        return high - 1.0 if math.isinf(low) else low + (high - low) / 2

    def values(self, value: ArrayLike) -> FloatArray:
        """`value` as float64.

        Raises `TypeError` if it is not real and numeric, `ValueError` if any of it is NaN or outside
        the domain; both name the parameter, the value and the domain.
        """
        array = np.asarray(real(self.name, value, f"a real number in {self.domain}"), dtype=np.float64)
        opening, closing = self.domain[0], self.domain[-1]
        low, high = self.ends
        inside = (array >= low) if opening == "[" else (array > low)
        inside &= (array <= high) if closing == "]" else (array < high)
        if not inside.all():
            wrong = array[~inside].flat[0]
            raise ValueError(f"{self.name} = {wrong} is outside its domain {self.domain} ({self.meaning})")
        return array


def _end(text: str) -> float:
    text = text.strip()
    if text.endswith("oo"):
        return -math.inf if text.startswith("-") else math.inf
    numerator, _, denominator = text.partition("/")
    return float(numerator) / float(denominator or 1)


def real(name: str, value: Any, wanted: str = "a real number or an array of them") -> NDArray[Any]:
    """`value` as an array of real numbers, of whatever dtype it came; `TypeError` if it is not real."""
    return _numeric(name, value, "buif", wanted)


def real_or_complex(name: str, value: Any) -> NDArray[Any]:
    """`value` as an array of numbers, of whatever dtype it came; `TypeError` if it is not numeric."""
    return _numeric(name, value, "buifc", "a complex number or an array of them")


def _numeric(name: str, value: Any, kinds: str, wanted: str) -> NDArray[Any]:
    if isinstance(value, Real) and not isinstance(value, np.generic):
        value = float(value)
    array = np.asarray(value)
    if array.dtype.kind not in kinds:
        if array.dtype.kind == "c":
            raise TypeError(f"{name} must be {wanted}, got complex {_shown(value)}; pass its real part")
        raise TypeError(f"{name} must be {wanted}, got {_shown(value)} of dtype {array.dtype}")
    return array


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def whole_number(name: str, value: Any, least: int) -> int:
    """`value` as an int of at least `least`; `TypeError` or `ValueError` otherwise."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer >= {least}, got {_shown(value)}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def walk(
    function: Callable[..., Any],
    points: NDArray[Any],
    parameters: Sequence[FloatArray],
    dtype: DType,
    out: NDArray[Any] | None,
    outputs: int = 1,
) -> Any:
    """Apply `function(points, *parameters) -> chunk or tuple of chunks` elementwise.

    All broadcast together; the function sees one-dimensional contiguous chunks, points and results
    of type `dtype`, parameters of float64. Returns an array of the broadcast shape (a NumPy
    scalar where that is ()), or a tuple of `outputs` of them; `out` is filled and returned if given.
    Raises `ValueError` if shapes do not broadcast or `out` does not fit, `TypeError` if `out` has
    another dtype.
    """
    inputs = [points, *parameters]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in inputs))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in inputs)
        raise ValueError(f"arguments of shapes {shapes} cannot be broadcast together") from None
    if out is None:
        results = [np.empty(shape, dtype) for _ in range(outputs)]
    else:
        results = [_checked_out(out, shape, dtype)]
    reading, writing = ["readonly", "contig"], ["writeonly", "contig"]
    access: Any = [reading] * len(inputs) + [writing] * len(results)
    iterator = np.nditer(
        [*inputs, *results],
        flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        op_flags=access,
        op_dtypes=[dtype, *[np.float64] * len(parameters), *[dtype] * len(results)],
        casting="same_kind",
        order="C",
        buffersize=CHUNK,
    )
    with iterator:
        for chunks in iterator:
            values = function(*chunks[: len(inputs)])
            values = values if isinstance(values, tuple) else (values,)
            for chunk, value in zip(chunks[len(inputs) :], values, strict=True):
                chunk[...] = value
    if out is not None:
        return out
    plain = tuple(result[()] for result in results)
    return plain if outputs > 1 else plain[0]


def _checked_out(out: Any, shape: tuple[int, ...], dtype: type[Any]) -> NDArray[Any]:
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}")
    if out.dtype != np.dtype(dtype):
        raise TypeError(f"out must have dtype {np.dtype(dtype)}, got {out.dtype}")
    if out.shape != shape:
        raise ValueError(f"out must have the broadcast shape {shape}, got {out.shape}")
    if not out.flags.writeable:
        raise ValueError("out is read-only; pass an array that can be written")
    return out
