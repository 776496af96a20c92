"""The R-transform of algebraic laws: closed forms, an oracle at high precision, its domain, frozen laws."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import generated
from derive import Atoms, DirectSum, Factor, Gaussian, Gram, Projection, Wigner, Wishart
from derive.language.ensembles import Ensemble
from generated import deformed_wigner, fuss_catalan_2, fuss_catalan_6, wishart_product, wishart_wigner
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic import means
from generated._runtime.algebraic import r_transform as algebraic_r_transform
from tests.test_irrational_means import PARALLEL, SHIFTED, algebraic_law, coefficients

LAWS: dict[str, tuple[Ensemble, int]] = {
    "sum with a projection": (Wishart("1/3") + Projection("2/5"), 3),
    "signed atoms times Wishart": (Atoms((-1, 2), ("1/3", "2/3")) @ Wishart("3/2"), 3),
    "narrow and far from 0": (Wishart("1/2") @ Wishart(1) * "1/1000" + 1000, 3),
    "quartic image": (Wigner(1).apply(lambda x: x**4 - 2 * x**2), 4),
    "blocks": (DirectSum((Wishart(2), Wigner(1) + 1), ("1/3", "2/3")), 4),
    "rectangular factors": (Gram(Gaussian(1, "1/2") @ Gaussian("1/2", 3) @ Gaussian(3, 2)), 4),
    "information plus noise": (Gram(Factor(Projection("1/3"), columns=2) + Gaussian(1, 2)), 4),
    "product plus Wigner": (Wishart(2) @ Wishart("1/2") + Wigner("1/3"), 5),
    "two products": (Wishart(2) @ Wishart("1/2") + Wishart(1) @ Wishart(3) + Wigner(1), 11),
    "an irrational mean": (SHIFTED, 2),
    "parallel, with an irrational mean": (PARALLEL, 5),
}


def prepared(expression: Ensemble) -> algebraic.AlgebraicLaw:
    found = coefficients(algebraic_law(expression))
    return algebraic.prepare(
        [[Fraction(v) for v in row] for row in found.rows], found.edges, means.mean_of(found)
    )


def refined(rows: Sequence[Sequence[Fraction]], g: complex, near: complex) -> Any:
    """The root R next to `near` of P(g, R + 1/g) = 0, to 40 digits, by mpmath's own solver."""
    with mpmath.workdps(60):
        point = mpmath.mpmathify(g)
        in_z = [
            mpmath.fsum(
                mpmath.mpf(row[j].numerator) / row[j].denominator * point**i for i, row in enumerate(rows)
            )
            for j in range(len(rows[0]))
        ]
        found = mpmath.polyroots(in_z[::-1], maxsteps=500, extraprec=400)
        return min((z - 1 / point for z in found), key=lambda r: abs(r - near))


@pytest.mark.parametrize("name", LAWS)
def test_r_inverts_g_outside_the_support_and_above_the_axis(name: str) -> None:
    """At G(z) it is z - 1/G(z), and the root of the polynomial there to all digits."""
    expression, degree = LAWS[name]
    law = prepared(expression)
    assert len(law.rows) - 1 == degree
    low, high = law.places[0], law.places[-1]
    width = high - low
    x = np.concatenate([high + width * np.array([1e-3, 0.3, 5]), low - width * np.array([1e-3, 0.3, 10])])
    g = algebraic.stieltjes(law, x.astype(complex)).real
    z = low + width * np.array([0.3 + 0.1j, 0.6 + 1j, 0.1 + 0.02j, 0.9 - 0.05j])
    off = algebraic.stieltjes(law, z)
    for points, places in ((g, x), (off, z)):
        found = algebraic.r_transform(law, points)
        assert found.dtype == points.dtype
        assert np.max(np.abs(found + 1 / points - places)) < 1e-13 * width
        for one, at in zip(found, points, strict=True):
            wanted = refined(law.rows, at, complex(one))
            assert abs(one - wanted) <= 1e-15 * abs(wanted)


def of_projection(p: float) -> Callable[[Any], Any]:
    return lambda g: (g - 1 + np.sqrt((g - 1) ** 2 + 4 * p * g)) / (2 * g)


def test_beyond_a_pole_it_is_the_same_around_either_side() -> None:
    """R of the Wishart part has a pole at 3, that of the projection none on the axis."""
    law = prepared(Wishart("1/3") + Projection("2/5"))
    g = np.array([-50, -2, 1, 2.9, 3.1, 4, 50])
    np.testing.assert_allclose(
        algebraic.r_transform(law, g), 1 / (1 - g / 3) + of_projection(0.4)(g), rtol=1e-13
    )
    assert np.isnan(algebraic.r_transform(law, np.array([3.0]))[0])


def test_nan_from_a_branch_point_on() -> None:
    """With t = g R(g), t S(t) = t / (1 + t)^2 = g: R(g) = 2 / (1 - 2 g + sqrt(1 - 4 g))."""

    def wanted(g: Any) -> complex:
        with mpmath.workdps(60):
            g = mpmath.mpmathify(g)
            return complex(2 / (1 - 2 * g + mpmath.sqrt(1 - 4 * g)))

    g = np.array([-1e6, -3.0, 1e-300, 1e-9, 0.2, 0.25 - 1e-9, 3j, 1 + 0.1j, -2 - 5j])
    found = fuss_catalan_2.r_transform(g)
    np.testing.assert_allclose(found, [wanted(value) for value in g], rtol=1e-14)
    reals = fuss_catalan_2.r_transform([0.0, 0.24999, 0.2501, 1.0, 1e9, np.inf, -np.inf, np.nan])
    assert reals[0] == 1.0
    assert reals[1] == pytest.approx(wanted(0.24999).real, rel=1e-14)
    assert np.isnan(reals[2:]).all()


