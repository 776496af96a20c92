"""One call over many laws: degenerate and generic laws beside each other give what each gives alone.

Laws are prepared and solved side by side, in arrays padded to the most poles; a law that lacks a part, or
whose edge is singular, must not be touched by what its neighbours need.
"""

from __future__ import annotations

import importlib
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

# Degenerate places of the domain, and generic ones: every module's parameters by name.
VALUES = {
    "semicircle": {"sigma": (1.0, 1e-6, 1e6)},
    "marchenko_pastur": {"phi": (1.0, 0.5, 2.0, 1e-6, 1e5), "sigma": (1.0, 1e-3)},
    "wishart_wigner": {"eps": (0.0, 0.1, 1e-12, 1e6), "phi": (1.0, 0.5, 2.0, 1e-6)},
    "relu_residual": {"eps": (0.0, 0.5, 1e-9), "phi": (1.0, 0.5, 2.0)},
    "relu_hessian": {"eps": (0.0, 2.0, 0.1, 1e-10), "phi": (1.0, 2.0, 0.5, 4.0), "sigma": (1.0,)},
}
LAWS = {
    name: [dict(zip(values, choice, strict=True)) for choice in product(*values.values())]
    for name, values in VALUES.items()
}
FUNCTIONS = ("quantile", "cdf", "sf", "density", "log_potential")
NEAR = 2e-14  # each path is right to this part (tests/test_accuracy.py)


def arguments(module: Any, function: str, law: dict[str, float], q: float) -> float:
    """A level for quantiles, elsewhere a point in the hull of the support."""
    if function == "quantile":
        return q
    low, high = module.quantile([0.0, 1.0], **law)
    return float(low + q * (high - low))


@pytest.mark.parametrize(("name", "function"), list(product(VALUES, FUNCTIONS)))
@settings(max_examples=6, phases=[Phase.generate])
@given(data=st.data())
def test_elementwise(name: str, function: str, data: st.DataObject) -> None:
    module = importlib.import_module(f"generated.{name}")
    laws = data.draw(st.lists(st.sampled_from(LAWS[name]), min_size=2, max_size=9))
    levels = [data.draw(st.floats(0.001, 0.999)) for _ in laws]
    points = [arguments(module, function, law, q) for law, q in zip(laws, levels, strict=True)]
    columns = {key: np.array([law[key] for law in laws]) for key in laws[0]}
    together = getattr(module, function)(np.array(points), **columns)
    alone = [getattr(module, function)(x, **law) for x, law in zip(points, laws, strict=True)]
    # both are rounded on their own: next to a zero crossing relative to the scale of what is subtracted
    floor = 1e-15 if function == "log_potential" else 0.0
    np.testing.assert_allclose(together, alone, rtol=2 * NEAR, atol=floor)


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=6, phases=[Phase.generate])
@given(data=st.data())
def test_of_the_law(name: str, data: st.DataObject) -> None:
    """support, atoms, index, mass at 0 and moments."""
    module = importlib.import_module(f"generated.{name}")
    laws = data.draw(st.lists(st.sampled_from(LAWS[name]), min_size=2, max_size=9))
    columns = {key: np.array([law[key] for law in laws]) for key in laws[0]}
    for function in ("support", "atoms", "index", "mass_at_zero"):
        together = getattr(module, function)(**columns)
        alone = [getattr(module, function)(**law) for law in laws]
        np.testing.assert_allclose(together, alone, rtol=NEAR, atol=0)


@pytest.mark.parametrize("name", VALUES)
@settings(max_examples=6, phases=[Phase.generate])
@given(data=st.data())
def test_in_the_plane(name: str, data: st.DataObject) -> None:
    """Stieltjes transforms above points of the hull, and outliers."""
    module = importlib.import_module(f"generated.{name}")
    laws = data.draw(st.lists(st.sampled_from(LAWS[name]), min_size=2, max_size=9))
    columns = {key: np.array([law[key] for law in laws]) for key in laws[0]}
    z = np.array(
        [arguments(module, "stieltjes", law, data.draw(st.floats(0, 1))) for law in laws], dtype=complex
    )
    z.imag = data.draw(st.sampled_from([0.0, 1e-12, 0.3]))
    together = module.stieltjes(z, **columns)
    alone = np.array([module.stieltjes(point, **law) for point, law in zip(z, laws, strict=True)])
    np.testing.assert_allclose(together.imag, alone.imag, rtol=2 * NEAR)
    finite = np.isfinite(alone)
    np.testing.assert_array_equal(together[~finite], alone[~finite])
    off = np.abs(together[finite] - alone[finite])
    assert np.all(off <= 2 * NEAR * np.abs(alone[finite]))
    theta = data.draw(st.floats(0.1, 5))
    outliers = np.transpose([module.outliers(theta, **law) for law in laws])
    np.testing.assert_allclose(module.outliers(theta, **columns), outliers, rtol=1e-11)
