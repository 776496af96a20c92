"""The law tabulated once: Chebyshev polynomials in variables that resolve the singular points.

The axis is cut at the singular points and half-way between neighbours. On each half the variable is
sigma, x = e +- sigma^p, with e its singular point of ramification p; there sigma^order G is analytic, up
to and including e. Cells in sigma are halved until the coefficients decay to rounding. Beyond the
outermost points the variable is zeta = 1/(z - centre).

    density          sigma^lead * (polynomial)                       relative accuracy at the edge
    mass from e      sigma^(lead + p) * (polynomial) in the first cell, all terms positive
    Re G             sigma^-order * (polynomial)
    log-potential    antiderivative of Re G, the atoms' poles taken out
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev

from .branch import follow
from .singular import Infinity, Singular

Array = np.ndarray[Any, Any]

NODES = 24
_ANGLES = (np.arange(NODES) + 0.5) * np.pi / NODES
_X = np.cos(_ANGLES)[::-1].copy()
_FIT = np.linalg.inv(chebyshev.chebvander(_X, NODES - 1))
_DEPTH = 40


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
    lead: the density is sigma^lead times an analytic function that does not vanish at 0.
    edges: cell boundaries in sigma, from 0.
    density, real, mass, potential: Chebyshev coefficients, one row a cell.
    total: mass of the half. rise: change of the (atom-free) potential from the point to its end.
    """

    point: Singular
    sign: int
    band: bool
    reach: float
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

    def locate(self, s: Array) -> tuple[Array, Array, Array]:
        """sigma, cell and position in the cell of points at distance s >= 0 from the singular point."""
        sigma = root(s, self.p)
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
        sigma, cell, t = self.locate(s)
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

    def inverse(self, function: str, target: Array) -> Array:
        """Distance s at which the increasing mass, or Re G (monotone outside the bands), takes a value.

        By bisection in the tabulated function, to the last bit of sigma that it resolves.
        """
        low, high = np.zeros_like(target), np.full_like(target, self.edges[-1])
        evaluate = self.mass_within if function == "mass" else self.real_at
        rising = function == "mass" or self.sign < 0
        for _ in range(64):
            middle = (low + high) / 2
            value = evaluate(middle**self.p)
            below = value < target if rising else value > target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return high**self.p


def root(s: Array, p: int) -> Array:
    """s^(1/p)."""
    if p == 1:
        return s
    if p == 2:
        return np.sqrt(s)
    if p == 3:
        return np.cbrt(s)
    return s ** (1.0 / p)


