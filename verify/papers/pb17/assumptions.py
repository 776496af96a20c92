"""Section 5 of Pennington & Bahri (2017)."""

from . import assumptions_size, assumptions_universality

CLAIMS = (*assumptions_universality.CLAIMS, *assumptions_size.CLAIMS)
