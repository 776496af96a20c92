"""A user's own model: a file outside the repository becomes a module, or is refused with the reason."""

from __future__ import annotations

import contextlib
import importlib
import io
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pytest

from derive import Parameter
from derive.__main__ import main

HEADER = """
from derive import Atoms, Commutator, DirectSum, Factor, FreePoisson, Gaussian, Gram, Hermitised, Jacobi
from derive import Model, Parameter, Projection, Source, Stated, Wigner, Wishart
import sympy as sp
a = Parameter("a", meaning="first ratio")
v = Parameter("v", domain="[0, oo)", latex=r"\\\\nu", meaning="variance of the Wigner part")
"""


class Ran(NamedTuple):
    """What a command came to: its exit status and what it said of failures."""

    returncode: int
    stderr: str


def run(*arguments: object) -> Ran:
    """`python -m derive`, in this process: whatever would be a traceback there is an exception here."""
    told = io.StringIO()
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(io.StringIO()):
        status = main([str(argument) for argument in arguments])
    return Ran(status, told.getvalue())


def generate(folder: Path, name: str, body: str) -> Ran:
    """Run the command on a model file of the given body, into `folder/out`."""
    file = folder / f"{name}.py"
    file.write_text(HEADER + body, encoding="utf-8")
    return run("generate", "--model", file, "--out", folder / "out")


