"""Section 6.4 of Pennington & Bahri (2017): how critical points were looked for."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import every, identical
from ..small_networks import rational_network

needs_runs = "it is about the authors' own runs, which are not published; their settings are not all printed"


@exact
def slope_of_squared_gradient(formula: Any) -> Finding:
    """The factor c in grad J_g = c H v, v = grad L, and in c d/dt grad L(theta + t v) at t = 0.

    The loss (2) of a small ReLU network in rational arithmetic; H v is one derivative along v.
    """
    network = rational_network(2, 2, 1, 3)
    names = [*network.parameters[0], *network.parameters[1]]
    squares = [(out - y) ** 2 for out, y in zip(network.outputs, network.targets, strict=True)]
    loss = sp.Poly(sum(squares) / (2 * network.examples), *names)
    slopes = [loss.diff(name) for name in names]
    point = [network.point[name] for name in names]
    gradient = [slope.eval(point) for slope in slopes]
    own = sp.Matrix(
        [sum((2 * s * s.diff(name) for s in slopes), sp.Poly(0, *names)).eval(point) for name in names]
    )
    step = sp.Symbol("t")
    moved = [place + step * along for place, along in zip(point, gradient, strict=True)]
    there = dict(zip(names, moved, strict=True))
    along = sp.Matrix([sp.diff(slope.as_expr().subs(there), step).subs(step, 0) for slope in slopes])
    product = network.hessian() * sp.Matrix(gradient)
    holds = own == formula * product == formula * along
    verb = "is" if holds else "is not"
    return Finding(
        holds,
        f"ReLU network with {len(names)} weights, rational arithmetic: with v the gradient the slope of "
        f"J_g {verb} {formula} H v and {formula} times the derivative of the gradient along v, so that H "
        f"is not formed",
    )


@exact
def attracts_saddles(formula: Any) -> Finding:
    """(factor, only): where grad L = 0, J_g has the Hessian factor * H^2; 1: J_g is stationary only there.

    Where grad L = 0 the third derivatives of L drop out. H^2 >= 0 whatever the signs of H, so descent on J_g
    is attracted to every nondegenerate critical point, descent on L only to minima.
    """
    factor, only = formula
    x, y = sp.symbols("x y", real=True)
    loss = sp.Function("L")(x, y)
    curved = sp.hessian(sum(sp.diff(loss, v) ** 2 for v in (x, y)), (x, y)).doit()
    stated = factor * sp.hessian(loss, (x, y)) ** 2
    same = [
        identical(
            _where_critical(stated[i, j]),
            _where_critical(curved[i, j]),
            what="the Hessian of J_g where grad L = 0",
        )
        for i in range(2)
        for j in range(2)
    ]
    # y = w2 w1 x with x = y = 1: a linear network of two weights
    w1, w2 = sp.symbols("w1 w2", real=True)
    example = (w1 * w2 - 1) ** 2 / 2
    gradient = sp.Matrix([sp.diff(example, w) for w in (w1, w2)])
    own = sp.hessian(example, (w1, w2))
    origin = {w1: 0, w2: 0}
    rates = sorted((-own.subs(origin)).eigenvals()), sorted((-2 * own**2).subs(origin).eigenvals())
    saddle = Finding(
        gradient.subs(origin) == sp.zeros(2, 1) and rates[0][-1] > 0 and rates[1][-1] < 0,
        f"(w1 w2 - 1)^2/2 has a saddle at 0: descent on L leaves it at the rate {rates[0][-1]}, descent on "
        f"J_g approaches it at the rate {-rates[1][-1]}",
    )
    away = {w1: 1 / sp.sqrt(3), w2: 1 / sp.sqrt(3)}
    elsewhere = (own * gradient).subs(away) == sp.zeros(2, 1) and gradient.subs(away) != sp.zeros(2, 1)
    others = Finding(
        bool(only) != elsewhere,
        "J_g is also stationary where H grad L = 0, for (w1 w2 - 1)^2/2 at w1 = w2 = 1/sqrt 3 with the "
        "gradient "
        f"{gradient.subs(away)[0]} in both weights; for L = x^3/3 + x such a point is a minimum of J_g",
    )
    whole = every(*same)
    return every(whole if not whole.holds else same[0], saddle, others)


def _where_critical(expression: sp.Expr) -> sp.Expr:
    """First derivatives of L at 0, the others as symbols."""
    return expression.xreplace(
        {
            d: sp.S.Zero if d.derivative_count == 1 else sp.Symbol("L" + "".join(map(str, d.variables)))
            for d in expression.atoms(sp.Derivative)
        }
    )


@exact
def size_of_networks(formula: Any) -> Finding:
    """(units, parameters, effective examples for each example): of square networks of that size."""
    units, parameters, targets = map(int, formula)
    network = rational_network(units, units, units, 1)
    found = len(network.first) + len(network.second), len(network.targets)
    return Finding(
        found == (parameters, targets),
        f"{units} units between {units} inputs and {units} outputs: {found[0]} weights, {found[1]} targets "
        f"for each example, phi = {sp.Rational(*found)}/m, and the index is a multiple of 1/{found[0]}",
    )


CLAIMS = (
    Claim(
        id="pb17/sec-6.4-runs",
        statement=r"About 50 000 experiments give sufficient data for each value of $\alpha$; the "
        r"procedure is a fairly robust method for inferring the $\alpha(\epsilon)$ curve.",
        place="section 6.4",
        open_because=needs_runs,
    ),
    Claim(
        id="pb17/sec-6.4-objective",
        statement=r"The objective $J_g = |\nabla_\theta \mathcal{L}|^2$, unlike the primary objective, is "
        r"attracted "
        "to saddle points.",
        place="section 6.4",
        readings=(
            Reading("and to critical points of the loss only", (2, 1)),
            Reading(
                "at every critical point of the loss, of whatever index, its Hessian is $2 H^2$, so that "
                "descent on it is attracted",
                (2, 0),
            ),
        ),
        checks=(attracts_saddles,),
        conditions=r"nondegenerate critical points; $J_g$ can have other minima, where $H \nabla "
        r"\mathcal{L} = 0$, which is why runs with a large $J_g$ have to be discarded",
        planted=((3, 0), (1, 0), (2, 1)),
    ),
    Claim(
        id="pb17/sec-6.4-products",
        statement="Gradient descent on $J_g$ only requires the computation of Hessian-vector products.",
        place="section 6.4",
        readings=(Reading(r"$\nabla J_g = 2 H \nabla \mathcal{L}$, one product a step", sp.Integer(2)),),
        checks=(slope_of_squared_gradient,),
        conditions="decided for one ReLU network in rational arithmetic",
    ),
    Claim(
        id="pb17/sec-6.4-threshold",
        statement="Runs whose final $J_g$ exceeds $10^{-6}$ are discarded.",
        place="section 6.4",
        open_because=needs_runs,
        uses=("pb17/sec-6.4-objective",),
    ),
    Claim(
        id="pb17/sec-6.4-network",
        statement="The tanh networks have the size $n = 16$, which also equals the input and output "
        "dimensionality.",
        place="section 6.4",
        readings=(
            Reading(
                r"512 parameters and 16 targets for each example, so that $\phi = 32/m$",
                (16, 512, 16),
            ),
        ),
        checks=(size_of_networks,),
        uses=("pb17/sec-2-ratio",),
    ),
    Claim(
        id="pb17/fig-6-average",
        statement=r"Each point is the mean energy of critical points with index $\alpha$, averaged over "
        r"about 200 "
        "training runs.",
        place="caption of figure 6",
        open_because=needs_runs,
    ),
)
