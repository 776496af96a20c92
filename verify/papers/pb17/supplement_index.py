"""Section 1 of the supplement to Pennington & Bahri (2017)."""

from ...ledger import Claim

CLAIMS: tuple[Claim, ...] = ()
