"""Matrices of the nodes of `derive.language.sparse`."""

from __future__ import annotations

import numpy as np
import sympy as sp

from derive.language.sparse import Sparse, SparseProduct, SparseWigner, SparseWishart

from .sampling import Draw, Matrix, invariant, matrix


@matrix.register
def _(node: SparseWigner, draw: Draw) -> Matrix:
    lower = np.tril(_sparse(node, node.degree, draw, draw.n, draw.n), -1)
    return lower + lower.T


@matrix.register
def _(node: SparseWishart, draw: Draw) -> Matrix:
    columns = draw.size(1 / node.ratio, "columns of SparseWishart")
    x = _sparse(node, node.degree, draw, draw.n, columns)
    return x @ x.T


@matrix.register
def _(node: SparseProduct, draw: Draw) -> Matrix:
    rows, product = draw.n, None
    for degree, width in zip(node.degrees, node.widths, strict=True):
        columns = draw.size(width, "columns of SparseProduct")
        x = _sparse(node, degree, draw, rows, columns)
        rows, product = columns, x if product is None else product @ x
    assert product is not None
    return product @ product.T


@invariant.register
def _(node: Sparse) -> bool:
    return False


def _sparse(node: Sparse, mean: sp.Expr, draw: Draw, rows: int, columns: int) -> Matrix:
    """Entries w / sqrt(degree) with probability degree / columns; real, as the weights are."""
    kind = type(node).__name__
    if draw.beta != 1:
        raise ValueError(f"{kind} has real weights and is drawn real: pass beta = 1, got {draw.beta}")
    degree = draw.number(mean)
    if degree > columns:
        raise ValueError(
            f"{kind} of degree {degree} has more entries in a row than the {columns} there are; "
            "take a larger n"
        )
    shape = (rows, columns)
    present = draw.rng.random(shape) < degree / columns
    weights = draw.rng.standard_normal(shape) if node.weights == "gaussian" else 1.0
    return np.where(present, weights, 0.0) / np.sqrt(degree)
