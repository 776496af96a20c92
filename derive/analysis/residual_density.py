"""The explicit density of the ReLU residual as the supplement prints it, settled against the derived law.

The text of (S4)-(S8) reaches us garbled: which symbols stand under which root has to be found. With the
squares y = x^2 / b^2 of the eigenvalues in units of the jump b and a = 1/phi, the derived equation becomes
a cubic in t = x G; its complex root by Cardano is the density, and every printed constant finds its place:

    rho_c(y, a) = sqrt(3) / (6 pi 2^(1/3) y) (r_+ - r_-),
    r_+- = (9 (2 + a) (y - xi_0) +- 6 sqrt(3 (y - y_-) y (y_+ - y)))^(1/3),
    y_+- = (8 + 20 a - a^2 +- sqrt(a) (8 + a)^(3/2)) / 8,    xi_0 = -2 (a - 1)^3 / (9 (2 + a)).
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.polynomials import discriminant
from ..algebra.radicals import vanishes
from ..certificates import Different, Identity, Positive, Together
from ..derivation import Section, Step
from ..language.model import Model
from ..language.parameters import PB17, PB17S, Source
from ..laws import G, Law, Levy, x, z
from .cardano import real_cube_root

A, Y, T = sp.symbols("a y t", positive=True)
XI = -2 * (A - 1) ** 3 / (9 * (2 + A))
TRACE = (8 + 20 * A - A**2) / 8
SPREAD = sp.sqrt(A) * (8 + A) ** sp.Rational(3, 2) / 8
LOW, HIGH = TRACE - SPREAD, TRACE + SPREAD


def explicit_density(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Steps from the residual's equation to its explicit density, and what other readings of the print give.

    Applies to a symmetric Levy law of two jumps +-b with equal weights; any other law gets an empty
    section. Closed forms: "explicit_density" (in x, valid inside the bands), "explicit_density_edges"
    (y_-, y_+): the bands are y_- < (x/b)^2 < y_+, from 0 where y_- < 0.
    """
    title = "Explicit density"
    pair = _pair(law)
    if pair is None:
        return Section(title, ()), {}
    b, weight = pair
    a = sp.cancel(2 * weight / b**2)  # the sum of both rates
    cubic = T**3 + (A - 1) * T**2 - Y * T + Y
    back = cubic.subs(T, x * G).subs({Y: x**2 / b**2, A: a}) * b**2 / x**2
    depressed_p = sp.expand(-Y - (A - 1) ** 2 / 3)
    depressed_q = sp.expand(2 * (A - 1) ** 3 / 27 + Y * (A + 2) / 3)
    inside = depressed_q**2 / 4 + depressed_p**3 / 27
    under = 9 * (2 + A) * (Y - XI)
    root = 6 * sp.sqrt(3 * (Y - LOW) * Y * (HIGH - Y))
    cubes = [
        cube.subs(dict(zip(sp.symbols("y_- y_+ xi_0"), (LOW, HIGH, XI), strict=True)))
        for _, cube in _radicals()
    ]
    source = f"{PB17S}, "
    printed = model.source == Source(PB17, "section 6.1")
    density = _density_step(cubic, source + "eq. S5" if printed else "")
    steps = [
        Step(
            "cubic of the squares",
            "With t = x G, y = x^2/b^2 and a the sum of the two rates the equation depends on y and a "
            "alone. The law is symmetric, so rho(x) = (|x|/b^2) rho_c(x^2/b^2, a), where rho_c(y, a) = -Im "
            "t/(pi y) is the density of y, and the atom keeps its mass 1 - min(1, a). With alpha = 2/phi "
            "the printed argument alpha^2 x^2/(2 eps) is y, and a = 1/phi is alpha/2.",
            (
                sp.Eq(cubic, 0, evaluate=False),
                sp.Eq(sp.Symbol("a"), a, evaluate=False),
                sp.Eq(sp.Symbol("b") ** 2, sp.expand(b**2), evaluate=False),
            ),
            Identity((sp.expand(back) - _factor(back, equation) * equation.subs(z, x), *_scale(model, b))),
            source + "eq. S4" if printed else "",
        ),
        Step(
            "radicand and edges",
            "The depressed cubic has Q^2/4 + P^3/27 = (y - y_-) y (y_+ - y) / 27: y_- and y_+ are the "
            "printed edges, with the root of a in front of (8 + a)^(3/2).",
            (sp.Eq(sp.Symbol("y_-"), LOW, evaluate=False), sp.Eq(sp.Symbol("y_+"), HIGH, evaluate=False)),
            Identity(
                (27 * inside - (Y - LOW) * Y * (HIGH - Y), discriminant(cubic, T) + 108 * sp.expand(inside))
            ),
            source + "eq. S7" if printed else "",
        ),
        Step(
            "cube roots",
            "-Q/2 +- sqrt(Q^2/4 + P^3/27) are -+ r_-+^3 / 54 with the printed r_+- and xi_0, real cube "
            "roots being meant.",
            (
                sp.Eq(sp.Symbol("xi_0"), XI, evaluate=False),
                *(sp.Eq(sp.Symbol(f"r_{s}") ** 3, v, evaluate=False) for s, v in _radicals()),
            ),
            Identity(
                (
                    54 * (-depressed_q / 2) + under,
                    54**2 * inside - root**2,
                    *(cube - under - sign * root for cube, sign in zip(cubes, (1, -1), strict=True)),
                )
            ),
            source + "eqs. S6, S8" if printed else "",
        ),
        density,
        Step(
            "lower limit",
            "y_- y_+ = (1 - a)^3: y_- is positive for a < 1 and negative for a > 1, where the band starts "
            "at 0. This is what the printed theta(1 - a) y_- says, theta being the unit step.",
            sp.Eq(sp.Symbol("y_-") * sp.Symbol("y_+"), (1 - A) ** 3, evaluate=False),
            Together((Identity(LOW * HIGH - (1 - A) ** 3), Positive(TRACE**2 - LOW * HIGH))),
            source + "eq. S5" if printed else "",
        ),
    ]
    if printed:
        steps += _other_readings(a)
    certified = density.equation.rhs
    names = {"r_+": real_cube_root(cubes[0]), "r_-": real_cube_root(cubes[1])}
    value = sp.Abs(x) / b**2 * certified.subs({s: names[s.name] for s in certified.free_symbols if s != Y})
    forms = {
        "explicit_density": value.subs({Y: x**2 / b**2, A: a}),
        "explicit_density_edges": (LOW.subs(A, a), HIGH.subs(A, a)),
    }
    return Section(title, tuple(steps)), forms


