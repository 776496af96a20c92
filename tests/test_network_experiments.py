"""Figures 3 to 5 as experiments: what they rest on, and what they find."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from generated import marchenko_pastur, relu_residual
from verify.networks import gap_experiment, residual_experiment
from verify.networks.activations import LINEAR, RELU, TANH, Activation
from verify.networks.data import digits
from verify.networks.distance import quantiles, wasserstein
from verify.networks.estimates import mean_and_error, power_law, proportion
from verify.networks.gap import Observation, fitted, lower_edge, observe, observe_limit, seeds
from verify.networks.hessian import first_part, mixed_blocks
from verify.networks.network import Network, flat, initial_weights
from verify.networks.null_directions import NullDirections, null_directions
from verify.networks.population import (
    masked_covariances,
    population_autoencoder,
    population_first_part,
    population_gap,
)
from verify.networks.residual_experiment import TAILS
from verify.networks.residual_law import KINDS, Setting
from verify.networks.residual_law import observe as observe_residual
from verify.networks.residual_law import seeds as residual_seeds
from verify.networks.runs import each
from verify.networks.spectra import first_part_spectrum, nullity
from verify.papers.pb17.beyond_wishart import integer_jacobian
from verify.papers.small_networks import rank_modulo_prime

# --- distances ----------------------------------------------------------------------------------


def test_distance_of_a_shifted_law_is_the_shift() -> None:
    law = relu_residual.law(eps=1, phi=0.25)
    wanted = quantiles(law, 500)
    middle = np.asarray(law.ppf((np.arange(500) + 0.5) / 500))
    least = float(wasserstein(middle, wanted))
    low, high = law.support()
    assert np.isclose(least, (high - low) / 2000, rtol=0.02)  # a step of width d is d/4 away on average
    shuffled = np.random.default_rng(0).permutation(middle)
    assert np.isclose(wasserstein(np.stack([shuffled + 0.1, middle]), wanted), [0.1, least]).all()


def test_distance_counts_atoms_and_does_not_mind_rounding() -> None:
    law = relu_residual.law(eps=1, phi=2.0)
    wanted = quantiles(law, 1000)
    middle = np.asarray(law.ppf((np.arange(1000) + 0.5) / 1000))
    assert np.sum(middle == 0) == 500
    assert wasserstein(middle + 1e-15, wanted) - wasserstein(middle, wanted) < 1e-14
    assert wasserstein(np.where(middle == 0, 0.1, middle), wanted) > 0.049
    with pytest.raises(ValueError, match="1000 quantiles do not belong to spectra of shape"):
        wasserstein(middle[1:], wanted)


# --- estimates ----------------------------------------------------------------------------------


def test_fits_find_what_was_planted_within_their_errors() -> None:
    rng = np.random.default_rng(5)
    x = np.array([1.0, 2, 4, 8, 16])
    errors = 0.01 * x**-0.7
    offs = []
    for _ in range(400):
        noise = errors * rng.standard_normal(5)
        power, factor = power_law(x, 3 * x**-0.7 + noise, errors), proportion(x, 3 * x + noise, errors)
        offs.append([(power.value + 0.7) / power.error, (factor.value - 3) / factor.error])
        assert abs(power.factor - 3) < 0.1
    # errors are never below those of the points, so the spread is at most 1
    assert np.all(np.abs(np.mean(offs, axis=0)) < 5 / 20)
    assert np.all((np.std(offs, axis=0) > 0.7) & (np.std(offs, axis=0) < 1.1))


def test_a_fit_that_does_not_fit_says_so() -> None:
    good = proportion([1, 2, 3], [1, 2, 3], [0.1, 0.1, 0.1])
    bad = proportion([1, 2, 3], [1, 3, 2.5], [0.1, 0.1, 0.1])
    assert good.chi_square < 1e-20
    assert bad.chi_square > 50
    assert bad.error > 5 * good.error


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: power_law([1, 2, 3], [1, -1, 1], [1, 1, 1]), "takes positive numbers"),
        (lambda: power_law([2, 2, 2], [1, 2, 3], [1, 1, 1]), "at least two different x"),
        (lambda: power_law([1, 2], [1, 2], [1, 1]), "at least 3 points"),
        (lambda: proportion([1, 2], [1, 2], [1, 0]), "positive errors"),
        (lambda: proportion([0, 0], [1, 2], [1, 1]), "vanishes at all points"),
        (lambda: proportion([1, 2], [1, 2, 3], [1, 1]), "vectors alike"),
        (lambda: mean_and_error([1.0]), "at least two runs"),
    ],
)
def test_refused_fits(call: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        call()


# --- null directions ----------------------------------------------------------------------------


def random_network(activation: Activation, sizes: tuple[int, int, int, int], seed: int = 0) -> Network:
    n0, n1, n2, m = sizes
    rng = np.random.default_rng((seed, *sizes))
    weights = initial_weights(n0, n1, n2, rng)
    return Network(*weights, rng.standard_normal((n0, m)), rng.standard_normal((n2, m)), activation)


@pytest.mark.parametrize("activation", [RELU, TANH, LINEAR], ids=lambda a: a.name)
@pytest.mark.parametrize(
    "sizes", [(4, 4, 4, 40), (4, 4, 4, 8), (4, 4, 4, 4), (4, 4, 4, 2), (3, 2, 5, 6), (5, 3, 4, 3)]
)
def test_null_directions_are_those_of_the_spectrum(
    activation: Activation, sizes: tuple[int, int, int, int]
) -> None:
    for seed in range(5):
        net = random_network(activation, sizes, seed)
        assert nullity(first_part_spectrum(net)) == null_directions(net).total


def test_null_directions_have_their_reasons() -> None:
    assert null_directions(random_network(RELU, (4, 4, 4, 40))) == NullDirections(4, 0, 0)
    assert null_directions(random_network(TANH, (4, 4, 4, 40))) == NullDirections(0, 0, 0)
    assert null_directions(random_network(LINEAR, (4, 4, 4, 40))) == NullDirections(4, 0, 12)
    net = random_network(RELU, (4, 4, 4, 40))
    first = net.first.copy()
    first[1] = -100 * net.inputs[:, 0]  # active wherever x is opposite to the first input
    negative = net.inputs * np.sign(net.inputs[:, :1].T @ net.inputs)
    dead = replace(net, first=first, inputs=negative)
    assert null_directions(dead) == NullDirections(3, 8, 0)
    assert nullity(first_part_spectrum(dead)) == 11


def test_null_directions_against_exact_ranks() -> None:
    """Integer weights and data: the rank of J modulo a prime."""
    rng = np.random.default_rng(1)
    for sizes in ((3, 3, 3, 20), (3, 3, 3, 5), (2, 3, 4, 4)):
        n0, n1, n2, m = sizes
        first, second = rng.integers(-9, 10, (n1, n0)), rng.integers(-9, 10, (n2, n1))
        data = rng.integers(-9, 10, (n0, m))
        rank = rank_modulo_prime(integer_jacobian(first, second, data).tolist())
        net = Network(first, second, data, np.zeros((n2, m)))
        assert null_directions(net).total == net.parameter_count - rank


def test_counts_that_need_more_are_refused() -> None:
    with pytest.raises(ValueError, match="needs W2 of full column rank"):
        null_directions(random_network(RELU, (3, 4, 2, 9)))
    net = random_network(RELU, (3, 3, 3, 9))
    with pytest.raises(ValueError, match="not for a stack"):
        null_directions(replace(net, first=np.stack([net.first] * 2)))


# --- many examples ------------------------------------------------------------------------------


def test_masked_covariances_by_quadrature() -> None:
    """In the plane: (1/2 pi) times the integral over directions of theta theta u u' E r^2, E r^2 = 2."""
    rng = np.random.default_rng(2)
    first = rng.standard_normal((4, 2))
    angle = 2 * np.pi * (np.arange(400_000) + 0.5) / 400_000
    ray = np.stack([np.cos(angle), np.sin(angle)])
    mask = (first @ ray > 0).astype(float)
    by_quadrature = np.einsum("am,dm,bm,km->adbk", mask, mask, ray, ray, optimize=True) * 2 / len(angle)
    assert np.abs(masked_covariances(first) - by_quadrature).max() < 1e-4


