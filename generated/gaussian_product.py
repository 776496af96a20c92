"""Product of two Gaussian matrices: the law of its complex eigenvalues.

It depends on the distance r from 0 alone. The disc of radius r holds the mass F that solves

    r^2 = F sigma^2 (F + ratio - 1) / ratio

from F = mass_at_zero at r = 0 to F = 1 at the rim; r increases with F.

Left open by the derivation:

- Derived is the law that the eigenvalues have in the limit if the integrals of log|x| over the singular
  values of P - lambda tend to those over their law. That they do, for no singular value is too near to 0,
  is cited: Guionnet, Krishnapur & Zeitouni (2011), Rudelson & Vershynin (2014).

Parameters, in this order:
    ratio in (0, oo): size between the factors over that outside
    sigma in (0, oo), default 1: radius of the rim

All functions broadcast like NumPy ufuncs and return float64, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Granziol (2020), eq. 11.
Written by `make regenerate` from derive/models/radial/gaussian_product.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ._runtime.arguments import Parameter
from ._runtime.calls import absent, explained
from ._runtime.radial import ABSENT, RadialFamily

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.arguments import FloatArray

TITLE = "Product of two Gaussian matrices"
SOURCE = "Granziol (2020), eq. 11"
LATEX = r"r^2 - \frac{F \sigma^2 (R + F - 1)}{R} = 0"
PARAMETERS = (
    Parameter("ratio", "R", "(0, oo)", None, "size between the factors over that outside"),
    Parameter("sigma", r"\sigma", "(0, oo)", 1.0, "radius of the rim"),
)


@explained
def equation(mass: Any, r: Any, ratio: Any, sigma: Any = 1) -> Any:
    """r^2 less its value at the mass of the disc of radius r; ring operations only, validates nothing."""
    return r**2 - mass * sigma**2 * (mass + ratio - 1) / ratio


def _coefficients(ratio: Any, sigma: Any = 1) -> tuple[tuple[Any, ...], Any]:
    """Sizes and scale."""
    return (ratio, 1), sigma**2 / ratio


_FAMILY = RadialFamily(PARAMETERS, _coefficients)


def __getattr__(name: str) -> NoReturn:
    raise absent(__name__, name, ABSENT)


@explained
def cdf(r: ArrayLike, ratio: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Mass of the closed disc of radius r, the atom at 0 included; 0 for r < 0."""
    return _FAMILY.cdf(r, (ratio, sigma), out)


@explained
def density(r: ArrayLike, ratio: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Density at a distance r from 0, per area of the plane; 0 for r < 0 and beyond the rim."""
    return _FAMILY.density(r, (ratio, sigma), out)


@explained
def quantile(q: ArrayLike, ratio: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Radius of the smallest disc around 0 that holds the mass q; NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (ratio, sigma), out)


@explained
def mass_at_zero(ratio: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((ratio, sigma))


@explained
def radius(ratio: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Radius of the rim."""
    return _FAMILY.radius((ratio, sigma))
