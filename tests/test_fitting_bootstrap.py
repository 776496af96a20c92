"""p-values from the limit theorem beside those of the parametric bootstrap, of the same statistic."""

from __future__ import annotations

import math

import numpy as np
import pytest

from derive import load
from verify import Sampler, bootstrap, fit
from verify.chi_square import chi_square_tail, normal_quantile
from verify.fitting.data import spectrum
from verify.fitting.ensembles import Ensemble
from verify.fitting.families import family
from verify.fitting.goodness import counted
from verify.fitting.minimal_distance import MOST_ORDERS, Local, interval, observed

RATE = 1e-4  # false alarms of each test here, were its seed drawn anew
LEVELS = (0.5, 0.2, 0.05)


@pytest.mark.parametrize(
    ("name", "n", "values"),
    [
        ("wishart_wigner", 100, {"eps": 0.05, "phi": 0.5}),
        ("relu_residual", 120, {"eps": 0.5, "phi": 0.5}),
        ("relu_hessian", 120, {"eps": 0.3, "phi": 0.5, "sigma": 1.0}),
    ],
)
def test_the_theorem_agrees_with_the_bootstrap(name: str, n: int, values: dict[str, float]) -> None:
    """At the estimates, 400 matrices sampled there exceed the quantiles of the limit law as often as it says;
    that of complex matrices is caught.

    The distance does not depend on the estimate, to first order: no sample is fitted again.
    """
    row = Sampler(load(name), n, **values).spectra(np.random.default_rng(4), 1)[0]
    found = fit(row, name)
    rows, realised = bootstrap(load(name), n, 400, seed=4)(**found.law_parameters)
    laws = family(name, 0.0, 1.0, {})
    point = np.array([realised[p] for p in laws.parameters])

    def p_values(beta: int) -> np.ndarray:
        ensemble, first = Ensemble(laws, beta), spectrum(rows[0], None, None, None)
        exterior = interval(laws, first, point, MOST_ORDERS)
        transform = laws.transform(exterior.z, laws.point(point))
        data = observed(first, np.zeros(n, dtype=bool), exterior)
        local = Local(laws, data, ensemble, point, transform)
        pushes = ensemble.pushes(exterior, transform, laws.point(point), first)
        counts = counted(local, pushes, np.ones(point.size, dtype=bool))
        moved = [local.deviation + exterior.statistics(row) - data.statistics for row in rows]
        return np.array([chi_square_tail(counts.distance(d), len(counts.rows)) for d in moved])

    def agree(p: np.ndarray) -> bool:
        error = [math.sqrt(level * (1 - level) / p.size) for level in LEVELS]
        apart = [abs(float((p < level).mean()) - level) for level in LEVELS]
        reach = normal_quantile(RATE / 2 / len(LEVELS))
        return all(a < reach * e + 1 / p.size for a, e in zip(apart, error, strict=True))

    assert agree(p_values(1))
    assert not agree(p_values(2))
