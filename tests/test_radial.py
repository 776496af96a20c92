"""Complex eigenvalues of products of Gaussian matrices: equation, module, matrix and page."""

from __future__ import annotations

import importlib
import math
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import generated
from derive import Eigenvalues, Gaussian, Gram, ModelError, Parameter, Wishart, derive, load
from derive.analysis import radial_law as radial
from derive.derivation import CertificateError
from derive.emission.page import html, tex
from derive.generate import for_file, write
from derive.language.model import Model, names
from derive.laws import Radial
from derive.typesetting.text import derivation_text
from generated import gaussian_product
from generated._runtime.radial import RadialFamily
from verify import Sampler, Test

THREE = """
from derive import Eigenvalues, Gaussian, Model, Parameter
a, b = Parameter("a"), Parameter("b")
product = Gaussian(1, a, 2) @ Gaussian(a, b) @ Gaussian(b, 1, 3)
MODEL = Model("Three factors", (a, b), Eigenvalues(product))
"""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module of a user's file: three factors of two free sizes."""
    folder = tmp_path_factory.mktemp("radial")
    file = folder / "three_factors.py"
    file.write_text(THREE, encoding="utf-8")
    files = for_file(file, folder / "radial_laws")
    assert 'RADIAL = ("three_factors",)' in files["__init__.py"]
    write(files, folder / "radial_laws")
    sys.path.insert(0, str(folder))
    yield importlib.import_module("radial_laws.three_factors")
    sys.path.remove(str(folder))


# --- numerics --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.05, 0.75, 1.0, 1.0 + 2.0**-40, 4.0, 300.0])
def test_two_factors_in_closed_form(ratio: float) -> None:
    """The quadratic at 40 digits; the density has relative accuracy down to tiny r."""
    sigma = 1.5
    for r in (1e-150, 1e-8, 0.01, 0.5, 1.2, 1.4999):
        with mpmath.workdps(60):
            exact, size = mpmath.mpf(r), mpmath.mpf(ratio)
            root = mpmath.sqrt((1 - size) ** 2 + 4 * size * exact**2 / mpmath.mpf(sigma) ** 2)
            mass, density = (1 - size + root) / 2, size / (mpmath.pi * mpmath.mpf(sigma) ** 2 * root)
        assert math.isclose(gaussian_product.density(r, ratio, sigma), float(density), rel_tol=1e-12)
        assert math.isclose(gaussian_product.cdf(r, ratio, sigma), float(mass), rel_tol=1e-13, abs_tol=1e-15)
    assert gaussian_product.radius(ratio, sigma) == pytest.approx(sigma, rel=1e-15)
    assert gaussian_product.mass_at_zero(ratio, sigma) == max(0.0, 1.0 - ratio)
    assert gaussian_product.density(1.51, ratio, sigma) == 0.0
    assert gaussian_product.cdf(1.51, ratio, sigma) == 1.0


def test_equation_at_the_mass(three: Any) -> None:
    for a, b in ((0.5, 2.0), (3.0, 0.25), (1.0, 1.0), (1.0, 4.0)):
        edge = float(three.radius(a, b))
        assert edge == pytest.approx(math.sqrt(6 * a * b), rel=1e-15)
        r = np.array([1e-3, 0.3, 0.9]) * edge
        mass = three.cdf(r, a, b)
        np.testing.assert_allclose(three.equation(mass, r, a, b), 0.0, atol=1e-14 * edge**2)
        np.testing.assert_allclose(three.quantile(mass, a, b), r, rtol=1e-9)
        assert three.equation(Fraction(1), 0, Fraction(a), Fraction(b)) == -6 * Fraction(a) * Fraction(b)
    square = three.cdf(np.array([0.1, 1.0]), 1.0, 1.0)
    np.testing.assert_allclose(square, (np.array([0.1, 1.0]) / math.sqrt(6)) ** (2 / 3), rtol=1e-14)
    assert three.mass_at_zero(3.0, 0.25) == 0.75


