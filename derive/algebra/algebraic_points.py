"""Points whose coordinates are algebraic numbers, one after the other, and exact questions about them.

A coordinate is a simple root of a polynomial with integer coefficients in the earlier coordinates and itself,
isolated by a ball. Whether an integer polynomial vanishes at the point is decided by Liouville's inequality:
a number of degree at most D and logarithmic height at most h is 0 or at least 2^(-D h) in modulus, so a ball
small enough around it tells which. Heights of roots are bounded by Gelfond's inequality
h(y) <= h(a_0 : ... : a_n) + log2(n + 1)/2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import log2
from typing import Any

from flint import Ordering, acb, acb_poly, arb, ctx, fmpq, fmpq_poly, fmpz_mpoly, fmpz_mpoly_ctx, fmpz_poly

from .number_fields import is_zero, multiple_root
from .signs import Undecided

COORDINATES = ("t", "x", "g", "c1", "c2", "c3", "c4", "c5", "c6")
RING = fmpz_mpoly_ctx.get([*COORDINATES, "u", "s"], Ordering.lex)
U, S = RING.gen(len(COORDINATES)), RING.gen(len(COORDINATES) + 1)
PLACE_U, PLACE_S = len(COORDINATES), len(COORDINATES) + 1

BITS = 256
START = 600  # bits at which clusters of roots are told apart
MOST_BITS = 6_000_000


def log2_length(coefficients: Sequence[Any]) -> float:
    """log2 of the sum of |coefficients|, at least 0."""
    return float(max(sum(abs(int(c)) for c in coefficients), 1).bit_length())


@dataclass(frozen=True)
class Coordinate:
    """One algebraic number.

    polynomial: in the earlier coordinates and this one, which is a simple root of it.
    ball: holds no other root of it.
    degree, height: bounds of the degree over the field of the earlier coordinates and of the height in bits.
    real: whether it is real.
    element: in Q[t]/(m), m the polynomial of the first coordinate, where it lies in that field.
    """

    polynomial: fmpz_mpoly
    ball: acb
    degree: int
    height: float
    real: bool
    element: fmpq_poly | None = None


@dataclass(frozen=True)
class Root:
    """A root of a polynomial over a point: a coordinate that can be adjoined, and its multiplicity."""

    coordinate: Coordinate
    multiplicity: int


@dataclass(frozen=True)
class Point:
    """Algebraic numbers (t, x, g, c1, ...), as many as there are coordinates."""

    coordinates: tuple[Coordinate, ...] = ()
    _values: dict[int, list[Any]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def next(self) -> fmpz_mpoly:
        """The variable of the coordinate that would come next."""
        if len(self.coordinates) == len(COORDINATES):
            raise Undecided("a local expansion needs too many algebraic numbers")
        return RING.gen(len(self.coordinates))

    def with_root(self, coordinate: Coordinate) -> Point:
        """The point with one more coordinate."""
        return Point((*self.coordinates, coordinate))

    def with_rational(self, value: Fraction) -> Point:
        """The point with one more coordinate, a rational number."""
        p, q = value.numerator, value.denominator
        height = float(max(abs(p), q).bit_length())
        with ctx.workprec(BITS):
            ball = acb(arb(fmpq(p, q)))
        element = fmpq_poly([fmpq(p, q)])
        return self.with_root(Coordinate(q * self.next - p, ball, 1, height, True, element))

    def values(self, bits: int) -> list[Any]:
        """Balls around the coordinates, to about so many bits; real ones as `arb`."""
        if bits not in self._values:
            found: list[Any] = []
            with ctx.workprec(bits + 64):
                for coordinate in self.coordinates:
                    coefficients = self._coefficients(coordinate.polynomial, len(found), found)
                    found.append(_refined(coefficients, coordinate.ball, coordinate.real))
            self._values[bits] = found
        return self._values[bits]

    def value(self, polynomial: fmpz_mpoly, bits: int = BITS) -> Any:
        """A ball around the value of a polynomial in the coordinates."""
        values = self.values(bits)
        with ctx.workprec(bits + 64):
            return _evaluate(_terms(polynomial, len(values)), values)

    def _coefficients(self, polynomial: fmpz_mpoly, place: int, values: list[Any]) -> list[Any]:
        """Balls around the coefficients in the variable of that place."""
        rows: dict[int, dict[tuple[int, ...], int]] = {}
        for monomial, c in polynomial.terms():
            rows.setdefault(int(monomial[place]), {})[tuple(map(int, monomial[:place]))] = int(c)
        return [_evaluate(rows.get(k, {}), values) for k in range(max(rows, default=0) + 1)]

    @property
    def degree(self) -> int:
        """At most the degree of the field of all coordinates."""
        total = 1
        for coordinate in self.coordinates:
            total *= coordinate.degree
        return total

    def height(self, polynomial: fmpz_mpoly) -> float:
        """At most the height of the value of a polynomial, in bits."""
        degrees = polynomial.degrees()
        parts = zip(degrees, self.coordinates, strict=False)
        return log2_length(polynomial.coeffs()) + sum(int(d) * c.height for d, c in parts)

    def vanishes(self, polynomial: fmpz_mpoly) -> bool:
        """Whether the polynomial is 0 at this point, decided exactly."""
        if polynomial.is_zero():
            return True
        if not self.value(polynomial).contains(0):
            return False
        elements = self._elements(polynomial)
        if elements is not None:
            return is_zero(polynomial, elements, self._minimal)
        bits = int(self.degree * self.height(polynomial)) + 16
        if bits > MOST_BITS:
            raise Undecided(f"whether an algebraic number is 0 would take {bits} bits")
        lost = int(self.height(polynomial)) + 64  # terms may be as large as that
        for precision in (bits // 8, bits + lost):
            ball = self.value(polynomial, max(precision, BITS))
            if not ball.contains(0):
                return False
        with ctx.workprec(64):
            if not (abs(ball).upper() < arb(2) ** -bits):
                raise Undecided("an algebraic number could not be evaluated closely enough")
        return True

    @property
    def _minimal(self) -> fmpz_poly:
        return univariate(self.coordinates[0].polynomial, 0)

    def _elements(self, polynomial: fmpz_mpoly) -> list[fmpq_poly] | None:
        """The coordinates as elements of the field of the first, where those that stand in it are."""
        used = [c for c, d in zip(self.coordinates, polynomial.degrees(), strict=False) if int(d)]
        if any(c.element is None for c in used):
            return None
        return [c.element if c.element is not None else fmpq_poly([0]) for c in self.coordinates]

    def roots(self, polynomial: fmpz_mpoly, meet: bool = False) -> tuple[list[Root], int]:
        """The roots of a polynomial in the next coordinate, multiple ones told exactly, and its degree.

        meet: whether it is known that some of them are equal; then two that alone are close are.
        Raises `Undecided` where roots are too close to tell.
        """
        place = len(self.coordinates)
        polynomial = self.trimmed(polynomial, place)
        degree = int(polynomial.degrees()[place])
        if degree < 1:
            return [], degree
        trouble: Exception | None = None
        for bits in (START, 4 * START):
            try:
                return self._roots(polynomial, place, degree, bits, meet), degree
            except (Undecided, ValueError) as error:
                trouble = error
        raise Undecided(f"the roots of a polynomial of degree {degree} could not be told apart") from trouble

    def clusters(self, polynomial: fmpz_mpoly, bits: int = START) -> list[list[acb]]:
        """Approximate roots in the next coordinate; those that the precision cannot tell apart together."""
        place = len(self.coordinates)
        with ctx.workprec(bits + 64):
            exact = self._coefficients(self.trimmed(polynomial, place), place, self.values(bits))
            return _clusters(_approximate_roots(exact, bits), bits)

    def trimmed(self, polynomial: fmpz_mpoly, place: int) -> fmpz_mpoly:
        """Without the leading terms that vanish at the point."""
        while True:
            top = int(polynomial.degrees()[place]) if not polynomial.is_zero() else 0
            if top < 1:
                return polynomial
            lead = coefficient(polynomial, place, top)
            if not self.vanishes(lead):
                return polynomial
            polynomial = polynomial - lead * RING.gen(place) ** top

    def _roots(self, polynomial: fmpz_mpoly, place: int, degree: int, bits: int, meet: bool) -> list[Root]:
        clusters = self.clusters(polynomial, bits)
        sizes = [len(members) for members in clusters if len(members) > 1]
        height = self._root_height(polynomial, place, degree)
        real = all(c.real for c in self.coordinates)
        element = self._only_root(polynomial, place, degree, sizes)
        roots = []
        for members in clusters:
            k = len(members)
            derived = polynomial
            for _ in range(k - 1):
                derived = derived.derivative(place)
            with ctx.workprec(bits + 64):
                coefficients = self._coefficients(derived, place, self.values(bits))
                ball, is_real = _isolated(coefficients, sum(members, acb(0)) / k, real, bits)
            own = element if k == max(sizes, default=1) else None
            root = Coordinate(_primitive(derived), ball, degree - k + 1, height, is_real, own)
            point = self.with_root(root)
            below = polynomial
            for _ in range(0 if own is not None or (meet and sizes == [2]) else k - 1):
                if not point.vanishes(below):
                    raise Undecided("roots that are close but differ")
                below = below.derivative(place)
            roots.append(Root(root, k))
        counts = {k: sum(r.multiplicity == k for r in roots) for k in {r.multiplicity for r in roots}}
        # conjugates over the field of the earlier coordinates have the same multiplicity
        return [
            Root(
                replace(c, degree=1 if c.element is not None else min(c.degree, counts[r.multiplicity])),
                r.multiplicity,
            )
            for r in roots
            for c in (r.coordinate,)
        ]

    def _only_root(
        self, polynomial: fmpz_mpoly, place: int, degree: int, sizes: list[int]
    ) -> fmpq_poly | None:
        """The root of a linear polynomial, or the only multiple root, in the first coordinate's field."""
        elements = self._elements(polynomial)
        if elements is None or not self.coordinates or not (degree == 1 or len(sizes) == 1):
            return None
        parts = [coefficient(polynomial, place, k) for k in range(degree + 1)]
        return multiple_root(parts, sizes[0] if sizes else 1, elements, self._minimal)

    def _root_height(self, polynomial: fmpz_mpoly, place: int, degree: int) -> float:
        parts = [coefficient(polynomial, place, k) for k in range(degree + 1)]
        longest = max(log2_length(p.coeffs()) for p in parts if not p.is_zero())
        degrees = polynomial.degrees()
        earlier = zip(degrees[:place], self.coordinates, strict=True)
        return longest + sum(int(d) * c.height for d, c in earlier) + log2(degree + 1) / 2


