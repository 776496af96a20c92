"""From an expression to its transforms: every node read by type, every move a certified step.

    Wigner, Wishart     from the density to R and S (`derive.densities`)
    +                   R-transforms add              * c       R_cA(g) = c R_A(c g)
    @                   S-transforms multiply         + a       R_(A+a) = R_A + a
    Gram(F)             F_1 (F_2 F_2') F_1' has the nonzero spectrum of F_1'F_1 @ F_2 F_2'
    Hermitised(F)       psi_H(u) = 2 rows psi_FF'(u^2): the eigenvalues are +- the singular values

Rational transforms stay rational functions; elsewhere laws are irreducible polynomials, combined by
resultants, the right factor chosen by the expansion at infinity.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce, singledispatch
from typing import Any

import sympy as sp

from . import densities, freeness
from .bounds import is_nonnegative
from .curves import Setting, choose, r, s, t, u
from .derivation import Definition, Step
from .ensembles import (
    FreeProduct,
    FreeSum,
    Gaussian,
    Gram,
    Hermitised,
    Rectangular,
    RectangularProduct,
    Scaled,
    Shifted,
    Wigner,
    Wishart,
)
from .expansions import cumulants_from_moments, cumulants_of_product, moments_from_cumulants
from .laws import g
from .model import ModelError
from .polynomials import Identity, Irreducible, Together
from .reading import (
    Cumulants,
    Reading,
    field_of,
    from_s_to_r,
    is_zero,
    number,
    primitive,
    product_relation,
    spoken,
    sum_relation,
)
from .rings import Fraction
from .signs import Point


@singledispatch
def read(node: Any, label: str, setting: Setting) -> Reading:
    """The law of an ensemble; `label` names it in the steps (R_label, S_label)."""
    raise ModelError(f"no transform is known of {type(node).__name__}; register one in derive/transforms.py")


def below(label: str, index: int) -> str:
    """The label of a part: H0, H1 of H, as the papers number H_0 and H_1, and H01 of H0."""
    return f"{label}{index}"


# --- atoms -----------------------------------------------------------------------------------


@read.register
def _(node: Wigner, label: str, setting: Setting) -> Reading:
    if node.variance == 0:
        raise ModelError("a Wigner part of variance 0 is no random matrix; leave the term out")
    variance = setting.fraction(node.variance)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, _ = field_of(setting, point)
        return [number(setting, node.variance, point) if k == 2 else zero for k in range(1, n + 1)]

    value = variance * setting.fraction(g)
    return Reading.rational(
        setting, label, value, cumulants, densities.semicircle(node.variance, label, setting.first("Wigner"))
    )


@read.register
def _(node: Wishart, label: str, setting: Setting) -> Reading:
    steps = densities.marchenko_pastur(node.ratio, node.scale, label, setting.facts, setting.first("Wishart"))
    return _wishart(node.ratio, node.scale, label, setting, steps)


def _wishart(ratio: Any, scale: Any, label: str, setting: Setting, steps: list[Step]) -> Reading:
    def cumulants(n: int, point: Point | None) -> list[Any]:
        q, c = number(setting, ratio, point), number(setting, scale, point)
        found, value = [], c
        for _ in range(n):
            found.append(value)
            value = value * q * c
        return found

    q, c = setting.fraction(ratio), setting.fraction(scale)
    value = c / (setting.one - c * q * setting.fraction(g))
    return Reading.rational(setting, label, value, cumulants, steps)


# --- moves that keep g or scale it -------------------------------------------------------------


@read.register
def _(node: Scaled, label: str, setting: Setting) -> Reading:
    inner = read(node.ensemble, below(label, 0), setting)
    factor = setting.fraction(node.factor)
    small_g, small_r = setting.fraction(g), setting.fraction(r)
    relation = setting.substitute(inner.relation, {g: factor * small_g, r: small_r / factor})

    def cumulants(n: int, point: Point | None) -> list[Any]:
        _, one = field_of(setting, point)
        c, power, found = number(setting, node.factor, point), one, []
        for kappa in inner.cumulants(n, point):
            power = power * c
            found.append(kappa * power)
        return found

    reading = _polished(setting, label, relation, cumulants, inner.steps)
    reading.steps.append(
        Step(
            f"Scaling: {spoken(label)} = {_text(node.factor)} times {spoken(inner.label)}",
            "G of c A at z is G of A at z/c, divided by c; hence R of c A is c R(c g).",
            _display(
                reading, _equal(reading.name, node.factor * sp.Function(f"R_{inner.label}")(node.factor * g))
            ),
            _transported(setting, reading, inner, {g: factor * small_g, r: small_r / factor}),
        )
    )
    return reading


@read.register
def _(node: Shifted, label: str, setting: Setting) -> Reading:
    inner = read(node.ensemble, below(label, 0), setting)
    offset = setting.fraction(node.offset)
    moved = {r: setting.fraction(r) - offset}
    relation = setting.substitute(inner.relation, moved)

    def cumulants(n: int, point: Point | None) -> list[Any]:
        found = list(inner.cumulants(n, point))
        found[0] = found[0] + number(setting, node.offset, point)
        return found

    reading = _polished(setting, label, relation, cumulants, inner.steps)
    reading.steps.append(
        Step(
            f"Shift: {spoken(label)} = {spoken(inner.label)} + {_text(node.offset)}",
            "G of A + a at z is G of A at z - a; hence R grows by a.",
            _display(reading, _equal(reading.name, inner.name + node.offset)),
            _transported(setting, reading, inner, moved),
        )
    )
    return reading


@read.register
def _(node: FreeSum, label: str, setting: Setting) -> Reading:
    parts = [read(part, below(label, i), setting) for i, part in enumerate(node.parts)]
    steps = [step for part in parts for step in part.steps]
    steps.append(freeness.addition())
    done = reduce(lambda a, b: _add(setting, label, a, b, steps), parts)
    values = [part.r_transform for part in parts]
    total = _equal(done.name, sp.Add(*(part.name for part in parts)))
    if all(value is not None for value in values):
        # SymPy adds what flint added: two ways to one result
        shown = sp.Add(*(setting.show(value) for value in values if value is not None))
        certificate: Any = Identity(_r_expression(done) - shown)
        displays: tuple[Any, ...] = (total, _equal(done.name, shown))
    else:
        displays = _display(done, total)
        certificate = Irreducible(setting.ring.expression(done.relation), (g, r))
    steps.append(
        Step(
            f"Free sum {spoken(label)}",
            "The parts are free: their R-transforms add.",
            displays,
            certificate,
            source="Pennington & Bahri (2017), eq. 14",
        )
    )
    return done


def _add(setting: Setting, label: str, a: Reading, b: Reading, steps: list[Step]) -> Reading:
    def cumulants(n: int, point: Point | None) -> list[Any]:
        return [k + m for k, m in zip(a.cumulants(n, point), b.cumulants(n, point), strict=True)]

    relation = sum_relation(setting, a.relation, b.relation)
    if a.r_transform is None and b.r_transform is None:
        factor = choose(setting, relation, lambda n, p: cumulants(n, p))
        relation = factor.chosen
        steps.append(
            Step(
                f"Elimination for {spoken(label)}",
                "The resultant of the two relations eliminates one R-transform from the sum, and the factor "
                "that vanishes on the expansion R(g) = kappa_1 + kappa_2 g + ... is the law's.",
                _equal(setting.ring.expression(relation), 0),
                factor,
            )
        )
    return Reading(setting, label, relation, cumulants, steps)


# --- free products -----------------------------------------------------------------------------


@read.register
def _(node: FreeProduct, label: str, setting: Setting) -> Reading:
    signed = [part for part in node.parts if not is_nonnegative(part, setting.facts)]
    if len(signed) > 1:
        raise ModelError(
            "a free product may have one factor that is not nonnegative, but "
            + " and ".join(type(part).__name__ for part in signed)
            + " are not (or could not be shown to be): A^(1/2) B A^(1/2) needs A >= 0 on all of the "
            "parameters' domain. Use Wishart or Gram factors, or shift a factor until it is nonnegative"
        )
    parts = [read(part, below(label, i), setting) for i, part in enumerate(node.parts)]
    steps = [step for part in parts for step in part.steps]
    return _product(setting, label, parts, steps)


def _product(setting: Setting, label: str, parts: Sequence[Reading], steps: list[Step]) -> Reading:
    for part in parts:
        if part.relation == setting.ring.gen(r):
            raise ModelError(f"the factor {spoken(part.label)} of a free product is 0; leave the product out")
        steps.append(_s_step(part))
    steps.append(freeness.multiplication())
    done = reduce(lambda a, b: _multiply(setting, label, a, b, steps), parts)
    steps.append(_product_step(setting, label, done, parts))
    done.steps = steps
    if done.r_transform is not None and done.s_transform is not None:
        steps.append(_back_step(done))
    return done


def _centred(setting: Setting, reading: Reading) -> bool:
    return is_zero(reading.cumulants(1, None)[0])


def _multiply(setting: Setting, label: str, a: Reading, b: Reading, steps: list[Step]) -> Reading:
    first, second = (b, a) if _centred(setting, b) else (a, b)
    if _centred(setting, second):
        raise ModelError("a free product may have at most one factor of mean 0")

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        return cumulants_of_product(
            lambda k: first.cumulants(k, point), lambda k: second.cumulants(k, point), n, zero, one, is_zero
        )

    combined = product_relation(setting, a.s_relation, b.s_relation)
    relation = from_s_to_r(setting, combined)
    if a.s_transform is None and b.s_transform is None:
        factor = choose(setting, relation, lambda n, p: cumulants(n, p))
        relation = factor.chosen
        steps.append(
            Step(
                f"Elimination for {spoken(label)}",
                "The resultant of the two relations eliminates one S-transform from the product, and the "
                "factor that vanishes on the expansion at infinity is the law's.",
                _equal(setting.ring.expression(relation), 0),
                factor,
            )
        )
    return Reading(setting, label, relation, cumulants, [])


def _s_step(part: Reading) -> Step:
    """R -> S for one factor."""
    setting = part.setting
    rational_r, rational_s = part.r_transform, part.s_transform
    centred = _centred(setting, part)
    rule = "S is defined by R(t S(t)) = 1/S(t), for g = G, t = z G - 1 and S = G/t."
    if centred:
        rule += (
            " The mean is 0, so S has two branches +-(kappa_2 t)^(-1/2) at t = 0; the relation holds both."
        )
    if rational_s is not None and rational_r is not None:
        value = setting.show(rational_s)
        inserted = setting.value(rational_r, {g: setting.fraction(t) * rational_s})
        certificate: Any = Identity(setting.show(inserted * rational_s - setting.one))
        return Step(f"S-transform of {spoken(part.label)}", rule, _equal(part.name_s, value), certificate)
    relation = setting.ring.expression(part.s_relation)
    back = from_s_to_r(setting, part.s_relation)
    certificate = Identity(setting.ring.expression(back) - setting.ring.expression(part.relation))
    if rational_s is not None:
        return Step(
            f"S-transform of {spoken(part.label)}",
            rule,
            _equal(part.name_s, setting.show(rational_s)),
            certificate,
        )
    return Step(
        f"S-transform of {spoken(part.label)}, as a relation with s = S(t)",
        rule,
        _equal(relation, 0),
        certificate,
    )


def _product_step(setting: Setting, label: str, done: Reading, parts: Sequence[Reading]) -> Step:
    product = sp.Mul(*(part.name_s for part in parts))
    transforms = [part.s_transform for part in parts]
    value = done.s_transform
    if value is not None and all(item is not None for item in transforms):
        shown = sp.Mul(*(setting.show(item) for item in transforms if item is not None))
        return Step(
            f"Free product {spoken(label)}",
            "The factors are free: their S-transforms multiply.",
            (_equal(done.name_s, product), _equal(done.name_s, setting.show(value))),
            Identity(setting.show(value) - shown),
        )
    relation = setting.ring.expression(done.s_relation)
    return Step(
        f"Free product {spoken(label)}",
        "The factors are free: their S-transforms multiply; the law's relation between t and s = S(t).",
        (_equal(done.name_s, product), _equal(relation, 0)),
        Irreducible(relation, (s, t)),
    )


def _back_step(reading: Reading) -> Step:
    """S -> R where both are rational."""
    setting = reading.setting
    value, s_value = reading.r_transform, reading.s_transform
    assert value is not None
    assert s_value is not None
    inserted = setting.value(s_value, {t: setting.fraction(g) * value})
    return Step(
        f"Back to R for {spoken(reading.label)}",
        "S(g R(g)) = 1/R(g), solved for R.",
        _equal(reading.name, setting.show(value)),
        Identity(setting.show(inserted * value - setting.one)),
    )


# --- rectangular factors -------------------------------------------------------------------------


@read.register
def _(node: Gram, label: str, setting: Setting) -> Reading:
    return _gram(_factors(node.factor), label, setting)


@read.register
def _(node: Hermitised, label: str, setting: Setting) -> Reading:
    factors = _factors(node.factor)
    rows = setting.fraction(factors[0].rows)
    inner = _gram(factors, f"M{label[1:]}", setting)
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
    weight_shown = setting.show(two_rows)
    psi, psi_inner = sp.Function(f"psi_{label}"), sp.Function(f"psi_{inner.label}")
    displays: list[Any] = [_equal(psi(u), weight_shown * psi_inner(u**2))]
    if weight_shown == 1:
        big_z = sp.Symbol("z")
        displays.append(
            _equal(sp.Function(f"G_{label}")(big_z), big_z * sp.Function(f"G_{inner.label}")(big_z**2))
        )
        x = sp.Symbol("x", real=True)
        rho, rho_inner = sp.Function(f"rho_{label}"), sp.Function(f"rho_{inner.label}")
        displays.append(_equal(rho(x), sp.Abs(x) * rho_inner(x**2)))
    value = reading.r_transform
    displays.append(_equal(reading.name, setting.show(value)) if value is not None else _relation(reading))
    reading.steps.append(
        Step(
            f"Squaring: {spoken(label)} = ((0, F), (F', 0))",
            "The eigenvalues are +- the singular values of F and zeros, so with psi(u) = sum m_n u^n the "
            "even moments of the block matrix are 2 rows times the moments of M = F F'; substituted into the "
            "relation of M, and back to R; the factor that vanishes on the expansion at infinity is the "
            "law's.",
            tuple(displays),
            Together((factor, *_squaring(setting, reading, inner, two_rows))),
            source="Pennington & Bahri (2017), eqs. 26-27",
        )
    )
    return reading


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


def _factors(factor: Rectangular) -> tuple[Gaussian, ...]:
    if isinstance(factor, RectangularProduct):
        return tuple(leaf for part in factor.factors for leaf in _factors(part))
    if not isinstance(factor, Gaussian):
        raise ModelError(f"no transform is known of the rectangular {type(factor).__name__}")
    if factor.variance == 0:
        raise ModelError("a Gaussian factor of variance 0 makes the ensemble 0; leave the term out")
    return (factor,)


def _gram(factors: tuple[Gaussian, ...], label: str, setting: Setting) -> Reading:
    """F F' for F = F_1 ... F_k: peel off F_1, F F' = F_1 (W) F_1' with W the Gram matrix of the rest."""
    first = factors[0]
    if len(factors) == 1:
        return _gaussian_gram(first, label, setting, transposed=False)
    left = _gaussian_gram(first, below(label, 1), setting, transposed=True)
    rest = _gram(factors[1:], below(label, 2), setting)
    inner = _product(setting, below(label, 0), (left, rest), [*left.steps, *rest.steps])
    return _transpose(inner, label, setting, sp.cancel(first.columns / first.rows))


