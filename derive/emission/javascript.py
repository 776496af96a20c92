"""From derivations to one JavaScript text: the runtime written by hand, and each model's part emitted.

1. the context of a module, made for Python by `module`, has the bodies of its functions as Python text;
2. `javascript_text` translates them: equation and closed forms in doubles, coefficients in double-double;
3. the template `templates/models.js.jinja` wraps them and the runtime in one script without dependencies.

The script defines `stieltjes`, with `models` by name and `law(name, values)`; it needs no server, no module
loader and no other file. Free Levy laws only: those of the models that ship.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from ..derivation import Derivation
from ..language.parameters import Parameter
from ..laws import Levy
from . import javascript_text, module
from .layout import environment

RUNTIME = ("double_double.js", "levy.js", "curve.js", "law.js")
"""The runtime's files, each using only those before it."""


def script(derivations: Sequence[Derivation], command: str = "make report") -> str:
    """The script that evaluates the laws of these derivations.

    Raises `TypeError` for a law that is no free Levy law: its branch must be continued from infinity, which
    the JavaScript runtime does not do.
    """
    folder = resources.files("derive") / "javascript"
    runtime = "\n".join((folder / name).read_text(encoding="utf-8") for name in RUNTIME)
    template = environment().get_template("models.js.jinja")
    return template.render(
        command=command, runtime=runtime.rstrip("\n"), models=[_model(d, command) for d in derivations]
    )


def _model(derivation: Derivation, command: str) -> dict[str, Any]:
    model, law = derivation.model, derivation.law
    if not isinstance(law, Levy):
        raise TypeError(
            f"{model.title!r} came to a law of type {type(law).__name__}; JavaScript is emitted for Levy "
            "laws only: leave the model out, or evaluate its generated Python module"
        )
    context = module.context(derivation, command)
    return {
        "name": model.name,
        "title": json.dumps(context["title"]),
        "source": json.dumps(context["source"]),
        "comment": context["equation_text"],
        "parameters": [_parameter(parameter) for parameter in model.parameters],
        "arguments": ", ".join(parameter.name for parameter in model.parameters),
        "equation": javascript_text.body(context["equation_body"]),
        "coefficients": javascript_text.body(context["coefficients_body"], calls=True),
        "critical": _critical(context["critical"]),
    }


def _critical(context: dict[str, Any] | None) -> dict[str, Any] | None:
    if context is None:
        return None
    names = [name.strip() for name in context["names"].split(",") if name.strip()]
    prefactor = context["prefactor"]
    return {
        "energy": json.dumps(context["energy"]),
        "arguments": ", ".join(names),
        "names": json.dumps(names),
        "condition": javascript_text.expression(context["inside"]),
        "body": javascript_text.body(context["body"]),
        "prefactor": javascript_text.body(prefactor["body"]) if prefactor else None,
    }


def _parameter(parameter: Parameter) -> str:
    """A parameter as an object in one line."""
    interval = parameter.interval
    ends = [None if end is None else float(end) for end in (interval.low, interval.high)]
    fields = {
        "name": parameter.name,
        "domain": parameter.domain,
        "low": ends[0],
        "high": ends[1],
        "closedLow": interval.closed_low,
        "closedHigh": interval.closed_high,
        "typical": [float(value) for value in parameter.typical],
        "default": None if parameter.default is None else float(parameter.default),
        "meaning": parameter.meaning,
    }
    return "{ " + ", ".join(f"{key}: {json.dumps(value)}" for key, value in fields.items()) + " }"
