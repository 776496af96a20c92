"""Rectangular factors and their products inside Gram matrices and off-diagonal blocks."""

from __future__ import annotations

from functools import partial, singledispatch
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.expansions import cumulants_from_moments, moments_from_cumulants
from ..algebra.plain import cancelled
from ..algebra.rings import Fraction
from ..algebra.signs import Point
from ..certificates import Identity, Irreducible, NotNegative, Together
from ..derivation import Definition, Step
from ..language.bounds import not_negative
from ..language.ensembles import Gaussian, Gram, Hermitised, Rectangular, RectangularProduct
from ..language.model import ModelError
from ..language.ranks import rank_at_most
from ..language.rectangles import Factor, Transposed, transposed
from ..laws import g
from .atoms import wishart
from .curves import RightFactor, Setting, choose, r, s, t, u
from .free_products import free_product
from .reading import (
    Reading,
    below,
    equal,
    field_of,
    from_s_to_r,
    number,
    primitive,
    read,
    shown_relation,
    spoken,
)
from .sides import OneSided, side, side_step


@singledispatch
def gram(node: Rectangular, label: str, setting: Setting) -> Reading:
    """The law of F F' for a rectangular F, per row of F."""
    raise ModelError(
        f"no transform is known of the rectangular {type(node).__name__}; register one with `gram`"
    )


@read.register
def _(node: Gram, label: str, setting: Setting) -> Reading:
    return gram(node.factor, label, setting)


