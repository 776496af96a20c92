"""Section 4.2 of Pennington & Bahri (2017): the comparison with Bray & Dean's Gaussian random functions."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Any

import sympy as sp

from derive.analysis.stated_density import DensityAgrees
from derive.laws import G, z
from derive.laws import x as place
from derive.transforms.curves import Setting

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import derivation, every

# the field's covariance is N f(|x - y|^2 / 2N); f_k is the k-th derivative of f at 0, energies are over N
N, f0, f2, energy = sp.symbols("N f_0 f_2 E", positive=True)
f1 = sp.Symbol("f_1", negative=True)
AXES = range(4)


@cache
def covariance(left: tuple[int, ...], right: tuple[int, ...]) -> sp.Expr:
    """Of two derivatives of the field at one point, along these axes: the covariance function differentiated.

    Derivatives with respect to x and y of N f(|x - y|^2/2N) at x = y, from f to the fourth order in x - y.
    """
    difference = sp.symbols(f"u0:{len(AXES)}")
    s = sum(u**2 for u in difference) / (2 * N)
    series = N * (f0 + f1 * s + f2 * s**2 / 2)
    found = sp.diff(series, *(difference[axis] for axis in (*left, *right))) if left or right else series
    return sp.expand((-1) ** len(right) * found.subs(dict.fromkeys(difference, 0)))


def conditional(i: int, j: int, k: int, m: int) -> tuple[sp.Expr, sp.Expr]:
    """Mean of H_ij, and covariance of H_ij with H_km, given that the field is N E and its gradient 0.

    The gradient is independent of both the field and its second derivatives, which is checked.
    """
    if any(covariance(pair, (axis,)) != 0 for pair in ((), (i, j), (k, m)) for axis in AXES):
        raise ArithmeticError("the gradient is correlated with the field or the Hessian")
    slopes = [covariance(pair, ()) / covariance((), ()) for pair in ((i, j), (k, m))]
    mean = sp.cancel(slopes[0] * N * energy)
    return mean, sp.expand(covariance((i, j), (k, m)) - slopes[0] * slopes[1] * covariance((), ()))


@exact
def index_of_gaussian_field(formula: Any) -> Finding:
    """(power of the energy in the shift, exponent): of the Hessian at critical points of a Gaussian field.

    Given energy and gradient the Hessian is Wigner's, entries of variance f_2/N, plus t times 1; t is normal
    with a mean proportional to the energy E and a variance v/N. The number of critical points weighs t by
    |det H|, to leading order exp(N int log|s + t| rho(s) ds), whose slope for |t| within the semicircle is
    Re G = t/(2 f_2): the most likely t solves a linear equation, and is a positive multiple of its mean.
    """
    power, exponent = formula
    delta = sp.KroneckerDelta
    v = f2 - f1**2 / f0
    for i, j, k, m in product(AXES, repeat=4):
        mean, spread = conditional(i, j, k, m)
        stated = f2 * (delta(i, k) * delta(j, m) + delta(i, m) * delta(j, k)) + v * delta(i, j) * delta(k, m)
        off = sp.expand(mean - f1 / f0 * energy * delta(i, j)), sp.expand(N * spread - stated)
        if off != (0, 0):
            raise ArithmeticError(f"entries ({i}, {j}), ({k}, {m}) are not those of a shifted Wigner matrix")
    equation = derivation("semicircle").equation
    (own,) = (parameter.symbol for parameter in derivation("semicircle").model.parameters)
    quadratic = sp.Poly(equation.subs(own, sp.sqrt(f2)), G)
    force = sp.cancel(-quadratic.coeff_monomial(G) / quadratic.LC() / 2)  # half the sum of a complex pair
    t = sp.Symbol("t", real=True)
    (likely,) = sp.solve(-(t - f1 / f0 * energy) / v + force.subs(z, t), t)
    slope = sp.factor(likely / (f1 / f0 * energy))
    shift = sp.Poly(likely, energy).degree() if likely.subs(energy, 0) == 0 else 0
    straight = Finding(
        bool(shift == power and slope.is_positive),
        "the covariance of a Gaussian field differentiated: given the energy the Hessian is a Wigner matrix "
        f"and a shift, most likely ${sp.latex(slope)}$ times its mean, which grows as the energy to the "
        f"power {shift}",
    )
    edge, right = _edge_power()
    found = (sp.Rational(edge, 2) + 1) * shift
    return every(
        straight,
        Finding(
            right and exponent == found,
            f"density^2 of the semicircle vanishes to the order {edge} at its edge: exponent {found}",
        ),
    )


def _edge_power() -> tuple[int, bool]:
    """The order of the zero of the squared density (6) at its lower edge, and whether it is the law's."""
    d, sigma = sp.symbols("d sigma", positive=True)
    density = sp.sqrt(4 * sigma**2 - (d - 2 * sigma) ** 2) / (2 * sp.pi * sigma**2)
    (own,) = (parameter.symbol for parameter in derivation("semicircle").model.parameters)
    inserted = density.subs({d: place + 2 * own, sigma: own})
    right = DensityAgrees(Setting((own,)), derivation("semicircle").equation, inserted, True).decide()
    square = sp.Poly(sp.expand(density**2 * 4 * sp.pi**2 * sigma**4), d)
    return min(monomial[0] for monomial in square.monoms()), right


CLAIMS = (
    Claim(
        id="pb17/sec-4.2-gaussian-fields",
        statement="The $3/2$ scaling in (20) is the behaviour found by Bray and Dean for Gaussian random "
        "functions.",
        place="section 4.2",
        readings=(
            Reading(
                "the Hessian of a Gaussian random function at a critical point is a semicircle shifted by a "
                "multiple of the energy, so that its index grows with the power $3/2$ beyond the energy at "
                "which the lower edge reaches 0",
                (1, sp.Rational(3, 2)),
            ),
        ),
        checks=(index_of_gaussian_field,),
        conditions="isotropic fields in many dimensions, critical points with negative eigenvalues, to "
        "leading order in the dimension (the most likely shift)",
        uses=("pb17/eq-6",),
        steps=(("semicircle", "Density of H: semicircle"),),
    ),
)
