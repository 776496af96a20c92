"""Errors of the generated evaluators against certified balls, function by function.

A reference is a pair of doubles (high, low), together good to 2^-80: errors are then differences of arrays.
An error is relative to the certified value, or counted in units in the last place for edges and quantiles;
values below the least normal double are compared relative to that. What is exactly 0 must be exactly 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import acb, arb, ctx, fmpq
from numpy.typing import NDArray

from derive.language.model import load

from .critical import critical_energy
from .distances import distance_errors, upper_distance_errors
from .exact import rational
from .precise import Law
from .quantiles import above

NORMAL = 2.0**-1022
LEAST = 2.0**-1074
# Bounds of the relative error, and in units in the last place.
RELATIVE, ULPS = 2e-14, 2.0
ORDER = 40
REFERENCE_BITS = 90
SEARCHED_BITS = 400
PATHS = ("scalar", "direct", "array")
Array = NDArray[Any]


@dataclass(frozen=True)
class Reference:
    """Certified values as unevaluated sums high + low; both 0 means exactly 0."""

    high: Array
    low: Array

    def take(self, index: Any) -> Reference:
        """Some of the values."""
        return Reference(self.high[index], self.low[index])


@dataclass(frozen=True)
class Function:
    """One evaluator: what it takes ("x", "z", "q", or None for the law alone) and how it is judged.

    certified: the ball at a point, or the list of balls of a law. paths: how it is reached, see `soak`.
    method: that of a frozen law, where the module has no function of the name.
    error: (got, reference) -> errors, elementwise. of_law: (law, points, got) -> errors, where a reference
        would say less or cost more.
    """

    name: str
    argument: str | None
    bound: float
    unit: str
    certified: Callable[..., Any]
    error: Callable[[Array, Reference], Array]
    of_law: Callable[[Law, Array, Array], Array] | None = None
    paths: tuple[str, ...] = PATHS
    method: str | None = None


def split(value: arb) -> tuple[float, float]:
    """A ball as an unevaluated sum of two doubles."""
    if value.is_zero():
        return 0.0, 0.0
    high = float(value.mid())
    if high == 0.0:
        return 0.0, LEAST
    if math.isinf(high):
        return high, 0.0
    with ctx.workprec(REFERENCE_BITS + 64):
        return high, float((value.mid() - arb(high)).mid())


def reference(values: list[Any]) -> Reference:
    """Balls, real or complex, as a reference."""
    if values and isinstance(values[0], acb):
        real, imag = (reference([getattr(v, part) for v in values]) for part in ("real", "imag"))
        return Reference(_complex(real.high, imag.high), _complex(real.low, imag.low))
    pairs = [split(v) for v in values]
    return Reference(np.array([high for high, _ in pairs]), np.array([low for _, low in pairs]))


def _complex(real: Array, imag: Array) -> Array:
    """Complex numbers of these parts, infinite ones included."""
    result = np.empty(real.shape, dtype=complex)
    result.real, result.imag = real, imag
    return result


def relative_errors(got: Array, exact: Reference) -> Array:
    """|got - exact| / |exact|; infinite for NaN and where exactly one of the two is 0 or infinite."""
    return _judged(got, exact, np.maximum(np.abs(exact.high), NORMAL))


def absolute_errors(got: Array, exact: Reference) -> Array:
    """|got - exact| / max(1, |exact|)."""
    return _judged(got, exact, np.maximum(np.abs(exact.high), 1.0), strict=False)


def ulp_errors(got: Array, exact: Reference) -> Array:
    """|got - exact| in units in the last place of the exact value."""
    return _judged(got, exact, np.spacing(np.maximum(np.abs(exact.high), NORMAL)))


def complex_errors(got: Array, exact: Reference) -> Array:
    """The relative error of the modulus or of the imaginary part, whichever is larger."""
    with np.errstate(all="ignore"):
        real, imag = (
            np.where(got == high, -low, (got - high) - low)  # infinite values too
            for got, high, low in (
                (got.real, exact.high.real, exact.low.real),
                (got.imag, exact.high.imag, exact.low.imag),
            )
        )
        size = np.hypot(exact.high.real, exact.high.imag)
        whole = np.hypot(real, imag) / np.maximum(size, NORMAL)
    imaginary = relative_errors(got.imag, Reference(exact.high.imag, exact.low.imag))
    errors = np.maximum(np.where(np.isnan(whole), np.inf, whole), imaginary)
    return np.where(got == exact.high, 0.0, errors)


def _judged(got: Array, exact: Reference, scale: Array, *, strict: bool = True) -> Array:
    with np.errstate(all="ignore"):
        errors = np.abs((got - exact.high) - exact.low) / scale
    zero = (exact.high == 0) & (exact.low == 0)
    errors = np.where(zero & (got != 0) & strict, np.inf, errors)
    errors = np.where(got == exact.high, np.abs(exact.low) / scale, errors)
    return np.where(np.isnan(errors), np.inf, errors)


def _at(name: str) -> Callable[[Law, float, int], Any]:
    return lambda law, x, bits: getattr(law, name)(x, bits)


def _stieltjes(law: Law, z: complex, bits: int) -> acb:
    try:
        return law.stieltjes(z, bits)
    except ZeroDivisionError:
        return acb(arb.pos_inf(), 0)


def _upper_quantile(law: Law, q: float, bits: int) -> arb:
    return law.quantile(1 - rational(q), bits)


def _support(law: Law, bits: int) -> list[arb]:
    ends = law.edges(max(bits, SEARCHED_BITS))
    # A ball of 400 bits around 0 is read as the edge 0 itself, which singular densities have.
    return [arb(0) if end.contains(0) else end for end in ends]


def _critical_energy(law: Law, bits: int) -> list[arb]:
    assert isinstance(law.source, str)
    energy = next(p.name for p in load(law.source).parameters if p.role == "energy")
    others = {key: value for key, value in law.parameters.items() if key != energy}
    return [critical_energy(law.source, bits, **others)]


def quantile_errors(law: Law, q: Array | list[fmpq], got: Array) -> Array:
    """The least of 1, 2, 3, 4, 6, 8, 12, ... units in the last place within which the exact quantiles lie.

    Each is proved by two certified values of the cdf on either side.
    """
    errors = np.full(got.shape, np.inf)
    for i, (level, x) in enumerate(zip(map(rational, q), got.tolist(), strict=True)):
        if math.isfinite(x):
            errors[i] = next((k for k in WIDTHS if _encloses(law, level, x, k)), math.inf)
    return errors


def upper_quantile_errors(law: Law, q: Array, got: Array) -> Array:
    """The same for the quantiles at 1 - q, which is not rounded."""
    return quantile_errors(law, [1 - rational(level) for level in q.tolist()], got)


WIDTHS = [1, *(k << i for i in range(60) for k in (2, 3))]


def _encloses(law: Law, q: fmpq, x: float, units: int) -> bool:
    """Whether the quantile, the least x with cdf(x) >= q, lies within that many units of x."""
    width, point = units * rational(math.ulp(x)), rational(x)
    return above(law, point + width, q) and not above(law, point - width, q)


FUNCTIONS = {
    f.name: f
    for f in (
        Function("density", "x", RELATIVE, "relative", _at("density"), relative_errors),
        Function("cdf", "x", RELATIVE, "relative", _at("cdf"), relative_errors),
        Function("sf", "x", RELATIVE, "relative", _at("sf"), relative_errors),
        Function("log_potential", "x", RELATIVE, "of max(1, |value|)", _at("log_potential"), absolute_errors),
        Function("stieltjes", "z", RELATIVE, "relative, Im too", _stieltjes, complex_errors),
        Function("quantile", "q", ULPS, "ulp", _at("quantile"), ulp_errors, quantile_errors),
        Function(
            "quantile_from_edge",
            "q",
            RELATIVE,
            "of q or 1 - q",
            _at("quantile"),
            ulp_errors,
            distance_errors,
            paths=("scalar", "array"),
        ),
        Function(
            "upper_quantile",
            "q",
            ULPS,
            "ulp",
            _upper_quantile,
            ulp_errors,
            upper_quantile_errors,
            paths=("scalar",),
            method="isf",
        ),
        Function(
            "upper_quantile_from_edge",
            "q",
            RELATIVE,
            "of q or 1 - q",
            _upper_quantile,
            ulp_errors,
            upper_distance_errors,
            paths=("scalar",),
            method="isf_from_edge",
        ),
        Function("index", None, RELATIVE, "relative", lambda law, bits: [law.index(bits)], relative_errors),
        Function(
            "mass_at_zero",
            None,
            RELATIVE,
            "relative",
            lambda law, bits: [law.mass_at_zero(bits)],
            relative_errors,
        ),
        Function("support", None, ULPS, "ulp", _support, ulp_errors),
        Function(
            "moments", None, RELATIVE, "relative", lambda law, bits: law.moments(ORDER, bits), relative_errors
        ),
        Function("critical_energy", None, RELATIVE, "relative", _critical_energy, relative_errors),
    )
}
