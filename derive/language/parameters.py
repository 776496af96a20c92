"""Parameters of a model and the sources of its formulas, each declared once.

A `Parameter` behaves as its SymPy symbol in arithmetic, so a model file reads like the
mathematics (`Wigner(variance=2 * eps)`), and carries what every other reading needs: domain,
LaTeX, default, typical range, meaning and role.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from numbers import Rational, Real
from typing import Any, Literal, get_args

import sympy as sp

from .symbols import symbol_latex

Role = Literal["energy", "aspect ratio", "scale"]

_INTERVAL = re.compile(r"^\s*([(\[])\s*([^,\s]+)\s*,\s*([^,\s]+)\s*([)\]])\s*$")

# Arguments, letters and module names of the generated functions: a parameter may not hide them.
RESERVED = frozenset(
    """g z x q n theta out G W PI PARAMETERS sqrt closed_form closed_form_inside LevyCoefficients
    AlgebraicCoefficients ETA FunctionalFamily RadialFamily""".split()
)


@dataclass(frozen=True)
class Interval:
    """An interval of the real line with rational or infinite ends, written `"[0, oo)"`."""

    low: Fraction | None
    high: Fraction | None
    closed_low: bool
    closed_high: bool

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read `"(0, oo)"`, `"[0, 1]"`, `"(-oo, oo)"`; raise `ValueError` on anything else."""
        match = _INTERVAL.match(text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(
                f"domain {text!r} is not an interval; write it as '(0, oo)', '[0, 1]' or '[0, oo)'"
            )
        opening, low, high, closing = match.groups()
        interval = cls(_end(low, "-oo"), _end(high, "oo"), opening == "[", closing == "]")
        if interval.low is None and interval.closed_low:
            raise ValueError(f"domain {text!r} cannot contain -oo; open it with '('")
        if interval.high is None and interval.closed_high:
            raise ValueError(f"domain {text!r} cannot contain oo; close it with ')'")
        if interval.low is not None and interval.high is not None and interval.low >= interval.high:
            raise ValueError(f"domain {text!r} is empty or a single point")
        return interval

    def __contains__(self, value: Any) -> bool:
        if value != value:
            return False
        above = self.low is None or (value >= self.low if self.closed_low else value > self.low)
        below = self.high is None or (value <= self.high if self.closed_high else value < self.high)
        finite = (self.low is not None or value > -sp.oo) and (self.high is not None or value < sp.oo)
        return bool(above and below and finite)


def _end(text: str, infinity: str) -> Fraction | None:
    if text in (infinity, infinity.lstrip("+")):
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{text!r} is no end of a domain; use a rational number or {infinity}") from None


@dataclass(frozen=True, eq=False)
class Parameter:
    """A real parameter of a model.

    name: a Python identifier, also the argument's name in the generated module.
    domain: an interval, for example `"(0, oo)"` or `"[0, oo)"`.
    latex: how papers print it; if left out, read off the name (`phi` is Greek, `c_1` has an index).
    typical: a range (low, high) inside the domain for plots, sliders and examples.
    meaning: one phrase.
    default: the value a caller may leave out; a rational number, or None.
    role: "energy" asks for its critical value, where the lowest edge reaches 0.
    """

    name: str
    domain: str = "(0, oo)"
    latex: str = ""
    typical: tuple[float, float] = (0.1, 3)
    meaning: str = ""
    default: int | Fraction | None = None
    role: Role | None = None

    def __post_init__(self) -> None:
        name = self.name
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(
                f"parameter name {name!r} is not a Python identifier, or is a keyword; "
                "choose another, for example a0"
            )
        if name in RESERVED or name.startswith("_"):
            raise ValueError(
                f"parameter name {name!r} is taken: the generated functions or the derivation use it; "
                f"choose another, for example {name.strip('_') or 'a'}0"
            )
        if not self.latex:
            object.__setattr__(self, "latex", symbol_latex(name))
        for what, line in (("latex", self.latex), ("meaning", self.meaning)):
            if not isinstance(line, str) or not line.isprintable():
                raise ValueError(f"{what} of {name} must be one line of text, got {line!r}")
        if self.role is not None and self.role not in get_args(Role):
            raise ValueError(f"role of {name} must be one of {', '.join(get_args(Role))}, got {self.role!r}")
        self._check_values(self.interval)

    def _check_values(self, interval: Interval) -> None:
        default, typical = self.default, self.typical
        if default is not None and (isinstance(default, bool) or not isinstance(default, (Rational, float))):
            raise ValueError(f"default of {self.name} must be a rational number, got {default!r}")
        if default is not None and default not in interval:
            raise ValueError(f"default of {self.name} is {default}, outside its domain {self.domain}")
        pair = isinstance(typical, (tuple, list)) and len(typical) == 2
        if not pair or not all(isinstance(value, Real) for value in typical):
            raise ValueError(f"typical of {self.name} must be a pair (low, high), got {typical!r}")
        if not (typical[0] in interval and typical[1] in interval and typical[0] < typical[1]):
            raise ValueError(
                f"typical range of {self.name} is {typical[0]} to {typical[1]}; it must ascend inside the "
                f"domain {self.domain}: give typical=(low, high)"
            )

    @cached_property
    def interval(self) -> Interval:
        """The domain as numbers."""
        return Interval.parse(self.domain)

    @cached_property
    def symbol(self) -> sp.Symbol:
        """The SymPy symbol, positive where the interior of the domain is.

        Closed ends such as eps = 0 are degenerate: derivations hold on the interior and settle
        the ends on their own.
        """
        interval = self.interval
        if interval.low is not None and interval.low >= 0:
            return sp.Symbol(self.name, positive=True)
        if interval.high is not None and interval.high <= 0:
            return sp.Symbol(self.name, negative=True)
        return sp.Symbol(self.name, real=True)

    def _sympy_(self) -> sp.Symbol:
        return self.symbol

    def __add__(self, other: Any) -> sp.Expr:
        return self.symbol + sp.sympify(other)

    def __radd__(self, other: Any) -> sp.Expr:
        return sp.sympify(other) + self.symbol

    def __sub__(self, other: Any) -> sp.Expr:
        return self.symbol - sp.sympify(other)

    def __rsub__(self, other: Any) -> sp.Expr:
        return sp.sympify(other) - self.symbol

    def __mul__(self, other: Any) -> Any:
        if hasattr(other, "__rmul__") and not isinstance(other, (int, float, Fraction, Parameter, sp.Basic)):
            return NotImplemented  # an ensemble: let it scale itself
        return self.symbol * sp.sympify(other)

    def __rmul__(self, other: Any) -> sp.Expr:
        return sp.sympify(other) * self.symbol

    def __truediv__(self, other: Any) -> sp.Expr:
        return self.symbol / sp.sympify(other)

    def __rtruediv__(self, other: Any) -> sp.Expr:
        return sp.sympify(other) / self.symbol

    def __pow__(self, other: Any) -> sp.Expr:
        return self.symbol ** sp.sympify(other)

    def __neg__(self) -> sp.Expr:
        return -self.symbol


@dataclass(frozen=True)
class Source:
    """Where a formula stands: a work and a place in it."""

    work: str
    place: str

    def __str__(self) -> str:
        return f"{self.work}, {self.place}"


PB17 = "Pennington & Bahri (2017)"
PB17S = "Pennington & Bahri (2017), supplement"


@dataclass(frozen=True)
class Stated:
    """A formula as a paper prints it, to be held against the derivation.

    what: "equation" (a polynomial in G and z, up to a factor that has no G), "r_transform" (in g),
        "density" (in x, on the support), "critical_energy", "edge" (a tuple of edges).
    formula: SymPy expression in the parameters' symbols and G, z, g or x.
    source: where it is printed.
    agrees: whether it is expected to agree with the derivation. A known misprint says False and is
        shown beside the derived form; a contradiction with this expectation refuses the model.
    remark: what differs, in one sentence.
    """

    what: str
    formula: Any
    source: Source
    agrees: bool = True
    remark: str = ""
