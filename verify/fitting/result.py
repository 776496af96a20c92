"""What a fit says: estimates, their errors, what cannot be told, whether the law fits, outliers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .data import Spectrum
from .outliers import Outlier

Real = NDArray[np.float64]

FIXED = 6  # places after the point beyond which powers of 10 are written


@dataclass(frozen=True)
class Combination:
    """What a spectrum tells of parameters that it does not tell apart, with its standard error.

    The sum of coefficient times parameter, or, where `product` says so, the product of parameters to
    these powers; to first order about the estimates.
    """

    coefficients: Mapping[str, float]
    value: float
    standard_error: float
    product: bool = False

    def __str__(self) -> str:
        parts: list[str] = []
        for name, factor in self.coefficients.items():
            whole = abs(abs(factor) - 1) < 5e-3
            if self.product:
                power = "" if whole and factor > 0 else f"^{factor:.3g}"
                parts.append(f"{' ' if parts else ''}{name}{power}")
            else:
                sign = ("-" if factor < 0 else "") if not parts else (" - " if factor < 0 else " + ")
                parts.append(f"{sign}{'' if whole else f'{abs(factor):.3g} '}{name}")
        return f"{''.join(parts)} = {measured(self.value, self.standard_error)}"


@dataclass(frozen=True, eq=False)
class Fit:
    """A law fitted to a spectrum.

    parameters: all of them by name, those held included, and loc and scale: an eigenvalue is loc + scale
    x,
        x from `law`. estimated: the names of those that were fitted, the order of `covariance`.
    standard_errors: of those; infinite where nothing is known of a parameter by itself, NaN where no
        error can be given, as at the end of a domain. covariance: (estimated, estimated), of the same.
    p_value: probability of a distance at least as large if the law is right; NaN where it cannot be given.
        distance, degrees: the squared distance and what it is chi-square of.
    undetermined: names of parameters that the spectrum does not tell apart; `determined` are the
        combinations of them that it does tell.
    outliers: eigenvalues outside the bulk, left out of the fit. notes: what else should be known, a
    sentence each. law: the frozen law. ensemble: what the errors are right for. spectrum: what was
    fitted.
    """

    model: str
    parameters: Mapping[str, float]
    estimated: tuple[str, ...]
    standard_errors: Mapping[str, float]
    covariance: Real
    p_value: float
    distance: float
    degrees: int
    undetermined: tuple[str, ...]
    determined: tuple[Combination, ...]
    outliers: tuple[Outlier, ...]
    notes: tuple[str, ...]
    ensemble: str
    law: Any
    domains: Mapping[str, tuple[float, float]] = field(repr=False)
    spectrum: Spectrum = field(repr=False)

    @property
    def identifiable(self) -> bool:
        """Whether the spectrum determines every parameter by itself."""
        return not self.undetermined

    @property
    def law_parameters(self) -> dict[str, float]:
        """The parameters of the law itself, without loc and scale."""
        return {name: value for name, value in self.parameters.items() if name not in ("loc", "scale")}

    @property
    def loc(self) -> float:
        """What is added to the law's x."""
        return self.parameters["loc"]

    @property
    def scale(self) -> float:
        """What the law's x is multiplied by."""
        return self.parameters["scale"]

    def interval(self, level: float = 0.95) -> dict[str, tuple[float, float]]:
        """Confidence intervals by name, clipped to the domains, NaN where there is no error.

        Raises `ValueError` for a level not in (0, 1).
        """
        if not 0 < level < 1:
            raise ValueError(f"level must be a probability in (0, 1), got {level!r}")
        reach = NormalDist().inv_cdf((1 + level) / 2)
        found = {}
        for name in self.estimated:
            value, half = self.parameters[name], reach * self.standard_errors[name]
            low, high = self.domains[name]
            known = not np.isnan(half)
            found[name] = (max(low, value - half), min(high, value + half)) if known else (np.nan, np.nan)
        return found

    def summary(self) -> str:
        """The whole in words, for people."""
        return "\n".join(_lines(self))

    def __str__(self) -> str:
        return self.summary()

    def record(self) -> dict[str, Any]:
        """Everything but the spectrum as numbers, texts and lists; None for what is not finite."""

        def plain(value: float) -> float | None:
            return float(value) if np.isfinite(value) else None

        return {
            "model": self.model,
            "parameters": {name: plain(value) for name, value in self.parameters.items()},
            "estimated": list(self.estimated),
            "standard_errors": {name: plain(value) for name, value in self.standard_errors.items()},
            "covariance": [[plain(value) for value in row] for row in self.covariance],
            "p_value": plain(self.p_value),
            "distance": plain(self.distance),
            "degrees": self.degrees,
            "undetermined": list(self.undetermined),
            "determined": [
                {
                    "coefficients": dict(found.coefficients),
                    "product": found.product,
                    "value": found.value,
                    "standard_error": plain(found.standard_error),
                }
                for found in self.determined
            ],
            "outliers": [outlier._asdict() for outlier in self.outliers],
            "notes": list(self.notes),
            "ensemble": self.ensemble,
        }

    def draw(self, path: str | Path) -> Path:
        """Draw the spectrum under the fitted law as an SVG file, what is left over below; loads Matplotlib.

        Folders are made as needed. Raises `OSError` where the file cannot be written.
        """
        from .picture import draw

        return draw(self, Path(path))


