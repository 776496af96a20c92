"""The exact toolkit: what it decides is right, what it cannot decide it refuses."""

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.polys.matrices import DomainMatrix
from sympy.polys.subresultants_qq_zz import sylvester

from derive.algebra.plain import cancelled, has_positive_term, identical, is_positive, is_rational
from derive.algebra.polynomials import canonical, discriminant, factor_list, factored, resultant
from derive.algebra.radicals import positive, vanishes
from derive.algebra.rings import NotRational, Ring, factors_of
from derive.algebra.signs import Undecided, positive_roots, univariate
from derive.certificates import Different, Identity, Irreducible, Positive
from derive.derivation import CertificateError, Step
from derive.laws import G, z

eps, phi, sigma = sp.symbols("eps phi sigma", positive=True)
a, b = sp.symbols("a b", real=True)
q = sp.Symbol("q")
CUBIC = 2 * eps * phi * G**3 - (2 * eps + z * phi) * G**2 + (z + phi - 1) * G - 1
W = sp.sqrt(1 + 8 * phi)
PRINTED = (1 - 20 * phi - 8 * phi**2 + W**3) / 16
SMOOTH = 4 * (1 - phi) ** 3 * (1 + W) / (3 + W) ** 3

small = st.integers(-5, 5)
polynomials = st.lists(small, min_size=2, max_size=5).filter(lambda c: c[-1] != 0)


def poly(coefficients):
    return sum(c * q**k for k, c in enumerate(coefficients))


@settings(max_examples=60, deadline=None)
@given(polynomials, polynomials)
def test_resultant_is_the_sylvester_determinant(first, second):
    one, two = poly(first) + phi * q, poly(second) * sp.Rational(2, 3)
    # the Sylvester determinant: sympy.resultant has the wrong sign for some degrees (q + 1 with q**3)
    matrix = DomainMatrix.from_Matrix(sylvester(one, two, q)).to_field()
    assert sp.expand(resultant(one, two, q) - matrix.domain.to_sympy(matrix.det())) == 0
    if sp.degree(one, q) >= 1:
        assert sp.expand(discriminant(one, q) - sp.discriminant(one, q)) == 0


@settings(max_examples=60, deadline=None)
@given(polynomials)
def test_sturm_counts_the_positive_roots(coefficients):
    expression = poly(coefficients)
    ring = Ring.of(q)
    counted = positive_roots(univariate(ring, ring.polynomial(expression), q))
    assert counted == len({r for r in sp.Poly(expression, q).real_roots() if r > 0})


def test_discriminant_keeps_its_sign_and_its_scale():
    assert discriminant(q**2 + 1, q) == -4
    assert discriminant(-(q**2) / 2 - sp.Rational(1, 2), q) == -1
    with pytest.raises(ValueError, match="degree 1"):
        discriminant(phi, q)


@pytest.mark.parametrize("multiple", [1, -1, sp.Rational(-7, 3), eps * phi, -phi / (1 + eps)])
def test_canonical_form_is_one_for_all_multiples(multiple):
    assert canonical(multiple * CUBIC) == sp.expand(CUBIC)


def test_canonical_refuses_what_is_no_equation():
    with pytest.raises(ValueError, match="no equation"):
        canonical(G - G)
    with pytest.raises(NotRational):
        canonical(sp.sqrt(G) - z)


def test_factors_are_irreducible_and_recompose():
    content, factors = factor_list(discriminant(CUBIC, G))
    assert sp.expand(sp.Mul(content, *(f**e for f, e in factors)) - discriminant(CUBIC, G)) == 0
    assert sp.expand(factored((q**2 - 1) / (2 * q)) - (q - 1) * (q + 1) / (2 * q)) == 0


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(6), True),
        (sp.sqrt(2) * sp.sqrt(3) - sp.sqrt(5), False),
        (sp.sqrt(2 * eps) - 2 * sp.sqrt(eps / 2), True),
        ((phi * sp.sqrt(eps / 2)) ** 2 - phi**2 * eps / 2, True),
        (PRINTED - SMOOTH, True),
        (PRINTED - SMOOTH * (1 + eps), False),
        (PRINTED - SMOOTH + sp.Rational(1, 10**30), False),
        (sp.cbrt(phi + W) ** 3 - phi - W, True),
        (sp.cbrt(phi + W) ** 3 - phi + W, False),
        ((1 + sp.I * phi) * (1 - sp.I * phi) - 1 - phi**2, True),
        (sp.sqrt(3 + 2 * sp.sqrt(2)) - 1 - sp.sqrt(3), False),
        (sp.pi * phi / (2 * sp.pi) - phi / 2, True),
        (sp.pi - sp.Rational(355, 113), False),
    ],
)
def test_vanishes(expression, expected):
    assert vanishes(expression) is expected


