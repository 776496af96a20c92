"""Sections 2 to 4 of the supplement to Pennington & Bahri (2017)."""

from __future__ import annotations

from typing import Any

import sympy as sp
from flint import acb, ctx

from derive import load
from derive.algebra.polynomials import discriminant
from derive.algebra.radicals import ball, constant_sign
from derive.laws import G, z

from ...ledger import Check, Claim, Finding, Reading, certified, exact
from ...precise import Law
from ..deciding import derivation, every, identical
from .beyond_images import STAND_IN
from .trained_networks import spectra_agree_along_training, weights_of_classifiers

NAME = "relu_residual"
eps, phi = (parameter.symbol for parameter in load(NAME).parameters)
alpha, lam, x = sp.symbols("alpha lambda x", positive=True)
low, high, centre = sp.symbols("x_- x_+ xi_0", real=True)
n, m = sp.symbols("n m", positive=True)
t = sp.Symbol("t")
theta = sp.Function("theta")  # the unit step; its value at 0 is never needed, for x_- = 0 at alpha = 1
third, half, three_halves = sp.Rational(1, 3), sp.Rational(1, 2), sp.Rational(3, 2)

# --- section 3: the density of H1 -----------------------------------------------------------------

MIXTURE = {
    "atom": 1 - sp.Min(1, alpha / 2),
    "factor": alpha**2 * lam / (2 * eps),
    "argument": alpha**2 * lam**2 / (2 * eps),
    "second argument": alpha / 2,
}
DENSITY = {
    "amplitude": sp.sqrt(3) / (6 * sp.pi * sp.cbrt(2) * x),
    "lower": theta(1 - alpha) * low,
    "upper": high,
}
TRACE, SPREAD = 8 + 20 * alpha - alpha**2, (8 + alpha) ** three_halves
EDGES = ((TRACE - sp.sqrt(alpha) * SPREAD) / 8, (TRACE + sp.sqrt(alpha) * SPREAD) / 8)
CENTRE = -2 * (-1 + alpha) ** 3 / (9 * (2 + alpha))
CUBE, ROOT = 9 * (2 + alpha) * (x - centre), sp.sqrt(3 * (x - low) * x * (high - x))
ROOTS = ((CUBE - 6 * ROOT) ** third, (CUBE + 6 * ROOT) ** third)
PIECES: dict[str, Any] = {"S4": MIXTURE, "S5": DENSITY, "S6": ROOTS, "S7": EDGES, "S8": CENTRE}

# eps, phi, lambda: inside the bands for phi < 1 and phi > 1, and outside of them
POINTS = (
    ("1", "1/2", "1/2"),
    ("3", "1/2", "2"),
    ("2", "2", "1"),
    ("1/2", "3/2", "3/5"),
    ("2", "2", "1/5"),
    ("1", "1/2", "3"),
)
DIGITS = 40


def as_part(name: str) -> Check:
    """The certified check of one of (S4)-(S8), put together with the others as they hold."""

    def agrees_with_certified_density(formula: Any) -> Finding:
        pieces = {**PIECES, name: formula}
        for energy, ratio, place in POINTS:
            law = Law(NAME, eps=energy, phi=ratio)
            where = f"at eps = {energy}, phi = {ratio}, lambda = {place}"
            try:
                density, mass = stated(pieces, *map(sp.Rational, (energy, ratio, place)))
            except ValueError as error:
                return Finding(False, f"{where}: {error}")
            atom = law.atom()
            right = sp.S.Zero if atom is None else atom[1]
            if mass != right:
                return Finding(False, f"{where} the mass at 0 is {right}, stated {mass}")
            with ctx.workprec(400):
                own, found = acb(ball(density, {})), acb(law.density(place, 200))
                close = abs(own - found) < 10.0**-DIGITS
            if not close:
                values = f"{complex(found).real:.6g}, stated {complex(own):.6g}"
                return Finding(False, f"{where} the density is {values}")
        text = f"(S4)-(S8) together agree with certified values to {STAND_IN} digits at {len(POINTS)} points"
        return Finding(True, text, {"digits": DIGITS, "points": len(POINTS)})

    return certified(agrees_with_certified_density)


