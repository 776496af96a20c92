"""What callers hand in: numbers, arrays of them and parameters of laws, checked.

A number is whatever Python counts as one (`numbers.Real`, such as `Fraction`), rounded to a double; beyond
the range of doubles it is infinite. An array is whatever NumPy makes an array of booleans, integers or
floats, its subclasses included, which are read as plain arrays. Masked arrays are refused, for their masks
would be lost, and so are arrays of objects, which would have to be converted one by one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from numbers import Complex, Real
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

DType = type[np.float64] | type[np.complex128]

# What to do about an array of a kind (`numpy.dtype.kind`) that holds no numbers.
CURES = {
    "O": "pass floats, or an array made by np.array(..., dtype=float)",
    "M": "subtract a date and divide by a unit of time",
    "m": "divide by a unit of time",
    "V": "pass one of its fields",
    "U": "convert text by float",
    "S": "convert text by float",
    "T": "convert text by float",
}


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
        return _ends(self.domain)

    @property
    def inside(self) -> float:
        """Some number inside the domain."""
        low, high = self.ends
        if math.isinf(high):
            return 1.0 if math.isinf(low) else low + 1.0
        return high - 1.0 if math.isinf(low) else low + (high - low) / 2

    def values(self, value: ArrayLike) -> NDArray[Any]:
        """`value` as an array of real numbers, each of which is a double or becomes one exactly or rounded.

        Raises `TypeError` if it is not real and numeric, `ValueError` if any of it is NaN or outside
        the domain; both name the parameter, the value and the domain.
        """
        array = real(self.name, value, f"a real number in {self.domain}, or an array of them")
        if array.dtype.itemsize > 8:
            array = as_type(array, np.float64)
        # The least and the greatest decide: masks of a large array would take room.
        if array.size and not (self._holds(array.min()) and self._holds(array.max())):
            where = np.unravel_index(np.argmin(self._holds(array)), array.shape)
            place = f"[{', '.join(map(str, where))}]" if where else ""
            raise ValueError(
                f"{self.name}{place} = {array[where]} is outside its domain {self.domain} ({self.meaning}); "
                "pass values inside it"
            )
        return array

    def _holds(self, value: Any) -> Any:
        low, high = self.ends
        above = value >= low if self.domain[0] == "[" else value > low
        return above & (value <= high if self.domain[-1] == "]" else value < high)


@cache
def _ends(domain: str) -> tuple[float, float]:
    low, high = (_end(end) for end in domain[1:-1].split(","))
    return low, high


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


def number(name: str, value: Any) -> float:
    """`value` as one double; `TypeError` if it is not real or not one number, `ValueError` if it is NaN."""
    array = real(name, value, "a real number")
    if array.ndim:
        raise TypeError(f"{name} must be a real number, got an array of shape {array.shape}; pass one of it")
    if array != array:
        raise ValueError(f"{name} must be a real number, got nan; pass None or an infinity for no bound")
    return float(array)


def _numeric(name: str, value: Any, kinds: str, wanted: str) -> NDArray[Any]:
    array = value if type(value) is np.ndarray else _array(name, value, wanted)
    kind = array.dtype.kind
    if kind in kinds:
        return array
    if kind == "c":
        raise TypeError(f"{name} must be {wanted}, got complex {_shown(value)}; pass its real part")
    raise TypeError(f"{name} must be {wanted}, got {_shown(value)} of dtype {array.dtype}; {CURES[kind]}")


def _array(name: str, value: Any, wanted: str) -> NDArray[Any]:
    """Anything but a plain array as one."""
    if isinstance(value, Complex) and not isinstance(value, np.generic):
        return np.array(_rounded(value) if isinstance(value, Real) else complex(value))
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{name} must be {wanted}, got a masked array; pass its .filled(np.nan) or its .compressed()"
        )
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:  # lists of unequal lengths, say
        raise TypeError(
            f"{name} must be {wanted}, got {_shown(value)}, of which NumPy makes no array ({error}); "
            "pass lists of equal lengths, or an array"
        ) from error


def _rounded(value: Any) -> float:
    """The nearest double, infinite beyond the greatest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def as_type(array: NDArray[Any], dtype: DType) -> NDArray[Any]:
    """The array itself if it is of that dtype, else rounded to it, without warnings."""
    if array.dtype == dtype:
        return array
    with np.errstate(all="ignore"):
        return array.astype(dtype)


def common_shape(arrays: Sequence[NDArray[Any]]) -> tuple[int, ...]:
    """The shape all arrays broadcast to; `ValueError` naming theirs if there is none."""
    try:
        return np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ValueError(
            f"arguments of shapes {shapes} cannot be broadcast together; "
            "give them axes of their own, as in x[:, None]"
        ) from None


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def whole_number(name: str, value: Any, least: int) -> int:
    """`value` as an int of at least `least`; `TypeError` or `ValueError` otherwise."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(
            f"{name} must be an integer >= {least}, got {_shown(value)}; pass one, by int if need be"
        )
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def multiplicative(name: str, theta: ArrayLike) -> NDArray[Any]:
    """Multiplicative spikes, real numbers of at least -1."""
    points = real(name, theta)
    below = np.extract(points < -1.0, points)
    if below.size:
        raise ValueError(
            f"{name} must be at least -1, got {float(below[0])!r}: (1 + {name} P)^(1/2) is not real below. "
            "Drop such values, or plant an additive spike with `outliers`"
        )
    return points
