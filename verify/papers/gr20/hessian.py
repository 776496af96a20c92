"""Section 2.1 of Granziol (2020): the Hessian of a loss, its Gauss-Newton part, and ranks."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from derive.algebra.radicals import constant_sign

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import every, identical
from ..small_networks import evaluate, rank_modulo_prime

N, d = sp.symbols("N d_y", integer=True, positive=True)
r, r_j, r_k, r_jk = sp.symbols("r r_j r_k r_jk")
GAUSS_NEWTON, RESIDUAL = r_j * r_k, r * r_jk
E = sp.symbols("E_1:4", positive=True)  # exp of the softmax inputs of three classes
j, k, c, l = sp.symbols("j k c l", integer=True)  # noqa: E741  the paper's letters
S1, S2, F1, F2 = (sp.IndexedBase(name) for name in ("S1", "S2", "F1", "F2"))  # derivatives of sigma and f
SIGMA_OF_W = sp.IndexedBase("SW")  # d sigma / d w_j


# --- the quadratic loss ---------------------------------------------------------------------------


@exact
def second_derivatives(formula: Any) -> Finding:
    """(term of an example in r and its derivatives): the loss sum r_i^2 / 2N differentiated twice."""
    (term,) = map(sp.sympify, formula)
    w = sp.symbols("w1:3")
    residuals = [sp.Function(f"r{a}")(*w) for a in (1, 2)]
    loss = sum(one**2 for one in residuals) / (2 * len(residuals))
    for a, b in product(range(2), repeat=2):
        stated = sum(
            term.subs(
                {
                    r: one,
                    r_j: sp.diff(one, w[a]),
                    r_k: sp.diff(one, w[b]),
                    r_jk: sp.diff(one, w[a], w[b]),
                },
                simultaneous=True,
            )
            for one in residuals
        ) / len(residuals)
        difference = sp.expand(sp.diff(loss, w[a], w[b]) - stated)
        if difference != 0:
            return Finding(
                False, f"the entry ({a + 1}, {b + 1}) of the Hessian has ${sp.latex(difference)}$ more"
            )
    return Finding(True, "two examples, residuals any functions of two weights: all entries differentiated")


@exact
def interpolation(formula: Any) -> Finding:
    """(H - G where all residuals vanish)."""
    (stated,) = map(sp.sympify, formula)
    left = (GAUSS_NEWTON + RESIDUAL).subs(r, 0) - GAUSS_NEWTON
    return identical(stated, left, what="H - G at r = 0")


@exact
def rank_bound(formula: Any) -> Finding:
    """(greatest rank of G of N examples and d outputs each): by ranks of integer matrices J'J.

    The rank of J'J is that of J, of N d rows; modulo a prime it is no greater than it is.
    """
    (stated,) = map(sp.sympify, formula)
    rng = np.random.default_rng(7)
    for examples, outputs in ((2, 1), (5, 1), (2, 3), (4, 2)):
        if outputs > 1 and not stated.has(d):
            continue
        jacobian = rng.integers(-99, 100, (examples * outputs, 12))
        rank = rank_modulo_prime((jacobian.T @ jacobian).tolist())
        value = stated.subs({N: examples, d: outputs})
        if rank != examples * outputs:
            raise ArithmeticError("the example is degenerate")
        if value != rank:
            return Finding(
                False,
                f"{examples} examples of {outputs} outputs, 12 weights: the rank of G is at most, and is "
                f"attained at, {rank}; stated {value}",
            )
    return Finding(
        True,
        "v'J'J v = |J v|^2 is not negative; J'J has the rank of J, at most its rows, and integer matrices "
        "J attain that",
    )


@exact
def softmax_rank(formula: Any) -> Finding:
    """(least bound for the rank of the GGN, the same for softmax and cross-entropy)."""
    general, softmax = map(sp.sympify, formula)
    size = 3
    p = [E[a] / sum(E) for a in range(size)]
    curvature = sp.Matrix(size, size, lambda a, b: (p[a] if a == b else 0) - p[a] * p[b])
    null = (curvature * sp.ones(size, 1)).applyfunc(sp.cancel)
    minor = sp.cancel(curvature[: size - 1, : size - 1].det())
    if any(null) or constant_sign(minor) != 1:
        raise ArithmeticError("the second derivatives of log-sum-exp are not of the rank d_y - 1")
    rng = np.random.default_rng(8)
    found = []
    for examples, outputs in ((2, 3), (4, 2), (3, 4)):
        jacobian = rng.integers(-99, 100, (examples * outputs, 14))
        weights = rng.integers(1, 20, (examples, outputs))
        block = np.zeros((examples * outputs, examples * outputs), dtype=int)
        for e in range(examples):  # (sum E)^2 (diag p - p p'), whole numbers
            own, place = weights[e], slice(e * outputs, (e + 1) * outputs)
            block[place, place] = own.sum() * np.diag(own) - np.outer(own, own)
        values = {N: examples, d: outputs}
        for matrix, stated, name in (
            (np.eye(len(block), dtype=int), general, "definite"),
            (block, softmax, ""),
        ):
            rank = rank_modulo_prime((jacobian.T @ matrix @ jacobian).tolist())
            if rank != stated.subs(values):
                what = "a loss with definite second derivatives in f" if name else "softmax and cross-entropy"
                return Finding(
                    False,
                    f"{examples} examples, {outputs} classes, {what}: the greatest rank is {rank}, stated "
                    f"{stated.subs(values)}",
                )
        found.append(f"{examples} x {outputs}")
    return Finding(
        True,
        f"attained by integer Jacobians for {', '.join(found)} examples and classes; diag p - p p', the "
        "second derivatives for softmax and cross-entropy, annihilate the vector of ones and nothing else",
    )


@exact
def rank_of_product(formula: Any) -> Finding:
    """(equality, bound), 1 or 0: is rank A B the least of the two ranks, or at most that?"""
    equality, bound = formula
    nilpotent = sp.Matrix([[0, 1], [0, 0]])
    equal = int((nilpotent * nilpotent).rank() == 1)
    rng = np.random.default_rng(9)
    below = 1
    for inner in (1, 2, 3, 4):
        a, b = rng.integers(-5, 6, (4, inner)), rng.integers(-5, 6, (inner, 4))
        square = sp.Matrix((a @ b).tolist())
        below &= int((square * sp.diag(nilpotent, nilpotent)).rank() <= min(square.rank(), 2))
    return Finding(
        (equality, bound) == (equal, below),
        "((0, 1), (0, 0)) has the rank 1 and its square the rank 0; the columns of A B lie in the range of "
        "A, its rows in that of B",
    )


# --- the cross-entropy ----------------------------------------------------------------------------


@exact
def cross_entropy(formula: Any) -> Finding:
    """(sign, probability of class 1 in E_i = exp z_i): probabilities add to 1, and the loss of an example
    of class 1 falls where its own input rises."""
    sign, probability = map(sp.sympify, formula)
    turns = [dict(zip(E, E[a:] + E[:a], strict=True)) for a in range(3)]
    total = sp.cancel(sum(probability.subs(turn, simultaneous=True) for turn in turns))
    if total != 1:
        return Finding(False, f"the probabilities of three classes add up to ${sp.latex(total)}$")
    loss = sign * sp.log(probability)
    slope = sp.cancel(E[0] * sp.diff(loss, E[0]))  # d/dz_1
    direction = constant_sign(slope) if slope != 0 else 0
    value = f"the slope of the loss in the input of the right class is ${sp.latex(slope)}$, $E_i = e^{{z_i}}$"
    if direction != -1:
        return Finding(False, f"{value}, not negative: minimising it makes the right class improbable")
    scale = identical(slope, probability - 1, what="the slope against h - 1")
    return every(Finding(True, f"probabilities add up to 1; {value}, negative everywhere"), scale)


# --- the chain rule -------------------------------------------------------------------------------


@exact
def chain_rule(formula: Any) -> Finding:
    """(first sum, second sum) in derivatives of sigma(f) and of f(w): an example differentiated itself."""
    first, second = formula
    w = sp.symbols("w1:4")
    f = [w[0] ** 2 * w[1] + w[2], w[0] * w[2] ** 2 - 3 * w[1] ** 3 + w[1] * w[2]]
    names = sp.symbols("f1:3")
    loss = names[0] ** 3 * names[1] + 2 * names[1] ** 2 - names[0] ** 2
    point = dict(zip(w, (sp.Rational(1, 2), sp.Integer(2), sp.Rational(-3, 5)), strict=True))
    inner = {name: value.subs(point) for name, value in zip(names, f, strict=True)}
    whole = loss.subs(dict(zip(names, f, strict=True)), simultaneous=True)
    tables = {
        "S1": sp.Array([sp.diff(loss, a).subs(inner) for a in names]),
        "S2": sp.Array([[sp.diff(loss, a, b).subs(inner) for b in names] for a in names]),
        "F1": sp.Array([[sp.diff(g, v).subs(point) for v in w] for g in f]),
        "F2": sp.Array([[[sp.diff(g, v, u).subs(point) for u in w] for v in w] for g in f]),
        "SW": sp.Array([sp.diff(whole, v).subs(point) for v in w]),
    }
    for a, b in product(range(3), repeat=2):
        numbers = {j: a + 1, k: b + 1, d: 2}
        own = sp.diff(whole, w[a], w[b]).subs(point)
        try:
            stated = evaluate(sp.sympify(first), tables, numbers) + evaluate(
                sp.sympify(second), tables, numbers
            )
        except ValueError as error:
            return Finding(False, str(error))
        if stated != own:
            return Finding(False, f"the entry ({a + 1}, {b + 1}) of an example is {own}, stated {stated}")
    return Finding(True, "two outputs, polynomials in three weights, and a polynomial loss: all nine entries")


def _sums(first: sp.Expr, second: sp.Expr, start: int) -> tuple[sp.Expr, sp.Expr]:
    return sp.Sum(sp.Sum(first, (l, start, d)), (c, start, d)), sp.Sum(second, (c, start, d))


PRINTED_FIRST, PRINTED_SECOND = S2[l, c] * F1[l, j] * F1[c, c], SIGMA_OF_W[j] * F2[c, j, k]
RIGHT_FIRST, RIGHT_SECOND = S2[l, c] * F1[l, j] * F1[c, k], S1[c] * F2[c, j, k]

CLAIMS = (
    Claim(
        id="gr20/eq-4",
        statement=r"For the quadratic loss $\frac{1}{2N} \sum_i r_i^2$, $H_{jk} = \frac{1}{N} \sum_i "
        r"\left(\partial_j r_i \partial_k r_i + r_i \partial_j \partial_k r_i\right) = G_{jk} + R_{jk}$.",
        place="eq. 4",
        readings=(Reading("$r_i$ a scalar residual", (GAUSS_NEWTON + RESIDUAL,)),),
        checks=(second_derivatives,),
        conditions=r"for $d_y$ outputs the sum runs over them too; with $r_i = \|h - y\|$ itself, $G$ is not "
        "the Gauss-Newton matrix",
        planted=(
            (GAUSS_NEWTON,),
            (GAUSS_NEWTON + 2 * RESIDUAL,),
            (GAUSS_NEWTON - RESIDUAL,),
            (r_j + RESIDUAL,),
        ),
    ),
    Claim(
        id="gr20/sec-2.1-interpolation",
        statement=r"Where the model interpolates the data, $r_i = 0$ for all $i$, $G = H$.",
        place="section 2.1",
        readings=(Reading("as printed", (sp.Integer(0),)),),
        checks=(interpolation,),
        conditions="quadratic loss; not so for the cross-entropy (`gr20/sec-C-loss`)",
        uses=("gr20/eq-4",),
    ),
    Claim(
        id="gr20/sec-2.1-rank",
        statement=r"$G$ is positive semi-definite and has a rank of at most $N$.",
        place="section 2.1",
        readings=(Reading("one output an example; no lower bound holds", (N,)),),
        checks=(rank_bound,),
        conditions=r"$N d_y$ for $d_y$ outputs; for fewer weights than that, their number",
        uses=("gr20/eq-4",),
        planted=((N - 1,), (N + 1,), (2 * N,)),
    ),
    Claim(
        id="gr20/eq-5",
        statement=r"The cross-entropy loss is $\frac{1}{N} \sum_i \sum_c 1_{i,c} \log h_c(x_i)$, with $h_c = "
        r"e^{z_c} / \sum_k e^{z_k}$.",
        place="eq. 5",
        readings=(Reading("as printed", (sp.Integer(1), E[0] / sum(E))),),
        checks=(cross_entropy,),
        correction=Reading(
            r"$-\frac{1}{N} \sum_i \sum_c 1_{i,c} \log h_c(x_i)$: the sign is missing", (-1, E[0] / sum(E))
        ),
        conditions="decided for three classes",
    ),
    Claim(
        id="gr20/eq-6",
        statement=r"$H_{jk} = \frac{1}{N} \sum_n \left(\sum_{c=0}^{d_y} \sum_{l=0}^{d_y} \frac{\partial^2 "
        r"\sigma}{\partial f_l \partial f_c} \frac{\partial f_l}{\partial x_j} \frac{\partial f_c}{\partial "
        r"x_c} + \sum_{c=0}^{d_y} \frac{\partial \sigma}{\partial x_j} \frac{\partial^2 f_c}{\partial x_j "
        r"\partial x_k}\right)$.",
        place="eq. 6",
        readings=(
            Reading("$x$ stands for the weights $w$", _sums(PRINTED_FIRST, PRINTED_SECOND, 0)),
            Reading("the same, classes counted from 1 to $d_y$", _sums(PRINTED_FIRST, PRINTED_SECOND, 1)),
            Reading("the same, with the second sum mended alone", _sums(PRINTED_FIRST, RIGHT_SECOND, 1)),
        ),
        checks=(chain_rule,),
        correction=Reading(
            r"$\sum_{c,l=1}^{d_y} \frac{\partial^2 \sigma}{\partial f_l \partial f_c} \frac{\partial "
            r"f_l}{\partial w_j} \frac{\partial f_c}{\partial w_k} + \sum_{c=1}^{d_y} \frac{\partial "
            r"\sigma}{\partial f_c} \frac{\partial^2 f_c}{\partial w_j \partial w_k}$ for each example",
            _sums(RIGHT_FIRST, RIGHT_SECOND, 1),
        ),
        conditions="decided for one example of two outputs and three weights",
    ),
    Claim(
        id="gr20/sec-2.1-product",
        statement="The rank of a product is the minimum rank of its factors.",
        place="section 2.1, after eq. 6",
        readings=(Reading("as printed", (1, 1)),),
        checks=(rank_of_product,),
        correction=Reading("it is at most that minimum", (0, 1)),
    ),
    Claim(
        id="gr20/sec-2.1-ggn-rank",
        statement=r"The rank of the generalised Gauss-Newton matrix is bounded by $N d_y$.",
        place="section 2.1, after eq. 6",
        readings=(
            Reading(
                "the least bound that holds for every loss; for softmax and cross-entropy it is $N (d_y - "
                "1)$",
                (N * d, N * (d - 1)),
            ),
        ),
        checks=(softmax_rank,),
        uses=("gr20/eq-6", "gr20/sec-2.1-product"),
        planted=((N * d + 1, N * (d - 1)), (N, N * (d - 1)), (N * d, N * d), (N * d - 1, N * (d - 1))),
    ),
)
