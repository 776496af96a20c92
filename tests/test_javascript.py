"""The emitted JavaScript: the derivation's formulas exactly, and the NumPy evaluators' numbers.

Everything runs in an engine of its own (QuickJS), so that no browser is needed. Tolerances are a hundred
times smaller than the explorer's promise of 1e-10 of the maximum.
"""

from __future__ import annotations

import importlib
import itertools
import json
import math
import os
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import quickjs
import sympy as sp

import generated
from derive import Model, Wishart, derive, load
from derive.emission.javascript import script
from derive.emission.javascript_text import body, expression
from derive.laws import G, Levy, z
from tests.derived import derivation_of

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-12
PROBE = """
const probe = (name, values, xs) => {
  const model = stieltjes.models[name];
  const law = stieltjes.law(model, values);
  const text = (x) => (x === Infinity ? "inf" : x);
  const masses = xs.map((x) => law.masses(x));
  return JSON.stringify({
    density: xs.map((x) => text(law.density(x))), cdf: masses.map((m) => m.cdf), sf: masses.map((m) => m.sf),
    bands: law.bands, atom: law.atom, index: law.index, zero: law.massAtZero, mean: law.mean,
    variance: law.variance, critical: stieltjes.criticalEnergy(model, values),
    prefactor: stieltjes.indexPrefactor(model, values),
  });
};
"""


def module_of(name: str) -> Any:
    """A generated module."""
    return importlib.import_module(f"generated.{name}")


LEVY = [name for name in generated.MODELS if hasattr(module_of(name), "LevyCoefficients")]


@cache
def emitted() -> str:
    """The script for all models that ship and whose laws are free Levy laws."""
    return script([derivation_of(name) for name in LEVY])


def engine(text: str) -> Any:
    """An engine in which the script has run."""
    context = quickjs.Context()
    context.eval(text)
    return context


def probe(context: Any, name: str, values: dict[str, float], xs: Any) -> dict[str, Any]:
    """What the page knows of a law."""
    call = f"probe({json.dumps(name)}, {json.dumps(values)}, {json.dumps([float(x) for x in xs])})"
    found: dict[str, Any] = json.loads(context.eval(call))
    found["density"] = np.array([float(d) for d in found["density"]])
    return found


# --- formulas ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("python", "javascript"),
    [
        ("1 - a", "1 - a"),
        ("-a**2 * b", "-(a ** 2) * b"),
        ("(-a) ** 2", "(-a) ** 2"),
        ("-a / b", "-a / b"),
        ("a - (b - c)", "a - (b - c)"),
        ("a / (b * c)", "a / (b * c)"),
        ("a / b * c", "a / b * c"),
        ("2 * (a + b) ** 3", "2 * (a + b) ** 3"),
        ("-(a + b)", "-(a + b)"),
        ("PI * sqrt(a)", "Math.PI * Math.sqrt(a)"),
        ("(a < 1) & (1 - b > 0)", "a < 1 && 1 - b > 0"),
    ],
)
def test_python_as_javascript(python: str, javascript: str) -> None:
    assert expression(python) == javascript
    names = {"a": 3.0, "b": -2.0, "c": 5.0}
    wanted = eval(python, {**names, "PI": math.pi, "sqrt": math.sqrt})
    context = quickjs.Context()
    context.eval("".join(f"const {name} = {value};" for name, value in names.items()))
    assert context.eval(javascript) == wanted


def test_what_is_not_emitted_is_refused() -> None:
    for python in ("a // b", "a if b else c", "f(x=1)", "a < b < c", "True"):
        with pytest.raises(TypeError, match="no JavaScript"):
            expression(python)
    with pytest.raises(TypeError, match="no JavaScript"):
        body(["    print(1)"])


@pytest.mark.parametrize("name", LEVY)
def test_the_equation_is_the_derived_polynomial(name: str) -> None:
    """Two polynomials that agree on a grid with more points than degrees are the same; integers are exact."""
    derivation = derivation_of(name)
    symbols = [G, z, *(parameter.symbol for parameter in derivation.model.parameters)]
    polynomial = sp.Poly(derivation.equation, *symbols)
    grid = list(itertools.product(*(range(1, degree + 2) for degree in polynomial.degree_list())))
    found = engine(emitted()).eval(
        f"JSON.stringify({json.dumps(grid)}.map((p) => stieltjes.models.{name}.equation(...p)))"
    )
    assert json.loads(found) == [int(polynomial.eval(point)) for point in grid]


@pytest.mark.parametrize("name", LEVY)
def test_coefficients_have_thirty_digits(name: str) -> None:
    derivation = derivation_of(name)
    assert isinstance(derivation.law, Levy)
    law, symbols = derivation.law, [p.symbol for p in derivation.model.parameters]
    point = [0.7, 1.3, 0.9][: len(symbols)]
    exact = dict(zip(symbols, map(sp.Rational, point), strict=True))
    called = engine(emitted()).eval(f"JSON.stringify(stieltjes.models.{name}.coefficients(...{point}))")
    found = json.loads(called)
    wanted = {"mean": [law.mean], "poles": law.poles, "weights": law.weights, "rates": law.rates}
    for key, values in wanted.items():
        got = found[key] if isinstance(found[key], list) else [found[key]]
        assert len(got) == len(values)
        for number, value in zip(got, values, strict=True):
            if value is None:
                assert number is None
                continue
            number = number if isinstance(number, dict) else {"hi": number, "lo": 0}
            total = Fraction(number["hi"]) + Fraction(number["lo"])
            reference = sp.N(sp.sympify(value).subs(exact), 60)
            error = abs(sp.Rational(total.numerator, total.denominator) - reference)
            assert error <= 1e-30 * abs(reference)


