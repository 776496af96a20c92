"""Sampled spectra of a model for `fit`, where no theorem says how its eigenvalues fluctuate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from derive.language.model import Model

from .sampling import Sampler

ROWS = 200
TITLE = "sampled matrices"  # of the progress bar


def bootstrap(
    model: Model,
    n: int = ROWS,
    samples: int = 200,
    *,
    beta: int = 1,
    seed: int = 0,
    jobs: int = 1,
    quiet: bool = True,
) -> Callable[..., tuple[NDArray[np.float64], dict[str, float]]]:
    """A function of the parameters that gives spectra (samples, n), and the parameters that they realise.

    For `fit(..., ensemble=bootstrap(model, n))`. The rows n may be fewer than those of the fitted
    matrix: some hundred are enough, for sums over eigenvalues fluctuate alike at all large sizes. Each
    matrix has a stream of its own: jobs, the number of local processes, does not change them (more than one
    needs joblib). Unless quiet, a terminal shows a progress bar. Raises as `sample` does.
    """

    def spectra(**parameters: Any) -> tuple[NDArray[np.float64], dict[str, float]]:
        sampler = Sampler(model, n, beta=beta, **parameters)
        draws = [(sampler, child) for child in np.random.SeedSequence(seed).spawn(samples)]
        if jobs == 1:
            bar = tqdm(draws, desc=TITLE, disable=quiet or None, leave=False)
            return np.stack([_spectrum(*draw) for draw in bar]), sampler.parameters
        from .networks.runs import each

        return np.stack(each(_spectrum, draws, title=TITLE, jobs=jobs, quiet=quiet)), sampler.parameters

    return spectra


def _spectrum(sampler: Sampler, seed: np.random.SeedSequence) -> NDArray[Any]:
    return np.asarray(sampler.spectra(np.random.default_rng(seed), 1)[0])
