"""The physical sheet of an algebraic law: G(z) ~ 1/z continued from infinity, every step proved.

A path is cut into pieces. On each, Newton's interval method shows that one square holds exactly one root of
P(., z) for every z of the piece; so the root at its end is the one that was followed. The branch of a law is
analytic in the upper half-plane, where any path will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb, lcm
from typing import Any

from flint import acb, acb_poly, arb, ctx, fmpq

from ..algebra.algebraic_points import BITS, around
from ..algebra.signs import Undecided

LEANS = (0.0, 0.43, -0.57, 1.1)
SHORTEST = 2.0**-30  # of what is left of a path
MOST_STEPS = 4000


@dataclass(frozen=True)
class Sheets:
    """P(G, z) = sum of rows[i](z) G^i at one value of the parameter, exact or enclosed by balls.

    mean: where several branches have G ~ 1/z, a ball around the mean of the law that no other one has.
    order: the least a + k of a term (z G - 1)^a z^-k, where the rows are no exact numbers that tell it.
    """

    rows: tuple[acb_poly, ...]
    mean: arb | None = None
    order: int | None = None
    _start: list[tuple[Any, Any, Any]] = field(default_factory=list, compare=False, repr=False)

    @property
    def start(self) -> tuple[Any, Any, Any]:
        """(R, w, r): for |z| >= R exactly one root G = (1 + v)/z has |v| <= r, and with a mean, v = u/z,
        exactly one has |u - w| <= r."""
        if not self._start:
            with ctx.workprec(BITS):
                self._start.append(self._infinity())
        return self._start[0]

    def _near_infinity(self, z: acb) -> acb:
        """A ball that holds exactly the law's root at |z| >= R."""
        _, w, r = self.start
        v = around(acb(w), r)
        return (1 + (v if self.mean is None else v / z)) / z

    def _infinity(self) -> tuple[Any, Any, Any]:
        # sum of b[a][k] v^a y^k is y^top P(y (1 + v), 1/y)
        n = len(self.rows) - 1
        rows = [[arb(row[j].real) for j in range(len(row))] for row in self.rows]
        top = max(j - i for i, row in enumerate(rows) for j in range(len(row)) if not row[j].is_zero())
        table = [[arb(0)] * (n + top + 1) for _ in range(n + 1)]
        for i, row in enumerate(rows):
            for j, c in enumerate(row):
                if not c.is_zero():
                    for a in range(i + 1):
                        table[a][i - j + top] += c * comb(i, a)
        table[0][0] = arb(0)  # G ~ 1/z
        centre = arb(0)
        if self.mean is not None:
            table, centre = _blown_up(table, self.order), self.mean.mid()
        powers = [acb_poly(row) for row in table]
        bound = max(arb(1), abs(centre).upper())
        for shift in range(200):
            outer = bound * arb(2) ** shift
            y = around(acb(0), (1 / outer).upper())
            inside = _shifted([power(y) for power in powers], acb(centre))
            for smaller in range(1, 8):
                r = (arb(4) ** -smaller * max(arb(1), abs(centre).upper())).mid()
                square = around(acb(0), r)
                _, slope = _value_and_slope(inside, square)
                newton = -inside[0] / slope
                if slope.contains(0) or not square.contains(newton):
                    continue
                if self.mean is None or square.contains(acb(self.mean - centre)):
                    return outer, centre, r
        raise Undecided("no branch with G ~ 1/z was isolated at infinity")

    def at(self, z: acb) -> list[acb]:
        """The coefficients of P(., z)."""
        return [row(z) for row in self.rows]

    def physical(self, end: acb) -> acb:
        """A ball around the physical root at z = end, Im z >= 0 and no branch point on the axis itself."""
        with ctx.workprec(BITS):
            trouble: Undecided | None = None
            for lean in LEANS:
                try:
                    return self._descended(acb(end), lean)
                except Undecided as undecided:
                    trouble = undecided
            raise Undecided(f"the branch could not be followed to {end}") from trouble

    def _descended(self, end: acb, lean: float) -> acb:
        height = (2 * self.start[0] + 2 * abs(end).upper()).mid()
        z = (end + acb(height * lean, height)).mid()
        g = self._polished(z, self._near_infinity(z))
        _, w, r = self.start
        v = z * g - 1
        if not around(acb(w), r).contains(v if self.mean is None else z * v):
            raise Undecided("the root with G ~ 1/z could not be isolated")
        return self.along(z, g, end)

    def on_axis(self, side: int) -> acb:
        """A ball around G(0), followed along the real axis from infinity, on the left (-1) or right (1) of 0.

        Where this succeeds no point of the spectrum is on that side. Each step holds one root alone, which
        is real as it was at infinity: no density; and G keeps its sign, that of the side, at every step: past
        an atom, its pole, it would have the other one.
        """
        with ctx.workprec(BITS):
            z = acb(side * (2 * self.start[0]).mid())
            g = self._polished(z, self._near_infinity(z))
            return self._straight(z, g, acb(0), side)

    def along(self, z: acb, g: acb, *path: acb) -> acb:
        """The root at the path's end, followed from the root in the ball g at z over straight pieces."""
        with ctx.workprec(BITS):
            for end in path:
                g = self._straight(z, g, end)
                z = end
            return g

    def _straight(self, z: acb, g: acb, end: acb, sign: int = 0) -> acb:
        """The root at `end`; where a sign is given, Re G must have it at the end of each step."""
        start, done, step, inverse = z, arb(0), arb(1) / 4, False
        for _ in range(MOST_STEPS):
            left = 1 - done
            step = min(step, left, key=float)
            new = end if step >= left else (start + (end - start) * (done + step)).mid()
            found = self._step(z, g, new, inverse)
            if found is None:
                inverse = not inverse
                found = self._step(z, g, new, inverse)
            if found is None:
                step = (step / 2).mid()
                if step < SHORTEST * left:
                    break
                continue
            z, g = new, found
            if sign and not sign * g.real > 0:
                break
            done = (done + step).mid()
            if new is end:
                return g
            step = (step * 1.8).mid()
        raise Undecided("a step of the continuation became too short, or G changed its sign")

    def _step(self, z: acb, g: acb, new: acb, inverse: bool) -> acb | None:
        """The root at `new`, None if not shown; in w = 1/G if `inverse`, which poles of G ask for."""
        centre = ((z + new) / 2).mid()
        rows = [row(acb_poly([centre, 1])) for row in self.rows]
        here, there = g, self._predicted(z, g, centre)
        if inverse:
            if g.contains(0) or there.contains(0):
                return None
            here, there, rows = 1 / g, 1 / g + (g - there) / g**2, rows[::-1]
        line = _tangent(rows, there.mid())
        if line is None:
            return None
        # P(line(s) + v, centre + s), so that balls for v and s lose little
        moved = z.union(new) - centre
        coefficients = [c(moved) for c in _shifted(rows, line)]
        if coefficients[1].contains(0):
            return None
        newton = -coefficients[0] / coefficients[1]
        offset = here - line(z - centre)
        reach = max((1.5 * abs(newton)).upper(), (1.2 * abs(offset)).upper(), key=float)
        square = around(acb(0), reach)
        _, slope = _value_and_slope(coefficients, square)
        if slope.contains(0):
            return None
        newton = -coefficients[0] / slope
        if not (square.contains(newton) and square.contains(offset)):
            return None
        root = line(new - centre) + newton
        if inverse and root.contains(0):
            return None
        try:
            found = self._polished(new, 1 / root if inverse else root)
        except Undecided:
            return None
        # the rectangle around 1/root may be far larger than its image, and hold another root
        return None if inverse and not root.contains(1 / found) else found

    def _predicted(self, z: acb, g: acb, there: acb) -> acb:
        """G at another place, to first order."""
        z, g = z.mid(), g.mid()
        _, slope = _value_and_slope(self.at(z), g)
        if slope.contains(0):
            return g
        moved, _ = _value_and_slope([row.derivative()(z) for row in self.rows], g)
        return g - (there - z) * moved / slope

    def _polished(self, z: acb, inside: acb) -> acb:
        """A small ball around the only root at z in the given one."""
        coefficients = self.at(z)
        middle = inside.mid()
        for _ in range(60):
            value, slope = _value_and_slope(coefficients, middle)
            if slope.contains(0):
                break
            move = (value / slope).mid()
            middle = (middle - move).mid()
            if abs(move).mid() <= abs(middle).mid() * arb(2) ** (16 - BITS // 2):
                break
        found = self._proved(coefficients, middle)
        if found is None or not inside.contains(found):
            raise Undecided("a root could not be isolated")
        return found

    def _proved(self, coefficients: list[acb], middle: acb, around_it: Any = 0) -> acb | None:
        """A ball that holds exactly one root, close to `middle`; None if that is not shown."""
        shifted = _shifted(coefficients, middle)
        if shifted[1].contains(0):
            return None
        square = around(acb(0), (2 * abs(shifted[0] / shifted[1]).upper() + around_it).upper())
        _, slope = _value_and_slope(shifted, square)
        if slope.contains(0):
            return None
        newton = -shifted[0] / slope
        return middle + newton if square.contains(newton) else None

    def is_real(self, x: arb, g: acb) -> bool:
        """Whether the root in the ball g at real x is real."""
        with ctx.workprec(BITS):
            if not g.imag.contains(0):
                return False
            # one root in a square that is its own mirror image
            found = self._proved(self.at(acb(x)), acb(g.real.mid()), 4 * abs(g - acb(g.real.mid())).upper())
            if found is not None and found.overlaps(g):
                return True
            raise Undecided(f"whether G is real at {x}")


def integral_rows(table: Sequence[Sequence[fmpq]]) -> tuple[acb_poly, ...]:
    """The rows of a polynomial with rational coefficients [i][j] of G^i z^j, times what makes them integers.

    Integers are exact balls, so that what cancels between them is exactly 0.
    """
    scale = lcm(*(int(c.q) for row in table for c in row))
    return tuple(acb_poly([acb((c * scale).p) for c in row]) for row in table)


def _blown_up(table: list[list[Any]], known: int | None) -> list[list[Any]]:
    """The coefficients of u^a y^k, v = y u, where several branches meet at v = y = 0, free of powers of y."""
    order = min(a + k for a, row in enumerate(table) for k, value in enumerate(row) if value != 0)
    order = order if known is None else min(order, known)
    lower = [row[k] for a, row in enumerate(table) for k in range(min(max(order - a, 0), len(row)))]
    if known is None and not all(value.is_zero() for value in lower):
        raise Undecided("how many branches have G ~ 1/z at infinity")
    return [[arb(0)] * max(a - order, 0) + row[max(order - a, 0) :] for a, row in enumerate(table)]


def _tangent(rows: list[acb_poly], g: acb) -> acb_poly | None:
    """G to first order in s, improved by one step of Newton's method at s = 0."""
    value, slope = acb_poly([0]), acb(0)
    for row in reversed(rows):
        slope = slope * g + value[0]
        value = value * g + row
    if slope.contains(0):
        return None
    return acb_poly([(g - value[0] / slope).mid(), (-value[1] / slope).mid()])


def _shifted(rows: list[Any], middle: Any) -> list[Any]:
    """The coefficients in v of the polynomial at middle + v, by repeated Horner schemes."""
    rows = list(rows)
    for k in range(len(rows) - 1):
        for i in range(len(rows) - 2, k - 1, -1):
            rows[i] = rows[i] + middle * rows[i + 1]
    return rows


def _value_and_slope(coefficients: Sequence[acb], g: acb) -> tuple[acb, acb]:
    value, slope = acb(0), acb(0)
    for c in reversed(coefficients):
        slope = slope * g + value
        value = value * g + c
    return value, slope
