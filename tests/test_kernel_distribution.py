"""Distribution, quantile, complex plane, moments and outliers of Levy laws, against certified roots.

The reference isolates the roots of the polynomial H(w) = z in python-flint and evaluates Laisant's formula
cdf = 1 + Im [F(G) - x G] / pi, F an antiderivative of R(g) + 1/g, in mpmath at 130 digits: it shares neither
the branch nor the angles with the runtime.
"""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from math import comb
from typing import Any

import flint
import mpmath
import numpy as np
import pytest
from mpmath import mp, mpc, mpf

from generated._runtime.arithmetic.double_double import DoubleDouble, sqrt
from generated._runtime.levy.complex_plane import stieltjes
from generated._runtime.levy.distribution import cdf, index, log_potential, mass_at_zero, sf
from generated._runtime.levy.law import Levy, prepare
from generated._runtime.levy.moments import free_cumulants, moments
from generated._runtime.levy.outliers import outliers
from generated._runtime.levy.quantile import quantile, upper_quantile

pytestmark = pytest.mark.filterwarnings("error")

BITS = 430
Poles = list[tuple[Any, Any]]


@dataclasses.dataclass
class Reference:
    """H(w) = w + mean + sum c / (w - p) with exact or 130-digit coefficients."""

    mean: Any
    poles: Poles

    def root(self, z: Any) -> Any:
        """The physical w at z, Im z >= 0."""
        with mp.workprec(BITS):
            z = mpc(z)
            with _flint_precision(4 * BITS):
                top = flint.acb_poly([_ball(self.mean - z), 1])
                bottom = flint.acb_poly([1])
                for p, c in self.poles:
                    factor = flint.acb_poly([_ball(-p), 1])
                    top, bottom = top * factor + bottom * _ball(c), bottom * factor
                middle = flint.acb_poly([flint.acb(a.real.mid(), a.imag.mid()) for a in top.coeffs()])
                roots = [_number(r) for r in middle.roots(tol=flint.arb(2) ** -1300, maxprec=20000)]
            best = max(roots, key=lambda w: w.imag)
            if z.imag == 0 and best.imag < mpf(2) ** -600:
                best = mpc(max((w.real for w in roots if abs(w.imag) < mpf(2) ** -600), key=self.slope))
            return best

    def slope(self, w: Any) -> Any:
        """H'(w)."""
        return 1 - sum(c / (w - p) ** 2 for p, c in self.poles)

    def cdf(self, x: Any) -> Any:
        """Laisant's formula inside bands, sums of rates in gaps."""
        with mp.workprec(BITS):
            w = self.root(x)
            rates = [(p, c / p**2) for p, c in self.poles if p != 0]
            if w.imag == 0:
                if w.real < 0:
                    return sum((rate for p, rate in rates if p < w.real), mpf(0))
                return 1 - sum((rate for p, rate in rates if p > w.real), mpf(0))
            g = 1 / w
            gaussian = sum((c for p, c in self.poles if p == 0), mpf(0))
            total = mp.log(g) + (self.mean - x) * g + gaussian * g**2 / 2
            total += sum(rate * (-p * g - mp.log(1 - p * g)) for p, rate in rates)
            return 1 + total.imag / mp.pi

    def log_potential(self, x: Any) -> Any:
        """Re [x G - F(G)] - 1."""
        with mp.workprec(BITS):
            g = 1 / self.root(x)
            total = mp.log(abs(g)) + ((self.mean - x) * g).real
            for p, c in self.poles:
                if p == 0:
                    total += (c * g**2 / 2).real
                else:
                    total += c / p**2 * ((-p * g).real - mp.log(abs(1 - p * g)))
            return -total - 1

    def prepared(self) -> Levy:
        """The same law for the runtime."""
        with mp.workprec(BITS):
            gaussian = any(p == 0 for p, c in self.poles)
            place = self.mean - sum(c / p for p, c in self.poles) if not gaussian else mpf(0)
            place = place if abs(place) > mpf(10) ** -40 else mpf(0)
            defect = 1 - sum(c / p**2 for p, c in self.poles) if not gaussian else mpf(0)
            defect = defect if abs(defect) > mpf(10) ** -40 else mpf(0)
            return prepare(
                _pair(self.mean),
                [_pair(p) for p, c in self.poles],
                [_pair(c) for p, c in self.poles],
                [None if p == 0 else _pair(c / p**2) for p, c in self.poles],
                {} if gaussian else {tuple(range(len(self.poles))): (_pair(place), _pair(defect))},
            )


