"""Generated laws against matrices of a few hundred rows, real and complex, at the realised ratio.

Certified values enter only the fluctuations; the law itself is the generated `stieltjes`, `index` and `cdf`.
The false-alarm rate of a test is 1e-6; what it can see is stated and planted in test_spectra.
"""

from __future__ import annotations

import cmath
import importlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import load
from tests.strategies import log_uniform
from verify import Law, Sampler, Test, realised, sample
from verify.spectra import calibration

MODULES = {
    name: importlib.import_module(f"generated.{name}")
    for name in ("semicircle", "marchenko_pastur", "wishart_wigner", "relu_residual", "relu_hessian")
}
RATIOS = log_uniform(0.05, 8)
ENERGIES = log_uniform(0.01, 20)
SCALES = log_uniform(1e-3, 1e3)


def generated_test(name: str, n: int, beta: int, values: dict[str, float], **options: Any) -> Test:
    """The test whose G is the generated module's."""
    law = Law(name, **values)
    test = Test.of(load(name), law, n, beta=beta, **options)
    transform = MODULES[name].stieltjes(test.fluctuations.points, **values)
    assert np.max(np.abs(transform - test.transform) / np.abs(test.transform)) < 1e-12
    return replace(test, transform=transform)


def spectrum(name: str, n: int, beta: int, seed: int, values: dict[str, float]) -> np.ndarray:
    return np.linalg.eigvalsh(sample(load(name), n, np.random.default_rng(seed), beta=beta, **values))


@settings(max_examples=8)
@given(eps=ENERGIES, phi=RATIOS, seed=st.integers(0, 2**32))
@pytest.mark.parametrize("beta", [1, 2])
def test_wishart_wigner(beta: int, eps: float, phi: float, seed: int) -> None:
    """200 rows, ratios 0.05 to 8, energies 0.01 to 20."""
    values = realised(load("wishart_wigner"), 200, eps=eps, phi=phi)
    outcome = generated_test("wishart_wigner", 200, beta, values)(
        spectrum("wishart_wigner", 200, beta, seed, values)
    )
    assert outcome.accepted, outcome


@settings(max_examples=6)
@given(phi=RATIOS, sigma=SCALES, seed=st.integers(0, 2**32))
@pytest.mark.parametrize("beta", [1, 2])
@pytest.mark.parametrize("name", ["semicircle", "marchenko_pastur"])
def test_one_term(name: str, beta: int, phi: float, sigma: float, seed: int) -> None:
    values = {"sigma": sigma} if name == "semicircle" else {"phi": phi, "sigma": sigma}
    values = realised(load(name), 200, **values)
    outcome = generated_test(name, 200, beta, values)(spectrum(name, 200, beta, seed, values))
    assert outcome.accepted, outcome


@pytest.mark.parametrize("beta", [1, 2])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("relu_residual", {"eps": 0.7, "phi": 0.4}),
        ("relu_hessian", {"eps": 0.2, "phi": 0.5, "sigma": 1.0}),
        ("relu_hessian", {"eps": 1.5, "phi": 1.0, "sigma": 2.0}),
        ("relu_hessian", {"eps": 0.3, "phi": 2.5, "sigma": 1.0}),  # three bands and an atom
    ],
)
def test_relu_models(name: str, values: dict[str, float], beta: int) -> None:
    """160 rows against fluctuations calibrated on 120 matrices of 40 rows."""
    rng = np.random.default_rng(31)
    small = calibration(load(name), Law(name, **values), n=40, samples=120, rng=rng, beta=beta, **values)
    test = generated_test(name, 160, beta, values, calibration=small)
    for seed in range(3):
        outcome = test(spectrum(name, 160, beta, seed, values))
        assert outcome.accepted, outcome


def test_atoms_count_zero_eigenvalues() -> None:
    """relu_hessian at phi = 5/2: n (1 - 2/phi) eigenvalues are exactly 0, for phi < 2 none."""
    for phi, zeros in ((2.5, 16), (4.0, 40), (1.0, 0)):
        values = {"eps": 0.3, "phi": phi, "sigma": 1.0}
        found = spectrum("relu_hessian", 80, 1, 2, values)
        assert np.sum(np.abs(found) < 1e-10) == zeros
        assert round(80 * float(MODULES["relu_hessian"].mass_at_zero(**values)), 9) == zeros


def test_index_on_a_gap_is_a_whole_number() -> None:
    """Eigenvalues do not cross a gap: relu_hessian at phi = 4 has n / 8 negative eigenvalues, always."""
    values = {"eps": 0.3, "phi": 4.0, "sigma": 1.0}
    for beta in (1, 2):
        assert np.sum(spectrum("relu_hessian", 80, beta, 3, values) < -1e-10) == 10
    assert float(MODULES["relu_hessian"].index(**values)) == 1 / 8


@pytest.mark.parametrize("beta", [1, 2])
def test_index_of_finite_samples(beta: int) -> None:
    """Mean number of negative eigenvalues of 40 rows: n alpha - (2/beta - 1) arg H'(w(0)) / (2 pi).

    1200 matrices give it to 0.02; for real ones the correction is 6 standard errors, so that the test fails
    without it.
    """
    n, count, values = 40, 1200, {"eps": 0.1, "phi": 0.5}
    sampler = Sampler(load("wishart_wigner"), n, beta=beta, **values)
    negative = np.sum(sampler.spectra(np.random.default_rng(41), count) < 0, axis=1)
    module = MODULES["wishart_wigner"]
    w = 1 / complex(module.stieltjes(0.0, **values))
    slope = 1 - 2 * values["eps"] / w**2 - values["phi"] / (w - values["phi"]) ** 2
    bias = cmath.phase(slope) / (2 * np.pi)
    plain = n * float(module.index(**values))
    error = np.std(negative) / np.sqrt(count)
    assert error < 0.025
    expected = plain - (2 / beta - 1) * bias
    assert abs(np.mean(negative) - expected) < 4 * error
    if beta == 1:
        assert abs(bias) > 6 * error
        assert abs(np.mean(negative) - plain) > 4 * error
