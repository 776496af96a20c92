"""Sections 2 to 4 of the supplement to Pennington & Bahri (2017)."""

from ...ledger import Claim

CLAIMS: tuple[Claim, ...] = ()
