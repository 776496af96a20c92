"""What the data of a node must satisfy on the domain of the parameters for its matrix to exist.

What a node needs of the law below it (nonnegative, symmetric, away from 0) its transform checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Literal

import sympy as sp

from .eigenvalues import Eigenvalues
from .ensembles import (
    FreeProduct,
    FreeSum,
    Gaussian,
    Gram,
    Hermitised,
    Node,
    RectangularProduct,
    Scaled,
    Shifted,
    Wigner,
    Wishart,
)
from .operations import (
    Anticommutator,
    Atoms,
    Cauchy,
    Commutator,
    Compression,
    DirectSum,
    Equilibrium,
    FreePoisson,
    FreePower,
    Image,
    Inverse,
)
from .rectangles import Factor, RectangularSum, Transposed
from .sparse import Sparse


@dataclass(frozen=True)
class Condition:
    """An expression in the parameters that must be positive, not negative or not 0 on their domain."""

    what: str
    expression: sp.Expr
    wanted: Literal["positive", "nonnegative", "nonzero"]


@singledispatch
def conditions(node: Node) -> tuple[Condition, ...]:
    """What the data of this node alone must satisfy."""
    raise TypeError(f"the conditions of {type(node).__name__} are not known; register them")


@conditions.register(Eigenvalues)
@conditions.register(FreeSum)
@conditions.register(FreeProduct)
@conditions.register(Shifted)
@conditions.register(RectangularProduct)
@conditions.register(Gram)
@conditions.register(Hermitised)
@conditions.register(Inverse)
@conditions.register(Commutator)
@conditions.register(Anticommutator)
@conditions.register(Transposed)
@conditions.register(RectangularSum)
def _(node: Node) -> tuple[Condition, ...]:
    return ()


@conditions.register(Wigner)
@conditions.register(Wishart)
@conditions.register(Gaussian)
@conditions.register(FreePoisson)
@conditions.register(Cauchy)
@conditions.register(Equilibrium)
@conditions.register(Sparse)
def _(node: Node) -> tuple[Condition, ...]:
    """All data are positive; a variance may be 0, for a transform to refuse."""
    return _positive(node, *(name for name, _ in node.data))


@conditions.register
def _(node: Scaled) -> tuple[Condition, ...]:
    return (Condition("factor of Scaled", node.factor, "nonzero"),)


@conditions.register
def _(node: Atoms) -> tuple[Condition, ...]:
    return _positive(node, "masses")


@conditions.register
def _(node: DirectSum) -> tuple[Condition, ...]:
    return _positive(node, "weights")


@conditions.register
def _(node: Image) -> tuple[Condition, ...]:
    return (Condition("leading coefficient of Image", node.coefficients[-1], "nonzero"),)


@conditions.register
def _(node: FreePower) -> tuple[Condition, ...]:
    return (Condition("exponent of FreePower less 1", node.exponent - 1, "nonnegative"),)


@conditions.register
def _(node: Compression) -> tuple[Condition, ...]:
    rest = Condition("1 less the fraction of Compression", 1 - node.fraction, "nonnegative")
    return (*_positive(node, "fraction"), rest)


@conditions.register
def _(node: Factor) -> tuple[Condition, ...]:
    return _positive(node, "rows", "columns")


def _positive(node: Node, *names: str) -> tuple[Condition, ...]:
    kind = type(node).__name__
    return tuple(
        Condition(
            f"{name} of {kind}", value, "nonnegative" if name == "variance" and value == 0 else "positive"
        )
        for name, value in node.data
        if name in names
    )
