"""Networks, their Hessians and spectra: automatic differentiation, exact arithmetic and finite identities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from verify.networks.activations import ACTIVATIONS, LINEAR, RELU, TANH, Activation
from verify.networks.hessian import (
    dual_of_first_part,
    first_part,
    first_part_times,
    hessian,
    hessian_times,
    jacobian,
    residual_part,
    residual_part_times,
    squared_gradient_slope,
)
from verify.networks.network import Network, flat, initial_weights
from verify.networks.spectra import (
    first_part_spectrum,
    hessian_spectrum,
    index,
    nullity,
    residual_spectrum,
)
from verify.papers.small_networks import rational_network

EVERY = pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=lambda a: a.name)
PLAIN = {"relu": lambda z: anp.maximum(z, 0), "tanh": anp.tanh, "linear": lambda z: z}


def network(
    activation: Activation, sizes: tuple[int, int, int, int] = (3, 4, 2, 7), batch: tuple[int, ...] = ()
) -> Network:
    n0, n1, n2, m = sizes
    rng = np.random.default_rng(sizes)
    weights = initial_weights(n0, n1, n2, rng, batch)
    inputs, targets = rng.standard_normal((*batch, n0, m)), rng.standard_normal((*batch, n2, m))
    return Network(*weights, inputs, targets, activation)


def distance(found: Any, wanted: Any) -> float:
    """Largest difference, relative to the largest entry wanted (absolute if all are 0)."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    return float(np.max(np.abs(found - wanted)) / (np.max(np.abs(wanted)) or 1))


# --- automatic differentiation ------------------------------------------------------------------


def plain_outputs(net: Network) -> Callable[[Any], Any]:
    """y_hat of (1) as a function of the parameters, written without this package."""
    n0, n1, n2, _ = net.sizes
    f = PLAIN[net.activation.name]

    def outputs(theta: Any) -> Any:
        first, second = theta[: n1 * n0].reshape(n1, n0), theta[n1 * n0 :].reshape(n2, n1)
        return anp.dot(second, f(anp.dot(first, net.inputs)))

    return outputs


def against_autograd(net: Network) -> dict[str, float]:
    """Distances of every derivative from autograd's."""
    outputs, theta, m = plain_outputs(net), net.parameters, net.sizes[3]

    def loss(at: Any) -> Any:
        return anp.sum((outputs(at) - net.targets) ** 2) / (2 * m)

    gradient = autograd.grad(loss)
    flat_outputs = autograd.jacobian(lambda at: outputs(at).reshape(-1))(theta)
    second = autograd.jacobian(autograd.jacobian(lambda at: outputs(at).reshape(-1)))(theta)
    vector = np.random.default_rng(1).standard_normal(len(theta))
    return {
        "loss": distance(net.loss, loss(theta)),
        "gradient": distance(net.gradient(), gradient(theta)),
        "Hessian": distance(hessian(net), autograd.hessian(loss)(theta)),
        "J": distance(jacobian(net), flat_outputs.T),
        "H0": distance(first_part(net), flat_outputs.T @ flat_outputs / m),
        "H1": distance(residual_part(net), np.einsum("k,kij->ij", net.residuals.ravel(), second) / m),
        "H v": distance(hessian_times(net, vector), autograd.hessian_vector_product(loss)(theta, vector)),
        "J_g": distance(net.squared_gradient(), anp.sum(gradient(theta) ** 2)),
        "slope of J_g": distance(
            squared_gradient_slope(net), autograd.grad(lambda at: anp.sum(gradient(at) ** 2))(theta)
        ),
    }


@EVERY
@pytest.mark.parametrize("sizes", [(3, 4, 2, 7), (2, 3, 4, 5), (1, 1, 1, 1), (4, 4, 4, 2)])
def test_derivatives_are_those_of_autograd(activation: Activation, sizes: tuple[int, int, int, int]) -> None:
    found = against_autograd(network(activation, sizes))
    assert {name: off for name, off in found.items() if off > 1e-13} == {}


@pytest.mark.parametrize("wrong", ["slope", "curvature"])
def test_a_planted_error_of_a_derivative_is_caught(wrong: str) -> None:
    def jet(z: Any) -> Any:
        value, slope, curvature = TANH.jet(z)
        return (value, slope * (1 + 1e-11), curvature) if wrong == "slope" else (value, slope, -curvature)

    found = against_autograd(network(Activation("tanh", jet, homogeneous=False)))
    caught = {"gradient", "J", "H0"} if wrong == "slope" else {"H1", "Hessian", "H v"}
    assert all(found[name] > 1e-13 for name in caught)
    assert found["loss"] < 1e-13


