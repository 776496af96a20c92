"""The law tabulated once: Chebyshev polynomials in variables that resolve the singular points.

The axis is cut at the singular points and half-way between neighbours. On each half the variable is
sigma, x = e +- sigma^p, with e its singular point of ramification p; there sigma^order G is analytic, up
to and including e. Cells in sigma are halved until the coefficients decay to rounding.

    density          sigma^lead * (polynomial)                       relative accuracy at the edge
    mass from e      sigma^(lead + p) * (polynomial) in the first cell, all terms positive
    Re G             sigma^-order * (polynomial)
    log-potential    antiderivative of Re G, the atoms' poles taken out
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from .branch import follow, isolated
from .charts import stacked
from .close_branches import polish
from .singular import Singular, puiseux

Array = np.ndarray[Any, Any]

NODES = 24
_ANGLES = (np.arange(NODES) + 0.5) * np.pi / NODES
X = np.cos(_ANGLES)[::-1].copy()
_FIT = np.linalg.inv(chebyshev.chebvander(X, NODES - 1))
_DEPTH = 100
SAFETY = 100.0  # times the error of a series that a root must be the only one in
STEEPEST = 1 / 64  # by how much the density may change within a cell beside a point inside a band
PROBES, PROBING = 40, 40  # points of `_turning`, and steps from each to the next
_MOST = 6  # unfinished cells a half beyond which a table is given up


def fit(values: Array) -> Array:
    """Chebyshev coefficients of polynomials given at the nodes, along the last axis."""
    return values @ _FIT.T


def clenshaw(coefficients: Array, cell: Array, t: Array) -> Array:
    """Polynomials `coefficients[cell]` at t in [-1, 1]."""
    twice = 2.0 * t
    later = np.zeros_like(t)
    last = np.zeros_like(t)
    for k in range(coefficients.shape[1] - 1, 0, -1):
        later, last = coefficients[:, k][cell] + twice * later - last, later
    return coefficients[:, 0][cell] + t * later - last


@dataclass
class Half:
    """One side of a singular point, out to `reach`, in cells of sigma.

    sign: +1 right of the point, -1 left of it.
    band: whether the density is positive here.
    outermost: whether no singular point follows on this side; G has no zero there.
    lead: the density is sigma^lead times an analytic function that does not vanish at 0.
    edges: cell boundaries in sigma, from 0.
    density, real, mass, potential: Chebyshev coefficients, one row a cell.
    total: mass of the half. rise: change of the (atom-free) potential from the point to its end.
    """

    point: Singular
    sign: int
    band: bool
    reach: float
    outermost: bool = False
    lead: int = 0
    edges: Array = field(default_factory=lambda: np.zeros(2))
    density: Array = field(default_factory=lambda: np.zeros((1, NODES)))
    real: Array = field(default_factory=lambda: np.zeros((1, NODES)))
    mass: Array = field(default_factory=lambda: np.zeros((1, NODES)))
    potential: Array = field(default_factory=lambda: np.zeros((1, NODES)))
    mass_at: Array = field(default_factory=lambda: np.zeros(2))
    potential_at: Array = field(default_factory=lambda: np.zeros(2))
    error: float = 0.0

    @property
    def p(self) -> int:
        """The ramification."""
        return self.point.ramification

    @property
    def total(self) -> float:
        """Mass of the half."""
        return float(self.mass_at[-1])

    @property
    def rise(self) -> float:
        """Potential at the far end minus at the point."""
        return float(self.potential_at[-1])

    def negative(self) -> bool:
        """Whether the density is negative in the middle of a resolved cell."""
        middle = self.density[:, ::2] @ (-1.0) ** np.arange(self.density[:, ::2].shape[1])
        return bool(np.isfinite(self.error) and np.any(middle < 0))

    def locate(self, s: Array) -> tuple[Array, Array, Array]:
        """sigma, cell and position in the cell of points at distance s >= 0 from the singular point."""
        return self.placed(root(s, self.p))

    def placed(self, sigma: Array) -> tuple[Array, Array, Array]:
        """The same for points given by sigma."""
        cell = np.clip(np.searchsorted(self.edges, sigma, side="right") - 1, 0, len(self.edges) - 2)
        low, high = self.edges[cell], self.edges[cell + 1]
        return sigma, cell, np.clip((2 * sigma - low - high) / (high - low), -1.0, 1.0)

    def density_at(self, s: Array) -> Array:
        """Density at distance s."""
        if not self.band:
            return np.zeros_like(s)
        sigma, cell, t = self.locate(s)
        with np.errstate(all="ignore"):
            return np.maximum(clenshaw(self.density, cell, t), 0.0) * sigma ** float(self.lead)

    def real_at(self, s: Array) -> Array:
        """Re G at distance s."""
        return self.real_in(root(s, self.p))

    def real_in(self, sigma: Array) -> Array:
        """Re G at sigma; infinite at the point itself where it has a pole of any order there."""
        _, cell, t = self.placed(sigma)
        with np.errstate(all="ignore"):
            return clenshaw(self.real, cell, t) * sigma ** float(-self.point.order)

    def mass_within(self, s: Array) -> Array:
        """Mass between the singular point and distance s."""
        if not self.band:
            return np.zeros_like(s)
        sigma, cell, t = self.locate(s)
        return self.mass_in(sigma, cell, t)

    def mass_in(self, sigma: Array, cell: Array, t: Array) -> Array:
        """Mass between the point and sigma, which is at t of the cell."""
        value = clenshaw(self.mass, cell, t)
        first = value * sigma ** float(self.lead + self.p)
        return np.where(cell == 0, first, self.mass_at[cell] + value)

    def potential_rise(self, s: Array) -> Array:
        """Potential at distance s minus at the point, atoms' logarithms taken out."""
        _, cell, t = self.locate(s)
        return self.potential_at[cell] + clenshaw(self.potential, cell, t)

    def distance_of_mass(self, mass: Array) -> Array:
        """Distance s within which the half has that mass."""
        return self.solved(lambda sigma: self.mass_in(*self.placed(sigma)), mass, True) ** self.p

    def solved(self, value: Callable[[Array], Array], target: Array, rising: bool) -> Array:
        """sigma at which a monotone function of it takes a value.

        By bisection in the tabulated function, of the exponent of sigma first, so that a tiny distance keeps
        its digits, to the last bit of sigma that the table resolves.
        """

        def below(sigma: Array) -> Array:
            return value(sigma) < target if rising else value(sigma) > target

        top = self.edges[-1]
        first, last = np.full(target.shape, -1024.0), np.zeros(target.shape)
        with np.errstate(all="ignore"):
            for _ in range(10):
                middle = np.floor((first + last) / 2)
                yes = below(top * 2.0**middle)
                first, last = np.where(yes, middle, first), np.where(yes, last, middle)
            low, high = np.where(first > -1024, top * 2.0**first, 0.0), top * 2.0**last
            for _ in range(54):
                middle = (low + high) / 2
                yes = below(middle)
                low, high = np.where(yes, middle, low), np.where(yes, high, middle)
        return high


