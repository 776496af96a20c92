"""Support edges and atoms of a law, from the discriminant of its equation.

1. the curve H(w) = z with w = 1/G, whose critical values are the candidates for edges;
2. the discriminant of the equation in G, its factors told apart: one carries the edges;
3. explicit edges where the edge polynomial is quadratic in x or in x^2;
4. atoms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.polynomials import canonical, factored
from ..algebra.signs import Undecided
from ..certificates import Different, Identity, Positive, Together
from ..derivation import CertificateError, Definition, Section, Step
from ..language.model import Model
from ..laws import Algebraic, G, Law, w, x, z
from .levy_curve import Curve, discriminant_of, ordered_factors

LONGEST = 400
PHI = sp.Function(r"\Phi")(w)


def edges(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Steps from the equation to its edges and atoms.

    Closed forms: "edge_polynomial" (in `laws.x`, every edge is a root of it; left out where it is too
    long), "edges" (explicit, ascending) or "edges_squared" (of a symmetric law) where they are known,
    "atom_place" and "atom_mass" (the mass where it is positive). For an algebraic law also "branch_points",
    the part of the edge polynomial that carries simple edges. "limits" says what is left out.
    """
    if isinstance(law, Algebraic):
        return _algebraic(law, equation)
    curve = Curve(law)
    steps, forms = _discriminant_steps(curve, equation)
    edge = forms.get("edge_polynomial")
    explicit, found = ((), {}) if edge is None else _explicit(curve, edge)
    atoms, place = _atoms(curve)
    return Section("Support edges and atoms", (*_curve_steps(curve, equation), *steps, *explicit, *atoms)), {
        **forms, **found, **place
    }  # fmt: skip


def _curve_steps(curve: Curve, equation: sp.Expr) -> tuple[Step, ...]:
    back = sp.cancel(sp.expand(equation.subs({G: 1 / w, z: x}) * w ** sp.Poly(equation, G).degree()))
    poles = curve.law.poles
    differences = tuple(p - q for i, p in enumerate(poles) for q in poles[:i])
    return (
        Step(
            "edges as critical values",
            "In w = 1/G the equation is H(w) = z. An edge is a value x = H(w) at a simple real root of "
            "H'(w) = 1 - Phi(w) = 0; a double root is a cusp and no edge. Phi is convex between neighbouring "
            "poles, so none can be missed: at most two in every gap of the poles, one on each side of all.",
            sp.Eq(PHI, curve.phi, evaluate=False),
            Together(
                (
                    Identity(
                        (
                            canonical(curve.polynomial, w, x) - canonical(back, w, x),
                            sp.diff(curve.rational, w) - 1 + curve.rational_phi,
                        )
                    ),
                    Positive(tuple(curve.law.weights)),
                    *(Different(difference) for difference in differences),
                )
            ),
        ),
    )


def _discriminant_steps(curve: Curve, equation: sp.Expr) -> tuple[tuple[Step, ...], dict[str, Any]]:
    try:
        ring, disc = discriminant_of(equation.subs(z, x), G)
    except Undecided as undecided:
        return (), {"limits": (f"the edge polynomial is left out: {undecided}",)}
    content, factors = ordered_factors(disc)
    carrying = [(f, e) for f, e in factors if ring.degree(f, x) > 0]
    free = content * sp.prod([ring.expression(f) ** e for f, e in factors if ring.degree(f, x) == 0])
    length = sum(len(f) for f, _ in carrying)
    if length > LONGEST:
        limit = (
            f"the edge polynomial has {length} terms and is left out; edges are the values H(w) at Phi(w) = 1"
        )
        return (_theorem(curve, sp.Symbol("D")),), {"limits": (limit,)}
    written = [(ring.expression(f), e) for f, e in carrying]
    edge = sp.prod([f for f, _ in written])
    shown = _product(free, written)
    return (
        Step(
            "discriminant",
            "The discriminant of the equation in G. The factors free of x vanish only at degenerate "
            "parameters (a weight that vanishes, a pole that meets another); the others carry the edges.",
            sp.Eq(sp.Symbol("D"), shown, evaluate=False),
            SameDiscriminant(equation.subs(z, x), free, tuple(written)),
        ),
        _theorem(curve, edge),
    ), {"edge_polynomial": edge}


