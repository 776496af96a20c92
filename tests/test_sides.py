"""On which side of 0 a law lies, by the law itself; products of nonpositive factors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from derive import (
    Atoms,
    Factor,
    Gaussian,
    Gram,
    Jacobi,
    Model,
    ModelError,
    Parameter,
    Projection,
    Wigner,
    Wishart,
    derive,
)
from derive.derivation import CertificateError
from derive.language.ensembles import Ensemble
from derive.pipeline import law_of
from derive.transforms import read, setting_of
from derive.transforms.sides import OneSided, side
from derive.transforms.value_at_zero import ReadingAtZero
from verify import sample

HALF, THIRD, QUARTER = sp.Rational(1, 2), sp.Rational(1, 3), sp.Rational(1, 4)
NARROW = Wishart(QUARTER) + Wigner("1/30")  # positive, though the bounds of its parts add to less than 0
v = Parameter("v", domain="(0, 1/30)", typical=(0.01, 0.03))


def equation(expression: Ensemble, *parameters: Parameter) -> sp.Expr:
    return law_of(Model("t", parameters, expression)).polynomial


def place_of_zero(expression: Ensemble) -> int | None:
    return ReadingAtZero(read(expression, "H", setting_of(expression))).side({})


@pytest.mark.parametrize(
    ("expression", "sign"),
    [
        (NARROW, 1),
        (-NARROW, -1),
        (Wishart(3) + 2, 1),  # an atom at the lower end
        (Atoms((1, 3), (THIRD, 2 * THIRD)), 1),
        (Wishart(3) - "1/100", None),  # an atom alone below 0
        (Atoms((-3, -1, 1), (THIRD, THIRD, THIRD)), None),
        (Atoms((-3, 2), (THIRD, 2 * THIRD)) + Wigner("1/10"), None),
        (NARROW - 1, None),
    ],
)
def test_the_axis_is_followed_from_the_side_without_spectrum(expression: Ensemble, sign: int | None) -> None:
    assert place_of_zero(expression) == sign


def test_signs_cancel() -> None:
    a, b = Wishart(HALF, 2), Wishart(3) + 1
    assert equation((-a) @ (-b)) == equation(a @ b)
    assert equation((-a) @ b @ (-2 * Wishart(1))) == equation(a @ b @ (2 * Wishart(1)))
    assert equation((-a) @ (-b) @ (-Wishart(1))) == equation(-(a @ b @ Wishart(1)))
    assert equation((-a) @ (-b) @ Wigner(1)) == equation(a @ b @ Wigner(1))
    assert equation(((-a - 1) @ (-b)).inverse()) == equation(((a + 1) @ b).inverse())


def test_the_matrix_of_nonpositive_factors() -> None:
    """From the same seed it is the matrix of the factors turned positive, times the signs."""
    a, b, signed = Wishart(HALF), Wishart(2) + 1, Wigner(1)
    for negative, positive, sign in (
        ((-a) @ (-b), a @ b, 1),
        ((-a) @ b, a @ b, -1),
        ((-a) @ signed @ (-b), a @ signed @ b, 1),
        ((-a) @ (-b) @ (-Wishart(1)), a @ b @ Wishart(1), -1),
    ):
        found, wanted = (
            sample(Model("t", (), e), 40, np.random.default_rng(3), beta=2) for e in (negative, positive)
        )
        np.testing.assert_allclose(found, sign * wanted, atol=1e-12)
    with pytest.raises(ValueError, match="eigenvalues of both signs"):
        sample(Model("t", (), a @ signed @ (b - 3)), 40, np.random.default_rng(3))


def test_a_factor_that_the_law_shows_to_be_positive() -> None:
    for expression in (NARROW @ Wigner(1), (-NARROW) @ Wigner(1), Gram(Factor(NARROW) @ Gaussian(1, 2))):
        derivation = derive(Model("t", (), expression))
        proofs = [step for step in derivation.steps if isinstance(step.certificate, OneSided)]
        assert len(proofs) == 1
        assert "meets no spectrum on the other side" in proofs[0].certificate.summary
    wide = Wishart(QUARTER) + Wigner(THIRD)
    with pytest.raises(ModelError, match="one factor that is not nonnegative"):
        equation(wide @ Wigner(1))
    with pytest.raises(ModelError, match="A must be nonnegative"):
        equation(Gram(Factor(wide) @ Gaussian(1, 2)))
    with pytest.raises(ModelError, match="A must be nonnegative"):
        equation(Gram(Factor(-NARROW) @ Gaussian(1, 2)))


def test_on_all_of_the_domain() -> None:
    positive = Wishart(QUARTER) + Wigner(v.symbol)
    assert equation(positive @ Wigner(1), v).has(v.symbol)
    beyond = Parameter("v", domain="(0, 1)", typical=(0.01, 0.03))
    with pytest.raises(ModelError, match="nonnegative"):
        equation(positive @ Wigner(1), beyond)


def test_the_proof_can_fail() -> None:
    setting = setting_of(NARROW, (), ())
    found = side(NARROW, read(NARROW, "A", setting))
    assert isinstance(found, OneSided)
    found.check()
    with pytest.raises(CertificateError, match="should be on the side of -1"):
        replace(found, sign=-1).check()


@pytest.mark.parametrize(
    "expression",
    [
        Jacobi(HALF, 1).inverse(),
        Jacobi(HALF, HALF).moebius(1, 0, -1, 1),
        (Wishart("3/2") + Wishart("3/2")).inverse(),
        Gram(Gaussian(1, 3) @ Gaussian(3, 2)).inverse(),
        Gram(Factor(Projection(HALF), columns=3) + Gaussian(1, 3)).inverse(),
    ],
)
def test_spectra_away_from_0_are_inverted_and_are_factors(expression: Ensemble) -> None:
    """The bounds in the tree show none of them, and are 0 or more: so is the inverse."""
    assert equation(expression).free_symbols
    assert equation(expression @ Wigner(1)).free_symbols


def test_the_f_matrix_two_ways() -> None:
    """J (1 - J)^-1 of J = (W_1 + W_2)^-1 W_1 is W_2^-1 W_1."""
    first, second = Wishart(HALF), Wishart(THIRD)  # means 1, for W_1 and W_2 of 2 N and 3 N columns
    one = Jacobi(HALF, THIRD).moebius(1, 0, -1, 1)
    assert equation(one) == equation("2/3" * first @ second.inverse())


def test_the_part_of_the_domain_where_0_comes_in_is_named() -> None:
    a = Parameter("a", domain="(0, 2)", typical=(0.5, 1.5))
    twice = Wishart(a.symbol) + Wishart(a.symbol)
    assert equation(twice.inverse(), a).has(a.symbol)
    beyond = Parameter("a", domain="(0, oo)", typical=(0.5, 1.5))
    with pytest.raises(ModelError, match=r"\(a - 2\)/a"):
        equation(twice.inverse(), beyond)
    closed = Parameter("a", domain="(0, 2]", typical=(0.5, 1.5))
    with pytest.raises(ModelError, match="may come in where a - 2 = 0"):
        equation(twice.inverse(), closed)


def test_the_bound_that_decides_is_shown_and_checked() -> None:
    f = Parameter("f", domain="(0, 1)", typical=(0.2, 0.8))
    for inner, sign in ((Wishart(f.symbol), 1), (-Wishart(f.symbol), -1)):
        derivation = derive(Model("t", (f,), inner.inverse() + Wigner(1)))
        step = next(step for step in derivation.steps if step.name.startswith("Inverse"))
        assert "by this bound" in step.rule
        assert step.equation[0].rhs == sign * (1 - sp.sqrt(f.symbol)) ** 2
        identity, bound = step.certificate.parts
        with pytest.raises(CertificateError, match="positive"):
            replace(step.certificate, parts=(identity, replace(bound, expression=-bound.expression))).check()
