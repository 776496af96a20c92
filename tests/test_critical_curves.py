"""Critical curves against the pipeline's closed forms, against single values, and with planted errors."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import pytest
import sympy as sp
from flint import acb, arb, fmpz_poly

from derive import (
    Atoms,
    Model,
    ModelError,
    Parameter,
    Wigner,
    critical_curves,
    critical_values,
    load,
)
from derive.__main__ import main
from derive.algebra.algebraic_points import Point
from derive.algebra.signs import Undecided
from derive.algebra.surds import Field
from derive.certificates import Identity
from derive.critical.curve_roots import Bound, Place
from derive.critical.curves import CriticalCurves
from derive.critical.curves_report import Agrees
from derive.critical.local_forms import _power
from derive.critical.local_laws import sheets_at
from derive.critical.plane import Plane
from derive.critical.report import Measured
from derive.derivation import CertificateError
from derive.laws import Algebraic, z
from derive.pipeline import branch_of
from tests.derived import derivation_of
from tests.test_critical_values import command

phi = sp.Symbol("phi", positive=True)
place, variance = Parameter("place"), Parameter("variance")
HALVES = Model("Two levels", (place, variance), Atoms((0, place), ("1/2", "1/2")) + Wigner(variance))


@lru_cache(maxsize=16)
def curves(name: str, parameter: str, over: str, **fixed: str) -> CriticalCurves:
    return critical_curves(load(name), parameter, over, **fixed)


def forms_of(found: CriticalCurves, kind: str) -> Any:
    """(cell, branch, form) of the first branch of that kind."""
    return next(
        (cell, branch, form)
        for cell in found.cells
        for branch in cell.branches
        for event, form in zip(branch.value.events, branch.forms, strict=True)
        if event.kind == kind
    )


# --- closed forms known otherwise --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wishart_wigner", "relu_hessian"])
def test_critical_energy_and_prefactor_of_the_pipeline(name: str) -> None:
    """eps_c(phi) and the index's prefactor for phi < 1, which the pipeline derives from the R-transform."""
    known = derivation_of(name).closed_forms
    model = load(name)
    below_one = tuple(replace(p, domain="(0, 1)", typical=(0.1, 0.9)) if p.name == "phi" else p
                      for p in model.parameters)  # fmt: skip
    found = critical_curves(Model(model.title, below_one, model.expression), "eps", "phi")
    cell, branch, form = forms_of(found, "edge crosses 0")
    assert cell.low is not None
    assert cell.low.exact == 0
    at = {sp.Symbol("sigma", positive=True): 1}
    energy = known["critical_energy"].subs(at)
    Identity(branch.closed - energy, (1 - phi,)).check()
    assert form.everywhere
    assert form.mass.exponent == sp.Rational(3, 2)
    for value in (sp.Rational(1, 9), sp.Rational(1, 3), sp.Rational(11, 12)):
        here = {phi: value}
        prefactor = known["index_prefactor"].subs(at).subs(here)
        ours = (form.mass.coefficient * energy ** sp.Rational(3, 2)).subs(here)
        assert abs(sp.N(ours / prefactor - 1, 30)) < 1e-28


def test_bands_of_the_cubic_merge() -> None:
    """Two bands exactly for phi > 1 and eps < phi (phi^(1/3) - 1)^3 / 2."""
    found = curves("wishart_wigner", "eps", "phi")
    assert [str(cell.high) for cell in found.cells[:-1]] == ["1"]
    assert [len(cell.branches) for cell in found.cells] == [1, 2]
    cell, branch, form = forms_of(found, "gap closes")
    assert (cell.low.exact, cell.high) == (1, None)
    assert sp.simplify(branch.closed - phi * (sp.cbrt(phi) - 1) ** 3 / 2) == 0
    merging = derivation_of("wishart_wigner").closed_forms["merging_energy"]
    assert sp.simplify(branch.closed - merging) == 0
    assert (form.density.exponent, form.width.exponent) == (sp.Rational(1, 3), sp.Rational(3, 2))


