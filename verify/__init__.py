"""stieltjes, the checking half: matrices, statistics of spectra and certified numbers.

It reads `derive` and `generated`; nothing reads it.
"""

from . import operations, sparse_matrices  # noqa: F401  (they register the matrices of more nodes)
from .precise import Law, PrecisionError
from .sampling import Sampler, realised, sample
from .spectra import Outcome, Test, compare, smallest_detectable

__all__ = [
    "Law",
    "Outcome",
    "PrecisionError",
    "Sampler",
    "Test",
    "compare",
    "realised",
    "sample",
    "smallest_detectable",
]