def tabulate(halves: list[Half], atoms: list[tuple[float, float]], doubts: list[str]) -> None:
    """Fill the tables of all halves, level by level, every node continued from a node of its parent."""
    if not halves:
        return
    plain = {id(half.point): _plain(half.point) for half in halves}
    work: list[
        tuple[int, bool, float, float, float, complex]
    ] = []  # half, near?, sigma low, high; start s, u
    for i, half in enumerate(halves):
        half.lead = _lead(half)
        chart = half.point.chart
        whole, ring = half.reach ** (1.0 / half.p), chart.radius ** (1.0 / half.p)
        u = half.point.right if half.sign > 0 else half.point.left
        start = half.sign * chart.radius
        near = min(ring, whole)
        work.append((i, True, 0.0, near, start, u))
        if whole > near:
            far_u = complex(1.0 / u) if chart.pole else u
            work.append((i, not chart.pole, near, whole, start, far_u))
    done: dict[int, list[tuple[float, float, Array, float]]] = {i: [] for i in range(len(halves))}
    for level in range(_DEPTH):
        if not work:
            break
        owner = [halves[item[0]] for item in work]
        b = np.stack(
            [
                half.point.chart.b if item[1] else plain[id(half.point)]
                for half, item in zip(owner, work, strict=True)
            ]
        )
        low = np.array([item[2] for item in work])[:, None]
        high = np.array([item[3] for item in work])[:, None]
        sigma = low + (high - low) * (1.0 + _X) / 2
        sign = np.array([half.sign for half in owner], dtype=float)[:, None]
        p = np.array([half.p for half in owner])[:, None]
        s = sign * sigma**p
        start_s = np.stack([np.broadcast_to(item[4], NODES) for item in work]).astype(complex)
        start_u = np.stack([np.broadcast_to(item[5], NODES) for item in work]).astype(complex)
        count = len(work)
        u, error, proved = follow(
            np.repeat(b, NODES, axis=0), start_u.ravel(), start_s.ravel(), s.ravel().astype(complex)
        )
        u, error, proved = (array.reshape(count, NODES) for array in (u, error, proved))
        following = []
        for c, (i, near_chart, a, z, _, _) in enumerate(work):
            half = halves[i]
            if not np.all(proved[c]):
                doubts.append(
                    f"the branch could not be followed to every node {a:.3g} < sigma < {z:.3g} "
                    f"beside z = {half.point.hi:.17g}"
                )
                done[i].append((a, z, np.zeros(NODES, dtype=complex), np.inf))
                continue
            values = u[c] if half.band else u[c].real.astype(complex)
            g, noise = _stieltjes(half, near_chart, values, error[c])
            table, tail = _analytic(half, sigma[c], g, noise)
            if tail or level == _DEPTH - 1 or z - a < 1e-13 * z:
                if not tail:
                    doubts.append(f"the table beside z = {half.point.hi:.17g} did not converge")
                done[i].append((a, z, table, float(np.median(noise / np.abs(g)))))
            else:
                middle = (a + z) / 2
                for left, right in ((a, middle), (middle, z)):
                    nearest = int(np.argmin(np.abs(sigma[c] - (left + right) / 2)))
                    following.append(
                        (i, near_chart, left, right, complex(s[c, nearest]).real, complex(values[nearest]))
                    )
        work = following
    for i, half in enumerate(halves):
        _assemble(half, sorted(done[i], key=lambda item: item[0]), atoms)


def _plain(point: Singular) -> Array:
    """The chart of G itself around the singular point; the same as the point's where G is finite."""
    return point.chart.b[::-1].copy() if point.chart.pole else point.chart.b


def _lead(half: Half) -> int:
    """Leading power of sigma in the density: the first coefficient whose value on this side is not real."""
    if not half.band:
        return 0
    point = half.point
    k = np.arange(len(point.series))
    coefficients = point.series
    if half.sign < 0:
        coefficients = coefficients * np.exp(1j * np.pi * (k - point.order) / point.ramification)
    size = np.abs(coefficients) * point.chart.radius ** (k / point.ramification)
    imaginary = np.abs(coefficients.imag) * point.chart.radius ** (k / point.ramification)
    return int(np.argmax(imaginary > 1e-9 * np.max(size))) - point.order


def _stieltjes(half: Half, near_chart: bool, u: Array, error: Array) -> tuple[Array, Array]:
    """G at the nodes and its error; the constant value is added by `_analytic`, which needs Im G alone."""
    chart = half.point.chart
    if not chart.pole:
        return u, error
    if near_chart:
        return 1.0 / u, error / np.abs(u) ** 2
    return u, error


def _analytic(half: Half, sigma: Array, g: Array, noise: Array) -> tuple[Array, bool]:
    """The two analytic functions, density sigma^-lead and sigma^order G, and whether they are resolved."""
    order, value = half.point.order, half.point.chart.value
    real = g.real * sigma**order if order else g.real
    resolved = _resolved(real, noise * sigma**order, 1.0 if value is None else abs(float(value)))
    density = np.zeros_like(real)
    if half.band:
        density = -g.imag / np.pi * sigma ** float(-half.lead)
        resolved &= _resolved(density, noise / np.pi * sigma ** float(-half.lead), 0.0)
    if value is not None:
        real = real + float(value)
    return density + 1j * real, resolved


