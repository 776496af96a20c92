"""The algebraic curve of a law, in three coordinate systems that determine each other.

    (G, z) Stieltjes    (g, r) = (G, z - 1/G) R-transform    (t, s) = (z G - 1, G / (z G - 1)) S-transform

so g = t s, r = 1/s, z = (1 + t)/(t s). A law is an irreducible polynomial in (g, r) together with
the expansion of its branch. Eliminations bring in foreign factors: the right one is the factor
that vanishes on the expansion; all others are shown not to, at a rational point of the parameters,
which excludes them identically.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sympy as sp
from flint import ctx, fmpq, fmpz_mpoly

from ..algebra.expansions import product
from ..algebra.radicals import Tower
from ..algebra.rings import Fraction, Ring, factors_of, order
from ..algebra.signs import Box, Point
from ..derivation import CertificateError
from ..language.model import ModelError
from ..laws import G, g, z

r, t, s, u, y = sp.symbols("r t s u y")
_COORDINATES = (G, z, g, r, t, s, u, y)
_PRIMES = (7, 3, 11, 5, 13, 17, 19, 23)  # in place of parameters
ORDERS = (3, 8, 16)  # to which expansions are made to exclude a factor
BITS = 512  # of the balls around expansions that are not rational


@dataclass(frozen=True)
class Setting:
    """The ring of all coordinates and a model's parameters, with what is known about these.

    facts: expressions in the parameters that are positive, beyond the symbols' assumptions.
    room: how many algebraic numbers that are no rational functions of the parameters can be named (`named`).
    ends: ends of the parameters' domains that belong to them.
    """

    parameters: tuple[sp.Symbol, ...]
    facts: tuple[sp.Expr, ...] = ()
    room: int = 0
    ends: tuple[tuple[sp.Symbol, sp.Rational], ...] = ()
    seen: set[str] = field(default_factory=set, compare=False, repr=False)
    _named: dict[Any, tuple[sp.Symbol, Any]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def _fractions(self) -> dict[Any, Fraction]:
        return {}

    def first(self, what: str) -> bool:
        """Whether this is the first time that something is met: it is derived in full only once."""
        fresh = what not in self.seen
        self.seen.add(what)
        return fresh

    @cached_property
    def ring(self) -> Ring:
        """Z[G, z, g, r, t, s, u, y, parameters, named numbers]."""
        return Ring((*_COORDINATES, *order(self.parameters), *self._names))

    @property
    def _names(self) -> tuple[sp.Symbol, ...]:
        return tuple(sp.Symbol(f"G_{{{k}}}(0)", real=True) for k in range(1, self.room + 1))

    @property
    def named(self) -> dict[sp.Symbol, Any]:
        """What the named numbers are, in the order in which they were named."""
        return dict(self._named.values())

    def name(self, key: Any, what: Any) -> Fraction:
        """The field element that stands for an algebraic number; equal keys are one number.

        Raises `ModelError` where there is no room: the setting was not made for the expression.
        """
        if key not in self._named:
            if len(self._named) == self.room:
                raise ModelError(
                    f"the mean needs more than {self.room} irrational numbers; make the setting by "
                    "`derive.transforms.setting_of`, which counts the inverses of the expression"
                )
            self._named[key] = self._names[len(self._named)], what
        return self.fraction(self._named[key][0])

    @cached_property
    def zero(self) -> Fraction:
        return self.ring.fraction(0)

    @cached_property
    def one(self) -> Fraction:
        return self.ring.fraction(1)

    def fraction(self, expression: Any) -> Fraction:
        """An expression in coordinates and parameters as an element of the field."""
        if expression not in self._fractions:
            self._fractions[expression] = self.ring.fraction(expression)
        return self._fractions[expression]

    def show(self, fraction: Fraction) -> sp.Expr:
        """The field element in SymPy, numerator and denominator in factors."""
        ring, sign = self.ring, 1
        content, factors = factors_of(fraction.denominator)
        below = sp.Integer(content)
        for part, exponent in sorted(factors, key=lambda item: (int(item[0].total_degree()), str(item[0]))):
            # as papers print it: 1 - phi g, the lowest coefficient positive
            turn = part.coefficient(len(part) - 1) < 0
            sign *= (-1) ** exponent if turn else 1
            below *= ring.expression(-part if turn else part) ** exponent
        return ring.factored(sign * fraction.numerator) / below

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """A few rational points of the parameters' domain."""
        box, rest = Box.of(self.parameters, self.facts)
        tower = Tower(box, rest)
        found = []
        for point in box.points(order(self.parameters)):
            if all(fact.subs({k: sp.Rational(str(v)) for k, v in point.items()}) > 0 for fact in tower.facts):
                found.append(point)
            if len(found) == 6:
                break
        return tuple(found)

    def at(self, fraction: Fraction, point: Point) -> fmpq:
        """The value of a field element without coordinates at a rational point."""
        places = {self.ring.index(symbol): fmpq(x.numerator, x.denominator) for symbol, x in point.items()}
        above, below = (
            _value(polynomial, places) for polynomial in (fraction.numerator, fraction.denominator)
        )
        return above / below

    def substitute(self, polynomial: fmpz_mpoly, values: Mapping[sp.Symbol, Fraction]) -> fmpz_mpoly:
        """The numerator, up to a common factor, after simultaneous substitution of field elements."""
        return self.ring.substitute(polynomial, values)

    def value(self, fraction: Fraction, values: Mapping[sp.Symbol, Fraction]) -> Fraction:
        """A field element after substitution."""
        top, bottom = (self._evaluate(p, values) for p in (fraction.numerator, fraction.denominator))
        return top / bottom

    def _evaluate(self, polynomial: fmpz_mpoly, values: Mapping[sp.Symbol, Fraction]) -> Fraction:
        scale = self.one
        for symbol, value in values.items():
            degree = max(self.ring.degree(polynomial, symbol), 0)
            scale = scale * Fraction(value.denominator**degree, self.ring.constant(1))
        return Fraction(self.substitute(polynomial, values), self.ring.constant(1)) / scale

    def factors(self, polynomial: fmpz_mpoly, *coordinates: sp.Symbol) -> list[fmpz_mpoly]:
        """The distinct irreducible factors that contain one of the coordinates, in a fixed order."""
        if self._stays_whole(polynomial, coordinates):
            whole = polynomial / self.ring.content(polynomial, *coordinates)
            return [-whole if whole.leading_coefficient() < 0 else whole]
        _, factors = factors_of(polynomial)
        kept = [f for f, _ in factors if any(self.ring.degree(f, c) > 0 for c in coordinates)]
        return sorted(kept, key=lambda f: (int(f.total_degree()), len(f), str(f)))

    def _stays_whole(self, polynomial: fmpz_mpoly, coordinates: tuple[sp.Symbol, ...]) -> bool:
        """Whether one irreducible factor contains the coordinates, as numbers for all other symbols show.

        Factors keep their degrees where the product does, so they would show there too.
        """
        ring, degrees = self.ring, polynomial.degrees()
        places = {ring.index(symbol) for symbol in coordinates}
        others = [k for k, degree in enumerate(degrees) if degree and k not in places]
        if not others or polynomial.is_zero():
            return False
        numbers = {f"x{k}": prime for k, prime in zip(others, _PRIMES, strict=False)}
        special = polynomial.subs(numbers)
        if len(numbers) < len(others) or any(special.degrees()[k] != degrees[k] for k in places):
            return False
        _, found = factors_of(special)
        return len(found) == 1 and found[0][1] == 1


