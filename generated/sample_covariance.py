"""Sample covariance of two variances: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    z^2 place phi^2 G^3 - z phi (z place + z + 2 place phi - 2 place) G^2 + (z^2 - z mass place phi
      + z mass phi + 2 z place phi - z place + z phi - z + place phi^2 - 2 place phi + place) G
      - (z - mass place phi + mass place + mass phi - mass + place phi - place) = 0

It is an algebraic law outside the rational free Levy class: the branch is continued from
infinity, each step proved by Rouche's inequality in double precision, and the law is tabulated
between its singular points. A frozen law says what is certified (`certificates`) and what
is not (`uncertified`). Distribution functions are integrals of the tables: their absolute
error, measured and not proved, is at most 1e-12; a frozen law tells the defect of its mass.

Parameters, in this order:
    mass in (0, 1): share of the variance
    place in (0, oo): variance of the population beside 1
    phi in (0, oo): aspect ratio n / p

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Left open by the derivation:

- the law is outside the rational free Levy class: its R-transform is not rational
- the roots of the edge polynomial are candidates for edges: which of them belong to the physical branch is
  not settled symbolically
- transitions: the number of bands is derived for rational Levy laws only
- degenerate: degenerate parameters are settled for rational Levy laws only

Source: a model file.
Written by `make regenerate` from derive/models/algebraic/sample_covariance.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._runtime.arguments import Parameter
from ._runtime.calls import explained
from ._runtime.coefficients import AlgebraicCoefficients
from ._runtime.family import Family
from ._runtime.results import AllOutliers, FromEdge, Outliers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.algebraic.kernels import AlgebraicKernels
    from ._runtime.arguments import ComplexArray, FloatArray
    from ._runtime.frozen import Law

TITLE = "Sample covariance of two variances"
SOURCE = "a model file"
LATEX = (
    r"\phi^2 a z^2 G^3 + \phi z \bigl(2 a (1 - \phi) - (1 + a) z\bigr) G^2 + \bigl(z^2 - (m \phi a - m \phi"
    r" - 2 \phi a - \phi + a + 1) z + a (\phi - 1)^2\bigr) G + m \phi a - m \phi - m a + m - \phi a + a - z"
    " = 0"
)
PARAMETERS = (
    Parameter("mass", "m", "(0, 1)", None, "share of the variance"),
    Parameter("place", "a", "(0, oo)", None, "variance of the population beside 1"),
    Parameter("phi", r"\phi", "(0, oo)", None, "aspect ratio n / p"),
)


@explained
def equation(g: Any, z: Any, mass: Any, place: Any, phi: Any) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    c1 = (
        z**2
        - z * mass * place * phi
        + z * mass * phi
        + 2 * z * place * phi
        - z * place
        + z * phi
        - z
        + place * phi**2
        - 2 * place * phi
        + place
    )
    return (
        z**2 * place * phi**2 * g**3
        - z * phi * (z * place + z + 2 * place * phi - 2 * place) * g**2
        + c1 * g
        - (z - mass * place * phi + mass * place + mass * phi - mass + place * phi - place)
    )


@explained
def edge_polynomial(x: Any, mass: Any, place: Any, phi: Any) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    c4 = (
        2 * mass * place**3 * phi
        - 10 * mass * place**2 * phi
        + 10 * mass * place * phi
        - 2 * mass * phi
        + 2 * place**3
        + 4 * place**2 * phi
        - 2 * place**2
        - 6 * place * phi
        - 2 * place
        + 2 * phi
        + 2
    )
    c3 = (
        mass**2 * place**4 * phi**2
        - 12 * mass**2 * place**3 * phi**2
        + 22 * mass**2 * place**2 * phi**2
        - 12 * mass**2 * place * phi**2
        + mass**2 * phi**2
        - 2 * mass * place**4 * phi
        + 6 * mass * place**3 * phi**2
        - 2 * mass * place**3 * phi
        - 22 * mass * place**2 * phi**2
        + 18 * mass * place * phi**2
        + 2 * mass * place * phi
        - 2 * mass * phi**2
        + 2 * mass * phi
        + place**4
        + 6 * place**3 * phi
        + 2 * place**3
        + 6 * place**2 * phi**2
        - 8 * place**2 * phi
        - 6 * place**2
        - 6 * place * phi**2
        + 4 * place * phi
        + 2 * place
        + phi**2
        - 2 * phi
        + 1
    )
    c2 = (
        4 * mass**3 * place**4 * phi**3
        - 12 * mass**3 * place**3 * phi**3
        + 12 * mass**3 * place**2 * phi**3
        - 4 * mass**3 * place * phi**3
        - 2 * mass**2 * place**4 * phi**3
        - 10 * mass**2 * place**4 * phi**2
        + 14 * mass**2 * place**3 * phi**3
        + 10 * mass**2 * place**3 * phi**2
        - 22 * mass**2 * place**2 * phi**3
        + 10 * mass**2 * place**2 * phi**2
        + 10 * mass**2 * place * phi**3
        - 10 * mass**2 * place * phi**2
        + 4 * mass * place**4 * phi**2
        + 8 * mass * place**4 * phi
        - 6 * mass * place**3 * phi**3
        + 6 * mass * place**3 * phi**2
        - 12 * mass * place**3 * phi
        + 14 * mass * place**2 * phi**3
        - 26 * mass * place**2 * phi**2
        + 12 * mass * place**2 * phi
        - 8 * mass * place * phi**3
        + 16 * mass * place * phi**2
        - 8 * mass * place * phi
        - 2 * place**4 * phi
        - 2 * place**4
        - 6 * place**3 * phi**2
        + 4 * place**3 * phi
        + 2 * place**3
        - 4 * place**2 * phi**3
        + 10 * place**2 * phi**2
        - 8 * place**2 * phi
        + 2 * place**2
        + 2 * place * phi**3
        - 6 * place * phi**2
        + 6 * place * phi
        - 2 * place
    )
    c1 = (
        mass**2 * place**4 * phi**4
        - 2 * mass**2 * place**4 * phi**3
        + mass**2 * place**4 * phi**2
        - 2 * mass**2 * place**3 * phi**4
        + 4 * mass**2 * place**3 * phi**3
        - 2 * mass**2 * place**3 * phi**2
        + mass**2 * place**2 * phi**4
        - 2 * mass**2 * place**2 * phi**3
        + mass**2 * place**2 * phi**2
        - 2 * mass * place**4 * phi**3
        + 4 * mass * place**4 * phi**2
        - 2 * mass * place**4 * phi
        + 2 * mass * place**3 * phi**4
        - 4 * mass * place**3 * phi**3
        + 2 * mass * place**3 * phi**2
        - 2 * mass * place**2 * phi**4
        + 6 * mass * place**2 * phi**3
        - 6 * mass * place**2 * phi**2
        + 2 * mass * place**2 * phi
        + place**4 * phi**2
        - 2 * place**4 * phi
        + place**4
        + 2 * place**3 * phi**3
        - 6 * place**3 * phi**2
        + 6 * place**3 * phi
        - 2 * place**3
        + place**2 * phi**4
        - 4 * place**2 * phi**3
        + 6 * place**2 * phi**2
        - 4 * place**2 * phi
        + place**2
    )
    return (place**2 - 2 * place + 1) * x**5 - c4 * x**4 + c3 * x**3 + c2 * x**2 + c1 * x


def _coefficients(mass: Any, place: Any, phi: Any) -> AlgebraicCoefficients:
    e1_0 = (
        mass**2 * place**4 * phi**4
        - 2 * mass**2 * place**4 * phi**3
        + mass**2 * place**4 * phi**2
        - 2 * mass**2 * place**3 * phi**4
        + 4 * mass**2 * place**3 * phi**3
        - 2 * mass**2 * place**3 * phi**2
        + mass**2 * place**2 * phi**4
        - 2 * mass**2 * place**2 * phi**3
        + mass**2 * place**2 * phi**2
        - 2 * mass * place**4 * phi**3
        + 4 * mass * place**4 * phi**2
        - 2 * mass * place**4 * phi
        + 2 * mass * place**3 * phi**4
        - 4 * mass * place**3 * phi**3
        + 2 * mass * place**3 * phi**2
        - 2 * mass * place**2 * phi**4
        + 6 * mass * place**2 * phi**3
        - 6 * mass * place**2 * phi**2
        + 2 * mass * place**2 * phi
        + place**4 * phi**2
        - 2 * place**4 * phi
        + place**4
        + 2 * place**3 * phi**3
        - 6 * place**3 * phi**2
        + 6 * place**3 * phi
        - 2 * place**3
        + place**2 * phi**4
        - 4 * place**2 * phi**3
        + 6 * place**2 * phi**2
        - 4 * place**2 * phi
        + place**2
    )
    e1_1 = (
        4 * mass**3 * place**4 * phi**3
        - 12 * mass**3 * place**3 * phi**3
        + 12 * mass**3 * place**2 * phi**3
        - 4 * mass**3 * place * phi**3
        - 2 * mass**2 * place**4 * phi**3
        - 10 * mass**2 * place**4 * phi**2
        + 14 * mass**2 * place**3 * phi**3
        + 10 * mass**2 * place**3 * phi**2
        - 22 * mass**2 * place**2 * phi**3
        + 10 * mass**2 * place**2 * phi**2
        + 10 * mass**2 * place * phi**3
        - 10 * mass**2 * place * phi**2
        + 4 * mass * place**4 * phi**2
        + 8 * mass * place**4 * phi
        - 6 * mass * place**3 * phi**3
        + 6 * mass * place**3 * phi**2
        - 12 * mass * place**3 * phi
        + 14 * mass * place**2 * phi**3
        - 26 * mass * place**2 * phi**2
        + 12 * mass * place**2 * phi
        - 8 * mass * place * phi**3
        + 16 * mass * place * phi**2
        - 8 * mass * place * phi
        - 2 * place**4 * phi
        - 2 * place**4
        - 6 * place**3 * phi**2
        + 4 * place**3 * phi
        + 2 * place**3
        - 4 * place**2 * phi**3
        + 10 * place**2 * phi**2
        - 8 * place**2 * phi
        + 2 * place**2
        + 2 * place * phi**3
        - 6 * place * phi**2
        + 6 * place * phi
        - 2 * place
    )
    e1_2 = (
        mass**2 * place**4 * phi**2
        - 12 * mass**2 * place**3 * phi**2
        + 22 * mass**2 * place**2 * phi**2
        - 12 * mass**2 * place * phi**2
        + mass**2 * phi**2
        - 2 * mass * place**4 * phi
        + 6 * mass * place**3 * phi**2
        - 2 * mass * place**3 * phi
        - 22 * mass * place**2 * phi**2
        + 18 * mass * place * phi**2
        + 2 * mass * place * phi
        - 2 * mass * phi**2
        + 2 * mass * phi
        + place**4
        + 6 * place**3 * phi
        + 2 * place**3
        + 6 * place**2 * phi**2
        - 8 * place**2 * phi
        - 6 * place**2
        - 6 * place * phi**2
        + 4 * place * phi
        + 2 * place
        + phi**2
        - 2 * phi
        + 1
    )
    e1_3 = (
        10 * mass * place**2 * phi
        - 2 * mass * place**3 * phi
        - 10 * mass * place * phi
        + 2 * mass * phi
        - 2 * place**3
        - 4 * place**2 * phi
        + 2 * place**2
        + 6 * place * phi
        + 2 * place
        - 2 * phi
        - 2
    )
    return AlgebraicCoefficients(
        rows=(
            (mass * place * phi - mass * place - mass * phi + mass - place * phi + place, -1, 0),
            (
                place * phi**2 - 2 * place * phi + place,
                mass * phi - mass * place * phi + 2 * place * phi - place + phi - 1,
                1,
            ),
            (0, 2 * place * phi - 2 * place * phi**2, -place * phi - phi),
            (0, 0, place * phi**2),
        ),
        edges=(
            (0, 1),
            (e1_0, e1_1, e1_2, e1_3, place**2 - 2 * place + 1),
        ),
    )


def _kernels() -> AlgebraicKernels:
    from ._runtime.algebraic.kernels import AlgebraicKernels

    return AlgebraicKernels(_coefficients, bands=2, atoms=2)


_FAMILY = Family("sample_covariance", PARAMETERS, _kernels)


@explained
def stieltjes(
    z: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike, *, out: ComplexArray | None = None
) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (mass, place, phi), out)


@explained
def r_transform(g: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike, *, out: Any = None) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is.

    Continued from the mean at g = 0 along the straight segment to g, each step proved, to the last digits; at
    G(x), x beyond the support, it is x - 1 / G(x). NaN at and beyond a single branch point of R on the
    segment, and at infinite g; beyond two of the same branches, the continuation around both.
    """
    return _FAMILY.continued_r_transform(g, (mass, place, phi), out)


