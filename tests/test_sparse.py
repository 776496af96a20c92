"""Sparse ensembles: the equation, the module, the matrix and population dynamics against each other."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

import generated
from derive import ModelError, Parameter, SparseWigner, SparseWishart, Wigner, derive, load
from derive.certificates import Identity
from derive.derivation import CertificateError
from derive.emission.page import html, tex
from derive.generate import for_file
from derive.language.model import Model, names
from derive.sparse.law import SameTerms, n
from derive.sparse.moments import Counted, StarsBelow
from derive.sparse.tree_moments import enumeration, moments, recurrence
from derive.typesetting.latex import derivation_latex
from derive.typesetting.text import derivation_text
from generated import sparse_product, sparse_wigner, sparse_wishart
from generated._runtime.sparse import cavity as sparse_cavity
from generated._runtime.sparse.tree import Tree, even_spectral_moments, mass_at_zero
from verify import Sampler
from verify.cavity import population_dynamics

c, phi = sp.symbols("c phi", positive=True)


def generated_law(name: str) -> Any:
    import importlib

    return importlib.import_module(f"generated.{name}")


# --- population dynamics -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "zeta"),
    [
        (Tree("unit", 2.0), 0.4 + 0.15j),
        (Tree("gaussian", 3.5), 0.2 + 0.2j),
        (Tree("unit", 1.5, 0.5), 0.9 + 0.2j),
        (Tree("gaussian", 2.0, 2.5), 0.5 + 0.3j),
    ],
    ids=str,
)
def test_population_dynamics(tree: Tree, zeta: complex) -> None:
    """Independent populations; a mean degree 5 % off is told."""
    rng = np.random.default_rng(20)
    estimate = population_dynamics(
        tree.weights, tree.degree, zeta, rng, ratio=tree.ratio, size=1500, populations=12, sweeps=50
    )
    right = complex(sparse_cavity.stieltjes(tree, np.array([zeta]))[0])
    wrong = complex(sparse_cavity.stieltjes(tree._replace(degree=1.05 * tree.degree), np.array([zeta]))[0])
    assert max(estimate.error.real, estimate.error.imag) < 0.004
    assert estimate.deviations(right) < 5
    assert estimate.deviations(wrong) > 5


# --- moments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", ["unit", "gaussian"])
def test_moments_by_recurrence_and_walk_by_walk(weights: str) -> None:
    for k, walks in enumerate(recurrence(weights, 6)):
        assert walks - enumeration(weights, k) == 0


def test_moments_are_polynomials_in_the_inverse_degree() -> None:
    assert moments("unit", c, sp.S.One, 4) == [
        1,
        1,
        2 + 1 / c,
        5 + 6 / c + c**-2,
        14 + 28 / c + 14 / c**2 + c**-3,
    ]
    assert moments("gaussian", c, sp.S.One, 3)[3] == 5 + 18 / c + 15 / c**2
    assert sp.expand(moments("unit", c, phi, 2)[2] - (1 + phi + 1 / c)) == 0


def test_moments_beyond_the_range_of_doubles_are_infinite() -> None:
    """No NaN after them, no warning; and what doubles can hold is not infinite: m_2k of many entries."""
    with np.errstate(all="raise"):
        found = sparse_wishart.moments(200, 3, 1)
        dense = sparse_wigner.moments(230, 1e6)
        deep = sparse_product.moments(130, 3, 3)
        bare = sparse_wigner.moments(180, 1e-3)
    for moments_found, first in ((found, 182), (deep, 105)):
        assert np.isfinite(moments_found[:first]).all()
        assert np.isinf(moments_found[first:]).all()
    catalan = math.comb(230, 115) / 116
    assert catalan < dense[230] < catalan * (1 + 115**3 / 1e6)
    # walks about one vertex of n neighbours, from it or from a neighbour: E n^86 each, and few others
    poisson = sum(math.exp(86 * math.log(n) - 1e-3) * 1e-3**n / math.factorial(n) for n in range(1, 80))
    stars = 2 * poisson * 1e3**86
    assert stars < bare[172] < 1.03 * stars
    assert np.isinf(bare[174::2]).all()
    assert not bare[1::2].any()


def test_no_more_moments_are_counted_than_doubles_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their logarithms are convex: the last two tell an order that certainly overflows, here 88, not 128."""
    asked: list[int] = []

    def counted(tree: Tree, size: int) -> Any:
        asked.append(size)
        return even_spectral_moments(tree, size)

    monkeypatch.setattr("generated._runtime.sparse.family.sparse_tree.even_spectral_moments", counted)
    found = sparse_wigner.moments(10**5, 1e-3)
    assert np.isfinite(found[:174]).all()
    assert np.isinf(found[174::2]).all()
    assert asked[0] == 64
    assert 87 <= asked[-1] <= 90