def test_a_root_of_a_square_needs_its_sign():
    root = sp.sqrt((1 - phi) ** 2)
    assert vanishes(root - (1 - phi), where=(1 - phi,))
    assert vanishes(root + (1 - phi), where=(phi - 1,))
    assert not vanishes(root - (1 - phi))


def test_what_is_not_algebraic_is_undecided():
    with pytest.raises(Undecided):
        vanishes(sp.log(phi) - sp.log(phi**2) / 2 + sp.exp(phi))


def test_an_identity_that_cannot_be_proved_is_no_pass():
    # true, but a nested radical that the tower keeps whole
    with pytest.raises(Undecided):
        vanishes(sp.sqrt(3 + 2 * sp.sqrt(2), evaluate=False) - 1 - sp.sqrt(2))


@pytest.mark.parametrize(
    ("expression", "where", "expected"),
    [
        (1 + phi**2 - phi, (), True),
        (1 - phi, (), False),
        (1 - phi, (1 - phi,), True),
        (phi - phi**2, (1 - phi,), True),
        (PRINTED, (1 - phi,), True),
        (PRINTED, (), False),
        (-PRINTED, (phi - 1,), True),
        (3 - W, (1 - phi,), True),
        (W - 1, (), True),
        (a**2 + b**2 + 1, (), True),
        (a**2 - a * b + b**2 + 1, (), True),
        (a**2 - 2 * a * b + b**2, (), False),
        (a**2 - 3 * a + 1, (), False),
        (eps**2 - phi**2, (eps - phi,), True),
        ((phi - sp.Rational(1, 10**9)) ** 2, (), False),
        ((phi - 2) ** 2, (1 - phi,), True),
        (sp.sqrt(2) - sp.Rational(141421356237309, 10**14), (), True),
        (sp.S.Zero, (), False),
    ],
)
def test_positive(expression, where, expected):
    assert positive(expression, where=where) is expected


def test_a_root_of_the_discriminant_between_sample_points_is_found():
    """A polynomial negative only on an interval of length 1e-12 is not called positive."""
    hole = (phi - sp.Rational(1, 3)) ** 2 - sp.Rational(1, 10**24)
    assert positive(hole) is False
    assert positive(hole + sp.Rational(2, 10**24)) is True


def test_facts_that_contradict_each_other_are_refused():
    with pytest.raises(ValueError, match="no value"):
        positive(phi, where=(1 - phi, phi - 2))


@pytest.mark.parametrize(
    ("certificate", "planted"),
    [
        (Identity(PRINTED - SMOOTH), Identity(PRINTED - SMOOTH * (1 - phi))),
        (Identity((q - q, phi - phi)), Identity((q - q, phi))),
        (Positive(phi), Positive(phi - 1)),
        (Different(phi - 1), Different(sp.expand((phi - 1) ** 2) - (phi - 1) ** 2)),
        (Irreducible(CUBIC, (G, z)), Irreducible(sp.expand(CUBIC * (z * G - 1)), (G, z))),
    ],
)
def test_a_planted_error_fails_the_step(certificate, planted):
    assert Step("true", "", sp.true, certificate).certificate.summary
    with pytest.raises(CertificateError, match="planted"):
        Step("planted", "", sp.true, planted)


def test_an_undecided_certificate_is_no_pass():
    with pytest.raises(Undecided):
        Step("open", "", sp.true, Positive(sp.exp(phi)))


