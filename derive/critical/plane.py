"""Two parameters: the curves f(t, s) = 0 that can be critical, and the s at which their picture changes.

1. P(G, x, t, s)  -> the edge polynomial's factors E(x, t, s)
2. E              -> irreducible curves f(t, s): discriminants, resultants, leading coefficients, E at x = 0
3. f, ends of t   -> the same once more: points s where curves meet, turn back, leave the domain or escape

This is the projection of a cylindrical algebraic decomposition (McCallum's). Between neighbouring points the
real roots t of the curves are distinct and move analytically, so they keep their order; off them the real
roots x of E are distinct, and on each of them the multiplicities of the roots x are constant.

Exponents are constant too. Next to a root t_c(s) the discriminant of x E in x is a unit times a power of
t - t_c(s), so (Puiseux with a parameter) its roots are analytic in a power of t - t_c and in s, and every
difference of two of them is a unit times a power of t - t_c. On t = t_c the discriminant of P in G and its
leading coefficient are, next to a root x_c(s), units times powers of x - x_c, so the same holds of G minus
its conjugate. Only on the curves `degenerate`, where that discriminant vanishes for all x, this says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations

import sympy as sp
from flint import arb, fmpz_mpoly

from ..algebra.algebraic_points import RING, midpoint
from ..algebra.rings import Ring, factors_of
from ..algebra.signs import Undecided
from ..language.parameters import Interval, Parameter
from ..laws import Algebraic, G, z
from .candidates import (
    DEGENERATE,
    ESCAPE,
    MEET,
    Candidate,
    Condition,
    candidates,
    conditions,
    reaches_infinity,
)
from .clusters import close, clusters_at
from .local_laws import T, X
from .spectrum_shapes import at_parameter, isolated, real_roots

FEWEST, SIDES = 2, (-1, 1)
LOST = "the edge polynomial loses more terms"
WORDS = {
    MEET: "critical curves meet, turn back or leave the domain",
    ESCAPE: "a curve escapes to infinity",
    DEGENERATE: "singular points meet, reach 0 or escape for every value of the parameter",
    LOST: "more singular points escape on a curve",
}


@dataclass(frozen=True)
class Section:
    """A real root t of one curve at a rational s.

    curve: its place among the curves. rank: which root of it inside the domain, from below, 1 first; 0 for
        those outside. An end that belongs to the domain counts as inside.
    """

    ball: arb
    curve: int
    rank: int


@dataclass(frozen=True)
class Plane:
    """The equation with two parameters t and s, and what is projected from it.

    curves: irreducible, in RING with s in the place of its first variable and t in that of its second;
        the finite ends of t's domain are among them.
    conditions: (reason, polynomial in s).
    degenerate: the curves on which the discriminant of P in G vanishes for all x.
    """

    parameter: Parameter
    over: Parameter
    ring: Ring
    polynomial: fmpz_mpoly
    edges: tuple[fmpz_mpoly, ...]
    curves: tuple[fmpz_mpoly, ...]
    conditions: tuple[Condition, ...]
    degenerate: frozenset[int]

    @classmethod
    def of(cls, law: Algebraic, parameter: Parameter, over: Parameter, most: int) -> Plane:
        """Of a law with these two parameters."""
        t, s = parameter.symbol, over.symbol
        ring = Ring((s, t, z, G))
        _, factors = factors_of(ring.fraction(law.polynomial).numerator)
        several = law.mean is not None
        proper = [f for f, _ in factors if ring.degree(f, G) > 0 and reaches_infinity(f, 2, 3, several)]
        if len(proper) != 1:
            raise Undecided(f"{len(proper)} factors of the equation have G ~ 1/z at infinity; 1 should")
        (polynomial,) = proper
        degree = ring.degree(polynomial, G)
        if not FEWEST <= degree <= most:
            raise Undecided(
                f"the equation has degree {degree} in G; critical curves are derived for 2 to {most}"
            )
        whole = polynomial.discriminant("x3") * ring.coefficients(polynomial, G)[degree]
        parts = [f for f, _ in sorted(factors_of(whole)[1], key=lambda item: (len(item[0]), str(item[0])))]
        edges = tuple(f for f in parts if ring.degree(f, z) > 0)
        found = [f for f in parts if ring.degree(f, z) == 0]
        leads = []
        for f in edges:
            by_power = ring.coefficients(f, z)
            top = max(by_power)
            found += [f.discriminant("x2")] if top > 1 else []
            found += [by_power[0]] if 0 in by_power else []
            found.append(by_power[top])
            leads.append([by_power[k] for k in sorted(by_power, reverse=True)])
        found += [f.resultant(h, "x2") for f, h in combinations(edges, 2)]
        irreducible = {str(f): f for p in found for f, _ in factors_of(p)[1]}
        ends = [e for e in (parameter.interval.low, parameter.interval.high) if e is not None]
        for end in ends:
            line = ring.polynomial(end.denominator * t - end.numerator)
            irreducible.setdefault(str(line), line)
        ordered = sorted(irreducible.values(), key=lambda f: (len(f), str(f)))
        curves = [f for f in ordered if ring.degree(f, t) > 0]
        alone = [f for f in ordered if ring.degree(f, t) == 0 and ring.degree(f, s) > 0]
        wanted = [
            *conditions([_lowered(f) for f in curves], [_lowered(f) for f in alone]),
            *((LOST, _lowered(p)) for p in _lost_terms(ring, curves, leads, t)),
        ]
        free = [str(f) for f in parts if ring.degree(f, z) == 0]
        degenerate = frozenset(k for k, f in enumerate(curves) if str(f) in free)
        found_curves = tuple(map(_lowered, curves))
        return cls(parameter, over, ring, polynomial, edges, found_curves, tuple(wanted), degenerate)

    def expression(self, curve: int) -> sp.Expr:
        """The polynomial of a curve."""
        symbols = {T: self.over.symbol, X: self.parameter.symbol}
        return sp.Add(
            *(
                int(c) * symbols[T] ** int(m[T]) * symbols[X] ** int(m[X])
                for m, c in self.curves[curve].terms()
            )
        )

    def points(self) -> tuple[Candidate, ...]:
        """The values of s inside its domain at which the picture may change, ascending."""
        return candidates(self.conditions, self.over.interval)

    @cached_property
    def _closed_ends(self) -> frozenset[int]:
        """The curves t = end for the ends that belong to the domain."""
        domain, t = self.parameter.interval, RING.gen(X)
        pairs = ((domain.low, domain.closed_low), (domain.high, domain.closed_high))
        lines = [end.denominator * t - end.numerator for end, closed in pairs if end is not None and closed]
        return frozenset(k for k, f in enumerate(self.curves) if any(f in (line, -line) for line in lines))

    def sections(self, s: Fraction) -> tuple[Section, ...]:
        """The real roots t of all curves at a rational s between the points, ascending."""
        at = [at_parameter(f, s) for f in self.curves]
        count: dict[int, int] = {}
        found = []
        for ball, factor in real_roots(isolated(at)):
            curve = next(j for j, f in enumerate(at) if (f % factor).is_zero())
            rank = 0
            if curve in self._closed_ends or _within(self.parameter.interval, ball):
                rank = count[curve] = count.get(curve, 0) + 1
            found.append(Section(ball, curve, rank))
        return tuple(found)

    def passing(
        self, point: Candidate, near: dict[int, Fraction], sections: dict[int, Sequence[Section]]
    ) -> dict[int, int]:
        """Which sections below the point go on above it, undisturbed: their limit is a simple root there."""
        if {DEGENERATE, LOST} & set(point.reasons):
            return {}
        clusters, outer = clusters_at(self.curves, point)
        homes: dict[int, dict[int, list[int]]] = {k: {-1: [], 1: []} for k in range(len(clusters))}
        for side in SIDES:
            s = close(self.curves, point, side, clusters, outer, near[side])
            roots = self.sections(s)
            if len(roots) != len(sections[side]):
                raise Undecided("the number of critical curves' real roots is not constant in a cell")
            for index, section in enumerate(roots):
                for k, cluster in enumerate(clusters):
                    if cluster.size == 1 and cluster.low < midpoint(section.ball) < cluster.high:
                        homes[k][side].append(index)
        return {
            home[-1][0]: home[1][0] for home in homes.values() if len(home[-1]) == 1 and len(home[1]) == 1
        }


def _lost_terms(
    ring: Ring, curves: Sequence[fmpz_mpoly], leads: Sequence[Sequence[fmpz_mpoly]], t: sp.Symbol
) -> list[fmpz_mpoly]:
    """Where an edge polynomial that loses its leading term on a curve loses more terms: in s."""
    found = []
    for f in curves:
        for terms in leads:
            if not divmod(terms[0], f)[1].is_zero():
                continue
            kept = next((p for p in terms if not divmod(p, f)[1].is_zero()), None)
            if kept is not None and ring.degree(kept, t) > 0:
                found.append(f.resultant(kept, "x1"))
            elif kept is not None:
                found.append(kept)
    return [p for p in found if not p.is_constant()]


def _lowered(polynomial: fmpz_mpoly) -> fmpz_mpoly:
    """A polynomial in (s, t) of the plane's ring, in RING."""
    return RING.from_dict({(int(m[0]), int(m[1]), *(0,) * 9): c for m, c in polynomial.terms()})


def _within(domain: Interval, ball: arb) -> bool:
    """Inside the open domain; the ball of an end is exact."""
    above = domain.low is None or bool(ball * domain.low.denominator > domain.low.numerator)
    below = domain.high is None or bool(ball * domain.high.denominator < domain.high.numerator)
    return above and below
