"""Outliers: what becomes of a spike planted in a free sum.

A rank-one term theta v v' added to the ensemble sends an eigenvalue to

    H(theta) = theta + m + sum_j c_j / (theta - p_j)     iff     Phi(theta) = sum_j c_j / (theta - p_j)^2 < 1,

outside the bands, with squared overlap 1 - Phi(theta) between its eigenvector and v.
"""

from __future__ import annotations

import numpy as np

from .arguments import FloatArray
from .double_double import DoubleDouble, total
from .levy import Levy

# Beyond this theta the terms of H below theta + m are under half an ulp, and double-doubles overflow.
FAR = 1e100


def outliers(law: Levy, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Place H(theta) and squared overlap 1 - Phi(theta) where Phi(theta) < 1, else NaN; (n,) each.

    Computed in double-double: the overlap is relatively accurate up to its threshold.
    """
    theta = np.asarray(theta, dtype=np.float64)
    with np.errstate(all="ignore"):
        near = np.where(np.abs(theta) < FAR, theta, 0.0)
        mean = DoubleDouble(law.mean, law.mean_lo)
        offsets = near - DoubleDouble(law.poles, law.pole_lo)
        shares = DoubleDouble(law.weights, law.weight_lo) / offsets
        idle = np.broadcast_to(~law.active, shares.shape)
        shares.hi[idle] = 0.0
        shares = DoubleDouble(shares.hi, np.where(idle, 0.0, shares.lo))
        place = (near + (mean + total(shares))).to_float()
        overlap = (1.0 - total(shares / offsets)).to_float()
        far = ~(np.abs(theta) < FAR)
        place = np.where(far, theta + law.mean, place)
        overlap = np.where(far, np.where(np.isnan(theta), np.nan, 1.0), overlap)
        planted = overlap > 0
        return np.where(planted, place, np.nan), np.where(planted, overlap, np.nan)
