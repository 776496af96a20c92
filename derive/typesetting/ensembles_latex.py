"""The nodes of `derive.language.operations` and `derive.language.rectangles` as LaTeX."""

from __future__ import annotations

import sympy as sp

from ..language.ensembles import (
    FreeProduct,
    FreeSum,
    Gram,
    Hermitised,
    Node,
    RectangularProduct,
    Scaled,
    Shifted,
)
from ..language.operations import (
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
from ..language.rectangles import Factor, RectangularSum, Transposed
from ..language.symbols import Names
from .latex import LatexWriter, ensemble_latex, latex

COMPOUND = (
    FreeSum, Shifted, FreeProduct, Scaled, Image, FreePower, Inverse, Compression, Gram, Hermitised,
    Anticommutator, RectangularSum, RectangularProduct, Transposed,
)  # fmt: skip


def _closed(node: Node, names: Names | None) -> str:
    text = ensemble_latex(node, names)
    return rf"\left({text}\right)" if isinstance(node, COMPOUND) else text


def _bracketed(node: Node, names: Names | None) -> str:
    """In brackets, which a sum of masses has by itself."""
    text = ensemble_latex(node, names)
    return text if isinstance(node, Atoms) and len(node.places) > 1 else rf"\left({text}\right)"


@ensemble_latex.register
def _(node: Atoms, names: Names | None = None) -> str:
    """The law itself, a sum of weighted unit masses."""
    terms = [
        rf"{_coefficient(mass, names)}\delta_{{{latex(place, names)}}}"
        for mass, place in zip(node.masses, node.places, strict=True)
    ]
    text = " + ".join(terms)
    return text if len(terms) == 1 else rf"\left({text}\right)"


def _coefficient(value: sp.Expr, names: Names | None) -> str:
    if value == 1:
        return ""
    text = latex(value, names)
    return (rf"\left({text}\right)" if value.is_Add else text) + r" \, "


@ensemble_latex.register
def _(node: Cauchy, names: Names | None = None) -> str:
    return rf"\operatorname{{Cauchy}}(\text{{scale }} {latex(node.scale, names)})"


@ensemble_latex.register
def _(node: Equilibrium, names: Names | None = None) -> str:
    radius = latex(node.radius, names)
    return rf"\operatorname{{Equilibrium}}(x^{{{2 * node.degree}}},\ \text{{radius }} {radius})"


@ensemble_latex.register
def _(node: FreePoisson, names: Names | None = None) -> str:
    jump = ensemble_latex(node.jump, names)
    return rf"\operatorname{{FreePoisson}}(\text{{rate }} {latex(node.rate, names)},\ \text{{jump }} {jump})"


@ensemble_latex.register
def _(node: Inverse, names: Names | None = None) -> str:
    return _closed(node.ensemble, names) + "^{-1}"


@ensemble_latex.register
def _(node: Image, names: Names | None = None) -> str:
    """The polynomial with the ensemble in place of the variable."""
    inner = sp.Symbol("{" + _closed(node.ensemble, names) + "}")
    terms = [c * inner**k for k, c in reversed(list(enumerate(node.coefficients))) if c != 0]
    return LatexWriter(names).sum(terms).text if len(terms) > 1 else latex(terms[0], names)


@ensemble_latex.register
def _(node: DirectSum, names: Names | None = None) -> str:
    parts = [
        rf"{_closed(part, names)}_{{\left[{latex(weight, names)}\right]}}"
        for part, weight in zip(node.parts, node.weights, strict=True)
    ]
    return r" \oplus ".join(parts)


@ensemble_latex.register
def _(node: FreePower, names: Names | None = None) -> str:
    return rf"{_closed(node.ensemble, names)}^{{\boxplus {latex(node.exponent, names)}}}"


@ensemble_latex.register
def _(node: Compression, names: Names | None = None) -> str:
    """The corner, with the share of rows that it keeps."""
    inner = _bracketed(node.ensemble, names)
    return rf"\operatorname{{corner}}_{{{latex(node.fraction, names)}}}{inner}"


@ensemble_latex.register
def _(node: Commutator, names: Names | None = None) -> str:
    first, second = (ensemble_latex(part, names) for part in (node.first, node.second))
    return rf"i \left[{first},\ {second}\right]"


@ensemble_latex.register
def _(node: Anticommutator, names: Names | None = None) -> str:
    first, second = (ensemble_latex(part, names) for part in (node.first, node.second))
    return rf"\left\{{{first},\ {second}\right\}}"


@ensemble_latex.register
def _(node: Factor, names: Names | None = None) -> str:
    """The root of its Gram matrix, with its shape."""
    shape = rf"{latex(node.rows, names)} \times {latex(node.columns, names)}"
    return rf"{_bracketed(node.gram, names)}^{{1/2}}_{{{shape}}}"


@ensemble_latex.register
def _(node: Transposed, names: Names | None = None) -> str:
    return rf"\left({ensemble_latex(node.factor, names)}\right)^{{\mathsf{{T}}}}"


@ensemble_latex.register
def _(node: RectangularSum, names: Names | None = None) -> str:
    return " + ".join(_closed(part, names) for part in node.parts)
