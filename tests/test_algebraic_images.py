"""Images under polynomials that fold the axis, whose sheets end inside one another, and far inverses.

With P(t_k) = z the partial fractions of 1/(z - P(y)) give G(z) = sum_k g(t_k) / P'(t_k) exactly, g the
transform of the semicircle law; on the axis the density is the sum of rho(t) / |P'(t)| over real preimages.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from derive import Wigner, Wishart
from derive.language.ensembles import Ensemble
from derive.laws import G, z
from derive.transforms import read
from derive.transforms.curves import Setting
from generated._runtime.algebraic import charts as algebraic_charts
from generated._runtime.algebraic import evaluators as algebraic

Array = np.ndarray


def prepared(expression: Ensemble) -> algebraic.AlgebraicLaw:
    reading = read(expression, "H", Setting((), ()))
    equation = sp.Poly(reading.setting.ring.expression(reading.equation), G, z)
    rows = [[Fraction(0)] * (equation.degree(z) + 1) for _ in range(equation.degree(G) + 1)]
    for (i, j), value in equation.terms():
        rows[i][j] = Fraction(int(value.p), int(value.q))
    return algebraic.prepare(rows)


def image(polynomial: list[str]) -> algebraic.AlgebraicLaw:
    """The law of P(W), W a semicircle of variance 1; coefficients of P descending."""
    return prepared(
        Wigner(1).apply(lambda t: sum(sp.Rational(c) * t**k for k, c in enumerate(polynomial[::-1])))
    )


def semicircle(t: Array) -> Array:
    return np.sqrt(np.maximum((2 - t) * (2 + t), 0)) / (2 * np.pi)


SQUARES = ["1/1000", "1/10", "3/10", "-3/10", "1/2", "7/10", "9/10", "3/2", "19/10", "2"]
CUBES = ["0", "1", "1/2", "1/10", "-1/4", "-1", "-4", "-6"]


@pytest.mark.parametrize("shift", SQUARES)
def test_a_shifted_square(shift: str) -> None:
    law, x0 = (
        image(["1", str(2 * sp.Rational(shift)), str(sp.Rational(shift) ** 2)]),
        float(sp.Rational(shift)),
    )
    assert law.uncertified == ()
    assert law.upto[-1] == pytest.approx(1, abs=1e-12)
    inner = (2 - abs(x0)) ** 2
    assert np.any(np.abs(law.places - inner) <= 1e-14 * inner)
    x = np.concatenate([np.linspace(1e-3, (2 + abs(x0)) ** 2 - 1e-3, 60), inner + np.array([-1e-4, 1e-4])])
    root = np.sqrt(x[x > 0])
    wanted = (semicircle(root - x0) + semicircle(root + x0)) / (2 * root)
    np.testing.assert_allclose(algebraic.density(law, x[x > 0]), wanted, rtol=1e-11)


@pytest.mark.parametrize("slope", CUBES)
def test_a_cubic(slope: str) -> None:
    """P = t^3 + a t. The other preimages of P(t) are the roots of y^2 + t y + t^2 + a."""
    a, law = float(sp.Rational(slope)), image(["1", "0", slope, "0"])
    assert law.uncertified == ()
    assert law.upto[-1] == pytest.approx(1, abs=1e-12)
    t = np.linspace(-1.97, 1.97, 61) + 0.0012345
    gap = -3 * t**2 - 4 * a
    root = np.sqrt(np.maximum(gap, 0))
    others = [np.where(gap > 0, (-t + sign * root) / 2, np.inf) for sign in (1, -1)]
    wanted = np.zeros_like(t)
    for y in (t, *others):
        real = np.isfinite(y)
        wanted[real] += semicircle(y[real]) / np.abs(3 * y[real] ** 2 + a)
    np.testing.assert_allclose(algebraic.density(law, t**3 + a * t), wanted, rtol=1e-11)


@pytest.mark.parametrize(
    "polynomial",
    [["1", "3/5", "9/100"], ["1", "0", "1/2", "0"], ["1", "0", "-6", "0"], ["1", "-1", "1", "0"]],
)
def test_above_the_axis(polynomial: list[str]) -> None:
    law = image(polynomial)
    coefficients = [float(sp.Rational(c)) for c in polynomial]
    centre = law.places[len(law.places) // 2]
    for point in (centre + 1e-3 + 2e-3j, centre - 0.3 + 0.2j, law.places[0] + 0.7 + 1e-3j, 30 + 4j):
        t = np.roots([*coefficients[:-1], coefficients[-1] - point])
        transform = (t - np.sqrt(t - 2) * np.sqrt(t + 2)) / 2
        wanted = np.sum(transform / np.polyval(np.polyder(np.array(coefficients)), t))
        assert algebraic.stieltjes(law, np.array([point]))[0] == pytest.approx(wanted, rel=1e-12)


def test_the_square_of_a_sum() -> None:
    """Degree 9; the cdf of the square from that of the sum."""
    whole = Wishart(sp.Rational(1, 2)) + Wigner(1)
    law, plain = prepared(whole**2), prepared(whole)
    assert law.uncertified == ()
    x = np.linspace(0.1, 13, 40)
    wanted = algebraic.cdf(plain, np.sqrt(x)) - algebraic.cdf(plain, -np.sqrt(x))
    np.testing.assert_allclose(algebraic.cdf(law, x), wanted, rtol=1e-13)
    wanted = (algebraic.density(plain, np.sqrt(x)) + algebraic.density(plain, -np.sqrt(x))) / (2 * np.sqrt(x))
    np.testing.assert_allclose(algebraic.density(law, x), wanted, rtol=1e-11)


def test_another_branch_crosses_ours_beyond_the_support() -> None:
    law = prepared(Wishart(sp.Rational(1, 2)) ** 3)
    assert law.uncertified == ()
    plain = prepared(Wishart(sp.Rational(1, 2)))
    x = np.array([0.01, 1.0, 20.0])
    np.testing.assert_allclose(algebraic.cdf(law, x), algebraic.cdf(plain, np.cbrt(x)), rtol=1e-13)
    far = algebraic.moments(law, 12)[:, 0] @ 1e4 ** -np.arange(1.0, 14.0)
    assert algebraic.stieltjes(law, np.array([1e4 + 0j]))[0].real == pytest.approx(far, rel=1e-14)


def test_an_inverse_that_reaches_far() -> None:
    """1/x of a Marchenko-Pastur law next to ratio 1: a support from 1/4 to 4e12."""
    ratio = sp.Rational(999999, 1000000)
    law, plain = prepared(Wishart(ratio).inverse()), prepared(Wishart(ratio))
    assert law.uncertified == ()
    assert law.bands[0] == pytest.approx([0.25, 4e12], rel=1e-5)
    x = np.array([0.26, 1.0, 1e2, 1e5, 1e8, 1e11])
    wanted = algebraic.density(plain, 1 / x) / x**2
    np.testing.assert_allclose(algebraic.density(law, x), wanted, rtol=1e-11)
    np.testing.assert_allclose(algebraic.sf(law, x), algebraic.cdf(plain, 1 / x), rtol=1e-13, atol=1e-15)
    # At 1e12 the two branches are 1e-6 apart, relatively: residuals in doubles would leave 1e-10.
    for point in (-3 + 1j, -1e6 + 1j, 5e11 + 1j, 1e12 + 1e11j, 1e14 + 0j):
        at = np.array([point])
        wanted = 1 / at - algebraic.stieltjes(plain, 1 / at) / at**2
        np.testing.assert_allclose(algebraic.stieltjes(law, at), wanted, rtol=1e-14)


def test_without_its_inner_edge_a_law_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algebraic_charts, "_complex_roots", lambda p: [])
    assert any("not resolved" in sentence for sentence in image(["1", "3/5", "9/100"]).uncertified)
