"""What checks of claims share: exact comparison with a counterexample, and tests of spectra.

A finding that refuses names a point and both values there, so that a reader can redo it by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product
from math import log
from typing import Any

import numpy as np
import sympy as sp

from derive import derive, load
from derive.algebra.radicals import vanishes
from derive.derivation import Derivation
from derive.laws import G, z

from ..ledger import Check, Finding
from ..precise import Law
from ..sampling import realised, sample
from ..spectra import Test, smallest_detectable

POINTS = tuple(sp.Rational(n, d) for n, d in ((1, 2), (1, 3), (2, 1), (3, 5), (7, 4), (5, 1), (1, 20)))
DIGITS = 15


@cache
def derivation(name: str) -> Derivation:
    """The derivation of a shipped model, made once a process."""
    return derive(load(name))


def identical(printed: Any, derived: Any, *, where: Iterable[Any] = (), what: str = "both sides") -> Finding:
    """Whether two algebraic expressions are the same, decided exactly.

    where: expressions that are positive where the statement is made. Where they differ, the finding holds a
    rational point and both values.
    """
    left, right, facts = sp.sympify(printed), sp.sympify(derived), tuple(where)
    if vanishes(left - right, where=facts):
        return Finding(True, f"{what}: the difference reduces exactly to 0")
    return Finding(False, f"{what}: {counterexample(left, right, facts)}")


def counterexample(left: sp.Expr, right: sp.Expr, where: Iterable[Any] = ()) -> str:
    """A rational point at which two expressions differ, with both values."""
    for point in _points(left.free_symbols | right.free_symbols, tuple(where)):
        values = [sp.N(side.subs(point), DIGITS) for side in (left, right)]
        if all(value.is_finite for value in values) and abs(values[0] - values[1]) > 1e-10:
            place = ", ".join(f"{symbol} = {value}" for symbol, value in point.items())
            return f"{f'at {place} ' if place else ''}stated {_short(values[0])}, derived {_short(values[1])}"
    return f"stated {left}, derived {right}, which are not the same expression"


def _points(symbols: Iterable[sp.Symbol], where: tuple[Any, ...]) -> Iterator[dict[sp.Symbol, sp.Rational]]:
    ordered = sorted(symbols, key=lambda symbol: symbol.name)
    for values in product(POINTS, repeat=len(ordered)):
        point = dict(zip(ordered, values, strict=True))
        if all(sp.sympify(fact).subs(point) > 0 for fact in where):
            yield point


def _short(value: sp.Expr) -> str:
    return str(sp.N(value, 6))


def on(check: Check, part: Callable[[Any], Any]) -> Check:
    """The check of a part of a formula."""
    return replace(check, decide=lambda formula: check(part(formula)))


def every(*findings: Finding) -> Finding:
    """Several findings as one: the first that refuses, or all their evidence."""
    for finding in findings:
        if not finding.holds:
            return finding
    numbers = {name: value for finding in findings for name, value in finding.numbers.items()}
    return Finding(True, "; ".join(finding.text for finding in findings), numbers)


def together(text: str, *findings: Finding) -> Finding:
    """Several findings as one, which says the text if all hold: the first that refuses otherwise."""
    return next((finding for finding in findings if not finding.holds), Finding(True, text))


# --- certified numbers ---------------------------------------------------------------------------


def at(expression: sp.Expr, symbol: sp.Symbol, value: str, digits: int = 40) -> Fraction:
    """An expression at a rational value, to this many digits, as an exact number."""
    number = sp.N(expression.subs(symbol, sp.Rational(value)), digits)
    if not number.is_real or not number.is_finite:
        raise ValueError(f"{expression} is {number} at {symbol} = {value}, not a real number")
    return Fraction(str(sp.Rational(number)))


def split_by_energy(
    name: str,
    energy: sp.Expr,
    phi: sp.Symbol,
    *,
    ratios: Sequence[str],
    nearness: Fraction = Fraction(1, 10**9),
) -> Finding:
    """Whether an energy, a function of phi, parts minima from saddles: a little below it the lowest edge
    is positive and the index 0, a little beyond it the edge is negative and the index positive."""
    for ratio in ratios:
        critical = at(energy, phi, ratio)
        for side in (-1, 1):
            law = Law(name, eps=critical * (1 + side * nearness), phi=ratio)
            edge, index = law.edges()[0], law.index()
            if not (edge > 0 and index == 0 if side < 0 else edge < 0 and index > 0):
                where = "below" if side < 0 else "beyond"
                text = f"phi = {ratio}, {float(nearness):g} {where} {float(critical):.6g}: the lowest edge is"
                return Finding(
                    False, f"{text} {float(edge.mid()):.3g} and the index {float(index.mid()):.3g}"
                )
    return Finding(
        True,
        f"at {len(ratios)} ratios, {float(nearness):g} of the energy below it the lowest edge is certified "
        f"positive and the index 0, and as far beyond it the edge negative and the index positive",
        {"ratios": len(ratios), "relative distance": float(nearness)},
    )


def growth(name: str, exponent: Any, *, ratios: Sequence[str], tolerance: float = 1e-6) -> Finding:
    """Whether the index grows beyond the critical energy with this exponent in (eps - eps_c) / eps_c.

    The exponent between 1e-16 and 1e-12 beyond the critical energy, from certified values; there the next
    term of the expansion changes it by the order of 1e-12.
    """
    worst = 0.0
    for ratio in ratios:
        critical = critical_energy(name, ratio)
        near, far = (Law(name, eps=critical * (1 + Fraction(1, 10**k)), phi=ratio).index() for k in (16, 12))
        worst = max(worst, abs(float((far / near).log().mid()) / (4 * log(10)) - float(exponent)))
    text = (
        f"certified indices 1e-16 and 1e-12 beyond eps_c: the exponent differs from {exponent} by {worst:.1g}"
    )
    return Finding(worst < tolerance, text, {"largest difference": worst})


def critical_energy(name: str, ratio: str) -> Fraction:
    """The derived critical energy at a ratio (and scale 1), to 60 digits."""
    found = derivation(name)
    ones = {p.symbol: 1 for p in found.model.parameters if p.name == "sigma"}
    (phi,) = (p.symbol for p in found.model.parameters if p.name == "phi")
    return at(found.closed_forms["critical_energy"].subs(ones), phi, ratio, digits=60)


# --- random matrices -----------------------------------------------------------------------------

FALSE_ALARM = 1e-6


def spectra_satisfy(name: str, polynomial: sp.Expr, *, n: int, seed: int, **parameters: Any) -> Finding:
    """Whether resolvent traces of a real matrix follow the root of a polynomial in (G, z).

    Of the roots at each point the one nearest to the law's transform is taken, which can only help a wrong
    polynomial.
    """
    test, values, _ = _spectrum(name, n, seed, tuple(sorted(parameters.items())))
    symbols = {p.symbol: values[p.name] for p in load(name).parameters}
    rows = [sp.lambdify(z, c) for c in sp.Poly(polynomial.subs(symbols), G).all_coeffs()]
    transform = np.empty_like(test.transform)
    for k, point in enumerate(test.fluctuations.points):
        roots = np.roots([complex(row(point)) for row in rows])
        if not len(roots):
            return Finding(False, f"the polynomial has no root at z = {point}")
        transform[k] = roots[np.argmin(np.abs(roots - test.transform[k]))]
    return spectra_have_transform(name, transform, n=n, seed=seed, **parameters)


def probes(name: str, *, n: int, seed: int, **parameters: Any) -> tuple[Any, dict[str, Any]]:
    """The points at which a spectrum is tested, and the realised parameters."""
    test, values, _ = _spectrum(name, n, seed, tuple(sorted(parameters.items())))
    return test.fluctuations.points, values


def spectra_have_transform(name: str, transform: Any, *, n: int, seed: int, **parameters: Any) -> Finding:
    """Whether resolvent traces of a real matrix follow a transform, given by its values at `probes`."""
    test, _, eigenvalues = _spectrum(name, n, seed, tuple(sorted(parameters.items())))
    outcome = replace(test, transform=transform)(eigenvalues)
    text = (
        f"one real matrix of {n} rows: squared distance of resolvent traces {outcome.distance:.3g}, "
        f"threshold {outcome.threshold:.3g}"
    )
    numbers = {
        "rows": n,
        "distance": outcome.distance,
        "threshold": outcome.threshold,
        "statistics": outcome.degrees,
        **_detectable(name, n, seed, tuple(sorted(parameters.items()))),
    }
    return Finding(outcome.accepted, text, numbers)


POWER = "finds with probability 99 % a parameter that is wrong by the part given with the figures"


@cache
def _detectable(name: str, n: int, seed: int, parameters: tuple[tuple[str, Any], ...]) -> dict[str, float]:
    """The smallest relative error of each parameter that the test finds with 99 % probability."""
    test, values, _ = _spectrum(name, n, seed, parameters)
    model = load(name)
    return {f"error of {key} found": smallest_detectable(model, test, key, **values) for key in values}


@cache
def _spectrum(
    name: str, n: int, seed: int, parameters: tuple[tuple[str, Any], ...]
) -> tuple[Test, dict[str, Any], Any]:
    model = load(name)
    values: dict[str, Any] = dict(realised(model, n, **dict(parameters)))
    matrix = sample(model, n, np.random.default_rng(seed), **values)
    test = Test.of(model, Law(name, **values), n, rate=FALSE_ALARM)
    return test, values, np.linalg.eigvalsh(matrix)
