"""How a symbol is printed, read off its name."""

from __future__ import annotations

import re
from collections.abc import Mapping

import sympy as sp

Names = Mapping[str, str]
"""LaTeX of parameters by name."""

GREEK = frozenset(
    """alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi pi rho sigma tau upsilon phi chi
    psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega""".split()
)


def symbol_latex(name: str, names: Names | None = None) -> str:
    """LaTeX of a symbol's name: `eps_c` and `lambda1` become subscripts, Greek is recognised."""
    if names and name in names:
        return names[name]
    if re.fullmatch(r"[A-Za-z]+_\w+\+\w+", name):  # R_A+B, of a sum of matrices
        head, _, index = name.partition("_")
        inner = " + ".join(symbol_latex(part) for part in index.split("+"))
        return f"{symbol_latex(head, names)}_{{{inner}}}"
    if "\\" in name or not re.fullmatch(r"\w+(_[-+])?'*", name):
        return name
    match = re.fullmatch(r"([A-Za-z]+?)_?(\d+)('*)", name)
    primes = name[len(name.rstrip("'")) :]
    head, *subscripts = [match[1], match[2]] if match else name.rstrip("'").split("_")
    if names and head in names:
        letter = names[head]
    elif head in GREEK:
        letter = "\\" + head
    elif head == "eps":
        letter = r"\epsilon"
    else:
        letter = head if len(head) <= 1 else rf"\mathrm{{{head}}}"
    if not any(subscripts):
        return letter + primes
    inner = ", ".join(symbol_latex(part, names) for part in subscripts if part)
    return (f"{letter}_{inner}" if len(inner) == 1 else f"{letter}_{{{inner}}}") + primes


def unused(letter: str, *expressions: sp.Basic, **assumptions: bool) -> sp.Symbol:
    """A symbol of that name, with an index where the expressions have one of the name: a parameter's.

    For letters of a derivation's own that are displayed; others are dummies.
    """
    taken = {symbol.name for expression in expressions for symbol in expression.free_symbols}
    names = (letter, *(f"{letter}_{k}" for k in range(1, len(taken) + 1)))
    return sp.Symbol(next(name for name in names if name not in taken), **assumptions)