def test_the_limit_of_many_examples_by_sampling() -> None:
    rng = np.random.default_rng(3)
    weights = initial_weights(5, 3, 4, rng)
    targets = np.zeros((4, 20_000))
    parts = [first_part(Network(*weights, rng.standard_normal((5, 20_000)), targets)) for _ in range(12)]
    mean, error = mean_and_error(parts)
    off = np.abs(mean - population_first_part(*weights))
    assert np.all(off <= 6 * error + 1e-12)
    assert np.max(error) < 0.02


def test_the_limit_keeps_the_rescalings_and_parallel_units() -> None:
    first, second = initial_weights(4, 3, 4, np.random.default_rng(4))
    for a in range(3):
        unit = np.eye(3)[a]
        vector = flat(unit[:, None] * first, -second * unit)
        assert np.abs(population_first_part(first, second) @ vector).max() < 1e-14
    first[1], first[2] = 2 * first[0], -first[0]
    table = masked_covariances(first)
    assert np.allclose(table[0, 1], np.eye(4) / 2, atol=1e-7)
    assert np.allclose(table[0, 2], 0, atol=1e-7)


def test_gaps_tend_to_that_of_the_limit() -> None:
    rng = np.random.default_rng(6)
    weights = initial_weights(5, 5, 5, rng)
    limit = population_gap(*weights)
    offs = []
    for m in (100, 100_000):
        inputs = rng.standard_normal((5, m))
        gap = first_part_spectrum(Network(*weights, inputs, inputs))[5]
        offs.append(abs(gap / limit - 1))
    assert offs[1] < 0.06 < 0.2 < offs[0]


