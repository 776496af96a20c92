"""The supplement to J. Pennington and Y. Bahri, ICML 2017."""

from ..ledger import Paper
from .pb17 import supplement_index, supplement_residual

PAPER = Paper(
    key="pb17s",
    title="Supplemental Material: Geometry of Neural Network Loss Surfaces via Random Matrix Theory",
    source="Pennington & Bahri (2017), supplement",
    claims=(*supplement_index.CLAIMS, *supplement_residual.CLAIMS),
)