def _value(polynomial: fmpz_mpoly, places: Mapping[int, fmpq]) -> fmpq:
    """The value of a polynomial at rational numbers; all symbols that it contains have one."""
    total = fmpq(0)
    for monomial, coefficient in polynomial.terms():
        term = fmpq(coefficient)
        for place, value in places.items():
            if monomial[place]:
                term *= value ** int(monomial[place])
        total += term
    return total


@dataclass(frozen=True)
class RightFactor:
    """Of the irreducible factors in (g, r) one vanishes on R(g) = kappa_1 + kappa_2 g + ...

    Each of the others takes, at a rational point of the parameters, a value other than 0 in its
    expansion, hence is no relation of this law; the product is one, so the last factor is.
    """

    setting: Setting
    chosen: fmpz_mpoly
    others: tuple[fmpz_mpoly, ...]
    cumulants: Callable[[int, Point], list[fmpq]]

    def check(self) -> None:
        for other in self.others:
            if not excluded(self.setting, other, self.cumulants):
                raise CertificateError("a foreign factor of the elimination cannot be excluded")
        if excluded(self.setting, self.chosen, self.cumulants, orders=(8,)):
            raise CertificateError("the chosen factor does not vanish on the expansion at infinity")

    @property
    def summary(self) -> str:
        others = len(self.others)
        plural = "s" * (others != 1)
        return f"factor chosen by the expansion at infinity, {others} other{plural} excluded exactly"


