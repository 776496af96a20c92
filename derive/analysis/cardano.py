"""The complex root of a real cubic with one real root, in radicals of real numbers.

w^3 + a w^2 + b w + c = 0, P = b - a^2/3, Q = 2 a^3/27 - a b/3 + c, D = (Q/2)^2 + (P/3)^3 = -disc/108.
Where D > 0 the real cube roots S > T of -Q/2 +- sqrt(D) satisfy S T = -P/3, and

    w = -a/3 - (S + T)/2 + i (sqrt(3)/2) (S - T)

is the root in the upper half-plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from ..algebra.polynomials import factored
from ..certificates import Identity, Positive, Together
from ..derivation import Step
from ..language.symbols import unused
from ..laws import w


@dataclass(frozen=True)
class ComplexRoot:
    """u + i v with v > 0, valid where `inside` > 0."""

    u: sp.Expr
    v: sp.Expr
    inside: sp.Expr
    step: Step


def real_cube_root(value: sp.Expr) -> sp.Expr:
    """The real cube root of a real number of any sign."""
    return sp.sign(value) * sp.cbrt(sp.Abs(value))


def complex_root(a: sp.Expr, b: sp.Expr, c: sp.Expr) -> ComplexRoot:
    """The root with positive imaginary part of w^3 + a w^2 + b w + c, certified, where there is one."""
    p = sp.expand(b - a**2 / 3)
    q = sp.expand(2 * a**3 / 27 - a * b / 3 + c)
    inside = sp.expand(q**2 / 4 + p**3 / 27)
    s, t = (unused(letter, a, b, c, real=True) for letter in "ST")
    p_name, q_name, inner = (unused(letter, a, b, c) for letter in "PQD")
    u_name, v_name = -a / 3 - (s + t) / 2, sp.sqrt(3) * (s - t) / 2
    root = u_name + sp.I * v_name
    # every cubic with these a, S, T: b and c read back from S T = -P/3 and S^3 + T^3 = -Q
    free_b = -3 * s * t + a**2 / 3
    free_c = -(s**3) - t**3 - 2 * a**3 / 27 + a * free_b / 3
    half = -q / 2
    r = sp.Dummy("r", positive=True)  # sqrt(D); a parameter may be called r
    cubes = half + r, half - r
    upper, lower = sp.Dummy("S", positive=True), sp.Dummy("T", positive=True)
    step = Step(
        "Cardano's root",
        f"Where {inner} > 0 there is one complex pair. {s} and {t} are the real cube roots of -{q_name}/2 +- "
        f"sqrt({inner}); their product is -{p_name}/3 as its cube is, and the sum of their cubes -{q_name}; "
        f"so w solves the cubic, and {s} > {t} makes Im w > 0.",
        (
            sp.Eq(p_name, factored(p), evaluate=False),
            sp.Eq(q_name, factored(q), evaluate=False),
            sp.Eq(inner, factored(inside), evaluate=False),
            sp.Eq(s, sp.cbrt(-q_name / 2 + sp.sqrt(inner)), evaluate=False),
            sp.Eq(t, sp.cbrt(-q_name / 2 - sp.sqrt(inner)), evaluate=False),
            sp.Eq(w, root, evaluate=False),
        ),
        Together(
            (
                Identity(
                    (
                        sp.expand(root**3 + a * root**2 + free_b * root + free_c),
                        half**2 - inside + p**3 / 27,
                        _discriminant(a, b, c) + 108 * inside,
                    )
                ),
                Positive(cubes[0] - cubes[1]),
                *(  # the form that is evaluated is the displayed one, for cube roots of any sign
                    Identity(
                        tuple(
                            part - name.subs({s: one * upper, t: two * lower})
                            for part, name in zip(
                                _parts(a, one * upper**3, two * lower**3), (u_name, v_name), strict=True
                            )
                        )
                    )
                    for one, two in ((1, 1), (1, -1), (-1, -1))
                ),
            )
        ),
    )
    u, v = _parts(a, *(cube.subs(r, sp.sqrt(inside)) for cube in cubes))
    return ComplexRoot(u, v, inside, step)


def _parts(a: sp.Expr, big: sp.Expr, small: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Real and imaginary part of the root, from the cubes S^3 > T^3."""
    large, lesser = real_cube_root(big), real_cube_root(small)
    return -a / 3 - (large + lesser) / 2, sp.sqrt(3) * (large - lesser) / 2


def _discriminant(a: sp.Expr, b: sp.Expr, c: sp.Expr) -> sp.Expr:
    """The discriminant of the monic cubic."""
    names = tuple(map(sp.Dummy, "abc"))
    general = sp.discriminant(w**3 + names[0] * w**2 + names[1] * w + names[2], w)
    return general.subs(dict(zip(names, (a, b, c), strict=True)), simultaneous=True)
