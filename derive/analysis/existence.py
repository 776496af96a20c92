"""Whether a probability law with given moments exists: Hankel's determinants, decided exactly.

Moments m_0, ..., m_2k belong to a positive measure only if no determinant

    D_k = det (m_(i+j)), i, j = 0 ... k,

is negative; and if one is 0 the measure sits on k points, which fixes all later moments. A negative one
at a single parameter value, or a moment that contradicts a 0, proves that there is no law. Determinants that
are positive at samples prove nothing for other parameters and orders, and that is what is said.

A rational Levy form with positive weights is the law of a free Levy process and needs no such check;
with a negative weight it can still be a law.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import sympy as sp

from ..algebra.radicals import constant_sign
from ..language.model import ModelError
from ..language.parameters import Parameter
from ..laws import Algebraic, Law, Levy
from .series import moments as moments_of

ORDER = 6


def refuse_if_no_law(
    title: str, parameters: Sequence[Parameter], law: Law, order: int = ORDER, where: Sequence[sp.Expr] = ()
) -> tuple[str, ...]:
    """Refuse a law that does not exist; say what remains undecided.

    law: a `Levy` form whose weights may have any sign, or an `Algebraic` one.
    order: the largest k of the determinants D_k.
    where: facts about the parameters, for the signs of weights.
    Returns sentences, none if the law exists for all parameters. Raises `ModelError` with the determinant
    and the parameter values if there is no law.
    """
    if isinstance(law, Levy):
        signs = [constant_sign(weight, where=tuple(where)) for weight in law.weights]
        if all(sign in (0, 1) for sign in signs):
            return ()
        weight = law.weights[next(i for i, sign in enumerate(signs) if sign not in (0, 1))]
        why = f"the weight {weight} of its Levy form is not positive on all of the domain"
    else:
        why = "it is not of the rational Levy class"
        if law.mean is not None:
            return (
                f"that a law exists for all parameters is not decided: {why}, and its moments are irrational",
            )
    for values in samples(parameters):
        numbers = moments_of(_at(law, values), 2 * order)
        _refuse(title, numbers, values)
    return (_undecided(why, parameters, order),)


def hankel_determinants(moments: Sequence[sp.Rational]) -> list[sp.Rational]:
    """[D_0, D_1, ...] of rational moments m_0, m_1, ..., exact."""
    numbers = [Fraction(int(m.p), int(m.q)) for m in moments]
    sizes = range(1, (len(numbers) + 1) // 2 + 1)
    return [_determinant([numbers[i : i + size] for i in range(size)]) for size in sizes]


def samples(parameters: Sequence[Parameter]) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    """Rational parameter values: both ends and the middle of each typical range.

    All combinations of at most two parameters; of more, the middle with one parameter moved at a time.
    """
    choices = []
    for parameter in parameters:
        low, high = (Fraction(value).limit_denominator(1000) for value in parameter.typical)
        choices.append([sp.Rational(v.numerator, v.denominator) for v in ((low + high) / 2, low, high)])
    symbols = [parameter.symbol for parameter in parameters]
    if len(parameters) <= 2:
        for values in product(*choices):
            yield dict(zip(symbols, values, strict=True))
        return
    middle = {symbol: choice[0] for symbol, choice in zip(symbols, choices, strict=True)}
    yield middle
    for symbol, choice in zip(symbols, choices, strict=True):
        for value in choice[1:]:
            yield {**middle, symbol: value}


def _at(law: Law, values: Mapping[sp.Symbol, sp.Rational]) -> Law:
    """The law at parameter values."""
    if isinstance(law, Algebraic):
        return Algebraic(sp.expand(law.polynomial.subs(values)))
    return Levy(
        law.mean.subs(values),
        tuple(sp.sympify(p).subs(values) for p in law.poles),
        tuple(sp.sympify(c).subs(values) for c in law.weights),
    )


def _refuse(title: str, moments: Sequence[sp.Rational], values: Mapping[sp.Symbol, sp.Rational]) -> None:
    place = ", ".join(f"{symbol} = {value}" for symbol, value in values.items())
    at = f" at {place}" if place else ""
    for k, value in enumerate(hankel_determinants(moments)):
        if value < 0:
            raise ModelError(
                f"no probability law has the moments of {title!r}{at}: the Hankel determinant "
                f"D_{k} = det (m_(i+j)), i, j <= {k}, is {value} < 0, with moments "
                f"{', '.join(str(m) for m in moments[: 2 * k + 1])}; check the expression"
            )
        if value == 0:
            _refuse_more_than_points(f"the moments of {title!r}{at}", moments, k)
            return


def _refuse_more_than_points(name: str, moments: Sequence[sp.Rational], k: int) -> None:
    """D_k = 0: the law sits on k points, roots of sum c_i x^i, so that sum c_i m_(i+j) = 0 for every j."""
    kernel = sp.Matrix([list(moments[i : i + k + 1]) for i in range(k + 1)]).nullspace()[0]
    for j in range(len(moments) - k):
        if sum(c * moments[i + j] for i, c in enumerate(kernel)) != 0:
            raise ModelError(
                f"no probability law has {name}: the Hankel determinant D_{k} is 0, so that the law sits on "
                f"{k} points, and m_{k + j} = {moments[k + j]} contradicts that; check the expression"
            )


def _determinant(rows: list[list[Fraction]]) -> sp.Rational:
    """Exact determinant by elimination."""
    total = Fraction(1)
    rows = [list(row) for row in rows]
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if pivot is None:
            return sp.S.Zero
        if pivot != k:
            rows[k], rows[pivot] = rows[pivot], rows[k]
            total = -total
        total *= rows[k][k]
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return sp.Rational(total.numerator, total.denominator)


def _undecided(why: str, parameters: Sequence[Parameter], order: int) -> str:
    count = sum(1 for _ in samples(parameters))
    return (
        f"that a law exists for all parameters is not decided: {why}; the Hankel determinants "
        f"D_0 ... D_{order} of its moments are not negative at {count} sample values"
    )
