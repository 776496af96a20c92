"""A family of laws of sparse matrices over its parameters: from callers' arguments to numerics on one tree.

The law of a sparse matrix is known by a functional equation. Where its atoms are dense there is no density
and no quantile to offer; G is offered at a distance from the axis, to 1e-10 or better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arguments import ComplexArray, Parameter, as_type, common_shape, real_or_complex, whole_number
from ..numerics.chunks import walk
from ..numerics.quiet import quiet
from . import cavity as sparse_cavity
from . import chain as sparse_chain
from . import product as sparse_product
from . import tree as sparse_tree
from .cavity import ETA
from .chain import Chain
from .tree import Tree

__all__ = ["ABSENT", "ETA", "FunctionalFamily"]

# Why the modules have no other functions, for those who look for them.
ABSENT = (
    "the law of a sparse matrix is known by a functional equation off the real axis, and no density, edges "
    "or quantiles of it are. There are stieltjes(z, ...) at a distance from the axis, whose -Im / pi is the "
    "density smoothed on that scale, moments, mass_at_zero and index"
)

FIRST = 64  # moments counted at first; twice as many while the last is finite
MOST = 1024  # moments: of orders from 1030 on binomial coefficients are beyond doubles
LARGEST = 709.79  # logarithm of what doubles do not hold
EXTREME = 1e72  # degrees and ratios beyond, or below the inverse, are refused


@quiet
class FunctionalFamily:
    """The laws of one model: every function of a generated module, parameters as a tuple."""

    def __init__(
        self,
        parameters: tuple[Parameter, ...],
        weights: str,
        tree: Callable[..., tuple[Any, Any]],
        *,
        squared: bool,
        eta: float = ETA,
    ) -> None:
        """`tree` gives mean degree and ratio, tuples of them for a product; `squared`: a law of X X'.

        eta: how near the axis G is offered, in the unit of length.
        """
        self.parameters = parameters
        self._weights, self._tree, self._squared, self._eta = weights, tree, squared, eta

    def stieltjes(self, z: ArrayLike, values: Sequence[ArrayLike], out: ComplexArray | None) -> Any:
        """G(z)."""
        return walk(self._stieltjes, real_or_complex("z", z), self._checked(values), np.complex128, out)

    def mass_at_zero(self, values: Sequence[ArrayLike]) -> Any:
        """Weight of the atom at 0."""
        return self._a_tree(lambda tree: np.array([_exact(tree).mass_at_zero(tree)]), values)[0][()]

    def index(self, values: Sequence[ArrayLike]) -> Any:
        """Mass on the open negative axis: half of what is not at 0 of a symmetric law, 0 of X X'."""
        return (0.0 if self._squared else 0.5) * (1.0 - self.mass_at_zero(values))

    def moments(self, n: int, values: Sequence[ArrayLike]) -> Any:
        """m_0, ..., m_n, shape (n + 1, ...); infinite beyond the range of doubles."""
        order = whole_number("n", n, 0)

        def of_tree(tree: Tree | Chain) -> NDArray[np.float64]:
            count = order if self._squared else order // 2
            even = _even_moments(tree, count)
            if self._squared:
                return even
            found = np.zeros(order + 1)
            found[::2] = even
            return found

        return self._a_tree(of_tree, values)

    def _checked(self, values: Sequence[ArrayLike]) -> list[NDArray[Any]]:
        return [parameter.values(value) for parameter, value in zip(self.parameters, values, strict=True)]

    def _of(self, *numbers: float) -> Tree | Chain:
        degree, ratio = self._tree(*numbers)
        for number in (*np.atleast_1d(degree), *np.atleast_1d(ratio)):
            if not 1.0 / EXTREME <= number <= EXTREME:
                raise ArithmeticError(
                    f"a mean degree or a ratio of {float(number)!r} is too extreme: doubles evaluate laws of "
                    f"sparse matrices for {1.0 / EXTREME:g} to {EXTREME:g}; pass parameters inside"
                )
        if isinstance(degree, tuple):
            return Chain(self._weights, tuple(map(float, degree)), tuple(map(float, ratio)))
        return Tree(self._weights, float(degree), float(ratio))

    def _a_tree(
        self, function: Callable[[Tree | Chain], NDArray[np.float64]], values: Sequence[ArrayLike]
    ) -> Any:
        """A function of the tree, its first axis in front of the parameters'."""
        arrays = [as_type(array, np.float64) for array in self._checked(values)]
        shape = common_shape(arrays)
        columns = [np.broadcast_to(array, shape).ravel() for array in arrays]
        found = [function(self._of(*map(float, row))) for row in zip(*columns, strict=True)]
        size = found[0].size if found else function(Tree(self._weights, 1.0)).size
        return np.array(found).reshape(-1, size).T.reshape(size, *shape)

    def _stieltjes(self, z: ComplexArray, *rows: NDArray[np.float64]) -> ComplexArray:
        result = np.full(z.shape, np.nan + 0j)
        result[np.isinf(z)] = 0.0
        laws = np.stack([np.broadcast_to(row, z.shape) for row in rows], axis=1)
        going = np.flatnonzero(np.isfinite(z))
        for row in np.unique(laws[going], axis=0):
            some = going[(laws[going] == row).all(axis=1)]
            result[some] = self._of_one(self._of(*map(float, row)), z[some])
        return result

    def _of_one(self, tree: Tree | Chain, z: ComplexArray) -> ComplexArray:
        upper = np.where(z.imag < 0.0, z.conj(), z)
        upper = upper.real + 1j * np.abs(upper.imag)  # +0, so that roots of negative numbers lie above
        zeta = np.sqrt(upper) if self._squared else upper
        least = self._eta * tree.unit
        near = zeta.imag < least
        if near.any():
            what = "Im sqrt(z)" if self._squared else "|Im z|"
            raise ValueError(
                f"z = {z[near][0]} is too close to the spectrum: {what} must be at least {least:.6g} for "
                "these parameters (ETA times the unit of length); move z away from the axis, where the law "
                "has no density that could be evaluated"
            )
        found = _evaluation(tree).stieltjes(tree, zeta)
        if self._squared:
            found = found / zeta
        return np.where(z.imag < 0.0, found.conj(), found)


