"""Appendix D of Granziol (2020), from theorem 7 on: the spiked GOE."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.laws import G, w, z

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, identical, together
from ..pb17.primer_ensembles import SC, rational_matrix, sigma_sc
from .outliers import lam, spiked

sigma, beta, N = sp.symbols("sigma beta N", positive=True)
u, omega = sp.symbols("u omega")
S0, SLOPE = sp.symbols("S_0 S_0'")  # the transform of the noise, and its derivative
BEYOND = (beta - sigma,)
ROOT = sp.sqrt(z**2 - 4 * sigma**2)


@exact
def spiked_goe(formula: Any) -> Finding:
    """Places, thresholds and edges above and below, against the derived law."""
    return spiked(formula, sigma)


@exact
def transform_of_wigner(formula: Any) -> Finding:
    """S(z): a root of the equation of the law, and z S(z) -> 1 at infinity."""
    stated = sp.sympify(formula)
    residue = sp.limit(z * stated, z, sp.oo)
    if residue != 1:
        return Finding(False, f"z S(z) tends to ${sp.latex(residue)}$ as z grows, not to 1")
    equation = derivation(SC).equation.subs(sigma_sc, sigma)
    real = sp.Symbol("z", positive=True)
    inserted = equation.subs(G, stated).subs(z, real)
    return identical(inserted, 0, where=(real - 2 * sigma,), what="z S(z) -> 1; the equation of the law")


@exact
def blue_of_wigner(formula: Any) -> Finding:
    """(B, R) of the semicircle in z: the equation of the law at G = z and z = B, and R = B - 1/z."""
    inverse, r = map(sp.sympify, formula)
    equation = derivation(SC).equation.subs(sigma_sc, sigma)
    swapped = equation.subs({G: z, z: inverse}, simultaneous=True)
    squared = (2 * sigma**2 * z - inverse) ** 2 - (inverse**2 - 4 * sigma**2)
    return together(
        "the equation of the law holds at G = z and z = B, the squares agree, and R = B - 1/z",
        identical(swapped, 0, what="the equation of the law at (B(z), z)"),
        identical(squared, 0, what="(2 sigma^2 z - B)^2 = B^2 - 4 sigma^2"),
        identical(r, inverse - 1 / z, what="R = B - 1/z"),
    )


def _transform_of_spike(at: Any) -> sp.Expr:
    """tr (u - H)^-1 / N of a matrix of rank 1 with the eigenvalue beta."""
    return (1 / (at - beta) + (N - 1) / at) / N


@exact
def transform_of_rank_one(formula: Any) -> Finding:
    """(sum over the eigenvalues, the same with 1/u taken out): against the trace of an N x N matrix."""
    whole, factored = map(sp.sympify, formula)
    return together(
        "both are the trace of an N x N matrix with the eigenvalue beta and N - 1 times 0",
        identical(whole, _transform_of_spike(u), what="the sum"),
        identical(factored, _transform_of_spike(u), what="the form with 1/u taken out"),
    )


def _of_order_one(expression: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The terms of order 1 and 1/N."""
    small = sp.Symbol("small")
    expanded = sp.cancel(sp.together(expression.subs(N, 1 / small)))
    return sp.cancel(expanded.subs(small, 0)), sp.cancel(sp.diff(expanded, small).subs(small, 0))


@exact
def blue_of_spike(formula: Any) -> Finding:
    """(B, R) of the rank-one matrix in omega to the order 1/N: S(B(omega)) = omega, R = B - 1/omega."""
    inverse, r = map(sp.sympify, formula)
    back = _of_order_one(_transform_of_spike(inverse) - omega)
    rest = _of_order_one(r - (inverse - 1 / omega))
    return together(
        "S(B(omega)) = omega and R = B - 1/omega to the orders 1 and 1/N",
        *(
            identical(term, 0, what=f"{name} to the order {order}")
            for name, terms in (("S(B(omega)) - omega", back), ("R - B + 1/omega", rest))
            for term, order in zip(terms, ("1", "1/N"), strict=True)
        ),
    )


