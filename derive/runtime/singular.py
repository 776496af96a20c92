"""The singular points of an algebraic law: which real roots of the discriminant its branch really meets.

1. Every real root e of the discriminant (with the leading coefficient in G) is isolated exactly.
2. At e the multiple roots G_e of P(., e), and G infinite, are the places where branches can join. Around
   each a chart is laid: the Taylor coefficients b_kj of P at (G_e, e), or of the polynomial of w = 1/G at
   (0, e), computed in 1000-bit integers and rounded once. In a chart distances from the branch point keep
   their relative accuracy however small they are.
3. Rouche's inequality gives a radius d such that for |s| <= d exactly the branches that join at s = 0 lie
   near the centre, and such that the discriminant has no other root within d.
4. The branch G ~ 1/z is continued from infinity to s = i d, and, if it is one of those, around the circle
   |s| = d: after p turns it returns. p = 1 is no branch point (a pole where w = 0). The samples on the
   circle give the Puiseux series in sigma = s^(1/p).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import log2
from typing import Any

import numpy as np

from .branch import disc, follow, newton, powers
from .exact_roots import derivative, evaluate, real_roots

Array = np.ndarray[Any, Any]
Rows = list[list[Fraction]]

BITS = 1024
TURN = 32  # samples a turn on the circle around a singular point


@dataclass(frozen=True)
class Infinity:
    """The branch near infinity: G = zeta (1 + u), zeta = 1/(z - centre), b(u, zeta) = 0, u(0) = 0."""

    centre: Fraction
    b: Array

    def start(self, z: Array) -> tuple[Array, Array, Array]:
        """G at z, continued from infinity along the ray from `centre`; error radius; proved or not."""
        zeta = 1.0 / (z - float(self.centre))
        zero = np.zeros(z.shape, dtype=complex)
        u, error, proved = follow(self.b, zero, zero, zeta)
        return zeta * (1.0 + u), np.abs(zeta) * error, proved


@dataclass
class Chart:
    """Local coordinates (u, s) at a possible singular point: z = place + s, G = value + u or 1/G = value + u.

    inverse: whether u belongs to 1/G, the better coordinate where G is large on the scale of the law.
    b, b_low: coefficients in (u, s), as doubles and what rounding left over.
    plain, plain_low: the same for G itself, G = u, where u belongs to 1/G.
    multiplicity: number of branches that join at s = 0; for |s| <= radius they are those with |u| < cluster.
    """

    place: Fraction
    value: Fraction
    inverse: bool
    b: Array
    b_low: Array
    plain: Array
    plain_low: Array
    multiplicity: int
    cluster: float
    radius: float

    @property
    def pole(self) -> bool:
        """Whether G is infinite at the centre."""
        return self.inverse and not self.value

    def to_u(self, g: Array) -> Array:
        """u from G."""
        return (1.0 / g if self.inverse else g) - float(self.value)

    def to_g(self, u: Array) -> Array:
        """G from u."""
        with np.errstate(all="ignore"):
            return 1.0 / (u + float(self.value)) if self.inverse else u + float(self.value)


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


def _fixed(x: Fraction) -> int:
    return (x.numerator << BITS) // x.denominator


def _float(x: int) -> float:
    return float(Fraction(x, 1 << BITS))


def normalised(rows: Rows) -> list[list[int]]:
    """Coefficients divided by the largest, as fixed-point integers."""
    largest = max(abs(value) for row in rows for value in row)
    return [[_fixed(value / largest) for value in row] for row in rows]


def _shift(p: list[int], x: int) -> list[int]:
    """Taylor coefficients at x, all fixed-point."""
    p = list(p)
    for i in range(len(p) - 1):
        for j in range(len(p) - 2, i - 1, -1):
            p[j] += (x * p[j + 1]) >> BITS
    return p


def _cleaned(p: list[int], x: int) -> list[int]:
    """Taylor coefficients at x with those that vanish within the working precision set to 0."""
    exact = _shift(p, x)
    sizes = _shift([abs(value) for value in p], abs(x))
    return [value if abs(value) > size >> 400 else 0 for value, size in zip(exact, sizes, strict=True)]


def shifted(rows: Sequence[Sequence[int]], g: Fraction, z: Fraction) -> list[list[int]]:
    """Taylor coefficients of the polynomial at (g, z)."""
    in_z = [_cleaned(list(row), _fixed(z)) for row in rows]
    columns = [_cleaned([row[j] for row in in_z], _fixed(g)) for j in range(len(in_z[0]))]
    return [[column[i] for column in columns] for i in range(len(rows))]


def to_floats(rows: Sequence[Sequence[int]]) -> Array:
    """Fixed-point rows as doubles."""
    return np.array([[_float(value) for value in row] for row in rows])


def remainders(rows: Sequence[Sequence[int]], rounded: Array) -> Array:
    """What rounding to doubles left over, as doubles."""
    return np.array(
        [
            [
                float(Fraction(value, 1 << BITS) - Fraction(near))
                for value, near in zip(row, line, strict=True)
            ]
            for row, line in zip(rows, rounded.tolist(), strict=True)
        ]
    )


def infinity(rows: Rows, centre: Fraction) -> Infinity:
    """The chart at infinity; raises `ValueError` unless exactly one branch has G ~ 1/z there."""
    fixed = [_shift(row, _fixed(centre)) for row in normalised(rows)]
    n, m = len(rows) - 1, len(rows[0]) - 1
    top = max(j - i for i in range(n + 1) for j in range(m + 1) if rows[i][j])
    table = [[0] * (n + top + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            if fixed[i][j]:
                table[i][i - j + top] = fixed[i][j]
    found = shifted(table, Fraction(1), Fraction(0))
    if found[0][0]:
        raise ValueError("the polynomial has no branch with G ~ 1/z at infinity; check its coefficients")
    if not found[1][0]:
        raise ValueError(
            "several branches have G ~ 1/z at infinity; divide the polynomial by its other factors"
        )
    return Infinity(centre, to_floats(found))


def charts_at(rows: Sequence[Sequence[int]], place: Fraction, clearance: float, scale: float) -> list[Chart]:
    """A chart for every multiple root of P(., place), and one where G is infinite.

    scale: size of the law's support; branches with |G| > 1/scale are charted by 1/G.
    """
    n = len(rows) - 1
    plain = [_cleaned(list(row), _fixed(place)) for row in rows]
    in_g = [row[0] for row in plain]
    found = []
    for value, multiplicity in _multiple_roots(in_g):
        inverse = abs(float(value)) * scale > 1
        centre = 1 / value if inverse else value
        table = shifted(list(reversed(rows)) if inverse else rows, centre, place)
        for k in range(multiplicity):
            table[k][0] = 0
        found.append(_chart(place, centre, inverse, table, plain, multiplicity, clearance))
    poles = next((k for k in range(n + 1) if in_g[n - k]), n)
    if poles:
        found.append(_chart(place, Fraction(0), True, plain[::-1], plain, poles, clearance))
    return found


def _chart(
    place: Fraction,
    value: Fraction,
    inverse: bool,
    table: list[list[int]],
    plain: list[list[int]],
    k: int,
    clearance: float,
) -> Chart:
    b, g = to_floats(table), to_floats(plain)
    size = np.abs(b)
    n, m = b.shape[0] - 1, b.shape[1] - 1
    with np.errstate(all="ignore"):
        above = np.arange(k + 1, n + 1)
        bounds = (size[k, 0] / size[above, 0]) ** (1.0 / (above - k))
        r = float(np.min(bounds, initial=np.inf)) / 3
        if not np.isfinite(r):  # the other branches are at infinity: any disc will do
            terms = size[:k, 1:] @ (clearance ** np.arange(1, m + 1)) / size[k, 0]
            r = 4.0 * k * float(np.max(terms ** (1.0 / (k - np.arange(k))), initial=0.0)) or 1.0
        by_s = (r ** np.arange(n + 1)) @ size[:, 1:]
        budget = 0.45 * size[k, 0] * r**k
        high = float(np.min((budget / by_s) ** (1.0 / np.arange(1, m + 1)), initial=np.inf))
    radius = 0.9 * min(high / 2, clearance)
    return Chart(place, value, inverse, b, remainders(table, b), g, remainders(plain, g), k, r, radius)


def _multiple_roots(p: list[int]) -> list[tuple[Fraction, int]]:
    """Real multiple roots and their multiplicities; a root of multiplicity k is a simple one of p^(k-1)."""
    p = list(p)
    while p and p[-1] == 0:
        p.pop()
    found: list[tuple[Fraction, int]] = []
    stages = [p]
    while len(stages[-1]) > 2:
        stages.append(derivative(stages[-1]))
    for k in range(len(stages), 1, -1):
        q = stages[k - 1]
        for guess in _real_guesses(q):
            if any(abs(guess - float(root)) <= 1e-6 * abs(guess) + 1e-290 for root, _ in found):
                continue
            root = _sharpened(q, guess)
            if root is not None and all(_vanishes(stages[j], root) for j in range(k - 1)):
                if any(abs(root - other) <= abs(root) / 2**200 for other, _ in found):
                    continue
                found.append((root, k))
    return found


def close_roots(rows: Sequence[Sequence[int]], place: Fraction, g: complex) -> Fraction | None:
    """The real root nearest to g of the first or second derivative of P(., place) in G."""
    stage = [_cleaned(list(row), _fixed(place))[0] for row in rows]
    best: Fraction | None = None
    for _ in range(2):
        stage = derivative(stage)
        while stage and stage[-1] == 0:
            stage.pop()
        if len(stage) < 2:
            break
        for guess in _real_guesses(stage):
            root = _sharpened(stage, guess)
            if root is not None and (best is None or abs(float(root) - g) < abs(float(best) - g)):
                best = root
    return best or None


def _real_guesses(p: list[int]) -> list[float]:
    zeros = next(i for i, value in enumerate(p) if value)
    guesses = [0.0] if zeros else []
    q = [_float(value) for value in p[zeros:]]
    if len(q) > 1:
        with np.errstate(all="ignore"):
            for root in np.roots(q[::-1]):
                if abs(root.imag) <= 1e-2 * abs(root):
                    guesses.append(float(root.real))
    return guesses


def _sharpened(p: list[int], guess: float) -> Fraction | None:
    x = Fraction(guess)
    slope = derivative(p)
    for _ in range(14):
        steepness = evaluate(slope, x)
        if not steepness:
            return x if not evaluate(p, x) else None
        step = evaluate(p, x) / steepness
        x = Fraction(_fixed(x - step), 1 << BITS)
        if abs(step) <= abs(x) / 2**560:
            return x
    return x if _vanishes(p, x) else None


def _vanishes(p: list[int], x: Fraction) -> bool:
    size = evaluate([abs(value) for value in p], abs(x))
    return bool(abs(evaluate(p, x)) <= size / 2**400)


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
    """The singular points of the branch on the real axis, ascending; the number of candidates; doubts."""
    fixed = normalised(rows)
    places = real_roots(edge)
    charts = [
        chart
        for place in places
        for chart in charts_at(fixed, place, min(clearance(edge, place), scale), scale)
    ]
    doubts: list[str] = []
    if not charts:
        return [], len(places), doubts
    b = np.stack([chart.b for chart in charts])
    centre = np.array([float(chart.place) for chart in charts])
    radius = np.array([chart.radius for chart in charts])
    top = 2.0 * scale
    g, _, proved = far.start(centre + 1j * top)
    u = np.array([chart.to_u(value) for chart, value in zip(charts, g, strict=True)])
    s = np.full(u.shape, 1j * top)
    u, _ = newton(b, u, s)
    u, _, more = follow(b, u, s, 1j * radius)
    proved &= more
    met: list[int] = []
    for i, chart in enumerate(charts):
        if not proved[i]:
            doubts.append(f"the branch could not be followed to z = {centre[i]:.17g}")
        elif abs(u[i]) < chart.cluster:
            met.append(i)
    found = around([charts[i] for i in met], u[met], doubts)
    return sorted(found, key=lambda point: point.chart.place), len(places), doubts


def around(charts: list[Chart], u: Array, doubts: list[str], regular: bool = False) -> list[Singular]:
    """Follow each branch around its point; regular points are left out unless asked for."""
    if not charts:
        return []
    b = np.stack([chart.b for chart in charts])
    radius = np.array([chart.radius for chart in charts])

    def along(start: Array, angles: Array) -> tuple[Array, Array]:
        values, proved = [start], np.ones(len(charts), dtype=bool)
        for before, after in itertools.pairwise(angles):
            nxt, _, good = follow(b, values[-1], radius * np.exp(1j * before), radius * np.exp(1j * after))
            proved &= good
            values.append(nxt)
        return np.array(values), proved

    step = 2 * np.pi / TURN
    left, left_proved = along(u, np.pi / 2 + step * np.arange(TURN // 4 + 1))
    right, right_proved = along(u, np.pi / 2 - step * np.arange(TURN // 4 + 1))
    turns = max(chart.multiplicity for chart in charts)
    samples, samples_proved = along(right[-1], -step * np.arange(turns * TURN + 1))
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
        if p == 1 and not chart.pole and not regular:
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
        order = next(k for k in range(size) if abs(series[k]) > 1e-9 * np.max(np.abs(series)))
        sigma = rho * np.exp(-2j * np.pi * np.arange(size) / size)
        values = sigma**order / u
    else:
        values = u
    series = np.fft.ifft(values)[: size // 2]
    mass = _mass(chart, float(series[0].real)) if chart.pole and order == p else 0.0
    # A root whose conjugate lies in its isolating disc is its own conjugate.
    return Singular(
        chart,
        p,
        order,
        right,
        left,
        abs(right.imag) > isolated / 4,
        abs(left.imag) > isolated_left / 4,
        series,
        mass,
    )


def _mass(chart: Chart, guess: float) -> float:
    """Residue of G at a pole: 1/kappa where w ~ kappa s solves the terms of lowest degree.

    Several branches can share kappa; then it is a simple root of a derivative. `guess`, from the circle
    around the pole, is right to a few ulp.
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
        if abs(kappa * guess - 1.0) < 1e-13:
            best = float((1.0 / kappa).real)
        stage = stage[1:] * np.arange(1, stage.size)
    return best


def puiseux(point: Singular, s: Array) -> Array:
    """u from the Puiseux series at s, |s| < radius, Im s >= 0."""
    sigma = np.exp(np.log(s) / point.ramification)
    ring = point.chart.radius ** (1.0 / point.ramification)
    total = powers(sigma / ring, len(point.series) - 1) @ point.series
    if point.chart.pole:
        return sigma**point.order / total
    return total
