"""From the derivation of a sparse ensemble to the text of its module."""

from __future__ import annotations

from typing import Any

from ..derivation import Derivation
from ..language.model import ModelError
from ..language.sparse import SparseProduct
from ..laws import Functional
from ..typesetting.latex import latex, names_of
from .layout import common_context, environment
from .python_text import PythonText

MOST_FACTORS = 4
KERNELS = {"unit": "J_1(2 sqrt(p)) / sqrt(p)", "gaussian": "exp(-p) (I_0(p) - I_1(p))"}


def sparse_text(derivation: Derivation, law: Functional, command: str) -> str:
    """The text of the generated module."""
    return environment().get_template("sparse.py.jinja").render(_context(derivation, law, command))


def _context(derivation: Derivation, law: Functional, command: str) -> dict[str, Any]:
    names = names_of(derivation.model)
    text = PythonText([parameter.symbol for parameter in derivation.model.parameters])
    degrees, ratios = [text(degree) for degree in law.degrees], [text(ratio) for ratio in law.ratios]
    shown = r", \quad ".join(latex(equation, names) for equation in (*law.equations, law.transform))
    product = isinstance(derivation.model.expression, SparseProduct)
    if product:
        plain, units = _plain_product(law, degrees, ratios), _units(degrees, ratios)
    else:
        plain = _plain(law, degrees[0], ratios[0])
        units = f"max(1, 1 / sqrt({degrees[0]})" + (f", sqrt({ratios[0]}))" if law.squared else ")")
    return common_context(derivation, command, shown) | {
        "degree_text": " and ".join(dict.fromkeys(degrees)),
        "equation_text": plain,
        "units": units,
        "interface": law.interface,
        "squared": law.squared,
        "weights": law.weights,
        "eta": least_distance(law.weights, len(degrees)) if product else None,
        "tree": f"{_tuple(degrees)}, {_tuple(ratios)}" if product else f"{degrees[0]}, {ratios[0]}",
    }


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def least_distance(weights: str, factors: int) -> str:
    """Im sqrt(z) from which on G of a product is good to 1e-10, in its unit: measured, not derived."""
    if factors > MOST_FACTORS:
        raise ModelError(
            f"no module is made of a SparseProduct of {factors} factors: its evaluation was measured for "
            f"up to {MOST_FACTORS}; derive(model) gives its equations and moments"
        )
    return "0.0625" if weights == "unit" else str(0.125 * 2 ** max(factors - 1, 1))


def _units(degrees: list[str], ratios: list[str]) -> str:
    each = [f"max(1, 1 / {_closed(c)}, {r})" for c, r in zip(degrees, ratios, strict=True)]
    return f"sqrt({' * '.join(each)})"


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


def _plain_product(law: Functional, degrees: list[str], ratios: list[str]) -> list[str]:
    """The equations of a product in plain text."""
    last = len(degrees)
    lines = ["G(z) = -i / zeta int_0^oo exp(i zeta s - chi_1(s)) ds,    zeta = sqrt(z)"]
    for i, c in enumerate(degrees, 1):
        field = f"H[chi_{i + 1}](s) exp(-psi_{i}(s))" if i < last else f"exp(i zeta s - psi_{i}(s))"
        lines.append(f"chi_{i}(t) = int_0^oo t k(s t / {_closed(c)}) {field} ds")
    for i, (c, r) in enumerate(zip(degrees, ratios, strict=True), 1):
        field = f"H[psi_{i - 1}](s) exp(-chi_{i}(s))" if i > 1 else f"exp(i zeta s - chi_{i}(s))"
        lines.append(f"psi_{i}(t) = {_closed(r)} int_0^oo t k(s t / {_closed(c)}) {field} ds")
    if last > 1:
        lines.append("H[f](s) = int_0^oo J_0(2 sqrt(s u)) f'(u) exp(-f(u)) du")
    return [*lines, f"k(p) = {KERNELS[law.weights]}"]


def _closed(text: str) -> str:
    return text if text.isidentifier() or text.isdigit() else f"({text})"
