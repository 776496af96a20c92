"""From the derivation of a sparse ensemble to the text of its module."""

from __future__ import annotations

from typing import Any

from .derivation import Derivation
from .emit import common_context, environment
from .latex import latex, names_of
from .laws import Functional
from .python_text import PythonText

KERNELS = {"unit": "J_1(2 sqrt(p)) / sqrt(p)", "gaussian": "exp(-p) (I_0(p) - I_1(p))"}


def sparse_text(derivation: Derivation, law: Functional, command: str) -> str:
    """The text of the generated module."""
    return environment().get_template("sparse.py.jinja").render(_context(derivation, law, command))


def _context(derivation: Derivation, law: Functional, command: str) -> dict[str, Any]:
    names = names_of(derivation.model)
    text = PythonText([parameter.symbol for parameter in derivation.model.parameters])
    degree, ratio = text(law.degree), text(law.ratio)
    shown = r", \quad ".join(latex(equation, names) for equation in (*law.equations, law.transform))
    return common_context(derivation, command, shown) | {
        "degree_text": degree,
        "equation_text": _plain(law, degree, ratio),
        "units": f"1, 1 / sqrt({degree})" + (f", sqrt({ratio})" if law.squared else ""),
        "interface": law.interface,
        "squared": law.squared,
        "weights": law.weights,
        "tree": f"{degree}, {ratio}",
    }


def _plain(law: Functional, degree: str, ratio: str) -> list[str]:
    """The equations in plain text."""
    kernel = f"k(s t / {_closed(degree)})"
    if law.squared:
        lines = [
            "G(z) = -i / zeta int_0^oo exp(i zeta s - chi(s)) ds,    zeta = sqrt(z)",
            f"chi(t) = int_0^oo t {kernel} exp(i zeta s - psi(s)) ds",
            f"psi(t) = {_closed(ratio)} int_0^oo t {kernel} exp(i zeta s - chi(s)) ds",
        ]
    else:
        lines = [
            "G(z) = -i int_0^oo exp(i z s - chi(s)) ds,    Im z > 0",
            f"chi(t) = int_0^oo t {kernel} exp(i z s - chi(s)) ds",
        ]
    return [*lines, f"k(p) = {KERNELS[law.weights]}"]


def _closed(text: str) -> str:
    return text if text.isidentifier() or text.isdigit() else f"({text})"
