"""The jobs beside RMTool: ours are done, and what differs is told.

RMTool itself is not run here; its polynomials below were derived by hand.
"""

from __future__ import annotations

import pytest

from benchmarks.algebra import DOC, agree
from benchmarks.algebra_jobs import DENSITIES, JOBS, Job
from benchmarks.algebra_side import our_side

EQUATIONS = [job for job in JOBS if job.kind == "equation"]
BY_HAND = {
    "Wigner": "m**2 + m*z + 1",
    "Wishart": "z*c*m**2 + (z + c - 1)*m + 1",
    "free sum: the cubic": "(c*m**3 + m**2*(c*z + 1) + m*(c + z - 1) + 1)*(m + 1)",
    "shift": "c*m**2*(z - a) + m*(c + z - a - 1) + 1",
}


@pytest.mark.parametrize("job", EQUATIONS, ids=lambda job: job.what)
def test_our_equations_are_found(job: Job) -> None:
    _, found = our_side(job.kind, job.ours)
    assert "G" in found
    assert "z" in found
    assert agree(job, found, found.replace("G", "(-m)"))
    assert not agree(job, found, found.replace("G", "(-m)") + " + m/7")


@pytest.mark.parametrize("what", BY_HAND)
def test_agreement_with_polynomials_by_hand(what: str) -> None:
    (job,) = (job for job in EQUATIONS if job.what == what)
    assert agree(job, our_side(job.kind, job.ours)[1], BY_HAND[what])


def test_agreement_in_other_coordinates_and_of_moments() -> None:
    """The S-transform in RMTool's letters, and a moment that is wrong."""
    (job,) = (job for job in JOBS if job.ours == "S")
    found = our_side(job.kind, job.ours)[1]
    assert agree(job, found, found.replace("t", "y"))
    assert not agree(job, found, found.replace("t", "(2*y)"))
    (job,) = (job for job in JOBS if job.what == "12 moments, two symbols")
    found = our_side(job.kind, job.ours)[1]
    assert agree(job, found, found)
    assert not agree(job, found, found.replace("132", "133", 1).replace("c", "c*1"))


def test_the_page_names_every_job() -> None:
    """The written table holds the jobs as they are now."""
    page = DOC.read_text(encoding="utf-8")
    for job in (*JOBS, *DENSITIES):
        assert f"| {job.what} " in page, job.what
