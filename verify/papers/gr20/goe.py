"""Section 3.1 of Granziol (2020), up to eq. 8: the GOE, its large deviations, and those of other entries."""

from __future__ import annotations

from functools import cache
from itertools import pairwise, product
from math import log
from typing import Any

import sympy as sp
from flint import arb, arb_mat, ctx, fmpz_mat

from ...ledger import Claim, Finding, Reading, certified, exact
from ..deciding import derivation, identical, together
from ..pb17.primer_ensembles import SC, sigma_sc
from ..walks import gaussian, limit_at_infinity, wigner

P, N = sp.symbols("P N", positive=True)
angle = sp.Symbol("t", real=True)


# --- the ensemble ---------------------------------------------------------------------------------


@exact
def invariant_entries(formula: Any) -> Finding:
    """(variance of a diagonal entry over that of another): is the law of H = H' kept by rotations?"""
    (ratio,) = map(sp.sympify, formula)
    a, b, c = entries = sp.symbols("a b c")
    variances = (ratio, ratio, sp.S.One)
    turn = sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])
    turned = turn * sp.Matrix([[a, c], [c, b]]) * turn.T
    after = (turned[0, 0], turned[1, 1], turned[0, 1])
    for i, j in product(range(3), repeat=2):
        covariance = sum(
            v * sp.diff(after[i], e) * sp.diff(after[j], e) for e, v in zip(entries, variances, strict=True)
        )
        change = sp.simplify(covariance - (variances[i] if i == j else 0))
        if change != 0:
            text = "a rotation of the plane by the angle t changes a covariance of entries by"
            return Finding(False, f"{text} ${sp.latex(sp.factor(change))}$")
    return Finding(True, "rotations of the plane keep all covariances of the entries")


@exact
def support_of_goe(formula: Any) -> Finding:
    """(variance of an entry, lower edge, upper edge): the limit of tr H^2 / P fixes the semicircle."""
    variance, *stated = map(sp.sympify, formula)
    n = sp.Symbol("n", positive=True)
    second = limit_at_infinity(wigner(2, gaussian(variance.subs(P, n)), n), n)
    if second in (sp.oo, sp.S.Zero):
        return Finding(False, f"E tr H^2 / P tends to ${sp.latex(second)}$: there is no such band")
    edges = derivation(SC).closed_forms["edges"]
    return together(
        f"E tr H^2 / P tends to ${sp.latex(second)}$, exactly the semicircle's with both edges",
        *(
            identical(mine, edge.subs(sigma_sc, sp.sqrt(second)), what="an edge")
            for mine, edge in zip(stated, edges, strict=True)
        ),
    )


# --- large deviations -----------------------------------------------------------------------------

BITS = 600
SIZES = (2, 4, 8, 16, 32, 64)


@cache
def log_positive(size: int) -> float:
    """-log of the probability that a GOE matrix of even size is positive definite: a Pfaffian in balls.

    The density of the eigenvalues is |Vandermonde| exp(-sum x^2 / 2) up to Mehta's constant. Over positive
    eigenvalues its integral is, by de Bruijn, size! times the Pfaffian of
    int int sign(y - x) x^j y^k exp(-(x^2 + y^2)/2) over x, y > 0.
    """
    before = ctx.prec
    try:
        ctx.prec = BITS
        entries = [
            (_angular(j, k) - _angular(k, j)) * (arb(j + k + 2) / 2).gamma() * arb(2) ** (arb(j + k) / 2)
            for j, k in product(range(size), repeat=2)
        ]
        value = arb_mat(size, size, entries).det().sqrt() / (2 * arb.pi()) ** (arb(size) / 2)
        for j in range(1, size + 1):
            value *= j / ((1 + arb(j) / 2).gamma() / (arb(3) / 2).gamma())
        if not value > 0 or float(value.rad()) > 1e-9 * float(value.mid()):
            raise ArithmeticError("too few bits for the Pfaffian")
        return -float(value.log().mid())
    finally:
        ctx.prec = before


@cache
def _angular(a: int, b: int) -> arb:
    """int sin^a cos^b from 0 to pi/4, by parts."""
    half = arb(2).rsqrt()
    if a >= 2:
        return -(half ** (a + b)) / (a + b) + arb(a - 1) / (a + b) * _angular(a - 2, b)
    if b >= 2:
        return half ** (a + b) / (a + b) + arb(b - 1) / (a + b) * _angular(a, b - 2)
    return {(0, 0): arb.pi() / 4, (1, 0): 1 - half, (0, 1): half, (1, 1): arb(1) / 4}[a, b]


@certified
def power_of_large_deviation(formula: Any) -> Finding:
    """(k): -log P[no eigenvalue is negative] grows as size^k, by exponents free of a term linear in size."""
    (power,) = map(float, formula)
    values = [log_positive(size) for size in SIZES]
    exponents = [log(b / a) / log(2) for a, b in pairwise(values)]
    n = SIZES[-2]
    quadratic = (values[-1] - 2 * values[-2]) / (2 * n**2)  # free of a term linear in n
    text = (
        f"exact probabilities of a positive definite GOE matrix of 2 to {SIZES[-1]} rows (a Pfaffian in "
        f"balls; the last is e^-{values[-1]:.6g}): the exponents between doubled sizes are "
        f"{', '.join(f'{e:.3f}' for e in exponents)}; the coefficient of P^2 is {quadratic:.4f}, and "
        f"log(3)/4 = {log(3) / 4:.4f}"
    )
    leading = [b - 2 * a for a, b in pairwise(values)]  # without a term linear in the size
    exponent = log(leading[-1] / leading[-2]) / log(2)
    text += f"; without a term linear in P the last exponent is {exponent:.4f}"
    numbers = {"coefficient of P^2": quadratic, "exponent": exponent}
    return Finding(abs(exponent - power) < 0.005, text, numbers)


