"""Branches closer than doubles tell apart: blocks whose transforms share a pole, or run in parallel."""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial
from typing import Any

import numpy as np
import pytest
import sympy as sp
from algebraic_oracle import table, times
from flint import acb, acb_poly, arb, fmpq
from mpmath import mpf, pi, sqrt, workdps
from test_random_expressions import rows_of

from derive import Arcsine, Atoms, DirectSum, Factor, FreePoisson, Gram, Projection, Wigner, Wishart
from derive.language.ensembles import Ensemble
from derive.transforms.sheets import Sheets
from generated._runtime.algebraic import branch, close_branches
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.kernels import AlgebraicKernels
from generated._runtime.arithmetic.gaussian import BITS
from generated._runtime.arithmetic.root_guesses import guesses
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
SEMICIRCLE, MARCHENKO_PASTUR = "semicircle", "Marchenko-Pastur"
Parts = tuple[tuple[str, sp.Rational, sp.Rational], ...]  # kind, variance or ratio, mean
TINY = sp.Rational(1, 10**6)
CLOSE: dict[str, tuple[Parts, tuple[sp.Rational, ...]]] = {
    "shifted": (((SEMICIRCLE, 1, 0), (SEMICIRCLE, 1, sp.Rational(1, 10**13))), HALVES),
    "scaled": (((SEMICIRCLE, 1, 0), (SEMICIRCLE, 1 + sp.Rational(1, 10**12), 0)), HALVES),
    "below an ulp": (
        tuple((MARCHENKO_PASTUR, 20 + k * TINY**2 / 10**4, sp.Rational(5, 3)) for k in (0, 7)),
        (sp.Rational(1, 5), sp.Rational(4, 5)),
    ),
    "Wisharts": (
        ((MARCHENKO_PASTUR, HALVES[0], 1), (MARCHENKO_PASTUR, HALVES[0] + sp.Rational(1, 10**15), 1)),
        (sp.Rational(3, 10), sp.Rational(7, 10)),
    ),
    "a share of a millionth": (
        ((SEMICIRCLE, 1, 0), (SEMICIRCLE, 2, -1)),
        (TINY, 1 - TINY),
    ),
}  # fmt: skip


def part(kind: str, first: sp.Rational, mean: sp.Rational) -> Ensemble:
    return Wigner(first) + mean if kind == SEMICIRCLE else Wishart(first, mean)


def closed(kind: str, first: sp.Rational, mean: sp.Rational) -> tuple[Any, Any, Any]:
    """Both edges and the density of a part, to 60 digits."""
    first, mean = (mpf(int(x.p)) / int(x.q) for x in map(sp.Rational, (first, mean)))
    if kind == SEMICIRCLE:
        low, high = mean - 2 * sqrt(first), mean + 2 * sqrt(first)
        return low, high, lambda x: sqrt((x - low) * (high - x)) / (2 * pi * first)
    low, high = mean * (1 - sqrt(first)) ** 2, mean * (1 + sqrt(first)) ** 2
    return low, high, lambda x: sqrt((x - low) * (high - x)) / (2 * pi * first * mean * x)


@pytest.mark.parametrize("name", CLOSE)
def test_blocks_that_barely_differ_are_resolved(name: str) -> None:
    """Double roots 1e-7 of their size apart, edges less than an ulp apart: all digits of the density."""
    parts, shares = CLOSE[name]
    law = algebraic.prepare(rows_of(DirectSum(tuple(part(*p) for p in parts), shares)))
    assert law.uncertified == ()
    with workdps(60):
        known = [closed(*p) for p in parts]
        low, high = min(low for low, _, _ in known), max(high for _, high, _ in known)
        assert law.bands[0] == pytest.approx([float(low), float(high)], rel=1e-15)
        for t in ("1e-12", "1e-9", "1e-3", "0.4", "0.999", 1 - mpf("1e-6"), 1 - mpf("1e-11")):
            x = float(low + (high - low) * mpf(t))
            wanted = sum(
                int(share.p) * density(mpf(x)) / int(share.q)
                for share, (a, b, density) in zip(shares, known, strict=True)
                if a < x < b
            )
            assert algebraic.density(law, np.array([x]))[0] == pytest.approx(float(wanted), rel=1e-13)


