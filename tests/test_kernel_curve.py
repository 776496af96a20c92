"""Double-double arithmetic, prepared Levy laws, the curve w(x) and the density, against certified roots.

The reference takes every coefficient as the exact rational number that it is and isolates the roots of
the polynomial H(w) = x in python-flint; of these one at most has Im w > 0.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import flint
import numpy as np
import pytest
from flint import acb, arb, fmpq, fmpq_poly, fmpz_poly

from generated._runtime.curve import invert
from generated._runtime.density import density
from generated._runtime.double_double import DoubleDouble, sqrt, two_product, two_sum
from generated._runtime.levy import Levy, prepare
from generated._runtime.triple_double import TripleDouble

W = fmpq_poly([0, 1])
DIGITS = 400
# What is promised of edges, relatively, wherever they lie.
EDGE = 2e-31


def q(x: float) -> fmpq:
    return fmpq(*float(x).as_integer_ratio())


def law_of(model: str, *values) -> Levy:
    """Laws of arrays of parameters, as the generated modules prepare them."""
    p = [TripleDouble(np.atleast_1d(np.asarray(value, dtype=np.float64))) for value in values]
    one, zero = TripleDouble(np.ones(1)), TripleDouble(np.zeros(1))
    if model == "semicircle":
        return prepare(zero, [zero], [p[0] ** 2], [None], None)
    if model == "marchenko_pastur":
        phi, s = p
        return prepare(s, [s * phi], [s * s * phi], [1 / phi], zero)
    eps, phi = p[:2]
    b, c = phi * sqrt(eps / 2), eps * phi / 4
    if model == "wishart_wigner":
        return prepare(one, [zero, phi], [2 * eps, phi], [None, 1 / phi], None)
    if model == "relu_residual":
        return prepare(zero, [b, -b], [c, c], [1 / (2 * phi), 1 / (2 * phi)], zero)
    s = p[2]
    rates = [1 / phi, 1 / (2 * phi), 1 / (2 * phi)]
    return prepare(s, [s * phi, b, -b], [s * s * phi, c, c], rates, zero)


def parts_of(model: str, *values: float) -> tuple[fmpq, list[tuple[fmpq_poly, fmpq_poly]]]:
    """The mean and (denominator, numerator) of the fractions of H, exactly."""
    p = [q(value) for value in values]
    if model == "semicircle":
        return q(0), [(W, fmpq_poly([p[0] * p[0]]))]
    if model == "marchenko_pastur":
        phi, s = p
        return s, [(W - s * phi, fmpq_poly([s * s * phi]))]
    eps, phi = p[:2]
    if model == "wishart_wigner":
        return q(1), [(W, fmpq_poly([2 * eps])), (W - phi, fmpq_poly([phi]))]
    residual = (W * W - phi * phi * eps / 2, eps * phi / 2 * W)
    if model == "relu_residual":
        return q(0), [residual]
    s = p[2]
    return s, [(W - s * phi, fmpq_poly([s * s * phi])), residual]


def equation(mean: fmpq, parts: list[tuple[fmpq_poly, fmpq_poly]], x: float) -> fmpq_poly:
    """The polynomial in w whose roots solve H(w) = x."""
    top, bottom = W + (mean - q(x)), fmpq_poly([1])
    for denominator, numerator in parts:
        if numerator != 0:
            top, bottom = top * denominator + numerator * bottom, bottom * denominator
    common = top.gcd(bottom)
    return top // common if common.degree() > 0 else top


def certified_root(polynomial: fmpq_poly) -> acb | None:
    """The root with Im w > 0, if there is one."""
    flint.ctx.prec = DIGITS
    roots = fmpz_poly(polynomial.numer().coeffs()).complex_roots()
    upper = [root for root, _ in roots if root.imag > 0]
    assert len(upper) <= 1
    return upper[0] if upper else None


def relative_error(value: float, root: acb | None) -> float:
    """Of a density."""
    if root is None:
        return 0.0 if value == 0 else np.inf
    exact = root.imag / (abs(root) ** 2 * arb.pi())
    if not np.isfinite(value):
        return np.inf
    return float(abs((arb(float(value)) - exact) / exact))


def worst(model: str, values: tuple[float, ...], law: Levy, points) -> float:
    mean, parts = parts_of(model, *values)
    points = np.asarray(points, dtype=np.float64)
    found = density(law, points)
    assert not np.isnan(found).any()
    errors = [0.0]
    for x, value in zip(points.tolist(), found.tolist(), strict=True):
        polynomial = equation(mean, parts, x)
        if value == np.inf:
            assert polynomial(0) == 0  # w = 0
        else:
            errors.append(relative_error(value, certified_root(polynomial)))
    return max(errors)


class Adversary:
    """Parameters and points where something nearly happens."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def size(self, low: float, high: float) -> float:
        """Log-uniform."""
        return float(10.0 ** self.rng.uniform(low, high))

    def near(self, value: float) -> float:
        return float(value * (1.0 + self.rng.choice([-1.0, 1.0]) * self.size(-16.2, -1)))

    def parameters(self, model: str) -> tuple[float, ...]:
        phi = [self.size(-6, 5), self.size(-1, 1), self.near(1), self.near(2), 1.0, 2.0][self.rng.integers(6)]
        sigma = [1.0, self.size(-6, 6)][self.rng.integers(2)]
        if model == "semicircle":
            return (sigma,)
        if model == "marchenko_pastur":
            return (phi, sigma)
        transition = 2.0
        if model == "wishart_wigner" and phi != 1:
            root = (1 + 8 * phi) ** 0.5
            merging = phi * (phi ** (1 / 3) - 1) ** 3 / 2
            transition = merging if phi > 1 else 4 * (1 - phi) ** 3 * (1 + root) / (3 + root) ** 3
        if model == "relu_hessian" and phi < 2 and phi != 1:
            root = (1 + 8 * phi * (2 - phi)) ** 0.5
            critical = 16 * (1 - phi) ** 3 * (1 + root) / (phi * (3 + root) ** 3)
            opening = (2 - phi) * (3 + root) ** 3 / (4 * (1 + root) * abs(phi - 1) ** 3)
            transition = critical if phi < 1 else opening
        choices = [self.size(-12, 6), self.size(-2, 1), self.near(transition), self.near(2), 2.0, 0.0]
        eps = choices[self.rng.integers(6)]
        eps = eps if eps == 0 else min(max(eps, 1e-12), 1e6)
        return (eps * sigma * sigma, phi, sigma) if model == "relu_hessian" else (eps, phi)

    def points(self, law: Levy) -> list[float]:
        """Next to edges, inside bands, in gaps, next to necks and to 0."""
        ends = law.bands[0].ravel()
        ends = ends[np.isfinite(ends)]
        if not ends.size:
            return [0.0, 1.0]
        hull = ends[-1] - ends[0]
        points = []
        for _ in range(3):
            i = self.rng.integers(ends.size)
            width = [hull, ends[i | 1] - ends[i & ~1]][self.rng.integers(2)]
            points.append(ends[i] + self.rng.choice([-1, 1]) * width * self.size(-17, 0))
            points.append(ends[i] * (1 + self.rng.choice([-1, 1]) * self.size(-16, -3)))
        i = 2 * self.rng.integers(ends.size // 2)
        points.append(ends[i] + (ends[i + 1] - ends[i]) * self.rng.random())
        points.append(self.rng.choice([-1, 1]) * self.size(-30, 0) * hull)
        necks = law.centres.x[2 * law.poles.shape[0] :, 0]
        necks = necks[np.isfinite(necks)]
        if necks.size:
            points.append(self.rng.choice(necks) + self.rng.choice([-1, 1]) * hull * self.size(-17, 0))
        return [float(x) for x in points]


MODELS = ("semicircle", "marchenko_pastur", "wishart_wigner", "relu_residual", "relu_hessian")


# double-double


def fraction(x: DoubleDouble) -> Fraction:
    return Fraction(float(x.hi)) + Fraction(float(x.lo))


def test_sums_and_products_of_doubles_are_exact() -> None:
    rng = np.random.default_rng(1)
    for a, b in zip(*(rng.normal(size=(2, 300)) * 10.0 ** rng.integers(-60, 60, (2, 300))), strict=True):
        assert sum(map(Fraction, map(float, two_sum(a, b)))) == Fraction(a) + Fraction(b)
        assert sum(map(Fraction, map(float, two_product(a, b)))) == Fraction(a) * Fraction(b)


def test_double_double_keeps_its_bounds() -> None:
    rng = np.random.default_rng(2)
    unit = Fraction(1, 2**106)

    def number() -> DoubleDouble:
        return DoubleDouble(rng.normal()) * DoubleDouble(rng.normal()) + rng.normal() * 1e-9

    for _ in range(200):
        a, b = number(), number()
        x, y = fraction(a), fraction(b)
        for found, exact, bound in (
            (a + b, x + y, 3),
            (a - b, x - y, 3),
            (a * b, x * y, 5),
            (a / b, x / y, 10),
            (2 - a, 2 - x, 3),
            (3 / b, 3 / y, 10),
            (a**3, x**3, 12),
            (b**-2, 1 / y**2, 20),
            (abs(a), abs(x), 0),
            (sqrt(abs(a)) * sqrt(abs(a)), abs(x), 20),
        ):
            assert abs(fraction(found) - exact) <= bound * unit * abs(exact)
        assert bool(a < b) == (x < y)
        assert bool(a >= b) == (x >= y)
        assert bool(a == a + 0)
    assert fraction(DoubleDouble.of(2**60 + 1)) == 2**60 + 1
    assert float(sqrt(DoubleDouble(0.0)).hi) == 0.0
    with pytest.raises(TypeError, match="integer powers"):
        DoubleDouble(2.0) ** 0.5


def test_triple_double_keeps_its_bounds() -> None:
    rng = np.random.default_rng(3)
    unit = Fraction(1, 2**154)

    def number() -> TripleDouble:
        return TripleDouble(rng.normal()) * TripleDouble(rng.normal()) * TripleDouble(rng.normal()) + 1e-20

    def exact(t: TripleDouble) -> Fraction:
        return Fraction(float(t.hi)) + Fraction(float(t.mid)) + Fraction(float(t.lo))

    for _ in range(100):
        a, b = number(), number()
        x, y = exact(a), exact(b)
        for found, wanted, size in (
            (a + b, x + y, abs(x) + abs(y)),
            (2 - b, 2 - y, 2 + abs(y)),
            (a * b, x * y, abs(x * y)),
            (a / b, x / y, abs(x / y)),
            (a**3, x**3, abs(x**3)),
            (3 * b**-2, 3 / y**2, 3 / y**2),
            (sqrt(a * a) * sqrt(a * a), x * x, x * x),
        ):
            assert abs(exact(found) - wanted) <= unit * size
        assert abs(fraction(a.rounded()) - x) <= Fraction(1, 2**105) * abs(x)
    assert float(sqrt(TripleDouble(0.0)).hi) == 0.0
    with pytest.raises(TypeError, match="integer powers"):
        TripleDouble(2.0) ** 0.5


def test_arrays_on_the_left_leave_the_operation_to_double_double() -> None:
    result = np.array([1.0, 2.0]) * DoubleDouble(np.array([3.0, 4.0]))
    assert isinstance(result, DoubleDouble)
    assert result.to_float().tolist() == [3.0, 8.0]


# preparation


def test_known_edges() -> None:
    for phi in (0.25, 1.0, 4.0):
        bands = law_of("marchenko_pastur", phi, 1.0).bands[0]
        assert bands.tolist() == [[(1 - phi**0.5) ** 2, (1 + phi**0.5) ** 2]]
    assert law_of("semicircle", 1.5).bands.tolist() == [[[-3.0, 3.0]]]


@pytest.mark.parametrize("phi", [1 + 2**-52, 1 - 2**-53, 1.0, 1e5, 1e-6])
def test_edges_of_marchenko_pastur_hold_their_digits(phi: float) -> None:
    law = law_of("marchenko_pastur", phi, 1.0)
    flint.ctx.prec = DIGITS
    for hi, lo, sign in zip(law.edges_hi[:, 0], law.edges_lo[:, 0], (-1, 1), strict=True):
        exact = (1 + sign * arb(phi).sqrt()) ** 2
        assert abs(arb(float(hi)) + arb(float(lo)) - exact) <= exact * EDGE


def test_an_edge_next_to_zero_holds_its_digits() -> None:
    """At eps_c (1 +- 2^-50) the lower edge is 1e-16 of the width, and relatively as accurate as any."""
    phi = 0.5
    root = 5**0.5
    eps_c = 4 * 0.5**3 * (1 + root) / (3 + root) ** 3
    for eps in (eps_c * (1 - 2**-50), eps_c * (1 + 2**-50), eps_c * 1.0000001):
        law = law_of("wishart_wigner", eps, phi)
        near = law.edges_hi[0, 0] * (1 + np.array([-1e-15, 1e-15, -1e-12, 1e-12, 1e-6]))
        assert abs(near[0]) < 1e-6
        assert worst("wishart_wigner", (eps, phi), law, near) <= 1e-12


def test_dropped_and_merged_poles() -> None:
    eps, phi = np.array([0.0, 2.0, 2.0, 1e-3, 0.0]), np.array([0.5, 0.5, 2.0, 3.0, 3.0])
    law = law_of("relu_hessian", eps, phi, np.ones(5))
    assert law.active.sum(axis=0).tolist() == [1, 2, 2, 3, 1]
    assert np.isnan(law.bands[:, :, 0]).sum(axis=1).tolist() == [2, 2, 1, 0, 2]
    # weights of poles that merge are added: b = sigma phi, 2 eps = 4
    assert law.weights[:, 1].tolist() == [0.25, 0.75, 0.0]
    atoms = law.atom_rows[:, 0]
    np.testing.assert_allclose(atoms[3:], [[0, 1 / 3], [0, 2 / 3]], rtol=1e-15)
    assert np.isnan(atoms[:3]).all()
    np.testing.assert_allclose(law.levels[:, 3], [0, 1 / 2, 2 / 3, 1], rtol=1e-15)


def test_laws_side_by_side_are_the_laws_one_by_one() -> None:
    adversary = Adversary(5)
    values = np.array([adversary.parameters("relu_hessian") for _ in range(60)]).T
    together = law_of("relu_hessian", *values)
    x = together.edges_hi[0] + np.where(np.isfinite(together.edges_hi[1]), 0.3, 0.1)
    rho = density(together, np.nan_to_num(x))
    for i in range(60):
        alone = law_of("relu_hessian", *values[:, i])
        for field in dataclasses.fields(Levy):
            if field.name not in ("centres", "frozen"):
                np.testing.assert_array_equal(
                    getattr(alone, field.name)[..., 0], getattr(together, field.name)[..., i], field.name
                )
        np.testing.assert_allclose(density(alone, np.nan_to_num(x[i : i + 1])), rho[i], rtol=4e-15)


def test_without_poles_a_law_is_its_mean() -> None:
    law = law_of("relu_residual", 0.0, 0.7)
    assert np.isnan(law.bands).all()
    assert law.atom_rows.tolist() == [[[0.0, 1.0]]]
    curve = invert(law, np.array([-2.0, 0.0, 1e-300, 5.0]))
    assert curve.u.tolist() == [-2.0, 0.0, 1e-300, 5.0]
    assert density(law, np.array([-1.0, 0.0])).tolist() == [0.0, 0.0]


def test_negative_weights_are_refused() -> None:
    one = DoubleDouble(np.ones(1))
    with pytest.raises(ValueError, match="must not be negative"):
        prepare(one, [one], [-one], [one], one)


# the curve


def test_cusps_and_hard_edges() -> None:
    cusp = law_of("relu_residual", 1.0, 1.0)
    assert np.isfinite(cusp.bands[0]).sum() == 2
    hard = law_of("relu_hessian", 0.3, 2.0, 1.0)
    for law, exponent in ((cusp, 1 / 3), (law_of("marchenko_pastur", 1.0, 1.0), 1 / 2), (hard, 1 / 2)):
        tiny = np.array([1e-40, 1e-250])
        assert density(law, np.zeros(1))[0] == np.inf
        first, second = density(law, tiny)
        assert np.log(second / first) / np.log(tiny[0] / tiny[1]) == pytest.approx(exponent, rel=1e-12)
        left, right = density(law, np.array([-1e-300, 1e-300]))
        assert left == (right if law is cusp else 0.0)


def test_the_curve_at_a_distance_below_the_spacing_of_doubles() -> None:
    """x = edge + t for t down to 1e-28 of the width: v ~ sqrt(t) relatively accurate."""
    law = law_of("wishart_wigner", 0.05, 0.5)
    t = 10.0 ** -np.arange(10.0, 29.0)
    lower = np.full(t.size, law.edges_hi[0, 0])
    curve = invert(law, lower, law.edges_lo[0, 0] + t)
    assert (curve.band == 0).all()
    np.testing.assert_allclose(curve.v / np.sqrt(t), (curve.v / np.sqrt(t))[-1], rtol=3e-5)
    flint.ctx.prec = DIGITS
    mean, parts = parts_of("wishart_wigner", 0.05, 0.5)
    for i in (0, 10, 18):
        lo = law.edges_lo[0, 0] + t[i]
        shifted = equation(mean - q(lo), parts, law.edges_hi[0, 0])
        root = certified_root(shifted)
        assert root is not None
        # the edge itself is known to 1e-31
        assert float(abs(arb(curve.v[i]) / root.imag - 1)) <= 1e-15 + 1e-31 / t[i]


def test_infinite_and_missing_points() -> None:
    for values in ((0.05, 0.5), (0.05, 3.0)):
        law = law_of("wishart_wigner", *values)
        x = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 1.0])
        assert density(law, x)[1:5].tolist() == [0.0] * 4
        assert np.isnan(density(law, x)[0])
        curve = invert(law, x)
        assert curve.u[1:3].tolist() == [np.inf, -np.inf]
        np.testing.assert_allclose(curve.u[3:5], x[3:5], rtol=1e-15)
        assert np.isnan([curve.u[0], curve.v[0]]).all()
    assert density(law, np.empty(0)).shape == (0,)


