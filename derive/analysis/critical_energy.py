"""The critical energy: where the lowest edge reaches 0, and how the index grows beyond it.

1. the discriminant of the equation in G at z = 0, and which of its factors holds the critical energy;
2. the root, with the certificate that it is sup{eps : alpha = 0}: the lowest edge falls strictly with eps;
3. the root in a form without cancellation, found in the field Q(phi)[W];
4. the expansion at phi = 1;
5. the exponent 3/2 and its prefactor from the local expansion at the edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.polynomials import discriminant, factor_list, factored
from ..algebra.radicals import positive
from ..algebra.signs import Undecided
from ..algebra.surds import Field
from ..certificates import Different, Identity, Negative, Positive, Together
from ..derivation import CertificateError, Section, Step
from ..language.model import Model
from ..laws import G, Law, Levy, w, z
from .energy import Root, Setting, discriminant_at_zero, setting_of, with_role
from .local_law import local_law

ORDER = 10


def critical_energy(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Steps to the critical energy, its expansion at phi = 1 and the 3/2 law.

    Closed forms: "critical_energy", "critical_condition" (expressions > 0 under which it holds), "series"
    (its expansion in 1 - phi), "index_prefactor", "index_exponent". A model without a parameter of role
    "energy" gets an empty section. Raises `Undecided` where the energy is of degree > 2 in the discriminant
    or a sign cannot be decided.
    """
    title = "Critical energy"
    energy = with_role(model, "energy")
    if energy is None:
        return Section(title, ()), {}
    if not isinstance(law, Levy):
        raise Undecided("the critical energy is derived for rational Levy laws only")
    setting = setting_of(model, law, equation, energy)
    first, quadratic = at_zero(setting)
    chosen, root = _root(setting, quadratic)
    edge = _falling_edge(setting)
    forms: dict[str, Any] = {"critical_energy": root.expression, "critical_condition": setting.facts}
    steps = [*first, *chosen, *edge]
    if setting.below_one:
        expansion, forms["series"] = _expansion(setting, quadratic, root)
        steps.append(expansion)
    local, forms["index_prefactor"] = local_law(setting, root)
    forms["index_exponent"] = sp.Rational(3, 2)
    return Section(title, (*steps, *local)), forms


def at_zero(setting: Setting) -> tuple[tuple[Step, ...], sp.Expr]:
    """The discriminant at z = 0 and its factor with the energy, leading coefficient positive if constant."""
    disc = discriminant_at_zero(setting.equation)
    if disc == 0:
        raise Undecided("the discriminant vanishes identically at z = 0")
    content, factors = factor_list(disc)
    energy = setting.energy
    with_energy = [(f, e) for f, e in factors if f.has(energy) and f != energy]
    if len(with_energy) != 1 or sp.degree(with_energy[0][0], energy) > 2 or with_energy[0][1] != 1:
        degrees = ", ".join(str(sp.degree(f, energy)) for f, _ in with_energy) or "none"
        raise Undecided(
            f"no closed form: degrees of the discriminant's factors in {energy} at z = 0: {degrees}"
        )
    factor = with_energy[0][0]
    shown = sp.Mul(content, *(f**e for f, e in factors), evaluate=False)
    steps = [
        Step(
            "discriminant at z = 0",
            "An edge reaches 0 where the discriminant of the equation in G vanishes at z = 0.",
            sp.Eq(sp.Symbol("D_0"), shown, evaluate=False),
            Identity(disc - shown.doit()),
        )
    ]
    polynomial = sp.Poly(setting.equation.subs(z, 0), G)
    degree = sp.Poly(setting.equation, G).degree()
    if polynomial.degree() == degree - 1:
        lead, lower = polynomial.LC(), discriminant(polynomial.as_expr(), G)
        steps.append(
            Step(
                "lost leading term",
                "At z = 0 the equation loses its leading term, and its discriminant becomes the square of "
                "the next coefficient times the discriminant of what is left. Where that coefficient "
                "vanishes a second root w = 1/G is 0, Phi(0) = 1: a hard edge at 0, which is no critical "
                "energy.",
                sp.Eq(
                    sp.Symbol("D_0"),
                    sp.Mul(factored(lead) ** 2, sp.Symbol("D_0'"), evaluate=False),
                    evaluate=False,
                ),
                Identity(disc - lead**2 * lower),
            )
        )
    return tuple(steps), factor


