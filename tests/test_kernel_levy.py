"""Levy laws as they are prepared: edges, atoms, poles dropped and merged."""

from __future__ import annotations

import dataclasses

import flint
import numpy as np
import pytest
from flint import arb

from generated._runtime.arithmetic.double_double import DoubleDouble
from generated._runtime.levy.curve import invert
from generated._runtime.levy.density import density
from generated._runtime.levy.law import Levy, prepare
from generated._runtime.levy.quantile import edges_of
from tests.levy_reference import DIGITS, Adversary, law_of, worst
from verify.precise import Law

# What is promised of edges, relatively, wherever they lie.
EDGE = 2e-31


def test_known_edges() -> None:
    for phi in (0.25, 1.0, 4.0):
        bands = law_of("marchenko_pastur", phi, 1.0).bands[0]
        assert bands.tolist() == [[(1 - phi**0.5) ** 2, (1 + phi**0.5) ** 2]]
    assert law_of("semicircle", 1.5).bands.tolist() == [[[-3.0, 3.0]]]


@pytest.mark.parametrize("phi", [1 + 2**-52, 1 - 2**-53, 1.0, 1e5, 1e-6])
def test_edges_of_marchenko_pastur_hold_their_digits(phi: float) -> None:
    law = law_of("marchenko_pastur", phi, 1.0)
    flint.ctx.prec = DIGITS
    for hi, lo, sign in zip(law.edges_hi[:, 0], law.edges_lo[:, 0], (-1, 1), strict=True):
        exact = (1 + sign * arb(phi).sqrt()) ** 2
        assert abs(arb(float(hi)) + arb(float(lo)) - exact) <= exact * EDGE


def test_an_edge_next_to_zero_holds_its_digits() -> None:
    """At eps_c (1 +- 2^-50) the lower edge is 1e-16 of the width, and relatively as accurate as any."""
    phi = 0.5
    root = 5**0.5
    eps_c = 4 * 0.5**3 * (1 + root) / (3 + root) ** 3
    for eps in (eps_c * (1 - 2**-50), eps_c * (1 + 2**-50), eps_c * 1.0000001):
        law = law_of("wishart_wigner", eps, phi)
        near = law.edges_hi[0, 0] * (1 + np.array([-1e-15, 1e-15, -1e-12, 1e-12, 1e-6]))
        assert abs(near[0]) < 1e-6
        assert worst("wishart_wigner", (eps, phi), law, near) <= 1e-12


def test_dropped_and_merged_poles() -> None:
    eps, phi = np.array([0.0, 2.0, 2.0, 1e-3, 0.0]), np.array([0.5, 0.5, 2.0, 3.0, 3.0])
    law = law_of("relu_hessian", eps, phi, np.ones(5))
    assert law.active.sum(axis=0).tolist() == [1, 2, 2, 3, 1]
    assert np.isnan(law.bands[:, :, 0]).sum(axis=1).tolist() == [2, 2, 1, 0, 2]
    # weights of poles that merge are added: b = sigma phi, 2 eps = 4
    assert law.weights[:, 1].tolist() == [0.25, 0.75, 0.0]
    atoms = law.atom_rows[:, 0]
    np.testing.assert_allclose(atoms[3:], [[0, 1 / 3], [0, 2 / 3]], rtol=1e-15)
    assert np.isnan(atoms[:3]).all()
    np.testing.assert_allclose(edges_of(law).levels.to_float()[::2, 3], [0, 1 / 2, 2 / 3], rtol=1e-15)


def test_laws_side_by_side_are_the_laws_one_by_one() -> None:
    adversary = Adversary(5)
    values = np.array([adversary.parameters("relu_hessian") for _ in range(60)]).T
    together = law_of("relu_hessian", *values)
    x = together.edges_hi[0] + np.where(np.isfinite(together.edges_hi[1]), 0.3, 0.1)
    rho = density(together, np.nan_to_num(x))
    for i in range(60):
        alone = law_of("relu_hessian", *values[:, i])
        for field in dataclasses.fields(Levy):
            if field.name not in ("centres", "exact", "frozen"):
                np.testing.assert_array_equal(
                    getattr(alone, field.name)[..., 0], getattr(together, field.name)[..., i], field.name
                )
        assert alone.exact.at(0) == together.exact.at(i)
        np.testing.assert_allclose(density(alone, np.nan_to_num(x[i : i + 1])), rho[i], rtol=4e-15)


def test_without_poles_a_law_is_its_mean() -> None:
    law = law_of("relu_residual", 0.0, 0.7)
    assert np.isnan(law.bands).all()
    assert law.atom_rows.tolist() == [[[0.0, 1.0]]]
    curve = invert(law, np.array([-2.0, 0.0, 1e-300, 5.0]))
    assert curve.u.tolist() == [-2.0, 0.0, 1e-300, 5.0]
    assert density(law, np.array([-1.0, 0.0])).tolist() == [0.0, 0.0]


def test_negative_weights_are_refused() -> None:
    one = DoubleDouble(np.ones(1))
    with pytest.raises(ValueError, match="must not be negative"):
        prepare(one, [one], [-one], [one], {})


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("wishart_wigner", (4.952531873640464e-34, 0.9999999999811612)),
        ("relu_hessian", (9.843335496404415e-28, 0.9999999341190959, 0.0034085423376294948)),
    ],
)
def test_an_edge_a_tiny_part_of_the_hull_needs_factored_sums(
    model: str, parameters: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Next to eps_c: 1 - (sum of rates) by itself, in triple-double, leaves 24 digits of the lowest edge."""
    exact = Law(model, **dict(zip(("eps", "phi", "sigma"), parameters, strict=False))).edges(600)
    errors = []
    for known in (True, False):
        if not known:
            monkeypatch.setattr(
                "tests.levy_reference.prepare", lambda *coefficients: prepare(*coefficients[:-1], {})
            )
        law = law_of(model, *parameters)
        lowest = np.nanargmin(np.abs(law.edges_hi[:, 0]))
        found = DoubleDouble(law.edges_hi[lowest], law.edges_lo[lowest])
        with flint.ctx.workprec(600):
            end = exact[lowest]
            errors.append(float(abs((arb(found.hi[0]) + arb(found.lo[0]) - end) / end)))
    assert errors[0] <= EDGE
    assert errors[1] > 1e3 * EDGE
