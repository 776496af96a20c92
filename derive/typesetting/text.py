"""Formulas and derivations as Unicode text for a terminal."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sympy as sp

from ..language.ensembles import Node
from ..language.symbols import Names, symbol_latex
from .latex import ensemble_latex, equations_of, names_of, title
from .prose import marked
from .writer import ATOM, POWER, PRODUCT, SUM, Ink, Piece, Writer, join, rows

if TYPE_CHECKING:
    from ..derivation import Derivation, Step

SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
SUBSCRIPT = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
MACROS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "infty": "∞", "leq": "≤", "geq": "≥", "neq": "≠",
    "le": "≤", "ge": "≥", "ne": "≠", "times": "×", "cdot": "·", "cdots": "⋯", "ldots": "…", "dots": "…",
    "pm": "±", "mp": "∓", "to": "→", "mapsto": "↦", "sim": "∼", "approx": "≈", "equiv": "≡", "in": "∈",
    "int": "∫", "sum": "Σ", "prod": "Π", "partial": "∂", "boxplus": "⊞", "boxtimes": "⊠", "sqrt": "√",
    "quad": " ", "qquad": " ", "Rightarrow": "⇒", "iff": "⇔", "cup": "∪", "setminus": "∖", "mid": "|",
    "ell": "ℓ", "iota": "ι",
}  # fmt: skip
FUNCTIONS = {
    "atan": "arctan",
    "acos": "arccos",
    "asin": "arcsin",
    "re": "Re",
    "im": "Im",
    "Min": "min",
    "Max": "max",
}
RELATIONS = {"~": "∼", "==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}
CONSTANTS: dict[sp.Basic, str] = {
    sp.pi: "π",
    sp.E: "e",
    sp.I: "i",
    sp.oo: "∞",
    -sp.oo: "−∞",
    sp.EulerGamma: "γ",
}


def plain(latex: str) -> str:
    """A rough reading of LaTeX as text: Greek letters, fractions and scripts, no layout."""
    text = re.sub(r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|,|;|!|:)(?![a-zA-Z])", "", latex)
    for _ in range(6):
        text = re.sub(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", _slash, text)
        text = re.sub(r"\\sqrt\{([^{}]*)\}", lambda m: "√" + _closed(m[1]), text)
        text = re.sub(
            r"\\(?:operatorname|mathrm|mathcal|mathsf|mathbb|text|textit|overline)\{([^{}]*)\}", r"\1", text
        )
        text = re.sub(r"\^\{([^{}]*)\}|\^(\w)", lambda m: _raised(m[1] or m[2]), text)
        text = re.sub(r"_\{([^{}]*)\}|_(\w)", lambda m: _lowered(m[1] or m[2]), text)
    text = re.sub(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", lambda m: _matrix(m[1]), text, flags=re.DOTALL)
    text = text.replace(r"\textstyle", "")
    text = re.sub(r"\\([a-zA-Z]+)", lambda m: MACROS.get(m[1], m[1]), text)
    text = re.sub(r"\\begin\{\w+\}|\\end\{\w+\}|[{}&]|\\\\", " ", text).replace("\\", "")
    return re.sub(r"\s+", " ", text).replace(" - ", " − ").strip()


def _slash(match: re.Match[str]) -> str:
    return f"{_closed(match[1])}/{_closed(match[2])}"


def _closed(text: str) -> str:
    return text if re.fullmatch(r"\\?\w+", text) else f"({text})"


def _raised(text: str) -> str:
    return text.translate(SUPERSCRIPT) if re.fullmatch(r"-?\d+", text) else f"^{_closed(text)}"


def _lowered(text: str) -> str:
    return text.translate(SUBSCRIPT) if re.fullmatch(r"[\d+-]+", text) else f"_{_closed(text)}"


def _matrix(body: str) -> str:
    lines = ["(" + ", ".join(cell.strip() for cell in row.split("&")) + ")" for row in body.split(r"\\")]
    return "(" + ", ".join(lines) + ")"


class TextWriter(Writer):
    """Writes one line of Unicode; widths are exact."""

    minus, plus, space, times = " − ", " + ", " ", "·"
    gap = 1.0
    widest = 1000.0  # a slash may be followed by a new line

    def __init__(self, names: Names | None = None) -> None:
        self.names = names or {}

    def symbol(self, symbol: sp.Symbol) -> Ink:
        return _ink(plain(symbol_latex(symbol.name, self.names)))

    def integer(self, value: int) -> Ink:
        return _ink(str(value))

    def constant(self, value: sp.Basic) -> Ink:
        return _ink(CONSTANTS.get(value, str(value)))

    def fraction(self, above: Ink, below: Ink) -> Ink:
        top = self.bracket(above) if above.binding == SUM else above
        bottom = below if below.binding >= POWER else self.bracket(below)
        return join([top, _ink("/"), bottom], PRODUCT)

    def root(self, inside: Ink) -> Ink:
        return join([_ink("√"), inside if inside.binding == ATOM else self.bracket(inside)], ATOM)

    def power(self, base: Ink, exponent: Ink) -> Ink:
        text = exponent.text.replace("−", "-")
        if re.fullmatch(r"-?\d+", text):
            raised = text.translate(SUPERSCRIPT)
        else:
            raised = f"^{exponent.text}" if exponent.binding == ATOM else f"^({exponent.text})"
        return join([base, _ink(raised)], POWER)

    def bracket(self, inside: Ink) -> Ink:
        return join([_ink("("), inside.deeper(), _ink(")")], ATOM)

    def relation(self, operator: str) -> Ink:
        return _ink(f" {RELATIONS.get(operator, operator)} ")

    def call(self, name: str, arguments: Sequence[Ink], *, known: bool) -> Ink:
        inner = join([arguments[0], *(_ink(", " + a.text) for a in arguments[1:])], SUM)
        if known and name == "Abs":
            return join([_ink("|"), inner.deeper(), _ink("|")], ATOM)
        return join([_ink(FUNCTIONS.get(name, name)), self.bracket(inner)], ATOM)

    def words(self, text: str) -> Ink:
        return _ink(text)

    def cases(self, branches: Sequence[tuple[Ink, Ink]]) -> Ink:
        return _ink("{ " + ";  ".join(f"{value.text} if {where.text}" for value, where in branches) + " }")

    def integral(self, body: Ink, variable: Ink, low: Ink | None, high: Ink | None) -> Ink:
        ends = f"[{low.text}, {high.text}] " if low and high else " "
        return join([_ink(f"∫{ends}"), body.deeper(), _ink(f" d{variable.text}")], PRODUCT)

    def summation(self, body: Ink, variable: Ink, low: Ink, high: Ink) -> Ink:
        inner = self.bracket(body) if body.binding == SUM else body
        return join([_ink(f"Σ[{variable.text}={low.text}..{high.text}] "), inner], PRODUCT)

    def derivative(self, body: Ink, variables: Sequence[tuple[Ink, int]], *, partial: bool) -> Ink:
        raised = ["" if n == 1 else str(n).translate(SUPERSCRIPT) for _, n in variables]
        if partial or len(variables) > 1:
            marks = "".join(f"∂_{v.text}{n}" for (v, _), n in zip(variables, raised, strict=True))
        else:
            marks = f"d{raised[0]}/d{variables[0][0].text}{raised[0]}"
        return join([_ink(marks + " "), body if body.binding >= POWER else self.bracket(body)], PRODUCT)

    def limit(self, body: Ink, variable: Ink, place: Ink) -> Ink:
        inner = self.bracket(body) if body.binding == SUM else body
        return join([_ink(f"lim[{variable.text}→{place.text}] "), inner], PRODUCT)

    def other(self, expression: sp.Basic) -> Ink:
        return _ink(str(expression))


def _ink(text: str) -> Ink:
    return Ink((Piece(text, float(len(text))),))


def text(expression: Any, names: Names | None = None) -> str:
    """One line of Unicode for an expression, a relation, an ensemble or a string of LaTeX."""
    return _write(expression, names).text


def _write(expression: Any, names: Names | None) -> Ink:
    if isinstance(expression, str):
        return _ink(plain(expression))
    if isinstance(expression, Node):
        return _ink(plain(ensemble_latex(expression, names)))
    return TextWriter(names).write(sp.sympify(expression))


def prose(sentence: str) -> str:
    """A sentence with its formulas as text."""
    return "".join(plain(part) if i % 2 else part for i, part in enumerate(marked(sentence).split("$")))


def step_text(step: Step, names: Names | None = None, width: int = 100) -> str:
    """One step: its name, its rule, what it displays, and what certifies it."""
    lines = textwrap.wrap(f"{prose(title(step.name))}. {prose(step.rule)}", width)
    for equation in equations_of(step):
        broken = rows(_write(equation, names), width - 8)
        lines += ["", *(("    " if i == 0 else "        ") + row.strip() for i, row in enumerate(broken))]
    source = f"  [{step.source}]" if step.source else ""
    proof = f"∎ {prose(step.certificate.summary)}{source}"
    wrapped = textwrap.wrap(proof, width - 4, initial_indent="    ", subsequent_indent="      ")
    return "\n".join([*lines, "", *wrapped])


def derivation_text(derivation: Derivation, width: int = 100) -> str:
    """The whole derivation for a terminal of that width."""
    names = names_of(derivation.model)
    heading = derivation.model.title
    parts = [f"{heading}\n{'=' * len(heading)}", f"    H = {text(derivation.model.expression, names)}"]
    for section in derivation.sections:
        name = prose(title(section.title))
        parts.append(f"{name}\n{'-' * len(name)}")
        parts += [step_text(step, names, width) for step in section.steps]
    if derivation.limits:
        parts.append("Not decided or not available\n----------------------------")
        parts += [
            "\n".join(textwrap.wrap(f"- {prose(x)}", width, subsequent_indent="  "))
            for x in derivation.limits
        ]
    return "\n\n".join(parts) + "\n"
