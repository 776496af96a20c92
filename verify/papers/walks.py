"""Moments of entries, and mean moments of Wigner and Wishart matrices that have them, exact at every size."""

from __future__ import annotations

import sympy as sp

from .coincidences import Moments, mean, trace


def gaussian(variance: sp.Expr) -> Moments:
    """E h^q of a centred normal entry of that variance."""
    return lambda q: sp.S.Zero if q % 2 else sp.factorial2(q - 1) * variance ** (q // 2)


def any_law(variance: sp.Expr) -> Moments:
    """E h^q of a centred entry of that variance, the standardised moments from the third on left open."""

    def moment(q: int) -> sp.Expr:
        if q <= 2:
            return variance if q == 2 else sp.S.Zero
        return sp.Symbol(f"mu{q}", real=True) * variance ** sp.Rational(q, 2)

    return moment


def wigner(power: int, entry: Moments, n: sp.Expr) -> sp.Expr:
    """E tr M^power / n for a symmetric n x n matrix, entries on and above the diagonal i.i.d."""
    word = trace("M " * power, {"M": ("row", "row")})
    return sp.expand(mean(word, {"row": n}, {"M": entry}) / n)


def wishart(power: int, entry: Moments, n: sp.Expr, p: sp.Expr) -> sp.Expr:
    """E tr (X X')^power / n for an n x p matrix X of i.i.d. entries."""
    word = trace("x x' " * power, {"x": ("row", "column")})
    return sp.expand(mean(word, {"row": n, "column": p}, {"x": entry}) / n)


def limit_at_infinity(expression: sp.Expr, size: sp.Symbol) -> sp.Expr:
    """The limit of a rational expression as a size grows; infinity where it has none.

    Half-integer powers of the size, from odd moments of the entries, are taken into account.
    """
    expanded = sp.expand(expression)
    terms = [term.as_coeff_exponent(size) for term in sp.Add.make_args(expanded)]
    if not any(coefficient.has(size) for coefficient, _ in terms):  # a sum of powers, as means of traces are
        if any(exponent > 0 for _, exponent in terms):
            return sp.oo
        return sp.Add(*(coefficient for coefficient, exponent in terms if exponent == 0))
    root = sp.Symbol("root", positive=True)
    top, bottom = sp.fraction(sp.cancel(expanded.subs(size, root**2)))
    above, below = sp.Poly(top, root), sp.Poly(bottom, root)
    if above.is_zero or above.degree() < below.degree():
        return sp.S.Zero
    if above.degree() > below.degree():
        return sp.oo
    return sp.cancel(above.LC() / below.LC())
