"""Quantiles of Levy laws to two units in the last place, against certified values of the cdf."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from generated import marchenko_pastur, relu_residual
from generated._runtime.arithmetic import double_double
from generated._runtime.arithmetic.arctangent import PI, arctan2
from generated._runtime.arithmetic.double_double import DoubleDouble
from generated._runtime.arithmetic.fixed_point import ONE
from generated._runtime.levy import masses, quantile_necks
from generated._runtime.levy import quantile as quantiles
from generated._runtime.levy.exact_mass import Exact, at_point
from verify.accuracy import quantile_errors, upper_quantile_errors
from verify.adversaries import Laws, Points
from verify.exact import rational
from verify.precise import Law

pytestmark = pytest.mark.filterwarnings("error")

MODELS = ("marchenko_pastur", "relu_hessian", "relu_residual", "semicircle", "wishart_wigner")
ULPS = 2.0


def exact_sum(parts: Any) -> arb:
    return sum((arb(float(part)) for part in parts), arb(0))


def beside(law: Any, values: dict[str, float], rng: np.random.Generator) -> np.ndarray:
    """Levels around cdf(0), from the neighbouring doubles on."""
    level = float(law.cdf(0.0, **values))
    steps = [
        *(k * 2.0**-53 for k in (-5, -1, 1, 2)),
        *(10 ** rng.uniform(-16, -1, 2)),
        -(10 ** rng.uniform(-9, -1)),
    ]
    q = level * (1 + np.array(steps))
    return q[(q > 0) & (q < 1)]


@pytest.mark.parametrize("name", MODELS)
def test_two_units_in_the_last_place(name: str) -> None:
    laws, rng = Laws(name), np.random.default_rng(11)
    drawn = laws.draw(rng, cusps=0 if name == "relu_hessian" else 1)
    for _ in range(8):
        values = next(drawn).values
        if not 1e-12 <= values.get("eps", 1.0) / values.get("sigma", 1.0) ** 2 <= 1e6:
            continue
        law = Law(name, **values)
        q = np.concatenate([Points(law).levels_near(rng, 8)[0], beside(laws.module, values, rng)])
        # half the mass of a law that is its mirror image: x = 0 has no units in the last place
        q = q[q != 0.5]
        errors = quantile_errors(law, q, laws.module.quantile(q, **values))
        assert (errors <= ULPS).all(), (values, q[errors > ULPS], errors.max())


def test_known_hard_ones() -> None:
    """Bands that end at 0 or next to it, an infinite density at 0, and cdf(0) as small as 1e-13."""
    cases: list[tuple[str, dict[str, float], list[float]]] = [
        ("marchenko_pastur", {"phi": 1.0}, [1e-140, 1e-60, 1e-9, 0.3]),
        ("marchenko_pastur", {"phi": 1 + 1e-12}, [1e-12 + 1e-13, 1e-9, 1e-3]),
        ("marchenko_pastur", {"phi": 0.4301701944984027, "sigma": 0.000216}, [1e-290, 9.6e-67]),
        ("relu_residual", {"eps": 2.0, "phi": 1.0}, [0.5 - 2.0**-54, 0.5 + 2.0**-53, 0.5 + 1e-12]),
        ("relu_residual", {"eps": 376983.0, "phi": 0.999999999995706}, [0.5 - 2.0**-54, 0.5 + 1e-13]),
        ("relu_hessian", {"eps": 0.7, "phi": 2.0}, [0.25 + 1e-13, 0.25 - 1e-16, 0.3]),
    ]
    for name, values, q in cases:
        module, law = importlib.import_module(f"generated.{name}"), Law(name, **values)
        errors = quantile_errors(law, np.array(q), module.quantile(np.array(q), **values))
        assert (errors <= ULPS).all(), (name, values, errors)


# x = 0 lies 1e-15 of the band from its lower edge, and q next to cdf(0), as small as 1e-27.
NEXT_TO_CRITICAL: list[tuple[str, dict[str, float]]] = [
    ("wishart_wigner", {"eps": 0.12499945746445212, "phi": 1.085073464718914e-06}),
    ("wishart_wigner", {"eps": 0.003861040789374062, "phi": 0.6426719763204534}),
    ("relu_hessian", {"eps": 7346.951855079128, "phi": 4.6795973486021135e-06, "sigma": 0.26222730928549376}),
    ("relu_hessian", {"eps": 2.067342456500732e-06, "phi": 0.999583192716754, "sigma": 310.3484721522613}),
]


def test_next_to_a_tiny_mass_at_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quantiles next to 0 where cdf(0) is tiny, from the neighbouring doubles on."""

    def worst(name: str, values: dict[str, float]) -> float:
        module, law = importlib.import_module(f"generated.{name}"), Law(name, **values)
        level = float(module.index(**values))
        assert 0 < level < 1e-20
        q = level * (1 + np.array([-1e-3, -1e-9, -2e-13, -(2.0**-53), 2.0**-52, 1e-14, 1e-6]))
        prepared = module._FAMILY.kernels.prepare(np.array([*values.values()])[:, None])
        return float(quantile_errors(law, q, quantiles.quantile(prepared, q)).max())

    for case in NEXT_TO_CRITICAL:
        assert worst(*case) <= ULPS, case
    monkeypatch.setattr(masses, "ROUNDED", 0)
    assert worst(*NEXT_TO_CRITICAL[1]) > ULPS


