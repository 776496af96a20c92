"""No law: a negative Hankel determinant refuses, and what is undecided is said."""

from __future__ import annotations

from math import comb

import pytest
import sympy as sp

from derive.analysis.existence import hankel_determinants, refuse_if_no_law, samples
from derive.language.model import ModelError
from derive.language.parameters import Parameter
from derive.laws import Algebraic, G, Levy, z

a = Parameter("a", typical=(0.5, 2))
b = Parameter("b", typical=(0.25, 1))


def test_determinants_of_catalan_numbers_are_one() -> None:
    catalan = [sp.Integer(comb(2 * k, k) // (k + 1)) for k in range(13)]
    assert hankel_determinants(catalan) == [1] * 7


def test_positive_weights_exist_without_a_word() -> None:
    law = Levy(sp.S.One, (sp.S.Zero, a.symbol), (sp.Integer(2), a.symbol))
    assert refuse_if_no_law("sum", (a,), law) == ()


def test_a_negative_variance_is_refused_with_its_determinant() -> None:
    law = Levy(sp.S.One, (sp.S.Zero,), (-a.symbol,))
    with pytest.raises(ModelError, match=r"no probability law.*a = 5/4.*D_1 .* is -5/4 < 0"):
        refuse_if_no_law("negative", (a,), law)


def test_a_negative_weight_can_be_refused_at_a_higher_determinant() -> None:
    # variance 3 - 1 > 0, but the fourth cumulant is too negative: kappa_4 + 2 kappa_2^2 - ... < 0
    law = Levy(sp.S.Zero, (sp.S.Zero, sp.Integer(3)), (sp.Integer(3), sp.Integer(-1)))
    with pytest.raises(ModelError, match=r"D_2"):
        refuse_if_no_law("high", (), law)


def test_a_negative_weight_that_is_a_law_is_undecided() -> None:
    # semicircle of variance 1 less a free Poisson part of weight 1/100: the density stays positive
    law = Levy(sp.S.Zero, (sp.S.Zero, sp.Rational(1, 2)), (sp.S.One, sp.Rational(-1, 100)))
    (sentence,) = refuse_if_no_law("perturbed", (), law)
    assert "not decided" in sentence
    assert "-1/100" in sentence


def test_a_determinant_after_a_zero_must_vanish() -> None:
    # G = z/(z^2 - 1) is the transform of (delta_-1 + delta_1)/2; another 1/z^7 makes m_6 = 2
    assert refuse_if_no_law("two points", (), Algebraic((z**2 - 1) * G - z))
    with pytest.raises(ModelError, match=r"D_2 is 0.*m_6 = 2 contradicts"):
        refuse_if_no_law("contradiction", (), Algebraic(sp.expand((z**2 - 1) * (z**7 * G - 1) - z**8)))


def test_a_law_is_refused_where_one_sample_shows_it() -> None:
    # m = 1, 0, 1 - a: the variance is negative for a > 1
    law = Algebraic(sp.expand(z**3 * G - z**2 - 1 + a.symbol))
    with pytest.raises(ModelError, match="a = 5/4"):
        refuse_if_no_law("sometimes", (a,), law, order=1)


def test_irrational_poles_come_in_pairs_with_rational_moments() -> None:
    pair = (sp.sqrt(a.symbol / 2), -sp.sqrt(a.symbol / 2))
    law = Levy(sp.S.Zero, (sp.S.Zero, *pair), (sp.Integer(3), -sp.S.Half, -sp.S.Half))
    with pytest.raises(ModelError, match=r"a = 5/4.*D_5 .* is -920934631/8388608 < 0"):
        refuse_if_no_law("pair", (a,), law)


def test_a_product_of_two_wisharts_is_undecided_but_not_refused() -> None:
    t = z * G - 1
    law = Algebraic(sp.expand(t - G * (1 + a.symbol * t) * (1 + b.symbol * t)))
    (sentence,) = refuse_if_no_law("product", (a, b), law)
    assert "9 sample values" in sentence


def test_a_product_of_signed_factors_with_no_law_is_refused() -> None:
    # S-transforms multiplied although neither factor is nonnegative: (W + mu) boxtimes (W + mu), mu small
    mu = sp.Rational(1, 10)
    s = sp.Symbol("s")
    t = z * G - 1
    # S of W + mu solves t S^2 + mu S = 1; P = S^2 = z' with chi = t/(1+t) S_product = 1/z
    # S = s: product's S-transform is s^2 = (1 + t)/(t z)
    p = sp.resultant(t * s**2 + mu * s - 1, s**2 * t * z - (1 + t), s)
    factors = [f for f, _ in sp.factor_list(sp.expand(p), G, z)[1] if f.has(G)]
    branch = next(f for f in factors if sp.Poly(f, G, z).total_degree() > 2)
    with pytest.raises(ModelError, match="no probability law"):
        refuse_if_no_law("signed", (), Algebraic(sp.expand(branch)), order=8)


def test_samples_cover_ends_and_middle() -> None:
    assert len(list(samples((a, b)))) == 9
    assert len(list(samples((a, b, Parameter("c"))))) == 7
    assert {values[a.symbol] for values in samples((a,))} == {
        sp.Rational(1, 2),
        sp.Rational(5, 4),
        sp.Integer(2),
    }
