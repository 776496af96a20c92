"""What happens at one place of the spectrum at a critical value, and what is known of the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.algebraic_points import RING, Point
from .exact_numbers import Quantity, quantity
from .local_laws import Density, LocalLaw, X
from .motions import Growth


@dataclass(frozen=True)
class Event:
    """What happens at one place of the spectrum.

    kind: "gap opens", "gap closes", "gap closes and opens", "band appears", "band vanishes",
        "band vanishes and appears", "edge crosses 0", "edge touches 0", "edge leaves 0",
        "edge reaches 0" (it stays there on the other side), "singularity" (the exponents differ
        from those on both sides, or singular points meet), "escape to infinity", "band fades" (its mass
        tends to 0); "atom crosses 0", "atom touches 0", "atom leaves 0", "atom reaches 0"; "atom appears",
        "atom vanishes", "atom vanishes and appears", "atoms meet", "kink of mass", "jump of mass" (at t_c
        itself it is not the limit): of atoms, whatever else happens at their place, which is an event of
        its own.
    place: x, None for infinity or a whole band.
    left, right: the density next to the place at t_c, None where it is 0.
    width: of the gap or band that closes or opens.
    edge: place of the edge that meets another point, relative to x_c: on either side of t_c.
    atoms: how many atoms come to the place, below and above t_c.
    atom: the mass there at t_c itself, None where there is none or it is not derived.
    masses: in an event of atoms, theirs below and above t_c as functions of t, of several the sum; 0 where
        there is no atom, None on a side beyond the domain.
    mass: between the edge and 0, beyond 0.
    undecided: what could not be derived, one sentence each.
    """

    kind: str
    place: Quantity | None
    left: Density | None = None
    right: Density | None = None
    width: tuple[Growth, ...] = ()
    edge: tuple[Growth, ...] = ()
    mass: Growth | None = None
    atoms: tuple[int, int] = (0, 0)
    atom: Quantity | None = None
    masses: tuple[sp.Expr | None, sp.Expr | None] = (None, None)
    undecided: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[Any, ...]:
        """The kind and the exponents, without numbers."""
        grown = (*self.width, *self.edge, *((self.mass,) if self.mass is not None else ()))
        densities = tuple(None if d is None else d.exponent for d in (self.left, self.right))
        return (self.kind, densities, tuple((g.exponent, g.side) for g in grown), self.atoms)


@dataclass(frozen=True)
class Spot:
    """(t_c, x_c), the product of the factors of E that vanish there, and the law or why there is none."""

    point: Point
    product: fmpz_mpoly
    law: LocalLaw | None
    reason: str

    @property
    def place(self) -> Quantity:
        return quantity(self.point, RING.gen(X))
