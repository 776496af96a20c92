"""Sparse (percolated, diluted) ensembles: most entries are 0, a row has finitely many others on average.

Their laws are not algebraic, and freeness knows no rule for them: each is an expression of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from .ensembles import Ensemble, positive_expression

RODGERS_BRAY = "Rodgers & Bray (1988)"
WEIGHTS = ("unit", "gaussian")


class Sparse(Ensemble):
    """An ensemble whose rows have Poisson numbers of entries in the limit.

    weights: what a nonzero entry is before scaling: "unit" (1, the adjacency matrix of a random graph) or
        "gaussian" (standard normal). Either has mean square 1.
    """

    weights: str


class SparseMatrix(Sparse):
    """One matrix; degree: mean number of nonzero entries of a row."""

    degree: Any


def _check_weights(weights: Any, what: str) -> None:
    if weights not in WEIGHTS:
        raise ValueError(f"weights of {what} must be one of {', '.join(map(repr, WEIGHTS))}, got {weights!r}")


@dataclass(frozen=True)
class SparseWigner(SparseMatrix):
    """Symmetric matrix of entries w / sqrt(degree) with probability degree / N, else 0; no diagonal.

    With unit weights it is the adjacency matrix of an Erdos-Renyi graph over sqrt(degree). For a large degree
    its law tends to the semicircle of variance 1.
    """

    degree: Any
    weights: str = "unit"

    def __post_init__(self) -> None:
        object.__setattr__(self, "degree", positive_expression(self.degree, "degree of SparseWigner"))
        _check_weights(self.weights, "SparseWigner")


@dataclass(frozen=True)
class SparseWishart(SparseMatrix):
    """X X' for X of N x p entries w / sqrt(degree) with probability degree / p, else 0.

    ratio: N / p. A row of X has `degree` entries on average, a column degree * ratio. For a large degree the
    law tends to that of Wishart(ratio).
    """

    degree: Any
    ratio: Any
    weights: str = "unit"

    def __post_init__(self) -> None:
        object.__setattr__(self, "degree", positive_expression(self.degree, "degree of SparseWishart"))
        object.__setattr__(self, "ratio", positive_expression(self.ratio, "ratio of SparseWishart"))
        _check_weights(self.weights, "SparseWishart")


@dataclass(frozen=True)
class SparseProduct(Sparse):
    """P P' for P = X_1 ... X_L, X_k of entries w / sqrt(degree) with probability degree / columns, else 0.

    degrees: one a factor, the mean number of nonzero entries of a row of it. ratios: one a factor, its rows
    over its columns. The mean of the law is 1; for large degrees it tends to that of the product of
    Gaussian factors of these shapes. One factor makes a SparseWishart.
    """

    degrees: Any
    ratios: Any
    weights: str = "unit"

    def __post_init__(self) -> None:
        for name in ("degrees", "ratios"):
            values = getattr(self, name)
            if not isinstance(values, (tuple, list)) or not values:
                raise TypeError(
                    f"{name} of SparseProduct must be a tuple of one number a factor, got {values!r}"
                )
            checked = tuple(
                positive_expression(value, f"each of the {name} of SparseProduct") for value in values
            )
            object.__setattr__(self, name, checked)
        if len(self.degrees) != len(self.ratios):
            raise ValueError(
                f"SparseProduct has {len(self.degrees)} degrees and {len(self.ratios)} ratios; "
                "give one of each for every factor"
            )
        _check_weights(self.weights, "SparseProduct")

    @property
    def widths(self) -> tuple[sp.Expr, ...]:
        """Columns of every factor over the rows of the first."""
        found = [sp.S.One]
        for ratio in self.ratios:
            found.append(sp.cancel(found[-1] / ratio))
        return tuple(found[1:])


def ratio_of(node: SparseMatrix) -> sp.Expr:
    """Rows over columns; 1 for a symmetric matrix."""
    return node.ratio if isinstance(node, SparseWishart) else sp.S.One