def test_gaussian_weights_of_products_overflow_with_the_moments_alone() -> None:
    """(2i - 1)!! is beyond doubles from i = 151 on, the moments near Fuss and Catalan's are not."""
    found = sparse_product.moments(200, 1e6, 1e6)
    assert found[200] == pytest.approx(math.comb(600, 200) / 401, rel=1e-3)


def test_moments_that_cannot_be_counted_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"1100 moments .* only 1024 can be counted"):
        sparse_wishart.moments(1100, 1e9, 1e-3)
    assert np.isinf(sparse_wishart.moments(1100, 3.0, 1.0)[-1])


def test_extreme_parameters_are_refused() -> None:
    """Products of degree and ratio beyond doubles made NaN of masses and 0 of means."""
    for numbers in ((1e300, 1e300), (1e-300, 1.0), (1.0, 1e-100)):
        with pytest.raises(
            ArithmeticError, match="too extreme: doubles evaluate laws of sparse matrices for"
        ):
            sparse_wishart.mass_at_zero(*numbers)
    assert sparse_wishart.mass_at_zero(1e-60, 1e60) == pytest.approx(1.0)


@pytest.mark.parametrize("weights", ["unit", "gaussian"])
@pytest.mark.parametrize(("degree", "ratio"), [(0.25, 1.0), (3.0, 1.0), (0.5, 4.0), (2.0, 0.25)])
def test_moments_of_the_module_are_the_exact_ones(weights: str, degree: float, ratio: float) -> None:
    tree = Tree(weights, degree, ratio)
    exact = moments(weights, sp.Rational(degree), sp.Rational(ratio), 10)
    found = even_spectral_moments(tree, 10) * tree.unit ** (2 * np.arange(11))
    np.testing.assert_allclose(found, [float(value) for value in exact], rtol=1e-14)


@pytest.mark.parametrize("degree", [0.5, 1.0])
def test_tail_of_hubs(degree: float) -> None:
    """Unit weights: m_2k counts hubs of n neighbours, of eigenvalues +-sqrt(n + c + ...), as k grows."""
    count = 120
    found = even_spectral_moments(Tree("unit", degree), count)  # of the unscaled matrix
    sizes = np.arange(1.0, 300.0)
    log_chance = sizes * math.log(degree) - degree - np.array([math.lgamma(s + 1) for s in sizes])

    def excess(k: int, shift: float) -> float:
        return math.log(found[k]) - float(np.logaddexp.reduce(k * np.log(sizes + shift) + log_chance))

    ratios = [1 + excess(k, 0.0) / (math.log(found[k]) - excess(k, 0.0)) for k in (20, 40, 80, 120)]
    assert ratios == sorted(ratios, reverse=True)
    assert 1 < ratios[-1] < 1.015
    shifted = [excess(k, degree) for k in (40, 80, 120)]
    assert shifted == sorted(shifted, reverse=True)
    assert math.log(2) < shifted[-1] < math.log(2) + 0.5
    assert excess(120, 4 * degree) < 0  # hubs whose eigenvalue is too far out would be too many


# --- the atom at 0 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [1e-3, 0.1, 1.0, 5.0, 20.0])
def test_mass_at_zero_beyond_the_transition(d: float) -> None:
    """With a = c x, b = a + d of the two solutions, a e^-a = b e^-b and c = a e^b give all in closed form."""
    with mpmath.workdps(40):
        a = mpmath.mpf(d) / mpmath.expm1(d)
        b = a + d
        degree = a * mpmath.exp(b)
        mass = (a + b + a * b) / degree - 1
        assert math.isclose(
            sparse_wigner.mass_at_zero(float(degree)), float(mass), rel_tol=1e-9, abs_tol=1e-15
        )


def test_mass_at_zero_below_the_transition() -> None:
    for degree in (1e-6, 0.5, 1.0, 2.0, 2.7, math.e):
        x = float(mpmath.lambertw(degree).real) / degree
        assert math.isclose(sparse_wigner.mass_at_zero(degree), 2 * x + degree * x * x - 1, rel_tol=1e-12)
    step = 1e-4
    left, here, right = (sparse_wigner.mass_at_zero(math.e + k * step) for k in (-1, 0, 1))
    assert abs(right - 2 * here + left) < 1e-6  # of both sides the same value and slope


