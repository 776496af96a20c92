"""Section 3.1 of Granziol (2020), eqs. 9-10: critical points of the spherical p-spin glass."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ...ledger import Claim, Finding, Reading, exact
from ..deciding import every, identical, together

N, p, t = sp.symbols("N p t", positive=True)
DOMAIN = (p - 2,)
RATE = (p - 2) / (2 * p)
SCALE = sp.sqrt(p / (2 * (p - 1)))
PREFACTOR = 2 * sp.sqrt(2 / p) * (p - 1) ** (N / 2)


@exact
def counted_on_small_spheres(formula: Any) -> Finding:
    """(prefactor, rate, scale) of E Crt_k(B) = prefactor E[exp(-N rate lambda_k^2) 1{lambda_k in scale B}].

    N = 1: the sphere is two points, both critical. N = 2: a circle, minima counted by Kac and Rice. Both
    sides are then const exp(-a u^2), for N = 2 times int_(b u)^oo (y - b u) exp(-y^2) dy, u the energy
    over N.
    """
    prefactor, rate, scale = map(sp.sympify, formula)
    angle = sp.Symbol("vartheta", real=True)
    second, fourth = (sp.diff(sp.cos(angle) ** p, angle, k).subs(angle, 0) for k in (2, 4))
    second, fourth = sp.expand(second), sp.expand(fourth)
    # given H = 2 u: H'' is normal, its mean 2 r'' u, and its variance:
    spread = sp.sqrt(sp.factor(2 * fourth - 2 * second**2))
    tilt = -sp.sqrt(2) * second / spread  # b
    # 2 pi (density of H' at 0) (density of u) E[H''_+]
    minima = 2 * sp.pi / sp.sqrt(-4 * sp.pi * second) / sp.sqrt(sp.pi) * spread * sp.sqrt(2 / sp.pi)
    smallest = sp.sqrt(2 / sp.pi)  # its density is this times exp(-x^2) int_x^oo (y - x) exp(-y^2) dy
    return together(
        "two points (N = 1) and a circle (N = 2, minima by Kac and Rice): both sides are the same function "
        "of the energy, for every p",
        identical(scale, tilt, where=DOMAIN, what="the scale of B, on a circle"),
        identical(
            (1 + 2 * rate) * scale**2, 1, where=DOMAIN, what="the exponent a, on a circle and two points"
        ),
        identical(prefactor.subs(N, 1) * scale, 2, where=DOMAIN, what="the constant, two points (N = 1)"),
        identical(
            prefactor.subs(N, 2) * scale * smallest,
            minima,
            where=DOMAIN,
            what="the constant, a circle (N = 2)",
        ),
    )


@exact
def euler_characteristic(formula: Any) -> Finding:
    """The signed count sum_k (-1)^k Crt_k is 2 on spheres of even dimension, N odd, by Morse's theorem.

    In the joint density of the eigenvalues the sign takes the place of the modulus of det(H - x), H of one
    row less, whose mean is a Hermite polynomial; Mehta's constants do the rest.
    """
    prefactor, rate, _ = map(sp.sympify, formula)
    y, precision = sp.symbols("y b", positive=True)
    for size in (1, 3, 5, 7):
        below = sp.Rational(1, 2 * size)  # the variance of an entry of H
        hermite = sp.Poly(below ** sp.Rational(size - 1, 2) * _hermite(size - 1, y / sp.sqrt(below)), y)
        # int y^i exp(-b y^2) over the line
        integral = sum(
            c * sp.gamma(sp.Rational(i + 1, 2)) * precision ** sp.Rational(-i - 1, 2)
            for (i,), c in hermite.terms()
        )
        constant = (
            sp.Integer(size) ** (1 + sp.Rational(size, 2))
            * sp.gamma(sp.Rational(3, 2))
            / sp.gamma(1 + sp.Rational(size, 2))
            / sp.sqrt(2 * sp.pi)
        )
        signed = prefactor.subs(N, size) * constant * integral.subs(precision, size * (1 + 2 * rate) / 2)
        found = identical(signed, 2, where=DOMAIN, what=f"the signed count at N = {size}")
        if not found.holds:
            return found
    return Finding(True, "the signed count of critical points is 2 at N = 1, 3, 5 and 7, for every p")


def _hermite(degree: int, argument: sp.Expr) -> sp.Expr:
    """The monic Hermite polynomial of the standard normal law."""
    old, new = sp.S.One, argument
    for k in range(1, degree):
        old, new = new, sp.expand(argument * new - k * old)
    return new if degree else old


@exact
def two_spins(formula: Any) -> Finding:
    """At p = 2 the critical points are the eigenvectors of a matrix, two for each index, at every N."""
    prefactor, rate, _ = (sp.sympify(part).subs(p, 2) for part in formula)
    return together(
        "p = 2: 2 for every index and every N, as a symmetric matrix has two critical points an eigenvector",
        identical(prefactor, 2, what="the constant at p = 2, every N"),
        identical(rate, 0, what="the rate at p = 2"),
    )


@exact
def exponential_rate(formula: Any) -> Finding:
    """(constant, rate): the limit of log E Crt / N from the right form of (9), term by term."""
    constant, rate = map(sp.sympify, formula)
    log_prefactor = sp.expand_log(sp.log(PREFACTOR.subs(p, p + 1)), force=True)
    limit = sp.limit(sp.expand(log_prefactor / N), N, sp.oo).subs(p, p - 1)
    if sp.simplify(sp.expand_log(limit - constant, force=True)) != 0:
        return Finding(
            False, f"the prefactor of (9) gives ${sp.latex(limit)}$, stated ${sp.latex(constant)}$"
        )
    return every(
        Finding(True, f"log prefactor / N of (9) tends to ${sp.latex(limit)}$"),
        identical(rate, RATE, where=DOMAIN, what="the rate against that of (9)"),
    )


CLAIMS = (
    Claim(
        id="gr20/eq-9",
        statement=r"$\mathbf{E}[\mathrm{Crt}_{N,k}(B)] = 2 \frac{2}{p} (p - 1)^{N/2} \mathbf{E}_{GOE}^N "
        r"\left[e^{-N \frac{p - 2}{2} (\lambda_k^N)^2} 1\{\lambda_k^N \in \sqrt{\tfrac{p}{2(p - 1)}} "
        r"B\}\right]$.",
        place="theorem 1, eq. 9",
        readings=(
            Reading("as printed", (4 / p * (p - 1) ** (N / 2), (p - 2) / 2, SCALE)),
            Reading(r"with $\sqrt{2/p}$ for $2/p$", (PREFACTOR, (p - 2) / 2, SCALE)),
        ),
        checks=(counted_on_small_spheres, euler_characteristic, two_spins),
        correction=Reading(
            r"$2 \sqrt{\frac{2}{p}} (p - 1)^{N/2} \mathbf{E} \left[e^{-N \frac{p - 2}{2p} (\lambda_k^N)^2} "
            r"1\{\lambda_k^N \in \sqrt{\tfrac{p}{2(p - 1)}} B\}\right]$, entries of variance $(1 + "
            r"\delta_{ij}) / 2N$",
            (PREFACTOR, RATE, SCALE),
        ),
        conditions=r"$p \ge 2$; decided for $N = 1$ (two points) and $N = 2$ (a circle, minima) at every $p$ "
        "and $B$, for the signed count of $N = 3, 5, 7$ at every $p$, and for $p = 2$ at every $N$; $k$ "
        "counts negative eigenvalues, so that $k = 0$ is the smallest",
    ),
    Claim(
        id="gr20/eq-10",
        statement=r"$\lim \frac{1}{N} \log \mathbf{E}[\mathrm{Crt}_{N,k}(u)] = \frac{1}{2} \log(p - 1) + "
        r"\lim \frac{1}{N} \log \mathbf{E}_{GOE}^N[e^{-N (p - 2) \lambda_k^2 / 2p} 1_{\lambda_k \le t}]$.",
        place="eq. 10",
        readings=(
            Reading(
                r"$B = (-\infty, u)$ and $t = u \sqrt{p / (2(p - 1))}$, which is not defined in print",
                (sp.log(p - 1) / 2, RATE),
            ),
        ),
        checks=(exponential_rate,),
        conditions="its exponent is the right one, which contradicts the one printed in (9)",
        uses=("gr20/eq-9",),
    ),
)