def _radicals() -> list[tuple[str, sp.Expr]]:
    """The cubes of r_+ and r_- in the names of the print."""
    low, high, xi = sp.symbols("y_- y_+ xi_0")
    first = 9 * (2 + A) * (Y - xi)
    second = 6 * sp.sqrt(3 * (Y - low) * Y * (high - Y))
    return [("+", first + second), ("-", first - second)]


def _pair(law: Law) -> tuple[sp.Expr, sp.Expr] | None:
    """(b, c) for the law of mean 0 with jumps +-b of weight c, else None."""
    if not isinstance(law, Levy) or len(law.poles) != 2 or law.mean != 0:
        return None
    (first, second), (c, d) = law.poles, law.weights
    if first == 0 or not vanishes(first + second) or not vanishes(c - d):
        return None
    return first, c


def _factor(back: sp.Expr, equation: sp.Expr) -> sp.Expr:
    """The quotient of the constant terms in G: what the cubic has to be multiplied with."""
    return sp.cancel(sp.expand(back).subs(G, 0) / equation.subs({z: x, G: 0}))


def _scale(model: Model, b: sp.Expr) -> tuple[sp.Expr, ...]:
    """The printed argument of rho_c, alpha^2 x^2/(2 eps) with alpha = 2/phi, minus x^2/b^2."""
    if model.source != Source(PB17, "section 6.1"):
        return ()
    eps, phi = (parameter.symbol for parameter in model.parameters)
    return ((2 / phi) ** 2 / (2 * eps) - 1 / b**2,)