def _resolved(values: Array, noise: Array, floor: float) -> bool:
    coefficients = np.abs(fit(values))
    size = max(float(np.max(np.abs(values))), floor * 1e-2)
    return bool(np.max(coefficients[-4:]) <= 1e-15 * size + 0.1 * float(np.median(noise)))


def _assemble(
    half: Half, cells: list[tuple[float, float, Array, float]], atoms: list[tuple[float, float]]
) -> None:
    p, order, lead, point = half.p, half.point.order, half.lead, half.point
    edges = np.array([cells[0][0], *(cell[1] for cell in cells)])
    values = np.stack([cell[2] for cell in cells])
    half.error = max(cell[3] for cell in cells)
    width = np.diff(edges)[:, None]
    sigma = edges[:-1, None] + width * (1.0 + _X) / 2
    half.edges, half.density, half.real = edges, fit(values.real), fit(values.imag)
    jacobian = p * sigma ** float(p - 1)
    # Mass: positive integrands; in the first cell J(sigma) = int_0^1 t^(k-1) p density(t sigma) dt, k = lead + p.
    half.mass_at = np.zeros(len(edges))
    half.mass = np.zeros_like(half.density)
    if half.band:
        k = lead + p
        t, weight = np.polynomial.legendre.leggauss(NODES)
        t, weight = (1.0 + t) / 2, weight / 2
        inner = clenshaw(half.density[:1], np.zeros((NODES, NODES), dtype=int), np.outer(1.0 + _X, t) - 1.0)
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
    for place, weight_ in atoms:
        regular = regular - weight_ / ((point.hi - place) + point.lo + x)
    half.potential_at = np.zeros(len(edges))
    half.potential = np.zeros_like(half.density)
    for i in range(len(cells)):
        half.potential[i], step = _antiderivative(half.sign * regular[i] * jacobian[i], width[i, 0])
        half.potential_at[i + 1] = half.potential_at[i] + step


def _antiderivative(values: Array, width: float) -> tuple[Array, float]:
    """Antiderivative over a cell that vanishes at its left end, and its value at the right end."""
    coefficients = chebyshev.chebint(fit(values) * (width / 2), lbnd=-1)
    return coefficients[:NODES], float(np.sum(coefficients))


@dataclass
class Outer:
    """Both outer parts, |z - centre| >= 1 / zeta, in the variable zeta = 1/(z - centre)."""

    centre: float
    zeta: float
    real: Array
    potential: Array
    error: float

    def real_at(self, x: Array) -> Array:
        """G at real x outside."""
        with np.errstate(all="ignore"):
            zeta = 1.0 / (x - self.centre)
            return zeta * (1.0 + zeta * self._value(self.real, zeta))

    def potential_at(self, x: Array) -> Array:
        """Logarithmic potential at real x outside, atoms included."""
        with np.errstate(all="ignore"):
            zeta = 1.0 / (x - self.centre)
            return -np.log(np.abs(zeta)) - self._value(self.potential, zeta)

    def _value(self, coefficients: Array, zeta: Array) -> Array:
        t = np.clip(zeta / self.zeta, -1.0, 1.0)
        return clenshaw(coefficients[None, :], np.zeros(zeta.shape, dtype=int), t)


def outer(far: Infinity, reach: float, doubts: list[str]) -> Outer:
    """Tabulate the outer parts; u(zeta)/zeta is analytic."""
    top = 1.0 / reach
    zeta = top * _X
    zero = np.zeros(NODES, dtype=complex)
    u, error, proved = follow(far.b, zero, zero, zeta.astype(complex))
    if not np.all(proved):
        doubts.append("the branch could not be followed from infinity along the axis")
        u = np.zeros(NODES, dtype=complex)
    real = fit(u.real / zeta)
    integral = chebyshev.chebint(real * top)
    integral[0] -= chebyshev.chebval(0.0, integral)
    return Outer(float(far.centre), top, real, integral[:NODES], float(np.max(error)))
