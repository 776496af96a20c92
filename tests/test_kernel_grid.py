"""Equal cells for most points of a table: where they are used, their errors, and what they leave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from generated._runtime.arguments import FloatArray
from generated._runtime.numerics.axis import Axis
from generated._runtime.numerics.grid import PLACES, TO_CHEBYSHEV, Grid, _fitted, grid
from generated._runtime.numerics.tables import Table, tables
from tests.test_kernel_tables import FUNCTIONS, ORDINARY, ends_of, ordinary

ULP = 2.0**-52


def table_of(function: Callable[[FloatArray], FloatArray], ends: tuple[float, float]) -> Table:
    """A table of a function that is smooth between the ends, and constant outside."""
    axis = Axis.cut([(end, 0.0) for end in ends], ["constant", "smooth", "constant"])
    return tables(axis, lambda hi, lo: function(hi + lo)[None])[0]


def values(table: Table, x: FloatArray) -> FloatArray:
    out = np.empty_like(x)
    table(x, out)
    return out


@pytest.mark.parametrize(("model", "parameters"), ORDINARY)
def test_most_points_are_in_cells(model: str, parameters: tuple[float, ...]) -> None:
    law = ordinary(model, parameters)
    ends = ends_of(law)
    x = np.random.default_rng(1).uniform(ends[0] - 0.1, ends[-1] + 0.1, 20_000)
    for table in law.tables:
        assert table.grid is not None
        assert table.grid(x, np.empty_like(x)).size < 0.15 * x.size


@pytest.mark.parametrize(("model", "parameters"), ORDINARY)
def test_they_add_little_to_the_error(model: str, parameters: tuple[float, ...]) -> None:
    """The same function by the cells of the octaves, away from the pivots' cells as well as next to them."""
    law = ordinary(model, parameters)
    ends = ends_of(law)
    x = np.random.default_rng(2).uniform(ends[0] - 0.1, ends[-1] + 0.1, 50_000)
    for table in law.tables:
        found, wanted = values(table, x), np.empty_like(x)
        table._by_octaves(x, wanted)
        with np.errstate(all="ignore"):
            error = np.where(found == wanted, 0.0, np.abs(found / wanted - 1.0))
        assert error.max() <= 2.5e-15


def test_a_planted_error_is_seen() -> None:
    """A number of a cell off by one, and a distance from the middle off by a thousandth of the cell."""
    law = ordinary("wishart_wigner", (0.1, 0.5))
    table = law.tables.density
    assert table.grid is not None
    low, high = ends_of(law)
    x = np.linspace(low + 0.1 * (high - low), high - 0.1 * (high - low), 1000)
    wanted = values(table, x)
    assert not np.isnan(wanted).any()
    cells, shift, lowest = table.grid.coefficients, table.grid.shift, table.grid.lowest
    h = shift / (1.5 * 2.0**52)
    for planted in (Grid(np.roll(cells, 1, axis=1), shift, lowest), Grid(cells, shift, lowest + h)):
        out = np.empty_like(x)
        planted(x, out)
        assert np.nanmax(np.abs(out / wanted - 1.0)) > 1e-5
    out = np.empty_like(x)
    table.grid(x + 1e-3 * h, out)
    assert np.nanmax(np.abs(out / wanted - 1.0)) > 1e-8


@pytest.mark.parametrize("function", FUNCTIONS)
def test_however_far(function: Callable[..., FloatArray]) -> None:
    """Where the sum with the shift is negative, in a lower binade, rounded to many cells, or infinite."""
    law = ordinary("wishart_wigner", (0.1, 0.5))
    table = law.tables.cdf
    assert table.grid is not None
    shift = table.grid.shift
    far = np.array([0.3, 0.6, 0.9, 1.0, 1.1, 1.5, 2.0, 2.5, 1e10, 1e200, np.inf]) * shift
    wanted = {"density": (0.0, 0.0), "cdf": (0.0, 1.0), "sf": (1.0, 0.0)}[function.__name__]
    for x in (far, np.tile(far, 200)):  # few points, and many
        assert (function(law, -x) == wanted[0]).all()
        assert (function(law, x) == wanted[1]).all()
    assert np.isnan(function(law, np.full(3, np.nan))).all()


