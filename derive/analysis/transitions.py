"""Where bands merge and split, and where 0 falls into a gap.

1. two poles: the minimum of Phi between them is explicit, and with it the exact condition for two bands;
2. any number of poles up to three: the cusp polynomial, the factor of the edge polynomial's discriminant that
   tells coinciding edges, and the exact number of bands in every cell that it cuts at sample ratios;
3. for phi > 1: whether 0 lies inside the support, and the level in the gap (derive.analysis.zero_in_gap).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_poly

from ..algebra.polynomials import discriminant, factor_list, factored, numerator
from ..algebra.radicals import positive, vanishes
from ..algebra.rings import NotRational, Ring, factors_of
from ..algebra.signs import Undecided, positive_roots
from ..certificates import Identity, Positive, Together
from ..derivation import CertificateError, Section, Step
from ..language.model import Model
from ..laws import Law, Levy, w, x
from .energy import with_role
from .levy_curve import Curve
from .zero_in_gap import zero_in_gap

MOST_POLES = 3
LONGEST = 60
LARGEST_EDGE = 400  # terms: the discriminant of 300 takes seconds, that of 600 minutes
RATIOS = (sp.Rational(1, 2), sp.Rational(3, 2), sp.Rational(5, 2))


def transitions(model: Model, law: Law, equation: sp.Expr) -> tuple[Section, dict[str, Any]]:
    """Steps to every change in the number of bands and in the place of 0.

    Closed forms: "transitions", a list of (name, condition) with SymPy relations in the parameters;
    "cusp_polynomial" of two or three poles, where it is certified; "merging_energy" (two poles) and
    "gap_at_zero_energy" where they exist; "index_levels", pairs (alpha, condition) where 0 lies outside the
    bands; "limits". A law with one pole has one band and gets an empty section.
    Raises `Undecided` for other than Levy laws and for more than three poles.
    """
    title = "Transitions"
    if not isinstance(law, Levy):
        raise Undecided("the number of bands is derived for rational Levy laws only")
    if len(law.poles) < 2:
        return Section(title, ()), {"transitions": []}
    if len(law.poles) > MOST_POLES:
        raise Undecided(f"merging bands are derived for at most {MOST_POLES} poles, got {len(law.poles)}")
    curve = Curve(law)
    steps: list[Step] = []
    found: list[tuple[str, Any]] = []
    forms: dict[str, Any] = {"transitions": found}
    limits: list[str] = []

    def settle(part: Callable[[], list[Step]]) -> None:
        try:
            steps.extend(part())
        except Undecided as undecided:
            limits.append(f"transitions: {undecided}")

    cusp = _cusp_polynomial(curve)
    if len(law.poles) == 2:
        step, condition = _two_poles(curve)
        steps.append(step)
        found.append(("two bands", condition))
        energy = with_role(model, "energy")
        if energy is not None and condition.has(energy.symbol):
            settle(partial(_merging_energy, model, curve, cusp, forms, found))
    settle(partial(_cusps, curve, cusp, forms))
    steps += _counts(model, curve)
    settle(partial(zero_in_gap, model, law, equation, forms, found))
    return Section(title, tuple(steps)), {**forms, "limits": tuple(limits)}


def _two_poles(curve: Curve) -> tuple[Step, Any]:
    """Phi between two poles: its minimum in the cube roots of the weights."""
    p, d = sp.symbols("p d", real=True)
    s, t = sp.symbols("s t", positive=True)
    u = p + d * s / (s + t)
    phi = s**3 / (w - p) ** 2 + t**3 / (w - p - d) ** 2
    (first, second), (c, e) = curve.law.poles, curve.law.weights
    distance = sp.expand((second - first) ** 2)
    condition = sp.Lt(_shared_root(c, e), distance, evaluate=False)
    shown, dropped = _readable(condition)
    place = first + (second - first) / (2 if vanishes(c - e) else 1 + sp.cbrt(e) / sp.cbrt(c))
    step = Step(
        "minimum of Phi",
        "Between two poles at distance d with weights s^3 and t^3 the minimum of Phi lies where the "
        "distances are in the ratio s : t, and it is (s + t)^3/d^2. There are two bands exactly where it "
        "is below 1; where it is 1 they meet in a cusp, with a density that vanishes as |x - x_0|^(1/3).",
        (sp.Lt((s + t) ** 3, d**2, evaluate=False), shown),
        Together(
            (
                Identity((sp.diff(phi, w).subs(w, u), phi.subs(w, u) - (s + t) ** 3 / d**2)),
                Positive(sp.cancel(sp.diff(phi, w, 2).subs(w, u) * d**4)),
                Identity(curve.phi.subs(w, place) - condition.lhs / condition.rhs),
                Identity(condition.gts - condition.lts - dropped * (shown.gts - shown.lts)),
                Positive(dropped),
            )
        ),
    )
    return step, shown


def _readable(condition: Any) -> tuple[Any, sp.Expr]:
    """The condition without its positive factors, solved for a symbol, and the factor that was dropped."""
    difference = condition.gts - condition.lts
    if not difference.is_rational_function(*difference.free_symbols) or difference.has(sp.Abs):
        return condition, sp.S.One
    try:
        _, factors = factor_list(numerator(difference))
    except NotRational:
        return condition, sp.S.One
    left = [f for f, exponent in factors if exponent % 2 and positive(f) is not True]
    if len(left) != 1 or any(exponent % 2 == 0 for _, exponent in factors):
        return condition, sp.S.One
    for symbol in sorted(left[0].free_symbols, key=str):
        if sp.degree(left[0], symbol) == 1 and abs(left[0].coeff(symbol, 1)) == 1:
            value = sp.cancel(-left[0].coeff(symbol, 0) / left[0].coeff(symbol, 1))
            dropped = factored(difference / (symbol - value))
            sign = 1 if positive(dropped) else -1
            shown = (
                sp.Gt(symbol, value, evaluate=False) if sign == 1 else sp.Lt(symbol, value, evaluate=False)
            )
            return shown, sign * dropped
    return condition, sp.S.One


def _shared_root(c: sp.Expr, e: sp.Expr) -> sp.Expr:
    """(c^(1/3) + e^(1/3))^3, in one term where the weights are equal."""
    return 8 * c if vanishes(c - e) else (sp.cbrt(c) + sp.cbrt(e)) ** 3


def _merging_energy(
    model: Model, curve: Curve, cusp: sp.Expr, forms: dict[str, Any], found: list[tuple[str, Any]]
) -> list[Step]:
    """The energy at which two bands merge, where it stands in one weight only and linearly."""
    energy = with_role(model, "energy")
    law = curve.law
    if energy is None:
        return []
    symbol = energy.symbol
    moving = [c for c in law.weights if c.has(symbol)]
    fixed = [c for c in law.weights if not c.has(symbol)]
    rate = sp.diff(sp.Add(*moving), symbol)
    proportional = sp.expand(sp.Add(*moving) - rate * symbol) == 0 and not rate.has(symbol)
    if len(moving) != 1 or any(p.has(symbol) for p in law.poles) or not proportional:
        raise Undecided(
            f"the energy at which the bands merge is solved for where {symbol} is a factor of one weight and "
            "stands nowhere else"
        )
    f = sp.Dummy("f", positive=True)
    distance = sp.Abs(law.poles[1] - law.poles[0])
    raw = (sp.cbrt(distance**2) - sp.cbrt(fixed[0])) ** 3 / rate
    value = raw
    symbols = sorted(fixed[0].free_symbols | distance.free_symbols, key=str)
    if len(symbols) == 1:
        cubed = factored(sp.expand(sp.powdenest(raw.subs(symbols[0], f**3), force=True)))
        value = cubed.subs(f, sp.cbrt(symbols[0]))
    step = Step(
        "merging energy",
        "Solved for the energy: two bands for energies below this value where it is positive, one band "
        "otherwise. It is a root of the cusp polynomial.",
        sp.Eq(sp.Symbol("epsilon_m"), value, evaluate=False),
        Identity((cusp.subs(symbol, value), value - raw)),
    )
    forms["merging_energy"] = value
    found.append(("bands merge", sp.Eq(symbol, value, evaluate=False)))
    return [step]


def _cusp_polynomial(curve: Curve) -> sp.Expr:
    """The factor of the discriminant of the critical polynomial that is free of colliding poles."""
    factors = _discriminant_factors(curve.critical, w)
    poles = curve.law.poles
    gaps = [sp.expand((p - q) ** 2) for i, p in enumerate(poles) for q in poles[:i]]
    apart = sp.expand(sp.prod(gaps) * sp.prod(curve.law.weights))
    collisions = {f for f, _ in factor_list(sp.numer(sp.together(apart)))[1]}
    return sp.Mul(*(f for f in factors if not collisions & {f, sp.expand(-f)}))


def _discriminant_factors(polynomial: sp.Expr, symbol: sp.Symbol) -> list[sp.Expr]:
    """The irreducible factors of a discriminant; it is factored before it is turned into an expression."""
    ring = Ring.of(polynomial, first=(symbol,))
    disc = ring.polynomial(polynomial).discriminant("x0")
    ordered = sorted(factors_of(disc)[1], key=lambda item: (int(item[0].total_degree()), str(item[0])))
    return [ring.expression(factor) for factor, _ in ordered]


def _cusps(curve: Curve, cusp: sp.Expr, forms: dict[str, Any]) -> list[Step]:
    """The double roots of H' are the cubed factor of the discriminant of the edge polynomial.

    Raises `Undecided` where that discriminant would take minutes.
    """
    edge = sp.Mul(*(f for f in _discriminant_factors(curve.polynomial, w) if f.has(x)))
    terms = len(sp.Add.make_args(sp.expand(edge)))
    if terms > LARGEST_EDGE:
        raise Undecided(
            "that edges coincide where the cusp polynomial vanishes was not certified: the discriminant of "
            f"an edge polynomial of {terms} terms is too large; fix some of the parameters"
        )
    length = len(sp.Add.make_args(sp.expand(cusp)))
    shown = sp.Eq(sp.Symbol("C") if length > LONGEST else cusp, 0, evaluate=False)
    step = Step(
        "cusps",
        "Edges coincide where the discriminant of the edge polynomial vanishes. Near a double root of H' = "
        "0 two critical values differ by the cube of the distance of their places, so that factor stands "
        "there to the third power. The squared factors tell critical values that agree at different "
        "places, which happens off the real line only: real edges have the order of their places."
        + (f" The polynomial C has {length} terms and is kept as a closed form." if length > LONGEST else ""),
        shown,
        CubedFactor(edge, cusp),
    )
    forms["cusp_polynomial"] = cusp
    return [step]


@dataclass(frozen=True)
class CubedFactor:
    """The discriminant of `edge` in x is divisible by the cube of `cusp`."""

    edge: sp.Expr
    cusp: sp.Expr

    def check(self) -> None:
        ring = Ring.of(self.edge, self.cusp, first=(x,))
        disc = ring.fraction(self.edge).numerator.discriminant("x0")
        if not divmod(disc, ring.polynomial(self.cusp) ** 3)[1].is_zero():
            raise CertificateError(
                f"the discriminant of the edges is not divisible by the cube of {self.cusp}"
            )

    @property
    def summary(self) -> str:
        return "cubed factor, by exact division"


def band_count(curve: Curve, point: dict[sp.Symbol, sp.Rational]) -> int:
    """The exact number of bands at rational parameters: half that of simple real roots of Phi(w) = 1."""
    critical = sp.Poly(curve.critical.subs(point), w)
    dense = fmpq_poly([fmpq(int(c.p), int(c.q)) for c in reversed(critical.all_coeffs())])
    simple = fmpq_poly([1])
    for factor, exponent in (dense.numer()).factor()[1]:
        simple *= fmpq_poly(factor) if int(exponent) % 2 else fmpq_poly([1])
    negated = fmpq_poly([c if i % 2 == 0 else -c for i, c in enumerate(simple.coeffs())])
    at_zero = int(simple[0] == 0)
    return (positive_roots(simple) + positive_roots(negated) + at_zero) // 2


def _count_again(curve: Curve, point: dict[sp.Symbol, sp.Rational]) -> int:
    """The same number by SymPy's root counting, over the factors of odd multiplicity."""
    critical = sp.Poly(curve.critical.subs(point), w)
    return sum(factor.count_roots() for factor, exponent in critical.factor_list()[1] if exponent % 2) // 2


