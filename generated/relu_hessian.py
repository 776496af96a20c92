"""Wishart plus ReLU residual: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    z eps phi^3 sigma G^4 - eps phi^2 (z + phi sigma - 2 sigma) G^3 - phi (2 z sigma - eps phi + eps) G^2
      + 2 (z + phi sigma - sigma) G - 2 = 0

It is a free Levy law, R(g) = m + sum_j c_j g / (1 - p_j g) with positive c_j: the branch is
certified, and so are the edges, simple real solutions of sum_j c_j / (w - p_j)^2 = 1, w = 1/G.

Parameters, in this order:
    eps in [0, oo): energy of the critical point
    phi in (0, oo): ratio of parameters to data points
    sigma in (0, oo), default 1: mean of the Wishart part

All functions broadcast like NumPy ufuncs and return float64 or complex128, NumPy scalars for scalars.
A parameter that is NaN or outside its domain raises ValueError, one that is not a real number TypeError;
NaN in another argument gives NaN there.

Source: Pennington & Bahri (2017), section 6.3.
Written by `make regenerate` from derive/models/relu_hessian.py; changes belong there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._runtime.arguments import Parameter
from ._runtime.arithmetic.double_double import sqrt
from ._runtime.calls import explained
from ._runtime.closed_forms import PI, closed_form, closed_form_inside
from ._runtime.coefficients import LevyCoefficients
from ._runtime.family import Family
from ._runtime.results import FromEdge, Outliers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from ._runtime.arguments import ComplexArray, FloatArray
    from ._runtime.frozen import Law
    from ._runtime.levy.kernels import LevyKernels

TITLE = "Wishart plus ReLU residual"
SOURCE = "Pennington & Bahri (2017), section 6.3"
LATEX = (
    r"\epsilon \phi^3 \sigma z G^4 + \epsilon \phi^2 \bigl(\sigma (2 - \phi) - z\bigr) G^3 + \phi"
    r" \bigl(\epsilon (\phi - 1) - 2 \sigma z\bigr) G^2 + 2 \bigl(z + \sigma (\phi - 1)\bigr) G - 2 = 0"
)
PARAMETERS = (
    Parameter("eps", r"\epsilon", "[0, oo)", None, "energy of the critical point"),
    Parameter("phi", r"\phi", "(0, oo)", None, "ratio of parameters to data points"),
    Parameter("sigma", r"\sigma", "(0, oo)", 1.0, "mean of the Wishart part"),
)


@explained
def equation(g: Any, z: Any, eps: Any, phi: Any, sigma: Any = 1) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    return (
        z * eps * phi**3 * sigma * g**4
        - eps * phi**2 * (z + phi * sigma - 2 * sigma) * g**3
        - phi * (2 * z * sigma - eps * phi + eps) * g**2
        + 2 * (z + phi * sigma - sigma) * g
        - 2
    )


@explained
def edge_polynomial(x: Any, eps: Any, phi: Any, sigma: Any = 1) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    c5 = (
        16 * eps**2 * phi * sigma
        + 32 * eps**2 * sigma
        - 64 * eps * phi * sigma**3
        - 96 * eps * sigma**3
        + 64 * phi * sigma**5
        + 64 * sigma**5
    )
    c4 = (
        8 * eps**3 * phi**2
        + 20 * eps**3 * phi
        - eps**3
        - 40 * eps**2 * phi**2 * sigma**2
        - 80 * eps**2 * phi * sigma**2
        - 84 * eps**2 * sigma**2
        + 64 * eps * phi**2 * sigma**4
        + 48 * eps * phi * sigma**4
        + 44 * eps * sigma**4
        - 32 * phi**2 * sigma**6
        + 64 * phi * sigma**6
        - 32 * sigma**6
    )
    c3 = (
        16 * eps**3 * phi**3 * sigma
        + 56 * eps**3 * phi**2 * sigma
        + 38 * eps**3 * phi * sigma
        - 2 * eps**3 * sigma
        - 64 * eps**2 * phi**3 * sigma**3
        - 192 * eps**2 * phi**2 * sigma**3
        + 8 * eps**2 * phi * sigma**3
        - 176 * eps**2 * sigma**3
        + 64 * eps * phi**3 * sigma**5
        + 160 * eps * phi**2 * sigma**5
        - 168 * eps * phi * sigma**5
        - 72 * eps * sigma**5
    )
    c2 = (
        2 * eps**4 * phi**4
        - 6 * eps**4 * phi**3
        + 6 * eps**4 * phi**2
        - 2 * eps**4 * phi
        - 16 * eps**3 * phi**4 * sigma**2
        + 20 * eps**3 * phi**3 * sigma**2
        - 59 * eps**3 * phi**2 * sigma**2
        - 112 * eps**3 * phi * sigma**2
        + 5 * eps**3 * sigma**2
        + 40 * eps**2 * phi**4 * sigma**4
        - 40 * eps**2 * phi**3 * sigma**4
        - 76 * eps**2 * phi**2 * sigma**4
        - 428 * eps**2 * phi * sigma**4
        + 252 * eps**2 * sigma**4
        - 32 * eps * phi**4 * sigma**6
        + 48 * eps * phi**3 * sigma**6
        + 52 * eps * phi**2 * sigma**6
        - 120 * eps * phi * sigma**6
        + 52 * eps * sigma**6
    )
    c1 = (
        4 * eps**4 * phi**5 * sigma
        - 12 * eps**4 * phi**4 * sigma
        + 12 * eps**4 * phi**3 * sigma
        - 4 * eps**4 * phi**2 * sigma
        - 16 * eps**3 * phi**5 * sigma**3
        + 56 * eps**3 * phi**4 * sigma**3
        - 32 * eps**3 * phi**3 * sigma**3
        + 58 * eps**3 * phi**2 * sigma**3
        - 182 * eps**3 * phi * sigma**3
        + 8 * eps**3 * sigma**3
        + 16 * eps**2 * phi**5 * sigma**5
        - 64 * eps**2 * phi**4 * sigma**5
        + 16 * eps**2 * phi**3 * sigma**5
        + 260 * eps**2 * phi**2 * sigma**5
        - 428 * eps**2 * phi * sigma**5
        + 200 * eps**2 * sigma**5
    )
    c0 = (
        2 * eps**4 * phi**6 * sigma**2
        - 14 * eps**4 * phi**5 * sigma**2
        + 38 * eps**4 * phi**4 * sigma**2
        - 50 * eps**4 * phi**3 * sigma**2
        + 32 * eps**4 * phi**2 * sigma**2
        - 8 * eps**4 * phi * sigma**2
        - 8 * eps**3 * phi**6 * sigma**4
        + 64 * eps**3 * phi**5 * sigma**4
        - 172 * eps**3 * phi**4 * sigma**4
        + 136 * eps**3 * phi**3 * sigma**4
        + 113 * eps**3 * phi**2 * sigma**4
        - 164 * eps**3 * phi * sigma**4
        + 4 * eps**3 * sigma**4
        + 8 * eps**2 * phi**6 * sigma**6
        - 72 * eps**2 * phi**5 * sigma**6
        + 264 * eps**2 * phi**4 * sigma**6
        - 504 * eps**2 * phi**3 * sigma**6
        + 528 * eps**2 * phi**2 * sigma**6
        - 288 * eps**2 * phi * sigma**6
        + 64 * eps**2 * sigma**6
    )
    return (
        8 * (eps**2 - 4 * eps * sigma**2 + 4 * sigma**4) * x**6
        - c5 * x**5
        - c4 * x**4
        + c3 * x**3
        + c2 * x**2
        - c1 * x
        + c0
    )


def _coefficients(eps: Any, phi: Any, sigma: Any = 1) -> LevyCoefficients:
    return LevyCoefficients(
        mean=sigma,
        poles=(phi * sigma, phi * sqrt(2 * eps) / 2, -phi * sqrt(2 * eps) / 2),
        weights=(phi * sigma**2, eps * phi / 4, eps * phi / 4),
        rates=(1 / phi, 1 / (2 * phi), 1 / (2 * phi)),
        at_zero={
            (0,): (0, (phi - 1) / phi),
            (1, 2): (sigma, (phi - 1) / phi),
            (0, 1, 2): (0, (phi - 2) / phi),
        },
    )


def _kernels() -> LevyKernels:
    from ._runtime.levy.kernels import LevyKernels

    return LevyKernels(_coefficients)


_FAMILY = Family("relu_hessian", PARAMETERS, _kernels)


@explained
def stieltjes(
    z: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: ComplexArray | None = None
) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (eps, phi, sigma), out)


@explained
def r_transform(
    g: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: Any = None
) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is, its limit at infinite g."""
    return _FAMILY.r_transform(_r_transform, g, (eps, phi, sigma), out)


