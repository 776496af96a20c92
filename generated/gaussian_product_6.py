"""Product of six Gaussian matrices: the law of its complex eigenvalues.

It depends on the distance r from 0 alone. The disc of radius r holds the mass F that solves

    r^2 = F sigma^2 (F + ratio1 - 1) (F + ratio2 - 1) (F + ratio3 - 1) (F + ratio4 - 1)
          (F + ratio5 - 1) / (ratio1 ratio2 ratio3 ratio4 ratio5)

from F = mass_at_zero at r = 0 to F = 1 at the rim; r increases with F.

Left open by the derivation:

- Derived is the law that the eigenvalues have in the limit if the integrals of log|x| over the singular
  values of P - lambda tend to those over their law. That they do, for no singular value is too near to 0,
  is cited: Guionnet, Krishnapur & Zeitouni (2011), Rudelson & Vershynin (2014).

Parameters, in this order:
    ratio1 in (0, oo), default 1: size between factors 1 and 2 over that outside
    ratio2 in (0, oo), default 1: size between factors 2 and 3 over that outside
    ratio3 in (0, oo), default 1: size between factors 3 and 4 over that outside
    ratio4 in (0, oo), default 1: size between factors 4 and 5 over that outside
    ratio5 in (0, oo), default 1: size between factors 5 and 6 over that outside
    sigma in (0, oo), default 1: radius of the rim

All functions broadcast like NumPy ufuncs and return float64, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Granziol (2020), section 4.1.
Written by `make regenerate` from derive/models/radial/gaussian_product_6.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ._runtime.arguments import Parameter
from ._runtime.calls import absent, explained
from ._runtime.radial import ABSENT, RadialFamily

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.arguments import FloatArray

TITLE = "Product of six Gaussian matrices"
SOURCE = "Granziol (2020), section 4.1"
LATEX = (
    r"r^2 - \frac{1}{R_1 R_2 R_3 R_4 R_5} F \sigma^2 (R_1 + F - 1) (R_2 + F - 1) (R_3 + F - 1) (R_4 + F -"
    " 1) (R_5 + F - 1) = 0"
)
PARAMETERS = (
    Parameter("ratio1", "R_1", "(0, oo)", 1.0, "size between factors 1 and 2 over that outside"),
    Parameter("ratio2", "R_2", "(0, oo)", 1.0, "size between factors 2 and 3 over that outside"),
    Parameter("ratio3", "R_3", "(0, oo)", 1.0, "size between factors 3 and 4 over that outside"),
    Parameter("ratio4", "R_4", "(0, oo)", 1.0, "size between factors 4 and 5 over that outside"),
    Parameter("ratio5", "R_5", "(0, oo)", 1.0, "size between factors 5 and 6 over that outside"),
    Parameter("sigma", r"\sigma", "(0, oo)", 1.0, "radius of the rim"),
)


@explained
def equation(
    mass: Any,
    r: Any,
    ratio1: Any = 1,
    ratio2: Any = 1,
    ratio3: Any = 1,
    ratio4: Any = 1,
    ratio5: Any = 1,
    sigma: Any = 1,
) -> Any:
    """r^2 less its value at the mass of the disc of radius r; ring operations only, validates nothing."""
    sizes, squared = _coefficients(ratio1, ratio2, ratio3, ratio4, ratio5, sigma)
    for size in sizes:
        squared = squared * (size - 1 + mass)
    return r**2 - squared


def _coefficients(
    ratio1: Any = 1, ratio2: Any = 1, ratio3: Any = 1, ratio4: Any = 1, ratio5: Any = 1, sigma: Any = 1
) -> tuple[tuple[Any, ...], Any]:
    """Sizes and scale."""
    sizes = (ratio1, ratio2, ratio3, ratio4, ratio5, 1)
    return sizes, sigma**2 / (ratio1 * ratio2 * ratio3 * ratio4 * ratio5)


_FAMILY = RadialFamily(PARAMETERS, _coefficients)


def __getattr__(name: str) -> NoReturn:
    raise absent(__name__, name, ABSENT)


@explained
def cdf(
    r: ArrayLike,
    ratio1: ArrayLike = 1,
    ratio2: ArrayLike = 1,
    ratio3: ArrayLike = 1,
    ratio4: ArrayLike = 1,
    ratio5: ArrayLike = 1,
    sigma: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Mass of the closed disc of radius r, the atom at 0 included; 0 for r < 0."""
    return _FAMILY.cdf(r, (ratio1, ratio2, ratio3, ratio4, ratio5, sigma), out)


@explained
def density(
    r: ArrayLike,
    ratio1: ArrayLike = 1,
    ratio2: ArrayLike = 1,
    ratio3: ArrayLike = 1,
    ratio4: ArrayLike = 1,
    ratio5: ArrayLike = 1,
    sigma: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Density at a distance r from 0, per area of the plane; 0 for r < 0 and beyond the rim."""
    return _FAMILY.density(r, (ratio1, ratio2, ratio3, ratio4, ratio5, sigma), out)


@explained
def quantile(
    q: ArrayLike,
    ratio1: ArrayLike = 1,
    ratio2: ArrayLike = 1,
    ratio3: ArrayLike = 1,
    ratio4: ArrayLike = 1,
    ratio5: ArrayLike = 1,
    sigma: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Radius of the smallest disc around 0 that holds the mass q; NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (ratio1, ratio2, ratio3, ratio4, ratio5, sigma), out)


@explained
def mass_at_zero(
    ratio1: ArrayLike = 1,
    ratio2: ArrayLike = 1,
    ratio3: ArrayLike = 1,
    ratio4: ArrayLike = 1,
    ratio5: ArrayLike = 1,
    sigma: ArrayLike = 1,
) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((ratio1, ratio2, ratio3, ratio4, ratio5, sigma))


@explained
def radius(
    ratio1: ArrayLike = 1,
    ratio2: ArrayLike = 1,
    ratio3: ArrayLike = 1,
    ratio4: ArrayLike = 1,
    ratio5: ArrayLike = 1,
    sigma: ArrayLike = 1,
) -> Any:
    """Radius of the rim."""
    return _FAMILY.radius((ratio1, ratio2, ratio3, ratio4, ratio5, sigma))
