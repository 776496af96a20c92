"""The law of a product of sparse matrices: from the random tree in layers to its functional equations.

1. tree        Poisson numbers of neighbours in the next layers; a matrix whose inner layers stand twice
2. transform   the fields at 0, 1, ..., L as continued fractions; exp(-s / S) by a Hankel transform a layer
3. equation    chi_k and psi_k of the two directions along every factor, and G as an integral
4. limits      the dense limit; moments, tail and the atom at 0 (`derive.sparse.product_limits`)
"""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import sympy as sp

from ..algebra.polynomials import canonical
from ..certificates import Identity
from ..derivation import Definition, Derivation, Section, Step
from ..language.ensembles import Gaussian, Gram
from ..language.model import Model
from ..language.sparse import RODGERS_BRAY, SparseProduct
from ..laws import Functional, G, z
from ..transforms import read
from ..transforms.curves import Setting
from .law import COMPOUND_POISSON, SameTerms, X, inverse_step, k, kernel_step, n, s, t, zeta
from .product_limits import atom_steps, law_moments, moments_step, tail_step

u = sp.Symbol("u", positive=True)
J0 = sp.Function("J_0")
S, T = sp.symbols("S T", positive=True)

Function = Any


def chi(i: int) -> Function:
    """-log E exp(-s S_i), S_i the sum over the neighbours in layer i of a vertex of layer i - 1."""
    return sp.Function(f"chi_{i}")


def psi(i: int) -> Function:
    """-log E exp(-s T_i), T_i the sum over the neighbours in layer i - 1 of a vertex of layer i."""
    return sp.Function(f"psi_{i}")


def outward(i: int) -> Function:
    """E exp(-s / S_i)."""
    return sp.Function(f"sigma_{i}")


def inward(i: int) -> Function:
    """E exp(-s / T_i)."""
    return sp.Function(f"tau_{i}")


def sparse_product_law(node: SparseProduct) -> Functional:
    """The law with its equations."""
    last = len(node.degrees)

    def over(i: int, field: sp.Expr) -> sp.Expr:
        return sp.Integral(t * k(s * t / node.degrees[i - 1]) * field, (s, 0, sp.oo))

    def inverted(of: sp.Expr) -> sp.Expr:
        slope = sp.Derivative(of(u), u)
        return sp.Integral(J0(2 * sp.sqrt(s * u)) * slope * sp.exp(-of(u)), (u, 0, sp.oo))

    def wave(of: sp.Expr) -> sp.Expr:
        return sp.exp(sp.I * zeta * s - of(s))

    equations = []
    for i in range(1, last + 1):
        field = outward(i + 1)(s) * sp.exp(-psi(i)(s)) if i < last else wave(psi(i))
        equations.append(sp.Eq(chi(i)(t), over(i, field)))
    for i in range(1, last + 1):
        field = inward(i - 1)(s) * sp.exp(-chi(i)(s)) if i > 1 else wave(chi(i))
        equations.append(sp.Eq(psi(i)(t), node.ratios[i - 1] * over(i, field)))
    equations += [sp.Eq(outward(i)(s), inverted(chi(i))) for i in range(2, last + 1)]
    equations += [sp.Eq(inward(i)(s), inverted(psi(i))) for i in range(1, last)]
    transform = sp.Eq(zeta * G, -sp.I * sp.Integral(wave(chi(1)), (s, 0, sp.oo)))
    return Functional(tuple(equations), transform, node.weights, node.degrees, node.ratios, squared=True)


def derive_sparse_product(
    model: Model, node: SparseProduct, setting: Setting, limits: list[str]
) -> Derivation:
    """The whole derivation; certificates are checked as the steps are made."""
    model.keep_free(("s", "t", "u"), "a variable of the functional equations")
    law = sparse_product_law(node)
    sections = (
        Section("The tree at a row", _tree(node)),
        Section("Functional equations", _equations(node, law)),
        Section("Dense limit", (_dense(node, setting),)),
        Section("Moments", (moments_step(node), tail_step(node))),
        Section("Atom at 0", atom_steps(node)),
    )
    limits = [
        *limits,
        "The law is not known in a closed form on the axis: no density, distribution function, quantile "
        "or edge is offered.",
    ]
    equation = law.equations[0].lhs - law.equations[0].rhs
    forms = {"moments": partial(law_moments, node)}
    return Derivation(model, law, equation, sections, forms, tuple(limits))


# --- the tree ------------------------------------------------------------------------------------


