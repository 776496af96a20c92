"""Section 4.2 of Pennington & Bahri (2017): the normalized index of Wishart plus Wigner."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.algebra.polynomials import discriminant
from derive.algebra.radicals import constant_sign
from derive.laws import G, z

from ...ledger import Claim, Finding, Reading, certified, exact
from ...oracle import expectation
from ...precise import Law
from ..deciding import derivation, every, growth, identical
from . import gaussian_fields
from .critical_points_fits import NO_EXPONENT
from .warm_up_law import (
    BELOW_ONE,
    NAME,
    PRINTED_CRITICAL,
    critical,
    eps,
    factor_at_zero,
    form,
    gap_closes,
    phi,
    three_halves,
)


@exact
def total_mass(formula: Any) -> Finding:
    """(mass, atom): the whole mass and that of the point 0, which belongs to neither half-axis.

    The mass is the limit of z G at infinity, an atom at 0 that of z G at 0: with G = M/z the lowest
    terms of (18) are a polynomial in M.
    """
    many = sp.Symbol("M")
    scaled = sp.Poly(sp.expand(derivation(NAME).equation.subs(G, many / z) * z**3), z)
    top = sp.roots(sp.Poly(scaled.LC(), many))
    bottom = sp.roots(sp.Poly(scaled.TC() if scaled.TC() != 0 else scaled.EC(), many))
    masses = [root for root in top if root != 0]
    atoms = sorted(set(bottom) - {sp.S.Zero}, key=str) or [sp.S.Zero]
    holds = masses == [formula[0]] and atoms == [formula[1]]
    return Finding(holds, f"limits of z G: {masses} at infinity, {atoms} at 0")


@certified
def half_axes(formula: Any) -> Finding:
    """(mass, atom): the integrals of the density over the two half-axes add up to mass - atom."""
    worst = 0.0
    for ratio in ("1/3", "1", "5/2"):
        law = Law(NAME, eps="1/5", phi=ratio)
        whole, below = (float(expectation(law, lambda _: 1, below=stop)) for stop in (None, 0))
        worst = max(worst, abs(whole - formula[0] + formula[1]), abs(below - float(law.index().mid())))
    text = f"quadrature of the certified density at three ratios differs by at most {worst:.1g}"
    return Finding(worst < 1e-12, text, {"largest difference": worst})


@exact
def growth_by_expansion(formula: Any) -> Finding:
    """(exponent, sides): against the derived local law, which holds on one side of the critical energy only.

    The index below the critical energy is 0, as the lowest edge is positive there.
    """
    exponent, sides = formula
    if sides != 1:
        return Finding(
            False, "below the critical energy alpha = 0, and the printed right side is positive there"
        )
    return identical(exponent, form("index_exponent"), what="the exponent of the local expansion")


@certified
def growth_by_values(formula: Any) -> Finding:
    """The exponent from certified indices next to the critical energy."""
    return growth(NAME, formula[0], ratios=("1/10", "1/2", "9/10", "999/1000"))


@exact
def real_roots_at_zero(formula: Any) -> Finding:
    """(energy, discriminant at z = 0): it vanishes there, is positive below and negative beyond.

    Of the two energies at which it vanishes one is negative: the energy must be the positive one.
    A cubic with positive discriminant has three real roots, with negative discriminant one complex pair.
    """
    energy, value = formula
    facts = form("critical_condition")
    found = discriminant(derivation(NAME).equation.subs(z, 0), G)
    there = identical(value, found.subs(eps, energy), where=facts, what="the discriminant at z = 0 and eps_c")
    factor = sp.Poly(factor_at_zero(), eps)
    signs = constant_sign(factor.TC(), where=facts), constant_sign(factor.LC(), where=facts)
    rest = sp.cancel(-found / factor.as_expr())
    falls = signs == (-1, 1) and factor.degree() == 2 and constant_sign(rest) == 1
    sign = constant_sign(energy, where=facts)
    positive = Finding(
        sign == 1, "the energy is positive" if sign == 1 else f"the sign of the energy is {sign}"
    )
    return every(
        there, positive, Finding(falls, "its one positive zero in eps: positive before, negative beyond it")
    )


@exact
def leading_term(formula: Any) -> Finding:
    """(term, order): the leading term at phi = 1 of the derived expansion, and the order of the next one."""
    term, next_order = formula
    delta = sp.Symbol("delta", positive=True)
    series = sp.Poly(form("series").subs(phi, 1 - delta), delta)
    orders = sorted(monomial[0] for monomial in series.monoms())
    first = series.coeff_monomial(delta ** orders[0]) * (1 - phi) ** orders[0]
    order = Finding(orders[1] == next_order, f"the next term has the order {orders[1]}")
    return every(identical(term, first, what="the leading term"), order)


@exact
def order_at_one(formula: Any) -> Finding:
    """The order to which the critical energy vanishes at phi = 1."""
    delta = sp.Symbol("delta", positive=True)
    lowest = min(monomial[0] for monomial in sp.Poly(form("series").subs(phi, 1 - delta), delta).monoms())
    return Finding(lowest == formula, f"the critical energy vanishes to the order {lowest} at phi = 1")


@exact
def exponents_of_both(formula: Any) -> Finding:
    """The exponent in the local expansions of both models."""
    exponents = {name: derivation(name).closed_forms["index_exponent"] for name in (NAME, "relu_hessian")}
    return every(*(identical(formula, found, what=f"the exponent of {n}") for n, found in exponents.items()))


@certified
def growth_of_both(formula: Any) -> Finding:
    """The exponent of both models from certified indices next to their critical energies."""
    return every(*(growth(name, formula, ratios=("1/10", "1/2", "9/10")) for name in (NAME, "relu_hessian")))


CLAIMS = (
    Claim(
        id="pb17/eq-19",
        statement=(
            r"$\alpha(\epsilon, \phi) \equiv \int_{-\infty}^0 \rho(\lambda; \epsilon, \phi) "
            r"d\lambda = 1 - "
            r"\int_0^\infty \rho(\lambda; \epsilon, \phi) d\lambda$."
        ),
        place="eq. 19",
        readings=(Reading("the whole mass is 1, and 0 carries none", (1, 0)),),
        checks=(total_mass, half_axes),
        conditions=(
            r"$\epsilon > 0$: at $\epsilon = 0$ and $\phi > 1$ there is an atom at 0, of mass "
            r"$1 - 1/\phi$, which "
            "belongs to the second integral"
        ),
        uses=("pb17/eq-18",),
        steps=((NAME, "no atom"),),
    ),
    Claim(
        id="pb17/eq-20",
        statement=(
            r"For small $\alpha$, $\alpha(\epsilon, \phi) \approx \alpha_0(\phi) \left| "
            r"\frac{\epsilon - "
            r"\epsilon_c}{\epsilon_c} \right|^{3/2}$."
        ),
        place="eq. 20",
        readings=(
            Reading(r"on both sides of $\epsilon_c$, as the modulus suggests", (three_halves, 2)),
            Reading(r"for $\epsilon > \epsilon_c$; below it $\alpha = 0$", (three_halves, 1)),
        ),
        checks=(growth_by_expansion, growth_by_values),
        conditions=BELOW_ONE,
        uses=("pb17/eq-18", "pb17/eq-19"),
        steps=((NAME, "square-root edge"), (NAME, "3/2 law")),
        planted=((sp.Rational(5, 2), 1), (sp.Rational(4, 3), 1), (three_halves, 2)),
    ),
    Claim(
        id="pb17/eq-21",
        statement=(
            r"$\epsilon_c = \frac{1}{16} (1 - 20 \phi - 8 \phi^2 + (1 + 8 \phi)^{3/2})$ is the "
            r"value of the energy "
            "below which all critical points are minimizers."
        ),
        place="eq. 21",
        readings=(Reading("as printed", PRINTED_CRITICAL),),
        checks=(critical, gap_closes),
        conditions=BELOW_ONE + r"; for $\phi > 1$ the formula is negative and no critical point is a minimum",
        uses=("pb17/eq-18", "pb17/eq-19"),
        steps=((NAME, "critical energy"), (NAME, "falling edge"), (NAME, "double root")),
    ),
    Claim(
        id="pb17/sec-4.2-discriminant",
        statement=(
            r"$\epsilon_c$ is the value of $\epsilon$ below which (18) has only real roots at $z "
            r"= 0$, i.e. for which "
            "the discriminant of (18) vanishes at $z = 0$."
        ),
        place="section 4.2",
        readings=(Reading(r"with the $\epsilon_c$ of (21)", (PRINTED_CRITICAL, 0)),),
        checks=(real_roots_at_zero,),
        conditions=BELOW_ONE,
        uses=("pb17/eq-18", "pb17/eq-21"),
        steps=((NAME, "discriminant at z = 0"), (NAME, "one positive root")),
    ),
    Claim(
        id="pb17/sec-4.2-cubically",
        statement=r"$\epsilon_c$ vanishes cubically as $\phi$ approaches 1.",
        place="section 4.2",
        readings=(Reading(r"to the third order in $1 - \phi$", 3),),
        checks=(order_at_one,),
        uses=("pb17/eq-21",),
        steps=((NAME, "expansion at phi = 1"),),
    ),
    Claim(
        id="pb17/eq-22",
        statement=r"$\epsilon_c \approx \frac{2}{27} (1 - \phi)^3 + \mathcal{O}(1 - \phi)^4$.",
        place="eq. 22",
        readings=(Reading("as printed", (sp.Rational(2, 27) * (1 - phi) ** 3, 4)),),
        checks=(leading_term,),
        conditions=BELOW_ONE,
        uses=("pb17/eq-21",),
        steps=((NAME, "expansion at phi = 1"),),
    ),
    *gaussian_fields.CLAIMS,
    Claim(
        id="pb17/sec-4.2-persists",
        statement="The $3/2$ scaling persists in a more refined version of this calculation.",
        place="section 4.2",
        readings=(Reading("both models have the exponent 3/2", three_halves),),
        checks=(exponents_of_both, growth_of_both),
        conditions=BELOW_ONE,
        uses=("pb17/eq-20", "pb17/eq-31"),
        steps=((NAME, "3/2 law"), ("relu_hessian", "3/2 law")),
    ),
    Claim(
        id="pb17/sec-4.2-simulations",
        statement="The $3/2$ scaling persists in numerical simulations.",
        place="section 4.2",
        open_because=NO_EXPONENT,
    ),
)
