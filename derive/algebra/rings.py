"""Polynomial rings over the integers: SymPy expressions in, python-flint polynomials inside.

Conversion costs milliseconds, arithmetic microseconds: a computation converts once, stays in its
ring, and goes back to SymPy to be printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, cmp_to_key
from operator import sub
from typing import Any

import sympy as sp
from flint import Ordering, fmpz_mpoly, fmpz_mpoly_ctx, fmpz_poly


class NotRational(ValueError):
    """The expression is no rational function of the ring's symbols."""


def order(symbols: Iterable[sp.Symbol]) -> tuple[sp.Symbol, ...]:
    """Symbols in one order for all time: by name, then by assumptions."""
    found = sorted(set(symbols), key=lambda s: s.name)
    if len({symbol.name for symbol in found}) < len(found):
        found.sort(key=lambda s: (s.name, str(sorted(s.assumptions0.items()))))
    return tuple(found)


@dataclass(frozen=True)
class Ring:
    """Z[symbols] with lexicographic order; symbols[0] is the greatest."""

    symbols: tuple[sp.Symbol, ...]

    @classmethod
    def of(cls, *expressions: Any, first: tuple[sp.Symbol, ...] = ()) -> Ring:
        """The ring of all symbols in the expressions, those of `first` in front."""
        found: set[sp.Symbol] = set()
        for expression in expressions:
            found |= sp.sympify(expression).free_symbols
        return cls((*first, *order(found - set(first))))

    @cached_property
    def context(self) -> fmpz_mpoly_ctx:
        """The python-flint context."""
        return fmpz_mpoly_ctx.get([f"x{i}" for i in range(len(self.symbols))], Ordering.lex)

    @cached_property
    def _index(self) -> dict[sp.Symbol, int]:
        return {symbol: i for i, symbol in enumerate(self.symbols)}

    def index(self, symbol: sp.Symbol) -> int:
        """The place of a symbol in the ring."""
        return self._index[symbol]

    def gen(self, symbol: sp.Symbol) -> fmpz_mpoly:
        """The symbol as a polynomial."""
        return self.context.gen(self._index[symbol])

    def constant(self, value: int) -> fmpz_mpoly:
        """An integer as a polynomial."""
        return self.context.constant(value)

    def fraction(self, expression: Any) -> Fraction:
        """A rational function of the symbols; raises `NotRational` for anything else."""
        expression = sp.sympify(expression)
        one = self.constant(1)
        if isinstance(expression, sp.Rational):
            return Fraction(self.constant(int(expression.p)), self.constant(int(expression.q)))
        if isinstance(expression, sp.Symbol):
            if expression not in self._index:
                among = ", ".join(map(str, self.symbols)) or "no symbols"
                raise NotRational(f"{expression} is not among {among}")
            return Fraction(self.gen(expression), one)
        if isinstance(expression, sp.Add):
            total = Fraction(self.constant(0), one)
            for term in expression.args:
                total = total + self.fraction(term)
            return total
        if isinstance(expression, sp.Mul):
            product = Fraction(one, one)
            for factor in expression.args:
                product = product * self.fraction(factor)
            return product
        if isinstance(expression, sp.Pow) and isinstance(expression.exp, sp.Integer):
            return self.fraction(expression.base) ** int(expression.exp)
        raise NotRational(f"{expression} is no rational function of {', '.join(map(str, self.symbols))}")

    def polynomial(self, expression: Any) -> fmpz_mpoly:
        """A polynomial with integer coefficients; raises `NotRational` if there is a denominator."""
        fraction = self.fraction(expression)
        if not fraction.denominator.is_one():
            raise NotRational(f"{expression} is no polynomial with integer coefficients")
        return fraction.numerator

    def expression(self, polynomial: fmpz_mpoly, scale: int | fmpz_mpoly = 1) -> sp.Expr:
        """The polynomial, divided by an integer or a monomial, in SymPy, expanded."""
        below: tuple[int, ...] = ()
        if isinstance(scale, fmpz_mpoly):
            ((below, scale),) = scale.terms()
        scale = int(scale)
        terms = [
            (
                tuple(map(sub, monomial, below)) if below else monomial,
                sp.Integer(int(coefficient)) if scale == 1 else sp.Rational(int(coefficient), scale),
            )
            for monomial, coefficient in polynomial.terms()
        ]
        # The products and the sum as SymPy makes them. It compares terms by their factors, numbers before
        # powers; here each number and each power is compared with others once, and like terms there are none.
        exponents = {key for monomial, _ in terms for key in enumerate(monomial) if key[1]}
        powers = {key: self.symbols[key[0]] ** key[1] for key in exponents}
        numbers = sorted({coefficient for _, coefficient in terms}, key=_in_products)
        ranked = [*numbers, *sorted(powers.values(), key=_in_products)]
        rank = {factor: k for k, factor in enumerate(ranked)}
        places = {key: rank[power] for key, power in powers.items()}
        products = []
        for monomial, coefficient in terms:
            factors = sorted(places[key] for key in enumerate(monomial) if key[1])
            if coefficient != 1 or not factors:
                factors.insert(0, rank[coefficient])
            products.append((len(factors), factors))
        products.sort()
        return sp.Add._from_args(
            [sp.Mul._from_args([ranked[k] for k in factors], True) for _, factors in products], True
        )

    def factored(self, polynomial: fmpz_mpoly) -> sp.Expr:
        """The polynomial in SymPy as a product of its irreducible factors over Z."""
        content, factors = factors_of(polynomial)
        ordered = sorted(factors, key=lambda item: (item[0].total_degree(), str(item[0])))
        return sp.Mul(int(content), *(self.expression(f) ** int(e) for f, e in ordered))

    def moved(self, polynomial: fmpz_mpoly, symbols: tuple[sp.Symbol, ...]) -> tuple[fmpz_mpoly, Ring]:
        """The same polynomial in the ring of these symbols, which are all that it contains, and that ring."""
        if symbols == self.symbols:
            return polynomial, self
        other = Ring(symbols)
        places = {self._index[symbol]: place for place, symbol in enumerate(symbols) if symbol in self._index}
        return polynomial.project_to_context(other.context, places), other

    def coefficients(self, polynomial: fmpz_mpoly, symbol: sp.Symbol) -> dict[int, fmpz_mpoly]:
        """{power of symbol: coefficient}, the coefficients free of it, in the same ring."""
        found, rest, power = {}, polynomial, 0
        at_zero = {f"x{self._index[symbol]}": 0}
        while not rest.is_zero():  # a division by a monomial costs less than to touch the terms one by one
            lowest = self.lowest(rest, symbol)
            if lowest:
                rest, power = rest / self.gen(symbol) ** lowest, power + lowest
            found[power] = rest.subs(at_zero)
            rest -= found[power]
        return found

    def content(self, polynomial: fmpz_mpoly, *symbols: sp.Symbol) -> fmpz_mpoly:
        """The product of all factors that are free of the symbols: the gcd of the coefficients in them."""
        places = {self._index[symbol] for symbol in symbols}
        content = self.constant(0)
        for value in _TRIED:  # the content divides all values, and mostly it is all that they share
            content = content.gcd(polynomial.subs({f"x{place}": value + place for place in places}))
            if content.is_one():
                return content
        if not content.is_zero() and divmod(polynomial, content)[1].is_zero():
            return content
        parts = [polynomial]
        for symbol in symbols:
            parts = [piece for part in parts for piece in self.coefficients(part, symbol).values()]
        for part in sorted(parts, key=len):  # the shortest decide soonest
            content = content.gcd(part)
            if content.is_one():
                break
        return content

    def turned(
        self, polynomial: fmpz_mpoly, change: Mapping[sp.Symbol, Mapping[sp.Symbol, int]]
    ) -> fmpz_mpoly:
        """Monomials {symbol: power} in place of symbols, and the lowest powers of their symbols made 0."""
        one = self.constant(1)
        values = {}
        for symbol, monomial in change.items():
            above = below = one
            for other, power in monomial.items():
                if power > 0:
                    above *= self.gen(other) ** power
                else:
                    below *= self.gen(other) ** -power
            values[symbol] = above, below
        moved = self._substituted(polynomial, values)
        for other in {other for monomial in change.values() for other in monomial}:
            if lowest := self.lowest(moved, other):
                moved /= self.gen(other) ** lowest
        return moved

    def substitute(self, polynomial: fmpz_mpoly, values: Mapping[sp.Symbol, Fraction]) -> fmpz_mpoly:
        """The numerator, up to a common factor, after simultaneous substitution of field elements."""
        return self._substituted(
            polynomial, {symbol: (value.numerator, value.denominator) for symbol, value in values.items()}
        )

    def _substituted(
        self, polynomial: fmpz_mpoly, values: Mapping[sp.Symbol, tuple[fmpz_mpoly, fmpz_mpoly]]
    ) -> fmpz_mpoly:
        images = [self.gen(symbol) for symbol in self.symbols]
        powers: list[tuple[sp.Symbol, list[fmpz_mpoly]]] = []
        for symbol, (above, below) in values.items():
            if below.is_one():
                images[self._index[symbol]] = above
            elif (degree := self.degree(polynomial, symbol)) > 0:
                # the k-th power of the value, times its denominator to the degree
                powers.append((symbol, [above**k * below ** (degree - k) for k in range(degree + 1)]))

        def summed(part: fmpz_mpoly, depth: int) -> fmpz_mpoly:
            if depth == len(powers):
                return part.compose(*images)
            total = self.constant(0)
            symbol, factors = powers[depth]
            for power, coefficient in self.coefficients(part, symbol).items():
                total += factors[power] * summed(coefficient, depth + 1)
            return total

        return summed(polynomial, 0)

    def lowest(self, polynomial: fmpz_mpoly, symbol: sp.Symbol) -> int:
        """The lowest power of a symbol in a polynomial other than 0."""
        return int(polynomial.term_content().degrees()[self._index[symbol]])

    def degree(self, polynomial: fmpz_mpoly, symbol: sp.Symbol) -> int:
        """The degree in one symbol; -1 for the zero polynomial."""
        return -1 if polynomial.is_zero() else int(polynomial.degrees()[self._index[symbol]])


