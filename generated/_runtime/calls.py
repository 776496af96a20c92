"""Calls that do not fit: the error says which function it was, what it takes and what was meant.

Python's own `TypeError` names one argument and no other, and an `AttributeError` no reason.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import wraps
from inspect import Parameter, Signature, isfunction, signature
from typing import Any, TypeVar, cast

Function = TypeVar("Function")
Entry = TypeVar("Entry", bound=type)

# The functions of the interface that only some kinds of law have.
INTERFACE = (
    "all_multiplicative_outliers all_outliers atoms cdf critical_energy density edge_polynomial equation "
    "free_cumulants index index_prefactor law log_potential moments multiplicative_outliers outliers "
    "quantile quantile_from_edge r_transform sf stieltjes support"
).split()


def explained(function: Function) -> Function:
    """The function, with a `TypeError` that says what it takes where a call does not fit its signature."""

    @wraps(cast(Any, function))
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return cast(Any, function)(*arguments, **named)
        except TypeError:
            misfit = _misfit(function, arguments, named)
            if misfit is None:
                raise
            raise TypeError(misfit) from None

    return cast(Function, call)


def explained_methods(entry: Entry) -> Entry:
    """The class with its public methods explained."""
    for name, method in list(vars(entry).items()):
        if isfunction(method) and not name.startswith("_"):
            setattr(entry, name, explained(method))
    return entry


def absent(module: str, name: str, why: str) -> AttributeError:
    """The error of a module without that attribute, with the reason where other kinds of law have it."""
    told = f"; {why}" if name in INTERFACE else ""
    return AttributeError(
        f"module {module!r} has no attribute {name!r}{told}", name=name, obj=sys.modules.get(module)
    )


def _misfit(function: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> str | None:
    """What is wrong with a call, or None if the arguments fit the signature."""
    takes = signature(function)
    method = "." in function.__qualname__
    try:
        takes.bind(*arguments, **named)
    except TypeError:
        pass
    else:
        return None
    known = list(takes.parameters.values())[method:]
    arguments = arguments[method:]
    positional = [p.name for p in known if p.kind is Parameter.POSITIONAL_OR_KEYWORD]
    of = function.__qualname__ if method else f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
    shown = ", ".join(_shown(parameter) for parameter in _starred(known))
    return f"{of}({shown}) {_wrong(known, positional, arguments, named)}"


def _wrong(
    known: Sequence[Parameter], positional: Sequence[str], arguments: Sequence[Any], named: Mapping[str, Any]
) -> str:
    """The first thing that is wrong, and what to do about it."""
    given = positional[: len(arguments)]
    missing = [p.name for p in known if p.default is Signature.empty and p.name not in (*given, *named)]
    unknown = [name for name in named if name not in {p.name for p in known}]
    if unknown:
        return f"has no argument {unknown[0]!r}; {_cure(unknown[0], missing, [p.name for p in known])}"
    if len(arguments) > len(positional):
        named_alone = any(p.kind is Parameter.KEYWORD_ONLY for p in known)
        return f"takes {_too_many(len(positional), len(arguments), named_alone)}"
    twice = [name for name in given if name in named]
    if twice:
        return f"got {twice[0]!r} twice, by position and by name; pass it once"
    return f"needs {_listed(missing)}; pass {'them' if len(missing) > 1 else 'it'} by position or by name"


def _too_many(takes: int, got: int, named_alone: bool) -> str:
    """How many arguments go by position, and where the others belong."""
    if named_alone:
        cure = "pass the others by name, and numbers that belong together as one array"
    else:
        cure = "leave the others out, or pass numbers that belong together as one array"
    if not takes:
        it = "it" if got == 1 else "them"
        cure = f"pass {it} by name" if named_alone else f"leave {it} out"
    counted = f"{takes or 'no'} argument{'' if takes == 1 else 's'}"
    return f"{counted} by position, got {got}; {cure}"


def _cure(name: str, missing: Sequence[str], known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, missing, 1) or get_close_matches(name, known, 1)
    if near:
        return f"pass {near[0]!r} if that is meant"
    if missing:
        return f"it needs {_listed(missing)} too"
    return "leave it out"


def _listed(names: Sequence[str]) -> str:
    *most, last = map(repr, names)
    return f"{', '.join(most)} and {last}" if most else last


def _starred(known: Sequence[Parameter]) -> Sequence[Parameter | str]:
    """The parameters with the star before those that go by name alone."""
    first = next((i for i, p in enumerate(known) if p.kind is Parameter.KEYWORD_ONLY), len(known))
    return [*known[:first], *(["*"] if first < len(known) else []), *known[first:]]


def _shown(parameter: Parameter | str) -> str:
    if isinstance(parameter, str) or parameter.default is Signature.empty:
        return parameter if isinstance(parameter, str) else parameter.name
    return f"{parameter.name}={parameter.default!r}"
