"""Degenerate parameters, settled symbolically: vanishing weights, merging poles, rates that sum to 1.

1. a parameter at the closed end 0 of its domain, where weights vanish: the exact law there and its atom, and
   how an atom splits as soon as the parameter is positive;
2. poles that meet: the equation loses a factor, the weights add;
3. Phi(0) = 1, the rates summing to 1: the density is infinite like |x|^(-1/2) or |x|^(-1/3).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy as sp

from ..algebra.polynomials import canonical, factor_list
from ..algebra.radicals import positive, vanishes
from ..algebra.signs import Undecided
from ..certificates import Identity, Positive, Together
from ..derivation import Asymptotic, Section, Step
from ..language.model import Model
from ..language.parameters import Parameter
from ..laws import G, Law, Levy, w, z
from .levy_curve import Curve

X0 = sp.Symbol("x_0")


def degenerate(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Steps for every degenerate value that the parameters can take.

    Closed forms: "at_zero" ({parameter: Levy law at its closed end 0, None for a unit mass}),
    "merging_poles" (list of (parameter, value, Levy law)), "singular_place" (parameter, value,
    exponent) and "index_at_zero_energy" (pairs (value, condition > 0) of alpha at eps = 0+), where known.
    Raises `Undecided` for laws that are not Levy.
    """
    if not isinstance(law, Levy):
        raise Undecided("degenerate parameters are settled for rational Levy laws only")
    steps: list[Step] = []
    forms: dict[str, Any] = {}
    limits: list[str] = []

    def settle(part: Callable[[], list[Step]]) -> None:
        try:
            steps.extend(part())
        except Undecided as undecided:
            limits.append(f"degenerate parameters: {undecided}")

    for parameter in model.parameters:
        if parameter.interval.low == 0 and parameter.interval.closed_low:
            settle(partial(_at_zero, parameter, law, equation, forms, limits))
    settle(lambda: _merging(model, law, equation, forms))
    settle(lambda: _singular(model, law, forms))
    return Section("Degenerate parameters", tuple(steps)), {**forms, "limits": tuple(limits)}


def _rest(law: Levy, symbol: sp.Symbol) -> tuple[Levy, list[int]]:
    """The law at symbol = 0 and the places of the weights that vanish there."""
    gone = [j for j, c in enumerate(law.weights) if c.subs(symbol, 0) == 0]
    kept = [j for j in range(len(law.weights)) if j not in gone]
    pick = lambda items: tuple(items[j].subs(symbol, 0) for j in kept)  # noqa: E731
    return Levy(law.mean.subs(symbol, 0), pick(law.poles), pick(law.weights)), gone


def _at_zero(
    parameter: Parameter,
    law: Levy,
    equation: sp.Expr,
    forms: dict[str, Any],
    limits: list[str],
) -> list[Step]:
    symbol = parameter.symbol
    rest, gone = _rest(law, symbol)
    if not gone:
        return []
    forms.setdefault("at_zero", {})[symbol] = rest if rest.poles else None
    left = canonical(equation.subs(symbol, 0))
    expected = canonical(sp.together(Curve(rest).rational.subs(w, 1 / G) - z)) if rest.poles else None
    if expected is None:
        expected = canonical((z - rest.mean) * G - 1)
    atom, after = _atom(rest), _atom(law)
    steps = [
        Step(
            "vanishing weights",
            f"At {parameter.name} = 0 weights vanish, and their poles are dropped with them: the equation "
            "becomes that of the parts that are left."
            + (" No part is left: the law is a unit mass." if not rest.poles else ""),
            sp.Eq(left, 0, evaluate=False),
            Identity(left - expected),
        ),
    ]
    place = rest.atom_place if rest.poles else rest.mean
    if vanishes(atom - after):
        return steps
    steps.append(
        Step(
            f"atom at {parameter.name} = 0",
            f"The mass of the atom, where it is positive, at {parameter.name} = 0 (A_0) and for "
            f"{parameter.name} > 0 (A): it changes discontinuously, and so does the index.",
            (
                sp.Eq(X0, place, evaluate=False),
                sp.Eq(sp.Symbol("A_0"), atom, evaluate=False),
                sp.Eq(sp.Symbol("A"), after, evaluate=False),
            ),
            Identity((atom - _slope_at_zero(rest), after - _slope_at_zero(law))),
        )
    )
    try:
        steps += _split(parameter, law, rest, gone, place, atom, after, forms)
    except Undecided as undecided:
        limits.append(f"degenerate parameters: {undecided}")
    return steps