def _tree(node: SparseProduct) -> tuple[Step, ...]:
    counts: list[Any] = []
    for i, (degree, ratio) in enumerate(zip(node.degrees, node.ratios, strict=True), 1):
        counts.append(sp.Eq(sp.Symbol(rf"E[K_{{{i - 1} \to {i}}}]"), degree, evaluate=False))
        counts.append(sp.Eq(sp.Symbol(rf"E[K_{{{i} \to {i - 1}}}]"), degree * ratio, evaluate=False))
    steps = [
        Step(
            "Poisson tree",
            "Rows of the first factor are layer 0, columns of the k-th layer k; its nonzero entries join "
            "layers k - 1 and k. In the limit the graph at a row is a tree, cycles are of length log N, "
            "and the numbers of neighbours in either layer are Poisson's, whatever is known of the "
            "others:",
            tuple(counts),
            Definition(),
            RODGERS_BRAY,
        ),
        _doubled(len(node.degrees)),
        Step(
            "cavity fields",
            "Schur's complement on the tree, vertex by vertex. With w^2 / c over the entries, S_k sums "
            "over the neighbours in layer k of a vertex of layer k - 1 their fields Y_k, T_k over those "
            "in layer k - 1 of a vertex of layer k their fields X_(k-1), each with the vertex taken "
            "away. The fields at the two ends are 1 / (-i zeta + S_1), which is that of u, and 1 / (-i "
            "zeta + T_L); at an inner vertex, with the entries i between w and v,",
            _inner_fields(),
            Identity(tuple(_inner_fields_found())),
        ),
    ]
    return tuple(steps)


def _doubled(factors: int) -> Step:
    """The linear equations of the doubled matrix, solved from the middle: blocks of size 2."""
    blocks = [_block(f"x{i}") for i in range(1, factors + 1)]
    root = sp.Matrix(sp.symbols("a_1 a_2"))
    w = [root]
    for block in blocks[:-1]:
        w.append(block.T * w[-1])
    v = [-blocks[-1].T * w[-1] / zeta]
    for block in reversed(blocks[1:]):
        v.insert(0, block * v[0])
    rows = [sp.I * (v[i - 1] - blocks[i] * v[i]) for i in range(1, factors)]
    rows += [sp.I * (w[i] - blocks[i - 1].T * w[i - 1]) for i in range(1, factors)]
    rows.append(-sp.I * zeta * v[-1] - sp.I * blocks[-1].T * w[-1])
    product = sp.eye(2)
    for block in blocks:
        product = product * block
    first = -sp.I * zeta * root - sp.I * blocks[0] * v[0]
    rows.append(first + sp.I / zeta * (zeta**2 * root - product * product.T * root))
    form = (
        r"Q = -i \zeta (u'u + v_L'v_L) + 2i \sum_{k=1}^{L-1} w_k'v_k - 2i \sum_{k=1}^{L} w_{k-1}'X_k v_k, "
        r"\quad w_0 = u, \quad \zeta^2 = z"
    )
    return Step(
        "doubled matrix",
        "Inner layers stand twice, as v and as w, and X_k joins w of layer k - 1 to v of layer k alone. "
        "The equations of all but u have the solution w_k = X_k' w_(k-1), v_L = -X_L' w_(L-1) / zeta, "
        "v_k = X_(k+1) v_(k+1), and leave -(i / zeta)(z - P P') u, P the product: the inverse at u is i "
        "zeta G. The real part of the form is not negative for Im zeta > 0, and so are those of all "
        "diagonal entries of inverses.",
        form,
        Identity(tuple(sp.expand(entry) for row in rows for entry in row)),
    )


def _block(name: str) -> sp.Matrix:
    return sp.Matrix(2, 2, sp.symbols(f"{name}_1:5"))


def _inner_fields() -> tuple[sp.Eq, ...]:
    field = {name: sp.Symbol(name) for name in ("X_k", "Y_k", "S_{k+1}", "T_k")}
    right, left = field["S_{k+1}"], field["T_k"]
    return (
        sp.Eq(field["X_k"], 1 / (1 / left + right), evaluate=False),
        sp.Eq(field["Y_k"], 1 / (1 / right + left), evaluate=False),
    )


def _inner_fields_found() -> list[sp.Expr]:
    """The local matrix on (v, w): left neighbours add T to v, right ones S to w; Y is of v, X of w."""
    inverse = sp.Matrix([[T, sp.I], [sp.I, S]]).inv()
    return [inverse[0, 0] - 1 / (1 / S + T), inverse[1, 1] - 1 / (1 / T + S)]


