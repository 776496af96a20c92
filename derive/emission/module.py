"""From a derivation to the text of one module: a pure function, the same bytes every time.

1. polynomials and closed forms become Python text (`python_text`), the equation also plain text;
2. the template `templates/module.py.jinja` lays out the functions of the interface;
3. `package` adds the package's own file and the runtime, copied as it is.

The text needs no formatter: it is stable under the project's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import sympy as sp

from .. import laws
from ..derivation import Derivation
from ..language.model import KINDS, ModelError
from ..laws import Functional, G, Levy, Radial, Smoothed, z
from ..typesetting.latex import latex, names_of
from .algebraic_module import algebraic_context
from .critical_energy import critical_context
from .formulas import edge_body, plain_equation, polynomial_body, r_transform_body
from .layout import common_context, environment
from .levy_module import levy_context
from .python_text import PythonText
from .radial_module import radial_text
from .sparse_module import sparse_text

# What only the modules of a kind of law hold.
_MARKS = {
    "algebraic": "\n    return AlgebraicKernels(",
    "functional": "\n_FAMILY = FunctionalFamily(",
    "radial": "\n_FAMILY = RadialFamily(",
}

HEADER = "Written by `{command}`; do not edit."


def module_text(derivation: Derivation, command: str = "make regenerate") -> str:
    """The text of the generated module of a derivation."""
    if isinstance(derivation.law, Smoothed):
        raise ModelError(
            f"no module is made of {derivation.model.title!r}, which has no moments, for its Cauchy part; "
            "its G at z is that of the other part at z + i times the scale: make the module of that"
        )
    if isinstance(derivation.law, Functional):
        return sparse_text(derivation, derivation.law, command)
    if isinstance(derivation.law, Radial):
        return radial_text(derivation, derivation.law, command)
    return environment().get_template("module.py.jinja").render(context(derivation, command))


def package(derivations: Sequence[Derivation], command: str = "make regenerate") -> dict[str, str]:
    """All files of a generated package, by path relative to it."""
    files = {f"{d.model.name}.py": module_text(d, command) for d in derivations}
    listed: dict[str, list[str]] = {}
    for d in derivations:
        listed.setdefault(kind_of(files[f"{d.model.name}.py"]), []).append(d.model.name)
    files["__init__.py"] = package_text(listed, command)
    files |= runtime_files()
    return dict(sorted(files.items()))


def kind_of(text: str) -> str:
    """The kind of law (`derive.language.model.KINDS`) of the text of a generated module; "" for most."""
    return next((kind for kind, mark in _MARKS.items() if mark in text), "")


def package_text(names: Mapping[str, Iterable[str]], command: str) -> str:
    """The text of the package's `__init__.py`, from the names of its modules by kind."""
    listed = [
        line for kind in ("", *KINDS) for line in _listed(kind.upper() or "MODELS", names.get(kind, ()))
    ]
    return "\n".join(
        [
            '"""Evaluators of limiting spectra, one module a model; NumPy is all they need.',
            "",
            f"{HEADER.format(command=command)}",
            '"""',
            "",
            *listed,
            "",
        ]
    )


def _listed(what: str, names: Iterable[str]) -> list[str]:
    listed = [f'    "{name}",' for name in sorted(names)]
    if len(listed) > 1:
        return [f"{what} = (", *listed, ")"]
    return [f"{what} = ({''.join(listed).strip()})"]


def runtime_files() -> dict[str, str]:
    """The runtime's files as they are, by path in the generated package."""
    folder = Path(str(resources.files("derive"))) / "runtime"
    return {
        f"_runtime/{file.relative_to(folder).as_posix()}": file.read_text(encoding="utf-8")
        for file in folder.rglob("*.py")
    }


def context(derivation: Derivation, command: str) -> dict[str, Any]:
    """What a template shows of a derivation; bodies of functions are lines of Python text."""
    model, law = derivation.model, derivation.law
    assert not isinstance(law, (Functional, Radial, Smoothed))
    symbols = [parameter.symbol for parameter in model.parameters]
    text = PythonText([z, laws.x, *symbols, laws.g])
    kind = levy_context(law, text) if isinstance(law, Levy) else algebraic_context(derivation, text)
    edge = derivation.closed_forms.get("edge_polynomial")
    critical = critical_context(derivation)
    r_transform = derivation.closed_forms.get("r_transform")
    body = "\n".join(kind["coefficients_body"] + (critical["body"] if critical else []))
    shown = latex(sp.Eq(derivation.equation, 0, evaluate=False), names_of(model))
    return {
        **common_context(derivation, command, shown),
        "equation_text": plain_equation(derivation.equation, text),
        "equation_body": polynomial_body(derivation.equation, G, "g", text),
        "edge_body": edge_body(edge, text) if edge is not None else None,
        "r_transform": None if r_transform is None else r_transform_body(r_transform, text),
        "critical": critical,
        "prefactor": critical["prefactor"] if critical else None,
        "needs_sqrt": "sqrt(" in body,
        "nonnegative": "multiplicative_outlier" in derivation.closed_forms,
        **kind,
    }
