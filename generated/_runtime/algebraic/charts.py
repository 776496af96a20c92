"""Charts: local coordinates at the places where branches of P(G, z) = 0 can join.

At a root e of the discriminant these are the multiple roots of P(., e), real or complex, and G infinite.
A complex one lies inside a band: one sheet of the density ends there on top of the others, as the image of
an edge under a polynomial that folds the axis does. An atom inside a band is a pole that several branches
share; with the pole taken off they are told apart by their finite parts. In a chart the Taylor coefficients
of P are computed in fixed point and rounded once, so that distances from the branch point keep their relative
accuracy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb
from typing import Any

import numpy as np

from ..arithmetic.exact_roots import derivative
from ..arithmetic.gaussian import BITS, Gaussian, sharpened, taylor, vanishes
from ..arithmetic.root_guesses import guesses

Array = np.ndarray[Any, Any]
Rows = list[list[Fraction]]


@dataclass
class Chart:
    """Local coordinates (u, s) at a possible singular point: z = place + s, G = value + u or 1/G = value + u.

    With a residue G = residue / s + value + u: an atom on which several branches meet.

    value: a `complex` number inside a band, its parts rounded once; otherwise exact and real.
    inverse: whether u belongs to 1/G, the better coordinate where G is large on the scale of the law.
    b, b_low: coefficients in (u, s), as doubles and what rounding left over.
    plain, plain_low: the same for G itself, G = u, where u belongs to 1/G.
    multiplicity: number of branches that join at s = 0; for |s| <= radius they are those with |u| < cluster.
    """

    place: Fraction
    value: Fraction | complex
    inverse: bool
    b: Array
    b_low: Array
    plain: Array
    plain_low: Array
    multiplicity: int
    cluster: float
    radius: float
    residue: float = 0.0

    @property
    def centre(self) -> float | complex:
        """The value in doubles."""
        return self.value if isinstance(self.value, complex) else float(self.value)

    @property
    def pole(self) -> bool:
        """Whether G is infinite at the centre."""
        return self.inverse and not self.value

    def to_u(self, g: Array, s: Array) -> Array:
        """u from G."""
        if self.residue:
            g = g - self.residue / s
        with np.errstate(all="ignore"):
            return (1.0 / g if self.inverse else g) - self.centre

    def to_g(self, u: Array, s: Array) -> Array:
        """G from u."""
        with np.errstate(all="ignore"):
            g = 1.0 / (u + self.centre) if self.inverse else u + self.centre
            return g + self.residue / s if self.residue else g


def fixed(x: Fraction) -> int:
    """A number in fixed point."""
    return (x.numerator << BITS) // x.denominator


def _float(x: int) -> float:
    return float(Fraction(x, 1 << BITS))


def normalised(rows: Rows) -> list[list[int]]:
    """Coefficients divided by the largest, as fixed-point integers."""
    largest = max(abs(value) for row in rows for value in row)
    return [[fixed(value / largest) for value in row] for row in rows]


def shift(p: list[int], x: int) -> list[int]:
    """Taylor coefficients at x, all fixed-point."""
    p = list(p)
    for i in range(len(p) - 1):
        for j in range(len(p) - 2, i - 1, -1):
            p[j] += (x * p[j + 1]) >> BITS
    return p


def _cleaned(p: list[int], x: int) -> list[int]:
    """Taylor coefficients at x with those that vanish within the working precision set to 0."""
    exact = shift(p, x)
    sizes = shift([abs(value) for value in p], abs(x))
    return [value if abs(value) > size >> 400 else 0 for value, size in zip(exact, sizes, strict=True)]


def shifted(rows: Sequence[Sequence[int]], g: Fraction, z: Fraction) -> list[list[int]]:
    """Taylor coefficients of the polynomial at (g, z)."""
    in_z = [_cleaned(list(row), fixed(z)) for row in rows]
    columns = [_cleaned([row[j] for row in in_z], fixed(g)) for j in range(len(in_z[0]))]
    return [[column[i] for column in columns] for i in range(len(rows))]


def to_floats(rows: Sequence[Sequence[int]]) -> Array:
    """Fixed-point rows as doubles."""
    return np.array([[_float(value) for value in row] for row in rows])


def stacked(tables: Sequence[Array]) -> Array:
    """Tables of coefficients in (u, s) as one array, with zeros for the powers of s that some lack."""
    width = max(table.shape[1] for table in tables)
    return np.stack([np.pad(table, ((0, 0), (0, width - table.shape[1]))) for table in tables])


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


def charts_at(rows: Sequence[Sequence[int]], place: Fraction, clearance: float, scale: float) -> list[Chart]:
    """A chart for every multiple root of P(., place), and one where G is infinite.

    scale: size of the law's support; branches with |G| > 1/scale are charted by 1/G.
    """
    n = len(rows) - 1
    plain = [_cleaned(list(row), fixed(place)) for row in rows]
    in_g = [row[0] for row in plain]
    found = []
    for value, multiplicity in _multiple_roots(in_g):
        inverse = abs(float(value)) * scale > 1
        centre = 1 / value if inverse else value
        table = shifted(list(reversed(rows)) if inverse else rows, centre, place)
        for k in range(multiplicity):
            table[k][0] = 0
        found.append(_chart(place, centre, inverse, table, plain, multiplicity, clearance))
    for root, multiplicity in _complex_roots(in_g):
        inverse = abs(complex(root)) * scale > 1
        found.append(_complex_chart(place, root, inverse, plain, multiplicity, clearance))
    poles = next((k for k in range(n + 1) if in_g[n - k]), n)
    if poles:
        found += _atom_charts(place, plain, clearance)
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
    b = to_floats(table)
    r, radius = _discs(b, k, clearance)
    g = to_floats(plain)
    return Chart(place, value, inverse, b, remainders(table, b), g, remainders(plain, g), k, r, radius)


def _complex_chart(
    place: Fraction, root: Gaussian, inverse: bool, plain: list[list[int]], k: int, clearance: float
) -> Chart:
    about, centre = (plain[::-1], Gaussian(1 << BITS, 0) / root) if inverse else (plain, root)
    columns = [taylor([row[j] for row in about], centre) for j in range(len(about[0]))]
    re = [[column[i].re for column in columns] for i in range(len(about))]
    im = [[column[i].im for column in columns] for i in range(len(about))]
    for i in range(k):
        re[i][0] = im[i][0] = 0
    b_re, b_im, g = to_floats(re), to_floats(im), to_floats(plain)
    low = remainders(re, b_re) + 1j * remainders(im, b_im)
    b = b_re + 1j * b_im
    r, radius = _discs(b, k, clearance)
    return Chart(place, complex(centre), inverse, b, low, g, remainders(plain, g), k, r, radius)


def _atom_charts(place: Fraction, plain: list[list[int]], clearance: float) -> list[Chart]:
    """Charts of poles that several branches share, one for every value that is left without the pole.

    1/G ~ kappa s solves the terms of lowest degree, and 1/kappa is the mass.
    """
    n = len(plain) - 1
    lowest = min(n - i + j for i, row in enumerate(plain) for j, value in enumerate(row) if value)
    terms = [
        plain[n - k][lowest - k] if 0 <= lowest - k < len(plain[0]) else 0 for k in range(min(lowest, n) + 1)
    ]
    found = []
    for kappa, _ in _multiple_roots(terms) if any(terms[1:]) else []:
        if kappa <= 0:
            continue
        table = _without_pole(plain, 1 / kappa)
        in_v = [row[0] for row in table]
        charts = [
            _complex_chart(place, root, False, table, multiplicity, clearance)
            for root, multiplicity in _complex_roots(in_v, 1)
        ]
        for value, multiplicity in _multiple_roots(in_v, 1):
            about = shifted(table, value, Fraction(0))
            for k in range(multiplicity):
                about[k][0] = 0
            charts.append(_chart(place, value, False, about, plain, multiplicity, clearance))
        g, mass = to_floats(plain), float(1 / kappa)
        for chart in charts:
            found.append(replace(chart, residue=mass, plain=g, plain_low=remainders(plain, g)))
    return found


def _without_pole(plain: list[list[int]], mass: Fraction) -> list[list[int]]:
    """Coefficients in (v, s) for G = mass / s + v, powers of s cancelled."""
    terms: dict[tuple[int, int], int] = {}
    sizes: dict[tuple[int, int], int] = {}
    for i, row in enumerate(plain):
        powers = [fixed(mass**e) for e in range(i + 1)]
        for k in range(i + 1):
            for j, value in enumerate(row):
                key, term = (k, j - (i - k)), comb(i, k) * ((value * powers[i - k]) >> BITS)
                terms[key] = terms.get(key, 0) + term
                sizes[key] = sizes.get(key, 0) + abs(term)
    kept = {key: value for key, value in terms.items() if abs(value) > sizes[key] >> 400}
    least, most = min(j for _, j in kept), max(j for _, j in kept)
    return [[kept.get((k, j), 0) for j in range(least, most + 1)] for k in range(len(plain))]


def _discs(b: Array, k: int, clearance: float) -> tuple[float, float]:
    """Radii r, d of Rouche's inequality: for |s| <= d < clearance exactly k branches have |u| < r."""
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
    return r, 0.9 * min(high / 2, clearance)


