"""Inputs at which an evaluator was once wrong."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from generated import marchenko_pastur, relu_hessian, relu_residual, wishart_wigner


def test_odd_free_cumulants_survive_the_cancellation_of_opposite_poles() -> None:
    eps, phi, sigma = 18053289.9564942, 0.0011077244799881634, 27.866827883455866
    kappa = relu_hessian.free_cumulants(20, eps, phi, sigma)
    for order in range(3, 21, 2):
        exact = Fraction(sigma) ** order * Fraction(phi) ** (order - 1)
        assert kappa[order - 1] == pytest.approx(float(exact), rel=1e-15)


def test_free_cumulants_underflow_only_where_their_values_do() -> None:
    eps, phi = 193436.98556545304, 2.5275039975351647e-06
    kappa = wishart_wigner.free_cumulants(40, eps, phi)
    exact = [float(Fraction(phi) ** (order - 1)) for order in range(3, 41)]
    np.testing.assert_allclose(kappa[2:], exact, rtol=1e-15)


def test_a_root_beside_an_edge_does_not_depend_on_its_neighbours() -> None:
    eps, phi = 2.290313894170414e-06, 2.4976284309211683
    low, high = wishart_wigner.support(eps, phi)[0]
    z = [high - 1e-300j, low + 5e-324j, high + 1e-19j, low - 1e-21j, 0.5 * high + 1e-9j, 1e-7j, high + 1j]
    together = wishart_wigner.stieltjes(np.array(z), eps, phi)
    apart = [wishart_wigner.stieltjes(point, eps, phi) for point in z]
    assert np.isfinite(together).all()
    np.testing.assert_allclose(together, apart, rtol=4e-16)


@pytest.mark.parametrize("height", [5e-324, 1e-300, 1e-100, 1e-40])
def test_slope_that_rounds_to_zero_is_no_convergence(height: float) -> None:
    # H = w (1 - (1/phi) / (1 - w^2/b^2)), b = phi sqrt(eps/2): at 0, w = i b sqrt((1 - phi)/phi)
    eps, phi = 0.06123746092061926, 0.9999999999999998
    exact = -1.0 / (phi * np.sqrt(eps / 2) * np.sqrt((1 - phi) / phi))
    g = relu_residual.stieltjes(complex(0.0, height), eps, phi)
    assert g.imag == pytest.approx(exact, rel=1e-13)
    assert abs(g.real) <= 1e-13 * abs(exact)


@pytest.mark.parametrize("height", [1e-300, 1e-200, 1e-100, 1e-60])
def test_stieltjes_at_an_edge_from_tiny_heights(height: float) -> None:
    """At the double nearest to an edge G is the axis's as long as the height does not matter."""
    eps, phi, edge = 5.298357356506242e-09, 1.0000000000009095, -9.11233650603462e-06
    on_axis = wishart_wigner.stieltjes(edge, eps, phi)
    above = wishart_wigner.stieltjes(complex(edge, height), eps, phi)
    assert abs(above - on_axis) < 1e-14 * abs(on_axis)
    assert above.imag < 0


@pytest.mark.parametrize("phi", [1e-305, 1e-300, 1e-290, 1e-200, 1e-17])
@pytest.mark.parametrize("sigma", [1.0, 1e-6])
def test_critical_energy_at_vanishing_ratios(phi: float, sigma: float) -> None:
    """eps_c -> sigma^2 / (2 phi) for relu_hessian and 1/8 for wishart_wigner as phi -> 0."""
    limit = float(Fraction(sigma) ** 2 / (2 * Fraction(phi)))
    assert relu_hessian.critical_energy(phi, sigma) == pytest.approx(limit, rel=4 * 2.0**-52)
    assert wishart_wigner.critical_energy(phi) == pytest.approx(0.125, rel=4 * 2.0**-52)


def test_a_real_overflow_of_the_stieltjes_transform_beside_an_atom() -> None:
    """G is real outside the bands, where it leaves the doubles too."""
    for model, z, parameters in (
        (marchenko_pastur, -5e-324, (1.0000152587890625, 2986.213476273228)),
        (relu_residual, 5e-324, (0.5277671985143146, 1.000000000007276)),
    ):
        for points in (z, np.array([z, 1.0])):
            g = np.atleast_1d(model.stieltjes(points, *parameters))[0]
            assert (g.real, g.imag) == (np.copysign(np.inf, z), 0.0)
