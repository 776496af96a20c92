"""The curve w(x) over the real axis, against certified roots."""

from __future__ import annotations

import flint
import numpy as np
from flint import arb, fmpz_poly

from generated._runtime.levy.curve import invert
from generated._runtime.levy.density import density
from tests.levy_reference import DIGITS, certified_root, equation, law_of, parts_of, q


def test_the_curve_at_a_distance_below_the_spacing_of_doubles() -> None:
    """x = edge + t for t down to 1e-28 of the width: v ~ sqrt(t) relatively accurate."""
    law = law_of("wishart_wigner", 0.05, 0.5)
    t = 10.0 ** -np.arange(10.0, 29.0)
    lower = np.full(t.size, law.edges_hi[0, 0])
    curve = invert(law, lower, law.edges_lo[0, 0] + t)
    assert (curve.band == 0).all()
    np.testing.assert_allclose(curve.v / np.sqrt(t), (curve.v / np.sqrt(t))[-1], rtol=3e-5)
    flint.ctx.prec = DIGITS
    mean, parts = parts_of("wishart_wigner", 0.05, 0.5)
    for i in (0, 10, 18):
        lo = law.edges_lo[0, 0] + t[i]
        shifted = equation(mean - q(lo), parts, law.edges_hi[0, 0])
        root = certified_root(shifted)
        assert root is not None
        # the edge itself is known to 1e-31
        assert float(abs(arb(curve.v[i]) / root.imag - 1)) <= 1e-15 + 1e-31 / t[i]


def test_infinite_and_missing_points() -> None:
    for values in ((0.05, 0.5), (0.05, 3.0)):
        law = law_of("wishart_wigner", *values)
        x = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 1.0])
        assert density(law, x)[1:5].tolist() == [0.0] * 4
        assert np.isnan(density(law, x)[0])
        curve = invert(law, x)
        assert curve.u[1:3].tolist() == [np.inf, -np.inf]
        np.testing.assert_allclose(curve.u[3:5], x[3:5], rtol=1e-15)
        assert np.isnan([curve.u[0], curve.v[0]]).all()
    assert density(law, np.empty(0)).shape == (0,)


def test_the_curve_solves_its_equation_outside_the_bands() -> None:
    for values in ((1e-3, 3.0, 1.0), (2.0, 0.1, 1.0), (5.0, 2.0, 1.0)):
        law = law_of("relu_hessian", *values)
        ends = law.bands[0].ravel()
        ends = ends[np.isfinite(ends)]
        gaps = [(ends[0] - 5, ends[0]), (ends[-1], ends[-1] + 5), *zip(ends[1:-1:2], ends[2::2], strict=True)]
        mean, parts = parts_of("relu_hessian", *values)
        for low, high in gaps:
            for x in low + (high - low) * np.array([1e-12, 1e-5, 0.2, 0.5, 0.8, 1 - 1e-5]):
                curve = invert(law, np.array([x]))
                if curve.v[0] > 0 or x in ends:
                    continue  # rounded into a band
                assert curve.band[0] == -1
                assert curve.gap[0] == (ends < x).sum() // 2
                slope = 1 - (law.weights[:, 0] / curve.offsets[:, 0] ** 2).sum()
                assert slope > 0
                roots = fmpz_poly(equation(mean, parts, float(x)).numer().coeffs()).complex_roots()
                assert min(float(abs(root - float(curve.u[0]))) for root, _ in roots) <= 1e-14 * abs(
                    curve.u[0]
                )
