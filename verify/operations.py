"""Matrices of the nodes of `derive.language.operations` and `derive.language.rectangles`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from derive.language.ensembles import Ensemble, Rectangular
from derive.language.operations import (
    Anticommutator,
    Atoms,
    Cauchy,
    Commutator,
    Compression,
    DirectSum,
    Equilibrium,
    FreePoisson,
    FreePower,
    Image,
    Inverse,
)
from derive.language.rectangles import Factor, RectangularSum, Transposed

from .fekete import fekete_points
from .sampling import Draw, Matrix, hermitian, in_general_position, invariant, matrix, rectangle, sizes


@matrix.register
def _(node: Atoms, draw: Draw) -> Matrix:
    counts = [
        draw.size(mass, f"eigenvalues of Atoms at {x}")
        for x, mass in zip(node.places, node.masses, strict=True)
    ]
    return np.diag(np.repeat([draw.number(place) for place in node.places], counts))


@matrix.register
def _(node: Cauchy, draw: Draw) -> Matrix:
    """The quantiles of the law at (k + 1/2)/n."""
    levels = (np.arange(draw.n) + 0.5) / draw.n
    return np.diag(draw.number(node.scale) * np.tan(np.pi * (levels - 0.5)))


@matrix.register
def _(node: Equilibrium, draw: Draw) -> Matrix:
    """The likeliest eigenvalues in this potential: Fekete points, which minimise the energy."""
    return np.diag(fekete_points(draw.n, node.degree, draw.number(node.radius)))


@matrix.register
def _(node: FreePoisson, draw: Draw) -> Matrix:
    """X J X': X is invariant from both sides, so J may stay as it is."""
    jump = _inner(node.jump, node, draw)
    x = draw.gaussian(draw.n, len(jump))
    return x @ jump @ x.conj().T / draw.n


@matrix.register
def _(node: Inverse, draw: Draw) -> Matrix:
    return hermitian(np.linalg.inv(hermitian(matrix(node.ensemble, draw))))


@matrix.register
def _(node: Image, draw: Draw) -> Matrix:
    """Horner's scheme."""
    x, one = hermitian(matrix(node.ensemble, draw)), np.eye(draw.n)
    total = draw.number(node.coefficients[-1]) * one
    for coefficient in node.coefficients[-2::-1]:
        total = total @ x + draw.number(coefficient) * one
    return total


@matrix.register
def _(node: DirectSum, draw: Draw) -> Matrix:
    blocks = [matrix(part, replace(draw, n=n)) for part, n in _parts_with_sizes(node, draw)]
    total = np.zeros((draw.n, draw.n), dtype=np.result_type(*blocks))
    start = 0
    for block in blocks:
        stop = start + len(block)
        total[start:stop, start:stop] = block
        start = stop
    return total


@matrix.register
def _(node: Compression, draw: Draw) -> Matrix:
    return _corner(node, draw)


@matrix.register
def _(node: FreePower, draw: Draw) -> Matrix:
    """t times the corner that keeps 1/t of the rows."""
    return draw.number(node.exponent) * _corner(node, draw)


def _corner(node: Compression | FreePower, draw: Draw) -> Matrix:
    """The first n rows and columns of a larger matrix in generic position."""
    large = _inner(node.ensemble, node, draw)
    if invariant(node.ensemble):
        return large[: draw.n, : draw.n]
    rows = replace(draw, n=len(large)).haar()[: draw.n]
    return rows @ large @ rows.conj().T


@matrix.register
def _(node: Commutator, draw: Draw) -> Matrix:
    """i (A B - B A), for beta = 1 too, where it is complex."""
    first, second = in_general_position((node.first, node.second), draw)
    product = first @ second
    return 1j * (product - product.conj().T)


@matrix.register
def _(node: Anticommutator, draw: Draw) -> Matrix:
    first, second = in_general_position((node.first, node.second), draw)
    product = first @ second
    return product + product.conj().T


@rectangle.register
def _(node: Factor, draw: Draw, *, only_gram: bool = False) -> Matrix:
    """A^(1/2) times Haar rows, A turned if it is not invariant; of eigenvalues 0 the surplus is left out."""
    gram = hermitian(_inner(node.gram, node, draw))
    values, vectors = np.linalg.eigh(gram)
    if values[0] < -1e-10 * max(abs(values[0]), abs(values[-1])):
        raise ValueError("the Gram matrix of a Factor has a negative eigenvalue: there is no X with X X' = A")
    left = vectors if invariant(node.gram) else replace(draw, n=len(gram)).haar()
    columns = draw.size(node.columns, "columns of Factor")
    surplus = max(len(gram) - columns, 0)
    if surplus and values[surplus - 1] > 1e-10 * values[-1]:
        raise ValueError(f"a Factor of {columns} columns has a Gram matrix of higher rank: no X has X X' = A")
    right = replace(draw, n=columns).haar()[: len(gram)]
    return (left * np.sqrt(np.maximum(values, 0)))[:, surplus:] @ right


@rectangle.register
def _(node: Transposed, draw: Draw, *, only_gram: bool = False) -> Matrix:
    return rectangle(node.factor, draw).conj().T


@rectangle.register
def _(node: RectangularSum, draw: Draw, *, only_gram: bool = False) -> Matrix:
    first, *others = (rectangle(part, draw) for part in node.parts)
    return sum(others, first)


@invariant.register(Atoms)
@invariant.register(Cauchy)
@invariant.register(DirectSum)
@invariant.register(Equilibrium)
def _(node: Atoms | Cauchy | DirectSum | Equilibrium) -> bool:
    return False


@invariant.register(FreePoisson)
@invariant.register(Compression)
@invariant.register(FreePower)
def _(node: FreePoisson | Compression | FreePower) -> bool:
    return True


@invariant.register(Inverse)
@invariant.register(Image)
def _(node: Inverse | Image) -> bool:
    return invariant(node.ensemble)


@invariant.register(Commutator)
@invariant.register(Anticommutator)
def _(node: Commutator | Anticommutator) -> bool:
    return invariant(node.first) and invariant(node.second)


def _inner(part: Ensemble, node: Ensemble | Rectangular, draw: Draw) -> Matrix:
    """The matrix of the only ensemble below a node, of its own size."""
    ((_, n),) = _parts_with_sizes(node, draw)
    return matrix(part, replace(draw, n=n))


def _parts_with_sizes(node: Ensemble | Rectangular, draw: Draw) -> list[tuple[Ensemble, int]]:
    return [
        (child, draw.size(size, f"rows of {type(child).__name__} inside {type(node).__name__}"))
        for child, size in sizes(node)
        if isinstance(child, Ensemble)
    ]
