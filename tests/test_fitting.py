"""Laws fitted to spectra: statistics, errors that cover, goodness of fit, outliers, identifiability."""

from __future__ import annotations

import math
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from derive import load
from generated import relu_residual, semicircle, wishart_wigner
from verify import Fit, Law, Sampler, fit
from verify.chi_square import chi_square_quantile, chi_square_tail, hotelling_quantile, hotelling_tail
from verify.fitting.data import spectrum
from verify.fitting.edges import edges
from verify.fitting.ensembles import Ensemble
from verify.fitting.exterior import Exterior, free_sum, free_sum_push
from verify.fitting.families import family
from verify.fitting.goodness import counted
from verify.fitting.minimal_distance import Local, observed
from verify.fitting.products import product, product_push, rings
from verify.fluctuations import by_theorem

RATE = 1e-4  # false alarms of each statistical test here, were its seed drawn anew


def spectra(name: str, n: int, count: int, seed: int, *, beta: int = 1, **values: float) -> np.ndarray:
    return Sampler(load(name), n, beta=beta, **values).spectra(np.random.default_rng(seed), count)


def around(name_of_law: Any, orders: int) -> Exterior:
    low, high = name_of_law.support()
    return Exterior(float(low + high) / 2, float(high - low) / 2 * 1.02, orders)


def calibrated(z: np.ndarray) -> bool:
    """Whether standard scores have mean 0 and variance 1, at the false-alarm rate."""
    total = np.sum(z**2, axis=0)
    high, low = chi_square_quantile(RATE / 4, len(z)), chi_square_quantile(1 - RATE / 4, len(z))
    mean = len(z) * np.mean(z, axis=0) ** 2
    return bool(((total < high) & (total > low) & (mean < chi_square_quantile(RATE / 4, 1))).all())


# --- statistics --------------------------------------------------------------------------------


def test_tails_are_inverse_to_quantiles() -> None:
    assert abs(chi_square_tail(chi_square_quantile(1e-3, 5), 5) / 1e-3 - 1) < 1e-9
    assert abs(hotelling_tail(hotelling_quantile(1e-3, 5, 40), 5, 40) / 1e-3 - 1) < 1e-9


def test_chebyshev_means_are_those_of_the_law() -> None:
    law = wishart_wigner.law(0.05, 0.5)
    exterior = around(law, 6)
    means = exterior.means(law.stieltjes(exterior.z))
    for k in range(1, 7):
        expected = law.expect(
            lambda x, k=k: np.cos(k * np.arccos((x - exterior.centre) / exterior.half))  # type: ignore[misc]
        )
        assert abs(means[k - 1] - expected) < 1e-10
    points = np.array([0.1, 0.7])
    t = (points - exterior.centre) / exterior.half
    assert np.allclose(
        exterior.statistics(points), np.cos(np.outer(np.arange(1, 7), np.arccos(t))).sum(axis=1)
    )


def test_the_semicircles_statistics_are_independent() -> None:
    exterior = Exterior(0.0, 2.0, 6)
    for beta in (1, 2):
        covariance, bias = free_sum(exterior, 1 / semicircle.stieltjes(exterior.z, 1.0), beta)
        assert np.allclose(covariance, np.diag(exterior.k) / (2 * beta), atol=1e-10)
        assert np.allclose(bias, (2 / beta - 1) / 2 * (exterior.k % 2 == 0), atol=1e-10)


def test_covariance_and_bias_are_the_theorems() -> None:
    """Against `verify.fluctuations`: traces of resolvents are sums of the statistics, of 40 orders."""
    law = wishart_wigner.law(0.05, 0.5)
    exterior = around(law, 40)
    covariance, bias = free_sum(exterior, 1 / law.stieltjes(exterior.z), 1)
    u = 2.5 * np.exp(1j * np.array([0.6, 1.5, 2.4]))
    z = exterior.centre + exterior.half / 2 * (u + 1 / u)
    expected = by_theorem(Law("wishart_wigner", eps=0.05, phi=0.5), z, 1)
    rows = 2 * u[:, None] ** (-exterior.k - 1) / (exterior.half / 2 * (1 - u**-2))[:, None]
    table = np.concatenate([rows.real, rows.imag])
    assert np.allclose(table @ covariance @ table.T, expected.covariance, atol=1e-6)
    assert np.allclose(table @ bias, expected.mean, atol=1e-6)


