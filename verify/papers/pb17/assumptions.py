"""Section 5 of Pennington & Bahri (2017)."""

from . import assumptions_free, assumptions_size, assumptions_universality, assumptions_variables

CLAIMS = (
    *assumptions_universality.CLAIMS,
    *assumptions_size.CLAIMS,
    *assumptions_free.CLAIMS,
    *assumptions_variables.CLAIMS,
)
