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
REFUTED = README.parent / "docs" / "refuted.md"
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
    """The README's lines between the marks: a row for each paper."""
    rows = ["| paper | " + " | ".join(Status) + " |", "|---" * (1 + len(Status)) + "|"]
    for paper in papers():
        statuses = [kept[claim.id][0] for claim in paper.claims]
        rows.append(f"| {paper.source} | " + " | ".join(str(statuses.count(s)) for s in Status) + " |")
    return "\n".join([BEGIN, *rows, END])


def refuted_page(kept: dict[str, Brief]) -> str:
    """The page of everything refuted, each with its right form."""
    parts = [
        "# Refuted as printed",
        "Every sensible reading of these sentences and equations has a counterexample; the right form passes "
        "the same checks. `.venv/bin/python -m verify ledger ID` shows the evidence. Written by "
        "`python -m verify ledger --accept`.",
    ]
    for paper in papers():
        wrong = [c for c in paper.claims if kept[c.id][0] == Status.REFUTED and c.correction]
        if wrong:
            parts.append(f"## {paper.source}")
            parts.append("\n".join(_misprint(claim) for claim in wrong))
    return "\n\n".join(parts) + "\n"


def _misprint(claim: Claim) -> str:
    assert claim.correction is not None
    return f"- {_place(claim)}\\\n  Printed: {claim.statement}\\\n  Right: {claim.correction.latex}"


def _place(claim: Claim) -> str:
    return f"{claim.place[0].upper()}{claim.place[1:]} (`{claim.id}`)"


def in_documents(verdicts: Iterable[Verdict]) -> None:
    """Write the README's block and the page. Raises `ValueError` if the README lacks the marks."""
    text = README.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{README} lacks the lines {BEGIN} and {END}")
    kept = {v.claim.id: brief(v) for v in verdicts}
    write_text(README, before + block(kept) + after)
    write_text(REFUTED, refuted_page(kept))
