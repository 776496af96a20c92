"""Pennington & Bahri, Geometry of neural network loss surfaces via random matrix theory, ICML 2017."""

from ..ledger import Paper
from .pb17 import assumptions, beyond, critical_points, preliminaries, primer, warm_up, warm_up_ensembles

PAPER = Paper(
    key="pb17",
    title="Geometry of Neural Network Loss Surfaces via Random Matrix Theory",
    source="Pennington & Bahri (2017)",
    claims=(
        *preliminaries.CLAIMS,
        *primer.CLAIMS,
        *warm_up_ensembles.CLAIMS,
        *warm_up.CLAIMS,
        *assumptions.CLAIMS,
        *beyond.CLAIMS,
        *critical_points.CLAIMS,
    ),
)
