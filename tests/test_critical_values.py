"""Critical values against closed forms known otherwise, against evaluated laws, and with planted errors."""

from __future__ import annotations

import doctest
import math
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import sympy as sp
from flint import arb, ctx

from derive import (
    Anticommutator,
    Atoms,
    DirectSum,
    Factor,
    Hermitised,
    Model,
    ModelError,
    Parameter,
    Wigner,
    Wishart,
    critical_values,
    load,
)
from derive.critical.exact_numbers import Quantity, reduced
from derive.critical.report import Measured, NoneMissed
from derive.critical.values import CriticalValue, CriticalValues
from derive.derivation import CertificateError
from derive.laws import G, z
from derive.runtime.algebraic import evaluators as algebraic
from derive.typesetting.text import derivation_text
from tests.derived import derivation_of

ROOT = Path(__file__).resolve().parent.parent
half, third = sp.Rational(1, 2), sp.Rational(1, 3)
v, a = Parameter("v"), Parameter("a")
EXPRESSIONS: dict[str, Any] = {
    "levels": Atoms((-1, 1), (half, half)) + Wigner(v),
    "anticommutator": Anticommutator(Wigner(v), Wigner(1)) + 1,
    "product": Wishart(half) @ Wishart(third) + Wigner(v),
    "square": Wigner(1).apply(lambda w: w**2 - v * w),
    "square of a Wishart": Wishart(a) ** 2,
    "two Wisharts": Wishart(a) + Wishart(2),
    "singular values": Hermitised(Factor(Wishart(a), half, half)),
    "blocks": DirectSum((Wishart(third), Wigner(v)), (third, 1 - third)),
    "signed": Wigner(third) @ Wishart(a),
}


@lru_cache(maxsize=64)
def found(name: str, parameter: str, **fixed: str) -> CriticalValues:
    if name in EXPRESSIONS:
        expression = EXPRESSIONS[name]
        parameters = tuple(p for p in (v, a) if p.symbol in expression.free_symbols)
        return critical_values(Model("t", parameters, expression), parameter, **fixed)
    return critical_values(load(name), parameter, **fixed)


def only(values: CriticalValues) -> CriticalValue:
    (value,) = values.values
    return value


# --- closed forms known otherwise -------------------------------------------------------------------


@pytest.mark.parametrize("model", ["wishart_wigner", "relu_hessian"])
@pytest.mark.parametrize("ratio", ["1/2", "7/8"])
def test_critical_energy_and_three_halves_law(model: str, ratio: str) -> None:
    forms = derivation_of(model).closed_forms
    at = {sp.Symbol("phi", positive=True): sp.Rational(ratio), sp.Symbol("sigma", positive=True): 1}
    energy, prefactor = (forms[name].subs(at) for name in ("critical_energy", "index_prefactor"))
    crossing = [w for w in found(model, "eps", phi=ratio).values if w.events[0].kind == "edge crosses 0"]
    (value,) = crossing
    assert value.value.exact is not None
    assert sp.simplify(value.value.exact - energy) == 0
    mass = value.events[0].mass
    assert mass is not None
    assert (mass.exponent, mass.side) == (sp.Rational(3, 2), 1)
    relative = float(mass.coefficient) * float(energy) ** 1.5 / float(prefactor)
    assert relative == pytest.approx(1, abs=1e-14)


def test_two_bands_of_the_cubic() -> None:
    """For phi > 1 two bands exactly for eps < phi (phi^(1/3) - 1)^3 / 2: 4 at phi = 8."""
    _, value = found("wishart_wigner", "eps", phi="8").values  # the first at eps = 0
    assert value.value.exact == 4
    assert value.bands == (2, 1)
    assert value.events[0].right is not None
    assert value.events[0].right.exponent == third


