"""Section 2 of Granziol (2020), before 2.1: densities, the semicircle, Marchenko and Pastur's law."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.laws import x, z

from ...ledger import Claim, Finding, Reading, exact
from ..coincidences import mean, trace
from ..deciding import derivation, every, identical
from ..pb17.primer_ensembles import (
    MP,
    SC,
    atom_at_zero,
    high,
    low,
    marchenko_pastur_density,
    phi,
    rational_matrix,
    semicircle_density,
    sigma,
    sigma_sc,
)
from ..walks import any_law, limit_at_infinity, wigner, wishart

P, N, q = sp.symbols("P N q", integer=True, positive=True)
u = sp.Symbol("u")
nu = sp.IndexedBase("nu")
i = sp.Symbol("i", integer=True)
scale = sp.Symbol("sigma", positive=True)  # the paper's sigma: the standard deviation of an entry

SPECTRAL = sp.Sum(sp.DiracDelta(x - nu[i]), (i, 1, P)) / P
SEMICIRCLE = sp.sqrt(4 * scale**2 - x**2) / (2 * sp.pi)
ratio = sp.Symbol("r", positive=True)  # the ratio of a nu_r
NU = sp.sqrt((high - x) * (x - low)) / (2 * sp.pi * x * ratio * scale**2)
NU_PRINTED = sp.sqrt((x - high) * (x - low)) / (2 * sp.pi * x * ratio * scale**2)
LOW, HIGH = scale**2 * (1 - sp.sqrt(ratio)) ** 2, scale**2 * (1 + sp.sqrt(ratio)) ** 2
BULK = (NU, LOW, HIGH)


# --- densities and transforms ---------------------------------------------------------------------


@exact
def transform_of_spectrum(formula: Any) -> Finding:
    """(density, kernel in z and u): moments are tr H^k / N, the kernel's integral is tr (z - H)^-1 / N."""
    density, kernel = formula
    matrix, values = rational_matrix()
    points = {nu[j + 1]: value for j, value in enumerate(values)}
    inserted = sp.expand(density.subs(P, len(values)).doit().xreplace(points))
    found = []
    for k in range(4):
        moment = sp.integrate(x**k * inserted, (x, -sp.oo, sp.oo))
        own = (matrix**k).trace() / matrix.rows
        found.append(identical(moment, own, what=f"moment {k} against tr H^{k} / N"))
    whole = sp.integrate(sp.sympify(kernel).subs(u, x) * inserted, (x, -sp.oo, sp.oo))
    resolvent = sp.cancel((z * sp.eye(matrix.rows) - matrix).inv().trace() / matrix.rows)
    found.append(identical(sp.cancel(whole), resolvent, what="the integral against tr (z - H)^-1 / N"))
    together = every(*found)
    text = "moments 0 to 3 are tr H^k / N, and the integral of the kernel is the normalised trace of the "
    return Finding(
        together.holds,
        "a rational matrix with the eigenvalues 3, 3, -1/2: "
        + (text + "resolvent, as rational functions of z" if together.holds else together.text),
    )


@exact
def variance_of_moments(formula: Any) -> Finding:
    """(limit of the variance of tr H^k / P): of Wigner matrices with entries of any law, exact at every P."""
    (stated,) = map(sp.sympify, formula)
    n = sp.Symbol("n", positive=True)
    law = any_law(1 / n)
    shapes = {"M": ("row", "row")}
    shown = []
    for k in (1, 2, 3):
        word = "M " * k
        twice = (*trace(word, shapes), *trace(word, shapes, start=k))
        square = mean(twice, {"row": n}, {"M": law})
        once = mean(trace(word, shapes), {"row": n}, {"M": law})
        variance = sp.expand((square - once**2) / n**2)
        limit = limit_at_infinity(variance, n)
        if limit != stated:
            return Finding(False, f"the variance of tr H^{k} / P tends to {limit}")
        shown.append(limit_at_infinity(sp.expand(variance * n**2), n))
    return Finding(
        not any(limit is sp.oo for limit in shown),
        "entries of variance 1/P of any law: the variances of tr H^k / P, k = 1 to 3, are exactly of the "
        f"order 1/P^2, with the coefficients {', '.join(f'${sp.latex(limit)}$' for limit in shown)}",
    )


# --- the semicircle -------------------------------------------------------------------------------


@exact
def entries_of_wigner(formula: Any) -> Finding:
    """The variance of the entries, of any law: mean traces must tend to the moments of the semicircle."""
    n = sp.Symbol("n", positive=True)
    variance = sp.sympify(formula).subs({P: n, scale: sigma_sc})
    moments = derivation(SC).closed_forms["moments"](6)
    for k in range(1, 7):
        limit = limit_at_infinity(wigner(k, any_law(variance), n), n)
        if limit is sp.oo or sp.expand(limit - moments[k]) != 0:
            tends = "diverges" if limit is sp.oo else f"tends to ${sp.latex(limit)}$"
            band = r"$[-2 \sigma, 2 \sigma]$"
            return Finding(
                False, f"E tr H^{k} / P {tends}; the density on {band} has ${sp.latex(moments[k])}$"
            )
    return Finding(
        True, "mean moments 1 to 6, exact at every size and for any law of the entries, tend to its"
    )


