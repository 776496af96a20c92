"""Section 4 of Pennington & Bahri (2017): Wishart plus Wigner."""

from . import warm_up_index, warm_up_spectrum

CLAIMS = (*warm_up_spectrum.CLAIMS, *warm_up_index.CLAIMS)
