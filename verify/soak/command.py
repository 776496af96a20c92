"""The command `python -m verify soak`: tasks in parallel processes, to be interrupted and gone on with."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from math import ceil, inf
from pathlib import Path
from typing import Any

from tqdm import tqdm

import generated

from ..accuracy import FUNCTIONS
from .report import report
from .tally import Tally, worst_of
from .task import Task, points_a_task


def _run(model: str, seed: int, number: int, functions: list[str]) -> Tally:
    return Task(model, seed, number, functions).run()


def _uninterrupted() -> None:
    """Leave interruptions to the parent: a task that has begun is ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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


def parser(commands: Any) -> argparse.ArgumentParser:
    """Add the command to those of `python -m verify`."""
    from ..ledger_command import positive  # not wanted by the processes that compare

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
