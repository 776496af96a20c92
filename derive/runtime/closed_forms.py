"""Closed forms in the parameters, evaluated in double-double and rounded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arguments import Parameter, as_type, common_shape
from .arithmetic.double_double import DoubleDouble

PI = DoubleDouble(np.float64(3.141592653589793), np.float64(1.2246467991473532e-16))


class _Doubles(np.ndarray[Any, np.dtype[np.float64]]):
    """Plain doubles that bring their own square root."""

    def sqrt(self) -> Any:
        """Elementwise square root."""
        return np.sqrt(self)


@np.errstate(all="ignore")
def closed_form(
    function: Callable[..., Any],
    parameters: Sequence[Parameter],
    values: Sequence[ArrayLike],
    inside: Callable[..., Any],
) -> Any:
    """`function` of the parameters where `inside` holds, 0 elsewhere; correct to about half an ulp."""
    arrays, where = _checked(parameters, values, inside)
    result = np.zeros(where.shape)
    if where.any():
        chosen = [array[where] for array in arrays]
        found = np.array(function(*(DoubleDouble(array, np.zeros_like(array)) for array in chosen)).hi)
        # The exact products of double-doubles overflow before doubles do, as for phi < 1e-290.
        over = ~np.isfinite(found)
        if over.any():
            found[over] = function(*(array[over].view(_Doubles) for array in chosen))
        result[where] = found
    return result[()]


@np.errstate(all="ignore")
def closed_form_inside(
    function: Callable[..., Any],
    parameters: Sequence[Parameter],
    values: Sequence[ArrayLike],
    inside: Callable[..., Any],
    condition: str,
) -> Any:
    """`function` of the parameters; `ValueError` naming `condition` where `inside` does not hold."""
    arrays, where = _checked(parameters, values, inside)
    if not where.all():
        wrong = ", ".join(
            f"{parameter.name} = {array[~where].flat[0]}"
            for parameter, array in zip(parameters, arrays, strict=True)
        )
        raise ValueError(f"defined for {condition} only, got {wrong}; pass values that satisfy it")
    return closed_form(function, parameters, values, inside)


def _checked(
    parameters: Sequence[Parameter], values: Sequence[ArrayLike], inside: Callable[..., Any]
) -> tuple[list[Any], Any]:
    checked = [
        as_type(parameter.values(value), np.float64)
        for parameter, value in zip(parameters, values, strict=True)
    ]
    shape = common_shape(checked)
    arrays = [np.broadcast_to(array, shape) for array in checked]
    return arrays, np.asarray(inside(*arrays))
