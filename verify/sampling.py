"""Models as random matrices: a second, independent reading of the expression.

    matrix = sample(model, n, rng, eps=0.1, phi=0.5)
    law_parameters = realised(model, n, eps=0.1, phi=0.5)

Shapes are integers, so the ratio of a matrix is not quite the one that was asked for. `realised` moves the
parameters that set shapes to the nearest values at which every shape is an integer, and `sample` draws
at those: the law to hold a sample against is the law at `realised(...)`.

beta = 1 draws real symmetric matrices, beta = 2 complex Hermitian ones. With v the variance of a `Wigner`,
its off-diagonal entries have E|h|^2 = v/n; the diagonal has variance 2 v/n for beta = 1 (the
orthogonal ensemble) and v/n for beta = 2 (the unitary one). Entries of rectangular factors are
Gaussian with E|x|^2 as stated; wide factors are drawn through their triangular (Bartlett) factor.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive.language.eigenvalues import Eigenvalues
from derive.language.ensembles import (
    Ensemble,
    FreeProduct,
    FreeSum,
    Gaussian,
    Gram,
    Hermitised,
    Node,
    Rectangular,
    RectangularProduct,
    Scaled,
    Shifted,
    Wigner,
    Wishart,
)
from derive.language.model import Model, wanted_model
from derive.language.operations import Atoms, Compression, DirectSum, FreePoisson, FreePower
from derive.language.rectangles import Factor
from derive.language.sparse import SparseProduct, SparseWishart

from .exact import exact_parameters
from .shapes import realised_values, whole

Matrix = NDArray[Any]

WIDE = 2  # columns over rows beyond which a Gaussian factor is drawn through its triangular factor


@dataclass(frozen=True)
class Draw:
    """What every node needs: the size N, exact parameters, the symmetry class and the stream of numbers."""

    n: int
    values: Mapping[sp.Symbol, sp.Rational]
    beta: int
    rng: np.random.Generator
    known: dict[sp.Expr, sp.Expr] = field(default_factory=dict)

    def exact(self, expression: sp.Expr) -> sp.Expr:
        """An expression at the parameters; remembered, since many matrices ask for the same few."""
        if expression not in self.known:
            self.known[expression] = expression.subs(self.values)
        return self.known[expression]

    def number(self, expression: sp.Expr) -> float:
        """An expression in the parameters as a double."""
        return float(self.exact(expression))

    def size(self, expression: sp.Expr, what: str) -> int:
        """A shape, given in units of N, as an integer."""
        return whole(self.n * self.exact(expression), what)

    def gaussian(self, rows: int, columns: int) -> Matrix:
        """Independent entries with E|x|^2 = 1."""
        if self.beta == 1:
            return self.rng.standard_normal((rows, columns))
        parts = self.rng.standard_normal((2, rows, columns))
        return (parts[0] + 1j * parts[1]) / np.sqrt(2)

    def triangular(self, rows: int, columns: int) -> Matrix:
        """L with L L' distributed as X X', X = `gaussian(rows, columns)`, columns >= rows (Bartlett)."""
        lower = np.tril(self.gaussian(rows, rows), -1)
        freedom = self.beta * (columns - np.arange(rows))
        np.fill_diagonal(lower, np.sqrt(self.rng.chisquare(freedom) / self.beta))
        return lower

    def haar(self) -> Matrix:
        """A Haar orthogonal (beta = 1) or unitary (beta = 2) matrix."""
        q, r = np.linalg.qr(self.gaussian(self.n, self.n))
        signs = np.diagonal(r) / np.abs(np.diagonal(r))
        return q * signs


class Sampler:
    """Matrices of one model at one size and one choice of parameters: shapes are settled once.

    parameters: the realised ones, as `realised` gives them. Raises as `sample` does.
    """

    def __init__(self, model: Model, n: int, *, beta: int = 1, **parameters: Any) -> None:
        if beta not in (1, 2):
            raise ValueError(f"beta must be 1 (real) or 2 (complex), got {beta!r}")
        values = _realised(model, n, parameters)
        self.parameters = {p.name: float(values[p.symbol]) for p in model.parameters}
        self._expression = model.expression
        self._draw = Draw(int(n), values, beta, np.random.default_rng(0))

    def __call__(self, rng: np.random.Generator) -> Matrix:
        """One matrix."""
        if not isinstance(rng, np.random.Generator):
            raise TypeError(f"rng must be a numpy Generator such as np.random.default_rng(7), got {rng!r}")
        drawn = matrix(self._expression, replace(self._draw, rng=rng))
        return drawn if isinstance(self._expression, Eigenvalues) else hermitian(drawn)

    def spectra(self, rng: np.random.Generator, count: int) -> NDArray[Any]:
        """Eigenvalues of that many matrices, of shape (count, n): ascending, complex ones in no order."""
        if isinstance(self._expression, Eigenvalues):
            return np.stack([np.linalg.eigvals(self(rng)).astype(np.complex128) for _ in range(count)])
        return np.stack([np.linalg.eigvalsh(self(rng)) for _ in range(count)])


def sample(model: Model, n: int, rng: np.random.Generator, *, beta: int = 1, **parameters: Any) -> Matrix:
    """One n x n matrix of the model, float64 (beta = 1) or complex128 (beta = 2), exactly self-adjoint unless
    the model is of `Eigenvalues`.

    parameters: by name, inside their domains; ratios are moved to `realised(model, n, **parameters)`.
    Raises `ValueError` for an n that cannot carry the shapes, a parameter outside its domain or
    another beta, and `TypeError` for missing, unknown or non-numeric parameters.
    """
    return Sampler(model, n, beta=beta, **parameters)(rng)


def realised(model: Model, n: int, **parameters: Any) -> dict[str, float]:
    """The parameters nearest to those given at which all shapes of an n x n sample are integers.

    These are the ones of the law that a sample follows. Raises as `sample` does.
    """
    values = _realised(model, n, parameters)
    return {parameter.name: float(values[parameter.symbol]) for parameter in model.parameters}


def _realised(model: Model, n: int, parameters: Mapping[str, Any]) -> dict[sp.Symbol, sp.Rational]:
    wanted_model(model)
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)):
        raise TypeError(f"n must be an integer number of rows, got {n!r}")
    if n < 1:
        raise ValueError(f"n must be at least 1, got {n}")
    # shapes are whole numbers at 4/5, not at the double next to it
    spelled = {name: _spelled(value) for name, value in parameters.items()}
    values = exact_parameters(model.parameters, spelled)
    found = realised_values(shapes(model.expression), int(n), values)
    for parameter in model.parameters:
        if found[parameter.symbol] not in parameter.interval:
            raise ValueError(
                f"with n = {n} the nearest realisable {parameter.name} is {found[parameter.symbol]}, "
                f"outside its domain {parameter.domain}; take a larger n"
            )
    return found


def shapes(expression: Node, size: sp.Expr = sp.S.One) -> list[tuple[str, sp.Expr]]:
    """Every number of rows or columns in the tree, in units of N, with a name for messages.

    size: rows of the expression's own square matrices, in units of N.
    """
    found = [(name, sp.cancel(shape * size)) for name, shape in own_shapes(expression)]
    for child, relative in sizes(expression):
        if relative != 1:
            found.append((f"rows of {type(child).__name__} ({relative} N)", sp.cancel(relative * size)))
        found += shapes(child, sp.cancel(relative * size))
    return found


def own_shapes(node: Node) -> list[tuple[str, sp.Expr]]:
    """The shapes that a node names itself, over the size of its square matrices."""
    if isinstance(node, (Wishart, SparseWishart)):
        return [(f"columns of {type(node).__name__}(ratio={node.ratio})", 1 / node.ratio)]
    if isinstance(node, SparseProduct):
        return [
            (f"columns of factor {i} of SparseProduct ({width} N)", width)
            for i, width in enumerate(node.widths, 1)
        ]
    if isinstance(node, (Gaussian, Factor)):
        kind = type(node).__name__
        return [
            (f"rows of {kind} ({node.rows} N)", node.rows),
            (f"columns of {kind} ({node.columns} N)", node.columns),
        ]
    if isinstance(node, Atoms):
        return [
            (f"eigenvalues of Atoms at {x}", mass) for x, mass in zip(node.places, node.masses, strict=True)
        ]
    return []


def sizes(node: Node) -> tuple[tuple[Node, sp.Expr], ...]:
    """The nodes below, each with the size of its square matrices over that of this node's."""
    if isinstance(node, DirectSum):
        return tuple(zip(node.parts, node.weights, strict=True))
    relative = sp.S.One
    if isinstance(node, FreePoisson):
        relative = node.rate
    elif isinstance(node, Compression):
        relative = 1 / node.fraction
    elif isinstance(node, FreePower):
        relative = node.exponent
    elif isinstance(node, Factor):
        relative = node.rows
    return tuple((child, relative) for child in node.children)


