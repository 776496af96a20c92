"""The project mistaken: what is mistyped, places that cannot be written, interruptions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from derive import derive
from derive.files import require_writable
from verify import ledger_command, sample
from verify.__main__ import main

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "arguments",
    [
        ["ledger", "pb17/eq-18", "--output"],
        ["report", "--out"],
        ["figure", "figure-1", "--out"],
        ["figure", "figure-3", "--out"],
    ],
    ids=" ".join,
)
def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from verify.report.experiments import Experiment
    from verify.report.figures import Figure

    def begun(*_: object, **__: object) -> None:
        raise AssertionError("the work has begun")

    monkeypatch.setattr("verify.ledger_command.judged", begun)
    monkeypatch.setattr("verify.report.command.judged", begun)
    monkeypatch.setattr(Figure, "draw", begun)
    monkeypatch.setattr(Experiment, "data", begun)
    file = tmp_path / "file"
    file.touch()
    assert main([*arguments, str(file / "below")]) == 1
    assert f"cannot be written: {file}: Not a directory" in capsys.readouterr().err


def test_asking_whether_a_place_can_be_written_makes_nothing(tmp_path: Path) -> None:
    require_writable(tmp_path / "deep" / "file.json")
    assert not list(tmp_path.iterdir())
    with pytest.raises(IsADirectoryError, match="name a file"):
        require_writable(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["eq-18"], "was pb17/eq-18 or gr20/eq-18 meant?"),
        (["pb17/eq-18x"], "was pb17/eq-18 or"),
        (["zzz"], "no claim is called zzz; all ids are in "),
        (["pb17/eq-18", "--paper", "pb17s"], "none of pb17/eq-18 is a claim of pb17s"),
    ],
)
def test_claims_that_do_not_exist(arguments: list[str], told: str) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(["ledger", *arguments])
    assert told in str(refusal.value)


def test_names_are_told_from_models() -> None:
    with pytest.raises(TypeError, match="a Model is wanted, got 'semicircle'; "):
        derive("semicircle")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a Model is wanted, got 'semicircle'; "):
        sample("semicircle", 10, np.random.default_rng(0), sigma=1)  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", [["--jobs", "0"], ["--points", "0"], ["--points", "1e6"]])
def test_numbers_that_are_not_positive(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["soak", *arguments])
    assert f"{arguments[1]!r} is not a positive whole number" in capsys.readouterr().err


def test_an_interruption_is_told_in_a_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ledger_command, "judged", interrupted)
    assert main(["ledger", "pb17/eq-18"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


SLEEPERS = """
import os, signal, time
from verify.processes import processes

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
with processes(1) as pool:
    pool.submit(os.getpid).result()
    sleepers = [pool.submit(time.sleep, 30) for _ in range(3)]
    while not sleepers[0].running():
        time.sleep(0.01)
    time.sleep(0.3)
    print("asleep", flush=True)
    sleepers[-1].result()
"""


def test_an_interruption_ends_the_processes_and_what_waits() -> None:
    command = [sys.executable, "-c", SLEEPERS]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "asleep\n"
        begun = time.monotonic()
        os.killpg(running.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
        running.communicate(timeout=100)
    assert time.monotonic() - begun < 20
    assert running.returncode != 0