def stated(
    pieces: dict[str, Any], energy: sp.Rational, ratio: sp.Rational, place: sp.Rational
) -> tuple[sp.Expr, sp.Expr]:
    """The density and the mass at 0 that (S4)-(S8) give at a point, as exact expressions."""
    at = {alpha: 2 / ratio, lam: place, eps: energy}
    factor, argument, second, mass = (
        sp.sympify(pieces["S4"][name]).subs(at) for name in ("factor", "argument", "second argument", "atom")
    )
    inner = {alpha: second, x: argument}
    lower, upper, middle = (sp.sympify(part).subs(inner) for part in (*pieces["S7"], pieces["S8"]))
    ends = {low: lower, high: upper, centre: middle}
    first, last = (sp.N(stepped(pieces["S5"][name]).subs(inner).subs(ends)) for name in ("lower", "upper"))
    if not (first.is_real and last.is_real):
        raise ValueError(f"the band would reach from {first} to {last}")
    if not first <= argument <= last:
        return sp.S.Zero, mass
    minus, plus = (root.subs(ends).subs(inner) for root in pieces["S6"])
    return factor * pieces["S5"]["amplitude"].subs(inner) * (plus - minus), mass


def stepped(expression: Any) -> sp.Expr:
    """The expression with the unit step in place of theta."""
    return sp.sympify(expression).replace(theta, sp.Heaviside)


def cubic() -> sp.Poly:
    """The derived equation in t = lambda G, x = (lambda/b)^2 and alpha = 1/phi, where b is the jump."""
    at = {eps: 2 * alpha**2, phi: 1 / alpha}  # b^2 = eps phi^2/2 = 1; the scaling of eps does the rest
    whole = derivation(NAME).equation.subs({z: lam, G: t / lam}).subs(at)
    found = sp.Poly(sp.numer(sp.together(whole)).subs(lam, sp.sqrt(x)), t)
    return sp.Poly(sp.cancel(found.as_expr() / found.LC()), t)


def depressed() -> tuple[sp.Expr, sp.Expr]:
    """P and Q of s^3 + P s + Q, the cubic with its sum of roots shifted to 0."""
    shift = -cubic().coeff_monomial(t**2) / 3
    moved = sp.Poly(sp.expand(cubic().as_expr().subs(t, t + shift)), t)
    return moved.coeff_monomial(t), moved.coeff_monomial(1)


@exact
def mixture(formula: Any) -> Finding:
    """The parts of (S4): x = lambda^2/b^2, a density of lambda = +-b sqrt(x), the sum of rates, the atom."""
    law: Any = derivation(NAME).law
    jump, rates = law.poles[0], sum(c / p**2 for p, c in zip(law.poles, law.weights, strict=True))
    at = {alpha: 2 / phi}
    parts = {name: sp.sympify(value).subs(at) for name, value in formula.items()}
    masses = [
        Finding(
            parts["atom"].subs(phi, ratio) == max(sp.S.Zero, 1 - rates.subs(phi, ratio)),
            f"the mass at 0 is {max(sp.S.Zero, 1 - rates.subs(phi, ratio))} at phi = {ratio}",
        )
        for ratio in (half, sp.Integer(2), sp.Integer(3))
    ]
    return every(
        identical(parts["argument"], lam**2 / jump**2, what="the first argument"),
        identical(parts["second argument"], sp.cancel(rates), what="the second argument"),
        identical(parts["factor"], sp.diff(lam**2 / jump**2, lam) / 2, what="the factor"),
        *masses,
    )


@exact
def meaning_of_alpha(formula: Any) -> Finding:
    """Two expressions for 1/alpha, with phi = 2 n^2/(m n)."""
    first, second = formula
    return identical(first.subs(phi, 2 * n**2 / (m * n)), second, what="both forms of 1/alpha")


