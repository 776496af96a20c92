"""Products of sparse matrices: equation, module, matrix, moments and population dynamics together."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp
from stieltjes_bounds import bounds

from derive import ModelError, Parameter, SparseProduct, SparseWishart, derive, load
from derive.derivation import CertificateError, Derivation
from derive.emission.page import tex
from derive.generate import for_file
from derive.language.model import Model
from derive.sparse.chain_moments import chain_moments, enumeration, recurrence, round_trips, star_moments
from derive.sparse.product_limits import ChainCounted, PathsBelow
from derive.sparse.tree_moments import moments as tree_moments
from derive.typesetting.latex import derivation_latex
from derive.typesetting.text import derivation_text
from generated import fuss_catalan_2, fuss_catalan_3, sparse_product, wishart_product
from generated._runtime.sparse import cavity as sparse_cavity
from generated._runtime.sparse import nodes as sparse_nodes
from generated._runtime.sparse import product as numerics
from generated._runtime.sparse.chain import Chain, even_spectral_moments, mass_at_zero
from generated._runtime.sparse.kernels import gaussian_slope, unit_slope
from generated._runtime.sparse.tree import Tree
from verify import Sampler
from verify.cavity import product_population_dynamics

c, d, p, q = sp.symbols("c d p q", positive=True)
WEIGHTS = ("unit", "gaussian")

CHAINS = [
    (Chain("unit", (0.59, 1.12), (2.85, 0.75)), 0.0625),
    (Chain("unit", (1.0, 3.0, 0.7), (2.0, 1.0, 0.3)), 0.25),
    (Chain("gaussian", (0.5, 2.0), (1.0, 1.0)), 0.25),
    (Chain("gaussian", (2.0, 1.0, 3.0), (1.0, 2.0, 0.5)), 1.5),
]


def law(chain: Chain, z: Any) -> Any:
    return numerics.stieltjes(chain, np.asarray(z, dtype=np.complex128))


# --- numerics --------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [1e-12, 0.3, 17.0, 40.0, 49.9, 50.1, 156.0, 156.5, 900.0, 1e5])
def test_slopes_of_kernels(p: float) -> None:
    with mpmath.workdps(30):
        x = mpmath.mpf(p)
        one = float(mpmath.besselj(0, 2 * mpmath.sqrt(x)))
        two = float(mpmath.exp(-x) * ((1 - 2 * x) * mpmath.besseli(0, x) + 2 * x * mpmath.besseli(1, x)))
    assert abs(unit_slope(np.array([p]))[0] - one) < 1e-15
    assert abs(gaussian_slope(np.array([p]))[0] - two) < 1e-15


@pytest.mark.parametrize(("chain", "eta"), CHAINS, ids=str)
def test_finer_discretisation_gives_the_same(
    chain: Chain, eta: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of the half-line, other nodes, another window: an error estimate; less of it is seen."""
    z = np.array([eta * 1j, 0.9 + eta * 1j]) * chain.unit
    found = law(chain, z)
    two, further = numerics.REACH[chain.weights]
    monkeypatch.setattr(numerics, "REACH", {chain.weights: (0.4 * two, 0.4 * further)})
    monkeypatch.setattr(numerics, "LEAST_END", 1.0)
    assert np.max(np.abs(law(chain, z) / found - 1.0)) > 1e-10
    monkeypatch.setattr(numerics, "REACH", {chain.weights: (1.2 * two, 1.2 * further)})
    monkeypatch.setattr(numerics, "LEAST_END", 21.0)
    monkeypatch.setattr(numerics, "UNDAMPED", 0.75)
    monkeypatch.setattr(sparse_nodes, "ORDER", 24)
    monkeypatch.setattr(sparse_nodes, "NODES_A_PERIOD", 4.3)
    assert np.max(np.abs(law(chain, z) / found - 1.0)) < 5e-11


