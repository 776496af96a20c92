"""Section 2 of Pennington & Bahri (2017) to (4): the network, its loss and the two parts of the Hessian."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import sympy as sp

from derive import load

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import identical
from ..small_networks import Network, evaluate
from .beyond_blocks import characteristic, general, lam, short

(eps,) = (p.symbol for p in load("wishart_wigner").parameters if p.name == "eps")
m, n1, n2, i, k, mu = sp.symbols("m n_1 n_2 i k mu", integer=True, positive=True)
row, column = sp.symbols("alpha beta", integer=True, positive=True)
e, W, zeta, J, left, right, second = (sp.IndexedBase(name) for name in "e W z J left right second".split())
PRINTED_OUTPUT = sp.Sum(W[i, k] * sp.Max(zeta[k, mu], 0), (k, 1, n1))
PRINTED_LOSS = sp.Sum(e[i, mu] ** 2, (i, 1, n2), (mu, 1, m)) / (2 * m)
OFF_THE_KINK = "where no unit sits exactly on the kink of the ReLU"


@exact
def outputs_of_networks(formula: Any) -> Finding:
    """y_hat_{i mu} as a formula in W2 and z = W1 x, against W2 [W1 x]_+ by matrix products."""
    for network in general():
        before = network.first * network.inputs
        product = network.second * before.applyfunc(lambda value: max(value, 0))
        if product != network.outputs.subs(network.point):
            raise ArithmeticError("the networks of the exact claims are not those of (1)")
        for unit in range(product.rows):
            for example in range(product.cols):
                at = {i: unit + 1, mu: example + 1, n1: before.rows}
                value = evaluate(formula, {"W": network.second, "z": before}, at)
                if value != product[unit, example]:
                    where = f"y_hat_{unit + 1},{example + 1}"
                    return Finding(
                        False, f"{where} is {short(product[unit, example])}, the formula gives {short(value)}"
                    )
    return Finding(
        True,
        "every output of two networks of unequal widths in rational arithmetic; these outputs are what the "
        "exact claims on networks differentiate",
    )


def with_residuals(network: Network, residuals: sp.Matrix) -> Network:
    """The same weights and inputs, with targets that leave these residuals."""
    targets = sp.ImmutableMatrix(network.outputs.subs(network.point) - residuals)
    return Network(network.first, network.second, network.inputs, targets)


@cache
def without_residuals(network: Network) -> sp.Matrix:
    """The Hessian where all residuals are 0."""
    return with_residuals(network, sp.zeros(*network.targets.shape)).hessian()


@exact
def signs_of_residuals(formula: Any) -> Finding:
    """(of y_hat, of y) in the residuals: with them (4) is what the Hessian of the loss has beyond (3)."""
    for network in general():
        residuals = formula[0] * network.outputs.subs(network.point) + formula[1] * network.targets
        if _second_derivatives(network, residuals) != network.second_part:
            return Finding(False, "with these signs (4) is not the rest of the Hessian")
    return Finding(True, "with these signs (3) and (4) make the Hessian of the loss, rational arithmetic")


def _second_derivatives(network: Network, residuals: sp.Matrix) -> sp.Matrix:
    """(1/m) sum over i, mu of residual times second derivative of the output."""
    names = [*network.parameters[0], *network.parameters[1]]
    total = sum(r * y for r, y in zip(residuals, network.outputs, strict=True))
    return (sp.hessian(total, names) / network.examples).subs(network.point)


@exact
def energy_of_loss(formula: Any) -> Finding:
    """(n2 eps, loss): the mean of the loss over normal residuals of variance 2 eps."""
    stated, loss = formula
    mean = loss.replace(
        lambda part: isinstance(part, sp.Pow) and isinstance(part.base, sp.Indexed) and part.exp.is_Integer,
        lambda part: _normal_moment(part.exp),
    )
    if mean.has(sp.Indexed):
        return Finding(False, "the loss is no sum of powers of residuals")
    return identical(sp.expand(mean.doit()), stated, what="the mean of the loss over e ~ N(0, 2 eps)")


def _normal_moment(power: sp.Integer) -> sp.Expr:
    return sp.S.Zero if power % 2 else sp.factorial2(power - 1) * (2 * eps) ** (power // 2)


@exact
def loss_of_networks(formula: Any) -> Finding:
    """(n2 eps, loss) whose second derivatives are the Hessian of the exact networks."""
    for network in general():
        residuals = sp.ImmutableMatrix(network.outputs - network.targets)
        loss = evaluate(formula[1], {"e": residuals}, {n2: residuals.rows, m: network.examples})
        names = [*network.parameters[0], *network.parameters[1]]
        if sp.hessian(loss, names).subs(network.point) != network.hessian():
            return Finding(False, "its second derivatives are not the Hessian")
    return Finding(True, "its second derivatives are the Hessian that the exact claims on networks split")


@exact
def parts_of_hessian(formula: Any) -> Finding:
    """Weights of J J'/m and of (1/m) sum e d^2 y_hat in the Hessian."""
    for network in general():
        jacobian = network.jacobian()
        first = jacobian * jacobian.T / network.examples
        rest = _second_derivatives(network, network.residuals)
        if formula[0] * first + formula[1] * rest != network.hessian():
            return Finding(False, "the weighted sum of (3) and (4) is not the Hessian of the loss")
    return Finding(True, "all entries of the Hessian, the loss differentiated in rational arithmetic")