def test_three_bands_come_back() -> None:
    """relu_hessian at phi = 3/2: the number of bands is re-entrant, and 0 falls into a gap once."""
    values = found("relu_hessian", "eps", phi="3/2")
    assert [shape.bands for shape in values.shapes] == [2, 1, 1, 2, 2, 3]
    forms = derivation_of("relu_hessian").closed_forms
    at = {sp.Symbol("phi", positive=True): sp.Rational(3, 2), sp.Symbol("sigma", positive=True): 1}
    gap = forms["gap_at_zero_energy"].subs(at)
    crossing = [w for w in values.values if w.events[0].kind == "edge crosses 0"]
    assert sp.simplify(only_one(crossing).value.exact - gap) == 0
    cusp = forms["cusp_polynomial"].subs(at)
    for value in values.values:
        if value.events[0].kind.startswith("gap"):
            assert sp.rem(cusp, value.minimal_polynomial, values.parameter.symbol) == 0
    assert [str(float(candidate.ball.mid())) for candidate, _ in values.rejected] == ["2.0"]


def only_one(values: list[CriticalValue]) -> Any:
    (value,) = values
    return value


def test_hard_edge_of_marchenko_and_pastur() -> None:
    """At phi = 1 the edge (1 - sqrt phi)^2 ~ (phi - 1)^2 / 4 touches 0, and the density is 1/(pi sqrt x)."""
    event, atom = only(found("marchenko_pastur", "phi")).events
    assert atom.kind == "atom appears"
    assert event.kind == "edge touches 0"
    assert event.right is not None
    assert (event.right.exponent, event.right.coefficient.exact) == (-half, 1 / sp.pi)
    assert [(g.exponent, g.coefficient.exact, g.side) for g in event.edge] == [
        (2, sp.Rational(1, 4), -1),
        (2, sp.Rational(1, 4), 1),
    ]
    assert event.atoms == (False, True)


def test_anticommutator_of_semicircles() -> None:
    """Its edges are +- sqrt(v (11 + 5 sqrt 5)/2), so 1 is reached at v = 2/(11 + 5 sqrt 5)."""
    value = only(found("anticommutator", "v"))
    assert sp.simplify(value.value.exact - 2 / (11 + 5 * sp.sqrt(5))) == 0


@pytest.mark.parametrize(
    ("name", "at", "exponent", "coefficient"),
    [
        # W near 2 - d has density sqrt(d)/pi; at v = 4 its image is -4 + d^2, so d = s^(1/2)
        ("square", 4, -sp.Rational(1, 4), 1 / (2 * sp.pi)),
        # two Wisharts with rates that sum to 1: Phi(0) = 1
        ("two Wisharts", 2, -half, sp.sqrt(2) / (2 * sp.pi)),
        # Marchenko-Pastur at a = 1 in y = x^(1/2): 1/(pi y^(1/2)) dy/dx
        ("square of a Wishart", 1, -sp.Rational(3, 4), 1 / (2 * sp.pi)),
        ("singular values", 1, sp.S.Zero, 1 / sp.pi),
    ],
)
def test_exponents_of_images(name: str, at: int, exponent: sp.Rational, coefficient: sp.Expr) -> None:
    parameter = "v" if name == "square" else "a"
    (value,) = [w for w in found(name, parameter).values if w.value.exact == at]
    right = value.events[0].right
    assert right is not None
    assert right.exponent == exponent
    assert float(right.coefficient) == pytest.approx(float(coefficient), rel=1e-14)


def test_a_density_that_diverges_on_both_sides() -> None:
    """Wigner(v) times a square Wishart: z^2 = v (1 + t)^4/t with t = z G - 1, so G^4 ~ -1/(v z^2) at 0."""
    event = only(found("signed", "a")).events[0]
    assert event.left is not None
    assert event.right is not None
    assert event.left.exponent == event.right.exponent == -half
    expected = 3**0.25 / (2**0.5 * math.pi)
    assert float(event.left.coefficient) == pytest.approx(expected, rel=1e-14)
    assert float(event.right.coefficient) == pytest.approx(expected, rel=1e-14)


def test_blocks_overlap_where_their_edges_meet() -> None:
    """2 sqrt v = (1 - sqrt(1/3))^2 where the bands touch: the gap is linear, both densities square roots."""
    value = found("blocks", "v").values[0]
    (event,) = value.events
    assert sp.simplify(value.value.exact - (1 - sp.sqrt(third)) ** 4 / 4) == 0
    assert event.kind == "gap closes"
    assert [d.exponent for d in (event.left, event.right) if d is not None] == [half, half]
    (width,) = event.width
    assert (width.exponent, width.side) == (1, -1)
    # d/dv of 2 sqrt v at the critical value
    assert float(width.coefficient) == pytest.approx(1 / float(value.value) ** 0.5, rel=1e-14)


