"""Eqs. 6-8 of Pennington & Bahri (2017) as printed: what is right, what is not, and the right forms.

The densities are those of a law with second moment sigma^2 (6) and of one with mean sigma (7)-(8); the
matrices that the text puts beside them have other moments, at every size. Moments of matrices are
computed exactly (Gaussian entries), moments of densities through an antiderivative or through R.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import sympy as sp

from ..algebra.expansions import moments_from_cumulants
from ..algebra.radicals import vanishes
from ..certificates import Different, Identity, Positive, Together
from ..derivation import CertificateError, Section, Step
from ..language.ensembles import Node, Wigner, Wishart
from ..language.model import Model
from ..language.parameters import PB17

x = sp.Symbol("x", real=True)
n, p = sp.symbols("n p", positive=True)
TITLE = "As printed in (6)-(8)"


def printed_densities(model: Model) -> list[Section]:
    """The comparison, for a model of that paper that is one of the two ensembles itself; else nothing."""
    if model.source is None or model.source.work != PB17:
        return []
    steps = _steps(model.expression)
    return [Section(TITLE, steps)] if steps else []


@singledispatch
def _steps(node: Node) -> tuple[Step, ...]:
    return ()


@dataclass(frozen=True)
class Moment:
    """The integral of x^order density over [low, high] is value, by an explicit antiderivative.

    Its derivative is the integrand on the open interval (`where` holds there), and the difference of
    its end values is the moment.
    """

    density: sp.Expr
    order: int
    interval: tuple[sp.Expr, sp.Expr]
    antiderivative: sp.Expr
    value: sp.Expr

    def check(self) -> None:
        low, high = self.interval
        integrand = x**self.order * self.density
        slope = sp.diff(self.antiderivative, x)
        if not vanishes(sp.pi * (slope - integrand), where=(x - low, high - x)):
            raise CertificateError(f"{self.antiderivative} is no antiderivative of {integrand}")
        total = self.antiderivative.subs(x, high) - self.antiderivative.subs(x, low)
        if not vanishes(total - self.value):
            raise CertificateError(f"the moment of order {self.order} is {total}, not {self.value}")

    @property
    def summary(self) -> str:
        return "integral by an antiderivative, differentiated and evaluated exactly"


@_steps.register
def _(node: Wigner) -> tuple[Step, ...]:
    sigma = sp.sqrt(node.variance)
    root = sp.sqrt(4 * sigma**2 - x**2)
    density = root / (2 * sp.pi * sigma**2)
    angle = sp.asin(x / (2 * sigma)) / sp.pi
    ends = (-2 * sigma, 2 * sigma)
    mass = Moment(density, 0, ends, x * density / 2 + angle, sp.S.One)
    second = Moment(density, 2, ends, x * (x**2 - 2 * sigma**2) * density / 4 + sigma**2 * angle, sigma**2)
    # trace of M^2 = sum of all squared entries, n^2 of them
    of_matrix = n**2 * sigma**2 / n
    return (
        Step(
            "Moments of the density (6)",
            "The printed density has mass 1 and second moment sigma^2.",
            (_integral(0, 1), _integral(2, sigma**2)),
            Together((mass, second)),
            source=f"{PB17}, eq. 6",
        ),
        Step(
            "The entries printed beside (6)",
            "Entries N(0, sigma^2) have E tr M^2 / n = n sigma^2 at every size: 2 sigma^2 for n = 2, and "
            "no limit. It is not the second moment sigma^2 of (6); a factor 1/N is missing.",
            sp.Eq(sp.Symbol("E tr(M^2)/n"), of_matrix, evaluate=False),
            Together((Different(of_matrix - sigma**2), Positive((of_matrix - sigma**2).subs(n, 2)))),
            source=f"{PB17}, text before eq. 6",
        ),
        Step(
            "The right entries",
            "Entries N(0, sigma^2/n) have E tr M^2 / n = sigma^2: the density (6) stands as printed.",
            sp.Eq(sp.Symbol("E tr(M^2)/n"), sp.cancel(of_matrix / n), evaluate=False),
            Identity(of_matrix / n - sigma**2),
        ),
    )


@_steps.register
def _(node: Wishart) -> tuple[Step, ...]:
    sigma, phi = node.scale, node.ratio
    first, second = _law_moments(sigma, phi)
    entry = sigma**2 / p  # the printed variance
    matrix_first, matrix_second = _wishart_moments(entry)
    right_first, right_second = _law_moments(sigma**2, phi)
    in_limit = sp.cancel(matrix_second.subs(n, phi * p))
    name = sp.Symbol("E tr(M)/n")
    low, high = sp.symbols("lambda_- lambda_+")
    t = sp.Symbol("t", real=True)
    return (
        Step(
            "Moments of the law (7)-(8)",
            "From its R-transform, derived above from the printed density: mean sigma, and second moment "
            "sigma^2 (1 + phi).",
            (_integral(1, first), _integral(2, second)),
            Together((Identity(first - sigma), Identity(second - sigma**2 * (1 + phi)))),
            source=f"{PB17}, eqs. 7-8",
        ),
        Step(
            "The entries printed beside (7)",
            "Entries N(0, sigma^2/p) have E tr X X'/n = sigma^2 at every size, not the mean sigma of (8): 4 "
            "against 2 for sigma = 2. Density and variance agree only for sigma = 1.",
            sp.Eq(name, matrix_first, evaluate=False),
            Together(
                (
                    Identity(matrix_first - sigma**2),
                    Different(matrix_first - first),
                    Identity((matrix_first - first).subs(sigma, 2) - (4 - 2)),
                    Identity((matrix_first - first).subs(sigma, 1)),
                )
            ),
            source=f"{PB17}, text before eq. 7",
        ),
        Step(
            "The right density for variance sigma^2/p",
            "sigma becomes sigma^2 in (8) and in both edges; mean and second moment are those of the matrix, "
            "E tr (X X')^2/n = sigma^4 (n + p + 1)/p, in the limit n = phi p, p -> oo.",
            (
                sp.Eq(
                    sp.Function("rho")(x),
                    sp.sqrt((x - low) * (high - x)) / (2 * sp.pi * x * sigma**2 * phi),
                    evaluate=False,
                ),
                sp.Eq(low, sigma**2 * (1 - sp.sqrt(phi)) ** 2, evaluate=False),
                sp.Eq(high, sigma**2 * (1 + sp.sqrt(phi)) ** 2, evaluate=False),
            ),
            Together(
                (
                    Identity(matrix_first - right_first),
                    Identity(sp.cancel(in_limit.subs(p, 1 / t)).subs(t, 0) - right_second),
                )
            ),
        ),
        Step(
            "Or the right variance for the density as printed",
            "With entries N(0, sigma/p) the law (7)-(8) and R = sigma/(1 - sigma phi g) of (29) hold as "
            "printed: there sigma is the mean, as it is in this package.",
            sp.Eq(name, _wishart_moments(sigma / p)[0], evaluate=False),
            Together(
                (
                    Identity(_wishart_moments(sigma / p)[0] - first),
                    Identity(
                        sp.cancel(_wishart_moments(sigma / p)[1].subs(n, phi * p).subs(p, 1 / t)).subs(t, 0)
                        - second
                    ),
                )
            ),
            source=f"{PB17}, eq. 29",
        ),
    )


def _law_moments(mean: sp.Expr, ratio: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The first two moments from the free cumulants mean^k ratio^(k - 1) of R."""
    first, second = moments_from_cumulants([mean, mean**2 * ratio], sp.S.Zero, sp.S.One)
    return sp.expand(first), sp.expand(second)


def _wishart_moments(entry: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """E tr W/n and E tr W^2/n of W = X X', X of n x p independent N(0, entry).

    tr W is a sum of n p squares. In tr W^2 = sum X_ia X_ja X_jb X_ib Wick's theorem pairs (i = j),
    (a = b) and both: n p^2 + n^2 p + n p terms of entry^2.
    """
    return sp.cancel(n * p * entry / n), sp.cancel((n * p**2 + n**2 * p + n * p) * entry**2 / n)


def _integral(order: int, value: Any) -> sp.Eq:
    return sp.Eq(sp.Symbol(f"m_{order}"), value, evaluate=False)
