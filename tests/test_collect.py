"""Runs that are kept as they come: whatever stops them, going on gives the bits of runs never stopped."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.toy_runs import failing, process, toy, uneven
from verify.networks import collect as module
from verify.networks import provenance
from verify.networks.collect import collect
from verify.networks.gap import observe
from verify.networks.shards import Shards, Table

ROOT = Path(__file__).resolve().parent.parent


def gather(folder: Path, count: int, **how: Any) -> Table:
    """Rows of the toy run."""
    how = {"seed": 7, "arguments": (2.0, 0.0), "per_shard": 8} | how
    return collect(toy, count, folder=folder, title="toy", quiet=True, **how)


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder; those half written are left out."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.startswith(".")
    }


# --- rows ---------------------------------------------------------------------------------------


def test_rows_are_those_of_the_runs(tmp_path: Path) -> None:
    table = gather(tmp_path / "a", 21)
    rows = [toy(2.0, 0.0, child) for child in np.random.SeedSequence(7).spawn(21)]
    assert len(table) == 21
    assert table.columns == tuple(rows[0])
    for name in ("run", "value", "single", "above", "word"):
        assert table[name].tolist() == [row[name] for row in rows]
    assert table["single"].dtype == np.float32
    assert table["above"].dtype == np.bool_
    assert np.isnan(table["nothing"]).all()
    for one, row in zip(table.arrays("array"), rows, strict=True):
        assert one.tobytes() == row["array"].tobytes()
    whole = parquet.read_table(tmp_path / "a" / "shards")  # as any reader does
    assert whole["run"].to_pylist() == list(range(21))


def test_more_runs_later_and_more_processes_are_the_same_rows(tmp_path: Path) -> None:
    gather(tmp_path / "a", 5)
    gather(tmp_path / "a", 19, jobs=2)
    gather(tmp_path / "a", 30)
    gather(tmp_path / "b", 30)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert gather(tmp_path / "a", 11)["run"].tolist() == list(range(11))


def test_kept_runs_are_not_repeated(tmp_path: Path) -> None:
    first = collect(process, 6, seed=0, folder=tmp_path, title="", quiet=True)
    both = collect(process, 9, seed=0, folder=tmp_path, title="", quiet=True, jobs=2)
    assert both["process"][:6].tolist() == first["process"].tolist() == [os.getpid()] * 6
    assert os.getpid() not in both["process"][6:]


def test_columns_are_asked_for_by_name(tmp_path: Path) -> None:
    table = gather(tmp_path, 3)
    with pytest.raises(KeyError, match=r"no column 'energy'; there are run, value"):
        table["energy"]
    with pytest.raises(TypeError, match=r"read it by arrays\('array'\)"):
        table["array"]
    with pytest.raises(TypeError, match=r"read it by \['value'\]"):
        table.arrays("value")
    with pytest.raises(ValueError, match="keeps the first 3 of 4 runs"):
        Table(tmp_path, 4)


@pytest.mark.parametrize("other", [5, 12, 20, 30])
def test_two_at_once_do_no_harm(other: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def overtaken(shards: Shards, count: int) -> Any:
        """What is kept, and then the other call does all of its runs before the first makes one."""
        found = kept(shards, count)
        monkeypatch.setattr(module, "_kept", kept)
        gather(tmp_path / "a", other)
        return found

    gather(tmp_path / "a", 3)
    kept = module._kept
    monkeypatch.setattr(module, "_kept", overtaken)
    assert gather(tmp_path / "a", 20)["run"].tolist() == list(range(20))
    gather(tmp_path / "b", max(other, 20))
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_file_removed_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def removing(shards: Shards, count: int) -> Any:
        found = kept(shards, count)
        shards.path(0).unlink()
        return found

    gather(tmp_path, 3)
    kept = module._kept
    monkeypatch.setattr(module, "_kept", removing)
    with pytest.raises(ValueError, match="was removed or damaged while its runs were made"):
        gather(tmp_path, 20)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 8}, "seed: 7 there, 8 here"),
        ({"arguments": (2.0, 1e-9)}, r"arguments: \[2.0, 0.0\] there, \[2.0, 1e-09\] here"),
        (
            {"arguments": (np.ones(3), 0.0)},
            r"arguments: \[2.0, 0.0\] there, \['ndarray [0-9a-f]+', 0.0\] here",
        ),
        ({"per_shard": 9}, "per_shard: 8 there, 9 here"),
    ],
)
def test_a_folder_of_other_runs_is_refused(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    gather(tmp_path, 3)
    with pytest.raises(ValueError, match=told):
        gather(tmp_path, 3, **change)


def test_other_code_and_versions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gather(tmp_path, 3)
    monkeypatch.setattr(provenance, "version", lambda name: "0.0")
    with pytest.raises(ValueError, match=r"versions numpy: .* there, 0.0 here"):
        gather(tmp_path, 4)
    monkeypatch.undo()
    monkeypatch.setattr(provenance, "code", lambda run: {run.__module__: "other"})
    with pytest.raises(ValueError, match=r"code tests.toy_runs: [0-9a-f]{16} there, other here"):
        gather(tmp_path, 4)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ValueError, match=r"has other files and no run\.json"):
        gather(tmp_path, 3)


@pytest.mark.parametrize("jobs", [1, 2])
def test_rows_that_have_no_place_are_refused(jobs: int, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="run 3 gives value: int64; runs before it give value: double"):
        collect(uneven, 40, seed=0, folder=tmp_path, title="", quiet=True, jobs=jobs)
    assert Table(tmp_path)["value"].tolist() == [1.0, 1.0, 1.0]


def test_functions_that_other_processes_cannot_import_are_refused(tmp_path: Path) -> None:
    for run in (lambda child: {}, float, print):
        with pytest.raises(ValueError, match="runs are made by a function of an imported module"):
            collect(run, 1, seed=0, folder=tmp_path / "a", title="", quiet=True)
    assert not (tmp_path / "a").exists()


def test_a_run_that_fails_says_how_to_repeat_it(tmp_path: Path) -> None:
    with pytest.raises(ArithmeticError, match="a descent diverged") as caught:
        collect(failing, 9, seed=4, folder=tmp_path, title="", per_shard=2, quiet=True)
    notes = "\n".join(caught.value.__notes__)
    assert "in run 5: its seed is SeedSequence(4, spawn_key=(5,))" in notes
    assert f"5 of 9 runs are kept in {tmp_path}" in notes
    assert Table(tmp_path)["run"].tolist() == [0, 1, 2, 3, 4]


# --- what bits rest on ---------------------------------------------------------------------------

FILES = {
    "study/__init__.py": "",
    "study/search.py": """
