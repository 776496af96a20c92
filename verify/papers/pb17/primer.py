"""Section 3 of Pennington & Bahri (2017)."""

from . import primer_ensembles, primer_freeness, primer_transforms

CLAIMS = (*primer_ensembles.CLAIMS, *primer_freeness.CLAIMS, *primer_transforms.CLAIMS)
