"""What a rational expression shows at a glance, without SymPy's questions and rewritings.

SymPy's first `cancel` or `is_positive` of a process costs milliseconds, more than most laws. The plain cases
are decided here, exactly; of the others nothing is said.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from .rings import NotRational, Ring


def is_rational(expression: sp.Basic) -> bool:
    """Whether it is made of rational numbers and real symbols by + * / alone, so real and finite."""
    if isinstance(expression, (sp.Add, sp.Mul)):
        return all(is_rational(argument) for argument in expression.args)
    if isinstance(expression, sp.Pow):
        return isinstance(expression.exp, sp.Integer) and is_rational(expression.base)
    if isinstance(expression, sp.Symbol):
        return expression.is_real is True
    return isinstance(expression, sp.Rational)


def is_positive(expression: sp.Basic) -> bool:
    """Whether it is made of positive numbers and symbols by + * / alone."""
    if isinstance(expression, (sp.Add, sp.Mul)):
        return all(is_positive(argument) for argument in expression.args)
    if isinstance(expression, sp.Pow):
        return isinstance(expression.exp, sp.Integer) and is_positive(expression.base)
    return isinstance(expression, (sp.Rational, sp.Symbol)) and expression.is_positive is True


def has_positive_term(expression: sp.Expr) -> bool:
    """Whether a term is positive: of sums with one SymPy hardly ever shows that they are not."""
    return any(is_positive(term) for term in sp.Add.make_args(expression))


def identical(first: Any, second: Any) -> bool:
    """Whether two expressions are the same, decided exactly for rational functions of any symbols."""
    first, second = sp.sympify(first), sp.sympify(second)
    if first == second:
        return True
    ring = Ring.of(first, second)
    try:
        difference = ring.fraction(first) - ring.fraction(second)
    except (NotRational, ZeroDivisionError):
        return bool(sp.cancel(first - second) == 0)
    return bool(difference.numerator.is_zero())


def cancelled(expression: sp.Expr) -> sp.Expr:
    """`sp.cancel`, but for monomials and sums of them, which it gives back as they are at some cost."""
    terms = expression.args if isinstance(expression, sp.Add) else (expression,)
    least = 0 if len(terms) > 1 else None  # a quotient of monomials stays one, a sum of them would not
    return expression if all(_monomial(term, least) for term in terms) else sp.cancel(expression)


def _monomial(term: sp.Expr, least: int | None) -> bool:
    for factor in term.args if isinstance(term, sp.Mul) else (term,):
        if isinstance(factor, sp.Pow) and isinstance(factor.exp, sp.Integer):
            if least is not None and factor.exp < least:
                return False
            factor = factor.base
        if not isinstance(factor, (sp.Rational, sp.Symbol)):
            return False
    return True
