"""Laws of independent entries of mean 0 and variance 1, to draw matrices that are not Gaussian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Real: TypeAlias = NDArray[np.floating[Any]]
Draw: TypeAlias = Callable[[np.random.Generator, tuple[int, ...]], Real]


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Real:
    """Standard normal entries."""
    return rng.standard_normal(shape)


def signs(rng: np.random.Generator, shape: tuple[int, ...]) -> Real:
    """+1 and -1 with probability 1/2 each (Rademacher's law)."""
    return 2.0 * rng.integers(0, 2, shape) - 1


def uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> Real:
    """Uniform between -sqrt(3) and sqrt(3)."""
    return rng.uniform(-np.sqrt(3), np.sqrt(3), shape)


def student(freedom: int) -> Draw:
    """Student's t, whose k-th absolute moment is finite for k < freedom, scaled to variance 1."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> Real:
        return rng.standard_t(freedom, shape) * np.sqrt((freedom - 2) / freedom)

    return draw


LAWS: dict[str, Draw] = {
    "normal": normal,
    "signs": signs,
    "uniform": uniform,
    "Student's t, 7 degrees of freedom": student(7),
}


def gram(draw: Draw, rows: int, columns: int, rng: np.random.Generator) -> Real:
    """x x'/columns."""
    x = draw(rng, (rows, columns))
    return x @ x.T / columns


def wigner(draw: Draw, rows: int, rng: np.random.Generator) -> Real:
    """A symmetric matrix of independent entries of variance 1/rows, the diagonal's too."""
    upper = np.triu(draw(rng, (rows, rows)))
    return (upper + np.triu(upper, 1).T) / np.sqrt(rows)