def test_the_curve_solves_its_equation_outside_the_bands() -> None:
    for values in ((1e-3, 3.0, 1.0), (2.0, 0.1, 1.0), (5.0, 2.0, 1.0)):
        law = law_of("relu_hessian", *values)
        ends = law.bands[0].ravel()
        ends = ends[np.isfinite(ends)]
        gaps = [(ends[0] - 5, ends[0]), (ends[-1], ends[-1] + 5), *zip(ends[1:-1:2], ends[2::2], strict=True)]
        mean, parts = parts_of("relu_hessian", *values)
        for low, high in gaps:
            for x in low + (high - low) * np.array([1e-12, 1e-5, 0.2, 0.5, 0.8, 1 - 1e-5]):
                curve = invert(law, np.array([x]))
                if curve.v[0] > 0 or x in ends:
                    continue  # rounded into a band
                assert curve.band[0] == -1
                assert curve.gap[0] == (ends < x).sum() // 2
                slope = 1 - (law.weights[:, 0] / curve.offsets[:, 0] ** 2).sum()
                assert slope > 0
                roots = fmpz_poly(equation(mean, parts, float(x)).numer().coeffs()).complex_roots()
                assert min(float(abs(root - float(curve.u[0]))) for root, _ in roots) <= 1e-14 * abs(
                    curve.u[0]
                )


