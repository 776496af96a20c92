"""Moments and free cumulants to any order, exactly.

For a Levy law kappa_1 = m and kappa_n = sum_j c_j p_j^(n-2), and Lagrange's inversion gives

    m_n = [t^n] (1 + kappa_1 t + kappa_2 t^2 + ...)^(n+1) / (n + 1).

For an algebraic law the moments are the coefficients of the one power series M(t) = G/t, t = 1/z, with
M(0) = 1 that solves the polynomial, found term by term, and kappa_n = -[t^n] M(t)^(1-n) / (n - 1).
Both routes are taken for a Levy law and held against each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import comb, lcm
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.named_values import in_parameters, reduced
from ..algebra.rings import Fraction, Ring, factors_of
from ..algebra.signs import Undecided
from ..derivation import CertificateError, Section, Step
from ..language.model import Model
from ..laws import Algebraic, G, Law, Levy, z

SHOWN = 4
CERTIFIED = 8


def free_cumulants(law: Law, n: int) -> list[sp.Expr]:
    """[kappa_1, ..., kappa_n], exact expressions in the parameters and the law's `values`, if it has any.

    Raises `ValueError` for n < 0 and `Undecided` for an algebraic law whose series is not determined.
    """
    _order(n)
    if isinstance(law, Levy):
        return _levy_cumulants(law, n)
    ring, series = _series(law.polynomial, n, law)
    return [_expression(ring, reduced(ring, kappa, law.values)) for kappa in _cumulants_of(ring, series)]


def moments(law: Law, n: int) -> list[sp.Expr]:
    """[m_0 = 1, m_1, ..., m_n], exact expressions and errors as of `free_cumulants`."""
    _order(n)
    if isinstance(law, Levy):
        kappas = _levy_cumulants(law, n)
        ring = Ring.of(*kappas)
        return [_expression(ring, m) for m in _moments_of(ring, [ring.fraction(k) for k in kappas])]
    ring, series = _series(law.polynomial, n, law)
    return [_expression(ring, m) for m in series]


def moments_section(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """The first moments and free cumulants, certified by the two routes to order 8.

    Closed forms: "moments" and "free_cumulants", each a function n -> list.
    """
    low = _closed(free_cumulants, law, SHOWN)
    first = _closed(moments, law, SHOWN)
    steps = (
        Step(
            "free cumulants",
            _rule(law),
            tuple(sp.Eq(sp.Symbol(f"kappa_{i}"), k, evaluate=False) for i, k in enumerate(low, 1)),
            TwoRoutes(law, equation, CERTIFIED),
        ),
        Step(
            "moments",
            "m_n = [t^n] (1 + kappa_1 t + kappa_2 t^2 + ...)^(n+1) / (n + 1), by Lagrange's inversion of z "
            "= R(G) + 1/G; the same numbers solve the equation as a power series in 1/z.",
            tuple(sp.Eq(sp.Symbol(f"m_{i}"), m, evaluate=False) for i, m in enumerate(first) if i),
            TwoRoutes(law, equation, CERTIFIED),
        ),
    )
    forms = {
        "moments": partial(_closed, moments, law),
        "free_cumulants": partial(_closed, free_cumulants, law),
    }
    return Section("Moments and free cumulants", steps), forms


def _closed(function: Callable[[Law, int], list[sp.Expr]], law: Law, n: int) -> list[sp.Expr]:
    """The same expressions, with closed forms of the law's `values` where they are quadratic."""
    found = function(law, n)
    return found if isinstance(law, Levy) else [in_parameters(value, law.values) for value in found]


def _rule(law: Law) -> str:
    if isinstance(law, Levy):
        return "The coefficients of R(g): kappa_1 = m and kappa_n = sum_j c_j p_j^(n-2), with 0^0 = 1."
    return "kappa_n = -[t^n] M(t)^(1-n) / (n - 1) for n > 1, with M the moments' series in the equation."


@dataclass(frozen=True)
class TwoRoutes:
    """The moments of the equation's power series are those of the law's free cumulants, and back."""

    law: Law
    equation: sp.Expr
    order: int

    def check(self) -> None:
        ring, series = _series(self.equation, self.order, self.law)
        kappas = free_cumulants(self.law, self.order)
        wide = Ring.of(*ring.symbols, *kappas)
        expected = [wide.fraction(k) for k in kappas]
        moments_ = [wide.fraction(_expression(ring, m)) for m in series]
        pairs = [
            (f"m_{i}", a, b)
            for i, (a, b) in enumerate(zip(_moments_of(wide, expected), moments_, strict=True))
        ]
        back = zip(_cumulants_of(wide, moments_), expected, strict=True)
        pairs += [(f"kappa_{i}", a, b) for i, (a, b) in enumerate(back, 1)]
        for name, first, second in pairs:
            values = () if isinstance(self.law, Levy) else self.law.values
            if not reduced(wide, first - second, values).numerator.is_zero():
                found = (
                    f"{_expression(wide, first)} by cumulants and {_expression(wide, second)} by the equation"
                )
                raise CertificateError(f"{name} is {found}")

    @property
    def summary(self) -> str:
        return f"two routes agree exactly to order {self.order}"


