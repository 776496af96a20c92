"""Section 4.1 of Pennington & Bahri (2017): the spectral density of Wishart plus Wigner, and figure 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from derive import load
from derive.algebra.polynomials import canonical
from derive.algebra.radicals import constant_sign
from derive.analysis.stated_density import DensityAgrees
from derive.laws import G, g, x, z
from derive.transforms.curves import Setting
from derive.typesetting.latex import latex, names_of

from ...ledger import Claim, Finding, Reading, exact, sampled
from ..deciding import FALSE_ALARM, POWER, derivation, every, identical, spectra_satisfy
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
)

s = sp.Symbol("s", positive=True)
PRINTED_CUBIC = 2 * eps * phi * G**3 - (2 * eps + z * phi) * G**2 + (z + phi - 1) * G - 1


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
    factor = factor_at_zero()
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
)
