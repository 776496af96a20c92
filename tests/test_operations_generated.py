"""Modules of laws made by the operations: where other programs take a wrong branch, and closed forms."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import ModuleType

import algebraic_oracle as oracle
import numpy as np
import pytest
import sympy as sp

from derive import derive, load
from derive.laws import G
from derive.laws import z as Z
from tests.test_user_models import generated_module

MODELS = {
    "wigner_times_wishart": "(), expression=Wigner(1) @ Wishart('1/2')",
    "three_gaussians": "(), expression=Gram(Gaussian(1, 1) @ Gaussian(1, 1) @ Gaussian(1, 1))",
    "small_noise": "(), expression=Wishart('1/4') + Wigner('1/100')",
    "manova": "(share,), expression=Jacobi(share, 2 * share)",
    "noisy_projection": "(v,), expression=Gram(Factor(Projection('1/3'), columns=2) + v * Gaussian(1, 2))",
    "blocks": "(a,), expression=DirectSum((Wishart(a), Wigner(1) - 2), ('1/3', '2/3'))",
    "apart": "(share,), expression=DirectSum((Wishart('1/4'), Wigner(1) - 8), (share, 1 - share))",
    "noisy_thirds": "(), expression=Atoms((-1, 1, 3), ('1/3', '1/6', '1/2')) + Wigner('1/20')",
    "noisy_sevenths": "(), expression=Atoms((-6, 0, 5), ('1/7', '3/7', '3/7')) + Wigner('1/2')",
    "inverse": "(), expression=Wishart('1/2').inverse() + Wigner(1)",
    "commutator": "(a,), expression=Commutator(Wigner(1), Wigner(a))",
    "compound": "(a,), expression=FreePoisson(a, Wigner(1) + 1)",
}


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModuleType]:
    """Made when first asked for."""
    made: dict[str, ModuleType] = {}

    class Maker(dict[str, ModuleType]):
        def __missing__(self, name: str) -> ModuleType:
            with pytest.MonkeyPatch.context() as patch:
                share = 'share = Parameter("share", domain="(0, 1)", typical=(0.2, 0.8))'
                body = f'{share}\nMODEL = Model("t", {MODELS[name]})'
                self[name] = generated_module(tmp_path_factory.mktemp(name), name, body, patch)
            return self[name]

    return Maker(made)


def rows_of(module: ModuleType, *parameters: Fraction) -> oracle.Rows:
    """The coefficients of the module's equation, for the oracle."""
    g, z = sp.symbols("g z")
    polynomial = sp.Poly(module.equation(g, z, *(sp.Rational(p) for p in parameters)), g, z)
    degrees = polynomial.degree(g), polynomial.degree(z)
    return [
        [Fraction(str(polynomial.coeff_monomial(g**i * z**j))) for j in range(degrees[1] + 1)]
        for i in range(degrees[0] + 1)
    ]


def largest_imaginary_part(rows: oracle.Rows, x: float) -> complex:
    """The branch that is often taken for the law's."""
    coefficients = [sum(float(c) * x**j for j, c in enumerate(row)) for row in rows]
    return min(np.roots(coefficients[::-1]), key=lambda root: root.imag)


def test_wigner_times_wishart_where_the_largest_imaginary_part_is_wrong(
    modules: dict[str, ModuleType],
) -> None:
    module = modules["wigner_times_wishart"]
    law = module.law()
    (low, high), rows = law.support(), rows_of(module)
    x = np.linspace(low, high, 161)[1:-1]
    density = law.pdf(x)
    expected = np.array([-oracle.stieltjes(rows, t).imag / np.pi for t in x[7::24]])
    np.testing.assert_allclose(density[7::24], expected, rtol=1e-11)
    rival = np.array([-largest_imaginary_part(rows, t).imag / np.pi for t in x])
    assert np.mean(np.abs(rival - density) > 1e-3 * density) > 0.9


def test_fuss_catalan_density_of_three_factors(modules: dict[str, ModuleType]) -> None:
    """x = sin(4 t)^4/(sin t sin(3 t)^3), density sin(t)^2 sin(3 t)^2/(pi sin(4 t)^3), 0 < t < pi/4."""
    module = modules["three_gaussians"]
    law = module.law()
    t = np.linspace(0.01, np.pi / 4 - 0.01, 161)
    x = np.sin(4 * t) ** 4 / (np.sin(t) * np.sin(3 * t) ** 3)
    expected = np.sin(t) ** 2 * np.sin(3 * t) ** 2 / (np.pi * np.sin(4 * t) ** 3)
    np.testing.assert_allclose(law.pdf(x), expected, rtol=1e-11)
    assert law.support() == (0, pytest.approx(256 / 27, rel=1e-15))
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-12)
    rows = rows_of(module)
    rival = np.array([-largest_imaginary_part(rows, s).imag / np.pi for s in x])
    assert np.mean(np.abs(rival - expected) > 1e-3 * expected) > 0.5


