"""Where 0 falls into a gap for phi > 1: from the discriminant at z = 0, and the level in the gap."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.polynomials import factor_list, factored
from ..algebra.radicals import positive, vanishes
from ..algebra.signs import Undecided
from ..algebra.surds import Field
from ..certificates import Identity, Negative, Positive, Together
from ..derivation import Step
from ..language.model import Model
from ..laws import Levy, w, x
from .critical_energy import at_zero
from .energy import Setting, setting_of, with_role
from .levy_curve import Curve


def zero_in_gap(
    model: Model, law: Levy, equation: sp.Expr, forms: dict[str, Any], found: list[tuple[str, Any]]
) -> list[Step]:
    """Steps for phi > 1: whether 0 lies inside the support; `forms` and `found` as of `transitions`.

    None for models without an energy and an aspect ratio, and for laws symmetric about 0. Raises `Undecided`
    where it is not derived.
    """
    energy, ratio = with_role(model, "energy"), with_role(model, "aspect ratio")
    if energy is None or ratio is None:
        return []
    curve = Curve(law)
    if vanishes(curve.rational.subs(w, -w) + curve.rational):
        return []  # symmetric about 0: the index is known without it
    setting = setting_of(model, law, equation, energy)
    try:
        _, factor = at_zero(setting)
    except Undecided as undecided:
        raise Undecided(f"whether 0 lies inside the support for phi > 1: {undecided}") from undecided
    phi = ratio.symbol
    polynomial = sp.Poly(factor, energy.symbol)
    above = (phi - 1,)
    coefficients = [factored(c) for c in polynomial.all_coeffs()]
    if all(positive(c, where=above) for c in coefficients):
        step = Step(
            "0 inside the support",
            "For phi > 1 the discriminant at z = 0 keeps the sign of a complex pair for every positive "
            "energy: 0 always lies inside a band, and the critical energy is 0.",
            tuple(sp.Gt(c, 0, evaluate=False) for c in coefficients if not c.is_number),
            Positive(tuple(coefficients), above),
        )
        found.append(("0 inside the support", sp.Gt(phi, 1, evaluate=False)))
        forms["index_levels"] = [(sp.S.Zero, sp.Lt(phi, 1, evaluate=False))]
        return [step]
    return _gap_at_zero(setting, curve, factor, forms, found)


def _gap_at_zero(
    setting: Setting, curve: Curve, factor: sp.Expr, forms: dict[str, Any], found: list[tuple[str, Any]]
) -> list[Step]:
    """The energy beyond which 0 lies in a gap between bands, for 1 < phi < 2."""
    phi, energy = setting.symbols[0], setting.energy
    between = (phi - 1, 2 - phi)
    total = curve.total_rate
    # the collision of w = 0 with another root, Phi(0) = 1, ends the range
    if total is None or not vanishes((total - 1).subs(phi, 2)):
        raise Undecided("whether 0 lies in a gap for phi > 1 is derived where the rates sum to 1 at phi = 2")
    a, b, c = (sp.Poly(factor, energy).coeff_monomial(energy**k) for k in (2, 1, 0))
    if positive(factored(-a * c), where=between) is not True:
        raise Undecided(f"the number of positive roots of {factor} = 0 in {energy} for 1 < phi < 2")
    content, factors = factor_list(b**2 - 4 * a * c)
    outside = sp.sqrt(sp.prod([p ** (e // 2 * 2) for p, e in sp.factorint(abs(content)).items()]))
    outside *= sp.prod([f ** (e // 2) for f, e in factors])
    field = Field.of(sp.expand(sp.cancel((b**2 - 4 * a * c) / outside**2)), setting.symbols)
    for sign in (1, -1):
        value = field.element(-b / (2 * a), sign * outside / (2 * a)).without_cancellation(1, 2)
        if positive(value, where=between):
            break
    else:
        raise Undecided(f"which root of {factor} = 0 in {energy} is positive for 1 < phi < 2")
    forms["gap_at_zero_energy"] = value
    level = sp.Add(*(r for p, r in zip(curve.law.poles, curve.law.rates, strict=True) if r and positive(-p)))
    found.append(("0 in a gap", sp.And(phi > 1, phi < 2, energy > value)))
    found.append(("index in the gap", sp.Eq(sp.Symbol("alpha"), level, evaluate=False)))
    forms["index_levels"] = [
        (sp.S.Zero, sp.Lt(phi, 1, evaluate=False)),
        (level, sp.Gt(phi, 1, evaluate=False)),
    ]
    negative = [j for j, p in enumerate(curve.law.poles) if positive(-p)]
    lowest = (
        Identity(level - sum(curve.law.weights[j] / curve.law.poles[j] ** 2 for j in negative)),
        *(Negative(p) if j in negative else Positive(p) for j, p in enumerate(curve.law.poles)),
    )
    cubic = sp.Poly(sp.cancel(curve.polynomial.subs(x, 0) / w), w)
    monic = [factored(k / cubic.LC()) for k in cubic.all_coeffs()]
    slope = factored(sp.diff(curve.rational, w).subs(w, 0))
    return [
        Step(
            "0 in a gap",
            "For 1 < phi < 2 the factor with the energy has one positive root again: below it the equation "
            "at z = 0 has a complex pair and 0 lies inside a band, above it all roots are real and 0 lies "
            "in a gap.",
            sp.Gt(energy, value, evaluate=False),
            Together(
                (
                    Identity(factor.subs(energy, value), between),
                    Positive((value, factored(-a * c), a), between),
                )
            ),
        ),
        Step(
            "level in the gap",
            "The cubic left at z = 0 has a positive product of roots and a negative sum of their pairwise "
            "products: three real roots are one positive and two negative. H is positive next to the "
            "negative pole on its right and, as H(0) = 0 and H'(0) < 0, left of 0; so both negative roots "
            "lie between them or both below all poles. The latter would put 0 below the lowest edge, which "
            "starts at 0 or below for phi > 1, the place of the atom at eps = 0, and falls. So the "
            "negative pole alone lies below the physical root: alpha is its rate.",
            sp.Eq(sp.Symbol("alpha"), level, evaluate=False),
            Together((Positive((-monic[3], -monic[2], -slope), between), *lowest)),
        ),
        Step(
            "atom at 0",
            "For phi > 2 the root w = 0 itself has H'(0) > 0 and is the physical one: 0 carries the atom "
            "of mass H'(0) inside a gap, no other root is complex, and the open negative axis has the "
            "rates of the negative poles.",
            (sp.Eq(sp.Symbol("A"), slope, evaluate=False), sp.Eq(sp.Symbol("alpha"), level, evaluate=False)),
            Together((Positive(slope, (phi - 2,)), Negative(slope, between), *lowest)),
        ),
        Step(
            "phi = 2",
            "At phi = 2 the roots collide in w = 0 and the level is reached as a limit. Poles and weights "
            "are continuous in phi, so the laws converge weakly; the rates sum to 1, so the law at phi = 2 "
            "has no atom at 0, and the mass left of 0 is the limit of that for phi > 2.",
            sp.Eq(sp.Symbol("alpha"), level.subs(phi, 2), evaluate=False),
            Together(
                (
                    Identity((1 - total).subs(phi, 2)),
                    Positive(tuple(weight.subs(phi, 2) for weight in curve.law.weights)),
                )
            ),
        ),
    ]
