"""p-values from the limit theorem beside the parametric bootstrap's, and where bands are about to merge."""

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


def test_counts_next_to_a_cusp_do_not_exclude_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of the eigenvalues are in a band that begins to merge with the other, and eps is no larger than
    its error: the estimate may be a law with an atom in place of the band, which no count supports.
    """
    phi = 1.5
    cusp = phi * (np.cbrt(phi) - 1) ** 3 / 2
    rows = Sampler(load("wishart_wigner"), 150, eps=cusp, phi=phi).spectra(np.random.default_rng(77), 12)

    def least() -> list[float]:
        return sorted(fit(row, "wishart_wigner").p_value for row in rows)

    assert least()[0] > 1e-3
    for place in ("goodness", "judgement"):  # counts at the estimate alone
        monkeypatch.setattr(f"verify.fitting.{place}.nearby", lambda laws, found: [laws.point(found.values)])
    assert least()[1] == 0
