"""Where parameters make the equation of a law a product: the law's own factor, and what is left alone."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from derive.laws import G, z
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.own_factor import _is_factor, own_factor
from tests.test_user_models import generated_module

ARCSINE = (z**2 - 4) * G**2 - 1
OTHER = 729 * (z**2 - 4) * G**6 - 729 * G**4 - 54 * G**2 - 1
SEMICIRCLE = G**2 - z * G + 1
Rows = list[list[Fraction]]


def rows_of(equation: sp.Expr) -> Rows:
    polynomial = sp.Poly(equation, G, z)
    rows = [[Fraction(0)] * (polynomial.degree(z) + 1) for _ in range(polynomial.degree(G) + 1)]
    for (i, j), value in polynomial.terms():
        rows[i][j] = Fraction(int(value.p), int(value.q))
    return rows


def expression(rows: Rows) -> sp.Expr:
    return sum(
        sp.Rational(c.numerator, c.denominator) * G**i * z**j
        for i, row in enumerate(rows)
        for j, c in enumerate(row)
    )


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (ARCSINE, OTHER),
        (SEMICIRCLE, z * G**3 - 2 * G + 5),
        (SEMICIRCLE, 3 * G - 7),  # a factor without z
        (sp.Rational(2, 7) * z * G**2 - z * G + 1, (z - 3) * G + sp.Rational(1, 3)),
    ],
)
def test_the_laws_factor_is_found(own: sp.Expr, other: sp.Expr) -> None:
    found = own_factor(rows_of(sp.expand(own * other)))
    quotient = sp.cancel(expression(found) / own)
    assert quotient.is_number
    assert quotient != 0


def test_the_factor_of_a_long_product_is_found() -> None:
    other = sum(((3 * i + 5 * j) % 7 - 3) * G**i * z**j for i in range(9) for j in range(15)) + 4
    assert own_factor(rows_of(sp.expand(SEMICIRCLE * other))) in (
        rows_of(SEMICIRCLE),
        rows_of(-SEMICIRCLE),
    )


def test_a_division_in_one_variable_alone_is_refused() -> None:
    """G z - 1 with z = G^2 is G^3 - 1, which G - 1 divides."""
    whole, part = [[-1, 0], [0, 1]], [[-1], [1]]
    assert not _is_factor(part, whole)
    assert _is_factor(part, [[1, -1], [-1, 1]])  # (1 - G)(1 - z)


@pytest.mark.parametrize(
    "equation", [ARCSINE, SEMICIRCLE, z * G**3 - z * G + G**2 + 1, z**2 * G**4 - z * G + 1]
)
def test_an_irreducible_equation_is_left_alone(equation: sp.Expr) -> None:
    rows = rows_of(sp.expand(equation))
    assert own_factor(rows) is rows


def test_a_cubic_of_a_semicircle_that_is_an_arcsine_law(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2 cos t cubed, less three times itself, is 2 cos 3t: equidistributed, as all else averages out."""
    body = (
        'x0 = Parameter("x0", domain="(-oo, oo)", typical=(-4, 4))\n'
        'MODEL = Model("t", (x0,), expression=Wigner(1).apply(lambda t: t**3 + x0 * t))'
    )
    module = generated_module(tmp_path, "folded", body, monkeypatch)
    law = module.law(-3)
    x = np.linspace(-1.99, 1.99, 41)
    np.testing.assert_allclose(law.pdf(x), 1 / (np.pi * np.sqrt((2 - x) * (2 + x))), rtol=1e-11)
    np.testing.assert_allclose(law.cdf(x), 1 / 2 + np.arcsin(x / 2) / np.pi, rtol=1e-12)
    np.testing.assert_allclose(law.cdf(x) + law.sf(x), 1, rtol=1e-13)
    assert law.cdf(2) == pytest.approx(1, abs=1e-12)
    assert module.moments(4, -3).tolist() == [1, 0, 2, 0, 6]


def test_a_law_is_prepared_from_its_factor_alone() -> None:
    """The branches of the other factor cross the semicircle inside its band, at 1."""
    law = algebraic.prepare(rows_of(sp.expand(SEMICIRCLE * (G**2 - G + 1))))
    assert law.uncertified == ()
    assert len(law.rows) == 3
    np.testing.assert_allclose(law.bands, [[-2, 2]], rtol=1e-15)