@exact
def negative_eigenvalues(formula: Any) -> Finding:
    """The number of negative eigenvalues of H0, by Descartes' rule, exact for polynomials with real roots."""
    entries = sp.Matrix(3, 2, lambda a, b: sp.Symbol(f"j{a}{b}", real=True))
    v = sp.Matrix(sp.symbols("v0:3", real=True))
    square = (v.T * entries * entries.T * v)[0] - sum(value**2 for value in entries.T * v)
    if sp.expand(square) != 0:
        raise ArithmeticError("v' J J' v is not |J' v|^2")
    for network in general():
        signs = [
            sp.sign(c) * (-1) ** power
            for (power,), c in sp.Poly(characteristic(without_residuals(network)), lam).terms()
        ]
        changes = sum(1 for one, next_one in pairwise(signs) if one * next_one < 0)
        if changes != formula:
            return Finding(False, f"H0 of a small network has {changes} negative eigenvalues")
    return Finding(
        True, "v' J J' v = |J' v|^2; signs of the characteristic polynomials of H0 of two networks, exactly"
    )


@exact
def degrees_in_residuals(formula: Any) -> Finding:
    """The degrees of H0 and of H1 in the residuals at fixed weights and inputs."""
    for network in general():
        for scale in (sp.Integer(2), sp.Rational(-1, 3)):
            moved = with_residuals(network, scale * network.residuals)
            jacobian = moved.jacobian()
            first = jacobian * jacobian.T / moved.examples
            same = first == scale ** formula[0] * without_residuals(network)
            if not (same and moved.second_part == scale ** formula[1] * network.second_part):
                return Finding(False, f"residuals times {scale} do not scale H0 and H1 by these powers")
    return Finding(
        True,
        "targets moved so that the residuals are scaled, rational arithmetic: H0 stays, H1 is proportional "
        "to them",
    )


@exact
def first_part_of_hessian(formula: Any) -> Finding:
    """(sum over outputs, product of J): entries of H0, which is the Hessian where all residuals are 0."""
    by_outputs, by_jacobian = formula
    for network in general():
        slopes, truth = network.jacobian(), without_residuals(network)
        shape = network.outputs.shape
        at = {n2: shape[0], m: shape[1]}
        for a in range(truth.rows):
            for b in range(a + 1):
                tables = {
                    "left": slopes[a, :].reshape(*shape),
                    "right": slopes[b, :].reshape(*shape),
                    "J": slopes,
                }
                values = (
                    evaluate(by_outputs, tables, at),
                    evaluate(by_jacobian, tables, {**at, row: a + 1, column: b + 1}),
                )
                if set(values) != {truth[a, b]}:
                    shown = ", ".join(map(short, values))
                    return Finding(
                        False,
                        f"entry ({a + 1}, {b + 1}) of H0 is {short(truth[a, b])}, the forms give {shown}",
                    )
    return Finding(
        True,
        "all entries for two networks: the loss differentiated where all residuals are 0, rational "
        "arithmetic",
    )


@exact
def second_part_of_hessian(formula: Any) -> Finding:
    """A sum over outputs in e and the second derivatives: the Hessian less the Hessian without residuals."""
    for network in general():
        names = [*network.parameters[0], *network.parameters[1]]
        truth = network.hessian() - without_residuals(network)
        shape = network.outputs.shape
        curvatures = [sp.hessian(y, names).subs(network.point) for y in network.outputs]
        for a in range(truth.rows):
            for b in range(a + 1):
                bends = sp.Matrix(*shape, [curvature[a, b] for curvature in curvatures])
                value = evaluate(
                    formula, {"e": network.residuals, "second": bends}, {n2: shape[0], m: shape[1]}
                )
                if value != truth[a, b]:
                    return Finding(
                        False, f"entry ({a + 1}, {b + 1}) of H1 is {short(truth[a, b])}, not {short(value)}"
                    )
    return Finding(
        True,
        "all entries for two networks: the loss differentiated with and without residuals, rational "
        "arithmetic",
    )


