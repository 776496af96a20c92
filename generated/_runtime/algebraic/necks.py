"""Necks: where two complex branch points pinch the axis without meeting, a cusp that is almost there.

Within the distance eta of such a pair c +- i eta the density changes from one scale to another, and in
doubles around a distant edge neither c nor the small density keep their digits. So a neck becomes a
centre of its own: c is a real root of D' with no root of D beside it, D(c) = (eta^2 / 2) D''(c) to first
order, and the chart's value is the real root of a derivative of P(., c) in G nearest to the branch.
"""

from __future__ import annotations

from fractions import Fraction
from math import log2
from typing import Any

import numpy as np

from ..arithmetic.exact_roots import Integers, derivative, numerator, real_roots, squarefree
from .branch import follow, newton
from .charts import Chart, Rows, close_roots, normalised, remainders, shifted, to_floats
from .singular import Infinity, Singular, around, descended

Array = np.ndarray[Any, Any]

CLOSE = 0.02  # a pair farther than this part of the distance to the next singular point is no neck


def necks(rows: Rows, edge: Integers, far: Infinity, points: list[Singular], scale: float) -> list[Singular]:
    """Centres for the necks inside the bands between singular points; none if there is none."""
    fixed = normalised(rows)
    charts = []
    for place, eta in _pinches(edge, points):
        guess = _above(fixed, far, place, max(10 * eta, 1e-9 * scale), scale)
        if guess is None:
            continue
        value = close_roots(fixed, place, guess)
        if value:
            inverse = abs(float(value)) * scale > 1
            centre: Fraction | None = 1 / value if inverse else value
        else:  # G is imaginary there, as in the middle of a symmetric law, and so is 1/G
            inverse = abs(guess) * scale > 1
            centre = close_roots(fixed[::-1], place, 1 / guess) if inverse else value
        if centre is None:
            continue
        about = shifted(fixed, Fraction(0), place)
        table = shifted(fixed[::-1] if inverse else fixed, centre, place)
        b, plain = to_floats(table), to_floats(about)
        charts.append(
            Chart(
                place=place,
                value=centre,
                inverse=inverse,
                b=b,
                b_low=remainders(table, b),
                plain=plain,
                plain_low=remainders(about, plain),
                multiplicity=1,
                cluster=np.inf,
                radius=eta / 4,
            )
        )
    if not charts:
        return []
    u, proved = descended(far, charts, 2.0 * scale, np.array([chart.radius for chart in charts]))
    kept = [i for i in range(len(charts)) if proved[i]]
    found = around([charts[i] for i in kept], u[kept], [], regular=True)
    return [point for point in found if point.ramification == 1 and point.band_left and point.band_right]


def _pinches(edge: Integers, points: list[Singular]) -> list[tuple[Fraction, float]]:
    """Places c and distances eta of pairs that are close to the axis, in bands."""
    if not edge[0] and all(point.chart.place for point in points):
        edge = edge[1:]  # at 0 other branches are singular, as where the law is symmetric
    slope = derivative(edge)
    if len(slope) < 2:
        return []
    curvature = derivative(slope)
    found = []
    for place in real_roots(squarefree(slope)):
        right = next((k for k, point in enumerate(points) if point.chart.place > place), 0)
        if not right or not points[right].band_left:
            continue
        value, bend = 2 * numerator(edge, place), numerator(curvature, place)
        if not value or not bend or (value > 0) != (bend > 0):
            continue
        # numerators over the powers n and n - 2 of the denominator
        eta = 2.0 ** ((log2(abs(value)) - log2(abs(bend))) / 2 - log2(place.denominator))
        near = min(abs(float(point.chart.place - place)) for point in points[right - 1 : right + 1])
        if eta < CLOSE * near:
            found.append((place, float(eta)))
    return found


def _above(
    fixed: list[list[int]], far: Infinity, place: Fraction, height: float, scale: float
) -> complex | None:
    """G at place + i height."""
    b = to_floats(shifted(fixed, Fraction(0), place))
    g, _, _ = far.start(np.array([float(place) + 2j * scale]))
    u, _ = newton(b, g, np.array([2j * scale]))
    u, _, proved = follow(b, u, np.array([2j * scale]), np.array([1j * height]))
    return complex(u[0]) if proved[0] else None
