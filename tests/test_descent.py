"""Roots found by descent are those that isolating all roots finds, and nothing else is ever taken for one."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from flint import acb, arb, ctx

import generated
from verify.adversaries import Laws, Points
from verify.descent import Start, proved, start
from verify.exact import rational
from verify.precise import Law


@pytest.mark.parametrize("model", generated.MODELS)
def test_the_same_as_among_all_roots(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    drawn = [Law(model, **d.values) for d in islice(Laws(model).draw(rng), 8)]
    laws = [(law, Points(law)) for law in drawn]
    real = [(law, x) for law, points in laws for x in points.real(rng, 8)[0].tolist()]
    above = [(law, z) for law, points in laws for z in points.complex(rng, 4)[0].tolist() if z.imag > 0]
    found = [law.root(x).w for law, x in real] + [law.w(z) for law, z in above]
    monkeypatch.setattr(Law, "_descended", lambda law, x, y: None)
    again = [Law(law.source, **law.parameters) for law, _ in [*real, *above]]
    isolated = [law.root(x).w for law, (_, x) in zip(again, real, strict=False)]
    isolated += [law.w(z) for law, (_, z) in zip(again[len(real) :], above, strict=True)]
    assert len(found) == len(isolated) >= 64
    assert all(w.overlaps(v) for w, v in zip(found, isolated, strict=True))


@pytest.mark.parametrize("x", [-1.5, 0.25, 3.0, 50.0])
def test_starts_next_to_other_roots_prove_nothing_else(x: float) -> None:
    law = Law("relu_hessian", eps=0.25, phi=1.75, sigma=1.25)
    with ctx.workprec(128):
        mean, jumps = law.coefficients.balls()
        right = law.root(x).w
        for w, _ in law.coefficients.roots(rational(x)):
            for near in (Start(w.mid(), False), Start(acb(w.real.mid(), abs(w.imag).mid()), False)):
                if near.w.imag > 0:
                    found = proved(mean, jumps, arb(x), arb(0), near)
                    assert found is None or found.w.overlaps(right)
            if w.imag == 0:
                found = proved(mean, jumps, arb(x), arb(0), Start(w.mid(), True))
                assert (found is not None) == w.overlaps(right)


def test_most_points_are_found_by_descent() -> None:
    law = Law("relu_hessian", eps=0.25, phi=1.75, sigma=1.25)
    points, _ = Points(law).real(np.random.default_rng(3), 100)
    found = 0
    with ctx.workprec(256):
        mean, jumps = law.coefficients.balls()
        for x in points.tolist():
            near = start(mean, jumps, arb(x), arb(0))
            found += near is not None and proved(mean, jumps, arb(x), arb(0), near) is not None
    assert found >= 95


def test_an_edge_is_left_to_isolation() -> None:
    """The two roots that meet there are one double root, which no disc around one of them excludes."""
    law = Law("semicircle", sigma=1)
    with ctx.workprec(128):
        mean, jumps = law.coefficients.balls()
        near = start(mean, jumps, arb(2), arb(0))
        assert near is None or proved(mean, jumps, arb(2), arb(0), near) is None
    assert law.root(2).multiplicity == 2
