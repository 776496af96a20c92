"""stieltjes, the checking half: matrices, statistics of spectra, fits and certified numbers.

It reads `derive` and `generated`; nothing reads it. Names are loaded when they are first used, so that
`from verify import fit` loads neither SymPy nor python-flint.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fitting import Fit, fit
    from .parametric_bootstrap import bootstrap
    from .precise import Law, PrecisionError
    from .sampling import Sampler, realised, sample
    from .spectra import Outcome, Test, compare, smallest_detectable

__all__ = [
    "Fit",
    "Law",
    "Outcome",
    "PrecisionError",
    "Sampler",
    "Test",
    "bootstrap",
    "compare",
    "fit",
    "realised",
    "sample",
    "smallest_detectable",
]

_HOMES = {
    "parametric_bootstrap": ("bootstrap",),
    "fitting": ("Fit", "fit"),
    "precise": ("Law", "PrecisionError"),
    "sampling": ("Sampler", "realised", "sample"),
    "spectra": ("Outcome", "Test", "compare", "smallest_detectable"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f".{home}", __name__), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