# the density


@pytest.mark.parametrize("model", MODELS)
def test_density_over_the_whole_domain(model: str) -> None:
    adversary = Adversary(7)
    for _ in range(60):
        values = adversary.parameters(model)
        law = law_of(model, *values)
        points = adversary.points(law)
        assert worst(model, values, law, points) <= 1e-12, (values, points)


def test_density_where_laws_meet() -> None:
    """Next to phi = 1, to eps = 2 sigma^2, to the critical energy and to merging bands, point by point."""
    eps_c = 16 * 0.5**3 * (1 + 7**0.5) / (0.5 * (3 + 7**0.5) ** 3)
    for model, values in (
        ("marchenko_pastur", (1 + 2**-52, 1.0)),
        ("marchenko_pastur", (1 - 1e-15, 3.0)),
        ("relu_residual", (1.0, 1 + 1e-15)),
        ("relu_residual", (1e-12, 1 - 1e-15)),
        ("relu_hessian", (2 * (1 + 1e-10), 1.5, 1.0)),
        ("relu_hessian", (2.0, 1.5, 1.0)),
        ("relu_hessian", (eps_c * (1 + 2**-50), 0.5, 1.0)),
        ("relu_hessian", (1e6, 2 + 1e-15, 1.0)),
        ("wishart_wigner", (8 * (2 - 1) ** 3 / 2 * (1 + 1e-15), 8.0)),
        ("wishart_wigner", (4.0, 8.0)),
    ):
        law = law_of(model, *values)
        ends = law.bands[0].ravel()
        ends = ends[np.isfinite(ends)]
        near = np.concatenate([[-1, 1] * np.array([[t]]) for t in (1e-15, 1e-11, 1e-6, 1e-2)]).ravel()
        places = np.concatenate([ends, law.centres.x[2 * law.poles.shape[0] :, 0]])
        places = places[np.isfinite(places)]
        points = (places[:, None] + near * np.ptp(ends)).ravel()
        assert worst(model, values, law, points) <= 1e-12, (model, values)


