"""Power series of transforms around g = 0: moments and free cumulants of a tree, from the leaves up.

With C(g) = g R(g) = sum kappa_n g^n everything is composition: G = g is the inverse of
u = g / (1 + C(g)) with u = 1/z, so psi(u) = sum m_n u^n = C(g(u)); and g = t S(t) is the inverse of
t = C(g). A series is a list of coefficients, the constant first, over any exact field.
These expansions never look at a polynomial: they are what a derived equation is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flint import arb, arb_poly, fmpq, fmpq_poly

Series = list[Any]


def product(first: Sequence[Any], second: Sequence[Any], length: int, zero: Any) -> Series:
    """The product, cut to `length` coefficients."""
    if isinstance(zero, fmpq):
        parts = [list(first[:length]), list(second[:length])]
        kind = arb_poly if any(isinstance(x, arb) for part in parts for x in part) else fmpq_poly
        whole = kind(parts[0]) * kind(parts[1])
        return [whole[k] for k in range(length)]
    out = [zero] * length
    for i, a in enumerate(first[:length]):
        for j, b in enumerate(second[: length - i]):
            out[i + j] = out[i + j] + a * b
    return out


def reciprocal(series: Sequence[Any], length: int, zero: Any, one: Any) -> Series:
    """1 / series, for a constant term other than 0."""
    first = one / series[0]
    out = [first]
    for n in range(1, length):
        total = zero
        for k in range(1, min(n, len(series) - 1) + 1):
            total = total + series[k] * out[n - k]
        out.append((zero - total) * first)
    return out


def square_root(series: Sequence[Any], length: int, zero: Any, one: Any) -> Series:
    """The square root of 1 + a_1 x + ..., constant term 1."""
    half = one / (one + one)
    out = [one]
    for n in range(1, length):
        total = series[n] if n < len(series) else zero
        for k in range(1, n):
            total = total - out[k] * out[n - k]
        out.append(total * half)
    return out


def compose(outer: Sequence[Any], inner: Sequence[Any], length: int, zero: Any) -> Series:
    """outer(inner(x)), inner without constant term, by Horner's scheme."""
    out: Series = [zero] * length
    for coefficient in reversed(outer[:length]):
        out = product(out, inner, length, zero)
        out[0] = out[0] + coefficient
    return out


def inverse(series: Sequence[Any], length: int, zero: Any, one: Any) -> Series:
    """The compositional inverse of a_1 x + a_2 x^2 + ..., a_1 not 0, by Lagrange's formula.

    [x^n] of the inverse is (1/n) [x^(n-1)] (x / series(x))^n.
    """
    quotient = reciprocal(list(series[1:]) or [one], length, zero, one)
    out, power, count = [zero], [one], zero
    for n in range(1, length):
        power = product(power, quotient, length, zero)
        count = count + one
        out.append(power[n - 1] / count)
    return out


def moments_from_cumulants(cumulants: Sequence[Any], zero: Any, one: Any) -> Series:
    """m_1..m_n from kappa_1..kappa_n: psi(u) = C(g(u)), g(u) the inverse of u = g / (1 + C(g))."""
    length = len(cumulants) + 1
    c = [zero, *cumulants]
    u = [zero, *reciprocal([one, *cumulants], length, zero, one)][:length]
    return compose(c, inverse(u, length, zero, one), length, zero)[1:]


def cumulants_from_moments(moments: Sequence[Any], zero: Any, one: Any) -> Series:
    """kappa_1..kappa_n from m_1..m_n: C(G) = psi(u(G)), u(G) the inverse of G = u (1 + psi(u))."""
    length = len(moments) + 1
    psi = [zero, *moments]
    big_g = [zero, one, *moments][:length]
    return compose(psi, inverse(big_g, length, zero, one), length, zero)[1:]


def rectangular_from_moments(moments: Sequence[Any], c: Any, zero: Any, one: Any) -> Series:
    """The coefficients of h, h^2, ... in C(h) = psi(u) at h = u (1 + psi)(1 + c psi)."""
    length = len(moments) + 1
    psi = [zero, *moments]
    spread = product([one, *moments], [one, *(c * m for m in moments)], length, zero)
    h = [zero, *spread][:length]
    return compose(psi, inverse(h, length, zero, one), length, zero)[1:]


def moments_from_rectangular(rectangular: Sequence[Any], c: Any, zero: Any, one: Any) -> Series:
    """Back: h(u) inverts u = h / ((1 + C)(1 + c C)), and psi(u) = C(h(u))."""
    length = len(rectangular) + 1
    spread = product([one, *rectangular], [one, *(c * k for k in rectangular)], length, zero)
    place = [zero, *reciprocal(spread, length, zero, one)][:length]
    return compose([zero, *rectangular], inverse(place, length, zero, one), length, zero)[1:]


def cumulants_of_product(
    first: Callable[[int], Series],
    second: Callable[[int], Series],
    n: int,
    zero: Any,
    one: Any,
    vanishes: Any,
) -> Series:
    """kappa_1..kappa_n of a free product, S = S_1 S_2; the first factor may have mean 0.

    With mean 0 the S-transform is a series in tau, t = kappa_2 tau^2, and all is rational again.
    """
    length = n + 1
    if not vanishes(first(1)[0]):
        parts = [inverse([zero, *kappa(n)], length + 1, zero, one)[1:] for kappa in (first, second)]
        g = [zero, *product(parts[0], parts[1], length, zero)][:length]
        return inverse(g, length, zero, one)[1:]
    kappa = first(n + 1)
    variance = kappa[1]
    root = square_root([k / variance for k in kappa[1:]], length, zero, one)
    g_of_tau = inverse([zero, *root][:length], length, zero, one)
    s_second = inverse([zero, *second(n)], length + 1, zero, one)[1:]
    spread = [zero] * length
    power = one
    for k in range((length + 1) // 2):
        spread[2 * k] = s_second[k] * power
        power = power * variance
    tau = inverse(product(g_of_tau, spread, length, zero), length, zero, one)
    return [variance * c for c in product(tau, tau, length, zero)][1:]
