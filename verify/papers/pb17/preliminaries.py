"""Abstract, section 1.2 and section 2 of Pennington & Bahri (2017)."""

from . import abstract, preliminaries_hessian, preliminaries_ratio

CLAIMS = (*abstract.CLAIMS, *preliminaries_hessian.CLAIMS, *preliminaries_ratio.CLAIMS)
