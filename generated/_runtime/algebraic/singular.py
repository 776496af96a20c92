"""The singular points of an algebraic law: which real roots of the discriminant its branch really meets.

1. Every real root e of the discriminant (with the leading coefficient in G) is isolated exactly.
2. At e the multiple roots G_e of P(., e), and G infinite, are the places where branches can join. Around
   each a chart is laid: the Taylor coefficients b_kj of P at (G_e, e), or of the polynomial of w = 1/G at
   (0, e) (`charts`).
3. Rouche's inequality gives a radius d such that for |s| <= d exactly the branches that join at s = 0 lie
   near the centre, and such that the discriminant has no other root within d.
4. The branch G ~ 1/z is continued from infinity to s = i d, and, if it is one of those, around the circle
   |s| = d: after p turns it returns. p = 1 is no branch point (a pole where w = 0). The samples on the
   circle give the Puiseux series in sigma = s^(1/p).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, log2
from typing import Any

import numpy as np

from ..arithmetic.exact_roots import real_roots
from .at_infinity import blown_up, refined
from .branch import disc, follow, newton, powers
from .charts import Chart, Rows, charts_at, fixed, normalised, remainders, shift, shifted, stacked, to_floats
from .close_branches import polish

Array = np.ndarray[Any, Any]

FAR_STEPS = 4000  # from infinity, where branches can be 1e-6 apart and steps that small
TURN = 32  # samples a turn on the circle around a singular point
STRIDE = 4  # of them are followed at once


@dataclass(frozen=True)
class Infinity:
    """The branch near infinity: G = zeta (1 + v), zeta = 1/(z - centre), b(u, zeta) = 0 with u(0) = 0.

    u is v; where several branches have v = 0 at zeta = 0, v = zeta (first + u), `first` the mean - centre.
    """

    centre: Fraction
    b: Array
    first: float | None = None
    b_low: Array | None = None  # what rounding b left over

    @property
    def followed(self) -> Array | None:
        """What is left over for following in double-double: only where branches meet, for it is slow."""
        return None if self.first is None else self.b_low

    def polished(self, u: Array, zeta: Array) -> Array:
        """u to the last bits: where branches meet at infinity rounding of b(u, zeta) limits it."""
        if self.b_low is None:
            return u
        b, b_low = (np.broadcast_to(table, (u.size, *table.shape)) for table in (self.b, self.b_low))
        return polish(b, b_low, u, zeta)[0]

    def start(self, z: Array) -> tuple[Array, Array, Array]:
        """G at z, continued from infinity along the ray from `centre`; error radius; proved or not."""
        zeta = 1.0 / (z - float(self.centre))
        zero = np.zeros(z.shape, dtype=complex)
        u, error, proved = follow(self.b, zero, zero, zeta, FAR_STEPS, self.followed)
        if self.first is not None:
            u = self.polished(u, zeta)
            return zeta * (1.0 + zeta * (self.first + u)), np.abs(zeta) ** 2 * error, proved
        return zeta * (1.0 + u), np.abs(zeta) * error, proved

    def over_zeta(self, u: Array, zeta: Array) -> Array:
        """v / zeta."""
        return u / zeta if self.first is None else self.first + u

    def refined(self, over: Array, zeta: Array) -> tuple[Array, Array]:
        """v and dv/dzeta of the root next to v = over zeta."""
        u, _ = newton(self.b, over * zeta if self.first is None else over - self.first, zeta)
        slope = disc(self.b, u, zeta)[0]
        if self.first is None:
            return u, slope
        return zeta * (self.first + u), self.first + u + zeta * slope


@dataclass
class Singular:
    """A singular point of the law.

    ramification: p, the number of turns after which the branch returns.
    order: G ~ sigma^-order, 0 where G is finite.
    right, left: u at s = +radius and -radius (in the chart, from above the axis).
    band_right, band_left: whether the density is positive on that side.
    series: coefficients of sigma^order G (without the constant value) in powers of sigma over its value on
        the circle.
    mass: of the atom here, 0 if none.
    """

    chart: Chart
    ramification: int
    order: int
    right: complex
    left: complex
    band_right: bool
    band_left: bool
    series: Array
    mass: float = 0.0
    hi: float = field(init=False)
    lo: float = field(init=False)

    def __post_init__(self) -> None:
        self.hi = float(self.chart.place)
        self.lo = float(self.chart.place - Fraction(self.hi))

    def distance(self, other: Singular) -> float:
        """Distance to another point, without cancellation."""
        return abs(float(self.chart.place - other.chart.place))


def infinity(rows: Rows, centre: Fraction, mean: Fraction | None = None) -> Infinity:
    """The chart at infinity of the branch with G ~ 1/z there, and with this mean if there are several.

    mean: to ten digits or more. Raises `ValueError` where there is none, or several and no mean is given.
    """
    at_centre = [shift(row, fixed(centre)) for row in normalised(rows)]
    n, m = len(rows) - 1, len(rows[0]) - 1
    top = max(j - i for i in range(n + 1) for j in range(m + 1) if rows[i][j])
    table = [[0] * (n + top + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            if at_centre[i][j]:
                table[i][i - j + top] = at_centre[i][j]
    found = shifted(table, Fraction(1), Fraction(0))
    if found[0][0]:
        raise ValueError("the polynomial has no branch with G ~ 1/z at infinity; check its coefficients")
    if found[1][0]:
        b = to_floats(found)
        return Infinity(centre, b, None, remainders(found, b))
    if mean is None:
        raise ValueError(
            "several branches have G ~ 1/z at infinity; divide the polynomial by its other factors"
        )
    table = blown_up(found)
    width = max(map(len, table))
    table = [row + [0] * (width - len(row)) for row in table]
    first = refined([Fraction(row[0]) for row in table], mean - centre, abs(mean) + abs(centre))
    found = shifted(table, first, Fraction(0))
    if found[0][0] or not found[1][0]:
        raise ValueError("several branches at infinity have the mean of the law")
    b = to_floats(found)
    return Infinity(centre, b, float(first), remainders(found, b))


def clearance(p: list[int], place: Fraction) -> float:
    """A radius in which a squarefree polynomial has no root but `place`, by Rouche's inequality."""
    bits = 320 - abs(place.numerator).bit_length() + place.denominator.bit_length() if place else 0
    bits = max(bits, 0)
    near = round(place * 2**bits)
    degree = len(p) - 1
    exact = [value << (bits * (degree - k)) for k, value in enumerate(p)]
    for i in range(degree):
        for j in range(degree - 1, i - 1, -1):
            exact[j] += near * exact[j + 1]
    coefficients = [Fraction(value, 1 << (bits * (degree - k))) for k, value in enumerate(exact)]
    first = log2_size(coefficients[1])
    bounds = [(first - log2_size(value)) / (k - 1) for k, value in enumerate(coefficients) if k > 1 and value]
    return float(2.0 ** (min(bounds) - 1)) if bounds else float("inf")


