"""Critical values at ends of the domain, masses of atoms, and how what is found is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
import sympy as sp
from flint import arb

from derive import (
    Atoms,
    Model,
    Parameter,
    Projection,
    Wigner,
    Wishart,
    critical_curves,
    critical_values,
    load,
)
from derive.algebra.algebraic_points import RING
from derive.critical import atom_events
from derive.critical.atom_masses import PLACE_U, _holding
from derive.critical.curves_report import Agrees
from derive.critical.event import Event
from derive.critical.exact_numbers import Quantity
from derive.critical.report import Measured, Unchanged
from derive.critical.values import CriticalValues
from derive.derivation import CertificateError
from derive.language.ensembles import Ensemble
from derive.typesetting.text import derivation_text
from tests.test_critical_values import command

half = sp.Rational(1, 2)
share = Parameter("share", domain="[0, 1]", typical=(0.1, 0.9), latex="h")
LEVELS = Model("Two levels", (share,), Atoms((-1, 1), (half, half)) + Wigner(share))


def events(values: CriticalValues) -> list[tuple[Any, Event]]:
    return [(value.value.exact, event) for value in values.values for event in value.events]


# --- ends of domains ---------------------------------------------------------------------------------


def test_both_ends_of_a_closed_domain() -> None:
    """Levels of mass 1/2 widen to semicircles of variance v/2 at v = 0, and meet at v = 1."""
    values = critical_values(LEVELS, "share")
    assert [value.bands for value in values.values] == [(None, 2), (2, None)]
    (zero, low), (again, high), (one, merging) = events(values)
    assert (zero, again, one) == (0, 0, 1)
    for event, place in ((low, -1), (high, 1)):
        assert event.kind == "band appears"
        assert event.place is not None
        assert event.place.exact == place
        assert event.atom is not None
        assert event.atom.exact == half
        (width,) = event.width
        assert (width.exponent, width.coefficient.exact, width.side) == (half, 2 * sp.sqrt(2), 1)
    assert merging.kind == "gap closes"
    (width,) = merging.width
    assert (width.exponent, width.coefficient.exact, width.side) == (
        sp.Rational(3, 2),
        4 * sp.sqrt(3) / 9,
        -1,
    )
    assert values.excluded == ()
    assert len(values.derivation.steps) == 4


@pytest.mark.parametrize("ratio", [2, 3])
def test_zero_modes_widen_at_no_energy(ratio: int) -> None:
    """Wishart's atom at 0 of mass m = 1 - 1/phi becomes a semicircle of variance 2 eps m."""
    (zero, event), *_ = events(critical_values(load("wishart_wigner"), "eps", phi=ratio))
    mass = 1 - sp.Rational(1, ratio)
    assert (zero, event.kind) == (0, "band appears")
    assert event.atom is not None
    assert event.atom.exact == mass
    (width,) = event.width
    assert width.exponent == half
    assert sp.simplify(width.coefficient.exact - 4 * sp.sqrt(2 * mass)) == 0


def test_a_hard_edge_leaves_0() -> None:
    """At phi = 1: z = 1/G + 1/(1 - G) + 2 eps G is -1/G^2 + 2 eps G for large G, the edge -3 eps^(2/3)."""
    ((zero, event),) = events(critical_values(load("wishart_wigner"), "eps", phi=1))
    assert (zero, event.kind) == (0, "edge leaves 0")
    assert event.left is None
    assert event.right is not None
    assert (event.right.exponent, event.right.coefficient.exact) == (-half, 1 / sp.pi)
    (edge,) = event.edge
    assert (edge.exponent, edge.coefficient.exact, edge.side) == (sp.Rational(2, 3), -3, 1)


def test_nothing_happens_below_one_at_no_energy() -> None:
    values = critical_values(load("wishart_wigner"), "eps", phi="1/2")
    assert [event.kind for _, event in events(values)] == ["edge crosses 0"]
    assert [str(candidate.ball) for candidate, _ in values.rejected] == ["0"]


