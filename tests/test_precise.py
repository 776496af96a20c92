"""Certified values against closed forms, printed equations, quadrature and themselves at higher precision."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath as mp
import pytest
import sympy as sp
from flint import acb, arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import Model, Parameter, Wishart, load, names
from derive.laws import Levy
from tests.strategies import Place, log_uniform, parameters, places
from verify.exact import rational
from verify.oracle import expectation
from verify.precise import Law, PrecisionError
from verify.refinement import Undecided, refined

LOADED = {name: load(name) for name in names()}


def holds(ball: arb, exact: fmpq | int) -> bool:
    """Whether the ball contains the rational number; the number itself would be rounded at 53 bits."""
    with ctx.workprec(2000):
        return ball.overlaps(arb(exact))


@pytest.mark.parametrize("sigma", [1, Fraction(1, 3), 1e-6])
def test_semicircle_in_closed_form(sigma: float | Fraction) -> None:
    law = Law("semicircle", sigma=sigma)
    s = arb(rational(sigma))
    for t in ("-3/2", "-1/7", "0", "1", "199/100"):
        x = rational(sigma) * rational(t)
        with ctx.workprec(200):
            root = (4 * s**2 - arb(x) ** 2).sqrt()
            density = root / (2 * arb.pi() * s**2)
            cdf = arb(1) / 2 + arb(x) * root / (4 * arb.pi() * s**2) + (arb(x) / (2 * s)).asin() / arb.pi()
            assert law.density(x).overlaps(density)
            assert law.cdf(x).overlaps(cdf)
    assert holds(law.index(), fmpq(1, 2))
    low, high = law.edges()
    assert holds(low, -2 * rational(sigma))
    assert holds(high, 2 * rational(sigma))


@pytest.mark.parametrize("phi", ["1/4", "9/10", "1", "4", "100000", "1/1000000"])
def test_marchenko_pastur_in_closed_form(phi: str) -> None:
    law = Law("marchenko_pastur", phi=phi)
    with ctx.workprec(200):
        f = arb(rational(phi))
        low, high = (1 - f.sqrt()) ** 2, (1 + f.sqrt()) ** 2
        for t in ("1/100", "1/2", "99/100"):
            x = rational((low + (high - low) * arb(rational(t))).mid())
            density = ((high - arb(x)) * (arb(x) - low)).sqrt() / (2 * arb.pi() * f * arb(x))
            assert law.density(x).overlaps(density)
    for got, wanted in zip(law.edges(), (low, high), strict=True):
        assert got.overlaps(wanted)
    mass = 1 - 1 / rational(phi)
    assert holds(law.mass_at_zero(), mass if mass > 0 else 0)
    assert law.index() == 0


@settings(max_examples=30)
@given(data=st.data(), place=places(), height=log_uniform(1e-12, 10))
@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian", "relu_residual"])
def test_printed_equations_hold(name: str, data: st.DataObject, place: Place, height: float) -> None:
    """G solves the equation that the paper prints, and lies in the lower half-plane."""
    values = data.draw(parameters(LOADED[name]))
    law = Law(name, **values)
    x = rational(place.of(law))
    g = law.stieltjes((x, rational(height)), 200)
    assert g.imag < 0
    exact = {key: arb(rational(value)) for key, value in values.items()}
    with ctx.workprec(400):
        z = acb(arb(x), arb(rational(height)))
        assert _printed(name, g, z, **exact).contains(0)


def _printed(name: str, g: acb, z: acb, *, eps: arb, phi: arb, sigma: arb | None = None) -> acb:
    if name == "wishart_wigner":  # eq. 18
        return 2 * eps * phi * g**3 - (2 * eps + z * phi) * g**2 + (z + phi - 1) * g - 1
    if name == "relu_residual":  # eq. 28 in z = R(G) + 1/G, cleared
        return (z * g - 1) * (2 - eps * phi**2 * g**2) - eps * phi * g**2
    assert sigma is not None  # eq. 30
    return (
        2 * (z - sigma * (1 - phi)) * g
        - phi * (2 * sigma * z + eps * (1 - phi)) * g**2
        - eps * phi**2 * (z + sigma * (phi - 2)) * g**3
        + z * eps * sigma * phi**3 * g**4
        - 2
    )


@settings(max_examples=15)
@given(data=st.data(), place=places())
@pytest.mark.parametrize("name", names())
def test_doubling_the_precision(name: str, data: st.DataObject, place: Place) -> None:
    """Balls at 60 and at 400 bits overlap, and are as narrow as they promise."""
    law = Law(name, **data.draw(parameters(LOADED[name])))
    x = place.of(law)
    for value in (law.density, law.cdf, law.sf, law.log_potential):
        coarse, fine = value(x, 60), value(x, 400)
        assert coarse.overlaps(fine)
        assert fine.is_exact() or fine.rel_accuracy_bits() >= 390 or fine.rad() <= arb(2) ** -400
    assert law.cdf(x).overlaps(1 - law.sf(x))
    assert law.index(60).overlaps(law.index(400))


ORACLE = [
    ("wishart_wigner", {"eps": "1/20", "phi": "3/5"}),
    ("wishart_wigner", {"eps": "1/50", "phi": "3"}),  # two bands
    ("relu_hessian", {"eps": "1/10", "phi": "5/2", "sigma": "1"}),  # three bands and an atom
    ("relu_residual", {"eps": "1", "phi": "2"}),
    ("marchenko_pastur", {"phi": "3/2", "sigma": "2"}),
]


@pytest.mark.parametrize(("name", "values"), ORACLE)
def test_against_quadrature(name: str, values: dict[str, str]) -> None:
    """Mass, moments, cdf, transform and potential as integrals of the density."""
    law = Law(name, **values)
    low, high = law.bands()[-1]
    x = rational(((2 * low + high) / 3).mid())
    z = mp.mpc(mp.mpf(int(x.p)) / int(x.q), 1)

    def close(integral: object, value: arb | acb, tolerance: float = 1e-15) -> bool:
        number = complex(value) if isinstance(value, acb) else float(value.mid())
        return abs(complex(integral) - number) < tolerance * max(1, abs(number))

    assert close(expectation(law, lambda t: mp.mpf(1)), arb(1))
    assert close(expectation(law, lambda t: t**3), law.moments(3)[3])
    assert close(expectation(law, lambda t: mp.mpf(1), below=x), law.cdf(x))
    assert close(expectation(law, lambda t: 1 / (z - t)), law.stieltjes((x, 1)))
    outside = rational(high.upper()) + 1
    point = mp.mpf(int(outside.p)) / int(outside.q)
    assert close(expectation(law, lambda t: mp.log(point - t)), law.log_potential(outside))


def test_far_away_the_moments_sum_to_the_transform() -> None:
    """The branch at infinity: G = sum m_k / z^(k+1), with the tail bounded by the hull."""
    for name, values in ORACLE:
        law = Law(name, **values)
        reach = max(abs(end).upper() for band in law.bands() for end in band)
        radius = rational(reach.ceil()) * 4
        g = law.stieltjes((0, radius), 150)
        with ctx.workprec(300):
            z = acb(0, arb(radius))
            order = 60
            partial = sum((acb(m) / z ** (k + 1) for k, m in enumerate(law.moments(order, 200))), acb(0))
            tail = (reach / arb(radius)) ** (order + 1) / (arb(radius) - reach)
            assert abs(g - partial) < tail + arb(2) ** -140


def test_energy_flows_by_burgers_equation() -> None:
    """d_eps G + 2 G d_z G = 0 for wishart_wigner, by differences of 2^-60 at 300 bits."""
    step = fmpq(1, 2**60)
    for eps, phi, z in (("1/20", "3/5", ("1/3", "1/7")), ("2", "5", ("-1", "1/100"))):
        e, (x, y) = rational(eps), (rational(z[0]), rational(z[1]))

        def g(e: fmpq, x: fmpq, y: fmpq = y, phi: str = phi) -> acb:
            return Law("wishart_wigner", eps=Fraction(int(e.p), int(e.q)), phi=phi).stieltjes((x, y), 300)

        with ctx.workprec(400):
            along_e = (g(e + step, x) - g(e - step, x)) / (2 * step)
            along_z = (g(e, x + step) - g(e, x - step)) / (2 * step)
            assert abs(along_e + 2 * g(e, x) * along_z) < arb(2) ** -90


def test_an_exact_cusp() -> None:
    """phi = 8, eps = 4: bands touch at w = 4, x = 5; one band, density 0 there, cdf exactly 7/8."""
    law = Law("wishart_wigner", eps=4, phi=8)
    assert len(law.bands()) == 1
    touching = law.root(5)
    assert touching.multiplicity == 3
    assert touching.w == 4
    assert law.density(5) == 0
    assert law.cdf(5) == fmpq(7, 8)
    assert law.density(5 + 1e-14) > 9e-7
    assert len(Law("wishart_wigner", eps=math.nextafter(4, 0), phi=8).bands()) == 2
    assert len(Law("wishart_wigner", eps=math.nextafter(4, 5), phi=8).bands()) == 1


def test_merging_poles_and_vanishing_weights() -> None:
    """eps = 2 sigma^2 has two poles, eps = 0 is the Wishart alone, the residual at 0 a unit mass."""
    assert len(Law("relu_hessian", eps=2, phi="3/5").coefficients.jumps) == 2
    assert len(Law("relu_hessian", eps=math.nextafter(2, 3), phi="3/5").coefficients.jumps) == 3
    alone, wishart = Law("relu_hessian", eps=0, phi=3, sigma=2), Law("marchenko_pastur", phi=3, sigma=2)
    assert alone.cdf(1).overlaps(wishart.cdf(1))
    assert alone.atom() == wishart.atom() == (0, sp.Rational(2, 3))
    point = Law("relu_residual", eps=0, phi=2)
    assert point.bands() == []
    assert point.atom() == (0, 1)
    assert point.cdf(0) == 1
    assert point.cdf(-1) == 0
    assert point.moments(2) == [1, 0, 0]
    with pytest.raises(ZeroDivisionError):
        point.stieltjes(0)


def test_singular_densities() -> None:
    """|x|^(-1/2) for Marchenko-Pastur at phi = 1, |x|^(-1/3) for the residual at phi = 1."""
    hard = Law("marchenko_pastur", phi=1)
    assert hard.density(0) == arb.pos_inf()
    with ctx.workprec(200):
        assert abs(hard.density(1e-40, 150) * arb(1e-40).sqrt() * arb.pi() - 1) < 1e-19
    inner = Law("relu_residual", eps=1, phi=1)
    assert inner.density(0) == arb.pos_inf()
    assert inner.cdf(0) == fmpq(1, 2)
    assert len(inner.bands()) == 1
    ratio = inner.density(1e-30) / inner.density(8e-30)
    assert abs(ratio - 2) < 1e-9


def test_index_on_a_gap_is_exact() -> None:
    """For phi >= 2 the index of relu_hessian is 1 / (2 phi), whatever eps > 0."""
    for phi in (2, 3, 50):
        for eps in (1e-12, "1/3", 1e6):
            assert holds(Law("relu_hessian", eps=eps, phi=phi).index(1000), fmpq(1, 2 * phi))


@pytest.mark.parametrize("exponent", [-14, -40, -200])
def test_next_to_an_edge(exponent: int) -> None:
    """The density vanishes like a square root, however near the point is."""
    law = Law("relu_hessian", eps="1/10", phi="1/2")
    edge = law.edges(2000)[0]
    near, nearer = (rational(edge.mid()) + fmpq(k, 10**-exponent) for k in (4, 1))
    ratio = law.density(near) / law.density(nearer)
    assert abs(ratio - 2) < 10 ** (exponent + 6) or abs(ratio - 2) < arb(2) ** -60
    assert law.density(rational(edge.mid()) - fmpq(1, 10**-exponent)) == 0


@settings(max_examples=12)
@given(data=st.data(), q=st.one_of(st.floats(0.001, 0.999), log_uniform(1e-12, 0.5)))
@pytest.mark.parametrize("name", names())
def test_quantiles_enclose(name: str, data: st.DataObject, q: float) -> None:
    law = Law(name, **data.draw(parameters(LOADED[name])))
    x = law.quantile(q)
    low, high = rational(x.lower()), rational(x.upper())
    width = fmpq(1, 2**40) * abs(high - low) + fmpq(1, 2**400)
    assert law.cdf(high + width) >= q or law.cdf(high + width).overlaps(arb(rational(q)))
    atom = law.atom()
    assert law.cdf(low - width, 1000) <= q or (atom is not None and x.contains(rational(atom[0])))


def test_irrational_coefficients() -> None:
    """A pole sqrt 2 without its conjugate: balls instead of exact polynomials, same answers."""
    s = sp.Symbol("s", positive=True)
    law = Law(Levy(s, (sp.sqrt(2), s), (s, 1 + s)), s=1)
    assert law.coefficients.rational is None
    low, high = law.bands()[0]
    x = rational(((low + high) / 2).mid())
    assert abs(complex(expectation(law, lambda t: mp.mpf(1))) - 1) < 1e-15
    assert law.density(x, 300).overlaps(law.density(x, 60))
    assert law.moments(2)[2].overlaps(arb(4))
    rational_law = Law(Levy(s, (sp.Rational(3, 2), s), (s, 1 + s)), s=1)
    rational_law_by_balls = Law(Levy(s, (sp.Rational(3, 2), s), (s, 1 + s)), s=1)
    rational_law_by_balls.coefficients.rational = None
    for value in ("density", "cdf", "log_potential"):
        assert getattr(rational_law, value)(2).overlaps(getattr(rational_law_by_balls, value)(2))
    for got, wanted in zip(rational_law_by_balls.edges(), rational_law.edges(), strict=True):
        assert got.overlaps(wanted)


def test_a_planted_error_is_seen() -> None:
    """An energy wrong by 1e-25 gives a disjoint ball."""
    right = Law("wishart_wigner", eps="1/20", phi="3/5")
    wrong = Law("wishart_wigner", eps=Fraction(1, 20) + Fraction(1, 10**25), phi="3/5")
    for value in ("density", "cdf", "log_potential"):
        assert not getattr(right, value)(1, 100).overlaps(getattr(wrong, value)(1, 100))


def test_errors_say_what_to_do() -> None:
    with pytest.raises(TypeError, match="phi is missing"):
        Law("wishart_wigner", eps=1)
    with pytest.raises(TypeError, match="no parameter is called psi"):
        Law("wishart_wigner", eps=1, phi=1, psi=2)
    with pytest.raises(ValueError, match=r"phi = -1 lies outside its domain \(0, oo\)"):
        Law("wishart_wigner", eps=1, phi=-1)
    with pytest.raises(ValueError, match="phi: a finite number is wanted, got nan"):
        Law("wishart_wigner", eps=1, phi=math.nan)
    with pytest.raises(TypeError, match="phi: a real number is wanted"):
        Law("wishart_wigner", eps=1, phi=1j)
    with pytest.raises(ValueError, match="needs 0 < q < 1"):
        Law("semicircle", sigma=1).quantile(1)


def test_other_laws_are_refused() -> None:
    a = Parameter("a", domain="(0, oo)")
    model = Model("product", (a,), Wishart(ratio=a) @ Wishart(ratio=1))
    with pytest.raises(TypeError, match="rational free Levy law"):
        Law(model, a=1)


def test_undecided_is_an_error_and_no_answer() -> None:
    def never() -> int:
        raise Undecided

    with pytest.raises(PrecisionError):
        refined(never, lambda _: True)


@pytest.mark.parametrize("height", [1e-30, 1e-170, 2.5e-260, 5e-324])
def test_just_above_an_edge(height: float) -> None:
    """Two roots that nearly meet, beside the edge 2 sigma: G = (z - sqrt(z^2 - 4 sigma^2)) / (2 sigma^2)."""
    sigma = 0.8683329252618442
    got = Law("semicircle", sigma=sigma).stieltjes((2 * sigma, height))
    with ctx.workprec(3000):
        z, s = acb(2 * sigma, height), arb(sigma)
        exact = (z - (z - 2 * s).sqrt() * (z + 2 * s).sqrt()) / (2 * s**2)
        assert got.overlaps(exact)
        assert got.imag < 0
    assert got.imag.rel_accuracy_bits() >= 80
