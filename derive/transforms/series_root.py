"""Expansions read off a relation, where the tree below gives none, and what a law can have at 0."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.radicals import constant_sign
from ..algebra.rings import Fraction
from ..algebra.signs import Point
from ..language.model import ModelError
from ..laws import G, g, z
from .curves import Setting, r, y
from .reading import Cumulants, Reading, field_of, root_of
from .value_at_zero import ReadingAtZero, told_factor


def series_root(setting: Setting, relation: fmpz_mpoly, what: str, inner: Reading) -> Cumulants:
    """kappa_1, kappa_2, ... of the inverse of a law, from its relation in (g, r).

    kappa_1 is -G(0) of the inner law, a root of the relation at g = 0. It is told from others by its ball;
    where it is no rational function of the parameters it gets a name in the setting. The rest follows.
    Raises `ModelError` where it is a double root, and where it cannot be told.
    """
    ring, one = setting.ring, setting.ring.constant(1)
    at_zero = ring.coefficients(relation, g).get(0, ring.constant(0))
    if at_zero.is_zero() or ring.degree(at_zero, r) < 1:
        raise ModelError(f"no branch of the equation of {what} is finite at infinity: it has no mean")
    value = ReadingAtZero(inner)
    own = at_zero if ring.degree(at_zero, r) == 1 else _own_factor(setting, at_zero, value, what)
    root = root_of(setting, own, r)
    slopes = [Fraction(k * part, one) for k, part in sorted(_dense(setting, at_zero).items())][1:]

    def first(point: Point | None) -> Any:
        if root is not None:
            return root if point is None else setting.at(root, point)
        return (
            setting.zero - setting.name(value.key, replace(value, own=own))
            if point is None
            else -value.ball(point)
        )

    rows = {
        (i, j): Fraction(coefficient, one)
        for i, row in ring.coefficients(relation, r).items()
        for j, coefficient in ring.coefficients(row, g).items()
    }
    top = max(i for i, _ in rows)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, unit = field_of(setting, point)

        def at(x: Fraction) -> Any:
            return x if point is None else setting.at(x, point)

        numbers = {place: at(x) for place, x in rows.items()}
        found, steep = [first(point)], zero
        for slope in reversed(slopes):
            steep = steep * found[0] + at(slope)
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


def _dense(setting: Setting, polynomial: fmpz_mpoly) -> dict[int, fmpz_mpoly]:
    """The coefficients of all powers of r."""
    parts, zero = setting.ring.coefficients(polynomial, r), setting.ring.constant(0)
    return {k: parts.get(k, zero) for k in range(max(parts) + 1)}


def _own_factor(setting: Setting, at_zero: fmpz_mpoly, value: ReadingAtZero, what: str) -> fmpz_mpoly:
    """The irreducible factor that -G(0) is a root of, by its ball at rational points."""
    factor, exponent = told_factor(
        setting, at_zero, r, lambda point: -value.ball(point), f"the mean of {what}"
    )
    if exponent > 1:
        raise ModelError(
            f"two branches of the equation of {what} have the law's mean; only laws that no other branch "
            "touches at infinity are implemented. Shift the matrix by another number"
        )
    return factor


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