def test_own_residuals_do_not_average_away() -> None:
    """Blocks and energy of an autoencoder with many examples are those of the limit; noise vanishes there."""
    rng = np.random.default_rng(12)
    weights = initial_weights(4, 3, 4, rng)
    wanted, energy = population_autoencoder(*weights)
    nets = []
    for _ in range(12):
        inputs = rng.standard_normal((4, 20_000))
        nets.append(Network(*weights, inputs, inputs))
    mean, error = mean_and_error([mixed_blocks(net) for net in nets])
    assert np.all(np.abs(mean - wanted) < 6 * error)
    assert np.max(error) < 0.01 < np.min(np.linalg.norm(wanted, axis=(1, 2)))
    value, spread = mean_and_error([net.energy for net in nets])
    assert abs(value - energy) < 6 * spread < 0.05
    noise = nets[0].with_residuals(rng.standard_normal((4, 20_000)))
    assert np.max(np.abs(mixed_blocks(noise))) < 0.05


# --- figure 3 -----------------------------------------------------------------------------------


def distances(n: int, phi: float, residuals: Any, runs: int) -> np.ndarray:
    setting = Setting(n, phi, residuals)
    return np.array([observe_residual(setting, one).distance for one in residual_seeds(1, setting, runs)])


@pytest.mark.parametrize("phi", [1 / 4, 2.0])
def test_overwritten_residuals_approach_the_law_and_others_do_not(phi: float) -> None:
    small, large = ({kind: distances(n, phi, kind, 12).mean() for kind in KINDS} for n in (12, 48))
    assert large["overwritten"] < 0.5 * small["overwritten"]
    assert large["overwritten"] < 0.03
    for kind in ("independent", "autoencoder"):
        assert large[kind] > 0.6 * small[kind]
        assert large[kind] > 3 * large["overwritten"]


def test_a_wrong_law_is_further_away() -> None:
    setting = Setting(64, 1 / 4)
    one = observe_residual(setting, residual_seeds(2, setting, 1)[0])
    for phi in (0.22, 0.28):
        law = relu_residual.law(eps=1, phi=phi)
        assert wasserstein(one.eigenvalues, quantiles(law, 8192)) / law.std() > 3 * one.distance


def test_zeros_are_the_atom() -> None:
    setting = Setting(16, 2.0)
    shares = [np.mean(observe_residual(setting, one).null) for one in residual_seeds(3, setting, 40)]
    mean, error = mean_and_error(shares)
    assert abs(mean - 0.5) < 5 * error < 0.03


def test_kinds_share_weights_and_inputs() -> None:
    setting = Setting(8, 1 / 2)
    one = residual_seeds(0, setting, 1)[0]
    found = [observe_residual(replace(setting, residuals=kind), one) for kind in KINDS]
    assert abs(found[0].energy / 50 - 1) < 0.3
    assert len({f.energy for f in found}) == 3
    again = observe_residual(setting, residual_seeds(0, setting, 1)[0])
    assert np.array_equal(again.eigenvalues, found[0].eigenvalues)


def test_settings_without_a_network_are_refused() -> None:
    with pytest.raises(ValueError, match=r"m = 2n/phi = 106\.667 is no whole number"):
        Setting(16, 0.3)
    with pytest.raises(ValueError, match="residuals must be one of overwritten, independent, autoencoder"):
        Setting(16, 0.25, "noise")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="phi in"):
        Setting(16, -1)


