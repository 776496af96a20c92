"""Outliers of planted spikes: from callers' spikes to kernels, for families and frozen laws alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .arguments import multiplicative, real
from .numerics.quiet import quiet
from .results import AllOutliers, Outliers


@quiet
class Spikes:
    """Spikes planted in given laws."""

    def __init__(
        self, kernels: Any, evaluated: Callable[[Callable[..., Any], NDArray[Any], int], Any]
    ) -> None:
        """`evaluated(kernel, theta, outputs)` gives the outputs of a kernel under the laws."""
        self._kernels, self._evaluated = kernels, evaluated

    def outliers(self, theta: ArrayLike) -> Outliers:
        """Places and squared overlaps of planted spikes."""
        return Outliers(*self._evaluated(self._kernels.outliers, real("theta", theta), 2))

    def multiplicative_outliers(self, theta: ArrayLike) -> Outliers:
        """The same of multiplicative spikes; raises `ValueError` for theta < -1."""
        kernel = self._kernels.multiplicative_outliers
        return Outliers(*self._evaluated(kernel, multiplicative("theta", theta), 2))

    def all_outliers(self, theta: ArrayLike) -> AllOutliers:
        """All outliers of planted spikes, with the ranges of theta in which they are outside."""
        return self._all(self._kernels.all_outliers, real("theta", theta))

    def all_multiplicative_outliers(self, theta: ArrayLike) -> AllOutliers:
        """The same of multiplicative spikes; raises `ValueError` for theta < -1."""
        return self._all(self._kernels.all_multiplicative_outliers, multiplicative("theta", theta))

    def _all(self, kernel: Callable[..., Any], theta: NDArray[Any]) -> AllOutliers:
        fields, places = len(AllOutliers._fields), self._kernels.outlier_places
        found = self._evaluated(kernel, theta, fields * places)
        return AllOutliers(*(np.stack(found[k * places : (k + 1) * places], -1) for k in range(fields)))