def root(s: Array, p: int) -> Array:
    """s^(1/p)."""
    if p == 1:
        return s
    if p == 2:
        return np.sqrt(s)
    if p == 3:
        return np.cbrt(s)
    return s ** (1.0 / p)


@dataclass
class _Cell:
    """A piece of a half to be tabulated: low <= sigma <= high, in a chart, from a known point (s, u)."""

    half: Half
    near: bool
    low: float
    high: float
    start: float
    u: complex

    def parts(self, sigma: Array, u: Array) -> list[_Cell]:
        """Its two halves, each starting from the node nearest to its middle."""
        middle = (self.low + self.high) / 2
        found = []
        for low, high in ((self.low, middle), (middle, self.high)):
            start, value = self.start, self.u
            known = np.flatnonzero(np.isfinite(u))
            if known.size:
                nearest = known[np.argmin(np.abs(sigma[known] - (low + high) / 2))]
                start, value = float(self.half.sign * sigma[nearest] ** self.half.p), complex(u[nearest])
            found.append(_Cell(self.half, self.near, low, high, start, value))
        return found


def tabulate(halves: list[Half], atoms: list[tuple[float, float, float]], doubts: list[str]) -> None:
    """Fill the tables of all halves, level by level, every node continued from a node of its parent.

    atoms: place, what rounding left over of it, and weight.
    """
    work = [cell for half in halves for cell in _first_cells(half)]
    done: dict[int, list[tuple[float, float, Array, float]]] = {id(half): [] for half in halves}
    unresolved: dict[int, Half] = {}
    for level in range(_DEPTH):
        if not work:
            break
        sigma = np.stack([cell.low + (cell.high - cell.low) * (1.0 + X) / 2 for cell in work])
        u, noise = _nodes(work, sigma)
        following: list[_Cell] = []
        for cell, places, values, error in zip(work, sigma, u, noise, strict=True):
            half = cell.half
            table, resolved = _analytic(half, places, *_stieltjes(cell, values, error))
            if resolved:
                relative = float(np.max(np.abs(error) / np.abs(values)))
                done[id(half)].append((cell.low, cell.high, table, relative))
            elif (
                level < _DEPTH - 1
                and cell.high - cell.low > 1e-11 * cell.high
                and len(work) + len(following) < _MOST * len(halves)
            ):
                following.extend(cell.parts(places, values))
            else:
                unresolved[id(half)] = half
                done[id(half)].append((cell.low, cell.high, table, np.inf))
        work = following
    for half in unresolved.values():
        side = "right" if half.sign > 0 else "left"
        doubts.append(f"the table {side} of {half.point.hi:.17g} is not resolved everywhere")
    for half in halves:
        _assemble(half, sorted(done[id(half)], key=lambda item: item[0]), atoms)


