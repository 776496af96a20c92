"""Stieltjes transforms and outliers where rounding bites, against certified balls."""

from __future__ import annotations

import dataclasses
import math
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from generated._runtime.levy import charts
from generated._runtime.levy.complex_plane import stieltjes
from verify.precise import Law

TOLERANCE = 2e-14

LAWS: list[tuple[str, tuple[float, ...]]] = [
    ("semicircle", (1.5,)),
    ("marchenko_pastur", (1 - 2.0**-40, 1e-6)),
    ("marchenko_pastur", (4.0, 1e6)),
    ("wishart_wigner", (0.05, 0.6)),
    ("wishart_wigner", (1e-12, 1e5)),
    # two bands just before and after they merge
    ("wishart_wigner", (4.0 * (1 - 2.0**-40) * (8 ** (1 / 3) - 1) ** 3, 8.0)),
    ("wishart_wigner", (4.0 * (1 + 2.0**-40) * (8 ** (1 / 3) - 1) ** 3, 8.0)),
    ("relu_residual", (1e6, 1 + 2.0**-30)),
    ("relu_residual", (0.3, 5.0)),
    ("relu_hessian", (0.3, 0.6, 1.0)),
    ("relu_hessian", (1.365e-9, 1.12177, 1.0)),
    # two of three poles nearly meet
    ("relu_hessian", (2 * (1 + 2.0**-45), 0.7, 1.0)),
    ("relu_hessian", (2e-12 * (1 - 1e-9), 2.0, 1e-6)),
]


def named(name: str, values: tuple[float, ...]) -> dict[str, float]:
    """The parameters by name."""
    return dict(zip([p.name for p in import_module(f"generated.{name}").PARAMETERS], values, strict=True))


def points(law: Any, rng: np.random.Generator, count: int) -> np.ndarray:
    """Points beside edges, necks and 0, in bands and gaps and far away, at all heights."""
    x = law.centres.x[np.isfinite(law.centres.x)]
    width = np.ptp(x)
    beside = rng.choice(x, count) + rng.choice([-1, 1], count) * width * 10.0 ** rng.uniform(-18, 0.5, count)
    anywhere = rng.choice([-1, 1], count) * 10.0 ** rng.uniform(-300, 300, count)
    # an edge that is a double is a branch point: there only heights above the gaps of doubles tell apart
    places = np.where(rng.random(count) < 0.85, beside, anywhere)
    heights = np.choose(
        rng.integers(0, 4, count),
        [
            np.zeros(count),
            np.full(count, 1e-300),
            width * 10.0 ** rng.uniform(-20, 1, count),
            10.0 ** rng.uniform(-323, 300, count),
        ],
    )
    return places + 1j * heights


def error(found: complex, true: Any) -> float:
    """The larger relative error: of G, and of Im G where that is a normal double."""
    if not math.isfinite(abs(complex(true))):
        return 0.0
    whole = abs(arb(found.real) - true.real) / abs(true)
    size = abs(float(true.imag))
    part = abs(arb(found.imag) - true.imag) / abs(true.imag) if size > 1e-307 else arb(0)
    worst = float(max(whole.mid(), part.mid()))
    return worst if math.isfinite(abs(found)) else math.inf


def worst(
    name: str, values: tuple[float, ...], seed: int, count: int, frozen: bool, spoil: Any = None
) -> float:
    """The worst error of one law, whose coefficients `spoil` may change."""
    module = import_module(f"generated.{name}")
    law = module._FAMILY.prepared(*values)
    if spoil is not None:
        law = spoil(law)
    law = dataclasses.replace(law, frozen=frozen)
    z = points(law, np.random.default_rng(seed), count)
    reference = Law(name, **named(name, values))
    found = stieltjes(law, z)
    return max(error(complex(g), reference.stieltjes(complex(at))) for g, at in zip(found, z, strict=True))


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize(("name", "values"), LAWS)
def test_stieltjes_at_all_heights(name: str, values: tuple[float, ...], frozen: bool) -> None:
    """Relative to |G|, and Im G relative to itself, on cells and solved for."""
    assert worst(name, values, 7, 60, frozen) <= TOLERANCE


@pytest.mark.parametrize("frozen", [True, False])
def test_a_wrong_weight_is_seen(frozen: bool) -> None:
    """A part of 1e-12 of one weight shows."""

    def spoil(law: Any) -> Any:
        return dataclasses.replace(law, weights=law.weights * (1 + 1e-12))

    assert worst("relu_hessian", (0.3, 0.6, 1.0), 7, 60, frozen, spoil) > 10 * TOLERANCE


def test_a_wrong_branch_is_left_alone() -> None:
    """Cells whose polynomials lead elsewhere write nothing that counts as done."""
    law = import_module("generated.wishart_wigner")._FAMILY.frozen(0.05, 0.6)
    z = np.linspace(0.1, 2.9, 50) + 0.05j
    out = np.empty_like(z)
    cells = charts.Charts(law)
    assert cells(z, out) is None
    series = cells.table[1 : charts.POLES]
    series[:] = series.conj()
    left = cells(z, out)
    assert left is not None
    assert left.all()