@dataclass(frozen=True)
class BandCounts:
    """Two independent root counts give the stated number of bands at every sample."""

    curve: Curve
    samples: tuple[tuple[dict[sp.Symbol, sp.Rational], int], ...]

    def check(self) -> None:
        for point, count in self.samples:
            found = band_count(self.curve, point)
            again = _count_again(self.curve, point)
            if not found == count == again:
                raise CertificateError(f"{found} and {again} bands at {point}, not {count}")

    @property
    def summary(self) -> str:
        return "exact root counts at rational parameters, by Sturm's theorem"


def _counts(model: Model, curve: Curve) -> list[Step]:
    """The number of bands as the energy grows, at sample ratios."""
    energy, ratio = with_role(model, "energy"), with_role(model, "aspect ratio")
    if energy is None or ratio is None:
        return []
    others = {p.symbol: sp.S.One for p in model.parameters if p not in (energy, ratio)}
    steps, samples, shown = [], [], []
    for value in RATIOS:
        fixed = {**others, ratio.symbol: value}
        walls = _walls(curve, energy.symbol, fixed)
        counts = []
        for place in _between(walls):
            point = {**fixed, energy.symbol: place}
            counts.append(band_count(curve, point))
            samples.append((point, counts[-1]))
        name = sp.Function("bands")(sp.Eq(ratio.symbol, value, evaluate=False))
        shown.append(sp.Eq(name, sp.Tuple(*counts), evaluate=False))
    at = f" at {', '.join(f'{s} = 1' for s in others)}" if others else ""
    steps.append(
        Step(
            "number of bands",
            "The number of bands in every cell between the cusps and collisions of poles, as the energy "
            f"grows from 0{at}, counted exactly at one rational energy in each cell. A number that returns "
            "is a re-entrant transition.",
            tuple(shown),
            BandCounts(curve, tuple(samples)),
        )
    )
    return steps


