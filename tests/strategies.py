"""Hypothesis strategies that read a model's parameters, and points that search a law's weak places.

A parameter declares its domain and its role; the ranges of the roles are stated here once:
aspect ratios 1e-6..1e5 on both sides of 1, scales 1e-6..1e6, everything else 1e-12..1e6 and its closed
ends. Energies are drawn in units of the squared scale. Special values sit where laws degenerate:
ratio 1 and 2, energy 0 and 2 sigma^2, and their near neighbours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from derive.language.model import Model
from derive.language.parameters import Parameter
from verify.precise import Law

RANGES = {"aspect ratio": (1e-6, 1e5), "scale": (1e-6, 1e6)}
SPECIAL = {
    "aspect ratio": (0.5, 1.0, 1 - 2**-30, 1 + 2**-30, 2.0, 2 + 2**-40, 4.0),
    "scale": (1.0,),
}
OTHERS = (1e-12, 1e6)
OTHERS_SPECIAL = (2.0, 2 * (1 + 1e-10), 2 * (1 - 1e-10), 0.5)


def log_uniform(low: float, high: float) -> st.SearchStrategy[float]:
    """Doubles whose logarithm is uniform, ends included."""
    return st.floats(math.log(low), math.log(high)).map(lambda t: min(max(math.exp(t), low), high))


def parameter_values(parameter: Parameter) -> st.SearchStrategy[float]:
    """Values over the whole domain of one parameter, energies in units of the squared scale."""
    role = parameter.role or ""
    low, high = RANGES.get(role, OTHERS)
    special = [v for v in SPECIAL.get(role, OTHERS_SPECIAL) if v in parameter.interval]
    interval = parameter.interval
    for end, closed in ((interval.low, interval.closed_low), (interval.high, interval.closed_high)):
        if end is not None and closed:
            special.append(float(end))
    # Half of the draws near 1, where the shapes change; the rest over the whole range.
    draws = [log_uniform(low, high), log_uniform(0.05, 20)]
    inside = [s.filter(lambda v: v in interval) for s in draws]
    return st.one_of(*inside, st.sampled_from(special)) if special else st.one_of(*inside)


@st.composite
def parameters(draw: st.DrawFn, model: Model) -> dict[str, float]:
    """All parameters of a model by name, in order."""
    values = {p.name: draw(parameter_values(p)) for p in model.parameters}
    scale = next((values[p.name] for p in model.parameters if p.role == "scale"), 1.0)
    return {p.name: values[p.name] * (scale**2 if p.role not in RANGES else 1.0) for p in model.parameters}


@dataclass(frozen=True)
class Place:
    """A point relative to a law: 10^exponent band widths inside or outside of an end of a band."""

    band: int
    upper: bool
    inside: bool
    exponent: float

    def of(self, law: Law) -> float:
        """The double nearest to the place; near the atom if the law has no band."""
        bands = law.bands()
        if not bands:
            atom = law.atom()
            assert atom is not None
            return float(atom[0]) + (1 if self.upper else -1) * 10**self.exponent
        low, high = bands[self.band % len(bands)]
        distance = (high - low) * 10**self.exponent * (1 if self.inside else -1)
        return float((high - distance if self.upper else low + distance).mid())


def places(*, inside: bool | None = None) -> st.SearchStrategy[Place]:
    """Places from 1e-14 of a band's width off its ends to its middle, and outside up to 10 widths."""
    chosen = st.booleans() if inside is None else st.just(inside)
    return chosen.flatmap(
        lambda within: st.builds(
            Place,
            band=st.integers(0, 2),
            upper=st.booleans(),
            inside=st.just(within),
            exponent=st.floats(-14, math.log10(0.5) if within else 1),
        )
    )


def relative(got: Any, wanted: Any) -> float:
    """Relative error of a number, 0 if both are equal (infinite ones too), inf for a NaN."""
    if got == wanted:
        return 0.0
    error = abs(got - wanted) / abs(wanted) if wanted != 0 else math.inf
    return float(error) if error == error else math.inf
