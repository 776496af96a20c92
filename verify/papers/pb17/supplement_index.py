"""Section 1 of the supplement to Pennington & Bahri (2017): computing the normalized index."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive import load
from derive.algebra.polynomials import canonical
from derive.laws import G, g, z

from ...ledger import Claim, Finding, Reading, certified, exact
from ...oracle import expectation
from ...precise import Law
from ..deciding import derivation, every, identical, on
from .warm_up_index import growth_by_expansion, growth_by_values
from .warm_up_law import BELOW_ONE, PRINTED_CRITICAL, critical, gap_closes, three_halves

NAME = "wishart_wigner"
eps, phi = (parameter.symbol for parameter in load(NAME).parameters)
t = sp.Symbol("t")
inverse, primitive = sp.Function("y")(t), sp.Function("F")
PRINTED_BRACKET = eps * g**2 + sp.log(g) - sp.log(1 - phi * g) / phi
DROPPED_BRACKET = g**2 + sp.log(g) - sp.log(1 - phi * g) / phi


@exact
def antiderivative_of_inverse(formula: Any) -> Finding:
    """An expression in t, y(t), F(y(t)) with f(y(t)) = t, F' = f: its derivative in t must be y(t)."""
    slope = sp.diff(formula, t).subs(sp.Subs(sp.diff(primitive(g), g), g, inverse), t).doit()
    slope = slope.subs(sp.diff(primitive(inverse), inverse), t)
    return identical(
        slope.subs({sp.diff(inverse, t): sp.Symbol("s"), inverse: g}), g, what="the derivative in z"
    )


@exact
def rewritten_equation(formula: Any) -> Finding:
    """f(g): f(G) = z, multiplied out, must be the derived equation of the law up to a factor."""
    top, bottom = sp.fraction(sp.together(sp.sympify(formula).subs(g, G) - z))
    if bottom.has(z):
        return Finding(False, "f depends on z")
    derived = canonical(derivation(NAME).equation, G)
    return identical(canonical(top, G), derived, what="f(G) - z multiplied out and (18)")


@exact
def index_formula(formula: Any) -> Finding:
    """(constant, sign, bracket, side): alpha = constant + (sign/pi) Im bracket(G), G = G(0 + side * i0).

    The bracket must be an antiderivative of R(g) + 1/g with principal logarithms. Left of the support
    G < 0 is approached from Im G < 0 for side = 1, so that Im bracket = -side pi, and alpha is 0 there;
    right of it Im bracket = 0, and alpha is 1.
    """
    constant, sign, bracket, side = formula
    found = identical(
        sp.diff(bracket, g), derivation(NAME).closed_forms["r_transform"] + 1 / g, what="slope of the bracket"
    )
    logarithm = sp.Poly(sp.expand(bracket), sp.log(g)).coeff_monomial(sp.log(g))
    right_of, left_of = constant, constant - sign * side * logarithm
    ends = Finding(
        abs(side) == 1 and (right_of, left_of) == (1, 0),
        f"alpha would be {left_of} with all eigenvalues positive and {right_of} with all negative",
    )
    return every(found, ends)


@certified
def index_by_quadrature(formula: Any) -> Finding:
    """The formula at certified G(0) against quadrature of the certified density over x < 0."""
    constant, sign, bracket, side = formula
    worst = 0.0
    for energy, ratio in (("1/5", "1/3"), ("1/20", "1"), ("2", "5/2")):
        law = Law(NAME, eps=energy, phi=ratio)
        ball = law.stieltjes(0)
        value = complex(ball) if side > 0 else complex(ball).conjugate()
        at_zero = bracket.subs({eps: sp.Rational(energy), phi: sp.Rational(ratio), g: value})
        stated = float(constant + sign * sp.im(sp.N(at_zero)) / sp.pi)
        measured = float(expectation(law, lambda _: 1, below=0))
        if abs(stated - measured) > 1e-12:
            text = (
                f"at eps = {energy}, phi = {ratio} the formula gives {stated:.6f}, quadrature {measured:.6f}"
            )
            return Finding(False, text)
        worst = max(worst, abs(stated - measured))
    text = (
        f"at three parameters formula and quadrature of the certified density differ by at most {worst:.1g}"
    )
    return Finding(True, text, {"largest difference": worst})


@exact
def cubic_at_zero(formula: Any) -> Finding:
    """The degree in G of the equation at z = 0, for every positive energy and ratio."""
    at_zero = sp.Poly(derivation(NAME).equation.subs(z, 0), G)
    same = identical(at_zero.LC(), 2 * eps * phi, what="the leading coefficient, never 0")
    return every(same, Finding(at_zero.degree() == formula, f"the degree at z = 0 is {at_zero.degree()}"))