def test_two_equal_levels() -> None:
    """Levels 0 and a in noise merge at v = a^2/4; scaled from -1, 1 and v = 1, with x in units of a/2."""
    (cell,) = critical_curves(HALVES, "variance", "place").cells
    ((branch,), a) = (cell.branches, place.symbol)
    (form,) = branch.forms
    assert branch.closed == a**2 / 4
    assert form is not None
    assert form.place == a / 2
    assert form.everywhere
    assert form.width is not None
    # density sqrt(3)/(2 pi) |x|^(1/3) and gap 4 sqrt(3)/9 (1 - v)^(3/2) in these units
    unit = a / 2
    density = sp.sqrt(3) / (2 * sp.pi) * unit ** -sp.Rational(4, 3)
    width = 4 * sp.sqrt(3) / 9 * unit / unit**3
    assert sp.simplify(form.density.coefficient - density) == 0
    assert sp.simplify(form.width.coefficient - width) == 0


def test_edge_of_a_shifted_semicircle() -> None:
    """Levels are one: Wigner(v) + a has its lowest edge at a - 2 sqrt v, which is 0 at v = a^2/4."""
    shifted = Model("t", (place, variance), Wigner(variance) + place)
    (cell,) = critical_curves(shifted, "variance", "place").cells
    ((branch,), a) = (cell.branches, place.symbol)
    (form,) = branch.forms
    assert branch.closed == a**2 / 4
    assert form is not None
    assert form.edge is not None
    assert sp.simplify(form.edge.coefficient + 2 / a) == 0  # d/dv (a - 2 sqrt v)
    # sqrt(4 v - y^2)/(2 pi v) at v = a^2/4, y = x - a: sqrt(2 a x) 2/(pi a^2)
    assert sp.simplify(form.density.coefficient - 2 * sp.sqrt(2 * a) / (sp.pi * a**2)) == 0


# --- against the pointwise function --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameter", "over", "fixed"),
    [
        ("wishart_wigner", "eps", "phi", {}),
        ("wishart_wigner", "phi", "eps", {}),
        ("deformed_wigner", "variance", "mass", {"place": "1"}),
        ("wishart_product", "phi_1", "phi_2", {}),
        ("sample_covariance", "phi", "mass", {"place": "3"}),
    ],
)
def test_values_at_random_numbers(name: str, parameter: str, over: str, fixed: dict[str, str]) -> None:
    found = curves(name, parameter, over, **fixed)
    numbers = random.Random(11)
    for cell in found.cells:
        low = 0 if cell.low is None else float(cell.low)
        high = low + 2 if cell.high is None else float(cell.high)
        at = Fraction(numbers.uniform(low, high)).limit_denominator(200)
        values = critical_values(load(name), parameter, **fixed, **{over: at}).values
        assert len(values) == len(cell.branches)
        for value, branch in zip(values, cell.branches, strict=True):
            assert [event.kind for event in value.events] == list(branch.kinds)
            here = {found.over.symbol: sp.Rational(at.numerator, at.denominator)}
            polynomial = branch.polynomial.subs(here)
            assert sp.rem(polynomial, value.minimal_polynomial, found.parameter.symbol) == 0
            if branch.closed is not None:
                assert float(branch.closed.subs(here)) == pytest.approx(float(value.value), rel=1e-12)
            for form, event in zip(branch.forms, value.events, strict=True):
                if form is None:
                    continue
                for ours, theirs in (
                    (form.density, event.left or event.right),
                    (form.width, next(iter(event.width), None)),
                ):
                    assert (ours is None) == (theirs is None)
                    if ours is not None and theirs is not None:
                        number = float(ours.coefficient.subs(here))
                        assert number == pytest.approx(float(theirs.coefficient), rel=1e-10)


