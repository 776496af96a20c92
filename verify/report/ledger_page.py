"""The ledger as a page: a row for each claim, which opens to everything that is known of it.

1. `Ledger` holds verdicts with what follows from all of them: who uses whom, and what is proved throughout.
2. `row` prepares one verdict for the template: prose becomes HTML, formulas MathML.
3. `page` renders `ledger.html`. Without its script it is the whole list; with it (`ledger.js`) it can be
   filtered and searched, and a link to `ledger.html#ID` opens the row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from derive.emission.page import prose_html
from derive.typesetting.latex import title

from ..ledger import Evidence, Method, Paper, Status, Verdict, proved_throughout
from .frame import render

FILE = "ledger.html"
_SCIENTIFIC = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)e([-+]?\d+)(?!\w)")
_INDEXED = re.compile(r"(?<![\w\\])([A-Z])(\d{1,2})(?!\w)")
_EQUATIONS = re.compile(r"(\(S\d+\)(?:-\(S\d+\))?)")
SIGNS = {Status.PROVED: "✓", Status.SUPPORTED: "≈", Status.REFUTED: "✗", Status.OPEN: "?"}
MEANINGS = {
    Status.PROVED: "decided exactly",
    Status.SUPPORTED: "certified numbers agree, or random matrices do at a stated false-alarm rate",
    Status.REFUTED: "every sensible reading has a counterexample; the right form passes the same checks",
    Status.OPEN: "not checked, for the reason given; never counts as a pass",
}
Steps = Mapping[tuple[str, str], "Link"]
"""Where each step of a derivation is shown, by (model, name of the step)."""


@dataclass(frozen=True)
class Link:
    """A step of a model's derivation: where it is shown, "" if nowhere, and its name as HTML."""

    target: str
    text: Markup
    model: str


@dataclass(frozen=True)
class Ledger:
    """Verdicts on all claims of some papers, in the papers' order.

    fast: whether Monte Carlo was left out. Raises `LedgerError` where a claim uses an unknown one or itself.
    """

    papers: tuple[Paper, ...]
    verdicts: tuple[Verdict, ...]
    fast: bool = False

    @cached_property
    def by_id(self) -> dict[str, Verdict]:
        return {verdict.claim.id: verdict for verdict in self.verdicts}

    @cached_property
    def used_by(self) -> dict[str, tuple[str, ...]]:
        """The claims that use each claim."""
        return {name: tuple(v.claim.id for v in self.verdicts if name in v.claim.uses) for name in self.by_id}

    @cached_property
    def throughout(self) -> frozenset[str]:
        """What is proved together with all that it rests on."""
        return proved_throughout(self.verdicts)

    def of(self, paper: Paper) -> tuple[Verdict, ...]:
        """The verdicts on one paper's claims."""
        return tuple(self.by_id[claim.id] for claim in paper.claims)


def tally(verdicts: Iterable[Verdict]) -> dict[Status, int]:
    """How many claims have each status; every status is there."""
    counts = Counter(verdict.status for verdict in verdicts)
    return {status: counts[status] for status in Status}


def link(name: str) -> str:
    """Where the row of a claim is, from any page."""
    return f"{FILE}#{name}"


# --- rows -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """What one check found."""

    holds: bool
    method: str
    text: Markup
    numbers: tuple[tuple[str, Markup], ...]
    false_alarm: Markup
    power: Markup


@dataclass(frozen=True)
class Read:
    """One reading, or the right form, with what the checks found for it."""

    corrected: bool
    text: Markup
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Row:
    """One claim as the template shows it."""

    verdict: Verdict
    statement: Markup
    conditions: Markup
    correction: Markup
    reason: Markup
    readings: tuple[Read, ...]
    steps: tuple[Link, ...]
    uses: tuple[tuple[str, Status], ...]
    used_by: tuple[tuple[str, Status], ...]
    throughout: bool
    methods: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.verdict.claim.id

    @property
    def place(self) -> str:
        place = self.verdict.claim.place
        return place[:1].upper() + place[1:]


