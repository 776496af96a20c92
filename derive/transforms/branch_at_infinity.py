"""The branch of a law where several have G ~ 1/z at infinity: it is the one with the law's mean.

G = y (1 + y w), y = 1/z, makes a polynomial Q(w, y) of the equation; the means of the branches are the roots
of Q(w, 0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import comb
from typing import Any

import sympy as sp
from flint import acb, acb_poly, arb, ctx, fmpq, fmpq_poly

from ..algebra.named_values import in_parameters
from ..algebra.rings import Ring
from ..algebra.signs import Point, Undecided
from ..derivation import CertificateError, Section, Step
from ..laws import Algebraic, G, ValueAtZero, z
from .curves import BITS, Setting
from .sheets import Sheets, integral_rows


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
        OwnMean(law, setting.points[: 2 if setting.parameters else 1]),
    )
    return Section("The branch at infinity", (step,))


@dataclass(frozen=True)
class OwnMean:
    """At rational points the mean's ball holds one simple root of Q(w, 0).

    There the numbers in it solve their polynomials too, and have their closed forms, where these are shown.
    """

    law: Algebraic
    points: tuple[Point, ...]

    def check(self) -> None:
        for point in self.points:
            values = {symbol: fmpq(x.numerator, x.denominator) for symbol, x in point.items()}
            with ctx.workprec(BITS):
                try:
                    known = _numbers_at(self.law, values)
                except Undecided as undecided:
                    raise CertificateError(f"the mean could not be enclosed: {undecided}") from undecided
                for value in self.law.values:
                    self._check_number(value, known)
                mean = arb(value_of(self.law.mean, known))
                q = acb_poly(_means(self.law.polynomial, values))
                if not q(acb(mean)).contains(0) or q.derivative()(acb(mean)).contains(0):
                    raise CertificateError("the mean is no simple root of the equation at infinity")

    def _check_number(self, value: ValueAtZero, known: Mapping[sp.Symbol, Any]) -> None:
        if not arb(value_of(value.minimal, known)).contains(0):
            raise CertificateError(f"{value.symbol} is no root of {value.minimal}")
        if value.side is not None:
            c = [value_of(value.minimal.coeff(value.symbol, k), known) for k in range(3)]
            root = (-c[1] + value.side * arb(c[1] * c[1] - 4 * c[0] * c[2]).sqrt()) / (2 * c[2])
            if not root.overlaps(known[value.symbol]):
                raise CertificateError(f"the closed form of {value.symbol} is not its value")

    @property
    def summary(self) -> str:
        count = len(self.points)
        if not any(self.points):
            return "a simple root at infinity, enclosed by continuation"
        return f"a simple root at infinity, enclosed at {count} rational point{'s' * (count != 1)}"


def mean_at(law: Algebraic, values: Mapping[sp.Symbol, fmpq]) -> arb | None:
    """A ball around the mean where the parameters have these rational values; None where no mean is needed.

    Raises `Undecided` where a value at 0 cannot be told from others.
    """
    return None if law.mean is None else arb(value_of(law.mean, _numbers_at(law, values)))


def _numbers_at(law: Algebraic, values: Mapping[sp.Symbol, fmpq]) -> dict[sp.Symbol, Any]:
    """The parameters' values, and balls around the numbers that the mean is made of."""
    return with_numbers(
        law, values, lambda equation, mean: Sheets(integral_rows(coefficients_at(equation, values)), mean)
    )


def with_numbers(
    law: Algebraic, values: Mapping[sp.Symbol, Any], sheets: Callable[[sp.Expr, arb | None], Sheets]
) -> dict[sp.Symbol, Any]:
    """The parameters' values, rational or balls, and balls around the values at 0 that the mean is made of.

    sheets: of an equation at these parameters, of the branch with a mean where it is given.
    """
    known: dict[sp.Symbol, Any] = dict(values)
    for value in law.values:
        mean = None if value.mean is None else arb(value_of(value.mean, known))
        known[value.symbol] = sheets(value.polynomial, mean).physical(acb(0)).real
    return known


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
