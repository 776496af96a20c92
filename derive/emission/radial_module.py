"""From the derivation of complex eigenvalues to the text of their module."""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..derivation import Derivation
from ..laws import Radial
from ..typesetting.latex import latex, names_of
from .layout import common_context, environment
from .python_text import WIDTH, PythonText


def radial_text(derivation: Derivation, law: Radial, command: str) -> str:
    """The text of the generated module."""
    return environment().get_template("radial.py.jinja").render(_context(derivation, law, command))


def _context(derivation: Derivation, law: Radial, command: str) -> dict[str, Any]:
    mass, r = sp.symbols("mass r", positive=True)
    text = PythonText([mass, r, *(parameter.symbol for parameter in derivation.model.parameters)])
    shown = latex(sp.Eq(derivation.equation, 0, evaluate=False), names_of(derivation.model))
    body = text.statement("return", r**2 - law.radius_squared(mass))
    plain = text(law.radius_squared(mass)).replace("mass", "F").replace("**", "^").replace(" * ", " ")
    sizes = [text(size) for size in law.sizes]
    coefficients = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
    short = f"    return {coefficients}, {text(law.scale)}"
    return common_context(derivation, command, shown) | {
        "equation_lines": _wrapped(f"r^2 = {plain}"),
        "equation_body": body if all(len(line) <= WIDTH for line in body) else None,
        "names": ", ".join(parameter.name for parameter in derivation.model.parameters),
        "coefficients_body": [short]
        if len(short) <= WIDTH
        else [f"    sizes = {coefficients}", f"    return sizes, {text(law.scale)}"],
    }


def _wrapped(line: str) -> list[str]:
    """A product over several lines, broken before a factor."""
    lines = [line]
    while len(lines[-1]) > WIDTH - 8:
        at = lines[-1].rfind(" (", 0, WIDTH - 8)
        if at <= 0:
            break
        lines[-1:] = [lines[-1][:at], "      " + lines[-1][at + 1 :]]
    return lines
