"""The models of algebraic laws that ship: equations, moments, numerics, limits and matrices."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from pathlib import Path
from types import ModuleType
from typing import Any

import algebraic_oracle as oracle
import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derive
import generated
from derive import Parameter, load, names
from derive.algebra.expansions import cumulants_from_moments, moments_from_cumulants
from derive.analysis import fuss_catalan
from derive.derivation import CertificateError
from derive.laws import Algebraic, G, Levy, z
from derive.typesetting.text import derivation_text
from generated import fuss_catalan_3, relu_residual, two_layer_residual
from tests.derived import derivation_of
from verify import Sampler, Test, realised, sample
from verify.fluctuations import calibrated
from verify.networks.activations import LINEAR, RELU, Activation
from verify.networks.distance import quantiles, wasserstein
from verify.networks.network import Network, initial_weights
from verify.networks.spectra import residual_spectrum, tolerance

MODULES: dict[str, ModuleType] = {
    name: importlib.import_module(f"generated.{name}") for name in generated.ALGEBRAIC
}
FACTORS = (2, 3, 4, 5, 6)
every_model = pytest.mark.parametrize("name", generated.ALGEBRAIC)


def test_registry_holds_kinds_apart() -> None:
    """A folder holds the laws of its kind alone."""
    assert names("algebraic") == generated.ALGEBRAIC
    assert not set(generated.ALGEBRAIC) & set(generated.MODELS)
    for name in names():
        assert isinstance(derivation_of(name).law, Levy)
    for name in names("algebraic"):
        assert isinstance(derivation_of(name).law, Algebraic)
        assert f"from derive/models/algebraic/{name}.py" in (MODULES[name].__doc__ or "")


@every_model
def test_the_module_holds_the_equation_that_was_derived(name: str) -> None:
    derivation = derivation_of(name)
    symbols = [parameter.symbol for parameter in load(name).parameters]
    found = MODULES[name].equation(G, z, *symbols)
    assert sp.expand(found - derivation.equation) == 0
    rows = MODULES[name]._coefficients(*symbols).rows
    table = sum(c * G**i * z**j for i, row in enumerate(rows) for j, c in enumerate(row))
    assert sp.expand(table - derivation.equation) == 0


PAGE = (Path(__file__).resolve().parent.parent / "docs" / "models.md").read_text(encoding="utf-8")


def test_the_page_lists_the_models() -> None:
    table = PAGE.split("## Algebraic laws")[1].split("The derivations")[0]
    listed = set(re.findall(r"`(\w+)`", table))
    assert listed - {"fuss_catalan_2"} <= set(names("algebraic"))
    assert {name for name in names("algebraic") if not name.startswith("fuss_catalan")} <= listed


@pytest.mark.parametrize("line", re.findall(r"^    expression = ([^#\n]+)", PAGE, re.MULTILINE))
def test_any_law_plus_noise_is_one_line(line: str) -> None:
    """The page's expressions have a law; the first two are those of the models."""
    a, f = (
        Parameter("a", domain="(0, 1)", typical=(0.2, 0.8)),
        Parameter("f", domain="(0, 1)", typical=(0.2, 0.8)),
    )
    mass = Parameter("mass", domain="(0, 1)", typical=(0.1, 0.9))
    place, variance, phi = Parameter("place"), Parameter("variance"), Parameter("phi")
    scope = {name: getattr(derive, name) for name in derive.__all__}
    given = {"a": a, "f": f, "mass": mass, "place": place, "variance": variance, "phi": phi}
    expression = eval(line, scope, given)
    used = tuple(p for p in given.values() if p.symbol in expression.free_symbols)
    law = derive.law_of(derive.Model("a line", used, expression))
    assert isinstance(law, Algebraic)
    shipped = {
        "Atoms((0, place), (1 - mass, mass)) + " + part: name
        for part, name in (("Wigner(variance)", "deformed_wigner"), ("Wishart(phi)", "deformed_wishart"))
    }
    if line.strip() in shipped:
        assert law.polynomial == derivation_of(shipped[line.strip()]).equation


# --- moments, by routes that never see the equation --------------------------------------------------

Series = list[Fraction]


def lagrange(factors: list[tuple[Any, Any]], scale: Any, n: int) -> Series:
    """m_1 .. m_n of a law with 1/z = t/((1 + t) product of (a + b t) scale): [t^(k-1)] phi(t)^k / k."""
    t = sp.Symbol("t")
    phi = sp.Poly(
        sp.Rational(scale) * (1 + t) * sp.prod([sp.Rational(a) + sp.Rational(b) * t for a, b in factors]), t
    )
    return [Fraction(str((phi**k).coeff_monomial(t ** (k - 1)))) / k for k in range(1, n + 1)]