@pytest.mark.parametrize("weights", WEIGHTS)
def test_one_factor_is_the_sparse_wishart_matrix(weights: str) -> None:
    """Other nodes, other windows and another start than those of the equation of one matrix."""
    chain, tree = Chain(weights, (1.5,), (0.4,)), Tree(weights, 1.5, 0.4)
    z = np.array([0.125j, 0.9 + 0.2j, 2 + 0.5j]) * chain.unit
    assert np.max(np.abs(law(chain, z) / sparse_cavity.stieltjes(tree, z) - 1.0)) < 1e-12
    assert math.isclose(mass_at_zero(chain), sparse_chain_of_one(tree), rel_tol=1e-12)
    assert chain_moments(weights, (c,), (p,), 5) == [sp.expand(m) for m in tree_moments(weights, c, p, 5)]


def sparse_chain_of_one(tree: Tree) -> float:
    from generated._runtime.sparse.tree import mass_at_zero as of_one

    return of_one(tree)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_enclosed_by_exact_moments(weights: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """G on the negative axis between exact bounds from 25 moments, which no equation knows."""
    monkeypatch.setattr(sparse_cavity, "FAR_ERROR", 0.0)
    degrees, ratios = (2, 3), (Fraction(1), Fraction(1, 2))
    walks = round_trips(weights, [Fraction(x) for x in degrees], ratios, 24)
    exact = [number / Fraction(math.prod(degrees)) ** k for k, number in enumerate(walks)]
    chain = Chain(weights, (2.0, 3.0), (1.0, 0.5))
    for x, width in ((Fraction(4), 1e-6), (Fraction(16), 1e-10), (Fraction(40), 3e-11)):
        low, high = bounds(exact, x)
        assert 0 < high - low < width * low * (1 if weights == "unit" else 1e4)
        zeta = 1j * math.sqrt(x)
        found = -complex(law(chain, [zeta])[0] / zeta).real
        assert low * (1 - Fraction(1, 10**11)) < found < high * (1 + Fraction(1, 10**11))
        wrong = -complex(law(chain._replace(degrees=(2.0, 3.003)), [zeta])[0] / zeta).real
        if width < 1e-9 and weights == "unit":
            assert not low * (1 - Fraction(1, 10**9)) < wrong < high * (1 + Fraction(1, 10**9))


@pytest.mark.parametrize(("chain", "eta"), CHAINS[::2], ids=str)
def test_moments_and_equation_agree_far_out(
    chain: Chain, eta: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    z = np.array([0.3 + 40j, -55 + 20j]) * chain.unit
    by_moments = law(chain, z)
    monkeypatch.setattr(sparse_cavity, "FAR_ERROR", 0.0)
    assert np.max(np.abs(law(chain, z) / by_moments - 1.0)) < 2e-12
    monkeypatch.setattr(numerics, "FAR_MOMENTS", 1)
    monkeypatch.setattr(sparse_cavity, "FAR_ERROR", np.inf)  # too few of them would be seen
    assert np.max(np.abs(law(chain, z) / by_moments - 1.0)) > 1e-8


@pytest.mark.parametrize("weights", WEIGHTS)
def test_dense_limits(weights: str) -> None:
    """The free product, at the rate 1/c: the equation's own coefficients of 1/c and 1/c^2 do not cancel."""
    z = np.array([2.0 + 2.5j, -2.0])
    zeta = np.sqrt(z)

    def distance(degrees: float, factors: int, ratios: tuple[float, ...], dense: Any) -> float:
        found = law(Chain(weights, (degrees,) * factors, ratios), zeta) / zeta
        return float(np.max(np.abs(found - dense)))

    square = fuss_catalan_2.stieltjes(z)
    assert distance(1e8, 2, (1.0, 1.0), square) < 1e-7
    ratio = distance(1e3, 2, (1.0, 1.0), square) / distance(2e3, 2, (1.0, 1.0), square)
    assert abs(ratio - 2) < 0.02
    if weights == "unit":
        assert distance(1e8, 3, (1.0, 1.0, 1.0), fuss_catalan_3.stieltjes(z)) < 1e-7
    assert distance(1e8, 2, (0.5, 0.8), wishart_product.stieltjes(z, 0.5, 0.4)) < 1e-7
    assert distance(1e8, 2, (0.5, 0.9), wishart_product.stieltjes(z, 0.5, 0.4)) > 1e-3


@pytest.mark.parametrize(
    ("chain", "zeta"),
    [
        (Chain("unit", (2.0, 1.5), (1.0, 0.7)), 0.4 + 0.3j),
        (Chain("gaussian", (2.0, 3.0), (1.0, 0.5)), 0.3 + 0.4j),
        (Chain("unit", (1.0, 2.0, 2.0), (1.0, 2.0, 1.0)), 0.3 + 0.4j),
    ],
    ids=str,
)
def test_population_dynamics(chain: Chain, zeta: complex) -> None:
    """Independent populations of scalar fields; a mean degree 10 % off is told."""
    rng = np.random.default_rng(21)
    estimate = product_population_dynamics(
        chain.weights, chain.degrees, chain.ratios, zeta, rng, size=1500, populations=12, sweeps=40
    )
    wrong = chain._replace(degrees=(1.1 * chain.degrees[0], *chain.degrees[1:]))
    assert max(estimate.error.real, estimate.error.imag) < 0.004
    assert estimate.deviations(complex(law(chain, [zeta])[0])) < 5
    assert estimate.deviations(complex(law(wrong, [zeta])[0])) > 5


# --- moments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("factors", "order"), [(1, 5), (2, 4), (3, 3), (4, 2)])
@pytest.mark.parametrize("weights", WEIGHTS)
def test_moments_by_recurrence_and_walk_by_walk(weights: str, factors: int, order: int) -> None:
    for k, walks in enumerate(recurrence(weights, factors, order)):
        assert walks - enumeration(weights, factors, k) == 0


def test_moments_are_polynomials_in_the_inverse_degrees() -> None:
    assert sp.expand(chain_moments("unit", (c, d), (p, q), 2)[2]) == sp.expand(
        1 + p + p * q + 1 / c + p / d + 1 / (c * d)
    )
    for factors in (2, 3):
        ones = (sp.S.One,) * factors
        found = chain_moments("gaussian", (c,) * factors, ones, 4)
        dense = [sp.limit(m, c, sp.oo) for m in found]
        assert dense == [sp.binomial((factors + 1) * k, k) / (factors * k + 1) for k in range(5)]
        assert all(sp.limit(c * (m - m.subs(c, sp.oo)), c, sp.oo) > 0 for m in found[2:])


@pytest.mark.parametrize("weights", WEIGHTS)
@pytest.mark.parametrize(
    ("degrees", "ratios"), [((0.25, 3.0), (1.0, 4.0)), ((2.0, 1.0, 0.5), (0.5, 1.0, 2.0))]
)
def test_moments_of_the_runtime_are_the_exact_ones(
    weights: str, degrees: tuple[float, ...], ratios: tuple[float, ...]
) -> None:
    chain = Chain(weights, degrees, ratios)
    scale = Fraction(math.prod(degrees))
    walks = round_trips(weights, [Fraction(x) for x in degrees], [Fraction(x) for x in ratios], 10)
    found = even_spectral_moments(chain, 10) * chain.unit ** (2 * np.arange(11))
    np.testing.assert_allclose(found, [float(m / scale**k) for k, m in enumerate(walks)], rtol=1e-14)


# --- the atom at 0 ---------------------------------------------------------------------------------------


def solutions(chain: Chain, points: int = 100001) -> list[float]:
    """Values of the mass at all solutions, by shooting from the chance that X_0 is large; layer by layer."""
    degrees = chain.degrees
    back = [x * r for x, r in zip(degrees, chain.ratios, strict=True)]
    first = np.exp(-degrees[0])
    x = np.unique(np.concatenate([np.geomspace(first, 1.0, points), np.linspace(first, 1.0, points)]))
    right, left = [-np.log(x)], [back[0] * x]
    with np.errstate(all="ignore"):
        for k in range(1, len(degrees)):
            right.append(-np.log(1 - right[-1] / degrees[k - 1] * np.exp(left[-1])))
            left.append(back[k] * (1 - np.exp(-left[-1])) * np.exp(-right[-1]))
        miss = right[-1] / degrees[-1] - np.exp(-left[-1])
        value, size = np.exp(-right[0]), 1.0
        for k, ratio in enumerate(chain.ratios):
            size /= ratio
            served = 1 - np.exp(-right[k + 1]) if k + 1 < len(degrees) else 1.0
            value = value - size * (1 - (1 + left[k]) * np.exp(-left[k])) * served
    crossings = np.flatnonzero(np.sign(miss[:-1]) * np.sign(miss[1:]) < 0)
    part = miss[crossings] / (miss[crossings] - miss[crossings + 1])
    found: list[float] = (value[crossings] + part * (value[crossings + 1] - value[crossings])).tolist()
    return found


@pytest.mark.parametrize(
    ("degrees", "ratios", "number"),
    [
        ((1.5, 2.0), (1.0, 1.0), 1),
        ((4.33, 5.478), (1.396, 0.8888), 5),  # least at the layer in the middle, which is the narrowest
        ((2.9, 3.5), (1.1, 0.8), None),
        ((3.0, 3.0), (1.0, 1.0), None),
    ],
)
def test_mass_at_zero_is_the_greatest_of_all_solutions(
    degrees: tuple[float, ...], ratios: tuple[float, ...], number: int | None
) -> None:
    chain = Chain("unit", degrees, ratios)
    values = solutions(chain)
    assert number is None or len(values) == number
    # next to each other several solutions are told apart to the square of the scan's step alone
    assert abs(max(values) - mass_at_zero(chain)) < (1e-9 if len(values) == 1 else 1e-5)


@pytest.mark.parametrize(
    ("node", "values"),
    [
        (SparseProduct((c, d), (p, q)), (1.5, 2.0, 1.0, 1.0)),
        (SparseProduct((c, d), (p, q), weights="gaussian"), (4.0, 4.0, 2.0, 0.5)),
        (SparseProduct((c, d, c), (p, q, 1), weights="unit"), (5.0, 4.0, 1.2, 1.0)),
    ],
    ids=str,
)
def test_mass_at_zero_against_ranks(node: Any, values: tuple[float, ...]) -> None:
    """Weights do not matter, the narrowest layer does; a degree 20 % off is told."""
    size, count = 600, 8
    sampler = sampler_of(node, size, values)
    rng = np.random.default_rng(5)
    nullities = np.array([size - np.linalg.matrix_rank(sampler(rng), tol=1e-7) for _ in range(count)]) / size
    error = nullities.std(ddof=1) / math.sqrt(count) + 0.5 / size
    substituted = dict(zip((c, d, p, q), values, strict=True))

    def chain(scale: float) -> Chain:
        numbers = [[float(x.subs(substituted)) for x in part] for part in (node.degrees, node.ratios)]
        return Chain(node.weights, tuple(scale * x for x in numbers[0]), tuple(numbers[1]))

    assert abs(nullities.mean() - mass_at_zero(chain(1.0))) < 5 * error
    assert abs(nullities.mean() - mass_at_zero(chain(0.8))) > 5 * error


def test_mass_at_zero_of_many_parameters() -> None:
    """Nothing below what empty rows and narrow layers leave, nothing above 1; that of a reversed product."""
    for degrees, ratios in product(
        ((0.3, 5.0), (2.5, 2.8), (9.0, 20.0)), ((1.0, 1.0), (0.6, 1.7), (3.0, 0.5))
    ):
        chain = Chain("unit", degrees, ratios)
        mass = mass_at_zero(chain)
        widths = [1 / ratios[0], 1 / (ratios[0] * ratios[1])]
        assert max(math.exp(-degrees[0]), *(1 - width for width in widths)) <= mass + 1e-12 <= 1
        turned = Chain(
            "unit", (degrees[1] * ratios[1], degrees[0] * ratios[0]), (1 / ratios[1], 1 / ratios[0])
        )
        rank = 1 - mass
        assert math.isclose((1 - mass_at_zero(turned)) * widths[1], rank, rel_tol=1e-9, abs_tol=1e-12)


# --- matrices --------------------------------------------------------------------------------------------


def sampler_of(node: Any, size: int, values: tuple[float, ...]) -> Sampler:
    parameters = tuple(Parameter(name) for name in ("c", "d", "phi", "psi"))
    symbols = {old: new.symbol for old, new in zip((c, d, p, q), parameters, strict=True)}
    replaced = SparseProduct(
        tuple(x.subs(symbols) for x in node.degrees),
        tuple(x.subs(symbols) for x in node.ratios),
        node.weights,
    )
    model = Model("product", parameters, replaced)
    return Sampler(model, size, **dict(zip(("c", "d", "phi", "psi"), values, strict=True)))


def test_resolvents_and_moments_of_matrices() -> None:
    """The module against matrices: within 5 standard errors; degrees 20 % off are told."""
    size, count = 400, 60
    arguments = {"c1": 3.0, "c2": 2.0, "phi1": 0.5, "phi2": 2.0}
    sampler = Sampler(load("sparse_product"), size, **arguments)
    assert sampler.parameters == arguments
    spectra = sampler.spectra(np.random.default_rng(12), count)
    z = -0.5 + 0.9j
    traces = np.mean(1.0 / (z - spectra), axis=1)
    second = np.mean(spectra**2, axis=1)

    def deviations(scale: float) -> float:
        changed = arguments | {"c1": 3.0 * scale, "c2": 2.0 * scale}
        value = sparse_product.stieltjes(z, **changed)
        moment = sparse_product.moments(2, **changed)[2]
        pairs = ((traces.real, value.real), (traces.imag, value.imag), (second, moment))
        return max(
            abs(a.mean() - b) / (a.std(ddof=1) / math.sqrt(count) + 1.0 / size * abs(b)) for a, b in pairs
        )

    assert deviations(1.0) < 5
    assert deviations(1.2) > 5


# --- the module, derivations and user's files
# -----------------------------------------------------------------


def test_module() -> None:
    assert sparse_product.ETA == 0.25
    assert sparse_product.index(2.0, 3.0) == 0.0
    assert sparse_product.moments(2, 1.0, 1.0).tolist() == [1, 1, 18]
    assert sparse_product.mass_at_zero(np.array([1.0, 2.0]), 1.0).shape == (2,)
    assert 0 < sparse_product.mass_at_zero(20.0, 20.0) < 1e-8
    unit = Chain("gaussian", (0.25, 2.0), (1.0, 3.0)).unit
    assert math.isclose(unit, math.sqrt(12))
    with pytest.raises(ValueError, match=r"Im sqrt\(z\) must be at least 0.866025"):
        sparse_product.stieltjes(1.0 + 0.5j, 0.25, 2.0, 1.0, 3.0)
    z = np.array([-1.0, -1.0 - 0.0j, 0.5 + 3j, 0.5 - 3j, np.nan, np.inf])
    found = sparse_product.stieltjes(z, 2.0, 3.0)
    assert abs(found[0].imag) < 1e-13
    assert found[0].real < 0
    assert found[1] == found[0].conjugate()
    assert found[3] == found[2].conjugate()
    assert np.isnan(found[4])
    assert found[5] == 0


def test_refusals() -> None:
    with pytest.raises(ValueError, match="2 degrees and 1 ratios"):
        SparseProduct((c, d), (p,))
    with pytest.raises(TypeError, match="degrees of SparseProduct must be a tuple of one number a factor"):
        SparseProduct(c, (p,))
    with pytest.raises(ValueError, match="each of the ratios of SparseProduct must be positive"):
        SparseProduct((c,), (-1,))
    with pytest.raises(ValueError, match="weights of SparseProduct must be one of"):
        SparseProduct((c,), (1,), weights="cauchy")
    one = Parameter("c")
    with pytest.raises(ModelError, match="make it the whole expression"):
        derive(Model("sum", (one,), SparseProduct((one, one), (1, 1)) + SparseWishart(one, 1)))
    with pytest.raises(ModelError, match=r"degrees of SparseProduct is .* not positive everywhere"):
        derive(Model("sign", (one,), SparseProduct((one, one - 1), (1, 1))))
    with pytest.raises(ValueError, match="more entries in a row"):
        Sampler(load("sparse_product"), 10, c1=2.0, c2=20.0, phi1=1.0, phi2=1.0)(np.random.default_rng(0))


@pytest.mark.parametrize("factors", [1, 2, 3])
@pytest.mark.parametrize("weights", WEIGHTS)
def test_derivations(factors: int, weights: str) -> None:
    one, two = Parameter("c"), Parameter("phi")
    node = SparseProduct((one,) * factors, (two,) * factors, weights)
    derivation = derive(Model("product", (one, two), node))
    text = derivation_text(derivation)
    assert "χ₁(t) = ∫[0, ∞]" in text
    assert ("J₀(2 √(s u))" in text) == (factors > 1)
    assert r"\int_{0}^{\infty}" in derivation_latex(derivation)
    assert r"\begin{document}" in tex(derivation)
    undecided = [s.name for s in step_list(derivation) if s.certificate.summary == "definition"]
    assert undecided == ["Poisson tree"]


def step_list(derivation: Derivation) -> list[Any]:
    return [step for section in derivation.sections for step in section.steps]


def test_planted_errors_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    node = SparseProduct((c, d), (p, q))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("derive.sparse.product_limits.chain_moments", lambda *arguments: [1, 1, 2 + 2 / c])
        with pytest.raises(CertificateError, match="m_2 is"):
            ChainCounted(node, 2).check()
    with pytest.MonkeyPatch.context() as patch:
        doubled = [2 * walks for walks in star_moments("unit", 2, 2)]
        patch.setattr("derive.sparse.product_limits.star_moments", lambda *arguments: doubled)
        with pytest.raises(CertificateError, match="m_0 is not above"):
            PathsBelow(node, 2).check()
    one = Parameter("c")
    model = Model("product", (one,), SparseProduct((one, one), (2, 1)))
    turned = SparseProduct((one, one), (1, 2))
    from derive.sparse import product_law as sparse_product_law

    monkeypatch.setattr(
        sparse_product_law, "gaussian_limit", lambda node, of=sparse_product_law.gaussian_limit: of(turned)
    )
    with pytest.raises(CertificateError, match="dense limit"):
        derive(model)


def test_a_users_file(tmp_path: Path) -> None:
    file = tmp_path / "triple.py"
    text = (
        "from derive import Model, Parameter, SparseProduct\n"
        "k = Parameter('k')\n"
        "MODEL = Model('Triple', (k,), SparseProduct((2 * k,) * {0}, (1,) * {0}, weights='unit'))\n"
    )
    file.write_text(text.format(3), encoding="utf-8")
    module = for_file(file, tmp_path / "laws")["triple.py"]
    assert "return (2 * k, 2 * k, 2 * k), (1, 1, 1)" in module
    assert "ETA = 0.0625" in module
    file.write_text(text.format(5), encoding="utf-8")
    with pytest.raises(ModelError, match="no module is made of a SparseProduct of 5 factors"):
        for_file(file, tmp_path / "laws")
