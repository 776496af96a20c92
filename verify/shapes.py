"""Realised ratios: the parameters nearest to the wanted ones at which a finite matrix exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd, lcm

import sympy as sp


def realised_values(
    shapes: Sequence[tuple[str, sp.Expr]], n: int, values: Mapping[sp.Symbol, sp.Rational]
) -> dict[sp.Symbol, sp.Rational]:
    """Values of the parameters at which every shape times n is an integer, nearest to the given ones.

    shapes: (name, rows or columns in units of N). Each must be a constant, k t or k / t in one parameter t
    with rational k, or be an integer already. Raises `ValueError` with the cure otherwise.
    """
    found = dict(values)
    by_parameter: dict[tuple[sp.Symbol, int], list[tuple[str, sp.Rational]]] = {}
    rest: list[tuple[str, sp.Expr]] = []
    for name, shape in shapes:
        monomial = _monomial(shape)
        if monomial is None:
            rest.append((name, shape))
        else:
            symbol, power, factor = monomial
            by_parameter.setdefault((symbol, power), []).append((name, factor))
    for (symbol, power), uses in by_parameter.items():
        if (symbol, -power) in by_parameter:
            rest.extend((name, factor * symbol**power) for name, factor in uses)
            continue
        # k n t^power is an integer for every k in use iff n t^power is a multiple of `unit`.
        unit = sp.Rational(lcm(*(int(k.q) for _, k in uses)), gcd(*(int(k.p) for _, k in uses)))
        wanted = n * found[symbol] ** power
        count = int(sp.floor(wanted / unit + sp.Rational(1, 2)))
        if count < 1:
            raise ValueError(
                f"n = {n} with {symbol} = {float(found[symbol]):.6g} leaves no {uses[0][0]}; "
                f"take n of at least {_least(unit, found[symbol] ** power)}"
            )
        realised = count * unit / n
        found[symbol] = realised if power == 1 else 1 / realised
    for name, shape in rest:
        whole(n * shape.subs(found), name)
    return found


def whole(size: sp.Expr, what: str) -> int:
    """An exact positive integer as an int; `ValueError` says which n would do."""
    if not (size.is_Rational and size.q == 1 and size.p >= 1):
        cure = f"; make n a multiple of {size.q}" if size.is_Rational and size.p > 0 else ""
        raise ValueError(f"the {what} come to {size}, which is no positive integer{cure}")
    return int(size)


def _least(unit: sp.Rational, per_row: sp.Rational) -> int:
    return int(sp.ceiling(unit / (2 * per_row)))


def _monomial(shape: sp.Expr) -> tuple[sp.Symbol, int, sp.Rational] | None:
    """(t, +1 or -1, k) for k t or k / t, else None."""
    symbols = shape.free_symbols
    if len(symbols) != 1:
        return None
    (symbol,) = symbols
    for power in (1, -1):
        factor = sp.cancel(shape / symbol**power)
        if factor.is_Rational:
            return symbol, power, factor
    return None
