"""Between bands, exactly: levels of gaps correctly rounded and constant, no density, atoms in their place.

Laws from the whole domain, next to their transitions too, against exact rational levels.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from flint import arb

import generated
from verify.adversaries import Laws
from verify.exact import rational
from verify.precise import Law

SEED, LAWS = 20170807, 32
BITS = 400  # of edges
Case = tuple[dict[str, float], Law]


class Gap(NamedTuple):
    """Doubles strictly between two bands, or beside all, and the mass below them exactly."""

    points: np.ndarray[Any, Any]
    level: Fraction


@lru_cache(maxsize=8)
def drawn(model: str, count: int = LAWS, seed: int = SEED) -> list[Case]:
    """Laws of a model, region by region."""
    draws = islice(Laws(model).draw(np.random.default_rng([seed, generated.MODELS.index(model)])), count)
    return [(found.values, Law(model, **found.values)) for found in draws]


def gaps(law: Law, rng: np.random.Generator) -> list[Gap]:
    """The gaps of a law that hold doubles, cut at its atom, and what lies beyond its bands."""
    # a ball of 400 bits around 0 is the edge 0 itself
    edges = [arb(0) if edge.contains(0) else edge for edge in law.edges(BITS)]
    levels = [fraction(level) for pair in law.levels() for level in pair]
    # gaps from the left: their ends and levels, the axis beyond the bands included
    ends = [(-math.inf, *map(last_below, edges[:1]))] if edges else [(-math.inf, math.inf)]
    ends += [
        (first_above(left), last_below(right)) for left, right in zip(edges[1::2], edges[2::2], strict=False)
    ]
    ends += [(first_above(edges[-1]), math.inf)] if edges else []
    below, above = [Fraction(0), *levels[1::2]], [*levels[::2], Fraction(1)]
    found, atom = [], law.atom()
    place = None if atom is None else rational(atom[0]) if atom[0].is_Rational else None
    for (low, high), left, right in zip(ends, below, above, strict=True):
        if not low <= high:
            continue
        points = between(low, high, rng)
        if left == right:
            found.append(Gap(points, left))
        elif place is not None:
            jumped = np.array([rational(x) >= place for x in points.tolist()], dtype=bool)
            found += [Gap(points[~jumped], left), Gap(points[jumped], right)]
    return [gap for gap in found if gap.points.size]


def fraction(level: Any) -> Fraction:
    exact = rational(level)
    return Fraction(int(exact.p), int(exact.q))


def first_above(edge: arb) -> float:
    """The least double that is certainly above an edge."""
    x = float(edge.mid())
    while not arb(x) > edge:
        x = math.nextafter(x, math.inf)
    return x


def last_below(edge: arb) -> float:
    """The largest double that is certainly below an edge."""
    x = float(edge.mid())
    while not arb(x) < edge:
        x = math.nextafter(x, -math.inf)
    return x


def between(low: float, high: float, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Doubles of [low, high]: its ends, points next to them at all distances, and 0."""
    finite = [x for x in (low, high) if math.isfinite(x)] or [0.0]
    reach = min(max(map(abs, finite)) or 1.0, 1e300)
    away = reach * 10.0 ** rng.uniform(-17, 2, 12)
    points = [*finite, 0.0, -0.0, 5e-324, -5e-324, 1e-290 * reach]
    points += [*(x + sign * step for x in finite for sign in (-1, 1) for step in away)]
    if len(finite) == 2:
        points += [*(low + (high - low) * rng.random(6))]
    return np.array([x for x in points if low <= x <= high])


def wrong(module: Any, cases: list[Case]) -> list[str]:
    """Where the mass in a gap is not its level, correctly rounded, or the density not 0."""
    rng, names = np.random.default_rng(SEED), [p.name for p in module.PARAMETERS]
    found: list[str] = []
    rows: list[dict[str, float]] = []
    points: list[float] = []
    wanted: dict[str, list[float]] = {"cdf": [], "sf": [], "density": []}

    def compare(name: str, x: Any, got: Any, exact: Any, of: list[dict[str, float]], path: str) -> None:
        for i in np.flatnonzero(got != exact).tolist():
            found.append(f"{name}({float(x[i])!r}, {of[i]}) = {got[i]:.17g}, not {exact[i]:.17g}, {path}")

    for values, law in cases:
        for gap in gaps(law, rng):
            count = gap.points.size
            exact = {"cdf": float(gap.level), "sf": float(1 - gap.level), "density": 0.0}
            for name, value in exact.items():
                got = getattr(module, name)(gap.points, **values)
                compare(name, gap.points, got, np.full(count, value), [values] * count, "scalar")
                wanted[name] += [value] * count
            rows += [values] * count
            points += gap.points.tolist()
    columns = [np.array([row[name] for row in rows]) for name in names]
    for name, exact_values in wanted.items():
        got = getattr(module, name)(np.array(points), *columns)
        compare(name, points, got, np.array(exact_values), rows, "one law a point")
    return found


@pytest.mark.parametrize("model", generated.MODELS)
def test_levels_of_gaps_are_correctly_rounded(model: str) -> None:
    cases = drawn(model)
    assert not (missed := wrong(Laws(model).module, cases)), missed[:3]
    inner = [gap for _, law in cases for gap in gaps(law, np.random.default_rng(0)) if 0 < gap.level < 1]
    assert len(inner) >= 8 or model == "semicircle"


@pytest.mark.parametrize("function", ["cdf", "sf", "density"])
def test_the_next_double_is_caught(function: str) -> None:
    module = Laws("relu_hessian").module

    def next_to(x: Any, *arguments: Any, **values: Any) -> Any:
        right = getattr(module, function)(x, *arguments, **values)
        return np.where(x == 5e-324, np.nextafter(right, 2.0), right)

    spoilt = SimpleNamespace(**{**vars(module), function: next_to})
    found = wrong(spoilt, drawn("relu_hessian", 12))
    assert found
    assert all(line.startswith(f"{function}(5e-324, ") for line in found)


@pytest.mark.parametrize("model", generated.MODELS)
def test_atoms_are_in_their_place(model: str) -> None:
    """Place to 2 ulp or exactly 0, weight to 2e-14 of itself; none where there is none."""
    module = Laws(model).module
    for values, law in drawn(model):
        atom, got = law.atom(), module.atoms(**values)
        got = got[~np.isnan(got[:, 0])]
        assert len(got) == (atom is not None), (values, got)
        for place, weight in got.tolist():
            exact_place, exact_weight = map(fraction, atom)
            assert abs(Fraction(place) - exact_place) <= 2 * Fraction(math.ulp(place)) * (exact_place != 0)
            assert abs(Fraction(weight) - exact_weight) <= exact_weight * Fraction(2e-14), values
