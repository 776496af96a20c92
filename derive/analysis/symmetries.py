"""How a law moves with its parameters: exact flows of G, and scalings of the eigenvalues.

G(z; q) solves R(G; q) + 1/G = z, so for every parameter q it obeys d_q G + (d_q R)(G) d_z G = 0; for a
Wigner part of variance 2 eps that is d_eps G + 2 G d_z G = 0, the inviscid Burgers equation. A scaling is
a choice of exponents k with R(g; s^k q) = s R(s g; q): the law of s times the matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import mpmath
import sympy as sp

from ..algebra.polynomials import factored
from ..algebra.radicals import vanishes
from ..algebra.rings import NotRational
from ..algebra.signs import Undecided
from ..certificates import Identity
from ..derivation import Section, Step
from ..language.model import Model
from ..laws import G, Law, Levy, g, z

S = sp.Symbol("s", positive=True)
WEIGHTS = (0, 1, 2)


def symmetries(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """The flow of G with the energy, and the scaling of the parameters.

    Closed forms: "flow" ({parameter: (d_q R)(G)}) and "scaling" ({parameter: exponent}), the exponents k
    for which multiplying every parameter by s^k scales the law by s; absent where there is no such choice
    among exponents 0, 1, 2.
    """
    title = "Flows and scalings"
    r = law.r_transform() if isinstance(law, Levy) else law.r
    if r is None:
        return Section(title, ()), {}
    if any(not power.exp.is_Integer for power in r.atoms(sp.Pow)):
        try:
            r = factored(sp.expand(sp.together(r)))
        except NotRational:
            r = sp.together(r)
    scaling, found = _scaling(model, r)
    flow = {parameter.symbol: _velocity(r, parameter.symbol) for parameter in model.parameters}
    return Section(title, (*_flows(model, r, equation), *scaling)), {"flow": flow, **found}


def _velocity(r: sp.Expr, symbol: sp.Symbol) -> sp.Expr:
    """(d_q R)(G), each term of R on its own."""
    terms = (sp.diff(term, symbol) for term in sp.Add.make_args(r))
    return sp.Add(*(_factored(term) for term in terms)).subs(g, G)


def _factored(expression: sp.Expr) -> sp.Expr:
    try:
        return factored(expression)
    except NotRational:
        return sp.together(expression)


def _flows(model: Model, r: sp.Expr, equation: sp.Expr) -> tuple[Step, ...]:
    steps = []
    for parameter in model.parameters:
        if parameter.role != "energy":
            continue
        velocity = _velocity(r, parameter.symbol)
        function = sp.Function("G")(z, parameter.symbol)
        shown = velocity.subs(G, function)
        flow = sp.Derivative(function, parameter.symbol) + shown * sp.Derivative(function, z)
        # on the curve dG/dq = -P_q / P_G and dG/dz = -P_z / P_G: the flow says P_q + velocity P_z = 0
        on_curve = (sp.diff(equation, parameter.symbol) + velocity * sp.diff(equation, z)).subs(
            z, r.subs(g, G) + 1 / G
        )
        steps.append(
            Step(
                f"flow with {parameter.name}",
                "Differentiating R(G; q) + 1/G = z with respect to the parameter at fixed z and with "
                "respect to z gives a transport equation: the value G travels along z with the velocity "
                "(d_q R)(G).",
                sp.Eq(flow, 0, evaluate=False),
                Identity(on_curve),
            )
        )
    return tuple(steps)


def _scaling(model: Model, r: sp.Expr) -> tuple[tuple[Step, ...], dict[str, Any]]:
    symbols = [parameter.symbol for parameter in model.parameters]
    value = sp.lambdify((g, *symbols), r, "mpmath")
    for powers in product(WEIGHTS, repeat=len(symbols)):
        if not any(powers) or not _plausible(value, powers):
            continue
        moved = r.subs({q: S**k * q for q, k in zip(symbols, powers, strict=True)}, simultaneous=True)
        difference = moved - S * r.subs(g, S * g)
        try:
            if not vanishes(difference):
                continue
        except Undecided:
            continue
        names = ", ".join(
            f"{p.name} by s" + (f"^{k}" if k > 1 else "")
            for p, k in zip(model.parameters, powers, strict=True)
            if k
        )
        step = Step(
            "scaling",
            f"Multiplying {names} scales R(g) to s R(s g): the law of s times the matrix, so every edge and "
            "atom moves from x to s x.",
            sp.Eq(
                sp.Function("R")(g, *(S**k * q for q, k in zip(symbols, powers, strict=True))),
                S * sp.Function("R")(S * g, *symbols),
                evaluate=False,
            ),
            Identity(difference),
        )
        return (step,), {"scaling": dict(zip(symbols, powers, strict=True))}
    return (), {}


def _plausible(value: Callable[..., Any], powers: tuple[int, ...]) -> bool:
    """Whether the scaling holds at one point, which discards nearly every candidate at little cost."""
    at, factor = mpmath.mpf(1) / 97, mpmath.mpf(3) / 2
    place = [mpmath.mpf(i + 2) / (2 * i + 3) for i in range(len(powers))]
    moved = [factor**k * q for q, k in zip(place, powers, strict=True)]
    left, right = value(at, *moved), factor * value(factor * at, *place)
    return bool(abs(left - right) <= 1e-9 * (abs(left) + abs(right)))
