"""Distribution function, index and logarithmic potential in closed form, by Laisant's theorem.

The integral of an inverse function needs only that of the function: with F' = R(g) + 1/g,

    d/dz [F(G) - z G] = (F'(G) - z) G' - G = -G,    cdf(x) = 1 + (1/pi) Im[F(G) - x G],  G = G(x + i0).

1. the primitive F; 2. the branch of its logarithms; 3. the same with the other half-plane, as printed;
4. the logarithmic potential; 5. the index through the roots of the equation at z = 0, by Cardano.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.polynomials import discriminant, factor_list, factored
from ..algebra.radicals import positive, vanishes
from ..certificates import Different, Identity, Positive, Together
from ..derivation import Section, Step
from ..language.model import Model
from ..language.parameters import PB17, PB17S, Source
from ..language.symbols import unused
from ..laws import Levy, g, w, x
from .cardano import complex_root
from .levy_curve import Curve

ALPHA = sp.Symbol("alpha")
CAP_F = sp.Function("F")
STIELTJES = sp.Symbol("G")


def laisant(model: Model, law: Levy, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Steps to the distribution function, the potential and, where the equation at 0 is a cubic, the index.

    Closed forms: "primitive" (F in g), "index_polynomial" (in w), "index_root" (the pair (u, v) of
    1/G(0) = u + i v), "index_discriminant" (D: 0 lies inside the support where it is positive), "index"
    (alpha there), "index_in_root" (the triple (alpha, u, v) in symbols u, v); only "index" where symmetric.
    """
    primitive = antiderivative(law)
    curve = Curve(law)
    section = [*_primitive_steps(model, law, primitive), *_gap(curve)]
    forms: dict[str, Any] = {"primitive": primitive}
    steps, found = _index(curve)
    return Section("Distribution function and index", (*section, *steps)), {**forms, **found}


def antiderivative(law: Levy) -> sp.Expr:
    """F(g) with F' = R(g) + 1/g and principal logarithms; it is log g + m g + O(g^2) at 0.

    A pole p with weight c gives -(c/p) g - (c/p^2) log(1 - p g), the Wigner part c g^2/2.
    """
    result = sp.log(g) + _linear(law) * g
    for p, c, rate in zip(law.poles, law.weights, law.rates, strict=True):
        result += c * g**2 / 2 if rate is None else -rate * sp.log(1 - p * g)
    return result


def _primitive_steps(model: Model, law: Levy, primitive: sp.Expr) -> tuple[Step, ...]:
    r = law.r_transform()
    poles = tuple(p for p in law.poles if p != 0)
    imaginary = sp.Function("Im")
    cdf = sp.Function("cdf")
    inside = CAP_F(STIELTJES) - x * STIELTJES
    level = 1 + imaginary(inside) / sp.pi
    potential = sp.Function("Re")(x * STIELTJES - CAP_F(STIELTJES)) - 1
    ends = (level.subs(imaginary(inside), 0) - 1, level.subs(imaginary(inside), -sp.pi))  # right and left
    source = f"{PB17S}, eq. S1"
    return (
        Step(
            "primitive",
            "F is an antiderivative of R(g) + 1/g. As R(G) + 1/G = z, the derivative of F(G) - z G is -G: "
            "integrating the inverse function needs only the integral of the function.",
            sp.Eq(CAP_F(g), primitive, evaluate=False),
            Identity(sp.diff(primitive, g) - r - 1 / g),
        ),
        Step(
            "branch of the logarithms",
            "For Im z > 0 the value g = G(z) has Im g < 0; there log g and every log(1 - p g), whose "
            "argument has imaginary part -p Im g of one sign, keep off the cut of the principal logarithm. "
            "So F(G) - z G is analytic, and its imaginary part tends to 0 right of the support (G > 0 "
            "small) and to -pi left of it (G < 0 small): the constant is 1. At an atom the value jumps by "
            "the mass.",
            sp.Eq(cdf(x), level, evaluate=False),
            Together(
                (
                    Identity((primitive_at_zero(primitive), *ends)),
                    *(Different(p) for p in poles),
                )
            ),
            source,
        ),
        *_printed_sign(model, primitive),
        Step(
            "logarithmic potential",
            "The real part of the same antiderivative: the potential has the derivative Re G = d/dx Re[x G "
            "- F(G)], and x G - F(G) = 1 + log x + o(1) as x grows, where the potential is log x + o(1).",
            sp.Eq(sp.Symbol("U"), potential, evaluate=False),
            Identity((sp.diff(primitive, g) - r - 1 / g, *_at_infinity(potential, primitive, r))),
        ),
    )


