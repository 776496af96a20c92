"""Section 4.1 of Granziol (2020), from the M-transform on: products of rectangular Gaussian matrices."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp
from sympy.polys.numberfields.galoisgroups import galois_group

from derive.algebra.radicals import vanishes
from derive.analysis.radial_law import radial_law
from generated import gaussian_product

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import identical
from ..small_networks import PRIME, rank_modulo_prime
from .products import MODEL, L, M, R, product_of, r, sigma

R1, R2, R3 = RATIOS = sp.symbols("R_1:4", positive=True)


@exact
def m_transform(formula: Any) -> Finding:
    """(factor in M and R, right side in r, place of the reference): R_l = N_l over the dimension there.

    X_l is N_l x N_(l+1), N_(L+1) = N_1, and M + 1 the mass of the disc of radius r.
    """
    factor, right, place = map(sp.sympify, formula)
    for layers in (2, 3):
        dimensions = sp.symbols(f"N_1:{layers + 1}", positive=True)
        sizes = tuple(n / dimensions[0] for n in dimensions[1:])
        law = radial_law(product_of(sizes, sigma**2 / sp.Mul(*sizes)))
        number = place.subs(L, layers)
        if number not in range(1, layers + 1):
            return Finding(False, f"there is no N_{number} among {layers} factors")
        here = int(number) - 1
        stated = sp.Mul(*(factor.subs(R, n / dimensions[here]) for n in dimensions)) - right
        own = law.radius_squared(M + 1) / sigma**2 - r**2 / sigma**2
        found = identical(sp.expand(stated), sp.expand(own), what=f"{layers} factors")
        if not found.holds:
            return found
    return Finding(
        True, "2 and 3 factors: it is the equation for the mass of a disc, F = M + 1, from the S-transform"
    )


@exact
def two_factors(formula: Any) -> Finding:
    """(density at the distance r, weight at 0) for the ratio R, against the derived law of two factors."""
    density, atom = map(sp.sympify, formula)
    law = radial_law(product_of((R,), sigma**2 / R))
    for value in (sp.Rational(1, 3), sp.Rational(3, 4), sp.S.One, sp.Rational(3, 2), sp.Integer(4)):
        right = law.mass_at_zero.subs(R, value)
        if sp.sympify(atom).subs(R, value) != right:
            stated = sp.sympify(atom).subs(R, value)
            return Finding(False, f"at R = {value} the weight of the atom is {right}, stated {stated}")
    root = sp.sqrt((1 - R) ** 2 + 4 * R * r**2 / sigma**2)
    mass = (1 - R + root) / 2  # increasing in r; 1 - min(1, R) at r = 0, 1 at r = sigma
    if not vanishes(gaussian_product.equation(mass, r, R, sigma)):
        raise ArithmeticError("the mass of a disc does not satisfy the generated equation")
    if not vanishes(mass.subs(r, sigma) - 1):
        raise ArithmeticError("the mass within the rim is not 1")
    return identical(
        density, sp.diff(mass, r) / (2 * sp.pi * r), what="the density; the weights at five R agree"
    )


@exact
def ranks_of_products(formula: Any) -> Finding:
    """(density, weight at 0): the share of zero eigenvalues of products of two integer matrices, exactly."""
    _, atom = formula
    for rows, inner in ((6, 2), (6, 4), (5, 5), (4, 6), (3, 9)):
        share = _zeros(rows, (inner,))
        stated = sp.sympify(atom).subs(R, sp.Rational(inner, rows))
        if share != stated:
            what = f"a {rows} x {inner} matrix times a {inner} x {rows} one"
            return Finding(False, f"{what} has the share {share} of zero eigenvalues, stated {stated}")
    return Finding(True, "shares of zero eigenvalues of five products of integer matrices, R from 1/3 to 3")


def _zeros(rows: int, inner: tuple[int, ...]) -> sp.Rational:
    """The share of zero eigenvalues of a product of integer matrices: P and P^2 have one rank, that of the
    narrowest factor, which a rank modulo a prime proves.
    """
    rng = np.random.default_rng(41)
    ends = (rows, *inner, rows)
    whole = np.eye(rows, dtype=object)
    for a, b in pairwise(ends):
        whole = whole.dot(rng.integers(-9, 10, (a, b)).astype(object)) % PRIME
    ranks = [
        rank_modulo_prime([[int(v) for v in row] for row in m]) for m in (whole, whole.dot(whole) % PRIME)
    ]
    if ranks[0] != ranks[1] or ranks[0] != min(ends):
        raise ArithmeticError("the example is degenerate")
    return sp.Rational(rows - ranks[0], rows)


@exact
def mass_of_three(formula: Any) -> Finding:
    """The weight at 0 of three factors, a function of R_1, R_2 between them and R_3 = 1 outside."""
    stated = sp.sympify(formula)
    for rows, inner in ((2, (20, 40)), (6, (12, 18)), (4, (4, 4)), (6, (3, 12)), (6, (12, 2)), (6, (3, 2))):
        ratios = [sp.Rational(size, rows) for size in inner]
        law = radial_law(product_of(tuple(ratios)))
        share = _zeros(rows, inner)
        if share != law.mass_at_zero:
            raise ArithmeticError("the law and the matrices differ")
        value = stated.subs(dict(zip(RATIOS, (*ratios, 1), strict=True)))
        if value != share:
            return Finding(
                False,
                f"R = {ratios[0]}, {ratios[1]} between three factors: the product has the rank "
                f"{min(rows, *inner)} of {rows}, the share of zeros is {share}; stated {value}",
            )
    return Finding(
        True, "six products of three integer matrices, R between 1/3 and 20, and the derived law: exactly"
    )


@exact
def unsolvable_from(formula: Any) -> Finding:
    """The least L for which prod (M/R_i + 1) = c has no solution in radicals for some rational R_i and c."""
    groups = {}
    for layers in range(2, 6):
        polynomial = sp.Poly(sp.Mul(*(M / (i + 1) + 1 for i in range(layers))) - sp.Rational(1, 2), M)
        group, _ = galois_group(polynomial.clear_denoms()[1].set_domain(sp.ZZ))
        groups[layers] = group.is_solvable
    first = next((layers for layers, solvable in groups.items() if not solvable), None)
    return Finding(
        first == formula,
        "the equation with R = 1, 2, ..., L and c = 1/2: solvable in radicals for L up to 4, as every "
        f"equation of that degree; its Galois group is not solvable for L = {first}",
    )


TWO = R / (sp.pi * sigma**2 * sp.sqrt((1 - R) ** 2 + 4 * R * r**2 / sigma**2))


CLAIMS = (
    Claim(
        id="gr20/sec-4.1-m-transform",
        statement=r"$\prod_{i=1}^L \left(\frac{M}{R_i} + 1\right) = \frac{|z|^2}{\sigma^2}$ with $R_l = "
        r"N_l / N_L$, $X_l \in \mathbf{R}^{N_l \times N_{l+1}}$.",
        place="section 4.1, before eq. 11",
        readings=(
            Reading("$N_L$ the rows of the last factor", (M / R + 1, r**2 / sigma**2, L)),
            Reading(
                "$N_L$ the size of the product, the columns of the last factor and the rows of the first",
                (M / R + 1, r**2 / sigma**2, sp.Integer(1)),
            ),
        ),
        checks=(m_transform,),
        conditions=r"$M = z G - 1$, $\sigma$ the rim; the first reading is right for the cyclic product "
        r"$X_L X_1 \cdots X_{L-1}$; decided for 2 and 3 factors",
        steps=((MODEL, "mass of a disc"), (MODEL, "radius")),
    ),
    Claim(
        id="gr20/eq-11",
        statement=r"$\rho(z) = \frac{R}{\pi \sigma^2 \sqrt{(1 - R)^2 + 4 R |z|^2 / \sigma^2}} + (1 - R) "
        r"\delta(z)$ for $|z| \le \sigma$, $L = 2$.",
        place="eq. 11",
        readings=(Reading("for every ratio $R > 0$", (TWO, 1 - R)),),
        checks=(two_factors, ranks_of_products),
        correction=Reading(
            r"with the weight $1 - \min(1, R)$: printed, it is negative for $R > 1$, the case of the next "
            "sentence; for any number of factors it is $1 - \\min(1, R_1, \\ldots, R_{L-1})$",
            (TWO, sp.Max(0, 1 - R)),
        ),
        conditions="$R$ the size between the factors over that outside; right as printed for $R \\le 1$",
        uses=("gr20/sec-4.1-m-transform",),
        steps=((MODEL, "two factors"), (MODEL, "mass at 0")),
    ),
    Claim(
        id="gr20/sec-4.1-radicals",
        statement=r"There is no systematic way to solve an $L$-th order polynomial for $L \ge 2$.",
        place="section 4.1, after eq. 11",
        readings=(Reading("in radicals, for all ratios", 2),),
        checks=(unsolvable_from,),
        correction=Reading(
            r"for $L \ge 5$; and none is needed for the weight at 0, which is $1 - \min(1, R_1, \ldots, "
            "R_{L-1})$ at every $L$",
            5,
        ),
        uses=("gr20/sec-4.1-m-transform",),
    ),
    Claim(
        id="gr20/sec-4.1-degeneracy",
        statement=r"For $R_i \gg 1$ the degeneracy fraction is $1 - \langle 1/R \rangle / L$; hence for many "
        "multiplications and a large ratio the degeneracy increases.",
        place="section 4.1 and section 5",
        readings=(
            Reading(
                "three factors, the mean over all three ratios",
                1 - (1 / R1 + 1 / R2 + 1 / R3) / 9,
            ),
            Reading("the mean over the two ratios between factors", 1 - (1 / R1 + 1 / R2) / 6),
        ),
        checks=(mass_of_three,),
        correction=Reading(
            r"$1 - \min(1, R_1, \ldots, R_{L-1})$, which is 0 for $R_i \ge 1$: only a dimension smaller "
            "than that of the product makes it degenerate, and neither depth nor wide layers do",
            1 - sp.Min(1, R1, R2),
        ),
        conditions="decided for six products of three factors",
        uses=("gr20/eq-11",),
        steps=((MODEL, "mass at 0"),),
        planted=(1 - sp.Min(1, R1), 1 - sp.Min(1, R2), 1 - R1 * R2, sp.S.Zero, 1 - sp.Min(2, R1, R2)),
    ),
)
