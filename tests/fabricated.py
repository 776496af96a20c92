"""Verdicts without judging and figures without drawing, for tests of how they are shown.

A claim with a correction reads REFUTED, one without checks OPEN, any other PROVED or SUPPORTED; every check
of every reading has a finding with figures.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from derive import names
from derive.emission.page import prose_html
from tests.derived import derivation_of
from verify.ledger import Claim, Evidence, Finding, Method, Paper, Reading, Status, Verdict, papers
from verify.report import explorer, models_page, site
from verify.report.experiments import EXPERIMENTS
from verify.report.figures import FIGURES, Figure, spectrum_figure
from verify.report.figures_page import Drawn
from verify.report.ledger_page import Ledger


def verdict(claim: Claim) -> Verdict:
    """A made-up verdict on a claim."""
    if not claim.checks:
        return Verdict(claim, Status.OPEN, None, (), claim.open_because)
    refuted = claim.correction is not None
    evidence = [item for reading in claim.readings for item in _evidence(claim, reading, not refuted)]
    if claim.correction is not None:
        evidence += _evidence(claim, claim.correction, True, corrected=True)
    method = next(m for m in Method if any(check.method is m for check in claim.checks))
    status = Status.REFUTED if refuted else Status.PROVED if method is Method.EXACT else Status.SUPPORTED
    return Verdict(claim, status, method, tuple(evidence))


def _evidence(claim: Claim, reading: Reading, holds: bool, *, corrected: bool = False) -> list[Evidence]:
    finding = Finding(
        holds, "at phi = 1/2 the difference is 1.5e-09", {"digits": 15, "error": 1.5e-9, "rows": 10**6}
    )
    return [Evidence(reading, check, finding, corrected) for check in claim.checks]


def ledger() -> Ledger:
    """The claims of all papers with made-up verdicts.

    That claims use claims that exist is tested with the ledger itself; here others are left out.
    """
    known = {claim.id for paper in papers() for claim in paper.claims}
    shown = tuple(
        replace(
            paper,
            claims=tuple(replace(c, uses=tuple(u for u in c.uses if u in known)) for c in paper.claims),
        )
        for paper in papers()
    )
    return Ledger(shown, tuple(verdict(claim) for paper in shown for claim in paper.claims))


@cache
def parts() -> site.Parts:
    """Models of all kinds as they are, and all figures with their words, but empty drawings."""
    shown = (*names(), "fuss_catalan_2", "sparse_wigner", "gaussian_product_5")
    return site.Parts(
        models=tuple(models_page.content_of(derivation_of(name)) for name in shown),
        spectra=tuple(_undrawn(spectrum_figure(name)) for name in shown),
        figures=tuple(map(_undrawn, FIGURES)),
        explorer=explorer.explorer_html(),
        measured=tuple(
            _undrawn(Figure(e.name, e.title, "Measured $x$.", lambda: None, e.plot)) for e in EXPERIMENTS
        ),
    )


def _undrawn(figure: Figure) -> Drawn:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 533 300"></svg>'
    return Drawn(figure.name, prose_html(figure.title), prose_html(figure.caption), drawing)


def small() -> Ledger:
    """Three claims that use each other in a row, and one alone."""
    claims = tuple(
        Claim(id=f"x1/{name}", statement="$x < 1$", place="here", uses=uses, open_because="made up")
        for name, uses in (("a", ()), ("b", ("x1/a",)), ("c", ("x1/a", "x1/b")), ("d", ()))
    )
    return Ledger((Paper("x1", "A paper", "Someone (2000)", claims),), tuple(map(verdict, claims)))
