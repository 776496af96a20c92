"""The branch of a law where several have G ~ 1/z at infinity: it is the one with the law's mean.

G = y (1 + y w), y = 1/z, makes a polynomial Q(w, y) of the equation; the means of the branches are the roots
of Q(w, 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

import sympy as sp
from flint import acb, acb_poly, arb, ctx, fmpq, fmpq_poly

from .curves import BITS, Setting
from .derivation import CertificateError, Section, Step
from .laws import Algebraic, G, z
from .named_values import in_parameters
from .rings import Ring
from .sheets import Sheets, integral_rows
from .signs import Point, Undecided


def branch_section(setting: Setting, law: Algebraic) -> Section:
    """The step that tells the law's branch by its mean."""
    names = [str(value.symbol).translate({ord(brace): None for brace in "{}"}) for value in law.values]
    numbers = "".join(
        f" {name} is the value at 0 of a law that is inverted: the root of its equation at z = 0 to "
        "which G is continued from infinity."
        for name in names
    )
    displays = []
    for value in law.values:
        closed = in_parameters(value.symbol, [value])
        shown = (
            sp.Eq(value.minimal, 0, evaluate=False) if closed == value.symbol else sp.Eq(value.symbol, closed)
        )
        displays.append(shown)
    assert law.mean is not None
    step = Step(
        "The branch at infinity",
        "Several branches of the equation have G ~ 1/z at infinity; the law is the one with its mean, and no "
        f"other has it.{numbers}",
        (*displays, sp.Eq(sp.Symbol("kappa_1"), law.mean, evaluate=False)),
        OwnMean(law, setting.points[:2]),
    )
    return Section("The branch at infinity", (step,))


@dataclass(frozen=True)
class OwnMean:
    """At rational points the mean's ball holds one simple root of Q(w, 0)."""

    law: Algebraic
    points: tuple[Point, ...]

    def check(self) -> None:
        for point in self.points:
            values = {symbol: fmpq(x.numerator, x.denominator) for symbol, x in point.items()}
            with ctx.workprec(BITS):
                try:
                    mean = mean_at(self.law, values)
                except Undecided as undecided:
                    raise CertificateError(f"the mean could not be enclosed: {undecided}") from undecided
                q = acb_poly(_means(self.law.polynomial, values))
                if not q(acb(mean)).contains(0) or q.derivative()(acb(mean)).contains(0):
                    raise CertificateError("the mean is no simple root of the equation at infinity")

    @property
    def summary(self) -> str:
        count = len(self.points)
        return f"a simple root at infinity, enclosed at {count} rational point{'s' * (count != 1)}"


def mean_at(law: Algebraic, values: Mapping[sp.Symbol, fmpq]) -> arb | None:
    """A ball around the mean where the parameters have these rational values; None where no mean is needed.

    Raises `Undecided` where a value at 0 cannot be told from others.
    """
    if law.mean is None:
        return None
    known: dict[sp.Symbol, Any] = dict(values)
    for value in law.values:
        rows = integral_rows(coefficients_at(value.polynomial, values))
        mean = None if value.mean is None else arb(value_of(value.mean, known))
        known[value.symbol] = Sheets(rows, mean).physical(acb(0)).real
    return arb(value_of(law.mean, known))


def coefficients_at(equation: sp.Expr, values: Mapping[sp.Symbol, Any]) -> list[list[Any]]:
    """The coefficients of G^i z^j."""
    polynomial = sp.Poly(equation, G, z)
    table = [[fmpq(0)] * (polynomial.degree(z) + 1) for _ in range(polynomial.degree(G) + 1)]
    for (i, j), c in polynomial.terms():
        table[i][j] = value_of(c, values)
    return table


def value_of(expression: sp.Expr, values: Mapping[sp.Symbol, Any]) -> Any:
    """A rational function where its symbols have these values, rational numbers or balls."""
    ring = Ring.of(expression)
    fraction = ring.fraction(expression)
    numbers = [values[symbol] for symbol in ring.symbols]
    parts = []
    for polynomial in (fraction.numerator, fraction.denominator):
        total: Any = fmpq(0)
        for powers, c in polynomial.terms():
            term: Any = fmpq(c)
            for number, power in zip(numbers, powers, strict=True):
                if power:
                    term = term * number ** int(power)
            total = total + term
        parts.append(total)
    return parts[0] / parts[1]


def _means(equation: sp.Expr, values: Mapping[sp.Symbol, Any]) -> fmpq_poly:
    """Q(w, 0), exact at rational values: the terms of least a + k in v^a y^k, v = y w."""
    rows = coefficients_at(equation, values)
    top = max(j - i for i, row in enumerate(rows) for j, c in enumerate(row) if c != 0)
    table: dict[tuple[int, int], Any] = {}
    for i, row in enumerate(rows):
        for j, c in enumerate(row):
            for a in range(i + 1):
                place = a, i - j + top
                table[place] = table.get(place, fmpq(0)) + c * comb(i, a)
    kept = {place: c for place, c in table.items() if c != 0}
    order = min(a + k for a, k in kept)
    lowest = {a: c for (a, k), c in kept.items() if a + k == order}
    return fmpq_poly([lowest.get(a, 0) for a in range(max(lowest) + 1)])
