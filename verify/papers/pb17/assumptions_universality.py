"""Section 5.1 of Pennington & Bahri (2017): universality, and matrices of finite size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import sympy as sp

from derive.laws import G, g, z

from ...ledger import Check, Claim, Finding, Reading, exact
from ..coincidences import Moments, mean, moments_of, trace
from ..deciding import every, identical, on
from ..walks import limit_at_infinity, wigner, wishart
from .assumptions_matrices import (
    eps,
    heavy_tails_approach,
    networks_of_other_laws,
    phi,
    products_of_matrices,
    sums_of_matrices,
    wigner_matrices,
    wishart_matrices,
)
from .beyond_product import PRINTED_TRANSFORM as PRINTED_RESIDUAL

n, m = sp.symbols("n m", positive=True)
mu = sp.Symbol("mu_4", positive=True)
SHAPES = {"x": ("b", "mu"), "e": ("c", "mu"), "S": ("b", "b")}
SIZES = {"b": n, "c": n, "mu": m}


# --- mean moments, exactly ------------------------------------------------------------------------


def entry(name: str, growth: sp.Rational = sp.S.Zero) -> Moments:
    """Moments of an entry of mean 0 and variance 1; the others are free, times n^(growth (q - 2))."""

    def moment(q: int) -> sp.Expr:
        return sp.Integer(q // 2) if q < 3 else sp.Symbol(f"{name}_{q}") * n ** (growth * (q - 2))

    return moment


def of_wishart(order: int, growth: sp.Rational) -> sp.Expr:
    """Limit of the mean of tr (x x'/m)^order / n for n/m = phi."""
    found = wishart(order, entry("x", growth), n, m) / m**order
    return limit_at_infinity(found.subs(m, n / phi), n)


def of_wigner(order: int, growth: sp.Rational) -> sp.Expr:
    """Limit of the mean of tr (S/sqrt(n))^order / n."""
    return limit_at_infinity(wigner(order, entry("S", growth), n) / n ** sp.Rational(order, 2), n)


def mean_of_sum(order: int, law: Mapping[str, Moments]) -> sp.Expr:
    """Mean of tr (x x'/m + sqrt(2 eps/n) S)^order / n at m = n/phi, exact in n."""
    total = sp.S.Zero
    for parts in product(("x x'", "S"), repeat=order):
        first, second = parts.count("x x'"), sp.Rational(parts.count("S"), 2)
        found = mean(trace(" ".join(parts), SHAPES), SIZES, law).subs(m, n / phi)
        total += found * phi**first * (2 * eps) ** second / n ** (1 + first + second)
    return sp.expand(total)


def of_sum(order: int, growth: sp.Rational) -> sp.Expr:
    """Its limit for entries of any law."""
    return limit_at_infinity(mean_of_sum(order, {"x": entry("x", growth), "S": entry("S", growth)}), n)


def of_product(order: int, growth: sp.Rational) -> sp.Expr:
    """Limit of the mean moment of H1: tr (x e' e x' 2 eps/M^2)^(order/2) / n, M = 2n/phi, M/2 columns."""
    if order % 2:
        return sp.S.Zero
    law = {"x": entry("x", growth), "e": entry("e", growth)}
    found = mean(trace("x e' e x' " * (order // 2), SHAPES), SIZES, law).subs(m, n / phi)
    scale = (phi / 2) ** order * (2 * eps) ** (order // 2)
    return limit_at_infinity(found / n ** (1 + order), n) * scale


def entries_of_any_law(moment: Callable[[int, sp.Rational], sp.Expr], orders: Sequence[int]) -> Check:
    """A check of (R-transform, growth): mean moments of matrices with entries whose moments are left open."""

    @exact
    def entries_of_any_law_give_it(formula: Any) -> Finding:
        """(R-transform, growth): entries have moments of order k up to n^(growth (k-2))."""
        transform, growth = formula
        stated = moments_of(transform, max(orders))
        found = []
        for order in orders:
            limit = moment(order, sp.sympify(growth))
            if limit is sp.oo:
                return Finding(False, f"the mean moment {order} diverges: {_sparse(growth)}")
            found.append(identical(stated[order - 1], limit, what=f"moment {order}"))
        whole = every(*found)
        text = (
            f"mean moments to the order {max(orders)}, exact at every size: the moments of the entries "
            "beyond the second drop out of the limits, which are those of the formula"
        )
        return Finding(whole.holds, text if whole.holds else whole.text)

    return entries_of_any_law_give_it


def _sparse(growth: sp.Expr) -> str:
    """What becomes of a matrix of entries +-n^growth with probability n^(-2 growth) and 0 else."""
    return (
        f"entries that are +-n^{growth} with probability n^{-2 * growth} and else 0 have mean 0, variance 1 "
        f"and all moments, but on average only n^{1 - 2 * growth}/phi of the rows hold one that is not 0, so "
        "that the spectrum tends to a unit mass at 0"
    )


def trees(columns: int, variance: sp.Expr) -> Check:
    """A check of an R-transform against all moments: columns = 1 with a part x x'/m, variance that of S."""

    @exact
    def trees_give_it(formula: Any) -> Finding:
        """Every entry must occur twice in a trace: a walk of 2k steps on a connected graph of <= k edges.

        It has at most one vertex more than edges, each worth a power of the size; the leading terms have
        exactly one more, so they are walks around plane trees, and only second moments enter. With the
        weight u = 1/z of a factor of H, trees from a row are A = 1/(1 - u B - v u^2 A), from a column
        B = 1/(1 - phi u A), by the edges at the root; G = u A.
        """
        from_row, from_column = sp.symbols("A B")
        (column,) = sp.solve(from_column * (1 - phi * G) - 1, from_column)
        row = sp.expand(from_row * (1 - columns * column / z - variance * from_row / z**2) - 1)
        (point,) = sp.solve(row.subs(from_row, z * G), z)
        return identical(
            sp.sympify(formula).subs(g, G) + 1 / G, point, what="z as a function of G, by plane trees"
        )

    return trees_give_it


@exact
def tails(formula: Any) -> Finding:
    """The order k such that power tails with a finite moment beyond k, and no others, have a variance.

    For the tail P(|x| > s) = s^-a: what lies beyond s has the variance a s^(2-a)/(a-2), which must vanish
    as s grows. By Hoffman and Wielandt's inequality cutting it off moves the spectrum by as little, and
    what remains is bounded.
    """
    s, u = sp.symbols("s u", positive=True)
    outside = []
    for a in (sp.Rational(formula) + sp.Rational(1, 100), sp.Rational(formula)):
        outside.append(sp.limit(sp.integrate(u**2 * a * u ** (-a - 1), (u, s, sp.oo)), s, sp.oo))
    holds = outside == [0, sp.oo]
    return Finding(
        holds,
        f"power tails with the exponents {formula} + 1/100 and {formula}: the variance beyond s tends to "
        f"{outside[0]} and {outside[1]}",
    )


@exact
def next_order(formula: Any) -> Finding:
    """(bias, variance): of Tr M^2 and of Tr M, M = x x'/m, for entries with the fourth moment mu_4."""
    law = {"x": lambda q: (0, 1, sp.Symbol("x_3"), mu)[q - 1]}
    once, twice = trace("x x'", SHAPES), trace("x x' x x'", SHAPES)
    pair = (*once, *trace("x x'", SHAPES, start=len(once)))
    second, square = (mean(word, SIZES, law).subs(m, n / phi) * (phi / n) ** 2 for word in (twice, pair))
    found = sp.expand(second - n * (1 + phi)), sp.expand(square - n**2)
    names = "mean of Tr M^2 beyond n (1 + phi)", "variance of Tr M"
    return every(
        *(
            identical(stated, value, where=(mu - 1,), what=what)
            for stated, value, what in zip(formula, found, names, strict=True)
        )
    )


def limit_and_growth(formula: Any) -> Any:
    """(R-transform, growth)."""
    return formula[:2]


def transform(formula: Any) -> Any:
    """The R-transform."""
    return formula[0]


def last(formula: Any) -> Any:
    """The order of the moment."""
    return formula[2]


CLAIMS = (
    Claim(
        id="pb17/sec-5.1-universal",
        statement="Many properties of large random matrices do not depend on the details of how their "
        "entries are distributed: many results are universal.",
        place="section 5.1",
        readings=(
            Reading(
                r"neither do corrections and fluctuations: with $M = x x^T / m$ the bias of "
                r"$\mathrm{Tr}\, M^2$ is $\phi$ and the variance of $\mathrm{Tr}\, M$ is $2\phi$, as for "
                "normal entries",
                (phi, 2 * phi),
            ),
            Reading(
                r"the limiting law does not (next rows); the next order does, through the fourth moment "
                r"$\mu_4$: the bias is $\phi (\mu_4 - 2)$, the variance $\phi (\mu_4 - 1)$",
                (phi * (mu - 2), phi * (mu - 1)),
            ),
        ),
        checks=(next_order,),
        conditions="for limiting spectral densities; not for fluctuations and corrections of finite size",
    ),
    Claim(
        id="pb17/sec-5.1-wishart",
        statement="The spectrum of Wishart matrices asymptotically approaches the Marchenko-Pastur law "
        "regardless of the distribution of the individual entries, so long as they are independent, have "
        "mean zero, unit variance, and finite $k$-th moment for $k > 2$.",
        place="section 5.1",
        readings=(
            Reading(
                "each entry has finite moments, without a bound common to all of them",
                (1 / (1 - phi * g), sp.Integer(1), sp.Integer(2)),
            ),
            Reading(
                r"the moments have a bound common to all entries and sizes; the limit is that of (16), and "
                r"power tails need a moment beyond the second",
                (1 / (1 - phi * g), sp.Integer(0), sp.Integer(2)),
            ),
        ),
        checks=(
            on(entries_of_any_law(of_wishart, range(1, 6)), limit_and_growth),
            on(trees(1, sp.Integer(0)), transform),
            on(tails, last),
            on(wishart_matrices, transform),
            on(heavy_tails_approach, transform),
        ),
        conditions="a bound common to all entries; sufficient, not necessary: for identically distributed "
        "entries the unit variance is enough"
        "; for power tails it rests on Hoffman and Wielandt's inequality, which is quoted",
        uses=("pb17/eq-8",),
    ),
    Claim(
        id="pb17/sec-5.1-wigner",
        statement="Analogous results can be found for Wigner matrices.",
        place="section 5.1",
        readings=(
            Reading(
                "the spectrum approaches the semicircle law, under the same conditions",
                (1 * g, sp.Integer(0), sp.Integer(2)),
            ),
        ),
        checks=(
            on(entries_of_any_law(of_wigner, range(1, 9)), limit_and_growth),
            on(trees(0, sp.Integer(1)), transform),
            on(tails, last),
            on(wigner_matrices, transform),
        ),
        conditions="entries on and above the diagonal independent; a bound common to all of them"
        "; for power tails it rests on Hoffman and Wielandt's inequality, which is quoted",
        uses=("pb17/eq-6",),
        planted=((2 * g, 0, 2), (g + g**2, 0, 2), (g + 1, 0, 2), (g, 1, 2), (g, 0, 3)),
    ),
    Claim(
        id="pb17/sec-5.1-normality",
        statement="For the matrices studied here the conclusions are likely to exhibit some universal "
        "properties: normality is probably not necessary.",
        place="section 5.1",
        readings=(
            Reading(
                r"with independent entries of any law $H_0 + H_1$ of section 4 has the law (17), and $H_1$ "
                "of section 6.1 the law (28)",
                (1 / (1 - phi * g) + 2 * eps * g, PRINTED_RESIDUAL),
            ),
        ),
        checks=(
            on(entries_of_any_law(of_sum, range(1, 5)), lambda formula: (formula[0], 0)),
            on(trees(1, 2 * eps), lambda formula: formula[0]),
            on(entries_of_any_law(of_product, (2, 4, 6)), lambda formula: (formula[1], 0)),
            on(sums_of_matrices, lambda formula: formula[0]),
            on(products_of_matrices, lambda formula: formula[1]),
            on(networks_of_other_laws, lambda formula: formula[1]),
        ),
        conditions="entries of mean 0 and variance 1 with moments bounded alike; for the limiting law, that "
        "of $H_1$ through moments to the order 6",
        uses=("pb17/eq-17", "pb17/eq-28", "pb17/sec-5.1-wishart", "pb17/sec-5.1-wigner"),
    ),
)
