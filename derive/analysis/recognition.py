"""Recognition of the rational free Levy class, and its branch theorem as certified steps.

A rational R-transform whose partial fractions are mean + sum c_j g / (1 - p_j g) with distinct real
p_j and positive c_j belongs to the class. Poles are roots of linear or quadratic factors of the
denominator (radicals); factors of higher degree, repeated factors and weights that are not
positive on all of the domain leave it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.radicals import constant_sign, vanishes
from ..algebra.rings import Fraction, factors_of
from ..certificates import Different, Identity, Irreducible, Positive, Together
from ..derivation import CertificateError, Definition, Section, Step
from ..laws import Algebraic, G, Law, Levy, g, w, z
from ..transforms.curves import Setting


class NotLevy(ValueError):
    """The R-transform does not belong to the class; the message says why."""


def recognise(
    setting: Setting, value: Fraction | None, equation: sp.Expr
) -> tuple[Law, tuple[Section, ...], list[str]]:
    """The law that an R-transform (None: not rational) and an equation stand for.

    Returns the law, the sections that certify it, and a sentence for each thing that stays open.
    """
    law, limits = law_alone(setting, value, equation)
    if value is None or not isinstance(law, Levy):
        return law, (_algebraic(equation),), limits
    return law, (_class_section(setting, law, setting.show(value)), _branch_section(setting, law)), limits


def law_alone(setting: Setting, value: Fraction | None, equation: sp.Expr) -> tuple[Law, list[str]]:
    """The law and what stays open, as `recognise` gives them; the sections are not made."""
    if value is None:
        sentence = "the law is outside the rational free Levy class: its R-transform is not rational"
        return Algebraic(equation), [sentence]
    try:
        return partial_fractions(setting, value), []
    except NotLevy as reason:
        sentence = f"the law is not shown to be of the rational free Levy class: {reason}"
        return Algebraic(equation, setting.show(value)), [sentence]


def partial_fractions(setting: Setting, value: Fraction) -> Levy:
    """Mean, poles and weights of a rational R-transform; raises `NotLevy` where it has another form."""
    ring = setting.ring
    top, bottom = value.numerator, value.denominator
    mean = setting.value(value, {g: setting.zero})
    poles: list[sp.Expr] = []
    weights: list[sp.Expr] = []
    _, factors = factors_of(bottom)
    ordered = sorted(factors, key=lambda item: (ring.degree(item[0], g), len(item[0]), str(item[0])))
    for factor, exponent in ordered:
        degree = ring.degree(factor, g)
        if degree < 1:
            continue
        if int(exponent) > 1:
            raise NotLevy("its R-transform has a double pole")
        if degree > 2:
            raise NotLevy(f"its R-transform has an irreducible denominator of degree {degree}")
        pairs = _linear(setting, value, factor) if degree == 1 else _quadratic(setting, value, factor)
        poles += [p for p, _ in pairs]
        weights += [c for _, c in pairs]
    # what is left over must be a Wigner part: R = mean + sum + v g, and v = (degrees tell) lim R/g
    excess = ring.degree(top, g) - ring.degree(bottom, g)
    if excess > 1:
        raise NotLevy("its R-transform grows faster than g")
    if excess == 1:
        leads = [ring.coefficients(p, g)[ring.degree(p, g)] for p in (top, bottom)]
        poles.insert(0, sp.S.Zero)
        weights.insert(0, setting.show(Fraction(*leads)))
    law = Levy(setting.show(mean), tuple(poles), tuple(weights))
    for pole, weight in zip(law.poles, law.weights, strict=True):
        _must_be_positive(setting, weight, pole)
    return law


def _must_be_positive(setting: Setting, weight: sp.Expr, pole: sp.Expr) -> None:
    sign = constant_sign(weight, where=setting.facts)
    if sign is None:
        raise NotLevy(f"the sign of the weight {weight} of the jump {pole} is undecided")
    if sign != 1:
        where = "negative" if sign == -1 else "not positive on all of the domain"
        raise NotLevy(f"the weight {weight} of the jump {pole} is {where}")


def _linear(setting: Setting, value: Fraction, factor: fmpz_mpoly) -> list[tuple[sp.Expr, sp.Expr]]:
    parts = setting.ring.coefficients(factor, g)
    place = Fraction(-parts[0], parts[1])  # g = 1/p
    one = setting.one
    slope = Fraction(value.denominator.derivative(f"x{setting.ring.index(g)}"), setting.ring.constant(1))
    top = Fraction(value.numerator, setting.ring.constant(1))
    # R ~ (c/p)/(1 - p g) at g = 1/p, so c = -p^2 top/bottom'
    weight = setting.zero - setting.value(top, {g: place}) / setting.value(slope, {g: place}) / (
        place * place
    )
    return [(setting.show(one / place), setting.show(weight))]


def _quadratic(setting: Setting, value: Fraction, factor: fmpz_mpoly) -> list[tuple[sp.Expr, sp.Expr]]:
    """Both roots of a_0 + a_1 g + a_2 g^2, computed in the field of one root q: pairs A + B q."""
    ring = setting.ring
    if ring.coefficients(factor, g)[0].leading_coefficient() < 0:
        factor = -factor
    a0, a1, a2 = (
        setting.fraction(ring.expression(ring.coefficients(factor, g).get(i, ring.constant(0))))
        for i in range(3)
    )
    square = a1 * a1 - (a0 * a2 + a0 * a2) * setting.fraction(2)
    sign = constant_sign(setting.show(square), where=setting.facts)
    if sign != 1:
        known = "undecided" if sign is None else "not positive on all of the domain"
        raise NotLevy(
            f"two jumps are roots of a quadratic whose discriminant {setting.show(square)} is {known}"
        )
    field = _QuadraticField(setting, a0 / a2, a1 / a2)
    slope = value.denominator.derivative(f"x{ring.index(g)}")
    q = (setting.zero, setting.one)
    bottom = field.times(field.times(q, q), field.value(slope))
    weight = field.times(field.value(value.numerator), field.inverse(bottom))
    root = sp.sqrt(setting.show(square))
    found = []
    for side in (-1, 1):  # p = 1/q has the opposite sign of the root, and comes + first
        place = factored_radical((-setting.show(a1) + side * root) / (2 * setting.show(a2)))
        pole = factored_radical((-setting.show(a1) - side * root) / (2 * setting.show(a0)))
        c = -setting.show(weight[0]) - setting.show(weight[1]) * place
        found.append((pole, c if weight[1].numerator.is_zero() else factored_radical(c)))
    return found


def factored_radical(expression: sp.Expr) -> sp.Expr:
    """The expression with products of symbols and roots multiplied out; no identity is guessed."""
    return sp.expand_mul(expression) if expression.is_Mul or expression.is_Add else expression


@dataclass(frozen=True)
class _QuadraticField:
    """Arithmetic with A + B q, q^2 = -b_0 - b_1 q."""

    setting: Setting
    b0: Fraction
    b1: Fraction

    def times(self, x: tuple[Fraction, Fraction], y: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
        high = x[1] * y[1]
        return x[0] * y[0] - high * self.b0, x[0] * y[1] + x[1] * y[0] - high * self.b1

    def inverse(self, x: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
        conjugate = (x[0] - x[1] * self.b1, self.setting.zero - x[1])
        norm = self.times(x, conjugate)[0]
        return conjugate[0] / norm, conjugate[1] / norm

    def value(self, polynomial: fmpz_mpoly) -> tuple[Fraction, Fraction]:
        """polynomial(g = q), by Horner's scheme."""
        ring, one = self.setting.ring, self.setting.ring.constant(1)
        parts = ring.coefficients(polynomial, g)
        total = (self.setting.zero, self.setting.zero)
        for power in range(max(parts, default=0), -1, -1):
            total = self.times(total, (self.setting.zero, self.setting.one))
            if power in parts:
                total = (total[0] + Fraction(parts[power], one), total[1])
        return total


