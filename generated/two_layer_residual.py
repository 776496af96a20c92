"""Two-layer residual: the law of its eigenvalues.

The Stieltjes transform G(z), with G ~ 1/z at infinity, solves

    -z^3 eps phi^2 outputs^2 (inputs^2 + 2 inputs outputs + outputs^2) G^3
      + z^2 eps phi outputs (phi inputs^2 outputs + 2 phi inputs outputs^2 + phi outputs^3
      - 2 kept inputs^2 - 4 kept inputs outputs - 2 kept outputs^2) G^2 + z (2 z^2 inputs^2
      + 4 z^2 inputs outputs + 2 z^2 outputs^2 + eps phi^2 inputs^2 outputs^2
      - 2 eps phi^2 inputs outputs^3 + eps phi^2 outputs^4) G - (2 z^2 inputs^2 + 4 z^2 inputs outputs
      + 2 z^2 outputs^2 + eps phi^2 inputs^2 outputs^2 - 2 eps phi^2 inputs outputs^3
      + eps phi^2 outputs^4 - 2 eps phi kept inputs^2 outputs + 4 eps phi kept inputs outputs^2
      - 2 eps phi kept outputs^3) = 0

It is an algebraic law outside the rational free Levy class: the branch is continued from
infinity, each step proved by Rouche's inequality in double precision, and the law is tabulated
between its singular points. A frozen law says what is certified (`certificates`) and what
is not (`uncertified`). Distribution functions are integrals of the tables: their absolute
error, measured and not proved, is at most 1e-12; a frozen law tells the defect of its mass.

Parameters, in this order:
    eps in (0, oo): energy of the critical point
    phi in (0, oo): ratio of parameters to data points
    kept in (0, 1], default 0.5: share of the examples on which a hidden unit is active
    inputs in (0, oo), default 1: input width n0 / n1
    outputs in (0, oo), default 1: output width n2 / n1

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

Source: Pennington & Bahri (2017), section 6.1.
Written by `make regenerate` from derive/models/algebraic/two_layer_residual.py; changes belong there.
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

TITLE = "Two-layer residual"
SOURCE = "Pennington & Bahri (2017), section 6.1"
LATEX = (
    r"\epsilon b \phi (2 f - b \phi) (a - b)^2 - 2 (a + b)^2 z^2 + z \bigl(2 (a + b)^2 z^2 + \epsilon b^2"
    r" \phi^2 (a - b)^2\bigr) G - \epsilon b \phi (2 f - b \phi) (a + b)^2 z^2 G^2 - \epsilon b^2 \phi^2 (a"
    " + b)^2 z^3 G^3 = 0"
)
PARAMETERS = (
    Parameter("eps", r"\epsilon", "(0, oo)", None, "energy of the critical point"),
    Parameter("phi", r"\phi", "(0, oo)", None, "ratio of parameters to data points"),
    Parameter("kept", "f", "(0, 1]", 0.5, "share of the examples on which a hidden unit is active"),
    Parameter("inputs", "a", "(0, oo)", 1.0, "input width n0 / n1"),
    Parameter("outputs", "b", "(0, oo)", 1.0, "output width n2 / n1"),
)


@explained
def equation(g: Any, z: Any, eps: Any, phi: Any, kept: Any = 0.5, inputs: Any = 1, outputs: Any = 1) -> Any:
    """Left-hand side of the polynomial equation of G = g at z.

    Ring operations only and no validation: takes floats, fractions, balls and symbols alike.
    """
    c2 = (
        z**2 * eps * phi**2 * inputs**2 * outputs**2
        + 2 * z**2 * eps * phi**2 * inputs * outputs**3
        + z**2 * eps * phi**2 * outputs**4
        - 2 * z**2 * eps * phi * kept * inputs**2 * outputs
        - 4 * z**2 * eps * phi * kept * inputs * outputs**2
        - 2 * z**2 * eps * phi * kept * outputs**3
    )
    c1 = (
        2 * z**3 * inputs**2
        + 4 * z**3 * inputs * outputs
        + 2 * z**3 * outputs**2
        + z * eps * phi**2 * inputs**2 * outputs**2
        - 2 * z * eps * phi**2 * inputs * outputs**3
        + z * eps * phi**2 * outputs**4
    )
    c0 = (
        2 * z**2 * inputs**2
        + 4 * z**2 * inputs * outputs
        + 2 * z**2 * outputs**2
        + eps * phi**2 * inputs**2 * outputs**2
        - 2 * eps * phi**2 * inputs * outputs**3
        + eps * phi**2 * outputs**4
        - 2 * eps * phi * kept * inputs**2 * outputs
        + 4 * eps * phi * kept * inputs * outputs**2
        - 2 * eps * phi * kept * outputs**3
    )
    return (
        c2 * g**2
        - z**3 * eps * phi**2 * outputs**2 * (inputs**2 + 2 * inputs * outputs + outputs**2) * g**3
        + c1 * g
        - c0
    )


@explained
def edge_polynomial(x: Any, eps: Any, phi: Any, kept: Any = 0.5, inputs: Any = 1, outputs: Any = 1) -> Any:
    """Polynomial whose real roots of odd multiplicity contain every edge of the support.

    The discriminant of `equation` in G, without factors that carry no edge. Ring operations only.
    """
    c7 = (
        2 * inputs**6
        + 12 * inputs**5 * outputs
        + 30 * inputs**4 * outputs**2
        + 40 * inputs**3 * outputs**3
        + 30 * inputs**2 * outputs**4
        + 12 * inputs * outputs**5
        + 2 * outputs**6
    )
    c5 = (
        eps * phi**2 * inputs**6 * outputs**2
        - 6 * eps * phi**2 * inputs**5 * outputs**3
        - 33 * eps * phi**2 * inputs**4 * outputs**4
        - 52 * eps * phi**2 * inputs**3 * outputs**5
        - 33 * eps * phi**2 * inputs**2 * outputs**6
        - 6 * eps * phi**2 * inputs * outputs**7
        + eps * phi**2 * outputs**8
        - 10 * eps * phi * kept * inputs**6 * outputs
        - 60 * eps * phi * kept * inputs**5 * outputs**2
        - 150 * eps * phi * kept * inputs**4 * outputs**3
        - 200 * eps * phi * kept * inputs**3 * outputs**4
        - 150 * eps * phi * kept * inputs**2 * outputs**5
        - 60 * eps * phi * kept * inputs * outputs**6
        - 10 * eps * phi * kept * outputs**7
        + eps * kept**2 * inputs**6
        + 6 * eps * kept**2 * inputs**5 * outputs
        + 15 * eps * kept**2 * inputs**4 * outputs**2
        + 20 * eps * kept**2 * inputs**3 * outputs**3
        + 15 * eps * kept**2 * inputs**2 * outputs**4
        + 6 * eps * kept**2 * inputs * outputs**5
        + eps * kept**2 * outputs**6
    )
    c3 = (
        4 * eps**2 * phi**4 * inputs**5 * outputs**5
        - 8 * eps**2 * phi**4 * inputs**4 * outputs**6
        - 24 * eps**2 * phi**4 * inputs**3 * outputs**7
        - 8 * eps**2 * phi**4 * inputs**2 * outputs**8
        + 4 * eps**2 * phi**4 * inputs * outputs**9
        + 4 * eps**2 * phi**3 * kept * inputs**6 * outputs**3
        + 20 * eps**2 * phi**3 * kept * inputs**5 * outputs**4
        + 44 * eps**2 * phi**3 * kept * inputs**4 * outputs**5
        + 56 * eps**2 * phi**3 * kept * inputs**3 * outputs**6
        + 44 * eps**2 * phi**3 * kept * inputs**2 * outputs**7
        + 20 * eps**2 * phi**3 * kept * inputs * outputs**8
        + 4 * eps**2 * phi**3 * kept * outputs**9
        - 16 * eps**2 * phi**2 * kept**2 * inputs**6 * outputs**2
        - 56 * eps**2 * phi**2 * kept**2 * inputs**5 * outputs**3
        - 80 * eps**2 * phi**2 * kept**2 * inputs**4 * outputs**4
        - 80 * eps**2 * phi**2 * kept**2 * inputs**3 * outputs**5
        - 80 * eps**2 * phi**2 * kept**2 * inputs**2 * outputs**6
        - 56 * eps**2 * phi**2 * kept**2 * inputs * outputs**7
        - 16 * eps**2 * phi**2 * kept**2 * outputs**8
        + 4 * eps**2 * phi * kept**3 * inputs**6 * outputs
        + 24 * eps**2 * phi * kept**3 * inputs**5 * outputs**2
        + 60 * eps**2 * phi * kept**3 * inputs**4 * outputs**3
        + 80 * eps**2 * phi * kept**3 * inputs**3 * outputs**4
        + 60 * eps**2 * phi * kept**3 * inputs**2 * outputs**5
        + 24 * eps**2 * phi * kept**3 * inputs * outputs**6
        + 4 * eps**2 * phi * kept**3 * outputs**7
    )
    c1 = (
        4 * eps**3 * phi**6 * inputs**4 * outputs**8
        - 8 * eps**3 * phi**6 * inputs**3 * outputs**9
        + 4 * eps**3 * phi**6 * inputs**2 * outputs**10
        - 8 * eps**3 * phi**5 * kept * inputs**5 * outputs**6
        + 16 * eps**3 * phi**5 * kept * inputs**3 * outputs**8
        - 8 * eps**3 * phi**5 * kept * inputs * outputs**10
        + 4 * eps**3 * phi**4 * kept**2 * inputs**6 * outputs**4
        + 16 * eps**3 * phi**4 * kept**2 * inputs**5 * outputs**5
        - 4 * eps**3 * phi**4 * kept**2 * inputs**4 * outputs**6
        - 32 * eps**3 * phi**4 * kept**2 * inputs**3 * outputs**7
        - 4 * eps**3 * phi**4 * kept**2 * inputs**2 * outputs**8
        + 16 * eps**3 * phi**4 * kept**2 * inputs * outputs**9
        + 4 * eps**3 * phi**4 * kept**2 * outputs**10
        - 8 * eps**3 * phi**3 * kept**3 * inputs**6 * outputs**3
        - 16 * eps**3 * phi**3 * kept**3 * inputs**5 * outputs**4
        + 8 * eps**3 * phi**3 * kept**3 * inputs**4 * outputs**5
        + 32 * eps**3 * phi**3 * kept**3 * inputs**3 * outputs**6
        + 8 * eps**3 * phi**3 * kept**3 * inputs**2 * outputs**7
        - 16 * eps**3 * phi**3 * kept**3 * inputs * outputs**8
        - 8 * eps**3 * phi**3 * kept**3 * outputs**9
        + 4 * eps**3 * phi**2 * kept**4 * inputs**6 * outputs**2
        + 8 * eps**3 * phi**2 * kept**4 * inputs**5 * outputs**3
        - 4 * eps**3 * phi**2 * kept**4 * inputs**4 * outputs**4
        - 16 * eps**3 * phi**2 * kept**4 * inputs**3 * outputs**5
        - 4 * eps**3 * phi**2 * kept**4 * inputs**2 * outputs**6
        + 8 * eps**3 * phi**2 * kept**4 * inputs * outputs**7
        + 4 * eps**3 * phi**2 * kept**4 * outputs**8
    )
    return c7 * x**7 + c5 * x**5 - c3 * x**3 + c1 * x


def _coefficients(
    eps: Any, phi: Any, kept: Any = 0.5, inputs: Any = 1, outputs: Any = 1
) -> AlgebraicCoefficients:
    r0_0 = (
        2 * eps * phi**2 * inputs * outputs**3
        - eps * phi**2 * inputs**2 * outputs**2
        - eps * phi**2 * outputs**4
        + 2 * eps * phi * kept * inputs**2 * outputs
        - 4 * eps * phi * kept * inputs * outputs**2
        + 2 * eps * phi * kept * outputs**3
    )
    r1_1 = (
        eps * phi**2 * inputs**2 * outputs**2
        - 2 * eps * phi**2 * inputs * outputs**3
        + eps * phi**2 * outputs**4
    )
    r2_2 = (
        eps * phi**2 * inputs**2 * outputs**2
        + 2 * eps * phi**2 * inputs * outputs**3
        + eps * phi**2 * outputs**4
        - 2 * eps * phi * kept * inputs**2 * outputs
        - 4 * eps * phi * kept * inputs * outputs**2
        - 2 * eps * phi * kept * outputs**3
    )
    r3_3 = (
        -eps * phi**2 * inputs**2 * outputs**2
        - 2 * eps * phi**2 * inputs * outputs**3
        - eps * phi**2 * outputs**4
    )
    e1_0 = (
        4 * eps**3 * phi**6 * inputs**4 * outputs**8
        - 8 * eps**3 * phi**6 * inputs**3 * outputs**9
        + 4 * eps**3 * phi**6 * inputs**2 * outputs**10
        - 8 * eps**3 * phi**5 * kept * inputs**5 * outputs**6
        + 16 * eps**3 * phi**5 * kept * inputs**3 * outputs**8
        - 8 * eps**3 * phi**5 * kept * inputs * outputs**10
        + 4 * eps**3 * phi**4 * kept**2 * inputs**6 * outputs**4
        + 16 * eps**3 * phi**4 * kept**2 * inputs**5 * outputs**5
        - 4 * eps**3 * phi**4 * kept**2 * inputs**4 * outputs**6
        - 32 * eps**3 * phi**4 * kept**2 * inputs**3 * outputs**7
        - 4 * eps**3 * phi**4 * kept**2 * inputs**2 * outputs**8
        + 16 * eps**3 * phi**4 * kept**2 * inputs * outputs**9
        + 4 * eps**3 * phi**4 * kept**2 * outputs**10
        - 8 * eps**3 * phi**3 * kept**3 * inputs**6 * outputs**3
        - 16 * eps**3 * phi**3 * kept**3 * inputs**5 * outputs**4
        + 8 * eps**3 * phi**3 * kept**3 * inputs**4 * outputs**5
        + 32 * eps**3 * phi**3 * kept**3 * inputs**3 * outputs**6
        + 8 * eps**3 * phi**3 * kept**3 * inputs**2 * outputs**7
        - 16 * eps**3 * phi**3 * kept**3 * inputs * outputs**8
        - 8 * eps**3 * phi**3 * kept**3 * outputs**9
        + 4 * eps**3 * phi**2 * kept**4 * inputs**6 * outputs**2
        + 8 * eps**3 * phi**2 * kept**4 * inputs**5 * outputs**3
        - 4 * eps**3 * phi**2 * kept**4 * inputs**4 * outputs**4
        - 16 * eps**3 * phi**2 * kept**4 * inputs**3 * outputs**5
        - 4 * eps**3 * phi**2 * kept**4 * inputs**2 * outputs**6
        + 8 * eps**3 * phi**2 * kept**4 * inputs * outputs**7
        + 4 * eps**3 * phi**2 * kept**4 * outputs**8
    )
    e1_2 = (
        8 * eps**2 * phi**4 * inputs**4 * outputs**6
        - 4 * eps**2 * phi**4 * inputs**5 * outputs**5
        + 24 * eps**2 * phi**4 * inputs**3 * outputs**7
        + 8 * eps**2 * phi**4 * inputs**2 * outputs**8
        - 4 * eps**2 * phi**4 * inputs * outputs**9
        - 4 * eps**2 * phi**3 * kept * inputs**6 * outputs**3
        - 20 * eps**2 * phi**3 * kept * inputs**5 * outputs**4
        - 44 * eps**2 * phi**3 * kept * inputs**4 * outputs**5
        - 56 * eps**2 * phi**3 * kept * inputs**3 * outputs**6
        - 44 * eps**2 * phi**3 * kept * inputs**2 * outputs**7
        - 20 * eps**2 * phi**3 * kept * inputs * outputs**8
        - 4 * eps**2 * phi**3 * kept * outputs**9
        + 16 * eps**2 * phi**2 * kept**2 * inputs**6 * outputs**2
        + 56 * eps**2 * phi**2 * kept**2 * inputs**5 * outputs**3
        + 80 * eps**2 * phi**2 * kept**2 * inputs**4 * outputs**4
        + 80 * eps**2 * phi**2 * kept**2 * inputs**3 * outputs**5
        + 80 * eps**2 * phi**2 * kept**2 * inputs**2 * outputs**6
        + 56 * eps**2 * phi**2 * kept**2 * inputs * outputs**7
        + 16 * eps**2 * phi**2 * kept**2 * outputs**8
        - 4 * eps**2 * phi * kept**3 * inputs**6 * outputs
        - 24 * eps**2 * phi * kept**3 * inputs**5 * outputs**2
        - 60 * eps**2 * phi * kept**3 * inputs**4 * outputs**3
        - 80 * eps**2 * phi * kept**3 * inputs**3 * outputs**4
        - 60 * eps**2 * phi * kept**3 * inputs**2 * outputs**5
        - 24 * eps**2 * phi * kept**3 * inputs * outputs**6
        - 4 * eps**2 * phi * kept**3 * outputs**7
    )
    e1_4 = (
        eps * phi**2 * inputs**6 * outputs**2
        - 6 * eps * phi**2 * inputs**5 * outputs**3
        - 33 * eps * phi**2 * inputs**4 * outputs**4
        - 52 * eps * phi**2 * inputs**3 * outputs**5
        - 33 * eps * phi**2 * inputs**2 * outputs**6
        - 6 * eps * phi**2 * inputs * outputs**7
        + eps * phi**2 * outputs**8
        - 10 * eps * phi * kept * inputs**6 * outputs
        - 60 * eps * phi * kept * inputs**5 * outputs**2
        - 150 * eps * phi * kept * inputs**4 * outputs**3
        - 200 * eps * phi * kept * inputs**3 * outputs**4
        - 150 * eps * phi * kept * inputs**2 * outputs**5
        - 60 * eps * phi * kept * inputs * outputs**6
        - 10 * eps * phi * kept * outputs**7
        + eps * kept**2 * inputs**6
        + 6 * eps * kept**2 * inputs**5 * outputs
        + 15 * eps * kept**2 * inputs**4 * outputs**2
        + 20 * eps * kept**2 * inputs**3 * outputs**3
        + 15 * eps * kept**2 * inputs**2 * outputs**4
        + 6 * eps * kept**2 * inputs * outputs**5
        + eps * kept**2 * outputs**6
    )
    e1_6 = (
        2 * inputs**6
        + 12 * inputs**5 * outputs
        + 30 * inputs**4 * outputs**2
        + 40 * inputs**3 * outputs**3
        + 30 * inputs**2 * outputs**4
        + 12 * inputs * outputs**5
        + 2 * outputs**6
    )
    return AlgebraicCoefficients(
        rows=(
            (r0_0, 0, -2 * inputs**2 - 4 * inputs * outputs - 2 * outputs**2, 0),
            (0, r1_1, 0, 2 * inputs**2 + 4 * inputs * outputs + 2 * outputs**2),
            (0, 0, r2_2, 0),
            (0, 0, 0, r3_3),
        ),
        edges=(
            (0, 1),
            (e1_0, 0, e1_2, 0, e1_4, 0, e1_6),
        ),
    )


def _kernels() -> AlgebraicKernels:
    from ._runtime.algebraic.kernels import AlgebraicKernels

    return AlgebraicKernels(_coefficients, bands=3, atoms=3)


_FAMILY = Family("two_layer_residual", PARAMETERS, _kernels)


@explained
def stieltjes(
    z: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
    *,
    out: ComplexArray | None = None,
) -> Any:
    """Stieltjes transform G(z), the integral of 1 / (z - t) over the law.

    Real z, whatever the sign of its zero imaginary part, means the limit from above; Im z < 0 gives
    the conjugate of G at the conjugate of z; `inf+0j` at an atom.
    """
    return _FAMILY.stieltjes(z, (eps, phi, kept, inputs, outputs), out)


@explained
def r_transform(
    g: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
    *,
    out: Any = None,
) -> Any:
    """R-transform R(g), where R(G(z)) + 1 / G(z) = z; real or complex as g is.

    Continued from the mean at g = 0 along the straight segment to g, each step proved, to the last digits; at
    G(x), x beyond the support, it is x - 1 / G(x). NaN at and beyond a single branch point of R on the
    segment, and at infinite g; beyond two of the same branches, the continuation around both.
    """
    return _FAMILY.continued_r_transform(g, (eps, phi, kept, inputs, outputs), out)


@explained
def density(
    x: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Density of the absolutely continuous part at x, 0 outside the bands."""
    return _FAMILY.density(x, (eps, phi, kept, inputs, outputs), out)


