"""Expressions read into transforms: against expansions, against known laws, and what is refused."""

from fractions import Fraction as Q
from itertools import zip_longest

import pytest
import sympy as sp

from derive import (
    Atoms,
    DirectSum,
    Factor,
    FreePoisson,
    Gaussian,
    Gram,
    Hermitised,
    ModelError,
    Wigner,
    Wishart,
)
from derive.algebra.expansions import (
    cumulants_from_moments,
    cumulants_of_product,
    inverse,
    moments_from_cumulants,
    square_root,
)
from derive.algebra.expansions import product as series_product
from derive.algebra.rings import Fraction
from derive.derivation import CertificateError
from derive.language.bounds import is_nonnegative
from derive.language.ensembles import Node, Scaled
from derive.laws import G, g, z
from derive.transforms import read
from derive.transforms.curves import RightFactor, Setting, choose, r
from derive.transforms.freeness import FromFreeness, mixed_moment
from derive.transforms.reading import chosen

a, b, c, v = sp.symbols("a b c v", positive=True)
half, third = sp.Rational(1, 2), sp.Rational(1, 3)

CASES = {
    "wigner": Wigner(v),
    "wishart": Wishart(a, b),
    "negative": -2 * Wishart(a) + 3,
    "sum": Wishart(a) + Wigner(v),
    "four": Wishart(a) + Wishart(b) + Wishart(third) + Wigner(v),
    "product": Wishart(a) @ Wishart(b),
    "product and wigner": Wishart(a) @ Wishart(b) + Wigner(v),
    "three factors": Wishart(a) @ Wishart(2) @ Wishart(third),
    "two products": Wishart(a) @ Wishart(2) + Wishart(third) @ Wishart(3),
    "centred factor": Wigner(v) @ Wishart(a),
    "nonnegative shift": (Wigner(2) + 3) @ Wishart(a),
    "signed factor": (Wishart(a) - 1) @ Wishart(b),
    "sum as factor": Wishart(a) @ (Wishart(b) + Wishart(2)),
    "gram": Gram(Gaussian(1, a, v) @ Gaussian(a, b)),
    "gram of three": Gram(Gaussian(1, a) @ Gaussian(a, 2) @ Gaussian(2, half)),
    "block": Hermitised(Gaussian(half, a) @ Gaussian(a, half, v)),
    "uneven block": Hermitised(Gaussian(third, a) @ Gaussian(a, 2 * third)),
    "block and rest": Hermitised(Gaussian(half, a) @ Gaussian(a, half)) + Wishart(b) + Wigner(1),
}


def reading_of(expression):
    symbols = sorted(expression.free_symbols, key=str)
    return read(expression, "H", Setting(tuple(symbols)))


def inserted(setting, equation, moments):
    """The coefficients in u of u^degree equation(G(u), 1/u), G = u + m_1 u^2 + ..., by exact series."""
    ring, degree = setting.ring, setting.ring.degree(equation, z)
    length = len(moments) + 1 + degree  # moments enter at an order raised by at most the degree in z
    series = [setting.zero, setting.one, *moments]
    total, power = [setting.zero] * (length + 1), [setting.one]
    for i in range(ring.degree(equation, G) + 1):
        row = ring.coefficients(equation, G).get(i, ring.constant(0))
        for j, coefficient in ring.coefficients(row, z).items():
            value = Fraction(coefficient, ring.constant(1))
            shifted = [setting.zero] * (degree - j) + [value * c for c in power]
            total = [x + y for x, y in zip_longest(total, shifted[: length + 1], fillvalue=setting.zero)]
        power = series_product(power, series, length + 1, setting.zero)
    return total