def _spelled(value: Any) -> Any:
    """The shortest decimal of a finite double."""
    return repr(float(value)) if isinstance(value, float) and math.isfinite(value) else value


@singledispatch
def matrix(node: Node, draw: Draw) -> Matrix:
    """A matrix of the node's ensemble."""
    raise TypeError(f"no matrix is known for {type(node).__name__}; register one in verify/sampling.py")


@matrix.register
def _(node: Wigner, draw: Draw) -> Matrix:
    x = draw.gaussian(draw.n, draw.n)
    return (x + x.conj().T) * np.sqrt(draw.number(node.variance) / (2 * draw.n))


@matrix.register
def _(node: Wishart, draw: Draw) -> Matrix:
    columns = draw.size(1 / node.ratio, "columns of Wishart")
    x = draw.triangular(draw.n, columns) if columns > WIDE * draw.n else draw.gaussian(draw.n, columns)
    return (x @ x.conj().T) * (draw.number(node.scale) / columns)


@matrix.register
def _(node: Scaled, draw: Draw) -> Matrix:
    return matrix(node.ensemble, draw) * draw.number(node.factor)


@matrix.register
def _(node: Shifted, draw: Draw) -> Matrix:
    return matrix(node.ensemble, draw) + draw.number(node.offset) * np.eye(draw.n)


