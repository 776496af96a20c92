"""What a soak has found so far: counts, worst inputs, and their certified values."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, log2
from typing import Any

from ..accuracy import FUNCTIONS
from ..precise import Law

KEPT = 3
DIGITS = 40


@dataclass(frozen=True)
class Bad:
    """One input and its error; `point` is None for functions of the law alone."""

    error: float
    model: str
    function: str
    path: str
    region: str
    values: dict[str, float]
    point: complex | float | None
    place: int
    got: str

    def record(self) -> dict[str, Any]:
        """The case with its certified value to 40 digits, for JSON; doubles as exact `repr`."""
        case: dict[str, Any] = {"model": self.model, "function": self.function, "values": self.values}
        if self.point is not None:
            z = self.point
            case["point"] = [z.real, z.imag] if isinstance(z, complex) else z
        if FUNCTIONS[self.function].argument is None:
            case["place"] = self.place
        bound = FUNCTIONS[self.function].bound
        return case | {"certified": certified(case), "bound": bound, "region": self.region}


def certified(case: dict[str, Any], digits: int = DIGITS) -> str | list[str]:
    """The certified value of a recorded case, as decimal digits (two strings for complex values)."""
    law, function = Law(case["model"], **case["values"]), FUNCTIONS[case["function"]]
    bits = ceil(digits * log2(10)) + 16
    if function.argument is None:
        found = function.certified(law, bits)
        value = found[case["place"]] if case["place"] < len(found) else None
    else:
        point = case["point"]
        value = function.certified(law, complex(*point) if isinstance(point, list) else point, bits)
    if value is None:
        return "nan"
    if function.argument == "z":
        # a part that is nothing beside the modulus is not known to any digit
        parts = (value.real, value.imag)
        return ["0" if part.contains(0) else str(part.str(digits, radius=False)) for part in parts]
    return str(value.str(digits, radius=False))


@dataclass
class Tally:
    """Counts and worst cases by (model, function, path, region).

    failed: tasks that ended in an error. first_left: the first task of a model that an interruption left.
    """

    counts: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    worst: dict[tuple[str, str, str, str], list[Bad]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    first_left: int | None = None

    def add(self, key: tuple[str, str, str, str], count: int, cases: list[Bad]) -> None:
        """Count evaluations and keep the worst of them."""
        self.counts[key] = self.counts.get(key, 0) + count
        kept = [*self.worst.get(key, []), *cases]
        self.worst[key] = sorted(kept, key=lambda bad: -bad.error)[:KEPT]

    def merge(self, other: Tally) -> None:
        """Add another task's tally."""
        for key, count in other.counts.items():
            self.add(key, count, other.worst.get(key, []))

    def nearest(self) -> str:
        """The case nearest to its bound, or farthest beyond it, for a progress bar."""
        firsts = [cases[0] for cases in self.worst.values() if cases]
        if not firsts:
            return ""
        bad = max(firsts, key=lambda bad: bad.error / FUNCTIONS[bad.function].bound)
        return f"{bad.model}.{bad.function} at {bad.error / FUNCTIONS[bad.function].bound:.2g} of its bound"


def worst_of(tally: Tally, model: str, function: str, path: str | None = None) -> Bad | None:
    """The worst case of a function, over one path or all."""
    found = [
        cases[0]
        for (m, f, p, _), cases in tally.worst.items()
        if (m, f) == (model, function) and cases and path in (None, p)
    ]
    return max(found, key=lambda bad: bad.error, default=None)
