"""Appendices B.1, B.2 and D of Granziol (2020): Wigner matrices and their law, twice, and Wishart's."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.analysis.stated_density import DensityAgrees
from derive.laws import x
from derive.transforms.curves import Setting

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, every, identical
from ..pb17.primer_ensembles import SC, high, low, sigma_sc
from ..walks import any_law, limit_at_infinity, wigner
from .background import (
    BULK,
    HIGH,
    LOW,
    MIXTURE,
    MIXTURE_READ,
    MIXTURE_RIGHT,
    bulk_of_wishart,
    mixture,
    ratio,
    scale,
)

k = sp.Symbol("k", positive=True, integer=True)
n = sp.Symbol("n", positive=True)


@exact
def moments_that_enter(formula: Any) -> Finding:
    """The highest moment of the entries in E tr M^k, a function of k."""
    for power in range(2, 7):
        mean = wigner(power, any_law(1), n)
        orders = [int(str(symbol)[2:]) for symbol in mean.free_symbols if str(symbol).startswith("mu")]
        highest = max(orders, default=2)
        if sp.sympify(formula).subs(k, power) != highest:
            return Finding(
                False, f"E tr M^{power} holds the moment of order {highest}, stated {formula.subs(k, power)}"
            )
    return Finding(
        True, "E tr M^k, k = 2 to 6, exact at every size, holds moments up to the order k and no higher"
    )


@exact
def symmetric_places(formula: Any) -> Finding:
    """The least j - i for which (17) sets M(i, j) = M(j, i) = Z_ij: every place must be set exactly once."""
    (least,) = formula
    for size in (3, 4):
        placed = [(i, i) for i in range(size)]
        for i in range(size):
            for j in range(size):
                if j - i >= least:
                    placed += [(i, j), (j, i)] if i != j else [(i, i)]
        if sorted(placed) != sorted((i, j) for i in range(size) for j in range(size)):
            return Finding(
                False,
                f"{size} rows: with j - i >= {least} the places set are {len(placed)}, not all {size**2} "
                "once",
            )
    return Finding(True, "3 and 4 rows: every place is set exactly once, and the matrix is symmetric")


@exact
def limit_of_wigner(formula: Any) -> Finding:
    """(density, radius): against the derived semicircle of variance 1, and that against Wigner matrices.

    Its moments must be the limits for M/sqrt n, entries of any law of variance 1.
    """
    density, radius = map(sp.sympify, formula)
    moments = derivation(SC).closed_forms["moments"](6)
    for power in range(1, 7):
        limit = limit_at_infinity(wigner(power, any_law(1 / n), n), n)
        if limit != moments[power].subs(sigma_sc, 1):
            raise ArithmeticError(f"the moment of order {power} of Wigner matrices tends to {limit}")
    edge = derivation(SC).closed_forms["edges"][1].subs(sigma_sc, 1)
    equation = derivation(SC).equation.subs(sigma_sc, 1)
    agrees = DensityAgrees(Setting(()), equation, density, True).decide()
    return every(
        identical(radius, edge, what="the edge"),
        Finding(
            agrees,
            "the density satisfies the equation of the derived law, whose moments 1 to 6 are those of "
            "Wigner matrices with entries of any law as n grows, exactly"
            if agrees
            else f"the density does not satisfy ${sp.latex(equation)} = 0$, the equation of the law",
        ),
    )


VARIANCE_ONE = (sp.sqrt(4 - x**2) / (2 * sp.pi), sp.Integer(2))
BOUNDED = r"$\max(\mathbf{E} |Z_{12}|^k, \mathbf{E} |Y_1|^k) < \infty$ for each $k$."
SYMMETRIC = "$M(i, i) = Y_i$, $M(i, j) = Z_{ij} = M(j, i)$ if $x \\ge 1$: a real symmetric Wigner matrix."
LIMIT = (
    r"The spectra of $X = M / \sqrt{n}$ converge to the semicircle $\frac{1}{2 \pi} \sqrt{4 - x^2}$, "
    r"$|x| \le 2$."
)


def wigner_claims(numbers: tuple[int, int, int], theorem: int, where: str) -> tuple[Claim, ...]:
    """The definition of Wigner matrices and their limit, under the numbers that the paper gives it there."""
    bounded, symmetric, limit = (f"gr20/eq-{number}" for number in numbers)
    return (
        Claim(
            id=bounded,
            statement=BOUNDED,
            place=f"{where}, eq. {numbers[0]}",
            readings=(
                Reading(
                    r"what makes $\mathbf{E} \mathrm{tr} M^k$ finite for every $k$: moments up to order $k$",
                    k,
                ),
            ),
            checks=(moments_that_enter,),
            conditions="a definition; for the limit variances of the entries off the diagonal suffice. "
            "Decided for $k$ up to 6",
            planted=(k - 1, k + 1, 2 * k, sp.Integer(2)),
        ),
        Claim(
            id=symmetric,
            statement=SYMMETRIC,
            place=f"{where}, eq. {numbers[1]}",
            readings=(Reading("$x$, which is not defined, is $j - i$: for $i < j$", (1,)),),
            checks=(symmetric_places,),
            conditions="a definition",
            planted=((0,), (2,), (-1,)),
        ),
        Claim(
            id=limit,
            statement=LIMIT,
            place=f"theorem {theorem}, eq. {numbers[2]}",
            readings=(Reading("entries of any law of mean 0 and variance 1", VARIANCE_ONE),),
            checks=(limit_of_wigner,),
            conditions="mean moments to the order 6; all orders, and almost sure convergence, are Wigner's "
            "theorem",
            uses=(bounded, symmetric),
        ),
    )


APPENDIX_20 = sp.sqrt((high - x) * (x - low)) / (2 * sp.pi * scale**2 * x)

CLAIMS = (
    *wigner_claims((16, 17, 18), 4, "definition B.1"),
    Claim(
        id="gr20/eq-19",
        statement=MIXTURE + r", for $\frac{1}{T} X X^T$ with $P/T \to q$.",
        place="theorem 5, eq. 19",
        readings=MIXTURE_READ,
        checks=(mixture,),
        correction=MIXTURE_RIGHT,
        conditions="as (3), of which it is a copy",
        uses=("gr20/eq-20",),
    ),
    Claim(
        id="gr20/eq-20",
        statement=r"$d\nu_q = \frac{1}{2 \pi \sigma^2} \frac{\sqrt{(\lambda_+ - x)(x - "
        r"\lambda_-)}}{\lambda x}$, $\lambda_\pm = \sigma^2 (1 \pm \sqrt{q})^2$.",
        place="theorem 5, eq. 20",
        readings=(
            Reading(r"$\lambda$ is the variable, as in (3)", (APPENDIX_20 / x, LOW, HIGH)),
            Reading(r"$\lambda$, not defined here, is the ratio $q$", (APPENDIX_20 / ratio, *BULK[1:])),
        ),
        checks=(bulk_of_wishart,),
        conditions="the radicand has the sign that (3) lacks",
    ),
)
CLAIMS_AGAIN = wigner_claims((25, 26, 27), 6, "definition D.1")