@explained
def density(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (mass, place, phi), out)


@explained
def cdf(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (mass, place, phi), out)


@explained
def sf(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (mass, place, phi), out)


@explained
def quantile(
    q: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (mass, place, phi), out)


@explained
def quantile_from_edge(q: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, (mass, place, phi))


@explained
def support(mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Any:
    """Bands of the continuous part, shape (..., 2, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support((mass, place, phi))


@explained
def atoms(mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Any:
    """Places and weights of the atoms, shape (..., 2, 2), NaN rows last."""
    return _FAMILY.atoms((mass, place, phi))


@explained
def mass_at_zero(mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((mass, place, phi))


@explained
def index(mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((mass, place, phi))


@explained
def log_potential(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (mass, place, phi), out)


@explained
def moments(n: int, mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, (mass, place, phi))


@explained
def free_cumulants(n: int, mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, (mass, place, phi))


@explained
def outliers(theta: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes((mass, place, phi)).outliers(theta)


@explained
def multiplicative_outliers(theta: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a multiplicative spike makes.

    The matrix is (1 + theta P)^(1/2) A (1 + theta P)^(1/2) with a free projection P of rank one and
    theta > -1: an outlier appears where T(z) = z G(z) - 1 = 1 / theta outside the support, with squared
    overlap -(1 + theta) / (theta^2 z T'(z)). NaN under the threshold and at theta = -1, where 1 + theta P
    is singular; raises ValueError below -1.
    """
    return _FAMILY.spikes((mass, place, phi)).multiplicative_outliers(theta)


@explained
def all_outliers(theta: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> AllOutliers:
    """All outliers that a planted spike theta makes: one at most in each gap, and beyond the support.

    Place, squared overlap, threshold and until as arrays (..., 4), ascending by place, NaN
    last. As theta grows from 0 on its side an outlier leaves the spectrum at its threshold, 0 where there is
    none; in a gap it may enter the spectrum again at the other end, at theta = until, else infinite.
    """
    return _FAMILY.spikes((mass, place, phi)).all_outliers(theta)


@explained
def all_multiplicative_outliers(
    theta: ArrayLike, mass: ArrayLike, place: ArrayLike, phi: ArrayLike
) -> AllOutliers:
    """The same of a multiplicative spike theta > -1; see `multiplicative_outliers` and `all_outliers`.

    For theta < 0 until is -1 where the outlier stays outside to there.
    """
    return _FAMILY.spikes((mass, place, phi)).all_multiplicative_outliers(theta)


@explained
def law(mass: ArrayLike, place: ArrayLike, phi: ArrayLike) -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law((mass, place, phi))
