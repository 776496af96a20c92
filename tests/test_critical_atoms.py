"""Atoms at critical values: at ends of the domain, where they meet, and as functions of two parameters."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import sympy as sp
from flint import acb, arb

from derive import (
    Atoms,
    DirectSum,
    Model,
    Parameter,
    Projection,
    Wishart,
    critical_curves,
    critical_values,
    load,
)
from derive.algebra.algebraic_points import RING
from derive.algebra.signs import Undecided
from derive.critical.atom_masses import _mass_over, is_limit
from derive.critical.local_laws import T
from derive.critical.report import Measured
from derive.critical.values import CriticalValues
from derive.derivation import CertificateError
from derive.laws import G, z
from derive.typesetting.text import derivation_text

half, third = sp.Rational(1, 2), sp.Rational(1, 3)
above = Parameter("s", domain="[1, oo)", typical=(1, 3))


def kinds(values: CriticalValues) -> list[tuple[Any, str]]:
    return [(value.value.exact, event.kind) for value in values.values for event in value.events]


def test_masses_that_are_irrational_at_the_value_are_open_or_no_limit() -> None:
    """sqrt(2) t is no fraction over the integers; a root of a rounded negative number is not real."""
    t = sp.Symbol("t", positive=True)
    point = SimpleNamespace(value=lambda f: acb("0.5") if f == RING.gen(T) else acb(2).sqrt())
    law: Any = SimpleNamespace(branch=SimpleNamespace(terms=[SimpleNamespace(place=9)], point=point))
    with pytest.raises(Undecided, match="is continuous"):
        is_limit(sp.sqrt(2) * t, t, law)
    assert not is_limit(sp.sqrt(3) * t, t, law)
    with pytest.raises(Undecided, match="at a critical value"):
        is_limit(sp.sqrt(t - sp.Rational(3, 4)), t, law)


def test_an_equation_that_loses_all_terms_at_one_place() -> None:
    """P(G, 0) = 2 - 2 v: nothing is left of the equation at z = 0, v = 1, where the law is as elsewhere."""
    v = Parameter("v")
    values = critical_values(Model("t", (v,), Projection(third) @ Wishart(v)), "v")
    assert values.curve.polynomial.subs({"t": 1, "x": 0}) == 0
    assert values.shapes[0].parameter == 1  # the sample of the first cell
    assert kinds(values) == [(3, "edge touches 0"), (3, "kink of mass")]
    below, beyond = values.values[0].events[1].masses
    assert below == 2 * third  # the rank is the least of N/3 and N/v
    # the other N/3 eigenvalues are those of a Wishart of ratio v/3 = 1, of density 1/(pi x^(1/2)) at 0
    right = values.values[0].events[0].right
    assert right is not None
    assert (right.exponent, right.coefficient.exact) == (-half, 1 / (3 * sp.pi))
    assert sp.simplify(beyond - (1 - 1 / v.symbol)) == 0
    assert (values.undecided, values.rejected) == ((), ())


def test_an_atom_appears_at_the_end_of_the_domain() -> None:
    values = critical_values(Model("t", (above,), Wishart(above)), "s")
    assert kinds(values) == [(1, "edge leaves 0"), (1, "atom appears")]
    (event,) = values.values[0].events[1:]
    assert event.masses[0] is None
    assert sp.simplify(event.masses[1] - (1 - 1 / above.symbol)) == 0
    assert "Its mass μ above is displayed" in " ".join(derivation_text(values.derivation).split())
    wrong = replace(event, masses=(None, 1 / above.symbol))
    value = values.values[0]
    with pytest.raises(CertificateError, match="the atom's mass"):
        Measured(values.curve, value.candidate, value.sides, value.near, wrong).check()


def test_an_atom_vanishes_towards_the_upper_end() -> None:
    below = Parameter("s", domain="(0, 1]", typical=(0.1, 1))
    values = critical_values(Model("t", (below,), Wishart(1 / below.symbol)), "s")
    assert kinds(values) == [(1, "edge reaches 0"), (1, "atom vanishes")]
    assert values.values[0].events[1].masses == (1 - below.symbol, None)


def test_shares_that_tend_to_0() -> None:
    """No singular points meet there: at f = 0 the atom's mass is 0, and at f = 1 that of the band."""
    f = Parameter("f", domain="[0, 1]", typical=(0.1, 0.9))
    blocks = DirectSum((Atoms((0,), (1,)), Wishart(half) + 1), (f, 1 - f.symbol))
    values = critical_values(Model("t", (f,), blocks), "f")
    assert kinds(values) == [(0, "atom appears"), (1, "band fades")]
    assert values.values[0].events[0].masses == (None, f.symbol)
    assert "the density of a band tends to 0" in derivation_text(values.derivation)


