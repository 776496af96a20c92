"""Tables of frozen laws, against the direct path and against certified values."""

from __future__ import annotations

import dataclasses
import threading
from functools import cache

import numpy as np
import pytest

from generated._runtime.arithmetic.double_double import DoubleDouble
from generated._runtime.levy.density import density
from generated._runtime.levy.distribution import cdf, log_potential, sf
from generated._runtime.levy.law import Levy, prepare
from generated._runtime.numerics.axis import Axis
from generated._runtime.numerics.chunks import CHUNK
from generated._runtime.numerics.tables import Table, tables
from tests.levy_reference import MODELS, Adversary, law_of
from verify.precise import Law

FUNCTIONS = (density, cdf, sf)
PARAMETERS = {
    "semicircle": ("sigma",),
    "marchenko_pastur": ("phi", "sigma"),
    "wishart_wigner": ("eps", "phi"),
    "relu_residual": ("eps", "phi"),
    "relu_hessian": ("eps", "phi", "sigma"),
}
# next to cusps, with gaps, atoms, hard edges, cusps at 0, and complex branch points next to a band
ORDINARY = (
    ("semicircle", (1.0,)),
    ("marchenko_pastur", (0.5, 1.0)),
    ("marchenko_pastur", (1.0, 1.0)),
    ("marchenko_pastur", (4.0, 1.0)),
    ("wishart_wigner", (0.1, 0.5)),
    ("wishart_wigner", (0.05, 3.0)),
    ("relu_residual", (1.0, 3.0)),
    ("relu_residual", (1.0, 1.0)),
    ("relu_hessian", (0.3, 0.5, 1.0)),
    ("relu_hessian", (0.01, 4.0, 1.0)),
    ("relu_hessian", (2.5790136476064003, 1.0, 1.0)),
    ("relu_hessian", (1.0, 2.0, 1.0)),
)


def frozen(law: Levy) -> Levy:
    return dataclasses.replace(law, frozen=True)


@cache
def ordinary(model: str, values: tuple[float, ...]) -> Levy:
    return frozen(law_of(model, *values))


def ends_of(law: Levy) -> np.ndarray:
    ends = law.edges_hi[:, 0]
    return ends[np.isfinite(ends)]


def spread(law: Levy, rng: np.random.Generator, each: int) -> np.ndarray:
    """Points all over the bands of a law, and next to their ends."""
    points = []
    for low, high in ends_of(law).reshape(-1, 2):
        near = (high - low) * 10.0 ** rng.uniform(-17, 0, each)
        points += [rng.uniform(low, high, each), low + near, high - near]
    return np.concatenate(points)


def errors(law: Levy, x: np.ndarray) -> list[float]:
    """Of density, cdf and sf in tables, relative to the direct path."""
    result = []
    for function in FUNCTIONS:
        found, wanted = function(frozen(law), x), function(law, x)
        with np.errstate(all="ignore"):
            error = np.where(found == wanted, 0.0, np.abs(found / wanted - 1.0))
        assert not np.isnan(error).any()
        result.append(float(error.max()))
    return result


@pytest.mark.parametrize("model", MODELS)
def test_tables_agree_with_the_curve_over_the_whole_domain(model: str) -> None:
    adversary = Adversary(11)
    for _ in range(12):
        values = adversary.parameters(model)
        law = law_of(model, *values)
        if not ends_of(law).size:
            continue
        x = np.concatenate([adversary.points(law), spread(law, adversary.rng, 100)])
        assert max(errors(law, x)) <= 2e-14, values


@pytest.mark.parametrize(("model", "values"), ORDINARY)
def test_certified_values(model: str, values: tuple[float, ...]) -> None:
    law = ordinary(model, values)
    exact = Law(model, **dict(zip(PARAMETERS[model], values, strict=True)))
    x = spread(law, np.random.default_rng(2), 4)
    for function, certified in (density, exact.density), (cdf, exact.cdf), (sf, exact.sf):
        for point, value in zip(x.tolist(), function(law, x).tolist(), strict=True):
            wanted = certified(point, bits=80)
            if wanted == 0 or value == np.inf:
                assert value == float(wanted) or value == np.inf
            else:
                assert abs(float((value - wanted) / wanted)) <= 1e-14, (function.__name__, point)


@pytest.mark.parametrize(("model", "values"), ORDINARY)
def test_hardly_a_point_is_left_to_the_curve(model: str, values: tuple[float, ...]) -> None:
    law = ordinary(model, values)
    rng = np.random.default_rng(3)
    ends = ends_of(law)
    left = 0
    for _ in range(64):
        x = rng.uniform(ends[0] - 0.1, ends[-1] + 0.1, CHUNK)
        for table in law.tables:
            unknown = table(x, np.empty(CHUNK))
            left += 0 if unknown is None else int(unknown.sum())
    assert left == 0
    x = np.concatenate([ends, [np.inf, -np.inf]])
    assert law.tables.cdf(x, np.empty_like(x)) is None


