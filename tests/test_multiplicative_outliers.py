"""Outliers of multiplicative spikes: derived, evaluated and seen in matrices."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
import sympy as sp

import derive.analysis.multiplicative_outliers as spikes
import generated
from derive import FreePoisson, Model, Wigner, Wishart, derive, load
from derive.algebra.radicals import vanishes
from derive.derivation import CertificateError
from derive.emission.module import module_text
from derive.laws import w
from generated import marchenko_pastur, sample_covariance, wishart_product
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.kernels import AlgebraicKernels
from generated._runtime.levy.outliers import multiplicative_outliers
from tests.derived import derivation_of
from verify import sample

NONNEGATIVE = (
    "deformed_wishart",
    "fuss_catalan_2",
    "fuss_catalan_3",
    "fuss_catalan_4",
    "fuss_catalan_5",
    "fuss_catalan_6",
    "marchenko_pastur",
    "sample_covariance",
    "wishart_product",
)


def test_which_modules_have_them() -> None:
    """Those of ensembles that are certainly nonnegative, for every value of the parameters."""
    found = [
        name
        for name in sorted((*generated.MODELS, *generated.ALGEBRAIC))
        if hasattr(importlib.import_module(f"generated.{name}"), "multiplicative_outliers")
    ]
    assert tuple(found) == NONNEGATIVE


# --- derivations -----------------------------------------------------------------------------------------


def test_spiked_wishart() -> None:
    """(1 + theta)(1 + phi/theta) with overlap (1 - phi/theta^2)/(1 + phi/theta), for a mean sigma."""
    phi, sigma = (parameter.symbol for parameter in load("marchenko_pastur").parameters)
    forms = derivation_of("marchenko_pastur").closed_forms
    assert vanishes(forms["multiplicative_place"] - sigma * (1 + w) * (1 + phi / w))
    assert vanishes(forms["multiplicative_overlap"] - (1 - phi / w**2) / (1 + phi / w))


@pytest.mark.parametrize("factors", [2, 4, 6])
def test_spiked_fuss_catalan(factors: int) -> None:
    """The place is (1 + theta)^(L+1)/theta^L and the threshold L: the edge is the place there."""
    forms = derivation_of(f"fuss_catalan_{factors}").closed_forms
    place, overlap = forms["multiplicative_place"], forms["multiplicative_overlap"]
    assert vanishes(place - (1 + w) ** (factors + 1) / w**factors)
    assert vanishes(overlap - (w - factors) / w)
    assert place.subs(w, factors) == sp.Rational((factors + 1) ** (factors + 1), factors**factors)


def test_wrong_formulas_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model, plain = load("marchenko_pastur"), spikes._closed
    monkeypatch.setattr(spikes, "_closed", lambda curve: (plain(curve)[0], plain(curve)[1] / 2))
    with pytest.raises(CertificateError, match="additive spike of equal place"):
        derive(model)


def test_signed_ensembles_have_none() -> None:
    derivation = derive(Model("signed", (), Wishart(1) @ Wigner(1), name="signed"))
    assert "multiplicative_outlier" not in derivation.closed_forms
    assert "multiplicative" not in module_text(derivation)


# --- numerics --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phi", "sigma"), [(0.5, 1.0), (0.5, 3.0), (2.0, 1.0), (1.0, 1.0), (1e-4, 2.0)])
def test_wishart_in_closed_form(phi: float, sigma: float) -> None:
    root = np.sqrt(phi)
    theta = np.array([root * (1 + 1e-6), 1.1 * root, 3, 10, 1e6, 1e12, 1e200])
    place, overlap = marchenko_pastur.multiplicative_outliers(theta, phi, sigma)
    wanted = (1 - (root / theta) ** 2) / (1 + phi / theta)
    np.testing.assert_allclose(place, sigma * (1 + theta) * (1 + phi / theta), rtol=1e-14)
    np.testing.assert_allclose(overlap, wanted, rtol=1e-9, atol=1e-15)
    none = np.array([0.99 * root, 0.0, -0.5 * min(root, 1), -1.0, np.nan])
    assert np.isnan(marchenko_pastur.multiplicative_outliers(none, phi, sigma)).all()
    for theta in (-2.0, -np.inf, [1.0, np.nan, -1 - 1e-15]):
        with pytest.raises(ValueError, match=r"theta must be at least -1, got -"):
            marchenko_pastur.multiplicative_outliers(theta, phi, sigma)
    # between 0 and the lower edge, where the rank is full
    below = np.array([-0.5 - min(root, 1) / 2, -1 + 1e-6])
    found = marchenko_pastur.multiplicative_outliers(below, phi, sigma)
    if phi < 1:
        np.testing.assert_allclose(found.place, sigma * (1 + below) * (1 + phi / below), rtol=1e-9)
        np.testing.assert_allclose(found.overlap, (1 - phi / below**2) / (1 + phi / below), rtol=1e-9)
    else:
        assert np.isnan(found).all()
    assert marchenko_pastur.multiplicative_outliers(np.ones((2, 1)), np.full(3, 0.5), sigma).place.shape == (
        2,
        3,
    )


@pytest.mark.parametrize("ratios", [(0.5, 0.25), (0.5, 2.0), (1.0, 1.0), (0.125, 0.125)])
def test_products_in_closed_form(ratios: tuple[float, float]) -> None:
    """By derivation; the threshold is where the overlap is 0."""
    forms = derivation_of("wishart_product").closed_forms
    symbols = [w, *(parameter.symbol for parameter in load("wishart_product").parameters)]
    place, overlap = (
        sp.lambdify(symbols, forms[f"multiplicative_{what}"], "numpy") for what in ("place", "overlap")
    )
    theta = np.array([0.05, 0.3, 0.9, 2.125, 3.0, 10.0, 1e3, 1e7, 1e12])
    wanted = overlap(theta, *ratios)
    there = wanted > 0
    found = wishart_product.multiplicative_outliers(theta, *ratios)
    assert np.array_equal(np.isfinite(found.place), there)
    np.testing.assert_allclose(found.place[there], place(theta[there], *ratios), rtol=1e-13)
    np.testing.assert_allclose(found.overlap[there], wanted[there], rtol=1e-12)
    below = np.array([-0.95, -0.9])
    found = wishart_product.multiplicative_outliers(below, *ratios)
    if max(ratios) < 1:
        np.testing.assert_allclose(found.place, place(below, *ratios), rtol=1e-13)
        np.testing.assert_allclose(found.overlap, overlap(below, *ratios), rtol=1e-12)
    else:
        assert np.isnan(found).all()


def test_gaps_and_definitions() -> None:
    """A population of two variances far apart: theta T = 1 at the place, the overlap by a difference of T."""
    values = (31 / 32, 4.0, 1 / 128)
    law = sample_covariance.law(*values)
    assert len(law.bands()) == 2
    (low, inner), (outer, high) = law.bands()

    def moments(z: Any) -> Any:
        return z * law.stieltjes(z).real - 1

    theta = np.array([-0.6, -1 / 6, 40.0])
    place, overlap = sample_covariance.multiplicative_outliers(theta, *values)
    assert 0 < place[0] < low < inner < place[1] < outer < high < place[2]

    np.testing.assert_allclose(theta * moments(place), 1, rtol=1e-12)
    step = 1e-5 * place
    slope = (moments(place + step) - moments(place - step)) / (2 * step)
    np.testing.assert_allclose(overlap, -(1 + theta) / (theta**2 * place * slope), rtol=1e-7)


def test_laws_of_several_jumps_agree_with_their_polynomials() -> None:
    """A free Poisson law of jumps 1 and 3, as a Levy law and as an algebraic one."""
    model = Model("jumps", (), FreePoisson(1, 1) + FreePoisson(2, 3), name="jumps")
    derivation = derive(model)
    from generated._runtime.coefficients import AlgebraicCoefficients
    from generated._runtime.levy.kernels import LevyKernels

    scope: dict[str, Any] = {}
    text = module_text(derivation)
    start = text.index("def _coefficients")
    body = text[start : text.index("def _kernels")]
    exec(
        "from __future__ import annotations\nfrom generated._runtime.coefficients import LevyCoefficients\n"
        + body,
        scope,
    )
    law = LevyKernels(scope["_coefficients"]).prepare(np.empty((0, 1)))
    polynomial = sp.Poly(derivation.equation, *sp.symbols("G z"))
    rows = [
        [
            int(polynomial.coeff_monomial(sp.Symbol("G") ** i * sp.Symbol("z") ** j))
            for j in range(polynomial.degree(1) + 1)
        ]
        for i in range(polynomial.degree(0) + 1)
    ]
    other = AlgebraicKernels(lambda: AlgebraicCoefficients(rows, ()), 3, 3).prepare(np.empty((0, 1)))
    theta = np.array([-0.9, -0.5, 0.3, 1.0, 3.0, 1e4])
    found = multiplicative_outliers(law, theta)
    wanted = algebraic.multiplicative_outliers(other, theta)
    np.testing.assert_allclose(found, wanted, rtol=1e-11)
    assert np.isfinite(found[0][-3:]).all()


# --- matrices --------------------------------------------------------------------------------------------

SPIKED = {
    "marchenko_pastur": ({"phi": 0.5, "sigma": 1.0}, 2.0),
    "wishart_product": ({"phi_1": 0.25, "phi_2": 0.5}, 3.0),
    "deformed_wishart": ({"mass": 0.25, "place": 2.0, "phi": 0.25}, 1.5),
    "sample_covariance": ({"mass": 0.25, "place": 3.0, "phi": 0.25}, 3.0),
    "fuss_catalan_3": ({}, 8.0),
}


@pytest.mark.parametrize("name", SPIKED)
def test_spiked_matrices(name: str) -> None:
    """The largest eigenvalue and its eigenvector's overlap, means of 24 matrices within 5 standard errors."""
    values, theta = SPIKED[name]
    n, count, rng = 300, 24, np.random.default_rng(31)
    places, overlaps = [], []
    for _ in range(count):
        matrix = sample(load(name), n, rng, **values)
        v = rng.standard_normal(n)
        v /= np.linalg.norm(v)
        root = np.eye(n) + (np.sqrt(1 + theta) - 1) * np.outer(v, v)
        eigenvalues, vectors = np.linalg.eigh(root @ matrix @ root)
        places.append(eigenvalues[-1])
        overlaps.append((v @ vectors[:, -1]) ** 2)
    module = importlib.import_module(f"generated.{name}")
    place, overlap = module.multiplicative_outliers(theta, **values)
    wrong = module.multiplicative_outliers(0.7 * theta, **values)
    for found, wanted, other in ((places, place, wrong.place), (overlaps, overlap, wrong.overlap)):
        allowed = 5 * np.std(found, ddof=1) / np.sqrt(count) + 3 * wanted / n
        assert abs(np.mean(found) - wanted) < allowed < abs(np.mean(found) - other)
