"""Minima of the loss: Newton's steps; exact optima of linear networks and their law; tanh and ReLU."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from verify.networks import minimizers_experiment
from verify.networks.activations import LINEAR, RELU, TANH, Activation, smooth_relu
from verify.networks.data import GAUSSIAN
from verify.networks.hessian import first_part, hessian
from verify.networks.minimizers import minimise_relu, minimise_tanh, observe
from verify.networks.network import Network, initial_weights
from verify.networks.newton import Parts, minimise
from verify.networks.reduced_rank import least_energy, limit, optimum


def network(activation: Activation, sizes: tuple[int, int, int, int], seed: int = 0) -> Network:
    n0, n1, n2, m = sizes
    rng = np.random.default_rng([seed, *sizes])
    weights = initial_weights(n0, n1, n2, rng)
    return Network(*weights, rng.standard_normal((n0, m)), rng.standard_normal((n2, m)), activation)


# --- steps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", [TANH, LINEAR, smooth_relu(0.3)], ids=lambda a: a.name)
@pytest.mark.parametrize("whole", [True, False])
def test_steps_through_the_complement_are_those_of_the_dense_matrix(
    activation: Activation, whole: bool
) -> None:
    net = network(activation, (3, 4, 5, 11))
    dense = hessian(net) if whole else first_part(net)
    wanted = -np.linalg.solve(dense + 9 * np.eye(len(dense)), net.gradient())
    parts = Parts(net, whole)
    step = parts.step(9.0)
    assert np.abs(step - wanted).max() < 1e-13 * np.abs(wanted).max() * len(wanted)
    assert parts.promise(step, 9.0) == pytest.approx(
        -net.gradient() @ step - step @ dense @ step / 2, rel=1e-12
    )


def test_indefinite_steps_are_refused() -> None:
    net = network(TANH, (3, 4, 5, 11))
    lowest = float(np.linalg.eigvalsh(hessian(net))[0])
    assert lowest < 0
    with pytest.raises(np.linalg.LinAlgError):
        Parts(net, whole=True).step(-0.9 * lowest)
    Parts(net, whole=True).step(-1.1 * lowest)


def test_descents_never_rise_and_end_where_the_gradient_vanishes() -> None:
    start = network(TANH, (4, 4, 4, 40))
    end = minimise_tanh(start)
    assert end.critical
    assert end.network.energy < Network(start.first, start.second, start.inputs, start.targets, TANH).energy
    assert np.linalg.norm(end.network.gradient()) < 1e-10
    assert np.linalg.eigvalsh(hessian(end.network))[0] > -1e-12
    energies = [float(minimise(start, steps).network.loss) for steps in range(0, 40, 5)]
    assert energies == sorted(energies, reverse=True)


def test_a_stack_of_networks_is_refused() -> None:
    rng = np.random.default_rng(0)
    stack = Network(*initial_weights(3, 3, 3, rng, (2,)), *rng.standard_normal((2, 3, 9)), TANH)
    with pytest.raises(ValueError, match="one network is wanted"):
        minimise(stack, 1)


def test_minima_of_relu_networks_lie_on_kinks_and_are_no_higher_than_their_surroundings() -> None:
    end = minimise_relu(network(RELU, (4, 4, 4, 32)))
    assert end.network.activation is RELU
    assert end.kinks > 0.5
    assert np.linalg.norm(end.network.gradient()) > 1e-3  # it jumps there
    rng = np.random.default_rng(1)
    at, scale = end.network.parameters, 0.05
    tried = [
        end.network.at(at + scale * rng.standard_normal(len(at)) / np.sqrt(len(at))).energy
        for _ in range(300)
    ]
    assert min(tried) > end.network.energy


# --- linear networks ------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(4, 4, 4, 9), (6, 2, 5, 20), (3, 5, 4, 12), (7, 2, 4, 5), (6, 1, 6, 30)])
def test_linear_networks_are_minimised_to_the_exact_reduced_rank_optimum(
    sizes: tuple[int, int, int, int],
) -> None:
    start = network(LINEAR, sizes)
    exact = least_energy(start.inputs, start.targets, sizes[1])
    own = optimum(start)
    assert own.energy == pytest.approx(exact, abs=1e-14)
    assert np.abs(own.gradient()).max() < 1e-13
    near = minimise(start, 400, whole=False)
    end = minimise(near.network, 100, damping=1e-3).network
    assert abs(end.energy - exact) < 1e-10
    if sizes[1] <= min(sizes):  # a rank less is seen
        assert abs(end.energy - least_energy(start.inputs, start.targets, sizes[1] - 1)) > 1e-4


def test_repeated_columns_do_not_count_twice() -> None:
    rng = np.random.default_rng(5)
    inputs, targets = rng.standard_normal((3, 4)), rng.standard_normal((2, 4))
    twice = np.repeat(inputs, 2, axis=1), np.repeat(targets, 2, axis=1)
    wide = np.concatenate([inputs, inputs[:1] + inputs[1:2]])
    exact = least_energy(inputs, targets, 3)
    assert least_energy(*twice, 3) == pytest.approx(exact, abs=1e-14)
    assert least_energy(wide, targets, 3) == pytest.approx(exact, abs=1e-14)
    assert least_energy(inputs, targets, 0) == pytest.approx(np.sum(targets**2) / 16, abs=1e-14)


def test_the_mean_at_free_rank_is_exact_at_every_size() -> None:
    n, m, runs = 3, 7, 4000
    rng = np.random.default_rng(8)
    inputs = rng.standard_normal((n, m))
    found = np.array([least_energy(inputs, rng.standard_normal((n, m)), n) for _ in range(runs)])
    # 2 m n eps is chi square of n (m - n) degrees of freedom
    assert found.mean() == pytest.approx((1 - n / m) / 2, abs=5 * found.std() / runs**0.5)
    assert found.var() == pytest.approx(n * (m - n) / (2 * (m * n) ** 2), rel=0.15)


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_the_law_is_that_of_the_quarter_circle(share: float) -> None:
    """At ratio 1 singular values are 2 cos t with density 4/pi sin^2 t: another way to the same integral."""
    t = brentq(lambda t: (2 * t - np.sin(2 * t)) / np.pi - share, 0, np.pi / 2)
    kept = (2 * t - np.sin(4 * t) / 2) / np.pi
    phi = np.array([0.0, share / 2, 2 * share])
    assert limit(phi, share) == pytest.approx((1 - phi / (2 * share) * kept) / 2, abs=1e-11)


def test_free_rank_has_the_law_of_one_linear_map() -> None:
    phi = np.linspace(0, 3, 13)
    for share in (1.0, 1.5):
        ratio = phi / (2 * share)
        assert limit(phi, share) == pytest.approx(np.maximum(1 - ratio, 0) / 2, abs=1e-12)
    with pytest.raises(ValueError, match="positive"):
        limit(0.5, 0.0)
    with pytest.raises(ValueError, match="negative"):
        limit(-0.5)


@pytest.mark.parametrize(("share", "phi"), [(1.0, 0.5), (0.5, 0.5), (0.25, 1.0), (0.5, 1.5)])
def test_large_linear_networks_obey_the_law_and_not_the_printed_one(share: float, phi: float) -> None:
    n, runs = 96, 24
    units, m = round(share * n), round(2 * share * n / phi)
    rng = np.random.default_rng([n, m])
    found = [least_energy(*rng.standard_normal((2, n, m)), units) for _ in range(runs)]
    ratio = 2 * units / m
    bound = 5 * float(np.std(found)) / runs**0.5 + 1 / n**2
    assert abs(np.mean(found) - limit(ratio, share)) < bound
    planted = [max(1 - phi, 0) / 2, (1 - phi / 2) / 2 if share < 1 else (1 - phi) ** 2 / 2]
    if share < 1:  # where the rank binds, the law of another width
        planted += [float(limit(ratio, wrong * share)) for wrong in (0.9, 1.1)]
    for wrong in planted:
        assert abs(np.mean(found) - wrong) > bound


def test_only_one_linear_network_has_an_optimum_of_reduced_rank() -> None:
    with pytest.raises(ValueError, match="linear network is wanted"):
        optimum(network(TANH, (3, 3, 3, 9)))


# --- the experiment -------------------------------------------------------------------------------


def test_tasks_repeat_and_are_alike_for_both_activations() -> None:
    seed = np.random.SeedSequence(3)
    one, again, other = (observe(f, 4, 16, 2, seed) for f in ("tanh", "tanh", "relu"))
    assert np.array_equal(one.energies, again.energies)
    assert one.linear == other.linear
    assert not np.array_equal(one.energies, other.energies)
    with pytest.raises(ValueError, match="tanh, relu"):
        observe("sigmoid", 4, 16, 2, seed)


def test_energies_are_those_of_the_tasks_and_lie_below_linear_networks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(minimizers_experiment.TASKS, "quick", {2: 2, 4: 3})
    monkeypatch.setattr(minimizers_experiment, "RATIOS", (1 / 4, 1 / 2))
    found = minimizers_experiment.minimizers_figure(GAUSSIAN, quiet=True)
    for one in found.found:
        assert np.all(one.best <= one.energies)
        assert np.all(one.energies < one.linear)
    last = found.found[-1]
    assert (last.activation, last.n, last.tasks) == ("relu", 4, 3)
    tasks = [observe("relu", 4, 16, 3, seed) for seed in minimizers_experiment.seeds(64, 4, 16, 3)]
    assert last.energies[1] == np.mean([one.energies.mean() for one in tasks])
    for one in found.linear:
        assert np.all(np.abs(one.energies - one.law) <= 5 * one.errors + 1 / one.n**2 + 1e-12)


def test_energies_of_tanh_networks_fall_below_the_printed_curve() -> None:
    """Where the ledger has them on it at n = 6: the curve is no limit of large networks."""
    seeds = np.random.SeedSequence([16, 96]).spawn(6)
    energies = [float(observe("tanh", 12, 96, 1, seed).energies[0]) for seed in seeds]
    error = np.std(energies, ddof=1) / len(energies) ** 0.5
    assert np.mean(energies) + 5 * error < (1 - 1 / 4) ** 2 / 2 < (1 - 1 / 8) / 2


def test_kept_tasks_are_those_that_are_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(minimizers_experiment.TASKS, "quick", {2: 4})
    monkeypatch.setattr(minimizers_experiment, "RATIOS", (1 / 2,))
    monkeypatch.setattr(minimizers_experiment, "SHARES", ())
    plainly = minimizers_experiment.minimizers_figure(GAUSSIAN, quiet=True, runs=3)
    made = []
    monkeypatch.setattr(minimizers_experiment, "observe", lambda *a: made.append(a) or observe(*a))
    for runs in (2, 3, 3):  # the second goes on from the first, the third makes none
        kept = minimizers_experiment.minimizers_figure(GAUSSIAN, quiet=True, runs=runs, folder=tmp_path)
    assert len(made) == 2 * 3
    for one, other in zip(plainly.found, kept.found, strict=True):
        assert all(np.array_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    minimizers_experiment.minimizers_figure(GAUSSIAN, quiet=True, folder=tmp_path / "none")
    assert not (tmp_path / "none").exists()  # the quick scale keeps nothing
    with pytest.raises(ValueError, match="tasks that are kept"):
        minimizers_experiment.minimizers_figure(
            GAUSSIAN, quiet=True, folder=tmp_path, dask="tcp://127.0.0.1:1"
        )
    with pytest.raises(ValueError, match="at least two runs"):
        minimizers_experiment.minimizers_figure(GAUSSIAN, quiet=True, runs=1)


def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        minimizers_experiment.examples(4, 3 / 4)
    with pytest.raises(ValueError, match="whole numbers"):
        minimizers_experiment.examples(3, 1, 1 / 2)
    with pytest.raises(ValueError, match="scale"):
        minimizers_experiment.minimizers_figure(GAUSSIAN, scale="huge")
