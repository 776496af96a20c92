"""Fits of the index against the energy on made points, and the law's curve against sampled matrices."""

from __future__ import annotations

import numpy as np
import pytest

from derive import load
from generated import wishart_wigner
from verify import sample
from verify.networks import index_curve as curve

SIZE = 512


def made(exponent: float, rng: np.random.Generator, points: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Indices 0 to 59 with energies 0.1 + (k/40)^(1/p)/5 and a scatter of 0.01."""
    index = rng.integers(0, 60, points)
    return index, 0.1 + (index / 40) ** (1 / exponent) / 5 + 0.01 * rng.standard_normal(points)


@pytest.mark.parametrize("exponent", [0.7, 1.0, 1.5, 2.0])
def test_the_exponent_and_the_critical_energy_are_found(exponent: float) -> None:
    index, energy = made(exponent, np.random.default_rng(1))
    found = curve.power_law(SIZE, index, energy, 50)
    assert abs(found.exponent - exponent) < 4 * found.exponent_error < 0.4
    assert abs(found.critical - 0.1) < 4 * found.critical_error < 0.02
    assert found.p_value > 1e-3
    given = curve.power_law(SIZE, index, energy, 50, exponent=exponent)
    assert given.exponent_error == 0
    assert given.prefactor == pytest.approx(40 * 5**exponent / SIZE, rel=0.05)


@pytest.mark.parametrize("wrong", [1.0, 2.25])
def test_a_wrong_exponent_is_refused(wrong: float) -> None:
    index, energy = made(1.5, np.random.default_rng(2))
    assert curve.power_law(SIZE, index, energy, 50, exponent=1.5).p_value > 1e-3
    assert curve.power_law(SIZE, index, energy, 50, exponent=wrong).p_value < 1e-6


def test_standard_errors_are_those_of_repetition() -> None:
    found = [
        curve.power_law(SIZE, *made(1.5, np.random.default_rng((3, k)), 600), 50, exponent=1.5)
        for k in range(60)
    ]
    spread = np.std([one.critical for one in found], ddof=1)
    assert np.mean([one.critical_error for one in found]) == pytest.approx(spread, rel=0.25)
    assert np.mean([one.p_value < 0.05 for one in found]) == pytest.approx(0.05, abs=0.07)


def test_the_whole_curve_is_found_where_it_is_followed() -> None:
    rng = np.random.default_rng(4)
    index = rng.integers(0, 120, 3000)
    energy = 3 * curve.energy_of(np.maximum(index, 1) / SIZE, 0.5) + 0.002 * rng.standard_normal(3000)
    found = curve.whole_curve(0.5, SIZE, index, energy, SIZE)
    assert abs(found.scale - 3) < 4 * found.scale_error < 0.02
    assert found.p_value > 1e-3
    assert found.critical == pytest.approx(3 * float(wishart_wigner.critical_energy(0.5)), rel=0.01)
    assert curve.whole_curve(0.25, SIZE, index, energy, SIZE).p_value < 1e-6


def test_points_are_gathered_by_index() -> None:
    found = curve.energies(0.5, SIZE, [0, 2, 2, 5, 2], [9.0, 1.0, 2.0, 7.0, 3.0])
    assert found.index.tolist() == [2, 5]
    assert found.count.tolist() == [3, 1]
    assert found.mean.tolist() == [2.0, 7.0]
    assert found.error[0] == pytest.approx(1 / np.sqrt(3))
    assert found.error[1] == found.within
    assert (found.minima, found.within) == (1, pytest.approx(1.0))
    with pytest.raises(ValueError, match="none of 2 critical points has a negative eigenvalue"):
        curve.energies(0.5, SIZE, [0, 0], [1.0, 2.0])
    with pytest.raises(ValueError, match="4 critical points of index 1 to 12 are too few"):
        curve.power_law(SIZE, [1, 2, 3, 4, 13], np.ones(5), 12)


def test_few_points_give_numbers_and_no_judgement() -> None:
    index = np.arange(1, 15)
    found = curve.power_law(SIZE, index, 0.5 - 0.01 * index, 50)
    assert (found.chi_square, found.degrees, found.p_value, found.prefactor) == (0, 0, 1, 0)
    whole = curve.whole_curve(0.5, SIZE, index, 0.1 + 0.01 * index, SIZE)
    assert whole.p_value == 1
    assert np.all(np.isfinite(curve.energies(0.5, SIZE, index, index / 10).error))


@pytest.mark.parametrize("alpha", [1e-4, 0.003, 0.05, 0.3])
def test_the_energy_of_an_index_is_the_inverse_of_the_index(alpha: float) -> None:
    energy = curve.energy_of(alpha, 0.5)
    assert wishart_wigner.index(eps=float(energy), phi=0.5) == pytest.approx(alpha, rel=1e-4)


def test_the_mean_index_of_sampled_matrices_needs_the_correction() -> None:
    """Real matrices of 48 rows: the limit law alone is refused, with the correction it is not."""
    size, eps, count = 48, 0.05, 1500
    rng, model = np.random.default_rng(5), load("wishart_wigner")
    index = [np.sum(np.linalg.eigvalsh(sample(model, size, rng, eps=eps, phi=0.5)) < 0) for _ in range(count)]
    mean, error = np.mean(index), np.std(index, ddof=1) / np.sqrt(count)
    assert abs(mean - curve.mean_index(eps, 0.5, size)) < 4 * error
    assert abs(mean - size * wishart_wigner.index(eps=eps, phi=0.5)) > 5 * error
    assert curve.mean_index(0.9 * wishart_wigner.critical_energy(0.5), 0.5, size) == pytest.approx(
        0, abs=1e-12
    )


@pytest.mark.parametrize("phi", [0.25, 0.5, 2 / 3])
def test_the_window_of_the_three_halves_law(phi: float) -> None:
    found = curve.window(phi)
    critical, prefactor = wishart_wigner.critical_energy(phi), wishart_wigner.index_prefactor(phi)

    def off(excess: float) -> float:
        return float(
            wishart_wigner.index(eps=critical * (1 + excess), phi=phi) / (prefactor * excess**1.5) - 1
        )

    assert abs(off(0.97 * found.excess)) < 0.1 < abs(off(1.03 * found.excess))
    assert found.index == pytest.approx(prefactor * found.excess**1.5, rel=0.11)
    low = wishart_wigner.index(eps=critical * (1 + found.excess / 10), phi=phi)
    assert 2 * found.units**2 * low >= 2.49 > 2 * (found.units - 2) ** 2 * low
    assert SIZE * found.index < 2, "at n = 16 the window ends below two negative eigenvalues"