@read.register
def _(node: Hermitised, label: str, setting: Setting) -> Reading:
    rows = setting.fraction(node.factor.rows)
    inner = gram(node.factor, f"M{label[1:]}", setting)
    two_rows = rows + rows
    small_s, small_t, one = setting.fraction(s), setting.fraction(t), setting.one
    # t_M = t/(2 rows) and u_M = u^2 with u = t s/(1 + t): s_M = u_M (1 + t_M)/t_M
    t_inner = small_t / two_rows
    s_inner = (small_t * small_s / (one + small_t)) ** 2 * (one + t_inner) / t_inner
    moved = from_s_to_r(setting, setting.substitute(inner.s_relation, {t: t_inner, s: s_inner}))

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, field_one = field_of(setting, point)
        weight = number(setting, setting.show(two_rows), point)
        half = moments_from_cumulants(inner.cumulants(max(n // 2, 1), point), zero, field_one)
        moments = [weight * half[k // 2 - 1] if k % 2 == 0 else zero for k in range(1, n + 1)]
        return cumulants_from_moments(moments, zero, field_one)

    factor = choose(setting, moved, lambda n, p: cumulants(n, p))
    reading = Reading(setting, label, factor.chosen, cumulants, inner.steps)
    reading.steps.append(lambda: _squaring_step(setting, reading, inner, two_rows, factor))
    return reading


def _squaring_step(
    setting: Setting, reading: Reading, inner: Reading, two_rows: Fraction, factor: RightFactor
) -> Step:
    label, weight_shown = reading.label, setting.show(two_rows)
    psi, psi_inner = sp.Function(f"psi_{label}"), sp.Function(f"psi_{inner.label}")
    displays: list[Any] = [equal(psi(u), weight_shown * psi_inner(u**2))]
    if weight_shown == 1:
        big_z = sp.Symbol("z")
        displays.append(
            equal(sp.Function(f"G_{label}")(big_z), big_z * sp.Function(f"G_{inner.label}")(big_z**2))
        )
        x = sp.Symbol("x", real=True)
        rho, rho_inner = sp.Function(f"rho_{label}"), sp.Function(f"rho_{inner.label}")
        displays.append(equal(rho(x), sp.Abs(x) * rho_inner(x**2)))
    value = reading.r_transform
    displays.append(
        equal(reading.name, setting.show(value)) if value is not None else shown_relation(reading)
    )
    return Step(
        f"Squaring: {spoken(label)} = ((0, F), (F', 0))",
        "The eigenvalues are +- the singular values of F and zeros, so with psi(u) = sum m_n u^n the "
        "even moments of the block matrix are 2 rows times the moments of M = F F'; substituted into the "
        "relation of M, and back to R; the factor that vanishes on the expansion at infinity is the "
        "law's.",
        tuple(displays),
        Together((factor, *_squaring(setting, reading, inner, two_rows))),
        source="Pennington & Bahri (2017), eqs. 26-27",
    )


def _squaring(setting: Setting, reading: Reading, inner: Reading, two_rows: Fraction) -> tuple[Identity, ...]:
    """z_H^2 = z_M along the curves, where both transforms are rational."""
    value, s_value = reading.r_transform, inner.s_transform
    if value is None or s_value is None:
        return ()
    small_g, one = setting.fraction(g), setting.one
    t_outer = small_g * value
    z_outer = value + one / small_g
    t_inner = t_outer / two_rows
    z_inner = (one + t_inner) / (t_inner * setting.value(s_value, {t: t_inner}))
    return (Identity(setting.show(z_outer * z_outer - z_inner)),)


@gram.register
def _(node: Gaussian, label: str, setting: Setting) -> Reading:
    return _gaussian_gram(node, label, setting, transposed=False)


@gram.register
def _(node: Factor, label: str, setting: Setting) -> Reading:
    """X X' is what X was made of."""
    reading = read(node.gram, label, setting)
    found = side(node.gram, reading)
    if isinstance(found, OneSided):
        reading.steps.append(partial(side_step, reading, found))
        found = found.sign
    if found != 1:
        raise ModelError(
            f"Factor(A) is a matrix X with X X' = A, so A must be nonnegative, and "
            f"{type(node.gram).__name__} is not (or could not be shown to be) on all of the parameters' "
            "domain"
        )
    if not not_negative(cancelled(node.columns - node.rows), setting.facts):
        reading.steps.append(partial(_narrow_step, reading, *_rank(node, setting)))
    return reading


def _rank(node: Factor, setting: Setting) -> tuple[sp.Expr, sp.Expr]:
    """A bound of the rank of X X', over its rows, and the columns of X over its rows, which suffice."""
    share = cancelled(node.columns / node.rows)
    rank = rank_at_most(node.gram, share, setting.facts)
    if rank is None:
        raise ModelError(
            "Factor(A, rows, columns) is a matrix X with X X' = A, of columns no fewer than the rank of A. "
            f"{node.rows} rows and {node.columns} columns ask of {type(node.gram).__name__} for an atom at 0 "
            f"of at least the mass {cancelled(1 - share)}, which it has not, or could not be shown to have, "
            "on all of the parameters' domain. Take more columns, or restrict the domains"
        )
    return rank, share


def _narrow_step(reading: Reading, rank: sp.Expr, share: sp.Expr) -> Step:
    return Step(
        f"The rank of {spoken(reading.label)}",
        "A matrix X with fewer columns than rows has this X X' where its rank is at most the number of "
        "columns: here are the bound of its rank that the construction shows, itself not part of the "
        "certificate, and the columns, over the rows.",
        sp.Le(rank, share, evaluate=False),
        NotNegative(share - rank),
    )


@gram.register
def _(node: Transposed, label: str, setting: Setting) -> Reading:
    factor = node.factor
    if isinstance(factor, Gaussian):
        return _gaussian_gram(factor, label, setting, transposed=True)
    inner = gram(factor, below(label, 0), setting)
    return _transpose(inner, label, setting, cancelled(factor.rows / factor.columns))


@gram.register
def _(node: RectangularProduct, label: str, setting: Setting) -> Reading:
    """F F' for F = F_1 ... F_k: peel off F_1, F F' = F_1 (W) F_1' with W the Gram matrix of the rest."""
    first, *others = _flat(node)
    rest_of_product = others[0] if len(others) == 1 else RectangularProduct(tuple(others))
    left = gram(transposed(first), below(label, 1), setting)
    rest = gram(rest_of_product, below(label, 2), setting)
    inner = free_product(setting, below(label, 0), (left, rest), [*left.steps, *rest.steps])
    return _transpose(inner, label, setting, cancelled(first.columns / first.rows))


def _flat(node: Rectangular) -> tuple[Rectangular, ...]:
    if isinstance(node, RectangularProduct):
        return tuple(leaf for part in node.factors for leaf in _flat(part))
    return (node,)


def _gaussian_gram(factor: Gaussian, label: str, setting: Setting, transposed: bool) -> Reading:
    if factor.variance == 0:
        raise ModelError("a Gaussian factor of variance 0 makes the ensemble 0; leave the term out")
    rows, columns = (factor.columns, factor.rows) if transposed else (factor.rows, factor.columns)
    ratio, scale = cancelled(rows / columns), cancelled(factor.variance * columns)
    what = "F_1' F_1" if transposed else "F F'"
    return wishart(
        ratio,
        scale,
        label,
        setting,
        lambda: Step(
            f"{spoken(label)}: the Gram matrix {what} of a Gaussian factor",
            "Entries of variance v/N in (rows N) x (columns N): a Wishart matrix of ratio rows/columns and "
            "mean v columns.",
            (equal(sp.Symbol("ratio"), ratio), equal(sp.Symbol("mean"), scale)),
            Definition(),
        ),
    )


def _transpose(inner: Reading, label: str, setting: Setting, aspect: sp.Expr) -> Reading:
    """The Gram matrix of the other side: psi_M(u) = aspect psi_P(u)."""
    relation = inner.relation if aspect == 1 else _transposed_relation(inner, setting, aspect)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, field_one = field_of(setting, point)
        weight = number(setting, aspect, point)
        moments = moments_from_cumulants(inner.cumulants(n, point), zero, field_one)
        return cumulants_from_moments([weight * m for m in moments], zero, field_one)

    reading = Reading(setting, label, relation, cumulants, inner.steps)
    reading.steps.append(lambda: _transposition_step(reading, inner, aspect))
    return reading


def _transposed_relation(inner: Reading, setting: Setting, aspect: sp.Expr) -> fmpz_mpoly:
    """In (g, r): u = t s/(1 + t) is the same on both sides, and t of the other side is t/aspect."""
    rho, small_s, small_t, one = *map(setting.fraction, (aspect, s, t)), setting.one
    moved = {t: small_t / rho, s: small_s * (rho + small_t) / (one + small_t)}
    cleared = setting.substitute(inner.s_relation, moved)
    in_t_alone = (one + small_t).numerator, (rho + small_t).numerator  # came in by clearing denominators
    return from_s_to_r(setting, primitive(setting, cleared, s, *in_t_alone))


def _transposition_step(reading: Reading, inner: Reading, aspect: sp.Expr) -> Step:
    setting, label = reading.setting, reading.label
    value, old = reading.s_transform, inner.s_transform
    psi = sp.Function(f"psi_{label}")(u), sp.Function(f"psi_{inner.label}")(u)
    ratio_shown = sp.Symbol("t") / aspect
    general = equal(
        reading.name_s, (1 + t / aspect) / (1 + t) * aspect * sp.Function(f"S_{inner.label}")(ratio_shown)
    )
    if value is not None and old is not None:
        small_t, one = setting.fraction(t), setting.one
        t_inner = small_t / setting.fraction(aspect)
        u_outer = small_t * value / (one + small_t)
        u_inner = t_inner * setting.value(old, {t: t_inner}) / (one + t_inner)
        certificate: Any = Identity(setting.show(u_outer - u_inner))
        shown: Any = equal(reading.name_s, setting.show(value))
    else:
        certificate = Irreducible(setting.ring.expression(reading.relation), (g, r))
        shown = shown_relation(reading)
    return Step(
        f"Transposition: from {spoken(inner.label)} to {spoken(label)}",
        "F F' and F' F have the same nonzero eigenvalues; per row the moments are columns/rows times "
        "those per column, psi(u) at the same u = 1/z.",
        (equal(psi[0], aspect * psi[1]), general, shown),
        certificate,
    )
