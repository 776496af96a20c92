"""What the module of a general algebraic law holds: the coefficients of its polynomials, and its branch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp

from .. import laws
from ..derivation import Derivation
from ..laws import Algebraic, G, z
from .formulas import LONGEST_EDGE_POLYNOMIAL, unused
from .python_text import WIDTH, PythonText


def algebraic_context(derivation: Derivation, text: PythonText) -> dict[str, Any]:
    """What the template shows of the law alone."""
    polynomial, rows = sp.Poly(derivation.equation, G, z), _rows(derivation.equation)
    edge = derivation.closed_forms.get("edge_polynomial")
    factors = (
        [] if edge is None else [sp.Poly(factor, laws.x) for factor, _ in sp.factor_list(edge, laws.x)[1]]
    )
    edges = [list(reversed(factor.all_coeffs())) for factor in factors if factor.degree() > 0]
    if sum(len(sp.Add.make_args(sp.expand(c))) for factor in edges for c in factor) > LONGEST_EDGE_POLYNOMIAL:
        edges = []  # computed by the runtime, exactly, for the parameters at hand
    branch_points = sum(len(factor) - 1 for factor in edges) or 2 * polynomial.degree(G) * polynomial.degree(
        z
    )
    named: list[str] = []

    def nested(head: str, table: list[list[sp.Expr]], letter: str = "") -> list[str]:
        lines = []
        for i, row in enumerate(table):
            items = []
            for j, item in enumerate(row):
                written = text(item)
                if len(written) > WIDTH - 20:
                    label = unused(f"{letter or head[0]}{i}_{j}", derivation.equation)
                    named.extend(text.statement(f"{label} =", sp.expand(item)))
                    written = label
                items.append(written)
            line = f"            ({', '.join(items)}{',' if len(items) == 1 else ''}),"
            lines += (
                [line]
                if len(line) <= WIDTH
                else ["            (", *(f"                {item}," for item in items), "            ),"]
            )
        if len(lines) == 1 and len(line := f"        {head}=({lines[0].strip()}),") <= WIDTH:
            return [line]
        return [f"        {head}=(", *lines, "        ),"] if lines else [f"        {head}=(),"]

    before, branch = _branch(derivation, nested)
    body = [
        "    return AlgebraicCoefficients(",
        *nested("rows", rows),
        *nested("edges", edges),
        *branch,
        "    )",
    ]
    return {
        "kernels_module": "algebraic.kernels",
        "kernels_class": "AlgebraicKernels",
        "coefficients_class": "AlgebraicCoefficients",
        "kernels_arguments": f", bands={max(1, branch_points // 2)}, atoms={max(1, polynomial.degree(z))}",
        "bands": max(1, branch_points // 2),
        "every_outlier": max(1, branch_points // 2) + max(1, polynomial.degree(z)),
        "atom_rows": max(1, polynomial.degree(z)),
        "law_text": [
            "It is an algebraic law outside the rational free Levy class: the branch is continued from",
            "infinity, each step proved by Rouche's inequality in double precision, and the law is tabulated",
            "between its singular points. A frozen law says what is certified (`certificates`) and what",
            "is not (`uncertified`). Distribution functions are integrals of the tables: their absolute",
            "error, measured and not proved, is at most 1e-12; a frozen law tells the defect of its mass.",
        ],
        "coefficients_body": named + before + body,
    }


def _rows(equation: sp.Expr) -> list[list[sp.Expr]]:
    """The coefficients of G^i z^j."""
    polynomial = sp.Poly(equation, G, z)
    return [
        [polynomial.coeff_monomial(G**i * z**j) for j in range(polynomial.degree(z) + 1)]
        for i in range(polynomial.degree(G) + 1)
    ]


def _branch(derivation: Derivation, nested: Any) -> tuple[list[str], list[str]]:
    """Statements, and arguments of the coefficients, that tell the branch by its mean; none for most laws."""
    law = derivation.law
    if not isinstance(law, Algebraic) or law.mean is None:
        return [], []
    symbols = [p.symbol for p in derivation.model.parameters]
    names = {value.symbol: unused(f"g{k}", *symbols) for k, value in enumerate(law.values, 1)}
    text = PythonText([*symbols, *names], dict(names))
    statements: list[str] = []

    def function(label: str, arguments: Iterable[str], mean: sp.Expr) -> str:
        listed = ", ".join(f"{name}: Any" for name in arguments)
        body = text.statement("return", sp.together(mean), indent=8)
        statements.extend(
            [*([""] if statements and statements[-1] else []), f"    def {label}({listed}) -> Any:"]
        )
        statements.extend([*body, ""])
        return label

    pairs = []
    for k, value in enumerate(law.values, 1):
        label, mean = unused(f"rows{k}", *symbols), "None"
        first, *rest = nested(label, _rows(value.polynomial), letter=f"v{k}_")
        lines = [line[4:] for line in [first.replace("=(", " = (", 1), *rest]]
        statements += [*lines[:-1], lines[-1].removesuffix(",")]
        if value.mean is not None:
            before = [names[earlier.symbol] for earlier in law.values[: k - 1]]
            mean = function(unused(f"mean{k}", *symbols), before, value.mean)
        pairs.append(f"({label}, {mean})")
    own = function(unused("mean", *symbols), names.values(), law.mean)
    listed = f"({pairs[0]},)" if len(pairs) == 1 else f"({', '.join(pairs)})"
    return statements, [f"        mean={own},", f"        values={listed},"]
