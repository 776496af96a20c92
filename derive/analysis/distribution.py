"""Distribution function and potential in closed form, by a rational parametrisation of the curve.

rational free Levy laws                    z = R(g) + 1/g                         (`primitive`)
free Levy laws up to a mass at 0           the same for a mu + (1 - a) delta_0    (`companion`)
laws on [0, oo) of rational S-transform    z = (1 + t)/(t S(t)), t = z G - 1      (`moment_primitive`)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.signs import Undecided
from ..derivation import Section
from ..language.model import Model
from ..laws import Law, Levy
from .companion import companion_law
from .moment_primitive import by_moments
from .primitive import laisant


def distribution_function(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """The section of the first parametrisation that is found, with its closed forms.

    Raises `Undecided` where none is: the law's distribution function is an integral of the density then.
    """
    if isinstance(law, Levy):
        return laisant(model, law, equation)
    for found in (companion_law, by_moments):
        section, forms = found(model, law, equation)
        if forms:
            return section, forms
    raise Undecided(
        "no closed form is derived: no rational parametrisation of the curve was found (through g, the "
        "companion's g, or t = z G - 1)"
    )
