"""G(0) of a law without 0 in its spectrum, minus the mean of its inverse: algebraic, often irrational.

At rational parameters it is a ball: G is continued from infinity to 0, every step proved (`sheets`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp
from flint import acb, acb_poly, arb, ctx, fmpq, fmpz_mpoly

from ..algebra.polynomials import canonical_of
from ..algebra.radicals import constant_sign
from ..algebra.rings import Fraction, factors_of
from ..algebra.signs import Point, Undecided
from ..language.model import ModelError
from ..laws import Algebraic, G, Law, ValueAtZero, z
from .curves import BITS, Setting, r
from .reading import Reading
from .sheets import Sheets, integral_rows


@dataclass(frozen=True)
class ReadingAtZero:
    """G(0) of a reading that 0 is outside of the spectrum of.

    own: an irreducible polynomial in r that -G(0) is a root of, where it is known.
    """

    reading: Reading
    own: fmpz_mpoly | None = None
    _balls: dict[Any, tuple[arb, bool]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def key(self) -> tuple[str, str]:
        """Equal for equal laws: the equation, and which of its branches."""
        mean = self.reading.setting.show(self.reading.cumulants(1, None)[0])
        return str(self.reading.equation), str(mean)

    def ball(self, point: Point) -> arb:
        """Its ball at a rational point of the parameters; raises `Undecided` where branches meet at z = 0."""
        return self._followed(point)[0]

    def is_real(self, point: Point) -> bool:
        """Whether it is real there, as it is where 0 is outside of the spectrum; errors as `ball`."""
        return self._followed(point)[1]

    def side(self, point: Point) -> int | None:
        """1 where the spectrum there is positive, -1 where it is negative; None if neither is shown."""
        with ctx.workprec(BITS):
            sheets = self._sheets(point)
            for side in (1, -1):
                try:
                    sheets.on_axis(-side)
                except Undecided:
                    continue
                return side
        return None

    def _followed(self, point: Point) -> tuple[arb, bool]:
        key = frozenset(point.items())
        if key not in self._balls:
            with ctx.workprec(BITS):
                sheets = self._sheets(point)
                found = sheets.physical(acb(0))
                self._balls[key] = found.real, sheets.is_real(arb(0), found)
        return self._balls[key]

    def _sheets(self, point: Point) -> Sheets:
        mean = arb(self.reading.cumulants(1, point)[0])
        rows = _rows_at(self.reading.setting, self.reading.equation, point)
        return Sheets(rows, mean if meets_at_infinity(self.reading.setting, self.reading.equation) else None)


def told_factor(
    setting: Setting, polynomial: fmpz_mpoly, symbol: sp.Symbol, ball: Callable[[Point], arb], what: str
) -> tuple[fmpz_mpoly, int]:
    """The irreducible factor in a symbol that a number is a root of, by its ball at points; its exponent.

    Raises `ModelError` where it cannot be told.
    """
    _, factors = factors_of(polynomial)
    kept = [(factor, exponent) for factor, exponent in factors if setting.ring.degree(factor, symbol) > 0]
    trouble: Undecided | None = None
    for point in setting.points:
        if len(kept) < 2:
            break
        try:
            number = ball(point)
        except Undecided as undecided:
            trouble = undecided
            continue
        with ctx.workprec(BITS):
            kept = [(f, e) for f, e in kept if value_near(setting, f, symbol, number, point).contains(0)]
    if len(kept) != 1:
        raise ModelError(
            f"which of {len(kept)} factors {what} is a root of could not be told"
            + (f": {trouble}" if trouble is not None else "")
        )
    return kept[0]


def value_near(setting: Setting, polynomial: fmpz_mpoly, symbol: sp.Symbol, ball: arb, point: Point) -> Any:
    """The polynomial in a symbol and the parameters, at a ball and a point."""
    parts, total = setting.ring.coefficients(polynomial, symbol), arb(0)
    for k in range(max(parts), -1, -1):
        part = Fraction(parts.get(k, setting.ring.constant(0)), setting.ring.constant(1))
        total = total * ball + setting.at(part, point)
    return total


def with_branch(law: Law, reading: Reading) -> Law:
    """The law of a reading; where its equation does not tell its branch at infinity, with its mean."""
    setting = reading.setting
    if not isinstance(law, Algebraic) or not meets_at_infinity(setting, reading.equation):
        return law
    mean, wanted = _mean(reading)
    found = []
    for symbol, value in reversed(setting.named.items()):
        if symbol in wanted:
            inner = value.reading
            several = meets_at_infinity(setting, inner.equation)
            own, more = _mean(inner) if several else (None, set())
            wanted |= more
            minimal = setting.ring.expression(value.own).subs(r, -symbol)
            polynomial = canonical_of(setting.ring, inner.equation)
            found.append(ValueAtZero(symbol, polynomial, own, sp.expand(minimal), _side(value)))
    return replace(law, mean=mean, values=tuple(found[::-1]))


def _mean(reading: Reading) -> tuple[sp.Expr, set[sp.Symbol]]:
    """kappa_1, and the named numbers in it."""
    mean = reading.setting.show(reading.cumulants(1, None)[0])
    return mean, mean.free_symbols & set(reading.setting.named)


def _side(value: ReadingAtZero) -> int | None:
    """The sign of the root in the formula for a quadratic number, where it is one on all of the domain."""
    setting = value.reading.setting
    ring, own = setting.ring, value.own
    if own is None or ring.degree(own, r) != 2:
        return None
    parts = ring.coefficients(own, r)
    c = [Fraction(parts.get(k, ring.constant(0)), ring.constant(1)) for k in range(3)]
    four = ring.fraction(4)
    square = c[1] * c[1] - four * c[0] * c[2]
    signs = [constant_sign(setting.show(part), where=setting.facts) for part in (square, c[2])]
    if signs[0] != 1 or signs[1] not in (1, -1):
        return None
    found = set()
    for point in setting.points:
        with ctx.workprec(BITS):
            c1, c2, d = (arb(setting.at(part, point)) for part in (c[1], c[2], square))
            # the polynomial is in r = -G(0): the number's has -c_1
            found |= {s for s in (1, -1) if ((c1 + s * d.sqrt()) / (2 * c2)).overlaps(value.ball(point))}
    return found.pop() if len(found) == 1 else None


def meets_at_infinity(setting: Setting, equation: fmpz_mpoly) -> bool:
    """Whether several branches have G ~ 1/z at infinity, so that only the mean can tell the law's."""
    ring = setting.ring
    place_g, place_z = ring.index(G), ring.index(z)
    terms = [(list(map(int, powers)), c) for powers, c in equation.terms()]
    top = max(powers[place_z] - powers[place_g] for powers, _ in terms)
    slope: dict[tuple[int, ...], Any] = {}
    for powers, c in terms:
        if powers[place_z] - powers[place_g] == top:
            count, powers[place_g], powers[place_z] = powers[place_g], 0, 0
            slope[tuple(powers)] = slope.get(tuple(powers), 0) + count * c
    return not any(slope.values())


def _rows_at(setting: Setting, equation: fmpz_mpoly, point: Point) -> tuple[acb_poly, ...]:
    """The equation at a rational point, with integer coefficients: rows[i] is that of G^i, in z."""
    ring, one = setting.ring, setting.ring.constant(1)
    table = []
    for i in range(ring.degree(equation, G) + 1):
        parts = ring.coefficients(ring.coefficients(equation, G).get(i, ring.constant(0)), z)
        values = {j: setting.at(Fraction(part, one), point) for j, part in parts.items()}
        table.append([values.get(j, fmpq(0)) for j in range(max(values, default=-1) + 1)])
    return integral_rows(table)
