"""Edges of the bands, and expansions of H around them that lose no digits.

For any centre u and w = u + d, with q_j = u - p_j,

    H(w) - H(u) = d (A + d (B - d T(d))),     A = 1 - Phi(u),  B = sum c_j / q_j^3,
    T(d) = sum_j c_j / (q_j^3 (q_j + d)),

exactly. At an edge A = 0, where Phi is stationary (a neck, closing in a cusp) B = 0: with A and B from
double-double both are as good as that says. Terms of poles far from 0 on the scale of w are written

    c_j / (w - p_j) = -c_j / p_j - lambda_j w + lambda_j t_j w,      c_j / (w - p_j)^2 = lambda_j (1 - t_j)^2,

with t_j = w / (w - p_j), and the sums m - sum c_j / p_j and 1 - sum lambda_j over them taken first. They
often vanish (an atom at 0, a hard edge), and then x, w and 1 - Phi keep their relative accuracy next to 0.

Edges are the simple real solutions of Phi(u) = 1. Phi(p_j +- r)^(-1/2) is concave in r between two poles
and on the outer rays (a mean of exponent -2 of linear functions), and at most 1 at r = sqrt(c_j):
Newton's method from there is monotone.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from ..arguments import FloatArray
from ..arithmetic import double_double as dd
from ..arithmetic.double_double import DoubleDouble
from ..arithmetic.triple_double import TripleDouble
from ..numerics.bracket import increasing_root

# A neck with |1 - Phi| below this is a cusp: its gap would be narrower than double-double resolves.
CUSP = 2.0**-90
# Necks with Phi above this lie too deep in a band to be of use.
DEEP = 1.5


class AtZero(NamedTuple):
    """Sums over a set of poles, (L,) each: place = m - sum c_j / p_j, defect = 1 - sum lambda_j."""

    place: Any
    defect: Any

    def rounded(self) -> AtZero:
        """Triple-doubles as double-doubles."""
        return AtZero(self.place.rounded(), self.defect.rounded())


class Coefficients(NamedTuple):
    """The coefficients of L laws in double-double or triple-double, poles in order (see `law.Levy`).

    members: (k, L), the bits of the poles, as the model numbers them, that have become one of these.
    known: the bits of some sets of poles, a number or (L,), with the sums over each.
    """

    mean: Any
    poles: Any
    weights: Any
    rates: Any
    active: Any
    wigner: Any
    members: Any
    known: tuple[tuple[Any, AtZero], ...]

    @property
    def gaussian(self) -> Any:
        """Whether there is a Wigner part, (L,)."""
        return self.wigner.any(axis=0)

    def rounded(self) -> Coefficients:
        """Triple-doubles as double-doubles."""
        return self._replace(
            mean=self.mean.rounded(),
            poles=self.poles.rounded(),
            weights=self.weights.rounded(),
            rates=self.rates.rounded(),
            known=tuple((which, sums.rounded()) for which, sums in self.known),
        )

    def with_all_known(self) -> Coefficients:
        """The same with the sums over all poles but 0 in the arithmetic of these coefficients."""
        every = self.active & ~self.wigner
        bits = (self.members * every).sum(axis=0)
        return self._replace(known=(*self.known, (bits, self.over(every))))

    def over_all(self) -> AtZero:
        """The sums over all poles but 0."""
        return self.known[-1][1]

    def over(self, chosen: Any) -> AtZero:
        """The sums over chosen poles (k, ..., L), none of them 0, at (..., L)."""

        def spread(rows: Any) -> Any:
            return rows[(slice(None), *(None,) * (chosen.ndim - 2))]

        which = (spread(self.members) * chosen).sum(axis=0)
        poles = self.poles.where(self.poles.hi != 0, 1.0)
        terms = spread(-self.weights / poles).where(chosen, 0.0)
        place = (self.mean + dd.total(terms)).snapped(np.abs(self.mean.hi) + np.abs(terms.hi).sum(axis=0))
        rates = spread(self.rates).where(chosen, 0.0)
        defect = (1.0 - dd.total(rates)).snapped(1.0 + rates.hi.sum(axis=0))
        for bits, known in self.known:
            same = which == bits
            place, defect = known.place.where(same, place), known.defect.where(same, defect)
        return AtZero(place, defect)


@dataclass(frozen=True)
class Centres:
    """Expansions of H at C centres u of each of L laws; NaN in `x` where a law has fewer.

    w, x: u and H(u), (C, L). slope: 1 - Phi(u), (C, L). bend: sum c_j / q_j^3, (C, L). offset: q_j = u - p_j,
    (k, C, L). Each with its low part.
    """

    w: FloatArray
    w_lo: FloatArray
    x: FloatArray
    x_lo: FloatArray
    slope: FloatArray
    slope_lo: FloatArray
    bend: FloatArray
    bend_lo: FloatArray
    offset: FloatArray
    offset_lo: FloatArray

    def take(self, index: Any) -> Centres:
        """The centres of some laws."""
        return Centres(*(getattr(self, field.name)[..., index] for field in fields(self)))


def edges_and_centres(exact: Coefficients) -> tuple[DoubleDouble, DoubleDouble, Centres]:
    """Edges (2k, L), ascending with NaN last; the points w there; all centres, edges first.

    The coefficients are triple-doubles, and so are the sums that give H and 1 - Phi at the centres. A centre
    may be any point: it is solved for in double-double.
    """
    law = exact.rounded()
    gaussian, defect = law.gaussian, law.over_all().defect
    k, laws = law.poles.shape
    neck, neck_slope, spread = _necks(law)
    is_gap = law.active[1:] & (neck_slope.hi > CUSP)
    outer = np.ones((1, laws), dtype=bool)
    # on both sides of each pole: whether a band ends there
    last = law.active & ~np.concatenate([law.active[1:], ~outer])
    on_left = law.active & np.concatenate([outer, is_gap])
    on_right = last | np.concatenate([is_gap, ~outer])
    exists = np.stack([on_left, on_right], axis=1).reshape(2 * k, laws)
    pole, sign = np.repeat(np.arange(k), 2), np.tile([-1.0, 1.0], k)[:, None]
    u = law.poles[pole] + sign * _distances(law, pole, sign, exists)
    if k > 1:
        # close to a cusp: Phi = 1 at h from the neck, 1 - Phi(u + d) = A - 3 sum c_j / q_j^4 d^2
        inner = np.arange(1, 2 * k - 1)
        near = (inner - 1) // 2
        h = np.sqrt(neck_slope.hi / (3.0 * spread))[near]
        start = neck[near] - sign[inner] * h
        reach = np.abs((neck - law.poles[:, None]).hi).min(axis=0)[near]
        close = is_gap[near] & (h < 1e-3 * reach)
        u.hi[inner], u.lo[inner] = (
            np.where(close, start.hi, u.hi[inner]),
            np.where(close, start.lo, u.lo[inner]),
        )
    u = _polished(law, dd.where(exists, u, np.nan))
    # a solution at 0 itself is known: there Phi = 1 exactly
    at_zero = (defect.hi == 0) & (np.abs(u.hi) <= CUSP * _shortest(law))
    u = dd.where(at_zero & ~gaussian, 0.0, u)
    u = dd.take_along_axis(u, np.argsort(~exists, axis=0, kind="stable"), 0)

    used = law.active[1:] & (neck_slope.hi > 1.0 - DEEP)
    zero = np.where(gaussian | (defect.hi < 0), np.nan, 0.0)[None]
    neck = dd.where(used, neck, np.nan)
    w = DoubleDouble(np.concatenate([u.hi, neck.hi, zero]), np.concatenate([u.lo, neck.lo, zero]))
    q, x, slope = expansion(exact, TripleDouble.of(w))
    bend = dd.total(exact.weights[:, None] / (q * q * q)).rounded()
    q, x, slope = q.rounded(), x.rounded(), slope.rounded()
    slope = dd.where(np.abs(slope.hi) <= CUSP, 0.0, slope)
    centres = Centres(w.hi, w.lo, x.hi, x.lo, slope.hi, slope.lo, bend.hi, bend.lo, q.hi, q.lo)
    return x[: 2 * k], u, centres


def expansion(law: Coefficients, u: Any) -> tuple[Any, Any, Any]:
    """u - p_j (k, C, L), H(u) and 1 - Phi(u) at points u (C, L), in the arithmetic of the coefficients."""
    q = u - law.poles[:, None]
    pulls = law.weights[:, None] / q
    shares = pulls / q
    big = law.active[:, None] & (np.abs(law.poles.hi)[:, None] > 2.0 * np.abs(u.hi))
    if not big.any():
        return q, u + law.mean + dd.total(pulls), 1.0 - dd.total(shares)
    place, defect = law.over(big)
    t = u / q
    rates = law.rates[:, None] * t
    x = place + u * defect + dd.total((u * rates).where(big, pulls))
    slope = defect + dd.total((rates * (2.0 - t)).where(big, -shares))
    return q, x, slope


def _shortest(law: Coefficients) -> FloatArray:
    """The least distance of a pole from 0, (L,)."""
    return np.where(law.active, np.abs(law.poles.hi), np.inf).min(axis=0)


def _polished(law: Coefficients, u: DoubleDouble) -> DoubleDouble:
    """Solutions of Phi = 1, by Newton's method in double-double."""
    moving = np.ones(u.shape, dtype=bool)
    for _ in range(6):
        q, _, slope = expansion(law, u)
        cube = q.hi * q.hi * q.hi
        step = np.where(moving, slope.hi / (2.0 * (law.weights.hi[:, None] / cube).sum(axis=0)), 0.0)
        u = u - step
        moving &= np.abs(step) > 2.0**-60 * np.abs(u.hi)
        if not moving.any():
            break
    return u