def _class_section(setting: Setting, law: Levy, shown: sp.Expr) -> Section:
    name = sp.Function("R_H")(g)
    pairs = [(p, q) for p, q in combinations(law.poles, 2)]
    steps = [
        Step(
            "Partial fractions",
            "R(g) = m + sum of c_j g/(1 - p_j g): a jump p_j of the free Levy measure for each pole "
            "g = 1/p_j, and a Wigner part where p_j = 0. The sum recomposes R exactly.",
            sp.Eq(name, law.r_transform(), evaluate=False),
            Identity(law.r_transform() - shown, setting.facts),
        ),
        Step(
            "The weights are positive",
            "The law belongs to the class of free Levy laws with finitely many jumps.",
            tuple(
                sp.Eq(sp.Symbol(f"{letter}_{j}"), value, evaluate=False)
                for j, pair in enumerate(zip(law.poles, law.weights, strict=True), 1)
                for letter, value in zip("pc", pair, strict=True)
            ),
            Positive(law.weights, setting.facts),
        ),
    ]
    if pairs:
        merging = [pair for pair in pairs if _may_meet(setting, *pair)]
        rule = "No two jumps are identical."
        if merging:
            numbers = [(law.poles.index(p) + 1, law.poles.index(q) + 1) for p, q in merging]
            places = " or ".join(f"p_{i} = p_{j}" for i, j in numbers)
            rule += f" Two of them meet only where {places}: there they merge into one and their weights add."
        else:
            rule += " No two of them meet anywhere on the domain."
        distinct: list[Any] = [Different(p - q, setting.facts) for p, q in pairs]
        distinct += [Apart(p - q, setting.facts) for p, q in pairs if (p, q) not in merging]
        steps.append(
            Step(
                "The jumps are distinct",
                rule,
                tuple(sp.Ne(p, q, evaluate=False) for p, q in pairs),
                Together(tuple(distinct)),
            )
        )
    return Section("The law", tuple(steps))