@matrix.register
def _(node: FreeSum, draw: Draw) -> Matrix:
    return sum(in_general_position(node.parts, draw), np.zeros((draw.n, draw.n)))


@matrix.register
def _(node: FreeProduct, draw: Draw) -> Matrix:
    factors = [hermitian(factor) for factor in in_general_position(node.parts, draw)]
    roots = [_root(factor) for factor in factors]
    signed = [i for i, root in enumerate(roots) if root is None]
    if len(signed) > 1:
        raise ValueError(
            "more than one factor of the free product has eigenvalues of both signs: no self-adjoint matrix"
        )
    centre = signed[0] if signed else len(factors) - 1
    product = factors[centre]
    for i, root in enumerate(roots):
        if i != centre and root is not None:
            sign, square_root = root
            product = sign * (square_root @ product @ square_root)
    return product


@matrix.register
def _(node: Gram, draw: Draw) -> Matrix:
    f = rectangle(node.factor, draw, only_gram=True)
    return f @ f.conj().T


@matrix.register
def _(node: Eigenvalues, draw: Draw) -> Matrix:
    return rectangle(node.factor, draw)


@matrix.register
def _(node: Hermitised, draw: Draw) -> Matrix:
    f = rectangle(node.factor, draw)
    rows, columns = f.shape
    blocks = np.zeros((rows + columns, rows + columns), dtype=f.dtype)
    blocks[:rows, rows:] = f
    blocks[rows:, :rows] = f.conj().T
    return blocks