def test_roots_that_pass_each_other_elsewhere_do_not_cut() -> None:
    """m = 1/2 is a root of the projection (the law is symmetric), and nothing happens to what is critical."""
    found = curves("deformed_wigner", "variance", "mass", place="1")
    assert found.projected == 2
    assert [str(cell.high.exact) for cell in found.cells[:-1] if cell.high] == ["8/9"]
    chains = [[(cell.sample, branch.key) for cell, branch in chain] for chain in found.chains]
    assert sorted(map(len, chains)) == [1, 1, 2]


def test_numbers_at_a_sample_where_there_is_no_closed_form() -> None:
    """Levels of mass m at 1 and 1 - m at 0 merge at v = (m^(1/3) + (1 - m)^(1/3))^-3."""
    found = curves("deformed_wigner", "variance", "mass", place="1")
    (step,) = (step for step in found.derivation.steps if step.name == "numbers at a sample")
    first = found.cells[0]
    (branch,) = first.branches
    assert (branch.closed, branch.forms) == (None, (None,))
    m = float(first.sample)
    assert float(branch.value.value) == pytest.approx((m ** (1 / 3) + (1 - m) ** (1 / 3)) ** -3, rel=1e-14)
    assert f"at the sample $m$ = {first.sample}" in step.rule
    assert "Delta the width of the gap" in step.rule
    assert len(step.equation) == 6
    (event,) = branch.value.events
    wrong = replace(event, width=(replace(event.width[0], exponent=sp.S(2)),))
    value = branch.value
    with pytest.raises(CertificateError, match="edges do not move"):
        Measured(first.values.curve, value.candidate, value.sides, value.near, wrong).check()


def test_closed_forms_are_reduced() -> None:
    """Powers of powers are one power, each of a factor that is positive in the cell."""
    _, _, form = forms_of(curves("wishart_wigner", "eps", "phi"), "gap closes")
    root = sp.cbrt(phi) - 1
    assert form.density.coefficient == sp.sqrt(3) / (
        2 * sp.pi * root ** sp.Rational(5, 3) * phi ** sp.Rational(8, 9)
    )
    _, _, crossing = forms_of(curves("wishart_wigner", "eps", "phi"), "edge crosses 0")
    assert not [p for p in crossing.mass.coefficient.atoms(sp.Pow) if p.base.is_Pow or p.base.is_Mul]


def test_a_factor_that_changes_its_sign_in_the_cell_stays_in_its_power() -> None:
    """((s - 1)^2 (s + 1))^(3/2) is no (s - 1)^3 (s + 1)^(3/2) on both sides of 1."""
    s = sp.Symbol("s", positive=True)
    field = Field.of(sp.S.One, (s,))
    place = Place(field.element(s), field.element(s), 1, s)
    squared, half = field.element((s - 1) ** 2 * (s + 1)), sp.Rational(3, 2)
    zero, one, infinity = Bound(arb(0), fmpz_poly([0, 1])), Bound(arb(1), fmpz_poly([-1, 1])), None
    assert _power(place, squared, half, arb(2), (zero, infinity)).subs(s, half / 3) > 0
    assert _power(place, squared, half, arb(2), (one, infinity)) == (s - 1) ** 3 * (s + 1) ** half
    assert _power(place, squared, half, arb(0.5), (zero, one)) == (1 - s) ** 3 * (s + 1) ** half


# --- certificates and planted errors -------------------------------------------------------------------


def test_the_derivation_holds_and_a_planted_root_is_caught() -> None:
    found = curves("wishart_wigner", "eps", "phi")
    assert len(found.derivation.steps) == 4
    cell, branch, _ = forms_of(found, "edge crosses 0")
    Agrees(found, ((cell, branch),)).check()
    assert branch.closed is not None
    wrong = replace(branch, closed=branch.closed * (1 + phi))
    with pytest.raises(CertificateError, match="vanish identically"):
        Agrees(found, ((cell, wrong),)).check()
    other = replace(cell, branches=(replace(branch, root=2, key=(branch.key[0], 2)),))
    moved = replace(found, cells=(other, *found.cells[1:]))
    with pytest.raises(CertificateError, match="other roots are critical"):
        Agrees(moved, ((other, None),)).check()