def test_a_root_of_another_sheet_at_an_edge_that_stays_at_0() -> None:
    """(W - b)^2 has a hard edge at 0 while b is inside W's band, (1 - sqrt b)^2 < a < (1 + sqrt b)^2."""
    ratio = Parameter("a")
    values = critical_values(Model("t", (ratio,), (Wishart(ratio) - sp.Rational(1, 4)) ** 2), "a")
    at_zero = [
        (value.value.exact, event.kind)
        for value in values.values
        for event in value.events
        if event.place is not None and event.place.exact == 0
    ]
    assert at_zero == [(sp.Rational(1, 4), "edge reaches 0"), (sp.Rational(9, 4), "edge leaves 0")]
    passing = [Quantity(candidate.ball) for candidate, _ in values.rejected][1:]
    roots = [(9 - sp.sqrt(33)) / 8, (9 + sp.sqrt(33)) / 8]
    assert [float(ball) for ball in passing] == pytest.approx(list(map(float, roots)))


# --- against evaluated laws --------------------------------------------------------------------------


def evaluated(values: CriticalValues, at: Fraction) -> Any:
    """The law at one rational parameter, from the evaluators, which share nothing with the expansions."""
    polynomial = sp.Poly(
        values.equation.subs(values.parameter.symbol, sp.Rational(at.numerator, at.denominator)), G, z
    )
    n, m = polynomial.degree(G), polynomial.degree(z)
    return algebraic.prepare(
        [[Fraction(str(polynomial.coeff_monomial(G**i * z**j))) for j in range(m + 1)] for i in range(n + 1)]
    )


def test_index_of_a_product_grows_as_said() -> None:
    """Two Wisharts multiplied, plus noise: a law outside the class of sections 4 and 6."""
    values = found("product", "v")
    value = only(values)
    mass = value.events[0].mass
    assert mass is not None
    ratios = []
    for share in (1e-2, 2e-3):
        at = Fraction(float(value.value) * (1 + share))
        away = float(at) - float(value.value)
        index = float(algebraic.index(evaluated(values, at))[0])
        ratios.append(index / (float(mass.coefficient) * away**1.5))
    assert abs(ratios[0] - 1) < 0.02
    assert abs(ratios[1] - 1) < 0.25 * abs(ratios[0] - 1)
    below = Fraction(float(value.value) * 0.99)
    assert float(algebraic.index(evaluated(values, below))[0]) == 0


def test_gap_of_two_levels_closes_as_said() -> None:
    values = found("levels", "v")
    (width,) = only(values).events[0].width
    law = evaluated(values, Fraction(999, 1000))
    gap = law.bands[1][0] - law.bands[0][1]
    assert gap / (float(width.coefficient) * 0.001**1.5) == pytest.approx(1, abs=1e-3)


# --- certificates and planted errors ---------------------------------------------------------------------


def measured(name: str, parameter: str) -> Measured:
    values = found(name, parameter)
    value = values.values[0]
    return Measured(values.curve, value.candidate, value.sides, value.near, value.events[0])


def scaled(quantity: Quantity, factor: str) -> Quantity:
    with ctx.workprec(256):
        return Quantity(quantity.ball * arb(factor))


def test_certificates_hold() -> None:
    for name in ("levels", "anticommutator"):
        assert len(found(name, "v").derivation.steps) == 2
    assert r"\Delta \sim" in only(found("levels", "v")).latex


def test_letters_are_explained_where_they_stand() -> None:
    text = " ".join(derivation_text(found("wishart_wigner", "eps", phi="1/2").derivation).split())
    told = "ρ is the density beside the place at the value itself, x_* the place of the edge that moves, "
    assert told + "M the mass between that edge and 0, beyond 0." in text
    assert "Δ the width of the gap" in derivation_text(found("levels", "v").derivation)
    assert "ρ is" not in text.split("Nothing happens")[1]


