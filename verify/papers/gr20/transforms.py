"""Appendices C and D of Granziol (2020), up to theorem 7: zero error, transforms and freeness."""

from __future__ import annotations

from itertools import product
from typing import Any

import sympy as sp
from sympy.polys.rings import ring

from derive.laws import Levy, g, z

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, every, identical
from ..partitions import FreePair, indeterminates, noncrossing_mean
from ..pb17.primer_ensembles import SC, rational_matrix, sigma_sc

sigma = sp.Symbol("sigma", positive=True)
u, omega = sp.symbols("u omega")
blue = sp.Symbol("B")


# --- zero error -----------------------------------------------------------------------------------


@exact
def least_loss(formula: Any) -> Finding:
    """(probability of the right class at which -log h is 0, slope of the loss in its input there)."""
    at, slope = map(sp.sympify, formula)
    h = sp.Symbol("h", positive=True)
    zeros = sp.solve(-sp.log(h), h)
    a, b = sp.symbols("a b", real=True)
    own = sp.simplify(sp.diff(-sp.log(sp.exp(a) / (sp.exp(a) + sp.exp(b))), a) * (sp.exp(a) + sp.exp(b)))
    vanishing = sp.limit(sp.exp(b) / (sp.exp(a) + sp.exp(b)), a, sp.oo)
    finite = bool((-own).is_positive)
    return Finding(
        zeros == [at] and finite and vanishing == slope,
        f"-log h vanishes at h = {zeros[0]} alone; its slope in the input, minus the probability of the "
        "other classes, is negative at finite inputs and tends to 0 at infinite ones",
    )


# --- transforms -----------------------------------------------------------------------------------


@exact
def resolvent(formula: Any) -> Finding:
    """(a, b): (a z + b H)^-1 must have its poles at the eigenvalues, and the projectors as residues."""
    a, b = map(sp.sympify, formula)
    matrix, values = rational_matrix()
    whole = (a * z * sp.eye(matrix.rows) + b * matrix).inv().applyfunc(sp.cancel)
    total = sp.zeros(matrix.rows)
    for value in dict.fromkeys(values):
        part = whole.applyfunc(lambda e, v=value: sp.cancel(e * (z - v)).subs(z, v))
        if part**2 != part or matrix * part != value * part:
            return Finding(False, f"at the eigenvalue {value} the residue is not the projector on its space")
        total += part
    return Finding(
        total == sp.eye(matrix.rows),
        "a rational matrix with the eigenvalues 3, 3, -1/2: the residues are the projectors, and add up to 1",
    )


@exact
def normalised_trace(formula: Any) -> Finding:
    """(kernel): tr (z - H)^-1 / N is the integral of the kernel in z and u over the eigenvalues u."""
    (kernel,) = map(sp.sympify, formula)
    matrix, values = rational_matrix()
    own = sp.cancel((z * sp.eye(matrix.rows) - matrix).inv().trace() / matrix.rows)
    stated = sp.cancel(sum(kernel.subs(u, value) for value in values) / len(values))
    return identical(
        stated, own, what="the mean of the kernel over the eigenvalues 3, 3, -1/2 against the trace"
    )


@exact
def r_transform(formula: Any) -> Finding:
    """R in B and w: its coefficients must be the free cumulants, sums over noncrossing partitions."""
    order = 5
    kappa = sp.symbols(f"kappa1:{order + 1}")
    own = sum(value * omega**i for i, value in enumerate(kappa))
    if not _inverse_of_transform(order):
        raise ArithmeticError("1/w + sum kappa_n w^(n - 1) is not the inverse of the transform")
    difference = sp.expand(sp.sympify(formula).subs(blue, 1 / omega + own) - own)
    return Finding(
        difference == 0,
        "with the moments as sums over noncrossing partitions, S(1/w + sum kappa_n w^(n - 1)) = w up to "
        f"the order {order}, so that B - 1/w generates the free cumulants kappa_n"
        if difference == 0
        else f"it is ${sp.latex(difference)}$ more than the generating function of the free cumulants",
    )