def test_double_double_arithmetic_against_fractions() -> None:
    runtime = (ROOT / "derive" / "javascript" / "double_double.js").read_text(encoding="utf-8")
    context = engine(runtime)
    rng = np.random.default_rng(1)
    for _ in range(100):
        parts = [[float(hi), float(hi * 2**-54 * lo)] for hi, lo in rng.uniform(-1, 1, (2, 2))]
        a, b = (Fraction(hi) + Fraction(lo) for hi, lo in parts)
        x, y = (f"{{hi: {hi!r}, lo: {lo!r}}}" for hi, lo in parts)
        for call, wanted in ((f"plus({x}, {y})", a + b), (f"minus({x}, {y})", a - b),
                             (f"times({x}, {y})", a * b), (f"over({x}, {y})", a / b),
                             (f"power({x}, 3)", a**3)):  # fmt: skip
            got = json.loads(context.eval(f"JSON.stringify({call})"))
            scale = max(abs(a), abs(b)) if call[:4] in ("plus", "minu") else abs(wanted)
            assert abs(Fraction(got["hi"]) + Fraction(got["lo"]) - wanted) <= Fraction(2) ** -98 * scale
        root = json.loads(context.eval(f"JSON.stringify(sqrt(times({x}, {x})))"))
        assert abs(Fraction(root["hi"]) + Fraction(root["lo"]) - abs(a)) <= Fraction(2) ** -98 * abs(a)


# --- numbers -----------------------------------------------------------------------------------


def laws_of(name: str, many: int) -> list[dict[str, float]]:
    """Parameters over a model's domain: random ones, and those at which its laws degenerate."""
    model, rng = load(name), np.random.default_rng(20170806)
    module = module_of(name)
    found = []
    for i in range(many):
        values: dict[str, float] = {}
        sigma = float(10 ** rng.uniform(-1, 1))
        for p in model.parameters:
            if p.name == "sigma":
                values["sigma"] = sigma
            elif p.name == "phi":
                special = [1.0, 2.0, 0.5, 4.0, 1 + 1e-6, 1 - 1e-6]
                values["phi"] = special[i % 6] if i % 3 == 0 else float(10 ** rng.uniform(-3, 3))
            else:
                special = [0.0, 2.0, 1e-6, 1e3]
                values["eps"] = special[i % 4] if i % 5 == 0 else float(10 ** rng.uniform(-6, 3))
                values["eps"] *= sigma**2 if "sigma" in {q.name for q in model.parameters} else 1
        found.append(values)
        if hasattr(module, "critical_energy") and values["phi"] < 1 - 1e-3:
            critical = float(module.critical_energy(*[values[p.name] for p in module.PARAMETERS[1:]]))
            found.append(values | {"eps": critical * (1 + (1e-9, -1e-9, 1e-3, 0.0)[i % 4])})
    three = {"eps": 20.0, "phi": 30.0, "sigma": 1.0}  # three bands, an atom between them
    return [*found, three] if name == "relu_hessian" else found


