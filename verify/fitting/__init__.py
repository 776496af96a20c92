"""A law fitted to a spectrum: parameters with their errors, goodness of fit, outliers.

    fit(eigenvalues, "wishart_wigner")                     everything estimated
    fit("spectrum.npy", my_module, scale="fit", phi=0.5)   phi held, the unit of the spectrum unknown
    fit(nodes, "semicircle", weights=weights, size=10**6, probes=10)

The parts, each in a file: `data` what is fitted; `families` the laws chosen from; `starting` where the
search begins; `exterior` the statistics (Chebyshev polynomials of the eigenvalues), their means, and
their covariance and bias for free sums of Gaussian matrices; `products` the same for the ReLU models;
`calibration` for ensembles known by samples; `ensembles` which of them applies; `minimal_distance` the
estimates; `edges` what pushes the law's edges, `goodness` how well the law fits in statistics that push
none; `judgement` what is said of all that; `outliers`; `result`; `picture`. Neither SymPy nor
python-flint is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .data import spectrum
from .ensembles import KINDS, Ensemble
from .families import family
from .judgement import judged
from .minimal_distance import estimate
from .outliers import Outlier
from .result import Combination, Fit
from .starting import start

if TYPE_CHECKING:
    import os
    from types import ModuleType

    from numpy.typing import ArrayLike

    from .calibration import Spectra

__all__ = ["Combination", "Fit", "Outlier", "fit"]


def fit(
    eigenvalues: ArrayLike | str | os.PathLike[str],
    model: str | ModuleType,
    weights: ArrayLike | None = None,
    *,
    loc: float | str = 0.0,
    scale: float | str = 1.0,
    ensemble: str | Spectra = "real",
    size: int | None = None,
    probes: int | None = None,
    **held: float,
) -> Fit:
    """Fit a model's law to the eigenvalues of one matrix.

    eigenvalues: an array, a list, or the path of a `.npy` file. model: the name of a module that ships,
    or a
        generated module. held: parameters of the model by name that are known; the others are estimated.
    loc, scale: an eigenvalue is loc + scale x, x from the law; numbers, or "fit" to estimate them.
    ensemble: the matrices whose errors are given. "real" or "complex": Gaussian matrices of the model,
    as `sample` draws
        them with beta 1 or 2; for a module of your own these are the free sum of Wigner and Wishart
        matrices of this law. Or a function that gives sampled spectra (`verify.fitting.calibration`),
        for products.
    weights: the eigenvalues are then nodes, as Lanczos's method and stochastic quadrature return them.
    Errors
        are given if size (rows of the matrix) and probes (how many random Gaussian vectors, of
        independent entries, the weights are averaged over) are known.

    The errors hold for large matrices (they were measured at 150 to 300 rows), inside the domain of the
    parameters, and for those ensembles: eigenvalues of other matrices, such as Hessians of trained networks,
    may fluctuate otherwise. Outliers are left out, and accounted for as rank-one spikes added to the matrix.
    Raises `TypeError` and `ValueError` for what cannot be fitted, `FileNotFoundError` for a missing file and
    `ArithmeticError` where no parameters come near.
    """
    laws = family(model, loc, scale, held)
    points = spectrum(eigenvalues, weights, size, probes)
    of = _ensemble(ensemble, laws)  # before the search, which may take seconds
    return judged(laws, points, of, estimate(laws, points, of, start(laws, points)))


def _ensemble(ensemble: Any, laws: Any) -> Any:
    if isinstance(ensemble, Callable):  # type: ignore[arg-type]
        from .calibration import Calibrated

        return Calibrated(laws, ensemble)
    if ensemble not in KINDS:
        raise ValueError(
            f'ensemble must be "real" or "complex", or a function that gives spectra, got {ensemble!r}'
        )
    if not laws.is_free_sum:
        raise ValueError(
            f"{laws.module.__name__} is no free sum of Wigner and Wishart matrices: no theorem known here "
            "says how its eigenvalues fluctuate; pass ensemble=verify.bootstrap(model, 200), which samples "
            f"200 rows of the model that it was generated from, such as derive.load({laws.name!r}); "
            "the command has --bootstrap 200"
        )
    return Ensemble(laws, KINDS[ensemble])
