"""`python -m verify figure` where runs are kept: options, refusals, and going on after a termination."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_architecture import loaded_after
from tests.test_collect import COUNT, ROOT, contents, gather, wait_for
from tests.toy_experiment import DELAY, EXPERIMENT, RUNS, command
from verify.networks.shards import Table
from verify.report.experiments import EXPERIMENTS


def test_a_terminated_command_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, target = tmp_path / "runs", tmp_path / "toy.svg"
    arguments = ["figure", "toy", "--out", str(target), "--folder", str(folder), "--quiet", "--jobs"]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.toy_experiment", *arguments, "2", "--scale", "paper"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        wait_for((folder / "shards" / "000001.parquet").exists)
        running.terminate()
        _, told = running.communicate(timeout=300)
    rows = len(Table(folder))
    assert running.returncode == 130
    assert (
        told
        == f"interrupted: {rows} of 1000 runs are kept in {folder}; the same command goes on from there\n"
        in told
    )
    assert not target.exists()
    assert command([*arguments, "1", "--runs", str(COUNT)]) == 0
    assert f"{COUNT} runs." in capsys.readouterr().out
    table = gather(tmp_path / "here", COUNT, arguments=(2.0, DELAY), per_shard=4)
    record = json.loads(target.with_suffix(".json").read_text(encoding="utf-8"))
    assert record["data"]["values"] == table["value"].tolist()


def test_runs_have_a_folder_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for seed, runs in (("7", "5"), ("8", "5"), ("7", "6")):
        assert command(["figure", "toy", "--seed", seed, "--runs", runs, "--jobs", "1", "--quiet"]) == 0
    assert len(Table(tmp_path / "build/runs/figure-toy-seed-7")) == 6
    assert len(Table(tmp_path / "build/runs/figure-toy-seed-8")) == 5
    assert len(EXPERIMENT.data().values) == RUNS["quick"]


def test_commands_load_what_they_need() -> None:
    loaded = loaded_after("import verify.__main__, verify.networks.runs")
    assert not loaded & {"pyarrow", "joblib", "dask", "distributed"}
    assert not loaded_after("import verify.networks.collect") & {"dask", "distributed"}


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["5", "--runs", "9"], 2, "figure-5 does not keep its runs: --runs cannot apply"),
        (["5", "--dask", "x", "--folder", "y"], 2, "--folder, --dask cannot apply"),
        (["1", "--runs", "9"], 2, "figure-1 is not measured on networks: --runs cannot apply"),
        (["toy", "--dask", "tcp://127.0.0.1:9", "--jobs", "2"], 2, "--jobs counts processes here"),
        (["toy", "--dask", ""], 1, "no Dask scheduler is at an empty address"),
        (
            ["toy", "--seed", "8", "--folder", "runs"],
            2,
            "runs keeps other runs:\n  seed: 7 there, 8 here\nname",
        ),
    ],
)
def test_what_cannot_be_is_told(
    arguments: list[str],
    status: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    gather(Path("runs"), 1, arguments=(2.0, DELAY), per_shard=4)
    assert not any(experiment.name == "figure-5" and experiment.kept for experiment in EXPERIMENTS)
    assert command(["figure", *arguments]) == status
    assert told in capsys.readouterr().err
    assert [name for name in contents(tmp_path) if name.startswith("build/figures")] == []