@pytest.mark.parametrize(
    ("node", "degree", "ratio"),
    [
        (SparseWigner(degree=c), 1.0, 1.0),
        (SparseWigner(degree=c, weights="gaussian"), 4.0, 1.0),
        (SparseWishart(degree=c, ratio=phi), 1.5, 2.0),
        (SparseWishart(degree=c, ratio=phi, weights="gaussian"), 5.0, 0.5),
    ],
    ids=str,
)
def test_mass_at_zero_against_ranks(node: Any, degree: float, ratio: float) -> None:
    size, count = 600, 12
    sampler = sampler_of(node, size, degree, ratio)
    rng = np.random.default_rng(5)
    nullities = np.array([size - np.linalg.matrix_rank(sampler(rng), tol=1e-7) for _ in range(count)]) / size
    error = nullities.std(ddof=1) / math.sqrt(count) + 0.5 / size
    weights = node.weights
    assert abs(nullities.mean() - mass_at_zero(Tree(weights, degree, ratio))) < 5 * error
    assert abs(nullities.mean() - mass_at_zero(Tree(weights, 0.8 * degree, ratio))) > 5 * error


# --- matrices --------------------------------------------------------------------------------------------


def sampler_of(node: Any, size: int, degree: float, ratio: float) -> Sampler:
    parameters = (Parameter("c"), Parameter("phi"))[: 1 + isinstance(node, SparseWishart)]
    symbols = {c: parameters[0].symbol, phi: parameters[-1].symbol}
    values = {"c": degree, "phi": ratio}
    replaced = {
        field: getattr(node, field).subs(symbols) for field in ("degree", "ratio") if hasattr(node, field)
    }
    model = Model("sparse", parameters, type(node)(**replaced, weights=node.weights))
    return Sampler(model, size, **{p.name: values[p.name] for p in parameters})


@pytest.mark.parametrize("name", ["sparse_wigner", "sparse_wishart"])
def test_resolvents_and_moments_of_matrices(name: str) -> None:
    """Traces of sparse matrices fluctuate as N^(-1/2): within 5 standard errors; 14 % off is told."""
    size, count = 500, 40
    module, degree = generated_law(name), 3.0
    others = {"phi": 0.5} if name == "sparse_wishart" else {}
    sampler = Sampler(load(name), size, c=degree, **others)
    spectra = sampler.spectra(np.random.default_rng(11), count)
    z = 0.3 + 0.4j
    traces = np.mean(1.0 / (z - spectra), axis=1)
    fourth = np.mean(spectra**4, axis=1)

    def deviations(scale: float) -> float:
        law = module.stieltjes(z, degree * scale, **others)
        moment = module.moments(4, degree * scale, **others)[4]
        pairs = ((traces.real, law.real), (traces.imag, law.imag), (fourth, moment))
        return max(
            abs(a.mean() - b) / (a.std(ddof=1) / math.sqrt(count) + 1.0 / size * abs(b)) for a, b in pairs
        )

    assert deviations(1.0) < 5
    assert deviations(1.14) > 5


def test_matrices_refuse() -> None:
    model = load("sparse_wigner")
    with pytest.raises(ValueError, match="more entries in a row"):
        Sampler(model, 10, c=20.0)(np.random.default_rng(0))
    with pytest.raises(ValueError, match="drawn real"):
        Sampler(model, 10, c=2.0, beta=2)(np.random.default_rng(0))


# --- the module's interface --------------------------------------------------------------------------------


def test_registries() -> None:
    assert (
        generated.FUNCTIONAL
        == names("functional")
        == (
            "sparse_product",
            "sparse_wigner",
            "sparse_wishart",
        )
    )
    assert not set(generated.FUNCTIONAL) & set(generated.MODELS)
    assert sparse_wigner.ETA == 0.0625
    for name in generated.FUNCTIONAL:
        functions = set(generated_law(name).__all__) - {"ETA", "LATEX", "PARAMETERS", "SOURCE", "TITLE"}
        assert functions == set(derive(load(name)).law.interface)  # type: ignore[union-attr]


def test_arguments() -> None:
    z = np.array([0.5 + 0.2j, 0.5 - 0.2j, -0.5 + 0.2j, np.nan, np.inf + 1j, 1e300 + 1j])
    with np.errstate(all="raise"):
        found = sparse_wigner.stieltjes(z, 2.0)
    assert found[1] == found[0].conjugate()
    assert abs(found[2] + found[0].conjugate()) < 1e-12
    assert np.isnan(found[3])
    assert found[4] == 0
    assert abs(found[5] * z[5] - 1) < 1e-15
    assert type(sparse_wigner.stieltjes(1j, 2.0)) is np.complex128
    table = sparse_wigner.stieltjes(np.array([1j, 2 + 1j, 3j]), np.array([[1.0], [2.0]]))
    assert table.shape == (2, 3)
    assert table[1, 2] == sparse_wigner.stieltjes(3j, 2.0)
    out = np.empty(3, dtype=complex)
    assert sparse_wigner.stieltjes(np.array([1j, 2 + 1j, 3j]), 1.0, out=out) is out
    assert sparse_wigner.stieltjes(np.empty(0), 1.0).shape == (0,)
    assert sparse_wigner.moments(5, np.array([1.0, 2.0])).shape == (6, 2)
    assert sparse_wigner.moments(4, 2.0).tolist() == [1, 0, 1, 0, 2.5]
    assert sparse_wishart.moments(2, 1.0, 1.0).tolist() == [1, 1, 5]
    assert sparse_wigner.index(2.0) == 0.5 * (1 - sparse_wigner.mass_at_zero(2.0))
    assert sparse_wishart.index(2.0, 0.5) == 0.0
    assert type(sparse_wigner.mass_at_zero(1.0)) is np.float64
    assert sparse_wigner.mass_at_zero(np.array([[1.0, 2.0]])).shape == (1, 2)


