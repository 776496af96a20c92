"""ReLU residual: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    -z eps phi^2 G^3 + eps phi (phi - 1) G^2 + 2 z G - 2 = 0

It is a free Levy law, R(g) = m + sum_j c_j g / (1 - p_j g) with positive c_j: the branch is
certified, and so are the edges, simple real solutions of sum_j c_j / (w - p_j)^2 = 1, w = 1/G.

Parameters, in this order:
    eps in [0, oo): energy of the critical point
    phi in (0, oo): ratio of parameters to data points

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Pennington & Bahri (2017), section 6.1.
Written by `make regenerate` from derive/models/relu_residual.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._runtime.arguments import Parameter
from ._runtime.arithmetic.double_double import sqrt
from ._runtime.calls import explained
from ._runtime.coefficients import LevyCoefficients
from ._runtime.family import Family
from ._runtime.results import FromEdge, Outliers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.arguments import ComplexArray, FloatArray
    from ._runtime.frozen import Law
    from ._runtime.levy.kernels import LevyKernels

TITLE = "ReLU residual"
SOURCE = "Pennington & Bahri (2017), section 6.1"
LATEX = r"-\epsilon \phi^2 z G^3 + \epsilon \phi (\phi - 1) G^2 + 2 z G - 2 = 0"
PARAMETERS = (
    Parameter("eps", r"\epsilon", "[0, oo)", None, "energy of the critical point"),
    Parameter("phi", r"\phi", "(0, oo)", None, "ratio of parameters to data points"),
)


@explained
def equation(g: Any, z: Any, eps: Any, phi: Any) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    return eps * phi * (phi - 1) * g**2 - z * eps * phi**2 * g**3 + 2 * z * g - 2


@explained
def edge_polynomial(x: Any, eps: Any, phi: Any) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    return (
        8 * x**4
        - eps * (8 * phi**2 + 20 * phi - 1) * x**2
        + 2 * eps**2 * phi * (phi**3 - 3 * phi**2 + 3 * phi - 1)
    )


def _coefficients(eps: Any, phi: Any) -> LevyCoefficients:
    return LevyCoefficients(
        mean=0,
        poles=(phi * sqrt(2 * eps) / 2, -phi * sqrt(2 * eps) / 2),
        weights=(eps * phi / 4, eps * phi / 4),
        rates=(1 / (2 * phi), 1 / (2 * phi)),
        at_zero={
            (0, 1): (0, (phi - 1) / phi),
        },
    )


def _kernels() -> LevyKernels:
    from ._runtime.levy.kernels import LevyKernels

    return LevyKernels(_coefficients)


_FAMILY = Family("relu_residual", PARAMETERS, _kernels)


@explained
def stieltjes(z: ArrayLike, eps: ArrayLike, phi: ArrayLike, *, out: ComplexArray | None = None) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (eps, phi), out)


@explained
def r_transform(g: ArrayLike, eps: ArrayLike, phi: ArrayLike, *, out: Any = None) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is, its limit at infinite g."""
    return _FAMILY.r_transform(_r_transform, g, (eps, phi), out)


def _r_transform(g: Any, eps: Any, phi: Any) -> Any:
    return eps * phi * g / (2 - eps * phi**2 * g**2)


@explained
def density(x: ArrayLike, eps: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (eps, phi), out)


@explained
def cdf(x: ArrayLike, eps: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (eps, phi), out)


@explained
def sf(x: ArrayLike, eps: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (eps, phi), out)


@explained
def quantile(q: ArrayLike, eps: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (eps, phi), out)


@explained
def quantile_from_edge(q: ArrayLike, eps: ArrayLike, phi: ArrayLike) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, (eps, phi))


@explained
def support(eps: ArrayLike, phi: ArrayLike) -> Any:
    """Bands of the continuous part, shape (..., 2, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support((eps, phi))


@explained
def atoms(eps: ArrayLike, phi: ArrayLike) -> Any:
    """Places and weights of the atoms, shape (..., 1, 2), NaN rows last."""
    return _FAMILY.atoms((eps, phi))


@explained
def mass_at_zero(eps: ArrayLike, phi: ArrayLike) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((eps, phi))


@explained
def index(eps: ArrayLike, phi: ArrayLike) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((eps, phi))


@explained
def log_potential(x: ArrayLike, eps: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (eps, phi), out)


@explained
def moments(n: int, eps: ArrayLike, phi: ArrayLike) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, (eps, phi))


@explained
def free_cumulants(n: int, eps: ArrayLike, phi: ArrayLike) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, (eps, phi))


@explained
def outliers(theta: ArrayLike, eps: ArrayLike, phi: ArrayLike) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes((eps, phi)).outliers(theta)


@explained
def law(eps: ArrayLike, phi: ArrayLike) -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law((eps, phi))
