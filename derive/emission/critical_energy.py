"""The functions of a critical energy and of its prefactor, where they have closed forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from ..derivation import Derivation
from ..language.parameters import Parameter
from .formulas import unused
from .layout import signature
from .python_text import PythonText, radicals


def critical_context(derivation: Derivation) -> dict[str, Any] | None:
    """The critical energy's function, and its prefactor's, if they have closed forms."""
    forms, model = derivation.closed_forms, derivation.model
    if "critical_energy" not in forms:
        return None
    energy = next(p for p in model.parameters if p.role == "energy")
    others = tuple(p for p in model.parameters if p is not energy)
    facts = forms["critical_condition"] or (others[0].symbol,)  # none beyond the domain itself
    text = PythonText([p.symbol for p in others])
    names = ", ".join(p.name for p in others)
    sources = [stated.source for stated in model.stated if stated.what == "critical_energy"]
    first = model.parameters.index(others[0])
    run = model.parameters[first : first + len(others)] == others
    chosen = f"PARAMETERS[{first}:]" if run and model.parameters[-1] is others[-1] else None
    body = _closed_form_body(forms["critical_energy"], others)
    return {
        "energy": energy.name,
        "arguments": signature(others, "ArrayLike"),
        "bare_arguments": signature(others, "Any"),
        "names": names if len(others) > 1 else f"{names},",
        "parameters": chosen or f"({', '.join(f'PARAMETERS[{model.parameters.index(p)}]' for p in others)},)",
        "inside": _all_of([_condition(fact, text) for fact in facts]),
        "condition": " and ".join(_condition(fact, text) for fact in facts) or "all parameters",
        "source": f"Source: {', '.join(str(source) for source in sources)}." if sources else "",
        "formula": _plain_formula(body),
        "body": body,
        "prefactor": _prefactor_body(forms, others),
    }


def _prefactor_body(forms: Mapping[str, Any], parameters: Sequence[Parameter]) -> dict[str, Any] | None:
    if "index_prefactor" not in forms:
        return None
    body = _closed_form_body(forms["index_prefactor"], parameters)
    return {"body": body, "formula": _plain_formula(body)}


def _closed_form_body(expression: sp.Expr, parameters: Sequence[Parameter]) -> list[str]:
    """A function's body for a closed form, its square roots of sums named."""
    roots = radicals(expression)
    names = {root: unused("W" if len(roots) == 1 else f"W{i}", expression) for i, root in enumerate(roots, 1)}
    symbols = [parameter.symbol for parameter in parameters]
    lines = []
    for root, name in names.items():
        lines += PythonText(symbols).statement(f"{name} =", root)
    return lines + PythonText(symbols, names).statement("return", expression)


def _plain_formula(body: list[str]) -> str:
    """The formula of a closed form's body in plain text."""
    *definitions, value = (line.strip() for line in body)
    text = value.removeprefix("return ") + "".join(f", {line}" for line in definitions)
    return text.replace(" ** ", "^").replace("**", "^").replace(" * ", " ")


def _all_of(conditions: list[str]) -> str:
    return " & ".join(f"({condition})" for condition in conditions) if len(conditions) > 1 else conditions[0]


def _condition(positive: sp.Expr, text: PythonText) -> str:
    """`positive > 0` as one would write it."""
    rest = 1 - positive
    return f"{rest} < 1" if rest.is_Symbol else f"{text(positive)} > 0"
