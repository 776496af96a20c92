"""Eigenvalues in the complex plane of a square product of rectangular Gaussian factors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..algebra.plain import identical
from .ensembles import Gaussian, Node, Rectangular, RectangularProduct


@dataclass(frozen=True)
class Eigenvalues(Node):
    """The N x N product P = X_1 X_2 ... X_L itself, not self-adjoint: its N complex eigenvalues.

    factor: a `Gaussian` of shape 1 x 1 or a product of several that begins and ends with N.
    """

    factor: Rectangular

    def __post_init__(self) -> None:
        if not isinstance(self.factor, Rectangular) or any(
            not isinstance(factor, Gaussian) for factor in factors(self.factor)
        ):
            raise TypeError(
                "Eigenvalues takes a Gaussian(...) or a product of them by '@', "
                f"got {self.factor!r}; a self-adjoint ensemble is an expression by itself"
            )
        if not (identical(self.factor.rows, 1) and identical(self.factor.columns, 1)):
            raise ValueError(
                "a matrix with eigenvalues is N x N, so rows and columns of the product must be 1 "
                f"(in units of N), got {self.factor.rows} and {self.factor.columns}"
            )

    @property
    def gaussians(self) -> tuple[Gaussian, ...]:
        """The factors, left to right."""
        return tuple(factor for factor in factors(self.factor) if isinstance(factor, Gaussian))


def factors(node: Rectangular) -> Iterator[Rectangular]:
    """The factors of a product, or the matrix itself."""
    if isinstance(node, RectangularProduct):
        for factor in node.factors:
            yield from factors(factor)
    else:
        yield node