@pytest.mark.parametrize(("model", "values"), ORDINARY)
def test_cdf_and_sf_belong_together(model: str, values: tuple[float, ...]) -> None:
    law = ordinary(model, values)
    x = np.sort(spread(law, np.random.default_rng(4), 4000))
    below, above = cdf(law, x), sf(law, x)
    assert np.abs(below + above - 1.0).max() <= 2.0**-51  # two ulps
    # rounding may turn neighbours round
    assert (np.diff(below) >= -2e-15 * below[1:]).all()
    assert (np.diff(above) <= 2e-15 * above[:-1]).all()
    assert ((below >= 0) & (below <= 1) & (above >= 0) & (above <= 1)).all()


def test_exact_values_outside_and_at_jumps() -> None:
    law = ordinary("marchenko_pastur", (4.0, 1.0))  # an atom of 3/4 at 0, the band from 1 to 9
    x = np.array([-np.inf, -1.0, -5e-324, 0.0, 5e-324, 0.5, 1.0, 9.0, 9.5, np.inf])
    assert cdf(law, x).tolist() == [0, 0, 0, 0.75, 0.75, 0.75, 0.75, 1, 1, 1]
    assert sf(law, x).tolist() == [1, 1, 1, 0.25, 0.25, 0.25, 0.25, 0, 0, 0]
    assert density(law, x).tolist() == [0] * 10
    hard = ordinary("marchenko_pastur", (1.0, 1.0))
    assert density(hard, np.array([-1e-300, 0.0])).tolist() == [0, np.inf]
    assert np.isnan(cdf(law, np.array([np.nan, 2.0]))).tolist() == [True, False]


@pytest.mark.parametrize(("model", "values"), ORDINARY)
def test_the_potential_everywhere(model: str, values: tuple[float, ...]) -> None:
    """In bands, in gaps, beside an atom, outside near and far; the error is relative to the terms."""
    law = ordinary(model, values)
    rng = np.random.default_rng(10)
    ends = ends_of(law)
    width = ends[-1] - ends[0]
    x = np.concatenate(
        [
            spread(law, rng, 300),
            rng.uniform(ends[0] - width, ends[-1] + width, 600),
            ends[-1] + width * 10.0 ** rng.uniform(-16, 6, 300),
            ends[0] - width * 10.0 ** rng.uniform(-16, 6, 300),
            law.atom_hi + rng.choice([-1, 1], 100) * 10.0 ** rng.uniform(-12, 0, 100),
        ]
    )
    x = x[np.isfinite(x)]
    found, direct = log_potential(law, x), log_potential(dataclasses.replace(law, frozen=False), x)
    assert np.abs(found - direct).max() <= 1e-14 * (1.0 + np.abs(direct).max())
    unknown = law.potential(x, np.empty_like(x))
    far = (x < ends[0] - 15 * width) | (x > ends[-1] + 15 * width)
    assert unknown is not None
    assert not unknown[~far].any()
    assert np.array_equal(log_potential(law, np.array([np.inf, -np.inf])), [np.inf, np.inf])
    if np.isfinite(law.atom_hi[0]):
        assert log_potential(law, law.atom_hi)[0] == -np.inf


@pytest.mark.parametrize(("model", "values"), ORDINARY[::3])
def test_bits_do_not_depend_on_the_company(model: str, values: tuple[float, ...]) -> None:
    law = ordinary(model, values)
    x = np.random.default_rng(5).permutation(spread(law, np.random.default_rng(6), 8000))
    for function in (*FUNCTIONS, log_potential):
        whole = function(law, x)
        assert np.array_equal(function(law, x[1000:9000]), whole[1000:9000])
        assert np.array_equal(function(law, x[::-1])[::-1], whole)
        some = [function(law, x[i : i + 1])[0] for i in range(0, x.size, 499)]
        assert np.array_equal(some, whole[::499])
        again = function(frozen(law_of(model, *values)), x)
        assert np.array_equal(again, whole)


def test_threads_get_the_same_bits() -> None:
    law = frozen(law_of("relu_hessian", 0.01, 4.0, 1.0))
    x = spread(law, np.random.default_rng(7), 10000)
    found: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: found.append(cdf(law, x))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(np.array_equal(found[0], other) for other in found)


