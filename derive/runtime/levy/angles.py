"""Masses of a free Levy law from angles at a point w = u + i v of its curve, without cancellation.

With a = arg(-1/w), t_j = arg((w - p_j) / w), rates lambda_j = c_j / p_j^2 and h(t) = t - sin t cos t,
Laisant's theorem for the antiderivative of R(g) + 1/g reads, on the curve sum c_j / |w - p_j|^2 = 1,

    pi cdf = sum_j [r_j^2 h(a) - lambda_j h(t_j)],        r_j^2 = c_j / |w - p_j|^2,

where lambda_j h(t_j) is 0 for a Wigner part. Since r_j^2 sin(a)^2 = lambda_j sin(t_j)^2, each bracket is

    lambda_j sin(t_j)^2 [k(a) - k(t_j)],        k = h / sin^2, odd and increasing on (-pi, pi),

and b_j = a - t_j = arg(p_j - w) is positive: no term is negative, and with every term relatively
accurate so is the sum, however small. Reflection x -> -x (w -> -conj w, p -> -p) gives the survival
function. Counting the poles on the left of a gap from the level of that gap instead,

    pi (cdf - level) = sum_{p_j right} lambda_j sin(t_j)^2 [k(a) - k(t_j)]
                     - sum_{p_j left}  lambda_j sin(t_j)^2 [k(pi + t_j) - k(a)],

which keeps its relative accuracy at the band's edge, where the difference of cdf and level has none.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..arguments import FloatArray

# k(t) = t (K[0] + K[1] t^2 + ...), from cot t = 1/t - 2 sum_n z_n t^(2n-1) with z_n = zeta(2n) / pi^(2n), and
# (n + 1/2) z_n = sum_i z_i z_(n-i). The radius of convergence is pi: below SMALL the rest is under 1e-17.
SMALL = 1.3


def _coefficients(count: int) -> tuple[float, ...]:
    z = [1 / 6]
    for n in range(2, count + 1):
        z.append(sum(z[i] * z[n - 2 - i] for i in range(n - 1)) / (n + 0.5))
    return tuple(4.0 * n * z[n - 1] for n in range(1, count + 1))


K = _coefficients(23)


class Angles(NamedTuple):
    """What the formulas need of w in one orientation of the axis; rows j of (k, n) are poles.

    a: the angle of -1/w, with its sine and cosine. t: the angle of (w - p_j) / w, with its sine and
    cosine. b, c: the angles of p_j - w, that is a - t_j, and of w - p_j, that is pi - b. All are
    relatively accurate next to 0. shares: r_j^2. ratio: p_j / |w - p_j| = sin t_j / sin a.
    nearness: |w| / |w - p_j| = sin b_j / sin a. rates: lambda_j.
    """

    a: FloatArray
    sine: FloatArray
    cosine: FloatArray
    t: FloatArray
    sine_t: FloatArray
    cosine_t: FloatArray
    b: FloatArray
    c: FloatArray
    shares: FloatArray
    ratio: FloatArray
    nearness: FloatArray
    rates: FloatArray


def angles(
    u: FloatArray,
    v: FloatArray,
    offsets: FloatArray,
    poles: FloatArray,
    weights: FloatArray,
    rates: FloatArray,
    reflected: bool = False,
) -> Angles:
    """The angles at w = u + i v with v > 0.

    u, v: (n,). offsets: u - p_j, (k, n). poles, weights, rates: (k, n) or (k, 1). reflected: seen from
    the right (x -> -x), so that `mass_below` becomes the mass above.
    """
    if reflected:
        u, offsets, poles = -u, -offsets, -poles
    shape = offsets.shape
    height = np.broadcast_to(v, shape)
    size = np.hypot(u, v)
    sizes = np.hypot(offsets, v)
    root = np.sqrt(weights) / sizes
    dot = u * offsets + v * v
    ratio = poles / sizes
    sine = v / size
    return Angles(
        a=np.arctan2(v, -u),
        sine=sine,
        cosine=-u / size,
        t=np.arctan2(poles * v, dot),
        sine_t=ratio * sine,
        cosine_t=dot / sizes / size,
        b=np.arctan2(height, -offsets),
        c=np.arctan2(height, offsets),
        shares=root * root,
        ratio=ratio,
        nearness=size / sizes,
        rates=np.broadcast_to(rates, shape),
    )


def h(t: FloatArray) -> FloatArray:
    """t - sin t cos t, relatively accurate next to 0."""
    value = t - 0.5 * np.sin(2.0 * t)
    small = np.abs(t) < 0.8
    if small.any():
        # (2/3) t^3 (1 - 4 t^2/(4 5) (1 - 4 t^2/(6 7) (1 - ...)))
        near = t[small]
        square = 4.0 * near * near
        series = np.ones_like(near)
        for n in range(24, 3, -2):
            series = 1.0 - square / (n * (n + 1)) * series
        value[small] = (2.0 / 3.0) * near * near * near * series
    return value


def _series(lower: FloatArray, upper: FloatArray, gap: FloatArray) -> FloatArray:
    """k(upper) - k(lower) for 0 <= lower <= upper < SMALL, gap = upper - lower."""
    low, high = lower * lower, upper * upper
    value = np.full_like(high, K[-1])  # kappa(low), where k(t) = t kappa(t^2)
    slope = np.zeros_like(high)  # [kappa(high) - kappa(low)] / (high - low)
    for coefficient in K[-2::-1]:
        slope = slope * high + value
        value = value * low + coefficient
    return gap * (value + (high + upper * lower) * slope)


def _terms(now: Angles, left: bool) -> FloatArray:
    """lambda_j sin(t_j)^2 [k(a) - k(t_j)], or [k(pi + t_j) - k(a)] if left, (k, n); not negative.

    The latter is meant for poles on the left only, where t_j < 0.
    """
    a = np.broadcast_to(now.a, now.t.shape)
    if left:
        lower, upper, gap = a, np.arctan2(-now.sine_t, -now.cosine_t), now.c
        terms = now.rates * h(upper) - now.shares * h(now.a)
    else:
        lower, upper, gap = now.t, a, now.b
        terms = now.shares * h(now.a) - now.rates * h(lower)
    close = lower > 0.5 * upper  # otherwise nothing cancels
    if not close.any():
        return terms
    small = close & (upper < SMALL)
    if small.any():
        sine = np.broadcast_to(now.sine, small.shape)[small]
        difference = _series(lower[small], upper[small], gap[small])
        terms[small] = now.shares[small] * (sine * (sine * difference))
    wide = close & ~small
    if wide.any():
        # k(x) - k(y) = [(x - y) sin^2 y - y sin(x - y) sin(x + y) + sin(x - y) sin x sin y] / (sin x sin y)^2
        cosine = np.broadcast_to(now.cosine, wide.shape)[wide]
        turn = now.cosine_t[wide] + now.ratio[wide] * cosine  # +- sin(x + y) / sin a
        rest = now.rates[wide] * now.nearness[wide] * (now.sine_t[wide] - lower[wide] * turn)
        factor = now.rates[wide] if left else now.shares[wide]
        terms[wide] = factor * gap[wide] + (-rest if left else rest)
    return terms


def mass_below(now: Angles) -> FloatArray:
    """The distribution function at points of the curve (the survival function if reflected), (n,)."""
    return np.asarray(_terms(now, left=False).sum(axis=0) / np.pi)


def mass_above_level(now: Angles, on_left: FloatArray) -> FloatArray:
    """Distribution function minus its level in a gap, signed, (n,); angles with w < 0 in the gap.

    on_left: which poles lie on the left of the gap, (k, n) or (k, 1), in the orientation of `now`.
    """
    right = np.where(on_left, 0.0, _terms(now, left=False)).sum(axis=0)
    if not on_left.any():
        return np.asarray(right / np.pi)
    left = np.where(on_left, _terms(now, left=True), 0.0).sum(axis=0)
    return np.asarray((right - left) / np.pi)