def measured(value: float, error: float) -> str:
    """A value with its standard error, to two digits of the error."""
    if not np.isfinite(error):
        return f"{value:.6g}"
    if error == 0:
        return f"{value:.10g} +- 0"
    if 0 <= _digits(error) <= FIXED:
        return f"{rounded(value, error)} +- {error:.{_digits(error)}f}"
    return f"{rounded(value, error)} +- {error:.1e}"


def rounded(value: float, error: float) -> str:
    """A value to two digits of its positive standard error; small and large ones by powers of 10."""
    digits = _digits(error)
    if 0 <= digits <= FIXED:
        return f"{value:.{digits}f}"
    if value == 0:
        return "0"
    return f"{value:.{max(int(np.floor(np.log10(abs(value)))) + digits, 0)}e}"


def _digits(error: float) -> int:
    """Places after the point that hold two digits of the error, or a negative number of those before it."""
    return 1 - int(np.floor(np.log10(error)))


def _lines(fit: Fit) -> list[str]:
    spectrum = fit.spectrum
    what = (
        f"{spectrum.points.size} eigenvalues"
        if spectrum.weights is None
        else f"{spectrum.points.size} weighted nodes"
    )
    lines = [f"{fit.model} fitted to {what}"]
    intervals = fit.interval()
    for name in fit.estimated:
        error = fit.standard_errors[name]
        line = f"  {name} = {measured(fit.parameters[name], error)}"
        if name in fit.undetermined:
            line = f"  {name} = {fit.parameters[name]:.3g}, not determined by itself"
        elif np.isfinite(error):
            ends = [rounded(end, error) if error > 0 else f"{end:.6g}" for end in intervals[name]]
            line += f"   95 %: [{', '.join(ends)}]"
        lines.append(line)
    lines += [f"  determined: {found}" for found in fit.determined]
    held = {
        name: value
        for name, value in fit.parameters.items()
        if name not in fit.estimated
        and not (name == "loc" and value == 0)
        and not (name == "scale" and value == 1)
    }
    if held:
        lines.append("  held: " + ", ".join(f"{name} = {value:g}" for name, value in held.items()))
    if np.isfinite(fit.p_value):
        freedom = f"{fit.degrees} degree{'s' * (fit.degrees != 1)} of freedom"
        verdict = "fits" if fit.p_value >= 0.01 else "does not fit"
        lines.append(
            f"  the law {verdict}: p = {fit.p_value:.2g} (squared distance {fit.distance:.4g}, {freedom})"
            if fit.degrees
            else f"  the law {verdict}: p = {fit.p_value:.2g}"
        )
    for outlier in fit.outliers:
        lines.append(
            f"  outlier at {outlier.place:.6g}: a spike theta = {outlier.theta:.4g}, "
            f"squared overlap {outlier.overlap:.3f}"
        )
    lines += [f"  note: {note}" for note in fit.notes]
    lines.append(f"  errors are those of {fit.ensemble}")
    return lines