# what symbols are set to in a search for a content
_TRIED = (0, -1, 3)
# the order of the factors in a product of SymPy, and of the terms in a sum
_in_products = cmp_to_key(sp.Basic.compare)


@dataclass(frozen=True, eq=False)
class Fraction:
    """numerator / denominator in lowest terms, leading coefficient of the denominator positive."""

    numerator: fmpz_mpoly
    denominator: fmpz_mpoly

    def __post_init__(self) -> None:
        if self.denominator.is_zero():
            raise ZeroDivisionError("a denominator is identically 0")
        if self.numerator.is_zero():
            object.__setattr__(self, "denominator", self.denominator.context().constant(1))
            return
        if not (self.denominator.is_constant() and self.denominator.is_one()):
            common = self.numerator.gcd(self.denominator)
            if not common.is_one():
                object.__setattr__(self, "numerator", self.numerator / common)
                object.__setattr__(self, "denominator", self.denominator / common)
        if self.denominator.leading_coefficient() < 0:
            object.__setattr__(self, "numerator", -self.numerator)
            object.__setattr__(self, "denominator", -self.denominator)

    def __add__(self, other: Fraction) -> Fraction:
        return Fraction(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )

    def __sub__(self, other: Fraction) -> Fraction:
        return Fraction(
            self.numerator * other.denominator - other.numerator * self.denominator,
            self.denominator * other.denominator,
        )

    def __mul__(self, other: Fraction) -> Fraction:
        return Fraction(self.numerator * other.numerator, self.denominator * other.denominator)

    def __truediv__(self, other: Fraction) -> Fraction:
        return Fraction(self.numerator * other.denominator, self.denominator * other.numerator)

    def __pow__(self, power: int) -> Fraction:
        if power >= 0:
            return Fraction(self.numerator**power, self.denominator**power)
        return Fraction(self.denominator ** (-power), self.numerator ** (-power))