def test_next_to_the_level_of_a_neck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands that have just merged, at eps = phi (phi^(1/3) - 1)^3 / 2: the neck's mass is a few ulps of q."""
    module, phi = importlib.import_module("generated.wishart_wigner"), 2.4351669694280043
    cusp = phi * (math.cbrt(phi) - 1) ** 3 / 2

    def worst(depth: float) -> float:
        values = {"eps": cusp * (1 + depth), "phi": phi}
        prepared, law = module._FAMILY.prepared(*values.values()), Law("wishart_wigner", **values)
        neck = prepared.centres.x[prepared.edges_hi.shape[0], 0]
        errors = []
        for found, certified, mass in (
            (quantiles.quantile, quantile_errors, module.cdf),
            (quantiles.upper_quantile, upper_quantile_errors, module.sf),
        ):
            level = float(mass(neck, **values))
            q = level + math.ulp(level) * np.array([-9, -2, -1, 0, 1, 2, 9, 1e3, -1e5, 1e8])
            errors.append(certified(law, q, found(prepared, q)))
        return float(np.max(errors))

    for depth in (1e-3, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12):
        assert worst(depth) <= ULPS, depth
    values, q = {"eps": 0.05016101536289654, "phi": phi}, np.array([0.589350540412886])
    prepared, law = module._FAMILY.prepared(*values.values()), Law("wishart_wigner", **values)
    assert quantile_errors(law, q, quantiles.quantile(prepared, q)).max() <= ULPS
    monkeypatch.setattr(quantile_necks, "CANCELLED", 0.0)
    assert quantile_errors(law, q, quantiles.quantile(prepared, q)).max() > 1e5


def test_next_to_the_level_of_a_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    """A neck over w = 0: half the mass of a mirror image lies on both sides of it."""
    module, q = importlib.import_module("generated.relu_residual"), 0.5 - 2.0 ** -np.array([54, 53, 40, 31])

    def errors(depth: float) -> Any:
        values = {"eps": 2.0, "phi": 1 - depth}
        prepared, law = module._FAMILY.prepared(*values.values()), Law("relu_residual", **values)
        below = quantile_errors(law, q, quantiles.quantile(prepared, q))
        return np.maximum(below, upper_quantile_errors(law, q, quantiles.upper_quantile(prepared, q)))

    for depth in (2.0**-53, 2.0**-40, 2.0**-3):
        assert (errors(depth) <= ULPS).all(), depth
    monkeypatch.setattr(quantile_necks, "CANCELLED", 0.0)
    assert errors(2.0**-53).max() > 1e5


def test_subnormal_quantiles() -> None:
    """Next to a hard edge x = (pi q / 2)^2 (1 + O(q^2)) of Marchenko and Pastur's law at phi = 1."""
    module = importlib.import_module("generated.marchenko_pastur")
    q = np.array([1e-150, 3e-158, 7e-160, 2e-161])
    with ctx.workprec(300):
        exact = [float((arb.pi() * arb(level) / 2) ** 2) for level in q.tolist()]
    assert module.quantile(q, 1.0).tolist() == exact
    assert 0 < exact[-1] < 2.0**-1022


def test_mirror_images() -> None:
    module = importlib.import_module("generated.relu_residual")
    for values in ((0.7, 0.4), (2.0, 1.0), (1e-3, 0.999), (5e5, 1 - 1e-13)):
        assert module.quantile(0.5, *values) == 0.0
        law = module.law(*values)
        q = np.array([1e-200, 1e-9, 0.2, 0.5 - 2.0**-54])
        np.testing.assert_array_max_ulp(law.isf(q), -law.ppf(q), 2)
    assert importlib.import_module("generated.semicircle").quantile(0.5, 3.0) == 0.0


