"""The benchmark's pieces: its kernel, rivals and certified errors agree, and a run writes its files.

Nothing here is about how long anything takes.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from flint import arb

from benchmarks import __main__ as runner
from benchmarks.accuracy import Certified, relative
from benchmarks.cases import CASES
from benchmarks.compiled import compiled, compiler
from benchmarks.own import CALLS
from benchmarks.processes import Failed, Worker
from benchmarks.report import figure, table
from benchmarks.rivals import RIVALS
from benchmarks.timing import Entrant, Plan, interleaved
from benchmarks.wanted import Wanted

needs_compiler = pytest.mark.skipif(compiler() is None, reason="no C compiler")


@needs_compiler
@pytest.mark.parametrize("name", CASES)
def test_the_c_kernel_is_accurate(name: str, tmp_path: Path) -> None:
    certified = Certified(CASES[name])
    x = certified.points
    found = compiled(CASES[name], tmp_path)(x, np.empty_like(x))
    errors = certified.errors(found)
    assert errors.worst < 1e-10
    assert errors.away < 1e-12
    assert errors.outside == 0
    found[3] *= 1 + 1e-9
    assert certified.errors(found).worst > 9e-10


def test_law_and_equation_are_the_same_law() -> None:
    """The R-transform that freealg is given is the module's."""
    g = np.array([-0.3, 0.1, 0.4])
    for case in CASES.values():
        typed = case.shift + case.variance * g
        typed += sum(jump.rate * jump.size / (1 - jump.size * g) for jump in case.jumps)
        np.testing.assert_allclose(typed, case.functions.r_transform(g, **case.parameters), rtol=1e-14)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rival", ["lambdify", "companion", "roots", "mpmath"])
def test_rivals_give_the_same_density(name: str, rival: str, tmp_path: Path) -> None:
    case = CASES[name]
    low, high = case.law.support()
    x = np.linspace(low + 0.1 * (high - low), high - 0.1 * (high - low), 12)
    found = RIVALS[rival].make(case, tmp_path)(x, np.empty_like(x))
    np.testing.assert_allclose(found, case.law.pdf(x), rtol=1e-8)


def test_errors_are_seen() -> None:
    truth = arb(2)
    assert relative(2.0, truth) == 0
    assert relative(2.5, truth) == 0.25
    assert relative(math.nan, truth) == math.inf
    certified = Certified(CASES["cubic"])
    values = CASES["cubic"].law.pdf(certified.points)
    outside = int(np.flatnonzero(values == 0)[0])
    values[outside] = 0.5
    assert certified.errors(values).outside == 0.5


@pytest.mark.parametrize("name", CASES)
def test_calls_of_our_own_run(name: str) -> None:
    for make in CALLS.values():
        make(CASES[name], 8)()


def test_who_fails_is_told_and_the_rest_runs() -> None:
    worker = Worker()
    absent = Entrant("freealg", None, reason="could not be installed")
    wrong = Entrant("no such rival", worker)
    good = Entrant("companion", worker)
    impatient = Entrant("ours", worker, largest=(5, "memory"))
    try:
        interleaved([absent, wrong, good, impatient], "cubic", 10, Plan(3, 1e9))
        with pytest.raises(Failed, match="KeyError"):
            worker.ask("values", "no such rival", "cubic", points=[0.5])
    finally:
        worker.close()
    assert absent.at(10).reason == "could not be installed"
    assert "KeyError" in wrong.at(10).reason
    assert impatient.at(10).reason == "memory"
    assert good.at(10).reason == ""
    assert len(good.at(10).samples) == 3


def test_patience_leaves_out_who_would_take_too_long() -> None:
    worker = Worker()
    slow = Entrant("companion", worker)
    try:
        interleaved([slow], "cubic", 10, Plan(1, 1e9))
        interleaved([slow], "cubic", 10**9, Plan(1, 0.0))
    finally:
        worker.close()
    assert "would take" in slow.at(10**9).reason
    assert slow.last().points == 10


def test_wishes_and_figures(capsys: pytest.CaptureFixture[str]) -> None:
    met, missed, unknown = (Wanted("", 2.0, True, value, "") for value in (2.5, 1.5, math.nan))
    assert [runner.status(w) for w in ([], [met], [met, missed], [unknown])] == [0, 0, 1, 1]
    assert "1 of 2 wanted ratios are not met" in capsys.readouterr().err
    assert Wanted("", 2.0, True, 2.5, "").met
    assert not Wanted("", 2.0, False, 2.5, "").met
    assert not Wanted("", 2.0, True, math.nan, "").met
    assert not Wanted("", 2.0, False, math.nan, "").met
    assert [figure(v) for v in (0.01234, 12.34, 1234.5, 54321.0, math.nan)] == [
        "0.0123", "12.3", "1 230", "54 300", "–",
    ]  # fmt: skip
    assert table(["a", "bb"], [["c", "1"]]) == "| a | bb |\n| - | -: |\n| c |  1 |"


def test_a_quick_run_writes_its_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--quick", "--models", "cubic", "--rivals", "companion", "lambdify"]
    options += ["--points", "1e1", "2e1", "--rounds", "1", "--out", str(tmp_path)]
    assert runner.main(options) == 0
    printed = capsys.readouterr().out
    assert "companion eigenvalues" in printed
    assert "| cubic: density against companion" in (tmp_path / "table.md").read_text(encoding="utf-8")
    found = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [m["points"] for m in found["cases"][0]["density"]["companion"]] == [10, 20]
    assert "</svg>" in (tmp_path / "bench.svg").read_text(encoding="utf-8")