def _inverse_of_transform(order: int) -> bool:
    """Whether S(1/w + sum kappa_n w^(n - 1)) = w to this order, for all kappa; truncated series in w."""
    series, v, *kappa = ring([omega, *sp.symbols(f"kappa1:{order + 1}")], sp.QQ)

    def cut(polynomial: Any) -> Any:
        return series.from_dict({key: c for key, c in polynomial.items() if key[0] <= order})

    own = sum((value * v ** (i + 1) for i, value in enumerate(kappa)), series(0))  # w R
    reciprocal, power = v, v  # of 1/w + R
    for _ in range(order):
        power = cut(-own * power)
        reciprocal += power
    composed, power = series(0), series(1)
    named = dict(zip(sp.symbols(f"kappa1:{order + 1}"), kappa, strict=True))
    for n in range(order + 1):
        mean = noncrossing_mean("A" * n, {"A": list(named)}) if n else sp.S.One
        power = cut(power * reciprocal)
        composed += cut(series.from_expr(sp.sympify(mean)) * power)
    return bool(composed == v)


@exact
def r_of_wigner(formula: Any) -> Finding:
    """R of the semicircle, a function of z."""
    law = derivation(SC).law
    assert isinstance(law, Levy)
    return identical(formula, law.r_transform().subs({g: z, sigma_sc: sigma}), what="R of the semicircle")


@exact
def first_moment(formula: Any) -> Finding:
    """(power of the eigenvalues in the sum, in the integral): against tr H / N."""
    matrix, values = rational_matrix()
    return every(
        *(
            identical(
                sum(value ** sp.sympify(power) for value in values) / len(values),
                matrix.trace() / 3,
                what=name,
            )
            for power, name in zip(formula, ("the sum", "the integral"), strict=True)
        )
    )


# --- freeness -------------------------------------------------------------------------------------


@exact
def alternating_words(formula: Any) -> Finding:
    """(c, letter): for free A and B of mean 0 and powers less c times their means, is the mean of a word
    A^n1 B^n2 A^n3 B^n4 the product of their means, the last one that of the letter?
    """
    centring, letter = formula
    c = sp.sympify(centring)
    moments = {name.upper(): (sp.S.One, sp.S.Zero, *indeterminates(name, 8)[2:]) for name in "ab"}
    pair = FreePair(moments)
    for powers in product((1, 2), repeat=4):
        own = sp.S.Zero
        for kept in product((True, False), repeat=4):
            word = "".join("ABAB"[i] * powers[i] for i in range(4) if kept[i])
            means = [-c * moments["ABAB"[i]][powers[i]] for i in range(4) if not kept[i]]
            own += sp.Mul(*means) * (pair.mean(word) if word else sp.S.One)
        stated = sp.Mul(*((1 - c) * moments["ABA"[i] if i < 3 else letter][powers[i]] for i in range(4)))
        if sp.expand(own - stated) != 0:
            shown = " ".join(f"{'ABAB'[i]}^{power}" for i, power in enumerate(powers))
            return Finding(
                False,
                f"for free A and B of mean 0 the word {shown} has the mean ${sp.latex(sp.expand(own))}$, "
                f"stated ${sp.latex(sp.expand(stated))}$",
            )
    return Finding(
        True, "all 16 words of powers 1 and 2: free variables of any moments, from their definition"
    )


