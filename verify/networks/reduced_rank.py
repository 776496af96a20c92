"""The least energy of linear networks: exact for given data, and its limit for large networks.

The outputs are A x with A = W2 W1 any matrix of rank at most n1, so least squares are a regression of reduced
rank (Eckart and Young). With V an orthonormal basis of the row space of x, q columns of length m,

    |A x - y|^2 = |y|^2 - |y V|^2 + |A x V - y V|^2,

and x V has a left inverse: the least value leaves of y V all but its n1 largest singular values s_k,

    eps = (|y|^2 - sum_{k <= n1} s_k^2) / (2 m n2).

For independent targets of variance 1, y V is an n2 x q matrix of independent normal numbers whatever x is,
with q = min(n0, m) at full rank. The s_k^2 are then eigenvalues of a Wishart matrix, and with Q the quantile
function of the Marchenko-Pastur law of mean 1 and ratio n2/q

    eps -> (1 - q/m * integral over u in (1 - n1/n2, 1) of Q(u)) / 2.

For n1 >= min(n2, q) the integral is 1 and the mean over targets is (1 - q/m)/2 at every size: a square
network of n units has m = 2n/phi and obeys (1 - phi/2)/2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from generated import marchenko_pastur

from .network import Network

Real = NDArray[np.float64]
LOST = 1e-12  # singular values of x below this part of the largest are zeros
NODES = 24


def least_energy(inputs: Real, targets: Real, rank: int) -> float:
    """The least energy of linear networks of `rank` hidden units on x (n0, m) and y (n2, m)."""
    if rank < 0:
        raise ValueError(f"the number of hidden units must not be negative, got {rank}")
    n2, m = targets.shape
    _, sizes, rows = np.linalg.svd(inputs, full_matrices=False)
    basis = rows[sizes > LOST * sizes[0]]
    left = targets - (targets @ basis.T) @ basis
    strengths = np.linalg.svd(targets @ basis.T, compute_uv=False)
    return float((np.sum(left**2) + np.sum(strengths[rank:] ** 2)) / (2 * m * n2))


def optimum(network: Network) -> Network:
    """The network with the weights of least energy that share each singular value between both layers.

    It must be one network, linear; `ValueError` otherwise.
    """
    if network.activation.name != "linear" or network.batch:
        raise ValueError(
            f"one linear network is wanted, got {network.activation.name}, batch {network.batch}"
        )
    n0, n1, n2, _ = network.sizes
    left, sizes, rows = np.linalg.svd(network.inputs, full_matrices=False)
    kept = sizes > LOST * sizes[0]
    u, s, v = np.linalg.svd(network.targets @ rows[kept].T, full_matrices=False)
    count = min(n1, len(s))
    mapped = (s[:count, None] * v[:count]) @ (left[:, kept] / sizes[kept]).T  # count x n0
    scale = np.sqrt(np.linalg.norm(mapped, axis=1))
    first, second = np.zeros((n1, n0)), np.zeros((n2, n1))
    first[:count] = mapped / scale[:, None]
    second[:, :count] = u[:, :count] * scale
    return Network(first, second, network.inputs, network.targets, network.activation)


def limit(phi: Real | float, width: float = 1.0) -> Real:
    """The limit for n0 = n2 = n and n1 = width n units, as a function of phi = 2 n1/m.

    Targets are independent of variance 1. width: above 0; one of 1 or more leaves the rank free.
    """
    if not width > 0:
        raise ValueError(f"the width must be positive, got {width}")
    ratio = np.asarray(phi, dtype=float) / (2 * width)  # n/m
    if np.any(ratio < 0):
        raise ValueError(f"phi must not be negative, got {phi}")
    lengths, places = np.unique(np.maximum(ratio, 1), return_inverse=True)
    kept = _kept(lengths, width)[places].reshape(ratio.shape)
    return np.maximum((1 - np.minimum(ratio, 1) * kept) / 2, 0)


def _kept(ratio: Real, width: float) -> Real:
    """The integral of Q over its largest levels, (k,), for ratios n2/q >= 1: an atom 1 - 1/ratio is at 0."""
    largest = np.minimum(width, 1 / ratio)[:, None]
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    # at both ends of the law Q has a power 2/3 of the level: u = 1 - largest B, triple zeros of B and 1 - B
    t = (nodes + 1) / 2
    levels = 1 - largest * (t**3 * (10 - 15 * t + 6 * t**2))
    values = marchenko_pastur.quantile(levels, ratio[:, None], 1.0)
    result: Real = np.sum(weights * values * 15 * largest * (t * (1 - t)) ** 2, axis=-1)
    return result
