"""Section 4 of Pennington & Bahri (2017) before 4.1: H0 as a Wishart and H1 as a Wigner matrix."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive import load

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, every, identical
from ..small_networks import rational_network
from ..walks import gaussian, limit_at_infinity, wigner, wishart

eps, phi = (parameter.symbol for parameter in load("wishart_wigner").parameters)
n, m = sp.symbols("n m", integer=True, positive=True)


def _moments(name: str, order: int, **at: sp.Expr) -> list[sp.Expr]:
    found = derivation(name)
    values = {p.symbol: at[p.name] for p in found.model.parameters if p.name in at}
    return [sp.expand(moment.subs(values)) for moment in found.closed_forms["moments"](order)[1:]]


@exact
def ensembles_of_parts(formula: Any) -> Finding:
    """(rows of J, its columns, variance of its entries, of those of H1) as functions of n and m.

    With independent normal entries the mean moments of J J'/m must tend to those of the Marchenko-Pastur
    law of mean 1, those of H1 to the semicircle's of variance 2 eps; m = 2n/phi grows with n.
    """
    network = rational_network(2, 2, 2, 3)
    shape = tuple(sp.sympify(part).subs({n: 2, m: 3}) for part in formula[:2])
    if shape != network.jacobian().shape:
        return Finding(False, f"J of 2 units and 3 examples is {network.jacobian().shape}, stated {shape}")
    rows, columns, of_jacobian, of_second = (sp.sympify(part).subs(m, 2 * n / phi) for part in formula)
    many, more = sp.symbols("N p", positive=True)
    entry = gaussian(of_jacobian * phi / (2 * n))  # of J/sqrt(m)
    at = {many: rows, more: columns}
    first = [wishart(k, entry, many, more).subs(at, simultaneous=True) for k in range(1, 5)]
    second = [wigner(k, gaussian(of_second), many).subs(at) for k in range(1, 7)]
    found = []
    for what, means, own in (
        ("J J'/m", first, _moments("marchenko_pastur", 4, sigma=sp.S.One)),
        ("H1", second, _moments("semicircle", 6, sigma=sp.sqrt(2 * eps))),
    ):
        for k, (mean, moment) in enumerate(zip(means, own, strict=True), 1):
            limit = limit_at_infinity(sp.expand(mean), n)
            if limit is sp.oo:
                return Finding(False, f"the mean moment {k} of {what} has no limit")
            found.append(identical(limit, moment, what=f"mean moment {k} of {what}"))
    whole = every(*found)
    text = "moments 1 to 4 of J J'/m and 1 to 6 of H1, normal entries, tend to those of the two laws of (15)"
    return Finding(True, f"mean {text}") if whole.holds else whole


CLAIMS = (
    Claim(
        id="pb17/sec-4-ensembles",
        statement="If the elements of $J$ and $H_1$ are i.i.d. normal, $H_0 = J J^T / m$ is a real Wishart "
        "matrix and $H_1$ a real Wigner matrix.",
        place="section 4",
        readings=(
            Reading(
                r"$J$ has $2n^2$ rows and $mn$ columns, so that the ratio in (8) is $\phi$; elements of $J$ "
                r"of variance $1/n$ and of $H_1$ of variance $2\epsilon / 2n^2$ give the laws (15)",
                (2 * n**2, m * n, 1 / n, eps / n**2),
            ),
        ),
        checks=(ensembles_of_parts,),
        conditions="square networks; $H_1$ symmetric, otherwise independent; mean moments to the orders 4 "
        "and 6 are decided",
        uses=("pb17/eq-3", "pb17/sec-2-ratio", "pb17/sec-3.1-wigner", "pb17/sec-3.1-wishart"),
        planted=(
            (n**2, m * n, 1 / n, eps / n**2),
            (2 * n**2, m, 1 / n, eps / n**2),
            (m * n, 2 * n**2, 1 / n, eps / n**2),
            (2 * n**2, m * n, sp.Integer(1), eps / n**2),
            (2 * n**2, m * n, 2 / n, eps / n**2),
            (2 * n**2, m * n, 1 / n, eps / n),
            (2 * n**2, m * n, 1 / n, 2 * eps / n**2),
        ),
    ),
)
