"""The ratios wanted, measured and met or not. Who could not be measured has not met anything."""

from __future__ import annotations

import math
from typing import NamedTuple

from .own import LAW_A_POINT
from .results import CaseResults, Results
from .rivals import RIVALS
from .timing import power

SCRATCH = 4 * 2**20
SMALL = 10
# The label of the calls that those with vector units disabled are measured against.
AS_FOUND = "as found"


class Wanted(NamedTuple):
    """One wish.

    what: what is measured. bound: at least (or at most) so much. measured: NaN if it could not be.
    note: what to know about it.
    """

    what: str
    bound: float
    at_least: bool
    measured: float
    unit: str
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the wish is met."""
        return self.measured >= self.bound if self.at_least else self.measured <= self.bound


# name of the rival: how many times faster than it the density shall be
FASTER = {
    "cubic": {"companion": 80.0, "lambdify": 7.0, "freealg": 1500.0},
    "quartic": {"companion": 25.0},
}
# within so many times of C
LIMIT = {"cubic": 8.0, "quartic": 10.0}
# cost of a call in densities
COST = {"cdf": 5.0, "quantile": 8.0, LAW_A_POINT: 30.0}
DRAWS = 1e7
SMALL_CALL, SMALL_CALLS = 60e-6, ("density", "cdf", "sf", "quantile", "stieltjes")
# Worst relative error of the density with one law a point, and of a frozen law's.
ACCURACY = 2e-14
# Seconds that a certified value takes at 53 bits.
CERTIFIED = 1e-3
DISABLED = 2.0


def wanted(results: Results) -> list[Wanted]:
    """All wishes."""
    return [wish for case in results.cases for wish in _of_case(case, results.main)]


def _of_case(case: CaseResults, points: int) -> list[Wanted]:
    found: list[Wanted] = []
    ours = case.density["ours"].at(points).nanoseconds

    def wish(what: str, bound: float, at_least: bool, measured: float, unit: str, note: str = "") -> None:
        found.append(Wanted(f"{case.name}: {what}", bound, at_least, measured, unit, note))

    for name, bound in FASTER.get(case.name, {}).items():
        if name in case.density:
            last = case.density[name].last()
            note = last.reason or (f"theirs at {power(last.points)} points" if last.points != points else "")
            wish(
                f"density against {RIVALS[name].label}",
                bound,
                True,
                last.nanoseconds / ours,
                "times faster",
                note,
            )
    if "c" in case.density:
        limit = case.density["c"].at(points)
        what = "density within so many times of C"
        wish(what, LIMIT[case.name], False, ours / limit.nanoseconds, "times", limit.reason)
    density = case.own["density"].at(points).nanoseconds
    for name, bound in COST.items():
        last = case.own[name].last()
        note = last.reason or (f"at {power(last.points)} points" if last.points != points else "")
        wish(f"{name}", bound, False, last.nanoseconds / density, "densities", note)
    for name in ("density", LAW_A_POINT):
        worst_error = case.own_errors.get(name, math.nan)
        wish(f"worst relative error of {name}", ACCURACY, False, worst_error, "")
    wish("rvs", DRAWS, True, points / case.own["rvs"].at(points).seconds, "a second")
    for name in SMALL_CALLS:
        seconds = case.own[name].at(SMALL).seconds
        wish(f"{name} at 10 points", SMALL_CALL * 1e6, False, seconds * 1e6, "µs")
    for with_out in (False, True):
        sizes = {name: size for (name, out), size in case.scratch.items() if out == with_out}
        worst = max(sizes, key=lambda name: sizes[name]) if sizes else ""
        what = f"scratch memory{' with out=' if with_out else ''}"
        wish(what, SCRATCH / 2**20, False, sizes.get(worst, math.nan) / 2**20, "MiB", f"most: {worst}")
    for name, seconds in case.certified.items():
        wish(f"certified {name} at 53 bits", CERTIFIED * 1e6, False, seconds * 1e6, "µs")
    as_found = case.disabled.get(AS_FOUND, {})
    for label, entrants in case.disabled.items():
        for name, entrant in entrants.items() if label != AS_FOUND else ():
            ratio = entrant.at(points).seconds / as_found[name].at(points).seconds
            wish(f"{name} {label}", DISABLED, False, ratio, "times")
    return found