@certified
def explicit_index(formula: Any) -> Finding:
    """The derived closed form of alpha, through Cardano's root of one cubic, at rational parameters.

    formula: how many different roots G_H(0) is one of.
    """
    worst = 0.0
    for energy, ratio in (("1/5", "1/3"), ("1/20", "1"), ("2", "5/2")):
        values = {eps: sp.Rational(energy), phi: sp.Rational(ratio)}
        roots = sp.Poly(derivation(NAME).equation.subs(z, 0).subs(values), G).sqf_part().degree()
        if roots != formula:
            return Finding(False, f"at eps = {energy}, phi = {ratio} G_H(0) is one of {roots} roots")
        stated = sp.N(derivation(NAME).closed_forms["index"].subs(values), 30)
        mine = Law(NAME, eps=energy, phi=ratio).index(bits=100)
        worst = max(worst, abs(float(stated - sp.Float(mine.mid().str(40, radius=False), 40))))
    text = f"the closed form and certified indices at three parameters differ by at most {worst:.1g}"
    return Finding(worst < 1e-25, text, {"largest difference": worst})


CLAIMS = (
    Claim(
        id="pb17s/sec-1-rewritten",
        statement=r"(18) can be rewritten as $f(G) = z$, where $f(G) = \mathcal{R}_H(G) + 1/G$.",
        place="supplement, section 1",
        readings=(Reading(r"with the $\mathcal{R}_H$ of (17)", 1 / (1 - phi * g) + 2 * eps * g + 1 / g),),
        checks=(rewritten_equation,),
        uses=("pb17/eq-13", "pb17/eq-17", "pb17/eq-18"),
        steps=((NAME, "The equation in G and z"),),
    ),
    Claim(
        id="pb17s/eq-S1",
        statement=(
            r"$\int f^{-1}(z) dz = z f^{-1}(z) - F \circ f^{-1}(z) + C$, where $F$ is the "
            r"antiderivative of $f$."
        ),
        place="eq. S1",
        readings=(Reading("as printed", t * inverse - primitive(inverse)),),
        checks=(antiderivative_of_inverse,),
        conditions=r"where $f^{-1}$ is differentiable",
        planted=(
            t * inverse + primitive(inverse),
            2 * t * inverse - primitive(inverse),
            t * inverse - 2 * primitive(inverse),
            t**2 * inverse - primitive(inverse),
        ),  # the formula itself holds no number
    ),
    Claim(
        id="pb17s/eq-S2",
        statement=(
            r"$\alpha(\epsilon, \phi) = 1 - \frac{1}{\pi} \operatorname{Im} \left[ \epsilon "
            r"G_H(0)^2 + \log G_H(0) - "
            r"\log(1 - \phi G_H(0)) / \phi \right]$."
        ),
        place="eq. S2",
        readings=(
            Reading(r"with $G_H(0)$ the limit from above, as in (12)", (1, -1, PRINTED_BRACKET, 1)),
            Reading(r"with $\epsilon$ before the square lost, from above", (1, -1, DROPPED_BRACKET, 1)),
            Reading(
                r"with $G_H(0)$ the limit from below, the complex conjugate", (1, -1, PRINTED_BRACKET, -1)
            ),
        ),
        checks=(index_formula, index_by_quadrature),
        conditions=(
            r"principal logarithms; with the inversion formula (12), that is with the limit "
            r"from above, the sign is $+$"
        ),
        uses=("pb17/eq-17", "pb17/eq-19", "pb17s/eq-S1"),
        steps=((NAME, "primitive"), (NAME, "branch of the logarithms"), (NAME, "sign of the printed form")),
    ),
    Claim(
        id="pb17s/sec-1-explicit",
        statement=(
            r"An explicit representation of $G_H(0)$, and so of $\alpha$, is possible by solving "
            r"the cubic (18)."
        ),
        place="supplement, section 1",
        readings=(
            Reading(r"at $z = 0$ the equation has degree 3 in $G_H$, within reach of Cardano's formula", 3),
        ),
        checks=(cubic_at_zero, explicit_index),
        uses=("pb17/eq-18", "pb17s/eq-S2"),
        steps=((NAME, "index in closed form"),),
    ),
    Claim(
        id="pb17s/eq-S3",
        statement=(
            r"$\alpha(\epsilon, \phi) \approx \alpha_0(\phi) \left| \frac{\epsilon - "
            r"\epsilon_c}{\epsilon_c} \right|^{3/2}$, "
            r"$\epsilon_c = \frac{1}{16} (1 - 20 \phi - 8 \phi^2 + (1 + 8 \phi)^{3/2})$, the critical value "
            r"below which all critical points are minimizers."
        ),
        place="eq. S3",
        readings=(
            Reading(
                r"on both sides of $\epsilon_c$, as the modulus suggests", (three_halves, 2, PRINTED_CRITICAL)
            ),
            Reading(
                r"for $\epsilon > \epsilon_c$; below it $\alpha = 0$", (three_halves, 1, PRINTED_CRITICAL)
            ),
        ),
        checks=(
            on(growth_by_expansion, lambda formula: formula[:2]),
            on(growth_by_values, lambda formula: formula[:2]),
            on(critical, lambda formula: formula[2]),
            on(gap_closes, lambda formula: formula[2]),
        ),
        conditions=BELOW_ONE,
        uses=("pb17/eq-20", "pb17/eq-21"),
        steps=(
            ("wishart_wigner", "critical energy"),
            ("wishart_wigner", "3/2 law"),
        ),
    ),
)
