"""What the claims of sections 1 to 3 stand on: closed walks, partitions, words in free variables."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sympy as sp

from verify.papers.partitions import (
    FreePair,
    cumulants,
    indeterminates,
    noncrossing,
    noncrossing_mean,
    partitions,
)
from verify.papers.pb17.primer_ensembles import (
    HIGH,
    LOW,
    PRINTED_MP,
    PRINTED_SC,
    matrices_have_marchenko_pastur,
    matrices_have_semicircle,
    phi,
    rational_matrix,
    sigma,
    sigma_sc,
)
from verify.papers.pb17.primer_freeness import disc
from verify.papers.walks import any_law, gaussian, limit_at_infinity, wigner, wishart

n, p = sp.symbols("n p", positive=True)


def test_partitions_are_counted_by_bell_and_catalan_numbers() -> None:
    assert [len(partitions(k)) for k in range(1, 8)] == [1, 2, 5, 15, 52, 203, 877]
    assert [len(noncrossing(k)) for k in range(1, 8)] == [1, 2, 5, 14, 42, 132, 429]


def test_classical_cumulants_of_normal_and_poisson_laws() -> None:
    assert cumulants([1, 0, 1, 0, 3, 0, 15], free=False) == [0, 1, 0, 0, 0, 0]
    assert cumulants([1, 1, 2, 5, 15, 52], free=False) == [1] * 5


def test_free_cumulants_of_semicircle_and_free_poisson_law() -> None:
    assert cumulants([1, 0, 1, 0, 2, 0, 5], free=True) == [0, 1, 0, 0, 0, 0]
    assert cumulants([1, 1, 2, 5, 14, 42], free=True) == [1] * 5


def test_words_by_centring_and_by_noncrossing_partitions() -> None:
    """(9)-(10) determine every mixed moment, and it is that of vanishing mixed free cumulants."""
    laws = {"A": indeterminates("a", 5), "B": indeterminates("b", 5)}
    pair = FreePair(laws)
    kappa = {letter: cumulants(moments, free=True) for letter, moments in laws.items()}
    for length in range(1, 6):
        for letters in map("".join, product("AB", repeat=length)):
            assert sp.expand(pair.mean(letters) - noncrossing_mean(letters, kappa)) == 0, letters


def test_walks_of_normal_matrices_at_finite_size() -> None:
    """One entry has E h^4 = 3 v^2; two rows of walks have E tr (X X')^2 / n = p (n + p + 1)."""
    v = sp.Symbol("v", positive=True)
    mean = wigner(4, gaussian(v), n)
    assert mean.subs(n, 1) == 3 * v**2
    assert sp.Poly(mean, n).coeff_monomial(n**2) == 2 * v**2
    assert sp.expand(wishart(2, gaussian(1), n, p) - p * (n + p + 1)) == 0


@pytest.mark.parametrize("power", [2, 4, 6])
def test_walks_against_samples(power: int) -> None:
    rng = np.random.default_rng(5)
    signs = rng.choice([-1.0, 1.0], size=(4000, 4, 4))
    matrices = np.triu(signs) + np.triu(signs, 1).transpose(0, 2, 1)
    traces = np.trace(np.linalg.matrix_power(matrices, power), axis1=1, axis2=2) / 4
    exact = float(wigner(power, lambda q: sp.Integer(q % 2 == 0), sp.Integer(4)))
    assert abs(traces.mean() - exact) <= 5 * traces.std() / np.sqrt(len(traces)) + 1e-9


def test_limits_do_not_depend_on_the_law_of_the_entries() -> None:
    for power in range(1, 7):
        normal, other = (limit_at_infinity(wigner(power, law(1 / n), n), n) for law in (gaussian, any_law))
        assert normal == other
    mean = wishart(3, gaussian(1 / p), n, p).subs(n, phi * p)
    assert sp.expand(limit_at_infinity(mean, p) - (1 + 3 * phi + phi**2)) == 0


def test_limit_at_infinity() -> None:
    assert limit_at_infinity(3 + 1 / n, n) == 3
    assert limit_at_infinity(1 / n, n) == 0
    assert limit_at_infinity(n / 7, n) is sp.oo


def test_moments_of_the_disc() -> None:
    assert [disc(k, 0) for k in (0, 2, 4, 6)] == [1, 1, 2, 5]
    assert (disc(1, 1), disc(2, 2)) == (0, sp.Rational(2, 3))


def test_rational_matrix_has_its_eigenvalues() -> None:
    matrix, values = rational_matrix()
    assert matrix == matrix.T
    assert sorted(matrix.eigenvals(multiple=True)) == sorted(values)


def test_stated_power_of_densities() -> None:
    """Errors of the size that is given with the figures are found, in the density alone and in its edges."""
    right = matrices_have_semicircle((PRINTED_SC, 2 * sigma_sc))
    larger = sigma_sc * (1 + sp.Rational(round(right.numbers["error of sigma found"] * 10**6), 10**6))
    assert right.holds
    assert not matrices_have_semicircle((PRINTED_SC.subs(sigma_sc, larger), 2 * larger)).holds
    right = matrices_have_marchenko_pastur((PRINTED_MP, LOW, HIGH))
    assert right.holds
    for symbol in (phi, sigma):
        error = sp.Rational(round(right.numbers[f"error of {symbol} found"] * 10**6), 10**6)
        wrong = [part.subs(symbol, symbol * (1 + error)) for part in (PRINTED_MP, LOW, HIGH)]
        assert not matrices_have_marchenko_pastur(tuple(wrong)).holds, symbol