def test_density_is_the_derivative(three: Any) -> None:
    """Mass of a ring by quadrature."""
    x, weight = np.polynomial.legendre.leggauss(40)
    for a, b in ((0.5, 2.0), (3.0, 0.25)):
        low, high = 0.2, 0.9 * float(three.radius(a, b))
        r = (high + low) / 2 + (high - low) / 2 * x
        ring = np.sum(2 * np.pi * r * three.density(r, a, b) * weight) * (high - low) / 2
        assert ring == pytest.approx(three.cdf(high, a, b) - three.cdf(low, a, b), rel=1e-12)


def test_arguments() -> None:
    r = np.array([-1.0, 0.0, 0.5, np.nan, np.inf])
    with np.errstate(all="raise"):
        mass = gaussian_product.cdf(r, 0.5)
        density = gaussian_product.density(r, 0.5)
        edge = gaussian_product.density(0.0, np.array([0.5, 1.0, 2.0]))
        q = gaussian_product.quantile(np.array([-0.1, 0.0, 0.25, 0.5, 1.0, 1.1, np.nan]), 0.5)
    assert mass[[0, 1, 4]].tolist() == [0.0, 0.5, 1.0]
    assert np.isnan(mass[3])
    assert np.isnan(density[3])
    assert density[[0, 4]].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(edge, [1 / np.pi, np.inf, 2 / np.pi], rtol=1e-15)
    assert np.isnan(q[[0, 5, 6]]).all()
    assert q[[1, 2, 3]].tolist() == [0.0, 0.0, 0.0]
    assert q[4] == pytest.approx(1.0, rel=1e-15)
    assert gaussian_product.cdf(np.zeros((3, 1)), np.ones(4)).shape == (3, 4)
    assert type(gaussian_product.density(0.5, 0.5)) is np.float64
    assert gaussian_product.radius(np.array([1.0, 2.0]), 3.0).shape == (2,)
    with pytest.raises(ValueError, match=r"ratio = 0\.0 is outside its domain"):
        gaussian_product.cdf(0.5, 0.0)


def test_quantile_just_above_the_mass_at_zero() -> None:
    """F - (1 - least size) without a rounding: relative accuracy of the radius where it is tiny."""
    ratio = 0.06887669150366331  # 1 - ratio is no double
    mass = 0.9311233084963667
    exact = Fraction(mass) - (1 - Fraction(ratio))
    assert 0 < exact < 1e-13
    wanted = math.sqrt(float(exact * (exact + 1 - Fraction(ratio)) / Fraction(ratio)))
    assert gaussian_product.quantile(mass, ratio) == pytest.approx(wanted, rel=1e-13)


def test_radial_refusals() -> None:
    with pytest.raises(TypeError, match=r"r must be a real number .* got complex ones; .* pass abs\(z\)"):
        gaussian_product.cdf(np.array([0.5 + 0.5j]), 1.0)
    for sigma in (1e200, 1e-200):
        with pytest.raises(ArithmeticError, match=r"beyond doubles for these parameters; scale the matrix"):
            shipped("ginibre").cdf(0.5, sigma)
    with pytest.raises(ValueError, match="cannot be broadcast together"):
        gaussian_product.density(np.ones(3), np.ones(4))


def test_sizes_that_no_parameter_moves() -> None:
    """Numbers as sizes, one factor and three, with and without parameters and points of any shape."""
    family = RadialFamily((), lambda: ((1, 1, 1), 2.0))
    r = np.array([[0.1, 0.5], [0.7, 1.0]])
    np.testing.assert_allclose(family.cdf(r, (), None), (r / math.sqrt(2)) ** (2 / 3), rtol=1e-14)
    assert family.radius(()) == pytest.approx(math.sqrt(2), rel=1e-15)
    assert family.mass_at_zero(()) == 0.0
    assert type(family.radius(())) is np.float64
    ginibre = shipped("ginibre")
    np.testing.assert_allclose(
        ginibre.cdf(r, np.array([1.0, 2.0])), (r / np.array([1.0, 2.0])) ** 2, rtol=1e-14
    )
    assert ginibre.mass_at_zero(np.ones((2, 3))).shape == (2, 3)
    assert ginibre.radius(np.array([1.0, 2.0])).tolist() == pytest.approx([1.0, 2.0], rel=1e-15)


