"""How far the spectrum of one matrix may be from its law.

    law = Law(model, **realised(model, n, **parameters))
    test = Test.of(model, law, n, beta=1)
    outcome = test(np.linalg.eigvalsh(matrix))

Eigenvalues repel each other, so a spectrum of N rows determines its law to about 1/N and not to
1/sqrt(N): tests made for independent points see nothing (a wrong eps = 0.06 for 0.05 passes
Kolmogorov and Smirnov's with p = 0.84 at N = 2000). The statistic here is the squared length of the
deviations of resolvent traces, D(z_k) = Tr (z_k - H)^-1 - N G(z_k), measured in their own covariance
(`verify.fluctuations`).

False alarms. With the theorem the statistic is chi-square in the limit of large N, with a calibration
on S matrices it is Hotelling's, so the thresholds belong to the stated rate if D is Gaussian; its
cumulants of order k >= 3 are O(N^(2-k)). Directions whose variance is below `FLOOR` of the largest are
not used: finite-size corrections of relative order 1/N could dominate there.

Power. `smallest_detectable` gives the change of a parameter that is found with 99 % probability; the
tests plant it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.language.eigenvalues import Eigenvalues
from derive.language.model import Model, wanted_model

from .chi_square import chi_square_quantile, hotelling_quantile, normal_quantile
from .fluctuations import Fluctuations, by_theorem, calibrated, deviations, probes, stieltjes, theorem_holds
from .precise import Law

RATE = 1e-6
FLOOR = 1e-3


@dataclass(frozen=True)
class Outcome:
    """A spectrum against a law.

    distance: squared length of the deviations in units of their covariance.
    threshold: what it exceeds with probability `rate` if the law is right.
    degrees: number of independent statistics.
    """

    distance: float
    threshold: float
    rate: float
    degrees: int

    @property
    def accepted(self) -> bool:
        """Whether the spectrum may come from the law."""
        return self.distance <= self.threshold

    def __str__(self) -> str:
        verdict = "agrees with" if self.accepted else "contradicts"
        return (
            f"spectrum {verdict} the law: squared distance {self.distance:.4g}, threshold "
            f"{self.threshold:.4g} ({self.degrees} statistics, false-alarm rate {self.rate:g})"
        )


@dataclass(frozen=True)
class Test:
    """A test of spectra of n rows against one law, made once and used for many spectra."""

    __test__ = False  # not a class of tests to pytest

    n: int
    transform: NDArray[np.complex128]
    fluctuations: Fluctuations
    whitening: NDArray[np.float64]
    threshold: float
    rate: float

    @classmethod
    def of(
        cls,
        model: Model,
        law: Law,
        n: int,
        *,
        beta: int = 1,
        rate: float = RATE,
        calibration: Fluctuations | None = None,
    ) -> Test:
        """The test at a false-alarm rate.

        law: at the realised parameters. calibration: needed where the theorem does not hold
        (`verify.fluctuations.calibrated`); its points are then the test's.
        """
        if calibration is None:
            if isinstance(model.expression, Eigenvalues) or not theorem_holds(model.expression):
                raise ValueError(
                    f"no theorem gives the fluctuations of {model.title!r}; pass calibration=calibrated(...)"
                )
            calibration = by_theorem(law, probes(law), beta)
        elif calibration.size >= n:
            raise ValueError(
                f"a calibration on {calibration.size} rows would absorb errors of a law tested on {n} rows; "
                "calibrate on smaller matrices"
            )
        whitening = _whitening(calibration.covariance)
        degrees = len(whitening)
        threshold = (
            chi_square_quantile(rate, degrees)
            if calibration.samples is None
            else hotelling_quantile(rate, degrees, calibration.samples)
        )
        transform = stieltjes(law, calibration.points)
        return cls(n, transform, calibration, whitening, threshold, rate)

    @property
    def degrees(self) -> int:
        """Number of independent statistics."""
        return len(self.whitening)

    def __call__(self, eigenvalues: NDArray[np.float64]) -> Outcome:
        """Whether the eigenvalues of one matrix may come from the law.

        Raises `ValueError` for another number of them, for none, and where one is not finite.
        """
        values = np.asarray(eigenvalues, dtype=float)
        if values.shape != (self.n,):
            raise ValueError(
                f"the test is made for {self.n} eigenvalues, got an array of shape {values.shape}"
            )
        if not values.size or not np.isfinite(values).all():
            raise ValueError(f"eigenvalues must be finite numbers, at least one, got {values}")
        found = deviations(values, self.fluctuations.points, self.transform) - self.fluctuations.mean
        distance = float(np.sum((self.whitening @ found) ** 2))
        return Outcome(distance, self.threshold, self.rate, self.degrees)

    def separation(self, other: Law) -> float:
        """Length of the shift that spectra of another law have, in standard deviations.

        What a calibration at n0 rows with a wrong law has absorbed is taken off.
        """
        shift = stieltjes(other, self.fluctuations.points) - self.transform
        parts = np.concatenate([shift.real, shift.imag]) * (self.n - self.fluctuations.size)
        return float(np.linalg.norm(self.whitening @ parts))

    def needed(self, power: float = 0.99) -> float:
        """The separation at which a wrong law is found with at least this probability.

        Along the shift s the statistic is at least (s + Z)^2 with Z standard normal.
        """
        return float(np.sqrt(self.threshold)) + normal_quantile(1 - power)


def smallest_detectable(
    model: Model, test: Test, name: str, *, power: float = 0.99, **parameters: Any
) -> float:
    """Smallest relative increase of one parameter that the test finds with the stated probability.

    Found by bisection on the separation of the laws.
    """
    needed = test.needed(power)

    def separation(change: float) -> float:
        return test.separation(Law(model, **{**parameters, name: float(parameters[name]) * (1 + change)}))

    slope = separation(1e-3) / 1e-3
    low, high = 0.0, needed / max(slope, 1e-300)
    while separation(high) < needed:
        low, high = high, 2 * high
        if high > 1e6:
            raise ValueError(f"the test cannot see {name} at all")
    for _ in range(8):
        middle = (low + high) / 2
        low, high = (middle, high) if separation(middle) < needed else (low, middle)
    return high


def compare(
    model: Model, eigenvalues: NDArray[np.float64], *, beta: int = 1, rate: float = RATE, **parameters: Any
) -> Outcome:
    """One spectrum against the law of the model at these (realised) parameters, fluctuations by theorem."""
    law = Law(wanted_model(model), **parameters)
    return Test.of(model, law, len(eigenvalues), beta=beta, rate=rate)(eigenvalues)


def calibration(
    model: Model,
    law: Law,
    *,
    n: int,
    samples: int,
    rng: np.random.Generator,
    beta: int = 1,
    **parameters: Any,
) -> Fluctuations:
    """Fluctuations calibrated at the law's own probes; see `verify.fluctuations.calibrated`."""
    return calibrated(model, law, probes(law), beta, n=n, samples=samples, rng=rng, **parameters)


def _whitening(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows that turn deviations into independent ones of variance 1, weak directions left out.

    The statistics are scaled to unit variance first, so that the choice does not depend on units.
    """
    scale = np.sqrt(np.diag(covariance))
    used = scale > 1e-7 * np.max(scale)
    correlation = covariance[np.ix_(used, used)] / np.outer(scale[used], scale[used])
    values, vectors = np.linalg.eigh(correlation)
    keep = values > FLOOR * values[-1]
    rows = np.zeros((int(np.sum(keep)), len(scale)))
    rows[:, used] = (vectors[:, keep] / np.sqrt(values[keep])).T / scale[used]
    return rows
