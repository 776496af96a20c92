"""What the module of a rational free Levy law holds: mean, poles, weights and rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp

from ..laws import Levy
from .python_text import WIDTH, PythonText


def levy_context(law: Levy, text: PythonText) -> dict[str, Any]:
    """What the template shows of the law alone."""

    def listed(head: str, items: Sequence[sp.Expr | None], last: str = ",") -> list[str]:
        parts = ["None" if item is None else text(item) for item in items]
        inner = ", ".join(parts) + ("," if len(parts) == 1 else "")
        line = f"        {head}=({inner}){last}"
        return (
            [line]
            if len(line) <= WIDTH
            else [f"        {head}=(", *(f"            {p}," for p in parts), f"        ){last}"]
        )

    return {
        "kernels_module": "levy.kernels",
        "kernels_class": "LevyKernels",
        "coefficients_class": "LevyCoefficients",
        "kernels_arguments": "",
        "bands": max(1, len(law.poles)),
        "every_outlier": None,  # there is one at most
        "atom_rows": 1,
        "law_text": [
            "It is a free Levy law, R(g) = m + sum_j c_j g / (1 - p_j g) with positive c_j: the branch is",
            "certified, and so are the edges, simple real solutions of sum_j c_j / (w - p_j)^2 = 1, w = 1/G.",
        ],
        "coefficients_body": [
            "    return LevyCoefficients(",
            f"        mean={text(law.mean)},",
            *listed("poles", law.poles),
            *listed("weights", law.weights),
            *listed("rates", law.rates),
            *_at_zero(law, text),
            "    )",
        ],
    }


def _at_zero(law: Levy, text: PythonText) -> list[str]:
    """The argument `at_zero`, without the sets of poles whose sums would not fit a line."""
    sums = {which: ", ".join(map(text, values)) for which, values in law.at_zero.items()}
    lines = [f"            {which}: ({values})," for which, values in sums.items()]
    lines = [line for line in lines if len(line) <= WIDTH]
    return ["        at_zero={", *lines, "        },"] if lines else ["        at_zero={},"]