def _atom(law: Levy) -> sp.Expr:
    """The mass H'(0) of the atom where it is positive; 0 with a Wigner part."""
    total = Curve(law).total_rate
    return sp.S.Zero if total is None else sp.expand(1 - total)


def _slope_at_zero(law: Levy) -> sp.Expr:
    """H'(0) from the rational form; 0 stands for the pole that a Wigner part puts there."""
    return sp.S.Zero if any(p == 0 for p in law.poles) else sp.diff(Curve(law).rational, w).subs(w, 0)


def _split(
    parameter: Parameter,
    law: Levy,
    rest: Levy,
    gone: list[int],
    place: sp.Expr | None,
    atom: sp.Expr,
    after: sp.Expr,
    forms: dict[str, Any],
) -> list[Step]:
    """The atom at 0 spreads symmetrically: half of what is no atom any more goes below 0."""
    symbol = parameter.symbol
    if place is None or not vanishes(place):
        raise Undecided(f"how the atom at {parameter.name} = 0 spreads is derived for an atom at 0 only")
    small = Levy(sp.S.Zero, tuple(law.poles[j] for j in gone), tuple(law.weights[j] for j in gone))
    part = Curve(small).rational - w
    r = sp.Dummy("r", positive=True)
    scaled = part.subs({w: r * w, symbol: r**2}, simultaneous=True) - r * part.subs(symbol, 1)
    odd = part.subs(w, -w) + part
    if not (vanishes(scaled) and vanishes(odd)):
        raise Undecided(
            f"how the atom at {parameter.name} = 0 spreads is derived where the parts that vanish are "
            f"symmetric and scale like {parameter.name}^(1/2)"
        )
    half, level = sp.expand(atom / 2), sp.expand((atom - after) / 2)
    pairs = [(half, atom), (level, after)] if after != 0 else [(half, atom)]
    step = Step(
        f"the atom splits at {parameter.name} = 0+",
        f"On the scale w = {parameter.name}^(1/2) y the parts that vanish contribute an odd function of "
        f"y times {parameter.name}^(1/2), and the rest A_0 y: the atom becomes a narrow symmetric law of "
        "mass A_0. Half of it, without the atom of mass A that may remain, lies below 0: "
        "alpha = (A_0 - max(A, 0))/2."
        + (" The first value holds where $A \\leq 0$, the second where $A > 0$." if len(pairs) > 1 else ""),
        tuple(sp.Eq(sp.Symbol("alpha"), value, evaluate=False) for value, _ in pairs),
        Together(
            (
                Identity((scaled, odd, Curve(rest).rational.subs(w, 0) if rest.poles else place)),
                # as much above 0 as below it, beside the atom that remains
                Identity(
                    tuple(
                        2 * below + kept - atom
                        for (below, _), kept in zip(pairs, (sp.S.Zero, after), strict=False)
                    )
                ),
            )
        ),
    )
    forms["index_at_zero_energy"] = pairs
    return [step]


def _merging(model: Model, law: Levy, equation: sp.Expr, forms: dict[str, Any]) -> list[Step]:
    """Parameter values at which two poles meet."""
    steps: list[Step] = []
    seen: list[tuple[sp.Symbol, sp.Expr]] = []
    poles = law.poles
    for i, first in enumerate(poles):
        for second in poles[:i]:
            for symbol, value in _meetings(model, first, second):
                if any(s == symbol and vanishes(v - value) for s, v in seen):
                    continue
                seen.append((symbol, value))
                merged = _merged(law, symbol, value)
                lost = 1 - sp.expand(first.subs(symbol, value)) * G
                whole = canonical(equation.subs(symbol, value))
                left = canonical(sp.together(Curve(merged).rational.subs(w, 1 / G) - z))
                ratio = sp.cancel(whole.subs(G, 0) / (left.subs(G, 0)))
                forms.setdefault("merging_poles", []).append((symbol, value, merged))
                steps.append(
                    Step(
                        "merging poles",
                        "Two poles meet and their weights add. Cleared of denominators the equation keeps "
                        "the factor 1 - p G of the lost pole, a spurious root that is to be divided out.",
                        (
                            sp.Eq(symbol, value, evaluate=False),
                            sp.Eq(sp.Mul(lost, left, evaluate=False), 0, evaluate=False),
                        ),
                        Together((Identity(whole - ratio * lost * left), Positive(value))),
                    )
                )
    return steps


