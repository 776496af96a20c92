"""Elementwise evaluation in chunks, whatever the layout of the arrays.

Chunks of 16 384 points keep the working arrays of an evaluation in the cache, whatever the size of the
input. They begin at multiples of that in the order of C, so that the same points give the same bits from
an array of any layout, byte order or dtype. Contiguous arrays are read and written in place, all others a
chunk at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..arguments import DType, as_type, common_shape

CHUNK = 16384
# Functions that write in place and need no working arrays of their own get so many points at a time.
BLOCK = 4 * CHUNK


class Scratch(threading.local):
    """Arrays to work in, one set a thread."""

    def __init__(self) -> None:
        self.rows = np.empty((3, CHUNK))
        self.cell = np.empty(CHUNK, dtype=np.int64)
        self.segment = np.empty(CHUNK, dtype=np.int64)
        self.count = np.empty(CHUNK, dtype=np.uint8)
        self.mask = np.empty(CHUNK, dtype=bool)


SCRATCH = Scratch()


def walk(
    function: Callable[..., Any],
    points: NDArray[Any],
    parameters: Sequence[NDArray[Any]],
    dtype: DType,
    out: NDArray[Any] | None,
    outputs: int = 1,
    size: int = CHUNK,
) -> Any:
    """Apply `function(points, *parameters) -> chunk or tuple of chunks` elementwise.

    All broadcast together; the function sees one-dimensional contiguous chunks of that size, points of type
    `dtype`, parameters of float64, and must not write into them. Returns an array of the broadcast shape (a
    NumPy scalar where that is ()), or a tuple of `outputs` of them; `out` is filled and returned if given,
    and may share memory with the arguments. Raises `ValueError` if shapes do not broadcast or `out` does not
    fit, `TypeError` if `out` is no array or has another dtype.
    """
    inputs: list[NDArray[Any]] = [points, *parameters]
    shape = common_shape(inputs) if parameters else points.shape
    if out is None:
        results = [np.empty(shape, dtype) for _ in range(outputs)]
    else:
        results = [checked_out(out, shape, dtype)]
        inputs = [array.copy() if _spoilt(array, results[0]) else array for array in inputs]
    inputs = [array if array.shape == shape else np.broadcast_to(array, shape) for array in inputs]
    dtypes: list[DType] = [dtype, *[np.float64] * len(parameters)]
    for start in range(0, results[0].size, size):
        stop = min(start + size, results[0].size)
        values = function(*map(elements, inputs, dtypes, repeat(start), repeat(stop)))
        for result, value in zip(results, values if isinstance(values, tuple) else (values,), strict=True):
            _write(result, value, start, stop)
    if out is not None:
        return out
    plain = tuple(result[()] for result in results)
    return plain if outputs > 1 else plain[0]


def fill(
    function: Callable[[Any, Any], Any],
    points: NDArray[Any],
    dtype: DType,
    out: NDArray[Any] | None,
    size: int = BLOCK,
) -> Any:
    """Apply `function(points, out)`, which writes its results, elementwise: as `walk`, with less ado.

    The function gets one-dimensional contiguous pieces of that size which share no memory.
    """
    result = np.empty(points.shape, dtype) if out is None else checked_out(out, points.shape, dtype)
    together = out is not None and np.may_share_memory(points, result)
    if not together and points.dtype == dtype and _contiguous(points) and _contiguous(result):
        if result.size <= size:
            if result.size:
                function(points.reshape(-1), result.reshape(-1))
        else:
            x, values = points.reshape(-1), result.reshape(-1)
            for start in range(0, x.size, size):
                function(x[start : start + size], values[start : start + size])
    else:
        points = points.copy() if together and _spoilt(points, result) else points
        for start in range(0, result.size, size):
            stop = min(start + size, result.size)
            piece = np.empty(stop - start, dtype)
            function(elements(points, dtype, start, stop), piece)
            _write(result, piece, start, stop)
    if out is not None:
        return out
    return result if result.ndim else result[()]


def elements(array: NDArray[Any], dtype: DType, start: int, stop: int) -> NDArray[Any]:
    """Elements start to stop, in the order of C, as a contiguous array of that dtype."""
    if _contiguous(array):
        return as_type(array.reshape(-1)[start:stop], dtype)
    values = np.empty(stop - start, dtype)
    done = 0
    with np.errstate(all="ignore"), _pieces(array, "readonly", start, stop) as pieces:
        for piece in pieces:
            values[done : done + piece.size] = piece
            done += piece.size
    return values


def _write(array: NDArray[Any], values: Any, start: int, stop: int) -> None:
    """Store values as elements start to stop in the order of C."""
    if _contiguous(array):
        array.reshape(-1)[start:stop] = values
        return
    values = np.broadcast_to(values, (stop - start,))
    done = 0
    with _pieces(array, "writeonly", start, stop) as pieces:
        for piece in pieces:
            piece[...] = values[done : done + piece.size]
            done += piece.size


def _contiguous(array: NDArray[Any]) -> bool:
    flags = array.flags
    return flags.c_contiguous and flags.aligned


def _pieces(array: NDArray[Any], access: Literal["readonly", "writeonly"], start: int, stop: int) -> Any:
    """Elements start to stop of an array of any layout, in the order of C, piece by piece."""
    pieces: Any = np.nditer(
        array,
        flags=["external_loop", "buffered", "ranged", "delay_bufalloc"],
        op_flags=[access],
        order="C",
        buffersize=CHUNK,
    )
    pieces.iterrange = start, stop  # only now has it buffers, which would be written back
    return pieces


def _spoilt(array: NDArray[Any], out: NDArray[Any]) -> bool:
    """Whether writing `out` chunk by chunk may change elements of `array` that are still to be read."""
    if not np.may_share_memory(array, out):
        return False
    same = array.shape == out.shape and array.strides == out.strides and array.dtype == out.dtype
    return not (same and array.ctypes.data == out.ctypes.data)


def checked_out(out: Any, shape: tuple[int, ...], dtype: type[Any]) -> NDArray[Any]:
    """`out` as a plain array, a view of it if it is of a subclass."""
    if type(out) is np.ndarray and out.dtype == dtype and out.shape == shape and out.flags.writeable:
        return out
    wanted = f"np.empty({shape}, np.{dtype.__name__})"
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}; pass {wanted}")
    if type(out) is not np.ndarray and isinstance(out, np.ma.MaskedArray):  # else `np.ma` need not be loaded
        raise TypeError("out must be a plain NumPy array, got a masked one; pass its .data")
    if out.dtype != dtype:
        raise TypeError(f"out must have dtype {dtype.__name__}, got {out.dtype}; pass {wanted}")
    if out.shape != shape:
        raise ValueError(f"out must have the broadcast shape {shape}, got {out.shape}; pass {wanted}")
    if not out.flags.writeable:
        raise ValueError(f"out is read-only; pass an array that can be written, as {wanted}")
    return np.asarray(out)
