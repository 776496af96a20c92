"""Tables to be read in a terminal and as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from .own import LAW_A_POINT
from .results import CaseResults, Results
from .rivals import RIVALS
from .timing import power
from .wanted import SMALL, Wanted

# What the summary tells of our other calls.
SHORT = ("cdf", "sf", "log_potential", "quantile", "rvs", "stieltjes", LAW_A_POINT)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns: the first and notes to the left, the others to the right."""
    left = [i == 0 or header == "note" for i, header in enumerate(headers)]
    widths = [max(len(row[i]) for row in [headers, *rows]) for i in range(len(headers))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if to_left else cell.rjust(width)
            for cell, width, to_left in zip(cells, widths, left, strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * width if at_left else "-" * (width - 1) + ":"
        for width, at_left in zip(widths, left, strict=True)
    ]
    return "\n".join([line(headers), f"| {' | '.join(rule)} |", *map(line, rows)])


def figure(value: float) -> str:
    """Three digits, thousands set apart."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "inf"
    if 0 < abs(value) < 1e-4:
        return error(value)
    if value >= 100:
        digits = 2 - math.floor(math.log10(value))
        return f"{round(value, digits):,.0f}".replace(",", " ")
    return f"{value:.3g}"


def error(value: float | None) -> str:
    """An error, in powers of ten."""
    if value is None:
        return "–"
    return "0" if value == 0 else f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e+")


def text(results: Results, wishes: Sequence[Wanted]) -> str:
    """The whole report."""
    parts = [
        "# Benchmark",
        f"{results.machine}.",
        "One thread, medians of interleaved repetitions: trust the ratios, not the times.",
    ]
    parts += [f"## In short, at {power(results.main)} points", _short(results)]
    for case in results.cases:
        parts += [f"## Density of the {case.name}: {case.title}", _density(case, results)]
        parts += [f"## What else the {case.name}'s law offers", _own(case, results.main)]
        parts += [f"## Scratch memory of the {case.name}'s first call, MiB", _scratch(case)]
    parts += [f"## Wanted at {power(results.main)} points", wanted_table(wishes)]
    return "\n\n".join(parts) + "\n"


def _short(results: Results) -> str:
    """Costs a point in units of our density's, and the worst errors; a column pair a case."""
    headers = ["cost a point"]
    for case in results.cases:
        headers += [case.name, "worst error"]
    rows = []
    for name in results.cases[0].density:
        row = [RIVALS[name].label]
        for case in results.cases:
            errors = case.errors.get(name)
            row += [_ratio(case, name, results.main), error(errors.worst if errors else None)]
        rows.append(row)
    for name in SHORT:
        row = [f"our {name}"]
        for case in results.cases:
            row += [_densities(case, name, results.main), _worst(case, name)]
        rows.append(row)
    return table(headers, rows)


def _densities(case: CaseResults, name: str, points: int) -> str:
    """What a call of ours costs a point, in densities, at so many points or the most it was run at."""
    last = case.own[name].last()
    if not last.samples:
        return "–"
    at = "" if last.points == points else f" (at {power(last.points)})"
    return figure(last.nanoseconds / case.own["density"].at(points).nanoseconds) + at


def _worst(case: CaseResults, name: str) -> str:
    worst = case.own_errors.get(name)
    if worst is not None and name == "quantile":
        return f"{worst:.2g} ulp"
    return error(worst)


def _ratio(case: CaseResults, name: str, points: int) -> str:
    """A rival's cost a point over ours at so many points, or at the most it was run at, which is told."""
    entrant = case.density[name]
    last = entrant.at(points) if entrant.at(points).samples else entrant.last()
    if not last.samples:
        return "–"
    at = "" if last.points == points else f" (at {power(last.points)})"
    return figure(last.nanoseconds / case.density["ours"].at(points).nanoseconds) + at


def _density(case: CaseResults, results: Results) -> str:
    rows, notes = [], []
    for name, entrant in case.density.items():
        errors = case.errors.get(name)
        rows.append(
            [
                RIVALS[name].label,
                *(figure(entrant.at(n).nanoseconds) for n in results.points),
                _ratio(case, name, results.main),
                *map(error, errors or [None] * 3),
            ]
        )
        reasons = {n: entrant.at(n).reason for n in results.points}
        notes += _notes(RIVALS[name].label, reasons)
    headers = [
        "ns a point",
        *(f"{power(n)} points" for n in results.points),
        "to ours",
        "worst error",
        "away from edges",
        "outside",
    ]
    return "\n\n".join([table(headers, rows), *(["\n".join(notes)] if notes else [])])


def _notes(label: str, reasons: dict[int, str]) -> list[str]:
    """Why a row has empty cells, a line a reason."""
    found: dict[str, list[int]] = {}
    for n, reason in reasons.items():
        if reason:
            found.setdefault(reason, []).append(n)
    return [
        f"- {label.strip('*')}, {', '.join(map(power, at))} points: {reason}" for reason, at in found.items()
    ]


def _own(case: CaseResults, points: int) -> str:
    rows = []
    for name, entrant in case.own.items():
        first = "first call" in name
        rows.append(
            [
                name,
                "–" if first else figure(entrant.last().nanoseconds),
                "–" if first else _densities(case, name, points),
                figure(entrant.at(SMALL).seconds * 1e6),
                _worst(case, name),
            ]
        )
    return table(["call", "ns a point", "densities", "10 points, µs", "worst error"], rows)


def _scratch(case: CaseResults) -> str:
    names = list(dict.fromkeys(name for name, _ in case.scratch))
    cells = [
        [name, *(figure(case.scratch.get((name, out), math.nan) / 2**20) for out in (False, True))]
        for name in names
    ]
    return table(["function", "result returned", "with out="], cells)


def wanted_table(wishes: Sequence[Wanted]) -> str:
    """The wishes, a row each."""
    rows = []
    for wish in wishes:
        bound = f"{'>=' if wish.at_least else '<='} {figure(wish.bound)}"
        verdict = "not measured" if math.isnan(wish.measured) else "yes" if wish.met else "NO"
        rows.append([wish.what, bound, figure(wish.measured), wish.unit, verdict, wish.note])
    return table(["", "wanted", "measured", "unit", "met", "note"], rows)