class _flint_precision:
    def __init__(self, bits: int) -> None:
        self.bits = bits

    def __enter__(self) -> None:
        self.before, flint.ctx.prec = flint.ctx.prec, self.bits

    def __exit__(self, *_: Any) -> None:
        flint.ctx.prec = self.before


def _exact(x: Any) -> Any:
    sign, mantissa, exponent, _ = mpf(x)._mpf_
    value = flint.arb(-int(mantissa) if sign else int(mantissa))
    return value * flint.arb(2) ** exponent if exponent >= 0 else value / flint.arb(2) ** -exponent


def _ball(z: Any) -> Any:
    z = mpc(z)
    return flint.acb(_exact(z.real), _exact(z.imag))


def _number(ball: Any) -> Any:
    parts = []
    for part in (ball.real, ball.imag):
        mantissa, exponent = part.mid().man_exp()
        parts.append(mpmath.ldexp(mpf(int(mantissa)), int(exponent)))
    return mpc(*parts)


def _pair(x: Any) -> DoubleDouble:
    high = float(x)
    return DoubleDouble(np.array([high]), np.array([float(x - mpf(high))]))


def wishart_wigner(eps: float, phi: float) -> Reference:
    return Reference(mpf(1), [(mpf(0), 2 * mpf(eps)), (mpf(phi), mpf(phi))])


def relu(eps: float, phi: float, s: float | None = 1.0) -> Reference:
    with mp.workprec(BITS):
        b, c = mpf(phi) * mp.sqrt(mpf(eps) / 2), mpf(eps) * mpf(phi) / 4
        poles = [(b, c), (-b, c)]
        if s is None:
            return Reference(mpf(0), poles)
        return Reference(mpf(s), [(mpf(s) * phi, mpf(s) ** 2 * phi), *poles])


def user(mean: float, *poles: tuple[float, float]) -> Reference:
    return Reference(mpf(mean), [(mpf(p), mpf(c)) for p, c in poles])


LAWS = {
    "semicircle": user(0, (0, 2.25)),
    "marchenko-pastur": user(1, (0.25, 0.25)),
    "marchenko-pastur, atom": user(1, (4, 4)),
    "marchenko-pastur, hard edge": user(1, (1, 1)),
    "wishart-wigner": wishart_wigner(0.125, 0.5),
    "wishart-wigner, two bands": wishart_wigner(0.02, 3.0),
    "wishart-wigner, far corner": wishart_wigner(1e-9, 4e4),
    "residual, one band": relu(0.5, 0.75, None),
    "residual, atom": relu(0.5, 4.0, None),
    "hessian": relu(0.25, 0.5),
    "hessian, three bands, atom": relu(0.01, 8.0),
    "hessian, nearly merged poles": relu(2 * (1 + 1e-10), 1.5),
    "user, five poles": user(-0.3, (-2.0, 1.5), (-0.4, 0.2), (0, 0.1), (0.7, 2.0), (3.0, 0.9)),
    "user, atom not at 0": user(5.0, (2.0, 1.0), (-3.0, 2.0)),
}


def points(law: Levy) -> np.ndarray:
    """Points in bands, 1e-17..1e-1 of the width from edges on both sides, in gaps, and 0.

    Edges themselves are left out where they are doubles: the reference wants simple roots.
    """
    rng = np.random.default_rng(7)
    exists = np.isfinite(law.edges_hi[:, 0])
    edges = law.edges_hi[exists, 0]
    width = edges[-1] - edges[0]
    away = width * 10 ** rng.uniform(-17, -1, (2, edges.size))
    near = np.concatenate([edges + away[0], edges - away[1], edges + 1e-3 * np.diff(edges).min()])
    x = np.concatenate([near, rng.uniform(edges[0] - 0.1 * width, edges[-1] + 0.1 * width, 8), [0.0]])
    return x[~np.isin(x, edges[law.edges_lo[exists, 0] == 0])]


def relative(found: Any, true: Any) -> float:
    """Relative error; numbers below the range of doubles count as 0."""
    found, true = mpmath.mpmathify(complex(found)), mpmath.mpmathify(true)
    if abs(true) < mpf(10) ** -300:
        return float(abs(found))
    return float(abs(found - true) / abs(true))


