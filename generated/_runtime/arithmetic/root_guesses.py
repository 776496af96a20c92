"""Roots in doubles of a polynomial in fixed point, told apart where they cluster.

Doubles find k roots at a distance delta from one another only to the k-th root of their rounding, about
1e-4 for two double roots: so around the middle of each cluster the Taylor polynomial of degree k is solved in
a variable of the cluster's own size, and once more around each cluster of its roots.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from .gaussian import BITS, Gaussian, taylor

NEAR = 1e-2  # roots closer than this part of their size are a cluster
DEPTH = 6  # of clusters in clusters: what is still together then is a multiple root


def guesses(p: Sequence[int]) -> list[complex]:
    """Roots of p, ascending, in doubles: as a rule to a hundredth of the distance to the nearest one."""
    zeros = next(i for i, value in enumerate(p) if value)
    found = [0j] if zeros else []
    rest = list(p[zeros:])
    if len(rest) < 2:
        return found
    with np.errstate(all="ignore"):
        rough = np.roots([float(Fraction(value, 1 << BITS)) for value in rest[::-1]])
    for members in _clusters([complex(root) for root in rough]):
        found += members if len(members) < 2 else _apart(rest, members, DEPTH)
    return found


def _clusters(roots: list[complex], size: float = 0.0) -> list[list[complex]]:
    """The roots in groups, those together that are close in parts of their own size, or of the one given."""
    groups: list[list[complex]] = []
    for root in roots:
        reach = NEAR * max(abs(root), size)
        close = [group for group in groups if any(abs(root - other) <= reach for other in group)]
        groups = [group for group in groups if group not in close]
        groups.append([root, *(other for group in close for other in group)])
    return groups


def _apart(p: Sequence[int], members: list[complex], depth: int) -> list[complex]:
    """The roots of a cluster from the Taylor polynomial of its degree around its middle."""
    k = len(members)
    middle = sum(members) / k
    if abs(middle.imag) <= max(abs(member - middle) for member in members):
        middle = complex(middle.real)  # its own mirror image
    about = taylor(p, Gaussian.of(middle))[: k + 1]
    bits = [value.bound().bit_length() for value in about]
    if not bits[k] or not any(bits[:k]):
        return [middle]
    exponent = max(-((bits[k] - bits[j]) // (k - j)) for j in range(k) if bits[j])
    scaled = [_scaled(value, exponent * j - bits[k] - exponent * k) for j, value in enumerate(about)]
    found: list[complex] = []
    size = 2.0**exponent
    for group in _clusters([complex(root) for root in np.roots(scaled[::-1])], 1.0):
        there = [middle + size * root for root in group]
        deeper = len(group) > 1 and depth > 0 and len(set(there)) > 1
        found += _apart(p, there, depth - 1) if deeper else there
    return found


def _scaled(value: Gaussian, exponent: int) -> complex:
    """The parts of a number, as integers, times a power of 2."""
    factor = Fraction(2) ** exponent
    return complex(float(value.re * factor), float(value.im * factor))
