"""Generated evaluators against certified values, over the whole domain of every model's parameters."""

from __future__ import annotations

import importlib
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import generated
from derive import load
from tests.quadrature import integral
from tests.strategies import Place, log_uniform, parameters, places, relative
from verify.precise import Law

MODELS = generated.MODELS
MODULES = {name: importlib.import_module(f"generated.{name}") for name in MODELS}
LOADED = {name: load(name) for name in MODELS}

every_model = pytest.mark.parametrize("name", MODELS)


def drawn(test: Any, examples: int, **extra: st.SearchStrategy[Any]) -> Any:
    """Run a test of (name, values, ...) for every model with parameters drawn from its declarations."""

    def run(name: str) -> None:
        strategy = parameters(LOADED[name])

        @settings(max_examples=examples)
        @given(values=strategy, **extra)
        def body(values: dict[str, float], **others: Any) -> None:
            test(name, values, **others)

        body()

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return every_model(run)


def law_and_module(name: str, values: dict[str, float]) -> tuple[Law, Any]:
    return Law(name, **values), MODULES[name]


def reach(law: Law) -> float:
    """Largest distance of the law's hull from 0."""
    ends = [float(abs(end.mid())) for band in law.bands() for end in band]
    atom = law.atom()
    return max([*ends, abs(float(atom[0])) if atom else 0.0])


def values_at_a_point(name: str, values: dict[str, float], place: Place, height: float) -> None:
    """Density, masses, potential and G, on the real axis and above it."""
    law, module = law_and_module(name, values)
    x = place.of(law)
    assert relative(module.density(x, **values), float(law.density(x).mid())) < 1e-12
    assert relative(module.cdf(x, **values), float(law.cdf(x).mid())) < 1e-13
    assert relative(module.sf(x, **values), float(law.sf(x).mid())) < 1e-13
    potential = float(law.log_potential(x).mid())
    assert abs(module.log_potential(x, **values) - potential) < 1e-13 * max(1, abs(potential))
    scale = reach(law) or 1.0
    for z in (complex(x, 0), complex(x, height * scale), complex(x, 1e-12 * height * scale)):
        wanted = complex(law.stieltjes(z))
        got = complex(module.stieltjes(z, **values))
        assert relative(got, wanted) < 1e-12
        assert got.imag == 0 or got.imag < 0
        assert module.stieltjes(z.conjugate(), **values) == got.conjugate() or z.imag == 0


test_values_at_a_point = drawn(values_at_a_point, 60, place=places(), height=log_uniform(1e-6, 1e2))


def shape_of_the_law(name: str, values: dict[str, float]) -> None:
    """Bands, atoms, mass at zero and index."""
    law, module = law_and_module(name, values)
    support = module.support(**values)
    support = support[~np.isnan(support[:, 0])]
    bands = law.bands()
    assert len(support) == len(bands)
    for got, wanted in zip(support.ravel(), [end for band in bands for end in band], strict=True):
        assert relative(got, float(wanted.mid())) < 1e-15 or abs(got) + abs(
            float(wanted.mid())
        ) < 1e-30 * reach(law)
    atom = law.atom()
    atoms = module.atoms(**values)
    atoms = atoms[~np.isnan(atoms[:, 0])]
    assert len(atoms) == (atom is not None)
    if atom is not None:
        assert abs(atoms[0, 0] - float(atom[0])) <= 1e-15 * reach(law)
        assert relative(atoms[0, 1], float(atom[1])) < 1e-14
    assert relative(module.mass_at_zero(**values), float(law.mass_at_zero().mid())) < 1e-14
    assert relative(module.index(**values), float(law.index().mid())) < 1e-13


test_shape_of_the_law = drawn(shape_of_the_law, 40)


def outside_and_inside(name: str, values: dict[str, float], inner: Place, outer: Place) -> None:
    """The density is positive inside a band, and where certified values say 0 it is exactly 0."""
    law, module = law_and_module(name, values)
    for place in (inner, outer):
        x = place.of(law)
        got = module.density(x, **values)
        assert (got > 0) == bool(law.density(x) > 0)
        assert got >= 0


test_outside_and_inside = drawn(outside_and_inside, 40, inner=places(inside=True), outer=places(inside=False))


