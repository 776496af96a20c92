r"""Formulas, steps and derivations as LaTeX, in the order papers print them.

`latex` writes an expression on one line, `displayed` breaks a long one into aligned rows. Only amsmath
is needed. Names of parameters come from the model: `latex(expression, names_of(model))`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import sympy as sp

from ..language.eigenvalues import Eigenvalues
from ..language.ensembles import (
    FreeProduct,
    FreeSum,
    Gaussian,
    Gram,
    Hermitised,
    Node,
    RectangularProduct,
    Scaled,
    Shifted,
    Wigner,
    Wishart,
)
from ..language.sparse import SparseProduct, SparseWigner, SparseWishart
from ..language.symbols import Names, symbol_latex
from .prose import marked, prose_latex
from .writer import ATOM, POWER, PRODUCT, SUM, Ink, Piece, Writer, join, rows

if TYPE_CHECKING:
    from ..derivation import Derivation, Step
    from ..language.model import Model

FUNCTIONS = {
    "log": r"\log", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan", "cot": r"\cot", "atan": r"\arctan",
    "acos": r"\arccos", "asin": r"\arcsin", "cosh": r"\cosh", "sinh": r"\sinh", "tanh": r"\tanh",
    "arg": r"\arg", "re": r"\operatorname{Re}", "im": r"\operatorname{Im}", "sign": r"\operatorname{sign}",
    "Min": r"\min", "Max": r"\max", "LambertW": "W", "CRootOf": r"\operatorname{root}",
}  # fmt: skip
RELATIONS = {"~": r"\sim", "==": "=", "!=": r"\neq", "<": "<", ">": ">", "<=": r"\leq", ">=": r"\geq"}
CONSTANTS: dict[sp.Basic, str] = {
    sp.pi: r"\pi",
    sp.E: "e",
    sp.I: "i",
    sp.oo: r"\infty",
    -sp.oo: r"-\infty",
    sp.EulerGamma: r"\gamma",
    sp.nan: r"\text{undefined}",
}
LINE = 80.0
"""Characters of mathematics that fit on a printed line."""


def names_of(model: Model) -> dict[str, str]:
    """How the model's parameters are printed."""
    return {parameter.name: parameter.latex for parameter in model.parameters}


