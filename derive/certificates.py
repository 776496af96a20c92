"""What a step of a derivation carries as its proof: statements that are decided exactly or refused.

A certificate's `check` returns where the statement holds, raises `CertificateError` where it does not and
`Undecided` for a question that the exact methods leave open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from .algebra.polynomials import factor_list
from .algebra.radicals import positive, vanishes
from .algebra.signs import Undecided, assumed
from .derivation import CertificateError


@dataclass(frozen=True)
class _OnDomain:
    """A statement on the part of the domain where the expressions `where`, and all assumed ones, are > 0."""

    expression: Any
    where: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", (*self.where, *assumed()))


@dataclass(frozen=True)
class Identity(_OnDomain):
    """expression = 0 identically on the parameters' domain, `where` further facts > 0 hold."""

    def check(self) -> None:
        items = self.expression if isinstance(self.expression, tuple) else (self.expression,)
        for item in items:
            if not vanishes(item, where=self.where):
                raise CertificateError(f"{item} should vanish identically and does not")

    @property
    def summary(self) -> str:
        return "identity, reduced exactly to 0"


@dataclass(frozen=True)
class Different(_OnDomain):
    """expression is not identically 0: the certificate of a misprint."""

    def check(self) -> None:
        if vanishes(self.expression, where=self.where):
            raise CertificateError(f"{self.expression} should differ from 0 and vanishes identically")

    @property
    def summary(self) -> str:
        return "difference, exactly not 0"


@dataclass(frozen=True)
class Positive(_OnDomain):
    """expression > 0 on all of the domain, cut down by `where` (expressions that are > 0).

    Raises `Undecided` where the exact methods leave it open.
    """

    def check(self) -> None:
        items = self.expression if isinstance(self.expression, tuple) else (self.expression,)
        for item in items:
            verdict = positive(item, where=self.where)
            if verdict is None:
                raise Undecided(f"whether {item} > 0 on all of the domain")
            if not verdict:
                raise CertificateError(f"{item} should be positive on all of the domain and is not")

    @property
    def summary(self) -> str:
        return "inequality, decided exactly on all of the domain"


@dataclass(frozen=True)
class NotNegative(_OnDomain):
    """expression >= 0 on all of the domain: it is 0 identically, or positive.

    Raises `Undecided` where the exact methods leave it open.
    """

    def check(self) -> None:
        if not vanishes(self.expression, where=self.where):
            Positive(self.expression, self.where).check()

    @property
    def summary(self) -> str:
        return "inequality, decided exactly on all of the domain"


def Negative(expression: Any, where: tuple[Any, ...] = ()) -> Positive:
    """The certificate that an expression is < 0 on all of the domain."""
    return Positive(-expression, where)


@dataclass(frozen=True)
class Irreducible:
    """polynomial has one irreducible factor over Q(parameters), to the first power."""

    polynomial: Any
    symbols: tuple[sp.Symbol, ...]

    def check(self) -> None:
        _, factors = factor_list(self.polynomial)
        proper = [(f, e) for f, e in factors if f.free_symbols & set(self.symbols)]
        if len(proper) != 1 or proper[0][1] != 1:
            found = ", ".join(str(f) for f, _ in proper)
            raise CertificateError(f"{self.polynomial} has the factors {found}")

    @property
    def summary(self) -> str:
        return "irreducible over the integers, by factoring"


@dataclass(frozen=True)
class Together:
    """Several certificates that must all hold."""

    parts: tuple[Any, ...]

    def check(self) -> None:
        for part in self.parts:
            part.check()

    @property
    def summary(self) -> str:
        return "; ".join(dict.fromkeys(part.summary for part in self.parts))