CLAIMS = (
    Claim(
        id="gr20/sec-C-loss",
        statement="The cross-entropy is zero only when the probability of the correct class is 1, which "
        "takes infinite outputs: zero training error is not zero loss.",
        place="appendix C",
        readings=(Reading("with the sign that (5) lacks", (sp.Integer(1), sp.Integer(0))),),
        checks=(least_loss,),
        conditions="hence the residual part of the Hessian does not vanish at zero error",
        uses=("gr20/eq-5",),
    ),
    Claim(
        id="gr20/fig-7",
        statement="At 100 % training accuracy the smallest Hessian eigenvalue of the VGG-16 is at most "
        "$-0.004$: it is not positive definite and not the Gauss-Newton matrix.",
        place="figures 6 and 7, appendix C",
        open_because="the authors' own network and spectrum, which are not published with the paper; that "
        "a Ritz value bounds the smallest eigenvalue from above is part of (14)",
        uses=("gr20/eq-14",),
    ),
    Claim(
        id="gr20/eq-21",
        statement="$G_H(z) = (z I_N - H)^{-1}$.",
        place="appendix D, eq. 21",
        readings=(Reading("the resolvent", (1, -1)),),
        checks=(resolvent,),
        conditions="a definition; decided for one rational matrix",
    ),
    Claim(
        id="gr20/eq-22",
        statement=r"$S_N(z) = \frac{1}{N} \mathrm{Tr} G_H(z) \to \int \frac{\rho(u)}{z - u} du$.",
        place="appendix D, eq. 22",
        readings=(Reading("at finite size, over the eigenvalues", (1 / (z - u),)),),
        checks=(normalised_trace,),
        conditions="decided for one rational matrix",
        uses=("gr20/eq-21",),
    ),
    Claim(
        id="gr20/eq-23",
        statement=r"$R(w) = B(w) - \frac{1}{w}$ with $B(S(z)) = z$.",
        place="appendix D, eq. 23",
        readings=(Reading("the function whose coefficients are the free cumulants", blue - 1 / omega),),
        checks=(r_transform,),
        conditions="moments up to the order 5",
        planted=(blue + 1 / omega, blue, blue - 2 / omega, 2 * blue - 1 / omega, blue - 1 / omega + omega),
    ),
    Claim(
        id="gr20/eq-24",
        statement=r"$R_W(z) = \sigma^2 z$ for the Wigner ensemble.",
        place="appendix D, eq. 24",
        readings=(Reading("the semicircle of variance $\\sigma^2$", sigma**2 * z),),
        checks=(r_of_wigner,),
        uses=("gr20/eq-23",),
        steps=((SC, "R-transform of H"),),
    ),
)

CLAIMS_AFTER = (
    Claim(
        id="gr20/eq-28",
        statement=r"$\psi(H) = \frac{1}{N} \mathrm{Tr} H = \frac{1}{N} \sum_i \lambda_i = \int \lambda "
        r"d\mu(\lambda)$.",
        place="appendix D, eq. 28",
        readings=(Reading("as printed", (1, 1)),),
        checks=(first_moment,),
        conditions="decided for one rational matrix with a double eigenvalue",
    ),
    Claim(
        id="gr20/eq-29",
        statement=r"$A$ and $B$ with $\psi(A) = \psi(B) = 0$ are free if $\psi(A^{n_1} B^{n_2} A^{n_3} "
        "B^{n_4}) = "
        r"\psi(A^{n_1}) \psi(B^{n_2}) \psi(A^{n_3}) \psi(A^{n_4})$.",
        place="appendix D, eq. 29",
        readings=(
            Reading("as printed", (0, "A")),
            Reading(r"with $\psi(B^{n_4})$ in the place of $\psi(A^{n_4})$", (0, "B")),
        ),
        checks=(alternating_words,),
        correction=Reading(
            r"$\psi(p_1(A) q_1(B) \cdots p_k(A) q_k(B)) = 0$ whenever every factor has the mean 0: the "
            r"powers must be centred, $A^n - \psi(A^n)$, and not $A$ and $B$ alone; $\psi(A^2 B A^2 B) = "
            r"\psi(A^2)^2 \psi(B^2)$ is "
            "not 0",
            (1, "B"),
        ),
        conditions="words of four powers, 1 and 2; the rule printed holds for the words of first powers",
        planted=((0, "A"), (0, "B"), (2, "B"), (-1, "B")),
    ),
)