def test_roots_that_cluster_are_told_apart() -> None:
    """Two double roots and a complex pair within 1e-7 of 1, of which np.roots gives four digits."""
    step = Fraction(1, 10**7)
    roots = [Fraction(1), Fraction(1), 1 + step, 1 + step, Fraction(3)]
    p = [1 + 2 * step + step**2 * 5, -2 * (1 + step), Fraction(1)]  # (x - 1 - step)^2 + (2 step)^2
    for root in roots:
        p = [(p[k - 1] if k else 0) - root * (p[k] if k < len(p) else 0) for k in range(len(p) + 1)]
    found = np.array(guesses([(c.numerator << BITS) // c.denominator for c in p]))
    wanted = np.array([1, 1, 1 + 1e-7, 1 + 1e-7, 1 + 1e-7 - 2e-7j, 1 + 1e-7 + 2e-7j, 3])
    assert len(found) == len(wanted)
    for root in wanted:
        assert np.min(np.abs(found - root)) < 1e-9
    doubles = np.roots([float(c) for c in p[::-1]])
    assert max(np.min(np.abs(doubles - root)) for root in wanted) > 1e-5


def test_a_frame_that_bends_takes_long_steps() -> None:
    """Two branches a millionth apart, both exp(s): the straight frame allows steps of a thousandth."""
    gap = 1e-6
    series = np.array([1 / factorial(k) for k in range(12)])
    b = np.zeros((3, 23))
    b[0], b[1, :12], b[2, 0] = np.convolve(series, series + np.eye(12)[0] * gap), -2 * series, 1
    b[1, 0] -= gap
    u, s = np.array([1.0 + 0j]), np.array([0.5 + 0j])
    u = np.array([np.polyval(series[::-1], 0.5) + 0j])
    straight = branch.disc(b, u, s)[2][0]
    frame, _, bent = branch._Doubles(b).disc(u, s)
    assert straight < 2e-3
    assert bent[0] > 40 * straight
    np.testing.assert_allclose(frame[0, :3].real, np.exp(0.5) / np.array([1, 2, 6]), rtol=1e-6)
    found, _, proved = branch.follow(b, u, s, np.array([0.7 + 0j]), 12)
    assert proved[0]
    assert found[0] == pytest.approx(np.exp(0.7), abs=1e-9)


def test_a_share_that_doubles_do_not_resolve_is_neither_answered_nor_denied() -> None:
    """It is a law: the error is about resolution, not that there is none, and no band goes unlisted."""
    tiny = sp.Rational(1, 10**12)
    rows = rows_of(DirectSum((Wishart(HALVES[0]), Wishart(sp.Rational(3, 5))), (1 - tiny, tiny)))
    kernels = AlgebraicKernels(lambda: AlgebraicCoefficients(rows=tuple(map(tuple, rows)), edges=()), 2, 1)
    with pytest.raises(ArithmeticError, match=r"not resolved in double precision: .*z = |an edge is missing"):
        kernels.prepare(np.empty((0, 1)))


def test_a_law_a_little_farther_apart_is_answered() -> None:
    rows = tuple(map(tuple, rows_of(DirectSum((Wigner(1), Wigner(1) + sp.Rational(1, 10**10)), HALVES))))
    kernels = AlgebraicKernels(lambda: AlgebraicCoefficients(rows=rows, edges=()), 2, 1)
    law = kernels.prepare(np.empty((0, 1)))
    assert kernels.bands(law)[0, 0] == pytest.approx([-2, 2 + 1e-10], abs=1e-14)
