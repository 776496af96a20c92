"""Closed forms of the local law along a critical curve f(t, s) = 0, in the field of its root t_c(s).

The place x_c and the value of G are multiple roots, found in that field by Euclid's algorithm, and three
events have one local form each:

* an edge crosses 0: P = P_G = 0 at x = 0, so P_GG g^2/2 + P_x x + P_t tau = 0 to leading order;
* an atom becomes a band, in u = 1/G: alpha u^2 + beta u xi + gamma tau = 0 to leading order;
* bands merge: P = P_G = P_GG = 0, so a g^3 + b tau g + P_x xi = 0 with a = P_GGG/6, b = P_Gt - P_Gx P_t/P_x,
  g, xi, tau being the distances in G, along the moving place, and in t.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp
from flint import arb, ctx, fmpz_mpoly

from ..algebra.algebraic_points import BITS
from ..algebra.rings import NotRational, Ring
from ..algebra.signs import Undecided
from ..algebra.surds import Surd
from ..laws import G, z
from .curve_roots import Bounds, Place


@dataclass(frozen=True)
class Form:
    """coefficient |distance|^exponent, the coefficient in the symbol s."""

    coefficient: sp.Expr
    exponent: sp.Rational


@dataclass(frozen=True)
class LocalForm:
    """The leading terms of an event along a critical curve, in the symbol s.

    place: x_c. density: beside the place, in |x - x_c|. width: of the gap, in |t - t_c|. edge: where it is,
        in t - t_c. mass: beyond 0, in |t - t_c|.
    everywhere: whether it is shown to hold for all s of the cell, not at the sample alone.
    """

    place: sp.Expr
    density: Form | None = None
    width: Form | None = None
    edge: Form | None = None
    mass: Form | None = None
    everywhere: bool = False


def crossing_form(
    ring: Ring, polynomial: fmpz_mpoly, place: Place, bounds: Bounds, s: arb
) -> LocalForm | None:
    """Where an edge crosses 0; None where the law has another form there.

    ring, polynomial: P in (s, t, z, G). bounds: of the cell. s: the sample.
    """
    at = _Taylor(ring, polynomial, place)
    root = _multiple_root(at.in_value(None), 2)
    if root is None:
        return None
    zero = root.field.element(sp.S.Zero)
    curved, slope, moved = at(root, zero, 2), at(root, zero, 0, 1), at(root, zero, 0, 0, 1)
    if any(part.is_zero for part in (curved, slope, moved)):
        return None
    squared = _positive(place, root.field.element(sp.S(2)) * slope / curved, s)
    edge = zero - moved / slope
    size = _positive(place, edge, s)
    mass = squared * size**3
    half = sp.Rational(1, 2)
    return LocalForm(
        sp.S.Zero,
        Form(_power(place, squared, half, s, bounds) / sp.pi, half),
        edge=Form(place.printed(edge), sp.S.One),
        mass=Form(sp.Rational(2, 3) / sp.pi * _power(place, mass, half, s, bounds), sp.Rational(3, 2)),
        everywhere=all(place.is_regular(e, bounds) for e in (curved, slope, moved)),
    )


def merging_form(
    ring: Ring,
    polynomial: fmpz_mpoly,
    edges: Sequence[fmpz_mpoly],
    place: Place,
    bounds: Bounds,
    s: arb,
) -> LocalForm | None:
    """Where two bands merge in a cusp; None where the law has another form there.

    edges: the irreducible factors of the edge polynomial.
    """
    product = ring.constant(1)
    for f in edges:
        product *= f
    x = _multiple_root(_inserted(ring, product, place), 2)
    if x is None:
        return None
    at = _Taylor(ring, polynomial, place)
    root = _multiple_root(at.in_value(x), 3)
    if root is None:
        return None
    third = root.field.element(sp.Rational(1, 6)) * at(root, x, 3)
    slope, moved = at(root, x, 0, 1), at(root, x, 0, 0, 1)
    if third.is_zero or slope.is_zero:
        return None
    tilt = at(root, x, 1, 0, 1) - at(root, x, 1, 1) * moved / slope
    if tilt.is_zero:
        return None
    ratio = _positive(place, slope / third, s)
    width = _positive(place, tilt, s) ** 3 / (_positive(place, third, s) * slope**2)
    half, one = sp.Rational(1, 2), sp.Rational(1, 3)
    squared = root.field.element(sp.Rational(16, 27)) * width
    return LocalForm(
        place.printed(x),
        Form(sp.sqrt(3) / (2 * sp.pi) * _power(place, ratio, one, s, bounds), one),
        width=Form(_power(place, squared, half, s, bounds), 3 * half),
        everywhere=all(place.is_regular(e, bounds) for e in (third, slope, tilt)),
    )


def widening_form(
    ring: Ring, polynomial: fmpz_mpoly, place: Place, bounds: Bounds, s: arb
) -> LocalForm | None:
    """Where an atom at 0 becomes a band; None where the law has another form there."""
    n = ring.degree(polynomial, G)
    turned = ring.context.from_dict({(*map(int, m[:3]), n - int(m[3])): c for m, c in polynomial.terms()})
    at, zero = _Taylor(ring, turned, place), place.root.field.element(sp.S.Zero)
    if not all(at(zero, zero, *orders).is_zero for orders in ((0,), (1,), (0, 1), (0, 2))):
        return None
    alpha = at(zero, zero, 2) * zero.field.element(sp.Rational(1, 2))
    beta, gamma = at(zero, zero, 1, 1), at(zero, zero, 0, 0, 1)
    if any(part.is_zero for part in (alpha, beta, gamma)):
        return None
    squared = zero.field.element(sp.S(16)) * _positive(place, alpha * gamma, s) / beta**2
    half = sp.Rational(1, 2)
    return LocalForm(
        sp.S.Zero,
        width=Form(_power(place, squared, half, s, bounds), half),
        everywhere=all(place.is_regular(e, bounds) for e in (alpha, beta, gamma)),
    )


@dataclass(frozen=True)
class _Taylor:
    """Partial derivatives of P at points of the field."""

    ring: Ring
    polynomial: fmpz_mpoly
    place: Place

    def in_value(self, x: Surd | None) -> list[Surd]:
        """P as a polynomial in G at x_c; at 0 for None."""
        if x is None:
            lowest = self.ring.coefficients(self.polynomial, z)[0]
            return _inserted(self.ring, lowest, self.place)
        parts = self.ring.coefficients(self.polynomial, G)
        return [
            _horner(_inserted(self.ring, parts[k], self.place), x) if k in parts else x - x
            for k in range(max(parts) + 1)
        ]

    def __call__(self, g: Surd, x: Surd, in_g: int, in_x: int = 0, in_t: int = 0) -> Surd:
        derived = self.polynomial
        for place, order in ((3, in_g), (2, in_x), (1, in_t)):
            for _ in range(order):
                derived = derived.derivative(place)
        if derived.is_zero():
            return g - g
        return _horner(_Taylor(self.ring, derived, self.place).in_value(x), g)


def _inserted(ring: Ring, polynomial: fmpz_mpoly, place: Place) -> list[Surd]:
    """A polynomial in one more variable beside s and t, over the field."""
    t, s = _powers(place.root), _powers(place.over)
    zero = place.root.field.element(sp.S.Zero)
    found: dict[int, Surd] = {}
    for monomial, c in polynomial.terms():
        k = int(monomial[2]) + int(monomial[3])
        term = t(int(monomial[1])) * s(int(monomial[0])) * zero.field.element(sp.Integer(int(c)))
        found[k] = found.get(k, zero) + term
    return [found.get(k, zero) for k in range(max(found) + 1)]


def _powers(base: Surd) -> Callable[[int], Surd]:
    known = [base.field.element(sp.S.One)]

    def power(k: int) -> Surd:
        while len(known) <= k:
            known.append(known[-1] * base)
        return known[k]

    return power


def _horner(coefficients: Sequence[Surd], y: Surd) -> Surd:
    total = y - y
    for c in reversed(coefficients):
        total = total * y + c
    return total


def _multiple_root(coefficients: Sequence[Surd], multiplicity: int) -> Surd | None:
    """The only multiple root of a polynomial over the field, if it is of that multiplicity."""
    p = _trimmed(coefficients)
    q = _trimmed([c * c.field.element(sp.Integer(k)) for k, c in enumerate(p)][1:])
    while q:
        while len(p) >= len(q):
            factor, shift = p[-1] / q[-1], len(p) - len(q)
            p = _trimmed([c - factor * q[k - shift] if k >= shift else c for k, c in enumerate(p[:-1])])
        p, q = q, p
    if len(p) != multiplicity:
        return None
    n = multiplicity - 1
    root = p[0] - p[0] - p[n - 1] / (p[n] * p[n].field.element(sp.Integer(n)))
    return root if all(_horner(d, root).is_zero for d in _derivatives(p)) else None


def _derivatives(p: list[Surd]) -> list[list[Surd]]:
    found = []
    while len(p) > 1:
        found.append(p)
        p = [c * c.field.element(sp.Integer(k)) for k, c in enumerate(p)][1:]
    return found


def _trimmed(coefficients: Sequence[Surd]) -> list[Surd]:
    found = list(coefficients)
    while found and found[-1].is_zero:
        found.pop()
    return found


def _positive(place: Place, element: Surd, s: arb) -> Surd:
    """Plus or minus the element, whichever is positive at the sample."""
    with ctx.workprec(BITS):
        value = place.number(element, s)
        if not value.is_finite() or value.contains(0):
            raise Undecided("the sign of a coefficient at the sample")
        return element if value > 0 else element.field.element(sp.S.Zero) - element


def _power(place: Place, element: Surd, exponent: sp.Rational, s: arb, bounds: Bounds) -> sp.Expr:
    """The power of an element that is positive at the sample, a square root taken in the field where it is.

    Factors that are shown to have one sign in the cell are taken with the one that makes them positive, so
    that powers of powers join; others stay together.
    """
    root = element.square_root() if exponent == sp.Rational(1, 2) else None
    if root is not None:
        content, surd = root
        return sp.Mul(sp.sqrt(content), _power(place, _positive(place, surd, s), sp.S.One, s, bounds))
    printed = place.printed(element)
    at = {place.symbol: sp.Float(s.mid().str(60, radius=False), 60)}
    found, left = [], sp.S.One
    for base, power in printed.as_powers_dict().items():
        content, rest = base.primitive() if base.is_Add else (sp.S.One, base)
        found.append(sp.Pow(content, power * exponent))
        if rest.is_negative or (rest.is_Add and sp.N(rest.subs(at), 30) < 0):
            rest, left = -rest, left * sp.S.NegativeOne**power
        if rest.is_positive or _has_one_sign(place, rest, bounds):
            found.append(sp.Pow(rest, power * exponent))
        else:
            left *= rest**power
    return sp.Mul(*found, sp.Pow(left, exponent))


def _has_one_sign(place: Place, factor: sp.Expr, bounds: Bounds) -> bool:
    """Whether a factor of an element is shown to be finite and not 0 in the cell."""
    field = place.root.field
    (u,) = field.ring.symbols
    w = field.element(sp.S.Zero, sp.S.One)
    inside = factor if place.power == 1 else factor.subs(place.symbol, u**place.power)
    try:
        return place.is_regular(field.evaluate(inside, {field.root: w}), bounds)
    except (NotRational, Undecided):
        return False