def _meetings(model: Model, first: sp.Expr, second: sp.Expr) -> list[tuple[sp.Symbol, sp.Expr]]:
    """(parameter, value) with first = second, for the first parameter that can be solved for."""
    if not (first - second).free_symbols or positive(first * second) is False or 0 in (first, second):
        return []
    _, factors = factor_list(sp.numer(sp.together(sp.expand(first**2) - sp.expand(second**2))))
    found = []
    for factor, _ in factors:
        for parameter in model.parameters:
            symbol = parameter.symbol
            if len(factor.free_symbols) < 2 and factor == symbol:
                break
            if sp.degree(factor, symbol) != 1:
                continue
            value = sp.cancel(-factor.coeff(symbol, 0) / factor.coeff(symbol, 1))
            if positive(value) and vanishes((first - second).subs(symbol, value)):
                found.append((symbol, value))
                break
    return found


def _merged(law: Levy, symbol: sp.Symbol, value: sp.Expr) -> Levy:
    """The law at symbol = value with equal poles taken together."""
    poles: list[sp.Expr] = []
    weights: list[sp.Expr] = []
    for pole, weight in zip(law.poles, law.weights, strict=True):
        p, c = sp.expand(pole.subs(symbol, value)), sp.expand(weight.subs(symbol, value))
        same = next((j for j, q in enumerate(poles) if vanishes(p - q)), None)
        if same is None:
            poles.append(p)
            weights.append(c)
        else:
            weights[same] = sp.expand(weights[same] + c)
    return Levy(law.mean.subs(symbol, value), tuple(poles), tuple(weights))


def _singular(model: Model, law: Levy, forms: dict[str, Any]) -> list[Step]:
    """Where the rates sum to 1: between an atom and a gap the density is infinite at H(0)."""
    curve = Curve(law)
    total = curve.total_rate
    if total is None or not total.free_symbols:
        return []
    _, factors = factor_list(sp.numer(sp.together(total - 1)))
    for factor, _ in factors:
        for parameter in model.parameters:
            symbol = parameter.symbol
            if sp.degree(factor, symbol) != 1:
                continue
            value = sp.cancel(-factor.coeff(symbol, 0) / factor.coeff(symbol, 1))
            if positive(value):
                return [_singular_step(curve, total, symbol, value, forms)]
    return []


def _singular_step(
    curve: Curve, total: sp.Expr, symbol: sp.Symbol, value: sp.Expr, forms: dict[str, Any]
) -> Step:
    h = curve.rational.subs(symbol, value)
    power, coefficient = 2, sp.cancel(sp.diff(h, w, 2).subs(w, 0) / 2)
    if vanishes(coefficient):
        power, coefficient = 3, sp.cancel(sp.diff(h, w, 3).subs(w, 0) / 6)
    size = coefficient if power == 2 and positive(coefficient) else -coefficient
    if positive(size) is not True:
        raise Undecided("on which side of its place the density diverges where the rates sum to 1")
    here = sp.Symbol("x")
    distance = sp.Abs(here - X0)
    density = (
        sp.sqrt(size / distance) / sp.pi
        if power == 2
        else sp.sqrt(3) / (2 * sp.pi) * sp.cbrt(size / distance)
    )
    reach = sp.Dummy("d", positive=True)
    up = sp.I * sp.sqrt(reach / size), sp.cbrt(reach / size) * (1 + sp.sqrt(3) * sp.I) / 2
    down = -sp.I * sp.sqrt(reach / size), sp.cbrt(reach / size) * (1 - sp.sqrt(3) * sp.I) / 2
    root, mirror = up[power - 2], down[power - 2]
    inverted = density.subs(distance, reach) + (1 / root - 1 / mirror) / (2 * sp.I * sp.pi)
    forms["singular_place"] = (symbol, value, sp.Rational(-1, power))
    side = " on one side of x_0" if power == 2 else " on both sides"
    return Step(
        "rates that sum to 1",
        "Where the atom's mass H'(0) passes through 0 the equation at x_0 = H(0) has w = 0 as a multiple "
        f"root, G is infinite there, and the density diverges{side}.",
        (
            sp.Eq(symbol, value, evaluate=False),
            Asymptotic(sp.Function("rho")(here), density),
        ),
        Together(
            (
                Identity(
                    (
                        (total - 1).subs(symbol, value),
                        sp.diff(h, w).subs(w, 0),
                        *_before(h, power, coefficient),
                    )
                ),
                Positive(size),
                Identity((size * root**power + reach, inverted)),
            )
        ),
    )


def _before(h: sp.Expr, power: int, coefficient: sp.Expr) -> tuple[sp.Expr, ...]:
    """The first coefficient of H at 0 that does not vanish, and the vanishing second one before a third."""
    second = sp.diff(h, w, 2).subs(w, 0) / 2
    third = sp.diff(h, w, 3).subs(w, 0) / 6
    return (second - coefficient,) if power == 2 else (second, third - coefficient)
