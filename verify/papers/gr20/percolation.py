"""Section 4.2 of Granziol (2020): percolated matrices, and the counts of its parameters."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_poly, fmpz_mat

from derive.laws import w
from generated import sparse_wigner

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation
from ..pb17.primer_ensembles import SC, sigma_sc
from ..walks import limit_at_infinity, wigner

P, k, d, b = sp.symbols("P k d b", positive=True)
lam, mean = sp.symbols("lambda p", positive=True)
level = sp.Symbol("L", positive=True)  # log P
n = sp.Symbol("n", positive=True)
MODEL = "sparse_wigner"


# --- what sparsity does ---------------------------------------------------------------------------


@exact
def sparsity_that_matters(formula: Any) -> Finding:
    """p, a function of k and P: is the fourth moment of the diluted matrix finite, and not the semicircle's?

    Entries are g/sqrt(P p) with probability p, else 0, g standard normal: variance 1/P for every p.
    """
    chance = sp.sympify(formula).subs(P, n)
    row = sp.simplify(n * chance)

    def entry(q: int) -> sp.Expr:
        moment = sp.factorial2(q - 1) if q % 2 == 0 else sp.S.Zero
        return sp.powsimp(sp.expand(chance * (n * chance) ** sp.Rational(-q, 2) * moment), force=True)

    fourth = limit_at_infinity(wigner(4, entry, n), n)
    if fourth in (sp.oo, 2):
        means = "is that of the semicircle" if fourth == 2 else "diverges"
        return Finding(
            False, f"for $p = {sp.latex(chance)}$ the fourth moment tends to {fourth}, which {means}"
        )
    return Finding(
        fourth.has(k) and row == k,
        f"${sp.latex(row)}$ entries a row on average; the fourth moment tends to ${sp.latex(fourth)}$, not "
        "to the 2 of the semicircle that has the "
        "same variance",
    )


def empty_share(degree: Any) -> sp.Expr:
    """The limit of the share of empty rows, for a mean number of entries of a row."""
    return sp.limit((1 - degree / n) ** (n - 1), n, sp.oo)


def weight_at_zero(degree: float) -> float:
    """The whole weight at 0, from the generated module."""
    return float(sparse_wigner.mass_at_zero(degree))


@exact
def empty_rows(formula: Any) -> Finding:
    """A weight at 0 that every percolated matrix has: the limit of the share of empty rows."""
    share = empty_share(k)
    if sp.simplify(sp.sympify(formula) - share) != 0:
        return Finding(False, f"the share of empty rows is ${sp.latex(share)}$, stated ${sp.latex(formula)}$")
    weights = ", ".join(f"{weight_at_zero(c):.3g} at k = {c}" for c in (1, 3, 10))
    return Finding(True, f"an empty row is an eigenvector of eigenvalue 0; the whole weight is {weights}")


@exact
def isolated_atoms(formula: Any) -> Finding:
    """1 or 0: is the atom at 0 apart from the rest? Paths are components with a positive share.

    The characteristic polynomial of a path of s vertices, s even, changes its sign between 0 and 4/(s + 1).
    """
    sizes = (2, 4, 8, 16, 32, 64)
    for size in sizes:
        path = fmpz_mat(size, size, [int(abs(i - j) == 1) for i in range(size) for j in range(size)])
        polynomial = fmpq_poly(path.charpoly())
        if polynomial(0) * polynomial(fmpq(4, size + 1)) >= 0:
            raise ArithmeticError(f"the path of {size} vertices has no eigenvalue in (0, 4/{size + 1})")
    return Finding(
        formula == 0,
        f"the paths of {', '.join(map(str, sizes))} vertices have eigenvalues between 0 and 4/(vertices + "
        "1), and each path is a component with a positive share: atoms accumulate at 0. (They are dense on "
        "the whole axis: "
        "every totally real algebraic integer is an eigenvalue of a tree, by Salez.)",
    )


# --- tails and extremes ---------------------------------------------------------------------------


@exact
def tail_of_hubs(formula: Any) -> Finding:
    """The density far out, p the mean number of entries of size 1: that of a row having lambda^2 of them.

    A star of n leaves has the eigenvalue sqrt n; the number of entries of a row is Poisson's.
    """
    for leaves in (1, 4, 9):
        star = sp.zeros(leaves + 1)
        star[0, 1:] = sp.ones(1, leaves)
        star[1:, 0] = sp.ones(leaves, 1)
        if (star.T * star)[0, 0] != leaves or star.rank() != 2:
            raise ArithmeticError("the eigenvalues of a star are not +- sqrt n")
    stated = sp.expand_log(sp.log(sp.sympify(formula).subs(lam, sp.sqrt(n))), force=True)
    poisson = n * sp.log(mean) - mean - (n * sp.log(n) - n + sp.log(2 * sp.pi * n) / 2)  # Stirling
    limit = sp.limit(sp.expand(sp.expand_log((poisson - stated) / n, force=True)), n, sp.oo)
    positive = sp.sympify(formula).subs({lam: 3, mean: 2}).is_positive
    return Finding(
        limit == 0 and bool(positive),
        "with n = lambda^2, (log Poisson(n; p) - log of the stated form)/n tends to "
        f"${sp.latex(limit)}$" + (" by Stirling's formula" if limit == 0 else ""),
    )


@exact
def crossover(formula: Any) -> Finding:
    """(power of log P): where the mean degree k = b (log P)^power lets hubs leave the semicircle, or not.

    The greatest degree is alpha k with (alpha log alpha - alpha + 1) k = log P. A hub of alpha k neighbours
    solves z = alpha G(z), G the semicircle's: z = w + 1/w with w^2 = alpha - 1, an outlier if alpha > 2.
    """
    (power,) = map(sp.sympify, formula)
    alpha = sp.Symbol("alpha", positive=True)
    place = derivation(SC).closed_forms["outlier_place"].subs(sigma_sc, 1)
    root = sp.sqrt(alpha - 1)
    if sp.simplify(place.subs(w, root) - alpha / root) != 0:
        raise ArithmeticError("the equation of a hub")
    rate = sp.limit(level / (b * level**power), level, sp.oo)  # alpha log alpha - alpha + 1
    if rate in (0, sp.oo):
        side = (
            "no row has more than k (1 + o(1)) entries"
            if rate == 0
            else "the greatest degree over k diverges"
        )
        return Finding(False, f"at $k = b (\\log P)^{{{power}}}$ {side}, for every b: no crossover there")
    critical = sp.simplify(1 / (2 * sp.log(2) - 1))  # alpha = 2
    return Finding(
        True,
        "a hub of $\\alpha k$ neighbours has the eigenvalue $\\alpha / \\sqrt{\\alpha - 1}$, outside $[-2, "
        "2]$ for $\\alpha > 2$; the greatest degree is $2 k$ at $k = \\log P / (2 \\log 2 - 1)$, "
        f"{float(critical):.4f} "
        "$\\log P$",
    )


@exact
def extremes_of_graphs(formula: Any) -> Finding:
    """(k-th eigenvalue of the adjacency matrix, side: 1 for k >= P^(1 - eps), -1 for k <=), mean degree d.

    m = lambda_k^2 must be the degree that k rows exceed: log Poisson(m; d) = -log(P/k) to leading order,
    at k = P^a.
    """
    stated, side = formula
    cases = ((sp.S.Zero, sp.Integer(2)), (sp.Rational(1, 2), sp.Integer(2)), (sp.S.Zero, sp.sqrt(level)))
    for exponent, many in cases:
        rest = (1 - exponent) * level
        degree = sp.sympify(stated).subs(k, P**exponent) ** 2
        degree = sp.expand_log(degree.subs(P, sp.exp(level)), force=True)
        degree = degree.replace(lambda e: e == sp.log(sp.exp(level)), lambda e: level)
        degree = sp.simplify(degree.subs(d, many))
        ratio = degree * (sp.log(degree) - 1 - sp.log(many)) / rest
        limit = sp.limit(sp.expand_log(ratio, force=True), level, sp.oo)
        if limit != 1:
            return Finding(
                False,
                f"at $k = P^{{{exponent}}}$, mean degree ${sp.latex(many)}$, $L = \\log P$, the exponent of "
                f"Poisson's probability of lambda_k^2 neighbours is ${sp.latex(limit)}$ times log P/k",
            )
    last = sp.sympify(stated).subs(k, P)
    positive = sp.N(sp.sympify(stated).subs({k: 1, P: 1000, d: 2})) > 0
    return Finding(
        side == -1 and bool(positive),
        "at k = 1 and k = sqrt P, mean degrees 2 and sqrt(log P), the exponent of Poisson's probability of "
        "lambda_k^2 neighbours is log P/k to leading order; at k = P, which is no less than P^(1 - eps), "
        f"the form is {last}, where lambda_P "
        "is the least eigenvalue, negative",
    )


# --- counts ---------------------------------------------------------------------------------------

WIDTHS = (3, 64, 64, 128, 128, 256, 256, 256, *(512,) * 6)
CHANNELS = tuple(pairwise(WIDTHS))  # of the thirteen convolutions
HEAD = ((512, 512), (512, 512), (512, 100))


@exact
def counts(formula: Any) -> Finding:
    """(logistic regression on MNIST, VGG-16 with batch normalisation, without): counted layer by layer."""
    affine = sum(a * c + c for a, c in HEAD)
    plain = sum(9 * a * c + c for a, c in CHANNELS) + affine
    normalised = plain + 2 * sum(c for _, c in CHANNELS)
    found = (28**2 * 10 + 10, normalised, plain)
    return Finding(tuple(formula) == found, f"counted: {', '.join(map(str, found))}")


TAIL = (sp.E * mean / lam**2) ** (lam**2)
EXTREME = sp.sqrt(sp.log(P / k) / sp.log(sp.log(P) / d))

CLAIMS = (
    Claim(
        id="gr20/sec-4.2-sparsity",
        statement=r"For the sparsity to have an appreciable effect on the spectrum, $p = k/P$.",
        place="section 4.2",
        readings=(Reading("$k$ entries a row, rescaled so that the variance is $1/P$ for every $p$", k / P),),
        checks=(sparsity_that_matters,),
        conditions="normal entries; decided by the fourth moment",
        steps=((MODEL, "moments"), (MODEL, "dense limit")),
        planted=(k, k / P**2, k / sp.sqrt(P), k / P ** sp.Rational(9, 10)),
    ),
    Claim(
        id="gr20/fig-4",
        statement="The spectra of sparse matrices and of their products fit those of networks better than "
        "dense ones.",
        place="figure 4 and section 4.2",
        open_because="a comparison by eye with the authors' own networks, whose spectra are not published",
    ),
    Claim(
        id="gr20/sec-4.2-peak",
        statement="The spectrum of percolated graphs always has a sharp peak at the origin.",
        place="section 4.2",
        readings=(Reading("an atom at 0 for every $k$: it has at least the weight $e^{-k}$", sp.exp(-k)),),
        checks=(empty_rows,),
        conditions=r"$P \to \infty$ at fixed $k$; the weight is exponentially small for large $k$",
        steps=((MODEL, "mass at 0"),),
    ),
    Claim(
        id="gr20/sec-4.2-discrete",
        statement="The spectrum always contains a separated discrete component.",
        place="section 4.2",
        readings=(Reading("the atom at 0 stands apart from the rest of the spectrum", 1),),
        checks=(isolated_atoms,),
        correction=Reading(
            "it always contains atoms, but none stands apart: the eigenvalues of finite trees are atoms "
            "for every $k > 0$, and they accumulate at 0",
            0,
        ),
        conditions="unit weights, paths of up to 64 vertices; that tree eigenvalues are dense is cited",
    ),
    Claim(
        id="gr20/sec-4.2-tail",
        statement=r"The distribution has tails beyond the semicircle, $p(\lambda) \approx (e p / \lambda^2)^{"
        r"\lambda^2}$, $p$ the number of nonzero elements a row.",
        place="section 4.2",
        readings=(
            Reading(
                "the part of rows with $\\lambda^2$ entries of size 1, not divided by $\\sqrt{p}$; to "
                "leading order of the logarithm",
                TAIL,
            ),
        ),
        checks=(tail_of_hubs,),
        conditions="that of rows with many entries, a lower bound; that nothing else adds to it is cited "
        r"(Rodgers and Bray). For normal entries, as in the section, single large ones win: $\log p \approx "
        r"-\lambda^2/2$",
        steps=((MODEL, "tail"),),
        planted=(
            (mean / lam**2) ** (lam**2),
            (sp.E * mean / lam) ** (lam**2),
            (sp.E * mean / lam**2) ** lam,
            (2 * sp.E * mean / lam**2) ** (lam**2),
            (sp.E * mean / lam**2) ** (2 * lam**2),
            (sp.E * mean**2 / lam**2) ** (lam**2),
        ),
    ),
    Claim(
        id="gr20/sec-4.2-crossover",
        statement=r"There is a crossover of the extreme eigenvalues when $k \approx \log P$.",
        place="section 4.2",
        readings=(Reading(r"when $k$ is of the order $\log P$", (1,)),),
        checks=(crossover,),
        conditions=r"unit weights; with the constant it is at $k = \log P / \log(4/e)$. That extremes are "
        "those of the greatest degrees is cited (Benaych-Georges, Bordenave and Knowles)",
        steps=((SC, "place of the outlier"),),
    ),
    Claim(
        id="gr20/sec-4.2-extremes",
        statement=r"For $k \ll \log P$, $P^{1 - O(1)}$ extremal eigenvalues escape the semicircle, "
        r"$\lambda_k \approx \sqrt{\frac{\log(P/k)}{\log((\log P)/d)}}$ for $k \ge P^{1 - \epsilon}$.",
        place="section 4.2",
        readings=(
            Reading("$d$ the mean degree, $k$ the number of the eigenvalue, as printed", (EXTREME, 1)),
        ),
        checks=(extremes_of_graphs,),
        correction=Reading(
            r"for $k \le P^{1 - \epsilon}$, and $P^{1 - o(1)}$ of them: entries of size 1, not divided by "
            r"$\sqrt{d}$, so that the semicircle ends at $2 \sqrt{d}$",
            (EXTREME, -1),
        ),
        conditions="to leading order, by the degree that $k$ rows exceed; that these are the eigenvalues "
        "is cited. In print $k$ is also the mean degree",
    ),
    Claim(
        id="gr20/sec-4.2-counts",
        statement="Logistic regression on MNIST has $P = 7850$ parameters, the VGG-16 on CIFAR-100 "
        "15299748 with and 15291300 without batch normalisation.",
        place="section 4.2",
        readings=(
            Reading(
                "thirteen 3 x 3 convolutions with biases and layers 512-512-512-100",
                (7850, 15299748, 15291300),
            ),
        ),
        checks=(counts,),
    ),
    Claim(
        id="gr20/fig-5",
        statement=r"Of the sampled Hessian elements of the VGG-16 $8 \pm 2$ % are below $10^{-8}$ and $84 "
        r"\pm 13$ % "
        "below $10^{-6}$; there is appreciable mass off 0.",
        place="figure 5 and section 4.2",
        open_because="the authors' own networks and samples, which are not published with the paper",
    ),
)