def parameter_points(polynomial: fmpz_poly) -> list[Point]:
    """The real roots of an irreducible integer polynomial, ascending, each a point (t,)."""
    degree = polynomial.degree()
    height = log2(sum(int(c) ** 2 for c in polynomial.coeffs())) / (2 * degree)
    lifted = RING.from_dict({(k, *(0,) * (PLACE_S)): c for k, c in enumerate(polynomial.coeffs()) if c})
    with ctx.workprec(BITS):
        roots = [root for root, _ in polynomial.complex_roots() if root.imag.is_zero()]
    if degree == 1:
        value = Fraction(-int(polynomial[0]), int(polynomial[1]))
        return [Point().with_rational(value)]
    roots.sort(key=lambda root: float(root.real.mid()))
    t = fmpq_poly([0, 1])
    return [Point((Coordinate(lifted, root, degree, max(height, 1e-9), True, t),)) for root in roots]


def midpoint(ball: arb) -> Fraction:
    """The centre of a ball as a rational number."""
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def univariate(polynomial: fmpz_mpoly, place: int) -> fmpz_poly:
    """A polynomial in one variable alone."""
    dense = [0] * (int(polynomial.degrees()[place]) + 1)
    for monomial, c in polynomial.terms():
        dense[int(monomial[place])] = int(c)
    return fmpz_poly(dense)