def _gaussian_gram(factor: Gaussian, label: str, setting: Setting, transposed: bool) -> Reading:
    rows, columns = (factor.columns, factor.rows) if transposed else (factor.rows, factor.columns)
    ratio, scale = sp.cancel(rows / columns), sp.cancel(factor.variance * columns)
    what = "F_1' F_1" if transposed else "F F'"
    steps = densities.marchenko_pastur(ratio, scale, label, setting.facts, setting.first("Wishart"))
    steps.insert(
        0,
        Step(
            f"{spoken(label)}: the Gram matrix {what} of a Gaussian factor",
            "Entries of variance v/N in (rows N) x (columns N): a Wishart matrix of ratio rows/columns and "
            "mean v columns.",
            (_equal(sp.Symbol("ratio"), ratio), _equal(sp.Symbol("mean"), scale)),
            Definition(),
        ),
    )
    return _wishart(ratio, scale, label, setting, steps)


def _transpose(inner: Reading, label: str, setting: Setting, aspect: sp.Expr) -> Reading:
    """The Gram matrix of the other side: psi_M(u) = aspect psi_P(u)."""
    rho = setting.fraction(aspect)
    small_s, small_t, one = setting.fraction(s), setting.fraction(t), setting.one
    # equal u = t s/(1 + t) on both sides, t_P = t/rho
    t_inner = small_t / rho
    s_inner = small_s * small_t / (one + small_t) * (one + t_inner) / t_inner
    moved = setting.substitute(inner.s_relation, {t: t_inner, s: s_inner})
    relation = from_s_to_r(setting, primitive(setting, moved, s))  # factors in t alone came in by clearing

    def cumulants(n: int, point: Point | None) -> list[Any]:
        zero, field_one = field_of(setting, point)
        weight = number(setting, aspect, point)
        moments = moments_from_cumulants(inner.cumulants(n, point), zero, field_one)
        return cumulants_from_moments([weight * m for m in moments], zero, field_one)

    reading = _polished(setting, label, relation, cumulants, inner.steps)
    value, old = reading.s_transform, inner.s_transform
    psi = sp.Function(f"psi_{label}")(u), sp.Function(f"psi_{inner.label}")(u)
    ratio_shown = sp.Symbol("t") / aspect
    general = _equal(
        reading.name_s, (1 + t / aspect) / (1 + t) * aspect * sp.Function(f"S_{inner.label}")(ratio_shown)
    )
    if value is not None and old is not None:
        u_outer = small_t * value / (one + small_t)
        u_inner = t_inner * setting.value(old, {t: t_inner}) / (one + t_inner)
        certificate: Any = Identity(setting.show(u_outer - u_inner))
        shown: Any = _equal(reading.name_s, setting.show(value))
    else:
        certificate = Irreducible(setting.ring.expression(reading.relation), (g, r))
        shown = _relation(reading)
    reading.steps.append(
        Step(
            f"Transposition: from {spoken(inner.label)} to {spoken(label)}",
            "F F' and F' F have the same nonzero eigenvalues; per row the moments are columns/rows times "
            "those per column, psi(u) at the same u = 1/z.",
            (_equal(psi[0], aspect * psi[1]), general, shown),
            certificate,
        )
    )
    return reading


