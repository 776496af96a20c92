"""Products of L square Gaussian matrices, their squared singular values, with L as a symbol.

With t = z G - 1 the law is z = (1 + t)^(L+1) / t. What follows from it is derived once for all L; a model is
recognised by its equation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.radicals import vanishes
from ..certificates import Identity, Together
from ..derivation import Asymptotic, CertificateError, Section, Step
from ..language.model import Model
from ..laws import Algebraic, G, Law, z
from ..transforms.curves import t
from .moment_map import moment_map
from .series import CERTIFIED, moments

L, N = sp.symbols("L n", positive=True)
X, ANGLE = sp.symbols("x phi", positive=True)
RHO = sp.Function("rho")
T, ROOT = sp.symbols("t delta", positive=True)  # t right of the support; 1 + t left of it
ONE, MIDDLE, ALL = sp.symbols("s_1 s_L s_M", positive=True)  # sines of phi, L phi and (L + 1) phi


@dataclass(frozen=True)
class SamePower:
    """Products of powers with symbolic exponents and positive bases, equal as their logarithms are."""

    left: sp.Expr
    right: sp.Expr

    def check(self) -> None:
        left, right = (
            sp.log(side.replace(lambda part: part.is_Pow, lambda part: sp.together(part.base) ** part.exp))
            for side in (self.left, self.right)
        )
        logarithm = sp.expand(sp.expand_log(left - right, force=True))
        logarithms = sorted(logarithm.atoms(sp.log), key=str)
        rest = sp.Poly(logarithm, *logarithms) if logarithms else sp.Poly(logarithm, L)
        if not all(vanishes(coefficient) for coefficient in rest.coeffs()):
            raise CertificateError(f"{self.left} should be {self.right}")

    @property
    def summary(self) -> str:
        return "equal powers, by the exponent of every base"


@dataclass(frozen=True)
class Raney:
    """binomial(N, n - 1)/n = binomial(N, n)/(N - n + 1), and these are the moments of the law at hand."""

    law: Algebraic
    factors: int

    def check(self) -> None:
        every = sp.Symbol("N", positive=True)
        quotient = sp.binomial(every, N - 1) / N / (sp.binomial(every, N) / (every - N + 1))
        if sp.gammasimp(quotient) != 1:
            raise CertificateError("the two forms of Lagrange's coefficient differ")
        for order, found in enumerate(moments(self.law, CERTIFIED)):
            if found != _moment().subs({L: self.factors, N: order}):
                raise CertificateError(f"m_{order} of the equation is {found}")

    @property
    def summary(self) -> str:
        return f"quotient of binomials reduced exactly; the equation's moments to order {CERTIFIED}"


def fuss_catalan(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """The section of such a law, for every L; empty for others.

    Closed forms: "factors", and "density_curve", place and density by the angle `ANGLE`.
    """
    title = "Products of L square Gaussian matrices"
    factors = _factors(law, equation)
    if factors is None:
        return Section(title, ()), {}
    assert isinstance(law, Algebraic)
    steps = (_law(equation, factors), _moments(law, factors), _edge(), _at_zero(), _density())
    angles = {ONE: sp.sin(ANGLE), MIDDLE: sp.sin(factors * ANGLE), ALL: sp.sin((factors + 1) * ANGLE)}
    place, density = (part.subs(L, factors).subs(angles) for part in _curve())
    return Section(title, steps), {"factors": factors, "density_curve": (place, density)}


def _factors(law: Law, equation: sp.Expr) -> int | None:
    """L of the law z = (1 + t)^(L+1) / t, at least 2."""
    curve = moment_map(equation) if isinstance(law, Algebraic) else None
    if curve is None or curve.free_symbols != {t}:
        return None
    factors = int(sp.degree(sp.numer(curve), t)) - 1
    return factors if factors >= 2 and vanishes(curve - _map(t).subs(L, factors)) else None


def _map(at: sp.Expr) -> sp.Expr:
    return (1 + at) ** (L + 1) / at


def _moment() -> sp.Expr:
    return sp.binomial((L + 1) * N, N) / (L * N + 1)


def _law(equation: sp.Expr, factors: int) -> Step:
    power = G ** (L + 1) * z**L
    inserted = power.subs(G, (1 + T) / z).subs(z, _map(T))
    return Step(
        "the law for every number of factors",
        "Every factor multiplies S by 1/(1 + t): S(t) = (1 + t)^(-L), and with z = (1 + t)/(t S(t)) and t = "
        f"z G - 1 the equation. For L = {factors} it is the one above.",
        (
            sp.Eq(sp.Function("S_H")(t), (1 + t) ** (-L), evaluate=False),
            sp.Eq(z, _map(t), evaluate=False),
            sp.Eq(power, z * G - 1, evaluate=False),
        ),
        Together(
            (
                SamePower((1 + T) ** (-L) / (1 + T), (1 + T) ** (-L - 1)),
                SamePower(inserted, T),
                Identity(power.subs(L, factors) - (z * G - 1) + equation),
            )
        ),
    )


def _moments(law: Algebraic, factors: int) -> Step:
    return Step(
        "moments",
        "t = (1 + t)^(L+1)/z is the sum of m_n z^(-n), and by Lagrange's inversion m_n = [t^(n-1)] (1 + "
        "t)^((L+1) n) / n: the numbers of Fuss, Catalan and Raney.",
        sp.Eq(sp.Symbol("m_n"), _moment(), evaluate=False),
        Raney(law, factors),
    )


def _edge() -> Step:
    slope = (L + 1) / (1 + T) - 1 / T  # of log z
    top = (L + 1) ** (L + 1) / L**L
    return Step(
        "the edge",
        "Right of the support t rises from 0 as z falls from oo, until dz/dt = 0: at t = 1/L, the only zero "
        "for t > 0.",
        (
            sp.Eq(sp.Derivative(sp.log(z), t), (L * t - 1) / (t * (1 + t)), evaluate=False),
            sp.Eq(sp.Symbol("x_+"), top, evaluate=False),
        ),
        Together((Identity(slope - (L * T - 1) / (T * (1 + T))), SamePower(_map(1 / L), top))),
    )


def _at_zero() -> Step:
    exponent = L / (L + 1)
    leading = sp.sin(sp.pi / (L + 1)) / sp.pi * X ** (-exponent)
    opposite = sp.pi * exponent - (sp.pi - sp.pi / (L + 1))  # angles of equal sine
    return Step(
        "the density at 0",
        "On the negative axis 1 + t = z G lies between 0 and 1 and solves -z = (1 + t)^(L+1)/(-t), one "
        "solution there as the right side rises from 0 to oo: z G ~ (-z)^(1/(L+1)), and there is no atom. "
        "Continued to z = x + i0, where -z = x e^(-i pi), G ~ -x^(-L/(L+1)) e^(i pi L/(L+1)).",
        Asymptotic(RHO(X), leading),
        Together(
            (
                SamePower(ROOT ** (L + 1) / ROOT, ROOT**L),
                Identity((-_map(ROOT - 1).subs(L, 1) - ROOT**2 / (1 - ROOT), opposite)),
            )
        ),
    )


def _curve() -> tuple[sp.Expr, sp.Expr]:
    """Place and density by the sines of phi, L phi and (L + 1) phi."""
    return ALL ** (L + 1) / (ONE * MIDDLE**L), ONE**2 * MIDDLE ** (L - 1) / (sp.pi * ALL**L)


def _density() -> Step:
    """With E = e^(i phi) and A = e^(i L phi) all is rational: 1 + t = (sin (L+1) phi / sin L phi) / E."""
    e, a = sp.symbols("E A", positive=True)
    sines = {ONE: e - 1 / e, MIDDLE: a - 1 / a, ALL: a * e - 1 / (a * e)}
    of_t, of_one_plus_t = (ONE / MIDDLE).subs(sines) / (a * e), (ALL / MIDDLE).subs(sines) / e
    place, density = _curve()
    modulus = (ALL / MIDDLE) ** (L + 1) / (ONE / MIDDLE)  # the phases of (1 + t)^(L+1) and t cancel
    angles = {ONE: sp.sin(ANGLE), MIDDLE: sp.sin(L * ANGLE), ALL: sp.sin((L + 1) * ANGLE)}
    return Step(
        "the density by an angle",
        "Let 0 < phi < pi/(L+1), and s_1, s_L, s_M the sines of phi, L phi and (L+1) phi. Where t has the "
        "modulus s_1/s_L and the argument -(L+1) phi, 1 + t has the modulus s_M/s_L and the argument -phi: z "
        "is real, and G = (1 + t)/z lies below the axis. At phi = 0 this is the edge, t = 1/L, at the other "
        "end x = 0; rho = -Im G / pi.",
        (
            sp.Eq(X, place.subs(angles), evaluate=False),
            sp.Eq(RHO(X), density.subs(angles), evaluate=False),
        ),
        Together(
            (
                Identity(1 + of_t - of_one_plus_t),
                SamePower(modulus, place),
                SamePower(ALL / MIDDLE * ONE / (sp.pi * place), density),
            )
        ),
    )
