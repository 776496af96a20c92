"""Free cumulants and moments of a free Levy law, of any order.

    kappa_1 = m,    kappa_n = sum_j c_j p_j^(n-2),        M(z) = 1 + sum_n kappa_n (z M(z))^n,

M the generating function of the moments. The moments follow by recurrence; where no free cumulant is
negative (or none of x -> -x) no term is, and the relative error stays near that of the coefficients.
Elsewhere terms cancel and the recurrence runs in double-double. A power of two is taken out of x, so
that only what is itself out of range overflows (to infinity) or underflows.
"""

from __future__ import annotations

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import DoubleDouble, total
from .law import Levy

Exponents = np.ndarray


def free_cumulants(law: Levy, n: int) -> FloatArray:
    """kappa_1 ... kappa_n of every law, (n, L)."""
    with np.errstate(all="ignore"):
        # a power of two out of the poles alone: the spread of a Wigner part is no part of c p^(n - 2)
        reach = np.abs(np.where(law.active, law.poles, 0.0)).max(axis=0, initial=0.0)
        exponent = np.frexp(reach)[1].astype(np.int64)
        mean, sums = _cumulants(law, n, exponent, np.zeros_like(exponent))
        rows = [mean.to_float()]
        rows += [np.ldexp(row.to_float(), order * exponent) for order, row in enumerate(sums)]
        return np.array(rows[:n]).reshape(n, exponent.size)


def moments(law: Levy, n: int) -> FloatArray:
    """m_0 = 1, m_1 ... m_n of every law, (n + 1, L)."""
    with np.errstate(all="ignore"):
        scaled, exponent = _scaled_cumulants(law, n)
        kappa = scaled.to_float()
        alternating = np.where(np.arange(1, n + 1) % 2, -1.0, 1.0)[:, None]
        same_sign = (kappa >= 0).all(axis=0) | (alternating * kappa >= 0).all(axis=0)
        result = np.empty((n + 1, kappa.shape[1]))
        result[:, same_sign] = _recurrence(kappa[:, same_sign])
        if not same_sign.all():
            result[:, ~same_sign] = _recurrence_with_cancellation(scaled[:, ~same_sign])
        orders = np.arange(n + 1)[:, None]
        return np.ldexp(result, orders * exponent)


def _scaled_cumulants(law: Levy, n: int) -> tuple[DoubleDouble, Exponents]:
    """kappa_i / 2^(i e), (n, L), and e, (L,), with 2^e at least the radius of the support."""
    reach = np.abs(np.where(law.active, law.poles, 0.0)).max(axis=0, initial=0.0)
    spread = np.sqrt(np.where(law.active, law.weights, 0.0).sum(axis=0))
    exponent = np.frexp(np.abs(law.mean) + 2.0 * spread + reach)[1].astype(np.int64)
    mean, sums = _cumulants(law, n, exponent, exponent)
    rows = [_ldexp(mean, -exponent), *sums]
    rows = rows[:n]
    shape = (n, exponent.size)
    hi, lo = np.empty(shape), np.empty(shape)
    for i, row in enumerate(rows):
        hi[i], lo[i] = row.hi, row.lo
    return DoubleDouble(hi, lo), exponent


def _cumulants(
    law: Levy, n: int, pole_exponent: Exponents, weight_exponent: Exponents
) -> tuple[DoubleDouble, list[DoubleDouble]]:
    """m, and sum_j c_j p_j^k for k = 0 ... n - 2, poles over 2^e and weights over 2^(2 f)."""
    poles, weights = DoubleDouble(law.poles, law.pole_lo), DoubleDouble(law.weights, law.weight_lo)
    poles = _ldexp(poles, np.where(law.active, -pole_exponent, -2000))
    power = _ldexp(weights, np.where(law.active, -2 * weight_exponent, -4000))
    sums = []
    for _ in range(n - 1):
        # descending, so that opposite terms (poles +-b) are neighbours and cancel exactly
        order = np.argsort(-np.abs(power.hi), axis=0, kind="stable")
        sums.append(total(power[order, np.arange(power.hi.shape[1])]))
        power = power * poles
    return DoubleDouble(law.mean, law.mean_lo), sums


def _ldexp(x: DoubleDouble, exponent: Exponents) -> DoubleDouble:
    return DoubleDouble(np.ldexp(x.hi, exponent), np.ldexp(x.lo, exponent))


def _recurrence(kappa: FloatArray) -> FloatArray:
    """Moments from free cumulants (n, L): m_i = sum_s kappa_s [z^(i-s)] M(z)^s."""
    n, laws = kappa.shape
    m = np.zeros((n + 1, laws))
    m[0] = 1.0
    powers = np.zeros((n + 1, n + 1, laws))  # powers[s, i] = [z^i] M^s
    powers[:, 0] = 1.0
    orders = np.arange(1, n + 1)
    for i in range(1, n + 1):
        used = orders[:i]
        m[i] = np.einsum("sl,sl->l", kappa[:i], powers[used, i - used])
        # [z^i] M^s = [z^i] M^(s-1) + sum_{j>=1} m_j [z^(i-j)] M^(s-1), all s up to n - i at once
        rest = n - i
        gained = np.einsum("jl,sjl->sl", m[1 : i + 1], powers[:rest, i - 1 :: -1])
        powers[1 : rest + 1, i] = np.cumsum(gained, axis=0)
    return m


def _recurrence_with_cancellation(kappa: DoubleDouble) -> FloatArray:
    """The same in double-double."""
    n, laws = kappa.shape
    m = [DoubleDouble(np.ones(laws))]
    powers = DoubleDouble(np.zeros((n + 1, n + 1, laws)), np.zeros((n + 1, n + 1, laws)))
    powers.hi[:, 0] = 1.0
    orders = np.arange(1, n + 1)
    for i in range(1, n + 1):
        used = orders[:i]
        m.append(total(kappa[:i] * powers[used, i - used]))
        rest = n - i
        gained = DoubleDouble(np.zeros((rest, laws)))
        for j in range(1, i + 1):
            gained = gained + powers[:rest, i - j] * m[j]
        running = DoubleDouble(np.zeros(laws))
        for s in range(1, rest + 1):
            running = running + gained[s - 1]
            powers.hi[s, i], powers.lo[s, i] = running.hi, running.lo
    return np.array([value.to_float() for value in m])
