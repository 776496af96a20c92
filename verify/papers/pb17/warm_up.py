"""Section 4 of Pennington & Bahri (2017): Wishart plus Wigner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive import load
from derive.curves import Setting
from derive.latex import latex, names_of
from derive.laws import G, g, x, z
from derive.polynomials import canonical, discriminant, factor_list
from derive.radicals import constant_sign
from derive.stated_density import DensityAgrees

from ...ledger import Claim, Finding, Reading, certified, exact, sampled
from ...oracle import expectation
from ...precise import Law
from ..deciding import (
    FALSE_ALARM,
    POWER,
    derivation,
    every,
    growth,
    identical,
    spectra_satisfy,
    split_by_energy,
)
from . import gaussian_fields

NAME = "wishart_wigner"
eps, phi = (parameter.symbol for parameter in load(NAME).parameters)
s = sp.Symbol("s", positive=True)
three_halves = sp.Rational(3, 2)
BELOW_ONE = r"$0 < \phi < 1$"
PRINTED_CUBIC = 2 * eps * phi * G**3 - (2 * eps + z * phi) * G**2 + (z + phi - 1) * G - 1
PRINTED_CRITICAL = (1 - 20 * phi - 8 * phi**2 + (1 + 8 * phi) ** three_halves) / 16


def form(name: str) -> Any:
    """A closed form of the derivation."""
    return derivation(NAME).closed_forms[name]


# --- 4.1 Spectral distribution -------------------------------------------------------------------


def _part(name: str, at: Mapping[str, Any], what: str) -> sp.Expr:
    """An equation or closed form of one ensemble at expressions for its parameters."""
    found = derivation(name)
    value = found.equation if what == "equation" else found.closed_forms[what]
    return value.subs({p.symbol: at[p.name] for p in found.model.parameters if p.name in at})


def _parts(what: str) -> tuple[sp.Expr, sp.Expr]:
    """What belongs to H0, Wishart of mean 1, and to H1, Wigner of variance 2 eps."""
    return _part("marchenko_pastur", {"sigma": 1}, what), _part(
        "semicircle", {"sigma": sp.sqrt(2 * eps)}, what
    )


@exact
def densities_of_parts(formula: Any) -> Finding:
    """Two densities against the equations of the two ensembles."""
    found = []
    for density, equation in zip(formula, _parts("equation"), strict=True):
        equation = sp.expand(equation)
        parameters = tuple(sorted(equation.free_symbols - {G, z}, key=str))
        holds = DensityAgrees(Setting(parameters), equation, density, True).decide()
        outcome = "satisfies, on the right branch," if holds else "does not satisfy"
        left, right = (latex(side, names_of(load(NAME))) for side in (density, equation))
        found.append(Finding(holds, f"${left}$ {outcome} ${right} = 0$"))
    return every(*found)


@exact
def relative_scale(formula: Any) -> Finding:
    """(factor, energy): s H0 + H1 has the law of factor * H at this energy.

    Multiplying by a positive factor moves no eigenvalue across 0, so index and critical energy follow.
    """
    factor, energy = formula
    of_sum = _part("marchenko_pastur", {"sigma": s}, "r_transform") + _parts("r_transform")[1]
    scaled = factor * form("r_transform").subs({eps: energy, g: factor * g}, simultaneous=True)
    return identical(scaled, of_sum, what="R of the scaled law and R of s H0 + H1")


@exact
def transforms_of_parts(formula: Any) -> Finding:
    """Two R-transforms against those derived from the densities."""
    pairs = zip(formula, _parts("r_transform"), ("R of H0", "R of H1"), strict=True)
    return every(*(identical(printed, derived, what=what) for printed, derived, what in pairs))


@exact
def transform_of_sum(formula: Any) -> Finding:
    """An R-transform against the derived one of H0 + H1."""
    return identical(formula, form("r_transform"), what="R of H")


@exact
def polynomial_of_law(formula: Any) -> Finding:
    """A polynomial in G and z, up to a constant factor, against the derived equation."""
    derived = canonical(derivation(NAME).equation, G)
    return identical(canonical(formula, G), derived, what="the polynomial in G and z")


@sampled(false_alarm=FALSE_ALARM, power=POWER)
def matrices_satisfy_polynomial(formula: Any) -> Finding:
    """Resolvent traces of real matrices of 1000 rows against the root of a polynomial."""
    return spectra_satisfy(NAME, formula, n=1000, seed=18, eps="1/5", phi="1/2")


@exact
def branch_at_infinity(formula: Any) -> Finding:
    """(power, coefficient): one root of (18) alone vanishes at infinity, as coefficient * z^power.

    The roots that stay finite solve the leading coefficient in z. For the others G = z^power M turns
    the terms of highest degree in z into a polynomial in M.
    """
    power, coefficient = formula
    equation = derivation(NAME).equation
    many = sp.Symbol("M")
    finite = sp.roots(sp.Poly(sp.Poly(equation, z).LC(), G))
    scaled = sp.Poly(sp.expand(equation.subs(G, many * z**power) * z**6), z, many)
    top = sp.Poly(sp.Poly(scaled.as_expr(), z).LC(), many)
    limits = {root: k for root, k in sp.roots(top).items() if root != 0}
    alone = finite.get(sp.S.Zero) == 1
    holds = alone and power < 0 and limits == {coefficient: 1}
    shown = ", ".join(map(str, limits)) or "none"
    return Finding(
        holds, f"roots that vanish at infinity: {finite.get(sp.S.Zero, 0)}; limits of G/z^{power}: {shown}"
    )


@exact
def equation_without_energy(formula: Any) -> Finding:
    """A polynomial in G and z against the equation at eps = 0."""
    limit = canonical(derivation(NAME).equation.subs(eps, 0), G)
    return identical(canonical(formula, G), limit, what="the equation at eps = 0")


@exact
def gap_for_small_ratio(formula: Any) -> Finding:
    """(edge, ratio): the lowest edge as eps -> 0, and the ratio up to which there is a gap above 0.

    Above the ratio 0 lies inside the support at every energy: the discriminant at z = 0 keeps
    the sign of a complex pair.
    """
    edge, ratio = formula
    pair = (end.subs(_mean(), 1) for end in derivation("marchenko_pastur").closed_forms["edges"])
    mine = min(pair, key=lambda end: end.subs(phi, sp.Rational(1, 4)))
    factor = _factor_at_zero()
    same = identical(edge, mine, what="the lowest edge as eps -> 0")
    ends = Finding(bool(mine.subs(phi, ratio) == 0), f"the edge at phi = {ratio} is {mine.subs(phi, ratio)}")
    below = constant_sign(factor.subs(eps, 0), where=(ratio - phi,))
    beyond = constant_sign(factor, where=(phi - ratio,))
    split = Finding(
        below == -1 and beyond == 1,
        f"sign of the discriminant's factor at z = 0: {below} for phi < {ratio} at eps = 0, "
        f"{beyond} for phi > {ratio} at every energy",
    )
    return every(same, ends, split)


def _mean() -> sp.Symbol:
    return next(p.symbol for p in load("marchenko_pastur").parameters if p.name == "sigma")


def _factor_at_zero() -> sp.Expr:
    """The factor with the energy of the discriminant of (18) at z = 0; positive: a complex pair."""
    found = discriminant(derivation(NAME).equation.subs(z, 0), G)
    _, factors = factor_list(found)
    factor = next(f for f, _ in factors if f.has(eps) and f != eps)
    return sp.expand(factor * sp.sign(sp.Poly(factor, eps).LC()))


@certified
def gap_closes(formula: Any) -> Finding:
    """An energy as a function of phi: below it the lowest edge is positive, beyond it the index."""
    return split_by_energy(NAME, formula, phi, ratios=("1/10", "1/3", "1/2", "4/5", "99/100"))


@exact
def semicircular_for_large_energy(formula: Any) -> Finding:
    """An R-transform against the limit of that of (H - E H) / sd as eps grows."""
    t = sp.Symbol("t", positive=True)  # 1 / standard deviation: 2 eps + phi = 1/t^2
    centred = form("r_transform").subs(g, t * g) - form("free_cumulants")(1)[0]
    limit = sp.cancel(sp.expand(sp.cancel(centred.subs(eps, (1 / t**2 - phi) / 2)) * t)).subs(t, 0)
    return identical(formula, limit, what="R of the centred law of variance 1 as eps -> oo")


@exact
def more_semicircular(formula: Any) -> Finding:
    """Signs of the slopes in eps of the normalised free cumulants beyond the second, and of the lowest edge.

    A semicircle has no free cumulants beyond the second. Here kappa_n = c p^(n-2) for n >= 3, and the
    square of the normalised one is kappa_n^2 / kappa_2^n. The lowest edge has w < 0 and moves as dH/deps.
    """
    law: Any = derivation(NAME).law
    order, u = sp.symbols("n u", positive=True)
    pairs = list(zip(law.poles, law.weights, strict=True))
    (beyond,) = (c * p ** (order - 2) for p, c in pairs if p != 0)
    slope = sp.cancel(sp.diff(sp.log(beyond**2) - order * sp.log(form("free_cumulants")(2)[1]), eps))
    motion = sum(sp.diff(c, eps) / (-u - p) for p, c in pairs)  # the poles stay where they are
    found = constant_sign(slope), constant_sign(motion)
    return Finding(
        tuple(formula) == found, f"signs of the slopes: {found[0]} and {found[1]}, decided exactly"
    )


# --- 4.2 Normalized index ------------------------------------------------------------------------


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
def critical(formula: Any) -> Finding:
    """An energy against the derived sup{eps : alpha = 0} for 0 < phi < 1."""
    return identical(formula, form("critical_energy"), where=form("critical_condition"), what="eps_c")


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
    factor = sp.Poly(_factor_at_zero(), eps)
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
        id="pb17/sec-4.1-scale",
        statement=(
            r"Only the relative scaling between $H_0$ and $H_1$ is relevant; one may take "
            r"$\sigma_{H_0} = 1$ "
            r"and $\sigma_{H_1} = \sqrt{2\epsilon}$."
        ),
        place="section 4.1",
        readings=(
            Reading(
                r"$s H_0 + H_1$ at the energy $\epsilon$ is $s$ times $H$ at the energy $\epsilon / s^2$",
                (s, eps / s**2),
            ),
        ),
        checks=(relative_scale,),
        conditions="$s > 0$",
        uses=("pb17/eq-14",),
        steps=(("wishart_wigner", "Free sum H"),),
    ),
    Claim(
        id="pb17/eq-15",
        statement=r"$\rho_{H_0}(\lambda) = \rho_{MP}(\lambda; 1, \phi)$, $\rho_{H_1}(\lambda) = "
        r"\rho_{SC}(\lambda; \sqrt{2\epsilon}, \phi)$.",
        place="eq. 15",
        readings=(
            Reading(
                r"the densities (8) at $\sigma = 1$ and (6) at $\sigma = \sqrt{2\epsilon}$",
                (
                    sp.sqrt((x - (1 - sp.sqrt(phi)) ** 2) * ((1 + sp.sqrt(phi)) ** 2 - x))
                    / (2 * sp.pi * x * phi),
                    sp.sqrt(8 * eps - x**2) / (4 * sp.pi * eps),
                ),
            ),
        ),
        checks=(densities_of_parts,),
        conditions=(
            r"on the support; for $\phi > 1$ the first has an atom of mass $1 - 1/\phi$ at 0 "
            r"beside it"
        ),
        uses=("pb17/eq-6", "pb17/eq-8"),
    ),
    Claim(
        id="pb17/eq-16",
        statement=r"$\mathcal{R}_{H_0}(z) = \frac{1}{1 - z \phi}$, $\mathcal{R}_{H_1}(z) = 2 \epsilon z$.",
        place="eq. 16",
        readings=(Reading("as printed", (1 / (1 - g * phi), 2 * eps * g)),),
        checks=(transforms_of_parts,),
        uses=("pb17/eq-11", "pb17/eq-13", "pb17/eq-15"),
        steps=((NAME, "R-transform of H_0"), (NAME, "R-transform of H_1")),
    ),
    Claim(
        id="pb17/eq-17",
        statement=(
            r"$\mathcal{R}_H = \mathcal{R}_{H_0} + \mathcal{R}_{H_1} = \frac{1}{1 - z \phi} + 2 "
            r"\epsilon z$."
        ),
        place="eq. 17",
        readings=(Reading("as printed", 1 / (1 - g * phi) + 2 * eps * g),),
        checks=(transform_of_sum,),
        uses=("pb17/eq-14", "pb17/eq-16"),
        steps=((NAME, "Free sum H"),),
    ),
    Claim(
        id="pb17/eq-18",
        statement=r"$2 \epsilon \phi G_H^3 - (2 \epsilon + z \phi) G_H^2 + (z + \phi - 1) G_H - 1 = 0$.",
        place="eq. 18",
        readings=(Reading("as printed", PRINTED_CUBIC),),
        checks=(polynomial_of_law, matrices_satisfy_polynomial),
        uses=("pb17/eq-13", "pb17/eq-17"),
        steps=((NAME, "The equation in G and z"),),
    ),
    Claim(
        id="pb17/sec-4.1-branch",
        statement=r"The correct root of (18) is determined by $G_H \sim 1/z$ as $z \to \infty$.",
        place="section 4.1",
        readings=(Reading(r"one root vanishes at infinity, and $z G \to 1$ on it", (-1, 1)),),
        checks=(branch_at_infinity,),
        uses=("pb17/eq-18",),
        steps=((NAME, "Exactly one root with Im w > 0 for Im z > 0"),),
    ),
    Claim(
        id="pb17/sec-4.1-small-energy",
        statement=r"For small $\epsilon$ the spectral density resembles the Marchenko-Pastur distribution.",
        place="section 4.1",
        readings=(
            Reading(
                r"at $\epsilon = 0$ equation (18) is that of the Marchenko-Pastur law of mean 1",
                phi * z * G**2 - (z + phi - 1) * G + 1,
            ),
        ),
        checks=(equation_without_energy,),
        conditions=r"weakly: for $\phi > 1$ the atom at 0 becomes a narrow band for every $\epsilon > 0$",
        uses=("pb17/eq-8", "pb17/eq-18"),
        steps=((NAME, "atom at eps = 0"), (NAME, "the atom splits at eps = 0+")),
    ),
    Claim(
        id="pb17/sec-4.1-gap",
        statement=r"For small $\epsilon$ and small enough $\phi$ there is an eigenvalue gap.",
        place="section 4.1",
        readings=(
            Reading(
                r"the lowest edge starts at $(1 - \sqrt{\phi})^2 > 0$ for $\phi < 1$; for $\phi > 1$ "
                r"there is no "
                r"gap at 0 at any $\epsilon > 0$",
                ((1 - sp.sqrt(phi)) ** 2, 1),
            ),
        ),
        checks=(gap_for_small_ratio,),
        uses=("pb17/eq-18",),
        steps=((NAME, "gap at eps = 0"), (NAME, "0 inside the support")),
    ),
    Claim(
        id="pb17/sec-4.1-gap-closes",
        statement=(
            r"As $\epsilon$ increases past a critical value $\epsilon_c$, the eigenvalue gap "
            r"disappears and "
            "negative eigenvalues begin to appear."
        ),
        place="section 4.1",
        readings=(Reading(r"with the $\epsilon_c$ of (21)", PRINTED_CRITICAL),),
        checks=(critical, gap_closes),
        conditions=BELOW_ONE,
        uses=("pb17/eq-18",),
        steps=((NAME, "falling edge"), (NAME, "double root")),
    ),
    Claim(
        id="pb17/sec-4.1-large-energy",
        statement=r"As $\epsilon$ gets large, the spectrum becomes semicircular.",
        place="section 4.1",
        readings=(
            Reading(r"centred and scaled to variance 1 its $\mathcal{R}$ transform tends to $g$", 1 * g),
        ),
        checks=(semicircular_for_large_energy,),
        uses=("pb17/eq-17",),
        steps=(
            ("wishart_wigner", "Free sum H"),
            ("wishart_wigner", "free cumulants"),
        ),
        planted=(2 * g, g + 1, g**2, g + g**2),  # the formula itself holds no number
    ),
    Claim(
        id="pb17/fig-1-caption",
        statement=(
            r"As the energy $\epsilon$ increases, the spectrum becomes more semicircular and "
            r"negative eigenvalues "
            "emerge."
        ),
        place="caption of figure 1",
        readings=(
            Reading(
                r"the normalised free cumulants beyond the second fall with $\epsilon$, and the lowest "
                r"edge falls",
                (-1, -1),
            ),
        ),
        checks=(more_semicircular,),
        uses=("pb17/eq-17", "pb17/sec-4.1-gap-closes"),
        steps=((NAME, "falling edge"), (NAME, "free cumulants")),
    ),
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
        open_because="it is about critical points of trained networks; collecting them is not part of the "
        "project yet",
    ),
)
