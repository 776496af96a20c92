"""Moments and tail of sparse ensembles as steps of a derivation, with the certificates that count walks."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..derivation import Asymptotic, CertificateError, Step
from ..language.sparse import RODGERS_BRAY, SparseMatrix, SparseWishart, ratio_of
from .tree_moments import counted, moments, recurrence, star_moments

SHOWN = 5
COUNTED = SHOWN


def law_moments(node: SparseMatrix, order: int) -> list[sp.Expr]:
    """[m_0, ..., m_order] of the law."""
    rectangular = isinstance(node, SparseWishart)
    even = moments(node.weights, node.degree, ratio_of(node), order if rectangular else order // 2)
    if rectangular:
        return even
    return [even[i // 2] if i % 2 == 0 else sp.S.Zero for i in range(order + 1)]


def moments_step(node: SparseMatrix) -> Step:
    rectangular = isinstance(node, SparseWishart)
    found = moments(node.weights, node.degree, ratio_of(node), SHOWN)
    step = 1 if rectangular else 2
    shown = tuple(
        sp.Eq(sp.Symbol(f"m_{step * i}"), value, evaluate=False) for i, value in enumerate(found) if i
    )
    return Step(
        "moments",
        "Closed walks from the root, by excursions to its neighbours: E[g^r] = sum_j binom(r + j - 1, j) "
        "x^j E[S^j], the moments of the compound Poisson sum S from its cumulants, which the powers of g "
        "of a neighbour give. They are polynomials in 1/c.",
        shown,
        Counted(node, COUNTED),
    )


@dataclass(frozen=True)
class StarsBelow:
    """E[S^k] / degree^k, S the sum of a row's squared weights, is at most m_2k: each coefficient is."""

    node: SparseMatrix
    order: int

    def check(self) -> None:
        stars = star_moments(self.node.weights, self.order)
        for i, (walks, star) in enumerate(zip(recurrence(self.node.weights, self.order), stars, strict=True)):
            if any(count < 0 for count in (walks - star).coeffs()):
                raise CertificateError(f"m_{2 * i} is not above the walks {star} over one star")

    @property
    def summary(self) -> str:
        return f"no coefficient of the difference is negative, k up to {self.order}"


def tail_step(node: SparseMatrix) -> Step:
    c, x = node.degree, sp.Symbol("x", positive=True)
    order = "k" if isinstance(node, SparseWishart) else "2k"
    bound = rf"m_{{{order}}} \geq E[S^k] / c^k, \quad S = w_1^2 + \cdots + w_K^2"
    mass = sp.log(sp.Function(r"\mu")(sp.Symbol("|t| > x")))
    if node.weights == "unit":
        shape, why = -c * x**2 * sp.log(x**2), "hubs of about c x^2 neighbours, of Poisson's probability,"
    else:
        shape, why = -c * x**2 / 2, "single weights of about x sqrt(c)"
    tail = () if isinstance(node, SparseWishart) else (Asymptotic(mass, shape),)
    said = (
        ""
        if not tail
        else f" The tail is that of {why} as x -> oo (a lower bound here; the upper one is cited)."
    )
    return Step(
        "tail",
        "Walks from the root to a neighbour and back, k times over, are among the closed walks: the "
        "support is "
        f"unbounded.{said}",
        (bound, *tail),
        StarsBelow(node, SHOWN),
        RODGERS_BRAY,
    )


@dataclass(frozen=True)
class Counted:
    """The moments by recurrence are those counted walk by walk, up to order 2 n."""

    node: SparseMatrix
    order: int

    def check(self) -> None:
        arguments = self.node.weights, self.node.degree, ratio_of(self.node), self.order
        for i, (found, wanted) in enumerate(zip(moments(*arguments), counted(*arguments), strict=True)):
            if sp.expand(found - wanted) != 0:
                raise CertificateError(f"m_{2 * i} is {found} by recurrence and {wanted} walk by walk")

    @property
    def summary(self) -> str:
        return f"every closed walk of up to {2 * self.order} steps was listed: exactly the same polynomials"
