"""`python -m verify ledger`: judge the claims of the papers, print the table, write `build/ledger.json`.

Claims are judged in separate processes, one BLAS thread each. The verdicts are held against
`verify/papers/verdicts.json`; where one differs, or a claim cannot be judged, the command fails.
`--accept` writes the file, the summary in the README and docs/refuted.md anew.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from concurrent.futures import as_completed
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from derive.files import require_writable, write_text

from .ledger import (
    Claim,
    Evidence,
    Finding,
    LedgerError,
    Method,
    Status,
    Verdict,
    entry,
    judge,
    papers,
    proved_throughout,
)
from .processes import processes
from .summary import EXPECTED, brief, expected, in_documents, tally

STYLES = {Status.PROVED: "green", Status.SUPPORTED: "cyan", Status.REFUTED: "red", Status.OPEN: "yellow"}
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def parser(commands: Any) -> None:
    """Add the command."""
    sub = commands.add_parser(
        "ledger", help="judge every claim of the papers", description="Judge every claim of the papers."
    )
    sub.add_argument(
        "claims", nargs="*", metavar="ID", help="only these, such as pb17/eq-18, in full (default: all)"
    )
    sub.add_argument(
        "--fast", action="store_true", help="leave Monte Carlo out; what has nothing else is open"
    )
    sub.add_argument(
        "--paper", choices=[paper.key for paper in papers()], help="only the claims of one paper"
    )
    sub.add_argument(
        "--output", type=Path, help="JSON file to write (default: build/ledger.json if all claims are judged)"
    )
    sub.add_argument(
        "--jobs", type=positive, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    sub.add_argument("--quiet", action="store_true", help="no progress bar")
    sub.add_argument(
        "--accept", action="store_true", help="keep the verdicts as the expected ones (maintainers)"
    )
    sub.set_defaults(run=run)


def positive(text: str) -> int:
    """A number of processes, or of points, read from the command line."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Judge, print, write; 1 if a verdict is not the expected one or a claim cannot be judged."""
    chosen = _chosen(options.claims, options.paper)
    complete = len(chosen) == sum(len(paper.claims) for paper in papers())
    if options.accept and (options.fast or not complete):
        print("--accept needs the whole ledger: leave out --fast, --paper and ids", file=sys.stderr)
        return 2
    output = options.output or (Path("build/ledger.json") if complete else None)
    if output:
        require_writable(output)
    verdicts, failures = judged(chosen, fast=options.fast, jobs=options.jobs, quiet=options.quiet)
    console = Console(highlight=False, soft_wrap=False)
    if options.claims:
        for verdict in verdicts:
            console.print(details(verdict))
    else:
        console.print(table(verdicts))
        for verdict in verdicts:
            if verdict.correction:
                console.print(Text(f"{verdict.claim.id} refuted; right: {verdict.correction}", style="red"))
    console.print(Text(tally(verdicts)))
    if complete and not failures:
        console.print(f"Proved together with all that they rest on: {len(proved_throughout(verdicts))}.")
    if output:
        _write(verdicts, output)
        console.print(f"Written: {output}")
    for failure in failures:
        console.print(Text(failure, style="bold red"))
    if failures:
        return 1
    if options.accept:
        write_text(EXPECTED, json.dumps({v.claim.id: brief(v) for v in verdicts}, indent=1) + "\n")
        in_documents(verdicts)
        return 0
    changes = _changes(verdicts, fast=options.fast)
    for change in changes:
        console.print(Text(change, style="bold red"))
    return 1 if changes else 0


def _write(verdicts: Iterable[Verdict], target: Path) -> None:
    sources = {paper.key: paper.source for paper in papers()}
    entries = [entry(verdict, sources[verdict.claim.id.split("/")[0]]) for verdict in verdicts]
    write_text(target, json.dumps(entries, indent=1, ensure_ascii=False) + "\n")


def _chosen(ids: Iterable[str], key: str | None) -> list[Claim]:
    claims = {claim.id: claim for paper in papers() for claim in paper.claims}
    unknown = [name for name in ids if name not in claims]
    if unknown:
        near = dict.fromkeys(close for name in unknown for close in get_close_matches(name, claims))
        meant = f" (was {' or '.join(near)} meant?)" if near else ""
        raise SystemExit(f"no claim is called {', '.join(unknown)}{meant}; all ids are in {EXPECTED}")
    chosen = [c for c in claims.values() if (not ids or c.id in ids) and key in (None, c.id.split("/")[0])]
    if not chosen:
        raise SystemExit(f"none of {', '.join(ids)} is a claim of {key}; leave out --paper")
    return chosen