def test_a_point_mass_at_the_end() -> None:
    """Wishart(ratio 0) is 1; sqrt phi is its standard deviation, the edges are (1 +- sqrt phi)^2."""
    values = critical_values(Model("t", (share,), Wishart(share)), "share")
    (zero, first), (one, second) = events(values)
    assert (zero, one) == (0, 1)
    assert first.atom is not None
    assert first.atom.exact == 1
    assert (first.width[0].exponent, first.width[0].coefficient.exact) == (half, 4)
    assert second.kind == "edge reaches 0"
    assert [(g.exponent, g.coefficient.exact, g.side) for g in second.edge] == [(2, sp.Rational(1, 4), -1)]


def test_open_ends_stay_out_and_that_is_said() -> None:
    values = critical_values(load("two_layer_residual"), "kept", eps=1, phi="1/3")
    (end,) = values.excluded
    assert end.ball == 0
    assert "end of the domain (0, 1] that does not belong to it" in values.derivation.limits[-1]


def test_curves_have_the_end_where_it_is_critical() -> None:
    below, above = critical_curves(load("wishart_wigner"), "eps", "phi").cells
    assert [branch.kinds for branch in below.branches] == [("edge crosses 0",)]
    first, second = above.branches
    assert (first.kinds, first.closed, first.value.is_end) == (("band appears",), 0, True)
    assert second.kinds == ("gap closes",)
    (form,), phi = first.forms, sp.Symbol("phi", positive=True)
    assert form is not None
    assert form.width is not None
    assert form.everywhere
    assert form.width.exponent == half
    # a semicircle of variance 2 eps m for Wishart's atom at 0, m = 1 - 1/phi
    assert sp.simplify(form.width.coefficient**2 - 16 * 2 * (1 - 1 / phi)) == 0


# --- masses of atoms -------------------------------------------------------------------------------------


def test_atom_of_marchenko_and_pastur_appears() -> None:
    _, (one, event) = events(critical_values(load("marchenko_pastur"), "phi"))
    phi = sp.Symbol("phi", positive=True)
    assert (one, event.kind, event.atoms) == (1, "atom appears", (False, True))
    below, above = event.masses
    assert below == 0
    assert sp.simplify(above - (1 - 1 / phi)) == 0


def test_mass_of_a_product_has_a_kink() -> None:
    """The rank of a product is the least of the sizes: 1 - 1/max(phi_1, phi_2), here for phi_2 = 2."""
    values = critical_values(load("wishart_product"), "phi_1", phi_2=2)
    (two, event) = events(values)[-1]
    phi = sp.Symbol("phi_1", positive=True)
    assert (two, event.kind, event.atoms) == (2, "kink of mass", (True, True))
    below, above = event.masses
    assert below == half
    assert sp.simplify(above - (1 - 1 / phi)) == 0
    # at phi_1 = 1 the sizes change their order elsewhere, and the mass goes on as 1/2
    assert [float(candidate.ball.mid()) for candidate, _ in values.rejected] == [1.0]


def test_masses_in_both_parameters() -> None:
    found = critical_curves(load("wishart_product"), "phi_1", "phi_2")
    first, second = (sp.Symbol(name, positive=True) for name in ("phi_1", "phi_2"))
    below, above = found.cells
    for cell, wanted in ((below, (0, 1 - 1 / first)), (above, (1 - 1 / second, 1 - 1 / first))):
        (branch,) = cell.branches
        (masses,) = (m for m in branch.masses if m is not None)
        assert all(sp.simplify(ours - mass) == 0 for ours, mass in zip(masses, wanted, strict=True))
        wrong = replace(branch, masses=(None, (masses[0], masses[1] * sp.Rational(9, 10))))
        with pytest.raises(CertificateError, match="the mass of the atom is not"):
            Agrees(found, ((cell, wrong),)).check()


