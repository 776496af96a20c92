"""Products of sparse matrices: moments, tail and the atom at 0 as steps of a derivation."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..certificates import Identity
from ..derivation import CertificateError, Step
from ..language.sparse import SparseProduct
from .chain_moments import chain_moments, counted, recurrence, star_moments

SHOWN = 2
COUNTED = {1: 5, 2: 4, 3: 3}  # by number of factors; 2 for more

MASS = sp.Symbol(r"\mu(\{0\})")


def law_moments(node: SparseProduct, order: int) -> list[sp.Expr]:
    """[m_0, ..., m_order] of the law."""
    return chain_moments(node.weights, node.degrees, node.ratios, order)


def moments_step(node: SparseProduct) -> Step:
    found = law_moments(node, SHOWN)
    shown = tuple(sp.Eq(sp.Symbol(f"m_{i}"), value, evaluate=False) for i, value in enumerate(found) if i)
    return Step(
        "moments",
        "Closed walks from layer 0 to layer L and back, n times over. In 1/z the fields are the "
        "generating functions of such walks: E[X_k^n] = sum_j binom(n + j - 1, j) E[T_k^(n+j)] "
        "E[S_(k+1)^j] z^(-j), the moments of the compound Poisson sums from their cumulants, which the "
        "powers of the fields give. They are polynomials in the inverse degrees.",
        shown,
        ChainCounted(node, COUNTED.get(len(node.degrees), 2)),
    )


@dataclass(frozen=True)
class ChainCounted:
    """The moments by recurrence are those counted walk by walk."""

    node: SparseProduct
    order: int

    def check(self) -> None:
        arguments = self.node.weights, self.node.degrees, self.node.ratios, self.order
        for i, (found, wanted) in enumerate(zip(chain_moments(*arguments), counted(*arguments), strict=True)):
            if sp.expand(found - wanted) != 0:
                raise CertificateError(f"m_{i} is {found} by recurrence and {wanted} walk by walk")

    @property
    def summary(self) -> str:
        trips = 2 * len(self.node.degrees) * self.order
        return f"every closed walk of up to {trips} steps was listed: exactly the same polynomials"


@dataclass(frozen=True)
class PathsBelow:
    """m_k is at least what walks along one path between two stars add: each coefficient is."""

    node: SparseProduct
    order: int

    def check(self) -> None:
        arguments = self.node.weights, len(self.node.degrees), self.order
        for i, (walks, star) in enumerate(zip(recurrence(*arguments), star_moments(*arguments), strict=True)):
            if any(count < 0 for count in (walks - star).coeffs()):
                raise CertificateError(f"m_{i} is not above the walks {star} over two stars")

    @property
    def summary(self) -> str:
        return f"no coefficient of the difference is negative, k up to {self.order}"


def tail_step(node: SparseProduct) -> Step:
    factors = len(node.degrees)
    x = sp.Symbol("x", positive=True)
    scale = sp.Mul(*node.degrees)
    bound = r"m_k \geq E[S^k] / c^k"
    if factors > 1:
        paths = r"c_2 \cdots c_{L-1} \, E[w^{2k}]^{L-2}"
        bound = rf"m_k \geq \frac{{n_1}}{{n_0}} \frac{{E[T^k] \, {paths} \, E[S^k]}}{{(c_1 \cdots c_L)^k}}"
    if node.weights == "unit":
        power = sp.sqrt(scale * x) if factors > 1 else scale * x
        least = -power * sp.log(x)
        why = "paths between vertices of many neighbours" if factors > 2 else "vertices of many neighbours"
    else:
        least = -sp.Rational(factors, 2) * (scale * x) ** sp.Rational(1, factors)
        why = "paths of large weights, all of one size,"
    mass = sp.log(sp.Function(r"\mu")(sp.Symbol("t > x")))
    return Step(
        "tail",
        "Walks along one path that leave it at its ends alone, S and T the sums of squared weights of "
        f"all neighbours there, are among the closed walks: the support is unbounded. As x -> oo {why} "
        "give a mass beyond x with a logarithm of this leading order, a lower bound; whether others add "
        "to it is not decided.",
        (bound, sp.Ge(mass, least, evaluate=False)),
        PathsBelow(node, COUNTED.get(factors, 2)),
    )


# --- atom ---------------------------------------------------------------------------------------------


def atom_steps(node: SparseProduct) -> tuple[Step, ...]:
    factors = len(node.degrees)
    layers = range(1, factors + 1)
    inner = range(1, factors)
    one = sp.S.One
    width = (one, *node.widths)
    degrees = (sp.S.Zero, *node.degrees)
    back = [sp.S.Zero, *(c * r for c, r in zip(node.degrees, node.ratios, strict=True))]
    right = [one, *(sp.Symbol(f"S_{i}", positive=True) for i in layers)]
    left = [one, *(sp.Symbol(f"T_{i}", positive=True) for i in layers)]
    # exp(-S_i) and exp(-T_i) as symbols of their own
    no_right = [one, *(sp.Symbol(f"e_{i}", positive=True) for i in layers), sp.S.Zero]
    no_left = [one, *(sp.Symbol(f"f_{i}", positive=True) for i in layers)]
    chances = {no_right[i]: sp.exp(-right[i]) for i in layers} | {
        no_left[i]: sp.exp(-left[i]) for i in layers
    }

    def slope(f: sp.Expr, variables: list[sp.Expr], exponentials: list[sp.Expr], i: int) -> sp.Expr:
        return sp.diff(f, variables[i]) - exponentials[i] * sp.diff(f, exponentials[i])

    # that X_i is large, that Y_i is not small; a last layer has nothing to its right and counts as served
    large = [no_right[1], *((1 - no_left[i]) * no_right[i + 1] for i in inner)]
    spare = [one, *(no_left[i] * (1 - no_right[i + 1]) for i in layers)]
    classes = [sp.Eq(left[i], back[i] * large[i - 1], evaluate=False) for i in layers]
    classes += [sp.Eq(right[i], degrees[i] * spare[i], evaluate=False) for i in layers]
    two = [1 - (1 + left[i]) * no_left[i] for i in layers]
    cut = no_right[1] - sum(width[i] * two[i - 1] * (1 - no_right[i + 1]) for i in layers)
    # vertices with a path on both sides less edges with one at both ends
    vertices = 1 - no_right[1] + sum(width[i] * (1 - no_left[i]) * (1 - no_right[i + 1]) for i in layers)
    rank = vertices - sum(width[i] * left[i] * right[i] / degrees[i] for i in layers)
    same = (1 - rank - cut).subs({right[i]: degrees[i] * spare[i] for i in layers}, simultaneous=True)
    stationary = []
    for i in layers:
        weight = width[i] / degrees[i]
        missing = right[i] - degrees[i] * spare[i]
        stationary.append(slope(rank, left, no_left, i) + weight * missing)
        missing = left[i] - back[i] * large[i - 1]
        stationary.append(slope(rank, right, no_right, i) + weight * missing)
    shown = [sp.Eq(e.lhs, e.rhs.subs(chances), evaluate=False) for e in classes]
    a, b, p, eta = sp.symbols("A B B_1 eta", positive=True)
    flow = p / (1 / a + b - p)
    return (
        Step(
            "fields at 0",
            "At z = -eta^2 the fields are positive. As eta -> 0, eta X_k tends to a mass of a smaller "
            "matrix: say that X_k is large where it is positive, and Y_k small where Y_k / eta is "
            "bounded. X_0 is large where all Y_1 are small, X_k where some X_(k-1) is large and all "
            "Y_(k+1) are small; Y_L is small where some X_(L-1) is large, Y_k where some other X_(k-1) "
            "is or all Y_(k+1) are. With T_k and S_k now the mean numbers of large X_(k-1) and of Y_k "
            "that are not small among a vertex's neighbours, by thinning of the Poisson numbers:",
            tuple(shown),
            Identity(eta / (eta / a + eta * b) - a / (1 + a * b)),
        ),
        Step(
            "shares",
            "An edge between fields X and Y carries w^2 X Y / (c + w^2 X Y). What the edges to the left "
            "of an inner vertex carry adds up to A B / (1 + A B), with A and B of all its neighbours to "
            "the right and to the left: as much as those to the right do.",
            sp.Eq(sp.Symbol(r"\sum"), a * b / (1 + a * b), evaluate=False),
            Identity((flow / (1 + flow) - p / (1 / a + b), b / (1 / a + b) - a / (1 / b + a))),
        ),
        Step(
            "mass at 0",
            "The mass at a row is 1 less what its edges carry, if all its Y_1 are small, and else 0. "
            "Only edges of a large X and a small Y count. At a vertex of layer k they carry 1 from the "
            "left if two or more X are large and some Y to the right is not small; if all are small they "
            "carry to the left what they carry to the right. Layer by layer (mass transport):",
            sp.Eq(MASS, cut.subs(chances), evaluate=False),
            Identity(same),
        ),
        Step(
            "greatest solution",
            "Of several solutions the greatest value is the mass. Each is a consistent labelling of the "
            "tree, and what the value takes off 1 are vertices that cut layer 0 from layer L, whose "
            "number is no less than the rank; the labels of the limit above are one of them. In the "
            "dense limit the cuts are the layers. The rank, by vertices with a path on both sides less "
            "edges with one at both ends, is stationary exactly at the solutions.",
            sp.Eq(1 - MASS, rank.subs(chances), evaluate=False),
            Identity(tuple(stationary)),
        ),
    )
