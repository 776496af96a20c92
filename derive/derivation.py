"""Derivations: chains of named steps, each with a certificate that is checked when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import sympy as sp

if TYPE_CHECKING:
    from .language.model import Model
    from .laws import Functional, Law, Radial, Smoothed


class Asymptotic(sp.core.relational.Relational):
    """left ~ right: their quotient tends to 1 in the limit that the rule names."""

    __slots__ = ()
    rel_op = "~"


class CertificateError(ArithmeticError):
    """A step whose certificate does not hold."""


class Certificate(Protocol):
    """What makes a step true; `check` raises `CertificateError` if it does not hold."""

    def check(self) -> None: ...

    @property
    def summary(self) -> str:
        """One phrase for the page: what was decided, and how."""
        ...


@dataclass(frozen=True)
class Definition:
    """Nothing is claimed: the step gives a name to something or repeats an assumption."""

    def check(self) -> None:
        return

    @property
    def summary(self) -> str:
        return "definition"


@dataclass(frozen=True)
class Step:
    """One move of a derivation.

    name: a short title.
    rule: the sentence that says what was done and why it is allowed.
    equation: what is displayed, a SymPy relation or expression, or a tuple of them.
    certificate: has no default, so that no step can pass unchecked by omission.
    source: where a paper has it.
    """

    name: str
    rule: str
    equation: Any
    certificate: Certificate
    source: str = ""

    def __post_init__(self) -> None:
        try:
            self.certificate.check()
        except CertificateError as error:
            raise CertificateError(f"step {self.name!r}: {error}") from error

    def without_source(self) -> Step:
        """The same step, naming no paper; its certificate, which has been checked, is not checked again."""
        bare = copy(self)
        object.__setattr__(bare, "source", "")
        return bare


@dataclass(frozen=True)
class Section:
    """Steps that belong together, under a heading."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Derivation:
    """Everything derived from a model.

    law: what the expression came to (`derive.laws`).
    equation: the polynomial in (G, z) in canonical form, as an expression equal to 0; of a `Functional` law
        the first functional equation, of a `Radial` one that of the mass F in a disc of radius r.
    closed_forms: named exact results for emission and display, in parameters' symbols
        ("r_transform" in g, "edge_polynomial" in x, "critical_energy", "index_prefactor", ...).
    limits: what could not be decided or is not available, one sentence each.
    """

    model: Model
    law: Law | Functional | Radial | Smoothed
    equation: sp.Expr
    sections: tuple[Section, ...]
    closed_forms: Mapping[str, Any] = field(default_factory=dict)
    limits: tuple[str, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in order."""
        return tuple(step for section in self.sections for step in section.steps)

    def _repr_latex_(self) -> str:
        """For notebooks exported through LaTeX: its headings are beyond MathJax, which gets the other."""
        from .typesetting.latex import derivation_latex

        return derivation_latex(self)

    def _repr_markdown_(self) -> str:
        """For notebooks on a screen, which prefer this form."""
        from .typesetting.latex import derivation_markdown

        return derivation_markdown(self)
