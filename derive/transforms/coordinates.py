"""One curve in the coordinates of each transform: polynomials for G, R, S, psi, eta from one another.

    name    curve between   G and z of it
    G       G, z
    m       m, z            G = -m                     m(z) = E 1/(x - z), as statisticians write it
    R       r, g            G = g, z = r + 1/g         r = R(g)
    S       s, t            G = t s, z = (1 + t)/(t s) s = S(t), t = z G - 1
    psi     psi, u          G = u (1 + psi), z = 1/u   psi(u) = m_1 u + m_2 u^2 + ...
    eta     eta, v          G = -v eta, z = -1/v       eta(v) = E 1/(1 + v x)

The changes are birational, so that an irreducible polynomial stays irreducible but for factors in one of the
coordinates alone, which are divided out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

from ..algebra.polynomials import canonical_of
from ..algebra.rings import Fraction, Ring
from ..laws import G, g, z
from .curves import r, s, t, u

m, psi, eta, v = sp.symbols("m psi eta v")


class Coordinates(NamedTuple):
    """A transform's value and argument, the change from (G, z) to them, and back."""

    value: sp.Symbol
    argument: sp.Symbol
    forward: dict[sp.Symbol, sp.Expr]  # G and z in the new coordinates
    back: dict[sp.Symbol, sp.Expr]  # the new coordinates in G and z


TRANSFORMS = {
    "G": Coordinates(G, z, {}, {}),
    "m": Coordinates(m, z, {G: -m}, {m: -G}),
    "R": Coordinates(r, g, {G: g, z: r + 1 / g}, {g: G, r: z - 1 / G}),
    "S": Coordinates(s, t, {G: t * s, z: (1 + t) / (t * s)}, {t: z * G - 1, s: G / (z * G - 1)}),
    "psi": Coordinates(psi, u, {G: u * (1 + psi), z: 1 / u}, {u: 1 / z, psi: z * G - 1}),
    "eta": Coordinates(eta, v, {G: -v * eta, z: -1 / v}, {v: -1 / z, eta: z * G}),
}


def to_transform(equation: sp.Expr, transform: str) -> sp.Expr:
    """The polynomial of a transform from that in (G, z), such as `derive(model).equation`.

    transform: "G", "m", "R", "S", "psi" or "eta"; the coordinates are `TRANSFORMS[transform]`. Returns a
    polynomial that is 0 on the curve, in canonical form. Raises `ValueError` for another name and for an
    equation that is no polynomial relation between G and z, `TypeError` for what is no expression.
    """
    coordinates = _coordinates(transform)
    if not {G, z} <= _symbols(equation):
        raise ValueError(f"an equation in G and z is wanted, got {equation}")
    return _moved(equation, coordinates.forward, (coordinates.value, coordinates.argument))


def from_transform(polynomial: sp.Expr, transform: str) -> sp.Expr:
    """The equation in (G, z) of a law that is given by the polynomial of a transform; see `to_transform`."""
    coordinates = _coordinates(transform)
    wanted = {coordinates.value, coordinates.argument}
    if not wanted <= _symbols(polynomial):
        names = " and ".join(str(symbol) for symbol in (coordinates.value, coordinates.argument))
        raise ValueError(f"a polynomial in {names} is wanted for the transform {transform}, got {polynomial}")
    return _moved(polynomial, coordinates.back, (G, z))


def _coordinates(transform: str) -> Coordinates:
    if transform not in TRANSFORMS:
        raise ValueError(f"no transform is called {transform!r}; there are {', '.join(TRANSFORMS)}")
    return TRANSFORMS[transform]


def _symbols(polynomial: Any) -> set[sp.Symbol]:
    expression = sp.sympify(polynomial)
    if not isinstance(expression, sp.Expr):
        raise TypeError(f"a polynomial is wanted, as a SymPy expression, got {polynomial!r}")
    return set(expression.free_symbols)


def _moved(
    polynomial: Any, change: dict[sp.Symbol, sp.Expr], symbols: tuple[sp.Symbol, sp.Symbol]
) -> sp.Expr:
    """The canonical polynomial after a change of coordinates, without factors in one of them alone."""
    ring = Ring.of(polynomial, first=tuple(dict.fromkeys((*symbols, *change))))
    values = {symbol: ring.fraction(value) for symbol, value in change.items()}
    old = ring.fraction(polynomial).numerator
    below = ring.constant(1)
    for symbol, value in values.items():
        below *= value.denominator ** max(ring.degree(old, symbol), 0)
    moved = Fraction(ring.substitute(old, values), below).numerator
    for symbol in symbols:
        moved = moved / ring.content(moved, symbol)
    return canonical_of(ring, moved, *symbols)
