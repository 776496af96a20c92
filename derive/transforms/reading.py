"""What a node of an expression comes to: its curve, its expansion, and the steps that led there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, singledispatch
from typing import Any

import sympy as sp
from flint import fmpq, fmpz_mpoly

from ..algebra.expansions import cumulants_from_moments, moments_from_cumulants
from ..algebra.rings import Fraction
from ..algebra.signs import Point
from ..certificates import Identity
from ..derivation import CertificateError, Step
from ..language.model import ModelError
from ..laws import G, g, z
from .curves import RightFactor, Setting, choose, r, s, t, y

Cumulants = Callable[[int, Point | None], list[Any]]
# a step, or several, made when the derivation is wanted: for the law alone they are never made
Later = Callable[[], Step | Sequence[Step]]


@singledispatch
def read(node: Any, label: str, setting: Setting) -> Reading:
    """The law of an ensemble; `label` names it in the steps (R_label, S_label).

    The readers of the nodes register themselves; `derive.transforms` brings them all in.
    """
    raise ModelError(f"no transform is known of {type(node).__name__}; register a reader of it with `read`")


def below(label: str, index: int) -> str:
    """The label of a part: H0, H1 of H, as the papers number H_0 and H_1, and H01 of H0."""
    return f"{label}{index}"


def equal(left: Any, right: Any) -> sp.Eq:
    """An equation as a display, never evaluated to true or false."""
    return sp.Eq(left, right, evaluate=False)


def spoken(label: str) -> str:
    """A label in prose: H_01 for H01."""
    return label if len(label) == 1 else f"{label[0]}_{label[1:]}"


def field_of(setting: Setting, point: Point | None) -> tuple[Any, Any]:
    """Zero and one of the field of expansions: rational functions, or numbers at a point."""
    return (setting.zero, setting.one) if point is None else (fmpq(0), fmpq(1))


def number(setting: Setting, expression: Any, point: Point | None) -> Any:
    """An expression in the parameters as an element of that field."""
    value = setting.fraction(expression)
    return value if point is None else setting.at(value, point)


def is_zero(value: Any) -> bool:
    """Whether an element of either field is 0."""
    return bool(value.numerator.is_zero()) if isinstance(value, Fraction) else value == 0


def primitive(
    setting: Setting, polynomial: fmpz_mpoly, symbol: sp.Symbol, *expected: fmpz_mpoly
) -> fmpz_mpoly:
    """The polynomial without the factors that are free of the symbol, its leading coefficient positive.

    expected: such factors, where some are known beforehand; a division costs less than a gcd.
    """
    for factor in expected:
        while True:
            quotient, remainder = divmod(polynomial, factor)
            if not remainder.is_zero():
                break
            polynomial = quotient
    content = setting.ring.content(polynomial, symbol)
    return positive(polynomial if content.is_one() else polynomial / content)


def _remembered(cumulants: Cumulants) -> Cumulants:
    """The same function, which keeps the longest expansion at every point."""
    kept: dict[Any, list[Any]] = {}

    def longest(n: int, point: Point | None) -> list[Any]:
        key = None if point is None else frozenset(point.items())
        if len(kept.get(key, ())) < n:
            kept[key] = cumulants(n, point)
        return kept[key][:n]

    return longest


@dataclass
class Reading:
    """A law on its way: an irreducible polynomial in (g, r), r = R(g), and the expansion of its branch.

    cumulants(n, point): kappa_1..kappa_n, symbolic for point None, else at a rational point.
    steps: how it was reached, each step to be made by a call; `recorded` makes them all.
    """

    setting: Setting
    label: str
    relation: fmpz_mpoly
    cumulants: Cumulants
    steps: list[Later] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cumulants = _remembered(self.cumulants)

    @classmethod
    def rational(
        cls, setting: Setting, label: str, value: Fraction, cumulants: Cumulants, steps: list[Later]
    ) -> Reading:
        """The law with a rational R-transform."""
        return cls(setting, label, relation_of(setting, value, r), cumulants, steps)

    def recorded(self) -> tuple[Step, ...]:
        """The steps that led here, in order; raises `CertificateError` where one does not hold."""
        found: list[Step] = []
        for later in self.steps:
            made = later()
            found += [made] if isinstance(made, Step) else made
        return tuple(found)

    @property
    def name(self) -> sp.Expr:
        """R(g) as a display."""
        return sp.Function(f"R_{self.label}")(g)

    @property
    def name_s(self) -> sp.Expr:
        """S(t) as a display."""
        return sp.Function(f"S_{self.label}")(t)

    @cached_property
    def r_transform(self) -> Fraction | None:
        """R(g) where it is rational."""
        return root_of(self.setting, self.relation, r)

    @cached_property
    def s_transform(self) -> Fraction | None:
        """S(t) where it is rational."""
        if self.relation == self.setting.ring.gen(r):
            return None
        return root_of(self.setting, self.s_relation, s)

    @cached_property
    def s_relation(self) -> fmpz_mpoly:
        """The irreducible polynomial in (t, s): g = t s and r = 1/s move monomials to monomials."""
        return from_r_to_s(self.setting, self.relation)

    @cached_property
    def equation(self) -> fmpz_mpoly:
        """The irreducible polynomial in (G, z): g = G, r = z - 1/G, powers of G cancelled."""
        setting = self.setting
        big_g, big_z, one = setting.fraction(G), setting.fraction(z), setting.one
        moved = setting.substitute(self.relation, {g: big_g, r: big_z - one / big_g})
        lowest = setting.ring.lowest(moved, G)
        return moved / setting.ring.gen(G) ** lowest if lowest else moved


def relation_of(setting: Setting, value: Fraction, symbol: sp.Symbol) -> fmpz_mpoly:
    """The irreducible polynomial of symbol = value, a rational function and so in lowest terms."""
    relation = value.denominator * setting.ring.gen(symbol) - value.numerator
    return -relation if relation.leading_coefficient() < 0 else relation


def root_of(setting: Setting, polynomial: fmpz_mpoly, symbol: sp.Symbol) -> Fraction | None:
    """The symbol as a rational function of all else, where the polynomial has degree 1 in it."""
    if setting.ring.degree(polynomial, symbol) != 1:
        return None
    name = f"x{setting.ring.index(symbol)}"
    return Fraction(-polynomial.subs({name: 0}), polynomial.derivative(name))


def from_r_to_s(setting: Setting, relation: fmpz_mpoly) -> fmpz_mpoly:
    """(g, r) -> (t, s) with g = t s, r = 1/s; without monomial factors."""
    return positive(setting.ring.turned(relation, {g: {t: 1, s: 1}, r: {s: -1}}))


def from_s_to_r(setting: Setting, relation: fmpz_mpoly) -> fmpz_mpoly:
    """(t, s) -> (g, r) with t = g r, s = 1/r; without monomial factors."""
    return positive(setting.ring.turned(relation, {t: {g: 1, r: 1}, s: {r: -1}}))


def positive(polynomial: fmpz_mpoly) -> fmpz_mpoly:
    """The polynomial with its leading coefficient made positive."""
    return -polynomial if polynomial.leading_coefficient() < 0 else polynomial


def from_equation(setting: Setting, equation: fmpz_mpoly) -> fmpz_mpoly:
    """(G, z) -> (g, r) with G = g, z = r + 1/g; without factors free of r."""
    small_g, small_r = setting.fraction(g), setting.fraction(r)
    moved = setting.substitute(equation, {G: small_g, z: small_r + setting.one / small_g})
    return primitive(setting, moved, r)


def moments_of(reading: Reading, n: int, point: Point | None) -> list[Any]:
    """[m_1, ..., m_n] of the expansion of a reading, in the field of the point."""
    zero, one = field_of(reading.setting, point)
    return moments_from_cumulants(reading.cumulants(n, point), zero, one)


def with_moments(setting: Setting, moments: Cumulants) -> Cumulants:
    """The free cumulants of a law that is known by its moments m_1, m_2, ..."""

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        return cumulants_from_moments(moments(n, point), zero, one)

    return cumulants


def chosen(
    setting: Setting,
    label: str,
    relation: fmpz_mpoly,
    cumulants: Cumulants,
    steps: list[Later],
    irreducible: bool = False,
) -> tuple[Reading, Callable[[], RightFactor]]:
    """A reading from a relation that may have foreign factors, and what makes the certificate of the choice.

    irreducible: whether the relation is so by its making, but for factors free of r: for the law alone it is
        not factored then, and the certificate says whether it is true.
    """
    if not irreducible:
        factor = choose(setting, relation, lambda n, p: cumulants(n, p))
        return Reading(setting, label, factor.chosen, cumulants, steps), lambda: factor
    reading = polished(setting, label, relation, cumulants, steps)

    def certificate() -> RightFactor:
        factor = choose(setting, reading.relation, lambda n, p: reading.cumulants(n, p))
        if factor.others or factor.chosen != reading.relation:
            raise CertificateError(f"the relation of {spoken(label)} should be irreducible and is not")
        return factor

    return reading, certificate


def sum_relation(setting: Setting, first: fmpz_mpoly, second: fmpz_mpoly) -> fmpz_mpoly:
    """A polynomial satisfied by (g, R_1 + R_2), from one for each."""
    small_r, small_y = setting.fraction(r), setting.fraction(y)
    roots = [root_of(setting, relation, r) for relation in (first, second)]
    if roots[0] is not None and roots[1] is not None:
        return relation_of(setting, roots[0] + roots[1], r)
    for root, b in zip(roots, (second, first), strict=True):
        if root is not None:  # a shift by a rational function keeps the polynomial irreducible
            return primitive(setting, setting.substitute(b, {r: small_r - root}), r)
    one = setting.substitute(first, {r: small_y})
    two = setting.substitute(second, {r: small_r - small_y})
    return one.resultant(two, f"x{setting.ring.index(y)}")


def product_relation(setting: Setting, first: fmpz_mpoly, second: fmpz_mpoly) -> fmpz_mpoly:
    """A polynomial satisfied by (t, S_1 S_2), from one for each."""
    small_s, small_y = setting.fraction(s), setting.fraction(y)
    roots = [root_of(setting, relation, s) for relation in (first, second)]
    if roots[0] is not None and roots[1] is not None:
        return relation_of(setting, roots[0] * roots[1], s)
    for root, b in zip(roots, (second, first), strict=True):
        if root is not None:
            return primitive(setting, setting.substitute(b, {s: small_s / root}), s)
    one = setting.substitute(first, {s: small_y})
    two = setting.substitute(second, {s: small_s / small_y})
    return one.resultant(two, f"x{setting.ring.index(y)}")


def polished(
    setting: Setting, label: str, relation: fmpz_mpoly, cumulants: Cumulants, steps: list[Later]
) -> Reading:
    """A reading after a change of coordinates that cannot split the polynomial."""
    return Reading(setting, label, primitive(setting, relation, r), cumulants, steps)


def transported(
    setting: Setting, reading: Reading, inner: Reading, moved: dict[sp.Symbol, Fraction]
) -> Identity:
    """The new transform, moved back, is the old one (or its relation the old relation)."""
    old, new = inner.r_transform, reading.r_transform
    if old is not None and new is not None:
        # r_old(moved g) must be moved r at r = R_new(g)
        g_moved = moved.get(g, setting.fraction(g))
        expected = setting.value(moved.get(r, setting.fraction(r)), {r: new})
        return Identity(setting.show(setting.value(old, {g: g_moved}) - expected))
    again = primitive(setting, setting.substitute(inner.relation, moved), r)
    return Identity(setting.ring.expression(again) - setting.ring.expression(reading.relation))


def shown_relation(reading: Reading) -> sp.Eq:
    """The relation between g and r as an equation."""
    return equal(reading.setting.ring.expression(reading.relation), 0)


def displays(reading: Reading, general: sp.Eq) -> tuple[sp.Eq, ...]:
    """A general rule, and what it comes to: R itself where it is rational, else its relation."""
    value = reading.r_transform
    own = shown_relation(reading) if value is None else equal(reading.name, reading.setting.show(value))
    return general, own
