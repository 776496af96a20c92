"""Matrices of the nodes of `derive.sparse`."""

from __future__ import annotations

import numpy as np

from derive.sparse import Sparse, SparseWigner, SparseWishart

from .sampling import Draw, Matrix, invariant, matrix


@matrix.register
def _(node: SparseWigner, draw: Draw) -> Matrix:
    lower = np.tril(_sparse(node, draw, draw.n), -1)
    return lower + lower.T


@matrix.register
def _(node: SparseWishart, draw: Draw) -> Matrix:
    x = _sparse(node, draw, draw.size(1 / node.ratio, "columns of SparseWishart"))
    return x @ x.T


@invariant.register
def _(node: Sparse) -> bool:
    return False


def _sparse(node: Sparse, draw: Draw, columns: int) -> Matrix:
    """Entries w / sqrt(degree) with probability degree / columns; real, as the weights are."""
    kind = type(node).__name__
    if draw.beta != 1:
        raise ValueError(f"{kind} has real weights and is drawn real: pass beta = 1, got {draw.beta}")
    degree = draw.number(node.degree)
    if degree > columns:
        raise ValueError(
            f"{kind} of degree {degree} has more entries in a row than the {columns} there are; "
            "take a larger n"
        )
    shape = (draw.n, columns)
    present = draw.rng.random(shape) < degree / columns
    weights = draw.rng.standard_normal(shape) if node.weights == "gaussian" else 1.0
    return np.where(present, weights, 0.0) / np.sqrt(degree)