def _multiple_roots(p: list[int], least: int = 2) -> list[tuple[Fraction, int]]:
    """Real roots of at least this multiplicity; a root of multiplicity k is a simple one of p^(k-1)."""
    found: list[tuple[Fraction, int]] = []
    stages = _derivatives(p)
    for k in range(len(stages), least - 1, -1):
        q = stages[k - 1]
        for guess in _real_guesses(q):
            root = _sharpened(q, guess)
            if root is not None and all(_vanishes(stages[j], root) for j in range(k - 1)):
                if any(abs(root - other) <= abs(root) / 2**200 for other, _ in found):
                    continue
                found.append((root, k))
    return found


def _complex_roots(p: list[int], least: int = 2) -> list[tuple[Gaussian, int]]:
    """Roots in the lower half-plane, where G above the axis has its values, of at least this multiplicity."""
    found: list[tuple[Gaussian, int]] = []
    stages = _derivatives(p)
    for k in range((len(p) - 1) // 2 + 1, least - 1, -1):  # the conjugate has the same multiplicity
        if k > len(stages):
            continue
        for guess in guesses(stages[k - 1]):
            if guess.imag >= 0:
                continue
            root = sharpened(stages[k - 1], guess)
            if root is None or -root.im <= root.bound() >> 200:
                continue
            if any((root - other).bound() <= root.bound() >> 200 for other, _ in found):
                continue
            if all(vanishes(stages[j], root) for j in range(k - 1)):
                found.append((root, k))
    return found


def _derivatives(p: list[int]) -> list[list[int]]:
    """p, p' and so on down to degree 1."""
    p = list(p)
    while p and p[-1] == 0:
        p.pop()
    stages = [p]
    while len(stages[-1]) > 2:
        stages.append(derivative(stages[-1]))
    return stages


def close_roots(rows: Sequence[Sequence[int]], place: Fraction, g: complex) -> Fraction | None:
    """The real root nearest to g of the first or second derivative of P(., place) in G."""
    stage = [_cleaned(list(row), fixed(place))[0] for row in rows]
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
    return best


def _real_guesses(p: list[int]) -> list[float]:
    return [root.real for root in guesses(p) if abs(root.imag) <= 1e-2 * abs(root)]


def _sharpened(p: list[int], guess: float) -> Fraction | None:
    """The root of p that Newton's method finds from a guess; None where it does not settle."""
    x, slope = fixed(Fraction(guess)), derivative(p)
    for _ in range(14):
        value, steepness = _at(p, x), _at(slope, x)
        if not steepness:
            return Fraction(x, 1 << BITS) if not value else None
        x = x - -(-value // steepness)  # values of n and n - 1 factors 2^BITS
        if abs(value) << 560 <= abs(x * steepness):
            return Fraction(x, 1 << BITS)
    found = Fraction(x, 1 << BITS)
    return found if _vanishes(p, found) else None


def _vanishes(p: list[int], x: Fraction) -> bool:
    near = fixed(x)
    return abs(_at(p, near)) <= _at([abs(value) for value in p], abs(near)) >> 400


def _at(p: Sequence[int], x: int) -> int:
    """p(x / 2^BITS) times 2^(BITS degree), exactly."""
    total = 0
    for k, value in enumerate(reversed(p)):
        total = total * x + (value << (BITS * k))
    return total