@dataclass(frozen=True)
class Apart:
    """expression has one strict sign on all of the domain."""

    expression: sp.Expr
    where: tuple[Any, ...] = ()

    def check(self) -> None:
        if constant_sign(self.expression, where=self.where) not in (1, -1):
            raise CertificateError(f"{self.expression} is not shown to keep its sign on the domain")

    @property
    def summary(self) -> str:
        return "one strict sign on all of the domain, decided exactly"


def _may_meet(setting: Setting, p: sp.Expr, q: sp.Expr) -> bool:
    return constant_sign(p - q, where=setting.facts) not in (1, -1)


def _branch_section(setting: Setting, law: Levy) -> Section:
    """The branch theorem of the class, instantiated."""
    pairs = tuple(zip(law.poles, law.weights, strict=True))
    h = w + law.mean + sum((c / (w - p) for p, c in pairs), sp.S.Zero)
    phi = sum((c / (w - p) ** 2 for p, c in pairs), sp.S.Zero)
    x, y = sp.symbols("x y", real=True)
    count = len(pairs)
    height = 1 - sum((c / ((x - p) ** 2 + y**2) for p, c in pairs), sp.S.Zero)
    at_point = h.subs(w, x + sp.I * y)
    imaginary = (at_point - at_point.subs(sp.I, -sp.I)) / (2 * sp.I)
    name, name_phi = sp.Function("H")(w), sp.Function("Phi")(w)
    steps = (
        Step(
            "The equation in w = 1/G",
            "z = R(G) + 1/G, with g = 1/w in every term.",
            (sp.Eq(name, h, evaluate=False), sp.Eq(name, z, evaluate=False)),
            Identity(h - (law.r_transform() + 1 / g).subs(g, 1 / w), setting.facts),
            source="Pennington & Bahri (2017), eq. 13",
        ),
        Step(
            "Slope",
            "H falls next to every pole and rises far away.",
            (sp.Eq(sp.Derivative(name, w), 1 - name_phi), sp.Eq(name_phi, phi, evaluate=False)),
            Identity(sp.diff(h, w) - (1 - phi), setting.facts),
        ),
        Step(
            "At most one complex pair for real z",
            f"Cleared of denominators, H(w) = z is monic in w of degree k + 1 = {count + 1}. Between "
            "neighbouring poles H runs from +oo to -oo, for all residues c_j are positive: at least one real "
            "root in each of the k - 1 gaps. Two roots are left, both real or a complex pair.",
            sp.Eq(sp.Symbol("k"), count, evaluate=False),
            Together((Monic(law, setting.facts), Positive(law.weights, setting.facts))),
        ),
        Step(
            "The upper half-plane",
            "Im H(x + i y) = y times a bracket below 1: so Im z > 0 and Im w > 0 give Im w >= Im z > 0, and "
            "where z is real and w is not, the bracket vanishes.",
            sp.Eq(sp.Function("Im")(sp.Function("H")(x + sp.I * y)), y * height, evaluate=False),
            Together((Identity(imaginary - y * height, setting.facts), Positive(law.weights, setting.facts))),
        )
        if count
        else Step("The upper half-plane", "H(w) = w + m.", sp.Eq(name, h), Definition()),
        Step(
            "Exactly one root with Im w > 0 for Im z > 0",
            f"For large real z the {count + 1} roots are real: {count} next to the poles, where H' < 0, and "
            "one next to z, where H' > 0. As z moves up, dw = dz/H'(w): the first go down, the last goes up, "
            "and none returns to the real axis, for H is real there. The one that goes up is w ~ z, hence "
            "G = 1/w ~ 1/z: the physical root.",
            sp.Eq(sp.Derivative(name, w), 1 - name_phi),
            Together((Identity(_slope_at_infinity(law) - 1), Positive(law.weights, setting.facts))),
        ),
        Step(
            "The physical root for real z",
            "It is the limit from above: inside the support the root of the complex pair with Im w > 0, "
            "outside the unique real root with H'(w) > 0, for the others move down. Edges are the simple "
            "real solutions of Phi(w) = 1; Phi is convex between poles.",
            sp.Eq(name_phi, 1, evaluate=False),
            Identity(
                sp.diff(phi, w, 2) - sum((6 * c / (w - p) ** 4 for p, c in pairs), sp.S.Zero), setting.facts
            ),
        ),
    )
    return Section("The branch", steps)


