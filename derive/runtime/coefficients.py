"""What a model hands to its kernels: the coefficients of its laws at given parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple


class LevyCoefficients(NamedTuple):
    """R(g) = mean + sum_j weights[j] g / (1 - poles[j] g).

    rates: weights[j] / poles[j]**2, None where the pole is 0 (a Wigner part). atom_place: where the
    atom sits if there is one, H(0) = mean - sum_j weights[j] / poles[j]; None with a Wigner part.
    """

    mean: Any
    poles: Sequence[Any]
    weights: Sequence[Any]
    rates: Sequence[Any]
    atom_place: Any


class AlgebraicCoefficients(NamedTuple):
    """P(G, z) = sum rows[i][j] G^i z^j, and the factors of its discriminant, ascending in z."""

    rows: Sequence[Sequence[Any]]
    edges: Sequence[Sequence[Any]]
