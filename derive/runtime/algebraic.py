"""Evaluators of a general algebraic law, given the coefficients of its polynomial P(G, z) = 0.

The law is the branch G ~ 1/z at infinity, analytic in the upper half-plane:

1. Real roots of the discriminant are isolated exactly; the branch is continued from infinity to each of
   them and around it, every step proved by Rouche's inequality (`branch`, `singular`).
2. Between its singular points the law is tabulated in variables in which it is analytic (`cells`).
3. Density, cdf, quantile and log-potential read the tables; complex z is continued as in 1.

`AlgebraicLaw.certificates` says what was decided, `AlgebraicLaw.uncertified` what was not.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from .branch import disc, follow, newton
from .cells import Half, Outer, outer, tabulate
from .exact_roots import common_divisor, discriminant, divide, integers, squarefree
from .power_series import cumulants_from_moments, moments_at_infinity
from .singular import Infinity, Singular, infinity, puiseux, singular_points

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class AlgebraicLaw:
    """One algebraic law, ready for evaluation.

    rows: the exact coefficients, rows[i][j] of G^i z^j.
    points: its singular points, ascending: edges, cusps, singularities inside a band, atoms.
    halves: the tables, two a point (left, right).
    bands: (k, 2), ascending; an atom is no band. atom_rows: (j, 2), place and weight.
    certificates, uncertified: sentences.
    """

    rows: list[list[Fraction]]
    points: tuple[Singular, ...]
    halves: tuple[tuple[Half, Half], ...]
    outside: Outer
    far: Infinity
    bands: Array
    atom_rows: Array
    certificates: tuple[str, ...]
    uncertified: tuple[str, ...]

    @cached_property
    def places(self) -> Array:
        """The singular points as doubles."""
        return np.array([point.hi for point in self.points])

    @cached_property
    def middles(self) -> Array:
        """Half-way between neighbouring singular points, and the two ends of the tables."""
        first, last = self.points[0], self.points[-1]
        inner = (self.places[1:] + self.places[:-1]) / 2
        return np.concatenate(
            [[first.hi - self.halves[0][0].reach], inner, [last.hi + self.halves[-1][1].reach]]
        )

    @cached_property
    def below(self) -> Array:
        """cdf just left of each singular point, summed from the left."""
        steps = [0.0]
        for k in range(1, len(self.points)):
            between = self.halves[k - 1][1].total + self.halves[k][0].total
            steps.append(steps[-1] + self.points[k - 1].mass + between)
        return np.array(steps)

    @cached_property
    def above(self) -> Array:
        """sf at each singular point, summed from the right."""
        steps = [0.0]
        for k in range(len(self.points) - 1, 0, -1):
            between = self.halves[k - 1][1].total + self.halves[k][0].total
            steps.append(steps[-1] + self.points[k].mass + between)
        return np.array(steps[::-1])

    @cached_property
    def potential(self) -> Array:
        """Atom-free logarithmic potential at each singular point, from infinity on the right."""
        end = self.middles[-1:]
        value = (
            float((self.outside.potential_at(end) - self.atoms_potential(end))[0]) - self.halves[-1][1].rise
        )
        values = [value]
        for k in range(len(self.points) - 1, 0, -1):
            value += self.halves[k][0].rise - self.halves[k - 1][1].rise
            values.append(value)
        return np.array(values[::-1])

    def atoms_potential(self, x: Array) -> Array:
        """sum of mass log|x - place| over the atoms."""
        total = np.zeros_like(x)
        with np.errstate(all="ignore"):
            for place, mass in self.atom_rows:
                total = total + mass * np.log(np.abs(x - place))
        return total

    def parts(self, x: Array) -> list[tuple[Array, int, int, Array]]:
        """Points of the tables by half: index, singular point, side (0 left, 1 right), distance."""
        found = []
        where = np.searchsorted(self.middles, x, side="right") - 1
        where = np.where(x == self.middles[-1], len(self.points) - 1, where)
        for k, point in enumerate(self.points):
            here = np.flatnonzero(where == k)
            if not here.size:
                continue
            s = (x[here] - point.hi) - point.lo
            for side, mask in ((0, s < 0), (1, s >= 0)):
                if mask.any():
                    found.append((here[mask], k, side, np.abs(s[mask])))
        return found


def prepare(
    coefficients: Sequence[Sequence[Any]] | Array, edge_coefficients: Sequence[Any] | None = None
) -> AlgebraicLaw:
    """The law of P(G, z) = sum coefficients[i][j] G^i z^j with G ~ 1/z at infinity.

    coefficients: (n+1, m+1) floats, integers or `Fraction`; floats are taken as the exact rational
        numbers that they are. Pass `Fraction` where the coefficients are rational in the parameters:
        exact cusps, hard edges and double points then stay exact.
    edge_coefficients: the polynomial in z, ascending, or a list of factors, that has every branch point
        and every root of the leading coefficient in G among its roots; computed here if left out.
    Raises `ValueError` if no branch, or more than one, has G ~ 1/z, or if the density is negative.
    """
    rows = [[Fraction(value) for value in row] for row in np.asarray(coefficients, dtype=object).tolist()]
    while len(rows) > 1 and not any(rows[-1]):
        rows.pop()
    while len(rows[0]) > 1 and not any(row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    if len(rows) < 2:
        raise ValueError("the polynomial has no G; pass coefficients[i][j] of G^i z^j")
    near_far = infinity(rows, Fraction(0))
    edge = _edge_polynomial(rows, edge_coefficients)
    bound = _scale(edge)
    points, candidates, doubts = singular_points(rows, edge, near_far, bound)
    if not points:
        raise ValueError("the branch has no singular point on the real axis: no probability law")
    atoms = [(point.hi, point.mass) for point in points if point.mass]
    low, high = points[0].hi, points[-1].hi
    width = max(high - low, 1e-3 * max(abs(low), abs(high)), 1e-300 if high == low == 0 else 0.0)
    if high == low:
        width = abs(low) or 1.0
    centre = Fraction((low + high) / 2)
    far = infinity(rows, centre)
    halves = []
    for k, point in enumerate(points):
        left = width if k == 0 else point.distance(points[k - 1]) / 2
        right = width if k == len(points) - 1 else point.distance(points[k + 1]) / 2
        halves.append((Half(point, -1, point.band_left, left), Half(point, 1, point.band_right, right)))
    tabulate([half for pair in halves for half in pair], atoms, doubts)
    law = AlgebraicLaw(
        rows=rows,
        points=tuple(points),
        halves=tuple(halves),
        outside=outer(far, (high - low) / 2 + width, doubts),
        far=far,
        bands=_bands(points, doubts),
        atom_rows=np.array(atoms, dtype=float).reshape(-1, 2),
        certificates=(),
        uncertified=(),
    )
    certificates = _judge(law, candidates, doubts)
    object.__setattr__(law, "certificates", tuple(certificates))
    object.__setattr__(law, "uncertified", tuple(doubts))
    return law


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


def _bands(points: list[Singular], doubts: list[str]) -> Array:
    """Bands from the sides on which the density is positive; sides that do not fit are doubts."""
    if points[0].band_left or points[-1].band_right:
        doubts.append("the density is positive beyond the outermost singular point: an edge is missing")
    for before, after in itertools.pairwise(points):
        if before.band_right != after.band_left:
            doubts.append(f"an edge between {before.hi:.17g} and {after.hi:.17g} is missing")
    rows, low = [], None
    for point in points:
        if point.band_right and not point.band_left:
            low = point.hi
        elif point.band_left and not point.band_right and low is not None:
            rows.append((low, point.hi))
            low = None
        elif point.band_left and point.band_right and point.ramification == 1 and not point.mass:
            doubts.append(f"the singular point {point.hi:.17g} inside a band is not understood")
    return np.array(rows, dtype=float).reshape(-1, 2)


def _judge(law: AlgebraicLaw, candidates: int, doubts: list[str]) -> list[str]:
    for pair in law.halves:
        for half in pair:
            if half.band and half.negative():
                raise ValueError(
                    f"the density is negative beside {half.point.hi:.17g}: "
                    "the branch G ~ 1/z belongs to no probability law"
                )
    mass = float(law.below[-1] + law.points[-1].mass)
    if abs(mass - 1.0) > 1e-11:
        doubts.append(f"bands and atoms have mass {mass!r}, not 1")
    start = law.middles[:1]
    drift = float(law.outside.potential_at(start)[0] - law.atoms_potential(start)[0])
    drift -= float(law.potential[0] + law.halves[0][0].rise)
    if not abs(drift) <= 1e-10:
        doubts.append(f"the integral of G over the axis does not close, by {drift:.1e}")
    spread = max(half.error for pair in law.halves for half in pair)
    return [
        f"The discriminant has {candidates} real roots, isolated exactly; the branch is singular at "
        f"{len(law.points)} of them.",
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


def cdf(law: AlgebraicLaw, x: Array) -> Array:
    """Distribution function, right-continuous, at real x (n,)."""

    def inside(k: int, side: int, half: Half, s: Array) -> Array:
        if side:
            return law.below[k] + law.points[k].mass + half.mass_within(s)
        return law.below[k] - half.mass_within(s)

    return np.clip(_on_axis(law, x, inside, lambda x: (x > law.places[0]).astype(float)), 0.0, 1.0)


def sf(law: AlgebraicLaw, x: Array) -> Array:
    """Survival function 1 - cdf at real x (n,), accurate in the right tail."""

    def inside(k: int, side: int, half: Half, s: Array) -> Array:
        if side:
            return law.above[k] - half.mass_within(s)
        return law.above[k] + law.points[k].mass + half.mass_within(s)

    return np.clip(_on_axis(law, x, inside, lambda x: (x < law.places[0]).astype(float)), 0.0, 1.0)


def quantile(law: AlgebraicLaw, q: Array) -> Array:
    """Smallest x with cdf(x) >= q for q (n,); the hull's ends at 0 and 1; NaN outside [0, 1]."""
    q = np.asarray(q, dtype=float)
    result = np.full(q.shape, np.nan)
    points = law.points
    result[q == 0] = points[0].hi
    result[q == 1] = points[-1].hi
    inner = (q > 0) & (q < 1)
    # Levels where the piece changes: below e, at e (after its atom), half-way to the next point.
    levels, pieces = [], []
    for k, point in enumerate(points):
        levels.append(law.below[k])
        pieces.append((k, 0))
        levels.append(law.below[k] + point.mass)
        pieces.append((k, 2))
        if k < len(points) - 1:
            levels.append(law.below[k] + point.mass + law.halves[k][1].total)
            pieces.append((k, 1))
    where = np.minimum(np.searchsorted(np.array(levels), q, side="left"), len(levels) - 1)
    for i, (k, part) in enumerate(pieces):
        here = np.flatnonzero(inner & (where == i))
        if not here.size:
            continue
        point = points[k]
        if part == 2 or (part == 0 and k == 0):
            result[here] = point.hi
        elif part == 1:
            s = law.halves[k][1].inverse("mass", q[here] - (law.below[k] + point.mass))
            result[here] = point.hi + (s + point.lo)
        else:
            target = np.where(
                q[here] < 0.5, law.below[k] - q[here], (1.0 - q[here]) - (law.above[k] + point.mass)
            )
            s = law.halves[k][0].inverse("mass", np.maximum(target, 0.0))
            result[here] = point.hi - (s - point.lo)
    return result


