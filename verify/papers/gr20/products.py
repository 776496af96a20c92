"""Section 4.1 of Granziol (2020), up to the M-transform: products of square Gaussian matrices."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy as sp

from derive.algebra.radicals import vanishes
from derive.analysis.radial_law import radial_law
from derive.language.eigenvalues import Eigenvalues
from derive.language.ensembles import Gaussian, Gram
from derive.laws import G, Radial, z
from derive.transforms import read
from derive.transforms.curves import Setting, t

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, identical

MODEL = "gaussian_product"
L, s, r, sigma, R = sp.symbols("L s r sigma R", positive=True)
M = sp.Symbol("M")


def product_of(sizes: tuple[Any, ...], variance: Any = 1) -> Eigenvalues:
    """The N x N product of Gaussian matrices with these sizes between them, in units of N."""
    ends = (sp.Integer(1), *sizes, sp.Integer(1))
    factors = [
        Gaussian(rows=rows, columns=columns, variance=variance if i == 0 else 1)
        for i, (rows, columns) in enumerate(pairwise(ends))
    ]
    whole: Any = factors[0]
    for factor in factors[1:]:
        whole = whole @ factor
    return Eigenvalues(whole)


# --- square factors -------------------------------------------------------------------------------


@exact
def density_of_squares(formula: Any) -> Finding:
    """The density of the eigenvalues in the plane at the distance r, of L square factors, rim sigma."""
    stated = sp.sympify(formula)
    for layers in range(1, 7):
        law = radial_law(product_of((1,) * (layers - 1), sigma**2))
        mass = (r / sigma) ** sp.Rational(2, layers)
        if not vanishes(law.radius_squared(mass) - r**2):
            raise ArithmeticError(f"the mass of a disc of {layers} factors")
        density = mass / (sp.pi * layers * r**2)  # dF / pi d(r^2)
        own = stated.subs(L, layers)
        if not vanishes(own - density):
            total = sp.powsimp(sp.integrate(sp.powsimp(2 * sp.pi * r * own), (r, 0, sigma)))
            return Finding(
                False,
                f"{layers} factors: $F(r) = {sp.latex(mass)}$, so the density is ${sp.latex(density)}$; "
                f"the stated one has the total mass ${sp.latex(total)}$",
            )
    return Finding(True, "1 to 6 factors: it is the derivative of the mass of a disc in its area, exactly")


@exact
def rim(formula: Any) -> Finding:
    """e: the rim is (sigma_1 ... sigma_m)^e, for square factors of different variances sigma_i^2."""
    m = sp.Symbol("m", positive=True)
    for many in (1, 2, 3):
        deviations = sp.symbols(f"sigma_1:{many + 1}", positive=True)
        law = Radial((sp.S.One,) * many, sp.Mul(*(own**2 for own in deviations)))
        radius = sp.sqrt(law.radius_squared(sp.S.One))
        stated = sp.Mul(*deviations) ** sp.sympify(formula).subs(m, many)
        found = identical(stated, radius, what=f"the rim of {many} factors")
        if not found.holds:
            return found
    return Finding(
        True, "the mean of tr P P' / N, the square of the rim, is the product of the variances, m = 1 to 3"
    )


@exact
def singular_values_near_zero(formula: Any) -> Finding:
    """The exponent of the density of X X' at 0 for s square factors: (1 + M)/(M S(M)) = z at M -> -1.

    z vanishes there to an order n, so z G = 1 + M ~ z^(1/n) and the density goes as x^(1/n - 1).
    """
    stated = sp.sympify(formula)
    for many in range(1, 5):
        setting = Setting(())
        reading = read(Gram(product_of((1,) * (many - 1)).factor), "M", setting)
        assert reading.s_transform is not None
        inverse = sp.factor((1 + t) / (t * setting.show(reading.s_transform)))
        _, roots = sp.factor_list(sp.numer(inverse), t)
        order = dict(roots).get(1 + t, 0)
        exponent = sp.Rational(1, order) - 1
        own = stated.subs(s, many)
        if sp.cancel(own - exponent) != 0:
            integrable = "" if own > -1 else ", which is not integrable at 0"
            return Finding(
                False,
                f"s = {many}: $z = {sp.latex(inverse.subs(t, M))}$, so the density of eigenvalues goes as "
                f"$x^{{{exponent}}}$; stated $x^{{{own}}}${integrable}",
            )
    return Finding(
        True,
        "s = 1 to 4: $z = (1 + M)^{s+1} / M$ from the derived S-transforms, so $z G = 1 + M \\sim "
        "z^{1/(s+1)}$",
    )


@exact
def diverging(formula: Any) -> Finding:
    """(L, s): the least number of square factors whose eigenvalues, and whose Gram matrix, diverge at 0."""
    eigenvalues, gram = formula
    exponents = [sp.Rational(2, layers) - 2 for layers in range(1, 7)]
    grams = [-sp.Rational(many, many + 1) for many in range(1, 7)]
    found = tuple(next(i for i, e in enumerate(row, 1) if e < 0) for row in (exponents, grams))
    negative = all(
        e < 0 for row, first in zip((exponents, grams), found, strict=True) for e in row[first - 1 :]
    )
    return Finding(
        negative and (eigenvalues, gram) == found,
        f"the exponents are $-2 + 2/L$ and $-s/(s + 1)$: negative from L = {found[0]} and s = {found[1]} "
        "on, and above -2 in the plane and -1 on the axis, so that no mass lies in the point 0",
    )


@exact
def no_atom_in_sums(formula: Any) -> Finding:
    """(weight at 0 of the semicircle, of its free sum with Marchenko and Pastur's law): G = M/z as z -> 0."""
    for name, weight in zip(("semicircle", "wishart_wigner"), formula, strict=True):
        lowest = sp.Poly(sp.numer(sp.together(derivation(name).equation.subs(G, M / z))), z)
        leading = sp.Poly(lowest.coeff_monomial(z ** min(m[0] for m in lowest.monoms())), M)
        if leading.eval(sp.sympify(weight)) != 0 or len(leading.monoms()) != 1:
            return Finding(
                False, f"{name}: the lowest terms are ${sp.latex(leading.as_expr())}$, so the weight is 0"
            )
    return Finding(
        True, "with G = M/z the equations leave a multiple of M^2 or M^3: M = 0, for every variance > 0"
    )


SQUARE = r ** (-2 + 2 / L) / (L * sp.pi)

CLAIMS = (
    Claim(
        id="gr20/sec-4.1-density",
        statement=r"The spectrum of a product of $L$ independent square Gaussian matrices is $p(\lambda) = "
        r"\frac{1}{L \pi} \sigma^{-2} |\lambda|^{-2 + 2/L}$ for $|\lambda| \le \sigma$.",
        place="section 4.1",
        readings=(Reading("density in the complex plane", SQUARE / sigma**2),),
        checks=(density_of_squares,),
        correction=Reading(
            r"$p(\lambda) = \frac{1}{L \pi} \sigma^{-2/L} |\lambda|^{-2 + 2/L}$: printed, the mass is "
            r"$\sigma^{-2 + 2/L}$",
            SQUARE * sigma ** (-2 / L),
        ),
        conditions="decided for 1 to 6 factors; that eigenvalues converge to the law of the single ring is "
        "cited, its disc's mass is checked against the free sum up to four factors",
        steps=((MODEL, "mass of a disc"), (MODEL, "density in the plane")),
    ),
    Claim(
        id="gr20/fn-6",
        statement=r"For factors of different variances, $\sigma = \sqrt[m]{\prod_i \sigma_i}$.",
        place="footnote 6",
        readings=(
            Reading("the same $\\sigma$, at which the spectrum ends", 1 / sp.Symbol("m", positive=True)),
        ),
        checks=(rim,),
        correction=Reading(r"$\sigma = \prod_i \sigma_i$", sp.Integer(1)),
        conditions=r"entries of the $i$-th factor of variance $\sigma_i^2 / N$; decided for up to 3 factors",
        uses=("gr20/sec-4.1-density",),
        steps=((MODEL, "radius"),),
    ),
    Claim(
        id="gr20/sec-4.1-origin",
        statement="The spectral density of $X X^T$, $X$ a product of $s$ Gaussian matrices, goes as "
        r"$\lambda^{-(1 + 1/s)}$ near $\lambda = 0$.",
        place="section 4.1",
        readings=(Reading("square factors", -(1 + 1 / s)),),
        checks=(singular_values_near_zero,),
        correction=Reading(
            r"$\lambda^{-s/(s + 1)} = \lambda^{-1 + 1/(s + 1)}$; the printed power is not integrable",
            -s / (s + 1),
        ),
        conditions="decided for 1 to 4 factors",
        steps=((MODEL, "Multiplication of free variables"),),
    ),
    Claim(
        id="gr20/fig-3",
        statement="The residual of the VGG-16 fits the density of products, and generalised Gauss-Newton "
        "spectra resemble those of products of rectangular factors.",
        place="figure 3 and section 4.1",
        open_because="the authors' own networks and spectra, which are not published with the paper; the "
        "fitted curve is a density of complex eigenvalues, while the residual is symmetric and has real ones",
        uses=("gr20/sec-4.1-density", "gr20/sec-4.1-origin"),
    ),
    Claim(
        id="gr20/sec-4.1-no-atom",
        statement="An appreciable mass at 0 is not the case for the semicircle or any free convolution of "
        "it with the Marchenko-Pastur law.",
        place="section 4.1",
        readings=(Reading("neither has an atom at 0", (sp.Integer(0), sp.Integer(0))),),
        checks=(no_atom_in_sums,),
        conditions="positive variances of both, every ratio",
        steps=(("semicircle", "no atom"), ("wishart_wigner", "no atom")),
    ),
    Claim(
        id="gr20/sec-4.1-diverges",
        statement="For both products, of Wigner and of Wishart type, the predicted spectrum diverges at "
        "the origin.",
        place="section 4.1",
        readings=(
            Reading("square factors: two or more for the eigenvalues, one or more for $X X^T$", (2, 1)),
        ),
        checks=(diverging,),
        conditions="1 to 6 factors; the divergence is integrable and no atom",
        uses=("gr20/sec-4.1-density", "gr20/sec-4.1-origin"),
    ),
)