@exact
def semicircle_has_mass_one(formula: Any) -> Finding:
    """(density, radius): the integral of the density."""
    density, radius = formula
    mass = sp.simplify(sp.integrate(density, (x, -radius, radius)))
    return Finding(sp.cancel(mass - 1) == 0, f"its integral over the band is ${sp.latex(mass)}$")


@exact
def semicircle(formula: Any) -> Finding:
    """(density, radius) against the equation and the edges of the derived law."""
    density, radius = (sp.sympify(part).subs(scale, sigma_sc) for part in formula)
    return semicircle_density((density, radius))


# --- Marchenko and Pastur -------------------------------------------------------------------------


def of_mean(expression: Any) -> sp.Expr:
    """An expression in the paper's letters in those of the model, whose sigma is the mean."""
    return sp.sympify(expression).subs({scale: sp.sqrt(sigma), q: phi})


@exact
def entries_of_wishart(formula: Any) -> Finding:
    """The variance of the entries of X, of any law: traces of X X' must tend to the moments of the law."""
    n, p = sp.symbols("n p", positive=True)
    variance = sp.sympify(formula).subs({N: p, P: n})
    moments = derivation(MP).closed_forms["moments"](4)
    for k in range(1, 5):
        average = wishart(k, any_law(variance), n, p).subs(n, phi * p)
        limit = limit_at_infinity(sp.expand(average), p)
        if limit is sp.oo or sp.expand(limit - _moment(moments[k])) != 0:
            tends = "diverges" if limit is sp.oo else f"tends to ${sp.latex(limit)}$"
            return Finding(
                False, f"E tr H^{k} / P {tends}, the law has ${sp.latex(_moment(moments[k]))}$, $\\phi = q$"
            )
    return Finding(
        True, "mean moments 1 to 4, exact at every size and for any law of the entries, tend to its"
    )


def _moment(moment: sp.Expr) -> sp.Expr:
    return sp.expand(moment.subs(sigma, scale**2))


@exact
def bulk_of_wishart(formula: Any) -> Finding:
    """(density of nu_r in its edges, lower edge, upper edge) against the derived law at the ratio r."""
    density, lower, upper = (of_mean(part).subs(ratio, phi) for part in formula)
    return marchenko_pastur_density((density, lower, upper))


@exact
def mixture(formula: Any) -> Finding:
    """(weight at 0 for q > 1, r for q > 1, r otherwise): the law is that atom and nu_r, r a function of q."""
    weight, *ratios = formula
    found = [atom_at_zero((sp.Integer(0), of_mean(weight)))]
    for r, where in zip(ratios, ("q > 1", "q <= 1"), strict=True):
        right = derivation(MP).closed_forms["edges"]
        stated = [of_mean(edge.subs(ratio, r)) for edge in (LOW, HIGH)]
        for mine, own, name in zip(stated, right, ("lower", "upper"), strict=True):
            domain = (phi - 1,) if where == "q > 1" else ()
            found.append(
                identical(
                    mine, own, where=domain, what=f"the {name} edge for {where}, phi = q and sigma the mean"
                )
            )
    whole = every(*found)
    return Finding(
        whole.holds,
        "the support of the continuous part is that of the derived law, of mass min(1, 1/q): with the atom "
        f"it makes 1. {found[0].text}"
        if whole.holds
        else whole.text,
    )


MIXTURE = "$(1 - 1/q) 1_{0 \\in A} + \\nu_{1/q}(A)$ if $q > 1$, $\\nu_q(A)$ if $0 \\le q \\le 1$"
MIXTURE_READ = (
    Reading("$\\nu_{1/q}$ is the $\\nu_q$ of the same display with $1/q$ for $q$", (1 - 1 / q, 1 / q, q)),
)
MIXTURE_RIGHT = Reading(
    "$(1 - 1/q) 1_{0 \\in A} + \\nu_q(A)$ for $q > 1$: the same $\\nu_q$, which then has the mass $1/q$ and "
    "lies on $[\\lambda_-, \\lambda_+]$; $\\nu_{1/q}$ has the mass 1, so that all would add up to $2 - 1/q$",
    (1 - 1 / q, q, q),
)
DENSITY_SIGN = (
    "the radicand is negative between the edges; "
    "$d\\nu_q = \\frac{\\sqrt{(\\lambda_+ - \\lambda)(\\lambda - \\lambda_-)}}{2 \\pi \\lambda q \\sigma^2} "
    "d\\lambda$"
)

