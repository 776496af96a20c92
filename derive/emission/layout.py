"""What the templates of all kinds of law share: signatures, parameters and sentences, laid out in lines."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from fractions import Fraction
from importlib import resources
from typing import Any

import jinja2

from ..derivation import Derivation
from ..language.parameters import Parameter
from ..laws import Algebraic, Functional, Radial
from .python_text import WIDTH


def environment() -> jinja2.Environment:
    """Templates of texts that are not HTML."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(str(resources.files("derive") / "templates")),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Python text, not HTML
    )
    environment.filters["doc"] = _doc
    return environment


def common_context(derivation: Derivation, command: str, equation: str) -> dict[str, Any]:
    """What the templates of all kinds of law show; `equation` in LaTeX."""
    model = derivation.model
    kinds = {Algebraic: "algebraic/", Functional: "functional/", Radial: "radial/"}
    folder = kinds.get(type(derivation.law), "")
    shipped = f"derive/models/{folder}{model.name}.py"
    return {
        "title": model.title,
        "name": model.name,
        "source": str(model.source) if model.source else "a model file",
        "origin": shipped if command == "make regenerate" else f"{model.name}.py",
        "command": command,
        "limits": [item(limit) for limit in derivation.limits],
        "parameters": [_described(parameter) for parameter in model.parameters],
        "parameter_lines": _parameter_lines(model.parameters),
        "arguments": signature(model.parameters, "ArrayLike"),
        "bare_arguments": signature(model.parameters, "Any"),
        "tuple": _tuple(model.parameters),
        "latex_lines": _latex_lines(equation),
        "quoted": quoted,
        "head": head,
    }


def signature(parameters: Sequence[Parameter], kind: str) -> str:
    return ", ".join(
        f"{p.name}: {kind}" + (f" = {number(p.default)}" if p.default is not None else "") for p in parameters
    )


def head(name: str, arguments: str, returns: str) -> str:
    """The line of a `def`, broken as the formatter breaks it; wrong calls of public ones are explained."""
    arguments = ", ".join(argument for argument in arguments.split(", ") if argument)
    mark = "" if name.startswith("_") else "@explained\n"
    line = f"def {name}({arguments}) -> {returns}:"
    if len(line) <= WIDTH:
        return mark + line
    if len(arguments) + 4 <= WIDTH:
        return f"{mark}def {name}(\n    {arguments}\n) -> {returns}:"
    parts = "".join(f"    {argument},\n" for argument in arguments.split(", "))
    return f"{mark}def {name}(\n{parts}) -> {returns}:"


def _tuple(parameters: Sequence[Parameter]) -> str:
    names = ", ".join(p.name for p in parameters)
    return f"({names},)" if len(parameters) == 1 else f"({names})"


def number(value: int | Fraction) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))


def _described(parameter: Parameter) -> dict[str, Any]:
    default = None if parameter.default is None else number(parameter.default)
    return {
        "name": parameter.name,
        "domain": parameter.domain,
        "default": default,
        "meaning": parameter.meaning or "real",
    }


def _parameter_lines(parameters: Sequence[Parameter]) -> list[str]:
    """The assignment of PARAMETERS."""
    rows = []
    for parameter in parameters:
        fields = [
            f'"{parameter.name}"',
            _raw(parameter.latex),
            f'"{parameter.domain}"',
            "None" if parameter.default is None else repr(float(parameter.default)),
            quoted(parameter.meaning),
        ]
        rows.append((fields, f"Parameter({', '.join(fields)})"))
    if not rows:
        return ["PARAMETERS = ()"]
    if len(rows) == 1 and len(line := f"PARAMETERS = ({rows[0][1]},)") <= WIDTH:
        return [line]
    lines = []
    for fields, row in rows:
        if len(row) + 5 <= WIDTH:
            lines.append(f"    {row},")
        else:
            lines += ["    Parameter(", *(f"        {field}," for field in fields), "    ),"]
    return ["PARAMETERS = (", *lines, ")"]


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _doc(text: str) -> str:
    """Text as it is written inside a docstring."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _raw(text: str) -> str:
    return f'r"{text}"' if "\\" in text and '"' not in text and text[-1] != "\\" else quoted(text)


def _latex_lines(latex: str) -> list[str]:
    line = f"LATEX = {_raw(latex)}"
    if len(line) <= WIDTH:
        return [line]
    pieces, rest = [], latex
    while rest:
        cut = len(rest) if len(rest) <= WIDTH - 8 else max(rest.rfind(" ", 0, WIDTH - 8), 1)
        pieces.append(rest[:cut])
        rest = rest[cut:]
    return ["LATEX = (", *(f"    {_raw(piece)}" for piece in pieces), ")"]


def item(sentence: str) -> str:
    """A sentence as an item of a list, over as many lines as it needs."""
    return textwrap.fill(sentence, WIDTH - 2, initial_indent="- ", subsequent_indent="  ")