def test_negative_axis_of_a_positive_law() -> None:
    found = sparse_wishart.stieltjes(np.array([-1.0, -1.0 - 0.0j, -1.0 + 1e-9j]), 2.0, 0.5)
    assert abs(found[0].imag) < 1e-12
    assert found[0].real < 0
    assert np.max(np.abs(found - found[0])) < 1e-8


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"\|Im z\| must be at least 0.0625"):
        sparse_wigner.stieltjes(0.5 + 0.01j, 2.0)
    with pytest.raises(ValueError, match=r"Im sqrt\(z\) must be at least 0.0625"):
        sparse_wishart.stieltjes(1.0, 2.0, 0.5)
    with pytest.raises(ValueError, match=r"c = -1\.0 is outside its domain"):
        sparse_wigner.mass_at_zero(-1.0)
    with pytest.raises(ValueError, match="weights of SparseWigner must be one of"):
        SparseWigner(degree=c, weights="cauchy")
    with pytest.raises(ValueError, match="degree of SparseWishart must be positive"):
        SparseWishart(degree=-1, ratio=phi)
    degree = Parameter("c")
    with pytest.raises(ModelError, match="make it the whole expression"):
        derive(Model("sum", (degree,), SparseWigner(degree=degree) + Wigner()))
    for name in ("s", "t"):
        own = Parameter(name)
        with pytest.raises(
            ModelError, match=f"parameter {name}, which is a variable of the functional equation"
        ):
            derive(Model("letters", (own,), SparseWigner(degree=own)))
    own = Parameter("y")
    assert derive(Model("letters", (own,), SparseWigner(degree=own))).closed_forms["moments"](2) == [1, 0, 1]
    with pytest.raises(ModelError, match=r"degree of SparseWigner is .* not positive everywhere"):
        derive(Model("sign", (degree,), SparseWigner(degree=degree - 1)))


# --- derivations and user's files ---------------------------------------------------------------------------


def test_derivations_show_themselves() -> None:
    derivations = [derive(load(name)) for name in names("functional")]
    for derivation in derivations:
        assert r"\int_{0}^{\infty}" in derivation_latex(derivation)
        assert re.search("χ₁?\\(t\\) = ∫\\[0, ∞\\]", derivation_text(derivation))
        assert r"\begin{document}" in tex(derivation)
    assert "<math" in html(derivations)
    degree = load("sparse_wigner").parameters[0].symbol
    assert derivations[1].closed_forms["moments"](4) == [1, 0, 1, 0, 2 + 1 / degree]


def test_planted_errors_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CertificateError):
        SameTerms((-1) ** n / sp.factorial(n), (-1) ** n / sp.factorial(n + 1)).check()
    with pytest.raises(CertificateError):
        SameTerms(2 / sp.factorial(n), 1 / sp.factorial(n)).check()
    with pytest.raises(CertificateError, match="not hypergeometric"):
        SameTerms(sp.sin(n), sp.sin(n)).check()
    with pytest.raises(CertificateError):
        Identity(sp.Symbol("p") + 1).check()
    monkeypatch.setattr("derive.sparse.moments.moments", lambda *arguments: [1, 1, 2 + 2 / c])
    monkeypatch.setattr(
        "derive.sparse.moments.star_moments", lambda weights, order: recurrence("gaussian", order)
    )
    with pytest.raises(CertificateError, match="m_4 is not above"):
        StarsBelow(SparseWigner(degree=c), 2).check()
    with pytest.raises(CertificateError, match="m_4 is"):
        Counted(SparseWigner(degree=c), 2).check()


def test_a_users_file(tmp_path: Path) -> None:
    file = tmp_path / "half.py"
    file.write_text(
        "from derive import Model, Parameter, SparseWigner\n"
        "k = Parameter('k', meaning='half of the degree')\n"
        "MODEL = Model('Half', (k,), SparseWigner(degree=2 * k, weights='gaussian'))\n",
        encoding="utf-8",
    )
    files = for_file(file, tmp_path / "laws")
    assert 'FUNCTIONAL = ("half",)' in files["__init__.py"]
    assert "MODELS = ()" in files["__init__.py"]
    assert "return 2 * k, 1" in files["half.py"]
