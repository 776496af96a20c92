"""One job of `benchmarks.algebra_jobs`, done in this process by one side; prints JSON: seconds and result.

    python -m benchmarks.algebra_side ours|rmtool KIND TEXT

The clock of both sides runs from the job's text to a SymPy polynomial, or a list of moments; imports and
symbols come before it, and the result is printed after it. rmtool (GPL) is run through its public functions
and lends no code.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from .algebra_jobs import CUBIC, NUMBERS

LETTERS = "abcdef"
ORDER = 12
GRID = np.linspace(-3, 8, 1000)
# our frozen laws take so many points at a time
POINTS = 100_000
MODEL = """from derive import *
SHARE = dict(domain="(0, 1)", typical=(0.1, 0.9))
LETTERS = {{n: Parameter(n, **SHARE if n in "df" else {{}}) for n in "{used}"}}
globals().update(LETTERS)
MODEL = Model(title="{title}", parameters=tuple(LETTERS.values()), expression={text})
"""


def rmtool_side(kind: str, text: str) -> tuple[float, Any]:
    """(seconds, result) of RMTool's Python port."""
    import rmtool

    names: dict[str, Any] = dict(vars(rmtool)) | {"Rational": sp.Rational}
    names |= {letter: sp.Symbol(letter) for letter in LETTERS if letter != "c"}
    numbers = {names[letter]: sp.Rational(value) for letter, value in NUMBERS.items()}
    if kind == "transform":
        names["P"] = eval(CUBIC, names)
    if kind == "density":
        polynomial = sp.expand(eval(text, names).subs(numbers))
    start = time.perf_counter()
    result: Any = None
    if kind == "density":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = rmtool.Lmz2pdf(polynomial, GRID).density
        return (time.perf_counter() - start) / GRID.size, np.asarray(result).shape[0]
    result = eval(text, names)
    if kind == "whole":
        moments = rmtool.Lmz2MomS(result, ORDER)
        rmtool.Lmz2pdf(sp.expand(result.subs(numbers)), GRID)
        result = moments
    seconds = time.perf_counter() - start
    return seconds, str(result)


def our_side(kind: str, text: str) -> tuple[float, Any]:
    """(seconds, result) of ours."""
    import derive
    from derive.analysis import series

    names: dict[str, Any] = dict(vars(derive))
    names |= {n: derive.Parameter(n) for n in LETTERS if n not in "df"}
    names |= {n: derive.Parameter(n, domain="(0, 1)", typical=(0.1, 0.9)) for n in "df"}
    if kind == "transform":
        cubic = derive.derive(_model(eval("Wishart(c) + Wigner(1)", names), names)).equation
        start = time.perf_counter()
        result = derive.to_transform(cubic, text)
        seconds = time.perf_counter() - start
        return seconds, str(result)
    if kind == "density":
        return _our_density(text)
    start = time.perf_counter()
    expression = eval(text, names)
    model = _model(expression, names)
    if kind == "whole":
        with tempfile.TemporaryDirectory() as folder:
            law = _module(text, Path(folder))
            law.pdf(GRID)
            found = law.moment(1)
        return time.perf_counter() - start, float(found)
    if kind == "kernel":
        result = derive.subordination(model).kernel
    elif kind == "equation":
        result = _equation(model)
    else:
        result = series.moments(derive.law_of(model), ORDER)
    seconds = time.perf_counter() - start
    return seconds, str(result)


def _model(expression: Any, names: dict[str, Any]) -> Any:
    used = {symbol.name for symbol in expression.free_symbols}
    return names["Model"]("job", tuple(names[n] for n in LETTERS if n in used), expression)


def _equation(model: Any) -> Any:
    """The polynomial, of a finite spectrum too."""
    from derive.algebra.polynomials import canonical_of
    from derive.pipeline import domain_facts
    from derive.transforms import read, setting_of

    symbols = (p.symbol for p in model.parameters)
    setting = setting_of(model.expression, symbols, domain_facts(model.parameters))
    return canonical_of(setting.ring, read(model.expression, "H", setting).equation)


def _module(text: str, folder: Path) -> Any:
    """The frozen law at `NUMBERS` of a module generated in a folder."""
    from importlib import import_module

    from derive.__main__ import main

    used = "".join(letter for letter in LETTERS if _occurs(letter, text))
    (folder / "job.py").write_text(MODEL.format(used=used, title="job", text=text), encoding="utf-8")
    stdout, sys.stdout = sys.stdout, sys.stderr
    try:
        main(["generate", "--model", str(folder / "job.py"), "--out", str(folder / "laws")])
    finally:
        sys.stdout = stdout
    sys.path.insert(0, str(folder))
    numbers = {letter: float(sp.Rational(NUMBERS[letter])) for letter in used}
    return import_module("laws.job").law(**numbers)


def _occurs(letter: str, text: str) -> bool:
    import re

    return re.search(rf"\b{letter}\b", text) is not None


def _our_density(text: str) -> tuple[float, Any]:
    with tempfile.TemporaryDirectory() as folder:
        law = _module(text, Path(folder))
        x = np.linspace(GRID[0], GRID[-1], POINTS)
        law.pdf(x[:10])
        seconds = []
        for _ in range(5):
            start = time.perf_counter()
            law.pdf(x)
            seconds.append((time.perf_counter() - start) / POINTS)
    return float(np.median(seconds)), POINTS


SIDES: dict[str, Callable[[str, str], tuple[float, Any]]] = {"ours": our_side, "rmtool": rmtool_side}

if __name__ == "__main__":
    _, side, kind, text = sys.argv
    seconds, result = SIDES[side](kind, text)
    print(json.dumps({"seconds": seconds, "result": result}))