@pytest.mark.parametrize("name", CASES)
def test_the_equation_holds_on_the_expansion_at_infinity(name):
    """G = sum m_n / z^(n + 1) with moments computed along the tree, symbolically in all parameters."""
    reading = reading_of(CASES[name])
    setting, n = reading.setting, 5
    kappa = reading.cumulants(n, None)
    moments = moments_from_cumulants(kappa, setting.zero, setting.one)
    left = inserted(setting, reading.equation, moments)
    wrong = inserted(setting, reading.equation, [*moments[:-1], moments[-1] + setting.one])
    # the first coefficient that the last moment changes: up to it all must vanish
    reached = [k for k, (x, y) in enumerate(zip(left, wrong, strict=True)) if not (x - y).numerator.is_zero()]
    assert reached, "the expansion is too short to see the last moment"
    assert all(x.numerator.is_zero() for x in left[: reached[0] + 1])


@pytest.mark.parametrize("name", CASES)
def test_relations_are_irreducible_and_numbers_agree_with_symbols(name):
    reading = reading_of(CASES[name])
    setting = reading.setting
    assert len(setting.factors(reading.relation, g, r)) == 1
    point = setting.points[1]
    symbolic = [setting.at(k, point) for k in reading.cumulants(5, None)]
    assert symbolic == reading.cumulants(5, point)


@pytest.mark.parametrize(
    ("name", "degree"),
    [("product", 3), ("product and wigner", 5), ("three factors", 4), ("two products", 7), ("four", 5)],
)
def test_degrees_in_g(name, degree):
    reading = reading_of(CASES[name])
    assert reading.setting.ring.degree(reading.equation, G) == degree


def test_known_transforms():
    reading = reading_of(Wishart(a, b))
    setting = reading.setting
    assert sp.cancel(setting.show(reading.r_transform) - b / (1 - a * b * g)) == 0
    t = sp.Symbol("t")
    assert sp.cancel(setting.show(reading.s_transform) - 1 / (b * (1 + a * t))) == 0
    product = reading_of(Wishart(1) @ Wishart(1) @ Wishart(1))
    kappa = product.cumulants(5, None)
    moments = moments_from_cumulants([product.setting.show(k) for k in kappa], sp.S.Zero, sp.S.One)
    assert moments == [sp.binomial(4 * n, n) / (3 * n + 1) for n in range(1, 6)]  # Fuss-Catalan


def test_gaussian_products_have_the_moments_of_wick_pairings():
    """E tr F F'/N = product of variance times columns; the next moment by hand for two factors."""
    reading = reading_of(Gram(Gaussian(1, a, v) @ Gaussian(a, b)))
    setting = reading.setting
    first, second = moments_from_cumulants(
        [setting.show(k) for k in reading.cumulants(2, None)], sp.S.Zero, sp.S.One
    )
    assert sp.cancel(first - v * a * b) == 0
    # planar pairings of tr (F1 F2 F2' F1')^2: a^2 b^2 + a^2 b + a b^2, each times v^2
    assert sp.cancel(second - v**2 * (a**2 * b**2 + a**2 * b + a * b**2)) == 0


def test_order_of_factors_and_transposition():
    """F and its transpose have the same block matrix; F F' and F' F differ by the aspect alone."""
    one = reading_of(Hermitised(Gaussian(third, a) @ Gaussian(a, 2 * third)))
    two = reading_of(Hermitised(Gaussian(2 * third, a) @ Gaussian(a, third)))
    assert one.setting.ring.expression(one.relation) == two.setting.ring.expression(two.relation)
    forward = reading_of(Gram(Gaussian(1, a)))
    assert sp.cancel(forward.setting.show(forward.r_transform) - a / (1 - g)) == 0


def test_free_product_commutes_and_associates():
    kinds = [Wishart(a) @ (Wishart(2) @ Wishart(third)), (Wishart(third) @ Wishart(a)) @ Wishart(2)]
    relations = {str(reading_of(kind).relation) for kind in kinds}
    assert len(relations) == 1


def test_copies_are_free():
    """A + A is a sum of free copies, not 2 A."""
    twice = reading_of(Wishart(a) + Wishart(a)).cumulants(2, None)
    scaled = reading_of(2 * Wishart(a)).cumulants(2, None)
    assert [reading_of(Wishart(a)).setting.show(k) for k in twice] == [2, 2 * a]
    assert [reading_of(Wishart(a)).setting.show(k) for k in scaled] == [2, 4 * a]


