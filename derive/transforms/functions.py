"""Functions of one ensemble and direct sums: moves that act on the Stieltjes transform.

inverse     t = z G - 1 becomes -1 - t, and S_(A^-1)(t) = 1 / S_A(-1 - t)
image       G_p(A)(w) = sum over p(z) = w of G_A(z) / p'(z)
direct sum  G = sum of w_j G_j
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import sympy as sp
from flint import fmpz_mpoly

from ..algebra.plain import cancelled
from ..algebra.rings import Fraction
from ..algebra.signs import Point
from ..certificates import Identity, Negative, Positive, Together
from ..derivation import Step
from ..language.bounds import interval, sign_of_bound
from ..language.model import ModelError
from ..language.operations import DirectSum, Image, Inverse
from ..laws import G, z
from .curves import RightFactor, Setting, s, t, u, y
from .reading import (
    Cumulants,
    Later,
    Reading,
    below,
    chosen,
    equal,
    field_of,
    from_equation,
    from_s_to_r,
    moments_of,
    number,
    polished,
    primitive,
    read,
    root_of,
    shown_relation,
    spoken,
    with_moments,
)
from .series_root import no_atom_at_zero, series_root
from .zero_outside import ZeroOutside, zero_outside


@read.register
def _(node: Inverse, label: str, setting: Setting) -> Reading:
    inner = read(node.ensemble, below(label, 0), setting)
    outside = _outside(node, inner)
    one, small_s, small_t = setting.one, setting.fraction(s), setting.fraction(t)
    moved = {t: setting.zero - one - small_t, s: one / small_s}
    relation = from_s_to_r(setting, primitive(setting, setting.substitute(inner.s_relation, moved), s))
    cumulants = series_root(setting, relation, f"the inverse of {type(node.ensemble).__name__}", inner)
    reading = polished(setting, label, relation, cumulants, inner.steps)
    reading.steps.append(lambda: _inverse_step(reading, inner, moved, *outside))
    return reading


def _outside(node: Inverse, inner: Reading) -> tuple[sp.Rel | None, Positive | ZeroOutside]:
    """The certificate that 0 is no point of the spectrum, and the bound of the tree, where that shows it."""
    setting, name = inner.setting, type(node.ensemble).__name__
    low, high = interval(node.ensemble, setting.facts)
    if sign_of_bound(low, setting.facts) == 1:
        return sp.Ge(_spectrum(inner), low, evaluate=False), Positive(low, setting.facts)
    if sign_of_bound(high, setting.facts) == -1:
        return sp.Le(_spectrum(inner), high, evaluate=False), Negative(high, setting.facts)
    try:
        return None, zero_outside(inner, name)
    except ModelError as error:
        atom = no_atom_at_zero(setting, inner)
        if atom is None:
            raise
        raise ModelError(
            f"the inverse of {name} needs a spectrum without 0, but it can have an atom there, of mass "
            f"{atom}; restrict the domains of the parameters, or shift the matrix away from 0"
        ) from error


def _spectrum(reading: Reading) -> sp.Symbol:
    return sp.Symbol(f"lambda_{reading.label}", real=True)


def _inverse_step(
    reading: Reading,
    inner: Reading,
    moved: dict[sp.Symbol, Fraction],
    bound: sp.Rel | None,
    outside: Positive | ZeroOutside,
) -> Step:
    setting, label = reading.setting, reading.label
    again = primitive(setting, setting.substitute(reading.s_relation, moved), s)
    value, old = reading.s_transform, inner.s_transform
    general = equal(reading.name_s, 1 / inner.name_s.subs(t, -1 - t))
    shown = shown_relation(reading) if value is None else equal(reading.name_s, setting.show(value))
    ring = setting.ring
    certificate: Any = Identity(
        ring.expression(again) - ring.expression(primitive(setting, inner.s_relation, s))
    )
    if value is not None and old is not None:
        turned = setting.value(old, {t: moved[t]})
        certificate = Identity(setting.show(value * turned - setting.one))
    where = "" if bound is None else ", by this bound of the eigenvalues"
    return Step(
        f"Inverse: {spoken(label)} of {spoken(inner.label)}",
        f"0 lies outside the spectrum{where}. G of the inverse at z is 1/z - G(1/z)/z^2, so t = z G - 1 "
        "becomes -1 - t, and S becomes 1/S(-1 - t).",
        (general, shown) if bound is None else (bound, general, shown),
        Together((certificate, outside)),
    )


@read.register
def _(node: Image, label: str, setting: Setting) -> Reading:
    variable = sp.Dummy("x")
    polynomial = sp.Add(*(c * variable**k for k, c in enumerate(node.coefficients)))
    parts = sp.decompose(polynomial, variable)[::-1]
    reading = read(node.ensemble, below(label, 0), setting)
    for k, part in enumerate(parts):
        coefficients = sp.Poly(part, variable).all_coeffs()[::-1]
        name = label if k == len(parts) - 1 else f"{label}{k + 1}"
        reading = image(reading, tuple(coefficients), name, setting)
    return reading


def image(inner: Reading, coefficients: tuple[sp.Expr, ...], label: str, setting: Setting) -> Reading:
    """The law of a polynomial of degree 2 or 3 in one element."""
    c = [setting.fraction(value) for value in coefficients]
    if len(c) not in (3, 4):
        raise ModelError(
            f"a polynomial image of degree {len(c) - 1} that is no composition of polynomials of degree 2 "
            "and 3 is not implemented; write it as such, or take a polynomial of lower degree"
        )

    def moments(n: int, point: Point | None) -> list[Any]:
        zero, one = field_of(setting, point)
        coefficient = [number(setting, value, point) for value in coefficients]
        old = [one, *moments_of(inner, n * (len(c) - 1), point)]
        power, found = [one], []
        for _ in range(n):
            longer = [zero] * (len(power) + len(c) - 1)
            for i, a in enumerate(power):
                for j, b in enumerate(coefficient):
                    longer[i + j] = longer[i + j] + a * b
            power = longer
            found.append(sum((a * m for a, m in zip(power, old, strict=False)), zero))
        return found

    equation = _square(setting, inner.equation, c) if len(c) == 3 else _cube(setting, inner.equation, c)
    reading, certificate = chosen(
        setting, label, from_equation(setting, equation), with_moments(setting, moments), inner.steps
    )
    reading.steps.append(lambda: _image_step(reading, inner, coefficients, certificate()))
    return reading


def _image_step(
    reading: Reading, inner: Reading, coefficients: tuple[sp.Expr, ...], certificate: RightFactor
) -> Step:
    label, place = reading.label, sp.Symbol("z_i")
    p = sp.Add(*(value * place**k for k, value in enumerate(coefficients)))
    g_inner = sp.Function(f"G_{inner.label}")(place)
    terms = sp.Sum(g_inner / sp.diff(p, place), (sp.Symbol("i"), 1, len(coefficients) - 1))
    return Step(
        f"Image: {spoken(label)} is a polynomial of {spoken(inner.label)}",
        "1/(w - p(x)) is the sum of 1/(p'(z_i) (z_i - x)) over the roots z_i of p(z) = w. The resultants "
        "eliminate the values of G at the roots, and the roots; the factor that vanishes on the "
        "expansion at infinity, whose moments are those of p, is the law's.",
        (
            equal(p, sp.Symbol("w")),
            equal(sp.Function(f"G_{label}")(sp.Symbol("w")), terms),
            shown_relation(reading),
        ),
        certificate,
    )


def _square(setting: Setting, law: fmpz_mpoly, c: list[Fraction]) -> fmpz_mpoly:
    """A polynomial in (G, z) for the image under c_0 + c_1 x + c_2 x^2: the two roots are centre +- u."""
    two, big_g, value, root = (
        setting.fraction(2),
        setting.fraction(G),
        setting.fraction(y),
        setting.fraction(u),
    )
    centre = setting.zero - c[1] / (two * c[2])
    slope = two * c[2] * root
    first = setting.substitute(law, {G: value, z: centre + root})
    second = setting.substitute(law, {G: value - slope * big_g, z: centre - root})
    square = (setting.fraction(z) - c[0] + c[2] * centre * centre) / c[2]  # u^2, from c_2 (z - centre)^2
    return _even(setting, _resultant(setting, first, second, y), square)


def _cube(setting: Setting, law: fmpz_mpoly, c: list[Fraction]) -> fmpz_mpoly:
    """The same for degree 3: t is one root z_1, and the two others are the roots of (p(x) - p(t))/(x - t)."""
    two, big_g, value, root = (
        setting.fraction(2),
        setting.fraction(G),
        setting.fraction(y),
        setting.fraction(u),
    )
    first_root = setting.fraction(t)
    a, b = c[2] / c[3] + first_root, c[1] / c[3] + first_root * (c[2] / c[3] + first_root)  # x^2 + a x + b
    centre = setting.zero - a / two
    square = centre * centre - b

    def slope(x: Fraction) -> Fraction:
        return c[1] + x * (two * c[2] + setting.fraction(3) * c[3] * x)

    left, right = centre + root, centre - root
    one = setting.substitute(law, {G: value, z: left})
    other = setting.substitute(law, {G: slope(right) * (big_g - value / slope(left)), z: right})
    pair = _even(setting, _resultant(setting, one, other, y), square)
    pair = _squarefree(setting, pair)
    alone = setting.substitute(law, {G: value, z: first_root})
    rest = setting.substitute(pair, {G: big_g - value / slope(first_root)})
    total = _squarefree(setting, _resultant(setting, alone, rest, y))
    image_of_root = c[0] + first_root * (c[1] + first_root * (c[2] + first_root * c[3]))
    return _resultant(setting, total, (image_of_root - setting.fraction(z)).numerator, t)


def _squarefree(setting: Setting, polynomial: fmpz_mpoly) -> fmpz_mpoly:
    """The product of the distinct factors that contain G."""
    product = setting.ring.constant(1)
    for factor in setting.factors(polynomial, G):
        product *= factor
    return product


def _resultant(setting: Setting, first: fmpz_mpoly, second: fmpz_mpoly, symbol: sp.Symbol) -> fmpz_mpoly:
    return first.resultant(second, f"x{setting.ring.index(symbol)}")


def _even(setting: Setting, polynomial: fmpz_mpoly, square: Fraction) -> fmpz_mpoly:
    """An even or odd polynomial in u, with u^2 replaced."""
    parts = setting.ring.coefficients(polynomial, u)
    lowest, highest = min(parts), max(parts)
    if any((power - lowest) % 2 for power in parts):
        raise ArithmeticError("the two roots do not enter a symmetric function alike")
    total = setting.ring.constant(0)
    for power, part in parts.items():
        k = (power - lowest) // 2
        total += part * square.numerator**k * square.denominator ** ((highest - lowest) // 2 - k)
    return total


@read.register
def _(node: DirectSum, label: str, setting: Setting) -> Reading:
    readings = [read(part, below(label, i), setting) for i, part in enumerate(node.parts)]
    steps = [step for reading in readings for step in reading.steps]
    weighted = [(weight, reading) for weight, reading in zip(node.weights, readings, strict=True)]
    _, done = reduce(lambda a, b: _mixed(setting, label, a, b, steps), weighted)
    done = Reading(setting, label, done.relation, done.cumulants, steps)
    if len(weighted) > 1:
        last = steps.pop()
        steps.append(lambda: _direct_sum_step(done, weighted, last()))
    return done


def _direct_sum_step(
    done: Reading, weighted: Sequence[tuple[sp.Expr, Reading]], last: Step | Sequence[Step]
) -> Step:
    """The step of the whole sum, with the certificate of its last elimination."""
    assert isinstance(last, Step)
    terms = (weight * sp.Function(f"G_{reading.label}")(z) for weight, reading in weighted)
    return Step(
        f"Direct sum {spoken(done.label)}",
        "The resolvent of blocks is the blocks of the resolvents: Stieltjes transforms and moments are "
        "averaged with the sizes as weights. The resultant eliminates one transform, and the factor that "
        "vanishes on the expansion at infinity is the law's.",
        (equal(sp.Function(f"G_{done.label}")(z), sp.Add(*terms)), shown_relation(done)),
        last.certificate,
    )


def _mixed(
    setting: Setting,
    label: str,
    first: tuple[sp.Expr, Reading],
    second: tuple[sp.Expr, Reading],
    steps: list[Later],
) -> tuple[sp.Expr, Reading]:
    """The mixture of two laws, of the weight of both together."""
    total = first[0] + second[0]
    shares = [cancelled(weight / total) for weight, _ in (first, second)]
    readings = [reading for _, reading in (first, second)]

    def moments(n: int, point: Point | None) -> list[Any]:
        weights = [number(setting, share, point) for share in shares]
        columns = zip(*(moments_of(reading, n, point) for reading in readings), strict=True)
        return [weights[0] * a + weights[1] * b for a, b in columns]

    cumulants: Cumulants = with_moments(setting, moments)
    raw, irreducible = _average(setting, readings, [setting.fraction(share) for share in shares])
    reading, certificate = chosen(setting, label, from_equation(setting, raw), cumulants, [], irreducible)
    steps.append(
        lambda: Step(
            f"Blocks of {spoken(label)}",
            "The resultant eliminates the transform of the last of the blocks so far from their average.",
            shown_relation(reading),
            certificate(),
        )
    )
    return total, reading


def _average(setting: Setting, readings: list[Reading], shares: list[Fraction]) -> tuple[fmpz_mpoly, bool]:
    """A polynomial in (G, z) satisfied by the average of two transforms, and whether it is irreducible."""
    big_g, value = setting.fraction(G), setting.fraction(y)
    for i, j in ((0, 1), (1, 0)):
        root = root_of(setting, readings[i].equation, G)
        if root is not None:  # a rational transform is taken off, which keeps the other irreducible
            moved = {G: (big_g - shares[i] * root) / shares[j]}
            return primitive(setting, setting.substitute(readings[j].equation, moved), G), True
    one = setting.substitute(readings[0].equation, {G: value})
    two = setting.substitute(readings[1].equation, {G: (big_g - shares[0] * value) / shares[1]})
    return _resultant(setting, one, two, y), False
