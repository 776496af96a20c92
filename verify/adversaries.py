"""Inputs that search the weak places of evaluators: laws next to their transitions, points next to edges.

Everything is drawn from a NumPy generator, so a seed repeats it. Each law and each point carries the name of
the region it was drawn from.

Laws: the whole domain (aspect ratios 1e-6..1e5, scales 1e-6..1e6, energies 1e-12..1e6 in units of the squared
scale), and factors 1 +- 2^-k, k = 1..52, from ratio 1 and 2, from energies at which two poles merge, at which
the lowest edge passes 0, and at which two bands touch; the last is found by bisection of the certified number
of bands.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, fmpq

from derive import law_of
from derive.language.model import Model, load
from derive.language.parameters import Parameter
from derive.laws import Levy

from .compiled import rational_function
from .exact import rational
from .precise import Law

RATIOS, SCALES, ENERGIES = (1e-6, 1e5), (1e-6, 1e6), (1e-12, 1e6)
USUAL = {"aspect ratio": (0.05, 20.0), "scale": (0.5, 2.0)}
USUAL_ENERGIES = (1e-2, 1e1)
SUBNORMAL, HUGE = 5e-324, 1e300
# So many of the complex points lie below the axis, where G is the conjugate.
BELOW = 0.125
# Masses at necks are known to double precision.
LEVEL_BITS = 60
Values = dict[str, float]
Draw = Callable[[np.random.Generator], Values]


@dataclass(frozen=True)
class Drawn:
    """Parameters of one law and the region they were drawn from."""

    values: Values
    region: str


class Laws:
    """The laws of one model, drawn region by region."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.model = load(name)
        self.ratio = _with_role(self.model, "aspect ratio")
        self.scale = _with_role(self.model, "scale")
        self.energy = next((p for p in self.model.parameters if p not in (self.ratio, self.scale)), None)
        self.module = importlib.import_module(f"generated.{name}")

    def draw(self, rng: np.random.Generator, cusps: int = 1) -> Iterator[Drawn]:
        """Laws without end; the energies of that many cusps are computed, and then used again."""
        regions = self._regions()
        touching: list[Values] = []
        while True:
            name, make = regions[rng.integers(len(regions))]
            if name == "beside a cusp":
                if len(touching) < cusps:
                    touching += self._touching(rng)
                if not touching:
                    continue
                chosen = dict(touching[rng.integers(len(touching))])
                yield Drawn(self._moved(rng, chosen, self.energy), name)
            else:
                yield Drawn(make(rng), name)

    def _regions(self) -> list[tuple[str, Draw]]:
        regions: list[tuple[str, Draw]] = [
            ("everywhere", self._anywhere),
            ("everywhere", self._anywhere),
            ("usual", self._usual),
        ]
        if self.ratio is not None:
            regions += [
                ("ratio beside 1", self._ratio_beside(1.0)),
                ("ratio beside 2", self._ratio_beside(2.0)),
            ]
        if self.energy is not None:
            regions += [("no energy", self._without_energy), ("beside a cusp", self._usual)]
            if hasattr(self.module, "critical_energy"):
                regions += [("beside the critical energy", self._beside_critical)] * 2
            if _merging(self.name):
                regions += [("poles about to merge", self._beside_merging)] * 2
        return regions

    def _anywhere(self, rng: np.random.Generator) -> Values:
        return self._within(rng, {"aspect ratio": RATIOS, "scale": SCALES}, ENERGIES)

    def _usual(self, rng: np.random.Generator) -> Values:
        return self._within(rng, USUAL, USUAL_ENERGIES)

    def _within(self, rng: np.random.Generator, ranges: dict[str, Any], energies: Any) -> Values:
        values = {
            p.name: log_uniform(rng, *ranges.get(p.role or "", energies)) for p in self.model.parameters
        }
        if self.energy is not None and self.scale is not None:
            values[self.energy.name] *= values[self.scale.name] ** 2
        return values

    def _either(self, rng: np.random.Generator) -> Values:
        return self._anywhere(rng) if rng.random() < 0.5 else self._usual(rng)

    def _ratio_beside(self, centre: float) -> Callable[[np.random.Generator], Values]:
        def make(rng: np.random.Generator) -> Values:
            assert self.ratio is not None
            values = self._either(rng) | {self.ratio.name: centre}
            return values if rng.random() < 0.1 else self._moved(rng, values, self.ratio)

        return make

    def _without_energy(self, rng: np.random.Generator) -> Values:
        assert self.energy is not None
        return self._either(rng) | {self.energy.name: 0.0}

    def _beside_critical(self, rng: np.random.Generator) -> Values:
        assert self.energy is not None
        assert self.ratio is not None
        values = self._either(rng)
        others = {key: value for key, value in values.items() if key != self.energy.name}
        unit = others[self.scale.name] ** 2 if self.scale is not None else 1.0
        energy = float(self.module.critical_energy(**others))
        while not ENERGIES[0] <= energy / unit <= ENERGIES[1]:  # the ratio is too near 1, or beyond
            others[self.ratio.name] = 1 - 2.0 ** -rng.uniform(0, 16)
            energy = float(self.module.critical_energy(**others))
        return self._moved(rng, values | others | {self.energy.name: energy}, self.energy)

    def _beside_merging(self, rng: np.random.Generator) -> Values:
        values = self._either(rng)
        energies = _merging(self.name)
        energy = energies[rng.integers(len(energies))]
        exact = [rational(values[p.name]) for p in self.model.parameters]
        return self._moved(rng, values | {self._energy_name: float(arb(energy(exact)).mid())}, self.energy)

    @property
    def _energy_name(self) -> str:
        assert self.energy is not None
        return self.energy.name

    def _moved(self, rng: np.random.Generator, values: Values, parameter: Parameter | None) -> Values:
        """The values with one parameter multiplied by 1 +- 2^-k."""
        assert parameter is not None
        sign = 1 if rng.random() < 0.5 else -1
        factor = 1 + sign * 2.0 ** -int(rng.integers(1, 53))
        return values | {parameter.name: values[parameter.name] * factor}

    def _touching(self, rng: np.random.Generator) -> list[Values]:
        """Laws, at the energies at which the number of bands changes along one ratio and scale."""
        key, start = self._energy_name, self._either(rng)
        unit = start[self.scale.name] ** 2 if self.scale is not None else 1.0
        grid = [unit * e for e in np.geomspace(*ENERGIES, 19).tolist()]
        counts = [self._bands(start | {key: e}) for e in grid]
        found = []
        for (low, left), (high, right) in pairwise(zip(grid, counts, strict=True)):
            if left != right:
                found.append(start | {key: self._changes(start, low, high, left)})
        return found

    def _changes(self, values: Values, low: float, high: float, count: int) -> float:
        for _ in range(60):
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            if self._bands(values | {self._energy_name: middle}) == count:
                low = middle
            else:
                high = middle
        return high

    def _bands(self, values: Values) -> int:
        return len(Law(self.name, **values).edges(20)) // 2