def judged(
    claims: list[Claim], *, fast: bool = False, jobs: int = 1, quiet: bool = False
) -> tuple[list[Verdict], list[str]]:
    """Verdicts in the order of the claims, and a sentence for each claim that cannot be judged.

    Nothing about a verdict depends on the number of processes.
    """
    for name in THREADS:  # inherited by the processes before they load NumPy
        os.environ.setdefault(name, "1")
    found: dict[str, Verdict] = {}
    failures: list[str] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with (
        Progress(*columns, console=console, disable=quiet or not console.is_terminal) as progress,
        processes(jobs) as pool,
    ):
        task = progress.add_task("judging", total=len(claims))
        waiting = {pool.submit(_judge, claim.id, fast): claim for claim in claims}
        for future in as_completed(waiting):
            claim = waiting[future]
            progress.update(task, advance=1, description=claim.id)
            outcome = future.result()
            if isinstance(outcome, str):
                failures.append(outcome)
            else:
                found[claim.id] = outcome.of(claim)
    return [found[claim.id] for claim in claims if claim.id in found], sorted(failures)


@dataclass(frozen=True)
class _Outcome:
    """A verdict without the functions of its claim, which do not travel between processes.

    evidence: positions of reading (-1: the correction) and check, and the finding.
    """

    status: Status
    method: Method | None
    evidence: tuple[tuple[int, int, Finding], ...]
    reason: str

    def of(self, claim: Claim) -> Verdict:
        """The verdict on the claim."""
        readings = (*claim.readings, claim.correction)
        evidence = tuple(
            Evidence(readings[reading], claim.checks[check], finding, reading == -1)  # type: ignore[arg-type]
            for reading, check, finding in self.evidence
        )
        return Verdict(claim, self.status, self.method, evidence, self.reason)


def _judge(name: str, fast: bool) -> _Outcome | str:
    """Judge one claim; a sentence if it cannot be judged."""
    claim = next(claim for paper in papers() for claim in paper.claims if claim.id == name)
    try:
        verdict = judge(claim, fast=fast)
    except LedgerError as error:
        return str(error)
    except Exception as error:  # the check itself failed: reported with its claim, the others go on
        return f"{name}: {type(error).__name__}: {error}"
    evidence = tuple(
        (
            -1 if item.corrected else claim.readings.index(item.reading),
            claim.checks.index(item.check),
            item.finding,
        )
        for item in verdict.evidence
    )
    return _Outcome(verdict.status, verdict.method, evidence, verdict.reason)


def table(verdicts: Iterable[Verdict]) -> Table:
    """The verdicts as a table for a terminal, one line a claim; `details` has the rest."""
    verdicts = tuple(verdicts)
    # expanded: only then does `ratio` give the evidence what the other columns leave
    found = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    found.add_column("claim", no_wrap=True, min_width=max((len(v.claim.id) for v in verdicts), default=0))
    found.add_column("verdict", no_wrap=True, min_width=max(map(len, Status)))
    found.add_column("method", no_wrap=True, min_width=max(map(len, Method)))
    found.add_column("evidence", no_wrap=True, overflow="ellipsis", ratio=1)
    for verdict in verdicts:
        status = Text(str(verdict.status), style=STYLES[verdict.status])
        found.add_row(verdict.claim.id, status, str(verdict.method or ""), Text(_deciding(verdict)))
    return found


def _deciding(verdict: Verdict) -> str:
    """The sentence that decided: the first refusal, else the last finding, else the reason."""
    if verdict.status is Status.REFUTED:
        return next(item.finding.text for item in verdict.evidence if not item.finding.holds)
    return verdict.evidence[-1].finding.text if verdict.evidence else verdict.reason


def details(verdict: Verdict) -> Text:
    """Everything about one claim, for a terminal."""
    claim = verdict.claim
    text = Text.assemble(
        (claim.id, "bold"), "  ", (str(verdict.status), STYLES[verdict.status]), f"  {claim.place}\n"
    )
    text.append(f"  {claim.statement}\n")
    if claim.conditions:
        text.append(f"  where: {claim.conditions}\n")
    for item in verdict.evidence:
        outcome = "holds" if item.finding.holds else "fails"
        kind = "corrected" if item.corrected else "reading"
        text.append(
            f"  {kind}: {item.reading.latex}\n    {outcome}, {item.check.method}: {item.finding.text}\n"
        )
        if item.finding.numbers:
            figures = ", ".join(
                f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}"
                for k, v in item.finding.numbers.items()
            )
            text.append(f"    {figures}\n")
        if item.check.false_alarm is not None:
            text.append(f"    false alarm {item.check.false_alarm:g}; {item.check.power}\n")
    if not verdict.evidence:
        text.append(f"  {verdict.reason}\n")
    if claim.uses:
        text.append(f"  uses: {', '.join(claim.uses)}\n")
    return text


def _changes(verdicts: Iterable[Verdict], *, fast: bool) -> list[str]:
    """Verdicts that are not the expected ones; what --fast leaves open is no change."""
    known = expected()
    found = []
    for verdict in verdicts:
        name, now, before = verdict.claim.id, brief(verdict), known.get(verdict.claim.id)
        left_out = fast and any(check.method is Method.SAMPLED for check in verdict.claim.checks)
        if now != before and not left_out:
            was = " ".join(filter(None, before)) if before else "nothing"
            found.append(f"{name}: the verdict is {' '.join(filter(None, now))}, expected was {was}")
    return found
