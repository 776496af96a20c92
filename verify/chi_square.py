"""Quantiles and tails of the chi-square, F, normal and Student distributions, from mpmath's incomplete
functions."""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp


def chi_square_quantile(rate: float, degrees: int) -> float:
    """The value that a chi-square variable exceeds with probability `rate`."""
    _check(rate)
    return _upper_quantile(
        lambda x: mp.gammainc(mp.mpf(degrees) / 2, x / 2, mp.inf, regularized=True), rate, degrees
    )


def hotelling_quantile(rate: float, degrees: int, samples: int) -> float:
    """The value that d^2 = (t - mean)' S^-1 (t - mean) exceeds with probability `rate`.

    mean and S are the sample mean and covariance of `samples` Gaussian vectors of dimension `degrees` of
    the distribution of t: then d^2 samples (samples - degrees) / ((samples + 1) (samples - 1) degrees)
    is F.
    """
    _check(rate)
    freedom = samples - degrees
    if freedom < 1:
        raise ValueError(f"{samples} samples cannot calibrate {degrees} statistics; draw more")

    def upper(f: mp.mpf) -> mp.mpf:
        a, b = mp.mpf(freedom) / 2, mp.mpf(degrees) / 2
        return mp.betainc(a, b, 0, freedom / (freedom + degrees * f), regularized=True)

    f = _upper_quantile(upper, rate, 1)
    return f * degrees * (samples + 1) * (samples - 1) / (samples * freedom)


def chi_square_tail(value: float, degrees: int) -> float:
    """The probability that a chi-square variable exceeds the value."""
    return float(mp.gammainc(mp.mpf(degrees) / 2, mp.mpf(value) / 2, mp.inf, regularized=True))


def hotelling_tail(value: float, degrees: int, samples: int) -> float:
    """The probability that d^2 of `hotelling_quantile` exceeds the value."""
    freedom = samples - degrees
    f = mp.mpf(value) * samples * freedom / (mp.mpf(degrees) * (samples + 1) * (samples - 1))
    upper = freedom / (freedom + degrees * f)
    return float(mp.betainc(mp.mpf(freedom) / 2, mp.mpf(degrees) / 2, 0, upper, regularized=True))


def normal_quantile(rate: float) -> float:
    """The value that a standard normal variable exceeds with probability `rate`."""
    _check(rate)
    return float(mp.sqrt(2) * mp.erfinv(1 - 2 * mp.mpf(rate)))


def student_quantile(rate: float, freedom: int) -> float:
    """The value that Student's t with these degrees of freedom exceeds with probability `rate` < 1/2."""
    _check(rate)

    def upper(t: mp.mpf) -> mp.mpf:
        a = mp.mpf(freedom) / 2
        return mp.betainc(a, mp.mpf(1) / 2, 0, freedom / (freedom + t**2), regularized=True) / 2

    return _upper_quantile(upper, rate, 1)


def _check(rate: float) -> None:
    if not 0 < rate < 1:
        raise ValueError(f"a rate is a probability in (0, 1), got {rate}")


def _upper_quantile(upper: Callable[[mp.mpf], mp.mpf], rate: float, start: float) -> float:
    low, high = mp.mpf(0), mp.mpf(start)
    while upper(high) > rate:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        if upper(middle) > rate:
            low = middle
        else:
            high = middle
    return float(high)