# --- modules that ship -------------------------------------------------------------------------------------

FACTORS = {"ginibre": 1, **{f"gaussian_product_{factors}": factors for factors in (3, 4, 5, 6)}}
RATIOS = (0.8, 2.5, 0.6, 1.0, 3.0)


def shipped(name: str) -> Any:
    return importlib.import_module(f"generated.{name}")


@pytest.mark.parametrize("name", FACTORS)
def test_square_factors_have_a_power_law(name: str) -> None:
    """F = (r / sigma)^(2/L) at the defaults, the density its derivative per area; at any r."""
    module, factors = shipped(name), FACTORS[name]
    r = np.array([1e-200, 1e-9, 0.2, 0.7, 1.0]) * 1.3
    square = (1,) * (factors - 1)
    np.testing.assert_allclose(module.cdf(r, *square, 1.3), (r / 1.3) ** (2 / factors), rtol=1e-13)
    r = r[1:]
    density = (r / 1.3) ** (2 / factors) / r / r / (np.pi * factors)
    np.testing.assert_allclose(module.density(r, *square, 1.3), density, rtol=1e-12)
    np.testing.assert_allclose(module.cdf(r, sigma=1.3), module.cdf(r, *square, 1.3), rtol=0)


@pytest.mark.parametrize("name", FACTORS)
def test_equation_of_a_module_that_ships(name: str) -> None:
    """The product over the sizes, exactly; it holds at the mass; the order of sizes does not matter."""
    module, ratios = shipped(name), RATIOS[: FACTORS[name] - 1]
    mass, r, s = sp.symbols("F r s", positive=True)
    sizes = sp.symbols(f"R1:{FACTORS[name]}", positive=True)
    wanted = r**2 - s**2 * mass * sp.Mul(*((size - 1 + mass) / size for size in sizes))
    assert sp.cancel(module.equation(mass, r, *sizes, s) - wanted) == 0
    assert module.radius(*ratios, 1.5) == pytest.approx(1.5, rel=1e-14)
    assert module.mass_at_zero(*ratios) == pytest.approx(1 - min(1.0, *ratios, 1.0), abs=1e-15)
    r = np.linspace(0.05, 1.45, 8)
    found = module.cdf(r, *ratios, 1.5)
    np.testing.assert_allclose(module.equation(found, r, *ratios, 1.5), 0.0, atol=1e-13)
    np.testing.assert_allclose(module.cdf(r, *ratios[::-1], 1.5), found, rtol=1e-13)
    np.testing.assert_allclose(module.quantile(found, *ratios, 1.5), r, rtol=1e-11)
    step = 1e-5
    slope = (module.cdf(r + step, *ratios, 1.5) - module.cdf(r - step, *ratios, 1.5)) / (2 * step)
    np.testing.assert_allclose(module.density(r, *ratios, 1.5), slope / (2 * np.pi * r), rtol=1e-6)


@pytest.mark.parametrize("name", FACTORS)
def test_eigenvalues_of_shipped_products(name: str) -> None:
    """Counts in discs of complex matrices; ratios 1, or another number of factors, are told."""
    size, count = 240, 6
    module, ratios = shipped(name), RATIOS[: FACTORS[name] - 1]
    values = {f"ratio{i}": ratio for i, ratio in enumerate(ratios, 1)}
    sampler = Sampler(load(name), size, beta=2, sigma=1.0, **values)
    assert sampler.parameters == values | {"sigma": 1.0}
    moduli = np.abs(sampler.spectra(np.random.default_rng(4), count))
    r = np.array([1e-6, 0.2, 0.4, 0.6, 0.8, 0.95])
    found = np.mean(moduli[..., None] <= r, axis=(0, 1))
    assert found[0] == pytest.approx(module.mass_at_zero(*ratios), abs=1e-12)
    assert np.max(np.abs(found - module.cdf(r, *ratios))) < 0.015
    others = gaussian_product.cdf(r, 1.0) if not ratios else module.cdf(r)
    assert np.max(np.abs(found - others)) > 0.05


