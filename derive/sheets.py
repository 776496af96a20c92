"""The physical sheet of an algebraic law: G(z) ~ 1/z continued from infinity, every step proved.

A path is cut into pieces. On each, Newton's interval method shows that one square holds exactly one root of
P(., z) for every z of the piece; so the root at its end is the one that was followed. The branch of a law is
analytic in the upper half-plane, where any path will do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flint import acb, acb_poly, arb, ctx

from .algebraic_points import BITS, around
from .signs import Undecided

LEANS = (0.0, 0.43, -0.57, 1.1)
SHORTEST = 2.0**-30  # of what is left of a path
MOST_STEPS = 4000


@dataclass(frozen=True)
class Sheets:
    """P(G, z) = sum of rows[i](z) G^i at one value of the parameter, exact or enclosed by balls."""

    rows: tuple[acb_poly, ...]
    _start: list[tuple[Any, Any]] = field(default_factory=list, compare=False, repr=False)

    @property
    def start(self) -> tuple[Any, Any]:
        """(R, r): for |z| >= R exactly one root has |z G - 1| <= r."""
        if not self._start:
            with ctx.workprec(BITS):
                self._start.append(self._infinity())
        return self._start[0]

    def _infinity(self) -> tuple[Any, Any]:
        # b(v, y) = y^top P(y (1 + v), 1/y), G = y (1 + v)
        table = [[arb(row[j].real) for j in range(len(row))] for row in self.rows]
        n = len(table) - 1
        top = max(j - i for i, row in enumerate(table) for j in range(len(row)) if not row[j].is_zero())
        bound = arb(1)
        for shift in range(200):
            y = around(acb(0), (bound * arb(2) ** -shift).upper())
            by_power = [acb(0)] * (n + 1)
            for i, row in enumerate(table):
                total = acb(0)
                for j, c in enumerate(row):
                    if not c.is_zero():
                        total += c * y ** (i - j + top)
                by_power[i] = total
            constant = acb(0)  # b(0, y) without its term free of y, which vanishes
            for i, row in enumerate(table):
                for j, c in enumerate(row):
                    if i - j + top > 0:
                        constant += c * y ** (i - j + top)
            for smaller in range(1, 8):
                r = arb(4) ** -smaller
                v = around(acb(0), r)
                slope = acb(0)
                for i in range(n, 0, -1):
                    slope += i * by_power[i] * (1 + v) ** (i - 1)
                if not slope.contains(0) and v.contains(-constant / slope):
                    return bound * arb(2) ** shift, r
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
        outer, r = self.start
        height = (2 * outer + 2 * abs(end).upper()).mid()
        z = (end + acb(height * lean, height)).mid()
        g = self._polished(z, around(acb(0), r) / z + 1 / z)
        if not around(acb(0), r).contains(z * g - 1):
            raise Undecided("the root with G ~ 1/z could not be isolated")
        return self.along(z, g, end)

    def along(self, z: acb, g: acb, *path: acb) -> acb:
        """The root at the path's end, followed from the root in the ball g at z over straight pieces."""
        with ctx.workprec(BITS):
            for end in path:
                g = self._straight(z, g, end)
                z = end
            return g

    def _straight(self, z: acb, g: acb, end: acb) -> acb:
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
            done = (done + step).mid()
            if new is end:
                return g
            step = (step * 1.8).mid()
        raise Undecided("a step of the continuation became too short")

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