def test_imaginary_part_below_an_edge_from_the_smallest_heights() -> None:
    """Im G at Im z = 1e-300 was 1.8e-11 off."""
    module = import_module("generated.relu_hessian")
    values = (1.365e-9, 1.12177, 1.0)
    z = complex(-1.92231e-5, 1e-300)
    true = Law("relu_hessian", **named("relu_hessian", values)).stieltjes(z)
    assert error(complex(module.stieltjes(z, *values)), true) <= TOLERANCE


@pytest.mark.parametrize(("name", "values"), LAWS[::3])
def test_points_do_not_see_their_neighbours(name: str, values: tuple[float, ...]) -> None:
    """The same bits alone, in an array and by conjugation."""
    law = import_module(f"generated.{name}").law(*values)
    z = points(law._law, np.random.default_rng(3), 200)
    together = law.stieltjes(z)
    assert np.array_equal(together, [law.stieltjes(at) for at in z])
    assert np.array_equal(law.stieltjes(z[::-1]), together[::-1])
    below = z.imag > 0
    assert np.array_equal(law.stieltjes(z.conj())[below], together.conj()[below])


def test_cells_hold_nearly_all_points() -> None:
    """Cells leave few points of a grid to the solver: they are for speed."""
    for name, values in LAWS:
        law = import_module(f"generated.{name}")._FAMILY.frozen(*values)
        ends = law.edges_hi[np.isfinite(law.edges_hi)]
        x = np.linspace(ends[0], ends[-1], charts.CHUNK)
        z = x + 0.01j * np.ptp(ends)
        left = law.charts(z, np.empty_like(z))
        assert left is None or left.mean() < 0.05, name


def spike(name: str, values: tuple[float, ...], theta: float) -> tuple[Any, Any]:
    """Certified H(theta) and 1 - Phi(theta)."""
    with ctx.workprec(1000):
        at = arb(fmpq(*theta.as_integer_ratio()))
        mean, jumps = Law(name, **named(name, values)).coefficients.balls()
        place = at + mean + sum((c / (at - p) for p, c in jumps), arb(0))
        return place, 1 - sum((c / (at - p) ** 2 for p, c in jumps), arb(0))


@pytest.mark.parametrize(
    ("name", "values", "thetas"),
    [
        ("marchenko_pastur", (1 + 1e-12, 1.0), (1e-13, -1e-14, -1e-100)),
        ("relu_residual", (0.3, 1 + 1e-11), (1e-11, -1e-9, 1e-20)),
        ("relu_hessian", (0.3, 2 + 1e-11, 1.0), (1e-12, -1e-12)),
        ("relu_hessian", (1e-9, 14.3, 1671.2), (1e-150, -1e-5)),
        ("wishart_wigner", (0.017559993763661196, 1.9999999998566236), (0.4126037522443148, 30.0, -2.0)),
    ],
)
def test_outliers_keep_their_digits(name: str, values: tuple[float, ...], thetas: tuple[float, ...]) -> None:
    """Next to 0 beside a hard edge, next to a threshold at a cusp, and elsewhere."""
    module = import_module(f"generated.{name}")
    found = module.outliers(np.array(thetas), *values)
    for theta, place, overlap in zip(thetas, *found, strict=True):
        true_place, true_overlap = spike(name, values, theta)
        assert float(abs(arb(place) - true_place) / abs(true_place)) <= TOLERANCE
        assert float(abs(arb(overlap) - true_overlap) / abs(true_overlap)) <= TOLERANCE
        # the comparison sees an error of a few times the tolerance
        assert float(abs(arb(overlap * (1 + 1e-13)) - true_overlap) / abs(true_overlap)) > TOLERANCE


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
@pytest.mark.parametrize("gap", [0.3, 1e-3, 1e-12, 2.0**-50])
def test_index_at_doubles_next_to_the_critical_energy(name: str, gap: float) -> None:
    """Scalars and arrays alike, from eps_c itself on."""
    module = import_module(f"generated.{name}")
    phi = 1 - gap
    critical = float(module.critical_energy(phi))
    eps = np.array([critical, np.nextafter(critical, 1), critical * (1 + 2.0**-40), critical * 1.5])
    side_by_side = module.index(eps, phi)
    for value, beside in zip(eps, side_by_side, strict=True):
        true = Law(name, eps=float(value), phi=phi).index()
        for found in (beside, module.index(value, phi)):
            assert found == 0 if true == 0 else float(abs(arb(found) - true) / true) <= TOLERANCE
    assert side_by_side[1] > 0


@pytest.mark.parametrize(("name", "values"), LAWS)
def test_moments_to_order_forty(name: str, values: tuple[float, ...]) -> None:
    """Moments and free cumulants, where they are representable."""
    module, law = import_module(f"generated.{name}"), Law(name, **named(name, values))
    for found, exact in (
        (module.moments(40, *values), law.moments(40)),
        (module.free_cumulants(40, *values), law.free_cumulants(40)),
    ):
        for value, true in zip(found, exact, strict=True):
            if true == 0:
                assert value == 0
            elif 1e-307 < abs(float(true)) < 1e308 and true.rel_accuracy_bits() > 60:
                assert float(abs(arb(value) - true) / abs(true)) <= TOLERANCE
