"""What the claims of section 6 stand on: exact small networks, Wick's theorem, equations held on traces."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import sympy as sp

from derive.laws import G, g, z
from verify.papers.pb17.beyond_blocks import eps, general, phi
from verify.papers.pb17.beyond_hessian import PRINTED_QUARTIC, matrix_traces, sigma
from verify.papers.pb17.beyond_product import PRINTED_TRANSFORM, network_traces
from verify.papers.pb17.beyond_wishart import integer_jacobian
from verify.papers.small_networks import Network, evaluate, rank_modulo_prime, rational_network
from verify.papers.traces import extrapolated, satisfied
from verify.papers.wick import k, limit_of_large, m, mean_trace, n, over_random_columns


@pytest.mark.parametrize("network", general())
def test_hessian_of_network_is_that_of_finite_differences(network: Network) -> None:
    """Second differences of the loss itself, ReLU and all, within the same pattern of active units."""
    step = sp.Rational(1, 10**6)
    size = len(network.first)

    def loss(*moved: int) -> sp.Expr:
        flat = [*network.first, *network.second]
        for i in moved:
            flat[i] += step
        hidden = (sp.Matrix(*network.first.shape, flat[:size]) * network.inputs).applyfunc(
            lambda value: max(value, 0)
        )
        errors = sp.Matrix(*network.second.shape, flat[size:]) * hidden - network.targets
        return sum(value**2 for value in errors) / (2 * network.examples)

    hessian = network.hessian()
    for i, j in ((0, 1), (0, size), (size, size + 1), (1, size + 1)):
        difference = (loss(i, j) - loss(i) - loss(j) + loss()) / step**2
        assert abs(difference - hessian[i, j]) < 1e-3 * (1 + abs(hessian[i, j]))


def test_network_on_the_kink_is_refused() -> None:
    one = sp.ImmutableMatrix([[1]])
    with pytest.raises(ValueError, match="kink"):
        Network(one, one, 0 * one, one)


def test_formula_outside_its_tables_is_refused() -> None:
    table = sp.IndexedBase("x")
    i = sp.Symbol("i", integer=True)
    numbers = {"x": sp.Matrix([[5, 7]])}
    assert evaluate(sp.Sum(table[1, i], (i, 1, 2)), numbers, {}) == 12
    with pytest.raises(ValueError, match="does not exist"):
        evaluate(sp.Sum(table[1, i], (i, 1, 3)), numbers, {})


def test_rank_modulo_prime() -> None:
    assert rank_modulo_prime([[1, 2, 3], [2, 4, 6], [0, 1, 1]]) == 2


def test_wick_for_single_entries() -> None:
    """n = k = 1: E x^(2p) e^(2p) is the product of double factorials, squared."""
    for power, value in ((1, 1), (2, 9), (3, 225)):
        assert mean_trace(power).subs({n: 1, k: 1}) == value


def test_wick_against_samples() -> None:
    rng = np.random.default_rng(3)
    left, right = rng.standard_normal((2, 40000, 2, 3))
    block = left @ right.transpose(0, 2, 1)
    squares = np.trace(np.linalg.matrix_power(block @ block.transpose(0, 2, 1), 2), axis1=1, axis2=2)
    exact = float(mean_trace(2).subs({n: 2, k: 3}))
    assert abs(squares.mean() - exact) < 5 * squares.std() / np.sqrt(len(squares))


def test_mean_over_binomial_columns() -> None:
    for size in (1, 2, 5):
        exact = sum(
            sp.binomial(size, j) * sp.Rational(1, 3) ** j * sp.Rational(2, 3) ** (size - j) * j**3
            for j in range(size + 1)
        )
        assert over_random_columns(k**3, sp.Rational(1, 3)).subs(m, size) == exact
    with pytest.raises(ValueError, match="no limit"):
        limit_of_large(n * m, phi)


@pytest.mark.parametrize(
    ("transform", "holds"),
    [
        (PRINTED_TRANSFORM, True),
        (sp.Rational(107, 100) * eps * phi * g / (2 - eps * phi**2 * g**2), False),
        (eps * phi * g / (2 - sp.Rational(13, 10) * eps * phi**2 * g**2), False),
    ],
)
def test_stated_power_of_networks(transform: sp.Expr, holds: bool) -> None:
    at = {eps: 50, phi: sp.Rational(1, 4)}
    assert satisfied((transform.subs(g, G) + 1 / G - z).subs(at), network_traces()).holds == holds


@pytest.mark.parametrize("symbol", [eps, phi, sigma])
def test_stated_power_of_matrices(symbol: sp.Symbol) -> None:
    at = {eps: sp.Integer(1), phi: sp.Rational(1, 2), sigma: sp.Integer(1)}
    error = sp.Rational(110 if symbol == eps else 105, 100)
    wrong = PRINTED_QUARTIC.subs({**at, symbol: error * at[symbol]})
    assert not satisfied(wrong, matrix_traces()).holds
    assert satisfied(PRINTED_QUARTIC.subs(at), matrix_traces()).holds


@pytest.mark.parametrize("network", general())
def test_integer_jacobian_is_that_of_exact_networks(network: Network) -> None:
    weights, outgoing, data = (
        np.array(table.tolist(), dtype=float) for table in (network.first, network.second, network.inputs)
    )
    exact = np.array(network.jacobian().tolist(), dtype=float)
    assert np.abs(integer_jacobian(weights, outgoing, data) - exact).max() < 1e-13 * np.abs(exact).max()


def test_false_alarms_of_traces() -> None:
    """Semicircles of small real matrices, whose traces are biased by 1/N, hold the right equation."""

    def semicircle(rows: int, rng: np.random.Generator) -> np.ndarray:
        x = rng.standard_normal((rows, rows))
        return np.linalg.eigvalsh((x + x.T) / np.sqrt(2 * rows))

    distances = []
    for seed in range(8):
        traces = extrapolated(
            semicircle, (0.3 + 1j, 1.1 + 1j), size=12, pairs=60, seed=seed, what="semicircles"
        )
        right = satisfied(G + 1 / G - z, traces)
        assert right.holds
        distances.append(right.numbers["distance"])
        assert not satisfied(sp.Rational(7, 5) * G + 1 / G - z, traces).holds
    assert np.mean(distances) < 10  # 4 statistics


def test_every_pair_of_numbers_of_the_stream_differs() -> None:
    network = rational_network(3, 3, 3, 8)
    entries = [*network.first, *network.second, *network.inputs, *network.targets]
    assert all(left != right for (i, left), (j, right) in product(enumerate(entries), repeat=2) if i < j)