def _first_cells(half: Half) -> list[_Cell]:
    """The part within the chart's radius, the rest in the same chart; and what must be done in G itself.

    In a gap G can cross 0, where 1/G is infinite: from where |G| has halved G itself is followed. Beyond the
    outermost points it cannot, and where those are 1e12 apart 1/G ~ z is followed in far fewer steps.
    """
    half.lead = _lead(half)
    chart = half.point.chart
    whole, ring = half.reach ** (1.0 / half.p), chart.radius ** (1.0 / half.p)
    u = complex(half.point.right if half.sign > 0 else half.point.left)
    start = half.sign * chart.radius
    if whole <= ring * (1 + 1e-9):
        return [_Cell(half, True, 0.0, whole, start, u)]
    cells = [_Cell(half, True, 0.0, ring, start, u)]
    if not chart.inverse or half.outermost or (half.band and not chart.pole):
        return [*cells, _Cell(half, True, ring, whole, start, u)]
    turn, turn_u = ring, u
    if not chart.pole:
        turn, turn_u = _turning(half, ring, whole, u)
        if turn > ring:
            cells.append(_Cell(half, True, ring, turn, start, u))
    if turn < whole:
        cells.append(
            _Cell(
                half,
                False,
                turn,
                whole,
                half.sign * turn**half.p,
                complex(chart.to_g(np.array(turn_u), turn)),
            )
        )
    return cells


def _turning(half: Half, ring: float, whole: float, u: complex) -> tuple[float, complex]:
    """The last of some points from `ring` to `whole` up to which |G| has not halved, and 1/G there.

    In short steps, for 1/G may be infinite beyond; where one fails it is there that G is to be followed.
    """
    chart = half.point.chart
    turn, value = ring, np.array([u], dtype=complex)
    probes = ring * (whole / ring) ** (np.arange(1, PROBES + 1) / PROBES)
    probes[-1] = whole
    for sigma in probes.tolist():
        here, there = (np.array([half.sign * x**half.p], dtype=complex) for x in (turn, sigma))
        found, _, proved = follow(chart.b, value, here, there, PROBING)
        if not proved[0] or abs(found[0]) >= abs(chart.centre):
            break
        turn, value = sigma, found
    return turn, complex(value[0])


