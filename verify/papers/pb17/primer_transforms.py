"""Section 3.2 of Pennington & Bahri (2017) from (11) on: the Stieltjes and the R-transform."""

from __future__ import annotations

from typing import Any

import sympy as sp

from derive.laws import g, z

from ...ledger import Claim, Finding, Reading, certified, exact
from ...oracle import expectation
from ...precise import Law
from ..deciding import every, identical
from ..partitions import FreePair, cumulants, indeterminates
from .primer_ensembles import rational_matrix
from .primer_freeness import reflection

ORDER = 5
t, u, height = sp.symbols("t u height")
x = sp.Symbol("x", real=True)
R = sp.Symbol("R")
LAWS = (
    ("semicircle", {"sigma": "1"}),
    ("marchenko_pastur", {"phi": "1/3", "sigma": "2"}),
    ("marchenko_pastur", {"phi": "5/2", "sigma": "1"}),
)


# --- the Stieltjes transform ----------------------------------------------------------------------


@exact
def transform_of_matrix(formula: Any) -> Finding:
    """A kernel in z and t: over the spectral density (5) of a matrix it gives tr (z - M)^-1 / n."""
    matrix, values = rational_matrix()
    mean = sum(formula.subs(t, value) for value in values) / len(values)
    resolvent = (z * sp.eye(matrix.rows) - matrix).inv().trace() / matrix.rows
    found = identical(mean, resolvent, what="against tr (z - M)^-1 / n of a rational matrix M")
    return every(found, identical(sp.limit(z * mean, z, sp.oo), 1, what="z G as z grows"))


@certified
def transform_of_laws(formula: Any) -> Finding:
    """A kernel over three laws, by quadrature, against the certified root of z = R(G) + 1/G."""
    worst = 0.0
    for name, parameters in LAWS:
        law = Law(name, **parameters)
        for point in ((1, 1), (-2, "1/2"), ("1/2", -1)):
            place = sp.Rational(point[0]) + sp.I * sp.Rational(point[1])
            kernel = sp.lambdify(t, formula.subs(z, place), "mpmath")
            integral = complex(expectation(law, kernel))
            worst = max(worst, abs(integral - complex(law.stieltjes(point))))
    holds = worst < 1e-12
    outcome = "agree to 12 digits" if holds else f"differ by {worst:.3g}"
    return Finding(
        holds,
        "quadrature over a semicircle and two Marchenko-Pastur laws, one with its atom, and the certified "
        f"roots of z = R(G) + 1/G in both half-planes {outcome}",
    )


@exact
def approximate_identity(formula: Any) -> Finding:
    """(factor, side): factor Im 1/(x + side i e - t) is a density in x, which shrinks to t as e -> 0.

    So its mean over t, weighed by a law, tends to the law, and where the density is continuous to that.
    """
    factor, side = formula
    e, y = sp.symbols("e y", positive=True)
    if abs(side) != 1:
        return Finding(False, f"{side} is no half-plane: 1 is the upper one, -1 the lower")
    kernel = factor * sp.im(1 / (x + side * sp.I * e))
    mass = sp.integrate(sp.simplify(kernel), (x, -sp.oo, sp.oo))
    outside = sp.limit(sp.integrate(sp.simplify(kernel), (x, y, sp.oo)), e, 0, "+")
    return every(
        identical(mass, 1, what="the mass of the kernel for every e"),
        identical(outside, 0, what="the mass beyond any distance as e -> 0"),
    )


@certified
def inversion_of_laws(formula: Any) -> Finding:
    """(factor, side): factor Im G at x + side i 1e-30 against certified densities."""
    factor, side = formula
    if abs(side) != 1:
        return Finding(False, f"{side} is no half-plane: 1 is the upper one, -1 the lower")
    worst = 0.0
    for name, parameters in LAWS:
        law = Law(name, **parameters)
        for place in ("1/3", "1", "3/2"):
            near = law.stieltjes((place, sp.Rational(int(side), 10**30)))
            worst = max(worst, abs(float(factor) * float(near.imag) - float(law.density(place))))
    holds = worst < 1e-12
    outcome = "agree to 12 digits" if holds else f"differ by {worst:.3g}"
    return Finding(
        holds, f"three laws at three points: the values at a distance of 1e-30 and densities {outcome}"
    )


# --- the R-transform ------------------------------------------------------------------------------


@exact
def functional_equation(formula: Any) -> Finding:
    """An expression in R and g that (13) equates with z: an identity of power series in u = 1/z.

    G = u + m_1 u^2 + ..., and R(g) is the series of free cumulants, sums over noncrossing partitions,
    with indeterminate moments. The equation determines R: G is invertible near infinity.
    """
    moments = indeterminates("m", ORDER)
    kappa = cumulants(moments, free=True)
    series = sum(moment * u ** (k + 1) for k, moment in enumerate(moments))
    transform = _cut(sum(value * series**k for k, value in enumerate(kappa)), ORDER)
    top, _ = sp.fraction(sp.together(formula - 1 / u))
    left = _cut(sp.expand(top).subs({R: transform, g: series}, simultaneous=True), ORDER + 1)
    if left != 0:
        order = min(monomial[0] for monomial in sp.Poly(left, u).monoms())
        return Finding(
            False, f"with R the series of free cumulants the sides differ at the relative order 1/z^{order}"
        )
    return Finding(
        True,
        f"an identity up to the moment of order {ORDER}, moments indeterminate, if R(g) = kappa_1 + kappa_2 "
        "g + ... with the free cumulants of noncrossing partitions",
    )