def test_poles_of_very_different_weight() -> None:
    """A narrow band beside a wide one, a pole deep inside a band."""
    for model, values in (
        ("wishart_wigner", (1e-12, 3.0)),
        ("wishart_wigner", (1e-30, 3.0)),
        ("wishart_wigner", (1e-30, 1e4)),
        ("wishart_wigner", (1e6, 1e-6)),
        ("wishart_wigner", (1e20, 1e-5)),
        ("relu_hessian", (1e-20, 3.0, 1.0)),
        ("relu_hessian", (1e6, 1e-6, 1.0)),
        ("relu_hessian", (1e-12, 1e5, 1.0)),
    ):
        law = law_of(model, *values)
        bands = law.bands[0][np.isfinite(law.bands[0, :, 0])]
        points = np.concatenate([low + (high - low) * np.array([1e-9, 0.1, 0.4, 0.9]) for low, high in bands])
        assert worst(model, values, law, points) <= 1e-12, (model, values)


def test_laws_of_many_poles() -> None:
    """Up to eight poles of either sign, some nearly merged, some of tiny weight."""
    adversary = Adversary(11)
    for degree in (3, 4, 6, 8):
        for _ in range(6):
            poles = adversary.rng.normal(size=degree) * 10.0 ** adversary.rng.uniform(-2, 2, degree)
            poles[1] = poles[0] * (1 + adversary.size(-13, -1))
            weights = 10.0 ** adversary.rng.uniform(-8, 2, degree)
            wigner = bool(adversary.rng.integers(2))
            if wigner:
                poles[-1] = 0.0
            p, c = ([TripleDouble(np.array([value])) for value in row] for row in (poles, weights))
            rates = [
                None if value.hi[0] == 0 else weight / value**2 for value, weight in zip(p, c, strict=True)
            ]
            mean = TripleDouble(np.array([0.5]))
            place = None
            if not wigner:
                place = mean
                for value, weight in zip(p, c, strict=True):
                    place = place - weight / value
            law = prepare(mean, p, c, rates, place)
            parts = [(W - q(a), fmpq_poly([q(b)])) for a, b in zip(poles, weights, strict=True)]
            points = adversary.points(law)
            for x, value in zip(points, density(law, np.array(points)), strict=True):
                root = certified_root(equation(q(0.5), parts, x))
                assert relative_error(value, root) <= 1e-12, (poles, weights, x)


def test_a_planted_error_in_an_edge_is_seen() -> None:
    values = (0.05, 0.5)
    law = law_of("wishart_wigner", *values)
    points = law.edges_hi[0, 0] + 2.0 ** -np.arange(48.0, 52.0)
    assert worst("wishart_wigner", values, law, points) <= 1e-14
    centres = dataclasses.replace(law.centres, x_lo=np.zeros_like(law.centres.x_lo))
    rounded = dataclasses.replace(law, centres=centres)
    assert worst("wishart_wigner", values, rounded, points) > 1e-3