@exact
def amplitude_and_band(formula: Any) -> Finding:
    """The factor of (r_+ - r_-), and the ends of the band.

    By Cardano -Im t = (sqrt(3)/2)(r_+ - r_-)/c where r_+-^3/c^3 have the sum Q, and the density of x is
    -Im t/(pi x).
    """
    _, q = depressed()
    cubes = sp.expand(ROOTS[0] ** 3 + ROOTS[1] ** 3).subs(centre, CENTRE)
    scale = sp.cancel(sp.together(cubes / q))
    amplitude = sp.sqrt(3) / (2 * sp.pi * sp.cbrt(scale) * x)
    found = [identical(formula["amplitude"], amplitude, what="the factor of r_+ - r_-")]
    tiny = sp.Rational(1, 10**9)
    for value in (half, sp.Rational(3, 4), 1 - tiny, 1 + tiny, three_halves, sp.Integer(2), sp.Integer(5)):
        ends = [end.subs(alpha, value) for end in EDGES]
        right = max(sp.S.Zero, ends[0]), ends[1]
        own = tuple(
            stepped(formula[name]).subs({low: ends[0], high: ends[1]}).subs(alpha, value)
            for name in ("lower", "upper")
        )
        # for alpha > 1 the lower root of the discriminant is negative, and the band starts at 0
        found.append(
            Finding(own == right, f"band of x at alpha = {value}: ({sp.N(right[0], 4)}, {sp.N(right[1], 4)})")
        )
    return every(*found)


@exact
def cube_roots(formula: Any) -> Finding:
    """(r_-, r_+) are Cardano's times the c of (S5): r_-^3 + r_+^3 = c^3 Q, r_- r_+ = -c^2 P/3, c^3 = 54."""
    p, q = depressed()
    ends = {low: EDGES[0], high: EDGES[1], centre: CENTRE}
    lower, upper = (sp.expand(root**3) for root in formula)
    return every(
        identical((lower + upper).subs(ends), 54 * q, what="the sum of the cubes"),
        identical((lower * upper).subs(ends), 54**2 * (-p / 3) ** 3, what="the product of the cubes"),
        Finding(constant_sign((upper - lower) / ROOT) == 1, "r_+ is the larger one"),
    )


@exact
def ends_of_band(formula: Any) -> Finding:
    """(x_-, x_+) against the discriminant of the cubic, which is x times a quadratic with these roots."""
    quadratic = sp.Poly(sp.cancel(discriminant(cubic().as_expr(), t) / x), x)
    first, second, constant = quadratic.all_coeffs()
    lower, upper = formula
    return every(
        identical(lower + upper, -second / first, what="x_- + x_+"),
        identical(lower * upper, constant / first, what="x_- x_+"),
        Finding(constant_sign(upper - lower) == 1, "x_+ is the larger one"),
    )


@exact
def zero_of_constant(formula: Any) -> Finding:
    """xi_0 against the zero in x of Q, the constant coefficient of the depressed cubic."""
    slope, constant = sp.Poly(depressed()[1], x).all_coeffs()
    return identical(formula, -constant / slope, what="xi_0")


# --- sections 2 and 4: settings -------------------------------------------------------------------


@exact
def entries_of_histograms(formula: Any) -> Finding:
    """(hidden units, entries of W1, entries of W2) for grayscaled CIFAR-10: 32 x 32 inputs, 10 classes."""
    units, first, second = formula
    found = units * 32 * 32, 10 * units
    text = f"{units} x 1024 = {found[0]} entries of W1, 10 x {units} = {found[1]} of W2"
    return Finding((first, second) == found, text)


@exact
def autoencoder(formula: Any) -> Finding:
    """(widths, side of the images, images) against the caption of figure 2: 20 hidden units, 150 x 4 x 4."""
    (inputs, hidden, outputs), side, images = formula
    ratio = sp.Rational(hidden * (inputs + outputs), outputs * images)
    same = (hidden, side, images) == (20, 4, 150)
    text = (
        f"{inputs} inputs and {outputs} outputs for {side} x {side} images, {hidden} hidden units, {images} "
        "images "
        f"(figure 2: 20 and 150): {hidden * (inputs + outputs)} parameters, phi = {ratio}"
    )
    return Finding(same and inputs == outputs == side**2, text)


@exact
def initial_variance(formula: Any) -> Finding:
    """The variance in units of 1/(incoming units) for which E [z]_+^2 = E x^2, z summing over those units."""
    s = sp.Symbol("s", real=True)
    kept = sp.integrate(s**2 * sp.exp(-(s**2) / 2) / sp.sqrt(2 * sp.pi), (s, 0, sp.oo))
    return identical(formula * kept, 1, what="E [z]_+^2 over E x^2")


