"""A soak's findings in lines to read."""

from __future__ import annotations

from collections.abc import Iterator

from ..accuracy import FUNCTIONS, PATHS
from .tally import Bad, Tally, worst_of


def report(tally: Tally) -> Iterator[str]:
    """The tally in lines: worst errors of every function with their inputs, then a table by region."""
    for model in sorted({key[0] for key in tally.counts}):
        yield f"\n{model}"
        for name, function in FUNCTIONS.items():
            keys = [key for key in tally.counts if key[:2] == (model, name)]
            if not keys:
                continue
            count = sum(tally.counts[key] for key in keys)
            first = worst_of(tally, model, name)
            mark = "EXCEEDS" if first and first.error > function.bound else "within"
            worst = f"{first.error:9.3g}" if first else "none"
            yield f"  {name:18} {count:9d} values, worst {worst} {function.unit}, {mark} {function.bound:g}"
            if first is None or first.error == 0:
                continue
            paths = PATHS if first.error > function.bound else (first.path,)
            for bad in (worst_of(tally, model, name, path) for path in paths):
                if bad is not None:
                    yield from _lines(bad)
            yield from _table(tally, model, name, function.bound)
    if tally.failed:
        yield "\ntasks that ended in an error:"
        yield from (f"  {line}" for line in tally.failed)
    if tally.first_left is not None:
        yield f"\nnot all tasks were run: go on with --skip {tally.first_left} and the same seed"


def _lines(bad: Bad) -> Iterator[str]:
    """One input, what came and what was certified."""
    argument = FUNCTIONS[bad.function].argument
    point = f"{argument}={bad.point!r}, " if argument else ""
    inputs = ", ".join(f"{key}={value!r}" for key, value in bad.values.items())
    yield f"    {bad.path:6} {bad.error:.3g} at {point}{inputs}"
    yield f"           ({bad.region})"
    yield f"           got {bad.got}, certified {bad.record()['certified']}"


def _table(tally: Tally, model: str, function: str, bound: float) -> Iterator[str]:
    """Worst errors by region of the law and region of the point; those above the bound are starred."""
    regions: dict[str, float] = {}
    for (m, f, _, region), cases in tally.worst.items():
        if (m, f) == (model, function):
            for part in {region, *region.split(" | ")}:
                regions[part] = max(regions.get(part, 0.0), cases[0].error)
    for region in sorted((r for r in regions if " | " not in r), key=lambda r: -regions[r]):
        yield f"      {region:28} {regions[region]:9.2g}{' *' if regions[region] > bound else ''}"