def test_ladders_of_the_residual_in_closed_form() -> None:
    eps, phi = 0.5, 0.7
    transform = relu_residual.stieltjes(np.array([1 + 1j, 0.3 - 0.5j, 2.0]), eps, phi)
    c = eps * phi**2 / 2
    both = np.multiply.outer(transform, transform)
    middle = np.multiply.outer(1 - c * transform**2, 1 - c * transform**2)
    expected = (1 - c**2 / phi * both**2 / middle) ** 2 - (c / phi * both / middle) ** 2
    assert np.allclose(rings(transform, eps=eps, phi=phi), expected, rtol=1e-12)


@pytest.mark.parametrize("beta", [1, 2])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("relu_residual", {"eps": 0.5, "phi": 0.5}),
        ("relu_hessian", {"eps": 2.0, "phi": 2.0, "sigma": 1.0}),
    ],
)
def test_products_fluctuate_as_calculated(name: str, values: dict[str, float], beta: int) -> None:
    """Means and variances over 400 matrices; those of a free sum of the same law are caught."""
    count, n = 400, 80
    law = import_module(f"generated.{name}").law(**values)
    exterior = around(law, 3 if name == "relu_hessian" else 4)
    transform = law.stieltjes(exterior.z)
    found = np.array([exterior.statistics(row) for row in spectra(name, n, count, 5, beta=beta, **values)])
    found -= n * exterior.means(transform)
    fluctuating = slice(1, None, 2) if name == "relu_residual" else slice(None)  # odd ones are 0

    def agrees(covariance: np.ndarray, bias: np.ndarray) -> bool:
        root = np.linalg.cholesky(covariance[fluctuating, fluctuating])
        return calibrated(np.linalg.solve(root, (found - bias)[:, fluctuating].T).T)

    assert agrees(*product(exterior, transform, beta, **values))
    assert not agrees(*free_sum(exterior, 1 / transform, beta))


# --- what pushes the edges ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("wishart_wigner", {"eps": 0.05, "phi": 0.5}),
        ("relu_residual", {"eps": 0.5, "phi": 0.5}),
        ("relu_hessian", {"eps": 2.0, "phi": 2.0, "sigma": 1.0}),
    ],
)
def test_densities_next_to_edges(name: str, values: dict[str, float]) -> None:
    """They are (s/pi) times the root of the distance; in other units too."""
    module = import_module(f"generated.{name}")
    ends = module.support(**values)
    ends = ends[~np.isnan(ends[:, 0])]
    soft = np.isfinite(module.stieltjes(ends, **values).real)
    inward = np.array([1.0, -1.0])
    for distance in (1e-10, 1e-8):
        density = module.density(ends + inward * distance, **values)[soft]
        for scale in (1.0, 3.0):
            point = values | {"loc": 0.2, "scale": scale}
            found = edges(family(name, 0.2, scale, {}), point)
            s = np.sqrt([edge.strength for edge in found])
            assert np.allclose(s * np.sqrt(distance * scale) / np.pi, density / scale, rtol=1e-3)


def test_what_pushes_an_edge_by_both_calculations() -> None:
    """Without errors the Hessian's products vanish, and its Wishart part is a free sum of one."""
    module = import_module("generated.marchenko_pastur")
    exterior = around(module.law(0.5, 1.0), 8)
    transform = module.stieltjes(exterior.z, 0.5, 1.0)
    for at_edge in module.stieltjes(module.support(0.5, 1.0)[0], 0.5, 1.0).real:
        for beta in (1, 2):
            expected = free_sum_push(exterior, 1 / transform, at_edge, beta)
            found = product_push(exterior, transform, at_edge, beta, eps=0.0, phi=0.5, sigma=1.0)
            assert np.allclose(found, expected, rtol=1e-8)