def test_a_semicircle_of_small_variance_on_points_that_reach_both_edges(
    modules: dict[str, ModuleType],
) -> None:
    module = modules["small_noise"]
    x = np.linspace(0, 2.3, 200)
    density, rows = module.density(x), rows_of(module)
    inside = (x > module.support()[0, 0]) & (x < module.support()[0, 1])
    some = np.flatnonzero(inside)[[0, 1, 20, 60, 100, 140, -2, -1]]
    expected = np.array([-oracle.stieltjes(rows, t).imag / np.pi for t in x[some]])
    np.testing.assert_allclose(density[some], expected, rtol=1e-11)
    # the cubic has one complex pair inside, and none outside
    every = [abs(largest_imaginary_part(rows, t).imag) / np.pi for t in x[inside]]
    np.testing.assert_allclose(density[inside], every, rtol=1e-6)
    assert np.all(density[~inside] == 0)
    assert 150 < inside.sum() < 200


def test_manova_is_wachters_density(modules: dict[str, ModuleType]) -> None:
    a, b = 0.5, 1.0
    module, root = modules["manova"], np.sqrt(a + b - a * b)
    edges = sorted(b * (root + sign * a) ** 2 / (a + b) ** 2 for sign in (1, -1))
    np.testing.assert_allclose(module.support(a), [edges], rtol=1e-14)
    x = np.linspace(*edges, 50)[1:-1]
    wanted = (1 / a + 1 / b) * np.sqrt((x - edges[0]) * (edges[1] - x)) / (2 * np.pi * x * (1 - x))
    np.testing.assert_allclose(module.density(x, a), wanted, rtol=1e-11)
    assert module.mass_at_zero(a) == 0


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("noisy_projection", (0.5,)),
        ("blocks", (0.5,)),
        ("inverse", ()),
        ("commutator", (2,)),
        ("compound", (0.5,)),
    ],
)
def test_the_law_solves_its_equation_and_has_its_moments(
    modules: dict[str, ModuleType], name: str, parameters: tuple[float, ...]
) -> None:
    module = modules[name]
    law = module.law(*parameters)
    rows = rows_of(module, *(Fraction(p) for p in parameters))
    for low, high in law.bands():
        x = low + (high - low) * np.array([0.1, 0.4, 0.7])
        expected = [-oracle.stieltjes(rows, t).imag / np.pi for t in x]
        np.testing.assert_allclose(law.pdf(x), expected, rtol=1e-10)
    assert law.expect(np.ones_like) == pytest.approx(1, abs=1e-11)
    moments = module.moments(4, *parameters)
    for order in range(1, 5):
        assert law.expect(lambda t, n=order: t**n) == pytest.approx(moments[order], rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("name", ["noisy_projection", "blocks", "compound", "manova"])
def test_the_module_holds_the_equation_that_was_derived(name: str, modules: dict[str, ModuleType]) -> None:
    module = modules[name]
    model = load(Path(module.__file__ or "").parent.parent / f"{name}.py")
    g, z = sp.symbols("g z")
    (symbol,) = (parameter.symbol for parameter in model.parameters)
    derived = derive(model).equation.subs({G: g, Z: z}, simultaneous=True)
    assert sp.expand(module.equation(g, z, symbol) - derived) == 0


@pytest.mark.parametrize(
    ("name", "parameters", "levels"),
    [
        ("apart", (0.3,), ["7/10"]),
        ("apart", (1 / 7,), ["6/7"]),
        ("apart", (0.999,), ["1/1000"]),
        ("noisy_thirds", (), ["1/3", "1/2"]),
        ("noisy_sevenths", (), ["1/7", "4/7"]),
    ],
)
def test_the_level_of_a_gap_is_rational_and_its_quantile_the_edge_below(
    name: str, parameters: tuple[float, ...], levels: list[str], modules: dict[str, ModuleType]
) -> None:
    """Summed over its bands a level may be an ulp or two off, and then the quantile jumps the gap."""
    law = modules[name].law(*parameters)
    for exact, (_, left), (right, _) in zip(levels, law.bands()[:-1], law.bands()[1:], strict=True):
        below, above = float(Fraction(exact)), float(1 - Fraction(exact))
        inside = np.linspace(left, right, 7)[1:-1]
        assert (law.cdf(inside) == below).all()
        assert (law.sf(inside) == above).all()
        assert law.ppf(below) == left
        assert law.isf(above) == left
        assert law.ppf(np.nextafter(below, 1)) >= right
        assert law.isf(np.nextafter(above, 0)) >= right


def test_atoms_of_a_compound_law(modules: dict[str, ModuleType]) -> None:
    """Jumps arrive at the rate 1/2: the other half of the spectrum is 0."""
    assert modules["compound"].mass_at_zero(0.5) == pytest.approx(0.5, rel=1e-14)
    assert Path(modules["compound"].__file__ or "").name == "compound.py"
