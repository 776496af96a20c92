"""stieltjes, the checking half: matrices, statistics of spectra and certified numbers.

It reads `derive` and `generated`; nothing reads it.
"""

from .precise import Law, PrecisionError
from .sampling import realised, sample
#from .spectra import Outcome, compare

__all__ = ["Law", "PrecisionError", "realised", "sample"]
