"""What the sections on the critical energy share: roles, the discriminant at z = 0, the root's field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sympy as sp

from ..algebra.signs import Undecided
from ..algebra.surds import Surd
from ..language.model import Model
from ..language.parameters import Parameter
from ..laws import G, Levy, z
from .levy_curve import Curve, discriminant_of

LONGEST = 400


@dataclass(frozen=True)
class Setting:
    """What the steps share: the law, the energy, the other parameters with the leading one first."""

    model: Model
    curve: Curve
    equation: sp.Expr
    energy: sp.Symbol
    symbols: tuple[sp.Symbol, ...]
    below_one: bool

    @property
    def facts(self) -> tuple[sp.Expr, ...]:
        """The conditions under which there is a critical energy: phi < 1 for an aspect ratio phi."""
        return (1 - self.symbols[0],) if self.below_one else ()


@dataclass(frozen=True)
class Root:
    """The critical energy, as an element of Q(parameters)[W] and as an expression without cancellation."""

    element: Surd
    expression: sp.Expr
    scale: sp.Expr


def with_role(model: Model, role: str) -> Parameter | None:
    """The first parameter that has the role, None without one."""
    return next((parameter for parameter in model.parameters if parameter.role == role), None)


def setting_of(model: Model, law: Levy, equation: sp.Expr, energy: Parameter) -> Setting:
    """The setting of a model with an energy; raises `Undecided` where it has no other parameter."""
    ratio = with_role(model, "aspect ratio")
    others = [p.symbol for p in model.parameters if p is not energy and p is not ratio]
    symbols = ([ratio.symbol] if ratio is not None else []) + others
    if not symbols:
        raise Undecided("the critical energy of a law without another parameter is left to its edges")
    return Setting(model, Curve(law), equation, energy.symbol, tuple(symbols), ratio is not None)


@lru_cache(maxsize=8)
def discriminant_at_zero(equation: sp.Expr) -> sp.Expr:
    """The discriminant in G, of the degree for general z, at z = 0."""
    ring, disc = discriminant_of(equation, G)
    at = ring.coefficients(disc, z).get(0, ring.constant(0)) if z in ring.symbols else disc
    if len(at) > LONGEST:
        raise Undecided(f"the discriminant at z = 0 has {len(at)} terms")
    return ring.expression(at)