def points_of(law: Any, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Points in the bands, up to 1e-9 of their widths from the edges on either side, the atoms, 0."""
    points = [0.0]
    for low, high in law.bands():
        width = high - low
        steps = width * 10.0 ** -np.arange(1, 10, 2)
        points += [*(low + width * rng.uniform(size=4)), *(low + steps), *(high - steps)]
        points += [*(low - steps), *(high + steps)]
    for place, _ in law.atoms():
        points += [place, place - 1e-9, place + 1e-9]
    return np.array([x for x in points if math.isfinite(x)])


def worst(text: str, name: str, many: int) -> dict[str, float]:
    """Largest differences from the NumPy evaluators; of densities in units of the largest one."""
    context, module = engine(text + PROBE), module_of(name)
    rng = np.random.default_rng(4)
    errors: dict[str, float] = {}

    def note(key: str, error: Any) -> None:
        errors[key] = max(errors.get(key, 0.0), float(np.max(error, initial=0.0)))

    for values in laws_of(name, many):
        law = module.law(**values)
        xs = points_of(law, rng)
        found = probe(context, name, values, xs)
        density = law.pdf(xs)
        finite = np.isfinite(density)
        agree = [
            np.array_equal(finite, np.isfinite(found["density"])),
            len(found["bands"]) == len(law.bands()),
            (found["atom"] is None) == (len(law.atoms()) == 0),
        ]
        note("shape", 0.0 if all(agree) else np.inf)
        if not all(agree):
            continue
        largest = density[finite].max(initial=0.0) or 1.0
        note("density", np.abs(found["density"][finite] - density[finite]) / largest)
        note("cdf", np.abs(np.array(found["cdf"]) - law.cdf(xs)))
        note("sf", np.abs(np.array(found["sf"]) - law.sf(xs)))
        bands = law.bands()
        if len(bands):
            note("bands", np.abs(np.array(found["bands"]) - bands) / np.abs(bands).max())
        for place, mass in law.atoms():
            note("atom", [abs(found["atom"]["place"] - place), abs(found["atom"]["mass"] - mass)])
        note("index", abs(found["index"] - law.index()))
        note("zero", abs(found["zero"] - law.mass_at_zero()))
        note("mean", abs(found["mean"] / (law.mean() or 1) - (law.mean() != 0)))
        note("variance", abs(found["variance"] / (law.var() or 1) - (law.var() != 0)))
        if hasattr(module, "critical_energy"):
            rest = [values.get(p.name, p.default) for p in module.PARAMETERS[1:]]
            energy = float(module.critical_energy(*rest))
            note("critical", abs(found["critical"] - energy) / (energy or 1))
            if energy > 0:
                note("prefactor", abs(found["prefactor"] / float(module.index_prefactor(*rest)) - 1))
            else:
                note("prefactor", 0.0 if found["prefactor"] is None else np.inf)
    return errors


@pytest.mark.parametrize("name", LEVY)
def test_numbers_are_the_numpy_evaluators(name: str) -> None:
    errors = worst(emitted(), name, 40)
    assert {"shape", "density", "cdf", "sf", "bands", "index", "zero"} <= set(errors)
    assert {key: error for key, error in errors.items() if error > TOLERANCE} == {}


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("wishart_wigner", "times(2, eps)", "times(2.000001, eps)"),
        ("relu_hessian", "over(times(eps, phi), 4)]", "over(times(eps, phi), 4.000001)]"),
        ("relu_residual", "over(1, times(2, phi))", "over(1, times(2.000001, phi))"),
        ("relu_hessian", "16 * sigma ** 2", "16 * sigma"),
        ("wishart_wigner", "16 * (1 - phi) / (3", "16 * (1 - phi) / (4"),
        ("marchenko_pastur", "at_zero: [[[0], [0,", "at_zero: [[[0], [1e-9,"),
        ("semicircle", "let term = (2 / 3)", "let term = (2.00001 / 3)"),
        ("marchenko_pastur", "compare(x, law.place) : null", "1 : null"),
    ],
)
def test_planted_errors_are_caught(name: str, right: str, wrong: str) -> None:
    before = emitted()
    part = before.index(f"models.{name} = ") if right in before[before.index("const models") :] else 0
    assert right in before[part:]
    planted = before[:part] + before[part:].replace(right, wrong, 1)
    assert max(worst(planted, name, 12).values()) > 1e-10


def test_the_curve_that_is_drawn_is_the_density() -> None:
    context = engine(emitted())
    context.eval(
        """const law = stieltjes.law(stieltjes.models.wishart_wigner, { eps: 0.05, phi: 0.5 });
        const points = law.curves(() => false)[0];"""
    )
    found = json.loads(context.eval("JSON.stringify(points)"))
    law = module_of("wishart_wigner").law(eps=0.05, phi=0.5)
    xs, densities = np.array([p["x"] for p in found]), np.array([p["density"] for p in found])
    assert np.all(np.diff(xs) > 0)
    assert np.abs(densities - law.pdf(np.clip(xs, *law.bands()[0]))).max() < 1e-7


# --- refusals and form -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("{ eps: -1, phi: 1 }", "eps must be a number in [0, oo), got -1"),
        ("{ eps: 1, phi: 0 }", "phi must be a number in (0, oo), got 0"),
        ("{ eps: NaN, phi: 1 }", "eps must be a number in [0, oo), got NaN"),
        ("{ eps: 1 }", "phi must be a number in (0, oo), got null"),
        ("{ eps: 1, phi: Infinity }", "phi must be a number in (0, oo), got Infinity"),
    ],
)
def test_values_outside_the_domain_are_refused(values: str, told: str) -> None:
    context = engine(emitted())
    with pytest.raises(quickjs.JSException) as caught:
        context.eval(f"stieltjes.law(stieltjes.models.wishart_wigner, {values})")
    assert told in str(caught.value)


def test_laws_outside_the_class_are_refused() -> None:
    model = Model("Product", (), Wishart(1) @ Wishart(2), name="product")
    with pytest.raises(TypeError, match="came to a law of type Algebraic"):
        script([derive(model)])


def test_the_script_stands_alone() -> None:
    text = emitted()
    assert not any(word in text for word in ("import ", "export ", "require(", "fetch(", "http", "document"))
    assert max(map(len, text.splitlines())) <= 230


def test_same_bytes_under_any_hash_seed() -> None:
    code = (
        "from derive import derive, load; from derive.emission.javascript import script; "
        "print(script([derive(load('wishart_wigner'))]), end='')"
    )
    environment = os.environ | {"PYTHONHASHSEED": "271828", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    assert run.stdout == script([derivation_of("wishart_wigner")])