SPIKE_R = beta / (N * (1 - beta * omega))


@exact
def subordination(formula: Any) -> Finding:
    """z as a function of omega = S_M(z), to the order 1/N: the sum of both R-transforms and 1/omega."""
    right = sigma**2 * omega + SPIKE_R + 1 / omega
    terms = _of_order_one(sp.sympify(formula) - right)
    return together(
        "it is the sum of both R-transforms and 1/omega, to the orders 1 and 1/N",
        *(
            identical(t, 0, what=f"z less the sum of R-transforms and 1/omega, to the order {o}")
            for t, o in zip(terms, ("1", "1/N"), strict=True)
        ),
    )


@exact
def correction_of_trace(formula: Any) -> Finding:
    """S_1 in S_0, its derivative and beta: z = B(S_0 + S_1/N) + beta/(N (1 - beta S_0)) to the order 1/N."""
    stated = sp.sympify(formula)
    condition = stated / SLOPE + beta / (1 - beta * S0)  # B' = 1 / S_0'
    return identical(condition, 0, what="B'(S_0) S_1 + beta/(1 - beta S_0)")


@exact
def trace_with_spike(formula: Any) -> Finding:
    """(term of order 1, coefficient of 1/N): against a determinant.

    det(z - H - beta v v') = det(z - H) (1 - beta v'G v), so that the trace of the resolvent changes by the
    derivative of log(1 - beta v'G v); with v'G v at its mean S_0 that is the coefficient.
    """
    constant, coefficient = map(sp.sympify, formula)
    matrix, _ = rational_matrix()
    v = sp.Matrix([1, -2, 3])
    entry = sp.cancel((v.T * (z * sp.eye(3) - matrix).inv() * v)[0])
    before, after = (
        sp.cancel((z * sp.eye(3) - m).inv().trace()) for m in (matrix, matrix + sp.Rational(2, 5) * v * v.T)
    )
    logarithm = sp.diff(sp.log(1 - sp.Rational(2, 5) * entry), z)
    if sp.cancel(after - before - logarithm) != 0:
        raise ArithmeticError("the determinant of a rank-one change")
    transform = sp.Function("S")(z)
    right = sp.diff(sp.log(1 - beta * transform), z)
    stated = coefficient.subs({S0: transform, SLOPE: sp.diff(transform, z)}, simultaneous=True)
    difference = sp.expand((stated - right).doit()).subs({sp.diff(transform, z): SLOPE}).subs({transform: S0})
    return together(
        "the coefficient of 1/N is d/dz log(1 - beta S_0), by a determinant",
        identical(constant, S0, what="the term of order 1"),
        identical(sp.cancel(difference), 0, what="the coefficient of 1/N against d/dz log(1 - beta S)"),
    )


@exact
def outlier(formula: Any) -> Finding:
    """(spike, place): S(place) = 1/spike on the branch ~ 1/z at infinity; and the derived law's place."""
    spike, place = map(sp.sympify, formula)
    side = 1 if spike == beta else -1
    own = derivation(SC).closed_forms["outlier_place"].subs({sigma_sc: sigma, w: spike})
    root = side * sp.sqrt(place**2 - 4 * sigma**2)  # sign of z outside the band
    return together(
        "S(z) = 1/spike on the branch of (31), and z is the place that the derived law has for it",
        identical(place, own, what="the place of the derived law"),
        identical((place - root) / (2 * sigma**2), 1 / spike, where=BEYOND, what="S(z) = 1/spike"),
    )


PLACE = lam + sigma**2 / lam
SPIKE_B = 1 / omega + SPIKE_R

