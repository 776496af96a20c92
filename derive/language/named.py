"""Laws with a name of their own that are made of others, each with the matrix that it stands for."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.plain import cancelled
from .eigenvalues import Eigenvalues
from .ensembles import Ensemble, Gaussian, Gram, RectangularProduct, exact_expression, positive_expression
from .operations import Atoms, Compression, FreePower


def Projection(rank: Any) -> Ensemble:
    """Projection in generic position onto rank * N dimensions, 0 < rank < 1."""
    rank = positive_expression(rank, "rank of Projection")
    return Atoms((0, 1), (cancelled(1 - rank), rank))


def Arcsine(radius: Any = 2) -> Ensemble:
    """The arcsine law on (-radius, radius), of variance radius^2/2: the sum of two free signs radius/2.

    With the radius 2 it is the law of U + U' for a Haar matrix U.
    """
    half = positive_expression(radius, "radius of Arcsine") / 2
    return FreePower(Atoms((-half, half), ("1/2", "1/2")), 2)


def KestenMcKay(degree: Any) -> Ensemble:
    """The spectrum of the adjacency matrix of a random regular graph: a sum of `degree` free signs.

    degree: real and at least 1; at 2 the arcsine law, below it atoms are left.
    """
    degree = exact_expression(degree, "degree of KestenMcKay")
    if degree.is_number and degree < 1:
        raise ValueError(f"the degree of KestenMcKay must be at least 1, got {degree}")
    return FreePower(Atoms((-1, 1), ("1/2", "1/2")), degree)


def Jacobi(first: Any, second: Any) -> Ensemble:
    """(W_1 + W_2)^(-1/2) W_1 (W_1 + W_2)^(-1/2), W_i = X_i X_i', X_i of N x p_i; MANOVA, Wachter's law.

    first, second: N / p_1 and N / p_2 with p_1 + p_2 >= N, so 1/first + 1/second >= 1. The rows of
    (X_1, X_2) span N of p_1 + p_2 dimensions: the matrix is a corner of the projection onto the first p_1.
    """
    one, two = (positive_expression(ratio, "ratio of Jacobi") for ratio in (first, second))
    kept = cancelled(one * two / (one + two))
    if kept.is_number and kept > 1:
        raise ValueError(
            f"Jacobi needs 1/first + 1/second at least 1, which is p_1 + p_2 >= N, got first = {one} and "
            f"second = {two}: W_1 + W_2 has no inverse"
        )
    return Compression(Projection(cancelled(two / (one + two))), kept)


def FussCatalan(factors: int) -> Ensemble:
    """X X' for the product X of `factors` >= 2 square Gaussian matrices of entries of variance 1/N."""
    if not isinstance(factors, int) or isinstance(factors, bool) or factors < 2:
        raise ValueError(f"FussCatalan takes the number of its factors, 2 or more, got {factors!r}")
    return Gram(RectangularProduct((Gaussian(1, 1),) * factors))


def ProductEigenvalues(ratios: tuple[Any, ...], radius: Any = 1) -> Eigenvalues:
    """The eigenvalues of a product of one Gaussian matrix more than there are ratios.

    ratios: sizes between the factors over N, the size outside. radius: of the disc that holds all of them.
    """
    between = tuple(positive_expression(ratio, "each ratio of ProductEigenvalues") for ratio in ratios)
    radius = positive_expression(radius, "radius of ProductEigenvalues")
    sizes = (sp.S.One, *between, sp.S.One)
    variances = (cancelled(radius**2 / sp.Mul(*between)), *(1 for _ in between))
    shapes = zip(sizes, sizes[1:], variances, strict=False)
    factors = tuple(Gaussian(rows, columns, variance) for rows, columns, variance in shapes)
    return Eigenvalues(RectangularProduct(factors) if between else factors[0])
