"""Every claim of the ledger: its verdict, that its checks can fail, and that the ledger is complete.

The verdicts are those of `verify/papers/verdicts.json`; `python -m verify ledger --accept` writes them anew.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from verify.ledger import (
    Check,
    Claim,
    Finding,
    LedgerError,
    Method,
    Paper,
    Reading,
    Status,
    Verdict,
    certified,
    entry,
    exact,
    judge,
    papers,
    proved_throughout,
    refused,
    sampled,
    wrong_forms,
)
from verify.papers.deciding import derivation
from verify.planting import changed
from verify.summary import BEGIN, END, README, REFUTED, block, brief, expected, refuted_page

CLAIMS = {claim.id: claim for paper in papers() for claim in paper.claims}


@pytest.mark.parametrize("name", CLAIMS)
def test_verdict_and_planted_errors(name: str) -> None:
    """The verdict is the expected one, every number changed by 1 is refused, and no check refuses nothing.

    What is proved must be proved as a whole: there the exact checks alone have to refuse.
    """
    claim = CLAIMS[name]
    verdict = judge(claim)
    assert brief(verdict) == expected().get(name)
    assert json.loads(json.dumps(entry(verdict, ""))) == entry(verdict, "")  # plain values alone
    if not claim.checks:
        return
    wrong = list(wrong_forms(verdict))
    assert wrong, "nothing in the formula can be wrong; give planted forms"
    exact_ones = tuple(check for check in claim.checks if check.method is Method.EXACT)
    deciding = replace(claim, checks=exact_ones) if verdict.status is Status.PROVED else claim
    accepted = [formula for formula in wrong if not refused(deciding, formula)]
    assert not accepted, "accepted although wrong"
    for check in claim.checks:
        alone = any(_refuses(check, formula) for formula in wrong)
        assert alone, f"{check.decide.__name__} accepts every wrong form"


def _refuses(check: Check, formula: Any) -> bool:
    try:
        return not check(formula).holds
    except (ArithmeticError, ValueError):
        return True


def test_every_kind_of_check_is_used() -> None:
    used = Counter(check.method for claim in CLAIMS.values() for check in claim.checks)
    assert set(used) == set(Method)


def test_every_equation_has_a_row() -> None:
    """The ids against the papers' equation numbers, which are kept as data."""
    listed = json.loads((Path(__file__).parent / "data" / "equation_numbers.json").read_text())
    for key, numbers in listed.items():
        wanted = [f"{key}/eq-{numbers['prefix']}{n}" for n in range(numbers["first"], numbers["last"] + 1)]
        assert [name for name in CLAIMS if name in wanted] == wanted, "missing, or out of the paper's order"


def test_ids_are_unique_and_uses_are_claims() -> None:
    assert len(CLAIMS) == sum(len(paper.claims) for paper in papers())
    for claim in CLAIMS.values():
        assert set(claim.uses) <= set(CLAIMS), claim.id


def test_steps_are_steps_of_the_derivations() -> None:
    for claim in CLAIMS.values():
        for model, name in claim.steps:
            assert name in {step.name for step in derivation(model).steps}, (claim.id, name)


def test_nothing_expected_is_missing_or_left_over() -> None:
    assert list(expected()) == list(CLAIMS)


def test_readme_shows_the_verdicts() -> None:
    text = README.read_text(encoding="utf-8")
    assert BEGIN + text.partition(BEGIN)[2].partition(END)[0] + END == block(expected())
    assert REFUTED.read_text(encoding="utf-8") == refuted_page(expected())


# --- how verdicts are reached ---------------------------------------------------------------------


@exact
def is_two(formula: Any) -> Finding:
    return Finding(formula == 2, f"{formula} and 2")


@certified
def is_nearly_two(formula: Any) -> Finding:
    return Finding(abs(formula - 2) < 1e-9, f"{formula} is {abs(formula - 2):g} from 2")


@sampled(false_alarm=1e-9, power="finds everything")
def is_two_in_samples(formula: Any) -> Finding:
    return Finding(formula == 2, "sampled")


