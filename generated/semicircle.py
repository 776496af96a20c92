"""Semicircle law: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    -sigma^2 G^2 + z G - 1 = 0

It is a free Levy law, R(g) = m + sum_j c_j g / (1 - p_j g) with positive c_j: the branch is
certified, and so are the edges, simple real solutions of sum_j c_j / (w - p_j)^2 = 1, w = 1/G.

Parameters, in this order:
    sigma in (0, oo): standard deviation; the radius is 2 sigma

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Pennington & Bahri (2017), eq. 6.
Written by `make regenerate` from derive/models/semicircle.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._runtime.arguments import Parameter
from ._runtime.calls import explained
from ._runtime.coefficients import LevyCoefficients
from ._runtime.family import Family
from ._runtime.results import FromEdge, Outliers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.arguments import ComplexArray, FloatArray
    from ._runtime.frozen import Law
    from ._runtime.levy.kernels import LevyKernels

TITLE = "Semicircle law"
SOURCE = "Pennington & Bahri (2017), eq. 6"
LATEX = r"-\sigma^2 G^2 + z G - 1 = 0"
PARAMETERS = (Parameter("sigma", r"\sigma", "(0, oo)", None, "standard deviation; the radius is 2 sigma"),)


@explained
def equation(g: Any, z: Any, sigma: Any) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    return z * g - sigma**2 * g**2 - 1


@explained
def edge_polynomial(x: Any, sigma: Any) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    return 4 * sigma**2 - x**2


def _coefficients(sigma: Any) -> LevyCoefficients:
    return LevyCoefficients(
        mean=0,
        poles=(0,),
        weights=(sigma**2,),
        rates=(None,),
        at_zero={},
    )


def _kernels() -> LevyKernels:
    from ._runtime.levy.kernels import LevyKernels

    return LevyKernels(_coefficients)


_FAMILY = Family("semicircle", PARAMETERS, _kernels)


@explained
def stieltjes(z: ArrayLike, sigma: ArrayLike, *, out: ComplexArray | None = None) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (sigma,), out)


@explained
def r_transform(g: ArrayLike, sigma: ArrayLike, *, out: Any = None) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is, its limit at infinite g."""
    return _FAMILY.r_transform(_r_transform, g, (sigma,), out)


def _r_transform(g: Any, sigma: Any) -> Any:
    return sigma**2 * g


@explained
def density(x: ArrayLike, sigma: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (sigma,), out)


@explained
def cdf(x: ArrayLike, sigma: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (sigma,), out)


@explained
def sf(x: ArrayLike, sigma: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (sigma,), out)


@explained
def quantile(q: ArrayLike, sigma: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (sigma,), out)


@explained
def quantile_from_edge(q: ArrayLike, sigma: ArrayLike) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, (sigma,))


@explained
def support(sigma: ArrayLike) -> Any:
    """Bands of the continuous part, shape (..., 1, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support((sigma,))


@explained
def atoms(sigma: ArrayLike) -> Any:
    """Places and weights of the atoms, shape (..., 1, 2), NaN rows last."""
    return _FAMILY.atoms((sigma,))


@explained
def mass_at_zero(sigma: ArrayLike) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((sigma,))


@explained
def index(sigma: ArrayLike) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((sigma,))


@explained
def log_potential(x: ArrayLike, sigma: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (sigma,), out)


@explained
def moments(n: int, sigma: ArrayLike) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, (sigma,))


@explained
def free_cumulants(n: int, sigma: ArrayLike) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, (sigma,))


@explained
def outliers(theta: ArrayLike, sigma: ArrayLike) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes((sigma,)).outliers(theta)


@explained
def law(sigma: ArrayLike) -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law((sigma,))
