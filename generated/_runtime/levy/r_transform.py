"""The R-transform of a free Levy law near infinity, where its rational formula overflows.

With w = 1/g and m - sum c_j / p_j = R(oo) the limit of the terms that have one,

    R(g) = R(oo) + sum_{p_j != 0} w c_j / (p_j (w - p_j)) + sum_{p_j = 0} c_j g,        c_j > 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..arithmetic.triple_double import TripleDouble


def far_r_transform(mean: TripleDouble, poles: TripleDouble, weights: TripleDouble, g: Any) -> Any:
    """R(g), (n,), where |g| is large, infinite g included; an infinite value of a complex g is inf+0j.

    mean: (n,); poles, weights: (k, n).
    """
    with np.errstate(all="ignore"):
        w = np.where(np.isinf(g), 0.0, 1.0 / g)
        limit, correction, slope = mean, np.zeros_like(g), np.zeros(g.shape)
        for j in range(poles.shape[0]):
            pole, weight = poles[j], weights[j]
            active, wigner = weight.hi > 0, pole.hi == 0
            pole = pole.where(active & ~wigner, 1.0)
            weight = weight.where(active, 0.0)
            limit = limit - (weight / pole).where(~wigner, 0.0)
            correction += np.where(wigner, 0.0, w * weight.hi / (pole.hi * (w - pole.hi)))
            slope += np.where(wigner, weight.hi, 0.0)
        result = limit.hi + correction
        steep = slope > 0
        result[steep] += slope[steep] * g[steep]
        if np.iscomplexobj(result):
            result[steep & np.isinf(g)] = np.inf
        return result