def two_places(low: Fraction, high: Fraction, mass: Fraction, n: int) -> Series:
    return [(1 - mass) * low**k + mass * high**k for k in range(1, n + 1)]


def plus(moments: Series, cumulants: Series) -> Series:
    """Moments of a free sum, from those of one part and the free cumulants of the other."""
    own = cumulants_from_moments(moments, Fraction(0), Fraction(1))
    both = [a + b for a, b in zip(own, cumulants, strict=True)]
    return moments_from_cumulants(both, Fraction(0), Fraction(1))


def deformed_wigner(n: int, mass: Fraction, place: Fraction, variance: Fraction) -> Series:
    return plus(two_places(Fraction(0), place, mass, n), [variance * (k == 2) for k in range(1, n + 1)])


def deformed_wishart(n: int, mass: Fraction, place: Fraction, phi: Fraction) -> Series:
    return plus(two_places(Fraction(0), place, mass, n), [phi ** (k - 1) for k in range(1, n + 1)])


def sample_covariance(n: int, mass: Fraction, place: Fraction, phi: Fraction) -> Series:
    """X' A X/p, of p rows, is a compound free Poisson of rate phi and jumps A; N rows have 1/phi of that."""
    jumps = two_places(Fraction(1), place, mass, n)
    return [m / phi for m in moments_from_cumulants([phi * m for m in jumps], Fraction(0), Fraction(1))]