def of_product(g: Any, phi_1: float, phi_2: float) -> Any:
    """From phi_1 phi_2 g^2 R^2 - (1 - (phi_1 + phi_2) g) R + 1 = 0: at g < 0 no two terms cancel."""
    a, b = np.sqrt(phi_1), np.sqrt(phi_2)
    root = np.sqrt((1 - (a - b) ** 2 * g) * (1 - (a + b) ** 2 * g))
    return 2 / (1 - (phi_1 + phi_2) * g + root)


@pytest.mark.parametrize("phi", [(1, 1), (1, 1e-3), (7.3e-4, 49.2), (58.88, 2.232), (3.32, 0.169)])
def test_it_keeps_its_digits_next_to_a_hard_edge(phi: tuple[float, float]) -> None:
    """R falls to 1e-13 of the mean, and no singularity lies on g < 0."""
    g = -(10.0 ** np.linspace(-2, 13, 31))
    np.testing.assert_allclose(wishart_product.r_transform(g, *phi), of_product(g, *phi), rtol=4e-15)


@pytest.mark.parametrize("factors", [3, 6])
def test_it_reaches_the_hard_edge_of_many_factors(factors: int) -> None:
    """With t = g R(g), g = t / (1 + t)^n, t falls from 0 to -1 as g falls from 0."""
    module = importlib.import_module(f"generated.fuss_catalan_{factors}")
    t = -np.array([0.5, 0.75, 0.9, 0.96875])
    g = t / (1 + t) ** factors
    np.testing.assert_allclose(module.r_transform(g), (1 + t) ** factors, rtol=1e-12)


def test_a_root_that_is_not_within_its_error_is_not_given() -> None:
    """Planted: a value that is off by a thousandth, said to be good to 1e-12."""
    law = prepared(Wishart("1/3") + Projection("2/5"))
    curve = law.inverse
    target = np.array([1.0 + 0j]) * curve.unit
    value = (algebraic.r_transform(law, np.array([1.0 + 0j])) - curve.centre) / curve.unit
    for off, error, known in ((0.0, 1e-12, True), (1e-3, 1e-12, False), (1e-3, 1e-2, True)):
        result = algebraic_r_transform._settled(curve, value * (1 + off), np.array([error]), target)
        assert np.isfinite(result)[0] == known


def test_free_cumulants_are_its_power_series() -> None:
    kappa = fuss_catalan_6.free_cumulants(5)
    g = 1e-4
    assert fuss_catalan_6.r_transform(g) == pytest.approx(np.polyval(kappa[::-1], g), rel=1e-14)
    assert fuss_catalan_6.r_transform(0.0) == kappa[0]


def test_it_adds_what_is_added() -> None:
    """R of `deformed_wigner` is that of a projection, scaled, and variance times g; parameters broadcast."""
    g = np.array([[0.1], [-0.2], [0.05 + 0.1j]])
    variance = np.array([0.5, 0.75])
    found = deformed_wigner.r_transform(g, mass=0.3, place=2, variance=variance)
    np.testing.assert_allclose(found, 2 * of_projection(0.3)(2 * g) + variance * g, rtol=1e-13)
    out = np.empty((3, 2), complex)
    assert deformed_wigner.r_transform(g, 0.3, 2, variance, out=out) is out
    np.testing.assert_array_equal(out, found)


@pytest.mark.parametrize("name", generated.ALGEBRAIC)
def test_every_module_has_it_and_so_has_its_frozen_law(name: str) -> None:
    module = importlib.import_module(f"generated.{name}")
    values = [0.5] * len(module.PARAMETERS)
    law = module.law(*values)
    g = np.array([-0.01, 0.0, 0.02])
    np.testing.assert_array_equal(law.r_transform(g), module.r_transform(g, *values))
    np.testing.assert_array_equal(law.moments(4), module.moments(4, *values))
    np.testing.assert_array_equal(law.free_cumulants(4), module.free_cumulants(4, *values))
    assert isinstance(law.r_transform(0.01), np.float64)
    assert law.r_transform(0.0) == pytest.approx(law.mean(), rel=1e-15, abs=1e-15)


def test_frozen_levy_laws_have_them_too() -> None:
    law = wishart_wigner.law(0.05, 0.5)
    assert law.r_transform(0.3) == wishart_wigner.r_transform(0.3, 0.05, 0.5)
    np.testing.assert_array_equal(law.moments(3), wishart_wigner.moments(3, 0.05, 0.5))
    np.testing.assert_array_equal(law.free_cumulants(3), wishart_wigner.free_cumulants(3, 0.05, 0.5))
    with pytest.raises((TypeError, ValueError), match="n"):
        law.moments(-1)


def test_a_wrong_start_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the branch of another mean."""
    law = prepared(Wishart("1/3") + Projection("2/5"))
    curve = algebraic_r_transform.inverse_curve(law)
    law.__dict__["inverse"] = algebraic_r_transform.Inverse(**{**curve.__dict__, "start": curve.start + 0.5})
    found = algebraic.r_transform(law, np.array([1.0]))
    assert not np.allclose(found, 1 / (1 - 1 / 3) + of_projection(0.4)(1.0), rtol=1e-9)
