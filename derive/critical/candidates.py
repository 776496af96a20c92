"""Where the singular points of a law can meet as a parameter t varies: the candidates, none missed.

The edge polynomial E(x, t) is the product of the irreducible factors of the discriminant of P(G, x, t) in G
and of its leading coefficient. As long as its roots in x stay apart and finite, singular points move
continuously and nothing changes; so every change lies at a root t of

1. the discriminant of a factor of E in x, or the resultant of two: roots meet;
2. E(0, t): a root is 0;
3. the leading coefficient of a factor in x: a root escapes to infinity;
4. the factors that have no x: the equation itself degenerates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise

import sympy as sp
from flint import arb, ctx, fmpz_mpoly, fmpz_poly

from ..algebra.algebraic_points import BITS, RING, Point, coefficient, midpoint, parameter_points, univariate
from ..algebra.rings import Ring, factors_of
from ..algebra.signs import Undecided
from ..language.parameters import Interval
from ..laws import Algebraic
from ..laws import G as G_SYMBOL
from ..laws import z as Z_SYMBOL
from ..transforms.branch_at_infinity import value_of, with_numbers
from ..transforms.sheets import Sheets
from .local_laws import G, T, X, sheets_at

MEET, ZERO, ESCAPE, DEGENERATE = (
    "roots of the edge polynomial meet",
    "a root of the edge polynomial is 0",
    "a root of the edge polynomial escapes to infinity",
    "the equation degenerates",
)
Condition = tuple[str, fmpz_mpoly]


@dataclass(frozen=True)
class Candidate:
    """A real algebraic number at which something may change.

    point: (t,). polynomial: its minimal polynomial. reasons: the conditions that it solves.
    """

    point: Point
    polynomial: fmpz_poly
    reasons: tuple[str, ...]

    @property
    def ball(self) -> arb:
        return self.point.values(BITS)[0]


@dataclass(frozen=True)
class Curve:
    """P(G, x, t) = 0 with integer coefficients: one law for every value of the parameter t."""

    polynomial: fmpz_mpoly
    parameter: sp.Symbol
    law: Algebraic

    @classmethod
    def of(cls, law: Algebraic, parameter: sp.Symbol) -> Curve:
        """Of a law with one parameter; of the factors of its equation the one with G ~ 1/z at infinity."""
        several = law.mean is not None
        kept = [f for f in _lifted(law.polynomial, parameter) if reaches_infinity(f, several=several)]
        if len(kept) != 1:
            raise Undecided(f"{len(kept)} factors of the equation have G ~ 1/z at infinity; 1 should")
        return cls(kept[0], parameter, law)

    def sheets(self, point: Point, polynomial: fmpz_mpoly | None = None) -> Sheets:
        """The sheets at the parameter of a point, of the curve or of what is left of it there."""
        return sheets_at(self.polynomial if polynomial is None else polynomial, point, self._mean(point))

    def _mean(self, point: Point) -> arb | None:
        """The mean of the law at the parameter of a point, where it is needed to tell its branch."""
        if self.law.mean is None:
            return None
        at = Point(point.coordinates[:1])

        def sheets(equation: sp.Expr, mean: arb | None) -> Sheets:
            (curve,) = _lifted(equation, self.parameter)
            return sheets_at(curve, at, mean)

        with ctx.workprec(BITS):
            known = with_numbers(self.law, {self.parameter: at.values(BITS)[0]}, sheets)
            return arb(value_of(self.law.mean, known))

    def at(self, candidate: Candidate) -> fmpz_mpoly:
        """The curve to be used at a candidate: at a rational one the factor with G ~ 1/z, t inserted.

        P may have other factors there, x among them, which would hide the law.
        """
        m = candidate.polynomial
        if m.degree() > 1:
            return self.polynomial
        p, q = -int(m[0]), int(m[1])
        degree = int(self.polynomial.degrees()[T])
        terms: dict[tuple[int, ...], int] = {}
        for monomial, c in self.polynomial.terms():
            k, *rest = map(int, monomial)
            terms[0, *rest] = terms.get((0, *rest), 0) + int(c) * p**k * q ** (degree - k)
        _, factors = factors_of(RING.from_dict({m: c for m, c in terms.items() if c}))
        several = self.law.mean is not None
        kept = [f for f, _ in factors if reaches_infinity(f, several=several)]
        if len(kept) != 1:
            raise Undecided("the equation at a critical value has no single factor with G ~ 1/z")
        return kept[0]

    @cached_property
    def _factors(self) -> list[fmpz_mpoly]:
        degree = int(self.polynomial.degrees()[G])
        if degree < 2:
            raise Undecided("the law is a point mass for every value of the parameter")
        whole = self.polynomial.discriminant("g") * coefficient(self.polynomial, G, degree)
        return [f for f, _ in sorted(factors_of(whole)[1], key=lambda item: (len(item[0]), str(item[0])))]

    @cached_property
    def edges(self) -> tuple[fmpz_mpoly, ...]:
        """The irreducible factors of the edge polynomial."""
        return tuple(f for f in self._factors if int(f.degrees()[X]) > 0)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """(reason, polynomial in t) of which the candidates are roots."""
        alone = [f for f in self._factors if int(f.degrees()[X]) == 0]
        at_zero = [coefficient(f, X, 0) for f in self.edges]
        zeros = [(ZERO, c) for c in at_zero if not c.is_zero() and int(c.degrees()[T]) > 0]
        return (*conditions(self.edges, alone), *zeros)

    def candidates(self, domain: Interval) -> tuple[Candidate, ...]:
        """All of them inside the open domain, ascending."""
        return candidates(self.conditions, domain)

    def at_end(self, end: Fraction) -> Candidate:
        """An end of the domain, with the conditions that it solves."""
        line = fmpz_poly([-end.numerator, end.denominator])
        reasons = [why for why, p in self.conditions if (univariate(p, T) % line).is_zero()]
        return Candidate(Point().with_rational(end), line, tuple(dict.fromkeys(reasons)))


def _lifted(equation: sp.Expr, parameter: sp.Symbol) -> list[fmpz_mpoly]:
    """The factors of an equation in G and z that contain both, in (t, x, g)."""
    ring = Ring((parameter, Z_SYMBOL, G_SYMBOL))
    _, factors = factors_of(ring.fraction(equation).numerator)
    found = [RING.from_dict({(*map(int, m), *(0,) * 8): c for m, c in f.terms()}) for f, _ in factors]
    return [f for f in found if int(f.degrees()[G]) and int(f.degrees()[X])]


def conditions(roots: Sequence[fmpz_mpoly], alone: Sequence[fmpz_mpoly]) -> tuple[Condition, ...]:
    """Where real roots x of irreducible polynomials in (t, x) can meet or escape: roots t of these.

    alone: polynomials in t where everything degenerates.
    """
    found = [(DEGENERATE, f) for f in alone]
    for f in roots:
        degree = int(f.degrees()[X])
        if degree > 1:
            found.append((MEET, f.discriminant("x")))
        found.append((ESCAPE, coefficient(f, X, degree)))
    for f, h in combinations(roots, 2):
        found.append((MEET, f.resultant(h, "x")))
    return tuple((why, p) for why, p in found if int(p.degrees()[T]) > 0)


def candidates(conditions: Sequence[Condition], domain: Interval) -> tuple[Candidate, ...]:
    """The roots t of the conditions inside the open domain, ascending."""
    reasons: dict[str, tuple[fmpz_poly, list[str]]] = {}
    for why, condition in conditions:
        for factor, _ in univariate(condition, T).factor()[1]:
            known = reasons.setdefault(str(factor), (factor, []))[1]
            if why not in known:
                known.append(why)
    found = [
        Candidate(point, factor, tuple(why))
        for factor, why in reasons.values()
        for point in parameter_points(factor)
    ]
    inside = [candidate for candidate in found if _inside(candidate, domain)]
    return tuple(sorted(inside, key=lambda candidate: midpoint(candidate.ball)))


def reaches_infinity(polynomial: fmpz_mpoly, x: int = X, g: int = G, several: bool = False) -> bool:
    """Whether exactly one branch has G ~ 1/z, whatever the other variables are; or one or several.

    x, g: places of z and G.
    """
    exponents = [(tuple(map(int, m)), c) for m, c in polynomial.terms()]
    top = max(m[x] - m[g] for m, _ in exponents)
    values: dict[tuple[int, ...], int] = {}
    slopes: dict[tuple[int, ...], int] = {}
    for m, c in exponents:
        if m[x] - m[g] == top:
            others = tuple(e for place, e in enumerate(m) if place not in (x, g))
            values[others] = values.get(others, 0) + int(c)
            slopes[others] = slopes.get(others, 0) + m[g] * int(c)
    return not any(values.values()) and (several or any(slopes.values()))


def _inside(candidate: Candidate, domain: Interval) -> bool:
    polynomial = candidate.polynomial
    if polynomial.degree() == 1:
        value = Fraction(-int(polynomial[0]), int(polynomial[1]))
        return (domain.low is None or value > domain.low) and (domain.high is None or value < domain.high)
    value = midpoint(candidate.ball)  # an irrational number is no end; its ball is narrow
    return (domain.low is None or value > domain.low) and (domain.high is None or value < domain.high)


def samples(candidates: tuple[Candidate, ...], domain: Interval, share: Fraction) -> list[Fraction]:
    """One rational number in every cell between the candidates, about `share` of the way through it."""
    ends: list[Fraction | None] = [domain.low, *(midpoint(c.ball) for c in candidates), domain.high]
    return [_inner(low, high, share) for low, high in pairwise(ends)]


def _inner(low: Fraction | None, high: Fraction | None, share: Fraction) -> Fraction:
    if low is None and high is None:
        return share
    if low is None:
        assert high is not None
        return -_inner(-high, None, share)
    if high is None:
        size = max(abs(low), Fraction(1, 2)) * share / (1 - share)
        return simplest(low + size / 2, low + size * Fraction(3, 2))
    width, slack = high - low, min(share, 1 - share) / 2
    return simplest(low + width * (share - slack), low + width * (share + slack))


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The rational number of smallest denominator in [low, high]."""
    if low > high:
        raise ValueError(f"no number between {low} and {high}")
    whole = low.__ceil__()
    if whole <= high:
        return Fraction(0) if low <= 0 <= high else Fraction(whole if low > 0 else high.__floor__())
    floor = Fraction(low.__floor__())
    return floor + 1 / simplest(1 / (high - floor), 1 / (low - floor))