def log2_size(x: Fraction) -> float:
    """log2 |x|, also where x is beyond the range of doubles."""
    shift = abs(x.numerator).bit_length() - x.denominator.bit_length()
    return log2(abs(float(x / Fraction(2) ** shift))) + shift


def singular_points(
    rows: Rows, edge: list[int], far: Infinity, scale: float
) -> tuple[list[Singular], int, list[str]]:
    """The singular points of the branch on the real axis, ascending; the number of candidates; doubts.

    A candidate where no branches were seen to join is a doubt only if no singular point is found: a factor of
    the edge polynomial may have roots that say nothing, but a law has a singular point.
    """
    exact = normalised(rows)
    places = real_roots(edge)
    charts = [
        chart
        for place in places
        for chart in charts_at(exact, place, min(clearance(edge, place), scale), scale)
    ]
    doubts: list[str] = []
    charted = {chart.place for chart in charts}
    undecided = [
        f"which branches join at z = {float(place):.17g} could not be told"
        for place in places
        if place not in charted
    ]
    if not charts:
        return [], len(places), undecided
    centre = np.array([float(chart.place) for chart in charts])
    radius = np.array([chart.radius for chart in charts])
    u, proved = descended(far, charts, 2.0 * scale, radius)
    met = [i for i, chart in enumerate(charts) if proved[i] and abs(u[i]) < chart.cluster]
    atoms = {charts[i].place for i in met if charts[i].residue}
    met = [i for i in met if charts[i].residue or charts[i].place not in atoms]  # as a pole it says less
    for i, chart in enumerate(charts):
        if not proved[i] and chart.place not in atoms:
            doubts.append(f"the branch could not be followed to z = {centre[i]:.17g}")
    found = around([charts[i] for i in met], u[met], doubts)
    if not found:
        doubts += undecided
    return sorted(found, key=lambda point: point.chart.place), len(places), doubts


