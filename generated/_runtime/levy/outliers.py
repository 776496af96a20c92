"""Outliers: what becomes of a spike planted in a free sum.

A rank-one term theta v v' added to the ensemble sends an eigenvalue to

    H(theta) = theta + m + sum_j c_j / (theta - p_j)     iff     Phi(theta) = sum_j c_j / (theta - p_j)^2 < 1,

outside the bands, with squared overlap 1 - Phi(theta) between its eigenvector and v. Both are taken around
the centre u of `centres` nearest to theta = u + d, so that they are relatively accurate next to thresholds,
to cusps and to 0: with q_j = u - p_j, A = 1 - Phi(u) and B = sum c_j / q_j^3,

    H(theta) = H(u) + d (A + d (B - d sum_j c_j / (q_j^3 (q_j + d)))),
    1 - Phi(theta) = A + d (2 B - d sum_j c_j (3 q_j + 2 d) / (q_j^3 (q_j + d)^2)),

the sums without cancellation where d is small; elsewhere they are taken together with B.

A multiplicative spike, (1 + theta v v')^(1/2) A (1 + theta v v')^(1/2) of a law on [0, oo), sends an
eigenvalue to where z G - 1 = 1/theta, that is H(w) = w (1 + 1/theta): to the place of the additive spike w,
and its squared overlap is (1 - Phi(w)) / (1 + theta Phi(w)).
"""

from __future__ import annotations

import numpy as np

from ..arguments import FloatArray
from ..arithmetic.double_double import DoubleDouble, total, where
from .law import Levy

# Beyond this theta the terms of H below theta + m are under half an ulp, and double-doubles overflow.
FAR = 1e100
# A neck, or 0, is preferred to an edge within this part of its distance to the nearest pole.
CLOSE = 1e-3


def outliers(law: Levy, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Place H(theta) and squared overlap 1 - Phi(theta) where Phi(theta) < 1, else NaN; (n,) each."""
    theta = np.asarray(theta, dtype=np.float64)
    at = law.centres
    with np.errstate(all="ignore"):
        far = ~(np.abs(theta) < FAR)
        near = np.where(far, 0.0, theta)
        distances = np.abs((near - at.w) - at.w_lo)
        # 1 - Phi is known better at necks and 0 than next to them at edges
        reach = np.where(law.active[:, None], np.abs(at.offset), np.inf).min(axis=0)
        edges = 2 * law.poles.shape[0]
        distances[edges:][(distances < CLOSE * reach)[edges:]] *= 2.0**-200
        one = np.argmin(np.where(np.isnan(distances), np.inf, distances), axis=0)
        of = np.zeros_like(one) if law.laws == 1 else np.arange(one.size)
        d = near - DoubleDouble(at.w[one, of], at.w_lo[one, of])
        q = DoubleDouble(at.offset[:, one, of], at.offset_lo[:, one, of])
        slope = DoubleDouble(at.slope[one, of], at.slope_lo[one, of])
        weights = DoubleDouble(law.weights[:, of], law.weight_lo[:, of])
        there = q + d
        pulls = weights / q / q / there
        small = np.abs(d.hi) < 0.5 * np.abs(q.hi).min(axis=0)
        bend, fourth = DoubleDouble(at.bend[one, of], at.bend_lo[one, of]), pulls / q
        rise = where(small, bend - d * total(fourth), total(pulls))
        fall = 2.0 * bend - d * total(fourth * ((q + 2.0 * there) / there))
        fall = where(small, fall, total(pulls * ((q + there) / there)))
        place = DoubleDouble(at.x[one, of], at.x_lo[one, of]) + d * (slope + d * rise)
        overlap = (slope + d * fall).to_float()
        overlap = np.where(far, np.where(np.isnan(theta), np.nan, 1.0), overlap)
        planted = overlap > 0
        place = np.where(far, theta + law.mean, place.to_float())
        return np.where(planted, place, np.nan), np.where(planted, overlap, np.nan)


def multiplicative_outliers(law: Levy, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Place and squared overlap of the multiplicative spike theta > -1 of a law on [0, oo), else NaN.

    Of several places in gaps, the outermost on the side to which the spike moves eigenvalues.
    """
    theta = np.asarray(theta, dtype=np.float64)
    place, overlap = np.full(theta.shape, np.nan), np.full(theta.shape, np.nan)
    with np.errstate(all="ignore"):
        far = theta >= FAR
        poles, weights = (np.broadcast_to(a, (len(a), theta.size)) for a in (law.poles, law.weights))
        inside = (theta > -1.0) & (theta != 0.0)
        for w in _equal_spikes(law, np.where(inside & ~far, theta, 1.0)):
            found, part = outliers(law, w)
            part = part / (1.0 + theta * (weights / (w - poles) ** 2).sum(axis=0))
            better = np.isnan(place) | ((found > place) == (theta > 0))
            take = inside & np.isfinite(found) & better
            place, overlap = np.where(take, found, place), np.where(take, part, overlap)
        return np.where(far, theta * law.mean, place), np.where(far, 1.0, overlap)


def _equal_spikes(law: Levy, theta: FloatArray) -> FloatArray:
    """Solutions w of H(w) = w (1 + 1/theta) other than 0, (poles + 1, n), all of them real.

    With H(0) as weight of a pole at 0 and c_j/p_j as those of the others they solve sum_j b_j / (w - p_j) =
    1/theta: eigenvalues of diag(p) + theta sqrt(b) sqrt(b)'. NaN for one that is 0 itself.
    """
    poles, weights = np.where(law.active, law.poles, np.nan), law.weights
    b = np.concatenate([np.maximum(law.place, 0.0)[None], np.nan_to_num(weights / poles)])
    b, p = (
        np.broadcast_to(a, (len(b), theta.size)) for a in (b, np.pad(np.nan_to_num(poles), ((1, 0), (0, 0))))
    )
    part = np.sqrt(b).T
    matrix = np.eye(len(b)) * p.T[:, None, :] + theta[:, None, None] * part[:, :, None] * part[:, None, :]
    w = np.linalg.eigvalsh(matrix).T
    w = np.where(np.sign(w) == np.sign(theta), w, np.nan)
    for _ in range(3):  # of Newton's method
        gaps = w[:, None] - p[None]
        step = ((b / gaps).sum(axis=1) - 1.0 / theta) / (b / gaps**2).sum(axis=1)
        w = np.where(np.isfinite(step), w + step, np.nan)
    return w