def _product(free: sp.Expr, factors: list[tuple[sp.Expr, int]]) -> sp.Expr:
    """The factors side by side, nothing multiplied out."""
    powers = [f**e for f, e in factors]
    return sp.Mul(*powers, evaluate=False) if free == 1 else sp.Mul(free, *powers, evaluate=False)


def _theorem(curve: Curve, edge: sp.Expr) -> Step:
    """Why the discriminant's roots are the critical values of H, all of them and nothing else."""
    poles, cleared = curve.pole_polynomial, sp.numer(sp.together(curve.rational - w - curve.law.mean))
    bottom = sp.denom(sp.together(curve.rational - w - curve.law.mean))
    scale = sp.cancel(bottom / poles)
    left = sp.expand(sp.cancel(cleared / scale))  # sum c_j prod_{i != j} (w - p_i)
    monic = sp.expand(poles * (w + curve.law.mean - x) + left)
    critical = sp.expand(poles**2 - (left * sp.diff(poles, w) - sp.diff(left, w) * poles))
    known = sp.Poly(curve.critical, w)
    return Step(
        "edge polynomial",
        "With P = prod (w - p_j) and N = P (H - x), P N' = P' N + Q where Q = P^2 (1 - Phi). The resultant "
        "of N with P is free of x, for N(p_j) is. So the discriminant, the resultant of N and N', is up to "
        "factors free of x that of N and Q: its roots are the values of H at the 2 k solutions of Phi(w) = "
        "1, no others.",
        sp.Eq(edge, 0, evaluate=False),
        Identity(
            (
                poles * sp.diff(monic, w) - sp.diff(poles, w) * monic - critical,
                critical * known.LC() - known.as_expr(),
                sp.diff(monic - poles * (w + curve.law.mean - x), x),
            )
        ),
    )


@dataclass(frozen=True)
class SameDiscriminant:
    """The discriminant of the equation in G is the product of the factors, recomputed and compared."""

    equation: sp.Expr
    free: sp.Expr
    factors: tuple[tuple[sp.Expr, int], ...]

    def check(self) -> None:
        ring, disc = discriminant_of(self.equation, G)
        product = ring.polynomial(self.free)
        for factor, exponent in self.factors:
            product *= ring.polynomial(factor) ** exponent
        if product != disc:
            raise CertificateError("the product of the factors is not the discriminant")

    @property
    def summary(self) -> str:
        return "factors multiplied out, equal to the discriminant"


def _explicit(curve: Curve, edge: sp.Expr) -> tuple[tuple[Step, ...], dict[str, Any]]:
    if len(curve.law.poles) == 1:
        (pole,), (weight,), mean = curve.law.poles, curve.law.weights, curve.law.mean
        reach = sp.sqrt(weight)
        pair = tuple(sp.expand(mean + pole) + 2 * sign * reach for sign in (-1, 1))
        rule = "With one pole Phi(w) = 1 gives w = p -+ sqrt(c), and H there is m + p -+ 2 sqrt(c)."
        return (
            Step(
                "explicit edges",
                rule,
                _pair(1, pair),
                Together((Identity(tuple(edge.subs(x, v) for v in pair)), Positive(pair[1] - pair[0]))),
            ),
        ), {"edges": pair}
    half = _even_quadratic(edge) if len(curve.law.poles) == 2 else None
    if half is None:
        return (), {}
    a, b, c = half
    root = sp.sqrt(factored(b**2 - 4 * a * c))
    squares = tuple(sp.cancel(-b / (2 * a)) + sign * root / (2 * a) for sign in (-1, 1))
    return (
        Step(
            "explicit edges",
            "The law is symmetric and the edge polynomial quadratic in x^2. The outermost critical value "
            "always exists, as Phi falls from oo to 0 beyond the last pole: it is the larger solution, and "
            "the outer edges are -+ its root. The inner edges are -+ the root of the smaller where that is "
            "positive.",
            _pair(2, squares),
            Together((Identity(tuple(a * v**2 + b * v + c for v in squares)), Positive(b**2 - 4 * a * c))),
        ),
    ), {"edges_squared": squares}