def descended(far: Infinity, charts: list[Chart], top: float, radius: Array) -> tuple[Array, Array]:
    """u at s = i radius in each chart, continued from infinity, and whether every step was proved.

    The branch is analytic above the axis, so any path there will do. Straight down is tried first; where
    the branch crosses another one on that line, as it can where the law is symmetric, oblique ones are.
    """
    b = stacked([chart.b for chart in charts])
    centre = np.array([float(chart.place) for chart in charts])
    found = np.full(centre.shape, complex(np.nan, np.nan))
    proved = np.zeros(centre.shape, dtype=bool)
    # far out branches that meet at infinity are lost in each other's rounding errors: start lower then
    heights = [top] if far.first is None else [top * 0.25**k for k in range(7)]
    for height, lean in itertools.product(heights, (0.0, 0.6, -0.7)):
        left = np.flatnonzero(~proved)
        if not left.size:
            break
        s = np.full(left.shape, complex(lean * height, height))
        g, _, known = far.start(centre[left] + s)
        u = np.array([charts[i].to_u(value, at) for i, value, at in zip(left, g, s, strict=True)])
        u, _ = newton(b[left], u, s)
        found[left], _, more = follow(b[left], u, s, 1j * radius[left])
        proved[left] = known & more
    for i in np.flatnonzero(~proved):
        found[i], proved[i] = _in_stages(far, charts[i], top, radius[i])
    return found, proved


def _in_stages(far: Infinity, chart: Chart, top: float, radius: float) -> tuple[complex, bool]:
    """The same for one chart, in stages, each in whichever of u and G can be followed.

    Far from a chart's centre its coefficients cancel, and close to it those of G do.
    """
    count = max(2, int(log2(top / radius)))
    for lean in (0.0, 0.6, -0.7):
        stops = complex(lean * top, top) * (1j * radius / complex(lean * top, top)) ** (
            np.arange(count + 1) / count
        )
        g, _, known = far.start(float(chart.place) + stops[:1])
        for s, target in itertools.pairwise(stops[:, None]):
            g, proved = _stage(chart, g, s, target)
            known = known & proved
            if not known[0]:
                break
        if known[0]:
            u, error = newton(chart.b, chart.to_u(g, stops[-1:]), stops[-1:])
            return complex(u[0]), bool(np.isfinite(error[0]))
    return complex(np.nan, np.nan), False


def _stage(chart: Chart, g: Array, s: Array, target: Array) -> tuple[Array, Array]:
    """G continued in u, else in G, else in either in double-double."""
    for b_low, plain_low in ((None, None), (chart.b_low, chart.plain_low)):
        u, _, proved = follow(chart.b, chart.to_u(g, s), s, target, b_low=b_low)
        if proved[0]:
            return chart.to_g(u, target), proved
        found, _, proved = follow(chart.plain, g, s, target, b_low=plain_low)
        if proved[0]:
            return found, proved
    return g, proved


def around(charts: list[Chart], u: Array, doubts: list[str], regular: bool = False) -> list[Singular]:
    """Follow each branch around its point; regular points are left out unless asked for, or inside a band.

    Inside a band our branch meets another one, without a branch point, where the law is symmetric: as close
    to that place as doubles around a distant point tell them apart neither can be followed.
    """
    if not charts:
        return []
    b, b_low = stacked([chart.b for chart in charts]), stacked([chart.b_low for chart in charts])
    radius = np.array([chart.radius for chart in charts])

    def along(start: Array, begin: float, turns: float) -> tuple[Array, Array, Array]:
        """Values after each STRIDE samples, the angles there, and whether all steps were proved."""
        step = np.sign(turns) * 2 * np.pi * STRIDE / TURN
        angles = begin + step * np.arange(round(abs(turns) * TURN / STRIDE) + 1)
        values, proved = [start], np.ones(len(charts), dtype=bool)
        for before, after in itertools.pairwise(angles):
            here, there = radius * np.exp(1j * before), radius * np.exp(1j * after)
            nxt, _, good = follow(b, values[-1], here, there, b_low=b_low)
            proved &= good
            values.append(nxt)
        return np.array(values), angles, proved

    left, _, left_proved = along(u, np.pi / 2, 0.25)
    right, _, right_proved = along(u, np.pi / 2, -0.25)
    turns = max(chart.multiplicity for chart in charts)
    whole, angles, proved = along(right[-1], 0.0, -float(turns))
    # the samples in between, all at once: (turns * TURN, charts)
    start = np.repeat(whole[:-1], STRIDE, axis=0)
    here = np.repeat(np.exp(1j * angles[:-1]), STRIDE)[:, None] * radius
    there = np.exp(-2j * np.pi / TURN * np.arange(turns * TURN))[:, None] * radius
    every = (len(start), 1, 1)
    samples, _, good = follow(
        np.tile(b, every), start.ravel(), here.ravel(), there.ravel(), b_low=np.tile(b_low, every)
    )
    samples = np.concatenate([samples.reshape(start.shape), whole[-1:]])
    samples_proved = proved & good.reshape(start.shape).all(axis=0)
    _, isolated, _ = disc(b, right[-1], radius.astype(complex))
    _, isolated_left, _ = disc(b, left[-1], -radius.astype(complex))
    found = []
    for i, chart in enumerate(charts):
        name = f"z = {float(chart.place):.17g}"
        if not (left_proved[i] and right_proved[i] and samples_proved[i]):
            doubts.append(f"the branch could not be followed around {name}")
            continue
        p = next(
            (k for k in range(1, turns + 1) if abs(samples[k * TURN, i] - right[-1, i]) < isolated[i]), 0
        )
        if not p:
            doubts.append(f"the branch does not return after {turns} turns around {name}")
            continue
        inside = isinstance(chart.value, complex) or chart.residue > 0
        if p == 1 and not chart.pole and not regular and not inside:
            continue
        found.append(
            _singular(
                chart, p, right[-1, i], left[-1, i], isolated[i], isolated_left[i], samples[: p * TURN, i]
            )
        )
    return found