def masses_and_moments_are_integrals(name: str, values: dict[str, float], fraction: float) -> None:
    """Quadrature of the density gives mass 1, the cdf in between, and the first moments."""
    law, module = law_and_module(name, values)
    support = module.support(**values)
    support = support[~np.isnan(support[:, 0])]
    atoms = module.atoms(**values)
    atoms = atoms[~np.isnan(atoms[:, 0])]
    scale = reach(law) or 1.0
    totals = np.array([np.sum(atoms[:, 1] * (atoms[:, 0] / scale) ** k) for k in range(4)])
    for low, high in support:
        totals += [
            integral(lambda x, k=k: module.density(x, **values) * (x / scale) ** k, low, high)
            for k in range(4)
        ]
        x = low + fraction * (high - low)
        below = integral(lambda t: module.density(t, **values), low, high, stop=x)
        at_edge = float(module.cdf(low, **values))
        assert abs(at_edge + below - module.cdf(x, **values)) < 1e-9
    moments = module.moments(3, **values) / scale ** np.arange(4)
    assert np.max(np.abs(totals - moments)) < 1e-9


test_masses_and_moments_are_integrals = drawn(
    masses_and_moments_are_integrals, 10, fraction=st.floats(0.01, 0.99)
)


def quantiles_invert_the_cdf(name: str, values: dict[str, float], levels: list[float]) -> None:
    """The cdf reaches q at the quantile and not before, up to rounding of the quantile."""
    law, module = law_and_module(name, values)
    low, *quantiles, high = module.quantile([0.0, *levels, 1.0], **values).tolist()
    for q, x in zip(levels, quantiles, strict=True):
        slack = 4e-16 * max(abs(x), 1e-3 * reach(law))
        assert float(law.cdf(x + slack).upper()) >= q * (1 - 1e-13)
        assert float(law.cdf(x - slack).lower()) <= q * (1 + 1e-13) or _at_an_atom(law, x)
        assert low <= x <= high


def _at_an_atom(law: Law, x: float) -> bool:
    atom = law.atom()
    return atom is not None and float(atom[0]) == x


LEVELS = st.one_of(st.floats(0.001, 0.999), log_uniform(1e-9, 0.5))
test_quantiles_invert_the_cdf = drawn(
    quantiles_invert_the_cdf, 10, levels=st.lists(LEVELS, min_size=5, max_size=5)
)


def moments_and_cumulants(name: str, values: dict[str, float]) -> None:
    """Against certified ones, and against each other through M(t) = 1 + sum kappa_n (t M)^n."""
    law, module = law_and_module(name, values)
    order = 8
    moments, cumulants = module.moments(order, **values), module.free_cumulants(order, **values)
    for got, wanted in zip(moments, law.moments(order), strict=True):
        assert relative(got, float(wanted.mid())) < 1e-13
    for got, wanted in zip(cumulants, law.free_cumulants(order), strict=True):
        assert relative(got, float(wanted.mid())) < 1e-13
    for n in range(1, order + 1):
        total, power = 0.0, np.ones(1)
        for k in range(1, n + 1):
            power = np.convolve(power, moments)[:n]
            total += cumulants[k - 1] * (power[n - k] if n - k < len(power) else 0.0)
        assert abs(total - moments[n]) <= 1e-13 * abs(moments[n])


test_moments_and_cumulants = drawn(moments_and_cumulants, 30)

SCALED = {
    "semicircle": {"sigma": 1},
    "marchenko_pastur": {"sigma": 1},
    "relu_residual": {"eps": 2},
    "relu_hessian": {"eps": 2, "sigma": 1},
}


@pytest.mark.parametrize("name", SCALED)
@settings(max_examples=10)
@given(data=st.data(), s=log_uniform(0.1, 10), inside=st.lists(places(inside=True), min_size=3, max_size=3))
def test_scaling(name: str, data: st.DataObject, s: float, inside: list[Place]) -> None:
    """x -> s x: sigma -> s sigma and eps -> s^2 eps."""
    values = data.draw(parameters(LOADED[name]))
    scaled = {key: value * s ** SCALED[name].get(key, 0) for key, value in values.items()}
    law, module = law_and_module(name, values)
    if not law.bands():
        assert module.quantile(0.5, **scaled) == s * module.quantile(0.5, **values)
        return
    assert relative(module.index(**scaled), module.index(**values)) < 1e-8
    for place in inside:
        z = complex(place.of(law), 0.1 * reach(law))
        assert relative(s * module.stieltjes(s * z, **scaled), module.stieltjes(z, **values)) < 1e-12
    levels = np.linspace(0.05, 0.95, 10)
    difference = module.quantile(levels, **scaled) - s * module.quantile(levels, **values)
    assert np.max(np.abs(difference)) < 1e-9 * s * reach(law)