@pytest.mark.parametrize(
    ("name", "n", "many", "values"),
    [
        ("marchenko_pastur", 60, 2000, {"phi": 0.5, "sigma": 1.0}),
        ("relu_residual", 160, 1000, {"eps": 0.5, "phi": 0.5}),
    ],
)
def test_small_p_values_are_as_rare_as_they_say(
    name: str, n: int, many: int, values: dict[str, float]
) -> None:
    """The share below 0.01, of few rows, at the law's own parameters; where what pushes the edges is left in,
    it is twice as large or more.

    The distance does not depend on the estimate, to first order, so that thousands of spectra cost no fits.
    """
    rows, level = spectra(name, n, many, 3, **values), 0.01
    laws = family(name, 0.0, 1.0, {})
    ensemble, truth = Ensemble(laws, 1), np.array(list(values.values()))
    first, none = spectrum(rows[0], None, None, None), np.zeros(n, dtype=bool)

    def rare(most_orders: int, *, out: bool) -> tuple[int, int]:
        """How many p-values are small, and how many orders were taken."""
        exterior = around(import_module(f"generated.{name}").law(**values), most_orders)
        transform = laws.transform(exterior.z, laws.point(truth))
        data = observed(first, none, exterior)
        local = Local(laws, data, ensemble, truth, transform)
        pushes = ensemble.pushes(exterior, transform, laws.point(truth), first)
        if not out:
            pushes = [push._replace(factor=0.0) for push in pushes]
        counts = counted(local, pushes, np.ones(truth.size, dtype=bool))
        found = [
            counts.distance(local.deviation + exterior.statistics(row) - data.statistics) for row in rows
        ]
        quantile = chi_square_quantile(level, len(counts.rows))
        return sum(distance > quantile for distance in found), counts.rows.shape[1]

    expected = level * len(rows)
    most = expected + 3.7 * math.sqrt(expected)  # RATE
    few, orders = rare(16, out=True)
    assert few <= most
    pushed, same = rare(orders, out=False)
    assert same == orders
    assert pushed > 1.25 * most


# --- errors and goodness of fit ----------------------------------------------------------------

ROWS, MANY = 150, 60
TRUE = {"eps": 0.05, "phi": 0.5}


@pytest.fixture(scope="module")
def fits() -> list[Fit]:
    return [fit(row, "wishart_wigner") for row in spectra("wishart_wigner", ROWS, MANY, 8, **TRUE)]


def scores(found: list[Fit]) -> np.ndarray:
    return np.array([[(f.parameters[k] - TRUE[k]) / f.standard_errors[k] for k in TRUE] for f in found])


def uniform(p: np.ndarray) -> bool:
    """Kolmogorov and Smirnov's test at the false-alarm rate, by their limit."""
    p = np.sort(p)
    steps = np.arange(p.size + 1) / p.size
    distance = max(np.max(steps[1:] - p), np.max(p - steps[:-1]))
    return bool(distance < math.sqrt(math.log(2 / RATE) / 2 / p.size))


def test_errors_cover(fits: list[Fit]) -> None:
    z = scores(fits)
    assert calibrated(z)
    assert not calibrated(1.5 * z)
    assert not calibrated(z / 1.5)
    inside = np.array([[f.interval()[k][0] <= TRUE[k] <= f.interval()[k][1] for k in TRUE] for f in fits])
    assert ((inside.mean(axis=0) > 0.87) & (inside.mean(axis=0) <= 1)).all()


def test_p_values_are_uniform(fits: list[Fit]) -> None:
    p = np.array([f.p_value for f in fits])
    assert uniform(p)
    assert not uniform(p**3)
    assert not uniform(np.cbrt(p))


