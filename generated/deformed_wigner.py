"""Two eigenvalues plus Wigner: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    variance^2 G^3 - variance (2 z - place) G^2 + (z^2 - z place + variance) G - (z + mass place - place)
      = 0

It is an algebraic law outside the rational free Levy class: the branch is continued from
infinity, each step proved by Rouche's inequality in double precision, and the law is tabulated
between its singular points. A frozen law says what is certified (`certificates`) and what
is not (`uncertified`). Distribution functions are integrals of the tables: their absolute
error, measured and not proved, is at most 1e-12; a frozen law tells the defect of its mass.

Parameters, in this order:
    mass in (0, 1): share of the eigenvalue
    place in (0, oo): eigenvalue of the fixed part beside 0
    variance in (0, oo): variance of the semicircle

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Left open by the derivation:

- the law is outside the rational free Levy class: its R-transform is not rational
- the roots of the edge polynomial are candidates for edges: which of them belong to the physical branch is
  not settled symbolically
- distribution function: no closed form is derived: no rational parametrisation of the curve was found
  (through g, the companion's g, or t = z G - 1)
- transitions: the number of bands is derived for rational Levy laws only
- degenerate: degenerate parameters are settled for rational Levy laws only

Source: a model file.
Written by `make regenerate` from derive/models/algebraic/deformed_wigner.py; changes belong there.
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

TITLE = "Two eigenvalues plus Wigner"
SOURCE = "a model file"
LATEX = "v^2 G^3 + v (a - 2 z) G^2 + (z^2 - a z + v) G + a (1 - m) - z = 0"
PARAMETERS = (
    Parameter("mass", "m", "(0, 1)", None, "share of the eigenvalue"),
    Parameter("place", "a", "(0, oo)", None, "eigenvalue of the fixed part beside 0"),
    Parameter("variance", "v", "(0, oo)", None, "variance of the semicircle"),
)


@explained
def equation(g: Any, z: Any, mass: Any, place: Any, variance: Any) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    return (
        variance**2 * g**3
        - variance * (2 * z - place) * g**2
        + (z**2 - z * place + variance) * g
        - (z + mass * place - place)
    )


@explained
def edge_polynomial(x: Any, mass: Any, place: Any, variance: Any) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    c1 = (
        6 * mass * place**3 * variance
        + 18 * mass * place * variance**2
        - 8 * place**3 * variance
        - 8 * place * variance**2
    )
    c0 = (
        27 * mass**2 * place**2 * variance**2
        - 4 * mass * place**4 * variance
        - 36 * mass * place**2 * variance**2
        + 4 * place**4 * variance
        + 8 * place**2 * variance**2
        + 4 * variance**3
    )
    return (
        (6 * mass * place**2 * variance - place**4 + 2 * place**2 * variance - variance**2) * x**2
        - place**2 * x**4
        - 2 * place * (2 * mass * variance - place**2 - variance) * x**3
        + c1 * x
        + c0
    )


def _coefficients(mass: Any, place: Any, variance: Any) -> AlgebraicCoefficients:
    e0_0 = (
        4 * mass * place**4 * variance
        - 27 * mass**2 * place**2 * variance**2
        + 36 * mass * place**2 * variance**2
        - 4 * place**4 * variance
        - 8 * place**2 * variance**2
        - 4 * variance**3
    )
    e0_1 = (
        8 * place**3 * variance
        - 6 * mass * place**3 * variance
        - 18 * mass * place * variance**2
        + 8 * place * variance**2
    )
    return AlgebraicCoefficients(
        rows=(
            (place - mass * place, -1, 0),
            (variance, -place, 1),
            (place * variance, -2 * variance, 0),
            (variance**2, 0, 0),
        ),
        edges=(
            (
                e0_0,
                e0_1,
                place**4 - 6 * mass * place**2 * variance - 2 * place**2 * variance + variance**2,
                4 * mass * place * variance - 2 * place**3 - 2 * place * variance,
                place**2,
            ),
        ),
    )


def _kernels() -> AlgebraicKernels:
    from ._runtime.algebraic.kernels import AlgebraicKernels

    return AlgebraicKernels(_coefficients, bands=2, atoms=2)


_FAMILY = Family("deformed_wigner", PARAMETERS, _kernels)


@explained
def stieltjes(
    z: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike, *, out: ComplexArray | None = None
) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (mass, place, variance), out)


@explained
def r_transform(
    g: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike, *, out: Any = None
) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is.

    Continued from the mean at g = 0 along the straight segment to g, each step proved, to the last digits; at
    G(x), x beyond the support, it is x - 1 / G(x). NaN at and beyond a single branch point of R on the
    segment, and at infinite g; beyond two of the same branches, the continuation around both.
    """
    return _FAMILY.continued_r_transform(g, (mass, place, variance), out)


@explained
def density(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (mass, place, variance), out)


@explained
def cdf(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (mass, place, variance), out)


@explained
def sf(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (mass, place, variance), out)


@explained
def quantile(
    q: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (mass, place, variance), out)


@explained
def quantile_from_edge(q: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, (mass, place, variance))


@explained
def support(mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Any:
    """Bands of the continuous part, shape (..., 2, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support((mass, place, variance))


@explained
def atoms(mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Any:
    """Places and weights of the atoms, shape (..., 2, 2), NaN rows last."""
    return _FAMILY.atoms((mass, place, variance))


@explained
def mass_at_zero(mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((mass, place, variance))


@explained
def index(mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((mass, place, variance))


@explained
def log_potential(
    x: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike, *, out: FloatArray | None = None
) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (mass, place, variance), out)


@explained
def moments(n: int, mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, (mass, place, variance))


@explained
def free_cumulants(n: int, mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, (mass, place, variance))


@explained
def outliers(theta: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes((mass, place, variance)).outliers(theta)


@explained
def all_outliers(theta: ArrayLike, mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> AllOutliers:
    """All outliers that a planted spike theta makes: one at most in each gap, and beyond the support.

    Place, squared overlap, threshold and until as arrays (..., 4), ascending by place, NaN
    last. As theta grows from 0 on its side an outlier leaves the spectrum at its threshold, 0 where there is
    none; in a gap it may enter the spectrum again at the other end, at theta = until, else infinite.
    """
    return _FAMILY.spikes((mass, place, variance)).all_outliers(theta)


@explained
def law(mass: ArrayLike, place: ArrayLike, variance: ArrayLike) -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law((mass, place, variance))
