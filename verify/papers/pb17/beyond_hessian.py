"""Section 6.3 of Pennington & Bahri (2017): the improved approximation to the Hessian."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive import load
from derive.algebra.polynomials import canonical
from derive.algebra.radicals import vanishes
from derive.laws import G, g, z

from ...ledger import Claim, Finding, Reading, certified, exact, sampled
from ...oracle import expectation
from ...precise import Law
from ...sampling import Sampler
from ..deciding import FALSE_ALARM, derivation, every, growth, identical, split_by_energy
from ..traces import Traces, extrapolated, satisfied

NAME, WARM_UP = "relu_hessian", "wishart_wigner"
eps, phi, sigma = (parameter.symbol for parameter in load(NAME).parameters)
chi = 1 + 16 * phi - 8 * phi**2
three_halves, half = sp.Rational(3, 2), sp.Rational(1, 2)
BELOW_ONE = r"$0 < \phi < 1$"
PRINTED_QUARTIC = (
    2 * (z - sigma * (1 - phi)) * G
    - phi * (2 * sigma * z + eps * (1 - phi)) * G**2
    - eps * phi**2 * (z + sigma * (phi - 2)) * G**3
    + z * eps * sigma * phi**3 * G**4
    - 2
)
PRINTED_CRITICAL = sigma**2 * (27 - 18 * chi - chi**2 + 8 * chi**three_halves) / (32 * phi * (1 - phi) ** 3)

INDEX_BRACKET = (
    sp.log(g) - sp.log(1 - sigma * phi * g) / phi - sp.log(1 - eps * phi**2 * g**2 / 2) / (2 * phi)
)


def form(name: str, model: str = NAME) -> Any:
    """A closed form of the derivation."""
    return derivation(model).closed_forms[name]


@exact
def transform_of_sum(formula: Any) -> Finding:
    """An R-transform against the sum of those derived for the Marchenko-Pastur law and for H1."""
    parts = form("r_transform", "marchenko_pastur") + form("r_transform", "relu_residual")
    return every(
        identical(formula, parts, what="R and the sum of both parts"),
        identical(formula, form("r_transform"), what="R of the free sum"),
    )


@exact
def polynomial_of_law(formula: Any) -> Finding:
    """A polynomial in G and z, up to a constant factor, against the derived equation."""
    derived = canonical(derivation(NAME).equation, G)
    return identical(canonical(formula, G), derived, what="the polynomial in G and z")


@sampled(
    false_alarm=FALSE_ALARM,
    power="finds an energy wrong by 10 % and a ratio or a sigma wrong by 5 % with probability 99 %",
)
def matrices_satisfy(formula: Any) -> Finding:
    """Mean resolvent traces of Wishart matrices plus residual parts against a polynomial in G and z."""
    at = {eps: sp.Integer(1), phi: half, sigma: sp.Integer(1)}
    return satisfied(sp.sympify(formula).subs(at), matrix_traces())


@cache
def matrix_traces() -> Traces:
    """Traces of the model at eps = 1, phi = 1/2, sigma = 1, matrices of 40 and 80 rows."""
    samplers: dict[int, Sampler] = {
        n: Sampler(load(NAME), n, eps="1", phi="1/2", sigma="1") for n in (40, 80)
    }

    def spectrum(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
        return np.linalg.eigvalsh(samplers[n](rng))

    return extrapolated(
        spectrum,
        (0.2 + 1j, 2 + 1j),
        size=40,
        pairs=300,
        seed=30,
        what="real matrices of 40 and 80 rows at eps = 1, phi = 1/2, sigma = 1",
    )


@exact
def slope_of_bracket(formula: Any) -> Finding:
    """(constant, sign, bracket): the bracket must be an antiderivative of R(g) + 1/g, alpha 0 or 1 outside.

    With principal logarithms, and G(i0) from above: left of the support G < 0 is approached from Im G < 0, so
    that Im bracket is -pi times the coefficient of log g, and alpha is 0; right of it Im bracket is 0, and
    alpha is 1.
    """
    constant, sign, bracket = formula
    slope = sp.diff(bracket, g)
    logarithm = sp.Poly(sp.expand(bracket), sp.log(g)).coeff_monomial(sp.log(g))
    right_of, left_of = constant, constant - sign * logarithm
    return every(
        identical(slope, form("r_transform") + 1 / g, what="the slope of the bracket and R(g) + 1/g"),
        Finding(
            (right_of, left_of) == (1, 0),
            f"alpha would be {left_of} with all eigenvalues positive and {right_of} with all negative",
        ),
    )


@certified
def index_by_quadrature(formula: Any) -> Finding:
    """(constant, sign, bracket): constant + (sign/pi) Im bracket at certified G(+i0), against quadrature."""
    constant, sign, bracket = formula
    worst = 0.0
    for energy, ratio in (("1", "1/3"), ("1/2", "1"), ("2", "3/2")):
        law = Law(NAME, eps=energy, phi=ratio)
        at = {eps: sp.Rational(energy), phi: sp.Rational(ratio), sigma: 1, g: complex(law.stieltjes(0))}
        stated = float(constant + sign * sp.im(sp.N(bracket.subs(at))) / sp.pi)
        measured = float(expectation(law, lambda _: 1, below=0))
        if abs(stated - measured) > 1e-12:
            place = f"at eps = {energy}, phi = {ratio}"
            return Finding(False, f"{place} the formula gives {stated:.6f}, quadrature {measured:.6f}")
        worst = max(worst, abs(stated - measured))
    text = f"quadrature of the certified density at three points differs by at most {worst:.1g}"
    return Finding(True, text, {"largest difference": worst})


# --- near the critical energy ---------------------------------------------------------------------


@exact
def growth_by_expansion(formula: Any) -> Finding:
    """(exponent, sides): against the derived local law, which holds beyond the critical energy only."""
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
def prefactors_differ(formula: Any) -> Finding:
    """Whether the prefactors of both models are one function; their ratio at both ends of (0, 1) is given."""
    own, other = form("index_prefactor"), form("index_prefactor", WARM_UP)
    same = vanishes(sp.pi * (own - other), where=form("critical_condition"))
    ends = sp.limit(own / other, phi, 0, "+"), sp.limit(own / other, phi, 1, "-")
    text = (
        f"at phi = 1/2 they are {sp.N(own.subs(phi, half), 8)} and {sp.N(other.subs(phi, half), 8)}; their "
        "ratio "
        f"tends to {ends[0]} as phi -> 0 and to {sp.nsimplify(ends[1])} as phi -> 1"
    )
    return Finding(same == formula, text)


@exact
def critical(formula: Any) -> Finding:
    """An energy against the derived sup{eps : alpha = 0} for 0 < phi < 1."""
    return identical(formula, form("critical_energy"), where=form("critical_condition"), what="eps_c")


@certified
def gap_closes(formula: Any) -> Finding:
    """An energy in phi (at sigma = 1): below it the lowest edge is positive, beyond it the index."""
    return split_by_energy(NAME, formula.subs(sigma, 1), phi, ratios=("1/10", "1/3", "1/2", "4/5", "99/100"))


def expansion(model: str) -> sp.Poly:
    """The derived critical energy in powers of delta = 1 - phi."""
    return sp.Poly(form("series", model).subs(phi, 1 - DELTA), DELTA)


DELTA = sp.Symbol("delta", positive=True)


@exact
def vanishes_at_one(formula: Any) -> Finding:
    """(order of the zero of the denominator of (32) at phi = 1, limit of the critical energy there)."""
    pole, limit = formula
    numerator, denominator = sp.fraction(PRINTED_CRITICAL)
    order = next(k for k in range(9) if sp.diff(denominator, phi, k).subs(phi, 1) != 0)
    zero = next(k for k in range(9) if sp.expand(sp.diff(numerator, phi, k).subs(phi, 1)) != 0)
    value = form("critical_energy").subs(phi, 1)
    text = (
        f"the denominator of (32) vanishes to the order {order}, its numerator to the order {zero}, and the "
        f"rationalised form is {value} at phi = 1"
    )
    return Finding((order, value) == (pole, limit) and zero > order, text, {"order": zero - order})


@exact
def leading_term(formula: Any) -> Finding:
    """(term, order): the leading term at phi = 1 of the derived expansion, and the order of the next one."""
    term, following = formula
    series = expansion(NAME)
    orders = sorted(monomial[0] for monomial in series.monoms())
    first = series.coeff_monomial(DELTA ** orders[0]) * (1 - phi) ** orders[0]
    order = Finding(orders[1] == following, f"the next term has the order {orders[1]}")
    return every(identical(term, first, what="the leading term"), order)


@exact
def same_as_warm_up(formula: Any) -> Finding:
    """(sigma, number of terms): how many leading terms at phi = 1 both critical energies have in common."""
    value, stated = formula
    own, other = expansion(NAME), expansion(WARM_UP)
    orders = sorted({monomial[0] for series in (own, other) for monomial in series.monoms()})
    rows = [
        (order, own.coeff_monomial(DELTA**order).subs(sigma, value), other.coeff_monomial(DELTA**order))
        for order in orders
    ]
    common = next((k for k, (_, left, right) in enumerate(rows) if left != right), len(rows))
    shown = ", ".join(f"{left} and {right} at order {order}" for order, left, right in rows[:3])
    text = f"sigma = {value}: {shown}; {common} of the leading coefficients agree"
    return Finding(common == stated, text, {"terms in common": common})


@exact
def first_part_governs(formula: Any) -> Finding:
    """(exponent, limit): that of both models; that of the ratio of variances of H1 at which the gap closes.

    In general let H1 have any law of mean 0, R_1(g) = v g + k_3 g^2 + k_4 g^3 + ..., with cumulants that
    scale as k_j ~ v^(j/2). With phi = 1 - delta, v = omega delta^3, g = -gamma/delta the equation at
    z = 0 and its derivative are, to leading order, free of k_3, k_4, ...: they enter with higher powers
    of delta. So H1 matters through its variance alone, while sigma and delta are those of H0.
    """
    exponent, limit = formula
    same = [
        identical(exponent, form("index_exponent", model), what=f"the exponent of {model}")
        for model in (NAME, WARM_UP)
    ]
    omega, gamma = sp.symbols("omega gamma", positive=True)
    k3, k4 = sp.symbols("k_3 k_4", real=True)
    root = sp.Symbol("r", positive=True)  # sqrt(delta)
    v, at = omega * root**6, -gamma / root**2
    first = 1 / (1 - (1 - root**2) * at)  # sigma = 1, which scales the rest
    second = v * at + k3 * v**three_halves * at**2 + k4 * v**2 * at**3
    whole = sp.expand(
        sp.cancel(sp.together((first + second + 1 / at) / root**4)).series(root, 0, 1).removeO()
    )
    if whole.free_symbols & {k3, k4, root}:
        return Finding(False, f"higher cumulants of H1 enter to leading order: {whole}")
    (place,) = sp.solve([whole, sp.diff(whole, gamma)], [omega, gamma], dict=True)
    variances = [
        2 * form("series", WARM_UP).subs(phi, 1 - DELTA),
        form("series").subs({phi: 1 - DELTA, sigma: 1}) * (1 - DELTA) / 2,
    ]
    leading = [sp.Poly(sp.expand(value), DELTA).coeff_monomial(DELTA**3) for value in variances]
    ratio = Finding(
        leading[0] / leading[1] == limit, f"the ratio of the variances tends to {leading[0] / leading[1]}"
    )
    agree = Finding(
        leading[0] == place[omega],
        f"with H1 of any law the gap closes at the variance {place[omega]} sigma^2 (1-phi)^3 (1 + o(1)), as "
        "in both "
        f"models",
    )
    middle = [sp.N(value, 6) for value in _variances_at(half)]
    away = Finding(
        True, f"at phi = 1/2 it is {middle[0]} for the Wigner and {middle[1]} for the residual part"
    )
    return every(*same, ratio, agree, away)


def _variances_at(ratio: sp.Rational) -> tuple[sp.Expr, sp.Expr]:
    """Variances of H1 at the critical energy for sigma = 1: Wigner 2 eps, residual part eps phi/2."""
    own, other = form("critical_energy").subs(sigma, 1), form("critical_energy", WARM_UP)
    return 2 * other.subs(phi, ratio), own.subs(phi, ratio) * ratio / 2


CLAIMS = (
    Claim(
        id="pb17/eq-29",
        statement=r"$\mathcal{R}_H(z) = \frac{\sigma}{1 - \sigma z \phi} + \frac{\epsilon \phi z}{2 - "
        r"\epsilon \phi^2 "
        r"z^2}$, the first term being that of the Marchenko-Pastur distribution.",
        place="eq. 29",
        readings=(
            Reading(
                r"$\sigma$ is the mean of the law (8)",
                sigma / (1 - sigma * g * phi) + eps * phi * g / (2 - eps * phi**2 * g**2),
            ),
        ),
        checks=(transform_of_sum,),
        conditions="$H_0$ and $H_1$ free; $H_0$ of the law (8), an approximation",
        uses=("pb17/eq-8", "pb17/eq-14", "pb17/eq-28"),
        steps=((NAME, "Free sum H"),),
    ),
    Claim(
        id="pb17/eq-30",
        statement=r"$2 = 2(z - \sigma(1 - \phi)) G - \phi(2 \sigma z + \epsilon(1 - \phi)) G_H^2 - \epsilon "
        r"\phi^2 (z "
        r"+ \sigma(\phi - 2)) G_H^3 + z \epsilon \sigma \phi^3 G_H^4$.",
        place="eq. 30",
        readings=(Reading("the $G$ without a subscript is $G_H$", PRINTED_QUARTIC),),
        checks=(polynomial_of_law, matrices_satisfy),
        uses=("pb17/eq-13", "pb17/eq-29"),
        steps=((NAME, "The equation in G and z"),),
    ),
    Claim(
        id="pb17/sec-6.3-index",
        statement=r"Using the same techniques as in section 4 this equation yields the function "
        r"$\alpha(\epsilon, "
        r"\phi)$.",
        place="section 6.3",
        readings=(
            Reading(
                r"as in (S2): $\alpha = 1 + \frac{1}{\pi} \mathrm{Im}[\log G - \frac{1}{\phi} \log(1 - "
                r"\sigma \phi "
                r"G) - \frac{1}{2\phi} \log(1 - \frac{1}{2} \epsilon \phi^2 G^2)]$ at $G = G_H(i0)$",
                (1, 1, INDEX_BRACKET),
            ),
        ),
        checks=(slope_of_bracket, index_by_quadrature),
        conditions="principal logarithms, $z$ in the upper half-plane, 0 inside the support",
        uses=("pb17/eq-19", "pb17/eq-30", "pb17s/eq-S1"),
        steps=((NAME, "primitive"), (NAME, "branch of the logarithms")),
    ),
    Claim(
        id="pb17/eq-31",
        statement=r"$\alpha(\epsilon, \phi) \approx \tilde\alpha_0(\phi) \left| \frac{\epsilon - "
        r"\epsilon_c}{\epsilon_c} \right|^{3/2}$, again.",
        place="eq. 31",
        readings=(
            Reading(r"on both sides of $\epsilon_c$, as the modulus suggests", (three_halves, 2)),
            Reading(r"for $\epsilon > \epsilon_c$; below it $\alpha = 0$", (three_halves, 1)),
        ),
        checks=(growth_by_expansion, growth_by_values),
        conditions=BELOW_ONE,
        uses=("pb17/eq-19", "pb17/eq-30"),
        steps=((NAME, "square-root edge"), (NAME, "3/2 law")),
        planted=((sp.Rational(5, 2), 1), (sp.Rational(4, 3), 1), (three_halves, 2)),
    ),
    Claim(
        id="pb17/sec-6.3-prefactor",
        statement=r"Compared with (20), the coefficient function $\tilde\alpha_0(\phi)$ differs from "
        r"$\alpha_0(\phi)$.",
        place="section 6.3",
        readings=(Reading("they are not one function of $\\phi$", False),),
        checks=(prefactors_differ,),
        conditions=BELOW_ONE,
        uses=("pb17/eq-20", "pb17/eq-31"),
        steps=((NAME, "3/2 law"), (WARM_UP, "3/2 law")),
        planted=(True,),
    ),
    Claim(
        id="pb17/eq-32",
        statement=r"$\epsilon_c = \frac{\sigma^2 (27 - 18 \chi - \chi^2 + 8 \chi^{3/2})}{32 \phi (1 - "
        r"\phi)^3}$, $\chi "
        r"= 1 + 16 \phi - 8 \phi^2$.",
        place="eq. 32",
        readings=(Reading("as printed", PRINTED_CRITICAL),),
        checks=(critical, gap_closes),
        conditions=BELOW_ONE + r"; for $\phi \geq 1$ $\epsilon_c = 0$, which the formula does not give",
        uses=("pb17/eq-30",),
        steps=((NAME, "critical energy"), (NAME, "falling edge"), (NAME, "double root")),
    ),
    Claim(
        id="pb17/sec-6.3-pole",
        statement=r"Despite the apparent pole at $\phi = 1$, $\epsilon_c$ actually vanishes there.",
        place="section 6.3",
        readings=(Reading("a denominator of the third order, and the limit 0", (3, sp.Integer(0))),),
        checks=(vanishes_at_one,),
        uses=("pb17/eq-32",),
        steps=((NAME, "expansion at phi = 1"),),
    ),
    Claim(
        id="pb17/eq-33",
        statement=r"$\epsilon_c \approx \frac{8}{27} \sigma^2 (1 - \phi)^3 + \mathcal{O}(1 - \phi)^4$.",
        place="eq. 33",
        readings=(Reading("as printed", (sp.Rational(8, 27) * sigma**2 * (1 - phi) ** 3, 4)),),
        checks=(leading_term,),
        conditions=BELOW_ONE,
        uses=("pb17/eq-32",),
        steps=((NAME, "expansion at phi = 1"),),
    ),
    Claim(
        id="pb17/sec-6.3-half",
        statement=r"For $\sigma = 1/2$ this is precisely the same behaviour of $\epsilon_c$ near 1 as in the "
        r"Wishart "
        "plus Wigner approximation.",
        place="section 6.3",
        readings=(
            Reading("the expansions are the same", (half, 8)),
            Reading("their leading terms are the same, and only these", (half, 1)),
        ),
        checks=(same_as_warm_up,),
        uses=("pb17/eq-22", "pb17/eq-33"),
        steps=((NAME, "expansion at phi = 1"), (WARM_UP, "expansion at phi = 1")),
    ),
    Claim(
        id="pb17/sec-6.3-governs",
        statement=r"This observation and the $3/2$ scaling suggest that it is $H_0$, rather than $H_1$, that "
        r"is "
        r"governing the behaviour near $\epsilon_c$.",
        place="section 6.3",
        readings=(
            Reading(
                r"both models have the exponent 3/2, and as $\phi \to 1$ the gap closes at the same variance "
                r"of "
                r"$H_1$",
                (three_halves, sp.Integer(1)),
            ),
        ),
        checks=(first_part_governs,),
        conditions=r"$\phi \to 1$, $\sigma$ the same in both; away from 1 the law of $H_1$ matters, and the "
        r"exponent "
        "is that of any square-root edge, whichever part it comes from",
        uses=("pb17/eq-20", "pb17/eq-31", "pb17/sec-6.3-half"),
        steps=(
            ("wishart_wigner", "3/2 law"),
            ("relu_hessian", "3/2 law"),
            ("wishart_wigner", "expansion at phi = 1"),
            ("relu_hessian", "expansion at phi = 1"),
        ),
    ),
)
