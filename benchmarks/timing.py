"""Medians of interleaved repetitions: in each round everyone is called once, under the same conditions."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from .processes import Failed, Worker

# One sample takes at least so long: many calls of few points are one sample.
SAMPLE = 2e-3
# Beyond this an evaluation is repeated FEW times.
SLOW = 1.0
FEW = 3


class Plan(NamedTuple):
    """How to time: so many rounds; who would take longer than `patience` seconds is left out."""

    rounds: int
    patience: float
    clock: str = "wall"


@dataclass
class Measured:
    """Seconds a call of one entrant at one number of points, or why there are none."""

    points: int
    samples: list[float] = field(default_factory=list)
    reason: str = ""

    @property
    def seconds(self) -> float:
        """The median; NaN without samples."""
        return statistics.median(self.samples) if self.samples else math.nan

    @property
    def nanoseconds(self) -> float:
        """Nanoseconds a point."""
        return self.seconds / self.points * 1e9


@dataclass
class Entrant:
    """Who is timed: a name a worker knows, at growing numbers of points.

    key: how it is filed, its name unless one name runs in several workers. worker: None, with a reason,
    if there is none.
    """

    name: str
    worker: Worker | None
    key: str = ""
    reason: str = ""
    largest: tuple[float, str] = (math.inf, "")
    results: list[Measured] = field(default_factory=list)
    loops: int = 1

    def __post_init__(self) -> None:
        self.key = self.key or self.name

    def at(self, points: int) -> Measured:
        """The result at so many points."""
        return next((m for m in self.results if m.points == points), Measured(points, reason="not run"))

    def last(self) -> Measured:
        """The result at the most points."""
        done = [m for m in self.results if m.samples]
        return done[-1] if done else Measured(1, reason=self.reason or "not run")

    def sample(self, case: str, points: int, loops: int, clock: str) -> float:
        """Seconds a call."""
        assert self.worker is not None
        return float(self.worker.ask("time", self.name, case, points=points, loops=loops, clock=clock))


def obstacle(entrant: Entrant, points: int, patience: float) -> str:
    """Why an entrant is not run at so many points, "" if it is."""
    if entrant.worker is None:
        return entrant.reason
    if points > entrant.largest[0]:
        return entrant.largest[1]
    failed = next((m.reason for m in entrant.results if m.reason), "")
    if failed:
        return failed
    last = entrant.last()
    if last.samples and (expected := last.seconds / last.points * points) > patience:
        return f"would take {_duration(expected)}"
    return ""


def interleaved(
    entrants: Iterable[Entrant],
    case: str,
    points: int,
    plan: Plan,
    tell: Callable[[str], None] = lambda text: None,
) -> None:
    """Time everyone at so many points and file the results."""
    running: list[tuple[Entrant, Measured]] = []
    for entrant in entrants:
        measured = Measured(points, reason=obstacle(entrant, points, plan.patience))
        entrant.results.append(measured)
        if measured.reason:
            continue
        tell(f"{case}, {power(points)} points: {entrant.key}")
        try:
            # The first call makes arrays, tables and compiled code: it is no sample unless it is slow.
            first = entrant.sample(case, points, 1, plan.clock)
            entrant.loops = 1
            if first > SLOW:
                measured.samples.append(first)
            else:
                # A call after others finds the caches cold: many in a row tell how many fill a sample.
                for _ in range(2):
                    seconds = entrant.sample(case, points, entrant.loops, plan.clock)
                    entrant.loops = max(1, math.ceil(SAMPLE / max(seconds, 1e-9)))
        except Failed as failed:
            measured.reason = str(failed)
            continue
        running.append((entrant, measured))
    for turn in range(plan.rounds):
        tell(f"{case}, {power(points)} points: round {turn + 1} of {plan.rounds}")
        for entrant, measured in running:
            if measured.reason or (len(measured.samples) >= FEW and measured.seconds > SLOW):
                continue
            try:
                measured.samples.append(entrant.sample(case, points, entrant.loops, plan.clock))
            except Failed as failed:
                measured.reason = str(failed)


def power(points: int) -> str:
    """A number of points as it is said: 1e5, or in digits if it is no power of ten."""
    exponent = len(str(points)) - 1
    return f"1e{exponent}" if points == 10**exponent else str(points)


def _duration(seconds: float) -> str:
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.2g} s"