CLAIMS = (
    Claim(
        id="gr20/eq-30",
        statement=r"The extremal eigenvalues of $A + B / \sqrt{P}$, $A$ of finite rank, $B$ a GOE matrix "
        r"of variance $\sigma_\epsilon^2$: $\lambda_1' = \lambda_1 + \frac{\sigma_\epsilon^2}{\lambda_1}$ if "
        r"$\lambda_1 > \sigma_\epsilon$, else $2 \sigma_\epsilon$; $\lambda_P' = \lambda_P + "
        r"\frac{\sigma_\epsilon^2}{\lambda_P}$ if "
        r"$\lambda_P < -\sigma_\epsilon$, else $-2 \sigma_\epsilon$.",
        place="theorem 7, eq. 30",
        readings=(
            Reading(
                r"as $P \to \infty$; $\lambda_n$ is $\lambda_P$",
                (PLACE, sigma, 2 * sigma, PLACE, -sigma, -2 * sigma),
            ),
        ),
        checks=(spiked_goe,),
        conditions=r"$\sigma_\epsilon^2$ the variance of an entry off the diagonal",
        uses=("gr20/eq-24",),
        steps=((SC, "place of the outlier"), (SC, "threshold"), (SC, "explicit edges")),
    ),
    Claim(
        id="gr20/eq-31",
        statement=r"$S_W(z) = \frac{z \pm \sqrt{z^2 - 4 \sigma^2}}{2 \sigma^2}$.",
        place="appendix D, eq. 31",
        readings=(
            Reading("the upper sign", (z + ROOT) / (2 * sigma**2)),
            Reading("the lower sign", (z - ROOT) / (2 * sigma**2)),
        ),
        checks=(transform_of_wigner,),
        conditions=r"the lower sign with $\sqrt{z^2 - 4 \sigma^2} \sim z$ at infinity; decided for $z > 2 "
        r"\sigma$. The "
        "other root of the equation grows with $z$ and is no Stieltjes transform",
        uses=("gr20/eq-2",),
        steps=((SC, "Candidate for the Stieltjes transform"), (SC, "At infinity")),
    ),
    Claim(
        id="gr20/eq-32",
        statement=r"$z = \frac{B_W \pm \sqrt{B_W^2 - 4 \sigma^2}}{2 \sigma^2}$, $(2 \sigma^2 z - B_W)^2 = "
        r"B_W^2 - 4 \sigma^2$, so $B_W(z) = \frac{1}{z} + \sigma^2 z$ and $R_W(z) = \sigma^2 z$.",
        place="appendix D, eq. 32",
        readings=(Reading("as printed", (1 / z + sigma**2 * z, sigma**2 * z)),),
        checks=(blue_of_wigner,),
        uses=("gr20/eq-23", "gr20/eq-31"),
    ),
    Claim(
        id="gr20/eq-33",
        statement=r"$S(u) = \frac{1}{N} \frac{1}{u - \beta} + \left(1 - \frac{1}{N}\right) \frac{1}{u} = "
        r"\frac{1}{u} \left[1 + \frac{1}{N} \frac{\beta}{1 - u^{-1} \beta}\right]$ for a matrix of rank 1.",
        place="appendix D, eq. 33",
        readings=(Reading("as printed", (_transform_of_spike(u), (1 + beta / (1 - beta / u) / N) / u)),),
        checks=(transform_of_rank_one,),
        correction=Reading(
            r"$\frac{1}{u} \left[1 + \frac{1}{N} \frac{u^{-1} \beta}{1 - u^{-1} \beta}\right]$: a factor "
            "$u^{-1}$ is missing",
            (_transform_of_spike(u), (1 + beta / u / (1 - beta / u) / N) / u),
        ),
    ),
    Claim(
        id="gr20/eq-34",
        statement=r"$B(\omega) = \frac{1}{\omega} + \frac{\beta}{N (1 - \omega \beta)} + O(N^{-2})$, "
        r"$R(\omega) = \frac{\beta}{N (1 - \omega \beta)} + O(N^{-2})$.",
        place="appendix D, eq. 34",
        readings=(Reading("as printed", (SPIKE_B, SPIKE_R)),),
        checks=(blue_of_spike,),
        conditions="it follows from the first form in (33), which is right",
        uses=("gr20/eq-33", "gr20/eq-23"),
    ),
    Claim(
        id="gr20/eq-35",
        statement=r"$z = B_{H_{true}}(S_M(z)) + \frac{\beta}{N (1 - \beta S_M(z))} + O(N^{-2})$.",
        place="appendix D, eq. 35",
        readings=(Reading(r"$\omega = S_M(z)$", SPIKE_B + SPIKE_R),),
        checks=(subordination,),
        correction=Reading(
            r"$z = B_{\epsilon}(S_M(z)) + \frac{\beta}{N (1 - \beta S_M(z))}$ with the blue function "
            r"$\frac{1}{\omega} + \sigma^2 \omega$ of the noise: printed, the perturbation enters twice "
            "and the noise not at all",
            1 / omega + sigma**2 * omega + SPIKE_R,
        ),
        uses=("gr20/eq-32", "gr20/eq-34"),
    ),
    Claim(
        id="gr20/eq-36",
        statement=r"$S_1(z) = -\frac{\beta S_0'(z)}{1 - \beta S_0(z)}$ for $S_M = S_0 + S_1 / N + "
        "O(N^{-2})$.",
        place="appendix D, eq. 36",
        readings=(Reading("$S_0$ the transform of the noise", -beta * SLOPE / (1 - beta * S0)),),
        checks=(correction_of_trace,),
        conditions="from the right form of (35)",
        uses=("gr20/eq-35",),
    ),
    Claim(
        id="gr20/eq-37",
        statement=r"$S_M(z) \approx S_0(z) - \frac{1}{N} \frac{\beta S_0'(z)}{1 - \beta S_0(z)}$.",
        place="appendix D, eq. 37",
        readings=(Reading("to the order $1/N$", (S0, -beta * SLOPE / (1 - beta * S0))),),
        checks=(trace_with_spike,),
        conditions="$v^T G v$ at its mean; the determinant is decided for one rational matrix",
        uses=("gr20/eq-36",),
        planted=(
            (S0, beta * SLOPE / (1 - beta * S0)),
            (S0, -beta * SLOPE / (1 + beta * S0)),
            (S0, -SLOPE / (1 - beta * S0)),
            (S0, -2 * beta * SLOPE / (1 - beta * S0)),
            (2 * S0, -beta * SLOPE / (1 - beta * S0)),
        ),
    ),
    Claim(
        id="gr20/eq-38",
        statement=r"$S_0(z) = 1 / \beta$, $\frac{2 \sigma^2}{\beta} = z \pm \sqrt{z^2 - 4 \sigma^2}$, so "
        r"$z = \beta + \frac{\sigma^2}{\beta}$.",
        place="appendix D, eq. 38",
        readings=(Reading("the lower sign, as in (31)", (beta, beta + sigma**2 / beta)),),
        checks=(outlier,),
        conditions=r"$\beta > \sigma$; otherwise $S_0 = 1 / \beta$ has no solution outside the band",
        uses=("gr20/eq-31", "gr20/eq-37"),
        steps=((SC, "place of the outlier"),),
        planted=(
            (beta, beta - sigma**2 / beta),
            (beta, beta + 2 * sigma**2 / beta),
            (beta, beta + sigma / beta),
            (2 * beta, beta + sigma**2 / beta),
        ),
    ),
    Claim(
        id="gr20/eq-39",
        statement=r"For $\beta \to -\beta$, $z = -\beta - \frac{\sigma^2}{\beta}$.",
        place="appendix D, eq. 39",
        readings=(Reading("a negative outlier", (-beta, -beta - sigma**2 / beta)),),
        checks=(outlier,),
        conditions=r"$\beta > \sigma$",
        uses=("gr20/eq-38",),
        planted=(
            (-beta, -beta + sigma**2 / beta),
            (-beta, -beta - 2 * sigma**2 / beta),
            (beta, -beta - sigma**2 / beta),
        ),
    ),
)
