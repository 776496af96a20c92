"""Abstract and section 2 of Pennington & Bahri (2017)."""

from ...ledger import Claim

CLAIMS: tuple[Claim, ...] = ()