@settings(max_examples=25)
@given(
    eps=log_uniform(1e-3, 1e2),
    phi=log_uniform(1e-2, 1e2),
    x=st.floats(-2, 4),
    height=log_uniform(0.2, 3),
)
def test_flow_of_the_energy(eps: float, phi: float, x: float, height: float) -> None:
    """d_eps G + 2 G d_z G = 0 for wishart_wigner, by sixth-order differences."""
    module = MODULES["wishart_wigner"]
    z = complex(x, height * math.sqrt(1 + eps))
    weights = np.array([-1, 9, -45, 0, 45, -9, 1]) / 60
    steps = np.arange(-3, 4)
    h, k = 2e-2 * abs(z.imag), 2e-2 * eps
    along_z = np.sum(weights * module.stieltjes(z + h * steps, eps, phi)) / h
    along_eps = np.sum(weights * module.stieltjes(z, eps + k * steps, phi)) / k
    g = module.stieltjes(z, eps, phi)
    assert abs(along_eps + 2 * g * along_z) < 1e-7 * abs(2 * g * along_z)


CORNERS = [
    ("wishart_wigner", {"eps": 0.02, "phi": 0.5}, "critical energy"),
    ("relu_hessian", {"eps": 0.02, "phi": 0.5, "sigma": 3.0}, "critical energy"),
    ("relu_hessian", {"eps": 0.02, "phi": 1e-5, "sigma": 1.0}, "critical energy"),
    ("wishart_wigner", {"eps": 0.02, "phi": 1 - 2**-20}, "critical energy"),
]


@pytest.mark.parametrize(("name", "values", "_what"), CORNERS)
@pytest.mark.parametrize("step", [-(2**-30), -(2**-50), 2**-50, 2**-30])
def test_beside_the_critical_energy(name: str, values: dict[str, float], _what: str, step: float) -> None:
    """Index and cdf at 0 keep their relative accuracy beside eps_c, where they vanish like a power 3/2."""
    module = MODULES[name]
    others = {key: value for key, value in values.items() if key != "eps"}
    energy = float(module.critical_energy(**others)) * (1 + step)
    values = {**values, "eps": energy}
    law = Law(name, **values)
    assert relative(module.index(**values), float(law.index().mid())) < 1e-12
    low = float(law.edges()[0].mid())
    for x in (0.0, low / 2, low * 0.9, -low, -1e6 * low):
        assert relative(module.density(x, **values), float(law.density(x).mid())) < 1e-12
        assert relative(module.cdf(x, **values), float(law.cdf(x).mid())) < 1e-12


@pytest.mark.parametrize("phi", [1.001, 2.0, 30.0])
@pytest.mark.parametrize("step", [0.0, -(2**-52), 2**-52, -1e-9, 1e-9])
@pytest.mark.parametrize("distance", [0.0, 1e-15, 1e-10, 1e-4])
def test_beside_a_cusp(phi: float, step: float, distance: float) -> None:
    """Bands that are about to merge, and the neck just after: eps = phi (phi^(1/3) - 1)^3 / 2."""
    module = MODULES["wishart_wigner"]
    values = {"eps": phi * (phi ** (1 / 3) - 1) ** 3 / 2 * (1 + step), "phi": phi}
    law = Law("wishart_wigner", **values)
    bands = law.bands()
    support = module.support(**values)
    assert np.sum(~np.isnan(support[:, 0])) == len(bands)
    # The cusp's place: the minimum of Phi between the poles 0 and phi.
    first, second = 2 * values["eps"], phi
    w = phi * first ** (1 / 3) / (first ** (1 / 3) + second ** (1 / 3))
    x = w + 1 + first / w + second / (w - phi)
    for point in (x * (1 + distance), x * (1 - distance)):
        assert relative(module.density(point, **values), float(law.density(point).mid())) < 1e-12
        assert relative(module.cdf(point, **values), float(law.cdf(point).mid())) < 1e-13


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("marchenko_pastur", {"phi": 1.0, "sigma": 1.0}),
        ("relu_residual", {"eps": 0.7, "phi": 1.0}),
        ("relu_hessian", {"eps": 0.7, "phi": 2.0, "sigma": 1.0}),
    ],
)
def test_singular_at_zero(name: str, values: dict[str, float]) -> None:
    """Density exactly infinite at 0, and accurate down to 1e-300 beside it."""
    law, module = law_and_module(name, values)
    assert module.density(0.0, **values) == math.inf
    for x in (1e-300, 1e-100, 1e-30, 1e-8, -1e-300, -1e-8):
        assert relative(module.density(x, **values), float(law.density(x).mid())) < 1e-12
        assert relative(module.cdf(x, **values), float(law.cdf(x).mid())) < 1e-12


def test_a_wrong_evaluator_is_caught() -> None:
    """The comparison is not vacuous: an error of 1e-11 in the energy shows."""
    values = {"eps": 0.05, "phi": 0.6}
    law = Law("wishart_wigner", **values)
    x = Place(band=0, upper=False, inside=True, exponent=-9).of(law)
    planted = MODULES["wishart_wigner"].density(x, 0.05 * (1 + 1e-11), 0.6)
    assert relative(planted, float(law.density(x).mid())) > 1e-12
