"""Evaluators of general algebraic laws against closed forms, Levy laws, an oracle and matrices."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import comb, pi
from types import SimpleNamespace

import algebraic_oracle as oracle
import numpy as np
import pytest

import generated.wishart_wigner as wishart_wigner
from generated._runtime.algebraic import branch
from generated._runtime.algebraic import evaluators as algebraic
from generated._runtime.algebraic.kernels import AlgebraicKernels
from generated._runtime.algebraic.power_series import moments_at_infinity
from generated._runtime.arithmetic import exact_roots
from generated._runtime.coefficients import AlgebraicCoefficients

half = Fraction(1, 2)


def laws_with_names() -> dict[str, oracle.Rows]:
    return {
        "product": oracle.product_of_wisharts([half, 2]),
        "product, hard edge and atom": oracle.product_of_wisharts([2, 2]),
        "triple product": oracle.product_of_wisharts([1, 1, 1]),
        "product plus Wigner": oracle.product_of_wisharts([half, Fraction(1, 4)], Fraction(1, 100)),
        "product plus Wigner, two bands": oracle.product_of_wisharts([half, 2], Fraction(1, 100)),
        "four Levy parts": oracle.levy(
            1, [(0, Fraction(1, 10)), (half, half), (-half, Fraction(1, 3)), (2, 1)]
        ),
    }


@pytest.fixture(scope="module")
def laws() -> dict[str, algebraic.AlgebraicLaw]:
    return {name: algebraic.prepare(rows) for name, rows in laws_with_names().items()}


NAMES = tuple(laws_with_names())


def inner_points(law: algebraic.AlgebraicLaw, count: int) -> np.ndarray:
    """Points in every band, next to the edges included."""
    part = np.concatenate([[1e-10, 1e-4], np.linspace(0.02, 0.98, count), [1 - 1e-4, 1 - 1e-10]])
    return np.concatenate([low + (high - low) * part for low, high in law.bands])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_uncertified(laws: dict[str, algebraic.AlgebraicLaw], name: str) -> None:
    law = laws[name]
    assert law.uncertified == ()
    assert len(law.certificates) == 4


@pytest.mark.parametrize("name", NAMES)
def test_against_the_oracle(laws: dict[str, algebraic.AlgebraicLaw], name: str) -> None:
    law, rows = laws[name], laws_with_names()[name]
    low, high = law.places[0], law.places[-1]
    for z in (complex(0.3 * low + 0.7 * high, 0.4), complex(low + 0.11 * (high - low), 1e-3)):
        expected = oracle.stieltjes(rows, z)
        assert abs(algebraic.stieltjes(law, np.array([z]))[0] - expected) <= 1e-13 * abs(expected)
    for low, high in law.bands[-1:]:
        x = low + 0.3 * (high - low)
        expected = oracle.stieltjes(rows, x)
        got = algebraic.stieltjes(law, np.array([x]))[0]
        assert abs(got - expected) <= 1e-12 * abs(expected)
        assert algebraic.density(law, np.array([x]))[0] == pytest.approx(-expected.imag / pi, rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_table_solves_the_equation(laws: dict[str, algebraic.AlgebraicLaw], name: str) -> None:
    law = laws[name]
    x = inner_points(law, 40)
    g = algebraic.stieltjes(law, x.astype(complex))
    b = np.array([[float(value) for value in row] for row in law.rows])
    _, radius = branch.newton(b, g, x.astype(complex), iterations=0)
    relative = np.abs(branch.newton(b, g, x.astype(complex), iterations=1)[0] - g) / np.abs(g)
    assert np.max(relative[2:-2]) < 1e-7  # next to edges doubles cannot tell; the oracle can
    assert np.median(relative) < 1e-14
    assert np.all(radius[2:-2] < 0.1)


@pytest.mark.parametrize("name", NAMES)
def test_mass_tails_and_quantile(laws: dict[str, algebraic.AlgebraicLaw], name: str) -> None:
    law = laws[name]
    x = inner_points(law, 30)
    cdf, sf = algebraic.cdf(law, x), algebraic.sf(law, x)
    assert np.max(np.abs(cdf + sf - 1)) < 2e-15
    assert np.all(np.diff(cdf) >= 0)
    back = algebraic.quantile(law, cdf)
    assert np.max(np.abs(algebraic.cdf(law, back) - cdf)) < 1e-14
    ends = algebraic.quantile(law, np.array([0.0, 1.0]))
    assert ends.tolist() == [law.places[0], law.places[-1]]
    assert np.all(np.isnan(algebraic.quantile(law, np.array([-0.1, 1.1, np.nan]))))


@pytest.mark.parametrize("name", NAMES)
def test_moments_of_the_density(laws: dict[str, algebraic.AlgebraicLaw], name: str) -> None:
    """Gauss-Legendre in sigma, where x = edge +- sigma^p, with the tables' own density."""
    law = laws[name]
    t, weight = np.polynomial.legendre.leggauss(40)
    total = np.zeros(6)
    for place, mass in law.atom_rows:
        total += mass * place ** np.arange(6.0)
    for point, pair in zip(law.points, law.halves, strict=True):
        for part in pair:
            for low, high in zip(part.edges, part.edges[1:], strict=False):
                sigma = low + (high - low) * (1 + t) / 2
                s = sigma**part.p
                density = part.density_at(s) * part.p * sigma ** (part.p - 1) * weight * (high - low) / 2
                total += ((point.hi + part.sign * s) ** np.arange(6)[:, None] * density).sum(axis=1)
    assert total == pytest.approx(algebraic.moments(law, 5)[:, 0], rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_log_potential_is_the_integral_of_the_logarithm(
    laws: dict[str, algebraic.AlgebraicLaw], name: str
) -> None:
    """Outside the support, against 4000 quantiles at Gauss-Legendre nodes in q of each piece."""
    law = laws[name]
    low, high = law.places[0], law.places[-1]
    x = np.array([low - 0.4, high + 0.7, high + 50, low - 1e6])
    t, weight = np.polynomial.legendre.leggauss(40)
    total = np.zeros(x.shape)
    for place, mass in law.atom_rows:
        total += mass * np.log(np.abs(x - place))
    for point, pair in zip(law.points, law.halves, strict=True):
        for part in pair:
            for a, b in zip(part.edges, part.edges[1:], strict=False):
                sigma = a + (b - a) * (1 + t) / 2
                density = (
                    part.density_at(sigma**part.p) * part.p * sigma ** (part.p - 1) * weight * (b - a) / 2
                )
                total += np.log(np.abs(x[:, None] - (point.hi + part.sign * sigma**part.p))) @ density
    assert algebraic.log_potential(law, x) == pytest.approx(total, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_log_potential_inside_is_the_primitive_of_g(
    laws: dict[str, algebraic.AlgebraicLaw], name: str
) -> None:
    law = laws[name]
    low, high = law.bands[-1]
    x = low + (high - low) * np.array([0.3, 0.31])
    t, weight = np.polynomial.legendre.leggauss(20)
    inside = x[0] + (x[1] - x[0]) * (1 + t) / 2
    integral = float(
        (algebraic.stieltjes(law, inside.astype(complex)).real * weight).sum() * (x[1] - x[0]) / 2
    )
    difference = np.diff(algebraic.log_potential(law, x))[0]
    assert difference == pytest.approx(integral, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("phi", [Fraction(1, 10), half, Fraction(1), Fraction(2), Fraction(50)])
def test_marchenko_pastur(phi: Fraction) -> None:
    law = algebraic.prepare(oracle.levy(1, [(phi, phi)]))
    f = float(phi)
    low, high = (1 - f**0.5) ** 2, (1 + f**0.5) ** 2
    assert law.uncertified == ()
    assert law.bands == pytest.approx(np.array([[low, high]]), rel=1e-14, abs=1e-15)
    masses = [[0.0, 1 - 1 / f]] if phi > 1 else []
    assert law.atom_rows == pytest.approx(np.array(masses).reshape(-1, 2), abs=1e-15)
    x = low + (high - low) * np.array([1e-3, 0.1, 0.5, 0.9, 0.999])
    expected = np.sqrt((x - low) * (high - x)) / (2 * pi * f * x)
    assert algebraic.density(law, x) == pytest.approx(expected, rel=1e-12)
    z = np.array([0.3 + 1e-9j, -0.5 + 0.1j, 4 + 3j, 1e8 + 1e-3j])
    root = np.sqrt(z - low) * np.sqrt(z - high)
    assert algebraic.stieltjes(law, z) == pytest.approx((z + f - 1 - root) / (2 * f * z), rel=1e-7, abs=1e-16)
    assert algebraic.stieltjes(law, z.conj()) == pytest.approx(algebraic.stieltjes(law, z).conj(), rel=1e-15)
    theta = np.array([f**0.5 + 1.5, -0.3 - f**0.5, 3 * f + 7])
    place, overlap = algebraic.outliers(law, theta)
    # H(theta) = theta + 1 + phi/(theta - phi), overlap 1 - phi/(theta - phi)^2 where it is positive
    expected_overlap = 1 - f / (theta - f) ** 2
    seen = (expected_overlap > 0) & ((theta > f) | (theta < 0)) & (np.abs(theta - f) > f**0.5)
    hull = np.where(theta > 0, high, min(low, 0.0 if phi > 1 else low))
    seen &= np.where(theta > 0, theta + 1 + f / (theta - f) > hull, theta + 1 + f / (theta - f) < hull)
    assert place[seen] == pytest.approx((theta + 1 + f / (theta - f))[seen], rel=1e-13)
    assert overlap[seen] == pytest.approx(expected_overlap[seen], rel=1e-11)
    assert seen.any()


def test_semicircle_in_closed_form_next_to_the_edge() -> None:
    law = algebraic.prepare(oracle.levy(0, [(0, 1)]))
    distance = np.array([1e-15, 1e-12, 1e-8, 1e-3, 0.5, 1.9])
    x = 2 - distance
    exact = (2 - x) * (2 + x)  # the first factor is exact
    assert algebraic.density(law, x) == pytest.approx(np.sqrt(exact) / (2 * pi), rel=2e-15)
    assert algebraic.log_potential(law, x) == pytest.approx(x**2 / 4 - 0.5, abs=1e-15)
    z = np.array([2 + 1e-12j, 2 + 1e-300j, -2 + 1e-14 + 1e-13j, 0.5 + 1e-200j, 1j, 1e200 + 1e200j])
    root = np.sqrt(z - 2) * np.sqrt(z + 2)
    assert algebraic.stieltjes(law, z[:5]) == pytest.approx(2 / (z + root)[:5], rel=1e-14)
    assert algebraic.stieltjes(law, z[5:]) == pytest.approx(1 / z[5:], rel=1e-14)
    place, overlap = algebraic.outliers(law, np.array([1.25, -4.0, 0.9, 0.0, np.nan]))
    assert place == pytest.approx([1.25 + 0.8, -4.25, np.nan, np.nan, np.nan], nan_ok=True)
    assert overlap == pytest.approx([1 - 0.64, 1 - 1 / 16, np.nan, np.nan, np.nan], nan_ok=True)


def test_fuss_catalan_numbers_edges_and_density() -> None:
    law = algebraic.prepare(oracle.product_of_wisharts([1, 1]))
    expected = [comb(3 * k, k) // (2 * k + 1) for k in range(21)]
    assert algebraic.moments(law, 20)[:, 0].tolist() == [float(value) for value in expected]
    assert law.bands.tolist() == [[0.0, 6.75]]
    # Penson and Zyczkowski (2011), eq. 15
    x = np.array([1e-9, 1e-3, 0.5, 3.0, 6.7])
    c = np.cbrt(27 + 3 * np.sqrt(81 - 12 * x))
    density = 2 ** (1 / 3) * 3**0.5 / (12 * pi) * (2 ** (1 / 3) * c**2 - 6 * np.cbrt(x)) / (x ** (2 / 3) * c)
    assert algebraic.density(law, x) == pytest.approx(density, rel=1e-13)
    assert algebraic.density(law, np.array([0.0]))[0] == np.inf
    assert algebraic.stieltjes(law, np.array([0j]))[0].real == np.inf


def test_triple_product_at_its_singular_point() -> None:
    law = algebraic.prepare(oracle.product_of_wisharts([1, 1, 1]))
    assert law.bands == pytest.approx(np.array([[0.0, 256 / 27]]), rel=1e-15)
    # G ~ z^(-3/4) (-1)^(...), so the density is sin(pi/4)/pi x^(-3/4) to first order
    x = np.array([1e-30, 1e-24])
    assert algebraic.density(law, x) == pytest.approx(np.sin(pi / 4) / pi * x**-0.75, rel=1e-6)
    assert algebraic.cdf(law, x) == pytest.approx(4 * np.sin(pi / 4) / pi * x**0.25, rel=1e-6)


def test_levy_laws_as_polynomials() -> None:
    for values in ((0.3, 0.7), (0.5, 8.0), (1e-6, 3.0)):
        eps, phi = Fraction(values[0]), Fraction(values[1])
        law = algebraic.prepare(oracle.levy(1, [(0, 2 * eps), (phi, phi)]))
        bands = wishart_wigner.support(*values)
        assert law.uncertified == ()
        assert law.bands == pytest.approx(bands[~np.isnan(bands[:, 0])], rel=1e-14, abs=1e-15)
        x = np.concatenate([inner_points(law, 25), [law.places[0] - 1, law.places[-1] + 3]])
        assert algebraic.density(law, x) == pytest.approx(wishart_wigner.density(x, *values), rel=1e-10)
        assert algebraic.cdf(law, x) == pytest.approx(wishart_wigner.cdf(x, *values), abs=1e-14)
        assert algebraic.log_potential(law, x) == pytest.approx(
            wishart_wigner.log_potential(x, *values), abs=1e-13
        )
        assert algebraic.index(law)[0] == pytest.approx(wishart_wigner.index(*values), rel=1e-12)
        assert algebraic.free_cumulants(law, 6)[:, 0] == pytest.approx(
            wishart_wigner.free_cumulants(6, *values)
        )
        z = x + 1j * np.geomspace(1e-12, 1e3, x.size)
        assert algebraic.stieltjes(law, z) == pytest.approx(wishart_wigner.stieltjes(z, *values), rel=1e-11)


def test_an_exact_cusp_is_no_edge_and_a_gap_is_not_lost() -> None:
    """Wigner plus Wishart at phi = 8 merges its bands at eps = phi (phi^(1/3) - 1)^3 / 2 = 4."""
    cusp = algebraic.prepare(oracle.levy(1, [(0, 8), (8, 8)]))
    assert len(cusp.bands) == 1
    assert [point.ramification for point in cusp.points] == [2, 3, 2]
    distance = np.array([1e-12, 1e-9])
    ratio = algebraic.density(cusp, 5 + distance) / np.cbrt(distance)
    assert ratio[0] == pytest.approx(ratio[1], rel=1e-3)
    assert algebraic.density(cusp, np.array([5.0]))[0] == 0
    for step, count in ((-1e-6, 2), (1e-6, 1), (-1e-12, 2)):
        near = algebraic.prepare(oracle.levy(1, [(0, 8 * (1 + Fraction(step))), (8, 8)]))
        assert len(near.bands) == count
        assert near.uncertified == ()
        assert np.isfinite(algebraic.density(near, np.linspace(4.9, 5.1, 101))).all()


@pytest.mark.parametrize("step", [1e-12, 1e-8, 1e-3])
def test_a_neck_is_resolved(step: float) -> None:
    """Just past the merger the density at the neck is small, and right to the last digits."""
    eps = 4 * (1 + step)
    law = algebraic.prepare(oracle.levy(1, [(0, 2 * Fraction(eps)), (8, 8)]))
    assert law.uncertified == ()
    assert len(law.bands) == 1
    assert len(law.points) == 3  # both edges and the neck
    neck = law.places[1]
    x = np.concatenate([[neck], neck + np.geomspace(1e-15, 1, 31), neck - np.geomspace(1e-15, 1, 31)])
    expected = wishart_wigner.density(x, eps, 8.0)
    assert algebraic.density(law, x) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("ratios", "variance"),
    [
        ([1.0002, 2.0, 1.0001], 1.5e-6),  # an atom smeared over a band of width 0.003
        ([1 + 1e-8, 1 - 1e-8], 0),  # an edge 4e-25 from an atom of mass 1e-8
        ([3.0, 3.0, 3.0], 0),  # an atom on which three branches meet
    ],
)
def test_scales_far_apart(ratios: list[float], variance: float) -> None:
    law = algebraic.prepare(oracle.product_of_wisharts(ratios, variance))
    assert law.uncertified == ()
    assert law.upto[-1] == pytest.approx(1, abs=3e-15)
    atom = 1 - 1 / max(ratios) if not variance else 0
    assert algebraic.mass_at_zero(law)[0] == pytest.approx(atom, rel=1e-7, abs=1e-15)


def test_atom_at_a_hard_edge() -> None:
    law = algebraic.prepare(oracle.product_of_wisharts([2, 2]))
    assert law.atom_rows.tolist() == [[0.0, 0.5]]
    assert law.bands[0, 0] == 0.0  # the band starts at the atom
    assert algebraic.mass_at_zero(law).tolist() == [0.5]
    assert algebraic.index(law).tolist() == [0.0]
    assert algebraic.cdf(law, np.array([-1e-9, 0.0])).tolist() == [0.0, 0.5]
    assert algebraic.quantile(law, np.array([0.25, 0.5])).tolist() == [0.0, 0.0]
    assert algebraic.log_potential(law, np.array([0.0]))[0] == -np.inf
    x = np.array([1e-14, 1e-10])
    ratio = algebraic.density(law, x) * np.sqrt(x)
    assert ratio[0] == pytest.approx(ratio[1], rel=1e-4)


@pytest.mark.parametrize(("ratios", "variance"), [((half, 2), 0), ((half, Fraction(1, 4)), Fraction(1, 10))])
def test_against_complex_matrices(ratios: tuple[Fraction, ...], variance: Fraction) -> None:
    """Complex Gaussian matrices have no bias of order 1/N; linear statistics fluctuate by O(1/N)."""
    size, samples, rng = 120, 4, np.random.default_rng(7)
    law = algebraic.prepare(oracle.product_of_wisharts(ratios, variance))
    probe = np.array([-0.7 + 0.5j, 1.5 + 0.5j])
    found = []
    for _ in range(samples):
        matrix = np.eye(size, dtype=complex)
        for ratio in ratios:
            columns = int(size / ratio)
            x = rng.standard_normal((size, columns, 2)) @ [1, 1j] / (2 * columns) ** 0.5
            matrix = _root(matrix) @ (x @ x.conj().T) @ _root(matrix)
        w = rng.standard_normal((size, size, 2)) @ [1, 1j] / 2
        matrix = matrix + float(variance) ** 0.5 * (w + w.conj().T) / size**0.5
        eigenvalues = np.linalg.eigvalsh(matrix)
        found.append((1 / (probe[:, None] - eigenvalues)).mean(axis=1))
    mean, spread = np.mean(found, axis=0), 5 / (size * samples**0.5)
    assert np.max(np.abs(mean - algebraic.stieltjes(law, probe))) < spread
    wrong = algebraic.prepare(oracle.product_of_wisharts([2 * ratios[0], *ratios[1:]], variance))
    assert np.max(np.abs(mean - algebraic.stieltjes(wrong, probe))) > spread  # the check has teeth


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.conj().T


def test_special_values() -> None:
    law = algebraic.prepare(oracle.product_of_wisharts([half, half]))
    x = np.array([np.nan, -np.inf, np.inf])
    assert algebraic.density(law, x) == pytest.approx([np.nan, 0, 0], nan_ok=True)
    assert algebraic.cdf(law, x) == pytest.approx([np.nan, 0, 1], nan_ok=True)
    assert algebraic.sf(law, x) == pytest.approx([np.nan, 1, 0], nan_ok=True)
    assert algebraic.log_potential(law, x) == pytest.approx([np.nan, np.inf, np.inf], nan_ok=True)
    z = algebraic.stieltjes(law, np.array([complex(np.nan, 0), complex(np.inf, 1), complex(0, -np.inf)]))
    assert np.isnan(z[0])
    assert z[1:].tolist() == [0, 0]
    assert algebraic.density(law, np.empty(0)).shape == (0,)


def test_degenerate_parameters_with_the_generic_discriminant() -> None:
    """A Wigner part of variance 0 lowers the degree; factors that vanish there are computed anew."""
    plain = algebraic.prepare(oracle.product_of_wisharts([half, half]))
    rows = [[*row] for row in oracle.product_of_wisharts([half, half])]
    rows += [[Fraction(0)] * len(rows[0])] * 2
    padded = algebraic.prepare(rows, [[Fraction(0)]])
    assert padded.bands.tolist() == plain.bands.tolist()


def test_a_missing_edge_is_noticed() -> None:
    """Plant an edge polynomial that lacks the edge 27/4: it must not pass."""
    law = algebraic.prepare(oracle.product_of_wisharts([1, 1]), [[0, 1]])
    assert any("edge is missing" in sentence for sentence in law.uncertified)
    assert algebraic.prepare(oracle.product_of_wisharts([1, 1]), [[0, 1], [-27, 4]]).uncertified == ()


def test_wrong_polynomials_are_refused() -> None:
    with pytest.raises(ValueError, match="no branch with G ~ 1/z"):
        algebraic.prepare([[-2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    with pytest.raises(ValueError, match="several branches"):
        algebraic.prepare([[1.0, 0.0, 0.0], [0.0, -2.0, 0.0], [0.0, 0.0, 1.0]])
    with pytest.raises(ValueError, match="no G"):
        algebraic.prepare([[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"negative|no probability law|no singular point"):
        algebraic.prepare(oracle.levy(0, [(0, -1)]))  # semicircle of variance -1


def test_moments_are_exact() -> None:
    rows = oracle.product_of_wisharts([Fraction(1, 3), Fraction(2, 5)])
    moments = moments_at_infinity(rows, 3)
    # m_2 of a free product of mean-1 factors: 1 + a + b
    assert moments[:3] == [1, 1, 1 + Fraction(1, 3) + Fraction(2, 5)]


def test_moments_beyond_the_range_of_doubles_are_infinite() -> None:
    """A semicircle about -2^512: odd moments are negative. And a wide one."""
    far = Fraction(2**512)
    law = SimpleNamespace(rows=oracle.levy(-far, [(0, 1)]), mean=None)
    assert algebraic.moments(law, 3)[:, 0].tolist() == [1, -(2.0**512), np.inf, -np.inf]
    wide = SimpleNamespace(rows=oracle.levy(0, [(0, far**2)]), mean=None)
    assert algebraic.moments(wide, 3)[:, 0].tolist() == [1, 0, np.inf, 0]
    assert algebraic.free_cumulants(wide, 3)[:, 0].tolist() == [0, np.inf, 0]


def test_exact_real_roots() -> None:
    wilkinson = [1]
    for k in range(1, 16):
        wilkinson = [
            (wilkinson[i - 1] if i else 0) - k * (wilkinson[i] if i < len(wilkinson) else 0)
            for i in range(len(wilkinson) + 1)
        ]
    assert exact_roots.real_roots(wilkinson) == list(range(1, 16))
    tiny = Fraction(1, 10**30)  # roots 1 and 1 + 1e-30, and a complex pair at distance 1e-30
    close = exact_roots.integers([1 + tiny, -2 - tiny, 1])
    found = exact_roots.real_roots(close)
    assert found == [1, 1 + tiny] or abs(found[1] - found[0] - tiny) < tiny / 10**100
    assert exact_roots.real_roots(exact_roots.integers([1 + tiny**2, -2, 1])) == []
    root = exact_roots.real_roots([-2, 0, 1])[1]
    assert abs(root**2 - 2) < Fraction(1, 2**590)
    assert exact_roots.squarefree([4, 0, -4, 0, 1]) in ([2, 0, -1], [-2, 0, 1])


def test_following_around_a_branch_point_changes_the_sheet() -> None:
    root = np.array([[0.0, -1.0], [0.0, 0.0], [1.0, 0.0]])  # u^2 = s
    u = np.array([1.0 + 0j])
    angles = np.linspace(0, 2 * np.pi, 9)
    for before, after in pairwise(angles):
        u, _, proved = branch.follow(root, u, np.exp([1j * before]), np.exp([1j * after]))
        assert proved.all()
    assert u[0] == pytest.approx(-1.0)
    _, _, proved = branch.follow(root, np.array([1.0 + 0j]), np.array([1.0 + 0j]), np.array([-1.0 + 0j]))
    assert not proved.any()  # straight through the branch point nothing can be proved


def test_an_unresolved_law_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bands and atoms that miss mass stop the evaluation instead of going on with wrong numbers."""
    whole = algebraic.prepare([[-1, 0], [0, 1], [-1, 0]])
    kernels = AlgebraicKernels(lambda: AlgebraicCoefficients(rows=((-1, 0), (0, 1), (-1, 0)), edges=()), 1, 1)
    assert kernels.density(kernels.prepare(np.empty((0, 1))), np.zeros(1))[0] == pytest.approx(1 / np.pi)
    missing = SimpleNamespace(upto=0.9 * whole.upto, edges_missing=False, uncertified=("a table failed",))
    monkeypatch.setattr(algebraic, "prepare", lambda rows, edges, mean: missing)
    with pytest.raises(ArithmeticError, match="a table failed"):
        kernels.prepare(np.empty((0, 1)))


@pytest.mark.parametrize("factors", [5, 6])
def test_fuss_catalan_laws_of_high_ramification(factors: int) -> None:
    """z G = 1 + z^L G^(L+1): x = sin((L+1) t)^(L+1) / (sin t sin(L t)^L), and G ~ z^(-L/(L+1)) at 0."""
    rows = [[Fraction(0)] * (factors + 1) for _ in range(factors + 2)]
    rows[0][0], rows[1][1], rows[factors + 1][factors] = Fraction(-1), Fraction(1), Fraction(-1)
    law = algebraic.prepare(rows)
    assert law.uncertified == ()
    assert law.bands.tolist() == [[0, pytest.approx((factors + 1) ** (factors + 1) / factors**factors)]]
    t = np.linspace(0.05, 0.9999, 200) * np.pi / (factors + 1)
    long = np.sin((factors + 1) * t)
    x = long ** (factors + 1) / (np.sin(t) * np.sin(factors * t) ** factors)
    wanted = np.sin(t) ** 2 * np.sin(factors * t) ** (factors - 1) / (np.pi * long**factors)
    np.testing.assert_allclose(algebraic.density(law, x), wanted, rtol=1e-11)
    assert algebraic.moments(law, 4)[:, 0] == pytest.approx(
        [comb((factors + 1) * n, n) / (factors * n + 1) for n in range(5)], rel=1e-14
    )
