"""Training, turned Hessians and weights: automatic differentiation, invariants, planted dependence."""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from verify.networks import TANH, Network, first_part, initial_weights, residual_part
from verify.networks.data import Gaussian, Images, digits
from verify.networks.training import STEPS, descend
from verify.networks.turned import complement, haar, largest_difference, rescalings, turned
from verify.networks.turned_experiment import observe
from verify.networks.weights import product_ratio, shape


def autoencoder(seed: int = 1, batch: tuple[int, ...] = ()) -> Network:
    rng = np.random.default_rng(seed)
    data = rng.standard_normal((*batch, 4, 30))
    return Network(*initial_weights(4, 6, 4, rng, batch), data, data)


# --- descent ------------------------------------------------------------------------------------


def test_descent_is_that_of_automatic_differentiation() -> None:
    net, rate = autoencoder(), 0.05

    def loss(theta: Any) -> Any:
        first, second = theta[:24].reshape(6, 4), theta[24:].reshape(4, 6)
        outputs = anp.dot(second, anp.maximum(anp.dot(first, net.inputs), 0))
        return anp.sum((outputs - net.targets) ** 2) / (2 * 30)

    at = net.parameters
    for _ in range(7):
        at = at - rate * autograd.grad(loss)(at)
    assert np.allclose(descend(net, (7,), rate)[0].parameters, at, rtol=0, atol=1e-13)


def test_loss_falls_at_small_rates() -> None:
    losses = [float(net.loss) for net in descend(autoencoder(), range(60), 0.01)]
    assert np.all(np.diff(losses) < 0)


def test_steps_do_not_depend_on_where_it_stops() -> None:
    whole = descend(autoencoder(), (0, 3, 8))
    assert np.array_equal(whole[0].parameters, autoencoder().parameters)
    assert np.array_equal(whole[2].parameters, descend(autoencoder(), (8,))[0].parameters)
    stack = autoencoder(batch=(3,))
    ends = descend(stack, (8,))[0]
    for k in range(3):
        alone = Network(stack.first[k], stack.second[k], stack.inputs[k], stack.targets[k])
        assert np.allclose(ends.parameters[k], descend(alone, (8,))[0].parameters, rtol=0, atol=1e-13)


def test_balance_of_a_unit_is_kept() -> None:
    """|W1_a|^2 - |W2_a|^2 is constant along the gradient flow of a ReLU network; at small rates nearly."""
    start = autoencoder()
    (end,) = descend(start, (2000,), 1e-4)
    before, after = (np.sum(n.first**2, axis=1) - np.sum(n.second**2, axis=0) for n in (start, end))
    assert np.max(np.abs(before - after)) < 1e-3
    assert np.max(np.abs(np.sum(start.first**2 - end.first**2, axis=1))) > 0.05


def test_descent_refuses_with_reasons() -> None:
    for steps, rate, told in (((3, 1), 0.1, "ascend"), ((-1,), 0.1, "ascend"), ((1,), 0.0, "positive")):
        with pytest.raises(ValueError, match=told):
            descend(autoencoder(), steps, rate)
    with pytest.raises(ArithmeticError, match="diverges within 500 steps"):
        descend(autoencoder(), (500,), 5.0)
    assert STEPS[:4] == (0, 1, 2, 4)
    assert STEPS[-1] == 8192


# --- turned Hessians ------------------------------------------------------------------------------


def test_haar_matrices_are_orthogonal_and_of_the_right_law() -> None:
    rng = np.random.default_rng(4)
    turns = np.stack([haar(3, rng) for _ in range(4000)])
    assert np.allclose(turns @ turns.transpose(0, 2, 1), np.eye(3), rtol=0, atol=1e-13)
    traces = np.trace(turns, axis1=1, axis2=2)  # mean 0 and variance 1; without the signs the mean is not
    assert abs(traces.mean()) < 5 / np.sqrt(4000)
    assert abs(traces.var() - 1) < 5 * np.sqrt(2 / 4000)


def test_turned_sums_keep_traces() -> None:
    net = autoencoder()
    found = turned(net, 3, np.random.default_rng(0))
    first, second = first_part(net), residual_part(net)
    assert np.allclose(found.turned.sum(axis=1), np.trace(first + second))
    assert np.isclose(found.spectrum.sum(), np.trace(first + second))
    assert found.turned.shape == (3, net.parameter_count)
    with pytest.raises(ValueError, match="at least two"):
        turned(net, 1, np.random.default_rng(0))