def _distances(law: Coefficients, pole: Any, sign: FloatArray, wanted: Any) -> FloatArray:
    """r > 0 with Phi(p + sign r) = 1, the nearest to each of the poles p, (2k, L); 0 where not wanted."""
    index = np.nonzero(wanted)
    apart = (law.poles[pole] - law.poles[:, None]).hi[:, index[0], index[1]]
    c = law.weights.hi[:, index[1]]
    sign = sign[index[0], 0]
    r = np.sqrt(law.weights.hi[pole[index[0]], index[1]])
    active = np.arange(r.size)
    for _ in range(200):
        if active.size == 0:
            break
        q = apart[:, active] + sign[active] * r[active]
        pull = c[:, active] / (q * q)
        phi = pull.sum(axis=0)
        step = phi * (np.sqrt(phi) - 1.0) / (sign[active] * (pull / q).sum(axis=0))
        r[active] += step
        # what is left after a step this small is of its square
        active = active[step > 1e-9 * r[active]]
    result = np.zeros(wanted.shape)
    result[index] = r
    return result


def _necks(law: Coefficients) -> tuple[DoubleDouble, DoubleDouble, FloatArray]:
    """Where Phi is least between neighbouring poles, 1 - Phi and sum c_j / q_j^4 there, each (k - 1, L)."""
    k, laws = law.poles.shape
    if k == 1:
        empty = np.empty((0, laws))
        return DoubleDouble(empty), DoubleDouble(empty), empty
    c = law.weights.hi
    # sum c_j / (u - p_j)^3 = 0, solved for the distance r from the neighbour of smaller weight
    left = c[:-1] <= c[1:]
    anchor = dd.where(left, law.poles[:-1], law.poles[1:])
    index = np.nonzero(law.active[1:])
    sign = np.where(left, 1.0, -1.0)[index]
    apart = (anchor - law.poles[:, None]).hi[:, index[0], index[1]]
    width = (law.poles[1:] - law.poles[:-1]).hi[index]
    c = c[:, index[1]]

    def pull(r: FloatArray, at: Any) -> tuple[FloatArray, FloatArray, Any]:
        q = apart[:, at] + sign[at] * r
        third = c[:, at] / (q * q * q)
        value, slope = -sign[at] * third.sum(axis=0), 3.0 * (third / q).sum(axis=0)
        return value, slope, np.abs(value) <= 1e-9 * r * slope

    ratio = np.cbrt(law.weights.hi[:-1] / law.weights.hi[1:])[index]
    ratio = np.minimum(ratio, 1.0 / ratio)
    r = increasing_root(pull, np.zeros(width.size), width, width * (ratio / (1.0 + ratio)))
    away = np.full(left.shape, np.nan)
    away[index] = sign * r
    u = anchor + away
    q = u - law.poles[:, None]
    third = law.weights[:, None] / (q * q * q)
    u = u + dd.total(third).hi / (3.0 * (third.hi / q.hi).sum(axis=0))
    # any point near the minimum serves; 0 itself, where H and Phi are known best, is preferred
    u = dd.where(~law.gaussian & (np.abs(u.hi) <= CUSP * _shortest(law)), 0.0, u)
    q, _, slope = expansion(law, u)
    square = q.hi * q.hi
    return u, slope, (law.weights.hi[:, None] / square / square).sum(axis=0)