def _even_moments(tree: Tree | Chain, count: int) -> NDArray[np.float64]:
    """m_0, m_2, ..., m_(2 count); they grow, so that beyond the first that overflows all are infinite."""
    found = np.ones(1)
    while found.size <= count and np.isfinite(found[-1]):
        wanted = min(count, _overflowing(found))
        if wanted > MOST and found.size > 1:
            raise ValueError(
                f"{count} moments that are not 0 were asked for, but of a law so narrow only {MOST} can "
                "be counted; ask for fewer (derive(model).closed_forms['moments'] gives exact ones)"
            )
        size = min(max(2 * found.size - 2, FIRST), wanted)
        root = tree.unit ** np.arange(size + 1.0)
        found = _exact(tree).even_spectral_moments(tree, size) * root * root
    result = np.full(count + 1, np.inf)
    finite = np.isfinite(found)
    kept = found.size if finite.all() else int(np.argmin(finite))
    result[:kept] = found[:kept]
    return result


def _overflowing(found: NDArray[np.float64]) -> float:
    """The place of a moment that certainly overflows, beyond those found: their logarithms are convex."""
    slope = math.log(found[-1]) - math.log(found[-2]) if found.size > 1 else 0.0
    return found.size + math.ceil((LARGEST - math.log(found[-1])) / slope) if slope > 0.0 else math.inf


def _exact(tree: Tree | Chain) -> Any:
    """The module that knows moments and mass at 0 of such a tree."""
    return sparse_chain if isinstance(tree, Chain) else sparse_tree


def _evaluation(tree: Tree | Chain) -> Any:
    """The module that evaluates G of such a tree."""
    return sparse_product if isinstance(tree, Chain) else sparse_cavity
