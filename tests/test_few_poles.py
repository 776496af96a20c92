"""The root of H(w) = x of two or three poles by formula, against eigenvalues of companion matrices."""

from __future__ import annotations

import numpy as np
import pytest

from generated._runtime.levy.few_poles import root


def laws(k: int, seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Poles, weights and y of laws of every shape on the scale of 1."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(k, n)), 10.0 ** rng.uniform(-3, 0.5, (k, n)), rng.uniform(-4, 4, n)


def physical(p: np.ndarray, c: np.ndarray, y: float) -> complex:
    """The root above the real axis, or else the real one with H' > 0."""
    polynomial = np.poly([y, *p])
    for j, weight in enumerate(c):
        polynomial = np.polyadd(polynomial, weight * np.poly(np.delete(p, j)))
    roots = np.roots(polynomial)
    above = roots[roots.imag > 0]
    if above.size:
        return complex(above[0])
    (found,) = [w for w in roots.real if (c / (w - p) ** 2).sum() < 1]
    return complex(found)


@pytest.mark.parametrize("k", [2, 3])
def test_physical_root(k: int) -> None:
    p, c, y = laws(k, 3, 600)
    w, real = root(p, c, y)
    assert 0.1 < real.mean() < 0.9
    for i in range(y.size):
        expected = physical(p[:, i], c[:, i], y[i])
        assert bool(real[i]) == (expected.imag == 0)
        assert abs(w[i] - expected) <= 1e-6 * abs(expected)


@pytest.mark.parametrize("k", [2, 3])
def test_most_roots_have_nearly_all_digits(k: int) -> None:
    """Halley's method, once, triples them."""
    p, c, y = laws(k, 4, 4000)
    w, _ = root(p, c, y)
    left = w - y + (c / (w - p)).sum(axis=0)
    slope = 1 - (c / (w - p) ** 2).sum(axis=0)
    assert np.quantile(np.abs(left / slope), 0.98) <= 1e-11


def test_real_roots_on_every_side_of_the_poles() -> None:
    """Left of all, in each gap, right of all."""
    p, c = np.array([-3.0, 0.0, 3.0]), np.full(3, 0.1)
    places = np.array([-6.0, -1.5, 1.5, 6.0])
    y = places + (c / (places[:, None] - p)).sum(axis=1)
    w, real = root(np.repeat(p[:, None], 4, 1), np.repeat(c[:, None], 4, 1), y)
    assert real.all()
    np.testing.assert_allclose(w, places, rtol=1e-12)


def test_what_overflows_is_not_a_number() -> None:
    with np.errstate(all="ignore"):
        w, real = root(np.full((3, 1), 1e200), np.ones((3, 1)), np.zeros(1))
    assert real.all()
    assert np.isnan(w).all()
