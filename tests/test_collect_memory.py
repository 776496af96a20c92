"""Collecting runs takes the memory of a file's rows, however many runs there are."""

from __future__ import annotations

import shutil
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.toy_runs import light
from verify.networks import collect as module
from verify.networks.collect import collect
from verify.networks.runs import values

FEW, MANY = 200, 2200
ALLOWED = 64 * (MANY - FEW)
"""Bytes: a row takes some 2000."""


def peak(count: int, folder: Path) -> int:
    """Greatest number of bytes that Python holds on the way, and those that Arrow holds at the end."""
    pool = pa.default_memory_pool()
    tracemalloc.start()
    try:
        collect(light, count, seed=0, folder=folder, title="", per_shard=20, quiet=True)
        return tracemalloc.get_traced_memory()[1] + pool.bytes_allocated()
    finally:
        tracemalloc.stop()
        shutil.rmtree(folder)


def test_memory_is_flat_over_runs(tmp_path: Path) -> None:
    peak(1, tmp_path / "first")  # what is loaded once
    few, many = (peak(count, tmp_path / str(count)) for count in (FEW, MANY))
    assert many - few < ALLOWED


def test_rows_held_back_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def hoarding(*_: Any) -> Iterator[Any]:
        yield lambda calls: (value for value in list(values(calls)))

    peak(1, tmp_path / "first")
    monkeypatch.setattr(module, "_makers", hoarding)
    few, many = (peak(count, tmp_path / str(count)) for count in (FEW, MANY))
    assert many - few > 10 * ALLOWED