def excluded(
    setting: Setting,
    polynomial: fmpz_mpoly,
    cumulants: Callable[[int, Point], list[fmpq]],
    orders: tuple[int, ...] = ORDERS,
) -> bool:
    """Whether a polynomial in (g, r) fails to vanish on the expansion, with certainty.

    The expansion consists of rational numbers, or of balls that hold irrational ones: then a coefficient
    counts as other than 0 only if 0 is outside its ball. False after the last order is no proof that it
    vanishes.
    """
    with ctx.workprec(BITS):
        for length in orders:
            for point in setting.points[:2]:
                series = cumulants(length, point)
                if any(value != 0 for value in _residual(setting.ring, polynomial, series, point)):
                    return True
    return False


def _residual(ring: Ring, polynomial: fmpz_mpoly, series: list[fmpq], point: Point) -> list[fmpq]:
    """The first coefficients of polynomial(g, series(g))."""
    length, zero = len(series), fmpq(0)
    place_g, place_r = ring.index(g), ring.index(r)
    numbers = (point.get(symbol, 0) for symbol in ring.symbols)
    values = [fmpq(number.numerator, number.denominator) for number in numbers]
    powers: dict[tuple[int, int], fmpq] = {}
    rows: dict[int, list[fmpq]] = {}
    for monomial, coefficient in polynomial.terms():
        power_g = int(monomial[place_g])
        if power_g >= length:
            continue
        term = fmpq(coefficient)
        for place, exponent in enumerate(monomial):
            if exponent and place not in (place_g, place_r):
                key = place, int(exponent)
                if key not in powers:
                    powers[key] = values[place] ** key[1]
                term *= powers[key]
        rows.setdefault(int(monomial[place_r]), [zero] * length)[power_g] += term
    out: list[Any] = [zero] * length
    for power in range(max(rows, default=0), -1, -1):  # Horner's scheme in r
        moved = product(out, series, length, zero)
        out = [a + b for a, b in zip(moved, rows.get(power, [zero] * length), strict=True)]
    return out


def choose(
    setting: Setting, polynomial: fmpz_mpoly, cumulants: Callable[[int, Point], list[fmpq]]
) -> RightFactor:
    """The irreducible factor in (g, r) that belongs to the law, with its certificate."""
    kept = candidates = setting.factors(polynomial, g, r)
    for length in ORDERS:
        if len(kept) < 2:  # the product vanishes, so the last factor does: it need not be followed further
            break
        kept = [f for f in kept if not excluded(setting, f, cumulants, (length,))]
    if len(kept) != 1:
        raise CertificateError(
            f"{len(kept)} factors of an elimination fit the expansion at infinity; 1 should"
        )
    return RightFactor(setting, kept[0], tuple(f for f in candidates if f is not kept[0]), cumulants)