def test_the_ensemble_counts() -> None:
    """Real matrices fluctuate more than complex ones, and their bias is missed."""
    found = [
        fit(row, "wishart_wigner", ensemble="complex")
        for row in spectra("wishart_wigner", ROWS, MANY // 2, 8, **TRUE)
    ]
    assert not uniform(np.array([f.p_value for f in found]))


def test_complex_matrices() -> None:
    found = [
        fit(row, "wishart_wigner", ensemble="complex")
        for row in spectra("wishart_wigner", 100, 40, 9, beta=2, **TRUE)
    ]
    assert calibrated(scores(found))
    assert uniform(np.array([f.p_value for f in found]))


@pytest.mark.parametrize(
    ("name", "values", "other"),
    [
        ("wishart_wigner", {"eps": 0.01, "phi": 0.5}, "marchenko_pastur"),
        ("wishart_wigner", TRUE, "relu_hessian"),
        ("wishart_wigner", TRUE, "semicircle"),
        ("wishart_wigner", TRUE, "relu_residual"),
        ("relu_hessian", {"eps": 1.0, "phi": 2.0, "sigma": 1.0}, "wishart_wigner"),
    ],
)
def test_another_law_is_rejected(name: str, values: dict[str, float], other: str) -> None:
    (row,) = spectra(name, 400, 1, 2, **values)
    assert fit(row, name).p_value > 1e-3
    assert fit(row, other).p_value < 1e-3


def test_a_wrong_value_that_is_held_is_rejected() -> None:
    (row,) = spectra("wishart_wigner", 400, 1, 2, **TRUE)
    found = fit(row, "wishart_wigner", phi=0.5)
    assert found.estimated == ("eps",)
    assert found.p_value > 1e-3
    assert fit(row, "wishart_wigner", phi=0.54).p_value < 1e-6


def test_loc_and_scale() -> None:
    (row,) = spectra("marchenko_pastur", 300, 1, 4, phi=0.5, sigma=1.0)
    plain = fit(row, "marchenko_pastur", sigma=1)
    moved = fit(3 + 2 * row, "marchenko_pastur", sigma=1, loc=3, scale=2)
    assert abs(moved.parameters["phi"] - plain.parameters["phi"]) < 0.02 * plain.standard_errors["phi"]
    free = fit(3 + 2 * row, "marchenko_pastur", sigma=1, loc="fit", scale="fit")
    assert free.estimated == ("phi", "loc", "scale")
    assert abs(free.loc - 3) < 4 * free.standard_errors["loc"]
    assert abs(free.scale - 2) < 4 * free.standard_errors["scale"] < 0.2


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_other_units(unit: float) -> None:
    """The search begins in the spectrum's own unit: sigma goes with it, eps with its square."""
    (row,) = spectra("relu_hessian", 100, 1, 4, eps=0.3, phi=0.5, sigma=1.0)
    plain, found = fit(row, "relu_hessian"), fit(unit * row, "relu_hessian")
    for name, power in (("eps", 2), ("phi", 0), ("sigma", 1)):
        assert found.parameters[name] == pytest.approx(unit**power * plain.parameters[name], rel=1e-3, abs=0)


# --- outliers ----------------------------------------------------------------------------------


def spiked(thetas: tuple[float, ...], n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues without spikes, and with them."""
    matrix = Sampler(load("wishart_wigner"), n, **TRUE)(rng)
    vectors = np.linalg.qr(rng.standard_normal((n, len(thetas))))[0]
    return np.linalg.eigvalsh(matrix), np.linalg.eigvalsh(matrix + (vectors * thetas) @ vectors.T)


def test_spikes_are_named_and_left_out() -> None:
    without, eigenvalues = spiked((4.0, -1.5), 300, np.random.default_rng(6))
    plain, found = fit(without, "wishart_wigner"), fit(eigenvalues, "wishart_wigner")
    assert plain.outliers == ()
    low, high = found.outliers
    assert (low.place, high.place) == (eigenvalues[0], eigenvalues[-1])
    assert low.theta == pytest.approx(-1.5, rel=0.1)
    assert high.theta == pytest.approx(4, rel=0.1)
    place, overlap = wishart_wigner.outliers(high.theta, **found.law_parameters)
    assert high.place == pytest.approx(place)
    assert high.overlap == pytest.approx(overlap)
    assert found.p_value > 1e-3
    for name in TRUE:
        assert abs(found.parameters[name] - plain.parameters[name]) < 0.3 * plain.standard_errors[name]
    assert "outlier at" in str(found)
    far = fit(np.append(without, 1e6), "wishart_wigner")
    assert [outlier.place for outlier in far.outliers] == [1e6]
    assert far.p_value > 1e-3


def test_what_spikes_do_to_the_bulk() -> None:
    """The shift of its statistics, over 40 matrices: a spike moves them by O(1) although it is left out."""
    theta, n, many = 3.0, 200, 40
    law = wishart_wigner.law(**TRUE)
    exterior = around(law, 4)
    place = float(wishart_wigner.outliers(theta, **TRUE).place)
    expected = exterior.spike(1 / law.stieltjes(exterior.z), theta, place)
    rng = np.random.default_rng(3)
    moved = []
    for _ in range(many):
        without, eigenvalues = spiked((theta,), n, rng)
        moved.append(exterior.statistics(eigenvalues[:-1]) - exterior.statistics(without))
    error = np.std(moved, axis=0) / np.sqrt(many)
    assert (np.abs(np.mean(moved, axis=0) - expected) < 4 * error + 2 / n).all()
    assert (np.abs(expected) > 8 * error).any()


def test_no_outliers_are_invented() -> None:
    rows = [*spectra("semicircle", 100, 30, 1, sigma=1.0), *spectra("marchenko_pastur", 100, 30, 1, phi=0.5)]
    names = ["semicircle"] * 30 + ["marchenko_pastur"] * 30
    assert sum(len(fit(row, name).outliers) for row, name in zip(rows, names, strict=True)) == 0


# --- what is not identifiable ------------------------------------------------------------------


def test_small_phi_leaves_one_combination() -> None:
    (row,) = spectra("wishart_wigner", 400, 1, 3, eps=0.05, phi=0.002)
    found = fit(row, "wishart_wigner")
    assert not found.identifiable
    assert found.undetermined == ("eps", "phi")
    (told,) = found.determined
    assert told.coefficients == pytest.approx({"eps": 2.0, "phi": 1.0}, rel=0.05)
    assert abs(told.value - 0.102) < 4 * told.standard_error < 0.005
    assert "not determined by itself" in str(found)
    (row,) = spectra("wishart_wigner", 400, 1, 3, **TRUE)
    assert fit(row, "wishart_wigner").identifiable


def test_a_redundant_unit() -> None:
    (row,) = spectra("semicircle", 200, 1, 3, sigma=1.5)
    found = fit(row, "semicircle", scale="fit")
    assert found.undetermined == ("sigma", "scale")
    assert all(np.isinf(error) for error in found.standard_errors.values())
    (told,) = found.determined
    assert told.product
    assert told.coefficients == pytest.approx({"sigma": 1.0, "scale": 1.0}, abs=1e-3)
    assert abs(told.value - 1.5) < 4 * told.standard_error < 0.05


def test_the_end_of_a_domain_is_said() -> None:
    rows = spectra("wishart_wigner", 200, 12, 5, eps=0.0, phi=0.5)
    found = [fit(row, "wishart_wigner") for row in rows]
    ended = [f for f in found if f.parameters["eps"] == 0]
    assert 2 <= len(ended) <= 10
    assert all("eps is at the end of its domain" in str(f) for f in ended)
    assert all(f.interval()["eps"][0] == 0 for f in found if f not in ended)
    assert all(f.p_value > 1e-4 for f in found)


# --- nodes and weights -------------------------------------------------------------------------


def lanczos(matrix: np.ndarray, steps: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss's quadrature for the spectral measure of a random vector."""
    n = len(matrix)
    basis = np.zeros((n, steps + 1))
    basis[:, 0] = rng.standard_normal(n)
    basis[:, 0] /= np.linalg.norm(basis[:, 0])
    a, b = np.zeros(steps), np.zeros(steps)
    for j in range(steps):
        new = matrix @ basis[:, j]
        a[j] = basis[:, j] @ new
        for _ in range(2):
            new -= basis[:, : j + 1] @ (basis[:, : j + 1].T @ new)
        b[j] = np.linalg.norm(new)
        basis[:, j + 1] = new / b[j]
    values, vectors = np.linalg.eigh(np.diag(a) + np.diag(b[:-1], 1) + np.diag(b[:-1], -1))
    return values, vectors[0] ** 2


def test_nodes_and_weights() -> None:
    n, probes, many = 300, 4, 20
    rng = np.random.default_rng(12)
    sampler = Sampler(load("wishart_wigner"), n, **TRUE)
    found = []
    for _ in range(many):
        matrix = sampler(rng)
        parts = [lanczos(matrix, 20, rng) for _ in range(probes)]
        nodes = np.concatenate([part[0] for part in parts])
        weights = np.concatenate([part[1] for part in parts]) / probes
        found.append(fit(nodes, "wishart_wigner", weights=weights, size=n, probes=probes))
    assert calibrated(scores(found))
    assert uniform(np.array([f.p_value for f in found]))
    assert "random vectors" in found[0].ensemble
    unknown = fit(nodes, "wishart_wigner", weights=7 * weights)
    assert abs(unknown.parameters["phi"] - 0.5) < 0.15
    assert np.isnan(unknown.p_value)
    assert all(np.isnan(error) for error in unknown.standard_errors.values())
    assert "size= and probes=" in str(unknown)