def row(verdict: Verdict, ledger: Ledger, steps: Steps) -> Row:
    """A verdict prepared for the template.

    Raises `KeyError` for a step that a model of the report lacks; a model without a page is named alone.
    """
    claim = verdict.claim
    shown = {model for model, _ in steps}

    def named(ids: Sequence[str]) -> tuple[tuple[str, Status], ...]:
        return tuple((name, ledger.by_id[name].status) for name in ids)

    return Row(
        verdict=verdict,
        statement=prose(claim.statement),
        conditions=prose(claim.conditions),
        correction=prose(verdict.correction or ""),
        reason=prose(verdict.reason),
        readings=_readings(verdict.evidence),
        steps=tuple(
            steps[model, name] if model in shown else Link("", prose_html(title(name)), model)
            for model, name in claim.steps
        ),
        uses=named(claim.uses),
        used_by=named(ledger.used_by[claim.id]),
        throughout=claim.id in ledger.throughout,
        methods=tuple(m for m in Method if any(item.check.method is m for item in verdict.evidence)),
    )


def _readings(evidence: Iterable[Evidence]) -> tuple[Read, ...]:
    """The findings, those for one reading together."""
    groups: list[list[Evidence]] = []
    for item in evidence:
        if groups and groups[-1][0].reading is item.reading:
            groups[-1].append(item)
        else:
            groups.append([item])
    return tuple(
        Read(group[0].corrected, prose(group[0].reading.latex), tuple(_found(item) for item in group))
        for group in groups
    )


def _found(item: Evidence) -> Found:
    rate = item.check.false_alarm
    return Found(
        holds=item.finding.holds,
        method=str(item.check.method),
        text=prose(item.finding.text),
        numbers=tuple((name, number(value)) for name, value in item.finding.numbers.items()),
        false_alarm=Markup() if rate is None else number(rate),
        power=prose(item.check.power),
    )


def number(value: Any) -> Markup:
    """A figure to be read: four digits, thin spaces between thousands, powers of ten as such."""
    if isinstance(value, float):
        text = f"{value:.4g}"
        return prose(text) if "e" in text else Markup(text.replace("-", "−"))
    if isinstance(value, int) and not isinstance(value, bool):
        return Markup(f"{value:,}".replace(",", "\u202f").replace("-", "−"))
    return prose(str(value))


def prose(text: str) -> Markup:
    """A sentence of the ledger as HTML.

    Beyond what `prose_html` finds: floating-point numbers such as 1e-09 are powers of ten, H12 is H with an
    index, and (S4)-(S8) are equations, not a difference.
    """
    found = Markup()
    for i, part in enumerate(_EQUATIONS.split(text)):
        found += part.replace("-", "–") if i % 2 else prose_html(_marked(part))
    return found


def _marked(text: str) -> str:
    parts = text.split("$")
    for i in range(0, len(parts), 2):
        parts[i] = _INDEXED.sub(r"\1_\2", _SCIENTIFIC.sub(_power_of_ten, parts[i]))
    return "$".join(parts)


def _power_of_ten(match: re.Match[str]) -> str:
    mantissa, exponent = match[1], int(match[2])
    factor = {"1": "", "-1": "-"}.get(mantissa, rf"{mantissa} \times ")
    return f"${factor}10^{{{exponent}}}$"


def page(ledger: Ledger, steps: Steps) -> str:
    """The page `ledger.html`."""
    papers = [(paper, [row(v, ledger, steps) for v in ledger.of(paper)]) for paper in ledger.papers]
    return render(
        "ledger.html.jinja",
        here=FILE,
        papers=papers,
        counts=tally(ledger.verdicts),
        meanings=MEANINGS,
        signs=SIGNS,
        methods=list(Method),
        total=len(ledger.verdicts),
        fast=ledger.fast,
    )
