"""What a model hands to its kernels: the coefficients of its laws at given parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple


class LevyCoefficients(NamedTuple):
    """R(g) = mean + sum_j weights[j] g / (1 - poles[j] g).

    rates: weights[j] / poles[j]**2, None where the pole is 0 (a Wigner part). at_zero: for sets of poles j,
    mean - sum_j weights[j] / poles[j] and 1 - sum_j rates[j] over them, in a form that keeps its relative
    accuracy where these nearly vanish. Over all poles they are place and mass of the atom, if there is one.
    """

    mean: Any
    poles: Sequence[Any]
    weights: Sequence[Any]
    rates: Sequence[Any]
    at_zero: Mapping[tuple[int, ...], tuple[Any, Any]]


class AlgebraicCoefficients(NamedTuple):
    """P(G, z) = sum rows[i][j] G^i z^j, and the factors of its discriminant, ascending in z.

    mean, values: where several branches have G ~ 1/z at infinity, the law is the one with the mean
    `mean(*g)`, g the values G(0) of other laws, each given by its rows and, if need be, by its own mean as a
    function of the values before it.
    """

    rows: Sequence[Sequence[Any]]
    edges: Sequence[Sequence[Any]]
    mean: Callable[..., Any] | None = None
    values: Sequence[tuple[Sequence[Sequence[Any]], Callable[..., Any] | None]] = ()