CLAIMS = (
    Claim(
        id="pb17/eq-1",
        statement=r"$\hat y_{i\mu} = \sum_{k=1}^{n_1} W^{(2)}_{ik} [z^{(1)}_{k\mu}]_+$, with $z^{(1)} = "
        r"W^{(1)} x$ and $[\cdot]_+ = \max(\cdot, 0)$.",
        place="eq. 1",
        readings=(Reading("as printed", PRINTED_OUTPUT),),
        checks=(outputs_of_networks,),
        conditions="decided for two networks of unequal widths in rational arithmetic",
    ),
    Claim(
        id="pb17/sec-2-residuals",
        statement=r"The residuals are $e_{i\mu} = \hat y_{i\mu} - y_{i\mu}$.",
        place="section 2",
        readings=(Reading("the signs with which (4) belongs to the loss (2)", (1, -1)),),
        checks=(signs_of_residuals,),
        conditions=OFF_THE_KINK + "; decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/eq-1",),
    ),
    Claim(
        id="pb17/eq-2",
        statement=r"$\mathcal{L} = n_2 \epsilon = \frac{1}{2m} \sum_{i,\mu=1}^{n_2,m} e_{i\mu}^2$.",
        place="eq. 2",
        readings=(
            Reading(
                r"$i$ to $n_2$, $\mu$ to $m$; $n_2 \epsilon$ is its mean for $e_{i\mu} \sim \mathcal{N}(0, "
                r"2\epsilon)$",
                (n2 * eps, PRINTED_LOSS),
            ),
        ),
        checks=(energy_of_loss, loss_of_networks),
        conditions=r"half of the squared error, summed over outputs and averaged over examples; $\epsilon$ "
        "is half of the mean squared residual"
        "; its second derivatives for two networks",
        uses=("pb17/sec-2-residuals",),
    ),
    Claim(
        id="pb17/sec-2-split",
        statement="The Hessian decomposes into two pieces, $H = H_0 + H_1$.",
        place="section 2",
        readings=(Reading("with (3) and (4)", (1, 1)),),
        checks=(parts_of_hessian,),
        conditions=OFF_THE_KINK + "; decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/eq-2", "pb17/eq-3", "pb17/eq-4"),
    ),
    Claim(
        id="pb17/sec-2-positive",
        statement="$H_0$ is positive semi-definite.",
        place="section 2",
        readings=(Reading("it has no negative eigenvalue", sp.Integer(0)),),
        checks=(negative_eigenvalues,),
        conditions="shown by $v^T J J^T v = |J^T v|^2$; the eigenvalues of two networks are held against it",
        uses=("pb17/eq-3",),
    ),
    Claim(
        id="pb17/sec-2-explicit",
        statement="$H_1$ comes from second derivatives and contains all of the explicit dependence on the "
        "residuals.",
        place="section 2",
        readings=(
            Reading(
                "at fixed weights and data $H_0$ is of degree 0 in the residuals, $H_1$ of degree 1", (0, 1)
            ),
        ),
        checks=(degrees_in_residuals,),
        conditions="where no unit sits exactly on the kink of the ReLU; decided for two networks of unequal "
        "widths in rational arithmetic",
        uses=("pb17/sec-2-split",),
    ),
    Claim(
        id="pb17/eq-3",
        statement=r"$[H_0]_{\alpha\beta} = \frac{1}{m} \sum_{i,\mu=1}^{n_2,m} \frac{\partial \hat "
        r"y_{i\mu}}{\partial \theta_\alpha} \frac{\partial \hat y_{i\mu}}{\partial \theta_\beta} = "
        r"\frac{1}{m} [J J^T]_{\alpha\beta}$.",
        place="eq. 3",
        readings=(
            Reading(
                r"$J$ has a row for each parameter, a column for each output $(i, \mu)$",
                (
                    sp.Sum(left[i, mu] * right[i, mu], (i, 1, n2), (mu, 1, m)) / m,
                    sp.Sum(J[row, k] * J[column, k], (k, 1, n2 * m)) / m,
                ),
            ),
        ),
        checks=(first_part_of_hessian,),
        conditions=OFF_THE_KINK + "; decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/eq-1", "pb17/eq-2"),
    ),
    Claim(
        id="pb17/eq-4",
        statement=r"$[H_1]_{\alpha\beta} = \frac{1}{m} \sum_{i,\mu=1}^{n_2,m} e_{i\mu} \left( "
        r"\frac{\partial^2 \hat y_{i\mu}}{\partial \theta_\alpha \partial \theta_\beta} \right)$.",
        place="eq. 4",
        readings=(Reading("as printed", sp.Sum(e[i, mu] * second[i, mu], (i, 1, n2), (mu, 1, m)) / m),),
        checks=(second_part_of_hessian,),
        conditions=OFF_THE_KINK + "; decided for two networks of unequal widths in rational arithmetic",
        uses=("pb17/eq-1", "pb17/eq-2"),
    ),
)
