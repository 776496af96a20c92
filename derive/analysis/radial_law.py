"""The law of the eigenvalues of a product of Gaussian factors: it depends on the distance from 0 alone.

1. transform   S of P P', through the steps of `derive.transforms`
2. single ring singular values of P - lambda: the disc of radius r holds the mass F with r^2 S(F - 1) = 1;
               the equation of the free sum itself, made by the other rules, says the same
3. forms       radius, density, mass at 0; the power law of square factors, their number a symbol
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..certificates import Identity, Positive
from ..derivation import Derivation, Section, Step
from ..language.eigenvalues import Eigenvalues
from ..language.ensembles import Gaussian, Gram, Hermitised
from ..language.model import Model
from ..language.operations import Atoms
from ..laws import G, Radial, z
from ..transforms import read, setting_of
from ..transforms.curves import Setting, t

# Factors up to which the equation of the free sum is made, which takes seconds beyond.
MOST_SUMMED = 4
LIMIT = (
    "Derived is the law that the eigenvalues have in the limit if the integrals of log|x| over the singular "
    "values of P - lambda tend to those over their law. That they do, for no singular value is too near to "
    "0, is cited: Guionnet, Krishnapur & Zeitouni (2011), Rudelson & Vershynin (2014)."
)

HAAGERUP_LARSEN = "Haagerup & Larsen (2000)"
BURDA = "Burda, Janik & Waclaw (2010)"
SINGLE_RING = "Guionnet, Krishnapur & Zeitouni (2011)"

F = sp.Symbol("F")
r, radius, kappa = sp.symbols("r r_max kappa", positive=True)
MASS = sp.Symbol(r"\mu(\{0\})")
RHO = sp.Function("rho")


def radial_law(node: Eigenvalues) -> Radial:
    """Sizes between the factors and behind the last, and the product of the variances."""
    gaussians = node.gaussians
    scale = sp.Mul(*(factor.variance for factor in gaussians))
    return Radial(tuple(factor.columns for factor in gaussians), scale)


def derive_radial(model: Model, node: Eigenvalues, setting: Setting, limits: list[str]) -> Derivation:
    """The whole derivation; certificates are checked as the steps are made."""
    model.keep_free(("r", "F", "mass"), "a variable of the law")
    law = radial_law(node)
    reading = read(Gram(node.factor), "M", setting)
    value = reading.s_transform
    assert value is not None  # a product of Gaussian factors has a rational S-transform
    shown = setting.show(value)
    squared = law.radius_squared(F)
    sections = (
        Section("Singular values", reading.recorded()),
        Section("Single ring", (*_single_ring(shown, squared), *_free_sum(node, law, setting), *_ends(law))),
        Section("Density", _density(law)),
    )
    limits = [*limits, LIMIT]
    forms = {"radius_squared": law.radius_squared(sp.S.One), "mass_at_zero": law.mass_at_zero}
    return Derivation(model, law, r**2 - squared, sections, forms, tuple(limits))


def _single_ring(s_transform: sp.Expr, squared: sp.Expr) -> tuple[Step, ...]:
    mass = sp.Function("S_M")(F - 1)
    field = kappa / (kappa**2 + r**2)
    place = sp.cancel(1 / field - kappa)
    disc = r**2 / (kappa**2 + r**2)
    at = sp.cancel(place * field - 1)  # z G - 1 of M at z = -eta^2, whose S is (1 + t) / (t z)
    h, eta = sp.symbols("h eta", positive=True)
    return (
        Step(
            "singular values of P - lambda",
            "P has the law of U P V for all unitary U and V, so that the singular values of P - lambda, "
            "r = |lambda|, with both signs are those of the free sum of P's and of +-r. At z -> i0 it has "
            "G = -ih, and by subordination so have its parts: +-r at i kappa, that of P at i eta. The mass F "
            "of the disc is r times the slope in r of the integral of log|x| over the sum, which is that of "
            "log(kappa^2 + r^2) / 2 at fixed kappa (Girko).",
            (
                sp.Eq(h, field, evaluate=False),
                sp.Eq(eta + kappa, 1 / h, evaluate=False),
                sp.Eq(F, disc, evaluate=False),
            ),
            Identity((r * sp.diff(sp.log(kappa**2 + r**2) / 2, r) - disc, place - r**2 / kappa)),
            SINGLE_RING,
        ),
        Step(
            "mass of a disc",
            "With z = -eta^2 and t = z G - 1 = eta h - 1 for M = P P', S_M(t) = (1 + t) / (t z): the three "
            "equations say that t = F - 1 and r^2 S_M(F - 1) = 1, here with the S-transform above.",
            (sp.Eq(r**2 * mass, 1, evaluate=False), sp.Eq(r**2, squared, evaluate=False)),
            Identity(
                (
                    at - (disc - 1),
                    r**2 * (1 + at) / (-at * place**2) - 1,
                    squared * s_transform.subs(t, F - 1) - 1,
                )
            ),
            HAAGERUP_LARSEN,
        ),
    )


def _free_sum(node: Eigenvalues, law: Radial, setting: Setting) -> tuple[Step, ...]:
    """The law of P's singular values with both signs plus +-r, by the rules for free sums, at z = 0."""
    if len(node.gaussians) > MOST_SUMMED:
        return ()
    half = sp.Rational(1, 2)
    # ((0, P), (P', 0)) has twice the size, in whose units shapes halve and variances of entries double
    halves = [Gaussian(f.rows * half, f.columns * half, 2 * f.variance) for f in node.gaussians]
    product: Any = halves[0]
    for factor in halves[1:]:
        product = product @ factor
    expression = Hermitised(product) + Atoms((-r, r), (half, half))
    own = setting_of(expression, (*setting.parameters, r), setting.facts)
    polynomial = own.ring.expression(read(expression, "K", own).equation)
    at_zero = sp.Poly(polynomial.subs(z, 0), G)
    inside = at_zero.quo(sp.Poly(G, G)).as_expr()  # in the disc; beyond it G = 0
    square = -F * (1 - F) / law.radius_squared(F)
    found = inside.subs(r, sp.sqrt(law.radius_squared(F))).subs(G, sp.sqrt(square))
    return (
        Step(
            "equation of the free sum",
            "The same without subordination: the equation of ((0, P), (P', 0)) plus +-r, by the rules for "
            "free sums, holds at z = 0 for G = -ih, h^2 = F (1 - F) / r^2, with the F above.",
            (sp.Eq(inside, 0, evaluate=False), sp.Eq(G**2, -F * (1 - F) / r**2, evaluate=False)),
            Identity(
                (
                    at_zero.coeff_monomial(1),
                    inside - inside.subs(G, -G),
                    found,
                    field_squared() - F * (1 - F) / r**2,
                )
            ),
        ),
    )


