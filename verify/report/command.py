"""`python -m verify report`: judge the ledger, derive the models, draw the figures, write the report.

Claims are judged, models derived and figures drawn in separate processes. A claim that cannot be judged is
shown as open, with the reason, and makes the command fail.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from derive.files import require_writable

from ..ledger import Claim, Status, Verdict, papers
from ..ledger_command import judged, positive
from ..processes import processes
from ..summary import tally

if TYPE_CHECKING:
    from .site import Parts


def parser(commands: Any) -> None:
    """Add the command."""
    sub = commands.add_parser(
        "report",
        help="write the report: ledger, graph, models, figures, explorer, as pages",
        description="Write the report as pages that open from disk.",
    )
    sub.add_argument(
        "--out", type=Path, default=Path("build/report"), help="folder to write (default: build/report)"
    )
    sub.add_argument("--fast", action="store_true", help="leave Monte Carlo out of the ledger")
    sub.add_argument(
        "--jobs", type=positive, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    sub.add_argument("--quiet", action="store_true", help="no progress bar")
    sub.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge, prepare, write; 1 if a claim cannot be judged, 2 if the folder is not to be replaced."""
    from . import site
    from .ledger_page import Ledger

    if not site.replaceable(options.out):
        print(site.refusal(options.out), file=sys.stderr)
        return 2
    require_writable(options.out / "index.html")
    known = papers()
    claims = [claim for paper in known for claim in paper.claims]
    verdicts, failures = judged(claims, fast=options.fast, jobs=options.jobs, quiet=options.quiet)
    whole = complete(claims, verdicts, failures)
    prepared = parts(jobs=options.jobs, quiet=options.quiet)
    site.write(site.files(Ledger(known, whole, options.fast), prepared), options.out)
    print(tally(whole))
    print(f"Written: {options.out / 'index.html'}")
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def complete(
    claims: Sequence[Claim], verdicts: Sequence[Verdict], failures: Sequence[str]
) -> tuple[Verdict, ...]:
    """A verdict on each claim: one that could not be judged is open, with what was said of it."""
    known = {verdict.claim.id: verdict for verdict in verdicts}

    def told(claim: Claim) -> str:
        return "; ".join(f for f in failures if re.match(re.escape(claim.id) + r"[: ]", f))

    return tuple(
        known.get(claim.id) or Verdict(claim, Status.OPEN, None, (), told(claim)) for claim in claims
    )


def parts(*, jobs: int, quiet: bool) -> Parts:
    """Everything but the verdicts, made in separate processes."""
    from derive.language.model import all_names

    from . import explorer, figures_page, models_page
    from .site import Parts

    models = all_names()
    found = spread(
        [
            *(
                (figures_page.measured, name) for name in figures_page.MEASURED
            ),  # first, for they take longest
            *((figures_page.drawn, name) for name in figures_page.NAMES),
            *((figures_page.spectrum, name) for name in models),
            *((models_page.content, name) for name in models),
            (_explorer, explorer.FILE),
        ],
        jobs=jobs,
        quiet=quiet,
    )
    measured = len(figures_page.MEASURED)
    split = measured + len(figures_page.NAMES)
    return Parts(
        measured=tuple(found[:measured]),
        figures=tuple(found[measured:split]),
        spectra=tuple(found[split : split + len(models)]),
        models=tuple(found[split + len(models) : -1]),
        explorer=found[-1],
    )


def _explorer(_: str) -> str:
    from .explorer import explorer_html

    return explorer_html()


def spread(tasks: Sequence[tuple[Callable[[str], Any], str]], *, jobs: int, quiet: bool) -> list[Any]:
    """The results of functions of a name, in separate processes, with progress; in the order of the tasks."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with (
        Progress(*columns, console=console, disable=quiet or not console.is_terminal) as progress,
        processes(jobs) as pool,
    ):
        bar = progress.add_task("models and figures", total=len(tasks))
        waiting = {pool.submit(work, name): name for work, name in tasks}
        for future in as_completed(waiting):
            progress.update(bar, advance=1, description=waiting[future])
        return [future.result() for future in waiting]
