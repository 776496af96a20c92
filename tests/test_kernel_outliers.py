"""Outliers next to their thresholds, against certified values."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

import numpy as np
import pytest
from flint import arb, ctx

from generated._runtime.levy.outliers import outliers
from verify.exact import ball, rational
from verify.precise import Law

# Ratios beside those of a hard edge, where 1 - Phi next to the threshold is the small sum of large terms.
CASES: list[tuple[str, dict[str, float]]] = [
    ("relu_residual", {"eps": 1.654645494948364, "phi": 1.0000000000582077}),
    ("relu_hessian", {"eps": 1.9392511736097967e-10, "phi": 2.000000000001819, "sigma": 1.8088607535033077}),
    ("relu_hessian", {"eps": 4.84856115329149e-07, "phi": 1.999999999998181, "sigma": 45.44756335865767}),
    ("wishart_wigner", {"eps": 0.12499945746445212, "phi": 1.085073464718914e-06}),
]


def worst(name: str, values: dict[str, float], law: Any) -> float:
    """The largest relative error of places and overlaps within some ulp of the thresholds, on both sides."""
    coefficients = Law(name, **values).coefficients
    errors = []
    with ctx.workprec(600):
        mean, jumps = coefficients.balls()
        ends = np.array([float(w.mid()) for w in coefficients.critical_points()])
        steps = np.array([-9, -2, -1, 0, 1, 2, 9])[:, None]
        theta = (ends + steps * np.spacing(np.abs(ends))).ravel()
        for found in zip(theta.tolist(), *outliers(law, theta), strict=True):
            at = arb(rational(found[0]))
            place = at + mean + sum((c / (at - p) for p, c in jumps), arb(0))
            overlap = 1 - sum((c / (at - p) ** 2 for p, c in jumps), arb(0))
            if overlap < 0:
                assert np.isnan(found[1:]).all()
                continue
            for got, exact in zip(found[1:], (place, overlap), strict=True):
                errors.append(abs(float(((ball(rational(got)) - exact) / exact).mid())))
    return max(errors)


@pytest.mark.parametrize(("name", "values"), CASES)
def test_overlaps_an_ulp_from_the_threshold(name: str, values: dict[str, float]) -> None:
    law = importlib.import_module(f"generated.{name}")._FAMILY.prepared(*values.values())
    assert worst(name, values, law) <= 2e-14


def test_a_planted_error_is_seen() -> None:
    name, values = CASES[1]
    law = importlib.import_module(f"generated.{name}")._FAMILY.prepared(*values.values())
    centres = dataclasses.replace(law.centres, bend_lo=np.zeros_like(law.centres.bend_lo))
    assert worst(name, values, dataclasses.replace(law, centres=centres)) > 1e-12
