"""The Hessian of the loss of a network and its two parts, in closed form: Pennington & Bahri (3), (4), (23).

    H = H0 + H1,    H0 = J J'/m,    H1 = (1/m) sum_{i mu} e_{i mu} d^2 y_hat_{i mu} / d theta d theta'

With h, d, c the values of f, f', f'' at the pre-activations, rows and columns over W1 (a, b) and W2 (c, d):

    H0:  W1 W1  (W2' W2)_{aa'} sum_mu d_{a mu} d_{a' mu} x_{b mu} x_{b' mu} / m
         W1 W2  (W2)_{ca} sum_mu d_{a mu} x_{b mu} h_{d mu} / m
         W2 W2  delta_{cc'} sum_mu h_{d mu} h_{d' mu} / m
    H1:  W1 W1  delta_{aa'} sum_mu (W2' e)_{a mu} c_{a mu} x_{b mu} x_{b' mu} / m    (0 for ReLU and linear f)
         W1 W2  delta_{ad} sum_mu e_{c mu} d_{a mu} x_{b mu} / m                    (23)
         W2 W2  0

H1 couples the incoming and outgoing weights of one hidden unit with each other alone: it is a direct sum of
n1 blocks of n0 + n2 rows. Products with vectors cost two passes over the data and form no matrix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .active_sums import active_sums
from .network import Network, flat

Real = NDArray[np.floating]
SHARED = 2**20  # multiplications a block from which units share their sums; below it, calls cost more


def jacobian(network: Network) -> Real:
    """J = d y_hat / d theta, (..., P, n2 m): a row for each parameter, a column for each output (i, mu)."""
    hidden, slope, _ = network.jet
    n0, n1, n2, m = network.sizes
    result = np.zeros((*network.batch, network.parameter_count, n2, m), dtype=network.outputs.dtype)
    masked = slope[..., :, None, :] * network.inputs[..., None, :, :]  # (..., a, b, mu)
    of_first = _transposed(network.second)[..., :, None, :, None] * masked[..., None, :]
    result[..., : n1 * n0, :, :] = of_first.reshape(*of_first.shape[:-4], n1 * n0, n2, m)
    for c in range(n2):
        result[..., n1 * n0 + c * n1 : n1 * n0 + (c + 1) * n1, c, :] = hidden
    return result.reshape(*network.batch, network.parameter_count, n2 * m)


def first_part(network: Network) -> Real:
    """H0 = J J'/m, (..., P, P)."""
    hidden, slope, _ = network.jet
    n0, n1, n2, m = network.sizes
    split, total = n1 * n0, network.parameter_count
    result = np.zeros((*network.batch, total, total), dtype=network.outputs.dtype)
    masked = slope[..., :, None, :] * network.inputs[..., None, :, :]
    masked = masked.reshape(*masked.shape[:-3], split, m)
    gram = (masked @ _transposed(masked)).reshape(*masked.shape[:-2], n1, n0, n1, n0)
    weights = _transposed(network.second) @ network.second
    top = gram * weights[..., :, None, :, None]
    result[..., :split, :split] = top.reshape(*top.shape[:-4], split, split)
    mixed = (masked @ _transposed(hidden)).reshape(*masked.shape[:-2], n1, n0, 1, n1)
    side = mixed * _transposed(network.second)[..., :, None, :, None]  # (..., a, b, c, d)
    side = side.reshape(*side.shape[:-4], split, n2 * n1)
    result[..., :split, split:] = side
    result[..., split:, :split] = _transposed(side)
    corner = hidden @ _transposed(hidden)
    for c in range(n2):
        rows = slice(split + c * n1, split + (c + 1) * n1)
        result[..., rows, rows] = corner
    result /= m
    return result


def dual_of_first_part(network: Network) -> Real:
    """J'J/m, (..., n2 m, n2 m), rows and columns over outputs (i, mu): the nonzero eigenvalues are H0's."""
    hidden, slope, _ = network.jet
    _, n1, n2, m = network.sizes
    paths = network.second[..., :, None, :] * _transposed(slope)[..., None, :, :]  # (..., i, mu, a)
    paths = paths.reshape(*paths.shape[:-3], n2 * m, n1)
    gram = (paths @ _transposed(paths)).reshape(*paths.shape[:-2], n2, m, n2, m)
    overlaps = _transposed(network.inputs) @ network.inputs
    result = np.zeros((*network.batch, n2, m, n2, m), dtype=network.outputs.dtype)
    result += gram * overlaps[..., None, :, None, :]
    corner = _transposed(hidden) @ hidden
    for i in range(n2):
        result[..., i, :, i, :] += corner
    result /= m
    return result.reshape(*network.batch, n2 * m, n2 * m)