@dataclass(frozen=True)
class Monic:
    """(H(w) - z) prod (w - p_j) is monic in w, of degree one more than there are poles, and its
    residues at the poles are c_j prod (p_j - p_i)."""

    law: Levy
    where: tuple[Any, ...] = ()

    def check(self) -> None:
        poles, weights = self.law.poles, self.law.weights
        full = sp.prod([w - p for p in poles])
        cleared = (w + self.law.mean - z) * full
        for j, c in enumerate(weights):
            cleared += c * sp.prod([w - p for i, p in enumerate(poles) if i != j])
        poly = sp.Poly(sp.expand(cleared), w)
        if poly.degree() != len(poles) + 1 or poly.LC() != 1:
            raise CertificateError("the cleared equation is not monic of the degree that was claimed")
        h = w + self.law.mean + sum((c / (w - p) for p, c in zip(poles, weights, strict=True)), sp.S.Zero)
        if not vanishes((h - z) * full - cleared, where=self.where):
            raise CertificateError("clearing denominators changed the equation")

    @property
    def summary(self) -> str:
        return "degree and leading coefficient read off exactly"


def _slope_at_infinity(law: Levy) -> sp.Expr:
    """H'(w) at w = 1/g for g = 0."""
    slope = 1 - sum(
        (c * g**2 / (1 - p * g) ** 2 for p, c in zip(law.poles, law.weights, strict=True)), sp.S.Zero
    )
    return slope.subs(g, 0)


def _algebraic(equation: sp.Expr) -> Section:
    step = Step(
        "An algebraic law",
        "The equation is irreducible; the law is its branch with G ~ 1/z at infinity, continued through the "
        "upper half-plane, where it has no singularity.",
        sp.Eq(equation, 0, evaluate=False),
        Irreducible(equation, (G, z)),
    )
    return Section("The law", (step,))