def _order(n: int) -> None:
    if n < 0:
        raise ValueError(f"the order must be 0 or more, got {n}")


def _expression(ring: Ring, fraction: Fraction) -> sp.Expr:
    below = fraction.denominator
    if len(below) == 1:
        return ring.expression(fraction.numerator, below)
    return ring.expression(fraction.numerator) / ring.factored(below)


def _levy_cumulants(law: Levy, n: int) -> list[sp.Expr]:
    pairs = tuple(zip(law.poles, law.weights, strict=True))
    higher = [sp.expand(sum(c * p ** (i - 2) for p, c in pairs)) for i in range(2, n + 1)]
    return [sp.expand(law.mean), *higher][:n]


def _multiply(ring: Ring, a: Sequence[Fraction], b: Sequence[Fraction], length: int) -> list[Fraction]:
    result = []
    for n in range(length):
        total = _constant(ring, 0)
        for i in range(max(0, n - len(b) + 1), min(n + 1, len(a))):
            if not a[i].numerator.is_zero() and not b[n - i].numerator.is_zero():
                total = total + a[i] * b[n - i]
        result.append(total)
    return result


def _constant(ring: Ring, value: int) -> Fraction:
    return Fraction(ring.constant(value), ring.constant(1))


def _moments_of(ring: Ring, kappas: list[Fraction]) -> list[Fraction]:
    """m_0, m_1, ... without a division on the way: kappa_k d^k and m_k d^k are polynomials."""
    d = _common(ring, [kappa.denominator for kappa in kappas])
    base, scale = [ring.constant(1)], ring.constant(1)
    for kappa in kappas:
        scale = scale * d
        base.append(kappa.numerator * (scale / kappa.denominator))
    power, found, scale = list(base), [ring.constant(1)], ring.constant(1)
    result = [_constant(ring, 1)]
    for n in range(1, len(base)):
        power = _product(ring, power, base)  # base^(n + 1)
        found.append(power[n] / (n + 1))
        scale = scale * d
        result.append(Fraction(found[n], scale))
    return result