@singledispatch
def rectangle(node: Rectangular, draw: Draw, *, only_gram: bool = False) -> Matrix:
    """A rectangular factor F; with `only_gram` any matrix whose F F' has the same distribution."""
    raise TypeError(f"no matrix is known for {type(node).__name__}; register one in verify/sampling.py")


@rectangle.register
def _(node: Gaussian, draw: Draw, *, only_gram: bool = False) -> Matrix:
    rows, columns = _shape(node, draw)
    wide = only_gram and columns > WIDE * rows
    x = draw.triangular(rows, columns) if wide else draw.gaussian(rows, columns)
    return x * np.sqrt(draw.number(node.variance) / draw.n)


@rectangle.register
def _(node: RectangularProduct, draw: Draw, *, only_gram: bool = False) -> Matrix:
    """Left to right. Where a wide factor X = L Q meets a Gaussian Y, Q Y is Gaussian too, of fewer rows:
    L and Q Y are drawn, Q never is.
    """
    product: Matrix | None = None
    last = len(node.factors) - 1
    for i, factor in enumerate(node.factors):
        invariant_next = only_gram if i == last else isinstance(node.factors[i + 1], Gaussian)
        if isinstance(factor, Gaussian):
            rows, columns = _shape(factor, draw)
            if product is not None:
                rows = product.shape[1]
            wide = invariant_next and columns > WIDE * rows
            x = draw.triangular(rows, columns) if wide else draw.gaussian(rows, columns)
            x = x * np.sqrt(draw.number(factor.variance) / draw.n)
        else:
            x = rectangle(factor, draw, only_gram=only_gram and i == last)
        product = x if product is None else product @ x
    assert product is not None
    return product


def _shape(node: Gaussian, draw: Draw) -> tuple[int, int]:
    return (
        draw.size(node.rows, "rows of Gaussian"),
        draw.size(node.columns, "columns of Gaussian"),
    )


@singledispatch
def invariant(node: Node) -> bool:
    """Whether conjugation by a fixed unitary leaves the distribution of the node's matrix alone."""
    raise TypeError(f"invariance of {type(node).__name__} is not known; register it in verify/sampling.py")


@invariant.register(Wigner)
@invariant.register(Wishart)
def _(node: Wigner | Wishart) -> bool:
    return True


@invariant.register
def _(node: Gram) -> bool:
    """Every rectangular factor is drawn invariant from the left."""
    return True


@invariant.register
def _(node: Hermitised) -> bool:
    return False


@invariant.register(Scaled)
@invariant.register(Shifted)
def _(node: Scaled | Shifted) -> bool:
    return invariant(node.ensemble)


@invariant.register(FreeSum)
@invariant.register(FreeProduct)
def _(node: FreeSum | FreeProduct) -> bool:
    return all(invariant(part) for part in node.parts)


def in_general_position(parts: tuple[Ensemble, ...], draw: Draw) -> list[Matrix]:
    """Matrices of the parts; of those that are not invariant all but the first are turned by Haar matrices.

    Unitarily invariant independent matrices are asymptotically free of any others, so one may stay as it is.
    """
    found: list[Matrix] = []
    fixed = 0
    for part in parts:
        drawn = matrix(part, draw)
        if not invariant(part):
            fixed += 1
            if fixed > 1:
                turn = draw.haar()
                drawn = turn @ drawn @ turn.conj().T
        found.append(drawn)
    return found


def _root(factor: Matrix) -> tuple[int, Matrix] | None:
    """A sign and the nonnegative square root of sign times the matrix; None if it has both signs."""
    values, vectors = np.linalg.eigh(factor)
    rounding = 1e-10 * max(abs(values[0]), abs(values[-1]))
    if values[0] < -rounding and values[-1] > rounding:
        return None
    sign = -1 if values[0] < -rounding else 1
    return sign, (vectors * np.sqrt(np.maximum(sign * values, 0))) @ vectors.conj().T


def hermitian(x: Matrix) -> Matrix:
    """The self-adjoint part."""
    return (x + x.conj().T) / 2


from . import operations, sparse_matrices  # noqa: E402, F401  (they register the matrices of more nodes)
