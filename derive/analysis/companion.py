"""Laws that are free Levy up to their mass at 0, as sample covariance matrices are, and their closed forms.

X'X has the eigenvalues of XX' but for zeros. Where a mu + (1 - a) delta_0, the law of the companion, has a
rational R-transform with positive weights, it is a free Levy law, and Laisant's theorem gives its
distribution function and potential; those of mu follow:

    cdf(x) = (cdf_c(x) - (1 - a) 1[x >= 0]) / a,    U(x) = (U_c(x) - (1 - a) log|x|) / a.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.rings import Fraction, factors_of
from ..algebra.signs import assumed
from ..certificates import Different, Identity, Positive, Together
from ..derivation import Section, Step
from ..language.model import Model
from ..laws import Algebraic, G, Law, Levy, g, x, z
from ..transforms.curves import Setting, u
from .primitive import antiderivative, primitive_at_zero
from .recognition import NotLevy, partial_fractions

TITLE = "Companion law"


def companion_law(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """The steps to the companion and the closed forms of its law; nothing where there is no such companion.

    Closed forms: "companion" (a, its law) and "companion_primitive" (F of `primitive`, in g).
    """
    if not isinstance(law, Algebraic):
        return Section(TITLE, ()), {}
    parameters = tuple(parameter.symbol for parameter in model.parameters)
    if not equation.free_symbols <= {G, z, *parameters}:  # an irrational mean has a name
        return Section(TITLE, ()), {}
    setting = Setting(parameters, assumed())
    for share, value in _rational_companions(setting, equation):
        try:
            found = partial_fractions(setting, value)
        except NotLevy:
            continue
        return _section(setting, equation, share, found), {
            "companion": (share, found),
            "companion_primitive": antiderivative(found),
        }
    return Section(TITLE, ()), {}


def _rational_companions(setting: Setting, equation: sp.Expr) -> list[tuple[sp.Expr, Fraction]]:
    """(a, R_c) with G = (g - (1 - a)/z)/a and z = R_c(g) + 1/g on the curve, a other than 0 and 1."""
    ring, one = setting.ring, setting.one
    small_g, big_z, share = (setting.fraction(symbol) for symbol in (g, z, u))
    moved = ring.substitute(ring.polynomial(equation), {G: (small_g * big_z - one + share) / (share * big_z)})
    by_power = ring.coefficients(moved, z)
    found = []
    for lowest in sorted(by_power):
        excess = ring.constant(0)  # what must vanish for degree 1 in z
        for power, coefficient in by_power.items():
            if power not in (lowest, lowest + 1):
                for part in ring.coefficients(coefficient, g).values():
                    excess = excess.gcd(part)
        for factor, _ in factors_of(excess)[1] if not excess.is_zero() else ():
            if ring.degree(factor, u) != 1 or ring.degree(factor, g) > 0:
                continue
            parts = ring.coefficients(factor, u)
            value = Fraction(-parts.get(0, ring.constant(0)), parts[1])
            if value.numerator.is_zero() or (value - one).numerator.is_zero():
                continue
            pair = ring.constant(0)  # both at once: each alone would be cleared of its own denominators
            for power in (lowest, lowest + 1):
                pair += by_power.get(power, ring.constant(0)) * ring.gen(z) ** (power - lowest)
            inserted = ring.coefficients(ring.substitute(pair, {u: value}), z)
            slope, rest = (Fraction(inserted.get(k, ring.constant(0)), ring.constant(1)) for k in (1, 0))
            if slope.numerator.is_zero():
                continue
            transform = setting.zero - rest / slope - one / small_g
            if not ring.substitute(transform.denominator, {g: setting.zero}).is_zero():
                found.append((setting.show(value), transform))
    return found


def _section(setting: Setting, equation: sp.Expr, share: sp.Expr, law: Levy) -> Section:
    primitive = antiderivative(law)
    r = law.r_transform()
    companion, own = sp.Function("G_c")(z), sp.Function("G")(z)
    cdf, cdf_c = sp.Function("cdf")(x), sp.Function("cdf_c")(x)
    potential, potential_c = sp.Symbol("U"), sp.Symbol("U_c")
    stieltjes = sp.Symbol("G_c")
    level = 1 + sp.Function("Im")(sp.Function("F")(stieltjes) - x * stieltjes) / sp.pi
    at_zero = sp.Function("theta")(x)
    inserted = equation.subs(G, (g - (1 - share) / z) / share).subs(z, r + 1 / g)
    return Section(
        TITLE,
        (
            Step(
                "the companion",
                "X'X has the eigenvalues of XX' but for zeros: its law is a multiple of that of XX' and a "
                "mass at 0. With this factor of G the equation is linear in z: R_c is rational. Its weights "
                "are positive, so the companion is a free Levy law, and its branch the one with G_c ~ 1/z, "
                "as R_c is regular at 0.",
                (
                    sp.Eq(companion, share * own + (1 - share) / z, evaluate=False),
                    sp.Eq(sp.Function("R_c")(g), r, evaluate=False),
                ),
                Together(
                    (
                        Identity(sp.numer(sp.together(inserted)), setting.facts),
                        Positive(law.weights, setting.facts),
                        Different(share),
                    )
                ),
            ),
            Step(
                "distribution function and potential",
                "Laisant's theorem for the companion, with principal logarithms: F is an antiderivative of "
                "R_c(g) + 1/g; cdf_c and U_c are those of the companion. The mass at 0 is taken off (theta "
                "is 1 from 0 on).",
                (
                    sp.Eq(sp.Function("F")(g), primitive, evaluate=False),
                    sp.Eq(cdf_c, level, evaluate=False),
                    sp.Eq(cdf, (cdf_c - (1 - share) * at_zero) / share, evaluate=False),
                    sp.Eq(potential, (potential_c - (1 - share) * sp.log(sp.Abs(x))) / share, evaluate=False),
                ),
                Identity((sp.diff(primitive, g) - r - 1 / g, primitive_at_zero(primitive))),
            ),
        ),
    )