def _common(ring: Ring, denominators: Sequence[fmpz_mpoly]) -> fmpz_mpoly:
    """A small d such that the k-th denominator divides d^k."""
    whole, needed = 1, dict[str, tuple[fmpz_mpoly, int]]()
    for k, denominator in enumerate(denominators, 1):
        content, factors = factors_of(denominator)
        whole = lcm(whole, content)
        for factor, exponent in factors:
            _, so_far = needed.get(str(factor), (factor, 0))
            needed[str(factor)] = factor, max(so_far, -(-exponent // k))
    d = ring.constant(whole)
    for factor, exponent in needed.values():
        d *= factor**exponent
    return d


def _product(ring: Ring, a: list[fmpz_mpoly], b: list[fmpz_mpoly]) -> list[fmpz_mpoly]:
    """The product of two series of one length, cut to it."""
    length = len(a)
    result = [ring.constant(0)] * length
    for i, x in enumerate(a):
        if not x.is_zero():
            for j, y in enumerate(b[: length - i]):
                if not y.is_zero():
                    result[i + j] += x * y
    return result


def _cumulants_of(ring: Ring, series: list[Fraction]) -> list[Fraction]:
    """kappa_1.. from m_0 = 1, m_1, ...: kappa_1 = m_1, kappa_n = -[t^n] M^(1-n) / (n - 1)."""
    length = len(series)
    inverse = [_constant(ring, 1)]
    for n in range(1, length):
        total = _constant(ring, 0)
        for i in range(1, n + 1):
            total = total - series[i] * inverse[n - i]
        inverse.append(total)
    result, power = series[1:2], [_constant(ring, 1)]
    for n in range(2, length):
        power = _multiply(ring, power, inverse, length)
        result.append(power[n] / _constant(ring, 1 - n))
    return result


def _series(equation: sp.Expr, n: int, law: Law) -> tuple[Ring, list[Fraction]]:
    """The ring of the parameters and m_0 = 1, ..., m_n: the solution M(t), G = t M(t), t = 1/z.

    The equation becomes sum_k a_k(t) M^k = 0 with polynomials a_k; where its derivative in M does not vanish
    at (M, t) = (1, 0) the coefficients follow one by one. Elsewhere a mean tells the branch.
    """
    terms = sp.Poly(equation, G, z).terms()
    lowest = min(i - j for (i, j), _ in terms)
    values = () if isinstance(law, Levy) else law.values
    ring = Ring.of(*(c for _, c in terms), *(value.minimal for value in values))
    parts: dict[int, dict[int, Fraction]] = {}
    for (i, j), c in terms:
        parts.setdefault(i, {})[i - j - lowest] = ring.fraction(c)
    at_one = _constant(ring, 0)
    slope = _constant(ring, 0)
    for exponent, row in parts.items():
        if 0 in row:
            at_one = at_one + row[0]
            slope = slope + row[0] * _constant(ring, exponent)
    if not at_one.numerator.is_zero():
        raise Undecided(f"G ~ 1/z is no solution at infinity of {equation} = 0")
    if isinstance(law, Algebraic) and law.mean is not None:
        return ring, _from_mean(ring, parts, law, n)
    if slope.numerator.is_zero():
        raise Undecided(f"several branches with G ~ 1/z at infinity solve {equation} = 0")
    return ring, _solution(ring, parts, n)


def _solution(ring: Ring, parts: dict[int, dict[int, Fraction]], n: int) -> list[Fraction]:
    """m_0 = 1, ..., m_n of sum_(k,j) a_kj t^j M^k = 0.

    The a_kj are cleared of denominators; with slope = sum_k k a_k0, m_i has the denominator
    slope^(2 i - 1), so that all is done with the polynomials m_i slope^(2 i).
    """
    d = ring.constant(1)
    for row in parts.values():
        for a in row.values():
            d = d / d.gcd(a.denominator) * a.denominator
    rows = [(k, j, a.numerator * (d / a.denominator)) for k, row in parts.items() for j, a in row.items()]
    slope = sum((k * a for k, j, a in rows if j == 0), ring.constant(0))
    square, top = slope * slope, max(parts)
    scales = [ring.constant(1)]  # slope^(2 j)
    for _ in range(n):
        scales.append(scales[-1] * square)
    powers = [[ring.constant(1)] for _ in range(top + 1)]  # powers[k][i] = [t^i] M^k slope^(2 i)
    for i in range(1, n + 1):
        for k, power in enumerate(powers):
            total = ring.constant(0)
            if k > 1:  # with m_i = 0 for now; M^k = M M^(k-1)
                lower, series = powers[k - 1], powers[1]
                total = lower[i] + sum((series[a] * lower[i - a] for a in range(1, i)), total)
            power.append(total)
        rest = ring.constant(0)
        for k, j, a in rows:
            if j <= i:
                rest += a * powers[k][i - j] * scales[j]
        term = -rest / slope
        for k in range(1, top + 1):
            powers[k][i] += k * term
    return [Fraction(value, scale) for value, scale in zip(powers[1], scales, strict=True)]


def _from_mean(ring: Ring, parts: dict[int, dict[int, Fraction]], law: Algebraic, n: int) -> list[Fraction]:
    """m_0 = 1, ..., m_n where several branches have M(0) = 1: M = 1 + t W, W(0) the mean."""
    zero, one, mean = _constant(ring, 0), _constant(ring, 1), ring.fraction(law.mean)
    table: dict[tuple[int, int], Fraction] = {}  # of (M - 1)^a t^k
    for i, row in parts.items():
        for k, c in row.items():
            for a in range(i + 1):
                table[a, k] = table.get((a, k), zero) + c * _constant(ring, comb(i, a))
    table = {place: c for place, c in table.items() if not c.numerator.is_zero()}
    order = min(a + k for a, k in table)
    rows = {(a, a + k - order): c for (a, k), c in table.items()}
    top = max(a for a, _ in rows)
    slope, lead = zero, [one]  # lead[a] = mean^a
    for a in range(1, top + 1):
        slope = slope + rows.get((a, 0), zero) * lead[-1] * _constant(ring, a)
        lead.append(reduced(ring, lead[-1] * mean, law.values))
    slope = reduced(ring, slope, law.values)
    if slope.numerator.is_zero():
        raise Undecided("several branches at infinity have the mean of the law")
    series = [mean]
    powers = [[value] for value in lead]  # powers[a][k] = [t^k] W^a
    for k in range(1, n):
        for a, power in enumerate(powers):
            total = zero
            if a > 1:  # with the new term 0 for now; W^a = W W^(a - 1)
                for j in range(k):
                    total = total + series[j] * powers[a - 1][k - j]
            power.append(reduced(ring, total, law.values))
        rest = zero
        for (a, j), c in rows.items():
            if j <= k:
                rest = rest + c * powers[a][k - j]
        series.append(reduced(ring, (zero - rest) / slope, law.values))
        for a in range(1, top + 1):
            powers[a][k] = reduced(
                ring, powers[a][k] + _constant(ring, a) * lead[a - 1] * series[k], law.values
            )
    return [one, *series][: n + 1]