def two_layer(n: int, eps: Fraction, phi: Fraction, kept: Fraction, a: Fraction, b: Fraction) -> Series:
    """Odd moments vanish, even ones are 2 r times those of the Gram matrix of r N rows."""
    r, k, scale = b / (a + b), kept / (phi * b), 2 * eps * (phi * b) ** 2
    gram = lagrange([(k, r), (1 - r, r)], scale, n // 2)
    return [2 * r * gram[i // 2 - 1] if i % 2 == 0 else Fraction(0) for i in range(1, n + 1)]


@dataclass(frozen=True)
class Case:
    """Parameters that are exact in doubles, and the moments there."""

    values: tuple[Fraction, ...]
    moments: Callable[..., Series]


def F(*values: Any) -> tuple[Fraction, ...]:
    return tuple(Fraction(value) for value in values)


CASES = {
    "wishart_product": Case(F("1/2", "5/4"), lambda n, a, b: lagrange([(1, a), (1, b)], 1, n)),
    "deformed_wigner": Case(F("3/8", "5/2", "1/4"), deformed_wigner),
    "deformed_wishart": Case(F("3/8", "5/2", "1/4"), deformed_wishart),
    "sample_covariance": Case(F("3/8", "5/2", "3/4"), sample_covariance),
    "two_layer_residual": Case(F("1/2", "3/4", "3/4", "1/2", "5/4"), two_layer),
} | {
    f"fuss_catalan_{L}": Case(
        (), lambda n, L=L: [Fraction(comb((L + 1) * k, k), L * k + 1) for k in range(1, n + 1)]
    )
    for L in FACTORS
}  # fmt: skip


@every_model
def test_moments_by_another_route(name: str) -> None:
    """The polynomial's expansion at infinity, and the module's, to order 12."""
    case = CASES[name]
    values = dict(zip((p.symbol for p in load(name).parameters), map(sp.Rational, case.values), strict=True))
    wanted = case.moments(12, *case.values)
    form = derivation_of(name).closed_forms["moments"](6)
    assert [Fraction(str(sp.cancel(m.subs(values)))) for m in form[1:]] == wanted[:6]
    found = MODULES[name].moments(12, *map(float, case.values))
    np.testing.assert_allclose(found[1:], [float(m) for m in wanted], rtol=1e-14, atol=1e-14)


# --- densities against certified values --------------------------------------------------------------


def certified(module: ModuleType, values: tuple[Fraction, ...], x: float) -> float:
    """The density where one pair of roots is complex, as there is in a band of a cubic, from 40 digits."""
    rows = [[Fraction(value) for value in row] for row in module._coefficients(*values).rows]
    with mpmath.workdps(40):
        below = [
            root
            for root in oracle.roots(rows, mpmath.mpf(x))
            if root.imag < -abs(root) * mpmath.mpf(10) ** -30
        ]
        assert len(below) == 1
        return float(-below[0].imag / mpmath.pi)


ELSEWHERE = {
    "wishart_product": [F("1/8", "1/16"), F(3, "1/2"), F(1, 2), F(1, "3/32"), F("119/32", "147/64")],
    "deformed_wigner": [F("1/2", 3, "1/2"), F("1/16", 8, 1), F("1/2", "1/8", 4)],
    "deformed_wishart": [F("1/2", 4, "1/8"), F("7/8", "1/2", 2), F("1/2", 1, 1)],
    "sample_covariance": [F("1/8", 8, "1/4"), F("1/2", "1/4", 1), F("1/2", 3, 3)],
    "two_layer_residual": [F(1, "1/4", 1, 2, 1), F("1/4", 2, "1/2", 1, 1), F(1, 1, "1/4", 4, "1/2")],
}


@pytest.mark.parametrize(
    ("name", "values"),
    [(name, case.values) for name, case in CASES.items()]
    + [(name, values) for name, many in ELSEWHERE.items() for values in many],
)
def test_densities_and_masses(name: str, values: tuple[Fraction, ...]) -> None:
    """Cubics against certified values from edge to edge; the others have a closed form below."""
    law = MODULES[name].law(*map(float, values))
    assert law.uncertified == ()
    assert law.cdf(np.inf) == pytest.approx(1, abs=1e-12)
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-12)
    assert law.expect() == pytest.approx(law.mean(), rel=1e-11, abs=1e-12)
    if len(MODULES[name]._coefficients(*values).rows) > 4:
        return
    for low, high in law.bands():
        x = low + (high - low) * np.array([1e-9, 1e-3, 0.2, 0.4, 0.61, 0.999, 1 - 1e-9])
        wanted = [certified(MODULES[name], values, t) for t in x]
        np.testing.assert_allclose(law.pdf(x), wanted, rtol=1e-11)
        assert np.all(law.pdf([low - 1e-9 * (high - low), high + 1e-9 * (high - low)]) == 0)


@pytest.mark.parametrize("factors", FACTORS)
def test_fuss_catalan_density(factors: int) -> None:
    """x = sin((L+1) t)^(L+1) / (sin t sin(L t)^L), density sin(t)^2 sin(L t)^(L-1) / (pi sin((L+1) t)^L)."""
    L, law = factors, MODULES[f"fuss_catalan_{factors}"].law()
    t = np.linspace(0, np.pi / (L + 1), 400)[20:-1]  # x itself is rounded, which tells next to the edge
    x = np.sin((L + 1) * t) ** (L + 1) / (np.sin(t) * np.sin(L * t) ** L)
    wanted = np.sin(t) ** 2 * np.sin(L * t) ** (L - 1) / (np.pi * np.sin((L + 1) * t) ** L)
    np.testing.assert_allclose(law.pdf(x), wanted, rtol=1e-11)
    low, high = law.support()
    assert low == 0
    assert high == pytest.approx((L + 1) ** (L + 1) / L**L, rel=1e-15)
    tiny = np.array([1e-60, 1e-90])
    limit = np.sin(np.pi / (L + 1)) / np.pi * tiny ** (-L / (L + 1))
    np.testing.assert_allclose(law.pdf(tiny), limit, rtol=1e-7)


@pytest.mark.parametrize("name", ["fuss_catalan_2", "fuss_catalan_6", "wishart_product"])
def test_quantiles_of_tiny_levels(name: str) -> None:
    """Next to 0, where the density is x^(-L/(L+1)) or the edge is soft, relatively."""
    law = MODULES[name].law(*map(float, CASES[name].values))
    q = np.array([1e-40, 1e-20, 1e-12, 1e-6, 0.01])
    if name == "wishart_product":
        low = law.support()[0]
        assert law.atoms().tolist() == [[0, pytest.approx(0.2)]]
        q = law.cdf(low + (law.std() * np.array([1e-6, 1e-3])))
    np.testing.assert_allclose(law.cdf(law.ppf(q)), q, rtol=1e-12)
    high = law.support()[1]
    for level in (1e-30, 1e-9, 0.3, 0.7):
        edge, distance = law.isf_from_edge(level)
        assert law.isf(level) == pytest.approx(edge + distance, rel=1e-15)
        if level < 1e-3:  # a soft edge: the mass is c distance^(3/2)
            assert edge == high
            ratio = level / law.sf(high - 1e-6) * (1e-6 / -distance) ** 1.5
            assert ratio == pytest.approx(1, abs=1e-5)
        else:
            assert law.sf(law.isf(level)) == pytest.approx(level, rel=1e-13)
    assert law.isf([0, 1, np.nan, 2]).tolist()[:2] == [high, law.support()[0]]
    assert np.isnan(law.isf([np.nan, 2])).all()


# --- what is derived for every L, and for every ratio ---------------------------------------------------


@pytest.mark.parametrize("factors", FACTORS)
def test_derivations_with_symbolic_factors(factors: int) -> None:
    forms = derivation_of(f"fuss_catalan_{factors}").closed_forms
    assert forms["factors"] == factors
    assert forms["mass_at_zero"] == 0
    x, density = (sp.lambdify(fuss_catalan.ANGLE, part, "numpy") for part in forms["density_curve"])
    angle = np.linspace(0.1, 0.9, 9) * np.pi / (factors + 1)
    np.testing.assert_allclose(
        MODULES[f"fuss_catalan_{factors}"].density(x(angle)), density(angle), rtol=1e-12
    )
    shown = derivation_text(derivation_of(f"fuss_catalan_{factors}"))
    assert "binomial(n (1 + L), n)/(1 + L n)" in shown
    assert "(1 + L)^(1 + L) L^(−L)" in shown


def test_wrong_powers_and_moments_are_refused() -> None:
    t, factors = sp.symbols("t L", positive=True)
    fuss_catalan.SamePower(
        (1 + 1 / factors) ** (factors + 1) * factors, (factors + 1) ** (factors + 1) / factors**factors
    ).check()
    with pytest.raises(CertificateError):
        fuss_catalan.SamePower((1 + t) ** factors, (1 + t) ** (factors - 1)).check()
    law = derivation_of("fuss_catalan_3").law
    assert isinstance(law, Algebraic)
    with pytest.raises(CertificateError, match="m_2"):
        fuss_catalan.Raney(law, 2).check()
    assert fuss_catalan._factors(law, law.polynomial + G) is None
    assert "factors" not in derivation_of("wishart_product").closed_forms


def test_the_atom_at_zero_by_the_ratios() -> None:
    phi_1, phi_2 = (parameter.symbol for parameter in load("wishart_product").parameters)
    assert derivation_of("wishart_product").closed_forms["mass_at_zero"] == 1 - sp.Min(
        1, 1 / phi_1, 1 / phi_2
    )
    a, b, c = (Parameter(name) for name in "abc")
    three = derive.Gaussian(1, a) @ derive.Gaussian(a, b) @ derive.Gaussian(b, c)
    model = derive.Model("Three rectangular factors", (a, b, c), derive.Gram(three))
    found = derive.derive(model).closed_forms["mass_at_zero"]
    assert found == 1 - sp.Min(1, a.symbol, b.symbol, c.symbol)
    for name in ("deformed_wigner", "two_layer_residual", "marchenko_pastur"):
        assert "mass_at_zero" not in derivation_of(name).closed_forms


# --- limits and special cases --------------------------------------------------------------------------


@pytest.mark.parametrize(("eps", "phi"), [(0.5, 0.5), (1.25, 1.0), (0.125, 2.5), (1.0, 1 - 2.0**-30)])
def test_half_kept_at_equal_widths_is_the_relu_residual(eps: float, phi: float) -> None:
    law, wanted = two_layer_residual.law(eps, phi), relu_residual.law(eps, phi)
    x = np.linspace(*wanted.support(), 42)[1:-1]
    np.testing.assert_allclose(law.pdf(x), wanted.pdf(x), rtol=1e-12)
    np.testing.assert_allclose(law.cdf(x), wanted.cdf(x), rtol=1e-13)
    np.testing.assert_allclose(law.atoms(), wanted.atoms(), rtol=1e-14)
    model = load("two_layer_residual")
    half = {p.symbol: sp.Rational(p.default) for p in model.parameters if p.default is not None}
    quotient = sp.cancel(
        derivation_of("two_layer_residual").equation.subs(half) / derivation_of("relu_residual").equation
    )
    assert quotient.free_symbols <= {z}


def test_a_linear_network_keeps_all() -> None:
    """Both kept shares have one law where kept / phi is the same, but for the size of the residuals."""
    x = np.linspace(-3, 3, 31)
    linear = two_layer_residual.density(x, 0.5, 1.0, 1.0)
    np.testing.assert_allclose(linear, two_layer_residual.density(x, 2.0, 0.5, 0.5), rtol=1e-13)
    np.testing.assert_allclose(linear, relu_residual.density(x, 2.0, 0.5), rtol=1e-13)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_atoms_at_zero(data: st.DataObject) -> None:
    """What the narrowest factor leaves; a drawn law has mass 1 and moments that its density has, too."""
    ratio = st.floats(-2.5, 2.5).map(lambda t: float(np.exp(t)))
    phi_1, phi_2 = data.draw(ratio), data.draw(ratio)
    wanted = 1 - min(1, 1 / phi_1, 1 / phi_2)
    assert MODULES["wishart_product"].mass_at_zero(phi_1, phi_2) == pytest.approx(
        wanted, rel=1e-12, abs=1e-15
    )
    kept, a, b = data.draw(st.floats(0.01, 1)), data.draw(ratio), data.draw(ratio)
    r, k = b / (a + b), kept / (phi_1 * b)
    found = two_layer_residual.mass_at_zero(0.5, phi_1, kept, a, b)
    assert found == pytest.approx(1 - 2 * min(r, 1 - r, k), rel=1e-11, abs=1e-14)


def test_atoms_at_zero_of_several_laws() -> None:
    """A law without an atom before one that has one: the first once decided that all are whole numbers."""
    found = MODULES["wishart_product"].mass_at_zero([0.5, 3.0], [[0.5], [4.0]])
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [[0, 2 / 3], [3 / 4, 3 / 4]], rtol=1e-14)


def drawn(parameter: Any) -> st.SearchStrategy[float]:
    """Shares over their domain and its closed ends, others over five decades and where shapes change."""
    if parameter.domain == "(0, oo)":
        special = [0.25, 0.5, 1.0, 1 - 2.0**-30, 1 + 2.0**-40, 2.0, 4.0]
        return st.one_of(st.floats(-6, 6).map(lambda t: float(np.exp(t))), st.sampled_from(special))
    special = [0.25, 0.5, 0.75, 1.0] if parameter.interval.closed_high else [0.25, 0.5, 0.75]
    return st.one_of(st.floats(1e-3, 1 - 1e-3), st.sampled_from(special))


@pytest.mark.parametrize("name", [name for name in generated.ALGEBRAIC if MODULES[name].PARAMETERS])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_laws_all_over_the_domain(name: str, data: st.DataObject) -> None:
    """Nothing is left uncertified, the mass is 1, the mean that of the equation, quantiles go back."""
    values = [data.draw(drawn(parameter)) for parameter in load(name).parameters]
    law = MODULES[name].law(*values)
    assert law.uncertified == ()
    assert law.cdf(np.inf) == pytest.approx(1, abs=1e-12)
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-11)
    size = max(map(abs, law.support()))
    assert law.expect() == pytest.approx(law.mean(), rel=1e-10, abs=1e-12 * size)
    q = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    below, at = law.cdf(np.nextafter(law.ppf(q), -np.inf)), law.cdf(np.nextafter(law.ppf(q), np.inf))
    assert np.all(below <= q + 1e-9)
    assert np.all(at >= q - 1e-9)