def test_atoms_of_a_sum_appear_one_after_the_other() -> None:
    """delta_0 of mass 1 - m and delta_2 of mass m, plus a Wishart matrix: 1 - m - 1/phi and m - 1/phi."""
    values = critical_values(load("deformed_wishart"), "phi", mass="9/20", place=2)
    found = [(value, event) for value, event in events(values) if event.kind == "atom appears"]
    phi = sp.Symbol("phi", positive=True)
    assert [value for value, _ in found] == [sp.Rational(20, 11), sp.Rational(20, 9)]
    for (_, event), mass in zip(found, (sp.Rational(11, 20), sp.Rational(9, 20)), strict=True):
        assert sp.simplify(event.masses[1] - (mass - 1 / phi)) == 0
    assert [event.place.exact for _, event in found if event.place] == [0, 2]


def test_an_atom_may_vanish() -> None:
    """The residual's factors have the sizes 1/2 and f/phi = 3 f: 1 - 6 f are zero modes."""
    values = critical_values(load("two_layer_residual"), "kept", eps=1, phi="1/3")
    (value, event) = events(values)[-1]
    assert (value, event.kind) == (sp.Rational(1, 6), "atom vanishes")
    assert event.masses == (1 - 6 * values.parameter.symbol, 0)


def test_a_wrong_mass_is_caught() -> None:
    values = critical_values(load("marchenko_pastur"), "phi")
    (value,) = values.values
    check = Measured(values.curve, value.candidate, value.sides, value.near, value.events[1])
    check.check()
    below, above = value.events[1].masses
    for masses in ((below, above + sp.Rational(1, 10**9)), (above, above), (below, sp.S.Zero)):
        with pytest.raises(CertificateError, match="the atom's mass"):
            replace(check, event=replace(value.events[1], masses=masses)).check()


P = Projection
MASSES: list[tuple[Callable[[Parameter], Ensemble], list[tuple[str, str, str, str, str]]]] = [
    (
        lambda m: P(m) @ P("3/4"),
        [("1/4", "1", "atom appears", "0", "m - 1/4"), ("3/4", "0", "kink of mass", "1 - m", "1/4")],
    ),
    (
        lambda m: P(m) @ P("9/10"),
        [("1/10", "1", "atom appears", "0", "m - 1/10"), ("9/10", "0", "kink of mass", "1 - m", "1/10")],
    ),
    (
        lambda m: P(m) @ P("1/3"),
        [("1/3", "0", "kink of mass", "1 - m", "2/3"), ("2/3", "1", "atom appears", "0", "m - 2/3")],
    ),
    (lambda m: P(m) @ Wishart(2), [("1/2", "0", "kink of mass", "1 - m", "1/2")]),
    (
        lambda m: P(m) + P("1/3"),
        [
            ("1/3", "1", "kink of mass", "1/3 - m", "m - 1/3"),
            ("2/3", "0", "atom vanishes", "2/3 - m", "0"),
            ("2/3", "2", "atom appears", "0", "m - 2/3"),
        ],
    ),
    (lambda m: P(m) - P(m), [("1/2", "0", "kink of mass", "1 - 2*m", "2*m - 1")]),
    (
        lambda m: P(m) - P("1/3"),
        [
            ("1/3", "-1", "atom vanishes", "1/3 - m", "0"),
            ("1/3", "1", "atom appears", "0", "m - 1/3"),
            ("2/3", "0", "kink of mass", "2/3 - m", "m - 2/3"),
        ],
    ),
    (
        lambda m: P(m) + Wishart(3),
        [("1/3", "1", "atom appears", "0", "m - 1/3"), ("2/3", "0", "atom vanishes", "2/3 - m", "0")],
    ),
]


