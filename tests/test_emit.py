"""Emission: the checked-in files are what the derivations say, byte for byte."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint
import mpmath
import pytest
import sympy as sp

import generated
from derive import Model, Parameter, Wigner, Wishart, derive, files, generate
from derive.emission import module as emit
from derive.emission.python_text import PythonText
from derive.language.model import all_names
from derive.laws import G, x, z
from generated._runtime.arithmetic.triple_double import TripleDouble
from tests.derived import derivation_of

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def derived_files() -> dict[str, str]:
    """All files of `generated/`, derived here and now."""
    return generate.expected([derivation_of(name) for name in all_names()])


def test_checked_in_files_are_current(derived_files: dict[str, str]) -> None:
    assert generate.drift(derived_files, generate.GENERATED) == ""


@pytest.mark.parametrize("name", generated.MODELS)
def test_factored_sums_are_the_sums_of_the_coefficients(name: str) -> None:
    """H(0) and H'(0) of sets of poles, in triple-double at parameters that round nothing away."""
    module = importlib.import_module(f"generated.{name}")
    values = [TripleDouble(value) for value in (0.78125, 1.375, 0.40625)[-len(module.PARAMETERS) :]]
    found = module._coefficients(*values)
    assert len(found.at_zero) == {"semicircle": 0, "relu_hessian": 3}.get(name, 1)
    for which, (place, defect) in found.at_zero.items():
        h, slope = TripleDouble.of(found.mean), TripleDouble(1.0)
        for j in which:
            h, slope = h - found.weights[j] / found.poles[j], slope - found.rates[j]
        assert abs((h - place).to_float()) < 1e-43
        assert abs((slope - defect).to_float()) < 1e-43


def test_drift_is_told_and_mended(derived_files: dict[str, str], tmp_path: Path) -> None:
    generate.write(derived_files, tmp_path)
    assert generate.drift(derived_files, tmp_path) == ""
    target = tmp_path / "wishart_wigner.py"
    text = target.read_text(encoding="utf-8")
    target.write_text(text.replace("2 * eps * phi * g**3", "3 * eps * phi * g**3"), encoding="utf-8")
    (tmp_path / "semicircle.py").unlink()
    (tmp_path / "stray.py").write_text("", encoding="utf-8")
    told = generate.drift(derived_files, tmp_path)
    assert "missing: semicircle.py" in told
    assert "stray.py" in told
    assert any(line.startswith("-") and "3 * eps * phi * g**3" in line for line in told.splitlines())
    changed = generate.write(derived_files, tmp_path, prune=True)
    assert changed == ["semicircle.py", "stray.py", "wishart_wigner.py"]
    assert generate.drift(derived_files, tmp_path) == ""


