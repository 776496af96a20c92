"""Laws of the algebra on random expressions: two ways to one matrix have one equation and one branch.

More examples on demand, as tests/test_random_expressions.py says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sympy as sp
from expressions import (
    LARGEST_DEGREE,
    LARGEST_PRODUCT,
    centred,
    degrees,
    expressions,
    factors,
    invertible,
    offsets,
    ratios,
    reading,
    shares,
    spread,
    symmetric,
)
from flint import ctx
from hypothesis import assume, given
from hypothesis import strategies as st
from test_random_expressions import share

from derive import (
    Anticommutator,
    Atoms,
    Commutator,
    DirectSum,
    Factor,
    FreePoisson,
    Gaussian,
    Gram,
    Hermitised,
    ModelError,
    Projection,
    Wigner,
    Wishart,
)
from derive.language.bounds import is_nonnegative
from derive.language.ensembles import Ensemble

half = sp.Rational(1, 2)
ZERO = Atoms((0,), (1,))
ORDER = 6

Pair = tuple[Ensemble, Ensemble]
Laws = dict[str, Callable[[], Pair]]


def of_one(a: Ensemble, f: sp.Rational, t: sp.Rational, k: sp.Rational) -> Laws:
    """Laws of one element: f a share, t at least 1, k not 0."""
    found: Laws = {
        "powers multiply": lambda: (a.free_power(t).free_power(1 / f), a.free_power(t / f)),
        "a power is a corner": lambda: (a.free_power(1 / f), a.compression(f) / f),
        "corners of corners": lambda: (a.compression(f).compression(1 / t), a.compression(f / t)),
        "a shift of a power": lambda: ((a + k).free_power(t), a.free_power(t) + t * k),
        "there and back": lambda: ((k * a + 1) / k - 1 / k, a),
        "equal blocks": lambda: (DirectSum((a, a), (f, 1 - f)), a),
        "a projected matrix": lambda: (
            Projection(f) @ a,
            DirectSum((a.compression(f), ZERO), (f, 1 - f)),
        ),
    }
    by_r, _, by_g = degrees(a)
    if by_r**2 <= LARGEST_PRODUCT:
        found["two copies"] = lambda: (a.free_power(2), a + a)
    if by_r <= 3:
        found["rates add"] = lambda: (FreePoisson(f, a) + FreePoisson(t, a), FreePoisson(f + t, a))
        found["a corner of jumps"] = lambda: (
            FreePoisson(t, a).compression(f),
            FreePoisson(t / f, f * a),
        )
    if by_g <= 3:
        found["a factor of a square"] = lambda: ((k * a) ** 2, k**2 * a**2)
        found["a square completed"] = lambda: (
            (a + k) ** 2,
            a.apply(lambda x: x**2 + 2 * k * x + k**2),
        )
    if is_nonnegative(a) and not centred(a):
        found["with zeros, transposed"] = lambda: (
            Gram(Factor(a, rows=f).T),
            DirectSum((a, ZERO), (f, 1 - f)),
        )
        found["transposed twice"] = lambda: (
            Gram(Factor(Gram(Factor(a, rows=f).T), rows=1 / f, columns=1).T),
            a,
        )
        found["zeros taken off"] = lambda: (
            Gram(Factor(DirectSum((a, ZERO), (f, 1 - f)), rows=1 / f, columns=1).T),
            a,
        )
        found["transposed, with noise"] = lambda: (
            Gram(Factor(Gram(Factor(a, rows=f).T)) @ Gaussian(1, 1)),
            Gram(Factor(DirectSum((a, ZERO), (f, 1 - f))) @ Gaussian(1, 1)),
        )
        found["correlated"] = lambda: (Gram(Factor(a) @ Gaussian(1, t, 1 / t)), a @ Wishart(1 / t))
        found["one column a row"] = lambda: (FreePoisson(1, a), Wishart(1) @ a)
        if by_g <= 3:
            found["hermitised, squared"] = lambda: (Hermitised(Factor(a, half, half)) ** 2, a)
            found["hermitised twice"] = lambda: (
                Hermitised(Factor(Hermitised(Factor(a, half, half)) ** 2, half, half)),
                Hermitised(Factor(a, half, half)),
            )
    if invertible(a):
        found["inverse twice"] = lambda: ((k * a).inverse().apply(lambda x: 2 * x).inverse(), k / 2 * a)
        found["Moebius twice"] = lambda: (
            a.moebius(k, 1, 1, 0).moebius(1, 0, 0, t),  # (k + 1/a)/t
            a.moebius(k, 1, t, 0),
        )
    return found


def of_two(a: Ensemble, b: Ensemble, c: Ensemble, f: sp.Rational, k: sp.Rational) -> Laws:
    """Laws of two and three elements."""
    first, second, third = (degrees(x) for x in (a, b, c))
    found: Laws = {}
    if first[0] * second[0] <= LARGEST_PRODUCT:
        found["sums commute"] = lambda: (a + b, b + a)
        found["differences turn"] = lambda: (-(a - b), b - a)
        found["scaling distributes"] = lambda: (k * (a + b), k * a + k * b)
        found["powers distribute"] = lambda: (
            (a + b).free_power(1 / f),
            a.free_power(1 / f) + b.free_power(1 / f),
        )
        if first[0] * second[0] * third[0] <= LARGEST_PRODUCT:
            found["sums associate"] = lambda: (1 * (a + b) + c, a + 1 * (b + c))
    if is_nonnegative(b) and not centred(b) and first[1] * second[1] <= LARGEST_PRODUCT:
        found["products commute"] = lambda: (a @ b, b @ a)
        found["a factor of a product"] = lambda: (k * (a @ b), (k * a) @ b)
        found["signs of a product"] = lambda: (-(a @ b), a @ -b)
        if is_nonnegative(a):
            found["signs cancel"] = lambda: (a @ b, (-a) @ (-k * b) / k)
        if is_nonnegative(c) and not centred(c) and first[1] * second[1] * third[1] <= LARGEST_PRODUCT:
            found["products associate"] = lambda: (1 * (a @ b) @ c, a @ (1 * (b @ c)))
        if invertible(a) and is_nonnegative(a) and invertible(b):
            found["the inverse of a product"] = lambda: ((a @ b).inverse(), a.inverse() @ b.inverse())
    if first[2] * second[2] <= LARGEST_DEGREE:
        found["blocks commute"] = lambda: (
            DirectSum((a, b), (f, 1 - f)),
            DirectSum((b, a), (1 - f, f)),
        )
        found["blocks move"] = lambda: (
            k * DirectSum((a, b), (f, 1 - f)) + 1,
            DirectSum((k * a + 1, k * b + 1), (f, 1 - f)),
        )
    if symmetric(a) and symmetric(b) and first[2] * second[2] <= 4:
        found["commutators commute"] = lambda: (Commutator(a, b), Commutator(b, a))
        found["commutator and anticommutator"] = lambda: (Commutator(a, b), Anticommutator(b, a))
    return found


@share(40)
@given(st.data())
def test_laws_of_the_algebra(data: st.DataObject) -> None:
    a = data.draw(expressions(2))
    f, k = data.draw(shares), data.draw(factors)
    if data.draw(st.booleans()):
        laws = of_one(a, f, 1 + data.draw(ratios), data.draw(st.one_of(factors, offsets)))
    else:
        b, c = data.draw(expressions(2)), data.draw(expressions(1))
        laws = of_two(a, b, c, f, k)
    assume(laws)
    name = data.draw(st.sampled_from(sorted(laws)))
    one, other = (reading(expression) for expression in laws[name]())
    assert one.relation in (other.relation, -other.relation), name
    with ctx.workprec(512):  # balls of irrational numbers overlap, rational numbers are equal
        pairs = zip(one.cumulants(ORDER, {}), other.cumulants(ORDER, {}), strict=True)
        assert not any(a != b for a, b in pairs), name


def odd_cumulants_of_inverse(a: Ensemble) -> list[Any]:
    """kappa_1 and kappa_3, none where there is no inverse, or other branches meet at 0."""
    try:
        return reading(a.inverse()).cumulants(3, {})[::2]
    except ModelError as error:
        if not re.search("without 0|two branches", str(error)):
            raise
        return []


@share(10)
@given(expressions(2), expressions(1))
def test_what_an_operation_lacks_is_named(a: Ensemble, b: Ensemble) -> None:
    """A law that is symmetric about 0 has 0 in its hull: in a gap, or there is no inverse."""
    if not symmetric(a):
        with pytest.raises(ModelError, match="not symmetric about 0"):
            reading(Commutator(Wigner(1), a))
        return
    assert not any(value != 0 for value in odd_cumulants_of_inverse(a))
    with pytest.raises(ModelError, match="nonnegative"):
        reading(Gram(Factor(a) @ Gaussian(1, 1)))
    assume(spread(a) and symmetric(b))
    with pytest.raises(ModelError, match="one factor that is not nonnegative"):
        reading(a @ b)
