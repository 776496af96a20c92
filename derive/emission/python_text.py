"""SymPy expressions as Python text that a person might have written.

The order of factors and terms is our own, not the printer's of some SymPy release: parameters in
the order in which the model declares them, one monomial a line where a sum is long. The text is
stable under the project's formatter.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

WIDTH = 110

# Precedence levels of the text's outermost operator.
_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(5)


class PythonText:
    """Prints expressions in given symbols: `symbols` fixes both names and order."""

    def __init__(self, symbols: Sequence[sp.Symbol], names: dict[sp.Expr, str] | None = None) -> None:
        self._order = {symbol: i for i, symbol in enumerate(symbols)}
        self._names = dict(names or {})

    def __call__(self, expression: sp.Expr) -> str:
        """The expression in one line."""
        return self._text(sp.sympify(expression))[0]

    def statement(self, head: str, expression: sp.Expr, indent: int = 4) -> list[str]:
        """Lines of `head expression`, for example with head `return` or `a =`; a long sum is broken."""
        text = self(expression)
        pad = " " * indent
        line = f"{pad}{head} {text}"
        if len(line) <= WIDTH:
            return [line]
        terms = [self._signed(term) for term in self._terms(sp.sympify(expression))]
        lines = [f"{pad}    {'-' if sign else ''}{text}" for sign, text in terms[:1]]
        lines += [f"{pad}    {'-' if sign else '+'} {text}" for sign, text in terms[1:]]
        return [f"{pad}{head} (", *lines, f"{pad})"]

    def leading_sign(self, expression: sp.Expr) -> bool:
        """Whether the first term of a sum, in this order, is negative."""
        first = min(sp.Add.make_args(expression), key=self._key)
        return self._signed(first)[0]

    def _key(self, expression: sp.Expr) -> tuple[object, ...]:
        """Symbols first in their order, then powers of sums, then radicals; numbers last."""
        powers = expression.as_powers_dict()
        exponents = [0] * len(self._order)
        rest: list[str] = []
        for base, exponent in powers.items():
            if base in self._order and exponent.is_Integer:
                exponents[self._order[base]] = -int(exponent)
            elif not base.is_number:
                rest.append(self._text(base)[0] + "^" + str(exponent))
        return (not (any(exponents) or rest), exponents, sorted(rest))

    def _terms(self, expression: sp.Expr) -> list[sp.Expr]:
        terms = sorted(sp.Add.make_args(expression), key=self._key)
        signs = [self._signed(term)[0] for term in terms]
        if signs[0] and not all(signs):  # start with a positive term: 1 - phi, not -phi + 1
            terms.insert(0, terms.pop(signs.index(False)))
        return terms

    def _signed(self, term: sp.Expr) -> tuple[bool, str]:
        """Whether the term is negative, and its absolute value's text fit for a sum."""
        coefficient, rest = term.as_coeff_Mul()
        negative = bool(coefficient.is_Rational and coefficient < 0)
        text, level = self._text(-coefficient * rest if negative else term)
        return negative, text if level > _SUM else f"({text})"

    def _text(self, expression: sp.Expr) -> tuple[str, int]:
        if expression in self._names:
            return self._names[expression], _ATOM
        if isinstance(expression, sp.Integer):
            return str(int(expression)), _ATOM if expression >= 0 else _UNARY
        if isinstance(expression, sp.Symbol):
            return expression.name, _ATOM
        if expression is sp.pi:
            return "PI", _ATOM
        if isinstance(expression, sp.Add):
            parts = [self._signed(term) for term in self._terms(expression)]
            text = ("-" if parts[0][0] else "") + parts[0][1]
            text += "".join(f" {'-' if sign else '+'} {part}" for sign, part in parts[1:])
            return text, _SUM
        if isinstance(expression, (sp.Mul, sp.Rational, sp.Pow)):
            return self._product(expression)
        raise TypeError(f"no Python text for {expression} of type {type(expression).__name__}")

    def _product(self, expression: sp.Expr) -> tuple[str, int]:
        coefficient, rest = expression.as_coeff_Mul()
        if not coefficient.is_Rational:
            coefficient, rest = sp.S.One, expression
        above: list[tuple[sp.Expr, int]] = []
        below: list[tuple[sp.Expr, int]] = []
        root_above = root_below = sp.S.One  # all half-integer powers under one root
        for factor in sp.Mul.make_args(rest):
            base, exponent = factor.as_base_exp()
            if factor in self._names or factor == 1:
                above += [(factor, 1)] if factor != 1 else []
                continue
            if sp.sqrt(base) in self._names and exponent.is_Rational and exponent.q in (2, 4):
                base, exponent = sp.sqrt(base), 2 * exponent
            if not (exponent.is_Rational and exponent.q in (1, 2)):
                raise TypeError(f"no Python text for the power {factor}")
            whole = int(exponent)  # towards 0
            if exponent.q == 2 and exponent > 0:
                root_above *= base
            elif exponent.q == 2:
                root_below *= base
            if whole > 0:
                above.append((base, whole))
            elif whole < 0:
                below.append((base, -whole))
        numerator = [str(abs(coefficient.p))] if abs(coefficient.p) != 1 else []
        numerator += [self._power(*item) for item in self._sorted(above)]
        if root_above != 1:
            numerator.append(f"sqrt({self._text(root_above)[0]})")
        denominator = [str(coefficient.q)] if coefficient.q != 1 else []
        denominator += [self._power(*item) for item in self._sorted(below)]
        if root_below != 1:
            denominator.append(f"sqrt({self._text(root_below)[0]})")
        if not denominator and len(numerator) == 1 and coefficient.p > 0 and len(above) == 1 == root_above:
            base, exponent_ = above[0]
            return numerator[0], _POWER if exponent_ != 1 else self._text(base)[1]
        text = " * ".join(numerator) or "1"
        if denominator:
            divisor = " * ".join(denominator)
            text += f" / ({divisor})" if len(denominator) > 1 else f" / {divisor}"
        return ("-" + text, _UNARY) if coefficient.p < 0 else (text, _PRODUCT)

    def _sorted(self, items: list[tuple[sp.Expr, int]]) -> list[tuple[sp.Expr, int]]:
        return sorted(items, key=lambda item: self._key(item[0]))

    def _power(self, base: sp.Expr, exponent: int) -> str:
        text, level = self._text(base)
        if exponent == 1:
            return text if level > _PRODUCT else f"({text})"
        if level < _ATOM:
            return f"({text}) ** {exponent}"
        return f"{text}**{exponent}"


def radicals(expression: sp.Expr) -> list[sp.Expr]:
    """The square roots of sums in an expression, in a fixed order."""
    found = {
        sp.sqrt(power.base)
        for power in sp.sympify(expression).atoms(sp.Pow)
        if power.exp.is_Rational and power.exp.q == 2 and power.base.is_Add
    }
    return sorted(found, key=str)
