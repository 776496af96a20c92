"""The mass of an atom as a function of the parameter t: an algebraic function, analytic between candidates.

Next to an atom at x = a(t), 1/G ~ (z - a)/m. With 1/G = y (z - a) the lowest power of z - a in the equation
leaves a polynomial in y and t, of which 1/m is a root. Two of its roots meet only where other singular points
come to a.
"""

from __future__ import annotations

from fractions import Fraction

import sympy as sp
from flint import arb, ctx, fmpz_mpoly

from .algebraic_points import BITS, RING, S, U, coefficient
from .candidates import Curve
from .local_forms import Bounds, at_number, place_of
from .local_laws import G, T, X
from .spectrum_shapes import Place, Shape

PLACE_U, PLACE_S = 9, 10
_M = sp.Symbol("m", positive=True)


def mass_of(curve: Curve, shape: Shape, atom: Place, bounds: Bounds) -> sp.Expr | None:
    """The mass in the symbol t of the parameter, for the cell that the shape is of.

    bounds: of the cell. None where the place is no rational function of t, or the mass of degree beyond 2.
    """
    if atom.mass is None:
        return None
    for f in curve.edges:
        if int(f.degrees()[X]) != 1 or not _is_at(f, shape.parameter, atom.ball):
            continue
        t = curve.parameter
        relation = _relation(curve.polynomial, f)
        found = sp.Add(
            *(
                int(c) * t ** int(m[T]) * _M ** (_height(relation) - int(m[PLACE_U]))
                for m, c in relation.terms()
            )
        )
        at = at_number(shape.parameter)
        place = place_of(found, _M, t, at, atom.mass.ball, bounds)
        return None if place is None else place.expression
    return None


def _is_at(f: fmpz_mpoly, t: Fraction, ball: arb) -> bool:
    """Whether the root x of a polynomial of degree 1 in x is in the ball, which holds one root alone."""
    with ctx.workprec(BITS):
        value = {0: arb(0), 1: arb(0)}
        at = at_number(t)
        for m, c in f.terms():
            value[int(m[X])] += at ** int(m[T]) * int(c)
        return bool((value[1] * ball + value[0]).contains(0))


def _relation(polynomial: fmpz_mpoly, f: fmpz_mpoly) -> fmpz_mpoly:
    """The polynomial in y (as u) and t: x = a + s with a = -c0/c1, 1/G = u s, at the lowest power of s."""
    c0, c1 = coefficient(f, X, 0), coefficient(f, X, 1)
    n, m = int(polynomial.degrees()[G]), int(polynomial.degrees()[X])
    total = RING.constant(0)
    for i in range(n + 1):
        row = coefficient(polynomial, G, i)
        for j in range(m + 1):
            total += coefficient(row, X, j) * (c1 * S - c0) ** j * c1 ** (m - j) * (U * S) ** (n - i)
    lowest = min(int(k[PLACE_S]) for k in total.monoms())
    return coefficient(total, PLACE_S, lowest)


def _height(relation: fmpz_mpoly) -> int:
    return int(relation.degrees()[PLACE_U])