@pytest.mark.parametrize("name", ["m", "u"])
@pytest.mark.parametrize(("ensemble", "wanted"), MASSES)
def test_masses_of_projections(
    ensemble: Callable[[Parameter], Ensemble], wanted: list[tuple[str, str, str, str, str]], name: str
) -> None:
    """Subspaces in general position meet in max(0, sum of their shares - 1), whatever the share is called."""
    share = Parameter(name, domain="(0, 1)", typical=(0.1, 0.9))
    values = critical_values(Model("Projections", (share,), ensemble(share)), name)
    found = [(t, e) for t, e in events(values) if "atom" in e.kind or e.kind == "kink of mass"]
    places = [(t, event.place.exact, event.kind) for t, event in found if event.place is not None]
    assert places == [(sp.Rational(t), sp.Rational(x), kind) for t, x, kind, *_ in wanted]
    for (_, event), (*_, below, above) in zip(found, wanted, strict=True):
        masses = tuple(sp.sympify(mass, {"m": share.symbol}) for mass in (below, above))
        assert event.masses == masses
    assert values.undecided == ()


def test_masses_of_two_projections_in_both_shares() -> None:
    m, u = (Parameter(name, domain="(0, 1)", typical=(0.1, 0.9)) for name in ("m", "u"))
    found = critical_curves(Model("Projections", (m, u), P(m) @ P(u)), "m", "u")
    masses = [
        pair for cell in found.cells for branch in cell.branches for pair in branch.masses if pair is not None
    ]
    assert masses.count((1 - m.symbol, 1 - u.symbol)) == len(found.cells)


def test_a_mass_that_is_not_derived_leaves_the_kink_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atom_events, "mass_of", lambda *_: None)
    share = Parameter("m", domain="(0, 1)", typical=(0.1, 0.9))
    values = critical_values(Model("Projections", (share,), P(share) @ P("1/3")), "m")
    ((candidate, why),) = values.undecided
    assert candidate is values.values[0].candidate
    assert why == "whether the mass of the atom at x = 0 has a kink or jumps"
    text = derivation_text(values.derivation)
    assert why in text
    assert "at the domain's ends" not in text


def test_two_masses_that_agree_at_the_sample_are_refused() -> None:
    """1/4 and 1 - t are one number at t = 3/4; elsewhere the right one is told."""
    relation = (RING.gen(PLACE_U) - 4) * ((RING.gen(0) - 1) * RING.gen(PLACE_U) + 1)
    assert _holding(relation, Fraction(3, 4), arb("0.25")) is None
    assert _holding(relation, Fraction(1, 2), arb("0.5")) == (RING.gen(0) - 1) * RING.gen(PLACE_U) + 1
    assert _holding(relation, Fraction(1, 2), arb("0.25")) == RING.gen(PLACE_U) - 4


# --- how it is printed -------------------------------------------------------------------------------------


def test_numbers_are_printed_once() -> None:
    assert str(Quantity(arb(0), sp.S.Zero)) == "0"
    assert str(Quantity(arb("0.5"), half)) == "1/2 = 0.500000000000"


def test_candidates_at_which_nothing_happens_have_a_step_for_each_reason() -> None:
    values = critical_values(load("relu_hessian"), "eps", phi="1/2")
    steps = [step for step in values.derivation.steps if step.name == "nothing happens"]
    assert [str(step.equation) for step in steps] == ["(Eq(eps, 0),)", "(Eq(eps, 2),)"]
    assert len(values.rejected) == 2
    wrong = replace(
        values, shapes=(values.shapes[0], replace(values.shapes[1], places=()), *values.shapes[2:])
    )
    with pytest.raises(CertificateError, match="bands or atoms change"):
        Unchanged(wrong, values.candidates).check()


def test_letters_stand_for_parameters_everywhere() -> None:
    text = derivation_text(critical_values(LEVELS, "share").derivation)
    assert "share" not in text
    assert "Critical values of h" in text
    assert "At h = 1 a gap closes" in text
    run = command("deformed_wigner", "--parameter", "variance", "--at", "mass=1/3", "place=1")
    assert "Critical values of v at m = 1/3, a = 1" in run.stdout
    for name in ("variance", "mass", "place"):
        assert f"{name} =" not in run.stdout