# --- matrices --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OfModule:
    """What `verify.spectra` asks of a law, from a module: G at a point."""

    module: ModuleType
    values: dict[str, float]

    def stieltjes(self, point: complex, bits: int) -> complex:
        return complex(self.module.stieltjes(point, **self.values))


SAMPLED = {
    "fuss_catalan_2": ({}, None),
    "fuss_catalan_4": ({}, None),
    "wishart_product": ({"phi_1": 0.5, "phi_2": 1.25}, ("phi_2", 1.0)),
    "deformed_wigner": ({"mass": 0.25, "place": 3.0, "variance": 0.5}, ("variance", 0.4)),
    "deformed_wishart": ({"mass": 0.25, "place": 3.0, "phi": 0.5}, ("phi", 0.4)),
    "sample_covariance": ({"mass": 0.25, "place": 4.0, "phi": 0.5}, ("place", 3.2)),
    "two_layer_residual": (
        {"eps": 0.5, "phi": 0.5, "kept": 0.75, "inputs": 1.0, "outputs": 3.0},
        ("kept", 0.9375),
    ),
}


@pytest.mark.parametrize("name", SAMPLED)
def test_spectra_of_matrices(name: str) -> None:
    """Three spectra pass `verify.spectra`; the law of a parameter about 20 % off does not."""
    values, wrong = SAMPLED[name]
    model, rows = load(name), 240
    assert realised(model, rows, **values) == pytest.approx(values)
    law: Any = OfModule(MODULES[name], values)
    frozen = MODULES[name].law(**values)
    low, high = frozen.support()
    points = low + (high - low) * np.array([0.05, 0.2, 0.4, 0.6, 0.8, 1.0]) + 0.25j * frozen.std()
    rng = np.random.default_rng(26)
    small = calibrated(model, law, points, 1, n=80, samples=150, rng=rng, **values)
    test = Test.of(model, law, rows, calibration=small)
    spectra = Sampler(model, rows, **values).spectra(rng, 3)
    assert all(test(spectrum).accepted for spectrum in spectra)
    if wrong is not None:
        other: Any = OfModule(MODULES[name], values | dict([wrong]))
        refused = Test.of(
            model,
            other,
            rows,
            calibration=calibrated(model, other, points, 1, n=80, samples=150, rng=rng, **other.values),
        )
        assert not any(refused(spectrum).accepted for spectrum in spectra)


