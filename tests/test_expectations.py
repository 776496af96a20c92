"""`expect` of frozen laws whose density is infinite at an edge that is not 0: no mass is lost to rounding."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from test_random_expressions import rows_of

from derive import Arcsine, DirectSum, Jacobi, KestenMcKay, Wigner, Wishart
from derive.language.ensembles import Ensemble
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.kernels import AlgebraicKernels
from generated._runtime.coefficients import AlgebraicCoefficients
from generated._runtime.family import Family
from generated._runtime.frozen import Law

half, third = sp.Rational(1, 2), sp.Rational(1, 3)


def frozen(expression: Ensemble) -> Law:
    rows = rows_of(expression)
    kernels = AlgebraicKernels(lambda: AlgebraicCoefficients(rows, ()), bands=4, atoms=4)
    return Law(Family("test", (), lambda: kernels), ())


@pytest.mark.parametrize(
    "expression",
    [
        Arcsine(1) + 5,
        Arcsine(third) - 100,
        Jacobi(half, 1) + 3,
        Wishart(1) @ Wishart(1) + 1,
        KestenMcKay(3) + 1,
        DirectSum((Arcsine(1) + 3, Wigner(1)), (half, half)),
    ],
    ids=str,
)
def test_moments_of_laws_with_hard_edges_elsewhere(expression: Ensemble) -> None:
    law = frozen(expression)
    assert law.expect(np.ones_like) == pytest.approx(1, abs=2e-14)
    assert law.expect() == pytest.approx(law.mean(), rel=2e-14)
    assert law.expect(lambda x: x**2) == pytest.approx(law.moment(2), rel=2e-14)
    assert law.expect(lambda x: 1 / (x + 200)) == pytest.approx(-law.stieltjes(-200.0).real, rel=2e-14)


def test_distances_count_from_the_exact_edge() -> None:
    """5 + sqrt 2 is no double: 1e-20 from it the density of the arcsine law is that of 1e-20."""
    law = algebraic.prepare(rows_of(Arcsine(1) + 5))
    end, distance = float(law.places[-1]), np.array([1e-20, 1e-12, 0.3])
    width = law.places[-1] - law.places[0]
    wanted = 1 / (np.pi * np.sqrt(distance * (width - distance)))
    assert algebraic.density_beside(law, end, -distance) == pytest.approx(wanted, rel=1e-13)
    assert np.all(algebraic.density_beside(law, end, distance) == 0)
    inside = algebraic.density_beside(law, 5.25, -distance)
    assert inside == pytest.approx(algebraic.density(law, 5.25 - distance), rel=1e-15)
