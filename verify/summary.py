"""The ledger in brief: the tally, the misprints found, and the block of the README that shows them.

`verify/papers/verdicts.json` keeps the verdicts that are expected; the tests fail when one changes, and
when the README says anything else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from derive.files import write_text

from .ledger import Claim, Status, Verdict, papers

EXPECTED = Path(__file__).parent / "papers" / "verdicts.json"
README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- ledger: begin -->", "<!-- ledger: end -->"

Brief = list[str | None]


def brief(verdict: Verdict) -> Brief:
    """Status and method, as they are kept."""
    return [str(verdict.status), str(verdict.method) if verdict.method else None]


def expected() -> dict[str, Brief]:
    """The verdicts that are kept, by id."""
    if not EXPECTED.is_file():
        return {}
    return dict(json.loads(EXPECTED.read_text(encoding="utf-8")))


def tally(verdicts: Iterable[Verdict]) -> str:
    """How many claims have which verdict, in one sentence."""
    return _tally(str(verdict.status) for verdict in verdicts)


def _tally(statuses: Iterable[str]) -> str:
    counts = Counter(statuses)
    parts = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    return f"{sum(counts.values())} claims: {parts}."


def block(kept: dict[str, Brief]) -> str:
    """The README's lines between the marks: a row for each paper, and every misprint with its right form."""
    rows = ["| paper | " + " | ".join(Status) + " |", "|---" * (1 + len(Status)) + "|"]
    wrong: list[Claim] = []
    for paper in papers():
        statuses = [kept[claim.id][0] for claim in paper.claims]
        rows.append(f"| {paper.source} | " + " | ".join(str(statuses.count(s)) for s in Status) + " |")
        wrong += [c for c, status in zip(paper.claims, statuses, strict=True) if status == Status.REFUTED]
    found = [
        f"- {_place(claim)}\\\n  Printed: {claim.statement}\\\n  Right: {claim.correction.latex}"
        for claim in wrong
        if claim.correction
    ]
    if found:
        found = ["", "Refuted as printed, with the form that passes the same checks:", "", *found]
    return "\n".join([BEGIN, *rows, *found, END])


def _place(claim: Claim) -> str:
    return f"{claim.place[0].upper()}{claim.place[1:]} (`{claim.id}`)"


def in_readme(verdicts: Iterable[Verdict]) -> None:
    """Write the block into the README. Raises `ValueError` if the README lacks the marks."""
    text = README.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README} lacks the lines {BEGIN} and {END}")
    write_text(README, before + block({v.claim.id: brief(v) for v in verdicts}) + after)
