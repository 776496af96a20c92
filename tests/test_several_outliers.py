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
from generated import deformed_wigner, fuss_catalan_2, sample_covariance, wishart_wigner
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.kernels import AlgebraicKernels
from generated._runtime.coefficients import AlgebraicCoefficients
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
    place, overlap, threshold = (part[np.isfinite(found[0])] for part in found)
    theta = np.broadcast_to(THETA, found[0].shape)[np.isfinite(found[0])]
    np.testing.assert_allclose(transform(place), 1 / theta, rtol=1e-11)
    step = 1e-6 * np.min(np.abs(place[:, None] - np.array(places)), axis=1)
    slope = (transform(place + step) - transform(place - step)) / (2 * step)
    np.testing.assert_allclose(overlap, -1 / (theta**2 * slope), rtol=1e-6)
    assert np.all(np.abs(threshold) <= np.abs(theta))
    assert np.all((threshold == 0) | (np.sign(threshold) == np.sign(theta)))


def test_an_outlier_leaves_the_spectrum_at_its_threshold() -> None:
    law = prepared(THREE)
    ends = law.bands.ravel()
    found = algebraic.all_outliers(law, np.array([-30.0, 30.0]))
    for threshold, sign in (
        (np.unique(found[2][:, 1][np.isfinite(found[2][:, 1])]), 1),
        (found[2][:3, 0], -1),
    ):
        assert len(threshold) == 3
        for value in threshold:
            inside, beyond = (
                algebraic.all_outliers(law, np.array([value * f])) for f in (1 - 1e-7, 1 + 1e-7)
            )
            assert np.sum(np.isfinite(beyond[0])) == np.sum(np.isfinite(inside[0])) + 1
            part = np.flatnonzero(np.isfinite(beyond[0][:, 0]) & ~np.isfinite(inside[0][:, 0]))[0]
            edge = ends[2 * part - 1] if sign > 0 else ends[2 * part]
            assert abs(beyond[0][part, 0] - edge) < 1e-6
            assert beyond[1][part, 0] < 1e-6


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
    with pytest.raises(ValueError, match=r"law on \[0, oo\)"):
        wishart_wigner.law(0.1, 0.5).multiplicative_outliers(3.0)
    with pytest.raises(ValueError, match="at least -1"):
        law.multiplicative_outliers(-2.0)