def _cut(expression: sp.Expr, order: int) -> sp.Expr:
    """Terms in u up to an order."""
    kept = sp.Poly(sp.expand(expression), u).terms()
    return sp.expand(sum(coefficient * u**power for (power,), coefficient in kept if power <= order))


@exact
def addition_by_freeness(formula: Any) -> Finding:
    """(c, c'): R_{A+B} = c R_A + c' R_B, order by order from (9)-(10), moments of A and B indeterminate."""
    laws = {"A": indeterminates("a", ORDER), "B": indeterminates("b", ORDER)}
    whole = cumulants(FreePair(laws).sum_moments(ORDER), free=True)
    parts = [cumulants(moments, free=True) for moments in laws.values()]
    for k, (of_sum, *of_parts) in enumerate(zip(whole, *parts, strict=True), 1):
        stated = sum(c * part for c, part in zip(formula, of_parts, strict=True))
        if sp.expand(of_sum - stated) != 0:
            return Finding(
                False, f"the free cumulant of order {k} of A + B is {of_sum}, not {sp.expand(stated)}"
            )
    return Finding(
        True,
        f"free cumulants 1 to {ORDER} of A + B, whose moments follow from (9)-(10) with the moments of A and "
        "B indeterminate",
    )


@exact
def four_steps(formula: Any) -> Finding:
    """(c, c'), weights of R_A and R_B in step 3: the prescription carried out for two free reflections.

    Reflections of the plane at a uniform angle are free. (A + B)^2 = 2 + 2 cos(angle), so A + B has the
    eigenvalues 2 cos(angle/2) and its negative: the law is known without the prescription.
    """
    y, c, s = sp.symbols("y c s", positive=True)  # y = G_{A+B}
    transform = (1 / (z - 1) + 1 / (z + 1)) / 2  # masses 1/2 at -1 and 1
    own = (sp.sqrt(1 + 4 * y**2) - 1) / (2 * y)
    second = identical(sp.cancel(transform.subs(z, own + 1 / y)), y, what="step 2")
    at_y = (formula[0] + formula[1]) * own + 1 / y
    third = identical(at_y, sp.sqrt(4 + 1 / y**2), what="step 3 with G = 1/sqrt(z^2 - 4)")
    density = 1 / (sp.pi * sp.sqrt(4 - x**2))
    above = 1 / (sp.I * sp.sqrt(4 - x**2))  # sqrt(z - 2) sqrt(z + 2), the root with G ~ 1/z, at x + i0
    fourth = identical(-above / (sp.I * sp.pi), density, what="step 4")
    square = ((reflection(c, s) + sp.diag(1, -1)) ** 2).applyfunc(sp.expand).subs(s**2, 1 - c**2)
    angles = Finding(square.applyfunc(sp.expand) == (2 + 2 * c) * sp.eye(2), "(A + B)^2 = 2 + 2 cos(angle)")
    # x = 2 cos(a), a uniform on (0, pi): density(x) |dx/da| = 1/pi
    known = identical(density.subs(x, 2 * c) ** 2 * 4 * (1 - c**2), 1 / sp.pi**2, what="the law by angles")
    together = every(second, third, fourth, angles, known)
    text = "two free reflections of the plane: the steps give $1 / (\\pi \\sqrt{4 - x^2})$, the law by angles"
    return Finding(True, text) if together.holds else together


@exact
def addition_of_logarithms(formula: Any) -> Finding:
    """(c, c'): the log of the Fourier transform of A + B, A and B commuting and classically independent.

    Its coefficients are the classical cumulants, sums over all partitions in place of the noncrossing ones.
    """
    laws = [indeterminates("a", ORDER), indeterminates("b", ORDER)]
    whole = [
        sum(sp.binomial(k, i) * laws[0][i] * laws[1][k - i] for i in range(k + 1)) for k in range(ORDER + 1)
    ]
    fourier = sum(moment * (sp.I * t) ** k / sp.factorial(k) for k, moment in enumerate(laws[0]))
    logarithm = sp.series(sp.log(1 + u), u, 0, ORDER + 1).removeO().subs(u, fourier - 1)
    coefficients = sp.Poly(sp.expand(logarithm), t)
    kappa = cumulants(laws[0], free=False)
    for k, value in enumerate(kappa, 1):
        mine = coefficients.coeff_monomial(t**k) * sp.factorial(k) / sp.I**k
        if sp.expand(mine - value) != 0:
            raise ArithmeticError("partitions and the logarithm disagree")
    others = cumulants(laws[1], free=False)
    for k, of_sum in enumerate(cumulants(whole, free=False)):
        stated = formula[0] * kappa[k] + formula[1] * others[k]
        if sp.expand(of_sum - stated) != 0:
            return Finding(
                False, f"the classical cumulant of order {k + 1} of A + B is not {sp.expand(stated)}"
            )
    first = next(
        k for k, (a, b) in enumerate(zip(kappa, cumulants(laws[0], free=True), strict=True), 1) if a != b
    )
    return Finding(
        True,
        f"the coefficients of log E exp(i t X) are sums over all partitions and add to order {ORDER} for "
        f"independent commuting variables; those of R are sums over the noncrossing ones, and differ from "
        f"order {first} on",
        {"first order that differs": first},
    )


