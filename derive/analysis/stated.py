"""Formulas that papers print, held exactly against what was derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from ..algebra.polynomials import canonical
from ..algebra.radicals import vanishes
from ..algebra.rings import NotRational
from ..algebra.signs import Undecided
from ..certificates import Different, Identity
from ..derivation import Step
from ..language.model import Model, ModelError
from ..language.parameters import Stated
from ..laws import G, g, x, z
from ..transforms.curves import Setting, r
from ..transforms.reading import Reading
from .stated_density import DensityAgrees


@dataclass(frozen=True)
class Context:
    """What the comparisons look at."""

    setting: Setting
    reading: Reading
    equation: sp.Expr
    forms: dict[str, Any]


@dataclass(frozen=True)
class Comparison:
    """An outcome with its certificate and the derived side, for display and for messages."""

    agrees: bool
    certificate: Any
    derived: Any


def compare(model: Model, stated: Stated, context: Context) -> Step:
    """The step that holds one printed formula against the derivation.

    Raises `ModelError` naming both formulas if the outcome is not the expected one, and `Undecided`
    if it stays open.
    """
    if stated.what not in _KINDS:
        raise ModelError(
            f"{stated.what!r} ({stated.source}) is no kind of stated formula; "
            f"the kinds are {', '.join(_KINDS)}"
        )
    variables, rule = _KINDS[stated.what]
    formula = sp.sympify(stated.formula)
    foreign = sorted(str(v) for v in formula.free_symbols - {p.symbol for p in model.parameters} - variables)
    if foreign:
        raise ModelError(
            f"the stated {stated.what} ({stated.source}) contains {', '.join(foreign)}, which is neither a "
            "declared parameter nor a variable of derive.laws"
        )
    found = rule(stated, formula, context)
    if found.agrees != stated.agrees:
        outcome = "agrees with the derivation, but was declared a misprint"
        if not found.agrees:
            outcome = "contradicts the derivation"
        raise ModelError(
            f"the stated {stated.what} ({stated.source}) {outcome}: stated {_side(stated, formula)}, "
            f"derived {_side(stated, found.derived)}. Correct the formula or the expression, or set "
            "`agrees` of Stated"
        )
    agreement = "The printed formula agrees with the derivation."
    return Step(
        f"As printed: {stated.what.replace('_', ' ')}",
        agreement if found.agrees else stated.remark or "The printed formula differs from the derivation.",
        _display(stated, formula, found),
        found.certificate,
        source=str(stated.source),
    )


def _held(difference: Any, derived: Any, where: tuple[Any, ...]) -> Comparison:
    agrees = vanishes(difference, where=where)
    certificate = Identity(difference, where) if agrees else Different(difference, where)
    return Comparison(agrees, certificate, derived)


def _equation(stated: Stated, formula: sp.Expr, context: Context) -> Comparison:
    try:
        difference = canonical(formula, G) - canonical(context.equation, G)
    except (NotRational, ValueError) as error:
        raise ModelError(
            f"the stated equation ({stated.source}) is no polynomial in G and z: {error}"
        ) from error
    return _held(difference, context.equation, context.setting.facts)


def _r_transform(stated: Stated, formula: sp.Expr, context: Context) -> Comparison:
    setting, value = context.setting, context.reading.r_transform
    if value is not None:
        shown = setting.show(value)
        return _held(formula - shown, shown, setting.facts)
    # R is a branch of the relation: the printed one must satisfy it and start at the mean
    relation = setting.ring.expression(context.reading.relation)
    mean = setting.show(context.reading.cumulants(1, None)[0])
    satisfied = vanishes(relation.subs(r, formula), where=setting.facts)
    difference = formula.subs(g, 0) - mean if satisfied else relation.subs(r, formula)
    return _held(difference, relation, setting.facts)


def _density(stated: Stated, formula: sp.Expr, context: Context) -> Comparison:
    agreement = DensityAgrees(context.setting, context.equation, formula, True)
    agrees = agreement.decide()
    certificate = agreement if agrees else DensityAgrees(context.setting, context.equation, formula, False)
    return Comparison(agrees, certificate, context.equation)


def _critical_energy(stated: Stated, formula: sp.Expr, context: Context) -> Comparison:
    if "critical_energy" not in context.forms:
        raise Undecided("the critical energy was not derived")
    derived = context.forms["critical_energy"]
    where = (*context.setting.facts, *context.forms.get("critical_condition", ()))
    return _held(formula - derived, derived, where)


def _edge(stated: Stated, formula: Any, context: Context) -> Comparison:
    if "edge_polynomial" not in context.forms:
        raise Undecided("the edge polynomial was not derived")
    polynomial, facts = context.forms["edge_polynomial"], context.setting.facts
    values = tuple(formula) if isinstance(formula, sp.Tuple) else (formula,)
    inserted = [polynomial.subs(x, value) for value in values]
    wrong = [item for item in inserted if not vanishes(item, where=facts)]
    certificate = Different(wrong[0], facts) if wrong else Identity(tuple(inserted), facts)
    return Comparison(not wrong, certificate, polynomial)


_Rule = Callable[[Stated, Any, Context], Comparison]
_KINDS: dict[str, tuple[set[sp.Symbol], _Rule]] = {
    "equation": ({G, z}, _equation),
    "r_transform": ({g}, _r_transform),
    "density": ({x}, _density),
    "critical_energy": (set(), _critical_energy),
    "edge": (set(), _edge),
}


def _side(stated: Stated, formula: Any) -> str:
    """One side of a contradiction; densities and edges are derived as equations."""
    return f"{formula} = 0" if stated.what == "equation" else f"{formula}"


def _display(stated: Stated, formula: Any, found: Comparison) -> Any:
    names: dict[str, Any] = {
        "r_transform": sp.Function("R_H")(g),
        "critical_energy": sp.Symbol("epsilon_c"),
        "density": sp.Function("rho")(x),
    }
    if stated.what == "equation":
        printed: Any = sp.Eq(formula, 0, evaluate=False)
    elif stated.what == "edge":
        values = tuple(formula) if isinstance(formula, sp.Tuple) else (formula,)
        return tuple(sp.Eq(sp.Symbol(f"x_{k}"), v, evaluate=False) for k, v in enumerate(values, 1))
    else:
        printed = sp.Eq(names[stated.what], formula, evaluate=False)
    if found.agrees:
        return printed
    if stated.what in ("r_transform", "critical_energy") and not found.derived.has(r):
        return printed, sp.Eq(names[stated.what], found.derived, evaluate=False)
    return printed, sp.Eq(found.derived, 0, evaluate=False)