# --- matrices --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("beta", [1, 2])
@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_eigenvalues_of_matrices(beta: int, ratio: float) -> None:
    """Counts in discs of eight matrices, which are rigid to about N^(1/4); a ratio 30 % off is told."""
    size, count = 240, 8
    sampler = Sampler(load("gaussian_product"), size, beta=beta, ratio=ratio, sigma=1.0)
    moduli = np.abs(sampler.spectra(np.random.default_rng(2), count))
    assert moduli.shape == (count, size)
    r = np.array([1e-6, 0.3, 0.5, 0.7, 0.85])
    found = np.mean(moduli[..., None] <= r, axis=(0, 1))
    assert found[0] == gaussian_product.mass_at_zero(ratio)
    assert np.max(np.abs(found - gaussian_product.cdf(r, ratio))) < 0.015
    assert np.max(np.abs(found - gaussian_product.cdf(r, 1.3 * ratio))) > 0.02


def test_no_test_of_real_spectra_takes_it() -> None:
    with pytest.raises(ValueError, match="no theorem gives the fluctuations"):
        Test.of(load("gaussian_product"), None, 100)  # type: ignore[arg-type]


# --- derivations -----------------------------------------------------------------------------------------


def test_registry_and_displays() -> None:
    assert (
        generated.RADIAL
        == names("radial")
        == (
            "gaussian_product",
            "gaussian_product_3",
            "gaussian_product_4",
            "gaussian_product_5",
            "gaussian_product_6",
            "ginibre",
        )
    )
    derivation = derive(load("gaussian_product"))
    law = derivation.law
    assert isinstance(law, Radial)
    for name in law.interface:
        assert callable(getattr(gaussian_product, name))
    assert "r² = F σ² (R + F − 1)/R" in derivation_text(derivation)
    assert r"\begin{document}" in tex(derivation)
    assert "<math" in html([derivation])


def test_square_factors_are_a_power_law() -> None:
    """p(r) = r^(2/L - 2) sigma^(-2/L) / (pi L): the exponent of sigma is not the -2 of Granziol (2020)."""
    s = Parameter("s")
    derivation = derive(
        Model("cube", (s,), Eigenvalues(Gaussian(1, 1, s**2) @ Gaussian(1, 1) @ Gaussian(1, 1)))
    )
    step = next(step for step in derivation.steps if step.name == "square factors")
    value = step.equation[1].rhs
    r = radial.r
    assert sp.simplify(value - r ** sp.Rational(-4, 3) * s.symbol ** sp.Rational(-2, 3) / (3 * sp.pi)) == 0
    assert derivation.law.mass_at_zero == 0  # type: ignore[union-attr]
    number = sp.Symbol("L", positive=True)
    step = next(step for step in derivation.steps if step.name == "any number of square factors")
    assert sp.simplify(step.equation[2].rhs.subs(number, 3) - value) == 0


def test_planted_error_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    right = radial.radial_law
    monkeypatch.setattr(
        radial, "radial_law", lambda node: Radial(right(node).sizes[::-1], 2 * right(node).scale)
    )
    with pytest.raises(CertificateError, match="mass of a disc"):
        derive(load("gaussian_product"))