# --- exact arithmetic ---------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(2, 2, 3, 4), (3, 2, 1, 5), (2, 3, 2, 3)])
def test_parts_are_those_of_exact_networks(sizes: tuple[int, int, int, int]) -> None:
    """The loss differentiated in rational arithmetic, parameters in the same order."""
    exact = rational_network(*sizes)

    def doubles(matrix: Any) -> Any:
        return np.array(matrix.tolist(), dtype=float)

    net = Network(*map(doubles, (exact.first, exact.second, exact.inputs, exact.targets)))
    assert distance(net.residuals, doubles(exact.residuals)) < 1e-13
    assert distance(jacobian(net), doubles(exact.jacobian())) < 1e-13
    assert distance(residual_part(net), doubles(exact.second_part)) < 1e-13
    assert distance(first_part(net), doubles(exact.hessian() - exact.second_part)) < 1e-13


# --- finite identities --------------------------------------------------------------------------


@pytest.mark.parametrize("activation", [RELU, LINEAR], ids=lambda a: a.name)
def test_rescaling_a_unit_changes_nothing(activation: Activation) -> None:
    """W1_a -> t W1_a, W2_a -> W2_a / t, so with v = (W1_a, -W2_a): g.v = 0, H0 v = 0, H v = -D_a g."""
    net = network(activation)
    _, n1, _, _ = net.sizes
    gradient = net.gradient()
    for a in range(n1):
        unit = np.zeros(n1)
        unit[a] = 1
        signs = flat(unit[:, None] * np.ones_like(net.first), -unit * np.ones_like(net.second))
        vector = signs * net.parameters
        assert abs(gradient @ vector) < 1e-13
        assert np.abs(first_part(net) @ vector).max() < 1e-13
        assert distance(hessian(net) @ vector, -signs * gradient) < 1e-12


def test_mixing_the_units_of_a_linear_network_changes_nothing() -> None:
    """W1 -> A W1, W2 -> W2 A^-1: with P > n1^2 the null directions of H0 are exactly those n1^2."""
    net = network(LINEAR, (3, 3, 3, 40))
    for a in range(3):
        for b in range(3):
            generator = np.zeros((3, 3))
            generator[a, b] = 1
            vector = flat(generator @ net.first, -net.second @ generator)
            assert np.abs(first_part(net) @ vector).max() < 1e-13
    assert nullity(first_part_spectrum(net)) == 9


@pytest.mark.parametrize("activation", [RELU, LINEAR], ids=lambda a: a.name)
def test_euler_for_homogeneous_networks(activation: Activation) -> None:
    """y_hat is homogeneous of degree 2: J' theta = 2 y_hat, H1 theta = g, H0 theta = 2 J y_hat / m."""
    net = network(activation)
    theta, table, m = net.parameters, jacobian(net), net.sizes[3]
    assert distance(theta @ table, 2 * net.outputs.ravel()) < 1e-13
    assert distance(residual_part(net) @ theta, net.gradient()) < 1e-12
    assert distance(first_part(net) @ theta, 2 * table @ net.outputs.ravel() / m) < 1e-13


@EVERY
def test_outputs_are_linear_in_the_second_layer(activation: Activation) -> None:
    """With v = (0, W2): J' v = y_hat and H1 v = (g of W1, 0)."""
    net = network(activation)
    vector = flat(np.zeros_like(net.first), net.second)
    wanted = flat(net.split(net.gradient())[0], np.zeros_like(net.second))
    assert distance(vector @ jacobian(net), net.outputs.ravel()) < 1e-13
    assert distance(residual_part(net) @ vector, wanted) < 1e-12


@EVERY
def test_products_are_those_of_the_matrices(activation: Activation) -> None:
    net = network(activation, (2, 3, 4, 5))
    vectors = np.random.default_rng(2).standard_normal((6, net.parameter_count))
    for times, matrix in (
        (first_part_times, first_part),
        (residual_part_times, residual_part),
        (hessian_times, hessian),
    ):
        assert distance(times(net, vectors), vectors @ matrix(net)) < 1e-13


# --- spectra ------------------------------------------------------------------------------------


@EVERY
@pytest.mark.parametrize("sizes", [(3, 4, 2, 7), (2, 3, 4, 5), (3, 3, 3, 50)])
def test_spectra_are_those_of_the_dense_matrices(
    activation: Activation, sizes: tuple[int, int, int, int]
) -> None:
    net = network(activation, sizes)
    assert distance(residual_spectrum(net), np.linalg.eigvalsh(residual_part(net))) < 1e-13
    assert distance(first_part_spectrum(net), np.linalg.eigvalsh(first_part(net))) < 1e-13
    assert distance(hessian_spectrum(net), np.linalg.eigvalsh(hessian(net))) < 1e-13
    table = jacobian(net)
    assert distance(dual_of_first_part(net), table.T @ table / sizes[3]) < 1e-13