from study.steps import descend
from . import law, words
def find(child):
    "Find."
    from .late import polish
    return polish(descend(child))
""",
    "study/steps.py": "STEP = 0.5  # as in the paper\ndef descend(child): return STEP\n",
    "study/law.py": "from .words import deeper\n",
    "study/words.py": "deeper = 1\n",
    "study/late.py": "def polish(x): return x\n",
    "study/unrelated.py": "x = 1\n",
}


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Callable[..., Any]]]:
    """A package of some modules, and its function that makes a run."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path / "study", importlib.import_module("study.search").find
    for name in [name for name in sys.modules if name.partition(".")[0] == "study"]:
        del sys.modules[name]


def test_code_is_that_of_the_modules_a_run_reaches(study: tuple[Path, Callable[..., Any]]) -> None:
    _, find = study
    reached = {f"study.{name}" for name in ("search", "steps", "law", "words", "late")}
    assert set(provenance.code(find)) == reached | {"study"}
    of_networks = provenance.code(observe)
    assert {"verify.networks.hessian", "verify.networks.network", "generated._runtime.frozen"} <= set(
        of_networks
    )
    assert "verify.networks.turned" not in of_networks


@pytest.mark.parametrize(
    ("name", "old", "new", "counts"),
    [
        ("steps.py", "0.5", "0.25", True),
        ("late.py", "return x", "return -x", True),
        ("steps.py", "as in the paper", "half of the paper's", False),
        ("search.py", "Find.", "Find a critical point.", False),
        ("unrelated.py", "x = 1", "x = 2", False),
    ],
)
def test_only_code_that_is_run_counts(
    name: str, old: str, new: str, counts: bool, study: tuple[Path, Callable[..., Any]]
) -> None:
    folder, find = study
    before = provenance.code(find)
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    after = provenance.code(find)
    changed = {module for module in after if before[module] != after[module]}
    assert changed == ({f"study.{name[:-3]}"} if counts else set())