def test_a_planted_coefficient_is_seen() -> None:
    law = ordinary("wishart_wigner", (0.1, 0.5))
    table = law.tables.density
    x = np.random.default_rng(8).uniform(*ends_of(law), 4096)
    right, wrong = np.empty_like(x), np.empty_like(x)
    assert table(x, right) is None
    planted = table.coefficients.copy()
    planted[1] *= 1.0 + 1e-11
    Table(table.axis, planted, table.base)(x, wrong)
    assert 2e-14 < np.abs(wrong / right - 1.0).max() < 1e-11
    assert np.abs(right / density(dataclasses.replace(law, frozen=False), x) - 1.0).max() < 2e-14


def test_laws_of_many_poles() -> None:
    rng = np.random.default_rng(12)
    half = DoubleDouble(np.array([0.5]))
    for poles in range(3, 8):
        p = [DoubleDouble(np.array([x])) for x in np.sort(rng.normal(size=poles)) * 10 ** rng.uniform(-1, 1)]
        c = [DoubleDouble(np.array([x])) for x in 10 ** rng.uniform(-4, 0, poles)]
        rates = [weight / (pole * pole) for pole, weight in zip(p, c, strict=True)]
        law = prepare(half, p, c, rates, {})
        x = spread(law, rng, 500)
        assert max(errors(law, x)) <= 1e-14
        unknown = frozen(law).tables.density(x, np.empty_like(x))
        assert unknown is None or unknown.sum() <= 2


def test_a_point_mass() -> None:
    law = frozen(law_of("relu_residual", 0.0, 0.7))
    x = np.array([-np.inf, -1.5, 0.0, 2.0, np.inf, np.nan])
    assert cdf(law, x)[:5].tolist() == [0, 0, 1, 1, 1]
    assert sf(law, x)[:5].tolist() == [1, 1, 0, 0, 0]
    assert density(law, x)[:5].tolist() == [0] * 5
    np.testing.assert_allclose(
        log_potential(law, x), [np.inf, np.log(1.5), -np.inf, np.log(2), np.inf, np.nan], rtol=1e-15
    )


# the class itself, without laws


def test_functions_of_any_exponent_and_a_pivot_between_doubles() -> None:
    place = 1.0, 2.0**-54
    axis = Axis.cut([place, (3.0, 0.0)], ["unknown", "smooth", "constant"])

    def function(hi: np.ndarray, lo: np.ndarray) -> np.ndarray:
        t = (hi - place[0]) + (lo - place[1])
        with np.errstate(all="ignore"):
            values = np.array([np.sqrt(t), t ** (1 / 3), 1.0 / np.sqrt(t), 1e-9 + t**1.5, np.cos(t)])
        return np.where(hi < 3.0, values, 7.0)

    rng = np.random.default_rng(9)
    x = np.concatenate([rng.uniform(1.0, 3.0, 3000), 1.0 + 2.0 ** rng.uniform(-52, 1, 3000)])
    x = np.minimum(x[x > 1.0], np.nextafter(3.0, 0.0))
    for table, wanted in zip(tables(axis, function), function(x, np.zeros_like(x)), strict=True):
        out = np.empty_like(x)
        assert table(x, out) is None
        assert np.abs(out - wanted).max() <= 3e-15 * np.abs(wanted).max()
        assert (np.abs(out / wanted - 1.0)[np.abs(wanted) > 1e-2 * np.abs(wanted).max()] <= 1e-13).all()
        few = np.array([0.5, 3.0, 4.0, np.inf, np.nan])
        unknown = table(few, out[:5])
        assert unknown is not None
        assert unknown.tolist() == [True, False, False, False, True]
        assert out[1:4].tolist() == [7.0, 7.0, 7.0]


def test_what_is_not_resolved_is_left() -> None:
    """A singular point that is no pivot: the cells next to it are given up, the others are right."""
    axis = Axis.cut([(0.0, 0.0), (1.0, 0.0)], ["constant", "smooth", "constant"])
    table = tables(axis, lambda hi, lo: np.abs(hi + lo - 0.3)[None])[0]
    x = np.linspace(0.0, 1.0, 1001)
    out = np.empty_like(x)
    unknown = table(x, out)
    assert unknown is not None
    assert np.isnan(out[unknown]).all()
    assert 0 < unknown.mean() < 0.05
    assert np.abs(out - np.abs(x - 0.3))[~unknown].max() < 1e-14


def test_narrow_pieces_and_coinciding_pivots() -> None:
    ulp = 2.0**-52
    for last in (1.0, 1.0 + ulp, 1.0 + 2 * ulp, 1.0 + 3 * ulp, 1.0 + 9 * ulp):
        axis = Axis.cut([(1.0, -(2.0**-55)), (last, 2.0**-55)], ["constant", "smooth", "constant"])
        table = tables(axis, lambda hi, lo: np.full((1, hi.size), 2.0))[0]
        x = 1.0 + ulp * np.arange(-3.0, 12.0)
        out = np.empty_like(x)
        assert table(x, out) is None
        assert out.tolist() == [2.0] * x.size
