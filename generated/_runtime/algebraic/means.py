"""Means that are algebraic numbers: which branch is the law's where several have G ~ 1/z at infinity.

The mean of an inverse is -G(0) of the law that is inverted. Its branch is continued from infinity to 0, and
the value refined as a root of P(., 0) to the precision of the charts.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..coefficients import AlgebraicCoefficients
from .at_infinity import refined
from .branch import follow, newton
from .charts import Rows, normalised, to_floats
from .power_series import moments_at_infinity
from .singular import FAR_STEPS, infinity

LEANS = (0.0, 0.43, -0.57, 1.1)


def mean_of(coefficients: AlgebraicCoefficients) -> Fraction | None:
    """The mean of the law, None where its equation has one branch with G ~ 1/z and needs none.

    Raises `ArithmeticError` where a value at 0 could not be told from others.
    """
    if coefficients.mean is None:
        return None
    found: list[Fraction] = []
    for rows, mean in coefficients.values:
        exact = [[Fraction(value) for value in row] for row in rows]
        found.append(value_at_zero(exact, None if mean is None else Fraction(mean(*found))))
    return Fraction(coefficients.mean(*found))


def value_at_zero(rows: Rows, mean: Fraction | None = None) -> Fraction:
    """G(0) of a law without 0 in its support, to `at_infinity.DIGITS` bits; errors as `mean_of`.

    mean: of the law, where several branches have G ~ 1/z.
    """
    far = infinity(rows, Fraction(0), mean)
    plain = to_floats(normalised(rows))
    height = float(moments_at_infinity(rows, 2, mean)[2]) ** 0.5
    for lean in LEANS:
        z = np.array([height * complex(lean, 1.0)])
        g, _, known = far.start(z)
        if not known[0]:
            continue
        g, _ = newton(plain, g, z)
        g, error, proved = follow(plain, g, z, np.zeros(1, dtype=complex), FAR_STEPS)
        if proved[0] and abs(g[0].imag) <= error[0]:
            guess, doubt = Fraction(float(g[0].real)), Fraction(float(error[0]))
            if abs(guess) <= doubt and not rows[0][0]:
                return Fraction(0)  # the only root that near
            return refined([row[0] for row in rows], guess, max(abs(guess), 10**6 * doubt))
    raise ArithmeticError(
        "the value at 0 of a law that is inverted could not be told from other branches; move the "
        "parameters, or shift the matrix"
    )
