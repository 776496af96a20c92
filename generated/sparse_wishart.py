"""Sparse Wishart matrix, Gaussian weights: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, is an integral over the solution of a functional
equation on the half-line, where c is the mean number of entries of a row:

    G(z) = -i / zeta int_0^oo exp(i zeta s - chi(s)) ds,    zeta = sqrt(z)
    chi(t) = int_0^oo t k(s t / c) exp(i zeta s - psi(s)) ds
    psi(t) = phi int_0^oo t k(s t / c) exp(i zeta s - chi(s)) ds
    k(p) = exp(-p) (I_0(p) - I_1(p))

It is solved for Im sqrt(z) >= ETA * max(1, 1 / sqrt(c), sqrt(phi)), where G is good to 1e-10 or better.

Left open by the derivation:

- The law is not known in a closed form on the axis: no density, distribution function, quantile or edge is
  offered.

Parameters, in this order:
    c in (0, oo): mean number of nonzero entries of a row
    phi in (0, oo): aspect ratio n / p

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Granziol (2020), section 4.2.
Written by `make regenerate` from derive/models/functional/sparse_wishart.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ._runtime.arguments import Parameter
from ._runtime.calls import absent, explained
from ._runtime.sparse.family import ABSENT, ETA, FunctionalFamily

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.arguments import ComplexArray

__all__ = [
    "ETA",
    "LATEX",
    "PARAMETERS",
    "SOURCE",
    "TITLE",
    "index",
    "mass_at_zero",
    "moments",
    "stieltjes",
]

TITLE = "Sparse Wishart matrix, Gaussian weights"
SOURCE = "Granziol (2020), section 4.2"
LATEX = (
    r"\chi(t) = \int_{0}^{\infty} e^{i \zeta s - \psi(s)} t k\left(\frac{t s}{c}\right) \, ds, \quad"
    r" \psi(t) = \phi \int_{0}^{\infty} e^{i \zeta s - \chi(s)} t k\left(\frac{t s}{c}\right) \, ds, \quad"
    r" \zeta G = -i \int_{0}^{\infty} e^{i \zeta s - \chi(s)} \, ds"
)
PARAMETERS = (
    Parameter("c", "c", "(0, oo)", None, "mean number of nonzero entries of a row"),
    Parameter("phi", r"\phi", "(0, oo)", None, "aspect ratio n / p"),
)


def _tree(c: Any, phi: Any) -> tuple[Any, Any]:
    """Mean number of entries of a row, and rows over columns."""
    return c, phi


_FAMILY = FunctionalFamily(PARAMETERS, "gaussian", _tree, squared=True)


def __getattr__(name: str) -> NoReturn:
    raise absent(__name__, name, ABSENT)


@explained
def stieltjes(z: ArrayLike, c: ArrayLike, phi: ArrayLike, *, out: ComplexArray | None = None) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law, at a distance from the axis.

    Im z < 0 gives the conjugate of G at the conjugate of z. Raises `ValueError` for z nearer than stated
    above.
    """
    return _FAMILY.stieltjes(z, (c, phi), out)


@explained
def mass_at_zero(c: ArrayLike, phi: ArrayLike) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((c, phi))


@explained
def index(c: ArrayLike, phi: ArrayLike) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((c, phi))


@explained
def moments(n: int, c: ArrayLike, phi: ArrayLike) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...); the work grows as n^4."""
    return _FAMILY.moments(n, (c, phi))
