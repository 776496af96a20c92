"""The equation of one sparse matrix in numbers: kernels, nodes, and limits that are known."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from generated import marchenko_pastur, semicircle, sparse_product, sparse_wigner, sparse_wishart
from generated._runtime.sparse import cavity as sparse_cavity
from generated._runtime.sparse import nodes as sparse_nodes
from generated._runtime.sparse.kernels import gaussian, unit
from generated._runtime.sparse.nodes import HalfLine
from generated._runtime.sparse.tree import Tree

TREES = [
    Tree("unit", 0.3),
    Tree("unit", 2.75),
    Tree("unit", 1.0, 0.4),
    Tree("gaussian", 1.5),
    Tree("gaussian", 6.0, 4.0),
    Tree("unit", 44.0, 12.7),  # columns of many entries make narrow fields
]


def points(tree: Tree) -> Any:
    """Points of the upper half-plane, down to the least distance that is allowed."""
    return np.array([0.0625j, 0.9 + 0.0625j, -2.0 + 0.2j]) * tree.unit


@pytest.mark.parametrize("p", [1e-12, 0.3, 17.0, 40.0, 49.9, 50.1, 156.0, 156.5, 900.0, 1e5])
def test_kernels(p: float) -> None:
    with mpmath.workdps(30):
        root = mpmath.sqrt(p)
        one = float(mpmath.besselj(1, 2 * root) / root)
        two = float(mpmath.exp(-p) * (mpmath.besseli(0, p) - mpmath.besseli(1, p)))
    assert abs(unit(np.array([p]))[0] - one) < 1e-15
    assert abs(gaussian(np.array([p]))[0] - two) < 1e-15


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_finer_discretisation_gives_the_same(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """More nodes, other panels, a longer half-line: an error estimate, an order better than stated."""
    z = points(tree)
    found = sparse_cavity.stieltjes(tree, z)
    monkeypatch.setattr(sparse_nodes, "NODES_A_PERIOD", 6.0)
    monkeypatch.setattr(sparse_nodes, "NARROWEST", 0.1)
    monkeypatch.setattr(sparse_cavity, "DECAY", 40.0)
    monkeypatch.setattr(sparse_nodes, "ORDER", 24)
    assert np.max(np.abs(sparse_cavity.stieltjes(tree, z) / found - 1.0)) < 3e-12


def test_nodes_far_along_the_axis_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """exp(i y s) is resolved where it has not faded; beyond all memory is refused before it is taken."""
    assert HalfLine(np.array([30.0 + 0.25j]), 32.0, 48.0, 3).s.size < 4000
    monkeypatch.setattr(sparse_nodes, "MOST_BYTES", 1e7)
    with pytest.raises(ValueError, match=r"G would take .* GB of memory, .* points farther away"):
        sparse_product.stieltjes((9 + 0.3j) ** 2, 1.0, 1.0)


@pytest.mark.parametrize("tree", TREES, ids=str)
def test_moments_and_equation_agree_far_out(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    z = np.array([0.3 + 9j, 8 + 2j, -14 + 3j]) * tree.unit
    by_moments = sparse_cavity.stieltjes(tree, z)
    monkeypatch.setattr(sparse_cavity, "FAR_ERROR", 0.0)
    assert np.max(np.abs(sparse_cavity.stieltjes(tree, z) / by_moments - 1.0)) < 2e-12
    monkeypatch.setattr(sparse_cavity, "FAR_MOMENTS", 2)
    monkeypatch.setattr(sparse_cavity, "FAR_ERROR", np.inf)  # too few of them would be seen
    assert np.max(np.abs(sparse_cavity.stieltjes(tree, z) / by_moments - 1.0)) > 1e-7


@pytest.mark.parametrize("weights", ["unit", "gaussian"])
def test_rows_and_columns_alike_make_a_symmetric_matrix(weights: str) -> None:
    """The equation of two types at ratio 1 + 1e-13 against that of one type."""
    one, two = Tree(weights, 2.0), Tree(weights, 2.0, 1.0 + 1e-13)
    z = np.array([0.0625j, 1.2 + 0.1j, -2.2 + 0.3j])
    found = sparse_cavity.stieltjes(one, z)
    assert np.max(np.abs(sparse_cavity.stieltjes(two, z) / found - 1.0)) < 1e-11


def test_dense_limits() -> None:
    z = np.array([0.3 + 0.2j, 1.7 + 0.3j, -2.5 + 1j])
    error = np.abs(sparse_wigner.stieltjes(z, 1e7) - semicircle.stieltjes(z, 1.0))
    assert np.max(error) < 2e-6
    z = np.array([0.4 + 0.3j, 2.0 + 0.5j, -1.0])
    error = np.abs(sparse_wishart.stieltjes(z, 1e7, 0.5) - marchenko_pastur.stieltjes(z, 0.5))
    assert np.max(error) < 2e-6
    assert (
        np.max(np.abs(sparse_wishart.stieltjes(z, 1e4, 0.5) - sparse_wishart.stieltjes(z, 1e7, 0.5))) > 2e-6
    )