ADDED = {
    "deformed_wigner": ({"mass": 0.25, "place": 2.0, "variance": 0.5}, 3.0),
    "fuss_catalan_2": ({}, 9.0),
    "two_layer_residual": ({"eps": 0.5, "phi": 0.5, "kept": 0.75, "inputs": 1.0, "outputs": 3.0}, 3.0),
}


@pytest.mark.parametrize("name", ADDED)
def test_added_spikes(name: str) -> None:
    """The largest eigenvalue of A + theta v v' and its overlap, means of 24 matrices, within 5 errors."""
    values, theta = ADDED[name]
    n, count, rng = 320, 24, np.random.default_rng(38)
    found: dict[str, list[float]] = {"place": [], "overlap": []}
    for _ in range(count):
        v = rng.standard_normal(n)
        v /= np.linalg.norm(v)
        eigenvalues, vectors = np.linalg.eigh(sample(load(name), n, rng, **values) + theta * np.outer(v, v))
        found["place"].append(float(eigenvalues[-1]))
        found["overlap"].append(float((v @ vectors[:, -1]) ** 2))
    law, wrong = (MODULES[name].outliers(t, **values) for t in (theta, 0.8 * theta))
    for what, numbers in found.items():
        allowed = 5 * np.std(numbers, ddof=1) / np.sqrt(count) + 3 / n * getattr(law, what)
        assert abs(np.mean(numbers) - getattr(law, what)) < allowed
        assert abs(np.mean(numbers) - getattr(wrong, what)) > allowed