def test_parts_that_are_free_lie_at_the_noise_floor_and_others_above() -> None:
    """Overwritten residuals at small phi against those that the data explain."""
    rng = np.random.default_rng(5)
    inputs = rng.standard_normal((8, 400))
    net = Network(*initial_weights(8, 8, 8, rng), inputs, inputs)
    free = turned(net.with_residuals(rng.standard_normal(inputs.shape)), 4, rng)
    bound = turned(net.with_residuals(5 * net.outputs), 4, rng)
    assert free.wasserstein[0] < 1.5 * free.wasserstein[1]
    assert bound.wasserstein[0] > 2 * bound.wasserstein[1]
    assert bound.kolmogorov[0] > 1.5 * max(bound.kolmogorov[1], free.kolmogorov[0])


def test_rescalings_are_null_directions_of_both_parts_where_the_gradient_vanishes() -> None:
    start = autoencoder()
    net = start.with_residuals(np.zeros((4, 30)))  # the loss is 0: a minimum
    directions = rescalings(start)
    gram = directions.T @ directions
    assert np.allclose(gram, np.diag(np.diagonal(gram)), rtol=0, atol=1e-13)
    assert np.allclose(first_part(net) @ directions, 0, rtol=0, atol=1e-13)
    moved = start.at(start.parameters + 1e-6 * directions[:, 2])
    assert np.allclose(moved.outputs, start.outputs, rtol=0, atol=1e-11)
    (end,) = descend(autoencoder(), (4000,))
    assert np.max(np.abs(residual_part(end) @ rescalings(end))) < 20 * np.sqrt(end.squared_gradient())
    basis = complement(directions)
    assert basis.shape == (48, 42)
    assert np.allclose(basis.T @ np.hstack([basis, directions]), np.eye(42, 48), rtol=0, atol=1e-13)
    found = turned(net, 2, np.random.default_rng(0), bare=True)
    assert found.spectrum.shape == (42,)
    assert np.isclose(found.spectrum.sum(), np.trace(first_part(net)))
    with pytest.raises(ValueError, match="no rescalings"):
        rescalings(Network(net.first, net.second, net.inputs, net.targets, TANH))


def test_largest_difference() -> None:
    assert largest_difference(np.array([0.0, 1, 2, 3]), np.array([0.0, 1, 2, 3])) == 0
    assert largest_difference(np.array([0.0, 1, 2, 3]), np.array([2.5, 2.6, 2.7, 2.8])) == 0.75
    assert largest_difference(np.array([0.0, 0.0]), np.array([0.0, 1.0])) == 0.5


def test_runs_depend_on_their_seed_alone() -> None:
    one, again, other = (observe(Gaussian(), (0, 2), 2, np.random.SeedSequence(s)) for s in (1, 1, 2))
    assert np.array_equal(one[1].turned, again[1].turned)
    assert not np.array_equal(one[0].spectrum, other[0].spectrum)
    assert one[1].energy < one[0].energy


# --- weights ----------------------------------------------------------------------------------------


def test_shapes_of_known_laws() -> None:
    rng = np.random.default_rng(6)
    normal, start = rng.standard_normal((50, 64)), np.ones((50, 64))
    skewed = rng.exponential(size=(50, 64))
    one, other = shape(normal, normal, rng), shape(skewed, start, rng)
    assert abs(one.skewness) < 5 * np.sqrt(6 / 3200)
    assert abs(one.kurtosis) < 5 * np.sqrt(24 / 3200)
    assert one.normality > 1e-3
    assert one.moved == 0
    assert other.skewness > 1.5
    assert other.kurtosis > 3
    assert other.normality < 1e-20
    assert shape(rng.standard_normal((100, 100)), np.ones((100, 100)), rng).normality > 1e-3  # a part of them


def test_products_tell_dependence() -> None:
    rng = np.random.default_rng(7)
    first, second = rng.standard_normal((50, 64)), rng.standard_normal((10, 50))
    assert abs(product_ratio(first, second, rng) - 1) < 0.1
    aligned = np.concatenate([second, rng.standard_normal((54, 50))]).T
    assert product_ratio(aligned, second, rng) > 1.2


def test_classified_images() -> None:
    inputs, classes = digits().draw_classified(300, np.random.default_rng(8))
    assert inputs.shape == (64, 300)
    assert classes.shape == (10, 300)
    assert np.allclose(inputs.mean(axis=1), 0)
    assert np.all(np.ptp(inputs, axis=1) <= 1)
    assert np.array_equal(classes.sum(axis=0), np.ones(300))
    pixels = np.arange(12.0).reshape(3, 2, 2)
    labelled = Images("three", pixels, labels=np.array([1, 0, 1]))
    inputs, classes = labelled.draw_classified(3, np.random.default_rng(0))
    order = np.argsort(inputs[0])
    assert np.array_equal(classes[:, order], [[0, 1, 0], [1, 0, 1]])
    with pytest.raises(ValueError, match="without classes"):
        Images("three", pixels).draw_classified(2, np.random.default_rng(0))
    with pytest.raises(ValueError, match="as many labels"):
        Images("three", pixels, labels=np.array([1, 0]))
