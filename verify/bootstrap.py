"""Sampled spectra of a model for `fit`, where no theorem says how its eigenvalues fluctuate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.model import Model

from .sampling import Sampler


def bootstrap(
    model: Model, n: int, samples: int = 200, *, beta: int = 1, seed: int = 0
) -> Callable[..., tuple[NDArray[np.float64], dict[str, float]]]:
    """A function of the parameters that gives spectra (samples, n), and the parameters that they realise.

    For `fit(..., ensemble=bootstrap(model, n))`. The rows n may be fewer than those of the fitted
    matrix: some hundred are enough, for sums over eigenvalues fluctuate alike at all large sizes. Raises
    as `sample` does.
    """

    def spectra(**parameters: Any) -> tuple[NDArray[np.float64], dict[str, float]]:
        sampler = Sampler(model, n, beta=beta, **parameters)
        return sampler.spectra(np.random.default_rng(seed), samples), sampler.parameters

    return spectra