def worst_mass_error(law: Levy, reference: Reference) -> float:
    """Largest relative error of cdf and sf over `points`."""
    x = points(law)
    below, above = cdf(law, x), sf(law, x)
    worst = 0.0
    for i, place in enumerate(x):
        true = reference.cdf(mpf(float(place)))
        with mp.workprec(BITS):
            rest = 1 - true
        worst = max(worst, relative(below[i], true), relative(above[i], rest))
    return worst


@pytest.mark.parametrize("name", sorted(set(LAWS) - {"marchenko-pastur, atom", "residual, atom"}))
def test_masses_are_relatively_accurate_in_both_tails(name: str) -> None:
    reference = LAWS[name]
    assert worst_mass_error(reference.prepared(), reference) < 1e-14


def test_a_wrong_weight_is_seen() -> None:
    reference = LAWS["hessian"]
    law = reference.prepared()
    wrong = dataclasses.replace(law, weights=law.weights * (1 + 1e-11))
    assert worst_mass_error(wrong, reference) > 1e-12


def test_tails_reach_far_below_an_ulp_of_one() -> None:
    law = LAWS["wishart-wigner"].prepared()
    left = law.edges_hi[0, 0]
    x = np.array([np.nextafter(left, 1), left + 1e-12, left + 1e-9])
    assert np.all(cdf(law, x) < 1e-12)
    assert relative(cdf(law, x)[0], LAWS["wishart-wigner"].cdf(mpf(float(x[0])))) < 1e-14


@pytest.mark.parametrize("name", ["marchenko-pastur, atom", "residual, atom", "user, atom not at 0"])
def test_atoms_jump_once_and_from_the_right(name: str) -> None:
    law = LAWS[name].prepared()
    place, mass = law.atom_rows[0, 0]
    x = np.array([np.nextafter(place, -9.0), place, np.nextafter(place, 9.0)])
    below, above = cdf(law, x), sf(law, x)
    assert below[1] == below[2] == below[0] + mass
    assert above[1] == above[2]
    assert abs(above[0] - above[1] - mass) < 2e-16
    assert log_potential(law, x)[1] == -np.inf
    assert mass_at_zero(law)[0] == (mass if place == 0 else 0.0)
    q = np.array([below[0] + 0.25 * mass, below[0] + 0.75 * mass, below[1]])
    assert np.all(quantile(law, q) == place)
    z = stieltjes(law, np.array([place, complex(place, 1e-200)]))
    assert z[0] == complex(np.inf, 0.0)
    if place == 0:
        assert relative(z[1], mpc(0, -mass * 1e200)) < 1e-14


def test_index_next_to_the_critical_energy() -> None:
    for phi in (1e-3, 0.25, 0.9, 1 - 1e-6):
        with mp.workprec(BITS):
            root = mp.sqrt(1 + 8 * mpf(phi))
            critical = 4 * (1 - mpf(phi)) ** 3 * (1 + root) / (3 + root) ** 3
        for step, tolerance in ((-(2.0**-50), 0.0), (2.0**-50, 1e-8), (2.0**-30, 1e-13), (1.0, 1e-14)):
            reference = wishart_wigner(float(critical * (1 + mpf(step))), phi)
            found = index(reference.prepared())[0]
            assert relative(found, reference.cdf(mpf(0))) <= tolerance, (phi, step)


def test_index_counts_open_half_line() -> None:
    law = LAWS["residual, atom"].prepared()
    assert index(law)[0] == 0.125
    assert mass_at_zero(law)[0] == 0.75
    shifted = user(5.0, (2.0, 1.0), (-3.0, 2.0)).prepared()
    assert shifted.atom_hi[0] > 0
    assert index(shifted)[0] == cdf(shifted, np.array([0.0]))[0]


@pytest.mark.parametrize("name", sorted(LAWS))
def test_log_potential(name: str) -> None:
    reference = LAWS[name]
    law = reference.prepared()
    x = points(law)
    x = x[x != law.atom_hi[0]]
    for place, found in zip(x, log_potential(law, x), strict=True):
        if reference.root(mpf(float(place))) != 0:
            true = reference.log_potential(mpf(float(place)))
            assert abs(found - true) < 2e-14 * max(1, abs(true)), place