def _singular(
    chart: Chart, p: int, right: complex, left: complex, isolated: float, isolated_left: float, u: Array
) -> Singular:
    rho = chart.radius ** (1.0 / p)
    size = len(u)
    order = 0
    if chart.pole:
        series = np.fft.ifft(u)
        order = _order(chart.b, p, np.abs(series))
        sigma = rho * np.exp(-2j * np.pi * np.arange(size) / size)
        values = sigma**order / u
    else:
        values = u
    series = np.fft.ifft(values)[: size // 2]
    mass = _mass(chart, float(series[0].real)) if chart.pole and order == p else chart.residue
    order = order or int(chart.residue > 0)
    inside = isinstance(chart.value, complex)
    # A root whose conjugate lies in its isolating disc is its own conjugate.
    return Singular(
        chart,
        p,
        order,
        right,
        left,
        inside or abs(right.imag) > isolated / 4,
        inside or abs(left.imag) > isolated_left / 4,
        series,
        mass,
    )


def _order(b: Array, p: int, sizes: Array) -> int:
    """k of 1/G ~ sigma^k: one of the exponents p alpha that Newton's polygon of b(u, s) has room for.

    sizes: of the coefficients of powers of sigma, from samples; those that vanish are not quite 0 if the
    circle reaches far. In a neck 1/G stays away from 0: its constant is the greatest.
    """
    if not np.argmax(sizes):
        return 0
    lowest = [(k, int(np.flatnonzero(row)[0])) for k, row in enumerate(b) if row.any()]
    corner, allowed = lowest[0], set()
    while corner[1]:
        slopes = [((corner[1] - j) / (k - corner[0]), k, j) for k, j in lowest if k > corner[0]]
        if not slopes or max(slopes)[0] <= 0:
            break
        alpha, k, j = max(slopes)
        if (p * (corner[1] - j)) % (k - corner[0]) == 0:
            allowed.add(round(p * alpha))
        corner = k, j
    likely = sorted(allowed, key=lambda k: (gcd(k, p) != 1, k))
    return next((k for k in likely if sizes[k] > 1e-6 * np.max(sizes)), int(np.argmax(sizes)))


def _mass(chart: Chart, guess: float) -> float:
    """Residue of G at a pole: 1/kappa where w ~ kappa s solves the terms of lowest degree.

    Several branches can share kappa; then it is a simple root of a derivative. `guess` is from the circle
    around the pole, good to a few ulp unless that reaches far.
    """
    n, m = chart.b.shape[0] - 1, chart.b.shape[1] - 1
    lowest = min(k + j for k in range(n + 1) for j in range(m + 1) if chart.b[k, j])
    stage = np.array(
        [chart.b[k, lowest - k] if 0 <= lowest - k <= m else 0.0 for k in range(min(lowest, n) + 1)]
    )
    best = guess
    while stage.size > 1 and np.any(stage[1:]):
        roots = np.roots(stage[::-1])
        kappa = roots[np.argmin(np.abs(roots * guess - 1.0))]
        if abs(kappa * guess - 1.0) < 1e-9:
            best = float((1.0 / kappa).real)
        stage = stage[1:] * np.arange(1, stage.size)
    return best


def puiseux(point: Singular, s: Array) -> tuple[Array, Array]:
    """u from the Puiseux series at s, |s| < radius, Im s >= 0, and about how far it is off.

    If the last of the n coefficients are t, 2n samples leave out t (|s| / radius)^(n/p) and mix in t^2.
    """
    sigma = np.exp(np.log(s) / point.ramification)
    ring = point.chart.radius ** (1.0 / point.ramification)
    total = powers(sigma / ring, len(point.series) - 1) @ point.series
    size = np.max(np.abs(point.series))
    tail = np.max(np.abs(point.series[-4:])) / size + 2.0**-52
    error = tail * np.abs(sigma / ring) ** (len(point.series) - 4) + tail**2
    if point.chart.pole:
        u = sigma**point.order / total
        return u, error * np.abs(u)
    return total, error * size
