"""X X' from X'X, the way back of the change of aspect: A may have few columns where it has zeros enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from derive import (
    Atoms,
    DirectSum,
    Factor,
    FreePoisson,
    Gaussian,
    Gram,
    Hermitised,
    Model,
    ModelError,
    Parameter,
    Projection,
    Wigner,
    Wishart,
    derive,
)
from derive.certificates import NotNegative
from derive.derivation import CertificateError
from derive.language.ensembles import Ensemble
from derive.language.ranks import rank_at_most, ranks
from derive.pipeline import branch_of
from verify import sample

HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
f = Parameter("f", domain="(0, 1)", typical=(0.2, 0.8))
a = Parameter("a", domain="(0, oo)", typical=(0.5, 2))


def equation(expression: Ensemble, *parameters: Parameter) -> sp.Expr:
    return branch_of(Model("t", parameters, expression)).polynomial


def twice(inner: Ensemble, share: sp.Expr) -> Ensemble:
    """X X' from X'X, that from the X X' given."""
    return Gram(Factor(Gram(Factor(inner, rows=share).T), rows=1 / share, columns=1).T)


def test_transposed_twice() -> None:
    for inner in (Wishart(HALF), Wishart(3), Wigner(1) + 3, Wishart(2) + Wishart(3)):
        assert equation(twice(inner, THIRD)) == equation(inner)
    assert equation(twice(Wishart(a.symbol) + 1, f.symbol), f, a) == equation(Wishart(a.symbol) + 1, a)


def test_gaussian_factors_from_the_other_side() -> None:
    """F'F of N x (N/a) Gaussian entries, and F F' from it."""
    tall = Parameter("a", domain="(1, oo)", typical=(1.5, 3))
    c = tall.symbol
    assert equation(Gram(Factor(Wishart(c), rows=1, columns=1 / c)), tall) == equation(Wishart(c), tall)
    # X' X of N x N/c entries of variance c/N, per column
    assert equation(Gram(Factor(Wishart(c), rows=c, columns=1).T), tall) == equation(Wishart(1 / c, c), tall)


@pytest.mark.parametrize(
    ("expression", "rank"),
    [
        (Wishart(3), THIRD),
        (2 * Projection(THIRD), THIRD),
        (Atoms((-1, 1, 2), (HALF, THIRD, HALF - THIRD)) + 1, HALF),
        (Wishart(4) + Projection(THIRD), sp.Rational(7, 12)),
        (Wishart(4) @ Wishart(2), sp.Rational(1, 4)),
        (DirectSum((Wishart(2), Wishart(3)), (HALF, HALF)), sp.Rational(5, 12)),
        (Projection(THIRD).compression(HALF), sp.Rational(2, 3)),
        (Projection(THIRD).free_power(2), sp.Rational(2, 3)),
        ((Projection(THIRD) - 1).free_power("5/4") + "5/4", sp.Rational(5, 12)),
        (FreePoisson(HALF, Projection(THIRD)), sp.Rational(1, 6)),
        (Wishart(3) ** 2, THIRD),
        (Gram(Gaussian(1, 2) @ Gaussian(2, THIRD)), THIRD),
        (
            Gram((Factor(Wishart(4)) + Gaussian(1, 1) @ Gaussian(1, THIRD) @ Gaussian(THIRD, 1)).T),
            sp.Rational(7, 12),
        ),
        (Hermitised(Gaussian(HALF, THIRD) @ Gaussian(THIRD, HALF)), 2 * THIRD),
        (Wigner(1) + 3, sp.S.One),
    ],
)
def test_ranks_are_those_of_matrices(expression: Ensemble, rank: sp.Rational) -> None:
    assert min(ranks(expression, sp.S.Zero)) == rank
    x = sample(Model("t", (), expression), 48, np.random.default_rng(1))
    assert np.linalg.matrix_rank(x, tol=1e-9) == 48 * rank


def test_matrices_of_narrow_factors() -> None:
    inner = Wishart(2)
    x = sample(Model("t", (), inner), 24, np.random.default_rng(1))
    narrow = sample(Model("t", (), Gram(Factor(inner, columns=HALF))), 24, np.random.default_rng(1))
    np.testing.assert_allclose(np.linalg.eigvalsh(narrow), np.linalg.eigvalsh(x), atol=1e-12)
    with pytest.raises(ValueError, match="higher rank"):
        sample(Model("t", (), Gram(Factor(inner, columns=THIRD))), 24, np.random.default_rng(1))


def test_what_has_too_few_zeros_is_refused() -> None:
    c = a.symbol
    for inner, columns in (
        (Wishart(2), THIRD),
        (Wishart(2), c),
        (Wishart(c) + 1, 1 / c),
        (Wigner(1) + 3, HALF),
    ):
        with pytest.raises(ModelError, match="no fewer than the rank of A"):
            equation(Gram(Factor(c * inner, columns=columns)), a)
    assert equation(Gram(Factor(Wishart(c), columns=1 / c)), a) == equation(Wishart(c), a)


def test_the_condition_is_shown_and_can_fail() -> None:
    derivation = derive(Model("t", (), Gram(Factor(Wishart(2), 2, 1).T)))
    step = next(step for step in derivation.steps if step.name.startswith("The rank of"))
    assert step.equation == sp.Le(HALF, HALF, evaluate=False)
    step.certificate.check()
    with pytest.raises(CertificateError, match="positive"):
        replace(step.certificate, expression=-THIRD).check()
    with pytest.raises(CertificateError, match="positive"):
        NotNegative(f.symbol - 1, (f.symbol, 1 - f.symbol)).check()
    assert rank_at_most(Wishart(2), THIRD, ()) is None