def _pair(power: int, values: tuple[sp.Expr, ...]) -> tuple[sp.Eq, ...]:
    named = zip("-+", values, strict=True)
    return tuple(sp.Eq(sp.Symbol(f"x_{sign}") ** power, value, evaluate=False) for sign, value in named)


def _even_quadratic(edge: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """(a, b, c) of a x^4 + b x^2 + c, or None for another shape."""
    terms = sp.Poly(edge, x).as_dict()
    if set(terms) - {(4,), (2,), (0,)} or (4,) not in terms:
        return None
    a, b, c = (terms.get((power,), sp.S.Zero) for power in (4, 2, 0))
    return (-a, -b, -c) if a.could_extract_minus_sign() else (a, b, c)


def _atoms(curve: Curve) -> tuple[tuple[Step, ...], dict[str, Any]]:
    if curve.total_rate is None:
        return (
            Step(
                "no atom",
                "An atom would make G infinite, w = 0; but w = 0 is a pole of H, the Wigner part's, so G "
                "is bounded by the inverse root of its weight.",
                sp.Gt(curve.wigner, 0, evaluate=False),
                Positive(curve.wigner),
            ),
        ), {}
    place = curve.law.atom_place
    mass = sp.expand(1 - curve.total_rate)
    slope = sp.diff(curve.rational, w).subs(w, 0)
    return (
        Step(
            "atom",
            "At w = 0 the mass of an atom is the limit of (z - H(0)) G = (H(w) - H(0)) / w, that is H'(0) "
            "= 1 - Phi(0), one minus the sum of the rates; where that is not positive there is no atom.",
            (
                sp.Eq(sp.Symbol("x_0"), place, evaluate=False),
                sp.Eq(sp.Symbol("A"), sp.Max(0, mass, evaluate=False), evaluate=False),
            ),
            Identity((curve.rational.subs(w, 0) - place, slope - mass)),
        ),
    ), {"atom_place": place, "atom_mass": mass}


def _algebraic(law: Algebraic, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Candidates only: the discriminant and the leading coefficient of a general algebraic equation."""
    polynomial = equation.subs(z, x)
    title = "Support edges"
    try:
        ring, disc = discriminant_of(polynomial, G)
    except Undecided as undecided:
        return Section(title, ()), {"limits": (f"the edge polynomial is left out: {undecided}",)}
    content, factors = ordered_factors(disc)
    if sum(len(f) for f, _ in factors) > LONGEST:
        return Section(title, ()), {"limits": ("the edge polynomial has too many terms and is left out",)}
    written = [(ring.expression(f), e) for f, e in factors]
    carrying = [(f, e) for f, e in written if f.has(x)]
    free = content * sp.prod([f**e for f, e in written if not f.has(x)])
    shown = _product(free, carrying)
    lead = sp.Poly(polynomial, G).LC()
    steps = [
        Step(
            "discriminant",
            "The discriminant of the equation in G. A simple edge is a branch point, so it is a root of a "
            "factor of odd multiplicity or of the leading coefficient, where a branch of G is infinite; a "
            "factor of even multiplicity marks points where two branches meet without a branch point, "
            "unless it is degenerate.",
            sp.Eq(sp.Symbol("D"), shown, evaluate=False),
            SameDiscriminant(polynomial, free, tuple(carrying)),
        ),
        Step(
            "poles of G",
            "Where the leading coefficient vanishes a branch of G is infinite: an atom, a hard edge, or "
            "nothing if the branch is not the physical one.",
            sp.Eq(lead, 0, evaluate=False),
            Definition(),
        ),
    ]
    forms = {
        "edge_polynomial": sp.prod([f for f, _ in carrying]),
        "branch_points": sp.prod([f for f, e in carrying if e % 2]),
    }
    limit = (
        "the roots of the edge polynomial are candidates for edges: which of them belong to the physical "
        "branch is not settled symbolically"
    )
    return Section(title, tuple(steps)), {**forms, "limits": (limit,)}