def log_potential(law: AlgebraicLaw, x: Array) -> Array:
    """Integral of log|x - t| against the law at real x (n,); -inf at an atom, +inf at infinity."""
    x = np.asarray(x, dtype=float)

    def inside(k: int, side: int, half: Half, s: Array) -> Array:
        point = law.points[k]
        total = law.potential[k] + half.potential_rise(s)
        with np.errstate(all="ignore"):
            for place, mass in law.atom_rows:
                total = total + mass * np.log(np.abs((point.hi - place) + point.lo + half.sign * s))
        return total

    return _on_axis(law, x, inside, law.outside.potential_at)


def mass_at_zero(law: AlgebraicLaw) -> Array:
    """Weight of the atom at 0, (1,)."""
    return np.array([sum(mass for place, mass in law.atom_rows if place == 0.0)])


def index(law: AlgebraicLaw) -> Array:
    """Mass on the open negative axis, (1,)."""
    zero = np.zeros(1)
    for k, point in enumerate(law.points):
        if point.hi == 0.0 and point.lo == 0.0:
            return law.below[k : k + 1].copy()
    return cdf(law, zero)


def moments(law: AlgebraicLaw, n: int) -> Array:
    """Moments m_0 ... m_n, (n+1, 1), from the polynomial at infinity."""
    return np.array([[float(value)] for value in moments_at_infinity(law.rows, n)])


