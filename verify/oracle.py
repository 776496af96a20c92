"""Integrals of the certified density by mpmath quadrature: an oracle for what closed forms say.

Masses, moments, potentials and transforms of `verify.precise` come from antiderivatives and
series; here they are integrals over the bands, plus the atom. The results are numbers with an error
estimate by mpmath, not balls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
from flint import ctx, fmpq

from .exact import ball, rational
from .precise import Law

DIGITS = 25


def expectation(
    law: Law, f: Callable[[mp.mpf], Any], *, below: Any = None, split: tuple[Any, ...] = ()
) -> Any:
    """Integral of f over the law, atom included, or over its part on (-oo, below].

    split: points inside the bands where f or the density is not smooth (cusps, poles of the potential).
    """
    with mp.workdps(DIGITS):
        stop = None if below is None else _number(below)
        breaks = sorted(_number(point) for point in split)
        total = mp.mpf(0)
        for low, high in law.bands(4 * DIGITS):
            a, b = _number(low.mid()), _number(high.mid())
            if stop is not None:
                b = min(b, stop)
            if a < b:
                inner = [point for point in breaks if a < point < b]
                total += mp.quad(lambda x: f(x) * _density(law, x), [a, *inner, b])
        atom = law.atom()
        if atom is not None:
            with ctx.workprec(8 * DIGITS):
                place, mass = (_number(ball(number).mid()) for number in atom)
            if stop is None or place <= stop:
                total += mass * f(place)
        return total


def _density(law: Law, x: mp.mpf) -> mp.mpf:
    value = law.density(_exact(x), 4 * DIGITS)
    return mp.mpf(str(value.mid().str(2 * DIGITS, radius=False))) if value.is_finite() else mp.mpf(0)


def _exact(x: mp.mpf) -> fmpq:
    sign, mantissa, exponent, _ = x._mpf_
    power = fmpq(2) ** int(exponent)
    return fmpq(-int(mantissa) if sign else int(mantissa)) * power


def _number(value: Any) -> mp.mpf:
    exact = rational(value)
    return mp.mpf(int(exact.p)) / int(exact.q)
