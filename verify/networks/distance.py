"""How far a spectrum is from its law: the Wasserstein distance of first order.

    W = integral over q in (0, 1) of |lambda(q) - Q(q)|

with the eigenvalues' quantile function lambda(q), a step for each, and the law's quantile function Q. It is
the mean way that eigenvalues would have to move; an atom counts like any other mass, and rounding of its
place does no harm.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.float64]
PARTS = 4  # levels for each eigenvalue; the midpoint rule between them errs by O(1/(PARTS N)^2)


class Law(Protocol):
    """What a generated, frozen law offers here."""

    def ppf(self, q: Real) -> Real:
        """The quantile function."""


def quantiles(law: Law, count: int) -> Real:
    """Q at `PARTS` midpoints of each of `count` equal steps of (0, 1), (count, PARTS); for `wasserstein`."""
    levels = (np.arange(count * PARTS) + 0.5) / (count * PARTS)
    return np.reshape(law.ppf(levels), (count, PARTS))


def wasserstein(eigenvalues: Real, wanted: Real) -> Real:
    """W between spectra (..., N), in any order, and a law given by its `quantiles`, (N, PARTS)."""
    values = np.sort(np.asarray(eigenvalues, dtype=float), axis=-1)
    if values.shape[-1] != len(wanted):
        raise ValueError(f"{len(wanted)} quantiles do not belong to spectra of shape {values.shape}")
    distance: Real = np.mean(np.abs(values[..., None] - wanted), axis=(-2, -1))
    return distance