def test_single_ring_from_the_free_sum_at_points() -> None:
    """The free sum of +-r and of the singular values with both signs, solved in numbers: F of the module."""
    from generated import fuss_catalan_3

    module = shipped("gaussian_product_3")
    for r in (0.2, 0.6, 0.9):
        with mpmath.workdps(15):

            def miss(kappa: Any, r: float = r) -> Any:
                h = kappa / (kappa**2 + r**2)
                eta = 1 / h - kappa
                g = -fuss_catalan_3.stieltjes(complex(-(float(eta) ** 2)))
                return float(eta) * g.real - h  # h of the singular values at i eta

            kappa = float(mpmath.findroot(miss, (0.2, 0.9), solver="anderson", tol=1e-22))
        assert module.cdf(r) == pytest.approx(r**2 / (kappa**2 + r**2), rel=1e-9)


SHIFTED = """
from derive import Atoms, Gaussian, Hermitised, Model, Parameter
r0 = Parameter("r0")
product = {product}
MODEL = Model("Hermitised", (r0,), Hermitised(product) + Atoms((-r0, r0), (1 / 2, 1 / 2)))
"""
HALVES = {
    "ginibre": ("Gaussian('1/2', '1/2', 2)", ()),
    "gaussian_product": ("Gaussian('1/2', '1/4', 4) @ Gaussian('1/4', '1/2', 2)", (0.5,)),
    "gaussian_product_3": ("Gaussian('1/2', 1, 1) @ Gaussian(1, 1, 1) @ Gaussian(1, '1/2', 2)", (2.0, 2.0)),
}


@pytest.mark.parametrize("name", HALVES)
def test_log_potential_of_the_hermitised_matrix(name: str, tmp_path: Path) -> None:
    """Girko: integrals of log|lambda - w| over our disc and of log|x| over our own law on the axis are one.

    The second by the evaluators of an algebraic law, which know of no disc.
    """
    product, ratios = HALVES[name]
    file, folder = tmp_path / "shifted.py", f"shifted_{name}"
    file.write_text(SHIFTED.format(product=product.replace("'1/2'", "1 / 2").replace("'1/4'", "1 / 4")))
    write(for_file(file, tmp_path / folder), tmp_path / folder)
    sys.path.insert(0, str(tmp_path))
    shifted = importlib.import_module(f"{folder}.shifted")
    sys.path.remove(str(tmp_path))
    disc = shipped(name)
    x, weight = np.polynomial.legendre.leggauss(60)

    def potential(r: float) -> float:
        mass = float(disc.cdf(r, *ratios))
        q = (1 + mass) / 2 + (1 - mass) / 2 * x
        return mass * math.log(r) + float(np.sum(np.log(disc.quantile(q, *ratios)) * weight)) * (1 - mass) / 2

    for r in (0.6, 1.7) if name == "ginibre" else (0.6,):
        found = float(shifted.log_potential(0.0, r))
        assert found == pytest.approx(potential(r), abs=1e-10)
        assert abs(found - potential(1.01 * r)) > 1e-4


def test_parameters_that_are_called_as_variables_are_refused() -> None:
    for name in ("r", "F", "mass"):
        a = Parameter(name)
        with pytest.raises(
            ModelError, match=f"calls a parameter {name}, which is a variable of the law; .* {name}0"
        ):
            derive(Model("two", (a,), Eigenvalues(Gaussian(1, a) @ Gaussian(a, 1))))


def test_refusals() -> None:
    a = Parameter("a")
    with pytest.raises(ValueError, match="rows and columns of the product must be 1"):
        Eigenvalues(Gaussian(1, a))
    with pytest.raises(TypeError, match="a self-adjoint ensemble is an expression by itself"):
        Eigenvalues(Wishart(a))  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="must be a square ensemble"):
        Model("rectangular", (a,), Gaussian(1, a))  # type: ignore[arg-type]
    assert derive(Model("gram", (a,), Gram(Gaussian(1, a)))).law


def test_a_single_factor_is_the_circular_law(tmp_path: Path) -> None:
    derivation = derive(Model("circular", (), Eigenvalues(Gaussian(1, 1))))
    law = derivation.law
    assert isinstance(law, Radial)
    assert law.radius_squared(radial.F) == radial.F
