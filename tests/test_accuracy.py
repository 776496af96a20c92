"""The evaluators against certified values: worst cases kept, and a random sample over the whole domain.

The long mode is `make soak`. A bound is never widened here: what exceeds it is mended; a case that is kept
though it exceeds its bound says why in "open", and fails as soon as it no longer does.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import generated
from verify.accuracy import FUNCTIONS, reference
from verify.precise import Law
from verify.soak.command import soak
from verify.soak.report import report
from verify.soak.tally import Bad, Tally, certified, worst_of
from verify.soak.task import Size, Task, evaluated

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "worst_cases.json").read_text())
SIZE = Size(points_a_law=24, laws=3, laws_with_one_point=28)
SEED = 20170806
DEEP, WIDE = 0, 3  # a task with a few laws and many points, and one with one point a law


def named(case: dict[str, Any]) -> str:
    return f"{case['model']}-{case['function']}-{case.get('point', case.get('place'))}"


def _marked(case: dict[str, Any]) -> Any:
    """A case whose error exceeds the bound says why in "open"."""
    marks = [pytest.mark.xfail(reason=case["open"], strict=True)] if "open" in case else []
    return pytest.param(case, id=named(case), marks=marks)


def errors_of(case: dict[str, Any]) -> dict[str, float]:
    """The error of every path at a recorded case."""
    function = FUNCTIONS[case["function"]]
    module = Task(case["model"], 0, 0, []).laws.module
    if function.argument is None:
        return {"scalar": law_error(case, module)}
    point = case["point"]
    points = np.array([complex(*point) if isinstance(point, list) else point])
    law = Law(case["model"], **case["values"])
    found = {}
    # Another law beside it, or an array of one law would be a scalar.
    laws = [case["values"], {key: value * (1 + 2**-20) for key, value in case["values"].items()}]
    for path in function.paths:
        got = evaluated(module, function.name, path, laws, points.repeat(2))[:1]
        if function.of_law is not None:
            found[path] = function.of_law(law, points, got)[0]
        else:
            found[path] = function.error(got, reference([function.certified(law, points[0].item(), 90)]))[0]
    return found


def law_error(case: dict[str, Any], module: Any) -> float:
    """The largest error of a function of the law alone."""
    name, values = case["function"], dict(case["values"])
    function, law = FUNCTIONS[name], Law(case["model"], **values)
    if name == "critical_energy":
        del values["eps"]
    arguments = (40,) if name == "moments" else ()
    got = np.atleast_1d(getattr(module, name)(*arguments, **values)).ravel()
    exact = reference(function.certified(law, 90))
    errors = function.error(got[~np.isnan(got)], exact)
    return float(np.max(np.where(np.isinf(exact.high), 0.0, errors)))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_kept_digits_are_certified(case: dict[str, Any]) -> None:
    assert certified(case) == case["certified"]
    assert case["bound"] == FUNCTIONS[case["function"]].bound


@pytest.mark.parametrize("case", [_marked(case) for case in CASES])
def test_kept_worst_cases(case: dict[str, Any]) -> None:
    errors = errors_of(case)
    assert max(errors.values()) <= case["bound"], errors


@lru_cache(maxsize=64)
def sampled(model: str, number: int) -> Tally:
    """A small task with every function, which share their certified roots."""
    return Task(model, SEED, number, list(FUNCTIONS), SIZE).run()


@pytest.mark.parametrize("number", [DEEP, WIDE])
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("model", generated.MODELS)
def test_random_sample(model: str, function: str, number: int) -> None:
    worst = worst_of(sampled(model, number), model, function)
    # neither frozen laws' own methods nor the slow certificate with many laws
    assert (
        worst is not None or function == "critical_energy" or (number == WIDE and FUNCTIONS[function].method)
    )
    assert worst is None or worst.error <= FUNCTIONS[function].bound, worst


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name != "mass_at_zero"])
def test_a_planted_error_is_caught(function: str) -> None:
    """A relative error of 1e-13, three units in the last place of a quantile or an edge."""
    module = Task("wishart_wigner", SEED, DEEP, []).laws.module
    method = FUNCTIONS[function].method

    def spoilt(right: Any) -> Any:
        if function.endswith("from_edge"):
            return right._replace(distance=right.distance * (1 + 1e-13))
        return right + 3 * np.spacing(right) if FUNCTIONS[function].unit == "ulp" else right * (1 + 1e-13)

    def wrong(*arguments: Any, **values: Any) -> Any:
        if method:  # of the frozen law that this makes
            law = module.law(*arguments, **values)
            return SimpleNamespace(**{method: lambda q: spoilt(getattr(law, method)(q))})
        return spoilt(getattr(module, function)(*arguments, **values))

    task = Task("wishart_wigner", SEED, DEEP, [function], SIZE)
    task.laws.module = SimpleNamespace(**{**vars(module), "law" if method else function: wrong})
    worst = worst_of(task.run(), "wishart_wigner", function, "scalar")
    assert worst is not None
    assert worst.error > FUNCTIONS[function].bound


def test_a_missing_conjugate_is_caught() -> None:
    module = Task("semicircle", SEED, DEEP, []).laws.module

    def wrong(z: Any, *arguments: Any, **values: Any) -> Any:
        right = module.stieltjes(z, *arguments, **values)
        return np.where(np.imag(z) < 0, np.conj(right), right)

    task = Task("semicircle", SEED, DEEP, ["stieltjes"], SIZE)
    task.laws.module = SimpleNamespace(**{**vars(module), "stieltjes": wrong})
    tally = task.run()
    missed = {key[3] for key, cases in tally.worst.items() if cases[0].error > 0.1}
    assert missed
    assert all(region.endswith(", below") for region in missed)


def test_a_soak_that_is_cut_short_says_where_to_go_on() -> None:
    tally = soak(["semicircle"], 10_000, ["index"], SEED, 1, skip=1, minutes=0.0, quiet=True)
    assert tally.first_left == 3  # two tasks are begun before the time is looked at
    assert sum(tally.counts.values()) > 0
    *_, last = report(tally)
    assert "--skip 3" in last


def test_the_case_nearest_to_its_bound() -> None:
    tally, key = Tally(), ("semicircle", "cdf", "scalar", "inside")
    assert tally.nearest() == ""
    for error in (1e-15, 4e-14, 2e-15):
        tally.add(key, 1, [Bad(error, *key, {"sigma": 1.0}, 0.5, 0, "0.5")])
    assert tally.nearest() == "semicircle.cdf at 2 of its bound"
