"""The search for critical points: networks whose critical points are known, and an independent descent."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from scipy import optimize

from verify.networks import LINEAR, TANH, Network, hessian, saddles, squared_gradient_slope
from verify.networks import critical_points as cp


def linear_network(rng: np.random.Generator, n: int = 4, m: int = 9) -> Network:
    weights = rng.standard_normal((2, n, n)) / np.sqrt(n)
    data = rng.standard_normal((2, n, m))
    return Network(*weights, *data, LINEAR)


def energies_of_linear_networks(network: Network) -> np.ndarray:
    """All critical energies: any part of the singular directions of y x'(x x')^(-1/2) is learnt exactly."""
    x, y, (_, _, n2, m) = network.inputs, network.targets, network.sizes
    values, vectors = np.linalg.eigh(x @ x.T)
    squares = np.linalg.svd(y @ x.T @ (vectors / np.sqrt(values)), compute_uv=False) ** 2
    parts = chain.from_iterable(combinations(squares, k) for k in range(len(squares) + 1))
    return np.array([(np.sum(y**2) - sum(part)) / (2 * m * n2) for part in parts])


def minimum_of_squared_gradient() -> Network:
    """(w1 w2 - 1)^2/2 at w1 = w2 = 1/sqrt 3, where H g = 0 and g is not 0."""
    one = np.ones((1, 1))
    return Network(one / np.sqrt(3), one / np.sqrt(3), one, one, LINEAR)


def test_critical_points_of_linear_networks_have_the_known_energies() -> None:
    rng = np.random.default_rng(0)
    kinds = set()
    for _ in range(12):
        network = linear_network(rng)
        found = cp.search(network, enough=0, limit=400)
        if found.verdict != "critical":
            assert np.linalg.norm(found.network.gradient()) > 1e-4
            continue
        off = np.abs(energies_of_linear_networks(network) - found.network.energy)
        assert off.min() < 1e-12
        kinds.add(int(np.argmin(off)))
    assert len(kinds) >= 3, "the starts lead to too few kinds of critical points to tell anything"


def test_a_stationary_point_of_the_squared_gradient_is_told_from_a_critical_one() -> None:
    network = minimum_of_squared_gradient()
    found = cp.search(network, enough=0)
    assert (found.verdict, found.iterations) == ("flat", 0)
    row = cp.described(network)
    assert row["turned_gradient"] < 1e-15 < 0.1 < row["squared_gradient"]
    moved = network.at(network.parameters * 1.01)
    assert cp.search(moved, enough=0, limit=0).verdict == "unfinished"


@pytest.mark.parametrize(("index", "energy"), [(0, 0.0), (1, 0.5)])
def test_following_leads_from_there_to_the_minimum_and_to_the_saddle(index: int, energy: float) -> None:
    found = saddles.follow(minimum_of_squared_gradient(), index)
    assert found.verdict == "critical"
    assert found.network.energy == pytest.approx(energy, abs=1e-15)
    values = np.linalg.eigvalsh(hessian(found.network))
    assert np.sum(values < -1e-6) == index  # the minimum has the null direction of the rescaling
    assert cp.search(found.network).verdict == "critical"


def test_the_squared_gradient_never_grows() -> None:
    network = cp.start(24, np.random.default_rng(1), units=6)
    ends = [cp.search(network, limit=k).network.squared_gradient() for k in range(25)]
    assert np.all(np.diff(ends) <= 0)
    assert ends[-1] < 1e-2 * ends[0]


@pytest.mark.parametrize(("damping", "accuracy"), [(1.0, 1e-5), (1e-4, 3e-3), (1e-7, 3e-3)])
def test_steps_solve_the_damped_equations(damping: float, accuracy: float) -> None:
    """Relative errors in single precision; the smallest damping is solved by the complex form."""
    network = cp.start(24, np.random.default_rng(2), units=6)
    slope, matrix = network.gradient(), hessian(network)
    turned = matrix @ slope
    exact = np.linalg.solve(matrix @ matrix + damping * np.eye(len(slope)), turned)
    size = float(np.sqrt(np.max(np.sum(matrix**2, axis=0))))
    found = cp._solver(matrix.astype(np.float32), size)(slope, turned, damping)
    assert np.linalg.norm(found - exact) < accuracy * np.linalg.norm(exact)


def test_descent_stops_at_the_energy_that_is_asked_for() -> None:
    network = cp.start(24, np.random.default_rng(3), units=6)
    below = cp.descend_to(network, 0.4)
    assert 0.2 < below.energy <= 0.4 < network.energy
    assert cp.descend_to(below, 0.45) is not network
    assert np.array_equal(cp.descend_to(below, 0.45).parameters, below.parameters)


def test_stopping_energies_prefer_low_ones() -> None:
    shares = (np.arange(1000) + 0.5) / 1000
    energies = np.array([cp.stopping_energy(0.5, share) for share in shares])
    assert energies[0] == pytest.approx(0.1125, abs=1e-6)
    assert energies[-1] == pytest.approx(0.5, abs=1e-3)
    assert np.mean(energies < (energies[0] + energies[-1]) / 2) == pytest.approx(0.707, abs=0.01)


SMALL = 1e-3  # of J_g: below it L-BFGS takes thousands of steps


def descended(network: Network) -> Network:
    """The independent route: L-BFGS on J_g, whose slope is 2 H g, down to `SMALL` or for 1500 steps."""

    def value(at: np.ndarray) -> tuple[float, np.ndarray]:
        there = network.at(at)
        return float(there.squared_gradient()), squared_gradient_slope(there)

    def stop(intermediate_result: optimize.OptimizeResult) -> None:
        if intermediate_result.fun < SMALL:
            raise StopIteration

    options = {"maxiter": 1500, "maxfun": 2000, "maxcor": 30, "ftol": 0, "gtol": 0}
    found = optimize.minimize(
        value, network.parameters, jac=True, method="L-BFGS-B", callback=stop, options=options
    )
    return network.at(found.x)


def test_index_against_energy_is_that_of_descent_on_the_squared_gradient() -> None:
    """From the same starts the two end at different points; by energy, they have the same index.

    The index of either kind, less a parabola in the energy fitted to the searched ones, has the same
    mean: the difference is judged by its standard error. An index off by three tenths is found.
    """
    ours, others = [], []
    for k in range(64):
        network = cp.start(24, np.random.default_rng((64, k)), units=6)
        below = cp.descend_to(network, cp.stopping_energy(network.ratio, 0.4 + 0.6 * k / 64))
        for kept, there in ((ours, cp.search(below, enough=SMALL).network), (others, descended(below))):
            if there.squared_gradient() < SMALL:
                row = cp.described(there)
                kept.append((row["energy"], row["negative"]))
    assert min(len(ours), len(others)) >= 48
    (energy, index), (energy_2, index_2) = np.array(ours).T, np.array(others).T
    line = np.polynomial.Polynomial.fit(energy, index, 2)
    off, off_2 = index - line(energy), index_2 - line(energy_2)
    error = float(np.hypot(off.std(ddof=3) / np.sqrt(len(off)), off_2.std(ddof=1) / np.sqrt(len(off_2))))
    assert abs(off_2.mean()) < 4 * error
    assert abs((1.3 * index_2 - line(energy_2)).mean()) > 4 * error


def test_runs_take_the_shapes_in_turn() -> None:
    children = np.random.SeedSequence(9).spawn(2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cp, "LIMIT", 3)
        rows = [cp.find((40, 36), child) for child in children]
    assert [row["examples"] for row in rows] == [40, 36]
    for row in rows:
        second = row["first_square"] + row["residual_square"] + row["cross"]
        assert second <= max(row["lowest"] ** 2, row["highest"] ** 2)
        assert row["energy"] < 1
        assert row["zeros"] == 0


def test_tanh_networks_have_no_null_directions_at_random_points() -> None:
    network = cp.start(24, np.random.default_rng(4), units=6)
    assert network.activation is TANH
    row = cp.described(network)
    assert row["zeros"] == 0
    assert row["negative"] > 0
