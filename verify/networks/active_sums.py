"""Sums over the examples on which a hidden unit is active, for all units at once.

    block a = sum of x_mu e_mu' over the mu with mask[a, mu]

are as many matrix products as there are units, each over half of the examples. Units share most of that
work: for g units the examples fall into 2^g classes, by which of the g units are active on them. The sums
over single classes take one pass over the examples, and block a is the sum of the classes in which unit a
is active. This is the method of the four Russians for products with matrices of zeros and ones.
"""

from __future__ import annotations

from itertools import pairwise
from math import log2

import numpy as np
from numpy.typing import NDArray

Real = NDArray[np.floating]


def active_sums(inputs: Real, errors: Real, mask: NDArray[np.bool_]) -> Real:
    """(n1, n0, n2) for x (n0, m), e (n2, m) and mask (n1, m)."""
    (n0, m), n2, n1 = inputs.shape, len(errors), len(mask)
    together = group_size(m)
    examples = np.ascontiguousarray(np.concatenate([inputs, errors]).T)
    result = np.empty((n1, n0 * n2), dtype=examples.dtype)
    for start in range(0, n1, together):
        rows = mask[start : start + together]
        units = np.arange(len(rows))
        classes = (1 << units) @ rows  # bit k: unit k is active
        order = np.argsort(classes, kind="stable")
        ends = np.searchsorted(classes[order], np.arange(2 ** len(rows) + 1))
        ordered = examples[order]
        sums = np.empty((2 ** len(rows) - 1, n0, n2), dtype=examples.dtype)  # class 0 is in no block
        for k, (first, last) in enumerate(pairwise(ends[1:])):
            np.matmul(ordered[first:last, :n0].T, ordered[first:last, n0:], out=sums[k])
        members = (np.arange(1, 2 ** len(rows)) >> units[:, None]) & 1
        np.matmul(
            members.astype(sums.dtype), sums.reshape(len(sums), -1), out=result[start : start + together]
        )
    return result.reshape(n1, n0, n2)


def group_size(m: int) -> int:
    """Units whose classes are formed together: classes then hold about 2 sqrt(m) of m examples."""
    return max(1, round(log2(m) / 2) - 1)
