"""The two atoms: from their densities to the Stieltjes transform, and on to R.

A candidate for G is certified to be the transform of a density rho by four facts: it satisfies its
quadratic; its jump across the cut is 2 pi i rho; its only pole off the cut is the atom; and
z G -> 1 at infinity. Then G minus the integral of rho(t)/(z - t), atom included, is entire and
vanishes at infinity, so it is 0 (Liouville), and the density has mass 1.

sqrt(z - a) sqrt(z - b) with principal roots is cut along [a, b], behaves as z at infinity, and tends
to +-i sqrt((x - a)(b - x)) at x +- i0.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from ..algebra.signs import assumed
from ..certificates import Identity, Positive, Together
from ..derivation import Definition, Step
from ..laws import g, z
from .reading import spoken

x = sp.Symbol("x", real=True)
u = sp.Symbol("u", positive=True)
PB17 = "Pennington & Bahri (2017)"


def semicircle(variance: sp.Expr, label: str, first: bool = True) -> list[Step]:
    """Steps from the semicircle of a given variance to its R-transform.

    first: False shortens to the result, certified by its quadratic, where the derivation stands already.
    """
    name = sp.Function(f"R_{label}")(g)
    if not first:
        return [_again(label, sp.Eq(name, variance * g), _semicircle_identity(variance))]
    if len(variance.free_symbols) <= 1:
        return [*_semicircle(variance, label)]
    generic = _fresh("v", {s.name for s in variance.free_symbols})
    return [
        *_semicircle(generic, label),
        _special(label, {generic: variance}, sp.Eq(name, variance * g), _semicircle_identity(variance)),
    ]


def _semicircle_identity(v: sp.Expr) -> Identity:
    """z = R(G) + 1/G at the explicit G."""
    big_g = (z - sp.sqrt(z**2 - 4 * v)) / (2 * v)
    return Identity(v * big_g + 1 / big_g - z)


def _semicircle(v: sp.Expr, label: str) -> tuple[Step, ...]:
    rho, big_g = sp.Function(f"rho_{label}"), sp.Function(f"G_{label}")
    inside = 4 * v - x**2
    density = sp.sqrt(inside) / (2 * sp.pi * v)
    root = sp.sqrt(z**2 - 4 * v)
    candidate = (z - root) / (2 * v)
    above, below = ((x - side * sp.I * sp.sqrt(inside)) / (2 * v) for side in (1, -1))
    far = 2 / (1 + sp.sqrt(1 - 4 * v * u**2))
    return (
        Step(
            f"Density of {spoken(label)}: semicircle",
            f"Where x^2 <= {4 * v}, and 0 elsewhere; variance {v}.",
            sp.Eq(rho(x), density, evaluate=False),
            Definition(),
            source=f"{PB17}, eq. 6",
        ),
        Step(
            "Candidate for the Stieltjes transform",
            "The solution of the quadratic that is cut along the support, with the root that behaves as z at "
            "infinity.",
            (
                sp.Eq(v * big_g(z) ** 2 - z * big_g(z) + 1, 0, evaluate=False),
                sp.Eq(big_g(z), candidate, evaluate=False),
            ),
            Identity(v * candidate**2 - z * candidate + 1),
        ),
        Step(
            "Jump across the cut",
            f"On the cut the root is +-i sqrt({4 * v} - x^2) at x +- i0, and the jump of G gives back the "
            "density.",
            sp.Eq(
                -sp.Function("Im")(big_g(sp.Symbol("x+i0"))) / sp.pi,
                density,
                evaluate=False,
            ),
            Together(
                (
                    Identity((below - above) / (2 * sp.I) - sp.pi * density),
                    Identity(v * above**2 - x * above + 1),
                )
            ),
            source=f"{PB17}, eq. 12",
        ),
        Step(
            "At infinity",
            "With u = 1/z: z G -> 1 as u -> 0, mass 1. G has no pole off the cut, so there is no atom; by "
            "Liouville's theorem G is the integral of rho(t)/(z - t).",
            sp.Eq(z * big_g(z), far, evaluate=False),
            Together((Identity((candidate / u).subs(z, 1 / u) - far), Identity(far.subs(u, 0) - 1))),
            source=f"{PB17}, eq. 11",
        ),
        Step(
            f"R-transform of {spoken(label)}",
            "R(G) + 1/G = z: the quadratic divided by G.",
            sp.Eq(sp.Function(f"R_{label}")(g), v * g),
            _semicircle_identity(v),
            source=f"{PB17}, eqs. 13 and 16",
        ),
    )


def marchenko_pastur(
    ratio: sp.Expr, scale: sp.Expr, label: str, facts: tuple[Any, ...] = (), first: bool = True
) -> list[Step]:
    """Steps from the Marchenko-Pastur density of a ratio N/p and a mean to its R-transform.

    first: False shortens to the result, certified by its quadratic, where the derivation stands already.
    """
    shown = sp.Eq(sp.Function(f"R_{label}")(g), scale / (1 - scale * ratio * g))
    if not first:
        return [_again(label, shown, _marchenko_pastur_identity(ratio, scale, facts))]
    used = {s.name for s in ratio.free_symbols | scale.free_symbols}
    # the two cases of the atom need a ratio that is free on (0, oo)
    free = ratio.is_Symbol and not any(ratio in fact.free_symbols for fact in assumed())
    generic_ratio = ratio if free else _fresh("q", used)
    generic_scale = scale if scale.is_Symbol or scale.is_Rational else _fresh("c", used)
    steps = list(_marchenko_pastur(generic_ratio, generic_scale, label))
    if (generic_ratio, generic_scale) != (ratio, scale):
        values = {a: b for a, b in ((generic_ratio, ratio), (generic_scale, scale)) if a != b}
        steps.append(_special(label, values, shown, _marchenko_pastur_identity(ratio, scale, facts)))
    return steps


def _explicit(q: sp.Expr, c: sp.Expr) -> sp.Expr:
    """The Stieltjes transform with one root over the cut."""
    return (z + c * (q - 1) - sp.sqrt((z + c * (q - 1)) ** 2 - 4 * c * q * z)) / (2 * c * q * z)


def _marchenko_pastur_identity(q: sp.Expr, c: sp.Expr, facts: tuple[Any, ...]) -> Identity:
    big_g = _explicit(q, c)
    return Identity(c / (1 - c * q * big_g) + 1 / big_g - z, facts)


def _marchenko_pastur(q: sp.Expr, c: sp.Expr, label: str) -> tuple[Step, ...]:
    rho, big_g = sp.Function(f"rho_{label}"), sp.Function(f"G_{label}")
    low, high = sp.Symbol("lambda_-"), sp.Symbol("lambda_+")
    edges = {low: c * (1 - sp.sqrt(q)) ** 2, high: c * (1 + sp.sqrt(q)) ** 2}
    inside = sp.expand((x - edges[low]) * (edges[high] - x))
    density = sp.sqrt(inside) / (2 * sp.pi * c * q * x)
    quadratic = c * q * z * big_g(z) ** 2 - (z + c * (q - 1)) * big_g(z) + 1
    candidate = _explicit(q, c)
    above, below = ((x + c * (q - 1) - side * sp.I * sp.sqrt(inside)) / (2 * c * q * x) for side in (1, -1))
    atom = sp.Symbol(f"a_{label}")
    slope = 1 + c * (q - 1) * u
    far = 2 / (slope + sp.sqrt(slope**2 - 4 * c * q * u))
    # at z = 0 the root that behaves as z at infinity is negative: -sqrt(low * high) = -c |1 - q|
    residue = {side: (c * (q - 1) + c * size) / (2 * c * q) for side, size in ((1, q - 1), (-1, 1 - q))}
    above_one, below_one = (q - 1,), (1 - q,)
    return (
        Step(
            f"Density of {spoken(label)}: Marchenko-Pastur",
            f"Ratio {q} = N/p and mean {c}: between the edges, 0 elsewhere, and an atom at 0 of weight "
            "1 - 1/ratio where the ratio exceeds 1.",
            (
                sp.Eq(rho(x), sp.sqrt((x - low) * (high - x)) / (2 * sp.pi * c * q * x), evaluate=False),
                sp.Eq(low, edges[low], evaluate=False),
                sp.Eq(high, edges[high], evaluate=False),
            ),
            Definition(),
            source=f"{PB17}, eqs. 7-8",
        ),
        Step(
            "Candidate for the Stieltjes transform",
            "The solution of the quadratic that is cut between the edges, with the root that behaves as z at "
            "infinity.",
            (
                sp.Eq(quadratic, 0, evaluate=False),
                sp.Eq(
                    big_g(z),
                    (z + c * (q - 1) - sp.sqrt(z - low) * sp.sqrt(z - high)) / (2 * c * q * z),
                    evaluate=False,
                ),
            ),
            Together(
                (
                    Identity(quadratic.subs(big_g(z), candidate)),
                    Identity((z - edges[low]) * (z - edges[high]) - (z + c * (q - 1)) ** 2 + 4 * c * q * z),
                )
            ),
        ),
        Step(
            "Jump across the cut",
            "On the cut the root is +-i sqrt((x - lambda_-)(lambda_+ - x)) at x +- i0, and the jump of G "
            "gives back the density.",
            sp.Eq(
                -sp.Function("Im")(big_g(sp.Symbol("x+i0"))) / sp.pi,
                sp.sqrt((x - low) * (high - x)) / (2 * sp.pi * c * q * x),
                evaluate=False,
            ),
            Together(
                (
                    Identity((below - above) / (2 * sp.I) - sp.pi * density),
                    Identity(quadratic.subs({big_g(z): above, z: x})),
                )
            ),
            source=f"{PB17}, eq. 12",
        ),
        Step(
            "The pole at 0 is the atom",
            "Left of the cut the root is negative, minus mean times |1 - ratio| at z = 0: the residue "
            "of G is 0 for ratio < 1 and the atom's weight for ratio > 1.",
            (
                sp.Eq(atom, 1 - 1 / q, evaluate=False),
                sp.Eq(low * high, c**2 * (1 - q) ** 2, evaluate=False),
            ),
            Together(
                (
                    Identity(edges[low] * edges[high] - c**2 * (1 - q) ** 2),
                    Identity(residue[1] - (1 - 1 / q), above_one),
                    Identity(residue[-1], below_one),
                    Positive(1 - 1 / q, above_one),
                )
            ),
            source=f"{PB17}, eq. 7",
        ),
        Step(
            "At infinity",
            "With u = 1/z: z G -> 1 as u -> 0, mass 1, atom included. By Liouville's theorem G is the "
            "integral of the law over z - t.",
            sp.Eq(z * big_g(z), far, evaluate=False),
            Together((Identity((candidate / u).subs(z, 1 / u) - far), Identity(far.subs(u, 0) - 1))),
            source=f"{PB17}, eq. 11",
        ),
        Step(
            f"R-transform of {spoken(label)}",
            "R(G) + 1/G = z: the quadratic solved for z.",
            sp.Eq(sp.Function(f"R_{label}")(g), c / (1 - c * q * g)),
            _marchenko_pastur_identity(q, c, ()),
            source=f"{PB17}, eqs. 13 and 16",
        ),
    )


def _fresh(name: str, used: set[str]) -> sp.Symbol:
    """A positive symbol that no parameter is called."""
    while name in used:
        name += "'"
    return sp.Symbol(name, positive=True)


def _special(label: str, values: dict[sp.Symbol, sp.Expr], shown: sp.Eq, certificate: Identity) -> Step:
    return Step(
        f"R-transform of {spoken(label)}",
        "With the values of this model; certified at the explicit G.",
        (*(sp.Eq(a, b, evaluate=False) for a, b in values.items()), shown),
        certificate,
    )


def _again(label: str, shown: sp.Eq, certificate: Identity) -> Step:
    return Step(
        f"R-transform of {spoken(label)}",
        "As derived from the density above, with other values; certified at the explicit G.",
        shown,
        certificate,
    )