PRINTED_KERNEL = 1 / (z - t)

CLAIMS = (
    Claim(
        id="pb17/eq-11",
        statement=r"$G(z) = \int_{\mathbb{R}} \frac{\rho(t)}{z - t} dt$ for $z \in \mathbb{C} \setminus "
        r"\mathbb{R}$.",
        place="eq. 11",
        readings=(Reading("as printed", PRINTED_KERNEL),),
        checks=(transform_of_matrix, transform_of_laws),
        conditions=r"atoms included; with this sign $G \sim 1/z$, and $\operatorname{Im} G < 0$ in the upper "
        "half-plane"
        "; decided for the spectrum of one rational matrix, and in numbers for three laws",
        uses=("pb17/eq-5",),
    ),
    Claim(
        id="pb17/eq-12",
        statement=r"$\rho(\lambda) = -\frac{1}{\pi} \lim_{\epsilon \to 0^+} \operatorname{Im} G(\lambda + i "
        r"\epsilon)$.",
        place="eq. 12",
        readings=(Reading("as printed, from the upper half-plane", (-1 / sp.pi, sp.Integer(1))),),
        checks=(approximate_identity, inversion_of_laws),
        conditions=r"at points where the density is continuous; at an atom the limit is infinite. This "
        r"$\epsilon$ is not the energy",
        uses=("pb17/eq-11",),
        steps=(("semicircle", "Jump across the cut"), ("marchenko_pastur", "Jump across the cut")),
    ),
    Claim(
        id="pb17/eq-13",
        statement=r"$\mathcal{R}(G(z)) + \frac{1}{G(z)} = z$.",
        place="eq. 13",
        readings=(Reading("as printed, near infinity", R + 1 / g),),
        checks=(functional_equation,),
        conditions=r"for large $\vert z \vert$, where $G$ is invertible, and by continuation from there"
        r"; that $\mathcal{R}$ generates the free cumulants is decided to the order 5",
        uses=("pb17/eq-11",),
        planted=(R - 1 / g, R + 2 / g, 2 * R + 1 / g, R + 1 / g**2, R + 1 / g + 1),
    ),
    Claim(
        id="pb17/eq-14",
        statement=r"$\mathcal{R}_{A+B} = \mathcal{R}_A + \mathcal{R}_B$ if $A$ and $B$ are freely "
        "independent.",
        place="eq. 14",
        readings=(Reading("as printed", (1, 1)),),
        checks=(addition_by_freeness, four_steps),
        conditions="orders 1 to 5 and one pair to all orders are decided; in general it is Voiculescu's "
        "theorem",
        uses=("pb17/eq-9", "pb17/eq-10", "pb17/eq-13"),
        steps=(("wishart_wigner", "Addition of free variables"),),
    ),
    Claim(
        id="pb17/sec-3.2.2-fourier",
        statement=r"$\mathcal{R}$ plays a role in free probability analogous to that of the log of the "
        "Fourier transform in commutative probability theory.",
        place="section 3.2.2",
        readings=(Reading("the log of the Fourier transform adds for independent variables", (1, 1)),),
        checks=(addition_of_logarithms,),
        conditions="orders 1 to 5 are decided",
        uses=("pb17/eq-14",),
    ),
    Claim(
        id="pb17/sec-3.2.2-prescription",
        statement=r"The spectrum of $A + B$: 1) the Stieltjes transforms of $\rho_A$ and $\rho_B$; 2) from "
        r"them $\mathcal{R}_A$ and $\mathcal{R}_B$; 3) from $\mathcal{R}_{A+B} = \mathcal{R}_A + "
        r"\mathcal{R}_B$ the transform $G_{A+B}$; 4) its inversion.",
        place="section 3.2.2",
        readings=(
            Reading("for two free reflections it gives the law of their sum, known by angles", (1, 1)),
        ),
        checks=(four_steps,),
        conditions=r"$A$ and $B$ free; in step 3 the root with $G \sim 1/z$ at infinity is taken"
        "; carried out for one pair of laws",
        uses=("pb17/eq-11", "pb17/eq-12", "pb17/eq-13", "pb17/eq-14"),
    ),
)
