"""What was measured, in one place, and as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import Any

from .accuracy import Errors
from .timing import Entrant, Measured


@dataclass
class CaseResults:
    """All about one case.

    density: the ways to the density, by name. own: our other calls. errors, own_errors: worst errors.
    scratch: (function, whether out= was given) -> bytes. disabled: our calls in processes where NumPy
    leaves vector units alone, by label and function.
    """

    name: str
    title: str
    density: dict[str, Entrant] = field(default_factory=dict)
    own: dict[str, Entrant] = field(default_factory=dict)
    errors: dict[str, Errors] = field(default_factory=dict)
    own_errors: dict[str, float] = field(default_factory=dict)
    certified: dict[str, float] = field(default_factory=dict)
    scratch: dict[tuple[str, bool], float] = field(default_factory=dict)
    disabled: dict[str, dict[str, Entrant]] = field(default_factory=dict)


@dataclass
class Results:
    """All cases, at which numbers of points, on which class of machine.

    main: the number of points that the ratios are about.
    """

    points: list[int]
    main: int
    machine: str
    cases: list[CaseResults] = field(default_factory=list)


def as_json(results: Results, wanted: list[dict[str, Any]]) -> str:
    """Everything, medians and samples; NaN and infinity become null."""

    def times(entrants: dict[str, Entrant]) -> dict[str, Any]:
        return {key: [measured(m) for m in entrant.results] for key, entrant in entrants.items()}

    def measured(m: Measured) -> dict[str, Any]:
        if m.reason:
            return {"points": m.points, "not run": m.reason}
        return {"points": m.points, "ns a point": m.nanoseconds, "seconds": m.samples}

    document = {
        "machine": results.machine,
        "ratios at points": results.main,
        "cases": [
            {
                "name": case.name,
                "law": case.title,
                "density": times(case.density),
                "own": times(case.own),
                "errors": {name: errors._asdict() for name, errors in case.errors.items()},
                "own errors": case.own_errors,
                "certified seconds": case.certified,
                "scratch bytes": {
                    f"{name}{', out=' if out else ''}": size for (name, out), size in case.scratch.items()
                },
                "vector units left alone": {label: times(own) for label, own in case.disabled.items()},
            }
            for case in results.cases
        ],
        "wanted": wanted,
    }
    return json.dumps(_finite(document), indent=1) + "\n"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