@exact
def positive_sign_matrices(formula: Any) -> Finding:
    """-log2 of the probability that a symmetric matrix of random signs has no negative eigenvalue.

    Its diagonal must be 1 and each minor of three rows 2 (a b c - 1) not negative, so that it is v v'. All
    matrices of up to 5 rows are counted by the signs of their characteristic polynomials.
    """
    n = sp.Symbol("N", positive=True)
    stated = sp.sympify(formula).subs(N, n)
    a, b, c = sp.symbols("a b c")
    minor = sp.Matrix([[1, a, b], [a, 1, c], [b, c, 1]]).det()
    signs = {a**2: 1, b**2: 1, c**2: 1}
    if sp.expand(minor.subs(signs) - 2 * (a * b * c - 1)) != 0:
        raise ArithmeticError("the minor of three rows is not 2 (a b c - 1)")
    for size in (5, 4, 3, 2, 1):
        count = _positive(size)
        found = size * (size + 1) // 2 - sp.log(count, 2)
        if sp.simplify(stated.subs(n, size) - found) != 0:
            return Finding(
                False,
                f"{count} of the 2^{size * (size + 1) // 2} symmetric matrices of signs of {size} rows "
                f"have no negative eigenvalue: P = 2^-{found}, stated 2^-{sp.N(stated.subs(n, size), 4)}",
            )
    return Finding(
        True,
        "all symmetric matrices of signs of up to 5 rows were counted: 2^(N - 1) of 2^(N (N + 1)/2), those "
        "of the form v v', have no negative eigenvalue; by the minors of three rows there are no others at "
        "any N",
    )


def _positive(size: int) -> int:
    """How many symmetric matrices of signs have no negative eigenvalue; only a diagonal of ones can."""
    places = [(i, j) for i in range(size) for j in range(i)]
    count = 0
    for signs in product((1, -1), repeat=len(places)):
        matrix = fmpz_mat(size, size, [1] * size**2)
        for (i, j), sign in zip(places, signs, strict=True):
            matrix[i, j] = matrix[j, i] = sign
        count += negative(matrix) == 0
    return count


def negative(matrix: fmpz_mat) -> int:
    """How many eigenvalues of a symmetric integer matrix are negative: Descartes' rule, as they are real."""
    coefficients = [int(c) for c in matrix.charpoly().coeffs()]
    turned = [c * (-1) ** k for k, c in enumerate(coefficients) if c]
    return sum(one * other < 0 for one, other in pairwise(turned))


CLAIMS = (
    Claim(
        id="gr20/eq-7",
        statement=r"$\mathbf{P}[\lambda_k \ge -\sqrt{2} + \epsilon] \le e^{-C_\epsilon P^2}$ for the GOE, "
        r"$C_\epsilon > 0$.",
        place="eq. 7",
        readings=(Reading(r"$k$ fixed, counted from the smallest eigenvalue", (2,)),),
        checks=(power_of_large_deviation,),
        conditions=r"decided for the smallest eigenvalue at $\epsilon = \sqrt{2}$; for every $\epsilon > "
        r"0$ and fixed $k$ it follows from the concentration of $\mathrm{tr} f(H)$ for Lipschitz $f$ (cited)",
        uses=("gr20/sec-3.1-support",),
    ),
    Claim(
        id="gr20/sec-3.1-support",
        statement=r"In (7) the variance is $1/2P$, and hence the support of the semicircle is $[-\sqrt{2}, "
        r"\sqrt{2}]$.",
        place="section 3.1, after eq. 7",
        readings=(Reading("variance of an entry off the diagonal", (1 / (2 * P), -sp.sqrt(2), sp.sqrt(2))),),
        checks=(support_of_goe,),
        uses=("gr20/eq-2",),
        steps=((SC, "explicit edges"),),
    ),
    Claim(
        id="gr20/sec-3.1-general-wigner",
        statement=r"For general Wigner matrices the convergence is $O(N^{-1/4})$, and hence (7), with "
        "overwhelming probability, no longer holds; its proof rests on the rotational invariance.",
        place="section 3.1",
        readings=(
            Reading(
                r"the probability in (7) is no smaller than $N^{-1/4}$ for entries that are not Gaussian; "
                r"here random signs, $\epsilon = \sqrt{2}$",
                sp.log(N, 2) / 4,
            ),
        ),
        checks=(positive_sign_matrices,),
        correction=Reading(
            r"for random signs $\mathbf{P}[\lambda_1 \ge 0] = 2^{-(N^2 - N + 2)/2}$ exactly: (7) needs no "
            "rotational invariance. A rate for the mean distribution bounds no probability; entries that are "
            r"bounded or satisfy a logarithmic Sobolev inequality have $e^{-C N^2}$ for every $\epsilon$ "
            "(Guionnet and Zeitouni)",
            (N**2 - N + 2) / 2,
        ),
        conditions=r"decided for one ensemble and one $\epsilon$; the general statement is cited",
        uses=("gr20/eq-7",),
    ),
)
