"""The law of a sparse ensemble: from the random tree at a row to its functional equation, step by step.

1. tree        the graph of nonzero entries at a row tends to a Poisson tree; Schur's complement
2. transform   exp(-t / a) as a Laplace transform in a turns the random sum into exp(-chi)
3. equation    a functional equation for chi, and G as an integral over it
4. limits      the dense limit, the moments (`derive.sparse.tree_moments`), the atom at 0
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import sympy as sp

from ..algebra.polynomials import canonical
from ..certificates import Identity, Together
from ..derivation import Asymptotic, CertificateError, Definition, Derivation, Section, Step
from ..language.ensembles import Wigner, Wishart
from ..language.model import Model
from ..language.sparse import RODGERS_BRAY, SparseMatrix, SparseWishart, ratio_of
from ..laws import Functional, G, z
from ..transforms import read
from ..transforms.curves import Setting
from .moments import law_moments, moments_step, tail_step

RANK = "Bordenave, Lelarge & Salez (2011)"

a, p, s, t = sp.symbols("a p s t", positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
zeta, X = sp.symbols("zeta X")
chi, psi, k = sp.Function("chi"), sp.Function("psi"), sp.Function("k")
MASS = sp.Symbol(r"\mu(\{0\})")
J1, I0, I1 = sp.Function("J_1"), sp.Function("I_0"), sp.Function("I_1")
KERNELS = {"unit": J1(2 * sp.sqrt(p)) / sp.sqrt(p), "gaussian": sp.exp(-p) * (I0(p) - I1(p))}


@dataclass(frozen=True)
class SameTerms:
    """Two series over n >= 0 of hypergeometric terms agree term by term.

    Their ratios of neighbouring terms are the same rational function of n, and so are their first terms.
    """

    left: sp.Expr
    right: sp.Expr

    def check(self) -> None:
        ratios = [_ratio(term) for term in (self.left, self.right)]
        firsts = [term.subs(n, 0) for term in (self.left, self.right)]
        Identity((ratios[0] - ratios[1], firsts[0] - firsts[1])).check()

    @property
    def summary(self) -> str:
        return "both series have the same first term and the same ratio of neighbouring terms"


def _ratio(term: sp.Expr) -> sp.Expr:
    """The ratio of neighbouring terms, rational in n; exponents are integers, so that powers come apart."""
    quotient = sp.expand_func((term.subs(n, n + 1) / term).rewrite(sp.gamma))
    ratio = sp.cancel(sp.powsimp(sp.expand_power_exp(sp.expand_power_base(quotient, force=True))))
    if ratio.has(sp.factorial, sp.gamma) or not ratio.is_rational_function(n):
        raise CertificateError(f"{term} is not hypergeometric in n")
    return ratio


COMPOUND_POISSON = SameTerms(
    sp.Symbol("mu") ** n * X**n / sp.factorial(n), (sp.Symbol("mu") * X) ** n / sp.factorial(n)
)


def sparse_law(node: SparseMatrix) -> Functional:
    """The law with its equations."""
    rectangular = isinstance(node, SparseWishart)
    ratio, point = ratio_of(node), zeta if rectangular else z
    kernel = t * k(s * t / node.degree)

    def over(function: Any, factor: sp.Expr = sp.S.One) -> sp.Expr:
        return sp.Integral(factor * sp.exp(sp.I * point * s - function(s)), (s, 0, sp.oo))

    equations = [sp.Eq(chi(t), over(psi if rectangular else chi, kernel))]
    if rectangular:
        equations.append(sp.Eq(psi(t), ratio * over(chi, kernel)))
        transform = sp.Eq(zeta * G, -sp.I * over(chi))
    else:
        transform = sp.Eq(G, -sp.I * over(chi))
    return Functional(
        tuple(equations), transform, node.weights, (node.degree,), (ratio,), squared=rectangular
    )


def derive_sparse(model: Model, node: SparseMatrix, setting: Setting, limits: list[str]) -> Derivation:
    """The whole derivation; certificates are checked as the steps are made."""
    model.keep_free(("s", "t"), "a variable of the functional equation")
    law = sparse_law(node)
    sections = (
        Section("The tree at a row", _tree(node)),
        Section("Functional equation", _equation(node, law)),
        Section("Dense limit", (_dense(node, setting),)),
        Section("Moments", (moments_step(node), tail_step(node))),
        Section("Atom at 0", _atom(node)),
    )
    atoms = (
        "The eigenvalues of finite trees, atoms of the law, lie dense on the axis"
        if node.weights == "unit"
        else "The law is not known in a closed form on the axis"
    )
    limits = [*limits, f"{atoms}: no density, distribution function, quantile or edge is offered."]
    equation = law.equations[0].lhs - law.equations[0].rhs
    forms = {"moments": partial(law_moments, node)}
    return Derivation(model, law, equation, sections, forms, tuple(limits))


# --- the tree ------------------------------------------------------------------------------------


def _tree(node: SparseMatrix) -> tuple[Step, ...]:
    c, ratio = node.degree, ratio_of(node)
    rectangular = isinstance(node, SparseWishart)
    b = [sp.Symbol(f"b_{i}") for i in (1, 2, 3)]
    g = [sp.Symbol(f"G_{i}") for i in (1, 2, 3)]
    matrix = sp.diag(X, *(1 / value for value in g))
    for i, entry in enumerate(b, 1):
        matrix[0, i] = matrix[i, 0] = -entry
    corner = matrix[1:, 1:].det() / matrix.det()
    schur = sp.Eq(
        sp.Symbol("G_0"), 1 / (X - sum(e**2 * v for e, v in zip(b, g, strict=True))), evaluate=False
    )
    where = "zeta, zeta^2 = z, for the matrix ((0, X), (X', 0))," if rectangular else "z"
    children = sp.Eq(sp.Symbol(r"E[K]"), c, evaluate=False)
    shown: tuple[Any, ...] = (children,)
    counts = "Every vertex has a Poisson number K of further neighbours, of mean"
    if rectangular:
        shown = (
            sp.Eq(sp.Symbol(r"E[K_{\mathrm{row}}]"), c, evaluate=False),
            sp.Eq(sp.Symbol(r"E[K_{\mathrm{column}}]"), c * ratio, evaluate=False),
        )
    return (
        Step(
            "Poisson tree",
            f"In the limit the graph of the nonzero entries at a row is a tree: cycles are of length log N. "
            f"{counts}" + (" c for a row and c times the ratio for a column:" if rectangular else ":"),
            shown,
            Definition(),
            RODGERS_BRAY,
        ),
        Step(
            "cavity field",
            f"Schur's complement at {where} gives the diagonal entry of the resolvent at the root from those "
            "of its neighbours with the root taken away, here for three of them with entries b_k. On a "
            "tree these are independent, and each is again such a root.",
            schur,
            Identity(corner - schur.rhs),
            RODGERS_BRAY,
        ),
    )


# --- the equation ----------------------------------------------------------------------------------


def _equation(node: SparseMatrix, law: Functional) -> tuple[Step, ...]:
    named = " of a row, psi(t) likewise for a column" if law.squared else ""
    return (
        inverse_step(),
        kernel_step(node.weights),
        Step(
            "functional equation",
            "With Y = iG of a neighbour, Re Y > 0, put chi(t) = E[1 - exp(-t w^2 Y / c)] times the mean "
            "number of "
            f"neighbours{named}. A compound Poisson sum has E[exp(-s sum)] = exp(-chi(s)); the formula "
            f"above at a = 1/Y, averaged over the weight, closes the equation. Its solution with "
            "chi(0) = 0 and Re chi >= 0 is unique for Im z large, and chi is analytic in the upper "
            "half-plane.",
            law.equations,
            COMPOUND_POISSON,
            RODGERS_BRAY,
        ),
        Step(
            "Stieltjes transform",
            "iG = E[1/a] = E integral of exp(-a s) over s, a number that is also the slope of the "
            "functional at 0, since k(0) = 1 and E[w^2] = 1"
            + ("; eigenvalues are squares of singular values." if law.squared else "."),
            law.transform,
            Identity(_kernel_term(node.weights).subs(n, 0) - 1),
        ),
    )


def inverse_step() -> Step:
    """exp(-t / a) as a Laplace transform in a."""
    inverse = sp.Eq(
        sp.exp(-t / a),
        1 - sp.Integral(sp.sqrt(t / s) * J1(2 * sp.sqrt(s * t)) * sp.exp(-a * s), (s, 0, sp.oo)),
        evaluate=False,
    )
    # of (1 - exp(-t/a)) / t, and of the integral: s^n integrates to n! / a^(n+1)
    series = (-1) ** n * t**n / (sp.factorial(n + 1) * a ** (n + 1))
    integrated = (-t) ** n / (sp.factorial(n) * sp.factorial(n + 1)) * sp.factorial(n) / a ** (n + 1)
    return Step(
        "exponential of an inverse",
        "For Re a > 0, by the series of J_1(2 sqrt(st)) / sqrt(st) = sum_n (-st)^n / (n! (n + 1)!) "
        "integrated term by term.",
        inverse,
        SameTerms(series, integrated),
    )


def _kernel_term(weights: str) -> sp.Expr:
    """The coefficient of p^n: (-1)^n E[w^(2n+2)] / (n! (n + 1)!)."""
    moment = sp.S.One if weights == "unit" else sp.factorial(2 * n + 2) / (2 ** (n + 1) * sp.factorial(n + 1))
    return (-1) ** n * moment / (sp.factorial(n) * sp.factorial(n + 1))


def kernel_step(weights: str) -> Step:
    """The kernel that the weights come to."""
    general = r"k(p) = \sum_{n=0}^{\infty} \frac{(-p)^n \, E[w^{2n+2}]}{n! \, (n+1)!}"
    own = sp.Eq(k(p), KERNELS[weights], evaluate=False)
    if weights == "unit":
        rule = "The weights enter through their even moments alone; all are 1."
        term = (-1) ** n / (sp.factorial(n) * sp.factorial(n + 1))
        return Step("kernel of the weights", rule, (general, own), SameTerms(_kernel_term("unit"), term))
    rule = (
        "The weights enter through their even moments alone; E[w^(2n+2)] = (2n + 2)! / (2^(n+1) (n + 1)!) "
        "of a standard normal number. Both sides satisfy p k'' + 2 (1 + p) k' + 3 k = 0 and k(0) = 1."
    )
    return Step("kernel of the weights", rule, (general, own), Together((_ode_of_bessel(), _ode_of_series())))


def _ode_of_bessel() -> Identity:
    """exp(-p) (I_0 - I_1) in the equation, exp(-p) divided out: I_0' = I_1, I_1' = I_0 - I_1 / p."""
    zero, one = sp.symbols("I_0 I_1")

    def derivative(f: sp.Expr) -> sp.Expr:
        chain = sp.diff(f, zero) * one + sp.diff(f, one) * (zero - one / p)
        return sp.expand(sp.diff(f, p) + chain - f)

    first = derivative(zero - one)
    second = derivative(first)
    return Identity(p * second + 2 * (1 + p) * first + 3 * (zero - one))


def _ode_of_series() -> Identity:
    """The coefficient of p^n in the equation: (n+1) (n+2) k_(n+1) + (2n + 3) k_n = 0."""
    ratio = _ratio(_kernel_term("gaussian"))
    return Identity((n + 1) * (n + 2) * ratio + 2 * n + 3)


def _dense(node: SparseMatrix, setting: Setting) -> Step:
    """degree -> oo: the equation of the semicircle or of Marchenko and Pastur."""
    if isinstance(node, SparseWishart):
        dense = canonical(setting.ring.expression(read(Wishart(node.ratio), "H", setting).equation))
        column = 1 / (zeta - node.ratio * zeta * G)  # of ((0, X), (X', 0)), whose rows have zeta G
        found, name = G - 1 / (z - sp.cancel(zeta * column)), "Marchenko and Pastur"
    else:
        dense = canonical(setting.ring.expression(read(Wigner(1), "H", setting).equation))
        found, name = G - 1 / (z - G), "the semicircle"
    numerator = canonical(sp.numer(sp.together(found)))
    return Step(
        "dense limit",
        "As the degree grows k(s t / c) tends to 1: chi(t) becomes linear, its integral that of an "
        "exponential, and the "
        f"equation that of {name}.",
        (Asymptotic(chi(t), t * sp.Symbol(r"\chi'(0)")), sp.Eq(dense, 0, evaluate=False)),
        Identity(numerator - dense),
    )


# --- atom ---------------------------------------------------------------------------------------------


def _atom(node: SparseMatrix) -> tuple[Step, ...]:
    c, ratio = node.degree, ratio_of(node)
    x, share, rest, own = sp.symbols("x a S X", positive=True)
    link = share / (own * rest)  # w^2 L / c, L = 1 / rest the field of the neighbour over eta, a = w^2 X / c
    transported = link / (1 / own + link) - share / (share + rest)
    second = sp.Symbol("a_2", positive=True)
    neighbour = sp.exp(-c * ratio * x)
    mass = sp.exp(-c * neighbour) - (1 - (1 + c * ratio * x) * neighbour) / ratio
    inner, outer = sp.symbols("E_1 E_2", positive=True)
    slope = sp.diff(mass, x).subs(sp.exp(-c * neighbour), outer).subs(neighbour, inner)
    fixed = sp.Eq(x, sp.exp(-c * sp.exp(-c * ratio * x)), evaluate=False)
    found = sp.Eq(MASS, mass, evaluate=False)
    steps = [
        Step(
            "cavity fields at 0",
            "As eta -> 0, i eta G(i eta) tends to a mass X. It is positive where no neighbour has, away "
            "from the root, a neighbour of positive mass: with probability x, by thinning of the Poisson "
            "numbers. Weights do not matter. A neighbour of field eta / S takes the share a / (a + S) of "
            "the root's mass, a = w^2 X / c, where X is that of the root without it.",
            fixed,
            Identity(transported),
            RANK,
        ),
        Step(
            "mass at 0",
            "The shares that a vertex takes add up to 1 if two or more of its neighbours have positive "
            "mass, else there are none. Seen from the other end (mass transport), the mean mass is the "
            "probability that a row has any, less the mean number of neighbours a row that see two or "
            "more.",
            found,
            Identity(share / (share + second) + second / (share + second) - 1),
            RANK,
        ),
        Step(
            "stationary",
            "The right-hand side, as a function of x, is stationary exactly at the solutions of the "
            "equation for x; where there are several, the greatest value is the mass. Each labels the tree "
            "consistently, and the rows without mass and the columns that see two or more rows with it hold "
            "every entry: the rank is no more than their number, so that no solution's value is above the "
            "mass, which is the value of one of them.",
            sp.Eq(sp.Derivative(MASS, x), slope_shown(c, ratio, x), evaluate=False),
            Identity(slope - c**2 * ratio * inner * (outer - x)),
            RANK,
        ),
    ]
    if not isinstance(node, SparseWishart):
        y = sp.Dummy("y", positive=True)
        steps.append(
            Step(
                "core",
                "The solution with x = exp(-c x) is alone while the slope there, (c x)^2, is below 1; "
                "with c x = 1 it is x = 1/e. From the degree e on a core that leaf removal cannot touch "
                "has full rank.",
                sp.Eq(c, sp.E, evaluate=False),
                Identity((c**2 * ratio * y * x).subs(y, x) - (c * x) ** 2),
                RANK,
            )
        )
    return tuple(steps)


def slope_shown(c: sp.Expr, ratio: sp.Expr, x: sp.Symbol) -> sp.Expr:
    """The derivative of the mass in x, factored."""
    neighbour = sp.exp(-c * ratio * x)
    return c**2 * ratio * neighbour * (sp.exp(-c * neighbour) - x)
