"""The crossover at phi = 1, where the critical energy vanishes as (1 - phi)^3.

On the scale phi = 1 - d, eps = d^3 y, w = d u the equation at z = 0 tends to a fixed cubic in u, linear in
y, and d alpha / d eps = (1/pi) Im (dF/deps)(G), as F(G) - z G is stationary in G. Integrated along the
cubic this gives alpha/d as one function of y for all phi near 1; at phi = 1 alone alpha grows as eps^(1/3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.polynomials import factored
from ..algebra.radicals import vanishes
from ..algebra.signs import Undecided
from ..certificates import Identity, Negative, Positive, Together
from ..derivation import Asymptotic, CertificateError, Section, Step
from ..language.model import Model
from ..laws import Law, Levy, g, w, x
from .energy import with_role
from .levy_curve import Curve
from .primitive import antiderivative

D = sp.Dummy("delta", positive=True)  # a parameter may be called delta
U, Y = sp.symbols("u y")
ALPHA = sp.Symbol("alpha")


def crossover(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Steps to the index near phi = 1 on the scale eps ~ (1 - phi)^3, and at phi = 1.

    Closed forms: "crossover" (the pair alpha/(1 - phi), y = eps/(1 - phi)^3 as functions of u, for y real
    and Im u > 0) and "index_at_one" (leading term of alpha at phi = 1 for small eps). Models without an
    energy and an aspect ratio get an empty section; raises `Undecided` where the scaling is another one.
    """
    title = "Crossover at phi = 1"
    energy, ratio = with_role(model, "energy"), with_role(model, "aspect ratio")
    if energy is None or ratio is None or not isinstance(law, Levy):
        return Section(title, ()), {}
    curve = Curve(law)
    eps, phi = energy.symbol, ratio.symbol
    at_zero = sp.Poly(sp.expand(curve.polynomial.subs(x, 0)), w)
    lost = at_zero.coeff_monomial(1) == 0
    reduced = sp.cancel(at_zero.as_expr() / w) if lost else at_zero.as_expr()
    scale = {phi: 1 - D, eps: D**3 * Y, w: D * U}
    scaled = reduced.subs(scale, simultaneous=True)
    order, lead = _leading(scaled)
    cubic = sp.Poly(lead, U, Y)
    if cubic.degree(U) != 3 or cubic.degree(Y) != 1 or sp.diff(sp.diff(lead, Y), U) != 0:
        raise Undecided(
            f"the equation at z = 0 scales as {lead} at phi = 1, not as a cubic linear in the energy"
        )
    solved = factored(sp.solve(lead, Y)[0])
    velocity = sp.cancel(sp.together(sp.diff(antiderivative(law), eps)))
    rate = _rate(velocity, {g: 1 / (D * U), phi: 1 - D, eps: D**3 * Y})
    potential = sp.expand(sp.integrate(sp.expand(sp.cancel(rate * sp.diff(solved, U))), U))
    steep = sp.Poly(solved, U).LC()  # y = steep u^3 + ...
    linear = sp.Poly(sp.expand(potential - sp.log(U) * potential.coeff(sp.log(U))), U).coeff_monomial(U)
    one = linear * sp.sqrt(3) / (2 * sp.pi) * sp.cbrt(eps / steep)
    imaginary = sp.Function("Im")(potential)
    shape = imaginary / sp.pi - 1
    double = -2 * solved.expand().coeff(U, 2) / (3 * steep)
    corner = sp.cbrt(1 / steep) * (-1 + sp.sqrt(3) * sp.I) / 2
    mirror = sp.cbrt(1 / steep) * (-1 - sp.sqrt(3) * sp.I) / 2
    alone = reduced.subs({phi: 1, eps: D**3, w: D * U}, simultaneous=True)
    order_alone, lead_alone = _leading(alone)
    rate_alone = _rate(velocity, {g: 1 / (D * U), phi: sp.S.One, eps: D**3})
    growth = (rate_alone.subs(U, corner) - rate_alone.subs(U, mirror)) / (2 * sp.I * sp.pi)  # D^2 dalpha/deps
    steps = (
        Step(
            "scaling limit",
            "With phi = 1 - delta, eps = delta^3 y and w = delta u the equation at z = 0 has a limit: "
            "terms of higher order in delta drop out.",
            sp.Eq(Y, solved, evaluate=False),
            Together(
                (
                    LeadingTerm(reduced.subs(scale, simultaneous=True), order, lead),
                    Identity(lead.subs(Y, solved)),
                )
            ),
        ),
        Step(
            "index near phi = 1",
            "dF/deps at G = 1/w, times deps, has the limit delta times the derivative of this function of "
            "u; the constant is fixed by alpha = 0 at the double root, where u is negative and log u has "
            "the imaginary part pi. So alpha/(1 - phi) depends on eps/(1 - phi)^3 alone.",
            Asymptotic(ALPHA / (1 - phi), shape),
            Together(
                (
                    Identity((sp.diff(solved, U).subs(U, double), shape.subs(imaginary, sp.pi))),
                    Negative(double),
                    Identity(sp.cancel(sp.diff(potential, U) - rate * sp.diff(solved, U))),
                    Identity(potential.coeff(sp.log(U)) - 1),
                )
            ),
        ),
        Step(
            "index at phi = 1",
            "At phi = 1, with eps = delta^3 and w = delta u, the equation at z = 0 tends to k u^3 = 1, and u "
            "= k^(-1/3) e^(2 pi i/3) is its root in the upper half-plane. There dF/deps, integrated from eps "
            "= 0, gives the index: it grows as the cube root of the energy.",
            Asymptotic(ALPHA, one),
            Together(
                (
                    Positive(steep),
                    LeadingTerm(alone, order_alone, lead_alone),
                    Identity((lead_alone.subs(U, corner), lead_alone.subs(U, mirror))),
                    Identity(one.subs(eps, D**3) - 3 * D * growth),
                )
            ),
        ),
    )
    return Section(title, steps), {"crossover": (shape, solved), "index_at_one": one}


def _leading(expression: sp.Expr) -> tuple[int, sp.Expr]:
    """(k, c) for a polynomial c delta^k + higher powers."""
    polynomial = sp.Poly(sp.expand(expression), D)
    order = min(m[0] for m in polynomial.monoms())
    return order, factored(polynomial.coeff_monomial(D**order))


def _rate(velocity: sp.Expr, scale: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """The limit of delta^2 (dF/deps), which times deps/delta^3 = dy is the rate of alpha/delta."""
    whole = sp.cancel(sp.together((D**2 * velocity).subs(scale, simultaneous=True)))
    top, bottom = sp.fraction(whole)
    (a, first), (b, second) = _leading(top), _leading(bottom)
    if a != b:
        raise Undecided("dF/deps does not scale as delta^(-2) at phi = 1")
    return sp.cancel(first / second)


@dataclass(frozen=True)
class LeadingTerm:
    """The polynomial is lead * delta^order + higher powers of delta."""

    polynomial: sp.Expr
    order: int
    lead: sp.Expr

    def check(self) -> None:
        rest = sp.Poly(sp.expand(self.polynomial - self.lead * D**self.order), D)
        if not rest.is_zero and min(m[0] for m in rest.monoms()) <= self.order:
            raise CertificateError(f"{self.lead} is not the coefficient of the lowest power of delta")
        if vanishes(self.lead):
            raise CertificateError("the leading coefficient vanishes")

    @property
    def summary(self) -> str:
        return "lowest power of delta, exact"