def test_a_jump_is_where_it_is_in_a_cell() -> None:
    """An atom next to the end of a cell, between the nodes, is not passed over."""
    rng = np.random.default_rng(3)
    cell = 2.0**-11
    for part in [0.499, -0.499, 0.4999, *rng.uniform(-0.5, 0.5, 20)]:
        jump = (1000 + part) * cell
        axis = Axis.cut(
            [(0.0, 0.0), (jump, 0.0), (1.0, 0.0), (2.0, 0.0)], ["constant"] * 3 + ["smooth", "constant"]
        )

        def step(hi: FloatArray, lo: FloatArray, jump: float = jump) -> FloatArray:
            x = np.clip(hi + lo, 1.0, 2.0)
            return np.where(hi + lo < jump, 0.25, 0.75 * x)[None]

        table = tables(axis, step)[0]
        assert table.grid is not None
        assert table.grid.shift == 1.5 * 2.0**52 * cell
        near = jump * (1.0 + ULP * np.arange(-3, 4))
        x = np.concatenate([near, jump + cell * np.linspace(-9.0, 9.0, 400)])
        assert (values(table, x) == np.where(x < jump, 0.25, 0.75)).all()


@pytest.mark.parametrize("height", [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 0.1])
def test_what_cells_do_not_resolve_is_left(height: float) -> None:
    """Poles beside the axis, so close that cells there do not do: one coefficient vanishes here and there."""

    def function(x: FloatArray) -> FloatArray:
        with np.errstate(all="ignore"):
            t = (x - 0.3) / height
            return np.where((x > 0) & (x < 1), 2.0 + t / (1.0 + t * t), 2.0)

    table = table_of(function, (0.0, 1.0))
    x = np.concatenate([np.linspace(0.0, 1.0, 30_001), 0.3 + height * np.linspace(-30, 30, 10_001)])
    assert table.grid is not None
    found = values(table, x)
    known = ~np.isnan(found)
    assert known.mean() > 0.5
    assert np.abs(found / function(x) - 1.0)[known].max() <= 1e-13


def test_a_coefficient_that_vanishes_by_chance() -> None:
    """What makes the first coefficient left out vanish in the nodes is seen in the last one kept."""
    height = 1e-10

    def waves(x: FloatArray) -> FloatArray:
        angle = np.arccos(2.0 * x)  # x in the cell around 0 of width 1
        return np.stack([np.cos(8 * angle), np.cos(9 * angle)])

    eighth, ninth = (waves(0.5 * PLACES) @ TO_CHEBYSHEV)[:, -1]

    def function(x: FloatArray, out: FloatArray) -> None:
        out[:] = 1.0 + height * (np.array([-ninth / eighth, 1.0]) @ waves(x))

    assert np.isnan(_fitted(np.zeros(1), 1.0, function, 0.0)).all()
    height = 1e-16
    assert not np.isnan(_fitted(np.zeros(1), 1.0, function, 0.0)).any()


@pytest.mark.parametrize("scale", [2.0**-500, 1e-50, 1e-36, 1e42, 1e50, 2.0**500])
def test_no_grid_where_powers_leave_the_range_of_doubles(scale: float) -> None:
    table = table_of(lambda x: np.cosh(np.minimum(np.abs(x / scale), 1.0)), (-scale, scale))
    x = scale * np.linspace(-1.2, 1.2, 5000)
    wanted = np.cosh(np.minimum(np.abs(x / scale), 1.0))
    assert np.abs(values(table, x) / wanted - 1.0).max() < 1e-14
    assert (table.grid is None) == (not 1e-40 < scale < 1e45)


def test_no_grid_far_from_zero_or_where_it_would_not_be_used() -> None:
    ends = 2.0**50, 2.0**50 + 1.0
    assert table_of(np.ones_like, ends).grid is None
    # a narrow band beside a wide gap
    axis = Axis.cut([(0.0, 0.0), (1e-4, 0.0), (1.0, 0.0)], ["constant", "smooth", "constant", "constant"])
    table = tables(axis, lambda hi, lo: np.sqrt(np.clip(hi + lo, 0.0, 1e-4))[None])[0]
    assert grid(axis, table._by_octaves, 0.0) is None
