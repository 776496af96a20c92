"""Eigenvalues of the parts of a network's Hessian through the smallest matrices that have them; the index.

H1 is a direct sum over hidden units (`hessian`): of blocks ((0, B), (B', 0)), whose eigenvalues are plus and
minus the singular values of B, where f is piecewise linear, and ((S, B), (B', 0)) otherwise. H0 = J J'/m
shares its nonzero eigenvalues with J'J/m, whichever is smaller.

Singular values of n blocks of n x n take 8/3 n^4 multiplications and additions, half of them in products of a
matrix and a vector: 0.7e9 at n = 128, where LAPACK needs 0.7 ms a block and 0.1 s in all. Gram matrices would
be a quarter faster and lose the small ones to rounding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .hessian import curvature_blocks, dual_of_first_part, first_part, hessian, mixed_blocks
from .network import Network

Real = NDArray[np.floating]


def residual_spectrum(network: Network) -> Real:
    """All eigenvalues of H1, ascending, (..., P)."""
    n0, n1, n2, _ = network.sizes
    mixed, curved = mixed_blocks(network), curvature_blocks(network)
    if curved is None:
        singular = np.linalg.svd(mixed, compute_uv=False)
        zeros = np.zeros((*singular.shape[:-1], abs(n0 - n2)), dtype=singular.dtype)
        values = np.concatenate([-singular, zeros, singular], axis=-1)
    else:
        whole = np.zeros((*network.batch, n1, n0 + n2, n0 + n2), dtype=mixed.dtype)
        whole[..., :n0, :n0] = curved
        whole[..., :n0, n0:] = mixed
        whole[..., n0:, :n0] = np.swapaxes(mixed, -1, -2)
        values = np.linalg.eigvalsh(whole)
    return np.sort(values.reshape(*network.batch, network.parameter_count), axis=-1)


def first_part_spectrum(network: Network) -> Real:
    """All eigenvalues of H0, ascending, (..., P), none below 0; absolute errors are of the order of
    machine precision times the largest.
    """
    _, _, n2, m = network.sizes
    missing = network.parameter_count - n2 * m
    if missing <= 0:
        values = np.linalg.eigvalsh(first_part(network))
    else:
        nonzero = np.linalg.eigvalsh(dual_of_first_part(network))
        zeros = np.zeros((*nonzero.shape[:-1], missing), dtype=nonzero.dtype)
        values = np.concatenate([zeros, nonzero], axis=-1)
    return np.maximum(values, 0)


def hessian_spectrum(network: Network) -> Real:
    """All eigenvalues of H, ascending, (..., P)."""
    return np.linalg.eigvalsh(hessian(network))


def tolerance(eigenvalues: Real) -> Real:
    """The size below which an eigenvalue of a stack of spectra (..., N) may be rounding: N u max |lambda|."""
    values = np.asarray(eigenvalues)
    largest: Real = np.max(np.abs(values), axis=-1)
    return values.shape[-1] * np.finfo(values.dtype).eps * largest


def index(eigenvalues: Real) -> Real:
    """alpha, the share of negative eigenvalues along the last axis; those within `tolerance` are zeros."""
    values = np.asarray(eigenvalues)
    share: Real = np.mean(values < -tolerance(values)[..., None], axis=-1)
    return share


def nullity(eigenvalues: Real) -> NDArray[np.intp]:
    """The number of eigenvalues along the last axis that are 0 within `tolerance`."""
    values = np.asarray(eigenvalues)
    count: NDArray[np.intp] = np.sum(np.abs(values) <= tolerance(values)[..., None], axis=-1)
    return count
