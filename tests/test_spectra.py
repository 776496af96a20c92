"""Tests of spectra against laws: their null distribution, their rate of false alarms, their power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive import load
from verify import Law, Sampler, Test, compare, realised, smallest_detectable
from verify.chi_square import chi_square_quantile, hotelling_quantile, normal_quantile, student_quantile
from verify.fluctuations import by_theorem, calibrated, deviations, probes, stieltjes, theorem_holds
from verify.spectra import calibration

ROWS = 60


def spectra(name: str, n: int, beta: int, count: int, seed: int, **values: Any) -> np.ndarray:
    return Sampler(load(name), n, beta=beta, **values).spectra(np.random.default_rng(seed), count)


def test_quantiles_of_distributions() -> None:
    """Chi-square of 2 degrees is exponential, of 1 a squared normal; Hotelling's tends to it, Student's to
    the normal one."""
    assert abs(chi_square_quantile(1e-6, 2) + 2 * np.log(1e-6)) < 1e-9
    assert abs(student_quantile(1e-6, 2) * np.sqrt(2e-6 * (1 - 1e-6)) / (1 - 2e-6) - 1) < 1e-9
    assert abs(student_quantile(1e-6, 10**7) - normal_quantile(1e-6)) < 1e-5
    assert abs(chi_square_quantile(2e-3, 1) - normal_quantile(1e-3) ** 2) < 1e-9
    assert abs(hotelling_quantile(1e-6, 4, 10**6) / chi_square_quantile(1e-6, 4) - 1) < 1e-4
    # Two statistics: P(F > f) = (1 + 2 f / m)^(-m/2) with m = S - 2, in closed form.
    s, rate = 30, 1e-6
    f = ((rate ** (-2 / (s - 2))) - 1) * (s - 2) / 2
    assert abs(hotelling_quantile(rate, 2, s) / (f * 2 * (s + 1) * (s - 1) / (s * (s - 2))) - 1) < 1e-9
    with pytest.raises(ValueError, match="cannot calibrate"):
        hotelling_quantile(1e-6, 6, 6)


@pytest.mark.parametrize(
    ("name", "values", "beta"),
    [
        ("wishart_wigner", {"eps": 0.05, "phi": 0.5}, 1),
        ("wishart_wigner", {"eps": 0.05, "phi": 0.5}, 2),
        ("marchenko_pastur", {"phi": 2, "sigma": 1}, 1),
        ("semicircle", {"sigma": 1}, 1),
    ],
)
def test_the_theorem(name: str, values: dict[str, float], beta: int) -> None:
    """Mean, variances and the distance's mean and variance over 250 matrices, within 5 standard errors."""
    count = 250
    law = Law(name, **values)
    test = Test.of(load(name), law, ROWS, beta=beta)
    found = spectra(name, ROWS, beta, count, 11, **values)
    fluctuations = test.fluctuations
    d = deviations(found, fluctuations.points, test.transform)
    error = np.sqrt(np.diag(fluctuations.covariance) / count)
    assert np.all(np.abs(d.mean(axis=0) - fluctuations.mean) < 5 * error)
    ratio = d.var(axis=0) / np.diag(fluctuations.covariance)
    assert np.all(np.abs(ratio - 1) < 5 * np.sqrt(2 / count) + 5 / ROWS)
    distances = np.array([test(row).distance for row in found])
    assert abs(distances.mean() / test.degrees - 1) < 5 * np.sqrt(2 / test.degrees / count) + 5 / ROWS
    assert distances.max() < test.threshold
    # Moderate tails behave: 5 % and 1 % thresholds are exceeded about as often as they should be.
    for rate, most in ((0.05, 0.05 + 5 * 0.014), (0.01, 0.01 + 5 * 0.0063)):
        assert np.mean(distances > chi_square_quantile(rate, test.degrees)) < most


def test_the_bias_of_real_matrices_is_seen_and_needed() -> None:
    """Without its bias the real deviations are off by more than 5 standard errors: the test can fail."""
    values = {"eps": 0.05, "phi": 0.5}
    law = Law("wishart_wigner", **values)
    points = probes(law)
    theorem = by_theorem(law, points, 1)
    d = deviations(spectra("wishart_wigner", ROWS, 1, 400, 12, **values), points, stieltjes(law, points))
    error = np.sqrt(np.diag(theorem.covariance) / 400)
    assert np.max(np.abs(d.mean(axis=0)) / error) > 5
    assert np.max(np.abs(d.mean(axis=0) - theorem.mean) / error) < 4.5
    assert np.array_equal(by_theorem(law, points, 2).mean, np.zeros(2 * len(points)))