def test_the_mass_jumps_at_no_energy() -> None:
    """Zero modes of Wishart: 1 - 1/phi of them at eps = 0, 1 - 2/phi beside it."""
    event = critical_values(load("relu_hessian"), "eps", phi=3).values[0].events[1]
    assert (event.kind, event.masses) == ("jump of mass", (None, third))
    assert event.atom is not None
    assert event.atom.exact == 2 * third


def test_nothing_is_said_of_an_atom_that_stays() -> None:
    """Both ends of a scale: the atom of Wishart(3) goes on with the same mass."""
    scale = Parameter("b", domain="[1, 2]", typical=(1, 2))
    values = critical_values(Model("t", (scale,), Wishart(3, scale)), "b")
    assert (values.values, values.rejected, values.undecided) == ((), (), ())
    # free powers begin with the law itself: masses 1 - (1 - m) s, here 1 - s/4 and 1 - 7 s/8
    levels = Atoms((0, 1, 2), ("3/4", "1/8", "1/8")).free_power(above)
    values = critical_values(Model("t", (above,), levels), "s")
    assert [kind for s, kind in kinds(values) if s == 1] == ["band appears", "band appears"]


def test_masses_of_atoms_that_meet_add() -> None:
    """Atoms of mass 1/2 at 1 and 1/4 at a, in blocks."""
    a = Parameter("a")
    blocks = DirectSum((Atoms((1,), (1,)), Wishart(2) + a), (half, half))
    values = critical_values(Model("t", (a,), blocks), "a")
    (value,) = (value for value in values.values if value.value.exact == 1)
    (event,) = (event for event in value.events if event.kind == "atoms meet")
    total = sp.Rational(3, 4)
    assert (event.atoms, event.masses) == ((2, 2), (total, total))
    assert event.atom is not None
    assert event.atom.exact == total
    assert "atoms meet, and their masses add" in derivation_text(values.derivation)
    wrong = replace(event, masses=(half, total))
    with pytest.raises(CertificateError, match="the atom's mass"):
        Measured(values.curve, value.candidate, value.sides, value.near, wrong).check()


def test_an_atom_crosses_0() -> None:
    """The zero modes of Wishart(2), half of all, lie at y."""
    y = Parameter("y", domain="(-1, oo)", typical=(-0.5, 1))
    values = critical_values(Model("t", (y,), Wishart(2) + y), "y")
    (event,) = (event for value in values.values for event in value.events if value.value.exact == 0)
    assert (event.kind, event.atoms, event.masses) == ("atom crosses 0", (1, 1), (half, half))
    assert event.place is not None
    assert event.place.exact == 0
    assert "an atom crosses 0" in derivation_text(values.derivation)
    closed = Parameter("y", domain="[0, oo)", typical=(0, 1))
    values = critical_values(Model("t", (closed,), Wishart(2) + closed), "y")
    assert kinds(values) == [(0, "atom leaves 0")]


def test_masses_over_a_second_parameter_at_an_end() -> None:
    b = Parameter("b")
    (cell,) = critical_curves(Model("t", (above, b), Wishart(above, b)), "s", "b").cells
    (branch,) = cell.branches
    assert branch.kinds == ("edge leaves 0", "atom appears")
    none, (first, second) = branch.masses
    assert (none, first) == (None, None)
    assert sp.simplify(second - (1 - 1 / above.symbol)) == 0


def test_a_mass_in_two_parameters_is_told_at_a_point_where_one_factor_holds() -> None:
    """Of a product of Wisharts 1 - 1/phi_1 and 1 - 1/phi_2 are equal at equal ratios alone."""
    plane = critical_curves(load("wishart_product"), "phi_1", "phi_2").plane
    parts = next(part for f in plane.edges for part in [plane.ring.coefficients(f, z)] if set(part) == {1})
    first, second = plane.parameter.symbol, plane.over.symbol
    at = {second: sp.S(2)}
    assert sp.cancel(_mass_over(plane, parts, at, arb(3), arb(2) / 3) - (1 - 1 / first)) == 0
    assert sp.cancel(_mass_over(plane, parts, at, arb(3), arb(1) / 2) - (1 - 1 / second)) == 0
    assert _mass_over(plane, parts, at, arb(2), arb(1) / 2) is None
    assert _mass_over(plane, parts, at, arb(3), arb(1) / 5) is None
    assert plane.ring.degree(plane.polynomial, G) == 3