def coefficient(polynomial: fmpz_mpoly, place: int, power: int) -> fmpz_mpoly:
    """The coefficient of that power of a variable."""
    rest = {}
    for monomial, c in polynomial.terms():
        if int(monomial[place]) == power:
            rest[tuple(0 if i == place else int(e) for i, e in enumerate(monomial))] = c
    return RING.from_dict(rest)


def _terms(polynomial: fmpz_mpoly, count: int) -> dict[tuple[int, ...], int]:
    return {tuple(map(int, m[:count])): int(c) for m, c in polynomial.terms()}


def _evaluate(terms: dict[tuple[int, ...], int], values: Sequence[Any]) -> Any:
    """Nested: the innermost variable, the first one, only sees integers."""
    if not values or not terms:
        return arb(sum(terms.values()))
    groups: dict[int, dict[tuple[int, ...], int]] = {}
    for monomial, c in terms.items():
        groups.setdefault(monomial[len(values) - 1], {})[monomial[: len(values) - 1]] = c
    total: Any = arb(0)
    last, reached = values[-1], max(groups)
    if len(values) == 1:
        power: Any = arb(1)
        for k in range(reached + 1):
            if k in groups:
                total += power * sum(groups[k].values())
            if k < reached:
                power *= last
        return total
    for k in range(reached, -1, -1):
        total = total * last
        if k in groups:
            total += _evaluate(groups[k], values[:-1])
    return total


