"""Many adversarial inputs through every evaluator, compared with certified balls: `python -m verify soak`.

Work is cut into tasks, each with its own seed: the laws and points of a task depend on the model, the seed
and the task's number alone. A task draws a few laws with many points each, or many laws with one point each,
and evaluates

    scalar   the functions with scalar parameters, which freeze the law,
    direct   the same kernels on a law that is not frozen,
    array    the functions with one law a point.

An interrupted run reports what it has found, and where to go on.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from math import ceil, inf, log2
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import generated

from . import accuracy
from .accuracy import FUNCTIONS, PATHS, Function, Reference, reference
from .adversaries import Drawn, Laws, Points
from .precise import Law


@dataclass(frozen=True)
class Size:
    """How much a task holds: a few laws with many points each, or many laws with one point each."""

    points_a_law: int = 384
    laws: int = 4
    laws_with_one_point: int = 192


SHARE = {"x": 1.0, "z": 0.25, "q": 0.125}
KEPT = 3
FROM_EDGE = np.dtype([("edge", float), ("distance", float)])
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


class Task:
    """The laws and points of one task, and their errors."""

    def __init__(
        self, model: str, seed: int, number: int, functions: Sequence[str], size: Size | None = None
    ) -> None:
        self.size = size or Size()
        self.model, self.functions = model, [FUNCTIONS[name] for name in functions]
        self.rng = np.random.default_rng([seed, sorted(generated.MODELS).index(model), number])
        self.many_laws = number % 4 == 3
        self.laws = Laws(model)
        self.tally = Tally()

    def run(self) -> Tally:
        """Errors of every function, path and region."""
        count = self.size.laws_with_one_point if self.many_laws else self.size.laws
        draws = self.laws.draw(self.rng)
        drawn = [next(draws) for _ in range(count)]
        laws = [Law(self.model, **d.values) for d in drawn]
        of_points = [f for f in self.functions if f.argument]
        self._shapes(drawn, laws, [f for f in self.functions if not f.argument])
        for argument in ("x", "z", "q"):
            functions = [f for f in of_points if f.argument == argument]
            if functions:
                self._points(argument, functions, drawn, laws)
        return self.tally

    def _points(self, argument: str, functions: list[Function], drawn: list[Drawn], laws: list[Law]) -> None:
        number = max(1, int(SHARE[argument] * (1 if self.many_laws else self.size.points_a_law)))
        rows, points, names = [], [], []
        for i, law in enumerate(laws):
            if self.many_laws and argument != "x" and self.rng.random() > SHARE[argument]:
                continue
            found = Points(law)
            make = {"x": found.real, "z": found.complex, "q": found.levels_near}[argument]
            some, regions = make(self.rng, number)
            rows += [i] * number
            points.append(some)
            names += [f"{drawn[i].region} | {region}" for region in regions]
        if not rows:
            return
        which, where = np.array(rows), np.concatenate(points)
        exact = None if argument == "q" else self._references(functions, laws, which, where)
        for function in functions:
            for path in function.paths:
                if path != "array" and self.many_laws:  # preparing laws one by one would be all the time
                    continue
                if path == "array" and not self.many_laws:
                    chosen = np.arange(0, which.size, 12)
                else:
                    chosen = np.arange(which.size)
                rows_of = [drawn[i].values for i in which[chosen]]
                got = evaluated(self.laws.module, function.name, path, rows_of, where[chosen])
                if exact is None:
                    errors = self._errors_of_laws(function, laws, which[chosen], where[chosen], got)
                else:
                    errors = function.error(got, exact[function.name].take(chosen))
                self._keep(
                    function,
                    path,
                    drawn,
                    which[chosen],
                    where[chosen],
                    [names[i] for i in chosen],
                    got,
                    errors,
                )

    def _references(
        self, functions: list[Function], laws: list[Law], which: Any, where: Any
    ) -> dict[str, Reference]:
        balls: dict[str, list[Any]] = {f.name: [] for f in functions}
        for i, point in zip(which.tolist(), where.tolist(), strict=True):
            for f in functions:
                balls[f.name].append(f.certified(laws[i], point, accuracy.REFERENCE_BITS))
        return {name: reference(values) for name, values in balls.items()}

    def _errors_of_laws(self, function: Function, laws: list[Law], which: Any, points: Any, got: Any) -> Any:
        assert function.of_law is not None
        errors = np.empty(points.shape)
        for i in np.unique(which):
            mask = which == i
            errors[mask] = function.of_law(laws[i], points[mask], got[mask])
        return errors

    def _shapes(self, drawn: list[Drawn], laws: list[Law], functions: list[Function]) -> None:
        for function in functions:
            name = function.name
            call: Any = getattr(self.laws.module, name, None)
            if name == "critical_energy" and (call is None or self.many_laws):  # its certificate is slow
                continue
            names = [p.name for p in self.laws.module.PARAMETERS]
            if name == "critical_energy" and self.laws.energy is not None:
                names.remove(self.laws.energy.name)
            arguments = (accuracy.ORDER,) if name == "moments" else ()
            together = call(*arguments, *(np.array([d.values[key] for d in drawn]) for key in names))
            for i, (one, law) in enumerate(zip(drawn, laws, strict=True)):
                exact = reference(function.certified(law, accuracy.REFERENCE_BITS))
                for path in ("scalar", "array"):
                    if path == "scalar":
                        if self.many_laws:
                            continue
                        got = call(*arguments, *(one.values[key] for key in names))
                    else:
                        got = together[:, i] if name == "moments" else together[i]
                    got = np.atleast_1d(got).ravel()
                    if name == "support":
                        got = got[~np.isnan(got)]
                    if got.shape != exact.high.shape:  # a band missed or made up
                        got = np.full(exact.high.shape or (1,), np.nan)
                    errors = function.error(got, exact)
                    if name == "moments":  # as far as they can be represented
                        errors = np.where(np.isinf(exact.high), 0.0, errors)
                    self._keep(
                        function,
                        path,
                        drawn,
                        np.full(got.shape, i),
                        None,
                        [one.region] * got.size,
                        got,
                        errors,
                    )

    def _keep(
        self,
        function: Function,
        path: str,
        drawn: list[Drawn],
        which: Any,
        where: Any,
        names: Any,
        got: Any,
        errors: Any,
    ) -> None:
        names = np.array(names)
        for name in np.unique(names):
            mask = np.flatnonzero(names == name)
            bad = mask[np.argsort(-errors[mask], kind="stable")[:KEPT]]
            cases = [
                Bad(
                    error=float(errors[i]),
                    model=self.model,
                    function=function.name,
                    path=path,
                    region=str(name),
                    values=drawn[which[i]].values,
                    point=None if where is None else where[i].item(),
                    place=int(i),
                    got=repr(got[i].item()),
                )
                for i in bad
            ]
            self.tally.add((self.model, function.name, path, str(name)), mask.size, cases)


def evaluated(module: Any, name: str, path: str, laws: Sequence[dict[str, float]], points: Any) -> Any:
    """A function at one point of each of the laws, scalar, direct or array."""
    names = [p.name for p in module.PARAMETERS]
    if path == "array":
        return _one(getattr(module, name)(points, *(np.array([law[p] for law in laws]) for p in names)))
    dtypes = {
        "stieltjes": np.dtype(complex),
        "quantile_from_edge": FROM_EDGE,
        "upper_quantile_from_edge": FROM_EDGE,
    }
    result = np.empty(points.shape, dtypes.get(name, float))
    groups: dict[tuple[float, ...], list[int]] = {}
    for i, law in enumerate(laws):
        groups.setdefault(tuple(float(law[p]) for p in names), []).append(i)
    for values, index in groups.items():
        if path == "scalar":
            method = FUNCTIONS[name].method
            found = (
                getattr(module.law(*values), method)(points[index])
                if method
                else getattr(module, name)(points[index], *values)
            )
            result[index] = _one(found)
        else:
            family = module._FAMILY
            kernel = getattr(family.kernels, name)
            result[index] = _one(kernel(family.prepared(*values), np.ascontiguousarray(points[index])))
    return result


def _one(values: Any) -> Any:
    """What a function returned as one array."""
    if not isinstance(values, tuple):
        return values
    result = np.empty(values[0].shape, FROM_EDGE)
    result["edge"], result["distance"] = values
    return result


def _run(model: str, seed: int, number: int, functions: list[str]) -> Tally:
    return Task(model, seed, number, functions).run()


def _uninterrupted() -> None:
    """Leave interruptions to the parent: a task that has begun is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def points_a_task() -> float:
    """Points in a task, three of four with few laws and one with many."""
    size = Size()
    few = size.laws * sum(max(1, int(share * size.points_a_law)) for share in SHARE.values())
    return 0.75 * few + 0.25 * size.laws_with_one_point * sum(SHARE.values())