@pytest.mark.parametrize(
    ("number", "short"),
    [
        (sp.sqrt(2) * sp.sqrt(3 + 2 * sp.sqrt(2)), sp.sqrt(2) * (1 + sp.sqrt(2))),
        (sp.sqrt(3) / (2 * sp.pi), sp.sqrt(3) / (2 * sp.pi)),
        (
            2 * (2 + 2 * sp.sqrt(5)) ** sp.Rational(3, 2) * sp.sqrt(32 + 72 * sp.sqrt(5) / 5) / (3 * sp.pi),
            32 * sp.sqrt(10) * sp.sqrt(38 * sp.sqrt(5) + 85) / (15 * sp.pi),
        ),
    ],
)
def test_numbers_are_reduced(number: sp.Expr, short: sp.Expr) -> None:
    assert reduced(number) == short
    assert abs(sp.N(number - short, 30)) < 1e-28


def test_a_wrong_width_is_caught() -> None:
    check = measured("levels", "v")
    (width,) = check.event.width
    wrong = replace(width, coefficient=scaled(width.coefficient, "1.00001"))
    with pytest.raises(CertificateError, match="edges do not move"):
        replace(check, event=replace(check.event, width=(wrong,))).check()
    steeper = replace(width, exponent=sp.S(2))
    with pytest.raises(CertificateError, match="edges do not move"):
        replace(check, event=replace(check.event, width=(steeper,))).check()


def test_a_wrong_density_is_caught() -> None:
    check = measured("levels", "v")
    assert check.event.left is not None
    wrong = replace(check.event.left, coefficient=scaled(check.event.left.coefficient, "1.1"))
    with pytest.raises(CertificateError, match="the density is not"):
        replace(check, event=replace(check.event, left=wrong)).check()


def test_a_wrong_edge_and_a_wrong_mass_are_caught() -> None:
    check = measured("anticommutator", "v")
    assert check.event.mass is not None
    wrong = replace(check.event.mass, coefficient=scaled(check.event.mass.coefficient, "1.0000001"))
    with pytest.raises(CertificateError, match="the mass beyond 0"):
        replace(check, event=replace(check.event, mass=wrong)).check()
    first, second = check.event.edge
    moved = replace(second, coefficient=scaled(second.coefficient, "0.99999"))
    with pytest.raises(CertificateError, match="edges do not move"):
        replace(check, event=replace(check.event, edge=(first, moved))).check()


def test_a_dropped_candidate_is_caught() -> None:
    values = found("levels", "v")
    whole = NoneMissed(values.curve, values.parameter.interval, values.candidates, values.shapes)
    whole.check()
    with pytest.raises(CertificateError, match="no candidate between"):
        replace(whole, candidates=(), shapes=values.shapes[:1]).check()


# --- refusals, the command, the page --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "fixed", "told"),
    [
        ("z", {}, "no parameter 'z'"),
        ("eps", {}, "no value for phi"),
        ("eps", {"phi": "half"}, "must be a rational number"),
        ("eps", {"phi": -1}, "outside its domain"),
        ("eps", {"phi": 1, "eps": 1}, "beside eps"),
    ],
)
def test_refusals(parameter: str, fixed: dict[str, Any], told: str) -> None:
    with pytest.raises(ModelError, match=told):
        critical_values(load("wishart_wigner"), parameter, **fixed)


def command(*arguments: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
    return subprocess.run(
        [sys.executable, "-m", "derive", "critical", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip


def test_the_command_prints_the_same_whatever_the_hash_seed() -> None:
    arguments = ("wishart_wigner", "--parameter", "eps", "--at", "phi=1/2", "--width", "90")
    first, second = (command(*arguments, seed=seed) for seed in ("1", "2"))
    assert first.returncode == 0
    assert first.stdout == second.stdout
    assert "ε_c = (5 √5 − 11)/16" in first.stdout
    wrong = command("wishart_wigner", "--parameter", "eps", "--at", "phi")
    assert wrong.returncode == 2
    assert "write it as phi=1/2" in wrong.stderr
    assert "Traceback" not in command("sparse_wigner", "--parameter", "c").stderr


def test_the_page_says_what_is_found() -> None:
    results = doctest.testfile(str(ROOT / "docs" / "critical_values.md"), module_relative=False)
    assert results.attempted == 23
    assert results.failed == 0