@pytest.mark.parametrize("beta", [1, 2])
@pytest.mark.parametrize("parameter", ["eps", "phi"])
def test_planted_parameters_are_found(beta: int, parameter: str) -> None:
    """The stated smallest detectable change is detected, a quarter of it is not."""
    n, values = 100, {"eps": 0.05, "phi": 0.5}
    model, law = load("wishart_wigner"), Law("wishart_wigner", **values)
    test = Test.of(model, law, n, beta=beta)
    change = smallest_detectable(model, test, parameter, **values)
    assert 0.05 < change < 0.8

    def rejected(change: float) -> float:
        wrong = {**values, parameter: values[parameter] * (1 + change)}
        return float(
            np.mean([not test(row).accepted for row in spectra("wishart_wigner", n, beta, 30, 13, **wrong)])
        )

    assert rejected(0.0) == 0
    assert rejected(change / 4) < 0.5
    assert rejected(change) > 0.9


def test_detectable_sizes() -> None:
    """What is found falls like 1/n; at n = 2000 it is 3 % of eps = 0.05 (Kolmogorov's misses 20 %)."""
    model, values = load("wishart_wigner"), {"eps": 0.05, "phi": 0.5}
    law = Law(model, **values)
    sizes = {n: smallest_detectable(model, Test.of(model, law, n), "eps", **values) for n in (200, 2000)}
    assert 0.02 < sizes[2000] < 0.04
    assert 9 < sizes[200] / sizes[2000] < 12


def test_kolmogorov_accepts_what_this_rejects() -> None:
    """One real spectrum of 500 rows at eps = 0.05 against the law at eps = 0.065."""
    n, values = 500, {"eps": 0.05, "phi": 0.5}
    spectrum = spectra("wishart_wigner", n, 1, 1, 14, **values)[0]
    model = load("wishart_wigner")
    wrong = {"eps": 0.065, "phi": 0.5}
    law = Law("wishart_wigner", **wrong)
    levels = np.array([float(law.cdf(float(x)).mid()) for x in spectrum[::5]])
    steps = np.arange(0, n, 5) / n
    kolmogorov = np.max(np.abs(levels - steps)) * np.sqrt(n)
    assert kolmogorov < 1.36  # the 5 % point for independent points: accepted
    assert compare(model, spectrum, **values).accepted
    outcome = compare(model, spectrum, **wrong)
    assert not outcome.accepted
    assert "contradicts" in str(outcome)


@pytest.mark.parametrize(
    ("name", "values", "beta", "found"),
    [
        ("relu_hessian", {"eps": 0.3, "phi": 0.5, "sigma": 1}, 1, 0.8),
        ("relu_residual", {"eps": 0.3, "phi": 0.5}, 2, 0.4),
    ],
)
def test_calibrated_ensembles(name: str, values: dict[str, float], beta: int, found: float) -> None:
    """No theorem: 150 matrices of 30 rows calibrate tests of 150 rows, right laws pass, wrong ones do not."""
    model, law, n = load(name), Law(name, **values), 150
    assert not theorem_holds(model.expression)
    with pytest.raises(ValueError, match="no theorem"):
        Test.of(model, law, n, beta=beta)
    rng = np.random.default_rng(15)
    small = calibration(model, law, n=30, samples=150, rng=rng, beta=beta, **values)
    test = Test.of(model, law, n, calibration=small)
    large = spectra(name, n, beta, 8, 16, **values)
    assert all(test(row).accepted for row in large)
    change = smallest_detectable(model, test, "eps", **values)
    assert change < found
    # Matrices of an energy larger by the detectable change, the small ones for the calibration included: it
    # absorbs its part of the error and leaves enough.
    wrong = {**values, "eps": values["eps"] * (1 + change)}
    planted = calibrated(
        model, law, small.points, beta, n=30, samples=150, rng=np.random.default_rng(15), **wrong
    )
    blind = Test.of(model, law, n, calibration=planted)
    assert np.mean([not blind(row).accepted for row in spectra(name, n, beta, 8, 16, **wrong)]) > 0.8


def test_refusals() -> None:
    model, values = load("semicircle"), {"sigma": 1.0}
    law = Law(model, **values)
    test = Test.of(model, law, 20)
    with pytest.raises(ValueError, match="made for 20 eigenvalues"):
        test(np.zeros(21))
    with pytest.raises(ValueError, match="finite numbers, at least one"):
        test(np.full(20, np.nan))
    with pytest.raises(ValueError, match="finite numbers, at least one"):
        compare(model, np.array([]), **values)
    rng = np.random.default_rng(0)
    small = calibration(model, law, n=20, samples=20, rng=rng, **values)
    with pytest.raises(ValueError, match="calibrate on smaller"):
        Test.of(model, law, 20, calibration=small)
    with pytest.raises(ValueError, match="cannot carry phi"):
        calibration(
            load("marchenko_pastur"), Law("marchenko_pastur", phi=0.7), n=10, samples=3, rng=rng, phi=0.7
        )
    with pytest.raises(ValueError, match="continuous part"):
        probes(Law("relu_residual", eps=0, phi=1))
    assert realised(load("marchenko_pastur"), 10, phi=0.7)["phi"] == 10 / 14