def free_cumulants(law: AlgebraicLaw, n: int) -> Array:
    """Free cumulants kappa_1 ... kappa_n, (n, 1)."""
    return np.array([[float(v)] for v in cumulants_from_moments(moments_at_infinity(law.rows, n))]).reshape(
        -1, 1
    )


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
        found = _stieltjes_above(law, upper)
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


def _stieltjes_above(law: AlgebraicLaw, z: Array) -> Array:
    """Continuation in the upper half-plane: near a singular point from its series, else from infinity."""
    result = np.full(z.shape, complex(np.nan, np.nan))
    left = np.ones(z.shape, dtype=bool)
    for point in law.points:
        s = (z - point.hi) - point.lo
        near = left & (np.abs(s) < 0.5 * point.chart.radius)
        if near.any():
            start = puiseux(point, s[near])
            u, error = newton(point.chart.b, start, s[near])
            _, isolated, _ = disc(point.chart.b, u, s[near])
            good = (np.abs(start - u) + error < isolated) & (isolated > 0)
            tiny = np.abs(s[near]) < 1e-20 * point.chart.radius  # its first terms are all there is
            u, good = np.where(tiny, start, u), good | tiny
            index = np.flatnonzero(near)[good]
            result[index] = point.chart.to_g(u[good])
            left[index] = False
    far = np.flatnonzero(left & (np.abs(z - law.outside.centre) > 1.0 / law.outside.zeta))
    if far.size:
        result[far] = law.far.start(z[far])[0]
        left[far] = False
    rest = np.flatnonzero(left)
    if rest.size:
        nearest = np.argmin(np.abs(z[rest, None] - law.places[None, :]), axis=1)
        for k, point in enumerate(law.points):
            index = rest[nearest == k]
            if index.size:
                result[index] = _from_infinity(law, point, z[index])
    return result


