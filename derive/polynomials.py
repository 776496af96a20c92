"""Exact polynomials for derivations: SymPy expressions in and out, python-flint inside.

Everything here is decided or refused: resultants, discriminants, factors and the canonical form of
an equation in (G, z); `vanishes` and `positive` for expressions with radicals (`derive.radicals`);
and the certificates that steps carry. `Undecided` is raised for a question that stays open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from .derivation import CertificateError
from .radicals import constant_sign, positive, vanishes
from .rings import NotRational, Ring, factors_of
from .signs import EmptyDomain, Undecided, assumed, assuming

__all__ = [
    "Different",
    "EmptyDomain",
    "Identity",
    "Irreducible",
    "Negative",
    "NotRational",
    "Positive",
    "Ring",
    "Together",
    "Undecided",
    "assumed",
    "assuming",
    "canonical",
    "constant_sign",
    "discriminant",
    "factor_list",
    "factored",
    "numerator",
    "positive",
    "resultant",
    "vanishes",
]


def resultant(first: Any, second: Any, symbol: sp.Symbol) -> sp.Expr:
    """The resultant in one symbol of two polynomials with rational coefficients, expanded."""
    ring = Ring.of(first, second, symbol)
    (p, p_scale), (q, q_scale) = _integral(ring, first), _integral(ring, second)
    scale = p_scale ** max(ring.degree(q, symbol), 0) * q_scale ** max(ring.degree(p, symbol), 0)
    return ring.expression(p.resultant(q, f"x{ring.index(symbol)}"), scale)


def discriminant(polynomial: Any, symbol: sp.Symbol) -> sp.Expr:
    """The discriminant in one symbol, expanded; its sign is never touched, for it means something."""
    ring = Ring.of(polynomial, symbol)
    p, scale = _integral(ring, polynomial)
    degree = ring.degree(p, symbol)
    if degree < 1:
        raise ValueError(f"{polynomial} does not contain {symbol}; a discriminant needs degree 1 or more")
    return ring.expression(p.discriminant(f"x{ring.index(symbol)}"), scale ** (2 * degree - 2))


def factor_list(polynomial: Any) -> tuple[sp.Rational, tuple[tuple[sp.Expr, int], ...]]:
    """(content, ((irreducible factor over the integers, exponent), ...)), in a fixed order."""
    ring = Ring.of(polynomial)
    p, scale = _integral(ring, polynomial)
    content, factors = factors_of(p)
    ordered = sorted(factors, key=lambda item: (int(item[0].total_degree()), str(item[0])))
    return sp.Rational(int(content), scale), tuple((ring.expression(f), int(e)) for f, e in ordered)


def factored(expression: Any) -> sp.Expr:
    """A rational function as quotient of products of irreducible factors over the integers."""
    ring = Ring.of(expression)
    fraction = ring.fraction(expression)
    return ring.factored(fraction.numerator) / ring.factored(fraction.denominator)


def numerator(expression: Any) -> sp.Expr:
    """The numerator of a rational function in lowest terms, integer coefficients, expanded."""
    ring = Ring.of(expression)
    return ring.expression(ring.fraction(expression).numerator)


def canonical(polynomial: Any, *symbols: sp.Symbol) -> sp.Expr:
    """An equation's left-hand side in canonical form.

    Primitive over the integers; factors free of the given symbols (default: G and z) are dropped,
    and so are denominators. The sign makes the constant term in the first symbol (G) negative, as
    (18) prints it: its leading coefficient in lexicographic order; without a constant term, the
    lowest coefficient that there is.
    """
    from .laws import G, z

    symbols = symbols or (G, z)
    others = order_free(polynomial, symbols)
    ring = Ring((*symbols, *others))
    p = ring.fraction(polynomial).numerator
    if p.is_zero():
        raise ValueError("0 = 0 is no equation")
    _, factors = factors_of(p)
    kept = ring.constant(1)
    for factor, exponent in factors:
        if any(ring.degree(factor, s) > 0 for s in symbols):
            kept *= factor ** int(exponent)
    lowest = next(iter(ring.coefficients(kept, symbols[0]).values()))
    return ring.expression(-kept if lowest.leading_coefficient() > 0 else kept)


def order_free(expression: Any, symbols: Iterable[sp.Symbol]) -> tuple[sp.Symbol, ...]:
    """The other symbols of an expression, in the order of all rings."""
    from .rings import order

    return order(sp.sympify(expression).free_symbols - set(symbols))


def _integral(ring: Ring, polynomial: Any) -> tuple[Any, int]:
    fraction = ring.fraction(polynomial)
    if not fraction.denominator.is_constant():
        raise NotRational(f"{polynomial} is no polynomial: it has a denominator with symbols")
    return fraction.numerator, int(fraction.denominator.leading_coefficient())


@dataclass(frozen=True)
class _OnDomain:
    """A statement on the part of the domain where the expressions `where`, and all assumed ones, are > 0."""

    expression: Any
    where: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", (*self.where, *assumed()))


@dataclass(frozen=True)
class Identity(_OnDomain):
    """expression = 0 identically on the parameters' domain, `where` further facts > 0 hold."""

    def check(self) -> None:
        items = self.expression if isinstance(self.expression, tuple) else (self.expression,)
        for item in items:
            if not vanishes(item, where=self.where):
                raise CertificateError(f"{item} should vanish identically and does not")

    @property
    def summary(self) -> str:
        return "identity, reduced exactly to 0"


@dataclass(frozen=True)
class Different(_OnDomain):
    """expression is not identically 0: the certificate of a misprint."""

    def check(self) -> None:
        if vanishes(self.expression, where=self.where):
            raise CertificateError(f"{self.expression} should differ from 0 and vanishes identically")

    @property
    def summary(self) -> str:
        return "difference, exactly not 0"


@dataclass(frozen=True)
class Positive(_OnDomain):
    """expression > 0 on all of the domain, cut down by `where` (expressions that are > 0).

    Raises `Undecided` where the exact methods leave it open.
    """

    def check(self) -> None:
        items = self.expression if isinstance(self.expression, tuple) else (self.expression,)
        for item in items:
            verdict = positive(item, where=self.where)
            if verdict is None:
                raise Undecided(f"whether {item} > 0 on all of the domain")
            if not verdict:
                raise CertificateError(f"{item} should be positive on all of the domain and is not")

    @property
    def summary(self) -> str:
        return "inequality, decided exactly on all of the domain"


def Negative(expression: Any, where: tuple[Any, ...] = ()) -> Positive:
    """The certificate that an expression is < 0 on all of the domain."""
    return Positive(-expression, where)


@dataclass(frozen=True)
class Irreducible:
    """polynomial has one irreducible factor over Q(parameters), to the first power."""

    polynomial: Any
    symbols: tuple[sp.Symbol, ...]

    def check(self) -> None:
        _, factors = factor_list(self.polynomial)
        proper = [(f, e) for f, e in factors if f.free_symbols & set(self.symbols)]
        if len(proper) != 1 or proper[0][1] != 1:
            found = ", ".join(str(f) for f, _ in proper)
            raise CertificateError(f"{self.polynomial} has the factors {found}")

    @property
    def summary(self) -> str:
        return "irreducible over the integers, by factoring"


@dataclass(frozen=True)
class Together:
    """Several certificates that must all hold."""

    parts: tuple[Any, ...]

    def check(self) -> None:
        for part in self.parts:
            part.check()

    @property
    def summary(self) -> str:
        return "; ".join(dict.fromkeys(part.summary for part in self.parts))