def _root(setting: Setting, factor: sp.Expr) -> tuple[tuple[Step, ...], Root]:
    energy, facts = setting.energy, setting.facts
    polynomial = sp.Poly(factor, energy)
    a, b, c = (polynomial.coeff_monomial(energy**power) for power in (2, 1, 0))
    if a == 0:
        raise Undecided(
            "the critical energy is a root of a linear factor; no radical is needed, and none is derived"
        )
    content, factors = factor_list(b**2 - 4 * a * c)
    outside = sp.sqrt(sp.prod([p ** (e // 2 * 2) for p, e in sp.factorint(abs(content)).items()]))
    outside *= sp.prod([f ** (e // 2) for f, e in factors])
    radicand = sp.expand(sp.cancel((b**2 - 4 * a * c) / outside**2))
    field = Field.of(radicand, setting.symbols)
    if positive(factored(-a * c), where=facts) is not True:
        raise Undecided(f"the factor {factor} of the discriminant is not shown to have one positive root")
    one_sign = Together((Negative(factored(a * c), facts), *_other_factors(setting)))
    for sign in (1, -1):
        element = field.element(-b / (2 * a), sign * outside / (2 * a))
        expression = element.without_cancellation()
        try:
            Positive(expression, facts).check()
        except CertificateError:
            continue
        break
    else:
        raise Undecided(f"no root of {factor} is positive")
    steps = (
        Step(
            "one positive root",
            "The factor with the energy has coefficients of opposite sign at its ends, so exactly one of "
            "its roots is positive; the other factors do not vanish. The lowest edge can cross 0 there "
            "only.",
            sp.Eq(_collected(polynomial), 0, evaluate=False),
            one_sign,
        ),
        Step(
            "critical energy",
            "The positive root, in the field Q(phi)[W] with W the root of the discriminant's square-free "
            "part: the zeros at the ends of the interval are divided out, and what is left does not cancel.",
            sp.Eq(sp.Symbol("epsilon_c"), expression, evaluate=False),
            Together((Identity(factor.subs(energy, expression), facts), Positive(expression, facts))),
        ),
    )
    return steps, Root(element, expression, radicand)


def _collected(polynomial: sp.Poly) -> sp.Expr:
    generator = polynomial.gens[0]
    return sp.Add(*(factored(k) * generator ** m[0] for m, k in polynomial.terms()))


def _other_factors(setting: Setting) -> list[Any]:
    _, factors = factor_list(discriminant_at_zero(setting.equation))
    free = [f for f, _ in factors if not f.has(setting.energy)]
    if any(positive(f**2, where=setting.facts) is not True for f in free):
        raise Undecided("another factor of the discriminant at z = 0 may vanish")
    return [Positive(tuple(f**2 for f in free), setting.facts)] if free else []


def _falling_edge(setting: Setting) -> tuple[Step, ...]:
    """The lowest edge is positive at small energy and falls strictly."""
    curve, energy, facts = setting.curve, setting.energy, setting.facts
    slope = factored(sp.diff(curve.rational, energy))
    poles = curve.law.poles
    # on the lowest ray w = -u with u > 0: every odd factor must be w itself or positive there
    u = sp.Dummy("u", positive=True)
    lowest = Positive(curve.wigner) if any(p == 0 for p in poles) else _negative_pole(setting)
    ray = _on_ray(slope, u)
    start, beyond = _limit_edge(setting)
    if positive(-ray, where=facts) is not True:
        raise Undecided("the lowest edge is not shown to fall with the energy")
    if any(positive(item, where=facts) is not True for item in (start, *beyond)):
        raise Undecided("the spectrum is not shown to have a gap above 0 at small energy")
    return (
        Step(
            "falling edge",
            "At an edge H'(w) = 0, so its place moves as dx/deps = (dH/deps)(w). The lowest edge has w "
            "below all poles, one of which is not positive, so w < 0, and there dH/deps < 0: the lowest "
            "edge falls strictly with eps.",
            sp.Eq(sp.Derivative(sp.Function("H")(w), energy), slope, evaluate=False),
            Together(
                (
                    Identity(sp.diff(curve.rational, energy) - slope),
                    Negative(ray, facts),
                    lowest,
                )
            ),
        ),
        Step(
            "gap at eps = 0",
            "As eps goes to 0 the lowest edge tends to that of the law without the vanishing parts, whose w "
            "lies below 0 and below the vanishing poles. It is positive, an eigenvalue gap above 0.",
            sp.Gt(start, 0, evaluate=False),
            Positive((start, *beyond), facts),
        ),
    )


def _on_ray(slope: sp.Expr, u: sp.Symbol) -> sp.Expr:
    """dH/deps at w = -u without its even powers, which do not change the sign."""
    result = sp.S.One
    for factor in sp.Mul.make_args(slope):
        exponent = factor.as_base_exp()[1]
        if not (exponent.is_Integer and exponent % 2 == 0):
            result *= factor
    return result.subs(w, -u)


def _negative_pole(setting: Setting) -> Any:
    for pole in setting.curve.law.poles:
        try:
            Negative(pole).check()
        except (CertificateError, Undecided):
            continue
        return Negative(pole)
    raise Undecided("whether the lowest edge has w < 0: no pole is known to be negative or 0")


def _limit_edge(setting: Setting) -> tuple[sp.Expr, tuple[sp.Expr, ...]]:
    """The lowest edge of the law at energy 0, where it has one pole left, and what must be positive for it.

    The edge has w = p - sqrt(c); 0, where an atom would sit, and the poles that vanish must lie above it.
    """
    law, energy = setting.curve.law, setting.energy
    pairs = list(zip(law.poles, law.weights, strict=True))
    left = [(p, c) for p, c in pairs if c.subs(energy, 0) != 0]
    if len(left) != 1:
        raise Undecided(f"the lowest edge at {energy} = 0 of a law with {len(left)} poles there")
    pole, weight = (item.subs(energy, 0) for item in left[0])
    place = pole - sp.sqrt(weight)
    others = {sp.S.Zero} | {p.subs(energy, 0) for p, c in pairs if c.subs(energy, 0) == 0}
    edge = sp.expand(law.mean.subs(energy, 0) + pole) - 2 * sp.sqrt(weight)
    return edge, tuple(sp.expand(other - place) for other in sorted(others, key=str))


@dataclass(frozen=True)
class Truncation:
    """Substituted for the symbol, the polynomial in `small` leaves no power below `order` in `equation`."""

    equation: sp.Expr
    symbol: sp.Symbol
    polynomial: sp.Expr
    small: sp.Symbol
    order: int

    def check(self) -> None:
        left = sp.Poly(sp.expand(self.equation.subs(self.symbol, self.polynomial)), self.small)
        lowest = min((m[0] for m in left.monoms()), default=self.order)
        if not left.is_zero and lowest < self.order:
            raise CertificateError(
                f"the expansion {self.polynomial} leaves a term of order {lowest}, below {self.order}"
            )

    @property
    def summary(self) -> str:
        return f"power series, exact to order {self.order}"


def _expansion(setting: Setting, factor: sp.Expr, root: Root) -> tuple[Step, sp.Expr]:
    """The expansion of the critical energy in 1 - phi."""
    phi = setting.symbols[0]
    t = sp.Dummy("t", positive=True)
    equation = sp.expand(factor.subs(phi, 1 - t))
    coefficients = _newton(equation, setting.energy, t)
    truncated = sp.Add(*(c * t**power for power, c in coefficients))
    lead = equation.coeff(setting.energy, 1).subs(t, 0)
    series = sp.Add(*(c * (1 - phi) ** power for power, c in coefficients))
    shown = sp.Add(
        *(sp.Mul(c, sp.Pow(1 - phi, power, evaluate=False), evaluate=False) for power, c in coefficients),
        sp.Function("O")((1 - phi) ** (ORDER + 1)),
        evaluate=False,
    )
    step = Step(
        "expansion at phi = 1",
        "The power series that solves the quadratic equation and vanishes at phi = 1; the other root does "
        "not vanish there, so it is the critical energy.",
        sp.Eq(sp.Symbol("epsilon_c"), shown, evaluate=False),
        Together(
            (
                Truncation(equation, setting.energy, truncated, t, ORDER + 1),
                Different(lead),
                Identity(root.expression.subs(phi, 1)),
            )
        ),
    )
    return step, series


def _newton(equation: sp.Expr, energy: sp.Symbol, t: sp.Symbol) -> list[tuple[int, sp.Expr]]:
    """Coefficients (power, c) to `ORDER` of the series in t, 0 at t = 0, that solves a quadratic equation."""
    parts = {power: sp.Poly(equation.coeff(energy, power), t) for power in range(3)}
    lists = {power: [p.coeff_monomial(t**n) for n in range(ORDER + 1)] for power, p in parts.items()}
    lead = lists[1][0]
    if lead == 0 or lists[0][0] != 0:
        raise Undecided("the critical energy has no simple expansion at phi = 1")
    series: list[sp.Expr] = [sp.S.Zero]
    for n in range(1, ORDER + 1):
        square = [sum(series[i] * series[k - i] for i in range(k + 1)) for k in range(n)]
        # the coefficient of t^n of a s^2 + b s + c without the unknown b_0 s_n; s_0 = 0 keeps s_n out of s^2
        rest = lists[0][n] + sum(lists[1][n - k] * series[k] for k in range(n))
        rest += sum(lists[2][n - k] * square[k] for k in range(n))
        rest += lists[2][0] * sum(series[i] * series[n - i] for i in range(1, n))
        series.append(sp.cancel(-rest / lead))
    return [(power, c) for power, c in enumerate(series) if c != 0]
