"""How the index grows beyond the critical energy: the exponent 3/2 and its prefactor.

1. the double root of the equation at z = 0, in Q(phi)[W]; 2. the density next to a soft edge; 3. its
integral up to 0 while the edge moves below 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.polynomials import factored
from ..algebra.radicals import positive
from ..algebra.signs import Undecided
from ..algebra.surds import Field, Surd
from ..certificates import Identity, Negative, Positive, Together
from ..derivation import Asymptotic, CertificateError, Step
from ..laws import w, x
from .energy import Root, Setting

MOVE, BEND = sp.Dummy("d", positive=True), sp.Dummy("h", positive=True)


def local_law(setting: Setting, root: Root) -> tuple[tuple[Step, ...], sp.Expr]:
    """The exponent 3/2 and its prefactor."""
    field = root.element.field
    energy, facts, curve = setting.energy, setting.facts, setting.curve
    place = _double_root(setting, root)
    values = {energy: root.element, w: place}
    second = field.evaluate(factored(sp.diff(curve.rational, w, 2)), values)
    slope = field.evaluate(factored(sp.diff(curve.rational, energy)), values)
    product = root.element * slope
    square = _squared(product, second, place)
    where = place.without_cancellation()
    bend = second.without_cancellation()
    rooted, inside = _square_root(square, facts)
    prefactor = sp.Mul(sp.Rational(2, 3), rooted, 1 / sp.pi)
    x0, b = sp.symbols("x_- H''")
    density = sp.Function("rho")(x)
    local = sp.sqrt(2 * (x - x0) / sp.Abs(b)) / (sp.pi * w**2)
    steps = (
        Step(
            "double root",
            "At the critical energy the equation at z = 0 has a double root, found as the common factor of "
            "H(w) = 0 and H'(w) = 0 in Q(phi)[W]. It is negative and lies below all poles, where H' "
            "vanishes only once: it is the lowest edge's. So this edge is 0 at the critical energy and, as "
            "it falls, positive before and negative beyond: the critical energy is sup{eps : alpha = 0}.",
            sp.Eq(sp.Symbol("w_c"), where, evaluate=False),
            Together(
                (
                    _Zero(field.evaluate(setting.curve.polynomial.subs(x, 0), values), "H(w_c)"),
                    _Zero(field.evaluate(curve.critical, values), "H'(w_c)"),
                    Negative(where, facts),
                    *_below_poles(setting, place, values),
                )
            ),
        ),
        Step(
            "square-root edge",
            "H'' < 0 at the edge, so x - x_- = H''(w) (w - w_-)^2 / 2 puts Im w = (2 (x - x_-) / "
            "|H''|)^(1/2) inside the support: the density rises as a square root.",
            (
                sp.Eq(sp.Symbol("H''"), bend, evaluate=False),
                Asymptotic(density, local),
            ),
            Together((Negative(bend, facts), _root_of_parabola(local.subs({x: x0 + MOVE, b: -BEND})))),
        ),
        Step(
            "3/2 law",
            "alpha is the integral of this density from x_- to 0, and x_- = (dH/deps) (eps - eps_c) + ...: "
            "alpha = alpha_0 ((eps - eps_c) / eps_c)^(3/2) (1 + o(1)) for eps > eps_c.",
            sp.Eq(sp.Symbol("alpha_0"), prefactor, evaluate=False),
            Together(
                (
                    _Zero(
                        _again(square, prefactor, field),
                        "(9 pi^2 / 4) alpha_0^2 - 2 (eps_c dH/deps)^3 / (H'' w_c^4)",
                    ),
                    Positive(inside, facts),
                    _integral(local.subs({x: x0 + MOVE, b: -BEND})),
                )
            ),
        ),
    )
    return steps, prefactor


def _squared(move: Any, bend: Any, place: Any) -> Any:
    """(9 pi^2/4) alpha_0^2 of an edge that moves by `move` < 0, with H'' = bend < 0 at w = place."""
    half = move**3 / (bend * place**4)
    return half + half


def _root_of_parabola(local: sp.Expr) -> Identity:
    """Im w = pi w^2 rho solves x - x_- = H'' (i Im w)^2/2."""
    return Identity(MOVE + BEND * (sp.I * sp.pi * w**2 * local) ** 2 / 2)


def _integral(local: sp.Expr) -> Identity:
    """The density integrated over a distance, and its square in the form that is evaluated."""
    whole = 2 * MOVE * local / 3
    square = sp.Rational(9, 4) * sp.pi**2 * whole**2
    return Identity((sp.diff(whole, MOVE) - local, square - _squared(-MOVE, -BEND, w)))


def _below_poles(setting: Setting, place: Surd, values: dict[sp.Symbol, Surd]) -> list[Positive]:
    """Certificates that w_c < 0 lies below every pole: the pole is not negative, or w_c^2 > p^2."""
    field, found = place.field, []
    for pole in setting.curve.law.poles:
        if pole == 0 or positive(pole, where=setting.facts):
            continue
        beyond = (place * place - field.evaluate(sp.expand(pole**2), values)).without_cancellation()
        if positive(beyond, where=setting.facts) is not True:
            raise Undecided(f"whether the double root at the critical energy lies below the pole {pole}")
        found.append(Positive(beyond, setting.facts))
    return found


@dataclass(frozen=True, eq=False)
class _Zero:
    """An element of Q(parameters)[W] that is 0."""

    element: Surd
    what: str

    def check(self) -> None:
        if not self.element.is_zero:
            raise CertificateError(f"{self.what} should vanish and is {self.element.expression()}")

    @property
    def summary(self) -> str:
        return "identity in Q(parameters)[W]"


def _again(square: Surd, prefactor: sp.Expr, field: Field) -> Surd:
    """(9 pi^2/4) prefactor^2 read back into the field, minus the square."""
    root = field.root
    symbol = sp.Dummy("W", positive=True)
    value = sp.expand_power_base((sp.Rational(3, 2) * sp.pi * prefactor) ** 2).subs(root, symbol)
    value = sp.powsimp(value.subs(root.base, symbol**2))
    return field.evaluate(sp.together(value), {symbol: field.element(sp.S.Zero, sp.S.One)}) - square


def _square_root(square: Surd, facts: tuple[sp.Expr, ...]) -> tuple[sp.Expr, sp.Expr]:
    """The positive root of a positive element, with W^(-1/2) outside where that makes the rest a square.

    The second value is the part whose sign is to be certified.
    """
    field = square.field
    generator = field.element(sp.S.Zero, sp.S.One)
    for scaled, outside in ((square, sp.S.One), (square * generator, 1 / sp.sqrt(field.root))):
        found = scaled.square_root()
        if found is None:
            continue
        content, surd = found
        if positive(surd.without_cancellation(), where=facts) is False:
            surd = field.element(sp.S.Zero) - surd
        inside = surd.without_cancellation()
        return sp.Mul(sp.sqrt(content), inside, outside), inside
    inside = square.without_cancellation()
    return sp.sqrt(inside), inside


def _double_root(setting: Setting, root: Root) -> Surd:
    """The common root of the equation at z = 0 and its derivative, at the critical energy."""
    field = root.element.field
    polynomial = sp.Poly(setting.curve.polynomial.subs(x, 0), w)

    def trimmed(items: list[Surd]) -> list[Surd]:
        while items and items[0].is_zero:
            items = items[1:]
        return items

    first = [field.evaluate(c, {setting.energy: root.element}) for c in polynomial.all_coeffs()]
    degree = len(first) - 1
    second = [c * field.element(degree - i) for i, c in enumerate(first[:-1])]
    while len(second) > 2:
        while len(first) >= len(second):
            ratio = first[0] / second[0]
            padded = second + [field.element(sp.S.Zero)] * (len(first) - len(second))
            first = [a - ratio * b for a, b in zip(first, padded, strict=True)][1:]
        first, second = second, trimmed(first)
    if len(second) != 2:
        raise Undecided("the equation at z = 0 has no single double root at the critical energy")
    common = field.element(sp.S.Zero) - second[1] / second[0]
    value = field.element(sp.S.Zero)
    for coefficient in first:
        value = value * common + coefficient
    if not value.is_zero:
        raise Undecided("the equation at z = 0 has no double root at the critical energy")
    return common
