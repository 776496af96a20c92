"""Product of two square Gaussian matrices: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    -z^2 G^3 + z G - 1 = 0

It is an algebraic law outside the rational free Levy class: the branch is continued from
infinity, each step proved by Rouche's inequality in double precision, and the law is tabulated
between its singular points. A frozen law says what is certified (`certificates`) and what
is not (`uncertified`). Distribution functions are integrals of the tables: their absolute
error, measured and not proved, is at most 1e-12; a frozen law tells the defect of its mass.

It has no parameters.

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Left open by the derivation:

- the law is outside the rational free Levy class: its R-transform is not rational
- the roots of the edge polynomial are candidates for edges: which of them belong to the physical branch is
  not settled symbolically
- transitions: the number of bands is derived for rational Levy laws only
- degenerate: degenerate parameters are settled for rational Levy laws only

Source: Granziol (2020), section 4.1.
Written by `make regenerate` from derive/models/algebraic/fuss_catalan_2.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._runtime.calls import explained
from ._runtime.coefficients import AlgebraicCoefficients
from ._runtime.family import Family
from ._runtime.results import AllOutliers, FromEdge, Outliers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.algebraic.kernels import AlgebraicKernels
    from ._runtime.arguments import ComplexArray, FloatArray
    from ._runtime.frozen import Law

TITLE = "Product of two square Gaussian matrices"
SOURCE = "Granziol (2020), section 4.1"
LATEX = "-z^2 G^3 + z G - 1 = 0"
PARAMETERS = ()


@explained
def equation(g: Any, z: Any) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    return z * g - z**2 * g**3 - 1


@explained
def edge_polynomial(x: Any) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    return 4 * x**2 - 27 * x


def _coefficients() -> AlgebraicCoefficients:
    return AlgebraicCoefficients(
        rows=(
            (-1, 0, 0),
            (0, 1, 0),
            (0, 0, 0),
            (0, 0, -1),
        ),
        edges=(
            (0, 1),
            (-27, 4),
        ),
    )


def _kernels() -> AlgebraicKernels:
    from ._runtime.algebraic.kernels import AlgebraicKernels

    return AlgebraicKernels(_coefficients, bands=1, atoms=2)


_FAMILY = Family("fuss_catalan_2", PARAMETERS, _kernels)


@explained
def stieltjes(z: ArrayLike, *, out: ComplexArray | None = None) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (), out)


@explained
def r_transform(g: ArrayLike, *, out: Any = None) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is.

    Continued from the mean at g = 0 along the straight segment to g, each step proved, to the last digits; at
    G(x), x beyond the support, it is x - 1 / G(x). NaN at and beyond a single branch point of R on the
    segment, and at infinite g; beyond two of the same branches, the continuation around both.
    """
    return _FAMILY.continued_r_transform(g, (), out)


@explained
def density(x: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (), out)


@explained
def cdf(x: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (), out)


@explained
def sf(x: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (), out)


@explained
def quantile(q: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (), out)


@explained
def quantile_from_edge(q: ArrayLike) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, ())


@explained
def support() -> Any:
    """Bands of the continuous part, shape (..., 1, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support(())


@explained
def atoms() -> Any:
    """Places and weights of the atoms, shape (..., 2, 2), NaN rows last."""
    return _FAMILY.atoms(())


@explained
def mass_at_zero() -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero(())


@explained
def index() -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index(())


@explained
def log_potential(x: ArrayLike, *, out: FloatArray | None = None) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (), out)


@explained
def moments(n: int) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, ())


@explained
def free_cumulants(n: int) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, ())


@explained
def outliers(theta: ArrayLike) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes(()).outliers(theta)


@explained
def multiplicative_outliers(theta: ArrayLike) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a multiplicative spike makes.

    The matrix is (1 + theta P)^(1/2) A (1 + theta P)^(1/2) with a free projection P of rank one and
    theta > -1: an outlier appears where T(z) = z G(z) - 1 = 1 / theta outside the support, with squared
    overlap -(1 + theta) / (theta^2 z T'(z)). NaN under the threshold and at theta = -1, where 1 + theta P
    is singular; raises ValueError below -1.
    """
    return _FAMILY.spikes(()).multiplicative_outliers(theta)


@explained
def all_outliers(theta: ArrayLike) -> AllOutliers:
    """All outliers that a planted spike theta makes: one at most in each gap, and beyond the support.

    Place, squared overlap, threshold and until as arrays (..., 3), ascending by place, NaN
    last. As theta grows from 0 on its side an outlier leaves the spectrum at its threshold, 0 where there is
    none; in a gap it may enter the spectrum again at the other end, at theta = until, else infinite.
    """
    return _FAMILY.spikes(()).all_outliers(theta)


@explained
def all_multiplicative_outliers(theta: ArrayLike) -> AllOutliers:
    """The same of a multiplicative spike theta > -1; see `multiplicative_outliers` and `all_outliers`.

    For theta < 0 until is -1 where the outlier stays outside to there.
    """
    return _FAMILY.spikes(()).all_multiplicative_outliers(theta)


@explained
def law() -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law(())
