"""The density of free Levy laws, against certified roots."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from flint import fmpq_poly

from generated._runtime.arithmetic.triple_double import TripleDouble
from generated._runtime.levy.density import density
from generated._runtime.levy.law import prepare
from tests.levy_reference import (
    MODELS,
    Adversary,
    W,
    certified_root,
    equation,
    law_of,
    q,
    relative_error,
    worst,
)


def test_cusps_and_hard_edges() -> None:
    cusp = law_of("relu_residual", 1.0, 1.0)
    assert np.isfinite(cusp.bands[0]).sum() == 2
    hard = law_of("relu_hessian", 0.3, 2.0, 1.0)
    for law, exponent in ((cusp, 1 / 3), (law_of("marchenko_pastur", 1.0, 1.0), 1 / 2), (hard, 1 / 2)):
        tiny = np.array([1e-40, 1e-250])
        assert density(law, np.zeros(1))[0] == np.inf
        first, second = density(law, tiny)
        assert np.log(second / first) / np.log(tiny[0] / tiny[1]) == pytest.approx(exponent, rel=1e-12)
        left, right = density(law, np.array([-1e-300, 1e-300]))
        assert left == (right if law is cusp else 0.0)


@pytest.mark.parametrize("model", MODELS)
def test_density_over_the_whole_domain(model: str) -> None:
    adversary = Adversary(7)
    for _ in range(60):
        values = adversary.parameters(model)
        law = law_of(model, *values)
        points = adversary.points(law)
        assert worst(model, values, law, points) <= 1e-12, (values, points)


def test_density_where_laws_meet() -> None:
    """Next to phi = 1, to eps = 2 sigma^2, to the critical energy and to merging bands, point by point."""
    eps_c = 16 * 0.5**3 * (1 + 7**0.5) / (0.5 * (3 + 7**0.5) ** 3)
    for model, values in (
        ("marchenko_pastur", (1 + 2**-52, 1.0)),
        ("marchenko_pastur", (1 - 1e-15, 3.0)),
        ("relu_residual", (1.0, 1 + 1e-15)),
        ("relu_residual", (1e-12, 1 - 1e-15)),
        ("relu_hessian", (2 * (1 + 1e-10), 1.5, 1.0)),
        ("relu_hessian", (2.0, 1.5, 1.0)),
        ("relu_hessian", (eps_c * (1 + 2**-50), 0.5, 1.0)),
        ("relu_hessian", (1e6, 2 + 1e-15, 1.0)),
        ("wishart_wigner", (8 * (2 - 1) ** 3 / 2 * (1 + 1e-15), 8.0)),
        ("wishart_wigner", (4.0, 8.0)),
    ):
        law = law_of(model, *values)
        ends = law.bands[0].ravel()
        ends = ends[np.isfinite(ends)]
        near = np.concatenate([[-1, 1] * np.array([[t]]) for t in (1e-15, 1e-11, 1e-6, 1e-2)]).ravel()
        places = np.concatenate([ends, law.centres.x[2 * law.poles.shape[0] :, 0]])
        places = places[np.isfinite(places)]
        points = (places[:, None] + near * np.ptp(ends)).ravel()
        assert worst(model, values, law, points) <= 1e-12, (model, values)


def test_poles_of_very_different_weight() -> None:
    """A narrow band beside a wide one, a pole deep inside a band."""
    for model, values in (
        ("wishart_wigner", (1e-12, 3.0)),
        ("wishart_wigner", (1e-30, 3.0)),
        ("wishart_wigner", (1e-30, 1e4)),
        ("wishart_wigner", (1e6, 1e-6)),
        ("wishart_wigner", (1e20, 1e-5)),
        ("relu_hessian", (1e-20, 3.0, 1.0)),
        ("relu_hessian", (1e6, 1e-6, 1.0)),
        ("relu_hessian", (1e-12, 1e5, 1.0)),
    ):
        law = law_of(model, *values)
        bands = law.bands[0][np.isfinite(law.bands[0, :, 0])]
        points = np.concatenate([low + (high - low) * np.array([1e-9, 0.1, 0.4, 0.9]) for low, high in bands])
        assert worst(model, values, law, points) <= 1e-12, (model, values)


def test_laws_of_many_poles() -> None:
    """Up to eight poles of either sign, some nearly merged, some of tiny weight."""
    adversary = Adversary(11)
    for degree in (3, 4, 6, 8):
        for _ in range(6):
            poles = adversary.rng.normal(size=degree) * 10.0 ** adversary.rng.uniform(-2, 2, degree)
            poles[1] = poles[0] * (1 + adversary.size(-13, -1))
            weights = 10.0 ** adversary.rng.uniform(-8, 2, degree)
            wigner = bool(adversary.rng.integers(2))
            if wigner:
                poles[-1] = 0.0
            p, c = ([TripleDouble(np.array([value])) for value in row] for row in (poles, weights))
            rates = [
                None if value.hi[0] == 0 else weight / value**2 for value, weight in zip(p, c, strict=True)
            ]
            mean = TripleDouble(np.array([0.5]))
            law = prepare(mean, p, c, rates, {})
            parts = [(W - q(a), fmpq_poly([q(b)])) for a, b in zip(poles, weights, strict=True)]
            points = adversary.points(law)
            for x, value in zip(points, density(law, np.array(points)), strict=True):
                root = certified_root(equation(q(0.5), parts, x))
                assert relative_error(value, root) <= 1e-12, (poles, weights, x)


def test_a_planted_error_in_an_edge_is_seen() -> None:
    values = (0.05, 0.5)
    law = law_of("wishart_wigner", *values)
    points = law.edges_hi[0, 0] + 2.0 ** -np.arange(48.0, 52.0)
    assert worst("wishart_wigner", values, law, points) <= 1e-14
    centres = dataclasses.replace(law.centres, x_lo=np.zeros_like(law.centres.x_lo))
    rounded = dataclasses.replace(law, centres=centres)
    assert worst("wishart_wigner", values, rounded, points) > 1e-3
