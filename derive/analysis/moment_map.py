"""z as a function of t = z G - 1, where the S-transform is rational: z = (1 + t) / (t S(t)).

On the negative axis t of a law on [0, oo) is the integral of s / (z - s) and rises from the mass at 0 minus 1
to 0 as z falls from 0 to -oo; right of the support it falls from oo or a critical value to 0.
"""

from __future__ import annotations

import sympy as sp

from ..algebra.polynomials import factor_list
from ..laws import G, z
from ..transforms.curves import t


def moment_map(equation: sp.Expr) -> sp.Expr | None:
    """z by t on the curve of an equation in (G, z); None where it is no rational function of t."""
    _, factors = factor_list(sp.numer(sp.together(equation.subs(G, (1 + t) / z))))
    mixed = [factor for factor, _ in factors if factor.has(z) and factor.has(t)]
    if len(mixed) != 1 or sp.degree(mixed[0], z) != 1:
        return None
    slope, rest = sp.Poly(mixed[0], z).all_coeffs()
    return sp.factor(-rest / slope)