CLAIMS = (
    Claim(
        id="gr20/eq-1",
        statement=r"$\rho(x) = \frac{1}{P} \sum_i \delta(x - \nu_i)$ and $S_N(z) = \frac{1}{N} \mathrm{Tr} "
        r"(z I_N - H)^{-1} \to \int \frac{\rho(u)}{z - u} du$.",
        place="eq. 1",
        readings=(Reading(r"at finite size, $P = N$ eigenvalues", (SPECTRAL, 1 / (z - u))),),
        checks=(transform_of_spectrum,),
        conditions=r"$z$ off the spectrum ($z \in \mathbf{C}$ is printed); decided for one rational matrix "
        "with a double eigenvalue",
    ),
    Claim(
        id="gr20/sec-2-self-averaging",
        statement="The limiting spectral density is self-averaging: a single realisation shows the whole of "
        "it.",
        place="section 2",
        readings=(
            Reading(r"the variance of $\mathrm{tr} H^k / P$ vanishes as $P \to \infty$", (sp.Integer(0),)),
        ),
        checks=(variance_of_moments,),
        conditions="decided for Wigner matrices with i.i.d. entries of any law, $k$ up to 3",
    ),
    Claim(
        id="gr20/sec-2-wigner",
        statement=r"The semicircle law arises from matrices of independent elements of mean 0; $H_{ij} \sim "
        r"\mathcal{N}(0, \sigma^2)$ gives (2).",
        place="section 2, before eq. 2",
        readings=(
            Reading(r"entries of variance $\sigma^2$", scale**2),
            Reading("entries of variance 1, as the sentence before has it", sp.Integer(1)),
        ),
        checks=(entries_of_wigner,),
        correction=Reading(
            r"entries of variance $\sigma^2 / P$; with $\mathcal{N}(0, \sigma^2)$ it is $H / \sqrt{P}$ that "
            "has the semicircle on $[-2 \\sigma, 2 \\sigma]$",
            scale**2 / P,
        ),
        conditions="mean moments to the order 6, for entries of any law; for all orders it is Wigner's "
        "theorem",
        uses=("gr20/eq-2",),
        planted=(scale / P, scale**2 / P**2, 2 * scale**2 / P, scale**3 / P),
    ),
    Claim(
        id="gr20/eq-2",
        statement=r"$p(\lambda) = \frac{1}{2 \pi} \sqrt{4 \sigma^2 - \lambda^2}$ for $|\lambda| \le 2 "
        r"\sigma$.",
        place="eq. 2",
        readings=(Reading("as printed", (SEMICIRCLE, 2 * scale)),),
        checks=(semicircle_has_mass_one, semicircle),
        correction=Reading(
            r"$p(\lambda) = \frac{1}{2 \pi \sigma^2} \sqrt{4 \sigma^2 - \lambda^2}$; the print has the mass "
            r"$\sigma^2$",
            (SEMICIRCLE / scale**2, 2 * scale),
        ),
        steps=((SC, "Density of H: semicircle"),),
    ),
    Claim(
        id="gr20/sec-2-wishart",
        statement=r"The Marchenko-Pastur law arises from $H = \frac{1}{N} X X^T$, $X \in \mathbf{R}^{P "
        r"\times N}$, $X_{ij}$ of mean 0 and variance $\sigma^2$, $q = P/N$.",
        place="section 2, before eq. 3",
        readings=(Reading(r"entries of $X / \sqrt{N}$ of variance $\sigma^2 / N$", scale**2 / N),),
        checks=(entries_of_wishart,),
        conditions="mean moments to the order 4, for entries of any law, against the law of ratio $q$ and "
        r"mean $\sigma^2$",
        uses=("gr20/eq-3",),
        planted=(scale / N, scale**2 / P, 2 * scale**2 / N, scale**2 / N**2),
        steps=((MP, "Density of H: Marchenko-Pastur"),),
    ),
    Claim(
        id="gr20/eq-3",
        statement=MIXTURE + r", with $\nu_q$ on $[\lambda_-, \lambda_+]$.",
        place="eq. 3",
        readings=MIXTURE_READ,
        checks=(mixture,),
        correction=MIXTURE_RIGHT,
        conditions="the ranks of $X X^T$ are decided for six shapes of $X$",
        uses=("gr20/eq-3-density",),
        steps=((MP, "The pole at 0 is the atom"), (MP, "atom"), (MP, "explicit edges")),
    ),
    Claim(
        id="gr20/eq-3-density",
        statement=r"$d\nu_q = \frac{\sqrt{(\lambda - \lambda_+)(\lambda - \lambda_-)}}{2 \pi \lambda q "
        r"\sigma^2}$, $\lambda_\pm = \sigma^2 (1 \pm \sqrt{q})^2$.",
        place="eq. 3",
        readings=(Reading("as printed", (NU_PRINTED, LOW, HIGH)),),
        checks=(bulk_of_wishart,),
        correction=Reading(DENSITY_SIGN, BULK),
        conditions=r"the mean of the law is $\sigma^2$, for $X X^T / N$ with entries of variance $\sigma^2$",
        steps=((MP, "Density of H: Marchenko-Pastur"), (MP, "Moments of the law (7)-(8)")),
    ),
)