# --- helpers ---------------------------------------------------------------------------------------


def _polished(
    setting: Setting, label: str, relation: Any, cumulants: Cumulants, steps: list[Step]
) -> Reading:
    """A reading after a change of coordinates that cannot split the polynomial."""
    return Reading(setting, label, primitive(setting, relation, r), cumulants, steps)


def _transported(
    setting: Setting, reading: Reading, inner: Reading, moved: dict[sp.Symbol, Fraction]
) -> Identity:
    """The new transform, moved back, is the old one (or its relation the old relation)."""
    old, new = inner.r_transform, reading.r_transform
    if old is not None and new is not None:
        # r_old(moved g) must be moved r at r = R_new(g)
        g_moved = moved.get(g, setting.fraction(g))
        expected = setting.value(moved[r], {r: new})
        return Identity(setting.show(setting.value(old, {g: g_moved}) - expected))
    again = primitive(setting, setting.substitute(inner.relation, moved), r)
    return Identity(setting.ring.expression(again) - setting.ring.expression(reading.relation))


def _r_expression(reading: Reading) -> sp.Expr:
    value = reading.r_transform
    assert value is not None
    return reading.setting.show(value)


def _relation(reading: Reading) -> sp.Eq:
    return _equal(reading.setting.ring.expression(reading.relation), 0)


def _display(reading: Reading, general: sp.Eq) -> tuple[sp.Eq, ...]:
    value = reading.r_transform
    return (
        general,
        _equal(reading.name, reading.setting.show(value)) if value is not None else _relation(reading),
    )


def _text(expression: Any) -> str:
    return str(expression)


def _equal(left: Any, right: Any) -> sp.Eq:
    """An equation as a display, never evaluated to true or false."""
    return sp.Eq(left, right, evaluate=False)