@pytest.mark.parametrize("activation", [RELU, LINEAR], ids=lambda activation: activation.name)
@pytest.mark.parametrize(("n0", "n1", "n2", "m"), [(90, 30, 30, 60), (24, 16, 72, 144)])
def test_networks_of_unequal_widths(n0: int, n1: int, n2: int, m: int, activation: Activation) -> None:
    """H1 with overwritten residuals: the zeros that n0 != n2 and few examples leave, and the distance from
    the law in its standard deviations, which that from a law of a phi 20 % off exceeds."""
    rng = np.random.default_rng(7)
    inputs, noise = rng.standard_normal((n0, m)), rng.standard_normal((n2, m))
    network = Network(*initial_weights(n0, n1, n2, rng), inputs, noise, activation).with_residuals(noise)
    kept = 0.5 if activation is RELU else 1.0
    values = np.sort(residual_spectrum(network) / np.sqrt(network.energy))

    def distance(phi: float) -> float:
        law = two_layer_residual.law(1.0, phi, kept, n0 / n1, n2 / n1)
        return float(wasserstein(values, quantiles(law, len(values)))) / float(law.std())

    assert distance(network.ratio) < 0.04
    assert min(distance(0.8 * network.ratio), distance(1.25 * network.ratio)) > 2 * distance(network.ratio)
    zeros = np.mean(np.abs(values) <= tolerance(values))
    exact = two_layer_residual.mass_at_zero(1.0, network.ratio, kept, n0 / n1, n2 / n1)
    assert zeros == pytest.approx(exact, abs=0.04 if kept < 1 else 1e-12)  # units keep m/2 +- sqrt(m)/2


def test_a_multiplicative_spike_at_its_threshold_has_no_outlier() -> None:
    """Three square factors: theta = 3 exactly, where the place is the edge 256/27 and the overlap 0."""
    found = np.array(fuss_catalan_3.multiplicative_outliers([3.0, 3.0 + 1e-6]))
    assert np.isnan(found[:, 0]).all()
    assert found[1, 1] > 0
