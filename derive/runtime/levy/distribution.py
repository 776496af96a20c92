"""Distribution function, survival function, index, mass at zero and log-potential of a free Levy law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.triple_double import TripleDouble, stack
from ..numerics.tables import evaluate
from .angles import angles, mass_below
from .curve import Curve, invert

if TYPE_CHECKING:
    from .law import Levy


# Numbers below this have fewer digits.
SUBNORMAL = 2.0**-1022


def cdf(law: Levy, x: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Mass on (-inf, x], (n,); relatively accurate in the left tail, exact in gaps up to rounding."""
    table = law.tables.cdf if law.frozen else None
    return evaluate(table, lambda some: _masses_at(law, some)[0], x, out)


def sf(law: Levy, x: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Mass on (x, inf), (n,); relatively accurate in the right tail."""
    table = law.tables.sf if law.frozen else None
    return evaluate(table, lambda some: _masses_at(law, some)[1], x, out)


def index(law: Levy) -> FloatArray:
    """Mass on the open negative axis, (L,); relatively accurate however small."""
    laws = law.laws
    with np.errstate(all="ignore"):
        curve = invert(law, np.zeros(laws))
        inside = np.flatnonzero(curve.v > 0)
        result = np.array(np.broadcast_to(_outside(law, curve, law.atom_hi < 0, False), (laws,)))
        if inside.size:
            result[inside] = _inside(law, curve, inside, reflected=False)
    return result


def mass_at_zero(law: Levy) -> FloatArray:
    """Weight of the atom at 0, (L,)."""
    return np.where(law.atom_hi == 0.0, law.atom_mass, 0.0)


def log_potential(law: Levy, x: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """Integral of log|x - t| over the law, (n,); -inf at an atom (at the double nearest to it)."""
    table = law.potential if law.frozen else None
    return evaluate(table, lambda some: potential(law, invert(law, some), some), x, out)


def potential(law: Levy, curve: Curve, x: FloatArray) -> FloatArray:
    """The integral of log|x - t| at points of the curve.

    Re[log w + sum_j lambda_j (q_j - log(1 + q_j))] with q_j = p_j / (w - p_j), 1 + q_j = w / (w - p_j);
    the term of a Wigner part is its limit c / (2 w^2). The logarithm is that of w and w - p_j only where q_j
    is large: lambda_j is below 1 / |q_j|^2.
    """
    with np.errstate(all="ignore"):
        modulus = np.hypot(curve.u, curve.v)
        logarithms = np.ones(x.shape)  # how many log|w| remain; none next to a hard edge at w = 0
        kept = np.zeros(x.shape, dtype=bool)
        total = np.zeros(x.shape)
        for weight, pole, rate, offset in zip(law.weights, law.poles, law.rates, curve.offsets, strict=True):
            size = np.hypot(offset, curve.v)
            cosine, sine = offset / size, curve.v / size
            q = pole / size
            small = np.abs(q) < 0.125
            near = _series(np.where(small, q, 0.0), cosine, sine) * np.square(np.sqrt(weight) / size)
            medium = (np.abs(q) < 0.5) & ~small
            logarithm = np.where(medium, -0.5 * np.log1p(q * (2.0 * cosine + q)), np.log(size))
            total += np.where(weight > 0, np.where(small, near, rate * (q * cosine + logarithm)), 0.0)
            logarithms -= np.where(small | medium, 0.0, rate)
            kept |= (small | medium) & (rate > 0)
        logarithms = np.where(kept, logarithms, law.defect)
        # next to an atom at 0 x = w (1 - sum of rates), where w itself may be subnormal
        atom = (modulus < SUBNORMAL) & (law.atom_hi == 0)
        size = np.where(atom, np.log(np.abs(x)) - np.log(law.defect), np.log(modulus))
        total += np.where(modulus > 0, logarithms * size, 0.0)
        total = np.where(x == law.atom_hi, -np.inf, total)
        return np.where(np.isinf(x), np.inf, np.where(np.isnan(x), np.nan, total))


def _series(size: FloatArray, cosine: FloatArray, sine: FloatArray) -> FloatArray:
    """Real part of [q - log(1 + q)] / |q|^2 = (q / |q|)^2 sum_n (-q)^n / (n + 2).

    q = size (cosine - i sine), size below 1/8.
    """
    a, b = -size * cosine, size * sine
    re, im = np.zeros_like(size), np.zeros_like(size)
    for n in range(19, 1, -1):
        re, im = re * a - im * b + 1.0 / n, re * b + im * a
    return re * (cosine - sine) * (cosine + sine) + im * (2.0 * cosine * sine)


class GapLevels(NamedTuple):
    """Masses on the sides of a gap with i poles on its left, each (k + 1, L).

    left: the sum of the rates with p_j < w, the mass below where w < 0; above_left: 1 - left. right: the sum
    of the rates with p_j > w, the mass above where w > 0; below_right: 1 - right.
    """

    left: TripleDouble
    above_left: TripleDouble
    right: TripleDouble
    below_right: TripleDouble


def gap_levels(law: Levy) -> GapLevels:
    """The levels of the distribution function in gaps: w = 0 is the atom, if there is one."""
    rates = TripleDouble(law.rates, law.rate_lo, law.rate_rest)
    k, laws = rates.shape
    left, right = [TripleDouble(np.zeros(laws))], [TripleDouble(np.zeros(laws))]
    for j in range(k):
        left.append(left[-1] + rates[j])
        right.append(right[-1] + rates[k - 1 - j])
    lefts, rights = stack(left, (laws,)), stack(right[::-1], (laws,))
    # 1 - left = defect + right, without cancellation
    defect = TripleDouble(law.defect, law.defect_lo, law.defect_rest)
    above_left, below_right = 1.0 - lefts, 1.0 - rights
    above_left = above_left.where(above_left.hi >= 1e-8, rights + defect)
    below_right = below_right.where(below_right.hi >= 1e-8, lefts + defect)
    return GapLevels(lefts, above_left, rights, below_right)


def _masses_at(law: Levy, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    with np.errstate(all="ignore"):
        return masses(law, invert(law, x), x)


def masses(law: Levy, curve: Curve, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mass up to x and beyond x at points of the curve, each (n,); relatively accurate in its own tail."""
    if not (curve.v > 0).all():
        past_atom = x >= law.atom_hi  # False where there is none
        below, above = (_outside(law, curve, past_atom, reflected) for reflected in (False, True))
    else:
        below, above = np.empty(x.shape), np.empty(x.shape)
    inside = np.flatnonzero(curve.v > 0)
    if inside.size:
        # the lesser has the smaller error, and gives the other
        below[inside] = _inside(law, curve, inside, reflected=False)
        most = inside[below[inside] > 0.5]
        above[inside] = 1.0 - below[inside]
        if most.size:
            above[most] = _inside(law, curve, most, reflected=True)
            below[most] = 1.0 - above[most]
    infinite = ~np.isfinite(x)
    if infinite.any():
        below[infinite] = np.where(np.isnan(x), np.nan, np.where(x > 0, 1.0, 0.0))[infinite]
        above[infinite] = 1.0 - below[infinite]
    return below, above


def _inside(law: Levy, curve: Curve, which: Any, reflected: bool) -> FloatArray:
    """The mass at points inside a band, by angles."""

    def rows(array: FloatArray) -> FloatArray:
        return array if array.shape[1] == 1 else array[:, which]

    offsets = curve.offsets[:, which]
    poles, weights, rates = rows(law.poles), rows(law.weights), rows(law.rates)
    return mass_below(angles(curve.u[which], curve.v[which], offsets, poles, weights, rates, reflected))


def _outside(law: Levy, curve: Curve, past_atom: Any, reflected: bool) -> FloatArray:
    """The mass at points outside the bands, constant in each gap but for the atom, (n,)."""
    levels = law.gaps
    count = ((curve.offsets > 0) & law.active).sum(axis=0)
    which = np.arange(count.size) if law.laws > 1 else np.zeros(count.size, dtype=np.intp)
    positive = np.where(np.isnan(law.atom_mass), curve.u > 0, past_atom)
    where_positive = levels.right if reflected else levels.below_right
    where_negative = levels.above_left if reflected else levels.left
    return np.where(
        positive, where_positive.to_float()[count, which], where_negative.to_float()[count, which]
    )