def field_squared() -> sp.Expr:
    """h^2 of the step before, in F."""
    return (kappa / (kappa**2 + r**2)).subs(kappa, r * sp.sqrt((1 - F) / F)) ** 2


def _ends(law: Radial) -> tuple[Step, ...]:
    edge = law.radius_squared(sp.S.One)
    return (
        Step(
            "radius",
            "F = 1 at the rim: r_max^2 is the mean of M.",
            sp.Eq(radius**2, edge, evaluate=False),
            Positive(edge),
        ),
        Step(
            "mass at 0",
            "At r = 0 a factor of r^2 vanishes; F is the greatest such value, for above it all factors "
            "are positive and F increases with r. It is what the rank of the narrowest factor leaves.",
            sp.Eq(MASS, law.mass_at_zero, evaluate=False),
            Identity(tuple(law.radius_squared(1 - size) for size in law.sizes)),
        ),
    )


def _density(law: Radial) -> tuple[Step, ...]:
    squared = law.radius_squared(F)
    slope = sp.diff(squared, F)
    logarithmic = squared * sum(1 / (size - 1 + F) for size in law.sizes)
    steps = [
        Step(
            "density in the plane",
            "A ring of area pi d(r^2) has the mass dF.",
            sp.Eq(RHO(r), 1 / (sp.pi * sp.Derivative(squared, F)), evaluate=False),
            Identity(slope - logarithmic),
        )
    ]
    count = len(law.sizes)
    if count == 2:
        steps.append(_two_factors(law))
    if all(size == 1 for size in law.sizes):
        # with u = r^(2/L): F = u / r_max^(2/L), and 1 / (dr^2 / dF) = F / (L r^2)
        power = F**count * law.scale
        steps.append(
            Step(
                "square factors",
                "All sizes are N: r^2 is a power of F, and so is F one of r.",
                (
                    sp.Eq(F, (r / sp.sqrt(law.scale)) ** sp.Rational(2, count), evaluate=False),
                    sp.Eq(
                        RHO(r),
                        (r / sp.sqrt(law.scale)) ** sp.Rational(2, count) / (sp.pi * count * r**2),
                        evaluate=False,
                    ),
                ),
                Identity((squared - power, F * slope - count * power)),
                BURDA,
            )
        )
        steps.append(_any_number(law))
    return tuple(steps)


def _any_number(law: Radial) -> Step:
    """Square factors, their number L a symbol: F and the density as powers of r."""
    number = sp.Symbol("L", positive=True)
    s_transform = 1 / (law.scale * (1 + t) ** number)
    squared = law.scale * F**number
    place = r / sp.sqrt(law.scale)
    mass = place ** (2 / number)
    return Step(
        "any number of square factors",
        f"S of a product is the product of those of the factors, (1 + t)^(-L) over the variance, which is "
        f"cited. Certified for a symbol L are r^2 and the density that follow, and that with "
        f"L = {len(law.sizes)} the law is the one above.",
        (
            sp.Eq(sp.Function("S_M")(t), s_transform, evaluate=False),
            sp.Eq(F, mass, evaluate=False),
            sp.Eq(RHO(r), mass / (sp.pi * number * r**2), evaluate=False),
        ),
        Identity(
            (
                squared * s_transform.subs(t, F - 1) - 1,
                F * sp.diff(squared, F) - number * squared,
                (squared - law.radius_squared(F)).subs(number, len(law.sizes)),
            )
        ),
        BURDA,
    )


def _two_factors(law: Radial) -> Step:
    """F and the density in closed form: the greater root of a quadratic."""
    one, other = law.sizes
    root = sp.sqrt((one - other) ** 2 + 4 * r**2 / law.scale)
    mass = 1 - (one + other) / 2 + root / 2
    density = 1 / (sp.pi * law.scale * root)
    slope = sp.diff(law.radius_squared(F), F).subs(F, mass)
    return Step(
        "two factors",
        "The quadratic for F has one root above the mass at 0.",
        (sp.Eq(F, mass, evaluate=False), sp.Eq(RHO(r), density, evaluate=False)),
        Identity((law.radius_squared(mass) - r**2, slope - law.scale * root)),
    )
