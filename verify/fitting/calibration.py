"""An ensemble known by its matrices alone: the parametric bootstrap in place of a theorem.

    fit(eigenvalues, my_law, ensemble=Calibrated(spectra))

`spectra(**parameters)` gives spectra (samples, rows) of matrices of the model at those parameters, as
near as their shapes allow, and the parameters that they realise. It is asked once, at the fit's first
estimate; the rows may be fewer than the fitted matrix has, for the sums S_k fluctuate alike at all large
sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import Spectrum
from .edges import Push
from .ensembles import Fluctuations
from .exterior import Complex, Exterior
from .families import Family

Real = NDArray[np.float64]

Spectra = Callable[..., tuple[Any, Mapping[str, float]]]


class Calibrated:
    """Mean and covariance of S_k from sampled spectra, made once and used for every estimate after it."""

    def __init__(self, family: Family, spectra: Spectra) -> None:
        self.family, self._spectra = family, spectra
        self._known: tuple[Real, dict[str, float]] | None = None

    @property
    def name(self) -> str:
        """What the errors are right for."""
        if self._known is None:
            return "sampled matrices"
        samples, rows = self._known[0].shape
        return f"the ensemble sampled ({samples} matrices of {rows} rows)"

    def __call__(
        self, exterior: Exterior, transform: Complex, point: Mapping[str, float], spectrum: Spectrum
    ) -> Fluctuations:
        """Those of a spectrum of the ensemble; `ValueError` for weights and for too few samples."""
        if spectrum.weights is not None:
            raise ValueError('errors of nodes and weights are calculated; leave ensemble "real" or "complex"')
        spectra, realised = self._at(point)
        samples, rows = spectra.shape
        if samples < 4 * exterior.orders:
            raise ValueError(
                f"{samples} spectra cannot calibrate {exterior.orders} statistics; "
                f"sample {8 * exterior.orders} or more"
            )
        law = self.family.transform(exterior.z, {**point, **realised})
        moved = point["loc"] + point["scale"] * spectra
        deviations = np.array([exterior.statistics(row) for row in moved]) - rows * exterior.means(law)
        return Fluctuations(
            float(spectrum.rows), deviations.mean(axis=0), np.cov(deviations, rowvar=False), samples=samples
        )

    def pushes(
        self, exterior: Exterior, transform: Complex, point: Mapping[str, float], spectrum: Spectrum
    ) -> list[Push]:
        """None: what pushes the edges of an ensemble is not told by its samples."""
        return []

    def _at(self, point: Mapping[str, float]) -> tuple[Real, dict[str, float]]:
        if self._known is None:
            given, realised = self._spectra(**self.family.own(point))
            spectra = np.asarray(given, dtype=np.float64)
            if spectra.ndim != 2 or not np.isfinite(spectra).all():
                raise ValueError(
                    f"the ensemble must give finite eigenvalues of shape (samples, rows), got {spectra.shape}"
                )
            self._known = spectra, {name: float(realised[name]) for name in self.family.parameters}
        return self._known
