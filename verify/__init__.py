"""stieltjes, the checking half: matrices, statistics of spectra and certified numbers.

It reads `derive` and `generated`; nothing reads it.
"""

from .precise import Law, PrecisionError
from .sampling import realised, sample

__all__ = ["Law", "PrecisionError", "realised", "sample"]