def _nodes(work: list[_Cell], sigma: Array) -> tuple[Array, Array]:
    """u at the nodes, NaN where it could not be followed, and the error of its real and imaginary part."""
    tables = []
    for cell in work:
        chart = cell.half.point.chart
        tables.append((chart.b, chart.b_low) if cell.near else (chart.plain, chart.plain_low))
    b, b_low = (np.repeat(stacked(part), NODES, axis=0) for part in zip(*tables, strict=True))
    sign = np.array([cell.half.sign for cell in work], dtype=float)[:, None]
    p = np.array([cell.half.p for cell in work])[:, None]
    s = (sign * sigma**p).ravel()
    start = np.repeat(np.array([cell.start for cell in work], dtype=complex), NODES)
    u = np.repeat(np.array([cell.u for cell in work], dtype=complex), NODES)
    u, step = polish(b, b_low, _continued(b, b_low, u, start, s, _expanded(work, s)), s)
    real = np.repeat(np.array([not cell.half.band for cell in work]), NODES)
    u = np.where(real, u.real, u)
    unit = 2.0**-52
    noise = np.abs(step.real) + unit * np.abs(u.real) + 1j * (np.abs(step.imag) + unit * np.abs(u.imag))
    shape = (len(work), NODES)
    return u.reshape(shape), noise.reshape(shape)


def _expanded(work: list[_Cell], s: Array) -> tuple[Array, Array]:
    """u at the nodes near their cells' points as the Puiseux series have it, and its error; NaN elsewhere."""
    found, error = np.full(s.shape, complex(np.nan, np.nan)), np.full(s.shape, np.inf)
    for k, cell in enumerate(work):
        point = cell.half.point
        here = k * NODES + np.flatnonzero(np.abs(s[k * NODES : (k + 1) * NODES]) < point.chart.radius / 2)
        if cell.near and here.size:
            found[here], error[here] = puiseux(point, s[here].astype(complex))
    return found, error


def _continued(
    b: Array, b_low: Array, known: Array, start: Array, s: Array, guess: tuple[Array, Array] | None = None
) -> Array:
    """The roots `known` at `start` continued to s on the axis; NaN where that could not be proved.

    guess: the roots as a series has them, and its error: it is taken where it tells our root from the others.
    """
    u, _, _ = follow(b, known, start, s)
    if guess:  # near the point branches bend together by more than they differ
        _take(u, guess, b, b_low, s)
    lost = np.flatnonzero(np.isnan(u))
    if lost.size:  # another branch crosses ours on the axis, or nearly: go around, above
        b, b_low, way = b[lost], b_low[lost], s[lost] - start[lost]
        above = start[lost] + way / 2 + 0.5j * np.abs(way)
        there, _, found = follow(b, known[lost], start[lost], above, b_low=b_low)
        u[lost[found]], _, _ = follow(
            b[found], there[found], above[found], s[lost[found]], b_low=b_low[found]
        )
    return u


def _take(u: Array, guess: tuple[Array, Array], b: Array, b_low: Array, s: Array) -> None:
    """Fill in the roots that a guess tells from the others, where there is none yet."""
    value, error = guess
    k = np.flatnonzero(np.isnan(u) & np.isfinite(error))
    if k.size:
        found, _, good = isolated(b[k], value[k], s[k].astype(complex), SAFETY * error[k], b_low[k])
        u[k] = np.where(good, found, np.nan)


def _lead(half: Half) -> int:
    """Leading power of sigma in the density: the first coefficient whose value on this side is not real."""
    if not half.band:
        return 0
    point = half.point
    if isinstance(point.chart.value, complex):
        return 0
    k = np.arange(len(point.series))
    coefficients = point.series
    if half.sign < 0:
        coefficients = coefficients * np.exp(1j * np.pi * (k - point.order) / point.ramification)
    imaginary = np.abs(coefficients.imag)
    return int(np.argmax(imaginary > 1e-9 * np.max(np.abs(coefficients)))) - point.order


def _stieltjes(cell: _Cell, u: Array, noise: Array) -> tuple[Array, Array]:
    """G at the nodes, without the constant value, which `_analytic` adds; and the error of its parts."""
    chart = cell.half.point.chart
    if cell.near and chart.inverse:
        g = chart.to_g(u, np.zeros(u.shape))
        return g, noise * np.abs(g) ** 2
    return u, noise