@pytest.mark.parametrize(
    "expression",
    [
        Wigner(1) @ Wigner(1),
        (Wigner(v) + 1) @ Wigner(1),
        (Wishart(a) - Wishart(b)) @ Wigner(1),
        (Wishart(a) - 1) @ (1 - Wishart(b)),
    ],
)
def test_a_product_of_two_signed_factors_is_refused(expression):
    with pytest.raises(ModelError, match="one factor that is not nonnegative"):
        reading_of(expression)


def test_a_sufficient_shift_makes_a_factor_nonnegative():
    assert reading_of((Wigner(1) + 2) @ Wigner(1)).cumulants(1, None)[0].numerator.is_zero()
    with pytest.raises(ModelError):
        reading_of((Wigner(1) + sp.Rational(199, 100)) @ Wigner(1))


def test_zero_ensembles_are_refused():
    for expression in (Wigner(0) + Wishart(a), Gram(Gaussian(1, a, 0))):
        with pytest.raises(ModelError, match="variance 0"):
            reading_of(expression)


def test_an_unknown_node_is_refused():
    class Strange(Node):
        pass

    with pytest.raises(ModelError, match="no transform is known of Strange"):
        read(Strange(), "H", Setting(()))


def test_every_ensemble_has_a_reading():
    import derive.language.ensembles as ensembles

    kinds = [
        k
        for k in vars(ensembles).values()
        if isinstance(k, type) and issubclass(k, ensembles.Ensemble) and k is not ensembles.Ensemble
    ]
    default = read.dispatch(object)
    assert Scaled in kinds
    assert all(read.dispatch(kind) is not default for kind in kinds)


def test_the_foreign_factor_is_excluded_and_never_chosen():
    """A law's relation times a stranger: the stranger is excluded, and choosing it fails."""
    reading = reading_of(Wishart(a) @ Wishart(b))
    setting = reading.setting
    stranger = setting.ring.polynomial(r - a - g)
    certificate = choose(setting, reading.relation * stranger, lambda n, p: reading.cumulants(n, p))
    assert certificate.chosen == reading.relation
    certificate.check()
    with pytest.raises(CertificateError):
        RightFactor(setting, stranger, (reading.relation,), certificate.cumulants).check()
    with pytest.raises(CertificateError):
        RightFactor(setting, reading.relation, (reading.relation,), certificate.cumulants).check()


MADE_IRREDUCIBLE = (
    Atoms((a, b), (half, half)),
    FreePoisson(a, Atoms((-1, b), (third, 2 * third))),
    FreePoisson(a, Wishart(b)),
    DirectSum((Atoms((0, a), (half, half)), Wishart(b)), (third, 2 * third)),
    Gram(Factor(Atoms((a, b), (half, half))) + Gaussian(1, 1, v)),
    Gram(Factor(Wishart(a), columns=c) + Gaussian(1, c, v)),
)


@pytest.mark.parametrize("node", MADE_IRREDUCIBLE, ids=repr)
def test_what_is_not_factored_is_irreducible(node):
    """The steps factor the relation that the law alone takes as irreducible."""
    facts = (c - 1,) if c in node.free_symbols else ()  # columns at least rows
    reading = read(node, "H", Setting(tuple(sorted(node.free_symbols, key=str)), facts))
    *_, certificate = [s.certificate for s in reading.recorded() if isinstance(s.certificate, RightFactor)]
    assert certificate.chosen == reading.relation
    assert not certificate.others


