"""Blocks of H1 through sums that hidden units share."""

from __future__ import annotations

import numpy as np
import pytest

from verify.networks.activations import LINEAR, RELU, Activation
from verify.networks.active_sums import active_sums
from verify.networks.hessian import SHARED, mixed_blocks, residual_part
from verify.networks.network import Network, initial_weights
from verify.networks.spectra import residual_spectrum


@pytest.mark.parametrize(("units", "examples"), [(1, 1), (2, 300), (7, 1000), (12, 40)])
def test_sums_over_active_examples_are_those_taken_one_unit_at_a_time(units: int, examples: int) -> None:
    rng = np.random.default_rng(units)
    inputs, errors = rng.standard_normal((3, examples)), rng.standard_normal((2, examples))
    mask = rng.random((units, examples)) < 0.4
    mask[0] = units % 2 == 0  # a unit that is always active, or never
    wanted = np.einsum("bm,cm,am->abc", inputs, errors, mask)
    found = active_sums(inputs, errors, mask)
    assert found.shape == wanted.shape
    assert np.allclose(found, wanted, rtol=0, atol=1e-14 * examples)
    assert not np.allclose(
        active_sums(inputs, errors, mask ^ np.eye(*mask.shape, dtype=bool)), wanted, atol=1e-6
    )


@pytest.mark.parametrize("activation", [RELU, LINEAR], ids=lambda f: f.name)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_spectrum_of_many_examples_is_that_of_the_dense_matrix(activation: Activation, dtype: type) -> None:
    n0, n1, n2, m = 8, 5, 8, SHARED // 64
    rng = np.random.default_rng(3)
    data = [
        array.astype(dtype) for array in (*initial_weights(n0, n1, n2, rng), *rng.standard_normal((2, n0, m)))
    ]
    network = Network(*data, activation)
    assert network.inputs.size * n2 >= SHARED
    few = [Network(*data[:2], *(array[:, part::4] for array in data[2:]), activation) for part in range(4)]
    assert few[0].inputs.size * n2 < SHARED
    alone = sum(mixed_blocks(one) for one in few) / 4
    together = mixed_blocks(network)
    assert together.dtype == alone.dtype == dtype
    rounding = 100 * np.finfo(dtype).eps
    assert np.abs(together - alone).max() <= rounding * np.abs(alone).max()
    dense = np.linalg.eigvalsh(residual_part(network))
    assert np.abs(residual_spectrum(network) - dense).max() <= 5 * rounding * np.abs(dense).max()
