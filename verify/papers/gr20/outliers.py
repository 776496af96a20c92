"""Section 3.1 of Granziol (2020), eq. 8 and around it: outliers of the spiked GOE."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from flint import fmpz_mat

from derive.laws import w

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, identical, together
from ..pb17.primer_ensembles import SC, sigma_sc
from .goe import N, P, negative

sigma, mu, rank = sp.symbols("sigma mu r", positive=True)
lam = sp.Symbol("lambda", real=True)


@exact
def growth_of_edges(formula: Any) -> Finding:
    """(power of P of the outlier, of the edge): entries of mean mu and variance sigma^2, not normalised."""
    forms = derivation(SC).closed_forms
    bulk = forms["edges"][1].subs(sigma_sc, sigma * sp.sqrt(P))
    outlier = forms["outlier_place"].subs({sigma_sc: sigma * sp.sqrt(P), w: mu * P})
    for stated, place, name in zip(formula, (outlier, bulk), ("outlier", "edge"), strict=True):
        limit = sp.limit(place / P ** sp.sympify(stated), P, sp.oo)
        if limit in (0, sp.oo):
            return Finding(False, f"the {name} is ${sp.latex(place)}$, not of that order")
    return Finding(
        True,
        "the matrix of means has the eigenvalue $\\mu P$; the outlier is at "
        f"${sp.latex(sp.expand(outlier))}$, the "
        f"edge at ${sp.latex(bulk)}$",
    )


@exact
def interlacing(formula: Any) -> Finding:
    """s, a function of the rank r of A: the least shift with lambda_k(A + B) <= lambda_(k+s)(B) always.

    Counted below thresholds for integer matrices: the form B + A is that of B on the kernel of A, of
    codimension r, so at least as many eigenvalues less r lie below any threshold.
    """
    stated = sp.sympify(formula)
    rng = np.random.default_rng(30)
    for r in (1, 2, 3):
        largest = 0
        for _ in range(12):
            b = rng.integers(-9, 10, (7, 7))
            dyads = rng.integers(-9, 10, (7, r))
            symmetric, change = b + b.T, 40 * dyads @ np.diag(rng.choice([-1, 1, 1], r)) @ dyads.T
            for t in range(-60, 61, 5):
                below = [negative(_shifted(m, t)) for m in (symmetric, symmetric + change)]
                largest = max(largest, below[0] - below[1])
        if largest > r:
            raise ArithmeticError(f"a change of rank {r} lifted {largest} eigenvalues over a threshold")
        if stated.subs(rank, r) != largest:
            return Finding(
                False,
                f"of integer matrices of 7 rows, changed by a matrix of rank {r}, at most {largest} "
                f"eigenvalues more lie below any threshold without it: the bound holds with the shift {r}",
            )
    return Finding(
        True,
        "eigenvalues below 25 thresholds counted exactly for 36 integer matrices of 7 rows and changes of "
        "rank 1 to 3: the shift r suffices and is attained",
    )


def _shifted(matrix: Any, threshold: int) -> fmpz_mat:
    return fmpz_mat((matrix - threshold * np.eye(len(matrix), dtype=int)).tolist())


@exact
def homogeneous(formula: Any) -> Finding:
    """(places in lambda, thresholds, edges), above and below: (A, B) times c must move all of them by c."""
    c = sp.Symbol("c", positive=True)
    for part in formula:
        value = sp.sympify(part)
        larger = value.subs({lam: c * lam, sigma: c * sigma}, simultaneous=True)
        if sp.simplify(larger - c * value) != 0:
            return Finding(
                False,
                f"with A and B doubled every eigenvalue doubles, but ${sp.latex(value)}$ becomes "
                f"${sp.latex(larger.subs(c, 2))}$",
            )
    return Finding(True, "every part doubles with A and B")


def spiked(formula: Any, deviation: sp.Expr) -> Finding:
    """(place, threshold, edge) above and below, against the derived law of that standard deviation."""
    forms = derivation(SC).closed_forms
    place = forms["outlier_place"].subs({sigma_sc: deviation, w: lam})
    (threshold,) = (s for s in sp.solve(forms["outlier_overlap"].subs(sigma_sc, sigma), w) if s.is_positive)
    threshold = threshold.subs(sigma, deviation)
    low, high = (edge.subs(sigma_sc, deviation) for edge in forms["edges"])
    names = ("place above", "threshold above", "edge above", "place below", "threshold below", "edge below")
    right = (place, threshold, high, place, -threshold, low)
    return together(
        "places, thresholds and edges are exactly those of the derived law",
        *(identical(mine, own, what=name) for name, mine, own in zip(names, formula, right, strict=True)),
    )


@exact
def spiked_half(formula: Any) -> Finding:
    """The spiked GOE with entries of variance sigma^2 / 2P, where (7) has its band."""
    return spiked(formula, sigma / sp.sqrt(2))


def _printed(factor: sp.Expr) -> tuple[sp.Expr, ...]:
    root = sp.sqrt(2)
    place = lam + factor * sigma / lam
    return place, root, root, place, -root, -root * sigma


HALF = lam + sigma**2 / (2 * lam)
EDGE = sp.sqrt(2) * sigma

CLAIMS = (
    Claim(
        id="gr20/sec-3.1-growth",
        statement=r"The outliers of a perturbed GOE are proportional to $P$, its bulk to $\sqrt{P}$.",
        place="section 3.1",
        readings=(
            Reading(
                r"not normalised: entries of mean $\mu \neq 0$ and variance $\sigma^2$",
                (1, sp.Rational(1, 2)),
            ),
        ),
        checks=(growth_of_edges,),
        conditions="in the normalisation of (7) and (8) a perturbation of fixed eigenvalues has outliers "
        "that do not move with $P$",
        uses=("gr20/eq-30",),
        steps=((SC, "place of the outlier"),),
    ),
    Claim(
        id="gr20/eq-8",
        statement=r"$\lambda_1' = \lambda_1 + \sqrt{\frac{P}{2N}} \frac{\sigma}{\lambda_1}$ if $\lambda_1 > "
        r"\sqrt{2}$, else $\sqrt{2}$; $\lambda_P' = \lambda_P + \sqrt{\frac{P}{2N}} "
        r"\frac{\sigma}{\lambda_P}$ if $\lambda_P < -\sqrt{2}$, else $-\sqrt{2} \sigma$.",
        place="eq. 8",
        readings=(
            Reading("$N$ the number of examples, as in section 2", _printed(sp.sqrt(P / (2 * N)))),
            Reading("$N = P$, the size", _printed(1 / sp.sqrt(2))),
        ),
        checks=(homogeneous, spiked_half),
        correction=Reading(
            r"for entries of variance $\sigma^2 / 2P$: $\lambda_1' = \lambda_1 + \frac{\sigma^2}{2 "
            r"\lambda_1}$ if $\lambda_1 > \sigma / \sqrt{2}$, else $\sqrt{2} \sigma$, and the same with "
            "the signs turned for "
            r"$\lambda_P'$; at the threshold both forms meet",
            (HALF, sigma / sp.sqrt(2), EDGE, HALF, -sigma / sp.sqrt(2), -EDGE),
        ),
        conditions=r"a perturbation of finite rank, $P \to \infty$",
        uses=("gr20/eq-30",),
        steps=((SC, "place of the outlier"), (SC, "threshold")),
    ),
    Claim(
        id="gr20/sec-3.1-invalidates",
        statement="With outliers the large deviation principle cannot be used to bound the spectrum: not "
        "just weakening claim 1, but invalidating it.",
        place="section 3.1, after eq. 8",
        readings=(
            Reading(
                "(7) has no counterpart for the sum of a GOE matrix $B$ and a matrix $A$ of finite rank "
                r"$r$: no shift $s$ gives $\lambda_k(A + B) \le \lambda_{k+s}(B)$",
                sp.oo,
            ),
        ),
        checks=(interlacing,),
        correction=Reading(
            r"$\lambda_k(A + B) \le \lambda_{k+r}(B)$ for every $A$ of rank $r$, so "
            r"$\mathbf{P}[\lambda_k(A + B) \ge -\sqrt{2} + \epsilon] \le e^{-C_\epsilon P^2}$ for every "
            "fixed $k$: (7) survives finitely many "
            "outliers of any size",
            rank,
        ),
        conditions="of (7) alone, eigenvalues counted from the smallest; what outliers do to the "
        "complexity of a landscape is not decided",
        uses=("gr20/eq-7",),
        planted=(rank - 1, rank + 1, sp.S.Zero, 2 * rank),
    ),
    Claim(
        id="gr20/sec-3.1-claims",
        statement="Claims 1 and 2 of Choromanska et al. (high-index saddles above a threshold, layers of "
        "critical points below it) no longer hold with outliers or entries that are not Gaussian.",
        place="section 3.1",
        open_because="the claims are theorems on spherical spin glasses, whose Hessians at critical points "
        "are exactly GOE; the paper names no other random function for which their negation could be "
        "decided. The two "
        "tools it calls invalid, (7) for other entries and (7) with outliers, are judged in rows of their "
        "own",
        uses=("gr20/eq-7", "gr20/eq-9"),
    ),
)