def _walls(
    curve: Curve, energy: sp.Symbol, fixed: dict[sp.Symbol, sp.Rational]
) -> list[tuple[sp.Rational, sp.Rational]]:
    """Isolating intervals of every positive energy at which the number of bands can change."""
    disc = sp.Poly(discriminant(curve.critical.subs(fixed), w), energy)
    return [interval for interval, _ in disc.intervals(eps=sp.Rational(1, 10**6)) if interval[1] > 0]


def _between(walls: list[tuple[sp.Rational, sp.Rational]]) -> list[sp.Rational]:
    """One simple rational number below, between and above the isolating intervals."""
    if not walls:
        return [sp.S.One]
    walls = [(max(low, sp.S.Zero), high) for low, high in walls]
    places = [walls[0][0] / 2] if walls[0][0] > 0 else []
    for (_, left), (right, _) in pairwise(walls):
        if right > left:
            places.append(_simple((left + right) / 2, (right - left) / 4))
    return [*places, sp.ceiling(walls[-1][1]) + 1]


def _simple(middle: sp.Rational, reach: sp.Rational) -> sp.Rational:
    """A rational number with a small denominator near the middle."""
    for denominator in (1, 2, 5, 10, 100, 1000, 10**4, 10**6):
        candidate = sp.Rational(sp.floor(middle * denominator), denominator)
        if abs(candidate - middle) < reach:
            return candidate
    return middle
