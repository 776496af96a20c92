"""The ledger: what papers claim, and the verdict that a machine reaches on each claim.

1. A `Claim` says in LaTeX what is printed and where, holds the same as data in one or more `Reading`s
   (more than one where the print is ambiguous), and names the `Check`s that decide it.
2. A `Check` is a function of a formula: it receives a reading's data and finds whether they hold. It never
   looks at the printed text, so that a wrong constant planted in the data must be refused (`planted`).
3. `judge` turns claims into verdicts:

   PROVED     a reading holds, and an exact check decided it
   SUPPORTED  a reading holds by numbers: certified balls, or matrices at a stated false-alarm rate
   REFUTED    every reading has a counterexample, and the corrected form passes the same checks
   OPEN       not checked, with the reason; never counts as a pass

Every check of a claim decides all of the claim by its own means; parts that need different means are
claims of their own. The tests hold proofs to it: each wrong form of a proved claim is refused by an exact
check, whatever the others say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_ID = re.compile(r"[a-z]+[0-9]*s?/[A-Za-z0-9.-]+")


class LedgerError(ValueError):
    """A claim that cannot be judged as written: a defect of the ledger, not of the paper."""


class Status(StrEnum):
    """What is known of a claim."""

    PROVED = "PROVED"
    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    OPEN = "OPEN"


class Method(StrEnum):
    """How a claim was decided, the strongest first."""

    EXACT = "exact"
    CERTIFIED = "certified numerics"
    SAMPLED = "Monte Carlo"


@dataclass(frozen=True)
class Reading:
    """One sensible way to read what is printed.

    latex: prose with formulas between dollar signs.
    formula: the same as data; what the checks receive.
    """

    latex: str
    formula: Any


@dataclass(frozen=True)
class Finding:
    """What a check found for one formula.

    text: a sentence with the evidence; a counterexample where the formula does not hold.
    numbers: the figures in it (errors, digits, p-values, sample sizes) by name.
    """

    holds: bool
    text: str
    numbers: Mapping[str, float | int | str] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A way to decide a formula.

    A Monte Carlo check states the probability of refusing a right formula (`false_alarm`) and, as
    a sentence, the smallest error that it finds (`power`).
    """

    method: Method
    decide: Callable[[Any], Finding]
    false_alarm: float | None = None
    power: str = ""

    def __post_init__(self) -> None:
        if self.method is Method.SAMPLED and (self.false_alarm is None or not self.power):
            raise LedgerError(f"{self.decide.__name__}: a Monte Carlo check states its false alarm and power")

    def __call__(self, formula: Any) -> Finding:
        return self.decide(formula)


def exact(decide: Callable[[Any], Finding]) -> Check:
    """A check that decides its formula exactly (decorator)."""
    return Check(Method.EXACT, decide)


def certified(decide: Callable[[Any], Finding]) -> Check:
    """A check by balls that are proved to contain the values (decorator)."""
    return Check(Method.CERTIFIED, decide)


def sampled(*, false_alarm: float, power: str) -> Callable[[Callable[[Any], Finding]], Check]:
    """A check against random matrices (decorator)."""
    return lambda decide: Check(Method.SAMPLED, decide, false_alarm, power)


@dataclass(frozen=True)
class Claim:
    """One numbered equation or one quantitative sentence of a paper.

    id: paper and place, such as `pb17/eq-18`.
    statement: what is printed, prose with formulas between dollar signs.
    place: where, such as "eq. 18" or "section 4.1".
    readings: the print as data; more than one where it is ambiguous or may be garbled.
    checks: each decides a whole reading.
    conditions: where the statement is meant to hold.
    uses: ids of the claims that it rests on.
    steps: steps of our derivations that it rests on, as (model, name of the step).
    correction: the right form, for a claim that every check refuses.
    open_because: the reason, for a claim without checks.
    planted: wrong forms that the checks must refuse; by default each number of the formula changed.
    """

    id: str
    statement: str
    place: str
    readings: tuple[Reading, ...] = ()
    checks: tuple[Check, ...] = ()
    conditions: str = ""
    uses: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    correction: Reading | None = None
    open_because: str = ""
    planted: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise LedgerError(f"{self.id!r} is no id; write it as 'pb17/eq-18' or 'pb17/sec-4.1-gap'")
        if bool(self.readings) != bool(self.checks):
            raise LedgerError(f"{self.id}: readings and checks come together")
        if bool(self.checks) == bool(self.open_because):
            raise LedgerError(f"{self.id}: give either checks or the reason why it is open")


@dataclass(frozen=True)
class Paper:
    """A paper and its claims, in the paper's order."""

    key: str
    title: str
    source: str
    claims: tuple[Claim, ...]

    def __post_init__(self) -> None:
        strangers = [claim.id for claim in self.claims if claim.id.split("/")[0] != self.key]
        if strangers:
            raise LedgerError(f"{', '.join(strangers)} do not belong to {self.key}")


@dataclass(frozen=True)
class Evidence:
    """What one check found for one reading (or for the correction)."""

    reading: Reading
    check: Check
    finding: Finding
    corrected: bool = False


@dataclass(frozen=True)
class Verdict:
    """What is known of one claim.

    method: the strongest check that decided it, None if it is open.
    correction: the right form of a refuted claim.
    reason: why an open claim is open.
    """

    claim: Claim
    status: Status
    method: Method | None
    evidence: tuple[Evidence, ...]
    reason: str = ""

    @property
    def correction(self) -> str | None:
        """The right form of a refuted claim, in LaTeX."""
        right = self.claim.correction
        return right.latex if self.status is Status.REFUTED and right is not None else None