def generated_module(folder: Path, name: str, body: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of a model file, imported from the package that the command made."""
    ran = generate(folder, name, body)
    assert ran.returncode == 0, ran.stderr
    package = f"out_{name}"
    (folder / "out").rename(folder / package)
    monkeypatch.syspath_prepend(str(folder))
    return importlib.import_module(f"{package}.{name}")


def mass(module: ModuleType, *parameters: float) -> float:
    """Mass of the bands by quadrature of the density, and of the atoms."""
    law = module.law(*parameters)
    return float(law.expect(lambda x: np.ones_like(x)))


GOOD = {
    "shifted_semicircle": (
        'MODEL = Model(title="Shifted semicircle", parameters=(a, v), expression=Wigner(variance=v) * a - 2)',
        {"a": 1.5, "v": 0.5},
        2,
    ),
    "two_wisharts": (
        'MODEL = Model(title="Two Wisharts", parameters=(a,), expression=Wishart(a) - Wishart(2))',
        {"a": 0.5},
        3,
    ),
    "three_wisharts": (
        'MODEL = Model(title="Three Wisharts and a Wigner", parameters=(a, v), expression='
        "Wishart(a) + Wishart(ratio=2 * a, scale=2) + Wishart(sp.Rational(1, 3)) + Wigner(variance=v))",
        {"a": 0.5, "v": 0.25},
        5,
    ),
    "residual_and_two": (
        "F = Gaussian(sp.Rational(1, 2), a, 1) @ Gaussian(a, sp.Rational(1, 2), 1)\n"
        'MODEL = Model(title="Residual, Wisharts, Wigner", parameters=(a, v), expression='
        "Hermitised(F) + Wishart(ratio=a) + Wishart(ratio=3, scale=5) + Wigner(variance=v))",
        {"a": 0.5, "v": 0.25},
        6,
    ),
    "product": (
        'MODEL = Model(title="Product", parameters=(a,), expression=Wishart(a) @ Wishart(2 * a))',
        {"a": 0.25},
        3,
    ),
    "deformed_product": (
        'MODEL = Model(title="Deformed product", parameters=(a, v), expression='
        "Wishart(ratio=a) @ Wishart(ratio=1) + Wigner(variance=v))",
        {"a": 0.25, "v": 0.5},
        5,
    ),
    "no_parameters": (
        'MODEL = Model(title="Numbers only", parameters=(), expression=Wishart(2) + Wigner(1))',
        {},
        3,
    ),
}


@pytest.mark.parametrize("name", sorted(GOOD))
def test_model_file_becomes_a_module(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body, parameters, degree = GOOD[name]
    module = generated_module(tmp_path, name, body, monkeypatch)
    values = tuple(parameters.values())
    law = module.law(*values)
    low, high = law.support()
    x = np.linspace(low - 0.5, high + 0.5, 41)
    density, z = module.density(x, *values), x + 0.25j
    G = module.stieltjes(z, *values)
    scale = sum(abs(module.equation(1j**k * np.abs(G), z, *values)) for k in range(4)) + 1
    assert np.all(np.abs(module.equation(G, z, *values)) < 1e-10 * scale)
    assert np.all(G.imag < 0)
    assert np.all(density >= 0)
    assert mass(module, *values) == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(module.cdf(x, *values) + module.sf(x, *values), 1, atol=1e-11)
    q = np.array([0.15, 0.5, 0.85])
    away = [abs(law.ppf(p) - place) > 1e-9 for p in q for place, _ in law.atoms()]
    if all(away):
        np.testing.assert_allclose(law.cdf(law.ppf(q)), q, atol=1e-9)
    moments = module.moments(4, *values)
    for order in range(1, 5):
        assert law.expect(lambda t, n=order: t**n) == pytest.approx(moments[order], rel=1e-8, abs=1e-9)
    kappa = module.free_cumulants(3, *values)
    assert kappa[0] == pytest.approx(moments[1])
    assert kappa[1] == pytest.approx(moments[2] - moments[1] ** 2)
    assert 0 <= module.index(*values) == pytest.approx(law.cdf(0.0) - law.mass_at_zero(), abs=1e-11)
    place, overlap = module.outliers(high - law.mean() + 10 * law.std(), *values)
    assert place > high
    assert 0 < overlap < 1
    spike = 1 / module.stieltjes(place, *values).real
    assert spike == pytest.approx(high - law.mean() + 10 * law.std(), rel=1e-8)
    sympy = pytest.importorskip("sympy")
    g, z_ = sympy.symbols("g z")
    exact = {name: sympy.Rational(value) for name, value in parameters.items()}
    assert sympy.Poly(module.equation(g, z_, **exact), g).degree() == degree


BAD = {
    "no_model": ("X = 1", "defines no MODEL"),
    "not_a_model": ("MODEL = 3", "not derive.Model"),
    "broken": ("MODEL = Model(", "SyntaxError"),
    "undeclared": (
        'MODEL = Model(title="t", parameters=(a,), expression=Wishart(ratio=a) + Wigner(variance=v))',
        "without declaring",
    ),
    "quoted": (
        'MODEL = Model(title="t", parameters=(a,), expression=Wishart(ratio="a"))',
        "got the text 'a'; use the Parameter itself, without quotes",
    ),
    "a_parameter_alone": ('MODEL = Model(title="t", parameters=(a,), expression=a)', "write it with Wigner"),
    "unused": (
        'MODEL = Model(title="t", parameters=(a, v), expression=Wishart(ratio=a))',
        "declares v but its expression has no such symbol; take it out",
    ),
    "negative_variance": (
        'MODEL = Model(title="t", parameters=(), expression=Wigner(variance=-1))',
        "variance",
    ),
    "negative_ratio": ('MODEL = Model(title="t", parameters=(), expression=Wishart(ratio=-2))', "ratio"),
    "contradiction": (
        'from derive.laws import g\nMODEL = Model(title="t", parameters=(a,), expression=Wishart(ratio=a), '
        'stated=(Stated("r_transform", 1 / (1 - 2 * a * g), Source("a paper", "eq. 1")),))',
        "eq. 1",
    ),
    "keyword": ('p = Parameter("lambda")', "keyword"),
    "argument": ('p = Parameter("theta")', "'theta' is taken"),
    "private": ('p = Parameter("_a")', "choose another, for example a0"),
    "words_for_a_domain": (
        'p = Parameter("p", domain="positive")',
        "line 7, fails: ValueError: domain 'positive'",
    ),
    "pair_for_a_domain": ('p = Parameter("p", domain=(0, 1))', "is not an interval"),
    "division_by_0_in_a_domain": ('p = Parameter("p", domain="(0, 1/0)")', "'1/0' is no end of a domain"),
    "typical_left_out": ('p = Parameter("p", domain="(0, 1)")', "give typical=(low, high)"),
    "typical_descends": ('p = Parameter("p", typical=(2, 1))', "must ascend"),
    "default_of_words": ('p = Parameter("p", default="one")', "must be a rational number"),
    "unknown_role": ('p = Parameter("p", role="mass")', "role of p must be one of"),
    "title": ("MODEL = Model(title=3, parameters=(a,), expression=Wishart(a))", "title must be one line"),
    "two_lines": ('MODEL = Model(title="two\\nlines", parameters=(a,), expression=Wishart(a))', "one line"),
    "parameters": (
        'MODEL = Model(title="t", parameters=a, expression=Wishart(a))',
        "must be a tuple of Parameter objects, as (eps, phi)",
    ),
    "symbols": (
        'b = sp.Symbol("b")\nMODEL = Model(title="t", parameters=(b,), expression=Wishart(b))',
        "b is Symbol",
    ),
    "stated": (
        'MODEL = Model(title="t", parameters=(a,), expression=Wishart(a), stated=("R = 1",))',
        "'R = 1' is str",
    ),
    "ends": ("raise SystemExit(0)", "ends the program"),
    "_runtime": ('MODEL = Model(title="t", parameters=(a,), expression=Wishart(a))', "underscore"),
    "class": ('MODEL = Model(title="t", parameters=(a,), expression=Wishart(a))', "keyword"),
    "rectangular": ('MODEL = Model(title="t", parameters=(a,), expression=Gaussian(1, a))', "Hermitised"),
    "shapes": (
        'MODEL = Model(title="t", parameters=(a,), expression=Gram(Gaussian(1, a) @ Gaussian(1, a)))',
        "do not fit",
    ),
    "rows_of_a_gram": (
        'MODEL = Model(title="t", parameters=(a,), expression=Gram(Gaussian(2, a)))',
        "the rows of F must be 1 (in units of N), got 2",
    ),
    "rows_and_columns": (
        'MODEL = Model(title="t", parameters=(a,), expression=Hermitised(Gaussian(1, a)))',
        "rows + columns of F must be 1 (in units of N), got 1 + a",
    ),
    "rectangular_term": (
        'MODEL = Model(title="t", parameters=(a,), expression=Wishart(a) + Gaussian(1, 1))',
        "make it square by Gram(...) or Hermitised(...)",
    ),
    "indefinite_product": (
        'MODEL = Model(title="t", parameters=(a,), expression=Wigner(1) @ (Wishart(a) - Wishart(a)))',
        "nonnegative",
    ),
    "variance_negative_in_part_of_the_domain": (
        'MODEL = Model(title="t", parameters=(a,), expression=Wishart(ratio=a) + Wigner(variance=a - 50))',
        "a - 50",
    ),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_wrong_model_file_is_refused(name: str, tmp_path: Path) -> None:
    body, reason = BAD[name]
    ran = generate(tmp_path, name, body)
    assert ran.returncode != 0
    assert reason in ran.stderr, ran.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{name}.py"]


def test_unknown_name_and_missing_file_are_refused() -> None:
    for arguments in (["show", "wishart_wiger"], ["generate", "--model", "missing.py", "--out", "x"]):
        ran = run(*arguments)
        assert ran.returncode != 0
        assert "wishart_wigner" in ran.stderr


def test_words_of_a_model_file_may_be_any_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    title, meaning = r'Of \nu, "quoted" and """thrice"""', r'say "\sigma"'
    body = (
        f"b = Parameter('b', meaning={meaning!r}, latex=r'\\beta_{{\\text{{\"b\"}}}}')\n"
        f"MODEL = Model(title={title!r}, parameters=(b,), expression=Wigner(b))"
    )
    module = generated_module(tmp_path, "words", body, monkeypatch)
    assert title == module.TITLE
    assert title in (module.__doc__ or "")
    assert module.PARAMETERS[0].meaning == meaning


SIMPLE = 'MODEL = Model(title="t", parameters=(a,), expression=Wishart(a))'


@pytest.mark.parametrize("name", ["mine", "__init__"])
def test_files_written_by_others_are_not_lost(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    kept = folder / f"{name}.py"
    kept.write_text("VALUE = 1\n", encoding="utf-8")
    ran = generate(tmp_path, "mine", SIMPLE)
    assert ran.returncode != 0
    assert "would be lost" in ran.stderr
    assert [path.name for path in folder.iterdir()] == [kept.name]
    assert kept.read_text(encoding="utf-8") == "VALUE = 1\n"


def test_a_model_file_is_not_overwritten_by_its_module(tmp_path: Path) -> None:
    assert generate(tmp_path, "mine", SIMPLE).returncode == 0
    assert generate(tmp_path, "mine", SIMPLE).returncode == 0  # its own module it does replace
    file, text = tmp_path / "mine.py", (tmp_path / "mine.py").read_text(encoding="utf-8")
    ran = run("generate", "--model", file, "--out", tmp_path)
    assert ran.returncode != 0
    assert "would be lost" in ran.stderr
    assert file.read_text(encoding="utf-8") == text


def test_folders_that_cannot_be_made_are_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(HEADER + SIMPLE, encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    for out, reason in (("file", "is no folder"), ("file/below", "Not a directory")):
        ran = run("generate", "--model", tmp_path / "mine.py", "--out", tmp_path / out)
        assert ran.returncode == 1
        assert reason in ran.stderr


@pytest.mark.parametrize(
    ("name", "latex"), [("phi", r"\phi"), ("eps", r"\epsilon"), ("c1", "c_1"), ("rate", r"\mathrm{rate}")]
)
def test_latex_is_read_off_the_name_where_it_is_left_out(name: str, latex: str) -> None:
    assert Parameter(name).latex == latex
