"""The derivations of the models that ship, each made once a process."""

from __future__ import annotations

from derive import names
from derive.derivation import Derivation
from verify.papers.deciding import derivation as derivation_of

__all__ = ["all_derivations", "derivation_of"]


def all_derivations() -> dict[str, Derivation]:
    """All of them, by the model's name."""
    return {name: derivation_of(name) for name in names()}
