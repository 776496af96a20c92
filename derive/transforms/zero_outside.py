"""Whether 0 lies outside the spectrum of a law for all parameters, beyond it or in a gap, by its equation.

At one rational point of the parameters G is continued from infinity to 0, where it must be real: a simple
root of P(., 0). It stays one, and so 0 stays outside, as long as the coefficient of the highest power in its
irreducible factor, the discriminant of that and the resultant with the other factors do not vanish: laws,
and the branches next to simple roots, are continuous in the parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod

import sympy as sp
from flint import ctx, fmpz_mpoly

from ..algebra.radicals import constant_sign
from ..algebra.rings import Fraction, factors_of
from ..algebra.signs import Point, Undecided
from ..derivation import CertificateError
from ..language.model import ModelError
from ..laws import G, z
from .curves import BITS, Setting
from .reading import Reading
from .value_at_zero import ReadingAtZero, told_factor, value_near

POINTS = 3  # at most tried, where branches meet at 0


@dataclass(frozen=True)
class ZeroOutside:
    """0 lies outside the spectrum of the reading on the whole domain of the parameters.

    own: the irreducible factor of P(., 0) that G(0) is a root of.
    kept: polynomials in the parameters that do not vanish where the root stays simple and finite.
    point: of the parameters, where G is continued to 0.
    """

    reading: Reading
    own: fmpz_mpoly
    kept: tuple[sp.Expr, ...]
    point: Point

    def check(self) -> None:
        setting, value, point = self.reading.setting, ReadingAtZero(self.reading), self.point
        if not value.is_real(point):
            raise CertificateError("0 is not outside of the spectrum")
        with ctx.workprec(BITS):
            if not value_near(setting, self.own, G, value.ball(point), point).contains(0):
                raise CertificateError("G(0) is no root of the factor that it should be a root of")
        for polynomial in self.kept:
            for expression, facts in _with_ends(setting, polynomial):
                if constant_sign(expression, where=facts) not in (1, -1):
                    raise CertificateError(f"{expression} should keep its sign on the domain and does not")

    @property
    def summary(self) -> str:
        where = "" if not self.reading.setting.parameters else ", and stays real on all of the domain"
        return f"0 outside the spectrum: G continued to 0 is real{where}"


def zero_outside(reading: Reading, what: str) -> ZeroOutside:
    """The certificate; raises `ModelError` where 0 can be in the spectrum, or where that is not decided."""
    setting, ring = reading.setting, reading.setting.ring
    why = f"the inverse of {what} needs a spectrum without 0"
    at_zero = ring.coefficients(reading.equation, z).get(0, ring.constant(0))
    factors = [(f, e) for f, e in factors_of(at_zero)[1] if ring.degree(f, G) > 0]
    if not any(e == 1 for _, e in factors):
        raise ModelError(
            f"{why}, but G has no simple finite value at 0: an edge or an atom is there, or branches meet"
        )
    value, trouble = ReadingAtZero(reading), Undecided("branches meet at 0")
    for point in _clear(setting, [f for f, _ in factors]):
        try:
            real = value.is_real(point)
        except Undecided as undecided:
            trouble = undecided
            continue
        break
    else:
        raise ModelError(f"{why} and bounded away from 0, which is not decided: {trouble}")
    if not real:
        raise ModelError(f"{why}, but there is a density at 0{_at(point)}")
    own, exponent = told_factor(setting, at_zero, G, value.ball, f"G(0) of {what}")
    if exponent > 1:
        raise ModelError(f"{why}; at 0 other branches meet the law's, which is not implemented")
    rest = at_zero / own
    name = f"x{ring.index(G)}"
    found = [ring.coefficients(own, G)[ring.degree(own, G)]]
    if ring.degree(own, G) > 1:
        found.append(own.resultant(own.derivative(name), name))
    found.append(own.resultant(rest, name) if ring.degree(rest, G) > 0 else rest)
    kept = {ring.expression(factor): None for product in found for factor, _ in factors_of(product)[1]}
    for polynomial in kept:
        for expression, facts in _with_ends(setting, polynomial):
            if constant_sign(expression, where=facts) not in (1, -1):
                raise ModelError(
                    f"{why} and bounded away from 0 on all of the parameters' domain: 0 is outside"
                    f"{_at(point)}, but may come in where {polynomial} = 0. Restrict the domains, or shift "
                    "the matrix"
                )
    return ZeroOutside(reading, own, tuple(kept), point)


def _clear(setting: Setting, factors: list[fmpz_mpoly]) -> list[Point]:
    """Points of the parameters at which the product of the factors has no multiple root in G."""
    ring = setting.ring
    whole, name = prod(factors, start=ring.constant(1)), f"x{ring.index(G)}"
    if not setting.parameters or ring.degree(whole, G) == 1:
        return list(setting.points[:1])
    kept = Fraction(whole.resultant(whole.derivative(name), name), ring.constant(1))
    return [point for point in setting.points if setting.at(kept, point) != 0][:POINTS]


def _with_ends(setting: Setting, polynomial: sp.Expr) -> Iterator[tuple[sp.Expr, tuple[sp.Expr, ...]]]:
    """The polynomial on the interior of the domain and at ends that belong to it, with the facts there."""
    yield polynomial, setting.facts
    ends = [(symbol, end) for symbol, end in setting.ends if polynomial.has(symbol)]
    for count in range(1, len(ends) + 1):
        for chosen in combinations(ends, count):
            values = dict(chosen)
            if len(values) == count:
                yield polynomial.subs(values), tuple(fact for fact in setting.facts if not fact.has(*values))


def _at(point: Point) -> str:
    return "".join(f"{', ' if k else ' at '}{s} = {x}" for k, (s, x) in enumerate(point.items()))
