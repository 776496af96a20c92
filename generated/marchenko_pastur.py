"""Marchenko-Pastur law: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    -z phi sigma G^2 + (z + phi sigma - sigma) G - 1 = 0

It is a free Levy law, R(g) = m + sum_j c_j g / (1 - p_j g) with positive c_j: the branch is
certified, and so are the edges, simple real solutions of sum_j c_j / (w - p_j)^2 = 1, w = 1/G.

Parameters, in this order:
    phi in (0, oo): aspect ratio n / p
    sigma in (0, oo), default 1: mean of the law

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Pennington & Bahri (2017), eqs. 7-8.
Written by `make regenerate` from derive/models/marchenko_pastur.py; changes belong there.
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

TITLE = "Marchenko-Pastur law"
SOURCE = "Pennington & Bahri (2017), eqs. 7-8"
LATEX = r"-\phi \sigma z G^2 + \bigl(z + \sigma (\phi - 1)\bigr) G - 1 = 0"
PARAMETERS = (
    Parameter("phi", r"\phi", "(0, oo)", None, "aspect ratio n / p"),
    Parameter("sigma", r"\sigma", "(0, oo)", 1.0, "mean of the law"),
)


@explained
def equation(g: Any, z: Any, phi: Any, sigma: Any = 1) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    return (z + phi * sigma - sigma) * g - z * phi * sigma * g**2 - 1


@explained
def edge_polynomial(x: Any, phi: Any, sigma: Any = 1) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    return x**2 - 2 * sigma * (phi + 1) * x + sigma**2 * (phi**2 - 2 * phi + 1)


def _coefficients(phi: Any, sigma: Any = 1) -> LevyCoefficients:
    return LevyCoefficients(
        mean=sigma,
        poles=(phi * sigma,),
        weights=(phi * sigma**2,),
        rates=(1 / phi,),
        at_zero={
            (0,): (0, (phi - 1) / phi),
        },
    )


def _kernels() -> LevyKernels:
    from ._runtime.levy.kernels import LevyKernels

    return LevyKernels(_coefficients)


_FAMILY = Family("marchenko_pastur", PARAMETERS, _kernels)


@explained
def stieltjes(z: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: ComplexArray | None = None) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (phi, sigma), out)


@explained
def r_transform(g: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: Any = None) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is, its limit at infinite g."""
    return _FAMILY.r_transform(_r_transform, g, (phi, sigma), out)


def _r_transform(g: Any, phi: Any, sigma: Any = 1) -> Any:
    return sigma / (1 - phi * sigma * g)


@explained
def density(x: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (phi, sigma), out)


@explained
def cdf(x: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (phi, sigma), out)


@explained
def sf(x: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (phi, sigma), out)


@explained
def quantile(q: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (phi, sigma), out)


@explained
def quantile_from_edge(q: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, (phi, sigma))


@explained
def support(phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Bands of the continuous part, shape (..., 1, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support((phi, sigma))


@explained
def atoms(phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Places and weights of the atoms, shape (..., 1, 2), NaN rows last."""
    return _FAMILY.atoms((phi, sigma))


@explained
def mass_at_zero(phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((phi, sigma))


@explained
def index(phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((phi, sigma))


@explained
def log_potential(
    x: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None
) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (phi, sigma), out)


@explained
def moments(n: int, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, (phi, sigma))


@explained
def free_cumulants(n: int, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, (phi, sigma))


@explained
def outliers(theta: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes((phi, sigma)).outliers(theta)


@explained
def multiplicative_outliers(theta: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a multiplicative spike makes.

    The matrix is (1 + theta P)^(1/2) A (1 + theta P)^(1/2) with a free projection P of rank one and
    theta > -1: an outlier appears where T(z) = z G(z) - 1 = 1 / theta outside the support, with squared
    overlap -(1 + theta) / (theta^2 z T'(z)). NaN under the threshold and at theta = -1, where 1 + theta P
    is singular; raises ValueError below -1.
    """
    return _FAMILY.spikes((phi, sigma)).multiplicative_outliers(theta)


@explained
def law(phi: ArrayLike, sigma: ArrayLike = 1) -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law((phi, sigma))