def test_a_reducible_relation_taken_as_irreducible_is_caught():
    setting = Setting((a,))
    right = read(Wishart(a), "A", setting)
    planted = right.relation * setting.ring.polynomial(r - 7 * g)
    reading, certificate = chosen(setting, "H", planted, right.cumulants, [], irreducible=True)
    assert reading.relation in (planted, -planted)
    with pytest.raises(CertificateError, match="should be irreducible"):
        certificate()


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Wishart(a) + b, True),
        (b * Wishart(a).compression(third) + Gram(Gaussian(1, a)), True),
        (Wishart(a) @ Atoms((0, b), (half, half)), True),
        (DirectSum((Wishart(a), Wishart(b)), (half, half)), True),
        (Wishart(a) - b, False),
        (-1 * Wishart(a), False),
        (DirectSum((Wishart(a), Wigner(1)), (half, half)), False),
        (Wishart(a) @ Atoms((-1, b), (half, half)), False),
        (Wishart(a) + Wigner(1), False),
    ],
    ids=repr,
)
def test_nonnegative_matrices_are_told_from_their_tree(node, expected):
    assert is_nonnegative(node) is expected


def test_freeness_decides_against_other_rules():
    """phi(abab) = a_2 b_1^2 + a_1^2 b_2 - a_1^2 b_1^2, not a_2 b_2 as for commuting variables."""
    names = {f"{letter}_{k}": sp.Symbol(f"{letter}_{k}") for letter in "ab" for k in (1, 2)}
    from derive.transforms.freeness import _RING

    moment = mixed_moment((("a", 1), ("b", 1), ("a", 1), ("b", 1)))
    shown = _RING.expression(moment.numerator)
    expected = (
        names["a_2"] * names["b_1"] ** 2
        + names["a_1"] ** 2 * names["b_2"]
        - names["a_1"] ** 2 * names["b_1"] ** 2
    )
    assert sp.expand(shown - expected) == 0
    FromFreeness("sum", 4).check()
    FromFreeness("product", 3).check()


def test_freeness_refutes_a_wrong_rule(monkeypatch):
    """With the mixed moments of commuting variables neither law holds."""
    import derive.transforms.freeness as freeness

    def commuting(word):
        powers = {letter: sum(p for name, p in word if name == letter) for letter in "ab"}
        total = freeness._ONE
        for letter, power in powers.items():
            total = total * freeness._moment(letter, power) if power else total
        return total

    monkeypatch.setattr(freeness, "mixed_moment", commuting)
    for operation, order in (("sum", 4), ("product", 2)):
        check = {"sum": freeness._sum_fails, "product": freeness._product_fails}[operation]
        assert check.__wrapped__(order) == order


def test_series_tools():
    zero, one = Q(0), Q(1)
    kappa = [Q(2), Q(-1), Q(3, 2), Q(5), Q(0), Q(7)]
    assert cumulants_from_moments(moments_from_cumulants(kappa, zero, one), zero, one) == kappa
    root = square_root([one, Q(2), Q(3)], 6, zero, one)
    assert root[:3] == [1, 1, 1]
    assert inverse([zero, one, one], 5, zero, one) == [0, 1, -1, 2, -5]
    semicircle = lambda n: [one if k == 2 else zero for k in range(1, n + 1)]  # noqa: E731
    poisson = lambda n: [one] * n  # noqa: E731
    product = cumulants_of_product(semicircle, poisson, 6, zero, one, lambda value: value == 0)
    assert product == [0, 1, 0, 2, 0, 5]  # s P s is P (s s) P: Catalan cumulants


def test_factors_are_found_where_numbers_for_parameters_show_one_and_where_they_do_not() -> None:
    """At a = 7, the number tried, (a - 7) g + 1 is no factor any more; the third polynomial splits there."""
    a = sp.Symbol("a", positive=True)
    setting = Setting((a,))
    ring = setting.ring
    one, two = a * g * r + g**2 + 1, (a - 7) * g * r + r + 1
    for parts in ([one], [two], [g**2 * (a - 6) - r**2], [one, two], [one, (a - 7) * g + 1]):
        wanted = {str(ring.polynomial(sp.expand(part))) for part in parts}
        product = ring.polynomial(sp.expand(sp.Mul(*parts) * (a + 1) * 3))
        assert {str(factor) for factor in setting.factors(product, g, r)} == wanted
    squared = setting.factors(ring.polynomial(sp.expand(one**2)), g, r)
    assert squared == [ring.polynomial(one)]