WRONG_SPREAD = alpha * SPREAD
GARBLED = "the text at hand has lost roots and symbols here; the readings are the ways to put them back"

CLAIMS = (
    Claim(
        id="pb17s/fig-S1-entries",
        statement="50 hidden units, grayscaled CIFAR-10 images: the histograms have a total of 51,200 and "
        "500 entries.",
        place="caption of figure S1",
        readings=(Reading("as printed", (50, 51200, 500)),),
        checks=(entries_of_histograms,),
        conditions=r"$32 \times 32$ images of one channel, 10 classes",
    ),
    Claim(
        id="pb17s/fig-S1-shape",
        statement="Histograms of the weights after training, on the assumption that they are random and "
        "normal.",
        place="figure S1",
        readings=(
            Reading("both matrices are normal", (0, 0, -1)),
            Reading(
                "$W^{(1)}$ is normal as far as its excess kurtosis tells (0), $W^{(2)}$ is skewed (+1), and "
                "the two are not independent of each other (-1)",
                (0, 1, -1),
            ),
        ),
        checks=(weights_of_classifiers,),
        conditions=f"{STAND_IN}, at 8 x 8, so 3200 and 500 entries; unit vectors for the classes as targets, "
        "1024 steps of descent. The print speaks of an assumption and gives no number",
        uses=("pb17/sec-5.2.4-weights",),
        planted=((1, 1, -1), (0, 0, -1), (0, 1, 0), (0, 1, 1)),
    ),
    Claim(
        id="pb17s/eq-S4",
        statement=r"$\rho_{H_1}(\lambda) = (1 - \min(1, \frac{\alpha}{2})) \delta(\lambda) + \frac{\alpha^2 "
        r"|\lambda|}{2\epsilon} \rho_c(\frac{\alpha^2 \lambda^2}{2\epsilon}, \frac{\alpha}{2})$.",
        place="eq. S4",
        readings=(
            Reading(
                r"without $\epsilon$, as the text at hand has it",
                {**MIXTURE, "factor": alpha**2 * lam / 2, "argument": alpha**2 * lam**2 / 2},
            ),
            Reading(r"$\alpha$ as the second argument", {**MIXTURE, "second argument": alpha}),
            Reading(r"with $\epsilon$ under both fractions and $\alpha/2$ as the second argument", MIXTURE),
        ),
        checks=(mixture, as_part("S4")),
        conditions=GARBLED,
        uses=("pb17/eq-27", "pb17/eq-28"),
        steps=((NAME, "cubic of the squares"), (NAME, "atom")),
    ),
    Claim(
        id="pb17s/sec-3-alpha",
        statement=r"$1/\alpha = \phi/2 = n/m$.",
        place="after eq. S4",
        readings=(Reading("as printed", (phi / 2, n / m)),),
        checks=(meaning_of_alpha,),
        conditions=r"(S5)-(S8) hold with $\alpha = 1/\phi$, the second argument of $\rho_c$ in (S4)",
    ),
    Claim(
        id="pb17s/eq-S5",
        statement=r"$\rho_c(x, \alpha) = \frac{\sqrt 3}{6 \pi \sqrt[3]{2} x} (r_+ - r_-) 1_{x \in [\theta(1 "
        r"- "
        r"\alpha) x_-, x_+]}$.",
        place="eq. S5",
        readings=(
            Reading(r"no root over the 2", {**DENSITY, "amplitude": sp.sqrt(3) / (12 * sp.pi * x)}),
            Reading(
                r"$6 \pi \sqrt[3]{x^2}$ in the denominator",
                {**DENSITY, "amplitude": sp.sqrt(3) / (6 * sp.pi * x ** (2 * third))},
            ),
            Reading(
                r"a cube root of 3 and a square root of 2",
                {**DENSITY, "amplitude": sp.cbrt(3) / (6 * sp.pi * sp.sqrt(2) * x)},
            ),
            Reading(r"$6 \pi \sqrt[3]{2} x$ in the denominator", DENSITY),
        ),
        checks=(amplitude_and_band, as_part("S5")),
        conditions=GARBLED + r"; the band is decided at seven values of $\alpha$ on both sides of 1",
        uses=("pb17s/eq-S4", "pb17s/eq-S6", "pb17s/eq-S7"),
        steps=((NAME, "density"), (NAME, "lower limit")),
    ),
    Claim(
        id="pb17s/eq-S6",
        statement=r"$r_\pm = \sqrt[3]{9 (2 + \alpha)(x - \xi_0) \pm 6 \sqrt{3 (x - x_-) x (x_+ - x)}}$.",
        place="eq. S6",
        readings=(
            Reading("a square root outside", ((CUBE - 6 * ROOT) ** half, (CUBE + 6 * ROOT) ** half)),
            Reading(
                "the cube root over the first term only", (CUBE**third - 6 * ROOT, CUBE**third + 6 * ROOT)
            ),
            Reading(
                "the inner root over the 3 only",
                tuple(
                    (CUBE + sign * 6 * sp.sqrt(3) * (x - low) * x * (high - x)) ** third for sign in (-1, 1)
                ),
            ),
            Reading("a cube root over everything, a square root over the product", ROOTS),
        ),
        checks=(as_part("S6"), cube_roots),
        conditions=GARBLED,
        uses=("pb17s/eq-S7", "pb17s/eq-S8"),
        steps=((NAME, "radicand and edges"), (NAME, "cube roots")),
    ),
    Claim(
        id="pb17s/eq-S7",
        statement=r"$x_\pm = \frac{8 + 20\alpha - \alpha^2 \pm \sqrt\alpha (8 + \alpha)^{3/2}}{8}$.",
        place="eq. S7",
        readings=(
            Reading(r"$\alpha$ without a root", ((TRACE - WRONG_SPREAD) / 8, (TRACE + WRONG_SPREAD) / 8)),
            Reading(
                "a root over the numerator",
                (sp.sqrt(TRACE - WRONG_SPREAD) / 8, sp.sqrt(TRACE + WRONG_SPREAD) / 8),
            ),
            Reading(r"a root over the $\alpha$ before $(8 + \alpha)^{3/2}$", EDGES),
        ),
        checks=(as_part("S7"), ends_of_band),
        conditions=GARBLED,
        uses=("pb17/eq-28",),
        steps=((NAME, "radicand and edges"), (NAME, "explicit edges")),
    ),
    Claim(
        id="pb17s/eq-S8",
        statement=r"$\xi_0 = -\frac{2 (-1 + \alpha)^3}{9 (2 + \alpha)}$.",
        place="eq. S8",
        readings=(Reading("as printed", CENTRE),),
        checks=(zero_of_constant, as_part("S8")),
        uses=("pb17/eq-28",),
        steps=((NAME, "cube roots"),),
    ),
    Claim(
        id="pb17s/sec-4-network",
        statement=r"A 16-20-16 ReLU autoencoding network on the first 150 images, downsampled to $4 \times "
        r"4$.",
        place="supplement, section 4",
        readings=(Reading("as printed; the setting of figure 2", ((16, 20, 16), 4, 150)),),
        checks=(autoencoder,),
    ),
    Claim(
        id="pb17s/sec-4-initialisation",
        statement="The parameters are initialised as zero-mean Gaussians with variance 2 over the number of "
        "incoming "
        "units.",
        place="supplement, section 4",
        readings=(
            Reading(
                "the variance that keeps the mean square from the inputs to the hidden units", sp.Integer(2)
            ),
        ),
        checks=(initial_variance,),
        conditions="inputs of equal mean square; the linear output layer then doubles it",
    ),
    Claim(
        id="pb17s/fig-S2",
        statement="The eigenvalues of $H_0 + H_1$ and of $H_0 + Q H_1 Q^T$ as the parameters evolve over "
        "training.",
        place="figure S2",
        readings=(
            Reading(
                "their distribution functions differ on average by at most 0.07 at every step and by at most "
                "0.04 after 2048, more than noise throughout",
                (sp.Rational(7, 100), sp.Rational(1, 25)),
            ),
        ),
        checks=(spectra_agree_along_training,),
        conditions=f"{STAND_IN}; after 0, 16, 256 and 2048 steps; the print gives no number",
        uses=("pb17/fig-2-caption", "pb17/sec-5.2.1-suffices"),
        planted=(
            (sp.Rational(1, 25), sp.Rational(1, 25)),
            (sp.Rational(7, 100), sp.Rational(1, 50)),
        ),
    ),
)