def factors_of(polynomial: fmpz_mpoly) -> tuple[int, list[tuple[fmpz_mpoly, int]]]:
    """(content, [(irreducible factor, exponent)]), multiplied out again to check.

    python-flint (0.9) overflows on some products with coefficients beyond 64 bits; those go through
    its univariate polynomials or through SymPy.
    """
    try:
        content, found = polynomial.factor()
        factors = [(f, int(e)) for f, e in found]
        if _product(polynomial, int(content), factors) == polynomial:
            return int(content), factors
    except OverflowError:
        pass
    return _factor_apart(polynomial)


def _product(like: fmpz_mpoly, content: int, factors: list[tuple[fmpz_mpoly, int]]) -> fmpz_mpoly:
    total = like.context().constant(content)
    for f, e in factors:
        total *= f**e
    return total


def _factor_apart(polynomial: fmpz_mpoly) -> tuple[int, list[tuple[fmpz_mpoly, int]]]:
    context = polynomial.context()
    used = [place for place, degree in enumerate(polynomial.degrees()) if degree]
    zero = [0] * context.nvars()

    def monomial(powers: tuple[int, ...]) -> tuple[int, ...]:
        full = list(zero)
        for place, power in zip(used, powers, strict=True):
            full[place] = power
        return tuple(full)

    terms = {tuple(int(m[place]) for place in used): int(c) for m, c in polynomial.terms()}
    if len(used) == 1:
        dense = [0] * (max(terms)[0] + 1)
        for (power,), coefficient in terms.items():
            dense[power] = coefficient
        content, found = fmpz_poly(dense).factor()
        split = [({(k,): int(c) for k, c in enumerate(f.coeffs()) if c}, int(e)) for f, e in found]
    else:
        generators = sp.symbols(f"x:{len(used)}")
        content, listed = sp.Poly.from_dict(terms, *generators).factor_list()
        split = [({m: int(c) for m, c in f.as_dict().items()}, int(e)) for f, e in listed]
    factors, number = [], int(content)
    for coefficients, exponent in split:
        f = context.from_dict({monomial(m): c for m, c in coefficients.items()})
        if f.leading_coefficient() < 0:
            f, number = -f, number * (-1) ** exponent
        factors.append((f, exponent))
    if _product(polynomial, number, factors) != polynomial:
        raise ArithmeticError(f"the factors found for {polynomial} do not multiply back to it")
    return number, factors
