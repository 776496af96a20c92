"""Outliers: what becomes of a spike planted in a free sum.

A rank-one term theta v v' added to the ensemble sends an eigenvalue to

    H(theta) = theta + m + sum_j c_j / (theta - p_j)     iff     Phi(theta) = sum_j c_j / (theta - p_j)^2 < 1,

outside the bands, with squared overlap 1 - Phi(theta) between its eigenvector and v. Both are taken around
the centre u of `centres` nearest to theta = u + d, so that they are relatively accurate next to thresholds,
to cusps and to 0: with q_j = u - p_j, A = 1 - Phi(u) and B = sum c_j / q_j^3,

    H(theta) = H(u) + d (A + d (B - d sum_j c_j / (q_j^3 (q_j + d)))),
    1 - Phi(theta) = A + d (2 B - d sum_j c_j (3 q_j + 2 d) / (q_j^3 (q_j + d)^2)),

the sums without cancellation where d is small; elsewhere they are taken together with B.
"""

from __future__ import annotations

import numpy as np

from .arguments import FloatArray
from .double_double import DoubleDouble, total, where
from .levy import Levy

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