@pytest.mark.parametrize("name", sorted(LAWS))
def test_stieltjes_in_the_whole_plane(name: str) -> None:
    reference = LAWS[name]
    law = reference.prepared()
    rng = np.random.default_rng(3)
    x = points(law)
    x = np.concatenate([x, [1e9, -1e150, 1e300]])
    height = 10 ** np.concatenate(
        [rng.uniform(-18, 1, x.size // 2), rng.uniform(-300, 1, x.size - x.size // 2)]
    )
    z = x + 1j * height
    found = stieltjes(law, z)
    assert np.array_equal(stieltjes(law, z.conj()), found.conj())
    for point, value in zip(z, found, strict=True):
        with mp.workprec(BITS):
            true = 1 / reference.root(mpc(point))
            assert relative(value, true) < 2e-15, point
            if abs(true.imag) > 1e-290:
                assert relative(value.imag, true.imag) < 1e-13, point


def test_stieltjes_on_the_real_line_and_at_infinity() -> None:
    law = LAWS["wishart-wigner, two bands"].prepared()
    x = points(law)
    on_line = stieltjes(law, x)
    assert np.array_equal(stieltjes(law, x - 0j), on_line)
    assert np.all(on_line.imag <= 0)
    above = stieltjes(law, x + 1e-280j)
    assert np.allclose(above, on_line, rtol=1e-12, atol=0)
    ends = stieltjes(law, np.array([complex(np.inf, 1), complex(0, np.inf), complex(-np.inf, 0)]))
    assert np.all(ends == 0)
    assert np.isnan(stieltjes(law, np.array([complex(np.nan, 1)])))[0]


CUSPS = {
    "residual, singular at 0": relu(0.5, 1.0, None),
    "residual, peak at 0": relu(0.5, 1 - 1e-10, None),
    "residual, gap at 0": relu(0.5, 1 + 1e-10, None),
    "residual, neck at 0": relu(0.5, 0.9, None),
    "wishart-wigner, cusp": wishart_wigner(0.5, 8.0),
    "wishart-wigner, nearly a gap": wishart_wigner(4 * (1 + 1e-13), 8.0),
}


@pytest.mark.parametrize("name", sorted({**LAWS, **CUSPS}))
def test_quantile_inverts_cdf(name: str) -> None:
    law = {**LAWS, **CUSPS}[name].prepared()
    rng = np.random.default_rng(5)
    middle = 0.5 + 10 ** rng.uniform(-17, -1, 10)
    q = np.concatenate(
        [rng.uniform(size=40), middle, 10 ** rng.uniform(-150, -1, 20), [1 - 2.0**-53, 2.0**-1070]]
    )
    x = quantile(law, q)
    before, after = cdf(law, np.nextafter(x, -np.inf)), cdf(law, np.nextafter(x, np.inf))
    slack = 2e-15 * q
    assert np.all((before <= q + slack) & (q - slack <= after))


@pytest.mark.parametrize("name", sorted({**LAWS, **CUSPS}))
def test_upper_quantile_reaches_the_right_tail(name: str) -> None:
    law = {**LAWS, **CUSPS}[name].prepared()
    rng = np.random.default_rng(6)
    q = np.concatenate([rng.uniform(size=20), 10 ** rng.uniform(-300, -1, 20)])
    x = upper_quantile(law, q)
    before, after = sf(law, np.nextafter(x, -np.inf)), sf(law, np.nextafter(x, np.inf))
    assert np.all((after <= q * (1 + 2e-15)) & (q * (1 - 2e-15) <= before))
    assert upper_quantile(law, np.array([0.0, 1.0])).tolist() == quantile(law, np.array([1.0, 0.0])).tolist()
    exact = np.array([0.125, 0.25, 0.5, 0.75, 0.875])
    assert np.allclose(upper_quantile(law, exact), quantile(law, 1 - exact), rtol=1e-14, atol=1e-15)


def test_quantile_at_levels_and_ends() -> None:
    law = LAWS["residual, atom"].prepared()  # bands of mass 1/8 on both sides of an atom of 3/4
    left, inner, other, right = law.edges_hi[:, 0]
    q = np.array([0.0, 0.125, np.nextafter(0.125, 1), 0.875, 1.0, -1e-300, np.nextafter(1.0, 2), np.nan])
    x = quantile(law, q)
    assert x[:5].tolist() == [left, inner, 0.0, 0.0, right]
    assert np.isnan(x[5:]).all()
    assert quantile(law, np.array([np.nextafter(0.875, 1)]))[0] >= other
    positive = LAWS["marchenko-pastur, atom"].prepared()
    assert quantile(positive, np.array([0.0, 0.75, 1.0])).tolist() == [0.0, 0.0, 9.0]
    far = user(-20.0, (-4.0, 4.0)).prepared()  # the atom lies right of its only band
    assert far.atom_hi[0] == -19.0
    assert quantile(far, np.array([0.25, 0.5, 1.0])).tolist() == [far.edges_hi[1, 0], -19.0, -19.0]


def test_unit_mass() -> None:
    zero, one = DoubleDouble(np.zeros(1)), DoubleDouble(np.ones(1))
    law = prepare(one * 0.5, [one, -one], [zero, zero], [zero, zero], {})
    x = np.array([0.25, 0.5, 1.5, np.inf, -np.inf])
    assert cdf(law, x).tolist() == [0, 1, 1, 1, 0]
    assert sf(law, x).tolist() == [1, 0, 0, 0, 1]
    assert log_potential(law, x)[:3].tolist() == [np.log(0.25), -np.inf, 0.0]
    assert quantile(law, np.array([0, 0.5, 1])).tolist() == [0.5, 0.5, 0.5]
    assert moments(law, 4)[:, 0].tolist() == [1, 0.5, 0.25, 0.125, 0.0625]
    assert stieltjes(law, np.array([0.5, 1.5, 0.5 + 2j])).tolist() == [complex(np.inf, 0), 1, -0.5j]
    assert index(law)[0] == 0
    assert [part.tolist() for part in outliers(law, np.array([3.0]))] == [[3.5], [1.0]]


def test_moments_of_known_laws() -> None:
    semicircle = LAWS["semicircle"].prepared()
    catalan = np.array([comb(2 * n, n) / (n + 1) * 2.25**n for n in range(21)])
    found = moments(semicircle, 40)[:, 0]
    assert np.all(found[1::2] == 0)
    assert np.allclose(found[::2], catalan, rtol=1e-14, atol=0)
    phi = Fraction(1, 4)
    narayana = [
        sum(Fraction(comb(n, k) * comb(n, k - 1), n) * phi ** (k - 1) for k in range(1, n + 1))
        for n in range(1, 61)
    ]
    found = moments(LAWS["marchenko-pastur"].prepared(), 60)[1:, 0]
    assert np.allclose(found, np.array([float(m) for m in narayana]), rtol=1e-14, atol=0)


def test_moments_that_cancel() -> None:
    # mean -5 against jumps 1/4 and -1/2: exact recurrence in rational numbers
    mean, poles = Fraction(-5), [(Fraction(1, 4), Fraction(1, 2)), (Fraction(-1, 2), Fraction(3, 4))]
    order = 40
    kappa = [mean] + [sum(c * p ** (n - 2) for p, c in poles) for n in range(2, order + 1)]
    exact: list[Fraction] = [Fraction(1)]
    powers = [[Fraction(1)] + [Fraction(0)] * order for _ in range(order + 1)]
    for n in range(1, order + 1):
        exact.append(sum((kappa[s - 1] * powers[s][n - s] for s in range(1, n + 1)), Fraction(0)))
        for s in range(1, order + 1):
            powers[s][n] = sum((exact[j] * powers[s - 1][n - j] for j in range(n + 1)), Fraction(0))
    reference = user(-5.0, (0.25, 0.5), (-0.5, 0.75))
    law = reference.prepared()
    assert np.allclose(moments(law, order)[:, 0], np.array([float(m) for m in exact]), rtol=2e-14, atol=0)
    assert np.allclose(
        free_cumulants(law, order)[:, 0], np.array([float(k) for k in kappa]), rtol=1e-15, atol=0
    )
    assert moments(law, 0).shape == (1, 1)
    assert free_cumulants(law, 0).shape == (0, 1)


def test_moments_at_the_ends_of_the_range() -> None:
    tiny, huge = user(1e-6, (1e-9, 1e-12)).prepared(), user(1e6, (1e9, 1e12)).prepared()
    assert np.isfinite(moments(tiny, 40)).all()
    assert moments(tiny, 40)[40, 0] > 0
    large = moments(huge, 60)[:, 0]
    assert np.isfinite(large[:30]).all()
    assert large[60] == np.inf


def test_outliers_and_their_threshold() -> None:
    law = LAWS["wishart-wigner, two bands"].prepared()
    edge = law.edge_w[np.isfinite(law.edge_w[:, 0]), 0]
    theta = np.concatenate([edge - 1e-9, edge + 1e-9, [np.inf, -np.inf, np.nan, 1e300]])
    place, overlap = outliers(law, theta)
    planted = np.array(
        [True, False] * (edge.size // 2) + [False, True] * (edge.size // 2) + [True, True, False, True]
    )
    assert np.array_equal(~np.isnan(place), planted)
    assert np.array_equal(~np.isnan(overlap), planted)
    # the Stieltjes transform at the place of an outlier is 1 / theta
    inner = np.flatnonzero(planted[: 2 * edge.size])
    transform = stieltjes(law, place[inner].astype(complex)).real
    assert np.allclose(1 / transform, theta[inner], rtol=1e-6)
    reference = LAWS["wishart-wigner, two bands"]
    for i in inner:
        with mp.workprec(BITS):
            assert relative(overlap[i], reference.slope(mpf(float(theta[i])))) < 1e-14


def test_laws_side_by_side_agree_with_single_ones() -> None:
    rng = np.random.default_rng(11)
    n = 60
    eps, phi = 10 ** rng.uniform(-6, 2, n), 10 ** rng.uniform(-2, 2, n)
    eps[::10] = 0.0

    def laws(e: np.ndarray, f: np.ndarray) -> Levy:
        a, b = DoubleDouble(e), DoubleDouble(f)
        pole, zero, one = b * sqrt(a / 2), DoubleDouble(np.zeros(1)), DoubleDouble(np.ones(1))
        rates, at_zero = [1 / b, 1 / (2 * b), 1 / (2 * b)], {(0, 1, 2): (zero, (b - 2) / b)}
        return prepare(one, [b, pole, -pole], [b, a * b / 4, a * b / 4], rates, at_zero)

    together, single = laws(eps, phi), [laws(eps[i : i + 1], phi[i : i + 1]) for i in range(n)]
    x, q = rng.uniform(-1, 4, n), rng.uniform(size=n)
    z = x + 1j * 10 ** rng.uniform(-12, 0, n)
    cases: list[tuple[Any, Any]] = [(cdf, x), (sf, x), (log_potential, x), (quantile, q), (stieltjes, z)]
    for function, argument in cases:
        found = function(together, argument)
        wanted = [function(law, argument[i : i + 1])[0] for i, law in enumerate(single)]
        assert np.allclose(found, wanted, rtol=1e-13, atol=1e-300), function.__name__
    for of_law in (index, mass_at_zero):
        assert np.array_equal(of_law(together), [of_law(law)[0] for law in single])
    assert moments(together, 12).shape == (13, n)


def test_not_a_number_and_infinity() -> None:
    law = LAWS["hessian"].prepared()
    x = np.array([np.nan, np.inf, -np.inf])
    assert np.isnan(cdf(law, x)[0])
    assert cdf(law, x)[1:].tolist() == [1, 0]
    assert np.isnan(sf(law, x)[0])
    assert sf(law, x)[1:].tolist() == [0, 1]
    assert np.isnan(log_potential(law, x)[0])
    assert log_potential(law, x)[1:].tolist() == [np.inf, np.inf]
    for function in (cdf, sf, log_potential, quantile):
        assert function(law, np.array([])).shape == (0,)
    assert stieltjes(law, np.array([], dtype=complex)).shape == (0,)


def test_potential_of_narrow_bands_does_not_cancel() -> None:
    """Rates are 1/phi there: logarithms of w and w - p would lose as many digits."""
    for phi, x in ((0.0192, 0.87), (0.0269, 0.7), (0.2, 1.3), (0.5, 0.2)):
        reference = Reference(mpf(1), [(mpf(phi), mpf(phi))])
        found = log_potential(reference.prepared(), np.array([x]))[0]
        assert abs(found - float(reference.log_potential(mpf(x)))) < 2e-15
