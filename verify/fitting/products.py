"""How log det(z - H) fluctuates where H is built of products of Gaussian matrices: the ReLU models.

Linearise: z - H is a Schur complement of Z - W, where Z is fixed and W has independent Gaussian blocks,
each with its adjoint. At large N the mean of (Z - W)^-1 is a matrix of numbers g_ab over the blocks,
functions of G(z), and ladders join two of them, one at x and one at y: what one passes from block a to b
by a Gaussian block, the other passes back. With K_ab = g_ab(x) g_ab(y) between rungs and S_ab =
(variance of the block that joins a to b) (rows of b) for a rung, ladders closed to rings add up to

    covariance of log det    C(x, y) = -(2 / beta) log det(1 - K S),
    bias                     B(z) = (2/beta - 1) (1/2) log det(1 - K S) at x = y = z.

For a Wigner matrix K S = variance G(x) G(y), which is `exterior.free_sum` again.

The residual ((0, A B), ((A B)', 0)): with A of N/2 x N/(2 phi), B its transpose's shape, variances 2 eps
phi/N and phi/N, the blocks are 1, 2, 3, 4 of N/2, N/(2 phi), N/(2 phi), N/2 rows, Z = z on 1 and 4 and
the swap of 2 and 3; A joins 1 to 2 and B joins 3 to 4. The Wishart part adds block 5 of N/phi rows, Z =
1, joined to both 1 and 4 with variance sigma phi/N.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .exterior import Complex, Exterior, Real

STEP = 1e-5  # of G, for central differences


def rings(
    transform: Complex,
    other: Complex | None = None,
    *,
    eps: float,
    phi: float,
    sigma: float | None = None,
) -> Complex:
    """det(1 - K S) for all pairs of points at which G is `transform` and `other`, or `transform` twice.

    sigma: of the Wishart part, None where there is none.
    """
    x = _blocks(transform, eps=eps, phi=phi, sigma=sigma)
    y = x if other is None else _blocks(other, eps=eps, phi=phi, sigma=sigma)
    joins = {(0, 1): 2 * eps * phi, (2, 3): phi}  # variances, times N
    if sigma is not None:
        joins |= {(0, 4): sigma * phi, (3, 4): sigma * phi}
    rows = np.array([0.5, 0.5 / phi, 0.5 / phi, 0.5, 1 / phi])  # divided by N
    blocks = 4 if sigma is None else 5
    rungs = np.zeros((blocks, blocks))
    for (a, b), variance in joins.items():
        rungs[a, b], rungs[b, a] = variance * rows[b], variance * rows[a]
    between = np.zeros((x[0, 0].size, y[0, 0].size, blocks, blocks), dtype=complex)
    for (a, b), values in x.items():
        between[..., a, b] = np.multiply.outer(values, y[a, b])
    return np.asarray(np.linalg.det(np.eye(blocks) - between @ rungs))


def _blocks(G: Complex, *, eps: float, phi: float, sigma: float | None) -> dict[tuple[int, int], Complex]:
    """The numbers g_ab that are not 0, at each point."""
    left, right = eps * phi * G, phi / 2 * G
    middle = 1 / (1 - left * right)
    g = {(0, 0): G, (3, 3): G, (1, 1): right * middle, (2, 2): left * middle, (1, 2): middle, (2, 1): middle}
    return g if sigma is None else g | {(4, 4): 1 / (1 - sigma * phi * G)}


def product(exterior: Exterior, transform: Complex, beta: int, **parameters: Any) -> tuple[Real, Real]:
    """Covariance (K, K) and bias (K,) of S_k; transform: G at the exterior's points."""
    whole = np.concatenate([transform, np.conj(transform[::-1])])  # y on the circle's lower half too
    u = np.concatenate([exterior.u, np.conj(exterior.u[::-1])])
    logarithms = continuous_logarithm(rings(transform, whole, **parameters))
    upper, powers = (points ** exterior.k[:, None] / u.size for points in (exterior.u, u))
    covariance = exterior.of_logarithm(-4 / beta * (upper @ logarithms @ powers.T).real)
    bias = exterior.of_bias((2 / beta - 1) * (upper @ np.diagonal(logarithms)).real)
    return (covariance + covariance.T) / 2, bias


def product_push(
    exterior: Exterior, transform: Complex, at_edge: float, beta: int, **parameters: Any
) -> Real:
    """d cov(S_k, log det) / dG where G is `at_edge`, (K,): what pushes that edge."""
    steps = at_edge * (1 + STEP * np.array([-1.0, 1.0], dtype=np.complex128))
    table = rings(transform, steps, **parameters)
    slope = (table[:, 1] - table[:, 0]) / (steps[1] - steps[0]) / (table.sum(axis=1) / 2)
    return exterior.of_bias(exterior.laurent(-2 / beta * slope, exterior.orders)[1:])


def continuous_logarithm(values: Complex) -> Complex:
    """A logarithm of a table that is continuous along both axes."""
    phase = np.unwrap(np.unwrap(np.angle(values), axis=0), axis=1)
    return np.log(np.abs(values)) + 1j * phase
