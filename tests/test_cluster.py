"""Runs made by a Dask cluster: the bits of local ones, whatever is killed; what is unlike is refused."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import psutil
import pytest

from tests.test_collect import COUNT, ROOT, contents, gather, listening, wait_for
from tests.toy_runs import toy
from verify.networks import cluster as clusters
from verify.networks import provenance
from verify.networks.runs import Incomplete
from verify.networks.shards import Table

CLUSTER = """
import sys
from distributed import LocalCluster
HOW = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
with LocalCluster(n_workers=2, threads_per_worker=1, **HOW) as made:
    print(made.scheduler_address, *[worker.pid for worker in made.workers.values()], flush=True)
    sys.stdin.readline()
"""


@dataclass(frozen=True)
class Cluster:
    """A cluster on this machine."""

    address: str
    workers: list[int]
    scheduler: subprocess.Popen[str]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One that no test harms."""
    yield from started()


@pytest.fixture
def doomed() -> Iterator[Cluster]:
    """One for a single test."""
    yield from started()


def started() -> Iterator[Cluster]:
    """A cluster of two workers until the next step."""
    with subprocess.Popen(
        [sys.executable, "-c", CLUSTER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdout is not None
        address, *workers = running.stdout.readline().split()
        everyone = [
            running.pid,
            *(child.pid for child in psutil.Process(running.pid).children(recursive=True)),
        ]
        yield Cluster(address, [int(worker) for worker in workers], running)
        running.communicate("\n")
        wait_for(lambda: not any(map(psutil.pid_exists, everyone[1:])))


def test_rows_are_the_bits_of_local_ones(cluster: Cluster, tmp_path: Path) -> None:
    gather(tmp_path / "cluster", 30, dask=cluster.address)
    gather(tmp_path / "here", 30)
    assert contents(tmp_path / "cluster") == contents(tmp_path / "here")


def test_nothing_listens_here(cluster: Cluster) -> None:
    before = listening(psutil.Process())
    with clusters.cluster(cluster.address, toy) as values:
        assert list(values([(abs, (-1,)), (divmod, (7, 2))])) == [1, (3, 1)]
        assert listening(psutil.Process()) == before


def test_workers_of_other_versions_are_refused(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provenance, "version", lambda name: "0.0")
    with pytest.raises(Incomplete, match=r"would make other rows:\n  versions numpy: .* there, 0.0 here"):
        gather(tmp_path, 3, dask=cluster.address)


def test_workers_that_come_later_are_asked_too(cluster: Cluster, tmp_path: Path) -> None:
    with (
        clusters.cluster(cluster.address, toy) as values,
        pytest.raises(ConnectionError, match="a worker that came later"),
    ):
        list(values([(clusters._alike, (toy, "another digest", abs, -1))]))


def test_what_a_cluster_cannot_import_is_refused(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "known_here.py").write_text("def run(child): return {'x': 1}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    run = importlib.import_module("known_here").run
    told = "cannot import known_here as it is here .*: install the same project there"
    with pytest.raises(ConnectionError, match=told), clusters.cluster(cluster.address, run):
        pass


class Unreadable:
    """What can be sent and not be read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return int, ("no number",)


def test_what_a_worker_cannot_read_is_told(cluster: Cluster) -> None:
    with (
        clusters.cluster(cluster.address, toy) as values,
        pytest.raises(Exception, match=r"deserializ|no number"),
    ):
        list(values([(abs, (Unreadable(),))]))  # joblib's own backend waits for ever


def test_addresses_where_nothing_answers() -> None:
    with dask.config.set({"distributed.comm.timeouts.connect": "300ms"}):
        for address in ("tcp://127.0.0.1:9", "", "nonsense://127.0.0.1:1"):
            with (
                pytest.raises(ConnectionError, match="no Dask scheduler"),
                clusters.cluster(address, toy),
            ):
                pass


def test_a_cluster_without_workers(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 0)
    with (
        pytest.raises(ConnectionError, match="has had no worker for 0 seconds"),
        clusters.cluster(cluster.address, toy),
    ):
        pass


SLOW = f"""
import sys
from pathlib import Path
from tests.test_collect import gather
from verify.networks.runs import Incomplete
try:
    gather(Path(sys.argv[1]), {COUNT}, arguments=(2.0, 0.05), per_shard=2, dask=sys.argv[2])
except Incomplete as error:
    sys.exit(str(error))
"""


def test_losing_a_worker_and_then_the_cluster_changes_no_bits(doomed: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / "cluster"
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(folder), doomed.address],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        wait_for((folder / "shards" / "000000.parquet").exists)
        psutil.Process(doomed.workers[0]).kill()
        files = len(contents(folder))
        wait_for(lambda: len(contents(folder)) > files + 3)  # others take over what it was at
        doomed.scheduler.kill()
        _, told = running.communicate(timeout=300)
    rows = len(Table(folder))
    assert 0 < rows < COUNT
    assert running.returncode == 1
    assert f"the cluster at {doomed.address} could not go on" in told
    assert told.endswith(
        f"{rows} of {COUNT} runs are kept in {folder}; the same command goes on from there\n"
    )
    gather(folder, COUNT, arguments=(2.0, 0.05), per_shard=2)
    gather(tmp_path / "here", COUNT, arguments=(2.0, 0.05), per_shard=2)
    assert contents(folder) == contents(tmp_path / "here")