def test_figure_3_end_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(residual_experiment.RUNS, "tiny", {8: 6, 12: 4, 16: 4})
    found = residual_experiment.residual_figure(digits(), scale="tiny", quiet=True)
    assert [(h.phi, h.residuals) for h in found.histograms] == [
        (phi, kind) for phi in (1 / 16, 1 / 4, 2.0) for kind in ("overwritten", "autoencoder")
    ]
    for one in found.histograms:
        inside = (1 - TAILS) * (1 - one.zeros[0])
        assert np.isclose(np.sum(one.heights * np.diff(one.edges)), inside, atol=1e-3)
        assert one.distance[0] < (0.2 if one.residuals == "overwritten" else 3)
        assert one.source == "scikit-learn's digits"
    edges, heights, _ = found.limit
    assert np.isclose(np.sum(heights * np.diff(edges)), 1 - TAILS, atol=1e-3)
    assert len(found.approaches) == 9
    for curve in found.approaches:
        assert curve.units == (8, 12, 16)
        assert curve.runs == (6, 4, 4)
        if curve.residuals == "overwritten":
            assert curve.rate.value < -0.4
    with pytest.raises(ValueError, match="scale must be one of"):
        residual_experiment.residual_figure(digits(), scale="huge")


# --- figures 4 and 5 ----------------------------------------------------------------------------


def test_lower_edge_is_the_papers() -> None:
    phi = np.array([1 / 32, 1 / 2, 1, 2])
    assert np.allclose(lower_edge(phi, 0.3), 0.3 * (1 - np.sqrt(phi)) ** 2, rtol=1e-14)
    assert marchenko_pastur.support(1 / 8, 1.0)[0, 0] == lower_edge(np.array(1 / 8))


def test_sigma_is_found_where_gaps_are_those_of_the_law() -> None:
    rng = np.random.default_rng(8)
    edges = 0.09 * lower_edge(1 / np.array([2.0, 8, 32]))
    rows = [
        [
            Observation(np.array([edge * (1 + 0.1 * rng.standard_normal())]), 4, NullDirections(4, 0, 0))
            for _ in range(40)
        ]
        for edge in edges
    ]
    rows[0][0] = replace(rows[0][0], zeros=5)
    found = fitted(4, (2, 8, 32), rows)
    assert abs(found.sigma.value - 0.09) < 5 * found.sigma.error
    assert found.sigma.error < 0.002
    assert found.unexplained == 1


def test_all_null_directions_of_images_are_explained() -> None:
    for m, source in ((256, digits()), (32, digits()), (8, digits("pool"))):
        for one in seeds(0, 16, m, 4):
            found = observe(16, m, one, source)
            assert found.zeros == found.explained.total
            if m == 256:
                assert found.explained == NullDirections(16, 0, 0)


def test_the_gap_grows_with_the_network_and_exceeds_no_limit() -> None:
    means = []
    for n in (6, 12):
        limit = np.mean([observe_limit(n, one) for one in seeds(1, n, 0, 30)])
        gap = np.mean([observe(n, 16 * n, one).gap for one in seeds(1, n, 16 * n, 30)])
        assert gap < limit
        means.append(gap)
    assert means[1] > 1.2 * means[0]


def test_figures_4_and_5_end_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gap_experiment.RUNS, "tiny", 3)
    monkeypatch.setitem(gap_experiment.GROWTH, "tiny", {4: 12, 6: 12, 8: 12})
    monkeypatch.setattr(gap_experiment, "RATIOS", (2, 4, 8))
    monkeypatch.setattr(gap_experiment, "FEW_RATIOS", (2, 8))
    four = gap_experiment.spectrum_figure(digits(), scale="tiny", quiet=True)
    assert four.zeros == {16: 3}
    assert (four.explained, four.unexplained) == (NullDirections(16, 0, 0), 0)
    assert np.isclose(np.sum(four.heights * np.diff(four.edges)), 1)
    assert len(four.smallest) == 35
    assert 0.9 < four.mean < 1.2
    assert four.matched < 0.2
    five = gap_experiment.gap_figure(digits(), scale="tiny", quiet=True)
    assert [one.n for one in five.grown] == [4, 6, 8]
    assert five.of_source.unexplained == five.of_gaussian.unexplained == 0
    assert np.all(np.diff(five.of_source.gaps) > 0)
    assert five.of_gaussian.gaps[-1] < five.limit[0]
    assert five.growth.value > 0
    with pytest.raises(ValueError, match="scale must be one of"):
        gap_experiment.gap_figure(digits(), scale="huge")


# --- runs ---------------------------------------------------------------------------------------


def test_results_do_not_depend_on_the_number_of_processes() -> None:
    calls = [(6, 24, one) for one in seeds(0, 6, 24, 6)]
    alone, together = (each(observe, calls, title="test", jobs=jobs, quiet=True) for jobs in (1, 2))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.nonzero, other.nonzero)
    with pytest.raises(ValueError, match="positive number of processes, got 0"):
        each(observe, calls, title="test", jobs=0)