class LatexWriter(Writer):
    """Writes LaTeX."""

    minus, plus, space, times = " - ", " + ", " ", r" \cdot "

    def __init__(self, names: Names | None = None, width: float = LINE) -> None:
        self.names, self.widest = names or {}, 0.7 * width

    def symbol(self, symbol: sp.Symbol) -> Ink:
        text = symbol_latex(symbol.name, self.names)
        return Ink((Piece(text, _symbol_width(text)),))

    def integer(self, value: int) -> Ink:
        return Ink((Piece(str(value), float(len(str(value)))),))

    def constant(self, value: sp.Basic) -> Ink:
        text = CONSTANTS.get(value)
        if text is None and isinstance(value, sp.Float):
            text = str(value)
        return self.other(value) if text is None else Ink((Piece(text, 1.2),))

    def fraction(self, above: Ink, below: Ink) -> Ink:
        text = rf"\frac{{{above.text}}}{{{below.text}}}"
        return Ink((Piece(text, max(above.width, below.width) + 0.5),), PRODUCT if above.width > 2 else POWER)

    def root(self, inside: Ink) -> Ink:
        return Ink((Piece(rf"\sqrt{{{inside.text}}}", inside.width + 1.3),))

    def power(self, base: Ink, exponent: Ink) -> Ink:
        text = exponent.text
        match = re.fullmatch(r"(-?)\\frac\{(\d+)\}\{(\d+)\}", text)
        if match:
            text = f"{match[1]}{match[2]}/{match[3]}"
        raised = Ink((Piece(f"^{text}" if len(text) == 1 else f"^{{{text}}}", 0.7 * exponent.width),))
        if "^" in base.text and len(base.pieces) == 1 and base.binding != ATOM:
            base = self.bracket(base)
        return join([base, raised], POWER)

    def bracket(self, inside: Ink) -> Ink:
        tall = r"\frac" in inside.text or r"\begin" in inside.text
        if tall and inside.width < 24:
            return Ink((Piece(rf"\left({inside.text}\right)", inside.width + 1.6),))
        nested = r"\bigl(" in inside.text, "(" in inside.text
        size = r"\Bigl" if tall or nested[0] else r"\bigl" if nested[1] else ""
        left, right = f"{size}(", f"{size[:-1]}{'r' if size else ''})"
        return join([Ink((Piece(left, 0.8),)), inside.deeper(), Ink((Piece(right, 0.8),))], ATOM)

    def relation(self, operator: str) -> Ink:
        return Ink((Piece(f" {RELATIONS.get(operator, operator)} ", 2.8),))

    def call(self, name: str, arguments: Sequence[Ink], *, known: bool) -> Ink:
        inner = join([arguments[0], *(Ink((Piece(", " + a.text, a.width + 1),)) for a in arguments[1:])], SUM)
        if known and name == "Abs":
            return Ink((Piece(rf"\left|{inner.text}\right|", inner.width + 1),))
        if known and name == "binomial":
            above, below = arguments
            width = max(above.width, below.width) + 2
            return Ink((Piece(rf"\binom{{{above.text}}}{{{below.text}}}", width),))
        if known and name == "conjugate":
            return Ink((Piece(rf"\overline{{{inner.text}}}", inner.width),))
        head = FUNCTIONS.get(name, rf"\operatorname{{{name}}}") if known else name
        width = len(head.replace(r"\operatorname", "").strip("\\{}")) if known else 1.2
        return join([Ink((Piece(head, width),)), self.bracket(inner)], ATOM)

    def words(self, text: str) -> Ink:
        return Ink((Piece(rf"\text{{{text}}}", 0.9 * len(text)),))

    def cases(self, branches: Sequence[tuple[Ink, Ink]]) -> Ink:
        body = r" \\ ".join(f"{value.text} & {condition.text}" for value, condition in branches)
        width = max(value.width + condition.width for value, condition in branches) + 4
        return Ink((Piece(rf"\begin{{cases}} {body} \end{{cases}}", width),))

    def integral(self, body: Ink, variable: Ink, low: Ink | None, high: Ink | None) -> Ink:
        ends = f"_{{{low.text}}}^{{{high.text}}}" if low and high else ""
        text = rf"\int{ends} {body.text} \, d{variable.text}"
        return Ink((Piece(text, body.width + 6),), PRODUCT)

    def summation(self, body: Ink, variable: Ink, low: Ink, high: Ink) -> Ink:
        inner = self.bracket(body) if body.binding == SUM else body
        text = rf"\sum_{{{variable.text} = {low.text}}}^{{{high.text}}} {inner.text}"
        return Ink((Piece(text, inner.width + 4),), PRODUCT)

    def derivative(self, body: Ink, variables: Sequence[tuple[Ink, int]], *, partial: bool) -> Ink:
        order = sum(count for _, count in variables)
        d = r"\partial" if partial or len(variables) > 1 else "d"
        below = r" \, ".join(f"{d} {v.text}" + (f"^{n}" if n > 1 else "") for v, n in variables)
        above = d if order == 1 else f"{d}^{order}"
        inner = body if body.binding >= POWER else self.bracket(body)
        return Ink((Piece(rf"\frac{{{above}}}{{{below}}} {inner.text}", inner.width + 4),), PRODUCT)

    def limit(self, body: Ink, variable: Ink, place: Ink) -> Ink:
        inner = self.bracket(body) if body.binding == SUM else body
        return Ink(
            (Piece(rf"\lim_{{{variable.text} \to {place.text}}} {inner.text}", inner.width + 5),), PRODUCT
        )

    def other(self, expression: sp.Basic) -> Ink:
        named = {s: symbol_latex(s.name, self.names) for s in expression.atoms(sp.Symbol)}
        text = sp.latex(expression, symbol_names=named)
        return Ink((Piece(text, 0.6 * len(text)),))


def latex(expression: Any, names: Names | None = None) -> str:
    """One line of LaTeX, without delimiters, for an expression, a relation, an ensemble or LaTeX itself."""
    return _ink(expression, names).text


def display_rows(equation: Any, names: Names | None = None, width: float = LINE) -> list[str]:
    """The rows of a displayed equation: one, or several where it is wider than `width`."""
    return [row.strip() for row in rows(_ink(equation, names, width), width)]


def displayed(equation: Any, names: Names | None = None, width: float = LINE) -> str:
    """LaTeX for display mathematics: one row, or rows aligned where the equation is wider than `width`."""
    broken = display_rows(equation, names, width)
    if len(broken) == 1:
        return broken[0]
    body = " \\\\\n& \\quad ".join(broken)
    return f"\\begin{{aligned}}\n& {body}\n\\end{{aligned}}"


