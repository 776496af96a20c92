"""Formulas that papers print, held exactly against what was derived."""

from __future__ import annotations

from typing import Any

import sympy as sp

from .curves import Setting, r
from .derivation import Step
from .laws import G, g, z
from .model import Model, ModelError
from .parameters import Stated
from .polynomials import Different, Identity, NotRational, Undecided, canonical, vanishes
from .reading import Reading

COMPARED = ("equation", "r_transform", "critical_energy")


def compare(
    model: Model, stated: Stated, setting: Setting, reading: Reading, equation: sp.Expr, forms: dict[str, Any]
) -> Step:
    """The step that holds one printed formula against the derivation.

    Raises `ModelError` naming both formulas if the outcome is not the expected one, and `Undecided`
    if it stays open.
    """
    formula = sp.sympify(stated.formula)
    allowed = {p.symbol for p in model.parameters} | {"equation": {G, z}, "r_transform": {g}}.get(
        stated.what, set()
    )
    foreign = sorted(str(s) for s in formula.free_symbols - allowed)
    if foreign:
        raise ModelError(
            f"the stated {stated.what} ({stated.source}) contains {', '.join(foreign)}, which is neither a "
            "declared parameter nor a variable of derive.laws"
        )
    difference, derived, where = _difference(stated, formula, setting, reading, equation, forms)
    agrees = vanishes(difference, where=where)
    if agrees != stated.agrees:
        raise ModelError(
            f"the stated {stated.what} ({stated.source}) "
            + (
                "agrees with the derivation, but was declared a misprint"
                if agrees
                else "contradicts the derivation"
            )
            + f": stated {_sides(stated, formula)}, derived {_sides(stated, derived)}. "
            "Correct the formula or the expression, or set `agrees` of Stated"
        )
    return Step(
        f"As printed: {stated.what.replace('_', ' ')}",
        "The printed formula agrees with the derivation."
        if agrees
        else stated.remark or "The printed formula differs from the derivation.",
        _display(stated, formula, derived, agrees),
        Identity(difference, where) if agrees else Different(difference, where),
        source=str(stated.source),
    )


def _difference(
    stated: Stated,
    formula: sp.Expr,
    setting: Setting,
    reading: Reading,
    equation: sp.Expr,
    forms: dict[str, Any],
) -> tuple[sp.Expr, sp.Expr, tuple[Any, ...]]:
    """(printed - derived in one normal form, the derived formula, facts under which they are compared)."""
    facts = setting.facts
    if stated.what == "equation":
        try:
            return canonical(formula, G) - canonical(equation, G), equation, facts
        except (NotRational, ValueError) as error:
            raise ModelError(
                f"the stated equation ({stated.source}) is no polynomial in G and z: {error}"
            ) from error
    if stated.what == "r_transform":
        value = reading.r_transform
        if value is not None:
            shown = setting.show(value)
            return formula - shown, shown, facts
        relation = setting.ring.expression(reading.relation)
        return relation.subs(r, formula), relation, facts
    if stated.what == "critical_energy":
        if "critical_energy" not in forms:
            raise Undecided("the critical energy was not derived")
        derived = forms["critical_energy"]
        return formula - derived, derived, (*facts, *forms.get("critical_condition", ()))
    raise Undecided(f"a stated {stated.what} is not compared")


def _sides(stated: Stated, formula: sp.Expr) -> str:
    return f"{formula} = 0" if stated.what == "equation" else f"{formula}"


def _display(stated: Stated, formula: sp.Expr, derived: sp.Expr, agrees: bool) -> Any:
    names = {"r_transform": sp.Function("R_H")(g), "critical_energy": sp.Symbol("epsilon_c")}
    if stated.what == "equation":
        printed: Any = sp.Eq(formula, 0, evaluate=False)
        own: Any = sp.Eq(derived, 0, evaluate=False)
    else:
        printed = sp.Eq(names[stated.what], formula, evaluate=False)
        own = sp.Eq(names[stated.what], derived, evaluate=False)
    return printed if agrees else (printed, own)
