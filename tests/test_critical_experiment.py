"""The run of figure 6 that ships: its rows can be remade, and what is said of it is so."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from verify.networks import critical_experiment as ce
from verify.networks.critical_points import ENOUGH, EXAMPLES, find
from verify.networks.data import GAUSSIAN
from verify.networks.index_curve import power_law
from verify.networks.saddles import find_critical
from verify.networks.shards import Table
from verify.papers.pb17 import critical_points_fits as claims


@cache
def table() -> Table:
    return Table(ce.RECORDED)


@cache
def figure() -> ce.CriticalFigure:
    return ce.recorded()


def test_the_recorded_run_says_what_made_it() -> None:
    for folder, run, seed in ((ce.RECORDED, find, 6), (ce.RECORDED_FOLLOWED, find_critical, 6 + ce.OTHERS)):
        what = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        assert what["run"] == f"{run.__module__}.{run.__qualname__}"
        assert (what["arguments"], what["seed"]) == ([list(EXAMPLES)], seed)
        assert {"numpy", "scipy"} <= set(what["versions"])
    assert figure().seed == 6


def test_rows_are_remade() -> None:
    """Bits are those of one kind of processor; others part from it by rounding, within the bounds here."""
    rows = np.flatnonzero((table()["iterations"] < 45) & (table()["stopping_energy"] > 0.3))[:4]
    assert len(rows) == 4
    for number in map(int, rows):
        row = find(EXAMPLES, np.random.SeedSequence(6, spawn_key=(number,)))
        assert row["verdict"] == table()["verdict"][number]
        assert row["examples"] == table()["examples"][number]
        assert row["start_energy"] == pytest.approx(table()["start_energy"][number], rel=1e-6)
        assert row["energy"] == pytest.approx(table()["energy"][number], abs=1e-4)
        assert abs(row["negative"] - table()["negative"][number]) <= 2
    others = np.delete(table()["energy"], rows)
    assert np.median(np.abs(others - table()["energy"][rows[0]])) > 0.02, "other rows would not pass"


def test_rows_are_consistent() -> None:
    there = ce.reached(table())
    assert np.array_equal(there, table()["squared_gradient"] < ENOUGH)
    assert np.all(table()["negative"] + table()["zeros"] < 2 * ce.UNITS**2)
    assert np.all(table()["shallow"] <= table()["negative"])
    assert np.array_equal(table()["examples"], np.resize(EXAMPLES, len(table())))
    trace = table()["first_square"] + table()["residual_square"] + table()["cross"]
    assert np.all(trace <= np.maximum(table()["lowest"] ** 2, table()["highest"] ** 2) * (1 + 1e-5))
    assert figure().reached == there.sum() == sum(shape.reached for shape in figure().shapes)
    assert there.mean() > 0.6
    assert min(shape.reached for shape in figure().shapes) >= 200


def test_what_the_ledger_says_of_the_exponent_is_so() -> None:
    said = claims.NO_EXPONENT
    for shape in figure().shapes:
        index, energy = ce.points(table(), shape.examples)
        for exponent in (0.5, 1.0, 1.5, 3.0):
            assert power_law(ce.SIZE, index, energy, 12, exponent=exponent).p_value > 1e-3
        free, given = (fits[-1] for fits in (shape.free, shape.three_halves))
        assert (free.largest, given.largest) == (100, 100)
        assert given.p_value < 1e-6
        assert free.exponent + 2 * free.exponent_error < 1
        assert f"{shape.window.units}" in said
    low, middle, high = (
        next(one.p_value for one in shape.three_halves if one.largest == 50) for shape in figure().shapes
    )
    assert max(low, middle) < 0.1 * high
    assert [round(ce.SIZE * shape.window.index, 1) for shape in figure().shapes] == [1.8, 1.0, 0.6]


def test_critical_energies_that_are_off_are_refused() -> None:
    true = claims.fitted_critical_energies
    curve, ratio = (1 - claims.phi) ** 2 / 2, 2 * claims.n / claims.m
    assert true((curve, ratio, 0.03)).holds
    assert not true((curve + 0.07, ratio, 0.03)).holds
    assert not true((curve, ratio / 2, 0.03)).holds
    assert not true((curve, ratio, 0)).holds


def test_recording_keeps_the_rows(tmp_path: Path) -> None:
    ce.record(ce.RECORDED_FOLLOWED, tmp_path / "again")
    first, again = Table(ce.RECORDED_FOLLOWED), Table(tmp_path / "again")
    assert first.columns == again.columns
    for name in first.columns:
        assert np.array_equal(first[name], again[name], equal_nan=first[name].dtype.kind == "f")
    assert again["energy"].dtype == np.float64
    assert again["first_mean"].dtype == np.float32


def test_points_that_were_followed_to_the_end_are_critical() -> None:
    kept = Table(ce.RECORDED_FOLLOWED)
    there = kept["followed"] == "critical"
    assert np.all(kept["critical_gradient"][there] <= 1e-9)
    assert np.all(kept["squared_gradient"][there] > 1e-12), "the search alone had not got there"
    assert figure().followed.critical == there.sum() <= figure().followed.tried


def test_the_figure_collects_what_it_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[tuple[Any, int, int, Path]] = []

    def collected(run: Any, count: int, *, seed: int, folder: Path, **_: Any) -> Table:
        asked.append((run, count, seed, folder))
        return Table(ce.RECORDED if run is find else ce.RECORDED_FOLLOWED)

    monkeypatch.setattr(ce, "collect", collected)
    found = ce.critical_figure(GAUSSIAN, seed=3, folder=tmp_path, runs=1234)
    assert asked == [
        (find, 1234, 3, tmp_path / "searched"),
        (find_critical, 1234 // ce.FOLLOWED, 3 + ce.OTHERS, tmp_path / "followed"),
    ]
    assert (found.seed, found.runs) == (3, len(table()))
    with pytest.raises(ValueError, match="scale must be one of quick, paper"):
        ce.critical_figure(GAUSSIAN, scale="huge", folder=tmp_path)