def _analytic(half: Half, sigma: Array, g: Array, noise: Array) -> tuple[Array, bool]:
    """The two analytic functions, density sigma^-lead and sigma^order G, and whether they are resolved."""
    if not np.all(np.isfinite(g)):
        return g, False
    order, chart = half.point.order, half.point.chart
    value = 0.0 if chart.inverse else chart.centre
    power = sigma ** float(order)
    real = g.real * power
    if chart.residue:  # sigma G = sigma (value + u) +- residue
        real += value.real * power + half.sign * chart.residue
        value = 1j * value.imag
    # Re G counts beside |G|: where the branch is imaginary it is rounding alone.
    resolved = _resolved(sigma, real, (noise.real + 2.0**-53 * np.abs(g)) * power, abs(value.real))
    density = np.zeros_like(real)
    if half.band:
        power = sigma ** float(-half.lead) / np.pi
        density = -g.imag * power
        resolved &= _resolved(sigma, density, noise.imag * power, abs(value.imag) / np.pi)
        density -= value.imag / np.pi
        # beside another edge it falls by orders to its value here, and its digits must be kept
        resolved &= not isinstance(chart.value, complex) or bool(np.min(density) > STEEPEST * np.max(density))
    return density + 1j * (real + value.real), resolved


def _resolved(sigma: Array, values: Array, noise: Array, floor: float) -> bool:
    """Whether the last Chebyshev coefficients are down to rounding, that of sigma included."""
    coefficients = np.abs(fit(values))
    size = max(float(np.max(np.abs(values))), floor)
    noise = np.abs(noise) + 2.0**-51 * np.abs(sigma * np.gradient(values, sigma))
    return bool(np.max(coefficients[-4:]) <= 1e-15 * size + float(np.max(noise)))


def _assemble(
    half: Half, cells: list[tuple[float, float, Array, float]], atoms: list[tuple[float, float, float]]
) -> None:
    p, order, lead, point = half.p, half.point.order, half.lead, half.point
    edges = np.array([cells[0][0], *(cell[1] for cell in cells)])
    values = np.stack([cell[2] for cell in cells])
    half.error = max(cell[3] for cell in cells)
    width = np.diff(edges)[:, None]
    sigma = edges[:-1, None] + width * (1.0 + X) / 2
    half.edges, half.density, half.real = edges, fit(values.real), fit(values.imag)
    jacobian = p * sigma ** float(p - 1)
    # Mass: positive integrands; in the first cell int_0^1 t^(k-1) p density(t sigma) dt with k = lead + p.
    half.mass_at = np.zeros(len(edges))
    half.mass = np.zeros_like(half.density)
    if half.band:
        k = lead + p
        t, weight = np.polynomial.legendre.leggauss(NODES)
        t, weight = (1.0 + t) / 2, weight / 2
        inner = clenshaw(half.density[:1], np.zeros((NODES, NODES), dtype=int), np.outer(1.0 + X, t) - 1.0)
        first = inner @ (weight * t ** float(k - 1)) * p
        half.mass[0] = fit(first)
        half.mass_at[1] = clenshaw(half.mass[:1], np.zeros(1, dtype=int), np.ones(1))[0] * edges[1] ** float(
            k
        )
        integrand = values.real * sigma ** float(lead) * jacobian
        for i in range(1, len(cells)):
            half.mass[i], step = _antiderivative(integrand[i], width[i, 0])
            half.mass_at[i + 1] = half.mass_at[i] + step
    x = half.sign * sigma**p
    regular = values.imag * sigma ** float(-order)
    for hi, lo, weight_ in atoms:
        regular = regular - weight_ / ((point.hi - hi) + (point.lo - lo) + x)
    half.potential_at = np.zeros(len(edges))
    half.potential = np.zeros_like(half.density)
    for i in range(len(cells)):
        half.potential[i], step = _antiderivative(half.sign * regular[i] * jacobian[i], width[i, 0])
        half.potential_at[i + 1] = half.potential_at[i] + step


def _antiderivative(values: Array, width: float) -> tuple[Array, float]:
    """Antiderivative over a cell that vanishes at its left end, and its value at the right end."""
    coefficients = chebyshev.chebint(fit(values) * (width / 2), lbnd=-1)
    return coefficients[:NODES], float(np.sum(coefficients))
