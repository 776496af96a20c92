"""Evaluators of a general algebraic law, given the coefficients of its polynomial P(G, z) = 0.

The law is the branch G ~ 1/z at infinity, analytic in the upper half-plane:

1. Real roots of the discriminant are isolated exactly; the branch is continued from infinity to each of
   them and around it, every step proved by Rouche's inequality (`branch`, `singular`).
2. Between its singular points the law is tabulated in variables in which it is analytic (`cells`).
3. Density, cdf, quantile and log-potential read the tables; complex z is continued (`plane`).

`AlgebraicLaw.certificates` says what was decided, `AlgebraicLaw.uncertified` what was not.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from ..arithmetic.exact_roots import (
    common_divisor,
    discriminant,
    divide,
    integers,
    quotient,
    real_roots,
    squarefree,
)
from .atom_masses import exact_mass
from .cells import Half, tabulate
from .law import AlgebraicLaw
from .necks import necks
from .outside import outer
from .own_factor import own_factor
from .plane import above_axis
from .power_series import cumulants_from_moments, moments_at_infinity, to_float
from .quantile import from_point, from_upper_point, quantile, upper_quantile
from .r_transform import r_transform
from .singular import Singular, infinity, singular_points
from .spikes import all_multiplicative_outliers, all_outliers, multiplicative_outliers, outliers

Array = np.ndarray[Any, Any]

__all__ = [
    "AlgebraicLaw",
    "Unresolved",
    "all_multiplicative_outliers",
    "all_outliers",
    "cdf",
    "density",
    "density_beside",
    "free_cumulants",
    "from_point",
    "from_upper_point",
    "index",
    "log_potential",
    "mass_at_zero",
    "moments",
    "multiplicative_outliers",
    "outliers",
    "prepare",
    "quantile",
    "r_transform",
    "sf",
    "stieltjes",
    "upper_quantile",
]


class Unresolved(ArithmeticError):
    """Double precision cannot tell what the law is; `doubts` says why, a sentence each."""

    def __init__(self, doubts: Sequence[str]) -> None:
        super().__init__("; ".join(doubts))
        self.doubts = tuple(doubts)


def prepare(
    coefficients: Sequence[Sequence[Any]] | Array,
    edge_coefficients: Sequence[Any] | None = None,
    mean: Fraction | None = None,
) -> AlgebraicLaw:
    """The law of P(G, z) = sum coefficients[i][j] G^i z^j with G ~ 1/z at infinity.

    coefficients: (n+1, m+1) floats, integers or `Fraction`; floats are taken as the exact rational
        numbers that they are. Pass `Fraction` where the coefficients are rational in the parameters:
        exact cusps, hard edges and double points then stay exact.
    edge_coefficients: the polynomial in z, ascending, or a list of factors, that has every branch point
        and every root of the leading coefficient in G among its roots; computed here if left out.
    mean: of the law, to ten digits or more, where several branches have G ~ 1/z (`means.mean_of`).
    Raises `ValueError` if no branch has G ~ 1/z, or more than one and no mean is given, or if the density
    is negative; `Unresolved` where that, or that there is no singular point, was found amid doubts.
    """
    rows = [[Fraction(value) for value in row] for row in np.asarray(coefficients, dtype=object).tolist()]
    while len(rows) > 1 and not any(rows[-1]):
        rows.pop()
    while len(rows[0]) > 1 and not any(row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    if len(rows) < 2:
        raise ValueError("the polynomial has no G; pass coefficients[i][j] of G^i z^j")
    rows = _primitive(rows)
    near_far = infinity(rows, Fraction(0), mean)
    own = own_factor(rows)
    if own is not rows:  # its edge polynomial is not the one of the product
        rows = _primitive(own)
        near_far, edge_coefficients = infinity(rows, Fraction(0), mean), None
    edge = _edge_polynomial(rows, edge_coefficients)
    # branches that meet at infinity are told apart far better near the support than at a bound of it
    bound = _scale(edge) if near_far.first is None else _reach(edge)
    points, candidates, doubts = singular_points(rows, edge, near_far, bound)
    if not points:
        if doubts:
            raise Unresolved(doubts)
        raise ValueError("the branch has no singular point on the real axis: no probability law")
    points = [
        replace(point, mass=exact_mass(rows, point.chart.place, point.mass)) if point.mass else point
        for point in points
    ]
    centres = necks(rows, edge, near_far, points, bound)
    bands, missing = _bands(points)
    doubts += missing
    singular = sum(point.ramification > 1 or point.order > 0 for point in points)
    points = sorted([*points, *centres], key=lambda point: point.chart.place)
    atoms = [(point.hi, point.lo, point.mass) for point in points if point.mass]
    low, high = points[0].hi, points[-1].hi
    width = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-300 if high == low == 0 else 0.0)
    if high == low:
        width = abs(low) or 1.0
    centre = Fraction((low + high) / 2)
    far = infinity(rows, centre, mean)
    halves = []
    for k, point in enumerate(points):
        first, last = k == 0, k == len(points) - 1
        left = width if first else point.distance(points[k - 1]) / 2
        right = width if last else point.distance(points[k + 1]) / 2
        halves.append(
            (Half(point, -1, point.band_left, left, first), Half(point, 1, point.band_right, right, last))
        )
    tabulate([half for pair in halves for half in pair], atoms, doubts)
    law = AlgebraicLaw(
        rows=rows,
        mean=mean,
        points=tuple(points),
        halves=tuple(halves),
        outside=outer(far, (high - low) / 2 + width, doubts),
        far=far,
        bands=bands,
        edges_missing=bool(missing),
        atom_rows=np.array(atoms, dtype=float).reshape(-1, 3)[:, ::2],
        certificates=(),
        uncertified=(),
    )
    certificates = _judge(law, candidates, singular, doubts)
    object.__setattr__(law, "certificates", tuple(certificates))
    object.__setattr__(law, "uncertified", tuple(doubts))
    return law


def _primitive(rows: list[list[Fraction]]) -> list[list[Fraction]]:
    """The polynomial without a factor in z alone, which can split off where parameters meet."""
    content = reduce(common_divisor, [integers(row) for row in rows if any(row)])
    if len(content) < 2:
        return rows
    return [quotient(row, content) for row in rows]


def _edge_polynomial(rows: list[list[Fraction]], given: Sequence[Any] | None) -> list[int]:
    """The squarefree polynomial of all places where branches can meet or be infinite.

    A factor that vanishes at these parameters says nothing about them: then the discriminant is computed.
    """
    factors: list[list[int]] = []
    if given is not None and len(given):
        table = [given] if np.isscalar(given[0]) or isinstance(given[0], Fraction) else list(given)
        factors = [integers(list(factor)) for factor in table]
    if not factors or not all(factors):
        found = discriminant(rows)
        if not found:
            raise ValueError("the polynomial has a repeated factor; divide it out")
        return squarefree(found)
    total = [1]
    for factor in [*factors, integers(rows[-1])]:
        new = squarefree(factor)
        shared = common_divisor(total, new)
        if len(shared) > 1:
            new = divide(new, shared)
        product = [0] * (len(total) + len(new) - 1)
        for i, a in enumerate(total):
            for j, b in enumerate(new):
                product[i + j] += a * b
        total = product
    return integers(total)


def _scale(edge: list[int]) -> float:
    """A bound of the size of all roots of the edge polynomial (Fujiwara)."""
    degree = len(edge) - 1
    if degree < 1:
        raise ValueError("the discriminant has no root: the polynomial has no branch point and no pole")
    bounds = [
        2.0 ** ((abs(value).bit_length() - abs(edge[-1]).bit_length() + 1) / (degree - k))
        for k, value in enumerate(edge[:-1])
        if value
    ]
    return 2.0 * max(bounds) if bounds else 1.0


def _reach(edge: list[int]) -> float:
    """The largest modulus of a real root of the edge polynomial; 1 if there is none but 0."""
    return max((abs(float(root)) for root in real_roots(edge, 60)), default=0.0) or 1.0


def _bands(points: list[Singular]) -> tuple[Array, list[str]]:
    """Bands from the sides on which the density is positive; doubts where sides do not fit."""
    missing = []
    if points[0].band_left or points[-1].band_right:
        missing.append("the density is positive beyond the outermost singular point: an edge is missing")
    for before, after in itertools.pairwise(points):
        if before.band_right != after.band_left:
            missing.append(f"an edge between {before.hi:.17g} and {after.hi:.17g} is missing")
    rows, low = [], None
    for point in points:
        if point.band_right and not point.band_left:
            low = point.hi
        elif point.band_left and not point.band_right and low is not None:
            rows.append((low, point.hi))
            low = None
    return np.array(rows, dtype=float).reshape(-1, 2), missing


def _judge(law: AlgebraicLaw, candidates: int, singular: int, doubts: list[str]) -> list[str]:
    for pair in law.halves:
        for half in pair:
            if half.band and half.negative():
                if doubts:
                    raise Unresolved(doubts)
                raise ValueError(
                    f"the density is negative beside {half.point.hi:.17g}: "
                    "the branch G ~ 1/z belongs to no probability law"
                )
    mass = float(law.upto[-1])
    if not abs(mass - 1.0) <= 1e-11:
        doubts.append(f"bands and atoms have mass {mass!r}, not 1")
    start = law.middles[:1]
    drift = float(law.outside.potential_at(start)[0] - law.atoms_potential(start)[0])
    drift -= float(law.potential[0] + law.halves[0][0].rise)
    if not abs(drift) <= 1e-10:
        doubts.append(f"the integral of G over the axis does not close, by {drift:.1e}")
    spread = max(half.error for pair in law.halves for half in pair)
    return [
        f"The discriminant has {candidates} real roots, isolated exactly; the branch is singular at "
        f"{singular} of them.",
        "The branch was continued from infinity to and around every one, each step proved by Rouche's "
        "inequality in double precision.",
        f"The tables' nodes carry an error of at most {spread:.1e} relative to G; their "
        "interpolation is judged by the decay of its coefficients, not proved.",
        f"The mass of bands and atoms differs from 1 by {abs(mass - 1.0):.1e}, and the log-potential closes "
        f"around the axis to {abs(drift):.1e}.",
    ]


def _on_axis(law: AlgebraicLaw, x: Array, function: Any, outside: Any) -> Array:
    """Read the tables; `outside(x)` beyond them; NaN stays NaN."""
    x = np.asarray(x, dtype=float)
    result = np.full(x.shape, np.nan)
    beyond = (x < law.middles[0]) | (x > law.middles[-1])
    if beyond.any():
        result[beyond] = outside(x[beyond])
    for index, k, side, s in law.parts(x):
        result[index] = function(k, side, law.halves[k][side], s)
    return result


def density(law: AlgebraicLaw, x: Array) -> Array:
    """Density of the absolutely continuous part at real x (n,); +inf where it diverges."""
    return _on_axis(law, x, lambda k, side, half, s: half.density_at(s), np.zeros_like)


def density_beside(law: AlgebraicLaw, end: float, distance: Array) -> Array:
    """The density at signed distances (n,) from a place: from the exact one where it is a singular point."""
    result = density(law, end + distance)
    for k in np.flatnonzero(law.places == end):
        for sign, half in zip((-1, 1), law.halves[k], strict=True):
            near = (sign * distance > 0) & (np.abs(distance) <= half.reach * (1 + 1e-12))
            result[near] = half.density_at(np.abs(distance[near]))
    return result


def cdf(law: AlgebraicLaw, x: Array) -> Array:
    """Distribution function, right-continuous, at real x (n,); atoms count from the nearest doubles on."""

    def inside(k: int, side: int, half: Half, s: Array) -> Array:
        if side:
            return law.upto[k] + half.mass_within(s)
        return law.below[k] - half.mass_within(s)

    result = _on_axis(law, x, inside, lambda x: (x > law.places[0]).astype(float))
    return np.clip(_at_atoms(law, x, result, law.upto), 0.0, 1.0)


def sf(law: AlgebraicLaw, x: Array) -> Array:
    """Survival function 1 - cdf at real x (n,), accurate in the right tail."""

    def inside(k: int, side: int, half: Half, s: Array) -> Array:
        if side:
            return law.above[k] - half.mass_within(s)
        return law.onward[k] + half.mass_within(s)

    result = _on_axis(law, x, inside, lambda x: (x < law.places[0]).astype(float))
    return np.clip(_at_atoms(law, x, result, law.above), 0.0, 1.0)


def _at_atoms(law: AlgebraicLaw, x: Array, result: Array, levels: Array) -> Array:
    """The values at atoms are those at the doubles nearest to them: the exact place may lie on the right."""
    for point, level in zip(law.points, levels, strict=True):
        if point.mass:
            result[x == point.hi] = level
    return result


def log_potential(law: AlgebraicLaw, x: Array) -> Array:
    """Integral of log|x - t| against the law at real x (n,); -inf at an atom (at the double nearest to
    it), +inf at infinity."""
    x = np.asarray(x, dtype=float)

    def inside(k: int, side: int, half: Half, s: Array) -> Array:
        point = law.points[k]
        total = law.potential[k] + half.potential_rise(s)
        with np.errstate(all="ignore"):
            for atom in law.points:
                if atom.mass:
                    way = (point.hi - atom.hi) + (point.lo - atom.lo)
                    total = total + atom.mass * np.log(np.abs(way + half.sign * s))
        return total

    result = _on_axis(law, x, inside, law.outside.potential_at)
    return _at_atoms(law, x, result, np.full(len(law.points), -np.inf))


def mass_at_zero(law: AlgebraicLaw) -> Array:
    """Weight of the atom at 0, (1,)."""
    return np.array([sum((mass for place, mass in law.atom_rows if place == 0.0), 0.0)])


def index(law: AlgebraicLaw) -> Array:
    """Mass on the open negative axis, (1,)."""
    zero = np.zeros(1)
    for k, point in enumerate(law.points):
        if point.hi == 0.0 and point.lo == 0.0:
            return law.below[k : k + 1].copy()
    return cdf(law, zero)


def moments(law: AlgebraicLaw, n: int) -> Array:
    """Moments m_0 ... m_n, (n+1, 1), from the polynomial at infinity."""
    return np.array([[to_float(value)] for value in moments_at_infinity(law.rows, n, law.mean)])


def free_cumulants(law: AlgebraicLaw, n: int) -> Array:
    """Free cumulants kappa_1 ... kappa_n, (n, 1)."""
    found = cumulants_from_moments(moments_at_infinity(law.rows, n, law.mean))
    return np.array([[to_float(value)] for value in found]).reshape(-1, 1)


def stieltjes(law: AlgebraicLaw, z: Array) -> Array:
    """G(z) for complex z (n,); x + i0 on the real axis, conjugate below; inf + 0j where G is infinite."""
    z = np.asarray(z, dtype=complex)
    result = np.full(z.shape, complex(np.nan, np.nan))
    real = z.imag == 0
    if real.any():
        result[real] = _stieltjes_on_axis(law, z[real].real)
    rest = np.flatnonzero(~real & np.isfinite(z))
    if rest.size:
        upper = z[rest].real + 1j * np.abs(z[rest].imag)
        found = above_axis(law, upper)
        result[rest] = np.where(z[rest].imag < 0, np.conj(found), found)
    result[np.isinf(z.real) | np.isinf(z.imag)] = 0.0
    return result


def _stieltjes_on_axis(law: AlgebraicLaw, x: Array) -> Array:
    with np.errstate(all="ignore"):
        real = _on_axis(law, x, lambda k, side, half, s: half.real_at(s), law.outside.real_at)
    imaginary = -np.pi * density(law, x)
    infinite = np.zeros(x.shape, dtype=bool)
    for point in law.points:
        if point.order and point.lo == 0.0:
            infinite |= x == point.hi
    result = np.empty(x.shape, dtype=complex)
    result.real, result.imag = real, imaginary
    result[infinite] = complex(np.inf, 0.0)
    return result