def test_a_planted_coefficient_is_caught() -> None:
    found = curves("wishart_wigner", "eps", "phi")
    cell, branch, form = forms_of(found, "gap closes")
    longer = replace(form.width, coefficient=form.width.coefficient * sp.Rational(10**9 + 1, 10**9))
    wrong = replace(branch, forms=(replace(form, width=longer),))
    with pytest.raises(CertificateError, match="is not"):
        Agrees(found, ((cell, wrong),)).check()


def test_a_dropped_point_is_caught() -> None:
    """Without the point phi = 1 the two cells would be one, and its second number tells."""
    found = curves("wishart_wigner", "eps", "phi")
    first, second = found.cells
    whole = replace(first, high=None, others=second.others)
    with pytest.raises(CertificateError, match="other roots are critical"):
        Agrees(replace(found, cells=(whole,)), ((whole, None),)).check()


def test_a_step_in_the_reciprocal_keeps_its_root() -> None:
    """At phi = 2, m = 9/20 a rectangle around 1/w held another root than the image of that around w."""
    values = critical_values(load("deformed_wishart"), "phi", mass="9/20", place=2)
    sheets = sheets_at(values.curve.polynomial, Point().with_rational(Fraction(2)))
    assert sheets.physical(acb(0, 1e-5)).imag < 0
    # the atom at 0 has the mass 1 - m - 1/phi once that is positive
    assert [shape.atoms for shape in values.shapes] == [0, 0, 1, 1, 2]


# --- refusals and the command --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "over", "fixed", "told"),
    [
        ("eps", "eps", {}, "is the parameter that varies"),
        ("eps", "z", {}, "no parameter 'z'"),
        ("z", "phi", {}, "no parameter 'z'"),
        ("eps", "phi", {"phi": 1}, "beside eps and phi, got phi"),
        ("kept", "phi", {}, "no value for eps.*kept and phi are left as symbols, and no more can be"),
    ],
)
def test_refusals(parameter: str, over: str, fixed: dict[str, Any], told: str) -> None:
    name = "two_layer_residual" if parameter == "kept" else "wishart_wigner"
    with pytest.raises(ModelError, match=told):
        critical_curves(load(name), parameter, over, **fixed)


def test_laws_without_curves_are_refused() -> None:
    points = Model("t", (place, variance), Atoms((place, variance), ("1/2", "1/2")))
    with pytest.raises(ModelError, match="finite spectrum"):
        critical_curves(points, "place", "variance")
    model = load("wishart_wigner")
    law = branch_of(model)
    with pytest.raises(Undecided, match="degree 3 in G"):
        Plane.of(law, *model.parameters, 2)
    with pytest.raises(Undecided, match="0 factors of the equation"):
        Plane.of(Algebraic(law.polynomial.subs(z, 1 / z)), *model.parameters, 8)


def test_the_command_prints_curves() -> None:
    arguments = ("wishart_wigner", "--parameter", "eps", "--over", "phi", "--width", "90")
    first, second = (command(*arguments, seed=seed) for seed in ("1", "2"))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert "ε_c = 4 (1 + √(1 + 8 φ)) (1 − φ)³/(3 + √(1 + 8 φ))³" in first.stdout
    assert "For 1 < φ the root number 1" in first.stdout


def test_the_command_refuses_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    for more, told in (
        (["--over", "chi"], "no parameter 'chi'"),
        (["--at", "parameter=1"], "parameter=1 gives no parameter a value"),
    ):
        assert main(["critical", "wishart_wigner", "--parameter", "eps", *more]) == 1
        assert told in capsys.readouterr().err