def _r_transform(g: Any, eps: Any, phi: Any, sigma: Any = 1) -> Any:
    return eps * phi * g / (2 - eps * phi**2 * g**2) + sigma / (1 - phi * sigma * g)


@explained
def density(
    x: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None
) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (eps, phi, sigma), out)


@explained
def cdf(
    x: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None
) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (eps, phi, sigma), out)


@explained
def sf(
    x: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None
) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (eps, phi, sigma), out)


@explained
def quantile(
    q: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None
) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (eps, phi, sigma), out)


@explained
def quantile_from_edge(q: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, (eps, phi, sigma))


@explained
def support(eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Bands of the continuous part, shape (..., 3, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support((eps, phi, sigma))


@explained
def atoms(eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Places and weights of the atoms, shape (..., 1, 2), NaN rows last."""
    return _FAMILY.atoms((eps, phi, sigma))


@explained
def mass_at_zero(eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((eps, phi, sigma))


@explained
def index(eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((eps, phi, sigma))


@explained
def log_potential(
    x: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1, *, out: FloatArray | None = None
) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (eps, phi, sigma), out)


@explained
def moments(n: int, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, (eps, phi, sigma))


@explained
def free_cumulants(n: int, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, (eps, phi, sigma))


@explained
def outliers(theta: ArrayLike, eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes((eps, phi, sigma)).outliers(theta)


@explained
def critical_energy(phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Critical energy eps_c, the largest eps without mass on the negative axis.

        eps_c = 16 sigma^2 (1 - phi)^3 (W + 1) / (phi (W + 3)^3), W = sqrt(8 phi (2 - phi) + 1)

    for phi < 1, and 0 otherwise; evaluated in double-double. Source: Pennington & Bahri (2017), eq. 32.
    """
    return closed_form(_critical_energy, PARAMETERS[1:], (phi, sigma), _has_critical_energy)


def _has_critical_energy(phi: Any, sigma: Any = 1) -> Any:
    return phi < 1


def _critical_energy(phi: Any, sigma: Any = 1) -> Any:
    W = sqrt(8 * phi * (2 - phi) + 1)
    return 16 * sigma**2 * (1 - phi) ** 3 * (W + 1) / (phi * (W + 3) ** 3)


@explained
def index_prefactor(phi: ArrayLike, sigma: ArrayLike = 1) -> Any:
    """Prefactor alpha_0 of the law index ~ alpha_0 |(eps - eps_c) / eps_c|^(3/2) just above eps_c.

        alpha_0 = 2 (1 - phi) (W - 8 phi + 17) / (27 (W + 1) PI sqrt(W)), W = sqrt(8 phi (2 - phi) + 1)

    for phi < 1; raises ValueError otherwise.
    """
    return closed_form_inside(
        _index_prefactor,
        PARAMETERS[1:],
        (phi, sigma),
        _has_critical_energy,
        "phi < 1",
    )


def _index_prefactor(phi: Any, sigma: Any = 1) -> Any:
    W = sqrt(8 * phi * (2 - phi) + 1)
    return 2 * (1 - phi) * (W - 8 * phi + 17) / (27 * (W + 1) * PI * sqrt(W))


@explained
def law(eps: ArrayLike, phi: ArrayLike, sigma: ArrayLike = 1) -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law((eps, phi, sigma))
