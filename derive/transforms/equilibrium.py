"""Equilibrium measures of monomial potentials: where the eigenvalues of exp(-N tr t x^(2 M)) settle.

The force on an eigenvalue vanishes: V'(x)/2 is the principal value of the integral of rho(y)/(x - y). So
G = (V' - h sqrt(z^2 - a^2))/2 with h the polynomial part of V'/sqrt(z^2 - a^2), and G ~ 1/z fixes t. The
moments come from elsewhere: the law is a mixture of arcsine laws, of radius a s with the density
2 M s^(2 M - 1) of s on (0, 1).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.rings import Fraction
from ..algebra.signs import Point
from ..certificates import Identity, Together
from ..derivation import Certificate, Step
from ..language.operations import Equilibrium
from ..laws import G, z
from .curves import Setting
from .reading import Reading, chosen, equal, field_of, from_equation, number, read, spoken, with_moments

x = sp.Symbol("x")


def central(k: int) -> sp.Rational:
    """The moment of order 2 k of the arcsine law on (-1, 1): (1/2)(3/4)...((2 k - 1)/(2 k))."""
    return sp.Rational(sp.binomial(2 * k, k), 4**k)


@read.register
def _(node: Equilibrium, label: str, setting: Setting) -> Reading:
    half, a = node.degree, node.radius
    strength = 1 / (half * central(half) * a ** (2 * half))
    force = 2 * half * strength * z ** (2 * half - 1)
    h = sum((central(j) * a ** (2 * j) * z ** (2 * (half - 1 - j)) for j in range(half)), sp.S.Zero)
    h *= 2 * half * strength
    big_g, v, shape = (setting.ring.fraction(item) for item in (G, force, h))
    rest = v * v - shape * shape * setting.ring.fraction(z**2 - a**2)

    def moments(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        square, power, found = number(setting, a**2, point), one, []
        for order in range(1, n + 1):
            if order % 2:
                found.append(zero)
                continue
            k, power = order // 2, power * square
            found.append(power * number(setting, central(k) * half / (half + k), point))
        return found

    equation = big_g * big_g - v * big_g + rest / setting.ring.fraction(4)
    relation = from_equation(setting, equation.numerator)
    reading, certificate = chosen(setting, label, relation, with_moments(setting, moments), [])
    reading.steps.append(lambda: _step(node, reading, force, h, rest, certificate()))
    return reading


def _step(
    node: Equilibrium, reading: Reading, force: sp.Expr, h: sp.Expr, rest: Fraction, certificate: Certificate
) -> Step:
    setting, label, half, a = reading.setting, reading.label, node.degree, node.radius
    # the roots of G^2 - V' G + rest/4 are ~ V' and rest/(4 V'), and the latter must be ~ 1/z
    far = sp.cancel(setting.show(rest) * z / (4 * force)).subs(z, 1 / x)
    return Step(
        f"Equilibrium measure {spoken(label)}",
        "Matrices of density exp(-N tr V): in the limit the force on every eigenvalue vanishes, V'(x)/2 "
        "= Re G(x + i0) on the band (-a, a), so G = (V' - h sqrt(z^2 - a^2))/2 with the polynomial part "
        "h of V'/sqrt(z^2 - a^2); G ~ 1/z fixes t. The measure is a mixture of arcsine laws on "
        f"(-a s, a s) with the density {2 * half} s^{2 * half - 1} of s, which gives the moments.",
        (
            equal(sp.Function("V")(x), force.subs(z, x) * x / (2 * half)),
            equal(sp.Function(f"G_{label}")(z), (force - sp.factor(h) * sp.sqrt(z**2 - a**2)) / 2),
            equal(setting.ring.expression(reading.equation), 0),
        ),
        Together((certificate, Identity(sp.cancel(far).subs(x, 0) - 1))),
    )