def soak(
    models: list[str],
    points: int,
    functions: list[str],
    seed: int,
    jobs: int,
    *,
    skip: int = 0,
    minutes: float = inf,
    quiet: bool = False,
) -> Tally:
    """Compare about that many points of each model, in parallel processes, as far as the time goes.

    skip: so many tasks of each model are left out. An interruption ends it as the time does.
    """
    numbers = range(skip, ceil(points / points_a_task()))
    tasks = iter([(model, seed, i, functions) for i in numbers for model in models])
    tally, end = Tally(), time.monotonic() + 60 * minutes
    running: dict[Future[Tally], tuple[str, int, int, list[str]]] = {}
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(jobs, mp_context=context, initializer=_uninterrupted) as pool,
        tqdm(total=len(numbers) * len(models), unit="task", disable=quiet, smoothing=0.05) as bar,
    ):

        def begin(count: int) -> None:
            for task in islice(tasks, count):
                running[pool.submit(_run, *task)] = task

        begin(2 * jobs)
        while running:
            try:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt:
                end = -inf
                for future in [future for future in running if future.cancel()]:
                    left = running.pop(future)[2]
                    tally.first_left = left if tally.first_left is None else min(left, tally.first_left)
                continue
            for future in done:
                model, _, number, _ = running.pop(future)
                try:
                    tally.merge(future.result())
                except Exception as error:  # the other tasks are not to be lost
                    tally.failed.append(f"task {number} of {model}: {type(error).__name__}: {error}")
                bar.update()
                if time.monotonic() < end:
                    begin(1)
            bar.set_postfix_str(tally.nearest(), refresh=False)
    following = next(tasks, None)
    if following is not None and tally.first_left is None:
        tally.first_left = following[2]
    return tally


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


