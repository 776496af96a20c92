"""Polynomials and R-transforms as the bodies of functions, and equations as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sympy as sp

from .. import laws
from ..laws import G
from .python_text import WIDTH, PythonText

# An edge polynomial with more monomials than this is left out: its text would serve nobody.
LONGEST_EDGE_POLYNOMIAL = 150


@dataclass(frozen=True)
class _Term:
    """sign * content * rest * variable^power, content a monomial, rest a sum or 1."""

    power: int
    negative: bool
    content: sp.Expr
    rest: sp.Expr

    def written(self, name: str, text: PythonText) -> str:
        """The term without its sign, power of the variable last."""
        factors = [] if self.content == 1 else [text(self.content)]
        factors += [] if self.rest == 1 else [f"({text(self.rest)})"]
        factors += {0: [], 1: [name]}.get(self.power, [f"{name}**{self.power}"])
        if factors == [f"({text(self.rest)})"] and not self.negative:
            return text(self.rest)
        return " * ".join(factors) or "1"


def _collected(polynomial: sp.Expr, variable: sp.Symbol, text: PythonText) -> list[_Term]:
    """By powers of the variable from the highest down; a coefficient's leading term is positive."""
    found = []
    for (power,), coefficient in sp.Poly(polynomial, variable).terms():
        expanded = sp.expand(coefficient)
        content, rest = expanded, sp.S.One
        if expanded.is_Add:
            content = sp.gcd_terms(expanded).as_independent(sp.Add, as_Add=False)[0]
            rest = sp.expand(expanded / content)
            if text.leading_sign(rest):
                content, rest = -content, sp.expand(-rest)
        negative = bool(content.as_coeff_Mul()[0] < 0)
        found.append(_Term(int(power), negative, -content if negative else content, rest))
    return found


def unused(label: str, *expressions: sp.Expr) -> str:
    """The label, longer by underscores where a parameter of the expressions has its name."""
    taken = {str(symbol) for expression in expressions for symbol in expression.free_symbols}
    while label in taken:
        label += "_"
    return label


def polynomial_body(polynomial: sp.Expr, variable: sp.Symbol, name: str, text: PythonText) -> list[str]:
    """A function's body that returns the polynomial; long coefficients get names."""
    lines: list[str] = []
    parts = []
    for term in _collected(polynomial, variable, text):
        part = term.written(name, text)
        if len(part) > WIDTH - 12:
            label = sp.Symbol(unused(f"c{term.power}", polynomial))
            lines += text.statement(f"{label} =", sp.expand(term.content * term.rest))
            part = _Term(term.power, False, label, sp.S.One).written(name, text)
        parts.append((term.negative, part))
    if parts[0][0] and not all(negative for negative, _ in parts):
        first = next(i for i, (negative, _) in enumerate(parts) if not negative)
        parts.insert(0, parts.pop(first))
    return lines + _sum_lines("return", parts)


def _sum_lines(head: str, parts: list[tuple[bool, str]]) -> list[str]:
    written = [("-" if parts[0][0] else "") + parts[0][1]]
    written += [f"{'-' if negative else '+'} {part}" for negative, part in parts[1:]]
    line = f"    {head} {' '.join(written)}"
    return (
        [line] if len(line) <= WIDTH else [f"    {head} (", *(f"        {part}" for part in written), "    )"]
    )


def r_transform_body(r_transform: sp.Expr, text: PythonText) -> list[str]:
    """R(g) as partial fractions, every denominator positive at g = 0 as papers print it."""
    total = sp.S.Zero
    for term in sp.Add.make_args(sp.apart(sp.together(r_transform), laws.g)):
        above, below = sp.fraction(sp.together(term))
        constant = sp.Poly(below, laws.g).coeff_monomial(1)
        sign = -1 if constant.is_negative or constant.could_extract_minus_sign() else 1
        total += sp.factor(sign * above) / sp.expand(sign * below)
    return text.statement("return", total)


def edge_body(edge: sp.Expr, text: PythonText) -> list[str] | None:
    polynomial = sp.Poly(edge, laws.x)
    if len(sp.Add.make_args(sp.expand(edge))) > LONGEST_EDGE_POLYNOMIAL:
        return None
    return polynomial_body(polynomial.as_expr(), laws.x, "x", text)


def plain_equation(equation: sp.Expr, text: PythonText) -> list[str]:
    """The equation in plain text, broken over lines where it is long."""
    parts = []
    for term in _collected(equation, G, text):
        parts.append((term.negative, term.written("G", text).replace("**", "^").replace(" * ", " ")))
    first = ("-" if parts[0][0] else "") + parts[0][1]
    pieces = [first, *(f"{'-' if negative else '+'} {part}" for negative, part in parts[1:]), "= 0"]
    lines = [""]
    for piece in (part for whole in pieces for part in _short(whole)):
        if lines[-1] and len(lines[-1]) + len(piece) > WIDTH - 10:
            lines.append("  ")
        lines[-1] += (" " if lines[-1].strip() else "") + piece
    return lines


def _short(piece: str) -> list[str]:
    """A term, in parts that begin with the signs inside its brackets where it is long for a line."""
    return [piece] if len(piece) <= WIDTH - 16 else re.split(r" (?=[+-] )", piece)
