"""Wrong forms nearer to the right ones than a number changed by 1: a wrong branch, sign or threshold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from derive.laws import g
from verify.ledger import Method, papers, refused
from verify.papers.gr20.lanczos import first, last
from verify.papers.gr20.percolation import lam
from verify.papers.gr20.products import R
from verify.papers.gr20.products import s as own_s
from verify.papers.gr20.products import sigma as own_sigma
from verify.papers.gr20.spin_glass import RATE, SCALE, N, p
from verify.papers.pb17.supplement_residual import DENSITY, alpha, low, theta
from verify.papers.pb17.warm_up_law import PRINTED_CRITICAL, phi

CLAIMS = {claim.id: claim for paper in papers() for claim in paper.claims}
NEAR = sp.Rational(1001, 1000)
other_root = PRINTED_CRITICAL.subs((1 + 8 * phi) ** sp.Rational(3, 2), -((1 + 8 * phi) ** sp.Rational(3, 2)))
three_halves = sp.Rational(3, 2)
ENDS = (first, last)


def right(name: str) -> Any:
    """The right form of a claim: its correction, or the reading that holds, which stands last."""
    claim = CLAIMS[name]
    return claim.correction.formula if claim.correction else claim.readings[-1].formula


def scaled(name: str, place: int, factor: Any) -> Any:
    """The right form with one of its parts multiplied."""
    parts = list(right(name))
    return (*parts[:place], parts[place] * factor, *parts[place + 1 :])


MISSES: dict[str, tuple[str, Callable[[], Any]]] = {
    "the negative zero of the discriminant": ("pb17/sec-4.2-discriminant", lambda: (other_root, 0)),
    "the side below the critical energy": ("pb17/eq-20", lambda: (three_halves, -1)),
    "the same in the improved model": ("pb17/eq-31", lambda: (three_halves, -1)),
    "a constant": ("pb17/sec-6.3-index", lambda: scaled("pb17/sec-6.3-index", 0, NEAR)),
    "a sign": ("pb17/sec-6.3-index", lambda: scaled("pb17/sec-6.3-index", 1, -1)),
    "a logarithm": ("pb17/sec-6.3-index", lambda: (1, 1, right("pb17/sec-6.3-index")[2] + sp.log(g))),
    "a ratio near 1": ("pb17/sec-3.1-low-rank", lambda: (NEAR, 1 - 1 / phi)),
    "a step near 1": ("pb17s/eq-S5", lambda: {**DENSITY, "lower": theta(NEAR - alpha) * low}),
    "a rank of a thousandth more": (
        "pb17/sec-2-rank",
        lambda: right("pb17/sec-2-rank").subs(phi, phi / NEAR),
    ),
    "a cumulant for large orders": (
        "pb17/sec-2-governs",
        lambda: right("pb17/sec-2-governs") * phi ** sp.Rational(1, 9),
    ),
    "a curve that starts elsewhere": (
        "pb17/sec-6.4-exponent",
        lambda: scaled("pb17/sec-6.4-exponent", 1, NEAR),
    ),
    "the prefactor of critical points": ("gr20/eq-9", lambda: (4 / p * (p - 1) ** (N / 2), RATE, SCALE)),
    "the same at N = 1 and 2": (
        "gr20/eq-9",
        lambda: (2 * sp.sqrt(2 / p) * (p - 1) ** ((N**2 - N + 2) / 4), RATE, SCALE),
    ),
    "a rate of large deviations": ("gr20/eq-10", lambda: scaled("gr20/eq-10", 1, NEAR)),
    "a threshold for outliers": ("gr20/eq-30", lambda: scaled("gr20/eq-30", 1, NEAR)),
    "the edge as threshold": ("gr20/eq-8", lambda: scaled("gr20/eq-8", 1, 2)),
    "the mode of the bulk": ("gr20/sec-3.2-mode", lambda: right("gr20/sec-3.2-mode") * NEAR),
    "a negative atom": ("gr20/eq-11", lambda: (right("gr20/eq-11")[0], 1 - R)),
    "another power of the rim": (
        "gr20/sec-4.1-density",
        lambda: right("gr20/sec-4.1-density") * own_sigma ** sp.Rational(1, 100),
    ),
    "an integrable power that is wrong": ("gr20/sec-4.1-origin", lambda: -own_s / (own_s + NEAR)),
    "the tail of normal weights": (
        "gr20/sec-4.2-tail",
        lambda: sp.exp(-(lam**2) / 2),
    ),
    "a bound of Ritz values that is looser": (
        "gr20/eq-14",
        lambda: tuple(
            NEAR**20 * (part - end) + end for part, end in zip(right("gr20/eq-14"), ENDS, strict=True)
        ),
    ),
    "a Chebyshev polynomial elsewhere": (
        "gr20/eq-14",
        lambda: tuple(
            bound.replace(sp.chebyshevt, lambda degree, at: sp.chebyshevt(degree, at - 2))
            for bound in right("gr20/eq-14")
        ),
    ),
    "entries in a row": ("gr20/sec-4.2-sparsity", lambda: right("gr20/sec-4.2-sparsity") * NEAR),
    "another ratio of the curve": ("pb17/sec-6.4-exponent", lambda: ((1 - phi) ** 2 / 2, (1 + phi) / 2)),
}


@pytest.mark.parametrize("miss", MISSES)
def test_near_misses_are_refused_exactly(miss: str) -> None:
    name, wrong = MISSES[miss]
    claim = CLAIMS[name]
    exact_ones = tuple(check for check in claim.checks if check.method is Method.EXACT)
    assert not refused(replace(claim, checks=exact_ones), right(name))
    assert refused(replace(claim, checks=exact_ones), wrong())