def mixed_blocks(network: Network) -> Real:
    """The blocks of H12 (23), (..., n1, n0, n2): block a holds sum_mu d_{a mu} x_{b mu} e_{c mu} / m."""
    n0, n1, n2, m = network.sizes
    slope = network.jet[1]
    if not network.batch and m * n0 * n2 >= SHARED and np.array_equal(slope, slope != 0):
        return active_sums(network.inputs, network.residuals / m, slope != 0)
    result = np.empty((*network.batch, n1, n0, n2), dtype=network.residuals.dtype)
    errors = _transposed(network.residuals) / m
    for a in range(n1):  # one unit at a time: the masked inputs of all would be n1 copies of the data
        result[..., a, :, :] = (network.inputs * slope[..., a, None, :]) @ errors
    return result


def curvature_blocks(network: Network) -> Real | None:
    """The W1 W1 blocks of H1, (..., n1, n0, n0); None where f is piecewise linear and they vanish."""
    curvature = network.jet[2]
    if curvature is None:
        return None
    n0, n1, _, m = network.sizes
    result = np.empty((*network.batch, n1, n0, n0), dtype=network.residuals.dtype)
    weights = (_transposed(network.second) @ network.residuals) * curvature / m
    for a in range(n1):
        result[..., a, :, :] = (network.inputs * weights[..., a, None, :]) @ _transposed(network.inputs)
    return result


def residual_part(network: Network) -> Real:
    """H1, (..., P, P)."""
    total = network.parameter_count
    zeros = np.zeros((*network.batch, total, total), dtype=network.residuals.dtype)
    return _with_residual_part(zeros, network)


def hessian(network: Network) -> Real:
    """H = H0 + H1, the second derivatives of the loss, (..., P, P)."""
    return _with_residual_part(first_part(network), network)


def _with_residual_part(matrix: Real, network: Network) -> Real:
    """The matrix, (..., P, P), with H1 added in place, a block at a time: most of H1 is 0."""
    n0, n1, _, _ = network.sizes
    split, total = n1 * n0, network.parameter_count
    mixed, curved = mixed_blocks(network), curvature_blocks(network)
    for a in range(n1):
        incoming, outgoing = slice(a * n0, (a + 1) * n0), slice(split + a, total, n1)
        matrix[..., incoming, outgoing] += mixed[..., a, :, :]
        matrix[..., outgoing, incoming] += _transposed(mixed[..., a, :, :])
        if curved is not None:
            matrix[..., incoming, incoming] += curved[..., a, :, :]
    return matrix


def first_part_times(network: Network, vector: Real) -> Real:
    """H0 v for v of shape (..., P), in O(n1 (n0 + n2) m); leading axes of v broadcast with the others."""
    hidden, slope, _ = network.jet
    _, outputs = _pushed(network, vector)
    m = network.sizes[3]
    back = (_transposed(network.second) @ outputs) * slope
    return flat(back @ _transposed(network.inputs) / m, outputs @ _transposed(hidden) / m)


def residual_part_times(network: Network, vector: Real) -> Real:
    """H1 v for v of shape (..., P), in O(n1 (n0 + n2) m)."""
    _, slope, curvature = network.jet
    shift, _ = _pushed(network, vector)
    m = network.sizes[3]
    back = (_transposed(network.split(vector)[1]) @ network.residuals) * slope
    if curvature is not None:
        back = back + (_transposed(network.second) @ network.residuals) * curvature * shift
    on_second = network.residuals @ _transposed(slope * shift)
    return flat(back @ _transposed(network.inputs) / m, on_second / m)


def hessian_times(network: Network, vector: Real) -> Real:
    """H v for v of shape (..., P); H is not formed."""
    return first_part_times(network, vector) + residual_part_times(network, vector)


def squared_gradient_slope(network: Network) -> Real:
    """d J_g / d theta = 2 H g, (..., P), with g the gradient of the loss."""
    return 2 * hessian_times(network, network.gradient())


def _pushed(network: Network, vector: Real) -> tuple[Real, Real]:
    """First-order changes of the pre-activations, (..., n1, m), and of the outputs, (..., n2, m)."""
    hidden, slope, _ = network.jet
    first, second = network.split(vector)
    shift = first @ network.inputs
    return shift, second @ hidden + network.second @ (slope * shift)


def _transposed(x: Real) -> Real:
    return np.swapaxes(x, -1, -2)