def test_index_and_nullity() -> None:
    values = np.array([[-2, -1e-16, 0, 1e-16, 3.0], [-2, -1, -1e-3, 1, 2]])
    assert index(values).tolist() == [0.2, 0.6]
    assert nullity(values).tolist() == [3, 0]


def test_residual_part_has_as_many_negative_as_positive_eigenvalues() -> None:
    values = residual_spectrum(network(RELU, (4, 5, 4, 30)))
    assert index(values) == index(-values) == 0.5


# --- stacks -------------------------------------------------------------------------------------


@EVERY
def test_a_stack_is_its_networks(activation: Activation) -> None:
    """Leading axes of weights and data broadcast against each other."""
    n0, n1, n2, m = sizes = (3, 2, 4, 5)
    rng = np.random.default_rng(3)
    first, second = initial_weights(n0, n1, n2, rng, (2, 1))
    inputs, targets = rng.standard_normal((3, n0, m)), rng.standard_normal((n2, m))
    stack = Network(first, second, inputs, targets, activation)
    assert (stack.batch, stack.sizes) == ((2, 3), sizes)
    vectors = rng.standard_normal((2, 3, stack.parameter_count))
    readings: tuple[Callable[[Network, Any], Any], ...] = (
        lambda net, v: net.loss,
        lambda net, v: net.parameters,
        lambda net, v: net.gradient(),
        lambda net, v: jacobian(net),
        lambda net, v: first_part(net),
        lambda net, v: dual_of_first_part(net),
        lambda net, v: hessian(net),
        hessian_times,
        lambda net, v: residual_spectrum(net),
        lambda net, v: first_part_spectrum(net),
    )
    for reading in readings:
        whole = reading(stack, vectors)
        for i in range(2):
            for j in range(3):
                single = Network(first[i, 0], second[i, 0], inputs[j], targets, activation)
                assert distance(whole[i, j], reading(single, vectors[i, j])) < 1e-13


def test_parameters_come_and_go() -> None:
    net = network(TANH, batch=(2,))
    moved = net.at(net.parameters + 1)
    assert np.array_equal(moved.first, net.first + 1)
    assert np.array_equal(moved.second, net.second + 1)
    assert np.array_equal(net.at(net.parameters).loss, net.loss)
    assert net.parameters[0, :3].tolist() == net.first[0, 0].tolist()
    assert net.parameters[0, 12:16].tolist() == net.second[0, 0].tolist()


def test_normalisation() -> None:
    """(2): loss = n2 eps = (1/2m) sum e^2; phi is parameters over effective examples."""
    net = network(RELU, (4, 4, 4, 32)).with_residuals(3 * np.ones((4, 32)))
    assert np.allclose(net.residuals, 3, rtol=1e-14)
    assert np.isclose(net.energy, 4.5, rtol=1e-14)
    assert np.isclose(net.loss, 4 * 4.5, rtol=1e-14)
    assert net.ratio == 1 / 4


def test_single_precision_stays_single() -> None:
    net = network(TANH)
    single = Network(*(a.astype(np.float32) for a in (net.first, net.second, net.inputs, net.targets)), TANH)
    for reading in (hessian, residual_spectrum, first_part_spectrum):
        assert reading(single).dtype == np.float32
        assert distance(reading(single), reading(net)) < 1e-5


# --- refusals -----------------------------------------------------------------------------------


def test_networks_that_do_not_fit_are_refused() -> None:
    net = network(RELU)
    with pytest.raises(ValueError, match=r"do not fit: W1 \(4, 3\), W2 \(2, 4\), inputs \(2, 7\)"):
        Network(net.first, net.second, net.targets, net.targets)
    with pytest.raises(ValueError, match="must be a matrix"):
        Network(net.first, net.second, net.inputs[0], net.targets)
    with pytest.raises(ValueError, match="at least 1"):
        Network(net.first, net.second, net.inputs[:, :0], net.targets[:, :0])
    with pytest.raises(ValueError, match="leading axes do not broadcast"):
        Network(np.stack([net.first] * 2), net.second, np.stack([net.inputs] * 3), net.targets)
    with pytest.raises(TypeError, match="first must be an array of real numbers, got dtype complex128"):
        Network(net.first * 1j, net.second, net.inputs, net.targets)
    with pytest.raises(ValueError, match="has 20 entries along its last axis"):
        hessian_times(net, np.ones(19))
