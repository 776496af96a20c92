"""From an expression to its transforms: every node read by type, every move a certified step.

    Wigner, Wishart     from the density to R and S (`derive.transforms.densities`)
    +                   R-transforms add              * c       R_cA(g) = c R_A(c g)
    @                   S-transforms multiply         + a       R_(A+a) = R_A + a
    A.inverse()         S_(A^-1)(t) = 1 / S_A(-1 - t)
    p(A)                G sums over the roots of p(z) = w
    DirectSum           Stieltjes transforms are averaged
    A.free_power(t)     R is multiplied by t            A.compression(f)  R(f g)
    Commutator          c = A B is R-diagonal, and c + c' has twice its determining sequence as cumulants
    Gram(F)             F_1 (F_2 F_2') F_1' has the nonzero spectrum of F_1'F_1 @ F_2 F_2'
    Hermitised(F)       psi_H(u) = 2 rows psi_FF'(u^2): the eigenvalues are +- the singular values

Rational transforms stay rational functions; elsewhere laws are irreducible polynomials, combined by
resultants, the right factor chosen by the expansion at infinity.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from ..language.eigenvalues import Eigenvalues
from ..language.ensembles import Node
from ..language.model import ModelError
from ..language.operations import Inverse
from ..language.sparse import Sparse
from . import (
    atoms,
    cauchy,
    commutators,
    equilibrium,
    free_powers,
    free_products,
    free_sums,
    functions,
    rectangular,
    rectangular_sums,
)
from .curves import Setting
from .reading import Reading, read

__all__ = [
    "Reading",
    "atoms",
    "cauchy",
    "commutators",
    "equilibrium",
    "free_powers",
    "free_products",
    "free_sums",
    "functions",
    "read",
    "rectangular",
    "rectangular_sums",
    "setting_of",
]


def setting_of(
    expression: Node,
    parameters: Iterable[sp.Symbol] = (),
    facts: tuple[sp.Expr, ...] = (),
    ends: tuple[tuple[sp.Symbol, sp.Rational], ...] = (),
) -> Setting:
    """The setting for reading an expression, with room for the irrational means of its inverses."""
    room = sum(isinstance(node, Inverse) for node in expression.walk())
    return Setting(tuple(parameters), facts, room, ends)


@read.register
def _(node: Sparse, label: str, setting: Setting) -> Reading:
    """Refused: the law of a sparse ensemble is not algebraic."""
    raise ModelError(
        f"{type(node).__name__} has no R- or S-transform to combine with others: its law solves a functional "
        "equation; make it the whole expression of a model"
    )


@read.register
def _(node: Eigenvalues, label: str, setting: Setting) -> Reading:
    """Refused: there is no law on the real line."""
    raise ModelError(
        "Eigenvalues are complex: their law has no transform here; derive(model) gives its radial law"
    )
