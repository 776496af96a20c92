"""Our algebra of laws beside RMTool's Python port on the same jobs: `python -m benchmarks.algebra`.

Every job runs in fresh processes, ours and RMTool's in turn, imports not counted; equations and moments of
both must agree. Writes build/bench/algebra.json and the table of docs/rmtool.md; GPL code is run, not read.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy as sp
from tqdm import tqdm

from derive import TRANSFORMS
from derive.algebra.polynomials import canonical, factor_list
from derive.laws import G, g, x, z
from derive.subordination import k
from derive.transforms.coordinates import eta, psi, v
from derive.transforms.curves import r, s, t, u

from .algebra_jobs import DENSITIES, JOBS, Job
from .machine import description
from .processes import LIBRARIES, ROOT, Failed, rivals_python
from .report import figure, table

LIMIT = 120.0  # seconds for one job
ROUNDS = 3
ONCE = 10.0  # what takes longer is not repeated
DOC = ROOT / "docs" / "rmtool.md"
BEGIN, END = "<!-- times: python -m benchmarks.algebra --write -->", "<!-- end of times -->"
# RMTool's letters in ours; its moment series begins with 1
THEIR_LETTERS: dict[str, dict[str, sp.Expr]] = {
    "R": {"r": r, "g": g},
    "S": {"s": s, "y": t},
    "eta": {"eta": eta, "z": v},
    "psi": {"myu": 1 + psi, "z": u},
    "G": {"g": G, "z": z},
}


class Outcome(NamedTuple):
    """Seconds (a point for densities), and whether the results agree; None where there is none to compare."""

    job: Job
    ours: float
    rmtool: float
    agree: bool | None
    note: str = ""


def run(python: str, side: str, job: Job) -> tuple[float, Any, str]:
    """(median seconds, result, "") of a side, or (nan, None, what went wrong)."""
    text = job.ours if side == "ours" else job.rmtool
    environment = os.environ | {f"{name}_NUM_THREADS": "1" for name in LIBRARIES} | {"PYTHONPATH": str(ROOT)}
    times: list[float] = []
    result = None
    rounds = 1 if job.kind == "density" else ROUNDS  # densities are repeated inside
    while len(times) < rounds and (not times or times[-1] < ONCE):
        command = [python, "-m", "benchmarks.algebra_side", side, job.kind, text]
        try:
            done = subprocess.run(
                command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT
            )
        except subprocess.TimeoutExpired:
            return LIMIT, None, f"stopped after {LIMIT:g} s"
        if done.returncode:
            return float("nan"), None, done.stderr.strip().splitlines()[-1]
        answer = json.loads(done.stdout.strip().splitlines()[-1])
        times.append(answer["seconds"])
        result = answer["result"]
    return statistics.median(times), result, ""


def agree(job: Job, ours: str, theirs: str) -> bool | None:
    """Whether both sides found the same; theirs may be reducible."""
    letters = {
        str(symbol): symbol for symbol in (G, z, g, r, s, t, u, x, k, psi, eta, v, *sp.symbols("a:f m"))
    }
    mine = sp.sympify(ours, letters)
    if job.kind == "moments":
        pairs = zip(mine, sp.sympify(theirs, letters), strict=True)
        return all(sp.expand(a - b) == 0 for a, b in pairs)
    symbols: tuple[sp.Symbol, ...]
    if job.kind == "equation":
        moved, symbols = sp.sympify(theirs, letters).subs(sp.Symbol("m"), -G), (G, z)
    elif job.kind == "transform":
        symbols = TRANSFORMS[job.ours][:2]
        moved = sp.sympify(theirs, letters | THEIR_LETTERS[job.ours])
    elif job.kind == "kernel":
        moved, symbols = sp.sympify(theirs, letters).subs(sp.Symbol("m"), -k), (k, x, z)
    else:
        return None
    factors = [
        canonical(factor, *symbols)
        for factor, _ in factor_list(sp.numer(sp.together(moved)))[1]
        if set(symbols) & factor.free_symbols
    ]
    return any(sp.expand(factor - canonical(mine, *symbols)) == 0 for factor in factors)


def outcome(job: Job, rivals: str) -> Outcome:
    """A job done by both sides."""
    ours, mine, problem = run(sys.executable, "ours", job)
    if problem:
        raise Failed(f"{job.what}: {problem}")
    theirs, found, note = run(rivals, "rmtool", job)
    same = agree(job, mine, found) if found is not None and not note else None
    return Outcome(job, ours, theirs, same, note)


def markdown(outcomes: Sequence[Outcome]) -> str:
    """The tables of the documentation."""
    rows, points = [], []
    for job, ours, theirs, same, note in outcomes:
        ratio = figure(theirs / ours) + (" or more" if note else "")
        if job.kind == "density":
            points.append([job.what, f"`{job.ours}`", figure(ours * 1e9), figure(theirs * 1e6), ratio])
            continue
        call = f"`{job.ours}`" if job.kind != "transform" else f'`to_transform(P, "{job.ours}")`'
        agreement = {True: "yes", False: "**no**", None: "–"}[same]
        shown = f"> {LIMIT:g} s" if note.startswith("stopped") else note or figure(theirs * 1e3)
        rows.append([job.what, f"`{job.rmtool}`", call, figure(ours * 1e3), shown, ratio, agreement])
    return "\n\n".join(
        (
            table(("job", "RMTool", "ours", "ours, ms", "RMTool, ms", "ratio", "same result"), rows),
            "Densities, a point, at numbers; RMTool's roots of all branches are not sorted out:",
            table(("law", "ours", "ours, ns", "RMTool, µs", "ratio"), points),
        )
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all jobs; the exit status is 1 where results differ."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.algebra", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--only", default="", help="jobs whose description contains this")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/rmtool.md")
    options = parser.parse_args(arguments)
    try:
        rivals = rivals_python(install=True)
    except (Failed, OSError) as failed:
        print(f"rmtool's environment: {failed}", file=sys.stderr)
        return 2
    jobs = [job for job in (*JOBS, *DENSITIES) if options.only in job.what]
    outcomes = []
    for job in (bar := tqdm(jobs, disable=None, leave=False)):
        bar.set_postfix_str(job.what)
        outcomes.append(outcome(job, rivals))
    text = markdown(outcomes)
    print(text)
    folder = ROOT / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    kept = [o._asdict() | {"job": o.job._asdict()} for o in outcomes]
    (folder / "algebra.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")
    if options.write:
        before, rest = DOC.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        DOC.write_text(f"{before}{BEGIN}\n\n{description()}.\n\n{text}\n\n{END}{after}", encoding="utf-8")
    return int(any(o.agree is False for o in outcomes))


if __name__ == "__main__":
    sys.exit(main())
