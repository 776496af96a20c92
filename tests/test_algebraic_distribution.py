"""The stated error of the distribution functions of algebraic laws, held against G off the axis."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import generated
from tests.test_user_models import generated_module

STATED = 1e-12
PARTS = np.array([0.01, 0.1, 0.3, 0.5, 0.77, 0.95, 0.999])
NODES = np.linspace(-4.2, 4.2, 600)


def by_the_transform(law: Any, x: float, width: float) -> float:
    """1/2 + (1/pi) int_0^oo Re G(x + i y) dy by the double-exponential rule; no table is read."""
    y = width * np.exp(np.pi / 2 * np.sinh(NODES))
    slope = y * np.pi / 2 * np.cosh(NODES)
    values = law.stieltjes(x + 1j * y).real * slope
    return 0.5 + (NODES[1] - NODES[0]) * float(np.sum(values)) / np.pi


def worst(law: Any) -> float:
    """The largest absolute difference of both readings in the bands."""
    bands = law.bands()
    width = bands[-1, 1] - bands[0, 0]
    places = (bands[:, :1] + (bands[:, 1:] - bands[:, :1]) * PARTS).ravel()
    both = [abs(float(law.cdf(x)) - by_the_transform(law, x, width)) for x in places]
    both += [abs(float(law.cdf(x) + law.sf(x)) - 1) for x in places]
    return max(both)


@pytest.mark.parametrize("name", generated.ALGEBRAIC)
def test_modules_that_ship(name: str) -> None:
    module = importlib.import_module(f"generated.{name}")
    told = " ".join((module.__doc__ or "").split())
    assert f"measured and not proved, is at most {STATED:g}" in told
    assert worst(module.law(*[0.5] * len(module.PARAMETERS))) < STATED / 20


def test_bands_and_an_atom_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (
        "MODEL = Model('t', (a,), expression=DirectSum((Wishart(2) @ Wishart(a), Wigner(1) + 3),"
        " ('1/3', '2/3')))"
    )
    law = generated_module(tmp_path, "blocks", body, monkeypatch).law(0.5)
    assert len(law.atoms()) == 1
    assert worst(law) < STATED / 20


def test_an_error_of_the_size_stated_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    law = importlib.import_module("generated.fuss_catalan_3").law()
    right = type(law).cdf
    monkeypatch.setattr(type(law), "cdf", lambda self, x: right(self, x) + STATED)
    assert worst(law) > STATED / 2