def test_one_law_a_point_and_one_law_agree() -> None:
    module = importlib.import_module("generated.relu_hessian")
    rng = np.random.default_rng(3)
    eps, phi, q = 10 ** rng.uniform(-3, 2, 40), 10 ** rng.uniform(-1, 1, 40), rng.random(40)
    together = module.quantile(q, eps, phi)
    alone = np.array([module.quantile(*row) for row in zip(q, eps, phi, strict=True)])
    assert (np.abs(together - alone) <= 2 * ULPS * np.spacing(np.abs(alone))).all()


@pytest.mark.parametrize("name", MODELS)
def test_monotone(name: str) -> None:
    module = importlib.import_module(f"generated.{name}")
    for values in ((0.3, 0.5), (2.0, 1.0), (0.01, 3.0), (0.1, 20.0)):
        law = module.law(*values[: len([p for p in module.PARAMETERS if p.default is None])])
        q = np.sort(np.concatenate([np.linspace(0, 1, 200), 10 ** np.linspace(-300, -1, 50)]))
        assert (np.diff(law.ppf(q)) >= 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_tables_of_frozen_laws(name: str) -> None:
    """A frozen law's table is within two units of the exact quantile, and says where it has no value."""
    laws, rng = Laws(name), np.random.default_rng(5)
    drawn = laws.draw(rng, cusps=0 if name == "relu_hessian" else 1)
    for _ in range(6):
        values = next(drawn).values
        if not 1e-12 <= values.get("eps", 1.0) / values.get("sigma", 1.0) ** 2 <= 1e6:
            continue
        family = laws.module._FAMILY
        frozen, direct = (make(*map(float, values.values())) for make in (family.frozen, family.prepared))
        q = np.concatenate(
            [rng.random(400), 10 ** rng.uniform(-16, 0, 60), 1 - 10 ** rng.uniform(-16, 0, 20)]
        )
        for function, table in (
            (quantiles.quantile, frozen.quantiles),
            (quantiles.upper_quantile, frozen.upper_quantiles),
        ):
            x, exact = function(frozen, q), function(direct, q)
            assert table is not None
            assert table.coefficients.nbytes < 2**21
            unknown = table(q[:400], np.empty(400))
            assert unknown is None or unknown.mean() < 0.01
            assert (np.abs(x - exact) <= 2 * np.spacing(np.abs(exact))).all(), values
            np.testing.assert_array_equal(function(frozen, q[::-1])[::-1], x)
            np.testing.assert_array_equal([function(frozen, q[i : i + 1])[0] for i in range(9)], x[:9])


def test_certified_tables() -> None:
    cases: list[tuple[str, dict[str, float]]] = [
        ("wishart_wigner", {"eps": 0.05, "phi": 0.6}),
        ("relu_hessian", {"eps": 0.3, "phi": 1.2, "sigma": 2.0}),
        ("marchenko_pastur", {"phi": 1.0, "sigma": 1.0}),
        ("relu_residual", {"eps": 1.0, "phi": 1.0}),
    ]
    rng = np.random.default_rng(8)
    for name, values in cases:
        module = importlib.import_module(f"generated.{name}")
        q = np.concatenate([rng.random(25), 10 ** rng.uniform(-12, 0, 8), beside(module, values, rng)])
        q = q[q != 0.5]
        errors = quantile_errors(Law(name, **values), q, module.law(**values).ppf(q))
        assert (errors <= ULPS).all(), (name, q[errors > ULPS], errors.max())


def test_a_planted_error_in_a_table_is_caught() -> None:
    module = importlib.import_module("generated.semicircle")
    law = module._FAMILY.kernels.freeze(module._FAMILY.prepared(1.25))
    q = np.linspace(0.01, 0.99, 300)
    before = quantiles.quantile(law, q)
    assert law.quantiles is not None
    law.quantiles.coefficients[1] *= 1 + 1e-12
    after = quantiles.quantile(law, q)
    assert (np.abs(after - before) > 2 * np.spacing(np.abs(before))).mean() > 0.1


def test_ends_make_no_table() -> None:
    module = importlib.import_module("generated.wishart_wigner")
    law = module.law(0.0511, 0.61)
    assert law.support() == (law.bands()[0, 0], law.bands()[-1, 1])
    assert "quantiles" not in vars(law._law)


def test_draws() -> None:
    """The draws are the quantiles of the generator's stream, whatever the shape and the chunks."""
    law = importlib.import_module("generated.relu_hessian").law(0.05, 0.6)
    drawn = law.rvs((3, 20001), random_state=4)
    np.testing.assert_array_equal(drawn, law.ppf(np.random.default_rng(4).uniform(size=(3, 20001))))
    legacy = law.rvs(40000, random_state=np.random.RandomState(4))
    np.testing.assert_array_equal(legacy, law.ppf(np.random.RandomState(4).uniform(size=40000)))
    assert np.ndim(law.rvs(random_state=1)) == 0
    assert law.rvs(0).shape == (0,)
    assert abs(law.rvs(10**5, random_state=0).mean() - law.mean()) < 6 * law.std() / 10**2.5


def test_outside_and_ends() -> None:
    law = importlib.import_module("generated.wishart_wigner").law(0.05, 0.6)
    outside = np.array([-1e-300, np.nextafter(1, 2), np.nan, np.inf])
    assert np.isnan(law.ppf(outside)).all()
    assert np.isnan(law.isf(outside)).all()
    assert law.ppf(np.array([0.0, 1.0])).tolist() == law.bands()[[0, -1], [0, 1]].tolist()


def test_angles_in_double_double() -> None:
    rng = np.random.default_rng(0)
    y, x = 10 ** rng.uniform(-40, 3, 400), rng.normal(size=400)
    y_lo, x_lo = y * 2.0**-55 * rng.random(400), x * 2.0**-55 * rng.random(400)
    got = arctan2(DoubleDouble(y, y_lo), DoubleDouble(x, x_lo))
    with ctx.workprec(300):
        assert abs(exact_sum((PI.hi, PI.lo)) - arb.pi()) < arb(2) ** -105
        for i in range(400):
            exact = arb.atan2(exact_sum((y[i], y_lo[i])), exact_sum((x[i], x_lo[i])))
            assert abs(exact_sum((got.hi[i], got.lo[i])) / exact - 1) < arb(2) ** -100


def test_masses_in_integers() -> None:
    """A point of the curve of Marchenko and Pastur's law of ratio 1: H(w) = w^2 / (w - 1)."""
    law = Law("marchenko_pastur", phi=1, sigma=1)
    one = Exact(ONE, [ONE], [ONE])
    found = at_point((0.5, 0.0), (0.75, 0.0), one)
    with ctx.workprec(400):
        w = law.stieltjes(1, 300)
        at_one = at_point((float((1 / w).real), 0.0), (float((1 / w).imag), 0.0), one)
        assert abs(exact_sum(at_one.x[0]) - 1) < 1e-15
        h = arb("0.5") + 1 + arb("-0.5") / (arb("0.25") + arb("0.5625"))
        assert abs(exact_sum(found.x[0]) - h) < arb(2) ** -105


def test_planted_errors_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Angles that are doubles only, and a correction left out, fail next to 0."""
    module = importlib.import_module("generated.wishart_wigner")
    values = {"eps": 0.3, "phi": 0.5}
    law, level = Law("wishart_wigner", **values), float(module.cdf(0.0, **values))
    q = level * (1 + np.array([1e-3, 1e-5, 1e-7]))

    def worst() -> float:
        prepared = module._FAMILY.prepared(*values.values())
        return float(quantile_errors(law, q, quantiles.quantile(prepared, q)).max())

    assert worst() <= ULPS
    with monkeypatch.context() as patch:
        patch.setattr(masses, "arctan2", lambda y, x: DoubleDouble(np.arctan2(y.hi, x.hi)))
        assert worst() > 10
    with monkeypatch.context() as patch:
        patch.setattr(quantiles, "place", lambda at, d, mass: (masses.along(at, d)[0].re, d))
        assert worst() > 10


def test_certified_cdf_at_quantiles() -> None:
    """The exact cdf passes q within one unit in the last place of x."""
    module, law = (
        importlib.import_module("generated.relu_hessian"),
        Law("relu_hessian", eps=0.05, phi=0.6, sigma=1),
    )
    for q in (1e-290, 1e-20, 0.1, 0.5, 0.999):
        x = float(module.quantile(q, 0.05, 0.6))
        unit = rational(math.ulp(x))
        assert law.cdf(rational(x) - unit) < arb(q) < law.cdf(rational(x) + unit)


def missed(law: Law, q: float, distance: float, edge: float, upper: bool) -> float:
    """Relative error of the mass at the exact edge nearest to `edge` plus the distance, certified."""
    # a peak of the models' laws is at 0
    places = law.edges(bits=600) + ([arb(0)] if edge == 0 else [])
    nearest = min(places, key=lambda end: abs(float(end.mid()) - edge))
    x = rational(nearest.mid()) + rational(distance)
    mass = (law.sf if upper else law.cdf)(x, bits=120)
    return float(abs(mass / arb(q) - 1).mid())


@pytest.mark.parametrize("name", MODELS)
def test_distances_from_edges_keep_the_digits_of_q(name: str) -> None:
    """The distribution function at edge + distance is q to 2e-14 of q, of 1 - q in the upper tail."""
    laws, rng = Laws(name), np.random.default_rng(23)
    drawn = laws.draw(rng, cusps=0)
    for _ in range(6):
        values = next(drawn).values
        law, frozen = Law(name, **values), laws.module.law(**values)
        atoms = [(float(law.cdf(x) - mass), float(law.cdf(x))) for x, mass in frozen.atoms()]
        q = np.concatenate([10.0 ** -rng.uniform(0, 200, 4), rng.uniform(0, 1, 4)])
        for upper, found in ((False, frozen.ppf_from_edge(q)), (True, frozen.isf_from_edge(q))):
            for level, edge, distance in zip(q.tolist(), found.edge, found.distance, strict=True):
                below = 1 - level if upper else level
                if any(low - 1e-15 <= below <= high + 1e-15 for low, high in atoms):
                    continue
                assert missed(law, level, float(distance), float(edge), upper) <= 2e-14, (
                    values,
                    level,
                    upper,
                )
                half = level > 0.5
                assert half or missed(law, level, float(distance) * (1 + 1e-12), float(edge), upper) > 2e-14


def test_distances_from_peaks_keep_the_digits_of_q() -> None:
    """Next to an infinite density, or a peak nearly as high, inside a band."""
    module = importlib.import_module("generated.relu_residual")
    for phi in (1.0, 1 - 1e-9, 0.99):
        law, q = Law("relu_residual", eps=2.0, phi=phi), np.array([1e-9, 0.3, 0.5 - 1e-8, 0.5 + 1e-12, 0.51])
        edge, distance = module.quantile_from_edge(q, 2.0, phi)
        assert (edge[2:] == 0).all()
        for level, place, away in zip(q.tolist(), edge.tolist(), distance.tolist(), strict=True):
            assert missed(law, level, away, place, upper=False) <= 2e-14, (phi, level)


def test_both_forms_of_the_quantile_agree() -> None:
    for name, values in (("relu_hessian", (1e-3, 3.0, 1.0)), ("marchenko_pastur", (2.0, 1.0))):
        module = importlib.import_module(f"generated.{name}")
        q = np.array([0.0, 1e-300, 0.1, 0.5, 0.9, 1 - 2.0**-53, 1.0])
        edge, distance = module.quantile_from_edge(q, *values)
        x = module.quantile(q, *values)
        np.testing.assert_allclose(edge + distance, x, rtol=4e-16)
        ends = np.append(module.support(*values).ravel(), module.atoms(*values)[:, 0])
        assert np.isin(edge, ends).all()
        assert (distance[[0, -1]] == 0).all()
        outside = module.quantile_from_edge(np.array([-0.1, 1.1, np.nan]), *values)
        assert np.isnan(outside).all()
        side_by_side = module.quantile_from_edge(q, np.full(q.size, values[0]), *values[1:])
        np.testing.assert_allclose(side_by_side.edge + side_by_side.distance, x, rtol=1e-15)


def test_a_level_as_close_to_q_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mass of the atom is 1 - 1/phi = q - 2^-105: q lies above it, at the edge of the band."""
    phi, q = 2.0 - 2.0**-51, np.array([0.5 - 2.0**-53])
    law = marchenko_pastur._FAMILY.prepared(phi, 1.0)
    edge = marchenko_pastur.support(phi)[0, 0]
    assert marchenko_pastur.quantile(q, phi).tolist() == [edge]
    assert marchenko_pastur.quantile(np.nextafter(q, 0.0), phi).tolist() == [0.0]
    monkeypatch.setattr(quantiles, "ROUNDING", double_double.ROUNDING)
    assert quantiles.quantile(law, q).tolist() == [0.0]


@pytest.mark.parametrize("eps", [9.349335118861861e-12, 0.1, 3.0])
def test_distances_from_both_ends_where_the_middle_of_the_band_is_singular(eps):
    law = relu_residual.law(eps=eps, phi=1.0)  # symmetric, |x|^(-1/3) at 0
    for q in (3.8129921694031924e-300, 1e-60, 1e-30, 1e-20, 1e-10, 0.3):
        lower, upper = law.ppf_from_edge(q), law.isf_from_edge(q)
        assert upper.edge == -lower.edge
        assert upper.distance == pytest.approx(-lower.distance, rel=1e-14, abs=0)