@pytest.mark.parametrize("digits", [5, 12, 30])
def test_factors_with_large_coefficients(digits):
    """python-flint overflows on these; the factors must come all the same."""
    ring = Ring.of(phi, eps)
    large = 10**digits
    for expression in (
        (3 * large * phi - large + 3) * (3 * large * phi - large - 3),
        (3 * large * phi - eps) ** 2 * (7 * large * phi - eps**2 - 1) * 6,
    ):
        content, factors = factors_of(ring.polynomial(expression))
        product = ring.constant(content)
        for f, exponent in factors:
            product *= f**exponent
        assert product == ring.polynomial(expression)
        assert len(factors) == 2


powers = st.dictionaries(
    st.tuples(*[st.integers(0, 3)] * 4), st.sampled_from([1, -1, 2, -3, 10**20]), max_size=8
)


@settings(max_examples=150, deadline=None)
@given(powers, st.sampled_from([1, 6, (2, (0, 0, 0, 0)), (-3, (1, 0, 2, 0))]))
def test_expressions_are_those_that_sympy_makes(terms, scale):
    """Sums are put together in SymPy's order without being compared term by term."""
    ring = Ring((q, eps, a, G))
    below, shift = (scale, (0,) * 4) if isinstance(scale, int) else scale
    expected = sp.Add(
        *(
            sp.Mul(
                sp.Rational(c, below),
                *(s ** (m - k) for s, m, k in zip(ring.symbols, powers, shift, strict=True)),
            )
            for powers, c in terms.items()
        )
    )
    divisor = below if isinstance(scale, int) else ring.context.from_dict({shift: below})
    found = ring.expression(ring.context.from_dict(terms), divisor)
    assert sp.srepr(found) == sp.srepr(expected)


def test_the_content_is_what_is_free_of_the_symbols():
    ring = Ring((G, z, phi, q))
    kept, free = ring.polynomial(G * z - phi), ring.polynomial(6 * (phi - 1) ** 2 * (q + phi))
    assert ring.content(kept * free, G, z) == free
    assert ring.content(kept * free, G, z, phi, q) == ring.constant(6)
    assert ring.content(ring.polynomial((z - 1) * (G - 1)), G) == ring.polynomial(z - 1)


def test_monomials_in_place_of_symbols():
    ring = Ring((q, eps, G, z))
    moved = ring.turned(ring.polynomial(G**2 * z + 3 * G * z**3 - 2), {G: {q: 1, eps: 1}, z: {eps: -1}})
    assert moved == ring.polynomial(q**2 * eps**3 + 3 * q - 2 * eps**2)  # times eps^2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(small, st.integers(-2, 2), st.integers(-2, 2)), min_size=1, max_size=3))
def test_cancelled_is_what_sympy_cancels_to(terms):
    expression = sp.Add(*(sp.Rational(c, 6) * eps**i * phi**j for c, i, j in terms))
    assert sp.srepr(cancelled(expression)) == sp.srepr(sp.cancel(expression))
    assert identical(expression, sp.factor(expression))
    assert not identical(expression, expression + eps / phi)


def test_identity_of_what_is_not_rational():
    assert identical(sp.sqrt(eps) ** 2 * phi + sp.sqrt(2), sp.sqrt(2) + eps * phi)
    assert not identical(sp.sqrt(eps), eps)


@pytest.mark.parametrize(
    "expression", [phi / (eps + 2), eps * phi**-2, sp.Integer(3), sp.Rational(1, 2) + phi]
)
def test_plainly_positive(expression):
    assert is_positive(expression)
    assert expression.is_positive
    assert not is_positive(-expression)
    assert has_positive_term(expression - a)
    assert not has_positive_term(a - expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (a / (b - 2), True),
        (sp.sqrt(2) * a, False),
        (q, False),
        (sp.I, False),
        (sp.oo, False),
        (sp.zoo, False),
        (sp.Float(1.5), False),
    ],
)
def test_plainly_rational(expression, expected):
    assert is_rational(expression) is expected
