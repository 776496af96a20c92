"""Time the generated evaluators beside their rivals; write tables, numbers and a picture.

Under build/bench: table.md, results.json and bench.svg. The first run makes an environment for the rivals
under build/rivals; what cannot be installed, or has no compiler, is reported as absent.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from .accuracy import Certified
from .cases import CASES
from .certified import certified_seconds
from .machine import description, disabling
from .memory import METHODS, OF_LAWS
from .own import CALLS, LAW_A_POINT_THREADS, THREADS
from .picture import draw
from .processes import ROOT, Failed, Worker, rivals_python
from .report import text
from .results import CaseResults, Results, as_json
from .rivals import RIVALS
from .timing import Entrant, Plan, interleaved
from .wanted import AS_FOUND, SMALL, Wanted, wanted
from .worker import CLOCKS

POINTS = (10, 10**3, 10**5, 10**6, 10**7)
QUICK_POINTS = (10, 10**3, 10**5)
FULL, QUICK = Plan(9, 10.0), Plan(3, 0.5)
# Our own calls may take so long in any case.
OWN_PATIENCE = 2.0
# The ratios are about so many points, or the most below.
MAIN = 10**6
BAR = "{bar:30} {n_fmt}/{total_fmt} {elapsed}{postfix}"
CLOCKED = {"wall": "wall-clock time", "cpu": "the thread's own time"}
# What is timed again where NumPy leaves vector units alone.
WITHOUT_UNITS = ("density", "cdf", "quantile")


def parser() -> argparse.ArgumentParser:
    """The options."""
    found = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    found.add_argument("--quick", action="store_true", help="fewer points and rounds, nothing is installed")
    found.add_argument("--points", type=float, nargs="+", help="numbers of points, such as 1e3 1e6")
    found.add_argument("--models", nargs="+", choices=CASES, default=list(CASES), help="the laws")
    found.add_argument(
        "--rivals", nargs="*", choices=RIVALS, default=list(RIVALS), help="ways to the density"
    )
    found.add_argument("--rounds", type=int, help=f"interleaved repetitions (default {FULL.rounds})")
    found.add_argument(
        "--patience", type=float, help=f"seconds one evaluation may take (default {FULL.patience:g})"
    )
    found.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu: the thread's own time")
    found.add_argument("--out", type=Path, default=ROOT / "build" / "bench", help="folder to write to")
    found.add_argument("--check", action="store_true", help="exit with 1 unless every ratio wanted is met")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; the exit status is 0, or 1 if --check finds something unmet."""
    options = parser().parse_args(arguments)
    usual = QUICK if options.quick else FULL
    plan = Plan(options.rounds or usual.rounds, options.patience or usual.patience, options.clock)
    points = sorted({int(n) for n in options.points or (QUICK_POINTS if options.quick else POINTS)})
    at = max([n for n in points if n <= MAIN], default=points[0])
    results = Results(points, at, f"{description()}; {CLOCKED[options.clock]}")
    names = list(dict.fromkeys(["ours", *options.rivals]))
    workers = {"project": Worker(), **{label: Worker(disabled=units) for label, units in disabling().items()}}
    steps = len(options.models) * (len(points) + 4)
    with tqdm(total=steps, disable=None, leave=False, bar_format=BAR) as progress:
        reason = ""
        if any(RIVALS[name].home == "rivals" for name in names):
            progress.set_postfix_str("the rivals' environment")
            try:
                workers["rivals"] = Worker(rivals_python(install=not options.quick))
            except (Failed, OSError) as failed:
                reason = str(failed)
        try:
            for model in options.models:
                case = CaseResults(model, CASES[model].title)
                results.cases.append(case)
                _time_density(case, names, workers, reason, points, plan, progress)
                _time_own(case, workers, at, plan, progress)
                _measure_errors(case, workers, progress)
                _measure_scratch(case, workers["project"], at, progress)
        finally:
            for worker in workers.values():
                worker.close()
    wishes = wanted(results)
    report = text(results, wishes)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "table.md").write_text(report, encoding="utf-8")
    found = [wish._asdict() | {"met": wish.met} for wish in wishes]
    (options.out / "results.json").write_text(as_json(results, found), encoding="utf-8")
    draw(results, options.out / "bench.svg")
    print(report)
    print(f"Written to {options.out}: table.md, results.json, bench.svg")
    return status(wishes) if options.check else 0


def status(wishes: Sequence[Wanted]) -> int:
    """0 if every wish is met, else 1, told on stderr."""
    unmet = [wish for wish in wishes if not wish.met]
    if unmet:
        print(f"{len(unmet)} of {len(wishes)} wanted ratios are not met", file=sys.stderr)
    return int(bool(unmet))


def _time_density(
    case: CaseResults,
    names: list[str],
    workers: dict[str, Worker],
    reason: str,
    points: list[int],
    plan: Plan,
    progress: tqdm,
) -> None:
    for name in names:
        rival = RIVALS[name]
        case.density[name] = Entrant(name, workers.get(rival.home), reason=reason, largest=rival.largest)
    for n in points:
        interleaved(case.density.values(), case.name, n, plan, progress.set_postfix_str)
        progress.update()


def _time_own(case: CaseResults, workers: dict[str, Worker], at: int, plan: Plan, progress: tqdm) -> None:
    plan = plan._replace(patience=max(plan.patience, OWN_PATIENCE))
    case.own = {name: Entrant(name, workers["project"]) for name in CALLS}
    if plan.clock == "cpu":
        for name in (THREADS, LAW_A_POINT_THREADS):
            case.own[name].largest = (0, "needs the wall clock")
    case.disabled = {
        AS_FOUND if label == "project" else label: {
            name: Entrant(name, worker, key=f"{name} {label}") for name in WITHOUT_UNITS
        }
        for label, worker in workers.items()
        if label != "rivals"
    }
    for name in CALLS:
        if "first call" in name:
            case.own[name].largest = (SMALL, "timed at 10 points")
    for n in sorted({SMALL, *(n for n in (10**3, 10**5) if n < at), at}):
        interleaved(case.own.values(), case.name, n, plan, progress.set_postfix_str)
    progress.update()
    disabled = [entrant for entrants in case.disabled.values() for entrant in entrants.values()]
    interleaved(disabled, case.name, at, plan, progress.set_postfix_str)
    progress.update()


def _measure_errors(case: CaseResults, workers: dict[str, Worker], progress: tqdm) -> None:
    progress.set_postfix_str(f"{case.name}: certified values")
    certified = Certified(CASES[case.name])
    points = certified.points.tolist()
    for name, entrant in case.density.items():
        if entrant.worker is None or not entrant.last().samples:
            continue
        progress.set_postfix_str(f"{case.name}: errors of {name}")
        try:
            values = entrant.worker.ask("values", name, case.name, points=points)
        except Failed:
            continue
        case.errors[name] = certified.errors(values)
    progress.set_postfix_str(f"{case.name}: errors of our other functions")
    case.own_errors = certified.own()
    case.certified = certified_seconds(CASES[case.name])
    progress.update()


def _measure_scratch(case: CaseResults, worker: Worker, at: int, progress: tqdm) -> None:
    for function in (*METHODS, *OF_LAWS):
        progress.set_postfix_str(f"{case.name}: scratch memory of {function}")
        for with_out in (False, True):
            try:
                size = worker.ask("scratch", function, case.name, points=at, with_out=with_out)
            except Failed:
                size = math.nan
            case.scratch[function, with_out] = size
    progress.update()


if __name__ == "__main__":
    sys.exit(main())
