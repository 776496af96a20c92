"""Sums of free rectangular matrices: information plus noise, and the theorem behind it.

With psi(u) = sum m_n u^n of F F' per row and c = rows/columns, the rectangular R-transform C is defined by
C(h) = psi at h = u (1 + psi)(1 + c psi); it is additive (Benaych-Georges 2009). In the coordinates t = psi
and s of the S-transform h = t s (1 + c t), so that everything is algebra. A Gaussian factor has C(h) = m_1 h.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.expansions import cumulants_from_moments, moments_from_rectangular, rectangular_from_moments
from ..algebra.plain import cancelled
from ..algebra.signs import Point
from ..derivation import Step
from ..language.rectangles import RectangularSum
from . import rectangular_freeness
from .curves import Setting, s, t, u, y
from .reading import (
    Cumulants,
    Later,
    Reading,
    below,
    chosen,
    equal,
    field_of,
    from_s_to_r,
    moments_of,
    number,
    primitive,
    root_of,
    shown_relation,
    spoken,
)
from .rectangular import gram

SOURCE = "Benaych-Georges (2009), Rectangular random matrices, related convolution"


@gram.register
def _(node: RectangularSum, label: str, setting: Setting) -> Reading:
    parts = [gram(part, below(label, i), setting) for i, part in enumerate(node.parts)]
    steps = [step for part in parts for step in part.steps]
    steps.append(rectangular_freeness.addition)
    aspect = cancelled(node.rows / node.columns)
    done = reduce(lambda a, b: _add(setting, label, a, b, aspect, steps), parts)
    last = steps.pop()
    steps.append(lambda: _sum_step(done, parts, aspect, last()))
    done.steps = steps
    return done


def _sum_step(done: Reading, parts: Sequence[Reading], aspect: sp.Expr, last: Step | Sequence[Step]) -> Step:
    """The step of the whole sum, with the certificate of its last elimination."""
    assert isinstance(last, Step)
    terms = sp.Add(*(sp.Function(f"C_{part.label}")(sp.Symbol("h")) for part in parts))
    return Step(
        f"Sum of rectangular matrices: {spoken(done.label)} = F F'",
        "The terms of F are free over rows and columns: their rectangular R-transforms add, C(h) = psi(u) at "
        "h = u (1 + psi)(1 + c psi), c = rows/columns. The resultant eliminates one, and the factor that "
        "vanishes on the expansion at infinity is the law's.",
        (
            equal(sp.Symbol("c"), aspect),
            equal(sp.Function(f"C_{done.label}")(sp.Symbol("h")), terms),
            shown_relation(done),
        ),
        last.certificate,
        source=SOURCE,
    )


def _add(
    setting: Setting, label: str, a: Reading, b: Reading, aspect: sp.Expr, steps: list[Later]
) -> Reading:
    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        c = number(setting, aspect, point)
        series = (rectangular_from_moments(moments_of(part, n, point), c, zero, one) for part in (a, b))
        total = [x + x_other for x, x_other in zip(*series, strict=True)]
        return cumulants_from_moments(moments_from_rectangular(total, c, zero, one), zero, one)

    relation, irreducible = _relation(setting, _in_h(setting, a, aspect), _in_h(setting, b, aspect))
    c, small_t, small_s, one = (*map(setting.fraction, (aspect, t, s)), setting.one)
    back = setting.substitute(relation, {u: small_t * small_s * (one + c * small_t)})
    cleared = small_t.numerator, (one + c * small_t).numerator  # factors in t alone that came in by it
    back = from_s_to_r(setting, primitive(setting, back, s, *cleared))
    kept: Cumulants = cumulants
    reading, certificate = chosen(setting, label, back, kept, [], irreducible)
    steps.append(
        lambda: Step(
            f"Terms of {spoken(label)}",
            "The resultant eliminates the rectangular R-transform of the last of the terms so far.",
            shown_relation(reading),
            certificate(),
        )
    )
    return reading


def _in_h(setting: Setting, part: Reading, aspect: sp.Expr) -> fmpz_mpoly:
    """The relation between t and h (written u)."""
    small_t, one = setting.fraction(t), setting.one
    cleared = one + setting.fraction(aspect) * small_t
    moved = setting.substitute(part.s_relation, {s: setting.fraction(u) / (small_t * cleared)})
    return primitive(setting, moved, u, small_t.numerator, cleared.numerator)


def _relation(setting: Setting, first: fmpz_mpoly, second: fmpz_mpoly) -> tuple[fmpz_mpoly, bool]:
    """Between t_1 + t_2 (written t) and h, and whether it is irreducible."""
    small_t, value = setting.fraction(t), setting.fraction(y)
    for one, other in ((first, second), (second, first)):
        root = root_of(setting, one, t)
        if root is not None:
            return primitive(setting, setting.substitute(other, {t: small_t - root}), t), True
    left = setting.substitute(first, {t: value})
    right = setting.substitute(second, {t: small_t - value})
    return left.resultant(right, f"x{setting.ring.index(y)}"), False
