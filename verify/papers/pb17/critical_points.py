"""Sections 6.4 and 7 of Pennington & Bahri (2017)."""

from ...ledger import Claim

CLAIMS: tuple[Claim, ...] = ()
