"""The law of section 4 of Pennington & Bahri (2017), Wishart plus Wigner, and its critical energy."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive import load
from derive.algebra.polynomials import discriminant, factor_list
from derive.laws import G, z

from ...ledger import Finding, certified, exact
from ..deciding import derivation, identical, split_by_energy

NAME = "wishart_wigner"
eps, phi = (parameter.symbol for parameter in load(NAME).parameters)
three_halves = sp.Rational(3, 2)
BELOW_ONE = r"$0 < \phi < 1$"
PRINTED_CRITICAL = (1 - 20 * phi - 8 * phi**2 + (1 + 8 * phi) ** three_halves) / 16


def form(name: str) -> Any:
    """A closed form of the derivation."""
    return derivation(NAME).closed_forms[name]


def factor_at_zero() -> sp.Expr:
    """The factor with the energy of the discriminant of (18) at z = 0; positive: a complex pair."""
    found = discriminant(derivation(NAME).equation.subs(z, 0), G)
    _, factors = factor_list(found)
    factor = next(f for f, _ in factors if f.has(eps) and f != eps)
    return sp.expand(factor * sp.sign(sp.Poly(factor, eps).LC()))


@exact
def critical(formula: Any) -> Finding:
    """An energy against the derived sup{eps : alpha = 0} for 0 < phi < 1."""
    return identical(formula, form("critical_energy"), where=form("critical_condition"), what="eps_c")


@certified
def gap_closes(formula: Any) -> Finding:
    """An energy as a function of phi: below it the lowest edge is positive, beyond it the index."""
    return split_by_energy(NAME, formula, phi, ratios=("1/10", "1/3", "1/2", "4/5", "99/100"))