def judge(claim: Claim, *, fast: bool = False) -> Verdict:
    """The verdict on one claim.

    fast: leave Monte Carlo out; a claim that has nothing else stays open.
    Raises `LedgerError` where readings and correction contradict each other: a claim with a correction
    that holds as printed, or one that is refuted without a right form.
    """
    checks = tuple(c for c in claim.checks if not (fast and c.method is Method.SAMPLED))
    if not checks:
        reason = claim.open_because or "Monte Carlo was left out"
        return Verdict(claim, Status.OPEN, None, (), reason)
    found: list[Evidence] = []
    for reading in claim.readings:
        evidence = _evidence(reading, checks)
        found += evidence
        if all(item.finding.holds for item in evidence):
            if claim.correction is not None:
                raise LedgerError(f"{claim.id} has a correction, but holds as printed ({reading.latex})")
            return Verdict(claim, _strength(evidence), _method(evidence), tuple(found))
    if claim.correction is None:
        refusals = "; ".join(item.finding.text for item in found if not item.finding.holds)
        raise LedgerError(f"{claim.id} does not hold, and no right form is given: {refusals}")
    right = _evidence(claim.correction, checks, corrected=True)
    if not all(item.finding.holds for item in right):
        refusals = "; ".join(item.finding.text for item in right if not item.finding.holds)
        raise LedgerError(f"{claim.id}: the correction does not hold either: {refusals}")
    # every reading has one refusal, and the verdict is no stronger than the weakest of them
    ranks = [list(Method).index(item.check.method) for item in found if not item.finding.holds]
    return Verdict(claim, Status.REFUTED, list(Method)[max(ranks)], (*found, *right))


def _evidence(reading: Reading, checks: Iterable[Check], *, corrected: bool = False) -> list[Evidence]:
    """The findings for one reading, up to the first check that refuses it."""
    found: list[Evidence] = []
    for check in checks:
        found.append(Evidence(reading, check, check(reading.formula), corrected))
        if not found[-1].finding.holds:
            break
    return found


def _strength(evidence: Iterable[Evidence]) -> Status:
    return Status.PROVED if _method(evidence) is Method.EXACT else Status.SUPPORTED


def _method(evidence: Iterable[Evidence]) -> Method:
    used = {item.check.method for item in evidence}
    return next(method for method in Method if method in used)


def proved_throughout(verdicts: Iterable[Verdict]) -> frozenset[str]:
    """Ids of claims that are proved and rest on proved claims only.

    What uses a refuted claim rests on its right form, which must be decided exactly as well. Raises
    `LedgerError` for a claim that uses an unknown one, or itself through others.
    """
    known = {verdict.claim.id: verdict for verdict in verdicts}
    settled: dict[str, bool] = {}

    def settle(name: str, above: tuple[str, ...]) -> bool:
        if name in above:
            raise LedgerError(f"claims use each other: {' -> '.join((*above, name))}")
        if name not in known:
            raise LedgerError(f"{above[-1]} uses {name}, which is no claim")
        if name not in settled:
            verdict = known[name]
            below = [settle(used, (*above, name)) for used in verdict.claim.uses]
            settled[name] = (verdict.status is Status.PROVED or _right_form_proved(verdict)) and all(below)
        return settled[name]

    return frozenset(name for name in known if settle(name, ()) and known[name].status is Status.PROVED)


def _right_form_proved(verdict: Verdict) -> bool:
    """Whether a claim is refuted, and every check of its right form is exact."""
    checks = [item.check.method for item in verdict.evidence if item.corrected]
    return verdict.status is Status.REFUTED and set(checks) == {Method.EXACT}


def entry(verdict: Verdict, source: str) -> dict[str, Any]:
    """A verdict as one object of `build/ledger.json`."""
    claim = verdict.claim
    return {
        "id": claim.id,
        "source": source,
        "place": claim.place,
        "statement": claim.statement,
        "status": str(verdict.status),
        "method": str(verdict.method) if verdict.method else None,
        "evidence": [_plain(item) for item in verdict.evidence] or [{"text": verdict.reason}],
        "correction": verdict.correction,
        "uses": list(claim.uses),
    }


def _plain(item: Evidence) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "reading": item.reading.latex,
        "corrected": item.corrected,
        "method": str(item.check.method),
        "holds": item.finding.holds,
        "text": item.finding.text,
        "numbers": dict(item.finding.numbers),
    }
    if item.check.method is Method.SAMPLED:
        plain |= {"false_alarm": item.check.false_alarm, "power": item.check.power}
    return plain


def papers() -> tuple[Paper, ...]:
    """The papers whose claims are kept, in order."""
    from .papers import PAPERS

    return PAPERS


def wrong_forms(verdict: Verdict) -> Iterator[Any]:
    """Formulas near the right one of a claim, each of which its checks must refuse."""
    from .planting import changed

    if verdict.evidence:
        yield from verdict.claim.planted or changed(verdict.evidence[-1].reading.formula)


def refused(claim: Claim, formula: Any) -> bool:
    """Whether some check of the claim refuses a formula, or cannot make sense of it."""
    try:
        return any(not check(formula).holds for check in claim.checks)
    except (ArithmeticError, ValueError):
        return True
