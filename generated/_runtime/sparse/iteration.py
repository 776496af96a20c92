"""Fixed points of many equations at once, by Anderson's acceleration, every column on its own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

HISTORY = 10
MOST_STEPS = 400
TOLERANCE = 1e-14


class CavityError(ArithmeticError):
    """The iteration did not settle: a defect, for the solution exists and is unique."""


def settled(
    advance: Callable[[Complex, NDArray[np.intp]], Complex], chi: Complex, damping: Array, what: str
) -> Complex:
    """The fixed point in every column, to rounding where `damping` weights it.

    advance: the map, of the columns that are named and no others. The real part of a solution is not
    negative, since E exp(-s Y) of Re Y > 0 is at most 1 in modulus.
    """
    result = chi.copy()
    active = np.arange(chi.shape[1])
    states: list[Complex] = []
    residuals: list[Complex] = []
    for _ in range(MOST_STEPS):
        residual = advance(chi, active) - chi
        size = np.max(np.abs(residual) * damping, axis=0)
        scale = 1.0 + np.max(np.abs(chi) * damping, axis=0)
        result[:, active] = chi
        going = size > TOLERANCE * scale
        if not going.any():
            return result
        if not going.all():
            active, chi, residual = active[going], chi[:, going], residual[:, going]
            damping = damping[:, going]
            states = [state[:, going] for state in states]
            residuals = [old[:, going] for old in residuals]
        states, residuals = [*states, chi][-HISTORY:], [*residuals, residual][-HISTORY:]
        chi = np.ascontiguousarray(_mixed(states, residuals, np.sqrt(damping)))
        chi.real[:] = np.maximum(chi.real, 0.0)
    raise CavityError(f"{what} at {active.size} points: residual {size.max():.1e} after {MOST_STEPS} steps")


def _mixed(states: list[Complex], residuals: list[Complex], weight: Array) -> Complex:
    """The next state: of least residual in the span of the last ones, column by column."""
    state, residual = states[-1], residuals[-1]
    if len(states) == 1:
        return state + residual
    moved = np.stack([b - a for a, b in pairwise(states)])
    changed = np.stack([b - a for a, b in pairwise(residuals)])
    q, r = np.linalg.qr(np.transpose(changed * weight, (2, 1, 0)))
    target = np.transpose(q.conj(), (0, 2, 1)) @ (residual * weight).T[:, :, None]
    share = (np.linalg.pinv(r, rcond=1e-12) @ target)[:, :, 0]
    return state + residual - np.einsum("kij,jk->ij", moved + changed, share)
