"""Expansions read off a relation, where the tree below gives none, and what a law can have at 0."""

from __future__ import annotations

from typing import Any

import sympy as sp

from .curves import Setting, r, y
from .laws import G, g, z
from .model import ModelError
from .radicals import constant_sign
from .reading import Cumulants, Reading, field_of
from .rings import Fraction
from .signs import Point


def series_root(setting: Setting, relation: Any, what: str) -> Cumulants:
    """kappa_1, kappa_2, ... of the one branch of a relation in (g, r) that is finite at g = 0.

    Raises `ModelError` where there is none, or several: then the moments are not rational in the parameters,
    or it is not known which branch is the law's.
    """
    ring = setting.ring
    at_zero = ring.coefficients(relation, g).get(0, ring.constant(0))
    if at_zero.is_zero() or ring.degree(at_zero, r) != 1:
        raise ModelError(
            f"the moments of {what} are no rational functions of the parameters: "
            f"{max(ring.degree(at_zero, r), 0)} branches of its equation are finite at infinity, and only "
            "laws with one are implemented"
        )
    parts = ring.coefficients(at_zero, r)
    one = ring.constant(1)
    slope, first = Fraction(parts[1], one), Fraction(-parts.get(0, ring.constant(0)), parts[1])
    rows = {
        (i, j): Fraction(coefficient, one)
        for i, row in ring.coefficients(relation, r).items()
        for j, coefficient in ring.coefficients(row, g).items()
    }
    top = max(i for i, _ in rows)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, unit = field_of(setting, point)

        def value(x: Fraction) -> Any:
            return x if point is None else setting.at(x, point)

        numbers = {place: value(x) for place, x in rows.items()}
        steep, found = value(slope), [value(first)]
        powers = [[unit], [found[0]]]  # powers[i][k] = [g^k] R^i
        for i in range(2, top + 1):
            powers.append([powers[i - 1][0] * found[0]])
        for k in range(1, n):
            for i, power in enumerate(powers):
                total = zero
                if i > 1:  # with the new term 0 for now; R^i = R R^(i-1)
                    for a in range(k):
                        total = total + found[a] * powers[i - 1][k - a]
                power.append(total)
            rest = zero
            for (i, j), x in numbers.items():
                if j <= k:
                    rest = rest + x * powers[i][k - j]
            term = (zero - rest) / steep
            found.append(term)
            scale, lead = zero, unit  # d R^i / d kappa = i kappa_1^(i - 1)
            for i in range(1, top + 1):
                scale = scale + unit
                powers[i][k] = powers[i][k] + scale * lead * term
                lead = lead * found[0]
        return found[:n]

    return cumulants


def no_atom_at_zero(setting: Setting, reading: Reading) -> sp.Expr | None:
    """None if no branch of the law can have an atom at 0 for any parameters, else a mass that one can have.

    z G at z = 0 is a root tau of the terms of lowest order; an atom is a tau in (0, 1].
    """
    ring, equation = setting.ring, reading.equation
    moved = setting.substitute(equation, {G: setting.fraction(y) / setting.fraction(z)})
    lowest = ring.coefficients(moved, z)
    for factor in setting.factors(lowest[min(lowest)], y):
        parts = ring.coefficients(factor, y)
        if ring.degree(factor, y) == 1:
            tau = setting.show(Fraction(-parts.get(0, ring.constant(0)), parts[1]))
            if tau != 0 and constant_sign(tau, where=setting.facts) != -1:
                return tau
        else:
            unknown = sp.Symbol("tau")
            return sp.Function("root")(ring.expression(factor).subs(y, unknown))
    return None