def claim(*formulas: Any, checks: tuple[Check, ...] = (is_two,), **others: Any) -> Claim:
    readings = tuple(Reading(str(formula), formula) for formula in formulas)
    return Claim(
        **{"id": "x1/eq-1", "statement": "", "place": "", "readings": readings, "checks": checks, **others}
    )


def test_status() -> None:
    assert judge(claim(2)).status is Status.PROVED
    assert judge(claim(2, checks=(is_nearly_two,))).status is Status.SUPPORTED
    assert judge(claim(2, checks=(is_nearly_two, is_two))).method is Method.EXACT
    assert judge(claim(3, 2)).status is Status.PROVED  # one sensible reading holds
    refuted = judge(claim(3, 4, correction=Reading("2", 2)))
    assert (refuted.status, refuted.correction, len(refuted.evidence)) == (Status.REFUTED, "2", 3)
    by_both = claim(3, 2 + 1e-12, checks=(is_nearly_two, is_two), correction=Reading("2", 2))
    assert judge(by_both).method is Method.CERTIFIED  # no stronger than what refuses 3
    opened = judge(Claim("x1/eq-1", "", "", open_because="no data"))
    assert (opened.status, opened.method, opened.reason) == (Status.OPEN, None, "no data")


def test_fast_leaves_samples_out() -> None:
    only = claim(2, checks=(is_two_in_samples,))
    assert judge(only).status is Status.SUPPORTED
    assert judge(only, fast=True).status is Status.OPEN
    assert judge(claim(2, checks=(is_two, is_two_in_samples)), fast=True).status is Status.PROVED


def test_contradictory_claims_are_refused() -> None:
    with pytest.raises(LedgerError, match="holds as printed"):
        judge(claim(2, correction=Reading("2", 2)))
    with pytest.raises(LedgerError, match="no right form"):
        judge(claim(3))
    with pytest.raises(LedgerError, match="correction does not hold"):
        judge(claim(3, correction=Reading("4", 4)))
    with pytest.raises(LedgerError, match="either checks or the reason"):
        claim(2, open_because="why")
    with pytest.raises(LedgerError, match="is no id"):
        claim(2, id="eq 1")
    with pytest.raises(LedgerError, match="false alarm"):
        Check(Method.SAMPLED, is_two.decide)
    with pytest.raises(LedgerError, match="do not belong"):
        Paper("y1", "", "", (claim(2),))


def test_proved_throughout() -> None:
    def verdicts(*links: tuple[str, int, tuple[str, ...]]) -> list[Verdict]:
        return [
            judge(claim(2, id=f"x1/{name}", uses=uses, checks=(is_two if kind else is_nearly_two,)))
            for name, kind, uses in links
        ]

    found = verdicts(("a", 1, ()), ("b", 1, ("x1/a",)), ("c", 0, ()), ("d", 1, ("x1/c",)))
    assert proved_throughout(found) == {"x1/a", "x1/b"}
    wrong = judge(claim(3, id="x1/a", correction=Reading("2", 2)))
    assert proved_throughout([wrong, *verdicts(("b", 1, ("x1/a",)))]) == {"x1/b"}  # rests on the right form
    with pytest.raises(LedgerError, match="is no claim"):
        proved_throughout(verdicts(("a", 1, ("x1/b",))))
    with pytest.raises(LedgerError, match="use each other"):
        proved_throughout(verdicts(("a", 1, ("x1/b",)), ("b", 1, ("x1/a",))))


def test_planted_numbers() -> None:
    symbol = sp.Symbol("p")
    assert list(changed((2, "3", symbol))) == [(3, "3", symbol)]
    assert set(changed(2 * symbol**3)) == {3 * symbol**3, 2 * symbol**4}
    assert list(changed({"a": 1, "b": [0.5]})) == [{"a": 2, "b": [0.5]}, {"a": 1, "b": [1.5]}]
    assert list(changed(True)) == []


def test_json_entries() -> None:
    found = entry(judge(claim(3, correction=Reading("2", 2))), "Someone (2000)")
    assert list(found) == "id source place statement status method evidence correction uses".split()
    assert json.loads(json.dumps(found)) == found
    assert [item["holds"] for item in found["evidence"]] == [False, True]
