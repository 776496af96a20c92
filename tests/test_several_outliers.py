"""All outliers of one spike: one at most in each gap of a law and on each side of it."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy as sp
from test_random_expressions import rows_of

from derive import Atoms, DirectSum, Wigner, Wishart, load
from derive.language.ensembles import Ensemble
from generated import (
    deformed_wigner,
    fuss_catalan_2,
    fuss_catalan_6,
    sample_covariance,
    wishart_product,
    wishart_wigner,
)
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.kernels import AlgebraicKernels
from generated._runtime.coefficients import AlgebraicCoefficients
from generated._runtime.results import AllOutliers
from verify import sample

HALF = sp.Rational(1, 2)
THREE = Atoms((-4, 0, 5), ("1/4", "1/4", HALF)) + Wigner("1/3")
GAPS = {
    "three bands": THREE,
    "an atom below": DirectSum((Wishart(3), Wigner(1) - 9), (HALF, HALF)),
    "an atom in a gap": DirectSum((Wigner(1) - 6, Atoms((0,), (1,)), Wigner(1) + 5), ("1/4", HALF, "1/4")),
    "hard edges": DirectSum((Wishart(1), Wishart(HALF) - 8), (HALF, HALF)),
    "0 in a gap": (2 * Atoms((-1, 1), ("1/3", "2/3")) + Wigner("1/10")).inverse(),
}
THETA = np.array([-30.0, -5.0, -2.0, -0.7, -0.1, 0.1, 0.7, 2.0, 5.0, 30.0])


def prepared(expression: Ensemble) -> algebraic.AlgebraicLaw:
    from test_inverses_in_gaps import prepared as law_of_expression

    return law_of_expression(expression)


def solutions(function: Any, low: float, high: float, wanted: float) -> int:
    """How often a function takes a value between two places, on a grid that is fine at both ends."""
    t = np.geomspace(1e-9, 0.5, 2000)
    x = low + (high - low) * np.concatenate([t, 1 - t[::-1]])
    values = function(x) - wanted
    return int(np.sum(values[:-1] * values[1:] < 0))


@pytest.mark.parametrize("name", GAPS)
def test_every_solution_outside_the_spectrum_is_an_outlier(name: str) -> None:
    law = prepared(GAPS[name])
    places = sorted([*law.bands.ravel(), *np.repeat(law.atom_rows[:, 0], 2)])
    wide = 1e3 * (places[-1] - places[0])
    ends = [places[0] - wide, *places, places[-1] + wide]

    def transform(x: Any) -> Any:
        return algebraic.stieltjes(law, x + 0j).real

    found = algebraic.all_outliers(law, THETA)
    assert len(found[0]) == len(ends) // 2
    count = 0
    for k, theta in enumerate(THETA):
        for part, (low, high) in enumerate(zip(ends[::2], ends[1::2], strict=True)):
            here = solutions(transform, low, high, 1 / theta)
            assert here == int(np.isfinite(found[0][part, k]))
            assert not here or low < found[0][part, k] < high
            count += here
        assert np.nansum(found[1][:, k]) <= 1
    assert count > 10
    place, overlap, threshold, until = (part[np.isfinite(found[0])] for part in found)
    theta = np.broadcast_to(THETA, found[0].shape)[np.isfinite(found[0])]
    np.testing.assert_allclose(transform(place), 1 / theta, rtol=1e-11)
    step = 1e-6 * np.min(np.abs(place[:, None] - np.array(places)), axis=1)
    slope = (transform(place + step) - transform(place - step)) / (2 * step)
    np.testing.assert_allclose(overlap, -1 / (theta**2 * slope), rtol=1e-6)
    assert np.all(np.abs(threshold) <= np.abs(theta))
    assert np.all(np.abs(theta) <= np.abs(until))
    for part, k in zip(*np.nonzero(np.isfinite(found[0])), strict=True):
        low, high = ends[2 * part], ends[2 * part + 1]
        if THETA[k] < 0:
            low, high = high, low
        near = np.copysign(1e-12, high - low) * min(abs(high - low), places[-1] - places[0])
        left, entered = transform(np.array([low + near, high - near])) * np.sign(THETA[k])
        pole = left / abs(transform(np.array([low + 1e3 * near]))[0]) > 5
        assert (found[2][part, k] == 0.0) == pole
        assert pole or abs(found[2][part, k]) * left == pytest.approx(1, abs=3e-4)
        finite = entered > 0 and abs(high) < wide / 2
        assert np.isfinite(found[3][part, k]) == finite
        assert not finite or abs(found[3][part, k]) * entered == pytest.approx(1, abs=3e-4)
        assert np.sign(found[3][part, k]) == np.sign(THETA[k])


def test_an_outlier_is_outside_from_its_threshold_until_it_enters_again() -> None:
    law = prepared(THREE)
    ends = law.bands.ravel()
    found = algebraic.all_outliers(law, np.array([-30.0, -2.0, 2.0, 30.0]))
    seen = 0
    for row, leaving in ((2, True), (3, False)):
        for part, k in zip(*np.nonzero(np.isfinite(found[row])), strict=True):
            value = found[row][part, k]
            inside, beyond = (
                np.array(algebraic.all_outliers(law, np.array([value * f])))[:, part, 0]
                for f in ((1 - 1e-7, 1 + 1e-7) if leaving else (1 + 1e-7, 1 - 1e-7))
            )
            assert np.isnan(inside).all()
            assert np.isfinite(beyond[:3]).all()
            edge = ends[2 * part - 1] if (value > 0) == leaving else ends[2 * part]
            assert abs(beyond[0] - edge) < 1e-6
            assert beyond[1] < 1e-6
            seen += 1
    assert seen >= 8


def test_large_spikes_keep_their_digits() -> None:
    """theta + kappa_1 + kappa_2/theta, and (1 + theta) times the mean: up to the largest doubles."""
    theta = 10.0 ** np.array([9, 14, 18, 22, 30, 100, 200, 307])
    modules: tuple[tuple[ModuleType, tuple[float, ...]], ...] = (
        (fuss_catalan_2, ()),
        (wishart_product, (0.5, 0.7)),
        (deformed_wigner, (0.5, 6.0, 1.0)),
    )
    for module, values in modules:
        mean = float(module.free_cumulants(1, *values)[0])
        for sign in (-1, 1):
            found = module.outliers(sign * theta, *values)
            np.testing.assert_allclose(found.place, sign * theta + mean, rtol=4e-16)
            np.testing.assert_allclose(found.overlap, 1.0, atol=1e-15)
    found = wishart_product.multiplicative_outliers(theta, 0.5, 0.7)
    np.testing.assert_allclose(found.place[1:], theta[1:], rtol=1e-13)
    np.testing.assert_allclose(found.overlap[2:], 1.0, atol=1e-15)
    several = prepared(GAPS["an atom in a gap"])  # its branches meet at infinity
    np.testing.assert_allclose(algebraic.outliers(several, theta), [theta - 0.25, np.ones(8)], rtol=1e-12)


def test_small_spikes_keep_their_digits() -> None:
    """Next to a hard edge G = -1/|x|^(2/3), and next to an atom G = mass/x; below, x is rounded to 0."""
    theta = -(10.0 ** np.array([-40.0, -60, -100, -155, -200, -300]))
    place, overlap = fuss_catalan_2.outliers(theta)
    np.testing.assert_allclose(place, -(np.abs(theta) ** 1.5), rtol=1e-12)
    np.testing.assert_allclose(overlap, 1.5 * np.abs(theta) ** 0.5, rtol=1e-12)
    every = fuss_catalan_2.all_outliers(theta)
    assert (every.threshold[:, 0] == 0).all()
    assert (every.until[:, 0] == -np.inf).all()
    place, overlap = fuss_catalan_6.outliers(theta[:5])
    np.testing.assert_allclose(place, -(np.abs(theta[:5]) ** (7 / 6)), rtol=1e-3)
    np.testing.assert_allclose(overlap, 7 / 6 * np.abs(theta[:5]) ** (1 / 6), rtol=1e-3)
    place, overlap = wishart_product.outliers(theta, 1.0, 3.0)
    np.testing.assert_allclose(place, theta * 2 / 3, rtol=1e-13)
    np.testing.assert_allclose(overlap, 2 / 3, rtol=1e-13)


def test_multiplicative_spikes_next_to_an_atom() -> None:
    """T = z G - 1 has a pole at an atom away from 0, so that no spike is too small."""
    law = prepared(DirectSum((Wishart(HALF) + 2, Atoms((1,), (1,))), (HALF, HALF)))
    theta = np.array([-1e-3, -1e-12, -1e-30, -1e-200, 1e-200, 1e-30, 1e-12, 1e-3])
    place, overlap, threshold, until = algebraic.all_multiplicative_outliers(law, theta)
    part = np.where(theta < 0, 0, 1)
    at = np.arange(theta.size)
    assert (threshold[part, at] == 0).all()
    assert (until[0, :4] == -1).all()
    edge = law.bands[0, 0]
    assert edge * algebraic.stieltjes(law, np.array([edge + 0j])).real < 1  # T < 0: it never enters the band
    assert (until[1, 4:] == np.inf).all()
    np.testing.assert_allclose(place[part, at], 1 + theta / 2, rtol=1e-6)
    # G = 1/(2 (z - 1)) + c + ..., so that the overlap is (1 + b theta)/2
    np.testing.assert_allclose(overlap[part, at], 0.5, rtol=2e-3)
    np.testing.assert_allclose(overlap[part, at][1:-1], 0.5, rtol=1e-11)


def test_one_place_is_that_of_outliers() -> None:
    values = (0.5, 6.0, 1.0)
    every, one = deformed_wigner.all_outliers(THETA, *values), deformed_wigner.outliers(THETA, *values)
    assert every.place.shape == (10, 4)
    last = np.where(THETA < 0, every.place[:, 0], np.nanmax(np.nan_to_num(every.place, nan=-np.inf), axis=1))
    np.testing.assert_array_equal(one.place, np.where(np.isfinite(last), last, np.nan))
    whole = wishart_wigner.outliers(THETA, 0.1, 0.5)
    rows = rows_of(Wishart(HALF) + Wigner("1/5"))
    levy = AlgebraicKernels(lambda: AlgebraicCoefficients(rows, ()), 2, 1)  # type: ignore[arg-type]
    place, overlap = levy.all_outliers(levy.prepare(np.empty((0, 1))), THETA)[0], whole.overlap
    np.testing.assert_allclose(place, whole.place, rtol=1e-12)
    assert np.isfinite(overlap).any()


def test_laws_and_spikes_broadcast() -> None:
    found = deformed_wigner.all_outliers(THETA[:, None], 0.5, np.array([1.0, 6.0, 9.0]), 1.0)
    assert found.place.shape == found.overlap.shape == found.threshold.shape == (10, 3, 4)
    np.testing.assert_array_equal(found.place[:, 1], deformed_wigner.all_outliers(THETA, 0.5, 6.0, 1.0).place)
    assert deformed_wigner.all_outliers(5.0, 0.5, 6.0, 1.0).place.shape == (4,)
    assert deformed_wigner.all_outliers(np.empty(0), 0.5, 6.0, 1.0).place.shape == (0, 4)


def test_multiplicative_spikes_in_gaps() -> None:
    """T = z G - 1 = 1/theta, and the overlap by a difference of T."""
    values = (0.4, 30.0, 0.1)
    theta = np.array([-0.9, -0.5, 0.5, 3.0, 20.0])
    found = sample_covariance.all_multiplicative_outliers(theta, *values)
    assert np.isfinite(found.place).sum(axis=1).tolist() == [2, 1, 1, 2, 2]
    ends = [1e-9, *sample_covariance.law(*values).bands().ravel(), 1e5]

    def moments(z: Any) -> Any:
        return z * sample_covariance.stieltjes(z, *values).real - 1

    for t, places in zip(theta, found.place, strict=True):
        parts = zip(ends[::2], ends[1::2], strict=True)
        assert np.isfinite(places).sum() == sum(solutions(moments, *part, 1 / t) for part in parts)
    for k in range(2):
        some = np.isfinite(found.place[:, k])
        x, t = found.place[some, k], theta[some]
        h = 1e-4 * np.min(np.abs(x[:, None] - np.array(ends)), axis=1)
        np.testing.assert_allclose(moments(x), 1 / t, rtol=1e-11)
        slope = (moments(x + h) - moments(x - h)) / (2 * h)
        np.testing.assert_allclose(found.overlap[some, k], -(1 + t) / (t**2 * x * slope), rtol=1e-6)
    with pytest.raises(ValueError, match="at least -1"):
        sample_covariance.all_multiplicative_outliers(-1.5, *values)


SPIKED: dict[str, tuple[ModuleType, tuple[float, ...], float]] = {
    "deformed_wigner": (deformed_wigner, (0.5, 6.0, 1.0), 9.0),
    "sample_covariance": (sample_covariance, (0.4, 30.0, 0.1), 3.0),
}


@pytest.mark.parametrize("name", SPIKED)
def test_matrices_have_both_outliers(name: str) -> None:
    """Place and overlap of the eigenvalue in the gap and of the one above, means of 24 matrices."""
    module, values, theta = SPIKED[name]
    multiply = module is sample_covariance
    n, count, rng = 300, 24, np.random.default_rng(5)
    names = [parameter.name for parameter in module.PARAMETERS]
    bands = module.law(*values).bands()
    every = (module.all_multiplicative_outliers if multiply else module.all_outliers)(theta, *values)
    assert np.isfinite(every.place[:2]).all()
    seen: list[list[tuple[float, float]]] = [[], []]
    for _ in range(count):
        v = rng.standard_normal(n)
        v /= np.linalg.norm(v)
        matrix = sample(load(name), n, rng, **dict(zip(names, values, strict=True)))
        if multiply:
            root = np.eye(n) + (np.sqrt(1 + theta) - 1) * np.outer(v, v)
            matrix = root @ matrix @ root
        else:
            matrix = matrix + theta * np.outer(v, v)
        x, vectors = np.linalg.eigh(matrix)
        low, high = bands[0, 1], bands[1, 0]
        inside = int(np.argmin(np.abs(x - every.place[0])))
        assert low < x[inside] < high
        for which, k in enumerate((inside, n - 1)):
            seen[which].append((float(x[k]), float((v @ vectors[:, k]) ** 2)))
    for which, numbers in enumerate(seen):
        for mean, spread, wanted in zip(
            np.mean(numbers, axis=0), np.std(numbers, axis=0, ddof=1), every[:2], strict=True
        ):
            exact = float(wanted[which])
            allowed = 5 * spread / np.sqrt(count) + 3 / n * abs(exact)
            assert abs(mean - exact) < allowed < 0.25 * abs(exact)


def test_frozen_laws_have_outliers() -> None:
    law = sample_covariance.law(0.4, 30.0, 0.1)
    for ours, wanted in (
        (law.outliers(THETA), sample_covariance.outliers(THETA, 0.4, 30.0, 0.1)),
        (law.multiplicative_outliers(3.0), sample_covariance.multiplicative_outliers(3.0, 0.4, 30.0, 0.1)),
        (
            fuss_catalan_2.law().multiplicative_outliers([3.0, 1.0, 9.0]),
            fuss_catalan_2.multiplicative_outliers([3.0, 1.0, 9.0]),
        ),
        (wishart_wigner.law(0.1, 0.5).outliers(3.0), wishart_wigner.outliers(3.0, 0.1, 0.5)),
    ):
        np.testing.assert_array_equal(ours, wanted)
    values = (0.4, 30.0, 0.1)
    for ours, wanted in (
        (law.all_outliers(THETA), sample_covariance.all_outliers(THETA, *values)),
        (
            law.all_multiplicative_outliers([-0.9, 3.0]),
            sample_covariance.all_multiplicative_outliers([-0.9, 3.0], *values),
        ),
    ):
        assert isinstance(ours, AllOutliers)
        np.testing.assert_array_equal(ours, wanted)
    with pytest.raises(NotImplementedError, match="use `outliers`"):
        wishart_wigner.law(0.1, 0.5).all_outliers(3.0)
    with pytest.raises(ValueError, match="with `all_outliers`"):
        deformed_wigner.law(0.5, 6.0, 1.0).all_multiplicative_outliers(3.0)
    with pytest.raises(ValueError, match=r"law on \[0, oo\)"):
        wishart_wigner.law(0.1, 0.5).multiplicative_outliers(3.0)
    with pytest.raises(ValueError, match="at least -1"):
        law.multiplicative_outliers(-2.0)