def _from_infinity(law: AlgebraicLaw, point: Singular, z: Array) -> Array:
    top = 2.0 / law.outside.zeta
    start = z.real + 1j * np.maximum(top, z.imag)
    g, _, _ = law.far.start(start)
    chart = point.chart
    b = chart.plain if chart.inverse else chart.b
    value = float(chart.base)
    s = (start - point.hi) - point.lo
    u, _ = newton(b, g - value, s)
    u, _, _ = follow(b, u, s, (z - point.hi) - point.lo)
    return u + value


def outliers(law: AlgebraicLaw, theta: Array) -> tuple[Array, Array]:
    """Place and squared overlap of a spike theta: G(place) = 1/theta outside the support, -1/(theta^2 G').

    Beyond the support's hull if the threshold is passed there; else in the gap nearest to that end, if any
    has a solution; NaN otherwise. theta = 0 and NaN give NaN.
    """
    theta = np.asarray(theta, dtype=float)
    place, overlap = np.full(theta.shape, np.nan), np.full(theta.shape, np.nan)
    with np.errstate(all="ignore"):
        wanted = 1.0 / theta
    beyond = np.flatnonzero(np.isfinite(wanted) & (wanted != 0))
    if not beyond.size:
        return place, overlap
    for sign in (1.0, -1.0):
        mine = beyond[np.sign(theta[beyond]) == sign]
        _far_outliers(law, sign, wanted, mine, place, overlap)
        order = [(k, side) for k in range(len(law.points)) for side in (0, 1)]
        for k, side in order[::-1] if sign > 0 else order:
            half = law.halves[k][side]
            open_ = mine[np.isnan(place[mine])]
            if half.band or not open_.size:
                continue
            _half_outliers(half, wanted, open_, place, overlap)
    return place, overlap


def _far_outliers(
    law: AlgebraicLaw, sign: float, wanted: Array, mine: Array, place: Array, overlap: Array
) -> None:
    """Solutions beyond the tables: zeta (1 + u(zeta)) = 1/theta by bisection in zeta."""
    end = law.middles[-1] if sign > 0 else law.middles[0]
    limit = law.outside.real_at(np.array([end]))[0]
    mine = mine[np.abs(wanted[mine]) < abs(limit)]
    if not mine.size:
        return
    low, high = np.zeros(mine.size), np.full(mine.size, sign * law.outside.zeta)
    for _ in range(80):
        middle = (low + high) / 2
        value = law.outside.real_at(law.outside.centre + 1.0 / middle)
        small = np.abs(value) < np.abs(wanted[mine])
        low, high = np.where(small, middle, low), np.where(small, high, middle)
    u, _ = newton(law.far.b, (wanted[mine] / high - 1.0).astype(complex), high.astype(complex))
    slope = disc(law.far.b, u, high.astype(complex))[0]
    # G = zeta (1 + u) and dzeta/dz = -zeta^2, so -G^2 / (dG/dz) = (1 + u)^2 / (1 + u + zeta u').
    place[mine] = law.outside.centre + 1.0 / high
    overlap[mine] = ((1.0 + u) ** 2 / (1.0 + u + high * slope)).real


def _half_outliers(half: Half, wanted: Array, mine: Array, place: Array, overlap: Array) -> None:
    point = half.point
    ends = half.real_at(np.array([1e-300, half.reach]))
    chosen = mine[(wanted[mine] > ends.min()) & (wanted[mine] < ends.max())]
    if not chosen.size:
        return
    s = half.sign * half.inverse("real", wanted[chosen])
    g = wanted[chosen]
    b = point.chart.b
    u = point.chart.to_u(g.astype(complex))
    slope = disc(b, u, s.astype(complex))[0]
    derivative = -slope * g**2 if point.chart.inverse else slope
    place[chosen] = point.hi + (s + point.lo)
    overlap[chosen] = -(g**2 / derivative).real