@lru_cache(maxsize=64)
def _merging(name: str) -> list[Callable[[Sequence[fmpq]], fmpq]]:
    """Energies at which two poles of a model's law meet, as functions of its parameters' values in order."""
    model = load(name)
    law = law_of(model)
    energy = next((p.symbol for p in model.parameters if p.role == "energy"), None)
    if energy is None or not isinstance(law, Levy):
        return []
    pairs = [(p, q) for i, p in enumerate(law.poles) for q in law.poles[:i]]
    met = {s for p, q in pairs for s in sp.solve(p - q, energy) if s.is_positive}
    symbols = [p.symbol for p in model.parameters]
    found = (rational_function(s, symbols) for s in sorted(met, key=str))
    return [f for f in found if f is not None]


def _with_role(model: Model, role: str) -> Parameter | None:
    return next((p for p in model.parameters if p.role == role), None)


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A double whose logarithm is uniform."""
    return float(math.exp(rng.uniform(math.log(low), math.log(high))))


class Points:
    """Real points, points of the upper half-plane and levels that try one law."""

    def __init__(self, law: Law) -> None:
        ends = [float(end.mid()) for end in law.edges()]
        self.bands = list(zip(ends[::2], ends[1::2], strict=True))
        atom = law.atom()
        places = [*ends, *([float(atom[0])] if atom else [])]
        self.reach = max(map(abs, places)) or 1.0
        self.low, self.high = min(places), max(places)
        necks = _necks(law)
        self.special = sorted({*places, 0.0, *necks})
        self.levels = [float(level) for pair in law.levels() for level in pair]
        # the masses on both sides of a neck, which count as much as those of the gap that it would be
        inside = [x for x in necks if any(low < x < high for low, high in self.bands)]
        self.levels += [float(mass(x, LEVEL_BITS).mid()) for x in inside for mass in (law.cdf, law.sf)]

    def real(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, list[str]]:
        """n real points and their regions."""
        makers = [
            ("at an edge", self._ulps_off),
            ("beside an edge", self._beside),
            ("beside an edge", self._beside),
            ("inside", self._inside),
            ("gap", self._in_gap),
            ("at zero", self._at_zero),
            ("far outside", self._far),
        ]
        chosen = [makers[i] for i in rng.integers(len(makers), size=n)]
        return np.array([make(rng) for _, make in chosen]), [region for region, _ in chosen]

    def _ulps_off(self, rng: np.random.Generator) -> float:
        x = float(rng.choice(self.special))
        for _ in range(int(rng.integers(0, 5))):
            x = math.nextafter(x, math.inf if rng.random() < 0.5 else -math.inf)
        return x

    def _beside(self, rng: np.random.Generator) -> float:
        x = float(rng.choice(self.special))
        band = self.bands[rng.integers(len(self.bands))] if self.bands else (0.0, self.reach)
        unit = band[1] - band[0] if rng.random() < 0.5 else abs(x) or self.reach
        return x + rng.choice([-1.0, 1.0]) * unit * 10 ** rng.uniform(-16, 0)

    def _inside(self, rng: np.random.Generator) -> float:
        if not self.bands:
            return self.reach * rng.uniform(-1, 1)
        low, high = self.bands[rng.integers(len(self.bands))]
        return low + (high - low) * rng.random()

    def _in_gap(self, rng: np.random.Generator) -> float:
        ends = [end for band in self.bands for end in band][1:-1]
        if not ends:
            return self._far(rng)
        i = 2 * int(rng.integers(len(ends) // 2))
        return ends[i] + (ends[i + 1] - ends[i]) * rng.random()

    def _at_zero(self, rng: np.random.Generator) -> float:
        kind = rng.random()
        if kind < 0.2:
            return float(rng.choice([0.0, -0.0, SUBNORMAL, -SUBNORMAL]))
        return float(rng.choice([-1.0, 1.0])) * self.reach * 10 ** rng.uniform(-290 if kind < 0.5 else -30, 0)

    def _far(self, rng: np.random.Generator) -> float:
        distance = self.reach * 10 ** rng.uniform(-3, 6 if rng.random() < 0.8 else 250)
        return min(self.high + distance, HUGE) if rng.random() < 0.5 else max(self.low - distance, -HUGE)

    def complex(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, list[str]]:
        """n points, |Im z| 0 or from 1e-300 to 1e300, most of them above the axis, and their regions."""
        x, _ = self.real(rng, n)
        kind = rng.random(n)
        near, wide = self.reach * 10 ** rng.uniform(-20, 3, n), 10 ** rng.uniform(-300, 300, n)
        y = np.where(kind < 0.1, 0.0, np.where(kind < 0.55, near, wide))
        names = ["on the axis" if k < 0.1 else "near" if k < 0.55 else "all heights" for k in kind]
        below = (y > 0) & (rng.random(n) < BELOW)
        names = [f"{name}, below" if under else name for name, under in zip(names, below, strict=True)]
        return x + 1j * np.where(below, -y, y), names

    def levels_near(self, rng: np.random.Generator, n: int) -> tuple[np.ndarray, list[str]]:
        """n levels in (0, 1) and their regions."""
        found: list[float] = []
        names: list[str] = []
        while len(found) < n:
            kind = rng.random()
            if kind < 0.3:
                q, name = rng.random(), "uniform"
            elif kind < 0.5:
                q, name = 10 ** rng.uniform(-300, 0), "lower tail"
            elif kind < 0.7:
                q, name = 1 - 10 ** rng.uniform(-16, 0), "upper tail"
            else:
                level = float(rng.choice(self.levels)) if self.levels else 0.5
                q, name = level * (1 + rng.choice([-1, 0, 1]) * 2.0 ** -rng.uniform(1, 53)), "beside a level"
            if 0 < q < 1:
                found.append(float(q))
                names.append(name)
        return np.array(found), names


def _necks(law: Law) -> list[float]:
    """H at the least value of Phi between neighbouring poles, to double precision."""
    _, jumps = law.coefficients.balls()
    poles = sorted((float(p.mid()), float(c.mid())) for p, c in jumps)
    found = []
    for (low, _), (high, _) in pairwise(poles):
        a, b = low, high
        for _ in range(80):
            u = 0.5 * (a + b)
            slope = sum(c / (u - p) * (1 / (u - p)) ** 2 if u != p else math.nan for p, c in poles)
            a, b = (u, b) if slope > 0 else (a, u)
        x = u + float(law.coefficients.balls()[0].mid()) + sum(c / (u - p) for p, c in poles if u != p)
        if math.isfinite(x):
            found.append(x)
    return found