def worst_of(tally: Tally, model: str, function: str, path: str | None = None) -> Bad | None:
    """The worst case of a function, over one path or all."""
    found = [
        cases[0]
        for (m, f, p, _), cases in tally.worst.items()
        if (m, f) == (model, function) and cases and path in (None, p)
    ]
    return max(found, key=lambda bad: bad.error, default=None)


def _table(tally: Tally, model: str, function: str, bound: float) -> Iterator[str]:
    """Worst errors by region of the law and region of the point; those above the bound are starred."""
    regions: dict[str, float] = {}
    for (m, f, _, region), cases in tally.worst.items():
        if (m, f) == (model, function):
            for part in {region, *region.split(" | ")}:
                regions[part] = max(regions.get(part, 0.0), cases[0].error)
    for region in sorted((r for r in regions if " | " not in r), key=lambda r: -regions[r]):
        yield f"      {region:28} {regions[region]:9.2g}{' *' if regions[region] > bound else ''}"


def parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to those of `python -m verify`."""
    from .ledger_command import positive  # not wanted by the processes that compare

    command: argparse.ArgumentParser = commands.add_parser(
        "soak",
        help="compare the evaluators with certified values at many adversarial inputs",
        description="Compare every generated evaluator with certified balls at adversarial inputs over the "
        "whole domain: laws next to their transitions, points next to edges, cusps, 0 and in gaps. Prints "
        "the worst errors with exact inputs and 40 certified digits; exits with 1 where a bound is exceeded.",
    )
    add = command.add_argument
    names = tuple(FUNCTIONS)
    add("--model", nargs="+", metavar="NAME", choices=generated.MODELS, help="models; all of them")
    add("--points", type=positive, default=1_000_000, metavar="N", help="points a model; %(default)s")
    add("--functions", nargs="+", metavar="NAME", choices=names, help=f"of {', '.join(names)}; all")
    add("--seed", type=int, default=0, help="the same seed draws the same inputs; %(default)s")
    add("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="processes; %(default)s")
    add("--skip", type=int, default=0, metavar="N", help="go on after N tasks of each model; %(default)s")
    add("--minutes", type=float, default=inf, metavar="M", help="begin no task later; as long as it takes")
    add("--write", type=Path, metavar="FILE", help="append the worst cases as JSON, with 40 certified digits")
    add("--quiet", action="store_true", help="no progress bar")
    command.set_defaults(run=run)
    return command


def run(options: argparse.Namespace) -> int:
    """The command; 1 where a bound is exceeded."""
    models = list(options.model or generated.MODELS)
    functions = list(options.functions or FUNCTIONS)
    tally = soak(
        models,
        options.points,
        functions,
        options.seed,
        options.jobs,
        skip=options.skip,
        minutes=options.minutes,
        quiet=options.quiet,
    )
    for line in report(tally):
        print(line)
    worst = [bad for m in models for f in functions if (bad := worst_of(tally, m, f)) is not None]
    if options.write:
        known = json.loads(options.write.read_text()) if options.write.exists() else []
        known += [record for bad in worst if (record := bad.record()) not in known]
        options.write.write_text(json.dumps(known, indent=1) + "\n")
    exceeding = [bad for bad in worst if not bad.error <= FUNCTIONS[bad.function].bound]
    if exceeding:
        names = ", ".join(f"{bad.model}.{bad.function}" for bad in exceeding)
        print(f"\nbounds exceeded by {names}", file=sys.stderr)
    return 1 if exceeding or tally.failed else 0
