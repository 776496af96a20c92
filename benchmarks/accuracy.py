"""Worst errors against certified values (`verify.precise`), on points next to edges and away from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from verify.precise import Law

from .cases import SEED, Case, FloatArray
from .own import HEIGHT, LAW_A_POINT

# "Away from the edges" is beyond this part of the hull's width.
AWAY = 1e-3
QUANTILES = 60
LAWS = 100


class Errors(NamedTuple):
    """Worst errors of a density.

    worst: relative, where the density is positive. away: the same away from the edges. outside: the largest
    value where the density is 0.
    """

    worst: float
    away: float
    outside: float


def relative(value: float, truth: arb) -> float:
    """|value - truth| / |truth|; infinite if the value is not finite."""
    if not math.isfinite(value):
        return math.inf
    return float(((arb(value) - truth) / truth).abs_upper())


class Certified:
    """The certified law of a case, and its density at the test points."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.law = Law(case.module, **case.parameters)
        self.points = case.test_points()
        self.density = [self.law.density(x) for x in self.points.tolist()]
        bands = case.law.bands()
        distance = np.abs(self.points[:, None] - bands.ravel()).min(axis=1)
        self.away = distance > AWAY * (bands[-1, 1] - bands[0, 0])

    def errors(self, values: Iterable[float]) -> Errors:
        """Of a density's values at the test points."""
        worst = away = outside = 0.0
        for value, truth, far in zip(values, self.density, self.away.tolist(), strict=True):
            if truth == 0:
                outside = max(outside, abs(value) if math.isfinite(value) else math.inf)
                continue
            error = relative(value, truth)
            worst = max(worst, error)
            away = max(away, error) if far else away
        return Errors(worst, away, outside)

    def own(self) -> dict[str, float]:
        """Worst errors of our other functions: relative, but in ulp for the quantile.

        The logarithmic potential's error is relative to max(1, its modulus), the Stieltjes transform's to
        its modulus.
        """
        law, points = self.case.law, self.points
        q = np.random.default_rng(SEED).random(QUANTILES)
        z = points + 1j * HEIGHT
        return {
            "density": self.errors(law.pdf(points)).worst,
            "cdf": self._worst(law.cdf(points), self.law.cdf, points),
            "sf": self._worst(law.sf(points), self.law.sf, points),
            "log_potential": self._worst(law.log_potential(points), self.law.log_potential, points, 1.0),
            "quantile": max(map(_ulps, law.ppf(q).tolist(), map(self.law.quantile, q.tolist()))),
            "stieltjes": self._worst_complex(law.stieltjes(z), z),
            "stieltjes, real z": self._worst_complex(law.stieltjes(points), points),
            LAW_A_POINT: self._one_law_a_point(),
        }

    def _worst(
        self, values: FloatArray, certified: Callable[[float], arb], points: FloatArray, least: float = 0.0
    ) -> float:
        worst = 0.0
        for value, x in zip(values.tolist(), points.tolist(), strict=True):
            truth = certified(x)
            if truth == 0:
                worst = max(worst, abs(value))
            elif abs(truth) < least:
                worst = max(worst, float(abs(arb(value) - truth)))
            else:
                worst = max(worst, relative(value, truth))
        return worst

    def _worst_complex(self, values: Any, points: Any) -> float:
        worst = 0.0
        for value, z in zip(values.tolist(), points.tolist(), strict=True):
            truth = self.law.stieltjes(z)
            worst = max(worst, float((truth - value).abs_upper() / truth.abs_lower()))
        return worst

    def _one_law_a_point(self) -> float:
        laws, x = self.case.laws(LAWS), self.case.points(LAWS)
        values = self.case.functions.density(x, **laws).tolist()
        worst = 0.0
        for i, value in enumerate(values):
            parameters = {name: float(row[i]) for name, row in laws.items()}
            truth = Law(self.case.module, **parameters).density(float(x[i]))
            worst = max(worst, abs(value) if truth == 0 else relative(value, truth))
        return worst


def _ulps(value: float, truth: arb) -> float:
    return float(abs(arb(value) - truth) / math.ulp(value))