# --- the equations ---------------------------------------------------------------------------------


def _equations(node: SparseProduct, law: Functional) -> tuple[Step, ...]:
    closed = sp.Eq(
        sp.exp(-s / S),
        sp.Integral(J0(2 * sp.sqrt(s * u)) * S * sp.exp(-u * S), (u, 0, sp.oo)),
        evaluate=False,
    )
    # J_0(2 sqrt(su)) = sum_n (-s u)^n / n!^2, and u^n integrates to n! / S^(n+1)
    integrated = (-s) ** n / sp.factorial(n) ** 2 * S * sp.factorial(n) / S ** (n + 1)
    inner = Step(
        "inverse of a sum",
        "For Re S > 0, by the series of J_0(2 sqrt(su)) = sum_n (-su)^n / n!^2 integrated term by term; "
        "both sides are 0 at S = 0, a vertex without neighbours. The mean over S has the derivative of "
        "E[exp(-u S)].",
        closed,
        SameTerms((-s / S) ** n / sp.factorial(n), integrated),
    )
    return (
        inverse_step(),
        *((inner,) if len(node.degrees) > 1 else ()),
        kernel_step(node.weights),
        Step(
            "functional equations",
            "exp(-chi_k(s)) = E[exp(-s S_k)] and exp(-psi_k(s)) = E[exp(-s T_k)] are compound Poisson "
            "sums. The formula for exp(-t / a) at a = -i zeta + T_L, a = -i zeta + S_1, and at a = 1 / "
            "S_(k+1) + T_k and a = 1 / T_k + S_(k+1), whose two parts are independent, averaged over the "
            "weight, closes the equations; sigma_k(s) = E[exp(-s / S_k)], tau_k(s) = E[exp(-s / T_k)].",
            law.equations,
            COMPOUND_POISSON,
        ),
        Step(
            "Stieltjes transform",
            "i zeta G = E[1 / (-i zeta + S_1)] = E integral of exp(i zeta s - s S_1) over s.",
            law.transform,
            Identity(sp.integrate(sp.exp(-s * S), (s, 0, sp.oo)) - 1 / S),
        ),
    )


def gaussian_limit(node: SparseProduct) -> Gram:
    """The dense limit: factors of Gaussian entries of the same shapes and variances."""
    factors = [Gaussian(rows, columns, 1 / columns) for rows, columns in pairwise((sp.S.One, *node.widths))]
    product: Any = factors[0]
    for factor in factors[1:]:
        product = product @ factor
    return Gram(product)


def _dense(node: SparseProduct, setting: Setting) -> Step:
    """degrees -> oo: all fields are numbers, and a ladder of fractions of M = z G - 1."""
    last = len(node.ratios)
    dense = canonical(setting.ring.expression(read(gaussian_limit(node), "H", setting).equation))
    shape = [sp.S.One]
    for ratio in node.ratios:
        shape.append(shape[-1] * ratio)
    # unscaled fields L_k = -i zeta Y_k, R_k = X_k / (i zeta): R_k L_(k+1) = shape_k M
    left = {last + 1: sp.S.One}
    for i in reversed(range(1, last + 1)):
        left[i] = left[i + 1] * (1 + shape[i] * X)
    right = {i: shape[i] * X / left[i + 1] for i in range(last)}
    checks = [left[last] * (1 - node.ratios[-1] * right[last - 1]) - 1]
    for i in range(1, last):
        loop = 1 - node.ratios[i - 1] * right[i - 1] * left[i + 1]
        checks += [
            left[i] * loop - left[i + 1],
            right[i] * loop - node.ratios[i - 1] * right[i - 1],
        ]
    place = (1 + X) / right[0]
    checks += [right[0] * (place - left[1]) - 1, dense.subs({G: right[0], z: place}, simultaneous=True)]
    moment = sp.Symbol("M")
    product = sp.Mul(*(1 + shape[i] * moment for i in range(1, last + 1)))
    return Step(
        "dense limit",
        "As the degrees grow k(s t / c) tends to 1 and S_k, T_k to numbers, the neighbour's field and "
        "the ratio times it. Their equations have the solution below with M = z G - 1: the equation of "
        "the product of Gaussian matrices of the same shapes.",
        (
            sp.Eq(moment, G * product, evaluate=False),
            sp.Eq(dense, 0, evaluate=False),
        ),
        Identity(tuple(checks)),
    )
