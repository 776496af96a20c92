"""Product of two sparse matrices, Gaussian weights: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, is an integral over the solution of a functional
equation on the half-line, where c1 and c2 are the mean numbers of entries of a row of the factors:

    G(z) = -i / zeta int_0^oo exp(i zeta s - chi_1(s)) ds,    zeta = sqrt(z)
    chi_1(t) = int_0^oo t k(s t / c1) H[chi_2](s) exp(-psi_1(s)) ds
    chi_2(t) = int_0^oo t k(s t / c2) exp(i zeta s - psi_2(s)) ds
    psi_1(t) = phi1 int_0^oo t k(s t / c1) exp(i zeta s - chi_1(s)) ds
    psi_2(t) = phi2 int_0^oo t k(s t / c2) H[psi_1](s) exp(-chi_2(s)) ds
    H[f](s) = int_0^oo J_0(2 sqrt(s u)) f'(u) exp(-f(u)) du
    k(p) = exp(-p) (I_0(p) - I_1(p))

It is solved, and G good to 1e-10 or better, for

    Im sqrt(z) >= ETA * sqrt(max(1, 1 / c1, phi1) * max(1, 1 / c2, phi2))

Left open by the derivation:

- The law is not known in a closed form on the axis: no density, distribution function, quantile or edge is
  offered.

Parameters, in this order:
    c1 in (0, oo): mean number of nonzero entries of a row of the first factor
    c2 in (0, oo): mean number of nonzero entries of a row of the second factor
    phi1 in (0, oo), default 1: rows over columns of the first
    phi2 in (0, oo), default 1: rows over columns of the second

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Granziol (2020), section 4.2.
Written by `make regenerate` from derive/models/functional/sparse_product.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from ._runtime.arguments import Parameter
from ._runtime.calls import absent, explained
from ._runtime.sparse.family import ABSENT, FunctionalFamily

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

TITLE = "Product of two sparse matrices, Gaussian weights"
SOURCE = "Granziol (2020), section 4.2"
ETA = 0.25
LATEX = (
    r"\chi_1(t) = \int_{0}^{\infty} e^{-\psi_1(s)} t k\left(\frac{t s}{c_1}\right) \sigma_2(s) \, ds, \quad"
    r" \chi_2(t) = \int_{0}^{\infty} e^{i \zeta s - \psi_2(s)} t k\left(\frac{t s}{c_2}\right) \, ds, \quad"
    r" \psi_1(t) = \phi_1 \int_{0}^{\infty} e^{i \zeta s - \chi_1(s)} t k\left(\frac{t s}{c_1}\right) \,"
    r" ds, \quad \psi_2(t) = \phi_2 \int_{0}^{\infty} e^{-\chi_2(s)} t k\left(\frac{t s}{c_2}\right)"
    r" \tau_1(s) \, ds, \quad \sigma_2(s) = \int_{0}^{\infty} e^{-\chi_2(u)} J_0(2 \sqrt{s u}) \frac{d}{d"
    r" u} \chi_2(u) \, du, \quad \tau_1(s) = \int_{0}^{\infty} e^{-\psi_1(u)} J_0(2 \sqrt{s u}) \frac{d}{d"
    r" u} \psi_1(u) \, du, \quad \zeta G = -i \int_{0}^{\infty} e^{i \zeta s - \chi_1(s)} \, ds"
)
PARAMETERS = (
    Parameter("c1", "c_1", "(0, oo)", None, "mean number of nonzero entries of a row of the first factor"),
    Parameter("c2", "c_2", "(0, oo)", None, "mean number of nonzero entries of a row of the second factor"),
    Parameter("phi1", r"\phi_1", "(0, oo)", 1.0, "rows over columns of the first"),
    Parameter("phi2", r"\phi_2", "(0, oo)", 1.0, "rows over columns of the second"),
)


def _tree(c1: Any, c2: Any, phi1: Any = 1, phi2: Any = 1) -> tuple[Any, Any]:
    """Mean number of entries of a row, and rows over columns, of every factor."""
    return (c1, c2), (phi1, phi2)


_FAMILY = FunctionalFamily(PARAMETERS, "gaussian", _tree, squared=True, eta=ETA)


def __getattr__(name: str) -> NoReturn:
    raise absent(__name__, name, ABSENT)


@explained
def stieltjes(
    z: ArrayLike,
    c1: ArrayLike,
    c2: ArrayLike,
    phi1: ArrayLike = 1,
    phi2: ArrayLike = 1,
    *,
    out: ComplexArray | None = None,
) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law, at a distance from the axis.

    Im z < 0 gives the conjugate of G at the conjugate of z. Raises `ValueError` for z nearer than stated
    above.
    """
    return _FAMILY.stieltjes(z, (c1, c2, phi1, phi2), out)


@explained
def mass_at_zero(c1: ArrayLike, c2: ArrayLike, phi1: ArrayLike = 1, phi2: ArrayLike = 1) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((c1, c2, phi1, phi2))


@explained
def index(c1: ArrayLike, c2: ArrayLike, phi1: ArrayLike = 1, phi2: ArrayLike = 1) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((c1, c2, phi1, phi2))


@explained
def moments(n: int, c1: ArrayLike, c2: ArrayLike, phi1: ArrayLike = 1, phi2: ArrayLike = 1) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...); the work grows as n^4."""
    return _FAMILY.moments(n, (c1, c2, phi1, phi2))