def _printed_sign(model: Model, primitive: sp.Expr) -> tuple[Step, ...]:
    """What (S2) prints for the first model, and for which half-plane it holds."""
    if model.source != Source(PB17, "section 4"):
        return ()
    eps, phi = (parameter.symbol for parameter in model.parameters)
    printed = eps * g**2 + sp.log(g) - sp.log(1 - phi * g) / phi
    argument = -sp.pi  # arg G for G < 0, approached from Im G < 0
    inside = printed.subs(g, sp.Symbol("G_H(0)"))
    return (
        Step(
            "sign of the printed form",
            "The printed bracket is F. With 1 - (1/pi) Im the formula holds for G(x - i0), the complex "
            "conjugate, whose logarithms have the opposite imaginary parts; with G(x + i0), as the "
            "inversion formula has it, the sign is +. Left of the support arg G is -pi and the rest real: "
            "the signs + and - give 0 and 2.",
            sp.Eq(ALPHA, 1 - sp.Function("Im")(inside) / sp.pi, evaluate=False),
            Together(
                (
                    Identity(
                        (sp.diff(primitive - printed, g), primitive_at_zero(primitive - printed + sp.log(g)))
                    ),
                    Identity(1 + argument / sp.pi),
                    Different(1 - argument / sp.pi),
                )
            ),
            f"{PB17S}, eq. S2",
        ),
    )