# --- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["emptied", "cut", "a bit flipped"])
def test_damaged_files_are_made_again(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gather(tmp_path, 20)
    whole = contents(tmp_path)
    file = tmp_path / "shards" / "000001.parquet"
    data = bytearray(file.read_bytes())
    data[200] ^= 1
    file.write_bytes({"emptied": b"", "cut": data[:-100], "a bit flipped": data}[damage])
    with pytest.raises(ValueError, match="keeps the first 8 of 20 runs"):
        Table(tmp_path, 20)
    gather(tmp_path, 20)
    assert f"{file} is damaged: its runs are made again" in capsys.readouterr().err
    assert contents(tmp_path) == whole


def test_files_of_other_runs_are_refused(tmp_path: Path) -> None:
    gather(tmp_path / "a", 20)
    gather(tmp_path / "b", 20, seed=8)
    target = tmp_path / "a" / "shards" / "000001.parquet"
    for foreign in (
        tmp_path / "b" / "shards" / "000001.parquet",
        tmp_path / "a" / "shards" / "000000.parquet",
    ):
        target.write_bytes(foreign.read_bytes())
        with pytest.raises(ValueError, match=r"000001.parquet belongs to other runs .*: remove it"):
            gather(tmp_path / "a", 20)
    parquet.write_table(pa.table({"run": [8]}), target)
    with pytest.raises(ValueError, match="belongs to other runs"):
        gather(tmp_path / "a", 20)


# --- sudden ends --------------------------------------------------------------------------------

COUNT, AFTER = 60, 2
SLOW = f"""
import signal, sys
how = {{"arguments": (2.0, 0.03), "per_shard": 4, "jobs": 2, "title": "toy"}}
from pathlib import Path
from tests.toy_runs import toy
from verify.networks.collect import Incomplete, collect
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
try:
    collect(toy, {COUNT}, seed=7, folder=Path(sys.argv[1]), **how)
except (Incomplete, KeyboardInterrupt) as error:
    sys.exit(f"{{type(error).__name__}}: {{error}}")
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the slow runs, made in this process without an interruption."""
    folder = tmp_path_factory.mktemp("undisturbed")
    gather(folder, COUNT, arguments=(2.0, 0.03), per_shard=4)
    return contents(folder)


def workers_of(parent: int) -> list[psutil.Process]:
    """Processes that make runs for this one."""
    return [
        child for child in psutil.Process(parent).children() if "LokyProcess" in " ".join(child.cmdline())
    ]


def alive(process: psutil.Process) -> bool:
    """Whether it runs, which a zombie does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def listening(process: psutil.Process) -> list[tuple[str, int]]:
    """Addresses and ports at which it takes connections from a network."""
    return [one.laddr for one in process.net_connections(kind="inet") if one.status == psutil.CONN_LISTEN]


def wait_for(condition: Callable[[], object], seconds: float = 300) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def stopped(folder: Path, how: str) -> tuple[int, str, list[psutil.Process]]:
    """Begin the slow runs, end them so after some files; exit status, what is said, the runs' processes."""
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(folder)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        wait_for((folder / "shards" / f"{AFTER:06d}.parquet").exists)
        workers = workers_of(running.pid)
        assert len(workers) == 2
        assert not any(listening(one) for one in (psutil.Process(running.pid), *workers))
        match how:
            case "interrupted":
                os.killpg(running.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
            case "terminated":
                running.terminate()
            case "killed":
                running.kill()
            case "worker killed":
                workers[0].kill()
        _, told = running.communicate(timeout=300)
    return running.returncode, told, workers


@pytest.mark.parametrize("how", ["interrupted", "terminated", "killed", "worker killed"])
def test_going_on_after_a_sudden_end_gives_the_same_bits(
    how: str, tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    status, told, workers = stopped(tmp_path / "runs", how)
    kept = contents(tmp_path / "runs")
    assert status != 0
    assert AFTER + 1 < len(kept) < len(undisturbed)
    wait_for(lambda: not any(map(alive, workers)))  # none is left behind
    if how in ("interrupted", "worker killed"):
        rows = len(Table(tmp_path / "runs"))
        assert f"{rows} of {COUNT} runs are kept in {tmp_path / 'runs'}; the same command goes on" in told
    gather(tmp_path / "runs", COUNT, arguments=(2.0, 0.03), per_shard=4)
    assert contents(tmp_path / "runs") == undisturbed


def test_a_process_whose_parent_died_while_it_began_ends_too() -> None:
    code = "import time; from verify.networks.runs import _end_with; _end_with(0); time.sleep(600)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=300).returncode == 1
