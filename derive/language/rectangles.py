"""More rectangular matrices: with a given Gram matrix, transposed, and sums.

All are invariant under rotations from both sides, and free of each other with amalgamation over rows and
columns. `Rectangular` has the shorter spellings: `F.T`, `F + G`, `c * F`, `F @ G`.

    Gram(Factor(A, columns=c) + s * Gaussian(1, c))            information plus noise
    Gram(Factor(A) @ Gaussian(1, c) @ Factor(B, c, c))         correlated Wishart, A^(1/2) X B X' A^(1/2)
    Gram(Factor(A, rows=r).T)                                  X'X of a matrix X whose X X' is A
    Gram(Factor(B, rows=c, columns=1).T)                       the way back, from X'X to X X'
    Hermitised(Factor(A, "1/2", "1/2"))                        +- the singular values
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.plain import identical
from .ensembles import Ensemble, Rectangular, Scaled, positive_expression, scaled_factor


@dataclass(frozen=True)
class Factor(Rectangular):
    """A matrix X of (rows N) x (columns N) with X X' = gram, singular vectors in generic position.

    gram: a nonnegative ensemble of size rows N. columns: at least rows, or at least the rank of A, which is
    less where A has eigenvalues 0 (`derive.language.ranks`).
    """

    gram: Ensemble
    rows: Any = 1
    columns: Any = 1

    def __post_init__(self) -> None:
        if not isinstance(self.gram, Ensemble):
            raise TypeError(f"Factor takes the square ensemble X X', got {self.gram!r}")
        object.__setattr__(self, "rows", positive_expression(self.rows, "rows of Factor"))
        object.__setattr__(self, "columns", positive_expression(self.columns, "columns of Factor"))


@dataclass(frozen=True)
class Transposed(Rectangular):
    """The transpose (for complex matrices the adjoint) of a rectangular matrix."""

    factor: Rectangular

    @property
    def rows(self) -> sp.Expr:
        return self.factor.columns

    @property
    def columns(self) -> sp.Expr:
        return self.factor.rows


@dataclass(frozen=True)
class RectangularSum(Rectangular):
    """Sum of free rectangular matrices of one shape."""

    parts: tuple[Rectangular, ...]

    def __post_init__(self) -> None:
        for part in self.parts[1:]:
            for side in ("rows", "columns"):
                here, there = getattr(self, side), getattr(part, side)
                if not identical(here, there):
                    raise ValueError(
                        f"the terms of a sum of rectangular matrices do not fit: {here} and {there} {side} "
                        "(in units of N); make them equal"
                    )

    @property
    def rows(self) -> sp.Expr:
        return self.parts[0].rows

    @property
    def columns(self) -> sp.Expr:
        return self.parts[0].columns


def transposed(factor: Rectangular) -> Rectangular:
    """F', with (F')' = F."""
    return factor.factor if isinstance(factor, Transposed) else Transposed(factor)


def added(first: Rectangular, second: Rectangular) -> Rectangular:
    """F + G, one sum for many terms."""
    parts = [item.parts if isinstance(item, RectangularSum) else (item,) for item in (first, second)]
    return RectangularSum((*parts[0], *parts[1]))


@scaled_factor.register
def _(node: Factor, factor: sp.Expr) -> Rectangular:
    return Factor(Scaled(node.gram, factor**2), node.rows, node.columns)


@scaled_factor.register
def _(node: Transposed, factor: sp.Expr) -> Rectangular:
    return Transposed(scaled_factor(node.factor, factor))


@scaled_factor.register
def _(node: RectangularSum, factor: sp.Expr) -> Rectangular:
    return RectangularSum(tuple(scaled_factor(part, factor) for part in node.parts))
