"""Cauchy matrices: a law without moments, which adds as a shift of z.

R_C = -i scale is constant in the upper half-plane, so A + C has G(z) = G_A(z + i scale): the law of A
smoothed by a Lorentzian. Scaled, shifted and added Cauchy parts, free powers and corners only change the
scale; all other operations work with moments and refuse them.
"""

from __future__ import annotations

from functools import singledispatch

import sympy as sp

from ..algebra.polynomials import canonical
from ..algebra.radicals import constant_sign
from ..certificates import Identity, Irreducible, Together
from ..derivation import Section, Step
from ..language.ensembles import Ensemble, FreeSum, Scaled, Shifted
from ..language.model import ModelError
from ..language.operations import Atoms, Cauchy, Compression, FreePower
from ..laws import G, z
from .curves import Setting
from .reading import Reading, read


@read.register
def _(node: Cauchy, label: str, setting: Setting) -> Reading:
    raise ModelError(
        "a Cauchy matrix has no moments, and this operation needs them: it may be scaled, shifted, added "
        "to other ensembles, raised to a free power and compressed"
    )


@singledispatch
def without_cauchy(node: Ensemble, facts: tuple[sp.Expr, ...]) -> tuple[Ensemble | None, sp.Expr]:
    """(A, scale) with the node A + a Cauchy matrix of that scale; A is None where nothing but 0 is left."""
    return node, sp.S.Zero


@without_cauchy.register
def _(node: Cauchy, facts: tuple[sp.Expr, ...]) -> tuple[Ensemble | None, sp.Expr]:
    return None, node.scale


@without_cauchy.register
def _(node: Scaled, facts: tuple[sp.Expr, ...]) -> tuple[Ensemble | None, sp.Expr]:
    rest, scale = without_cauchy(node.ensemble, facts)
    if scale == 0:
        return node, scale
    sign = constant_sign(node.factor, where=facts)
    if sign not in (1, -1):
        raise ModelError(f"the factor {node.factor} of a Cauchy matrix must keep its sign")
    return None if rest is None else Scaled(rest, node.factor), scale * node.factor * sign


@without_cauchy.register
def _(node: Shifted, facts: tuple[sp.Expr, ...]) -> tuple[Ensemble | None, sp.Expr]:
    rest, scale = without_cauchy(node.ensemble, facts)
    if scale == 0:
        return node, scale
    return Atoms((node.offset,), (1,)) if rest is None else Shifted(rest, node.offset), scale


@without_cauchy.register
def _(node: FreeSum, facts: tuple[sp.Expr, ...]) -> tuple[Ensemble | None, sp.Expr]:
    parts = [without_cauchy(part, facts) for part in node.parts]
    kept = tuple(rest for rest, _ in parts if rest is not None)
    rest = None if not kept else kept[0] if len(kept) == 1 else FreeSum(kept)
    return rest, sp.Add(*(scale for _, scale in parts))


@without_cauchy.register
def _(node: FreePower, facts: tuple[sp.Expr, ...]) -> tuple[Ensemble | None, sp.Expr]:
    rest, scale = without_cauchy(node.ensemble, facts)
    return None if rest is None else FreePower(rest, node.exponent), scale * node.exponent


@without_cauchy.register
def _(node: Compression, facts: tuple[sp.Expr, ...]) -> tuple[Ensemble | None, sp.Expr]:
    rest, scale = without_cauchy(node.ensemble, facts)
    return None if rest is None else Compression(rest, node.fraction), scale


def smoothed(equation: sp.Expr, scale: sp.Expr) -> tuple[sp.Expr, Section]:
    """The equation of A + C from that of A: P(G, z + i s) times its conjugate, with real coefficients."""
    moved = sp.expand(equation.subs(z, z + sp.I * scale))
    conjugate = moved.xreplace({sp.I: -sp.I})
    both = sp.expand(moved * conjugate)
    total = canonical(both)
    content = sp.cancel(sp.Poly(both, G, z).LC() / sp.Poly(total, G, z).LC())
    big_g, big_a = sp.Function("G_H")(z), sp.Function("G_A")(z + sp.I * scale)
    step = Step(
        "Cauchy part: a shift of z",
        "A Cauchy matrix C of scale s has G(z) = 1/(z + i s) for Im z > 0, so R = -i s, a constant: free of "
        "A it shifts z by i s. P(G, z + i s) times its complex conjugate has real coefficients; the law is "
        "the branch of the first factor with G ~ 1/z. It has a density everywhere and no moments.",
        (sp.Eq(big_g, big_a, evaluate=False), sp.Eq(total, 0, evaluate=False)),
        Together(
            (
                Identity(sp.expand(moved * conjugate - content * total)),
                Irreducible(total, (G, z)),
            )
        ),
    )
    return total, Section("Cauchy part", (step,))