@explained
def cdf(
    x: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Distribution function, the mass of (-oo, x], atoms included."""
    return _FAMILY.cdf(x, (eps, phi, kept, inputs, outputs), out)


@explained
def sf(
    x: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Survival function, the mass of (x, oo), relatively accurate in its own tail."""
    return _FAMILY.sf(x, (eps, phi, kept, inputs, outputs), out)


@explained
def quantile(
    q: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Smallest x with cdf(x) >= q; the ends of the support's hull at 0 and 1, NaN outside [0, 1]."""
    return _FAMILY.quantile(q, (eps, phi, kept, inputs, outputs), out)


@explained
def quantile_from_edge(
    q: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
) -> FromEdge:
    """Quantile as (edge, distance): the nearest edge and the signed distance from it.

    Next to an edge half an ulp of x changes the distribution function by many ulp of q; the distance keeps
    its digits. `edge` is the edge rounded to a double, `distance` counts from the exact one; an atom counts
    as an edge, and so does a place inside a band where the density is infinite or has a peak.
    """
    return _FAMILY.quantile_from_edge(q, (eps, phi, kept, inputs, outputs))


@explained
def support(
    eps: ArrayLike, phi: ArrayLike, kept: ArrayLike = 0.5, inputs: ArrayLike = 1, outputs: ArrayLike = 1
) -> Any:
    """Bands of the continuous part, shape (..., 3, 2), ascending, NaN rows last; atoms are no bands."""
    return _FAMILY.support((eps, phi, kept, inputs, outputs))


@explained
def atoms(
    eps: ArrayLike, phi: ArrayLike, kept: ArrayLike = 0.5, inputs: ArrayLike = 1, outputs: ArrayLike = 1
) -> Any:
    """Places and weights of the atoms, shape (..., 3, 2), NaN rows last."""
    return _FAMILY.atoms((eps, phi, kept, inputs, outputs))


@explained
def mass_at_zero(
    eps: ArrayLike, phi: ArrayLike, kept: ArrayLike = 0.5, inputs: ArrayLike = 1, outputs: ArrayLike = 1
) -> Any:
    """Weight of the atom at 0."""
    return _FAMILY.mass_at_zero((eps, phi, kept, inputs, outputs))


@explained
def index(
    eps: ArrayLike, phi: ArrayLike, kept: ArrayLike = 0.5, inputs: ArrayLike = 1, outputs: ArrayLike = 1
) -> Any:
    """Index alpha, the mass on the open negative axis."""
    return _FAMILY.index((eps, phi, kept, inputs, outputs))


@explained
def log_potential(
    x: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
    *,
    out: FloatArray | None = None,
) -> Any:
    """Logarithmic potential, the integral of log|x - t| over the law; -inf at an atom."""
    return _FAMILY.log_potential(x, (eps, phi, kept, inputs, outputs), out)


@explained
def moments(
    n: int,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
) -> Any:
    """Moments m_0 = 1, m_1, ..., m_n, shape (n + 1, ...)."""
    return _FAMILY.moments(n, (eps, phi, kept, inputs, outputs))


@explained
def free_cumulants(
    n: int,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
) -> Any:
    """Free cumulants kappa_1, ..., kappa_n, shape (n, ...)."""
    return _FAMILY.free_cumulants(n, (eps, phi, kept, inputs, outputs))


@explained
def outliers(
    theta: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
) -> Outliers:
    """Place and squared eigenvector overlap of the outlier that a planted spike theta makes.

    The spike is a free rank-one term of eigenvalue theta added to the matrix: an outlier appears where
    G(place) = 1 / theta outside the support, with squared overlap -1 / (theta^2 G'(place)). NaN under
    the threshold.
    """
    return _FAMILY.spikes((eps, phi, kept, inputs, outputs)).outliers(theta)


@explained
def all_outliers(
    theta: ArrayLike,
    eps: ArrayLike,
    phi: ArrayLike,
    kept: ArrayLike = 0.5,
    inputs: ArrayLike = 1,
    outputs: ArrayLike = 1,
) -> AllOutliers:
    """All outliers that a planted spike theta makes: one at most in each gap, and beyond the support.

    Place, squared overlap, threshold and until as arrays (..., 6), ascending by place, NaN
    last. As theta grows from 0 on its side an outlier leaves the spectrum at its threshold, 0 where there is
    none; in a gap it may enter the spectrum again at the other end, at theta = until, else infinite.
    """
    return _FAMILY.spikes((eps, phi, kept, inputs, outputs)).all_outliers(theta)


@explained
def law(
    eps: ArrayLike, phi: ArrayLike, kept: ArrayLike = 0.5, inputs: ArrayLike = 1, outputs: ArrayLike = 1
) -> Law:
    """The law with its parameters fixed, in SciPy's dialect; scalars only.

    Edges and atoms are computed once: the way to evaluate many points quickly.
    """
    return _FAMILY.law((eps, phi, kept, inputs, outputs))
