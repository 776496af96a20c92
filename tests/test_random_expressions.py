"""Random expressions of the language: the equation, the module and the matrix against each other.

On every run the same few examples. To hunt, for as long as wanted:

    timeout 3600 python -m pytest tests/test_random_expressions.py --hypothesis-profile=hunt
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import certified_branch
import numpy as np
import pytest
import sympy as sp
from expressions import expressions, fits, invertible, reading, rows_wanted, spread
from flint import arb, ctx, fmpq
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from derive import Model, Wigner, Wishart
from derive.analysis.series import moments
from derive.language.bounds import interval
from derive.language.ensembles import Ensemble
from derive.laws import Algebraic, G, z
from derive.transforms.branch_at_infinity import value_of
from derive.transforms.reading import moments_of
from derive.transforms.value_at_zero import with_branch
from generated._runtime.algebraic import evaluators as algebraic
from verify import sample

ORDER = 8
COUNT = 24  # matrices an expression
MOST_ROWS = 120

Array = np.ndarray[Any, Any]


def share(examples: int) -> settings:
    """So many examples on every run, and in proportion where a profile asks for more than Hypothesis does."""
    return settings(max_examples=examples * max(1, settings.default.max_examples // 100))


def equation(expression: Ensemble) -> sp.Expr:
    found = reading(expression)
    return found.setting.ring.expression(found.equation)


def rows_of(expression: Ensemble) -> list[list[Fraction]]:
    polynomial = sp.Poly(equation(expression), G, z)
    rows = [[Fraction(0)] * (polynomial.degree(z) + 1) for _ in range(polynomial.degree(G) + 1)]
    for (i, j), value in polynomial.terms():
        rows[i][j] = Fraction(int(value))
    return rows


def exact_moments(expression: Ensemble, n: int = ORDER) -> list[Any]:
    """m_1 ... m_n made along the tree, which never look at an equation: rational, or balls (`arb`)."""
    with ctx.workprec(512):
        return moments_of(reading(expression), n, {})


def rational(value: Any) -> Fraction:
    """The number, or the middle of its ball, which is small."""
    if isinstance(value, fmpq):
        return Fraction(int(value.p), int(value.q))
    with ctx.workprec(512):
        assert value.rad() <= (1 + abs(value)) * arb(10) ** -30, value
        mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def law_of(expression: Ensemble) -> Algebraic:
    law = with_branch(Algebraic(equation(expression)), reading(expression))
    assert isinstance(law, Algebraic)
    return law


@share(12)
@given(expressions(4))
def test_the_equation_has_the_moments_of_the_tree(expression: Ensemble) -> None:
    law, wanted = law_of(expression), exact_moments(expression)
    found = moments(law, ORDER)[1:]
    if law.mean is None:
        assert found == [sp.Rational(int(m.p), int(m.q)) for m in wanted]
        return
    values = {symbol: value.ball({}) for symbol, value in reading(expression).setting.named.items()}
    with ctx.workprec(512):
        for one, other in zip(found, wanted, strict=True):
            assert arb(value_of(one, values)).overlaps(arb(other))


@share(6)
@given(expressions(2), st.data())
def test_inverses_with_irrational_moments(expression: Ensemble, data: st.DataObject) -> None:
    """The same three ways for laws that are seldom drawn otherwise: an inverse, alone or in an operation."""
    low, high = interval(expression)
    assume(low.is_finite and high.is_finite)
    offset = data.draw(st.sampled_from([1 - sp.floor(low), -1 - sp.ceiling(high)]))
    assume(invertible(expression + offset))
    inverse = (expression + offset).inverse()
    assume(fits(inverse) and law_of(inverse).mean is not None)
    choices = {
        "alone": lambda: inverse,
        "sum": lambda: inverse + Wigner(1),
        "product": lambda: inverse @ Wishart(2),
        "square": lambda: (inverse - 1) ** 2,
        "twice": lambda: (inverse.apply(lambda x: 2 * x) + (1 if offset > 0 else -1)).inverse(),
    }
    name = data.draw(st.sampled_from(sorted(choices)))
    assume(name != "twice" or invertible(inverse))
    made = choices[name]()
    assume(fits(made))
    test_the_equation_has_the_moments_of_the_tree.hypothesis.inner_test(made)
    try:
        check_module(made, [0.3, 0.8])
    except certified_branch.NotFollowed:  # laws of many branches that meet at infinity
        reject()


@share(8)
@given(expressions(3), st.integers(0, 2**32 - 1))
def test_matrices_have_the_moments_of_the_tree(expression: Ensemble, seed: int) -> None:
    """Mean traces of complex matrices; moments are off by O(1/n^2)."""
    n, most = rows_wanted(expression, 40)
    assume(most <= MOST_ROWS)
    model, rng = Model("test", (), expression), np.random.default_rng(seed)
    spectra = [np.linalg.eigvalsh(sample(model, n, rng, beta=2)) for _ in range(COUNT)]
    wanted = np.array([float(rational(m)) for m in exact_moments(expression, 4)])
    powers = np.arange(1, 5)
    found = np.array([np.mean(spectrum[:, None] ** powers, axis=0) for spectrum in spectra])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(COUNT)
    size = max(1.0, float(wanted[3]) ** 0.25) ** powers
    assert np.all(np.abs(np.mean(found, axis=0) - wanted) < 8 * error + 20 / n**2 * size), (
        np.mean(found, axis=0),
        wanted,
        error,
        n,
    )


@share(4)
@given(expressions(3), st.lists(st.floats(0.01, 0.99), min_size=2, max_size=2))
def test_the_module_is_the_branch_from_infinity(expression: Ensemble, parts: list[float]) -> None:
    assume(spread(expression))
    check_module(expression, parts)


def check_module(expression: Ensemble, parts: list[float]) -> None:
    rows, wanted = rows_of(expression), [rational(m) for m in exact_moments(expression)]
    mean = None if law_of(expression).mean is None else wanted[0]
    law = algebraic.prepare(rows, mean=mean)
    assert law.uncertified == (), law.uncertified
    mass = float(law.upto[-1])
    assert mass == pytest.approx(1, abs=1e-12)
    assert algebraic.moments(law, ORDER)[1:, 0].tolist() == pytest.approx(list(map(float, wanted)), rel=1e-15)
    low, high = law.places[0], law.places[-1]
    for point in (complex(low + 0.3 * (high - low), 0.2 * (high - low)), complex(high, 0.01 * (high - low))):
        ball = certified_branch.stieltjes(rows, point, mean=mean)
        got = complex(algebraic.stieltjes(law, np.array([point]))[0])
        assert abs(got - complex(ball)) <= 1e-12 * abs(got)
    for part in parts:
        x = inside(law, part)
        ball = certified_branch.stieltjes(rows, complex(x), mean=mean)
        got = float(algebraic.density(law, np.array([x]))[0])
        assert got == pytest.approx(-float(ball.imag.mid()) / np.pi, rel=1e-11)
    check_distribution(law)


def inside(law: algebraic.AlgebraicLaw, part: float) -> float:
    """The point at this part of the bands' total length."""
    lengths = law.bands[:, 1] - law.bands[:, 0]
    left = part * lengths.sum()
    for (low, _), length in zip(law.bands, lengths, strict=True):
        if left <= length:
            return float(low + left)
        left -= length
    return float(law.bands[-1].mean())


def check_distribution(law: algebraic.AlgebraicLaw) -> None:
    """cdf rises, cdf + sf = 1, cdf' is the density, quantiles invert it."""
    x = np.unique(np.concatenate([np.linspace(low, high, 41)[1:-1] for low, high in law.bands]))
    cdf = algebraic.cdf(law, x)
    assert np.all(np.diff(cdf) >= 0)
    assert np.max(np.abs(cdf + algebraic.sf(law, x) - 1)) < 1e-13
    assert np.max(np.abs(algebraic.cdf(law, algebraic.quantile(law, cdf)) - cdf)) < 1e-12
    t, weight = np.polynomial.legendre.leggauss(24)
    places = np.concatenate([law.places, x])
    for left, right in pairwise(x):
        if np.any((places > left) & (places < right)) or min(np.abs(law.places - left)) < 2 * (right - left):
            continue
        nodes = (left + right) / 2 + (right - left) / 2 * t
        integral = float(algebraic.density(law, nodes) @ weight) * (right - left) / 2
        assert algebraic.cdf(law, np.array([right]))[0] - algebraic.cdf(law, np.array([left]))[
            0
        ] == pytest.approx(integral, rel=1e-9, abs=1e-13)
