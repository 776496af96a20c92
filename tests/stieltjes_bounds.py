"""Exact bounds of a law's transform on the negative axis from its moments: Gauss and Radau quadrature."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def bounds(moments: Sequence[Fraction], x: Fraction) -> tuple[Fraction, Fraction]:
    """Bounds of the integral of 1/(x + t) over all laws on [0, oo) with the moments m_0, ..., m_2n.

    The coefficients of the orthogonal polynomials by Chebyshev's algorithm, in fractions. The rule of Gauss
    is below, since even derivatives of 1/(x + t) are positive; that with a node at 0 is above, since odd
    ones are negative.
    """
    n = (len(moments) - 1) // 2
    alpha, beta = [moments[1] / moments[0]], [moments[0]]
    before, now = [Fraction(0)] * len(moments), list(moments)
    for k in range(1, n + 1):
        following = [Fraction(0)] * len(moments)
        for i in range(k, 2 * n - k + 1):
            following[i] = now[i + 1] - alpha[-1] * now[i] - beta[-1] * before[i]
        beta.append(following[k] / now[k - 1])
        if k < n:
            alpha.append(following[k + 1] / following[k] - now[k] / now[k - 1])
        before, now = now, following
    pivot = alpha[0]
    for k in range(1, n):
        pivot = alpha[k] - beta[k] / pivot
    return _fraction(alpha, beta, x), _fraction([*alpha, beta[n] / pivot], beta, x)


def _fraction(alpha: Sequence[Fraction], beta: Sequence[Fraction], x: Fraction) -> Fraction:
    """beta_0 / (x + alpha_0 - beta_1 / (x + alpha_1 - ...))."""
    value = Fraction(0)
    for k in reversed(range(len(alpha))):
        value = beta[k] / (x + alpha[k] - value)
    return value