def _at_infinity(potential: sp.Expr, primitive: sp.Expr, r: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """What must vanish at g = 0, where x = R(g) + 1/g is infinite: potential - log x, and x g - 1."""
    inside = potential.replace(sp.Function("Re"), lambda part: part).subs(CAP_F(STIELTJES), primitive)
    inside = sp.expand(inside.subs({STIELTJES: g, x: r + 1 / g}))
    return (inside + sp.log(g)).subs(g, 0), sp.expand(g * (r + 1 / g)).subs(g, 0) - 1


def primitive_at_zero(primitive: sp.Expr) -> sp.Expr:
    """F(g) - log g at g = 0, which fixes the constant of integration and must be 0."""
    return (primitive - sp.log(g)).subs(g, 0)


def _gap(curve: Curve) -> tuple[Step, ...]:
    law = curve.law
    rates = [rate for rate in law.rates if rate is not None]
    if not rates:
        return ()
    cdf = sp.Function("cdf")(x)
    below, above = (sp.Symbol(rf"\sum_{{p_j {sign} w}}\lambda_j") for sign in "<>")
    jump = () if curve.total_rate is None else (1 - sp.Add(*rates) - sp.diff(curve.rational, w).subs(w, 0),)
    return (
        Step(
            "levels in gaps",
            "Outside the support w = 1/G is real. Im log G is 0 for w > 0 and -pi for w < 0. The argument "
            "1 - p/w is negative for w between 0 and p only, and Im log(1 - p G) is -pi there for p < 0 "
            "and pi for p > 0. So the cdf is the sum of the rates of the poles below w where w < 0, and "
            "one minus the sum of the rates of the poles above w where w > 0; across w = 0 it jumps by the "
            "atom, H'(0).",
            (sp.Eq(cdf, below, evaluate=False), sp.Eq(cdf, 1 - above, evaluate=False)),
            Together((Positive(tuple(rates)), Identity(jump))),
        ),
    )


def _index(curve: Curve) -> tuple[tuple[Step, ...], dict[str, Any]]:
    law = curve.law
    if vanishes(curve.rational.subs(w, -w) + curve.rational):
        return _symmetric(curve)
    at_zero = sp.Poly(sp.expand(curve.polynomial.subs(x, 0)), w)
    lost = at_zero.coeff_monomial(1) == 0
    reduced = sp.Poly(sp.cancel(at_zero.as_expr() / w), w) if lost else at_zero
    monic = sp.Poly([factored(k / reduced.LC()) for k in reduced.all_coeffs()], w)
    rule = "The equation H(w) = 0, monic in w; its complex pair, where there is one, is 1/G(0) and conjugate."
    if lost:
        rule += " Here H(0) = 0, and the real root w = 0, which belongs to the atom's place, is divided out."
    equation = Step(
        "equation at z = 0",
        rule,
        sp.Eq(monic.as_expr(), 0, evaluate=False),
        Identity(monic.as_expr() * reduced.LC() * (w if lost else 1) - at_zero.as_expr()),
    )
    forms: dict[str, Any] = {"index_polynomial": monic.as_expr()}
    if len(law.poles) == 1:
        below = _nothing_below(curve)
        return ((equation, *below), {**forms, "index": sp.S.Zero} if below else forms)
    if monic.degree() != 3:
        return (equation,), forms
    root = complex_root(*monic.all_coeffs()[1:])
    u, v = (unused(letter, monic.as_expr(), real=True) for letter in "uv")
    value = _cdf_at_zero(law, u, v)
    step = Step(
        "index in closed form",
        f"alpha = cdf(0) with w = {u} + i {v} in the upper half-plane: log G = -log w, and log(1 - p G) = "
        "log(w - p) - log w stays principal, as both arguments lie in (0, pi). Valid where D > 0; elsewhere "
        "0 lies in a gap or outside, and alpha is a level.",
        sp.Eq(ALPHA, value, evaluate=False),
        Together(
            (
                Identity(sp.diff(antiderivative(law).subs(g, 1 / w) - _regrouped(law), w)),
                _imaginary_part(law, value, u, v),
            )
        ),
    )
    forms |= {
        "index_root": (root.u, root.v),
        "index_discriminant": root.inside,
        "index_in_root": (value, u, v),
    }
    forms["index"] = value.xreplace({u: root.u, v: root.v})
    return (equation, root.step, step), forms


def _nothing_below(curve: Curve) -> tuple[Step, ...]:
    """The index of a law with one band that begins at 0 or above it and with no atom below 0."""
    edges = sp.Poly(discriminant(curve.polynomial, w), x)
    rate = curve.total_rate
    if edges.degree() != 2 or rate is None:
        return ()
    total, product = (
        factored(sign * k / edges.LC()) for sign, k in zip((-1, 1), edges.all_coeffs()[1:], strict=True)
    )
    content, factors = factor_list(sp.numer(product) * sp.denom(product))
    odd = (content, *(factor for factor, exponent in factors if exponent % 2))
    place = factored(curve.rational.subs(w, 0))
    signs = (total, *odd, *(() if place == 0 else (place,)))
    if not all(positive(part) for part in signs):
        return ()
    squared = sp.Mul(*(factor**exponent for factor, exponent in factors)) * content
    step = Step(
        "index",
        "The sum of the two edges is positive, and their product is a square times a positive factor: both "
        "edges are 0 or positive, the lower one 0 where the product vanishes (a hard edge). An atom stands "
        "at H(0), which is not negative. So no mass lies on the open negative axis.",
        (
            sp.Eq(sp.Symbol("x_-") + sp.Symbol("x_+"), total, evaluate=False),
            sp.Eq(sp.Symbol("x_-") * sp.Symbol("x_+"), product, evaluate=False),
            sp.Eq(ALPHA, 0, evaluate=False),
        ),
        Together(
            (
                Identity(
                    (
                        edges.as_expr() - edges.LC() * (x**2 - total * x + product),
                        squared - product * sp.denom(product) ** 2,
                    )
                ),
                Positive(signs),
            )
        ),
    )
    return (step,)


def _linear(law: Levy) -> sp.Expr:
    """H without its Wigner part at w = 0: the coefficient of g in F."""
    rest = sum((c / p for p, c in zip(law.poles, law.weights, strict=True) if p != 0), sp.S.Zero)
    return sp.expand(sp.cancel(sp.together(law.mean - rest)))


def _regrouped(law: Levy) -> sp.Expr:
    """F(1/w) with the logarithms of w gathered; equal to it up to a constant that vanishes at infinity."""
    rates = [(p, rate) for p, rate in zip(law.poles, law.rates, strict=True) if rate is not None]
    total = sp.Add(*(rate for _, rate in rates))
    wigner = sp.Add(*(c for p, c in zip(law.poles, law.weights, strict=True) if p == 0))
    result = _linear(law) / w + wigner / (2 * w**2) - (1 - total) * sp.log(w)
    return result - sp.Add(*(rate * sp.log(w - p) for p, rate in rates))


def _cdf_at_zero(law: Levy, u: sp.Symbol, v: sp.Symbol) -> sp.Expr:
    """1 + (1/pi) Im F(1/w) for w = u + i v, v > 0."""
    rates = [(p, rate) for p, rate in zip(law.poles, law.rates, strict=True) if rate is not None]
    total = sp.expand(sp.Add(*(rate for _, rate in rates)))
    wigner = sp.Add(*(c for p, c in zip(law.poles, law.weights, strict=True) if p == 0))
    angles = (1 - total) * sp.atan2(v, u) + sp.Add(*(rate * sp.atan2(v, u - p) for p, rate in rates))
    rational = _linear(law) * v / (u**2 + v**2) + wigner * u * v / (u**2 + v**2) ** 2
    return 1 - (angles + rational) / sp.pi


def _imaginary_part(law: Levy, value: sp.Expr, u: sp.Symbol, v: sp.Symbol) -> Identity:
    """value = 1 + (1/pi) Im F(1/(u + i v)): equal slopes in u and v, and 1 where all angles vanish."""
    slope = sp.diff(_regrouped(law), w)
    at, mirror = (slope.subs(w, u + sign * sp.I * v) for sign in (1, -1))
    far = value.replace(sp.atan2, lambda *_: sp.S.Zero).subs(v, 0)
    return Identity(
        (
            sp.diff(value, u) - (at - mirror) / (2 * sp.I * sp.pi),
            sp.diff(value, v) - (at + mirror) / (2 * sp.pi),
            far - 1,
        )
    )


def _symmetric(curve: Curve) -> tuple[tuple[Step, ...], dict[str, Any]]:
    total = curve.total_rate
    atom = sp.S.Zero if total is None else sp.Max(0, sp.expand(1 - total))
    value = (1 - atom) / 2
    step = Step(
        "index",
        "H is odd, so the law is symmetric about 0: the index is half of what the atom at 0 leaves.",
        sp.Eq(ALPHA, value, evaluate=False),
        Identity((curve.rational.subs(w, -w) + curve.rational, 2 * value + atom - 1)),
    )
    return (step,), {"index": value}
