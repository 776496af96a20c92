"""Gaussian matrix, complex eigenvalues: the law of its complex eigenvalues.

It depends on the distance r from 0 alone. The disc of radius r holds the mass F that solves

    r^2 = F sigma^2

from F = mass_at_zero at r = 0 to F = 1 at the rim; r increases with F.

Left open by the derivation:

- Derived is the law that the eigenvalues have in the limit if the integrals of log|x| over the singular
  values of P - lambda tend to those over their law. That they do, for no singular value is too near to 0,
  is cited: Guionnet, Krishnapur & Zeitouni (2011), Rudelson & Vershynin (2014).

Parameters, in this order:
    sigma in (0, oo), default 1: radius of the rim

All functions broadcast like NumPy ufuncs and return float64, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Granziol (2020), section 4.1.
Written by `make regenerate` from derive/models/radial/ginibre.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ._runtime.arguments import Parameter
from ._runtime.calls import absent, explained
from ._runtime.radial import ABSENT, RadialFamily

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.arguments import FloatArray

TITLE = "Gaussian matrix, complex eigenvalues"
SOURCE = "Granziol (2020), section 4.1"
LATEX = r"r^2 - F \sigma^2 = 0"
PARAMETERS = (Parameter("sigma", r"\sigma", "(0, oo)", 1.0, "radius of the rim"),)


@explained
def equation(mass: Any, r: Any, sigma: Any = 1) -> Any:
    """r^2 less its value at the mass of the disc of radius r; ring operations only, validates nothing."""
    return r**2 - mass * sigma**2


def _coefficients(sigma: Any = 1) -> tuple[tuple[Any, ...], Any]:
    """Sizes and scale."""
    return (1,), sigma**2


_FAMILY = RadialFamily(PARAMETERS, _coefficients)


def __getattr__(name: str) -> NoReturn:
    raise absent(__name__, name, ABSENT)


@explained
def cdf(r: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Mass of the closed disc of radius r, the atom at 0 included; 0 for r < 0."""
    return _FAMILY.cdf(r, (sigma,), out)


@explained
def density(r: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Density at a distance r from 0, per area of the plane; 0 for r < 0 and beyond the rim."""
    return _FAMILY.density(r, (sigma,), out)


@explained
def quantile(q: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Radius of the smallest disc around 0 that holds the mass q; NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (sigma,), out)


@explained
def mass_at_zero(sigma: ArrayLike = 1) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((sigma,))


@explained
def radius(sigma: ArrayLike = 1) -> Any:
    """Radius of the rim."""
    return _FAMILY.radius((sigma,))