def test_same_bytes_under_any_hash_seed(derived_files: dict[str, str], tmp_path: Path) -> None:
    """This process has a seed of its own, drawn at random; another one has a fixed seed."""
    code = (
        "import sys, pathlib; from derive import generate; "
        "generate.write(generate.expected(generate.derivations()), pathlib.Path(sys.argv[1]))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "271828"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=ROOT, env=environment)
    assert generate.drift(derived_files, tmp_path) == ""


@pytest.mark.parametrize("name", generated.MODELS)
def test_checked_in_equation_is_the_derived_polynomial(name: str) -> None:
    """Ring operations on symbols: the difference is exactly 0."""
    derived = derivation_of(name)
    symbols = [parameter.symbol for parameter in derived.model.parameters]
    module = importlib.import_module(f"generated.{name}")
    assert sp.expand(module.equation(G, z, *symbols) - derived.equation) == 0
    assert sp.expand(module.edge_polynomial(x, *symbols) - derived.closed_forms["edge_polynomial"]) == 0
    constant = sp.Poly(module.equation(G, z, *symbols), G).coeff_monomial(1)
    assert constant.is_negative


def test_equation_takes_numbers_of_any_ring() -> None:
    equation = importlib.import_module("generated.wishart_wigner").equation
    exact = equation(Fraction(1, 3), Fraction(2), Fraction(1, 8), Fraction(1, 2))
    assert exact == Fraction(-137, 216)
    assert equation(1 / 3, 2.0, 0.125, 0.5) == pytest.approx(float(exact), rel=1e-15)
    assert abs(equation(mpmath.mpf(1) / 3, 2, mpmath.mpf("0.125"), mpmath.mpf("0.5")) - float(exact)) < 1e-14
    ball = equation(flint.arb(1) / 3, flint.arb(2), flint.arb("0.125"), flint.arb("0.5"))
    assert ball.contains(flint.fmpq(-137, 216))


def test_text_names_its_origin_and_no_date(derived_files: dict[str, str]) -> None:
    for name in generated.MODELS:
        text = derived_files[f"{name}.py"]
        assert "`make regenerate`" in text
        assert f"derive/models/{name}.py" in text
        assert max(map(len, text.splitlines())) <= 110


def test_runtime_is_copied_as_it_is(derived_files: dict[str, str]) -> None:
    folder = ROOT / "derive" / "runtime"
    for file in folder.rglob("*.py"):
        name = f"_runtime/{file.relative_to(folder).as_posix()}"
        assert derived_files[name] == file.read_text(encoding="utf-8")


def test_half_written_files_are_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(source: str, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="disk full"):
        files.write_text(tmp_path / "a.py", "text")
    assert list(tmp_path.iterdir()) == []


a, b, c = sp.symbols("a b c", positive=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (1 - a, "1 - a"),
        (-a - b, "-a - b"),
        (a * sp.sqrt(b / 2), "a * sqrt(2 * b) / 2"),
        (1 / (2 * a), "1 / (2 * a)"),
        (b / a**2, "b / a**2"),
        (4 * (1 - a) ** 3 / (a + 3) ** 3, "4 * (1 - a) ** 3 / (a + 3) ** 3"),
        (a ** sp.Rational(-3, 2), "1 / (a * sqrt(a))"),
        (sp.Rational(-3, 2) * c + a, "a - 3 * c / 2"),
        (1 / sp.sqrt(a + 1), "1 / sqrt(a + 1)"),
    ],
)
def test_python_text(expression: sp.Expr, text: str) -> None:
    written = PythonText([a, b, c])(expression)
    assert written == text
    assert sp.expand(eval(written, {"a": a, "b": b, "c": c, "sqrt": sp.sqrt}) - expression) == 0


def test_python_text_refuses_what_it_cannot_write() -> None:
    with pytest.raises(TypeError, match="no Python text"):
        PythonText([a])(sp.sin(a))
    with pytest.raises(TypeError, match="no Python text"):
        PythonText([a])((a + 1) ** sp.Rational(1, 3))


def test_package_lists_its_models() -> None:
    assert 'MODELS = ("one",)\nALGEBRAIC = ()\nFUNCTIONAL = ()' in emit.package_text({"": ["one"]}, "make")
    two = emit.package_text({"": ["b", "a"], "radial": ["c"]}, "make")
    assert two.index('"a"') < two.index('"b"') < two.index('RADIAL = ("c",)')


def test_names_of_coefficients_hide_no_parameter() -> None:
    c1, c2 = Parameter("c1"), Parameter("c2")
    model = Model("Names of coefficients", (c1, c2), Wishart(c1) - Wishart(c2) + Wigner(), name="names")
    derivation = derive(model)
    text = emit.module_text(derivation)
    assert "    c1_ = (" in text
    assert "    c2_ = (" in text
    source = text[text.index("def equation") :].partition("\n\n\n")[0]
    namespace: dict[str, Any] = {"Any": Any}
    exec(source, namespace)
    value = namespace["equation"](G, z, *(p.symbol for p in model.parameters))
    assert sp.expand(value - derivation.equation) == 0
