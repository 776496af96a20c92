"""Hypothesis strategies for expressions of the language, with numbers for data.

An expression grows from its leaves. Every operation is asked of parts that meet its conditions, as bounds of
their spectra and degrees of their equations tell them; where no operation fits, the part itself is the
expression. Shares and ratios have small denominators, so that matrices of a hundred rows have the shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import lcm

import sympy as sp
from hypothesis import strategies as st

from derive import (
    Anticommutator,
    Arcsine,
    Atoms,
    Commutator,
    DirectSum,
    Factor,
    FreePoisson,
    Gaussian,
    Gram,
    Hermitised,
    Jacobi,
    KestenMcKay,
    Projection,
    Wigner,
    Wishart,
)
from derive.language.bounds import interval, is_nonnegative, sign_of_bound
from derive.language.ensembles import Ensemble
from derive.laws import G, z
from derive.transforms import read, setting_of
from derive.transforms.reading import Reading, is_zero
from verify.sampling import shapes

LARGEST_DEGREE = 8
LARGEST_PRODUCT = 6  # degrees of two transforms, multiplied, that an elimination may have

third, half = sp.Rational(1, 3), sp.Rational(1, 2)
shares = st.sampled_from([half, third, 2 * third, half / 2, 3 * half / 2])
ratios = st.sampled_from([half, third, sp.Integer(1), sp.Integer(2), 3 * half, half / 2, 2 * third])
sizes = st.sampled_from([sp.Rational(1, 10), half, sp.Integer(1), sp.Integer(2), sp.Rational(5, 4)])
offsets = st.sampled_from([sp.Rational(k, 2) for k in (-6, -3, -2, -1, 1, 2, 4, 7)])
factors = st.sampled_from([sp.Integer(-1), half, sp.Integer(2), -third, sp.Rational(7, 3)])


@lru_cache(maxsize=4096)
def reading(expression: Ensemble) -> Reading:
    """The transform of an expression without parameters."""
    return read(expression, "H", setting_of(expression))


def degrees(expression: Ensemble) -> tuple[int, int, int]:
    """Degrees of the relations in R, in S and of the equation in G."""
    from derive.transforms.curves import r, s

    found = reading(expression)
    ring = found.setting.ring
    by_s = ring.degree(found.s_relation, s) if found.relation != ring.gen(r) else 99
    return ring.degree(found.relation, r), by_s, ring.degree(found.equation, G)


def fits(expression: Ensemble) -> bool:
    """Whether the final degree is within what is evaluated."""
    found = reading(expression)
    ring = found.setting.ring
    return ring.degree(found.equation, G) <= LARGEST_DEGREE and ring.degree(found.equation, z) <= 24


def spread(expression: Ensemble) -> bool:
    """Whether the spectrum is not finite, so that there is a density."""
    return degrees(expression)[2] > 1


def centred(expression: Ensemble) -> bool:
    return is_zero(reading(expression).cumulants(1, None)[0])


def invertible(expression: Ensemble) -> bool:
    low, high = interval(expression)
    return sign_of_bound(low, ()) == 1 or sign_of_bound(high, ()) == -1


def symmetric(expression: Ensemble) -> bool:
    """Whether -A has the law of A."""
    return bool(reading(expression).relation == reading(-expression).relation)


def rows_wanted(expression: Ensemble, least: int) -> tuple[int, int]:
    """At least so many rows of a matrix that has all shapes, and the most rows or columns inside it."""
    found = [sp.Rational(size) for _, size in shapes(expression)]
    step = lcm(*(int(size.q) for size in found))
    n = step * -(-least // step)
    return n, max([n, *(int(n * size) for size in found)])


def _atoms() -> st.SearchStrategy[Ensemble]:
    places = st.lists(st.sampled_from([-2, -1, 0, 1, 2, half]), min_size=2, max_size=3, unique=True)

    def with_masses(places: list[sp.Expr]) -> st.SearchStrategy[Ensemble]:
        if len(places) == 2:
            return shares.map(lambda f: Atoms(tuple(places), (f, 1 - f)))
        return shares.map(lambda f: Atoms(tuple(places), (f, (1 - f) / 2, (1 - f) / 2)))

    return places.flatmap(with_masses)


def leaves() -> st.SearchStrategy[Ensemble]:
    """Ensembles of the language that are made of no other, and the named ones."""
    return st.one_of(
        sizes.map(Wigner),
        st.builds(Wishart, ratios, sizes),
        _atoms(),
        shares.map(Projection),
        sizes.map(Arcsine),
        st.sampled_from([3, 4]).map(KestenMcKay),
        st.builds(FreePoisson, ratios, sizes),
        st.builds(Jacobi, st.sampled_from([half, third]), st.sampled_from([half, 1, 2])),
    )


def _one(draw: st.DrawFn, a: Ensemble) -> dict[str, Callable[[], Ensemble]]:
    """The operations that this part admits, by name."""
    by_r, _, by_g = degrees(a)
    found: dict[str, Callable[[], Ensemble]] = {
        "shift": lambda: a + draw(offsets),
        "scale": lambda: draw(factors) * a,
        "free power": lambda: a.free_power(1 + draw(ratios)),
        "corner": lambda: a.compression(draw(shares)),
    }
    if by_r <= 3:
        found["jumps"] = lambda: FreePoisson(draw(ratios), a)
    if by_g <= 2:
        found["square"] = lambda: a**2
        found["shifted square"] = lambda: (a + draw(offsets)) ** 2
    if by_g == 2 and by_r <= 2:
        found["cube"] = lambda: a.apply(lambda x: x**3 - draw(sizes) * x)
    if invertible(a):
        found["inverse"] = a.inverse
        found["Moebius"] = lambda: a.moebius(draw(sizes), draw(offsets), 1, 0)
    if is_nonnegative(a) and not centred(a):
        found["transposed"] = lambda: Gram(Factor(a, rows=draw(shares)).T)
        found["hermitised"] = lambda: Hermitised(Factor(a, half, half))
        if by_g <= 2:
            found["noise"] = lambda: Gram(Factor(a, columns=2) + Gaussian(1, 2, draw(sizes)))
            found["correlated"] = lambda: Gram(Factor(a) @ Gaussian(1, (c := draw(ratios)), 1 / c))
    return found


def _two(draw: st.DrawFn, a: Ensemble, b: Ensemble) -> dict[str, Callable[[], Ensemble]]:
    first, second = degrees(a), degrees(b)
    found: dict[str, Callable[[], Ensemble]] = {}
    if first[0] * second[0] <= LARGEST_PRODUCT:
        found["sum"] = lambda: a + b
        found["difference"] = lambda: a - b
    if (
        first[1] * second[1] <= LARGEST_PRODUCT
        and (is_nonnegative(a) or is_nonnegative(b))
        and not (centred(a) and centred(b))
    ):
        found["product"] = lambda: a @ b
    if first[2] * second[2] <= LARGEST_DEGREE:
        found["blocks"] = lambda: DirectSum((a, b), ((f := draw(shares)), 1 - f))
    if first[2] * second[2] <= 4 and symmetric(a) and symmetric(b):
        found["commutator"] = lambda: Commutator(a, b)
        found["anticommutator"] = lambda: Anticommutator(a, b)
    return found


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4) -> Ensemble:
    """An expression of at most this depth over the leaves, of final degree up to 8."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        return draw(leaves())
    a = draw(expressions(depth - 1))
    if draw(st.booleans()):
        choices = _two(draw, a, draw(expressions(draw(st.integers(0, depth - 1)))))
    else:
        choices = _one(draw, a)
    if not choices:
        return a
    made = choices[draw(st.sampled_from(sorted(choices)))]()
    return made if fits(made) else a
