"""Branches closer than doubles tell apart: blocks whose transforms share a pole, or run in parallel."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
import sympy as sp
from algebraic_oracle import table, times
from flint import acb, acb_poly, arb, fmpq
from test_random_expressions import rows_of

from derive import Arcsine, Atoms, DirectSum, Factor, FreePoisson, Gram, Projection, Wigner, Wishart
from derive.ensembles import Ensemble
from derive.sheets import Sheets
from generated._runtime import algebraic, branch, close_branches
from generated._runtime.algebraic_kernels import AlgebraicKernels
from generated._runtime.coefficients import AlgebraicCoefficients

third = sp.Rational(1, 3)
SHARED_POLE = DirectSum(
    (
        Gram(Factor(Atoms((0, 1), (third, 2 * third)).compression(third), rows=third).T),
        FreePoisson(1, Wigner(sp.Rational(1, 10))),
    ),
    (sp.Rational(3, 4), sp.Rational(1, 4)),
)
PARALLEL = DirectSum(
    (
        Projection(sp.Rational(6, 7)).compression(sp.Rational(2, 7))
        - Arcsine(sp.Rational(1, 2))
        + sp.Rational(7, 2),
        Wishart(2, sp.Rational(1, 2)),
    ),
    (third, 2 * third),
)


def cluster(gap: Fraction) -> tuple[np.ndarray, np.ndarray]:
    """The polynomial with the roots exp-like(s) + k gap, k = 0..3, and what rounding it left over."""
    total = {(0, 0): Fraction(1)}
    for k in range(4):
        root = {(0, 0): -(1 + k * gap), (0, 1): Fraction(-1), (0, 2): Fraction(-1, 2), (1, 0): Fraction(1)}
        total = times(total, root)
    rows = table(total)
    b = np.array([[float(v) for v in row] for row in rows])
    return b, np.array(
        [
            [float(v - Fraction(near)) for v, near in zip(*both, strict=True)]
            for both in zip(rows, b, strict=True)
        ]
    )


def test_four_branches_a_ten_thousandth_apart_are_followed() -> None:
    gap = Fraction(1, 10**4)
    b, low = cluster(gap)
    start, target = np.zeros(4, dtype=complex), np.array([0.25, -0.25, 0.2j, 0.1 - 0.2j])
    ours = np.full(4, float(1 + 2 * gap), dtype=complex)
    assert not branch.follow(b, ours, start, target)[2].any()
    found, error, proved = branch.follow(b, ours, start, target, b_low=low)
    assert proved.all()
    wanted = target**2 / 2 + target + 1 + 2e-4
    assert np.all(np.abs(found - wanted) < 1e-15)
    assert np.all(error < 1e-9)
    wide = np.broadcast_to(b, (4, *b.shape)), np.broadcast_to(low, (4, *b.shape))
    good = branch.isolated(wide[0], wanted, target, np.zeros(4), wide[1])[2]
    assert good.all()
    assert not branch.isolated(wide[0], wanted + 0.5e-4, target, np.zeros(4), wide[1])[2].any()
    assert not branch.isolated(wide[0], wanted, target, np.full(4, 1e-4), wide[1])[2].any()


def test_coefficients_in_the_moving_frame_are_those_of_exact_arithmetic() -> None:
    gap = Fraction(1, 10**6)
    b, low = cluster(gap)
    s, u = 0.25, 1.0 + 0.25 + 0.03125
    slope, moved = close_branches.moving(b[None], low[None], np.array([u + 0j]), np.array([s + 0j]))
    # the roots are u + k gap + (1 + s) t + t^2 / 2, and ours is k = 0
    assert slope[0] == pytest.approx(1.25, rel=1e-15)
    left = Fraction(float(slope[0].real)) - Fraction(5, 4)
    wanted = {(0, 0): Fraction(1)}
    for k in range(4):
        wanted = times(wanted, {(0, 0): -k * gap, (0, 1): left, (0, 2): Fraction(-1, 2), (1, 0): Fraction(1)})
    for k in range(5):
        for j in range(moved.shape[2]):
            exact, size = float(wanted.get((k, j), 0)), comb(4, k) * 10.0
            assert abs(moved[0, k, j] - exact) < 1e-14 * abs(exact) + 1e-29 * size


def certified(rows: list[list[Fraction]]) -> Sheets:
    """The branch in ball arithmetic."""
    return Sheets(tuple(acb_poly([acb(arb(fmpq(v.numerator, v.denominator))) for v in row]) for row in rows))


@pytest.mark.parametrize("expression", [SHARED_POLE, PARALLEL], ids=["shared pole", "parallel"])
def test_laws_with_close_branches_are_resolved(expression: Ensemble) -> None:
    rows = rows_of(expression)
    sheets = certified(rows)
    law = algebraic.prepare(rows)
    assert law.uncertified == ()
    assert float(law.upto[-1]) == pytest.approx(1, abs=1e-13)
    low, high = law.bands[-1]
    x = low + (high - low) * np.array([1e-7, 0.4, 1 - 1e-6])
    for place, density in zip(x, algebraic.density(law, x), strict=True):
        exact = -float(sheets.physical(acb(place)).imag.mid()) / np.pi
        assert density == pytest.approx(exact, rel=1e-12)
    z = high + (high - low) * np.array([1e-7 + 3e-6j, -1e-3 + 1e-3j])
    for place, got in zip(z, algebraic.stieltjes(law, z), strict=True):
        exact_g = complex(sheets.physical(acb(place.real, place.imag)).mid())
        assert abs(got - exact_g) < 1e-14 * abs(exact_g)


HALVES = (sp.Rational(1, 2), sp.Rational(1, 2))
BARELY_APART = {
    "an edge missed": DirectSum((Wigner(1), Wigner(1) + sp.Rational(1, 10**12)), HALVES),
    "no point found, shifted": DirectSum((Wigner(1), Wigner(1) + sp.Rational(1, 10**13)), HALVES),
    "no point found, scaled": DirectSum((Wigner(1), Wigner(1 + sp.Rational(1, 10**12))), HALVES),
    "no point found, Wisharts": DirectSum(
        (Wishart(HALVES[0]), Wishart(HALVES[0] + sp.Rational(1, 10**15))),
        (sp.Rational(3, 10), 1 - sp.Rational(3, 10)),
    ),
    "not followed": DirectSum(
        (Wishart(HALVES[0]), Wishart(sp.Rational(3, 5))),
        (1 - sp.Rational(1, 10**12), sp.Rational(1, 10**12)),
    ),
}


@pytest.mark.parametrize("name", BARELY_APART)
def test_laws_that_doubles_do_not_resolve_are_neither_answered_nor_denied(name: str) -> None:
    """They are laws: the error is about resolution, not that there is none, and no band goes unlisted."""
    rows = tuple(map(tuple, rows_of(BARELY_APART[name])))
    kernels = AlgebraicKernels(lambda: AlgebraicCoefficients(rows=rows, edges=()), 2, 1)
    with pytest.raises(ArithmeticError, match=r"not resolved in double precision: .*z = |an edge is missing"):
        kernels.prepare(np.empty((0, 1)))


def test_a_law_a_little_farther_apart_is_answered() -> None:
    rows = tuple(map(tuple, rows_of(DirectSum((Wigner(1), Wigner(1) + sp.Rational(1, 10**10)), HALVES))))
    kernels = AlgebraicKernels(lambda: AlgebraicCoefficients(rows=rows, edges=()), 2, 1)
    law = kernels.prepare(np.empty((0, 1)))
    assert kernels.bands(law)[0, 0] == pytest.approx([-2, 2 + 1e-10], abs=1e-14)