def equations_of(step: Step) -> tuple[Any, ...]:
    """What a step displays, one item a line."""
    if isinstance(step.equation, (tuple, list, sp.Tuple)):
        return tuple(step.equation)
    return () if step.equation is None else (step.equation,)


def _ink(expression: Any, names: Names | None, width: float = LINE) -> Ink:
    if isinstance(expression, Node):
        expression = ensemble_latex(expression, names)
    if isinstance(expression, str):
        parts = re.split(r"(?<=, )(?=\\quad )", expression)  # the definitions that follow may begin a row
        return Ink(tuple(Piece(part, _visible(part)) for part in parts), SUM)
    return LatexWriter(names, width).write(sp.sympify(expression))


def _symbol_width(text: str) -> float:
    head, _, subscript = text.partition("_")
    return 1.2 * len(re.sub(r"\\mathrm|[{}]", "", re.sub(r"\\[a-z]+(?![a-z{])", "x", head))) + 0.7 * len(
        re.sub(r"\\[a-z]+|[{}]", "x", subscript).strip("x") or subscript[:1]
    )


def _visible(text: str) -> float:
    """About how many characters of a piece of LaTeX are seen."""
    return 1.2 * len(
        re.sub(r"\\(?:text|operatorname|mathcal|frac|left|right|begin|end|quad)|[{}_^\s]", "", text)
    )


# --- ensembles -------------------------------------------------------------------------------


@singledispatch
def ensemble_latex(node: Node, names: Names | None = None) -> str:
    """An expression over ensembles as it was written."""
    raise TypeError(f"no LaTeX for {type(node).__name__}; register one with ensemble_latex.register")


def _data(names: Names | None, **values: sp.Expr) -> str:
    shown = [rf"\text{{{key} }} {latex(value, names)}" for key, value in values.items() if value is not None]
    return "(" + r",\ ".join(shown) + ")"


@ensemble_latex.register
def _(node: Wigner, names: Names | None = None) -> str:
    return r"\operatorname{Wigner}" + _data(names, variance=node.variance)


@ensemble_latex.register
def _(node: Wishart, names: Names | None = None) -> str:
    scale = None if node.scale == 1 else node.scale
    return r"\operatorname{Wishart}" + _data(names, ratio=node.ratio, scale=scale)


@ensemble_latex.register
def _(node: Eigenvalues, names: Names | None = None) -> str:
    return ensemble_latex(node.factor, names)


@ensemble_latex.register
def _(node: SparseWigner, names: Names | None = None) -> str:
    name = rf"\operatorname{{SparseWigner}}({_weights(node.weights)}"
    return name + r",\ " + _data(names, degree=node.degree)[1:]


@ensemble_latex.register
def _(node: SparseWishart, names: Names | None = None) -> str:
    name = rf"\operatorname{{SparseWishart}}({_weights(node.weights)}"
    return name + r",\ " + _data(names, degree=node.degree, ratio=node.ratio)[1:]


@ensemble_latex.register
def _(node: SparseProduct, names: Names | None = None) -> str:
    name = rf"\operatorname{{SparseProduct}}({_weights(node.weights)}"
    return (
        name
        + rf",\ \text{{degrees }} {_several(node.degrees, names)},\ \text{{ratios }} "
        + (_several(node.ratios, names) + ")")
    )


def _several(values: tuple[sp.Expr, ...], names: Names | None) -> str:
    return "(" + ", ".join(latex(value, names) for value in values) + ")"


def _weights(kind: str) -> str:
    return rf"\text{{{kind} weights}}"


@ensemble_latex.register
def _(node: FreeSum, names: Names | None = None) -> str:
    *before, last = node.parts
    terms = [
        *(_before_others(part, ensemble_latex(part, names)) for part in before),
        ensemble_latex(last, names),
    ]
    return " + ".join(terms).replace("+ -", "- ")


@ensemble_latex.register
def _(node: FreeProduct, names: Names | None = None) -> str:
    *before, last = node.parts
    factors = [*(_before_others(part, _closed(part, names)) for part in before), _closed(last, names)]
    return r" \boxtimes ".join(factors)


@ensemble_latex.register
def _(node: Scaled, names: Names | None = None) -> str:
    factor = node.factor
    inner = _closed(node.ensemble, names)
    if isinstance(node.ensemble, Scaled):
        inner = rf"\left({inner}\right)"
    if factor == -1:
        return "-" + inner
    text = latex(factor, names)
    return (rf"\left({text}\right)" if isinstance(factor, sp.Add) else text) + r" \, " + inner