def _density_step(cubic: sp.Expr, source: str) -> Step:
    """The complex root of the cubic with Im t < 0, in r_+ and r_-."""
    plus, minus = sp.symbols("r_+ r_-", real=True)
    c = sp.cbrt(54)
    # t = -(a - 1)/3 + (S' + T')/2 - i (sqrt 3/2)(S' - T') with S' = r_+ / c, T' = r_- / c
    real = -(A - 1) / 3 + (plus + minus) / (2 * c)
    imaginary = -sp.sqrt(3) * (plus - minus) / (2 * c)
    t = real + sp.I * imaginary
    # r_+^3 + r_-^3 = 18 (2 + a)(y - xi_0) and r_+ r_- = c^2 (3 y + (a - 1)^2)/9 fix the symmetric functions
    product = c**2 * (Y + (A - 1) ** 2 / 3) / 3
    total = 18 * (2 + A) * (Y - XI)
    power = sp.expand(sp.expand(cubic.subs(T, t)))
    reduced = _symmetric(power, plus, minus, product, total)
    amplitude = sp.sqrt(3) / (6 * sp.pi * sp.cbrt(2) * Y)
    density = amplitude * (plus - minus)
    return Step(
        "density",
        "t = -(a - 1)/3 + (r_+ + r_-)/(2 c) - i sqrt(3) (r_+ - r_-)/(2 c) with c = 54^(1/3) = 3 2^(1/3) "
        "solves the cubic and has Im t < 0 on the band. So the prefactor is sqrt(3) / (6 pi 2^(1/3) y): "
        "the garbled 2 and 3 are the cube root of 2 in the denominator, and y stands there to the first "
        "power.",
        sp.Eq(sp.Function("rho_c")(Y, A), density, evaluate=False),
        Together(
            (
                Identity(reduced),
                Identity(-imaginary / Y - sp.pi * density),
                Identity(product**3 - ((total / 2) ** 2 - 36 * 3 * (Y - LOW) * Y * (HIGH - Y))),
            )
        ),
        source,
    )


def _symmetric(
    expression: sp.Expr, plus: sp.Symbol, minus: sp.Symbol, product: sp.Expr, total: sp.Expr
) -> sp.Expr:
    """The expression with r_+ r_- and r_+^3 + r_-^3 replaced; what is left must vanish in r_+, r_-.

    r_-^3 = total - r_+^3, and every product r_+ r_- goes; the normal form is unique.
    """
    result = sp.S.Zero
    for (i, j), coefficient in sp.Poly(expression, plus, minus).terms():
        common = min(i, j)
        coefficient *= product**common
        i, j = i - common, j - common
        if j == 3:
            result += coefficient * (total - plus**3)
        else:
            result += coefficient * plus**i * minus**j
    return sp.expand(result)


def _other_readings(a: sp.Expr) -> list[Step]:
    """Readings of the garbled print that do not agree, each refuted exactly."""
    radicand = sp.expand((Y - LOW) * (Y - HIGH))
    alpha_outside = sp.expand((Y - TRACE) ** 2 - (A * (8 + A) ** sp.Rational(3, 2) / 8) ** 2)
    doubled = radicand.subs(A, 2 * A)
    return [
        Step(
            "another reading of the edges",
            "With a (8 + a)^(3/2) instead of sqrt(a) (8 + a)^(3/2) in (S7) the edges are not the critical "
            "values.",
            sp.Ne(sp.expand(radicand), alpha_outside, evaluate=False),
            Different(radicand - alpha_outside),
            f"{PB17S}, eq. S7",
        ),
        Step(
            "the two alphas",
            "(S4) uses alpha = 2/phi = m/n but passes alpha/2 = 1/phi to rho_c: the alpha of (S5)-(S8) is "
            "the second argument, 1/phi. With 2/phi in its place the edges are wrong.",
            sp.Eq(sp.Symbol("a"), a, evaluate=False),
            Different(radicand - doubled),
            f"{PB17S}, eqs. S4-S8",
        ),
        Step(
            "another reading of the prefactor",
            "With y^(2/3) instead of 2^(1/3) y in (S5) the cubes of the prefactors differ, and so does the "
            "density.",
            sp.Ne(2 * Y**3, Y**2, evaluate=False),
            Different(2 * Y**3 - Y**2),
            f"{PB17S}, eq. S5",
        ),
    ]