def _polynomial(coefficients: Sequence[Any], y: Any) -> Any:
    total: Any = arb(0)
    for c in reversed(coefficients):
        total = total * y + c
    return total


def _derivative(coefficients: Sequence[Any]) -> list[Any]:
    return [k * c for k, c in enumerate(coefficients)][1:]


def around(centre: Any, radius: Any) -> acb:
    """The square ball around a point."""
    reach = arb(0, radius)
    centre = acb(centre).mid()
    return acb(centre.real + reach, centre.imag + reach)


def _refined(coefficients: Sequence[Any], ball: acb, real: bool) -> Any:
    """Newton's interval method, until the ball no longer halves."""
    slope = _derivative(coefficients)
    current: Any = ball.real if real else ball
    while True:
        middle = current.mid()
        new = middle - _polynomial(coefficients, middle) / _polynomial(slope, current)
        size, before = abs(new - new.mid()).upper(), abs(current - middle).upper()
        if not (size * 2 < before):
            return current
        current = new


def _isolated(coefficients: Sequence[Any], centre: acb, real: bool, bits: int) -> tuple[acb, bool]:
    """A ball around a simple root near the centre that holds no other, and whether that is real."""
    slope = _derivative(coefficients)
    for shift in range(bits // 12, bits, bits // 24):
        radius = arb(2) ** -shift * (1 + abs(centre).upper())
        tries = [(centre, False)]
        if real and not (abs(centre.imag) > radius):
            tries = [(acb(centre.real), True)]
        for middle, is_real in tries:
            ball = around(middle, radius.upper())
            middle = ball.mid()
            below = _polynomial(slope, ball)
            if below.contains(0):
                continue
            new = acb(middle - _polynomial(coefficients, middle) / below)
            if ball.contains(new):
                return ball, is_real
    raise Undecided("a simple root could not be isolated")


def _approximate_roots(coefficients: Sequence[Any], bits: int) -> list[acb]:
    """Roots of a polynomial that differs from this one by less than the precision, all simple."""
    step = sum((abs(c).upper() for c in coefficients), arb(0)).mid() * arb(2) ** -bits
    moved = [(acb(c) + step * (k * k + 1)).mid() for k, c in enumerate(coefficients)]
    if any(not c.imag.is_zero() for c in moved):
        return [root.mid() for root in acb_poly(moved).roots(tol=arb(2) ** -bits, maxprec=64 * bits)]
    scale = (arb(2) ** 64 / step).mid()
    whole = fmpz_poly([(c.real * scale).mid().floor().unique_fmpz() for c in moved])
    return [root.mid() for root, _ in whole.complex_roots()]


def _clusters(roots: list[acb], bits: int) -> list[list[acb]]:
    """Roots that the precision cannot tell apart, together: k of them differ by 2^(-bits / k)."""
    scale = max([abs(root).mid() for root in roots] + [arb(1)], key=float)
    left, clusters = list(roots), []
    while left:
        first = left[0]
        near = sorted(left, key=lambda other: float(abs(other - first).mid()))
        size = 1
        for k in range(2, len(near) + 1):
            if abs(near[k - 1] - first).mid() <= scale * arb(2) ** (-bits / (1.6 * k)):
                size = k
        clusters.append(near[:size])
        left = [root for root in left if all(root is not other for other in near[:size])]
    return clusters


def _primitive(polynomial: fmpz_mpoly) -> fmpz_mpoly:
    return polynomial.primitive()[1]
