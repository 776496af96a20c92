"""Subordination: how the eigenvectors of A + B, or of A times B, lie in those of A.

For free A and B the resolvent of C, averaged over B, is a function of A alone (Biane):

    C = A + B               E (z - C)^-1 = (omega - A)^-1      omega = z - R_B(G_C(z))
    C = A^(1/2) B A^(1/2)   E (z - C)^-1 = (z - s A)^-1        s = 1/S_B(z G_C(z) - 1)

so k(x, z) = 1/(omega - x), or 1/(z - s x), is the mean diagonal element of the resolvent in an eigenvector of
A of eigenvalue x; -Im k(x, y + i0)/(pi rho_C(y)) is N times the mean squared overlap of the eigenvectors at x
of A and at y of C. The resultant of the equations of C at z and of A at omega eliminates G; the factor that
vanishes on the expansion in 1/z is the right one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from .algebra.expansions import compose, inverse
from .algebra.polynomials import canonical_of
from .algebra.signs import Point, assuming
from .certificates import Identity, Irreducible, Together
from .derivation import Section, Step
from .language.ensembles import Ensemble, FreeProduct, FreeSum
from .language.model import Model, ModelError, wanted_model
from .laws import G, g, x, z
from .pipeline import check_data, domain_facts
from .transforms import setting_of
from .transforms.curves import Setting, choose, r, y
from .transforms.reading import Reading, equal, field_of, is_zero, moments_of, read

k, omega, s = sp.symbols("k omega s")


@dataclass(frozen=True)
class Subordination:
    """Two polynomials that are 0.

    relation: in (omega, z) for a sum, in (s, z) for a product.
    kernel: in (k, x, z), k = E <x|(z - C)^-1|x>; k ~ 1/z at infinity.
    section: the steps, with their certificates.
    """

    relation: sp.Expr
    kernel: sp.Expr
    section: Section


def subordination(model: Model, part: int = 0) -> Subordination:
    """Subordination of a free sum or product to one of its parts.

    part: which one of the terms or factors A is, from 0; B is made of all others. The part of a product
    must not be negative, and the others need a mean other than 0.
    Raises `ModelError` for another kind of expression, and `IndexError` for a part that is not there.
    """
    node = wanted_model(model).expression
    if isinstance(part, bool) or not isinstance(part, int):
        raise TypeError(f"the part of a sum or product is its number, from 0; got {part!r}")
    if not isinstance(node, (FreeSum, FreeProduct)):
        raise ModelError(
            f"subordination wants a free sum or product, got {type(node).__name__}: write A + B or A @ B as "
            "the whole expression of the model"
        )
    if not 0 <= part < len(node.parts):
        raise IndexError(f"the expression has parts 0 to {len(node.parts) - 1}, got {part}")
    others = node.parts[:part] + node.parts[part + 1 :]
    rest: Ensemble = others[0] if len(others) == 1 else replace(node, parts=others)
    facts = domain_facts(model.parameters)
    with assuming(facts):
        setting = setting_of(model.expression, (p.symbol for p in model.parameters), facts)
        check_data(model, setting, [])
        whole, first, second = (
            read(item, label, setting) for item, label in ((node, "C"), (node.parts[part], "A"), (rest, "B"))
        )
        return _subordination(setting, isinstance(node, FreeSum), whole, first, second)


def _subordination(
    setting: Setting, additive: bool, whole: Reading, first: Reading, second: Reading
) -> Subordination:
    if not additive and is_zero(second.cumulants(1, None)[0]):
        raise ModelError("subordination of a product needs other factors of a mean other than 0")
    value, h, small_r = setting.fraction(y), setting.fraction(g), setting.fraction(r)

    def series(n: int, point: Point | None) -> list[Any]:
        """R_B(G_C), or 1/S_B(z G_C - 1), in h = 1/z."""
        zero, one = field_of(setting, point)
        kappas = second.cumulants(n, point)
        psi = [zero, *moments_of(whole, n, point)]
        place = [zero, one, *psi[1:]][: n + 1]  # G_C
        if not additive:  # g of B at t = z G_C - 1
            place = compose(inverse([zero, *kappas], n + 1, zero, one), psi, n + 1, zero)
        return compose(kappas, place, n, zero)

    at_c = setting.substitute(whole.equation, {G: value, z: setting.one / h})
    moved = {z: setting.one / h - small_r} if additive else {z: setting.one / (small_r * h)}
    at_a = setting.substitute(first.equation, {G: value if additive else small_r * value, **moved})
    raw = at_c.resultant(at_a, f"x{setting.ring.index(y)}")
    factor = choose(setting, raw, series)
    name = omega if additive else s
    others = tuple(symbol for symbol in setting.ring.symbols if symbol not in (s, z))
    chosen, ring = setting.ring.moved(factor.chosen, (k, x, z, omega, s, *others))
    far = {g: ring.fraction(1 / z)}
    placed = ring.substitute(chosen, far | {r: ring.fraction(z - omega if additive else s)})
    relation = canonical_of(ring, placed, name, z)
    inside = z - 1 / k - x if additive else (z - 1 / k) / x
    placed = ring.substitute(chosen, far | {r: ring.fraction(inside)})
    for symbol in (k, x, z):  # drops what is free of it
        placed = placed / ring.content(placed, symbol)
    kernel = canonical_of(ring, placed, k, x, z)
    big_g = sp.Function("G_C")(z)
    if additive:
        rule, shown = "omega = z - R_B(G_C(z))", equal(omega, z - sp.Function("R_B")(big_g))
        mean = 1 / (omega - x)
    else:
        rule, shown = "s = 1/S_B(z G_C(z) - 1)", equal(s, 1 / sp.Function("S_B")(z * big_g - 1))
        mean = 1 / (z - s * x)
    placed = ring.substitute(placed, {k: ring.fraction(mean)})
    for symbol in (name, z):  # x cancels but for factors of its own
        placed = placed / ring.content(placed, symbol)
    back = canonical_of(ring, placed, name, z)
    steps = (
        Step(
            "Subordination",
            f"A and B are free, so the mean resolvent of C is a function of A, with {rule}. The resultant "
            "eliminates G between the equations of C and of A; the factor that vanishes on the expansion in "
            "1/z is the law's.",
            (shown, equal(relation, 0)),
            factor,
            source="Biane (1998), Processes with free increments",
        ),
        Step(
            "Overlap kernel",
            "The diagonal element of the mean resolvent in an eigenvector of A of eigenvalue x: a change of "
            "coordinates, which keeps the polynomial irreducible; inserted, it gives the relation back.",
            (equal(k, mean), equal(kernel, 0)),
            Together((Irreducible(kernel, (k, z)), Identity(back - relation))),
        ),
    )
    return Subordination(relation, kernel, Section("Subordination", steps))