@ensemble_latex.register
def _(node: Shifted, names: Names | None = None) -> str:
    inner = _before_others(node.ensemble, ensemble_latex(node.ensemble, names))
    return LatexWriter(names).sum([sp.Symbol("{" + inner + "}"), node.offset]).text


@ensemble_latex.register
def _(node: Gaussian, names: Names | None = None) -> str:
    shape = rf"{latex(node.rows, names)} \times {latex(node.columns, names)}"
    return rf"\mathcal{{N}}_{{{shape}}}\left({latex(node.variance, names)}\right)"


@ensemble_latex.register
def _(node: RectangularProduct, names: Names | None = None) -> str:
    return r" \, ".join(ensemble_latex(factor, names) for factor in node.factors)


@ensemble_latex.register
def _(node: Gram, names: Names | None = None) -> str:
    return rf"F F^{{\mathsf{{T}}}}, \quad F = {ensemble_latex(node.factor, names)}"


@ensemble_latex.register
def _(node: Hermitised, names: Names | None = None) -> str:
    inner = ensemble_latex(node.factor, names)
    return rf"\begin{{pmatrix}} 0 & F \\ F^{{\mathsf{{T}}}} & 0 \end{{pmatrix}}, \quad F = {inner}"


def _before_others(node: Node, text: str) -> str:
    """In brackets where it ends in what F is, which would run into what follows."""
    inside = node
    while isinstance(inside, Scaled):
        inside = inside.ensemble
    return rf"\left({text}\right)" if isinstance(inside, (Gram, Hermitised)) else text


def _closed(node: Node, names: Names | None) -> str:
    text = ensemble_latex(node, names)
    return rf"\left({text}\right)" if isinstance(node, (FreeSum, Shifted, FreeProduct)) else text


# --- prose, steps and derivations --------------------------------------------------------------


def sentence(text: str) -> str:
    """With a capital letter in front and a full stop at the end."""
    text = text.strip()
    return text if not text else text[0].upper() + text[1:].rstrip(".") + "."


def title(text: str) -> str:
    """With a capital letter in front, unless it begins with mathematics."""
    return text.rstrip(".") if marked(text).startswith("$") else text[:1].upper() + text[1:].rstrip(".")


def step_latex(step: Step, names: Names | None = None) -> str:
    """One step: name, rule, displayed equations, and what certifies it."""
    lines = [rf"\paragraph{{{prose_latex(title(step.name))}.}} {prose_latex(step.rule)}"]
    for equation in equations_of(step):
        lines.append(f"\\[\n{displayed(equation, names)}\n\\]")
    source = f" {prose_latex(step.source)}." if step.source else ""
    lines.append(rf"\noindent{{\small\itshape {prose_latex(sentence(step.certificate.summary))}{source}}}")
    return "\n".join(lines)


def derivation_latex(derivation: Derivation) -> str:
    """The body of a document: a heading a section, a paragraph a step. It needs amsmath alone."""
    names = names_of(derivation.model)
    parts = []
    for section in derivation.sections:
        parts.append(rf"\subsection*{{{prose_latex(title(section.title))}}}")
        parts += [step_latex(step, names) for step in section.steps]
    if derivation.limits:
        parts.append(r"\subsection*{Not decided or not available}" + "\n\\begin{itemize}")
        parts += [rf"\item {prose_latex(limit)}" for limit in derivation.limits]
        parts.append(r"\end{itemize}")
    return "\n\n".join(parts) + "\n"


def derivation_markdown(derivation: Derivation) -> str:
    """The same for a notebook: headings, sentences and display mathematics between `$$`."""
    names = names_of(derivation.model)
    parts = [f"## {derivation.model.title}"]
    for section in derivation.sections:
        parts.append(f"### {marked(title(section.title))}")
        for step in section.steps:
            parts.append(f"**{marked(title(step.name))}.** {marked(step.rule)}")
            parts += [f"$$\n{displayed(equation, names)}\n$$" for equation in equations_of(step)]
            source = f" {step.source}." if step.source else ""
            parts.append(f"*{marked(sentence(step.certificate.summary))}{source}*")
    if derivation.limits:
        parts.append("### Not decided or not available")
        parts.append("\n".join(f"- {marked(limit)}" for limit in derivation.limits))
    return "\n\n".join(parts) + "\n"
