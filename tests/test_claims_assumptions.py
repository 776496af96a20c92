"""What the claims of sections 5, 6.4 and 7 stand on: coincidences of indices, entries, energies."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sympy as sp

from derive.laws import g
from verify.ledger import Status, judge, papers
from verify.papers.coincidences import mean, moments_of, trace
from verify.papers.entries import LAWS, student, wigner
from verify.papers.pb17.assumptions_free import excess, traces_at_initialisation
from verify.papers.pb17.critical_points_capacity import least_energy
from verify.papers.small_networks import rational_network
from verify.papers.wick import m, n

SHAPES = {"x": ("b", "mu"), "e": ("c", "mu"), "S": ("b", "b")}


def signs(q: int) -> sp.Expr:
    """E h^q for h = +1 or -1 with probability 1/2 each."""
    return sp.Integer(1 - q % 2)


@pytest.mark.parametrize(
    "word", ["x x'", "x x' x x'", "S S", "S S S S", "x x' S S", "x e' e x'", "x e' e x' S S"]
)
def test_means_of_signs_by_listing_them_all(word: str) -> None:
    """2 x 1 matrices x, e and a symmetric 2 x 2 matrix S of signs: the mean over all of them."""
    total = count = 0
    for a, b, c, d, p, q, r in product((1, -1), repeat=7):
        matrices = {"x": sp.Matrix([a, b]), "e": sp.Matrix([c, d]), "S": sp.Matrix([[p, q], [q, r]])}
        factors = [matrices[name[0]].T if "'" in name else matrices[name[0]] for name in word.split()]
        total += sp.prod(factors[1:], start=factors[0]).trace()
        count += 1
    found = mean(trace(word, SHAPES), {"b": 2, "c": 2, "mu": 1}, dict.fromkeys("xeS", signs))
    assert found == sp.Rational(total, count)


def test_product_of_traces() -> None:
    """Tr x x' is n m for signs, whatever they are, so its square has no variance."""
    once = trace("x x'", SHAPES)
    twice = (*once, *trace("x x'", SHAPES, start=len(once)))
    assert mean(twice, {"b": n, "mu": m}, {"x": signs}) == m**2 * n**2


def test_moments_of_transforms() -> None:
    assert moments_of(g, 6) == [0, 1, 0, 2, 0, 5]
    assert moments_of(1 / (1 - g), 5) == [1, 2, 5, 14, 42]


@pytest.mark.parametrize("name", LAWS)
def test_entries_have_mean_zero_and_variance_one(name: str) -> None:
    values = LAWS[name](np.random.default_rng(1), (400, 400))
    assert abs(values.mean()) < 6 / 400
    assert abs(np.mean(values**2) - 1) < 6 * 2 / 400  # E x^4 <= 5


def test_symmetric_entries() -> None:
    matrix = wigner(student(5), 50, np.random.default_rng(2))
    assert np.array_equal(matrix, matrix.T)
    assert abs(np.mean(matrix**2) * 50 - 1) < 0.2


def test_excess_at_finite_size() -> None:
    """Also tr H0 = N in the mean, so the squared gradient has the mean 2 eps N/m, 2 phi times the loss."""
    assert sp.factor(excess() - (n**2 + 2 * n + 2) / (m * n)) == 0
    assert traces_at_initialisation()[0] == 1


def test_least_energy_by_least_squares() -> None:
    """The mean over signs as targets, of which there are 2^5, of the residual that least squares leaves."""
    inputs = np.array(rational_network(2, 1, 1, 5).inputs.tolist(), dtype=float)
    energies = []
    for signs in product((1.0, -1.0), repeat=5):
        fitted = np.linalg.lstsq(inputs.T, np.array(signs), rcond=None)[0]
        energies.append(np.sum((inputs.T @ fitted - signs) ** 2) / 10)
    assert least_energy(2, 5) == sp.Rational(3, 10)
    assert np.mean(energies) == pytest.approx(0.3, abs=1e-12)


def test_refuted_without_monte_carlo_too() -> None:
    (claim,) = (claim for paper in papers() for claim in paper.claims if claim.id == "pb17/sec-6.4-rank")
    assert judge(claim, fast=True).status is Status.REFUTED
